"""The commands ``tonelens evaluate`` and ``tonelens annotate plan``: arguments in, text out."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from tonelens.errors import InputError
from tonelens.inputs import MODEL_HELP

EVALUATE_ABOUT = """\
Score sentences that somebody labelled, each in its context, and say how well the labels are told:
by tone, by group, with 95% intervals over resamples of whole articles."""

EVALUATE_NOTES = """\
The file is CSV (in UTF-8), JSON lines or Parquet, named .csv, .jsonl or .parquet. Columns:
  text, tone          needed; a row without a tone is its neighbours' context only
  article, position   id of its article and place in it; else each sentence stands alone
  weight              how many sentences it stands for, where they weren't drawn evenly
  voice               author or source
  votes               each annotator's tone, parted by semicolons, in the same order throughout
  outlet, source, date, before, after, id
What "tonelens annotate plan" writes, with the column tone filled in, is such a file.

Exit status 1 where the file is no such table; the message names the row and the column.
"""

PLAN_ABOUT = """\
Draw sentences of a corpus for you to label, so that "tonelens evaluate" can say how well tonelens
does on it. Writes a CSV to fill in with a spreadsheet: type reporting, opinion or speculation into
the column tone, from the sentence between those before and after it, and save it as CSV again."""

PLAN_NOTES = """\
The corpus is a CSV, JSON-lines or Parquet file with a row an article: text and, where you have
them, id, outlet, source and date. Half of the sentences are drawn at random; the other half is
spread over the tones that tonelens gives, which aren't shown, and over outlets. The column weight
says how many sentences of the corpus each row stands for: leave it as it is. The rows are in random
order, so if you have to stop early, stop anywhere. An apostrophe before =, +, - or @ keeps a
spreadsheet from taking the cell for a formula; "tonelens evaluate" takes it off again.

  tonelens annotate plan corpus.jsonl --n 200 > label-me.csv
  tonelens evaluate labelled.csv --html report.html
"""


def add_commands(commands: Any, shape: type[argparse.HelpFormatter]) -> None:
    """Add both to argparse's subcommands; each sets `run`, from options to (text, complaints)."""
    evaluate = commands.add_parser(
        "evaluate", help="say how well sentences that you labelled are told",
        description=EVALUATE_ABOUT, epilog=EVALUATE_NOTES, formatter_class=shape,
    )  # fmt: skip
    evaluate.add_argument("file", metavar="FILE", help="labelled sentences")
    evaluate.add_argument(
        "--format", choices=("table", "json"), default="table",
        help="table to read, json for programs; table is the default",
    )  # fmt: skip
    evaluate.add_argument("--html", metavar="FILE", help="write a report with plots, too")
    evaluate.add_argument("--log", metavar="FILE", help="write a JSON line a sentence, too")
    evaluate.set_defaults(run=run_evaluate)
    annotate = commands.add_parser("annotate", help="plan what to label", description=PLAN_ABOUT)
    steps = annotate.add_subparsers(dest="step", metavar="STEP", title="steps", required=True)
    plan = steps.add_parser(
        "plan", help="draw sentences to label", description=PLAN_ABOUT, epilog=PLAN_NOTES,
        formatter_class=shape,
    )  # fmt: skip
    plan.add_argument("file", metavar="FILE", help="a corpus, a row an article")
    plan.add_argument("--n", type=int, default=200, help="how many sentences; 200 by default")
    plan.add_argument(
        "--random", type=float, default=0.5, metavar="SHARE",
        help="share of them drawn at random, above 0 and up to 1; 0.5 by default",
    )  # fmt: skip
    plan.add_argument("--seed", type=int, default=0, help="another one draws other sentences")
    plan.set_defaults(run=run_plan, format="csv")
    for parser in (evaluate, plan):
        parser.set_defaults(status=1)
        parser.add_argument("--model", help=MODEL_HELP)


def run_evaluate(options: argparse.Namespace) -> tuple[str, list[str]]:
    """The evaluation as text; writes the report and the log where they are asked for."""
    from tonelens.evaluation.evaluation import evaluate
    from tonelens.evaluation.labelled import Labelled
    from tonelens.evaluation.page import page
    from tonelens.evaluation.table import table
    from tonelens.model import load

    labelled, name = Labelled.read(options.file), Path(options.file).name
    try:
        evaluation = evaluate(load(options.model), labelled)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    if options.html:
        _write(options.html, page(evaluation, name=name))
    if options.log:
        _write(options.log, "".join(map(_json_line, evaluation.log)))
    if options.format == "json":
        return json.dumps(evaluation.to_dict(), indent=2) + "\n", []
    return table(evaluation, name=name), []


def run_plan(options: argparse.Namespace) -> tuple[str, list[str]]:
    """The plan as CSV, and a line about the rows of the corpus that can't be read."""
    from tonelens.evaluation.sampling import ArticleFile, plan, to_csv
    from tonelens.model import load

    articles, name = ArticleFile(options.file), Path(options.file).name
    try:
        drawn = plan(
            articles, load(options.model), n=options.n, random=options.random, seed=options.seed
        )
    except InputError as error:
        raise InputError(_with_problems(f"{name}: {error}", articles.problems)) from None
    complaints = [_with_problems(f"{name}:", articles.problems)] if articles.problems else []
    return to_csv(drawn), complaints


def _with_problems(message: str, problems: dict[int, str]) -> str:
    if not problems:
        return message
    number, first = next(iter(problems.items()))
    return f"{message} {len(problems):,} rows left out, the first is row {number:,}: {first}"


def _json_line(row: dict[str, Any]) -> str:
    return json.dumps(row) + "\n"


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise InputError(f"{path} can't be written ({error.strerror or error})") from None
