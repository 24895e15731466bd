"""Figures of a comparison: same bytes each time, colours for the colour-blind too, a unit on every axis.

Each function returns a matplotlib figure; `as_svg` and `as_png` make bytes of it. What is averaged and how is
said under the figure by the caller (`caption` texts in `sim.report.words`).
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import as_file, files

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis.attribution import average_split, minutes_a_year, split_by_seed
from sim.analysis.comparison import Comparison
from sim.analysis.months import bands, people_by_pool
from sim.report.numbers import is_share, million, whole_per_cent
from sim.report.words import block, say

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colours, the base first."""
SAVES, COSTS, WHOLE = "#0072B2", "#D55E00", "#7A7A7A"
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), "-")

BLOCKS = (
    ("requests", "#0072B2"), ("county", "#E69F00"), ("liaison", "#D55E00"), ("tasking", "#CC79A7"),
    ("unit_overhead", "#009E73"), ("leading", "#B3446C"), ("staff", "#56B4E9"), ("reform", "#F0E442"),
    ("supervision", "#8C564B"),
    ("auxiliary", "#B2A100"), ("community", "#5E3C99"), ("grid", "#A6761D"))  # fmt: skip
"""Blocks of work with their colours, in the order in which they are stacked."""
TIMES = (("handover", "#4D4D4D"), ("setup", "#7A7A7A"), ("absent", "#B8B8B8"), ("idle", "#EBEBEB"))

FAMILY = ["DejaVu Sans", "Noto Sans SC Subset"]


@cache
def _register_font() -> None:
    from matplotlib import font_manager

    with as_file(files("sim.report") / "fonts" / "NotoSansSC-subset.otf") as path:
        font_manager.fontManager.addfont(path)


def style() -> dict[str, object]:
    """Settings of every figure, to be used in `matplotlib.rc_context`."""
    _register_font()
    return {
        "font.family": FAMILY, "font.size": 10.5, "axes.spines.top": False, "axes.spines.right": False,
        "axes.grid": True, "grid.color": "#E3E3E3", "axes.axisbelow": True, "svg.hashsalt": "lean-county",
        "svg.fonttype": "path", "axes.unicode_minus": True, "legend.frameon": False, "lines.linewidth": 1.8,
        "figure.dpi": 110, "savefig.facecolor": "white", "axes.titlesize": 11, "hatch.linewidth": 0.6,
    }  # fmt: skip


def as_svg(figure: Figure) -> str:
    """The figure as SVG text without dates, letters drawn as paths."""
    out = io.StringIO()
    with mpl.rc_context(style()):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight")
    text = out.getvalue()
    return text[text.index("<svg") :]


def as_png(figure: Figure, dpi: int = 110) -> bytes:
    """The figure as PNG bytes without dates."""
    out = io.BytesIO()
    with mpl.rc_context(style()):
        figure.savefig(out, format="png", dpi=dpi, metadata={"Software": None}, bbox_inches="tight")
    return out.getvalue()


def _panels(n: int, height: float = 2.3) -> tuple[Figure, Sequence[Axes]]:
    figure = Figure(figsize=(8.4, height * n + 0.5), layout="constrained")
    axes = figure.subplots(n, 1, sharex=True, squeeze=False)[:, 0]
    return figure, axes


def _draw_bands(axes: Axes, found: pd.DataFrame, factor: float = 1.0) -> None:
    for i, (option, mine) in enumerate(found.groupby("option", sort=False)):
        colour = COLOURS[i % len(COLOURS)]
        mine = mine.sort_values("date")
        axes.plot(mine["date"], mine["mean"] * factor, color=colour, ls=DASHES[i % len(DASHES)], label=option)
        if mine["low"].notna().any():
            axes.fill_between(
                mine["date"], mine["low"] * factor, mine["high"] * factor, color=colour, alpha=0.22, lw=0
            )


def _series(
    tables: Sequence[tuple[pd.DataFrame, str, str, float]], lang: str, zero: Sequence[int] = ()
) -> Figure:
    with mpl.rc_context(style()):
        figure, axes = _panels(len(tables))
        for i, (axis, (table, column, text, factor)) in enumerate(zip(axes, tables, strict=True)):
            _draw_bands(axis, bands(table, column), factor)
            axis.set_ylabel(say(text, lang))
            if i in zero:
                axis.set_ylim(0, None if (table[column] > 0).any() else 1)
            axis.yaxis.set_major_formatter(lambda x, _: f"{x:,.10g}".replace("-", "−"))
        figure.align_ylabels(axes)
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=min(len(labels), 3))
        return figure


