"""Reforms of the structure alone: which rows of the tables hold, and what each lever changes by itself."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from conftest import finish_day

from sim.county import County, release
from sim.outcomes import outcomes
from sim.scenario import load
from sim.scenario.catalogue import read_catalogue
from sim.scenario.county_network import county_network, expected_minutes
from sim.scenario.county_work import expected_visits
from sim.scenario.network import DONE
from sim.scenario.structures import (
    REFORMS,
    ROW_REFORMS,
    Groups,
    Structure,
    all_structures,
    condition_error,
    steps_of,
    structure_of,
    units_of,
)
from sim.service.layout import TRANSFERRED


@pytest.fixture(scope="module")
def catalogue():
    return read_catalogue(load("lean40").data_folder)


def network(catalogue, name, **levers):
    plan = load(name).vary({**{f"levers.{k}": v for k, v in levers.items()}, "reforms": []})
    return county_network(plan.settings(plan.scenario.run.start), catalogue)


@pytest.fixture(scope="module")
def networks(catalogue):
    """Each reform alone: on from the conventional county, off from the lean one."""
    found = {("conventional40", ""): network(catalogue, "conventional40"), ("lean40", ""): network(catalogue, "lean40")}
    for name in REFORMS:
        for base in ("conventional40", "lean40"):
            found[base, name] = network(catalogue, base, **{name: base == "conventional40"})
    return found


def test_conditions():
    some = Structure("lean", frozenset({"one_seal"}))
    for when, holds in (("", True), ("lean", True), ("conventional", False), ("one_seal", True), ("one_team", False),
                        ("not one_team", True), ("not lean", False), ("lean one_seal not one_team", True),
                        ("lean not one_seal", False)):  # fmt: skip
        assert some.holds(when) == holds, when
        assert not condition_error(when)
    assert condition_error("lean not") and condition_error("not not lean") and condition_error("one_sael")
    assert len(set(all_structures())) == 64


def test_every_structure_resolves_every_route_to_one_row_a_step(catalogue):
    """Beyond `catalogue_checks` (which runs on every reading): units, steps and entries are all there."""
    names = {r.route for r in catalogue.routes}
    for structure in all_structures():
        routes, groups = steps_of(catalogue, structure), Groups(catalogue, structure)
        assert set(routes) == names
        for steps in routes.values():
            assert len({s.step for s in steps}) == len(steps)
        for m in catalogue.matters:
            for s in routes.get(m.route, ()) if m.block == "requests" else ():
                group = groups.of(s.group, m)
                assert group in groups.units or group in ("grid", "community") or group.startswith("organization/")
        for u in catalogue.units:
            assert groups.heir(u) in groups.units or u.count > 1
        for column in ("county_share", "auxiliary_share", "tasking_share"):
            assert sum(getattr(u, column) for u in groups.units.values()) == pytest.approx(1.0, abs=1e-4)


def test_levers_say_the_structure():
    plan = load("lean40")
    assert structure_of(plan.scenario) == Structure("lean", frozenset(REFORMS), True)
    assert structure_of(load("conventional100").scenario) == Structure("conventional", has_leaders=True)


def of_requests(one, *matters):
    return [m for m in one.matters if m.block == "requests" and m.id in matters]


def transit(m):
    """Expected minutes in transit of one request."""
    visits = expected_visits(m)
    return sum(v * n.probability * n.transit_minutes for v, s in zip(visits, m.steps, strict=True) for n in s.next)


def hand_overs(m):
    """Expected hand-overs of one request."""
    visits = expected_visits(m)
    return sum(v * n.probability for v, s in zip(visits, m.steps, strict=True) for n in s.next if n.step != DONE)


QUICKER = {
    "one_seal": ("rural_house", "food_licence", "project_enterprise", "property_transfer"),
    "one_team": ("simple_road", "general_land"),
    "one_thing": ("one_thing_job",),
    "joint_duty": ("grid_fire_passage", "grid_neighbours", "hotline_stalls"),
    "enterprise_centre": ("financing", "talent_services", "market_services"),
}
"""Matters that a reform is for: alone, in both structures, they pass fewer hands and lie less in transit."""


@pytest.mark.parametrize("name", ROW_REFORMS)
def test_each_reform_alone_shortens_the_way_of_its_matters_in_both_structures(networks, name):
    for base, with_reform, without in (("conventional40", name, ""), ("lean40", "", name)):
        for matter in QUICKER[name]:
            (on,), (off,) = (of_requests(networks[base, k], matter) for k in (with_reform, without))
            assert transit(on) < transit(off), (base, matter)
            assert hand_overs(on) <= hand_overs(off), (base, matter)
    others = [m for key in QUICKER for m in QUICKER[key] if key != name]
    for matter in others:
        base, alone = (of_requests(networks["conventional40", k], matter)[0] for k in ("", name))
        assert transit(base) == transit(alone) or name == "one_seal", (name, matter)


@pytest.mark.parametrize("name", ROW_REFORMS)
def test_each_reform_alone_saves_hand_over_minutes_and_moves_no_standing_work(networks, name):
    for base, with_reform, without in (("conventional40", name, ""), ("lean40", "", name)):
        on, off = (expected_minutes(networks[base, k]) for k in (with_reform, without))
        assert on["hand_over"] < off["hand_over"], base
        for block in ("county", "liaison", "unit_overhead", "staff", "auxiliary", "community", "grid"):
            assert on[block] == pytest.approx(off[block]), (base, block)


def test_seal_and_team_gather_front_lines(networks):
    def kinds(base, name, ending):
        return {p.group for p in networks[base, name].posts if p.group.endswith(ending)}

    assert len(kinds("conventional40", "", "_team")) == 9 and kinds("conventional40", "one_team", "team") == {"team"}
    assert len(kinds("lean40", "one_team", "_team")) == 6 and kinds("lean40", "", "team") == {"team"}
    assert len(kinds("conventional40", "", "_window")) == 14            # 13 departments, and that of townships
    assert kinds("conventional40", "one_seal", "_window") == {"township_window"}
    assert "hall" in {p.group for p in networks["conventional40", "one_seal"].posts}
    assert len(kinds("lean40", "one_seal", "_window")) == 7 and not kinds("lean40", "", "_window")


def test_off_quota_people_go_with_the_front_line(networks):
    def helpers(one, ending):
        group = {p.id: p.group for p in one.posts}
        return sum(any(group[post].endswith(ending) for post, _ in w.holds[1:])
                   for w in one.workers if w.kind == "off_quota")  # fmt: skip

    assert helpers(networks["conventional40", "one_seal"], "hall") > 100
    assert helpers(networks["lean40", "one_team"], "_team") > 300


def test_modules_widen_posts(networks):
    for base, on, off in (("conventional40", "modules", ""), ("lean40", "", "modules")):
        assert len(networks[base, on].posts) < 0.8 * len(networks[base, off].posts)
        wide, single = (expected_minutes(networks[base, name]) for name in (on, off))
        assert wide["liaison"] == pytest.approx(0.75 * single["liaison"])
        assert wide["county"] == pytest.approx(single["county"])


def test_merged_departments_hand_over_in_house(catalogue):
    """Between parts of one merged department a quarter of the hand-over remains; between two, all of it."""
    one = network(catalogue, "lean40", one_seal=False)
    (permit,) = of_requests(one, "rural_house")          # three conventional departments, one lean one
    (old,) = of_requests(network(catalogue, "conventional40"), "rural_house")
    a, b = ({s.name: s for s in m.steps} for m in (permit, old))
    assert {a[n].group for n in ("lead", "second", "third")} == {"planning_construction"}
    assert a["second"].intake_minutes == pytest.approx(0.25 * b["second"].intake_minutes)
    assert a["lead"].hand_out_minutes == pytest.approx(0.25 * b["lead"].hand_out_minutes)
    assert a["lead"].next[-1].transit_minutes == pytest.approx(0.25 * b["lead"].next[-1].transit_minutes)
    (licence,) = of_requests(one, "food_licence")        # three conventional departments, three lean ones
    assert {s.intake_minutes for s in licence.steps} == {
        s.intake_minutes for s in of_requests(network(catalogue, "conventional40"), "food_licence")[0].steps}


def test_alike_units_share_their_part(catalogue):
    u = next(u for u in catalogue.units if u.unit == "economy_institution")
    parts = [x for x in units_of(catalogue, Structure("conventional")) if x.unit.startswith("economy_institution_")]
    assert len(parts) == u.count
    assert sum(x.county_share for x in parts) == pytest.approx(u.county_share)
    assert replace(parts[0], unit="", parent="") == replace(parts[1], unit="", parent="")


def test_every_combination_makes_a_network(catalogue):
    """A few of them at random; each has holders for all posts and the same people."""
    pick = np.random.default_rng(1).permutation(list(all_structures()))[:4]
    for structure in pick:
        base = "conventional40" if structure.name == "conventional" else "lean40"
        one = network(catalogue, base, **{k: k in structure.reforms for k in ROW_REFORMS})
        held = {hold for w in one.workers for hold in w.holds}
        assert held == {(p.id, site) for p in one.posts for site in range(one.sites[p.level])}


def workers_of_communities(one):
    return {w.id: w.holds for w in one.workers if w.kind == "community_worker"}


def test_villages_and_the_communities_they_merge_into(catalogue):
    """199 villages lie in 102 communities, each with its people; their workers are the same before and after."""
    before, after = (network(catalogue, "lean40", communities=n) for n in (199, 102))
    assert (before.sites["community"], after.sites["community"]) == (199, 102)
    village, community = (one.site_of_place["community"].tolist() for one in (before, after))
    inside = set(zip(village, community, strict=True))
    assert len(inside) == 199                                # a village lies in one community
    old, new = workers_of_communities(before), workers_of_communities(after)
    assert old.keys() == new.keys() and len(old) == 836
    community = dict(inside)
    assert all(community[old[i][0][1]] == new[i][0][1] for i in old)
    assert {site for holds in old.values() for _, site in holds} == set(range(199))
    people = Counter(site for holds in old.values() for _, site in holds)
    assert max(people.values()) <= 12 and min(people.values()) >= 1
    a, b = expected_minutes(before), expected_minutes(after)
    assert a.pop("leading") > b.pop("leading")               # more units to direct
    assert a == pytest.approx(b)
    asked = [{s.id: s.per_day for s in one.streams if s.residents[1]} for one in (before, after)]
    assert asked[0] == asked[1]                              # who asks for what does not depend on villages


def test_a_village_without_a_worker_of_its_own_is_minded_by_one_of_its_community(catalogue):
    plan = load("conventional40").vary({"county.residents": 20_000})
    one = county_network(plan.settings(plan.scenario.run.start), catalogue)
    holds = workers_of_communities(one)
    assert len(holds) == 102
    assert sorted(site for held in holds.values() for _, site in held) == list(range(199))


@pytest.mark.parametrize("n", [9, 26, 21])
def test_middle_units_of_the_lean_structure(catalogue, n):
    one = network(catalogue, "lean40", middle_units=n, communities=102)
    assert one.sites["middle"] == n == len(set(one.site_of_place["middle"]))
    centres = {(p.id, site) for p in one.posts if p.group == "service_centre" for site in range(n)}
    assert centres <= {hold for w in one.workers for hold in w.holds}
    minutes = expected_minutes(one)
    assert minutes["county"] == pytest.approx(72.0)
    assert minutes["unit_overhead"] == pytest.approx((21 * 8 + n * 1.5) * 0.1092)
    assert network(catalogue, "conventional40", middle_units=n).sites["middle"] == 12


def test_structure_changes_on_dates_and_nobody_is_lost():
    """Each lever on a day of its own: open requests, people and counts go on, ledgers close every midnight."""
    what = [(name, True) for name in REFORMS] + [
        ("communities", 102), ("structure", "lean"), ("middle_units", 9), ("middle_units", 21), ("grids", 384),
        ("one_seal", False), ("structure", "conventional")]  # fmt: skip
    first = datetime.date(2020, 8, 31)
    reforms = [{"date": first + datetime.timedelta(days=k), "what": f"levers.{name}", "to": to}
               for k, (name, to) in enumerate(what, start=1)]  # fmt: skip
    plan = load("conventional40").vary({
        "county.residents": 10_000, "levers.staffing_share": 0.05, "run.start": first, "run.run_in_days": 0,
        "run.end": first + datetime.timedelta(days=len(what)), "reforms": reforms})  # fmt: skip
    county = County(plan, 1)
    for k in range(len(what) + 1):
        t = county.kernel_tables
        keys = set(t.request["key"][t.request["state"] != 0].tolist())
        opened, below = t.tally["opened"].sum(), set(workers_of_communities(county.network))
        county.open_day()
        now = county.kernel_tables
        assert keys <= set(now.request["key"][now.request["state"] != 0].tolist()), what[k - 1]
        assert now.tally["opened"].sum() == opened and set(workers_of_communities(county.network)) == below
        finish_day(county)
    assert set(county.records.communities().groupby("date").size()) == {102}    # residents keep their community
    release(county)


def test_a_transferred_request_keeps_its_source_when_streams_get_other_rows():
    date = datetime.date(2020, 3, 3)
    plan = load("lean40").vary({
        "county.residents": 30_000, "run.start": "2020-03-01", "run.run_in_days": 5, "run.end": date,
        "levers.transfer.functions": 85, "reforms": [{"date": date, "what": "levers.grids", "to": 384}]})  # fmt: skip
    county = County(plan, seed=1)
    while county.date < date:
        county.step()

    def sources():
        t = county.kernel_tables
        rows = (t.request["state"] != 0) & (t.request["flags"] & TRANSFERRED != 0)
        return dict(zip(t.request["key"][rows].tolist(), t.stream["id"][t.link["stream"][rows]].tolist(),
                        strict=True))  # fmt: skip

    before = sources()
    streams = county.kernel_tables.stream["id"].tolist()
    county.open_day()
    after = sources()
    there = set(county.kernel_tables.stream["id"].tolist())
    assert county.kernel_tables.stream["id"].tolist() != streams
    assert len(before) > 10 and all(after[key] == (source if source in there else 0) for key, source in before.items())
    release(county)


def test_single_requests_keep_their_matters_name_when_a_change_orders_matters_anew():
    date = datetime.date(2019, 12, 16)
    plan = load("longgang_history").vary({
        "county.residents": 10_000, "run.start": date - datetime.timedelta(days=6), "run.run_in_days": 0,
        "run.end": date + datetime.timedelta(days=3), "run.request_share": 1.0})  # fmt: skip
    county = County(plan, seed=1)
    first = [m.id for m in county.network.matters]
    while county.running:
        county.step()
    assert [m.id for m in county.network.matters] != first
    found = county.records.requests()["matter"].value_counts()
    ended = county.records.matters().set_index("matter")[["resolved", "withdrawn", "blocked"]].sum(axis=1)
    assert (found.reindex(ended.index, fill_value=0) == ended).all() and found.sum() > 1000
    release(county)


def with_world(catalogue, name, leaders=False, **world):
    plan = load(name).vary({"behaviour.leaders": leaders, **{f"world.{k}": v for k, v in world.items()}})
    return county_network(plan.settings(plan.scenario.run.start), catalogue)


def test_ownerless_cases_bounce_and_fewer_departments_have_fewer(catalogue):
    """Expected returns follow the geometric law; without ownerless cases nothing is left of the mechanism."""
    none, old = (with_world(catalogue, "conventional40", ownerless_share=s) for s in (0.0, 0.08))
    assert not any(s.kind for m in none.matters for s in m.steps)
    for before, after in zip(none.matters, old.matters, strict=True):
        assert before.steps == tuple(
            replace(s, next=b.next) for s, b in zip(after.steps, before.steps, strict=False))
    new = with_world(catalogue, "lean40", ownerless_share=0.08)

    def returns(one, matter):
        (m,) = of_requests(one, matter)
        visits = dict(zip((s.name for s in m.steps), expected_visits(m).tolist(), strict=True))
        dispatched = sum(visits[s.name] * n.probability for s in m.steps for n in s.next
                         if s.kind == "" and n.step in ("lead", "misdirected") and s.name in ("township", "community"))
        return visits["misdirected"] / dispatched

    assert returns(old, "grid_fire_passage") == pytest.approx(0.08 / (1 - 0.25))
    assert returns(new, "grid_fire_passage") == pytest.approx(0.08 * 14 / 36 / (1 - 0.25))
    minutes, bare = expected_minutes(old), expected_minutes(none)
    assert minutes["requests"] > bare["requests"] and minutes["hand_over"] > bare["hand_over"]
    (m,) = of_requests(old, "grid_fire_passage")
    wrong = next(s for s in m.steps if s.name == "misdirected")
    assert wrong.group == "housing_construction"             # the second department of fire passages


def test_bounces_are_counted_apart_from_hand_overs():
    found = {}
    for share in (0.0, 0.5):
        plan = load("conventional40").vary({
            "county.residents": 20_000, "run.run_in_days": 0, "run.end": datetime.date(2019, 11, 30),
            "world.ownerless_share": share, "world.bounce_again_share": 0.5, "levers.staffing_share": 0.1})  # fmt: skip
        county = County(plan, 1)
        while county.running:
            county.step()
        m = county.records.matters().set_index("matter")
        events = m[m.index.str.startswith("grid_") & (m["block"] == "requests")]
        found[share] = events[["bounced", "hand_overs", "opened"]].sum()
        release(county)
    assert found[0.0]["bounced"] == 0
    # of each request that goes to a department every second one goes astray, twice on average
    assert 0.5 < found[0.5]["bounced"] / (0.4 * 0.55 * 0.4 * found[0.5]["opened"]) < 1.3
    assert found[0.5]["opened"] == found[0.0]["opened"]
    assert found[0.5]["hand_overs"] == pytest.approx(found[0.0]["hand_overs"], rel=0.1)


def leading(one):
    """Officials whose first post is a leader's portfolio, by unit."""
    return Counter(w.unit for w in one.workers if w.holds[0][0].rpartition("/")[0].endswith("/leaders"))


