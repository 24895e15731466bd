"""A plan: a validated scenario on its time line. Frozen, picklable, equal to another by its digest."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sim.scenario.behaviour import Behaviour
from sim.scenario.build import build
from sim.scenario.files import (
    LENGTHS,
    builtin_folder,
    locate,
    moved_later,
    origin_by_key,
    read_chain,
)
from sim.scenario.levers import Levers
from sim.scenario.problems import Problem, ScenarioError, listed, nearest
from sim.scenario.schema import DESCRIPTIVE, NOTES, Run, Scenario
from sim.scenario.textbook_checks import COUNTY_MECHANISMS
from sim.scenario.timeline import Change, timeline
from sim.scenario.world import World

DOCUMENTARY = ("evidence.csv", "timeline.csv")
"""Tables of a data folder that say where numbers come from; nothing is computed with them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force on a day; the same object on every day on which the same is in force."""

    run: Run
    world: World
    levers: Levers
    behaviour: Behaviour
    scenario: Scenario
    data_folder: Path | None
    """Folder of the county's CSV files; None in textbook scenarios."""
    structural: tuple[Any, ...]
    """Values whose change rebuilds the network."""


SMALL_COUNTY = 200_000
"""Fewer residents than this are warned of: staff and standing work are not scaled with them."""


