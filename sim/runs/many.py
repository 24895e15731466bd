"""Many runs on one `concurrent.futures.Executor`: a process pool here, or a cluster's.

A run is a pure function of its plan and seed, so neither the number of workers nor the order in which they
finish changes a result. A run that fails becomes a row with its reason; the others go on. When a worker is
killed, the pool is made anew and what is missing is tried again, at the last attempt each run in a pool of
its own, so that only the run that kills its worker is marked as failed.

Scripts that call this need the guard `if __name__ == "__main__":`, because workers are fresh processes.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.scenario import Plan

if TYPE_CHECKING:
    from sim.runs.run import Result

ATTEMPTS = 3
"""How often a run whose worker died is tried."""
ASKED = ("summary", "ledger", "monthly", "departments", "society")
"""Tables that a worker sends back when nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run: a plan and a seed."""

    plan: Plan
    seed: int


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job.

    Attributes:
        plan: what was run. seed: its seed.
        tables: table name -> rows; empty when the run failed, or when something else was extracted.
        value: what `extract` made of the result.
        failure: reason of a failure, else empty.
    """

    plan: Plan
    seed: int
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    failure: str = ""
    value: Any = None

    def as_failure(self) -> dict[str, str | int]:
        """The failure as a row: scenario, seed, reason."""
        return {"scenario": self.plan.name, "seed": self.seed, "reason": self.failure}


def usable_processors() -> int:
    """Number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_many(
    jobs: Iterable[Job | tuple[Plan, int]],
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
    tables: Sequence[str] = ASKED,
    extract: Callable[[Result], Any] | None = None,
) -> list[Done]:
    """Run every job; the results are in the order of the jobs.

    Args:
        jobs: pairs of plan and seed.
        workers: number of processes; None = one a usable processor; 1 = in this process.
        executor: runs the jobs instead of a pool of our own, such as dask's `Client().get_executor()`.
        progress: called with runs finished and runs in all; for a single run here, with days.
        tables: names of the tables that are wanted (`sim.runs.run.TABLES`).
        extract: a function of a module, called in the worker with the result (of which `tables` are filled);
            what it returns is sent back instead of the tables.
    """
    ask = (tuple(tables), extract)
    work = [job if isinstance(job, Job) else Job(*job) for job in jobs]
    found: dict[int, Done] = {}
    workers = min(workers or usable_processors(), max(len(work), 1))

    def keep(i: int, done: Done) -> None:
        found[i] = done
        if progress is not None:
            progress(len(found), len(work))

    if executor is not None:
        for attempt in range(1, ATTEMPTS + 1):
            _round(executor, work, found, keep, ask, attempt == ATTEMPTS)
    elif workers == 1:
        days = progress if len(work) == 1 else None
        for i, job in enumerate(work):
            keep(i, Done(job.plan, job.seed, *_run(job.plan, job.seed, *ask, days)))
    else:
        _warm_up()
        for attempt in range(1, ATTEMPTS + 1):
            missing = [i for i in range(len(work)) if i not in found]
            if not missing:
                break
            if attempt < ATTEMPTS:
                _pool_round(workers, work, found, keep, ask, missing)
            else:
                for i in missing:
                    _pool_round(1, work, found, keep, ask, [i])
    killed = f"its worker process was killed {ATTEMPTS} times (out of memory?)"
    for i, job in enumerate(work):
        if i not in found:
            keep(i, Done(job.plan, job.seed, {}, killed))
    return [found[i] for i in range(len(work))]


Ask = tuple[tuple[str, ...], "Callable[[Result], Any] | None"]


def _run(
    plan: Plan,
    seed: int,
    tables: tuple[str, ...],
    extract: Callable[[Result], Any] | None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[dict[str, pd.DataFrame], str, Any]:
    """One run in a worker: what is asked of it, or why it failed. Nothing but an interruption gets out."""
    try:
        from sim.runs.run import run

        result = run(plan, seed, tables=tables, progress=progress)
        if extract is not None:
            return {}, "", extract(result)
        return {name: getattr(result, name) for name in tables}, "", None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit and the like too: one run must not end the others
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return {}, reason[:500], None


def _round(
    executor: Executor,
    work: list[Job],
    found: dict[int, Done],
    keep: Callable[[int, Done], None],
    ask: Ask,
    is_last: bool,
    only: Sequence[int] | None = None,
) -> None:
    """Submit what is missing and collect what comes back; what a dead worker lost stays missing."""
    futures: dict[Future, int] = {}
    try:
        for i in only if only is not None else range(len(work)):
            if i not in found:
                futures[executor.submit(_run, work[i].plan, work[i].seed, *ask)] = i
    except (BrokenExecutor, RuntimeError):
        if not futures:
            return
    for future in as_completed(futures):
        i = futures[future]
        job = work[i]
        try:
            keep(i, Done(job.plan, job.seed, *future.result()))
        except BrokenExecutor:
            continue
        except Exception as error:
            if is_last:
                reason = " ".join(f"{type(error).__name__}: {error}".split())
                keep(i, Done(job.plan, job.seed, {}, reason[:500]))


def _pool_round(
    workers: int,
    work: list[Job],
    found: dict[int, Done],
    keep: Callable[[int, Done], None],
    ask: Ask,
    only: Sequence[int],
) -> None:
    """One round in a fresh pool."""
    pool = ProcessPoolExecutor(workers, mp_context=_context(), initializer=_ignore_interrupt)
    try:
        _round(pool, work, found, keep, ask, True, only)
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.terminate()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _context() -> multiprocessing.context.BaseContext:
    """How workers start: forks of a server with the model loaded. Said, as Mesa 3.3.1 changes the default."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sim.county"])
    return context


def _ignore_interrupt() -> None:
    """Ctrl-C reaches all processes of a terminal; the parent alone decides."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _warm_up() -> None:
    """Compile before workers start, so that they load from the cache and do not all compile the same."""
    from sim.compiled import CACHE_FOLDER

    mark = CACHE_FOLDER / "warm" if CACHE_FOLDER is not None else None
    if mark is None or mark.exists():
        return
    from sim.runs.run import run
    from sim.scenario import load

    # every kernel: a month's end, and a structure change after the run-in
    plan = load("lean40")
    with suppress(Exception):  # a fault in it shows in the runs themselves
        run(
            plan.vary(
                {"run.run_in_days": 2, "run.start": "2019-09-30", "run.end": "2019-10-01", "reforms": []}
            ),
            tables=("summary",),
        )
        mark.touch()
