"""What the tables of a county must say to each other: references, sums, probabilities, routes that end."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from sim.scenario.catalogue_rows import (
    BLOCKS,
    CHANNELS,
    DRIVERS,
    FRONT_LINE,
    GENERAL,
    OFFICE,
    ONLINE_ROUTE,
    STRUCTURES,
    WORKS,
    Catalogue,
    MatterFamily,
    RouteStep,
    Unit,
)
from sim.scenario.network import ATTENTION_CLASSES
from sim.scenario.problems import Problem, nearest

NEEDED = (
    "reference_residents", "business_share", "reference_posts", "conventional_reference_share",
    "lean_reference_share", "available_minutes_per_post", "days_per_year", "tasking_up_share",
    "tasking_down_share",
    "community_workers_per_10000", "community_standing_share", "grid_standing_share", "reference_grids",
    "off_quota_per_post", "digital_reference_share", "transferable_functions", "founded_per_maturity",
)  # fmt: skip
"""Constants that the network is built from."""

LEVEL_OF_KIND = {"township": "middle", "joint_committee": "middle", "centre": "middle"}
KEYWORDS = {
    "conventional": (
        "lead",
        "second",
        "third",
        "window",
        "team",
        "second_team",
        "grid",
        "community",
        "organization",
    ),
    "lean": ("lead", "second", "third", "grid", "community", "organization"),
}


def check(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything that is wrong between the tables; files are named without their folder."""
    yield from _constants(catalogue)
    yield from distinct(catalogue.communities, "places.csv", "community")
    for c in catalogue.communities:
        if c.micro_grids < 1 or c.residents < 1:
            yield Problem(
                "needs a resident and a micro-grid", f"row {c.community}: column residents", "places.csv"
            )
    for structure in STRUCTURES:
        yield from _units(catalogue, structure)
    yield from _matters(catalogue)
    yield from _routes(catalogue)
    yield from distinct(catalogue.organizations, "organizations.csv", "field")
    for o in catalogue.organizations:
        if not o.staff_slots or min(o.staff_slots) < 1:
            message = "each organization needs at least one staff slot"
            yield Problem(message, f"row {o.field}: column staff_slots", "organizations.csv")


def _constants(catalogue: Catalogue) -> Iterator[Problem]:
    yield from distinct(catalogue.constants, "constants.csv", "name")
    names = [c.name for c in catalogue.constants]
    for name in NEEDED:
        if name not in names:
            yield Problem("is missing", f"row {name}: column name", "constants.csv")
    for c in catalogue.constants:
        if not c.low <= c.value <= c.high:
            message = f"{c.value:g} lies outside its own range {c.low:g} to {c.high:g}"
            yield Problem(message, f"row {c.name}: column value", "constants.csv")


def _units(catalogue: Catalogue, structure: str) -> Iterator[Problem]:
    file = "units.csv"
    rows = [u for u in catalogue.units if u.structure == structure]
    yield from distinct(rows, file, "structure", "unit")
    names = [u.unit for u in rows]
    others = {u.unit: u for u in catalogue.units if u.structure != structure and u.count == 1}
    for u in rows:
        yield from one_of(u.successor, list(others), u.unit, "successor", file)
        if u.successor in others:
            heir = others[others[u.successor].parent] if others[u.successor].parent in others else None
            if u.auxiliary_share and (heir is None or not heir.auxiliary_share):
                message = f"{u.successor} has no auxiliary work to carry on that of {u.unit}"
                yield Problem(message, f"row {u.unit}: column successor", file)
        yield from one_of(u.kind, OFFICE + FRONT_LINE, u.unit, "kind", file)
        yield from one_of(u.parent, names, u.unit, "parent", file)
        yield from one_of(u.overhead, ("unit", "institution", "none"), u.unit, "overhead", file)
        yield from one_of(u.level, ("county", "middle"), u.unit, "level", file)
        if u.count < 1:
            yield Problem("must be at least 1", f"row {u.unit}: column count", file)
        if u.kind in LEVEL_OF_KIND and u.level != LEVEL_OF_KIND[u.kind]:
            yield Problem(f"a {u.kind} stands at level middle", f"row {u.unit}: column level", file)
        if not u.is_front_line and u.parent != u.unit:
            yield Problem("an office is its own parent", f"row {u.unit}: column parent", file)
    for column in ("county_share", "tasking_share", "auxiliary_share"):
        total = sum(getattr(u, column) for u in rows)
        if not math.isclose(total, 1.0, abs_tol=1e-4):
            yield Problem(f"the {structure} rows add up to {total:.6g}, not to 1", f"column {column}", file)


