"""Working time and wall time: where a deadline in working minutes falls.

A roster's table holds the working microseconds passed at each day's start, and the roster's windows;
both directions are then a search and an addition. All times are int64 microseconds after 00:00 of the table's
first day. A deadline that lies beyond the last day of the table is `NEVER`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MINUTE = 60_000_000
"""Microseconds of a minute."""
DAY = 1440 * MINUTE
"""Microseconds of a day."""
NEVER = np.iinfo(np.int64).max
"""A moment that does not come."""


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Working time of one roster.

    `passed[d]` is the working time before day d (one entry more than days); `opens` and `closes` are the
    windows of a working day in microseconds of the day; `before[w]` is the working time before window w.
    """

    passed: np.ndarray
    opens: np.ndarray
    closes: np.ndarray
    before: np.ndarray

    @property
    def per_day(self) -> int:
        """Working microseconds of a working day."""
        return int(self.before[-1])


def working_time(windows_minutes: Sequence[tuple[float, float]], open_days: np.ndarray) -> WorkingTime:
    """Table of a roster.

    Args:
        windows_minutes: windows of a working day in minutes of the day, in order, without overlap.
        open_days: whether each day from the first on is a working day (`sim.scenario.calendar.workdays`).

    Raises:
        ValueError: when windows overlap, are not in order or are empty.
    """
    edges = np.array([[round(a * MINUTE), round(b * MINUTE)] for a, b in windows_minutes], dtype=np.int64)
    if edges.size == 0:
        raise ValueError("a roster needs at least one window")
    flat = edges.ravel()
    if (edges[:, 0] >= edges[:, 1]).any() or (np.diff(flat) < 0).any() or flat[0] < 0 or flat[-1] > DAY:
        raise ValueError(
            f"windows {list(windows_minutes)} must be in order, within the day, and must not overlap"
        )
    lengths = edges[:, 1] - edges[:, 0]
    before = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    day = np.where(np.asarray(open_days, dtype=bool), before[-1], 0)
    passed = np.concatenate([[0], np.cumsum(day)]).astype(np.int64)
    return WorkingTime(passed, edges[:, 0].copy(), edges[:, 1].copy(), before)


def worked(table: WorkingTime, wall: np.ndarray | int) -> np.ndarray:
    """Working time that has passed at moments of wall time; moments outside the table count as its ends."""
    wall = np.asarray(wall, dtype=np.int64)
    n_days = len(table.passed) - 1
    inside = np.clip(wall, 0, n_days * DAY)
    day = np.minimum(inside // DAY, max(n_days - 1, 0))
    if n_days == 0:
        return np.zeros_like(wall)
    time_of_day = inside - day * DAY
    is_open = table.passed[day + 1] > table.passed[day]
    window = np.searchsorted(table.opens, time_of_day, side="right") - 1
    known = np.maximum(window, 0)
    in_window = np.minimum(time_of_day, table.closes[known]) - table.opens[known]
    today = np.where(window >= 0, table.before[known] + in_window, 0)
    return table.passed[day] + np.where(is_open, today, 0)


def moment(table: WorkingTime, work: np.ndarray | int) -> np.ndarray:
    """First moment of wall time at which so much working time has passed; `NEVER` beyond the table's end.

    Work that is done exactly at a window's end is done then, not at the next window's start.
    """
    work = np.asarray(work, dtype=np.int64)
    total = table.passed[-1]
    bounded = np.clip(work, 0, total)
    day = np.searchsorted(table.passed, bounded, side="left") - 1
    day = np.maximum(day, 0)
    rest = bounded - table.passed[day]
    window = np.maximum(np.searchsorted(table.before, rest, side="left") - 1, 0)
    wall = day * DAY + table.opens[np.minimum(window, len(table.opens) - 1)] + rest - table.before[window]
    wall = np.where(work <= 0, 0, wall)
    return np.where(work > total, NEVER, wall)


def due(table: WorkingTime, from_wall: np.ndarray | int, minutes: np.ndarray | float) -> np.ndarray:
    """Moment at which a deadline of so many working minutes, counted from `from_wall`, falls.

    An infinite deadline is `NEVER`; one of zero minutes falls at `from_wall` itself.
    """
    from_wall = np.asarray(from_wall, dtype=np.int64)
    minutes = np.asarray(minutes, dtype=np.float64)
    endless = ~np.isfinite(minutes) | (minutes * MINUTE > 4e18)
    work = np.round(np.where(endless, 0.0, minutes) * MINUTE).astype(np.int64)
    start = worked(table, from_wall)
    over = work > table.passed[-1] - start
    found = moment(table, np.where(over, 0, start + work))
    found = np.where(work == 0, from_wall, np.maximum(found, from_wall))
    return np.where(endless | over, NEVER, found)
