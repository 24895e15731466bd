"""Result folders: Parquet tables and a manifest, each file written whole or not at all.

A table's bytes depend on its values, the names in them and pyarrow's version alone: no times, hosts or paths.
Reading back is ordinary pandas: `pandas.read_parquet("results/x/daily.parquet")`.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

SCHEMA = 1
"""Version of the layout of result folders."""
MANIFEST = "manifest.json"
_KEY = b"lean-county"


class FolderError(ValueError):
    """A result folder cannot be used; the text says why."""


def canonical(data: Any) -> str:
    """JSON with sorted keys and no spaces; equal data gives equal text.

    Raises:
        ValueError: when the data holds NaN or infinities.
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256(data: bytes | str) -> str:
    """SHA-256 as hexadecimal text."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


# --- one file ---


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: a temporary name beside it, fsync, then rename."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def table_bytes(name: str, frame: pd.DataFrame, digest: str) -> bytes:
    """A table as the bytes of a Parquet file.

    Args:
        name: name of the table.
        frame: its rows; the index is left out.
        digest: identity of what was computed (`sim.runs.manifest`), kept in the file's schema.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns, fields = [], []
    for column in frame.columns:
        kind = _arrow_type(frame[column])
        columns.append(pa.array(frame[column], type=kind, from_pandas=True))
        fields.append(pa.field(str(column), kind))
    stated = {"schema": SCHEMA, "table": name, "digest": digest}
    schema = pa.schema(fields, metadata={_KEY: canonical(stated).encode()})
    sink = io.BytesIO()
    # everything that could follow a changed default is said
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), sink, compression="zstd", version="2.6",
                   data_page_version="1.0", use_dictionary=True, write_statistics=True,
                   row_group_size=1_000_000)  # fmt: skip
    return sink.getvalue()


def _arrow_type(column: pd.Series) -> Any:
    import pyarrow as pa

    if pd.api.types.is_bool_dtype(column.dtype):
        return pa.bool_()
    if pd.api.types.is_integer_dtype(column.dtype):
        return pa.int64()
    if pd.api.types.is_float_dtype(column.dtype):
        return pa.float64()
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return pa.timestamp("ms")
    first = column.dropna().head(1).tolist()
    if first and hasattr(first[0], "isoformat"):
        return pa.date32()
    return pa.string()


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A small table as CSV for people; text that a spreadsheet would take for a formula gets a quote."""
    frame = frame.copy()
    for column in frame.columns:
        if frame[column].dtype == object or isinstance(frame[column].dtype, pd.StringDtype):
            frame[column] = [_harmless(value) for value in frame[column]]
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "=+-@\t\r＝＋－＠" and value:
        return "'" + value
    return value


# --- a folder ---


def check_folder(folder: Path, digest: str) -> None:
    """Refuse a folder that cannot take these results; nothing is written.

    Args:
        folder: where results are to go; it need not exist.
        digest: identity of what will be computed; results of the same identity may be written over.

    Raises:
        FolderError: when it is a file, in the package, not writable, or holds other results or other files.
    """
    inside = Path(__file__).resolve().parent.parent
    if folder.resolve().is_relative_to(inside):
        raise FolderError(f"{folder} lies inside the program's own folder; choose another one")
    here = folder
    while not here.exists() and not here.is_symlink() and here.parent != here:
        here = here.parent
    if not here.is_dir():
        raise FolderError(f"{here} is a file; a folder is needed")
    if not os.access(here, os.W_OK | os.X_OK):
        raise FolderError(f"{here} is not writable")
    if not folder.exists():
        return
    there = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
    if not there:
        return
    holder = held_by(folder)
    if holder == "":
        raise FolderError(f"{folder} is not empty and holds no results of leancounty; choose another folder")
    if holder != digest:
        raise FolderError(
            f"{folder} holds the results of another run ({holder[:12]}, this one is {digest[:12]}); "
            f"choose another folder or remove it"
        )


def held_by(folder: Path) -> str:
    """Identity of the results in a folder, by its manifest or, if interrupted, its tables; else empty."""
    try:
        return str(json.loads((folder / MANIFEST).read_text("utf-8"))["digest"])
    except FileNotFoundError:
        pass
    except (ValueError, KeyError, TypeError):
        return "unreadable manifest"
    for path in sorted(folder.glob("*.parquet")):
        stated = stated_in(path)
        if stated:
            return str(stated.get("digest", ""))
    return ""


def stated_in(path: Path) -> dict[str, Any]:
    """What a table of ours states about itself (schema, table, digest); empty for any other file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_schema(path).metadata or {}
        return json.loads(metadata[_KEY])
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return {}


def write_folder(folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> None:
    """Write tables and, last, the manifest: a folder with a manifest is whole.

    An older manifest goes first, and with it the files that it named and this one does not.

    Args:
        folder: the result folder, made when absent.
        files: file name -> bytes.
        manifest: what `sim.runs.manifest.manifest` made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(OSError, ValueError, KeyError, TypeError):
        before = json.loads((folder / MANIFEST).read_text("utf-8"))["results"]
        (folder / MANIFEST).unlink()
        for name in set(before) - set(files):
            if Path(name).name == name:
                (folder / name).unlink(missing_ok=True)
    for name, data in files.items():
        write_whole(folder / name, data)
    text = json.dumps(manifest, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(folder / MANIFEST, (text + "\n").encode())
