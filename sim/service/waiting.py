"""Where a request finds its post, and how it begins to wait there, outside the event loop's own hot lines."""

from __future__ import annotations

from numba import uint64

from sim.chance.keys import SLICE, below, draw
from sim.compiled import rule
from sim.service.layout import AT_POST, ELASTIC, FIRST_COME
from sim.service.queues import enqueue, put_first, rank_of


@rule
def pool_of(level, site, step, s, key, place):
    """Pool at which step s of a request is served: by its place and, where posts share a step, by its key."""
    lv = uint64(step[s]["level"])
    u = uint64(level[lv]["first_pool"]) + uint64(site[uint64(place), lv]) * uint64(level[lv]["posts"]) + uint64(
        step[s]["first_post"])
    if step[s]["n_posts"] > 1:
        u += uint64(below(draw(key, SLICE, 0), step[s]["n_posts"]))
    return u


@rule
def queued_at(request, link):
    """When a request came to its post."""
    return link["queued"] if request["flags"] & AT_POST else request["opened"]


@rule
def wait_again(request, link, queue, pool, step, matter, classes, u, r, queued, is_first):
    """Let request r wait at pool u by its rank as of the day on which it queued, then count it as queued anew.

    `queued`: µs from which it counts as waiting here; `is_first`: whether it goes before all others of a list;
    `classes`: number of attention classes; the rest are tables.
    """
    s = uint64(request[r]["step"])
    m = uint64(step[s]["matter"])
    c = uint64(matter[m]["attention"]) if classes > uint64(1) else uint64(0)
    order = pool[u]["order"]
    link[r]["rank"] = rank_of(
        order, queued_at(request[r], link[r]), request[r]["due"], matter[m]["priority"], matter[m]["head_start"])
    link[r]["queued"] = queued
    request[r]["flags"] |= AT_POST
    request[r]["pool"] = u
    pool[u]["waiting"] |= uint64(1) << c
    if c != uint64(ELASTIC):
        pool[u]["backlog"] += step[s]["mean"]
    if is_first and order == FIRST_COME:
        put_first(link, queue, u * classes + c, r)
    else:
        enqueue(request, link, queue, u * classes + c, r, order == FIRST_COME)
