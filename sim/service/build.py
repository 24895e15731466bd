"""From a network in words to the tables of the day: one pure function, the same for Longgang and the textbook."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.agents.columns import table
from sim.agents.workers import ASSIGNMENTS, HOLD, KIND_CODE, US, WORKER, WORKER_LEDGER, WORKER_LIFE
from sim.chance.keys import declared_id, threshold
from sim.chance.laws import EMPIRICAL
from sim.chance.laws import parameters as law_parameters
from sim.scenario.calendar import WORKING_DAY_MINUTES
from sim.scenario.network import ATTENTION_CLASSES, DONE, Law, Network, Next
from sim.service.arrivals import LOT, MOST_PARTS, PART_SHIFT
from sim.service.layout import (
    ARRIVAL,
    CLOSED,
    CLOSINGS,
    DRAFT,
    DRAFTS,
    EVENT,
    HISTOGRAM_BINS,
    LEVEL,
    LINK,
    LIST,
    MATTER,
    MAX_THRESHOLDS,
    NEVER,
    NEXT,
    NO_DAY,
    OPEN,
    ORDERS,
    OUTCOME,
    PARAMETERS,
    PART,
    PICK,
    POOL,
    QUEUE,
    RECORD,
    REQUEST,
    REQUEST_TRACE,
    SCOPE,
    STATUS_SIZE,
    STEP,
    STEP_KINDS,
    STREAM,
    SUPPLY,
    TALLY,
    WINDOWS,
    Tables,
)

TEAM_SIZE = 64
_KINDS = {"open": OPEN, "list": LIST, "closed": CLOSED}
_U2, _U4, _U8, _I8, _F8 = (np.dtype(code) for code in ("u2", "u4", "u8", "i8", "f8"))
_ABOUT = np.dtype([
    ("id", "u8"), ("pace", "f4"), ("desk_hold", "u4"), ("organization", "u4"), ("roster", "u2"), ("unit", "u2"),
    ("kind", "u1"), ("n_desk", "u1"), ("n_below", "u1"), ("away", "u1")])
"""What the network says of a worker, before it is told apart into the tables of workers."""
_FIRST_ROOM = 1 << 12


@dataclass(frozen=True, slots=True)
class Index:
    """Where things of the network stand in the tables: names to rows."""

    matter: dict[str, int]
    step: dict[tuple[str, str], int]
    post: dict[str, int]
    level: dict[str, int]
    driver: dict[str, int]
    roster: dict[str, int]
    overtime_steps: int
    pool_post: np.ndarray
    pool_site: np.ndarray


def microseconds(minutes: float) -> int:
    """Minutes as integer µs; infinity becomes NEVER."""
    return int(NEVER) if minutes == float("inf") else round(minutes * US)


def _post_rows(network: Network):
    """Posts in table order: by level, then group, then as declared; returns rows, first row and count of each group."""
    level_row = {name: i for i, name in enumerate(network.sites)}
    order = sorted(range(len(network.posts)),
                   key=lambda i: (level_row[network.posts[i].level], network.posts[i].group, i))
    posts = [network.posts[i] for i in order]
    in_level: dict[str, int] = {}
    position, groups = {}, {}
    for post in posts:
        n = in_level.get(post.level, 0)
        position[post.id] = n
        in_level[post.level] = n + 1
        first, count, level = groups.get(post.group, (n, 0, post.level))
        groups[post.group] = (first, count + 1, level)
    return posts, position, in_level, groups, level_row


def _windows(network: Network, overtime_cap_minutes: float, step_minutes: float):
    """Patterns of a day: row 0 none; for each roster a day off, its regular day, then one more overtime step a row."""
    n_steps = int(overtime_cap_minutes // step_minutes) if step_minutes else 0
    rows = [()]
    first_pattern, offsets = [], set()
    for r, roster in enumerate(network.rosters):
        rows.append((r, roster, -1))
        first_pattern.append(len(rows))
        for start, _ in roster.windows:
            offsets.add(microseconds(start))
        for level in range(n_steps + 1):
            rows.append((r, roster, level))
    windows = table(len(rows), WINDOWS)
    for i, row in enumerate(rows[1:], start=1):
        r, roster, level = row
        w = windows[i]
        w["closing"], w["roster"] = CLOSINGS[roster.closing], r
        if level < 0:
            continue
        w["n"] = len(roster.windows)
        for j, (start, end) in enumerate(roster.windows):
            w[f"start{j}"], w[f"end{j}"] = microseconds(start), microseconds(end)
        last = microseconds(roster.windows[-1][1])
        w["overtime"] = min(level * microseconds(step_minutes), 86_400_000_000 - last)
        w["last_end"] = last + w["overtime"]
        w["minutes"] = sum(microseconds(e) - microseconds(s) for s, e in roster.windows)
    return windows, np.array(first_pattern, np.int64), tuple(sorted(offsets)), n_steps


def build(network: Network, resident: np.ndarray, home: np.ndarray, n_days: int, *,
          expected_events_per_day: float = 0.0, overtime_cap_minutes: float = 0.0, overtime_step_minutes: float = 10.0
          ) -> tuple[Tables, Index, int]:
    """Tables of a network, an index of names, and the bucket width of the agenda (a power of two, as its exponent).

    Args:
        network: what to serve.
        resident: table of residents (row 0 none), shared, not copied.
        home: table of their homes, likewise.
        n_days: days of the whole run; the agenda has a list for each and one for what lies beyond.
        expected_events_per_day: sets the bucket width to about one event a bucket; 0 = from the streams.
        overtime_cap_minutes: longest overtime a day; patterns exist for every step up to it.
        overtime_step_minutes: grain of overtime.
    """
    posts, position, in_level, groups, level_row = _post_rows(network)
    level = table(len(network.sites), LEVEL)
    first = 1
    for name, n_sites in network.sites.items():
        level[level_row[name]] = (first, in_level.get(name, 0))
        first += n_sites * in_level.get(name, 0)
    n_pools = first
    scope_row = {scope.id: i for i, scope in enumerate(network.scopes, start=1)}
    scope = table(len(network.scopes) + 1, SCOPE)
    for s in network.scopes:
        scope["limit"][scope_row[s.id]] = s.limit
    units = sorted({post.unit for post in posts} | {worker.unit for worker in network.workers})
    unit_row = {unit: i + 1 for i, unit in enumerate(units)}
    post_row = {post.id: i + 1 for i, post in enumerate(posts)}

    pool = table(n_pools, POOL)
    pool_post, pool_site = np.zeros(n_pools, np.int64), np.zeros(n_pools, np.int64)
    for post in posts:
        lv = level_row[post.level]
        rows = int(level["first_pool"][lv]) + np.arange(network.sites[post.level]) * int(
            level["posts"][lv]) + position[post.id]
        pool["post"][rows] = post_row[post.id]
        pool["unit"][rows] = unit_row[post.unit]
        pool["scope"][rows] = scope_row.get(post.scope, 0)
        pool["order"][rows] = ORDERS[post.order]
        pool["unlike"][rows] = round(post.unlike_minutes * 60.0)
        pool_post[rows], pool_site[rows] = post_row[post.id] - 1, np.arange(rows.size)

    # matters, steps, where steps lead
    matter_row = {m.id: i for i, m in enumerate(network.matters, start=1)}
    matter = table(len(network.matters) + 1, MATTER)
    n_steps = sum(len(m.steps) for m in network.matters)
    step = table(n_steps + 1, STEP)
    step_row, row = {}, 1
    for m in network.matters:
        for s in m.steps:
            step_row[m.id, s.name] = row
            row += 1
    step_rows, next_rows, empirical_value, empirical_below, thresholds = [], [(0, 0, 0, 0)], [0.0], [0], [0]
    known_laws: dict[Law, tuple[int, float, float, float]] = {}

    def law_of(law):
        if (known := known_laws.get(law)) is not None:
            return known
        if law.kind != "empirical":
            return known_laws.setdefault(law, law_parameters(law))
        first = len(empirical_value)
        cumulative = np.cumsum(law.weights or [1.0] * len(law.values))
        empirical_value.extend(law.values)
        empirical_below.extend(threshold(c) for c in cumulative[:-1] / cumulative[-1])
        empirical_below.append(threshold(1.0))
        return EMPIRICAL, first, 0.0, 0.0

    for m in network.matters:
        t = matter[matter_row[m.id]]
        t["deadline"], t["priority"] = microseconds(m.deadline_minutes), m.priority
        t["head_start"] = round(m.head_start_days * 86_400)
        t["first_step"] = step_row[m.id, m.first_step or m.steps[0].name]
        t["online_step"] = step_row.get((m.id, m.online_step), 0)
        t["transfer_step"] = step_row.get((m.id, m.transfer_step), 0)
        t["first_function"], t["n_functions"] = m.functions
        t["supervision"] = matter_row.get(m.supervision_matter, 0)
        t["attention"] = ATTENTION_CLASSES.index(m.attention_class)
        t["least_share"] = m.least_share
        t["relieves"] = m.relieves
        if m.deadline_minutes < float("inf"):               # working days of eight hours as days of the wall clock
            t["promised_days"] = m.deadline_minutes / WORKING_DAY_MINUTES * 7.0 / 5.0
        t["digital_share"] = m.digital_share if t["online_step"] else 0.0
        t["patience_law"] = -1
        if m.patience is not None:
            t["patience_law"], t["patience_a"], t["patience_b"], t["patience_c"] = law_of(m.patience)
        t["first_threshold"] = len(thresholds)
        t["n_thresholds"] = min(len(m.thresholds_minutes), MAX_THRESHOLDS)
        thresholds += [microseconds(x) for x in m.thresholds_minutes]
        for s in m.steps:
            first_post, n_posts, level_name = groups[s.group]
            law, *parameters = law_of(s.service)
            ends = s.next == (Next(DONE),)              # most standing work: all such steps share row 0
            step_rows.append((
                declared_id(f"{m.id}|{s.alike or s.name}"), *parameters, microseconds(s.service.mean_minutes()),
                round(s.intake_minutes * 60_000), round(s.hand_out_minutes * 60_000), first_post,
                0 if ends else len(next_rows), matter_row[m.id], n_posts, law, level_row[level_name], len(s.next),
                STEP_KINDS[s.kind]))
            below = 0.0
            for n in () if ends else s.next:
                below += n.probability
                next_rows.append((threshold(below), microseconds(n.transit_minutes),
                                  step_row[m.id, n.step] if n.step != DONE else 0, 0))
    step[1:] = np.array(step_rows, STEP)
    next_step = table(len(next_rows), NEXT)
    next_step[:] = np.array(next_rows, NEXT)

    # streams
    drivers = sorted({s.driver for s in network.streams} | {""})
    driver_row = {d: i for i, d in enumerate(drivers)}
    profiles = sorted({s.profile for s in network.streams if s.profile})
    profile_row = {p: i + 1 for i, p in enumerate(profiles)}
    profile = np.zeros((len(profiles) + 1, 25))
    for p, i in profile_row.items():
        profile[i, 1:] = np.cumsum(p) / np.sum(p)
        profile[i, 24] = 1.0
    stream = table(len(network.streams) + 1, STREAM)
    supervision = {m.id: m.supervision_matter for m in network.matters}
    # alike streams (of all communities) share their parts: mostly one object, which is found sooner than an equal one
    part_rows, first_part, seen = [(0, 0, 0, 0, 0)], {}, {}

    def entries(p):
        """Rows of a part's matter, of the step at which it enters, and of that of its supervision (0 = the first)."""
        return (matter_row[p.matter], step_row[p.matter, p.entry] if p.entry else 0,
                step_row.get((supervision[p.matter], p.entry), 0))

    list_time: list[int] = []
    stream_rows = []
    for s in network.streams:
        parts = s.split()
        row, entry, supervision_entry = entries(parts[0])
        if len(parts) > 1 and id(parts) not in seen and parts not in first_part:
            cumulative = np.cumsum([p.share for p in parts])
            if s.kind != "open" or abs(cumulative[-1] - 1.0) > 1e-9 or min(p.share for p in parts) < 0.0:
                raise ValueError(f"stream {s.id!r}: only an open stream is split, its shares are positive and add up "
                                 f"to 1 (here {s.kind}, {cumulative[-1]:g})")
            first_part[parts] = len(part_rows)
            part_rows += [(threshold(c), *entries(p), 0) for p, c in zip(parts, cumulative, strict=True)]
        n_parts = len(parts) if len(parts) > 1 else 0
        if n_parts and id(parts) not in seen:
            seen[id(parts)] = first_part[parts]
        stream_rows.append((
            declared_id(s.id), s.per_day, row, s.place, s.residents[0] + 1, s.residents[1] - s.residents[0],
            driver_row[s.driver], profile_row.get(s.profile, 0), _KINDS[s.kind], len(list_time), len(s.times_minutes),
            s.size, entry, supervision_entry, seen[id(parts)] if n_parts else 0, n_parts))
        list_time += sorted(microseconds(x) for x in s.times_minutes)
        if s.kind == "closed":
            matter["is_closed"][row] = 1
            matter["think_mean"][row] = s.think.first
    stream[1:] = np.array(stream_rows, STREAM)

    # workers, what they hold, who is picked first
    windows, first_pattern, offsets, n_overtime = _windows(network, overtime_cap_minutes, overtime_step_minutes)
    roster_row = {r.id: i for i, r in enumerate(network.rosters)}
    n_workers = len(network.workers)
    worker, ledger, life = (table(n_workers + 1, d) for d in (WORKER, WORKER_LEDGER, WORKER_LIFE))
    hold = table(sum(len(w.holds) + len(w.below) for w in network.workers) + 1, HOLD)
    n_teams = (n_workers + TEAM_SIZE) // TEAM_SIZE      # and as many again for the days that people spend below
    organization_row = {o.id: i for i, o in enumerate(network.organizations, start=1)}
    post_place = {p.id: (int(level["first_pool"][level_row[p.level]]), int(level["posts"][level_row[p.level]]),
                         position[p.id]) for p in posts}
    day_us = [sum(microseconds(e) - microseconds(s) for s, e in r.windows) for r in network.rosters]
    holders: dict[int, list[tuple[int, int, int]]] = {}
    h = 1
    pools_of_hold, capacity = [0], np.zeros(n_pools, np.float32)
    about = []
    for i, w in enumerate(network.workers, start=1):
        about.append((
            declared_id(w.id), w.pace, h, organization_row.get(w.organization, 0), roster_row[w.roster],
            unit_row[w.unit], KIND_CODE[w.kind], len(w.holds), len(w.below), ASSIGNMENTS.index(w.assignment)))
        for held, teams_on, share in ((w.holds, 0, 1.0 - w.below_share), (w.below, n_teams, w.below_share)):
            for rank, (post_id, site) in enumerate(held):
                base, per_site, offset = post_place[post_id]
                u = base + site * per_site + offset
                pools_of_hold.append(u)
                capacity[u] += day_us[roster_row[w.roster]] / len(held) * share
                holders.setdefault(u, []).append((rank, i, teams_on))
                h += 1
    known = np.array(about, _ABOUT)
    for name in ("kind", "pace"):
        worker[name][1:] = known[name]
    worker["first_hold"][1:], worker["n_hold"][1:] = known["desk_hold"], known["n_desk"]
    for name in ("roster", "unit", "organization", "id", "desk_hold", "n_desk", "n_below", "away"):
        life[name][1:] = known[name]
    life["active"][1:] = 1
    hold["pool"], hold["skill"][1:] = pools_of_hold, 1.0
    rows = np.arange(n_workers)
    worker["team"][1:], worker["bit"][1:] = rows // TEAM_SIZE, rows % TEAM_SIZE
    # two words for the same 64 neighbours: those idle at their desks, and those idle on a day below
    first_of_team = np.tile(1 + TEAM_SIZE * np.arange(n_teams), 2).astype(np.uint32)
    picks = [(0, 0, 0)]
    for u in range(1, n_pools):
        masks: dict[tuple[int, int], int] = {}
        for rank, i, teams_on in holders.get(u, ()):
            team, bit = divmod(i - 1, TEAM_SIZE)
            masks[rank, team + teams_on] = masks.get((rank, team + teams_on), 0) | 1 << bit
        pool["first_pick"][u], pool["n_picks"][u] = len(picks), len(masks)
        picks += [(mask, team, rank) for (rank, team), mask in sorted(masks.items())]
    pool["capacity"] = capacity
    pool["capacity"][pool["capacity"] == 0.0] = 1.0

    n_classes = 1 if len({m.attention_class for m in network.matters}) == 1 else len(ATTENTION_CLASSES)
    parameters = table(1, PARAMETERS)
    parameters["n_classes"] = n_classes
    parameters["overtime_steps"] = n_overtime
    asked = sum(s.per_day + len(s.times_minutes) / n_days + (
        s.size * 1440.0 / max(s.think.first, 1e-3) if s.kind == "closed" else 0.0) for s in network.streams)
    per_day = expected_events_per_day or 2.5 * asked + 1.0
    shift = min(max(int(np.floor(np.log2(86_400e6 / per_day))), 17), 30)
    n_buckets = (86_400_000_000 >> shift) + 2
    ring_size = max(1 << int(np.ceil(np.log2(n_buckets))), 64)
    n_places, n_levels = len(next(iter(network.site_of_place.values()))), len(network.sites)
    site = table(n_places * n_levels, _U4).reshape(n_places, n_levels)
    for name, sites in network.site_of_place.items():
        site[:, level_row[name]] = sites
    yardstick_pattern = first_pattern[roster_row[network.yardstick_roster]] if network.yardstick_roster else 0
    request = table(_FIRST_ROOM, REQUEST)
    request["pool"][1:-1] = np.arange(2, _FIRST_ROOM)
    leaves_day = table(_FIRST_ROOM, _U2)
    leaves_day[:] = NO_DAY
    queue = table(n_pools * n_classes, QUEUE)
    queue["rank"] = NEVER
    kinds = len(KIND_CODE)
    tables = Tables(
        worker=worker, hold=hold, ledger=ledger, life=life, resident=resident, home=home, request=request,
        link=table(_FIRST_ROOM, LINK), leaves_day=leaves_day,
        request_trace=table(1, REQUEST_TRACE), outcome=table(_FIRST_ROOM, OUTCOME),
        event=table(n_workers + 1 + _FIRST_ROOM, EVENT),
        ring=table(ring_size, _U4), occupied=table(ring_size // 64 + 1, _U8),
        agenda=np.zeros(n_days + 1, np.uint32),
        draft=table(DRAFTS, DRAFT), arrival=table(64 * MOST_PARTS, ARRIVAL),
        scratch=table(64 * MOST_PARTS, ARRIVAL),
        count=np.zeros(64 + (1 << (PART_SHIFT - shift)), np.int64), lot_bits=np.zeros((2, LOT), np.uint64),
        lot_units=np.zeros((5, LOT)),
        free=np.array([1, 0], np.uint32), stream=stream, part=np.array(part_rows, PART),
        matter=matter, step=step, next_step=next_step,
        supply=table(max((sum(m.functions) for m in network.matters), default=0) + 1, SUPPLY), level=level,
        site=site, pool=pool, queue=queue, pick=np.array(picks, PICK),
        first_of_team=first_of_team, idle=table(first_of_team.size, _U8), scope=scope, windows=windows,
        first_pattern=first_pattern, roster_workday=np.zeros(len(network.rosters), np.uint8),
        start_time=np.array(offsets, np.int64), threshold=np.array(thresholds, np.int64),
        empirical_value=np.array(empirical_value), empirical_below=np.array(empirical_below, np.uint64),
        profile=profile, factor=np.ones(len(drivers)), list_time=np.array(list_time, np.int64),
        workday=np.zeros(0, np.int64), workdays_before=np.zeros(n_days + 1, np.int64),
        yardstick=windows[yardstick_pattern:yardstick_pattern + 1].copy(), parameters=parameters,
        tally=table(matter.size, TALLY),
        histogram=table(matter.size * HISTOGRAM_BINS, _U4).reshape(-1, HISTOGRAM_BINS),
        minutes=table(matter.size * kinds, _I8).reshape(-1, kinds),
        begun=table(matter.size * kinds * 3, _I8).reshape(-1, kinds, 3),
        days=table(n_pools, _F8), worn=np.zeros(n_pools, np.float32), record=table(1, RECORD),
        status=np.zeros(STATUS_SIZE, np.int64))
    index = Index(matter_row, step_row, post_row, level_row, driver_row, roster_row, n_overtime, pool_post, pool_site)
    return tables, index, shift
