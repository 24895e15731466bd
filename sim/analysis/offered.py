"""Offered load: how much work arose for officials, over the regular hours they were on duty, and what became of it.

Of a year, an official's kind of work and time:

    offered = done in regular hours + done in overtime + saved by thinner work + left unfinished

Offered work is what the year's items take officials at standard minutes (full skill, rework included), all of them, as
if those left open or dropped took as long as those that ended; and what slow work, changing posts, hand-overs and days
below take besides. Above 1 regular hours cannot hold it: then something has to give, and the other terms say what.
The arithmetic of the budget of minutes calls the same ratio utilisation (docs/ODD.md part 6).
"""

from __future__ import annotations

import pandas as pd

from sim.analysis.comparison import Comparison
from sim.analysis.intervals import estimate

KIND = "official"
FATES = ("regular", "overtime", "thinned", "elastic_unfinished", "unfinished")
"""What becomes of offered work. `unfinished` work that is not elastic can be negative: an older backlog was served."""


def offered_load(work: pd.DataFrame, ledgers: pd.DataFrame) -> pd.DataFrame:
    """Offered load of officials by calendar year, and what became of the work.

    Args:
        work: families by year (`sim.analysis.labour.work_by_year`), of one run or, with option and seed, of several.
        ledgers: the labour ledger of the same runs (`sim.analysis.labour.ledger_by_year`).

    Returns:
        One row a year (with option and seed, where given): `capacity` (regular minutes on duty: paid less absent),
        `offered` and `FATES` in minutes, and `load` = offered / capacity, the same without elastic work as
        `load_without_elastic`. The fates add up to what was offered. No rows without officials.
    """
    keys = [name for name in ("option", "seed", "year") if name in work]
    if f"standard_{KIND}_minutes" not in work or work.empty:
        return pd.DataFrame(columns=[*keys, "capacity", "offered", *FATES, "load", "load_without_elastic"])
    each = [*keys[:-1], "block", "family"]
    standard, ended = work[f"standard_{KIND}_minutes"], work["resolved"]
    whole = work.assign(standard=standard).groupby(each)[["standard", "resolved"]].transform("sum")
    in_all = whole["standard"] / whole["resolved"].clip(lower=1)
    an_item = (standard / ended.clip(lower=1)).where(ended > 0, in_all)
    arose = (an_item * work["opened"]).where(whole["resolved"] > 0, standard)  # none ended: what was done is known
    is_elastic = work["block"].str.endswith("_elastic")
    of_year = [work[key] for key in keys]
    left = (arose - standard).groupby(of_year).sum()
    elastic_left = (arose - standard).where(is_elastic, 0.0).groupby(of_year).sum()
    elastic = arose.where(is_elastic, 0.0).groupby(of_year).sum()
    thinned = work[f"thinned_{KIND}_minutes"].groupby(of_year).sum()
    entry = ledgers[ledgers["kind"] == KIND].pivot_table(
        index=keys, columns="entry", values="minutes", aggfunc="sum", fill_value=0.0
    ).reindex(left.index, fill_value=0.0)
    zero = pd.Series(0.0, index=left.index)
    paid, absent, idle, overtime = (entry.get(name, zero) for name in ("paid", "absent", "idle", "overtime"))
    found = pd.DataFrame({
        "capacity": paid - absent, "offered": 0.0, "regular": paid - absent - idle, "overtime": overtime,
        "thinned": thinned, "elastic_unfinished": elastic_left, "unfinished": left - elastic_left})
    found["offered"] = found[list(FATES)].sum(axis=1)
    found["load"] = found["offered"] / found["capacity"]
    found["load_without_elastic"] = (found["offered"] - elastic) / found["capacity"]
    return found[found["capacity"] > 0.0].reset_index()


def offered_by_year(comparison: Comparison) -> pd.DataFrame:
    """Offered load of each option by calendar year: means over seeds.

    Returns:
        Rows option, year in the order of the plans: `load` with its 95 % interval (`low`, `high`),
        `load_without_elastic`, and `FATES` as shares of capacity.
    """
    found = offered_load(comparison.work, comparison.ledgers)
    rows = []
    for option in comparison.plans:
        for year, mine in found[found["option"] == option].groupby("year"):
            load = estimate(mine["load"].to_numpy())
            shares = {fate: float((mine[fate] / mine["capacity"]).mean()) for fate in FATES}
            rows.append({"option": option, "year": int(year), "load": load.mean, "low": load.low, "high": load.high,
                         "load_without_elastic": float(mine["load_without_elastic"].mean()), **shares})  # fmt: skip
    return pd.DataFrame(rows, columns=["option", "year", "load", "low", "high", "load_without_elastic", *FATES])
