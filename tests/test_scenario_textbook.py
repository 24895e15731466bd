"""Inline tables become a network."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from conftest import EVERYTHING, finished

from sim.scenario import ScenarioError, load, textbook_network
from sim.scenario.behaviour import Behaviour
from sim.scenario.network import DONE, Law, Next

BASE = """
[run]
start = 2020-01-01
days = 2
"""


@pytest.fixture
def network(tmp_path):
    def inner(text):
        path = tmp_path / "queue.toml"
        path.write_text(BASE + text)
        plan = load(path)
        return textbook_network(plan.settings(plan.scenario.run.start))

    return inner


def queue(arrivals="law = 'poisson', per_hour = 2", service="law = 'exponential', mean_minutes = 3",
          more="", desk="", clerk="", rest=""):  # fmt: skip
    return f"""
[[posts]]
name = "desk"
{desk}
[[matters]]
name = "ask"
arrivals = {{ {arrivals} }}
service = {{ {service} }}
post = "desk"
{more}
[[officials]]
name = "clerk"
posts = ["desk"]
{clerk}
{rest}
"""


def test_the_plainest_queue(network):
    found = network(queue(clerk="count = 3"))
    assert [w.id for w in found.workers] == ["clerk/1", "clerk/2", "clerk/3"]
    assert {w.holds for w in found.workers} == {(("desk", 0),)}
    assert found.sites == {"all": 1} and found.site_of_place["all"].tolist() == [0]
    assert found.rosters[0].windows == ((0.0, 1440.0),) and found.yardstick_roster == found.rosters[0].id
    assert found.posts[0].group == "desk" and found.posts[0].scope == "" and not found.scopes
    assert found.setup_minutes == (0.0, 0.0)
    (matter,), (stream,) = found.matters, found.streams
    assert matter.deadline_minutes == math.inf and matter.patience is None
    assert matter.steps[0].next == (Next(DONE),) and matter.first_step == matter.steps[0].name
    assert (stream.kind, stream.per_day, stream.profile, stream.driver) == ("open", 48.0, (), "")


LAWS = [
    ("law = 'exponential', mean_minutes = 3", Law("exponential", 3.0), 3),
    ("law = 'deterministic', minutes = 3", Law("fixed", 3.0), 3),
    ("law = 'uniform', low_minutes = 0, high_minutes = 4", Law("uniform", 0.0, 4.0), 2),
    ("law = 'triangular', low_minutes = 0, mode_minutes = 2, high_minutes = 4",
     Law("triangular", 0.0, 2.0, 4.0), 2),
    ("law = 'lognormal', mean_minutes = 4, cv = 0.5", Law("lognormal", 4.0, 0.5), 4),
    ("law = 'lognormal', mean_minutes = 4, sd_minutes = 2", Law("lognormal", 4.0, 0.5), 4),
    ("law = 'gamma', mean_minutes = 4, cv = 0.5", Law("gamma", 4.0, 0.5), 4),
    ("law = 'erlang', mean_minutes = 4, phases = 4", Law("gamma", 4.0, 0.5), 4),
    ("law = 'empirical', values_minutes = [1, 3]", Law("empirical", values=(1.0, 3.0)), 2),
    ("law = 'empirical', values_minutes = [1, 3], weights = [3, 1]",
     Law("empirical", values=(1.0, 3.0), weights=(3.0, 1.0)), 1.5),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(LAWS)))
def test_laws(network, case):
    said, law, mean = LAWS[case]
    found = network(queue(service=said, more=f"patience = {{ {said} }}"))
    assert found.matters[0].steps[0].service == law == found.matters[0].patience
    assert law.mean_minutes() == pytest.approx(mean)


BAD_LAWS = [
    "law = 'uniform', low_minutes = 4, high_minutes = 4",
    "law = 'triangular', low_minutes = 0, mode_minutes = 5, high_minutes = 4",
    "law = 'lognormal', mean_minutes = 4, cv = 1, sd_minutes = 2",
    "law = 'lognormal', mean_minutes = -4, cv = 1",
    "law = 'gamma', mean_minutes = 4, cv = 0",
    "law = 'erlang', mean_minutes = 4, phases = 0",
    "law = 'empirical', values_minutes = []",
    "law = 'empirical', values_minutes = [1, -3]",
    "law = 'empirical', values_minutes = [0, 0]",
    "law = 'empirical', values_minutes = [1, 3], weights = [1]",
    "law = 'empirical', values_minutes = [1, 3], weights = [0, 0]",
]


@pytest.mark.parametrize("said", BAD_LAWS)
def test_laws_that_make_no_sense_are_refused(network, said):
    with pytest.raises(ScenarioError, match="matters.ask.service"):
        network(queue(service=said))


def test_arrivals(network):
    def stream(said):
        return network(queue(arrivals=said)).streams[0]

    assert stream("law = 'poisson', per_minute = 0.5").per_day == 720
    assert stream("law = 'poisson', per_day = 7").per_day == 7
    by_hour = ", ".join(["0"] * 23 + ["2"])
    assert stream(f"law = 'poisson', per_day = 7, by_hour = [{by_hour}]").profile == (0.0,) * 23 + (2.0,)
    regular = stream("law = 'deterministic', every_minutes = 0.1, first_minute = 5")
    assert regular.kind == "list" and len(regular.times_minutes) == (2880 - 5) * 10
    assert regular.times_minutes[0] == 5 and regular.times_minutes[-1] == pytest.approx(2879.9)
    assert stream("law = 'list', times_minutes = [5, 0, 3.5, 5]").times_minutes == (0, 3.5, 5, 5)
    listed = stream('law = "list", times = ["2020-01-02 15:00", "2020-01-01T00:01"]')
    assert listed.times_minutes == (1, 1440 + 900)
    assert stream("law = 'list', times = [2020-01-02 15:00:00]").times_minutes == (1440 + 900,)
    closed = stream("law = 'population', size = 20, think_minutes = 60")
    assert (closed.kind, closed.size, closed.think) == ("closed", 20, Law("exponential", 60.0))


@pytest.mark.parametrize(
    "said",
    [
        "law = 'poisson'",
        "law = 'list'",
        "law = 'list', times_minutes = [2880]",
        "law = 'list', times_minutes = [-1]",
        'law = "list", times = ["2019-12-31 23:59"]',
        'law = "list", times = ["15:00"]',
        "law = 'list', times = [2020-01-02 15:00:00Z]",
        "law = 'deterministic', every_minutes = 1e-6",
        "law = 'deterministic', every_minutes = 1, first_minute = 5000",
        "law = 'population', size = 2.5, think_minutes = 60",
    ],
)
def test_arrivals_that_make_no_sense_are_refused(network, said):
    with pytest.raises(ScenarioError, match="matters.ask.arrivals"):
        network(queue(arrivals=said))


def test_limits_and_scopes(network):
    alone = network(queue(desk="limit = 120"))
    assert [(s.id, s.limit) for s in alone.scopes] == [("post/desk", 120)] and alone.posts[
        0
    ].scope == "post/desk"
    shared = network(queue(desk="scope = 'hall'", rest="[[scopes]]\nname = 'hall'\nlimit = 50"))
    assert [(s.id, s.limit) for s in shared.scopes] == [("hall", 50)] and shared.posts[0].scope == "hall"
    with pytest.raises(ScenarioError, match="both limit and scope"):
        network(queue(desk="limit = 3\nscope = 'hall'", rest="[[scopes]]\nname = 'hall'\nlimit = 50"))
    with pytest.raises(ScenarioError, match="no post belongs"):
        network(queue(rest="[[scopes]]\nname = 'hall'\nlimit = 50"))


def test_rosters_are_shared_by_equal_hours(network):
    hours = 'hours = ["09:00-12:00", "13:00-17:30"]\ncalendar = "weekdays"\nclosing = "serve_all"'
    other = '[[officials]]\nname = "helper"\nposts = ["desk"]\ncount = 2\npace = 0.5\n'
    found = network(
        queue(clerk=hours, rest=other + hours + '\n[[officials]]\nname = "night"\nposts = ["desk"]\n')
    )
    first, second = found.rosters
    assert first.windows == ((540.0, 720.0), (780.0, 1050.0))
    assert (first.calendar, first.closing) == ("weekdays", "serve_all")
    assert [w.roster for w in found.workers] == [first.id] * 3 + [second.id]
    assert [w.pace for w in found.workers] == [1.0, 0.5, 0.5, 1.0]


def test_routes(network):
    found = network("""
