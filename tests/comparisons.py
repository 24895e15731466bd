"""Small comparisons that several tests look at, run once a process."""

from __future__ import annotations

from functools import cache

import pandas as pd

from sim.analysis.compare import compare
from sim.analysis.comparison import Comparison
from sim.runs.many import Done
from sim.scenario import Plan, load

WEEKS = {"run.start": "2019-10-08", "run.end": "2019-10-31", "run.run_in_days": 3, "reforms": []}
"""Three weeks and a half after three days of run-in: enough that every kind of work is met."""


def short(name: str, **changes: object) -> Plan:
    """A county that lives a few weeks."""
    return load(name).vary({**WEEKS, **changes})


@cache
def county(replications: int = 2) -> Comparison:
    """conventional100 against lean40, a few weeks."""
    return compare({n: short(n) for n in ("conventional100", "lean40")}, replications, workers=1)


@cache
def turn_of_year() -> Comparison:
    """A small county under two structures from one calendar year into the next."""
    changes = {"run.start": "2019-12-09", "run.end": "2020-01-19", "county.residents": 20_000, "run.run_in_days": 10}
    plans = {n: short(n, **changes) for n in ("conventional100", "lean40")}
    return compare(plans, 2, workers=1)


@cache
def queue(replications: int = 4) -> Comparison:
    """Five clerks against six on twenty days of M/M/5."""
    plan = load("textbook/mm5").vary({"run.days": 20})
    six = plan.vary({"officials.clerk.count": 6})
    return compare({"five": plan, "six": six}, replications, workers=1)


def done(plan: Plan, seed: int, failure: str = "", **outcomes: float) -> Done:
    """What a run would send back, with given outcomes and nothing else."""
    if failure:
        return Done(plan, seed, {}, failure)
    day = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=2), "scenario": "x", "seed": seed})
    return Done(plan, seed, {
        "summary": pd.DataFrame([{"scenario": "x", "seed": seed, **outcomes}]), "daily": day,
        "monthly": pd.DataFrame(),
        "matters": pd.DataFrame([{"matter": "m", "opened": 1}]), "society": pd.DataFrame()})  # fmt: skip
