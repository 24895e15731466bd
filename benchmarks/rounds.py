"""Interleaved rounds: A B C A B C …, so that contestants share the machine's moods.

The speed of a shared machine drifts by a factor of two or three within minutes. Times taken one
contestant after the other therefore compare moments, not programs. Here every round runs every
contestant once, a ratio is formed inside each round, and the median of those ratios is what gets
reported. Nothing in this package asserts a number of seconds.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Lap:
    """One contestant's turn in one round.

    Args:
        seconds: Wall seconds of the work itself.
        setup_seconds: Wall seconds spent before it (building the model), not part of `seconds`.
        facts: What the run found or used (requests, mean wait, memory …), for the tables.
    """

    seconds: float
    setup_seconds: float = 0.0
    facts: dict[str, float] = field(default_factory=dict)

    @property
    def total_seconds(self) -> float:
        """Wall seconds with the set-up."""
        return self.setup_seconds + self.seconds


@dataclass(frozen=True, slots=True)
class Contestant:
    """Something to be timed: `play(round_number)` runs it once and says how long it took.

    Args:
        name: Unique in its contest.
        play: Runs once; the round's number (1, 2, …) is the seed, the same for all contestants.
        warm: Runs once before the first round, untimed (compile, fill caches).
        n_rounds: Take part in the first so many rounds only; None means in all.
    """

    name: str
    play: Callable[[int], Lap]
    warm: Callable[[], object] | None = None
    n_rounds: int | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """Smallest, middle and largest of `n` values."""

    min: float
    median: float
    max: float
    n: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Summarise `values`, of which there must be at least one."""
        ordered = sorted(values)
        return cls(ordered[0], statistics.median(ordered), ordered[-1], len(ordered))


@dataclass(frozen=True, slots=True)
class Contest:
    """The laps of a finished contest, by contestant and round number."""

    laps: dict[str, dict[int, Lap]]

    def spread(self, name: str, measure: Callable[[Lap], float] | None = None) -> Spread:
        """Spread of a contestant's `measure` (wall seconds unless told) over its rounds."""
        measure = measure or _seconds
        return Spread.of(measure(lap) for lap in self.laps[name].values())

    def ratio(
        self,
        above: str,
        below: str,
        measure: Callable[[Lap], float] | None = None,
        measure_below: Callable[[Lap], float] | None = None,
    ) -> Spread:
        """Spread of `above` ÷ `below`, formed inside each round that both took part in."""
        measure = measure or _seconds
        measure_below = measure_below or measure
        over, under = self.laps[above], self.laps[below]
        shared = sorted(over.keys() & under.keys())
        return Spread.of(measure(over[r]) / measure_below(under[r]) for r in shared)

    def fact(self, name: str, key: str) -> list[float]:
        """A contestant's `key` in each of its rounds, in order."""
        return [lap.facts[key] for _, lap in sorted(self.laps[name].items()) if key in lap.facts]


def _seconds(lap: Lap) -> float:
    return lap.seconds


def interleave(
    contestants: Iterable[Contestant],
    n_rounds: int,
    say: Callable[[str], object] = lambda text: None,
) -> Contest:
    """Warm every contestant up, then run them in turn, round after round.

    Args:
        contestants: In the order in which each round runs them.
        n_rounds: Five or more for a figure worth quoting.
        say: Receives one line of progress per lap.
    """
    contestants = list(contestants)
    laps: dict[str, dict[int, Lap]] = {contestant.name: {} for contestant in contestants}
    if len(laps) < len(contestants):
        raise ValueError("two contestants share a name")
    for contestant in contestants:
        if contestant.warm is not None:
            contestant.warm()
    for number in range(1, n_rounds + 1):
        for contestant in contestants:
            if contestant.n_rounds is not None and number > contestant.n_rounds:
                continue
            gc.collect()  # nobody pays for the garbage of the one before
            lap = contestant.play(number)
            laps[contestant.name][number] = lap
            say(f"round {number}/{n_rounds}  {contestant.name}  {lap.seconds:.3f} s")
    return Contest(laps)
