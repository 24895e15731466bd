"""The floor: the least a keyed, recorded request can cost on this machine.

Whatever else an engine does, a request needs four hashes (its key, its time, its work, its kind),
two exponential variates, a category, an outcome, one read-modify-write of its resident's record and
one of a histogram. Three loops do that and nothing more:

- `plain`: one request after the other, with the C library's logarithm: what a plainly written kernel
  pays.
- `logarithms`: the variates of a grid's day in one batch, with an own series for the logarithm, in
  vector registers; the rest one by one.
- `vector`: all hashing, too, in one batch and in vector registers: the least we could reach.

The goal (a request at most 30 times the floor loop) was set beside a loop with vectorised
exponentials that took 11.5 ns, 8.8 at best, and a plain one of 13.8. Which of ours it was cannot be
known, so the engine is divided by each of them.

The year is walked day by day and, inside a day, grid by grid, as an engine must; touching a grid's
residents once for the whole year would be faster and would not be a simulation.
"""

from __future__ import annotations

import math
import time

import numpy as np
from numba import njit, uint64

N_RESIDENTS = 465_000
N_GRIDS = 469
N_DAYS = 250
N_CATEGORIES = 480
REQUESTS_PER_GRID_DAY = 40  # 4.69 million a year

MEAN_MINUTES = 46.4516
RESOLVED_SHARE = 0.74

# One resident is half a cache line.
RESIDENT = np.dtype(
    [
        ("n_requests", np.uint32),
        ("n_resolved", np.uint32),
        ("waited_minutes", np.float64),
        ("satisfaction", np.float64),
        ("last_minutes", np.float64),
    ]
)
N_BINS = 64

# One category: Walker's alias table and the chance of its outcome, probabilities as 16-bit integers.
CATEGORY = np.dtype([("keep", np.uint32), ("other", np.uint32), ("resolved", np.uint32)])

ODD = np.uint64(0x9E3779B97F4A7C15)
FIRST_FACTOR = np.uint64(0xBF58476D1CE4E5B9)
SECOND_FACTOR = np.uint64(0x94D049BB133111EB)
TIME, WORK, KIND = (np.uint64(p) for p in (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0))
LOW = np.uint64(0xFFFF)
HALF_LN2 = 0.5 * math.log(2.0)
LN2 = math.log(2.0)
SQRT2 = math.sqrt(2.0)

_compiled = njit(nogil=True, error_model="numpy")


@_compiled
def _mix(z):
    """Splitmix64's finaliser."""
    z = (z ^ (z >> uint64(30))) * FIRST_FACTOR
    z = (z ^ (z >> uint64(27))) * SECOND_FACTOR
    return z ^ (z >> uint64(31))


@_compiled
def _unit(z):
    """A number in (0, 1) from the upper 52 bits."""
    return (np.float64(np.int64(z >> uint64(12))) + 0.5) * 2.0**-52


