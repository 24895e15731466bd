"""The yardstick of deadlines: working minutes counted by hand, and by the rule that the day uses."""

import datetime

import numpy as np
import pytest
from numba import uint64

from sim.agents.workers import US
from sim.compiled import kernel
from sim.scenario import workdays
from sim.scenario.network import Roster
from sim.service.build import microseconds
from sim.service.layout import DAY, NEVER, WINDOWS
from sim.service.windows import due_at

MONDAY = datetime.date(2020, 1, 6)


@kernel
def _due(opened, deadline, before, workday, pattern):
    day = opened // DAY
    return due_at(opened - day * DAY, deadline, day, uint64(before[day]), before[day + 1] > before[day], workday,
                  pattern[0])


def due(windows, first_day, calendar, n_days, opened, minutes):
    """Moment at which `minutes` of working time after `opened` have passed, by the engine's rule."""
    roster = Roster(id="r", windows=windows, calendar=calendar)
    pattern = np.zeros(1, WINDOWS)
    pattern["n"] = len(windows)
    for j, (start, end) in enumerate(roster.windows):
        pattern[f"start{j}"], pattern[f"end{j}"] = microseconds(start), microseconds(end)
    pattern["last_end"] = microseconds(windows[-1][1])
    a_day = sum(microseconds(e) - microseconds(s) for s, e in windows)
    is_open = workdays(calendar, first_day, n_days)
    before = np.concatenate(([0], np.cumsum(is_open))).astype(np.int64)
    pattern["minutes"] = a_day
    return _due(np.int64(opened), np.int64(round(minutes * US)), before, np.flatnonzero(is_open), pattern)


def office(opened, minutes, n_days=28):
    return due(((540.0, 1020.0),), MONDAY, "weekdays", n_days, opened, minutes)


def at(day, clock):
    hour, minute = map(int, clock.split(":"))
    return day * DAY + (hour * 60 + minute) * US


# Monday is day 0. Office hours 09:00 to 17:00: from, working minutes, due.
CASES = [
    ((4, "15:00"), 180, (7, "10:00")),  # Friday 15:00 + 3 h is Monday 10:00
    ((4, "15:00"), 120, (4, "17:00")),  # done exactly at the window's end
    ((0, "09:00"), 480, (0, "17:00")),
    ((0, "09:00"), 480 * 5, (4, "17:00")),
    ((0, "09:00"), 480 * 5 + 1, (7, "09:01")),
    ((0, "07:00"), 60, (0, "10:00")),  # before opening
    ((0, "20:00"), 60, (1, "10:00")),  # after closing
    ((5, "12:00"), 60, (7, "10:00")),  # on Saturday
]


@pytest.mark.parametrize("opened, minutes, expected", CASES)
def test_deadlines_of_an_office_from_monday_to_friday(opened, minutes, expected):
    assert office(at(*opened), minutes) == at(*expected)


def test_a_lunch_break_a_holiday_and_a_make_up_day():
    """Friday 25 September 2020; Sunday 27 is worked, 1 to 8 October are off, Saturday 10 is worked."""
    hours = ((510.0, 720.0), (840.0, 1050.0))

    def china(opened, minutes):
        return due(hours, datetime.date(2020, 9, 25), "china", 30, opened, minutes)

    assert china(at(0, "11:30"), 60) == at(0, "14:30"), "over lunch"
    assert china(at(0, "17:00"), 60) == at(2, "09:00"), "from Friday to the worked Sunday"
    assert china(at(5, "17:00"), 60) == at(14, "09:00"), "over the National Day holidays"


def test_deadlines_beyond_the_calendar_never_come():
    assert office(0, 480.0 * 5, 7) == at(4, "17:00")
    assert office(0, 480.0 * 5 + 1, 7) == NEVER
