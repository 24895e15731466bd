"""Every outcome of an option: both levels, the difference with its interval, the verdict."""

from __future__ import annotations

import pandas as pd

from sim.analysis.comparison import NO_INTERVAL, UNDEFINED, Comparison
from sim.report import numbers
from sim.report.cells import Cell, Row, Table
from sim.report.verdicts import MARKS, n_of, verdict_text
from sim.report.words import label, say


def headline_table(c: Comparison, option: str, lang: str) -> Table:
    """Every outcome: both levels, the difference with its interval, the verdict."""
    head = [
        say("outcome", lang),
        c.base,
        option,
        say("difference", lang),
        say("mark", lang),
        say("p_holm", lang),
        say("variance_ratio", lang),
    ]
    rows = []
    for outcome in c.outcomes:
        row, a, b = c.difference(option, outcome), c.level(c.base, outcome), c.level(option, outcome)
        shown = (
            "–"
            if row["verdict"] in (UNDEFINED,)
            else numbers.difference(outcome, row["mean"], row["low"], row["high"], lang)
        )
        p = "–" if pd.isna(row["p_holm"]) else "<0.001" if row["p_holm"] < 0.001 else f"{row['p_holm']:.3f}"
        ratio = "–" if pd.isna(row["variance_ratio"]) else f"{row['variance_ratio']:.2f}"
        mark = "" if row["verdict"] == NO_INTERVAL else verdict_text(row, lang)
        rows.append(
            Row(
                [
                    Cell(label(outcome, lang)),
                    Cell(_level(outcome, a, lang)),
                    Cell(_level(outcome, b, lang)),
                    Cell(shown),
                    Cell(mark, MARKS.get(row["verdict"], "unsure")),
                    Cell(p),
                    Cell(ratio),
                ]
            )
        )
    return Table(head, rows, (1, 2, 3, 5, 6))


def _level(outcome: str, row: pd.Series, lang: str) -> str:
    if row["n_undefined"]:
        return say(UNDEFINED, lang, n=row["n"], n_undefined=row["n_undefined"])
    return numbers.level(outcome, row["mean"])


def headline_note(c: Comparison, lang: str) -> str:
    """What stands under the table: n, interval, correction."""
    if len(c.seeds) == 1:
        return say("headline_note_one", lang)
    return say("headline_note", lang, n=n_of(c), tests=int(c.differences["n_tests"].max()))
