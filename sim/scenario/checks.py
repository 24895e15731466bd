"""What the parts of a scenario must say to each other: references, sums, order of dates, reforms."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from sim.scenario import textbook
from sim.scenario.fields import same_name
from sim.scenario.free_dates import free_dates
from sim.scenario.levers import Levers
from sim.scenario.problems import Problem, fields_of, listed, nearest
from sim.scenario.schema import REFORMABLE, Scenario

DONE_WORDS = ("done",)
"""Names of a next step that end a request."""

ORDERED = (
    ("behaviour", "thinning_starts_days", "thinning_full_days"),
    ("behaviour", "overtime_starts_days", "overtime_full_days"),
    ("world", "digital_start", "digital_end"),
    ("world", "digital_share_start", "digital_share_end"),
)
"""Pairs of which the first must not exceed the second; dates must differ."""

MOST_ARRIVALS = 20_000_000


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
    if scenario.county is None:
        problems += [*_names(scenario), *_posts(scenario), *_officials(scenario), *_places(scenario)]
        for matter in scenario.matters:
            problems += _matter(scenario, matter)
    return problems


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


def sent_out_twice(levers: Levers, since: str = "") -> Iterator[Problem]:
    """Report more than all department officials being stationed or in task forces."""
    both = levers.stationed_share + levers.task_force_share
    if both > 1.0 + 1e-9:
        yield Problem(f"{since}stationed_share and task_force_share add up to {both:g}", "levers.task_force_share",
                      allowed=f"at most {1.0 - levers.stationed_share:g}")  # fmt: skip


def grown_while_frozen(before: Levers, after: Levers, day: datetime.date) -> Iterator[Problem]:
    """Report a staffing share that rises on a day on which headcount is frozen (it may only fall)."""
    if after.headcount == "frozen" and after.staffing_share > before.staffing_share:
        yield Problem(
            f"rises from {before.staffing_share:g} to {after.staffing_share:g} on {day}, while headcount is frozen",
            "levers.staffing_share",
            allowed=f'at most {before.staffing_share:g}, or levers.headcount = "free" from {day} on',
        )


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


def _names(scenario: Scenario) -> Iterator[Problem]:
    tables: list[tuple[str, Sequence[Any]]] = [
        (key, getattr(scenario, key)) for key in ("posts", "scopes", "matters", "officials")
    ]
    tables += [(f"matters.{m.name}.steps", m.steps) for m in scenario.matters]
    for key, entries in tables:
        seen: dict[str, str] = {}
        for i, entry in enumerate(entries):
            form = same_name(entry.name)
            if form in seen:
                yield Problem(f'the name "{entry.name}" is taken by "{seen[form]}"', f"{key}[{i}].name",
                              allowed="names that differ in more than case")  # fmt: skip
            seen.setdefault(form, entry.name)


def _posts(scenario: Scenario) -> Iterator[Problem]:
    scopes = [scope.name for scope in scenario.scopes]
    for post in scenario.posts:
        if post.scope is not None and post.scope not in scopes:
            yield Problem(f'no scope is called "{post.scope}"', f"posts.{post.name}.scope",
                          allowed=listed(scopes), nearest=nearest(post.scope, scopes))  # fmt: skip
        if post.scope is not None and post.limit is not None:
            yield Problem("both limit and scope are given", f"posts.{post.name}", allowed="one of them")
    used = {post.scope for post in scenario.posts}
    for scope in scopes:
        if scope not in used:
            yield Problem("no post belongs to this scope", f"scopes.{scope}")


def _places(scenario: Scenario) -> Iterator[Problem]:
    places = scenario.places
    if places.count > 1:
        for post in scenario.posts:
            if post.limit is not None or post.scope is not None:
                yield Problem("a limit holds for one place only", f"posts.{post.name}",
                              allowed="no limit, or places.count = 1")  # fmt: skip
    if places.count * places.residents_each > 10_000_000:
        yield Problem("there are more than 10,000,000 residents", "places.residents_each")
    if places.count * sum(official.count for official in scenario.officials) > 1_000_000:
        yield Problem("there are more than 1,000,000 officials at all places", "places.count")


def _officials(scenario: Scenario) -> Iterator[Problem]:
    posts = [post.name for post in scenario.posts]
    for official in scenario.officials:
        key = f"officials.{official.name}.posts"
        if not official.posts:
            yield Problem("an official needs at least one post", key, allowed=listed(posts))
        for name in official.posts:
            if name not in posts:
                yield Problem(
                    f'no post is called "{name}"', key, allowed=listed(posts), nearest=nearest(name, posts)
                )
        if len(set(official.posts)) < len(official.posts):
            yield Problem("a post is listed twice", key)
    if sum(official.count for official in scenario.officials) > 1_000_000:
        yield Problem("there are more than 1,000,000 officials", "officials")


def _matter(scenario: Scenario, matter: textbook.MatterTable) -> Iterator[Problem]:
    key = f"matters.{matter.name}"
    yield from _arrivals(scenario, matter, f"{key}.arrivals")
    if matter.patience is not None:
        yield from _law(matter.patience, f"{key}.patience")
    single = [part for part in ("post", "service") if getattr(matter, part) is not None]
    if matter.steps and single:
        yield Problem(
            f"both steps and {' and '.join(single)} are given", key, allowed="steps, or post and service"
        )
        return
    if not matter.steps:
        for part in ("post", "service"):
            if getattr(matter, part) is None:
                yield Problem("is missing", f"{key}.{part}", allowed="post and service, or steps")
        if matter.post is not None:
            yield from _served(scenario, matter.post, f"{key}.post")
        if matter.service is not None:
            yield from _law(matter.service, f"{key}.service")
        return
    names = [step.name for step in matter.steps]
    for step in matter.steps:
        place = f"{key}.steps.{step.name}"
        if same_name(step.name) in DONE_WORDS:
            yield Problem('"done" ends a request and cannot name a step', f"{place}.name")
        yield from _served(scenario, step.post, f"{place}.post")
        yield from _law(step.service, f"{place}.service")
        for branch in step.next:
            if branch.step not in names and branch.step not in DONE_WORDS:
                options = [*names, *DONE_WORDS]
                yield Problem(f'no step of this matter is called "{branch.step}"', f"{place}.next",
                              allowed=listed(options), nearest=nearest(branch.step, options))  # fmt: skip
        total = sum(branch.share for branch in step.next)
        if step.next and abs(total - 1) > 1e-9:
            yield Problem(f"the shares add up to {total:.12g}", f"{place}.next", allowed="1")
    yield from _ends(matter, key)


def _ends(matter: textbook.MatterTable, key: str) -> Iterator[Problem]:
    """Report steps that are never reached or from which no way leads to the end."""
    ways = {s.name: {b.step for b in s.next if b.share > 0} or {"done"} for s in matter.steps}
    ended, grew = {"done"}, True
    while grew:
        more = {name for name, to in ways.items() if to & ended} - ended
        ended |= more
        grew = bool(more)
    reached, fresh = set(), {matter.steps[0].name}
    while fresh:
        reached |= fresh
        fresh = {to for name in fresh for to in ways.get(name, set())} - reached
    for step in matter.steps:
        if step.name not in reached:
            yield Problem("no request ever reaches this step", f"{key}.steps.{step.name}")
        elif step.name not in ended:
            yield Problem('no way leads from this step to "done"', f"{key}.steps.{step.name}")


def _served(scenario: Scenario, post: str, key: str) -> Iterator[Problem]:
    names = [p.name for p in scenario.posts]
    if post not in names:
        yield Problem(f'no post is called "{post}"', key, allowed=listed(names), nearest=nearest(post, names))
    elif not any(post in official.posts for official in scenario.officials):
        yield Problem(f'nobody may serve this: no official holds the post "{post}"', key)


def _arrivals(scenario: Scenario, matter: textbook.MatterTable, key: str) -> Iterator[Problem]:
    arrivals, horizon = matter.arrivals, scenario.run.horizon_minutes
    if isinstance(arrivals, textbook.Poisson):
        stated = [k for k in ("per_minute", "per_hour", "per_day") if getattr(arrivals, k) is not None]
        if len(stated) != 1:
            yield Problem(
                f"{' and '.join(stated) or 'no rate'} given",
                key,
                allowed="one of per_minute, per_hour, per_day",
            )
        elif arrivals.mean_per_day() > 1e9:
            yield Problem(
                f"{arrivals.mean_per_day():g} arrivals a day are too many", key, allowed="at most 1e9 a day"
            )
        if arrivals.by_hour and (len(arrivals.by_hour) != 24 or not sum(arrivals.by_hour) > 0):
            yield Problem(
                f"{len(arrivals.by_hour)} weights", f"{key}.by_hour", allowed="24 weights, not all 0"
            )
    elif isinstance(arrivals, textbook.Regular):
        last = horizon if arrivals.last_minute is None else min(horizon, arrivals.last_minute)
        if (last - arrivals.first_minute) / arrivals.every_minutes > MOST_ARRIVALS:
            yield Problem(f"more than {MOST_ARRIVALS:,} arrivals", f"{key}.every_minutes")
        if arrivals.first_minute >= horizon:
            yield Problem(f"{arrivals.first_minute:g} lies after the end", f"{key}.first_minute",
                          allowed=f"less than {horizon:g}")  # fmt: skip
        if arrivals.last_minute is not None and arrivals.last_minute < arrivals.first_minute:
            yield Problem(f"{arrivals.last_minute:g} lies before first_minute", f"{key}.last_minute",
                          allowed=f"at least {arrivals.first_minute:g}")  # fmt: skip
    elif isinstance(arrivals, textbook.Listed):
        if bool(arrivals.times) == bool(arrivals.times_minutes):
            given = "times and times_minutes are both given" if arrivals.times else "no times are given"
            yield Problem(given, key, allowed="one of times, times_minutes, not empty")
        outside = [m for m in listed_minutes(arrivals, scenario.run.start) if not 0 <= m < horizon]
        if outside:
            which = "times" if arrivals.times else "times_minutes"
            yield Problem(f"{len(outside)} of the arrivals lie outside the run", f"{key}.{which}",
                          allowed=f"0 to {horizon:g} minutes after {scenario.run.start} 00:00")  # fmt: skip


def listed_minutes(arrivals: textbook.Listed, start: datetime.date) -> list[float]:
    """Listed arrivals in minutes after the run's start, in order."""
    if not arrivals.times:
        return sorted(arrivals.times_minutes)
    midnight = datetime.datetime.combine(start, datetime.time())
    return sorted((moment - midnight).total_seconds() / 60.0 for moment in arrivals.times)


