"""Sentences that somebody labelled: one typed value, whatever file or program they come from."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tonelens.errors import InputError
from tonelens.evaluation.cells import COLUMNS, PLAN, read_cells, unescaped
from tonelens.evaluation.intervals import Resamples
from tonelens.inputs import plain_list, string_list
from tonelens.labels import LABELS, VOICES
from tonelens.rows import Row, column_names, filled, read_rows

_SHOWN = 8  # numbers of wrong rows that a message lists


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """One sentence, its label, and what is known of where it stands.

    Attributes
    ----------
    text : str
        The sentence.
    tone : str, optional
        One of `LABELS`; none for a sentence that is only its neighbours' context.
    voice : str, optional
        "author" or "source".
    votes : tuple of str or None
        Each annotator's tone, always in the same order; none where one gave no answer.
    weight : float
        How many sentences of the corpus it stands for; above 0.
    article, outlet, source, id : str, optional
        Of its article, who published it, which collection it is from, the sentence's own.
    position : int, optional
        Its number in its article.
    year : int, optional
        Of publication.
    before, after : tuple of str
        The sentences that stand beside it in its article, where they aren't rows themselves.
    """

    text: str
    tone: str | None = None
    voice: str | None = None
    votes: tuple[str | None, ...] = ()
    weight: float = 1.0
    article: str | None = None
    outlet: str | None = None
    source: str | None = None
    id: str | None = None
    position: int | None = None
    year: int | None = None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> LabelledSentence:
        """Check and convert the cells of a row; other columns than those of `COLUMNS` are ignored.

        Raises
        ------
        InputError
            Naming the column, what was got and what is wanted.

        Examples
        --------
        >>> LabelledSentence.from_row({"text": "It may rain.", "tone": "Speculation "}).tone
        'speculation'
        """
        return cls(**read_cells(row, COLUMNS))


@dataclass(frozen=True)
class Labelled:
    """Labelled sentences, and those between them.

    Attributes
    ----------
    rows : tuple of LabelledSentence
        n of them, with and without a tone.
    unread : tuple of str
        Names of columns that the file has besides and that mean nothing here.

    Examples
    --------
    >>> labelled = Labelled.of(["It rained.", "It may rain."], ["reporting", "speculation"])
    >>> len(labelled), labelled.gold.tolist()
    (2, [0, 2])
    """

    rows: tuple[LabelledSentence, ...]
    unread: tuple[str, ...] = ()

    @classmethod
    def of(cls, sentences: Sequence[str], tones: Sequence[str | None]) -> Labelled:
        """Sentences and their tones alone.

        Raises
        ------
        InputError
            Where either is no list or their numbers differ, or as `from_rows` does.
        """
        use = "Labelled.of([text], [tone])"
        texts = string_list(sentences, call="Labelled.of", wanted="a list of sentences", use=use)
        labels = plain_list(tones, call="Labelled.of", wanted="a list of tones", use=use)
        if len(texts) != len(labels):
            raise InputError(
                f"Labelled.of() got {len(texts):,} sentences and {len(labels):,} tones. Give a "
                "tone, or None, for each sentence."
            )
        pairs = zip(texts, labels, strict=True)
        return cls.from_rows({"text": text, "tone": tone} for text, tone in pairs)

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> Labelled:
        """Read mappings of the columns of `COLUMNS`, such as ``frame.to_dict("records")``.

        Rows are counted from 1; missing values of pandas are empty cells.

        Raises
        ------
        InputError
            Naming the first wrong row and column, and how many others are wrong. A row without
            any cell is wrong: left out, it would shift the rows after it.
        """
        return cls._checked(enumerate(map(_filled, rows), 1), "the table given")

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Labelled:
        """Read a CSV, JSON-lines or Parquet file with the columns `COLUMNS`.

        ``text`` and ``tone`` must be there, and a row without a tone is context. In a CSV `votes`
        are parted by semicolons, `before` and `after` hold a sentence a line. Rows without any
        cell, as spreadsheets leave them, are passed over.

        Raises
        ------
        InputError
            Where the file can't be read or lacks a column; or naming the first wrong row and
            column, by the number that an editor or spreadsheet shows, and the others' numbers.
        MissingExtraError
            For Parquet without pyarrow.
        """
        file = Path(path)
        planned = set(column_names(file) or ()) >= PLAN
        rows = ((number, _plain(row) if planned else row) for number, row in read_rows(file) if row)
        return cls._checked(rows, file.name)

    @classmethod
    def _checked(
        cls, rows: Iterable[tuple[int, Mapping[str, Any] | InputError]], name: str
    ) -> Labelled:
        kept, wrong, columns = [], {}, dict.fromkeys(("text", "tone"), False)
        for number, row in rows:
            try:
                if isinstance(row, InputError):
                    raise row
                columns |= dict.fromkeys(row, True)
                kept.append(LabelledSentence.from_row(row))
            except InputError as error:
                wrong[number] = str(error)
        _check_columns(columns, name)
        if wrong:
            raise InputError(_complaint(wrong, name))
        return cls(tuple(kept), tuple(column for column in columns if column not in COLUMNS))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[LabelledSentence]:
        return iter(self.rows)

    def where(self, keep: Sequence[bool] | NDArray[np.bool_]) -> Labelled:
        """The rows for which `keep` holds."""
        return Labelled(tuple(r for r, k in zip(self.rows, keep, strict=True) if k), self.unread)

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which rows (n,) have a tone."""
        return np.array([row.tone is not None for row in self.rows], np.bool_)

    @cached_property
    def gold(self) -> NDArray[np.int64]:
        """Number (n,) of each row's tone in `LABELS`; -1 for none."""
        return np.array([LABELS.index(r.tone) if r.tone else -1 for r in self.rows], np.int64)

    @cached_property
    def voice(self) -> NDArray[np.int64]:
        """Number (n,) of each row's voice in `VOICES`; -1 for none."""
        return np.array([VOICES.index(r.voice) if r.voice else -1 for r in self.rows], np.int64)

    @cached_property
    def weight(self) -> NDArray[np.float64]:
        """How many sentences (n,) each row stands for."""
        return np.array([row.weight for row in self.rows], float)

    @property
    def articles(self) -> list[str | int]:
        """An id of each row's article; its number where it names none, as if alone in it."""
        return [i if row.article is None else row.article for i, row in enumerate(self.rows)]


