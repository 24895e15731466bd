"""The evidence table: every place it names exists and agrees, every conflict is told, its page is true."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sim.scenario import ScenarioError, builtin_folder, builtin_names, load, register
from sim.scenario.evidence import WORDS, conflicts, conflicts_in_force, read_evidence, value_at
from sim.scenario.evidence_page import built_in_page

FOLDER = builtin_folder() / "longgang"
STATEMENTS = read_evidence(FOLDER)
PAGE = Path(__file__).parent.parent / "docs" / "EVIDENCE.md"


def test_every_place_that_uses_evidence_exists():
    for s in STATEMENTS:
        for place in s.places:
            value_at(place, FOLDER)


def test_every_input_has_the_value_of_its_statement():
    inputs = [(s, place) for s in STATEMENTS for place in s.inputs]
    assert len(inputs) > 30
    for s, place in inputs:
        assert value_at(place, FOLDER) == float(s.value), f"{s.id}: {place}"


def test_the_known_conflicts_stand_side_by_side():
    groups = [{s.id for s in group} for group in conflicts(STATEMENTS)]
    for known in (
        {"A1", "A1b"}, {"B8", "B10b"}, {"B16", "B17"}, {"B5b", "B5c", "B5d"}, {"D3", "D3c"},
        {"A12", "D3b", "D3d", "D8"}, {"A13", "A13b"}, {"B1", "B13", "B15"},
        {"B18", "B19", "B19b", "B22", "C2"}, {"H2", "H2b"}, {"B24", "B24b"}, {"B10", "B10c", "B11"},
    ):  # fmt: skip
        assert any(known <= group for group in groups), known


def test_what_no_number_uses_says_what_it_is():
    for s in STATEMENTS:
        assert s.places or s.used_by[0] in WORDS, s.id
    assert {s.trust for s in STATEMENTS} == {"sourced", "derived", "assumed", "from memory"}


def test_the_page_is_that_of_the_table():
    assert PAGE.read_text("utf-8") == built_in_page(), "run: python -m sim.scenario.evidence_page docs/EVIDENCE.md"


def test_conflicts_are_named_where_a_number_in_force_rests_on_them():
    lean = conflicts_in_force(load("lean40"))
    by_number = {number: c for c in lean for number in c["numbers"]}
    staff = by_number["levers.staffing_share"]
    assert {s["id"] for s in staff["statements"]} >= {"A1", "A1b", "A1c"}
    assert "lean60" in staff["readings"][0]
    assert "constants.csv:reference_residents" in by_number
    assert not conflicts_in_force(load("textbook/mm5"))


def test_every_number_of_a_built_in_scenario_has_a_sentence_and_a_source():
    for name, _ in builtin_names():
        for row in register(load(name)):
            assert row["sentence"] and row["unit"], f"{name}: {row['path']}"
            assert row["source"] != "set without a source", f"{name}: {row['path']}"
            assert row["status"] in ("sourced", "derived", "assumed"), f"{name}: {row['path']}"


def test_evidence_is_not_computed_with(tmp_path):
    (tmp_path / "copy").mkdir()
    for path in FOLDER.glob("*.csv"):
        (tmp_path / "copy" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "case.toml").write_text('extends = "lean40"\n[county]\ndata = "copy"\n')
    before = load(tmp_path / "case.toml").data_digest
    (tmp_path / "copy" / "evidence.csv").unlink()
    assert load(tmp_path / "case.toml").data_digest == before == load("lean40").data_digest
    assert conflicts_in_force(load(tmp_path / "case.toml")) == []


WRONG = [
    ("id", "10", "is no id"), ("trust", "sure", "no degree of trust"), ("conflicts", "A99", "no other row"),
    ("conflicts", "A2", "name it back"), ("reading", "", "needs a reading"), ("used_by", "somewhere", "is no place"),
    ("source", "", "is empty"),
]  # fmt: skip


@pytest.mark.parametrize("column, value, expected", WRONG)
def test_what_is_wrong_in_the_table_is_said(tmp_path, column, value, expected):
    with open(FOLDER / "evidence.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["id"] == "A1" and rows[0]["conflicts"]
    rows[0][column] = value
    with open(tmp_path / "evidence.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(ScenarioError, match=expected):
        read_evidence(tmp_path)


@pytest.mark.parametrize("place", ["levers.grid", "levers.transfer.function", "matters.csv:volumes", "no.csv:x",
                                   "units.csv[kind=palace]:count", "constants.csv:pi", "anything"])  # fmt: skip
def test_a_place_that_does_not_exist_is_refused(place):
    with pytest.raises(LookupError):
        value_at(place, FOLDER)
