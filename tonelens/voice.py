"""Who speaks: which tokens stand inside quotation marks, across sentences where they run on.

Single and double, curly and straight marks are read alike: a mark opens or closes by what stands
beside it (`tonelens.tokens`), never by its glyph. A quotation opened in one sentence runs on
through the following ones of the same document until it is closed; one that is never closed ends
with the sentence that opened it.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tonelens.tokens import Tokens, closing_key, key_of

# A quotation still open after so many sentences was never closed: a mark is missing.
LONGEST = 12

Mask = NDArray[np.bool_]


class Quotation(NamedTuple):
    """Which of t tokens of n sentences are quoted.

    Attributes
    ----------
    inside : bool (t,)
        The token stands between quotation marks.
    begins, ends : bool (n,)
        The sentence begins, or ends, inside a quotation that goes on from, or into, another.
    """

    inside: Mask
    begins: Mask
    ends: Mask


def quotations(tokens: Tokens, document: NDArray[np.int64]) -> Quotation:
    """Find what is quoted.

    Parameters
    ----------
    tokens : Tokens
        Of n sentences.
    document : int64 (n,)
        Number of each sentence's document; quotations run on between neighbours of one document.

    Examples
    --------
    >>> from tonelens.tokens import tokenize
    >>> t = tokenize(['"We came.', "We saw.", 'We won," she said.'])
    >>> quotations(t, np.zeros(3, np.int64)).begins.tolist()
    [False, True, True]
    """
    edge = np.searchsorted(tokens.row, np.arange(tokens.n + 1))
    change = np.zeros(len(tokens.key) + 1, np.int64)
    begins, ends = np.zeros(tokens.n, np.bool_), np.zeros(tokens.n, np.bool_)
    spans = _double_spans(tokens, document, edge)
    if spans:
        start, stop = np.array(spans, np.int64).T
        change += np.bincount(start, minlength=len(change))
        change -= np.bincount(stop, minlength=len(change))
        first, last = tokens.row[start], tokens.row[stop - 1]
        for a, b in zip(first[last > first], last[last > first], strict=True):
            begins[a + 1 : b + 1] = ends[a:b] = True
    inside = np.cumsum(change[:-1]) > 0
    _add_single(inside, tokens)
    return Quotation(inside, begins, ends)


def _double_spans(
    tokens: Tokens, document: NDArray[np.int64], edge: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """Token ranges between double quotation marks, marks included."""
    opening, closing = _marks()[:2]
    opens = tokens.key == opening
    at = np.flatnonzero(opens | (tokens.key == closing))
    spans: list[tuple[int, int]] = []
    start, last = -1, -1  # of the open quotation: its first token, the row it was last opened in
    rows = tokens.row[at].tolist()
    for i, row, is_open in zip(at.tolist(), rows, opens[at].tolist(), strict=True):
        if start >= 0 and (row - last > LONGEST or document[row] != document[last]):
            spans.append((start, int(edge[last + 1])))
            start = -1
        if is_open:
            start, last = (i if start < 0 else start), row
        else:
            spans.append((start if start >= 0 else int(edge[row]), i + 1))
            start = -1
    if start >= 0:
        spans.append((start, int(edge[last + 1])))
    return spans


def _add_single(inside: Mask, tokens: Tokens) -> None:
    """Mark from a sentence's first single mark that opens to its last one that closes.

    Both must be in one sentence, for apostrophes abound.
    """
    _, _, opening, closing = _marks()
    opens, closes = np.flatnonzero(tokens.key == opening), np.flatnonzero(tokens.key == closing)
    last = dict(zip(tokens.row[closes].tolist(), closes.tolist(), strict=True))
    first = dict(zip(tokens.row[opens][::-1].tolist(), opens[::-1].tolist(), strict=True))
    for row, start in first.items():
        inside[start : last.get(row, start - 1) + 1] = True


@cache
def _marks() -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    double, single = '"', "'"
    keys = (key_of(double), closing_key(double), key_of(single), closing_key(single))
    return tuple(map(np.uint64, keys))  # type: ignore[return-value]
