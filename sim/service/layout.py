"""Row layouts of the tables that the compiled day reads and writes. Times are int64 microseconds since the start.

Row 0 of streams, matters, steps, pools, requests and workers means "none"; links are unsigned 32-bit rows.
Hot rows are at most one or two cache lines.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

DAY = 86_400_000_000
"""Microseconds of a calendar day."""
NEVER = np.int64(2**62)
NO_DAY = 2**16 - 1

OPEN, LIST, CLOSED = 0, 1, 2
"""Kinds of stream."""

FIRST_COME, EARLIEST_DEADLINE, PRIORITY = 0, 1, 2
ORDERS = {"first_come": FIRST_COME, "earliest_deadline": EARLIEST_DEADLINE, "priority": PRIORITY}

FREE, TRANSIT, WAITING, IN_SERVICE, THINKING = 0, 1, 2, 3, 4
"""States of a request."""

HANDED_OVER, ONLINE, TRANSFERRED, DRAWN, STARTED, AT_POST = 1, 2, 4, 8, 16, 32
"""Flags of a request. DRAWN: `work` holds standard µs drawn with the demand. STARTED: was served before. AT_POST: its
link says since when it is at its post; without, since it was opened."""

STREAM = np.dtype([
    ("id", "u8"), ("per_day", "f8"), ("matter", "u4"), ("place", "u4"),
    ("first_resident", "u4"), ("n_residents", "u4"), ("driver", "u4"), ("profile", "u4"), ("kind", "u4"),
    ("first_time", "u4"), ("n_times", "u4"), ("size", "u4"), ("entry", "u4"),
    ("supervision_entry", "u4"), ("first_part", "u4"), ("n_parts", "u4")], align=True)

PART = np.dtype([("below", "u8"), ("matter", "u4"), ("step", "u4"), ("supervision_step", "u4"), ("pad", "u4")],
                align=True)
"""A family of a split stream: taken when the draw lies below the cumulative threshold; the steps at which it and its
supervision enter, 0 = the matter's first."""

MATTER = np.dtype([
    ("deadline", "i8"), ("priority", "i8"), ("least_share", "f8"), ("promised_days", "f4"), ("head_start", "u4"),
    ("attention", "u4"), ("patience_law", "i4"), ("first_threshold", "u4"), ("n_thresholds", "u4"),
    ("is_closed", "u4"), ("relieves", "u4"), ("first_step", "u4"), ("supervision", "u4"),
    ("online_step", "u4"), ("transfer_step", "u4"),
    ("patience_a", "f8"), ("patience_b", "f8"), ("patience_c", "f8"), ("think_mean", "f8"),
    ("digital_share", "f8"), ("transfer_share", "f8"), ("supervision_share", "f8"),
    ("first_function", "u4"), ("n_functions", "u4"), ("pad", "f8", (7,))], align=True)
"""What every event reads fills the first cache line. `head_start`: seconds by which a request counts as due earlier.
Shares that change by day (digital, transfer …) are written at `open_day` from the settings in force."""

SUPPLY = np.dtype([("step", "u4"), ("until", "u4"), ("extra", "f8")], align=True)
"""Who carries a function of the list: the supplier's step (0 = government); until that day (ordinal) `extra` of its
work falls to government besides supervision: double running and contract work."""

STEP = np.dtype([
    ("id", "u8"), ("a", "f8"), ("b", "f8"), ("c", "f8"), ("mean", "i8"), ("intake_ms", "u4"), ("hand_out_ms", "u4"),
    ("first_post", "u4"), ("first_next", "u4"), ("matter", "u2"), ("n_posts", "u2"),
    ("law", "u1"), ("level", "u1"), ("n_next", "u1"), ("kind", "u1")], align=True)
"""One cache line; for that the work of a hand-over is in whole milliseconds."""

ORDINARY, MISDIRECTED, SIGN_OFF = 0, 1, 2
STEP_KINDS = {"": ORDINARY, "misdirected": MISDIRECTED, "sign_off": SIGN_OFF}

