"""What a section of the benchmark report is, and how its figures are written."""

from __future__ import annotations

from dataclasses import dataclass, field

import click

from benchmarks.rounds import Lap, Spread

YEAR_DAYS = 250
QUICK_DAYS = 25


@dataclass(frozen=True, slots=True)
class Settings:
    """How much to measure.

    Args:
        rounds: Interleaved rounds.
        peer_rounds: Rounds that the slow peers take part in.
        quick: A tenth of the year and fewer sizes, for a look and not for quoting.
    """

    rounds: int
    peer_rounds: int
    quick: bool

    @property
    def n_days(self) -> int:
        """Working days of the runs that are compared."""
        return QUICK_DAYS if self.quick else YEAR_DAYS


@dataclass(slots=True)
class Section:
    """One part of the report.

    Args:
        title: Its heading.
        head: The names of the columns.
        rows: The cells, already written out.
        remarks: Sentences below the table.
        wrong: What must not be so, whatever the speed (a wrong answer, an unwanted import).
        numbers: The same for the file, unrounded.
    """

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    numbers: dict[str, object] = field(default_factory=dict)

    def text(self) -> str:
        """The table with its columns aligned: names to the left, figures to the right."""
        widths = [max(map(len, column)) for column in zip(self.head, *self.rows, strict=True)]
        lines = [_aligned(self.head, widths), "  ".join("-" * width for width in widths)]
        lines += [_aligned(row, widths) for row in self.rows]
        wrong = [f"WRONG: {sentence}" for sentence in self.wrong]
        return "\n".join([self.title, "", *lines, *self.remarks, *wrong])


def _aligned(cells: tuple[str, ...], widths: list[int]) -> str:
    name, *figures = cells
    right = (cell.rjust(width) for cell, width in zip(figures, widths[1:], strict=True))
    return "  ".join([name.ljust(widths[0]), *right])


def figure(spread: Spread, digits: int = 3) -> str:
    """The median and, when there is more than one round, the range."""
    middle = f"{spread.median:.{digits}f}"
    return middle if spread.n == 1 else f"{middle} ({spread.min:.{digits}f}-{spread.max:.{digits}f})"


def with_setup(lap: Lap) -> float:
    """Seconds including the building of the model."""
    return lap.total_seconds


def ns_per_request(lap: Lap) -> float:
    """Nanoseconds per request that arrived."""
    return lap.seconds / lap.facts["requests"] * 1e9


def progress(text: str) -> None:
    """One line a lap, on standard error: the rounds take minutes."""
    click.echo(f"  {text}", err=True)