class Plan:
    """A scenario that can be asked what is in force on which day.

    Attributes:
        name: built-in name or file stem.
        scenario: the validated scenario.
        origin: path of a value -> label of the file that set it; values that are not there are defaults.
        data_folder: folder of the county's CSV files, or None.
    """

    def __init__(
        self,
        scenario: Scenario,
        name: str = "",
        origin: Mapping[str, str] | None = None,
        data_folder: Path | None = None,
    ) -> None:
        self.scenario = scenario
        self.name = name
        self.origin = dict(origin or {})
        self.data_folder = data_folder
        self._changes = timeline(scenario)
        self._starts = [change.day.toordinal() for change in self._changes]
        self._cache: dict[int, Settings] = {}
        self._latest = (0, 0, None)  # first and last ordinal of the newest answer, and the answer

    @property
    def title(self) -> str:
        """One line for people; the name when the file has no title."""
        return self.scenario.title or self.name

    @property
    def warnings(self) -> tuple[str, ...]:
        """What may surprise: reforms that a shortened run never reaches, posts that nobody needs."""
        run = self.scenario.run
        late = [f"{r.what} on {r.date}" for r in self.scenario.reforms if r.date > run.last_day]
        early = [f"{r.what} on {r.date}" for r in self.scenario.reforms if r.date < run.start]
        found = [f"reforms after the end {run.last_day} do not happen: {', '.join(late)}"] * bool(late)
        found += [f"reforms before the start {run.start} are in force from the first day: {', '.join(early)}"] * bool(
            early)  # fmt: skip
        county = self.scenario.county
        if county is not None and county.residents is not None and county.residents < SMALL_COUNTY:
            found.append(f"county.residents: {county.residents:,} residents, but posts, off-quota people, grids and "
                         f"standing work stay those of the whole county: a toy, its results per resident mean nothing")
        if county is None:
            on = [f"behaviour.{name}" for name in COUNTY_MECHANISMS if getattr(self.scenario.behaviour, name)]
            on += [r.what for r in self.scenario.reforms
                   if r.to is True and r.what.removeprefix("behaviour.") in COUNTY_MECHANISMS]  # fmt: skip
            found += [f"{what}: has no effect on a textbook queue" for what in dict.fromkeys(on)]
        used = {m.post for m in self.scenario.matters} | {
            s.post for m in self.scenario.matters for s in m.steps
        }
        found += [
            f"posts.{p.name}: no matter needs this post" for p in self.scenario.posts if p.name not in used
        ]
        return tuple(found)

    @property
    def is_county(self) -> bool:
        """Whether this is a county (with data) and no textbook queue."""
        return self.scenario.county is not None

    def __repr__(self) -> str:
        return f"Plan({self.name!r}, {self.digest[:12]})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __reduce__(self):
        return (Plan, (self.scenario, self.name, self.origin, self.data_folder))

    # --- what is in force ---

    def settings(self, day: datetime.date) -> Settings:
        """Everything that is in force on a day; before the run's start what holds in the run-in."""
        ordinal = day.toordinal()
        first, last, latest = self._latest
        if first <= ordinal < last:
            return latest
        i = max(bisect_right(self._starts, ordinal) - 1, 0)
        found = self._cache.get(i)
        if found is None:
            found = self._cache[i] = self._settings(self._changes[i])
        end = self._starts[i + 1] if i + 1 < len(self._starts) else datetime.date.max.toordinal()
        self._latest = (self._starts[i], end, found)
        return found

    def _settings(self, change: Change) -> Settings:
        return Settings(
            self.scenario.run,
            change.sections["world"],
            change.sections["levers"],
            change.sections["behaviour"],
            self.scenario,
            self.data_folder,
            change.structural,
        )

    def change_dates(self) -> tuple[datetime.date, ...]:
        """Dates on which a setting changes; within a ramp of a number that moves daily only its two ends."""
        return tuple(change.day for change in self._changes[1:] if change.is_marked)

    def next_structure(self, day: datetime.date) -> datetime.date | None:
        """The first date after `day` on which the network is another; None when it stays."""
        now = self.settings(day).structural
        return next((c.day for c in self._changes if c.day > day and c.structural != now), None)

    def structural_key(self, day: datetime.date) -> tuple[Any, ...]:
        """Equal on two days if and only if the network need not be rebuilt between them."""
        return self.settings(day).structural

    # --- identity ---

    def to_dict(self) -> dict[str, Any]:
        """The resolved scenario as plain data for JSON; `Plan.from_dict` reads it back."""
        data: dict[str, Any] = {"name": self.name, "scenario": self._plain()}
        if self.data_folder is not None and not self.data_folder.is_relative_to(builtin_folder()):
            data["data_folder"] = str(self.data_folder)
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Plan:
        """Read back what `to_dict` wrote.

        Raises:
            ScenarioError: when the data is not a valid scenario.
        """
        if not isinstance(data, Mapping) or not isinstance(data.get("scenario"), Mapping):
            raise ScenarioError(Problem("not a resolved scenario", allowed="what Plan.to_dict returns"))
        name = str(data.get("name", ""))
        scenario = build(data["scenario"], label=name, may_be_outside=lambda i: True)
        beside = data.get("data_folder")
        return cls(scenario, name, {}, _data_folder(scenario, Path(beside).parent if beside else None, name))

    def _plain(self) -> dict[str, Any]:
        left_out = set() if self.is_county else {"world", "levers"}
        return self.scenario.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=left_out)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what is computed: no names, titles, sources or notes, no order of keys."""
        data = self._plain()
        for key in DESCRIPTIVE:
            data.pop(key, None)
        for key in LENGTHS:
            data["run"].pop(key, None)
        data["run"]["horizon_minutes"] = self.scenario.run.horizon_minutes
        last_day = self.scenario.run.last_day.isoformat()
        reforms = [reform for reform in data.get("reforms", ()) if reform["date"] <= last_day]
        for reform in reforms:
            for key in NOTES:
                reform.pop(key, None)
        data["reforms"] = sorted(reforms, key=lambda r: (r["date"], r["what"]))
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def data_digest(self) -> str:
        """SHA-256 of the county's CSV files that are computed with, names and bytes; empty in textbook scenarios."""
        if self.data_folder is None:
            return ""
        hashed = hashlib.sha256()
        for path in sorted(self.data_folder.glob("*.csv")):
            if path.name in DOCUMENTARY:
                continue
            raw = path.read_bytes()
            hashed.update(f"{path.name}\0{len(raw)}\0".encode() + raw)
        return hashed.hexdigest()

    # --- variation ---

    def vary(self, changes: Mapping[str, Any], name: str | None = None) -> Plan:
        """A new plan with other values.

        Args:
            changes: path -> value, such as `{"levers.staffing_share": 0.5, "officials.clerk.count": 6}`;
                elements of arrays are named by their name or index. `run.end`, `run.days` and `run.minutes`
                replace one another; `reforms` replaces the whole list.
            name: name of the new plan; by default the old one.

        Raises:
            ScenarioError: when a path does not exist or a value is not valid.
        """
        data = self._plain()
        problems = []
        for path, value in changes.items():
            problem = _put(data, path, _plain_value(value))
            if problem is not None:
                problems.append(problem)
        if problems:
            raise ScenarioError(problems)
        label = f"{self.name} (varied)"
        origin = {**self.origin, **dict.fromkeys(changes, label)}
        is_restated = any(re.match(r"reforms\b", path) for path in changes)
        scenario = build(data, dict.fromkeys(changes, "vary"), "vary", lambda i: not is_restated)
        folder = self.data_folder
        if scenario.county != self.scenario.county:
            folder = _data_folder(scenario, folder.parent if folder else None, "vary")
        return Plan(scenario, self.name if name is None else name, origin, folder)


