"""Read scenario files: TOML in, inheritance resolved, nothing executed.

A file states `extends` and its differences. Tables merge key by key, arrays of tables and lists replace the
parent's, `[[reforms]]` are added to the parent's (`drop_reforms` removes inherited ones first).
"""

from __future__ import annotations

import codecs
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim.scenario.problems import (
    Location,
    Problem,
    ScenarioError,
    grouped,
    key_text,
    nearest,
    shown,
)

LARGEST_BYTES = 5_000_000
DEEPEST = 20
LONGEST_CHAIN = 20
NOT_INHERITED = ("schema", "title", "title_zh", "description", "extends", "drop_reforms")
LENGTHS = ("end", "days", "minutes")
"""Keys of `[run]` of which one replaces the others."""


# --- built-in scenarios ---


def builtin_folder() -> Path:
    """Folder of the built-in scenarios: inside an installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"


def _loadable() -> dict[str, Path]:
    root = builtin_folder()
    return {
        p.relative_to(root).with_suffix("").as_posix(): p for p in sorted(root.rglob("*.toml")) if p.is_file()
    }


def is_listed(name: str) -> bool:
    """Whether a built-in scenario is offered to people; `base` files and names that begin with _ are not."""
    parts = name.split("/")
    return parts[-1] != "base" and not any(part.startswith(("_", ".")) for part in parts)


def builtin_names() -> list[tuple[str, str]]:
    """Names and titles of the built-in scenarios."""
    names = []
    for name, path in _loadable().items():
        if is_listed(name):
            names.append((name, str(read_toml(path, f"{name}.toml").get("title", ""))))
    return names


# --- one file ---


def read_toml(path: Path, label: str = "") -> dict[str, Any]:
    """Read one TOML file.

    Raises:
        ScenarioError: when it is missing, not a file, too large, empty, not UTF-8 or not TOML.
    """
    label = label or str(path)
    try:
        if path.is_dir():
            raise ScenarioError(Problem("is a folder", file=label, allowed="a .toml file"))
        if not path.exists():
            beside = [p.name for p in path.parent.glob("*.toml")] if path.parent.is_dir() else []
            raise ScenarioError(
                Problem("there is no such file", file=label, nearest=nearest(path.name, beside))
            )
        if not path.is_file():
            raise ScenarioError(Problem("is not an ordinary file", file=label, allowed="a .toml file"))
        if path.stat().st_size > LARGEST_BYTES:
            size = path.stat().st_size
            raise ScenarioError(
                Problem(f"has {size:,} bytes", file=label, allowed=f"at most {LARGEST_BYTES:,} bytes")
            )
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, ScenarioError):
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ScenarioError(Problem(f"cannot be read ({reason})", file=label)) from None
    text = _text(raw, label)
    if not text.strip():
        raise ScenarioError(Problem("the file is empty", file=label))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(Problem(f"not TOML: {error}{_hint(str(error), text)}", file=label)) from None
    except RecursionError:
        raise ScenarioError(Problem("tables or lists are nested too deeply", file=label)) from None
    except ValueError as error:  # a number with thousands of digits
        raise ScenarioError(Problem(f"not TOML: {error}", file=label)) from None
    if _too_deep(data):
        raise ScenarioError(
            Problem("tables or lists are nested too deeply", file=label, allowed=f"at most {DEEPEST} levels")
        )
    return data


def _text(raw: bytes, label: str) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ScenarioError(Problem("is written in UTF-16", file=label, allowed="UTF-8"))
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
    guess = "another encoding"
    for encoding, name in (("gb18030", "GB 18030 (GBK, 国标码)"), ("big5", "Big5")):
        try:
            raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        guess = f"another encoding, probably {name}"
        break
    raise ScenarioError(Problem(f"is not UTF-8 but {guess} (line {line})", file=label, allowed="UTF-8"))


def _hint(message: str, text: str) -> str:
    """What the most common slips look like to a TOML reader."""
    found = re.search(r"line ([0-9]+)", message)
    line = text.splitlines()[int(found[1]) - 1] if found else ""
    if re.search(r"[0-9]\s*%", line):
        return " (write 0.40 for 40 %)"
    if "key part" in message or "inline table" in message:
        return " (a table in braces must stand on one line; longer ones are written as [[matters.steps]])"
    return ""


def _too_deep(data: Any) -> bool:
    layer = [data]
    for _ in range(DEEPEST):
        layer = [
            inner
            for outer in layer
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list) and inner
        ]
        if not layer:
            return False
    return True


# --- inheritance ---


class Source:
    """A file to read: where it is and what people call it."""

    def __init__(self, path: Path, label: str, name: str) -> None:
        self.path, self.label, self.name = path, label, name


def locate(what: str | os.PathLike[str], beside: Path | None = None) -> Source:
    """Find a scenario by built-in name or path.

    Args:
        what: built-in name such as `lean40` or `textbook/mm5`, or a path that ends in `.toml`.
        beside: folder against which a relative path is read (that of the file that extends).

    Raises:
        ScenarioError: when no built-in scenario has this name.
    """
    builtin = _loadable()
    if isinstance(what, str) and what in builtin:
        return Source(builtin[what], f"{what}.toml", what)
    text = os.fspath(what)
    is_path = not isinstance(what, str) or text.lower().endswith(".toml")
    if is_path:
        path = (beside / text) if beside is not None else Path(text)
        return Source(path, text if beside is None else str(path), path.stem)
    offered = [name for name in builtin if is_listed(name)]
    hint = f"{text}.toml" if Path(text + ".toml").is_file() else nearest(text, builtin)
    raise ScenarioError(
        Problem(
            f"no built-in scenario is called {shown(text)}",
            allowed="the path of a .toml file, or a name of `leancounty scenarios`"
            + ("" if hint else f": {grouped(offered)}"),
            nearest=hint,
        )
    )


class Merged:
    """The data of a chain of files and, for each value, the label of the file that set it."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.origin: dict[Location, str] = {}
        self.folders: dict[str, Path] = {}

    def add(self, child: Mapping[str, Any], label: str) -> None:
        """Put a file's values over those of its parents."""
        for key in NOT_INHERITED:
            self.data.pop(key, None)
            self.origin.pop((key,), None)
        self._drop_reforms(child.get("drop_reforms"), label)
        run, parent_run = child.get("run"), self.data.get("run")
        if isinstance(run, dict) and isinstance(parent_run, dict) and any(key in run for key in LENGTHS):
            for key in LENGTHS:
                parent_run.pop(key, None)
        self._merge(self.data, child, (), label)
        for key in ("extends", "drop_reforms"):
            self.data.pop(key, None)
            self._forget((key,))

    def _merge(self, into: dict[str, Any], child: Mapping[str, Any], at: Location, label: str) -> None:
        for key, value in child.items():
            place = (*at, key)
            old = into.get(key)
            if isinstance(value, dict) and isinstance(old, dict):
                self._merge(old, value, place, label)
            elif place == ("reforms",) and isinstance(value, list) and isinstance(old, list):
                for i in range(len(value)):
                    self.origin[("reforms", len(old) + i)] = label
                into[key] = old + value
            else:
                self._forget(place)
                into[key] = {} if isinstance(value, dict) else value
                if isinstance(value, dict) and value:
                    self._merge(into[key], value, place, label)
                elif isinstance(value, list) and value and isinstance(value[0], dict):
                    self.origin.update({(*place, i): label for i in range(len(value))})
                else:
                    self.origin[place] = label

    def _forget(self, place: Location) -> None:
        for old in [k for k in self.origin if k[: len(place)] == place]:
            del self.origin[old]

    def _drop_reforms(self, paths: Any, label: str) -> None:
        if paths is None:
            return
        if not isinstance(paths, list) or not all(isinstance(p, str) for p in paths):
            raise ScenarioError(
                Problem(
                    f"{shown(paths)} has the wrong type", "drop_reforms", label, 'a list of paths, or ["*"]'
                )
            )
        old = self.data.get("reforms")
        old = old if isinstance(old, list) else []
        known = [str(r.get("what")) for r in old if isinstance(r, dict)]
        unknown = [p for p in paths if p != "*" and p not in known]
        if unknown:
            raise ScenarioError(
                [
                    Problem(
                        f'no inherited reform changes "{p}"', "drop_reforms", label, nearest=nearest(p, known)
                    )
                    for p in unknown
                ]
            )
        kept = [
            (self.origin.get(("reforms", i), label), r)
            for i, r in enumerate(old)
            if "*" not in paths and not (isinstance(r, dict) and r.get("what") in paths)
        ]
        self._forget(("reforms",))
        self.data["reforms"] = [r for _, r in kept]
        self.origin.update({("reforms", i): name for i, (name, _) in enumerate(kept)})


