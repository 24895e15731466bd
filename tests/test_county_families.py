"""Work that grows with the county is the same in every structure: families keep their minutes, units theirs."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sim.scenario import load
from sim.scenario.catalogue import read_catalogue
from sim.scenario.county_families import SHARE, family_weights, parts_of_families, scaled
from sim.scenario.county_network import county_network
from sim.scenario.structures import CONVENTIONAL, REFORMS, all_structures, structure_of, units_of

CATALOGUE = read_catalogue(load("lean40").data_folder)
COUNTY_STREAMS = {s: families for s, families in CATALOGUE.streams(*SHARE).items() if families[0].driver == "county"}
ALONE = [(base, name) for base in ("conventional100", "lean40") for name in ("", *REFORMS)]
"""Each structure as it is meant, and with one reform turned on or off."""


def test_scaled_columns_add_up_and_what_is_right_stays():
    rng = np.random.default_rng(7)
    weights = rng.random((6, 9)) * (rng.random((6, 9)) < 0.5)
    weights[:, 0] = 0.3                                      # a column that every row has
    rows = rng.random(6)
    mine = weights * rng.random(9)
    columns = (mine * (rows / mine.sum(axis=1))[:, None]).sum(axis=0)
    factors = scaled(weights, rows, columns)
    table = weights * factors
    found = (table * (rows / table.sum(axis=1))[:, None]).sum(axis=0)
    assert found == pytest.approx(columns, rel=1e-11, abs=0.0)
    usual = (weights * (rows / weights.sum(axis=1))[:, None]).sum(axis=0)
    assert set(scaled(weights, rows, usual)[usual > 0.0]) == {1.0}


def test_columns_that_no_scaling_reaches_are_refused():
    weights = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    with pytest.raises(ArithmeticError) as error:
        scaled(weights, np.array([0.5, 0.5]), np.array([0.3, 0.1, 0.6]))     # the third may have 0.5 at most
    assert error.value.args[1] == 1                          # so the second has 0.5 instead of 0.1


@pytest.mark.parametrize("stream", COUNTY_STREAMS)
def test_a_family_has_the_same_part_of_the_county_under_every_combination_of_reforms(stream):
    families = COUNTY_STREAMS[stream]
    column = SHARE[families[0].block]

    def units(structure):
        return [(u.domain, getattr(u, column)) for u in units_of(CATALOGUE, structure) if getattr(u, column)]

    usual = parts_of_families(families, units(CONVENTIONAL))
    assert sum(usual.values()) == pytest.approx(1.0, rel=1e-12)
    assert family_weights(CATALOGUE, CONVENTIONAL, stream) == tuple((m, m.block_share) for m in families)
    for structure in all_structures():
        weights = family_weights(CATALOGUE, structure, stream)
        part = dict.fromkeys(usual, 0.0)
        total = sum(share for _, share in units(structure))
        for domain, share in units(structure):
            fitting = [(m.matter, w) for m, w in weights if m.fits(domain)]
            for matter, w in fitting:
                part[matter] += share / total * w / sum(w for _, w in fitting)
        assert part == pytest.approx(usual, rel=1e-11), structure


@cache
def minutes(base, name):
    """Expected minutes a year of county work by family, and by stream and unit; units of that structure."""
    change = {f"levers.{name}": base == "conventional100"} if name else {}
    plan = load(base).vary({"reforms": [], "county.residents": 50_000, **change})
    settings = plan.settings(plan.scenario.run.start)
    net = county_network(settings, CATALOGUE)
    task = {m.matter: m.case_minutes for families in COUNTY_STREAMS.values() for m in families}
    by_family, by_unit = dict.fromkeys(task, 0.0), {}
    days = CATALOGUE.value("days_per_year")
    for s in net.streams:
        for p in s.split():
            family = p.matter.removesuffix(".elastic")
            if family in task:
                there = s.per_day * p.share * days * task[family]
                by_family[family] += there
                at = (s.id.split("/")[0], p.entry)
                by_unit[at] = by_unit.get(at, 0.0) + there
    return by_family, by_unit, units_of(CATALOGUE, structure_of(settings))


@pytest.mark.parametrize(("base", "name"), ALONE)
def test_families_and_units_have_their_minutes_in_the_network(base, name):
    by_family, by_unit, units = minutes(base, name)
    assert by_family == pytest.approx(minutes("conventional100", "")[0], rel=1e-9)
    million = load(base).scenario.world.county_task_minutes_million
    wanted = {("county", u.unit): million * 1e6 * u.county_share for u in units if u.county_share}
    assert {at: n for at, n in by_unit.items() if at[0] == "county"} == pytest.approx(wanted, rel=1e-9)
