"""A whole corpus: files in, one file out, on several cores, stopped and gone on with at any moment.

One process reads and cuts the input into chunks; the others score chunks and write their parts; at
the end the parts are joined. What bounds the memory is that only so many chunks are on their way.
"""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cache
from os import PathLike
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

from tonelens import __version__
from tonelens.corpus.articles import Wanted
from tonelens.corpus.batches import arrow, plain_type
from tonelens.corpus.chunks import SIZE, Chunk, read_chunks
from tonelens.corpus.manifest import Counts, Manifest
from tonelens.corpus.output import Output, locked
from tonelens.corpus.parts import Mark, Plan, finished, join_rejects, join_rows, score_part
from tonelens.corpus.progress import Progress
from tonelens.corpus.scorer import identity, loaded, model_name
from tonelens.corpus.sources import Source, check_columns, find_sources
from tonelens.errors import InputError, OutputError
from tonelens.inputs import path_name, plain_list
from tonelens.rows import column_types
from tonelens.streams import kind

_BETWEEN = 2  # chunks on their way for each process


def score_files(
    inputs: Sequence[str | PathLike[str]],
    out: str | PathLike[str],
    *,
    column: str = "text",
    id_column: str | None = None,
    keep: Sequence[str] = (),
    level: str = "sentence",
    model: str | PathLike[str] | None = None,
    jobs: int = 1,
    resume: bool = False,
    progress: bool = False,
    stdin_format: str = ".jsonl",
    size: int = SIZE,
) -> Counts:
    r"""Score all articles of some files.

    Parameters
    ----------
    inputs : sequence of path
        Files ending in .csv, .tsv, .jsonl or .parquet, each also in .gz or .zst after it; folders
        of such; patterns; - for standard input.
    out : path
        What to write, by its ending .parquet, .jsonl or .csv; it must not be there yet. Beside it
        come ``.rejects.jsonl``, a line a row that can't be scored, and ``.manifest.json``.
    column, id_column, keep, level
        As for `score_batches`, but for that case doesn't matter in the names. Without ids an
        article's is its file and row, as in ``news.csv:17``.
    model : path, optional
        What `tonelens.load` takes.
    jobs : int
        Processes that score, -1 for one a core. The output doesn't depend on it.
    resume : bool
        Go on with a run that was stopped, if there is one.
    progress : bool
        Show on standard error how far it is.
    stdin_format : str
        The ending that says how standard input is to be read, with or without its dot.
    size : int
        Characters of text in a part: what is scored anew at most, for each process, after a stop.

    Returns
    -------
    Counts

    Raises
    ------
    InputError
        Where an option is wrong, an input can't be read at all or lacks a column, or one is changed
        meanwhile. Before any row is scored, nothing is left behind.
    OutputError
        Where the output can't be written, is there already or is another run's, or what a stopped
        run began with has changed.
    ModelError, MissingExtraError
        As `tonelens.load`; for Parquet and .zst without pyarrow.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     news, out = Path(folder) / "news.csv", Path(folder) / "tones.jsonl"
    ...     _ = news.write_text("id,body\na,It rained. It may snow.\nb,\n")
    ...     counts = score_files([news], out, column="body", id_column="id")
    ...     lines = out.read_text().splitlines()
    >>> counts
    Counts(rows=2, articles=1, rejects=1, sentences=2)
    >>> lines[1][:44]
    '{"article": "a", "position": 2, "start": 11,'
    """
    wanted = Wanted.checked(column, id_column, keep, level, call="score_files")
    output = Output.checked(Path(path_name(out, call="score_files", name="out")))
    names, folder = _names(inputs), model_name(model)
    _check_numbers(jobs, size)
    without = (*output.files, output.parts)
    sources = find_sources(names, stdin_format=stdin_format, without=without)
    if resume and any(source.path is None for source in sources):
        raise InputError("standard input can't be read again. Put it in a file to resume from.")
    check_columns(sources, wanted.columns)
    new = Manifest.begun(
        {source.name: source.state() for source in sources},
        {**wanted._asdict(), "keep": list(wanted.keep), "size": size},
        {"identity": identity(loaded(folder)), "tonelens": __version__},
    )
    types = _types(sources, wanted) if output.format == ".parquet" else ()
    with _as_output_errors(output, new), locked(output.lock):
        manifest = _begin(output, new, resume=resume)
        if manifest.counts:
            shutil.rmtree(output.parts, ignore_errors=True)  # where it was stopped while it did so
            return manifest.counts
        plan = Plan(
            output.parts, manifest.run, output.format, wanted, folder,
            manifest.model["identity"], types,
        )  # fmt: skip
        chunks = read_chunks(sources, wanted, manifest.inputs, size=size)
        total = sum(sum(state[:1]) for state in manifest.inputs.values())
        with _kept_if_of_use(output, manifest), Progress(total, shown=progress) as bar:
            marks, rows = _score(chunks, plan, jobs, bar)
            return _finish(output, manifest, plan, marks, _counted(marks, rows))


def _names(inputs: Any) -> list[str]:
    rows = plain_list(
        inputs, call="score_files", wanted="the inputs as a list",
        use="score_files(['news.csv'], 'tones.csv')",
    )  # fmt: skip
    if not rows:
        raise InputError("score_files() got no inputs. Name a file, folder or pattern at least.")
    return [path_name(row, call="score_files", name="each of the inputs") for row in rows]


def _check_numbers(jobs: Any, size: Any) -> None:
    if not isinstance(jobs, int) or jobs == 0:
        raise InputError(
            f"score_files() got jobs={jobs!r}, which is no number of processes. Give 1 or more, or "
            "-1 for one a core."
        )
    if not isinstance(size, int) or size < 1:
        raise InputError(
            f"score_files() got size={size!r}, which is no number of characters. Use size={SIZE}."
        )


