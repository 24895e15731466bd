"""Laws that hold on every path, without tolerance: what must not change, and what can only move one way.

They are the ones that brute force over thousands of small systems found to be laws; "more staff never makes
the mean wait longer" is one only for one class, first come first served, without giving up.
"""

from __future__ import annotations

import numpy as np
import pytest
from conftest import BEHAVED, EVERYTHING, ended, finished, recount

from sim.agents.workers import US

DAY = 86_400_000_000


def fingerprint(county, matters=None):
    """Bytes of all that a run leaves behind, by name: requests and sums by matter, ledgers by person."""
    t = county.kernel_tables
    rows = ended(county)
    found = {}
    for i, m in enumerate(county.network.matters, start=1):
        if matters is None or m.id in matters:
            mine = rows[rows["matter"] == i].copy()
            mine["matter"] = 0
            found[m.id] = (
                np.sort(mine, order=["closed", "key"]).tobytes(),
                t.tally[i].tobytes(),
                t.histogram[i].tobytes(),
                t.minutes[i].tobytes(),
            )
    return found, {w.id: t.ledger[i].tobytes() for i, w in enumerate(county.network.workers, start=1)}


def test_the_order_of_entries_is_irrelevant(plan_of):
    """Posts, limits and matters in another order: the same bytes of every request and every person.

    The order of officials says who is asked first, and whose working time measures deadlines.
    """
    plan = plan_of(EVERYTHING)
    data = plan.to_dict()
    for key in ("posts", "matters", "scopes"):
        data["scenario"][key] = data["scenario"][key][::-1]
    assert fingerprint(finished(plan, 5)) == fingerprint(finished(type(plan).from_dict(data), 5))


def test_a_matter_nobody_asks_for_changes_nothing(plan_of):
    """Nor do a post nobody needs and officials who hold it: byte for byte."""
    plan = plan_of(EVERYTHING + BEHAVED)
    data = plan.to_dict()
    said = data["scenario"]
    said["posts"].insert(0, {"name": "archive"})
    said["matters"].insert(
        1,
        {
            "name": "nothing",
            "post": "archive",
            "arrivals": {"law": "poisson", "per_day": 1e-12},
            "service": {"law": "exponential", "mean_minutes": 9.0},
        },
    )
    said["officials"].insert(0, {**said["officials"][0], "name": "archivist", "posts": ["archive"]})
    plain, people = fingerprint(finished(plan, 6))
    found, everybody = fingerprint(finished(type(plan).from_dict(data), 6), plain)
    assert found == plain
    assert {name: everybody[name] for name in people} == people and len(everybody) == len(people) + 3


def test_names_of_files_and_titles_change_nothing(plan_of):
    one = finished(plan_of(EVERYTHING), 7)
    two = finished(plan_of('title = "Another"\n' + EVERYTHING, "another_name"), 7)
    assert fingerprint(one) == fingerprint(two) and one.plan.digest == two.plan.digest


def test_a_shorter_run_is_the_beginning_of_a_longer_one(plan_of):
    """Also one that ends at noon."""
    plan = plan_of(EVERYTHING + BEHAVED)
    long, short = finished(plan, 8), finished(plan.vary({"run.days": 20}), 8)
    assert (long.records._day_rows[:20] == short.records._day_rows).all()
    whole = ended(long)
    assert whole[whole["closed"] < 20 * DAY].tobytes() == ended(short).tobytes()
    noon = finished(plan.vary({"run.minutes": 20.5 * 1440}), 8)
    recount(noon)
    assert whole[whole["closed"] < 20 * DAY + DAY // 2].tobytes() == ended(noon).tobytes()


@pytest.mark.parametrize(
    ("what", "to"),
    [
        ("setup_minutes_near", "50.0"),
        ("rework_share", "0.4"),
        ("fatigue", "false"),
        ("attendance", "false"),
        ("setup", "false"),
    ],
)
def test_options_are_identical_until_the_day_they_differ(plan_of, what, to):
    """On every row of every table; and listed arrivals neither come twice nor vanish at a rebuild."""
    from sim.county import County, release

    reform = f'\n[[reforms]]\ndate = 2020-01-21\nwhat = "behaviour.{what}"\nto = {to}\n'
    a, b = (
        County(plan_of(EVERYTHING + BEHAVED), 9),
        County(plan_of(EVERYTHING + BEHAVED + reform, "reformed"), 9),
    )
    for _ in range(20):
        a.step()
        b.step()
    for name, table in a.kernel_tables._asdict().items():
        assert table.tobytes() == getattr(b.kernel_tables, name).tobytes(), name
    while b.running:
        a.step()
        b.step()
        recount(b)
    release(a)
    release(b)
    assert ended(a).tobytes() != ended(b).tobytes()
    for county in (a, b):
        assert county.records.matters().set_index("matter").loc["review", "opened"] == 45 * 1440 // 50


def test_a_rebuild_that_changes_nothing_leaves_no_trace(plan_of):
    """A far set-up where everybody works in one unit: new tables, the same requests to the microsecond."""
    from sim.county import County, release

    reform = '\n[[reforms]]\ndate = 2020-01-21\nwhat = "behaviour.setup_minutes_far"\nto = 50.0\n'
    a, b = County(plan_of(EVERYTHING + BEHAVED), 9), County(plan_of(EVERYTHING + BEHAVED + reform, "reformed"), 9)
    network = b.network
    while b.running:
        a.step()
        b.step()
    assert b.network is not network
    for name in ("tally", "ledger", "hold", "histogram", "minutes"):
        assert getattr(a.kernel_tables, name).tobytes() == getattr(b.kernel_tables, name).tobytes(), name
    release(a)
    release(b)
    assert ended(a).tobytes() == ended(b).tobytes()


# --- what can only move one way ---

RANDOM = """
[run]
start = 2020-01-01
days = 4
request_share = 1.0
[[posts]]
name = "desk"
[[matters]]
name = "ask"
arrivals = {{ law = "list", times_minutes = {times} }}
service = {{ {service} }}
post = "desk"
[[officials]]
name = "clerk"
count = {staff}
posts = ["desk"]
pace = {pace}
"""
LAWS = (
    'law = "exponential", mean_minutes = {}',
    'law = "lognormal", mean_minutes = {}, cv = 2.0',
    'law = "empirical", values_minutes = [0, 1, {}, 60]',
    'law = "uniform", low_minutes = 0, high_minutes = {}',
)


def _system(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 150))
    times = np.sort(rng.integers(0, 2000, n)).tolist()
    staff = int(rng.integers(1, 5))
    mean = round(float(rng.uniform(0.3, 1.0) * staff * 2000 / n), 3)
    return {"times": times, "staff": staff, "service": LAWS[seed % 4].format(mean), "pace": 1.0}


