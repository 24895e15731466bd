"""Paired comparison of options: the same seeds, so the same people, requests and days under every option.

What a comparison says of an outcome: the level of each option with a 95 % t-interval, the mean paired
difference to the base with its own, Holm's p over all outcomes and options, and how much the pairing helped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.intervals import CONFIDENCE, Estimate, estimate, holm, paired_p, variance_ratio
from sim.analysis.months import by_month
from sim.outcomes import BETTER_WHEN_HIGHER, BETTER_WHEN_LOWER, LABELS
from sim.runs.many import Done, run_many
from sim.scenario import Plan, Problem, ScenarioError, load

HEADLINE = (
    "on_time_share",
    "p90_days",
    "superior_on_time_share",
    "overtime_hours_per_week",
    "satisfaction_end",
)
"""Outcomes whose differences must be known well before `replications="auto"` stops."""

FIRST_REPLICATIONS, STEP_REPLICATIONS, BUDGET_REPLICATIONS = 5, 2, 31
RELATIVE_PRECISION, LEVEL_PRECISION = 0.10, 0.01

ASKED = ("summary", "daily", "ledger", "matters", "society", "money")
"""Tables of a run that a comparison is made of."""

TABLES = ("summaries", "ledgers", "months", "matters", "society", "money", "failures")
"""Tables of a comparison, each with the columns `option` and `seed`."""

BETTER, WORSE, DIFFERENT, CANNOT_TELL, NO_INTERVAL, UNDEFINED, CONSTANT = (
    "better",
    "worse",
    "different",
    "cannot tell",
    "no interval",
    "undefined",
    "same in every run",
)


@dataclass(frozen=True)
class Comparison:
    """Options run with the same seeds; the first is the base.

    Attributes:
        plans: option -> its plan, the base first.
        summaries: one row an option and seed that finished: headline outcomes, and `years` counted.
        ledgers: minutes by option, seed, kind of worker and entry of the labour ledger, in all years counted.
        months: one row an option, seed and month (`sim.analysis.months`).
        matters: one row an option, seed and matter. society: one row an option, seed and month.
        money: one row an option, seed, month and line of cost.
        failures: one row a run that failed: option, seed, reason.
        seeds: seeds asked for, in order.
        asked: replications asked for, a number or "auto".
        notes: what the reader must be told: precision reached or not, runs that failed.
    """

    plans: Mapping[str, Plan]
    summaries: pd.DataFrame
    ledgers: pd.DataFrame
    months: pd.DataFrame
    matters: pd.DataFrame
    society: pd.DataFrame
    money: pd.DataFrame
    failures: pd.DataFrame
    seeds: tuple[int, ...]
    asked: int | str = 0
    notes: tuple[str, ...] = field(default=())

    @property
    def base(self) -> str:
        """Name of the option that the others are compared with."""
        return next(iter(self.plans))

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the other options."""
        return tuple(self.plans)[1:]

    @property
    def n_failed(self) -> int:
        """Number of runs that failed."""
        return len(self.failures)

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """Outcomes that these runs have, in the order of `sim.outcomes.LABELS`, then the others."""
        named = [name for name in LABELS if name in self.summaries]
        others = [
            name
            for name in self.summaries.columns
            if name not in LABELS and name not in ("option", "seed", "scenario", "years")
        ]
        return tuple(named + others)

    def values(self, option: str, outcome: str) -> pd.Series:
        """Values of an outcome by seed."""
        mine = self.summaries[self.summaries["option"] == option]
        return mine.set_index("seed")[outcome].astype(float)

    def pairs(self, option: str, outcome: str) -> tuple[np.ndarray, np.ndarray]:
        """Values of base and option at the seeds that both finished."""
        columns = [self.values(self.base, outcome), self.values(option, outcome)]
        both = pd.concat(columns, axis=1, join="inner")
        return both.iloc[:, 0].to_numpy(), both.iloc[:, 1].to_numpy()

    @cached_property
    def levels(self) -> pd.DataFrame:
        """One row an option and outcome: mean, low, high, n, n_undefined, sd."""
        return pd.DataFrame(
            [
                {"option": option, "outcome": outcome, **_fields(estimate(self.values(option, outcome)))}
                for option in self.plans
                for outcome in self.outcomes
            ]
        )

    @cached_property
    def differences(self) -> pd.DataFrame:
        """One row an option and outcome: the paired difference (option minus base) and what it shows.

        Columns beside the estimate: `p`, `p_holm` (over the `n_tests` outcomes and options with something to
        test), `variance_ratio` (paired over independent), `verdict`.
        """
        rows = []
        for option in self.options:
            for outcome in self.outcomes:
                a, b = self.pairs(option, outcome)
                found = estimate(b - a)
                rows.append(
                    {
                        "option": option,
                        "outcome": outcome,
                        **_fields(found),
                        "p": paired_p(b - a),
                        "variance_ratio": variance_ratio(a, b),
                        "verdict": verdict(outcome, found),
                    }
                )
        frame = pd.DataFrame(rows)
        if len(frame):
            frame.insert(frame.columns.get_loc("p") + 1, "p_holm", holm(frame["p"]))
            frame["n_tests"] = int(np.isfinite(frame["p"]).sum())
        return frame

    def level(self, option: str, outcome: str) -> pd.Series:
        """The row of `levels` for an option and outcome."""
        found = self.levels
        return found[(found["option"] == option) & (found["outcome"] == outcome)].iloc[0]

    def difference(self, option: str, outcome: str) -> pd.Series:
        """The row of `differences` for an option and outcome."""
        found = self.differences
        return found[(found["option"] == option) & (found["outcome"] == outcome)].iloc[0]

    def by_matter(self, option: str, column: str = "median_days") -> pd.DataFrame:
        """A column of the matters' table by matter: base, option and their paired difference.

        Returns:
            One row a matter that every run knows: matter, block, attention_class, opened (a year, base),
            base, option, and the difference with low, high, n, n_undefined.
        """
        wide = {
            o: self.matters[self.matters["option"] == o].pivot(index="matter", columns="seed", values=column)
            for o in (self.base, option)
        }
        seeds = [s for s in self.seeds if all(s in frame for frame in wide.values())]
        mine = self.matters[self.matters["option"] == self.base]
        years = self.summaries.loc[self.summaries["option"] == self.base, "years"].mean()
        about = mine.groupby("matter", sort=False)[["block", "attention_class"]].first()
        opened = mine.groupby("matter")["opened"].mean() / years
        rows = []
        for matter in about.index:
            if any(matter not in frame.index for frame in wide.values()):
                continue
            a, b = (wide[o].loc[matter, seeds].to_numpy(float) for o in (self.base, option))
            rows.append(
                {
                    "matter": matter,
                    **about.loc[matter],
                    "opened": float(opened[matter]),
                    "base": estimate(a).mean,
                    "option": estimate(b).mean,
                    **_fields(estimate(b - a)),
                }
            )
        return pd.DataFrame(rows)

    def tables(self) -> dict[str, pd.DataFrame]:
        """What must be kept to make this comparison again without a run."""
        return {name: getattr(self, name) for name in TABLES}

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON: levels, differences, failures, notes; no undefined numbers (they are None)."""
        return {
            "base": self.base,
            "options": list(self.options),
            "seeds": list(self.seeds),
            "digests": {name: plan.digest for name, plan in self.plans.items()},
            "confidence": CONFIDENCE,
            "interval": "Student t over replications; differences paired by seed",
            "correction": "Holm over all outcomes and options with something to test",
            "levels": _plain(self.levels),
            "differences": _plain(self.differences),
            "failures": _plain(self.failures),
            "notes": list(self.notes),
        }


def verdict(outcome: str, difference: Estimate) -> str:
    """What a paired difference shows: better or worse only when its interval excludes 0."""
    if difference.n_undefined or difference.n == 0:
        return UNDEFINED
    if not difference.has_interval:
        return NO_INTERVAL
    if difference.sd == 0.0 and difference.mean == 0.0:
        return CONSTANT
    if not difference.excludes_zero:
        return CANNOT_TELL
    if outcome in BETTER_WHEN_LOWER:
        return BETTER if difference.mean < 0 else WORSE
    if outcome in BETTER_WHEN_HIGHER:
        return BETTER if difference.mean > 0 else WORSE
    return DIFFERENT


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
    options = _options(plans)
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
            tables=ASKED,
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


def not_precise(comparison: Comparison) -> list[str]:
    """Headline outcomes whose difference is not yet known well enough, as `outcome (option)`.

    Known: the half-width of the interval is at most 10 % of the difference, or 1 % of the larger level. Fewer
    than three pairs, and an undefined value, are never known.
    """
    unknown = []
    for option in comparison.options:
        for outcome in HEADLINE:
            if outcome not in comparison.outcomes:
                continue
            a, b = comparison.pairs(option, outcome)
            found = estimate(b - a)
            if found.n >= 3 and found.has_interval:
                level = max(abs(a.mean()), abs(b.mean()))
                if found.half_width <= max(RELATIVE_PRECISION * abs(found.mean), LEVEL_PRECISION * level):
                    continue
            unknown.append(f"{outcome} ({option})")
    return unknown


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
            message = f"{name} and {base[0]} are a queue and a county, which cannot be compared"
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
    tables = {
        "summaries": raw["summary"].assign(years=len(raw["daily"]) / 365.25),
        "ledgers": raw["ledger"],
        "months": by_month(raw["daily"]),
        "matters": raw["matters"],
        "society": raw["society"],
        "money": raw["money"],
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


def _fields(found: Estimate) -> dict[str, float]:
    return {name: getattr(found, name) for name in ("mean", "low", "high", "n", "n_undefined", "sd")}


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for row in frame.to_dict("records"):
        rows.append(
            {
                key: None
                if isinstance(value, float) and not np.isfinite(value)
                else value.item()
                if hasattr(value, "item")
                else value
                for key, value in row.items()
            }
        )
    return rows
