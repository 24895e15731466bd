"""What a structural date makes anew: the network in force, its tables, and the rows that the county looks up there."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np

from sim.scenario import workdays
from sim.scenario.network import Matter, Network
from sim.scenario.places import Places
from sim.service.build import Index, build
from sim.service.layout import Tables
from sim.service.parameters import OVERTIME_STEP_MINUTES

LONGEST_OVERTIME_MINUTES = 360.0
DEADLINES_REACH_DAYS = 400
"""Days beyond the end of a run on which a deadline may still fall; one beyond them falls never, in this run."""


@dataclass(frozen=True)
class Structure:
    """Everything that stays until the next structural date; people and requests in the tables are still nobody's."""

    network: Network
    places: Places | None
    """None of a textbook queue."""
    tables: Tables
    index: Index
    shift: int
    """A bucket of the agenda is 2^shift µs wide."""
    labels: dict[str, list[str]]
    """`matter`, `block` and `attention_class` of each matter, by row."""
    workday: np.ndarray
    """Roster x day: whether it is a working day."""
    transferable: list[tuple[int, Matter]]
    supervision_rows: np.ndarray
    digital_rows: np.ndarray
    digital_shares: np.ndarray
    """Of the matters in `digital_rows`: share asked online where everything is digital."""
    days_between_requests: float
    """Of a resident, on the mean."""


def structure_of(network: Network, places: Places | None, people: tuple[np.ndarray, np.ndarray],
                 first_date: datetime.date, n_days: int, any_overtime: bool) -> Structure:
    """Tables of a network, and what depends on the calendar.

    Args:
        network: the network in force.
        places: the county's places; None of a textbook queue.
        people: tables of residents and of their homes, taken over as they are.
        first_date: day 0 of the run, run-in included.
        n_days: days of the run.
        any_overtime: whether some date may allow overtime: then every length of it has its pattern, so that the cap
            may change without a rebuild.
    """
    tables, index, shift = build(
        network, *people, n_days, overtime_cap_minutes=LONGEST_OVERTIME_MINUTES if any_overtime else 0.0,
        overtime_step_minutes=OVERTIME_STEP_MINUTES)
    workday = np.array([workdays(r.calendar, first_date, n_days + 1) for r in network.rosters], np.uint8)
    if network.yardstick_roster:
        roster = network.rosters[index.roster[network.yardstick_roster]]
        open_days = workdays(roster.calendar, first_date, n_days + DEADLINES_REACH_DAYS)
        before = np.concatenate(([0], np.cumsum(open_days))).astype(np.int64)
        tables = tables._replace(workday=np.flatnonzero(open_days), workdays_before=before)
    digital = [(index.matter[m.id], m.digital_share) for m in network.matters if m.online_step and m.digital_share > 0]
    matters = {m.id: m for m in network.matters}
    asked = sum(s.per_day * p.share for s in network.streams if s.residents[1] > s.residents[0]
                for p in s.split() if matters[p.matter].relieves)
    labels = {"matter": [m.id for m in network.matters], "block": [m.block for m in network.matters],
              "attention_class": [m.attention_class for m in network.matters]}
    return Structure(
        network, places, tables, index, shift, labels, workday,
        transferable=[(index.matter[m.id], m) for m in network.matters if m.transfer_step],
        supervision_rows=np.array([index.matter[m.id] for m in network.matters if m.block == "supervision"], np.int64),
        digital_rows=np.array([row for row, _ in digital], np.int64),
        digital_shares=np.array([share for _, share in digital]),
        days_between_requests=(people[0].size - 1) / asked if asked else 365.0)
