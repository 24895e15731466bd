"""Who holds which post: staff shared out by rule, people with lasting identities, chains of posts.

All sharing is by Webster divisors over a fixed sequence of seats, of which a staffing of N takes the first N:
whoever is present at 40 % is present at 45 %, with the same id, unit and primary post.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.scenario.network import Worker
from sim.scenario.webster import awards

ROSTER = "office"
LEADER_EVERY = 4
"""A desk's first seat is a leader's, then every fourth until its leadership seats are filled."""
ADDED = 100_000
"""Number, in its domain, of the first seat that is added (`with_added`): behind all that a share can reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Posts of one unit (a parent with its front-line units) at one site: where a person can work.

    `posts`: (post id, site) in chain order, neighbours near in content; `weights`: expected minutes of each;
    `front_line`: which of them face residents; `auxiliary`: off-quota people's posts; `portfolios`: leaders' posts, of
    which `n_leaders` have a seat. A desk without other posts is the city leadership.
    """

    unit: str
    domain: str
    posts: tuple[tuple[str, int], ...]
    weights: tuple[float, ...]
    front_line: tuple[bool, ...]
    auxiliary: tuple[tuple[str, int], ...] = ()
    auxiliary_weight: float = 0.0
    portfolios: tuple[tuple[str, int], ...] = ()
    n_leaders: int = 0
    leading_weight: float = 0.0

    @property
    def load(self) -> float:
        """Expected minutes a year of all posts."""
        return sum(self.weights) + self.leading_weight

    def place(self, post: int) -> tuple[str, int]:
        """Post and site of a seat's post: the n-th post, or the portfolio that -1, -2, ... stand for."""
        return self.posts[post] if post >= 0 else self.portfolios[-1 - post]


@dataclass(frozen=True, slots=True)
class Seats:
    """A sequence of seats: desk, post within the desk, and number within the desk's domain (from 0).

    Posts -1, -2, ... are the portfolios of leaders.
    """

    desk: np.ndarray
    post: np.ndarray
    number: np.ndarray


def seat_sequence(
    desks: Sequence[Desk], total: int, rule: str, n_reference: int, domain_reference: dict[str, float]
) -> Seats:
    """The first `total` seats of officials under a cut rule.

    Each desk gets one seat first, then city leaders all of theirs.
    Then, by rule: `load` – by expected minutes; `uniform` – every domain in
    proportion to its people in the conventional reference staffing, inside a domain by expected minutes;
    `front_line_protected` – below the reference number, front-line posts keep their reference people and
    offices take the cut; above it like `load`.

    Args:
        desks: units at sites.
        total: number of officials.
        rule: cut rule.
        n_reference: officials for whom the structure's posts were laid out.
        domain_reference: people per domain in the conventional reference staffing.
    """
    load = np.array([d.load for d in desks])
    if rule == "uniform":
        of_domain: dict[str, float] = {}
        for d in desks:
            of_domain[d.domain] = of_domain.get(d.domain, 0.0) + d.load
        load = np.array(
            [domain_reference.get(d.domain, 0.0) * d.load / max(of_domain[d.domain], 1.0) for d in desks]
        )
    n = max(total, n_reference)
    desk = awards(load, n, least=1)
    city = [i for i, d in enumerate(desks) if not d.posts for _ in range(d.n_leaders - 1)]
    desk = np.concatenate((desk[: len(desks)], np.array(city, np.int64), desk[len(desks) :]))[:n]
    post = np.zeros(n, dtype=np.int64)
    nth = np.zeros(n, dtype=np.int64)
    is_front = np.zeros(n, dtype=bool)
    for i, d in enumerate(desks):
        rows = np.flatnonzero(desk == i)
        nth[rows] = np.arange(rows.size)
        turn, rest = np.divmod(nth[rows], LEADER_EVERY if d.posts else 1)
        leads = (rest == 0) & (turn < d.n_leaders) | (not d.posts)
        post[rows[leads]] = -1 - np.arange(leads.sum())
        rows = rows[~leads]
        post[rows] = by_group(d, rows.size)
        is_front[rows] = np.array(d.front_line, dtype=bool)[post[rows]]
    if rule == "front_line_protected":
        kept = np.where(nth == 0, 0, np.where(is_front, 1, 2))
        kept[n_reference:] = 3
        order = np.argsort(kept, kind="stable")
        desk, post = desk[order], post[order]
    desk, post = desk[:total], post[:total]
    domains = sorted({d.domain for d in desks})
    domain = np.array([domains.index(d.domain) for d in desks])[desk]
    number = np.zeros(total, dtype=np.int64)
    for k in range(len(domains)):
        rows = np.flatnonzero(domain == k)
        number[rows] = np.arange(rows.size)
    return Seats(desk, post, number)


def with_added(desks: Sequence[Desk], seats: Seats, domain: str, n: int) -> Seats:
    """The seats, and n more at the desks of a domain: divided among desks by load, inside each like the others.

    Nobody else moves, and who sits there is nobody who would come with a larger share of staff.

    Args:
        desks: units at sites.
        seats: who sits where without the added ones.
        domain: domain of the desks that get them; one with posts.
        n: how many.
    """
    of_domain = np.array([i for i, d in enumerate(desks) if d.domain == domain and d.posts])
    desk = of_domain[awards(np.array([desks[i].load for i in of_domain]), n)]
    post = np.zeros(n, dtype=np.int64)
    for i in of_domain:
        rows = np.flatnonzero(desk == i)
        taken = int(((seats.desk == i) & (seats.post >= 0)).sum())
        post[rows] = by_group(desks[i], taken + rows.size)[taken:]
    return Seats(
        np.concatenate((seats.desk, desk)),
        np.concatenate((seats.post, post)),
        np.concatenate((seats.number, ADDED + np.arange(n))),
    )


