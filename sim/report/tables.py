"""Tables of an experiment as files: CSV for people, Parquet for programs, and the figure beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from sim.report.drawing import as_png, as_svg
from sim.runs.store import csv_bytes, table_bytes, write_whole


def write_experiment(
    folder: str | Path, tables: Mapping[str, pd.DataFrame], figures: Mapping[str, Figure], about: str
) -> Path:
    """Write what an experiment found.

    Args:
        folder: where to; made when it is not there.
        tables: name -> rows, written as CSV and Parquet.
        figures: name -> figure, written as PNG and SVG.
        about: what was done, with how many runs, over which days; written to `about.txt`.

    Returns:
        The folder.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        write_whole(folder / f"{name}.csv", csv_bytes(frame))
        write_whole(folder / f"{name}.parquet", table_bytes(name, frame, ""))
    for name, figure in figures.items():
        write_whole(folder / f"{name}.png", as_png(figure, 130))
        write_whole(folder / f"{name}.svg", as_svg(figure).encode())
    write_whole(folder / "about.txt", (about.rstrip() + "\n").encode())
    return folder
