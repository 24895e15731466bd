"""The manifest of a result folder: what was computed, by which code, with which outcome; and doing it again.

`identity` says what is computed and nothing else; its SHA-256 is the `digest` of the run. `results` are the
tables' SHA-256. `about` holds what may differ between two equal runs: command, start, duration, machine.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from sim.runs.store import MANIFEST, SCHEMA, FolderError, canonical, csv_bytes, sha256, table_bytes
from sim.scenario import Plan, load

PACKAGES = (
    "mesa", "numba", "llvmlite", "numpy", "scipy", "pandas", "pyarrow", "pydantic", "holidays", "matplotlib", "pillow"
)  # fmt: skip
"""Packages on which results may depend; figures on the last two."""
KINDS = ("run", "compare", "experiment")

Run = tuple[str, str, int]
"""What makes a run: digest of its plan, digest of its data, seed."""


def identity(
    kind: str, plans: Sequence[Plan], seeds: Sequence[int], options: Mapping[str, Any]
) -> dict[str, Any]:
    """What is computed.

    Args:
        kind: one of `KINDS`.
        plans: the scenarios; the first is the base of a comparison. An experiment has none: its script, whose digest
            is one of the options, decides what is run, and `experiment_record` says what it was.
        seeds: seeds of the replications.
        options: whatever else decides about the results.
    """
    return {
        "kind": kind,
        "scenarios": [{"name": p.name, "digest": p.digest, "data_digest": p.data_digest} for p in plans],
        "seeds": [int(seed) for seed in seeds],
        "options": dict(options),
    }


def digest_of(what: Mapping[str, Any]) -> str:
    """Digest of an identity."""
    return sha256(canonical(what))


def experiment_record(
    script: str, profile: Mapping[str, Any], read: Mapping[str, Plan], ran: Iterable[Run]
) -> dict[str, Any]:
    """What an experiment was carried out with, beyond its identity.

    Args:
        script: its name, or the path of the script.
        profile: how large it was.
        read: the scenarios that it began from, by name.
        ran: its runs, in any order.
    """
    runs = sorted(set(ran))
    return {
        "script": script,
        "profile": dict(profile),
        "scenarios": [
            {"name": name, "digest": plan.digest, "data_digest": plan.data_digest} for name, plan in read.items()
        ],
        "runs": {"count": len(runs), "sha256": sha256(canonical(runs))},
    }


def code() -> dict[str, Any]:
    """Versions of Python and packages, digest of this program's files; commit and dirty flag in a checkout."""
    found: dict[str, Any] = {"python": platform.python_version(), "packages": {}, "source": _source()}
    for name in ("lean-county", *PACKAGES):
        try:
            found["packages"][name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found["packages"][name] = None
    commit = _git("rev-parse", "HEAD")
    if commit:
        found["commit"] = commit
        found["dirty"] = bool(_git("status", "--porcelain", "--", "sim", "scenarios", "experiments"))
    return found


@cache
def _source() -> str:
    """Digest of the files of the package, installed or not; scenarios and experiments have digests of their own."""
    root = Path(__file__).resolve().parent.parent
    apart = {"scenarios", "experiments", "__pycache__"}
    paths = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]
    mine = sorted(p.as_posix() for p in paths if not apart & set(p.parts) and not p.name.startswith("."))
    return sha256(canonical([(name, sha256((root / name).read_bytes())) for name in mine]))


def _git(*arguments: str) -> str:
    """Answer of git about this checkout; empty when the package is installed elsewhere or git is absent."""
    root = Path(__file__).resolve().parent.parent.parent
    if not (root / ".git").exists() or not (root / "pyproject.toml").is_file():
        return ""
    try:
        command = ["git", "-C", str(root), *arguments]
        quiet = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True, env=quiet)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def folder_files(tables: Mapping[str, pd.DataFrame], digest: str) -> dict[str, bytes]:
    """The tables of a result folder as files: Parquet, the summary also as CSV; empty tables are left out."""
    files = {}
    for name, frame in tables.items():
        if len(frame):
            files[f"{name}.parquet"] = table_bytes(name, frame, digest)
    if "summary" in tables and len(tables["summary"]):
        files["summary.csv"] = csv_bytes(tables["summary"])
    return files


