"""Rows of a table in a file: CSV, JSON lines or Parquet, each a dict of its filled cells.

Nothing here knows what the columns mean. A row that can't be read is handed on as the error that
says why, so that the reader of a large file can report it and go on.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from math import isnan
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

from tonelens.errors import InputError, MissingExtraError
from tonelens.inputs import decode

Row = dict[str, Any]
FORMATS = (".csv", ".jsonl", ".parquet")

_FORMULA = ("=", "+", "-", "@")


def read_rows(path: str | PathLike[str]) -> Iterator[tuple[int, Row | InputError]]:
    r"""Rows of a file, each with its number.

    Parameters
    ----------
    path : path
        A file whose name ends in one of `FORMATS`. Text is UTF-8; a CSV has a header and may be
        delimited by commas, semicolons or tabs.

    Yields
    ------
    tuple of int and (dict or InputError)
        The number by which an editor or spreadsheet shows the row: a CSV's header is row 1, other
        files begin with row 1. Column names in small letters; empty cells are left out.

    Raises
    ------
    InputError
        Where the file can't be read, its name ends otherwise, or a CSV names a column twice.
    MissingExtraError
        For Parquet without pyarrow.

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
    readers = dict(zip(FORMATS, (_csv, _jsonl, _parquet), strict=True))
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise InputError(
            f"{file.name} is of no kind that is read here. Save it as {', '.join(FORMATS)}."
        )
    for number, row in reader(file):
        yield number, row if isinstance(row, InputError) else filled(row)


def filled(row: Mapping[str, Any]) -> Row:
    """The cells that hold something, under names in small letters.

    White space is empty, and so is not a number, which is pandas' empty cell.

    >>> filled({"Text": "It rained.", "tone": "", "year": float("nan")})
    {'text': 'It rained.'}
    """
    cells = {str(name).strip().lower(): cell for name, cell in row.items()}
    return {name: cell for name, cell in cells.items() if not _is_empty(cell)}


def _is_empty(cell: Any) -> bool:
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or (isinstance(cell, float) and isnan(cell))


def _open(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except FileNotFoundError:
        raise InputError(f"{file}: no such file") from None
    except OSError as error:
        raise InputError(f"{file} can't be read ({error.strerror or error})") from None


def _csv(file: Path) -> Iterator[tuple[int, Row | InputError]]:
    with _open(file) as stream:
        data = stream.read()
    try:
        text = decode(data)
    except InputError as error:
        raise InputError(f"{file.name} is {error}") from None
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = [name.strip().lower() for name in next(records, [])]
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        raise InputError(f"{file.name} has two columns {twice[0]!r}. Rename or delete one.")
    for number, cells in enumerate(records, 2):
        if len(cells) > len(header):
            yield number, _too_many(cells, header)
        elif any(cells):
            yield number, dict(zip(header, map(_unescaped, cells), strict=False))


def _too_many(cells: list[str], header: list[str]) -> InputError:
    return InputError(
        f"it has {len(cells)} cells for {len(header)} columns; put quotation marks around a text "
        "that holds the delimiter"
    )


def _unescaped(cell: str) -> str:
    """A cell without the apostrophe that keeps spreadsheets from reading it as a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell


def escaped(cell: str) -> str:
    """A cell that no spreadsheet reads as a formula; `read_rows` takes the apostrophe off again.

    >>> escaped("=1+1"), escaped("It rained.")
    ("'=1+1", 'It rained.')
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _jsonl(file: Path) -> Iterator[tuple[int, Row | InputError]]:
    with _open(file) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, _object(line)


def _object(line: bytes) -> Row | InputError:
    try:
        row = json.loads(decode(line))
    except InputError as error:
        return InputError(f"it is {error}")
    except (ValueError, RecursionError) as error:
        return InputError(f"it is not JSON ({error}); put one object on each line")
    if not isinstance(row, dict):
        return InputError(f"it is a JSON {type(row).__name__}; wanted an object of columns")
    return row


def _parquet(file: Path) -> Iterator[tuple[int, Row | InputError]]:
    with _open(file) as stream:
        try:
            from pyarrow import ArrowException
            from pyarrow.parquet import ParquetFile
        except ImportError:
            raise MissingExtraError(
                "Parquet files need pyarrow. Install it: pip install 'tonelens[corpus]'"
            ) from None
        try:
            batches = ParquetFile(stream).iter_batches()
            yield from enumerate((row for batch in batches for row in batch.to_pylist()), 1)
        except (ArrowException, OSError) as error:
            raise InputError(f"{file.name} is no Parquet file that can be read: {error}") from None
