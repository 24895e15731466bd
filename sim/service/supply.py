"""Who carries a transferred function: one row a function, and what happens to work when a supplier loses it."""

from __future__ import annotations

from numba import float64, uint64

from sim.chance.keys import TRANSFER, draw, unit
from sim.compiled import kernel, rule
from sim.service.layout import DRAWN, HANDED_OVER
from sim.service.queues import dequeue, enqueue
from sim.service.waiting import pool_of, wait_again


@rule
def function_of(key, first, n):
    """Function of the list that a request belongs to: its matter's n functions share its requests evenly."""
    return uint64(first) + uint64(unit(draw(key, TRANSFER, 0)) * float64(n))


@kernel
def count_missed(pools, first, slots, after, now, missed, t):
    """Add, for each organization, its open requests that fell due in (after, now].

    Args:
        pools: pool of each organization.
        first: first row of its staff in the workers' table.
        slots: how many rows they are.
        after: last midnight, µs.
        now: this midnight, µs.
        missed: counts to add to.
        t: tables.
    """
    request, link, queue, worker = t.request, t.link, t.queue, t.worker
    classes = uint64(t.parameters[0]["n_classes"])
    zero = uint64(0)
    for i in range(pools.size):
        n = 0
        for o in range(first[i], first[i] + slots[i]):
            r = uint64(worker[o]["request"])
            if r != zero and after < request[r]["due"] <= now:
                n += 1
        u = uint64(pools[i])
        if t.pool[u]["waiting"] != 0:
            for c in range(classes):            # all nodes of the pairing heap: down, along, up again
                root = uint64(queue[u * classes + uint64(c)]["head"])
                r = root
                while r != zero:
                    if after < request[r]["due"] <= now:
                        n += 1
                    if link[r]["child"] != 0:
                        r = uint64(link[r]["child"])
                        continue
                    while r != root and link[r]["next"] == 0:
                        above = uint64(link[r]["prev"])
                        while uint64(link[above]["child"]) != r:
                            r = above
                            above = uint64(link[r]["prev"])
                        r = above
                    r = zero if r == root else uint64(link[r]["next"])
        missed[i] += n


@kernel
def hand_on(u, t):
    """Move what waits at an organization's pool and is no longer its affair to who carries the function now.

    That is the next supplier, or government: the unit or window at which the request would have begun. Work begins
    anew, a counted hand-over; birth, key, deadline and patience stay. Returns how many requests moved.

    Args:
        u: the pool; its queue is a heap.
        t: tables, `t.supply` up to date.
    """
    request, link, queue, pool, step, matter = t.request, t.link, t.queue, t.pool, t.step, t.matter
    classes = uint64(t.parameters[0]["n_classes"])
    u = uint64(u)
    zero = uint64(0)
    chain = zero                                # all that wait here, linked by `prev`
    for c in range(classes):
        i = u * classes + uint64(c)
        while queue[i]["head"] != 0:
            r = uint64(queue[i]["head"])
            dequeue(request, link, queue, i, r, False)
            link[r]["prev"] = chain
            chain = r
    pool[u]["waiting"] = 0
    moved = 0
    while chain != zero:
        r = chain
        chain = uint64(link[r]["prev"])
        old = uint64(request[r]["step"])
        m = uint64(step[old]["matter"])
        c = uint64(matter[m]["attention"]) if classes > uint64(1) else uint64(0)
        s = uint64(t.supply[function_of(
            request[r]["key"], matter[m]["first_function"], matter[m]["n_functions"])]["step"])
        if s == old:
            enqueue(request, link, queue, u * classes + c, r, False)
            pool[u]["waiting"] |= uint64(1) << c
            continue
        if s == zero:                           # government serves it after all: nothing was relieved
            t.tally[m]["transferred"] -= 1
            x = t.stream[link[r]["stream"]]
            s = uint64(x["entry"])
            for f in range(x["first_part"], x["first_part"] + x["n_parts"]):
                if t.part[f]["matter"] == m:
                    s = uint64(t.part[f]["step"])
            if s == zero:
                s = uint64(matter[m]["first_step"])
        v = pool_of(t.level, t.site, step, s, request[r]["key"], request[r]["place"])
        request[r]["step"] = s
        request[r]["work"] = 0
        request[r]["tries"] = 0
        request[r]["flags"] = (request[r]["flags"] & ~DRAWN & 0xFF) | HANDED_OVER
        request[r]["hand_overs"] += 1
        t.tally[m]["hand_overs"] += 1
        pool[u]["backlog"] -= step[old]["mean"]
        pool[v]["arrivals"] += 1
        wait_again(request, link, queue, pool, step, matter, classes, v, r, link[r]["queued"], False)
        moved += 1
    return moved
