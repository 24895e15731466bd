"""Whether a textbook queue can keep up: offered load against capacity, before anything is run.

A post's backlog grows without bound when no division of its holders' time serves all that comes and stays.
Requests with patience leave, posts with a limit turn away, finite populations and lists end: none of these
makes a backlog grow for ever, so they do not count as load here. Set-up, rework, absence, fatigue are not
looked at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.scenario import Plan, textbook_network, workdays
from sim.scenario.network import Matter, Network

_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Stability:
    """Load of the posts of a plan.

    Attributes:
        load: offered minutes that stay over available ones at the worst group of posts; unstable from 1 on.
        posts: posts of that group.
        offered: all minutes that are asked for over all available ones, whether they stay or not.
    """

    load: float
    posts: tuple[str, ...]
    offered: float

    @property
    def is_unstable(self) -> bool:
        """Whether the backlog grows."""
        return self.load >= 1.0 - 1e-12


def stability(plan: Plan) -> Stability:
    """Largest load of any group of posts that share people."""
    network = textbook_network(plan.settings(plan.scenario.run.start))
    capacity, holders = _capacity(plan, network)
    load, asked = _load(plan, network, capacity, holders)
    available = sum(capacity.values())
    offered = asked / available if available else 0.0
    worst = Stability(0.0, (), offered)
    for posts, people in _groups(load, holders):
        found = float(_group_load({p: load[p] for p in posts}, {k: capacity[k] for k in people}, holders))
        if found > worst.load:
            worst = Stability(found, tuple(sorted(posts)), offered)
    return worst


def _capacity(plan: Plan, network: Network) -> tuple[dict[tuple, float], dict[str, set[tuple]]]:
    """Minutes of work a day of each kind of worker (posts held, roster), and who holds each post."""
    run = plan.scenario.run
    rosters = {roster.id: roster for roster in network.rosters}
    capacity: dict[tuple, float] = {}
    holders: dict[str, set[tuple]] = {}
    for worker in network.workers:
        if worker.holds[0][1] != 0:
            continue  # another place, which is a copy of the first
        roster = rosters[worker.roster]
        kind = (worker.holds, worker.roster)
        if roster.closing == "serve_all":
            minutes = math.inf  # stays until all are served
        else:
            share = float(np.mean(workdays(roster.calendar, run.start, run.n_days)))
            minutes = share * sum(end - start for start, end in roster.windows) * worker.pace
        capacity[kind] = capacity.get(kind, 0.0) + minutes
        for post, _ in worker.holds:
            holders.setdefault(post, set()).add(kind)
    return capacity, holders


def _load(
    plan: Plan,
    network: Network,
    capacity: dict[tuple, float],
    holders: dict[str, set[tuple]],
) -> tuple[dict[str, float], float]:
    """Minutes of work a day that come to each unlimited post and stay, and those asked for in all."""
    limited = {post.group for post in network.posts if post.scope}
    post_of = {post.group: post.id for post in network.posts}
    matters = {matter.id: matter for matter in network.matters}
    regular = {
        m.name: 1440.0 / m.arrivals.every_minutes
        for m in plan.scenario.matters
        if m.arrivals.law == "deterministic" and m.arrivals.last_minute is None
    }
    rates = []
    for stream in network.streams:
        if stream.place != 0:
            continue
        for part in stream.split():
            matter = matters[part.matter]
            rate = stream.per_day * part.share if stream.kind == "open" else regular.get(matter.id, 0.0)
            if rate > 0:
                rates.append((matter, rate))
    passed = dict.fromkeys(post_of, 1.0)  # share of what comes to a post that it can pass on
    stay: dict[str, float] = {}
    for _ in range(_ROUNDS):
        come = dict.fromkeys(post_of, 0.0)
        stay = dict.fromkeys(post_of, 0.0)
        for matter, rate in rates:
            for step, visits in zip(matter.steps, _visits(matter, passed), strict=True):
                minutes = rate * visits * step.service.mean_minutes()
                come[step.group] += minutes
                if matter.patience is None:
                    stay[step.group] += minutes
        now = {}
        for post, minutes in come.items():
            most = sum(capacity[kind] for kind in holders.get(post_of[post], ()))
            now[post] = min(1.0, most / minutes) if minutes > 0 else 1.0
        if all(abs(now[post] - passed[post]) < 1e-12 for post in now):
            break
        passed = now
    everywhere = dict.fromkeys(post_of, 1.0)
    asked = sum(
        rate * visits * step.service.mean_minutes()
        for matter, rate in rates
        for step, visits in zip(matter.steps, _visits(matter, everywhere), strict=True)
    )
    return {post_of[p]: minutes for p, minutes in stay.items() if minutes > 0 and p not in limited}, asked


def _visits(matter: Matter, passed: dict[str, float]) -> np.ndarray:
    """Mean visits of a request to each of its matter's steps."""
    index = {step.name: i for i, step in enumerate(matter.steps)}
    n = len(index)
    first = np.zeros(n)
    first[index[matter.first_step]] = 1.0
    if n == 1 and all(branch.step not in index for branch in matter.steps[0].next):
        return first
    route = np.zeros((n, n))
    for i, step in enumerate(matter.steps):
        for branch in step.next:
            if branch.step in index:
                route[index[branch.step], i] += branch.probability * passed[step.group]
    return np.linalg.solve(np.eye(n) - route, first)


def _groups(load: dict[str, float], holders: dict[str, set[tuple]]) -> list[tuple[set[str], set[tuple]]]:
    """Posts that are linked by people who hold several of them, with these people."""
    groups: list[tuple[set[str], set[tuple]]] = []
    for post in load:
        posts, people = {post}, set(holders.get(post, ()))
        rest = []
        for group in groups:
            if group[1] & people:
                posts |= group[0]
                people |= group[1]
            else:
                rest.append(group)
        groups = [*rest, (posts, people)]
    return groups


def _group_load(
    load: dict[str, float], capacity: dict[tuple, float], holders: dict[str, set[tuple]]
) -> float:
    """The load under the best division of time: 1 / the largest factor by which all loads could grow."""
    relieved = {p for p in load if any(math.isinf(capacity[k]) for k in holders.get(p, ()))}
    load = {p: minutes for p, minutes in load.items() if p not in relieved}
    capacity = {k: c for k, c in capacity.items() if not math.isinf(c)}
    if not load:
        return 0.0
    if sum(capacity.values()) <= 0 or any(not holders.get(p) for p in load):
        return math.inf
    if all(holders[p] >= set(capacity) for p in load):
        return sum(load.values()) / sum(capacity.values())
    from scipy.optimize import linprog

    pairs = [(k, p) for p in load for k in holders[p] if k in capacity]
    posts, people = list(load), list(capacity)
    at_post = np.zeros((len(posts), len(pairs) + 1))
    of_person = np.zeros((len(people), len(pairs) + 1))
    for j, (k, p) in enumerate(pairs):
        at_post[posts.index(p), j] = 1.0
        of_person[people.index(k), j] = 1.0
    total = sum(capacity.values())
    at_post[:, -1] = [-load[p] / total for p in posts]
    found = linprog(
        np.r_[np.zeros(len(pairs)), -1.0],
        A_ub=of_person,
        b_ub=[capacity[k] / total for k in people],
        A_eq=at_post,
        b_eq=np.zeros(len(posts)),
        method="highs",
    )
    factor = -found.fun if found.success else 0.0
    return 1.0 / factor if factor > 0 else math.inf
