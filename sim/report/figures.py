"""Figures of a comparison over time and by pool, a unit on every axis.

Each function returns a matplotlib figure; `sim.report.drawing` makes bytes of it. What is averaged and how is
said under the figure by the caller (`caption` texts in `sim.report.words`).
"""

from __future__ import annotations

import datetime
import math
import textwrap
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from sim.analysis.comparison import Comparison
from sim.analysis.money import cost_by_line, cost_by_year
from sim.analysis.months import bands, people_by_pool
from sim.report.causes import days_by_year, year_tick
from sim.report.drawing import COLOURS, DASHES, in_lines, stack, style
from sim.report.money import line_name
from sim.report.numbers import amount, is_share
from sim.report.words import say

POOLS = {
    "official": "#0072B2", "off_quota": "#E69F00", "community_worker": "#009E73", "grid_worker": "#56B4E9",
    "organization_staff": "#CC79A7", "server": "#4D4D4D",
}  # fmt: skip
"""Pools of paid people with their colours."""
LINES = {
    **{f"salaries_{pool}": POOLS[pool] for pool in ("official", "off_quota", "community_worker", "grid_worker")},
    "overtime": "#D55E00", "contracts": POOLS["organization_staff"], "recruitment": "#F0E442", "platform": "#7A7A7A",
    "office": "#B8B8B8",
}  # fmt: skip
"""Lines of cost with their colours: people's pay has that of their pool."""


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


def reform_dates(comparison: Comparison) -> list[datetime.date]:
    """Days on which a reform of any option takes effect within the run."""
    runs = [plan.scenario for plan in comparison.plans.values()]
    return sorted({r.date for s in runs for r in s.reforms if s.run.start < r.date <= s.run.last_day})


def _series(
    tables: Sequence[tuple[pd.DataFrame, str, str, float]],
    lang: str,
    zero: Sequence[int] = (),
    dates: Sequence[datetime.date] = (),
) -> Figure:
    with mpl.rc_context(style()):
        figure, axes = _panels(len(tables))
        for i, (axis, (table, column, text, factor)) in enumerate(zip(axes, tables, strict=True)):
            for date in dates:
                axis.axvline(date, color="#8A8A8A", lw=0.8, ls=":", zorder=0)
            _draw_bands(axis, bands(table, column), factor)
            axis.set_ylabel(in_lines(say(text, lang), 24 if lang == "en" else 12))
            if i in zero:
                axis.set_ylim(0, None if (table[column] > 0).any() else 1)
            axis.yaxis.set_major_formatter(lambda x, _: f"{x:,.10g}".replace("-", "−"))
        figure.align_ylabels(axes)
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=min(len(labels), 3))
        return figure


def service(comparison: Comparison, lang: str = "en") -> Figure:
    """Requests on time and open, superiors' tasks and grassroots standing work open, by month."""
    months = comparison.months
    panels = [
        (months, "on_time_share_resident", "fig_on_time", 100.0),
        (months, "open_resident", "fig_open", 1.0),
    ]
    if (months["opened_superior"] > 0).any():
        panels.append((months, "open_tasks", "fig_superior_open", 1.0))
        panels.append((months, "open_grassroots", "fig_grassroots_open", 1.0))
    return _series(panels, lang, zero=(1, 2, 3), dates=reform_dates(comparison))


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
        dates=reform_dates(comparison),
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


def pools(comparison: Comparison, lang: str = "en") -> Figure:
    """Paid people by pool, one bar an option."""
    found = people_by_pool(comparison.months)
    with mpl.rc_context(style()):
        options = list(comparison.plans)
        figure = Figure(figsize=(8.4, 1.2 + 0.7 * len(options)), layout="constrained")
        axis = figure.subplots()
        left = dict.fromkeys(options, 0.0)
        whole = found.groupby("option")["people"].sum().max()
        for kind, colour in POOLS.items():
            mine = found[found["kind"] == kind].set_index("option")["people"]
            if mine.empty:
                continue
            widths = [float(mine.get(o, 0.0)) for o in options]
            stack(axis, left, widths, colour, say(kind, lang), lambda width: f"{width:,.0f}", least=0.05 * whole,
                  height=0.6, fontsize=9)  # fmt: skip
        for y, option in enumerate(options):
            axis.text(left[option] + 0.01 * whole, y, f"{left[option]:,.0f}", va="center", fontsize=9.5)
        axis.set_xlim(0, 1.1 * whole)
        axis.invert_yaxis()
        axis.grid(axis="y", visible=False)
        axis.set_xlabel(say("fig_people", lang))
        axis.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
        figure.legend(loc="outside lower center", ncols=3, fontsize=9)
        return figure


