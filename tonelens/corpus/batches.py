"""The seam for engines: Arrow record batches of articles in, record batches of scores out.

Nothing here knows of files, processes or clusters: whatever hands on record batches, such as
Spark's `mapInArrow`, Ray Data's `map_batches`, Dask, DuckDB or a loop, can score with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tonelens.corpus.articles import Wanted, article_text
from tonelens.corpus.scorer import Model, loaded
from tonelens.corpus.scores import ArticleScores, types
from tonelens.errors import InputError, MissingExtraError
from tonelens.model import ToneModel

if TYPE_CHECKING:
    import pyarrow as pa


def arrow(call: str) -> Any:
    """The module pyarrow, or an error that says what needs it and how to install it."""
    try:
        import pyarrow as pa
    except ImportError:
        raise MissingExtraError(
            f"{call} needs pyarrow. Install it: pip install 'tonelens[corpus]'"
        ) from None
    return pa


def score_batches(
    batches: Iterable[pa.RecordBatch] | pa.Table,
    column: str,
    *,
    id_column: str | None = None,
    keep: Sequence[str] = (),
    level: str = "sentence",
    model: Model = None,
) -> Iterator[pa.RecordBatch]:
    """Score a stream of articles.

    Parameters
    ----------
    batches : iterable of pyarrow.RecordBatch, or pyarrow.Table
        A row an article. One batch at a time is held.
    column : str
        The column with the texts: strings, or bytes in UTF-8.
    id_column : str, optional
        The column with the articles' ids; without it they are numbered from 0.
    keep : sequence of str
        Columns that are handed through, with their types.
    level : str
        "sentence" for a row a sentence, "article" for a row an article.
    model : ToneModel or path, optional
        The model, or what `tonelens.load` takes; each process loads it once.

    Yields
    ------
    pyarrow.RecordBatch
        One for each that came in, rows in its order, of the schema that `output_schema` gives.
        An article that can't be scored has one row, without scores, whose `problem` says why.

    Raises
    ------
    InputError
        Where a column is missing, the texts are of another type, or an option is wrong.
    MissingExtraError
        Without pyarrow.

    Examples
    --------
    >>> import pyarrow as pa
    >>> batch = pa.record_batch({"body": ["Rain fell. It may snow.", None], "id": ["a", "b"]})
    >>> [scored] = score_batches([batch], "body", id_column="id")
    >>> scored.column("article").to_pylist(), scored.column("tone").to_pylist()
    (['a', 'a', 'b'], ['reporting', 'speculation', None])
    >>> scored.column("problem").to_pylist()
    [None, None, 'no text']
    """
    wanted = Wanted.checked(column, id_column, keep, level, call="score_batches")
    arrow("score_batches()")
    return _scored(_batches(batches), wanted, loaded(model))


def _batches(given: Any) -> Iterator[pa.RecordBatch]:
    pa = arrow("score_batches()")
    for batch in given.to_batches() if isinstance(given, pa.Table) else given:
        if not isinstance(batch, pa.RecordBatch):
            raise InputError(
                f"score_batches() takes an iterable of pyarrow.RecordBatch, got "
                f"{type(given).__name__} of {type(batch).__name__}. Use score_batches([batch], "
                "'body'), or score_frame(frame, 'body') for a data frame."
            )
        yield batch


def _scored(
    batches: Iterable[pa.RecordBatch], wanted: Wanted, model: ToneModel
) -> Iterator[pa.RecordBatch]:
    first = 0
    for batch in batches:
        check_schema(batch.schema, wanted)
        texts = text_values(batch.column(wanted.text))
        numbers = range(first, first + len(texts))
        yield scored_batch(texts, cell_columns(batch, wanted, numbers), wanted, model)
        first = numbers.stop


def output_schema(
    schema: pa.Schema,
    column: str,
    *,
    id_column: str | None = None,
    keep: Sequence[str] = (),
    level: str = "sentence",
) -> pa.Schema:
    """The schema of what `score_batches` yields for batches of a schema, known before any is read.

    Parameters
    ----------
    schema : pyarrow.Schema
        Of the batches.
    column, id_column, keep, level
        As for `score_batches`.

    Returns
    -------
    pyarrow.Schema
        ``article``, the columns kept, and then, at the level of sentences: ``position`` in the
        article, from 1; ``start`` and ``end``, in characters; ``tone``; ``reporting``,
        ``opinion`` and ``speculation``, the probabilities; ``voice``; ``source_probability``. At
        the level of articles: ``sentences``; ``author_sentences``, those in the author's voice;
        ``reporting_share`` and so on, of all sentences; ``author_reporting_share`` and so on, of
        the author's, null where there are none; ``reporting_mean`` and so on, the mean
        probabilities. Last ``problem``, null for what was scored.

    Raises
    ------
    InputError
        As `score_batches`.
    """
    pa = arrow("output_schema()")
    wanted = Wanted.checked(column, id_column, keep, level, call="output_schema")
    check_schema(schema, wanted)
    id_type = pa.int64() if wanted.id is None else schema.field(wanted.id).type
    kept = [id_type, *(schema.field(name).type for name in wanted.keep)]
    return cell_schema(wanted, list(map(plain_type, kept)))


def cell_schema(wanted: Wanted, cell_types: Sequence[pa.DataType]) -> pa.Schema:
    """The schema of scores, for the types of the id and of the columns kept."""
    pa = arrow("output_schema()")
    fields = list(zip(("article", *wanted.keep), cell_types, strict=True))
    scores = [(name, pa.type_for_alias(kind)) for name, kind in types(wanted.level).items()]
    return pa.schema([*fields, *scores, ("problem", pa.string())])


def check_schema(schema: pa.Schema, wanted: Wanted) -> None:
    """Refuse a schema that lacks a column, or whose texts are no texts."""
    check_columns(schema.names, wanted)
    pa = arrow("score_batches()")
    kind = schema.field(wanted.text).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    good = ("string", "large_string", "string_view", "binary", "large_binary", "binary_view")
    if str(kind) not in (*good, "null"):
        raise InputError(f"the column {wanted.text!r} is of type {kind}, wanted strings.")


def check_columns(names: Sequence[str], wanted: Wanted) -> None:
    """Refuse columns of which one that is wanted is missing, or there twice."""
    for name in wanted.columns:
        if name not in names:
            there = ", ".join(map(str, names)) or "none"
            raise InputError(f"there is no column {name!r}; there are: {there}.")
        if names.count(name) > 1:
            raise InputError(f"there are two columns {name!r}. Rename or drop one.")


def text_values(column: pa.Array | pa.ChunkedArray) -> list[Any]:
    """Python values of a column of texts; where one of them isn't UTF-8, bytes."""
    pa = arrow("score_batches()")
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    try:
        return column.to_pylist()
    except UnicodeDecodeError:
        large = pa.types.is_large_string(column.type)
        return column.cast(pa.large_binary() if large else pa.binary()).to_pylist()


