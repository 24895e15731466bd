"""The county's data: six CSV tables, read and checked into frozen dataclasses.

Tables (docs/DATA.md): `constants`, `places`, `units`, `matters`, `routes`, `organizations`. Every row says
where its numbers come from and whether they are sourced, derived or assumed. Whatever is wrong is collected
and raised once as a `ScenarioError` that names file, row and column.
"""

from __future__ import annotations

import csv
import math
from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, get_type_hints

from sim.scenario.catalogue_checks import check
from sim.scenario.catalogue_rows import (
    STATUSES,
    Catalogue,
    Community,
    Constant,
    MatterFamily,
    OrganizationField,
    RouteStep,
    Unit,
)
from sim.scenario.problems import Problem, ScenarioError, nearest

__all__ = ["Catalogue", "MatterFamily", "RouteStep", "Unit", "read_catalogue"]

TABLES: dict[str, tuple[str, type]] = {
    "constants": ("constants.csv", Constant),
    "communities": ("places.csv", Community),
    "units": ("units.csv", Unit),
    "matters": ("matters.csv", MatterFamily),
    "routes": ("routes.csv", RouteStep),
    "organizations": ("organizations.csv", OrganizationField),
}


def read_catalogue(folder: str | Path) -> Catalogue:
    """Read and check the county's tables.

    Args:
        folder: directory with the six CSV files.

    Raises:
        ScenarioError: a file, row or column is missing or wrong; lists everything found.
    """
    folder = Path(folder)
    try:
        contents = tuple((folder / file).read_bytes() for file, _ in TABLES.values())
    except OSError:
        return _read_catalogue(folder, ())                  # which names the file
    return _read_catalogue(folder, contents)


@lru_cache(maxsize=4)
def _read_catalogue(folder: Path, contents: tuple[bytes, ...]) -> Catalogue:
    """Read the tables; `contents` is what they hold, so that a file that was edited is read anew."""
    problems: list[Problem] = []
    tables = {name: _read(folder / file, row, problems) for name, (file, row) in TABLES.items()}
    if problems:
        raise ScenarioError(problems)
    catalogue = Catalogue(**tables)
    problems = list(check(catalogue))
    if problems:
        raise ScenarioError([replace(p, file=str(folder / p.file)) for p in problems])
    return catalogue


def _read(path: Path, row_type: type, problems: list[Problem]) -> tuple[Any, ...]:
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            lines = [(reader.line_num, cells) for cells in reader if cells]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.append(Problem(f"cannot be read as UTF-8 CSV: {error}", file=str(path)))
        return ()
    columns = [f.name for f in fields(row_type)]
    head = lines[0][1] if lines else []
    for name in head:
        if name not in columns:
            problems.append(
                Problem("unknown column", f"column {name}", str(path), nearest=nearest(name, columns))
            )
    for name in columns:
        if name not in head:
            problems.append(Problem("column is missing", f"column {name}", str(path)))
    if len(set(head)) != len(head):
        problems.append(Problem("a column appears twice", file=str(path)))
    if not lines or sorted(head) != sorted(columns):
        return ()
    types = get_type_hints(row_type)
    rows = []
    for number, cells in lines[1:]:
        if len(cells) != len(head):
            message = f"has {len(cells)} cells, the head has {len(head)}"
            problems.append(Problem(message, f"row {number}", str(path)))
            continue
        given = dict(zip(head, cells, strict=True))
        values, before = {}, len(problems)
        for name in columns:
            try:
                values[name] = _cell(given[name].strip(), types[name])
            except ValueError as error:
                problems.append(Problem(str(error), f"row {number}: column {name}", str(path)))
        if values.get("status", "") not in STATUSES:
            problems.append(
                Problem(f'"{given["status"]}" is no status', f"row {number}: column status", str(path),
                        allowed=", ".join(STATUSES)))  # fmt: skip
        if not given["source"].strip():
            problems.append(Problem("every row names its source", f"row {number}: column source", str(path)))
        if len(problems) == before:
            rows.append(row_type(**values))
    if not rows and not problems:
        problems.append(Problem("has no rows", file=str(path)))
    return tuple(rows)


def _cell(text: str, kind: Any) -> Any:
    if kind is str:
        return text
    if kind is bool:
        if text not in ("yes", "no"):
            raise ValueError(f'"{text}" is not yes or no')
        return text == "yes"
    if kind == tuple[str, ...]:
        return tuple(text.split())
    if kind == tuple[int, ...]:
        return tuple(_number(part, int) for part in text.split())
    return _number(text, kind)


def _number(text: str, kind: type) -> Any:
    try:
        value = kind(text)
    except ValueError:
        raise ValueError(f'"{text}" is not a {"whole " if kind is int else ""}number') from None
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{text} is not a number of zero or more")
    return value
