"""Parts of the output: each written by whichever process scored its chunk, and joined at the end.

A part is two files, the rows and then a mark, which holds the rejects and the counts. The part is
finished once its mark is there.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from tonelens.corpus.articles import Wanted
from tonelens.corpus.batches import arrow, cell_schema, score_arrays
from tonelens.corpus.chunks import Cells, Chunk, Reject
from tonelens.corpus.lines import cell_text, csv_header, csv_lines, json_lines
from tonelens.corpus.scorer import identity, loaded
from tonelens.corpus.scores import ArticleScores
from tonelens.errors import ModelError, OutputError
from tonelens.files import write_whole

if TYPE_CHECKING:
    import pyarrow as pa

_ROW_GROUP = 250_000  # rows of Parquet that are written at once


class Plan(NamedTuple):
    """What each process must know to write parts.

    Attributes
    ----------
    folder : Path
        Where the parts lie.
    run : str
        Of parts with another name nothing is used: they are of another run.
    format : str
        One of `tonelens.corpus.output.FORMATS`.
    wanted : Wanted
        The columns.
    model, identity : str
        What `tonelens.load` takes, and the identity of what it gave when the run began.
    types : tuple of pyarrow.DataType
        Of the id and the columns kept, in Parquet.
    """

    folder: Path
    run: str
    format: str
    wanted: Wanted
    model: str | None
    identity: str
    types: tuple[pa.DataType, ...] = ()

    def part(self, number: int) -> Path:
        """The file of a part's rows."""
        return self.folder / f"{number:08}-{self.run}{self.format}"


class Mark(NamedTuple):
    """What a finished part holds.

    Attributes
    ----------
    number, checksum, through : int
        Its chunk's.
    articles, sentences, rejects : int
        How many of each.
    rows, size : int
        Of its file; the size in bytes.
    """

    number: int
    checksum: int
    through: int
    articles: int
    sentences: int
    rejects: int
    rows: int
    size: int


def score_part(chunk: Chunk, plan: Plan) -> Mark:
    """Score a chunk and write its part."""
    model = loaded(plan.model)
    if identity(model) != plan.identity:
        raise ModelError("the model was changed while the run went on. Start anew.")
    scores = ArticleScores.of(model, chunk.texts)
    path = plan.part(chunk.number)
    size = write_whole(path, _writer(scores, chunk.cells, plan))
    mark = Mark(
        chunk.number, chunk.checksum, chunk.through, articles=len(scores.count),
        sentences=len(scores.start), rejects=len(chunk.rejects),
        rows=len(scores.rows(plan.wanted.level)), size=size,
    )  # fmt: skip
    data = json.dumps({"mark": mark, "rejects": chunk.rejects}).encode()
    write_whole(_mark_path(path), lambda file: file.write(data))
    return mark


def finished(chunk: Chunk, plan: Plan) -> Mark | None:
    """The mark of a chunk's part, where it is finished and of the same rows."""
    path = plan.part(chunk.number)
    try:
        mark = Mark(*json.loads(_mark_path(path).read_bytes())["mark"])
        whole = path.stat().st_size == mark.size and mark.checksum == chunk.checksum
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return mark if whole else None


def join_rows(plan: Plan, marks: Sequence[Mark], out: Path) -> None:
    """Write the rows of all parts as one file.

    Raises
    ------
    OutputError
        Where a part isn't as it was written.
    """
    if plan.format == ".parquet":
        write_whole(out, lambda file: _join_parquet(plan, marks, file))
    else:
        write_whole(out, lambda file: _join_lines(plan, marks, file))


def join_rejects(plan: Plan, marks: Sequence[Mark], out: Path) -> None:
    """Write the rejects of all parts as one file; it is empty where there are none."""
    write_whole(out, lambda file: file.writelines(_reject_lines(plan, marks)))


def _reject_lines(plan: Plan, marks: Sequence[Mark]) -> Iterator[bytes]:
    for mark in marks:
        rejects = json.loads(_mark_path(plan.part(mark.number)).read_bytes())["rejects"]
        _check_whole(plan, mark, len(rejects) == mark.rejects)
        for each in rejects:
            yield json.dumps(Reject(*each)._asdict(), ensure_ascii=False).encode() + b"\n"


def _check_whole(plan: Plan, mark: Mark, whole: bool) -> None:
    if not whole:
        raise OutputError(
            f"{plan.part(mark.number)} isn't as it was written. Delete it, and go on with --resume."
        )


def _mark_path(part: Path) -> Path:
    return part.with_suffix(".mark")


def _writer(
    scores: ArticleScores, cells: Sequence[Cells], plan: Plan
) -> Callable[[IO[bytes]], object]:
    keep, level = plan.wanted.keep, plan.wanted.level
    if plan.format == ".parquet":
        return lambda file: _write_parquet(scores, cells, plan, file)
    if plan.format == ".csv":
        return lambda file: file.write(csv_lines(scores, cells, level).encode())
    return lambda file: file.write(json_lines(scores, cells, keep, level).encode())


def _join_lines(plan: Plan, marks: Sequence[Mark], file: IO[bytes]) -> None:
    if plan.format == ".csv":
        file.write(csv_header(plan.wanted.keep, plan.wanted.level).encode())
    for mark in marks:
        start = file.tell()
        with plan.part(mark.number).open("rb") as rows:
            shutil.copyfileobj(rows, file, 1 << 20)
        _check_whole(plan, mark, file.tell() - start == mark.size)


def _write_parquet(
    scores: ArticleScores, cells: Sequence[Cells], plan: Plan, file: IO[bytes]
) -> None:
    pa = arrow("Parquet")
    from pyarrow.parquet import write_table

    article = pa.array(scores.rows(plan.wanted.level))
    columns = zip(*cells, strict=True) if cells else [()] * len(plan.types)
    known = [
        _array(each, kind).take(article) for each, kind in zip(columns, plan.types, strict=True)
    ]
    arrays = [*known, *score_arrays(scores, plan.wanted.level)]
    write_table(pa.Table.from_arrays(arrays, schema=_schema(plan)), file)


def _array(cells: Sequence[Any], kind: pa.DataType) -> pa.Array:
    pa = arrow("Parquet")
    if kind == pa.string():
        cells = [None if cell is None else cell_text(cell) for cell in cells]
    return pa.array(cells, kind)


def _schema(plan: Plan) -> pa.Schema:
    """That of the seam, without the column for problems: such rows are rejects."""
    schema = cell_schema(plan.wanted, plan.types)
    return schema.remove(len(schema) - 1)


def _join_parquet(plan: Plan, marks: Sequence[Mark], file: IO[bytes]) -> None:
    pa = arrow("Parquet")
    from pyarrow.parquet import ParquetWriter, read_table

    held, rows = [], 0
    with ParquetWriter(file, _schema(plan)) as writer:
        for mark in marks:
            table = read_table(plan.part(mark.number))
            _check_whole(plan, mark, len(table) == mark.rows)
            held.append(table)
            rows += len(table)
            if rows >= _ROW_GROUP:
                writer.write_table(pa.concat_tables(held))
                held, rows = [], 0
        if rows:
            writer.write_table(pa.concat_tables(held))
