"""The county as a Mesa model: `step()` is one day, in the numbered phases of `County`'s docstring."""

from __future__ import annotations

import datetime
import math
from concurrent.futures import Future
from types import SimpleNamespace

import mesa
import numpy as np

from sim.agents.columns import grown, table
from sim.agents.population import people
from sim.agents.residents import Resident, Residents
from sim.agents.social_organizations import SocialOrganization
from sim.agents.workers import KINDS, TIMES, US
from sim.chance.keys import root_key
from sim.records import Records
from sim.scenario import Plan, load, textbook_network
from sim.scenario.catalogue import Catalogue, read_catalogue
from sim.scenario.county_away import BELOW
from sim.scenario.network import Network
from sim.scenario.places import Places
from sim.scenario.plan import Settings
from sim.service.ahead import DRAWN_BEFORE_DAYS, Ahead, has_free_core
from sim.service.arrivals import ready_day
from sim.service.change import carry_over, with_room
from sim.service.closing import close_day
from sim.service.contracts import functions_of, organization_table
from sim.service.day import BARE, WHOLE, serve_day
from sim.service.demand import DemandShape
from sim.service.drawing import draw_day
from sim.service.layout import DAY, WAITING, Tables
from sim.service.living import learn_month, live_day, quit_month, residents_learn
from sim.service.market import Market
from sim.service.opening import open_workers
from sim.service.parameters import is_bare, write_parameters
from sim.service.populations import with_closed_populations
from sim.structure import Structure, structure_of
from sim.views import view_bodies, view_people

BUILT_BEFORE_DAYS = 10
"""So long before its date the next structure is built, where a core is free."""


