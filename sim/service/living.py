"""What a day and a month leave behind in the people who serve."""

from __future__ import annotations

from numba import float64, uint64

from sim.agents.officials import fatigue_after, quit_share, skill_after_month
from sim.agents.residents import expectation_after, satisfaction_after
from sim.agents.workers import KIND_CODE
from sim.chance.keys import NEWCOMER, QUIT, draw, mix, unit
from sim.compiled import kernel

OFFICIAL, LAST_EMPLOYEE = KIND_CODE["official"], KIND_CODE["grid_worker"]


@kernel
def live_day(day, t):
    """Daily states: fatigue fills with today's overtime and empties on days without; vacancies are filled."""
    worker, ledger, life, hold = t.worker, t.ledger, t.life, t.hold
    p = t.parameters[0]
    for o in range(uint64(1), uint64(worker.size)):
        if life[o]["active"] == 0:
            if life[o]["vacant_until"] != 0 and day + 1 >= life[o]["vacant_until"]:
                life[o]["vacant_until"] = 0             # a newcomer: another person, rested, with much to learn
                life[o]["active"] = 1
                t.status[3] += 1
                life[o]["id"] = mix(life[o]["id"] ^ NEWCOMER)
                life[o]["days_in_service"] = 0.0
                worker[o]["fatigue"] = 0.0
                first = uint64(worker[o]["first_hold"])
                for h in range(first, first + uint64(worker[o]["n_hold"])):
                    hold[h]["skill"] = p["entrant_skill"]
            continue
        life[o]["days_in_service"] += 1
        overtime = ledger[o]["overtime"] - life[o]["overtime_before"]
        life[o]["overtime_before"] = ledger[o]["overtime"]
        if p["fatigue_on"] != 0:
            worker[o]["fatigue"] = fatigue_after(
                float64(worker[o]["fatigue"]), float64(overtime) / 3600e6, overtime <= 0,
                p["fatigue_rise"], p["fatigue_recovery"])


@kernel
def quit_month(root, month, day, t):
    """Who leaves for good this month: officials rarely, others more often; the post stays vacant for a while."""
    worker, life, p = t.worker, t.life, t.parameters[0]
    for o in range(uint64(1), uint64(worker.size)):
        kind = worker[o]["kind"]
        if life[o]["active"] == 0 or kind > LAST_EMPLOYEE:
            continue
        share = p["other_quits"]
        if kind == OFFICIAL:
            share = quit_share(p["official_quits"], p["official_quits_tired"], float64(worker[o]["fatigue"]))
        if unit(draw(mix(root ^ life[o]["id"]), QUIT, month)) < share / 12.0:
            life[o]["active"] = 0
            life[o]["vacant_until"] = day + 1 + p["vacancy_days"]
            t.status[2] += 1


@kernel
def learn_month(t):
    """Monthly review of the skills of everybody employed by government: practice teaches, disuse forgets.

    Organizations learn as organizations (`sim.agents.social_organizations`).
    """
    worker, life, hold, p = t.worker, t.life, t.hold, t.parameters[0]
    for o in range(uint64(1), uint64(worker.size)):
        if life[o]["active"] == 0 or worker[o]["kind"] > LAST_EMPLOYEE:
            continue
        first = uint64(worker[o]["first_hold"])
        for h in range(first, first + uint64(worker[o]["n_hold"])):
            hold[h]["skill"] = skill_after_month(
                float64(hold[h]["skill"]), float64(hold[h]["practice"]) / 60e6, p["learning_minutes"],
                p["forgetting"], p["keeping_minutes"], p["new_post_skill"])
            hold[h]["practice"] = 0


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
