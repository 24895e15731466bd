"""Residents of a county, made from keys: the same people in the same homes under every option."""

from __future__ import annotations

import numpy as np

from sim.agents.columns import table
from sim.agents.residents import BUSINESS_OWNER, PRESENT, RESIDENT, RESIDENT_HOME
from sim.chance.keys import PERSON, G, mix


def people(root: np.uint64, n_residents: int, place_of_resident: np.ndarray, community_of_place: np.ndarray,
           is_business: np.ndarray, satisfaction: float, expected_days: float) -> tuple[np.ndarray, np.ndarray]:
    """Tables of residents and of their homes (row 0 none).

    Args:
        root: key of the run.
        n_residents: slots.
        place_of_resident: micro-grid of each slot.
        community_of_place: community of each micro-grid.
        is_business: whether the slot's resident runs a business.
        satisfaction: of everybody on the first day.
        expected_days: days that everybody expects an answer to take then.
    """
    resident, home = table(n_residents + 1, RESIDENT), table(n_residents + 1, RESIDENT_HOME)
    if n_residents == 0:
        return resident, home
    with np.errstate(over="ignore"):
        key = mix.py_func((root ^ PERSON) + np.arange(n_residents, dtype=np.uint64) * G)
    home["digital"][1:] = (key >> np.uint64(40)) / np.float64(1 << 24)
    home["place"][1:] = place_of_resident
    home["community"][1:] = community_of_place[place_of_resident]
    home["flags"][1:] = PRESENT + BUSINESS_OWNER * is_business.astype(np.uint16)
    resident["satisfaction"][1:] = satisfaction
    resident["expected_days"][1:] = expected_days
    return resident, home
