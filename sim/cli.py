"""The command line: parses and prints, nothing else. Heavy imports happen inside the commands that need them.

Exit status: 0 done; 2 the input is wrong (nothing was written); 3 finished, some runs failed (or a rerun differs);
130 interrupted.
"""

from __future__ import annotations

import datetime
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from sim.runs.many import Done
    from sim.scenario import Plan

DONE, WRONG_INPUT, SOME_FAILED, INTERRUPTED = 0, 2, 3, 130
LONG_TEXTBOOK_REQUESTS = 20_000_000
"""Textbook scenarios with more requests than this, over all replications, are run in several processes."""

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
_OUT = click.option("--out", type=click.Path(path_type=Path), metavar="DIR",
                    help="Write tables and manifest.json to this folder.")
_WORKERS = click.option("--workers", type=click.IntRange(1, 1024), metavar="N",
                        help="Processes; by default one a processor. Results do not depend on it.")
_SEED = click.IntRange(0, 2**63 - 1)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="lean-county", message="%(prog)s %(version)s")
def cli() -> None:
    """Ask an agent-based county about reforms of its administration.

    SCENARIO is the name of a built-in scenario (leancounty scenarios) or the path of a .toml file.
    """


# --- scenarios and check ---


@cli.command()
def scenarios() -> None:
    """List what there is: name, title, what it changes."""
    from sim.cli_text import what_it_changes
    from sim.scenario import builtin_names

    found = builtin_names()
    width = max((len(name) for name, _ in found), default=0)
    for name, title in found:
        changes = what_it_changes(name)
        click.echo(f"{name:<{width}}  {title}" + (f"  [{changes}]" if changes else ""))


@cli.command()
@click.argument("scenario")
@_JSON
def check(scenario: str, as_json: bool) -> int:
    """Is SCENARIO valid, what does it resolve to, and what is assumed?"""
    from sim.cli_text import check_document, check_text
    from sim.scenario import ScenarioError, load

    try:
        plan = load(scenario)
        document = check_document(plan)
    except ScenarioError as error:
        if as_json:
            _print_json({"schema": 1, "scenario": scenario, "valid": False,
                         "problems": [str(problem) for problem in error.problems]})
        raise
    if as_json:
        _print_json(document)
    else:
        click.echo(check_text(document))
    return DONE


# --- run ---


@cli.command()
@click.argument("scenario")
@click.option("--seed", type=_SEED, metavar="N", help="Seed of the (first) run; by default the scenario's.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Last day, instead of the scenario's.")
@click.option("--replications", type=click.IntRange(1, 1_000_000), metavar="N",
              help="Runs with consecutive seeds; by default as the scenario says.")
@click.option("--requests", type=click.FloatRange(0, 1), metavar="SHARE",
              help="Keep single records of this share of requests (0 to 1; needs --out).")
@_OUT
@_WORKERS
@_JSON
def run(scenario: str, seed: int | None, until: datetime.datetime | None, replications: int | None,
        requests: float | None, out: Path | None, workers: int | None, as_json: bool) -> int:
    """Run SCENARIO and print its outcomes."""
    from sim.runs.manifest import digest_of, folder_files, identity
    from sim.runs.store import check_folder
    from sim.scenario import load

    clock = _Clock()
    plan = load(scenario)
    changes: dict[str, Any] = {}
    if until is not None:
        changes["run.end"] = until.date()
    if requests is not None:
        if requests > 0 and out is None:
            raise click.UsageError("--requests keeps records in a file: --out DIR is needed as well")
        changes["run.request_share"] = requests
    plan = plan.vary(changes) if changes else plan
    first = plan.scenario.run.seed if seed is None else seed
    n = replications or plan.scenario.run.replications
    if first + n - 1 > 2**63 - 1:
        raise click.UsageError("--seed: the last replication's seed would exceed 2^63 - 1")
    seeds = list(range(first, first + n))
    what = identity("run", [plan], seeds, {})
    if out is not None:
        check_folder(out, digest_of(what))
    _warn(plan)
    done, tables, report = execute_run(plan, seeds, keep=out is not None, workers=workers)
    failures = [one.as_failure() for one in done if one.failure]
    if out is not None:
        _write(out, what, [plan], folder_files(tables, digest_of(what)), failures, clock)
    _say_failures(failures)
    if as_json:
        from sim.cli_text import run_document

        _print_json(run_document(plan, seeds, done, report, failures))
    elif len(failures) < len(done):
        from sim.cli_text import run_text

        click.echo(run_text(plan, seeds, done, report))
        if out is not None:
            click.echo(f"\nResults: {out}")
    return SOME_FAILED if failures else DONE


