"""Officials away from their desks: stationed below, rotating there, pulled together in task forces; reform work.

Posts and seats are laid out as if nobody were away, so an option that sends people out changes nothing else: their
desks lack them, and the work that lies below, or belongs to a task force, moves with them as far as they have time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.scenario.calendar import WORKING_DAY_MINUTES
from sim.scenario.catalogue import Catalogue, Unit
from sim.scenario.catalogue_rows import GENERAL
from sim.scenario.county_standing import MILLION, STANDING_HOURS, Standing, owners, standing_work
from sim.scenario.county_work import Work, shares
from sim.scenario.network import Part, Post, Roster, Stream, Worker
from sim.scenario.places import Places, Sites
from sim.scenario.staffing import Desk, Seats
from sim.scenario.webster import awards

STATION, TASK_FORCE, BELOW = "station", "task_force", "below"
"""Groups of the posts of those who are away, and the roster of a rotating official's days below."""
GOLDEN, SILVER = 0.6180339887498949, 0.41421356237309515
WORKING_DAYS_PER_WEEK = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """Which seats are away: `site` of those stationed or rotating (-1: not), `task_force` and `rotating` by seat."""

    stationed: np.ndarray
    rotating: np.ndarray
    task_force: np.ndarray
    site: np.ndarray
    days_per_week: float

    @property
    def is_below(self) -> bool:
        """Whether anybody serves at a station."""
        return bool((self.stationed | self.rotating).any())

    def people(self, workers: Sequence[Worker]) -> list[Worker]:
        """The officials, in order of seats, with their places of work."""
        found = []
        for i, w in enumerate(workers):
            below = ((f"{STATION}/0", int(self.site[i])),)
            if self.stationed[i]:
                w = replace(w, holds=below, unit=STATION, assignment=STATION)
            elif self.task_force[i]:
                w = replace(w, holds=((f"{TASK_FORCE}/0", 0),), unit=TASK_FORCE, assignment=TASK_FORCE)
            elif self.rotating[i]:
                w = replace(w, below=below, below_share=self.days_per_week / WORKING_DAYS_PER_WEEK)
            found.append(w)
        return found

    def posts(self) -> list[Post]:
        """The posts where those who are away serve."""
        posts = [Post(id=f"{STATION}/0", group=STATION, level="middle", unit=STATION, order="earliest_deadline")]
        posts *= self.is_below
        if self.task_force.any():
            posts.append(Post(id=f"{TASK_FORCE}/0", group=TASK_FORCE, level="county", unit=TASK_FORCE,
                              order="earliest_deadline"))  # fmt: skip
        return posts


def send_out(
    settings: Any, units: tuple[Unit, ...], desks: Sequence[Desk], seats: Seats, names: Sequence[str],
    residents: np.ndarray,
) -> Away:  # fmt: skip
    """Who is away: of the officials with an office seat in a department, evenly and nested in each share.

    The n-th official of a domain (the number in the id) has the position frac(n x golden ratio): stationed when it lies
    below `stationed_share`, in a task force when it lies above 1 - `task_force_share`. Whoever is stationed at 20 % is
    stationed at 30 %, at the same station, and is the same person at every staffing. Rotation draws from those left at
    their desks, by another such sequence. Stations get people by residents, in the order of positions.

    Args:
        settings: settings in force.
        units: units of the structure.
        desks: where people can work.
        seats: who sits where.
        names: id of the official on each seat.
        residents: share of the residents at each site of the middle level.
    """
    levers = settings.levers
    departments = {u.unit for u in units if u.kind == "department"}
    n = seats.desk.size
    nth = np.array([int(name.rpartition("|")[2]) for name in names], dtype=np.float64)
    is_office = np.zeros(n, dtype=bool)
    for i, (desk, post) in enumerate(zip(seats.desk.tolist(), seats.post.tolist(), strict=True)):
        d = desks[desk]
        if d.unit in departments and post >= 0 and not d.front_line[post]:      # leaders stay
            is_office[i] = True
    position, turn = (nth * GOLDEN) % 1.0, (nth * SILVER) % 1.0
    stationed = is_office & (position < levers.stationed_share)
    task_force = is_office & ~stationed & (position >= 1.0 - levers.task_force_share)
    rotating = is_office & ~stationed & ~task_force & (turn < levers.rotating_share)
    rotating &= levers.rotation_days_per_week > 0
    site = np.full(n, -1, dtype=np.int64)
    for who, order in ((stationed, position), (rotating, turn)):
        rows = np.flatnonzero(who)
        rows = rows[np.argsort(order[rows], kind="stable")]
        site[rows] = awards(residents, rows.size)
    return Away(stationed=stationed, rotating=rotating, task_force=task_force, site=site,
                days_per_week=levers.rotation_days_per_week)  # fmt: skip


