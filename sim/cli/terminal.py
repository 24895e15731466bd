"""What the commands share: how they print, warn, show progress and write a result folder."""

from __future__ import annotations

import datetime
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.console import RenderableType

    from sim.scenario import Plan


class Clock:
    """When a command began and how long it has taken; durations by a monotonic clock."""

    def __init__(self) -> None:
        self.started = datetime.datetime.now(datetime.UTC)
        self._start = time.monotonic()

    def seconds(self) -> float:
        """Seconds since the command began."""
        return time.monotonic() - self._start


def write_results(
    out: Path,
    what: Mapping[str, Any],
    plans: Sequence[Plan],
    files: Mapping[str, bytes],
    failures: Sequence[Mapping[str, Any]],
    clock: Clock,
    pages: Mapping[str, bytes] | None = None,
    experiment: Mapping[str, Any] | None = None,
) -> None:
    """Write a result folder, its manifest last.

    `files` are results, `pages` files for people; `experiment` is what the manifest says of one.
    """
    from sim.runs.manifest import manifest
    from sim.runs.store import write_folder

    about = {"started": clock.started, "duration_s": clock.seconds(), "pages": pages, "experiment": experiment}
    write_folder(out, {**files, **(pages or {})}, manifest(what, plans, files, failures, **about))


def warn(plan: Plan) -> None:
    """Print on standard error what may surprise about a plan."""
    for text in plan.warnings:
        click.echo(f"warning: {plan.name}: {text}", err=True)


def say(text: str) -> None:
    """Print on standard error what is going on."""
    click.echo(text, err=True)


def say_failures(failures: Sequence[Mapping[str, Any]]) -> None:
    """Print on standard error which runs failed, and why."""
    for row in failures:
        name = row.get("option", row.get("scenario"))
        click.echo(f"failed: {name}, seed {row['seed']}: {row['reason']}", err=True)


def print_json(document: Mapping[str, Any]) -> None:
    """One document: sorted keys, NaN as null, UTF-8 whatever the locale."""
    import json

    text = json.dumps(_finite(document), sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    stream = click.get_binary_stream("stdout")
    stream.write(text.encode() + b"\n")
    stream.flush()


def print_table(what: RenderableType) -> None:
    """Print what rich renders; in a file or pipe without colours and wide enough not to break lines."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    with console.capture() as text:
        console.print(what)
    click.echo("\n".join(line.rstrip() for line in text.get().rstrip().splitlines()))


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


class ProgressBar:
    """A bar on a terminal, elsewhere plain lines on standard error for what takes longer than a few seconds.

    `with ProgressBar("runs", 30) as tell: tell(done, total)`.
    """

    EVERY_S = 5.0

    def __init__(self, label: str, total: int | None, unit: str = "runs") -> None:
        """Args: what is done, how many of it (None: not known yet), and of what."""
        self.label, self.total, self.unit = label, total, unit
        self.bar = None
        self._start = self._told = time.monotonic()

    def __enter__(self) -> Callable[[int, int], None]:
        if not sys.stderr.isatty():
            return self._line
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.bar.start()
        task = self.bar.add_task(self.label, total=self.total)
        return lambda done, total: self.bar.update(task, completed=done, total=total)

    def _line(self, done: int, total: int) -> None:
        """One line for each step, but none within `EVERY_S` of the one before, and none at all for quick work."""
        now = time.monotonic()
        if now - self._told >= self.EVERY_S:
            self._told = now
            click.echo(f"{self.label}: {done} of {total} {self.unit} done after {now - self._start:.0f} s", err=True)

    def __exit__(self, *_: Any) -> None:
        if self.bar is not None:
            self.bar.stop()
