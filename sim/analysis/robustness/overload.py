"""Paths of overload: when it begins, when it eases, and how often."""

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
"""A month of which fewer days were counted says nothing."""


@dataclass(frozen=True, slots=True)
class OverloadPath:
    """What overload did in a run.

    Attributes:
        kind: one of `KINDS`.
        begins: last day of the first month over the limit, or None.
        eases: last day of the first month of the calm that lasts to the end, or None.
        months_over: months over the limit.
    """

    kind: str
    begins: datetime.date | None
    eases: datetime.date | None
    months_over: int


def overload_path(
    months: pd.DataFrame, limit: float = OVERLOAD_HOURS_PER_WEEK, calm_months: int = CALM_MONTHS
) -> OverloadPath:
    """What overload did in a run: it has eased when it is under the limit for some months and stays so to the end.

    Args:
        months: rows in order of date with date, days, overtime_hours_per_week (`sim.analysis.months.by_month`).
        limit: overtime of an official, hours a week, over which a month is overloaded.
        calm_months: months at the end that must all be calm. With fewer overload "never eases" before the end.
    """
    months = months[months["days"] >= LEAST_DAYS]
    dates = [pd.Timestamp(day).date() for day in months["date"]]
    over = np.flatnonzero(months["overtime_hours_per_week"].to_numpy(float) > limit)
    if not over.size:
        return OverloadPath(NEVER_BEGINS, None, None, 0)
    calm = len(dates) - 1 - int(over[-1])
    begins = dates[over[0]]
    if calm < calm_months:
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
