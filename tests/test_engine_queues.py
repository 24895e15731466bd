"""Queues, agenda and windows against the plainest thing that does the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.agents.columns import table
from sim.compiled import kernel
from sim.service import agenda, windows
from sim.service.layout import DAY, EVENT, LINK, QUEUE, REQUEST, WINDOWS
from sim.service.queues import dequeue, enqueue


@kernel
def _put(request, link, queue, u, q, is_list):
    enqueue(request, link, queue, u, q, is_list)


@kernel
def _take(request, link, queue, u, q, is_list):
    dequeue(request, link, queue, u, q, is_list)


STEPS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(0, 10**6)), max_size=120)


@settings(max_examples=150, deadline=None)
@given(STEPS, st.booleans())
def test_queues_against_a_sorted_list(steps, is_list):
    """Insert, take the first, take from anywhere: the head is always the smallest of a sorted list."""
    request, link, queue = table(200, REQUEST), table(200, LINK), table(2, QUEUE)
    mirror, fresh = [], 1

    def order(q):
        return int(link["rank"][q]), int(link["queued"][q]), int(request["key"][q])

    for what, rank, where in steps:
        if what < 6 or not mirror:
            link["rank"][fresh] = fresh if is_list else rank
            link["queued"][fresh], request["key"][fresh] = where % 7, where
            _put(request, link, queue, np.uint64(1), np.uint64(fresh), is_list)
            mirror.append(fresh)
            fresh += 1
        else:
            q = int(queue["head"][1]) if what < 8 else mirror[where % len(mirror)]
            _take(request, link, queue, np.uint64(1), np.uint64(q), is_list)
            mirror.remove(q)
        mirror.sort(key=order)
        head = int(queue["head"][1])
        if not mirror:
            assert head == 0
        else:
            assert order(head) == order(mirror[0])
            if is_list:
                assert int(queue["tail"][1]) == mirror[-1]
    assert queue["head"][0] == 0


def test_a_long_queue_is_not_slow():
    """A hundred thousand in worst order, then taken one by one, in a blink."""
    request, link, queue = table(100_002, REQUEST), table(100_002, LINK), table(1, QUEUE)
    link["rank"][1:] = np.arange(100_001)[::-1]
    found = np.zeros(100_000, np.int64)
    _fill_and_empty(request, link, queue, found)
    assert (np.diff(found) > 0).all()


@kernel
def _fill_and_empty(request, link, queue, found):
    for q in range(found.size):
        enqueue(request, link, queue, np.uint64(0), np.uint64(q + 1), False)
    for i in range(found.size):
        head = np.uint64(queue[0]["head"])
        found[i] = link[head]["rank"]
        dequeue(request, link, queue, np.uint64(0), head, False)


@kernel
def _schedule(event, ring, occupied, days, e, due, day_end, shift):
    agenda.schedule(event, ring, occupied, days, e, due, day_end, shift)


@kernel
def _strike_out(event, ring, days, e, day_end, shift):
    agenda.strike_out(event, ring, days, e, day_end, shift)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 5 * DAY)), max_size=80))
def test_agenda_against_a_dictionary(entries):
    """What is entered stands in the list of its bucket or day until it is struck out."""
    shift, days_of_run = 28, 3
    event, ring, days = table(41, EVENT), np.zeros(512, np.uint32), np.zeros(days_of_run + 1, np.uint32)
    occupied = np.zeros(512 // 64, np.uint64)
    mirror = {}
    for e, due in entries:
        if e in mirror:
            _strike_out(event, ring, days, np.uint64(e), DAY, shift)
            del mirror[e]
        else:
            _schedule(event, ring, occupied, days, np.uint64(e), due, DAY, shift)
            mirror[e] = due
    bits = np.unpackbits(occupied.view(np.uint8), bitorder="little").astype(bool)
    assert not (np.flatnonzero(ring)[~bits[np.flatnonzero(ring)]]).size     # every bucket in use is marked
    found = {}
    for kind, heads in (("bucket", ring), ("day", days)):
        for i in np.flatnonzero(heads):
            e, before = int(heads[i]), 0
            while e:
                assert int(event["prev"][e]) == before
                found[e] = (kind, int(i))
                e, before = int(event["next"][e]), e
    assert found == {
        e: ("bucket", due >> shift) if due < DAY else ("day", min(due // DAY, days_of_run))
        for e, due in mirror.items()
    }


HOURS = (
    st.lists(st.integers(0, 48), min_size=2, max_size=8, unique=True)
    .map(sorted)
    .filter(lambda x: len(x) % 2 == 0)
)


def _pattern(bounds, overtime):
    w = table(1, WINDOWS)
    w["n"] = len(bounds) // 2
    for j in range(len(bounds) // 2):
        w[f"start{j}"], w[f"end{j}"] = bounds[2 * j], bounds[2 * j + 1]
    w["last_end"], w["overtime"] = bounds[-1] + overtime, overtime
    return w[0]


@settings(max_examples=400, deadline=None)
@given(HOURS, st.integers(0, 6), st.integers(0, 54), st.integers(0, 54), st.integers(0, 60))
def test_windows_against_counting_every_unit(bounds, overtime, a, b, need):
    """Working time between two moments, the end of work, the end of a window, unit by unit."""
    w = _pattern(bounds, overtime)
    regular, whole = set(), set()
    for start, end in zip(bounds[::2], bounds[1::2], strict=True):
        regular |= set(range(start, end))
        whole |= set(range(start, end + (overtime if end == bounds[-1] else 0)))
    inside = [t for t in range(a, b)]
    assert windows.regular_between(w, a, b) == len(regular.intersection(inside))
    assert windows.worked_between(w, a, b) == len(whole.intersection(inside))
    ahead = sorted(t for t in whole if t >= a)
    found = windows.finish_at(w, a, need)
    if need:
        assert found == (ahead[need - 1] + 1 if len(ahead) >= need else -1)
    else:
        assert found == (a if {a - 1, a} & whole else ahead[0] if ahead else -1)
    end = windows.window_end(w, a)
    if a not in whole:
        assert end == -1
    else:
        assert end > a and end - 1 in whole and set(range(a, end)) <= whole


def test_rows_begin_on_a_cache_line():
    for dtype in (REQUEST, EVENT, WINDOWS):
        assert table(5, dtype).ctypes.data % 64 == 0
    assert REQUEST.itemsize <= 64 and LINK.itemsize <= 32


@pytest.mark.parametrize("minutes", [0.0, 1.0, 0.5])
def test_minutes_become_whole_microseconds(minutes):
    from sim.service.build import microseconds

    assert microseconds(minutes) == minutes * 60_000_000
