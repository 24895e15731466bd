"""Copies of a whole network, and the two queues of the benchmark."""

from __future__ import annotations

import pytest

from sim.scenario import ScenarioError, load, textbook_network

RING = """
[run]
start = 2020-01-01
days = 2
[places]
count = 3
residents_each = 10
[[posts]]
name = "desk"
[[matters]]
name = "ask"
arrivals = { law = "poisson", per_hour = 2 }
service = { law = "exponential", mean_minutes = 3 }
post = "desk"
[[officials]]
name = "clerk"
count = 2
posts = ["desk"]
"""


def network(tmp_path, text):
    (tmp_path / "places.toml").write_text(text)
    plan = load(tmp_path / "places.toml")
    return textbook_network(plan.settings(plan.scenario.run.start))


def test_everything_exists_once_a_place(tmp_path):
    found = network(tmp_path, RING)
    assert found.sites == {"all": 3} and found.site_of_place["all"].tolist() == [0, 1, 2]
    assert [w.id for w in found.workers] == [f"clerk/{p}/{n}" for p in (1, 2, 3) for n in (1, 2)]
    assert [w.holds for w in found.workers] == [(("desk", p),) for p in (0, 0, 1, 1, 2, 2)]
    assert [(s.id, s.place, s.residents) for s in found.streams] == [
        ("ask/1", 0, (0, 10)),
        ("ask/2", 1, (10, 20)),
        ("ask/3", 2, (20, 30)),
    ]
    assert len(found.matters) == len(found.posts) == 1


def test_one_place_is_as_if_nothing_were_said(tmp_path):
    without = RING.replace("[places]\ncount = 3\nresidents_each = 10\n", "")
    one = RING.replace("count = 3\nresidents_each = 10", "count = 1")
    found, same = network(tmp_path, without), network(tmp_path, one)
    assert [w.id for w in found.workers] == ["clerk/1", "clerk/2"]
    assert found.streams == same.streams and found.workers == same.workers


def test_what_places_cannot_be(tmp_path):
    for text, said in (
        (RING.replace("count = 3", "count = 0"), "places.count"),
        (
            RING.replace("count = 3", "count = 20000\n").replace(
                "residents_each = 10", "residents_each = 1000"
            ),
            "10,000,000",
        ),
        (RING.replace('name = "desk"\n[[m', 'name = "desk"\nlimit = 3\n[[m'), "one place only"),
    ):
        with pytest.raises(ScenarioError, match=said):
            network(tmp_path, text)
