"""Sentences to tokens: one pass of numpy over a whole batch, no loop over words.

The batch is joined into one buffer of code points. Every character is folded to one byte (case,
accents and the many glyphs of a quotation mark disappear), word edges are found by comparing
neighbouring bytes, and a token's key is a 64-bit hash of its folded bytes. What is lost in folding
and still matters (was it capitalised? does a quotation mark open or close?) is kept as a flag.

This module knows nothing of names (`tonelens.names`) or of scoring.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

# Folded bytes that stand for classes of characters.
SPACE, OTHER_LETTER, SYMBOL = 0x20, 0x7F, 0x01
DOUBLE_QUOTE, APOSTROPHE, DASH, ELLIPSIS = 0x22, 0x27, 0x05, 0x06
OPEN, CLOSE = 0x0E, 0x0F  # second byte of a quotation mark's key

# Bits of the class of a folded byte.
_LETTER, _DIGIT, _PUNCT = 1, 2, 4
_UPPER = 8

_STOP, _HYPHEN = 0x2E, 0x2D

_DOUBLE_QUOTES = '"“”„‟«»″〝〞＂'
_APOSTROPHES = "'’‘‚‛′`´ʼ＇"
_DASHES = "–—―‒−"

_MULTIPLIERS = tuple(
    np.uint64(m) for m in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)

Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of n sentences, in order, as parallel arrays of length t.

    Attributes
    ----------
    key : uint64 (t,)
        Hash of the token's folded text; never 0.
    start, end : int64 (t,)
        Character offsets into the sentence that the token belongs to.
    row : int64 (t,)
        Index of that sentence, non-decreasing.
    n : int
        Number of sentences.
    """

    key: Keys
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    row: NDArray[np.int64]
    n: int


@dataclass(frozen=True, slots=True)
class FlaggedTokens(Tokens):
    """Tokens with what folding hides, bool (t,) each.

    Attributes
    ----------
    upper : has an upper-case letter
    word : starts with a letter or digit
    digit : starts with a digit
    glued : nothing, not even white space, stands before it in its sentence but another token
    hyphened : nothing but a hyphen stands between it and the token before it
    after_stop : a single full stop stands between it and the previous token
    address : has a full stop inside, as web addresses do (``example.org``); not in initialisms
    """

    upper: NDArray[np.bool_]
    word: NDArray[np.bool_]
    digit: NDArray[np.bool_]
    glued: NDArray[np.bool_]
    hyphened: NDArray[np.bool_]
    after_stop: NDArray[np.bool_]
    address: NDArray[np.bool_]


def tokenize(sentences: Sequence[str]) -> FlaggedTokens:
    """Find the tokens of every sentence.

    A token is a run of letters and digits (with apostrophes, full stops and commas inside them
    where they belong: ``don't``, ``U.S``, ``3.5``), a possessive ``'s``, or a run of one
    punctuation mark. Single full stops and hyphens inside a word separate tokens and are none.

    Parameters
    ----------
    sentences : sequence of str
        n sentences; any string is accepted, lone surrogates included.

    Returns
    -------
    FlaggedTokens

    Examples
    --------
    >>> t = tokenize(["The mayor's “plan” cost $3.5m."])
    >>> [(int(a), int(b)) for a, b in zip(t.start, t.end)]
    [(0, 3), (4, 9), (9, 11), (12, 13), (13, 17), (17, 18), (19, 23), (24, 25), (25, 29)]
    """
    lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
    folded, kind, upper = _fold(sentences)
    word, split, dots = _word_mask(folded, kind, upper)
    start, end = _edges(folded, word, kind, split)
    stop = (folded.take(start) == _STOP) & (end - start == 1)
    keep = np.flatnonzero(~stop)
    before = np.maximum(keep - 1, 0)
    previous, gap = start.take(before), start.take(keep) - end.take(before)
    after_stop = stop.take(before)
    start, end = start.take(keep), end.take(keep)
    offset = np.concatenate(([0], np.cumsum(lengths + 1)))
    row = np.repeat(np.arange(len(lengths)), np.diff(np.searchsorted(start, offset)))
    base, first = offset.take(row), kind.take(start)
    uppers = np.cumsum(np.concatenate(([0], upper)), dtype=np.int32)
    return FlaggedTokens(
        key=_keys(folded, start, end),
        start=start - base,
        end=end - base,
        row=row,
        n=len(lengths),
        upper=uppers.take(end) > uppers.take(start),
        word=(first & (_LETTER | _DIGIT)) != 0,
        digit=(first & _DIGIT) != 0,
        glued=(gap == 0) & (previous >= base),
        hyphened=(gap == 1) & (folded[start - 1] == _HYPHEN) & (previous >= base),
        after_stop=after_stop & (previous >= base),
        address=_holding(start, dots),
    )


