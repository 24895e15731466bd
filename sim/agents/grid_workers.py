"""Grid workers (网格员): full-time, one a grid; most of their day is filled by visits, data and others' tasks."""

from __future__ import annotations

from sim.agents.officials import Worker


class GridWorker(Worker):
    """View of a grid worker's row."""
