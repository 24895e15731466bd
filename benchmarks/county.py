"""One run of the county as a user starts it, its first run ever, and its kernel against the floor."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path

from benchmarks import engine
from benchmarks.child import run_child
from benchmarks.floor import FORMS, N_DAYS, N_GRIDS, PUBLISHED_NS, REQUESTS_PER_GRID_DAY, floor_ns
from benchmarks.rounds import Contest, Contestant, Lap, Spread, interleave
from benchmarks.tables import Section, Settings, figure, ns_per_request, progress

# The goal for one warm run from shell to shell, on the machine it was set on.
TARGET_SECONDS = 4.0
TARGET_SECONDS_PER_MILLION = 0.35

SHELL, FIRST, KERNEL = "leancounty run, warm", "leancounty run, first ever", "kernel, in process"
FIRST_ROUNDS = 2
FLOORS = {form: f"floor, {form}" for form in FORMS}


def target_seconds(n_requests: float) -> float:
    """The goal for one run that opens so many requests."""
    return TARGET_SECONDS + TARGET_SECONDS_PER_MILLION * n_requests / 1e6


def measure(settings: Settings) -> Section:
    """The whole command, warm and cold; beside it the kernel alone and the floor loops."""
    in_process = partial(engine.play, engine.county_plan(n_days=settings.n_days if settings.quick else None))
    contestants = [
        Contestant(SHELL, _shell_lap, partial(_shell_lap, 0)),
        Contestant(FIRST, _first_lap, n_rounds=1 if settings.quick else FIRST_ROUNDS),
        Contestant(KERNEL, in_process, partial(in_process, 0)),
        *_floor_contestants(),
    ]
    contest = interleave(contestants, settings.rounds, progress)
    section = Section(
        f"The county: {engine.COUNTY_SCENARIO}",
        (
            *("what", "rounds", "seconds", "peak MiB", "requests", "target s", "÷ target"),
            *("ns/request", *(f"x {form}" for form in FORMS)),
        ),
    )
    for name in (SHELL, FIRST):
        _add_command(section, contest, name)
    for name in contest.laps:
        if name not in (SHELL, FIRST):
            _add_loop(section, contest, name)
    section.remarks += [
        f"Target: {TARGET_SECONDS:g} s + {TARGET_SECONDS_PER_MILLION:g} s a million requests, warm.",
        f"x {', x '.join(FORMS)}: ns/request ÷ that of each floor loop in the same round, median. The goal, 30 times, "
        f"was set beside a loop of {PUBLISHED_NS:g} ns: {PUBLISHED_NS * 30:g} ns.",
    ]
    if settings.quick:
        section.remarks.append(f"Quick: the kernel ran {settings.n_days} days, the command all of them.")
    if not all(contest.fact(FIRST, "compiled_files")):
        section.wrong.append("the first run left its own compile cache empty, so it was not a first run.")
    return section


def measure_floor(settings: Settings) -> Section:
    """The floor loops alone."""
    contest = interleave(_floor_contestants(), settings.rounds, progress)
    section = Section("The floor", ("loop", "rounds", "ns/request"))
    for name in contest.laps:
        per_request = contest.spread(name, ns_per_request)
        section.rows.append((name, str(per_request.n), figure(per_request, 2)))
        section.numbers[name] = {"ns_per_request": asdict(per_request)}
    return section


def _shell_lap(seed: int, env: dict[str, str] | None = None) -> Lap:
    run = run_child(engine.run_command(seed), env)
    facts = {
        "requests": float(engine.requests_opened(run.stdout)),
        "peak_mib": run.peak_mib,
        "cpu_seconds": run.cpu_seconds,
    }
    return Lap(run.wall_seconds, facts=facts)


def _first_lap(seed: int) -> Lap:
    """A run whose compile cache is still empty, and must not be empty after it."""
    with tempfile.TemporaryDirectory() as folder:
        lap = _shell_lap(seed, engine.empty_cache(Path(folder)))
        lap.facts["compiled_files"] = float(engine.compiled_files(Path(folder)))
    return lap


def _floor_contestants() -> list[Contestant]:
    """Always the whole year, which takes hundredths of a second: a shorter one would measure cold caches."""
    plays = {floor: partial(_floor_lap, form) for form, floor in FLOORS.items()}
    return [Contestant(floor, play, partial(play, 0)) for floor, play in plays.items()]


def _floor_lap(form: str, seed: int) -> Lap:
    n = N_DAYS * N_GRIDS * REQUESTS_PER_GRID_DAY
    return Lap(floor_ns(form, N_DAYS, seed) * n * 1e-9, facts={"requests": float(n)})


def _add_command(section: Section, contest: Contest, name: str) -> None:
    """A row for a whole process."""
    seconds = contest.spread(name)
    memory = Spread.of(contest.fact(name, "peak_mib"))
    requests = Spread.of(contest.fact(name, "requests"))
    target, share = target_seconds(requests.median), contest.spread(name, _share_of_target)
    is_warm = name == SHELL
    section.rows.append(
        (
            *(name, str(seconds.n), figure(seconds), f"{memory.max:.0f}", f"{requests.median:,.0f}"),
            *((f"{target:.2f}", figure(share, 2)) if is_warm else ("-", "-")),
            *("-" for _ in ("ns/request", *FORMS)),
        )
    )
    section.numbers[name] = {
        "seconds": asdict(seconds),
        "cpu_seconds": asdict(Spread.of(contest.fact(name, "cpu_seconds"))),
        "peak_mib": asdict(memory),
        "requests": contest.fact(name, "requests"),
        **({"target_seconds": target, "share_of_target": asdict(share)} if is_warm else {}),
    }


def _share_of_target(lap: Lap) -> float:
    return lap.seconds / target_seconds(lap.facts["requests"])


def _add_loop(section: Section, contest: Contest, name: str) -> None:
    """A row for a loop inside this process."""
    seconds, per_request = contest.spread(name), contest.spread(name, ns_per_request)
    ratios = {form: contest.ratio(name, floor, ns_per_request) for form, floor in FLOORS.items()}
    requests = contest.fact(name, "requests")
    section.rows.append(
        (
            *(name, str(seconds.n), figure(seconds), "-", f"{Spread.of(requests).median:,.0f}", "-", "-"),
            *(figure(per_request, 1), *(figure(ratio, 1) for ratio in ratios.values())),
        )
    )
    section.numbers[name] = {
        "seconds": asdict(seconds),
        "setup_seconds": asdict(contest.spread(name, lambda lap: lap.setup_seconds)),
        "ns_per_request": asdict(per_request),
        "ratio_to_floor": {form: asdict(ratio) for form, ratio in ratios.items()},
        "requests": requests,
    }
