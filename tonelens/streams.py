"""Files opened for reading as bytes, decompressed where their names end in .gz or .zst."""

from __future__ import annotations

import gzip
import io
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import IO, BinaryIO, cast

from tonelens.errors import InputError, MissingExtraError

COMPRESSIONS = (".gz", ".zst")
BROKEN = (OSError, EOFError, zlib.error)
"""What reading raises where a file is cut or damaged."""


def kind(name: str) -> str:
    """The ending of a file's name that says how its rows are written, in small letters.

    >>> kind("news/2024.JSONL.gz"), kind("notes")
    ('.jsonl', '')
    """
    path = PurePath(name.lower())
    return (path.with_suffix("") if path.suffix in COMPRESSIONS else path).suffix


def open_file(path: Path) -> BinaryIO:
    """Open a file as it is; whatever goes wrong is an InputError that names it."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror or error})") from None


def check_begun(stream: BinaryIO, name: str) -> None:
    """Refuse, as broken, a compressed file of no bytes: what holds nothing still has a header."""
    if name.lower().endswith(COMPRESSIONS) and stream.seekable():
        if not stream.read(1):
            raise EOFError("it is empty, as no compressed file is")
        stream.seek(0)


@contextmanager
def decompressed(stream: BinaryIO, name: str, *, seekable: bool = False) -> Iterator[IO[bytes]]:
    """What a stream holds, decompressed by the ending of its name; the stream stays open.

    Parameters
    ----------
    stream : binary stream
        What `open_file` gives.
    name : str
        Of the file.
    seekable : bool
        Whether the reader jumps about; what can't jump is copied to a temporary file first.

    Raises
    ------
    MissingExtraError
        For .zst without pyarrow.
    """
    found: IO[bytes] = stream
    if name.lower().endswith(".gz"):
        found = cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    elif name.lower().endswith(".zst"):
        found = _zstandard(stream)
    if not seekable or (found is stream and stream.seekable()):
        yield found
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(found, copy, 1 << 20)
        copy.seek(0)
        yield copy


def _zstandard(stream: BinaryIO) -> IO[bytes]:
    try:
        from pyarrow import CompressedInputStream
    except ImportError:
        raise MissingExtraError(
            "Files in .zst need pyarrow. Install it: pip install 'tonelens[corpus]'"
        ) from None
    return io.BufferedReader(CompressedInputStream(stream, "zstd"))
