"""The time line of a scenario: which values are in force from which day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from sim.scenario.checks import (
    ORDERED,
    added_nowhere,
    grown_while_frozen,
    reformable_paths,
    sent_out_twice,
    values_of,
)
from sim.scenario.levers import Levers
from sim.scenario.problems import Problem, ScenarioError, fields_of
from sim.scenario.schema import REFORMABLE, Reform, Scenario

ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """From `day` on these sections are in force, until the next change.

    `structural` holds the values whose change rebuilds the network. `is_marked` is False on the days within a
    ramp on which a number merely goes on moving.
    """

    day: datetime.date
    sections: dict[str, BaseModel]
    structural: tuple[Any, ...]
    is_marked: bool


def is_structural(model: BaseModel, name: str) -> bool:
    """Whether a change of this field rebuilds the network."""
    extra = fields_of(type(model))[name].json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("structural"))


def ramp_value(before: float, to: float, ramp_days: int, days_passed: int) -> float:
    """Value of an even ramp: the first step on its first day (0 passed), all of it `ramp_days` later."""
    if days_passed >= ramp_days:
        return to
    return before + (to - before) * (days_passed + 1) / (ramp_days + 1)


def value_on(day: datetime.date, initial: Any, reforms: list[Reform]) -> Any:
    """Value of one path on a day. A reform that comes during a ramp goes on from the value reached by then.

    Args:
        day: the day.
        initial: value before the first reform.
        reforms: all reforms of the path in order of date.
    """
    value = initial
    for reform, following in zip(reforms, [*reforms[1:], None], strict=True):
        if reform.date > day:
            break
        until = day
        if following is not None and following.date <= day:
            until = following.date - ONE_DAY
        if reform.ramp_days == 0:
            value = reform.to
        else:
            value = ramp_value(value, reform.to, reform.ramp_days, (until - reform.date).days)
    return round(value) if isinstance(initial, int) and not isinstance(initial, bool) else value


def steps_of(
    reform: Reform, until: datetime.date, structural: bool
) -> tuple[list[datetime.date], list[datetime.date]]:
    """Days on which a reform changes a value: those that are marked, and the others of a daily ramp.

    A structural number moves on the ramp's first and last day and on each first of a month between.
    """
    if reform.ramp_days == 0:
        return [reform.date], []
    last = min(reform.date + datetime.timedelta(days=reform.ramp_days), until)
    between = [reform.date + datetime.timedelta(days=i) for i in range(1, (last - reform.date).days)]
    if structural:
        return [reform.date, *(day for day in between if day.day == 1), last], []
    return [reform.date, last], between


def replaced(model: BaseModel, path: list[str], value: Any) -> BaseModel:
    """A copy of a section with one value replaced."""
    if len(path) > 1:
        value = replaced(getattr(model, path[0]), path[1:], value)
    return model.model_copy(update={path[0]: value})


def structural_values(sections: dict[str, BaseModel]) -> tuple[Any, ...]:
    """Values of all structural fields, in the order of the schema."""
    return tuple(
        value
        for section in REFORMABLE
        for _, value, model, name in values_of(sections[section])
        if is_structural(model, name)
    )


def run_in_levers(scenario: Scenario, own: Levers) -> Levers:
    """Levers of the run-in: the same under every option, unless the scenario asks for its own of the first day."""
    structure = scenario.run.run_in_structure
    return own if structure == "own" else Levers(structure=structure)


def timeline(scenario: Scenario) -> list[Change]:
    """All changes in order; the first holds from the beginning of time (the run-in, if there is one).

    Raises:
        ScenarioError: when values that are changed one by one contradict each other on some day.
    """
    paths = reformable_paths(scenario)
    by_path: dict[str, list[Reform]] = {}
    for reform in sorted(scenario.reforms, key=lambda r: r.date):
        if reform.date > scenario.run.last_day:  # a shortened run never reaches it
            continue
        by_path.setdefault(reform.what, []).append(reform)

    days: dict[datetime.date, tuple[set[str], bool]] = {}
    for path, reforms in by_path.items():
        _, model, name = paths[path]
        for reform, following in zip(reforms, [*reforms[1:], None], strict=True):
            until = following.date - ONE_DAY if following is not None else scenario.run.last_day
            marked, silent = steps_of(reform, max(until, reform.date), is_structural(model, name))
            for group, is_marked in ((marked, True), (silent, False)):
                for day in group:
                    if day < scenario.run.start:
                        continue
                    changed, was = days.get(day, (set(), False))
                    days[day] = (changed | {path}, was or is_marked)

    sections: dict[str, BaseModel] = {section: getattr(scenario, section) for section in REFORMABLE}
    stated = sections
    for path, reforms in by_path.items():
        if reforms[0].date < scenario.run.start:            # of a longer history: in force from the first day
            section, *rest = path.split(".")
            value = value_on(scenario.run.start, paths[path][0], reforms)
            sections = {**sections, section: replaced(sections[section], rest, value)}
    if sections is not stated:
        _contradictions(stated, sections, scenario.run.start, True)
    changes = []
    first = scenario.run.start - datetime.timedelta(days=scenario.run.run_in_days)
    if scenario.run.run_in_days and scenario.county is not None:
        early = {**sections, "levers": run_in_levers(scenario, sections["levers"])}
        changes.append(Change(first, early, structural_values(early), True))
    start = Change(scenario.run.start, sections, structural_values(sections), True)
    if not changes or changes[0].sections != sections:
        changes.append(start)
    else:
        changes[0] = Change(first, sections, start.structural, True)
    for day in sorted(days):
        changed, is_marked = days[day]
        before = sections
        for path in sorted(changed):
            section, *rest = path.split(".")
            value = value_on(day, paths[path][0], by_path[path])
            sections = {**sections, section: replaced(sections[section], rest, value)}
        if all(sections[name] == before[name] for name in sections if sections[name] is not before[name]):
            continue
        _contradictions(before, sections, day, is_marked)
        structural = changes[-1].structural
        if any(is_structural(*paths[path][1:]) for path in changed) or len(changes) == 1:
            structural = structural_values(sections)
        if changes[-1].day == day:  # a reform on the first day
            changes.pop()
        changes.append(Change(day, sections, structural, is_marked))
    return changes


def _contradictions(
    before: dict[str, BaseModel], sections: dict[str, BaseModel], day: datetime.date, is_marked: bool
) -> None:
    was, levers = before["levers"], sections["levers"]
    since = f"from {day} on "
    problems = [*grown_while_frozen(was, levers, day), *sent_out_twice(levers, since), *added_nowhere(levers, since)]
    if problems:
        raise ScenarioError(problems)
    for section, first, second in ORDERED:
        low, high = getattr(sections[section], first), getattr(sections[section], second)
        if is_marked and low > high:
            raise ScenarioError(
                Problem(f"from {day} on {low} is not below {section}.{second} {high}", f"{section}.{first}")
            )
