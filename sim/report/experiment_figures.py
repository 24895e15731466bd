"""Figures of the experiments on levers and unknowns: effects with intervals, margins, paths of overload."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.report.drawing import COLOURS, COSTS, SAVES, style
from sim.report.numbers import is_share


def _axis_text(x: float, _: object = None) -> str:
    return f"{x:,.10g}".replace("-", "−")


def effects(
    table: pd.DataFrame, outcomes: Mapping[str, tuple[str, str]], sides: Mapping[str, str], note: str = ""
) -> Figure:
    """Effects of levers with intervals: a panel an outcome, a row a lever, a dot a side.

    Args:
        table: rows with lever, side, outcome, mean, low, high, is_zero (`sim.analysis.levers.effects`).
        outcomes: outcome -> title of its panel and unit of its axis; shares are drawn in points of per cent.
        sides: side -> its name in the legend.
        note: what was run; written under the panels.
    """
    with mpl.rc_context(style()):
        levers = list(dict.fromkeys(table["lever"]))
        columns = min(3, len(outcomes))
        rows = math.ceil(len(outcomes) / columns)
        figure = Figure(figsize=(11.5, rows * (1.0 + 0.27 * len(levers)) + 1.0), layout="constrained")
        panels = figure.subplots(rows, columns, squeeze=False, sharey=True)
        for panel, (outcome, (title, unit)) in zip(panels.ravel(), outcomes.items(), strict=False):
            factor = 100.0 if is_share(outcome) else 1.0
            panel.axvline(0, color="black", lw=0.8)
            for i, side in enumerate(sides):
                mine = table[(table["outcome"] == outcome) & (table["side"] == side)]
                y = np.array([levers.index(lever) for lever in mine["lever"]]) + 0.32 * (i - (len(sides) - 1) / 2)
                mean = factor * mine["mean"].to_numpy(float)
                errors = [np.nan_to_num(factor * (mine["mean"] - mine["low"]).to_numpy(float)),
                          np.nan_to_num(factor * (mine["high"] - mine["mean"]).to_numpy(float))]  # fmt: skip
                panel.errorbar(mean, y, xerr=np.maximum(errors, 0.0), fmt="os"[i % 2], ms=4.5, capsize=2, lw=1.2,
                               color=COLOURS[i], label=sides[side])  # fmt: skip
            panel.set_title(title, loc="left", fontsize=10.5)
            panel.set_xlabel(unit)
            panel.xaxis.set_major_formatter(_axis_text)
            panel.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
        for panel in panels.ravel()[len(outcomes) :]:
            panel.set_visible(False)
        panels[0, 0].set_yticks(range(len(levers)), levers)
        panels[0, 0].set_ylim(len(levers) - 0.5, -0.5)
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=2)
        if note:
            figure.supxlabel(textwrap.fill(note, 150), fontsize=8.5, color="#5b5b5b")
        return figure


def tornado(table: pd.DataFrame, column: str, title: str, note: str = "") -> Figure:
    """A margin at the values of each unknown, the others as assumed: widest at the top.

    Args:
        table: rows with unknown, unit, text (of the value), x, is_choice, is_current, and the margin.
        column: the margin, a mean over seeds.
        title: whose margin it is.
        note: what was run; written under the figure.
    """
    table = table.assign(margin=table[column]).dropna(subset=["margin"])
    with mpl.rc_context(style()):
        spans = table.groupby("unknown", sort=False)["margin"].agg(lambda m: m.max() - m.min())
        order = list(spans.sort_values(ascending=False).index)
        figure = Figure(figsize=(9.2, 1.6 + 0.62 * len(order)), layout="constrained")
        axis = figure.subplots()
        for y, name in enumerate(order):
            mine = table[table["unknown"] == name].sort_values("x")
            margin = mine["margin"].to_numpy(float)
            axis.plot([margin.min(), margin.max()], [y, y], color="#BDBDBD", lw=7, solid_capstyle="butt", zorder=1)
            colours = [SAVES if m >= 0 else COSTS for m in margin]
            axis.scatter(margin, np.full(margin.size, y), color=colours, s=26, zorder=3)
            now = mine.loc[mine["is_current"], "margin"]
            axis.scatter(now, np.full(len(now), y), facecolors="none", edgecolors="black", s=60, zorder=4)
            shown = range(margin.size) if mine["is_choice"].iloc[0] else (0, margin.size - 1)
            places = sorted(shown, key=lambda i: margin[i])
            for rank, i in enumerate(places):
                if rank in (0, len(places) - 1):
                    side = -1 if rank == 0 and len(places) > 1 else 1
                    axis.annotate(mine["text"].iloc[i], (margin[i], y), xytext=(7 * side, 0),
                                  textcoords="offset points", ha="right" if side < 0 else "left", va="center",
                                  fontsize=8.5)  # fmt: skip
                else:
                    axis.annotate(mine["text"].iloc[i], (margin[i], y), xytext=(0, 7), textcoords="offset points",
                                  ha="center", fontsize=8)  # fmt: skip
        axis.axvline(0, color="black", lw=1.0)
        low, high = float(table["margin"].min()), float(table["margin"].max())
        pad = 0.22 * max(high - low, 0.1)
        axis.set_xlim(min(low, 0.0) - pad, max(high, 0.0) + pad)
        units = table.groupby("unknown")["unit"].first()
        names = [name if units[name] == "choice" else f"{name}, {units[name]}" for name in order]
        axis.set_yticks(range(len(order)), [textwrap.fill(name, 36) for name in names], fontsize=9)
        axis.set_ylim(len(order) - 0.5, -0.5)
        axis.set_title(title, loc="left")
        axis.set_xlabel("margin (0 = just holds, 1 = nothing lost); ring: as assumed")
        axis.xaxis.set_major_formatter(_axis_text)
        if note:
            figure.supxlabel(textwrap.fill(note, 125), fontsize=8.5, color="#5b5b5b")
        return figure


def overload_paths(
    rows: pd.DataFrame, measure: str, kinds: Mapping[int, str], names: Sequence[str], limit: float, label: str,
    note: str = "", when: str = "date"
) -> Figure:
    """A measure of overload of every draw over time, coloured by what overload did, and the median of all.

    Args:
        rows: rows with draw, the column `when` and the measure.
        measure: column to draw.
        kinds: draw -> what overload did in it.
        names: what it can do, in the order of the legend.
        limit: beyond which a row is overloaded.
        label: what the measure is, with its unit.
        note: what was run; written under the figure.
        when: column of the time: `date`, or `year` for values of whole years.
    """
    with mpl.rc_context(style()):
        figure = Figure(figsize=(9.2, 4.6), layout="constrained")
        axis = figure.subplots()
        colours = dict(zip(names, (SAVES, "#009E73", COSTS), strict=True))
        marker = "o" if when == "year" else None
        for draw, mine in rows.groupby("draw"):
            look = {"color": colours[kinds[draw]], "lw": 0.8, "alpha": 0.55, "marker": marker, "ms": 2.5}
            axis.plot(mine[when], mine[measure], **look)
        median = rows.groupby(when)[measure].median()
        axis.plot(median.index, median, color="black", lw=2.2, label="median of the draws")
        axis.axhline(limit, color="black", lw=1.0, ls="--", label=f"limit: {limit:g}")
        for name in names:
            n = sum(kind == name for kind in kinds.values())
            axis.plot([], [], color=colours[name], lw=1.6, label=f"overload {name}: {n} of {len(kinds)}")
        axis.set_ylabel(label)
        axis.set_ylim(0, None)
        figure.legend(loc="outside upper center", ncols=3, fontsize=9)
        if note:
            figure.supxlabel(textwrap.fill(note, 125), fontsize=8.5, color="#5b5b5b")
        return figure
