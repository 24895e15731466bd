"""Tables of the page, as plain rows of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """A cell of a table: text, and a class when it is marked."""

    text: str
    mark: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a table; a single cell goes across all columns."""

    cells: Sequence[Cell]
    kind: str = ""


@dataclass(frozen=True)
class Table:
    """A table of the page; `numbers` are the columns set to the right."""

    head: Sequence[str]
    rows: Sequence[Row]
    numbers: Sequence[int] = field(default=())
