"""The market of social organizations: contracts let by tender, assessment, hand-back, and what is paid.

A function of the list is carried by government or by one supplier (`Tables.supply`). Tenders and reviews are monthly
Python; only what a request meets is compiled (`sim.service.supply`). While the list is empty there is no market:
nobody is founded, nothing is drawn, no number of the market has an effect.
"""

from __future__ import annotations

import math

import numpy as np

from sim.agents.social_organizations import SocialOrganization, bid_score
from sim.agents.workers import KIND_CODE, US
from sim.service.contracts import Contract, Function, maturity
from sim.service.layout import DAY
from sim.service.money import FEN, PAID_MINUTES_PER_YEAR
from sim.service.supply import count_missed, hand_on

STAFF = KIND_CODE["organization_staff"]
LEAST_CONTRACT_WORK_DAYS = 30
"""Contract work is spread over the double running, or over this many days if that is shorter."""
THIN_MARKET = 2
"""Fewer bidders than this are a thin market (Girth and others 2012)."""
DAYS_TO_HAND_ON = 60
"""A supplier that lives on passes on for so long what still comes back to it from functions it lost."""
DAYS_PER_MONTH = 365.25 / 12.0
EVENTS = ("entered", "failed", "broke", "left", "hired", "shed", "tenders", "bids", "thin", "no_bidder", "let",
          "renewed", "warned", "handed_back")
"""What is counted. tenders = no_bidder + lots let or renewed; `let`: functions to a new supplier; `handed_back`:
functions that came back, by assessment, by the supplier's own will, or because it closed."""