def _matters(catalogue: Catalogue) -> Iterator[Problem]:
    file = "matters.csv"
    rows = catalogue.matters
    yield from distinct(rows, file, "matter")
    routes = sorted({r.route for r in catalogue.routes})
    fields = [o.field for o in catalogue.organizations]
    domains = sorted({u.domain for u in catalogue.units})
    for m in rows:
        yield from one_of(m.block, BLOCKS, m.matter, "block", file)
        yield from one_of(m.driver, DRIVERS, m.matter, "driver", file)
        yield from one_of(m.attention_class, ATTENTION_CLASSES, m.matter, "attention_class", file)
        for column in ("digital_share", "block_share", "least_share"):
            if getattr(m, column) > 1:
                yield Problem("a share lies between 0 and 1", f"row {m.matter}: column {column}", file)
        if m.deadline_minutes <= 0:
            yield Problem("must be more than 0", f"row {m.matter}: column deadline_minutes", file)
        for domain in m.domain or ("",):
            standing = (GENERAL,) if m.block != "requests" else ()
            yield from one_of(domain, (*standing, *domains), m.matter, "domain", file)
        if not m.relieves and not m.functions:
            message = "a new service begins when its function is handed over, so it needs functions"
            yield Problem(message, f"row {m.matter}: column relieves", file)
        if m.functions:
            yield from one_of(m.organization_field, fields, m.matter, "organization_field", file)
        if m.block == "requests":
            yield from one_of(m.route, routes, m.matter, "route", file)
            for structure in STRUCTURES:
                names = [u.unit for u in catalogue.units_of(structure)]
                for name in m.units(structure):
                    yield from one_of(name, names, m.matter, f"{structure}_units", file)
            if not m.volume_low <= m.volume <= m.volume_high or m.volume < 0:
                message = f"{m.volume:g} must not be negative and must lie in its own range"
                yield Problem(message, f"row {m.matter}: column volume", file)
        elif m.case_minutes <= 0:
            yield Problem("a standing task needs minutes", f"row {m.matter}: column case_minutes", file)
    yield from _streams(catalogue)
    listed, wanted = sum(m.functions for m in rows), catalogue.value("transferable_functions")
    if listed != wanted:
        yield Problem(
            f"add up to {listed}, the catalogue of functions has {wanted:g}", "column functions", file
        )


def _streams(catalogue: Catalogue) -> Iterator[Problem]:
    """Families of one stream arise from one process: from the same people, at the same hours, in one block."""
    file = "matters.csv"
    for stream, families in catalogue.streams(*BLOCKS).items():
        row = f"row {families[-1].matter}: column "
        for column in ("block", "driver"):
            if len({getattr(m, column) for m in families}) > 1:
                yield Problem(f"the families of stream {stream} name several", row + column, file)
        if len({m.route == ONLINE_ROUTE for m in families}) > 1:
            message = f"the families of stream {stream} arise partly at online hours; give them two streams"
            yield Problem(message, row + "route", file)
        if families[0].block != "requests" and not any(GENERAL in m.domain and m.block_share for m in families):
            message = f"stream {stream} needs a {GENERAL} family, so that the minutes of every unit go somewhere"
            yield Problem(message, row + "domain", file)


