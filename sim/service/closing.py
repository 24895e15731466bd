"""Closing the day: what is in hand at midnight is split, and everybody goes home."""

from __future__ import annotations

from numba import int64, uint64

from sim.agents.workers import BUSY_OVERNIGHT, IDLE, OFF
from sim.compiled import kernel
from sim.service.booking import book_class, book_work
from sim.service.layout import PAUSE
from sim.service.windows import regular_between, worked_between


@kernel
def close_day(day_start, day_end, t):
    """Close the day: split work in hand at midnight, send everybody home; ledgers then add up exactly."""
    worker, hold, ledger, windows = t.worker, t.hold, t.ledger, t.windows
    request, step, matter, minutes, pool = t.request, t.step, t.matter, t.minutes, t.pool
    p = t.parameters[0]
    for o in range(uint64(1), uint64(worker.size)):
        state = worker[o]["state"]
        w = uint64(worker[o]["pattern"])
        if state == IDLE:
            until = worker[o]["until"]
            ledger[o]["idle"] += (until if until < day_end else day_end) - worker[o]["since"]
            worker[o]["state"] = OFF
        elif state == BUSY_OVERNIGHT and w != uint64(0):
            since = worker[o]["since"] - day_start
            r = uint64(worker[o]["request"])
            m = uint64(step[uint64(request[r]["step"])]["matter"])
            h = uint64(worker[o]["hold"])
            if windows[w]["closing"] == PAUSE:
                done = worked_between(windows[w], since, day_end - day_start)
            else:
                done = day_end - day_start - since
            overtime = done - regular_between(windows[w], since, day_end - day_start)
            ledger[o]["overtime"] += overtime
            part = min(int64(worker[o]["setup_left"]), done)
            ledger[o]["setup"] += part
            worker[o]["setup_left"] -= part
            done -= part
            part = min(int64(worker[o]["handover_left"]), done)
            ledger[o]["handover"] += part
            worker[o]["handover_left"] -= part
            done -= part
            request[r]["work"] -= done
            if p["n_classes"] > 1:
                book_class(done, matter[m]["attention"], ledger[o])
            book_work(done, m, worker[o]["kind"], minutes, ledger[o], hold[h], pool[hold[h]["pool"]])
    for team in range(t.idle.size):
        t.idle[team] = uint64(0)
