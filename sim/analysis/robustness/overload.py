"""Paths of overload: when it begins, when it eases, and how often.

Overload has two readings: officials' overtime over a limit, month by month, and offered load above 1, year by year
(`sim.analysis.offered`): more is asked than regular hours hold, whether it then is done in overtime, thinner or not.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sim.analysis.intervals import CONFIDENCE
from sim.outcomes import OVERLOAD_HOURS_PER_WEEK

NEVER_BEGINS, EASES, NEVER_EASES = "never begins", "begins and eases", "begins, never eases"
KINDS = (NEVER_BEGINS, EASES, NEVER_EASES)
CALM_MONTHS = 3
"""Months in a row, up to the end of the run, under the limit that make an end of overload."""
LEAST_DAYS = 14
"""A month or year of which fewer days were counted says nothing."""
LOAD_LIMIT = 1.0
"""Offered load beyond which regular hours cannot hold the work."""


@dataclass(frozen=True, slots=True)
class OverloadPath:
    """What overload did in a run.

    Attributes:
        kind: one of `KINDS`.
        begins: last day of the first month (or year) over the limit, or None.
        eases: last day of the first month (or year) of the calm that lasts to the end, or None.
        n_over: months (or years) over the limit.
    """

    kind: str
    begins: datetime.date | None
    eases: datetime.date | None
    n_over: int


def overload_path(
    rows: pd.DataFrame,
    measure: str = "overtime_hours_per_week",
    limit: float = OVERLOAD_HOURS_PER_WEEK,
    calm: int = CALM_MONTHS,
) -> OverloadPath:
    """What overload did in a run: it has eased when it is under the limit for some time and stays so to the end.

    Args:
        rows: months or years in order of date with date (the last day), days, and the measure.
        measure: what is held against the limit.
        limit: over which a row is overloaded.
        calm: rows at the end that must all be calm. With fewer overload "never eases" before the end.
    """
    rows = rows[rows["days"] >= LEAST_DAYS]
    dates = [pd.Timestamp(day).date() for day in rows["date"]]
    over = np.flatnonzero(rows[measure].to_numpy(float) > limit)
    if not over.size:
        return OverloadPath(NEVER_BEGINS, None, None, 0)
    quiet = len(dates) - 1 - int(over[-1])
    begins = dates[over[0]]
    if quiet < calm:
        return OverloadPath(NEVER_EASES, begins, None, int(over.size))
    return OverloadPath(EASES, begins, dates[over[-1] + 1], int(over.size))


def shares(paths: Sequence[OverloadPath]) -> pd.DataFrame:
    """How often overload never begins, eases, never eases: kind, count, n, share, low, high (Wilson, 95 %)."""
    return pd.DataFrame([{"kind": kind, **share_of([path.kind == kind for path in paths])} for kind in KINDS])


def share_of(holds: Sequence[bool]) -> dict[str, float]:
    """A share with its 95 % interval of Wilson: count, n, share, low, high; NaN of nothing."""
    n, count = len(holds), int(np.sum(np.asarray(holds, bool)))
    if not n:
        return {"count": 0, "n": 0, "share": float("nan"), "low": float("nan"), "high": float("nan")}
    interval = stats.binomtest(count, n).proportion_ci(CONFIDENCE, method="wilson")
    return {"count": count, "n": n, "share": count / n, "low": interval.low, "high": interval.high}
