"""Working days and working time."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario import due, moment, workdays, worked, working_time
from sim.scenario.working_time import DAY, MINUTE, NEVER

# Notices of the General Office of the State Council on public holidays, typed from the published notices:
# first and last day off, then the weekend days worked instead. 2020 with the extension to 2 February.
NOTICES = {
    2019: "01-01 01-01, 02-04 02-10, 04-05 04-07, 05-01 05-04, 06-07 06-09, 09-13 09-15, 10-01 10-07"
          " | 02-02 02-03 04-28 05-05 09-29 10-12",
    2020: "01-01 01-01, 01-24 02-02, 04-04 04-06, 05-01 05-05, 06-25 06-27, 10-01 10-08"
          " | 01-19 04-26 05-09 06-28 09-27 10-10",
    2021: "01-01 01-03, 02-11 02-17, 04-03 04-05, 05-01 05-05, 06-12 06-14, 09-19 09-21, 10-01 10-07"
          " | 02-07 02-20 04-25 05-08 09-18 09-26 10-09",
    2022: "01-01 01-03, 01-31 02-06, 04-03 04-05, 04-30 05-04, 06-03 06-05, 09-10 09-12, 10-01 10-07"
          " | 01-29 01-30 04-02 04-24 05-07 10-08 10-09",
    2023: "01-01 01-02, 01-21 01-27, 04-05 04-05, 04-29 05-03, 06-22 06-24, 09-29 10-06"
          " | 01-28 01-29 04-23 05-06 06-25 10-07 10-08",
    2024: "01-01 01-01, 02-10 02-17, 04-04 04-06, 05-01 05-05, 06-08 06-10, 09-15 09-17, 10-01 10-07"
          " | 02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    2025: "01-01 01-01, 01-28 02-04, 04-04 04-06, 05-01 05-05, 05-31 06-02, 10-01 10-08"
          " | 01-26 02-08 04-27 09-28 10-11",
}  # fmt: skip


def on(year, text):
    return datetime.date.fromisoformat(f"{year}-{text}")


@pytest.mark.parametrize("year", NOTICES)
def test_chinas_calendar_follows_the_state_councils_notices(year):
    off, made_up = NOTICES[year].split("|")
    first = datetime.date(year, 1, 1)
    n_days = (datetime.date(year + 1, 1, 1) - first).days
    expected = np.array([(first + datetime.timedelta(days=i)).weekday() < 5 for i in range(n_days)])
    for span in off.split(","):
        a, b = (on(year, text) for text in span.split())
        expected[(a - first).days : (b - first).days + 1] = False
    for text in made_up.split():
        assert on(year, text).weekday() >= 5
        expected[(on(year, text) - first).days] = True
    got = workdays("china", first, n_days)
    wrong = [str(first + datetime.timedelta(days=int(i))) for i in np.flatnonzero(got != expected)]
    assert not wrong
    assert 247 <= got.sum() <= 253


def test_a_span_over_several_years_is_the_years_put_together():
    whole = workdays("china", datetime.date(2019, 9, 25), 2290)
    assert whole.dtype == bool and len(whole) == 2290
    at = (datetime.date(2022, 1, 1) - datetime.date(2019, 9, 25)).days
    assert np.array_equal(whole[at : at + 365], workdays("china", datetime.date(2022, 1, 1), 365))


def test_the_other_calendars():
    friday = datetime.date(2020, 1, 3)
    assert workdays("continuous", friday, 5).tolist() == [True] * 5
    assert workdays("weekdays", friday, 5).tolist() == [True, False, False, True, True]
    assert workdays("china", friday, 0).tolist() == []
    with pytest.raises(ValueError, match="continuous, weekdays, china"):
        workdays("lunar", friday, 5)
    with pytest.raises(ValueError, match="negative"):
        workdays("china", friday, -1)


MONDAY = datetime.date(2020, 1, 6)


def office(n_days=28):
    return working_time([(540, 1020)], workdays("weekdays", MONDAY, n_days))


def at(day, clock):
    hour, minute = map(int, clock.split(":"))
    return day * DAY + (hour * 60 + minute) * MINUTE


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
    ((5, "12:00"), 0, (5, "12:00")),  # no time at all
    ((2, "10:30"), 1.5, (2, "10:31")),
]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_deadlines_of_an_office_from_monday_to_friday(case):
    start, minutes, expected = CASES[case]
    exact = at(*expected) + (MINUTE // 2 if minutes % 1 else 0)
    assert due(office(), at(*start), minutes) == exact


def test_a_lunch_break_a_holiday_and_a_make_up_day():
    table = working_time([(510, 720), (840, 1050)], workdays("china", datetime.date(2020, 9, 25), 30))
    # Friday 25 September, then Sunday 27 is worked, 1 to 8 October are off, Saturday 10 is worked
    assert table.per_day == 420 * MINUTE
    assert due(table, at(0, "11:30"), 60) == at(0, "14:30"), "over lunch"
    assert due(table, at(0, "17:00"), 60) == at(2, "09:00"), "from Friday to the worked Sunday"
    assert due(table, at(5, "17:00"), 60) == at(14, "09:00"), "over the National Day holidays"


def test_deadlines_beyond_the_table_never_come():
    table = office(7)
    got = due(table, np.array([0, 0, 0]), np.array([480.0 * 5, 480 * 5 + 1, np.inf]))
    assert got.tolist() == [at(4, "17:00"), NEVER, NEVER]
    assert due(working_time([(0, 1440)], workdays("continuous", MONDAY, 2)), 5, 1440.0) == DAY + 5


def test_windows_that_make_no_sense_are_refused():
    for windows in ([], [(600, 540)], [(540, 700), (690, 800)], [(0, 1441)], [(-5, 10)]):
        with pytest.raises(ValueError, match="window"):
            working_time(windows, np.ones(3, bool))


@settings(max_examples=200, deadline=None)
@given(
    edges=st.lists(st.integers(0, 1440), min_size=2, max_size=8, unique=True).filter(
        lambda e: len(e) % 2 == 0
    ),
    open_days=st.lists(st.booleans(), min_size=1, max_size=12),
    start=st.integers(0, 12 * 1440),
    minutes=st.integers(0, 6000),
)
def test_a_deadline_is_the_first_moment_at_which_the_work_fits(edges, open_days, start, minutes):
    """Against the plainest possible account: one bit per minute."""
    edges = sorted(edges)
    windows = list(zip(edges[::2], edges[1::2], strict=True))
    day = np.zeros(1440, bool)
    for a, b in windows:
        day[a:b] = True
    bits = np.concatenate([day if is_open else np.zeros(1440, bool) for is_open in open_days])
    table = working_time(windows, np.array(open_days))
    start = min(start, len(bits))
    before = np.concatenate([[0], np.cumsum(bits)])
    assert worked(table, start * MINUTE) == before[start] * MINUTE
    got = due(table, start * MINUTE, float(minutes))
    if minutes == 0:
        assert got == start * MINUTE
    elif before[-1] - before[start] < minutes:
        assert got == NEVER
    else:
        expected = int(np.flatnonzero(before >= before[start] + minutes)[0])
        assert got == expected * MINUTE
        assert worked(table, got) == before[start] * MINUTE + minutes * MINUTE
    assert moment(table, int(before[-1]) * MINUTE + 1) == NEVER
