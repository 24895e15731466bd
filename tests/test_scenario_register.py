"""Every number has a unit, a range, a source and a sentence."""

from __future__ import annotations

import inspect
import typing

import pytest
from pydantic import BaseModel

from sim.scenario import load, register, schema, textbook
from sim.scenario.behaviour import Behaviour
from sim.scenario.fields import STATUSES, Section, number
from sim.scenario.levers import Levers, Transfer
from sim.scenario.problems import fields_of, members
from sim.scenario.register import COLUMNS, status_of
from sim.scenario.world import World

FOUND = (World, Levers, Transfer, Behaviour)
"""Sections whose numbers claim something about the world."""
MODELS = [
    model
    for module in (schema, textbook)
    for _, model in inspect.getmembers(module, inspect.isclass)
    if issubclass(model, Section) and model is not Section
]


def is_number(annotation):
    for kind in members(annotation):
        if kind in (int, float):
            return True
        if typing.get_origin(kind) is typing.Literal and any(type(v) is int for v in typing.get_args(kind)):
            return True
        if typing.get_origin(kind) is tuple and typing.get_args(kind)[0] is float:
            return True
    return False


def gaps(model):
    """What a model's fields do not say about themselves."""
    for key, field in fields_of(model).items():
        if not field.description or not field.description.strip().endswith("."):
            yield f"{model.__name__}.{key} has no sentence"
        if key == "schema" or not is_number(field.annotation):
            continue
        extra = field.json_schema_extra or {}
        if not extra.get("unit") or not extra.get("source") or extra.get("status") not in STATUSES:
            yield f"{model.__name__}.{key} lacks unit, source or status"
        elif not extra["low"] < extra["high"]:
            yield f"{model.__name__}.{key} has no range"
        elif model in FOUND:
            if extra["status"] == "chosen":
                yield f"{model.__name__}.{key} is evidence and cannot be merely chosen"
            default = field.get_default()
            if not isinstance(default, tuple) and not extra["low"] <= default <= extra["high"]:
                yield f"{model.__name__}.{key} has a default outside its range"
            if extra["bounded"]:
                floor = extra["at_least"] if extra["above"] is None else extra["above"]
                if extra["low"] < floor or extra["high"] > extra["at_most"]:
                    yield f"{model.__name__}.{key} has a range beyond its limits"


@pytest.mark.parametrize(
    "model", sorted({*MODELS, *FOUND}, key=lambda m: m.__name__), ids=lambda m: m.__name__
)
def test_every_field_says_what_it_is(model):
    assert not list(gaps(model))


def test_the_test_above_can_fail():
    class Bare(Section):
        bare: float = 1.0
        silent: float = number(1.0, unit="minutes", low=0, high=2)

    assert len(list(gaps(Bare))) == 3


def test_every_mechanism_is_off_in_a_bare_file_and_on_in_the_county():
    bare, county = Behaviour(), load("lean40").scenario.behaviour
    switches = [name for name, field in Behaviour.model_fields.items() if field.annotation is bool]
    assert len(switches) >= 8
    assert not any(getattr(bare, name) for name in switches)
    assert all(getattr(county, name) for name in switches)
    assert bare.setup_minutes == (0.0, 0.0) and county.setup_minutes == (5.0, 12.0)


def test_the_register_lists_every_number_of_a_county():
    rows = register(load("lean40"))
    paths = [row["path"] for row in rows]
    assert len(paths) == len(set(paths)) >= 70
    for row in rows:
        assert tuple(row) == COLUMNS
        assert row["sentence"] and row["source"] and row["status"] in ("sourced", "derived", "assumed")
    by_path = {row["path"]: row for row in rows}
    assert by_path["levers.staffing_share"]["status"] == "sourced"
    assert by_path["levers.staffing_share"]["set_in"] == "lean40.toml"
    assert by_path["levers.off_quota_workers"]["status"] == "assumed"
    assert by_path["world.demand_factor"]["set_in"] == "default"
    assert by_path["reforms.2020-09-18.levers.transfer.functions"]["value"] == 27


def test_a_number_without_a_source_is_shown_as_assumed():
    row = next(
        r
        for r in register(load("lean40").vary({"world.leave_share": 0.06}))
        if r["path"] == "world.leave_share"
    )
    assert row["status"] == "assumed" and row["source"] == "set without a source"
    assert row["set_in"] == "lean40 (varied)"


def test_a_textbook_queue_claims_nothing_about_the_world():
    assert {row["path"].split(".")[0] for row in register(load("textbook/mm5"))} == {"behaviour"}


def test_what_a_source_text_claims():
    assert [status_of(t) for t in ("", "assumed: x", "Assumption, y", "derived from z", "Yearbook 2020")] == [
        "assumed", "assumed", "assumed", "derived", "sourced",
    ]  # fmt: skip


def test_sections_are_models():
    assert all(issubclass(model, BaseModel) for model in MODELS)
