"""How the same work was done with fewer paid minutes: the difference between two options, split exactly into causes.

The labour ledger of a group of people closes (minutes):

    paid = work served + set-ups + hand-overs + idle + absent - overtime

so the difference in paid minutes is the sum of the differences of these, of which the work served of each
family of matters follows a chain of amounts:

    opened items x (resolved / opened) x (standard minutes / resolved) x (standard with rework / standard
      without) x (share of the standard minutes begun by this group) x (1 - share thinned) x (minutes /
      standard minute)

and the minutes of hand-overs follow

    hand-overs x (minutes / hand-over) x (share borne by this group)

The change of such a product is split by Shapley's value (`sim.analysis.shapley`): the average over all orders
of changing the factors. It is exact, does not depend on an order, changes its sign when base and option are
swapped, and bears factors that are zero. Absent minutes are people's paid minutes x rate of absence, split
the same way. The split is made for each calendar year by itself; the whole is the sum of its years, so the
parts add up by cause, by year and in all.

Units: minutes; items; shares without unit. Standard minutes are those of a rested person with full skill before
thinning. They are counted when work begins and minutes when they are worked, so work in hand at the turn of a
year falls to `pace`: at most one item a person. Where that is most of what a group worked at a family (a family
that has just been handed over), more than `_PACE_MOST` minutes a standard minute are no pace at all: the
product takes the standard minutes, and the others are added to `pace` as they are, else it would share them out
as work that moved. What the ledgers do not hold apart: minutes of online and of counter work (`content` holds
both, with the share online beside it), and, within a hand-over, reading in anew and checking again what another
desk has checked (`handover_minutes` holds both).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from sim.agents.workers import KINDS
from sim.analysis.comparison import Comparison
from sim.analysis.intervals import estimate
from sim.analysis.labour import OTHER_TIMES
from sim.analysis.shapley import factors_of_chain, shapley_of_product

_OWN_CHAIN = ("handover", "absent")
_OF_TIME = tuple(name for name in OTHER_TIMES if name not in _OWN_CHAIN)
_OF_WORK = ("volume", "undone", "content", "rework", "pool", "thinning", "pace")
_OF_BLOCK = ("unit_overhead", "tasking", "liaison", "staff", "auxiliary", "leading", "reform", "supervision")
"""Blocks of which what arises is a cause by itself: what a structure has more or less of than another."""

_PACE_MOST = 4.0
"""Minutes a standard minute that skill and fatigue can come to at most: 1 / (0.55 x 0.6) is 3, with room."""

ACCOUNTS = {
    "fuller_days": ("idle", "absence_people", "absence_rate", "overtime"),
    "work_gone": ("unit_overhead", "staff", "auxiliary", "leading", "tasking", "liaison", "reform", "volume"),
    "work_otherwise": (
        "handover_number",
        "handover_minutes",
        "content",
        "other_pools",
        "transfer",
        "supervision",
        "setup",
        "pace",
        *(name for name in _OF_TIME if name not in ("idle", "setup")),
        "rework",
    ),
    "work_not_done": ("thinning", "undone"),
}
"""Account -> its causes, in the order in which they are shown: time that was not worked, work that does not arise, the
same work done with other minutes or by others, and work not done or done less thoroughly."""

CAUSES = tuple(cause for causes in ACCOUNTS.values() for cause in causes)
"""Causes of a difference in paid minutes, in the order in which they are shown.

