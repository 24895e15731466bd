"""The same source, compiled or interpreted, gives the same bytes; every kernel has exactly one signature."""

from __future__ import annotations

import ast
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import BEHAVED, EVERYTHING, finished

import sim
from sim.compiled import COMPILED_ROOMS, INTERPRETED
from sim.county import County
from sim.scenario import load
from sim.service.day import BARE, WHOLE, serve_day

DIGEST = """
import sys
sys.path.insert(0, sys.argv[1])
from test_engine_compiled import digest
print(digest(sys.argv[2]))
"""


def digest(path):
    """Digest of every table after a short run with every feature of the language and every mechanism."""
    county = finished(load(path), 21)
    found = hashlib.sha256()
    for name, table in county.kernel_tables._asdict().items():
        found.update(name.encode())
        found.update(np.ascontiguousarray(table).view(np.uint8).tobytes())
    for rows in county.records._requests:
        found.update(rows.tobytes())
    found.update(county.records._day_rows.tobytes())
    return found.hexdigest()


def _elsewhere(path, folder, **environment):
    root = str(Path(sim.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DIGEST, str(Path(__file__).parent), str(path)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": root, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


@pytest.fixture
def short(tmp_path):
    reform = '\n[[reforms]]\ndate = 2020-01-06\nwhat = "behaviour.setup_minutes_far"\nto = 20.0\n'
    path = tmp_path / "short.toml"
    path.write_text((EVERYTHING + BEHAVED + reform).replace("days = 45", "days = 7"))
    return path


@pytest.mark.skipif(INTERPRETED, reason="compares with the compiled run")
def test_interpreted_and_compiled_give_the_same_bytes(short, tmp_path):
    assert _elsewhere(short, tmp_path, NUMBA_DISABLE_JIT="1") == digest(short)


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "0"},
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LC_ALL": "tr_TR.UTF-8"},
        pytest.param(
            {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "LEANCOUNTY_CACHE": "cache"},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_another_process_gives_the_same_bytes(short, tmp_path, environment):
    """Other hash seeds, time zones and languages; code for the plainest processor."""
    assert _elsewhere(short, tmp_path, **environment) == digest(short)


def test_twice_in_one_process(short):
    assert digest(short) == digest(short)


@pytest.mark.skipif(INTERPRETED, reason="nothing is compiled")
def test_every_kernel_has_one_signature(short):
    """One read-only or differently typed table would silently compile a second one."""
    import importlib
    import pkgutil

    for name in (
        "mm5",
        "friday",
        "population",
        "cafe",
        "priority_1",
        "mg1_empirical",
        "hourly_staff",
        "mmck",
    ):
        finished(
            load(f"textbook/{name}").vary(
                {"run.days": 4, "run.warm_up_minutes": 0.0} if name != "friday" else {}
            )
        )
    digest(short)
    seen = 0
    for package in ("sim.service", "sim.agents"):
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            for value in vars(importlib.import_module(module.name)).values():
                options = getattr(value, "targetoptions", None)
                if options and options.get("nogil") and value.signatures:
                    seen += 1
                    kept = {s[:-1] for s in value.signatures} if value is serve_day else value.signatures
                    assert len(kept) == 1, (value, value.signatures)
    assert seen >= 6
    assert {signature[-1].count for signature in serve_day.signatures} == {len(BARE), len(WHOLE)}


BUILT_IN = sorted(p.stem for p in (Path(sim.__file__).parents[1] / "scenarios" / "textbook").glob("*.toml"))


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_a_bare_network_is_compiled_without_changes_nothing(name):
    """`is_bare` never leaves out a rule that a network needs: all rules compiled in give the same numbers."""
    plan = load(f"textbook/{name}")
    run = plan.scenario.run
    short = {"run.warm_up_minutes": 0.0, "run.minutes": min(run.horizon_minutes, 4000.0)}
    plan = plan.vary(short if run.minutes is not None else {"run.days": min(run.n_days, 8), "run.warm_up_minutes": 0.0})
    as_told, whole = County(plan, seed=5), County(plan, seed=5)
    whole._rules = WHOLE
    while as_told.running:
        as_told.step()
        whole.step()
    for county in (as_told, whole):
        county.kernel_tables.worker["post"] = 0             # the last post, which only set-up asks for
    for table in ("tally", "histogram", "minutes", "begun", "ledger", "pool", "queue", "worker", "resident", "scope"):
        same = getattr(as_told.kernel_tables, table).tobytes() == getattr(whole.kernel_tables, table).tobytes()
        assert same, table


def _imported_from_elsewhere(tree):
    """Names that a module imports from rooms of the package whose changes compile nothing anew."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sim":
            room = (node.module.split(".") + [""])[1]
            if room not in {name.removesuffix(".py") for name in COMPILED_ROOMS}:
                found |= {alias.asname or alias.name for alias in node.names}
    return found


def test_compiled_code_uses_only_the_rooms_that_its_cache_knows():
    root = Path(sim.__file__).parent
    wrong = []
    for path in sorted(root.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        foreign = _imported_from_elsewhere(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(d, ast.Name) and d.id in ("rule", "kernel") for d in node.decorator_list
            ):
                assert path.relative_to(root).parts[0] in COMPILED_ROOMS, f"{path}: {node.name} is compiled"
                used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                wrong += [f"{path}: {node.name} uses {name}" for name in sorted(used & foreign)]
    assert not wrong