def _requests(plan_of, **said):
    plan = plan_of(RANDOM.format(**said)).vary({"run.days": 40})
    rows = ended(finished(plan, 13))
    assert rows.size == len(said["times"])
    return np.sort(rows, order="key")


@pytest.mark.parametrize("seed", range(24))
def test_laws_of_one_queue_first_come_first_served(plan_of, seed):
    """One more clerk, faster work, one request fewer: nobody is later. All arrivals later: same waits."""
    said = _system(seed)
    base = _requests(plan_of, **said)
    more = _requests(plan_of, **said | {"staff": said["staff"] + 1})
    assert (more["key"] == base["key"]).all() and (more["waited"] <= base["waited"]).all()
    assert (more["closed"] <= base["closed"]).all()
    faster = _requests(plan_of, **said | {"pace": 1.125})
    assert (faster["waited"] <= base["waited"]).all() and (faster["closed"] <= base["closed"]).all()
    fewer = _requests(plan_of, **said | {"times": said["times"][:-1]})
    kept = np.isin(base["key"], fewer["key"])
    assert kept.sum() == fewer.size and (fewer["waited"] <= base["waited"][kept]).all()
    later = _requests(plan_of, **said | {"times": [t + 777 for t in said["times"]]})
    assert (later["waited"] == base["waited"]).all() and (later["closed"] == base["closed"] + 777 * US).all()


@pytest.mark.parametrize("seed", range(8))
def test_scaling_all_times(plan_of, seed):
    """All times doubled: every start and end doubles."""
    said = _system(seed) | {"service": 'law = "empirical", values_minutes = [0, 1, 3, 7, 60]'}
    base = _requests(plan_of, **said)
    double = _requests(
        plan_of,
        times=[2 * t for t in said["times"]],
        staff=said["staff"],
        pace=1.0,
        service='law = "empirical", values_minutes = [0, 2, 6, 14, 120]',
    )
    for name in ("opened", "started", "closed", "waited"):
        assert (double[name] == 2 * base[name]).all()


def test_a_matter_split_in_two_changes_no_total(plan_of):
    """Two matters for the same people and rule: the starts and ends are those of one."""
    said = _system(3) | {"service": 'law = "deterministic", minutes = 17.5'}
    whole = ended(finished(plan_of(RANDOM.format(**said)).vary({"run.days": 40})))
    plan = plan_of(RANDOM.format(**said)).vary({"run.days": 40})
    data = plan.to_dict()
    matters = data["scenario"]["matters"]
    matters.append(
        {**matters[0], "name": "beg", "arrivals": {"law": "list", "times_minutes": said["times"][1::2]}}
    )
    matters[0]["arrivals"] = {"law": "list", "times_minutes": said["times"][::2]}
    parts = ended(finished(type(plan).from_dict(data)))
    assert len(set(parts["matter"])) == 2
    for name in ("opened", "started", "closed"):
        assert (np.sort(whole[name]) == np.sort(parts[name])).all()


# --- rules of the queues ---

ORDER = """
[run]
start = 2020-01-01
days = {days}
request_share = 1.0
[[posts]]
name = "desk"
order = "{order}"
{matters}
[[officials]]
name = "clerk"
posts = ["desk"]
"""


