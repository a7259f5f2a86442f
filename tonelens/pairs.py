"""Which quotation mark closes which.

Double marks come first. They hold one quotation within another at most. One that is never closed
ends with its sentence, or with the last paragraph that opened it again; one that was never opened
begins with its sentence. Single marks come second, between or within double ones, and need proof,
for apostrophes abound: each that opens gets the best of the marks that could close it, and without
one it was an apostrophe.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from tonelens.marks import ELIDED, FIGURE, LEADS, MARK, NAMED, OWNS, STOPS, Marks, Mask, Numbers

LONGEST = 12
"""A quotation still open after so many sentences was never closed: a mark is missing."""

_DEEPEST = 2  # levels of double marks

# What a double mark is by its neighbours: GLUED has white space on neither side, SPACED on both,
# INCHES stands after a figure and may close none the less.
_OPENS, _CLOSES, _SPACED, _GLUED, _INCHES, _NOTHING = range(6)
_BY_SIDES = np.array([_CLOSES, _GLUED, _SPACED, _OPENS])

# How much speaks for it that a single mark closes, and is no apostrophe: a word that often owns
# things stands before it; another word; a word, and punctuation after it; punctuation before it.
_OWNER, _WEAK, _FAIR, _STRONG = range(4)


def double_pairs(marks: Marks, row: Numbers) -> tuple[Numbers, Numbers]:
    """Quotations by double marks, and those within others: int64 (4, s) each, in order.

    Rows are start, stop, whether opened and whether closed; `row` is the sentence of each token.

    Nothing is open after a sentence whose last mark closes. Between two such places most often
    there are plain pairs alone, which are taken as they are; the rest is read mark by mark.
    """
    double = np.flatnonzero(~marks.single)
    kind = _BY_SIDES.take((2 * marks.left + marks.right).take(double))
    at, sentence, document = (m.take(double) for m in (marks.at, marks.row, marks.document))
    figure = ((marks.before & FIGURE) != 0) & marks.glued & ~marks.left
    kind[figure.take(double)] = _INCHES
    irregular = _is_irregular(kind, sentence, document)
    pairs = at[~irregular]
    plain = np.ones((4, len(pairs) // 2), np.int64)
    plain[0] = pairs[::2]
    plain[1] += pairs[1::2]
    rest = np.flatnonzero(irregular)
    which = double.take(rest)
    named = marks.glued.take(which) & ((marks.before.take(which) & NAMED) != 0)
    reader = _DoubleReader(
        _Double(
            at.take(rest).tolist(), sentence.take(rest).tolist(), document.take(rest).tolist(),
            kind.take(rest).tolist(), marks.first.take(which).tolist(),
            marks.twice.take(which).tolist(), named.tolist(),
        )
    )  # fmt: skip
    outer = np.concatenate((plain, _table(reader.outer, row)), 1)
    return outer.take(np.argsort(outer[0], kind="stable"), 1), _table(reader.inner, row)


def _is_irregular(kind: Numbers, row: Numbers, document: Numbers) -> Mask:
    """Whether a mark is read with others, none open before or after, that aren't plain pairs."""
    cut = (kind[:-1] == _CLOSES) & (row[1:] != row[:-1])
    cut |= document[1:] != document[:-1]
    first = np.append(0, np.flatnonzero(cut) + 1)[: len(row)]
    count = np.diff(np.append(first, len(row)))
    turn = (np.arange(len(row)) - np.repeat(first, count)) & 1
    odd = kind != turn  # _OPENS, _CLOSES, _OPENS …
    odd[1:] |= (turn[1:] == _CLOSES) & (row[1:] - row[:-1] > LONGEST)
    bad = (count & 1) > 0
    if len(first):
        bad |= np.logical_or.reduceat(odd, first)
    return np.repeat(bad, count)


def _table(found: list[int], row: Numbers) -> Numbers:
    """What a reader found, as an array; a negative -1 - row is the edge of a sentence."""
    table = np.array(found, np.int64).reshape(-1, 4).T
    for i in (0, 1):
        at = np.flatnonzero(table[i] < 0)
        table[i, at] = np.searchsorted(row, i - 1 - table[i, at])
    return table


