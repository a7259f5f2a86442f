"""Spark: the articles of a DataFrame, scored by its executors, through the seam of Arrow batches.

Each executor needs tonelens and pyarrow installed, and a trained model at the same path. pyspark
comes with Spark, or with ``pip install 'tonelens[spark]'``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from tonelens.corpus.articles import Wanted
from tonelens.corpus.batches import check_columns, score_batches
from tonelens.corpus.scores import types
from tonelens.errors import MissingExtraError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType, StructType


_NUMBER = "__article"


def score(
    frame: DataFrame,
    column: str,
    *,
    id_column: str | None = None,
    keep: Sequence[str] = (),
    level: str = "sentence",
    model: str | PathLike[str] | None = None,
) -> DataFrame:
    """Score the articles of a Spark DataFrame.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
        A row an article.
    column : str
        The column with the texts.
    id_column : str, optional
        The column with the articles' ids; without it they get numbers that differ, but not the
        same ones where Spark computes a partition anew.
    keep : sequence of str
        Columns that are handed through.
    level : str
        "sentence" for a row a sentence, "article" for a row an article.
    model : path, optional
        What `tonelens.load` takes, on the executors; each of their processes loads it once.

    Returns
    -------
    pyspark.sql.DataFrame
        With the columns of `tonelens.corpus.output_schema`: an article that can't be scored has one
        row, without scores, whose `problem` says why.

    Raises
    ------
    InputError
        Where a column is missing or an option is wrong.
    MissingExtraError
        Without pyspark.
    """
    try:
        from pyspark.sql.functions import monotonically_increasing_id
    except ImportError:
        raise MissingExtraError(
            "tonelens.spark needs pyspark. Install it: pip install 'tonelens[spark]'"
        ) from None
    wanted = Wanted.checked(column, id_column, keep, level, call="spark.score")
    check_columns(frame.columns, wanted)
    articles = frame.select(*wanted.columns)
    if wanted.id is None:
        articles = articles.withColumn(_NUMBER, monotonically_increasing_id())
        wanted = wanted._replace(id=_NUMBER)
    scoring = partial(
        score_batches, column=column, id_column=wanted.id, keep=wanted.keep, level=level,
        model=None if model is None else fspath(model),
    )  # fmt: skip
    kept = [articles.schema[wanted.id or _NUMBER], *(articles.schema[name] for name in keep)]
    return articles.mapInArrow(scoring, _schema([field.dataType for field in kept], wanted))


def _schema(kept: Sequence[DataType], wanted: Wanted) -> StructType:
    from pyspark.sql import types as spark

    known: dict[str, Any] = {
        "int32": spark.IntegerType(), "float32": spark.FloatType(), "string": spark.StringType()
    }  # fmt: skip
    fields = list(zip(("article", *wanted.keep), kept, strict=True))
    fields += [(name, known[kind]) for name, kind in types(wanted.level).items()]
    fields.append(("problem", known["string"]))
    return spark.StructType([spark.StructField(name, kind) for name, kind in fields])
