"""How a model is kept: a folder that is checked before anything is built from it.

A folder holds ``card.json`` and the files that it names. The card says which kind of model it is,
the format, the feature schema, the label order, the lexicon of names, the training data and the
SHA-256 of every other file. All of that is compared first, and nothing is unpickled.

- A "network" (`tonelens.network`, the default where the card names no kind) has one other file,
  ``weights.safetensors``.
- An "encoder" (`tonelens.encoder`) has safetensors files, a graph and a tokenizer.

To raise the format: change `FORMAT`, and let `read_model` refuse what is older with a message that
says how to train or get a newer model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from tonelens.arrays import arrays_of, mapped_bytes
from tonelens.encoder import GRAPH, TOKENIZER, Encoder
from tonelens.errors import MissingExtraError, ModelError
from tonelens.features import BUCKETS, SCHEMA, SHAPE, STYLE
from tonelens.files import write_whole
from tonelens.labels import CELLS, LABELS
from tonelens.names import lexicon_sha256
from tonelens.network import Layer, Network

FORMAT = 2

CARD = "card.json"
"""The file of a model that is written last."""

_WEIGHTS = "weights.safetensors"
_NEEDED = {
    "network": ("kinds", "temperature", "sha256"), "encoder": ("bias", "temperature", "sha256")
}  # fmt: skip
_AGAIN = "Copy the model's folder again, or train and save the model anew."


def read_model(folder: Path) -> tuple[Network | Encoder, dict[str, Any]]:
    """What `write_model` wrote, and its card.

    Raises
    ------
    ModelError
        Where the folder is no tonelens model, is of another format or feature schema, or one of
        its files is damaged.
    MissingExtraError
        Where the model is an encoder and the packages that run it are not installed.
    """
    card = _read_card(folder)
    _check_card(card, folder)
    if card.get("kind", "network") == "encoder":
        return _encoder(card, folder), card
    return _network(_checked_bytes(folder, _WEIGHTS, str(card["sha256"])), card, folder), card


def write_model(folder: Path, network: Network | Encoder, card: dict[str, Any]) -> None:
    """Write a model and its card as a folder, made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    own = _write_encoder if isinstance(network, Encoder) else _write_network
    wanted = {**card, **_wanted(), **own(folder, network)}
    text = json.dumps(wanted, indent=2, ensure_ascii=False)
    _write(folder / CARD, f"{text}\n".encode())


def _write_network(folder: Path, network: Any) -> dict[str, Any]:
    """Write the weights, and say what the card says of them."""
    from safetensors.numpy import save

    weights = save(_arrays(network))
    _write(folder / _WEIGHTS, weights)
    return {
        "kinds": list(network.kinds),
        "temperature": network.temperature,
        "sha256": hashlib.sha256(weights).hexdigest(),
    }


def _write_encoder(folder: Path, encoder: Any) -> dict[str, Any]:
    """Copy the files, as they were when the encoder was read."""
    for name, sha256 in encoder.files.items():
        _write(folder / name, _checked_bytes(encoder.folder, name, sha256))
    return {
        "kind": "encoder",
        "temperature": float(encoder.temperature),
        "bias": encoder.bias.tolist(),
        "sha256": encoder.files,
    }


def _write(path: Path, data: bytes | memoryview) -> None:
    """In place of the file of this name, not into it: it may be mapped."""
    write_whole(path, lambda file: file.write(data))


def encoder_files(folder: Path) -> dict[str, str]:
    """The files of an encoder that was just written, each with its SHA-256."""
    weights = (path.name for path in folder.glob("*.safetensors"))
    names = sorted([GRAPH, TOKENIZER, *weights])
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


def _wanted() -> dict[str, Any]:
    """What a card must say, whatever the model."""
    return {
        "format": FORMAT, "schema": SCHEMA, "labels": list(LABELS), "cells": list(CELLS),
        "lexicon": lexicon_sha256(),
    }  # fmt: skip


def _read_card(folder: Path) -> dict[str, Any]:
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(
            f"{folder} is no tonelens model: its {CARD} can't be read ({error.strerror}). "
            "Give the folder that ToneClassifier.save() or ToneModel.save() wrote."
        ) from None
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{folder / CARD} is not valid JSON ({error}). {_AGAIN}") from None
    if not isinstance(card, dict):
        raise ModelError(f"{folder / CARD} holds no JSON object. {_AGAIN}")
    return card