def _routes(catalogue: Catalogue) -> Iterator[Problem]:
    file = "routes.csv"
    yield from distinct(catalogue.routes, file, "route", "structure", "step")
    for r in catalogue.routes:
        row = f"{r.route} / {r.structure} / {r.step}"
        yield from one_of(r.structure, STRUCTURES, row, "structure", file)
        yield from one_of(r.channel, CHANNELS, row, "channel", file)
        yield from one_of(r.work, WORKS, row, "work", file)
        if r.structure in STRUCTURES:
            names = [u.unit for u in catalogue.units_of(r.structure)]
            yield from one_of(r.group, (*KEYWORDS[r.structure], *names), row, "group", file)
        steps = [s.step for s in catalogue.routes if (s.route, s.structure) == (r.route, r.structure)]
        if r.p_done + r.p_other > 1 + 1e-9:
            yield Problem("p_done and p_other exceed 1", f"row {row}: column p_done", file)
        if r.p_done + r.p_other < 1 - 1e-9:
            yield from one_of(r.next, steps, row, "next", file)
        if r.p_other > 0:
            yield from one_of(r.other, steps, row, "other", file)
    for m in catalogue.matters:
        for structure in STRUCTURES if m.block == "requests" else ():
            steps = [s for s in catalogue.routes if (s.route, s.structure) == (m.route, structure)]
            units = catalogue.units_of(structure)
            if not any(s.channel == "window" for s in steps):
                yield Problem(
                    f"route {m.route} has no {structure} entry", f"row {m.matter}: column route", file
                )
            for s in steps:
                minutes = {"contact": m.contact_minutes, "field": m.field_minutes, "case": m.case_minutes,
                           "all": m.full_minutes}.get(s.work, 1.0)  # fmt: skip
                if not minutes * s.work_share:
                    message = f"step {s.step} of {structure} route {m.route} spends them, here are none"
                    yield Problem(message, f"row {m.matter}: column {s.work}_minutes", "matters.csv")
                try:
                    unit_of_step(s, m, structure, units)
                except LookupError as error:
                    yield Problem(str(error), f"row {m.matter}: column {structure}_units", "matters.csv")
            yield from _ends(steps, m, structure)


def _ends(steps: list[RouteStep], m: MatterFamily, structure: str) -> Iterator[Problem]:
    done = {s.step for s in steps if s.p_done > 0}
    for _ in steps:
        done |= {s.step for s in steps if (s.p_done + s.p_other < 1 and s.next in done)}
        done |= {s.step for s in steps if s.p_other > 0 and s.other in done}
    for s in steps:
        if s.step not in done:
            message = f"matter {m.matter} never ends from here"
            yield Problem(message, f"row {s.route} / {structure} / {s.step}: column next", "routes.csv")


def unit_of_step(step: RouteStep, matter: MatterFamily, structure: str, units: tuple[Unit, ...]) -> str:
    """Group that serves a step of a matter: unit id, `grid`, `community` or `organization/<field>`.

    Raises:
        LookupError: the matter lacks the unit that the route needs, or that unit lacks the window or team.
    """
    if step.group in ("grid", "community"):
        return step.group
    if step.group == "organization":
        return f"organization/{matter.organization_field}"
    places = {"lead": 0, "second": 1, "third": 2, "window": 0, "team": 0, "second_team": 1}
    if step.group not in KEYWORDS[structure]:
        return step.group
    named = matter.units(structure)
    place = places[step.group]
    if place >= len(named):
        raise LookupError(f"route {step.route} needs a {step.group} unit in the {structure} structure")
    if step.group in ("lead", "second", "third"):
        return named[place]
    kind = step.group.removeprefix("second_")
    for u in units:
        if u.parent == named[place] and u.kind == kind:
            return u.unit
    raise LookupError(f"route {step.route} needs a {kind} of {named[place]}, units.csv has none")


def distinct(rows: Sequence[Any], file: str, *names: str) -> Iterator[Problem]:
    """Problems of rows that share the key that should tell them apart."""
    seen = set()
    for row in rows:
        key = tuple(getattr(row, name) for name in names)
        if key in seen:
            yield Problem("appears twice", f"row {' / '.join(map(str, key))}: column {names[-1]}", file)
        seen.add(key)


def one_of(value: str, allowed: Sequence[str], row: str, column: str, file: str) -> Iterator[Problem]:
    """Problem of a word that is none of the allowed ones."""
    if value not in allowed:
        listed = ", ".join(allowed) if len(allowed) <= 12 else f"{len(allowed)} names"
        yield Problem(
            f'"{value}" is unknown', f"row {row}: column {column}", file, listed, nearest(value, allowed)
        )
