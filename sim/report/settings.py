"""What differs between options: settings at the start, and dated reforms."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from operator import attrgetter
from typing import Any

from sim.analysis.comparison import Comparison
from sim.report.cells import Cell, Row, Table
from sim.report.words import say, setting_name, source_name, unit_name, value_name
from sim.scenario import Plan
from sim.scenario.checks import REFORMABLE, reformable_paths
from sim.scenario.problems import fields_of
from sim.scenario.register import register
from sim.scenario.schema import Reform

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


def in_force(c: Comparison, path: str) -> dict[date, tuple[Any, ...]]:
    """Values of a setting of a county, one an option, on the first day and on each day on which a reform begins."""
    runs = [plan.scenario.run for plan in c.plans.values()]
    first, last = max(run.start for run in runs), min(run.last_day for run in runs)
    reforms = [r for plan in c.plans.values() for r in plan.scenario.reforms]
    days = {first, last, *(r.date for r in reforms if first < r.date <= last)}
    return {day: tuple(attrgetter(path)(plan.settings(day)) for plan in c.plans.values()) for day in sorted(days)}


def ever_differs(c: Comparison, *paths: str) -> bool:
    """Whether a setting of a county is at some time not the same in all options, by a dated reform or from the start.

    A ramp that has begun shows on the run's last day at the latest.
    """
    return any(len(set(values)) > 1 for path in paths for values in in_force(c, path).values())


def ever_set(c: Comparison, *paths: str) -> bool:
    """Whether a setting of a county is at some time not 0 in some option."""
    return any(any(values) for path in paths for values in in_force(c, path).values())


def settings_table(c: Comparison, lang: str) -> Table:
    """What differs at the start, a column an option."""
    known = {row["path"]: row for plan in reversed(c.plans.values()) for row in register(plan)}
    settings = {name: _settings_of(plan) for name, plan in c.plans.items()}
    meanings = _meanings(c) if lang == "en" else {}
    rows = [
        Row(
            [
                Cell(setting_name(path, lang)),
                *(Cell(shown(one.get(path), lang)) for one in settings.values()),
                Cell(unit_name(str(known.get(path, {}).get("unit", "")), lang)),
                *([Cell(meanings.get(path, ""))] if lang == "en" else []),
            ]
        )
        for path in different(c)
    ]
    head = [say("setting", lang), *c.plans, say("unit", lang), *([say("meaning", lang)] if lang == "en" else [])]
    return Table(head, rows, tuple(range(1, len(c.plans) + 1)))


def _meanings(c: Comparison) -> dict[str, str]:
    """First sentence of what the schema says of each setting (in English; in Chinese settings have a name)."""
    found = {}
    for plan in c.plans.values():
        for path, (_, model, name) in reformable_paths(plan.scenario).items():
            text = " ".join((fields_of(type(model))[name].description or "").replace("`", "").split())
            found[path] = text.split(". ")[0].removesuffix(".")
    return found


def shown(value: Any, lang: str = "en") -> str:
    """A value of a setting as text."""
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(shown(v, lang) for v in value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value:,.10g}"
    return value_name(str(value).lower() if isinstance(value, bool) else str(value), lang)


def same_until(c: Comparison, lang: str) -> str:
    """From which day on the options of a county differ, when they are the same at first; else empty."""
    plans = list(c.plans.values())
    if not c.is_county or different(c) or len({(p.data_digest, _county_of(p)) for p in plans}) > 1:
        return ""
    days = sorted({r.date for plan in plans for r in plan.scenario.reforms if r.date <= plan.scenario.run.last_day})
    for day in days:
        if len({_numbers_on(plan, day) for plan in plans}) > 1:
            return say("same_until", lang, date=day)
    return ""


def _numbers_on(plan: Plan, day: date) -> str:
    settings = plan.settings(day)
    return repr([getattr(settings, name) for name in REFORMABLE])


def _county_of(plan: Plan) -> str:
    return repr(plan.to_dict()["scenario"].get("county"))


def not_in_all(c: Comparison) -> set[tuple[Any, ...]]:
    """Dated reforms that only some options have; none when the options have no reform in common."""
    sets = [{_what(r) for r in plan.scenario.reforms} for plan in c.plans.values()]
    shared = set.intersection(*sets)
    return set.union(*sets) - shared if shared else set()


def _what(reform: Reform) -> tuple[Any, ...]:
    return reform.date, reform.what, reform.to, reform.ramp_days


def reforms_of(plan: Plan, name: str, lang: str, own: Collection[tuple[Any, ...]] = ()) -> dict[str, Any]:
    """Dated reforms of an option by date: title and table.

    Free dates and dates never reached are marked, and reforms that are among `own` stand in bold.
    """
    rows = [
        Row(
            [
                Cell(_when(plan, r, lang)),
                Cell(setting_name(r.what, lang)),
                Cell(shown(r.to, lang)),
                Cell(shown(r.ramp_days) if r.ramp_days else "–"),
                Cell(source_name(r.source, lang)),
            ],
            "account" if _what(r) in own else "",
        )
        for r in sorted(plan.scenario.reforms, key=lambda r: r.date)
    ]
    head = [say(key, lang) for key in ("date", "setting", "to", "over", "source")]
    title = say("reforms_of" if rows else "no_reforms", lang, option=name)
    return {"title": title, "table": Table(head, rows, (2, 3))}


def _when(plan: Plan, reform: Reform, lang: str) -> str:
    text = str(reform.date)
    if reform.earliest is not None:
        text = say("free_date", lang, date=text, earliest=reform.earliest, latest=reform.latest)
    return say("not_reached", lang, date=text) if reform.date > plan.scenario.run.last_day else text
