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
    GONE_REASONS,
    MOVES,
    OFFICE,
    ONLINE_ROUTE,
    SAFETY,
    TOWNSHIP_WORK,
    WORKS,
    Catalogue,
    MatterFamily,
    RouteStep,
)
from sim.scenario.county_families import SHARE, unkept
from sim.scenario.network import ATTENTION_CLASSES
from sim.scenario.problems import Problem, nearest
from sim.scenario.structures import (
    ROLES,
    ROW_REFORMS,
    STRUCTURES,
    Groups,
    Structure,
    all_structures,
    condition_error,
    steps_of,
    units_of,
)

NEEDED = (
    "reference_residents", "business_share", "reference_posts", "conventional_reference_share",
    "lean_reference_share", "available_minutes_per_post", "days_per_year",
    "community_workers_per_10000", "community_standing_share", "grid_standing_share", "reference_grids",
    "off_quota_per_post", "digital_reference_share", "transferable_functions", "founded_per_maturity",
    "in_house_share", "devolved_done_share",
)  # fmt: skip
"""Constants that the network is built from."""
WORDS = f"{', '.join(STRUCTURES + ROW_REFORMS)}, and not before a word"

LEVEL_OF_KIND = {"township": "middle", "joint_committee": "middle", "centre": "middle"}


def check(catalogue: Catalogue) -> Iterator[Problem]:
    """Everything that is wrong between the tables; files are named without their folder."""
    found = list(_tables(catalogue))
    yield from found or _county_work(catalogue)


def _tables(catalogue: Catalogue) -> Iterator[Problem]:
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
    yield from _township_work(catalogue)
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
        if u.leaders and u.is_front_line:
            yield Problem("leaders sit in an office", f"row {u.unit}: column leaders", file)
        if u.count < 1:
            yield Problem("must be at least 1", f"row {u.unit}: column count", file)
        if u.kind in LEVEL_OF_KIND and u.level != LEVEL_OF_KIND[u.kind]:
            yield Problem(f"a {u.kind} stands at level middle", f"row {u.unit}: column level", file)
        if not u.is_front_line and u.parent != u.unit:
            yield Problem("an office is its own parent", f"row {u.unit}: column parent", file)
    for u in rows:
        if condition_error(u.when):
            yield Problem(condition_error(u.when), f"row {u.unit}: column when", file, WORDS)
            return
        if u.when and not u.is_front_line:
            message = "an office always exists: another unit's heir is looked for among offices"
            yield Problem(message, f"row {u.unit}: column when", file)
    for form in (s for s in all_structures() if s.name == structure):
        units = units_of(catalogue, form)
        for column in ("county_share", "tasking_share", "auxiliary_share"):
            total = sum(getattr(u, column) for u in units)
            if not math.isclose(total, 1.0, abs_tol=1e-4):
                yield Problem(f"the rows add up to {total:.6g} under {form}, not to 1", f"column {column}", file)


def _matters(catalogue: Catalogue) -> Iterator[Problem]:
    file = "matters.csv"
    rows = catalogue.matters
    yield from distinct(rows, file, "matter")
    routes = sorted({r.route for r in catalogue.routes})
    fields = [o.field for o in catalogue.organizations]
    domains = sorted({u.domain for u in catalogue.units})
    offices = {s: [u.unit for u in units_of(catalogue, Structure(s)) if u.unit == u.parent] for s in STRUCTURES}
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
        yield from one_of(m.moves, MOVES, m.matter, "moves", file)
        yield from one_of(m.safety, SAFETY, m.matter, "safety", file)
        if m.safety and (m.safety == "hazard") != (m.block == "requests"):
            message = f"{m.safety} in block {m.block}: hazards are reported or found, inspections are standing work"
            yield Problem(message, f"row {m.matter}: column safety", file)
        if not m.relieves and not m.functions:
            message = "a new service begins when its function is handed over, so it needs functions"
            yield Problem(message, f"row {m.matter}: column relieves", file)
        if m.functions:
            yield from one_of(m.organization_field, fields, m.matter, "organization_field", file)
        if m.block == "requests":
            yield from one_of(m.route, routes, m.matter, "route", file)
            for structure in STRUCTURES:
                for name in m.units(structure):
                    yield from one_of(name, offices[structure], m.matter, f"{structure}_units", file)
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


