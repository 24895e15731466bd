"""Rows of the county's tables, as frozen dataclasses; docs/DATA.md says what each column means."""

from __future__ import annotations

from dataclasses import dataclass

STATUSES = ("sourced", "derived", "assumed")
BLOCKS = (
    "requests", "county", "liaison", "tasking", "unit_overhead", "leading", "staff", "reform", "auxiliary", "community",
    "grid",
)  # fmt: skip
"""Blocks of the yearly budget of minutes."""
DRIVERS = (
    "residents", "businesses", "county", "liaison", "tasking", "overhead", "staff", "reform", "auxiliary",
    "community", "grid",
)  # fmt: skip
"""Names of the daily factors that multiply a stream's rate."""
GENERAL = "general"
"""Domain of standing work that every unit has."""
FRONT_LINE = ("window", "team", "hall", "centre")
"""Kinds of unit that face residents: off-quota people may serve there."""
OFFICE = ("department", "institution", "township", "joint_committee", "leadership")
ONLINE_ROUTE = "online_small"
"""Route of requests that arise at the hours of the internet, not at those of offices."""
TOWNSHIP_WORK = "tasking"
"""Block of the work of departments and townships with each other."""
SAFETY = ("", "inspection", "hazard")
"""Families by which safety is told: standing inspections, and hazards that somebody reported or found."""
GONE_REASONS = {
    "relay": "only passed on from one level to the next",
    "double": "done, checked or kept a second time",
    "layer": "about the township itself",
}
"""Why a part of township work is nobody's any more without townships."""
MOVES = ("", "below", "task_force")
CHANNELS = ("window", "online", "transfer")
WORKS = ("contact", "field", "case", "all")
"""Which of a matter's minutes a step spends; `all` = contact and case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """One number of the county that no lever sets."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    status: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """A community: residents, micro-grids, and the units above it at each cut of the map."""

    community: str
    name_en: str
    name_zh: str
    residents: int
    micro_grids: int
    township: str
    middle: str
    middle_name: str
    area_2020: str
    central_2025: str
    source: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of one structure, or `count` alike ones; front-line kinds belong to a `parent`.

    `when`: what must be in force for it to exist (`sim.scenario.structures`);
    `county_share`, `tasking_share`, `auxiliary_share`: its part of the block (all alike ones together);
    `successor`: unit that carries on its open work in the other structure.
    `leaders`: leadership seats (of each alike one, at all its sites together);
    `counterparts`: offices above that it faces; `overhead`: `unit`, `institution` or `none`.
    """

    structure: str
    when: str
    unit: str
    name_en: str
    name_zh: str
    domain: str
    level: str
    kind: str
    parent: str
    successor: str
    count: int
    county_share: float
    counterparts: float
    tasking_share: float
    auxiliary_share: float
    leaders: int
    overhead: str
    factor_low: float
    factor_high: float
    source: str
    status: str

    @property
    def is_front_line(self) -> bool:
        """Whether residents meet this unit: window, team, hall, centre."""
        return self.kind in FRONT_LINE


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterFamily:
    """A family of matters: who asks how often, how much work it is, which route it takes, what it stands for.

    `domain`: field of work; standing work may name several, or `general` for every unit. `stream`: families of one
    stream arise in one Poisson process, or share one block of minutes, and split it. `block_share`: weight of
    standing work among the families of its stream that a unit owns (county and auxiliary work: in the conventional
    structure, `sim.scenario.county_families`). `volume`: requests a year in the whole county;
    standing work has none, its volume follows from its block's minutes. `contact_minutes`, `field_minutes`,
    `case_minutes`: mean work at first contact, in the community, and of the case itself (standing work: of one
    task). `*_units`: lead, second and third unit, by structure.
    `relieves`: whether a transfer takes work off government; without, it is a new service that arises only once the
    function is handed over.
    `moves`: to whom a department's standing work goes when officials are sent out: `below` to those at stations,
    `task_force` to task forces, empty to nobody.
    `up_share`, `down_share`: parts of township work that departments and communities do without townships; the rest is
    gone, for the reason `gone_reason` (`GONE_REASONS`).
    `safety`: `inspection` (looks for hazards, or prepares for them, before anybody asks), `hazard` (one that was
    reported or found), or empty.
    `*_items`, `functions`, `one_things`: how many listed matters the family stands for; never demand (`functions` and
    `devolved_items` are its places in the lists of `levers.transfer.functions` and `levers.devolved_matters`).
    `enforcement_fields`: fields of enforcement whose items it holds.
    """

    matter: str
    name_en: str
    name_zh: str
    domain: tuple[str, ...]
    block: str
    stream: str
    attention_class: str
    driver: str
    route: str
    volume: float
    volume_low: float
    volume_high: float
    contact_minutes: float
    field_minutes: float
    case_minutes: float
    factor_low: float
    factor_high: float
    cv: float
    deadline_minutes: float
    digital_share: float
    block_share: float
    elastic: bool
    least_share: float
    patience: bool
    function_order: int
    functions: int
    moves: str
    up_share: float
    down_share: float
    gone_reason: str
    safety: str
    relieves: bool
    organization_field: str
    approval_items: int
    enforcement_items: int
    enforcement_fields: tuple[str, ...]
    devolved_items: int
    area_items_2020: int
    centre_items: int
    one_things: int
    enterprise_items: int
    value_added_items: int
    conventional_units: tuple[str, ...]
    lean_units: tuple[str, ...]
    source: str
    status: str

    @property
    def full_minutes(self) -> float:
        """Mean minutes of the whole service: contact and case."""
        return self.contact_minutes + self.case_minutes

    def fits(self, domain: str) -> bool:
        """Whether a unit of a domain does this standing work."""
        return domain in self.domain or GENERAL in self.domain

    def units(self, structure: str) -> tuple[str, ...]:
        """Lead, second, third unit of a structure."""
        return self.conventional_units if structure == "conventional" else self.lean_units


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteStep:
    """One step of a route: who works, on which of the matter's minutes, and where the request goes next.

    `when`: what must be in force for the row to hold (`sim.scenario.structures`).
    `dispatches`: whether it chooses the owner among departments, so that a case without a clear owner may go astray.
    `sign_share`: of the cases that end here, the share that a leader must sign.
    It ends with probability `p_done`, goes to `other` with `p_other`, else to `next`. `group` is a unit of
    the structure or a role: `lead`, `second`, `third` (the matter's units in the structure); `first_department`,
    `second_department`, `third_department` (its conventional departments, or those that they were merged into);
    `window`, `team`, `second_team` (front lines of the first and second department, or the one hall or team);
    `grid`, `community`, `organization`.
    """

    route: str
    when: str
    channel: str
    step: str
    group: str
    work: str
    work_share: float
    p_done: float
    next: str
    transit_minutes: float
    p_other: float
    other: str
    other_transit_minutes: float
    intake_minutes: float
    hand_out_minutes: float
    dispatches: bool
    sign_share: float
    p_low: float
    p_high: float
    factor_low: float
    factor_high: float
    source: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationField:
    """A field of work and the social organizations that a mature market would hold in it."""

    field: str
    name_en: str
    name_zh: str
    count: int
    staff_slots: tuple[int, ...]
    staff_low: float
    staff_high: float
    source: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Catalogue:
    """All tables of one county. `constants` are also reached as `catalogue.value(name)`.

    Equal is only the same object: what is derived from a catalogue is kept by it (`read_catalogue` reads it once).
    """

    constants: tuple[Constant, ...]
    communities: tuple[Community, ...]
    units: tuple[Unit, ...]
    matters: tuple[MatterFamily, ...]
    routes: tuple[RouteStep, ...]
    organizations: tuple[OrganizationField, ...]

    def streams(self, *blocks: str) -> dict[str, tuple[MatterFamily, ...]]:
        """Families of the named blocks by stream, in the order of the table."""
        found: dict[str, tuple[MatterFamily, ...]] = {}
        for m in self.matters:
            if m.block in blocks:
                found[m.stream] = (*found.get(m.stream, ()), m)
        return found

    def value(self, name: str) -> float:
        """Value of a constant."""
        return next(c.value for c in self.constants if c.name == name)
