"""Money: whole fen, lines that add up, costs that follow people, hours and work; equal money."""

import datetime

import numpy as np
import pytest
from test_county import lived, small

from sim.county import release
from sim.outcomes import outcomes
from sim.scenario import load
from sim.scenario.catalogue import read_catalogue
from sim.scenario.county_network import county_network
from sim.service.contracts import functions_of
from sim.service.ledgers import COLUMNS
from sim.service.money import LINES, PAYROLL, Accounts, divided, yuan_per_year

LAST = datetime.date(2025, 12, 31)


@pytest.fixture(scope="module")
def county():
    date = datetime.date(2019, 10, 1)
    made = lived(small(reforms=[{"date": date, "what": "levers.transfer.functions", "to": 85}],
                       **{"run.end": datetime.date(2020, 6, 10), "levers.overtime_paid_share": 0.5}))  # fmt: skip
    yield made
    release(made)


def test_the_lines_add_up_to_the_total_in_fen(county):
    frame, found = county.records.money(), outcomes(county)
    total = frame["fen"].sum()
    assert total == sum(county.records.accounts.total_fen().values()) and frame["fen"].dtype == np.int64
    assert set(frame["line"]) == set(LINES)
    years = 260 / 365.25                            # 2019-09-25 to 2020-06-10
    assert found["cost_yuan_million_per_year"] == pytest.approx(total / 1e8 / years)
    assert sum(found[f"cost_{line}_million"] for line in LINES) == pytest.approx(found["cost_yuan_million_per_year"])
    assert found["cost_yuan_per_resident_year"] == pytest.approx(total / 100 / years / 20_000)
    assert frame[frame["line"] == "contracts"]["fen"].sum() == county.market.paid_fen > 0
    # the last month is a part of one
    assert frame["date"].max() == datetime.date(2020, 6, 10)


def test_salaries_are_days_in_a_seat(county):
    daily = county.records.daily()
    fen = county.records.accounts.total_fen()
    for kind in PAYROLL:
        rate = getattr(county.settings.world, f"{kind}_yuan_per_year")
        expected = daily[f"employed_{kind}"].sum() * rate * 100 / 365.25
        assert fen[f"salaries_{kind}"] == pytest.approx(expected, abs=10)
    hours = sum(daily[f"overtime_minutes_{k}"].sum() / 60 * getattr(county.settings.world, f"{k}_yuan_per_year") / 2000
                for k in PAYROLL if f"overtime_minutes_{k}" in daily)  # fmt: skip
    assert fen["overtime"] == pytest.approx(hours * 1.5 * 0.5 * 100, abs=10)


def test_money_changes_nothing_but_money():
    base = lived(small(), 2)
    dear = lived(small(**{"world.official_yuan_per_year": 350_000.0, "levers.overtime_paid_share": 1.0}), 2)
    assert base.records.daily().equals(dear.records.daily())
    a, b = outcomes(base), outcomes(dear)
    assert b["cost_salaries_official_million"] == pytest.approx(a["cost_salaries_official_million"] * 350 / 275)
    assert b["cost_overtime_million"] >= a["cost_overtime_million"] == 0
    assert b["unpaid_overtime_hours_per_official_year"] == 0 <= a["unpaid_overtime_hours_per_official_year"]
    release(base)
    release(dear)


def test_accounts_are_exact():
    """Nine years of a large county: integers, rounded once a month and line."""
    assert [divided(a, 4) for a in (0, 1, 2, 3, 5, 6)] == [0, 0, 1, 1, 1, 2]
    settings = load("lean40").settings(datetime.date(2021, 1, 1))
    accounts, row = Accounts(), np.zeros(len(COLUMNS), np.int64)
    row[COLUMNS.index("employed_official")] = 1_863
    for month in range(12):
        for _ in range(30):
            accounts.add_day(row, settings)
        accounts.close_month(datetime.date(2021, month + 1, 28), settings, 12_345 * (month + 1), month)
    fen = accounts.total_fen()
    assert fen["salaries_official"] == 12 * divided(1_863 * 30 * 27_500_000 * 100, 36_525)
    assert fen["contracts"] == 12 * 12_345
    assert fen["recruitment"] == 11 * 1_500_000


# --- equal money ---


def planned(plan):
    """Cost a year by plan on the last day, and what it is made of."""
    settings = plan.settings(LAST)
    catalogue = read_catalogue(plan.data_folder)
    network = county_network(settings, catalogue)
    functions = functions_of(network, 1.0 / catalogue.value("available_minutes_per_post"))
    return sum(yuan_per_year(settings, network, functions).values()), settings


@pytest.mark.parametrize("option", ["lean40_equal_money_posts", "lean40_equal_money_contracts"])
def test_equal_money_scenarios_spend_what_the_conventional_county_costs(option):
    """As its file says: the saving of lean40 goes into posts, or into contracts and contract staff."""
    base, _ = planned(load("conventional100"))
    cost, settings = planned(load(option))
    one_more = settings.world.off_quota_yuan_per_year + 15 * 1_098
    if option.endswith("posts"):
        one_more = 0.0001 * 4_658 * 300_000         # the share has four digits
    assert cost == pytest.approx(base, abs=1.01 * one_more)
    other = load("lean40").settings(LAST)
    if option.endswith("posts"):
        assert settings.levers.off_quota_workers == other.levers.off_quota_workers
    else:
        assert settings.levers.transfer.functions == 154
        assert settings.levers.staffing_share == other.levers.staffing_share
