"""The files of a corpus: named, in folders, by patterns, or standard input."""

from __future__ import annotations

import glob
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tonelens.errors import InputError
from tonelens.rows import FORMATS, check_kind, column_names
from tonelens.streams import kind, open_file

STDIN = "-"


class Source(NamedTuple):
    """A file to be read.

    Attributes
    ----------
    name : str
        As it is shown in results and errors.
    path : Path or None
        None for standard input.
    format : str
        A name whose ending says how it is read.
    """

    name: str
    path: Path | None
    format: str

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The bytes of the file, as they are."""
        if self.path is None:
            yield sys.stdin.buffer
            return
        with open_file(self.path) as stream:
            yield stream

    def state(self) -> list[int]:
        """Size in bytes and time of the last change; nothing for standard input."""
        if self.path is None:
            return []
        try:
            found = self.path.stat()
        except OSError as error:
            raise InputError(f"{self.name} can't be read ({error.strerror})") from None
        return [found.st_size, found.st_mtime_ns]


def find_sources(
    inputs: Sequence[str], *, stdin_format: str = ".jsonl", without: Collection[Path] = ()
) -> list[Source]:
    """The files that the inputs name, each once, those of a folder or pattern in order of names.

    Parameters
    ----------
    inputs : sequence of str
        Files, folders, patterns such as ``news/**/*.jsonl.gz``, or - for standard input. From a
        folder come all files of the kinds that are read, from folders within it as well; what
        begins with a dot or underscore is left out.
    stdin_format : str
        The kind of standard input, one of `tonelens.rows.FORMATS`.
    without : collection of Path
        Files that folders and patterns don't give: those that the run itself writes.

    Raises
    ------
    InputError
        Where an input names no file that can be read.
    """
    left_out = {path.resolve() for path in without}
    found: dict[Path | None, Source] = {}
    for name in inputs:
        if name == STDIN:
            found[None] = Source("<stdin>", None, f"stdin{stdin_format}")
            continue
        for path in _files(name, left_out):
            found.setdefault(path.resolve(), Source(str(path), path, path.name))
    return list(found.values())


def check_columns(sources: Iterable[Source], columns: Collection[str]) -> None:
    """Refuse files of which is known before reading that they lack a column.

    Raises
    ------
    InputError
        Naming the first such file, and the columns that it has.
    """
    for source in sources:
        there = None if source.path is None else column_names(source.path)
        if there is None:
            continue
        for column in columns:
            if column.lower() not in there:
                raise InputError(
                    f"{source.name} has no column {column!r}; it has: {', '.join(there) or 'none'}."
                )


def _files(name: str, left_out: Collection[Path]) -> list[Path]:
    path = Path(name)
    if path.is_dir():
        found = _readable(sorted(path.rglob("*")), path, left_out)
        if not found:
            raise InputError(f"{name} holds no file of a kind that is read: {', '.join(FORMATS)}.")
        return found
    if path.exists() or not glob.has_magic(name):
        if path.resolve() in left_out:
            raise InputError(f"{name} is what this run writes. Name another output.")
        open_file(path).close()
        check_kind(path.name)
        return [path]
    matches = [Path(match) for match in sorted(glob.glob(name, recursive=True))]  # noqa: PTH207
    found = [p for p in matches if p.is_file() and p.resolve() not in left_out]
    if not found:
        raise InputError(f"{name}: no file matches")
    for each in found:
        check_kind(each.name)
    return found


def _readable(paths: Iterable[Path], folder: Path, left_out: Collection[Path]) -> list[Path]:
    return [
        path
        for path in paths
        if kind(path.name) in FORMATS
        and path.is_file()
        and path.resolve() not in left_out
        and not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    ]
