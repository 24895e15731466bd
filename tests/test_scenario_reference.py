"""The document of the language is true: its reference is the schema's, its examples are valid scenarios."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.scenario import load, textbook_network
from sim.scenario.reference import reference, with_reference

PAGE = Path(__file__).parent.parent / "docs" / "SCENARIOS.md"
TEXT = PAGE.read_text("utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def test_the_reference_is_that_of_the_schema():
    assert TEXT == with_reference(TEXT), "run: python -m sim.scenario.reference docs/SCENARIOS.md"


def test_every_key_of_the_schema_is_in_the_reference():
    text = reference()
    for key in ("staffing_share", "fatigue", "ramp_days", "empirical", "think_minutes", "transit_minutes"):
        assert f"`{key}`" in text
    for table in text.split("\n\n"):
        assert len({row.replace("\\|", "").count("|") for row in table.splitlines() if row[:1] == "|"}) <= 1


def test_a_document_without_marks_is_refused():
    with pytest.raises(ValueError, match="lacks"):
        with_reference("nothing")


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_is_a_valid_scenario(tmp_path, number):
    path = tmp_path / "example.toml"
    path.write_text(EXAMPLES[number], "utf-8")
    plan = load(path)
    assert plan.title and not plan.warnings
    if not plan.is_county:
        assert textbook_network(plan.settings(plan.scenario.run.start)).matters


def test_there_are_examples_of_all_kinds():
    assert len(EXAMPLES) >= 10
