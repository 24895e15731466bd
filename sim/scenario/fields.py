"""How a field of a scenario is declared: strict types, allowed range, and where its number comes from.

Every numeric field says its unit, the hard limits outside which a value is refused, the plausible range
(the input space of a sensitivity analysis), its source, and whether it is sourced, derived, assumed, or
chosen (settings of a run and of textbook queues, which claim nothing about the world). The attribute's
docstring is its meaning. `sim.scenario.register` and `sim.scenario.reference` read all of this.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

STATUSES = ("sourced", "derived", "assumed", "chosen")
"""What a number rests on."""

EARLIEST = datetime.date(1990, 1, 1)
LATEST = datetime.date(2100, 12, 31)


class Section(BaseModel):
    """Base of all parts of a scenario: frozen, no unknown keys, no silent change of type."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        validate_default=True,
    )


def number(
    default: Any = ...,
    *,
    unit: str,
    low: float,
    high: float,
    at_least: float | None = 0,
    at_most: float | None = None,
    above: float | None = None,
    source: str = "assumption",
    status: str = "assumed",
    structural: bool = False,
    bounded: bool = True,
) -> Any:
    """Declare a number.

    Args:
        default: value when no file sets it; `...` makes the key required.
        unit: unit in words; a unit that begins with `share` lies in 0 to 1 unless stated otherwise.
        low: lower end of the plausible range.
        high: upper end of the plausible range.
        at_least: smallest value that is accepted (inclusive).
        at_most: largest value that is accepted (inclusive).
        above: values must be greater than this (replaces `at_least`).
        source: where number and range come from.
        status: one of `STATUSES`.
        structural: whether a change rebuilds the network.
        bounded: whether the limits are checked; not for choices and lists, whose types say what is allowed.
    """
    if status not in STATUSES:
        raise ValueError(f"status {status!r} is not one of {STATUSES}")
    if at_most is None:
        at_most = 1 if unit.startswith("share") else 1_000_000_000
    bounds: dict[str, Any] = {}
    if bounded:
        bounds = {"le": at_most, **({"gt": above} if above is not None else {"ge": at_least})}
    extra = {
        "unit": unit,
        "bounded": bounded,
        "low": low,
        "high": high,
        "at_least": None if above is not None else at_least,
        "above": above,
        "at_most": at_most,
        "source": source,
        "status": status,
        "structural": structural,
    }
    return Field(default, json_schema_extra=extra, **bounds)


def given(
    default: Any = ...,
    *,
    unit: str,
    at_least: float | None = 0,
    at_most: float | None = None,
    above: float | None = None,
) -> Any:
    """Declare a number that whoever writes the scenario chooses freely (run settings, textbook queues)."""
    limits = {"at_least": at_least, "at_most": at_most, "above": above}
    top = at_most if at_most is not None else (1 if unit.startswith("share") else 1_000_000_000)
    bottom = above if above is not None else at_least
    return number(
        default, unit=unit, low=bottom, high=top, source="chosen by the author of the scenario",
        status="chosen", **limits,
    )  # fmt: skip


def option(default: Any, *, structural: bool = False) -> Any:
    """Declare a choice, a switch or a list: no number, only whether a change rebuilds the network."""
    return Field(default, json_schema_extra={"structural": structural})


def _date(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        raise ValueError("a date without a time of day is needed, such as 2020-09-18")
    if isinstance(value, str):
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise ValueError("a date such as 2020-09-18 is needed")
        value = datetime.date.fromisoformat(value)
    if not isinstance(value, datetime.date):
        raise ValueError("a date such as 2020-09-18 is needed")
    if not EARLIEST <= value <= LATEST:
        raise ValueError(f"a date from {EARLIEST} to {LATEST} is needed")
    return value


Date = Annotated[datetime.date, BeforeValidator(_date)]
"""A calendar date; ISO text is accepted too."""


def _name(value: str) -> str:
    if not value:
        raise ValueError("a name must not be empty")
    if len(value.encode("utf-8", "replace")) > 200:
        raise ValueError("a name may have at most 200 bytes")
    if value != value.strip():
        raise ValueError("a name must not begin or end with a space")
    if value != unicodedata.normalize("NFC", value):
        raise ValueError("a name must be in Unicode normal form C")
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for c in value):
        raise ValueError("a name must not contain control or invisible characters")
    if any(c in "/\\[]." for c in value):
        raise ValueError("a name must not contain / \\ [ ] or a full stop")
    return value


Name = Annotated[str, AfterValidator(_name)]
"""A name of a post, matter, step, official or scope."""


def same_name(name: str) -> str:
    """Form in which two names count as the same: case and width do not matter."""
    return unicodedata.normalize("NFKC", name).casefold()
