"""The files of a corpus: named, in folders, by patterns, or standard input."""

from __future__ import annotations

import glob
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tonelens.errors import InputError
from tonelens.inputs import printable
from tonelens.rows import FORMATS, check_kind, column_names, json_columns
from tonelens.streams import kind, open_file

STDIN = "-"

_FIRST = 1000  # rows of JSON lines that are looked at before a run


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
        Files and folders that aren't read: those that the run itself writes. Parts of other runs
        aren't either, where folders and patterns would give them.

    Raises
    ------
    InputError
        Where an input names no file that can be read.
    """
    left_out = {path.resolve() for path in without}
    found: dict[Path | None, Source] = {}
    for name in inputs:
        if name == STDIN:
            found[None] = _stdin(stdin_format)
            continue
        for path in _files(name, left_out):
            source = Source(printable(str(path)), path, printable(path.name))
            found.setdefault(path.resolve(), source)
    return list(found.values())


def _stdin(ending: str) -> Source:
    name = f"stdin.{str(ending).removeprefix('.')}"
    if kind(name) not in FORMATS:
        raise InputError(f"standard input can't be read as {ending!r}. Use {', '.join(FORMATS)}.")
    if not hasattr(sys.stdin, "buffer"):
        raise InputError("standard input is closed or holds no bytes. Name a file, or pipe it in.")
    return Source("<stdin>", None, name)


def check_columns(sources: Iterable[Source], columns: Collection[str]) -> None:
    """Refuse files of which is known before reading that they lack a column.

    Raises
    ------
    InputError
        Naming the first such file, and the columns that it has.

    Notes
    -----
    Each row of JSON lines names columns of its own; there, one of the first rows must have it.
    """
    files = [(source.name, source.path) for source in sources if source.path]
    for name, path in files:
        there = column_names(path)
        if there is not None:
            _check_there(name, there, columns)
    lines = [(name, path) for name, path in files if kind(path.name) == ".jsonl"]
    rows = islice(chain.from_iterable(json_columns(path) for _, path in lines), _FIRST)
    if found := list(dict.fromkeys(chain.from_iterable(rows))):
        _check_there(f"{lines[0][0]}, in the first {_FIRST:,} rows,", found, columns)


def _check_there(what: str, there: Collection[str], columns: Collection[str]) -> None:
    for column in columns:
        if column.lower() not in there:
            raise InputError(
                f"{what} has no column {column!r}; it has: {', '.join(there) or 'none'}."
            )


def _files(name: str, left_out: Collection[Path]) -> list[Path]:
    path = Path(name)
    if path.is_dir():
        found = _readable(sorted(path.rglob("*")), path, left_out)
        if not found:
            raise InputError(f"{name} holds no file of a kind that is read: {', '.join(FORMATS)}.")
        return found
    if path.exists() or not glob.has_magic(name):
        if _is_within(path, left_out):
            raise InputError(f"{name} is what this run writes. Name another output.")
        open_file(path).close()
        check_kind(path.name)
        return [path]
    matches = [Path(match) for match in sorted(glob.glob(name, recursive=True))]  # noqa: PTH207
    found = [match for match in matches if _is_input(match, left_out)]
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
        and _is_input(path, left_out)
        and not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    ]


def _is_input(path: Path, left_out: Collection[Path]) -> bool:
    return path.is_file() and not _is_within(path, left_out) and not _is_part(path)


def _is_within(path: Path, left_out: Collection[Path]) -> bool:
    whole = path.resolve()
    return any(each in left_out for each in (whole, *whole.parents))


def _is_part(path: Path) -> bool:
    """Whether it is a part of some run's output, in a folder beside the run's manifest."""
    return any(
        folder.suffix == ".parts" and folder.with_suffix(".manifest.json").exists()
        for folder in path.resolve().parents
    )
