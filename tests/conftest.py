"""What tests of the engine share: runs to the end, replications, and the rule by which a mean agrees with theory."""

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


def ended(county):
    """Records of the requests that ended, as the engine wrote them (µs)."""
    assert county.records.records_lost == 0
    return np.concatenate(county.records._requests)


def open_rows(county):
    """Rows of the requests that are present or whose customers think."""
    t = county.kernel_tables
    return t.request[t.request_life["state"] != 0]


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
    allowed = stats.t.ppf(1 - 5e-6, n - 1) * se + bias
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
