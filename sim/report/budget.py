"""The arithmetic of the budget of minutes beside the model's own ledger, as tables."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sim.analysis.budget import beside_arithmetic
from sim.analysis.comparison import Comparison
from sim.report import numbers
from sim.report.cells import Cell, Row, Table
from sim.report.words import say

_COLUMNS = ("arithmetic", "range", "model", "deviation", "by_others", "finished")


def budget_tables(c: Comparison, lang: str) -> list[dict[str, Any]]:
    """One table an option and year for which the county's data has an arithmetic: title and table."""
    found = beside_arithmetic(c) if c.is_county else pd.DataFrame()
    if found.empty:
        return []
    head = [say("budget_line", lang), *(say(f"budget_{name}", lang) for name in _COLUMNS)]
    return [
        {
            "title": say("budget_title", lang, option=option, year=year),
            "table": Table(head, [_row(x, lang) for x in mine.to_dict("records")], range(1, len(head))),
        }
        for (option, year), mine in found.groupby(["option", "year"], sort=False)
    ]


def _row(x: dict[str, Any], lang: str) -> Row:
    has_range = pd.notna(x["low"]) and x["high"] > x["low"]
    outside = has_range and not x["low"] <= x["model"] <= x["high"]
    texts = [
        say(f"line_{x['line']}", lang),
        numbers.amount(x["arithmetic"], 1),
        f"{x['low']:g} … {x['high']:g}".replace("-", "−") if has_range else "–",
        numbers.amount(x["model"], 1),
    ]
    cells = [*map(Cell, texts), Cell(numbers.signed(x["deviation"], 1), "worse" if outside else "")]
    cells += [Cell(numbers.amount(x["by_others"], 1)), Cell(numbers.per_cent(x["finished"], 0))]
    return Row(cells, "sum" if x["line"] == "worked" else "")