[[posts]]
name = "desk"
order = "priority"
[[posts]]
name = "office"
[[matters]]
name = "ask"
arrivals = { law = "poisson", per_hour = 2 }
priority = 2
deadline_minutes = 480
steps = [
  { name = "a", post = "desk", service = { law = "deterministic", minutes = 1 }, next = [
    { step = "b", share = 0.7, transit_minutes = 5 }, { step = "done", share = 0.3 },
    { step = "a", share = 0.0 } ] },
  { name = "b", post = "office", service = { law = "deterministic", minutes = 1 } },
]
[[officials]]
name = "clerk"
posts = ["office", "desk"]
[behaviour]
setup = true
setup_minutes_near = 3
""")
    (matter,) = found.matters
    assert matter.steps[0].next == (Next("b", 0.7, 5.0), Next(DONE, 0.3, 0.0))
    assert matter.steps[1].next == (Next(DONE),) and matter.first_step == "a"
    assert (matter.priority, matter.deadline_minutes) == (2, 480.0)
    assert found.posts[0].order == "priority"
    assert found.workers[0].holds == (("office", 0), ("desk", 0))
    assert found.setup_minutes == (3.0, 12.0)


def test_mechanisms_that_a_queue_has_nothing_for_are_warned_of(plan_of):
    """Every switch changes what a rich queue does, or is warned of; satisfaction acts on residents alone."""
    base = plan_of(EVERYTHING)
    assert base.warnings == ()

    def lived(plan):
        records = finished(plan, 3).records
        return pd.concat([records.matters(), records.ledger()]).to_csv()

    needs = {"retirement": ("quits",), "standards_erode": ("thinning",)}
    switches = [name for name, field in Behaviour.model_fields.items() if field.default is False]
    assert {"setup", "overtime", "satisfaction"} <= set(switches)
    plain = lived(base)
    for name in switches:
        plan = base.vary({f"behaviour.{each}": True for each in (name, *needs.get(name, ()))})
        is_warned = f"behaviour.{name}: has no effect on a textbook queue" in plan.warnings
        assert is_warned == (lived(plan) == plain) or name == "satisfaction", name
    dated = base.vary({"reforms": [{"date": "2020-01-03", "what": "behaviour.overtime", "to": True}]})
    assert dated.warnings == ("behaviour.overtime: has no effect on a textbook queue",)


def test_a_post_that_nobody_needs_is_a_warning(tmp_path):
    path = tmp_path / "queue.toml"
    path.write_text(BASE + queue(rest='[[posts]]\nname = "spare"\n'))
    assert load(path).warnings == ("posts.spare: no matter needs this post",)
