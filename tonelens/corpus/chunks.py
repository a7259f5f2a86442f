"""A corpus cut into chunks: the same rows in the same chunks whenever the same files are read.

So a run that was stopped finds which chunks are done, and needs nothing else to go on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zlib import crc32

from tonelens.corpus.articles import Wanted, article_cells, article_text
from tonelens.corpus.sources import Source
from tonelens.errors import InputError
from tonelens.rows import Row, stream_rows

SIZE = 1_000_000
"""Characters of text after which a chunk ends: some 7,000 sentences."""

MOST_ROWS = 10_000

Cells = tuple[Any, ...]


class Reject(NamedTuple):
    """A row that can't be scored."""

    file: str
    row: int
    reason: str


@dataclass(slots=True)
class Chunk:
    """Some rows of a corpus.

    Attributes
    ----------
    number : int
        Its place in the corpus, from 0.
    texts : list of str
        Of n articles.
    cells : list of tuple
        The n articles' ids, each followed by the columns kept.
    rejects : list of Reject
        The rows among them that aren't articles.
    checksum : int
        CRC-32 of all that.
    through : int
        Bytes of the files that were read when it ended.
    """

    number: int
    texts: list[str] = field(default_factory=list)
    cells: list[Cells] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    checksum: int = 0
    through: int = 0
    characters: int = 0

    def __len__(self) -> int:
        return len(self.texts) + len(self.rejects)

    def add(self, text: str, cells: Cells) -> None:
        """Add an article."""
        self.texts.append(text)
        self.cells.append(cells)
        self.characters += len(text)
        self._count_in(text, cells)

    def reject(self, reject: Reject) -> None:
        """Add a row that is none."""
        self.rejects.append(reject)
        self._count_in("", reject)

    def _count_in(self, text: str, rest: Sequence[Any]) -> None:
        known = json.dumps(rest, default=str).encode()
        self.checksum = crc32(known, crc32(text.encode(), self.checksum))


def read_chunks(
    sources: Sequence[Source],
    wanted: Wanted,
    states: Mapping[str, list[int]],
    *,
    size: int = SIZE,
) -> Iterator[Chunk]:
    """All rows of the files, in order.

    Parameters
    ----------
    sources : sequence of Source
        The files.
    wanted : Wanted
        The columns.
    states : mapping of str to list of int
        Each file's state when the run began.
    size : int
        Characters of text after which a chunk ends.

    Raises
    ------
    InputError
        Where a file is another than when the run began.

    Notes
    -----
    Where a file breaks off, the rest of it is one reject.
    """
    chunk, before = Chunk(0), 0
    for source in sources:
        for number, row, read in _rows(source, wanted):
            _add(chunk, source.name, number, row, wanted)
            if chunk.characters >= size or len(chunk) >= MOST_ROWS:
                chunk.through = before + read
                yield chunk
                chunk = Chunk(chunk.number + 1)
        if source.state() != states[source.name]:
            raise InputError(f"{source.name} was changed while it was read. Start anew.")
        before += sum(states[source.name][:1])
    if len(chunk):
        chunk.through = before
        yield chunk


def _rows(source: Source, wanted: Wanted) -> Iterator[tuple[int, Row | InputError, int]]:
    """Rows of a file, with their numbers and the bytes read so far."""
    columns, number = {name.lower() for name in wanted.columns}, 0
    with source.open() as stream:
        seekable = stream.seekable()
        try:
            for number, row in stream_rows(stream, source.format, columns):
                yield number, row, stream.tell() if seekable else 0
        except InputError as error:
            yield number + 1, error, 0


def _add(chunk: Chunk, file: str, number: int, row: Row | InputError, wanted: Wanted) -> None:
    try:
        if isinstance(row, InputError):
            raise row
        text = article_text(row.get(wanted.text.lower()))
        chunk.add(text, article_cells(row, wanted, f"{file}:{number}"))
    except InputError as error:
        chunk.reject(Reject(file, number, str(error)))