def _law(law: Any, key: str) -> Iterator[Problem]:
    if isinstance(law, textbook.Uniform) and law.low_minutes >= law.high_minutes:
        yield Problem(f"low {law.low_minutes:g} is not below high {law.high_minutes:g}", key)
    elif isinstance(law, textbook.Triangular):
        if not law.low_minutes <= law.mode_minutes <= law.high_minutes or law.low_minutes >= law.high_minutes:
            said = f"{law.low_minutes:g}, {law.mode_minutes:g}, {law.high_minutes:g}"
            yield Problem(f"{said} are not in order", key,
                          allowed="low <= mode <= high, low < high")  # fmt: skip
    elif isinstance(law, textbook.Lognormal):
        if (law.cv is None) == (law.sd_minutes is None):
            yield Problem("cv and sd_minutes: one of the two is needed", key, allowed="cv or sd_minutes")
    elif isinstance(law, textbook.Empirical):
        if law.weights and (len(law.weights) != len(law.values_minutes) or not sum(law.weights) > 0):
            said = f"{len(law.weights)} weights for {len(law.values_minutes)} values"
            yield Problem(said, f"{key}.weights",
                          allowed="as many weights as values, not all 0")  # fmt: skip
        if not max(law.values_minutes) > 0:
            yield Problem("all values are 0", f"{key}.values_minutes")
