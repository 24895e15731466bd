"""Run options with the same seeds and put the runs together; judging them is `sim.analysis.comparison`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from numbers import Integral
from typing import Any

import pandas as pd

from sim.analysis.budget import arithmetic
from sim.analysis.comparison import LEVEL_PRECISION, RELATIVE_PRECISION, TABLES, Comparison, not_precise
from sim.analysis.labour import ledger_by_year, work_by_year
from sim.analysis.months import by_month
from sim.runs.many import Done, run_many
from sim.scenario import Plan, Problem, ScenarioError, load

FIRST_REPLICATIONS, STEP_REPLICATIONS, BUDGET_REPLICATIONS = 5, 2, 31

ASKED = ("summary", "daily", "monthly", "matters", "society", "money")
"""Tables of a run that a comparison is made of."""


def compare(
    plans: Mapping[str, Plan | str] | Sequence[Plan | str],
    replications: int | str = 5,
    *,
    workers: int | None = None,
    first_seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
    executor: Executor | None = None,
) -> Comparison:
    """Run options with the same seeds and compare them with the first.

    Args:
        plans: option -> plan, or name or path of a scenario; a sequence takes the scenarios' own names.
        replications: runs of each option, or "auto": from 5 on, two more at a time, until the differences of
            the `HEADLINE` outcomes are known to 10 % of themselves or 1 % of the level (confidence-interval
            method), at most 31; a note says so when that was not enough.
        workers: processes; None = one a usable processor, 1 = in this process.
        first_seed: the first of the consecutive seeds.
        progress: called with runs done and runs in all (so far).
        executor: where runs are carried out instead of a pool of processes.

    Raises:
        ScenarioError: when a scenario is not valid, or the options cannot be compared: queues with counties, other
            days, another county.
        ValueError: when there are fewer than two options, or `replications` is neither "auto" nor positive.
    """
    from sim.runs.run import TABLES as RUN_TABLES  # brings Mesa

    options = _options(plans)
    for plan in options.values():
        try:
            arithmetic(plan.data_folder)            # a mistake in the county's budget is told before the runs
        except ValueError as error:
            raise ScenarioError([Problem(str(error), "budget.csv")]) from None
    is_auto = replications == "auto"
    if not is_auto and not _is_count(replications):
        raise ValueError(f'replications must be a whole number from 1 on, or "auto"; given {replications!r}')
    n = FIRST_REPLICATIONS if is_auto else int(replications)
    found: list[dict[str, pd.DataFrame]] = []
    done = 0
    while True:
        seeds = tuple(range(first_seed, first_seed + n))
        names = [(option, seed) for seed in seeds[done:] for option in options]
        before, all_jobs = len(found), len(found) + len(names)
        tell = None if progress is None else lambda i, _, b=before, j=all_jobs: progress(b + i, j)
        runs = run_many(
            [(options[option], seed) for option, seed in names],
            workers=workers,
            executor=executor,
            progress=tell,
            tables=[name for name in ASKED if name in RUN_TABLES],
        )
        found += [_told(option, run) for (option, _), run in zip(names, runs, strict=True)]
        comparison = _put_together(options, found, seeds, replications)
        if not is_auto:
            return comparison
        unknown = not_precise(comparison)
        if not unknown or n + STEP_REPLICATIONS > BUDGET_REPLICATIONS:
            return replace(comparison, notes=(*comparison.notes, _auto_note(n, unknown)))
        done, n = n, n + STEP_REPLICATIONS


def _is_count(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and value >= 1


def _auto_note(n: int, unknown: list[str]) -> str:
    if unknown:
        return (
            f"auto: the budget of {n} replications is exhausted; these differences are not known to "
            f"{RELATIVE_PRECISION:.0%} of themselves or {LEVEL_PRECISION:.0%} of the level: "
            f"{', '.join(unknown)}"
        )
    return (
        f"auto: {n} replications give every headline difference to {RELATIVE_PRECISION:.0%} of itself or "
        f"{LEVEL_PRECISION:.0%} of the level"
    )


def _options(plans: Mapping[str, Plan | str] | Sequence[Plan | str]) -> dict[str, Plan]:
    if not isinstance(plans, Mapping):
        loaded = [load(what) for what in plans]
        plans = {plan.name: plan for plan in loaded}
        if len(plans) < len(loaded):
            raise ValueError("two options have the same name; give a mapping of names to plans")
    options = {str(name): load(what) for name, what in plans.items()}
    if len(options) < 2:
        raise ValueError("a comparison needs a base and at least one option")
    _refuse_unlike(options)
    return options


def _refuse_unlike(options: Mapping[str, Plan]) -> None:
    """Options must live the same days of the same county: otherwise their difference says nothing about the option.

    Raises:
        ScenarioError: one problem for each option and each thing in which it departs from the base.
    """
    base, *others = options.items()
    problems = []
    for name, plan in others:
        first, run = base[1].scenario.run, plan.scenario.run
        if plan.is_county != base[1].is_county:
            kind, other = ("county", "queue") if plan.is_county else ("queue", "county")
            message = f"{name} is a {kind} and {base[0]} a {other}: they cannot be compared"
            problems.append(Problem(message, "county", name, "options of one kind"))
            continue
        same = {
            "run.start": (first.start, run.start),
            "run.end": (first.last_day, run.last_day),
            "run.minutes": (first.horizon_minutes, run.horizon_minutes),
            "run.run_in_days": (first.run_in_days, run.run_in_days),
            "run.warm_up_minutes": (first.warm_up_minutes, run.warm_up_minutes),
            "county": (base[1].scenario.county, plan.scenario.county),
        }
        for key, (mine, theirs) in same.items():
            if mine != theirs and not (key == "run.minutes" and first.last_day != run.last_day):
                problems.append(Problem(f"{theirs} here, {mine} in {base[0]}", key, name, "the same in all options"))
    if problems:
        raise ScenarioError(problems)


def _world_notes(options: Mapping[str, Plan]) -> list[str]:
    """What of the world differs between options: a comparison means most when nothing does."""
    (base_name, base), *others = options.items()
    mine = base.scenario.world.model_dump()
    notes = []
    for name, plan in others:
        theirs = plan.scenario.world.model_dump()
        changed = [f"world.{key} {mine[key]} → {theirs[key]}" for key in mine if mine[key] != theirs[key]]
        if changed:
            notes.append(f"{name} lives in another world than {base_name}: {', '.join(changed)}")
    return notes


def assemble(
    options: Mapping[str, Plan],
    found: Sequence[tuple[str, Done]],
    seeds: tuple[int, ...],
    asked: int | str = 0,
) -> Comparison:
    """Put runs together; failed ones are rows of `failures`, and their pairs are left out.

    Args:
        options: option -> plan, the base first.
        found: option and what became of its run, with the tables `ASKED`.
        seeds: seeds asked for.
        asked: replications asked for.
    """
    return _put_together(options, [_told(option, done) for option, done in found], seeds, asked)


def _told(option: str, done: Done) -> dict[str, pd.DataFrame]:
    """Tables of a comparison that hold one run; of a failed one only `failures`."""
    if done.failure:
        return {"failures": pd.DataFrame([{"option": option, "seed": done.seed, "reason": done.failure}])}
    raw = done.tables
    work = work_by_year(raw["monthly"])
    tables = {
        "summaries": raw["summary"].assign(years=len(raw["daily"]) / 365.25),
        "ledgers": ledger_by_year(raw["daily"], work),
        "work": work,
        "months": by_month(raw["daily"], raw["monthly"]),
        "matters": raw["matters"],
        "society": raw["society"],
        "money": raw.get("money", pd.DataFrame()),
    }
    for name, frame in tables.items():
        tables[name] = frame.drop(columns=[c for c in ("option", "scenario", "seed") if c in frame])
        tables[name].insert(0, "option", option)
        tables[name].insert(1, "seed", done.seed)
    return tables


def _put_together(
    options: Mapping[str, Plan],
    found: Sequence[Mapping[str, pd.DataFrame]],
    seeds: tuple[int, ...],
    asked: int | str,
) -> Comparison:
    frames = {}
    for name in TABLES:
        some = [tables[name] for tables in found if name in tables]
        columns = ["option", "seed", "reason"] if name == "failures" else ["option", "seed"]
        frames[name] = pd.concat(some, ignore_index=True) if some else pd.DataFrame(columns=columns)
    notes = _world_notes(options)
    if n_failed := len(frames["failures"]):
        notes.append(f"{n_failed} of {len(found)} runs failed; they are left out, and their pairs too")
    if len(seeds) == 1:
        notes.append("n = 1: no interval")
    return Comparison(
        plans=dict(options), seeds=seeds, asked=asked or len(seeds), notes=tuple(notes), **frames
    )