def execute_run(plan: Plan, seeds: Sequence[int], *, keep: bool, workers: int | None = None,
                ) -> tuple[list[Done], dict[str, pd.DataFrame], Any]:
    """Run a plan with some seeds: what became of the runs, the tables of a result folder, the queueing report."""
    from sim.runs import queueing_report as queueing
    from sim.runs.many import run_many
    from sim.runs.run import TABLES

    wanted = set(TABLES) if keep else {"summary"}
    if not plan.is_county:
        wanted |= set(queueing.TABLES)
        if workers is None and queueing.expected_requests(plan) * len(seeds) < LONG_TEXTBOOK_REQUESTS:
            workers = 1
    with _progress(plan.name, len(seeds)) as tell:
        done = run_many([(plan, seed) for seed in seeds], workers, progress=tell,
                        tables=[name for name in TABLES if name in wanted])
    finished = [one for one in done if not one.failure]
    report = None
    if finished and not plan.is_county:
        report = queueing.queueing_report(plan, [one.tables for one in finished], [one.seed for one in finished])
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


# --- compare and rerun ---


@cli.command()
@click.argument("base")
@click.argument("options", nargs=-1, required=True, metavar="OPTION...")
@click.option("--replications", default="5", show_default=True, metavar="N|auto",
              help="Runs of each option; auto: until the headline differences are known well enough.")
@click.option("--seed", type=_SEED, default=1, show_default=True, metavar="N", help="First seed.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of the page.")
@_OUT
@_WORKERS
@_JSON
def compare(base: str, options: tuple[str, ...], replications: str, seed: int, lang: str, out: Path | None,
            workers: int | None, as_json: bool) -> int:
    """Compare every OPTION with BASE on the same people, requests and days."""
    from sim.runs.manifest import digest_of, folder_files, identity
    from sim.runs.store import check_folder
    from sim.scenario import load

    clock = _Clock()
    count = _replications(replications)
    plans: dict[str, Plan] = {}
    for name in (base, *options):
        plan = load(name)
        if plan.name in plans:
            raise click.UsageError(f"two options are called {plan.name}; give each file a name of its own")
        plans[plan.name] = plan
    # how many replications "auto" takes follows from the rest, so the identity can be known before
    what = identity("compare", list(plans.values()), [seed], {"replications": count})
    if out is not None:
        check_folder(out, digest_of(what))
    for plan in plans.values():
        _warn(plan)
    comparison, tables = execute_compare(plans, count, seed, workers)
    failures = comparison.failures.to_dict("records")
    if out is not None:
        _write(out, what, list(plans.values()), folder_files(tables, digest_of(what)), failures, clock)
        from sim.report.page import write_page

        page = write_page(comparison, out, lang=lang)
    _say_failures(failures)
    if as_json:
        _print_json({"schema": 1, **comparison.to_dict()})
    else:
        from sim.cli_text import compare_text

        click.echo(compare_text(comparison, lang))
        if out is not None:
            click.echo(f"\nReport: {page or out}")
    return SOME_FAILED if failures else DONE


def _replications(text: str) -> int | str:
    if text == "auto":
        return text
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1_000_000:
        raise click.UsageError(f"--replications: {text!r} is neither a whole number from 1 to 1,000,000 nor auto")
    return int(text)


def execute_compare(plans: Mapping[str, Plan], replications: int | str, seed: int, workers: int | None = None,
                    ) -> tuple[Any, dict[str, pd.DataFrame]]:
    """Compare plans: the comparison, and the tables of a result folder."""
    from sim.analysis.compare import compare as run_comparison

    with _progress("compare", None) as tell:
        comparison = run_comparison(plans, replications, workers=workers, first_seed=seed, progress=tell)
    tables = {**comparison.tables(), "summary": comparison.levels, "differences": comparison.differences}
    return comparison, {name: frame for name, frame in tables.items() if name != "failures"}


