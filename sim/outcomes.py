"""The headline outcomes of a run: one flat row of named numbers, the same names for every option.

Shares are 0 to 1, times in days of the wall clock unless the name says minutes or hours. "Residents" means what
residents and businesses asked for; "inner" and "elastic" are other attention classes. The class of superiors'
tasks is told apart by who carries it: "superior" is what officials carry (county tasks, counterparts above, tasking),
"grassroots" the standing work that communities and grids carry by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.workers import KIND_CODE, US
from sim.scenario.county_leaders import is_leaders
from sim.scenario.county_requests import assessed_matters
from sim.scenario.county_work import expected_step_minutes
from sim.scenario.network import ATTENTION_CLASSES
from sim.service.histogram import quantile_days
from sim.service.layout import BELOW_IDLE, BELOW_USED, DAY, FREE, LEFT, RETIRED, THINKING
from sim.service.money import FEN, LINES

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from sim.county import County
    from sim.service.layout import Tables

GRASSROOTS = ("community", "grid")
"""Blocks of standing work that communities and grids carry by themselves."""

SMALLEST_SHARE = 0.01
"""A difference below this share of the base's level is not worth naming (assumed; a common margin of equivalence)."""
SMALLEST = {
    "on_time_share": 0.005, "assessed_on_time_share": 0.005, "other_on_time_share": 0.005,
    "hazards_on_time_share": 0.005, "inspection_cover_share": 0.005,
    "superior_on_time_share": 0.005, "grassroots_on_time_share": 0.005,
    "withdrawn_share": 0.001, "rework_share": 0.001, "thinned_share": 0.005, "elastic_undone_share": 0.005,
    "functions_handed_back_share_end": 0.005, "median_days": 0.01, "p90_days": 0.05, "p95_days": 0.05,
    "hand_overs_per_request": 0.01, "superior_open_days": 0.05, "grassroots_open_days": 0.05, "inner_open_days": 0.05,
    "overtime_hours_per_week": 0.05, "overtime_hours_per_week_first_year": 0.05,
    "overtime_hours_per_week_last_year": 0.05, "overload_months": 0.5, "fatigue_end": 0.005, "fatigue_peak": 0.005,
    "satisfaction_end": 0.005, "satisfaction_gap": 0.005, "skill_end": 0.005}  # fmt: skip
"""Smallest effect of interest of a county's outcomes in their own units, where 1 % of the level would be too fine: half
a percentage point of a share (a tenth where the level is about one per cent), a quarter of an hour of a median, three
minutes of overtime a week, half a point in a hundred of a state. All assumed: what a reader would call a difference."""


def smallest_effect(outcome: str, base: float, is_county: bool = True) -> float:
    """Smallest difference worth naming: 1 % of the base's level or, if that is more, the outcome's own (counties)."""
    own = SMALLEST.get(outcome, 0.0) if is_county else 0.0
    return max(SMALLEST_SHARE * abs(base), own)


OVERLOAD_HOURS_PER_WEEK = 8.0
"""A month counts as overloaded when officials on average work this much overtime a week."""


def _of_safety(county: County, on_time: Callable[[str], float], of_class: dict[str, np.ndarray]) -> dict[str, float]:
    """Hazards dealt with on time, and inspection cover.

    Cover: minutes of inspection done, thinner work taken off, over those that all inspections take which were open at
    first or arose (standard minutes of everybody who serves).
    """
    t = county.kernel_tables
    family = np.array([m.id.partition("/")[0].removesuffix(".elastic") for m in county.network.matters])
    families = county.catalogue.matters
    of_class["hazard"] = np.isin(family, [m.matter for m in families if m.safety == "hazard"])
    asked = done = 0.0
    for name in (m.matter for m in families if m.safety == "inspection"):
        rows = 1 + np.flatnonzero(family == name)
        standard, saved = int(t.begun[rows, :, :2].sum()), int(t.begun[rows, :, 2].sum())
        opened, resolved = (int(t.tally[what][rows].sum()) for what in ("opened", "resolved"))
        done += standard - saved
        asked += standard * opened / resolved if resolved else standard
    return {"hazards_on_time_share": on_time("hazard"), "inspection_cover_share": _ratio(done, asked)}


