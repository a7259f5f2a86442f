"""Near-duplicates of sentences among many others, found by MinHash (Broder, 1997).

A sentence is the set of its pairs of neighbouring words. Sentences that share a band of their
MinHash signature are compared exactly, by the Jaccard similarity of their sets; the others aren't
compared at all. With these numbers, a pair of similarity `NEAR` is found in 98% of the cases, and
one of .9 always. Sentences of fewer than `FEWEST` words recur by chance and are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from tonelens.tokens import mix, tokenize

NEAR, FEWEST = 0.7, 5
_BANDS, _ROWS, _SEED = 10, 3, 0
_BATCH = 20_000
_FACTORS = np.random.default_rng(_SEED).integers(0, 2**63, (_BANDS, _ROWS), np.uint64) * 2 + 1
_SECOND = np.uint64(0x9E3779B97F4A7C15)  # any odd number will do: makes a pair's order tell

Hashes = NDArray[np.uint64]


def closest(sentences: Sequence[str], others: Iterable[str]) -> NDArray[np.float64]:
    """Give the similarity (n,) of each sentence to the most similar of the others.

    0 where none shares a band with it; so what is far below `NEAR` mostly shows as 0.

    Parameters
    ----------
    sentences : sequence of str
        n of them, held in memory.
    others : iterable of str
        As many as there are: they are read a batch at a time.

    Examples
    --------
    >>> closest(
    ...     ["The plan would lengthen the old breakwater by 340 metres."],
    ...     ["It rained.", "The plan will lengthen the old breakwater by 340 metres."],
    ... ).round(2)
    array([0.64])
    """
    own, best = _Pairs(sentences), np.zeros(len(sentences))
    bands = [_Band(column) for column in own.signatures().T]
    source = iter(others)
    while batch := list(islice(source, _BATCH)):
        pairs = _Pairs(batch)
        columns = pairs.signatures().T
        found = (band.matches(column) for band, column in zip(bands, columns, strict=True))
        for i, j in set().union(*found):
            best[i] = max(best[i], _similarity(own[i], pairs[j]))
    return best


class _Pairs:
    """Hashes of the pairs of neighbouring words of n sentences; none for a short one."""

    def __init__(self, sentences: Sequence[str]) -> None:
        tokens = tokenize(sentences)
        key, row = tokens.key[tokens.word], tokens.row[tokens.word]
        words = np.bincount(row, minlength=len(sentences))
        kept = (row[:-1] == row[1:]) & (words[row[:-1]] >= FEWEST)
        self.flat = mix(key[:-1] ^ (key[1:] * _SECOND))[kept]
        self.ends = np.searchsorted(row[:-1][kept], np.arange(len(sentences) + 1))

    def __getitem__(self, i: int) -> Hashes:
        return np.unique(self.flat[self.ends[i] : self.ends[i + 1]])

    def signatures(self) -> Hashes:
        """MinHash (n, bands): those of a band's rows in one number; 0 where there are no pairs."""
        full = np.diff(self.ends) > 0
        out = np.zeros((len(full), _BANDS), np.uint64)
        if full.any():
            starts = self.ends[:-1][full]
            for number, factors in enumerate(_FACTORS):
                band = np.zeros(len(starts), np.uint64)
                for factor in factors:
                    band = mix(band ^ np.minimum.reduceat(self.flat * factor, starts))
                out[full, number] = band | np.uint64(1)
        return out


class _Band:
    """The sentences in the order of one column of their signatures."""

    def __init__(self, column: Hashes) -> None:
        self.order = np.argsort(column, kind="stable")
        self.sorted = column[self.order]

    def matches(self, column: Hashes) -> set[tuple[int, int]]:
        """Pairs of a sentence and one of the others that have the same value here."""
        low, high = (np.searchsorted(self.sorted, column, side) for side in ("left", "right"))
        hits = np.flatnonzero((high > low) & (column != 0))
        return {(int(i), int(j)) for j in hits for i in self.order[low[j] : high[j]]}


def _similarity(one: Hashes, two: Hashes) -> float:
    """Jaccard's: what both hold over what either does."""
    shared = len(np.intersect1d(one, two, assume_unique=True))
    return shared / (len(one) + len(two) - shared)
