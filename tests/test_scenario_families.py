"""Every built-in scenario of a county loads, resolves, and lives a month at a small size."""

from __future__ import annotations

import pytest

from sim.cli.check import check_document, check_text
from sim.scenario import builtin_names, load

NAMES = [name for name, _ in builtin_names() if not name.startswith("textbook/")]
ONE_OF_EACH = {"lean40", "longgang_history", "town_before", "without/one_seal", "only/transfer", "posts/8",
               "breadth/wide", "cut/uniform"}  # fmt: skip
CHOSEN = [pytest.param(name, marks=() if name in ONE_OF_EACH else pytest.mark.slow) for name in NAMES]
ALIASES = {
    name: {*group} - {name}
    for group in (("lean40", "posts/3", "attention/fixed_shares"), ("conventional40", "cut/load"),
                  ("posts/1", "without/multi_post"))
    for name in group
}  # fmt: skip
"""Names of the same thing: a family's member that is its base, so that the family can be compared whole."""
SMALL = {"county.residents": 20_000, "run.start": "2024-12-17", "run.end": "2025-01-15", "run.run_in_days": 5}
"""A month in which grids are re-cut and officials begin to rotate, with all earlier reforms in force."""


@pytest.mark.parametrize("name", CHOSEN)
def test_a_built_in_scenario_lives_a_month(name):
    from sim.runs.run import run

    plan = load(name).vary(SMALL)
    document = check_document(plan)
    assert document["valid"] and "Levers" in check_text(document)
    result = run(plan, seed=1, tables=("daily",))
    assert len(result.daily) == 30 and 0 < result.summary["on_time_share"].iloc[0] < 1


def test_a_family_differs_from_its_base_in_what_it_names():
    at_end = {name: load(name) for name in NAMES}

    def changed(name, base):
        day = at_end[base].scenario.run.last_day
        mine, other = (dict(flat(at_end[n].settings(day).levers.model_dump())) for n in (name, base))
        return {path for path in mine if mine[path] != other[path]}

    for name in NAMES:
        family, _, member = name.partition("/")
        if family == "without":
            assert changed(name, "lean40") or member == "task_forces", name
        if family == "only":
            assert changed(name, "conventional40"), name
    assert changed("without/transfer", "lean40") == {"transfer.functions"}
    assert changed("without/stationing_and_rotation", "lean40") == {"rotating_share"}
    assert changed("without/devolution", "lean40") == {"devolved_matters", "access_list"}
    assert changed("only/modules", "conventional40") == {"modules"}
    for timing in ("early", "late", "staged", "big_bang"):
        assert not changed(f"transfer/{timing}", "lean40"), "the same 85 functions in the end"
    assert {at_end[f"posts/{n}"].scenario.levers.posts_per_official for n in range(1, 9)} == set(range(1, 9))
    for name in NAMES:
        same = {other for other in NAMES if other != name and at_end[other].digest == at_end[name].digest}
        assert same == ALIASES.get(name, set()), name


def flat(data, at=""):
    for key, value in data.items():
        yield from flat(value, f"{at}{key}.") if isinstance(value, dict) else [(f"{at}{key}", value)]
