"""What is in force on which day, identity, and variation."""

from __future__ import annotations

import datetime
import json
import pickle
import time

import numpy as np
import pytest

from sim.scenario import Plan, ScenarioError, load
from sim.scenario.levers import Levers
from sim.scenario.timeline import ramp_value

DAY = datetime.date
ONE = datetime.timedelta(days=1)


def with_reforms(*reforms, name="lean40", **changes):
    return load(name).vary({"reforms": list(reforms), **changes})


def functions(plan, day):
    return plan.settings(day).levers.transfer.functions


def test_longgangs_dated_path():
    plan = load("lean40")
    assert plan.settings(DAY(2019, 9, 24)).levers == Levers(), "the run-in is conventional"
    assert plan.settings(DAY(2019, 9, 25)).levers.structure == "lean"
    assert [functions(plan, DAY(2020, 9, d)) for d in (17, 18)] == [0, 27]
    assert [plan.settings(DAY(2020, 9, d)).levers.grids for d in (27, 28)] == [336, 384]
    assert functions(plan, DAY(2020, 11, 30)) == 27 < functions(plan, DAY(2020, 12, 1)) < 27.1
    assert functions(plan, DAY(2025, 1, 1)) == 85 == functions(plan, DAY(2025, 12, 31))
    assert plan.settings(DAY(2025, 1, 1)).levers.grids == 484
    assert plan.change_dates() == (
        DAY(2019, 9, 25), DAY(2020, 1, 5), DAY(2020, 9, 16), DAY(2020, 9, 18), DAY(2020, 9, 28), DAY(2020, 12, 1),
        DAY(2022, 1, 1), DAY(2023, 11, 15), DAY(2025, 1, 1),
    )  # fmt: skip
    levers = [plan.settings(DAY(y, 1, d)).levers for y, d in ((2020, 4), (2020, 5), (2022, 1), (2025, 1))]
    assert [(x.stationed_share, x.task_force_share, x.rotating_share) for x in levers] == [
        (0, 0, 0), (0.333, 0.10, 0), (0.333, 0, 0), (0, 0, 0.70)]  # fmt: skip


def test_the_run_in_is_the_same_under_every_option():
    early = DAY(2019, 8, 1)
    options = [load(name) for name in ("conventional100", "conventional40", "lean40", "lean60", "lean100")]
    assert len({plan.structural_key(early) for plan in options}) == 1
    assert len({plan.settings(early).levers for plan in options}) == 1
    own = load("lean40").vary({"run.run_in_structure": "own"})
    assert own.settings(early).levers.structure == "lean"


def test_a_reform_has_its_first_effect_on_its_date_and_a_ramp_ends_when_it_says():
    at = DAY(2021, 3, 10)
    plan = with_reforms({"date": at, "what": "levers.liaison_factor", "to": 0.5, "ramp_days": 4})
    values = [plan.settings(at + i * ONE).levers.liaison_factor for i in range(-1, 6)]
    assert values == pytest.approx([1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.5])
    assert ramp_value(1.0, 0.5, 0, 0) == 0.5


def test_a_structural_number_moves_on_the_ends_of_its_ramp_and_on_first_days_of_months():
    at = DAY(2021, 1, 15)
    plan = with_reforms({"date": at, "what": "levers.off_quota_workers", "to": 2700, "ramp_days": 60})
    last = at + 60 * ONE
    assert plan.change_dates() == (DAY(2019, 9, 25), at, DAY(2021, 2, 1), DAY(2021, 3, 1), last)
    keys = [plan.structural_key(at + i * ONE) for i in range(-1, 62)]
    assert sum(a != b for a, b in zip(keys, keys[1:], strict=False)) == 4
    workers = plan.settings(DAY(2021, 2, 1)).levers.off_quota_workers
    assert isinstance(workers, int) and workers == round(1700 + 1000 * 18 / 61)
    assert plan.settings(last).levers.off_quota_workers == 2700


def test_a_number_that_is_not_structural_moves_daily_and_rebuilds_nothing():
    plan = load("lean40")
    days = [DAY(2022, 1, 1) + i * ONE for i in range(100)]
    assert len({functions(plan, day) for day in days}) == 100
    assert len({plan.structural_key(day) for day in days}) == 1


