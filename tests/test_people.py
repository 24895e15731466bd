"""People away from their desks, and how they change under load, with variety and with the years."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from conftest import finish_day

from sim.agents.officials import (
    is_day_below,
    pace_under_load,
    saturation,
    standard_after,
    variety_factor,
)
from sim.agents.workers import STATIONED
from sim.county import County, release
from sim.outcomes import outcomes
from sim.scenario import load
from sim.scenario.catalogue import read_catalogue
from sim.scenario.county_network import county_network, expected_minutes
from sim.service.demand import reform_factor
from sim.service.layout import BELOW_IDLE, BELOW_TRAVEL, BELOW_USED
from tests.test_county import SHARE, fingerprint, lived, small

DAY = datetime.date
AWAY = {"levers.stationed_share": 0.333, "levers.task_force_share": 0.10}
SWITCHES = ("pace_under_load", "standards_erode", "retirement", "variety")


def network(**values):
    plan = load("conventional100").vary({
        "levers.structure": "lean", "levers.staffing_share": 0.4, "levers.off_quota_workers": 1700,
        "levers.posts_per_official": 3, **values})  # fmt: skip
    settings = plan.settings(plan.scenario.run.start)
    return county_network(settings, read_catalogue(settings.data_folder))


@pytest.fixture(scope="module")
def at_desks():
    return network()


def who(made, assignment):
    return {w.id: w.holds for w in made.workers if w.assignment == assignment}


# --- who is away ---


def test_stationing_is_nested_and_moves_nobody_else(at_desks):
    some, more = (network(**{"levers.stationed_share": s}) for s in (0.2, 0.333))
    few, many = who(some, "station"), who(more, "station")
    assert few.items() <= many.items(), "the same people at the same stations, each holding the station's post alone"
    assert len(few) / 0.2 == pytest.approx(len(many) / 0.333, rel=0.1)
    assert {site for ((post, site),) in many.values()} == set(range(26))
    desks = {w.id: (w.holds[0], w.unit) for w in at_desks.workers if w.id not in many}
    assert {w.id: (w.holds[0], w.unit) for w in more.workers if w.id not in many} == desks


def test_stationed_people_are_the_same_at_every_staffing():
    less, more = (network(**{"levers.stationed_share": 0.3, "levers.staffing_share": s}) for s in (0.4, 0.45))
    assert who(less, "station").keys() <= who(more, "station").keys()


def test_task_forces_and_stations_take_different_people():
    made = network(**AWAY)
    assert who(made, "task_force") and not who(made, "task_force").keys() & who(made, "station").keys()
    assert who(made, "task_force").keys() == who(network(**{"levers.task_force_share": 0.10}), "task_force").keys()


@pytest.mark.parametrize("structure", ["conventional", "lean"])
@pytest.mark.parametrize("values", [{"levers.stationed_share": 0.1}, AWAY, {
    "levers.rotating_share": 0.7, "levers.reform_start": DAY(2019, 9, 25)}])
def test_work_moves_with_those_who_are_away_and_none_is_lost(structure, values):
    """Every block keeps its minutes; every post where work may come has a holder."""
    values = {"levers.structure": structure, **values}
    base, made = (expected_minutes(network(**{**values, **extra})) for extra in ({k: v for k, v in (
        ("levers.stationed_share", 0.0), ("levers.task_force_share", 0.0), ("levers.rotating_share", 0.0))}, {}))
    assert made == pytest.approx(base, rel=1e-9)
    built = network(**values)
    held = {h for w in built.workers for h in (*w.holds, *w.below)}
    level = {p.group: p.level for p in built.posts}
    step = {(m.id, s.name): s.group for m in built.matters for s in m.steps}
    for s in built.streams:
        for part in s.split():
            if part.entry:
                group = step[part.matter, part.entry]
                site = int(built.site_of_place[level[group]][s.place])
                assert any((p.id, site) in held for p in built.posts if p.group == group), s.id


def test_stations_take_no_more_field_work_than_they_have_time_for():
    for share in (0.05, 0.333):
        made = network(**{"levers.stationed_share": share})
        minutes = {(m.id, s.name): s.service.mean_minutes() for m in made.matters for s in m.steps}
        asked = sum(s.per_day * 365.25 * p.share * minutes[p.matter, p.entry]
                    for s in made.streams for p in s.split() if p.entry == "station")
        time = len(who(made, "station")) * 109_200.0
        assert asked == pytest.approx(time) if share < 0.1 else asked < time


def test_slower_work_below_takes_longer():
    law = {}
    for productivity in (1.0, 0.5):
        made = network(**{"levers.stationed_share": 0.3, "world.below_productivity": productivity})
        matter = next(m for m in made.matters if m.id == "enterprise_visits")
        law[productivity] = {s.name: s.service.mean_minutes() for s in matter.steps}
    assert law[0.5]["station"] == 2.0 * law[1.0]["station"]
    assert law[0.5]["economic_development"] == law[1.0]["economic_development"]


# --- the days below ---


def test_days_below_of_a_week_are_as_many_as_stated_and_more_include_fewer():
    for days in (0.7, 1.0, 1.4, 3.0):
        found = [sum(is_day_below.py_func(d, own, days, u) for d in range(7))
                 for own in range(5) for u in (np.arange(100) + 0.5) / 100]
        assert np.mean(found) == pytest.approx(days)
    fewer, more = ({(own, d) for own in range(5) for d in range(7) if is_day_below.py_func(d, own, days, 0.3)}
                   for days in (0.7, 1.4))
    assert fewer < more and not {d for _, d in more} & {5, 6}


def test_rotation_lives_with_closed_ledgers_and_its_time_adds_up():
    """A rotating official serves a station's posts on his days below, then his own desk again, drawer and all."""
    plan = small(**{"levers.rotating_share": 0.9, "levers.rotation_days_per_week": 1.4})
    county = County(plan, seed=1)
    below = desk = kept = 0
    while county.running:
        county.open_day()
        t = county.kernel_tables
        out = t.life["below"] == 1
        below += int(out.sum())
        desk += int(((t.life["n_below"] > 0) & (t.worker["pattern"] > 0) & ~out).sum())
        kept += int((t.life["drawer"] != 0).sum())
        held = t.life["drawer"][t.life["drawer"] != 0]
        assert not np.intersect1d(held, t.worker["request"]).size, "a piece of work is in one place"
        assert (t.worker["first_hold"][out] == t.life["desk_hold"][out] + t.life["n_desk"][out]).all()
        finish_day(county)
        assert not t.life["below"].any() and (t.worker["first_hold"] == t.life["desk_hold"]).all()
    assert below / (below + desk) == pytest.approx(1.4 / 5, rel=0.15) and kept > 0
    found = outcomes(county)
    t = county.kernel_tables
    assert found["time_below_share"] > 0.02 and found["time_below_lost_share"] < found["time_below_share"]
    assert t.status[BELOW_TRAVEL] > 0 and t.status[BELOW_TRAVEL] % (40 * 60_000_000) == 0, "whole ways of 40 minutes"
    assert t.status[BELOW_USED] > 0
    release(county)


