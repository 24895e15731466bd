"""The evidence register: every number of a plan with its meaning, unit, range and source."""

from __future__ import annotations

from typing import Any

from sim.scenario.checks import reformable_paths
from sim.scenario.fields import STATUSES
from sim.scenario.plan import Plan
from sim.scenario.problems import fields_of

COLUMNS = ("path", "value", "unit", "low", "high", "source", "status", "sentence", "set_in")
"""Columns of the register."""
BETWEEN = "assumed between the bounds"
"""How a free date was chosen; the source of its bounds follows."""


def register(plan: Plan) -> list[dict[str, Any]]:
    """Rows of the evidence register, in the order of the schema, then the dated reforms, then their free dates.

    Each row has `COLUMNS`. A number that differs from the default has source and status from the file's
    `sources`: a text that begins with "assumed" or "derived" says so, any other is a source; without a text
    the number is assumed. A textbook scenario has only `behaviour.*`: the others are chosen, not found.
    """
    scenario = plan.scenario
    rows = []
    for path, (value, model, name) in reformable_paths(scenario).items():
        field = fields_of(type(model))[name]
        extra = field.json_schema_extra
        if not (isinstance(extra, dict) and "unit" in extra):
            continue
        if not plan.is_county and not path.startswith("behaviour."):
            continue
        text, status = extra["source"], extra["status"]
        if value != field.get_default(call_default_factory=True):
            text = scenario.sources.get(path, "")
            status = status_of(text)
        elif path in scenario.sources:
            text, status = scenario.sources[path], status_of(scenario.sources[path])
        rows.append(
            _row(
                path,
                value,
                extra,
                text or "set without a source",
                status,
                field.description,
                plan.origin.get(path),
            )
        )
    for i, reform in enumerate(scenario.reforms):
        _, model, name = reformable_paths(scenario)[reform.what]
        field = fields_of(type(model))[name]
        extra = field.json_schema_extra
        if not (isinstance(extra, dict) and "unit" in extra):
            continue
        how = f" over {reform.ramp_days} days" if reform.ramp_days else ""
        sentence = f"Changes on {reform.date}{how}. {reform.note}".strip()
        rows.append(
            _row(
                f"reforms.{reform.date}.{reform.what}", reform.to, extra,
                reform.source or "set without a source",
                status_of(reform.source), sentence, plan.origin.get(f"reforms[{i}]"),
            )
        )  # fmt: skip
    return rows + _free_dates(plan)


def _free_dates(plan: Plan) -> list[dict[str, Any]]:
    """Dates of reforms that nobody knows, by paths that `Plan.vary` takes: `reforms[3].date`."""
    rows = []
    for i, reform in enumerate(plan.scenario.reforms):
        if reform.earliest is not None:
            bounds = {"unit": "date", "low": reform.earliest, "high": reform.latest}
            sentence = f"Day on which {reform.what} changes to {reform.to}; only the bounds are known."
            source = f"{BETWEEN}: {reform.source}"
            path = f"reforms[{i}].date"
            rows.append(_row(path, reform.date, bounds, source, "assumed", sentence, plan.origin.get(f"reforms[{i}]")))
    return rows


def status_of(source: str) -> str:
    """Status that a source text claims: its first word, or `sourced`; `assumed` when there is no text."""
    first = source.strip().split(maxsplit=1)[0].rstrip(":;,.").casefold() if source.strip() else "assumed"
    if first == "assumption":
        return "assumed"
    return first if first in STATUSES else "sourced"


def _row(
    path: str, value: Any, extra: dict, source: str, status: str, sentence: str | None, set_in: str | None
) -> dict:
    words = (
        path,
        value,
        extra["unit"],
        extra["low"],
        extra["high"],
        source,
        status,
        sentence or "",
        set_in or "default",
    )
    return dict(zip(COLUMNS, words, strict=True))
