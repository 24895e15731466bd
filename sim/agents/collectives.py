"""Departments, townships, centres and communities: collectives whose state is the sum of their posts."""

from __future__ import annotations

import mesa
import numpy as np

from sim.agents.workers import US


class Collective(mesa.Agent):
    """A set of pools (posts at sites) seen as one body."""

    def __init__(self, model: mesa.Model, name: str, pools: np.ndarray):
        """Args: model, name, rows of its pools in `model.tables.pool`."""
        super().__init__(model)
        self.name, self.pools = name, pools

    @property
    def n_waiting(self) -> int:
        """Requests that wait at its posts."""
        return int(np.isin(self.model.waiting_at(), self.pools).sum())

    @property
    def backlog_minutes(self) -> float:
        """Standard minutes of work that wait at its posts, elastic work apart."""
        return float(self.model.tables.pool["backlog"][self.pools].sum() / US)

    @property
    def backlog_days(self) -> float:
        """Backlog in working days of its holders."""
        capacity = self.model.tables.pool["capacity"][self.pools].sum()
        return float(self.model.tables.pool["backlog"][self.pools].sum() / capacity) if capacity else 0.0

    @property
    def served_minutes(self) -> float:
        """Minutes served at its posts since the structure began or the ledgers opened."""
        return float(self.model.tables.pool["served"][self.pools].sum() / US)

    def __repr__(self) -> str:
        """Type and name."""
        return f"<{type(self).__name__} {self.name}>"


class Department(Collective):
    """A unit of the structure: department, institution, township, hall, team or centre."""


class Community(Collective):
    """A community: the posts of its own level at its site."""
