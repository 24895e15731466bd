"""Matters sent down to communities, with and without means, and the list of what communities may refuse."""

from __future__ import annotations

from functools import cache

import pytest

from sim.runs.run import run
from sim.scenario import load
from sim.scenario.catalogue import read_catalogue
from sim.scenario.county_devolution import DEVOLVED, devolved_shares
from sim.scenario.county_network import county_network, expected_minutes
from sim.scenario.county_work import expected_step_minutes

CATALOGUE = read_catalogue(load("lean40").data_folder)


@cache
def network(base="lean40", **levers):
    changes = {f"levers.{name}": value for name, value in levers.items()}
    plan = load(base).vary({"reforms": [], "county.residents": 50_000, **changes})
    return county_network(plan.settings(plan.scenario.run.start), CATALOGUE)


def workers(network):
    return {w.id: w for w in network.workers}


def test_families_are_sent_down_in_the_order_of_the_list():
    assert devolved_shares(CATALOGUE, 0) == {}
    all_of_them = devolved_shares(CATALOGUE, 95)
    families = [m for m in CATALOGUE.matters if m.devolved_items]
    assert list(all_of_them) == [m.matter for m in families] and set(all_of_them.values()) == {1.0}
    some = devolved_shares(CATALOGUE, 20.5)
    counted = sum(share * m.devolved_items for m in families if (share := some.get(m.matter)))
    assert counted == pytest.approx(20.5)


@pytest.mark.parametrize("base", ["lean40", "conventional100"])
def test_volumes_stay_and_work_moves_from_the_counter_to_the_community(base):
    before, after = network(base), network(base, devolved_matters=95.0)

    def volume(net):
        found = {}
        for s in net.streams:
            for part in s.split():
                found[part.matter] = found.get(part.matter, 0.0) + s.per_day * part.share
        return found

    assert volume(after) == pytest.approx(volume(before))
    minutes, less = expected_minutes(before), expected_minutes(after)
    assert less["requests"] + less["hand_over"] < minutes["requests"] + minutes["hand_over"]
    assert less["requests_at_community"] > minutes["requests_at_community"]
    assert less["county"] == pytest.approx(minutes["county"]), "nothing else changes"
    assert less["hand_over"] < minutes["hand_over"]


@pytest.mark.parametrize("base, passed_on", [("lean40", 0.1), ("conventional100", 0.5)])
def test_a_matter_takes_no_more_work_below_than_at_the_counter(base, passed_on):
    """What the counter settles at first contact the community settles so too; the case is done for the others only."""
    m = next(m for m in CATALOGUE.matters if m.matter == "elder_allowance")
    matter = next(x for x in network(base, devolved_matters=95.0).matters if x.id == m.matter)
    entry = next(s.name for s in matter.steps if s.group == "community" and s.name != DEVOLVED)
    below = [x for x in expected_step_minutes(matter, first=entry) if x[0] == "community"]
    minutes = sum(service for _, service, _ in below) / (1.0 - m.digital_share)     # the others stay online
    assert minutes == pytest.approx(m.contact_minutes + passed_on * m.case_minutes)


def test_what_officials_save_communities_do():
    minutes, less = expected_minutes(network()), expected_minutes(network(devolved_matters=95.0))
    saved = sum(minutes[k] - less[k] for k in ("requests", "hand_over"))
    added = less["requests_at_community"] - minutes["requests_at_community"]
    assert added == pytest.approx(saved, rel=0.1)


def test_without_means_nobody_is_added_and_nobody_moves():
    assert workers(network(devolved_matters=95.0)) == workers(network())


def test_a_list_of_what_communities_refuse_moves_work_and_no_desk():
    for share in (0.5, 1.0):
        assert workers(network(access_list=share)) == workers(network())


def test_means_add_workers_who_bring_no_work_of_their_own():
    bare, with_means = network(devolved_matters=95.0), network(devolved_matters=95.0, devolution_means=1.0)
    added = set(workers(with_means)) - set(workers(bare))
    moved = expected_minutes(bare)["requests_at_community"] - expected_minutes(network())["requests_at_community"]
    year = CATALOGUE.value("available_minutes_per_post")
    assert len(added) == pytest.approx(moved * 1e6 / year, rel=0.15, abs=1) and added
    assert all(workers(with_means)[name].kind == "community_worker" for name in added)
    assert set(workers(bare)) <= set(workers(with_means))
    assert expected_minutes(with_means) == pytest.approx(expected_minutes(bare))


def test_what_communities_refuse_the_departments_do():
    free, listed = expected_minutes(network()), expected_minutes(network(access_list=0.5))
    assert listed["tasking_at_community"] == pytest.approx(free["tasking_at_community"] / 2)
    assert sum(listed.values()) == pytest.approx(sum(free.values()))
    assert listed["tasking"] > free["tasking"]
    conventional = [expected_minutes(network("conventional100", access_list=share)) for share in (0.0, 0.5)]
    assert conventional[0] == conventional[1], "no tasking goes to communities there"


def test_every_way_of_a_devolved_matter_ends_and_begins_below():
    for base in ("lean40", "conventional100"):
        net = network(base, devolved_matters=95.0)
        matters = {m.id: m for m in net.matters}
        entries = {p.matter: p.entry for s in net.streams for p in s.split() if p.entry and DEVOLVED in p.entry}
        assert len(entries) == len(devolved_shares(CATALOGUE, 95))
        for matter, entry in entries.items():
            steps = {s.name: s for s in matters[matter].steps}
            assert steps[entry].group in ("grid", "community")
            assert steps[DEVOLVED].group == "community"
            for s in steps.values():
                assert not s.next or sum(n.probability for n in s.next) == pytest.approx(1.0)


def test_in_a_run_communities_work_more_and_a_dated_devolution_changes_nothing_before():
    short = {"county.residents": 20_000, "run.end": "2019-11-15", "run.run_in_days": 5}
    plan = load("lean40").vary(short)
    reform = {"date": "2019-10-15", "what": "levers.devolved_matters", "to": 95.0, "source": "test"}
    later = plan.vary({"reforms": [reform]})
    plan = plan.vary({"reforms": []})
    first, second = run(plan, seed=3), run(later, seed=3)
    day = first.daily["date"].astype(str) < "2019-10-15"
    assert first.daily[day].equals(second.daily[day])
    assert not first.daily.equals(second.daily)
    now = run(plan.vary({"levers.devolved_matters": 95.0}), seed=3)
    assert served(now, "community_worker") > served(first, "community_worker")
    # all that officials serve says little: whoever is relieved turns to work that waited
    assert of_requests(now, "official") < 0.95 * of_requests(first, "official")


def served(result, kind):
    return result.daily[f"served_minutes_{kind}"].sum()


def of_requests(result, kind):
    """Standard minutes of requests that a kind of people served."""
    return result.matters.loc[result.matters["block"] == "requests", f"standard_{kind}_minutes"].sum()