class Market:
    """Functions in the market, contracts, and what organizations did with them.

    Attributes:
        contracts: in force, in the order in which they were let.
        events: what happened so far, by `EVENTS`.
        paid_fen, withheld_fen: paid to suppliers and kept back from them since the ledgers opened.
        missed, begun: requests at organizations that were open at the end of the day on which they fell due, and
            services that they began, since the ledgers opened.
    """

    def __init__(self, organizations: list[SocialOrganization], functions: dict[int, Function],
                 minutes_per_year: float, founded_per_maturity: float):
        """Args: agents; the list; minutes over which a post's cost is spread; organizations per unit of maturity."""
        self.organizations, self.functions = organizations, functions
        self.minutes_per_year, self.founded_per_maturity = minutes_per_year, founded_per_maturity
        self.contracts: list[Contract] = []
        self.events = dict.fromkeys(EVENTS, 0)
        self.paid_fen = self.withheld_fen = 0
        self.missed = self.begun = 0
        self._barred: dict[int, int] = {}           # function -> ordinal of the day from which it is tendered again
        self._unsold: dict[int, int] = {}           # the same after a tender without a bidder
        self._handing_on: dict[int, int] = {}       # row of an organization -> day until which it passes on
        self._is_open = False
        self._is_stale = True
        self._due = 0
        self._begun_before: dict[str, tuple[int, int]] = {}
        self._pools: np.ndarray | None = None       # row of each organization's queue

    # -- what is in the market --------------------------------------------------------------------------------------

    @property
    def n_let(self) -> int:
        """Functions in the hands of organizations."""
        return sum(len(c.functions) for c in self.contracts)

    def n_handed_back(self, due: int) -> int:
        """Of the first `due` functions of the list those that came back and are in government's hands."""
        let = {i for c in self.contracts for i in c.functions}
        return sum(1 for i in self._barred if i < due and i not in let)

    @property
    def price_index(self) -> float:
        """Mean price of the contracts in force, weighted by their work; 1 = in-house cost; NaN without any."""
        work = [sum(self.functions[i].people for i in c.functions) for c in self.contracts]
        total = sum(work)
        return sum(w * c.price for w, c in zip(work, self.contracts, strict=True)) / total if total else float("nan")

    def due(self, county) -> int:
        """Length of the list's head that government wants in the market today: whole functions."""
        return min(int(county.settings.levers.transfer.functions + 1e-9), max(self.functions, default=-1) + 1)

    def maturity(self, county) -> float:
        """Maturity today."""
        settings = county.settings
        return maturity(settings.world, county.date, settings.run.start, self.n_let / max(len(self.functions), 1))

    def rebuilt(self, functions: dict[int, Function], day: int) -> None:
        """The network was built anew: the same contracts, other rows; functions that are gone are nobody's."""
        self.functions, self._is_stale, self._pools = functions, True, None
        for contract in [c for c in self.contracts if not functions.keys() >= set(c.functions)]:
            self._end(contract, day)
        self._commit()

    # -- the day ----------------------------------------------------------------------------------------------------

    def open_day(self, county) -> None:
        """Take back what is no longer meant for the market, let what is, at once when the list grows, else monthly."""
        due = self.due(county)
        if due or self.contracts:
            if due < self._due:
                for contract in [c for c in self.contracts if c.functions[-1] >= due]:
                    self._end(contract, county.day)
            if due > self._due or county.date.day == 1:
                self._open(county)
                self._renew(county)
                self._let(county, due)
        self._due = due
        if self._is_stale:
            self._write(county)

    def close_day(self, county) -> None:
        """Count deadlines missed today; pass on what waits at organizations for functions they lost."""
        if not self._is_open:
            return
        t = county.kernel_tables
        organization = county.tables.organization
        rows = np.flatnonzero(organization["staff"])
        if rows.size:
            missed = np.zeros(rows.size, np.int64)
            if self._pools is None:
                self._pools = np.array([0] + [o.pool for o in self.organizations], np.int64)
            count_missed(self._pools[rows], organization["first_worker"][rows].astype(np.int64),
                         organization["slots"][rows].astype(np.int64), np.int64(county.end_us - DAY),
                         np.int64(county.end_us), missed, t)
            organization["missed"][rows] += missed.astype(np.uint32)
            self.missed += int(missed.sum())
        for row, until in list(self._handing_on.items()):
            agent = self.organizations[row - 1]
            if t.pool["waiting"][agent.pool]:
                hand_on(np.int64(agent.pool), t)
            if agent.is_done and (not agent.is_alive or county.day >= until):
                del self._handing_on[row]

    # -- tenders ----------------------------------------------------------------------------------------------------

    def _open(self, county) -> None:
        """Found those who stand ready when the market opens: the first ones of the sequence."""
        if self._is_open:
            return
        self._is_open = True
        ripe = self.maturity(county)
        n = round(len(self.organizations) * min(1.0, ripe * self.founded_per_maturity))
        for organization in self.organizations:
            if organization.spec.rank < n:
                organization.found(ripe)

    def _renew(self, county) -> None:
        """Tender again what has run its term; the old supplier may bid."""
        today = county.date.toordinal()
        for contract in [c for c in self.contracts if c.ends <= today]:
            self.contracts.remove(contract)
            self._commit()
            if self._tender(county, contract.functions, contract.supplier) is not contract.supplier:
                self._part(contract.supplier, county.day)

    def _let(self, county, due: int) -> None:
        """Tender the functions that are due and in government's hands, in lots of one field, in the list's order."""
        today = county.date.toordinal()
        taken = {i for c in self.contracts for i in c.functions}
        lots: dict[str, list[list[int]]] = {}
        size = county.settings.levers.transfer.functions_per_contract
        for i in range(due):
            if i not in self.functions or i in taken or max(self._barred.get(i, 0), self._unsold.get(i, 0)) > today:
                continue
            of_field = lots.setdefault(self.functions[i].field, [])
            if not of_field or len(of_field[-1]) >= size:
                of_field.append([])
            of_field[-1].append(i)
        for lot in sorted((tuple(lot) for of_field in lots.values() for lot in of_field), key=lambda lot: lot[0]):
            self._tender(county, lot, None)

    def _tender(self, county, lot: tuple[int, ...], incumbent: SocialOrganization | None) -> SocialOrganization | None:
        """Let a lot to the best bid; returns the supplier, or None: nobody can take it, it stays with government."""
        transfer, world = county.settings.levers.transfer, county.settings.world
        people = sum(self.functions[i].people for i in lot)
        field = self.functions[lot[0]].field
        bidders = [o for o in self.organizations if o.field == field and o.can_take(people)]
        self.events["tenders"] += 1
        self.events["bids"] += len(bidders)
        self._is_stale = True
        if not bidders:
            self.events["no_bidder"] += 1
            again = round(transfer.tender_again_months * DAYS_PER_MONTH)
            self._unsold.update(dict.fromkeys(lot, county.date.toordinal() + again))
            return None
        is_thin = len(bidders) < THIN_MARKET
        self.events["thin"] += is_thin
        ask = {o.row: o.asks() * (1.0 + world.thin_market_markup * is_thin) for o in bidders}
        lowest = min(ask.values())
        best = max(bidders, key=lambda o: (bid_score(
            transfer.tender_weights, o.quality_on_paper(), ask[o.row], lowest, o.experience_months),
            int(county.tables.organization["id"][o.row])))
        today = county.date.toordinal()
        self.contracts.append(Contract(lot, best, ask[best.row], today + round(transfer.contract_years * 365.25)))
        self._commit()
        if not best.staff:
            best.employ(1)
        is_new = best is not incumbent
        self.events["let" if is_new else "renewed"] += len(lot)
        # what the change costs government: double running with a new supplier, and the contract's own work
        double = transfer.double_running_days if is_new else 0.0
        work = transfer.contract_cost_share * transfer.contract_years * 365.25
        extra = double * transfer.double_running_share + work
        # a request causes at most one piece of it: what does not fit into these days is done later
        room = 1.0 - transfer.supervision_share
        days = max(double, LEAST_CONTRACT_WORK_DAYS, math.ceil(extra / room) if room > 0.0 else 0)
        for i in lot:
            supply = county.kernel_tables.supply[i]
            supply["until"] = today + round(days)
            supply["extra"] = extra / days
        return best

    def _commit(self) -> None:
        """Full-time people whom each organization's contracts need."""
        for o in self.organizations:
            o.committed = 0.0
        for c in self.contracts:
            c.supplier.committed += sum(self.functions[i].people for i in c.functions)

    def _end(self, contract: Contract, day: int) -> None:
        self.contracts.remove(contract)
        self._commit()
        self._is_stale = True
        self._part(contract.supplier, day)

    def _part(self, supplier: SocialOrganization, day: int) -> None:
        self._handing_on[supplier.row] = day + DAYS_TO_HAND_ON

    def _write(self, county) -> None:
        """Say in the tables who carries which function."""
        t, index = county.kernel_tables, county.index
        t.supply["step"] = 0
        for contract in self.contracts:
            for i in contract.functions:
                t.supply["step"][i] = index.step[self.functions[i].matter, contract.supplier.spec.step]
        let = t.supply["step"] != 0
        for row, matter in county.structure.transferable:
            first, count = matter.functions
            t.matter["transfer_share"][row] = let[first:first + count].mean()
        self._is_stale = False

    # -- the month --------------------------------------------------------------------------------------------------

    def review_month(self, county) -> None:
        """Organizations learn and decide; new ones enter; overloaded and failing ones lose contracts."""
        if not self._is_open:
            return
        settings = county.settings
        month = county.date.year * 12 + county.date.month
        ripe = self.maturity(county)
        due = self.due(county)
        in_market = {f.field for i, f in self.functions.items() if i < due}
        holders = {c.supplier.row for c in self.contracts}
        dead = max(sum(not o.is_alive and o.field in in_market for o in self.organizations), 1)
        entry = min(settings.behaviour.organization_entry_per_month * ripe / dead, 1.0)
        for o in self.organizations:
            if not o.is_alive:
                if o.field in in_market and o.enters(month, entry):
                    o.found(ripe)
                    self.events["entered"] += 1
                continue
            event = o.decide(month, ripe, o.row in holders, o.field in in_market)
            if event:
                self.events[event] += 1
            if not o.is_alive:
                for contract in [c for c in self.contracts if c.supplier is o]:
                    self._hand_back(contract, county, 0)
        limit = settings.behaviour.organization_hand_back_backlog_days
        organization = county.tables.organization
        for o in [o for o in self.organizations if o.is_alive and o.row in holders]:
            is_pressed = o.backlog_days > limit
            organization["pressed_months"][o.row] = organization["pressed_months"][o.row] + 1 if is_pressed else 0
            if organization["pressed_months"][o.row] >= settings.behaviour.organization_pressed_months:
                organization["pressed_months"][o.row] = 0
                self._lose_newest(o, county)
        if county.date.month % 3 == 0:
            self._assess(county)

    def _assess(self, county) -> None:
        """Mark each supplier (share on time x quality): below the floor it is warned, the second time it loses work.

        Share late: requests open at the end of the day on which they fell due, of those begun in the quarter (of
        those missed, when more were missed than begun).
        """
        floor = county.settings.levers.transfer.assessment_floor
        organization = county.tables.organization
        suppliers = dict.fromkeys(c.supplier for c in self.contracts)
        for o in self.organizations:
            row = organization[o.row]
            missed, begun = int(row["missed"]), int(row["begun"])
            row["missed"] = row["begun"] = 0
            if o not in suppliers or not begun + missed:
                continue
            mark = (1.0 - missed / max(begun, missed)) * o.quality
            row["assessed"] = mark
            if mark >= floor:
                row["warned"] = 0
            elif row["warned"]:
                self._lose_newest(o, county)
            else:
                row["warned"] = 1
                self.events["warned"] += 1

    def _lose_newest(self, supplier: SocialOrganization, county) -> None:
        mine = [c for c in self.contracts if c.supplier is supplier]
        if mine:
            self._hand_back(mine[-1], county, county.settings.levers.transfer.retransfer_months)

    def _hand_back(self, contract: Contract, county, months: float) -> None:
        """Government takes functions back, and tenders them again after some months."""
        again = county.date.toordinal() + round(months * DAYS_PER_MONTH)
        self._barred.update(dict.fromkeys(contract.functions, again))
        self.events["handed_back"] += len(contract.functions)
        self._end(contract, county.day)

    # -- what is paid -----------------------------------------------------------------------------------------------

    @staticmethod
    def rates(settings) -> tuple[float, ...]:
        """The settings that `settle` pays by: it comes before a day on which one of them changes."""
        behaviour = settings.behaviour
        return (settings.world.official_yuan_per_year, settings.levers.transfer.sanction_share,
                behaviour.organization_other_income_share, behaviour.organization_staff_cost_share)

    def settle(self, county) -> None:
        """Pay for the standard minutes done since the last settlement; organizations pay their people.

        A supplier is paid minutes x pace x price; work that came back is redone at its own cost, at its field's share
        of such work. While it is warned a part is withheld. Integers: fen.
        """
        if not self._is_open:
            return
        settings, t = county.settings, county.kernel_tables
        organization = county.tables.organization
        first_share = self._first_share(county)
        in_house = settings.world.official_yuan_per_year * FEN / self.minutes_per_year    # fen a minute
        prices: dict[int, list[tuple[float, float]]] = {}
        for c in self.contracts:
            work = sum(self.functions[i].people for i in c.functions)
            prices.setdefault(c.supplier.row, []).append((c.price, work))
        ripe = self.maturity(county)
        begun = t.pool["started"]
        for o in self.organizations:
            row = organization[o.row]
            ledger = t.ledger[o.staff_rows]
            served, paid = int(ledger["served"].sum()), int(ledger["paid"].sum())
            now_served, now_paid = served - int(row["served_before"]), paid - int(row["paid_before"])
            row["served_before"], row["paid_before"] = served, paid
            if not o.is_alive and not now_served:
                continue
            work = sum(w for _, w in prices.get(o.row, ()))
            price = sum(p * w for p, w in prices[o.row]) / work if work else o.asks()
            pace = float(t.worker["pace"][o.staff_rows.start])
            worth = round(now_served / US * pace * first_share.get(o.field, 1.0) * price * in_house)
            kept = round(worth * settings.levers.transfer.sanction_share) if row["warned"] else 0
            self.paid_fen += worth - kept
            self.withheld_fen += kept
            idle = max(now_paid - now_served, 0)
            hours = now_paid - settings.behaviour.organization_other_income_share * idle
            row["cash"] += worth - kept - round(hours / US * FEN * o.yuan_per_person_year / PAID_MINUTES_PER_YEAR)
            row["begun"] += int(begun[o.pool])
            self.begun += int(begun[o.pool])
            if o.is_alive:
                o.learn(now_served, ripe)

    def _first_share(self, county) -> dict[str, float]:
        """Share of first-time work in the standard minutes that each field's organizations began since last time."""
        t, now = county.kernel_tables, {}
        for row, matter in county.structure.transferable:
            field = self.functions[matter.functions[0]].field
            first, again = now.get(field, (0, 0))
            done = t.begun[row, STAFF]
            now[field] = first + int(done[0]), again + int(done[1])
        found = {}
        for field, (first, again) in now.items():
            before = self._begun_before.get(field, (0, 0))
            first, again = first - before[0], again - before[1]
            found[field] = first / (first + again) if first > 0 else 1.0
        self._begun_before = now
        return found

    def open_ledgers(self, county) -> None:
        """Begin to count anew, with the ledgers."""
        self.settle(county)
        self._begun_before = {}
        self.paid_fen = self.withheld_fen = self.missed = self.begun = 0
        self.events = dict.fromkeys(EVENTS, 0)
        for name in ("served_before", "paid_before"):
            county.tables.organization[name] = 0
