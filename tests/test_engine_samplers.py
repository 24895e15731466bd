"""Samplers against their laws, and our own logarithm and exponential against the library's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.chance import keys, laws
from sim.compiled import kernel
from sim.scenario.network import Law
from sim.service.arrivals import LOT, give_work
from sim.service.layout import ARRIVAL, STEP

N = 200_000


@kernel
def _samples(out, code, a, b, c, key):
    for i in range(out.size):
        out[i] = laws.sample(code, a, b, c, keys.mix(key + np.uint64(i) * keys.G))


@kernel
def _logs(x, out):
    for i in range(x.size):
        out[i] = laws.log(x[i])


@kernel
def _exps(x, out):
    for i in range(x.size):
        out[i] = laws.exp(x[i])


@kernel
def _lots(first_row, n, arrival, step, bits, units):
    give_work(first_row, n, arrival, step, bits, units)


@kernel
def _one_by_one(arrival, step, out):
    for i in range(out.size):
        s = arrival[i]["step"]
        z = keys.draw(arrival[i]["key"], keys.WORK, step[s]["id"])
        out[i] = laws.sample(step[s]["law"], step[s]["a"], step[s]["b"], step[s]["c"], z)


def test_work_drawn_in_lots_is_that_drawn_one_by_one():
    """Every law, tails of the lognormal included, to the last bit of the uniform; more requests than a lot holds."""
    mixed = [Law("fixed", 7.5), Law("exponential", 46.4516), Law("lognormal", 30.0, 1.2), Law("gamma", 12.0, 0.7),
             Law("uniform", 1.0, 9.0), Law("triangular", 1.0, 2.0, 9.0), Law("lognormal", 5.0, 0.3)]  # fmt: skip
    rng = np.random.default_rng(5)
    for listed in (mixed, mixed[1:2], mixed[2:3], mixed[:1]):
        step = np.zeros(len(listed), STEP)
        step["id"] = rng.integers(0, 2**63, step.size, np.uint64)
        for row, law in zip(step, listed, strict=True):
            row["law"], row["a"], row["b"], row["c"] = laws.parameters(law)
        arrival = np.zeros(20 * LOT + 77, ARRIVAL)
        arrival["key"] = rng.integers(0, 2**63, arrival.size, np.uint64)
        arrival["step"] = rng.integers(0, step.size, arrival.size)
        _lots(1, arrival.size - 1, arrival, step, np.zeros((2, LOT), np.uint64), np.zeros((5, LOT)))
        out = np.zeros(arrival.size)
        _one_by_one(arrival, step, out)
        assert arrival["work"][0] == 0                  # the row before the first is not touched
        # one rounding of the product, at most, lies between the two
        assert np.abs(arrival["work"][1:] - np.round(60e6 * out[1:])).max() <= 1


def _normal_law(cv, mean):
    s = math.sqrt(math.log(1 + cv * cv))
    return stats.lognorm(s, scale=mean * math.exp(-s * s / 2))


LAWS = {
    "fixed": (Law("fixed", 7.0), None, 7.0, 0.0),
    "exponential": (Law("exponential", 12.0), stats.expon(scale=12.0), 12.0, 144.0),
    "uniform": (Law("uniform", 2.0, 9.0), stats.uniform(2.0, 7.0), 5.5, 49 / 12),
    "triangular": (Law("triangular", 1.0, 2.0, 10.0), stats.triang(1 / 9, 1.0, 9.0), 13 / 3, 73 / 18),
    "triangular, mode low": (Law("triangular", 0.0, 0.0, 6.0), stats.triang(0.0, 0.0, 6.0), 2.0, 2.0),
    "triangular, mode high": (Law("triangular", 0.0, 6.0, 6.0), stats.triang(1.0, 0.0, 6.0), 4.0, 2.0),
    "lognormal": (Law("lognormal", 20.0, 0.8), _normal_law(0.8, 20.0), 20.0, 256.0),
    "lognormal, wide": (Law("lognormal", 1.0, 2.0), _normal_law(2.0, 1.0), 1.0, 4.0),
    "gamma": (Law("gamma", 5.0, 0.5), stats.gamma(4.0, scale=1.25), 5.0, 6.25),
    "gamma, shape below one": (Law("gamma", 5.0, 2.0), stats.gamma(0.25, scale=20.0), 5.0, 100.0),
    "gamma, narrow": (Law("gamma", 5.0, 0.01), stats.gamma(1e4, scale=5e-4), 5.0, 0.0025),
}


@pytest.mark.parametrize("name", LAWS)
def test_mean_variance_and_shape(name):
    law, truth, mean, variance = LAWS[name]
    values = np.empty(N)
    _samples(values, *laws.parameters(law), np.uint64(keys.declared_id(name)))
    assert (values >= 0).all() and np.isfinite(values).all()
    assert law.mean_minutes() == pytest.approx(mean)
    assert abs(values.mean() - mean) <= 5 * math.sqrt(variance / N) + 1e-12
    if truth is not None:
        assert truth.mean() == pytest.approx(mean) and truth.var() == pytest.approx(variance)
        fourth = np.mean((values - mean) ** 4)
        assert abs(values.var() - variance) <= 5 * math.sqrt(fourth / N)
        assert stats.kstest(values, truth.cdf).pvalue > 1e-4


def test_listed_values_with_weights(plan_of):
    """Values of weight zero never come, the others as often as they weigh; without weights all alike."""
    from conftest import ended, finished

    text = """
