"""The default model's arithmetic: small integers in, exact sums, the same bits in every batch.

Stage one adds up one row of weights for every n-gram and style feature of a sentence: for a linear
model that is all. The layers after it, where there are any, each mix what the one before found in a
sentence with what it found in the two neighbours and, on average, in the sentences around.

All weights are 8-bit integers with a scale a column, and what passes between layers is rounded to
integers of 0 … 255. Every sum is then a whole number below 2^24, which float32 and BLAS add without
rounding, in whatever order: so a sentence's score depends neither on the batch it is in nor on the
machine. The weights of stage one are kept raised, so as to be positive: bytes that are positive add
up eight at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tonelens.features import KINDS, SHAPE, Features, extract
from tonelens.labels import CELLS, Floats
from tonelens.lanes import sum_bytes, sum_ranges

Bytes = NDArray[np.int8]

_BLOCK = 512  # sentences summed at once: their rows fit the processor's cache
_LEVELS = 255
_STEP = np.float32(1 / 32)  # of the activations between layers
TOP = float(_LEVELS * _STEP)  # the largest of them
AROUND = 8  # sentences to either side whose mean is a sentence's surroundings


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
        out: Floats = levels @ self._real
        out *= self.scale * np.float32(step)
        out += self.bias
        return out


@dataclass(frozen=True)
class Network:
    """Weights of a model.

    Attributes
    ----------
    kinds : tuple of str
        The k kinds of n-grams that it reads, of `tonelens.features.KINDS`.
    embedding : uint8 (k * b, h), scale float32 (h,)
        A row for each of b buckets, kind by kind; h is a multiple of eight. Each weight is kept
        raised by `most(k)`. With more kinds the weights are smaller, `most(k)` at most, so that the
        k rows of a place add up within a byte.
    style : Layer
        From the style features to the same h columns; with a row for each cue, or without.
    mix : tuple of Layers
        Each from four times the columns of the one before (the sentence's own, those of the
        sentences before and after it, the mean around it) to its own; empty in a linear model.
    out : Layer or None
        From all their columns together to the cells. A linear model has none: its first six columns
        are the cells'.
    temperature : float
        What the logits are divided by, found on held-out data.
    """

    kinds: tuple[str, ...]
    embedding: NDArray[np.uint8]
    scale: Floats
    style: Layer
    mix: tuple[Layer, ...]
    out: Layer | None
    temperature: float

    def __post_init__(self) -> None:
        """Refuse weights that don't fit each other."""
        width = self.style.weight.shape[1]
        if not self.kinds or not set(self.kinds) <= set(KINDS):
            raise ValueError(f"it reads n-grams of the kinds {self.kinds}, not of {KINDS}")
        rows = len(self.embedding) // len(self.kinds) * len(self.kinds)
        _check(self.embedding, (rows, width), np.uint8)
        _check(self.scale, (width,), np.float32)
        if self.embedding.max(initial=0) > 2 * self.raised:
            raise ValueError("weights too large for so many kinds of n-grams")
        if width % 8:
            raise ValueError(f"{width} columns, which is no multiple of eight")
        self._check_layers(width)
        if not 0 < self.temperature < float("inf"):
            raise ValueError(f"a temperature of {self.temperature}")

    def _check_layers(self, width: int) -> None:
        if bool(self.mix) != bool(self.out) or (self.out is None and width < len(CELLS)):
            raise ValueError("layers that mix and no output layer, or the other way round")
        widths = [width, *(layer.weight.shape[1] for layer in self.mix)]
        for layer, inputs in zip(self.mix, widths, strict=False):
            _check(layer.weight, (4 * inputs, layer.weight.shape[1]), np.int8)
        if self.out is not None:
            _check(self.out.weight, (sum(widths), len(CELLS)), np.int8)

    @property
    def raised(self) -> int:
        """What each weight of the embedding is kept raised by."""
        return most(len(self.kinds))

    @property
    def cues(self) -> bool:
        """Whether it reads how often cues occur."""
        return len(self.style.weight) > len(SHAPE)

    def cell_probabilities(self, sentences: list[str], document: NDArray[np.int64]) -> Floats:
        """Probabilities (n, 6) of n sentences; neighbours with one number are in context."""
        return self.probabilities(extract(sentences, document, kinds=self.kinds, cues=self.cues))

    def sentence_probabilities(self, sentences: list[str], at: int) -> Floats:
        """Probabilities (1, 6) of one sentence of a document."""
        return self.cell_probabilities(sentences, np.zeros(len(sentences), np.int64))[at : at + 1]

    def logits(self, features: Features) -> Floats:
        """Log-odds (n, 6), before the softmax and divided by the temperature."""
        total = self.additive(features)
        if self.out is None:
            return total[:, : len(CELLS)] / np.float32(self.temperature)
        found = [levels(total)]
        for layer in self.mix:
            found.append(levels(layer.apply(in_context(found[-1], features), float(_STEP))))
        both = np.concatenate(found, 1)
        return self.out.apply(both, float(_STEP)) / np.float32(self.temperature)

    def probabilities(self, features: Features) -> Floats:
        """Probabilities (n, 6) of the cells, rows summing to 1."""
        return softmax(self.logits(features))

    def additive(self, features: Features) -> Floats:
        """Stage one's sums (n, h)."""
        count = len(self.kinds) * np.diff(features.offset)
        weight = (1 / np.sqrt(count, dtype=np.float32)).astype(np.float32)
        shown = np.rint(features.style * np.float32(_LEVELS))
        total = self._sums(features).astype(np.float32)
        total *= weight[:, None]
        total *= self.scale
        total += self.style.apply(shown, 1 / _LEVELS)
        return total

    @property
    def _words(self) -> NDArray[np.uint64]:
        """The embedding as words of eight bytes: (k, b, h / 8)."""
        words = np.require(self.embedding.view(np.uint64), requirements="A")
        return words.reshape(len(self.kinds), -1, self.embedding.shape[1] // 8)

    def _sums(self, features: Features) -> NDArray[np.int32]:
        """Sum (n, h) of the embedding's rows over each sentence's buckets."""
        n, width, bucket = len(features.style), self.embedding.shape[1], features.bucket
        raised = np.int32(len(self.kinds) * self.raised)
        out = np.empty((n, width), np.int32)
        for low in range(0, n, _BLOCK):
            high = min(low + _BLOCK, n)
            offset = features.offset[low : high + 1]
            places = slice(offset[0], offset[-1])
            rows = np.empty((len(self.kinds), offset[-1] - offset[0], width // 8), np.uint64)
            for words, at, into in zip(self._words, bucket[:, places], rows, strict=True):
                words.take(at, axis=0, out=into, mode="clip")  # "raise" would copy once more
            for more in rows[1:]:
                rows[0] += more
            sums = sum_bytes(rows[0], offset - offset[0])
            sums -= raised * np.diff(offset).astype(np.int32)[:, None]
            out[low:high] = sums
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
    scaled: Floats = values * (1 / _STEP)
    np.rint(scaled, out=scaled)
    return np.clip(scaled, 0, _LEVELS, out=scaled)


def in_context(own: Floats, features: Features) -> Floats:
    """Columns (n, 4h): the sentence's, its predecessor's, its successor's, and the mean around it.

    What lies outside the sentence's document is 0; the mean is over up to `AROUND` sentences to
    either side and the sentence itself, rounded to a whole number.
    """
    n, width = own.shape
    here, out = np.arange(n), np.empty((n, 4 * width), np.float32)
    itself, before, after, around = np.split(out, 4, 1)
    itself[:] = own
    before[1:] = own[:-1]
    before[np.flatnonzero(features.begin == here)] = 0
    after[:-1] = own[1:]
    after[np.flatnonzero(features.end == here + 1)] = 0
    low = np.maximum(features.begin, here - AROUND)
    high = np.minimum(features.end, here + (AROUND + 1))
    np.divide(sum_ranges(own, low, high), (high - low).astype(np.float32)[:, None], out=around)
    np.rint(around, out=around)
    return out


def most(kinds: int) -> int:
    """The largest weight of an embedding that reads so many kinds of n-grams.

    >>> most(1), most(2)
    (127, 63)
    """
    return 0xFF // (2 * kinds)


def quantize(weight: Floats, top: int = 127) -> tuple[Bytes, Floats]:
    """Nearest 8-bit weights (inputs, outputs), up to `top`, and the scale of each column."""
    largest = np.abs(weight).max(0)
    scale = np.where(largest > 0, largest / top, 1).astype(np.float32)
    return np.ascontiguousarray(np.rint(weight / scale), np.int8), scale


def quantize_embedding(weight: Floats, kinds: int) -> tuple[NDArray[np.uint8], Floats]:
    """Nearest weights (k * b, h) of an embedding that reads so many kinds, raised, and the scale.

    >>> quantize_embedding(np.array([[-0.5], [1.0]], np.float32), 1)[0].tolist()
    [[63], [254]]
    """
    nearest, scale = quantize(weight, most(kinds))
    return (nearest + np.int16(most(kinds))).astype(np.uint8), scale


def softmax(logits: Floats) -> Floats:
    """Probabilities (n, k), rows summing to 1."""
    columns = np.array(logits.T, order="C")  # numpy is slow along short rows
    columns -= columns.max(0)
    np.exp(columns, out=columns)
    columns /= columns.sum(0)
    return columns.T
