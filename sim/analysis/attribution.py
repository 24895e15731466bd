"""Where did the 60 % go: the difference in paid minutes between two options, split exactly into causes.

The labour ledger of a group of people closes (minutes a year):

    paid = work served + set-ups + hand-overs + idle + absent - overtime

so the difference in paid minutes is the sum of the differences of these, of which the work served of each
family of matters follows a chain of amounts:

    opened items x (resolved / opened) x (standard minutes / resolved) x (standard with rework / standard
      without) x (share of the standard minutes begun by this group) x (1 - share thinned) x (minutes /
      standard minute)

The change of this product is split by Shapley's value (`sim.analysis.shapley`): the average over all orders
of changing the factors. It is exact, does not depend on an order, changes its sign when base and option are
swapped, and bears factors that are zero. Absent minutes are people's paid minutes x rate of absence, split
the same way.

Units: minutes a year; items a year; shares without unit. Standard minutes are those of a rested person with
full skill before thinning. They are counted when work begins and minutes when they are worked, so work in
hand on the first and last day falls to `pace`: at most one item a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from sim.agents.workers import KINDS
from sim.analysis.comparison import Comparison
from sim.analysis.intervals import estimate
from sim.analysis.shapley import factors_of_chain, shapley_of_product

CAUSES = (
    "idle",
    "overtime",
    "handover",
    "setup",
    "absence_people",
    "absence_rate",
    "volume",
    "undone",
    "content",
    "rework",
    "pool",
    "thinning",
    "pace",
)
"""Causes, in the order in which they are shown.

