"""Many runs on an executor, the store, stability and the queueing report."""

import json
import math
import os
import platform
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.runs import manifest, store
from sim.runs.many import run_many
from sim.runs.queueing_report import TABLES, figure, queueing_report
from sim.runs.stability import stability
from sim.scenario import load


@pytest.fixture(scope="module")
def queue():
    return load("textbook/mm5").vary({"run.days": 3, "run.warm_up_minutes": 0})


def files(done):
    return [manifest.folder_files(one.tables, "x") for one in done]


# --- many ---


def test_workers_and_order_change_nothing(queue):
    seeds = [5, 1, 4, 2]
    one = run_many([(queue, seed) for seed in seeds], 1)
    two = run_many([(queue, seed) for seed in seeds], 2)
    back = run_many([(queue, seed) for seed in reversed(seeds)], 2)
    assert [done.seed for done in two] == seeds
    assert files(one) == files(two) == files(back)[::-1]


def test_executor_may_be_brought_along(queue):
    with ThreadPoolExecutor(1) as executor:
        brought = run_many([(queue, 1), (queue, 2)], executor=executor)
    assert files(brought) == files(run_many([(queue, 1), (queue, 2)], 1))


def test_progress_counts_runs(queue):
    seen = []
    run_many(
        [(queue, seed) for seed in (1, 2, 3)], 1, progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]


def mean_wait(result):
    return result.seed, float(result.matters["mean_wait_minutes"].iloc[0])


def test_extract_sends_back_what_is_asked(queue):
    done = run_many([(queue, 1), (queue, 2)], 2, tables=("matters",), extract=mean_wait)
    assert [one.value[0] for one in done] == [1, 2] and not done[0].tables
    assert done[0].value[1] > 0


def exits(result):
    if result.seed == 2:
        raise SystemExit("no more")
    return result.seed


def test_a_failed_run_is_a_row(queue):
    for workers in (1, 2):
        done = run_many([(queue, seed) for seed in (1, 2, 3)], workers, extract=exits)
        assert [one.value for one in done] == [1, None, 3]
        assert done[1].as_failure() == {
            "scenario": "textbook/mm5",
            "seed": 2,
            "reason": "SystemExit: no more",
        }


def kills(result):
    if result.seed == 2:
        os.kill(os.getpid(), 9)
    return result.seed


def test_only_the_run_that_kills_its_worker_is_blamed(queue):
    done = run_many([(queue, seed) for seed in range(1, 7)], 2, extract=kills)
    assert [one.value for one in done] == [1, None, 3, 4, 5, 6]
    assert "killed 3 times" in done[1].failure


def test_a_killed_worker_is_replaced(queue, tmp_path):
    mark = tmp_path / "mark"
    jobs = [(queue, seed) for seed in range(1, 6)]
    done = run_many(jobs, 2, tables=("matters",), extract=KillsOnce(str(mark)))
    assert mark.exists() and [one.failure for one in done] == [""] * 5
    undisturbed = run_many(jobs, 1, tables=("matters",), extract=mean_wait)
    assert [one.value for one in done] == [one.value for one in undisturbed]


class KillsOnce:
    """Kills its worker the first time it meets seed 2."""

    def __init__(self, mark):
        self.mark = mark

    def __call__(self, result):
        if result.seed == 2 and not Path(self.mark).exists():
            Path(self.mark).touch()
            os.kill(os.getpid(), 9)
        return mean_wait(result)


# --- store ---

FRAME = pd.DataFrame(
    {
        "date": pd.date_range("2020-01-01", periods=3),
        "matter": ["a", "=b()", None],
        "n": [1, 2, 3],
        "x": [0.1, math.nan, 3.0],
        "is_open": [True, False, True],
    }
)


