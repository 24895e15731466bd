"""The labour ledger's answer as tables: causes, and causes by kind of work."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sim.agents.workers import KINDS
from sim.analysis.attribution import average_split, staff_of
from sim.analysis.comparison import Comparison
from sim.report import numbers
from sim.report.cells import Cell, Row, Table
from sim.report.words import block, say

_MINUTES = {"who_official": "officials_minutes", "who_all": "all_minutes", "who_server": "servers_minutes"}


def groups(c: Comparison) -> dict[str, tuple[str, ...]]:
    """Groups of people whose minutes are told, by the word for them."""
    own = staff_of(c)
    return {"who_official": own, "who_all": KINDS} if own == ("official",) else {"who_server": own}


def cause_name(name: str, lang: str) -> str:
    """Name of a cause for people."""
    return say("moved" if name == "pool" else name, lang)


def cause_table(splits: Mapping[str, pd.DataFrame], lang: str) -> Table:
    """Causes of the difference in paid minutes, one column a group of people."""
    found = {who: average_split(split, by=["cause"]).set_index("cause") for who, split in splits.items()}
    causes = list(dict.fromkeys(cause for frame in found.values() for cause in frame.index))
    rows = [
        Row([Cell(cause_name(cause, lang)), *(cell for frame in found.values() for cell in _part(frame, cause))])
        for cause in causes
    ]
    totals = [Cell(x) for frame in found.values() for x in (numbers.million(frame["minutes"].sum()), "100 %")]
    rows.append(Row([Cell(say("total", lang)), *totals], "sum"))
    share = say("share_of_difference", lang)
    head = [say("cause", lang), *(word for who in found for word in (say(_MINUTES[who], lang), share))]
    return Table(head, rows, range(1, len(head)))


def _part(frame: pd.DataFrame, cause: str) -> tuple[Cell, Cell]:
    if cause not in frame.index:
        return Cell("–"), Cell("–")
    row = frame.loc[cause]
    return Cell(_million_with_interval(row)), Cell(numbers.whole_per_cent(row["share"]))


def _million_with_interval(row: pd.Series) -> str:
    return numbers.with_interval(*(row[name] / 1e6 for name in ("minutes", "low", "high")))


def block_table(split: pd.DataFrame, lang: str) -> Table:
    """Causes by kind of work."""
    rows = []
    for row in average_split(split).to_dict("records"):
        if not row["block"] or abs(row["share"]) < 0.0005:
            continue
        where = block(row["block"], lang) + (f" → {say(row['kind'], lang)}" if row["kind"] else "")
        rows.append(
            Row(
                [
                    Cell(cause_name(row["cause"], lang)),
                    Cell(where),
                    Cell(_million_with_interval(pd.Series(row))),
                    Cell(numbers.per_cent(row["share"])),
                ]
            )
        )
    head = [
        say("cause", lang),
        say("block", lang),
        say("officials_minutes", lang),
        say("share_of_difference", lang),
    ]
    return Table(head, rows, (2, 3))
