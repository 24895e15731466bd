"""Does the wall time grow in proportion to the residents and to the days?"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from benchmarks import engine
from benchmarks.rounds import Contest, Contestant, Lap, Spread, interleave
from benchmarks.tables import Section, Settings, figure, ns_per_request, progress

COUNTY_RESIDENTS = 465_000
RESIDENTS = (10_000, 50_000, 200_000, COUNTY_RESIDENTS, 1_000_000, 2_000_000)
QUICK_RESIDENTS = (10_000, 100_000, COUNTY_RESIDENTS)
DAY_FACTORS = (0.25, 0.5, 1.0, 2.0)  # of the days in the settings


def measure(settings: Settings) -> Section:
    """Two series that meet in the county itself: other numbers of residents, other numbers of days."""
    residents = QUICK_RESIDENTS if settings.quick else RESIDENTS
    county = (COUNTY_RESIDENTS, settings.n_days)
    sizes = [(n_residents, settings.n_days) for n_residents in residents]
    sizes += [(COUNTY_RESIDENTS, round(settings.n_days * factor)) for factor in DAY_FACTORS if factor != 1.0]
    contestants = []
    for size in sizes:
        play = partial(_lap, engine.county_plan(*size), size[0] * size[1])
        # Once is enough: kernels have one signature, whatever the size.
        contestants.append(Contestant(_name(*size), play, None if contestants else partial(play, 0)))
    contest = interleave(contestants, settings.rounds, progress)
    section = Section(
        "Growth: wall time per resident and day, and per request, against the county's own",
        (
            *("size", "rounds", "seconds", "set-up", "requests", "ns/request", "ns/resident-day"),
            *("x county, per resident-day", "x county, per request"),
        ),
    )
    for size in sizes:
        _add_row(section, contest, size, county)
    section.remarks.append("In the last two columns 1.00 is growth in proportion; above it, worse than that.")
    return section


def _name(n_residents: int, n_days: int) -> str:
    return f"{n_residents:,} residents, {n_days} days"


def _lap(plan: object, n_resident_days: int, seed: int) -> Lap:
    lap = engine.play(plan, seed)
    lap.facts["resident_days"] = float(n_resident_days)
    return lap


def _ns_per_resident_day(lap: Lap) -> float:
    return lap.seconds / lap.facts["resident_days"] * 1e9


def _add_row(section: Section, contest: Contest, size: tuple[int, int], county: tuple[int, int]) -> None:
    name, base = _name(*size), _name(*county)
    seconds, setup = contest.spread(name), contest.spread(name, lambda lap: lap.setup_seconds)
    requests = contest.fact(name, "requests")
    per_request = contest.spread(name, ns_per_request)
    per_resident = contest.spread(name, _ns_per_resident_day)
    relative = contest.ratio(name, base, _ns_per_resident_day)
    relative_request = contest.ratio(name, base, ns_per_request)
    section.rows.append(
        (
            *(name, str(seconds.n), figure(seconds), f"{setup.median:.3f}"),
            *(f"{Spread.of(requests).median:,.0f}", f"{per_request.median:.0f}"),
            *(f"{per_resident.median:.2f}", figure(relative, 2), figure(relative_request, 2)),
        )
    )
    section.numbers[name] = {
        "n_residents": size[0],
        "n_days": size[1],
        "seconds": asdict(seconds),
        "setup_seconds": asdict(setup),
        "requests": requests,
        "ns_per_request": asdict(per_request),
        "ns_per_resident_day": asdict(per_resident),
        "per_resident_day_against_county": asdict(relative),
        "per_request_against_county": asdict(relative_request),
    }
