"""Which rows of the county's tables hold: structure and reforms in force x rows -> units and routes.

A row's `when` names what must be in force: words separated by spaces, all of which must hold; a word is a structure
or a reform of `[levers]`, and `not` before it asks for its absence. An empty `when` always holds. This is the only
place that reads `when`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import Any

from sim.scenario.catalogue_rows import Catalogue, MatterFamily, RouteStep, Unit

STRUCTURES = ("conventional", "lean")
ROW_REFORMS = ("one_seal", "one_team", "one_thing", "joint_duty", "enterprise_centre")
"""Reforms that choose rows of units.csv and routes.csv, by the name of their switch in `[levers]`."""
REFORMS = (*ROW_REFORMS, "modules")
"""All reforms of the structure; modules widen posts and choose no rows."""

LISTED = {"lead": 0, "second": 1, "third": 2}
"""Roles filled by the matter's own list of units in the structure."""
DEPARTMENTS = {"first_department": 0, "second_department": 1, "third_department": 2}
"""Roles filled by the matter's conventional departments, in the lean structure by those they were merged into."""
FRONT = {"window": ("window", 0), "team": ("team", 0), "second_team": ("team", 1)}
"""Roles filled by a department's window or squad, or by the one hall or the one team that took its place."""
BELOW = ("grid", "community", "organization")
ROLES = (*LISTED, *DEPARTMENTS, *FRONT, *BELOW)
BEFORE = {
    "second_department": "first_department",
    "third_department": "second_department",
    "second_team": "team",
}


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure and the reforms in force."""

    name: str
    reforms: frozenset[str] = frozenset()
    has_leaders: bool = False
    """Whether leaders have work and posts of their own (`behaviour.leaders`)."""

    def holds(self, when: str) -> bool:
        """Whether a condition holds."""
        words = iter(when.split())
        return all(
            (next(words) not in self._in_force) if word == "not" else word in self._in_force for word in words
        )

    @property
    def whole(self) -> Structure:
        """The structure as it is meant: conventional without reforms, lean with all of them."""
        return replace(self, reforms=frozenset(REFORMS if self.name == "lean" else ()))

    def __str__(self) -> str:
        return " ".join([self.name, *sorted(self.reforms)])

    @property
    def _in_force(self) -> frozenset[str]:
        return self.reforms | {self.name}


CONVENTIONAL = Structure("conventional")
"""The county without any reform: the comparison."""


def structure_of(settings: Any) -> Structure:
    """Structure and reforms that the settings put in force."""
    levers = settings.levers
    reforms = frozenset(name for name in REFORMS if getattr(levers, name))
    return Structure(levers.structure, reforms, settings.behaviour.leaders)


def all_structures() -> Iterator[Structure]:
    """Every combination of structure and reforms that may choose other rows."""
    for name in STRUCTURES:
        for n in range(len(ROW_REFORMS) + 1):
            for reforms in combinations(ROW_REFORMS, n):
                yield Structure(name, frozenset(reforms), has_leaders=True)


def condition_error(when: str) -> str:
    """What is wrong with a condition in words, or nothing."""
    words = when.split()
    for word, following in zip(words, [*words[1:], "not"], strict=False):
        if word == "not" and following == "not":
            return '"not" needs a word after it'
        if word != "not" and word not in STRUCTURES + ROW_REFORMS:
            return f'"{word}" is unknown'
    return ""


@lru_cache(maxsize=64)
def units_of(catalogue: Catalogue, structure: Structure) -> tuple[Unit, ...]:
    """Units that exist, a row of `count` alike units expanded into numbered ones with equal parts.

    The auxiliary work of a front-line unit is its office's: an office carries that of the front lines it has.
    """
    return _expanded(
        [u for u in catalogue.units if u.structure == structure.name and structure.holds(u.when)],
        structure.has_leaders,
    )


@lru_cache(maxsize=8)
def every_unit(catalogue: Catalogue, has_leaders: bool) -> tuple[Unit, ...]:
    """Units of all structures and reforms, expanded alike."""
    return _expanded(list(catalogue.units), has_leaders)


def _expanded(there: list[Unit], has_leaders: bool) -> tuple[Unit, ...]:
    if not has_leaders:
        there = [replace(u, leaders=0) for u in there if u.kind != "leadership"]
    of_front: dict[str, float] = {}
    for u in there:
        if u.is_front_line:
            of_front[u.parent] = of_front.get(u.parent, 0.0) + u.auxiliary_share
    expanded = []
    for u in there:
        auxiliary = 0.0 if u.is_front_line else round(u.auxiliary_share + of_front.get(u.unit, 0.0), 9)
        if u.count == 1:
            expanded.append(replace(u, auxiliary_share=auxiliary))
            continue
        share = {name: getattr(u, name) / u.count for name in ("county_share", "counterparts", "tasking_share")}
        for k in range(1, u.count + 1):
            name = f"{u.unit}_{k:02d}"
            expanded.append(
                replace(u, unit=name, parent=name, count=1, auxiliary_share=auxiliary / u.count, **share)
            )
    return tuple(expanded)


def steps_of(catalogue: Catalogue, structure: Structure) -> dict[str, list[RouteStep]]:
    """Steps of every route, in the order of the table."""
    routes: dict[str, list[RouteStep]] = {}
    for row in catalogue.routes:
        if structure.holds(row.when):
            routes.setdefault(row.route, []).append(row)
    return routes


class Groups:
    """Who serves the steps of a matter under one structure."""

    def __init__(self, catalogue: Catalogue, structure: Structure):
        """Look up units, front lines and successors once."""
        self.structure = structure
        self.units = {u.unit: u for u in units_of(catalogue, structure)}
        self._rows = {s: {u.unit: u for u in catalogue.units if u.structure == s} for s in STRUCTURES}
        self._front = {(u.parent, u.kind): u.unit for u in self.units.values() if u.is_front_line}
        self._gathered = {
            kind: next((u.unit for u in self.units.values() if u.kind == made), "")
            for kind, made, reform in (("window", "hall", "one_seal"), ("team", "team", "one_team"))
            if reform in structure.reforms
        }

    def of(self, role: str, matter: MatterFamily) -> str:
        """Group that fills a role for a matter: unit, `grid`, `community` or `organization/<field>`.

        Raises:
            LookupError: the matter lacks the unit that the role needs, or that unit lacks the window or team.
        """
        if role in ("grid", "community"):
            return role
        if role == "organization":
            return f"organization/{matter.organization_field}"
        if role in LISTED:
            named = matter.units(self.structure.name)
            if LISTED[role] >= len(named):
                raise LookupError(f"needs a {role} unit in the {self.structure.name} structure")
            return named[LISTED[role]]
        if role in DEPARTMENTS:
            return self._department(DEPARTMENTS[role], matter)
        if role in FRONT:
            kind, place = FRONT[role]
            if self._gathered.get(kind):
                return self._gathered[kind]
            department = self._department(place, matter)
            if (department, kind) not in self._front:
                raise LookupError(f"needs a {kind} of {department} where units.csv has none")
            return self._front[department, kind]
        if role not in self.units:
            raise LookupError(f"needs the unit {role}, which does not exist there")
        return role

    def level(self, group: str) -> str:
        """Level at which a group stands."""
        unit = self.units.get(group.removesuffix("/leaders"))
        if unit is not None:
            return unit.level
        return "organization" if "/" in group else group

    def leaders_of(self, group: str) -> str:
        """Group of the leaders who sign for a group, or nothing."""
        unit = self.units.get(group)
        office = self.units[unit.parent] if unit is not None else None
        return f"{office.unit}/leaders" if office is not None and office.leaders else ""

    def city_leaders(self) -> str:
        """Group of the city's leaders, or nothing."""
        return next((f"{u.unit}/leaders" for u in self.units.values() if u.kind == "leadership" and u.leaders), "")

    def mistaken_for(self, owner: str, matter: MatterFamily) -> str:
        """Department most easily mistaken for the owner: the matter's second unit, else the next one of the table."""
        departments = [u.unit for u in self.units.values() if u.kind == "department"]
        for name in matter.units(self.structure.name)[1:2]:
            if name != owner and name in departments:
                return name
        at = departments.index(owner) if owner in departments else -1
        return departments[(at + 1) % len(departments)]

    def is_in_house(self, role: str, matter: MatterFamily) -> bool:
        """Whether the department of a role was merged into the one that handled the matter before it."""
        return role in BEFORE and self.of(role, matter) == self.of(BEFORE[role], matter)

    def heir(self, u: Unit) -> str:
        """Unit that carries on the open work of one that may not exist here.

        In this order: itself, its successor in this structure, the same kind of front line at the office that carries
        its office on, the one hall or team, that office.
        """
        if u.unit in self.units:
            return u.unit
        is_other = u.structure != self.structure.name
        if is_other and u.successor in self.units:
            return u.successor
        rows = self._rows[u.structure]
        office = rows[u.parent].successor if is_other and u.parent in rows else u.parent
        kind = "window" if u.kind == "hall" else u.kind
        return self._front.get((office, kind)) or self._gathered.get(kind) or office

    def _department(self, place: int, matter: MatterFamily) -> str:
        named = matter.conventional_units
        if place >= len(named):
            raise LookupError(f"needs {place + 1} conventional departments")
        if self.structure.name == "conventional":
            return named[place]
        return self._rows["conventional"][named[place]].successor