def cost(comparison: Comparison, lang: str = "en") -> Figure | None:
    """What it costs: by line, one bar an option; over the years per resident and per resolved request.

    None when the runs keep no money.
    """
    found, by_year = cost_by_line(comparison), cost_by_year(comparison)
    if found.empty:
        return None
    options = list(comparison.plans)
    with mpl.rc_context(style()):
        heights = [1.9 + 0.62 * len(options), 3.1]
        figure = Figure(figsize=(8.4, sum(heights)), layout="constrained")
        upper, lower = figure.subfigures(2, 1, height_ratios=heights, hspace=0.02)
        _cost_lines(upper, found[found["per"] == "year"], options, lang)
        days = days_by_year(comparison)
        years = sorted(by_year["year"].unique())
        names = [year_tick(y, days, lang) for y in years]
        panels = lower.subplots(1, 2)
        for axis, per in zip(panels, ("resident", "request"), strict=True):
            for i, option in enumerate(options):
                mine = by_year[(by_year["option"] == option) & (by_year["per"] == per)]
                where = [years.index(y) + 0.1 * (i - (len(options) - 1) / 2) for y in mine["year"]]
                errors = [(mine["mean"] - mine["low"]).fillna(0.0).clip(lower=0.0),
                          (mine["high"] - mine["mean"]).fillna(0.0).clip(lower=0.0)]  # fmt: skip
                axis.errorbar(where, mine["mean"], yerr=errors, color=COLOURS[i % len(COLOURS)], label=option,
                              ls=DASHES[i % len(DASHES)], marker="osD^vPX"[i % 7], ms=4.5, capsize=2.5)  # fmt: skip
            axis.set_title(say(f"money_per_{per}", lang), loc="left", fontsize=10.5)
            axis.set_xticks(range(len(years)), names, fontsize=8.5)
            axis.set_xlim(-0.5, len(years) - 0.5)
            axis.set_ylim(0, None)
            axis.yaxis.set_major_formatter(lambda y, _: f"{y:,.10g}")
        handles, labels = panels[0].get_legend_handles_labels()
        lower.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 3), fontsize=9)
        return figure


def _cost_lines(figure: SubFigure, found: pd.DataFrame, options: Sequence[str], lang: str) -> None:
    wide = found.pivot(index="line", columns="option", values="mean").reindex(columns=options).fillna(0.0) / 1e6
    axis = figure.subplots()
    left = dict.fromkeys(options, 0.0)
    whole = wide.loc["all"].max()
    for line in sorted(wide.index.drop("all"), key=[*LINES, *wide.index].index):
        if wide.loc[line].any():
            stack(axis, left, list(wide.loc[line]), LINES.get(line, "#4D4D4D"), line_name(line, lang), amount,
                  least=0.05 * whole, height=0.6, fontsize=9)  # fmt: skip
    for y, option in enumerate(options):
        axis.text(left[option] + 0.01 * whole, y, amount(left[option]), va="center", fontsize=9.5)
    axis.set_xlim(0, 1.1 * whole)
    axis.invert_yaxis()
    axis.grid(axis="y", visible=False)
    axis.set_xlabel(say("money_per_year", lang))
    axis.xaxis.set_major_formatter(lambda x, _: f"{x:,.10g}")
    figure.legend(loc="outside lower center", ncols=3 if lang == "en" else 5, fontsize=9)


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