def by_group(d: Desk, total: int) -> np.ndarray:
    """Post of the 1st, 2nd, ... ordinary seat of a desk: first shared out over its groups, then inside each.

    Alike posts of a group have one weight; shared out one by one, they would all win or lose a seat together.
    """
    groups = [name.rpartition("/")[0] for name, _ in d.posts]
    names = list(dict.fromkeys(groups))
    weights = np.array(d.weights)
    of_group = np.array([names.index(g) for g in groups], dtype=np.int64)
    group = awards(np.bincount(of_group, weights=weights, minlength=len(names)), total)
    post = np.zeros(total, dtype=np.int64)
    for g in range(len(names)):
        rows, posts = np.flatnonzero(group == g), np.flatnonzero(of_group == g)
        post[rows] = posts[awards(weights[posts], rows.size)]
    return post


def officials(
    desks: Sequence[Desk], seats: Seats, names: Sequence[str], posts_per_official: int
) -> list[Worker]:
    """Officials with their own post first and then the next ones of their unit in a closed chain.

    A leader holds his portfolio, stands in for the next one, and with several posts takes ordinary ones too.

    Args:
        desks: units at sites.
        seats: which seats are filled.
        names: id of who sits there.
        posts_per_official: posts that each holds, as far as his unit has so many.
    """
    workers = []
    for i, post, name in zip(seats.desk.tolist(), seats.post.tolist(), names, strict=True):
        d = desks[i]
        n = len(d.posts)
        if post >= 0:
            holds = tuple(d.posts[(post + k) % n] for k in range(min(posts_per_official, n)))
        else:
            own, following = -1 - post, -post % len(d.portfolios)
            holds = tuple(dict.fromkeys((d.portfolios[own], d.portfolios[following])))
            holds += tuple(d.posts[(own + k) % n] for k in range(min(posts_per_official - 1, n)))
        workers.append(Worker(id=name, kind="official", holds=holds, roster=ROSTER, unit=d.unit))
    return workers


def off_quota(desks: Sequence[Desk], total: int) -> list[Worker]:
    """Off-quota people: an auxiliary post of their unit first, then its front-line posts at the same site.

    They are shared out by the auxiliary work of each desk; documents and liaison are not theirs.
    """
    desks = [d for d in desks if d.auxiliary]
    desk = awards(np.array([d.auxiliary_weight for d in desks]), total, least=1)
    taken = [0] * len(desks)
    number: dict[str, int] = {}
    front = [tuple(p for p, is_front in zip(d.posts, d.front_line, strict=True) if is_front) for d in desks]
    workers = []
    for i in desk.tolist():
        d = desks[i]
        number[d.domain] = number.get(d.domain, 0) + 1
        own = d.auxiliary[taken[i] % len(d.auxiliary)]
        taken[i] += 1
        name = f"off_quota|{d.domain}|{number[d.domain]}"
        workers.append(Worker(id=name, kind="off_quota", holds=(own, *front[i]), roster=ROSTER, unit=d.unit))
    return workers


def with_forced_posts(desks: Sequence[Desk], workers: list[Worker]) -> list[Worker]:
    """Give every post without a holder to the colleague who is next in the chain, as his last preference.

    Auxiliary posts go to a colleague of the same pool first. A unit without anybody is minded by the first
    official of its domain, else by the first of all.
    """
    held = {hold for w in workers for hold in w.holds}
    primary: dict[tuple[str, int], int] = {}
    for row, w in enumerate(workers):
        primary.setdefault(w.holds[0], row)
    first_of_domain: dict[str, int] = {}
    for row, w in enumerate(workers):
        if w.kind == "official":
            first_of_domain.setdefault(w.id.split("|")[1], row)
    extra: dict[int, list[tuple[str, int]]] = {}
    for d in desks:
        for chain in (d.posts, d.auxiliary, d.portfolios):
            n = len(chain)
            for k, post in enumerate(chain):
                if post in held:
                    continue
                nexts = [chain[(k + j) % n] for j in range(1, n)]
                if chain is not d.posts:
                    nexts += d.posts
                nexts += d.portfolios
                row = next((primary[p] for p in nexts if p in primary), None)
                if row is None:
                    row = first_of_domain.get(d.domain, 0)
                extra.setdefault(row, []).append(post)
    filled = list(workers)
    for row, posts in extra.items():
        w = filled[row]
        filled[row] = replace(w, holds=(*w.holds, *posts))
    return filled


def forced_posts(workers: Sequence[Worker], posts_per_official: int) -> int:
    """How many posts are held only because nobody else does (beyond the chain and the front line).

    Args:
        workers: all workers of a network.
        posts_per_official: length of the chain.
    """
    holders: dict[tuple[str, int], int] = {}
    for w in workers:
        for hold in w.holds:
            holders[hold] = holders.get(hold, 0) + 1
    return sum(
        sum(1 for hold in w.holds[posts_per_official:] if holders[hold] == 1)
        for w in workers
        if w.kind == "official"
    )