def _listed(name, times, more):
    return (
        f'[[matters]]\nname = "{name}"\narrivals = {{ law = "list", times_minutes = {times} }}\n'
        f'service = {{ law = "deterministic", minutes = 10 }}\npost = "desk"\n{more}\n'
    )


def _order_of_service(plan_of, order, *matters, days=1):
    county = finished(plan_of(ORDER.format(days=days, order=order, matters="".join(matters))))
    rows = np.sort(ended(county), order="started")
    names = ["", *(m.id for m in county.network.matters)]
    return [(names[r["matter"]], int(r["opened"] // US)) for r in rows]


def test_earliest_deadline_first(plan_of):
    """Equal and missing deadlines come in order of arrival; what has none is served in the end."""
    found = _order_of_service(
        plan_of,
        "earliest_deadline",
        _listed("none", [1, 0, 5, 3], ""),
        _listed("late", [2, 4], "deadline_minutes = 500"),
        _listed("soon", [6, 8], "deadline_minutes = 100"),
    )
    assert found == [
        ("none", 0),
        ("soon", 6),
        ("soon", 8),
        ("late", 2),
        ("late", 4),
        ("none", 1),
        ("none", 3),
        ("none", 5),
    ]


def test_priorities_hold_after_ten_years(plan_of):
    """Ranks keep classes apart for the longest run: time may not spill into the class."""
    start = 10 * 365 * 1440
    found = _order_of_service(
        plan_of,
        "priority",
        _listed("low", [start, start + 1, start + 2], "priority = 1"),
        _listed("high", [start + 3], "priority = 0"),
        days=3660,
    )
    assert found == [("low", start), ("high", start + 3), ("low", start + 1), ("low", start + 2)]


def test_patience_from_listed_values_is_honoured(plan_of):
    matters = _listed("ask", [0, 0, 0, 0], 'patience = { law = "empirical", values_minutes = [15] }')
    rows = ended(finished(plan_of(ORDER.format(days=1, order="first_come", matters=matters))))
    assert sorted(rows["closed"] // US) == [10, 15, 15, 20] and sorted(rows["outcome"]) == [1, 1, 2, 2]


def test_transit_and_deadline(plan_of):
    """A hand-over takes its minutes and not a day more; lateness is judged by the deadline."""
    text = """
[run]
start = 2020-01-01
days = 3
request_share = 1.0
[[posts]]
name = "intake"
[[posts]]
name = "office"
[[matters]]
name = "permit"
arrivals = { law = "list", times_minutes = [0, 1440] }
deadline_minutes = 100
[[matters.steps]]
name = "a"
post = "intake"
service = { law = "empirical", values_minutes = [30] }
next = [{ step = "b", transit_minutes = 45.5 }]
[[matters.steps]]
name = "b"
post = "office"
service = { law = "deterministic", minutes = 24.5 }
[[officials]]
name = "clerk"
posts = ["intake"]
[[officials]]
name = "examiner"
posts = ["office"]
"""
    county = finished(plan_of(text))
    rows = ended(county)
    assert (rows["closed"] - rows["opened"] == 100 * US).all() and (rows["hand_overs"] == 1).all()
    assert county.records.matters()["late"].sum() == 0
    late = finished(plan_of(text.replace("deadline_minutes = 100", "deadline_minutes = 99.9"), "late"))
    assert late.records.matters()["late"].sum() == 2


def test_work_that_ends_with_the_last_minute_of_a_friday(plan_of):
    """A day window to 24:00 before a free day: what is done at midnight is done, not kept until Monday."""
    text = ORDER.format(days=7, order="first_come", matters=_listed("ask", [2 * 1440 + 1430], "")).replace(
        'posts = ["desk"]', 'posts = ["desk"]\ncalendar = "weekdays"'
    )
    assert ended(finished(plan_of(text)))["closed"].tolist() == [3 * DAY]


def test_waiting_work_follows_the_law_of_the_new_structure(plan_of):
    """Requests that wait when tables are rebuilt are worked on as the new step says."""
    import dataclasses

    from sim.county import County, release
    from sim.scenario.network import Law

    class Reorganized(County):
        def _network(self, settings):
            network, places = super()._network(settings)
            if settings.behaviour.setup:
                matter = network.matters[0]
                step = dataclasses.replace(matter.steps[0], service=Law("fixed", 700.0))
                network = dataclasses.replace(network, matters=(dataclasses.replace(matter, steps=(step,)),))
            return network, places

    text = ORDER.format(days=5, order="first_come", matters=_listed("ask", [0, 1, 2, 3], "")).replace(
        "minutes = 10 ", "minutes = 1000 "
    )
    reform = '\n[[reforms]]\ndate = 2020-01-02\nwhat = "behaviour.setup"\nto = true\n'
    county = Reorganized(plan_of(text + reform), 1)
    while county.running:
        county.step()
    release(county)
    assert (np.sort(ended(county)["closed"]) // US).tolist() == [1000, 2000, 2700, 3400]
