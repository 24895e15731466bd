"""Booking work done: the same µs in every book that tells of it, so that all of them add up."""

from __future__ import annotations

from sim.compiled import rule
from sim.service.layout import ELASTIC


@rule
def book_work(work, m, kind, minutes, ledger, hold, pool):
    """Book work on matter m, all of it or what was done until midnight.

    Args:
        work: µs done.
        m: row of the matter.
        kind: kind of the worker.
        minutes: µs by matter and kind of worker.
        ledger: the worker's row.
        hold: row of the post that he serves it at.
        pool: row of that post.
    """
    ledger["served"] += work
    hold["practice"] += work
    minutes[m, kind] += work
    pool["served"] += work


@rule
def book_class(work, attention, ledger):
    """Book it for its attention class."""
    if attention == ELASTIC:
        ledger["elastic"] += work
    else:
        ledger["attended"][attention] += work
