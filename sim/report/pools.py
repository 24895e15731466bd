"""Paid people by pool: posts are not people."""

from __future__ import annotations

import pandas as pd

from sim.agents.workers import KINDS
from sim.analysis.comparison import Comparison
from sim.report import numbers
from sim.report.cells import Cell, Row, Table
from sim.report.words import say


def pool_table(c: Comparison, pool: pd.DataFrame, lang: str) -> Table:
    """Paid people by pool and in all, with the share of the base."""
    wide = (
        pool.pivot(index="kind", columns="option", values="people")
        .reindex([k for k in KINDS if k in set(pool["kind"])])
        .fillna(0.0)
    )
    rows = [
        Row([Cell(say(kind, lang)), *(_of_base(wide.loc[kind], o, c.base) for o in c.plans)])
        for kind in wide.index
    ]
    rows.append(
        Row([Cell(say("all_people", lang)), *(_of_base(wide.sum(), o, c.base) for o in c.plans)], "sum")
    )
    return Table([say("pool", lang), *c.plans], rows, tuple(range(1, len(c.plans) + 1)))


def _of_base(row: pd.Series, option: str, base: str) -> Cell:
    text = numbers.amount(row[option])
    return Cell(
        text
        if option == base or not row[base]
        else f"{text} ({numbers.per_cent(row[option] / row[base], 0)})"
    )
