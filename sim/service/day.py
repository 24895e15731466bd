"""The compiled day: one event loop over every queue and every worker of the county.

Order of what happens at the same moment: end of service, window start, arrival at a post, new request, giving up.
A person freed at 10:00 first takes what waits, then what arrives at 10:00.
"""

from __future__ import annotations

import numpy as np
from numba import float64, int64, uint64

from sim.agents.officials import error_share, minutes_factor, thinned_share
from sim.agents.workers import BUSY, BUSY_OVERNIGHT, IDLE, OFF
from sim.chance.keys import PATIENCE, REPEAT, REWORK, ROUTE, S12, SAMPLE, SLICE, THINK, WORK, G, below, draw, mix, unit
from sim.chance.laws import EMPIRICAL, exponential, sample
from sim.compiled import kernel, rule
from sim.service.agenda import schedule, strike_out
from sim.service.booking import book_class, book_work
from sim.service.histogram import time_bin
from sim.service.layout import (
    AT_POST,
    BLOCKED,
    DAY,
    DEADLINE_FIRST,
    DRAWN,
    ELASTIC,
    FIRST_COME,
    FIXED_SHARES,
    FREE,
    HANDED_OVER,
    IN_SERVICE,
    MISDIRECTED,
    NEVER,
    NO_DAY,
    ONLINE,
    PAUSE,
    RESOLVED,
    SERVE_ALL,
    SIGN_OFF,
    STARTED,
    SUPERIOR_FIRST,
    THINKING,
    TRANSFERRED,
    TRANSIT,
    WAITING,
    WITHDRAWN,
)
from sim.service.queues import dequeue, enqueue, join_children, rank_of, set_head
from sim.service.windows import day_of, due_at, finish_at, regular_between, start_of, window_end

MANY = np.uint64(0x9D7B_2C6F_1E35_A8D1)
SIX, MASK_63 = np.uint64(6), np.uint64(63)
NOT_ELASTIC = np.uint64((1 << ELASTIC) - 1)
"""Attention classes that are served before elastic work, as bits."""

BARE, WHOLE = (), (1,)
"""What `serve_day` is compiled for, told by type: a bare queueing network, in which the compiler drops whatever only
other rules need, or one with any of them (`sim.service.parameters.is_bare` says which)."""

COMPLETION, WINDOW_START, POST_ARRIVAL, NEW_REQUEST, GIVE_UP, NOTHING = 1, 2, 3, 4, 5, 9


@rule
def event_class(e, n_workers, state):
    """Class of an event for ties: by whose row it is and what its request is doing."""
    if e < n_workers:
        return COMPLETION
    if state == TRANSIT:
        return POST_ARRIVAL
    if state == THINKING:
        return NEW_REQUEST
    return GIVE_UP


@rule
def bit_index(x):
    """Position of the only bit of x."""
    return int64((np.float64(x).view(np.int64) >> 52) - 1023)


@rule
def visit(step_id, repeats):
    """Occurrence of a step in a request's keys: which step, and how often its route has led back before."""
    return step_id + uint64(repeats) * MANY


@rule
def route(step, next_step, s, key, repeats):
    """Row of NEXT that a request takes after step s: keyed by request and visit, the same luck in every option."""
    f = uint64(step[s]["first_next"])
    last = f + uint64(step[s]["n_next"]) - uint64(1)
    if f == last:
        return f
    z = draw(key, ROUTE, visit(step[s]["id"], repeats)) >> S12
    while f < last and z >= next_step[f]["below"]:
        f += uint64(1)
    return f