def test_time_below_of_the_stationed_is_all_their_time():
    county = lived(small(**{"levers.stationed_share": 0.333}))
    t = county.kernel_tables
    rows = t.life["away"] == STATIONED
    mine = {name: int(t.ledger[name][rows].sum()) for name in t.ledger.dtype.names}
    assert rows.sum() > 1
    assert t.status[BELOW_USED] == mine["served"] + mine["setup"] + mine["handover"]
    assert t.status[BELOW_IDLE] == mine["idle"] and t.status[BELOW_TRAVEL] == 0
    release(county)


# --- what they do to the county ---


def test_people_away_leave_gaps_and_are_new_where_they_come():
    """Dated: the same before the day; then desks have more to do, and skill at the new posts starts low."""
    date = DAY(2019, 10, 15)
    base, option = County(small(), seed=3), County(
        small(reforms=[{"date": date, "what": what, "to": to} for what, to in AWAY.items()]), seed=3)
    while base.date < date:
        base.step()
        option.step()
        assert fingerprint(base) == fingerprint(option)
    option.open_day()
    t = option.kernel_tables
    new = t.life["desk_hold"][t.life["away"] > 0]
    assert new.size and (t.hold["skill"][new] == np.float32(0.7)).all()
    finish_day(option)
    while base.running:
        base.step()
    while option.running:
        option.step()
    a, b = outcomes(base), outcomes(option)
    assert b["overtime_hours_per_week"] > a["overtime_hours_per_week"]
    assert b["productivity"] < a["productivity"]
    assert b["time_below_lost_share"] > a["time_below_lost_share"] == 0 == a["task_force_people"]
    assert b["single_holder_posts"] >= a["single_holder_posts"]
    release(base)
    release(option)


