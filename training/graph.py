"""The encoder's layers as an ONNX graph whose weights lie beside it in safetensors files.

The graph itself holds no weights: each of its tensors names a place in a safetensors file. Matrices
are 8-bit integers with a scale a column, of at most 63 (7 bits), so that processors without
instructions for sums of bytes can't overflow and every processor adds up the same integers.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from safetensors.numpy import save

Arrays = dict[str, NDArray]

MOST_BYTES = 9_000_000  # of a file
TOP = 63
MICROSOFT = "com.microsoft"
TYPES = {
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.int8): TensorProto.INT8,
    np.dtype(np.int64): TensorProto.INT64,
}


def quantized(weight: NDArray, axis: int = 0) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Nearest 7-bit integers and their scales; `axis` is the one that is summed over."""
    largest = np.abs(weight).max(axis, keepdims=True)
    scale = np.where(largest > 0, largest / TOP, 1).astype(np.float32)
    return np.rint(weight / scale).astype(np.int8), scale.reshape(-1)


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
    place = place + state["backbone.embeddings.token_type_embeddings.weight"][0]
    arrays = {
        "place": place,
        "norm.gain": state[f"{norm}weight"],
        "norm.bias": state[f"{norm}bias"],
    }
    for number in range(layers):
        arrays |= layer_arrays(state, number)
    return arrays | {"head.weight": state["head.weight"].T, "head.bias": state["head.bias"]}


def layer_nodes(number: int, heads: int) -> list[onnx.NodeProto]:
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
            domain=MICROSOFT, epsilon=1e-12,
        )  # fmt: skip

    hidden, middle = f"h{number}", name("middle")
    return [
        times(hidden, "qkv"),
        helper.make_node(
            "Split", [name("qkv")], [name("q"), name("k"), name("v")], axis=2, num_outputs=3
        ),
        helper.make_node(
            "MultiHeadAttention",
            [name("q"), name("k"), name("v")],
            [name("attended")],
            domain=MICROSOFT,
            num_heads=heads,
        ),
        times(name("attended"), "joined"),
        norm("norm1", hidden, name("joined"), middle),
        times(middle, "wide"),
        helper.make_node("Gelu", [name("wide")], [name("active")], domain=MICROSOFT),
        times(name("active"), "narrow"),
        norm("norm2", middle, name("narrow"), f"h{number + 1}"),
    ]


def nodes(layers: int, heads: int) -> list[onnx.NodeProto]:
    """The whole graph: ``words`` (1, p, h) to ``logits`` (1, p, 6)."""
    first = [
        helper.make_node("Shape", ["words"], ["pieces"], start=1, end=2),
        helper.make_node("Slice", ["place", "zero", "pieces"], ["places"]),
        helper.make_node("Add", ["words", "places"], ["sum"]),
        helper.make_node(
            "LayerNormalization", ["sum", "norm.gain", "norm.bias"], ["h0"], epsilon=1e-12
        ),
    ]
    last = [
        helper.make_node("MatMul", [f"h{layers}", "head.weight"], ["unbiased"]),
        helper.make_node("Add", ["unbiased", "head.bias"], ["logits"]),
    ]
    middle = [node for number in range(layers) for node in layer_nodes(number, heads)]
    return [*first, *middle, *last]


def write_graph(state: Arrays, folder: Path, *, layers: int, heads: int) -> None:
    """Write ``graph.onnx``, ``words-N.safetensors`` and ``layers-N.safetensors``."""
    tensors = []
    for number, part in enumerate(parts(encoder_arrays(state, layers))):
        tensors += stored(part, folder / f"layers-{number}.safetensors")
    words, scale = quantized(state["backbone.embeddings.word_embeddings.weight"], 1)
    for number, half in enumerate(np.array_split(np.arange(len(words)), 2)):
        data = save({"words": words[half], "scale": scale[half]})
        (folder / f"words-{number}.safetensors").write_bytes(data)
    width, outputs = state["head.weight"].shape[::-1]
    zero = helper.make_tensor("zero", TensorProto.INT64, [1], [0])
    shape = [1, "pieces"]
    graph = helper.make_graph(
        nodes(layers, heads),
        "encoder",
        [helper.make_tensor_value_info("words", TensorProto.FLOAT, [*shape, width])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*shape, outputs])],
        [zero, *tensors],
    )
    domains = [helper.make_opsetid("", 18), helper.make_opsetid(MICROSOFT, 1)]
    model = helper.make_model(graph, opset_imports=domains, ir_version=9)
    (folder / "graph.onnx").write_bytes(model.SerializeToString())


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
