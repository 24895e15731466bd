"""An outcome of a comparison in words: levels in one unit, the difference with its interval, what it shows."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sim.analysis.comparison import CANNOT_TELL, NO_INTERVAL, UNDEFINED, Comparison
from sim.report import numbers
from sim.report.words import label, say

FIRM, FAINT, UNSURE = ("better", "worse"), "maybe", "unsure"
"""How a verdict is marked: confirmed after Holm's correction, taken back by it, or none of better and worse."""


@dataclass(frozen=True, slots=True)
class Told:
    """One outcome of an option: texts for people, and the mark of its verdict (see `FIRM`)."""

    label: str
    base: str
    option: str
    difference: str
    verdict: str
    mark: str
    row: pd.Series


def outcomes_told(c: Comparison) -> list[str]:
    """Outcomes of the table: those of the first and the last year only where a run is longer than a year."""
    months = c.months[(c.months["option"] == c.base)]
    days = months[months["seed"] == months["seed"].min()]["days"].sum()
    return [x for x in c.outcomes if days > 365 or not x.endswith(("_first_year", "_last_year"))]


def tell(c: Comparison, option: str, outcome: str, lang: str, short: bool = True) -> Told:
    """What a comparison says of an outcome of an option; times of all options stand in the same unit."""
    row = c.difference(option, outcome)
    unit, factor = numbers.unit_of(outcome, c.levels[c.levels["outcome"] == outcome]["mean"])

    def level(name: str) -> str:
        found = c.level(name, outcome)
        if found["n_undefined"]:                            # in how many runs, says the verdict
            return "–"
        return numbers.level(outcome, factor * found["mean"])

    difference = "–"
    if row["verdict"] != UNDEFINED:
        difference = numbers.difference(outcome, *(factor * row[name] for name in ("mean", "low", "high")), lang)
    return Told(
        label(outcome, lang, unit, queue=not c.is_county),
        level(c.base),
        level(option),
        difference,
        verdict_text(row, lang, short),
        mark_of(row),
        row,
    )


def mark_of(row: pd.Series) -> str:
    """How a verdict is marked: `better` or `worse` only when Holm's correction does not take it back."""
    if row["verdict"] not in FIRM:
        return UNSURE
    return FAINT if row["p_holm"] > 0.05 else str(row["verdict"])


def verdict_text(row: pd.Series, lang: str, short: bool = True) -> str:
    """The verdict of a difference in words; says when Holm's correction takes it back."""
    found = row["verdict"]
    if found == UNDEFINED:
        return say(found, lang, n=row["n"], n_undefined=row["n_undefined"])
    if found == NO_INTERVAL and short:
        return ""
    if found == CANNOT_TELL:
        return say("cannot tell short" if short else found, lang)
    return say(f"{found} maybe" if mark_of(row) == FAINT else found, lang)


def n_of(c: Comparison) -> str:
    """Runs behind each option, as text."""
    sizes = sorted({len(c.values(o, "years")) for o in c.plans})
    return f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]}–{sizes[-1]}"
