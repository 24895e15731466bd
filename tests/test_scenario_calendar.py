"""Working days."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from sim.scenario import workdays

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
