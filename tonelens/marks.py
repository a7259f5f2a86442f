"""Quotation marks among the tokens, and what stands beside each, by which it opens or closes.

Marks are told by their neighbours, never by their glyphs, so curly, straight, spaced and mistaken
ones are read alike, and nothing but tokens is needed. What only the rest of the sentence can decide
is left to `tonelens.voice`.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tonelens.names import NAME, NUMBER
from tonelens.tokens import KeyTable, Tokens, closing_key, key_of

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]

FAR = 1 << 20
"""The gap after a sentence's last token."""

# Bits of what is known of a mark's neighbour.
SHUTS, STOPS, LEADS, OPENS, MARK, ELIDED, OWNS, FIGURE, NAMED = (1 << b for b in range(9))

# A mark before one of these closes; a single mark after one of these does.
_SHUTS = ", ; : ! !! !!! ? ?? ??? ) ] } - -- — / %".split()
_STOPS = ", ; : ! !! !!! ? ?? ??? ) ] } - -- — ... …".split()
_LEADS = ", : - -- — that".split()
# What is left of a word that an apostrophe cuts short, or ties to the word before.
_ELIDED = """
s t m d ll re ve em n tis twas twere twill twould til till cause cuz cos coz round bout ere er im
neath tween gainst nuff fraid scuse kay course fess
""".split()
# Of the plurals that own something, news has most often these; and what loses its last letter.
_OWNERS = """
activists agencies aides airlines allies analysts applicants banks borrowers boss boys brothers
businesses candidates cities citizens clients colleagues communities companies constituents
consumers corporations countries courts critics customers days defendants departments doctors
dollars donors drivers employees employers experts families farmers fathers firefighters firms
friends girls governments governors groups hours households individuals institutions investigators
investors journalists judges kids lawmakers lawyers leaders managers manufacturers members minutes
months mothers nations neighbors neighbours nurses officers officials opponents organisations
organizations others owners parents participants parties partners passengers patients peoples
players policymakers politicians presidents prisoners producers prosecutors protesters readers
reporters residents schools seniors senators soldiers states strikers students supporters survivors
taxpayers teachers tenants troops unions users veterans victims visitors voters weeks witnesses
workers writers years an ol o th
""".split()


class Marks(NamedTuple):
    """Quotation marks and the apostrophes at the edge of words, in order, as arrays (m,).

    Attributes
    ----------
    at : int64
        Number of the token.
    row, document : int64
        Of its sentence.
    single, twice : bool
        It is a single mark; it is a run of several double ones.
    first, glued : bool
        It is its sentence's first token; nothing stands between it and the token before it.
    left, right : bool
        What stands before it, and after it, lets it open a quotation.
    before, after : uint32
        Bits of the token before it, and of the one after it if glued to it.
    gap, size : int64
        Characters up to the next token, and in it; `FAR` at the end of a sentence.
    """

    at: Numbers
    row: Numbers
    document: Numbers
    single: Mask
    twice: Mask
    first: Mask
    glued: Mask
    left: Mask
    right: Mask
    before: NDArray[np.uint32]
    after: NDArray[np.uint32]
    gap: Numbers
    size: Numbers

    def take(self, numbers: Numbers) -> Marks:
        """Some of the marks, by their numbers."""
        columns: list[Any] = [column.take(numbers) for column in self]
        return Marks(*columns)


def find_marks(tokens: Tokens, document: Numbers) -> Marks:
    """Find all marks.

    Parameters
    ----------
    tokens : Tokens
        Of n sentences, from `tonelens.names.mask_names`.
    document : int64 (n,)
        Number of each sentence's document.

    Examples
    --------
    >>> from tonelens.tokens import tokenize
    >>> marks = find_marks(tokenize(["'We “won”,' they said."]), np.zeros(1, np.int64))
    >>> marks.left.tolist(), marks.right.tolist()
    ([True, True, False, False], [True, True, False, False])
    """
    (double, closing, single, apostrophe, pair), table = _known()
    found = tokens.key == double
    for each in (closing, single, apostrophe, pair):
        found |= tokens.key == each
    at = np.flatnonzero(found)
    row, key = tokens.row.take(at), tokens.key.take(at)
    previous, following = np.maximum(at - 1, 0), np.minimum(at + 1, len(found) - 1)
    first = (at == 0) | (tokens.row.take(previous) != row)
    last = (at == following) | (tokens.row.take(following) != row)
    start, end, after = tokens.start.take(at), tokens.end.take(at), tokens.start.take(following)
    glued, gap = ~first & (start == tokens.end.take(previous)), np.where(last, FAR, after - end)
    beside = table[tokens.key.take(np.concatenate((previous, following)))]  # one look-up, not two
    before, ahead = beside[: len(at)] * ~first, beside[len(at) :] * (gap == 0)
    doubled, opening = key == pair, key == single
    left = (key == double) | opening | (doubled & ~glued) | (glued & ((before & OPENS) != 0))
    right = (gap == 0) & ((ahead & SHUTS) == 0) & (left | ((ahead & MARK) == 0))
    return Marks(
        at, row, document.take(row), opening | (key == apostrophe),
        (end - start > 1) & ~doubled, first, glued, left, right, before, ahead, gap,
        tokens.end.take(following) - after,
    )  # fmt: skip


@cache
def _known() -> tuple[tuple[np.uint64, ...], KeyTable]:
    """Keys of the marks: double, single, each opening and closing; two singles for a double one."""
    double, single, pair = key_of('"'), key_of("'"), key_of("''")
    marks = (double, closing_key('"'), single, closing_key("'"), pair)
    table = dict.fromkeys(marks, MARK)
    table[double] |= OPENS
    table[single] |= OPENS
    table |= {int(NUMBER): FIGURE, int(NAME): NAMED}
    listed = (
        (_SHUTS, SHUTS), (_STOPS, STOPS), (_LEADS, LEADS), (_ELIDED, ELIDED), (_OWNERS, OWNS),
    )  # fmt: skip
    for words, bit in listed:
        for key in map(key_of, words):
            table[key] = table.get(key, 0) | bit
    return tuple(map(np.uint64, marks)), KeyTable(table)