def _holding(start: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which tokens hold one of the places in the text."""
    found = np.zeros(len(start), np.bool_)
    found[np.searchsorted(start, places, "right") - 1] = True
    return found


def key_of(token: str) -> int:
    """The key that `tokenize` gives to a token's text.

    >>> key_of("Said") == key_of("said")
    True
    """
    folded, _, _ = _fold([token])
    size = len(folded) - _PAD - 1
    return int(_keys(folded, np.array([0]), np.array([size]))[0])


def closing_key(mark: str) -> int:
    """The key of a quotation mark that closes; `key_of` gives the one that opens."""
    folded = int(_fold_table()[ord(mark)]) & 0xFF
    return int(mix(np.array([(CLOSE << 8) + folded], np.uint64))[0])


class KeyTable:
    """A fixed map from keys to small numbers, looked up for a whole array at once.

    A multiplier is sought that gives every listed key a slot of its own, so that a look-up is one
    gather and one comparison.

    Parameters
    ----------
    entries : dict of int to int
        Value (up to 32 bits) of each key.

    Examples
    --------
    >>> KeyTable({7: 3})[np.array([7, 8], np.uint64)].tolist()
    [3, 0]
    """

    def __init__(self, entries: dict[int, int]) -> None:
        self._keys = np.array([0, *entries], np.uint64)
        self._values = np.array([0, *entries.values()], np.uint32)
        self._factor = next(f for f in map(_odd, range(10_000)) if self._is_injective(f))
        self._slots = np.zeros(1 << 16, np.uint16)
        self._slots[self._slot(self._keys[1:])] = np.arange(1, len(self._keys))

    def __getitem__(self, key: Keys) -> NDArray[np.uint32]:
        """Value of each key; 0 where it is not listed."""
        at = self._slots.take(self._slot(key).astype(np.intp))
        return self._values.take(at) * (self._keys.take(at) == key)

    def _slot(self, key: Keys) -> NDArray[np.uint64]:
        return (key * self._factor) >> np.uint64(48)

    def _is_injective(self, factor: np.uint64) -> bool:
        self._factor = factor
        return len(np.unique(self._slot(self._keys[1:]))) == len(self._keys) - 1


def _odd(number: int) -> np.uint64:
    return mix(np.array([number + 1], np.uint64))[0] | np.uint64(1)


def mix(key: Keys) -> Keys:
    """Spread the bits of a 64-bit key (the finaliser of splitmix64, shortened)."""
    key = key * _MULTIPLIERS[0]
    key ^= key >> np.uint64(32)
    key *= _MULTIPLIERS[1]
    key ^= key >> np.uint64(29)
    return key


_PAD = 16


def _fold(
    sentences: Sequence[str],
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
    """Folded byte, kind and whether upper case, of every character of all sentences joined."""
    joined = "\n".join(sentences) + "\n" * (_PAD + 1)
    data = joined.encode("utf-16-le", "surrogatepass")
    codes = np.frombuffer(data, "<u2")
    if len(codes) != len(joined):  # characters that take two
        wide = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")
        codes = np.minimum(wide, 0xFFFF).astype(np.uint16)
    packed = _fold_table().take(codes).view(np.uint8).reshape(-1, 2)
    flags = packed[:, 1].copy()
    return packed[:, 0].copy(), flags & np.uint8(_UPPER - 1), flags >= _UPPER


def _word_mask(
    folded: NDArray[np.uint8], kind: NDArray[np.uint8], upper: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """Which characters belong to words; where a possessive splits one; stops inside addresses."""
    letter, digit = (kind & _LETTER) != 0, (kind & _DIGIT) != 0
    word = letter | digit
    apostrophe = np.flatnonzero(folded == APOSTROPHE)
    possessive = (folded[apostrophe + 1] == 0x73) & ~letter[apostrophe + 2]
    abbreviated = (folded[apostrophe - 1] == _STOP) & letter[apostrophe - 2]
    between = letter[apostrophe - 1] & letter[apostrophe + 1]
    inside = apostrophe[between | (possessive & abbreviated)]
    split = apostrophe[between & possessive]
    stop = np.flatnonzero((folded == _STOP) | (folded == 0x2C))
    numeric = digit[stop - 1] & digit[stop + 1]
    between = letter[stop - 1] & letter[stop + 1] & (folded[stop] == _STOP)
    initialism = between & ~word[stop - 2]
    address = between & word[stop - 2] & ~upper[stop + 1]
    word[inside] = True
    word[stop[numeric | initialism | address]] = True
    return word, split, stop[address]


def _edges(
    folded: NDArray[np.uint8],
    word: NDArray[np.bool_],
    kind: NDArray[np.uint8],
    split: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end of every run of word characters, and of every run of one mark."""
    run = folded * (kind == _PUNCT)
    run |= -word.view(np.uint8)
    hyphen = np.flatnonzero(run == _HYPHEN)
    run[hyphen[word[hyphen - 1] & word[hyphen + 1]]] = 0
    change = np.empty(len(run), np.bool_)
    change[0] = True
    np.not_equal(run[1:], run[:-1], out=change[1:])
    change[split] = True
    edge = np.flatnonzero(change)
    token = np.flatnonzero(run[edge[:-1]] != 0)
    return edge.take(token), edge.take(token + 1)


def _keys(folded: NDArray[np.uint8], start: NDArray[np.int64], end: NDArray[np.int64]) -> Keys:
    """Hash the first eight bytes, the eight after them, the last eight and the length."""
    window = np.ndarray((len(folded) - 7,), np.uint64, folded, strides=(1,))
    size = end - start
    key = window[start] & _MASK.take(np.minimum(size, 8))
    key *= _MULTIPLIERS[1]
    long = np.flatnonzero(size > 8)
    if len(long):
        at, left = start[long] + 8, size[long] - 8
        tail = window[at] & _MASK[np.minimum(left, 8)]
        tail ^= mix(window[np.maximum(end[long] - 8, 0)])
        key[long] ^= mix(tail + left.astype(np.uint64))
    first = folded.take(start)
    quote = np.flatnonzero((first == DOUBLE_QUOTE) | ((first == APOSTROPHE) & (size == 1)))
    at = start[quote]
    opens = folded[np.maximum(at - 1, 0)]
    opens = (_KIND[opens] == 0) | (at == 0) | (opens == 0x28) | (opens == DASH)
    key[quote] = np.where(opens, OPEN, CLOSE).astype(np.uint64) << np.uint64(8)
    key[quote] += folded[at]
    return np.maximum(mix(key), np.uint64(1))


_MASK = np.array([(1 << (8 * k)) - 1 for k in range(9)], np.uint64)


def _kind_table() -> NDArray[np.uint8]:
    kind = np.zeros(256, np.uint8)
    kind[0x21:0x7F] = _PUNCT
    kind[[SYMBOL, DASH, ELLIPSIS]] = _PUNCT
    kind[0x61:0x7B] = kind[OTHER_LETTER] = _LETTER
    kind[0x30:0x3A] = _DIGIT
    return kind


_KIND = _kind_table()


@cache
def _fold_table() -> NDArray[np.uint16]:
    """Code point (up to 0xFFFF) to folded byte, and above it the kind and `_UPPER`."""
    table = np.full(0x10000, OTHER_LETTER, np.uint16)
    latin = np.array([_folded_latin(chr(c)) for c in range(0x250)])
    table[:0x250] = latin & 0xFF
    for low, high in ((0x2000, 0x200B), (0x2028, 0x2030), (0x205F, 0x2060), (0x3000, 0x3001)):
        table[low:high] = SPACE
    for low, high in (
        (0x2010, 0x2028), (0x2030, 0x205F), (0x20A0, 0x2C00), (0x3001, 0x3030),
        (0xD800, 0xF900), (0xFF00, 0xFF10), (0xFFF0, 0x10000),
    ):  # fmt: skip
        table[low:high] = SYMBOL
    table[0x2010:0x2012] = 0x2D
    for low, high in ((0x200B, 0x2010), (0x2060, 0x2070), (0xFE00, 0xFE10), (0xFEFF, 0xFF00)):
        table[low:high] = 0
    table[[ord(c) for c in _DOUBLE_QUOTES]] = DOUBLE_QUOTE
    table[[ord(c) for c in _APOSTROPHES]] = APOSTROPHE
    table[[ord(c) for c in _DASHES]] = DASH
    table[0x2026] = ELLIPSIS
    for full, plain in zip("！？。，：；（）", "!?.,:;()", strict=True):
        table[ord(full)] = ord(plain)
    table |= _KIND[table].astype(np.uint16) << 8
    table[:0x250] |= ((latin >= 0x100) * (_UPPER << 8)).astype(np.uint16)
    return table


def _folded_latin(char: str) -> int:
    base = unicodedata.normalize("NFKD", char)[0]
    if base.isalpha():
        lower = base.lower()
        byte = ord(lower) if lower.isascii() else OTHER_LETTER
        return byte | (0x100 if char.isupper() else 0)
    if base.isspace() or not base.isprintable():
        return SPACE
    return ord(base) if base.isascii() else SYMBOL
