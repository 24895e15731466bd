"""What the sources say about the county, side by side where they disagree: `evidence.csv` of its data folder.

A row is one statement: what, value, unit, to which time it refers, who says so, how far it is trusted, which
other statements it conflicts with, how it is read, and what uses it. `used_by` names places, separated by `; `:

- `levers.grids` (any path of `[levers]`, `[world]`, `[behaviour]`): a number that rests on the statement;
  `levers.grids@lean40` its value at that scenario's start, `levers.grids@lean40:2025-12-31` its value on a day;
- `constants.csv:reference_posts` a constant, `matters.csv:volume` the sum of a column (of text: how many different
  words), `units.csv[structure=lean;kind=department]:count` that of some rows only;
- `target` (compared with results, never an input), `part 2` (a mechanism that does not exist yet), `context`.

A place that begins with `=` takes the statement's value as it is; a test compares the two.
"""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from sim.scenario.plan import Plan, load
from sim.scenario.problems import Problem, ScenarioError, fields_of, nearest
from sim.scenario.register import register
from sim.scenario.schema import REFORMABLE, Scenario

FILE = "evidence.csv"
TRUSTS = ("sourced", "derived", "assumed", "from memory")
"""Stated by a document that was read, arithmetic on such statements, a guess, remembered and not read again."""
WORDS = ("target", "part 2", "context")
"""Uses that are no place of a number."""
_PLACE = re.compile(
    r"(?P<exact>=?)(?:(?P<file>\w+\.csv)(?:\[(?P<rows>[^\]]+)\])?:(?P<column>\w+)"
    r"|(?P<path>(?:levers|world|behaviour)\.[\w.]+)(?:@(?P<scenario>[\w/]+)(?::(?P<day>\d{4}-\d\d-\d\d))?)?)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of one source; `value` is a number, or words where the source gives none."""

    id: str
    what: str
    value: str
    unit: str
    refers_to: str
    source: str
    trust: str
    conflicts: tuple[str, ...]
    reading: str
    used_by: tuple[str, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Places that take the value as it is."""
        return tuple(place[1:] for place in self.used_by if place.startswith("="))

    @property
    def places(self) -> tuple[str, ...]:
        """All places of numbers, exact or not."""
        return tuple(place.removeprefix("=") for place in self.used_by if place not in WORDS)


def read_evidence(folder: str | Path) -> tuple[Statement, ...]:
    """Statements of a county's data folder; none when it has no such file.

    Raises:
        ScenarioError: with everything that is wrong in the table itself.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        return ()
    columns = [f.name for f in fields(Statement)]
    problems: list[Problem] = []
    statements: list[Statement] = []
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != columns:
            raise ScenarioError(Problem(f"has the columns {reader.fieldnames}", "", str(path), ", ".join(columns)))
        for row in reader:
            if None in row or None in row.values():
                problems.append(Problem("has too many or too few cells", f"row {row['id']}", str(path)))
                continue
            lists = {"conflicts": tuple(row["conflicts"].split()), "used_by": tuple(row["used_by"].split("; "))}
            statements.append(Statement(**{**row, **lists}))
    problems += [Problem(p.message, p.key, str(path), p.allowed, p.nearest) for p in _check(statements)]
    if problems:
        raise ScenarioError(problems)
    return tuple(statements)


def _check(statements: Sequence[Statement]) -> Iterable[Problem]:
    by_id = {s.id: s for s in statements}
    if len(by_id) < len(statements):
        yield Problem("an id appears twice")
    for s in statements:
        key = f"row {s.id}"
        if not re.fullmatch(r"[A-Z][0-9]+[a-z]?", s.id):
            yield Problem(f'"{s.id}" is no id', key, allowed="a letter and a number, such as B10 or B10a")
        for name in ("what", "value", "refers_to", "source"):
            if not getattr(s, name).strip():
                yield Problem("is empty", f"{key}: column {name}")
        if s.trust not in TRUSTS:
            yield Problem(f'"{s.trust}" is no degree of trust', f"{key}: column trust", allowed=", ".join(TRUSTS))
        for other in s.conflicts:
            if other not in by_id or other == s.id:
                yield Problem(f"no other row is called {other}", f"{key}: column conflicts", "",
                              "ids of other rows", nearest(other, by_id))  # fmt: skip
            elif s.id not in by_id[other].conflicts:
                yield Problem(f"row {other} does not name it back", f"{key}: column conflicts")
        if s.conflicts and not s.reading:
            yield Problem("a conflict needs a reading", f"{key}: column reading")
        for place in s.used_by:
            if place not in WORDS and not _PLACE.fullmatch(place):
                yield Problem(f'"{place}" is no place', f"{key}: column used_by", "",
                              f"{', '.join(WORDS)}, a path or file.csv:column")  # fmt: skip


# --- places of numbers ---


def value_at(place: str, folder: str | Path) -> Any:
    """Number, switch or word at a place.

    Args:
        place: as in `used_by`, with or without `=`.
        folder: data folder of the county, for tables.

    Raises:
        LookupError: there is no such place.
    """
    found = _PLACE.fullmatch(place)
    if found is None:
        raise LookupError(f"{place} is no place")
    if found["file"]:
        return _of_table(Path(folder) / found["file"], found["rows"] or "", found["column"])
    here: Any = Scenario()
    if found["scenario"]:
        plan = load(found["scenario"])
        here = plan.settings(datetime.date.fromisoformat(found["day"]) if found["day"] else plan.scenario.run.start)
    section, *rest = found["path"].split(".")
    here = getattr(here, section)
    for name in rest:
        if name not in fields_of(type(here)):
            raise LookupError(f"{place}: {type(here).__name__} has no {name}")
        here = getattr(here, name)
    return here


def _of_table(path: Path, rows: str, column: str) -> float:
    lines = _table(path)
    if path.name == "constants.csv":
        rows, column = f"name={column}", "value"
    for condition in rows.split(";") if rows else ():
        name, _, wanted = condition.partition("=")
        lines = [line for line in lines if wanted in line[name].split()]
    if not lines:
        raise LookupError(f"{path.name}[{rows}] has no rows")
    if column not in lines[0]:
        raise LookupError(f"{path.name} has no column {column}")
    try:
        return sum(float(line[column] or 0) for line in lines)
    except ValueError:
        return len({word for line in lines for word in line[column].split()})


@lru_cache(maxsize=16)
def _table(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        raise LookupError(f"there is no {path.name}")
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


# --- conflicts ---


def conflicts(statements: Sequence[Statement]) -> list[tuple[Statement, ...]]:
    """Groups of statements that conflict with each other, directly or through others, in the table's order."""
    by_id = {s.id: s for s in statements}
    groups, seen = [], set()
    for s in statements:
        if not s.conflicts or s.id in seen:
            continue
        group, todo = set(), [s.id]
        while todo:
            one = todo.pop()
            if one not in group:
                group.add(one)
                todo += by_id[one].conflicts
        seen |= group
        groups.append(tuple(other for other in statements if other.id in group))
    return groups


def conflicts_in_force(plan: Plan) -> list[dict[str, Any]]:
    """Conflicting statements behind numbers of a plan: `numbers`, `statements`, `readings` of each group.

    A path counts when the plan's register lists it; a table of the county counts in every county.
    """
    if plan.data_folder is None:
        return []
    paths = {row["path"] for row in register(plan)} | {reform.what for reform in plan.scenario.reforms}
    found = []
    for group in conflicts(read_evidence(plan.data_folder)):
        places = dict.fromkeys(p.partition("@")[0] for s in group for p in s.places)
        numbers = [p for p in places if p.split(".")[0] not in REFORMABLE or p in paths]
        if numbers:
            found.append({
                "numbers": numbers,
                "statements": [{"id": s.id, "what": s.what, "value": s.value, "unit": s.unit,
                                "refers_to": s.refers_to, "source": s.source} for s in group],
                "readings": list(dict.fromkeys(s.reading for s in group if s.reading)),
            })  # fmt: skip
    return found
