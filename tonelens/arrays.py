"""Arrays of a safetensors file, mapped into memory: processes that read one file share it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES = {"I8": np.int8, "U8": np.uint8, "F32": np.float32}
_LENGTH = 8  # bytes that hold how long the header is


def mapped_bytes(path: Path) -> memoryview:
    """A file's bytes, read-only.

    They stay those of this file where another takes its place. To write into the file itself would
    change them under whoever reads them. Windows lets nobody replace a file that is mapped; there
    it is read.

    Raises
    ------
    OSError
        Where it can't be read.
    """
    if os.name == "nt" or not path.stat().st_size:  # an empty file can't be mapped either
        return memoryview(path.read_bytes())
    return np.memmap(path, np.uint8, mode="r").data


def arrays_of(data: memoryview) -> dict[str, NDArray[Any]]:
    """The arrays of a safetensors file, by name, read-only, as views of its bytes.

    Parameters
    ----------
    data : memoryview
        All of the file, as `mapped_bytes` gives it.

    Raises
    ------
    ValueError
        Where it is no safetensors file, or holds other numbers than int8, uint8 and float32.

    Examples
    --------
    >>> from safetensors.numpy import save
    >>> arrays_of(memoryview(save({"a": np.array([[1, 2]], np.int8)})))
    {'a': array([[1, 2]], dtype=int8)}
    """
    start = _LENGTH + int.from_bytes(data[:_LENGTH], "little")
    if len(data) < _LENGTH or start > len(data):
        raise ValueError("it is no safetensors file, or not all of one")
    try:
        header = json.loads(bytes(data[_LENGTH:start]))
        entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
        return {name: _array(data[start:], entry) for name, entry in entries.items()}
    except (AttributeError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"its header is damaged ({type(error).__name__}: {error})") from None


def _array(data: memoryview, entry: dict[str, Any]) -> NDArray[Any]:
    type_, (low, high) = entry["dtype"], entry["data_offsets"]
    if type_ not in _TYPES:
        raise ValueError(f"it holds numbers of the type {type_}, not {', '.join(_TYPES)}")
    if not 0 <= low <= high <= len(data):
        raise ValueError(f"an array from {low:,} to {high:,} in {len(data):,} bytes")
    if min(entry["shape"], default=0) < 0:
        raise ValueError(f"an array of shape {entry['shape']}")
    return np.frombuffer(data[low:high], _TYPES[type_]).reshape(entry["shape"])
