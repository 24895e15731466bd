"""What a run leaves behind: per day for the county, per month by matter, department and community, and one summary.

All sums are integers (counts, µs) and cumulative since the ledgers opened; frames give differences in minutes.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.agents.workers import KIND_CODE, KINDS, TIMES, US
from sim.scenario.network import ATTENTION_CLASSES
from sim.service.histogram import quantile_days
from sim.service.layout import CARRIED, DAY, HIRED, LEFT, MAX_THRESHOLDS, TALLY_FIELDS, THINKING
from sim.service.ledgers import COLUMNS, check, sum_up
from sim.service.money import Accounts

if TYPE_CHECKING:
    from sim.county import County

CARRY_DAYS = 8


def _sums(tally: np.ndarray, minutes: np.ndarray, begun: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of the monthly table as sums since the ledgers opened: counts, and µs where the name says minutes."""
    found = {}
    for name in TALLY_FIELDS:
        if name in ("wait", "sign_wait", "turnaround"):     # µs beyond 64 bits: whole minutes were carried on
            found[f"{name}_minutes"] = tally[name].astype(object) + tally[f"{name}_minutes"].astype(object) * US
        elif name == "thinned":
            found["thinned_minutes"] = tally[name].astype(np.int64)
        elif not name.endswith("_area"):
            found[name] = tally[name].astype(np.int64)
    found["served_minutes"] = minutes.sum(axis=1)
    for k, kind in enumerate(KINDS):
        first, again, thinned = (begun[:, k, i] for i in range(3))
        found |= {f"served_{kind}_minutes": minutes[:, k], f"standard_{kind}_minutes": first + again,
                  f"again_{kind}_minutes": again, f"thinned_{kind}_minutes": thinned}
    return found


