"""The answer of a comparison for a terminal: one compact table an option, and where the minutes went."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim.analysis.attribution import split_by_seed
from sim.analysis.comparison import CANNOT_TELL, NEGLIGIBLE, Comparison
from sim.report.answers import minutes_in_a_sentence, warnings
from sim.report.causes import days_by_year, groups, year_table
from sim.report.verdicts import outcomes_told, tell
from sim.report.words import say

OUTCOMES = (
    "on_time_share",
    "median_days",
    "p90_days",
    "withdrawn_share",
    "hand_overs_per_request",
    "hazards_on_time_share",
    "inspection_cover_share",
    "superior_on_time_share",
    "superior_open_days",
    "grassroots_open_days",
    "elastic_undone_share",
    "thinned_share",
    "overtime_hours_per_week",
    "overtime_hours_per_week_first_year",
    "fatigue_peak",
    "satisfaction_end",
    "officials",
    "paid_people",
)
"""Outcomes of the table, in their order; a comparison that has none of them shows all of its own."""
_STYLES = {"better": "green", "worse": "red"}


def comparison_table(comparison: Comparison, lang: str = "en") -> Group:
    """A rich renderable: levels, differences with intervals and verdicts, and the ledger's answer.

    Args:
        comparison: what was compared.
        lang: "en" or "zh".
    """
    known = outcomes_told(comparison)
    shown = [name for name in OUTCOMES if name in known] or known
    parts = []
    for option in comparison.options:
        n = len(comparison.pairs(option, comparison.outcomes[0])[0]) if comparison.outcomes else 0
        table = Table(
            title=say("terminal_title", lang, base=comparison.base, option=option, n=n),
            title_justify="left",
            pad_edge=False,
            box=None,
            header_style="bold",
        )
        table.add_column(say("outcome", lang), overflow="fold", min_width=16)
        for name in (comparison.base, option, say("difference", lang)):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("")
        for outcome in shown if n else ():
            told = tell(comparison, option, outcome, lang)
            style = _STYLES.get(told.mark, "dim" if told.row["verdict"] in (CANNOT_TELL, NEGLIGIBLE) else "")
            table.add_row(told.label, told.base, told.option, told.difference, Text(told.verdict, style=style))
        parts.append(table)
        told = minutes_in_a_sentence(comparison, option, lang, "terminal_ledger") if n else ""
        if told:
            parts.append(Text(told))
            parts += _by_year(comparison, option, lang)
    parts += [Text(text, style="dim") for text in warnings(comparison, lang)]
    return Group(*parts)


def _by_year(comparison: Comparison, option: str, lang: str) -> list[Table]:
    """The accounts of the labour gap by calendar year; nothing for runs within one year."""
    who, kinds = next(iter(groups(comparison).items()))
    split = split_by_seed(comparison, option, kinds)
    if split["year"].nunique() < 2:
        return []
    found = year_table(split, days_by_year(comparison), lang)
    table = Table(title=say("terminal_years", lang, who=say(who, lang)), title_justify="left", box=None, pad_edge=False)
    for i, name in enumerate(found.head):
        table.add_column(name, justify="right" if i else "left", no_wrap=bool(i))
    for row in found.rows:
        if row.kind in ("account", "sum"):
            table.add_row(*(cell.text for cell in row.cells))
    return [table]
