"""Opening the day: who is on duty, how hard the work presses, what was due today."""

from __future__ import annotations

from numba import float64, int64, uint64

from sim.agents.officials import (
    is_day_below,
    load_pressure,
    pace_under_load,
    saturation,
    sick_share,
    standard_after,
)
from sim.agents.workers import BUSY, BUSY_OVERNIGHT, KIND_CODE, OFF
from sim.chance.keys import (
    ABSENT,
    DAY_BELOW,
    draw,
    mix,
    unit,
)
from sim.compiled import kernel
from sim.service.agenda import schedule
from sim.service.layout import (
    BELOW_TRAVEL,
    FREE,
    HANDED_OVER,
    NO_DAY,
    PAUSE,
    WAITING,
)
from sim.service.waiting import wait_again
from sim.service.windows import finish_at, regular_between

_LAST_EMPLOYEE = KIND_CODE["grid_worker"]


@kernel
def open_workers(root, ordinal, day_start, day_end, shift, day, reassign_after_days, t):
    """Set everybody's windows of today, resume work in hand, measure pressure, take what is due from the agenda."""
    worker, hold, ledger, life, windows = t.worker, t.hold, t.ledger, t.life, t.windows
    request, link, event, leaves_day = t.request, t.link, t.event, t.leaves_day
    ring, occupied, agenda = t.ring, t.occupied, t.agenda
    pool, queue, step, matter, tally = t.pool, t.queue, t.step, t.matter, t.tally
    p = t.parameters[0]
    zero, one = uint64(0), uint64(1)
    n_workers = uint64(worker.size)
    classes = uint64(p["n_classes"])
    e = uint64(agenda[day])
    agenda[day] = 0
    while e != zero:
        following = uint64(event[e]["next"])
        due = event[e]["due"]
        schedule(event, ring, occupied, agenda, e, due, day_end if due < day_end else day_start, shift)
        e = following
    for u in range(one, uint64(pool.size)):
        pool[u]["pressure"] = 0.0
        days = t.days[u] = float64(pool[u]["backlog"]) / pool[u]["capacity"]
        if p["thinning_on"] != 0 and days > 0.0:
            pool[u]["pressure"] = load_pressure(days, p["thinning_starts"], p["thinning_full"])
        if p["standards_on"] != 0 and p["thinning_on"] != 0:
            t.worn[u] = standard_after(
                float64(t.worn[u]), float64(pool[u]["pressure"]), p["standards_fall"], p["standards_rise"])
            if t.worn[u] > pool[u]["pressure"]:
                pool[u]["pressure"] = t.worn[u]
    paid, paid_roster = int64(0), int64(-1)
    for o in range(one, n_workers):
        roster = life[o]["roster"]
        pattern = uint64(0)
        life[o]["sick"] = 0
        if t.roster_workday[roster] != 0 and life[o]["active"] != 0:
            pattern = uint64(t.first_pattern[roster])
            if roster != paid_roster:                       # most neighbours have the same
                paid, paid_roster = regular_between(windows[pattern], 0, day_end - day_start), int64(roster)
            ledger[o]["paid"] += paid
            if p["leave_share"] > 0.0 or p["sick_share"] > 0.0:
                # spells begin on different days for different people
                phase = int64(life[o]["id"] % uint64(p["spell_days"]))
                v = unit(draw(mix(root ^ life[o]["id"]), ABSENT, (ordinal + phase) // p["spell_days"]))
                ill = sick_share(p["sick_share"], float64(worker[o]["fatigue"]), p["sick_factor"])
                if v < p["leave_share"] + ill:
                    ledger[o]["absent"] += paid
                    pattern = uint64(0)
                    if v < ill:
                        life[o]["sick"] = 1
            if pattern != zero and life[o]["n_below"] != 0 and is_day_below(
                    (ordinal + 6) % 7, int64(life[o]["id"] % uint64(5)), p["rotation_days"],
                    unit(draw(mix(root ^ life[o]["id"]), DAY_BELOW, (ordinal + 6) // 7))):
                life[o]["below"] = 1            # other posts, another word of idle bits, a day without the way
                worker[o]["first_hold"] = life[o]["desk_hold"] + life[o]["n_desk"]
                worker[o]["n_hold"] = life[o]["n_below"]
                worker[o]["team"] += t.first_of_team.size // 2
                pattern = uint64(p["pattern_below"])
                way = paid - regular_between(windows[pattern], 0, day_end - day_start)
                ledger[o]["setup"] += way
                t.status[BELOW_TRAVEL] += way
            if pattern != zero and worker[o]["kind"] <= _LAST_EMPLOYEE:
                days, n_held = 0.0, 0.0
                for f in range(worker[o]["first_hold"], worker[o]["first_hold"] + worker[o]["n_hold"]):
                    days += t.days[uint64(hold[f]["pool"])]
                    n_held += 1.0
                pressure = load_pressure(days / n_held, p["overtime_starts"], p["overtime_full"])
                if p["overtime_on"] != 0:
                    pattern += uint64(int64(pressure * float64(p["overtime_steps"]) + 0.5))
                pace, error = 1.0, 0.0
                if p["pace_on"] != 0:
                    saturated = saturation(float64(life[o]["load"]), p["saturation"])
                    pace = pace_under_load(pressure, p["pace_gain"], saturated)
                    error = saturated * p["saturated_error"]
                worker[o]["pace"], worker[o]["error"] = pace, error
        elif worker[o]["request"] != 0 and windows[uint64(t.first_pattern[roster])]["closing"] != PAUSE:
            pattern = uint64(t.first_pattern[roster]) - one     # what is finished after closing goes on into a day off
        worker[o]["pattern"] = pattern
        worker[o]["state"] = OFF
        if life[o]["n_below"] != 0:
            is_other = worker[o]["request"] != 0 and pattern != zero and (
                worker[o]["hold"] >= life[o]["desk_hold"] + life[o]["n_desk"]) != (life[o]["below"] != 0)
            is_back = worker[o]["request"] == 0 and life[o]["drawer"] != 0 and (pattern == zero or (
                life[o]["drawer_hold"] >= life[o]["desk_hold"] + life[o]["n_desk"]) == (life[o]["below"] != 0))
            if is_other or is_back:             # what is begun waits where it was begun
                r, h, setup, handover = (
                    worker[o]["request"], worker[o]["hold"], worker[o]["setup_left"], worker[o]["handover_left"])
                worker[o]["request"], worker[o]["hold"] = life[o]["drawer"], life[o]["drawer_hold"]
                worker[o]["setup_left"] = life[o]["drawer_setup"]
                worker[o]["handover_left"] = life[o]["drawer_handover"]
                life[o]["drawer"], life[o]["drawer_hold"] = r, h
                life[o]["drawer_setup"], life[o]["drawer_handover"] = setup, handover
        if worker[o]["request"] == 0:
            continue
        worker[o]["state"] = BUSY_OVERNIGHT
        r = uint64(worker[o]["request"])
        need = request[r]["work"] + int64(worker[o]["setup_left"]) + int64(worker[o]["handover_left"])
        if need == 0:                           # done with the last microsecond of a window that ends at midnight
            worker[o]["since"] = day_start
            worker[o]["state"] = BUSY
            schedule(event, ring, occupied, agenda, o, day_start, day_end, shift)
        elif pattern != zero:
            life[o]["absent_days"] = 0
            worker[o]["since"] = day_start
            done_at = day_start + need
            if windows[pattern]["closing"] == PAUSE:
                done_at = day_start + finish_at(windows[pattern], 0, need)
            if day_start <= done_at < day_end:
                worker[o]["state"] = BUSY
                schedule(event, ring, occupied, agenda, o, done_at, day_end, shift)
        elif t.roster_workday[roster] != 0:
            life[o]["absent_days"] += 1
            if life[o]["absent_days"] > reassign_after_days or life[o]["active"] == 0:
                # taken back: to the head of its queue, with the work that remains and one hand-over
                s = uint64(request[r]["step"])
                m = uint64(step[s]["matter"])
                u = uint64(hold[worker[o]["hold"]]["pool"])
                worker[o]["request"] = 0
                worker[o]["state"] = OFF
                life[o]["absent_days"] = 0
                if request[r]["work"] == 0:
                    request[r]["work"] = 1
                request[r]["flags"] |= HANDED_OVER
                request[r]["hand_overs"] += 1
                request[r]["state"] = WAITING
                tally[m]["hand_overs"] += 1
                tally[m]["requeued"] += 1
                tally[m]["waiting"] += 1
                tally[m]["waiting_area"] -= day_start
                wait_again(request, link, queue, pool, step, matter, classes, u, r, day_start, True)
    for r in range(one, uint64(request.size)):  # whose patience ends today: nobody is struck out of a later day
        if leaves_day[r] > day:
            continue
        leaves = request[r]["leaves"]
        if request[r]["state"] == FREE:
            leaves_day[r] = NO_DAY
        elif request[r]["state"] == WAITING and 0 < leaves < day_end:
            schedule(event, ring, occupied, agenda, n_workers + r, leaves if leaves > day_start else day_start,
                     day_end, shift)
    return 0
