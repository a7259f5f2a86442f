"""Frames in memory: pandas, polars and pyarrow in, the same kind out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

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
        Columns that are handed through.
    level : str
        "sentence" for a row a sentence, "article" for a row an article, in the order of the frame.
    model : ToneModel or path, optional
        The model, or what `tonelens.load` takes.
    jobs : int, optional
        Processes, -1 for one a core; by default what `joblib.parallel_config` says, or one.

    Returns
    -------
    frame
        Of the kind given, with the columns of `tonelens.corpus.output_schema`. An article that
        can't be scored has one row, without scores, whose `problem` says why.

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
    from joblib import Parallel, delayed

    wanted = Wanted.checked(column, id_column, keep, level, call="score_frame")
    pa = arrow("score_frame()")
    kind = type(frame).__module__.partition(".")[0]
    texts, table = (_pandas if kind == "pandas" else _arrow)(frame, wanted)
    cells = cell_columns(table, wanted, range(len(texts)))
    slices = [slice(low, low + _ROWS) for low in range(0, max(1, len(texts)), _ROWS)]
    batches = Parallel(jobs)(
        delayed(_scored)(texts[part], [cell[part] for cell in cells], wanted, model)
        for part in slices
    )
    return _as(frame, pa.Table.from_batches(batches))


def _scored(
    texts: Sequence[Any], cells: Sequence[pa.Array], wanted: Wanted, model: Model
) -> pa.RecordBatch:
    return scored_batch(texts, cells, wanted, loaded(model))


def _pandas(frame: Any, wanted: Wanted) -> tuple[list[Any], pa.Table]:
    """The texts, which may be objects that Arrow refuses, and the columns kept."""
    pa = arrow("score_frame()")
    check_columns(list(frame.columns), wanted)
    names = [name for name in dict.fromkeys((wanted.id, *wanted.keep)) if name is not None]
    try:
        table = pa.Table.from_pandas(frame[names], preserve_index=False)
    except (pa.ArrowException, TypeError) as error:
        raise InputError(f"score_frame() can't hand these columns through: {error}") from None
    texts = frame[wanted.text].astype(object)
    return texts.where(texts.notna(), None).tolist(), table


def _arrow(frame: Any, wanted: Wanted) -> tuple[list[Any], pa.Table]:
    table = _table(frame)
    check_schema(table.schema, wanted)
    return text_values(table.column(wanted.text)), table


def _table(frame: Any) -> pa.Table:
    pa = arrow("score_frame()")
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    if not hasattr(frame, "__arrow_c_stream__"):
        raise InputError(
            f"score_frame() takes a pandas or polars DataFrame or a pyarrow Table, got "
            f"{type(frame).__name__}. Use score_frame(frame, 'body'); collect() a lazy one first."
        )
    return pa.table(frame)


def _as(frame: Frame, table: pa.Table) -> Frame:
    """A table as the kind of frame that another is."""
    pa, found = arrow("score_frame()"), table
    kind = type(frame).__module__.partition(".")[0]
    if kind == "pandas":
        found = table.to_pandas()
    elif kind == "polars":
        from polars import from_arrow

        found = from_arrow(table)
    elif isinstance(frame, pa.RecordBatch):
        [found] = table.combine_chunks().to_batches() or [
            pa.RecordBatch.from_pylist([], table.schema)
        ]
    return cast("Frame", found)
