"""Webster divisors (Sainte-Laguë): whole people shared out by weights, nested in the number of people."""

from __future__ import annotations

import numpy as np


def awards(weights: np.ndarray, total: int, least: int = 0) -> np.ndarray:
    """Who gets the 1st, 2nd, … seat: the first N entries divide N seats, for every N up to `total`.

    The n-th seat of a claimant (n from 0) has priority weight / (2 n + 1); the `least` first seats of each
    come before all others, in order of weight. Ties go to the earlier claimant.

    Args:
        weights: claim of each, zero or more.
        total: number of seats.
        least: seats that each claimant gets first, as far as they go.
    """
    weights = np.asarray(weights, dtype=np.float64)
    if total <= 0 or weights.size == 0:
        return np.zeros(0, dtype=np.int64)
    if not weights.any():
        weights = np.ones(weights.size)
    ideal = total * weights / weights.sum()
    room = np.minimum(total, np.ceil(ideal).astype(np.int64) + 2 + least)
    claimant = np.repeat(np.arange(weights.size), room)
    nth = np.arange(claimant.size) - np.repeat(np.cumsum(room) - room, room)
    priority = weights[claimant] / (2.0 * nth + 1.0)
    order = np.lexsort((claimant, -priority, np.minimum(nth, least)))
    return claimant[order][:total]


def seats(weights: np.ndarray, total: int, least: int = 0) -> np.ndarray:
    """Seats of each claimant when `total` seats are shared out by `awards`."""
    return np.bincount(awards(weights, total, least), minlength=len(weights))
