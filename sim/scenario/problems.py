"""What is wrong with a scenario, one line each: file, key, what was given, what is allowed, nearest key."""

from __future__ import annotations

import datetime
import difflib
import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Args:
        message: what was given and why it cannot be.
        key: path of the field, such as `levers.staffing_share`; empty when it concerns the whole file. A reform is
            told by date and what, `reforms[2020-09-17 levers.grids].to`, as its place counts inherited ones too.
        file: file (or built-in name) that set it.
        allowed: what would be right.
        nearest: the valid name that was probably meant.
    """

    message: str
    key: str = ""
    file: str = ""
    allowed: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        where = ": ".join(part for part in (self.file, self.key) if part)
        text = f"{where}: {self.message}" if where else self.message
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        if self.nearest:
            text += f"; did you mean {self.nearest}?"
        line = " ".join(text.split())
        return "".join(
            c if c.isprintable() else ascii(c)[1:-1] for c in line
        )  # no control codes on a terminal


class ScenarioError(ValueError):
    """A scenario cannot be used. `problems` lists everything that was found; `str()` is a line each of the first 20."""

    MOST_LINES = 20

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        lines = [str(problem) for problem in self.problems[:self.MOST_LINES]]
        if len(self.problems) > len(lines):
            lines.append(f"and {len(self.problems) - len(lines):,} more, some of which may follow from these")
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[Any, ...]:
        return (ScenarioError, (self.problems,))


def shown(value: Any) -> str:
    """A given value for a message, shortened."""
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list" if len(value) > 6 else "[" + ", ".join(shown(v) for v in value) + "]"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def listed(names: Sequence[Any]) -> str:
    """Names for a message, the first sixteen."""
    return ", ".join(str(name) for name in names[:16]) + (" ..." if len(names) > 16 else "")


def nearest(word: Any, words: Iterable[Any], alike: float = 0.75) -> str:
    """The word that was probably meant, or nothing: alike in that share of its letters, or the only one it begins."""
    known = {str(w).casefold(): str(w) for w in words}
    given = str(word)[:200].casefold()
    found = difflib.get_close_matches(given, list(known), n=1, cutoff=alike)
    begun = [w for w in known if len(given) >= 4 and w.startswith(given)]
    return known[found[0]] if found else known[begun[0]] if len(begun) == 1 else ""


def grouped(names: Sequence[str]) -> str:
    """Names of built-in scenarios for a message: those at the top by name, those of a folder by their number."""
    top = [name for name in names if "/" not in name]
    folders: dict[str, int] = {}
    for name in names:
        if "/" in name:
            folder = name.rsplit("/", 1)[0]
            folders[folder] = folders.get(folder, 0) + 1
    return ", ".join([*top, *(f"{folder}/… ({n})" for folder, n in folders.items())])


def key_text(location: Sequence[str | int], data: Any = None) -> str:
    """Path of a field for people: elements of arrays by their name if they have one, else by index."""
    text = ""
    here = data
    for part in location:
        if isinstance(here, list | tuple) and isinstance(part, int) and part < len(here):
            here = here[part]
            name = here.get("name") if isinstance(here, Mapping) else None
            text += f".{name}" if isinstance(name, str) and name.isprintable() else f"[{part}]"
            continue
        here = here.get(part) if isinstance(here, Mapping) else None
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


# --- what the schema knows about a field ---


def members(annotation: Any) -> list[Any]:
    """The types that an annotation stands for, without wrappers and None."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return members(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return [m for part in typing.get_args(annotation) for m in members(part) if m is not type(None)]
    return [annotation]


def model_of(annotation: Any, value: Any = None) -> type[BaseModel] | None:
    """The model behind an annotation; among several laws the one that `value` names."""
    models = [m for m in members(annotation) if isinstance(m, type) and issubclass(m, BaseModel)]
    if len(models) > 1 and isinstance(value, Mapping):
        models = [m for m in models if value.get("law") in typing.get_args(m.model_fields["law"].annotation)]
    return models[0] if models else None


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Fields of a model by the key that a file uses."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def item_of(annotation: Any) -> Any:
    """Type of the elements of a tuple or of the values of a dict, or None."""
    for member in members(annotation):
        if typing.get_origin(member) is tuple:
            return typing.get_args(member)[0]
    return None


def field_at(model: type[BaseModel], location: Location, data: Any = None) -> tuple[FieldInfo | None, Any]:
    """Field at a location and the annotation there; (None, None) when the schema has no such place."""
    annotation: Any = model
    field: FieldInfo | None = None
    here = data
    for part in location:
        if isinstance(part, int):
            annotation = item_of(annotation)
            here = here[part] if isinstance(here, list | tuple) and part < len(here) else None
        else:
            inner = model_of(annotation, here)
            if inner is None or part not in fields_of(inner):
                return None, None
            field = fields_of(inner)[part]
            annotation = field.annotation
            here = here.get(part) if isinstance(here, Mapping) else None
        if annotation is None:
            return None, None
    return field, annotation


def _digits(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:,.15g}"


def range_text(extra: Mapping[str, Any]) -> str:
    """Hard limits and unit of a number."""
    unit = extra["unit"]
    if not extra.get("bounded", True):
        return f"({unit})"
    low = f"more than {_digits(extra['above'])}" if extra["above"] is not None else _digits(extra["at_least"])
    high = _digits(extra["at_most"])
    return f"{low}{', at most ' if extra['above'] is not None else ' to '}{high} ({unit})"


