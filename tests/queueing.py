"""Exact answers of queueing theory, written anew from the formulas and independent of the engine.

`rate` is arrivals a minute, `service` mean minutes, `load` = rate * service (Erlang).
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.integrate import solve_ivp
from scipy.sparse.linalg import spsolve


@dataclass(frozen=True)
class Answer:
    """Steady state of a queue.

    `wait` is the mean wait of those served, `waiting` the mean number in the queue, `blocked` and `left` are
    shares of all arrivals, `late` the share of the served who wait at all, `busy` the share of staff at work.
    """

    wait: float
    waiting: float
    late: float
    present: float
    busy: float
    blocked: float = 0.0
    left: float = 0.0


def erlang_b(staff: int, load: float) -> float:
    """Share blocked when nobody can wait."""
    blocked = 1.0
    for k in range(1, staff + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(staff: int, load: float) -> float:
    """Share that waits when everybody does."""
    blocked, use = erlang_b(staff, load), load / staff
    return blocked / (1.0 - use + use * blocked)


def mmc(rate: float, service: float, staff: int) -> Answer:
    """M/M/c."""
    load = rate * service
    late = erlang_c(staff, load)
    waiting = late * load / (staff - load)
    return Answer(waiting / rate, waiting, late, waiting + load, load / staff)


def mmc_within(rate: float, service: float, staff: int, t: float) -> float:
    """P(wait <= t) in M/M/c."""
    load = rate * service
    return 1.0 - erlang_c(staff, load) * math.exp(-(staff - load) * t / service)


def birth_death(births, deaths) -> np.ndarray:
    """Stationary distribution: `births[n]` is the rate n -> n + 1, `deaths[n]` the rate n + 1 -> n."""
    weights = np.concatenate(([0.0], np.cumsum(np.log(births) - np.log(deaths))))
    p = np.exp(weights - weights.max())
    return p / p.sum()


def chain(start, moves):
    """Means over the stationary distribution of a Markov chain: `chain(...)(f)` is the mean of f(state).

    `moves(state)` gives (rate, next state) of every transition; what is reached from `start` is explored.
    """
    row, todo, entries = {start: 0}, [start], []
    while todo:
        state = todo.pop()
        for rate, after in moves(state):
            if rate > 0 and after != state:
                if after not in row:
                    row[after] = len(row)
                    todo.append(after)
                entries += [(row[after], row[state], rate), (row[state], row[state], -rate)]
    to, of, rates = zip(*entries, strict=True)
    balance = sparse.coo_matrix((rates, (to, of)), shape=(len(row), len(row))).tolil()
    balance[-1, :] = 1.0
    p = spsolve(balance.tocsc(), np.eye(1, len(row), len(row) - 1)[0])
    assert abs(p.sum() - 1.0) < 1e-9 and p.min() > -1e-12
    return lambda f: float(sum(f(state) * p[i] for state, i in row.items()))


def _from_distribution(p, births, staff, service) -> Answer:
    n = np.arange(p.size)
    offered = float(p @ births)  # births of the last state are those that are blocked
    entered = float(p[:-1] @ births[:-1])
    waiting, busy = float(p @ np.maximum(n - staff, 0)), float(p @ np.minimum(n, staff))
    served = busy / service
    late = float((p * births)[staff:-1].sum()) / entered
    return Answer(
        waiting / served,
        waiting,
        late,
        float(p @ n),
        busy / staff,
        1.0 - entered / offered,
        1.0 - served / entered,
    )


def mmck(rate: float, service: float, staff: int, room: int) -> Answer:
    """M/M/c/K: at most `room` present."""
    n = np.arange(1, room + 1)
    p = birth_death(np.full(room, rate), np.minimum(n, staff) / service)
    return _from_distribution(p, np.full(room + 1, rate), staff, service)


def finite_population(size: int, think: float, service: float, staff: int) -> Answer:
    """M/M/c//N: `size` customers who think, ask and are served."""
    n = np.arange(size + 1)
    births = (size - n) / think
    p = birth_death(births[:-1], np.minimum(n[1:], staff) / service)
    return _from_distribution(p, births, staff, service)


