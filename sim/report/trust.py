"""What a comparison rests on: what is assumed, what follows from it, how to repeat it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sim.analysis.comparison import Comparison
from sim.report.cells import Cell, Row, Table
from sim.report.settings import different, shown
from sim.report.words import say, source_name, unit_name
from sim.scenario import Plan
from sim.scenario.catalogue import TABLES as DATA_TABLES
from sim.scenario.catalogue import read_catalogue
from sim.scenario.register import register


def trust(c: Comparison, lang: str, command: str) -> dict[str, Any]:
    """The part of the page on what it rests on and how to repeat it."""
    notes = [_assumed_note(plan, name, lang) for name, plan in c.plans.items()]
    last = list(c.plans.values())[-1]
    rows = [
        Row(
            [
                Cell(r["path"]),
                Cell(shown(r["value"])),
                Cell(f"{shown(r['low'])} – {shown(r['high'])}"),
                Cell(unit_name(str(r["unit"]), lang)),
                Cell(source_name(str(r["source"]), lang)),
            ]
        )
        for r in register(last)
        if r["status"] == "assumed"
    ]
    head = [
        say("setting", lang),
        say("value", lang),
        say("range", lang),
        say("unit", lang),
        say("source", lang),
    ]
    return {
        "assumed_notes": notes,
        "assumed": Table(head, rows, (1, 2)),
        "follows": _follows(c, lang),
        "repeat": _repeat(c, lang, command),
        "made_by": say("made_by", lang, version=_version()),
    }


def _assumed_note(plan: Plan, name: str, lang: str) -> str:
    status = [row["status"] for row in register(plan)]
    rows = []
    if plan.data_folder is not None:
        catalogue = read_catalogue(plan.data_folder)
        rows = [row.status for table in DATA_TABLES for row in getattr(catalogue, table)]
    return say(
        "assumed_note" if rows else "assumed_note_queue",
        lang,
        option=name,
        n=len(status),
        n_assumed=status.count("assumed"),
        n_derived=status.count("derived"),
        n_sourced=status.count("sourced"),
        rows=len(rows),
        rows_assumed=rows.count("assumed"),
    )


def _follows(c: Comparison, lang: str) -> list[str]:
    if not c.is_county:
        return []
    keys = ["follows_budget", "follows_posts", "follows_satisfaction"]
    if "levers.structure" in different(c):
        keys = ["follows_transit", "follows_near", *keys, "follows_villages"]
    return [say(key, lang) for key in keys]


def _repeat(c: Comparison, lang: str, command: str) -> Table:
    n = "auto" if c.asked == "auto" else len(c.seeds)
    typed = command or f"leancounty compare {' '.join(c.plans)} --replications {n}"
    rows = [
        Row([Cell(say("command", lang)), Cell(typed)]),
        Row([Cell(say("seeds", lang)), Cell(f"{c.seeds[0]} – {c.seeds[-1]}")]),
    ]
    for name, plan in c.plans.items():
        run = plan.scenario.run
        rows.append(Row([Cell(f"{name}: {say('period', lang)}"), Cell(f"{run.start} – {run.last_day}")]))
        rows.append(Row([Cell(f"{name}: {say('digest', lang)}"), Cell(plan.digest)]))
    data = dict.fromkeys(plan.data_digest for plan in c.plans.values() if plan.data_digest)
    rows += [Row([Cell(say("data_digest", lang)), Cell(digest)]) for digest in data]
    return Table([say("setting", lang), say("value", lang)], rows)


def _version() -> str:
    try:
        return version("lean-county")
    except PackageNotFoundError:
        return "?"
