"""Figures with 95% intervals, by resampling whole articles.

Sentences of one article are alike, so the articles are what a sample has many of: each draw takes
as many articles as there are, with replacement, and all of their sentences. A draw's figures are
computed from sums per article, so thousands of draws cost a product of matrices.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

DRAWS, SEED = 2000, 0
_CELLS = 4_000_000  # of the largest array that is held at once


class Estimate(NamedTuple):
    """A figure and its 95% interval; not a number where it is undefined.

    >>> str(Estimate(0.5, 0.25, 1.0))
    '.500 [.250, 1.000]'
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if np.isnan(self.value):
            return "–"
        if np.isnan(self.low):
            return short(self.value)
        return f"{short(self.value)} [{short(self.low)}, {short(self.high)}]"


NO_ESTIMATE = Estimate(np.nan, np.nan, np.nan)


def short(figure: float) -> str:
    """Give three decimals without a leading zero; a dash where there is no figure.

    >>> short(0.1234), short(-0.02), short(1.0)
    ('.123', '-.020', '1.000')
    """
    if np.isnan(figure):
        return "–"
    return f"{figure:.3f}".replace("0.", ".", 1) if abs(figure) < 0.9995 else f"{figure:.3f}"


def plain(value: Any) -> Any:
    """Give figures, however nested, as dicts, lists and numbers for JSON; null for the undefined.

    >>> plain({"AUC": Estimate(0.5, float("nan"), 1.0)})
    {'AUC': {'value': 0.5, 'low': None, 'high': 1.0}}
    """
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    elif hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return None if isinstance(value, float) and np.isnan(value) else value


class Resamples:
    """Articles drawn with replacement, and weighted sums, means and AUCs over each draw.

    Parameters
    ----------
    clusters : sequence of hashables
        The article of each of n sentences, d different ones.
    weight : float (n,), optional
        How much each sentence counts in every sum; 1 by default.
    draws : int
        How often to draw.

    Attributes
    ----------
    cluster : int64 (n,)
        Number of each sentence's article.
    weight : float (n,)
    counts : uint8 (draws, d)
        How often each draw holds each article. The same for the same d, on every machine.
    """

    def __init__(
        self, clusters: Sequence[Hashable], weight: Array | None = None, *, draws: int = DRAWS
    ) -> None:
        numbers = {name: i for i, name in enumerate(dict.fromkeys(clusters))}
        self.cluster = np.array([numbers[name] for name in clusters], np.int64)
        self.weight = np.ones(len(self.cluster)) if weight is None else np.asarray(weight, float)
        self.counts = _drawn(len(numbers), draws)

    @property
    def articles(self) -> int:
        """How many there are."""
        return self.counts.shape[1]

    def where(self, keep: Array) -> Resamples:
        """Draws of the articles of some of the sentences."""
        clusters = self.cluster[keep].tolist()
        return Resamples(clusters, self.weight[keep], draws=len(self.counts))

    def estimate(self, value: float, drawn: Array) -> Estimate:
        """A figure with the middle 95% of its values (draws,); no interval from one article."""
        if np.isnan(value) or np.isnan(drawn).all() or self.articles < 2:
            return Estimate(float(value), np.nan, np.nan)
        low, high = np.nanpercentile(drawn, (2.5, 97.5))
        return Estimate(float(value), float(low), float(high))

    def sums(self, values: Array) -> Array:
        """Weighted sum (draws, k) over each draw's sentences of values (n, k)."""
        columns = [np.bincount(self.cluster, self.weight * c, self.articles) for c in values.T]
        per_article = np.stack(columns, 1)
        return np.concatenate([block @ per_article for block in self._blocks(self.articles)])

    def mean(self, values: Array) -> Estimate:
        """Weighted mean of values (n,)."""
        total, size = self.sums(np.stack((values, np.ones(len(values))), 1)).T
        return self.estimate(float(np.average(values, weights=self.weight)), _over(total, size))

    def confusion(self, gold: Array, guess: Array, k: int) -> Array:
        """Confusion matrix (draws, k, k) of each draw, rows gold; labels 0 … k - 1."""
        return self.sums(np.eye(k * k)[gold.astype(int) * k + guess]).reshape(-1, k, k)

    def auc(self, positive: Array, score: Array) -> Array:
        """AUC (draws,) of each draw, ties counting half; not a number where it lacks a class."""
        rivals = np.flatnonzero(~positive)
        rivals = rivals[np.argsort(score[rivals], kind="stable")]
        own = np.flatnonzero(positive)
        beaten = [np.searchsorted(score[rivals], score[own], side) for side in ("left", "right")]
        out = []
        for counts in self._blocks(len(positive)):
            under = np.zeros((len(counts), len(rivals) + 1))
            np.cumsum(counts[:, self.cluster[rivals]] * self.weight[rivals], 1, out=under[:, 1:])
            weight = counts[:, self.cluster[own]] * self.weight[own]
            won = (weight * (under[:, beaten[0]] + under[:, beaten[1]])).sum(1) / 2
            out.append(_over(won, weight.sum(1) * under[:, -1]))
        return np.concatenate(out)

    def _blocks(self, width: int) -> Iterator[Array]:
        """The counts as real numbers, so many draws at a time that rows of `width` stay small."""
        step = max(1, _CELLS // max(width, 1))
        for low in range(0, len(self.counts), step):
            yield self.counts[low : low + step].astype(float)


def _drawn(d: int, draws: int) -> NDArray[np.uint8]:
    """How often each of d articles is drawn (draws, d)."""
    rng = np.random.default_rng(SEED)
    counts = np.zeros((draws, d), np.uint8)
    step = max(1, _CELLS // max(d, 1))
    for low in range(0, draws, step):
        size = min(step, draws - low)
        numbers = rng.integers(0, d, (size, d)) + d * np.arange(size)[:, None]
        counts[low : low + size] = np.bincount(numbers.ravel(), minlength=size * d).reshape(size, d)
    return counts


def _over(part: Array, whole: Array) -> Array:
    """Quotients; not a number for 0 of 0."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