idle: less or more waiting for work. overtime: longer hours (more overtime needs fewer paid minutes).
handover, setup: minutes of passing work on and of changing posts. absence_people: fewer people are absent for
fewer minutes; absence_rate: sickness. volume: items that arise. undone: items left undone or waiting.
content: standard minutes per resolved item (route, duplicated checks, mix). rework: work that came back.
pool: moved to or from another kind of worker. thinning: thinner work. pace: skill, learning, fatigue.
"""

_OF_WORK = ("volume", "undone", "content", "rework", "pool", "thinning", "pace")
_OF_TIME = ("idle", "handover", "setup")
COLUMNS = ("cause", "block", "kind", "minutes")


def split_labour(
    base_ledger: pd.DataFrame,
    option_ledger: pd.DataFrame,
    base_matters: pd.DataFrame,
    option_matters: pd.DataFrame,
    years: tuple[float, float] = (1.0, 1.0),
    kinds: Sequence[str] = ("official",),
) -> pd.DataFrame:
    """Split the difference in the paid minutes of a group of people, option minus base, into causes.

    Args:
        base_ledger: labour ledger of the base (kind, entry, minutes).
        option_ledger: the same of the option.
        base_matters: one row a matter of the base (`Result.matters`).
        option_matters: the same of the option.
        years: years that the two cover.
        kinds: kinds of worker that are taken as one group.

    Returns:
        Rows of `COLUMNS`, minutes a year: `block` of the ledger where the cause has one (else ""), `kind` to
        or from which work moved for the cause `pool` (else ""). The sum of `minutes` is the difference in
        paid minutes.

    Raises:
        ArithmeticError: when ledger and matters do not hold the same minutes, or the parts miss the
            difference.
    """
    times = [_times(ledger, kinds, y) for ledger, y in zip((base_ledger, option_ledger), years, strict=True)]
    works = [
        _families(matters, kinds, y) for matters, y in zip((base_matters, option_matters), years, strict=True)
    ]
    for name, time, work in zip(("base", "option"), times, works, strict=True):
        served = sum(float(family["amounts"][-1]) for family in work.values())
        if abs(served - time["served"]) > 1e-6 * max(1.0, served):
            raise ArithmeticError(
                f"{name}: matters hold {served:.3f} minutes of service a year, the ledger "
                f"{time['served']:.3f}"
            )
    a, b = times
    rows = [(cause, "", "", b[cause] - a[cause]) for cause in _OF_TIME]
    rows.append(("overtime", "", "", -(b["overtime"] - a["overtime"])))
    people, rate = shapley_of_product(*factors_of_chain((a["paid"], a["absent"]), (b["paid"], b["absent"])))
    rows += [("absence_people", "", "", people), ("absence_rate", "", "", rate)]
    for name in sorted(works[0].keys() | works[1].keys()):
        before, after = works[0].get(name, _NOTHING), works[1].get(name, _NOTHING)
        block = name[0]
        parts = dict(
            zip(
                _OF_WORK,
                shapley_of_product(*factors_of_chain(before["amounts"], after["amounts"])),
                strict=True,
            )
        )
        moved = parts.pop("pool")
        rows += [(cause, block, "", part) for cause, part in parts.items()]
        rows += [("pool", block, kind, part) for kind, part in _moved(before, after, moved, kinds)]
    found = pd.DataFrame([row for row in rows if row[3] != 0.0], columns=COLUMNS)
    found = found.groupby(["cause", "block", "kind"], as_index=False)["minutes"].sum()
    found["minutes"] = found["minutes"].astype(float)
    difference = b["paid"] - a["paid"]
    if abs(found["minutes"].sum() - difference) > 1e-6 * max(1.0, 1e-9 * (a["paid"] + b["paid"])):
        raise ArithmeticError(
            f"the parts add up to {found['minutes'].sum()!r} minutes a year, the difference is {difference!r}"
        )
    order = {cause: i for i, cause in enumerate(CAUSES)}
    return found.sort_values(
        ["cause", "block", "kind"], key=lambda c: c.map(order) if c.name == "cause" else c, ignore_index=True
    )[list(COLUMNS)]


_NOTHING = {"amounts": (0.0,) * len(_OF_WORK), "shares": dict.fromkeys(KINDS, 0.0)}


def _times(ledger: pd.DataFrame, kinds: Iterable[str], years: float) -> dict[str, float]:
    mine = ledger[ledger["kind"].isin(list(kinds))].groupby("entry")["minutes"].sum() / years
    apart = ("paid", "overtime", "thinned", "idle", "absent", "handover", "setup")
    found = {name: float(mine.get(name, 0.0)) for name in apart}
    found["served"] = float(mine[[name for name in mine.index if name not in apart]].sum())
    return found


def _families(matters: pd.DataFrame, kinds: Iterable[str], years: float) -> dict[tuple[str, str], dict]:
    """Chain of amounts of each family (block, family), a year: see the module's identity."""
    block = matters["block"] + np.where(matters["attention_class"] == "elastic", "_elastic", "")
    family = matters["matter"].str.split("/").str[0]
    numbers = matters.select_dtypes("number")
    numbers = numbers[[c for c in numbers if c in ("opened", "resolved") or c.endswith("_minutes")]]
    sums = numbers.groupby([block, family]).sum() / years
    mine = list(kinds)

    def total(row: pd.Series, name: str, some: Iterable[str]) -> float:
        return float(sum(row.get(f"{name}_{kind}_minutes", 0.0) for kind in some))

    found = {}
    for name, row in sums.iterrows():
        standard, again = total(row, "standard", KINDS), total(row, "again", KINDS)
        own = total(row, "standard", mine)
        amounts = (
            float(row["opened"]),
            float(row["resolved"]),
            standard - again,
            standard,
            own,
            own - total(row, "thinned", mine),
            total(row, "served", mine),
        )
        shares = {
            kind: float(row.get(f"standard_{kind}_minutes", 0.0)) / standard if standard else 0.0
            for kind in KINDS
        }
        found[name] = {"amounts": amounts, "shares": shares, "standard": standard}
    return found


def _moved(before: dict, after: dict, part: float, kinds: Sequence[str]) -> list[tuple[str, float]]:
    """Share out what moved between pools over the other kinds, by the change of their shares of the work."""
    changes = {kind: after["shares"][kind] - before["shares"][kind] for kind in KINDS if kind not in kinds}
    whole = sum(changes.values())
    if part == 0.0:
        return []
    if abs(whole) < 1e-12:
        return [("", part)]
    return [(kind, part * change / whole) for kind, change in changes.items() if change]


