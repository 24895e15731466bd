"""The model's own ledger beside the arithmetic of the budget of minutes, line by line.

The arithmetic stands in the county's data (`budget.csv`: value and range of each line, by structure, year and number of
posts); nothing of it is in code. The ledger's lines add up to the minutes that officials worked:

    requests + county + liaison + tasking + unit_overhead + staff + handover + reform + transfer - thinned = worked

Work of the blocks is in standard minutes (full skill, before thinning, rework included). What social organizations
served is counted in its block and taken off again under `transfer`, where supervision stands against it. `reform` is
its setting up, what changing posts costs, what work took longer than its standard minutes, time lost below, and any
other entry of officials' time that the ledgers know beside work, hand-overs, waiting and absence.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from sim.analysis.comparison import Comparison
from sim.analysis.intervals import estimate
from sim.analysis.labour import OTHER_TIMES
from sim.scenario import Plan

FILE = "budget.csv"
BLOCKS = ("requests", "county", "liaison", "tasking", "unit_overhead", "staff")
LINES = ("requests", "handover", "county", "liaison", "tasking", "unit_overhead", "staff", "reform", "transfer")
"""Lines of the arithmetic, in the order of its table; the ledger has `auxiliary` (officials who help out), `thinned`
and `worked` besides."""
_BESIDE = ("idle", "absent", "handover")
_POSTS_DIFFER = 0.02
_OTHERS = ("off_quota", "community_worker", "grid_worker")
_COLUMNS = (
    "option", "year", "line", "arithmetic", "low", "high", "model", "model_low", "model_high", "deviation",
    "by_others", "finished",
)  # fmt: skip


def arithmetic(folder: Path | None) -> pd.DataFrame:
    """The budget of a county's data: structure, year (NaN: any), posts, line, value, low, high, unit, status, source.

    Returns:
        No rows when the county has no such file.

    Raises:
        ValueError: when a line is not known, or a value lies outside its range; names the file and the row.
    """
    path = None if folder is None else Path(folder) / FILE
    if path is None or not path.exists():
        return pd.DataFrame()
    found = pd.read_csv(path)
    for i, row in enumerate(found.itertuples(), start=2):
        if row.line not in LINES:
            raise ValueError(f"{path}, row {i}: line {row.line!r}; allowed: {', '.join(LINES)}")
        if not row.low <= row.value <= row.high:
            raise ValueError(f"{path}, row {i}: value {row.value:g} lies outside {row.low:g} to {row.high:g}")
    return found


def by_line(comparison: Comparison) -> pd.DataFrame:
    """Minutes of officials by line of the budget, option, seed and calendar year, in million minutes.

    Returns:
        Rows option, seed, year, line, minutes (million in that calendar year); `worked` is the sum of the others.
    """
    keys = ["option", "seed", "year"]
    work, ledgers = comparison.work, comparison.ledgers[comparison.ledgers["kind"] == "official"]
    stem = work["block"].str.removesuffix("_elastic")

    def minutes(what: str, some: pd.Series, kind: str = "official") -> pd.Series:
        name = f"{what}_{kind}_minutes"
        if name not in work:
            return pd.Series(0.0, index=every)
        return work[some].groupby(keys)[name].sum().reindex(every, fill_value=0.0)

    anything = pd.Series(True, index=work.index)
    every = work.groupby(keys).size().index
    entry = ledgers.pivot_table(index=keys, columns="entry", values="minutes", aggfunc="sum", fill_value=0.0)
    entry = entry.reindex(every, fill_value=0.0)

    def time(name: str) -> pd.Series:
        return entry[name] if name in entry else pd.Series(0.0, index=every)

    served, standard, thinned = (minutes(what, anything) for what in ("served", "standard", "thinned"))
    outside = {block: minutes("standard", stem == block, "organization_staff") for block in BLOCKS}
    lines = {block: minutes("standard", stem == block) + outside[block] for block in BLOCKS}
    lines["transfer"] = minutes("standard", stem == "supervision") - sum(outside.values())
    lines["handover"] = time("handover")
    lines["reform"] = served - (standard - thinned) + sum(time(name) for name in OTHER_TIMES if name not in _BESIDE)
    lines["reform"] = lines["reform"] + minutes("standard", stem == "reform")
    known = (*BLOCKS, "supervision", "reform")
    lines["auxiliary"] = minutes("standard", ~stem.isin(known))
    lines["thinned"] = -thinned
    lines["worked"] = sum(lines.values())
    frame = pd.DataFrame(lines) / 1e6
    return frame.rename_axis(columns="line").stack().rename("minutes").reset_index()


def beside_arithmetic(comparison: Comparison) -> pd.DataFrame:
    """The arithmetic of the budget beside the ledger, for each option and calendar year for which there is one.

    An option is set beside the rows of its structure when its filled posts are those of the arithmetic within 2 %;
    rows without a year stand for the first whole calendar year of the run, others for their own.

    Returns:
        Rows option, year, line, arithmetic, low, high (million minutes a year), the model's mean and its 95 % interval
        over seeds, and the deviation of the model; arithmetic is NaN for lines that it does not have. What explains a
        deviation stands beside it: `by_others`, standard minutes of the same block (million) that off-quota people,
        communities and grids carried, and `finished`, standard minutes of finished items over those of all items that
        arose in that year (by numbers of items in each family); NaN for lines that are no block.
    """
    rows = []
    lines = None
    for option, plan in comparison.plans.items():
        mine = _rows_of(comparison, option, plan)
        if mine.empty:
            continue
        lines = by_line(comparison) if lines is None else lines
        whole = _whole_years(comparison, option)
        for year, wanted in mine.groupby(mine["year"].fillna(whole[0] if whole else 0).astype(int)):
            if year not in whole:
                continue
            wanted = wanted.set_index("line")
            found = lines[(lines["option"] == option) & (lines["year"] == year)]
            beside = _beside(comparison.work[(comparison.work["option"] == option) & (comparison.work["year"] == year)])
            order = [*LINES, "auxiliary", "thinned", "worked"]
            for line in order:
                model = estimate(found[found["line"] == line]["minutes"].to_numpy())
                if line in wanted.index:
                    said = tuple(float(wanted.at[line, c]) for c in ("value", "low", "high"))
                elif line == "worked":
                    said = (float(wanted["value"].sum()), np.nan, np.nan)
                else:
                    said = (np.nan,) * 3
                seen = (model.mean, model.low, model.high, model.mean - said[0])
                rows.append((option, year, line, *said, *seen, *beside(line)))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _beside(work: pd.DataFrame) -> Callable[[str], tuple[float, float]]:
    """For a block: million standard minutes carried by other kinds, and the share of its work that was done."""
    stem = work["block"].str.removesuffix("_elastic")
    runs = max(work["seed"].nunique(), 1)

    def found(line: str) -> tuple[float, float]:
        mine = work[stem == line]
        if line not in BLOCKS or mine.empty:
            return np.nan, np.nan
        others = sum(float(mine[c].sum()) for k in _OTHERS if (c := f"standard_{k}_minutes") in mine)
        standard = mine[[c for c in mine if c.startswith("standard_")]].sum(axis=1).to_numpy(float)
        each = standard / mine["resolved"].clip(lower=1).to_numpy(float)
        asked = float((each * mine["opened"]).sum())
        return others / runs / 1e6, float(standard.sum()) / asked if asked else np.nan

    return found


def _rows_of(comparison: Comparison, option: str, plan: Plan) -> pd.DataFrame:
    said = arithmetic(plan.data_folder)
    if said.empty or "officials" not in comparison.outcomes:
        return said.head(0)
    structure = plan.settings(plan.scenario.run.start).levers.structure
    posts = float(comparison.values(option, "officials").mean())
    near = (said["posts"] / posts - 1.0).abs() <= _POSTS_DIFFER if posts else False
    return said[(said["structure"] == structure) & near]


def _whole_years(comparison: Comparison, option: str) -> list[int]:
    """Calendar years that the ledgers cover from the first day to the last."""
    months = comparison.months[comparison.months["option"] == option]
    months = months[months["seed"] == months["seed"].min()]
    days = months["days"].groupby(pd.to_datetime(months["date"]).dt.year).sum()
    return [int(year) for year, n in days.items() if n >= 365]
