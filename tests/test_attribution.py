"""Attribution of labour: exact, free of an order, right by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from comparisons import county, queue, turn_of_year
from hypothesis import given
from hypothesis import strategies as st

from sim.agents.workers import KINDS
from sim.analysis.attribution import CAUSES, average_split, split_by_seed, split_labour
from sim.analysis.labour import minutes_a_year, quality_by_year
from sim.analysis.shapley import factors_of_chain, shapley_of_product

AMOUNTS = st.one_of(st.just(0.0), st.floats(0.01, 1e6))


# --- Shapley ---


def test_two_factors_by_hand():
    # 2 x 3 -> 4 x 5: the first alone adds 6 or 10, the second 4 or 8
    assert shapley_of_product([2, 3], [4, 5]).astype(float) == pytest.approx([8.0, 6.0])


@given(st.integers(1, 7).flatmap(lambda n: st.tuples(st.lists(AMOUNTS, min_size=n, max_size=n),
                                                     st.lists(AMOUNTS, min_size=n, max_size=n))))  # fmt: skip
def test_parts_add_up_and_swap(pair):
    a, b = pair
    parts, back = shapley_of_product(a, b), shapley_of_product(b, a)
    scale = max(math.prod(a), math.prod(b), *(abs(float(x)) for x in parts), 1.0)
    assert float(parts.sum()) == pytest.approx(math.prod(b) - math.prod(a), abs=1e-12 * scale)
    assert parts.astype(float) == pytest.approx(-back.astype(float), abs=1e-12 * scale)


def test_order_of_factors_does_not_matter():
    a, b = [2.0, 3.0, 0.5, 7.0], [1.0, 4.0, 0.9, 0.0]
    order = [2, 0, 3, 1]
    turned = shapley_of_product([a[i] for i in order], [b[i] for i in order])
    assert turned.astype(float) == pytest.approx([float(shapley_of_product(a, b)[i]) for i in order])


def test_unchanged_factor_has_no_part():
    assert float(shapley_of_product([2, 3, 4], [5, 3, 1])[1]) == 0.0


@given(st.lists(AMOUNTS, min_size=7, max_size=7), st.lists(AMOUNTS, min_size=7, max_size=7))
def test_factors_multiply_to_the_last_amount(a, b):
    for chain, factors in zip((a, b), factors_of_chain(a, b), strict=True):
        assert math.prod(factors) == pytest.approx(chain[-1], rel=1e-9, abs=1e-9)


def test_work_that_does_not_arise_is_all_volume():
    factors = factors_of_chain([10, 8, 80, 84, 42, 40, 50], [0, 0, 0, 0, 0, 0, 0])
    assert shapley_of_product(*factors).astype(float) == pytest.approx([-50, 0, 0, 0, 0, 0, 0])


# --- hand-made ledgers ---


def ledger(**entries: float) -> pd.DataFrame:
    return pd.DataFrame([{"kind": "official", "entry": k, "minutes": v} for k, v in entries.items()])


def matter(
    name="a", block="county", opened=10.0, resolved=10.0, attention_class="superior", **by_kind: tuple
):
    """A matter with (standard, again, thinned, served) minutes of each kind."""
    row = {
        "matter": name,
        "block": block,
        "attention_class": attention_class,
        "opened": opened,
        "resolved": resolved,
    }
    for kind, values in by_kind.items():
        for what, value in zip(("standard", "again", "thinned", "served"), values, strict=True):
            row[f"{what}_{kind}_minutes"] = value
    return row


def split(base, option, **more) -> pd.Series:
    found = split_labour(base[0], option[0], pd.DataFrame(base[1]), pd.DataFrame(option[1]), **more)
    return found.set_index(["cause", "block", "kind"])["minutes"]


def test_each_cause_alone():
    def county_of(idle=0.0, absent=0.0, overtime=0.0, setup=0.0, handover=0.0, **work):
        row = matter(**{"official": (100.0, 0.0, 0.0, 100.0), **work})
        served = row["served_official_minutes"]
        paid = served + idle + absent + setup + handover - overtime
        return ledger(paid=paid, overtime=overtime, idle=idle, absent=absent, setup=setup, handover=handover,
                      county=served), [row]  # fmt: skip

    base = county_of()
    cases = {
        ("idle", "", ""): (county_of(idle=30), 30),
        ("overtime", "", ""): (county_of(overtime=20), -20),
        ("setup", "", ""): (county_of(setup=5), 5),
        ("handover_minutes", "", ""): (county_of(handover=6), 6),
        ("volume", "county", ""): (county_of(opened=5, resolved=5, official=(50.0, 0.0, 0.0, 50.0)), -50),
        ("undone", "county", ""): (county_of(resolved=5, official=(50.0, 0.0, 0.0, 50.0)), -50),
        ("content", "county", ""): (county_of(official=(80.0, 0.0, 0.0, 80.0)), -20),
        ("rework", "county", ""): (county_of(official=(110.0, 10.0, 0.0, 110.0)), 10),
        ("thinning", "county", ""): (county_of(official=(100.0, 0.0, 25.0, 75.0)), -25),
        ("pace", "county", ""): (county_of(official=(100.0, 0.0, 0.0, 120.0)), 20),
        ("transfer", "county", "organization_staff"): (
            county_of(official=(70.0, 0.0, 0.0, 70.0), organization_staff=(30.0, 0.0, 0.0, 30.0)), -30),
    }  # fmt: skip
    for cause, (option, minutes) in cases.items():
        found = split(base, option)
        assert found[cause] == pytest.approx(minutes)
        assert found.drop(cause).abs().max() == pytest.approx(0.0, abs=1e-9) if len(found) > 1 else True


def test_work_in_hand_at_the_turn_of_a_year_is_not_told_as_work_that_moved():
    def county_of(official, organization, served):
        row = matter(official=official, organization_staff=organization)
        return ledger(paid=served, county=served), [row]

    base = county_of((1000.0, 0.0, 0.0, 1000.0), (0.0,) * 4, 1000.0)
    for begun in (0.0, 1.0):          # all let, but 100 minutes of work begun last year are still done in-house
        option = county_of((begun, 0.0, 0.0, 100.0), (1000.0 - begun, 0.0, 0.0, 1000.0 - begun), 100.0)
        found = split(base, option)
        assert found.sum() == pytest.approx(-900)
        assert found["transfer", "county", "organization_staff"] == pytest.approx(-1000, rel=0.01)
        assert found["pace", "county", ""] == pytest.approx(100, rel=0.05)


def test_absence_splits_into_people_and_sickness():
    base = ledger(paid=1000, absent=100, idle=900), [matter(opened=0, resolved=0)]
    option = ledger(paid=400, absent=60, idle=340), [matter(opened=0, resolved=0)]
    found = split(base, option)
    assert found["absence_people", "", ""] == pytest.approx(-600 * (0.10 + 0.15) / 2)
    assert found["absence_rate", "", ""] == pytest.approx(0.05 * (1000 + 400) / 2)
    assert found.sum() == pytest.approx(-600)


def test_years_are_divided_out():
    base = ledger(paid=200, idle=200), [matter(opened=0, resolved=0)]
    option = ledger(paid=400, idle=400), [matter(opened=0, resolved=0)]
    assert split(base, option, years=(2.0, 4.0)).abs().sum() == 0.0


def test_ledger_and_matters_must_agree():
    with pytest.raises(ArithmeticError, match="matters hold"):
        split((ledger(paid=10, county=10), [matter(official=(5, 0, 0, 5))]),
              (ledger(paid=10, idle=10), [matter(opened=0, resolved=0)]))  # fmt: skip


def test_average_counts_a_missing_cause_as_nothing():
    rows = [{"seed": 1, "cause": "idle", "block": "", "kind": "", "minutes": -4.0},
            {"seed": 2, "cause": "idle", "block": "", "kind": "", "minutes": -6.0},
            {"seed": 2, "cause": "setup", "block": "", "kind": "", "minutes": 2.0}]  # fmt: skip
    found = average_split(pd.DataFrame(rows), ["cause"]).set_index("cause")["minutes"]
    assert found.to_dict() == {"idle": -5.0, "setup": 1.0}


def test_fewer_and_lighter_hand_overs():
    base = ledger(paid=60, handover=60), [{**matter(opened=0, resolved=0), "hand_overs": 20}]
    option = ledger(paid=10, handover=10), [{**matter(opened=0, resolved=0), "hand_overs": 10}]
    found = split(base, option)  # 20 of 3 minutes -> 10 of 1
    assert found["handover_number", "", ""] == pytest.approx(-10 * (3 + 1) / 2)
    assert found["handover_minutes", "", ""] == pytest.approx(-2 * (20 + 10) / 2)


def test_what_a_structure_has_less_of_is_a_cause_by_itself():
    def of(block, opened):
        minutes = 10.0 * opened
        row = matter(block=block, opened=opened, resolved=opened, official=(minutes, 0.0, 0.0, minutes))
        return ledger(paid=minutes, **{block: minutes}), [row]

    for block in ("unit_overhead", "staff", "tasking", "liaison", "auxiliary", "leading", "supervision"):
        assert split(of(block, 10), of(block, 4))[block, block, ""] == pytest.approx(-60)


# --- real runs ---


@pytest.mark.parametrize("kinds", [("official",), ("off_quota", "grid_worker"), KINDS])
def test_parts_of_a_county_add_up(kinds):
    found = county()
    parts = split_by_seed(found, "lean40", kinds)
    for seed in found.seeds:
        mine = found.ledgers[(found.ledgers["seed"] == seed) & (found.ledgers["entry"] == "paid")]
        mine = mine[mine["kind"].isin(kinds)].groupby("option")["minutes"].sum()
        years = found.summaries[found.summaries["seed"] == seed].set_index("option")["years"]
        paid = [mine[option] / years[option] for option in ("conventional100", "lean40")]
        part = parts[parts["seed"] == seed]
        assert (part["minutes"] / part["years"]).sum() == pytest.approx(paid[1] - paid[0], abs=1e-6)
    means = average_split(parts)["minutes"].sum()
    assert means == pytest.approx(average_split(parts, ["cause"])["minutes"].sum(), abs=1e-6)


def test_each_year_adds_up_to_its_own_ledger():
    found = turn_of_year()
    parts = split_by_seed(found, "lean40")
    paid = found.ledgers[(found.ledgers["entry"] == "paid") & (found.ledgers["kind"] == "official")]
    paid = paid.pivot(index=["seed", "year"], columns="option", values="minutes")
    sums = parts.groupby(["seed", "year"])["minutes"].sum()
    assert sorted(set(parts["year"])) == [2019, 2020]
    assert np.allclose(sums, paid["lean40"] - paid["conventional100"], atol=1e-3)
    whole = average_split(parts, ["cause"]).set_index("cause")["minutes"]
    by_year = average_split(parts, ["cause", "year"]).groupby("cause")["minutes"].sum()
    assert np.allclose(whole[by_year.index] * parts["years"].iloc[0], by_year)


def test_causes_are_all_named():
    assert set(split_by_seed(county(), "lean40")["cause"]) <= set(CAUSES)
    assert len(set(CAUSES)) == len(CAUSES)


def test_quality_is_told_beside_the_minutes():
    found = quality_by_year(turn_of_year()).set_index(["option", "year", "measure"])["mean"]
    for option in ("conventional100", "lean40"):
        first, second, whole = (found[option, year, "late"] for year in (2019, 2020, 0))
        assert min(first, second) <= whole <= max(first, second)
        assert 0.0 < found[option, 0, "came_back"] < 0.2


def test_swapping_base_and_option_changes_signs():
    found = county()
    there = split_by_seed(found, "lean40")
    swapped = replace(found, plans=dict(reversed(found.plans.items())))
    back = split_by_seed(swapped, "conventional100")
    both = there.merge(back, on=["seed", "year", "cause", "block", "kind"], how="outer", validate="1:1")
    assert np.allclose(both["minutes_x"], -both["minutes_y"], atol=1e-6)


def test_group_of_everybody_moves_nothing_to_others():
    assert not {"other_pools", "transfer"} & set(split_by_seed(county(), "lean40", KINDS)["cause"])


def test_ledger_of_a_year_closes():
    wide = (
        minutes_a_year(county())
        .pivot(index=["option", "kind"], columns="entry", values="minutes")
        .fillna(0.0)
    )
    work = wide.drop(columns=["paid", "overtime", "thinned"]).sum(axis=1)
    assert np.allclose(wide["paid"] + wide["overtime"], work, rtol=1e-9)


def test_textbook_queue_splits_too():
    found = average_split(split_by_seed(queue(), "six", ("server",)), ["cause"]).set_index("cause")
    assert found["minutes"].sum() == pytest.approx(525_960, rel=0.01)  # a server more, around the clock
    assert found.loc["idle", "share"] == pytest.approx(1.0, abs=0.05)