def staff_of(comparison: Comparison) -> tuple[str, ...]:
    """The kind of worker that a comparison is about: officials of counties, servers of textbook queues."""
    is_county = all(plan.is_county for plan in comparison.plans.values())
    return ("official",) if is_county else ("server",)


def split_by_seed(comparison: Comparison, option: str, kinds: Sequence[str] = ("official",)) -> pd.DataFrame:
    """Split the difference in paid minutes between an option and the base for each seed that both finished.

    Returns:
        Rows of `split_labour` with the column `seed` before them.
    """
    base = comparison.base
    seeds = [set(comparison.values(o, "years").index) for o in (base, option)]
    found = []
    for seed in (s for s in comparison.seeds if s in seeds[0] & seeds[1]):
        mine = {
            name: [_rows(getattr(comparison, name), o, seed) for o in (base, option)]
            for name in ("ledgers", "matters", "summaries")
        }
        years = tuple(float(frame["years"].iloc[0]) for frame in mine["summaries"])
        frame = split_labour(*mine["ledgers"], *mine["matters"], years=years, kinds=kinds)
        frame.insert(0, "seed", seed)
        found.append(frame)
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=("seed", *COLUMNS))


def average_split(split: pd.DataFrame, by: Sequence[str] = ("cause", "block", "kind")) -> pd.DataFrame:
    """Average a split over its seeds.

    Args:
        split: from `split_by_seed`.
        by: what to keep apart: some of cause, block, kind.

    Returns:
        One row a group: mean minutes a year with low, high, n, and `share` of the mean difference. The means
        add up to the mean difference in paid minutes. A cause that a seed lacks counts as 0 there.
    """
    by = list(by)
    wide = split.pivot_table(
        index="seed", columns=by, values="minutes", aggfunc="sum", fill_value=0.0, observed=True
    )
    difference = float(wide.to_numpy().sum(axis=1).mean()) if len(wide) else float("nan")
    rows = []
    for key in wide.columns:
        found = estimate(wide[key].to_numpy())
        values = key if isinstance(key, tuple) else (key,)
        rows.append(
            {
                **dict(zip(by, values, strict=True)),
                "minutes": found.mean,
                "low": found.low,
                "high": found.high,
                "n": found.n,
                "share": found.mean / difference if abs(difference) > 1.0 else np.nan,
            }
        )
    frame = pd.DataFrame(rows, columns=[*by, "minutes", "low", "high", "n", "share"])
    if "cause" in by:
        order = {cause: i for i, cause in enumerate(CAUSES)}
        frame = frame.sort_values(
            by, key=lambda c: c.map(order) if c.name == "cause" else c, ignore_index=True
        )
    return frame


def minutes_a_year(comparison: Comparison) -> pd.DataFrame:
    """The labour ledger of each option: minutes a year by kind of worker and entry, with intervals."""
    ledgers = comparison.ledgers.merge(
        comparison.summaries[["option", "seed", "years"]], on=["option", "seed"]
    )
    ledgers = ledgers.assign(minutes=ledgers["minutes"] / ledgers["years"])
    rows = []
    for option in comparison.plans:
        wide = ledgers[ledgers["option"] == option].pivot_table(
            index="seed", columns=["kind", "entry"], values="minutes", aggfunc="sum", fill_value=0.0
        )
        for kind, entry in wide.columns:
            found = estimate(wide[kind, entry].to_numpy())
            rows.append(
                {
                    "option": option,
                    "kind": kind,
                    "entry": entry,
                    "minutes": found.mean,
                    "low": found.low,
                    "high": found.high,
                    "n": found.n,
                }
            )
    return pd.DataFrame(rows, columns=["option", "kind", "entry", "minutes", "low", "high", "n"])


def _rows(frame: pd.DataFrame, option: str, seed: int) -> pd.DataFrame:
    return frame[(frame["option"] == option) & (frame["seed"] == seed)]
