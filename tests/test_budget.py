"""The arithmetic of the budget beside the ledger, and cost by line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from comparisons import county, queue, turn_of_year

from sim.analysis.budget import BLOCKS, LINES, arithmetic, beside_arithmetic, by_line
from sim.analysis.money import cost_by_line
from sim.report.budget import budget_tables
from sim.report.money import money_table


def test_lines_add_up_to_the_minutes_worked():
    found = turn_of_year()
    lines = by_line(found).pivot(index=["option", "seed", "year"], columns="line", values="minutes")
    mine = found.ledgers[found.ledgers["kind"] == "official"]
    wide = mine.pivot_table(index=["option", "seed", "year"], columns="entry", values="minutes", fill_value=0.0)
    worked = wide["paid"] + wide["overtime"] - wide["idle"] - wide["absent"]
    assert np.allclose(lines["worked"], worked / 1e6, atol=1e-6)
    assert np.allclose(lines.drop(columns="worked").sum(axis=1), lines["worked"])
    assert (lines.loc["lean40", "reform"] > 0).all() and np.allclose(lines.loc["conventional100", "transfer"], 0)


def test_arithmetic_is_whole_for_both_structures():
    said = arithmetic(county().plans["lean40"].data_folder)
    for _, mine in said.groupby(["structure", said["year"].fillna(0)]):
        assert sorted(mine["line"]) == sorted(LINES)
    assert said[["unit", "status", "source"]].notna().all().all()
    assert set(said["status"]) <= {"sourced", "derived", "assumed"}


def test_arithmetic_stands_beside_a_whole_year_only():
    assert beside_arithmetic(county()).empty and budget_tables(county(), "en") == []
    assert arithmetic(None).empty and budget_tables(queue(), "en") == []


def test_arithmetic_beside_a_year(monkeypatch):
    monkeypatch.setattr("sim.analysis.budget._whole_years", lambda *_: [2020])
    found = beside_arithmetic(turn_of_year()).set_index(["option", "line"])
    assert found.loc[("conventional100", "county"), "arithmetic"] == 72
    assert found.loc[("lean40", "tasking"), "arithmetic"] == 4
    assert found.loc["lean40"].loc[list(BLOCKS), "by_others"].notna().all()
    tables = budget_tables(turn_of_year(), "zh")
    assert [len(t["table"].rows) for t in tables] == [len(LINES) + 3] * 2


def test_wrong_arithmetic_is_refused(tmp_path):
    head = "structure,year,posts,line,value,low,high,unit,status,source\n"
    (tmp_path / "budget.csv").write_text(head + "lean,,1863,lunch,1,0,2,m,assumed,x\n")
    with pytest.raises(ValueError, match=r"row 2: line 'lunch'; allowed: requests"):
        arithmetic(tmp_path)
    (tmp_path / "budget.csv").write_text(head + "lean,,1863,county,9,0,2,m,assumed,x\n")
    with pytest.raises(ValueError, match="value 9 lies outside 0 to 2"):
        arithmetic(tmp_path)


def test_cost_by_line():
    found = county()
    assert cost_by_line(replace(found, money=pd.DataFrame())).empty
    assert money_table(replace(found, money=pd.DataFrame()), "en") is None
    rows = [
        {"option": o, "seed": s, "line": line, "yuan": 1e6 * (1 + i)}
        for o in found.plans
        for s in found.seeds
        for i, line in enumerate(("salaries_official", "contracts", "contracts"))
    ]
    priced = replace(found, money=pd.DataFrame(rows))
    cost = cost_by_line(priced).set_index(["option", "line", "per"])["mean"]
    years = found.values("lean40", "years").iloc[0]
    assert cost["lean40", "contracts", "year"] == pytest.approx(5e6 / years)
    assert cost["lean40", "all", "year"] == pytest.approx(6e6 / years)
    assert cost["lean40", "all", "resident"] == pytest.approx(6e6 / years / 464_700)
    table = money_table(priced, "zh")
    assert table.rows[-1].kind == "sum" and len(table.head) == 7
