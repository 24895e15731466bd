"""The labour ledger of a run by calendar year: people's time by entry, and work by family with its minutes.

Both come from what a run keeps anyway (days of the county, months of matters), so a year costs nothing extra.
The years of a run add up to its whole ledger.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.agents.workers import KINDS
from sim.analysis.intervals import estimate
from sim.service.ledgers import TIMES

OTHER_TIMES = (*(name for name in TIMES if name not in ("paid", "served", "overtime", "thinned")), "below")
"""Entries of people's time that are not work served: paid + overtime = served + the sum of these."""
_BELOW = {"below_idle": "idle", "below_travel": "setup"}
"""Time that officials lose on days below -> the entry of the ledger in which it is booked."""
_COUNTS = ("opened", "resolved", "withdrawn", "late", "reworked", "hand_overs", "online", "transferred")


def work_by_year(monthly: pd.DataFrame) -> pd.DataFrame:
    """Work of each family in each calendar year.

    Args:
        monthly: one row a month and matter of a run (`Result.monthly`).

    Returns:
        One row a year, block and family: `attention_class`, counts, and minutes by kind of worker (`served`,
        `standard`, of which `again`, `thinned`). Elastic work is a block of its own (`<block>_elastic`). A family is a
        matter's name before its first slash.
    """
    if monthly.empty:
        return pd.DataFrame(columns=["year", "block", "family", "attention_class"])
    numbers = [c for c in monthly if c in _COUNTS or c.endswith("_minutes")]
    keys = {
        "year": pd.to_datetime(monthly["date"]).dt.year,
        "block": monthly["block"] + np.where(monthly["attention_class"] == "elastic", "_elastic", ""),
        "family": monthly["matter"].str.split("/").str[0],
        "attention_class": monthly["attention_class"],
    }
    return monthly[numbers].assign(**keys).groupby(list(keys), sort=True)[numbers].sum().reset_index()


def ledger_by_year(daily: pd.DataFrame, work: pd.DataFrame) -> pd.DataFrame:
    """The labour ledger of a run by calendar year.

    Args:
        daily: one row a day (`Result.daily`).
        work: what `work_by_year` made of the same run.

    Returns:
        Rows year, kind, entry, minutes: an entry for each block served, the other entries of people's time, and
        `paid`, `overtime`, `thinned` beside them. For each kind and year
        paid + overtime = blocks + setup + handover + idle + absent + below, where `below` is what officials lose
        on days below: idle there (taken out of idle) and on the way (taken out of set-up).
    """
    year = pd.to_datetime(daily["date"]).dt.year
    rows = []
    for kind in KINDS:
        columns = {f"{name}_minutes_{kind}": name for name in (*TIMES, *_BELOW) if f"{name}_minutes_{kind}" in daily}
        if not {"paid", "served"} & set(columns.values()):
            continue
        sums = daily[list(columns)].groupby(year).sum().rename(columns=columns)
        sums = sums.reindex(columns=[*TIMES, *_BELOW], fill_value=0.0)
        for lost, entry in _BELOW.items():
            sums[entry] -= sums[lost]
        sums["below"] = sums[list(_BELOW)].sum(axis=1)
        for name in (*TIMES, "below"):
            if name != "served" and (name != "below" or sums[name].any()):
                rows += [(int(y), kind, name, float(minutes)) for y, minutes in sums[name].items()]
        if f"served_{kind}_minutes" in work:
            mine = work.groupby(["year", "block"])[f"served_{kind}_minutes"].sum()
            rows += [(int(y), kind, block, float(m)) for (y, block), m in mine.items() if m]
    return pd.DataFrame(rows, columns=["year", "kind", "entry", "minutes"])


def minutes_a_year(comparison) -> pd.DataFrame:
    """The labour ledger of each option: minutes a year by kind of worker and entry, with intervals over seeds."""
    years = comparison.summaries[["option", "seed", "years"]]
    sums = comparison.ledgers.groupby(["option", "seed", "kind", "entry"], as_index=False)["minutes"].sum()
    sums = sums.merge(years, on=["option", "seed"])
    sums["minutes"] = sums["minutes"] / sums["years"]
    rows = []
    for option in comparison.plans:
        wide = sums[sums["option"] == option].pivot_table(
            index="seed", columns=["kind", "entry"], values="minutes", aggfunc="sum", fill_value=0.0
        )
        for kind, entry in wide.columns:
            found = estimate(wide[kind, entry].to_numpy())
            rows.append((option, kind, entry, found.mean, found.low, found.high, found.n))
    return pd.DataFrame(rows, columns=["option", "kind", "entry", "minutes", "low", "high", "n"])


QUALITY = {
    "late": "resident",
    "gave_up": "resident",
    "late_superior": "superior",
    "came_back": "all",
    "again_share": "all",
    "thinned_share": "all",
    "undone_elastic": "elastic",
}
"""Measures of quality lost, and of which attention class."""


def quality_by_year(comparison) -> pd.DataFrame:
    """What the minutes do not show: quality lost, year by year and over the whole run.

    Measures (shares of 0 to 1): `late`, `gave_up` of residents' requests that ended; `late_superior` of superiors'
    tasks that ended; `came_back`: items that came back a finished item; `again_share`: minutes spent on work that
    came back, of all standard minutes; `thinned_share`: standard minutes left away by thinner work;
    `undone_elastic`: elastic items dropped or still waiting, of those that arose (worked-off arrears count against).

    Returns:
        Rows option, year (0 = the whole run), measure, mean, low, high.
    """
    rows = []
    for option in comparison.plans:
        work = comparison.work[comparison.work["option"] == option]
        for year, mine in [(0, work), *work.groupby("year")]:
            seeds = [_quality(one) for _, one in mine.groupby("seed")]
            for name in QUALITY:
                found = estimate([seed[name] for seed in seeds])
                rows.append((option, int(year), name, found.mean, found.low, found.high))
    return pd.DataFrame(rows, columns=["option", "year", "measure", "mean", "low", "high"])


def _quality(work: pd.DataFrame) -> dict[str, float]:
    """Measures of one run and time."""
    by_class = work.groupby("attention_class")[list(_COUNTS)].sum()

    def total(what: str, name: str) -> float:
        return float(by_class[what].get(name, 0.0))

    def late(name: str) -> float:
        ended = total("resolved", name) + total("withdrawn", name)
        return _share(total("late", name) + total("withdrawn", name), ended)

    standard, again, thinned = (
        float(sum(work[f"{name}_{kind}_minutes"].sum() for kind in KINDS if f"{name}_{kind}_minutes" in work))
        for name in ("standard", "again", "thinned")
    )
    resident_ended = total("resolved", "resident") + total("withdrawn", "resident")
    return {
        "late": late("resident"),
        "gave_up": _share(total("withdrawn", "resident"), resident_ended),
        "late_superior": late("superior"),
        "came_back": _share(float(work["reworked"].sum()), float(work["resolved"].sum())),
        "again_share": _share(again, standard),
        "thinned_share": _share(thinned, standard),
        "undone_elastic": _share(total("opened", "elastic") - total("resolved", "elastic"), total("opened", "elastic")),
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
