"""What tests of the engine share: runs to the end, replications, how a mean agrees with theory."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for `queueing`, the exact formulas

RATIO = 0.015
"""A test whose standard error exceeds this share of the truth cannot see a 10 % error, and fails."""


def finished(plan, seed=None):
    """A county that lived all its days; Mesa's reference to it is dropped."""
    from sim.county import County, release

    county = County(plan, seed=seed)
    try:
        while county.running:
            county.step()
    finally:
        release(county)
    return county


def finish_day(county):
    """Live the rest of a day that was opened by hand: a step whose first phase is done already."""
    county.open_day = lambda: None
    try:
        county.step()
    finally:
        del county.open_day


def ended(county):
    """Records of the requests that ended, as the engine wrote them (µs)."""
    assert county.records.records_lost == 0
    return np.concatenate(county.records._requests)


def open_rows(county):
    """Rows of the requests that are present or whose customers think."""
    t = county.kernel_tables
    return t.request[t.request["state"] != 0]


def replicate(plan, replications=30, first_seed=1, read=None):
    """Run seeds in turn; `read(county)` gives a dict of numbers; returns a dict of arrays.

    Without `read`, the numbers of `records.matters()` and those of all matters together (`all:...`).
    """
    rows = [(read or numbers)(finished(plan, first_seed + i)) for i in range(replications)]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def numbers(county):
    """Numbers of each matter as `matter:column`, and of all of them together."""
    frame = county.records.matters().set_index("matter")
    found = {f"{m}:{column}": value for m, row in frame.iterrows() for column, value in row.items()}
    total = frame.select_dtypes("number").sum()
    found |= {
        f"all:{name}": total[name]
        for name in (
            "opened",
            "resolved",
            "withdrawn",
            "blocked",
            "started",
            "waited",
            "mean_waiting",
            "mean_present",
        )
    }
    wait = (frame["mean_wait_minutes"].fillna(0) * frame["started"]).sum()
    found["all:mean_wait_minutes"] = wait / max(total["started"], 1)
    ledger = county.records.ledger().query("kind == 'server'").groupby("entry")["minutes"].sum()
    found["busy"] = frame["served_minutes"].sum() / ledger["paid"]
    return found


def agrees(values, truth, bias=0.0, ratio=RATIO):
    """Assert that the mean of independent replications agrees with the truth.

    The rule: |mean - truth| <= t(1 - 5e-6, R - 1) * se + bias, and se / truth <= `ratio`.
    """
    from scipy import stats

    values = np.asarray(values, float)
    n = values.size
    mean, se = values.mean(), values.std(ddof=1) / math.sqrt(n)
    assert n >= 30, f"{n} replications are too few"
    assert se <= ratio * abs(truth), f"blind: standard error {se:.3g} is {se / abs(truth):.2%} of {truth:.6g}"
    allowed = stats.t.ppf(1 - 5e-6, n - 1) * se + bias + 1e-12 * abs(truth)     # rounding, where all runs are equal
    assert abs(mean - truth) <= allowed, (
        f"{mean:.6g} against {truth:.6g}: off by {mean - truth:.3g}, allowed {allowed:.3g}"
    )


@pytest.fixture
def plan_of(tmp_path):
    """A plan from the text of a scenario file."""
    from sim.scenario import load

    def inner(text, name="queue"):
        path = tmp_path / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        return load(path)

    return inner


