"""The county's work under a structure: which matters arise where, how often, and how many minutes they ask.

Requests follow routes; standing work follows from the yearly budget of minutes (docs/DATA.md). `Work` gathers
matters, streams and the expected minutes of every group at every site, from which staff is shared out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.scenario.catalogue import Catalogue, MatterFamily, RouteStep, Unit, unit_of_step
from sim.scenario.network import DONE, Law, Matter, Next, Step, Stream
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
STANDING_HOURS = (0,) * 8 + (1.5, 1.3, 1.1, 0.9, 0.5, 0.8, 1.1, 1.0, 0.9, 0.6) + (0,) * 6
MINUTES_PER_DAY = 1440.0
WORKING_DAYS_PER_YEAR = 250.0


@dataclass(slots=True)
class Work:
    """Matters, streams, and expected minutes a year: `load[group]` has one entry per site of the group's level."""

    matters: list[Matter] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    load: dict[str, np.ndarray] = field(default_factory=dict)

    def add_load(self, group: str, minutes: np.ndarray) -> None:
        """Add expected minutes a year at the sites of a group."""
        self.load[group] = self.load[group] + minutes if group in self.load else minutes


def expected_visits(matter: Matter, digital_factor: float = 1.0) -> np.ndarray:
    """Expected number of times that one request of a matter passes each of its steps, nothing being transferred."""
    index = {step.name: i for i, step in enumerate(matter.steps)}
    entry = np.zeros(len(index))
    online = matter.digital_share * digital_factor if matter.online_step else 0.0
    entry[index[matter.first_step]] += 1.0 - online
    if online:
        entry[index[matter.online_step]] += online
    if len(index) == 1:
        return entry
    moves = np.zeros((len(index), len(index)))
    for i, step in enumerate(matter.steps):
        for n in step.next:
            if n.step != DONE:
                moves[index[n.step], i] += n.probability
    return np.linalg.solve(np.eye(len(index)) - moves, entry)


def expected_step_minutes(matter: Matter, digital_factor: float = 1.0) -> list[tuple[str, float, float]]:
    """Per step of a matter: group, expected service minutes and expected hand-over minutes of one request."""
    visits = expected_visits(matter, digital_factor)
    arrived = np.zeros(len(visits))
    index = {step.name: i for i, step in enumerate(matter.steps)}
    onward = np.zeros(len(visits))
    for i, step in enumerate(matter.steps):
        for n in step.next:
            if n.step != DONE:
                onward[i] += n.probability * visits[i]
                arrived[index[n.step]] += n.probability * visits[i]
    return [
        (step.group, visits[i] * step.service.mean_minutes(),
         arrived[i] * step.intake_minutes + onward[i] * step.hand_out_minutes)
        for i, step in enumerate(matter.steps)
    ]  # fmt: skip


def functions_of(catalogue: Catalogue) -> dict[str, tuple[int, int]]:
    """Place (first, count) of each transferable family in the list of functions, technical ones first."""
    first, place = 0, {}
    for m in sorted(catalogue.matters, key=lambda m: m.function_order):
        if m.functions:
            place[m.matter] = (first, m.functions)
            first += m.functions
    return place


def shares(where: Places, at: Sites, driver: str) -> dict[str, np.ndarray]:
    """Share of the county's requests that arise at each site, by level, for residents or businesses."""
    weight = where.residents_of_place.astype(np.float64)
    if driver == "businesses":
        owners = where.business_stop - where.community_first[:-1]
        per_resident = owners / np.maximum(where.residents_of_community, 1)
        weight = weight * per_resident[where.community_of_place]
    weight = weight / weight.sum()
    return {
        level: np.bincount(at.of_place[level], weights=weight, minlength=at.count[level])
        for level in at.of_place
    }


def add_requests(work: Work, settings: Any, catalogue: Catalogue, where: Places, at: Sites) -> None:
    """What residents and businesses ask for: one stream per community and family, routes of the structure."""
    structure = settings.levers.structure
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
    community_first, business_stop = where.community_first.tolist(), where.business_stop.tolist()
    first_place = where.first_place.tolist()
    for m in catalogue.matters:
        if m.block != "requests":
            continue
        matter = request_matter(m, routes[m.route], structure, units, functions, patience)
        work.matters.append(matter)
        if matter.supervision_matter:
            work.matters.append(supervision_matter(m, matter))
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
        hours = ONLINE_HOURS if m.route == "online_small" else RESIDENT_HOURS
        for c, community in enumerate(catalogue.communities):
            stop = community_first[c + 1] if m.driver == "residents" else business_stop[c]
            work.streams.append(
                Stream(
                    id=f"{m.matter}/{community.community}",
                    matter=m.matter,
                    per_day=m.volume * scale * float(of_site["community"][c]),
                    driver=m.driver,
                    place=first_place[c],
                    residents=(community_first[c], stop),
                    profile=hours,
                )
            )


