"""Figures of the labour ledger: where minutes go, and how one option does with fewer what another does with more."""

from __future__ import annotations

import math
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.figure import Figure

from sim.analysis.attribution import ACCOUNTS, average_split, split_by_seed
from sim.analysis.comparison import Comparison
from sim.analysis.labour import OTHER_TIMES, minutes_a_year
from sim.analysis.offered import offered_by_year
from sim.report.causes import cause_name, days_by_year, rest_name, year_tick
from sim.report.drawing import COLOURS, COSTS, SAVES, WHOLE, in_lines, stack, style
from sim.report.numbers import million, whole_per_cent
from sim.report.words import block, say

BLOCKS = (
    ("requests", "#0072B2"), ("county", "#E69F00"), ("liaison", "#D55E00"), ("tasking", "#CC79A7"),
    ("unit_overhead", "#009E73"), ("staff", "#56B4E9"), ("reform", "#F0E442"), ("supervision", "#8C564B"),
    ("auxiliary", "#B2A100"), ("leading", "#B3446C"), ("community", "#5E3C99"), ("grid", "#A6761D"))  # fmt: skip
"""Blocks of work with their colours, in the order in which they are stacked."""
TIMES = (("handover", "#4D4D4D"), ("setup", "#7A7A7A"), ("absent", "#B8B8B8"), ("idle", "#EBEBEB"))

_FATES = (("regular", "#0072B2"), ("overtime", "#D55E00"), ("thinned", "#CC79A7"), ("elastic_unfinished", "#BDBDBD"),
          ("unfinished", "#4D4D4D"))  # fmt: skip
"""What becomes of offered work, with its colours, in the order in which it is stacked."""
_SMALL = 0.002
"""Causes below this share of the paid minutes are drawn as one."""


def minutes(comparison: Comparison, lang: str = "en", kind: str = "official") -> Figure:
    """Where a kind of worker's minutes go: one bar an option, elastic work hatched."""
    ledger = minutes_a_year(comparison)
    ledger = ledger[ledger["kind"] == kind]
    with mpl.rc_context(style()):
        options = list(comparison.plans)
        figure = Figure(figsize=(8.4, 1.3 + 0.75 * len(options)), layout="constrained")
        axis = figure.subplots()
        entries = [(name, colour, name) for stem, colour in BLOCKS for name in (stem, f"{stem}_elastic")]
        more = [(name, "#9C8AA5") for name in OTHER_TIMES if name not in dict(TIMES)]
        entries += [(name, colour, f"entry_{name}") for name, colour in (*more, *TIMES)]
        left = dict.fromkeys(options, 0.0)
        whole = max(ledger[ledger["entry"] == "paid"]["minutes"].max() / 1e6, 1e-9)
        for name, colour, text in entries:
            mine = ledger[ledger["entry"] == name].set_index("option")["minutes"] / 1e6
            if mine.empty or mine.max() < 0.002 * whole:
                for option in options:
                    left[option] += float(mine.get(option, 0.0))
                continue
            elastic = name.endswith("_elastic")
            is_time = text.startswith("entry_")
            shown = say(text, lang, default=name.replace("_", " ")) if is_time else block(name, lang)
            widths = [float(mine.get(option, 0.0)) for option in options]
            stack(axis, left, widths, colour, shown, lambda w: f"{w:.0f}" if whole >= 20 else f"{w:.2g}",
                  least=0.035 * whole, height=0.62, fontsize=8.5, is_hatched=elastic, edgecolor="white",
                  lw=0.6)  # fmt: skip
        axis.invert_yaxis()
        axis.grid(axis="y", visible=False)
        axis.set_xlabel(say("fig_minutes", lang))
        axis.xaxis.set_major_formatter(lambda x, _: f"{x:,.10g}")
        figure.legend(loc="outside lower center", ncols=4 if lang == "en" else 5, fontsize=9)
        return figure


