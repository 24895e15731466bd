"""One run: a plan, a seed, and what comes out as tables."""

from __future__ import annotations

import ctypes
import datetime
import gc
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pandas as pd

from sim.compiled import IS_WARM
from sim.county import County, release
from sim.outcomes import outcomes
from sim.scenario import Plan

TABLES = (
    "summary",
    "daily",
    "monthly",
    "departments",
    "society",
    "money",
    "communities",
    "ledger",
    "matters",
    "requests",
)
"""Names of the tables of a result."""
SELDOM = 30
"""How many times more objects than usual are made before Python looks for cycles of garbage."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run leaves behind.

    Attributes:
        plan: what was run; seed: its seed.
        summary: one row of headline outcomes (`sim.outcomes`).
        daily: county, one row a day. monthly: one row a month and matter. departments, communities: one row
            a month and unit. society: one row a month. money: one row a month and line of cost.
            ledger: minutes by kind of worker and entry. matters: one row a matter over the whole run.
            requests: sampled requests (`run.request_share`).
    """

    plan: Plan
    seed: int
    summary: pd.DataFrame
    daily: pd.DataFrame
    monthly: pd.DataFrame
    departments: pd.DataFrame
    society: pd.DataFrame
    money: pd.DataFrame
    communities: pd.DataFrame
    ledger: pd.DataFrame
    matters: pd.DataFrame
    requests: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name."""
        return {name: getattr(self, name) for name in TABLES}


def run(
    plan: Plan | str,
    seed: int | None = None,
    *,
    until: datetime.date | None = None,
    progress: Callable[[int, int], None] | None = None,
    tables: Collection[str] = TABLES,
) -> Result:
    """Live a county to its end.

    Args:
        plan: a plan, or the name or path of a scenario.
        seed: seed of the run; None = the plan's own.
        until: last day (inclusive) instead of the plan's.
        progress: called now and then with days lived and days in all.
        tables: which tables are wanted; making the others is saved, and they are empty.

    Raises:
        ScenarioError: when the scenario, or `until`, is not valid.
    """
    from sim.scenario import load

    plan = plan if isinstance(plan, Plan) else load(plan)
    if until is not None:
        plan = plan.vary({"run.end": until})
    with _collector_at_ease():
        return _lived(plan, seed, progress, tables)


@contextmanager
def _collector_at_ease() -> Iterator[None]:
    """Search for garbage `SELDOM`: a county's objects all stay. As usual in a first run: compiling leaves much."""
    usual = gc.get_threshold()
    if IS_WARM:
        gc.set_threshold(SELDOM * usual[0], *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _give_back_memory() -> None:
    """Keep nothing for a next run, and hand what compiling has left behind back to the system, where it is possible."""
    from sim.scenario.county_network import forget_networks

    forget_networks()
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _lived(
    plan: Plan, seed: int | None, progress: Callable[[int, int], None] | None, tables: Collection[str]
) -> Result:
    county = County(plan, seed=seed)
    try:
        while county.running:
            county.step()
            if county.day % 60 == 1 and not IS_WARM:
                _give_back_memory()
            if progress is not None and county.day % 25 == 0:
                progress(county.day, county.n_days)
        records = county.records
        name = plan.name
        summary = pd.DataFrame([{"scenario": name, "seed": county.seed, **outcomes(county)}])
        made = {
            table: getattr(records, table)() if table in tables else pd.DataFrame()
            for table in TABLES
            if table != "summary"
        }
        for frame in made.values():
            frame.insert(0, "scenario", name)
            frame.insert(1, "seed", county.seed)
        return Result(plan=plan, seed=county.seed, summary=summary, **made)
    finally:
        release(county)
