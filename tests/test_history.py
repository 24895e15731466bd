"""Longgang's own path, line by line: each row of the timeline against the scenario, and dates that nobody knows."""

from __future__ import annotations

import csv
import datetime

import pytest

from sim.scenario import ScenarioError, builtin_folder, load, register
from sim.scenario.evidence import value_at

FOLDER = builtin_folder() / "longgang"
with open(FOLDER / "timeline.csv", newline="", encoding="utf-8") as _file:
    ROWS = list(csv.DictReader(_file))
HISTORY = load("longgang_history")
ROLES = ("reform", "start", "target", "background", "part 2")


def sets(row):
    return [tuple(part.split(" = ")) for part in row["sets"].split("; ")] if row["sets"] else []


def written(value):
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def same(value, text):
    try:
        return float(value) == float(text) and not isinstance(value, bool)
    except (TypeError, ValueError):
        return written(value) == text


def reforms_of(row):
    return [r for r in HISTORY.scenario.reforms if r.note.partition(":")[0] == row["id"]]


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_row_of_the_timeline_is_what_it_says(row):
    assert row["role"] in ROLES and row["event"] and row["source"] and row["precision"]
    assert row["trust"] in ("sourced", "derived", "assumed", "from memory")
    reforms = reforms_of(row)
    assert len(reforms) == (len(sets(row)) if row["role"] == "reform" else 0)
    if row["role"] == "reform":
        for what, to in sets(row):
            reform = next(r for r in reforms if r.what == what)
            assert same(reform.to, to), what
            assert reform.date.isoformat() == row["date"]
            for name in ("earliest", "latest"):
                assert written(getattr(reform, name) or "") == row[name]
    elif row["role"] == "start":
        for what, value in sets(row):
            if what == "run.start":
                assert HISTORY.scenario.run.start.isoformat() == value
            elif ".csv" in what:
                value_at(what, FOLDER)
            else:
                assert same(value_at(f"{what}@longgang_history", FOLDER), value), what
    else:
        assert not sets(row) and not row["earliest"]
        assert row["role"] != "part 2" or "No lever yet" in row["note"]


def test_every_event_of_the_brief_has_its_row_and_every_reform_its_event():
    ids = {row["id"] for row in ROWS}
    assert len(ids) == len(ROWS)
    assert ids >= {
        "T00", "T01", "T02", "T03", "T04", "T05", "T06", "T06b", "T07", "T07b", "T07c", "T07d", "T08", "T09", "T10",
        "T11", "T12", "T13", "T13b", "T14", "T15", "T16", "T16c", "T16d", "T17", "T18", "T18b", "T19", "T20", "T21",
        "T22", "T22b", "T22c", "T22d", "T22e",
    }  # fmt: skip
    assert {r.note.partition(":")[0] for r in HISTORY.scenario.reforms} <= ids
    assert all(r.source for r in HISTORY.scenario.reforms)


def test_the_run_is_the_citys_and_ends_like_lean40():
    run = HISTORY.scenario.run
    assert (run.start.isoformat(), run.last_day.isoformat()) == ("2019-09-25", "2025-12-31")
    ours, lean = (p.settings(run.last_day).levers.model_dump() for p in (HISTORY, load("lean40")))
    assert {name for name in ours if ours[name] != lean[name]} == {"middle_units"}
    start = HISTORY.settings(run.start).levers
    conventional = load("conventional100").settings(run.start).levers.model_dump()
    assert {k for k, v in start.model_dump().items() if v != conventional[k]} == {"middle_units", "reform_start"}


def test_posts_are_never_added_after_the_frame():
    """The city's bottom line (T10c): no post is added because work grows."""
    days = sorted({r.date for r in HISTORY.scenario.reforms if r.date >= datetime.date(2019, 12, 16)})
    shares = [HISTORY.settings(day).levers.staffing_share for day in days]
    assert len(days) > 10 and shares == sorted(shares, reverse=True)
    assert round(4658 * shares[-1]) == 1863


def test_free_dates_stand_in_the_register_and_can_be_drawn():
    rows = [row for row in register(HISTORY) if row["unit"] == "date"]
    free = [r for r in HISTORY.scenario.reforms if r.earliest]
    assert len(rows) == len(free) >= 12
    for row in rows:
        assert row["low"] <= row["value"] <= row["high"] and row["status"] == "assumed"
    for bound in ("low", "high"):  # any dates within their bounds are a valid scenario
        drawn = HISTORY.vary({row["path"]: row[bound] for row in rows})
        assert drawn.digest != HISTORY.digest
        assert not drawn.warnings


def test_bounds_say_nothing_about_what_is_computed():
    i = next(i for i, r in enumerate(HISTORY.scenario.reforms) if r.earliest)
    latest = HISTORY.scenario.reforms[i].latest - datetime.timedelta(days=1)
    assert HISTORY.vary({f"reforms[{i}].latest": latest}).digest == HISTORY.digest


GRIDS = 'date = 2021-01-01\nwhat = "levers.grids"\nto = 384\n'
GRIDS_2021 = "reforms[2021-01-01 levers.grids]"
WRONG = [
    (GRIDS + "earliest = 2020-01-01", GRIDS_2021 + ".latest", "two bounds"),
    (GRIDS + "latest = 2021-06-01", GRIDS_2021 + ".earliest", "two bounds"),
    (GRIDS + "earliest = 2021-02-01\nlatest = 2021-06-01", GRIDS_2021 + ".date", "between its bounds"),
    (GRIDS + "earliest = 2020-02-01\nlatest = 2020-06-01", GRIDS_2021 + ".date", "between its bounds"),
    (GRIDS + "earliest = 2021-01-01\nlatest = 2021-01-01", GRIDS_2021, "the date is known"),
    (GRIDS + "earliest = 2018-01-01\nlatest = 2021-06-01", GRIDS_2021 + ".earliest", "outside the run"),
    (GRIDS + "earliest = 2020-01-01\nlatest = 2030-06-01", GRIDS_2021 + ".latest", "outside the run"),
    (GRIDS + 'earliest = "soon"\nlatest = 2021-06-01', GRIDS_2021 + ".earliest", "a date"),
    (GRIDS + 'earliest = 2020-01-01\nlatest = 2022-06-01\n[[reforms]]\ndate = 2022-01-01\nwhat = "levers.grids"\n'
     "to = 484", "reforms[2022-01-01 levers.grids].date", "do not overlap"),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(WRONG)))
def test_what_is_wrong_with_bounds_is_said_with_its_key(tmp_path, case):
    text, key, expected = WRONG[case]
    path = tmp_path / "case.toml"
    path.write_text(f'extends = "longgang/base"\n[run]\nend = 2025-12-31\n[[reforms]]\n{text}\n')
    with pytest.raises(ScenarioError) as caught:
        load(path)
    said = [str(p) for p in caught.value.problems if p.key == key]
    assert said and expected in said[0], [str(p) for p in caught.value.problems]