def offered(comparison: Comparison, lang: str = "en") -> Figure:
    """What was asked of officials in their regular hours and what became of it: a panel an option, a bar a year."""
    found = offered_by_year(comparison)
    days = days_by_year(comparison)
    with mpl.rc_context(style()):
        options = [option for option in comparison.plans if option in set(found["option"])]
        figure = Figure(figsize=(max(3.9 * len(options), 5.4), 4.2), layout="constrained")
        panels = figure.subplots(1, len(options), sharey=True, squeeze=False)[0]
        for axis, option in zip(panels, options, strict=True):
            mine = found[found["option"] == option]
            names = [year_tick(y, days, lang) for y in mine["year"]]
            up = [0.0] * len(names)
            for fate, colour in _FATES:
                values = mine[fate].tolist()
                floor = [u if v > 0 else 0.0 for u, v in zip(up, values, strict=True)]
                axis.bar(names, values, bottom=floor, color=colour, width=0.72, edgecolor="white", lw=0.4,
                         label=say(f"offered_{fate}", lang) if option == options[0] else None,
                         hatch="////" if fate == "elastic_unfinished" else None)  # fmt: skip
                up = [u + max(v, 0.0) for u, v in zip(up, values, strict=True)]
            for x, (top, load) in enumerate(zip(up, mine["load"], strict=True)):
                axis.text(x, top + 0.012, whole_per_cent(load), ha="center", va="bottom", fontsize=8.5,
                          bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})  # fmt: skip
            axis.axhline(1.0, color="black", lw=1.1, zorder=2.5)
            axis.axhline(0.0, color="black", lw=0.8)
            axis.set_title(option, loc="left")
            axis.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f} %".replace("-", "−"))
            axis.grid(axis="x", visible=False)
            axis.tick_params(axis="x", labelsize=8)
        panels[0].set_ylabel(say("fig_offered", lang))
        figure.legend(loc="outside lower center", ncols=5 if len(options) > 1 else 3, fontsize=9)
        return figure


def fall(comparison: Comparison, option: str, kinds: Sequence[str], who: str, lang: str = "en") -> Figure:
    """The waterfall from the base's paid minutes to the option's, cause by cause.

    Args:
        comparison: what was compared.
        option: which option.
        kinds: kinds of worker taken as one group.
        who: word for the group, `who_official` or `who_all`.
        lang: language.
    """
    causes = average_split(split_by_seed(comparison, option, kinds), by=["cause"])
    ledger = minutes_a_year(comparison)
    size = ledger[(ledger["entry"] == "paid") & ledger["kind"].isin(list(kinds))].groupby("option")["minutes"].sum()
    small = causes["minutes"].abs() < _SMALL * size.max()
    rest = causes[small]["minutes"].sum(), causes[small]["share"].sum()
    rest_of = list(causes[small]["cause"])
    causes = causes[~small]
    paid = (
        ledger[(ledger["entry"] == "paid") & ledger["kind"].isin(list(kinds))]
        .groupby("option")["minutes"]
        .sum()
    )
    with mpl.rc_context(style()):
        figure = Figure(figsize=(8.4, 1.2 + 0.36 * (len(causes) + 3)), layout="constrained")
        axis = figure.subplots()
        at = float(paid[comparison.base]) / 1e6
        whole = max(at, float(paid[option]) / 1e6)
        axis.barh(0, at, color=WHOLE, height=0.7)
        axis.text(at + 0.01 * whole, 0, f"{at:,.1f}", va="center", fontsize=9)
        names = [comparison.base]
        lowest, highest = min(at, 0.0), whole
        for row, cause in enumerate(causes.itertuples(), start=1):
            x = cause.minutes / 1e6
            axis.barh(row, x, left=at, color=SAVES if x < 0 else COSTS, height=0.7)
            if math.isfinite(cause.low):
                axis.plot([at + cause.low / 1e6, at + cause.high / 1e6], [row, row], color="black", lw=1.1)
            axis.plot([at + x, at + x], [row - 0.35, row + 1.35], color="#9A9A9A", lw=0.7, zorder=0)
            share = f"  ({whole_per_cent(cause.share)})" if math.isfinite(cause.share) else ""
            axis.text(
                max(at, at + x) + 0.012 * whole, row, million(cause.minutes) + share, va="center", fontsize=9
            )
            names.append(in_lines(cause_name(cause.cause, lang), 34 if lang == "en" else 18))
            at += x
            lowest, highest = min(lowest, at), max(highest, at)
        if small.any():
            row, x = len(names), rest[0] / 1e6
            axis.barh(row, x, left=at, color=SAVES if x < 0 else COSTS, height=0.7)
            axis.plot([at + x, at + x], [row - 0.35, row + 1.35], color="#9A9A9A", lw=0.7, zorder=0)
            share = f"  ({whole_per_cent(rest[1])})" if math.isfinite(rest[1]) else ""
            axis.text(max(at, at + x) + 0.012 * whole, row, million(rest[0], 2) + share, va="center", fontsize=9)
            names.append(in_lines(rest_name(rest_of, lang), 34 if lang == "en" else 18))
            at += x
        axis.barh(len(names), at, color=WHOLE, height=0.7)
        axis.text(at + 0.012 * whole, len(names), f"{at:,.1f}", va="center", fontsize=9)
        names.append(option)
        axis.set_yticks(range(len(names)), names)
        axis.invert_yaxis()
        axis.set_xlim(min(0.0, 1.05 * lowest), 1.17 * highest)
        axis.grid(axis="y", visible=False)
        axis.set_xlabel(say("fig_minutes", lang))
        axis.xaxis.set_major_formatter(lambda x, _: f"{x:,.10g}")
        axis.set_title(
            say("fig_fall", lang, base=comparison.base, option=option, who=say(who, lang)), loc="left"
        )
        return figure


