"""Rows of a table in a file: CSV, JSON lines or Parquet, each a dict of its filled cells.

Nothing here knows what the columns mean. Files of any size are read a row at a time. A row that
can't be read is handed on as the error that says why, so that the reader of a large file can report
it and go on.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import chain
from os import PathLike
from pathlib import Path
from typing import IO, Any, BinaryIO

from tonelens.errors import InputError, MissingExtraError
from tonelens.inputs import decode, is_missing
from tonelens.streams import BROKEN, check_begun, decompressed, kind, open_file

Row = dict[str, Any]
Rows = Iterator[tuple[int, Row | InputError]]

FORMATS = (".csv", ".tsv", ".jsonl", ".parquet")
LONGEST = 1 << 24
"""Characters of a cell, and bytes of a line of JSON, beyond which it isn't read."""

_BATCH = 512  # rows of Parquet held at once
_NO_VALUE = (ValueError, OverflowError)  # of Arrow, for a cell that is no value of Python's


def read_rows(path: str | PathLike[str]) -> Rows:
    r"""Rows of a file, each with its number.

    Parameters
    ----------
    path : path
        A file whose name ends in one of `FORMATS`, and in .gz or .zst after it where it is
        compressed. Text is UTF-8; a CSV has a header and may be delimited by commas, semicolons or
        tabs.

    Yields
    ------
    tuple of int and (dict or InputError)
        The number by which an editor or spreadsheet shows the row: a CSV's header is row 1, other
        files begin with row 1. Column names in small letters; empty cells are left out, and a row
        of nothing else is an empty dict.

    Raises
    ------
    InputError
        Where the file can't be read or breaks off, its name ends otherwise, or it names a column
        twice.
    MissingExtraError
        For Parquet and .zst without pyarrow.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "rows.csv"
    ...     _ = file.write_text("Text;Tone\nIt rained.;\n")
    ...     list(read_rows(file))
    [(2, {'text': 'It rained.'})]
    """
    file = Path(path)
    check_kind(file.name)
    with open_file(file) as stream:
        yield from stream_rows(stream, file.name)


def stream_rows(stream: BinaryIO, name: str, columns: Collection[str] | None = None) -> Rows:
    """Rows of an open stream; as `read_rows`, by whose name's ending it is read.

    Parameters
    ----------
    stream : binary stream
        Where it stands says how much was read; it stays open.
    name : str
        Of the file, for its ending and for errors.
    columns : collection of str, optional
        The columns wanted, in small letters; the others aren't read where that saves work.
    """
    readers = dict(zip(FORMATS, (_csv, _csv, _jsonl, _parquet), strict=True))
    reader, number = readers[kind(name)], 0
    try:
        check_begun(stream, name)
        with decompressed(stream, name, seekable=kind(name) == ".parquet") as content:
            for number, row in reader(content, name, columns):
                yield number, row if isinstance(row, InputError) else filled(row)
    except BROKEN as error:
        after = f"breaks off after row {number:,}" if number else "can't be read"
        raise InputError(f"{name} {after}: {error}. Get the whole file again.") from None


def column_names(path: Path) -> list[str] | None:
    """The columns of a file, in small letters; None where each row names its own.

    Raises
    ------
    InputError
        As `read_rows`.
    """
    check_kind(path.name)
    if kind(path.name) == ".parquet":
        return list(column_types(path))
    with _content(path) as content:
        return (
            None
            if kind(path.name) == ".jsonl"
            else _header(_records(content, path.name), path.name)
        )


def json_columns(path: Path) -> Iterator[list[str]]:
    """The columns, in small letters, of each row of a file of JSON lines, as far as it goes."""
    with suppress(InputError), _content(path) as content:
        for _, row in _jsonl(content, path.name, None):
            if not isinstance(row, InputError):
                yield list(map(_small, row))


def column_types(path: Path) -> dict[str, Any]:
    """The columns of a Parquet file, in small letters, and their pyarrow types; errors as above."""
    with _content(path) as content, parquet_file(content, path.name) as file:
        schema = file.schema_arrow
        return dict(zip(_names(schema.names, path.name), schema.types, strict=True))


@contextmanager
def _content(path: Path) -> Iterator[IO[bytes]]:
    try:
        with (
            open_file(path) as stream,
            decompressed(stream, path.name, seekable=kind(path.name) == ".parquet") as content,
        ):
            yield content
    except BROKEN as error:
        raise InputError(f"{path.name} can't be read: {error}. Get the whole file again.") from None


def check_kind(name: str) -> None:
    """Refuse a file of a kind that isn't read."""
    if kind(name) not in FORMATS:
        raise InputError(
            f"{name} is of no kind that is read here. Save it as {', '.join(FORMATS)}, as it is or "
            "compressed as .gz or .zst."
        )


def filled(row: Mapping[str, Any]) -> Row:
    """The cells that hold something, under names in small letters.

    White space is empty, and so is what numpy and pandas have for a missing value.

    >>> filled({"Text": "It rained.", "tone": "", "year": float("nan")})
    {'text': 'It rained.'}
    """
    cells = {_small(name): cell for name, cell in row.items()}
    return {name: cell for name, cell in cells.items() if not _is_empty(cell)}


def _small(name: Any) -> str:
    return str(name).strip().lower()


def _is_empty(cell: Any) -> bool:
    if isinstance(cell, str):
        return not cell or cell.isspace()
    return is_missing(cell)


def _names(names: list[str], file: str) -> list[str]:
    small = [_small(name) for name in names]
    if twice := sorted({name for name in small if name and small.count(name) > 1}):
        raise InputError(f"{file} has two columns {twice[0]!r}. Rename or delete one.")
    return small


