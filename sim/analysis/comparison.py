"""Paired comparison of options: the same seeds, so the same people, requests and days under every option.

What a comparison says of an outcome: the level of each option with a 95 % t-interval, the mean paired
difference to the base with its own, Holm's p over all outcomes and options, and how much the pairing helped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.intervals import CONFIDENCE, Estimate, estimate, holm, paired_p, variance_ratio
from sim.outcome_names import BETTER_WHEN_HIGHER, BETTER_WHEN_LOWER, LABELS
from sim.outcomes import smallest_effect
from sim.scenario import Plan

HEADLINE = (
    "on_time_share",
    "p90_days",
    "superior_on_time_share",
    "overtime_hours_per_week",
    "satisfaction_end",
)
"""Outcomes whose differences must be known well before `replications="auto"` stops."""

RELATIVE_PRECISION, LEVEL_PRECISION = 0.10, 0.01

TABLES = ("summaries", "ledgers", "work", "months", "matters", "society", "money", "failures")
"""Tables of a comparison, each with the columns `option` and `seed`."""

BETTER, WORSE, DIFFERENT, NEGLIGIBLE, CANNOT_TELL, NO_INTERVAL, UNDEFINED, CONSTANT = (
    "better",
    "worse",
    "different",
    "negligible",
    "cannot tell",
    "no interval",
    "undefined",
    "same in every run",
)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Options run with the same seeds; the first is the base.

    Attributes:
        plans: option -> its plan, the base first.
        summaries: one row an option and seed that finished: headline outcomes, and `years` counted.
        ledgers: minutes by option, seed, calendar year, kind of worker and entry of the labour ledger.
        work: one row an option, seed, calendar year and family of matters (`sim.analysis.labour`).
        months: one row an option, seed and month (`sim.analysis.months`).
        matters: one row an option, seed and matter. society: one row an option, seed and month.
        money: yuan by option, seed, date and line of cost; empty when a run keeps no money.
        failures: one row a run that failed: option, seed, reason.
        seeds: seeds asked for, in order.
        asked: replications asked for, a number or "auto".
        notes: what the reader must be told: precision reached or not, runs that failed.
    """

    plans: Mapping[str, Plan]
    summaries: pd.DataFrame
    ledgers: pd.DataFrame
    work: pd.DataFrame
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
    def is_county(self) -> bool:
        """Whether these are counties (else textbook queues)."""
        return all(plan.is_county for plan in self.plans.values())

    @property
    def n_failed(self) -> int:
        """Number of runs that failed."""
        return len(self.failures)

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """Outcomes that these runs have, in the order of `sim.outcome_names.LABELS`, then the others."""
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
                        "verdict": verdict(outcome, found, smallest_effect(outcome, a.mean(), self.is_county)),
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


def verdict(outcome: str, difference: Estimate, smallest: float = 0.0) -> str:
    """What a paired difference shows.

    Negligible when the whole interval lies within the smallest effect of interest (a test of equivalence: two
    one-sided tests at 2.5 %); better or worse only when the interval excludes 0.
    """
    if difference.n_undefined or difference.n == 0:
        return UNDEFINED
    if not difference.has_interval:
        return NO_INTERVAL
    if difference.sd == 0.0 and difference.mean == 0.0:
        return CONSTANT
    if max(abs(difference.low), abs(difference.high)) < smallest:
        return NEGLIGIBLE
    if not difference.excludes_zero:
        return CANNOT_TELL
    if outcome in BETTER_WHEN_LOWER:
        return BETTER if difference.mean < 0 else WORSE
    if outcome in BETTER_WHEN_HIGHER:
        return BETTER if difference.mean > 0 else WORSE
    return DIFFERENT


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