def test_table_keeps_types_and_says_what_it_is(tmp_path):
    data = store.table_bytes("daily", FRAME, "d1")
    assert data == store.table_bytes("daily", FRAME.copy(), "d1") != store.table_bytes("daily", FRAME, "d2")
    store.write_whole(tmp_path / "daily.parquet", data)
    back = pd.read_parquet(tmp_path / "daily.parquet")
    assert back["n"].tolist() == [1, 2, 3] and back["x"].isna().tolist() == [False, True, False]
    assert back["date"].dt.date.tolist() == FRAME["date"].dt.date.tolist()
    assert back["is_open"].dtype == bool and back["matter"].isna().tolist() == [False, False, True]
    assert store.stated_in(tmp_path / "daily.parquet") == {"schema": 1, "table": "daily", "digest": "d1"}
    assert [p.name for p in tmp_path.iterdir()] == ["daily.parquet"]


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    store.write_whole(path, b"old")

    def stops(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stops)
    with pytest.raises(KeyboardInterrupt):
        store.write_whole(path, b"new")
    assert path.read_bytes() == b"old" and [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_csv_neutralises_formulas_only():
    text = store.csv_bytes(FRAME.assign(x=[-1.5, 2.0, 3.0])).decode()
    assert "'=b()" in text and ",-1.5," in text


def test_identity_ignores_what_decides_nothing(queue):
    def digest(plan, seeds=(1,)):
        return manifest.digest_of(manifest.identity("run", [plan], seeds, {}))

    assert digest(queue) == digest(queue.vary({"title": "Another title"}))
    assert len({digest(queue), digest(queue, (2,)), digest(queue.vary({"run.days": 4}))}) == 3


def test_manifest_has_no_names_of_this_machine(queue):
    found = manifest.manifest(manifest.identity("run", [queue], [1], {}), [queue], {"a": b"1"}, [])
    text = json.dumps(found)
    assert not re.search(rf"\b{re.escape(platform.node())}\b", text) and f"{Path.home()}/" not in text
    assert found["results"]["a"]["sha256"] == store.sha256(b"1")


# --- stability ---

POSTS = '[[posts]]\nname = "{}"\n'


def network(plan_of, matters, officials, days=10):
    """A plan of posts a, b, c; matters (post, per hour, minutes), officials (count, posts)."""
    text = f"schema = 1\n[run]\nstart = 2020-01-01\ndays = {days}\n" + "".join(POSTS.format(p) for p in "abc")
    for i, (post, rate, minutes) in enumerate(matters):
        text += (
            f'[[matters]]\nname = "m{i}"\npost = "{post}"\n'
            f'arrivals = {{ law = "poisson", per_hour = {rate} }}\n'
            f'service = {{ law = "deterministic", minutes = {minutes} }}\n'
        )
    for i, (count, posts) in enumerate(officials):
        text += f'[[officials]]\nname = "o{i}"\ncount = {count}\nposts = {list(posts)!r}\n'
    return plan_of(text)


@pytest.mark.parametrize(
    "matters, officials, load",
    [
        ([("a", 5, 10), ("b", 1, 10), ("c", 1, 10)], [(1, "a"), (1, "bc")], 5 / 6),
        ([("a", 7, 10), ("b", 1, 10), ("c", 1, 10)], [(1, "a"), (1, "bc")], 7 / 6),
        ([("a", 7, 10), ("b", 1, 10), ("c", 1, 10)], [(1, "a"), (1, "abc")], 9 / 12),
        # the middle can be helped from one side only
        ([("a", 5, 10), ("b", 8, 10), ("c", 5, 10)], [(1, "ab"), (1, "b"), (1, "bc")], 18 / 18),
        ([("a", 1, 10), ("b", 1, 10), ("c", 11, 10)], [(1, "ab"), (1, "b"), (1, "bc")], 11 / 6),
    ],
)
def test_load_of_people_with_several_posts(plan_of, matters, officials, load):
    found = stability(network(plan_of, matters, officials))
    assert found.load == pytest.approx(load, rel=1e-6)
    assert found.is_unstable == (load >= 1)


def test_hours_and_calendar_count_as_capacity(plan_of):
    plan = network(plan_of, [("a", 5, 10), ("b", 1, 10), ("c", 1, 10)], [(1, "a"), (1, "bc")], days=7)
    text = {"officials.o0.hours": ["09:00-17:00"], "officials.o0.calendar": "weekdays"}
    assert stability(plan.vary(text)).load == pytest.approx(5 / 6 * 3 * 7 / 5)
    assert not stability(plan.vary({**text, "officials.o0.closing": "serve_all"})).is_unstable


@pytest.mark.parametrize(
    "name", ["mmck", "patience_heavy", "population", "overload", "rush", "tandem", "mm90"]
)
def test_bounded_textbook_cases_are_not_called_unstable(name):
    assert not stability(load(f"textbook/{name}")).is_unstable


# --- figures ---


def test_interval_is_student_t():
    found = figure([1.0, 2.0, 3.0, 4.0])
    assert found.mean == 2.5 and found.half_width == pytest.approx(3.182446305 * math.sqrt(5 / 3) / 2)
    assert math.isnan(figure([1.0]).half_width) and figure([math.nan]).n == 0
    assert figure([0.1 + 0.2, 0.3]).half_width == 0.0


PART_OF_A_DAY = """
[run]
start = 2020-01-01
minutes = {minutes}
warm_up_minutes = {warm_up}
[[posts]]
name = "A"
[[posts]]
name = "B"
[[matters]]
name = "a"
arrivals = {{ law = "list", times_minutes = [{first}, {second}] }}
service = {{ law = "deterministic", minutes = 50 }}
post = "A"
[[matters]]
name = "b"
arrivals = {{ law = "list", times_minutes = [{third}] }}
service = {{ law = "deterministic", minutes = 25 }}
post = "B"
[[officials]]
name = "x"
posts = ["A"]
[[officials]]
name = "y"
posts = ["B"]
"""


@pytest.mark.parametrize("minutes, warm_up", [(100, 0), (1540, 0), (2980, 1000)])
def test_measures_of_posts_count_the_minutes_observed(plan_of, minutes, warm_up):
    """A run that ends within a day: three requests in the last 100 minutes, by hand."""
    start = minutes - 100
    times = {"first": start, "second": start + 10, "third": start + 30}
    plan = plan_of(PART_OF_A_DAY.format(minutes=minutes, warm_up=warm_up, **times))
    report = queueing_report(plan, [one.tables for one in run_many([(plan, 1)], 1, tables=TABLES)], [1])
    observed = 100 if minutes == 100 else 1540
    assert report.posts["A"]["mean_busy"].mean == pytest.approx(100 / observed)
    assert report.posts["B"]["mean_busy"].mean == pytest.approx(25 / observed)
    assert report.posts["A"]["visits_per_day"].mean == pytest.approx(2 * 1440 / observed)
    assert report.total["mean_present"].mean == pytest.approx((50 + 90 + 25) / observed)


def test_a_backlog_of_a_queue_that_cannot_keep_up(plan_of):
    """One a minute, work of 75 seconds: a fluid. Waiting is shared by all who asked, also those who still wait."""
    text = PART_OF_A_DAY.format(minutes=3 * 1440, warm_up=0, first=0, second=0, third=0)
    text = text.replace("minutes = 50", "minutes = 1.25").replace(
        '{ law = "list", times_minutes = [0, 0] }', '{ law = "deterministic", every_minutes = 1.0 }'
    )
    plan = plan_of(text)
    report = queueing_report(plan, [one.tables for one in run_many([(plan, 1)], 1, tables=TABLES)], [1])
    minutes = 3 * 1440
    assert report.growth_per_day == pytest.approx(0.2 * 1440, abs=1)
    found = report.matters["a"]
    assert found["mean_waiting"].mean == pytest.approx(0.2 * minutes / 2, abs=1)
    assert found["mean_wait_all_minutes"].mean == pytest.approx(0.2 * minutes / 2, abs=1)


def test_shares_count_those_who_gave_up(plan_of):
    plan = load("textbook/patience_heavy").vary(
        {"run.days": 2, "run.warm_up_minutes": 0, "matters.call.thresholds_minutes": [0, 0.5]}
    )
    done = run_many([(plan, 1), (plan, 2)], 1, tables=TABLES)
    report = queueing_report(plan, [one.tables for one in done], [1, 2])
    total = report.total
    row = done[0].tables["matters"].iloc[0]
    decided = row["started"] + row["withdrawn"]
    assert total["p_wait"].mean + total["p_within_0"].mean == pytest.approx(1.0)
    assert total["p_within_0"].mean < total["p_within_0.5"].mean < 1 - total["given_up_share"].mean + 1e-12
    assert decided == pytest.approx(row["opened"], rel=0.01)
    assert total["given_up_share"].mean == pytest.approx(0.2, abs=0.03)  # load 25 on 20
    assert np.isclose(total["mean_waiting"].mean, report.matters["call"]["mean_waiting"].mean)