EVERYTHING = """
[run]
start = 2020-01-01
days = 45
request_share = 1.0
[[scopes]]
name = "hall"
limit = 25
[[posts]]
name = "desk"
scope = "hall"
[[posts]]
name = "counter"
order = "priority"
scope = "hall"
[[posts]]
name = "office"
order = "earliest_deadline"
[[posts]]
name = "grid"
limit = 6
[[matters]]
name = "enquiry"
arrivals = { law = "poisson", per_day = 40.0 }
patience = { law = "empirical", values_minutes = [60, 600, 3000] }
post = "desk"
service = { law = "exponential", mean_minutes = 20.0 }
[[matters]]
name = "permit"
arrivals = { law = "poisson", per_day = 30.0, by_hour = [0,0,0,0,0,0,0,0,1,3,3,2,1,1,3,3,2,1,0,0,0,0,0,0] }
priority = 1
deadline_minutes = 900
[[matters.steps]]
name = "intake"
post = "counter"
service = { law = "gamma", mean_minutes = 12.0, cv = 0.8 }
next = [{ step = "decide", share = 0.8, transit_minutes = 95.0 }, { step = "check", share = 0.2 }]
[[matters.steps]]
name = "check"
post = "desk"
service = { law = "uniform", low_minutes = 1.0, high_minutes = 9.0 }
next = [{ step = "intake", share = 0.5 }, { step = "decide", share = 0.5, transit_minutes = 3000.0 }]
[[matters.steps]]
name = "decide"
post = "office"
service = { law = "lognormal", mean_minutes = 25.0, cv = 1.5 }
[[matters]]
name = "urgent"
arrivals = { law = "poisson", per_day = 12.0 }
post = "counter"
service = { law = "deterministic", minutes = 15.0 }
[[matters]]
name = "review"
arrivals = { law = "deterministic", every_minutes = 50.0 }
post = "office"
deadline_minutes = 4000
service = { law = "triangular", low_minutes = 1, mode_minutes = 5, high_minutes = 30 }
[[matters]]
name = "filing"
arrivals = { law = "poisson", per_day = 6.0 }
post = "office"
service = { law = "exponential", mean_minutes = 10.0 }
[[matters]]
name = "visit"
arrivals = { law = "population", size = 12, think_minutes = 300.0 }
patience = { law = "exponential", mean_minutes = 200.0 }
deadline_minutes = 100
post = "grid"
service = { law = "exponential", mean_minutes = 30.0 }
[[officials]]
name = "clerk"
count = 3
posts = ["desk", "counter"]
hours = ["08:30-12:00", "13:30-17:45"]
calendar = "weekdays"
[[officials]]
name = "examiner"
count = 3
posts = ["counter", "office"]
hours = ["09:00-17:00"]
calendar = "china"
closing = "finish"
pace = 1.1
[[officials]]
name = "grid worker"
count = 2
posts = ["grid", "desk"]
[[officials]]
name = "night clerk"
posts = ["desk"]
hours = ["00:00-06:00", "20:00-24:00"]
closing = "serve_all"
"""
"""A scenario that uses every feature of the textbook language at once."""

BEHAVED = """
[behaviour]
setup = true
rework = true
fatigue = true
attendance = true
reassign_after_days = 1.0
"""
"""The mechanisms that act on textbook scenarios, switched on."""


def _queue(t, u):
    """Requests of queue u, by following its links."""
    found, todo = [], [int(t.queue["head"][u])]
    is_list = t.pool["order"][u] == 0
    while todo:
        q = todo.pop()
        if q:
            found.append(q)
            todo.append(int(t.link["next"][q]))
            if not is_list:
                todo.append(int(t.link["child"][q]))
    assert len(set(found)) == len(found)
    return found


def recount(county):
    """Recount, slowly and from the rows, everything that a day must leave in order."""
    t = county.kernel_tables
    state = t.request["state"]
    free, q = 0, int(t.free[0])
    while q:
        assert state[q] == 0
        free, q = free + 1, int(t.request["pool"][q])
    assert free + int(t.free[1]) == t.request.size - 1 and (state != 0).sum() == t.free[1]
    in_hand = t.worker["request"][1:]
    assert sorted(in_hand[in_hand > 0]) == sorted(np.flatnonzero(state == 3)), (
        "nobody serves or is served twice"
    )
    assert (state == 2).sum() == t.tally["waiting"].sum()
    matter = t.step["matter"][t.request["step"]]
    for m in range(1, t.tally.size):
        x = t.tally[m]
        assert x["present"] == ((matter == m) & (state != 0) & (state != 4)).sum()
        assert x["opened"] == x["resolved"] + x["withdrawn"] + x["blocked"] + x["present"]
    present = np.zeros(t.scope.size, int)
    for u in range(1, t.pool.size):
        waiting = _queue(t, u)
        assert len(waiting) == ((t.request["pool"] == u) & (state == 2)).sum()
        assert t.pool["waiting"][u] == bool(waiting)
        assert all(state[q] == 2 and t.request["pool"][q] == u for q in waiting)
        assert t.pool["backlog"][u] == (t.step["mean"][t.request["step"][waiting]].sum() if waiting else 0)
        for q in waiting:  # ranks that put people in their place, also those taken back from an absent holder
            rank, order = int(t.link["rank"][q]), int(t.pool["order"][u])
            if order == 1:
                assert rank == min(int(t.request["due"][q]), 2**62 - 1)
            else:
                came = rank - (int(t.matter["priority"][matter[q]]) << 52 if order == 2 else 0)
                assert int(t.request["opened"][q]) <= came <= int(t.link["queued"][q])
        present[t.pool["scope"][u]] += ((t.request["pool"] == u) & ((state == 2) | (state == 3))).sum()
    assert (t.scope["present"][1:] == present[1:]).all() and (present[1:] <= t.scope["limit"][1:]).all()
    ledger = t.ledger[1:]
    paid = ledger["paid"] + ledger["overtime"]
    assert (paid == sum(ledger[name] for name in ("served", "setup", "handover", "idle", "absent"))).all()
    assert all((ledger[name] >= 0).all() for name in ledger.dtype.names)
    assert ledger["served"].sum() == t.minutes.sum()
    assert not t.ring.any()
