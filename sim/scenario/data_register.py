"""The register of a county's data: every number of its rows with meaning, unit, range and source.

The settings have theirs in `register`. Counts of listed matters, orders and kinds are no quantities and left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.scenario.catalogue import TABLES, Catalogue

COLUMNS = ("file", "row", "number", "value", "unit", "low", "high", "source", "status", "sentence")
"""Columns of the register."""

_KEYS = {
    "constants": (),
    "communities": ("community",),
    "units": ("structure", "when", "unit"),
    "matters": ("matter",),
    "routes": ("route", "when", "channel", "step"),
    "organizations": ("field",),
}
"""What tells the rows of a table apart; of a constant its name is the name of the number."""

_FACTORS = ("factor_low", "factor_high")
_NUMBERS: dict[str, dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "communities": {
        "residents": ("residents", "Residents of the community.", ()),
        "micro_grids": ("micro-grids", "Micro-grids of the community.", ()),
    },
    "units": {
        "count": ("units", "Units that are alike.", ()),
        "county_share": ("share of block", "Part of the county's standing work.", _FACTORS),
        "counterparts": ("offices", "Offices above that the unit faces.", _FACTORS),
        "tasking_share": ("share of block", "Part of the tasking between departments and townships.", _FACTORS),
        "auxiliary_share": ("share of block", "Part of off-quota people's own work.", _FACTORS),
        "leaders": ("seats", "Leadership seats of each unit.", _FACTORS),
    },
    "matters": {
        "volume": ("requests per year", "Requests of the whole county.", ("volume_low", "volume_high")),
        "contact_minutes": ("minutes", "Mean work at first contact.", _FACTORS),
        "field_minutes": ("minutes", "Mean work in the community.", _FACTORS),
        "case_minutes": ("minutes", "Mean work of the case itself; of standing work, of one task.", _FACTORS),
        "cv": ("ratio", "Standard deviation of the work over its mean.", _FACTORS),
        "deadline_minutes": ("minutes", "Working time within which it counts as on time.", _FACTORS),
        "digital_share": ("share of requests", "Online share when the province's is as stated.", _FACTORS),
        "block_share": ("weight", "Weight among the standing work of its stream.", _FACTORS),
        "up_share": ("share of minutes", "Township work: goes up to departments without townships.", _FACTORS),
        "down_share": ("share of minutes", "Township work: goes down to communities without townships.", _FACTORS),
        "least_share": ("share of minutes", "What is left of the work when it is done as thinly as can be.", _FACTORS),
    },
    "routes": {
        "work_share": ("times the minutes", "Work of the step over the matter's minutes.", _FACTORS),
        "p_done": ("share of cases", "Cases that end at the step.", ("p_low", "p_high")),
        "transit_minutes": ("minutes", "Wall-clock time on the way to the next step.", _FACTORS),
        "p_other": ("share of cases", "Cases that go to the other step.", _FACTORS),
        "other_transit_minutes": ("minutes", "Wall-clock time on the way to the other step.", _FACTORS),
        "intake_minutes": ("minutes", "Work of reading in what is handed over.", _FACTORS),
        "hand_out_minutes": ("minutes", "Work of handing over.", _FACTORS),
        "sign_share": ("share of cases", "Of the cases that end here, those that a leader must sign.", _FACTORS),
    },
    "organizations": {
        "count": ("organizations", "Social organizations that a mature market holds in the field.", ()),
        "staff_slots": ("people", "Staff of each of them, in turn.", ("staff_low", "staff_high")),
    },
}
"""Table -> number -> its unit, what it means, and the columns of its range; factors multiply the value."""
_NEUTRAL = {"least_share": 1.0, "p_done": 1.0}
"""Numbers that say nothing at another value than 0: work that is never thinned, the end of a route."""


def data_register(catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """Numbers of the rows, in the order of the tables; one that is neutral (mostly 0) in a row is left out there.

    Each has `COLUMNS`: `row` tells the rows of a file apart, `low` and `high` are None where the data state no range.
    """
    for table, (file, _) in TABLES.items():
        for row in getattr(catalogue, table):
            name = "/".join(word for key in _KEYS[table] if (word := getattr(row, key)))
            for number, value, unit, low, high, sentence in _numbers_of(table, row):
                words = (file, name, number, value, unit, low, high, row.source, row.status, sentence)
                yield dict(zip(COLUMNS, words, strict=True))


def _numbers_of(table: str, row: Any) -> Iterator[tuple[str, Any, str, Any, Any, str]]:
    if table == "constants":
        yield row.name, row.value, row.unit, row.low, row.high, row.sentence
        return
    for number, (unit, sentence, ends) in _NUMBERS[table].items():
        value = getattr(row, number)
        if value and value != _NEUTRAL.get(number):
            low, high = (getattr(row, end) for end in ends) if ends else (None, None)
            if ends and not ends[0].startswith(("volume", "p_")):
                low, high = (_times(value, factor, unit) for factor in (low, high))
            yield number, value, unit, low, high, sentence


def _times(value: Any, factor: float, unit: str) -> Any:
    if isinstance(value, tuple):
        return tuple(_times(one, factor, unit) for one in value)
    return min(value * factor, 1.0) if unit.startswith("share") else value * factor