def allowed_text(field: FieldInfo | None, annotation: Any) -> str:
    """What a field accepts, in words."""
    kinds = members(annotation) if annotation is not None else []
    extra = field.json_schema_extra if field is not None else None
    extra = extra if isinstance(extra, dict) and "unit" in extra else None
    for kind in kinds:
        if typing.get_origin(kind) is typing.Literal:
            return ", ".join(shown(v) for v in typing.get_args(kind))
        if kind is bool:
            return "true or false"
        if kind is int:
            return "a whole number" + (f", {range_text(extra)}" if extra else "")
        if kind is float:
            return "a number" + (f", {range_text(extra)}" if extra else "")
        if kind is str:
            return "text in quotes"
        if kind is datetime.date:
            return "a date such as 2020-09-18"
        if kind is datetime.datetime:
            return 'a moment such as "2020-01-03 15:00"'
        if typing.get_origin(kind) is tuple:
            return "a list" + (f" of {extra['unit']}" if extra else "")
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return "a table with " + listed([*fields_of(kind)])
    return ""


# --- from pydantic's errors ---


def _location(error_location: Location, data: Any) -> Location:
    """Location in the file: without the names of laws that pydantic adds."""
    here, kept = data, []
    last = len(error_location) - 1
    for i, part in enumerate(error_location):
        if isinstance(part, str) and isinstance(here, Mapping):
            is_law = here.get("law") == part and part not in here and i < last
            if is_law:
                continue
            here = here.get(part)
        elif isinstance(part, int) and isinstance(here, list | tuple) and part < len(here):
            here = here[part]
        else:
            here = None
        kept.append(part)
    return tuple(kept)


def _hint(value: Any, field: FieldInfo | None) -> str:
    extra = field.json_schema_extra if field is not None else None
    unit = extra.get("unit", "") if isinstance(extra, dict) else ""
    if isinstance(value, str):
        text = value.strip()
        if text.endswith(("%", "％")):
            return " (write 0.40 for 40 %)"
        try:
            float(text.replace(",", ""))
        except ValueError:
            return ""
        return " (write the number in plain digits without quotes)"
    if unit.startswith("share") and isinstance(value, int | float) and 1 < value <= 100:
        return f" (write {value / 100:g} for {value:g} %)"
    return ""


def _problem(model: type[BaseModel], error: Mapping[str, Any], location: Location, data: Any) -> Problem:
    kind, value = error["type"], error["input"]
    key = key_text(location, data)
    if kind == "extra_forbidden":
        parent = model_of(field_at(model, location[:-1], data)[1] if location[:-1] else model,
                          _at(data, location[:-1]))  # fmt: skip
        known = fields_of(parent) if parent is not None else {}
        guess = nearest(location[-1], known)
        if guess:
            text = allowed_text(known[guess], known[guess].annotation)
            return Problem("unknown key", key, nearest=f"{guess} ({text})" if text else guess)
        return Problem("unknown key", key, allowed=listed([*known]) or "nothing here")
    field, annotation = field_at(model, location, data)
    allowed = allowed_text(field, annotation)
    if kind == "missing":
        return Problem("is missing", key, allowed=allowed)
    if kind == "union_tag_not_found":
        laws = [typing.get_args(m.model_fields["law"].annotation)[0] for m in members(annotation)]
        text = (
            "no law is given" if isinstance(value, Mapping) else f"{shown(value)} is not a table with a law"
        )
        return Problem(text, key, allowed="law = " + ", ".join(f'"{law}"' for law in laws))
    if kind == "union_tag_invalid":
        laws = [typing.get_args(m.model_fields["law"].annotation)[0] for m in members(annotation)]
        given = value.get("law") if isinstance(value, Mapping) else value
        guess = nearest(given, laws)
        quoted = ", ".join(f'"{law}"' for law in laws)
        return Problem(
            f"unknown law {shown(given)}", f"{key}.law", allowed=quoted, nearest=guess and f'"{guess}"'
        )
    if kind == "literal_error":
        options = [v for m in members(annotation) for v in typing.get_args(m)]
        guess = nearest(value, options, alike=0.6) if isinstance(value, str) else ""
        return Problem(
            f"{shown(value)} is none of the choices", key, allowed=allowed, nearest=guess and f'"{guess}"'
        )
    if kind in ("value_error", "assertion_error"):
        return Problem(f"{shown(value)}: {error['msg'].removeprefix('Value error, ')}", key)
    if kind in ("too_long", "too_short", "string_too_long"):
        bound = re.search("at (?:least|most) [0-9]+", error["msg"])
        unit = "characters" if isinstance(value, str) else "entries"
        return Problem(f"{len(value)} {unit}", key, allowed=f"{bound.group()} {unit}" if bound else error["msg"])
    if kind in ("tuple_type", "model_type", "model_attributes_type", "dict_type"):
        return Problem(f"{shown(value)} has the wrong type", key, allowed=allowed or "a table")
    if kind in ("greater_than_equal", "less_than_equal") and allowed in ("a number", "a whole number"):
        allowed += ", " + error["msg"].removeprefix("Input should be ")     # an element of a list
    return Problem(f"{shown(value)} is not allowed{_hint(value, field)}", key, allowed=allowed)


def _at(data: Any, location: Location) -> Any:
    for part in location:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def found_by_pydantic(
    model: type[BaseModel], error: ValidationError, data: Any
) -> tuple[list[Problem], list[tuple[str, Location]]]:
    """Problems of a failed validation, and for each the kind of error and its location in `data`."""
    problems, places = [], []
    for one in error.errors(include_url=False, include_context=False):
        location = _location(one["loc"], data)
        problems.append(_problem(model, one, location, data))
        places.append((one["type"], location))
    return problems, places
