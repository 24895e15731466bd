"""Ledgers: cumulative sums of the county after a day, in integers, and the laws that they obey."""

from __future__ import annotations

import numpy as np
from numba import int64, uint64

from sim.agents.workers import KINDS, TIMES
from sim.compiled import kernel
from sim.scenario.network import ATTENTION_CLASSES
from sim.service.layout import BELOW_USED

COUNTS = ("opened", "resolved", "withdrawn", "blocked", "late", "left_late", "present", "waiting")
COLUMNS = (tuple(f"{name}_{c}" for c in ATTENTION_CLASSES for name in COUNTS)
           + tuple(f"{name}_{k}" for k in KINDS for name in TIMES)
           + tuple(f"employed_{k}" for k in KINDS)
           + ("sick", "fatigue_micro", "officials_present", "vacant_officials", "stationed_officials",
              "task_force_officials", "below_used", "below_idle", "below_travel", "unbalanced"))
"""Columns of a day: counts by attention class, µs by kind of worker, people, µs of officials' time below;
`unbalanced` must be 0."""


@kernel
def sum_up(out, past, t):
    """Write the cumulative sums of all tables into one row.

    Args:
        out: int64 row of `COLUMNS`.
        past: ledgers of people who left, kind x `TIMES`.
        t: tables.
    """
    tally, worker, ledger, life, matter = t.tally, t.worker, t.ledger, t.life, t.matter
    n_counts, n_times, n_kinds = 8, 8, past.shape[0]
    out[:] = 0
    for m in range(uint64(1), uint64(tally.size)):
        c = int64(matter[m]["attention"]) * n_counts
        out[c] += tally[m]["opened"]
        out[c + 1] += tally[m]["resolved"]
        out[c + 2] += tally[m]["withdrawn"]
        out[c + 3] += tally[m]["blocked"]
        out[c + 4] += tally[m]["late"]
        out[c + 5] += tally[m]["left_late"]
        out[c + 6] += tally[m]["present"]
        out[c + 7] += tally[m]["waiting"]
    base = 4 * n_counts
    people = base + n_kinds * n_times
    for k in range(n_kinds):
        for j in range(n_times):
            out[base + k * n_times + j] = past[k, j]
    tired = 0.0
    for o in range(uint64(1), uint64(worker.size)):
        k = int64(worker[o]["kind"])
        b = base + k * n_times
        paid, served, setup = ledger[o]["paid"], ledger[o]["served"], ledger[o]["setup"]
        handover, idle, absent = ledger[o]["handover"], ledger[o]["idle"], ledger[o]["absent"]
        overtime = ledger[o]["overtime"]
        out[b] += paid
        out[b + 1] += served
        out[b + 2] += setup
        out[b + 3] += handover
        out[b + 4] += idle
        out[b + 5] += absent
        out[b + 6] += overtime
        out[b + 7] += ledger[o]["thinned"]
        if paid + overtime != served + setup + handover + idle + absent:
            out[people + n_kinds + 9] += 1
        if life[o]["active"] == 0:
            if k == 0:
                out[people + n_kinds + 3] += 1
        else:
            out[people + k] += 1
            if life[o]["away"] != 0:
                out[people + n_kinds + 3 + int64(life[o]["away"])] += 1
            if k == 0:
                tired += worker[o]["fatigue"]
                if worker[o]["pattern"] != 0:
                    out[people + n_kinds + 2] += 1
        out[people + n_kinds] += int64(life[o]["sick"])
    out[people + n_kinds + 1] = int64(tired * 1e6)
    for j in range(3):
        out[people + n_kinds + 6 + j] = t.status[BELOW_USED + j]


def check(row: np.ndarray, in_use: int, thinking: int) -> None:
    """Check the laws of a day's sums.

    Raises:
        ArithmeticError: with what is missing where. Never a result, always a bug.
    """
    if row[-1]:
        raise ArithmeticError(f"the labour ledger of {row[-1]} people does not close: paid + overtime must equal "
                              f"served + set-up + hand-over + idle + absent")
    present = 0
    for i, name in enumerate(ATTENTION_CLASSES):
        opened, resolved, withdrawn, blocked, _, _, here, _ = row[8 * i:8 * i + 8]
        present += here
        if opened != resolved + withdrawn + blocked + here:
            raise ArithmeticError(f"requests of class {name} do not add up: opened {opened}, resolved {resolved}, "
                                  f"withdrawn {withdrawn}, blocked {blocked}, present {here}")
    if present + thinking != in_use:
        raise ArithmeticError(f"{present} requests are present and {thinking} customers think, "
                              f"but {in_use} rows are in use")
