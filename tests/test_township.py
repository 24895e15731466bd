"""Township work is conserved: what townships did moves up, moves down, stays at the middle level, or is gone."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from sim.scenario import load
from sim.scenario.catalogue import read_catalogue
from sim.scenario.catalogue_rows import GONE_REASONS, TOWNSHIP_WORK
from sim.scenario.county_network import county_network, expected_minutes
from sim.scenario.county_township import township_families
from sim.scenario.county_work import expected_step_minutes

PLAN = load("conventional100")
CATALOGUE = read_catalogue(PLAN.data_folder)
WORLD = PLAN.settings(PLAN.scenario.run.start).world
ODD = Path(__file__).parents[1] / "docs" / "ODD.md"
FAMILIES = [m for m in CATALOGUE.matters if m.block == TOWNSHIP_WORK]


@cache
def network(structure="conventional", **values):
    """The county of conventional100, the structure alone exchanged."""
    changes = {name.replace("__", "."): value for name, value in values.items()}
    plan = PLAN.vary({"levers.structure": structure, **changes})
    return county_network(plan.settings(plan.scenario.run.start), CATALOGUE)


@cache
def minutes(structure="conventional", **values):
    """Expected million minutes a year by block, family and level (`county`: offices of county level)."""
    net = network(structure, **values)
    level = {p.group: p.level for p in net.posts}
    matters, found = {m.id: m for m in net.matters}, Counter()
    for s in net.streams:
        for p in s.split():
            m = matters[p.matter]
            for group, service, hand_over in expected_step_minutes(m, 1.0, p.entry) if m.relieves else ():
                many = s.per_day * p.share * 365.25 / 1e6
                found[m.block, p.matter.removesuffix(".elastic"), level[group]] += many * service
                found["hand_over", p.matter, level[group]] += many * hand_over
    return found


def total(found, block, *levels, family=None):
    return sum(
        x for (b, f, where), x in found.items()
        if b == block and (not levels or where in levels) and family in (None, f)
    )  # fmt: skip


@pytest.mark.parametrize("gone", [0.25, WORLD.township_work_gone, 0.75])
@pytest.mark.parametrize("refused", [0.0, 0.4])
def test_each_family_moves_up_down_or_is_gone(gone, refused):
    before = minutes(world__township_work_gone=gone)
    after = minutes("lean", world__township_work_gone=gone, levers__access_list=refused)
    for f in township_families(CATALOGUE, gone):
        name = f.family.matter
        whole = total(before, TOWNSHIP_WORK, family=name)
        assert whole == pytest.approx(f.share * total(before, TOWNSHIP_WORK))
        assert total(before, TOWNSHIP_WORK, "middle", family=name) == pytest.approx(whole / 2, rel=1e-4), "two ends"
        up, down = (total(after, TOWNSHIP_WORK, where, family=name) for where in ("county", "community"))
        assert down == pytest.approx(f.down * (1.0 - refused) * whole)
        assert up == pytest.approx((f.up + f.down * refused) * whole)
        assert whole - up - down == pytest.approx(f.gone * whole, abs=1e-9)
        assert min(f.up, f.down, f.gone) >= 0.0
        assert (f.family.gone_reason in GONE_REASONS) == (f.gone > 0.0)
    assert total(after, TOWNSHIP_WORK) == pytest.approx((1.0 - gone) * total(before, TOWNSHIP_WORK))


def test_the_table_has_the_sums_of_the_budget():
    """25 % up, 25 % down, 50 % gone (budget of working minutes); the world's number is what the table says."""
    families = township_families(CATALOGUE)
    assert sum(f.share for f in families) == pytest.approx(1.0)
    for part, wanted in (("up", 0.25), ("down", 0.25), ("gone", WORLD.township_work_gone)):
        assert sum(f.share * getattr(f, part) for f in families) == pytest.approx(wanted, rel=5e-4), part
    for f, as_set in zip(families, township_families(CATALOGUE, WORLD.township_work_gone), strict=True):
        assert (as_set.up, as_set.down) == pytest.approx((f.up, f.down), abs=1e-3)
        assert (f.up, f.down) == pytest.approx((f.family.up_share, f.family.down_share))


@pytest.mark.parametrize("gone", [0.0, 0.3, 0.7, 1.0])
def test_what_is_gone_can_be_swept_from_nothing_to_all(gone):
    of_table, families = township_families(CATALOGUE), township_families(CATALOGUE, gone)
    assert sum(f.share * f.gone for f in families) == pytest.approx(gone)
    for f, known in zip(families, of_table, strict=True):
        assert -1e-12 <= f.gone <= 1.0 and min(f.up, f.down) >= 0.0
        assert (f.gone - known.gone) * (gone - WORLD.township_work_gone) > 0.0
        assert f.up * known.down == pytest.approx(f.down * known.up), "what moves moves in the family's own proportion"


def test_townships_or_not_is_all_that_the_number_changes():
    assert network(world__township_work_gone=0.25).streams == network().streams
    swept = [network("lean", world__township_work_gone=gone) for gone in (0.0, 1.0)]
    for net in (network(), *swept):
        ids = [s.id for s in net.streams]
        assert len(ids) == len(set(ids))


ROWS = ("requests", "hand-overs", "county", "liaison", TOWNSHIP_WORK, "unit overhead", "leading", "staff", "auxiliary")
COLUMNS = (("conventional", "middle"), ("conventional", "county"), ("conventional", "community"),
           ("lean", "middle"), ("lean", "county"), ("lean", "community"))  # fmt: skip


def test_the_odds_table_of_township_work_is_that_of_the_networks():
    lines = ODD.read_text("utf-8").splitlines()
    rows = {cells[1]: cells[2:8] for line in lines if len(cells := [c.strip() for c in line.split("|")]) == 10}
    for row in ROWS:
        block = {"hand-overs": "hand_over", "unit overhead": "unit_overhead"}.get(row, row)
        numbers = [total(minutes(structure), block, level) for structure, level in COLUMNS]
        assert rows[row] == [f"{x:.1f}" if x >= 0.05 else "–" for x in numbers], row


@pytest.mark.parametrize("block", ["county", "liaison", "staff", "auxiliary", "community", "grid"])
def test_other_blocks_keep_their_minutes_without_townships(block):
    """They move between levels; structure alone takes nothing of them away."""
    assert total(minutes("lean"), block) == pytest.approx(total(minutes(), block))
    assert expected_minutes(network("lean"))[block] == pytest.approx(expected_minutes(network())[block])


def test_requests_that_passed_townships_lose_little():
    """What a township did of a case, a community or department does; less than a tenth of it was a second look."""
    before, after = minutes(), minutes("lean")
    names = {f for b, f, where in before if (b, where) == ("requests", "middle")}
    assert len(names) > 50
    for name in names:
        assert 0.7 <= total(after, "requests", family=name) / total(before, "requests", family=name) <= 1.1, name
    gone = total(before, "requests") - total(after, "requests")
    assert 0.0 <= gone <= 0.1 * total(before, "requests", "middle")
