"""The command ``tonelens corpus``: arguments in, the closing count out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import monotonic
from typing import Any

from tonelens.corpus.manifest import Counts
from tonelens.corpus.output import Output
from tonelens.errors import InputError
from tonelens.inputs import MODEL_HELP

REJECTED = 3
"""Exit status where all went well, but some rows could not be scored."""

ABOUT = """\
Score corpora of any size: every article of the files given, on every core, into one file with a row
a sentence or a row an article. Nothing is lost: a row that can't be scored is written, with the
reason, to OUT.rejects.jsonl."""

NOTES = """\
Inputs are .csv, .tsv, .jsonl and .parquet files, each also in .gz or .zst after it; folders of
such; patterns in quotation marks, such as 'news/**/*.jsonl.gz'; and - for standard input. The
output's ending, .parquet, .jsonl or .csv, says how it is written. Parquet and .zst need pyarrow:
pip install 'tonelens[corpus]'.

A row a sentence: article, the columns kept, position (from 1), start and end (in characters), tone,
reporting, opinion and speculation (probabilities), voice, source_probability. A row an article:
article, the columns kept, sentences, author_sentences (in the author's voice), reporting_share and
so on (of all sentences), author_reporting_share and so on (of the author's), reporting_mean and so
on (mean probabilities).

Cells are written as they are: a spreadsheet may take one that begins with = for a formula.

A run that was stopped, by whatever, goes on with --resume, and ends with the same rows. It keeps
finished parts in OUT.parts until all are there, and refuses to go on where inputs, options or model
have changed. OUT.manifest.json says what OUT was made from.

Exit status: 0 where every row was scored; 3 where some rows were rejected; 1 where the run failed;
2 for wrong usage.

examples:
  tonelens corpus news.jsonl -o tones.parquet --text-column body --id-column url
  tonelens corpus archive/ -o tones.parquet --keep outlet,date --resume
  tonelens corpus 'news-*.csv.gz' -o articles.csv --level article --jobs 4
  zcat news.jsonl.gz | tonelens corpus - -o tones.jsonl
"""


def add_command(commands: Any, shape: type[argparse.HelpFormatter]) -> None:
    """Add it to argparse's subcommands; it sets `run`, from options to (text, complaints)."""
    parser = commands.add_parser(
        "corpus", help="score corpora of any size, on every core",
        description=ABOUT, epilog=NOTES, formatter_class=shape,
    )  # fmt: skip
    add = parser.add_argument
    add("inputs", nargs="+", metavar="IN", help="a file, folder or pattern, or -")
    add("-o", "--out", required=True, metavar="OUT", help="what to write; it must not be there")
    add("--text-column", default="text", metavar="COLUMN", help="of the texts; text by default")
    add("--id-column", metavar="COLUMN", help="of the articles' ids; by default their file and row")
    add("--keep", default="", metavar="COLUMN,…", help="columns to write beside the scores")
    add("--level", choices=("sentence", "article"), default="sentence",
        help="what each row of the output is; sentence by default")  # fmt: skip
    add("--model", help=MODEL_HELP)
    add("--jobs", type=int, default=-1, metavar="N", help="processes; one a core by default")
    add("--resume", action="store_true", help="go on with a run that was stopped, if there is one")
    add("--quiet", action="store_true", help="show no progress")
    add("--stdin-format", choices=("csv", "tsv", "jsonl", "parquet"), default="jsonl",
        help="of standard input; jsonl by default")  # fmt: skip
    parser.set_defaults(run=run_corpus, format="jsonl", status=REJECTED)


def run_corpus(options: argparse.Namespace) -> tuple[str, list[str]]:
    """The closing count, and a line about the rejects."""
    from tonelens.corpus.run import score_files

    if options.jobs == 0:
        raise InputError("--jobs 0 is no number of processes. Give 1 or more, or -1 for all cores.")
    began, quiet = monotonic(), options.quiet or sys.stderr is None or not sys.stderr.isatty()
    counts = score_files(
        options.inputs, options.out,
        column=options.text_column, id_column=options.id_column,
        keep=[name.strip() for name in options.keep.split(",") if name.strip()],
        level=options.level, model=options.model, jobs=options.jobs, resume=options.resume,
        progress=not quiet, stdin_format=options.stdin_format,
    )  # fmt: skip
    rejects = Output(Path(options.out)).rejects
    complaint = f"{counts.rejects:,} of {counts.rows:,} rows could not be scored: see {rejects}"
    return _summary(counts, options.out, monotonic() - began), [complaint] * bool(counts.rejects)


def _summary(counts: Counts, out: str, seconds: float) -> str:
    rate = counts.sentences / max(seconds, 1e-9)
    return (
        f"{out}: {counts.rows:,} rows read, {counts.articles:,} articles of {counts.sentences:,} "
        f"sentences scored, {counts.rejects:,} rows rejected; {seconds:,.0f} s, {rate:,.0f} "
        "sentences a second\n"
    )
