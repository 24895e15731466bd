"""What a day and a month leave behind in the people who serve."""

from __future__ import annotations

from numba import float64, int64, uint64

from sim.agents.officials import fatigue_after, quit_share, skill_after_month, variety_factor
from sim.agents.residents import expectation_after, satisfaction_after
from sim.agents.workers import KIND_CODE, STATIONED
from sim.chance.keys import NEWCOMER, QUIT, REPLACE, draw, mix, unit
from sim.compiled import kernel
from sim.service.layout import BELOW_IDLE, BELOW_USED, HIRED, LEFT, RETIRED

OFFICIAL, LAST_EMPLOYEE = KIND_CODE["official"], KIND_CODE["grid_worker"]


@kernel
def live_day(day, t):
    """Daily states: fatigue fills with today's overtime and empties on days without; vacancies are filled.

    Load is the used share of today's regular time, elastic work apart, smoothed. Who was below is back at his desk.
    """
    worker, ledger, life, hold = t.worker, t.ledger, t.life, t.hold
    p = t.parameters[0]
    for o in range(uint64(1), uint64(worker.size)):
        used = ledger[o]["served"] + ledger[o]["setup"] + ledger[o]["handover"]
        elastic = ledger[o]["elastic"]
        used_today, elastic_today = used - ledger[o]["used_before"], elastic - ledger[o]["elastic_before"]
        ledger[o]["used_before"], ledger[o]["elastic_before"] = used, elastic
        regular = int64(t.windows[worker[o]["pattern"]]["minutes"])
        if life[o]["below"] != 0:                           # the way stands in the ledger as set-up
            used_today -= int64(t.windows[t.first_pattern[life[o]["roster"]]]["minutes"]) - regular
        if life[o]["below"] != 0 or life[o]["away"] == STATIONED:
            t.status[BELOW_USED] += used_today
            if regular > 0:
                t.status[BELOW_IDLE] += regular + ledger[o]["overtime"] - ledger[o]["overtime_before"] - used_today
        if p["pace_on"] != 0 and regular > 0:
            life[o]["load"] += (float64(used_today - elastic_today) / regular - float64(life[o]["load"])) / p[
                "load_memory"]
        if life[o]["below"] != 0:
            life[o]["below"] = 0
            worker[o]["first_hold"], worker[o]["n_hold"] = life[o]["desk_hold"], life[o]["n_desk"]
            worker[o]["team"] -= t.first_of_team.size // 2
        if life[o]["active"] == 0:
            if life[o]["vacant_until"] != 0 and day + 1 >= life[o]["vacant_until"]:
                life[o]["vacant_until"] = 0             # a newcomer: another person, rested, with much to learn
                life[o]["active"] = 1
                t.status[HIRED] += 1
                life[o]["id"] = mix(life[o]["id"] ^ NEWCOMER)
                life[o]["days_in_service"] = 0.0
                worker[o]["fatigue"] = 0.0
                life[o]["load"] = 0.0
                first = uint64(life[o]["desk_hold"])
                for h in range(first, first + uint64(life[o]["n_desk"]) + uint64(life[o]["n_below"])):
                    hold[h]["skill"] = p["entrant_skill"]
            continue
        life[o]["days_in_service"] += 1
        overtime = ledger[o]["overtime"] - ledger[o]["overtime_before"]
        ledger[o]["overtime_before"] = ledger[o]["overtime"]
        if p["fatigue_on"] != 0:
            worker[o]["fatigue"] = fatigue_after(
                float64(worker[o]["fatigue"]), float64(overtime) / 3600e6, overtime <= 0,
                p["fatigue_rise"], p["fatigue_recovery"])


@kernel
def quit_month(root, month, day, t):
    """Who leaves for good this month: officials rarely or by age, others more often; the seat stays vacant for a while.

    Where headcount is frozen, only some officials' seats are filled again.
    """
    worker, life, p = t.worker, t.life, t.parameters[0]
    for o in range(uint64(1), uint64(worker.size)):
        kind = worker[o]["kind"]
        if life[o]["active"] == 0 or kind > LAST_EMPLOYEE:
            continue
        share, retired, replaced = p["other_quits"], 0.0, 1.0
        if kind == OFFICIAL:
            share = quit_share(p["official_quits"], p["official_quits_tired"], float64(worker[o]["fatigue"]))
            share *= variety_factor(life[o]["n_desk"], p["variety_benefit"])
            retired, replaced = p["retirement"], p["replacement_share"]
        person = mix(root ^ life[o]["id"])
        v = unit(draw(person, QUIT, month))
        if v < (share + retired) / 12.0:
            life[o]["active"] = 0
            life[o]["vacant_until"] = 0
            if unit(draw(person, REPLACE, 0)) < replaced:
                life[o]["vacant_until"] = day + 1 + p["vacancy_days"]
            t.status[LEFT] += 1
            if v >= share / 12.0:
                t.status[RETIRED] += 1


@kernel
def learn_month(t):
    """Monthly review of the skills of everybody employed by government: practice teaches, disuse forgets.

    Organizations learn as organizations (`sim.agents.social_organizations`). Wide posts (`breadth_learning`) need more
    practice of officials. Returns officials' minutes of practice this month, and the same times skill.
    """
    practised, skilled = 0.0, 0.0
    worker, life, hold, p = t.worker, t.life, t.hold, t.parameters[0]
    for o in range(uint64(1), uint64(worker.size)):
        if life[o]["active"] == 0 or worker[o]["kind"] > LAST_EMPLOYEE:
            continue
        first = uint64(life[o]["desk_hold"])
        breadth = p["breadth_learning"] if worker[o]["kind"] == OFFICIAL else 1.0
        for h in range(first, first + uint64(life[o]["n_desk"]) + uint64(life[o]["n_below"])):
            practice = float64(hold[h]["practice"]) / 60e6
            if worker[o]["kind"] == OFFICIAL:
                practised += practice
                skilled += practice * float64(hold[h]["skill"])
            hold[h]["skill"] = skill_after_month(
                float64(hold[h]["skill"]), practice, p["learning_minutes"] * breadth,
                p["forgetting"], p["keeping_minutes"] * breadth, p["new_post_skill"])
            hold[h]["practice"] = 0
    return practised, skilled


@kernel
def residents_learn(t):
    """Apply today's outcomes to the residents' rows, in the order in which requests ended."""
    resident, outcome = t.resident, t.outcome
    p = t.parameters[0]
    for i in range(uint64(0), uint64(t.status[1])):
        who = uint64(outcome[i]["resident"])
        resident[who]["n_requests"] += 1
        resident[who]["n_late"] += outcome[i]["is_late"]
        resident[who]["n_left"] += outcome[i]["is_left"]
        if p["residents_respond"] != 0:
            days = float64(outcome[i]["took"]) / 86400e6
            expected = float64(resident[who]["expected_days"])
            resident[who]["satisfaction"] = satisfaction_after(
                float64(resident[who]["satisfaction"]), outcome[i]["is_late"] + outcome[i]["is_left"] > 0, days,
                expected, p["satisfaction_weight"], p["loss_factor"])
            resident[who]["expected_days"] = expectation_after(
                expected, days, float64(outcome[i]["promised_days"]), p["own_share"], p["expectation_weight"])
    t.status[1] = 0
