"""The market of social organizations: tenders, assessment, hand-back; directions and what leaves no trace."""

import datetime
from itertools import pairwise

import numpy as np
import pytest
from test_county import fingerprint, lived, small

from sim.agents.social_organizations import bid_score, learning_pace, quality_after
from sim.agents.workers import KIND_CODE, US
from sim.county import County, release
from sim.outcomes import outcomes
from sim.scenario.county_work import expected_step_minutes

STAFF = KIND_CODE["organization_staff"]
DATE = datetime.date(2019, 10, 1)
END = datetime.date(2020, 4, 10)


def market_plan(functions=85, date=DATE, **changes):
    return small(reforms=[{"date": date, "what": "levers.transfer.functions", "to": functions}],
                 **{"run.end": END, "world.county_task_minutes_million": 12.0, **changes})  # fmt: skip


@pytest.fixture(scope="module")
def county():
    made = lived(market_plan())
    yield made
    release(made)


def test_without_a_list_no_number_of_the_market_leaves_a_trace():
    base = lived(small(), 3)
    other = lived(small(**{
        "world.market_maturity": 0.9, "world.market_growth_per_year": 0.15, "world.thin_market_markup": 0.3,
        "behaviour.organization_price": 1.1, "behaviour.organization_failure_per_year": 0.5,
        "behaviour.organization_entry_per_month": 3.0, "levers.transfer.assessment_floor": 0.9,
        "levers.transfer.supervision_share": 0.15, "levers.transfer.contract_years": 1.0,
    }), 3)  # fmt: skip
    assert fingerprint(base) == fingerprint(other)
    for frame in ("daily", "monthly", "society", "money", "matters", "ledger"):
        assert getattr(base.records, frame)().equals(getattr(other.records, frame)()), frame
    assert repr(outcomes(base)) == repr(outcomes(other))
    release(base)
    release(other)


def test_a_field_without_bidders_keeps_its_work_in_house():
    """Nobody can take: the same work by the same people as if government transferred nothing."""
    none = {"world.market_maturity": 0.0, "world.market_growth_per_year": 0.0, "world.market_growth_by_contracts": 0.0}
    empty, never = lived(market_plan(**none)), lived(market_plan(functions=0))
    assert empty.market.events["tenders"] == empty.market.events["no_bidder"] > 0
    assert fingerprint(empty) == fingerprint(never)
    assert outcomes(empty)["functions_let_end"] == 0
    release(empty)
    release(never)


def test_organizations_serve_what_was_let_and_only_that(county):
    """Staff serve at their own post; who serves transferred work is its supplier; minutes agree exactly."""
    t = county.kernel_tables
    served = sum(int(t.ledger["served"][o.staff_rows].sum()) for o in county.organizations)
    assert served == t.minutes[:, STAFF].sum() == t.ledger["served"][t.worker["kind"] == STAFF].sum() > 0
    holders = {c.supplier.row for c in county.market.contracts}
    assert holders == {o.row for o in county.organizations if o.committed > 0}
    for contract in county.market.contracts:
        assert {county.market.functions[i].field for i in contract.functions} == {contract.supplier.field}
        for i in contract.functions:
            row = t.supply["step"][i]
            assert row == county.index.step[county.market.functions[i].matter, contract.supplier.spec.step]
    taken = [i for c in county.market.contracts for i in c.functions]
    assert len(taken) == len(set(taken)) == county.market.n_let == np.count_nonzero(t.supply["step"])
    for o in county.organizations:
        assert o.committed <= o.slots and (o.staff > 0 or o.row not in holders)


def test_contracts_are_paid_by_the_minute():
    """One price, no learning, no rework, no sanctions: paid = standard minutes x price, to the fen and settlement."""
    fixed = lived(market_plan(**{
        "behaviour.organization_price_spread": 0.0, "behaviour.organization_learning_share": 0.1,
        "behaviour.rework": False, "behaviour.organization_quality_start": 1.0, "levers.transfer.sanction_share": 0.0,
        "behaviour.thinning": False, "world.thin_market_markup": 0.0,
    }))  # fmt: skip
    t = fixed.kernel_tables
    world, price = fixed.settings.world, fixed.settings.behaviour.organization_price
    # an organization's pace is one number for a month: what it served times its pace is what was asked for
    standard = t.begun[:, STAFF, 0].sum() / US
    in_house = world.official_yuan_per_year * 100 / 109_200
    left = sum(t.request["work"][r] for r in t.worker["request"][t.worker["kind"] == STAFF] if r) / US
    assert fixed.market.paid_fen == pytest.approx((standard - left) * price * in_house, rel=0.003)
    assert fixed.market.withheld_fen == 0
    release(fixed)


