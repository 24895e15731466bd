"""Work done early where a second core is free: requests of the next days, the next structure, what residents learn.

Drawing and serving share no table that either writes but the sorted requests of a day, of which there is a set for
each day in work. What was drawn is taken only if nothing that it was drawn from has changed since, and drawn anew
otherwise. Learning writes the residents' rows, which nothing else touches before it is waited for.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from sim.agents.columns import table
from sim.compiled import IS_WARM
from sim.service.arrivals import ready_day
from sim.service.drawing import draw_day
from sim.service.layout import Tables

DRAWN_BEFORE_DAYS = 2
"""So far ahead requests are drawn: a Sunday is too short to draw a Monday beside it."""


def has_free_core() -> bool:
    """Whether this process may use another core: not where several share them, nor beside a compiler's memory."""
    n = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return n > 1 and multiprocessing.parent_process() is None and IS_WARM


class _Draw(NamedTuple):
    """The requests of a day to come."""

    ordinal: int
    tables: Tables
    n: Future[int]
    """Their number; negative when they had no room."""


class Ahead:
    """The draws of the next days, the structure of the next structural date, and whatever else runs beside."""

    def __init__(self, root: np.uint64):
        """Remember the root of the keys; nothing is drawn or built yet."""
        self.root = root
        self._drawer = ThreadPoolExecutor(1, "draw")
        self._others = ThreadPoolExecutor(2, "ahead")
        self._draws: deque[_Draw] = deque()
        self._spare: list[np.ndarray] = []
        self._next: tuple[Any, Future] | None = None

    def build(self, settings: Any, make: Callable[[], Any]) -> None:
        """Start to make the structure of `settings`, once."""
        if self._next is None:
            self._next = settings, self._others.submit(make)

    def structure(self, settings: Any) -> Any:
        """The structure of `settings`, or the error in making it; None when it has to be made now."""
        begun, self._next = self._next, None
        return begun[1].result() if begun is not None and begun[0] is settings else None

    def beside(self, work: Callable[..., Any], *given: Any) -> Future:
        """Start any other work; whoever needs it waits for its result."""
        return self._others.submit(work, *given)

    def lacks(self, ordinal: int) -> bool:
        """Whether that day of the calendar is still to be drawn, and all before it are begun."""
        return not self._draws or self._draws[-1].ordinal == ordinal - 1

    def begin(self, t: Tables, ordinal: int, day_start: int, day_end: int, shift: int, factor: np.ndarray,
              matter: np.ndarray) -> None:
        """Start to draw and sort a day to come.

        Args:
            t: the tables in force today.
            ordinal: its number in the calendar.
            day_start: when it begins (µs).
            day_end: when it ends.
            shift: bucket width of the agenda.
            factor: factors of the drivers on it.
            matter: table of matters as far as is known for it.
        """
        self._spare = [a for a in self._spare if a.size == t.arrival.size]
        arrival = self._spare.pop() if self._spare else table(t.arrival.size, t.arrival.dtype)
        mine = t._replace(matter=matter, supply=t.supply.copy(), factor=factor, arrival=arrival)

        def work() -> int:
            n = draw_day(self.root, ordinal, day_start, day_end, mine)
            if n >= 0:
                ready_day(day_start, shift, mine)
            return n

        self._draws.append(_Draw(ordinal, mine, self._drawer.submit(work)))

    def take(self, t: Tables, ordinal: int) -> tuple[Tables, int] | None:
        """Tables with today's requests and their number; None when they have to be drawn now."""
        draw = self._draws.popleft() if self._draws else None
        if draw is None:
            return None
        n = draw.n.result()
        if draw.ordinal == ordinal and n >= 0 and draw.tables.stream is t.stream and all(
                np.array_equal(getattr(draw.tables, name).view(np.uint8), getattr(t, name).view(np.uint8))
                for name in ("factor", "matter", "supply")):
            self._spare.append(t.arrival)
            return t._replace(arrival=draw.tables.arrival), n
        for later in self._draws:               # drawn from the same, and in the room that is needed now
            later.n.result()
        self._draws.clear()
        return None

    def close(self) -> None:
        """Let the threads end."""
        self._drawer.shutdown(wait=False)
        self._others.shutdown(wait=False)
