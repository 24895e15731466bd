"""Which days are working days: every day, Monday to Friday, or China's real calendar; how long days and years are.

China's statutory holidays move the weekend: the State Council declares some Saturdays and Sundays working
days (调休). The `holidays` package carries these notices; `tests/test_scenario_calendar.py` holds the notices
of 2019 to 2025 against it. For years without a notice the package knows the statutory holidays alone.
"""

from __future__ import annotations

import datetime
from functools import cache

import numpy as np

CALENDARS = ("continuous", "weekdays", "china")
"""Names of the calendars."""

MINUTES_PER_DAY = 1440.0
WORKING_DAY_MINUTES, WORKING_DAYS_PER_YEAR = 480, 250
"""The norm of working time: eight hours a day, 2,000 hours a year."""


def workdays(calendar_name: str, first_day: datetime.date, n_days: int) -> np.ndarray:
    """Whether each of `n_days` days from `first_day` on is a working day.

    Args:
        calendar_name: `continuous`, `weekdays` or `china`.
        first_day: the first day.
        n_days: how many days.

    Returns:
        Array of `n_days` booleans.

    Raises:
        ValueError: for an unknown calendar or a negative number of days.
    """
    if calendar_name not in CALENDARS:
        raise ValueError(f"unknown calendar {calendar_name!r}; allowed: {', '.join(CALENDARS)}")
    if n_days < 0:
        raise ValueError(f"n_days must not be negative, got {n_days}")
    if calendar_name == "continuous":
        return np.ones(n_days, dtype=bool)
    weekday = (first_day.weekday() + np.arange(n_days)) % 7
    open_days = weekday < 5
    if calendar_name == "china" and n_days:
        first = first_day.toordinal()
        for year in range(first_day.year, (first_day + datetime.timedelta(days=n_days - 1)).year + 1):
            for ordinal, is_open in china_exceptions(year):
                if first <= ordinal < first + n_days:
                    open_days[ordinal - first] = is_open
    return open_days


@cache
def china_exceptions(year: int) -> tuple[tuple[int, bool], ...]:
    """Days of a year in China that differ from Monday-to-Friday: (ordinal, is a working day).

    Holidays on weekdays are closed; weekend days that the State Council declared working days are open.
    """
    import holidays  # slow to import, and needed for the Chinese calendar only

    table = holidays.country_holidays("CN", years=year)
    found = []
    day = datetime.date(year, 1, 1)
    while day.year == year:
        is_open = bool(table.is_working_day(day))
        if is_open != (day.weekday() < 5):
            found.append((day.toordinal(), is_open))
        day += datetime.timedelta(days=1)
    return tuple(found)
