"""Whatever is done to a valid file, it stays a valid plan or becomes a clean refusal."""

from __future__ import annotations

import copy
import datetime
import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario import Plan, ScenarioError, builtin_folder, load, register, textbook_network
from sim.scenario.build import build

QUEUE = """
schema = 1
title = "All of the language"
[run]
start = 2020-01-01
days = 10
warm_up_minutes = 60
[behaviour]
setup = true
[sources]
behaviour.setup_minutes_near = "assumed"
[[scopes]]
name = "hall"
limit = 50
[[posts]]
name = "desk"
scope = "hall"
[[posts]]
name = "office"
order = "earliest_deadline"
limit = 7
[[matters]]
name = "enquiry"
arrivals = { law = "poisson", per_hour = 5 }
post = "desk"
service = { law = "empirical", values_minutes = [1, 2, 3], weights = [1, 1, 2] }
patience = { law = "uniform", low_minutes = 3, high_minutes = 9 }
thresholds_minutes = [1, 5]
[[matters]]
name = "permit"
arrivals = { law = "list", times = ["2020-01-03 15:00"] }
priority = 3
deadline_minutes = 480
[[matters.steps]]
name = "a"
post = "desk"
service = { law = "triangular", low_minutes = 1, mode_minutes = 2, high_minutes = 4 }
next = [ { step = "b", share = 0.25, transit_minutes = 30 }, { step = "done", share = 0.75 } ]
[[matters.steps]]
name = "b"
post = "office"
service = { law = "lognormal", mean_minutes = 5, cv = 1 }
[[officials]]
name = "clerk"
count = 2
posts = ["desk", "office"]
hours = ["09:00-12:00", "13:00-17:00"]
calendar = "china"
closing = "finish"
[[reforms]]
date = 2020-01-05
what = "behaviour.setup_minutes_near"
to = 3
ramp_days = 3
"""
VALUES = st.sampled_from(
    [
        None, True, False, 0, 1, -1, 2, 40, 0.5, -0.5, 1e-300, 1e300, 10**22, float("nan"), float("inf"),
        "", "x",
        "40%", "1e3", "done", "desk", "desk/1", "a.b", "１２", "a\u202eb", "\ud800",
        [], [1], ["x"], [[]], {}, {"x": 1},
        {"law": "poisson"}, {"law": []}, {"law": {}}, {"name": "x"}, [{}], [{"name": "desk"}],
        datetime.date(2020, 1, 3), datetime.date(1, 1, 1), datetime.date(9999, 12, 31),
        datetime.datetime(2020, 1, 3, 15), datetime.datetime(2020, 1, 3, tzinfo=datetime.UTC),
        datetime.time(3),
        "2020-01-03", "levers.grids", "behaviour.setup", "behaviour.overtime_full_days", "weekdays", 2**63,
    ]
)  # fmt: skip


def places(data, at=()):
    """All places of a nested structure."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*at, key)
        yield from places(value, (*at, key))


def mutate(draw, data):
    """Delete, retype, rename, duplicate or swap at a random place."""
    spots = list(places(data))
    if not spots:
        return
    *way, last = draw(st.sampled_from(spots))
    here = data
    for part in way:
        here = here[part]
    match draw(st.sampled_from(["set", "set", "set", "delete", "rename", "duplicate", "move", "scale"])):
        case "set":
            here[last] = copy.deepcopy(draw(VALUES))
        case "delete":
            del here[last]
        case "rename" if isinstance(here, dict):
            here[draw(st.sampled_from([f"{last}s", last[:-1], last.upper(), "", "law", "name", "."]))] = (
                here.pop(last)
            )
        case "duplicate" if isinstance(here, list):
            here.append(copy.deepcopy(here[last]))
        case "move":
            *_, other = draw(st.sampled_from(spots))
            if isinstance(here, dict) and isinstance(other, str):
                here[other] = copy.deepcopy(here[last])
        case "scale" if type(here[last]) in (int, float):
            here[last] = here[last] * draw(st.sampled_from([-1, 0, 100, 0.5, 1e9]))


def use(data):
    """Build the scenario and use all of it."""
    plan = Plan(build(data, label="mutated"), "mutated")
    run = plan.scenario.run
    for day in (run.start, run.last_day, *plan.change_dates()):
        settings_then = plan.settings(day)
        if not plan.is_county:
            textbook_network(settings_then)
    assert Plan.from_dict(plan.to_dict()) == plan or plan.is_county
    assert register(plan)


def county():
    data = {}
    for name in ("longgang/base", "lean40"):
        for key, value in tomllib.loads((builtin_folder() / f"{name}.toml").read_text("utf-8")).items():
            data[key] = value
    data.pop("extends")
    return data


BASES = {"queue": tomllib.loads(QUEUE), "county": county()}


@pytest.mark.parametrize("base", BASES)
def test_the_unchanged_files_are_valid(base):
    use(copy.deepcopy(BASES[base]))


@settings(max_examples=400, deadline=5000, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_every_mutation_is_a_valid_plan_or_a_clean_refusal(data):
    mutated = copy.deepcopy(BASES[data.draw(st.sampled_from(sorted(BASES)))])
    for _ in range(data.draw(st.integers(1, 3))):
        mutate(data.draw, mutated)
    try:
        use(mutated)
    except ScenarioError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.message and "\n" not in str(problem) and len(str(problem)) < 1000
            assert "Traceback" not in str(problem) and "pydantic" not in str(problem)


@settings(
    max_examples=150,
    deadline=5000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_every_mutation_of_the_text_is_a_valid_plan_or_a_clean_refusal(tmp_path, data):
    raw = bytearray(QUEUE.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        match data.draw(st.sampled_from(["cut", "byte", "line"])):
            case "cut":
                del raw[at : at + data.draw(st.integers(1, 40))]
            case "byte":
                raw[at] = data.draw(st.integers(0, 255))
            case "line":
                raw[at:at] = b"\n"
        if not raw:
            break
    path = tmp_path / "mutated.toml"
    path.write_bytes(bytes(raw))
    try:
        load(path)
    except ScenarioError as error:
        assert error.problems and all("mutated.toml" in str(problem) for problem in error.problems)