def test_leaders_are_officials_with_finite_seats(catalogue, networks):
    """As many as the tables say, from the same staff; each portfolio has its leader; nothing is left without them."""
    for base, n in (("conventional40", 354), ("lean40", 143)):
        seats = leading(networks[base, ""])
        # in a cut county the smallest desks cannot fill all of their seats: every fourth person leads
        assert n - 5 <= sum(seats.values()) <= n and seats["city_leadership"] == 18
    assert leading(networks["lean40", ""])["joint_committee"] == 32
    assert leading(networks["lean40", ""])["economic_development"] == 5
    ids = [{w.id for w in networks[base, ""].workers if w.unit == "city_leadership"}
           for base in ("conventional40", "lean40")]  # fmt: skip
    assert ids[0] == ids[1]
    without = with_world(catalogue, "lean40")
    assert not leading(without) and not any("lead" in p.group for p in without.posts)


def test_leaders_part_of_standing_work_is_taken_not_added(catalogue):
    on, off = (expected_minutes(with_world(catalogue, "lean40", leaders)) for leaders in (True, False))
    assert on.pop("leading") > 0.5
    assert on.pop("requests") > off.pop("requests")          # signatures
    assert on.pop("hand_over") == pytest.approx(off.pop("hand_over"), rel=0.01)     # a ruling ends the bouncing
    assert on == pytest.approx(off)


