"""Unknowns: their ranges from the evidence register, grids over one of them, and draws over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.scenario import Plan
from sim.scenario.checks import reformable_paths
from sim.scenario.register import register

LOG_FROM = 10.0
"""A range whose ends differ by this factor or more is spaced and drawn evenly in the logarithm."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """One thing nobody knows.

    Attributes:
        name: for people. path: path of the scenario language. unit: of `x`.
        low: lower end of the range of `x`. high: upper end. current: `x` as the scenario has it; NaN of choices.
        is_world: whether it changes base and option alike, or is a lever of the option alone.
        is_whole: whether values are whole numbers.
        values: values of choices, or those that belong to `at`; empty for a plain number, which is its own `x`.
        at: rising `x` of `values` when these are not numbers themselves; empty for plain numbers and choices.
    """

    name: str
    path: str
    unit: str
    low: float
    high: float
    current: float
    is_world: bool
    is_whole: bool = False
    values: tuple[Any, ...] = ()
    at: tuple[float, ...] = ()

    @property
    def is_choice(self) -> bool:
        """Whether its values have no order, so that there is no critical value."""
        return bool(self.values) and not self.at

    def value(self, x: float) -> Any:
        """The value of the scenario language at `x`; between two points of `at` on the line between their values."""
        if self.is_choice:
            return self.values[int(x)]
        if self.at:
            parts = np.array(self.values, float).T
            return tuple(float(np.interp(x, self.at, part)) for part in parts)
        return round(x) if self.is_whole else float(x)

    def grid(self, n: int) -> list[float]:
        """`n` values from low to high and the current one; of a choice the number of each."""
        if self.is_choice:
            return [float(i) for i in range(len(self.values))]
        found = {float(self.value(x)) if not self.at else x for x in map(self.spread, np.linspace(0.0, 1.0, n))}
        return sorted(found | {self.current})

    def spread(self, u: float) -> float:
        """Where a share of 0 to 1 lies in the range."""
        if self.is_choice:
            return float(min(int(u * len(self.values)), len(self.values) - 1))
        if self.low > 0 and self.high / self.low >= LOG_FROM:
            x = self.low * (self.high / self.low) ** u
        else:
            x = self.low + u * (self.high - self.low)
        return round(min(max(x, self.low), self.high), 9)


def unknown(plan: Plan, stated: Mapping[str, Any]) -> Unknown | None:
    """An unknown as it is stated (name, path; for what is no number also values, at, unit), with its range.

    A number's range, unit and current value are those of the evidence register. `world` and `behaviour` hold in base
    and option alike, levers in the option alone unless `both = true` is stated.

    Returns:
        None when this version's scenario language has no such path.

    Raises:
        ValueError: when the value in force is not among those that are stated.
    """
    path = stated["path"]
    found = reformable_paths(plan.scenario).get(path)
    if found is None:
        return None
    both = not path.startswith("levers.") or bool(stated.get("both", False))
    values = tuple(tuple(v) if isinstance(v, list) else v for v in stated.get("values", ()))
    at = tuple(map(float, stated.get("at", ())))
    now, nan = found[0], float("nan")
    if values:
        if now not in values:
            raise ValueError(f"{path}: {now!r}, which is in force, is not among the stated values {values}")
        current = at[values.index(now)] if at else float(values.index(now))
        ends = (at[0], at[-1]) if at else (nan, nan)
        return Unknown(stated["name"], path, stated.get("unit", "choice"), *ends, current, both, False, values, at)
    row = next(row for row in register(plan) if row["path"] == path)
    whole = isinstance(now, int)
    return Unknown(stated["name"], path, row["unit"], float(row["low"]), float(row["high"]), float(now), both, whole)


def latin_hypercube(names: Sequence[str], n: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Numbers in 0 to 1, one a draw, such that each of n equal parts of 0 to 1 holds one of each name.

    The numbers of a name depend on its own name, n and seed, so that another unknown moves no other's draws.
    """
    found = {}
    for name in names:
        key = hashlib.blake2b(f"{seed}|{name}".encode(), digest_size=8).digest()
        rng = np.random.Generator(np.random.PCG64(int.from_bytes(key, "little")))
        found[name] = (rng.permutation(n) + rng.random(n)) / n
    return found
