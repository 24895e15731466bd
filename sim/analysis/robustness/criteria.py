"""Does an option hold: what must not be worse than in the base, by how much, in the last year of a run.

An option holds when every criterion does. A criterion's *slack* is what is left of its tolerance, in its own unit;
its *margin* is the slack as a share of the tolerance: 1 = nothing is lost, 0 = just held, below 0 = failed. The verdict
is the smallest margin. The tolerances are judgements, assumed, and stand here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.agents.workers import KINDS
from sim.analysis.labour import ledger_by_year, work_by_year
from sim.analysis.months import by_month
from sim.analysis.offered import offered_load
from sim.outcomes import OVERLOAD_HOURS_PER_WEEK
from sim.runs.run import Result

YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Criterion:
    """What must hold.

    Attributes:
        measure: column of `measures`. sentence: what is asked, for people.
        tolerance: how much worse than the base it may be, or, without a base, the most it may be.
        sign: 1 when less is worse, -1 when more is worse. is_relative: whether it is held against the base.
    """

    measure: str
    sentence: str
    tolerance: float
    sign: int
    is_relative: bool = True


CRITERIA = (
    Criterion("on_time_share", "residents' requests on time: at most 5 points lower", 0.05, 1),
    Criterion("superior_on_time_share", "superiors' tasks on time: at most 5 points lower", 0.05, 1),
    Criterion(
        "overtime_hours_per_week",
        f"overtime of an official: at most {OVERLOAD_HOURS_PER_WEEK:g} hours a week",
        OVERLOAD_HOURS_PER_WEEK,
        -1,
        is_relative=False,
    ),
    Criterion("elastic_undone_share", "elastic standing work left undone: at most 10 points more", 0.10, -1),
    Criterion("thinned_share", "minutes saved by thinner work: at most 10 points more", 0.10, -1),
)
"""Assumed tolerances; 8 hours of overtime a week is the limit beyond which a month counts as overloaded."""

MEASURES = tuple(criterion.measure for criterion in CRITERIA)


def measures(daily: pd.DataFrame) -> dict[str, float]:
    """What the criteria ask for, over the last 365 days of a run (all days, if it is shorter).

    On time: of what ended in these days (or, when the backlog grew, of what came in), the share resolved within the
    common yardstick. Elastic work left undone: of what was open at first or came in, the share dropped or open at the
    end (0 when there is no such work). Thinned: of the standard minutes of work done, all kinds of worker, the share
    saved. NaN when nothing ended, or nothing was done.

    Args:
        daily: one row a day (`Result.daily`).
    """
    year = daily.tail(YEAR_DAYS)
    before = daily.iloc[len(daily) - len(year) - 1] if len(daily) > len(year) else None

    def total(name: str) -> float:
        return float(year[name].sum()) if name in year else 0.0

    def present(name: str) -> tuple[float, float]:
        """Items open at the beginning and at the end."""
        if f"present_{name}" not in year:
            return 0.0, 0.0
        end = float(year[f"present_{name}"].iloc[-1])
        if before is not None:
            return float(before[f"present_{name}"]), end
        return end + ended(name) - total(f"opened_{name}"), end

    def ended(name: str) -> float:
        return sum(total(f"{what}_{name}") for what in ("resolved", "withdrawn", "blocked"))

    def on_time(name: str) -> float:
        first, last = present(name)
        return _share(total(f"resolved_{name}") - total(f"late_{name}"), ended(name) + max(last - first, 0.0))

    _, elastic_open = present("elastic")
    elastic = ended("elastic") + elastic_open
    thinned = sum(total(f"thinned_minutes_{kind}") for kind in KINDS)
    served = sum(total(f"served_minutes_{kind}") for kind in KINDS)
    weeks = year["employed_official"].clip(lower=1.0) / 7.0
    hours = year["overtime_minutes_official"] / 60.0 if "overtime_minutes_official" in year else 0.0 * weeks
    return {
        "on_time_share": on_time("resident"),
        "superior_on_time_share": on_time("superior"),
        "overtime_hours_per_week": float((hours / weeks).mean()),
        "elastic_undone_share": _share(elastic - total("resolved_elastic"), elastic) if elastic else 0.0,
        "thinned_share": _share(thinned, served + thinned),
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def judged(result: Result) -> tuple[dict[str, float], pd.DataFrame, pd.DataFrame]:
    """Measures of a run; its months: date, days, overtime_hours_per_week; its years: date, days, year, offered load.

    For `run_many(extract=)`; needs the tables `daily` and `monthly`.
    """
    work = work_by_year(result.monthly)
    load = offered_load(work, ledger_by_year(result.daily, work))
    dates = pd.to_datetime(result.daily["date"])
    years = dates.groupby(dates.dt.year).agg(["max", "size"]).set_axis(["date", "days"], axis=1).rename_axis("year")
    years = years.reset_index().merge(load[["year", "load", "load_without_elastic"]], on="year")
    return measures(result.daily), by_month(result.daily)[["date", "days", "overtime_hours_per_week"]], years


def margins(option: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """Slack and margin of each criterion for each pair of runs, and the verdict.

    Args:
        option: measures of the option, one row a run; the index says which world and seed.
        base: measures of the base in the same worlds with the same seeds, with the same index.

    Returns:
        With the option's index: `slack_<measure>`, `margin_<measure>`, `margin` (the smallest), `binding` (the measure
        that has it) and `holds`. A measure that is undefined leaves its margin and the verdict undefined: NaN, "",
        False.
    """
    base = base.loc[option.index]
    found = pd.DataFrame(index=option.index)
    for c in CRITERIA:
        against = base[c.measure] if c.is_relative else 0.0
        found[f"slack_{c.measure}"] = c.tolerance + c.sign * (option[c.measure] - against)
    for c in CRITERIA:
        found[f"margin_{c.measure}"] = found[f"slack_{c.measure}"] / c.tolerance
    each = found[[f"margin_{measure}" for measure in MEASURES]].to_numpy(float)
    found["margin"] = each.min(axis=1)  # NaN if one is
    smallest = np.where(np.isnan(each), np.inf, each).argmin(axis=1)
    found["binding"] = [MEASURES[i] if np.isfinite(m) else "" for i, m in zip(smallest, found["margin"], strict=True)]
    found["holds"] = found["margin"] >= 0.0
    return found
