"""From plain data to a validated scenario, or to everything that is wrong with it at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from sim.scenario.checks import check, reformable_paths
from sim.scenario.problems import Location, Problem, ScenarioError, found_by_pydantic, shown
from sim.scenario.schema import Scenario


def frozen(value: Any) -> Any:
    """The same data with tuples for lists, as the schema wants them."""
    if isinstance(value, dict):
        return {key: frozen(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return tuple(frozen(inner) for inner in value)
    return value


def _flat_sources(sources: Any) -> Any:
    """`[sources]` written with dotted keys, as paths."""
    if not isinstance(sources, dict):
        return sources
    flat: dict[str, Any] = {}
    for key, value in sources.items():
        if isinstance(value, dict):
            flat.update({f"{key}.{inner}": text for inner, text in _flat_sources(value).items()})
        else:
            flat[key] = value
    return flat


def build(
    data: Mapping[str, Any],
    origin: Mapping[str, str] | None = None,
    label: str = "",
    may_be_outside: Callable[[int], bool] = lambda i: False,
) -> Scenario:
    """Validate merged data.

    Args:
        data: sections and tables as in a file, without `extends`.
        origin: path -> label of the file that set it, for messages.
        label: file to name when `origin` does not know.
        may_be_outside: whether reform i may lie outside the run (`sim.scenario.checks.check`).

    Raises:
        ScenarioError: with everything that is wrong.
    """
    plain = frozen(dict(data))
    if "sources" in plain:
        plain["sources"] = _flat_sources(plain["sources"])
    reforms = _names_of_reforms(plain.get("reforms"))
    problems: list[Problem] = []
    scenario: Scenario | None = None
    try:
        scenario = Scenario.model_validate(plain)
    except ValidationError as error:
        problems, places = found_by_pydantic(Scenario, error, plain)
        scenario = _without(plain, places)
    if scenario is not None:
        faults = {p.key for p in problems}
        checked = check(scenario, set(plain), may_be_outside)
        scenario, more = _coerced_reforms(scenario)
        problems += [p for p in [*checked, *more] if p.key not in faults]
    if problems:
        raise ScenarioError([_told(p, origin or {}, label, reforms) for p in problems])
    assert scenario is not None
    return scenario


def _without(plain: dict[str, Any], places: list[tuple[str, Location]]) -> Scenario | None:
    """The scenario without its faulty keys, to check the rest too; None when that is no scenario."""
    for kind, place in places:
        if kind == "missing" or not place or isinstance(place[-1], int):
            return None
        holder: Any = plain
        path = []
        for part in place[:-1]:
            path.append((holder, part))
            try:
                holder = holder[part]
            except (KeyError, IndexError, TypeError):
                return None
        if not isinstance(holder, dict):
            return None
        holder.pop(place[-1], None)
    try:
        return Scenario.model_validate(plain)
    except ValidationError:
        return None


def _coerced_reforms(scenario: Scenario) -> tuple[Scenario, list[Problem]]:
    """Reforms with values validated and brought to the type of what they change."""
    paths = reformable_paths(scenario)
    problems, reforms = [], []
    for i, reform in enumerate(scenario.reforms):
        if reform.what in paths:
            _, holder, name = paths[reform.what]
            try:
                valid = type(holder).model_validate({name: reform.to})
                reform = reform.model_copy(update={"to": getattr(valid, name)})
            except ValidationError as error:
                found, _ = found_by_pydantic(type(holder), error, {name: reform.to})
                problems += [Problem(p.message, f"reforms[{i}].to", "", p.allowed, p.nearest) for p in found]
        reforms.append(reform)
    return scenario.model_copy(update={"reforms": tuple(reforms)}), problems


def _names_of_reforms(reforms: Any) -> list[str]:
    """What people know reforms by: date and what, as given. Their place counts those of other files too."""
    if not isinstance(reforms, tuple):
        return []
    stated = [reform if isinstance(reform, dict) else {} for reform in reforms]
    return [" ".join(shown(r[key]).strip('"') if key in r else f"no {key}" for key in ("date", "what")) for r in stated]


def _told(problem: Problem, origin: Mapping[str, str], label: str, reforms: Sequence[str]) -> Problem:
    """The problem with the file that it stands in, and reforms by name instead of place."""

    def name(found: re.Match, at: str = "") -> str:
        i = int(found[1])
        return f"reforms[{reforms[i]}]{at}" if i < len(reforms) else found[0]

    def name_and_file(found: re.Match) -> str:
        file = origin.get(found[0], "")
        return name(found, f" in {file}" if file else "")

    key = _REFORM.sub(name, problem.key)
    message = _REFORM.sub(name_and_file, problem.message)
    return Problem(message, key, _file_of(problem.key, origin) or label, problem.allowed, problem.nearest)


_REFORM = re.compile(r"\breforms\[(\d+)\]")


def _file_of(problem_key: str, origin: Mapping[str, str]) -> str:
    key, file = problem_key, ""
    while key and not file:
        file = origin.get(key, "")
        key = key[: max(key.rfind("."), key.rfind("["), 0)]
    if not file and problem_key:
        below = {f for k, f in origin.items() if k.startswith((f"{problem_key}.", f"{problem_key}["))}
        file = below.pop() if len(below) == 1 else ""
    return file
