"""Do what a command or a manifest says: runs and comparisons, and the tables of their result folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.cli.terminal import ProgressBar, say

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.many import Done
    from sim.scenario import Plan

LONG_TEXTBOOK_REQUESTS = 20_000_000
"""Textbook scenarios with more requests than this, over all replications, are run in several processes."""


def varied(plan: Plan, changes: Mapping[str, Any]) -> Plan:
    """The plan with what options of the command line change.

    Raises:
        ScenarioError: whose problems name the option instead of the path that it sets.
    """
    from sim.scenario import ScenarioError

    try:
        return plan.vary(changes) if changes else plan
    except ScenarioError as error:
        problems = [
            replace(p, file=_OPTION_OF[p.key], key="") if p.key in _OPTION_OF
            else replace(p, file="--until") if "run.end" in changes     # such as arrivals that now lie outside the run
            else p
            for p in error.problems
        ]  # fmt: skip
        raise ScenarioError(problems) from None


_OPTION_OF = {"run.end": "--until", "run.request_share": "--requests"}


def check_data(plan: Plan) -> None:
    """Read the county's CSV files, so that what is wrong with them is found before anything is run.

    Also what the scenario says of their units.

    Raises:
        ScenarioError: with everything that is wrong.
    """
    if plan.data_folder is not None:
        from sim.scenario.catalogue import read_catalogue
        from sim.scenario.county_network import refuse_unknown_domain

        catalogue = read_catalogue(plan.data_folder)
        for day in (plan.scenario.run.start, *plan.change_dates()):
            refuse_unknown_domain(plan.settings(day), catalogue)


def execute_run(
    plan: Plan,
    seeds: Sequence[int],
    *,
    keep: bool,
    workers: int | None = None,
) -> tuple[list[Done], dict[str, pd.DataFrame], Any]:
    """Run a plan with some seeds: what became of the runs, tables of a result folder, queueing report."""
    from sim.runs import queueing_report as queueing
    from sim.runs.many import run_many
    from sim.runs.run import TABLES

    wanted = set(TABLES) if keep else {"summary"}
    if not plan.is_county:
        wanted |= set(queueing.TABLES)
        if workers is None and queueing.expected_requests(plan) * len(seeds) < LONG_TEXTBOOK_REQUESTS:
            workers = 1
    unit = "runs" if len(seeds) > 1 else "days"
    with ProgressBar(plan.name, len(seeds), unit) as tell:
        done = run_many(
            [(plan, seed) for seed in seeds],
            workers,
            progress=tell,
            tables=[name for name in TABLES if name in wanted],
        )
    finished = [one for one in done if not one.failure]
    report = None
    if finished and not plan.is_county:
        report = queueing.queueing_report(
            plan, [one.tables for one in finished], [one.seed for one in finished]
        )
    tables: dict[str, pd.DataFrame] = {}
    if keep and finished:
        import pandas as pd

        for name in TABLES:
            frames = [one.tables[name] for one in finished if len(one.tables[name])]
            if frames:
                tables[name] = pd.concat(frames, ignore_index=True)
        if report is not None:
            tables["queueing"] = report.frame()
    return done, tables, report


def execute_compare(
    plans: Mapping[str, Plan],
    replications: int | str,
    seed: int,
    workers: int | None = None,
) -> tuple[Any, dict[str, pd.DataFrame]]:
    """Compare plans: the comparison, and the tables of a result folder."""
    from sim.analysis.compare import compare as run_comparison
    from sim.compiled import CACHE_FOLDER

    if workers != 1 and CACHE_FOLDER is not None and not (CACHE_FOLDER / "warm").exists():
        say("compare: the first run of this version compiles for about half a minute")
    with ProgressBar("compare", None) as tell:
        comparison = run_comparison(plans, replications, workers=workers, first_seed=seed, progress=tell)
    tables = {**comparison.tables(), "summary": comparison.levels, "differences": comparison.differences}
    return comparison, {name: frame for name, frame in tables.items() if name != "failures"}


def execute_again(
    found: Mapping[str, Any], plans: Sequence[Plan], workers: int | None = None
) -> tuple[dict[str, bytes], list[Mapping[str, Any]]]:
    """Do again what the manifest of a run or comparison says: the files of its folder, and runs that failed."""
    from sim.runs.manifest import folder_files

    what = found["identity"]
    if what["kind"] == "run":
        done, tables, _ = execute_run(plans[0], what["seeds"], keep=True, workers=workers)
        failures = [one.as_failure() for one in done if one.failure]
    else:
        named = {plan.name: plan for plan in plans}
        comparison, tables = execute_compare(named, what["options"]["replications"], what["seeds"][0], workers)
        failures = comparison.failures.to_dict("records")
    return folder_files(tables, found["digest"]), failures
