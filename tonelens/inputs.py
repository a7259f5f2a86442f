"""What callers hand in, checked: lists and bytes, or an error that shows the way out."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Mapping
from numbers import Real
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from tonelens.errors import InputError

MODEL_HELP = "accurate, or the folder of a model you trained; default: the small shipped one"
"""What ``--model`` takes, for the help of every command that has it."""


def string_list(value: Any, *, call: str, wanted: str, use: str) -> list[str]:
    """The value as a list of strings.

    Parameters
    ----------
    value : any
        What the caller gave; sequences, series, one-dimensional arrays (also pyarrow's) and
        iterators of strings will do.
    call, wanted, use : str
        The function called, what it takes and a call that is right, for the message.

    Raises
    ------
    InputError
        Where the value is one string, bytes, a mapping, a table, no iterable, or holds anything
        but strings.

    Examples
    --------
    >>> string_list(("It rained.",), call="f", wanted="sentences", use="f([text])")
    ['It rained.']
    """
    rows = plain_list(value, call=call, wanted=wanted, use=use)
    if not all(issubclass(kind, str) for kind in set(map(type, rows))):
        number = next(i for i, row in enumerate(rows) if not isinstance(row, str))
        raise InputError(
            f"{call}() takes strings, got {type(rows[number]).__name__} at position {number:,}. "
            "Drop or fill such rows first."
        )
    return rows


def plain_list(value: Any, *, call: str, wanted: str, use: str) -> list[Any]:
    """The value as a list of anything; errors as in `string_list`."""
    unfit = isinstance(value, str | bytes | Mapping) or not hasattr(value, "__iter__")
    if unfit or getattr(value, "ndim", 1) != 1:
        got = type(value).__name__
        if isinstance(value, str):
            got = f"one str of {len(value):,} characters"
        raise InputError(f"{call}() takes {wanted}, got {got}. Use {use}.")
    for python_values in ("to_pylist", "tolist"):  # of pyarrow's and numpy's scalars
        if hasattr(value, python_values):
            return list(getattr(value, python_values)())
    return list(value)


def is_missing(value: Any) -> bool:
    """Whether a value is None or stands for a missing one in numpy or pandas: NaN, NaT, NA.

    >>> is_missing(None), is_missing(float("nan")), is_missing("")
    (True, True, False)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, Real) and value != value  # noqa: PLR0124


def path_name(value: Any, *, call: str, name: str) -> str:
    """The value as the name of a file or folder.

    Raises
    ------
    InputError
        Where it is no path, or an empty one.

    >>> path_name(Path("news.csv"), call="f", name="out")
    'news.csv'
    """
    found = fspath(value) if isinstance(value, PathLike) else value
    if not isinstance(found, str) or not found:
        got = "an empty one" if found == "" else type(value).__name__
        raise InputError(f"{call}() takes a path as {name}, got {got}. Use a str or pathlib.Path.")
    return found


def printable(name: str) -> str:
    r"""A file's name, which may be of any bytes, as text that can be written.

    >>> printable("caf\udce9.csv")
    'caf\\udce9.csv'
    """
    return name.encode("utf-8", "backslashreplace").decode()


def read_bytes(file: str) -> bytes:
    """Read a file, or standard input for "-".

    Raises
    ------
    InputError
        Whatever goes wrong; the message doesn't name the file.
    """
    try:
        if file != "-":
            return Path(file).read_bytes()
        if sys.stdin is None:
            raise InputError("standard input is closed")
        return sys.stdin.buffer.read()
    except FileNotFoundError:
        raise InputError("no such file") from None
    except IsADirectoryError:
        way_out = f"Name the files in it: {Path(file) / '*.txt'}"
        raise InputError(f"is a directory, wanted a text file. {way_out}") from None
    except OSError as error:
        raise InputError(f"can't be read ({error.strerror or error})") from None


def probability(value: Any, *, call: str, name: str) -> float:
    """The value as a probability.

    Raises
    ------
    InputError
        Where it is no number from 0 to 1.

    >>> probability(1, call="abstain", name="below")
    1.0
    """
    if not isinstance(value, Real) or not 0 <= float(value) <= 1:
        raise InputError(f"{call}() takes {name} from 0 to 1, got {value!r}. Use {name}=0.7.")
    return float(value)


def decode(data: bytes) -> str:
    r"""Decode UTF-8, with or without a byte order mark; line ends are left as they are.

    Raises
    ------
    InputError
        Where `data` isn't UTF-8; the message names the first wrong byte and its offset.

    >>> decode(b"\xef\xbb\xbfIt rained.\r\n")
    'It rained.\r\n'
    """
    body = data.removeprefix(codecs.BOM_UTF8)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start + len(data) - len(body)
        utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        likely = "UTF-16" if utf16 else "WINDOWS-1252"
        raise InputError(
            f"not UTF-8: byte 0x{data[at]:02x} at offset {at}. "
            f"Convert it, for example with: iconv -f {likely} -t UTF-8"
        ) from None
