"""The county's network: the budget of minutes, places, staffing that nests, and holders for every post."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from sim.scenario import ScenarioError, load
from sim.scenario.catalogue import read_catalogue
from sim.scenario.county_network import county_network, expected_minutes
from sim.scenario.county_work import expected_visits
from sim.scenario.network import DONE
from sim.scenario.places import places
from sim.scenario.staffing import forced_posts
from sim.scenario.structures import REFORMS
from sim.scenario.timeline import is_structural
from sim.scenario.webster import awards, seats

OFFICIALS = ("requests", "hand_over", "county", "liaison", "tasking", "unit_overhead", "staff")
AVAILABLE = 109_200
DATA = Path(__file__).parents[1] / "docs" / "DATA.md"


def settings(structure="conventional", share=1.0, off_quota=2329, **values):
    changes = {
        "levers.structure": structure, "levers.staffing_share": share, "levers.off_quota_workers": off_quota,
        "levers.posts_per_official": 1, **{f"levers.{name}": structure == "lean" for name in REFORMS},
        "levers.communities": 102 if structure == "lean" else 199, **values,
    }  # fmt: skip
    plan = load("conventional100").vary(changes)
    return plan.settings(plan.scenario.run.start)


@pytest.fixture(scope="module")
def catalogue():
    return read_catalogue(settings().data_folder)


@pytest.fixture(scope="module")
def conventional(catalogue):
    return county_network(settings(), catalogue)


@pytest.fixture(scope="module")
def lean(catalogue):
    return county_network(settings("lean", 0.4, 1700), catalogue)


def fte(people):
    return people * AVAILABLE / 1e6


BUDGET = [
    # block, conventional, lean 2020: million minutes a year by the formulas of the budget
    ("county", 72.0, 72.0),
    ("liaison", fte(460 * 0.4), fte(460 * 0.4 * 0.75)),
    ("tasking", fte(37 * 12 * 0.35), fte(37 * 12 * 0.35 * 0.25)),
    ("tasking_at_community", 0.0, fte(37 * 12 * 0.35 * 0.25)),
    ("unit_overhead", fte((37 + 12) * 8 + 80 * 1.5), fte((15 + 6) * 8 + 26 * 1.5)),
    ("staff", 0.16 * fte(4658), 0.16 * fte(1863)),
    ("auxiliary", 140.0, 140.0 * (0.5 + 0.5 * 1863 / 4658)),
    ("community", 0.7 * fte(836), 0.7 * fte(836)),
    ("grid", 0.75 * fte(336), 0.75 * fte(336)),
]


@pytest.mark.parametrize(("block", "old", "new"), BUDGET)
def test_blocks_follow_the_budget(conventional, lean, block, old, new):
    assert expected_minutes(conventional).get(block, 0.0) == pytest.approx(old, rel=0.001)
    assert expected_minutes(lean).get(block, 0.0) == pytest.approx(new, rel=0.001)


def test_the_documents_table_is_that_of_the_networks(conventional, lean):
    rows = {line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[3:5]]
            for line in DATA.read_text("utf-8").splitlines() if line.count("|") == 6}
    named = {"requests, on officials' posts": "requests", "hand-overs and duplicated checks": "hand_over",
             "unit overhead": "unit_overhead", "auxiliary (off-quota people)": "auxiliary",
             "community workers' own": "community", "grid workers' own": "grid"}  # fmt: skip
    named |= {block: block for block in ("county", "liaison", "tasking", "leading", "staff")}
    for place, network in enumerate((conventional, lean)):
        minutes = expected_minutes(network)
        assert {label: rows[label][place] for label in named} == {
            label: f"{minutes[block]:.1f}" for label, block in named.items()}
        officials = [label for label, block in named.items() if block in (*OFFICIALS, "leading")]
        whole = next(cells for label, cells in rows.items() if label.startswith("**all of officials**"))[place]
        assert float(whole.split("**")[1]) == pytest.approx(sum(minutes[named[x]] for x in officials), abs=0.06)


def test_requests_and_hand_overs_are_of_the_budgets_size(conventional, lean):
    old, new = expected_minutes(conventional), expected_minutes(lean)
    assert 23 <= old["requests"] <= 27 and 23 <= new["requests"] <= 27
    assert 9 <= old["hand_over"] <= 11 and 0.8 <= new["hand_over"] <= 1.5


def test_utilisation_of_officials(conventional, lean):
    for network, low, high in ((conventional, 0.53, 0.58), (lean, 0.82, 0.92)):
        minutes = expected_minutes(network)
        n = sum(w.kind == "official" for w in network.workers)
        assert low <= sum(minutes[block] for block in OFFICIALS) / fte(n) <= high


def test_first_contact_takes_as_long_in_both_structures(catalogue, conventional, lean):
    """Structure may change who works and how often a request moves, not how long the same work takes."""
    old = {m.id: m for m in conventional.matters}
    new = {m.id: m for m in lean.matters}
    for m in catalogue.matters:
        if m.block == "requests":
            first = [
                {s.name: s.service.mean_minutes() for s in side[m.matter].steps}[side[m.matter].first_step]
                for side in (old, new)
            ]
            assert first[0] == pytest.approx(first[1]), m.matter


def test_every_matter_ends_and_every_group_has_posts(conventional, lean):
    for network in (conventional, lean):
        groups = {p.group for p in network.posts}
        for m in network.matters:
            visits = expected_visits(m)
            out = sum(
                n.probability * v
                for s, v in zip(m.steps, visits, strict=True)
                for n in s.next
                if n.step == DONE
            )
            assert out == pytest.approx(1.0)
            for s in m.steps:
                assert s.group in groups
                assert sum(n.probability for n in s.next) == pytest.approx(1.0)
            names = {s.name for s in m.steps}
            assert {m.first_step, m.online_step, m.transfer_step} - {""} <= names
        known = {m.id for m in network.matters}
        assert all(p.matter in known for s in network.streams for p in s.split())
        assert all(m.supervision_matter in known for m in network.matters if m.supervision_matter)


def test_no_matter_vanishes_with_a_structure_change(catalogue, conventional, lean):
    """What is open on the day of a change continues: every matter is there, at the successor of its unit."""
    bare = county_network(settings("lean", 0.25, 900, **{"world.elastic_share": 0.0}), catalogue)
    known = {m.id for m in conventional.matters}
    assert known == {m.id for m in lean.matters} == {m.id for m in bare.matters}
    group = {(m.id, s.name): s.group for m in lean.matters for s in m.steps}
    assert group["plans_documents", "development_reform"] == "economic_development"
    assert group["staff_coordination", "ecology_team"] == "team"
    assert group["auxiliary_duties", "township/auxiliary"] == "joint_committee/auxiliary"
    old = {(m.id, s.name) for m in conventional.matters for s in m.steps if m.block != "requests"}
    assert old <= group.keys() | {(m, s) for m, s in old if m.startswith("supervision/") and s == "check"}


def test_ids_are_unique(conventional, lean):
    for network in (conventional, lean):
        for things in (
            network.matters,
            network.streams,
            network.posts,
            network.workers,
            network.organizations,
        ):
            assert len({t.id for t in things}) == len(things)


CASES = [
    ("conventional", 1.0, 2329, {}),
    ("conventional", 0.4, 2329, {"world.conventional_post_pool_size": 1.0}),
    ("conventional", 0.4, 0, {"levers.posts_per_official": 3}),
    ("conventional", 0.02, 10, {}),
    ("lean", 0.4, 1700, {"levers.posts_per_official": 8}),
    ("lean", 0.25, 900, {"levers.cut_rule": "front_line_protected"}),
    ("lean", 1.0, 3700, {"levers.cut_rule": "uniform", "levers.grids": 484}),
]


@pytest.mark.parametrize(("structure", "share", "off_quota", "values"), CASES)
def test_every_post_at_every_site_has_a_holder(catalogue, structure, share, off_quota, values):
    network = county_network(settings(structure, share, off_quota, **values), catalogue)
    held = {hold for w in network.workers for hold in w.holds}
    assert held == {(p.id, site) for p in network.posts for site in range(network.sites[p.level])}
    count = Counter(w.kind for w in network.workers)
    assert count["official"] == round(4658 * share)
    assert count["off_quota"] == off_quota
    assert count["community_worker"] == 836
    assert count["grid_worker"] == network.sites["grid"]
    assert all(len(set(w.holds)) == len(w.holds) for w in network.workers)


def test_bare_cut_of_small_posts_forces_posts_on_colleagues(catalogue):
    small = {"world.conventional_post_pool_size": 1.0}
    cut = county_network(settings(share=0.4, **small), catalogue)
    full = county_network(settings(share=1.0, **small), catalogue)
    assert forced_posts(cut.workers, 1) > 500
    assert forced_posts(full.workers, 1) < 100


@pytest.mark.parametrize("rule", ["load", "uniform", "front_line_protected"])
@pytest.mark.parametrize("structure", ["conventional", "lean"])
def test_staffing_nests(catalogue, structure, rule):
    """Whoever is present at 40 % is present at 45 %, with the same id, unit and first post."""
    before = None
    for share in (0.3, 0.4, 0.45, 0.6, 1.0):
        network = county_network(settings(structure, share, **{"levers.cut_rule": rule}), catalogue)
        now = {w.id: (w.unit, w.holds[0]) for w in network.workers if w.kind == "official"}
        if before is not None:
            assert before.items() <= now.items()
        before = now


def test_posts_do_not_change_with_the_staffing(catalogue):
    for structure in ("conventional", "lean"):
        posts = {county_network(settings(structure, share), catalogue).posts for share in (0.3, 0.4, 1.0)}
        assert len(posts) == 1


def test_front_line_protected_spares_the_front_line(catalogue, conventional):
    def people(rule, share):
        network = county_network(settings(share=share, **{"levers.cut_rule": rule}), catalogue)
        front = {p.id for p in network.posts if p.group.endswith(("_window", "_team"))}
        return sum(w.kind == "official" and w.holds[0][0] in front for w in network.workers)

    full = people("load", 1.0)
    assert people("front_line_protected", 0.4) >= 0.95 * full
    assert people("load", 0.4) < 0.6 * full


def test_officials_keep_their_identity_across_structures(conventional, lean):
    old = {w.id for w in conventional.workers if w.kind == "official"}
    new = {w.id for w in lean.workers if w.kind == "official"}
    assert len(new & old) > 0.9 * len(new)


def test_chains_hold_the_next_posts_of_the_unit(catalogue):
    network = county_network(settings("lean", 0.4, 1700, **{"levers.posts_per_official": 3}), catalogue)
    unit = {p.id: p.unit for p in network.posts}
    for w in network.workers:
        if w.kind == "official":
            assert {unit[post] for post, _ in w.holds[:3]} == {w.unit}
            assert len({site for _, site in w.holds}) == 1


def test_off_quota_people_serve_the_front_line_and_nothing_else(lean):
    groups = {p.id: p.group for p in lean.posts}
    for w in lean.workers:
        if w.kind == "off_quota":
            assert groups[w.holds[0][0]].endswith("/auxiliary")
            assert {groups[post] for post, _ in w.holds[1:]} <= {"hall", "team", "service_centre"}


@pytest.mark.parametrize("residents", [None, 1_000, 10_000, 2_000_000])
def test_places_scale_exactly(catalogue, residents):
    where = places(catalogue, residents)
    wanted = residents or 464_700
    assert where.n_residents == where.place_of_resident.size == where.residents_of_place.sum() == wanted
    assert where.residents_of_community.sum() == wanted
    share = where.residents_of_community / wanted
    listed = np.array([c.residents for c in catalogue.communities]) / 464_700
    assert np.abs(share - listed).max() <= 1.0 / wanted + 1e-12
    owners = where.business_stop - where.community_first[:-1]
    assert owners.sum() == pytest.approx(0.25 * wanted, abs=51)
    community = where.community_of_place[where.place_of_resident]
    assert (np.diff(community) >= 0).all()


def test_requests_scale_with_residents_and_standing_work_does_not(catalogue, conventional):
    small = county_network(settings(**{"county.residents": 46_470}), catalogue)
    old, new = expected_minutes(conventional), expected_minutes(small)
    assert new["requests"] == pytest.approx(0.1 * old["requests"], rel=0.01)
    assert new["county"] == pytest.approx(old["county"])


@pytest.mark.parametrize("grids", [336, 384, 484])
def test_sites_of_every_level(catalogue, grids):
    network = county_network(settings("lean", 0.4, 1700, **{"levers.grids": grids}), catalogue)
    assert network.sites == {"grid": grids, "community": 102, "middle": 26, "county": 1, "organization": 1}
    for level, site in network.site_of_place.items():
        assert site.size == 3_311 and set(site) == set(range(network.sites[level]))
    # a grid lies in one community, a community in one middle unit
    for lower, upper in (("grid", "community"), ("community", "middle")):
        assert (
            len(set(zip(network.site_of_place[lower], network.site_of_place[upper], strict=True)))
            == (network.sites[lower])
        )
    assert expected_minutes(network)["grid"] == pytest.approx(0.75 * fte(336))


def test_transferable_functions_and_organizations(lean):
    ranges = sorted({m.functions for m in lean.matters if m.functions[1]})
    assert ranges[0][0] == 0
    assert all(a + n == b for (a, n), (b, _) in zip(ranges, ranges[1:], strict=False))
    assert sum(ranges[-1]) == 154
    assert sorted(o.rank for o in lean.organizations) == list(range(92))
    first = Counter(o.field for o in lean.organizations if o.rank < 22)  # a market of 22 holds every field
    assert set(first) == {o.field for o in lean.organizations}
    assert {p.group for p in lean.posts if p.level == "organization"} == {o.post for o in lean.organizations}
    staff = Counter(w.organization for w in lean.workers if w.organization)
    assert {o.id: o.staff for o in lean.organizations} == staff
    # 85 functions are worth about 10 million minutes a year (3 to 35)
    volume = Counter()
    for s in lean.streams:
        for p in s.split():
            volume[p.matter] += s.per_day * p.share * 365.25
    worth = 0.0
    for m in lean.matters:
        first, n = m.functions
        if n:
            step = next(s for s in m.steps if s.name == m.transfer_step)
            worth += volume[m.id] * step.service.mean_minutes() * min(max(85 - first, 0), n) / n
    assert 8e6 <= worth <= 12e6


NOT_MARKED_YET = {"behaviour.elastic_patience_days", "behaviour.patience_days_mean"}
"""Read here but not yet structural in the schema: a kept network may be stale when only these differ."""


class Watch:
    """Settings that note which values are read."""

    def __init__(self, model, path, seen):
        self._model, self._path, self._seen = model, path, seen

    def __getattr__(self, name):
        value = getattr(self._model, name)
        self._seen.append((self._model, self._path + name, name))
        return Watch(value, f"{self._path}{name}.", self._seen) if hasattr(value, "model_fields") else value


def test_only_structural_settings_are_read(catalogue):
    """Otherwise a network kept for its structural key would be stale."""
    given, seen = settings("lean", 0.4, 1700, **{"levers.cut_rule": "uniform"}), []
    watched = type("Watched", (), {
        name: Watch(getattr(given, name), f"{name}.", seen) for name in ("world", "levers", "behaviour")
    } | {"scenario": given.scenario})  # fmt: skip
    county_network(watched, catalogue)
    read = {
        path
        for model, path, name in seen
        if name in type(model).model_fields and not is_structural(model, name)
    }
    assert read <= NOT_MARKED_YET


def test_building_is_repeatable(catalogue):
    given = settings("lean", 0.4, 1700)
    first = county_network(given, catalogue)
    again = county_network(given, catalogue)
    assert (first.streams, first.workers, first.posts) == (again.streams, again.workers, again.posts)


def test_webster_divides_and_nests():
    weights = np.array([53.0, 24.0, 23.0])
    assert seats(weights, 7).tolist() == [3, 2, 2]  # textbook example; D'Hondt would give 4, 2, 1
    long = awards(weights, 100, least=1)
    for n in range(101):
        assert (awards(weights, n, least=1) == long[:n]).all()
    assert seats(np.array([0.0, 1.0]), 5, least=1).tolist() == [1, 4]
    assert seats(np.array([0.0, 0.0]), 4).tolist() == [2, 2]


# --- posts added at one domain ---


def officials_of(network):
    return {w.id: w for w in network.workers if w.kind == "official"}


def domains_of(catalogue, structure):
    return sorted({u.domain for u in catalogue.units if u.structure == structure and u.kind != "leadership"})


def added(n, domain):
    return {"levers.added_posts": n, "levers.added_posts_domain": domain}


@pytest.mark.parametrize(("structure", "share"), [("conventional", 1.0), ("conventional", 0.4), ("lean", 0.4)])
def test_added_posts_are_so_many_more_there_and_move_nobody(catalogue, structure, share):
    before = officials_of(county_network(settings(structure, share), catalogue))
    for domain in domains_of(catalogue, structure):
        network = county_network(settings(structure, share, **added(20, domain)), catalogue)
        after = officials_of(network)
        new = [w for name, w in after.items() if name not in before]
        assert len(new) == 20 and {name.split("|")[1] for name in set(after) - set(before)} == {domain}
        assert {w.unit for w in new} <= {w.unit for name, w in before.items() if name.split("|")[1] == domain}
        assert all(after[name].unit == w.unit and after[name].holds[0] == w.holds[0] for name, w in before.items())
        assert {w.id for w in network.workers if w.kind != "official"} == {
            w.id for w in county_network(settings(structure, share), catalogue).workers if w.kind != "official"}


def test_added_posts_nest(catalogue):
    few, many = (
        officials_of(county_network(settings("lean", 0.4, **added(n, "township_general")), catalogue)) for n in (5, 40)
    )
    assert set(few) < set(many) and len(many) == len(few) + 35
    assert len({w.holds[0][1] for name, w in many.items() if name not in few}) > 10  # at many of the 26 sites


def test_added_posts_by_load_are_where_a_larger_share_would_put_them(catalogue):
    """What is added at one domain has the same posts as the next seats that its desks would win."""
    start = officials_of(county_network(settings("lean", 0.4), catalogue))
    more = county_network(settings("lean", 0.4, **added(30, "finance")), catalogue)
    larger = officials_of(county_network(settings("lean", 0.9), catalogue))
    own = Counter(w.holds[0] for w in start.values() if w.unit == "finance")
    here = Counter(w.holds[0] for w in officials_of(more).values() if w.unit == "finance")
    wins = Counter(w.holds[0] for w in larger.values() if w.unit == "finance")
    assert sum(here.values()) == sum(own.values()) + 30
    assert all(abs(here[post] / sum(here.values()) - wins[post] / sum(wins.values())) < 0.03 for post in wins)


def test_a_domain_that_no_unit_has_is_refused_with_the_domains(catalogue):
    with pytest.raises(ScenarioError, match=r'there is no domain "finances"; allowed: agriculture.*mean finance\?'):
        county_network(settings("lean", 0.4, **added(1, "finances")), catalogue)
    with pytest.raises(ScenarioError, match="20 posts are added to no domain"):
        settings("lean", 0.4, **{"levers.added_posts": 20})
