"""What a comparison rests on: what is assumed, what follows from it, how to repeat it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sim.analysis.comparison import Comparison
from sim.report.cells import Cell, Row, Table
from sim.report.settings import ever_differs, ever_set, in_force, shown
from sim.report.words import say, setting_name, source_name, unit_name
from sim.scenario import Plan
from sim.scenario.catalogue import TABLES as DATA_TABLES
from sim.scenario.catalogue import read_catalogue
from sim.scenario.fields import STATUSES
from sim.scenario.register import register


def trust(c: Comparison, lang: str, command: str) -> dict[str, Any]:
    """The part of the page on what it rests on and how to repeat it."""
    notes = [_assumed_note(plan, name, lang) for name, plan in c.plans.items()]
    last = list(c.plans.values())[-1]
    rows = [
        Row(
            [
                Cell(_name(r["path"], last, lang)),
                Cell(shown(r["value"], lang)),
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


def _name(path: str, plan: Plan, lang: str) -> str:
    """Name of a setting; a free date with the setting that changes on it."""
    if not path.startswith("reforms["):
        return setting_name(path, lang)
    what = plan.scenario.reforms[int(path.removeprefix("reforms[").partition("]")[0])].what
    return f"{path}（{setting_name(what, lang)}）" if lang == "zh" else f"{path} ({what})"


def assumed_counts(plan: Plan) -> dict[str, int]:
    """How many settings of a plan and rows of its county's data there are, and how many of them are assumed."""
    status = [row["status"] for row in register(plan)]
    rows = []
    if plan.data_folder is not None:
        catalogue = read_catalogue(plan.data_folder)
        rows = [row.status for table in DATA_TABLES for row in getattr(catalogue, table)]
    by_status = {f"n_{name}": status.count(name) for name in STATUSES}
    return {"n": len(status), **by_status, "rows": len(rows), "rows_assumed": rows.count("assumed")}


def _assumed_note(plan: Plan, name: str, lang: str) -> str:
    counts = assumed_counts(plan)
    return say("assumed_note" if counts["rows"] else "assumed_note_queue", lang, option=name, **counts)


def _follows(c: Comparison, lang: str) -> list[str]:
    if not c.is_county:
        return []
    routes = ("structure", "one_seal", "one_team", "one_thing", "joint_duty", "enterprise_centre")
    routed = (f"levers.{name}" for name in routes)
    below = (f"levers.{name}" for name in ("stationed_share", "rotating_share"))
    applies = {
        "follows_transit": ever_differs(c, *routed),
        "follows_near": ever_differs(c, "levers.joint_duty"),
        "follows_budget": True,
        "follows_safety": True,
        "follows_posts": True,
        "follows_satisfaction": True,
        "follows_organizations": ever_set(c, "levers.transfer.functions"),
        "follows_below": ever_set(c, *below),
        "follows_money": len(c.money) > 0 and ever_differs(c, "levers.staffing_share"),
    }
    return [say(key, lang) for key, holds in applies.items() if holds] + _villages(c, lang)


def _villages(c: Comparison, lang: str) -> list[str]:
    """For each option that at some time serves other villages or communities than the base: which, since when."""
    found = []
    for i, option in enumerate(c.options, start=1):
        unlike = [(day, x[0], x[i]) for day, x in in_force(c, "levers.communities").items() if x[0] != x[i]]
        if unlike:
            day, mine, its = unlike[0]
            places = {"base_places": say(f"places_{mine}", lang), "places": say(f"places_{its}", lang)}
            found.append(say("follows_villages", lang, base=c.base, option=option, date=day, **places))
    return found


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
