"""What callers hand in, checked: a list of sentences, or an error that shows the right call."""

from __future__ import annotations

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
    for number, row in enumerate(rows):
        if not isinstance(row, str):
            raise InputError(
                f"{call}() takes strings, got {type(row).__name__} at position {number:,}. "
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
