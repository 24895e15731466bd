"""The network of work, in words: what arrives, where it waits, who serves it.

This is the one intermediate language of the project. A county (structure, catalogue, places)
and a textbook queue are both said as a `Network`; `sim.service.tables` turns any network into
the arrays that the compiled day serves. Times are minutes (floats) here and become integer
microseconds there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

ATTENTION_CLASSES = ("superior", "resident", "inner", "elastic")
"""Who asks: superiors, residents and businesses, the unit itself; elastic work is done only when nothing waits."""

DONE = ""
"""Name of the next step that ends a request."""


@dataclass(frozen=True, slots=True)
class Law:
    """A probability law of minutes.

    Kinds and parameters: `fixed` (mean), `exponential` (mean), `uniform` (low, high),
    `triangular` (low, mode, high), `lognormal` (mean, coefficient of variation),
    `gamma` (mean, coefficient of variation), `empirical` (values, weights).
    """

    kind: str
    first: float = 0.0
    second: float = 0.0
    third: float = 0.0
    values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()

    def mean_minutes(self) -> float:
        """Mean of the law in minutes."""
        if self.kind == "uniform":
            return (self.first + self.second) / 2.0
        if self.kind == "triangular":
            return (self.first + self.second + self.third) / 3.0
        if self.kind == "empirical":
            return float(np.average(self.values, weights=self.weights or None))
        return self.first


@dataclass(frozen=True, slots=True)
class Next:
    """Where a request may go after a step: step name (`DONE` ends it), probability, minutes in transit."""

    step: str
    probability: float = 1.0
    transit_minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a matter: the post group that serves it, the work, and where the request goes next.

    A group of n posts divides a matter's detailed kinds evenly: a keyed number of the request, the same
    under every structure, says which of the n posts handles it.
    `intake_minutes` and `hand_out_minutes` are the work of a hand-over at either end: intake is spent when
    the request came from another step, hand-out when it goes on to another step.
    `kind`: `misdirected` (at a unit that does not own the case), `sign_off` (at a leader), else an ordinary step. The
    way to a sign-off is no hand-over, the way from a wrong unit is counted as a bounce.
    `alike`: steps of a matter that name the same word do the same work (a request needs the same minutes at each).
    """

    name: str
    group: str
    service: Law
    next: tuple[Next, ...] = (Next(DONE),)
    intake_minutes: float = 0.0
    hand_out_minutes: float = 0.0
    alike: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A family of matters: class, deadline, route.

    `deadline_minutes` counts working time of the network's yardstick roster. `least_share` is the smallest
    share of full minutes to which the work may be thinned (1 = may not). `online_step` and `digital_share`:
    the entry for requests made online and the share of residents' requests that would be. `transfer_step`:
    the first of the organizations' steps, one of which is the entry once a function is handed over; `functions`
    (first, count) is the matter's place in the list of transferable functions. `relieves`: whether government does
    this work while nobody else does; without, it is a new service, asked for only when somebody offers it.
    `block` is the ledger block of its minutes. `priority`: class at posts of that order, lower first.
    `head_start_days`: by so much a request counts as due earlier at posts of the order `earliest_deadline`; its
    deadline stays.
    """

    id: str
    name_en: str = ""
    name_zh: str = ""
    block: str = "requests"
    attention_class: str = "resident"
    deadline_minutes: float = float("inf")
    priority: int = 0
    head_start_days: float = 0.0
    steps: tuple[Step, ...] = ()
    first_step: str = ""
    online_step: str = ""
    digital_share: float = 0.0
    transfer_step: str = ""
    functions: tuple[int, int] = (0, 0)
    relieves: bool = True
    supervision_matter: str = ""
    patience: Law | None = None
    least_share: float = 1.0
    thresholds_minutes: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A family's part of a stream: its matter, its share of the candidates, the step at which it enters.

    Shares lie one after the other on the unit interval; a keyed draw of each candidate falls into one of them.
    """

    matter: str
    share: float
    entry: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Arrivals from one source: of one matter, or of several that share the source's unit interval.

    kind `open`: Poisson, `per_day` expected candidates on a day of factor 1, spread over the day by `profile`
    (24 hourly weights, empty = even). kind `list`: at `times_minutes` after the network's start. kind `closed`:
    `size` customers who each ask again after a think time drawn from `think`.
    `driver` names the daily factor that multiplies the rate. `residents` is the half-open range of resident
    slots one of whom asks (empty range = nobody in person, the request arises at `place`); an empty slot rejects.
    `entry`: step at which this stream's requests begin, when it is not the matter's first one: one matter of
    standing work then has a step for each unit, and a stream for each unit enters at its own.
    `parts`: the matters of a split open stream, instead of `matter` and `entry`; their shares add up to 1. A part
    of a Poisson process chosen by independent draws is a Poisson process of the share's rate, independent of the
    other parts (thinning; Kingman 1993, Poisson Processes, chapter 5), so one split stream is exactly as many
    streams.
    """

    id: str
    matter: str = ""
    kind: str = "open"
    per_day: float = 0.0
    driver: str = ""
    place: int = 0
    residents: tuple[int, int] = (0, 0)
    profile: tuple[float, ...] = ()
    times_minutes: tuple[float, ...] = ()
    size: int = 0
    think: Law | None = None
    entry: str = ""
    parts: tuple[Part, ...] = ()

    def split(self) -> tuple[Part, ...]:
        """The parts of the stream; an unsplit one is a single part."""
        return self.parts or (Part(self.matter, 1.0, self.entry),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A job (岗位): one at each site of its level.

    `order` ranks its queue: `first_come`, `earliest_deadline` or `priority` (then first come).
    `unlike_minutes`: set-up between two pieces of work of a wide post, its expected value.
    `group` is the name by which steps find it, `unit` its department (distance of set-ups).
    """

    id: str
    group: str
    level: str
    unit: str = ""
    order: str = "first_come"
    scope: str = ""
    unlike_minutes: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Working windows in minutes of the day, on the days of a named calendar (`continuous`, `weekdays`, `china`).

    `closing` says what happens to work at a window's end: `pause` (continue in the next window),
    `finish` the service in hand, `serve_all` who wait inside.
    """

    id: str
    windows: tuple[tuple[float, float], ...]
    calendar: str = "continuous"
    closing: str = "pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A person (or server) with an identity that lasts across structures.

    `kind`: official, off_quota, community_worker, grid_worker, organization_staff, server.
    `holds`: (post id, site index) in order of preference, the primary post first.
    `organization`: id of the social organization that employs the worker.
    `below`: what a rotating official holds on his days below, `below_share` of the working days.
    `assignment`: `station` or `task_force` when that is the place of work.
    """

    id: str
    kind: str
    holds: tuple[tuple[str, int], ...]
    roster: str
    unit: str = ""
    pace: float = 1.0
    organization: str = ""
    below: tuple[tuple[str, int], ...] = ()
    below_share: float = 0.0
    assignment: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """A limit on the requests present (waiting or served) at the posts that name it; beyond it arrivals are blocked."""

    id: str
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A social organization: its field of work, the step names and post that are its own, and its staff slots.

    `rank`: place in the sequence in which a ripening market has them; a market that opens holds the first ones.
    """

    id: str
    field: str
    step: str
    staff: int
    rank: int

    @property
    def post(self) -> str:
        """Group of its only post: `organization/<field>/<number>`."""
        return f"organization/{self.field}/{self.step.rsplit('/')[-1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Everything the engine serves.

    `sites`: number of sites of each level. `site_of_place`: for each level an int array, place -> site.
    `setup_minutes`: (same unit, other unit) minutes lost when a worker changes post.
    """

    matters: tuple[Matter, ...]
    streams: tuple[Stream, ...]
    posts: tuple[Post, ...]
    workers: tuple[Worker, ...]
    rosters: tuple[Roster, ...]
    sites: dict[str, int]
    site_of_place: dict[str, np.ndarray]
    scopes: tuple[Scope, ...] = ()
    organizations: tuple[Organization, ...] = ()
    setup_minutes: tuple[float, float] = (0.0, 0.0)
    yardstick_roster: str = ""
    site_names: dict[str, tuple[str, ...]] = field(default_factory=dict)
