"""The table of everybody who serves, and what holds for all of them.

Officials, off-quota staff, community and grid workers and the staff of social organizations are rows of
one table, because one event loop serves the county; each kind's rules stand in its own file.
"""

from __future__ import annotations

import numpy as np

KINDS = ("official", "off_quota", "community_worker", "grid_worker", "organization_staff", "server")
KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}

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

WORKER_LEDGER = np.dtype([
    ("paid", "i8"), ("served", "i8"), ("setup", "i8"), ("handover", "i8"),
    ("idle", "i8"), ("absent", "i8"), ("overtime", "i8"), ("thinned", "i8")], align=True)
"""Microseconds since the ledgers opened. paid + overtime = served + setup + handover + idle + absent, exactly."""

WORKER_LIFE = np.dtype([
    ("id", "u8"), ("served_by_class", "i8", (4,)), ("overtime_before", "i8"),
    ("roster", "u2"), ("active", "u1"), ("sick", "u1"), ("absent_days", "u2"), ("unit", "u2"),
    ("organization", "u4"), ("days_in_service", "f4"),
    ("vacant_until", "i4"), ("pad", "u4")], align=True)
"""`vacant_until`: day on which a vacancy is filled (0: none). `id` changes with the person, by derivation."""
