"""The county as a network: matters, streams, posts and people of one structure under the settings in force.

`county_network` is a pure function of settings and catalogue. Numbers that may change from day to day
(demand, growth, the province's digital share, `levers.liaison_factor`, functions handed over) are not read
here: they are left to the daily factors named by the streams' drivers and to the engine.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sim.scenario.catalogue import Catalogue, Unit
from sim.scenario.county_away import (
    add_inherited_work_of_the_away,
    add_staff_work_of_the_away,
    add_work_of_the_away,
    roster_below,
    send_out,
)
from sim.scenario.county_leaders import leaders_group, seats_of
from sim.scenario.county_requests import add_requests
from sim.scenario.county_standing import (
    MILLION,
    add_grass_roots_work,
    add_inherited_matters,
    add_office_work,
    add_staff_work,
)
from sim.scenario.county_township import add_township_work
from sim.scenario.county_work import Work, expected_step_minutes, shares
from sim.scenario.identities import identities
from sim.scenario.network import Network, Organization, Post, Roster, Worker
from sim.scenario.places import Places, Sites, places, residents_of_sites, sites
from sim.scenario.problems import Problem, ScenarioError, listed, nearest
from sim.scenario.staffing import (
    ROSTER,
    Desk,
    off_quota,
    officials,
    seat_sequence,
    with_added,
    with_forced_posts,
)
from sim.scenario.structures import CONVENTIONAL, Structure, structure_of, units_of
from sim.scenario.webster import awards, seats

LONGER = 2
"""Seats of the whole structure that are named for each seat that a combination of reforms may fill."""
MOST_KEPT = 16
_KEPT: dict[tuple, Network] = {}


def network_in_force(settings: Any, catalogue: Catalogue) -> Network:
    """The county's network, kept by what it is a function of: the next option or seed of this process shares it."""
    key = (catalogue, settings.scenario.county, settings.structural)
    network = _KEPT.get(key)
    if network is None:
        network = county_network(settings, catalogue)
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)), None)
        _KEPT[key] = network
    return network


def forget_networks() -> None:
    """Keep none of them for the next run."""
    _KEPT.clear()


def county_network(settings: Any, catalogue: Catalogue) -> Network:
    """Network of the county under the settings in force.

    Args:
        settings: `.world`, `.levers`, `.behaviour`, and `.scenario.county.residents`.
        catalogue: the county's tables.
    """
    levers = settings.levers
    where = county_places(settings, catalogue)
    structure = structure_of(settings)
    at = sites(catalogue, where, levers)
    units = units_of(catalogue, structure)
    work = office_work(settings, catalogue, where, at, structure)
    share = catalogue.value(f"{levers.structure}_reference_share")
    n_reference = round(catalogue.value("reference_posts") * share)
    n_officials = round(catalogue.value("reference_posts") * levers.staffing_share)

    domain_reference: dict[str, float] = {}
    if levers.cut_rule == "uniform":
        domain_reference = conventional_people(settings, catalogue, where)
    laid_out_for, whole = work.load, None
    if structure != structure.whole:
        as_meant = units_of(catalogue, structure.whole)
        work_as_meant = office_work(settings, catalogue, where, at, structure.whole)
        laid_out_for = work.load | work_as_meant.load
        _, whole_desks = lay_out(
            settings, catalogue, structure.whole, as_meant, at, work_as_meant, n_reference, work_as_meant.load)
        n_whole = LONGER * max(n_officials, round(catalogue.value("reference_posts")))
        whole = whole_desks, seat_sequence(
            whole_desks, n_whole, levers.cut_rule, n_reference, domain_reference)  # fmt: skip
    posts, desks = lay_out(settings, catalogue, structure, units, at, work, n_reference, laid_out_for)
    seating = seat_sequence(desks, n_officials, levers.cut_rule, n_reference, domain_reference)
    if levers.added_posts:
        refuse_unknown_domain(settings, catalogue)
        seating = with_added(desks, seating, levers.added_posts_domain, levers.added_posts)
    names = identities(desks, seating, whole)
    away = send_out(settings, units, desks, seating, names, shares(where, at, "residents")["middle"])
    posts += away.posts()
    workers = away.people(officials(desks, seating, names, levers.posts_per_official))
    people = people_of(workers, posts, at)
    workers += off_quota(desks, levers.off_quota_workers)
    workers = with_forced_posts(desks, workers)

    add_staff_work(settings, catalogue, structure, at, work, people)
    add_staff_work_of_the_away(work, settings, catalogue, at, people)
    add_work_of_the_away(work, settings, catalogue, units, at, where, away)
    n_community_workers = community_workers(catalogue, where)
    n_added = round(work.sent_down * levers.devolution_means / catalogue.value("available_minutes_per_post"))
    below = grass_roots(where, at, n_community_workers + n_added)
    add_grass_roots_work(settings, catalogue, where, at, work, n_community_workers)
    add_inherited_matters(work, settings, catalogue, at, structure)
    add_inherited_work_of_the_away(work, settings, catalogue, units, at, away)
    posts += [one_post("community", "community"), one_post("grid", "grid")]
    organizations, staff = market(catalogue)
    posts += [replace(one_post(o.post, "organization"), unit=f"organization/{o.field}") for o in organizations]
    # 08:30-12:00 and 13:30-18:00: 480 minutes, so that 250 working days give the norm of 120,000 a year.
    office = Roster(id=ROSTER, windows=((510.0, 720.0), (810.0, 1080.0)), calendar="china", closing="pause")
    rosters = [office]
    if away.rotating.any():
        rosters.append(roster_below(office, settings.world.below_travel_minutes))
    return Network(
        matters=work.matters(),
        # by place, so that a day's draw reads the homes of one community after the other
        streams=tuple(sorted(work.streams, key=lambda s: s.residents[0])),
        posts=tuple(posts),
        # those who share posts stand together: the engine looks for an idle holder among 64 neighbours at a time
        workers=tuple(sorted(workers, key=by_post) + below + staff),
        rosters=tuple(rosters),
        sites=at.count,
        site_of_place=at.of_place,
        organizations=organizations,
        setup_minutes=settings.behaviour.setup_minutes,
        yardstick_roster=ROSTER,
        site_names=at.names,
    )


