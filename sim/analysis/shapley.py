"""The order-free split of a change in a product: Shapley (for products: Sun's decomposition of 1998)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import factorial

import numpy as np


@lru_cache
def _subsets(n: int) -> tuple[np.ndarray, np.ndarray]:
    """All subsets of n factors as flags, and the Shapley weight of each as the set that came before."""
    flags = np.array([[(s >> i) & 1 for i in range(n)] for s in range(2**n)], bool)
    size = flags.sum(axis=1)
    weight = np.array([factorial(k) * factorial(n - k - 1) / factorial(n) if k < n else 0.0 for k in size])
    return flags, weight


def shapley_of_product(base: Sequence[float], option: Sequence[float]) -> np.ndarray:
    """What each factor adds to the change of their product, averaged over all orders of changing them.

    The parts add up to product(option) - product(base); swapping base and option changes every sign. Zeros
    are welcome, which is why this is used and not the log-mean (LMDI).
    """
    a, b = np.asarray(base, np.longdouble), np.asarray(option, np.longdouble)
    flags, weight = _subsets(a.size)
    product = np.where(flags, b, a).prod(axis=1)
    sets = np.arange(len(flags))
    parts = np.zeros(a.size, np.longdouble)
    for i in range(a.size):
        without = sets[~flags[:, i]]
        parts[i] = (weight[without] * (product[without | (1 << i)] - product[without])).sum()
    return parts


def factors_of_chain(base: Sequence[float], option: Sequence[float]) -> tuple[list[float], list[float]]:
    """Turn two chains of amounts (each computed from the one before) into factors: first amount, then ratios.

    An amount that is 0 although a later one is not cannot carry a ratio: it is left out of both chains, its
    factor is 1 and its effect joins the next. A ratio 0/0 has no value: it is taken as unchanged, so it has
    no effect.
    """
    n = len(base)
    chains = (list(map(float, base)), list(map(float, option)))
    left_out = [any(x[j] == 0.0 and any(y != 0.0 for y in x[j + 1 :]) for x in chains) for j in range(n)]
    factors: tuple[list[float | None], list[float | None]] = ([], [])
    for x, found in zip(chains, factors, strict=True):
        before = 1.0
        for j in range(n):
            if left_out[j]:
                found.append(1.0)
                continue
            found.append(x[j] / before if before != 0.0 else None)
            before = x[j]
    for j in range(n):
        a, b = factors[0][j], factors[1][j]
        if a is None or b is None:
            same = b if a is None else a
            factors[0][j] = factors[1][j] = 1.0 if same is None else same
    return factors  # type: ignore[return-value]
