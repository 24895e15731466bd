"""Social organizations (社会组织、行业协会、专业机构): they enter when a market opens, hire, learn, fail, leave.

Few and slow, they decide once a month in ordinary Mesa methods. Their staff are rows of the workers' table, so what
they promise is limited by the same hard capacity as everything else.
"""

from __future__ import annotations

import mesa
import numpy as np

from sim.agents.columns import Column
from sim.chance.keys import MARKET, chance

ORGANIZATION = np.dtype([
    ("id", "u8"), ("alive", "u1"), ("staff", "u2"), ("slots", "u2"), ("field", "u2"), ("quality", "f4"),
    ("experience_minutes", "f8"), ("served_before", "i8"), ("served_month", "i8"), ("months", "u4"),
    ("first_worker", "u4"), ("idle_months", "u4")], align=True)
"""One row an organization; its staff slots are the workers `first_worker` … + `slots`."""

MONTH_MINUTES = 9_100.0


def quality_after(start: float, months_of_experience: float, parity_months: float) -> float:
    """Quality of an organization's work, 1 = in-house: rises evenly to parity with months of full experience."""
    return min(1.0, start + (1.0 - start) * months_of_experience / parity_months)


def learning_pace(experience_minutes: float, saved_per_doubling: float) -> float:
    """Pace of an experienced organization: a doubling of practice saves a share of the work (Wright 1936).

    Bounded at three doublings: practice cannot make work vanish.
    """
    doublings = min(np.log2(1.0 + experience_minutes / MONTH_MINUTES / 12.0), 3.0)
    return float((1.0 - saved_per_doubling) ** -doublings)


class SocialOrganization(mesa.Agent):
    """An organization that may take over functions of government."""

    is_alive = Column("organization", "alive", doc="1 while it exists")
    staff = Column("organization", "staff", doc="people employed for transferred functions")
    quality = Column("organization", "quality", doc="quality of its work, 1 = in-house")
    experience_minutes = Column("organization", "experience_minutes", doc="minutes served since it was founded")

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
        """Field of work: the post that its staff hold."""
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

    def employ(self, n: int) -> None:
        """Have the first n of its staff slots filled; the rest go home, what they had in hand returns to the queue."""
        rows = self.staff_rows
        active = np.zeros(rows.stop - rows.start, np.uint8)
        active[:n] = 1
        self.model.tables.life["active"][rows] = active
        self.model.tables.organization["staff"][self.row] = n

    def found(self) -> None:
        """Begin to exist, small and with the quality of a beginner."""
        row = self.model.tables.organization[self.row]
        row["alive"], row["months"], row["experience_minutes"], row["idle_months"] = 1, 0, 0.0, 0
        row["quality"] = self.model.settings.behaviour.organization_quality_start
        self.model.tables.worker["error"][self.staff_rows] = 1.0 - float(row["quality"])
        self.model.tables.worker["pace"][self.staff_rows] = 1.0
        self.employ(1)

    def close(self) -> None:
        """Fail or leave: its people go, its open work returns to the queue of the field."""
        self.model.tables.organization["alive"][self.row] = 0
        self.employ(0)

    def review_month(self, month: int, backlog_days: float, has_contract: bool, entry_share: float) -> str:
        """Decide once a month; returns what happened: entered, failed, left, hired, shed or "".

        Args:
            month: number of the month (calendar), for keyed chances.
            backlog_days: working days of work that wait in its field, per person.
            has_contract: whether functions of its field are in the market.
            entry_share: probability that an organization that does not exist enters this month.
        """
        behaviour = self.model.settings.behaviour
        row = self.model.tables.organization[self.row]
        if not row["alive"]:
            if has_contract and self._chance(month, 0) < entry_share:
                self.found()
                return "entered"
            return ""
        rows = self.staff_rows
        served = int(self.model.tables.ledger["served"][rows].sum())
        minutes = (served - int(row["served_before"])) / 60e6
        row["served_before"] = served
        row["served_month"] = int(minutes)
        row["experience_minutes"] += minutes
        row["months"] += 1
        staff = int(row["staff"])
        experience_months = float(row["experience_minutes"]) / (MONTH_MINUTES * max(staff, 1))   # new staff dilute it
        row["quality"] = quality_after(behaviour.organization_quality_start, experience_months,
                                       behaviour.organization_parity_months)
        self.model.tables.worker["error"][rows] = 1.0 - float(row["quality"])
        self.model.tables.worker["pace"][rows] = learning_pace(
            float(row["experience_minutes"]), behaviour.organization_learning_share)
        if self._chance(month, 1) < behaviour.organization_failure_per_year / 12.0:
            self.close()
            return "failed"
        used = minutes / (MONTH_MINUTES * staff)
        row["idle_months"] = 0 if used > 0.1 else int(row["idle_months"]) + 1
        if has_contract and row["idle_months"] >= 24:
            self.close()
            return "left"
        if has_contract and backlog_days > behaviour.organization_hire_backlog_days and staff < int(row["slots"]):
            self.employ(staff + 1)
            return "hired"
        if used < 0.3 and staff > 1:
            self.employ(staff - 1)
            return "shed"
        return ""
