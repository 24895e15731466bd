"""What requests and standing work share: gathered work, expected visits, places in the list of functions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from sim.scenario.catalogue import Catalogue, MatterFamily
from sim.scenario.network import DONE, Law, Matter, Step, Stream
from sim.scenario.places import Places, Sites


@dataclass(slots=True)
class Work:
    """Matters, streams, and expected minutes a year; `load[group]` has one entry per site of its level.

    Standing matters are gathered by id, because each unit adds a step of its own to them: `steps[id][name]`.
    `sent_down`: minutes a year that devolution adds to community workers.
    """

    first: dict[str, Matter] = field(default_factory=dict)
    steps: dict[str, dict[str, Step]] = field(default_factory=dict)
    streams: list[Stream] = field(default_factory=list)
    load: dict[str, np.ndarray] = field(default_factory=dict)
    sent_down: float = 0.0

    def add(self, matter: Matter) -> None:
        """Add a matter, or the steps of one that is there already and that it lacks."""
        self.first.setdefault(matter.id, matter)
        for step in matter.steps:
            self.add_step(matter.id, step)

    def add_step(self, matter: str, step: Step) -> None:
        """Add a step to a matter, unless it has one of that name."""
        self.steps.setdefault(matter, {}).setdefault(step.name, step)

    def matters(self) -> tuple[Matter, ...]:
        """The matters, each with all its steps."""
        return tuple(replace(m, steps=tuple(self.steps[m.id].values())) for m in self.first.values())

    def add_load(self, group: str, minutes: np.ndarray) -> None:
        """Add expected minutes a year at the sites of a group."""
        self.load[group] = self.load[group] + minutes if group in self.load else minutes


def expected_visits(matter: Matter, digital_factor: float = 1.0, first: str = "") -> np.ndarray:
    """Expected number of times that one request passes each step of its matter, nothing being transferred.

    `first`: step at which it enters when that is not the matter's first one.
    """
    index = {step.name: i for i, step in enumerate(matter.steps)}
    entry = np.zeros(len(index))
    online = matter.digital_share * digital_factor if matter.online_step else 0.0
    entry[index[first or matter.first_step]] += 1.0 - online
    if online:
        entry[index[matter.online_step]] += online
    if not online and all(n.step == DONE for n in matter.steps[index[first or matter.first_step]].next):
        return entry
    moves = np.zeros((len(index), len(index)))
    for i, step in enumerate(matter.steps):
        for n in step.next:
            if n.step != DONE:
                moves[index[n.step], i] += n.probability
    return np.linalg.solve(np.eye(len(index)) - moves, entry)


def expected_step_minutes(
    matter: Matter, digital_factor: float = 1.0, first: str = ""
) -> list[tuple[str, float, float]]:
    """Per step of a matter: group, expected service minutes and expected hand-over minutes of one request."""
    visits = expected_visits(matter, digital_factor, first)
    arrived = np.zeros(len(visits))
    index = {step.name: i for i, step in enumerate(matter.steps)}
    onward = np.zeros(len(visits))
    for i, step in enumerate(matter.steps):
        for n in step.next:
            if n.step != DONE and matter.steps[index[n.step]].kind != "sign_off":
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


def organization_steps(catalogue: Catalogue, m: MatterFamily, service: Law) -> tuple[Step, ...]:
    """One step for each organization that may carry a family's functions, at that organization's own post."""
    count = next((o.count for o in catalogue.organizations if o.field == m.organization_field), 0)
    return tuple(
        Step(f"organization/{k}", f"organization/{m.organization_field}/{k}", service, alike="organization")
        for k in range(1, count + 1)
    )


def shares(where: Places, at: Sites, driver: str) -> dict[str, np.ndarray]:
    """Share of the county's requests that arise at each site, by level, for residents or businesses.

    `home` stands for the communities of the tables, whatever villages serve them.
    """
    weight = where.residents_of_place.astype(np.float64)
    if driver == "businesses":
        owners = where.business_stop - where.community_first[:-1]
        per_resident = owners / np.maximum(where.residents_of_community, 1)
        weight = weight * per_resident[where.community_of_place]
    weight = weight / weight.sum()
    return {
        level: np.bincount(at.of_place[level], weights=weight, minlength=at.count[level])
        for level in at.of_place
    } | {"home": np.bincount(where.community_of_place, weights=weight, minlength=len(where.names))}


def supervision_matter(m: MatterFamily, supervised: Matter) -> Matter:
    """Work of government on a transferred request, as much as the service itself.

    The engine lets a share of the transferred requests cause it (`levers.transfer.supervision_share`, more
    while double running), so the expected minutes are that share of the service's minutes. Supervision of standing
    work falls to the unit that owned it (a step of the owner's name), that of a request to its lead.
    """
    service = Law("lognormal", m.full_minutes, m.cv)
    if m.block == "requests":
        lead = next((s.group for s in supervised.steps if s.name == "lead"), supervised.steps[0].group)
        steps = (Step("check", lead, service),)
    else:
        steps = tuple(Step(s.name, s.group, service) for s in supervised.steps if s.alike != "organization")
    return Matter(
        id=supervised.supervision_matter,
        name_en=f"Supervision: {supervised.name_en}",
        name_zh=f"监管：{supervised.name_zh}",
        block="supervision",
        attention_class="inner",
        deadline_minutes=2400.0,
        steps=steps,
        first_step=steps[0].name,
        least_share=0.5,
    )