@cli.command()
@click.argument("manifest", type=click.Path(path_type=Path))
@_OUT
@_WORKERS
def rerun(manifest: Path, out: Path | None, workers: int | None) -> int:
    """Repeat the run or comparison of a MANIFEST and say which tables are identical."""
    from sim.runs import manifest as manifests
    from sim.runs.store import check_folder

    clock = _Clock()
    found = manifests.read_manifest(manifest)
    if out is not None:
        check_folder(out, found["digest"])
    failures: list[Mapping[str, Any]] = []

    def execute(kind: str, plans: list[Plan], seeds: list[int], options: Mapping[str, Any]):
        if kind == "run":
            done, tables, _ = execute_run(plans[0], seeds, keep=True, workers=workers)
            failures.extend(one.as_failure() for one in done if one.failure)
        else:
            named = {plan.name: plan for plan in plans}
            comparison, tables = execute_compare(named, options["replications"], seeds[0], workers)
            failures.extend(comparison.failures.to_dict("records"))
        return tables

    verdict, files = manifests.rerun(found, execute)
    if out is not None:
        _write(out, found["identity"], manifests.plans_of(found), files, failures, clock)
    width = max((len(name) for name in verdict), default=0)
    for name, word in verdict.items():
        click.echo(f"{name:<{width}}  {word}")
    _say_failures(failures)
    is_same = all(word == "identical" for word in verdict.values())
    if not is_same:
        lines = manifests.changed_code(found)
        click.echo("\n".join(["What has changed since:", *(f"  {line}" for line in lines)]) if lines else
                   "Versions and commit are the same as then.", err=True)
    return DONE if is_same and not failures else SOME_FAILED


# --- what the commands share ---


class _Clock:
    """When a command began and how long it has taken; durations by a monotonic clock."""

    def __init__(self) -> None:
        self.started = datetime.datetime.now(datetime.UTC)
        self._start = time.monotonic()

    def seconds(self) -> float:
        return time.monotonic() - self._start


def _write(out: Path, what: Mapping[str, Any], plans: Sequence[Plan], files: Mapping[str, bytes],
           failures: Sequence[Mapping[str, Any]], clock: _Clock) -> None:
    from sim.runs.manifest import manifest
    from sim.runs.store import write_folder

    write_folder(out, files, manifest(what, plans, files, failures, started=clock.started,
                                      duration_s=clock.seconds()))


def _warn(plan: Plan) -> None:
    for text in plan.warnings:
        click.echo(f"warning: {plan.name}: {text}", err=True)


def _say_failures(failures: Sequence[Mapping[str, Any]]) -> None:
    for row in failures:
        name = row.get("option", row.get("scenario"))
        click.echo(f"failed: {name}, seed {row['seed']}: {row['reason']}", err=True)


def _print_json(document: Mapping[str, Any]) -> None:
    """One document: sorted keys, NaN as null, UTF-8 whatever the locale."""
    import json

    text = json.dumps(_finite(document), sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    stream = click.get_binary_stream("stdout")
    stream.write(text.encode() + b"\n")
    stream.flush()


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


class _progress:
    """A bar on the terminal, nothing elsewhere. Use: `with _progress("runs", 30) as tell: ... tell(done, total)`."""

    def __init__(self, label: str, total: int | None) -> None:
        self.label, self.total = label, total
        self.bar = None

    def __enter__(self) -> Callable[[int, int], None] | None:
        if not sys.stderr.isatty() or self.total == 1:
            return None
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self.bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                            console=Console(stderr=True), transient=True)
        self.bar.start()
        task = self.bar.add_task(self.label, total=self.total)
        return lambda done, total: self.bar.update(task, completed=done, total=total)

    def __exit__(self, *_: Any) -> None:
        if self.bar is not None:
            self.bar.stop()


def main() -> None:
    """Entry of the `leancounty` command."""
    sys.exit(_main())


def _main() -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        status = cli.main(standalone_mode=False)
        sys.stdout.flush()
        return int(status or DONE)
    except click.exceptions.Exit as done:
        return done.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _stop()
    except click.ClickException as error:
        error.show()
        return WRONG_INPUT
    except BrokenPipeError:
        # whoever read us has enough; keep Python from flushing into the closed pipe at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return DONE
    except Exception as error:
        lines = _wrong_input(error)
        if lines is None:
            raise
        for line in lines:
            click.echo(f"error: {line}", err=True)
        return WRONG_INPUT


def _wrong_input(error: Exception) -> list[str] | None:
    """Lines for an error that the user can mend; None for a fault of ours."""
    from sim.runs.store import FolderError
    from sim.scenario import ScenarioError

    if isinstance(error, ScenarioError):
        return [str(problem) for problem in error.problems]
    if isinstance(error, FolderError):
        return [str(error)]
    if isinstance(error, OSError) and error.filename is not None:
        return [f"{error.filename}: {error.strerror}"]
    return None


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _stop() -> int:
    click.echo("interrupted; nothing was written", err=True)
    return INTERRUPTED


if __name__ == "__main__":
    main()