def manifest(
    what: Mapping[str, Any],
    plans: Sequence[Plan],
    files: Mapping[str, bytes],
    failures: Sequence[Mapping[str, Any]],
    *,
    started: datetime.datetime | None = None,
    duration_s: float | None = None,
    pages: Mapping[str, bytes] | None = None,
    experiment: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The manifest of a result folder.

    Args:
        what: its `identity`.
        plans: the scenarios, in the order of the identity.
        files: file name -> bytes.
        failures: runs that failed: scenario, seed, reason.
        started: when the command began.
        duration_s: how long it took, in seconds.
        pages: file name -> bytes of pages for people. They are hashed apart from the results: a page is drawn from the
            tables, the same bytes for the same versions of matplotlib and fonts, and a rerun compares tables only.
        experiment: what `experiment_record` says of an experiment.
    """
    return {
        "schema": SCHEMA,
        **({"experiment": dict(experiment)} if experiment is not None else {}),
        "digest": digest_of(what),
        "identity": dict(what),
        "status": "failed" if failures else "done",
        "failures": list(failures),
        "results": {
            name: {"sha256": sha256(data), "bytes": len(data)} for name, data in sorted(files.items())
        },
        "pages": {name: {"sha256": sha256(data), "bytes": len(data)} for name, data in sorted((pages or {}).items())},
        "code": code(),
        "scenarios": [plan.to_dict() for plan in plans],
        "about": {
            "command": _command(),
            "started": started.isoformat(timespec="seconds") if started else None,
            "duration_s": None if duration_s is None else round(duration_s, 2),
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        },
    }


def _command() -> str:
    program = Path(sys.argv[0]).name if sys.argv and sys.argv[0] else "python"
    text = shlex.join([program, *sys.argv[1:]])
    home = os.path.expanduser("~")
    return text.replace(home + os.sep, "~/") if len(home) > 1 else text


# --- doing it again ---


def read_manifest(path: Path) -> dict[str, Any]:
    """Read a manifest, given its path or that of its folder.

    Raises:
        FolderError: when there is none, or it is not one.
    """
    is_folder = path.is_dir()
    asked, path = path, path / MANIFEST if is_folder else path
    what = "give a folder that `run --out`, `compare --out` or `experiment` wrote, or its manifest.json"
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        missing = f"the folder {asked} holds no {MANIFEST}" if is_folder else f"{path}: there is no such file or folder"
        raise FolderError(f"{missing}; {what}") from None
    except OSError as error:
        raise FolderError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise FolderError(f"{path}: not a manifest (no JSON)") from None
    try:
        what = found["identity"]
        whole = (
            what["kind"] in KINDS
            and len(what["scenarios"]) == len(found["scenarios"])
            and (_is_experiment(found) if what["kind"] == "experiment" else len(what["scenarios"]) > 0)
            and all(isinstance(seed, int) for seed in what["seeds"])
            and isinstance(what["options"], dict)
            and all(isinstance(r["sha256"], str) for r in found["results"].values())
        )
    except (KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise FolderError(f"{path}: not a manifest of leancounty")
    if found.get("schema") != SCHEMA:
        raise FolderError(f"{path}: manifest schema {found.get('schema')}; this version reads {SCHEMA}")
    if digest_of(what) != found.get("digest"):
        raise FolderError(f"{path}: its digest does not fit its contents; it was changed by hand")
    return found


def _is_experiment(found: Mapping[str, Any]) -> bool:
    said, options = found["experiment"], found["identity"]["options"]
    return (
        all(isinstance(word, str) for word in (said["script"], said["runs"]["sha256"], options["profile"]))
        and isinstance(options["files"], dict)
        and all({"name", "digest", "data_digest"} <= set(one) for one in said["scenarios"])
    )


def plans_of(found: Mapping[str, Any]) -> list[Plan]:
    """The scenarios of a manifest.

    Raises:
        ScenarioError: when this version does not accept one of them.
        FolderError: when one resolves to something else, or its data files have changed.
    """
    plans = [Plan.from_dict(resolved) for resolved in found["scenarios"]]
    for said, plan in zip(found["identity"]["scenarios"], plans, strict=True):
        _check_same(said, plan, "the scenario language has changed")
    return plans


def check_inputs(found: Mapping[str, Any], files: Mapping[str, str]) -> None:
    """Refuse to do an experiment again whose script, scenarios or data are not those of then.

    Args:
        found: what `read_manifest` returned.
        files: digests of the files of its script, by name (`script_files`).

    Raises:
        ScenarioError: when this version does not accept one of the scenarios.
        FolderError: naming what has changed.
    """
    then, commit = found["identity"]["options"]["files"], found.get("code", {}).get("commit")
    changed = sorted(name for name in {*then, *files} if then.get(name) != files.get(name))
    if changed:
        at = f"; then the commit was {commit[:12]}" if commit else ""
        raise FolderError(f"the experiment has changed since: {', '.join(changed)}{at}")
    for said in found["experiment"]["scenarios"]:
        _check_same(said, load(said["name"]), "the scenario has changed since")


def script_files(script: Path) -> dict[str, str]:
    """SHA-256 of a script and of the files beside it that share its name, such as `e04_levers.toml`."""
    beside = sorted(path for path in script.parent.glob(f"{script.stem}.*") if path.is_file())
    return {path.name: sha256(path.read_bytes()) for path in beside}


def _check_same(said: Mapping[str, Any], plan: Plan, why: str) -> None:
    if plan.digest != said["digest"]:
        raise FolderError(
            f"{said['name']}: {why}; it now resolves to {plan.digest[:12]}, then {said['digest'][:12]}"
        )
    if plan.data_digest != said["data_digest"]:
        raise FolderError(
            f"{said['name']}: the county's data files have changed since "
            f"({plan.data_digest[:12]}, then {said['data_digest'][:12]})"
        )


def verdicts(found: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, str]:
    """Compare files that were computed again with those of a manifest.

    Returns:
        File name -> `identical`, `differs`, `missing` (now) or `new`.
    """
    verdict = {}
    for name in sorted({*files, *found["results"]}):
        then = found["results"].get(name, {}).get("sha256")
        if name not in files:
            verdict[name] = "missing"
        elif then is None:
            verdict[name] = "new"
        else:
            verdict[name] = "identical" if sha256(files[name]) == then else "differs"
    return verdict


def changed_code(found: Mapping[str, Any]) -> list[str]:
    """What is different about the code since a manifest was written, one line each."""
    then, now = found.get("code", {}), code()
    lines = []
    for key in ("python", "commit", "dirty", "source"):
        if then.get(key) != now.get(key):
            before, after = (str(code.get(key))[:12] for code in (then, now))
            lines.append(f"{key}: {before} then, {after} now")
    for name, version in now["packages"].items():
        before = then.get("packages", {}).get(name)
        if before != version:
            lines.append(f"{name}: {before} then, {version} now")
    return lines
