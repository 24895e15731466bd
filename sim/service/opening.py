"""Opening the day: who asks today, who is on duty, how hard the work presses, what was due today."""

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
from sim.agents.residents import PRESENT, goes_online
from sim.agents.workers import BUSY, BUSY_OVERNIGHT, KIND_CODE, OFF
from sim.chance.keys import (
    ABSENT,
    ACCEPT,
    CHANNEL,
    DAY_BELOW,
    KIND,
    LAYER,
    REQUEST,
    RESIDENT,
    S12,
    SUPERVISE,
    TIME,
    G,
    below,
    draw,
    mix,
    unit,
)
from sim.chance.laws import exponential
from sim.compiled import kernel
from sim.service.agenda import schedule
from sim.service.arrivals import MOST_PARTS, PART_SHIFT
from sim.service.layout import (
    BELOW_TRAVEL,
    DAY,
    FREE,
    HANDED_OVER,
    LIST,
    ONLINE,
    OPEN,
    PAUSE,
    TRANSFERRED,
    WAITING,
)
from sim.service.supply import function_of
from sim.service.waiting import wait_again
from sim.service.windows import finish_at, regular_between

_LAST_EMPLOYEE = KIND_CODE["grid_worker"]


@kernel
def draw_day(root, ordinal, day_start, day_end, t):
    """Draw the requests of the day into the parts of `t.scratch` (see `sim.service.arrivals`).

    Candidates are keyed by seed, stream and calendar day. A stream's rate comes in layers [0, 1), [1, 2), [2, 4) …
    of its base rate, each with keys of its own, and a factor only decides which candidates are accepted: growth
    adds requests and moves none. In a split stream a draw of each candidate picks its family: the thinning of a
    Poisson process, which is exact. Returns their number, or minus the room needed when the table is too small.
    """
    stream, part, matter, home, profile = t.stream, t.part, t.matter, t.home, t.profile
    scratch, count = t.scratch, t.count
    n = 0
    room = scratch.size // MOST_PARTS
    zero = uint64(0)
    base = day_start >> PART_SHIFT
    for b in range(MOST_PARTS):
        count[b] = 0
    for s in range(1, stream.size):
        m = uint64(stream[s]["matter"])
        if stream[s]["kind"] == LIST:
            first = int64(stream[s]["first_time"])
            i = int64(stream[s]["next_time"])
            key0 = mix(root ^ stream[s]["id"])
            while i < stream[s]["n_times"] and t.list_time[first + i] < day_start:
                i += 1                          # of days gone by: tables were rebuilt since
            while i < stream[s]["n_times"] and t.list_time[first + i] < day_end:
                b = (t.list_time[first + i] >> PART_SHIFT) - base
                j = b * room + count[b]
                if count[b] < room:
                    scratch[j]["when"] = t.list_time[first + i]
                    scratch[j]["key"] = mix(mix(key0 ^ REQUEST) + uint64(i) * G)
                    scratch[j]["stream"] = s
                    scratch[j]["step"] = matter[m]["first_step"]
                    scratch[j]["resident"] = 0
                    scratch[j]["place"] = stream[s]["place"]
                    scratch[j]["flags"] = 0
                n += 1
                count[b] += 1
                i += 1
            continue
        if stream[s]["kind"] != OPEN:
            continue
        factor = t.factor[stream[s]["driver"]]
        if factor <= 0.0:
            continue
        day_key = mix(mix(root ^ stream[s]["id"]) + uint64(ordinal) * G)
        low, layer = 0.0, 0
        while low < factor:
            width = 1.0 if low == 0.0 else low
            accept = (factor - low) / width
            key = day_key if layer == 0 else draw(day_key, LAYER, layer)
            spacing = 1.0 / (stream[s]["per_day"] * width)
            key_time, key_request = key ^ TIME, mix(key ^ REQUEST)
            i = uint64(0)
            u = exponential(mix(key_time)) * spacing
            hour = 0
            while u < 1.0:
                k = mix(key_request + i * G)
                i += uint64(1)
                share = u
                u += exponential(mix(key_time + i * G)) * spacing
                if accept < 1.0 and unit(draw(k, ACCEPT, 0)) >= accept:
                    continue
                row = stream[s]["profile"]
                if row != 0:
                    while share >= profile[row, hour + 1]:
                        hour += 1
                    share = (hour + (share - profile[row, hour]) / (
                        profile[row, hour + 1] - profile[row, hour])) / 24.0
                when = day_start + int64(share * DAY)
                if when >= day_end:
                    continue
                who = uint64(0)
                place = stream[s]["place"]
                if stream[s]["n_residents"] > 0:
                    who = uint64(stream[s]["first_resident"]) + uint64(
                        below(draw(k, RESIDENT, 0), stream[s]["n_residents"]))
                    if home[who]["flags"] & PRESENT == 0:
                        continue
                    place = home[who]["place"]
                # where it enters, by whom it is served: handed over, online, or as the stream says
                e, check = uint64(stream[s]["entry"]), uint64(stream[s]["supervision_entry"])
                if stream[s]["n_parts"] > 1:                # which of the families that share the stream
                    f = uint64(stream[s]["first_part"])
                    last = f + uint64(stream[s]["n_parts"]) - uint64(1)
                    z = draw(k, KIND, 0) >> S12
                    while f < last and z >= part[f]["below"]:
                        f += uint64(1)
                    m = uint64(part[f]["matter"])
                    e, check = uint64(part[f]["step"]), uint64(part[f]["supervision_step"])
                if e == uint64(0):
                    e = uint64(matter[m]["first_step"])
                flags = 0
                supervised = 0.0
                if matter[m]["transfer_share"] > 0.0 or matter[m]["relieves"] == 0:
                    f = function_of(k, matter[m]["first_function"], matter[m]["n_functions"])
                    if t.supply[f]["step"] != 0:
                        e, flags = uint64(t.supply[f]["step"]), TRANSFERRED
                        supervised = matter[m]["supervision_share"]
                        if ordinal < t.supply[f]["until"]:
                            supervised += t.supply[f]["extra"]
                    elif matter[m]["relieves"] == 0:    # a new service that nobody offers is not asked for
                        continue
                if flags == 0 and matter[m]["digital_share"] > 0.0 and goes_online(
                        float64(home[who]["digital"]), unit(draw(k, CHANNEL, 0)), matter[m]["digital_share"]):
                    e, flags = uint64(matter[m]["online_step"]), ONLINE
                b = (when >> PART_SHIFT) - base
                while True:                                 # the request, and the supervision that comes with it
                    j = b * room + count[b]
                    if count[b] < room:
                        scratch[j]["when"] = when
                        scratch[j]["key"] = k
                        scratch[j]["stream"] = s
                        scratch[j]["step"] = e
                        scratch[j]["resident"] = who
                        scratch[j]["place"] = place
                        scratch[j]["flags"] = flags
                    n += 1
                    count[b] += 1
                    if supervised <= 0.0 or matter[m]["supervision"] == 0 or unit(draw(k, SUPERVISE, 0)) >= supervised:
                        break
                    if check == zero:
                        check = uint64(matter[uint64(matter[m]["supervision"])]["first_step"])
                    k, e, who, flags, supervised = mix(k ^ SUPERVISE), check, zero, 0, 0.0
            low += width
            layer += 1
    fullest = 0
    for b in range(MOST_PARTS):
        if count[b] > fullest:
            fullest = count[b]
    if fullest > room:
        return -fullest * MOST_PARTS
    for s in range(1, stream.size):
        if stream[s]["kind"] == LIST:
            first = int64(stream[s]["first_time"])
            while stream[s]["next_time"] < stream[s]["n_times"] and t.list_time[
                    first + int64(stream[s]["next_time"])] < day_end:
                stream[s]["next_time"] += 1
    return n