def _of_leaders(county: County, mine: np.ndarray, now: int) -> dict[str, float]:
    """What waits for leaders, and how much of their time is used (of those who hold a leadership seat at the end)."""
    t = county.kernel_tables
    x = t.tally[1:][mine]
    with np.errstate(over="ignore"):
        waiting = (x["waiting_area"] + x["waiting"] * now).sum(dtype=float) / US + x["waiting_area_minutes"].sum()
    for_leaders = x["sign_wait"].sum() / US + x["sign_wait_minutes"].sum()
    leads = np.array([is_leaders(w.holds[0][0].rpartition("/")[0]) for w in county.network.workers])
    y = t.ledger[1:][leads]
    used = sum(int(y[name].sum()) for name in ("served", "setup", "handover"))
    return {
        "sign_off_wait_share": _ratio(for_leaders, waiting),
        "sign_off_wait_days": _ratio(for_leaders / 1440.0, int(x["signed"].sum())),
        "leaders_utilisation": _ratio(used, int(y["paid"].sum() + y["overtime"].sum() - y["absent"].sum())),
    }


def _ratio(a: float, b: float) -> float:
    return float(a) / float(b) if b else float("nan")


def _mean(daily: pd.DataFrame, column: str) -> float:
    return float(daily[column].mean()) if column in daily else 0.0


def _single_holder_posts(t: Tables) -> int:
    """Posts at sites that exactly one active official holds at his desk, counting no days below."""
    life = t.life[1:]
    held = life[(t.worker["kind"][1:] == KIND_CODE["official"]) & (life["active"] != 0)]
    rows = np.repeat(held["desk_hold"].astype(np.int64), held["n_desk"])
    first = np.repeat(np.cumsum(held["n_desk"], dtype=np.int64) - held["n_desk"], held["n_desk"])
    holders = np.bincount(t.hold["pool"][rows + np.arange(rows.size) - first], minlength=t.pool.size)
    return int((holders == 1).sum())


