"""What residents and businesses ask for: matters on a structure's routes, streams per community that families split."""

from __future__ import annotations

from typing import Any

from sim.scenario.catalogue import Catalogue, MatterFamily, RouteStep, unit_of_step
from sim.scenario.catalogue_rows import ONLINE_ROUTE
from sim.scenario.county_work import (
    MINUTES_PER_DAY,
    Work,
    expected_step_minutes,
    functions_of,
    organization_steps,
    shares,
    supervision_matter,
)
from sim.scenario.network import DONE, Law, Matter, Next, Part, Step, Stream
from sim.scenario.places import Places, Sites

RESIDENT_HOURS = (
    0,
    0,
    0,
    0,
    0,
    0,
    0.2,
    0.8,
    2,
    4,
    4,
    2.4,
    1.2,
    1.6,
    3,
    3,
    2,
    1.2,
    0.6,
    0.5,
    0.4,
    0.2,
    0.1,
    0,
)
"""Peaks 9-11 and 14-16 (Beijing hotline 2019); the heights are assumed."""
ONLINE_HOURS = (
    0.2,
    0.1,
    0,
    0,
    0,
    0.1,
    0.3,
    0.8,
    1.5,
    2.2,
    2.2,
    1.6,
    1.2,
    1.3,
    2,
    2,
    1.7,
    1.3,
    1.2,
    1.4,
    1.4,
    1.2,
    0.8,
    0.4,
)


def add_requests(
    work: Work, settings: Any, catalogue: Catalogue, where: Places, at: Sites, structure: str
) -> None:
    """What residents and businesses ask for: families on the structure's routes, streams that they split."""
    units = catalogue.units_of(structure)
    level = {u.unit: u.level for u in units}
    scale = where.n_residents / catalogue.value("reference_residents") / catalogue.value("days_per_year")
    share = {driver: shares(where, at, driver) for driver in ("residents", "businesses")}
    functions = functions_of(catalogue)
    routes: dict[str, list[RouteStep]] = {}
    for r in catalogue.routes:
        if r.structure == structure:
            routes.setdefault(r.route, []).append(r)
    patience = Law("exponential", settings.behaviour.patience_days_mean * MINUTES_PER_DAY)
    for m in catalogue.matters:
        if m.block != "requests":
            continue
        matter = request_matter(m, routes[m.route], structure, catalogue, functions, patience)
        work.add(matter)
        if matter.supervision_matter:
            work.add(supervision_matter(m, matter))
        if not m.relieves:                                  # no work of government, before or after
            continue
        of_site = share[m.driver]
        for group, service, hand_over in expected_step_minutes(matter):
            at_level = level.get(group) or ("organization" if "/" in group else group)
            work.add_load(
                group,
                m.volume
                * scale
                * catalogue.value("days_per_year")
                * (service + hand_over)
                * of_site[at_level],
            )
    community_first, business_stop = where.community_first.tolist(), where.business_stop.tolist()
    first_place = where.first_place.tolist()
    for name, families in catalogue.streams("requests").items():
        volume = sum(m.volume for m in families)
        if not volume:
            continue
        parts = tuple(Part(m.matter, m.volume / volume) for m in families if m.volume)
        driver = families[0].driver
        rate = volume * scale * share[driver]["community"]
        for c, community in enumerate(catalogue.communities):
            stop = community_first[c + 1] if driver == "residents" else business_stop[c]
            work.streams.append(
                Stream(
                    id=f"{name}/{community.community}",
                    parts=parts,
                    per_day=float(rate[c]),
                    driver=driver,
                    place=first_place[c],
                    residents=(community_first[c], stop),
                    profile=ONLINE_HOURS if families[0].route == ONLINE_ROUTE else RESIDENT_HOURS,
                )
            )


def request_matter(
    m: MatterFamily, steps: list[RouteStep], structure: str, catalogue: Catalogue,
    functions: dict[str, tuple[int, int]], patience: Law,
) -> Matter:  # fmt: skip
    """Matter of a family of requests on the route of a structure."""
    minutes = {
        "contact": m.contact_minutes,
        "field": m.field_minutes,
        "case": m.case_minutes,
        "all": m.full_minutes,
    }
    entry = {}
    for s in steps:
        entry.setdefault(s.channel, s.step)
    is_transferable = "transfer" in entry and m.matter in functions
    units = catalogue.units_of(structure)

    def service(s: RouteStep) -> Law:
        return Law("lognormal", minutes[s.work] * s.work_share, m.cv)

    handed_over = [
        step
        for s in steps if s.channel == "transfer" and is_transferable
        for step in organization_steps(catalogue, m, service(s))
    ]  # fmt: skip
    return Matter(
        id=m.matter,
        name_en=m.name_en,
        name_zh=m.name_zh,
        block=m.block,
        attention_class=m.attention_class,
        deadline_minutes=m.deadline_minutes,
        steps=tuple(
            Step(
                name=s.step,
                group=unit_of_step(s, m, structure, units),
                service=service(s),
                next=next_of(s),
                intake_minutes=s.intake_minutes,
                hand_out_minutes=s.hand_out_minutes,
            )
            for s in steps
            if s.channel != "transfer"
        )
        + tuple(handed_over),
        first_step=entry["window"],
        online_step=entry.get("online", "") if m.digital_share else "",
        digital_share=m.digital_share,
        transfer_step=handed_over[0].name if is_transferable else "",
        functions=functions[m.matter] if is_transferable else (0, 0),
        relieves=m.relieves,
        supervision_matter=f"supervision/{m.matter}" if is_transferable else "",
        patience=patience if m.patience else None,
        least_share=m.least_share,
    )


def next_of(step: RouteStep) -> tuple[Next, ...]:
    """Where a request goes after a step of a route, probabilities adding up to 1."""
    found = [Next(DONE, step.p_done)] if step.p_done else []
    if step.p_other:
        found.append(Next(step.other, step.p_other, step.other_transit_minutes))
    rest = 1.0 - step.p_done - step.p_other
    if rest > 1e-9:
        found.append(Next(step.next, rest, step.transit_minutes))
    return tuple(found)
