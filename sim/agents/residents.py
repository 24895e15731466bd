"""Residents: rows with plain views. Making 465,000 Mesa objects would cost seconds and change AgentSets by looking."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.chance.laws import exp
from sim.compiled import rule

RESIDENT = np.dtype([
    ("satisfaction", "f4"), ("expected_days", "f4"), ("digital", "f4"),
    ("place", "u4"), ("n_requests", "u4"), ("flags", "u2"), ("community", "u2"),
    ("n_late", "u2"), ("n_left", "u2"), ("pad", "u4")], align=True)

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
    """Whether a resident asks online: the more literate first, so that `digital_share` of all residents' requests do.

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
        try:
            return self._county.tables.resident[name][self.row].item()
        except ValueError:
            fields = ", ".join(n for n in RESIDENT.names if n != "pad")
            raise AttributeError(f"a resident has no {name!r}; there are: {fields}") from None

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
            return self._county.tables.resident[key][1:]
        if not -len(self) <= key < len(self):
            raise IndexError(f"resident {key}: there are {len(self)}")
        return Resident(self._county, key % len(self) + 1)

    def __iter__(self):
        """Views one by one."""
        return (self[i] for i in range(len(self)))
