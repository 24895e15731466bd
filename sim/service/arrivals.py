"""The day's new requests, ready for the event loop: in order, each with its work and its deadline.

Demand is drawn stream by stream, so it comes out of order in time. Drawing puts each candidate into its part of the
day, of 36 minutes; then part after part is sorted by (time, key), while it lies in the nearest cache, and each request
is given what it brings along: the work of its first step and the moment at which it is due.
"""

from __future__ import annotations

from numba import int64, uint64

from sim.chance.keys import WORK, draw, unit
from sim.chance.laws import EMPIRICAL, EXPONENTIAL, LOGNORMAL, exp, log, normal_quantile, sample
from sim.compiled import kernel, rule
from sim.service.layout import DAY
from sim.service.windows import due_at

PART_SHIFT = 31
"""A part is 2^31 µs long."""
MOST_PARTS = 42
"""Parts that a day may touch."""
LOT = 256
"""Requests whose work is drawn together."""
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
def give_work(first_row, n, arrival, step, bits, units):
    """Draw the work of the first step for `n` sorted arrivals (0: not drawn yet), `LOT` at a time.

    First all keys, then all logarithms, and so on: without branches and tables such loops run in vector registers.
    The same bits as `sample` gives one by one.

    Args:
        first_row: row of the first of them.
        n: how many.
        arrival: receives the work.
        step: table of steps.
        bits: room for keys and for ids of steps.
        units: room for two parameters of the law, the uniform, and the work by either common law.
    """
    one = uint64(1)
    row, stop = uint64(first_row), uint64(first_row + n)
    while row < stop:
        here = stop - row if stop - row < uint64(LOT) else uint64(LOT)
        some_exponential, some_lognormal = False, False
        for c in range(here):
            s = uint64(arrival[row + c]["step"])
            bits[0, c], bits[1, c] = arrival[row + c]["key"], step[s]["id"]
            units[0, c], units[1, c] = step[s]["a"], step[s]["b"]
            some_exponential |= step[s]["law"] == EXPONENTIAL
            some_lognormal |= step[s]["law"] == LOGNORMAL
        for c in range(here):
            units[2, c] = unit(draw(bits[0, c], WORK, bits[1, c]))
        if some_exponential:
            for c in range(here):
                units[3, c] = 60e6 * units[0, c] * -log(units[2, c]) + 0.5
        if some_lognormal:
            for c in range(here):
                units[4, c] = 60e6 * exp(units[0, c] + units[1, c] * normal_quantile(units[2, c])) + 0.5
        for c in range(here):
            s, work = uint64(arrival[row]["step"]), 0.0
            if step[s]["law"] == EXPONENTIAL:
                work = units[3, c]
            elif step[s]["law"] == LOGNORMAL:
                work = units[4, c]
            elif step[s]["law"] != EMPIRICAL:
                work = 60e6 * sample(step[s]["law"], step[s]["a"], step[s]["b"], step[s]["c"],
                                     draw(bits[0, c], WORK, bits[1, c])) + 0.5
            arrival[row]["work"] = int64(work)
            row += one


@rule
def give_deadlines(first_row, n, arrival, step, matter, day_start, n_before, is_workday, workday, yardstick):
    """Write into `n` sorted arrivals when they are due; for the arguments from `n_before` on see `due_at`."""
    for j in range(uint64(first_row), uint64(first_row + n)):
        deadline = matter[uint64(step[uint64(arrival[j]["step"])]["matter"])]["deadline"]
        arrival[j]["due"] = due_at(
            arrival[j]["when"] - day_start, deadline, day_start // DAY, n_before, is_workday, workday, yardstick)


@kernel
def ready_day(day_start, shift, t):
    """Sort all parts of the day into `t.arrival`, give every request its work and its deadline."""
    arrival, scratch, count, step, matter, workday = t.arrival, t.scratch, t.count, t.step, t.matter, t.workday
    today = day_start // DAY
    n_before = uint64(t.workdays_before[today])
    is_workday = t.workdays_before[today + 1] > t.workdays_before[today]
    n = int64(0)
    for part in range(MOST_PARTS):
        here = sort_part(part, day_start >> PART_SHIFT, shift, n, arrival, scratch, count)
        give_work(n, here, arrival, step, t.lot_bits, t.lot_units)
        give_deadlines(n, here, arrival, step, matter, day_start, n_before, is_workday, workday, t.yardstick[0])
        n += here
