"""A textbook scenario as a network: one level, a site at each place; every post a group of its own."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from sim.scenario import textbook
from sim.scenario.network import DONE, Law, Matter, Network, Next, Post, Roster, Scope, Step, Stream, Worker
from sim.scenario.plan import Settings
from sim.scenario.schema import Scenario
from sim.scenario.textbook_checks import DONE_WORDS, listed_minutes

LEVEL = "all"
"""Name of the only level."""


def textbook_network(settings: Settings) -> Network:
    """Say the inline tables of a scenario as a network.

    Args:
        settings: what is in force; of a textbook scenario only `behaviour` changes with the day.
    """
    scenario = settings.scenario
    rosters = {roster_id(official): _roster(official) for official in scenario.officials}
    posts, scopes = _posts(scenario)
    count = scenario.places.count
    workers = tuple(
        Worker(
            id=f"{official.name}{_copy(scenario, place)}/{n + 1}",
            kind="server",
            holds=tuple((name, place) for name in official.posts),
            roster=roster_id(official),
            pace=official.pace,
        )
        for place in range(count)
        for official in scenario.officials
        for n in range(official.count)
    )
    return Network(
        matters=tuple(_matter(matter) for matter in scenario.matters),
        streams=tuple(_at(scenario, place, _stream(scenario, matter))
                      for place in range(count) for matter in scenario.matters),
        posts=posts,
        workers=workers,
        rosters=tuple(rosters.values()),
        sites={LEVEL: count},
        site_of_place={LEVEL: np.arange(count)},
        scopes=scopes,
        setup_minutes=settings.behaviour.setup_minutes,
        yardstick_roster=roster_id(scenario.officials[0]),
        site_names={
            LEVEL: tuple(f"{scenario.title or LEVEL}{_copy(scenario, place)}" for place in range(count))
        },
    )


def _copy(scenario: Scenario, place: int) -> str:
    """What tells the names at one place from those at another; nothing when there is only one."""
    return f"/{place + 1}" if scenario.places.count > 1 else ""


def _at(scenario: Scenario, place: int, stream: Stream) -> Stream:
    """The stream at a place: one of the place's residents asks."""
    each = scenario.places.residents_each
    if scenario.places.count == 1 and not each:
        return stream
    return replace(stream, id=f"{stream.id}{_copy(scenario, place)}", place=place,
                   residents=(place * each, (place + 1) * each))


def roster_id(official: textbook.OfficialTable) -> str:
    """Identity of a roster: officials with the same hours, calendar and closing share it."""
    return f"{official.calendar} {' '.join(official.hours)} {official.closing}"


def law(said: textbook.LawOfMinutes) -> Law:
    """A law of the scenario language as a law of the network."""
    match said:
        case textbook.Exponential():
            return Law("exponential", said.mean_minutes)
        case textbook.Deterministic():
            return Law("fixed", said.minutes)
        case textbook.Uniform():
            return Law("uniform", said.low_minutes, said.high_minutes)
        case textbook.Triangular():
            return Law("triangular", said.low_minutes, said.mode_minutes, said.high_minutes)
        case textbook.Lognormal():
            cv = said.cv if said.cv is not None else said.sd_minutes / said.mean_minutes
            return Law("lognormal", said.mean_minutes, cv)
        case textbook.Gamma():
            return Law("gamma", said.mean_minutes, said.cv)
        case textbook.Erlang():
            return Law("gamma", said.mean_minutes, 1.0 / math.sqrt(said.phases))
        case textbook.Empirical():
            return Law("empirical", values=said.values_minutes, weights=said.weights)
    raise TypeError(f"not a law: {said!r}")


def _roster(official: textbook.OfficialTable) -> Roster:
    windows = tuple(textbook.window_minutes(text) for text in official.hours)
    return Roster(
        id=roster_id(official), windows=windows, calendar=official.calendar, closing=official.closing
    )


def _posts(scenario: Scenario) -> tuple[tuple[Post, ...], tuple[Scope, ...]]:
    scopes = [Scope(scope.name, scope.limit) for scope in scenario.scopes]
    posts = []
    for post in scenario.posts:
        scope = post.scope or ""
        if post.limit is not None:  # a name with a slash cannot clash with a scope of the file
            scope = f"post/{post.name}"
            scopes.append(Scope(scope, post.limit))
        posts.append(Post(id=post.name, group=post.name, level=LEVEL, order=post.order, scope=scope))
    return tuple(posts), tuple(scopes)


def _matter(matter: textbook.MatterTable) -> Matter:
    if matter.steps:
        steps = tuple(
            Step(
                step.name,
                step.post,
                law(step.service),
                tuple(
                    Next(
                        DONE if branch.step in DONE_WORDS else branch.step,
                        branch.share,
                        branch.transit_minutes,
                    )
                    for branch in step.next
                    if branch.share > 0
                )
                or (Next(DONE),),
            )
            for step in matter.steps
        )
    else:
        steps = (Step(matter.name, matter.post, law(matter.service)),)
    return Matter(
        id=matter.name,
        name_en=matter.name,
        name_zh=matter.name,
        deadline_minutes=math.inf if matter.deadline_minutes is None else matter.deadline_minutes,
        priority=matter.priority,
        steps=steps,
        first_step=steps[0].name,
        patience=None if matter.patience is None else law(matter.patience),
        thresholds_minutes=matter.thresholds_minutes,
    )


def _stream(scenario: Scenario, matter: textbook.MatterTable) -> Stream:
    arrivals = matter.arrivals
    match arrivals:
        case textbook.Poisson():
            return Stream(
                id=matter.name, matter=matter.name, per_day=arrivals.mean_per_day(), profile=arrivals.by_hour
            )
        case textbook.Regular():
            return Stream(
                id=matter.name, matter=matter.name, kind="list", times_minutes=regular(scenario, arrivals)
            )
        case textbook.Listed():
            times = tuple(listed_minutes(arrivals, scenario.run.start))
            return Stream(id=matter.name, matter=matter.name, kind="list", times_minutes=times)
    think = Law("exponential", arrivals.think_minutes)
    return Stream(id=matter.name, matter=matter.name, kind="closed", size=arrivals.size, think=think)


def regular(scenario: Scenario, arrivals: textbook.Regular) -> tuple[float, ...]:
    """Moments of regular arrivals before the run's end, in minutes; each anew, so that no error adds up."""
    horizon = scenario.run.horizon_minutes
    last = horizon if arrivals.last_minute is None else arrivals.last_minute
    span = min(horizon, last + arrivals.every_minutes) - arrivals.first_minute
    count = max(0, math.ceil(span / arrivals.every_minutes))
    times = arrivals.first_minute + arrivals.every_minutes * np.arange(count)
    return tuple(times[(times < horizon) & (times <= last)].tolist())
