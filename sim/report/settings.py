"""What differs between options: settings at the start, and dated reforms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.analysis.comparison import Comparison
from sim.report.cells import Cell, Row, Table
from sim.report.words import say, source_name, unit_name
from sim.scenario import Plan
from sim.scenario.register import register

_OF_QUEUES = ("posts", "matters", "officials")
"""Parts of a textbook scenario: its posts, arrivals and services, and staff, each by name."""


def _flat(data: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    found = {}
    for key, value in data.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
            value = {str(one.get("name", i)): one for i, one in enumerate(value)}
        if isinstance(value, Mapping):
            found |= _flat(value, here)
        else:
            found[here] = value
    return found


def _settings_of(plan: Plan) -> dict[str, Any]:
    scenario = plan.to_dict()["scenario"]
    parts = ("run", "levers", "world", "behaviour") if plan.is_county else ("run", "behaviour", *_OF_QUEUES)
    return _flat({name: scenario.get(name, {}) for name in parts})


def different(c: Comparison) -> list[str]:
    """Paths of settings that are not the same in all options."""
    settings = [_settings_of(plan) for plan in c.plans.values()]
    paths = dict.fromkeys(path for one in settings for path in one)
    return [p for p in paths if any(one.get(p) != settings[0].get(p) for one in settings)]


def settings_table(c: Comparison, lang: str) -> Table:
    """What differs at the start, a column an option."""
    known = {row["path"]: row for plan in reversed(c.plans.values()) for row in register(plan)}
    settings = {name: _settings_of(plan) for name, plan in c.plans.items()}
    rows = [
        Row(
            [
                Cell(path),
                *(Cell(shown(one.get(path))) for one in settings.values()),
                Cell(unit_name(str(known.get(path, {}).get("unit", "")), lang)),
            ]
        )
        for path in different(c)
    ]
    return Table([say("setting", lang), *c.plans, say("unit", lang)], rows, tuple(range(1, len(c.plans) + 1)))


def shown(value: Any) -> str:
    """A value of a setting as text."""
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(shown(v) for v in value)
    return f"{value:,.10g}" if isinstance(value, float | int) and not isinstance(value, bool) else str(value)


def reforms_of(plan: Plan, name: str, lang: str) -> dict[str, Any]:
    """Dated reforms of an option: title and table."""
    rows = [
        Row(
            [
                Cell(str(r.date)),
                Cell(r.what),
                Cell(shown(r.to)),
                Cell(shown(r.ramp_days) if r.ramp_days else "–"),
                Cell(source_name(r.source, lang)),
            ]
        )
        for r in plan.scenario.reforms
    ]
    head = [say(key, lang) for key in ("date", "setting", "to", "over", "source")]
    title = say("reforms_of" if rows else "no_reforms", lang, option=name)
    return {"title": title, "table": Table(head, rows, (2, 3))}