def refuse_unknown_domain(settings: Any, catalogue: Catalogue) -> None:
    """Refuse posts added to a domain in which no unit of the structure has posts.

    Raises:
        ScenarioError: which names the domains.
    """
    levers = settings.levers
    units = units_of(catalogue, structure_of(settings))
    domains = sorted({u.domain for u in units if u.kind != "leadership"})
    if levers.added_posts and levers.added_posts_domain not in domains:
        raise ScenarioError(
            Problem(f'there is no domain "{levers.added_posts_domain}"', "levers.added_posts_domain",
                    allowed=listed(domains), nearest=nearest(levers.added_posts_domain, domains))
        )  # fmt: skip


def office_work(
    settings: Any, catalogue: Catalogue, where: Places, at: Sites, structure: Structure
) -> Work:
    """Requests and the standing work of officials that does not depend on how many they are."""
    work = Work()
    add_requests(work, settings, catalogue, where, at, structure)
    add_office_work(work, settings, catalogue, where, at, structure)
    add_township_work(work, settings, catalogue, where, at, structure)
    return work


def by_post(worker: Worker) -> tuple[str, int, str, str, str]:
    """Order in which workers stand in the tables: by unit, site and primary post."""
    post, site = worker.holds[0]
    return worker.unit, site, post, worker.kind, worker.id


def county_places(settings: Any, catalogue: Catalogue) -> Places:
    """Places of the county at the number of residents that the scenario asks for."""
    county = settings.scenario.county
    return places(catalogue, county.residents if county is not None else None)


def one_post(group: str, level: str) -> Post:
    """The only post of a group."""
    return Post(id=f"{group}/0", group=group, level=level, unit=group, order="earliest_deadline")


def pool_size(settings: Any, structure: Structure) -> float:
    """People per post for whom posts are laid out: wide posts of modules, or single ones."""
    world = settings.world
    return world.lean_post_pool_size if "modules" in structure.reforms else world.conventional_post_pool_size


