"""Sums of packed bytes are those of plain Python."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tonelens.lanes import sum_bytes

rows = st.lists(st.integers(0, 255), min_size=16, max_size=16)


@given(st.lists(st.lists(rows, max_size=6), max_size=6))
@example([[[255] * 16] * 257, [], [[255] * 16], [[255] * 16] * 258])
@example([[], []])
@example([])
@settings(deadline=None)
def test_runs_of_rows_add_up_byte_by_byte(groups):
    """Empty runs are 0, and no lane ever flows over into the next."""
    packed = np.array([row for g in groups for row in g], np.uint8).reshape(-1, 16)
    offset = np.concatenate(([0], np.cumsum([len(g) for g in groups], dtype=np.int64)))
    found = sum_bytes(packed.view(np.uint64), offset)
    assert found.dtype == np.int32
    assert found.tolist() == [[sum(c) for c in zip(*g, strict=True)] or [0] * 16 for g in groups]


@pytest.mark.parametrize("count", [256, 257, 258, 514, 515, 70_000])
def test_long_runs_of_the_largest_byte_do_not_overflow(count):
    packed = np.full((count + 2, 8), 255, np.uint8).view(np.uint64)
    found = sum_bytes(packed, np.array([0, 1, count + 1, count + 2]))
    assert found.tolist() == [[255] * 8, [255 * count] * 8, [255] * 8]
