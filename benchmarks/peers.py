"""MSSN-1 in plain Python: the yardstick other people's tools can be held against.

MSSN-1 (multi-skill service network, size 1) is a county reduced to what every simulation tool can
say. It has 100 independent blocks; a block has 4,650 residents, 4 categories and 20 servers, five
of them primary in each category. Every resident makes requests as a Poisson process of 10 a year
(a year is 250 days of 480 working minutes), the category is uniform, and service is exponential
with a mean of 46.4516 minutes, a load of 0.9. With k = 1 a server serves its own category only;
with k = 2 also the next one, so that the four categories of a block form a ring.

A request takes the first idle server in a fixed order, primaries before secondaries; otherwise it
queues first come first served in its category. A server that finishes takes the longest-waiting
head among its k categories. When service starts, the resident's record is updated: number of
requests, minutes waited, satisfaction. The county starts empty and is watched for one year.

Two peers are written here as a careful user of each would write them: `heapq`, the same algorithm
in plain Python on a binary heap, and SimPy with one process per server. Both keep idle servers as
bit masks and waiting requests in deques, and draw with the standard library's generator, in the same
order: with one seed they walk one and the same path and must agree to the last digit.
"""

from __future__ import annotations

import math
import random
import time
from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush, heapreplace

N_BLOCKS = 100
RESIDENTS_PER_BLOCK = 4_650
CATEGORIES = 4
SERVERS_PER_CATEGORY = 5
SERVERS_PER_BLOCK = CATEGORIES * SERVERS_PER_CATEGORY
REQUESTS_PER_RESIDENT_YEAR = 10
YEAR_MINUTES = 120_000.0
MEAN_SERVICE_MINUTES = 46.4516

FIRST_SATISFACTION = 0.7
PATIENCE_MINUTES = 60.0  # a wait of this length is worth half of no wait at all
LEARNING_SHARE = 0.1  # how much of its satisfaction a resident replaces by the last experience


@dataclass(frozen=True, slots=True)
class Reference:
    """Mean wait of one county-year from an empty start: mean and sd over 60 county-years."""

    mean_wait_minutes: float
    sd_minutes: float
    waited_share: float

    def distance(self, mean_wait_minutes: float) -> float:
        """How many standard deviations of one run a mean wait lies from the reference."""
        return (mean_wait_minutes - self.mean_wait_minutes) / self.sd_minutes


# By k; at full size and over the full year only. In the long run k = 1 tends to Erlang's C(5, 4.5):
# 70.84 minutes and 0.7625. The waiting-time recursion of Kiefer and Wolfowitz, which knows no events,
# gives 70.08 ± 0.05 (sd 0.81) and 0.7606 over 300 county-years.
REFERENCE = {1: Reference(70.06, 0.83, 0.7606), 2: Reference(15.14, 0.20, 0.6050)}


@dataclass(frozen=True, slots=True)
class PeerRun:
    """What one peer found, and how long it took.

    Args:
        requests: Requests that arrived before the horizon.
        mean_wait_minutes: Over the requests whose service started before the horizon.
        waited_share: Of those, the share that did not start at once, P(wait > 0).
        mean_satisfaction: Over all residents at the horizon.
        setup_seconds: Wall seconds to build the county.
        wall_seconds: Wall seconds of the year itself.
    """

    requests: int
    mean_wait_minutes: float
    waited_share: float
    mean_satisfaction: float
    setup_seconds: float
    wall_seconds: float


def expected_requests(n_years: float) -> float:
    """Requests of the full-size county in so many years; the count is Poisson."""
    return N_BLOCKS * RESIDENTS_PER_BLOCK * REQUESTS_PER_RESIDENT_YEAR * n_years


def eligible_masks(k: int) -> list[tuple[int, ...]]:
    """Per category, the bit masks of the servers of a block that may take it, in order of choice."""
    team = [((1 << SERVERS_PER_CATEGORY) - 1) << c * SERVERS_PER_CATEGORY for c in range(CATEGORIES)]
    return [tuple(team[(c - step) % CATEGORIES] for step in range(k)) for c in range(CATEGORIES)]


