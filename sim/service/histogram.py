"""Times in the system, counted in bins: into which one a time falls, and what quantiles the counts tell."""

from __future__ import annotations

import numpy as np
from numba import float64

from sim.compiled import rule
from sim.service.layout import HISTOGRAM_BINS


@rule
def time_bin(us):
    """Bin of a time in the system: 16 an octave from 8 seconds on, read off the bits of the number."""
    units = float64(us) * 1.25e-7 + 1.0
    bits = np.float64(units).view(np.int64)
    index = (((bits >> 52) - 1023) << 4) | ((bits >> 48) & 15)
    if index >= HISTOGRAM_BINS:
        return HISTOGRAM_BINS - 1
    return index


def bin_edges_days() -> np.ndarray:
    """Edges of the histogram's bins of times in the system, in days (see `time_bin`)."""
    i = np.arange(HISTOGRAM_BINS + 1)
    units = 2.0 ** (i >> 4) * (1.0 + (i & 15) / 16.0)
    return (units - 1.0) * 8.0 / 86_400.0


def quantile_days(histogram: np.ndarray, share: float) -> float:
    """Quantile of times in the system in days, evenly inside a bin; NaN when nothing was resolved."""
    total = histogram.sum()
    if not total:
        return float("nan")
    edges = bin_edges_days()
    cumulative = np.cumsum(histogram)
    i = int(np.searchsorted(cumulative, share * total))
    inside = (share * total - (cumulative[i - 1] if i else 0)) / max(histogram[i], 1)
    return float(edges[i] + inside * (edges[i + 1] - edges[i]))
