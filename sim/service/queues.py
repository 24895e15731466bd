"""Queues inside the table of requests: a list for first come, a pairing heap for every other order.

Both are intrusive (links are columns of the request), so a backlog of a million costs no extra memory.
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
def precedes(request, i, j):
    """Whether request i stands before request j: by rank, then first come, then by key."""
    if request[i]["rank"] != request[j]["rank"]:
        return request[i]["rank"] < request[j]["rank"]
    if request[i]["queued"] != request[j]["queued"]:
        return request[i]["queued"] < request[j]["queued"]
    return request[i]["key"] < request[j]["key"]


@rule
def meld(request, a, b):
    """Join two heaps without siblings; returns the root."""
    if precedes(request, b, a):
        a, b = b, a
    first = uint64(request[a]["child"])
    request[b]["prev"] = a
    request[b]["next"] = first
    if first != uint64(0):
        request[first]["prev"] = b
    request[a]["child"] = b
    return a


@rule
def join_children(request, root):
    """Heap of everything below `root` (two-pass pairing); 0 when nothing is."""
    zero = uint64(0)
    i = uint64(request[root]["child"])
    request[root]["child"] = 0
    stack = zero
    while i != zero:
        j = uint64(request[i]["next"])
        following = zero
        request[i]["next"] = 0
        request[i]["prev"] = 0
        if j != zero:
            following = uint64(request[j]["next"])
            request[j]["next"] = 0
            request[j]["prev"] = 0
            i = meld(request, i, j)
        request[i]["next"] = stack
        stack = i
        i = following
    heap = zero
    while stack != zero:
        following = uint64(request[stack]["next"])
        request[stack]["next"] = 0
        request[stack]["prev"] = 0
        heap = meld(request, heap, stack) if heap != zero else stack
        stack = following
    return heap


@rule
def heap_with(request, root, q):
    """Root after inserting q."""
    request[q]["next"] = 0
    request[q]["prev"] = 0
    request[q]["child"] = 0
    return meld(request, root, q) if root != uint64(0) else q


@rule
def heap_without(request, root, q):
    """Root after removing q, wherever it stands."""
    zero = uint64(0)
    if q == root:
        return join_children(request, q)
    before = uint64(request[q]["prev"])
    after = uint64(request[q]["next"])
    if uint64(request[before]["child"]) == q:
        request[before]["child"] = after
    else:
        request[before]["next"] = after
    if after != zero:
        request[after]["prev"] = before
    below = join_children(request, q)
    return meld(request, root, below) if below != zero else root


@rule
def set_head(request, queue, u, i):
    """Let i (0: nobody) stand first in queue u, and keep its rank at hand."""
    queue[u]["head"] = i
    queue[u]["rank"] = request[i]["rank"] if i != uint64(0) else NEVER


@rule
def enqueue(request, queue, u, q, is_list):
    """Put q into queue u: at a list's end (ranks only grow there) or into the heap."""
    zero = uint64(0)
    if not is_list:
        set_head(request, queue, u, heap_with(request, uint64(queue[u]["head"]), q))
        return
    last = uint64(queue[u]["tail"])
    request[q]["next"] = 0
    request[q]["prev"] = last
    queue[u]["tail"] = q
    if queue[u]["head"] == zero:
        set_head(request, queue, u, q)
    else:
        request[last]["next"] = q


@rule
def put_first(request, queue, u, q):
    """Put q at the head of list u: work taken back from an absent holder."""
    head = uint64(queue[u]["head"])
    request[q]["prev"] = 0
    request[q]["next"] = head
    if head == uint64(0):
        queue[u]["tail"] = q
    else:
        request[head]["prev"] = q
    set_head(request, queue, u, q)


@rule
def dequeue(request, queue, u, q, is_list):
    """Take q out of queue u, wherever it stands."""
    zero = uint64(0)
    if not is_list:
        set_head(request, queue, u, heap_without(request, uint64(queue[u]["head"]), q))
        return
    before = uint64(request[q]["prev"])
    after = uint64(request[q]["next"])
    if after != zero:
        request[after]["prev"] = before
    if queue[u]["head"] == q:
        set_head(request, queue, u, after)
    else:
        request[before]["next"] = after
        if after == zero:
            queue[u]["tail"] = before
