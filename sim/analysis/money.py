"""Cost by line and by calendar year: a year, per resident and per resolved request of residents and businesses."""

from __future__ import annotations

import pandas as pd

from sim.analysis.comparison import Comparison
from sim.analysis.intervals import estimate
from sim.scenario import Plan
from sim.scenario.catalogue import read_catalogue

PER = ("year", "resident", "request")
DAYS_A_YEAR = 365.25


def cost_by_line(comparison: Comparison) -> pd.DataFrame:
    """Cost of each option by line, with 95 % intervals over seeds.

    Returns:
        Rows option, line (`all` is their sum), per (`year`: yuan a year; `resident`: yuan a resident and year;
        `request`: yuan a resolved request), mean, low, high, in the order in which the lines are kept. No rows when the
        runs keep no money.
    """
    columns = ["option", "line", "per", "mean", "low", "high"]
    money = comparison.money
    if money.empty or "yuan" not in money:
        return pd.DataFrame(columns=columns)
    lines = [*dict.fromkeys(money["line"]), "all"]
    work = comparison.work[comparison.work["attention_class"] == "resident"]
    resolved = work.groupby(["option", "seed"])["resolved"].sum()
    rows = []
    for option, plan in comparison.plans.items():
        years = comparison.values(option, "years")
        mine = money[money["option"] == option]
        wide = mine.pivot_table(index="seed", columns="line", values="yuan", aggfunc="sum", fill_value=0.0)
        if wide.empty:
            continue
        wide["all"] = wide.sum(axis=1)
        over = {
            "year": years.reindex(wide.index),
            "resident": years.reindex(wide.index) * _residents(plan),
            "request": resolved.loc[option].reindex(wide.index),
        }
        for line in (name for name in lines if name in wide):
            for per in PER:
                found = estimate((wide[line] / over[per]).to_numpy())
                rows.append((option, line, per, found.mean, found.low, found.high))
    return pd.DataFrame(rows, columns=columns)


def cost_by_year(comparison: Comparison) -> pd.DataFrame:
    """Cost of each option in each calendar year, with 95 % intervals over seeds.

    Returns:
        Rows option, year, per (`resident`: yuan a resident and year, also where a part of the year was lived;
        `request`: yuan a request resolved in that year), mean, low, high. No rows when the runs keep no money.
    """
    columns = ["option", "year", "per", "mean", "low", "high"]
    money = comparison.money
    if money.empty or "yuan" not in money:
        return pd.DataFrame(columns=columns)
    yuan = money["yuan"].groupby([money["option"], pd.to_datetime(money["date"]).dt.year, money["seed"]]).sum()
    months = comparison.months
    days = months["days"].groupby([months["option"], pd.to_datetime(months["date"]).dt.year, months["seed"]]).sum()
    work = comparison.work[comparison.work["attention_class"] == "resident"]
    resolved = work.groupby(["option", "year", "seed"])["resolved"].sum()
    rows = []
    for option, plan in comparison.plans.items():
        for year in sorted(yuan.loc[option].index.unique(0)) if option in yuan.index.unique(0) else ():
            mine = yuan.loc[option, year]
            over = {
                "resident": days.loc[option, year].reindex(mine.index) / DAYS_A_YEAR * _residents(plan),
                "request": resolved.loc[option, year].reindex(mine.index),
            }
            for per, divisor in over.items():
                found = estimate((mine / divisor).to_numpy())
                rows.append((option, year, per, found.mean, found.low, found.high))
    return pd.DataFrame(rows, columns=columns)


def _residents(plan: Plan) -> int:
    return plan.scenario.county.residents or sum(p.residents for p in read_catalogue(plan.data_folder).communities)
