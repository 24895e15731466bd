"""The county's tables: sources on every row, totals against the evidence, clear words for what is wrong."""

from __future__ import annotations

import csv
import shutil

import pytest

from sim.scenario import ScenarioError, load
from sim.scenario.catalogue import read_catalogue
from sim.scenario.catalogue_checks import check
from sim.scenario.catalogue_rows import STATUSES
from sim.scenario.structures import Structure, units_of

FOLDER = load("conventional100").settings(load("conventional100").scenario.run.start).data_folder
FILES = ("constants", "places", "units", "matters", "routes", "organizations")

EVIDENCE = {
    # what: (families by prefix, lowest, highest volume a year)
    "hotline dispatched, 27,000 of 60,000": (("hotline_",), 25_000, 29_000),
    "grid events, 67,000 to 85,000": (("grid_",), 67_000, 85_000),
    "simple enforcement, 30,100 in nine months": (("simple_",), 40_000, 40_200),
    "general enforcement, 581 in nine months": (("general_",), 770, 780),
    "online items, 0.5 to 2.0 million": (("online_",), 900_000, 1_100_000),
    "one thing, 12 a day": (("one_thing",), 4_379, 4_381),
}


@pytest.fixture(scope="module")
def catalogue():
    return read_catalogue(FOLDER)


@pytest.mark.parametrize("name", FILES)
def test_every_row_has_source_and_status(name):
    with open(FOLDER / f"{name}.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert row["source"].strip() and row["status"] in STATUSES, row


@pytest.mark.parametrize("what", EVIDENCE)
def test_volumes_agree_with_the_evidence(catalogue, what):
    prefixes, low, high = EVIDENCE[what]
    volume = sum(
        m.volume for m in catalogue.matters if m.block == "requests" and m.matter.startswith(prefixes)
    )
    assert low <= volume <= high


def test_totals_of_requests(catalogue):
    requests = [m for m in catalogue.matters if m.block == "requests"]
    assert 1.3e6 <= sum(m.volume for m in requests) <= 1.5e6
    # Counter items: what people bring to a window themselves; assumed about 190,000 (100,000 to 280,000).
    at_windows = ("counter_local", "counter_county", "approval", "technical", "social_service", "project")
    counter = sum(m.volume * (1 - m.digital_share) for m in requests if m.route in at_windows)
    assert 170_000 <= counter <= 210_000


def test_places_and_units_are_the_known_counts(catalogue):
    assert len(catalogue.communities) == 102
    assert sum(c.residents for c in catalogue.communities) == 464_700
    assert sum(c.micro_grids for c in catalogue.communities) == 3_311
    for column, n in (("township", 12), ("middle", 26), ("area_2020", 9), ("central_2025", 21)):
        assert len({getattr(c, column) for c in catalogue.communities}) == n
    huqian = sum(c.residents for c in catalogue.communities if c.middle_name == "Huqian 2nd")
    assert huqian == pytest.approx(23_000, rel=0.03)
    count = {
        (s, k): sum(u.kind == k for u in units_of(catalogue, Structure(s)))
        for s in ("conventional", "lean")
        for k in ("department", "institution")
    }
    assert count == {
        ("conventional", "department"): 37, ("conventional", "institution"): 80,
        ("lean", "department"): 15, ("lean", "institution"): 6,
    }  # fmt: skip
    for structure in ("conventional", "lean"):
        assert sum(u.counterparts for u in units_of(catalogue, Structure(structure))) == 460
    assert next(u.counterparts for u in catalogue.units if u.unit == "economic_development") == 102
    assert sum(m.functions for m in catalogue.matters) == 154
    assert sum(o.count for o in catalogue.organizations) == 92


BROKEN = [
    # file, text, replacement, words that the message must hold
    ("matters.csv", "grid_sanitation,", "grid_hazard,", ["matters.csv", "grid_hazard", "matter", "twice"]),
    ("matters.csv", ",34000,", ",many,", ["matters.csv", "row 2", "volume", '"many" is not a number']),
    ("matters.csv", ",34000,", ",-5,", ["row 2", "volume", "-5"]),
    ("matters.csv", ",grid_event,34000", ",grid_evnt,34000", ["route", "did you mean grid_event?"]),
    ("matters.csv", "matter,name_en", "mater,name_en", ["unknown column", "mater", "column is missing"]),
    ("matters.csv", "\nhotline_help,", "\nhotline_help,,", ["matters.csv", "row 8", "cells"]),
    ("matters.csv", "urban_management housing_construction", "urban_managment", ["urban_management?"]),
    ("matters.csv", "justice politics_law_commission", "justice", ["grid_dispute", "needs a second unit"]),
    ("units.csv", ",102,", ",abc,", ["units.csv", "counterparts", '"abc"']),
    ("units.csv", ",0.058333,5,unit", ",0.258333,5,unit", ["units.csv", "auxiliary_share", "1.2"]),
    ("units.csv", ",not one_seal,", ",not one_sael,", ["units.csv", "column when", "one_sael", "not before a word"]),
    ("routes.csv", ",not one_team,", ",one_team,", ["routes.csv", "more than one row", "conventional one_team"]),
    ("routes.csv", ",contact,1,0.6,village", ",contact,1,1.6,village", ["routes.csv", "p_done", "exceed 1"]),
    ("routes.csv", "0.6,village", "0.6,vilage", ["routes.csv", "next", "did you mean village?"]),
    ("places.csv", ",assumed\n", ",sure\n", ["places.csv", "row 2", "status", "sourced, derived, assumed"]),
    ("constants.csv", "reference_posts,4658", "reference_posts,99", ["reference_posts", "outside"]),
    ("organizations.csv", "technical_inspection,", "technical,", ["matters.csv", "organization_field"]),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "words"), BROKEN)
def test_bad_data_is_named_by_file_row_and_column(tmp_path, file, old, new, words):
    for path in FOLDER.glob("*.csv"):
        shutil.copy(path, tmp_path)
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        read_catalogue(tmp_path)
    for word in words:
        assert word in str(error.value), str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ScenarioError, match="places.csv"):
        read_catalogue(tmp_path)


def test_a_route_that_never_ends_is_refused(catalogue):
    from dataclasses import replace

    routes = tuple(
        replace(r, p_done=0.0, next="team") if (r.route, r.when) == ("enforcement_simple", "one_team") else r
        for r in catalogue.routes
    )
    found = [str(p) for p in check(replace(catalogue, routes=routes))]
    assert any("never ends" in p for p in found)
