"""Sentences to features: the one implementation that training and scoring share.

Every sentence gets two things: the numbers of its hashed n-grams (words, neighbouring pairs, pairs
with a gap, triples; names already one token), and a row of style features (how often each type of
cue occurs inside and outside quotation marks, length, how much is quoted). A batch is done in numpy
at once; no loop visits words.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tonelens.cues import TYPES, cue_counts
from tonelens.names import mask_names
from tonelens.tokens import Keys, Tokens, key_of, mix, tokenize
from tonelens.voice import Quoted, quotations

# Raise with any change that alters what a sentence's features are; models name the one they need.
SCHEMA = 2

KINDS = ("word", "pair", "gap", "triple")
BUCKETS = 1 << 16

_PLACE = ("outside", "inside")
STYLE = tuple(f"{place}: {cue}" for place in _PLACE for cue in TYPES) + (
    "length",
    "share quoted",
    "begins quoted",
    "ends quoted",
    "wholly quoted",
    "first in document",
)

_EDGE = np.uint64(key_of("\x02edge"))
_QUOTED = np.uint64(0x5851F42D4C957F2D)
_FACTORS = tuple(np.uint64(f) for f in (0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3))
_MOST_COUNTED = 3


@dataclass(frozen=True, slots=True)
class Features:
    """Features of n sentences.

    Attributes
    ----------
    bucket : uint16 (f,)
        Hashed n-grams of all sentences, in order; each in 0 … BUCKETS - 1.
    offset : int64 (n + 1,)
        Sentence i has ``bucket[offset[i]:offset[i + 1]]``; never empty.
    style : float32 (n, len(STYLE))
        In `STYLE` order, each in 0 … 1.
    before, after : int64 (n,)
        Number of the neighbouring sentence in the same document, or -1.
    """

    bucket: NDArray[np.uint16]
    offset: NDArray[np.int64]
    style: NDArray[np.float32]
    before: NDArray[np.int64]
    after: NDArray[np.int64]


def extract(sentences: Sequence[str], document: NDArray[np.int64] | None = None) -> Features:
    """Features of sentences, each in the context of its neighbours of the same document.

    Parameters
    ----------
    sentences : sequence of str
        n sentences.
    document : int64 (n,), optional
        From `document_numbers`: neighbours with one number are each other's context. Without it
        each sentence stands alone.

    Examples
    --------
    >>> f = extract(["It may rain.", "It may rain."])
    >>> f.bucket.tolist()[:4] == f.bucket.tolist()[f.offset[1] :][:4]
    True
    """
    tokens = mask_names(tokenize(sentences))
    document = np.arange(len(sentences)) if document is None else document
    quoted = quotations(tokens, document)
    bucket, offset = _ngrams(tokens, quoted.inside)
    before, after = _neighbours(document)
    style = _style(tokens, quoted, before)
    return Features(bucket, offset, style, before, after)


def document_numbers(documents: Sequence[Hashable]) -> NDArray[np.int64]:
    """A number for each run of equal ids: int64 (n,), growing by one at each change.

    >>> document_numbers(["a", "a", "b"]).tolist()
    [0, 0, 1]
    """
    changes = (a != b for a, b in pairwise(documents))
    counted = np.cumsum(np.fromiter(changes, np.int64, max(0, len(documents) - 1)))
    return np.concatenate((np.zeros(min(1, len(documents)), np.int64), counted))


def _neighbours(document: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    n = len(document)
    before, after = np.arange(-1, n - 1), np.arange(1, n + 1)
    same = document[1:] == document[:-1]
    before[1:][~same] = -1
    after[:-1][~same] = -1
    after[-1:] = -1
    return before, after


def _ngrams(
    tokens: Tokens, inside: NDArray[np.bool_]
) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """Buckets of the four kinds at every token, with a mark between sentences as a token."""
    first = np.searchsorted(tokens.row, np.arange(tokens.n)) + np.arange(tokens.n)
    size = len(tokens.key) + tokens.n
    is_edge = np.zeros(size + 2, np.bool_)
    is_edge[first] = is_edge[size:] = True
    key = np.full(size + 2, _EDGE, np.uint64)
    key[~is_edge] = tokens.key
    word = key[:size].copy()
    word[~is_edge[:size]] ^= inside * _QUOTED
    one, two = key[1 : size + 1], np.where(is_edge[1 : size + 1], _EDGE, key[2:])
    left, right, last = key[:size] * _FACTORS[0], one * _FACTORS[1], two * _FACTORS[2]
    kinds: tuple[Keys, ...] = (word, left + right, left - last, left + right + last)
    bucket = np.empty((size, len(KINDS)), np.uint16)
    for i, kind in enumerate(kinds):
        bucket[:, i] = mix(kind) >> np.uint64(48)
    offset = np.append(first, size) * len(KINDS)
    return bucket.ravel(), offset


def _style(tokens: Tokens, quoted: Quoted, before: NDArray[np.int64]) -> NDArray[np.float32]:
    edge = np.searchsorted(tokens.row, np.arange(tokens.n + 1))
    length = np.diff(edge)
    cues = np.minimum(cue_counts(tokens.key, quoted.inside, edge), _MOST_COUNTED)
    inside = np.bincount(tokens.row[quoted.inside], minlength=tokens.n)
    share = inside / np.maximum(length, 1)
    style = np.empty((tokens.n, len(STYLE)), np.float32)
    style[:, : 2 * len(TYPES)] = cues.reshape(tokens.n, 2 * len(TYPES))
    style[:, : 2 * len(TYPES)] *= np.float32(1 / _MOST_COUNTED)
    style[:, 2 * len(TYPES) :] = np.stack(
        (np.minimum(length, 64) / 64, share, quoted.begins, quoted.ends, share > 0.9, before < 0), 1
    )
    return style
