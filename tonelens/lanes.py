"""Sums of small whole numbers, several to a 64-bit word.

Adding rows of bytes sentence by sentence is what scoring spends its time on. Packed as lanes of
64-bit words, eight or four numbers are added at once by numpy's integer addition, as long as no
lane overflows into the next; runs that might are added in pieces.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def sum_runs(
    words: NDArray[np.uint64],
    offset: NDArray[np.int64],
    lane: type[np.unsignedinteger[Any]],
    top: int,
) -> NDArray[np.int32]:
    """Sum of the lanes over each run of rows.

    Parameters
    ----------
    words : uint64 (t, w)
        Rows of packed lanes.
    offset : int64 (n + 1,)
        Run i is ``words[offset[i]:offset[i + 1]]``; it may be empty. From 0 to t.
    lane : numpy.uint8 or numpy.uint16
        Type of a lane.
    top : int
        Most that a lane of `words` holds.

    Returns
    -------
    int32 (n, w * 8 / size of a lane)

    Examples
    --------
    >>> rows = np.array([[1, 2, 3, 4], [5, 0, 0, 1]], np.uint16).view(np.uint64)
    >>> sum_runs(rows, np.array([0, 2, 2]), np.uint16, 5).tolist()
    [[6, 2, 3, 5], [0, 0, 0, 0]]
    """
    lanes = words.shape[1] * 8 // np.dtype(lane).itemsize
    out = np.zeros((len(offset) - 1, lanes), np.int32)
    count = np.diff(offset)
    full = np.flatnonzero(count)
    if not len(full):
        return out
    most = int(np.iinfo(lane).max) // top
    pieces = -(-count[full] // most)
    first = np.cumsum(pieces) - pieces
    starts = np.repeat(offset[full], pieces)
    if len(starts) == len(full):
        out[full] = np.add.reduceat(words, starts, axis=0).view(lane)
        return out
    starts += (np.arange(len(starts)) - np.repeat(first, pieces)) * most
    parts = np.add.reduceat(words, starts, axis=0).view(lane).astype(np.int32)
    out[full] = np.add.reduceat(parts, first, axis=0)
    return out
