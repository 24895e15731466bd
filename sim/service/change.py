"""Structure change at 00:00: new tables, the same people, the same open requests.

Workers are matched by id (those who stay keep fatigue, experience, their last post and what they learned at posts they
still hold); officials whose seat is gone take the seats that are new. Who still holds the post at which he has work in
hand or in the drawer keeps it, with the set-up and hand-over left; other work in hand goes back to its queue;
requests keep key, birth and waiting so far and continue at the step of the same name. Without a namesake they go to
the new route's first step, where work begins anew: a counted hand-over.
"""

from __future__ import annotations

import numpy as np
from numba import uint64

from sim.agents.columns import grown, table
from sim.chance.keys import NEWCOMER, mix
from sim.compiled import kernel
from sim.scenario.network import Network
from sim.service.agenda import schedule
from sim.service.build import Index
from sim.service.layout import (
    DRAWN,
    EVENT,
    FREE,
    HANDED_OVER,
    IN_SERVICE,
    NO_DAY,
    THINKING,
    TRANSIT,
    WAITING,
    Tables,
)
from sim.service.waiting import pool_of, queued_at, wait_again


@kernel
def come_to_post(rows, times, t):
    """Write when each of these requests came to its post into `times`."""
    for j in range(rows.size):
        times[j] = queued_at(t.request[rows[j]], t.link[rows[j]])


@kernel
def readmit(rows, step_now, moved, kept, now, shift, t):
    """Put every open request back into the rebuilt tables.

    Args:
        rows: rows of open requests in the order in which they queued.
        step_now: old step row -> step row of the new tables.
        moved: 1 where the old step has no namesake on the new route.
        kept: by row of request, the new pool at which its holder keeps it in hand; 0 = nobody does.
        now: 00:00 of the change, µs.
        shift: bucket width of the agenda.
        t: the new tables (requests carried over, queues empty).
    """
    request, link, pool, queue, step, matter = t.request, t.link, t.pool, t.queue, t.step, t.matter
    classes = uint64(t.parameters[0]["n_classes"])
    n_workers = uint64(t.worker.size)
    for j in range(rows.size):
        r = uint64(rows[j])
        old = uint64(request[r]["step"])
        s = uint64(step_now[old])
        m = uint64(step[s]["matter"])
        request[r]["step"] = s
        state = request[r]["state"]
        if request[r]["flags"] & DRAWN:         # not yet begun: drawn again, by the law of the new step
            request[r]["work"] = 0
            request[r]["flags"] &= ~DRAWN & 0xFF
        if moved[old] != 0 and state != THINKING:
            request[r]["work"] = 0
            request[r]["tries"] = 0
            request[r]["flags"] |= HANDED_OVER
            request[r]["hand_overs"] += 1
            t.tally[m]["hand_overs"] += 1
        if state == TRANSIT or state == THINKING:
            schedule(t.event, t.ring, t.occupied, t.agenda, n_workers + r, t.event[n_workers + r]["due"], now, shift)
            continue
        if kept[r] != 0:
            request[r]["pool"] = kept[r]
            if pool[kept[r]]["scope"] != 0:
                t.scope[pool[kept[r]]["scope"]]["present"] += 1
            continue
        if state == IN_SERVICE:
            if request[r]["work"] == 0:
                request[r]["work"] = 1
            if moved[old] != 0:
                request[r]["work"] = 0
            t.tally[m]["waiting"] += 1
            t.tally[m]["waiting_area"] -= now
        u = pool_of(t.level, t.site, step, s, request[r]["key"], request[r]["place"])
        # work that was in hand keeps its place: before those who came after it
        wait_again(request, link, queue, pool, step, matter, classes, u, r,
                   now if state == IN_SERVICE else link[r]["queued"], False)
        request[r]["state"] = WAITING
        if pool[u]["scope"] != 0:
            t.scope[pool[u]["scope"]]["present"] += 1


def _who_comes(old_network: Network, old: Tables, new_network: Network) -> dict[str, int]:
    """Old row of everybody in the new network who served before.

    By id; officials whose seat is gone take the seats that are new, those at work before vacant seats: a change of the
    structure moves people and fills no vacancy.
    """
    old_row = {w.id: i for i, w in enumerate(old_network.workers, start=1)}
    staying = {w.id for w in new_network.workers}
    spare = [i for i, w in enumerate(old_network.workers, start=1) if w.kind == "official" and w.id not in staying]
    spare.sort(key=lambda i: old.life["active"][i] == 0)
    come = {w.id: old_row[w.id] for w in new_network.workers if w.id in old_row}
    seats = (w.id for w in new_network.workers if w.kind == "official" and w.id not in old_row)
    return come | dict(zip(seats, spare, strict=False))


