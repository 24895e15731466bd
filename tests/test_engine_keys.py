"""Keys: neighbouring seeds are independent, what is added moves nothing, the global state is left alone."""

from __future__ import annotations

import ast
import math
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ended, finished, replicate

import sim
from sim.chance import keys
from sim.compiled import kernel
from sim.scenario import load
from sim.service.arrivals import sort_part

DAY = 86_400_000_000


def test_known_answers():
    """The finaliser of splitmix64 (its generator's first outputs from state 0), and ids of names."""
    state = np.uint64(0)
    found = []
    with np.errstate(over="ignore"):
        for _ in range(3):
            state = np.uint64(state + keys.G)
            found.append(int(keys.mix(state)))
    assert found == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert keys.root_key(1) != keys.root_key(2) and keys.root_key(1) == keys.root_key(1)
    assert keys.declared_id("enquiry") == keys.declared_id("enquiry") != keys.declared_id("enquiry ")
    purposes = [v for k, v in vars(keys).items() if k.isupper() and len(k) > 3 and isinstance(v, np.uint64)]
    assert len(set(map(int, purposes))) == len(purposes) >= 20


def test_bits_of_unit_and_below():
    assert 0 < keys.unit(np.uint64(0)) < 1e-15 and 1 - 1e-15 < keys.unit(np.uint64(2**64 - 1)) < 1
    z = [np.uint64(keys.draw(np.uint64(5), keys.WORK, np.uint64(i))) for i in range(30_000)]
    counts = np.bincount([keys.below(x, np.uint64(6)) for x in z], minlength=6)
    assert counts.size == 6 and ((counts - 5000) ** 2 / 5000).sum() < 25
    ones = np.array([[int(x) >> b & 1 for b in range(64)] for x in z[:8000]]).mean(axis=0)
    assert np.abs(ones - 0.5).max() < 5 * 0.5 / math.sqrt(8000)
    assert int(keys.threshold(0.0)) == 0 and int(keys.threshold(1.0)) == 2**52


def test_neighbouring_seeds_are_independent():
    """The spread between replications agrees with theory, and neighbours are not alike.

    Theory: the variance of the time average of the number in an M/M/1, times its length, tends to
    2 rho (1 + rho) / (mu (1 - rho)^4). Seeds that shift one stream by a step make the spread far too small.
    """
    plan = load("textbook/mm1").vary({"run.days": 15})
    found = replicate(
        plan,
        300,
        first_seed=1000,
        read=lambda c: {
            "present": c.records.matters()["mean_present"][0],
            "opened": c.records.matters()["opened"][0],
        },
    )
    present, minutes = found["present"], 14 * 1440.0
    sd = math.sqrt(2 * 0.8 * 1.8 / 0.2**4 / minutes)
    assert 0.82 < present.std(ddof=1) / sd < 1.18
    assert 0.82 < found["opened"].std(ddof=1) / math.sqrt(0.8 * minutes) < 1.18
    for lag in (1, 2, 7):
        assert abs(np.corrcoef(present[:-lag], present[lag:])[0, 1]) < 4.5 / math.sqrt(300)


def test_days_and_streams_are_independent():
    """Arrivals of neighbouring days and of differently named streams do not resemble each other."""
    plan = load("textbook/separate").vary(
        {
            "run.days": 400,
            "run.warm_up_minutes": 0.0,
            "matters.permit.arrivals": {"law": "poisson", "per_hour": 2.0},
            "matters.allowance.arrivals": {"law": "poisson", "per_hour": 2.0},
            "run.request_share": 1.0,
        }
    )
    rows = ended(finished(plan, 3))
    day = rows["opened"] // 86_400_000_000
    counts = np.array([np.bincount(day[rows["matter"] == m], minlength=400) for m in (1, 2)])
    assert abs(counts.mean() - 48) < 5 * math.sqrt(48 / 800)
    assert np.abs(counts.var(axis=1, ddof=1) / 48 - 1).max() < 5 * math.sqrt(2 / 400)
    assert abs(np.corrcoef(counts[0], counts[1])[0, 1]) < 0.2
    assert abs(np.corrcoef(counts[0][1:], counts[0][:-1])[0, 1]) < 0.2
    share = rows["opened"] % 86_400_000_000 / 86_400e6
    from scipy import stats

    assert stats.kstest(share, "uniform").pvalue > 1e-4
    order = np.argsort(rows["opened"])
    gaps = np.diff(rows["opened"][order]) / 60e6
    assert stats.kstest(gaps, "expon", args=(0, 15.0)).pvalue > 1e-4
    assert len(set(rows["key"].tolist())) == rows.size


