"""Frames in memory: pandas, polars and pyarrow in, the same kind out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from tonelens.corpus.articles import Wanted
from tonelens.corpus.batches import (
    arrow,
    cell_columns,
    check_columns,
    check_schema,
    scored_batch,
    text_values,
)
from tonelens.corpus.scorer import Model, loaded
from tonelens.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

Frame = TypeVar("Frame")

_ROWS = 256  # scored by one process at a time
_NUMBER = "__row"


def score_frame(
    frame: Frame,
    column: str,
    *,
    id_column: str | None = None,
    keep: Sequence[str] = (),
    level: str = "sentence",
    model: Model = None,
    jobs: int | None = None,
) -> Frame:
    """Score the articles of a data frame.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame, pyarrow.Table or pyarrow.RecordBatch
        A row an article; whatever else hands itself over as a stream of Arrow arrays gives a
        pyarrow.Table.
    column : str
        The column with the texts.
    id_column : str, optional
        The column with the articles' ids; without it they are numbered from 0.
    keep : sequence of str
        Columns that are handed through, with their types.
    level : str
        "sentence" for a row a sentence, "article" for a row an article, in the order of the frame.
    model : ToneModel or path, optional
        The model, or what `tonelens.load` takes.
    jobs : int, optional
        Processes, -1 for one a core; by default what `joblib.parallel_config` says, or one.

    Returns
    -------
    frame
        Of the kind given, with the columns of `tonelens.corpus.output_schema`; in pandas, integers
        among the scores are always Int32. An article that can't be scored has one row, without
        scores, whose `problem` says why.

    Raises
    ------
    InputError
        Where `frame` is no data frame, lacks a column, or an option is wrong.
    MissingExtraError
        Without pyarrow.

    Examples
    --------
    >>> import pyarrow as pa
    >>> frame = pa.table({"body": ["It rained. It may snow.", "What a farce!"]})
    >>> score_frame(frame, "body", level="article").column("speculation_share").to_pylist()
    [0.5, 0.0]
    """
    wanted = Wanted.checked(column, id_column, keep, level, call="score_frame")
    pa = arrow("score_frame()")
    if _is_frame_of("pandas", frame):
        return cast("Frame", _pandas(frame, wanted, model, jobs))
    table = _table(frame)
    check_schema(table.schema, wanted)
    texts = text_values(table.column(wanted.text))
    cells = cell_columns(table, wanted, range(len(texts)))
    found: Any = _scored(texts, cells, wanted, model, jobs)
    if _is_frame_of("polars", frame):
        from polars import from_arrow

        found = from_arrow(found)
    elif isinstance(frame, pa.RecordBatch):
        [found] = found.combine_chunks().to_batches() or [
            pa.RecordBatch.from_pylist([], found.schema)
        ]
    return cast("Frame", found)


def _scored(
    texts: Sequence[Any], cells: Sequence[pa.Array], wanted: Wanted, model: Model, jobs: int | None
) -> pa.Table:
    from joblib import Parallel, delayed

    slices = [slice(low, low + _ROWS) for low in range(0, max(1, len(texts)), _ROWS)]
    batches = Parallel(jobs)(
        delayed(_scored_batch)(texts[part], [cell[part] for cell in cells], wanted, model)
        for part in slices
    )
    return arrow("score_frame()").Table.from_batches(batches)


def _scored_batch(
    texts: Sequence[Any], cells: Sequence[pa.Array], wanted: Wanted, model: Model
) -> pa.RecordBatch:
    return scored_batch(texts, cells, wanted, loaded(model))


def _is_frame_of(library: str, frame: Any) -> bool:
    """Whether it is a library's DataFrame; the library isn't imported to find out."""
    return isinstance(frame, getattr(sys.modules.get(library), "DataFrame", ()))


def _pandas(frame: Any, wanted: Wanted, model: Model, jobs: int | None) -> Any:
    """Scores of a pandas frame; its cells stay in it, as Arrow has no place for some of them."""
    pa = arrow("score_frame()")
    check_columns(list(frame.columns), wanted)
    number = np.arange(len(frame), dtype=np.int64)
    unknown = None if wanted.id is None else frame[wanted.id].isna().to_numpy(bool)
    cells = [pa.array(number, mask=unknown), pa.array(number)]
    texts = frame[wanted.text].astype(object)
    texts = texts.where(texts.notna(), None).tolist()
    scores = _scored(texts, cells, wanted._replace(keep=(_NUMBER,)), model, jobs)
    return _beside(frame, scores, wanted)


def _beside(frame: Any, scores: pa.Table, wanted: Wanted) -> Any:
    """Scores as a pandas frame, beside the ids and columns kept of the frame that was scored."""
    from pandas import DataFrame, Int32Dtype

    found = scores.to_pandas(types_mapper={arrow("score_frame()").int32(): Int32Dtype()}.get)
    row, number = found.pop(_NUMBER), found.pop("article")
    columns = {"article": wanted.id, **{name: name for name in wanted.keep}}
    known = {
        name: frame[column].take(row).reset_index(drop=True)
        for name, column in columns.items()
        if column is not None
    }
    return DataFrame({"article": number, **known, **found})


def _table(frame: Any) -> pa.Table:
    pa = arrow("score_frame()")
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    if hasattr(frame, "__arrow_c_stream__"):
        with suppress(pa.ArrowInvalid):  # a Series is such a stream, too, but of no columns
            return pa.table(frame)
    raise InputError(
        f"score_frame() takes a pandas or polars DataFrame or a pyarrow Table, got "
        f"{type(frame).__name__}. Use score_frame(frame, 'body'); collect() a lazy one first."
    )