def test_a_reform_within_a_ramp_goes_on_from_the_value_reached():
    plan = with_reforms(
        {"date": "2021-01-01", "what": "levers.liaison_factor", "to": 0.0, "ramp_days": 9},
        {"date": "2021-01-06", "what": "levers.liaison_factor", "to": 1.0, "ramp_days": 4},
    )
    values = [plan.settings(DAY(2021, 1, d)).levers.liaison_factor for d in (5, 6, 7, 10, 11)]
    assert values == pytest.approx([0.5, 0.6, 0.7, 1.0, 1.0])


def test_options_that_differ_from_a_day_on_are_the_same_before():
    a, b = with_reforms(), with_reforms({"date": "2020-09-18", "what": "levers.transfer.functions", "to": 1})
    day = DAY(2019, 9, 25)
    while day < DAY(2020, 9, 18):
        left, right = a.settings(day), b.settings(day)
        assert (left.levers, left.world, left.behaviour) == (right.levers, right.world, right.behaviour)
        day += ONE


def test_frozen_headcount_may_fall_but_not_rise():
    frozen = {"levers.headcount": "frozen", "levers.staffing_share": 0.4}
    share = {"what": "levers.staffing_share", "date": "2022-03-01"}
    with_reforms({**share, "to": 0.35}, **frozen)
    with_reforms({**share, "to": 0.5}, {"what": "levers.headcount", "date": "2022-03-01", "to": "free"}, **frozen)
    with pytest.raises(ScenarioError, match="rises from 0.4 to 0.5 on 2022-03-01, while headcount is frozen"):
        with_reforms({**share, "to": 0.5}, **frozen)
    with pytest.raises(ScenarioError, match="while headcount is frozen"):
        with_reforms({**share, "to": 0.5, "ramp_days": 90}, **frozen)
    with pytest.raises(ScenarioError, match="rises from 0 to 5 on 2022-03-01, while headcount is frozen"):
        added = {"what": "levers.added_posts", "date": "2022-03-01", "to": 5}
        with_reforms(added, **frozen, **{"levers.added_posts_domain": "finance"})


def test_settings_are_cheap_and_the_same_object_while_nothing_changes():
    plan = load("lean40")
    days = [DAY(2019, 9, 25) + i * ONE for i in range(2290)]
    begin = time.perf_counter()
    for day in days:
        plan.settings(day)
    assert (time.perf_counter() - begin) / len(days) < 50e-6
    assert plan.settings(DAY(2020, 1, 5)) is plan.settings(DAY(2020, 9, 15))
    in_order = [functions(plan, day) for day in days]
    assert in_order[::-1] == [functions(plan, day) for day in reversed(days)], (
        "the order of asking does not matter"
    )


def test_a_plan_survives_pickle_and_json():
    for name in ("lean40", "conventional100", "textbook/mm5"):
        plan = load(name)
        copies = [pickle.loads(pickle.dumps(plan)), Plan.from_dict(json.loads(json.dumps(plan.to_dict())))]
        for copy in copies:
            assert copy == plan and hash(copy) == hash(plan) and copy.digest == plan.digest
            assert copy.name == plan.name and copy.data_folder == plan.data_folder
            assert copy.change_dates() == plan.change_dates()


def test_a_plan_and_its_settings_cannot_be_changed():
    plan = load("lean40")
    for model in (plan.scenario, plan.scenario.levers, plan.settings(DAY(2020, 1, 1)).levers):
        with pytest.raises(Exception, match="frozen"):
            model.title = 3
    with pytest.raises(AttributeError):
        plan.settings(DAY(2020, 1, 1)).levers = None


def test_vary_makes_a_new_valid_plan():
    plan = load("lean40")
    other = plan.vary({"levers.staffing_share": np.float64(0.5), "levers.posts_per_official": np.int64(2)})
    assert other.scenario.levers.staffing_share == 0.5 and plan.scenario.levers.staffing_share == 0.4
    assert (
        other != plan and other.vary({"levers.staffing_share": 0.4, "levers.posts_per_official": 3}) == plan
    )
    assert other.origin["levers.staffing_share"] == "lean40 (varied)"
    assert plan.vary({}) == plan
    assert plan.vary({}, name="again").name == "again"