def cell_columns(source: Any, wanted: Wanted, numbers: range) -> list[pa.Array]:
    """The ids of a batch's or table's articles, or else their numbers, and the columns kept."""
    pa = arrow("score_batches()")
    names = [name for name in (wanted.id, *wanted.keep) if name is not None]
    found = [_plain(source.column(name)) for name in names]
    return found if wanted.id else [pa.array(numbers, pa.int64()), *found]


def _plain(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    pa = arrow("score_batches()")
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):  # too long for one array of its type
        whole = pa.concat_arrays(whole.chunks)
    return whole if plain_type(whole.type) == whole.type else whole.cast(plain_type(whole.type))


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type that a column of some type is handed through with: views become plain strings.

    Arrow can't take rows out of views.
    """
    pa = arrow("score_batches()")
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    views = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}
    return views.get(value, kind)


def scored_batch(
    texts: Sequence[Any], cells: Sequence[pa.Array], wanted: Wanted, model: ToneModel
) -> pa.RecordBatch:
    """Scores of one batch, given its n texts, and n ids and cells of each column kept."""
    pa = arrow("score_batches()")
    good, problems = _sorted_out(texts, cells[0])
    scores = ArticleScores.of(model, [text for _, text in good])
    number = np.array([i for i, _ in good], np.int64)[scores.rows(wanted.level)]
    bad = [i for i, problem in enumerate(problems) if problem]
    order = np.argsort(np.concatenate((number, bad)), kind="stable")
    row = pa.array(np.concatenate((number, np.array(bad, np.int64)))[order])
    place = pa.array(order, mask=order >= len(number))  # null, so that what it takes is null
    schema = cell_schema(wanted, [cell.type for cell in cells])
    found = score_arrays(scores, wanted.level)
    columns = [*(cell.take(row) for cell in cells), *(each.take(place) for each in found)]
    problem = pa.array(problems, pa.string()).take(row)
    return pa.RecordBatch.from_arrays([*columns, problem], schema=schema)


def score_arrays(scores: ArticleScores, level: str) -> list[pa.Array]:
    """The columns of scores as Arrow arrays; what has no value is null."""
    pa, columns = arrow("score_batches()"), scores.columns(level)
    return [
        pa.array(columns[name], pa.type_for_alias(kind), from_pandas=True)
        for name, kind in types(level).items()
    ]


def _sorted_out(
    texts: Sequence[Any], ids: pa.Array
) -> tuple[list[tuple[int, str]], list[str | None]]:
    """The texts that can be scored, each with its number, and what is wrong with each other one."""
    good: list[tuple[int, str]] = []
    problems: list[str | None] = []
    for number, (text, known) in enumerate(zip(texts, ids.is_valid().to_pylist(), strict=True)):
        try:
            if not known:
                raise InputError("no id")
            good.append((number, article_text(text)))
            problems.append(None)
        except InputError as error:
            problems.append(str(error))
    return good, problems
