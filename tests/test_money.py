"""Money: whole fen, lines that add up, costs that follow people, hours and work; equal money."""

import datetime

import numpy as np
import pytest
from conftest import finish_day
from test_county import lived, small

from sim.county import County, release
from sim.outcomes import outcomes
from sim.scenario import load
from sim.scenario.catalogue import read_catalogue
from sim.scenario.county_network import county_network
from sim.service.contracts import functions_of
from sim.service.layout import HIRED
from sim.service.ledgers import COLUMNS
from sim.service.money import LINES, PAYROLL, Accounts, divided, office_yuan_per_person_year, yuan_per_year

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


def test_a_dated_change_prices_each_day_by_its_own_setting():
    """In the middle of a month: overtime, supervision, hires and contracts before the date keep their old price."""
    date = datetime.date(2019, 11, 13)
    transfer = {"date": datetime.date(2019, 10, 1), "what": "levers.transfer.functions", "to": 85}
    new = {"levers.overtime_paid_share": 0.5, "world.official_yuan_per_year": 300_000.0,
           "world.recruitment_yuan_per_hire": 30_000.0}  # fmt: skip
    changes = [{"date": date, "what": what, "to": to} for what, to in new.items()]
    end = {"run.end": datetime.date(2020, 1, 5), "behaviour.vacancy_days": 10.0}
    base, county = County(small(reforms=[transfer], **end), 1), County(small(reforms=[transfer, *changes], **end), 1)

    def counted():
        t, i = county.kernel_tables, COLUMNS.index("overtime_official")
        supervision = [i for i, m in enumerate(county.network.matters, start=1) if m.block == "supervision"]
        return int(county.records.sums[i]), int(t.minutes[supervision].sum()), int(t.status[HIRED])

    for one in (base, county):
        while one.date < date:
            one.step()
    base.market.settle(base)
    before = counted()
    county.open_day()
    assert county.market.paid_fen == base.market.paid_fen > 0
    finish_day(county)
    while county.running:
        county.step()
    after = np.array(counted()) - before
    found, accounts = outcomes(county), county.records.accounts
    assert min(before) > 0 and after.min() > 0
    years, people = 103 / 365.25, county.records.daily()["employed_official"].mean()
    assert found["unpaid_overtime_hours_per_official_year"] == pytest.approx(
        (before[0] + 0.5 * after[0]) / 3600e6 / years / people)
    assert found["supervision_yuan_million_per_year"] == pytest.approx(
        (before[1] * 275_000 + after[1] * 300_000) / 60e6 / county.market.minutes_per_year / years / 1e6)
    assert accounts.total_fen()["recruitment"] == before[2] * 1_500_000 + after[2] * 3_000_000
    release(base)
    release(county)


def test_accounts_are_exact():
    """Nine years of a large county: integers, rounded once a month and line."""
    assert [divided(a, 4) for a in (0, 1, 2, 3, 5, 6)] == [0, 0, 1, 1, 1, 2]
    settings = load("lean40").settings(datetime.date(2021, 1, 1))
    accounts, row = Accounts(), np.zeros(len(COLUMNS), np.int64)
    row[COLUMNS.index("employed_official")] = 1_863
    for month in range(12):
        for _ in range(30):
            accounts.add_day(row, settings, month, 0)
        accounts.close_month(datetime.date(2021, month + 1, 28), 12_345 * (month + 1))
    fen = accounts.total_fen()
    assert fen["salaries_official"] == 12 * divided(1_863 * 30 * 27_500_000 * 100, 36_525)
    assert fen["contracts"] == 12 * 12_345
    assert fen["recruitment"] == 11 * 1_500_000


# --- equal money ---


def planned(plan):
    """Cost a year by plan on the last day, yuan, and the settings in force then."""
    settings = plan.settings(LAST)
    catalogue = read_catalogue(plan.data_folder)
    network = county_network(settings, catalogue)
    functions = functions_of(network, 1.0 / catalogue.value("available_minutes_per_post"))
    return sum(yuan_per_year(settings, network, functions).values()), settings


def test_the_saving_spent_on_posts_is_what_the_file_says():
    (base, _), (lean, settings) = planned(load("conventional100")), planned(load("lean40"))
    one_post = settings.world.official_yuan_per_year + office_yuan_per_person_year(settings.world)
    posts = round(4_658 * settings.levers.staffing_share) + round((base - lean) / one_post)
    cost, option = planned(load("lean40_equal_money_posts"))
    assert option.levers.staffing_share == pytest.approx(posts / 4_658, abs=5e-5)
    assert cost == pytest.approx(base, abs=one_post)
    assert option.levers.off_quota_workers == settings.levers.off_quota_workers
    assert option.levers.transfer == settings.levers.transfer


def test_the_saving_spent_on_contracts_is_what_the_file_says():
    """The whole list, and contract staff for the rest: the list alone cannot spend it."""
    base, _ = planned(load("conventional100"))
    cost, option = planned(load("lean40_equal_money_contracts"))
    assert option.levers.transfer.functions == 154
    settings = load("lean40").settings(LAST)
    assert option.levers.staffing_share == settings.levers.staffing_share
    one = option.world.off_quota_yuan_per_year + office_yuan_per_person_year(option.world)
    left = base - (cost - one * (option.levers.off_quota_workers - settings.levers.off_quota_workers))
    assert option.levers.off_quota_workers == settings.levers.off_quota_workers + round(left / one)
    assert cost == pytest.approx(base, abs=one)
