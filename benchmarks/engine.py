"""The county's engine as a contestant: the only file here that knows the public API and its names.

Everything goes through `sim`'s public names and the command line; nothing is imported from inside.
`sim` is imported when first needed, so that peers and floor run without it.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import shutil
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.rounds import Lap

COUNTY_SCENARIO = "lean40"
# Stable paths of a scenario that the benchmarks vary.
RESIDENTS_PATH = "world.n_residents"
DAYS_PATH = "calendar.n_days"
CACHE_VARIABLE = "XDG_CACHE_HOME"  # the user cache folder, below which compiled kernels are kept


class EngineMissing(RuntimeError):
    """The engine, its command or a scenario cannot be found."""


def package() -> ModuleType:
    """The package `sim`, or a clear error."""
    try:
        sim = importlib.import_module("sim")
    except ModuleNotFoundError as error:
        raise EngineMissing(f"cannot import {error.name!r}; is this the project's own Python?") from error
    for name in ("load", "County"):
        if not hasattr(sim, name):
            raise EngineMissing(f"sim has no {name!r} yet")
    return sim


def command() -> str:
    """The path of `leancounty`, the one that belongs to this Python before any other."""
    here = Path(sys.executable).with_name("leancounty")
    found = str(here) if here.exists() else shutil.which("leancounty")
    if found is None:
        raise EngineMissing("the command leancounty is not installed beside this Python")
    return found


def mssn_plan(k: int, n_days: int) -> Any:
    """MSSN-1 at full size, for `n_days` of 480 minutes."""
    return _plan(f"textbook/mssn1_k{k}", {DAYS_PATH: n_days})


def county_plan(n_residents: int | None = None, n_days: int | None = None) -> Any:
    """The county of the headline, with another number of residents or days where stated."""
    return _plan(COUNTY_SCENARIO, {RESIDENTS_PATH: n_residents, DAYS_PATH: n_days})


def _plan(name: str, changes: dict[str, object]) -> Any:
    plan = package().load(name)
    changes = {path: value for path, value in changes.items() if value is not None}
    return plan.vary(changes) if changes else plan


def play(plan: Any, seed: int) -> Lap:
    """Build the county, then time nothing but its days."""
    began = time.perf_counter()
    county = package().County(plan, seed=seed)
    ready = time.perf_counter()
    while county.running:
        county.step()
    done = time.perf_counter()
    lap = Lap(seconds=done - ready, setup_seconds=ready - began, facts=facts(county))
    _release(county)
    return lap


def facts(county: Any) -> dict[str, float]:
    """What the tables show of a finished county: requests opened and, over all matters, the wait."""
    total = county.totals
    return {
        "requests": float(total["requests_opened"]),
        "mean_wait_minutes": float(total["mean_wait_minutes"]),
        "waited_share": float(total["waited_share"]),
    }


def _release(county: Any) -> None:
    """Mesa 3.3.1 keeps every model it has numbered; let this one go."""
    mesa = sys.modules.get("mesa")
    if mesa is not None:
        getattr(mesa.Agent, "_ids", {}).pop(county, None)
    del county
    gc.collect()


def run_command(seed: int) -> list[str]:
    """The command line of one county run, machine-readable."""
    return [command(), "run", COUNTY_SCENARIO, "--seed", str(seed), "--json"]


def requests_opened(stdout: str) -> int:
    """Requests opened according to the document that `run_command` prints."""
    return int(json.loads(stdout)["summary"]["requests_opened"])


def empty_cache(folder: Path) -> dict[str, str]:
    """Variables under which the engine finds a compile cache of its own in `folder`, still empty."""
    return {CACHE_VARIABLE: str(folder)}


def compiled_files(folder: Path) -> int:
    """How many compiled kernels lie below a cache folder."""
    return sum(name.endswith(".nbc") for _, _, names in os.walk(folder) for name in names)
