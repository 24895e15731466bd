"""Units ranked and bound by their dispatched cases: what is measured goes first, nothing is done for free."""

from __future__ import annotations

from functools import cache

import pytest

from sim.runs.run import run
from sim.scenario import load
from sim.scenario.catalogue import read_catalogue
from sim.scenario.county_network import county_network, expected_minutes
from sim.scenario.county_requests import assessed_matters
from sim.service.layout import EARLIEST_DEADLINE, FIRST_COME, NEVER
from sim.service.queues import rank_of

CATALOGUE = read_catalogue(load("lean40").data_folder)
DAY = 86_400_000_000


@cache
def network(base, assessment):
    plan = load(base).vary({"reforms": [], "county.residents": 50_000, "levers.assessment": assessment})
    return county_network(plan.settings(plan.scenario.run.start), CATALOGUE)


def test_a_head_start_moves_the_rank_and_no_deadline():
    start = 5 * 86_400
    assert rank_of(EARLIEST_DEADLINE, 3, 9 * DAY, 7, start) == 4 * DAY
    assert rank_of(EARLIEST_DEADLINE, 3, 9 * DAY, 7, 0) == 9 * DAY, "classes of a textbook mean nothing here"
    assert rank_of(EARLIEST_DEADLINE, 3, NEVER, 0, start) == NEVER - 1
    assert rank_of(FIRST_COME, 3, 9 * DAY, 0, start) == 3


@pytest.mark.parametrize("base", ["conventional40", "lean40"])
def test_ranking_costs_leaders_minutes_and_moves_nobody(base):
    free, half, full = (network(base, a) for a in (0.0, 0.5, 1.0))
    assert [w.id for w in free.workers] == [w.id for w in full.workers]
    assert {w.id: w.holds for w in free.workers} == {w.id: w.holds for w in full.workers}
    minutes = [expected_minutes(n) for n in (free, half, full)]
    assert minutes[0]["leading"] < minutes[1]["leading"] < minutes[2]["leading"]
    added = minutes[2]["leading"] - minutes[0]["leading"]
    assert minutes[1]["leading"] - minutes[0]["leading"] == pytest.approx(added / 2)
    for block in minutes[0].keys() - {"leading"}:
        assert minutes[2][block] == pytest.approx(minutes[0][block]), block
    measured = assessed_matters(full)
    assert len(measured) == 50
    assert {m.id for m in full.matters if m.head_start_days} == measured
    assert {m.head_start_days for m in full.matters} == {0.0, 5.0}
    assert not any(m.head_start_days for m in free.matters)
    assert [m.deadline_minutes for m in full.matters] == [m.deadline_minutes for m in free.matters]


def test_in_an_overloaded_county_what_is_measured_goes_first():
    """What is measured is more punctual at the cost of what is not; leaders are busier; as much arises."""
    short = {"reforms": [], "county.residents": 100_000, "run.run_in_days": 5, "run.end": "2020-01-15",
             "levers.staffing_share": 0.25}  # fmt: skip
    free, bound = (
        run(load("conventional40").vary({**short, "levers.assessment": a}), seed=1, tables=("summary",)).summary.iloc[0]
        for a in (0.0, 1.0)
    )
    assert bound["assessed_on_time_share"] > free["assessed_on_time_share"]
    assert bound["other_on_time_share"] < free["other_on_time_share"]
    assert bound["leaders_utilisation"] > free["leaders_utilisation"]
    assert bound["requests_opened"] == free["requests_opened"]


def test_before_its_date_it_leaves_no_trace():
    plan = load("lean40").vary({"county.residents": 20_000, "run.run_in_days": 5, "run.end": "2019-11-15"})
    reform = {"date": "2019-10-15", "what": "levers.assessment", "to": 1.0, "source": "test"}
    first, second = (run(plan.vary({"reforms": r}), seed=3, tables=("daily",)).daily for r in ([], [reform]))
    day = first["date"].astype(str) < "2019-10-15"
    assert first[day].equals(second[day])
    assert not first.equals(second)