class _Double(NamedTuple):
    """Double marks as lists, a number standing for the mark."""

    at: list[int]
    row: list[int]
    document: list[int]
    kind: list[int]
    first: list[bool]
    twice: list[bool]
    named: list[bool]


class _DoubleReader:
    """Reads double marks one by one, and keeps what is open.

    `outer` and `inner` get four numbers a pair, for lists of tuples are slow to make an array of.
    """

    def __init__(self, marks: _Double) -> None:
        self.outer: list[int] = []
        self.inner: list[int] = []
        self._marks = marks
        self._open: list[int] = []  # where
        self._last = 0  # the mark that opened
        self._free = -1, -1  # a sentence, and where its last quotation stopped
        self._ahead = 0
        self._judged = -1, False
        for i, kind in enumerate(marks.kind):
            if self._open and self._has_lapsed(i):
                self._give_up()
            role = kind if kind <= _CLOSES else self._role(i, kind)
            if role == _OPENS:
                self._begin(i)
            elif role == _CLOSES:
                self._end(i)
        self._give_up()

    def _has_lapsed(self, i: int) -> bool:
        row, document, last = self._marks.row, self._marks.document, self._last
        return row[i] - row[last] > LONGEST or document[i] != document[last]

    def _role(self, i: int, kind: int) -> int:
        """What a mark does that looks both ways, now that it is known whether any is open."""
        if kind == _INCHES:
            return _CLOSES if self._open and not self._closes_later(i) else _NOTHING
        if kind == _GLUED and not self._open and self._row_of(i + 1) != self._row_of(i):
            return _CLOSES
        return _CLOSES if self._open else _OPENS

    def _begin(self, i: int) -> None:
        if self._open:
            row = self._marks.row
            if self._marks.first[i] and row[i] > row[self._last]:  # a paragraph opens again
                self._last = i
                return
            if not self._is_balanced(i):
                self._give_up(i)
        self._open.append(self._marks.at[i])
        self._last = i

    def _end(self, i: int) -> None:
        row, stop = self._marks.row[i], self._marks.at[i] + 1
        if self._open:
            for _ in range(min(1 + self._marks.twice[i], len(self._open))):
                self._add(stop, closed=1)
        elif self._marks.named[i]:  # a 55" screen whose name took the figure in
            return
        else:
            self.outer += self._free[1] if self._free[0] == row else -1 - row, stop, 0, 1
        self._free = row, stop

    def _give_up(self, before: int = -1) -> None:
        """What is open was never closed: it ends with its sentence, or before a mark in it."""
        row = self._row_of(self._last)
        cut = before >= 0 and self._row_of(before) == row
        stop = self._marks.at[before] if cut else -1 - row
        while self._open:
            self._add(stop, closed=0)

    def _add(self, stop: int, *, closed: int) -> None:
        start = self._open.pop()
        found = self.inner if self._open else self.outer
        found += start, stop, 1, closed

    def _row_of(self, i: int) -> int:
        return self._marks.row[i] if i < len(self._marks.row) else -1

    def _closes_later(self, i: int) -> bool:
        """Whether the sentence's next mark that can't be inches closes, so that this one is."""
        row, kind, ahead = self._row_of(i), self._marks.kind, max(self._ahead, i + 1)
        while self._row_of(ahead) == row and kind[ahead] == _INCHES:
            ahead += 1
        self._ahead = ahead
        return self._row_of(ahead) == row and kind[ahead] == _CLOSES

    def _is_balanced(self, i: int) -> bool:
        """Whether its sentence closes all that is open from a mark on, so that none is missing."""
        row = self._row_of(i)
        if self._judged[0] != row:
            self._judged = row, self._balances(i, row)
        return self._judged[1]

    def _balances(self, i: int, row: int) -> bool:
        depth = len(self._open)
        while self._row_of(i) == row:
            kind, twice = self._marks.kind[i], self._marks.twice[i]
            depth += 1 if kind == _OPENS else -min(1 + twice, max(1, depth))
            if kind > _CLOSES or not 0 <= depth <= _DEEPEST:
                return False
            i += 1
        return depth == 0


