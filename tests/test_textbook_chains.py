"""Queues said inline whose exact answers are Markov chains, integrals or a few events by hand (a second opinion).

Written by a referee against the language's reference, not against the engine: skill-based routing, closed networks,
impatience that is not exponential, servers of two paces, hours of the day.
"""

from __future__ import annotations

import numpy as np
import pytest
import queueing as exact
from conftest import agrees, ended, finished, replicate
from scipy.integrate import quad

US = 60_000_000


def said(days, *parts, warm_up=1440):
    """A scenario from its tables."""
    return "\n".join([f"[run]\nstart = 2020-01-01\ndays = {days}\nwarm_up_minutes = {warm_up}", *parts])


def post(name, more=""):
    return f'[[posts]]\nname = "{name}"\n{more}'


def clerk(name, posts, more=""):
    return f'[[officials]]\nname = "{name}"\nposts = {list(posts)}\n{more}'


def poisson(rate):
    return f'{{ law = "poisson", per_minute = {rate} }}'


def population(size, think):
    return f'{{ law = "population", size = {size}, think_minutes = {think} }}'


def exponential(mean):
    return f'{{ law = "exponential", mean_minutes = {mean} }}'


def matter(name, arrivals, service, at="desk", more=""):
    return f'[[matters]]\nname = "{name}"\narrivals = {arrivals}\nservice = {service}\npost = "{at}"\n{more}'


BY_POST = '[behaviour]\nselection = "post_order"'


# --- Markov chains ---


def n_design():
    """Two clerks; the second prefers her own post B and helps at A. Room for 25 at each post."""
    room, rate_a, rate_b, work_a, work_b = 25, 0.95, 0.35, 1.0, 1.5

    def moves(s):
        x, y, a, b = s  # what the two serve (0, 1 = A, 2 = B), who waits at A and at B
        if a + (x > 0) + (y == 1) < room:
            yield rate_a, (1, y, a, b) if not x else (x, 1, a, b) if not y else (x, y, a + 1, b)
        if b + (y == 2) < room:
            yield rate_b, (x, 2, a, b) if not y else (x, y, a, b + 1)
        if x:
            yield 1 / work_a, (1, y, a - 1, b) if a else (0, y, a, b)
        if y:
            then = (x, 2, a, b - 1) if b else (x, 1, a - 1, b) if a else (x, 0, a, b)
            yield 1 / (work_a if y == 1 else work_b), then

    mean = exact.chain((0, 0, 0, 0), moves)
    entered_a = rate_a * (1 - mean(lambda s: s[2] + (s[0] > 0) + (s[1] == 1) == room))
    entered_b = rate_b * (1 - mean(lambda s: s[3] + (s[1] == 2) == room))
    text = said(
        20,
        BY_POST,
        post("A", f"limit = {room}"),
        post("B", f"limit = {room}"),
        matter("a", poisson(rate_a), exponential(work_a), "A"),
        matter("b", poisson(rate_b), exponential(work_b), "B"),
        clerk("one", "A"),
        clerk("two", "BA"),
    )
    return text, {
        "a:mean_wait_minutes": mean(lambda s: s[2]) / entered_a,
        "b:mean_wait_minutes": mean(lambda s: s[3]) / entered_b,
        "busy": mean(lambda s: (s[0] > 0) + (s[1] > 0)) / 2,
    }


def n_design_longest_wait():
    """The same two, but the second takes whoever has waited longest: the chain must remember the order."""
    room, work = 9, {"A": 1.0, "B": 1.3}

    def moves(s):
        x, y, queue = s
        if (x != "") + (y != "") + len(queue) < room:
            yield 0.9, ("A", y, queue) if not x else (x, "A", queue) if not y else (x, y, queue + "A")
            yield 0.5, (x, "B", queue) if not y else (x, y, queue + "B")
        if x:
            yield 1 / work["A"], ("A", y, queue.replace("A", "", 1)) if "A" in queue else ("", y, queue)
        if y:
            yield 1 / work[y], (x, queue[0], queue[1:]) if queue else (x, "", "")

    mean = exact.chain(("", "", ""), moves)
    blocked = mean(lambda s: (s[0] != "") + (s[1] != "") + len(s[2]) == room)
    text = said(
        25,
        f'[[scopes]]\nname = "hall"\nlimit = {room}',
        post("A", 'scope = "hall"'),
        post("B", 'scope = "hall"'),
        matter("a", poisson(0.9), exponential(1.0), "A"),
        matter("b", poisson(0.5), exponential(1.3), "B"),
        clerk("one", "A"),
        clerk("two", "BA"),
    )
    return text, {
        "a:mean_wait_minutes": mean(lambda s: s[2].count("A")) / 0.9 / (1 - blocked),
        "b:mean_wait_minutes": mean(lambda s: s[2].count("B")) / 0.5 / (1 - blocked),
        "blocked": blocked,
    }