def read_chain(source: Source) -> Merged:
    """Read a file and all that it extends.

    Raises:
        ScenarioError: when a file cannot be read, or a file extends itself, directly or through others.
    """
    chain: list[tuple[Source, dict[str, Any]]] = []
    seen: list[Path] = []
    while True:
        real = source.path.resolve()
        if real in seen:
            names = [s.label for s, _ in chain] + [source.label]
            raise ScenarioError(
                Problem(f"extends itself: {' -> '.join(names)}", "extends", chain[-1][0].label)
            )
        if len(chain) >= LONGEST_CHAIN:
            raise ScenarioError(
                Problem("the chain is too long", "extends", source.label, f"{LONGEST_CHAIN} files")
            )
        seen.append(real)
        data = read_toml(source.path, source.label)
        chain.append((source, data))
        parent = data.get("extends")
        if parent is None:
            break
        label = source.label
        if not isinstance(parent, str) or not parent:
            raise ScenarioError(
                Problem(f"{shown(parent)} is not a name", "extends", label, "a built-in name or a path")
            )
        try:
            source = locate(parent, source.path.parent)
            if not source.path.exists():
                raise ScenarioError(
                    Problem(f"there is no file {source.path}", nearest=nearest(parent, _loadable()))
                )
        except ScenarioError as error:
            found = error.problems[0]
            raise ScenarioError(
                Problem(found.message, "extends", label, found.allowed, found.nearest)
            ) from None
    merged = Merged()
    for one, data in reversed(chain):
        merged.add(data, one.label)
        merged.folders[one.label] = one.path.resolve().parent
    return merged


def moved_later(merged: Merged) -> Callable[[int], bool]:
    """Whether the run's start or length was set by a file that extends the one that states reform i."""
    order = {label: i for i, label in enumerate(merged.folders)}
    length = max((order.get(merged.origin.get(("run", key), ""), -1) for key in ("start", *LENGTHS)), default=-1)
    return lambda i: length > order.get(merged.origin.get(("reforms", i), ""), len(order))


def origin_by_key(merged: Merged) -> dict[str, str]:
    """Where each value comes from, by its path as messages print it."""
    return {key_text(place, merged.data): label for place, label in merged.origin.items()}
