"""What moved the default model: a part's share of the log-odds, exact but for the rounding.

The words and the shape of a sentence add up to the columns of stage one, each part a vector of its
own. What the layers make of the sum is no sum any more, so the parts are dealt their shares along a
path, from the sentence without any part to the whole of it, all parts growing alike: these are
Aumann and Shapley's values (1974), known as integrated gradients (Sundararajan et al., 2017). Each
step of the path takes the secants of all clips, exponentials and logarithms instead of their
slopes, as DeepLIFT does (Shrikumar et al., 2017), so that the shares add up to the difference
between the ends whatever the number of steps. In a linear model a word counts as it is weighed.

The sentences around are heard first: what they do to a sentence without any part is the context's
share. What the network rounds away between its layers is left out here; an explanation states it
as its remainder.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tonelens.cues import TYPES
from tonelens.explanation import CONTEXT, SHAPED, Contribution, types_of
from tonelens.features import CUES, STYLE, Features, extract
from tonelens.labels import CELLS, tone_probabilities
from tonelens.names import mask_names
from tonelens.network import AROUND, TOP, Layer, Network
from tonelens.tokens import tokenize

Array = NDArray[np.float64]

_STEPS = 32  # more move no share of the test sentences by a hundredth
_LEVELS = 255  # of a style feature, as the network rounds it
_COVERS = {"word": (0,), "pair": (0, 1), "gap": (0, 2), "triple": (0, 1, 2)}
_FLAT = 1e-9  # a step so small, next to where it starts, that its secant is no more than noise
_QUOTING = ("share quoted", "begins quoted", "ends quoted", "wholly quoted")


class Shares(NamedTuple):
    """Log-odds of a tone: of an empty sentence alone, and what each part adds to them."""

    baseline: float
    contributions: tuple[Contribution, ...]


def contributions(network: Network, sentences: list[str], at: int, tone: int) -> Shares:
    """Deal the log-odds of a tone among the parts of one sentence of a document.

    Parameters
    ----------
    network : Network
    sentences : list of str
        The document.
    at : int
        Number of the sentence in it.
    tone : int
        Number of the tone in `LABELS`.

    Returns
    -------
    Shares
        The words in order, each with its share of the n-grams that it is in, dealt evenly among an
        n-gram's words; then what shape and context add where they are anything at all.
    """
    features = extract(
        sentences, np.zeros(len(sentences), np.int64), kinds=network.kinds, cues=network.cues
    )
    words, shape = _vectors(network, features, at)
    reach = AROUND * len(network.mix)
    low, high = max(0, at - reach), min(len(sentences), at + reach + 1)
    around, here = network.additive(features).astype(float)[low:high], at - low
    around[here] = network.style.bias
    model = _Real(network, tone)
    slope = model.slope(around, here, words.sum(0) + shape.sum(0))
    alone, after, both = around[here : here + 1], around[: here + 1], around
    heard = [model.log_odds(alone, 0), model.log_odds(after, here), model.log_odds(both, here)]
    parts = (
        *named_words(sentences[at], words[1:] @ slope),
        *_named_shape(float(words[0] @ slope), shape @ slope),
        *named_context(at, len(sentences), np.diff(heard)),
    )
    return Shares(heard[0], parts)


def named_words(sentence: str, shares: Array) -> Iterator[Contribution]:
    """The share of each word of a sentence, with its place and type."""
    tokens = mask_names(tokenize([sentence]))
    places = zip(tokens.start.tolist(), tokens.end.tolist(), strict=True)
    for (start, end), type_, share in zip(places, types_of(tokens.key), shares, strict=True):
        yield Contribution(sentence[start:end], type_, float(share), start, end)


def _named_shape(edge: float, shares: Array) -> Iterator[Contribution]:
    """The style features, and the mark that stands between sentences."""
    yield Contribution("bounds of the sentence", SHAPED, edge)
    for name, share in zip(STYLE, shares.tolist(), strict=False):
        if share:
            quoting = "quotation" if name in _QUOTING else SHAPED
            type_ = TYPES[CUES.index(name) % len(TYPES)] if name in CUES else quoting
            yield Contribution(name, type_, share)


def named_context(at: int, n: int, shares: Array) -> Iterator[Contribution]:
    """The shares of what stands before and after sentence `at` of n, where anything does."""
    sides = (("before", at), ("after", n - at - 1))
    for (side, count), share in zip(sides, shares.tolist(), strict=True):
        if count:
            plural = "s" * (count > 1)
            yield Contribution(f"{count:,} sentence{plural} {side}", CONTEXT, share)


def _vectors(network: Network, features: Features, at: int) -> tuple[Array, Array]:
    """What each part of a sentence adds to the columns of stage one.

    Returns
    -------
    float (1 + t, h), float (s, h)
        The mark between sentences and the t words; the style features.
    """
    place = slice(features.offset[at], features.offset[at + 1])
    bucket = features.bucket[:, place]
    table = network.embedding.reshape(len(network.kinds), -1, len(network.scale))
    scale = network.scale.astype(float) / np.sqrt(bucket.size)
    words = np.zeros((bucket.shape[1], len(scale)))
    for kind, rows, hit in zip(network.kinds, table, bucket, strict=True):
        found = (rows[hit].astype(int) - network.raised) * scale
        covered = np.arange(len(hit))[:, None] + np.array(_COVERS[kind])
        real = (covered > 0) & (covered < len(hit))
        real[~real.any(1), 0] = True  # the mark alone
        part = found[:, None] * (real / real.sum(1, keepdims=True))[:, :, None]
        np.add.at(words, covered[real], part[real])
    shown = np.rint(features.style[at] * _LEVELS) / _LEVELS
    return words, network.style.weight * network.style.scale.astype(float) * shown[:, None]


def tone_log_odds(logits: NDArray[np.floating], tone: int) -> Array:
    """Log-odds (n,) of a tone against the other two, from the logits (n, 6) of the cells.

    >>> tone_log_odds(np.zeros((1, 6)), 1).round(4).tolist()  # one cell of six
    [-1.6094]
    """
    ours, theirs = logits[:, _member(tone)], logits[:, ~_member(tone)]
    odds: Array = np.logaddexp.reduce(ours, 1) - np.logaddexp.reduce(theirs, 1)
    return odds


def _member(tone: int) -> NDArray[np.bool_]:
    """Which cells (6,) make up the tone."""
    member: NDArray[np.bool_] = (
        tone_probabilities(np.eye(len(CELLS), dtype=np.float32))[:, tone] > 0
    )
    return member


class _Real:
    """The network in real numbers: without rounding, for the log-odds of one tone."""

    def __init__(self, network: Network, tone: int) -> None:
        self._mix = [_real(layer) for layer in network.mix]
        self._out = None if network.out is None else _real(network.out)
        self._temperature = network.temperature
        self._tone = tone

    def log_odds(self, totals: Array, at: int) -> float:
        """Of the sentence `at` of a document with stage one's sums (m, h)."""
        return float(tone_log_odds(self._run(totals[None], at)[1], self._tone)[0])

    def slope(self, totals: Array, at: int, added: Array) -> Array:
        """Mean slope (h,) of the log-odds while a vector (h,) is added to the sentence's sums."""
        path = np.repeat(totals[None], _STEPS + 1, 0)
        path[:, at] += np.linspace(0, 1, _STEPS + 1)[:, None] * added
        inputs, logits = self._run(path, at)
        slope = self._odds_slope(logits) / self._temperature
        if self._out is None:
            return np.pad(slope.mean(0), (0, totals.shape[1] - slope.shape[1]))
        edges = list(accumulate(x.shape[2] for x in inputs[:-1]))
        own = np.split(slope @ self._out[0].T, edges, axis=1)
        return self._back(inputs, own, at)

    def _run(self, totals: Array, at: int) -> tuple[list[Array], Array]:
        """What every clip gets (s, m, w), a layer each, and the logits (s, 6) of one sentence."""
        inputs = [totals]
        for weight, bias in self._mix:
            heard = [side @ _clip(inputs[-1]) for side in _sides(totals.shape[1])]
            inputs.append(np.concatenate(heard, 2) @ weight + bias)
        logits = totals[:, at, : len(CELLS)]
        if self._out is not None:
            weight, bias = self._out
            logits = np.concatenate([_clip(x[:, at]) for x in inputs], 1) @ weight + bias
        return inputs, logits / self._temperature

    def _odds_slope(self, logits: Array) -> Array:
        """Slopes (s - 1, 6) of the log-odds with the logits (s, 6), step by step."""
        slope = np.empty_like(logits[1:])
        member = _member(self._tone)
        for group, sign in ((member, 1), (~member, -1)):
            z = logits[:, group]
            power = np.exp(z - z.max())
            total = power.sum(1, keepdims=True)
            slope[:, group] = sign * _secant(z, power, power)
            slope[:, group] *= _secant(total, np.log(total), 1 / total)
        return slope

    def _back(self, inputs: list[Array], own: list[Array], at: int) -> Array:
        """From slopes with the sentence's own columns of each layer to that with its sums."""
        slope = np.zeros_like(inputs[-1][1:])
        for (weight, _), got, below in zip(
            reversed(self._mix), reversed(inputs), reversed(own), strict=False
        ):
            slope[:, at] += below
            heard = (slope * _clip_slope(got)) @ weight.T
            sides = zip(_sides(got.shape[1]), np.split(heard, 4, axis=2), strict=True)
            slope = np.sum([side.T @ part for side, part in sides], axis=0)
        slope[:, at] += own[0]
        mean: Array = (slope * _clip_slope(inputs[0]))[:, at].mean(0)
        return mean


def _real(layer: Layer) -> tuple[Array, Array]:
    return layer.weight * layer.scale.astype(float), layer.bias.astype(float)


@cache
def _sides(m: int) -> Array:
    """What `tonelens.network.in_context` hears of m sentences, as matrices (4, m, m)."""
    near = np.abs(np.subtract.outer(np.arange(m), np.arange(m))) <= AROUND
    return np.stack((np.eye(m), np.eye(m, k=-1), np.eye(m, k=1), near / near.sum(1)[:, None]))


def _clip(values: Array) -> Array:
    return np.clip(values, 0, TOP)


def _clip_slope(values: Array) -> Array:
    inside = (values > 0) & (values < TOP)
    return _secant(values, _clip(values), inside.astype(float))


def _secant(inputs: Array, outputs: Array, slope: Array) -> Array:
    """Rise over run of each step (s - 1, …); the slope where there is hardly a step."""
    run, rise = np.diff(inputs, axis=0), np.diff(outputs, axis=0)
    steep: Any = np.abs(run) > _FLAT * np.abs(inputs[1:])
    return np.divide(rise, run, out=slope[:-1].copy(), where=steep)
