"""Arrays of a safetensors file, mapped into memory: processes that read one file share it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES = {"I8": np.int8, "U8": np.uint8, "F32": np.float32}
_LENGTH = 8  # bytes that hold how long the header is


def mapped_bytes(path: Path) -> memoryview:
    """A file's bytes, read-only, which stay those of this file where another takes its place.

    Raises
    ------
    OSError
        Where it can't be read.
    """
    if not path.stat().st_size:  # nothing can't be mapped
        return memoryview(b"")
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
    header = dict(json.loads(bytes(data[_LENGTH:start])))
    header.pop("__metadata__", None)
    return {name: _array(data[start:], **entry) for name, entry in header.items()}


def _array(
    data: memoryview, dtype: str, shape: list[int], data_offsets: tuple[int, int]
) -> NDArray[Any]:
    if dtype not in _TYPES:
        raise ValueError(f"it holds numbers of the type {dtype}, not {', '.join(_TYPES)}")
    low, high = data_offsets
    if not 0 <= low <= high <= len(data):
        raise ValueError(f"it ends after {len(data):,} bytes, not {high:,}")
    return np.frombuffer(data[low:high], _TYPES[dtype]).reshape(shape)