NEXT = np.dtype([("below", "u8"), ("transit", "i8"), ("step", "u4"), ("pad", "u4")], align=True)
"""Where a step leads: taken when the draw lies below the cumulative threshold; step 0 ends the request."""

LEVEL = np.dtype([("first_pool", "u4"), ("posts", "u4")], align=True)

POOL = np.dtype([
    ("backlog", "i8"), ("wait", "i8"), ("served", "i8"), ("first_pick", "u4"), ("waiting", "u4"),
    ("arrivals", "u4"), ("started", "u4"), ("capacity", "f4"), ("pressure", "f4"), ("post", "u4"), ("scope", "u4"),
    ("unit", "u2"), ("n_picks", "u2"), ("order", "u2"), ("unlike", "u2")], align=True)
"""A post at a site. `backlog`: standard µs of waiting work, elastic apart; `capacity`: µs a day of its holders;
`waiting`: attention classes of which something waits, as bits; `unlike`: expected seconds of set-up between two
pieces of its work. Arrivals, services begun, µs waited and served since the last monthly record."""

QUEUE = np.dtype([("head", "u4"), ("tail", "u4"), ("rank", "i8")], align=True)
"""One attention class at a pool: ends of a list, or root of a pairing heap (`head`); the head's rank, NEVER of none."""

PICK = np.dtype([("mask", "u8"), ("team", "u4"), ("rank", "u4")], align=True)

REQUEST = np.dtype([
    ("key", "u8"), ("opened", "i8"), ("due", "i8"), ("leaves", "i8"), ("work", "i8"),
    ("resident", "u4"), ("place", "u4"), ("pool", "u4"), ("repeats", "u4"),
    ("step", "u2"), ("hand_overs", "u2"), ("flags", "u1"), ("tries", "u1"), ("thin", "u1"), ("state", "u1")],
    align=True)
"""One cache line. `leaves`: when the resident gives up waiting; `pool`: where it waits or is served, of a free row the
next free one; `repeats`: how often the route has led back; `thin`: how thin the work was done, 255 = as thin as is
acceptable."""

LINK = np.dtype([
    ("queued", "i8"), ("rank", "i8"), ("next", "u4"), ("prev", "u4"), ("child", "u4"), ("stream", "u4")], align=True)
"""Place of a request in its queue, by the request's row: since when, at which rank, beside whom. What stands here is of
earlier days unless the request waits (`queued`: is flagged AT_POST); `stream`: the source of a transferred request."""

REQUEST_TRACE = np.dtype([("started", "i8"), ("waited", "i8")], align=True)
"""First service and µs waited so far; kept only when single requests are recorded."""

OUTCOME = np.dtype([
    ("took", "i8"), ("resident", "u4"), ("promised_days", "f4"), ("is_late", "u1"), ("is_left", "u1"), ("pad", "u2"),
    ("pad2", "u4")], align=True)
"""What a resident learned today; applied to the residents' table in one pass when the day closes."""

EVENT = np.dtype([("due", "i8"), ("next", "u4"), ("prev", "u4")], align=True)

DRAFT = np.dtype([
    ("key", "u8"), ("when", "i8"), ("resident", "u4"), ("place", "u4"), ("stream", "u4"), ("flags", "u4")], align=True)
"""A candidate of today's requests, `DRAFTS` at a time; `flags`: those of the resident's home."""
DRAFTS = 256

ARRIVAL = np.dtype([
    ("when", "i8"), ("key", "u8"), ("stream", "u4"), ("resident", "u4"), ("place", "u4"),
    ("step", "u2"), ("flags", "u2"), ("work", "i8"), ("due", "i8")], align=True)
"""A request to come; `step`: where it enters by its channel; `work`: of that step, 0 = not drawn yet; `due`: when."""

