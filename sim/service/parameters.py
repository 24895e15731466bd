"""The numbers of the mechanisms that are in force today, as the one row that the kernels read."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.agents.workers import US
from sim.chance.keys import threshold
from sim.chance.laws import EMPIRICAL
from sim.scenario.calendar import WORKING_DAYS_PER_YEAR
from sim.service.layout import ATTENTION_RULES, NEVER, ORDINARY, Tables

OVERTIME_STEP_MINUTES = 10.0
"""Grain of overtime: a pattern of the day exists for every step."""


def write_parameters(
    p: np.ndarray, settings: Any, *, overtime_steps: int, pattern_below: int, days_between_requests: float
) -> None:
    """Write the settings of a day.

    Args:
        p: the row of `PARAMETERS`.
        settings: in force on the day.
        overtime_steps: steps of overtime for which patterns exist.
        pattern_below: pattern of a rotating official's day below.
        days_between_requests: mean days between two requests of a resident.
    """
    levers, behaviour, world = settings.levers, settings.behaviour, settings.world
    p["attention"] = ATTENTION_RULES[levers.attention_rule]
    p["shares"] = [max(s, 1e-6) for s in levers.attention_shares]
    p["by_post_order"] = behaviour.selection == "post_order"
    p["setup_near"], p["setup_far"] = (round(m * US) for m in behaviour.setup_minutes)
    p["slowdown"] = behaviour.fatigue_slowdown if behaviour.fatigue else 0.0
    rework = p["rework_on"] = behaviour.rework
    p["rework_share"] = behaviour.rework_share if rework else 0.0
    p["rework_when_thin"] = behaviour.rework_when_thin if rework else 0.0
    p["rework_when_tired"] = behaviour.rework_when_tired if rework else 0.0
    p["rework_work_share"] = behaviour.rework_work_share
    p["residents_respond"] = behaviour.satisfaction
    p["satisfaction_weight"], p["loss_factor"] = behaviour.satisfaction_weight, behaviour.loss_weight
    # residents who ask as often as the mean reach the stated half-life
    p["expectation_weight"] = 1.0 - 0.5 ** (days_between_requests / behaviour.expectation_half_life_days)
    p["thinning_on"] = behaviour.thinning
    p["thinning_starts"], p["thinning_full"] = behaviour.thinning_starts_days, behaviour.thinning_full_days
    p["overtime_on"] = behaviour.overtime
    p["overtime_starts"], p["overtime_full"] = behaviour.overtime_starts_days, behaviour.overtime_full_days
    p["overtime_steps"] = min(
        overtime_steps, round(levers.overtime_cap_minutes_per_day / OVERTIME_STEP_MINUTES))
    p["fatigue_on"] = behaviour.fatigue
    p["fatigue_rise"] = behaviour.fatigue_rise_per_overtime_hour
    p["fatigue_recovery"] = behaviour.fatigue_recovery_per_rest_day
    away = behaviour.attendance
    p["leave_share"] = world.leave_share if away else 0.0
    p["sick_share"] = world.sick_days_per_year / WORKING_DAYS_PER_YEAR if away else 0.0
    p["sick_factor"] = behaviour.fatigue_sick_factor if behaviour.fatigue else 1.0
    p["spell_days"] = max(round(behaviour.attendance_spell_days), 1)
    p["learning_minutes"], p["forgetting"] = behaviour.learning_minutes, behaviour.forgetting_per_month
    p["keeping_minutes"] = behaviour.practice_to_keep_minutes
    p["official_quits"] = behaviour.official_quits_per_year
    p["official_quits_tired"] = behaviour.official_quits_per_year_tired
    p["other_quits"] = behaviour.grid_worker_quits_per_year
    p["vacancy_days"] = round(behaviour.vacancy_days)
    p["variety_benefit"] = behaviour.variety_retention if behaviour.variety else 0.0
    p["retirement"] = behaviour.retirement_per_year if behaviour.retirement else 0.0
    p["replacement_share"] = levers.frozen_replacement_share if levers.headcount == "frozen" else 1.0
    p["breadth_learning"] = 1.0 + (levers.duties_per_post - 1.0) * (1.0 - behaviour.duty_overlap)
    p["rotation_days"] = levers.rotation_days_per_week
    p["pattern_below"] = pattern_below
    p["pace_on"], p["pace_gain"] = behaviour.pace_under_load, behaviour.pace_gain
    p["saturation"], p["load_memory"] = behaviour.saturation_load, behaviour.load_memory_days
    p["saturated_error"] = p["rework_share"] * (behaviour.saturation_error_factor - 1.0)
    p["standards_on"] = behaviour.standards_erode
    p["standards_fall"], p["standards_rise"] = behaviour.standards_fall_days, behaviour.standards_rise_days
    p["entrant_skill"] = behaviour.entrant_skill if behaviour.learning else 1.0
    p["new_post_skill"] = behaviour.new_post_skill
    p["own_share"] = behaviour.expectation_own_share
    p["record_below"] = threshold(settings.run.request_share)


def is_bare(t: Tables) -> bool:
    """Whether only queues are at work today: no rule needs more than requests, steps, posts, people and windows.

    Then the event loop is compiled without the rest; a rule forgotten here would have no effect in a bare network.
    """
    p, step, matter = t.parameters[0], t.step[1:], t.matter[1:]
    rules = (
        "rework_on", "thinning_on", "fatigue_on", "overtime_on", "pace_on", "slowdown", "setup_near", "setup_far",
        "record_below",
    )
    return bool(
        p["n_classes"] == 1
        and not any(p[name] for name in rules)
        and t.scope.size == 1
        and (step["law"] != EMPIRICAL).all() and (step["kind"] == ORDINARY).all()
        and not step["intake_ms"].any() and not step["hand_out_ms"].any()
        and (matter["deadline"] >= NEVER).all() and (matter["patience_law"] < 0).all()
        and not matter["is_closed"].any()
        and not t.pool["unlike"].any()
        and (t.worker["pace"][1:] == 1.0).all() and (t.hold["skill"][1:] == 1.0).all()
    )
