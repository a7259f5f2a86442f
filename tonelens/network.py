"""The default model's arithmetic: small integers in, exact sums, the same bits in every batch.

Stage one adds up one row of weights for every n-gram and style feature of a sentence: for a linear
model that is all. Stage two, where there is one, mixes what stage one found in a sentence with what
it found in its two neighbours.

All weights are 8-bit integers with a scale a column, and what passes between layers is rounded to
integers of 0 … 255. Every sum is then a whole number below 2^24, which float32 and BLAS add without
rounding, in whatever order: so a sentence's score depends neither on the batch it is in nor on the
machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tonelens.features import Features
from tonelens.labels import CELLS, Floats
from tonelens.lanes import sum_bytes

Bytes = NDArray[np.int8]

_BLOCK = 512  # sentences summed at once: their rows fit the processor's cache
_LEVELS = 255
_STEP = np.float32(1 / 32)  # of the activations between layers
TOP = float(_LEVELS * _STEP)  # the largest of them


@dataclass(frozen=True)
class Layer:
    """A matrix of 8-bit weights (inputs, outputs), a scale and a bias (outputs,)."""

    weight: Bytes
    scale: Floats
    bias: Floats

    def __post_init__(self) -> None:
        """Refuse what doesn't fit together or could not be added exactly."""
        if self.weight.ndim != 2 or self.weight.shape[0] * _LEVELS * 128 >= 1 << 24:
            raise ValueError(f"a layer of shape {self.weight.shape}, too wide to add exactly")
        outputs = self.weight.shape[1:]
        _check(self.weight, self.weight.shape, np.int8)
        _check(self.scale, outputs, np.float32)
        _check(self.bias, outputs, np.float32)

    @classmethod
    def quantized(cls, weight: Floats, bias: Floats) -> Layer:
        """The nearest layer to one of real numbers."""
        bytes_, scale = quantize(weight)
        return cls(bytes_, scale, bias.astype(np.float32))

    @cached_property
    def _real(self) -> Floats:
        return self.weight.astype(np.float32)

    def apply(self, levels: Floats, step: float) -> Floats:
        """Outputs (n, outputs) for inputs (n, inputs) that are whole numbers of `step`."""
        return (levels @ self._real) * (self.scale * np.float32(step)) + self.bias


@dataclass(frozen=True)
class Network:
    """Weights of a model.

    Attributes
    ----------
    embedding : int8 (buckets, h), scale float32 (h,)
        A row for every bucket of `tonelens.features`; h is a multiple of eight.
    style : Layer
        From the style features to the same h columns.
    mix : Layer or None
        From a sentence's and its two neighbours' columns (3 * h) to m; None in a linear model.
    out : Layer or None
        From h + m columns to the cells. A linear model's first six columns are the cells'.
    temperature : float
        What the logits are divided by, found on held-out data.
    """

    embedding: Bytes
    scale: Floats
    style: Layer
    mix: Layer | None
    out: Layer | None
    temperature: float

    def __post_init__(self) -> None:
        """Refuse weights that don't fit each other."""
        width = self.style.weight.shape[1]
        _check(self.embedding, (len(self.embedding), width), np.int8)
        _check(self.scale, (width,), np.float32)
        if width % 8:
            raise ValueError(f"{width} columns, which is no multiple of eight")
        if (self.mix is None) != (self.out is None) or (self.out is None and width < len(CELLS)):
            raise ValueError("one of the layers mix and out, but not both")
        if self.mix is not None and self.out is not None:
            mixed = self.mix.weight.shape[1]
            _check(self.mix.weight, (3 * width, mixed), np.int8)
            _check(self.out.weight, (width + mixed, len(CELLS)), np.int8)
        if not 0 < self.temperature < float("inf"):
            raise ValueError(f"a temperature of {self.temperature}")

    def logits(self, features: Features) -> Floats:
        """Log-odds (n, 6), before the softmax and divided by the temperature."""
        total = self.additive(features)
        if self.mix is None or self.out is None:
            return total[:, : len(CELLS)] / np.float32(self.temperature)
        own = levels(total)
        mixed = self.mix.apply(with_neighbours(own, features), float(_STEP))
        both = np.concatenate((own, levels(mixed)), 1)
        return self.out.apply(both, float(_STEP)) / np.float32(self.temperature)

    def probabilities(self, features: Features) -> Floats:
        """Probabilities (n, 6) of the cells, rows summing to 1."""
        return softmax(self.logits(features))

    def additive(self, features: Features) -> Floats:
        """Stage one's sums (n, h)."""
        count = np.diff(features.offset)
        sums = self._sums(features).astype(np.float32)
        weight = (1 / np.sqrt(count, dtype=np.float32)).astype(np.float32)
        shown = np.rint(features.style * np.float32(_LEVELS))
        total: Floats = sums * weight[:, None] * self.scale
        return total + self.style.apply(shown, 1 / _LEVELS)

    @cached_property
    def _words(self) -> NDArray[np.uint64]:
        """The embedding's rows as words of bytes, raised by 128 to be positive."""
        return (self.embedding.astype(np.int16) + 128).astype(np.uint8).view(np.uint64)

    def _sums(self, features: Features) -> NDArray[np.int32]:
        """Sum (n, h) of the embedding's rows over each sentence's buckets."""
        n, width = len(features.style), self.embedding.shape[1]
        out = np.empty((n, width), np.int32)
        for low in range(0, n, _BLOCK):
            high = min(low + _BLOCK, n)
            offset = features.offset[low : high + 1]
            rows = self._words.take(features.bucket[offset[0] : offset[-1]], axis=0)
            raised = sum_bytes(rows, offset - offset[0])
            out[low:high] = raised - 128 * np.diff(offset)[:, None]
        return out


def _check(array: NDArray[Any], shape: tuple[int, ...], kind: type[np.generic]) -> None:
    if array.shape != shape or array.dtype != kind:
        raise ValueError(
            f"an array of shape {array.shape} and type {array.dtype} for {shape} and "
            f"{kind.__name__}"
        )
    if not np.isfinite(array).all():
        raise ValueError("weights that are not finite")


def levels(values: Floats) -> Floats:
    """Negative values to 0, the rest to whole numbers of the step between layers, up to 255."""
    return np.minimum(np.maximum(np.rint(values * (1 / _STEP)), 0), _LEVELS)


def with_neighbours(own: Floats, features: Features) -> Floats:
    """Columns (n, 3h): the sentence's, its predecessor's, its successor's; 0 for none."""
    padded = np.concatenate((own, np.zeros((1, own.shape[1]), np.float32)))
    near = (padded.take(at, axis=0) for at in (features.before, features.after))
    return np.concatenate((own, *near), 1)


def quantize(weight: Floats) -> tuple[Bytes, Floats]:
    """Nearest 8-bit weights (inputs, outputs) and the scale of each column."""
    top = np.abs(weight).max(0)
    scale = np.where(top > 0, top / 127, 1).astype(np.float32)
    return np.ascontiguousarray(np.rint(weight / scale), np.int8), scale


def softmax(logits: Floats) -> Floats:
    """Probabilities along the last axis."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    probabilities: Floats = powers / powers.sum(-1, keepdims=True)
    return probabilities
