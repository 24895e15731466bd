"""One command as its own process, from shell to shell: wall seconds and peak memory.

A child's peak memory as the kernel reports it starts at the peak of the process that forked it, so
a benchmark that has itself loaded Numba would see its own 200 MB in every child. This file is
therefore also a script: `run_child` starts it as a small go-between (some 14 MB) that forks,
executes, waits and reports; no peak smaller than its own can be seen. Its import must stay cheap:
the standard library only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ChildRun:
    """How one command ran.

    Args:
        wall_seconds: From just before the fork until the process was reaped.
        cpu_seconds: User and system time of the process and of its own reaped children.
        peak_mib: Peak resident memory of the largest of these processes.
        status: Exit status; negative for a signal.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_mib: float
    status: int
    stdout: str
    stderr: str


class ChildError(RuntimeError):
    """A command that should have succeeded did not."""


def run_child(
    command: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> ChildRun:
    """Run `command` to its end and measure it.

    Args:
        command: Program and arguments; no shell is involved.
        env: Variables set in addition to the present ones.
        cwd: Folder to run in; the present one unless told.

    Raises:
        ChildError: If the command cannot be started or ends with a status other than 0.
    """
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "stdout"), Path(folder, "stderr")
        go_between = [sys.executable, "-I", "-S", __file__, str(out), str(err), *command]
        reply = subprocess.run(
            go_between, env={**os.environ, **(env or {})}, cwd=cwd, capture_output=True, text=True
        )
        if reply.returncode != 0:  # the go-between itself failed
            last = (reply.stderr.strip() or "no message").splitlines()[-1]
            raise ChildError(f"{' '.join(command)!r} could not be started: {last}")
        measured = json.loads(reply.stdout)
        run = ChildRun(
            **measured,
            stdout=out.read_text(encoding="utf-8", errors="replace"),
            stderr=err.read_text(encoding="utf-8", errors="replace"),
        )
    if run.status != 0:
        last = (run.stderr.strip() or run.stdout.strip() or "no message").splitlines()[-1]
        raise ChildError(f"{' '.join(command)!r} ended with status {run.status}: {last}")
    return run


def _measure(out: str, err: str, command: list[str]) -> dict[str, float]:
    """Fork, execute and reap `command`; for the go-between only."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, out, flags, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, err, flags, 0o600),
    ]
    began = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=files)
    _, status, usage = os.wait4(pid, 0)
    ended = time.perf_counter()
    to_mib = 2**-20 if sys.platform == "darwin" else 2**-10  # ru_maxrss: bytes there, KiB elsewhere
    return {
        "wall_seconds": ended - began,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss * to_mib,
        "status": os.waitstatus_to_exitcode(status),
    }


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], sys.argv[2], sys.argv[3:])))