def test_people_come_back_and_nothing_that_is_open_is_lost():
    there, back = DAY(2019, 10, 15), DAY(2019, 11, 20)
    changes = [{"date": there, "what": what, "to": to} for what, to in (*AWAY.items(), ("levers.rotating_share", 0.5))]
    changes += [{"date": back, "what": what, "to": 0.0} for what in (*AWAY, "levers.rotating_share")]
    county = County(small(reforms=changes), seed=2)
    while county.date < back:
        county.step()
    t = county.kernel_tables
    keys = set(t.request["key"][t.request["state"] != 0].tolist())
    county.open_day()
    t = county.kernel_tables
    assert keys <= set(t.request["key"][t.request["state"] != 0].tolist())
    assert not (t.life["away"].any() or t.life["n_below"].any() or t.life["drawer"].any())
    county.serve_day()
    county.close_day()
    release(county)


def test_reform_work_has_its_minutes_in_the_first_year_and_halves():
    start = DAY(2019, 9, 25)
    days = [start + datetime.timedelta(days=i) for i in range(366)]
    for half_life in (180.0, 730.0):
        factors = [reform_factor(start, half_life, d) for d in days]
        assert np.mean(factors[:365]) == pytest.approx(1.0, abs=0.003)
        assert reform_factor(start, half_life, start + datetime.timedelta(days=half_life)) == factors[0] / 2
    assert reform_factor(None, 365.0, start) == 0 == reform_factor(start, 365.0, DAY(2019, 9, 24))
    opened = {}
    for start in (None, DAY(2019, 10, 1)):
        county = lived(small("conventional100", **{
            "levers.staffing_share": SHARE, "levers.reform_start": start}))
        matters = county.records.matters().set_index("matter")
        opened[start] = matters.loc["reform_setup", "opened"]
        release(county)
    assert opened[None] == 0 < opened[DAY(2019, 10, 1)]


# --- breadth of a post ---


def test_wide_posts_are_larger_pools_slower_to_learn_with_set_up_inside():
    narrow, wide = network(), network(**{"levers.duties_per_post": 2.0, "behaviour.setup": True})
    offices = [sum(p.level == "county" and p.unit == "social_affairs" and p.id.split("/")[1].isdigit() for p in n.posts)
               for n in (narrow, wide)]
    assert offices[1] == pytest.approx(offices[0] / 2, abs=1)
    assert {p.unlike_minutes for p in wide.posts} == {0.0, 2.5} and {p.unlike_minutes for p in narrow.posts} == {0.0}
    found = {}
    for breadth in (1.0, 3.0):                  # posts as large as one another, new to everybody
        county = lived(small(**{"levers.duties_per_post": breadth, "world.lean_post_pool_size": 6.0 / breadth,
                                "run.run_in_structure": "conventional", "run.run_in_days": 2}))  # fmt: skip
        found[breadth] = outcomes(county)
        found[breadth]["setup"] = county.records.ledger().query(
            "kind == 'official' and entry == 'setup'")["minutes"].sum()
        release(county)
    assert found[3.0]["productivity"] < found[1.0]["productivity"]
    assert found[3.0]["setup"] > found[1.0]["setup"]


# --- under load ---