def _skills(old_network: Network, old: Tables, new_network: Network, new: Tables, old_row: dict[str, int],
            new_post_skill: float, entrant_skill: float) -> None:
    """Carry fatigue, experience and skills over by identity; new posts and newcomers start where the scenario says."""
    there = set(old.life["id"][1:].tolist())
    first_old, old_skill, practice = (
        column.tolist() for column in (old.life["desk_hold"], old.hold["skill"], old.hold["practice"]))
    first_new, skills = new.life["desk_hold"].tolist(), new.hold["skill"].tolist()
    practices = [0] * len(skills)
    come = []
    for i, w in enumerate(new_network.workers, start=1):
        first, posts = first_new[i], (*w.holds, *w.below)
        before = old_row.get(w.id)
        if before is None:
            if new.life["id"][i] in there:      # whose seat this once was lives on at another
                new.life["id"][i] = mix(np.uint64(new.life["id"][i] ^ NEWCOMER))
            if w.kind != "organization_staff":
                skills[first:first + len(posts)] = [entrant_skill] * len(posts)
            continue
        come.append((i, before, w.kind == "organization_staff"))
        was = old_network.workers[before - 1]
        held = {post: h for h, (post, _) in enumerate((*was.holds, *was.below), start=first_old[before])}
        for h, (post, _) in enumerate(posts, start=first):
            if post in held:
                skills[h], practices[h] = old_skill[held[post]], practice[held[post]]
            elif w.kind not in ("organization_staff", "grid_worker", "community_worker"):
                skills[h] = new_post_skill
    new.hold["skill"], new.hold["practice"] = skills, practices
    if come:
        to, row, is_staff = np.array(come).T
        for name in ("fatigue", "error"):
            new.worker[name][to] = old.worker[name][row]
        for name in ("load", "active", "days_in_service", "vacant_until", "id"):
            new.life[name][to] = old.life[name][row]
        new.ledger[to] = old.ledger[row]
        staff = is_staff == 1
        new.worker["pace"][to[staff]] = old.worker["pace"][row[staff]]


_IN_HAND = {"worker": ("request", "hold", "setup_left", "handover_left"),
            "life": ("drawer", "drawer_hold", "drawer_setup", "drawer_handover")}


def _keep_work(old_network: Network, old: Tables, old_index: Index, new_network: Network, new: Tables,
               new_index: Index, come: dict[str, int], moved: np.ndarray) -> np.ndarray:
    """Let people keep their last post, and work in hand or in the drawer where post, site and step live on.

    Work of the desk stays at the desk, work of the days below stays below. Returns the new pool of each request kept,
    by its row (0 = not kept).
    """
    post = np.array([0, *(new_index.post.get(name, 0) for name in old_index.post)])
    new_pool = {where: row for row, where in enumerate(_places(new_network, new_index), start=1)}
    pool_now = [0, *(new_pool.get(where, 0) for where in _places(old_network, old_index))]
    pool_of_hold = new.hold["pool"].tolist()
    kept = np.zeros(old.request.size, np.uint32)
    rows = [(i, come[w.id]) for i, w in enumerate(new_network.workers, start=1) if w.id in come]
    to, row = np.array(rows, np.int64).reshape(-1, 2).T
    new.worker["post"][to] = post[old.worker["post"][row]]

    def holds(life, row, is_below):
        first, n_desk, n_below = (int(life[name][row]) for name in ("desk_hold", "n_desk", "n_below"))
        return range(first + n_desk, first + n_desk + n_below) if is_below else range(first, first + n_desk)

    for table_name, columns in _IN_HAND.items():
        request = getattr(old, table_name)[columns[0]][row]
        for j in np.flatnonzero((request != 0) & (moved[old.request["step"][request]] == 0)).tolist():
            i, before = rows[j]
            r, hold, setup, handover = (int(getattr(old, table_name)[name][before]) for name in columns)
            here = pool_now[old.hold["pool"][hold]]
            mine = holds(new.life, i, hold not in holds(old.life, before, False))
            still = next((h for h in mine if pool_of_hold[h] == here), 0)
            if not still:
                continue
            # who is below no more has no drawer
            table_now = table_name if new.life["n_below"][i] else "worker"
            for name, value in zip(_IN_HAND[table_now], (r, still, setup, handover), strict=True):
                getattr(new, table_now)[name][i] = value
            new.life["absent_days"][i] = old.life["absent_days"][before]
            kept[r] = here
    return kept


