"""Offered load: exact on made-up work, and what became of it adds up in a real run."""

import pandas as pd
import pytest

from sim.analysis.labour import ledger_by_year, work_by_year
from sim.analysis.offered import FATES, offered_load
from sim.runs.run import run
from sim.scenario import load


def made_up():
    """A year of 1,000 regular minutes on duty: 900 of them and 100 of overtime worked."""
    work = pd.DataFrame(
        [
            ("requests", "a", 10, 10, 500.0, 0.0, 600.0),  # took 100 more than its standard: learning
            ("county", "b", 8, 4, 300.0, 50.0, 250.0),  # half of it is left
            ("county_elastic", "c", 5, 1, 50.0, 0.0, 50.0),
            ("county_elastic", "d", 3, 0, 0.0, 0.0, 0.0),  # never done, so nobody knows what it takes
        ],
        columns=["block", "family", "opened", "resolved", "standard_official_minutes", "thinned_official_minutes",
                 "served_official_minutes"],
    ).assign(year=2020)  # fmt: skip
    entries = {"paid": 1100.0, "absent": 100.0, "idle": 100.0, "overtime": 100.0, "setup": 60.0, "handover": 40.0}
    ledgers = pd.DataFrame([(2020, "official", e, m) for e, m in entries.items()],
                           columns=["year", "kind", "entry", "minutes"])  # fmt: skip
    return work, ledgers


def test_what_is_asked_and_what_becomes_of_it():
    found = offered_load(*made_up()).iloc[0]
    left, elastic_left = 300.0, 200.0
    assert found[list(FATES)].tolist() == [900.0, 100.0, 50.0, elastic_left, left]
    # at standard minutes 500 + 600 + 250, and besides 100 of slow work, 60 of set-up, 40 of hand-overs
    assert found["offered"] == 500 + 600 + 250 + 100 + 60 + 40 == 1550
    assert found["load"] == 1.55 and found["load_without_elastic"] == 1.30


def test_years_and_runs_stand_alone():
    work, ledgers = made_up()
    both = [pd.concat([x.assign(option=o, seed=1) for o in "ab"], ignore_index=True) for x in (work, ledgers)]
    found = offered_load(*both)
    assert list(found["option"]) == ["a", "b"] and found["load"].tolist() == [1.55, 1.55]


def test_a_family_that_ended_nothing_this_year_takes_what_it_took_in_others():
    work, ledgers = made_up()
    later = work[work["family"] == "d"].assign(year=2021, resolved=2, opened=2, standard_official_minutes=60.0,
                                               served_official_minutes=60.0)  # fmt: skip
    both = pd.concat([ledgers, ledgers.assign(year=2021)], ignore_index=True)
    found = offered_load(pd.concat([work, later], ignore_index=True), both).set_index("year")
    assert found.at[2020, "elastic_unfinished"] == 200.0 + 3 * 30.0


def test_without_officials_there_is_no_row():
    work, ledgers = made_up()
    assert offered_load(work, ledgers.assign(kind="server")).empty
    assert offered_load(work.drop(columns="standard_official_minutes"), ledgers).empty


def test_in_a_county_the_cut_asks_more_than_regular_hours_hold():
    """The parts follow the ledger of the same run; with two fifths of the posts the same work weighs more."""
    loads = {}
    for name in ("conventional100", "conventional40"):
        plan = load(name).vary({"county.residents": 10_000, "run.start": "2020-03-02", "run.end": "2020-03-31",
                                "run.run_in_days": 5})  # fmt: skip
        result = run(plan, 1, tables=("daily", "monthly"))
        work = work_by_year(result.monthly)
        found = offered_load(work, ledger_by_year(result.daily, work)).iloc[0]
        assert found["offered"] == pytest.approx(found[list(FATES)].sum())
        worked = sum(result.daily[f"{x}_minutes_official"].sum() for x in ("served", "setup", "handover"))
        assert found["regular"] + found["overtime"] == pytest.approx(worked, rel=1e-6)
        loads[name] = found["load"]
    assert loads["conventional40"] > 1.6 * loads["conventional100"]