@pytest.mark.parametrize("name", ["enquiry", "a stream added"])
def test_adding_a_stream_moves_nothing(name):
    """Another matter's requests keep keys, times and work when a matter with the same people is added."""
    plan = load("textbook/separate").vary(
        {"run.days": 3, "run.warm_up_minutes": 0.0, "run.request_share": 1.0}
    )
    alone = ended(finished(plan, 3))
    data = plan.to_dict()
    more = {**data["scenario"]["matters"][0], "name": name, "post": "welfare"}
    data["scenario"]["matters"].insert(0, more)
    both = finished(type(plan).from_dict(data), 3)
    rows = ended(both)
    old = np.sort(rows[rows["matter"] == 2], order="key")
    same = np.sort(alone[alone["matter"] == 1], order="key")
    for field in ("key", "opened", "started", "closed"):
        assert (old[field] == same[field]).all()
    welfare = rows[rows["matter"] == 3]
    before = alone[alone["matter"] == 2]
    common = np.intersect1d(welfare["key"], before["key"])
    assert common.size > 0.5 * before.size  # now they wait longer for the same people
    work = {r["key"]: r["closed"] - r["started"] for r in before}
    assert all(work[r["key"]] == r["closed"] - r["started"] for r in welfare if r["key"] in work)


@kernel
def _sorted_part(part, base, shift, arrival, scratch, count):
    return sort_part(part, base, shift, 0, arrival, scratch, count)