def service(comparison: Comparison, lang: str = "en") -> Figure:
    """Requests on time and open, and superiors' tasks open, by month."""
    months = comparison.months
    panels = [
        (months, "on_time_share_resident", "fig_on_time", 100.0),
        (months, "open_resident", "fig_open", 1.0),
    ]
    if (months["opened_superior"] > 0).any():
        panels.append((months, "open_superior", "fig_superior_open", 1.0))
    return _series(panels, lang, zero=(1, 2))


def people(comparison: Comparison, lang: str = "en") -> Figure:
    """Overtime, fatigue and idle time of officials, by month."""
    months = comparison.months
    return _series(
        [
            (months, "overtime_hours_per_week", "fig_overtime", 1.0),
            (months, "fatigue", "fig_fatigue", 1.0),
            (months, "idle_share", "fig_idle", 100.0),
        ],
        lang,
        zero=(0, 1, 2),
    )


def organizations(comparison: Comparison, lang: str = "en") -> Figure:
    """Social organizations: functions in the market, organizations, quality, share handed back."""
    table = comparison.society
    return _series(
        [
            (table, "functions_transferred", "fig_functions", 1.0),
            (table, "organizations_alive", "fig_alive", 1.0),
            (table, "organization_quality", "fig_quality", 1.0),
            (table, "functions_handed_back_share", "fig_handed_back", 100.0),
        ],
        lang,
        zero=(0, 1, 3),
    )


def minutes(comparison: Comparison, lang: str = "en", kind: str = "official") -> Figure:
    """Where a kind of worker's minutes go: one bar an option, elastic work hatched."""
    ledger = minutes_a_year(comparison)
    ledger = ledger[ledger["kind"] == kind]
    with mpl.rc_context(style()):
        options = list(comparison.plans)
        figure = Figure(figsize=(8.4, 1.3 + 0.75 * len(options)), layout="constrained")
        axis = figure.subplots()
        entries = [(name, colour, name) for stem, colour in BLOCKS for name in (stem, f"{stem}_elastic")]
        entries += [(name, colour, f"entry_{name}") for name, colour in TIMES]
        left = dict.fromkeys(options, 0.0)
        whole = max(ledger[ledger["entry"] == "paid"]["minutes"].max() / 1e6, 1e-9)
        for name, colour, text in entries:
            mine = ledger[ledger["entry"] == name].set_index("option")["minutes"] / 1e6
            if mine.empty or mine.max() < 0.002 * whole:
                for option in options:
                    left[option] += float(mine.get(option, 0.0))
                continue
            elastic = name.endswith("_elastic")
            shown = say(text, lang) if text.startswith("entry_") else block(name, lang)
            widths = [float(mine.get(option, 0.0)) for option in options]
            axis.barh(
                options,
                widths,
                left=[left[o] for o in options],
                color=colour,
                label=shown,
                height=0.62,
                hatch="////" if elastic else None,
                edgecolor="white" if elastic else "#FFFFFF",
                lw=0.6,
            )
            for y, (option, width) in enumerate(zip(options, widths, strict=True)):
                if width > 0.035 * whole:
                    dark = colour in ("#EBEBEB", "#B8B8B8", "#E69F00", "#56B4E9", "#B2A100")
                    axis.text(
                        left[option] + width / 2,
                        y,
                        f"{width:.0f}",
                        ha="center",
                        va="center",
                        fontsize=8.5,
                        color="black" if dark else "white",
                        bbox={"facecolor": colour, "edgecolor": "none", "pad": 0.8} if elastic else None,
                    )
                left[option] += width
        axis.invert_yaxis()
        axis.grid(axis="y", visible=False)
        axis.set_xlabel(say("fig_minutes", lang))
        axis.xaxis.set_major_formatter(lambda x, _: f"{x:,.10g}")
        figure.legend(loc="outside lower center", ncols=4 if lang == "en" else 5, fontsize=9)
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
    paid = (
        ledger[(ledger["entry"] == "paid") & ledger["kind"].isin(list(kinds))]
        .groupby("option")["minutes"]
        .sum()
    )
    with mpl.rc_context(style()):
        figure = Figure(figsize=(8.4, 1.2 + 0.36 * (len(causes) + 2)), layout="constrained")
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
            names.append(say("moved" if cause.cause == "pool" else cause.cause, lang))
            at += x
            lowest, highest = min(lowest, at), max(highest, at)
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


