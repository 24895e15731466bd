"""How readable Python becomes fast: `@rule` for pure functions of scalars, `@kernel` for loops over tables.

Both keep IEEE semantics (no fast-math), so the same source gives the same bytes compiled, or interpreted
with `NUMBA_DISABLE_JIT=1`. Only kernels are cached, in a folder named after the digest of every source file that
compiled code may use: Numba notices neither a changed callee nor a changed constant in another file, a digest does.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

INTERPRETED = bool(numba.config.DISABLE_JIT)
_KEPT_CACHES = 3
_OPTIONS = {"error_model": "numpy", "_nrt": False}
"""No reference counts: compiled code works on tables in place and allocates nothing. Counting where a helper takes an
array is an atomic write, which waits for every write before it."""
COMPILED_ROOMS = ("compiled.py", "chance", "agents", "service")
"""The only files whose names compiled code may use (tested), so that a changed report compiles nothing anew."""


def _source_digest() -> str:
    """Digest of all source files that compiled code may use, and of what turns them into machine code."""
    root = Path(__file__).parent
    digest = hashlib.sha256(f"{numba.__version__} {sys.version}".encode())
    for path in sorted(p for p in root.rglob("*.py") if p.relative_to(root).parts[0] in COMPILED_ROOMS):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _user_cache() -> Path:
    if os.environ.get("LEANCOUNTY_CACHE"):
        return Path(os.environ["LEANCOUNTY_CACHE"])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "lean-county"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "lean-county"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lean-county"


def _cache_folder() -> Path | None:
    """Writable folder of this source's compiled kernels; None (and a line on stderr) when there is none."""
    if INTERPRETED:
        return None
    try:
        folder = _user_cache() / _source_digest()
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
        older = sorted((p for p in folder.parent.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime)
        for path in older[:-_KEPT_CACHES]:
            shutil.rmtree(path, ignore_errors=True)
        os.utime(folder)
        return folder
    except (OSError, RuntimeError):
        print("lean-county: no writable cache folder, so every process compiles anew "
              "(set LEANCOUNTY_CACHE to a writable folder)", file=sys.stderr)
        return None


CACHE_FOLDER = _cache_folder()
IS_WARM = CACHE_FOLDER is not None and any(CACHE_FOLDER.rglob("*.nbc"))
"""Whether kernels of this source were compiled before this process began."""


def rule(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a pure function of scalars (or of single records), to be part of the kernels that call it.

    The plain Python function stays reachable as `.py_func`.
    """
    compiled = numba.njit(forceinline=True, **_OPTIONS)(function)
    if INTERPRETED:
        function.py_func = function  # type: ignore[attr-defined]
    return compiled


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a loop over tables; releases the interpreter lock, cached on disk."""
    if CACHE_FOLDER is None:
        compiled = numba.njit(nogil=True, **_OPTIONS)(function)
        if INTERPRETED:
            function.py_func = function  # type: ignore[attr-defined]
        return compiled
    kept = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(CACHE_FOLDER)
    try:
        return numba.njit(nogil=True, cache=True, **_OPTIONS)(function)
    finally:
        numba.config.CACHE_DIR = kept
