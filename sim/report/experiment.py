"""What every experiment shares: how large it is, what it is carried out with, what it found, and its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from sim.analysis.compare import Comparison, compare
from sim.report.drawing import as_png, as_svg
from sim.runs.manifest import Run
from sim.runs.many import Done, run_many
from sim.runs.run import Result
from sim.runs.store import csv_bytes, table_bytes
from sim.scenario import Plan, load


@dataclass(frozen=True, slots=True)
class Profile:
    """How large an experiment is.

    Attributes:
        replications: runs of each option.
        changes: path -> value that every scenario of the experiment takes, such as `{"run.end": "2020-12-31"}`.
        sizes: other numbers that the script asks for, such as draws.
        lost: what a reader of this profile must do without, in one sentence.
    """

    replications: int
    changes: Mapping[str, Any] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    lost: str = ""


SMOKE = Profile(
    1,
    {"run.start": "2019-10-08", "run.end": "2019-10-25", "run.run_in_days": 3, "county.residents": 10_000},
    {"values": 2, "draws": 2},
    "Everything but that the script runs: two and a half weeks of 10,000 residents.",
)
"""A profile of every experiment that is not offered to people: it only shows that the script runs."""


class EveryRunFailed(RuntimeError):
    """Nothing to study: every run failed. `failures` says why, one row each."""

    def __init__(self, failures: list[dict[str, Any]]) -> None:
        super().__init__(f"all {len(failures)} runs failed")
        self.failures = failures


@dataclass(frozen=True, slots=True)
class Setting:
    """What an experiment is carried out with.

    Attributes:
        name: stem of the script. profile_name: name of the profile. profile: how large it is.
        workers: processes; None = one a processor.
        progress: called with runs done and runs in all.
        read: scenarios that were asked for by name, as they stand without the profile's changes; filled as they are.
        ran: the runs that were asked for; filled as they are.
    """

    name: str
    profile_name: str
    profile: Profile
    workers: int | None = None
    progress: Callable[[int, int], None] = lambda done, total: None
    read: dict[str, Plan] = field(default_factory=dict)
    ran: set[Run] = field(default_factory=set)

    def plan(self, what: str | Plan) -> Plan:
        """A scenario with the changes of the profile."""
        plan = load(what)
        if isinstance(what, str):
            self.read[what] = plan
        return plan.vary(self.profile.changes)

    def compare(self, plans: Mapping[str, Plan], progress: Callable[[int, int], None] | None = None) -> Comparison:
        """Compare plans, the first being the base, with the replications of the profile (seeds from 1 on).

        Raises:
            EveryRunFailed: when no run finished.
        """
        seeds = range(1, self.profile.replications + 1)
        self.ran.update((plan.digest, plan.data_digest, seed) for plan in plans.values() for seed in seeds)
        found = compare(plans, self.profile.replications, workers=self.workers, progress=progress or self.progress)
        if not len(found.summaries):
            raise EveryRunFailed(found.failures.to_dict("records"))
        return found

    def run(
        self, jobs: Sequence[tuple[Plan, int]], tables: Sequence[str], extract: Callable[[Result], Any]
    ) -> list[Done]:
        """Run pairs of plan and seed and extract something of each (`sim.runs.many.run_many`).

        Raises:
            EveryRunFailed: when no run finished.
        """
        self.ran.update((plan.digest, plan.data_digest, seed) for plan, seed in jobs)
        done = run_many(jobs, self.workers, progress=self.progress, tables=tables, extract=extract)
        if all(one.failure for one in done):
            raise EveryRunFailed([one.as_failure() for one in done])
        return done

    def about(self, plan: Plan, n_failed: int) -> str:
        """What was run, over which days, and what the intervals are; `plan` is any of the scenarios."""
        n, run = self.profile.replications, plan.scenario.run
        intervals = "intervals are 95 % t-intervals over runs" if n > 1 else "one run an option: no intervals"
        return (
            f"{self.name}, profile {self.profile_name}: n = {n} runs of each option, seeds 1 to {n}, {run.start} "
            f"to {run.last_day}; {intervals}. {n_failed} runs failed."
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What an experiment found.

    Attributes:
        about: what was done, with how many runs, over which days.
        tables: name -> rows; `failures` lists the runs that failed.
        figures: name -> figure.
        answer: the answer in a few lines of Markdown, printed and kept as `answer.md`.
        texts: name -> longer Markdown, kept as `<name>.md`.
    """

    about: str
    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, Figure]
    answer: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def failures(self) -> list[dict[str, Any]]:
        """Runs that failed, one row each."""
        return self.tables["failures"].to_dict("records") if "failures" in self.tables else []


def experiment_files(found: Found, question: str, digest: str) -> dict[str, bytes]:
    """The files of an experiment: CSV for people, Parquet for programs, PNG and SVG, Markdown, `about.txt`.

    Args:
        found: what was found.
        question: what the experiment asks: the docstring of its script.
        digest: identity of the experiment, kept in its tables.
    """
    files = {"about.txt": f"{found.about}\n\n{question}\n".encode()}
    for name, frame in found.tables.items():
        if len(frame) or name != "failures":
            files[f"{name}.csv"] = csv_bytes(frame)
            files[f"{name}.parquet"] = table_bytes(name, frame, digest)
    for name, figure in found.figures.items():
        files[f"{name}.png"] = as_png(figure, 130)
        files[f"{name}.svg"] = as_svg(figure).encode()
    for name, text in {"answer": found.answer, **found.texts}.items():
        if text:
            files[f"{name}.md"] = (text.rstrip() + "\n").encode()
    return files