class _Single(NamedTuple):
    at: int
    row: int
    document: int
    opens: bool
    strength: int
    first: bool
    leads: bool  # speech may begin with it, and so run on
    elided: bool


def single_pairs(marks: Marks, outer: Numbers, inner: Numbers) -> Numbers:
    """Quotations by single marks, int64 (4, s) as above, in any order.

    Both marks of one stand within the same double marks; `outer` and `inner` are those.
    """
    opens = marks.left & marks.right
    closes = ~marks.right & (~marks.left | marks.glued)  # "I was—' he said" has a dash before it
    use = np.flatnonzero(opens | closes)
    if not opens.any():
        return np.empty((4, 0), np.int64)
    short = ((marks.after & FIGURE) != 0) & (marks.size <= len("90s"))
    elided = short | ((marks.after & ELIDED) != 0)
    leads = marks.first | ((marks.before & (LEADS | MARK)) != 0)
    context = _within(marks.at, outer) * (len(inner[0]) + 1) + _within(marks.at, inner)
    columns = (
        marks.at, marks.row, marks.document, opens, _strength(marks), marks.first, leads, elided,
    )  # fmt: skip
    readers: defaultdict[int, _SingleReader] = defaultdict(_SingleReader)
    rows = zip(*(column.take(use).tolist() for column in columns), strict=True)
    for place, mark in zip(context[use].tolist(), map(_Single._make, rows), strict=True):
        readers[place].read(mark)
    found = [each for reader in readers.values() for each in reader.finish()]
    return np.array(found, np.int64).reshape(-1, 4).T


def _strength(marks: Marks) -> Numbers:
    """How much speaks for it that each single mark closes."""
    after_stop = ~marks.glued | ((marks.before & (STOPS | MARK)) != 0)
    owner = (marks.before & (OWNS | FIGURE)) != 0
    weak = np.where(marks.gap != 1, _FAIR, np.where(owner, _OWNER, _WEAK))
    return np.where(after_stop, _STRONG, weak)


def _within(at: Numbers, spans: Numbers) -> Numbers:
    """Number of the span that each token stands in, or -1; of disjoint spans in order."""
    start, stop = spans[:2]
    if not len(start):
        return np.full(len(at), -1)
    near = np.searchsorted(start, at, "right") - 1
    return np.where((near >= 0) & (at < stop[near]), near, -1)


class _SingleReader:
    """Reads the single marks of one context, and keeps the one that is open."""

    def __init__(self) -> None:
        self._found: list[int] = []
        self._open: _Single | None = None
        self._best: _Single | None = None  # that could close it, in its own sentence
        self._row = -1  # of its last paragraph

    def read(self, mark: _Single) -> None:
        """Take the next mark."""
        if self._open and self._is_over(self._open, mark):
            self._settle()
        if mark.opens:
            self._begin(mark)
        elif self._open and mark.strength == _STRONG:
            self._best = mark
            self._settle()
        elif self._open and mark.row == self._open.row and not self._open.elided:
            self._best = max(self._best or mark, mark, key=lambda each: each.strength)

    def finish(self) -> list[int]:
        """All quotations, as four numbers each."""
        self._settle()
        return self._found

    def _is_over(self, opening: _Single, mark: _Single) -> bool:
        if mark.document != opening.document or mark.row - self._row > LONGEST:
            return True
        closed = self._best is not None and self._best.strength > _OWNER
        return mark.row > opening.row and (closed or opening.elided or not opening.leads)

    def _begin(self, mark: _Single) -> None:
        if self._open:
            if mark.elided and not self._open.elided:
                return
            if mark.first and mark.row > self._row:  # a paragraph opens again
                self._row = mark.row
                return
            self._settle()
        self._open, self._row = mark, mark.row

    def _settle(self) -> None:
        if self._open and self._best:
            self._found += self._open.at, self._best.at + 1, 1, 1
        self._open = self._best = None
