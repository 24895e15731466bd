"""Residents: rows with plain views. Making 465,000 Mesa objects would cost seconds and change AgentSets by looking."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.chance.laws import exp
from sim.compiled import rule

RESIDENT = np.dtype([
    ("satisfaction", "f4"), ("expected_days", "f4"), ("n_requests", "u4"), ("n_late", "u2"), ("n_left", "u2")],
    align=True)
"""What a resident lives through: satisfaction 0 to 1, days expected, requests ended, of them late or given up."""

RESIDENT_HOME = np.dtype([("place", "u4"), ("digital", "f4"), ("community", "u2"), ("flags", "u2")], align=True)
"""Who lives where: micro-grid, digital literacy 0 to 1, community, flags. A table of its own, because demand reads it
for every candidate and the days write none of it."""

PRESENT, BUSINESS_OWNER = 1, 2


@rule
def satisfaction_after(satisfaction, late, turnaround_days, expected_days, weight, loss_factor):
    """Satisfaction (0 to 1) after an outcome: moves towards how the time compares with what was expected.

    Expectancy-disconfirmation (Zhang et al. 2022): the experience is 1 for an answer at once, 1/2 for one that
    takes as long as expected; losses weigh `loss_factor` times gains; lateness against the yardstick halves it.
    """
    experience = exp(-0.6931471805599453 * turnaround_days / expected_days)
    if late:
        experience = 0.5 * experience
    step = weight * (experience - satisfaction)
    if step < 0.0:
        step = step * loss_factor
    after = satisfaction + step
    if after < 0.0:
        return 0.0
    return after


@rule
def goes_online(digital_literacy, literacy_rank, digital_share):
    """Whether a resident asks online: the more literate first; over all residents `digital_share` of requests do.

    The share is met exactly between 1/4 and 3/4; nearer the ends literacy's shift is cut off and pulls it inwards.

    `literacy_rank` is a fresh uniform; literacy shifts it by its distance from the middle.
    """
    return literacy_rank + 0.5 * (0.5 - digital_literacy) < digital_share


@rule
def expectation_after(expected_days, turnaround_days, promised_days, own_share, weight):
    """What a resident expects next time: drifts towards own experience and, for the rest, towards what is promised.

    With full adaptation to experience every difference between options would vanish from satisfaction.
    """
    met = own_share * turnaround_days + (1.0 - own_share) * promised_days
    return expected_days + weight * (met - expected_days)


class Resident:
    """View of one resident's row: made on demand, never registered with Mesa."""

    __slots__ = ("_county", "row")

    def __init__(self, county: Any, row: int):
        """Row in the residents' table (1 …)."""
        self._county, self.row = county, int(row)

    def __getattr__(self, name: str) -> Any:
        tables = self._county.tables
        for table in (tables.resident, tables.home):
            if name in table.dtype.names:
                return table[name][self.row].item()
        raise AttributeError(f"a resident has no {name!r}; there are: "
                             f"{', '.join(RESIDENT.names + RESIDENT_HOME.names)}")

    @property
    def is_present(self) -> bool:
        """Whether somebody lives in this slot."""
        return bool(self.flags & PRESENT)

    @property
    def is_business_owner(self) -> bool:
        """Whether the resident runs a business."""
        return bool(self.flags & BUSINESS_OWNER)

    def __repr__(self) -> str:
        """Row and home."""
        return f"<Resident {self.row} of micro-grid {self.place}>"


class Residents:
    """All residents: indexing gives a view, `["satisfaction"]` the column."""

    def __init__(self, county: Any):
        """Args: the county whose table is read."""
        self._county = county

    def __len__(self) -> int:
        """Number of slots (occupied or not)."""
        return self._county.tables.resident.size - 1

    def __getitem__(self, key: int | str) -> Any:
        """View of the i-th resident (from 0), or a column without the none-row."""
        if isinstance(key, str):
            tables = self._county.tables
            return (tables.resident if key in RESIDENT.names else tables.home)[key][1:]
        if not -len(self) <= key < len(self):
            raise IndexError(f"resident {key}: there are {len(self)}")
        return Resident(self._county, key % len(self) + 1)

    def __iter__(self):
        """Views one by one."""
        return (self[i] for i in range(len(self)))
