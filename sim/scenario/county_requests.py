"""What residents and businesses ask for: matters on a structure's routes, streams per community that families split."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sim.scenario.calendar import MINUTES_PER_DAY
from sim.scenario.catalogue import Catalogue, MatterFamily, RouteStep
from sim.scenario.catalogue_rows import ONLINE_ROUTE
from sim.scenario.county_detours import ownerless_share, with_bounces, with_sign_offs
from sim.scenario.county_devolution import devolved_shares, with_devolution
from sim.scenario.county_work import (
    Work,
    expected_step_minutes,
    functions_of,
    organization_steps,
    shares,
    supervision_matter,
)
from sim.scenario.network import DONE, Law, Matter, Network, Next, Part, Step, Stream
from sim.scenario.places import Places, Sites
from sim.scenario.structures import Groups, Structure, steps_of

RESIDENT_HOURS = (
    0, 0, 0, 0, 0, 0, 0.2, 0.8, 2, 4, 4, 2.4,
    1.2, 1.6, 3, 3, 2, 1.2, 0.6, 0.5, 0.4, 0.2, 0.1, 0,
)  # fmt: skip
"""Peaks 9-11 and 14-16 (Beijing hotline 2019); the heights are assumed."""
ONLINE_HOURS = (
    0.2, 0.1, 0, 0, 0, 0.1, 0.3, 0.8, 1.5, 2.2, 2.2, 1.6,
    1.2, 1.3, 2, 2, 1.7, 1.3, 1.2, 1.4, 1.4, 1.2, 0.8, 0.4,
)  # fmt: skip
"""Of small online items: flatter, on into the evening (assumed)."""


ASSESSED_STREAMS = ("grid", "hotline")
"""Streams of the cases that are dispatched, timed and counted, by which units are ranked (`levers.assessment`)."""


def add_requests(
    work: Work, settings: Any, catalogue: Catalogue, where: Places, at: Sites, structure: Structure
) -> None:
    """What residents and businesses ask for: families on the structure's routes, streams that they split."""
    groups = Groups(catalogue, structure)
    in_house = catalogue.value("in_house_share")
    astray = ownerless_share(settings, catalogue, groups)
    scale = where.n_residents / catalogue.value("reference_residents") / catalogue.value("days_per_year")
    share = {driver: shares(where, at, driver) for driver in ("residents", "businesses")}
    functions = functions_of(catalogue)
    routes = steps_of(catalogue, structure)
    patience = Law("exponential", settings.behaviour.patience_days_mean * MINUTES_PER_DAY)
    devolved = devolved_shares(catalogue, settings.levers.devolved_matters)
    entry: dict[str, str] = {}
    for m in catalogue.matters:
        if m.block != "requests":
            continue
        matter = request_matter(m, routes[m.route], groups, in_house, catalogue, functions, patience)
        steps = with_bounces(matter.steps, routes[m.route], m, groups, astray, settings.world)
        steps = with_sign_offs(steps, routes[m.route], m, groups, settings.world.sign_off_minutes)
        matter = replace(matter, steps=steps, head_start_days=head_start_days(m, settings))
        by_itself = expected_step_minutes(matter)
        if m.matter in devolved:
            matter, entry[m.matter] = with_devolution(matter, m, catalogue.value("devolved_done_share"))
            minutes = minutes_at("community", expected_step_minutes(matter, first=entry[m.matter]))
            minutes -= minutes_at("community", by_itself)
            work.sent_down += m.volume * scale * catalogue.value("days_per_year") * devolved[m.matter] * minutes
        work.add(matter)
        if matter.supervision_matter:
            work.add(supervision_matter(m, matter))
        if not m.relieves:                                  # no work of government, before or after
            continue
        of_site = share[m.driver]
        for group, service, hand_over in by_itself:     # posts and seats are laid out as if nothing were sent down
            work.add_load(
                group,
                m.volume
                * scale
                * catalogue.value("days_per_year")
                * (service + hand_over)
                * of_site[groups.level(group)],
            )
    community_first, business_stop = where.community_first.tolist(), where.business_stop.tolist()
    first_place = where.first_place.tolist()
    for name, families in catalogue.streams("requests").items():
        volume = sum(m.volume for m in families)
        if not volume:
            continue
        parts = tuple(
            part
            for m in families if m.volume
            for part in parts_of(m.matter, m.volume / volume, devolved.get(m.matter, 0.0), entry.get(m.matter, ""))
        )  # fmt: skip
        driver = families[0].driver
        rate = volume * scale * share[driver]["home"]
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


def head_start_days(m: MatterFamily, settings: Any) -> float:
    """Days by which a family's requests count as due earlier because units are ranked by them."""
    if m.stream not in ASSESSED_STREAMS:
        return 0.0
    return settings.levers.assessment * settings.behaviour.assessment_head_start_days


def assessed_matters(network: Network) -> set[str]:
    """Ids of the matters by which units are ranked, whether they are or not."""
    return {p.matter for s in network.streams if s.id.partition("/")[0] in ASSESSED_STREAMS for p in s.split()}


def parts_of(matter: str, share: float, devolved: float, entry: str) -> list[Part]:
    """A family's parts of its stream: what was sent down, entering at a step of its own, and the rest."""
    parts = [Part(matter, share * devolved, entry)] if devolved else []
    return parts + ([Part(matter, share * (1.0 - devolved))] if devolved < 1.0 else [])


def minutes_at(group: str, minutes: list[tuple[str, float, float]]) -> float:
    """Service and hand-over minutes of one request at a group (`expected_step_minutes`)."""
    return sum(service + hand_over for name, service, hand_over in minutes if name == group)


def request_matter(
    m: MatterFamily, steps: list[RouteStep], groups: Groups, in_house_share: float, catalogue: Catalogue,
    functions: dict[str, tuple[int, int]], patience: Law,
) -> Matter:  # fmt: skip
    """Matter of a family of requests on the route of a structure.

    Between two departments that were merged into one, `in_house_share` of transit and hand-over minutes remains.
    """
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
    merged = {s.step for s in steps if groups.is_in_house(s.group, m)}
    steps = [eased(s, merged, in_house_share) for s in steps]

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
                group=groups.of(s.group, m),
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


def eased(step: RouteStep, merged: set[str], share: float) -> RouteStep:
    """A step with what remains of its hand-overs when it, or the step that follows, stays in a merged department."""
    if step.step in merged:
        step = replace(step, intake_minutes=step.intake_minutes * share)
    if step.next in merged:
        step = replace(
            step, transit_minutes=step.transit_minutes * share, hand_out_minutes=step.hand_out_minutes * share
        )
    return step


def next_of(step: RouteStep) -> tuple[Next, ...]:
    """Where a request goes after a step of a route, probabilities adding up to 1."""
    found = [Next(DONE, step.p_done)] if step.p_done else []
    if step.p_other:
        found.append(Next(step.other, step.p_other, step.other_transit_minutes))
    rest = 1.0 - step.p_done - step.p_other
    if rest > 1e-9:
        found.append(Next(step.next, rest, step.transit_minutes))
    return tuple(found)
