"""The day's new requests, in parts of 36 minutes, each sorted when its time comes.

Demand is drawn stream by stream, so it comes out of order in time. Drawing puts each candidate into its part of the
day; the event loop sorts a part by (time, key) when it reaches it. A part fits the nearest cache, a whole day of a
large county does not.
"""

from __future__ import annotations

from numba import uint64

from sim.compiled import rule

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
def sort_part(part, base, shift, arrival, scratch, count):
    """Sort a part of the day from `scratch` into the front of `arrival`; returns how many requests it has.

    Args:
        part: number of the part, from 0.
        base: number of the day's first part since the run's start.
        shift: bucket width of the agenda; the counting sort uses the same buckets.
        arrival: receives the sorted part.
        scratch: all parts, `scratch.size // MOST_PARTS` rows each.
        count: number of requests of each part, and room for the buckets.
    """
    n = count[part]
    if n == 0:
        return 0
    one = uint64(1)                                         # unsigned rows: no test for counting from the end
    first = uint64(part * (scratch.size // MOST_PARTS))
    last = first + uint64(n)
    fine = PART_SHIFT - shift
    zero = ((base + part) << fine) - _FIRST_BUCKET
    for i in range(uint64(_FIRST_BUCKET), uint64(_FIRST_BUCKET + (1 << fine))):
        count[i] = 0
    for j in range(first, last):
        count[uint64((scratch[j]["when"] >> shift) - zero)] += 1
    total = 0
    for i in range(uint64(_FIRST_BUCKET), uint64(_FIRST_BUCKET + (1 << fine))):
        here = count[i]
        count[i] = total
        total += here
    for j in range(first, last):
        b = uint64((scratch[j]["when"] >> shift) - zero)
        arrival[uint64(count[b])] = scratch[j]
        count[b] += 1
    for j in range(one, uint64(n)):                         # only neighbours in a bucket can still be out of order
        if precedes(arrival[j], arrival[j - one]):
            scratch[first] = arrival[j]
            i = j
            while i > uint64(0) and precedes(scratch[first], arrival[i - one]):
                arrival[i] = arrival[i - one]
                i -= one
            arrival[i] = scratch[first]
    return n
