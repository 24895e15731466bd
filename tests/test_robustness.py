"""Margins, critical values, paths of overload and draws: exact on made-up numbers, true to a real run's ledger."""

import math

import numpy as np
import pandas as pd
import pytest
from comparisons import short

from sim.analysis.robustness import criteria, overload
from sim.analysis.robustness.critical import (
    CROSSES,
    FAILS,
    HOLDS,
    MANY,
    MIXED,
    UNDEFINED,
    critical_value,
    crossings,
)
from sim.analysis.robustness.draws import latin_hypercube, unknown
from sim.runs.run import run
from sim.scenario import load

# --- criteria ---

BASE = {"on_time_share": 0.9, "superior_on_time_share": 0.8, "overtime_hours_per_week": 0.0,
        "elastic_undone_share": 0.0, "thinned_share": 0.02}  # fmt: skip


def frame(**changed):
    return pd.DataFrame([{**BASE, **changed}])


@pytest.mark.parametrize(
    ("changed", "binding", "margin"),
    [
        ({}, "on_time_share", 1.0),
        ({"on_time_share": 0.875}, "on_time_share", 0.5),
        ({"on_time_share": 0.80}, "on_time_share", -1.0),
        ({"superior_on_time_share": 0.76}, "superior_on_time_share", 0.2),
        ({"overtime_hours_per_week": 10.0}, "overtime_hours_per_week", -0.25),
        ({"elastic_undone_share": 0.25}, "elastic_undone_share", -1.5),
        ({"thinned_share": 0.07}, "thinned_share", 0.5),
        ({"thinned_share": 0.07, "overtime_hours_per_week": 6.0}, "overtime_hours_per_week", 0.25),
    ],
)
def test_the_smallest_margin_is_the_verdict(changed, binding, margin):
    found = criteria.margins(frame(**changed), frame()).iloc[0]
    assert found["margin"] == pytest.approx(margin, abs=1e-12)
    assert found["holds"] == (margin >= 0)
    if changed:
        assert found["binding"] == binding


def test_slack_is_in_the_unit_of_the_measure_and_overtime_stands_alone():
    found = criteria.margins(frame(overtime_hours_per_week=5.0), frame(overtime_hours_per_week=7.0)).iloc[0]
    assert found["slack_overtime_hours_per_week"] == 3.0  # 8 - 5, whatever the base does
    assert found["slack_on_time_share"] == pytest.approx(0.05)


def test_an_undefined_measure_leaves_the_verdict_undefined():
    found = criteria.margins(frame(superior_on_time_share=math.nan, thinned_share=0.5), frame()).iloc[0]
    assert math.isnan(found["margin"]) and found["binding"] == "" and not found["holds"]


def test_margins_pair_by_index():
    option = pd.DataFrame([{**BASE, "on_time_share": x} for x in (0.9, 0.7)], index=["a", "b"])
    base = pd.DataFrame([{**BASE, "on_time_share": x} for x in (0.7, 0.9)], index=["b", "a"])
    assert criteria.margins(option, base)["margin"].tolist() == pytest.approx([1.0, 1.0])


def days(n, **columns):
    zero = {"employed_official": 10.0, "served_minutes_official": 90.0, "opened_resident": 10, "resolved_resident": 10,
            "late_resident": 1, "present_resident": 5, "opened_superior": 2, "resolved_superior": 2,
            "late_superior": 0, "present_superior": 4}  # fmt: skip
    return pd.DataFrame({name: np.broadcast_to(value, n) for name, value in {**zero, **columns}.items()})


def test_measures_look_at_the_last_year_alone():
    early = days(100, late_resident=10, overtime_minutes_official=6000.0)
    late = days(365, overtime_minutes_official=600.0, thinned_minutes_official=10.0)
    found = criteria.measures(pd.concat([early, late], ignore_index=True))
    assert found["on_time_share"] == pytest.approx(0.9)
    assert found["overtime_hours_per_week"] == pytest.approx(7.0)  # 10 hours a day among 10 people
    assert found["thinned_share"] == pytest.approx(0.1)
    assert found["elastic_undone_share"] == 0.0  # there is none


def test_a_growing_backlog_is_not_on_time():
    """100 came in, 50 were resolved in time and 50 lie there: half is on time, not all."""
    grown = days(10, resolved_resident=5, late_resident=0, present_resident=5 + 5 * np.arange(1, 11))
    assert criteria.measures(grown)["on_time_share"] == pytest.approx(0.5)


