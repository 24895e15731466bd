"""Social organizations (社会组织、行业协会、专业机构): they enter when a market opens, bid, hire, learn, fail, leave.

Few and slow, they decide once a month in ordinary Mesa methods. Their staff are rows of the workers' table, so what
they promise is limited by the same hard capacity as everything else. Each has a post, and so a queue, of its own.
"""

from __future__ import annotations

import math

import mesa
import numpy as np

from sim.agents.columns import Column
from sim.agents.workers import US
from sim.chance.keys import MARKET, chance
from sim.scenario.calendar import WORKING_DAY_MINUTES

ORGANIZATION = np.dtype([
    ("id", "u8"), ("alive", "u1"), ("warned", "u1"), ("staff", "u2"), ("slots", "u2"), ("quality", "f4"),
    ("assessed", "f4"), ("experience_minutes", "f8"), ("committed", "f8"), ("cash", "i8"), ("served_before", "i8"),
    ("paid_before", "i8"), ("served_minutes", "i8"), ("months", "u4"), ("first_worker", "u4"), ("idle_months", "u4"),
    ("pressed_months", "u4"), ("missed", "u4"), ("begun", "u4")], align=True)
"""One row an organization; its staff slots are the workers `first_worker` … + `slots`."""

ENTER, FAIL, PRICE, HIRE = 0, 1, 2, 3
"""Kinds of decision, for keyed chances."""


def rawness(maturity: float) -> float:
    """How much worse than in a half-ripe market beginners are and organizations fare: 1.5 at maturity 0, 0.5 at 1."""
    return 1.5 - maturity


def quality_after(start: float, months_of_experience: float, parity_months: float) -> float:
    """Quality of an organization's work, 1 = in-house: rises evenly to parity with months of full experience."""
    return min(1.0, start + (1.0 - start) * months_of_experience / parity_months)


def learning_pace(experience_months: float, saved_per_doubling: float) -> float:
    """Pace of an experienced organization: a doubling of practice saves a share of the work (Wright 1936).

    Doublings of the first year's practice, at most three: practice cannot make work vanish.
    """
    doublings = min(np.log2(1.0 + experience_months / 12.0), 3.0)
    return float((1.0 - saved_per_doubling) ** -doublings)


def bid_score(weights: tuple[float, float, float], quality: float, price: float, lowest_price: float,
              experience_months: float) -> float:
    """Marks of a bid, 0 to 1: quality, price in proportion to the lowest, experience (half marks after a year).

    Args:
        weights: of quality, price, experience; they add up to 1.
        quality: share of full marks.
        price: of this bid.
        lowest_price: of the cheapest bid.
        experience_months: months of full work done since it was founded.
    """
    return (weights[0] * quality + weights[1] * lowest_price / price
            + weights[2] * experience_months / (experience_months + 12.0))


