"""What a day and a month leave behind in the people who serve."""

from __future__ import annotations

from numba import float64, uint64

from sim.agents.officials import fatigue_after, skill_after_month
from sim.agents.residents import expectation_after, satisfaction_after
from sim.compiled import kernel


@kernel
def live_day(t):
    """Daily states: fatigue fills with today's overtime and empties on days without."""
    worker, ledger, life = t.worker, t.ledger, t.life
    p = t.parameters[0]
    for o in range(uint64(1), uint64(worker.size)):
        if life[o]["active"] == 0:
            continue
        life[o]["days_in_service"] += 1
        overtime = ledger[o]["overtime"] - life[o]["overtime_before"]
        life[o]["overtime_before"] = ledger[o]["overtime"]
        if p["fatigue_on"] != 0:
            worker[o]["fatigue"] = fatigue_after(
                float64(worker[o]["fatigue"]), float64(overtime) / 3600e6, overtime <= 0,
                p["fatigue_rise"], p["fatigue_recovery"])


@kernel
def learn_month(t):
    """Monthly review of skills: practice teaches, disuse forgets."""
    hold, p = t.hold, t.parameters[0]
    for h in range(uint64(1), uint64(hold.size)):
        hold[h]["skill"] = skill_after_month(
            float64(hold[h]["skill"]), float64(hold[h]["practice"]) / 60e6, p["learning_minutes"], p["forgetting"])
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
            resident[who]["expected_days"] = expectation_after(expected, days, p["expectation_weight"])
    t.status[1] = 0
