"""Cost by line as a table: million yuan a year, yuan a resident, yuan a resolved request."""

from __future__ import annotations

from sim.analysis.comparison import Comparison
from sim.analysis.money import PER, cost_by_line
from sim.report import numbers
from sim.report.cells import Cell, Row, Table
from sim.report.words import say


def money_table(c: Comparison, lang: str) -> Table | None:
    """Every line of cost under every option; None when the runs keep no money."""
    found = cost_by_line(c)
    if found.empty:
        return None
    wide = found.pivot_table(index="line", columns=["per", "option"], values="mean", sort=False)
    rows = []
    for line in wide.index:
        cells = [
            Cell(numbers.amount(wide.at[line, (per, option)] / (1e6 if per == "year" else 1.0)))
            for per in PER
            for option in c.plans
        ]
        rows.append(Row([Cell(line_name(line, lang)), *cells], "sum" if line == "all" else ""))
    head = [say("money_line", lang)]
    head += [f"{option}{say('comma', lang)}{say(f'money_per_{per}', lang)}" for per in PER for option in c.plans]
    return Table(head, rows, range(1, len(head)))


def line_name(line: str, lang: str) -> str:
    """Name of a line of cost; its key in plain words when it has none."""
    return say(f"money_{line}", lang, default=line.replace("_", " "))