class SocialOrganization(mesa.Agent):
    """An organization that may take over functions of government."""

    is_alive = Column("organization", "alive", doc="1 while it exists")
    staff = Column("organization", "staff", doc="people employed for transferred functions")
    slots = Column("organization", "slots", doc="people it can employ for them")
    quality = Column("organization", "quality", doc="quality of its work, 1 = in-house")
    assessed = Column("organization", "assessed", doc="mark of its last assessment, 0 = never assessed")
    is_warned = Column("organization", "warned", doc="1 while it is warned: no new contracts, price withheld in part")
    committed = Column("organization", "committed", doc="full-time people whom its contracts need")
    experience_minutes = Column("organization", "experience_minutes", doc="minutes served since it was founded")
    cash = Column("organization", "cash", 100.0, doc="yuan")

    def __init__(self, model: mesa.Model, row: int):
        """View of row `row`."""
        super().__init__(model)
        self.row = int(row)

    @property
    def spec(self):
        """Its entry in the network: id, field, staff slots."""
        return self.model.network.organizations[self.row - 1]

    @property
    def field(self) -> str:
        """Field of work."""
        return self.spec.field

    def _chance(self, month: int, purpose: int) -> float:
        """Uniform of this organization, month and kind of decision; the same under every option."""
        return chance(self.model.root, self.model.tables.organization["id"][self.row], MARKET, month * 8 + purpose)

    @property
    def staff_rows(self) -> slice:
        """Rows of its staff slots in the workers' table."""
        row = self.model.tables.organization[self.row]
        first = int(row["first_worker"])
        return slice(first, first + int(row["slots"]))

    @property
    def pool(self) -> int:
        """Row of its queue."""
        t = self.model.kernel_tables
        return int(t.hold["pool"][t.worker["first_hold"][self.staff_rows.start]])

    @property
    def backlog_days(self) -> float:
        """Working days of waiting work, per person at work."""
        backlog = int(self.model.kernel_tables.pool["backlog"][self.pool])
        if not backlog:
            return 0.0
        return backlog / (WORKING_DAY_MINUTES * US * self.staff) if self.staff else math.inf

    @property
    def is_done(self) -> bool:
        """Whether nothing waits at it and nobody has work in hand."""
        t = self.model.kernel_tables
        return not t.pool["waiting"][self.pool] and not t.worker["request"][self.staff_rows].any()

    @property
    def _month_minutes(self) -> float:
        """Minutes of work that a person has in a month, at government and at organizations alike."""
        return self.model.market.minutes_per_year / 12.0

    @property
    def experience_months(self) -> float:
        """Months of full work of one person since it was founded."""
        return self.experience_minutes / self._month_minutes

    def employ(self, n: int) -> None:
        """Have the first n of its staff slots filled; the rest go home, what they had in hand returns to the queue."""
        rows = self.staff_rows
        active = np.zeros(rows.stop - rows.start, np.uint8)
        active[:n] = 1
        self.model.tables.life["active"][rows] = active
        self.model.tables.organization["staff"][self.row] = n

    def found(self, maturity: float) -> None:
        """Begin to exist with the quality of a beginner in such a market, some money, and nobody at work yet."""
        settings = self.model.settings
        row = self.model.tables.organization[self.row]
        for name in ("months", "served_minutes", "experience_minutes", "idle_months", "pressed_months", "missed",
                     "begun", "assessed", "warned"):
            row[name] = 0
        row["alive"] = 1
        row["quality"] = self._beginners_quality(maturity)
        row["cash"] = round(settings.behaviour.organization_reserve_months / 12.0 * 100.0 * self.yuan_per_person_year)
        self._set_work()

    def _beginners_quality(self, maturity: float) -> float:
        gap = 1.0 - self.model.settings.behaviour.organization_quality_start
        return max(0.0, 1.0 - gap * rawness(maturity))

    def _set_work(self) -> None:
        rows = self.staff_rows
        self.model.tables.worker["error"][rows] = 1.0 - self.quality
        self.model.tables.worker["pace"][rows] = learning_pace(
            self.experience_months, self.model.settings.behaviour.organization_learning_share)

    @property
    def yuan_per_person_year(self) -> float:
        """What one of its people costs it."""
        settings = self.model.settings
        return settings.world.official_yuan_per_year * settings.behaviour.organization_staff_cost_share

    def close(self) -> None:
        """Fail or leave: its people go, its open work returns to government."""
        self.model.tables.organization["alive"][self.row] = 0
        self.employ(0)

    def asks(self) -> float:
        """Price it asks, as a multiple of what a standard minute costs in-house; its own, whoever else bids."""
        behaviour = self.model.settings.behaviour
        lean = 2.0 * self._chance(0, PRICE) - 1.0
        return max(behaviour.organization_price + behaviour.organization_price_spread * lean, 0.05)

    def can_take(self, people: float) -> bool:
        """Whether it may bid: it exists, is not warned, and has the people for a lot of that size, or soon can."""
        soon = self.staff + self.model.settings.behaviour.organization_hires_ahead
        return bool(self.is_alive) and not self.is_warned and self.committed + people <= min(self.slots, soon)

    def quality_on_paper(self) -> float:
        """Quality that a tender sees: the last assessment; of a newcomer what it can show."""
        return self.assessed or self.quality

    def learn(self, served_us: int, maturity: float) -> None:
        """Add a month's practice: quality and pace follow; new staff dilute it."""
        behaviour = self.model.settings.behaviour
        row = self.model.tables.organization[self.row]
        row["served_minutes"] += served_us // US
        row["experience_minutes"] += served_us / US
        row["quality"] = quality_after(self._beginners_quality(maturity), self.experience_months / max(self.staff, 1),
                                       behaviour.organization_parity_months)
        self._set_work()

    def decide(self, month: int, maturity: float, has_contract: bool, is_in_market: bool) -> str:
        """Decide once a month; returns what happened: failed, broke, left, hired, shed or "".

        Args:
            month: number of the month (calendar), for keyed chances.
            maturity: of the market, 0 to 1.
            has_contract: whether it carries functions.
            is_in_market: whether functions of its field are in the market.
        """
        behaviour = self.model.settings.behaviour
        row = self.model.tables.organization[self.row]
        if self._chance(month, FAIL) < behaviour.organization_failure_per_year / 12.0 * rawness(maturity):
            self.close()
            return "failed"
        if row["cash"] < 0:
            self.close()
            return "broke"
        staff = int(row["staff"])
        used = row["served_minutes"] / (self._month_minutes * max(staff, 1))
        row["served_minutes"] = 0
        row["months"] += 1
        row["idle_months"] = 0 if used > behaviour.organization_idle_use else int(row["idle_months"]) + 1
        if is_in_market and row["idle_months"] >= behaviour.organization_leaves_after_months:
            self.close()
            return "left"
        if not has_contract:
            if staff and self.is_done:
                self.employ(0)
                return "shed"
            return ""
        wanted = max(1, math.ceil(self.committed))
        if staff < int(row["slots"]) and (
                staff < wanted or self.backlog_days > behaviour.organization_hire_backlog_days):
            if self._chance(month, HIRE) < maturity:    # a raw market has few people with the skill
                self.employ(staff + 1)
                return "hired"
            return ""
        if used < behaviour.organization_shed_use and staff > wanted:
            self.employ(staff - 1)
            return "shed"
        return ""

    def enters(self, month: int, share: float) -> bool:
        """Whether an organization that does not exist is founded this month, with that probability."""
        return self._chance(month, ENTER) < share
