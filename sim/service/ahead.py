"""Work done early where a second core is free: tomorrow's requests and the next structure, the same, only sooner.

Drawing and serving share no table that either writes but the day's sorted requests, of which there are two sets.
What was drawn is taken only if nothing that it was drawn from has changed since, and drawn anew otherwise.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from sim.agents.columns import table
from sim.compiled import IS_WARM
from sim.service.arrivals import ready_day
from sim.service.drawing import draw_day
from sim.service.layout import Tables


def has_free_core() -> bool:
    """Whether this process may use another core: not where several share them, nor beside a compiler's memory."""
    n = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return n > 1 and multiprocessing.parent_process() is None and IS_WARM


class Ahead:
    """The draw of tomorrow, and the structure of the next structural date."""

    def __init__(self, root: np.uint64):
        """Remember the root of the keys; nothing is drawn or built yet."""
        self.root = root
        self._threads = ThreadPoolExecutor(2, "ahead")
        self._draw: Future | None = None
        self._tables: Tables | None = None
        self._ordinal = self._n = 0
        self._next: tuple[Any, Future] | None = None

    def build(self, settings: Any, make: Callable[[], Any]) -> None:
        """Start to make the structure of `settings`, once."""
        if self._next is None:
            self._next = settings, self._threads.submit(make)

    def structure(self, settings: Any) -> Any:
        """The structure of `settings`, or the error in making it; None when it has to be made now."""
        begun, self._next = self._next, None
        return begun[1].result() if begun is not None and begun[0] is settings else None

    def begin(self, t: Tables, ordinal: int, day_start: int, day_end: int, shift: int, factor: np.ndarray,
              matter: np.ndarray) -> None:
        """Start to draw and sort.

        Args:
            t: the tables in force today.
            ordinal: number of tomorrow in the calendar.
            day_start: when tomorrow begins (µs).
            day_end: when it ends.
            shift: bucket width of the agenda.
            factor: factors of the drivers tomorrow.
            matter: table of matters as far as is known for tomorrow.
        """
        old = self._tables
        fits = old is not None and old.arrival.size == t.arrival.size
        arrival = old.arrival if fits else table(t.arrival.size, t.arrival.dtype)
        self._tables = t._replace(matter=matter, supply=t.supply.copy(), factor=factor, arrival=arrival)
        self._ordinal = ordinal

        def work() -> None:
            self._n = draw_day(self.root, ordinal, day_start, day_end, self._tables)
            if self._n >= 0:
                ready_day(day_start, shift, self._tables)

        self._draw = self._threads.submit(work)

    def take(self, t: Tables, ordinal: int) -> tuple[Tables, int] | None:
        """Tables with today's requests and their number; None when they have to be drawn now."""
        if self._draw is not None:
            self._draw.result()
            self._draw = None
        drawn = self._tables
        if drawn is None or self._ordinal != ordinal or self._n < 0 or drawn.stream is not t.stream or not all(
                np.array_equal(getattr(drawn, name).view(np.uint8), getattr(t, name).view(np.uint8))
                for name in ("factor", "matter", "supply")):
            return None
        self._tables = drawn._replace(arrival=t.arrival)                        # the other set, for the next day
        return t._replace(arrival=drawn.arrival), self._n

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False)
