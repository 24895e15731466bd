"""What a difference shows, in words; and how many runs stand behind it."""

from __future__ import annotations

import pandas as pd

from sim.analysis.comparison import CANNOT_TELL, UNDEFINED, Comparison
from sim.report.words import say

MARKS = {"better": "better", "worse": "worse"}
"""Verdict -> its class on the page; the others are unsure."""


def verdict_text(row: pd.Series, lang: str, short: bool = True) -> str:
    """The verdict of a difference in words; says when Holm's correction takes it back."""
    found = row["verdict"]
    if found == UNDEFINED:
        return say(found, lang, n=row["n"], n_undefined=row["n_undefined"])
    if found == CANNOT_TELL:
        return say("cannot tell short" if short else found, lang)
    text = say(found, lang)
    return f"{text} {say('may be chance', lang)}" if found in MARKS and row["p_holm"] > 0.05 else text


def n_of(c: Comparison) -> str:
    """Runs behind each option, as text."""
    sizes = sorted({len(c.values(o, "years")) for o in c.plans})
    return f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]}–{sizes[-1]}"