[run]
start = 2020-01-01
days = 10
request_share = 1.0
[[posts]]
name = "desk"
[[matters]]
name = "ask"
arrivals = { law = "poisson", per_hour = 60.0 }
service = { law = "empirical", values_minutes = [1, 2, 3, 4, 5], weights = [0, 1, 0, 3, 0] }
post = "desk"
[[officials]]
name = "clerk"
count = 60
posts = ["desk"]
"""
    for weights, share in (([0, 1, 0, 3, 0], [0, 0.25, 0, 0.75, 0]), ([], [0.2] * 5)):
        rows = ended(finished(plan_of(text).vary({"matters.ask.service.weights": weights}), 3))
        values = (rows["closed"] - rows["started"]) / 60e6
        counts = np.array([(values == v).sum() for v in (1, 2, 3, 4, 5)])
        expected = np.array(share) * values.size
        assert counts.sum() == values.size > 14_000 and not counts[expected == 0].any()
        assert (np.abs(counts - expected) <= 5 * np.sqrt(expected)).all()


def test_logarithm_and_exponential():
    rng = np.random.default_rng(1)
    x = np.concatenate(
        (10.0 ** rng.uniform(-300, 300, 50_000), rng.uniform(0.5, 2.0, 50_000), 2.0 ** np.arange(-1000, 1000))
    )
    out = np.empty_like(x)
    _logs(x, out)
    assert (np.abs(out - np.log(x)) <= 1e-10 * np.maximum(np.abs(np.log(x)), 1e-2)).all()
    assert laws.log(1.0) == 0.0
    x = np.concatenate((rng.uniform(-690, 690, 50_000), rng.uniform(-1, 1, 50_000), [0.0]))
    out = np.empty_like(x)
    _exps(x, out)
    assert (np.abs(out / np.exp(x) - 1) < 1e-10).all()
    assert laws.exp(-701.0) == 0.0 and laws.exp(1e9) == laws.exp(700.0) and laws.exp(0.0) == 1.0


def test_normal_variates():
    z = np.array([keys.draw(np.uint64(9), keys.WORK, np.uint64(i)) for i in range(20_000)], np.uint64)
    u = np.array([keys.unit(x) for x in z])
    x = np.array([laws.normal(v) for v in z])
    assert np.abs(x - stats.norm.ppf(u)).max() < 2e-8
    assert stats.kstest(x, "norm").pvalue > 1e-4
