"""Standing work, asked for by no resident: the yearly budget of minutes spread over units, sites and tasks.

Each block grows with something of its own (county, counterparts above, pairs of departments and townships,
units, staff, …), named by the driver of its streams; docs/DATA.md has the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.scenario.calendar import MINUTES_PER_DAY, WORKING_DAYS_PER_YEAR
from sim.scenario.catalogue import Catalogue, MatterFamily, Unit
from sim.scenario.catalogue_rows import GENERAL
from sim.scenario.county_families import SHARE, family_weights
from sim.scenario.county_leaders import directing_minutes, is_leaders, leaders_group
from sim.scenario.county_work import (
    Work,
    functions_of,
    organization_steps,
    shares,
    supervision_matter,
)
from sim.scenario.network import Law, Matter, Part, Step, Stream
from sim.scenario.places import Places, Sites, residents_of_sites
from sim.scenario.structures import Groups, Structure, every_unit, units_of

STANDING_HOURS = (0,) * 8 + (1.5, 1.3, 1.1, 0.9, 0.5, 0.8, 1.1, 1.0, 0.9, 0.6) + (0,) * 6
"""Spread over office hours, more in the morning (assumed)."""
MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Standing:
    """Adds standing work to a group: yearly minutes at each site become a stream that families split."""

    work: Work
    catalogue: Catalogue
    at: Sites
    functions: dict[str, tuple[int, int]]
    elastic_share: float
    elastic_patience: Law

    def add(
        self, families: Sequence[MatterFamily], domain: str, group: str, level: str, minutes: np.ndarray, *,
        structure: Structure | None = None, planned: np.ndarray | float | None = None,
    ) -> None:  # fmt: skip
        """Add the families of a stream at a group: the minutes go to those that fit the unit, by their weights.

        Args:
            families: families of one stream of standing work.
            domain: domain of the unit.
            group: group that does it.
            level: level of the group.
            minutes: expected minutes a year at each site of the level.
            structure: structure in force, on which a family's minutes in the whole county may not depend in the blocks
                of `SHARE` (`family_weights`); None where nobody but this unit does the work.
            planned: see `divide`.
        """
        weights = [(m, m.block_share) for m in families]
        if structure is not None and families[0].block in SHARE:
            weights = family_weights(self.catalogue, structure, families[0].stream)
        self.divide([(m, w) for m, w in weights if m.fits(domain)], group, level, minutes, planned=planned)

    def divide(
        self, weights: Sequence[tuple[MatterFamily, float]], group: str, level: str, minutes: np.ndarray, *,
        planned: np.ndarray | float | None = None,
    ) -> None:  # fmt: skip
        """Add families of a stream at a group: their matters, also while nothing is asked, and the stream.

        The minutes go to the families by the given weights; a family's tasks are its minutes by the minutes of a task.

        Args:
            weights: families of one stream of standing work, each with its weight at this group.
            group: group that does it.
            level: level of the group.
            minutes: expected minutes a year at each site of the level.
            planned: minutes a year by which posts and people are shared out, where they are not those of the work:
                a reform that moves work does not move desks.
        """
        load = minutes if planned is None else np.broadcast_to(planned, minutes.shape)
        if load.any():
            self.work.add_load(group, load)
        whole = sum(weight for _, weight in weights) or 1.0
        tasks = {                                           # a minute of the unit's, by matter
            matter: part * weight / whole / m.case_minutes
            for m, weight in weights
            for matter, part in self.matters(m, group, group)
        }
        total = sum(tasks.values())
        parts = tuple(Part(matter, n / total, group) for matter, n in tasks.items() if n)
        first = weights[0][0]
        for site, rate in enumerate((minutes * total / self.catalogue.value("days_per_year")).tolist()):
            if rate > 0.0:
                self.work.streams.append(
                    Stream(
                        id=f"{first.stream}/{group}/{self.at.names[level][site]}",
                        parts=parts,
                        per_day=rate,
                        driver=first.driver,
                        place=int(self.at.place[level][site]),
                        profile=STANDING_HOURS,
                    )
                )

    def matters(
        self, m: MatterFamily, owner: str, group: str, slowness: float = 1.0
    ) -> list[tuple[str, float]]:
        """Add to a family's matter the step of an owner, served by a group; returns ids and their parts of the work.

        An elastic family has a twin, without transfer, for its elastic part. `slowness`: minutes that this group
        needs for a minute of the family's work.
        """
        elastic = self.elastic_share if m.elastic else 0.0
        service = Law("lognormal", m.case_minutes * slowness, m.cv)
        found = [(m.matter, 1.0 - elastic)] + [(f"{m.matter}.elastic", elastic)] * m.elastic
        for name, _ in found:
            if name in self.work.first:
                self.work.add_step(name, Step(owner, group, service))
                supervision = self.work.first[name].supervision_matter
                if supervision:
                    self.work.add_step(supervision, Step(owner, group, Law("lognormal", m.full_minutes, m.cv)))
                continue
            is_twin = name != m.matter
            matter = self._matter(m, name, owner, group, service, "elastic" if is_twin else m.attention_class,
                                  self.elastic_patience if is_twin else None)  # fmt: skip
            self.work.add(matter)
            if matter.supervision_matter:
                self.work.add(supervision_matter(m, matter))
        return found

    def _matter(
        self, m: MatterFamily, name: str, owner: str, group: str, service: Law, attention_class: str,
        patience: Law | None,
    ) -> Matter:  # fmt: skip
        steps = [Step(owner, group, service)]
        is_transferable = m.functions > 0 and attention_class != "elastic"
        if is_transferable:
            steps += organization_steps(self.catalogue, m, service)
        return Matter(
            id=name,
            name_en=m.name_en if attention_class != "elastic" else f"{m.name_en} (elastic part)",
            name_zh=m.name_zh if attention_class != "elastic" else f"{m.name_zh}（弹性部分）",
            block=m.block,
            attention_class=attention_class,
            deadline_minutes=m.deadline_minutes,
            steps=tuple(steps),
            first_step=owner,
            transfer_step=steps[1].name if is_transferable else "",
            functions=self.functions[m.matter] if is_transferable else (0, 0),
            supervision_matter=f"supervision/{name}" if is_transferable else "",
            patience=patience,
            least_share=m.least_share,
        )


def owners(block: str, units: tuple[Unit, ...]) -> list[tuple[str, Unit]]:
    """Groups of officials and off-quota people that own standing work of a block, with their unit.

    They depend on the tables alone, so that no matter vanishes when staff or shares change.
    """
    if block == "auxiliary":
        return [(f"{u.unit}/auxiliary", u) for u in units if u.auxiliary_share]
    found = [(u.unit, u) for u in units if u.kind != "leadership" and _owns(block, u)]
    if block in ("liaison", "unit_overhead", "leading", "staff"):
        found += [(leaders_group(u.unit), u) for u in units if u.leaders and (_owns(block, u) or block == "leading")]
    return found


def _owns(block: str, u: Unit) -> bool:
    """Whether a unit itself owns standing work of a block."""
    owns = {
        "county": lambda u: u.county_share > 0,
        "reform": lambda u: u.county_share > 0,
        "liaison": lambda u: u.counterparts > 0,
        "tasking": lambda u: u.tasking_share > 0,
        "unit_overhead": lambda u: u.overhead != "none",
        "staff": lambda u: True,
    }.get(block, lambda u: False)
    return owns(u)


def add_inherited_matters(
    work: Work, settings: Any, catalogue: Catalogue, at: Sites, structure: Structure
) -> None:
    """Steps that only units of another structure or reform own, at the units that carry their open work on.

    Nobody asks for them any more; they are there for what is open on the day of a change.
    """
    standing = standing_work(settings, catalogue, at, work)
    groups = Groups(catalogue, structure)
    known = {(matter, name) for matter, steps in work.steps.items() for name in steps}
    rows = {u.unit: u for u in every_unit(catalogue, structure.has_leaders)}
    absent = tuple(u for u in rows.values() if u.unit not in groups.units)
    for m in catalogue.matters:
        for group, u in owners(m.block, absent) if m.block != "requests" else ():
            if m.fits(u.domain) and (m.matter, group) not in known:
                heir = groups.heir(u)
                if m.block == "auxiliary":
                    heir = f"{groups.units[heir].parent}/auxiliary"
                elif is_leaders(group) and groups.units[heir].leaders:
                    heir = leaders_group(heir)
                standing.matters(m, group, heir)


def add_office_work(
    work: Work, settings: Any, catalogue: Catalogue, where: Places, at: Sites, structure: Structure
) -> None:
    """Standing work of officials that does not depend on how many they are, but for that with townships."""
    world = settings.world
    standing = standing_work(settings, catalogue, at, work)
    year = catalogue.value("available_minutes_per_post")
    units = units_of(catalogue, structure)
    faced = sum(u.counterparts for u in units)
    # The tables divide the counterparts above, the setting says how many; liaison_factor is a daily factor.
    liaison = world.counterparts_above * world.counterpart_fte * year
    if "modules" in structure.reforms:
        liaison *= world.modules_liaison_share
    overhead = {
        "unit": world.overhead_people_per_unit * year,
        "institution": world.overhead_people_per_institution * year,
        "none": 0.0,
    }
    even = {level: np.full(n, 1.0 / n) for level, n in at.count.items()}
    by_residents = shares(where, at, "residents")
    # leaders' part of their unit's work; bureau heads cannot be in two places
    part_of_leaders = {
        "liaison": world.leader_liaison_share, "unit_overhead": world.leader_overhead_share, "leading": 1.0,
    }  # fmt: skip
    for families in catalogue.streams("county", "liaison", "unit_overhead", "leading").values():
        block = families[0].block
        of_leaders = part_of_leaders.get(block, 0.0)
        for group, u in owners(block, units):
            n_sites = at.count[u.level]
            spread = by_residents["middle"] if u.level == "middle" else even[u.level]
            minutes = {
                "county": world.county_task_minutes_million * MILLION * u.county_share * spread,
                "liaison": liaison * u.counterparts / faced * spread,
                "unit_overhead": np.full(n_sites, overhead[u.overhead]),
                "leading": directing_minutes(u, units, at, world) if block == "leading" else 0.0,
            }[block]
            if u.leaders:
                minutes = minutes * (of_leaders if is_leaders(group) else 1.0 - of_leaders)
            planned = minutes
            if block == "leading":                          # ranking units moves no desk
                minutes = directing_minutes(u, units, at, world, settings.levers.assessment)
            standing.add(families, u.domain, group, u.level, minutes, structure=structure, planned=planned)


def standing_work(settings: Any, catalogue: Catalogue, at: Sites, work: Work) -> Standing:
    """Adder of standing work with the settings' elastic share and patience."""
    # Patience is given in working days; requests leave by the wall clock.
    wall = catalogue.value("days_per_year") / WORKING_DAYS_PER_YEAR * MINUTES_PER_DAY
    patience = Law("fixed", settings.behaviour.elastic_patience_days * wall)
    return Standing(work, catalogue, at, functions_of(catalogue), settings.world.elastic_share, patience)