class Records:
    """Recorder of one county."""

    def __init__(self, county: County):
        """Args: the county, before its first day."""
        self.county = county
        self._day_rows = np.zeros((county.n_days, len(COLUMNS)), np.int64)
        self.sums = np.zeros(len(COLUMNS), np.int64)
        """By `COLUMNS`, cumulative since the ledgers opened."""
        self._society: list[dict] = []
        self._months: list[tuple] = []
        self._pools: list[dict] = []
        self.accounts = Accounts()
        self._requests: list[np.ndarray] = []
        self._requests_of: list[list[str]] = []     # by the rows of each day's requests: the matters' ids
        self.records_lost = 0
        """Sampled requests for which the day's table had no room (0 unless its estimate fell short)."""
        self.opened_on_us = 0
        """Midnight at which the ledgers opened."""
        self._before = np.zeros(len(COLUMNS), np.int64)

    # -- the ledgers --------------------------------------------------------------------------------------------------

    def open_ledgers(self) -> None:
        """Begin to count: everything before (run-in, warm-up) is forgotten, what is present counts as opened."""
        self.county.market.open_ledgers(self.county)
        t = self.county.kernel_tables
        now = self.county.day * DAY
        self.opened_on_us = now
        for name in TALLY_FIELDS:
            if name not in ("present", "waiting"):
                t.tally[name] = 0
        for name in CARRIED:
            t.tally[f"{name}_minutes"] = 0
        t.tally["within"] = 0
        t.tally["opened"] = t.tally["present"]
        sum_up(self.sums, self.county.past_ledger, t)
        self._before = np.where([name.startswith("opened_") for name in COLUMNS], self.sums, 0)
        with np.errstate(over="ignore"):
            t.tally["present_area"] = -t.tally["present"] * now
            t.tally["waiting_area"] = -t.tally["waiting"] * now
        t.histogram[:] = 0
        t.minutes[:] = 0
        t.begun[:] = 0
        self._forget_pools()
        for name in set(t.ledger.dtype.names) - {"attended"}:
            t.ledger[name] = 0
        self.county.past_ledger[:] = 0
        t.status[0] = t.status[LEFT:] = 0
        self._requests.clear()
        self._requests_of.clear()
        self.accounts = Accounts()

    def carried_in(self) -> dict[str, int]:
        """Requests of each attention class that were open when the ledgers opened; `opened` counts them too."""
        return {name: int(self._before[COLUMNS.index(f"opened_{name}")]) for name in ATTENTION_CLASSES}

    def times(self, kind: str) -> dict[str, int]:
        """The ledger of a kind of worker since the ledgers opened: µs by `TIMES`."""
        return {name: int(self.sums[COLUMNS.index(f"{name}_{kind}")]) for name in TIMES}

    def check_ledgers(self) -> None:
        """Sum up the day and check that nothing is lost; see `sim.service.ledgers.check`."""
        t = self.county.kernel_tables
        sum_up(self.sums, self.county.past_ledger, t)
        thinking = int((t.request["state"] == THINKING).sum()) if t.matter["is_closed"].any() else 0
        check(self.sums, int(t.free[1]), thinking)

    # -- the day ------------------------------------------------------------------------------------------------------

    def record_day(self) -> None:
        """Keep the day's sums; at a month's end also matters, departments, communities."""
        county = self.county
        self._day_rows[county.day] = self.sums
        t = county.kernel_tables
        if t.status[0]:
            self._requests.append(t.record[:min(int(t.status[0]), t.record.size)].copy())
            self._requests_of.append(county.structure.labels["matter"])
            self.records_lost += max(int(t.status[0]) - t.record.size, 0)
            t.status[0] = 0
        if county.day % CARRY_DAYS == 0:
            self._carry_minutes()
        tomorrow = county.date + datetime.timedelta(days=1)
        is_last = tomorrow.day == 1 or county.day == county.n_days - 1
        if county.day < county.ledger_day:
            if is_last:
                self._forget_pools()
            return
        if county.plan.is_county:
            supervising = int(t.minutes[county.structure.supervision_rows].sum())
            self.accounts.add_day(self.sums, county.settings, int(t.status[HIRED]), supervising)
            if is_last:
                self.accounts.close_month(county.date, county.market.paid_fen)
        if is_last:
            self._months.append(
                (county.date, county.structure.labels, t.tally[1:].copy(), t.minutes[1:].copy(), t.begun[1:].copy()))
            self.flush_pools()
            self._record_society()

    def _carry_minutes(self) -> None:
        """Move whole minutes out of the sums of µs, long before a sum could overflow."""
        t, now = self.county.kernel_tables, self.county.end_us
        for name in CARRIED:
            count = name.removesuffix("_area")
            begun = t.tally[count] * now if count != name else 0        # wraps, and so does the sum: exact
            whole = (t.tally[name] + begun) // US
            t.tally[name] -= whole * US
            t.tally[f"{name}_minutes"] += whole

    def flush_pools(self) -> None:
        """Keep what departments served since the last flush, and what waits there now."""
        county, t = self.county, self.county.kernel_tables
        if county.day < county.ledger_day:
            self._forget_pools()
            return
        units = sorted({p.unit for p in county.network.posts} | {w.unit for w in county.network.workers})
        has_units = any(units)
        unit = t.pool["unit" if has_units else "post"][1:].astype(np.int64)
        n = int(unit.max()) + 1 if unit.size else 0
        names = ["", *(units if has_units else sorted(county.index.post, key=county.index.post.get))]
        sums = {field: np.bincount(unit, t.pool[field][1:], n) for field in
                ("arrivals", "started", "wait", "served")}
        waiting = np.bincount(t.pool["unit"][county.waiting_at()], minlength=n)
        backlog = np.bincount(unit, t.pool["backlog"][1:], n)
        capacity = np.bincount(unit, t.pool["capacity"][1:], n)
        for u in range(1, n):
            self._pools.append({
                "date": county.date, "department": names[u], "arrivals": int(sums["arrivals"][u]),
                "started": int(sums["started"][u]), "wait_minutes": sums["wait"][u] / US,
                "served_minutes": sums["served"][u] / US, "waiting": int(waiting[u]),
                "backlog_days": backlog[u] / capacity[u] if capacity[u] else 0.0})
        self._forget_pools()

    def _forget_pools(self) -> None:
        for name in ("arrivals", "started", "wait", "served"):
            self.county.kernel_tables.pool[name] = 0

    def _record_society(self) -> None:
        county = self.county
        residents = county.tables.resident[1:]
        if not residents.size or county.places is None:
            return
        satisfaction = residents["satisfaction"].astype(float)     # residents of a community stand together
        mean = np.add.reduceat(satisfaction, county.places.community_first[:-1]) / county.places.residents_of_community
        organization = county.tables.organization[1:]
        alive = organization["alive"] == 1
        self._society.append({
            "date": county.date, "satisfaction": float(satisfaction.mean()),
            "satisfaction_worst_community": float(mean.min()),
            "satisfaction_best_community": float(mean.max()),
            "expected_days": float(residents["expected_days"].mean(dtype=float)),
            "organizations_alive": int(alive.sum()), "organization_staff": int(organization["staff"].sum()),
            "organization_quality": float(organization["quality"][alive].mean()) if alive.any() else float("nan"),
            **self._record_market(),
            "skill": self._skill_of_officials(), "productivity": county.productivity,
            "communities": mean})

    def _record_market(self) -> dict[str, float]:
        """Functions meant for the market and let, contracts in force, and what happened so far."""
        county, market = self.county, self.county.market
        due = market.due(county)
        return {
            "functions_transferred": float(county.settings.levers.transfer.functions), "functions_let": market.n_let,
            "functions_handed_back_share": market.n_handed_back(due) / due if due else 0.0,
            "contracts": len(market.contracts), "price_index": market.price_index,
            "transferred_missed": market.missed, "transferred_begun": market.begun,
            **{f"market_{name}": n for name, n in market.events.items()}}

    def _skill_of_officials(self) -> float:
        """Mean skill of officials at their primary posts."""
        worker = self.county.tables.worker[1:]
        first = self.county.tables.life["desk_hold"][1:][worker["kind"] == KIND_CODE["official"]]
        return float(self.county.tables.hold["skill"][first].mean()) if first.size else float("nan")

    # -- frames -------------------------------------------------------------------------------------------------------

    @property
    def _first(self) -> int:
        return self.county.ledger_day

    def daily(self) -> pd.DataFrame:
        """One row a day since the ledgers opened: counts of the day by class, minutes of the day by kind of worker."""
        rows = self._day_rows[self._first:self.county.day]
        stocks = [i for i, name in enumerate(COLUMNS) if name.startswith(("present_", "waiting_", "employed_"))
                  or name in ("sick", "fatigue_micro", "unbalanced") or name.endswith(("_officials", "_present"))]
        flows = np.diff(rows, axis=0, prepend=self._before[None, :])    # what the run-in left open is not new
        flows[:, stocks] = rows[:, stocks]
        first = self.county.first_date + datetime.timedelta(days=self._first)
        frame = pd.DataFrame({"date": pd.date_range(first, periods=len(rows), freq="D")})
        times = {f"{time}_{kind}": f"{time}_minutes_{kind}" for time in TIMES for kind in KINDS}
        columns = {}
        for i, name in enumerate(COLUMNS):
            if name == "unbalanced" or not rows[:, i].any():
                continue
            if name == "fatigue_micro":
                employed = np.maximum(rows[:, COLUMNS.index("employed_official")], 1)
                columns["fatigue_official"] = rows[:, i] / 1e6 / employed
            elif name.startswith("below_"):
                columns[f"{name}_minutes_official"] = flows[:, i] / US
            elif name in times:
                columns[times[name]] = flows[:, i] / US
            else:
                columns[name] = flows[:, i]
        return pd.concat([frame, pd.DataFrame(columns)], axis=1)

    def monthly(self) -> pd.DataFrame:
        """One row a month and matter: what happened in the month (counts, minutes), what is open at its end.

        Minutes by kind of worker as in `matters`; what was open when the ledgers opened counts as opened in the first
        month.
        """
        text: dict[str, list] = {"date": []}
        numbers: dict[str, np.ndarray] = {}         # filled in place: copies of all months would double the memory
        n_rows = sum(len(tally) for _, _, tally, _, _ in self._months)
        before, place, row = {}, {}, 0
        for date, labels, tally, minutes, begun in self._months:
            now = _sums(tally, minutes, begun)
            ids = labels["matter"]
            old = np.array([place.get(name, -1) for name in ids])       # a changed structure may order them anew
            text["date"] += [date] * len(ids)
            for name, column in labels.items():
                text.setdefault(name, []).extend(column)
            for name, column in now.items():
                if before and name not in ("present", "waiting"):
                    column = column - np.where(old >= 0, before[name][old], 0)
                column = (column / US).astype(float) if name.endswith("_minutes") else column
                numbers.setdefault(name, np.empty(n_rows, column.dtype))[row:row + len(ids)] = column
            row += len(ids)
            before, place = now, {name: i for i, name in enumerate(ids)}
        return pd.DataFrame({**text, **numbers}, copy=False) if self._months else pd.DataFrame()

    def departments(self) -> pd.DataFrame:
        """One row a month (or part of one, around a structure change) and department; a textbook queue's are posts."""
        return pd.DataFrame(self._pools)

    def money(self) -> pd.DataFrame:
        """One row a month and line of cost: date (the month's last day), line, fen (integer), yuan."""
        return self.accounts.frame()

    def society(self) -> pd.DataFrame:
        """One row a month: satisfaction, expectation, social organizations, skill."""
        return pd.DataFrame([{k: v for k, v in row.items() if k != "communities"} for row in self._society])

    def communities(self) -> pd.DataFrame:
        """One row a month and community: mean satisfaction."""
        names = self.county.places.names if self.county.places is not None else ()
        return pd.DataFrame([{"date": row["date"], "community": name, "satisfaction": float(value)}
                             for row in self._society
                             for name, value in zip(names, row["communities"], strict=True)])

    def requests(self) -> pd.DataFrame:
        """Single requests that ended (a keyed sample of `run.request_share`), times in days since the run's start."""
        if not self._requests:
            return pd.DataFrame()
        rows = np.concatenate(self._requests)
        base = self.county.plan.scenario.run.run_in_days
        names = [ids[m - 1]
                 for ids, ended in zip(self._requests_of, self._requests, strict=True)
                 for m in ended["matter"].tolist()]
        return pd.DataFrame({
            "matter": names, "resident": rows["resident"].astype(np.int64),
            "place": rows["place"].astype(np.int64), "opened_day": rows["opened"] / DAY - base,
            "started_day": np.where(rows["started"] >= 0, rows["started"] / DAY - base, np.nan),
            "closed_day": rows["closed"] / DAY - base, "waited_minutes": rows["waited"] / US,
            "hand_overs": rows["hand_overs"].astype(np.int64),
            "outcome": np.array(["", "resolved", "withdrawn", "blocked"])[rows["outcome"]],
            "online": (rows["flags"] & 2) > 0, "transferred": (rows["flags"] & 4) > 0})

    def ledger(self) -> pd.DataFrame:
        """The labour ledger: minutes by ledger block and kind of worker since the ledgers opened.

        Blocks are those of the catalogue, and set-up, hand-over, idle, absent; `overtime` and `thinned` beside them.
        For each kind: paid + overtime = all blocks + setup + handover + idle + absent.
        """
        t = self.county.kernel_tables
        network = self.county.network
        rows = []
        for k, kind in enumerate(KINDS):
            by_block: dict[str, int] = {}
            for i, m in enumerate(network.matters, start=1):
                name = m.block if m.attention_class != "elastic" else f"{m.block}_elastic"
                by_block[name] = by_block.get(name, 0) + int(t.minutes[i, k])
            times = self.times(kind)
            if not times["paid"] and not times["served"]:
                continue
            rows += [{"kind": kind, "entry": name, "minutes": us / US} for name, us in by_block.items() if us]
            rows += [{"kind": kind, "entry": name, "minutes": times[name] / US}
                     for name in ("setup", "handover", "idle", "absent", "paid", "overtime", "thinned")]
        return pd.DataFrame(rows)

    def matters(self) -> pd.DataFrame:
        """One row a matter since the ledgers opened: counts, mean times, time averages, minutes by kind of worker.

        Minutes by kind: `served`, and of the work begun its `standard` minutes (before thinning, rework included),
        of which `again` after a rework, and what was `thinned`.
        """
        t, county = self.county.kernel_tables, self.county
        now = county.end_us
        span = max(now - self.opened_on_us, 1)
        rows = []
        for i, m in enumerate(county.network.matters, start=1):
            x = t.tally[i]
            with np.errstate(over="ignore"):
                waiting = int(x["waiting_area"] + x["waiting"] * now) + int(x["waiting_area_minutes"]) * US
                present = int(x["present_area"] + x["present"] * now) + int(x["present_area_minutes"]) * US
            wait = int(x["wait"]) + int(x["wait_minutes"]) * US
            turnaround = int(x["turnaround"]) + int(x["turnaround_minutes"]) * US
            started, resolved, opened = int(x["started"]), int(x["resolved"]), int(x["opened"])
            row = {
                "matter": m.id, "block": m.block, "attention_class": m.attention_class, "opened": opened,
                "resolved": resolved, "withdrawn": int(x["withdrawn"]), "blocked": int(x["blocked"]),
                "present": int(x["present"]), "late": int(x["late"]), "reworked": int(x["reworked"]),
                "hand_overs": int(x["hand_overs"]), "bounced": int(x["bounced"]), "signed": int(x["signed"]),
                "transferred": int(x["transferred"]), "online": int(x["online"]),
                "started": started, "waited": int(x["waited"]),
                "mean_wait_minutes": wait / US / started if started else float("nan"),
                "mean_time_in_system_minutes": turnaround / US / resolved if resolved else float("nan"),
                "mean_waiting": waiting / span, "mean_present": present / span,
                "waiting_minutes": waiting / US, "present_minutes": present / US,
                "served_minutes": int(t.minutes[i].sum()) / US, "thinned_minutes": int(x["thinned"]) / US,
                "median_days": quantile_days(t.histogram[i], 0.5), "p90_days": quantile_days(t.histogram[i], 0.9),
                "p95_days": quantile_days(t.histogram[i], 0.95)}
            for k, kind in enumerate(KINDS):
                first, again, thinned = t.begun[i, k].tolist()
                row |= {f"served_{kind}_minutes": int(t.minutes[i, k]) / US,
                        f"standard_{kind}_minutes": (first + again) / US, f"again_{kind}_minutes": again / US,
                        f"thinned_{kind}_minutes": thinned / US}
            for j, minutes in enumerate(m.thresholds_minutes[:MAX_THRESHOLDS]):
                row[f"within_{minutes:g}"] = int(x["within"][j])
            rows.append(row)
        return pd.DataFrame(rows)