def lay_out(
    settings: Any, catalogue: Catalogue, structure: Structure, units: tuple[Unit, ...], at: Sites, work: Work,
    n_reference: int, laid_out_for: dict[str, np.ndarray],
) -> tuple[list[Post], list[Desk]]:  # fmt: skip
    """Posts and desks: each unit's work divided into n posts, n = reference staff at a site / pool size.

    Leaders have a portfolio each, a post of their own.
    Reference staff is by load at the structure's reference share, so posts do not change with the staffing; the load
    (`laid_out_for`) is that of the whole structure, so a single reform does not cut up the posts that it leaves alone.
    Hall and pooled enforcement team are one wide pool each. A wider post (`levers.duties_per_post`) is shared by more
    people and costs a set-up between unlike pieces of its work.
    """
    size = pool_size(settings, structure)
    breadth = settings.levers.duties_per_post
    near = settings.behaviour.setup_minutes[0]
    unlike = near * max(0.0, 1.0 - 1.0 / breadth)       # of d like-sized duties the next piece is unlike in 1 - 1/d
    groups = [g for u in units for g in (u.unit, leaders_group(u.unit)) if u.kind != "leadership"]
    total = sum(laid_out_for[g].sum() for g in groups if g in laid_out_for)
    n_off_quota = catalogue.value("off_quota_per_post") * n_reference
    posts: list[Post] = []
    of_unit: dict[str, list[str]] = {}
    for u in units:
        people = n_reference * laid_out_for.get(u.unit, np.zeros(1)).sum() / total / at.count[u.level]
        pools_widely = u.kind == "hall" or (u.kind == "team" and "one_team" in structure.reforms)
        n = 1 if pools_widely else max(1, round(people / (size * breadth)))
        of_unit[u.unit] = [f"{u.unit}/{k}" for k in range(n)] if u.kind != "leadership" else []
        posts += [
            Post(
                id=name, group=u.unit, level=u.level, unit=u.parent, order="earliest_deadline",
                unlike_minutes=0.0 if pools_widely else unlike,
            )
            for name in of_unit[u.unit]
        ]
    desks = []
    for parent in (u for u in units if u.unit == u.parent):
        rows = [u for u in units if u.parent == parent.unit]
        n_sites = at.count[parent.level]
        led = leaders_group(parent.unit)
        n_leaders = seats_of(parent, at)
        portfolios = [f"{led}/{k}" for k in range(n_leaders.max())]
        posts += [
            Post(id=name, group=led, level=parent.level, unit=parent.unit, order="earliest_deadline")
            for name in portfolios
        ]
        # city leaders are so many, whatever they have to do
        leading = work.load.get(led, np.zeros(n_sites)) * (parent.kind != "leadership")
        auxiliary = []
        if parent.auxiliary_share:
            group = f"{parent.unit}/auxiliary"
            n = max(1, round(n_off_quota * parent.auxiliary_share / n_sites / size))
            auxiliary = [f"{group}/{k}" for k in range(n)]
            posts += [
                Post(id=name, group=group, level=parent.level, unit=parent.unit, order="earliest_deadline")
                for name in auxiliary
            ]
        for site in range(n_sites):
            chain = [(name, u) for u in rows for name in of_unit[u.unit]]
            weights = [
                float(work.load[u.unit][site]) / len(of_unit[u.unit]) if u.unit in work.load else 0.0
                for _, u in chain
            ]
            local = sum(weights)
            desks.append(
                Desk(
                    unit=parent.unit,
                    domain=parent.domain,
                    posts=tuple((name, site) for name, _ in chain),
                    weights=tuple(weights) if local else (1.0,) * len(chain),
                    front_line=tuple(u.is_front_line for _, u in chain),
                    auxiliary=tuple((name, site) for name in auxiliary),
                    auxiliary_weight=parent.auxiliary_share / n_sites,
                    portfolios=tuple((name, site) for name in portfolios),
                    n_leaders=int(n_leaders[site]),
                    leading_weight=float(leading[site]),
                )
            )
    return posts, desks


def conventional_people(settings: Any, catalogue: Catalogue, where: Places) -> dict[str, float]:
    """Officials per domain in the conventional reference staffing by load: the base of a uniform cut."""
    at = sites(catalogue, where, settings.levers.model_copy(update={"structure": CONVENTIONAL.name}))
    conventional = replace(CONVENTIONAL, has_leaders=settings.behaviour.leaders)
    work = office_work(settings, catalogue, where, at, conventional)
    people: dict[str, float] = {}
    for u in units_of(catalogue, conventional):
        for group in (u.unit, leaders_group(u.unit)):
            if group in work.load:
                people[u.domain] = people.get(u.domain, 0.0) + float(work.load[group].sum())
    total = sum(people.values())
    return {domain: catalogue.value("reference_posts") * load / total for domain, load in people.items()}