def _township_work(catalogue: Catalogue) -> Iterator[Problem]:
    """Every family of township work says where it goes without townships, and somebody is there to do it."""
    file = "matters.csv"
    units = {s: [u for u in units_of(catalogue, Structure(s)) if u.tasking_share] for s in STRUCTURES}
    for m in catalogue.matters:
        row, moves = f"row {m.matter}: column ", m.up_share + m.down_share
        if m.block != TOWNSHIP_WORK:
            for column in ("up_share", "down_share", "gone_reason"):
                if getattr(m, column):
                    message = f"only township work (block {TOWNSHIP_WORK}) moves up, down or is gone"
                    yield Problem(message, row + column, file, "0, and no reason")
            continue
        if not 0.0 < moves <= 1.0 + 1e-9:
            message = f"the parts that move up and down add up to {moves:g}; more than 0, or nobody does what remains"
            yield Problem(message, row + "up_share", file, "more than 0, at most 1")
        is_gone = moves < 1.0 - 1e-9
        yield from one_of(m.gone_reason, list(GONE_REASONS) if is_gone else [""], m.matter, "gone_reason", file)
        for structure, there in units.items():
            if not any(m.fits(u.domain) for u in there if u.kind == "department"):
                message = f"no department of the {structure} structure with a tasking_share works in this field"
                yield Problem(message, row + "domain", file)
            for u in there:
                if u.kind != "department" and not m.fits(u.domain):
                    message = f"{u.unit} faces every department, so its field belongs to every family"
                    yield Problem(message, row + "domain", file, u.domain)


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


def _county_work(catalogue: Catalogue) -> Iterator[Problem]:
    """Under every structure units' shares leave each family of county work the minutes that it has without reforms."""
    found: dict[MatterFamily, Structure] = {}       # what is wrong under many structures is said once
    for structure in all_structures():
        for m in unkept(catalogue, structure):
            found.setdefault(m, structure)
    for m, structure in found.items():
        message = (f"the units of its field cannot do what the conventional structure's do under {structure}: their "
                   f"{SHARE[m.block]} in units.csv is too small, or too large for the families of their field")
        yield Problem(message, f"row {m.matter}: column domain", "matters.csv")


def _routes(catalogue: Catalogue) -> Iterator[Problem]:
    file = "routes.csv"
    yield from distinct(catalogue.routes, file, "route", "when", "step")
    names = {u.unit for structure in all_structures() for u in units_of(catalogue, structure)}
    for r in catalogue.routes:
        row = f"{r.route} / {r.when} / {r.step}"
        if condition_error(r.when):
            yield Problem(condition_error(r.when), f"row {row}: column when", file, WORDS)
            return
        yield from one_of(r.channel, CHANNELS, row, "channel", file)
        yield from one_of(r.work, WORKS, row, "work", file)
        yield from one_of(r.group, (*ROLES, *sorted(names)), row, "group", file)
        if r.p_done + r.p_other > 1 + 1e-9:
            yield Problem("p_done and p_other exceed 1", f"row {row}: column p_done", file)
        if r.sign_share > 1:
            yield Problem("a share lies between 0 and 1", f"row {row}: column sign_share", file)
    found: dict[Problem, None] = {}         # what is wrong under many structures is said once
    for structure in all_structures():
        groups, routes = Groups(catalogue, structure), steps_of(catalogue, structure)
        for steps in routes.values():
            found |= dict.fromkeys(_way(steps, structure))
        for m in catalogue.matters:
            if m.block != "requests":
                continue
            if not any(s.channel == "window" for s in routes.get(m.route, ())):
                message = f"route {m.route} has no entry under {structure}"
                found[Problem(message, f"row {m.matter}: column route", file)] = None
            for s in routes.get(m.route, ()):
                minutes = {"contact": m.contact_minutes, "field": m.field_minutes, "case": m.case_minutes,
                           "all": m.full_minutes}.get(s.work, 1.0)  # fmt: skip
                if not minutes * s.work_share:
                    message = f"step {s.step} of route {m.route} spends them, here are none"
                    problem = Problem(message, f"row {m.matter}: column {s.work}_minutes", "matters.csv")
                    found[problem] = None
                try:
                    groups.of(s.group, m)
                except LookupError as error:
                    column = "lean_units" if "lean structure" in str(error) else "conventional_units"
                    message = f"route {s.route} {error.args[0]}"
                    found[Problem(message, f"row {m.matter}: column {column}", "matters.csv")] = None
    yield from found


def _way(steps: list[RouteStep], structure: Structure) -> Iterator[Problem]:
    """Problems of one route under one structure: steps that are missing, appear twice or never end."""
    file, names = "routes.csv", [s.step for s in steps]
    for s in steps:
        row = f"{s.route} / {s.when} / {s.step}"
        if names.count(s.step) > 1:
            yield Problem(f"more than one row of this step holds under {structure}", f"row {row}: column when", file)
        if s.p_done + s.p_other < 1 - 1e-9:
            yield from one_of(s.next, names, row, "next", file)
        if s.p_other > 0:
            yield from one_of(s.other, names, row, "other", file)
    done = {s.step for s in steps if s.p_done > 0}
    for _ in steps:
        done |= {s.step for s in steps if (s.p_done + s.p_other < 1 and s.next in done)}
        done |= {s.step for s in steps if s.p_other > 0 and s.other in done}
    for s in steps:
        if s.step not in done:
            message = "a request never ends from here"
            yield Problem(message, f"row {s.route} / {s.when} / {s.step}: column next", file)


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
