"""What sets two scenarios apart, lever by lever, and what each lever does alone.

A lever is a path of `[levers]` or a group of paths that only make sense together. Which levers there are follows from
the scenarios: their first values and their dated reforms. Nothing here is a list that could go stale.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.compare import Comparison
from sim.analysis.intervals import estimate
from sim.scenario import Plan
from sim.scenario.checks import reformable_paths

AS_EXPECTED, AGAINST, CANNOT_TELL, NOT_STATED, ZERO, UNDEFINED = (
    "as expected", "against expectation", "cannot tell", "no sign stated", "exactly zero", "undefined")  # fmt: skip
"""What an effect says about the sign that was expected of it."""


@dataclass(frozen=True, slots=True)
class Lever:
    """A path, or paths that only make sense together, in which two scenarios differ.

    Attributes:
        name: `one_seal`, `transfer`.
        paths: paths of the scenario language.
        since: first day on which the scenarios differ in it.
    """

    name: str
    paths: tuple[str, ...]
    since: datetime.date


def lever_paths(plan: Plan) -> list[str]:
    """All paths of `[levers]`, in the order of the schema."""
    return [path for path in reformable_paths(plan.scenario) if path.startswith("levers.")]


def lever_name(path: str) -> str:
    """Name of the lever that a path belongs to by itself: its key, or the part of `[levers]` that holds it."""
    return path.split(".")[1]


def levers_between(off: Plan, on: Plan, groups: Mapping[str, Sequence[str]] | None = None) -> list[Lever]:
    """Levers in which two scenarios differ, in first values or dated reforms, in the order of the schema.

    Args:
        off: the scenario without them.
        on: the one with them.
        groups: name -> patterns such as `levers.rotat*`, of paths that only make sense together; paths of a part of
            `[levers]` (`levers.transfer.*`) are a group without being told.
    """
    values = [reformable_paths(plan.scenario) for plan in (off, on)]
    named: dict[str, list[str]] = {}
    since: dict[str, datetime.date] = {}
    for path in lever_paths(on):
        days = [r.date for plan in (off, on) for r in plan.scenario.reforms if r.what == path]
        if values[0][path][0] != values[1][path][0]:
            days.append(on.scenario.run.start)
        elif _dated(off, path) == _dated(on, path):
            continue
        name = next((g for g, patterns in (groups or {}).items() if any(fnmatchcase(path, p) for p in patterns)),
                    lever_name(path))  # fmt: skip
        named.setdefault(name, []).append(path)
        since[name] = min([*days, *([since[name]] if name in since else [])])
    return [Lever(name, tuple(paths), since[name]) for name, paths in named.items()]


def _dated(plan: Plan, path: str) -> list[tuple[Any, ...]]:
    return sorted((r.date, r.ramp_days, str(r.to)) for r in plan.scenario.reforms if r.what == path)


def switched(plan: Plan, like: Plan, paths: Iterable[str]) -> Plan:
    """A plan in which some paths have the values and the dated reforms of another plan.

    Raises:
        ScenarioError: when the values contradict the others.
    """
    paths = set(paths)
    end = plan.scenario.run.last_day
    reforms = [r for r in plan.scenario.reforms if r.what not in paths]
    reforms += [r for r in like.scenario.reforms if r.what in paths]
    values = reformable_paths(like.scenario)
    changes = {path: values[path][0] for path in sorted(paths)}
    # a shortened run never reaches what lies after its end
    changes["reforms"] = [r.model_dump(mode="json") for r in sorted(reforms, key=lambda r: r.date) if r.date <= end]
    return plan.vary(changes)


def first_moves(plan: Plan, paths: Iterable[str]) -> dict[str, Any]:
    """What the first dated reform of each path sets it to; paths without one are left out."""
    dated = sorted(plan.scenario.reforms, key=lambda r: r.date, reverse=True)
    return {r.what: r.to for r in dated if r.what in set(paths)}


def effects(
    comparison: Comparison,
    signs: Mapping[str, int],
    expected: Mapping[str, Mapping[str, str]],
    outcomes: Sequence[str],
) -> pd.DataFrame:
    """The effect of each option's lever on each outcome, by pairs of runs with the same seed.

    Args:
        comparison: a base and options that differ from it in one lever each, named as the lever.
        signs: lever -> 1 when the option has it and the base has not, -1 the other way round: an effect is always
            that of having the lever.
        expected: lever -> outcome -> "+" or "-".
        outcomes: which outcomes.

    Returns:
        One row a lever and outcome: lever, outcome, mean, low, high, n, expected, finding (a constant of this module),
        and `is_zero`: whether the lever changes no outcome at all, not only none of these, in any run.
    """
    rows = []
    for lever in comparison.options:
        pairs = {outcome: comparison.pairs(lever, outcome) for outcome in comparison.outcomes}
        is_zero = all(a.size and np.array_equal(a, b, equal_nan=True) for a, b in pairs.values())
        for outcome in outcomes:
            a, b = pairs[outcome]
            found = estimate(signs[lever] * (b - a))
            said = expected.get(lever, {}).get(outcome, "")
            if found.n == 0 or found.n_undefined:
                finding = UNDEFINED
            elif not np.any(b - a):
                finding = ZERO
            elif not found.excludes_zero:
                finding = CANNOT_TELL
            elif not said:
                finding = NOT_STATED
            else:
                finding = AS_EXPECTED if (found.mean > 0) == (said == "+") else AGAINST
            rows.append({"lever": lever, "outcome": outcome, "mean": found.mean, "low": found.low, "high": found.high,
                         "n": found.n, "expected": said, "finding": finding, "is_zero": is_zero})  # fmt: skip
    columns = ["lever", "outcome", "mean", "low", "high", "n", "expected", "finding", "is_zero"]
    return pd.DataFrame(rows, columns=columns)