def test_the_best_bid_wins_and_a_lonely_bidder_asks_more(county):
    weights = (0.4, 0.3, 0.3)
    assert bid_score(weights, 1.0, 0.9, 0.9, 1e9) == pytest.approx(1.0)
    assert bid_score(weights, 0.9, 1.0, 0.8, 3) < bid_score(weights, 0.9, 0.8, 0.8, 3)
    assert bid_score(weights, 0.8, 0.9, 0.8, 3) < bid_score(weights, 0.9, 0.9, 0.8, 3) < bid_score(
        weights, 0.9, 0.9, 0.8, 24)
    market = County(market_plan(**{"world.market_maturity": 1.0}), seed=2)
    while market.date <= DATE:
        market.step()
    m = market.market
    field = m.functions[0].field
    mine = [o for o in m.organizations if o.field == field]
    m.contracts.clear()
    m._commit()
    best = m._tender(market, (0,), None)
    ask = best.asks()
    assert m.contracts[-1].price == pytest.approx(ask)
    assert all(best.asks() <= o.asks() for o in mine if o.quality == best.quality and o.can_take(0.1))
    for o in mine:
        o.is_warned = o is not best
    m.contracts.clear()
    m._commit()
    assert m._tender(market, (0,), best) is best
    assert m.contracts[-1].price == pytest.approx(ask * 1.10)
    best.is_warned = 1
    m.contracts.clear()
    m._commit()
    assert m._tender(market, (0,), None) is None and not m.contracts
    release(market)


def test_learning_of_organizations():
    assert [quality_after(0.9, months, 9) for months in (0, 9, 90)] == pytest.approx([0.9, 1.0, 1.0])
    paces = [learning_pace(months, 0.15) for months in (0, 10, 50, 1e5)]
    assert paces[0] == 1.0 and all(a < b for a, b in pairwise(paces)) and paces[-1] == pytest.approx(0.85 ** -3)


def test_a_supplier_that_loses_a_contract_passes_its_queue_on():
    """Government carries on: nothing is lost, the requests are handed over, and the function stays barred a while."""
    county = lived(market_plan(), days=60)
    m, t = county.market, county.kernel_tables
    for o in county.organizations:                  # everybody stays at home until queues stand
        if o.staff:
            county.tables.life["active"][o.staff_rows] = 0
    for _ in range(10):
        county.step()
    waiting = {c.supplier.row for c in m.contracts if t.pool["waiting"][c.supplier.pool]}
    assert waiting
    hand_overs = int(county.kernel_tables.tally["hand_overs"].sum())
    lost = [c for c in m.contracts if c.supplier.row in waiting]
    for contract in lost:
        m._hand_back(contract, county, 12)
    for _ in range(5):
        county.step()                               # the ledgers are checked every day
    t = county.kernel_tables
    assert not any(t.pool["waiting"][m.organizations[row - 1].pool] for row in waiting)
    assert int(t.tally["hand_overs"].sum()) > hand_overs
    barred = {i for c in lost for i in c.functions}
    assert not barred & {i for c in m.contracts for i in c.functions}
    assert m.n_handed_back(85) == len(barred)
    assert (t.pool["backlog"] >= 0).all()
    release(county)


def test_a_failing_supplier_is_warned_and_then_loses_its_newest_contract():
    made = lived(market_plan(), days=60)
    m = made.market
    supplier = m.contracts[0].supplier
    row = made.tables.organization[supplier.row]
    mine = [c for c in m.contracts if c.supplier is supplier]
    row["missed"], row["begun"] = 90, 100
    m._assess(made)
    assert supplier.is_warned and supplier.assessed < 0.75 and not supplier.can_take(0.0)
    row["missed"], row["begun"] = 90, 100
    m._assess(made)
    assert [c for c in m.contracts if c.supplier is supplier] == mine[:-1]
    row["missed"], row["begun"] = 0, 100
    if len(mine) > 1:
        m._assess(made)
        assert not supplier.is_warned
    release(made)