def test_elastic_work_is_undone_when_dropped_or_open():
    """20 lay there, 100 came in: 60 resolved, 30 dropped, 30 open."""
    some = days(10, opened_elastic=10, resolved_elastic=6, withdrawn_elastic=3, present_elastic=20 + np.arange(1, 11))
    assert criteria.measures(some)["elastic_undone_share"] == pytest.approx(60 / 120)


@pytest.fixture(scope="module")
def result():
    return run(short("lean40", **{"county.residents": 10_000}), 1, tables=("daily", "monthly"))


def test_what_the_measures_take_from_a_run_closes(result):
    """Open at first + opened = ended + open at the end, for every class of a real run."""
    daily = result.daily
    for name in ("resident", "superior", "elastic"):
        columns = [daily.get(f"{what}_{name}", 0) for what in ("opened", "resolved", "withdrawn", "blocked")]
        opened, *ended = (np.asarray(column, float)[1:].sum() if np.ndim(column) else 0.0 for column in columns)
        present = daily[f"present_{name}"]
        assert present.iloc[0] + opened == sum(ended) + present.iloc[-1]


def test_a_run_is_judged(result):
    found, months, years = criteria.judged(result)
    assert set(found) == set(criteria.MEASURES)
    assert all(0 <= found[name] <= 1 for name in criteria.MEASURES if name.endswith("share"))
    assert found["thinned_share"] == pytest.approx(float(result.summary["thinned_share"].iloc[0]), abs=0.02)
    assert found["overtime_hours_per_week"] == pytest.approx(
        float(result.summary["overtime_hours_per_week_last_year"].iloc[0]))  # fmt: skip
    assert list(months) == ["date", "days", "overtime_hours_per_week"]
    dates = pd.to_datetime(result.daily["date"])
    assert years["days"].sum() == len(dates) and list(years["date"]) == list(dates.groupby(dates.dt.year).max())
    assert (years["load"] > years["load_without_elastic"]).all() and (years["load_without_elastic"] > 0.1).all()


# --- critical values ---


def test_a_linear_response_crosses_where_it_must():
    grid = [1.0, 2.0, 4.0, 8.0]
    found = critical_value(grid, [[c - x for x in grid] for c in (2.5, 3.0, 3.5)])
    assert found.answer == CROSSES and found.holds == "below" and found.value == pytest.approx(3.0)
    assert found.low < 3.0 < found.high and str(found).startswith("holds below 3")
    rising = critical_value(grid, [[x - 6.0 for x in grid]])
    assert (rising.holds, rising.value) == ("above", 6.0) and math.isnan(rising.low)


def test_a_margin_of_exactly_zero_still_holds():
    assert crossings([0, 1, 2], [1.0, 0.0, -1.0]) == [1.0]
    assert critical_value([0, 1], [[0.0, 0.0]]).answer == HOLDS


@pytest.mark.parametrize(
    ("margins", "answer", "words"),
    [
        ([[3, 2, 1], [1, 1, 1]], HOLDS, "holds everywhere"),
        ([[-1, -2, -3], [-1, -1, -1]], FAILS, "fails everywhere"),
        ([[1, -1, 1], [2, -1, 2]], MANY, "not monotone: crosses 2 times"),
        ([[1, -1, -1], [1, 1, 1]], MIXED, "seeds differ: 1 cross once, 1 hold everywhere"),
        ([[1, 1, -1], [-1, 1, 1]], MIXED, "seeds differ: 2 cross once"),
        ([[1, math.nan, -1]], UNDEFINED, "undefined"),
    ],
)
def test_answers_that_are_no_number(margins, answer, words):
    found = critical_value([1, 2, 3], margins)
    assert found.answer == answer and math.isnan(found.value) and str(found) == words


@pytest.mark.parametrize(("grid", "row"), [([1], [1]), ([2, 1], [1, 1]), ([1, 2], [1, 1, 1])])
def test_a_grid_must_rise_and_fit(grid, row):
    with pytest.raises(ValueError, match="rising grid"):
        critical_value(grid, [row])


# --- overload ---


def series(hours, first_days=30):
    n = len(hours)
    return pd.DataFrame({"date": pd.date_range("2019-10-31", periods=n, freq="ME"), "overtime_hours_per_week": hours,
                         "days": [first_days, *[30] * (n - 1)]})  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "kind", "begins", "eases", "months"),
    [
        ([1, 8, 2, 3], overload.NEVER_BEGINS, None, None, 0),  # the limit itself is no overload
        ([1, 9, 9, 2, 2, 2], overload.EASES, "2019-11-30", "2020-01-31", 2),
        ([9, 2, 2, 2, 9, 1, 1, 1], overload.EASES, "2019-10-31", "2020-03-31", 2),  # the calm that stays
        ([9, 9, 9, 9], overload.NEVER_EASES, "2019-10-31", None, 4),
        ([9, 9, 2, 2], overload.NEVER_EASES, "2019-10-31", None, 2),  # two calm months are too few
        ([2, 2, 2, 9], overload.NEVER_EASES, "2020-01-31", None, 1),
    ],
)
def test_paths_of_overload(hours, kind, begins, eases, months):
    found = overload.overload_path(series(hours))
    assert (found.kind, found.n_over) == (kind, months)
    assert [str(day) if day else None for day in (found.begins, found.eases)] == [begins, eases]