@kernel
def serve_day(day_start, day_end, shift, n_starts, n_new, t, rules):
    """Serve one day: from `day_start` to `day_end` (µs), `n_starts` window starts, `n_new` requests in `t.arrival`.

    `rules`: `BARE` or `WHOLE`. Works on the tables in place; returns the number of events.
    """
    worker, hold, ledger, life = t.worker, t.hold, t.ledger, t.life
    request, link, event, leaves_day = t.request, t.link, t.event, t.leaves_day
    ring, occupied, agenda = t.ring, t.occupied, t.agenda
    arrival, free = t.arrival, t.free
    matter, step, next_step = t.matter, t.step, t.next_step
    level, site, pool, queue, pick, first_of_team = t.level, t.site, t.pool, t.queue, t.pick, t.first_of_team
    idle, scope, windows, start_time, threshold = t.idle, t.scope, t.windows, t.start_time, t.threshold
    tally, histogram, minutes, begun = t.tally, t.histogram, t.minutes, t.begun
    record, status, request_trace, outcomes = t.record, t.status, t.request_trace, t.outcome
    empirical_value, empirical_below = t.empirical_value, t.empirical_below
    p = t.parameters[0]
    is_whole = len(rules) > 0
    is_traced, errs = is_whole and p["record_below"] > 0, is_whole and p["rework_on"] != 0
    n_outcomes = uint64(0)
    yardstick, workday, today = t.yardstick[0], t.workday, day_start // DAY
    n_before = uint64(t.workdays_before[today])
    is_workday = t.workdays_before[today + 1] > t.workdays_before[today]
    zero, one = uint64(0), uint64(1)
    n_workers = uint64(worker.size)
    classes = uint64(p["n_classes"]) if is_whole else one
    mask = int64(ring.size - 1)
    a, n_arrivals = zero, uint64(n_new)
    start_index, start_row, start_due, new_due = 0, one, day_end, day_end
    if n_starts > 0:
        start_due = day_start + start_time[0]
    if n_new > 0:
        new_due = arrival[0]["when"]
    n_events = 0
    bucket, last_bucket = day_start >> shift, (day_end - 1) >> shift
    # the first event on the agenda, looked for anew when it has happened, is struck out, or a sooner one comes
    first, first_due, first_kind, searching = zero, day_end, NOTHING, True
    now, kind, passed_on = day_start, NOTHING, zero
    while True:
        e = zero
        if passed_on != zero:                               # its worker has taken what waits, now it finds its post
            kind = POST_ARRIVAL
        else:
            # -- the first event on the agenda, none lies before `bucket`: smallest (time, class, id) ----------
            if searching:
                searching, first, first_due, first_kind = False, zero, day_end, NOTHING
                while bucket <= last_bucket:
                    slot = uint64(bucket & mask)
                    word = occupied[slot >> SIX] >> (slot & MASK_63)
                    if word == zero:
                        bucket += 64 - int64(slot & MASK_63)
                        continue
                    bucket += bit_index(word & (~word + one))
                    slot = uint64(bucket & mask)
                    i = uint64(ring[slot])
                    while i != zero and bucket <= last_bucket:
                        due = event[i]["due"]
                        if due <= first_due:
                            class_i = event_class(
                                i, n_workers, request[i - n_workers]["state"] if i >= n_workers else 0)
                            if due < first_due or class_i < first_kind or (class_i == first_kind and (
                                    i < first if class_i == COMPLETION
                                    else request[i - n_workers]["key"] < request[first - n_workers]["key"])):
                                first, first_due, first_kind = i, due, class_i
                        i = uint64(event[i]["next"])
                    if first != zero:
                        break
                    occupied[slot >> SIX] &= ~(one << (slot & MASK_63))     # what lay here was struck out
            # -- it, a window's start, or a new request --------------------------------------------------------
            e, now, kind = first, first_due, first_kind
            if start_due < now or (start_due == now and WINDOW_START < kind < NOTHING):
                now, kind, e = start_due, WINDOW_START, zero
            if new_due < now or (new_due == now and NEW_REQUEST < kind < NOTHING):
                now, kind, e = new_due, NEW_REQUEST, zero
            if kind == NOTHING:
                break
            n_events += 1
        if e != zero:                                       # strike the event out of its bucket
            searching, slot = True, uint64(bucket & mask)
            before, after = uint64(event[e]["prev"]), uint64(event[e]["next"])
            if before != zero:
                event[before]["next"] = after
            else:
                ring[slot] = after
                if after == zero:
                    occupied[slot >> SIX] &= ~(one << (slot & MASK_63))
            if after != zero:
                event[after]["prev"] = before
        o, q, leaving, outcome = zero, passed_on, zero, 0   # freed worker; request to place; request to close
        k, h, passed_on = zero, zero, zero                  # who begins to serve, at which of his posts

        # -- what happens --------------------------------------------------------------------------------
        if kind == COMPLETION:
            o = e
            r = uint64(worker[o]["request"])
            s = uint64(request[r]["step"])
            m = uint64(step[s]["matter"])
            h = uint64(worker[o]["hold"])
            work, setup, handover = request[r]["work"], int64(0), int64(0)
            if is_whole:
                setup, handover = int64(worker[o]["setup_left"]), int64(worker[o]["handover_left"])
            if setup + handover > 0:
                ledger[o]["setup"] += setup
                ledger[o]["handover"] += handover
            w = uint64(worker[o]["pattern"])
            if windows[w]["closing"] != PAUSE or now - day_start > windows[w]["last_end"] - windows[w]["overtime"]:
                ledger[o]["overtime"] += work + setup + handover - regular_between(
                    windows[w], worker[o]["since"] - day_start, now - day_start)
            if classes > one:
                book_class(work, matter[m]["attention"], ledger[o])
            book_work(work, m, worker[o]["kind"], minutes, ledger[o], hold[h], pool[hold[h]["pool"]])
            worker[o]["request"] = 0
            worker[o]["since"] = now
            request[r]["work"] = 0
            repeats = request[r]["repeats"]
            is_wrong = False
            if errs:
                wrong = float64(worker[o]["error"]) + error_share(
                    p["rework_share"], float64(request[r]["thin"]) * (1.0 / 255.0), p["rework_when_thin"],
                    float64(worker[o]["fatigue"]), p["rework_when_tired"])
                tries = request[r]["tries"]
                is_wrong = tries < 5 and unit(
                    draw(request[r]["key"], REWORK, visit(step[s]["id"], repeats) + tries)) < wrong
            if is_whole:
                request[r]["thin"] = 0
            if is_wrong:
                request[r]["tries"] += 1
                tally[m]["reworked"] += 1
                q = r
            else:
                f = route(step, next_step, s, request[r]["key"], repeats)
                if is_whole:
                    request[r]["tries"] = 0
                if next_step[f]["step"] == 0:
                    leaving, outcome = r, RESOLVED
                else:
                    if next_step[f]["step"] <= s:   # back to an earlier step: its luck is drawn anew
                        request[r]["repeats"] += 1
                    request[r]["step"] = next_step[f]["step"]
                    if is_whole and step[s]["kind"] == MISDIRECTED:
                        request[r]["flags"] |= HANDED_OVER
                        tally[m]["bounced"] += 1
                    elif not is_whole or step[uint64(next_step[f]["step"])]["kind"] != SIGN_OFF:
                        if is_whole:
                            request[r]["flags"] |= HANDED_OVER
                        request[r]["hand_overs"] += 1
                        tally[m]["hand_overs"] += 1
                    if next_step[f]["transit"] > 0:
                        request[r]["state"] = TRANSIT
                        due = now + next_step[f]["transit"]
                        schedule(event, ring, occupied, agenda, n_workers + r, due, day_end, shift)
                        if due < day_end and due <= first_due:
                            searching, first_due, bucket = True, due, due >> shift
                    else:
                        q = r
            # leave the scope of the post just served
            u = uint64(hold[h]["pool"])
            if is_whole and pool[u]["scope"] != 0 and (q == zero or request[q]["tries"] == 0):
                scope[pool[u]["scope"]]["present"] -= 1
        elif kind == WINDOW_START:
            while start_row < n_workers:                # the next worker whose window starts now and who is free
                w = uint64(worker[start_row]["pattern"])
                if w != zero and worker[start_row]["state"] <= IDLE:
                    for j in range(windows[w]["n"]):
                        if start_of(windows[w], j) == now - day_start:
                            o = start_row
                    if o != zero:
                        break
                start_row += one
            if o == zero:
                start_index += 1
                start_row = one
                start_due = day_start + start_time[start_index] if start_index < n_starts else day_end
                continue
            start_row += one
            if worker[o]["state"] == IDLE:
                low = worker[o]["until"] if worker[o]["until"] < now else now
                ledger[o]["idle"] += low - worker[o]["since"]
                idle[worker[o]["team"]] &= ~(one << uint64(worker[o]["bit"]))
                worker[o]["state"] = OFF
            worker[o]["since"] = now
        elif kind == POST_ARRIVAL:
            if q == zero:
                q = e - n_workers
        elif is_whole and kind == GIVE_UP:
            r = e - n_workers
            u = uint64(request[r]["pool"])
            m = uint64(step[uint64(request[r]["step"])]["matter"])
            c = uint64(matter[m]["attention"]) if classes > one else zero
            dequeue(request, link, queue, u * classes + c, r, pool[u]["order"] == FIRST_COME)
            if queue[u * classes + c]["head"] == 0:
                pool[u]["waiting"] &= ~(one << c)
            if c != uint64(ELASTIC):
                pool[u]["backlog"] -= step[uint64(request[r]["step"])]["mean"]
            if pool[u]["scope"] != 0:
                scope[pool[u]["scope"]]["present"] -= 1
            tally[m]["waiting"] -= 1
            tally[m]["waiting_area"] += now
            if is_traced:
                request_trace[r]["waited"] += now - link[r]["queued"]
            leaving, outcome = r, WITHDRAWN
        elif is_whole and e != zero:                    # a customer of a closed population asks again
            q = e - n_workers
            m = uint64(step[uint64(request[q]["step"])]["matter"])
            request[q]["opened"] = now
            request[q]["step"] = matter[m]["first_step"]
            request[q]["due"] = due_at(
                now - day_start, matter[m]["deadline"], today, n_before, is_workday, workday, yardstick)
        else:                                           # a new request
            q = uint64(free[0])
            free[0] = request[q]["pool"]
            free[1] += 1
            s = uint64(arrival[a]["step"])
            m = uint64(step[s]["matter"])
            flags = arrival[a]["flags"]
            request[q]["key"] = arrival[a]["key"]
            request[q]["opened"] = now
            request[q]["resident"] = arrival[a]["resident"]
            request[q]["place"] = arrival[a]["place"]
            request[q]["tries"] = 0
            request[q]["step"] = s
            work = arrival[a]["work"]
            request[q]["work"] = work
            request[q]["flags"] = flags | DRAWN if work > 0 else flags
            request[q]["due"] = arrival[a]["due"]
            if flags & TRANSFERRED:
                link[q]["stream"] = arrival[a]["stream"]
                tally[m]["transferred"] += 1
            elif flags & ONLINE:
                tally[m]["online"] += 1
            a += one
            new_due = arrival[a]["when"] if a < n_arrivals else day_end
        if kind == NEW_REQUEST:
            if is_traced:
                request_trace[q]["started"] = -1
                request_trace[q]["waited"] = 0
            request[q]["hand_overs"] = 0
            request[q]["repeats"] = 0
            request[q]["thin"] = 0
            request[q]["leaves"] = 0
            leaves_day[q] = NO_DAY
            if is_whole and matter[m]["patience_law"] >= 0:
                z = draw(request[q]["key"], PATIENCE, 0)
                if matter[m]["patience_law"] == EMPIRICAL:
                    i = uint64(matter[m]["patience_a"])
                    while (z >> S12) >= empirical_below[i]:
                        i += one
                    standard = empirical_value[i]
                else:
                    standard = sample(matter[m]["patience_law"], matter[m]["patience_a"],
                                      matter[m]["patience_b"], matter[m]["patience_c"], z)
                request[q]["leaves"] = now + int64(60e6 * standard + 0.5)
                leaves_day[q] = day_of(request[q]["leaves"])
            tally[m]["opened"] += 1
            tally[m]["present"] += 1
            tally[m]["present_area"] -= now

        if o != zero and q != zero:
            passed_on, q = q, zero
        if o != zero:                                       # a freed worker takes what waits
            w = uint64(worker[o]["pattern"])
            until = worker[o]["until"]                      # of the window in which he began, if that is still open
            if now >= until:
                until = window_end(windows[w], now - day_start) + day_start
            after_hours = until < day_start
            regular_end = day_start + windows[w]["last_end"] - windows[w]["overtime"]
            f0 = uint64(worker[o]["first_hold"])
            f1 = f0 + uint64(worker[o]["n_hold"])
            c, best_rank, r = zero, NEVER, zero
            if classes > one:                               # which class has its turn, by the attention rule
                found = zero
                for f in range(f0, f1):
                    found |= uint64(pool[uint64(hold[f]["pool"])]["waiting"])
                if now >= regular_end:                      # nobody stays late for elastic work
                    found &= NOT_ELASTIC
                if found & NOT_ELASTIC == zero:
                    c = uint64(ELASTIC)
                elif p["attention"] == FIXED_SHARES:
                    share = np.inf
                    for i in range(uint64(ELASTIC)):
                        if found & (one << i):
                            x = float64(ledger[o]["attended"][i]) / p["shares"][i]
                            if x < share:
                                c, share = i, x
                elif p["attention"] == SUPERIOR_FIRST:
                    while found & (one << c) == zero:
                        c += one
            else:
                found = one
            if after_hours and windows[w]["closing"] != SERVE_ALL:
                found = zero
            if found != zero:
                is_open = classes > one and p["attention"] == DEADLINE_FIRST and c != uint64(ELASTIC)
                c1 = uint64(ELASTIC) if is_open else c + one
                for f in range(f0, f1):
                    u = uint64(hold[f]["pool"])
                    if pool[u]["waiting"] != 0:
                        for i in range(u * classes + c, u * classes + c1):
                            if queue[i]["rank"] < best_rank:
                                best_rank, r, h = queue[i]["rank"], uint64(queue[i]["head"]), uint64(f)
                        if r != zero and p["by_post_order"] != 0:
                            break
            if r == zero:
                worker[o]["since"] = now
                if after_hours or now >= regular_end:
                    worker[o]["state"] = OFF                # nothing left: nobody idles in overtime
                else:
                    worker[o]["state"] = IDLE
                    worker[o]["until"] = until if until < regular_end else regular_end
                    idle[worker[o]["team"]] |= one << uint64(worker[o]["bit"])
            else:
                k, wait = o, now - link[r]["queued"]
                worker[k]["until"] = until
                u = uint64(hold[h]["pool"])
                s = uint64(request[r]["step"])
                m = uint64(step[s]["matter"])
                c = uint64(matter[m]["attention"]) if classes > one else zero
                if pool[u]["order"] == FIRST_COME:
                    i = uint64(link[r]["next"])
                    if i != zero:
                        link[i]["prev"] = 0
                else:
                    i = join_children(request, link, r)
                set_head(link, queue, u * classes + c, i)
                if i == zero:
                    pool[u]["waiting"] &= ~(one << c)
                if c != uint64(ELASTIC):
                    pool[u]["backlog"] -= step[s]["mean"]
                tally[m]["waiting"] -= 1
                tally[m]["waiting_area"] += now
                if is_whole and 0 < request[r]["leaves"] < day_end:
                    strike_out(event, ring, agenda, n_workers + r, day_end, shift)
                    searching = searching or first == n_workers + r
        elif q != zero:                                     # a request finds its post
            s = uint64(request[q]["step"])
            m = uint64(step[s]["matter"])
            lv = uint64(step[s]["level"])                   # `pool_of`, written out: a hot line
            u = uint64(level[lv]["first_pool"]) + uint64(site[uint64(request[q]["place"]), lv]) * uint64(
                level[lv]["posts"]) + uint64(step[s]["first_post"])
            if step[s]["n_posts"] > 1:
                u += uint64(below(draw(request[q]["key"], SLICE, 0), step[s]["n_posts"]))
            request[q]["pool"] = u
            pool[u]["arrivals"] += 1
            g = uint64(pool[u]["scope"])
            if is_whole and g != zero and request[q]["tries"] == 0:
                if scope[g]["present"] >= scope[g]["limit"]:
                    leaving, outcome = q, BLOCKED
                else:
                    scope[g]["present"] += 1
            if is_whole and request[q]["leaves"] != 0 and request[q]["leaves"] < now and outcome != BLOCKED:
                if g != zero:
                    scope[g]["present"] -= 1
                leaving, outcome = q, WITHDRAWN
            if leaving == zero:
                if pool[u]["waiting"] == 0:                 # the first idle holder in the post's order
                    f = uint64(pool[u]["first_pick"])
                    g = f + uint64(pool[u]["n_picks"])
                    while f < g and k == zero:
                        team = uint64(pick[f]["team"])
                        x = idle[team] & pick[f]["mask"]
                        while x != zero:
                            lowest = x & (~x + one)
                            i = uint64(first_of_team[team]) + uint64(bit_index(lowest))
                            idle[team] ^= lowest
                            x ^= lowest
                            if worker[i]["until"] > now:
                                ledger[i]["idle"] += now - worker[i]["since"]
                                k, h = i, uint64(worker[i]["first_hold"]) + uint64(pick[f]["rank"])
                                break
                            ledger[i]["idle"] += worker[i]["until"] - worker[i]["since"]    # went home unseen
                            worker[i]["state"] = OFF
                        f += one
                if k == zero:
                    request[q]["state"] = WAITING
                    request[q]["flags"] |= AT_POST
                    link[q]["queued"] = now
                    order = pool[u]["order"]
                    link[q]["rank"] = rank_of(
                        order, now, request[q]["due"], matter[m]["priority"], matter[m]["head_start"])
                    c = uint64(matter[m]["attention"]) if classes > one else zero
                    enqueue(request, link, queue, u * classes + c, q, order == FIRST_COME)
                    pool[u]["waiting"] |= one << c
                    if c != uint64(ELASTIC):
                        pool[u]["backlog"] += step[s]["mean"]
                    tally[m]["waiting"] += 1
                    tally[m]["waiting_area"] -= now
                    if is_whole and 0 < request[q]["leaves"] < day_end:   # later days: `open_workers`
                        due = request[q]["leaves"]
                        schedule(event, ring, occupied, agenda, n_workers + q, due, day_end, shift)
                        if due <= first_due:
                            searching, first_due, bucket = True, due, due >> shift
                else:
                    r, wait = q, int64(0)
                    if request[r]["opened"] == now:
                        request[r]["flags"] &= ~AT_POST & 0xFF
                    else:
                        request[r]["flags"] |= AT_POST
                        link[r]["queued"] = now

        if k != zero:
            # -- worker k begins request r as holder of post h -----------------------------------------------
            s = uint64(request[r]["step"])
            m = uint64(step[s]["matter"])
            if is_traced:
                request_trace[r]["waited"] += wait
            request[r]["state"] = IN_SERVICE
            pool[u]["started"] += 1
            pool[u]["wait"] += wait
            if request[r]["flags"] & STARTED == 0:
                request[r]["flags"] |= STARTED
                if is_traced:
                    request_trace[r]["started"] = now
                tally[m]["started"] += 1
                tally[m]["wait"] += wait
                if wait > 0:
                    tally[m]["waited"] += 1
                for j in range(matter[m]["n_thresholds"]):
                    if wait <= threshold[matter[m]["first_threshold"] + j]:
                        tally[m]["within"][j] += 1
            if is_whole and step[s]["kind"] == SIGN_OFF:
                tally[m]["signed"] += 1
                tally[m]["sign_wait"] += wait
            setup, handover = int64(0), int64(0)
            if is_whole and worker[k]["post"] != pool[u]["post"]:
                if worker[k]["post"] != 0:
                    setup = p["setup_near"] if life[k]["unit"] == pool[u]["unit"] else p["setup_far"]
                worker[k]["post"] = pool[u]["post"]
            elif is_whole and pool[u]["unlike"] != 0:        # a wide post: expected set-up before the next piece
                setup = int64(pool[u]["unlike"]) * 1_000_000
            if is_whole and request[r]["flags"] & HANDED_OVER:
                handover = int64(step[s]["intake_ms"]) * 1000
                request[r]["flags"] &= ~HANDED_OVER & 0xFF
            if is_whole and step[s]["hand_out_ms"] > 0:
                to = uint64(next_step[route(step, next_step, s, request[r]["key"], request[r]["repeats"])]["step"])
                if to != zero and step[to]["kind"] != SIGN_OFF:
                    handover += int64(step[s]["hand_out_ms"]) * 1000
            work = request[r]["work"]
            if work == 0 or request[r]["flags"] & DRAWN:
                standard = work                         # drawn with the demand
                if work == 0:
                    z = draw(request[r]["key"], WORK,
                             visit(step[s]["id"], request[r]["repeats"]) + request[r]["tries"])
                    if is_whole and step[s]["law"] == EMPIRICAL:
                        i = uint64(step[s]["a"])
                        while (z >> S12) >= empirical_below[i]:
                            i += one
                        standard = int64(60e6 * empirical_value[i] + 0.5)
                    else:
                        standard = int64(60e6 * sample(
                            step[s]["law"], step[s]["a"], step[s]["b"], step[s]["c"], z) + 0.5)
                request[r]["flags"] &= ~DRAWN & 0xFF
                again = zero
                if is_whole and request[r]["tries"] > 0:
                    standard = int64(float64(standard) * p["rework_work_share"] + 0.5)
                    again = one
                begun[m, worker[k]["kind"], again] += standard
                if is_whole and pool[u]["pressure"] > 0.0 and matter[m]["least_share"] < 1.0:
                    saved = int64(float64(standard) * (1.0 - thinned_share(
                        pool[u]["pressure"], matter[m]["least_share"])) + 0.5)
                    ledger[k]["thinned"] += saved
                    tally[m]["thinned"] += saved
                    begun[m, worker[k]["kind"], 2] += saved
                    request[r]["thin"] = int64(pool[u]["pressure"] * 255.0)
                    standard -= saved
                work = standard
                if is_whole:
                    work = int64(float64(standard) * minutes_factor(
                        float64(worker[k]["pace"]), float64(hold[h]["skill"]), float64(worker[k]["fatigue"]),
                        p["slowdown"]) + 0.5)
                request[r]["work"] = work
            worker[k]["request"] = r
            worker[k]["hold"] = h
            worker[k]["since"] = now
            if is_whole:
                worker[k]["setup_left"] = setup
                worker[k]["handover_left"] = handover
            w = uint64(worker[k]["pattern"])
            need = setup + handover + work
            done_at = now + need
            if windows[w]["closing"] == PAUSE and done_at > worker[k]["until"]:
                done_at = day_start + finish_at(windows[w], now - day_start, need)
            if day_start <= done_at < day_end:
                worker[k]["state"] = BUSY
                event[k]["due"] = done_at               # schedule(), written out: the hottest line of all
                event[k]["prev"] = 0
                slot_k = uint64((done_at >> shift) & mask)
                i = uint64(ring[slot_k])
                event[k]["next"] = i
                if i != zero:
                    event[i]["prev"] = k
                ring[slot_k] = k
                occupied[slot_k >> SIX] |= one << (slot_k & MASK_63)
                if done_at <= first_due:
                    searching, first_due, bucket = True, done_at, done_at >> shift
            else:
                worker[k]["state"] = BUSY_OVERNIGHT

        # -- a request leaves: resolved, withdrawn or blocked -------------------------------------------------
        if leaving != zero:
            r = leaving
            m = uint64(step[uint64(request[r]["step"])]["matter"])
            took = now - request[r]["opened"]
            late = is_whole and now > request[r]["due"]
            tally[m]["present"] -= 1
            tally[m]["present_area"] += now
            if outcome == RESOLVED:
                tally[m]["resolved"] += 1
                tally[m]["turnaround"] += took
                histogram[m, uint64(time_bin(took))] += 1
                if late:
                    tally[m]["late"] += 1
            elif outcome == WITHDRAWN:
                tally[m]["withdrawn"] += 1
                if late:
                    tally[m]["left_late"] += 1
            else:
                tally[m]["blocked"] += 1
            who = uint64(request[r]["resident"])
            if who != zero:
                outcomes[n_outcomes]["resident"] = who
                outcomes[n_outcomes]["took"] = took
                outcomes[n_outcomes]["promised_days"] = matter[m]["promised_days"]
                outcomes[n_outcomes]["is_late"] = late
                outcomes[n_outcomes]["is_left"] = outcome != RESOLVED
                n_outcomes += one
            if is_traced and (draw(request[r]["key"], SAMPLE, 0) >> S12) < p["record_below"]:
                i = uint64(status[0])
                status[0] += 1
                if i < uint64(record.size):
                    record[i]["key"] = request[r]["key"]
                    record[i]["opened"] = request[r]["opened"]
                    record[i]["started"] = request_trace[r]["started"]
                    record[i]["closed"] = now
                    record[i]["waited"] = request_trace[r]["waited"]
                    record[i]["matter"] = m
                    record[i]["resident"] = who
                    record[i]["place"] = request[r]["place"]
                    record[i]["hand_overs"] = request[r]["hand_overs"]
                    record[i]["outcome"] = outcome
                    record[i]["flags"] = request[r]["flags"]
            if is_whole and matter[m]["is_closed"] != 0:             # the customer thinks, then asks again
                key = mix(request[r]["key"] ^ mix(REPEAT + G))
                request[r]["key"] = key
                request[r]["work"] = 0
                request[r]["tries"] = 0
                request[r]["flags"] = 0
                request[r]["state"] = THINKING
                think = int64(60e6 * matter[m]["think_mean"] * exponential(draw(key, THINK, 0)) + 0.5)
                schedule(event, ring, occupied, agenda, n_workers + r, now + think, day_end, shift)
                if now + think < day_end and now + think <= first_due:
                    searching, first_due, bucket = True, now + think, (now + think) >> shift
            else:
                request[r]["state"] = FREE
                request[r]["pool"] = free[0]
                free[0] = r
                free[1] -= 1
    status[1] = n_outcomes
    return n_events