def test_a_raw_market_is_late_and_leaves_more_in_house():
    """The same functions, the same requests; only the market differs."""
    found = {}
    for maturity in (0.2, 1.0):
        late = back = begun = due = 0
        for seed in (1, 2, 3):
            county = lived(market_plan(functions=110, **{
                "world.market_maturity": maturity, "world.market_growth_per_year": 0.0,
                "world.market_growth_by_contracts": 0.0, "world.county_task_minutes_million": 25.0,
                "run.end": datetime.date(2020, 9, 30)}), seed)  # fmt: skip
            m = county.market
            late, begun = late + m.missed, begun + m.begun
            back += m.events["handed_back"] + (110 - m.n_let)
            due += m.events["let"]
            release(county)
        found[maturity] = late / begun, back / due
    assert found[0.2][0] > found[1.0][0]
    assert found[0.2][1] > found[1.0][1]


def test_transfer_relieves_government_net_of_supervision(county):
    found = outcomes(county)
    tally, t = county.records.matters().set_index("matter"), county.kernel_tables
    assert tally["transferred"].sum() > 0
    supervised = t.minutes[[i for i, m in enumerate(county.network.matters, 1) if m.block == "supervision"]].sum() / US
    years = 199 / 365.25                            # 2019-09-25 to 2020-04-10
    assert 0 < found["supervision_yuan_million_per_year"] == pytest.approx(
        supervised / 109_200 / years * 0.275, rel=0.01)
    dear = lived(market_plan(**{"levers.transfer.supervision_share": 0.5}))
    assert outcomes(dear)["relieved_minutes_per_year_million"] < found["relieved_minutes_per_year_million"]
    release(dear)


def test_a_new_service_costs_and_relieves_nothing():
    """A family that relieves nothing is not asked for until an organization offers it, and relieves nobody then."""
    before, after = lived(market_plan(functions=0)), lived(market_plan(functions=154))
    new = [m.id for m in after.network.matters if not m.relieves]
    assert new
    assert before.records.matters().set_index("matter").loc[new, "opened"].sum() == 0
    rows = after.records.matters().set_index("matter").loc[new]
    assert rows["opened"].sum() == rows["transferred"].sum() > 0
    found, supervised = outcomes(after), [i for i, m in enumerate(after.network.matters, 1) if m.block == "supervision"]
    t, old = after.kernel_tables, [i for i, m in enumerate(after.network.matters, 1) if m.relieves]
    minutes = np.array([0.0] + [sum(a + b for _, a, b in expected_step_minutes(m)) for m in after.network.matters])
    relieved = (t.tally["transferred"][old] * minutes[old]).sum() - t.minutes[supervised].sum() / US
    assert found["relieved_minutes_per_year_million"] == pytest.approx(relieved / 1e6 / (199 / 365.25))
    release(before)
    release(after)


def test_contracts_survive_a_change_of_structure():
    date = datetime.date(2019, 12, 10)
    plan = small(reforms=[{"date": DATE, "what": "levers.transfer.functions", "to": 85},
                          {"date": date, "what": "levers.structure", "to": "conventional"}],
                 **{"run.end": datetime.date(2020, 1, 20)})  # fmt: skip
    county = County(plan, seed=1)
    while county.date < date:
        county.step()
    before = [(c.functions, c.supplier.spec.id) for c in county.market.contracts]
    until = county.kernel_tables.supply["until"].copy()
    paid = county.market.paid_fen
    county.step()
    assert before == [(c.functions, c.supplier.spec.id) for c in county.market.contracts]
    assert (county.kernel_tables.supply["until"] == until).all()
    while county.running:
        county.step()
    assert county.market.paid_fen > paid > 0
    release(county)


def test_a_shorter_list_takes_functions_back():
    what, later = "levers.transfer.functions", datetime.date(2019, 11, 15)
    plan = small(reforms=[{"date": DATE, "what": what, "to": 85}, {"date": later, "what": what, "to": 0}])
    county = lived(plan)
    assert county.market.n_let == 0 and not county.market.contracts
    assert (county.kernel_tables.supply["step"] == 0).all()
    assert all(o.staff == 0 for o in county.organizations)
    release(county)
