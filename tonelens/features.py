"""Sentences to features: the one implementation that training and scoring share.

Every sentence gets two things: the numbers of its hashed n-grams (words, neighbouring pairs, pairs
with a gap, triples; names already one token), and a row of style features (how often each type of
cue occurs inside and outside quotation marks, length, how much is quoted). A model may ask for some
of them only: what it doesn't read is not computed. A batch is done in numpy at once; no loop visits
words.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import ne

import numpy as np
from numpy.typing import NDArray

from tonelens.cues import TYPES, cue_counts
from tonelens.errors import InputError
from tonelens.inputs import is_missing
from tonelens.names import mask_names
from tonelens.tokens import Keys, Numbers, Tokens, key_of, tokenize, top_bits
from tonelens.voice import Quoted, quotations

# Raise with any change that alters what a sentence's features are; models name the one they need.
SCHEMA = 2

KINDS = ("word", "pair", "gap", "triple")
BUCKETS = 1 << 16  # of each kind

_PLACE = ("outside", "inside")
CUES = tuple(f"{place}: {cue}" for place in _PLACE for cue in TYPES)
SHAPE = (
    "length",
    "share quoted",
    "begins quoted",
    "ends quoted",
    "wholly quoted",
    "first in document",
)
STYLE = SHAPE + CUES

_EDGE = np.uint64(key_of("\x02edge"))
_QUOTED = np.uint64(0x5851F42D4C957F2D)
_FACTORS = tuple(np.uint64(f) for f in (0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3))
_MOST_COUNTED = 3


@dataclass(frozen=True, slots=True)
class Features:
    """Features of n sentences.

    Attributes
    ----------
    bucket : int64 (k, p)
        Hashed n-grams at p places, a row for each of k kinds; each in 0 … BUCKETS - 1.
    offset : int64 (n + 1,)
        Sentence i has the places ``offset[i]`` to ``offset[i + 1]``, at least one.
    style : float32 (n, s)
        `SHAPE`, and `CUES` after it where they were asked for; each in 0 … 1.
    begin, end : int64 (n,)
        Sentences ``begin[i]`` to ``end[i]`` are the document that sentence i stands in.
    """

    bucket: NDArray[np.int64]
    offset: NDArray[np.int64]
    style: NDArray[np.float32]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]


def extract(
    sentences: Sequence[str],
    document: NDArray[np.int64] | None = None,
    *,
    kinds: Sequence[str] = KINDS,
    cues: bool = True,
) -> Features:
    """Features of sentences, each in the context of its neighbours of the same document.

    Parameters
    ----------
    sentences : sequence of str
        n sentences.
    document : int64 (n,), optional
        From `document_numbers`: neighbours with one number are each other's context. Without it
        each sentence stands alone.
    kinds : sequence of str
        The kinds of n-grams wanted, of `KINDS`.
    cues : bool
        Whether cues are counted.

    Examples
    --------
    >>> f = extract(["It may rain.", "It may rain."], kinds=["word"])
    >>> bool((f.bucket[0, :4] == f.bucket[0, f.offset[1] :][:4]).all())
    True
    """
    tokens = mask_names(tokenize(sentences))
    document = np.arange(len(sentences)) if document is None else document
    quoted = quotations(tokens, document)
    edge = np.searchsorted(tokens.row, np.arange(tokens.n + 1))
    bucket, offset = _ngrams(tokens, quoted.inside, kinds), edge + np.arange(tokens.n + 1)
    begin, end = _documents(document)
    style = _shape(np.diff(edge), tokens.row, quoted, begin)
    if cues:
        counts = np.minimum(cue_counts(tokens.key, quoted.inside, edge), _MOST_COUNTED)
        scaled = counts.reshape(tokens.n, len(CUES)).astype(np.float32) / _MOST_COUNTED
        style = np.concatenate((style, scaled), 1)
    return Features(bucket, offset, style, begin, end)


def document_numbers(documents: Sequence[Hashable]) -> NDArray[np.int64]:
    """A number for each run of equal ids: int64 (n,), growing by one at each change.

    Raises
    ------
    InputError
        Where an id can't be hashed. One that is missing (None, NaN, pandas' NA) equals another.

    Examples
    --------
    >>> document_numbers(["a", "a", "b"]).tolist()
    [0, 0, 1]
    """
    plain = all(issubclass(kind, int | str | np.integer) for kind in set(map(type, documents)))
    ids = documents if plain else _comparable(documents)
    changes = map(ne, ids, islice(ids, 1, None))
    numbers = np.zeros(len(ids), np.int64)
    np.cumsum(np.fromiter(changes, np.bool_, max(0, len(ids) - 1)), out=numbers[1:])
    return numbers


def _comparable(documents: Sequence[Hashable]) -> list[int]:
    """A number for each different id, to be compared instead of it."""
    numbers: dict[Hashable, int] = {}
    out = []
    for at, one in enumerate(documents):
        try:
            out.append(numbers.setdefault(None if is_missing(one) else one, len(numbers)))
        except TypeError:
            raise InputError(
                f"document ids are hashable, such as strings or numbers; got {type(one).__name__} "
                f"at position {at:,}. Give each document one such id."
            ) from None
    return out


def _documents(document: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First sentence of each sentence's document, and the one after its last."""
    change = np.flatnonzero(document[1:] != document[:-1]) + 1
    edge = np.concatenate(([0], change, [len(document)]))
    size = np.diff(edge)
    return np.repeat(edge[:-1], size), np.repeat(edge[1:], size)


def _ngrams(tokens: Tokens, inside: NDArray[np.bool_], kinds: Sequence[str]) -> NDArray[np.int64]:
    """Buckets of each kind at every token, with a mark between sentences as a token."""
    size = len(tokens.key) + tokens.n
    place = np.arange(len(tokens.key)) + tokens.row + 1
    key = np.full(size + 2, _EDGE, np.uint64)
    key[place] = tokens.key
    bucket = np.empty((len(kinds), size), np.int64)
    for row, kind in zip(bucket, kinds, strict=True):
        if kind == "word":
            hashed = key[:size].copy()
            hashed[place[inside]] ^= _QUOTED
        else:
            hashed = _joined(key, kind, size)
        row[:] = _bucket(hashed)
    return bucket


def word_buckets(key: Keys, *, quoted: bool) -> NDArray[np.int64]:
    """Buckets of the kind "word" of these tokens, within quotation marks or outside."""
    return _bucket(key ^ _QUOTED if quoted else key)


def _bucket(hashed: Keys) -> NDArray[np.int64]:
    return top_bits(hashed).view(np.int64)


def _joined(key: Keys, kind: str, size: int) -> Keys:
    """Hashes of several tokens from the place on; what lies past an edge is the edge again."""
    left, one = key[:size] * _FACTORS[0], key[1 : size + 1]
    if kind == "pair":
        return left + one * _FACTORS[1]
    last = np.where(one == _EDGE, _EDGE, key[2:]) * _FACTORS[2]
    return left - last if kind == "gap" else left + one * _FACTORS[1] + last


def _shape(length: Numbers, row: Numbers, quoted: Quoted, begin: Numbers) -> NDArray[np.float32]:
    """`SHAPE` of sentences of some length, float32 (n, 6); `row` is the sentence of each token."""
    inside = row.take(np.flatnonzero(quoted.inside))
    share = np.bincount(inside, minlength=len(length)) / np.maximum(length, 1)
    first = begin == np.arange(len(length))
    columns = (
        np.minimum(length, 64) / 64, share, quoted.begins, quoted.ends, share > 0.9, first
    )  # fmt: skip
    return np.stack(columns, 1, dtype=np.float32, casting="same_kind")
