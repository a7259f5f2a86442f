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
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Folded bytes that stand for classes of characters.
SPACE, OTHER_LETTER, SYMBOL = 0x20, 0x7F, 0x01
DOUBLE_QUOTE, APOSTROPHE, DASH, ELLIPSIS = 0x22, 0x27, 0x05, 0x06
OPEN, CLOSE = 0x0E, 0x0F  # second byte of a quotation mark's key

# Bits of the class of a folded byte.
_LETTER, _DIGIT, _PUNCT = 1, 2, 4

# Bytes that stand for a character by the token it is in: a word, a mark (its folded byte and this),
# or none, as hyphens inside words and single full stops are in.
_WORD, _TOKEN, _LONE_STOP, _TIED_HYPHEN = 0xFF, 0x80, 2, 1

_STOP, _HYPHEN, _COMMA = 0x2E, 0x2D, 0x2C

_DOUBLE_QUOTES = '"“”„‟«»″〝〞＂'
_APOSTROPHES = "'’‘‚‛′`´ʼ＇"
_DASHES = "–—―‒−"

_MULTIPLIERS = tuple(
    np.uint64(m) for m in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)

Keys = NDArray[np.uint64]
Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]


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
    offset = np.concatenate(([0], np.cumsum(lengths + 1)))
    folded, upper = _fold(sentences)
    run, places = _runs(folded, upper)
    start, end = _edges(run, places.split)
    row = np.repeat(np.arange(len(lengths)), np.diff(np.searchsorted(start, offset)))
    base, before = offset.take(row), run.take(start - 1)
    kind = _kind(folded, start)
    return FlaggedTokens(
        key=_keys(folded, start, end),
        start=start - base,
        end=end - base,
        row=row,
        n=len(lengths),
        upper=upper.take(start) | _holding(start, _capitals_within(run, upper)),
        word=(kind & (_LETTER | _DIGIT)) != 0,
        digit=(kind & _DIGIT) != 0,
        glued=before >= _LONE_STOP,
        hyphened=before == _TIED_HYPHEN,
        after_stop=_following(start, base, places.stop),
        address=_holding(start, places.address),
    )


def _holding(start: Numbers, places: Numbers) -> Mask:
    """Which tokens hold one of the places in the text."""
    found = np.zeros(len(start), np.bool_)
    found[np.searchsorted(start, places, "right") - 1] = True
    return found


def _following(start: Numbers, base: Numbers, places: Numbers) -> Mask:
    """Which tokens are the first after one of the places, in the same sentence."""
    found = np.zeros(len(start), np.bool_)
    places = places[: np.searchsorted(places, start[-1])] if len(start) else places[:0]
    after = np.searchsorted(start, places)
    found[after[base.take(after) <= places]] = True
    return found


def _capitals_within(run: Bytes, upper: Mask) -> Numbers:
    """Capitals after a character of the same word that is none."""
    return np.flatnonzero((upper[1:] > upper[:-1]) & (run[:-1] == _WORD)) + 1


def key_of(token: str) -> int:
    """The key that `tokenize` gives to a token's text.

    >>> key_of("Said") == key_of("said")
    True
    """
    folded, _ = _fold([token])
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
        at = self._slots.take(self._slot(key).view(np.int64))
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


def top_bits(key: Keys) -> Keys:
    """The first 16 bits of `mix`, which its last step leaves as they are."""
    key = key * _MULTIPLIERS[0]
    key ^= key >> np.uint64(32)
    key *= _MULTIPLIERS[1]
    key >>= np.uint64(48)
    return key


_PAD = 16


def _fold(sentences: Sequence[str]) -> tuple[Bytes, Mask]:
    """Folded byte of every character of all sentences joined, and whether it is upper case."""
    joined = "\n".join(sentences) + "\n" * (_PAD + 1)
    data = joined.encode("utf-16-le", "surrogatepass")
    codes = np.frombuffer(data, "<u2")
    if len(codes) != len(joined):  # characters that take two
        wide = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")
        codes = np.minimum(wide, 0xFFFF).astype(np.uint16)
    narrow = codes.astype(np.uint8)
    # translate() is thrice as fast as take()
    folded = np.frombuffer(bytearray(narrow).translate(_narrow_table()), np.uint8)
    upper = narrow - ord("A") < 26
    rest = np.flatnonzero(codes > 0x7F)
    packed = _fold_table().take(codes.take(rest))
    folded[rest], upper[rest] = packed & 0xFF, packed > 0xFF
    return folded, upper


class _Places(NamedTuple):
    """Where in the text some marks say something about the tokens beside or around them."""

    split: Numbers  # apostrophes that begin a possessive
    stop: Numbers  # full stops that are alone
    address: Numbers  # stops inside addresses


def _runs(folded: Bytes, upper: Mask) -> tuple[Bytes, _Places]:
    """A byte for each character, the same all along a token, and `_TOKEN` or more in tokens."""
    run = np.frombuffer(bytearray(folded).translate(_RUN), np.uint8)
    places = np.flatnonzero(run - (_TOKEN + APOSTROPHE) <= _STOP - APOSTROPHE)  # ' ( ) * + , - .
    mark = folded.take(places)
    within, split = _apostrophes(folded, places[mark == APOSTROPHE])
    run[within] = _WORD
    stop = places[mark == _STOP]
    within, address = _stops(folded, upper, stop, places[mark == _COMMA])
    run[within] = _WORD
    hyphen = places[mark == _HYPHEN]
    run[hyphen[(run.take(hyphen - 1) == _WORD) & (run.take(hyphen + 1) == _WORD)]] = _TIED_HYPHEN
    around = np.maximum(run.take(stop - 1) == _TOKEN + _STOP, run.take(stop + 1) == _TOKEN + _STOP)
    alone = stop[(run.take(stop) != _WORD) & ~around]
    run[alone] = _LONE_STOP
    return run, _Places(split, alone, address)


