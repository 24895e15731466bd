"""Every outcome of an option: both levels, the difference with its interval, the verdict."""

from __future__ import annotations

import pandas as pd

from sim.analysis.comparison import Comparison
from sim.outcome_names import LABELS
from sim.report.cells import Cell, Row, Table
from sim.report.verdicts import n_of, outcomes_told, tell
from sim.report.words import say

_GROUPS = {
    "group_requests": "requests_opened", "group_standing": "superior_on_time_share", "group_officials": "utilisation",
    "group_satisfaction": "satisfaction_end", "group_market": "functions_transferred_end",
    "group_size": "work_items_opened", "group_money": "cost_yuan_million_per_year"}  # fmt: skip
"""Headings between the outcomes of a county, and the outcome with which each begins (in the order of `LABELS`)."""


def headline_table(c: Comparison, option: str, lang: str) -> Table:
    """Every outcome: both levels, the difference with its interval, the verdict."""
    columns = ("difference", "mark", "p_holm", "variance_ratio")
    head = [say("outcome", lang), c.base, option, *(say(key, lang) for key in columns)]
    rows, group, order = [], "", list(LABELS)
    for outcome in outcomes_told(c):
        if c.is_county and outcome in LABELS:
            mine = [name for name, first in _GROUPS.items() if order.index(first) <= order.index(outcome)][-1]
            if mine != group:
                rows.append(Row([Cell(say(mine, lang))], "account"))
                group = mine
        told = tell(c, option, outcome, lang)
        p, ratio = told.row["p_holm"], told.row["variance_ratio"]
        texts = (told.label, told.base, told.option, told.difference)
        rows.append(
            Row(
                [
                    *map(Cell, texts),
                    Cell(told.verdict, told.mark),
                    Cell("–" if pd.isna(p) else "<0.001" if p < 0.001 else f"{p:.3f}"),
                    Cell("–" if pd.isna(ratio) else f"{ratio:.2f}"),
                ]
            )
        )
    return Table(head, rows, (1, 2, 3, 5, 6))


def headline_note(c: Comparison, lang: str) -> str:
    """What stands under the table: n, interval, correction, and from when on a difference is named."""
    if len(c.seeds) == 1:
        return say("headline_note_one", lang)
    smallest = say("smallest_county" if c.is_county else "smallest_queue", lang)
    return say("headline_note", lang, n=n_of(c), tests=int(c.differences["n_tests"].max()), smallest=smallest)
