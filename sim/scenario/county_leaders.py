"""Leaders: who directs whom, how many seats stand where, and the minutes that directing takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.scenario.catalogue import Unit
from sim.scenario.places import Sites
from sim.scenario.webster import seats


def leaders_group(unit: str) -> str:
    """Group of a unit's leaders: each has a portfolio, a post of his own."""
    return f"{unit}/leaders"


def is_leaders(group: str) -> bool:
    """Whether a group is that of a unit's leaders."""
    return group.endswith("/leaders")


def seats_of(u: Unit, at: Sites) -> np.ndarray:
    """Leadership seats of a unit at each of its sites, evenly."""
    return seats(np.ones(at.count[u.level]), u.leaders)


def directed(u: Unit, units: tuple[Unit, ...], at: Sites) -> np.ndarray:
    """Units that a unit's leaders direct, at each of its sites.

    City leaders direct departments and the units between city and communities; departments the institutions of their
    domain, shared evenly; middle units the communities in them.
    """
    if u.kind == "leadership":
        middle = any(v.level == "middle" for v in units) * at.count["middle"]
        return np.array([float(sum(v.kind == "department" for v in units) + middle)])
    if u.kind == "department":
        alike = [v.kind for v in units if v.domain == u.domain]
        return np.array([alike.count("institution") / alike.count("department")])
    if u.level == "middle":
        of_community = at.of_place["middle"][at.place["community"]]
        return np.bincount(of_community, minlength=at.count["middle"]).astype(float)
    return np.zeros(at.count[u.level])


def directing_minutes(
    u: Unit, units: tuple[Unit, ...], at: Sites, world: Any, assessment: float = 0.0
) -> np.ndarray:
    """Minutes a year that a unit's leaders spend on the units that they direct, at each of its sites.

    A leader who directs s units spends a s + b s (s - 1) / 2: so much on each, and so much on each pair of them, whose
    work he has to fit together. So the minutes grow faster than the span. Assessment adds its own for each unit.
    """
    leaders = np.maximum(seats_of(u, at), 1)
    span = directed(u, units, at) / leaders
    pairs = span * np.maximum(span - 1.0, 0.0) / 2.0
    each = world.supervision_minutes_per_unit + assessment * world.assessment_minutes_per_unit
    return leaders * (each * span + world.coordination_minutes_per_pair * pairs)
