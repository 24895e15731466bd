"""The table of everybody who serves, and what holds for all of them.

Officials, off-quota staff, community and grid workers and the staff of social organizations are rows of
one table, because one event loop serves the county; each kind's rules stand in its own file.
"""

from __future__ import annotations

import numpy as np

KINDS = ("official", "off_quota", "community_worker", "grid_worker", "organization_staff", "server")
KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}

ASSIGNMENTS = ("", "station", "task_force")
STATIONED, IN_TASK_FORCE = 1, 2
"""Places of work away from a desk, by code."""

OFF, IDLE, BUSY, BUSY_OVERNIGHT = 0, 1, 2, 3
"""States: not on duty; free; will finish today; holds work that today's windows cannot finish."""

US = 60_000_000
"""Microseconds a minute."""

WORKER = np.dtype([
    ("since", "i8"),          # when the present activity began, µs
    ("until", "i8"),          # end of the window in which an idle worker waits, µs
    ("handover_left", "i8"),  # of the work in hand, µs
    ("request", "u4"),        # request in hand
    ("hold", "u4"),           # which of the posts held serves it (row of HOLD)
    ("first_hold", "u4"),
    ("post", "u4"),           # post served last, for set-ups
    ("setup_left", "u4"),     # of the work in hand, µs (at most 71 minutes)
    ("pace", "f4"), ("fatigue", "f4"),
    ("error", "f4"),          # added probability that finished work comes back
    ("team", "u2"), ("pattern", "u2"),                  # idle bit stands in the team's word; today's windows
    ("bit", "u1"), ("n_hold", "u1"), ("state", "u1"), ("kind", "u1"),
], align=True)

HOLD = np.dtype([("pool", "u4"), ("skill", "f4"), ("practice", "i8")], align=True)
"""A post held: pool (post x site), skill (1 = full), practice since the last monthly review in µs."""

TIMES = ("paid", "served", "setup", "handover", "idle", "absent", "overtime", "thinned")
"""What the labour ledger tells of a worker."""

WORKER_LEDGER = np.dtype([
    ("served", "i8"), ("elastic", "i8"), ("attended", "i8", (3,)), ("setup", "i8"), ("handover", "i8"), ("idle", "i8"),
    ("overtime", "i8"), ("thinned", "i8"), ("paid", "i8"), ("absent", "i8"),
    ("overtime_before", "i8"), ("used_before", "i8"), ("elastic_before", "i8"), ("pad", "i8")], align=True)
"""Microseconds since the ledgers opened. paid + overtime = served + setup + handover + idle + absent, exactly.

What the event loop writes for every piece of work fills the first cache line. `elastic`: of `served`. `attended`:
served this month for each other class. `used_before`, `elastic_before`, `overtime_before`: by yesterday evening."""

WORKER_LIFE = np.dtype([
    ("id", "u8"), ("unit", "u2"), ("roster", "u2"), ("active", "u1"), ("sick", "u1"),
    ("absent_days", "u2"), ("load", "f4"), ("days_in_service", "f4"), ("vacant_until", "i4"), ("organization", "u4"),
    ("drawer_handover", "i8"),
    ("desk_hold", "u4"), ("drawer", "u4"), ("drawer_hold", "u4"), ("drawer_setup", "u4"),
    ("n_desk", "u1"), ("n_below", "u1"), ("away", "u1"), ("below", "u1"), ("pad", "u4")], align=True)
"""`vacant_until`: day on which a vacancy is filled (0: none). `id` changes with the person, by derivation.

`desk_hold`, `n_desk`: posts at the desk, followed by `n_below` posts of the days below; `below`: today is one.
`away`: stationed, or in a task force. `drawer`: work in hand that waits at the desk while its holder is below, or
below while he is at the desk, with its hold and what is left to do. `load`: used share of working time, elastic work
apart, smoothed."""
