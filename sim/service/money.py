"""Money: what a county spends, by line, in whole fen. The lines add up to the total because the total is their sum.

People are paid by the day they fill a seat; contracts by the work done (`sim.service.market`). Who supervises,
tenders and double-runs is paid as an official: that work is in the salaries and not counted again.
"""

from __future__ import annotations

import datetime
from collections import Counter

import numpy as np
import pandas as pd

from sim.agents.workers import KINDS, US
from sim.scenario.calendar import WORKING_DAY_MINUTES, WORKING_DAYS_PER_YEAR
from sim.service.ledgers import COLUMNS

PAYROLL = ("official", "off_quota", "community_worker", "grid_worker")
"""Kinds of people whom government pays; the staff of organizations are paid out of contracts."""
LINES = (*(f"salaries_{kind}" for kind in PAYROLL), "overtime", "contracts", "recruitment", "platform", "office")
"""Lines of cost."""
IN_OFFICES = ("official", "off_quota")
FEN = 100
PAID_MINUTES_PER_YEAR = WORKING_DAYS_PER_YEAR * WORKING_DAY_MINUTES
"""What a year's pay buys, absence included."""
_YEAR = 36_525                                  # hundredths of a day
_MILLI = 1_000
_EMPLOYED = {kind: COLUMNS.index(f"employed_{kind}") for kind in KINDS}
_OVERTIME = {kind: COLUMNS.index(f"overtime_{kind}") for kind in KINDS}


def yuan_per_person_year(world, kind: str) -> float:
    """Full cost of a person of a kind on the payroll."""
    return getattr(world, f"{kind}_yuan_per_year")


def office_yuan_per_person_year(world) -> float:
    """Running cost of the office floor kept for a person."""
    return world.office_square_metres_per_person * world.office_yuan_per_square_metre


def divided(a: int, b: int) -> int:
    """Quotient of two integers of any size, b > 0, rounded to the nearest integer (half up)."""
    return (2 * a + b) // (2 * b)


class Accounts:
    """Costs of a county, month by month, since the ledgers opened."""

    def __init__(self) -> None:
        self.overtime_by_paid_share: Counter[float] = Counter()
        """µs of officials' overtime, by the share of it that was paid on the day."""
        self.supervision_by_rate: Counter[float] = Counter()
        """µs of supervision of contracts, by an official's yuan a year on the day."""
        self._months: list[tuple[datetime.date, dict[str, int]]] = []
        self._sums = dict.fromkeys(LINES, 0)    # of the month so far: fen x hundredths of a year, or of a minute
        self._before = np.zeros(len(COLUMNS), np.int64)
        self._paid_before = self._hires_before = self._supervised_before = 0

    def add_day(self, row: np.ndarray, settings, hires: int, supervised_us: int) -> None:
        """Add a day, at the rates in force.

        Args:
            row: the day's cumulative sums (`sim.service.ledgers.COLUMNS`).
            settings: what is in force.
            hires: people who filled a vacancy since the ledgers opened.
            supervised_us: µs of supervision since then.
        """
        world, sums = settings.world, self._sums
        i = _OVERTIME["official"]
        self.overtime_by_paid_share[settings.levers.overtime_paid_share] += int(row[i] - self._before[i])
        self.supervision_by_rate[world.official_yuan_per_year] += supervised_us - self._supervised_before
        sums["recruitment"] += (hires - self._hires_before) * round(world.recruitment_yuan_per_hire * FEN)
        self._hires_before, self._supervised_before = hires, supervised_us
        share = round(settings.levers.overtime_paid_share * world.overtime_pay_factor * _MILLI)
        for kind in PAYROLL:
            fen = round(yuan_per_person_year(world, kind) * FEN)
            sums[f"salaries_{kind}"] += int(row[_EMPLOYED[kind]]) * fen
            if share:
                i = _OVERTIME[kind]
                sums["overtime"] += int(row[i] - self._before[i]) * fen * share
        people = sum(int(row[_EMPLOYED[kind]]) for kind in IN_OFFICES)
        sums["office"] += people * round(office_yuan_per_person_year(world) * FEN)
        sums["platform"] += round(world.platform_yuan_per_year * FEN)
        self._before = row.copy()

    def close_month(self, date: datetime.date, paid_fen: int) -> None:
        """Close a month, or the part of one that the run has.

        Args:
            date: its last day.
            paid_fen: paid to suppliers since the ledgers opened, fen.
        """
        sums = self._sums
        month = {line: divided(sums[line] * 100, _YEAR) for line in LINES}
        month["overtime"] = divided(sums["overtime"], PAID_MINUTES_PER_YEAR * US * _MILLI)
        month["contracts"] = paid_fen - self._paid_before
        month["recruitment"] = sums["recruitment"]
        self._months.append((date, month))
        self._sums = dict.fromkeys(LINES, 0)
        self._paid_before = paid_fen

    def total_fen(self) -> dict[str, int]:
        """Cost by line of all months closed, fen."""
        return {line: sum(month[line] for _, month in self._months) for line in LINES}

    def frame(self) -> pd.DataFrame:
        """One row a month and line: date, line, fen, yuan."""
        return pd.DataFrame(
            [(date, line, fen, fen / FEN) for date, month in self._months for line, fen in month.items()],
            columns=["date", "line", "fen", "yuan"])


def yuan_per_year(settings, network, functions) -> dict[str, float]:
    """What an option costs a year by plan: every seat filled, no overtime paid, contracts at the mean price.

    The base of equal-money scenarios. `functions`: the list (`sim.service.contracts.functions_of`); its first
    `levers.transfer.functions` are taken to be let.
    """
    world = settings.world
    people = dict.fromkeys(PAYROLL, 0)
    for worker in network.workers:
        if worker.kind in people:
            people[worker.kind] += 1
    let = [f for i, f in functions.items() if i < int(settings.levers.transfer.functions + 1e-9)]
    found = {f"salaries_{kind}": n * yuan_per_person_year(world, kind) for kind, n in people.items()}
    found["contracts"] = sum(f.people for f in let) * world.official_yuan_per_year * (
        settings.behaviour.organization_price)
    found["platform"] = world.platform_yuan_per_year
    found["office"] = sum(people[kind] for kind in IN_OFFICES) * office_yuan_per_person_year(world)
    return found