def test_vary_reaches_elements_of_lists_by_name_or_index():
    plan = load("textbook/mm5")
    assert plan.vary({"officials.clerk.count": 6}) == plan.vary({"officials[0].count": 6})
    assert plan.vary({"officials.0.count": 6}).scenario.officials[0].count == 6
    other = plan.vary({"matters.enquiry.arrivals": {"law": "deterministic", "every_minutes": 2}})
    assert other.scenario.matters[0].arrivals.every_minutes == 2


def test_vary_replaces_the_length_of_the_run():
    plan = load("textbook/mm5")
    assert plan.vary({"run.minutes": 4400.5}).scenario.run.n_days == 4
    assert plan.vary({"run.end": DAY(2020, 1, 31)}).scenario.run.n_days == 31
    short = load("lean40").vary({"run.end": DAY(2019, 12, 31)})
    (warning,) = short.warnings
    assert warning.count(" on 20") == len(short.scenario.reforms) and short.change_dates() == (DAY(2019, 9, 25),)
    assert short.vary({"levers.grids": 384}).scenario.run.last_day == DAY(2019, 12, 31)
    assert short == load("lean40").vary({"run.days": 98, "reforms": []}), "what never happens has no digest"


@pytest.mark.parametrize(
    ("changes", "key", "expected"),
    [
        ({"levers.staffing_shar": 0.5}, "levers.staffing_shar", "did you mean staffing_share"),
        ({"levers.staffing_share.x": 0.5}, "levers.staffing_share.x", "nothing below"),
        ({"levers.staffing_share": float("nan")}, "levers.staffing_share", "not allowed"),
        ({"": 1}, "vary", "empty path"),
        ({3: 1}, "vary", "not a path"),
        ({"run.end": DAY(2018, 1, 1)}, "run.end", "before run.start"),
        (
            {"reforms": [{"date": "2030-01-01", "what": "levers.grids", "to": 384}]},
            "reforms[2030-01-01 levers.grids].date",
            "outside",
        ),
        ({"officials.clerk.count": 6}, "officials.clerk", "nothing"),
    ],
)
def test_vary_refuses_what_a_file_would_not_be_allowed(changes, key, expected):
    with pytest.raises(ScenarioError) as caught:
        load("lean40").vary(changes)
    assert any(p.key.startswith(key) and expected in str(p) for p in caught.value.problems), str(caught.value)


def test_from_dict_refuses_anything_else():
    for wrong in (None, {}, {"scenario": 3}, {"scenario": {"levers": {"x": 1}}}):
        with pytest.raises(ScenarioError):
            Plan.from_dict(wrong)


def test_the_data_digest_is_that_of_the_files(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "case.toml").write_text('extends = "lean40"\n[county]\ndata = "data"\n')
    empty = load(tmp_path / "case.toml").data_digest
    (tmp_path / "data" / "posts.csv").write_text("a,b\n1,2\n")
    assert load(tmp_path / "case.toml").data_digest != empty
    assert load("textbook/mm5").data_digest == ""


def test_a_later_start_keeps_what_was_inherited_in_force():
    plan = load("lean40")
    later = plan.vary({"run.start": DAY(2021, 3, 1), "run.end": DAY(2021, 12, 31), "run.run_in_days": 10})
    for day in (DAY(2021, 3, 1), DAY(2021, 7, 1)):
        assert later.settings(day).levers == plan.settings(day).levers, "also within a ramp"
    assert later.settings(DAY(2021, 2, 25)).levers == Levers()
    own = later.vary({"run.run_in_structure": "own"})
    assert own.settings(DAY(2021, 2, 25)).levers.stationed_share == 0.333
    early = [w for w in later.warnings if "in force from the first day" in w]
    assert len(early) == 1 and early[0].count(" on 20") == 6
    assert Plan.from_dict(later.to_dict()) == later
    with pytest.raises(ScenarioError, match="outside the run"):
        with_reforms({"date": "2019-01-01", "what": "levers.grids", "to": 384})