def outcomes(county: County) -> dict[str, float]:
    """Headline outcomes of a county that has been lived to its end."""
    t = county.kernel_tables
    now = county.end_us
    tally = t.tally[1:]
    attention = t.matter["attention"][1:]
    single_class = t.parameters["n_classes"][0] == 1
    of_class = {name: np.ones(tally.size, bool) if single_class and name == "resident" else
                (attention == i) & (not single_class) for i, name in enumerate(ATTENTION_CLASSES)}
    near = np.array([m.block in GRASSROOTS for m in county.network.matters])
    of_class["grassroots"] = of_class["superior"] & near
    of_class["superior"] = of_class["superior"] & ~near
    request = t.request
    is_open = (request["state"] != FREE) & (request["state"] != THINKING)
    overdue = is_open & (request["due"] < now)
    open_step = np.where(is_open, request["step"], 0)    # free rows may name steps of an earlier structure
    open_matter = t.step["matter"][open_step]
    years = (now - county.records.opened_on_us) / (365.25 * DAY)

    def total(field: str, name: str) -> int:
        return int(tally[field][of_class[name]].sum())

    def on_time(name: str) -> float:
        late_open = int((overdue & np.concatenate(([single_class], of_class[name]))[open_matter]).sum())
        resolved, late = total("resolved", name), total("late", name)
        due = resolved + total("withdrawn", name) + total("blocked", name) + late_open
        return _ratio(resolved - late, due)

    found: dict[str, float] = {}
    mine = of_class["resident"]
    histogram = t.histogram[1:][mine].sum(axis=0)
    opened, resolved = total("opened", "resident"), total("resolved", "resident")
    carried = county.records.carried_in()
    found["requests_opened"] = opened - carried["resident"]
    found["work_items_opened"] = int(tally["opened"].sum()) - sum(carried.values())
    found["on_time_share"] = on_time("resident")
    found["median_days"] = quantile_days(histogram, 0.5)
    found["p90_days"] = quantile_days(histogram, 0.9)
    found["p95_days"] = quantile_days(histogram, 0.95)
    found["withdrawn_share"] = _ratio(total("withdrawn", "resident"), opened)
    found["open_at_end"] = total("present", "resident")
    found["hand_overs_per_request"] = _ratio(total("hand_overs", "resident"), resolved)
    if county.plan.is_county:
        assessed = np.isin([m.id for m in county.network.matters], sorted(assessed_matters(county.network)))
        of_class |= {"assessed": mine & assessed, "other": mine & ~assessed}
        found["assessed_on_time_share"], found["other_on_time_share"] = on_time("assessed"), on_time("other")
        found |= _of_safety(county, on_time, of_class)
        found["bounces_per_request"] = _ratio(total("bounced", "resident"), resolved)
        if county.settings.behaviour.leaders:
            found |= _of_leaders(county, of_class["resident"], now)
    days = years * 365.25
    if not single_class:
        found["superior_on_time_share"] = on_time("superior")
        found["superior_open_days"] = _ratio(total("present", "superior") * days, total("opened", "superior"))
        found["grassroots_on_time_share"] = on_time("grassroots")
        found["grassroots_open_days"] = _ratio(total("present", "grassroots") * days, total("opened", "grassroots"))
        found["inner_open_days"] = _ratio(total("present", "inner") * days, total("opened", "inner"))
        found["elastic_undone_share"] = _ratio(
            total("withdrawn", "elastic") + total("present", "elastic"), total("opened", "elastic"))
    found["thinned_share"] = _ratio(int(tally["thinned"].sum()), int(t.begun[:, :, :2].sum()))
    found["rework_share"] = _ratio(int(tally["reworked"].sum()), int(tally["reworked"].sum()) + int(
        tally["resolved"].sum()))
    x = county.records.times("official")
    if not x["paid"]:
        x = county.records.times("server")
    present = x["paid"] + x["overtime"] - x["absent"]
    found["utilisation"] = _ratio(x["served"] + x["setup"] + x["handover"], present)
    if not county.plan.is_county:
        return found
    daily = county.records.daily()
    people = float(daily["employed_official"].mean())
    everybody = float(daily[[c for c in daily.columns if c.startswith("employed_")]].sum(axis=1).mean())
    found |= _of_people(county, daily, years, everybody, present)
    found |= _of_society(county.records.society())
    found["transferred_minutes_per_year_million"] = float(
        t.minutes[:, KIND_CODE["organization_staff"]].sum() / US / 1e6 / years)
    found["officials"] = people
    found["paid_people"] = everybody
    found["requests_resolved_per_paid_person_year"] = _ratio(resolved, everybody * years)
    found |= _market(county, years)
    found |= _money(county, years, resolved, people)
    return found


def _of_people(
    county: County, daily: pd.DataFrame, years: float, everybody: float, present: int,
) -> dict[str, float]:  # fmt: skip
    """Overtime, fatigue, sickness, turnover and days below; `present`: µs that officials were at work."""
    status = county.kernel_tables.status
    nothing = np.zeros(len(daily))
    employed = daily["employed_official"].to_numpy(float)
    overtime = daily["overtime_minutes_official"].to_numpy(float) / 60.0 if (
        "overtime_minutes_official" in daily) else nothing
    hours = overtime * (7.0 / np.maximum(employed, 1.0))
    fatigue = daily["fatigue_official"].to_numpy(float) if "fatigue_official" in daily else nothing
    sick = daily["sick"].to_numpy(float) if "sick" in daily else nothing
    by_month = daily.assign(hours=hours, fatigue=fatigue).groupby(daily["date"].dt.to_period("M"))
    return {
        "overtime_hours_per_week": float(hours.mean()),
        "overtime_hours_per_week_first_year": float(hours[:365].mean()),
        "overtime_hours_per_week_last_year": float(hours[-365:].mean()),
        "overload_months": int((by_month["hours"].mean() > OVERLOAD_HOURS_PER_WEEK).sum()),
        "fatigue_end": float(fatigue[-1]),
        "fatigue_peak": float(by_month["fatigue"].mean().max()),
        "quits_per_year": float(status[LEFT] - status[RETIRED]) / years,
        "retired_per_year": float(status[RETIRED]) / years,
        "vacancies": _mean(daily, "vacant_officials"),
        "headcount_end": float(employed[-1]),
        "single_holder_posts": _single_holder_posts(county.kernel_tables),
        "time_below_share": _ratio(int(status[BELOW_USED:].sum()), present),
        "time_below_lost_share": _ratio(int(status[BELOW_IDLE:].sum()), present),
        "task_force_people": _mean(daily, "task_force_officials"),
        "sick_days_per_person_year": _ratio(sick.sum(), everybody * years),
    }


