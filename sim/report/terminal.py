"""The answer of a comparison for a terminal: one compact table an option, and where the minutes went."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim.analysis.comparison import CANNOT_TELL, NO_INTERVAL, UNDEFINED, Comparison
from sim.report import numbers
from sim.report.answers import minutes_in_a_sentence
from sim.report.verdicts import verdict_text
from sim.report.words import label, say

OUTCOMES = (
    "on_time_share",
    "median_days",
    "p90_days",
    "withdrawn_share",
    "hand_overs_per_request",
    "superior_on_time_share",
    "superior_open_days",
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
    shown = [name for name in OUTCOMES if name in comparison.outcomes] or comparison.outcomes
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
            row = comparison.difference(option, outcome)
            a, b = comparison.level(comparison.base, outcome), comparison.level(option, outcome)
            found = row["verdict"]
            text = "" if found == NO_INTERVAL else verdict_text(row, lang)
            difference = (
                "–"
                if found == UNDEFINED
                else numbers.difference(outcome, row["mean"], row["low"], row["high"], lang)
            )
            style = _STYLES.get(found, "dim" if found == CANNOT_TELL else "")
            table.add_row(
                label(outcome, lang),
                numbers.level(outcome, a["mean"]),
                numbers.level(outcome, b["mean"]),
                difference,
                Text(text, style=style),
            )
        parts.append(table)
        told = minutes_in_a_sentence(comparison, option, lang, "terminal_ledger") if n else ""
        if told:
            parts.append(Text(told))
    if len(comparison.seeds) == 1:
        parts.append(Text(say("headline_note_one", lang), style="dim"))
    if comparison.n_failed:
        reasons = "; ".join(sorted(set(comparison.failures["reason"])))
        parts.append(Text(say("failed", lang, n=comparison.n_failed, reasons=reasons), style="red"))
    return Group(*parts)