def _begin(output: Output, new: Manifest, *, resume: bool) -> Manifest:
    """The manifest to go by: the new one, or that of the run to go on with."""
    for path in output.files:
        for draft in path.parent.glob(f"{glob.escape(path.name)}.[0-9]*.draft"):
            draft.unlink()
    old = Manifest.read(output.manifest)
    there = output.path.exists()
    if old is None or not (there if old.counts else old.resumable):
        if there:
            raise OutputError(f"{output.path} is there already. Delete it, or name another output.")
        shutil.rmtree(output.parts, ignore_errors=True)
        new.write(output.manifest)
        return new
    if not resume:
        state = "there already" if old.counts else "of a run that was stopped. Use --resume"
        raise OutputError(
            f"{output.path} is {state}. To start anew, delete it, {output.manifest.name} and "
            f"{output.parts.name}."
        )
    old.check_same(new)
    return old


@contextmanager
def _kept_if_of_use(output: Output, manifest: Manifest) -> Iterator[None]:
    """Make the folder of parts, and where the run fails before there are any, leave no trace."""
    try:
        output.parts.mkdir(exist_ok=True)
        yield
    except BaseException:
        of_use = manifest.resumable and any(output.parts.glob("*.mark"))
        if not of_use and not output.path.exists():
            shutil.rmtree(output.parts, ignore_errors=True)
            output.manifest.unlink(missing_ok=True)
        raise


def _score(chunks: Iterator[Chunk], plan: Plan, jobs: int, bar: Progress) -> tuple[list[Mark], int]:
    """The marks of all parts, in order, and how many rows were read."""
    reading = _Reading(chunks, plan, bar)
    for mark in _marks(reading, plan, jobs):
        reading.take(mark)
    if reading.error:
        raise reading.error
    return [reading.marks[number] for number in sorted(reading.marks)], reading.rows


def _marks(chunks: Iterable[Chunk], plan: Plan, jobs: int) -> Iterator[Mark]:
    if jobs == 1:
        yield from (score_part(chunk, plan) for chunk in chunks)
        return
    from joblib import Parallel, delayed

    # Loky whatever the caller's parallel_config says: the parts must come to this machine's disk.
    parallel = Parallel(
        jobs, backend="loky", return_as="generator", batch_size=1, pre_dispatch=f"{_BETWEEN}*n_jobs"
    )
    tasks = (delayed(_score_in_worker)(chunk, plan, os.getpid()) for chunk in chunks)
    with closing(parallel(tasks)) as marks:
        yield from marks


def _score_in_worker(chunk: Chunk, plan: Plan, parent: int) -> Mark:
    _end_with(parent)
    return score_part(chunk, plan)


@cache
def _end_with(parent: int) -> None:
    """Let this process end soon after the one that started it; Loky would wait for minutes."""

    def watch() -> None:
        while os.getppid() == parent:
            sleep(1)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


class _Reading:
    """The chunks that are still to be scored, and the marks of those that are done."""

    def __init__(self, chunks: Iterator[Chunk], plan: Plan, bar: Progress) -> None:
        self.chunks, self.plan, self.bar = chunks, plan, bar
        self.marks: dict[int, Mark] = {}
        self.rows = 0
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[Chunk]:
        try:
            for chunk in self.chunks:
                self.rows += len(chunk)
                mark = finished(chunk, self.plan)
                if mark is None:
                    yield chunk
                else:
                    self.take(mark)
        except Exception as error:  # noqa: BLE001  # joblib, which reads this, would wait for ever
            self.error = error

    def take(self, mark: Mark) -> None:
        """Note that a part is done."""
        self.marks[mark.number] = mark
        self.bar.show(mark)


def _counted(marks: Sequence[Mark], rows: int) -> Counts:
    """The counts, which must add up: a row that is neither scored nor rejected was lost."""
    counts = Counts(
        rows, sum(m.articles for m in marks), sum(m.rejects for m in marks),
        sum(m.sentences for m in marks),
    )  # fmt: skip
    if rows != counts.articles + counts.rejects:
        raise OutputError(
            f"{rows:,} rows were read, but {counts.articles:,} scored and {counts.rejects:,} "
            "rejected. Please report this."
        )
    return counts


def _finish(
    output: Output, manifest: Manifest, plan: Plan, marks: Sequence[Mark], counts: Counts
) -> Counts:
    """Join the parts, and only then let go of them."""
    join_rejects(plan, marks, output.rejects)
    join_rows(plan, marks, output.path)
    replace(manifest, counts=counts).write(output.manifest)
    shutil.rmtree(output.parts, ignore_errors=True)
    return counts


def _types(sources: Sequence[Source], wanted: Wanted) -> tuple[Any, ...]:
    """Parquet types of the id and the columns kept: the input's own, or text where they differ."""
    text = arrow("Parquet").string()
    each = [
        column_types(source.path) if source.path and kind(source.format) == ".parquet" else {}
        for source in sources
    ]
    types = []
    for name in (wanted.id, *wanted.keep):
        found = {known.get(name.lower()) for known in each} if name else {None}
        types.append(text if len(found) > 1 or None in found else plain_type(found.pop()))
    return tuple(types)


@contextmanager
def _as_output_errors(output: Output, manifest: Manifest) -> Iterator[None]:
    again = "go on with --resume" if manifest.resumable else "start anew"
    try:
        yield
    except BrokenProcessPool:
        raise OutputError(
            "a process that scored was killed, perhaps for lack of memory. With fewer --jobs, "
            f"{again}."
        ) from None
    except OSError as error:
        raise OutputError(
            f"{output.path} can't be written ({error.strerror or error}). Once that is put right, "
            f"{again}."
        ) from None
