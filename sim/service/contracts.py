"""What the market deals in: functions of the list, contracts, how ripe the market is, and the organizations' table."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np

from sim.agents.columns import table
from sim.agents.social_organizations import ORGANIZATION, SocialOrganization
from sim.chance.keys import declared_id


@dataclass(slots=True)
class Contract:
    """Functions of one field in the hands of one supplier.

    Attributes:
        functions: their places in the list. supplier: the organization. price: multiple of in-house cost.
        ends: ordinal of the first day after the term.
    """

    functions: tuple[int, ...]
    supplier: SocialOrganization
    price: float
    ends: int


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the list: its matter, field, and the people whom its work would keep busy in-house."""

    matter: str
    field: str
    people: float
    relieves: bool


def maturity(world, date: datetime.date, start: datetime.date, let_share: float) -> float:
    """Maturity of the market, 0 to 1: what it was at the start, what time adds, and what contracts teach it.

    `let_share`: functions in the hands of organizations as a share of the list.
    """
    years = max((date - start).days, 0) / 365.25
    return min(1.0, world.market_maturity + world.market_growth_per_year * years
               + world.market_growth_by_contracts * let_share)


def functions_of(network, people_per_minute: float) -> dict[int, Function]:
    """The list of transferable functions by place, sized by the work that a mean day's requests bring.

    Args:
        network: the county's network.
        people_per_minute: full-time people whom a minute a year keeps busy.
    """
    per_day: dict[str, float] = {}
    for s in network.streams:
        for p in s.split():
            per_day[p.matter] = per_day.get(p.matter, 0.0) + s.per_day * p.share
    found: dict[int, Function] = {}
    for m in network.matters:
        if m.transfer_step:
            step = next(s for s in m.steps if s.name == m.transfer_step)
            first, count = m.functions
            minutes = per_day.get(m.id, 0.0) * 365.25 * step.service.mean_minutes() / count
            for i in range(first, first + count):
                found[i] = Function(m.id, step.group.split("/")[1], minutes * people_per_minute, m.relieves)
    return found


def organization_table(network, first_worker: dict[str, int]) -> np.ndarray:
    """Table of the network's organizations, none founded yet. Row 0 none."""
    rows = table(len(network.organizations) + 1, ORGANIZATION)
    for i, organization in enumerate(network.organizations, start=1):
        rows["id"][i] = declared_id(organization.id)
        rows["slots"][i] = organization.staff
        rows["first_worker"][i] = first_worker[organization.id]
    return rows
