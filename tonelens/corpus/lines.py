"""Scores as lines of text: JSON or CSV. Probabilities and shares are rounded to six places."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from functools import partial
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tonelens.corpus.scores import ArticleScores, names, types


def csv_header(keep: Sequence[str], level: str) -> str:
    r"""The first record of a CSV.

    >>> csv_header(["outlet"], "article")[:24]
    'article,outlet,sentences'
    """
    return _records([("article", *keep, *names(level))])


def csv_lines(scores: ArticleScores, cells: Sequence[Sequence[Any]], level: str) -> str:
    """A record a row, without the header."""
    known = [tuple(map(cell_text, each)) for each in cells]
    rows = zip(*_values(scores, level), strict=True)
    article = scores.rows(level).tolist()
    return _records([known[i] + row for i, row in zip(article, rows, strict=True)])


def json_lines(
    scores: ArticleScores, cells: Sequence[Sequence[Any]], keep: Sequence[str], level: str
) -> str:
    """An object a row."""
    heads = [_head(dict(zip(("article", *keep), each, strict=True))) for each in cells]
    pattern = ", ".join(
        f'"{name}": "%s"' if kind == "string" else f'"{name}": %s'
        for name, kind in types(level).items()
    )
    rows = zip(*_values(scores, level, nothing="null"), strict=True)
    article = scores.rows(level).tolist()
    return "".join(f"{heads[i]}, {pattern % row}}}\n" for i, row in zip(article, rows, strict=True))


def cell_text(cell: Any) -> str:
    """A cell as text: what is no number, date or string, as JSON.

    >>> cell_text(None), cell_text(7), cell_text(["a"])
    ('', '7', '["a"]')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool | list | dict):
        return _json(cell, ensure_ascii=True)
    return "" if cell is None else str(cell)


def _head(known: dict[str, Any]) -> str:
    return _json(known, ensure_ascii=False)[:-1]


def _json(value: Any, *, ensure_ascii: bool) -> str:
    write = partial(json.dumps, ensure_ascii=ensure_ascii, default=str, allow_nan=False)
    try:
        return write(value)
    except ValueError:  # JSON has no word for infinity, nor for what is not a number
        return write(_finite(value))


def _finite(value: Any) -> Any:
    """The same, with nothing in place of numbers that aren't finite."""
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _records(rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _values(scores: ArticleScores, level: str, nothing: str = "") -> list[list[Any]]:
    columns = scores.columns(level)
    return [_rounded(columns[name], nothing) for name in names(level)]


def _rounded(values: NDArray[Any], nothing: str) -> list[Any]:
    if values.dtype != np.float32:
        return values.tolist()
    real = np.round(values.astype(np.float64), 6)
    out: NDArray[Any] = real.astype(object)
    out[np.isnan(real)] = nothing
    return out.tolist()
