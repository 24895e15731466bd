"""Paired comparison: intervals, Holm, pairing, failed runs, the number of replications."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from comparisons import county, done, queue, short
from scipy import stats

import sim.analysis.compare as module
from sim.analysis.compare import assemble, compare
from sim.analysis.comparison import Comparison, not_precise
from sim.analysis.intervals import estimate, holm, is_constant, paired_p, variance_ratio
from sim.outcomes import smallest_effect
from sim.scenario import ScenarioError, load


def made(values: dict[str, list[float]], outcome: str = "on_time_share") -> Comparison:
    """A comparison of runs with given values of one outcome."""
    plans = {name: load("textbook/mm5") for name in values}
    seeds = tuple(range(1, len(next(iter(values.values()))) + 1))
    runs = [
        (name, done(plans[name], seed, **{outcome: values[name][seed - 1]}))
        for seed in seeds
        for name in plans
    ]
    return assemble(plans, runs, seeds)


# --- intervals ---


def test_interval_is_students():
    x = np.array([3.1, 2.7, 3.9, 3.3, 2.2])
    low, high = stats.ttest_1samp(x, 0).confidence_interval(0.95)
    found = estimate(x)
    assert (found.mean, found.low, found.high) == pytest.approx((x.mean(), low, high), rel=1e-12)
    assert found.n == 5


def test_one_value_has_no_interval():
    found = estimate([2.0])
    assert found.mean == 2.0
    assert not found.has_interval and not found.excludes_zero
    assert math.isnan(found.half_width)


def test_undefined_values_are_never_averaged_away():
    found = estimate([1.0, float("nan"), 3.0])
    assert math.isnan(found.mean) and not found.has_interval
    assert (found.n, found.n_undefined) == (3, 1)
    assert math.isnan(estimate([]).mean)


def test_what_cannot_vary_has_an_interval_of_width_zero():
    found = estimate([0.1 + 0.2, 0.3, 0.3])
    assert found.low == found.high and found.sd == 0.0
    assert is_constant(np.zeros(3)) and not is_constant(np.array([0.0, 1e-15]))
    assert math.isnan(paired_p([0.5, 0.5, 0.5]))


def test_tiny_differences_are_not_worth_naming():
    tiny = made({"a": [0.80, 0.82, 0.81], "b": [0.801, 0.8212, 0.8109]})
    assert tiny.difference("b", "on_time_share")["verdict"] == "negligible"  # a tenth of a point
    large = made({"a": [0.80, 0.82, 0.81], "b": [0.83, 0.852, 0.841]})
    assert large.difference("b", "on_time_share")["verdict"] == "better"
    wide = made({"a": [0.80, 0.82, 0.81], "b": [0.70, 0.92, 0.81]})
    assert wide.difference("b", "on_time_share")["verdict"] == "cannot tell"
    assert smallest_effect("on_time_share", 0.2) == 0.005 and smallest_effect("on_time_share", 0.2, False) == 0.002


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, float("nan"), 0.001]) == pytest.approx([0.5, float("nan"), 0.002], nan_ok=True)
    assert holm([0.9, 0.8]) == pytest.approx([1.0, 1.0])
    assert holm([]).size == 0


def test_coverage_is_below_nominal_for_few_skewed_runs():
    # M/M/1 from empty at a load of 0.9, mean wait of the first 25: truth 2.124489 (VERIFY.md B4)
    rng = np.random.default_rng(20260101)
    runs = 20_000
    wait, total = np.zeros(runs), np.zeros(runs)
    for _ in range(25):
        total += wait
        wait = np.maximum(0.0, wait + rng.exponential(0.9, runs) - rng.exponential(1.0, runs))
    means = total / 25
    truth = 2.124489
    assert means.mean() == pytest.approx(truth, abs=0.06)
    for n, coverage in ((5, 0.838), (10, 0.859)):
        found = [estimate(sample, 0.90) for sample in means[: 2_000 * n].reshape(2_000, n)]
        assert np.mean([x.low <= truth <= x.high for x in found]) == pytest.approx(coverage, abs=0.03)


def test_variance_ratio():
    rng = np.random.default_rng(7)
    a = rng.normal(size=400)
    assert variance_ratio(a, a + 1.0) == pytest.approx(0.0, abs=1e-12)
    assert variance_ratio(a, rng.normal(size=400)) == pytest.approx(1.0, abs=0.2)
    assert math.isnan(variance_ratio([1.0, 1.0], [2.0, 2.0]))
    assert math.isnan(variance_ratio([1.0], [2.0]))


# --- verdicts ---


def test_verdict_only_when_the_interval_excludes_zero():
    clear = made({"a": [0.50, 0.51, 0.52], "b": [0.60, 0.62, 0.61]})
    assert clear.difference("b", "on_time_share")["verdict"] == "better"
    turned = made({"b": [0.60, 0.62, 0.61], "a": [0.50, 0.51, 0.52]})
    assert turned.difference("a", "on_time_share")["verdict"] == "worse"
    unclear = made({"a": [0.5, 0.6, 0.4], "b": [0.6, 0.4, 0.55]})
    assert unclear.difference("b", "on_time_share")["verdict"] == "cannot tell"
    assert (
        made({"a": [3.0, 3.1], "b": [9.0, 9.1]}, "p90_days").difference("b", "p90_days")["verdict"] == "worse"
    )
    assert (
        made({"a": [3.0, 3.1], "b": [9.0, 9.1]}, "officials").difference("b", "officials")["verdict"]
        == "different"
    )


def test_pairing_uses_the_seeds():
    noise = [0.0, 5.0, -3.0, 8.0, 1.0]
    found = made({"a": noise, "b": [x + 1 + 0.01 * i for i, x in enumerate(noise)]}).difference(
        "b", "on_time_share"
    )
    assert found["high"] - found["low"] < 0.1
    assert found["variance_ratio"] < 0.001


def test_one_replication_claims_nothing():
    found = made({"a": [1.0], "b": [2.0]})
    row = found.difference("b", "on_time_share")
    assert row["verdict"] == "no interval" and math.isnan(row["low"]) and math.isnan(row["p_holm"])
    assert "n = 1: no interval" in found.notes


def test_undefined_outcome_has_no_mean():
    found = made({"a": [1.0, float("nan")], "b": [1.0, 2.0]})
    row = found.difference("b", "on_time_share")
    assert row["verdict"] == "undefined" and row["n_undefined"] == 1 and math.isnan(row["mean"])
    assert found.to_dict()["differences"][0]["mean"] is None


def test_failed_run_is_a_row_and_its_pair_is_left_out():
    plan = load("textbook/mm5")
    runs = [(name, done(plan, seed, "boom" if (name, seed) == ("b", 2) else "", on_time_share=seed + i))
            for seed in (1, 2, 3) for i, name in enumerate("ab")]  # fmt: skip
    found = assemble({"a": plan, "b": plan}, runs, (1, 2, 3))
    assert found.n_failed == 1
    assert found.failures.to_dict("records") == [{"option": "b", "seed": 2, "reason": "boom"}]
    assert found.level("a", "on_time_share")["n"] == 3
    assert found.difference("b", "on_time_share")["n"] == 2
    assert any("1 of 6 runs failed" in note for note in found.notes)


# --- the number of replications ---


def fake_runs(monkeypatch, sd: float) -> list[int]:
    """Let runs be normal noise of one outcome; returns the list to which the seeds run are added."""
    asked = []

    def run_many(jobs, **_):
        asked.extend(seed for _, seed in jobs)
        return [done(plan, seed, on_time_share=0.5 + 0.1 * plan.scenario.officials[0].count
                     + float(np.random.default_rng((seed, plan.scenario.officials[0].count)).normal(0, sd)))
                for plan, seed in jobs]  # fmt: skip

    monkeypatch.setattr(module, "run_many", run_many)
    return asked


def auto():
    plan = load("textbook/mm5")
    return compare({"a": plan, "b": plan.vary({"officials.clerk.count": 6})}, "auto")


def test_auto_stops_when_known(monkeypatch):
    asked = fake_runs(monkeypatch, 0.001)
    found = auto()
    assert found.seeds == (1, 2, 3, 4, 5) and len(asked) == 10 and found.asked == "auto"
    assert "5 replications give every headline difference" in found.notes[-1]
    assert not not_precise(found)


def test_auto_goes_on_without_running_a_seed_twice(monkeypatch):
    asked = fake_runs(monkeypatch, 0.01)
    found = auto()
    assert 5 < len(found.seeds) < 31
    assert len(asked) == 2 * len(found.seeds) == 2 * len(set(asked))


def test_auto_says_when_the_budget_is_exhausted(monkeypatch):
    fake_runs(monkeypatch, 5.0)
    found = auto()
    assert len(found.seeds) == 31
    assert "budget of 31 replications is exhausted" in found.notes[-1]
    assert not_precise(found) == ["on_time_share (b)"]


def test_mean_zero_is_known_by_the_level():
    assert not not_precise(made({"a": [0.9000, 0.9001, 0.9002], "b": [0.9001, 0.9000, 0.9002]}))
    assert not_precise(made({"a": [0.9, 0.9001], "b": [0.9001, 0.9]})) == ["on_time_share (b)"]


@pytest.mark.parametrize("given", [0, -1, 1.5, True, "many"])
def test_replications_must_be_a_count_or_auto(given):
    with pytest.raises(ValueError, match="replications must be"):
        compare(("conventional100", "lean40"), given)


def test_needs_two_options():
    with pytest.raises(ValueError, match="at least one option"):
        compare({"only": "lean40"})
    with pytest.raises(ValueError, match="the same name"):
        compare(["lean40", "lean40"])


# --- real runs ---


def test_more_clerks_wait_less():
    found = queue()
    assert found.options == ("six",) and found.base == "five"
    assert found.difference("six", "p90_days")["verdict"] == "better"
    # who is present when the ledgers open counts as opened: the arrivals after that are the same
    assert (
        abs(found.difference("six", "requests_opened")["mean"])
        < 0.01 * found.level("five", "requests_opened")["mean"]
    )
    assert found.n_failed == 0


def test_same_plan_twice_is_the_same_in_every_run():
    plan = load("textbook/mm5").vary({"run.days": 6})
    found = compare({"a": plan, "b": plan}, 2, workers=1)
    defined = found.differences[found.differences["n_undefined"] == 0]
    assert (defined["mean"] == 0).all() and (defined["verdict"] == "same in every run").all()


def test_county_is_told_by_month_and_matter():
    found = county()
    assert {"on_time_share", "officials", "paid_people"} <= set(found.outcomes)
    assert found.difference("lean40", "officials")["mean"] == 1863 - 4658
    assert len(found.months) == 4 and (found.months["people_official"] > 0).all()
    table = found.by_matter("lean40")
    assert {"petition_land", "one_thing_birth"} <= set(table["matter"])
    row = table.set_index("matter").loc["petition_land"]
    if not row["n_undefined"]:
        assert row["mean"] == pytest.approx(row["option"] - row["base"])


def test_document_has_no_undefined_numbers():
    import json

    json.loads(json.dumps(county().to_dict(), allow_nan=False))


@pytest.mark.slow
def test_workers_do_not_change_a_comparison():
    plans = {n: short(n) for n in ("conventional100", "lean40")}
    two = compare(plans, 2, workers=2)
    for name, frame in county().tables().items():
        pd.testing.assert_frame_equal(frame, two.tables()[name])


def test_options_that_live_other_days_are_refused():
    with pytest.raises(ScenarioError, match="run.end: 2019-10-20 here, 2019-10-31 in lean40"):
        compare({"lean40": short("lean40"), "early": short("lean40", **{"run.end": "2019-10-20"})}, 1, workers=1)


def test_a_queue_and_a_county_are_refused():
    with pytest.raises(ScenarioError, match="queue is a queue and lean40 a county"):
        compare({"lean40": short("lean40"), "queue": "textbook/mm5"}, 1, workers=1)


def test_another_world_is_named():
    other = short("lean40", **{"world.demand_factor": 1.2})
    found = compare({"lean40": short("lean40"), "more asked": other}, 1, workers=1)
    assert any("world.demand_factor 1.0 → 1.2" in note for note in found.notes)
