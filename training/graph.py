"""An encoder's layers, BERT's or MPNet's, as an ONNX graph; its weights lie in safetensors files.

The graph itself holds no weights: each of its tensors names a place in a safetensors file. Matrices
are 8-bit integers with a scale a column, of at most 63 (7 bits), so that processors without
instructions for sums of bytes can't overflow and every processor adds up the same integers. Most
lie below 10: the steps are wide, so that a compressed weight takes four bits.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from safetensors.numpy import save

Arrays = dict[str, NDArray]

MOST_BYTES = 9_000_000  # of a file
TOP = 63
STEP = 0.32  # between two integers, in root mean squares of a column
PLACES = 512  # that an encoder knows
MICROSOFT = "com.microsoft"
WORDS = "backbone.embeddings.word_embeddings.weight"
NEAR = "backbone.encoder.relative_attention_bias.weight"
TYPES = {
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.float16): TensorProto.FLOAT16,
    np.dtype(np.int8): TensorProto.INT8,
    np.dtype(np.int64): TensorProto.INT64,
}


class Shape(NamedTuple):
    """What of an encoder its arrays don't tell; `near` is whether attention heeds distance."""

    layers: int
    heads: int
    epsilon: float
    near: bool

    @classmethod
    def of(cls, settings: dict[str, Any], state: Arrays) -> Shape:
        """By the backbone's ``config.json`` and the arrays, which may be of fewer layers."""
        prefix = "backbone.encoder.layer."
        found = {name.removeprefix(prefix).split(".")[0] for name in state if prefix in name}
        return cls(
            len(found), settings["num_attention_heads"], settings["layer_norm_eps"], NEAR in state
        )


def quantized(weight: NDArray, axis: int = 0) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Nearest integers up to `TOP` and their scales; `axis` is the one that is summed over."""
    largest = np.abs(weight).max(axis, keepdims=True)
    spread = np.sqrt(np.square(weight).mean(axis, keepdims=True))
    scale = np.maximum(largest / TOP, STEP * spread).astype(np.float32)
    scale[scale == 0] = 1
    return np.rint(weight / scale).astype(np.int8), scale.reshape(-1)


def is_rounded(name: str) -> bool:
    """Whether an encoder's array of this name ships as integers."""
    return name == WORDS or (".layer." in name and name.endswith(".weight") and "Norm" not in name)


def as_bert(state: Arrays) -> Arrays:
    """Arrays of an MPNet under BERT's names, and ``near``: what each head adds by distance."""
    if NEAR not in state:
        return state
    found = {_berts(name): array for name, array in state.items()}
    place = "backbone.embeddings.position_embeddings.weight"
    found[place] = state[place][2:]  # the first two are of no place
    found["near"] = state[NEAR].T[:, distance_bucket(np.arange(1 - PLACES, PLACES))]
    return found


def _berts(name: str) -> str:
    for old, new in (
        (".attention.attn.o.", ".attention.output.dense."),
        (".attention.attn.q.", ".attention.self.query."),
        (".attention.attn.k.", ".attention.self.key."),
        (".attention.attn.v.", ".attention.self.value."),
        (".attention.LayerNorm.", ".attention.output.LayerNorm."),
    ):
        name = name.replace(old, new)
    return name


def distance_bucket(ahead: NDArray[np.integer]) -> NDArray[np.int64]:
    """The row of MPNet's table for a piece that stands so many places ahead.

    Up to seven places each distance has a row of its own; beyond, by logarithm, up to 128.

    >>> distance_bucket(np.array([-200, -1, 0, 1, 8, 200])).tolist()
    [15, 1, 0, 17, 24, 31]
    """
    far = np.abs(ahead)
    rest = np.log(np.maximum(far, 8) / 8) / np.log(128 / 8)
    row = np.where(far < 8, far, np.minimum(8 + (rest * 8).astype(np.int64), 15))
    return row + 16 * (ahead > 0)


