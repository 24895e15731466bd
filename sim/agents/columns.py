"""Tables and views: structured arrays hold the truth, an agent's attribute reads and writes its row."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np

CACHE_LINE_BYTES = 64
_HEAP_BYTES = 1 << 22                   # from here on NumPy asks Linux for huge pages
_heap = np.zeros(0, np.uint8)
_taking = Lock()


def _zeros(n_bytes: int) -> np.ndarray:
    """Fresh zeroed memory that begins on a cache line.

    Tables lie one after the other in large pieces of memory, so that a county's hot rows share a few huge pages. A
    piece is freed with the last table in it.
    """
    global _heap
    n_bytes += -n_bytes % CACHE_LINE_BYTES
    with _taking:
        if n_bytes > _heap.size:
            fresh = np.zeros(max(_HEAP_BYTES, n_bytes) + CACHE_LINE_BYTES, np.uint8)
            fresh = fresh[-fresh.ctypes.data % CACHE_LINE_BYTES:]
            if n_bytes >= _HEAP_BYTES:
                return fresh[:n_bytes]
            _heap = fresh
        taken, _heap = _heap[:n_bytes], _heap[n_bytes:]
    return taken


def table(n_rows: int, dtype: np.dtype) -> np.ndarray:
    """Zeroed structured array whose first row begins on a cache line. Row 0 means "none" by convention."""
    return _zeros(n_rows * dtype.itemsize)[:n_rows * dtype.itemsize].view(dtype)


def grown(old: np.ndarray, n_rows: int) -> np.ndarray:
    """The same table with room for more rows (new rows are zero)."""
    new = table(n_rows, old.dtype)
    new[:old.size] = old
    return new


class Column:
    """Descriptor: an agent's attribute is one field of its row in a table of its model.

    Reading gives a Python scalar, so that Mesa's collectors and pandas store plain numbers.
    """

    def __init__(self, table_name: str, field: str, scale: float | None = None, doc: str = ""):
        """Args: name of the table in `model.tables`, field, divisor into the attribute's unit, meaning."""
        self.table_name, self.field, self.scale, self.__doc__ = table_name, field, scale, doc

    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        """Value of the agent's row."""
        if agent is None:
            return self
        value = getattr(agent.model.tables, self.table_name)[self.field][agent.row].item()
        return value if self.scale is None else value / self.scale

    def __set__(self, agent: Any, value: Any) -> None:
        """Write into the agent's row."""
        if self.scale is not None:
            value = round(value * self.scale)
        getattr(agent.model.tables, self.table_name)[self.field][agent.row] = value
