"""Arrays that are mapped from a safetensors file rather than read."""

import json
import os

import numpy as np
import pytest
from safetensors.numpy import save

from tonelens.arrays import arrays_of, mapped_bytes

ARRAYS = {
    "real": np.array([[0.5, -2.0], [1e-3, 7.0]], np.float32),
    "byte": np.arange(-3, 3, dtype=np.int8).reshape(3, 2),
    "raised": np.array([0, 255], np.uint8),
    "none": np.zeros((0, 4), np.float32),
}


def a_file(header):
    data = json.dumps(header).encode()
    return memoryview(len(data).to_bytes(8, "little") + data)


def entry(**changes):
    return {"a": {"dtype": "I8", "shape": [0], "data_offsets": [0, 0], **changes}}


@pytest.fixture
def path(tmp_path):
    (tmp_path / "a.safetensors").write_bytes(save(ARRAYS, {"note": "of a test"}))
    return tmp_path / "a.safetensors"


def test_arrays_are_those_that_were_saved(path):
    found = arrays_of(mapped_bytes(path))
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_arrays_are_views_of_the_file_that_nobody_can_write_to(path):
    data = mapped_bytes(path)
    assert isinstance(data.obj, bytes if os.name == "nt" else np.memmap)
    arrays = arrays_of(data)
    assert np.shares_memory(arrays["byte"], np.frombuffer(data, np.uint8))
    with pytest.raises(ValueError, match="read-only"):
        arrays["byte"][0, 0] = 1


def test_arrays_stay_as_they_were_where_another_file_takes_their_place(path, tmp_path):
    arrays = arrays_of(mapped_bytes(path))
    (tmp_path / "other").write_bytes(save({"byte": np.ones((3, 2), np.int8)}))
    (tmp_path / "other").replace(path)
    np.testing.assert_array_equal(arrays["byte"], ARRAYS["byte"])
    assert arrays_of(mapped_bytes(path))["byte"].all()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (memoryview(b""), "not all of one"),
        (memoryview(b"short"), "not all of one"),
        (memoryview(b"\xff" * 40), "not all of one"),
        (memoryview(save(ARRAYS))[:-1], "an array from 22 to 24 in 23 bytes"),
        (memoryview(save({"a": np.ones(2)})), "the type F64, not I8, U8, F32"),
        *((a_file(header), "its header is damaged") for header in ([1], 5, {"a": 1}, {"a": {}})),
        (a_file(entry(data_offsets=[0])), "values to unpack"),
        (a_file(entry(data_offsets=["0", "1"])), "its header is damaged"),
        (a_file(entry(data_offsets=[-1, 0])), "an array from -1 to 0 in 0 bytes"),
        (a_file(entry(data_offsets=[0, 1])), "an array from 0 to 1 in 0 bytes"),
        (a_file(entry(shape=[-1])), r"an array of shape \[-1\]"),
        (a_file(entry(shape=[3])), "reshape"),
        (memoryview((100_000).to_bytes(8, "little") + b"[" * 100_000), "its header is damaged"),
    ],
)
def test_what_is_no_such_file_is_refused(data, message):
    with pytest.raises(ValueError, match=message):
        arrays_of(data)
