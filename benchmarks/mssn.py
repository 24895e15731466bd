"""The engine against heapq and SimPy on MSSN-1, the reduced county that all of them can say."""

from __future__ import annotations

import math
from dataclasses import asdict
from functools import partial

from benchmarks import engine, peers
from benchmarks.rounds import Contest, Contestant, Lap, Spread, interleave
from benchmarks.tables import YEAR_DAYS, Section, Settings, figure, ns_per_request, progress, with_setup

MINUTES_A_DAY = peers.YEAR_MINUTES / YEAR_DAYS
MOST_DEVIATIONS = 4.0  # a count or a mean wait further off is a wrong answer, not bad luck


def measure(settings: Settings) -> Section:
    """The engine and the peers, at full size; the peers in fewer rounds."""
    return _contest(settings, ("engine", *peers.PEERS), settings.rounds)


def measure_peers(settings: Settings) -> Section:
    """The peers alone."""
    return _contest(settings, tuple(peers.PEERS), settings.peer_rounds)


def _contest(settings: Settings, names: tuple[str, ...], n_rounds: int) -> Section:
    contestants = [_contestant(name, k, settings) for k in (1, 2) for name in names]
    contest = interleave(contestants, n_rounds, progress)
    base = names[0]
    n_residents = peers.N_BLOCKS * peers.RESIDENTS_PER_BLOCK
    section = Section(
        f"MSSN-1: {peers.N_BLOCKS} blocks, {n_residents:,} residents, {settings.n_days} days, one thread",
        (
            *("contestant", "rounds", "seconds", "with set-up", "ns/request", f"x {base}"),
            *(f"x {base}, with set-up", "mean wait", "P(wait>0)", "off by"),
        ),
    )
    for k in (1, 2):
        for name in names:
            _add_row(section, contest, name, base, k, settings)
        paths = {name: [lap.facts for lap in contest.laps[f"{name} k={k}"].values()] for name in peers.PEERS}
        if paths["heapq"] != paths["simpy"]:
            section.wrong.append(f"heapq and SimPy disagree at k={k}.")
    section.remarks += [
        f"x {base}: seconds ÷ seconds of {base} in the same round. heapq and SimPy walk the same path.",
        "off by: (mean wait - reference) ÷ sd of one county-year, the worst round.",
    ]
    if settings.peer_rounds < n_rounds:
        section.remarks.append(
            f"The peers ran at full size too, but only in {settings.peer_rounds} of {n_rounds} rounds."
        )
    if settings.quick:
        section.remarks.append("A quick look at a tenth of the year, for which no reference wait is known.")
    return section


def _contestant(name: str, k: int, settings: Settings) -> Contestant:
    label = f"{name} k={k}"
    if name == "engine":
        play = partial(engine.play, engine.mssn_plan(k, settings.n_days))
        return Contestant(label, play, warm=partial(play, 0))
    warm = partial(peers.PEERS[name], n_blocks=1, k=k)
    return Contestant(label, partial(_peer_lap, name, k, settings.n_days), warm, settings.peer_rounds)


def _peer_lap(name: str, k: int, n_days: int, seed: int) -> Lap:
    run = peers.PEERS[name](k=k, seed=seed, horizon_minutes=n_days * MINUTES_A_DAY)
    facts = {
        "requests": float(run.requests),
        "mean_wait_minutes": run.mean_wait_minutes,
        "waited_share": run.waited_share,
    }
    return Lap(run.wall_seconds, run.setup_seconds, facts)


def _add_row(section: Section, contest: Contest, name: str, base: str, k: int, settings: Settings) -> None:
    label, base_label = f"{name} k={k}", f"{base} k={k}"
    seconds, total = contest.spread(label), contest.spread(label, with_setup)
    ratio = contest.ratio(label, base_label)
    ratio_total = contest.ratio(label, base_label, with_setup)
    per_request = contest.spread(label, ns_per_request)
    waits = contest.fact(label, "mean_wait_minutes")
    waited = contest.fact(label, "waited_share")
    expected = peers.expected_requests(settings.n_days / YEAR_DAYS)
    for requests in contest.fact(label, "requests"):
        if abs(requests - expected) > MOST_DEVIATIONS * math.sqrt(expected):
            section.wrong.append(f"{label} had {requests:,.0f} requests; {expected:,.0f} were expected.")
    worst = None
    if not settings.quick:
        worst = max((peers.REFERENCE[k].distance(wait) for wait in waits), key=abs)
        if abs(worst) > MOST_DEVIATIONS:
            section.wrong.append(f"{label} waits {worst:+.1f} standard deviations from the reference.")
    section.rows.append(
        (
            *(label, str(seconds.n), figure(seconds), f"{total.median:.3f}", f"{per_request.median:.0f}"),
            *(figure(ratio, 1), f"{ratio_total.median:.1f}", f"{Spread.of(waits).median:.2f}"),
            *(f"{Spread.of(waited).median:.4f}", "-" if worst is None else f"{worst:+.1f} sd"),
        )
    )
    section.numbers[label] = {
        "seconds": asdict(seconds),
        "seconds_with_setup": asdict(total),
        "ns_per_request": asdict(per_request),
        "requests": contest.fact(label, "requests"),
        "mean_wait_minutes": waits,
        "waited_share": waited,
        "standard_deviations_off": worst,
        f"ratio_to_{base}": asdict(ratio),
        f"ratio_to_{base}_with_setup": asdict(ratio_total),
    }