SCOPE = np.dtype([("limit", "i8"), ("present", "i8")], align=True)

MAX_THRESHOLDS = 8
TALLY_FIELDS = (
    "opened", "present", "present_area", "waiting", "waiting_area", "started", "waited", "wait",
    "resolved", "turnaround", "late", "hand_overs", "reworked", "online", "transferred", "thinned",
    "withdrawn", "left_late", "blocked", "requeued", "bounced", "signed", "sign_wait",
)
"""In the order in which requests meet them: a cache line when they open and wait, another when they close."""
CARRIED = ("wait", "sign_wait", "turnaround", "present_area", "waiting_area")
TALLY = np.dtype([(name, "i8") for name in (*TALLY_FIELDS, *(f"{name}_minutes" for name in CARRIED))] + [
    ("within", "i8", (MAX_THRESHOLDS,)), ("pad", "i8", (4,))], align=True)
"""Counts and µs per matter since the ledgers opened.

opened = resolved + withdrawn + blocked + present. `wait`: to the first service, of those served; `waited` of them
who waited at all. `signed` cases waited `sign_wait` for a leader; `bounced`: how often a wrong unit gave one back.
Areas are integrals of the number present and waiting over time, kept as sums of leaving minus entering times modulo
2^64 (exact). A backlog of a million for years overflows µs, so every few days the whole
minutes of the `CARRIED` sums move to columns of their own. `within[j]`: first served within the j-th threshold.
"""

WINDOWS = np.dtype([
    ("n", "i8"), ("start0", "i8"), ("end0", "i8"), ("start1", "i8"), ("end1", "i8"),
    ("start2", "i8"), ("end2", "i8"), ("start3", "i8"), ("end3", "i8"),
    ("last_end", "i8"), ("closing", "i8"), ("minutes", "i8"), ("roster", "i8"), ("overtime", "i8")], align=True)
"""A pattern of a working day in µs of the day: regular windows, and `last_end`, to which overtime moves the end."""

PAUSE, FINISH, SERVE_ALL = 0, 1, 2
CLOSINGS = {"pause": PAUSE, "finish": FINISH, "serve_all": SERVE_ALL}

HISTOGRAM_BINS = 384
"""Bins of times in the system: 16 an octave from 8 seconds on; a quantile read from it errs by at most 1/16."""

RECORD = np.dtype([
    ("key", "u8"), ("opened", "i8"), ("started", "i8"), ("closed", "i8"), ("waited", "i8"), ("matter", "u4"),
    ("resident", "u4"), ("place", "u4"), ("hand_overs", "u2"), ("outcome", "u1"), ("flags", "u1")], align=True)
RESOLVED, WITHDRAWN, BLOCKED = 1, 2, 3
"""Outcomes of a request."""

PARAMETERS = np.dtype([
    ("n_classes", "i8"), ("attention", "i8"), ("shares", "f8", (3,)),
    ("by_post_order", "i8"), ("setup_near", "i8"), ("setup_far", "i8"), ("slowdown", "f8"),
    ("rework_share", "f8"), ("rework_when_thin", "f8"), ("rework_when_tired", "f8"), ("rework_work_share", "f8"),
    ("satisfaction_weight", "f8"), ("loss_factor", "f8"), ("expectation_weight", "f8"),
    ("thinning_on", "i8"), ("thinning_starts", "f8"), ("thinning_full", "f8"),
    ("overtime_on", "i8"), ("overtime_starts", "f8"), ("overtime_full", "f8"), ("overtime_steps", "i8"),
    ("fatigue_on", "i8"), ("fatigue_rise", "f8"), ("fatigue_recovery", "f8"),
    ("leave_share", "f8"), ("sick_share", "f8"), ("sick_factor", "f8"), ("spell_days", "i8"),
    ("learning_minutes", "f8"), ("forgetting", "f8"), ("keeping_minutes", "f8"),
    ("official_quits", "f8"), ("official_quits_tired", "f8"), ("other_quits", "f8"), ("vacancy_days", "i8"),
    ("entrant_skill", "f8"), ("new_post_skill", "f8"), ("own_share", "f8"), ("rework_on", "i8"),
    ("rotation_days", "f8"), ("pattern_below", "i8"),
    ("pace_on", "i8"), ("pace_gain", "f8"), ("saturation", "f8"), ("saturated_error", "f8"), ("load_memory", "f8"),
    ("standards_on", "i8"), ("standards_fall", "f8"), ("standards_rise", "f8"),
    ("variety_benefit", "f8"), ("retirement", "f8"), ("replacement_share", "f8"), ("breadth_learning", "f8"),
    ("record_below", "u8"), ("ledgers_open", "i8"),
    ("residents_respond", "i8")], align=True)
