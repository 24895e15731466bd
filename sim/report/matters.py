"""Time to resolve, matter by matter; all times of a row in the same unit."""

from __future__ import annotations

from sim.analysis.comparison import Comparison
from sim.outcomes import smallest_effect
from sim.report import numbers
from sim.report.cells import Cell, Row, Table
from sim.report.words import say
from sim.scenario.catalogue import read_catalogue


def matter_table(c: Comparison, option: str, lang: str) -> Table:
    """Median time to resolve of residents' matters, the most frequent first."""
    found = c.by_matter(option)
    if c.is_county and len(found):
        found = found[found["attention_class"] == "resident"]
    found = found[found["opened"] > 0].sort_values("opened", ascending=False) if len(found) else found
    names = _matter_names(c, lang)
    rows = []
    for row in found.to_dict("records"):
        unit, factor = numbers.unit_of("median_days", (row["base"], row["option"]))
        smallest = smallest_effect("median_days", row["base"], c.is_county)
        sure = (row["low"] > 0 or row["high"] < 0) and max(abs(row["low"]), abs(row["high"])) >= smallest
        mark = "" if not sure else "better" if row["mean"] < 0 else "worse"
        values = (factor * row[name] for name in ("mean", "low", "high"))
        difference = "–" if row["n_undefined"] else numbers.difference("median_days", *values, lang)
        rows.append(
            Row(
                [
                    Cell(names.get(row["matter"], row["matter"])),
                    Cell(numbers.amount(row["opened"])),
                    Cell(say(unit, lang)),
                    Cell(numbers.amount(factor * row["base"])),
                    Cell(numbers.amount(factor * row["option"])),
                    Cell(difference, mark),
                ]
            )
        )
    head = [say("matter", lang), say("a_year", lang), say("unit", lang), c.base, option, say("difference", lang)]
    return Table(head, rows, (1, 3, 4, 5))


def _matter_names(c: Comparison, lang: str) -> dict[str, str]:
    folder = c.plans[c.base].data_folder
    if folder is None:
        return {}
    return {m.matter: m.name_zh if lang == "zh" else m.name_en for m in read_catalogue(folder).matters}