def two_populations():
    """Two finite populations and one clerk, the smaller work first (no interruption)."""

    def moves(s):
        now, a, b = s  # who is served, who waits
        yield (5 - a - (now == 1)) / 20, (1, a, b) if not now else (now, a + 1, b)
        yield (4 - b - (now == 2)) / 25, (2, a, b) if not now else (now, a, b + 1)
        if now:
            yield 1 / (3 * now), (1, a - 1, b) if a else (2, a, b - 1) if b else (0, 0, 0)

    mean = exact.chain((0, 0, 0), moves)
    text = said(
        25,
        post("desk", 'order = "priority"'),
        matter("short", population(5, 20), exponential(3)),
        matter("long", population(4, 25), exponential(6), more="priority = 1"),
        clerk("clerk", ["desk"]),
    )
    return text, {
        "short:mean_wait_minutes": mean(lambda s: s[1]) / mean(lambda s: (s[0] == 1) / 3),
        "long:mean_wait_minutes": mean(lambda s: s[2]) / mean(lambda s: (s[0] == 2) / 6),
        "long:mean_present": mean(lambda s: s[2] + (s[0] == 2)),
        "busy": mean(lambda s: s[0] > 0),
    }


def closed_network():
    """Eight people think, pass two stations (Gordon and Newell), and a quarter of the papers come back."""

    def moves(s):
        a, b = s
        yield (8 - a - b) / 30, (a + 1, b)
        yield (a > 0) / 4, (a - 1, b + 1)
        yield min(b, 2) / 10 * 0.75, (a, b - 1)
        yield min(b, 2) / 10 * 0.25, (a + 1, b - 1)

    mean = exact.chain((0, 0), moves)
    text = said(
        20,
        post("one"),
        post("two"),
        f"""[[matters]]
name = "a"
arrivals = {population(8, 30.0)}
[[matters.steps]]
name = "first"
post = "one"
service = {exponential(4)}
next = [{{ step = "second" }}]
[[matters.steps]]
name = "second"
post = "two"
service = {exponential(10)}
next = [{{ step = "done", share = 0.75 }}, {{ step = "first", share = 0.25 }}]
""",
        clerk("x", ["one"]),
        clerk("y", ["two"], "count = 2"),
    )
    present = mean(sum)
    return text, {
        "a:mean_present": present,
        "a:mean_waiting": mean(lambda s: max(s[0] - 1, 0) + max(s[1] - 2, 0)),
        "a:mean_time_in_system_minutes": present / ((8 - present) / 30),
    }


def two_paces():
    """A fast and a slow clerk; whoever comes to an empty office gets the one listed first."""

    def moves(s):
        x, y, q = s
        yield 1.2, (1, y, q) if not x else (x, 1, q) if not y else (x, y, min(q + 1, 150))
        if x:
            yield 2.0, (1, y, q - 1) if q else (0, y, 0)
        if y:
            yield 0.5, (x, 1, q - 1) if q else (x, 0, 0)

    mean = exact.chain((0, 0, 0), moves)
    text = said(
        12,
        post("desk"),
        matter("a", poisson(1.2), exponential(1.0)),
        clerk("fast", ["desk"], "pace = 2.0"),
        clerk("slow", ["desk"], "pace = 0.5"),
    )
    return text, {"a:mean_wait_minutes": mean(lambda s: s[2]) / 1.2, "busy": mean(lambda s: s[0] + s[1]) / 2}