def request_matter(
    m: MatterFamily, steps: list[RouteStep], structure: str, units: tuple[Unit, ...],
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
                service=Law("lognormal", minutes[s.work] * s.work_share, m.cv),
                next=next_of(s),
                intake_minutes=s.intake_minutes,
                hand_out_minutes=s.hand_out_minutes,
            )
            for s in steps
            if s.channel != "transfer" or is_transferable
        ),
        first_step=entry["window"],
        online_step=entry.get("online", "") if m.digital_share else "",
        digital_share=m.digital_share,
        transfer_step=entry["transfer"] if is_transferable else "",
        functions=functions[m.matter] if is_transferable else (0, 0),
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


def supervision_matter(m: MatterFamily, supervised: Matter) -> Matter:
    """Work of government on a transferred request, as much as the service itself.

    The engine lets a share of the transferred requests cause it (`levers.transfer.supervision_share`, more while
    double running), so the expected minutes are that share of the service's minutes.
    """
    lead = next((s.group for s in supervised.steps if s.name == "lead"), supervised.steps[0].group)
    return Matter(
        id=supervised.supervision_matter,
        name_en=f"Supervision: {supervised.name_en}",
        name_zh=f"监管：{supervised.name_zh}",
        block="supervision",
        attention_class="inner",
        deadline_minutes=2400.0,
        steps=(Step("check", lead, Law("lognormal", m.full_minutes, m.cv)),),
        first_step="check",
        least_share=0.5,
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """Adds standing work of one family to a group: yearly minutes at each site become streams."""

    work: Work
    catalogue: Catalogue
    at: Sites
    functions: dict[str, tuple[int, int]]
    elastic_share: float
    elastic_patience: Law

    def add(
        self,
        m: MatterFamily,
        group: str,
        level: str,
        minutes: np.ndarray,
        block: str = "",
        counts: bool = True,
    ) -> None:
        """Add a family at a group; an elastic family's elastic part becomes a twin matter without transfer."""
        if not minutes.any():
            return
        if counts:
            self.work.add_load(group, minutes)
        elastic = self.elastic_share if m.elastic else 0.0
        if elastic < 1.0:
            self._add(m, group, level, minutes * (1.0 - elastic), m.matter, m.attention_class, None)
        if elastic > 0.0:
            self._add(
                m, group, level, minutes * elastic, f"{m.matter}.elastic", "elastic", self.elastic_patience
            )

    def _add(self, m, group, level, minutes, family, attention_class, patience) -> None:
        service = Law("lognormal", m.case_minutes, m.cv)
        steps = [Step("work", group, service)]
        is_transferable = m.functions > 0 and attention_class != "elastic"
        if is_transferable:
            steps.append(Step("organization", f"organization/{m.organization_field}", service))
        name = f"{family}/{group}"
        matter = Matter(
            id=name,
            name_en=f"{m.name_en} ({group})",
            name_zh=m.name_zh,
            block=m.block,
            attention_class=attention_class,
            deadline_minutes=m.deadline_minutes,
            steps=tuple(steps),
            first_step="work",
            transfer_step="organization" if is_transferable else "",
            functions=self.functions[m.matter] if is_transferable else (0, 0),
            supervision_matter=f"supervision/{name}" if is_transferable else "",
            patience=patience,
            least_share=m.least_share,
        )
        self.work.matters.append(matter)
        if is_transferable:
            self.work.matters.append(supervision_matter(m, matter))
        per_day = minutes / (m.case_minutes * self.catalogue.value("days_per_year"))
        for site, rate in enumerate(per_day.tolist()):
            if rate > 0.0:
                self.work.streams.append(
                    Stream(
                        id=f"{name}/{self.at.names[level][site]}",
                        matter=name,
                        per_day=rate,
                        driver=m.driver,
                        place=int(self.at.place[level][site]),
                        profile=STANDING_HOURS,
                    )
                )