def _of_society(society: pd.DataFrame) -> dict[str, float]:
    """Skill, satisfaction and organizations, from the table of months; nothing without a whole month."""
    if not len(society):
        return {}
    last = society.iloc[-1]
    return {
        "productivity": float(society["productivity"].mean()),
        "productivity_first_year": float(society["productivity"][:12].mean()),
        "skill_end": float(last["skill"]),
        "satisfaction_end": float(last["satisfaction"]),
        "satisfaction_gap": float(last["satisfaction_best_community"] - last["satisfaction_worst_community"]),
        "functions_transferred_end": float(last["functions_transferred"]),
        "functions_handed_back_share_end": float(last["functions_handed_back_share"]),
        "organizations_alive_end": float(last["organizations_alive"]),
    }


def _market(county: County, years: float) -> dict[str, float]:
    """What tenders and organizations came to, and the government minutes that transfer saved net of its own cost.

    Relieved: requests transferred x the minutes that they would have taken in-house on average (service and
    hand-overs), less all minutes spent on supervision, double running and contract work. New services relieve nothing.
    """
    market, t = county.market, county.kernel_tables
    events = market.events
    quality = [o.quality for o in dict.fromkeys(c.supplier for c in market.contracts)]
    by_rate = county.records.accounts.supervision_by_rate
    relieved = 0.0
    for i, m in enumerate(county.network.matters, start=1):
        if m.relieves and t.tally["transferred"][i]:
            minutes = sum(service + hand_over for _, service, hand_over in expected_step_minutes(m))
            relieved += float(t.tally["transferred"][i]) * minutes
    return {
        "functions_let_end": float(market.n_let),
        "functions_handed_back": float(events["handed_back"]),
        "organizations_entered": float(events["entered"]),
        "organizations_failed": float(events["failed"] + events["broke"]),
        "bidders_per_tender": _ratio(events["bids"], events["tenders"]),
        "tenders_without_bidder_share": _ratio(events["no_bidder"], events["tenders"]),
        "price_index_end": market.price_index,
        "transferred_late_share": _ratio(market.missed, max(market.begun, market.missed)),
        "transferred_quality_end": float(np.mean(quality)) if quality else float("nan"),
        "relieved_minutes_per_year_million": float(relieved - by_rate.total() / US) / 1e6 / years,
        "supervision_yuan_million_per_year": sum(
            us / US / market.minutes_per_year / years / 1e6 * rate for rate, us in by_rate.items()),
    }


def _money(county: County, years: float, resolved: int, officials: float) -> dict[str, float]:
    """Cost a year in all, a resident, a resolved request, and by line; hours of overtime that nobody paid."""
    accounts = county.records.accounts
    fen = accounts.total_fen()
    total = sum(fen.values()) / FEN
    unpaid = sum(us / US / 60.0 / years * (1.0 - paid) for paid, us in accounts.overtime_by_paid_share.items())
    return {
        "cost_yuan_million_per_year": total / years / 1e6,
        "cost_yuan_per_resident_year": _ratio(total / years, county.tables.resident.size - 1),
        "cost_yuan_per_resolved_request": _ratio(total, resolved),
        **{f"cost_{line}_million": fen[line] / FEN / years / 1e6 for line in LINES},
        "unpaid_overtime_hours_per_official_year": _ratio(unpaid, officials),
    }