def _apostrophes(folded: Bytes, at: Numbers) -> tuple[Numbers, Numbers]:
    """Which apostrophes belong to words, and which of those split a possessive off."""
    before, after = (_kind(folded, at + i) & _LETTER for i in (-1, 1))
    possessive = (folded.take(at + 1) == 0x73) & (_kind(folded, at + 2) & _LETTER == 0)
    abbreviated = (folded.take(at - 1) == _STOP) & (_kind(folded, at - 2) & _LETTER != 0)
    between = before & after != 0
    return at[between | (possessive & abbreviated)], at[between & possessive]


def _stops(folded: Bytes, upper: Mask, stop: Numbers, comma: Numbers) -> tuple[Numbers, Numbers]:
    """Which full stops and commas belong to words, and which of the stops to addresses."""
    before, after, comma_before, comma_after = (
        _kind(folded, at + i) for at in (stop, comma) for i in (-1, 1)
    )
    both = before & after
    word = _kind(folded, stop - 2) & (_LETTER | _DIGIT) != 0
    initialism = (both & _LETTER != 0) & ~word
    address = (both & _LETTER != 0) & word & ~upper.take(stop + 1)
    inside = (both & _DIGIT != 0) | initialism | address
    numeric = comma[comma_before & comma_after & _DIGIT != 0]
    return np.concatenate((stop[inside], numeric)), stop[address]


def _edges(run: Bytes, split: Numbers) -> tuple[Numbers, Numbers]:
    """Start and end of every token."""
    change = np.empty(len(run), np.bool_)
    change[0] = True
    np.not_equal(run[1:], run[:-1], out=change[1:])
    change[split] = True
    edge = np.flatnonzero(change)
    token = np.flatnonzero(run.take(edge[:-1]) >= _TOKEN)
    start = edge.take(token)
    token += 1
    return start, edge.take(token)


def _keys(folded: Bytes, start: Numbers, end: Numbers) -> Keys:
    """Hash the first eight bytes, the eight after them, the last eight and the length."""
    window = np.ndarray((len(folded) - 7,), np.uint64, folded, strides=(1,))
    size = end - start
    key = window[start] & _MASK.take(size, mode="clip")
    key *= _MULTIPLIERS[1]
    long = np.flatnonzero(size > 8)
    if len(long):
        left = size.take(long) - 8
        tail = window[start.take(long) + 8] & _MASK.take(left, mode="clip")
        tail ^= mix(window[end.take(long) - 8])
        tail += left.view(np.uint64)
        key[long] ^= mix(tail)
    first = folded.take(start)
    quote = np.flatnonzero((first == DOUBLE_QUOTE) | ((first == APOSTROPHE) & (size == 1)))
    at = start[quote]
    opens = folded[np.maximum(at - 1, 0)]
    opens = (_KIND[opens] == 0) | (at == 0) | (opens == 0x28) | (opens == DASH)
    key[quote] = np.where(opens, OPEN, CLOSE).astype(np.uint64) << np.uint64(8)
    key[quote] += folded[at]
    return np.maximum(mix(key), np.uint64(1))


def _kind(folded: Bytes, places: Numbers) -> Bytes:
    return _KIND.take(folded.take(places))


_MASK = np.array([(1 << (8 * k)) - 1 for k in range(9)], np.uint64)


def _kind_table() -> NDArray[np.uint8]:
    kind = np.zeros(256, np.uint8)
    kind[0x21:0x7F] = _PUNCT
    kind[[SYMBOL, DASH, ELLIPSIS]] = _PUNCT
    kind[0x61:0x7B] = kind[OTHER_LETTER] = _LETTER
    kind[0x30:0x3A] = _DIGIT
    return kind


_KIND = _kind_table()
_RUN = bytes(
    0 if not kind else _TOKEN | byte if kind == _PUNCT else _WORD for byte, kind in enumerate(_KIND)
)


@cache
def _fold_table() -> NDArray[np.uint16]:
    """Code point (up to 0xFFFF) to folded byte; 0x100 more where it is upper case."""
    table = np.full(0x10000, OTHER_LETTER, np.uint16)
    table[:0x250] = [_folded_latin(chr(c)) for c in range(0x250)]
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
    return table


@cache
def _narrow_table() -> bytes:
    """Folded byte of the first 256 code points."""
    return _fold_table()[:0x100].astype(np.uint8).tobytes()


def _folded_latin(char: str) -> int:
    base = unicodedata.normalize("NFKD", char)[0]
    if base.isalpha():
        lower = base.lower()
        byte = ord(lower) if lower.isascii() else OTHER_LETTER
        return byte | (0x100 if char.isupper() else 0)
    if base.isspace() or not base.isprintable():
        return SPACE
    return ord(base) if base.isascii() else SYMBOL
