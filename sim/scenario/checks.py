"""What the parts of any scenario must say to each other: days, kind, order of values, reforms, sources."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

from sim.scenario import textbook
from sim.scenario.free_dates import free_dates
from sim.scenario.levers import Levers
from sim.scenario.problems import Problem, fields_of, nearest
from sim.scenario.schema import REFORMABLE, Scenario
from sim.scenario.textbook_checks import check_textbook

ORDERED = (
    ("behaviour", "thinning_starts_days", "thinning_full_days"),
    ("behaviour", "overtime_starts_days", "overtime_full_days"),
    ("world", "digital_start", "digital_end"),
    ("world", "digital_share_start", "digital_share_end"),
)
"""Pairs of which the first must not exceed the second; dates must differ."""


def values_of(model: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any, BaseModel, str]]:
    """All values of a section: dotted path, value, the model that holds it, and its field's name."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        path = f"{prefix}{name}"
        if isinstance(value, BaseModel):
            yield from values_of(value, f"{path}.")
        else:
            yield path, value, model, name


def reformable_paths(scenario: Scenario) -> dict[str, tuple[Any, BaseModel, str]]:
    """Paths that a reform may change, with value, holder and field name."""
    return {
        path: (value, model, name)
        for section in REFORMABLE
        for path, value, model, name in values_of(getattr(scenario, section), f"{section}.")
    }


def check(
    scenario: Scenario, given: set[str], may_be_outside: Callable[[int], bool] = lambda i: False
) -> list[Problem]:
    """Everything that is wrong between fields that are each in order.

    Args:
        scenario: the validated scenario.
        given: top-level keys that the files set.
        may_be_outside: whether reform i may lie outside the run, as start or length were set after it was stated.
    """
    problems = list(_run(scenario))
    if problems:  # without days nothing dated can be judged
        return problems
    problems += [*_kind(scenario, given), *_ordered(scenario)]
    problems += [*_reforms(scenario, may_be_outside), *_sources(scenario)]
    return problems if scenario.county is not None else problems + list(check_textbook(scenario))