def served_categories(k: int) -> list[tuple[int, ...]]:
    """Per server of a block, the categories it serves, its own first."""
    return [
        tuple((s // SERVERS_PER_CATEGORY + step) % CATEGORIES for step in range(k))
        for s in range(SERVERS_PER_BLOCK)
    ]


def run_heapq(
    n_blocks: int = N_BLOCKS, k: int = 1, seed: int = 1, horizon_minutes: float = YEAR_MINUTES
) -> PeerRun:
    """Run MSSN-1 as one event loop on a binary heap, in plain Python."""
    began = time.perf_counter()
    n_residents = n_blocks * RESIDENTS_PER_BLOCK
    minutes_between = YEAR_MINUTES / (n_residents * REQUESTS_PER_RESIDENT_YEAR)
    draw, log = random.Random(seed).random, math.log
    push, pop, replace = heappush, heappop, heapreplace

    masks = eligible_masks(k)
    idle = [(1 << SERVERS_PER_BLOCK) - 1] * n_blocks
    waiting = [deque() for _ in range(n_blocks * CATEGORIES)]  # (arrival, resident), oldest first
    queues_of = [
        tuple(waiting[block * CATEGORIES + category] for category in served)
        for block in range(n_blocks)
        for served in served_categories(k)
    ]
    n_requests_of = [0] * n_residents
    waited_minutes_of = [0.0] * n_residents
    satisfaction_of = [FIRST_SATISFACTION] * n_residents
    n_arrived = n_started = n_waited = 0
    total_wait = 0.0

    events = [(horizon_minutes, -1)]  # (end of service, server); the horizon is a server of its own
    arrival = -minutes_between * log(1.0 - draw())
    ready = time.perf_counter()
    while True:
        now, server = events[0]
        if arrival < now:
            now = arrival
            n_arrived += 1
            resident, category = divmod(int(draw() * n_residents * CATEGORIES), CATEGORIES)
            arrival = now - minutes_between * log(1.0 - draw())
            block = resident // RESIDENTS_PER_BLOCK
            for mask in masks[category]:
                free = idle[block] & mask
                if free:
                    first = free & -free
                    idle[block] ^= first
                    server = block * SERVERS_PER_BLOCK + first.bit_length() - 1
                    push(events, (now - MEAN_SERVICE_MINUTES * log(1.0 - draw()), server))
                    wait = 0.0
                    break
            else:
                waiting[block * CATEGORIES + category].append((now, resident))
                continue
        elif server < 0:
            break
        else:
            longest = None
            for queue in queues_of[server]:
                if queue and (longest is None or queue[0] < longest[0]):
                    longest = queue
            if longest is None:
                pop(events)
                idle[server // SERVERS_PER_BLOCK] |= 1 << server % SERVERS_PER_BLOCK
                continue
            since, resident = longest.popleft()
            replace(events, (now - MEAN_SERVICE_MINUTES * log(1.0 - draw()), server))
            wait = now - since
            n_waited += 1
            total_wait += wait
        n_started += 1
        n_requests_of[resident] += 1
        waited_minutes_of[resident] += wait
        satisfaction = satisfaction_of[resident]
        worth = PATIENCE_MINUTES / (PATIENCE_MINUTES + wait)
        satisfaction_of[resident] = satisfaction + LEARNING_SHARE * (worth - satisfaction)
    done = time.perf_counter()
    return PeerRun(
        requests=n_arrived,
        mean_wait_minutes=total_wait / n_started,
        waited_share=n_waited / n_started,
        mean_satisfaction=math.fsum(satisfaction_of) / n_residents,
        setup_seconds=ready - began,
        wall_seconds=done - ready,
    )


def run_simpy(
    n_blocks: int = N_BLOCKS, k: int = 1, seed: int = 1, horizon_minutes: float = YEAR_MINUTES
) -> PeerRun:
    """Run MSSN-1 in SimPy: one process per server and one for the demand.

    An idle server waits on an event of its own; the demand process triggers it with the request as
    its value. That is about half the work of a `Resource` with a process per request.
    """
    import simpy

    began = time.perf_counter()
    n_residents = n_blocks * RESIDENTS_PER_BLOCK
    minutes_between = YEAR_MINUTES / (n_residents * REQUESTS_PER_RESIDENT_YEAR)
    draw, log = random.Random(seed).random, math.log
    env = simpy.Environment()
    timeout, new_event = env.timeout, env.event

    masks = eligible_masks(k)
    idle = [0] * n_blocks
    waiting = [deque() for _ in range(n_blocks * CATEGORIES)]  # (arrival, resident), oldest first
    call = [None] * (n_blocks * SERVERS_PER_BLOCK)  # what an idle server waits on
    n_requests_of = [0] * n_residents
    waited_minutes_of = [0.0] * n_residents
    satisfaction_of = [FIRST_SATISFACTION] * n_residents
    n_arrived = n_started = n_waited = 0
    total_wait = 0.0

    def demand():
        nonlocal n_arrived
        while True:
            yield timeout(-minutes_between * log(1.0 - draw()))
            n_arrived += 1
            resident, category = divmod(int(draw() * n_residents * CATEGORIES), CATEGORIES)
            block = resident // RESIDENTS_PER_BLOCK
            for mask in masks[category]:
                free = idle[block] & mask
                if free:
                    first = free & -free
                    idle[block] ^= first
                    server = block * SERVERS_PER_BLOCK + first.bit_length() - 1
                    call[server].succeed((env.now, resident))
                    break
            else:
                waiting[block * CATEGORIES + category].append((env.now, resident))

    def serve(server, queues):
        nonlocal n_started, n_waited, total_wait
        block, place = divmod(server, SERVERS_PER_BLOCK)
        while True:
            longest = None
            for queue in queues:
                if queue and (longest is None or queue[0] < longest[0]):
                    longest = queue
            if longest is None:
                idle[block] |= 1 << place
                call[server] = new_event()
                _, resident = yield call[server]
                wait = 0.0
            else:
                since, resident = longest.popleft()
                wait = env.now - since
                n_waited += 1
                total_wait += wait
            n_started += 1
            n_requests_of[resident] += 1
            waited_minutes_of[resident] += wait
            satisfaction = satisfaction_of[resident]
            worth = PATIENCE_MINUTES / (PATIENCE_MINUTES + wait)
            satisfaction_of[resident] = satisfaction + LEARNING_SHARE * (worth - satisfaction)
            yield timeout(-MEAN_SERVICE_MINUTES * log(1.0 - draw()))

    categories_of = served_categories(k)
    for server in range(n_blocks * SERVERS_PER_BLOCK):
        block, place = divmod(server, SERVERS_PER_BLOCK)
        env.process(serve(server, [waiting[block * CATEGORIES + c] for c in categories_of[place]]))
    env.process(demand())
    ready = time.perf_counter()
    env.run(until=horizon_minutes)
    done = time.perf_counter()
    return PeerRun(
        requests=n_arrived,
        mean_wait_minutes=total_wait / n_started,
        waited_share=n_waited / n_started,
        mean_satisfaction=math.fsum(satisfaction_of) / n_residents,
        setup_seconds=ready - began,
        wall_seconds=done - ready,
    )


PEERS = {"heapq": run_heapq, "simpy": run_simpy}
