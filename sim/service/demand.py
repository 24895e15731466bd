"""How much is asked on a day: growth, weekdays and holidays, as one factor for each driver of demand.

The shape is scaled so that a mean day of 2020–2024 has factor 1: a stream's `per_day` is then a mean over all
calendar days, and the scale depends on no scenario's horizon.
"""

from __future__ import annotations

import datetime
import math
from functools import cache

import numpy as np

from sim.scenario.calendar import workdays
from sim.scenario.world import World

RESIDENT_DRIVERS = ("residents", "businesses")
_REFERENCE_FIRST, _REFERENCE_LAST = datetime.date(2020, 1, 1), datetime.date(2024, 12, 31)
_LEAD_DAYS = 14


def _asked(first_day: datetime.date, n_days: int, weekend: float, holiday: float, after: float) -> np.ndarray:
    """Multiple of an ordinary working day that residents ask for on each day."""
    start = first_day - datetime.timedelta(days=_LEAD_DAYS)
    n = n_days + _LEAD_DAYS
    is_open = workdays("china", start, n)
    weekday = (start.weekday() + np.arange(n)) % 7
    is_holiday = ~is_open & (weekday < 5)
    shape = np.where(is_open, 1.0, weekend)
    shape[is_holiday] = holiday
    # the five working days after the last day of a holiday
    left = 0
    for d in range(n):
        if is_holiday[d]:
            left = 5
        elif is_open[d] and left:
            shape[d] = after
            left -= 1
    return shape[_LEAD_DAYS:]


@cache
def _reference(weekend: float, holiday: float, after: float) -> tuple[float, float]:
    """Mean of the residents' shape and share of working days over the reference years."""
    n = (_REFERENCE_LAST - _REFERENCE_FIRST).days + 1
    return (float(_asked(_REFERENCE_FIRST, n, weekend, holiday, after).mean()),
            float(workdays("china", _REFERENCE_FIRST, n).mean()))


def reform_factor(start: datetime.date | None, half_life_days: float, date: datetime.date) -> float:
    """Set-up work of a reform on a day, as a multiple of its mean over the first year: halves every half-life."""
    if start is None or date < start:
        return 0.0
    rate = math.log(2.0) / half_life_days * 365.25
    return rate / -math.expm1(-rate) * 0.5 ** ((date - start).days / half_life_days)


class DemandShape:
    """Daily shapes over a run, computed once."""

    def __init__(self, world: World, first_day: datetime.date, n_days: int):
        """Args: world conditions (weekday factors), first day and number of days of the run."""
        weekday = (world.weekend_demand, world.holiday_demand, world.after_holiday_demand)
        mean, open_share = _reference(*weekday)
        self.residents = _asked(first_day, n_days, *weekday) / mean
        self.standing = workdays("china", first_day, n_days) / open_share

    def factors(self, settings, day: int, date: datetime.date, drivers: tuple[str, ...]) -> list[float]:
        """Factor of each driver on a day; the unnamed driver of textbook streams is always 1."""
        world = settings.world
        years = max((date - settings.run.start).days, 0) / 365.25
        people = (1.0 + world.population_growth_per_year) ** years
        asked = world.demand_factor * (1.0 + world.demand_growth_per_year) ** years * people * self.residents[day]
        county = (1.0 + world.county_task_growth_per_year) ** years
        found = []
        for driver in drivers:
            if driver == "":
                found.append(1.0)
            elif driver in RESIDENT_DRIVERS:
                found.append(asked)
            else:
                factor = self.standing[day]
                if driver in ("county", "auxiliary_county"):
                    factor *= county
                elif driver == "liaison":
                    factor *= settings.levers.liaison_factor
                elif driver == "reform":
                    factor *= reform_factor(settings.levers.reform_start, world.reform_half_life_days, date)
                found.append(factor)
        return found
