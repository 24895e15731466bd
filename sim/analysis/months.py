"""A run month by month: service and people, one row a month; and bands over seeds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.agents.workers import KINDS
from sim.analysis.intervals import estimate
from sim.outcomes import GRASSROOTS

CLASSES = ("resident", "superior", "inner", "elastic")


def by_month(daily: pd.DataFrame, monthly: pd.DataFrame | None = None) -> pd.DataFrame:
    """One row a month (date = its last day): what ended on time, what is open, and how people are.

    `on_time_share_<class>`: of the items that ended in the month, those resolved within the common yardstick
    (those who left count as not on time); NaN when none ended. `open_<class>`: mean of the days.
    `overtime_hours_per_week`, `fatigue`, `idle_share` are means over officials and days;
    `people_<kind>`: paid people on average; `days`: days of the month that were counted. With the table of months
    and matters also `open_tasks` and `open_grassroots`: superiors' tasks that officials carry, and standing work that
    communities and grids carry, open at the month's end.
    """
    month = pd.to_datetime(daily["date"]).dt.to_period("M")
    zero = pd.Series(0.0, index=daily.index)

    def column(name: str) -> pd.Series:
        return daily[name].astype(float) if name in daily else zero

    def total(name: str) -> pd.Series:
        return column(name).groupby(month).sum()

    found = {"date": pd.to_datetime(daily["date"]).groupby(month).last()}
    for name in CLASSES:
        resolved, ended = total(f"resolved_{name}"), total(f"resolved_{name}") + total(f"withdrawn_{name}")
        found[f"opened_{name}"] = total(f"opened_{name}")
        found[f"resolved_{name}"] = resolved
        found[f"open_{name}"] = column(f"present_{name}").groupby(month).mean()
        found[f"on_time_share_{name}"] = ((resolved - total(f"late_{name}")) / ended).where(ended > 0, np.nan)
    people = column("employed_official").where(column("employed_official") > 0, np.nan)
    overtime = column("overtime_minutes_official") / 60.0 * 7.0 / people
    found["overtime_hours_per_week"] = overtime.groupby(month).mean()
    found["fatigue"] = column("fatigue_official").groupby(month).mean()
    present = total("paid_minutes_official") - total("absent_minutes_official")
    found["idle_share"] = (total("idle_minutes_official") / present).where(present > 0, np.nan)
    for kind in KINDS:
        found[f"people_{kind}"] = column(f"employed_{kind}").groupby(month).mean()
    found["days"] = daily.groupby(month).size().astype(float)
    if monthly is not None and len(monthly):
        mine = monthly[monthly["attention_class"] == "superior"]
        near = mine["block"].isin(GRASSROOTS)
        for name, some in (("open_tasks", mine[~near]), ("open_grassroots", mine[near])):
            at_end = some.groupby(pd.to_datetime(some["date"]).dt.to_period("M"))["present"].sum()
            found[name] = at_end.reindex(found["days"].index).fillna(0.0)
    return pd.DataFrame(found).reset_index(drop=True)


def bands(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Mean and interval over seeds of a column of a monthly table.

    Args:
        table: monthly rows with option, seed, date (`Comparison.months`, `Comparison.society`).
        column: name of the column.

    Returns:
        One row an option and month: option, date, mean, low, high, n; low and high are NaN for n = 1.
    """
    rows = []
    for (option, date), group in table.groupby(["option", "date"], sort=False):
        found = estimate(group[column].to_numpy(float))
        rows.append(
            {
                "option": option,
                "date": date,
                "mean": found.mean,
                "low": found.low,
                "high": found.high,
                "n": found.n,
            }
        )
    return pd.DataFrame(rows, columns=["option", "date", "mean", "low", "high", "n"])


def people_by_pool(months: pd.DataFrame) -> pd.DataFrame:
    """Paid people by kind of worker: the mean over the days of each run, then over seeds, with intervals."""
    rows = []
    for option, mine in months.groupby("option", sort=False):
        for kind in KINDS:
            weighted = (mine[f"people_{kind}"] * mine["days"]).groupby(mine["seed"]).sum()
            found = estimate((weighted / mine["days"].groupby(mine["seed"]).sum()).to_numpy())
            if found.mean:
                rows.append(
                    {
                        "option": option,
                        "kind": kind,
                        "people": found.mean,
                        "low": found.low,
                        "high": found.high,
                    }
                )
    return pd.DataFrame(rows, columns=["option", "kind", "people", "low", "high"])
