"""Where people live: residents by community and micro-grid, and the sites of every level of the county."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.scenario.catalogue import Catalogue
from sim.scenario.webster import seats


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Resident slots and micro-grids.

    Communities are the 102 of the tables, whatever villages serve them (`Sites`).
    Slots are ordered by community; inside a community business owners come first, so the residents of
    community c are `community_first[c] : community_first[c + 1]` and its business owners
    `community_first[c] : business_stop[c]`. A place is a micro-grid; `place_of_resident` gives each slot's.
    """

    n_residents: int
    names: tuple[str, ...]
    place_of_resident: np.ndarray
    community_first: np.ndarray
    business_stop: np.ndarray
    community_of_place: np.ndarray
    micro_grids: np.ndarray

    @property
    def first_place(self) -> np.ndarray:
        """First micro-grid of each community, and the number of micro-grids at the end."""
        return np.concatenate(([0], np.cumsum(self.micro_grids)))

    @property
    def residents_of_community(self) -> np.ndarray:
        """Residents of each community."""
        return np.diff(self.community_first)

    @property
    def residents_of_place(self) -> np.ndarray:
        """Residents of each micro-grid."""
        return np.bincount(self.place_of_resident, minlength=self.community_of_place.size)


def places(catalogue: Catalogue, residents: int | None = None) -> Places:
    """Places of the county, scaled to a number of residents.

    Micro-grids keep their number; residents are divided in the proportions of the communities' residents
    (whole people, exact sums) and evenly among the micro-grids of a community, business owners too.

    Args:
        catalogue: the county's tables.
        residents: number of residents; None = as in the tables.
    """
    listed = np.array([c.residents for c in catalogue.communities])
    of_community = listed if residents is None else seats(listed, residents, least=1)
    first = np.concatenate(([0], np.cumsum(of_community)))
    owners = np.rint(of_community * catalogue.value("business_share")).astype(np.int64)
    micro_grids = np.array([c.micro_grids for c in catalogue.communities])
    first_place = np.concatenate(([0], np.cumsum(micro_grids)))
    community = np.repeat(np.arange(listed.size), of_community)
    nth = np.arange(first[-1]) - first[community]
    return Places(
        n_residents=int(first[-1]),
        names=tuple(c.community for c in catalogue.communities),
        place_of_resident=(first_place[community] + nth % micro_grids[community]).astype(np.int32),
        community_first=first,
        business_stop=first[:-1] + owners,
        community_of_place=np.repeat(np.arange(listed.size), micro_grids),
        micro_grids=micro_grids,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """Sites of every level: how many, which site a place belongs to, their names, one place in each."""

    count: dict[str, int]
    of_place: dict[str, np.ndarray]
    names: dict[str, tuple[str, ...]]
    place: dict[str, np.ndarray]


MIDDLE = {9: "area_2020", 26: "middle", 21: "central_2025"}
"""Column of places.csv for each number of middle units of the flat structure."""


def sites(catalogue: Catalogue, where: Places, levers: Any) -> Sites:
    """Sites of the levels grid, community, middle, county, organization.

    Args:
        catalogue: the county's tables.
        where: residents and micro-grids.
        levers: `structure` (`conventional`: middle = townships), `middle_units` of the flat structure, `communities`
            (villages before the merger, of which each later community has at least one, the rest by residents) and
            `grids` (likewise).
    """
    communities = catalogue.communities
    residents = np.array([c.residents for c in communities])
    community = where.community_of_place
    n_places = community.size
    # Grids follow the tables' residents, so that scaling the population redraws no map.
    nth = np.arange(n_places) - where.first_place[community]

    def cut(per_community: np.ndarray) -> np.ndarray:
        """Site of each place when every community is cut into neighbouring micro-grids."""
        first = np.concatenate(([0], np.cumsum(per_community)))
        return first[community] + nth * per_community[community] // where.micro_grids[community]

    grids, villages = (seats(residents, n, least=1) for n in (levers.grids, levers.communities))
    column = "township" if levers.structure == "conventional" else MIDDLE[levers.middle_units]
    middle_names = [getattr(c, column) for c in communities]
    order = list(dict.fromkeys(middle_names))
    middle = np.array([order.index(name) for name in middle_names])[community]
    labels = {c.middle: c.middle_name for c in communities}
    one = np.zeros(n_places, dtype=np.int64)
    of_place = {"grid": cut(grids), "community": cut(villages), "middle": middle, "county": one, "organization": one}
    names = {
        "grid": tuple(
            f"{c.community}.g{k + 1}"
            for c, n in zip(communities, grids, strict=True)
            for k in range(n)
        ),
        "community": tuple(
            f"{c.community}.v{k + 1}" if n > 1 else c.community
            for c, n in zip(communities, villages, strict=True)
            for k in range(n)
        ),
        "middle": tuple(labels.get(name, name) for name in order),
        "county": ("county",),
        "organization": ("county",),
    }
    count = {level: len(names[level]) for level in names}
    first = {level: np.unique(site, return_index=True)[1] for level, site in of_place.items()}
    return Sites(
        count=count,
        of_place={level: site.astype(np.int32) for level, site in of_place.items()},
        names=names,
        place=first,
    )


def residents_of_sites(where: Places, at: Sites) -> np.ndarray:
    """Residents of each village or community that serves."""
    return np.bincount(at.of_place["community"], weights=where.residents_of_place).astype(np.int64)