def unlike_classes():
    """Two classes with different work, two clerks, the first class first."""

    def moves(s):
        a, b, p, q = s  # served and waiting, of the first and the second class
        if sum(s) < 25:
            yield 0.7, (a + 1, b, p, q) if a + b < 2 else (a, b, p + 1, q)
            yield 0.5, (a, b + 1, p, q) if a + b < 2 else (a, b, p, q + 1)
        for rate, x, y in ((a * 1.0, a - 1, b), (b * 0.5, a, b - 1)):
            if rate:
                yield rate, (x + 1, y, p - 1, q) if p else (x, y + 1, p, q - 1) if q else (x, y, p, q)

    mean = exact.chain((0, 0, 0, 0), moves)
    entered = 1 - mean(lambda s: sum(s) == 25)
    text = said(
        25,
        post("desk", 'order = "priority"\nlimit = 25'),
        matter("a", poisson(0.7), exponential(1.0)),
        matter("b", poisson(0.5), exponential(2.0), more="priority = 1"),
        clerk("c", ["desk"], "count = 2"),
    )
    return text, {
        "a:mean_wait_minutes": mean(lambda s: s[2]) / 0.7 / entered,
        "b:mean_wait_minutes": mean(lambda s: s[3]) / 0.5 / entered,
    }


# --- integrals and embedded chains ---


def uniform_patience():
    """M/M/1 + G by Baccelli and Hebuterne: the density of offered waits is exp(rate * integral of 1 - G - t / work)."""
    rate = 1.1
    offered = (
        quad(lambda t: np.exp(rate * (t - t * t / 12) - t), 0, 6)[0] + quad(lambda t: np.exp(rate * 3 - t), 6, 200)[0]
    )
    busy = 1 - 1 / (1 + rate * offered)
    text = said(
        10,
        post("desk"),
        matter(
            "a",
            poisson(rate),
            exponential(1.0),
            more='patience = { law = "uniform", low_minutes = 0, high_minutes = 6 }',
        ),
        clerk("c", ["desk"]),
    )
    return text, {"left": 1 - busy / rate, "busy": busy}


def patience_of_nought():
    """The same with half of those who ask unwilling to wait at all: who is served at once does not leave."""
    rate = 1.1
    offered = quad(lambda t: np.exp(rate * t / 2 - t), 0, 3)[0] + quad(lambda t: np.exp(rate * 1.5 - t), 3, 200)[0]
    busy = 1 - 1 / (1 + rate * offered)
    text = said(
        10,
        post("desk"),
        matter("a", poisson(rate), exponential(1.0), more='patience = { law = "empirical", values_minutes = [0, 3] }'),
        clerk("c", ["desk"]),
    )
    return text, {"left": 1 - busy / rate, "busy": busy}


def three_clerks_like_clocks():
    """M/D/3 by Crommelin: numbers present a service time apart are a Markov chain."""
    rate, size = 2.4, 151
    arrivals = np.exp(-rate) * np.cumprod(np.concatenate(([1.0], rate / np.arange(1, size))))
    step = np.zeros((size, size))
    for n in range(size):
        left = max(n - 3, 0)
        step[n, left:] = arrivals[: size - left]
        step[n, -1] += 1 - step[n].sum()
    equations = step.T - np.eye(size)
    equations[-1] = 1
    p = np.linalg.solve(equations, np.eye(size)[-1])
    text = said(
        15,
        post("desk"),
        matter("a", poisson(rate), '{ law = "deterministic", minutes = 1 }'),
        clerk("c", ["desk"], "count = 3"),
    )
    return text, {"a:mean_wait_minutes": float(p @ np.maximum(np.arange(size) - 3, 0)) / rate}


def set_up():
    """Half of the requests follow one of the other post: M/G/1 with a set-up of half a minute every second time."""
    work, square = 1.0 + 0.5 * 0.5, 2.0 + 2 * 0.5 * 0.5 + 0.5 * 0.5**2
    text = said(
        30,
        "[behaviour]\nsetup = true\nsetup_minutes_near = 0.5",
        post("A"),
        post("B"),
        matter("a", poisson(0.3), exponential(1.0), "A"),
        matter("b", poisson(0.3), exponential(1.0), "B"),
        clerk("c", "AB"),
    )
    return text, {"all:mean_wait_minutes": exact.pollaczek_khinchine(0.6, work, square / work**2 - 1)}