idle: less or more waiting for work (fuller days, pooling). overtime: longer hours (more overtime needs fewer paid
minutes). pace: skill, learning, fatigue. other_pools: work moved to or from other kinds of paid people; transfer: to
or from social organizations; supervision: of what was transferred. handover_number, handover_minutes: fewer hand-
overs, and lighter ones (reading in, duplicated checks). unit_overhead, tasking, liaison, staff, auxiliary, leading:
work of these blocks that arises; volume: all other work that arises. content: standard minutes a resolved item
(route, channel, mix). setup: changing posts. absence_people: fewer people are absent for fewer minutes; absence_rate:
sickness. thinning: thinner work. undone: items left undone or waiting (worked off, with the other sign). rework: work
that came back. Any other entry of people's time that the ledgers know is a cause by its own name.
"""

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
        base_matters: one row a matter or family of the base (`Result.matters`, `Comparison.work`).
        option_matters: the same of the option.
        years: years that the two cover.
        kinds: kinds of worker that are taken as one group.

    Returns:
        Rows of `COLUMNS`, minutes a year: `block` of the ledger where the cause has one (else ""), `kind` to
        or from which work moved for the causes `other_pools` and `transfer` (else ""). The sum of `minutes` is the
        difference in paid minutes.

    Raises:
        ArithmeticError: when ledger and matters do not hold the same minutes, or the parts miss the
            difference.
    """
    times = [_times(ledger, kinds, y) for ledger, y in zip((base_ledger, option_ledger), years, strict=True)]
    works = [
        _families(matters, kinds, y) for matters, y in zip((base_matters, option_matters), years, strict=True)
    ]
    for name, time, work in zip(("base", "option"), times, works, strict=True):
        served = sum(float(family["amounts"][-1]) + float(family["carried"]) for family in work.values())
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
    passed = [
        _hand_overs(ledger, matters, kinds, y)
        for ledger, matters, y in zip(
            (base_ledger, option_ledger), (base_matters, option_matters), years, strict=True
        )
    ]
    number, minutes, moved = shapley_of_product(*factors_of_chain(*(x["amounts"] for x in passed)))
    rows += [("handover_number", "", "", number), ("handover_minutes", "", "", minutes)]
    rows += _moved(*passed, moved, kinds, "handover")
    for name in sorted(works[0].keys() | works[1].keys()):
        before, after = works[0].get(name, _NOTHING), works[1].get(name, _NOTHING)
        block = name[0]
        factors = factors_of_chain(before["amounts"], after["amounts"])
        parts = dict(zip(_OF_WORK, shapley_of_product(*factors), strict=True))
        parts["pace"] += after["carried"] - before["carried"]
        moved, arises = parts.pop("pool"), parts.pop("volume")
        stem = block.removesuffix("_elastic")
        rows.append((stem if stem in _OF_BLOCK else "volume", block, "", arises))
        rows += [(cause, block, "", part) for cause, part in parts.items()]
        rows += _moved(before, after, moved, kinds, block)
    found = pd.DataFrame([row for row in rows if row[3] != 0.0], columns=COLUMNS)
    found["minutes"] = found["minutes"].astype(float)
    found = found.groupby(["cause", "block", "kind"], as_index=False)["minutes"].sum()
    difference = b["paid"] - a["paid"]
    if abs(found["minutes"].sum() - difference) > 1e-6 * max(1.0, 1e-9 * (a["paid"] + b["paid"])):
        raise ArithmeticError(
            f"the parts add up to {found['minutes'].sum()!r} minutes a year, the difference is {difference!r}"
        )
    order = {cause: i for i, cause in enumerate(CAUSES)}
    return found.sort_values(
        ["cause", "block", "kind"], key=lambda c: c.map(order) if c.name == "cause" else c, ignore_index=True
    )[list(COLUMNS)]


_NOTHING = {"amounts": (0.0,) * len(_OF_WORK), "carried": 0.0, "shares": dict.fromkeys(KINDS, 0.0)}


def _times(ledger: pd.DataFrame, kinds: Iterable[str], years: float) -> dict[str, float]:
    mine = ledger[ledger["kind"].isin(list(kinds))].groupby("entry")["minutes"].sum() / years
    apart = ("paid", "overtime", "thinned", *OTHER_TIMES)
    found = {name: float(mine.get(name, 0.0)) for name in apart}
    found["served"] = float(mine[[name for name in mine.index if name not in apart]].sum())
    return found


def _hand_overs(ledger: pd.DataFrame, matters: pd.DataFrame, kinds: Sequence[str], years: float) -> dict:
    """Chain of hand-overs, a year: their number, everybody's minutes, the group's; and the shares of each kind."""
    mine = ledger[ledger["entry"] == "handover"].groupby("kind")["minutes"].sum() / years
    minutes = {kind: float(mine.get(kind, 0.0)) for kind in KINDS}
    own = sum(minutes[kind] for kind in KINDS if kind in kinds)
    number = float(matters["hand_overs"].sum()) / years if "hand_overs" in matters else 0.0
    return {"amounts": (number, sum(minutes.values()), own), "shares": _shares(minutes)}


def _shares(amounts: Mapping[str, float]) -> dict[str, float]:
    whole = sum(amounts.values())
    return {kind: x / whole if whole else 0.0 for kind, x in amounts.items()}