def test_pace_rises_with_queues_and_falls_back_when_saturated():
    assert pace_under_load.py_func(0.0, 0.045, 0.0) == 1.0 == pace_under_load.py_func(1.0, 0.045, 1.0)
    assert pace_under_load.py_func(1.0, 0.045, 0.0) == 1.045 > pace_under_load.py_func(1.0, 0.045, 0.5) > 1.0
    assert [saturation.py_func(x, 0.93) for x in (0.5, 0.93, 1.0, 1.4)] == [0.0, 0.0, 1.0, 1.0]


def test_standards_sink_in_months_and_recover_in_years():
    worn = 0.0
    for _ in range(133):
        worn = standard_after.py_func(worn, 1.0, 133.0, 1460.0)
    assert worn == pytest.approx(1 - np.exp(-1), abs=0.01)
    for _ in range(133):
        worn = standard_after.py_func(worn, 0.0, 133.0, 1460.0)
    assert worn == pytest.approx((1 - np.exp(-1)) * np.exp(-133 / 1460), abs=0.01)


def test_overload_saturates_errs_and_wears_standards():
    found = {}
    changes = {"world.county_task_minutes_million": 144.0 * SHARE}
    for on in (False, True):
        county = lived(small(**changes, **{"behaviour.pace_under_load": on, "behaviour.standards_erode": on}))
        t = county.kernel_tables
        officials = t.worker["kind"] == 0
        found[on] = outcomes(county), t.worker["pace"][officials][1:].max(), t.worn.max(), t.life["load"].max()
        release(county)
    assert found[True][1] > 1.0 == found[False][1]
    assert found[True][2] > 0.0 == found[False][2] and found[True][3] > 0.93 and found[False][3] == 0.0
    assert found[True][0]["rework_share"] > found[False][0]["rework_share"]
    assert found[True][0]["thinned_share"] > found[False][0]["thinned_share"]


# --- who leaves ---


def test_two_or_three_posts_keep_people_and_six_do_not():
    factors = [variety_factor.py_func(n, 0.15) for n in range(1, 9)]
    assert factors == pytest.approx([1.0, 0.85, 0.85, 0.9, 0.95, 1.0, 1.0, 1.0])


def test_frozen_seats_fall_and_are_not_filled():
    values = {"behaviour.retirement_per_year": 0.9, "behaviour.vacancy_days": 20.0, "run.end": DAY(2020, 3, 31)}
    ends = {}
    for headcount, replaced in (("free", 0.5), ("frozen", 1.0), ("frozen", 0.0)):
        county = lived(small(**values, **{
            "levers.headcount": headcount, "levers.frozen_replacement_share": replaced}))
        ends[headcount, replaced] = outcomes(county), county.records.daily()["employed_official"].to_numpy()
        release(county)
    free, all_filled, none = ends.values()
    assert (free[1] == all_filled[1]).all()
    assert free[0]["headcount_end"] > none[0]["headcount_end"] and (np.diff(none[1]) <= 0).all()
    assert free[0]["retired_per_year"] > 20 and none[0]["vacancies"] > free[0]["vacancies"] > 0


# --- off leaves no trace ---


def test_what_is_off_leaves_no_trace():
    """Numbers of mechanisms that are off, and of those that nobody is sent to, change not a byte."""
    off = {f"behaviour.{name}": False for name in SWITCHES}
    off |= {"levers.reform_start": None}
    numbers = {
        "behaviour.pace_gain": 0.09, "behaviour.saturation_load": 0.85, "behaviour.standards_fall_days": 60.0,
        "behaviour.retirement_per_year": 0.03, "behaviour.variety_retention": 0.3, "behaviour.duty_overlap": 0.0,
        "levers.rotation_days_per_week": 1.4, "levers.frozen_replacement_share": 0.0,
        "world.below_travel_minutes": 80.0, "world.below_productivity": 0.6,
        "world.reform_setup_minutes_million": 40.0, "world.reform_half_life_days": 180.0}  # fmt: skip
    a, b = lived(small(**off), 4, 50), lived(small(**off, **numbers), 4, 50)
    assert fingerprint(a) == fingerprint(b)
    assert a.kernel_tables.life.tobytes() == b.kernel_tables.life.tobytes()
    release(a)
    release(b)
