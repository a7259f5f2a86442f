"""Sentences to windows that an encoder reads: neighbours together, each sentence pooled apart.

A window is a run of consecutive sentences of one document, tokenised one after another with a
separator between them. An encoder reads it once and every sentence's own tokens are averaged, so
each is judged in its context at the price of reading it once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tonelens.windows import WINDOW_PIECES, Window, covering_windows, pieces

# The mark at the start, the one after each sentence, padding, a hidden word; and how much higher
# than BERT's the numbers of the other pieces are, which are the same.
SPECIAL = {"bert": (101, 102, 0, 103, 0), "mpnet": (0, 2, 1, 30_526, 4)}


def backbone_pieces(pieces: Sequence[int], kind: str) -> NDArray[np.int64]:
    """The numbers that an encoder of this kind gives word pieces numbered by BERT.

    >>> backbone_pieces([0, 101, 102, 2003], "mpnet").tolist()
    [1, 0, 2, 2007]
    """
    *new, shift = SPECIAL[kind]
    marks = dict(zip(SPECIAL["bert"][:-1], new, strict=True))
    return np.array([marks.get(piece, piece + shift) for piece in pieces])


@dataclass
class Passages:
    """Sentences of many documents as word-piece ids.

    Attributes
    ----------
    ids : list of uint16 arrays
        Word pieces of each sentence, without special tokens.
    doc : int array
        Document of each sentence; a document's sentences are neighbours.
    """

    ids: list[NDArray[np.uint16]]
    doc: NDArray[np.int64]
    first: int
    separator: int
    pad: int
    ends: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        edge = np.flatnonzero(np.diff(self.doc)) + 1
        self.ends = np.concatenate((edge, [len(self.doc)]))

    def where(self, rows: NDArray[np.integer]) -> Passages:
        """Some sentences, whole documents of them, in order."""
        ids = [self.ids[i] for i in rows.tolist()]
        return Passages(ids, self.doc[rows], self.first, self.separator, self.pad)

    def documents(self) -> Iterator[range]:
        """Ranges of sentence numbers, one a document."""
        start = 0
        for end in self.ends.tolist():
            yield range(start, end)
            start = end

    def covering_windows(self) -> list[Window]:
        """Windows that judge each sentence once, those that scoring uses."""
        size = [len(ids) for ids in self.ids]
        return [w for doc in self.documents() for w in covering_windows(size, doc)]

    def random_windows(self, rng: np.random.Generator) -> list[range]:
        """Each document cut at random into runs of 1 to 12 sentences, in random order."""
        windows, size = [], [len(ids) for ids in self.ids]
        for doc in self.documents():
            at = doc.start
            while at < doc.stop:
                end = min(at + int(rng.choice([1, 2, 3, 4, 6, 8, 12])), doc.stop)
                while end > at + 1 and pieces(size, range(at, end)) > WINDOW_PIECES:
                    end -= 1
                windows.append(range(at, end))
                at = end
        return [windows[i] for i in rng.permutation(len(windows))]

    def batch(self, windows: Sequence[range]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Token ids (b, l) and, for each token, the number in the batch of its sentence or -1."""
        rows, owners, count = [], [], 0
        for window in windows:
            row, owner = [self.first], [-1]
            for i in window:
                row += self.ids[i].tolist() + [self.separator]
                owner += [count] * len(self.ids[i]) + [-1]
                count += 1
            rows.append(row)
            owners.append(owner)
        length = max(map(len, rows))
        ids = np.full((len(rows), length), self.pad, np.int64)
        owner_of = np.full((len(rows), length), -1, np.int64)
        for k, (row, owner) in enumerate(zip(rows, owners, strict=True)):
            ids[k, : len(row)] = row
            owner_of[k, : len(row)] = owner
        return ids, owner_of


def batches(sizes: Sequence[int], most: int) -> Iterator[list[int]]:
    """Window numbers, alike in length, with at most `most` padded tokens together."""
    batch: list[int] = []
    longest = 0
    for k in np.argsort(sizes, kind="stable")[::-1].tolist():
        longest = max(longest, sizes[k])
        if batch and longest * (len(batch) + 1) > most:
            yield batch
            batch, longest = [], sizes[k]
        batch.append(k)
    if batch:
        yield batch