def layer_arrays(state: Arrays, number: int) -> Arrays:
    """One layer's arrays under short names, from BERT's."""
    prefix = f"backbone.encoder.layer.{number}."
    attention = [f"attention.self.{part}" for part in ("query", "key", "value")]
    parts = {
        "qkv": [prefix + name for name in attention],
        "joined": [prefix + "attention.output.dense"],
        "wide": [prefix + "intermediate.dense"],
        "narrow": [prefix + "output.dense"],
    }
    arrays: Arrays = {}
    for name, sources in parts.items():
        weight = np.concatenate([state[f"{source}.weight"].T for source in sources], 1)
        arrays[f"{name}.weight"], arrays[f"{name}.scale"] = quantized(weight)
        arrays[f"{name}.bias"] = np.concatenate([state[f"{source}.bias"] for source in sources])
    for name, source in (("norm1", "attention.output"), ("norm2", "output")):
        for part, old in (("gain", "weight"), ("bias", "bias")):
            arrays[f"{name}.{part}"] = state[f"{prefix}{source}.LayerNorm.{old}"]
    return {f"{number}.{name}": array for name, array in arrays.items()}


def encoder_arrays(state: Arrays, layers: int) -> Arrays:
    """All arrays of the graph, in the order of their use."""
    norm = "backbone.embeddings.LayerNorm."
    place = state["backbone.embeddings.position_embeddings.weight"]
    kind = state.get("backbone.embeddings.token_type_embeddings.weight", np.zeros((1, 1)))[0]
    arrays = {
        "place": (place + kind).astype(np.float16),
        "norm.gain": state[f"{norm}weight"],
        "norm.bias": state[f"{norm}bias"],
    }
    if "near" in state:
        arrays["near"] = state["near"]
    for number in range(layers):
        arrays |= layer_arrays(state, number)
    return arrays | {"head.weight": state["head.weight"].T, "head.bias": state["head.bias"]}


def layer_nodes(number: int, shape: Shape) -> list[onnx.NodeProto]:
    """Attention and feed-forward of one layer: ``h{number}`` to ``h{number + 1}``."""

    def name(part: str) -> str:
        return f"{number}.{part}"

    def times(inputs: str, matrix: str) -> onnx.NodeProto:
        arrays = [name(f"{matrix}.{part}") for part in ("weight", "scale", "bias")]
        wanted = [inputs, arrays[0], arrays[1], "", arrays[2]]
        return helper.make_node("DynamicQuantizeMatMul", wanted, [name(matrix)], domain=MICROSOFT)

    def norm(which: str, skipped: str, added: str, output: str) -> onnx.NodeProto:
        arrays = [name(f"{which}.gain"), name(f"{which}.bias")]
        return helper.make_node(
            "SkipLayerNormalization", [skipped, added, *arrays], [output],
            domain=MICROSOFT, epsilon=shape.epsilon,
        )  # fmt: skip

    hidden, middle = f"h{number}", name("middle")
    return [
        times(hidden, "qkv"),
        helper.make_node(
            "Split", [name("qkv")], [name("q"), name("k"), name("v")], axis=2, num_outputs=3
        ),
        helper.make_node(
            "MultiHeadAttention",
            [name("q"), name("k"), name("v"), *(("", "", "distance") if shape.near else ())],
            [name("attended")],
            domain=MICROSOFT,
            num_heads=shape.heads,
        ),
        times(name("attended"), "joined"),
        norm("norm1", hidden, name("joined"), middle),
        times(middle, "wide"),
        helper.make_node("Gelu", [name("wide")], [name("active")], domain=MICROSOFT),
        times(name("active"), "narrow"),
        norm("norm2", middle, name("narrow"), f"h{number + 1}"),
    ]


def distance_nodes() -> list[onnx.NodeProto]:
    """What each head adds for the distance of two pieces: ``near`` as ``distance`` (1, a, p, p)."""
    make = helper.make_node
    return [
        make("Squeeze", ["pieces", "zero"], ["count"]),
        make("Range", ["nought", "count", "one"], ["there"]),
        make("Unsqueeze", ["there", "zero"], ["row"]),
        make("Unsqueeze", ["there", "last"], ["column"]),
        make("Sub", ["row", "column"], ["ahead"]),
        make("Add", ["ahead", "furthest"], ["place_of"]),
        make("Gather", ["near", "place_of"], ["by_head"], axis=1),
        make("Unsqueeze", ["by_head", "zero"], ["distance"]),
    ]