def pools(comparison: Comparison, lang: str = "en") -> Figure:
    """Paid people by pool, one bar an option."""
    found = people_by_pool(comparison.months)
    colours = dict(
        zip(
            ("official", "off_quota", "community_worker", "grid_worker", "organization_staff", "server"),
            ("#0072B2", "#E69F00", "#009E73", "#56B4E9", "#CC79A7", "#4D4D4D"),
            strict=True,
        )
    )
    with mpl.rc_context(style()):
        options = list(comparison.plans)
        figure = Figure(figsize=(8.4, 1.2 + 0.7 * len(options)), layout="constrained")
        axis = figure.subplots()
        left = dict.fromkeys(options, 0.0)
        whole = found.groupby("option")["people"].sum().max()
        for kind, colour in colours.items():
            mine = found[found["kind"] == kind].set_index("option")["people"]
            if mine.empty:
                continue
            widths = [float(mine.get(o, 0.0)) for o in options]
            axis.barh(
                options,
                widths,
                left=[left[o] for o in options],
                color=colour,
                label=say(kind, lang),
                height=0.6,
            )
            for y, (option, width) in enumerate(zip(options, widths, strict=True)):
                if width > 0.05 * whole:
                    axis.text(
                        left[option] + width / 2,
                        y,
                        f"{width:,.0f}",
                        ha="center",
                        va="center",
                        fontsize=9,
                        color="white" if kind in ("official", "community_worker") else "black",
                    )
                left[option] += width
        for y, option in enumerate(options):
            axis.text(left[option] + 0.01 * whole, y, f"{left[option]:,.0f}", va="center", fontsize=9.5)
        axis.set_xlim(0, 1.1 * whole)
        axis.invert_yaxis()
        axis.grid(axis="y", visible=False)
        axis.set_xlabel(say("fig_people", lang))
        axis.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
        figure.legend(loc="outside lower center", ncols=3, fontsize=9)
        return figure


def against(
    levels: pd.DataFrame,
    x: str,
    series: str,
    outcomes: Mapping[str, tuple[str, str]],
    x_label: str,
    note: str = "",
) -> Figure:
    """Levels of outcomes against a lever: one panel an outcome, a line a series, whiskers for intervals.

    Args:
        levels: rows with `outcome`, mean, low, high and the columns named by `x` and `series`.
        x: column of the lever; numbers are put at their place, words in their order.
        series: column that tells the lines apart.
        outcomes: outcome -> title of its panel and unit of its axis; shares are drawn in per cent.
        x_label: label of the lever's axis, with its unit.
        note: what the intervals are, and n; written under the panels.
    """
    with mpl.rc_context(style()):
        rows = math.ceil(len(outcomes) / 2)
        figure = Figure(figsize=(9.2, 2.35 * rows + 0.9), layout="constrained")
        panels = figure.subplots(rows, 2, squeeze=False, sharex=True).ravel()
        places = list(dict.fromkeys(levels[x]))
        is_number = all(isinstance(place, int | float) for place in places)
        at = {place: place if is_number else i for i, place in enumerate(places)}
        names = list(dict.fromkeys(levels[series]))
        for axis, (outcome, (text, unit)) in zip(panels, outcomes.items(), strict=False):
            factor = 100.0 if is_share(outcome) else 1.0
            for i, name in enumerate(names):
                mine = levels[(levels["outcome"] == outcome) & (levels[series] == name)]
                aside = 0.0 if is_number else 0.14 * (i - (len(names) - 1) / 2)
                where = [at[place] + aside for place in mine[x]]
                errors = [mine["mean"] - mine["low"], mine["high"] - mine["mean"]]
                errors = [(factor * e).fillna(0.0).clip(lower=0.0) for e in errors]
                axis.errorbar(
                    where, factor * mine["mean"], yerr=errors, color=COLOURS[i % len(COLOURS)], label=name,
                    ls=DASHES[i % len(DASHES)] if is_number else "none", marker="osD^vPX"[i % 7], ms=4.5,
                    capsize=2.5,
                )  # fmt: skip
            axis.set_title(text, loc="left", fontsize=10.5)
            axis.set_ylabel(unit)
            axis.yaxis.set_major_formatter(lambda y, _: f"{y:,.10g}".replace("-", "−"))
            if not is_number:
                axis.set_xticks(range(len(places)), places)
        for axis in panels[len(outcomes) :]:
            axis.set_visible(False)
        for axis in panels[len(outcomes) - 2 : len(outcomes)]:
            axis.tick_params(labelbottom=True)
            axis.set_xlabel(x_label)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=min(len(labels), 4))
        if note:
            figure.supxlabel(textwrap.fill(note, 120), fontsize=8.5, color="#5b5b5b")
        return figure