def test_growth_adds_requests_and_moves_none():
    """Layers of a rate: those asked for at the lower rate are among those at the higher one."""
    from sim.scenario.network import Law, Matter, Network, Post, Roster, Step, Stream, Worker
    from sim.service.arrivals import MOST_PARTS, PART_SHIFT
    from sim.service.build import build
    from sim.service.drawing import draw_day

    network = Network(
        matters=(Matter(id="m", steps=(Step("s", "desk", Law("fixed", 1.0)),)),),
        streams=(Stream(id="m", matter="m", per_day=300.0, driver="x"),),
        posts=(Post(id="desk", group="desk", level="all"),),
        workers=(Worker(id="w", kind="server", holds=(("desk", 0),), roster="r"),),
        rosters=(Roster(id="r", windows=((0.0, 1440.0),)),),
        sites={"all": 1},
        site_of_place={"all": np.zeros(1, int)},
    )
    from sim.agents.residents import RESIDENT, RESIDENT_HOME

    t, index, shift = build(network, np.zeros(1, RESIDENT), np.zeros(1, RESIDENT_HOME), 1)
    seen = {}
    for factor in (0.0, 0.3, 0.99, 1.0, 1.4, 2.0, 3.7, 4.0, 5.0):
        t.factor[index.driver["x"]] = factor
        total = 0
        found = set()
        for ordinal in range(40):
            n = draw_day(keys.root_key(1), ordinal, ordinal * DAY, (ordinal + 1) * DAY, t)
            assert n >= 0 or factor > 3
            if n < 0:
                from sim.agents.columns import table

                t = t._replace(arrival=table(400, t.arrival.dtype), scratch=table(400 * 42, t.scratch.dtype))
                n = draw_day(keys.root_key(1), ordinal, ordinal * DAY, (ordinal + 1) * DAY, t)
            drawn = []
            for part in range(MOST_PARTS):
                rows = _sorted_part(part, ordinal * DAY >> PART_SHIFT, shift, t.arrival, t.scratch, t.count)
                drawn += t.arrival[["when", "key"]][:rows].tolist()
            when = np.array([w for w, _ in drawn], np.int64)
            assert len(drawn) == n and (np.diff(when) >= 0).all() and (when // DAY == ordinal).all()
            found |= {(ordinal, k, w) for w, k in drawn}
            total += n
        assert len(found) == total and abs(total - 12_000 * factor) <= 5 * math.sqrt(12_000 * factor)
        for smaller in seen.values():
            assert smaller <= found, (factor, sorted(smaller - found)[:5])
        seen[factor] = found


def _split_network(shares, per_day=300.0, **matter):
    """One desk; a stream split over matters "0", "1", … with these shares, or of one matter."""
    from sim.scenario.network import Law, Matter, Network, Part, Post, Roster, Step, Stream, Worker

    parts = tuple(Part(str(i), share) for i, share in enumerate(shares))
    kind = {"parts": parts} if len(shares) > 1 else {"matter": "0"}
    steps = (Step("s", "desk", Law("fixed", 1.0)),)
    return Network(
        matters=tuple(Matter(id=p.matter, steps=steps, **matter) for p in parts),
        streams=(Stream(id="m", per_day=per_day, driver="x", **kind),),
        posts=(Post(id="desk", group="desk", level="all"),),
        workers=(Worker(id="w", kind="server", holds=(("desk", 0),), roster="r"),),
        rosters=(Roster(id="r", windows=((0.0, 1440.0),)),),
        sites={"all": 1},
        site_of_place={"all": np.zeros(1, int)},
    )


def _drawn(network, n_days=40, supplied=0):
    """Requests drawn over some days: (time, key) by matter id; the first functions of the list have a supplier."""
    from sim.agents.columns import table
    from sim.agents.residents import RESIDENT, RESIDENT_HOME
    from sim.service.arrivals import MOST_PARTS
    from sim.service.build import build
    from sim.service.drawing import draw_day

    t, index, _ = build(network, np.zeros(1, RESIDENT), np.zeros(1, RESIDENT_HOME), 1)
    t = t._replace(scratch=table(1000 * MOST_PARTS, t.scratch.dtype))
    t.supply["step"][:supplied] = t.matter["transfer_step"].max()
    t.matter["transfer_share"] = float(supplied > 0)
    found = {m: set() for m in index.matter}
    name = {row: m for m, row in index.matter.items()}
    for ordinal in range(n_days):
        n = draw_day(keys.root_key(1), ordinal, ordinal * DAY, (ordinal + 1) * DAY, t)
        assert 0 <= n == t.count[:MOST_PARTS].sum()
        for part in range(MOST_PARTS):
            for row in t.scratch[part * 1000:part * 1000 + t.count[part]]:
                found[name[int(t.step["matter"][row["step"]])]].add((int(row["when"]), int(row["key"])))
    return found


def test_a_split_stream_has_its_shares_and_independent_parts():
    """Thinning is exact: counts by day of each family are Poisson, independent of those of the others."""
    shares, n_days = (0.5, 0.3, 0.15, 0.05), 400
    found = _drawn(_split_network(shares), n_days)
    counts = np.array([np.bincount([when // DAY for when, _ in found[m]], minlength=n_days) for m in sorted(found)])
    for share, count in zip(shares, counts, strict=True):
        assert abs(count.sum() - 300 * n_days * share) < 4 * math.sqrt(300 * n_days * share)
        assert abs(count.var(ddof=1) / (300 * share) - 1) < 5 * math.sqrt(2 / n_days)
    correlation = np.corrcoef(counts) - np.eye(4)
    assert np.abs(correlation).max() < 4.5 / math.sqrt(n_days)


def test_an_appended_family_takes_only_its_share():
    """Families share a unit interval: one appended at its end takes from the last and moves nobody else."""
    one, three, four = (_drawn(_split_network(s)) for s in ((1.0,), (0.5, 0.3, 0.2), (0.5, 0.3, 0.15, 0.05)))
    assert one["0"] == set().union(*three.values()) == set().union(*four.values())
    assert three["0"] == four["0"] and three["1"] == four["1"]
    assert three["2"] == four["2"] | four["3"] and four["3"] and not four["2"] & four["3"]
    nothing = _drawn(_split_network((0.5, 0.3, 0.2, 0.0)))
    assert {m: nothing[m] for m in three} == three and not nothing["3"]


def test_splitting_is_the_same_interpreted():
    """The textbook's language says no split streams, so the whole-run comparison does not cover them."""
    code = "import test_engine_keys as t; print(sorted(t._drawn(t._split_network((0.5, 0.3, 0.2)), 2).items()))"
    paths = os.pathsep.join((str(Path(__file__).parent), str(Path(sim.__file__).parents[1])))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": paths, "NUMBA_DISABLE_JIT": "1"},
    )  # fmt: skip
    interpreted = dict(ast.literal_eval(done.stdout.strip().splitlines()[-1]))
    assert interpreted == _drawn(_split_network((0.5, 0.3, 0.2)), 2)


def test_a_new_service_is_asked_for_only_once_somebody_offers_it():
    new, old = (_split_network((1.0,), relieves=relieves, transfer_step="s", functions=(0, 5))
                for relieves in (False, True))
    assert not _drawn(new, 5)["0"]
    handed_over = _drawn(new, 5, supplied=2)["0"]           # of five functions
    assert handed_over < _drawn(old, 5)["0"] and abs(len(handed_over) - 600) < 5 * math.sqrt(600)


def test_shares_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="'m'.*add up to 1"):
        _drawn(_split_network((0.5, 0.3)))


def test_the_global_random_state_is_untouched():
    random.seed(5)
    np.random.seed(5)
    before = random.getstate(), np.random.get_state()[1].tobytes()
    finished(load("textbook/mm5").vary({"run.days": 3, "run.warm_up_minutes": 0.0}), 2)
    assert (random.getstate(), np.random.get_state()[1].tobytes()) == before