@_compiled
def _minus_log(u):
    """-ln(u) for 0 < u < 1 by + - * / alone, so that a loop over it runs in vector registers.

    With u = m · 2^e, 1 ≤ m < 2, and f = (m - √2) / (m + √2): ln m = ln √2 + 2 artanh f, |f| < 0.172.
    The absolute error stays below 2e-11.
    """
    bits = np.float64(u).view(np.int64)
    exponent = np.float64((bits >> 52) - 1023)
    mantissa = np.int64((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000).view(np.float64)
    f = (mantissa - SQRT2) / (mantissa + SQRT2)
    g = f * f
    series = 1.0 + g * (1 / 3 + g * (1 / 5 + g * (1 / 7 + g * (1 / 9 + g * (1 / 11)))))
    return -(exponent * LN2 + HALF_LN2 + 2.0 * f * series)


@_compiled
def _below(z, n):
    """An integer in [0, n) from the upper 32 bits."""
    return ((z >> uint64(32)) * uint64(n)) >> uint64(32)


@_compiled
def _weighted_kind(z, categories):
    """A category and whether it is resolved, both from the tables, as 64 bits decide."""
    category = _below(z, categories.size)
    if (z & LOW) >= categories[category]["keep"]:
        category = uint64(categories[category]["other"])
    return category, np.float64(((z >> uint64(16)) & LOW) < categories[category]["resolved"])


@_compiled
def _settle(resident, histogram, category, resolved, waited, worked):
    """Write one request into its resident's record and into the turnaround histogram."""
    resident["n_requests"] += np.uint32(1)
    resident["n_resolved"] += np.uint32(resolved)
    resident["waited_minutes"] += waited
    resident["satisfaction"] += 0.1 * (resolved - resident["satisfaction"])
    resident["last_minutes"] = waited + worked
    bin_ = min(uint64((waited + worked) * 0.25), uint64(N_BINS - 1))
    histogram[uint64(category), bin_] += np.uint32(1)


@_compiled
def _plain(grid_key, first, per_grid, residents, categories, histogram, minutes, bits):
    for i in range(REQUESTS_PER_GRID_DAY):
        key = _mix(grid_key + uint64(i) * ODD)
        waited = -MEAN_MINUTES * math.log(_unit(_mix(key ^ TIME)))
        worked = -MEAN_MINUTES * math.log(_unit(_mix(key ^ WORK)))
        category, resolved = _weighted_kind(_mix(key ^ KIND), categories)
        _settle(residents[first + _below(key, per_grid)], histogram, category, resolved, waited, worked)


@_compiled
def _logarithms(grid_key, first, per_grid, residents, categories, histogram, minutes, bits):
    for i in range(REQUESTS_PER_GRID_DAY):
        key = _mix(grid_key + uint64(i) * ODD)
        minutes[0, i] = MEAN_MINUTES * _minus_log(_unit(_mix(key ^ TIME)))
        minutes[1, i] = MEAN_MINUTES * _minus_log(_unit(_mix(key ^ WORK)))
    for i in range(REQUESTS_PER_GRID_DAY):
        key = _mix(grid_key + uint64(i) * ODD)
        category, resolved = _weighted_kind(_mix(key ^ KIND), categories)
        resident = residents[first + _below(key, per_grid)]
        _settle(resident, histogram, category, resolved, minutes[0, i], minutes[1, i])


@_compiled
def _vector(grid_key, first, per_grid, residents, categories, histogram, minutes, bits):
    for i in range(REQUESTS_PER_GRID_DAY):  # no branch, no table: vector registers
        key = _mix(grid_key + uint64(i) * ODD)
        minutes[0, i] = MEAN_MINUTES * _minus_log(_unit(_mix(key ^ TIME)))
        minutes[1, i] = MEAN_MINUTES * _minus_log(_unit(_mix(key ^ WORK)))
        bits[0, i] = _mix(key ^ KIND)
        bits[1, i] = first + _below(key, per_grid)
    for i in range(REQUESTS_PER_GRID_DAY):
        category, resolved = _weighted_kind(bits[0, i], categories)
        _settle(residents[bits[1, i]], histogram, category, resolved, minutes[0, i], minutes[1, i])


def _year_of(grid_day):
    """The walk over days and grids, with one form's way to serve a grid's day."""

    @_compiled
    def loop(seed, n_days, residents, categories, histogram):
        per_grid = uint64(residents.size // N_GRIDS)
        minutes = np.empty((2, REQUESTS_PER_GRID_DAY))
        bits = np.empty((2, REQUESTS_PER_GRID_DAY), np.uint64)
        n = 0
        for day in range(n_days):
            for grid in range(N_GRIDS):
                grid_key = _mix(seed + uint64(day * N_GRIDS + grid) * ODD)
                first = uint64(grid) * per_grid
                grid_day(grid_key, first, per_grid, residents, categories, histogram, minutes, bits)
                n += REQUESTS_PER_GRID_DAY
        return n

    return loop


FORMS = {"plain": _year_of(_plain), "logarithms": _year_of(_logarithms), "vector": _year_of(_vector)}
PUBLISHED_NS = 11.5
"""The loop with vectorised exponentials where the goal was set."""


def category_table() -> np.ndarray:
    """Categories whose frequency falls as 1/√rank and whose outcomes differ, as an alias table."""
    weight = 1.0 / np.sqrt(np.arange(1.0, N_CATEGORIES + 1))
    share = weight / weight.sum() * N_CATEGORIES
    table = aligned(N_CATEGORIES, CATEGORY)
    resolved = np.linspace(RESOLVED_SHARE - 0.2, RESOLVED_SHARE + 0.2, N_CATEGORIES)
    table["resolved"] = (resolved * 2**16).round()
    small = [c for c in range(N_CATEGORIES) if share[c] < 1.0]
    large = [c for c in range(N_CATEGORIES) if share[c] >= 1.0]
    while small and large:
        less, more = small.pop(), large.pop()
        table[less]["keep"], table[less]["other"] = round(share[less] * 2**16), more
        share[more] -= 1.0 - share[less]
        (small if share[more] < 1.0 else large).append(more)
    for left in small + large:
        table[left]["keep"], table[left]["other"] = 2**16, left
    return table


def aligned(n_rows: int, dtype: np.dtype) -> np.ndarray:
    """A table of zeros whose first row begins a cache line."""
    line = 64
    raw = np.zeros(n_rows * dtype.itemsize + line, np.uint8)
    start = -raw.ctypes.data % line
    return raw[start : start + n_rows * dtype.itemsize].view(dtype)


def floor_ns(form: str, n_days: int = N_DAYS, seed: int = 1) -> float:
    """Nanoseconds per request of one form of the floor loop.

    Args:
        form: One of `FORMS`.
        n_days: Days of 469 grids × 40 requests each.
        seed: Of the hashes; the time does not depend on it.
    """
    loop = FORMS[form]
    residents = aligned(N_RESIDENTS, RESIDENT)
    residents["satisfaction"] = RESOLVED_SHARE
    categories = category_table()
    histogram = aligned(N_CATEGORIES * N_BINS, np.dtype(np.uint32)).reshape(N_CATEGORIES, N_BINS)
    loop(np.uint64(seed), 1, residents, categories, histogram)  # compiles, brings tables into memory
    n_before = int(histogram.sum())
    began = time.perf_counter()
    n = loop(np.uint64(seed), n_days, residents, categories, histogram)
    seconds = time.perf_counter() - began
    if not int(histogram.sum()) - n_before == n == int(residents["n_requests"].sum()) - n_before:
        raise RuntimeError(f"the floor loop {form!r} lost requests")
    return seconds / n * 1e9