class County(mesa.Model):
    """One county, lived day by day.

    A day (`step`):

    1. `open_day` – date and settings in force; a structure change rebuilds the tables; today's candidates become
       requests; everybody's windows (roster less leave and sickness, plus overtime); pressure of the backlog.
    2. `serve_day` – one compiled event loop over all queues and everybody who serves.
    3. `close_day` – work in hand is split at midnight; the ledgers must add up, in integers.
    4. `live` – residents learn from what ended; fatigue, vacancies; at a month's end skills, quits, the decisions
       of social organizations.
    5. `record` – what the day leaves behind.

    Residents are rows (`county.residents`, `county.resident(i)`); everybody else is a Mesa agent that views a row:
    `county.agents_by_type[Official].select(lambda o: o.fatigue > 0.5)`.
    """

    def __init__(self, plan: Plan | str = "lean40", seed: int | None = None):
        """Build the county as it is on its first day.

        Args:
            plan: a plan, or the name or path of a scenario.
            seed: seed of the run; None = the plan's own.

        Raises:
            ScenarioError: when the scenario is not valid.
        """
        self.plan = load(plan) if not isinstance(plan, Plan) else plan
        run = self.plan.scenario.run
        self.seed = run.seed if seed is None else int(seed)
        super().__init__(rng=self.seed)
        self.root = root_key(self.seed)
        self.first_date = run.start - datetime.timedelta(days=run.run_in_days)
        self.ledger_day = run.run_in_days + run.warm_up_days
        self.n_days = run.run_in_days + run.n_days
        self.horizon_us = run.run_in_days * DAY + round(run.horizon_minutes * US)
        self.day = 0
        self.end_us = 0
        """End of the day that was lived last, or is being lived, in µs since the first day's 00:00."""
        self.settings = self.plan.settings(self.first_date)
        self.catalogue: Catalogue | None = None
        """Data of the county; None of a textbook queue."""
        network, places = self._network(self.settings)
        self._people = self._population(network, places)
        self.demand = DemandShape(self.settings.world, self.first_date, self.n_days)
        self.organizations: list[SocialOrganization] = []
        self.market = Market([], {}, 1.0, 0.0)
        self.productivity = math.nan
        """Mean skill of officials' work in the last whole month, by minutes of work."""
        self.past_ledger = np.zeros((len(KINDS), len(TIMES)), np.int64)
        self._rules: tuple[int, ...] = BARE
        self._ahead = Ahead(self.root) if self.plan.is_county and has_free_core() else None
        self._take_up(self._structure(self.settings, network, places))
        self._set_tables(self.structure.tables)
        self._refresh(with_closed_populations(self.kernel_tables, self.network, self.root, self.n_days))
        view_people(self, {})
        self._open_market()
        view_bodies(self)
        self.residents = Residents(self)
        self.records = Records(self)
        self._learning: Future | None = None
        self.running = self.n_days > 0

    # -- building ---------------------------------------------------------------------------------------------------

    def _network(self, settings: Settings) -> tuple[Network, Places | None]:
        """Network in force under these settings, and the county's places."""
        if not self.plan.is_county:
            return textbook_network(settings), None
        from sim.scenario.county_network import network_in_force
        from sim.scenario.places import places

        if self.catalogue is None:
            self.catalogue = read_catalogue(settings.data_folder)
        where = places(self.catalogue, self.plan.scenario.county.residents)
        return network_in_force(settings, self.catalogue), where

    def _population(self, network: Network, places: Places | None) -> tuple[np.ndarray, np.ndarray]:
        """Residents and their homes: from the county's places, or the ranges that textbook streams name."""
        begin = self.settings.behaviour
        first = begin.first_satisfaction, begin.first_expected_days
        if places is not None:
            slot = np.arange(places.n_residents)
            community = places.community_of_place[places.place_of_resident]
            is_business = slot < places.business_stop[community]
            return people(self.root, places.n_residents, places.place_of_resident, places.community_of_place,
                          is_business, *first)
        n = max((s.residents[1] for s in network.streams), default=0)
        place = np.zeros(n, np.int64)
        for s in network.streams:
            place[s.residents[0]:s.residents[1]] = s.place
        n_places = len(next(iter(network.site_of_place.values())))
        return people(self.root, n, place, np.arange(n_places), np.zeros(n, bool), *first)

    def _structure(self, settings: Settings, network: Network, places: Places | None) -> Structure:
        """What stands as long as this network does."""
        any_overtime = self.plan.is_county or settings.behaviour.overtime
        return structure_of(network, places, self._people, self.first_date, self.n_days, any_overtime)

    def _take_up(self, structure: Structure) -> None:
        """Look things up in this structure from now on."""
        self.structure = structure
        self.network, self.places = structure.network, structure.places
        self.index, self.shift = structure.index, structure.shift
        self._next_structure = self.plan.next_structure(self.date)

    def _set_tables(self, tables: Tables, organization: np.ndarray | None = None) -> None:
        """Keep the tables under the names by which agents find their columns."""
        self.kernel_tables = tables
        first_worker: dict[str, int] = {}
        for i, worker in enumerate(self.network.workers, start=1):
            if worker.organization:
                first_worker.setdefault(worker.organization, i)
        if organization is None:
            organization = organization_table(self.network, first_worker)
        else:
            for i, spec in enumerate(self.network.organizations, start=1):
                organization["first_worker"][i] = first_worker[spec.id]
        self.tables = SimpleNamespace(**tables._asdict(), organization=organization)

    def _refresh(self, tables: Tables) -> None:
        """Take over tables that grew."""
        if tables is not self.kernel_tables:
            self.kernel_tables = tables
            organization = self.tables.organization
            self.tables = SimpleNamespace(**tables._asdict(), organization=organization)

    def _open_market(self) -> None:
        """Organizations as agents, none of them at work yet, and the market in which they bid."""
        if self.network.organizations:
            self.organizations = [SocialOrganization(self, i + 1) for i in range(len(self.network.organizations))]
            self.tables.life["active"][[i for i, w in enumerate(self.network.workers, start=1) if w.organization]] = 0
            year = self.catalogue.value("available_minutes_per_post")
            self.market = Market(self.organizations, functions_of(self.network, 1.0 / year), year,
                                 self.catalogue.value("founded_per_maturity"))

    def _change_structure(self) -> None:
        """00:00 of a structural date: new tables, the same people, the same open requests."""
        old_network, old_tables, old_index = self.network, self.kernel_tables, self.index
        organization = self.tables.organization if self.organizations else None
        self.records.flush_pools()
        self._take_up((self._ahead and self._ahead.structure(self.settings)) or self._structure(
            self.settings, *self._network(self.settings)))
        self.kernel_tables = self.structure.tables
        self._write_settings(self.kernel_tables)
        behaviour = self.settings.behaviour
        learning = behaviour.learning
        tables, came = carry_over(
            old_network, old_tables, old_index, self.network, self.kernel_tables, self.index, self.day * DAY,
            self.shift, behaviour.new_post_skill if learning else 1.0, behaviour.entrant_skill if learning else 1.0)
        for row in set(range(1, old_tables.worker.size)) - set(came.values()):
            self.past_ledger[old_tables.worker["kind"][row]] += [old_tables.ledger[name][row] for name in TIMES]
        self._set_tables(tables, organization)
        view_people(self, came)
        view_bodies(self)
        if self.organizations:
            self.market.rebuilt(functions_of(self.network, 1.0 / self.market.minutes_per_year), self.day)

    def _build_ahead(self) -> None:
        """Begin to build the next structure when its date is near."""
        date = self._next_structure
        if date is not None and self.date < date <= self.date + datetime.timedelta(days=BUILT_BEFORE_DAYS):
            settings = self.plan.settings(date)
            self._ahead.build(settings, lambda: self._structure(settings, *self._network(settings)))

    # -- the day ------------------------------------------------------------------------------------------------------

    @property
    def date(self) -> datetime.date:
        """The day that the next step lives."""
        return self.first_date + datetime.timedelta(days=self.day)

    def step(self) -> None:
        """Live one day: the five phases of the class's docstring."""
        if self.day >= self.n_days:
            raise RuntimeError(f"the run ended on {self.plan.scenario.run.last_day}; "
                               f"a longer one needs a later run.end")
        self.open_day()
        self.serve_day()
        self.close_day()
        self.live()
        self.record()
        self.day += 1
        self.running = self.day < self.n_days

    def open_day(self) -> None:
        """Phase 1: settings, structure, requests, windows, pressure."""
        date = self.date
        settings = self.plan.settings(date)
        if self.day == self.ledger_day and self.day > 0:
            self.records.open_ledgers()
        if settings is not self.settings:
            rebuild = settings.structural != self.settings.structural
            if rebuild or self.market.rates(settings) != self.market.rates(self.settings):
                self.market.settle(self)            # what was done until yesterday, at yesterday's rates
            self.settings = settings
            if rebuild:
                self._change_structure()
        self._start = self.day * DAY
        self.end_us = min(self._start + DAY, self.horizon_us)
        t = self.kernel_tables
        self._write_settings(t)
        self.market.open_day(self)
        t.roster_workday[:] = self.structure.workday[:, self.day]
        t.factor[:] = self.demand.factors(settings, self.day, date, tuple(self.index.driver))
        ordinal = date.toordinal()
        t, n = (self._ahead and self._ahead.take(t, ordinal)) or self._draw(t, ordinal)
        self._n_new = n
        t = with_room(t, n)
        if settings.run.request_share > 0:
            t = self._with_record_room(t, n)
        self._refresh(t)
        if self._ahead:
            self._draw_ahead()
            self._build_ahead()
        open_workers(self.root, ordinal, self._start, self.end_us, self.shift, self.day,
                     int(settings.behaviour.reassign_after_days), t)

    def _draw(self, t: Tables, ordinal: int) -> tuple[Tables, int]:
        """Tables with today's requests, and their number."""
        n = draw_day(self.root, ordinal, self._start, self.end_us, t)
        if n < 0:
            room = -n * 5 // 4
            t = t._replace(arrival=table(room, t.arrival.dtype), scratch=table(room, t.scratch.dtype))
            n = draw_day(self.root, ordinal, self._start, self.end_us, t)
        ready_day(self._start, self.shift, t)
        return t, n

    def _draw_ahead(self) -> None:
        """Begin to draw the requests of the next days, unless the tables are made anew by then."""
        for day in range(self.day + 1, min(self.day + 1 + DRAWN_BEFORE_DAYS, self.n_days)):
            date = self.first_date + datetime.timedelta(days=day)
            settings = self.plan.settings(date)
            if settings.structural != self.settings.structural:
                return
            if not self._ahead.lacks(date.toordinal()):
                continue
            start = day * DAY
            matter = self.kernel_tables.matter.copy()
            self._write_matters(matter, settings, date)
            factor = self.demand.factors(settings, day, date, tuple(self.index.driver))
            self._ahead.begin(self.kernel_tables, date.toordinal(), start, min(start + DAY, self.horizon_us),
                              self.shift, np.asarray(factor), matter)

    def _with_record_room(self, t: Tables, n_arrivals: int) -> Tables:
        """Tables with room for a record of each sampled request that may end today (twelve standard deviations)."""
        asked = sum(s.size * (1.0 + 1440.0 / s.think.first) for s in self.network.streams if s.kind == "closed")
        ends = int(t.free[1]) + n_arrivals + asked
        need = math.ceil(min(self.settings.run.request_share * ends, ends) + 12.0 * math.sqrt(ends)) + 16
        if t.request_trace.size < t.request.size:
            t = t._replace(request_trace=grown(t.request_trace, t.request.size))
        return t if t.record.size >= need else t._replace(record=table(need * 5 // 4, t.record.dtype))

    def serve_day(self) -> None:
        """Phase 2: the compiled event loop; beside it, on another core, the next days are drawn."""
        t = self.kernel_tables
        self.n_events = serve_day(
            self._start, self.end_us, self.shift, t.start_time.size, self._n_new, t, self._rules)

    def close_day(self) -> None:
        """Phase 3: split work in hand at midnight, check the ledgers; where a core is free, residents begin to learn.

        Raises:
            ArithmeticError: when a minute or a request is missing (a bug, never a result).
        """
        self._learning = self._ahead and self._ahead.beside(residents_learn, self.kernel_tables)
        close_day(self._start, self.end_us, self.kernel_tables)
        self.records.check_ledgers()

    def live(self) -> None:
        """Phase 4: residents, daily states; at a month's end skills, quits and the market."""
        if not self._learning:                      # else it began on another core when the day closed
            residents_learn(self.kernel_tables)
        live_day(self.day, self.kernel_tables)
        self.market.close_day(self)
        tomorrow = self.date + datetime.timedelta(days=1)
        if tomorrow.day == 1 or self.day == self.n_days - 1:
            self.market.settle(self)
        if tomorrow.day == 1:
            if self.settings.behaviour.learning:
                practised, skilled = learn_month(self.kernel_tables)
                self.productivity = skilled / practised if practised else math.nan
            if self.settings.behaviour.quits:
                quit_month(self.root, self.date.year * 12 + self.date.month, self.day, self.kernel_tables)
            self.kernel_tables.ledger["attended"] = 0            # shares of attention are kept within a month
            self.market.review_month(self)
        if self._learning:
            self._learning.result()

    def record(self) -> None:
        """Phase 5: what the day leaves behind."""
        self.records.record_day()

    def _write_settings(self, t: Tables) -> None:
        """Write the numbers in force today where the kernels read them."""
        p = t.parameters[0]
        write_parameters(p, self.settings, overtime_steps=self.index.overtime_steps,
                         pattern_below=t.first_pattern[self.index.roster.get(BELOW, 0)],
                         days_between_requests=self.structure.days_between_requests)
        if not is_bare(t):
            self._rules = WHOLE                     # for good: work begun under a rule is finished under it
        p["ledgers_open"] = self.day >= self.ledger_day
        self._write_matters(t.matter, self.settings, self.date)

    def _write_matters(self, matter: np.ndarray, settings, date: datetime.date) -> None:
        """Write what settings and date make of the matters."""
        rows, shares = self.structure.digital_rows, self.structure.digital_shares
        digital = settings.world.digital_share(date) / self.catalogue.value(
            "digital_reference_share") if rows.size else 0.0
        matter["digital_share"][rows] = np.minimum(shares * digital, 0.98)
        matter["supervision_share"] = settings.levers.transfer.supervision_share

    # -- looking ------------------------------------------------------------------------------------------------------

    def resident(self, i: int) -> Resident:
        """View of the i-th resident (from 0)."""
        return self.residents[i]

    def waiting_at(self) -> np.ndarray:
        """Pool of every request that waits, in no particular order."""
        request = self.kernel_tables.request
        return request["pool"][request["state"] == WAITING]


def release(county: County) -> None:
    """Let a finished county be freed: its threads, and in Mesa 3.3.1 the reference that `Agent._ids` keeps."""
    if county._ahead:
        county._ahead.close()
    getattr(mesa.Agent, "_ids", {}).pop(county, None)