def nodes(shape: Shape) -> list[onnx.NodeProto]:
    """The whole graph: ``words`` (1, p, h) to ``logits`` (1, p, 6)."""
    first = [
        helper.make_node("Shape", ["words"], ["pieces"], start=1, end=2),
        helper.make_node("Slice", ["place", "zero", "pieces"], ["short_places"]),
        helper.make_node("Cast", ["short_places"], ["places"], to=TensorProto.FLOAT),
        helper.make_node("Add", ["words", "places"], ["sum"]),
        helper.make_node(
            "LayerNormalization", ["sum", "norm.gain", "norm.bias"], ["h0"], epsilon=shape.epsilon
        ),
        *(distance_nodes() if shape.near else ()),
    ]
    last = [
        helper.make_node("MatMul", [f"h{shape.layers}", "head.weight"], ["unbiased"]),
        helper.make_node("Add", ["unbiased", "head.bias"], ["logits"]),
    ]
    middle = [node for number in range(shape.layers) for node in layer_nodes(number, shape)]
    return [*first, *middle, *last]


def write_graph(state: Arrays, folder: Path, shape: Shape) -> None:
    """Write ``graph.onnx``, ``words-N.safetensors`` and ``layers-N.safetensors``."""
    state, tensors = as_bert(state), []
    for number, part in enumerate(parts(encoder_arrays(state, shape.layers))):
        tensors += stored(part, folder / f"layers-{number}.safetensors")
    words, scale = quantized(state[WORDS], 1)
    for number, half in enumerate(np.array_split(np.arange(len(words)), 2)):
        data = save({"words": words[half], "scale": scale[half]})
        (folder / f"words-{number}.safetensors").write_bytes(data)
    width, outputs = state["head.weight"].shape[::-1]
    graph = helper.make_graph(
        nodes(shape),
        "encoder",
        [helper.make_tensor_value_info("words", TensorProto.FLOAT, [1, "pieces", width])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, "pieces", outputs])],
        [*numbers(shape), *tensors],
    )
    domains = [helper.make_opsetid("", 18), helper.make_opsetid(MICROSOFT, 1)]
    model = helper.make_model(graph, opset_imports=domains, ir_version=9)
    (folder / "graph.onnx").write_bytes(model.SerializeToString())


def numbers(shape: Shape) -> list[TensorProto]:
    """Axes, bounds and steps that nodes take as tensors: of one number, or a number alone."""
    found = {"zero": ([1], 0)}
    if shape.near:
        found |= {"last": ([1], -1), "furthest": ([1], PLACES - 1)}
        found |= {"nought": ([], 0), "one": ([], 1)}
    return [
        helper.make_tensor(name, TensorProto.INT64, dims, [value])
        for name, (dims, value) in found.items()
    ]


def parts(arrays: Arrays) -> list[Arrays]:
    """The arrays in as few files as `MOST_BYTES` allows, in order."""
    out: list[Arrays] = [{}]
    for name, array in arrays.items():
        if sum(a.nbytes for a in out[-1].values()) + array.nbytes > MOST_BYTES:
            out.append({})
        out[-1][name] = np.ascontiguousarray(array)
    return out


def stored(arrays: Arrays, path: Path) -> list[TensorProto]:
    """Write the arrays as safetensors, and give the tensors that point to them there."""
    data = save(arrays)
    path.write_bytes(data)
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    return [_pointer(name, array, path, 8 + size + header[name]["data_offsets"][0])
            for name, array in arrays.items()]  # fmt: skip


def _pointer(name: str, array: NDArray, path: Path, offset: int) -> TensorProto:
    tensor = TensorProto(name=name, data_type=TYPES[array.dtype], dims=array.shape)
    tensor.data_location = TensorProto.EXTERNAL
    place = {"location": path.name, "offset": offset, "length": array.nbytes}
    for key, value in place.items():
        tensor.external_data.add(key=key, value=str(value))
    return tensor
