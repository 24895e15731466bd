"""Queues through the requests' links: a list for first come, a pairing heap for every other order.

Both are intrusive (`link` has a row for each request), so a backlog of a million costs no extra memory.
The pairing heap is that of Fredman, Sedgewick, Sleator & Tarjan (1986): insertion and melding take
constant time, taking the first and removing any take logarithmic amortised time. Equal ranks are first come,
first served.
"""

from __future__ import annotations

from numba import int64, uint64

from sim.compiled import rule
from sim.service.layout import FIRST_COME, NEVER, PRIORITY


@rule
def rank_of(order, queued, due, priority, head_start):
    """Rank of a request in a queue of the given order; the smallest is served first.

    First come: when it queued. Priority: class, then when it queued. Else: when it falls due less `head_start`
    seconds, never last of all.
    """
    if order == FIRST_COME:
        return queued
    if order == PRIORITY:
        return (priority << 52) + queued
    return due - int64(head_start) * 1_000_000 if due < NEVER else NEVER - 1


@rule
def precedes(request, link, i, j):
    """Whether request i stands before request j: by rank, then first come, then by key."""
    if link[i]["rank"] != link[j]["rank"]:
        return link[i]["rank"] < link[j]["rank"]
    if link[i]["queued"] != link[j]["queued"]:
        return link[i]["queued"] < link[j]["queued"]
    return request[i]["key"] < request[j]["key"]


@rule
def meld(request, link, a, b):
    """Join two heaps without siblings; returns the root."""
    if precedes(request, link, b, a):
        a, b = b, a
    first = uint64(link[a]["child"])
    link[b]["prev"] = a
    link[b]["next"] = first
    if first != uint64(0):
        link[first]["prev"] = b
    link[a]["child"] = b
    return a


@rule
def join_children(request, link, root):
    """Heap of everything below `root` (two-pass pairing); 0 when nothing is."""
    zero = uint64(0)
    i = uint64(link[root]["child"])
    link[root]["child"] = 0
    stack = zero
    while i != zero:
        j = uint64(link[i]["next"])
        following = zero
        link[i]["next"] = 0
        link[i]["prev"] = 0
        if j != zero:
            following = uint64(link[j]["next"])
            link[j]["next"] = 0
            link[j]["prev"] = 0
            i = meld(request, link, i, j)
        link[i]["next"] = stack
        stack = i
        i = following
    heap = zero
    while stack != zero:
        following = uint64(link[stack]["next"])
        link[stack]["next"] = 0
        link[stack]["prev"] = 0
        heap = meld(request, link, heap, stack) if heap != zero else stack
        stack = following
    return heap


@rule
def heap_with(request, link, root, q):
    """Root after inserting q."""
    link[q]["next"] = 0
    link[q]["prev"] = 0
    link[q]["child"] = 0
    return meld(request, link, root, q) if root != uint64(0) else q


@rule
def heap_without(request, link, root, q):
    """Root after removing q, wherever it stands."""
    zero = uint64(0)
    if q == root:
        return join_children(request, link, q)
    before = uint64(link[q]["prev"])
    after = uint64(link[q]["next"])
    if uint64(link[before]["child"]) == q:
        link[before]["child"] = after
    else:
        link[before]["next"] = after
    if after != zero:
        link[after]["prev"] = before
    below = join_children(request, link, q)
    return meld(request, link, root, below) if below != zero else root


@rule
def set_head(link, queue, u, i):
    """Let i (0: nobody) stand first in queue u, and keep its rank at hand."""
    queue[u]["head"] = i
    queue[u]["rank"] = link[i]["rank"] if i != uint64(0) else NEVER


@rule
def enqueue(request, link, queue, u, q, is_list):
    """Put q into queue u: at a list's end (ranks only grow there) or into the heap."""
    zero = uint64(0)
    if not is_list:
        set_head(link, queue, u, heap_with(request, link, uint64(queue[u]["head"]), q))
        return
    last = uint64(queue[u]["tail"])
    link[q]["next"] = 0
    link[q]["prev"] = last
    queue[u]["tail"] = q
    if queue[u]["head"] == zero:
        set_head(link, queue, u, q)
    else:
        link[last]["next"] = q


@rule
def put_first(link, queue, u, q):
    """Put q at the head of list u: work taken back from an absent holder."""
    head = uint64(queue[u]["head"])
    link[q]["prev"] = 0
    link[q]["next"] = head
    if head == uint64(0):
        queue[u]["tail"] = q
    else:
        link[head]["prev"] = q
    set_head(link, queue, u, q)


@rule
def dequeue(request, link, queue, u, q, is_list):
    """Take q out of queue u, wherever it stands."""
    zero = uint64(0)
    if not is_list:
        set_head(link, queue, u, heap_without(request, link, uint64(queue[u]["head"]), q))
        return
    before = uint64(link[q]["prev"])
    after = uint64(link[q]["next"])
    if after != zero:
        link[after]["prev"] = before
    if queue[u]["head"] == q:
        set_head(link, queue, u, after)
    else:
        link[before]["next"] = after
        if after == zero:
            queue[u]["tail"] = before
