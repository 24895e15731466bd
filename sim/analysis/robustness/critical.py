"""Critical value: where, along one unknown, an option stops holding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.analysis.intervals import estimate

CROSSES, HOLDS, FAILS, MANY, MIXED, UNDEFINED = (
    "crosses", "holds everywhere", "fails everywhere", "not monotone", "seeds differ", "undefined")  # fmt: skip
"""Answers: one crossing in every seed; none, above or below zero; several in every seed; not the same in all seeds."""


@dataclass(frozen=True, slots=True)
class CriticalValue:
    """Where the margin crosses zero.

    Attributes:
        answer: one of the constants of this module.
        value: mean over seeds of the crossing, if all seeds cross once in the same direction, else NaN.
        low: lower end of its 95 % t-interval; NaN when there is none. high: upper end.
        holds: "below" or "above" the value, else "".
        n: seeds. n_once: that cross once. n_holds: that hold everywhere. n_fails: that fail everywhere.
        n_many: that cross several times. most_crossings: crossings in the seed that has most.
    """

    answer: str
    value: float
    low: float
    high: float
    holds: str
    n: int
    n_once: int
    n_holds: int
    n_fails: int
    n_many: int
    most_crossings: int

    def __str__(self) -> str:
        """The answer in words; numbers with three significant digits, never as powers of ten."""
        if self.answer == CROSSES:
            value, low, high = (f"{float(f'{x:.3g}'):,.10g}" for x in (self.value, self.low, self.high))
            return f"holds {self.holds} {value}" + (f" [{low}, {high}]" if np.isfinite(self.low) else "")
        if self.answer == MANY:
            return f"not monotone: crosses {self.most_crossings} times"
        if self.answer == MIXED:
            parts = [(self.n_once, "cross once"), (self.n_holds, "hold everywhere"), (self.n_fails, "fail everywhere"),
                     (self.n_many, f"cross up to {self.most_crossings} times")]  # fmt: skip
            return "seeds differ: " + ", ".join(f"{n} {text}" for n, text in parts if n)
        return self.answer


def crossings(values: Sequence[float], margins: Sequence[float]) -> list[float]:
    """Where a line through points crosses from holding (margin >= 0) to failing or back, in order of the values.

    Args:
        values: the unknown, rising.
        margins: the margin at each value.
    """
    x, m = np.asarray(values, float), np.asarray(margins, float)
    holds = m >= 0.0
    return [float(x[i] + (x[i + 1] - x[i]) * m[i] / (m[i] - m[i + 1]))
            for i in range(x.size - 1) if holds[i] != holds[i + 1]]  # fmt: skip


def critical_value(values: Sequence[float], margins: Sequence[Sequence[float]]) -> CriticalValue:
    """Where the margin crosses zero, seed by seed, and on average.

    Args:
        values: the unknown on a rising grid of at least two values.
        margins: one row a seed, one column a value; the same seeds at every value.

    Raises:
        ValueError: when the grid does not rise or does not fit the margins.
    """
    x, m = np.asarray(values, float), np.atleast_2d(np.asarray(margins, float))
    if x.size < 2 or (np.diff(x) <= 0).any() or m.shape[1] != x.size:
        raise ValueError(f"a rising grid of two or more values with a column each is needed; given {x.size} values "
                         f"and margins of shape {m.shape}")  # fmt: skip
    nan = float("nan")
    if not np.isfinite(m).all():
        return CriticalValue(UNDEFINED, nan, nan, nan, "", len(m), 0, 0, 0, 0, 0)
    found = [crossings(x, row) for row in m]
    counts = np.array([len(one) for one in found])
    first_holds = m[:, 0] >= 0.0
    n_once, n_many = int((counts == 1).sum()), int((counts > 1).sum())
    n_holds = int(((counts == 0) & first_holds).sum())
    n_fails = int(((counts == 0) & ~first_holds).sum())
    n, most = len(m), int(counts.max())
    told = (n, n_once, n_holds, n_fails, n_many, most)
    if n_once == n and first_holds.all() | (~first_holds).all():
        where = estimate([one[0] for one in found])
        side = "below" if first_holds[0] else "above"
        return CriticalValue(CROSSES, where.mean, where.low, where.high, side, *told)
    answer = HOLDS if n_holds == n else FAILS if n_fails == n else MANY if n_many == n else MIXED
    return CriticalValue(answer, nan, nan, nan, "", *told)
