"""Township work: what departments and townships keep each other busy with, family by family.

A department and a township make a pair, and each end of it does half. Without townships every family says which part
of its minutes moves up to departments and which down to communities; the rest is gone. Conventional minutes are up +
down + gone, in every family.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.scenario.catalogue import Catalogue, MatterFamily, Unit
from sim.scenario.catalogue_rows import TOWNSHIP_WORK
from sim.scenario.county_families import parts_of_families
from sim.scenario.county_standing import standing_work
from sim.scenario.county_work import Work, shares
from sim.scenario.places import Places, Sites
from sim.scenario.structures import CONVENTIONAL, Structure, units_of

COMMUNITY = "community"


@dataclass(frozen=True, slots=True)
class TownshipFamily:
    """A family of township work: its share of the whole block, and the parts of it that remain without townships.

    `share` adds up to 1 over the families; `up`, `down` and `gone` add up to 1 in each.
    """

    family: MatterFamily
    share: float
    up: float
    down: float

    @property
    def gone(self) -> float:
        """Part that nobody does any more."""
        return 1.0 - self.up - self.down


@dataclass(frozen=True, slots=True)
class Carrier:
    """A group that does township work: its part of the block's minutes by family, and the part it is laid out for."""

    group: str
    level: str
    parts: tuple[tuple[MatterFamily, float], ...]
    planned: float


def township_families(catalogue: Catalogue, gone: float | None = None) -> tuple[TownshipFamily, ...]:
    """The families of township work with their shares of the block and their ways without townships.

    A department's minutes go to the families of its field by weight. Townships are the other end of every pair, so a
    family's share of the block is its share of what the departments do.

    Args:
        catalogue: the county's tables.
        gone: part of the whole block that is gone without townships; None: as the table says. A larger part than the
            table's takes from what moves, in every family alike; a smaller one leaves less gone in every family alike,
            and what remains moves up and down as the family's other work does.
    """
    families = [m for m in catalogue.matters if m.block == TOWNSHIP_WORK]
    departments = [(u.domain, u.tasking_share) for u in _departments(catalogue) if u.tasking_share]
    share = parts_of_families(families, departments)
    of_table = sum(share[m.matter] * (1.0 - m.up_share - m.down_share) for m in families)
    found = []
    for m in families:
        moves = m.up_share + m.down_share
        kept = moves
        if gone is not None and gone > of_table:
            kept = moves * (1.0 - gone) / (1.0 - of_table)
        elif gone is not None and gone < of_table:
            kept = 1.0 - (1.0 - moves) * gone / of_table
        found.append(TownshipFamily(m, share[m.matter], kept * m.up_share / moves, kept * m.down_share / moves))
    return tuple(found)


def carriers(catalogue: Catalogue, structure: Structure, gone: float, refused: float) -> Iterator[Carrier]:
    """Who does which part of the block.

    With townships: departments the families of their fields, townships all of them. Without: departments what moves
    up, those of the field by `tasking_share`, and what communities refuse; communities the rest of what moves down.
    Posts and seats are laid out as if nothing were refused.

    Args:
        catalogue: the county's tables.
        structure: structure in force.
        gone: part of the block that is gone without townships.
        refused: part of what moves down that communities refuse (`levers.access_list`).
    """
    families = township_families(catalogue, gone)
    units = [u for u in units_of(catalogue, structure) if u.tasking_share]
    if structure.name == "conventional":
        for u in units:
            weights = [(f.family, f.share) for f in families]
            if u.kind == "department":
                weights = [(f.family, f.family.block_share) for f in families if f.family.fits(u.domain)]
            weight = sum(w for _, w in weights)
            parts = tuple((m, u.tasking_share * w / weight) for m, w in weights)
            yield Carrier(u.unit, u.level, parts, u.tasking_share)
        return
    of_field = [sum(u.tasking_share for u in units if f.family.fits(u.domain)) for f in families]
    for u in units:
        mine = [
            (f, f.share * u.tasking_share / total)
            for f, total in zip(families, of_field, strict=True) if f.family.fits(u.domain)
        ]  # fmt: skip
        parts = tuple((f.family, part * (f.up + refused * f.down)) for f, part in mine)
        yield Carrier(u.unit, u.level, parts, sum(part * f.up for f, part in mine))
    parts = tuple((f.family, f.share * f.down * (1.0 - refused)) for f in families)
    yield Carrier(COMMUNITY, COMMUNITY, parts, sum(f.share * f.down for f in families))


def add_township_work(
    work: Work, settings: Any, catalogue: Catalogue, where: Places, at: Sites, structure: Structure
) -> None:
    """Work of departments and townships with each other, or what remains of it without townships.

    Townships, like departments, share it evenly; communities by residents.
    """
    world = settings.world
    standing = standing_work(settings, catalogue, at, work)
    minutes = pairs(catalogue) * world.tasking_fte_per_pair * catalogue.value("available_minutes_per_post")
    by_residents = shares(where, at, "residents")[COMMUNITY]
    for c in carriers(catalogue, structure, world.township_work_gone, settings.levers.access_list):
        spread = by_residents if c.group == COMMUNITY else np.full(at.count[c.level], 1.0 / at.count[c.level])
        whole = minutes * sum(part for _, part in c.parts)
        standing.divide(c.parts, c.group, c.level, whole * spread, planned=minutes * c.planned * spread)


def pairs(catalogue: Catalogue) -> int:
    """Pairs of department and township in the conventional structure."""
    return sum(u.count for u in _departments(catalogue)) * len({c.township for c in catalogue.communities})


def _departments(catalogue: Catalogue) -> list[Unit]:
    """Rows of the conventional structure's departments; an office's row holds always."""
    return [u for u in catalogue.units if u.structure == CONVENTIONAL.name and u.kind == "department"]
