"""What callers hand in, checked: lists and bytes, or an error that shows the way out."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any

from tonelens.errors import InputError


def string_list(value: Any, *, call: str, wanted: str, use: str) -> list[str]:
    """The value as a list of strings.

    Parameters
    ----------
    value : any
        What the caller gave; sequences, series, one-dimensional arrays and iterators of strings
        will do.
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
    return list(value)


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