def people_of(workers: list[Worker], posts: list[Post], at: Sites) -> dict[str, np.ndarray]:
    """Officials of each group at each site, by their primary post."""
    group = {p.id: (p.group, at.count[p.level]) for p in posts}
    people: dict[str, np.ndarray] = {}
    for w in workers:
        name, site = w.holds[0]
        unit, n_sites = group[name]
        people.setdefault(unit, np.zeros(n_sites))[site] += 1.0
    return people


def community_workers(catalogue: Catalogue, where: Places) -> int:
    """Community workers of the county without those that came with matters sent down: at least one a community."""
    wanted = round(where.n_residents * catalogue.value("community_workers_per_10000") / 10_000)
    return max(len(where.names), wanted)


def grass_roots(where: Places, at: Sites, total: int) -> list[Worker]:
    """Community workers, so many in all, by residents, at least one a community; one full-time worker a grid.

    Before the merger the workers of a later community are divided among its villages by residents; where villages are
    more than workers, each worker minds several. So the merger changes nobody's id.
    """
    n_workers = seats(where.residents_of_community, total, least=1)
    residents = residents_of_sites(where, at)
    community = where.community_of_place[at.place["community"]]
    workers = []
    for c, n in enumerate(n_workers.tolist()):
        villages = np.flatnonzero(community == c)
        village = np.sort(awards(residents[villages], n, least=1))
        for k in range(n):
            mine = villages[k::n] if len(villages) > n else villages[village[k : k + 1]]
            workers.append(
                Worker(
                    id=f"community_worker|{where.names[c]}|{k + 1}", kind="community_worker",
                    holds=tuple(("community/0", v) for v in mine.tolist()), roster=ROSTER, unit="community",
                )
            )  # fmt: skip
    return workers + [
        Worker(
            id=f"grid_worker|{name}", kind="grid_worker", holds=(("grid/0", g),), roster=ROSTER, unit="grid"
        )
        for g, name in enumerate(at.names["grid"])
    ]


def market(catalogue: Catalogue) -> tuple[tuple[Organization, ...], list[Worker]]:
    """The social organizations that a mature market would hold, in a sequence shared out by field, and staff slots."""
    fields = catalogue.organizations
    counts = np.array([f.count for f in fields])
    ranks: dict[int, list[int]] = {}
    for rank, f in enumerate(awards(counts, int(counts.sum())).tolist()):
        ranks.setdefault(f, []).append(rank)
    organizations, staff = [], []
    for i, f in enumerate(fields):
        for n in range(f.count):
            name = f"organization|{f.field}|{n + 1}"
            organization = Organization(
                id=name, field=f.field, step=f"organization/{n + 1}", rank=ranks[i][n],
                staff=f.staff_slots[n % len(f.staff_slots)],
            )  # fmt: skip
            organizations.append(organization)
            staff += [
                Worker(
                    id=f"{name}|{slot + 1}", kind="organization_staff", roster=ROSTER, organization=name,
                    holds=((f"{organization.post}/0", 0),), unit=f"organization/{f.field}",
                )
                for slot in range(organization.staff)
            ]  # fmt: skip
    return tuple(organizations), staff


def expected_minutes(network: Network, digital_factor: float = 1.0) -> dict[str, float]:
    """Expected million minutes a year by ledger block, at daily factors of 1 and without any transfer.

    Requests are counted where they are served: `requests` on officials' posts, `requests_at_community` and
    `requests_at_grid` below; `hand_over` is the intake and hand-out on officials' posts. Tasking that
    community workers carry is `tasking_at_community`.

    Args:
        network: a county's network.
        digital_factor: multiplies every matter's digital share.
    """
    days = 365.25
    per_year: dict[tuple[str, str], float] = {}
    matters = {m.id: m for m in network.matters}
    for s in network.streams:
        for p in s.split():
            if matters[p.matter].relieves:
                count = per_year.get((p.matter, p.entry), 0.0)
                per_year[p.matter, p.entry] = count + s.per_day * p.share * days
    level = {p.group: p.level for p in network.posts}
    total: dict[str, float] = {}
    for (name, entry), count in per_year.items():
        m, volume = matters[name], count / MILLION
        for group, service, hand_over in expected_step_minutes(m, digital_factor, entry):
            here = level[group]
            is_below = here in ("grid", "community") and m.block != here
            suffix = f"_at_{here}" if is_below else ""
            for block, minutes in ((m.block + suffix, service), ("hand_over" + suffix, hand_over)):
                if minutes:
                    total[block] = total.get(block, 0.0) + float(volume * minutes)
    return total