CASES = (
    n_design,
    n_design_longest_wait,
    two_populations,
    closed_network,
    two_paces,
    unlike_classes,
    uniform_patience,
    patience_of_nought,
    three_clerks_like_clocks,
    set_up,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_a_chain_or_an_integral_gives_the_same(plan_of, case):
    text, truths = case()
    found = replicate(plan_of(text), 30)
    found["blocked"] = found["all:blocked"] / found["all:opened"]
    found["left"] = found["all:withdrawn"] / (found["all:started"] + found["all:withdrawn"])
    for name, truth in truths.items():
        agrees(found[name], truth)


def test_an_office_with_hours_and_a_lunch_break(plan_of):
    """M_t/M/3 that pauses at lunch and at night: the equations of its states, hour by hour, in their periodic state."""
    weights = np.array([0] * 7 + [1, 3, 6, 6, 4, 2, 4, 5, 4, 2, 1] + [0] * 6)
    hourly, size, states = 72.0 * weights / weights.sum(), 90, np.arange(90)
    step, grain = {}, 60
    for hour, is_open in ((h, 9 <= h < 17 and h != 12) for h in range(24)):
        change = np.zeros((size, size))
        change[states[:-1], states[1:]] = hourly[hour] / 60
        if is_open:
            change[states[1:], states[:-1]] = np.minimum(states[1:], 3) / 12
        change -= np.diag(change.sum(axis=1))
        step[hour] = np.linalg.matrix_power(np.eye(size) + change / 256 + (change / 256) @ (change / 256) / 2, 256)
    p, present = np.eye(size)[0], 0.0
    for _ in range(8):
        present = 0.0
        for hour in range(24):
            for _ in range(grain):
                after = p @ step[hour]
                present += float((p + after) @ states) / 2
                p = after
    text = said(
        80,
        post("desk"),
        matter("a", f'{{ law = "poisson", per_day = 72, by_hour = {weights.tolist()} }}', exponential(12)),
        clerk("c", ["desk"], 'count = 3\nhours = ["09:00-12:00", "13:00-17:00"]'),
        warm_up=11520,
    )
    found = replicate(plan_of(text), 30)
    agrees(found["a:mean_present"], present / 1440)
    agrees(found["a:mean_time_in_system_minutes"], present / 72)
    agrees(found["busy"], 72 * 12 / (3 * 420))


# --- a few events by hand: (matter, begins, ends) in minutes, in the order of beginning ---


def listed(name, times, minutes, at="desk", more=""):
    return matter(
        name,
        f'{{ law = "list", times_minutes = {times} }}',
        f'{{ law = "deterministic", minutes = {minutes} }}',
        at,
        more,
    )


SWITCH = "[behaviour]\nsetup = true\nsetup_minutes_near = 2.0"
TWO = (post("A"), post("B"), listed("a", [0, 1, 30, 200], 10, "A"), listed("b", [2, 3, 31], 10, "B"), clerk("c", "AB"))
LUNCH = (post("desk"), listed("a", [600, 715, 716, 725, 790, 1019], 50))
BY_HAND = {
    "finish over lunch": (
        [*LUNCH, clerk("c", ["desk"], 'hours = ["09:00-12:00", "13:00-17:00"]\nclosing = "finish"')],
        [("a", 600, 650), ("a", 715, 765), ("a", 780, 830), ("a", 830, 880), ("a", 880, 930), ("a", 1019, 1069)],
    ),
    "serve all over lunch": (
        [*LUNCH, clerk("c", ["desk"], 'hours = ["09:00-12:00", "13:00-17:00"]\nclosing = "serve_all"')],
        [("a", 600, 650), ("a", 715, 765), ("a", 765, 815), ("a", 815, 865), ("a", 865, 915), ("a", 1019, 1069)],
    ),
    "windows that touch are one": (
        [
            post("desk"),
            listed("a", [700, 715], 20),
            clerk("c", ["desk"], 'hours = ["09:00-12:00", "12:00-17:00"]\nclosing = "finish"'),
        ],
        [("a", 700, 720), ("a", 720, 740)],
    ),
    "set-up at each change of post": (
        [SWITCH, *TWO],
        [("a", 0, 10), ("a", 10, 20), ("b", 20, 32), ("b", 32, 42), ("a", 42, 54), ("b", 54, 66), ("a", 200, 212)],
    ),
    "set-up, own post first": (
        [SWITCH + '\nselection = "post_order"', *TWO],
        [("a", 0, 10), ("a", 10, 20), ("b", 20, 32), ("a", 32, 44), ("b", 44, 56), ("b", 56, 66), ("a", 200, 212)],
    ),
    "whose first post it is, before who is listed first": (
        [
            post("A"),
            post("B"),
            listed("b", [0, 1, 2], 10, "B"),
            listed("a", [3], 10, "A"),
            clerk("x", "AB"),
            clerk("y", "B", "pace = 2.0"),
            clerk("z", "B", "pace = 5.0"),
        ],
        [("b", 0, 5), ("b", 1, 3), ("b", 2, 12), ("a", 12, 22)],
    ),
    "deadlines meet classes and first come": (
        [
            post("A", 'order = "priority"'),
            post("B"),
            listed("x", [0], 50, "A"),
            listed("low", [1], 10, "A", "priority = 1"),
            listed("b", [20, 40], 10, "B"),
            listed("high", [30], 10, "A"),
            clerk("c", "AB"),
        ],
        [("x", 0, 50), ("b", 50, 60), ("high", 60, 70), ("b", 70, 80), ("low", 80, 90)],
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_a_few_events_by_hand(plan_of, name):
    parts, expected = BY_HAND[name]
    county = finished(plan_of(said(1, "request_share = 1.0", *parts, warm_up=0)))
    rows = np.sort(ended(county), order=("started", "closed"))
    names = ["", *(m.id for m in county.network.matters)]
    assert [(names[r["matter"]], r["started"] / US, r["closed"] / US) for r in rows] == expected
    ledger = county.records.ledger().set_index("entry")["minutes"]
    work = sum(end - start for _, start, end in expected)
    assert ledger["paid"] + ledger["overtime"] - ledger["idle"] == pytest.approx(work)


def test_set_up_between_near_posts_needs_no_far_ones(plan_of):
    text = said(1, "request_share = 1.0", SWITCH, "setup_minutes_far = 0.0", *TWO, warm_up=0)
    assert finished(plan_of(text)).records.ledger().set_index("entry")["minutes"]["setup"] == 8


def test_a_paper_may_come_back_hundreds_of_times(plan_of):
    """Ninety-nine in a hundred come back: a visit's luck must not repeat that of an earlier one (256 before)."""
    text = said(
        40,
        post("desk"),
        """[[matters]]
name = "a"
arrivals = { law = "deterministic", every_minutes = 60, last_minute = 14400 }
[[matters.steps]]
name = "s"
post = "desk"
service = { law = "deterministic", minutes = 1 }
next = [{ step = "s", share = 0.99 }, { step = "done", share = 0.01 }]
""",
        clerk("c", ["desk"], "count = 300"),
        warm_up=0,
    )
    row = finished(plan_of(text)).records.matters().iloc[0]
    assert row["resolved"] == row["opened"] == 241 and abs(row["hand_overs"] / 241 - 99) < 4 * 99.5 / 241**0.5


@pytest.mark.parametrize(
    ("closing", "ends"), [("finish", [1500, 4320 + 570]), ("serve_all", [1500, 1530]), ("pause", [4320 + 1020])]
)
def test_what_is_finished_after_closing_goes_on_into_a_saturday(plan_of, closing, ends):
    """Friday 15:00, ten hours, then half an hour: what is begun is done on Saturday at 01:00, not on Monday."""
    parts = [post("desk"), listed("a", [900], 600), listed("b", [990], 30)]
    hours = f'hours = ["09:00-17:00"]\ncalendar = "weekdays"\nclosing = "{closing}"'
    text = said(4, "request_share = 1.0", *parts, clerk("c", ["desk"], hours), warm_up=0)
    county = finished(plan_of(text.replace("2020-01-01", "2020-01-03")))
    assert (np.sort(ended(county)["closed"]) / US).tolist() == ends