def _plain(row: Row | InputError) -> Row | InputError:
    """A row of a plan as it was before it was put in a form for spreadsheets."""
    if isinstance(row, InputError):
        return row
    return {name: unescaped(cell) for name, cell in row.items()}


def drawn(
    labelled: Labelled, clusters: Sequence[Hashable] | None, *, call: str
) -> tuple[Labelled, Resamples]:
    """The rows that have a tone, and resamples of their articles or of the clusters given.

    Raises
    ------
    InputError
        Where `labelled` is no `Labelled`, no row has a tone, or there isn't a cluster for each row.
    """
    if not isinstance(labelled, Labelled):
        raise InputError(
            f"{call}() takes labelled sentences as Labelled, got {type(labelled).__name__}. Use "
            "Labelled.read(file) or Labelled.from_rows(rows)."
        )
    if not labelled.known.any():
        raise InputError("no row has a tone. Fill in the column tone, at least in some rows.")
    names: Sequence[Hashable] = labelled.articles
    if clusters is not None:
        names = by_row(clusters, labelled, "clusters", call=call)
    part = labelled.where(labelled.known)
    kept = [name for name, known in zip(names, labelled.known, strict=True) if known]
    return part, Resamples(kept, part.weight)


def by_row(values: Sequence[Any], labelled: Labelled, name: str, *, call: str) -> list[Any]:
    """The values as a list; an error where they aren't one for each row."""
    wanted, use = f"a list of {name}, a value a row", f"{name}=[value of each row]"
    listed = plain_list(values, call=call, wanted=wanted, use=use)
    if len(listed) != len(labelled):
        raise InputError(
            f"{call}() got {len(listed):,} values of {name} for {len(labelled):,} rows. "
            "Give one for each row."
        )
    return listed


def _filled(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The cells that hold something."""
    if not isinstance(row, Mapping):
        raise InputError(
            f"Labelled.from_rows() takes mappings of columns, got {type(row).__name__}. Of a "
            "pandas frame, give frame.to_dict('records')."
        )
    return filled(row)


def _check_columns(columns: Mapping[str, bool], name: str) -> None:
    if lacking := [column for column in ("text", "tone") if not columns[column]]:
        there = (
            ", ".join(sorted(column for column in columns if columns[column])) or "no cell at all"
        )
        raise InputError(
            f"{name} has nothing in the column {lacking[0]!r}; filled are: {there}. "
            "Wanted a table with the columns text and tone."
        )


def _complaint(wrong: Mapping[int, str], name: str) -> str:
    (number, first), *others = wrong.items()
    message = f"{name}, row {number:,}, {first}."
    if others:
        listed = ", ".join(f"{number:,}" for number, _ in others[:_SHOWN])
        more = f" and {len(others) - _SHOWN:,} more" if len(others) > _SHOWN else ""
        message += f" Wrong too: row{'s' * (len(others) > 1)} {listed}{more}."
    return message
