"""Windows: which neighbouring sentences an encoder reads at once, and which of them it judges.

An encoder reads a few hundred word pieces at a time. A document is covered by windows of whole
sentences, one after another; each sentence is judged in one of them, with at least the sentences
just before and after it in view where there are any. Training and scoring share this code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

MOST_PIECES = 96
"""Word pieces of one sentence that are read; what is longer is cut."""

# An encoder has 512 positions: a window, one sentence too long and the one after it must fit.
WINDOW_PIECES, WINDOW_SENTENCES = 300, 12
_BEFORE, _AFTER = 2, 1


class Window(NamedTuple):
    """Numbers of the sentences that are read, and of those among them that are judged."""

    read: range
    judged: range


def covering_windows(size: Sequence[int], document: range) -> Iterator[Window]:
    """Windows that judge each sentence of a document once.

    Parameters
    ----------
    size : sequence of int
        Word pieces of each sentence, of whatever documents.
    document : range
        The sentences of the document, by their place in `size`.

    Examples
    --------
    >>> for window in covering_windows([100, 100, 100, 100], range(4)):
    ...     print(*window)
    range(0, 3) range(0, 2)
    range(0, 4) range(2, 3)
    range(1, 4) range(3, 4)
    """
    at = document.start
    while at < document.stop:
        start = max(document.start, at - _BEFORE)
        room = WINDOW_PIECES - pieces(size, range(start, at))
        end = at
        while end < document.stop and (
            end == at or (room > size[end] and end - start < WINDOW_SENTENCES - _AFTER)
        ):
            room -= size[end] + 1
            end += 1
        yield Window(range(start, min(end + _AFTER, document.stop)), range(at, end))
        at = end


def window_of(size: Sequence[int], at: int) -> Window:
    """The window that judges sentence `at` of the one document that `size` is of."""
    return next(w for w in covering_windows(size, range(len(size))) if at in w.judged)


def pieces(size: Sequence[int], window: range) -> int:
    """Word pieces of a window, with a mark at its start and one after each sentence."""
    return 1 + sum(size[i] + 1 for i in window)