# CSV


def _csv(content: IO[bytes], name: str, columns: Collection[str] | None) -> Rows:
    records = _records(content, name)
    header = _header(records, name)
    for number, cells in enumerate(records, 2):
        if isinstance(cells, InputError):
            yield number, cells
        elif len(cells) > len(header):
            yield number, _too_many(cells, header)
        elif cells:
            row = dict(zip(header, cells, strict=False))
            if columns is not None:
                row = {column: cell for column, cell in row.items() if column in columns}
            yield number, _checked(row)


def _records(content: IO[bytes], name: str) -> Iterator[list[str] | InputError]:
    """Records of a CSV; what isn't UTF-8 comes as surrogates."""
    text = io.TextIOWrapper(content, "utf-8-sig", "surrogateescape", newline="")
    lines = iter(lambda: text.readline(LONGEST), "")
    first = next(lines, "")
    delimiter = "\t" if kind(name) == ".tsv" else max(",;\t", key=first.count)
    csv.field_size_limit(LONGEST)  # the module's own is shorter than an article may be
    ended: list[bool] = []
    records = csv.reader(chain([first], lines, _noted(ended)), delimiter=delimiter)
    before = 0
    try:
        for cells in records:
            # Only within quotation marks does the reader want more than the last line.
            yield _unclosed(before + 1, records.line_num) if ended else cells
            before = records.line_num
    except csv.Error as error:
        reason = f"{error}; is a quotation mark never closed?"
        raise InputError(f"{name} breaks off at line {records.line_num:,}: {reason}") from None
    finally:
        with suppress(ValueError):  # closed already, where the rows weren't read to their end
            text.detach()


def _noted(ended: list[bool]) -> Iterator[str]:
    """No more lines; but note that one was asked for."""
    ended.append(True)
    yield from ()


def _unclosed(first: int, last: int) -> InputError:
    return InputError(
        f"a quotation mark is never closed, so that all from line {first:,} to the end, line "
        f"{last:,}, is one row; close it, or take it away"
    )


def _header(records: Iterator[list[str] | InputError], name: str) -> list[str]:
    header = next(records, [])
    fault = header if isinstance(header, InputError) else _checked({"": ",".join(header)})
    if isinstance(header, InputError) or isinstance(fault, InputError):
        raise InputError(f"{name} can't be read: in its header, {fault}")
    return _names(header, name)


def _checked(row: Row) -> Row | InputError:
    joined = "".join(row.values())
    if joined.isascii():
        return row
    try:
        decode(joined.encode("utf-8", "surrogateescape"))
    except InputError as error:
        return InputError(f"it is {error}")
    return row


def _too_many(cells: list[str], header: list[str]) -> InputError:
    return InputError(
        f"it has {len(cells)} cells for {len(header)} columns; put quotation marks around a text "
        "that holds the delimiter"
    )


# JSON lines


def _jsonl(content: IO[bytes], _name: str, columns: Collection[str] | None) -> Rows:
    number = 0
    while line := content.readline(LONGEST):
        number += 1
        if len(line) == LONGEST and not line.endswith(b"\n"):
            yield number, InputError(f"it is a line of over {LONGEST:,} bytes; put one row on each")
            while line and not line.endswith(b"\n"):
                line = content.readline(LONGEST)
        elif line.strip():
            yield number, _object(line, columns)


def _object(line: bytes, columns: Collection[str] | None) -> Row | InputError:
    try:
        row = json.loads(decode(line))
    except InputError as error:
        return InputError(f"it is {error}")
    except (ValueError, RecursionError) as error:
        return InputError(f"it is not JSON ({error}); put one object on each line")
    if not isinstance(row, dict):
        return InputError(f"it is a JSON {type(row).__name__}; wanted an object of columns")
    if columns is None:
        return row
    return {name: cell for name, cell in row.items() if _small(name) in columns}


# Parquet


@contextmanager
def parquet_file(content: IO[bytes], name: str) -> Iterator[Any]:
    """A pyarrow ParquetFile; whatever goes wrong with it is an InputError that names the file."""
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise MissingExtraError(
            "Parquet files need pyarrow. Install it: pip install 'tonelens[corpus]'"
        ) from None
    try:
        # A buffer, lest whole row groups be read at once.
        yield ParquetFile(content, buffer_size=1 << 20, pre_buffer=False)
    except (ArrowException, OSError) as error:
        raise InputError(f"{name} is no Parquet file that can be read: {error}") from None


def _parquet(content: IO[bytes], name: str, columns: Collection[str] | None) -> Rows:
    with parquet_file(content, name) as file:
        there = file.schema_arrow.names
        small = _names(there, name)
        wanted = [n for n, s in zip(there, small, strict=True) if columns is None or s in columns]
        batches = file.iter_batches(_BATCH, columns=wanted)
        yield from enumerate((row for batch in batches for row in _batch_rows(batch)), 1)


def _batch_rows(batch: Any) -> list[Row | InputError]:
    """Rows of a batch; Arrow has text of any bytes and dates of any year, Python hasn't."""
    try:
        return list(batch.to_pylist())
    except _NO_VALUE:
        return [_batch_row(batch.slice(number, 1)) for number in range(len(batch))]


def _batch_row(batch: Any) -> Row | InputError:
    row = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            [row[name]] = column.to_pylist()
        except UnicodeDecodeError as error:
            return InputError(f"it is not UTF-8: byte 0x{error.object[error.start]:02x}")
        except _NO_VALUE as error:
            return InputError(f"its cell in the column {name!r} can't be read: {error}")
    return row
