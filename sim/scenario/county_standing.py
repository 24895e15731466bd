"""Standing work, asked for by no resident: the yearly budget of minutes spread over units, sites and tasks.

Each block grows with something of its own (county, counterparts above, pairs of departments and townships,
units, staff, …), named by the driver of its streams; docs/DATA.md has the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.scenario.catalogue import Catalogue, MatterFamily, Unit
from sim.scenario.county_work import MINUTES_PER_DAY, Work, functions_of, shares, supervision_matter
from sim.scenario.network import Law, Matter, Step, Stream
from sim.scenario.places import Places, Sites

STANDING_HOURS = (0,) * 8 + (1.5, 1.3, 1.1, 0.9, 0.5, 0.8, 1.1, 1.0, 0.9, 0.6) + (0,) * 6
"""Spread over office hours, more in the morning (assumed)."""
WORKING_DAYS_PER_YEAR = 250.0
MILLION = 1e6


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
        """Add a family at a group; an elastic family's elastic part becomes a twin without transfer."""
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


def add_office_work(
    work: Work, settings: Any, catalogue: Catalogue, where: Places, at: Sites, structure: str
) -> None:
    """Standing work of officials that does not depend on how many they are."""
    world = settings.world
    standing = standing_work(settings, catalogue, at, work)
    year = catalogue.value("available_minutes_per_post")
    units = catalogue.units_of(structure)
    faced = sum(u.counterparts for u in units)
    # The tables divide the counterparts above, the setting says how many; liaison_factor is a daily factor.
    liaison = world.counterparts_above * world.counterpart_fte * year
    tasking = pairs(catalogue) * world.tasking_fte_per_pair * year
    if structure == "lean":
        down = tasking * catalogue.value("tasking_down_share")
        tasking = tasking * catalogue.value("tasking_up_share")
    overhead = {
        "unit": world.overhead_people_per_unit * year,
        "institution": world.overhead_people_per_institution * year,
        "none": 0.0,
    }
    even = {level: np.full(n, 1.0 / n) for level, n in at.count.items()}
    by_residents = shares(where, at, "residents")
    for m in catalogue.matters:
        for u in units:
            n_sites = at.count[u.level]
            spread = by_residents["middle"] if u.level == "middle" else even[u.level]
            if m.block == "county":
                total = world.county_task_minutes_million * MILLION * m.block_share * u.county_share
                standing.add(m, u.unit, u.level, total * spread)
            elif m.block == "liaison":
                standing.add(m, u.unit, u.level, liaison * m.block_share * u.counterparts / faced * spread)
            elif m.block == "tasking":
                standing.add(m, u.unit, u.level, tasking * m.block_share * u.tasking_share * even[u.level])
            elif m.block == "unit_overhead":
                standing.add(m, u.unit, u.level, np.full(n_sites, overhead[u.overhead] * m.block_share))
        if m.block == "tasking" and structure == "lean":
            standing.add(m, "community", "community", down * m.block_share * by_residents["community"])


def standing_work(settings: Any, catalogue: Catalogue, at: Sites, work: Work) -> Standing:
    """Adder of standing work with the settings' elastic share and patience."""
    # Patience is given in working days; requests leave by the wall clock.
    wall = catalogue.value("days_per_year") / WORKING_DAYS_PER_YEAR * MINUTES_PER_DAY
    patience = Law("fixed", settings.behaviour.elastic_patience_days * wall)
    return Standing(work, catalogue, at, functions_of(catalogue), settings.world.elastic_share, patience)


def pairs(catalogue: Catalogue) -> int:
    """Pairs of department and township in the conventional structure."""
    departments = sum(u.kind == "department" for u in catalogue.units_of("conventional"))
    return departments * len({c.township for c in catalogue.communities})


def add_staff_work(
    settings: Any, catalogue: Catalogue, units: tuple[Unit, ...], at: Sites, work: Work,
    people: dict[str, np.ndarray],
) -> None:  # fmt: skip
    """Work that grows with staff, where the officials sit, and off-quota people's own work."""
    world = settings.world
    year = catalogue.value("available_minutes_per_post")
    standing = standing_work(settings, catalogue, at, work)
    n_officials = float(sum(n.sum() for n in people.values()))
    auxiliary = world.auxiliary_minutes_million * MILLION
    of_staff = (1.0 - world.auxiliary_county_share) * n_officials / catalogue.value("reference_posts")
    for m in catalogue.matters:
        for u in units:
            if m.block == "staff" and u.unit in people:
                minutes = people[u.unit] * world.staff_time_share * year * m.block_share
                standing.add(m, u.unit, u.level, minutes)
            elif m.block == "auxiliary" and u.auxiliary_share:
                part = world.auxiliary_county_share if m.driver == "county" else of_staff
                of_site = auxiliary * part * m.block_share * u.auxiliary_share / at.count[u.level]
                standing.add(m, f"{u.unit}/auxiliary", u.level, np.full(at.count[u.level], of_site))


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
    residents = where.residents_of_community
    for m in catalogue.matters:
        if m.block == "community":
            minutes = in_communities * m.block_share * residents / residents.sum()
            standing.add(m, "community", "community", minutes)
        elif m.block == "grid":
            n = at.count["grid"]
            standing.add(m, "grid", "grid", np.full(n, in_grids * m.block_share / n))
