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
CENSUS = 464_700
MINUTES_A_DAY = 480
# What grows with a county: staff and standing work go with the residents, so that every size is equally loaded.
SCALED = {
    "levers.staffing_share": 0.40, "levers.off_quota_workers": 1700, "world.county_task_minutes_million": 72.0,
    "world.counterparts_above": 460.0, "world.overhead_people_per_unit": 8.0,
    "world.overhead_people_per_institution": 1.5, "world.tasking_fte_per_pair": 0.35,
    "world.auxiliary_minutes_million": 140.0,
}  # fmt: skip
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
    return _plan(f"textbook/mssn1_k{k}", {"run.minutes": float(n_days * MINUTES_A_DAY)})


def county_plan(n_residents: int | None = None, n_days: int | None = None) -> Any:
    """The county of the headline, with another number of residents (staff and work in proportion) or days."""
    changes: dict[str, object] = {}
    if n_residents is not None:
        share = n_residents / CENSUS
        changes = {path: type(value)(value * share) for path, value in SCALED.items()}
        changes["levers.staffing_share"] = max(changes["levers.staffing_share"], 0.01)
        changes["county.residents"] = n_residents
    if n_days is not None:
        changes |= {"run.days": n_days, "run.run_in_days": 0}  # nothing but the days asked for
    return _plan(COUNTY_SCENARIO, changes)


def _plan(name: str, changes: dict[str, object]) -> Any:
    plan = package().load(name)
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
    matters = county.records.matters()
    started = matters["started"].sum()
    wait = (matters["mean_wait_minutes"].fillna(0.0) * matters["started"]).sum()
    return {
        "requests": float(matters["opened"].sum()),
        "mean_wait_minutes": float(wait / started),
        "waited_share": float(matters["waited"].sum() / started),
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
    """Requests and standing work opened according to the document that `run_command` prints: all that is served."""
    return int(json.loads(stdout)["outcomes"]["work_items_opened"])


def empty_cache(folder: Path) -> dict[str, str]:
    """Variables under which the engine finds a compile cache of its own in `folder`, still empty."""
    return {CACHE_VARIABLE: str(folder)}


def compiled_files(folder: Path) -> int:
    """How many compiled kernels lie below a cache folder."""
    return sum(name.endswith(".nbc") for _, _, names in os.walk(folder) for name in names)