def add_staff_work(
    settings: Any, catalogue: Catalogue, structure: Structure, at: Sites, work: Work,
    people: dict[str, np.ndarray],
) -> None:  # fmt: skip
    """Work that grows with staff, where the officials sit, and off-quota people's own work."""
    world = settings.world
    year = catalogue.value("available_minutes_per_post")
    standing = standing_work(settings, catalogue, at, work)
    n_officials = float(sum(n.sum() for n in people.values()))
    auxiliary = world.auxiliary_minutes_million * MILLION
    of_staff = (1.0 - world.auxiliary_county_share) * n_officials / catalogue.value("reference_posts")
    for families in catalogue.streams("staff", "auxiliary").values():
        block = families[0].block
        for group, u in owners(block, units_of(catalogue, structure)):
            n_sites = at.count[u.level]
            if block == "staff":
                minutes = people.get(group, np.zeros(n_sites)) * world.staff_time_share * year
            else:
                part = world.auxiliary_county_share if families[0].driver == "county" else of_staff
                minutes = np.full(n_sites, auxiliary * part * u.auxiliary_share / n_sites)
            standing.add(families, u.domain, group, u.level, minutes, structure=structure)


def add_grass_roots_work(
    settings: Any, catalogue: Catalogue, where: Places, at: Sites, work: Work, n_community_workers: int
) -> None:
    """Community and grid workers' own standing work, the same in both structures.

    Communities share theirs by residents, grids evenly: more grids divide the same visits among more workers.
    """
    year = catalogue.value("available_minutes_per_post")
    standing = standing_work(settings, catalogue, at, work)
    in_grids = catalogue.value("reference_grids") * catalogue.value("grid_standing_share") * year
    in_communities = n_community_workers * catalogue.value("community_standing_share") * year
    residents = residents_of_sites(where, at)
    for families in catalogue.streams("community").values():
        standing.add(families, GENERAL, "community", "community", in_communities * residents / residents.sum())
    for families in catalogue.streams("grid").values():
        n = at.count["grid"]
        standing.add(families, GENERAL, "grid", "grid", np.full(n, in_grids / n))