def years(comparison: Comparison, option: str, kinds: Sequence[str], who: str, lang: str = "en") -> Figure:
    """Which cause carries the gap when: for each account a panel, one stacked bar a calendar year, its sum as a mark.

    Panels have scales of their own, said in their titles; causes of an account that are small throughout are one.

    Args:
        comparison: what was compared.
        option: which option.
        kinds: kinds of worker taken as one group.
        who: word for the group.
        lang: language.
    """
    found = average_split(split_by_seed(comparison, option, kinds), by=["cause", "year"])
    wide = found.pivot(index="cause", columns="year", values="minutes").fillna(0.0) / 1e6
    days = days_by_year(comparison)
    names = [year_tick(y, days, lang) for y in wide.columns]
    accounts = {a: [c for c in causes if c in wide.index] for a, causes in ACCOUNTS.items()}
    accounts = {a: causes for a, causes in accounts.items() if causes}
    line = 32 if lang == "en" else 16
    with mpl.rc_context(style()):
        rows = math.ceil(len(accounts) / 2)
        figure = Figure(figsize=(9.6, 3.7 * rows + 0.4), layout="constrained")
        panels = figure.subplots(rows, 2, squeeze=False).ravel()
        for axis, (account, causes) in zip(panels, accounts.items(), strict=False):
            whole = wide.loc[causes].sum()
            largest = wide.loc[causes].abs().max(axis=1).sort_values(ascending=False, kind="stable").index
            size = wide.loc[causes].abs().max(axis=1)
            shown = [c for c in causes if c in largest[: len(COLOURS) - 1] and size[c] >= 0.01 * size.max()]
            parts = {in_lines(cause_name(c, lang), line): wide.loc[c] for c in shown}
            if rest := [c for c in causes if c not in shown]:
                parts[in_lines(rest_name(rest, lang), line)] = wide.loc[rest].sum()
            up, down = [0.0] * len(names), [0.0] * len(names)
            for colour, (name, values) in zip((*COLOURS[:-1], WHOLE), parts.items(), strict=False):
                floor = [u if v > 0 else d for u, d, v in zip(up, down, values, strict=True)]
                axis.bar(names, values, bottom=floor, color=colour, width=0.72, label=name, edgecolor="white", lw=0.4)
                up = [u + max(v, 0.0) for u, v in zip(up, values, strict=True)]
                down = [d + min(v, 0.0) for d, v in zip(down, values, strict=True)]
            if len(parts) > 1:
                axis.plot(names, whole, color="black", marker="D", ms=4.5, ls="none", label=say("account_sum", lang))
            axis.axhline(0.0, color="black", lw=0.8)
            axis.set_title(say(account, lang), loc="left", fontsize=10.5)
            axis.set_ylabel(say("fig_minutes_year", lang))
            axis.yaxis.set_major_formatter(lambda y, _: f"{y:,.10g}".replace("-", "−"))
            axis.grid(axis="x", visible=False)
            axis.tick_params(axis="x", labelsize=8.5)
            axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, fontsize=8.2, handlelength=1.2)
        for axis in panels[len(accounts) :]:
            axis.set_visible(False)
        figure.suptitle(
            say("fig_years", lang, base=comparison.base, option=option, who=say(who, lang)),
            fontsize=11,
            x=0.01,
            ha="left",
        )
        return figure
