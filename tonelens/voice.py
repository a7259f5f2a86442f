"""Who speaks: what stands between quotation marks, across sentences where it runs on.

Scoring asks which tokens are quoted, and `tonelens.quotes` shows the same spans as values; who is
quoted is told there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tonelens.marks import Mask, Numbers, find_marks
from tonelens.pairs import double_pairs, single_pairs
from tonelens.tokens import Tokens


class Quoted(NamedTuple):
    """Which of t tokens of n sentences are quoted.

    Attributes
    ----------
    inside : bool (t,)
        The token stands between quotation marks, or is one of them.
    begins, ends : bool (n,)
        The sentence begins, or ends, inside a quotation that goes on from, or into, another.
    """

    inside: Mask
    begins: Mask
    ends: Mask


class Spans(NamedTuple):
    """Quotations as ranges of tokens (s,); any two are disjoint or one is within the other.

    Attributes
    ----------
    start, stop : int64
        A quotation has tokens ``start`` to ``stop - 1``, marks included. In order of `start`, the
        outer before the inner.
    opened, closed : bool
        Its first, or last, token is its mark; where not, the mark is missing.
    """

    start: Numbers
    stop: Numbers
    opened: Mask
    closed: Mask


def quotations(tokens: Tokens, document: Numbers) -> Quoted:
    """Find which tokens are quoted: those within `quotation_spans`.

    Parameters
    ----------
    tokens : Tokens
        Of n sentences, from `tonelens.names.mask_names`.
    document : int64 (n,)
        Number of each sentence's document; quotations run on between neighbours of one document.

    Examples
    --------
    >>> from tonelens.names import mask_names
    >>> from tonelens.tokens import tokenize
    >>> t = mask_names(tokenize(['"We came.', "We saw.", 'We won," she said.']))
    >>> quotations(t, np.zeros(3, np.int64)).begins.tolist()
    [False, True, True]
    """
    start, stop, _, _ = quotation_spans(tokens, document)
    outer = np.ones(len(start), np.bool_)
    outer[1:] = start[1:] >= np.maximum.accumulate(stop)[:-1]
    start, stop = start[outer], stop[outer]
    edge = np.concatenate(([0], np.stack((start, stop), 1).ravel(), [len(tokens.key)]))
    inside = np.repeat(np.arange(len(edge) - 1) % 2 > 0, np.diff(edge))
    first, last = tokens.row[start], tokens.row[stop - 1]
    runs = np.bincount(first, minlength=tokens.n) - np.bincount(last, minlength=tokens.n)
    ends = np.cumsum(runs) > 0
    begins = np.append(False, ends[:-1])[: tokens.n]
    return Quoted(inside, begins, ends)


def quotation_spans(tokens: Tokens, document: Numbers) -> Spans:
    """Find all quotations.

    Parameters
    ----------
    tokens, document
        As for `quotations`.

    Examples
    --------
    >>> from tonelens.names import mask_names
    >>> from tonelens.tokens import tokenize
    >>> t = mask_names(tokenize(["'He said “no” to the workers' plan,' she said."]))
    >>> spans = quotation_spans(t, np.zeros(1, np.int64))
    >>> list(zip(spans.start.tolist(), spans.stop.tolist()))
    [(0, 13), (3, 6)]
    """
    marks = find_marks(tokens, document)
    outer, inner = double_pairs(marks, tokens.row)
    single = single_pairs(marks.take(np.flatnonzero(marks.single)), outer, inner)
    found = np.concatenate((outer, inner, single), 1)
    order = np.argsort(found[0] * (len(tokens.key) + 1) - found[1], kind="stable")
    start, stop, opened, closed = found.take(order, 1)
    return Spans(start, stop, opened > 0, closed > 0)