def _where_steps_go(old_network: Network, old_index: Index, new_network: Network, new_index: Index):
    """Of each old step: the new step at which an open request continues; whether it is another than its namesake."""
    n_steps = len(old_index.step) + 1
    step_now, moved = np.zeros(n_steps, np.int64), np.zeros(n_steps, np.uint8)
    new_matters = {m.id: m for m in new_network.matters}
    for m in old_network.matters:
        now = new_matters.get(m.id)
        if now is None:
            raise ValueError(f"matter {m.id!r} vanishes with a structure change; keep it in the catalogue "
                             f"(a matter nobody asks for costs nothing)")
        for step in m.steps:
            row = old_index.step[m.id, step.name]
            moved[row] = (m.id, step.name) not in new_index.step
            name = (now.first_step or now.steps[0].name) if moved[row] else step.name
            step_now[row] = new_index.step[m.id, name]
    return step_now, moved


def _places(network: Network, index: Index) -> list[tuple[str, str]]:
    """Post and name of the site of each pool, by row."""
    posts, level = list(index.post), {p.id: p.level for p in network.posts}
    return [(posts[p], network.site_names[level[posts[p]]][s] if network.site_names else str(s))
            for p, s in zip(index.pool_post[1:].tolist(), index.pool_site[1:].tolist(), strict=True)]


def carry_over(old_network: Network, old: Tables, old_index: Index, new_network: Network, new: Tables,
               new_index: Index, now: int, shift: int, new_post_skill: float, entrant_skill: float
               ) -> tuple[Tables, dict[str, int]]:
    """Move people and open requests from the old tables to the new ones.

    Returns:
        The new tables, and the old row of everybody in the new network who served before, by id.

    Raises:
        ValueError: when an open request's matter does not exist in the new network.
    """
    come = _who_comes(old_network, old, new_network)
    _skills(old_network, old, new_network, new, come, new_post_skill, entrant_skill)

    n_workers = new.worker.size
    room = old.request.size
    event = table(n_workers + room, EVENT)
    event["due"][n_workers:] = old.event["due"][old.worker.size:]
    tables = new._replace(
        request=old.request, link=old.link, leaves_day=old.leaves_day, request_trace=old.request_trace,
        outcome=old.outcome, event=event, free=old.free, arrival=old.arrival,
        scratch=old.scratch, record=old.record, status=old.status, factor=np.ones(len(new_index.driver)))
    n = min(old.supply.size, tables.supply.size)
    tables.supply[:n] = old.supply[:n]
    row_of = {stream: row for row, stream in enumerate(tables.stream["id"].tolist())}
    same = np.array([row_of.get(stream, 0) for stream in old.stream["id"].tolist()], np.uint32)
    tables.link["stream"] = same[old.link["stream"]]     # 0 where its source is no more
    step_now, moved = _where_steps_go(old_network, old_index, new_network, new_index)
    kept = _keep_work(old_network, old, old_index, new_network, new, new_index, come, moved)
    rows = {m: (old_index.matter[m], new_index.matter[m]) for m in old_index.matter}
    matters, to = np.array(list(rows.values())).T
    tables.tally[to] = old.tally[matters]
    tables.histogram[to] = old.histogram[matters]
    tables.minutes[to] = old.minutes[matters]
    tables.begun[to] = old.begun[matters]
    if old.worn.any():                          # standards stay where a post stays
        known = {place: row for row, place in enumerate(_places(old_network, old_index), start=1)}
        for row, place in enumerate(_places(new_network, new_index), start=1):
            tables.worn[row] = old.worn[known.get(place, 0)]
    state = tables.request["state"]
    open_rows = np.flatnonzero(state != FREE).astype(np.uint32)
    times = np.zeros(open_rows.size, np.int64)
    come_to_post(open_rows, times, tables)
    open_rows = open_rows[np.lexsort((tables.request["key"][open_rows], times))]
    readmit(open_rows, step_now, moved, kept, np.int64(now), np.int64(shift), tables)
    return tables, come


def with_room(t: Tables, n_arrivals: int) -> Tables:
    """Tables with room for today's new requests; the pool of requests grows between days only."""
    need = int(t.free[1]) + n_arrivals + 2
    old = t.request.size
    if need <= old:
        return t
    new = max(2 * old, need * 5 // 4)
    request, link, leaves_day = (grown(a, new) for a in (t.request, t.link, t.leaves_day))
    event = grown(t.event, t.worker.size + new)
    request["pool"][old:] = np.arange(old + 1, new + 1)
    request["pool"][-1] = t.free[0]
    leaves_day[old:] = NO_DAY
    t.free[0] = old
    return t._replace(request=request, link=link, leaves_day=leaves_day, event=event,
                      outcome=table(new, t.outcome.dtype))


__all__ = ["carry_over", "readmit", "with_room"]
