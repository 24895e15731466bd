"""`python -m benchmarks`: how fast, and against what. Prints tables, writes results/bench.json."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path

import click

from benchmarks.child import ChildError
from benchmarks.engine import EngineMissing
from benchmarks.tables import Settings

# name: (module, function); imported when asked for, since only some need Numba
SECTIONS = {
    "mssn": ("mssn", "measure"),
    "county": ("county", "measure"),
    "linear": ("growth", "measure"),
    "startup": ("startup", "measure"),
    "floor": ("county", "measure_floor"),
    "peers": ("mssn", "measure_peers"),
}
ALL = ("mssn", "county", "linear", "startup")  # floor and peers take part in the first two
LIBRARIES = ("lean-county", "numpy", "numba", "mesa", "simpy", "pandas")
RESULT = Path("results/bench.json")

HELP = """Measure how fast the county runs, and against what.

\b
mssn      the engine against heapq and SimPy on one reduced county, k = 1 and k = 2
county    leancounty run from shell to shell, its first run ever, its kernel and the floor
linear    wall time per resident and day as residents and days grow
startup   what leancounty --help and import sim cost and import
floor     the floor loop alone
peers     heapq and SimPy alone

Figures are medians over interleaved rounds, with minimum and maximum; ratios are formed round by
round. Seconds are printed and never asserted. The exit status is 1 when an answer is wrong or
something unwanted was imported, 2 when the engine cannot be run.
"""


def machine() -> dict[str, object]:
    """Where and with what the figures were measured."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "load": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    """The processor's name, with its family where the name alone says little (Linux)."""
    found: dict[str, str] = {}
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            found.setdefault(key.strip(), value.strip())
    except OSError:
        pass
    name = found.get("model name") or platform.processor() or "unknown processor"
    return f"{name}, family {found['cpu family']}" if "cpu family" in found else name


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


@click.command(help=HELP)
@click.argument("section", type=click.Choice([*SECTIONS, "all"]), default="all")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1), help="Interleaved rounds.")
@click.option(
    "--peer-rounds",
    default=2,
    show_default=True,
    type=click.IntRange(1),
    help="Rounds that heapq and SimPy take part in; one takes a minute or two.",
)
@click.option("--quick", is_flag=True, help="A tenth of the year, fewer sizes: a look, not for quoting.")
@click.option(
    "--out",
    default=RESULT,
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the unrounded figures go; an older file is replaced.",
)
def main(section: str, rounds: int, peer_rounds: int, quick: bool, out: Path) -> None:
    """Run the chosen sections, print each as it is ready, write all of them to one file."""
    where = machine()
    versions = ", ".join(f"{name} {version or 'absent'}" for name, version in where["libraries"].items())
    click.echo(f"{where['processor']}, {where['cores']} cores, {where['system']}, load {where['load']}")
    click.echo(f"Python {where['python']}, {versions}\n")
    settings = Settings(rounds, min(peer_rounds, rounds), quick)
    done: dict[str, object] = {}
    any_wrong = False
    for name in ALL if section == "all" else (section,):
        module, function = SECTIONS[name]
        try:
            result = getattr(importlib.import_module(f"benchmarks.{module}"), function)(settings)
        except (EngineMissing, ChildError) as error:
            click.echo(f"{name}: {error}", err=True)
            sys.exit(2)
        click.echo(result.text() + "\n")
        done[name] = {**result.numbers, "wrong": result.wrong}
        any_wrong |= bool(result.wrong)
    out.parent.mkdir(parents=True, exist_ok=True)
    document = {"machine": where, "settings": asdict(settings), "sections": done}
    out.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    click.echo(f"written: {out}")
    sys.exit(1 if any_wrong else 0)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
