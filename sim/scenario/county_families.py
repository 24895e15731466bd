"""Which family gets which part of a block: work that grows with the county is the same in every structure.

Units have a part of the block's minutes each (units.csv), and do the families of their field only. What a family takes
in the whole county is what it takes in the conventional structure without reforms, where a unit's minutes go to its
families by `block_share`. In any other structure the families' weights are scaled, each by a number of its own, until
every family has these minutes again; units keep theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from sim.scenario.catalogue_rows import Catalogue, MatterFamily
from sim.scenario.structures import CONVENTIONAL, Structure, units_of

SHARE = {"county": "county_share", "auxiliary": "auxiliary_share"}
"""Blocks that units divide by a share of their own, and the column of units.csv that has it."""
TOLERANCE = 1e-12
"""Furthest that a family's minutes may be off, relative to what they should be."""
MOST_ROUNDS = 1000
"""Rounds of scaling after which tables count as contradictory."""


def parts_of_families(
    families: Sequence[MatterFamily], units: Sequence[tuple[str, float]]
) -> dict[str, float]:
    """Part of a stream that each family takes when units divide their minutes by `block_share`; they add up to 1.

    Args:
        families: families of one stream.
        units: domain and part of the block of each unit.
    """
    part = dict.fromkeys((m.matter for m in families), 0.0)
    total = sum(share for _, share in units)
    for domain, share in units:
        fitting = [m for m in families if m.fits(domain)]
        weight = sum(m.block_share for m in fitting)
        for m in fitting:
            part[m.matter] += share / total * m.block_share / weight
    return part


def scaled(weights: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Factor of each column so that rows, divided by the scaled weights, add up to the columns.

    Iterative proportional fitting (Deming and Stephan 1940): rows are exact in every round, columns at the end. A
    column that needs nothing has the factor 0.

    Args:
        weights: of each column in each row, 0 or more; each row has one above 0.
        rows: what each row divides.
        columns: what each column should get; adds up to the rows.

    Raises:
        ArithmeticError: no factors do it; names the position of the column that is furthest off as its last argument.
    """
    factors = (columns > 0.0).astype(np.float64)
    wanted = np.where(columns > 0.0, columns, 1.0)
    off = np.zeros(columns.size)
    for _ in range(MOST_ROUNDS):
        table = weights * factors
        whole = table.sum(axis=1)
        got = (table * (rows / np.where(whole > 0.0, whole, 1.0))[:, None]).sum(axis=0)
        off = np.abs(np.where(columns > 0.0, got / wanted, 1.0) - 1.0)
        if off.max() < TOLERANCE:
            return factors
        factors = np.where(got > 0.0, factors * wanted / np.where(got > 0.0, got, 1.0), 0.0)
    raise ArithmeticError("no scaling of the columns adds up", int(off.argmax()))


@lru_cache(maxsize=128)
def family_weights(catalogue: Catalogue, structure: Structure, stream: str) -> tuple[tuple[MatterFamily, float], ...]:
    """Families of a stream of `SHARE`'s blocks, each with its weight within the units of a structure that fit it.

    Args:
        catalogue: the county's tables.
        structure: structure and reforms in force.
        stream: name of the stream.

    Raises:
        ArithmeticError: see `scaled`.
    """
    column = SHARE[catalogue.streams(*SHARE)[stream][0].block]
    of_domain: dict[str, float] = {}
    for domain, share in _units(catalogue, structure, column):
        of_domain[domain] = of_domain.get(domain, 0.0) + share
    return _weights(catalogue, stream, tuple(of_domain.items()))


@lru_cache(maxsize=32)
def _weights(
    catalogue: Catalogue, stream: str, of_domain: tuple[tuple[str, float], ...]
) -> tuple[tuple[MatterFamily, float], ...]:
    """See `family_weights`: most reforms leave each domain its part of the block, so few structures differ here."""
    families = catalogue.streams(*SHARE)[stream]
    usual = parts_of_families(families, _units(catalogue, CONVENTIONAL, SHARE[families[0].block]))
    weights = np.array([[m.block_share * m.fits(domain) for m in families] for domain, _ in of_domain])
    rows = np.array([share for _, share in of_domain])
    factors = scaled(weights, rows / rows.sum(), np.array([usual[m.matter] for m in families]))
    return tuple((m, m.block_share * f) for m, f in zip(families, factors.tolist(), strict=True))


def unkept(catalogue: Catalogue, structure: Structure) -> Iterator[MatterFamily]:
    """Of each stream whose families cannot all keep their minutes in a structure the one that is furthest off."""
    for stream, families in catalogue.streams(*SHARE).items():
        try:
            family_weights(catalogue, structure, stream)
        except ArithmeticError as error:
            yield families[error.args[1]]


def _units(catalogue: Catalogue, structure: Structure, column: str) -> list[tuple[str, float]]:
    return [(u.domain, share) for u in units_of(catalogue, structure) if (share := getattr(u, column))]