"""Numbers of the mechanisms in force today, one row, written at `open_day`."""

SUPERIOR_FIRST, DEADLINE_FIRST, FIXED_SHARES = 0, 1, 2
ATTENTION_RULES = {"superior_first": SUPERIOR_FIRST, "deadline_first": DEADLINE_FIRST, "fixed_shares": FIXED_SHARES}
ELASTIC = 3


STATUS_SIZE = 8
LEFT, HIRED, RETIRED, BELOW_USED, BELOW_IDLE, BELOW_TRAVEL = 2, 3, 4, 5, 6, 7
"""Rows of `status` that count since the ledgers opened."""


class Tables(NamedTuple):
    """All tables of a county, handed to the kernels as one argument."""

    # who
    worker: np.ndarray
    hold: np.ndarray
    ledger: np.ndarray
    life: np.ndarray
    resident: np.ndarray
    home: np.ndarray
    # work in the world
    request: np.ndarray
    link: np.ndarray
    leaves_day: np.ndarray
    """Day on which a request gives up waiting, by the request's row; `NO_DAY`: none. One that left may still stand."""
    request_trace: np.ndarray
    outcome: np.ndarray
    event: np.ndarray
    ring: np.ndarray
    occupied: np.ndarray
    agenda: np.ndarray
    draft: np.ndarray
    arrival: np.ndarray
    scratch: np.ndarray
    count: np.ndarray
    lot_bits: np.ndarray
    lot_units: np.ndarray
    """new requests: sorted, part by part as they were drawn, rows in each part, room to draw many at a time"""
    free: np.ndarray
    """[head of the free list, requests in use]"""
    # how the county is built
    stream: np.ndarray
    part: np.ndarray
    matter: np.ndarray
    step: np.ndarray
    next_step: np.ndarray
    supply: np.ndarray
    level: np.ndarray
    site: np.ndarray
    pool: np.ndarray
    queue: np.ndarray
    pick: np.ndarray
    first_of_team: np.ndarray
    idle: np.ndarray
    scope: np.ndarray
    windows: np.ndarray
    first_pattern: np.ndarray
    roster_workday: np.ndarray
    start_time: np.ndarray
    threshold: np.ndarray
    empirical_value: np.ndarray
    empirical_below: np.ndarray
    profile: np.ndarray
    factor: np.ndarray
    list_time: np.ndarray
    workday: np.ndarray
    workdays_before: np.ndarray
    yardstick: np.ndarray
    """the roster by which deadlines run: its working days, how many lie before each day, its pattern"""
    parameters: np.ndarray
    # what was
    tally: np.ndarray
    histogram: np.ndarray
    minutes: np.ndarray
    begun: np.ndarray
    """Standard µs of the work begun, matter x kind x (first time, after a rework, saved by thinning)."""
    days: np.ndarray
    """Working days of work that waited at a pool in the morning."""
    worn: np.ndarray
    """Thinness that a pool has got used to, 0 to 1."""
    record: np.ndarray
    status: np.ndarray
    """[records, outcomes of today, leavers, vacancies filled, retired among the leavers,
    µs below: used, idle, on the way]"""
