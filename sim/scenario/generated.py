"""Documents written from data: to the file that is named on the command line, or to standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path


def write_document(text: Callable[[], str], within: Callable[[str], str] | None = None) -> None:
    """Write a document.

    Args:
        text: makes it.
        within: makes the whole file from what stands in it, when only a part of it is written.
    """
    if len(sys.argv) < 2:
        sys.stdout.write(text())
        return
    path = Path(sys.argv[1])
    path.write_text(text() if within is None else within(path.read_text("utf-8")), "utf-8")
