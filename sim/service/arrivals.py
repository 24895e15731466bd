"""The day's new requests, ready for the event loop: in order, each with its work.

Demand is drawn stream by stream, so it comes out of order in time. Drawing puts each candidate into its part of the
day, of 36 minutes; then part after part is sorted by (time, key), while it lies in the nearest cache, and each request
is given what it brings along: the work of its first step and the moment at which it is due.
"""

from __future__ import annotations

from numba import int64, uint64

from sim.chance.keys import WORK, draw
from sim.chance.laws import EMPIRICAL, EXPONENTIAL, exponential, sample
from sim.compiled import kernel, rule
from sim.service.layout import DAY
from sim.service.windows import due_at

PART_SHIFT = 31
"""A part is 2^31 µs long."""
MOST_PARTS = 42
"""Parts that a day may touch."""
_FIRST_BUCKET = 64
"""Where the buckets of the part being sorted begin in the table of counts, behind the parts' own."""


@rule
def precedes(a, b):
    """Whether arrival a comes before arrival b."""
    return a["when"] < b["when"] or (a["when"] == b["when"] and a["key"] < b["key"])


@rule
def sort_part(part, base, shift, first_row, arrival, scratch, count):
    """Sort a part of the day from `scratch` into `arrival`; returns how many requests it has.

    Args:
        part: number of the part, from 0.
        base: number of the day's first part since the run's start.
        shift: bucket width of the agenda; the counting sort uses the same buckets.
        first_row: row of `arrival` that receives the part's first request.
        arrival: receives the sorted part.
        scratch: all parts, `scratch.size // MOST_PARTS` rows each.
        count: number of requests of each part, and room for the buckets.
    """
    n = count[part]
    if n == 0:
        return 0
    one, low = uint64(1), uint64(first_row)                 # unsigned rows: no test for counting from the end
    first = uint64(part * (scratch.size // MOST_PARTS))
    last = first + uint64(n)
    fine = PART_SHIFT - shift
    zero = ((base + part) << fine) - _FIRST_BUCKET
    for i in range(uint64(_FIRST_BUCKET), uint64(_FIRST_BUCKET + (1 << fine))):
        count[i] = 0
    for j in range(first, last):
        count[uint64((scratch[j]["when"] >> shift) - zero)] += 1
    total = int64(first_row)
    for i in range(uint64(_FIRST_BUCKET), uint64(_FIRST_BUCKET + (1 << fine))):
        here = count[i]
        count[i] = total
        total += here
    for j in range(first, last):
        b = uint64((scratch[j]["when"] >> shift) - zero)
        arrival[uint64(count[b])] = scratch[j]
        count[b] += 1
    for j in range(low + one, low + uint64(n)):             # only neighbours in a bucket can still be out of order
        if precedes(arrival[j], arrival[j - one]):
            scratch[first] = arrival[j]
            i = j
            while i > low and precedes(scratch[first], arrival[i - one]):
                arrival[i] = arrival[i - one]
                i -= one
            arrival[i] = scratch[first]
    return n


@rule
def give_work(first_row, n, arrival, step, matter, day_start, n_before, is_workday, workday, yardstick):
    """Write into `n` sorted arrivals what they bring along: work of the first step (0: not drawn yet), when it is due.

    In a row, where nothing waits for it. For the arguments from `n_before` on see `due_at`.
    """
    for j in range(uint64(first_row), uint64(first_row + n)):
        s = uint64(arrival[j]["step"])
        work = int64(0)
        if step[s]["law"] == EXPONENTIAL:
            work = int64(60e6 * step[s]["a"] * exponential(draw(arrival[j]["key"], WORK, step[s]["id"])) + 0.5)
        elif step[s]["law"] != EMPIRICAL:
            work = int64(60e6 * sample(step[s]["law"], step[s]["a"], step[s]["b"], step[s]["c"],
                                       draw(arrival[j]["key"], WORK, step[s]["id"])) + 0.5)
        arrival[j]["work"] = work
        arrival[j]["due"] = due_at(
            arrival[j]["when"] - day_start, matter[uint64(step[s]["matter"])]["deadline"], day_start // DAY, n_before,
            is_workday, workday, yardstick)


@kernel
def ready_day(day_start, shift, t):
    """Sort all parts of the day into `t.arrival` and give every request its work."""
    arrival, scratch, count, step, matter, workday = t.arrival, t.scratch, t.count, t.step, t.matter, t.workday
    today = day_start // DAY
    n_before = uint64(t.workdays_before[today])
    is_workday = t.workdays_before[today + 1] > t.workdays_before[today]
    n = int64(0)
    for part in range(MOST_PARTS):
        here = sort_part(part, day_start >> PART_SHIFT, shift, n, arrival, scratch, count)
        give_work(n, here, arrival, step, matter, day_start, n_before, is_workday, workday, t.yardstick[0])
        n += here
