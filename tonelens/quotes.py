"""Quotations as values: where each stands in a text, by which marks, and who is quoted.

The spans are those that scoring uses (`tonelens.voice`); nothing is looked for a second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from tonelens import speakers
from tonelens.names import NAME, mask_names
from tonelens.tokens import Tokens, tokenize
from tonelens.voice import Spans, quotation_spans

_SHORT = 5
"""Scare quotes, and titles that are told as such, have at most so many words."""

_SPOKEN = frozenset(",?!…-–—")  # before a closing mark, where somebody may be said to have said it
_CLAIMING = frozenset("?!")
_QUOTING, _NEAR = "\"'“”„‟‘’‚‛«»`´ \xa0\u202f", 8
_OWNING = ("'s", "’s", "'", "’")


@dataclass(frozen=True, slots=True)
class Quotation:
    """What stands between two quotation marks.

    Attributes
    ----------
    start, end : int
        Character offsets into the text, marks included.
    opening, closing : str or None
        The marks as they stand in the text. None where one is missing: the quotation is then taken
        to begin, or end, with a sentence, or where another quotation does.
    depth : int
        How many quotations it stands within; 0 for most.
    first, last : int
        Numbers, from 0, of the sentences in which it opens and closes.
    speaker : tuple of int or None
        Character offsets, start and end, of the name or pronoun that a verb of saying right beside
        the quotation names; None where there is none for certain.
    scare : bool
        It looks like a scare quote or a title: a few words, part of a sentence in which nobody is
        said to say anything.
    """

    start: int
    end: int
    opening: str | None
    closing: str | None
    depth: int
    first: int
    last: int
    speaker: tuple[int, int] | None
    scare: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {**asdict(self), "speaker": list(self.speaker) if self.speaker else None}


def find_quotations(text: str, sentences: Sequence[tuple[int, int]]) -> tuple[Quotation, ...]:
    """Find all quotations of a text.

    Parameters
    ----------
    text : str
        Any text.
    sentences : sequence of (start, end)
        Its sentences, from `tonelens.sentences.spans`.

    Returns
    -------
    tuple of Quotation
        In order of `start`, the outer before the inner; any two are disjoint, or one is within the
        other.

    Examples
    --------
    >>> text = "“We won,” said Ann Lima."
    >>> (found,) = find_quotations(text, [(0, len(text))])
    >>> text[found.start : found.end], text[slice(*found.speaker)], found.scare
    ('“We won,”', 'Ann Lima', False)
    """
    tokens = mask_names(tokenize([text[start:end] for start, end in sentences]))
    spans = quotation_spans(tokens, np.zeros(len(sentences), np.int64))
    if not len(spans.start):
        return ()
    lines = _Lines(text, sentences, tokens, spans)
    stops: list[int] = []  # of the quotations that the next one stands within
    found = []
    for span in map(_Span._make, zip(*(column.tolist() for column in spans), strict=True)):
        while stops and stops[-1] <= span.start:
            stops.pop()
        found.append(lines.quotation(span, depth=len(stops)))
        stops.append(span.stop)
    return tuple(found)


class _Span(NamedTuple):
    start: int
    stop: int
    opened: bool
    closed: bool


class _Lines:
    """Sentences as places in their text, and as the letters of `tonelens.speakers`."""

    def __init__(
        self, text: str, sentences: Sequence[tuple[int, int]], tokens: Tokens, spans: Spans
    ) -> None:
        shift = np.array([start for start, _ in sentences], np.int64).take(tokens.row)
        self._text, self._sentences = text, sentences
        self._begin, self._end = (tokens.start + shift).tolist(), (tokens.end + shift).tolist()
        self._row = tokens.row.tolist()
        self._edge = np.searchsorted(tokens.row, np.arange(tokens.n + 1)).tolist()
        closing = spans.stop[spans.closed].tolist()
        self._sharing, self._shared = Counter(closing), Counter[int]()
        marks = {*spans.start[spans.opened].tolist(), *(stop - 1 for stop in closing)}
        spelt = list(self._spell(marks, (tokens.key == NAME).tolist()))
        self._letters = "".join(spelt)
        self._place = [at - 1 for at in accumulate(map(len, spelt))]  # of each token's own letter
        self._token = {at: i for i, at in enumerate(self._place)}
        said = accumulate((each in speakers.SAYING for each in self._letters), initial=0)
        self._said = list(said)

    def quotation(self, span: _Span, *, depth: int) -> Quotation:
        """The value of a span; to be called in order, the outer before the inner."""
        first, last = self._row[span.start], self._row[span.stop - 1]
        start, opening = self._opening(span)
        end, closing = self._closing(span)
        speaker = self._speaker(span)
        scare = speaker is None and first == last and self._is_scare(span, start, end)
        return Quotation(start, end, opening, closing, depth, first, last, speaker, scare)

    def _spell(self, marks: set[int], names: list[bool]) -> Iterator[str]:
        """A letter a token, after those of what stands before it and is no token."""
        for i, (start, end) in enumerate(zip(self._begin, self._end, strict=True)):
            gap = ""
            if self._is_first(i):
                gap = "\n"
            elif "." in self._text[self._end[i - 1] : start]:
                gap = "."
            word = self._text[start:end]
            if i in marks:
                yield gap + speakers.MARK
            elif names[i]:
                yield gap + (speakers.OWNER if word.endswith(_OWNING) else speakers.NAME)
            else:
                yield gap + speakers.letter(word)

    def _is_first(self, i: int) -> bool:
        return i in (0, len(self._row)) or self._row[i] != self._row[i - 1]

    def _opening(self, span: _Span) -> tuple[int, str | None]:
        start = self._begin[span.start]
        if span.opened:
            return start, self._text[start : self._end[span.start]]
        first = self._is_first(span.start)
        return (self._sentences[self._row[span.start]][0] if first else start), None

    def _closing(self, span: _Span) -> tuple[int, str | None]:
        """Where one run of marks closes several quotations, the last is the outermost's."""
        start, end = self._begin[span.stop - 1], self._end[span.stop - 1]
        if not span.closed:
            last = self._is_first(span.stop)
            return (self._sentences[self._row[span.stop - 1]][1] if last else end), None
        end -= self._shared[span.stop]
        self._shared[span.stop] += 1
        if self._shared[span.stop] < self._sharing[span.stop]:
            start = end - 1
        return end, self._text[start:end]

    def _speaker(self, span: _Span) -> tuple[int, int] | None:
        first, last = self._place[span.start], self._place[span.stop - 1]
        begins = not span.opened or self._row[span.start] < self._row[span.stop - 1]
        begins = begins or self._letters[first - 1] in "\n.,:-" + speakers.MARK
        ends = self._last_character(span) in _SPOKEN
        ends = span.closed and (ends or self._letters[last + 1 : last + 2] == ",")
        at = speakers.speaker(self._letters, first, last, speech=begins and ends)
        return None if at is None else (self._begin[self._token[at]], self._end[self._token[at]])

    def _is_scare(self, span: _Span, start: int, end: int) -> bool:
        low, high = self._edge[self._row[span.start]], self._edge[self._row[span.start] + 1]
        whole = (low, high) == (span.start, span.stop)
        said = self._saying(low, high) - self._saying(span.start, span.stop)
        words = self._text[start:end].split()
        led = self._letters[self._place[span.start] - 1] in ",:"
        claims = self._last_character(span) in (_CLAIMING | {"."} if led else _CLAIMING)
        complete = span.opened and span.closed and not whole
        return complete and not said and not claims and len(words) <= _SHORT

    def _last_character(self, span: _Span) -> str:
        """What stands before the closing mark, and before those of quotations within."""
        at = self._begin[span.stop - 1]
        return self._text[max(0, at - _NEAR) : at].rstrip(_QUOTING)[-1:]

    def _saying(self, start: int, stop: int) -> int:
        """How many of a range of tokens are verbs of saying."""
        return self._said[self._place[stop - 1] + 1] - self._said[self._place[start]]
