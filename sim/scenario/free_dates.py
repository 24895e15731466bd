"""Dates of reforms that nobody knows: their bounds must make sense, and keep reforms in order whatever is drawn."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

from sim.scenario.problems import Problem
from sim.scenario.schema import Reform, Run, Scenario


def free_dates(scenario: Scenario, may_be_outside: Callable[[int], bool]) -> Iterator[Problem]:
    """Everything that is wrong with `earliest` and `latest`.

    Args:
        scenario: the validated scenario.
        may_be_outside: whether reform i may lie outside the run.
    """
    for i, reform in enumerate(scenario.reforms):
        if reform.earliest is not None or reform.latest is not None:
            yield from _bounds(reform, f"reforms[{i}]", scenario.run, may_be_outside(i))
    yield from _order(scenario.reforms)


def _bounds(reform: Reform, key: str, run: Run, may_be_outside: bool) -> Iterator[Problem]:
    for name in ("earliest", "latest"):
        bound = getattr(reform, name)
        if bound is None:
            yield Problem("is missing: a free date has two bounds", f"{key}.{name}", allowed="a date")
            return
        if not run.start <= bound <= run.last_day and not may_be_outside:
            yield Problem(f"{bound} is outside the run", f"{key}.{name}", allowed=f"{run.start} to {run.last_day}")
    if reform.earliest > reform.latest:
        yield Problem(f"earliest {reform.earliest} lies after latest {reform.latest}", key)
    elif reform.earliest == reform.latest:
        yield Problem(f"both bounds are {reform.earliest}: the date is known", key, allowed="no earliest and latest")
    elif not reform.earliest <= reform.date <= reform.latest:
        yield Problem(f"{reform.date} does not lie between its bounds", f"{key}.date",
                      allowed=f"{reform.earliest} to {reform.latest}")  # fmt: skip


def _order(reforms: tuple[Reform, ...]) -> Iterator[Problem]:
    """Report bounds of one value's reforms that overlap: dates drawn could change the order of the reforms."""
    spans: dict[str, list[tuple[datetime.date, datetime.date, int]]] = {}
    for i, reform in enumerate(reforms):
        spans.setdefault(reform.what, []).append((reform.earliest or reform.date, reform.latest or reform.date, i))
    for what, found in spans.items():
        found.sort()
        for (_, latest, i), (earliest, _, k) in zip(found, found[1:], strict=False):
            if latest >= earliest and (reforms[i].latest or reforms[k].earliest):
                yield Problem(f"{what} could also change before reforms[{i}], which may come until {latest}",
                              f"reforms[{k}].{'earliest' if reforms[k].earliest else 'date'}",
                              allowed="bounds that do not overlap")  # fmt: skip
