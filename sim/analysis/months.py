"""A run month by month: service and people, one row a month, from the daily table of a result."""

from __future__ import annotations

import numpy as np
import pandas as pd

CLASSES = ("resident", "superior", "inner", "elastic")


def by_month(daily: pd.DataFrame) -> pd.DataFrame:
    """One row a month (date = its last day): what ended on time, what is open, and how people are.

    `on_time_share_<class>`: of the items that ended in the month, those resolved within the common yardstick
    (those who left count as not on time); NaN in a month in which none ended. `open_<class>`: at the month's
    end. `overtime_hours_per_week`, `fatigue`, `idle_share` are means over officials and days.
    """
    month = pd.to_datetime(daily["date"]).dt.to_period("M")
    zero = pd.Series(0.0, index=daily.index)

    def column(name: str) -> pd.Series:
        return daily[name].astype(float) if name in daily else zero

    def total(name: str) -> pd.Series:
        return column(name).groupby(month).sum()

    def last(name: str) -> pd.Series:
        return column(name).groupby(month).last()

    found = {"date": pd.to_datetime(daily["date"]).groupby(month).last()}
    for name in CLASSES:
        resolved, ended = total(f"resolved_{name}"), total(f"resolved_{name}") + total(f"withdrawn_{name}")
        found[f"opened_{name}"] = total(f"opened_{name}")
        found[f"resolved_{name}"] = resolved
        found[f"open_{name}"] = last(f"present_{name}")
        found[f"on_time_share_{name}"] = ((resolved - total(f"late_{name}")) / ended).where(ended > 0, np.nan)
    people = column("employed_official").where(column("employed_official") > 0, np.nan)
    overtime = column("overtime_minutes_official") / 60.0 * 7.0 / people
    found["overtime_hours_per_week"] = overtime.groupby(month).mean()
    found["fatigue"] = column("fatigue_official").groupby(month).mean()
    present = total("paid_minutes_official") - total("absent_minutes_official")
    found["idle_share"] = (total("idle_minutes_official") / present).where(present > 0, np.nan)
    found["officials"] = column("employed_official").groupby(month).mean()
    return pd.DataFrame(found).reset_index(drop=True)
