"""Means with t-intervals, paired differences, and Holm's correction; small, pure, without surprises.

An undefined value (NaN) is never averaged away: a sample that holds one has no mean, and says how many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its t-interval.

    Attributes:
        mean: mean of the sample; NaN when it holds an undefined value or is empty.
        low: lower end of the interval; NaN when there is none. high: upper end.
        n: values in the sample, undefined ones counted. n_undefined: how many are NaN or infinite.
        sd: standard deviation of the sample; NaN for n < 2.
    """

    mean: float
    low: float
    high: float
    n: int
    n_undefined: int
    sd: float

    @property
    def has_interval(self) -> bool:
        """Whether an interval may be claimed: at least two values, all defined."""
        return bool(np.isfinite(self.low))

    @property
    def half_width(self) -> float:
        """Half the width of the interval; NaN when there is none."""
        return (self.high - self.low) / 2.0

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.has_interval and (self.low > 0.0 or self.high < 0.0)


def estimate(values: Sequence[float] | np.ndarray, confidence: float = CONFIDENCE) -> Estimate:
    """Mean and t-interval of a sample of independent values.

    One value has a mean and no interval; the same value n times has an interval of width 0.
    """
    x = np.asarray(values, float)
    n, n_undefined = x.size, int((~np.isfinite(x)).sum())
    nan = float("nan")
    if n == 0 or n_undefined:
        return Estimate(nan, nan, nan, n, n_undefined, nan)
    mean = float(x.mean())
    if n == 1:
        return Estimate(mean, nan, nan, 1, 0, nan)
    if is_constant(x):
        return Estimate(float(x[0]), float(x[0]), float(x[0]), n, 0, 0.0)
    sd = float(x.std(ddof=1))
    half = float(stats.t.ppf(0.5 + confidence / 2.0, n - 1)) * sd / np.sqrt(n)
    return Estimate(mean, mean - half, mean + half, n, 0, sd)


def is_constant(values: np.ndarray) -> bool:
    """Whether all values are the same but for rounding in the last digits."""
    spread = float(np.ptp(values))
    return spread <= 1e-12 * float(np.abs(values).max())


def paired_p(differences: Sequence[float] | np.ndarray) -> float:
    """Two-sided p of the paired t-test; NaN when there is nothing to test (n < 2, no chance)."""
    x = np.asarray(differences, float)
    if x.size < 2 or not np.isfinite(x).all() or is_constant(x):
        return float("nan")
    return float(stats.ttest_1samp(x, 0.0).pvalue)


def variance_ratio(base: Sequence[float], option: Sequence[float]) -> float:
    """Variance of the paired difference over that of independent seeds: below 1 where pairing helps."""
    a, b = np.asarray(base, float), np.asarray(option, float)
    if a.size < 2 or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("nan")
    independent = float(a.var(ddof=1) + b.var(ddof=1))
    if independent <= 1e-24 * float(max(np.abs(a).max(), np.abs(b).max())) ** 2:
        return float("nan")
    return float((b - a).var(ddof=1)) / independent


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Holm-adjusted p-values (family-wise error); undefined ones stay undefined and do not count."""
    p = np.asarray(p_values, float)
    adjusted = np.full(p.size, np.nan)
    tested = np.flatnonzero(np.isfinite(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    running = 0.0
    for rank, i in enumerate(order):
        running = max(running, min(1.0, (len(order) - rank) * p[i]))
        adjusted[i] = running
    return adjusted