@pytest.mark.parametrize(
    ("loads", "kind", "eases"),
    [
        ([0.9, 1.0, 0.8], overload.NEVER_BEGINS, None),  # what just fits is no overload
        ([1.3, 1.1, 0.9], overload.EASES, "2021-12-31"),
        ([1.3, 0.9, 1.1], overload.NEVER_EASES, None),
    ],
)
def test_paths_of_offered_load(loads, kind, eases):
    years = pd.DataFrame({"date": pd.date_range("2019-12-31", periods=3, freq="YE"), "days": [98, 366, 365],
                          "load": loads})  # fmt: skip
    found = overload.overload_path(years, "load", overload.LOAD_LIMIT, 1)
    assert found.kind == kind and (str(found.eases) if found.eases else None) == eases


def test_a_month_of_few_days_says_nothing():
    assert overload.overload_path(series([20, 1, 1, 1], first_days=6)).kind == overload.NEVER_BEGINS


def test_shares_of_paths():
    paths = [overload.overload_path(series(hours)) for hours in ([9, 1, 1, 1], [9, 9], [9, 9], [1, 1])]
    found = overload.shares(paths).set_index("kind")["share"].to_dict()
    assert found == {overload.NEVER_BEGINS: 0.25, overload.EASES: 0.25, overload.NEVER_EASES: 0.5}
    wilson = overload.share_of([True] * 5 + [False] * 5)
    assert wilson["low"] == pytest.approx(0.2366, abs=1e-4) and wilson["high"] == pytest.approx(0.7634, abs=1e-4)
    assert math.isnan(overload.share_of([])["share"])


# --- unknowns and draws ---


def test_a_hypercube_fills_every_part_once_and_minds_no_other_name():
    some = latin_hypercube(["a", "b"], 20)
    for column in some.values():
        assert sorted((column * 20).astype(int)) == list(range(20))
    more = latin_hypercube(["c", "a"], 20)
    assert (more["a"] == some["a"]).all() and not (more["c"] == some["a"]).any()
    assert not (latin_hypercube(["a"], 20, seed=2)["a"] == some["a"]).any()


def test_ranges_come_from_the_register():
    plan = load("lean40")
    work = unknown(plan, {"name": "work", "path": "world.county_task_minutes_million"})
    assert (work.low, work.current, work.high, work.is_world) == (35, 72, 130, True)
    assert work.grid(3) == [35, 72, 82.5, 130] and work.unit == "million minutes per year"
    pool = unknown(plan, {"name": "pool", "path": "world.conventional_post_pool_size"})
    assert pool.spread(0.5) == pytest.approx(math.sqrt(50))  # 1 to 50: even in the logarithm
    people = unknown(plan, {"name": "people", "path": "levers.off_quota_workers"})
    assert not people.is_world and all(isinstance(people.value(x), int) for x in people.grid(4))
    assert unknown(plan, {"name": "?", "path": "world.no_such_number"}) is None


def test_choices_and_lists():
    plan = load("lean40")
    rule = unknown(plan, {"name": "rule", "path": "levers.attention_rule", "both": True,
                          "values": ["fixed_shares", "superior_first", "deadline_first"]})  # fmt: skip
    assert rule.is_choice and [rule.value(x) for x in rule.grid(9)] == list(rule.values)
    assert [rule.spread(u) for u in (0.0, 0.34, 0.99)] == [0.0, 1.0, 2.0]
    stated = {"name": "s", "path": "levers.attention_shares", "at": [0.1, 0.4, 0.7], "unit": "share",
              "values": [[0.6, 0.1, 0.3], [0.4, 0.4, 0.2], [0.2, 0.7, 0.1]]}  # fmt: skip
    shares = unknown(plan, stated)
    assert shares.value(0.25) == pytest.approx((0.5, 0.25, 0.25)) and shares.current == 0.4
    plan.vary({"levers.attention_shares": shares.value(0.25)})
    with pytest.raises(ValueError, match="in force"):
        unknown(plan, {**stated, "at": [0.1, 0.7], "values": [[0.6, 0.1, 0.3], [0.2, 0.7, 0.1]]})