def _run(scenario: Scenario) -> Iterator[Problem]:
    run = scenario.run
    stated = [key for key in ("end", "days", "minutes") if getattr(run, key) is not None]
    if len(stated) > 1:
        yield Problem(f"{' and '.join(stated)} are both given", "run", allowed="one of end, days, minutes")
        return
    if run.end is not None and run.end < run.start:
        yield Problem(
            f"{run.end} lies before run.start {run.start}", "run.end", allowed="a date not before the start"
        )
        return
    if run.end is None and run.n_days < 1:
        yield Problem(
            f"{run.start} lies after the default end 2025-12-31", "run.start", allowed="give run.end too"
        )
        return
    if run.n_days > 40_000:
        yield Problem(f"{run.n_days} days are too long", "run.end", allowed="at most 40,000 days")
    if run.warm_up_minutes >= run.horizon_minutes:
        yield Problem(
            f"{run.warm_up_minutes:g} leaves nothing of {run.horizon_minutes:g} minutes to measure",
            "run.warm_up_minutes",
            allowed=f"less than {run.horizon_minutes:g}",
        )
    elif run.warm_up_days and (run.warm_up_days + 1) * 1440 > run.horizon_minutes:
        most = max(int(run.horizon_minutes // 1440) - 1, 0) * 1440
        yield Problem(
            f"after {run.warm_up_minutes:g} of {run.horizon_minutes:g} minutes no whole day is left to measure",
            "run.warm_up_minutes",
            allowed=f"at most {most} (statistics begin at midnight)",
        )


def _kind(scenario: Scenario, given: set[str]) -> Iterator[Problem]:
    inline = [key for key in ("posts", "matters", "officials", "scopes") if getattr(scenario, key)]
    if scenario.county is not None:
        for key in [*inline, *(["places"] if scenario.places != textbook.Places() else [])]:
            yield Problem(
                "a county takes its posts, matters and officials from its data", key, allowed="no [county]"
            )
        data = scenario.county.data
        if (
            not data
            or data.startswith(("/", "\\"))
            or ".." in data.replace("\\", "/").split("/")
            or ":" in data
        ):
            yield Problem(
                f'"{data}" is not a folder below the scenarios', "county.data", allowed='such as "longgang"'
            )
        return
    if not inline:
        message = "nothing to compute: neither a county nor a textbook queue"
        yield Problem(
            message, "", allowed="extends, or [county], or [[posts]], [[matters]] and [[officials]]"
        )
        return
    for key in ("posts", "matters", "officials"):
        if not getattr(scenario, key):
            yield Problem("is missing", key, allowed=f"at least one [[{key}]]")
    for key in ("world", "levers"):
        if key in given:
            yield Problem(
                "has no effect on a textbook queue", key, allowed="[run], [behaviour] and textbook tables"
            )
    for i, reform in enumerate(scenario.reforms):
        if not reform.what.startswith("behaviour."):
            yield Problem(f'"{reform.what}" has no effect on a textbook queue', f"reforms[{i}].what")


def _ordered(scenario: Scenario) -> Iterator[Problem]:
    for section, first, second in ORDERED:
        part = getattr(scenario, section)
        low, high = getattr(part, first), getattr(part, second)
        if low > high or (low == high and isinstance(low, datetime.date)):
            yield Problem(f"{low} is not below {section}.{second} {high}", f"{section}.{first}")
    yield from sent_out_twice(scenario.levers)
    yield from added_nowhere(scenario.levers)


def sent_out_twice(levers: Levers, since: str = "") -> Iterator[Problem]:
    """Report more than all department officials being stationed or in task forces."""
    both = levers.stationed_share + levers.task_force_share
    if both > 1.0 + 1e-9:
        yield Problem(f"{since}stationed_share and task_force_share add up to {both:g}", "levers.task_force_share",
                      allowed=f"at most {1.0 - levers.stationed_share:g}")  # fmt: skip


def added_nowhere(levers: Levers, since: str = "") -> Iterator[Problem]:
    """Report posts that are added without a word where."""
    if levers.added_posts and not levers.added_posts_domain:
        yield Problem(f"{since}{levers.added_posts} posts are added to no domain", "levers.added_posts_domain",
                      allowed="a domain of the county's units")  # fmt: skip


def grown_while_frozen(before: Levers, after: Levers, day: datetime.date) -> Iterator[Problem]:
    """Report posts that rise on a day on which headcount is frozen (it may only fall)."""
    for name in ("staffing_share", "added_posts"):
        was, now = getattr(before, name), getattr(after, name)
        if after.headcount == "frozen" and now > was:
            yield Problem(
                f"rises from {was:g} to {now:g} on {day}, while headcount is frozen", f"levers.{name}",
                allowed=f'at most {was:g}, or levers.headcount = "free" from {day} on',
            )  # fmt: skip


def _reforms(scenario: Scenario, may_be_outside: Callable[[int], bool]) -> Iterator[Problem]:
    paths = reformable_paths(scenario)
    run = scenario.run
    seen: dict[tuple[str, datetime.date], int] = {}
    for i, reform in enumerate(scenario.reforms):
        key = f"reforms[{i}]"
        if reform.what not in paths:
            yield Problem(
                f'nothing is called "{reform.what}"', f"{key}.what",
                allowed="a path in levers, world or behaviour", nearest=nearest(reform.what, paths),
            )  # fmt: skip
            continue
        if not run.start <= reform.date <= run.last_day and not may_be_outside(i):
            yield Problem(
                f"{reform.date} is outside the run", f"{key}.date", allowed=f"{run.start} to {run.last_day}"
            )
        if (reform.what, reform.date) in seen:
            first = seen[reform.what, reform.date]
            yield Problem(
                f"changed twice on one day (also by reforms[{first}])", key,
                allowed=f'one change a day; drop_reforms = ["{reform.what}"] removes inherited ones',
            )  # fmt: skip
        seen.setdefault((reform.what, reform.date), i)
        if reform.ramp_days and not can_ramp(*paths[reform.what][1:]):
            yield Problem(f"{reform.what} cannot change gradually", f"{key}.ramp_days", allowed="0")
    yield from free_dates(scenario, may_be_outside)


def can_ramp(model: BaseModel, name: str) -> bool:
    """Whether a value is a number that can move gradually."""
    extra = fields_of(type(model))[name].json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("unit")) and bool(extra.get("bounded"))


def _sources(scenario: Scenario) -> Iterator[Problem]:
    if not scenario.sources:
        return
    known = [f"run.{path}" for path, *_ in values_of(scenario.run)] + [*reformable_paths(scenario)]
    known += ["county.data", "county.residents"]
    for path in scenario.sources:
        if path not in known:
            yield Problem(
                "a source for a path that does not exist", f"sources.{path}", nearest=nearest(path, known)
            )
