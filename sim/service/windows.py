"""Working windows of a day: how much of a span is working time, when work begun now ends, when a deadline falls due.

Except in `due_at` and `day_of`, all times are µs of the day; a pattern is one row of `WINDOWS`. Overtime moves the
last end only.
"""

from __future__ import annotations

from numba import int64, uint64

from sim.compiled import rule
from sim.service.layout import DAY, NEVER, NO_DAY


@rule
def day_of(time):
    """Day of a moment, at most the last that `leaves_day` can name."""
    day = uint64(time) // uint64(DAY)
    return day if day < uint64(NO_DAY) else uint64(NO_DAY - 1)


@rule
def overlap(a, b, start, end):
    """Length of the intersection of [a, b) and [start, end)."""
    low = a if a > start else start
    high = b if b < end else end
    return high - low if high > low else 0


@rule
def regular_between(w, a, b):
    """Regular working time in [a, b), overtime apart."""
    total = overlap(a, b, w["start0"], w["end0"])
    if w["n"] > 1:
        total += overlap(a, b, w["start1"], w["end1"])
    if w["n"] > 2:
        total += overlap(a, b, w["start2"], w["end2"]) + overlap(a, b, w["start3"], w["end3"])
    return total


@rule
def end_of(w, i):
    """End of the i-th window, overtime included in the last."""
    if i == w["n"] - 1:
        return w["last_end"]
    if i == 0:
        return w["end0"]
    if i == 1:
        return w["end1"]
    return w["end2"]


@rule
def start_of(w, i):
    """Start of the i-th window."""
    if i == 0:
        return w["start0"]
    if i == 1:
        return w["start1"]
    if i == 2:
        return w["start2"]
    return w["start3"]


@rule
def finish_at(w, now, need):
    """When `need` µs of work begun at `now` are done, or -1 when today's windows do not suffice.

    Work that ends exactly at a window's end is done today.
    """
    for i in range(w["n"]):
        end = end_of(w, i)
        if end > now or (need == 0 and end >= now):
            start = start_of(w, i)
            low = now if now > start else start
            room = end - low
            if need <= room:
                return low + need
            need -= room
    return -1


@rule
def worked_between(w, a, b):
    """Working time in [a, b), overtime included."""
    total = 0
    for i in range(w["n"]):
        total += overlap(a, b, start_of(w, i), end_of(w, i))
    return total


@rule
def window_end(w, now):
    """End of the window (overtime included) that contains `now`, or -1 outside all windows."""
    for i in range(w["n"]):
        if start_of(w, i) <= now < end_of(w, i):
            return end_of(w, i)
    return -1


@rule
def due_at(now, deadline, day, n_before, is_workday, workday, w):
    """When a deadline in working µs, counted from `now` (µs of the day), falls due on the wall clock.

    `n_before`: working days of the yardstick before `day`; `is_workday`: whether `day` is one; `workday`: all of them,
    each like the pattern `w`.
    """
    if deadline >= NEVER:
        return NEVER
    rest = deadline
    if is_workday:
        rest += regular_between(w, 0, now)
    if rest > 0:
        n = uint64(rest - 1) // uint64(w["minutes"])        # whole working days that pass before the last
        if n_before + n >= uint64(workday.size):
            return NEVER
        day = workday[n_before + n]
        rest -= int64(n * uint64(w["minutes"]))
    return day * DAY + finish_at(w, 0, rest)
