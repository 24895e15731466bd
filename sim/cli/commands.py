"""The commands: their options, and the order of what each does. Heavy imports happen inside them."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.experiments import experiment
from sim.cli.terminal import Clock, print_json, print_table, say_failures, warn, write_results

if TYPE_CHECKING:
    from sim.scenario import Plan

DONE, SOME_FAILED = 0, 3

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
_OUT = click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write tables and manifest.json to this folder.",
)
_WORKERS = click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Processes; by default one a processor. Results do not depend on it.",
)
_SEED = click.IntRange(0, 2**63 - 1)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="lean-county", message="%(prog)s %(version)s")
def cli() -> None:
    """Ask an agent-based county about reforms of its administration.

    SCENARIO is the name of a built-in scenario (leancounty scenarios) or the path of a .toml file.
    """


cli.add_command(experiment)


# --- scenarios and check ---


@cli.command()
@click.argument("group", required=False)
def scenarios(group: str | None) -> None:
    """List what there is: name, title, what it changes.

    Families of small variants are named on one line each; scenarios GROUP lists the members of one of them.
    """
    from sim.cli.text import scenario_lines
    from sim.scenario import builtin_names

    found = builtin_names()
    groups = sorted({name.rpartition("/")[0] for name, _ in found} - {""})
    if group is not None and group.rstrip("/") not in groups:
        raise click.UsageError(f"there is no group {group}; groups: {', '.join(groups)}")
    for line in scenario_lines(found, (group or "").rstrip("/")):
        click.echo(line)


@cli.command()
@click.argument("scenario")
@click.option("--rows", is_flag=True, help="List the assumed rows of the county's data too (--json always does).")
@_JSON
def check(scenario: str, rows: bool, as_json: bool) -> int:
    """Is SCENARIO valid, what does it resolve to, and what is assumed?"""
    from sim.cli.check import check_document, check_text
    from sim.scenario import ScenarioError, load

    try:
        plan = load(scenario)
        document = check_document(plan)
    except ScenarioError as error:
        if as_json:
            print_json(
                {
                    "schema": 1,
                    "scenario": scenario,
                    "valid": False,
                    "problems": [str(problem) for problem in error.problems],
                }
            )
        raise
    if as_json:
        print_json(document)
    else:
        click.echo(check_text(document, rows))
    return DONE


# --- run ---


@cli.command()
@click.argument("scenario")
@click.option("--seed", type=_SEED, metavar="N", help="Seed of the (first) run; by default the scenario's.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Last day, instead of the scenario's."
)
@click.option(
    "--replications",
    type=click.IntRange(1, 1_000_000),
    metavar="N",
    help="Runs with consecutive seeds; by default as the scenario says.",
)
@click.option(
    "--requests",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Keep single records of this share of requests (0 to 1; needs --out).",
)
@_OUT
@_WORKERS
@_JSON
def run(
    scenario: str,
    seed: int | None,
    until: datetime.datetime | None,
    replications: int | None,
    requests: float | None,
    out: Path | None,
    workers: int | None,
    as_json: bool,
) -> int:
    """Run SCENARIO and print its outcomes."""
    from sim.cli.execute import check_data, execute_run, varied
    from sim.runs.manifest import digest_of, folder_files, identity
    from sim.runs.store import check_folder
    from sim.scenario import load

    clock = Clock()
    plan = load(scenario)
    changes: dict[str, Any] = {}
    if until is not None:
        changes["run.end"] = until.date()
    if requests is not None:
        if requests > 0 and out is None:
            raise click.UsageError("--requests keeps records in a file: --out DIR is needed as well")
        changes["run.request_share"] = requests
    plan = varied(plan, changes)
    first = plan.scenario.run.seed if seed is None else seed
    n = replications or plan.scenario.run.replications
    if first + n - 1 > 2**63 - 1:
        raise click.UsageError("--seed: the last replication's seed would exceed 2^63 - 1")
    seeds = list(range(first, first + n))
    what = identity("run", [plan], seeds, {})
    if out is not None:
        check_folder(out, digest_of(what))
    check_data(plan)
    warn(plan)
    done, tables, report = execute_run(plan, seeds, keep=out is not None, workers=workers)
    failures = [one.as_failure() for one in done if one.failure]
    if out is not None:
        write_results(out, what, [plan], folder_files(tables, digest_of(what)), failures, clock)
    say_failures(failures)
    if as_json:
        from sim.cli.text import run_document

        print_json(run_document(plan, seeds, done, report, failures))
    elif len(failures) < len(done):
        from sim.cli.text import run_text

        click.echo(run_text(plan, seeds, done, report))
        if out is not None:
            click.echo(f"\nResults: {out}")
    return SOME_FAILED if failures else DONE


# --- compare and rerun ---


@cli.command()
@click.argument("base")
@click.argument("options", nargs=-1, required=True, metavar="OPTION...")
@click.option(
    "--replications",
    default="5",
    show_default=True,
    metavar="N|auto",
    help="Runs of each option; auto: until the headline differences are known well enough.",
)
@click.option("--seed", type=_SEED, default=1, show_default=True, metavar="N", help="First seed.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Last day of all, instead of the scenarios'."
)
@click.option(
    "--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of the page."
)
@_OUT
@_WORKERS
@_JSON
def compare(
    base: str,
    options: tuple[str, ...],
    replications: str,
    seed: int,
    until: datetime.datetime | None,
    lang: str,
    out: Path | None,
    workers: int | None,
    as_json: bool,
) -> int:
    """Compare every OPTION with BASE on the same people, requests and days."""
    from sim.cli.execute import check_data, execute_compare, varied
    from sim.runs.manifest import digest_of, folder_files, identity
    from sim.runs.store import check_folder
    from sim.scenario import load

    clock = Clock()
    count = _replications(replications)
    plans: dict[str, Plan] = {}
    for name in (base, *options):
        plan = load(name)
        if until is not None:
            plan = varied(plan, {"run.end": until.date()})
        if plan.name in plans:
            raise click.UsageError(f"two options are called {plan.name}; give each file a name of its own")
        plans[plan.name] = plan
    # how many replications "auto" takes follows from the rest
    seeds = [seed] if count == "auto" else list(range(seed, seed + int(count)))
    what = identity("compare", list(plans.values()), seeds, {"replications": count})
    if out is not None:
        check_folder(out, digest_of(what))
    for plan in plans.values():
        check_data(plan)
        warn(plan)
    comparison, tables = execute_compare(plans, count, seed, workers)
    failures = comparison.failures.to_dict("records")
    if not len(comparison.summaries):
        say_failures(failures)
        click.echo("every run failed; nothing was written", err=True)
        return SOME_FAILED
    if out is not None:
        from sim.report.page import page_files

        files, pages = folder_files(tables, digest_of(what)), page_files(comparison, lang)
        write_results(out, what, list(plans.values()), files, failures, clock, pages)
    say_failures(failures)
    if as_json:
        print_json({"schema": 1, **comparison.to_dict()})
    else:
        from sim.report.terminal import comparison_table
        from sim.report.words import say

        print_table(comparison_table(comparison, lang))
        if out is not None:
            click.echo("\n" + say("report_at", lang, path=out / next(iter(pages))))
    return SOME_FAILED if failures else DONE


def _replications(text: str) -> int | str:
    if text == "auto":
        return text
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1_000_000:
        raise click.UsageError(
            f"--replications: {text!r} is neither a whole number from 1 to 1,000,000 nor auto"
        )
    return int(text)


@cli.command()
@click.argument("manifest", type=click.Path(path_type=Path))
@_OUT
@_WORKERS
def rerun(manifest: Path, out: Path | None, workers: int | None) -> int:
    """Repeat the run, comparison or experiment of a MANIFEST and say which files are identical."""
    from sim.cli.execute import execute_again
    from sim.cli.experiments import prepare_again, study
    from sim.report.experiment import EveryRunFailed
    from sim.runs import manifest as manifests
    from sim.runs.store import check_folder

    clock = Clock()
    found = manifests.read_manifest(manifest)
    if out is not None:
        check_folder(out, found["digest"])
    plans = manifests.plans_of(found)
    prepared = prepare_again(found) if "experiment" in found else None
    changes = manifests.changed_code(found)
    if changes:
        click.echo("\n".join(["What has changed since:", *(f"  {line}" for line in changes)]), err=True)
    record = None
    if prepared is None:
        files, failures = execute_again(found, plans, workers)
    else:
        try:
            done, files, record = study(prepared, workers)
            failures = done.failures
        except EveryRunFailed as error:
            files, failures = {}, error.failures
    if out is not None and files:
        write_results(out, found["identity"], plans, files, failures, clock, experiment=record)
    verdict = manifests.verdicts(found, files)
    if record is not None and record["runs"] != found["experiment"]["runs"]:
        verdict["(what was run)"] = "differs"
    width = max((len(name) for name in verdict), default=0)
    for name, word in verdict.items():
        click.echo(f"{name:<{width}}  {word}")
    say_failures(failures)
    is_same = all(word == "identical" for word in verdict.values())
    if not is_same and not changes:
        click.echo("Versions, commit and source are the same as then.", err=True)
    return DONE if is_same and not failures else SOME_FAILED
