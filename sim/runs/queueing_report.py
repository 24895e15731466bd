"""What a queueing book asks of a run: waiting, sojourn, blocking, giving up, utilisation, with intervals.

Every figure is computed once a replication; its mean over replications comes with a 95 % interval
(Student's t).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sim.runs.stability import Stability, stability
from sim.scenario import Plan

TABLES = ("summary", "matters", "ledger", "monthly", "daily", "departments")
"""Tables of a run that the report reads."""

MEASURES = {
    "mean_waiting": "mean number waiting",
    "mean_present": "mean number present",
    "mean_wait_minutes": "mean wait, minutes",
    "mean_wait_all_minutes": "mean wait in all, minutes",
    "mean_time_in_system_minutes": "mean time in system, minutes",
    "p_wait": "P(wait > 0)",
    "blocked_share": "share blocked",
    "given_up_share": "share given up",
    "utilisation": "utilisation",
}
"""Names of the measures, in the order of the table; `p_within_t` for each stated t comes after `p_wait`."""

POST_MEASURES = {
    "visits_per_day": "visits a day",
    "mean_wait_minutes": "mean wait a visit, minutes",
    "mean_busy": "mean number in service",
}
"""Names of the measures of a post."""

DEFINITIONS = {
    "mean_waiting": "time average of requests that wait at any step",
    "mean_present": "time average of requests that wait, are on the way or are served",
    "mean_wait_minutes": "wait before the first service, over requests whose service began",
    "mean_wait_all_minutes": "waiting at all steps, given-up requests included, per admitted request",
    "mean_time_in_system_minutes": "from arrival to the end of the last service, over resolved requests",
    "p_wait": "share of admitted requests, given-up ones included, whose service did not begin at once",
    "p_within": "share of admitted requests, given-up ones included, whose service began within t; "
    "requests still waiting at the end are left out",
    "blocked_share": "share of arrivals that were turned away",
    "given_up_share": "share of admitted requests that gave up waiting; "
    "requests still waiting at the end are left out",
    "utilisation": "busy time over time present; of one matter: the part of that time spent on it",
    "post": "by post: services begun a day; wait before each of them there; served minutes over minutes observed",
    "interval": "half-width of the 95 % interval by Student's t over replications",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """Mean over replications, half-width of its 95 % interval (NaN below two of them), and their number."""

    mean: float
    half_width: float
    n: int

    def __str__(self) -> str:
        if math.isnan(self.mean):
            return "-"
        if math.isnan(self.half_width):
            return f"{self.mean:.5g}"
        if self.half_width == 0:
            return f"{self.mean:.6g} ± 0"
        digits = max(0, min(9, 1 - math.floor(math.log10(self.half_width))))
        return f"{self.mean:.{digits}f} ± {self.half_width:.{digits}f}"

    def to_dict(self) -> dict[str, float | int | None]:
        """For JSON: NaN is null."""
        return {"mean": _or_none(self.mean), "half_width_95": _or_none(self.half_width), "n": self.n}


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def figure(values: Sequence[float] | np.ndarray) -> Figure:
    """Mean and interval of one value a replication; replications without the value are left out."""
    x = np.asarray(values, float)
    x = x[np.isfinite(x)]
    n = int(x.size)
    mean = math.fsum(x) / n if n else math.nan
    if n < 2:
        return Figure(mean, math.nan, n)
    from scipy.special import stdtrit

    if x.max() - x.min() <= 1e-12 * abs(mean):  # the same in every run but for rounding
        return Figure(mean, 0.0, n)
    sd = math.sqrt(math.fsum((v - mean) ** 2 for v in x) / (n - 1))
    return Figure(mean, float(stdtrit(n - 1, 0.975)) * sd / math.sqrt(n), n)


@dataclass(frozen=True, slots=True)
class QueueingReport:
    """Measures by matter and in total.

    Attributes:
        plan: the scenario. seeds: seeds of the replications.
        total: measure -> figure. matters: matter -> measure -> figure. posts: the same by
            post, where there are several.
        stability: load against capacity. growth_per_day: requests by which the number present grew a day.
    """

    plan: Plan
    seeds: tuple[int, ...]
    total: dict[str, Figure]
    matters: dict[str, dict[str, Figure]]
    stability: Stability
    growth_per_day: float
    posts: dict[str, dict[str, Figure]] = field(default_factory=dict)

    @property
    def heading(self) -> str:
        """What must be said before the figures; empty when the queue keeps up."""
        if not self.stability.is_unstable:
            return ""
        load = self.stability.load
        amount = f"{self.growth_per_day:.3g}"
        at = ", ".join(self.stability.posts[:8])
        return (
            f"unstable: the backlog grows by about {amount} a day "
            f"(offered load {load:.4g} of capacity at {at}); the figures depend on the run's length"
        )

    def to_dict(self) -> dict:
        """For JSON."""
        unstable = None
        if self.stability.is_unstable:
            unstable = {
                "growth_per_day": self.growth_per_day,
                "load": _or_none(self.stability.load),
                "posts": list(self.stability.posts),
                "heading": self.heading,
            }
        return {
            "definitions": DEFINITIONS,
            "replications": len(self.seeds),
            "seeds": list(self.seeds),
            "load": _or_none(self.stability.load),
            "offered_load": _or_none(self.stability.offered),
            "unstable": unstable,
            "total": {name: value.to_dict() for name, value in self.total.items()},
            "matters": {m: {name: value.to_dict() for name, value in found.items()}
                        for m, found in self.matters.items()},
            "posts": {p: {name: value.to_dict() for name, value in found.items()}
                      for p, found in self.posts.items()},
        }  # fmt: skip

    def frame(self) -> pd.DataFrame:
        """One row a matter (the total is called `total` in the column `of`) and measure."""
        rows = [("total", "", name, value) for name, value in self.total.items()]
        rows += [
            ("matter", m, name, value) for m, found in self.matters.items() for name, value in found.items()
        ]
        return pd.DataFrame(
            [
                {
                    "scenario": self.plan.name,
                    "of": of,
                    "matter": matter,
                    "measure": name,
                    "mean": value.mean,
                    "half_width_95": value.half_width,
                    "replications": value.n,
                }
                for of, matter, name, value in rows
            ]
        )


def queueing_report(
    plan: Plan, runs: Sequence[Mapping[str, pd.DataFrame]], seeds: Sequence[int]
) -> QueueingReport:
    """Figures of the replications of a textbook scenario.

    Args:
        plan: the scenario.
        runs: `TABLES` of each replication.
        seeds: their seeds.
    """
    total: dict[str, list[float]] = {}
    matters: dict[str, dict[str, list[float]]] = {m.name: {} for m in plan.scenario.matters}
    posts: dict[str, dict[str, list[float]]] = {}
    growth = []
    days = plan.scenario.run.horizon_minutes / 1440.0 - plan.scenario.run.warm_up_days
    for tables in runs:
        rows = _rows(plan, tables)
        capacity = _minutes_present(tables["ledger"])
        for row in rows:
            for name, value in _measures(row, row["served_minutes"], capacity).items():
                matters[row["matter"]].setdefault(name, []).append(value)
        for name, value in _measures(_sum(rows), _busy(tables["ledger"]), capacity).items():
            total.setdefault(name, []).append(value)
        growth.append(_growth(tables["daily"], days))
        order = [post.name for post in plan.scenario.posts]
        for post, found in _posts(tables.get("departments"), days, order).items():
            for name, value in found.items():
                posts.setdefault(post, {}).setdefault(name, []).append(value)
    return QueueingReport(
        plan, tuple(seeds), {name: figure(values) for name, values in total.items()},
        {m: {name: figure(values) for name, values in found.items()} for m, found in matters.items()},
        stability(plan), math.fsum(growth) / max(len(growth), 1),
        {p: {name: figure(values) for name, values in found.items()} for p, found in posts.items()})  # fmt: skip


def measure_label(name: str) -> str:
    """Name of a measure for people."""
    if name.startswith("p_within_"):
        return f"P(wait <= {name.removeprefix('p_within_')} min)"
    return MEASURES[name]


# --- one replication ---


def _posts(found: pd.DataFrame | None, days: float, order: Sequence[str]) -> dict[str, dict[str, float]]:
    """Measures of each post over the days counted, the last perhaps in part; nothing when there is but one."""
    if found is None or not len(found) or found["department"].nunique() < 2:
        return {}
    sums = found.groupby("department")[["started", "wait_minutes", "served_minutes"]].sum()
    sums = sums.reindex([post for post in order if post in sums.index])
    return {
        str(post): {
            "visits_per_day": row.started / days,
            "mean_wait_minutes": _ratio(row.wait_minutes, row.started),
            "mean_busy": row.served_minutes / (1440.0 * days),
        }
        for post, row in zip(sums.index, sums.itertuples(), strict=True)
    }


_SUMS = (
    "opened",
    "resolved",
    "withdrawn",
    "blocked",
    "started",
    "waited",
    "wait_minutes",
    "turnaround_minutes",
    "mean_waiting",
    "mean_present",
    "waiting_minutes",
    "decided",
    "not_at_once",
)


def _rows(plan: Plan, tables: Mapping[str, pd.DataFrame]) -> list[dict]:
    """Counts and minutes of each matter, as numbers that can be added."""
    monthly = tables["monthly"]
    waiting = (
        monthly.drop_duplicates("matter", keep="last").set_index("matter")["waiting"].to_dict()
        if len(monthly)
        else {}
    )
    said = {m.name: m for m in plan.scenario.matters}
    rows = []
    for row in tables["matters"].to_dict("records"):
        matter = said[row["matter"]]
        row["wait_minutes"] = row["mean_wait_minutes"] * row["started"] if row["started"] else 0.0
        row["turnaround_minutes"] = (
            row["mean_time_in_system_minutes"] * row["resolved"] if row["resolved"] else 0.0
        )
        if len(matter.steps) > 1 and (row["withdrawn"] or row["blocked"]):
            # some left after their first service: count arrivals instead of fates
            row["decided"] = max(
                row["opened"] - row["blocked"] - waiting.get(row["matter"], 0), row["started"]
            )
        else:
            row["decided"] = row["started"] + row["withdrawn"]
        row["not_at_once"] = row["decided"] - (row["started"] - row["waited"])
        row["thresholds"] = tuple(matter.thresholds_minutes)
        rows.append(row)
    return rows


def _sum(rows: Sequence[Mapping]) -> dict:
    """All matters together; P(wait <= t) only for times that every matter states."""
    found: dict = {name: math.fsum(row[name] for row in rows) for name in _SUMS}
    common = [t for t in rows[0]["thresholds"] if all(t in row["thresholds"] for row in rows)] if rows else []
    found["thresholds"] = tuple(common)
    for t in common:
        found[f"within_{t:g}"] = sum(row.get(f"within_{t:g}", 0) for row in rows)
    return found


def _measures(x: Mapping, busy_minutes: float, capacity_minutes: float) -> dict[str, float]:
    found = {
        "mean_waiting": x["mean_waiting"],
        "mean_present": x["mean_present"],
        "mean_wait_minutes": _ratio(x["wait_minutes"], x["started"]),
        "mean_wait_all_minutes": _ratio(x["waiting_minutes"], x["opened"] - x["blocked"]),
        "mean_time_in_system_minutes": _ratio(x["turnaround_minutes"], x["resolved"]),
        "p_wait": _ratio(x["not_at_once"], x["decided"]),
    }
    for t in x["thresholds"]:
        if f"within_{t:g}" in x:
            found[f"p_within_{t:g}"] = _ratio(x[f"within_{t:g}"], x["decided"])
    found["blocked_share"] = _ratio(x["blocked"], x["opened"])
    found["given_up_share"] = _ratio(x["withdrawn"], x["decided"])
    found["utilisation"] = _ratio(busy_minutes, capacity_minutes)
    return found


def _ratio(a: float, b: float) -> float:
    return a / b if b else math.nan


def _entries(ledger: pd.DataFrame) -> dict[str, float]:
    return ledger.groupby("entry", sort=True)["minutes"].sum().to_dict() if len(ledger) else {}


def _minutes_present(ledger: pd.DataFrame) -> float:
    entry = _entries(ledger)
    return entry.get("paid", 0.0) + entry.get("overtime", 0.0) - entry.get("absent", 0.0)


def _busy(ledger: pd.DataFrame) -> float:
    return _minutes_present(ledger) - _entries(ledger).get("idle", 0.0)


def _growth(daily: pd.DataFrame, days: float) -> float:
    """Requests by which the number present grew a day: from the end of the first counted day on, if there are more."""
    if not len(daily):
        return 0.0
    columns = [name for name in daily.columns if name.startswith("present_")]
    present = daily[columns].sum(axis=1).to_numpy(float)
    if present.size < 2:
        return float(present[-1]) / days
    return float(present[-1] - present[0]) / (days - 1.0)


def expected_requests(plan: Plan) -> float:
    """About how many requests a textbook run meets; says whether it is long."""
    from sim.scenario import textbook_network

    run = plan.scenario.run
    total = 0.0
    for stream in textbook_network(plan.settings(run.start)).streams:
        if stream.kind == "closed":
            total += stream.size * run.horizon_minutes / max(stream.think.mean_minutes(), 0.1)
        elif stream.kind == "list":
            total += len(stream.times_minutes)
        else:
            total += stream.per_day * run.horizon_minutes / 1440.0
    return total