def add_work_of_the_away(
    work: Work, settings: Any, catalogue: Catalogue, units: tuple[Unit, ...], at: Sites, where: Places, away: Away
) -> None:  # fmt: skip
    """A reform's set-up work; and move departments' field work to stations, reform and projects to task forces.

    What moves is at most what those who are away have time for: working minutes less the share that goes with staff
    (rotating officials do theirs at their desks) and less the way. The work they do not get to stays with departments.
    """
    world, levers = settings.world, settings.levers
    standing = standing_work(settings, catalogue, at, work)
    year = catalogue.value("available_minutes_per_post")
    own = year * (1.0 - world.staff_time_share)
    departments = {u.unit for u in units if u.kind == "department"}
    n_sites = at.count["middle"]

    def at_sites(who: np.ndarray) -> np.ndarray:
        return np.bincount(away.site[who], minlength=n_sites).astype(np.float64)

    minutes_below = at_sites(away.stationed) * own + at_sites(away.rotating) * (
        year * away.days_per_week / WORKING_DAYS_PER_WEEK * (1.0 - world.below_travel_minutes / WORKING_DAY_MINUTES))
    total = float(minutes_below.sum())
    if total > 0.0:
        _move(standing, BELOW, departments, total * world.below_productivity, STATION, "middle",
              minutes_below / total, 1.0 / world.below_productivity)  # fmt: skip
    pulled = float(away.task_force.sum()) * own
    if pulled > 0.0:                            # first what does not fade: set-up work halves every half-life
        pulled -= _move(standing, TASK_FORCE, departments, pulled, TASK_FORCE, "county", np.ones(1))
    reform = world.reform_setup_minutes_million * MILLION if levers.reform_start is not None else 0.0
    by_residents = shares(where, at, "residents")["middle"]
    for families in catalogue.streams("reform").values():
        served = min(pulled, reform)
        for group, u in owners("reform", units):
            n = at.count[u.level]
            spread = by_residents if u.level == "middle" else np.full(n, 1.0 / n)
            standing.add(families, u.domain, group, u.level, (reform - served) * u.county_share * spread, planned=0.0)
        if served:
            standing.add(families, GENERAL, TASK_FORCE, "county", np.array([served]), planned=0.0)
        pulled -= served


def _move(
    standing: Standing, moves: str, units: set[str], most: float, group: str, level: str,
    spread: np.ndarray, slowness: float = 1.0,
) -> float:  # fmt: skip
    """Move the families that move so from units to a group, all of their work or as many minutes a year as given.

    Returns the minutes a year that moved.
    """
    families = {m.matter: m for m in standing.catalogue.matters if m.moves == moves and m.block != "reform"}
    if not families:
        return 0.0
    streams = standing.work.streams
    minutes = {f"{name}{twin}": m.case_minutes for name, m in families.items() for twin in ("", ".elastic")}
    rows = [i for i, s in enumerate(streams) if s.parts and s.parts[0].entry in units
            and any(p.matter in minutes for p in s.parts)]  # fmt: skip
    there = standing.catalogue.value("days_per_year") * sum(
        streams[i].per_day * p.share * minutes.get(p.matter, 0.0) for i in rows for p in streams[i].parts)
    moved = min(1.0, most / there) if there else 0.0
    taken: dict[str, float] = {}
    for i in rows:
        s, left = streams[i], {}
        for p in s.parts:
            rate = s.per_day * p.share
            gone = rate * moved if p.matter in minutes else 0.0
            left[p] = rate - gone
            taken[p.matter] = taken.get(p.matter, 0.0) + gone
        per_day = sum(left.values())
        parts = tuple(replace(p, share=rate / per_day) for p, rate in left.items() if rate > 0.0)
        streams[i] = replace(s, per_day=per_day, parts=parts)
    for m in families.values():
        standing.matters(m, group, group, slowness)
    per_day = sum(taken.values())
    parts = tuple(Part(matter, rate / per_day, group) for matter, rate in taken.items() if rate > 0.0)
    driver = next(iter(families.values())).driver
    for site, rate in enumerate((per_day * spread).tolist()):
        if rate > 0.0:
            streams.append(Stream(
                id=f"{group}/{standing.at.names[level][site]}", parts=parts, per_day=rate, driver=driver,
                place=int(standing.at.place[level][site]), profile=STANDING_HOURS))  # fmt: skip
    return there * moved


def add_staff_work_of_the_away(
    work: Work, settings: Any, catalogue: Catalogue, at: Sites, people: dict[str, np.ndarray]
) -> None:
    """Coordination, personnel and party work of those who have their place of work away from a desk."""
    standing = standing_work(settings, catalogue, at, work)
    year = catalogue.value("available_minutes_per_post")
    for group, level in ((STATION, "middle"), (TASK_FORCE, "county")):
        for families in catalogue.streams("staff").values() if group in people else ():
            minutes = people[group] * settings.world.staff_time_share * year
            standing.add(families, GENERAL, group, level, minutes, planned=0.0)


def add_inherited_work_of_the_away(
    work: Work, settings: Any, catalogue: Catalogue, units: tuple[Unit, ...], at: Sites, away: Away
) -> None:
    """Steps of stations and task forces where there are none, for what is open when people return to their desks.

    The level above the communities carries the stations' work on, the office of the general office's domain the task
    forces'.
    """
    standing = standing_work(settings, catalogue, at, work)
    middle = next(u.unit for u in units if u.level == "middle" and u.unit == u.parent)
    office = next((u for u in units if u.kind == "department" and u.domain == "general_office"), units[0]).unit
    for m in catalogue.matters:
        is_staff = m.block == "staff"
        if (m.moves == BELOW or is_staff) and not away.is_below:
            standing.matters(m, STATION, middle)
        if (m.moves == TASK_FORCE or is_staff) and not away.task_force.any():
            standing.matters(m, TASK_FORCE, office)


def roster_below(office: Roster, travel_minutes: float) -> Roster:
    """A rotating official's day below: the office's hours less the way there and back."""
    windows = list(office.windows)
    start, end = windows[0]
    windows[0] = (start + travel_minutes / 2.0, end)
    start, end = windows[-1]
    windows[-1] = (start, end - travel_minutes / 2.0)
    return replace(office, id=BELOW, windows=tuple(windows))
