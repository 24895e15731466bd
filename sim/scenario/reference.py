"""The reference part of `docs/SCENARIOS.md`, written from the schema so that it cannot drift.

`python -m sim.scenario.reference docs/SCENARIOS.md` writes it anew between its two marks.
"""

from __future__ import annotations

import typing
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from sim.scenario import textbook
from sim.scenario.behaviour import Behaviour
from sim.scenario.generated import write_document
from sim.scenario.levers import Levers, Transfer
from sim.scenario.problems import fields_of, item_of, members, shown
from sim.scenario.schema import CountySection, Reform, Run, Scenario
from sim.scenario.world import World

BEGIN = "<!-- reference: written by `python -m sim.scenario.reference docs/SCENARIOS.md` -->"
END = "<!-- end of reference -->"

TOP = ("schema", "title", "title_zh", "description", "sources")
TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("`[run]`", Run),
    ("`[county]`", CountySection),
    ("`[world]`", World),
    ("`[levers]`", Levers),
    ("`[levers.transfer]`", Transfer),
    ("`[behaviour]`", Behaviour),
    ("`[[reforms]]`", Reform),
    ("`[[posts]]`", textbook.Post),
    ("`[[scopes]]`", textbook.ScopeTable),
    ("`[[officials]]`", textbook.OfficialTable),
    ("`[[matters]]`", textbook.MatterTable),
    ("`[[matters.steps]]`", textbook.StepTable),
    ("`next` of a step", textbook.NextTable),
)
INHERITANCE = """| key | meaning | unit, range | default |
|---|---|---|---|
| `extends` | Built-in name, or path relative to this file, of the scenario whose values hold unless stated here. | text |  |
| `drop_reforms` | Paths whose inherited reforms are removed; `["*"]` removes all. | list of text |  |
"""  # noqa: E501 - a table's row cannot be broken


def reference() -> str:
    """All keys of the language as Markdown tables."""
    parts = ["### Top of the file\n", INHERITANCE.rstrip() + "\n" + _rows(Scenario, TOP)]
    for title, model in TABLES:
        parts += [f"### {title}\n", f"{_own_words(model)}\n", _table(model)]
    parts += ["### Arrivals\n", "`arrivals = { law = \"...\", ... }` of a matter is one of these.\n"]
    parts += [_laws(textbook.ARRIVALS)]
    parts += ["### Laws of minutes\n", "For `service` and `patience`: `{ law = \"...\", ... }`.\n"]
    parts += [_laws(textbook.LAWS)]
    return "\n".join(parts)


def _own_words(model: type[BaseModel]) -> str:
    text = (model.__doc__ or "").split("\n")[0]
    head, _, rest = text.partition(": ")
    text = rest if head.startswith("`") and rest else text
    return text[0].upper() + text[1:]


def _table(model: type[BaseModel], leave_out: tuple[str, ...] = ()) -> str:
    keys = tuple(key for key in fields_of(model) if key not in leave_out)
    return "| key | meaning | unit, range | default |\n|---|---|---|---|\n" + _rows(model, keys)


def _rows(model: type[BaseModel], keys: tuple[str, ...]) -> str:
    fields = fields_of(model)
    lines = []
    for key in keys:
        meaning = " ".join((fields[key].description or "").split())
        cells = (f"`{key}`", meaning, _range(fields[key]), _default(fields[key]))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    return "".join(lines)


def _laws(laws: tuple[type[BaseModel], ...]) -> str:
    lines = ["| law | key | meaning | unit, range | default |\n|---|---|---|---|---|\n"]
    for model in laws:
        fields = fields_of(model)
        name = typing.get_args(fields["law"].annotation)[0]
        lines.append(f"| `{name}` | | {_own_words(model)} | | |\n")
        rest = tuple(key for key in fields if key != "law")
        lines += [f"| {row}" for row in _rows(model, rest).splitlines(keepends=True)]
    return "".join(lines)


def _range(field: FieldInfo) -> str:
    extra: Any = field.json_schema_extra
    kind = members(field.annotation)[0]
    options = typing.get_args(kind) if typing.get_origin(kind) is typing.Literal else ()
    if isinstance(extra, dict) and "unit" in extra:
        unit = extra["unit"]
        if options:
            return f"{unit}: {', '.join(map(str, options))}"
        if not extra["bounded"]:
            return f"{unit}, each 0 to 1, sum 1"
        above, high = extra["above"], plain(extra["at_most"])
        low = plain(extra["at_least"]) if above is None else f"above {plain(above)}"
        span = f"{low} to {high}"
        if extra["status"] != "chosen":
            span += f"; plausible {plain(extra['low'])} to {plain(extra['high'])}; {extra['status']}"
        whole = "whole number, " if kind is int else ""
        return f"{unit}, {whole}{span}"
    if options:
        return ", ".join(shown(option) for option in options)
    if kind is bool:
        return "true, false"
    if typing.get_origin(kind) is tuple:
        inner = item_of(field.annotation)
        is_table = any(isinstance(m, type) and issubclass(m, BaseModel) for m in members(inner))
        return "list of tables" if is_table else "list"
    if typing.get_origin(kind) is dict or (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return "table"
    return {"date": "date", "str": "text", "int": "whole number"}.get(getattr(kind, "__name__", ""), "")


def plain(number: float) -> str:
    """A number with commas and without an exponent."""
    return f"{number:,}" if isinstance(number, int) else f"{number:,.15g}"


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined:
        return "required"
    if value is None or value == "" or value == () or value == {} or isinstance(value, BaseModel):
        return ""
    return shown(list(value) if isinstance(value, tuple) else value)


def with_reference(text: str) -> str:
    """A document with the reference between its marks written anew.

    Raises:
        ValueError: when the document lacks the marks.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document lacks the lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


if __name__ == "__main__":
    write_document(reference, with_reference)
