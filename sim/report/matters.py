"""Time to resolve, matter by matter."""

from __future__ import annotations

from sim.analysis.comparison import Comparison
from sim.report import numbers
from sim.report.cells import Cell, Row, Table
from sim.report.words import say
from sim.scenario.catalogue import read_catalogue


def matter_table(c: Comparison, option: str, lang: str) -> Table:
    """Median time to resolve of residents' matters, the most frequent first."""
    found = c.by_matter(option)
    found = found[(found["attention_class"] == "resident") & (found["opened"] > 0)].sort_values(
        "opened", ascending=False
    )
    names = _matter_names(c, lang)
    rows = []
    for row in found.to_dict("records"):
        sure = row["low"] > 0 or row["high"] < 0
        mark = "" if not sure else "better" if row["mean"] < 0 else "worse"
        difference = (
            "–"
            if row["n_undefined"]
            else numbers.difference("median_days", row["mean"], row["low"], row["high"], lang)
        )
        rows.append(
            Row(
                [
                    Cell(names.get(row["matter"], row["matter"])),
                    Cell(numbers.amount(row["opened"])),
                    Cell(numbers.amount(row["base"])),
                    Cell(numbers.amount(row["option"])),
                    Cell(difference, mark),
                ]
            )
        )
    head = [say("matter", lang), say("a_year", lang), c.base, option, say("difference", lang)]
    return Table(head, rows, (1, 2, 3, 4))


def _matter_names(c: Comparison, lang: str) -> dict[str, str]:
    folder = c.plans[c.base].data_folder
    if folder is None:
        return {}
    return {m.matter: m.name_zh if lang == "zh" else m.name_en for m in read_catalogue(folder).matters}