def erlang_a(rate: float, service: float, staff: int, patience: float) -> Answer:
    """M/M/c+M: waiting customers leave after an exponential time. `wait` is the mean of all arrivals."""
    most = int(3 * rate * max(service, patience) + 20 * math.sqrt(rate * max(service, patience)) + staff + 50)
    n = np.arange(1, most + 1)
    p = birth_death(np.full(most, rate), np.minimum(n, staff) / service + np.maximum(n - staff, 0) / patience)
    n = np.arange(most + 1)
    waiting, busy = float(p @ np.maximum(n - staff, 0)), float(p @ np.minimum(n, staff))
    late = float(p[staff:].sum())
    return Answer(waiting / rate, waiting, late, waiting + busy, busy / staff, 0.0, waiting / patience / rate)


def pollaczek_khinchine(rate: float, service: float, cv2: float) -> float:
    """Mean wait in M/G/1."""
    return rate * service**2 * (1.0 + cv2) / (2.0 * (1.0 - rate * service))


def cobham(rates, service: float, staff: int) -> list[float]:
    """Mean waits of non-preemptive priority classes with one exponential law, highest class first."""
    use = np.concatenate(([0.0], np.cumsum(rates))) * service / staff
    start = erlang_c(staff, sum(rates) * service) * service / staff
    return [start / ((1 - use[k]) * (1 - use[k + 1])) for k in range(len(rates))]


def cobham_mg1(rates, services, second_moments) -> list[float]:
    """The same for one server and any laws."""
    use = np.concatenate(([0.0], np.cumsum(np.multiply(rates, services))))
    start = float(np.dot(rates, second_moments)) / 2.0
    return [start / ((1 - use[k]) * (1 - use[k + 1])) for k in range(len(rates))]


def jackson(external, routing, services, staff) -> list[Answer]:
    """Open network of M/M/c nodes; `routing[i][j]` is the share of i's output that goes to j."""
    total = np.linalg.solve(np.eye(len(external)) - np.transpose(routing), np.asarray(external, float))
    return [mmc(rate, s, c) for rate, s, c in zip(total, services, staff, strict=True)]


def delays_from_empty(rate: float, service: float, customers: int) -> np.ndarray:
    """Mean delay of the 1st, 2nd ... customer of an M/M/1 that starts empty, by the chain arrivals see."""
    leave = 1.0 / (1.0 + rate * service)  # the next event is an end of service, not an arrival
    p = np.zeros(customers + 2)
    p[0] = 1.0
    found = []
    for _ in range(customers):
        found.append(float(p @ np.arange(p.size)) * service)
        after = np.zeros_like(p)
        inside = np.concatenate(([0.0], p[:-1]))  # with the new one
        for n in np.flatnonzero(inside):
            k = np.arange(n)
            after[n - k] += inside[n] * leave**k * (1.0 - leave)
            after[0] += inside[n] * leave**n
        p = after
    return np.array(found)


def fluid(demand: float, before: float, after: float, change: float) -> tuple[float, float, float]:
    """A backlog that grows until day `change`, then shrinks: peak, day of clearance, request-days."""
    grows, shrinks = demand - before, after - demand
    return grows * change, change * (1 + grows / shrinks), grows * change**2 * (1 + grows / shrinks) / 2


def ample_staff(hourly_rate, service: float, hours) -> np.ndarray:
    """Mean number present at `hours` with ample staff, periodic state; hourly rates, a minute."""

    def change(t, m):
        return hourly_rate[int(t // 60) % 24] - m / service

    present, last = 0.0, None
    for _ in range(40):
        found = []
        for hour in range(24):
            found.append(present)
            settled = hourly_rate[hour] * service
            present = settled + (present - settled) * math.exp(-60.0 / service)
        if last is not None and abs(present - last) < 1e-12:
            break
        last = present
    check = solve_ivp(change, (0, 60), [found[0]], rtol=1e-9, atol=1e-9).y[0, -1]
    assert abs(check - found[1]) < 1e-5
    return np.array([found[h] for h in hours])


def kiefer_wolfowitz(arrivals, services, staff: int) -> np.ndarray:
    """Waits of a first come first served queue, customer by customer; integers stay integers."""
    free = [0] * staff
    heapq.heapify(free)
    waits = np.empty(len(arrivals), dtype=np.asarray(arrivals).dtype)
    for i, (arrival, service) in enumerate(zip(arrivals, services, strict=True)):
        start = max(heapq.heappop(free), arrival)
        waits[i] = start - arrival
        heapq.heappush(free, start + service)
    return waits
