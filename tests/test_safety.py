"""Safety as far as the model tells it: inspections carried out, hazards dealt with on time."""

from functools import cache

import pytest

from sim.agents.workers import KINDS
from sim.analysis.labour import work_by_year
from sim.runs.run import run
from sim.scenario import load
from sim.scenario.catalogue import read_catalogue

FAMILIES = read_catalogue(load("lean40").data_folder).matters


@cache
def lived(name):
    plan = load(name).vary({"county.residents": 20_000, "run.start": "2020-03-02", "run.end": "2020-04-15",
                            "run.run_in_days": 5})  # fmt: skip
    return run(plan, 1, tables=("summary", "monthly"))


def test_cover_is_what_the_families_of_inspection_got():
    result = lived("conventional40")
    work = work_by_year(result.monthly)
    work["family"] = work["family"].str.removesuffix(".elastic")
    mine = work.groupby("family").sum(numeric_only=True).loc[[m.matter for m in FAMILIES if m.safety == "inspection"]]
    standard, thinned = (
        mine[[f"{what}_{kind}_minutes" for kind in KINDS]].sum(axis=1) for what in ("standard", "thinned")
    )
    asked = standard * mine["opened"] / mine["resolved"]
    cover = (standard - thinned).sum() / asked.sum()
    assert 0.5 < cover < 0.95
    assert result.summary["inspection_cover_share"].iloc[0] == pytest.approx(cover)


def test_a_bare_cut_costs_inspections():
    full, cut = (lived(name).summary.iloc[0] for name in ("conventional100", "conventional40"))
    assert cut["inspection_cover_share"] < full["inspection_cover_share"] - 0.05
    assert 0.9 < full["inspection_cover_share"] <= 1.01  # arrears of the run-in may be worked off
    assert 0.0 < cut["hazards_on_time_share"] < 1.0


def test_inspections_are_standing_work_and_hazards_are_requests():
    told = {what: {m.block for m in FAMILIES if m.safety == what} for what in ("inspection", "hazard")}
    assert told == {"inspection": {"county"}, "hazard": {"requests"}}
