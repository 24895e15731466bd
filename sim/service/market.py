"""The market of social organizations, once a month: maturity, entry, hand-back."""

from __future__ import annotations

import datetime

import numpy as np

from sim.agents.columns import table
from sim.agents.social_organizations import ORGANIZATION
from sim.chance.keys import declared_id


def maturity(world, date: datetime.date, start: datetime.date, contracts_let: float) -> float:
    """Maturity of the market, 0 to 1: what it was at the start, what time adds, and half of what contracts teach it.

    `contracts_let`: functions in the market as a share of the catalogue.
    """
    years = max((date - start).days, 0) / 365.25
    return min(1.0, world.market_maturity + world.market_growth_per_year * years + 0.5 * contracts_let)


class Market:
    """Functions in the market, field by field, and what organizations did with them.

    Attributes:
        handed_back: share of each field's functions that government took back, by name of the field.
        events: what happened so far: entered, failed, left, hired, shed, handed_back (counts).
    """

    HAND_BACK_STEP = 0.25

    def __init__(self, fields: tuple[str, ...]):
        """Args: names of the fields of work."""
        self.handed_back = dict.fromkeys(fields, 0.0)
        self.pressed_months = dict.fromkeys(fields, 0)
        self.events = dict.fromkeys(("entered", "failed", "left", "hired", "shed", "handed_back"), 0)

    def review_month(self, county, date: datetime.date) -> None:
        """Let every organization decide, then take back what a field cannot deliver.

        A field that stays above the backlog limit for two months loses a quarter of its functions; one that has
        been idle of pressure for six months is trusted with them again.
        """
        settings = county.settings
        month = date.year * 12 + date.month
        functions = settings.levers.transfer.functions
        ripe = maturity(settings.world, date, settings.run.start, functions / county.n_transferable)
        dead = max(int((county.tables.organization["alive"][1:] == 0).sum()), 1)
        entry = min(settings.behaviour.organization_entry_per_month * ripe / dead, 1.0)
        backlog = {field: county.field_backlog_days(field) for field in self.handed_back}
        in_market = county.fields_in_market()
        for organization in county.organizations:
            field = organization.field
            event = organization.review_month(month, backlog[field], field in in_market, entry)
            if event:
                self.events[event] += 1
        for field, days in backlog.items():
            limit = settings.behaviour.organization_hand_back_backlog_days
            self.pressed_months[field] = max(self.pressed_months[field], 0) + 1 if days > limit else min(
                self.pressed_months[field], 0) - 1
            if self.pressed_months[field] >= 2 and self.handed_back[field] < 1.0:
                self.handed_back[field] = min(1.0, self.handed_back[field] + self.HAND_BACK_STEP)
                self.pressed_months[field] = 0
                self.events["handed_back"] += 1
            elif self.pressed_months[field] <= -6:
                self.handed_back[field] = max(0.0, self.handed_back[field] - self.HAND_BACK_STEP)
                self.pressed_months[field] = 0


def organization_table(network, first_worker: dict[str, int]) -> np.ndarray:
    """Table of the network's organizations, none founded yet. Row 0 none."""
    rows = table(len(network.organizations) + 1, ORGANIZATION)
    for i, organization in enumerate(network.organizations, start=1):
        rows["id"][i] = declared_id(organization.id)
        rows["slots"][i] = organization.staff
        rows["first_worker"][i] = first_worker[organization.id]
    return rows