def test_directing_grows_faster_than_the_span(catalogue):
    """City leaders direct departments and middle units; the law per leader is a s + b s (s - 1) / 2."""
    def of_city(**values):
        plan = load("lean40").vary({"reforms": [], **values})
        one = county_network(plan.settings(plan.scenario.run.start), catalogue)
        mean = next(m for m in one.matters if m.id == "leading_units").steps[0].service.mean_minutes()
        stream = next(s for s in one.streams if s.id.startswith("leading/city_leadership/leaders/"))
        return stream.per_day * 365.25 * mean

    for n in (9, 21, 26):
        span = (15 + n) / 18
        assert of_city(**{"levers.middle_units": n}) == pytest.approx(18 * (7800 * span + 300 * span * (span - 1) / 2))
    assert of_city(**{"levers.structure": "conventional"}) == pytest.approx(
        18 * (7800 * 49 / 18 + 300 * (49 / 18) * (49 / 18 - 1) / 2))


def test_signatures_wait_for_busy_leaders():
    """Longer signing: leaders busier, signatures wait longer; what is signed and handed over stays."""
    found = {}
    for minutes in (3, 60):
        plan = load("conventional40").vary({
            "county.residents": 100_000, "run.run_in_days": 10, "run.end": datetime.date(2019, 11, 30),
            "world.sign_off_minutes": minutes, "levers.staffing_share": 0.2})  # fmt: skip
        rows = []
        for seed in (1, 2, 3):                  # the wait of one seed moves by a tenth when anything else does
            county = County(plan, seed)
            while county.running:
                county.step()
            rows.append(outcomes(county) | {"signed": county.records.matters()["signed"].sum()})
            release(county)
        found[minutes] = {name: np.mean([row[name] for row in rows]) for name in rows[0]}
    short, long = found[3], found[60]
    assert short["leaders_utilisation"] < long["leaders_utilisation"]
    assert short["sign_off_wait_days"] < long["sign_off_wait_days"]
    assert short["sign_off_wait_share"] < long["sign_off_wait_share"]
    assert short["signed"] > 100 and long["signed"] == pytest.approx(short["signed"], rel=0.1)
    assert long["hand_overs_per_request"] == pytest.approx(short["hand_overs_per_request"], rel=0.02)


