"""What the command line costs before it does anything, and that it imports nothing heavy."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from benchmarks import engine
from benchmarks.child import ChildError, run_child
from benchmarks.rounds import Contestant, Lap, Spread, interleave
from benchmarks.tables import Section, Settings, figure, progress

# Neither may be imported by a command that only prints.
UNWANTED = frozenset({"mesa", "pandas"})
BASE = "python -c pass"


def measure(settings: Settings) -> Section:
    """`leancounty --help` and `import sim` beside an interpreter that does nothing."""
    commands = {
        BASE: [sys.executable, "-c", "pass"],
        "import sim": [sys.executable, "-c", "import sim"],
        "leancounty --help": [engine.command(), "--help"],
    }
    contestants = []
    for name, command in commands.items():
        play = partial(_lap, command)
        contestants.append(Contestant(name, play, warm=partial(play, 0)))
    contest = interleave(contestants, settings.rounds, progress)
    section = Section(
        "Start-up", ("command", "rounds", "milliseconds", "x python", "peak MiB", "packages imported")
    )
    for name, command in commands.items():
        milliseconds = contest.spread(name, lambda lap: lap.seconds * 1e3)
        ratio = contest.ratio(name, BASE)
        memory = Spread.of(contest.fact(name, "peak_mib"))
        packages = imported_packages(command)
        unwanted = sorted(packages & UNWANTED)
        if unwanted:
            section.wrong.append(f"{name} imports {' and '.join(unwanted)}.")
        section.rows.append(
            (
                *(name, str(milliseconds.n), figure(milliseconds, 0), figure(ratio, 1)),
                *(f"{memory.max:.0f}", str(len(packages))),
            )
        )
        section.numbers[name] = {
            "milliseconds": asdict(milliseconds),
            "ratio_to_python": asdict(ratio),
            "peak_mib": asdict(memory),
            "packages": sorted(packages),
            "unwanted": unwanted,
        }
    section.remarks.append(f"Unwanted here: {', '.join(sorted(UNWANTED))}.")
    return section


def _lap(command: Sequence[str], seed: int) -> Lap:
    run = run_child(command)
    return Lap(run.wall_seconds, facts={"peak_mib": run.peak_mib})


def imported_packages(command: Sequence[str]) -> set[str]:
    """Top-level modules that a Python command imports, by the interpreter's own log (-X importtime)."""
    log = run_child(command, {"PYTHONPROFILEIMPORTTIME": "1"}).stderr
    names = [line.rsplit("|", 1)[1].strip() for line in log.splitlines() if line.startswith("import time:")]
    if len(names) < 2:  # the first line is the log's own heading
        raise ChildError(f"{' '.join(command)!r} wrote no import log")
    return {name.split(".")[0] for name in names[1:]}
