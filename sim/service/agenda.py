"""The agenda: what is due later today lies in a ring of time buckets, what is due on a later day in that day's list.

Every worker and every request has one event row (worker rows first), linked both ways so that it can be struck out.
A bit a bucket says where something may lie, so that the day skips empty buckets 64 at a time.
"""

from __future__ import annotations

from numba import uint64

from sim.compiled import rule
from sim.service.layout import DAY


@rule
def schedule(event, ring, occupied, agenda, e, due, day_end, shift):
    """Enter event e at time `due` (µs); beyond the horizon it goes to the last list and never happens."""
    zero = uint64(0)
    event[e]["due"] = due
    event[e]["prev"] = 0
    if due < day_end:
        slot = uint64((due >> shift) & (ring.size - 1))
        head = uint64(ring[slot])
        ring[slot] = e
        occupied[slot >> uint64(6)] |= uint64(1) << (slot & uint64(63))
    else:
        day = due // DAY
        if day >= agenda.size:
            day = agenda.size - 1
        head = uint64(agenda[day])
        agenda[day] = e
    event[e]["next"] = head
    if head != zero:
        event[head]["prev"] = e


@rule
def strike_out(event, ring, agenda, e, day_end, shift):
    """Remove event e before it happens."""
    zero = uint64(0)
    before = uint64(event[e]["prev"])
    after = uint64(event[e]["next"])
    if after != zero:
        event[after]["prev"] = before
    if before != zero:
        event[before]["next"] = after
    elif event[e]["due"] < day_end:
        ring[uint64((event[e]["due"] >> shift) & (ring.size - 1))] = after
    else:
        day = event[e]["due"] // DAY
        if day >= agenda.size:
            day = agenda.size - 1
        agenda[day] = after