def officials(one):
    return {w.id: (w.unit, w.holds[0]) for w in one.workers if w.kind == "official"}


@pytest.mark.parametrize("base", ["conventional40", "lean40"])
def test_a_reform_moves_only_those_whom_it_concerns(networks, base):
    """People keep unit and post, but for the front lines that a reform gathers, and the posts that modules widen."""
    before = officials(networks[base, ""])
    moved = {"one_seal": 0.12, "one_team": 0.07, "one_thing": 0.02, "joint_duty": 0.02, "enterprise_centre": 0.02,
             "modules": 0.5}
    for name, most in moved.items():
        after = officials(networks[base, name])
        assert len(after) == len(before)
        assert len(after.keys() & before.keys()) > 0.94 * len(before), name
        assert sum(after.get(i) == place for i, place in before.items()) > (1 - most) * len(before), name
    gathered = officials(networks["conventional40", "one_seal"])
    hall = [i for i, (_, (post, _)) in gathered.items() if post == "hall/0"]
    was = officials(networks["conventional40", ""])
    at_windows = {i for i, (_, (post, _)) in was.items() if "_window/" in post and not post.startswith("township")}
    assert at_windows <= set(hall) and len(at_windows) > 50  # the windows' people go to the hall


def test_staffing_nests_under_single_reforms(catalogue):
    for base, name, to in (("conventional40", "one_seal", True), ("lean40", "one_team", False)):
        before = None
        for share in (0.3, 0.4, 0.45):
            one = network(catalogue, base, **{name: to, "staffing_share": share})
            now = {i: unit for i, (unit, _) in officials(one).items()}
            assert before is None or before.items() <= now.items()
            before = now
