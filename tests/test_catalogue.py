"""The county's tables: sources on every row, totals against the evidence, clear words for what is wrong.

Ids in comments are facts of the project's evidence base (tables 1.2 and parts 2, 3).
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pytest

from sim.scenario import ScenarioError, data_register, load
from sim.scenario.catalogue import TABLES, read_catalogue
from sim.scenario.catalogue_checks import check
from sim.scenario.catalogue_page import built_in_page
from sim.scenario.catalogue_rows import STATUSES
from sim.scenario.county_network import county_network
from sim.scenario.county_work import functions_of
from sim.scenario.structures import Structure, units_of

FOLDER = load("conventional100").settings(load("conventional100").scenario.run.start).data_folder
FILES = ("constants", "places", "units", "matters", "routes", "organizations")

PAGE = Path(__file__).parent.parent / "docs" / "CATALOGUE.md"

EVIDENCE = {
    # what: (streams, lowest, highest volume a year)
    "hotline dispatched, 27,000 of 60,000": (("hotline",), 25_000, 29_000),  # 2f, K4
    "grid events, 67,000 to 85,000": (("grid",), 67_000, 85_000),  # 2f, K2
    "simple enforcement, 30,100 in nine months": (("simple_residents", "simple_businesses"), 40_000, 40_200),  # D4
    "general enforcement, 581 in nine months": (("general_residents", "general_businesses"), 770, 780),  # D4
    "online items, 0.5 to 2.0 million": (("online_residents", "online_businesses"), 900_000, 1_100_000),  # 2f
    "one thing, 12 a day": (("one_thing_residents", "one_thing_businesses"), 4_379, 4_381),  # D5
    "investment projects": (("project",), 400, 440),  # F13: 60 to 87 large ones among them
}
COUNTS = {
    "approval_items": 1_146,  # A12
    "enforcement_items": 3_043,  # A13
    "functions": 154,  # C3
    "devolved_items": 95,  # B18
    "area_items_2020": 168,  # B19
    "centre_items": 159,  # B22
    "one_things": 12,  # D5
    "enterprise_items": 1_612,  # D8
    "value_added_items": 229,  # D8
}


@pytest.fixture(scope="module")
def catalogue():
    return read_catalogue(FOLDER)


@pytest.mark.parametrize("name", FILES)
def test_every_row_has_source_and_status(name):
    with open(FOLDER / f"{name}.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert row["source"].strip() and row["status"] in STATUSES, row


def test_every_number_of_a_row_is_in_the_register_of_the_data(catalogue):
    """A new column of numbers needs a unit, a meaning and a range, or is said to be no quantity."""
    for table, (_, row) in TABLES.items():
        if table != "constants":
            numbers = {name for name, kind in get_type_hints(row).items() if kind in (int, float, tuple[int, ...])}
            ends = {end for *_, ends in data_register._NUMBERS[table].values() for end in ends}
            assert numbers - ends - {"function_order", *COUNTS} == set(data_register._NUMBERS[table]), table


def test_the_register_of_the_data_tells_rows_apart_and_its_ranges_hold(catalogue):
    rows = list(data_register.data_register(catalogue))
    places = [(row["file"], row["row"], row["number"]) for row in rows]
    assert len(places) == len(set(places))
    whole = {(table, i) for table in TABLES for i, _ in enumerate(getattr(catalogue, table))}
    assert len({(row["file"], row["row"] or row["number"]) for row in rows}) == len(whole)
    for row in rows:
        value, low, high = (x if isinstance(x, tuple) else (x,) for x in (row["value"], row["low"], row["high"]))
        if row["low"] is not None:
            assert all(a <= x <= b for a, x, b in zip(low, value, high, strict=True)), row
        assert row["unit"] and row["sentence"].endswith(".") and row["source"], row


@pytest.mark.parametrize("what", EVIDENCE)
def test_volumes_agree_with_the_evidence(catalogue, what):
    streams, low, high = EVIDENCE[what]
    volume = sum(m.volume for stream in streams for m in catalogue.streams("requests")[stream])
    assert low <= volume <= high


def test_families_and_what_they_stand_for(catalogue):
    requests = [m for m in catalogue.matters if m.block == "requests"]
    assert len(requests) >= 95 and len(catalogue.matters) - len(requests) >= 25
    assert {name: sum(getattr(m, name) for m in catalogue.matters) for name in COUNTS} == COUNTS
    assert all(m.name_en and m.name_zh and m.name_zh != m.name_en for m in catalogue.matters)
    fields = [field for m in catalogue.matters for field in m.enforcement_fields]
    teams = {m.conventional_units[0] for m in catalogue.matters if m.enforcement_items}
    assert len(fields) == len(set(fields)) == 29 and len(teams) == 9  # A13
    leads = {m.conventional_units[0] for m in catalogue.matters if m.approval_items}
    assert len(leads) == 7  # approval source departments, 1.4
    # D8: what the enterprise centre approves holds what the one seal approves for businesses
    assert all(m.enterprise_items >= m.approval_items for m in requests if m.driver == "businesses")


def test_functions_are_handed_over_in_the_order_of_the_evidence(catalogue):
    """27 first and 85 by 2025 end with a family; some of them relieve nobody (C1, C4, C6)."""
    places = functions_of(catalogue)
    ends = {first + count for first, count in places.values()}
    assert {27, 85, 154} <= ends
    new = [m for m in catalogue.matters if not m.relieves]
    assert "school_doctor" in {m.matter for m in new} and all(places[m.matter] for m in new)
    assert sum(places["school_doctor"]) <= 85 and sum(places["ship_inspection"]) <= 27  # C5


def test_concentration(catalogue):
    """Few kinds make up most of what is asked: flat at the hotline, steep on the street (2f, K15)."""
    streams = catalogue.streams("requests")

    def volumes(families):
        return np.array(sorted((m.volume for m in families), reverse=True))

    def exponent(v):
        return -np.polyfit(np.log(np.arange(1, v.size + 1)), np.log(v), 1)[0]

    hotline = volumes(streams["hotline"])
    assert hotline[:10].sum() / hotline.sum() == pytest.approx(0.553, abs=0.08)
    assert exponent(hotline[:10]) == pytest.approx(0.49, abs=0.05)
    city = volumes(m for m in streams["grid"] if m.domain[0] in ("enforcement", "agriculture"))
    assert city[0] / city.sum() == pytest.approx(0.488, abs=0.02)  # Tianmen
    assert city[:3].sum() / city.sum() == pytest.approx(0.771, abs=0.02)
    assert exponent(volumes(streams["grid"])) == pytest.approx(1.2, abs=0.3)
    assert exponent(city) == pytest.approx(1.2, abs=0.3)


def test_counts_never_become_demand(catalogue):
    """A catalogue that lists ten times as many matters is the same county; two counts are places in lists of levers."""
    from dataclasses import replace

    settings = load("lean40").settings(load("lean40").scenario.run.last_day)
    names = [name for name in COUNTS if name not in ("functions", "devolved_items")]
    more = tuple(replace(m, **{name: 10 * getattr(m, name) for name in names}) for m in catalogue.matters)
    old, new = county_network(settings, catalogue), county_network(settings, replace(catalogue, matters=more))
    assert (new.matters, new.streams, new.workers, new.posts) == (old.matters, old.streams, old.workers, old.posts)


def test_every_unit_has_a_family_for_its_minutes(catalogue):
    from dataclasses import replace

    of_finance = tuple(replace(m, domain=("finance",)) if m.block == "staff" else m for m in catalogue.matters)
    found = [str(p) for p in check(replace(catalogue, matters=of_finance))]
    assert any("stream staff needs a general family" in p for p in found)


def test_the_page_is_that_of_the_tables():
    assert PAGE.read_text("utf-8") == built_in_page(), "run: python -m sim.scenario.catalogue_page docs/CATALOGUE.md"


def test_totals_of_requests(catalogue):
    requests = [m for m in catalogue.matters if m.block == "requests"]
    assert 1.3e6 <= sum(m.volume for m in requests if m.relieves) <= 1.5e6
    # Counter items: what people bring to a window themselves; assumed about 190,000 (100,000 to 280,000).
    at_windows = ("counter_local", "counter_county", "approval", "technical", "social_service", "project")
    counter = sum(m.volume * (1 - m.digital_share) for m in requests if m.route in at_windows and m.relieves)
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
    assert sum(o.count for o in catalogue.organizations) == 92


BROKEN = [
    # file, text, replacement, words that the message must hold
    ("matters.csv", "\ngrid_garbage,", "\ngrid_stalls,", ["matters.csv", "grid_stalls", "matter", "twice"]),
    ("matters.csv", ",relay,,", ",relay,hazard,", ["column safety", "hazard in block tasking"]),
    ("matters.csv", ",21000,", ",many,", ["matters.csv", "row 2", "volume", '"many" is not a number']),
    ("matters.csv", ",21000,", ",-5,", ["row 2", "volume", "-5"]),
    ("matters.csv", ",grid_event,21000", ",grid_evnt,21000", ["route", "did you mean grid_event?"]),
    ("matters.csv", "matter,name_en", "mater,name_en", ["unknown column", "mater", "column is missing"]),
    ("matters.csv", "\ngrid_stalls,", "\ngrid_stalls,,", ["matters.csv", "row 3", "cells"]),
    ("matters.csv", "urban_management housing_construction", "urban_managment", ["urban_management?"]),
    ("matters.csv", "justice politics_law_commission", "justice", ["grid_neighbours", "needs a second unit"]),
    ("matters.csv", ",18,18,70,", ",18,0,70,", ["grid_garbage", "field_minutes", "here are none"]),
    ("matters.csv", ",requests,hotline,resident,residents", ",requests,hotline,resident,businesses",
     ["hotline", "driver", "several"]),
    ("matters.csv", "agriculture,requests", "agricultur,requests", ["domain", "agriculture?"]),
    ("matters.csv", ",1,,0,0,,,no,social_care", ",0,,0,0,,,no,social_care", ["school_doctor", "relieves", "functions"]),
    ("matters.csv", ",0.1,0.05,relay,", ",0.1,0.95,relay,", ["tasking_assignment", "up_share", "add up to 1.05"]),
    ("matters.csv", ",0.1,0.05,relay,", ",0,0,relay,", ["tasking_assignment", "up_share", "nobody does what remains"]),
    ("matters.csv", ",0.1,0.05,relay,", ",0.1,0.05,,", ["tasking_assignment", "gone_reason", "relay, double, layer"]),
    ("matters.csv", ",0.1,0.05,relay,", ",0.5,0.5,relay,", ["tasking_assignment", "gone_reason", '"relay" is unknown']),
    ("matters.csv", ",0,0,,,yes,", ",0.1,0,,,yes,", ["grid_garbage", "up_share", "only township work (block tasking)"]),
    ("matters.csv", "politics_law township_general,tasking", "politics_law,tasking",
     ["tasking_letters_visits", "domain", "township faces every department"]),
    ("matters.csv", "politics_law township_general,tasking", "leadership township_general,tasking",
     ["tasking_letters_visits", "domain", "no department of the conventional structure"]),
    ("units.csv", "finance,county,department,finance,finance,1,0.033",
     "economy,county,department,finance,finance,1,0.033",
     ["budget_audit", "domain", "under lean", "county_share"]),
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