def _check_card(card: dict[str, Any], folder: Path) -> None:
    for name, value in _wanted().items():
        if card.get(name) != value:
            raise ModelError(
                f"{folder} has {name} {card.get(name)!r}; this tonelens reads {value!r}. "
                "Train the model again with this version, or install the version that wrote it."
            )
    kind = card.get("kind", "network")
    if kind not in _NEEDED:
        raise ModelError(
            f"{folder} holds a model of the kind {kind!r}; this tonelens knows "
            f"{' and '.join(_NEEDED)}. Install the version that wrote it."
        )
    if missing := [name for name in _NEEDED[kind] if name not in card]:
        raise ModelError(f"{folder / CARD} lacks {', '.join(missing)}. {_AGAIN}")


def _checked_bytes(folder: Path, name: str, wanted: str) -> memoryview:
    """A file's bytes, mapped, after comparing them with the SHA-256 that the card names."""
    try:
        data = mapped_bytes(folder / name)
    except OSError as error:
        raise ModelError(f"{folder} has no readable {name} ({error.strerror}). {_AGAIN}") from None
    found = hashlib.sha256(data).hexdigest()
    if found != wanted:
        what = "weights" if name == _WEIGHTS else name
        are, their = ("are", "their") if name == _WEIGHTS else ("is", "its")
        raise ModelError(
            f"The {what} in {folder} {are} damaged: {their} SHA-256 is {found[:12]}…, the card "
            f"says {wanted[:12]}…. {_AGAIN}"
        )
    return data


def _encoder(card: dict[str, Any], folder: Path) -> Encoder:
    files = card["sha256"]
    if not isinstance(files, dict) or any(Path(n).name != n for n in files):
        raise ModelError(f"{folder / CARD} names no files of an encoder. {_AGAIN}")
    for name, wanted in files.items():
        _checked_bytes(folder, name, wanted)
    try:
        temperature = float(card["temperature"])
        return Encoder(folder, files=files, temperature=temperature, bias=card["bias"])
    except MissingExtraError:
        raise
    except Exception as error:  # noqa: BLE001  # onnxruntime's errors share no base of their own
        raise ModelError(f"{folder} holds no readable encoder: {error}. {_AGAIN}") from None


def _network(weights: memoryview, card: dict[str, Any], folder: Path) -> Network:
    try:
        arrays = arrays_of(weights)
        embedding, scale = arrays.pop("embedding"), arrays.pop("scale")
        style, out = _layer(arrays, "style"), _layer(arrays, "out")
        mix = tuple(_layers(arrays))
        if style is None or arrays:
            raise ValueError(f"it lacks a style layer, or has {sorted(arrays)} besides")
        kinds = tuple(card["kinds"])
        rows = len(embedding), len(style.weight)
        if rows not in [(len(kinds) * BUCKETS, len(names)) for names in (SHAPE, STYLE)]:
            raise ValueError(
                f"it has {rows} rows for {len(kinds)} times {BUCKETS:,} buckets and "
                f"{len(SHAPE)} or {len(STYLE)} styles"
            )
        return Network(kinds, embedding, scale, style, mix, out, float(card["temperature"]))
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise ModelError(f"{folder / _WEIGHTS} is no tonelens model: {error}. {_AGAIN}") from None


def _layer(arrays: dict[str, NDArray[Any]], name: str) -> Layer | None:
    if f"{name}.weight" not in arrays:
        return None
    return Layer(*(arrays.pop(f"{name}.{part}") for part in ("weight", "scale", "bias")))


def _layers(arrays: dict[str, NDArray[Any]]) -> Iterator[Layer]:
    """The layers ``mix0``, ``mix1`` and so on, as many as there are."""
    for number in count():
        layer = _layer(arrays, f"mix{number}")
        if layer is None:
            return
        yield layer


def _arrays(network: Network) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {"embedding": network.embedding, "scale": network.scale}
    named = {f"mix{i}": layer for i, layer in enumerate(network.mix)}
    for name, layer in {"style": network.style, **named, "out": network.out}.items():
        if layer is not None:
            arrays |= {f"{name}.{p}": getattr(layer, p) for p in ("weight", "scale", "bias")}
    return arrays
