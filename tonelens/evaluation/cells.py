"""Cells of labelled sentences and of articles: what each column holds, checked and converted."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tonelens.errors import InputError
from tonelens.labels import LABELS, VOICES

PLAN = frozenset(("article", "position", "before", "after", "weight"))
"""The columns by which a table is known for a plan, whose cells are `escaped`."""

_FORMULA = re.compile(r"'*[=+\-@]")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_SEVERAL = re.compile(r"[;|]")


def escaped(cell: str) -> str:
    """A cell that no spreadsheet reads as a formula.

    >>> escaped("=1+1"), escaped("It rained.")
    ("'=1+1", 'It rained.')
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unescaped(cell: Any) -> Any:
    """What was `escaped`.

    >>> unescaped(escaped("'=1+1")), unescaped("'It rained.'")
    ("'=1+1", "'It rained.'")
    """
    fits = isinstance(cell, str) and cell.startswith("'") and _FORMULA.match(cell)
    return cell[1:] if fits else cell


class _UnfitError(ValueError):
    """A cell isn't what its column holds; the message is what it should hold."""


def _brief(cell: Any) -> str:
    shown = repr(cell)
    return shown if len(shown) <= 40 else f"{shown[:40]}…"


def _text(cell: Any) -> str:
    if not isinstance(cell, str) or not cell.strip():
        raise _UnfitError("text")
    return cell


def _name(cell: Any) -> str:
    if not isinstance(cell, str | int | float) or not str(cell).strip():
        raise _UnfitError("a name or number")
    return str(cell).strip()


def _one_of(names: Sequence[str]) -> Callable[[Any], str | None]:
    def read(cell: Any) -> str | None:
        name = cell.strip().lower() if isinstance(cell, str) else cell
        if name not in (*names, "", None):
            raise _UnfitError(f"{', '.join(names[:-1])} or {names[-1]}, or an empty cell")
        return name or None

    return read


_tone, _voice = _one_of(LABELS), _one_of(VOICES)


def _votes(cell: Any) -> tuple[str | None, ...]:
    votes = _SEVERAL.split(cell) if isinstance(cell, str) else cell
    try:
        return tuple(_tone(vote) for vote in votes)
    except (TypeError, _UnfitError):
        raise _UnfitError(f"tones parted by semicolons, such as {LABELS[0]};{LABELS[1]}") from None


def _weight(cell: Any) -> float:
    try:
        weight = float(cell)
    except (TypeError, ValueError, OverflowError):
        weight = math.nan
    if not 0 < weight < math.inf:
        raise _UnfitError("a number above 0, such as 1.5")
    return weight


def _position(cell: Any) -> int:
    try:
        number = float(cell)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not number.is_integer():
        raise _UnfitError("a whole number, the sentence's place in its article")
    return int(number)


def _year(cell: Any) -> int:
    found = _YEAR.search(str(cell))
    if found is None:
        raise _UnfitError("a date with a year of four digits, such as 2024-05-31")
    return int(found[0])


def _sentences(cell: Any) -> tuple[str, ...]:
    lines = cell.splitlines() if isinstance(cell, str) else cell
    if not isinstance(lines, list | tuple) or not all(isinstance(line, str) for line in lines):
        raise _UnfitError("sentences, one on each line")
    return tuple(line for line in lines if line.strip())


Columns = Mapping[str, tuple[str, Callable[[Any], Any]]]

COLUMNS: Columns = {
    "text": ("text", _text),
    "tone": ("tone", _tone),
    "voice": ("voice", _voice),
    "votes": ("votes", _votes),
    "weight": ("weight", _weight),
    "article": ("article", _name),
    "outlet": ("outlet", _name),
    "source": ("source", _name),
    "id": ("id", _name),
    "position": ("position", _position),
    "date": ("year", _year),
    "year": ("year", _year),
    "before": ("before", _sentences),
    "after": ("after", _sentences),
}
"""Columns that are read: the attribute of `LabelledSentence` and how a cell becomes it."""


def read_cells(row: Mapping[str, Any], columns: Columns) -> dict[str, Any]:
    """The cells of some columns, converted, under the names of their attributes.

    Raises
    ------
    InputError
        Where there is no text; or naming the column, what was got and what is wanted.
    """
    if "text" not in row:
        raise InputError("column text: got nothing, wanted text")
    found: dict[str, Any] = {}
    for column in [name for name in columns if name in row]:
        field, read = columns[column]
        try:
            found[field] = read(row[column])
        except _UnfitError as unfit:
            raise InputError(
                f"column {column}: got {_brief(row[column])}, wanted {unfit}"
            ) from None
    return found
