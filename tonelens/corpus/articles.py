"""Articles as they are asked for: which columns, and which rows can't be scored, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tonelens.corpus.scores import LEVELS, names
from tonelens.errors import InputError
from tonelens.inputs import decode, is_missing, string_list

LONGEST = 1_000_000
"""Characters of the longest text that is taken for an article."""

DEEPEST = 100
"""Lists within lists, or objects, in a cell that is kept."""


class Wanted(NamedTuple):
    """What is asked of a corpus.

    Attributes
    ----------
    text : str
        The column with the texts.
    id : str, optional
        The column with the articles' ids.
    keep : tuple of str
        Columns that are written beside the scores.
    level : str
        "sentence" or "article": what each row of the output is.
    """

    text: str
    id: str | None = None
    keep: tuple[str, ...] = ()
    level: str = "sentence"

    @classmethod
    def checked(
        cls, column: str, id_column: str | None, keep: Sequence[str], level: str, *, call: str
    ) -> Wanted:
        """The same from a caller's arguments.

        Raises
        ------
        InputError
            Where a column is no name, the level is unknown, or a kept column would be there twice.
        """
        for name, value in (("column", column), ("id_column", id_column)):
            if not isinstance(value, str) and (value is not None or name == "column"):
                raise InputError(
                    f"{call}() takes the name of a column as {name}, got {type(value).__name__}. "
                    f"Use {name}='body'."
                )
        if level not in LEVELS:
            raise InputError(
                f"{call}() got level={level!r}; it is one of {', '.join(map(repr, LEVELS))}."
            )
        kept = string_list(keep, call=call, wanted="the columns to keep as a list", use="keep=[c]")
        columns = ["article", *kept, *names(level), "problem"]
        if twice := sorted({name for name in columns if columns.count(name) > 1}):
            raise InputError(
                f"{call}() can't keep the column {twice[0]!r}: the output would have two of that "
                "name. Rename it."
            )
        return cls(column, id_column, tuple(kept), level)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are read, each once."""
        some = (self.text, *([] if self.id is None else [self.id]), *self.keep)
        return tuple(dict.fromkeys(some))


def article_text(value: Any) -> str:
    """A cell as the text of an article.

    Raises
    ------
    InputError
        Where it can't be scored: the reason, as the end of "row 3: …".

    Examples
    --------
    >>> article_text(b"It rained.")
    'It rained.'
    """
    text = decode(value) if isinstance(value, bytes) else value
    if is_missing(text):
        raise InputError("no text")
    if not isinstance(text, str):
        raise InputError(f"the text is of type {type(text).__name__}, wanted a string")
    if not text or text.isspace():
        raise InputError("no text")
    if len(text) > LONGEST:
        raise InputError(
            f"absurdly long: {len(text):,} characters, of at most {LONGEST:,}; split it"
        )
    _check_unicode(text)
    return text


def article_cells(row: Mapping[str, Any], wanted: Wanted, place: str) -> tuple[Any, ...]:
    """A row's id, which is its place where no column has ids, and its kept cells.

    Raises
    ------
    InputError
        Where it has no id, or a cell can't be written.
    """
    found = place if wanted.id is None else row.get(wanted.id.lower())
    if found is None:
        raise InputError(f"no id in the column {wanted.id!r}")
    return tuple(_writable(c) for c in (found, *(row.get(name.lower()) for name in wanted.keep)))


def _writable(cell: Any) -> Any:
    if isinstance(cell, bytes):
        return decode(cell)
    _check_cell(cell)
    return cell


def _check_cell(cell: Any, depth: int = 0) -> None:
    if isinstance(cell, str):
        _check_unicode(cell)
    elif isinstance(cell, list | tuple | dict):
        if depth == DEEPEST:
            raise InputError(f"a cell holds lists in lists, more than {DEEPEST} deep; flatten it")
        for each in (*cell, *cell.values()) if isinstance(cell, dict) else cell:
            _check_cell(each, depth + 1)


def _check_unicode(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        raise InputError(f"not UTF-8: half a character, U+{code:04X}, at {error.start:,}") from None