@kernel
def open_workers(root, ordinal, day_start, day_end, shift, day, reassign_after_days, t):
    """Set everybody's windows of today, resume work in hand, measure pressure, take what is due from the agenda."""
    worker, hold, ledger, life, windows = t.worker, t.hold, t.ledger, t.life, t.windows
    request, request_life, event = t.request, t.request_life, t.event
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
    open_rows, r = t.free[1], zero              # whose patience ends today: nobody has to be struck out of a later day
    while open_rows > 0:
        r += one
        if request_life[r]["state"] != FREE:
            open_rows -= 1
            leaves = request_life[r]["leaves"]
            if request_life[r]["state"] == WAITING and 0 < leaves < day_end:
                schedule(event, ring, occupied, agenda, n_workers + r, leaves if leaves > day_start else day_start,
                         day_end, shift)
    for u in range(one, uint64(pool.size)):
        pool[u]["pressure"] = 0.0
        if p["thinning_on"] != 0 and pool[u]["backlog"] > 0:
            days = float64(pool[u]["backlog"]) / pool[u]["capacity"]
            pool[u]["pressure"] = load_pressure(days, p["thinning_starts"], p["thinning_full"])
        if p["standards_on"] != 0 and p["thinning_on"] != 0:
            t.worn[u] = standard_after(
                float64(t.worn[u]), float64(pool[u]["pressure"]), p["standards_fall"], p["standards_rise"])
            if t.worn[u] > pool[u]["pressure"]:
                pool[u]["pressure"] = t.worn[u]
    for o in range(one, n_workers):
        roster = life[o]["roster"]
        pattern = uint64(0)
        life[o]["sick"] = 0
        if t.roster_workday[roster] != 0 and life[o]["active"] != 0:
            pattern = uint64(t.first_pattern[roster])
            paid = regular_between(windows[pattern], 0, day_end - day_start)
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
                    u = uint64(hold[f]["pool"])
                    days += float64(pool[u]["backlog"]) / pool[u]["capacity"]
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
                request_life[r]["hand_overs"] += 1
                request_life[r]["state"] = WAITING
                tally[m]["hand_overs"] += 1
                tally[m]["requeued"] += 1
                tally[m]["waiting"] += 1
                tally[m]["waiting_area"] -= day_start
                wait_again(request, request_life, queue, pool, step, matter, classes, u, r, day_start, True)
                leaves = request_life[r]["leaves"]
                if 0 < leaves < day_end:
                    schedule(event, ring, occupied, agenda, n_workers + r, leaves if leaves > day_start else day_start,
                             day_end, shift)
    return 0
