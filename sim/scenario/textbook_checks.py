"""What the tables of a textbook scenario must say to each other: names, posts, officials, steps, arrivals, laws."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from sim.scenario import textbook
from sim.scenario.fields import same_name
from sim.scenario.problems import Problem, listed, nearest
from sim.scenario.schema import Scenario

DONE_WORDS = ("done",)
"""Names of a next step that end a request."""

MOST_ARRIVALS = 20_000_000

COUNTY_MECHANISMS = (
    "leaders", "thinning", "overtime", "pace_under_load", "standards_erode", "learning", "quits", "retirement",
    "variety",
)  # fmt: skip
"""Switches of `behaviour` that a queue has nothing for: its servers are no employees with skills, seats and overtime,
and its matters have no least acceptable minutes."""


def check_textbook(scenario: Scenario) -> Iterator[Problem]:
    """Everything that is wrong between the tables of a scenario that has no county."""
    for part in (_names, _posts, _officials, _places):
        yield from part(scenario)
    for matter in scenario.matters:
        yield from _matter(scenario, matter)


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
            said = "all weights are 0" if len(arrivals.by_hour) == 24 else f"{len(arrivals.by_hour)} weights"
            yield Problem(said, f"{key}.by_hour", allowed="24 weights, not all 0")
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
            n, m = len(law.weights), len(law.values_minutes)
            said = "all weights are 0" if n == m else f"{n} weights for {m} values"
            yield Problem(said, f"{key}.weights",
                          allowed="as many weights as values, not all 0")  # fmt: skip
        if not max(law.values_minutes) > 0:
            yield Problem("all values are 0", f"{key}.values_minutes")
