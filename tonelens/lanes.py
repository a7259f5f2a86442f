"""Sums of bytes, four to a 64-bit word.

Adding rows of bytes sentence by sentence is what scoring spends its time on. The even and the odd
bytes of 64-bit words are spread into 16-bit lanes and added as whole words, four sums at once, as
long as no lane overflows into the next; runs that might are added in pieces.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_EVEN = np.uint64(0x00FF00FF00FF00FF)
_MOST = 0xFFFF // 0xFF  # bytes that a 16-bit lane can hold the sum of


def sum_bytes(words: NDArray[np.uint64], offset: NDArray[np.int64]) -> NDArray[np.int32]:
    """Sum of the bytes over each run of rows.

    Parameters
    ----------
    words : uint64 (t, w)
        Rows of eight bytes a word.
    offset : int64 (n + 1,)
        Run i is ``words[offset[i]:offset[i + 1]]``; it may be empty. From 0 to t.

    Returns
    -------
    int32 (n, 8 * w)
        Sums of the bytes, in their order in memory.

    Examples
    --------
    >>> rows = np.array([[1, 2, 3, 4, 5, 6, 7, 8], [255, 0, 0, 0, 0, 0, 0, 1]], np.uint8)
    >>> sum_bytes(rows.view(np.uint64), np.array([0, 2, 2])).tolist()
    [[256, 2, 3, 4, 5, 6, 7, 9], [0, 0, 0, 0, 0, 0, 0, 0]]
    """
    count = np.diff(offset)
    full = np.flatnonzero(count)
    sums = np.empty((len(full), words.shape[1] * 8), np.int32)
    if len(full):
        pieces = -(-count[full] // _MOST)
        odd = words >> np.uint64(8)
        odd &= _EVEN
        sums[:, 0::2] = _sums(words & _EVEN, offset[full], pieces)
        sums[:, 1::2] = _sums(odd, offset[full], pieces)
    if len(full) == len(count):
        return sums
    out = np.zeros((len(count), sums.shape[1]), np.int32)
    out[full] = sums
    return out


def sum_ranges(
    values: NDArray[np.float32], low: NDArray[np.int64], high: NDArray[np.int64]
) -> NDArray[np.uint16]:
    """Sums over ranges of rows that may overlap.

    Parameters
    ----------
    values : float32 (n, h)
        Whole numbers of 0 … 255.
    low, high : int64 (m,)
        Range i is ``values[low[i]:high[i]]``, of 257 rows at most.

    Returns
    -------
    uint16 (m, h)

    Examples
    --------
    >>> rows = np.array([[1, 2], [3, 4], [5, 6]], np.float32)
    >>> sum_ranges(rows, np.array([0, 1]), np.array([2, 3])).tolist()
    [[4, 6], [8, 10]]
    """
    n, width = values.shape
    lanes = np.zeros((n + 1, -(-width // 4) * 4), np.uint16)
    lanes[1:, :width] = values
    total = np.cumsum(lanes.view(np.uint64), axis=0)  # lanes flow over, but not in differences
    return (total.take(high, axis=0) - total.take(low, axis=0)).view(np.uint16)[:, :width]


def _sums(
    lanes: NDArray[np.uint64], start: NDArray[np.int64], pieces: NDArray[np.int64]
) -> NDArray[Any]:
    """Sums of the 16-bit lanes of runs of rows that begin at `start` and are added in `pieces`."""
    if pieces.max() == 1:
        return np.add.reduceat(lanes, start, axis=0).view(np.uint16)
    first = np.cumsum(pieces) - pieces
    within = np.arange(pieces.sum()) - np.repeat(first, pieces)
    parts = np.add.reduceat(lanes, np.repeat(start, pieces) + within * _MOST, axis=0)
    return np.add.reduceat(parts.view(np.uint16).astype(np.int32), first, axis=0)