def _plain_value(value: Any) -> Any:
    """A value as plain data: numbers of numpy, models and tuples too."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(value, Mapping):
        return {str(k): _plain_value(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_value(v) for v in value]
    if hasattr(value, "tolist"):
        return value.tolist()
    return value


def _put(data: dict[str, Any], path: str, value: Any) -> Problem | None:
    if not isinstance(path, str):
        return Problem(f"{path!r} is not a path", "vary", allowed='text such as "levers.staffing_share"')
    parts = [part for part in re.split(r"\.|\[([0-9]+)\]", path) if part]
    if not parts:
        return Problem("an empty path", "vary", allowed='text such as "levers.staffing_share"')
    if parts[0] == "run" and len(parts) == 2 and parts[1] in LENGTHS:
        for key in LENGTHS:
            data["run"].pop(key, None)
    here: Any = data
    for depth, part in enumerate(parts):
        last = depth == len(parts) - 1
        if isinstance(here, list):
            names = [entry.get("name") for entry in here if isinstance(entry, dict)]
            if part in names:
                index = names.index(part)
            elif part.isdecimal() and int(part) < len(here):
                index = int(part)
            else:
                known = [n for n in names if n]
                allowed = listed(known) or "nothing"
                return Problem(f'there is no "{part}" here', path, "", allowed, nearest(part, known))
            if last:
                here[index] = value
            else:
                here = here[index]
        elif isinstance(here, dict):
            if last:
                here[part] = value
            else:
                here = here.setdefault(part, {})
        else:
            return Problem("there is nothing below this value", path)
    return None


# --- loading ---


def load(what: str | os.PathLike[str] | Plan) -> Plan:
    """Load a scenario.

    Args:
        what: a built-in name (`lean40`), the path of a `.toml` file, or a plan (returned as it is).

    Raises:
        ScenarioError: with everything that is wrong, one line each.
    """
    if isinstance(what, Plan):
        return what
    if not isinstance(what, str | os.PathLike) or isinstance(os.fspath(what), bytes):
        raise ScenarioError(Problem(f"{what!r} is not a scenario", allowed="a built-in name or a path"))
    source = locate(what)
    merged = read_chain(source)
    origin = origin_by_key(merged)
    scenario = build(merged.data, origin, source.label, moved_later(merged))
    setter = origin.get("county.data", source.label)
    folder = _data_folder(scenario, merged.folders.get(setter), setter)
    return Plan(scenario, source.name, origin, folder)


def _data_folder(scenario: Scenario, beside: Path | None, label: str) -> Path | None:
    if scenario.county is None:
        return None
    root = builtin_folder()
    data = scenario.county.data
    for folder in [beside, root] if beside is not None else [root]:
        if (folder / data).is_dir():
            return (folder / data).resolve()
    known = [p.name for p in root.iterdir() if p.is_dir()] if root.is_dir() else []
    raise ScenarioError(
        Problem(f'there is no data folder "{data}"', "county.data", label,
                "a folder of CSV files beside the file or among the built-in ones", nearest(data, known))
    )  # fmt: skip