def _families(matters: pd.DataFrame, kinds: Iterable[str], years: float) -> dict[tuple[str, str], dict]:
    """Chain of amounts of each family (block, family), a year: see the module's identity."""
    if "family" in matters:
        block, family = matters["block"], matters["family"]
    else:
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
        own, thinned, served = (total(row, what, mine) for what in ("standard", "thinned", "served"))
        done = max(own - thinned, 0.0)
        at_a_pace = served if served <= _PACE_MOST * done else done
        amounts = (
            float(row["opened"]),
            float(row["resolved"]),
            standard - again,
            standard,
            own,
            own - thinned,
            at_a_pace,
        )
        shares = _shares({kind: float(row.get(f"standard_{kind}_minutes", 0.0)) for kind in KINDS})
        found[name] = {"amounts": amounts, "carried": served - at_a_pace, "shares": shares}
    return found


def _moved(
    before: Mapping, after: Mapping, part: float, kinds: Sequence[str], block: str
) -> list[tuple[str, str, str, float]]:
    """Share out what moved between pools over the other kinds, by the change of their shares of the work."""
    changes = {kind: after["shares"][kind] - before["shares"][kind] for kind in KINDS if kind not in kinds}
    whole = sum(changes.values())
    if part == 0.0:
        return []
    if abs(whole) < 1e-12:
        return [("other_pools", block, "", part)]
    return [
        ("transfer" if kind == "organization_staff" else "other_pools", block, kind, part * change / whole)
        for kind, change in changes.items()
        if change
    ]


def staff_of(comparison: Comparison) -> tuple[str, ...]:
    """The kind of worker that a comparison is about: officials of counties, servers of textbook queues."""
    return ("official",) if comparison.is_county else ("server",)


_SPLITS: WeakKeyDictionary[Comparison, dict] = WeakKeyDictionary()


def split_by_seed(comparison: Comparison, option: str, kinds: Sequence[str] = ("official",)) -> pd.DataFrame:
    """Split the difference in paid minutes between an option and the base for each seed that both finished.

    Returns:
        Rows of `split_labour` for each calendar year, in minutes of that year, with the columns `seed`, `year` and
        `years` (length of the whole run in years) before them.
    """
    kept = _SPLITS.setdefault(comparison, {})
    key = (option, tuple(kinds))
    if key not in kept:
        kept[key] = _split_by_seed(comparison, option, kinds)
    return kept[key]


def _split_by_seed(comparison: Comparison, option: str, kinds: Sequence[str]) -> pd.DataFrame:
    names = (comparison.base, option)
    seeds = set.intersection(*(set(comparison.values(o, "years").index) for o in names))
    found = []
    tables = {
        name: dict(tuple(getattr(comparison, name).groupby(["option", "seed", "year"]))) for name in ("ledgers", "work")
    }
    for seed in (s for s in comparison.seeds if s in seeds):
        length = float(comparison.values(option, "years")[seed])
        years = sorted({y for o, s, y in tables["ledgers"] if s == seed and o in names})
        for year in years:
            mine = {
                name: [table.get((o, seed, year), getattr(comparison, name).head(0)) for o in names]
                for name, table in tables.items()
            }
            frame = split_labour(*mine["ledgers"], *mine["work"], kinds=kinds)
            frame.insert(0, "seed", seed)
            frame.insert(1, "year", year)
            frame.insert(2, "years", length)
            found.append(frame)
    columns = ("seed", "year", "years", *COLUMNS)
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def average_split(split: pd.DataFrame, by: Sequence[str] = ("cause", "block", "kind")) -> pd.DataFrame:
    """Average a split over its seeds.

    Args:
        split: from `split_by_seed`.
        by: what to keep apart: some of cause, block, kind, year.

    Returns:
        One row a group: mean minutes with low, high, n, and `share` of the mean difference. Minutes are minutes a
        year, or with `year` those of that calendar year. The means add up to the mean difference in paid minutes. A
        cause that a seed lacks counts as 0 there.
    """
    by = list(by)
    if "year" not in by and "years" in split:
        split = split.assign(minutes=split["minutes"] / split["years"])
    wide = split.pivot_table(
        index="seed", columns=by, values="minutes", aggfunc="sum", fill_value=0.0, observed=True
    )
    difference = float(wide.to_numpy().sum(axis=1).mean()) if len(wide) else float("nan")
    rows = []
    for key in wide.columns:
        found = estimate(wide[key].to_numpy())
        values = key if isinstance(key, tuple) else (key,)
        share = found.mean / difference if abs(difference) > 1.0 else np.nan
        rows.append((*values, found.mean, found.low, found.high, found.n, share))
    frame = pd.DataFrame(rows, columns=[*by, "minutes", "low", "high", "n", "share"])
    if "cause" in by:
        order = {cause: i for i, cause in enumerate(CAUSES)}
        frame = frame.sort_values(
            by, key=lambda c: c.map(order) if c.name == "cause" else c, ignore_index=True
        )
    return frame
