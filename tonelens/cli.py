"""The command ``tonelens``: names of files in, a report on standard output, problems on stderr.

Exit status: 0 where all went well; 1 where a file, the model or the output failed, or there was
nothing to score; 2 for wrong usage; 3 where ``corpus`` rejected rows; 130 after
Ctrl-C; 141 where the reader of the output went away.
The model is imported once a file is to be scored, so ``--help`` and ``--version`` answer at once.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import tonelens
from tonelens import report
from tonelens.corpus.command import add_command as add_corpus
from tonelens.errors import InputError, TonelensError
from tonelens.evaluation.command import add_commands
from tonelens.explain_command import add_command as add_explain
from tonelens.inputs import MODEL_HELP, decode, probability, read_bytes

if TYPE_CHECKING:
    from tonelens.results import Article

    Show = Callable[[Article, str], str]

PIPED_WIDTH = 100
"""Columns of a table that goes to a file or a pipe, whatever terminal it was started from."""

_WIDEST = 120  # longer lines are hard to follow
_STDIN = "<stdin>"

_ABOUT = """\
Say of each sentence of English news whether it reports, opines or speculates, and whether the
claim is the writer's own or a source's."""

_EXAMPLES = """\
examples:
  tonelens score article.txt                      a table on the screen
  tonelens score *.txt --format csv > tones.csv   a row a sentence, for pandas or R
  tonelens score *.txt --format jsonl | jq .tone  an object a sentence, for a program
  tonelens score article.txt --abstain-below 0.7  a tone only where it is that probable
  tonelens explain article.txt --sentence 3       what made the third sentence what it is
  pdftotext story.pdf - | tonelens score -        read what another program writes
"""

_SCORE_ABOUT = """\
Split each file into sentences and give for each its tone (reporting, opinion or speculation), the
probability of that tone, and "source" where the main claim is a source's and not the writer's.
What a source is reported to say counts as reporting, however strong the words."""

_SCORE_NOTES = """\
Files are plain text in UTF-8. A file that can't be read is named on standard error, the others are
scored all the same, and the exit status is then 1.

In jsonl and csv, "number" counts a file's sentences from 1, "start" and "end" are character offsets
into it, and probabilities run from 0 to 1. Both are written in UTF-8.

A table is coloured on a terminal; set NO_COLOR=1 for none, FORCE_COLOR=1 to keep it in a pipe.

"""


class _UnwritableError(Exception):
    """Standard output takes no text; the message says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments, without the program's name; by default those of the process.

    Returns
    -------
    int
        The exit status.
    """
    try:
        status = _run(argv)
        _write("")
    except KeyboardInterrupt:
        return _give_up(130)
    except BrokenPipeError:
        return _give_up(141)
    except TonelensError as error:
        return _complain(str(error))
    except _UnwritableError as error:
        _complain(f"standard output: {error}")
        return _give_up(1)
    except OSError as error:
        return _complain(f"{error.filename or 'the system'}: {error.strerror or error}")
    return status


def use_colour(environ: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether to colour: NO_COLOR before FORCE_COLOR (each by being non-empty), before TERM.

    >>> use_colour({"TERM": "xterm"}, terminal=True)
    True
    >>> use_colour({"TERM": "xterm", "NO_COLOR": "1", "FORCE_COLOR": "1"}, terminal=True)
    False
    """
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return terminal and environ.get("TERM") != "dumb"


def _run(argv: Sequence[str] | None) -> int:
    parser = _parser()
    try:
        return _command(parser, parser.parse_args(argv))
    except SystemExit as stop:  # argparse has said why
        return stop.code if isinstance(stop.code, int) else 2


def _command(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if options.command is None:
        parser.print_help(sys.stderr)
        return 2
    if options.command == "score":
        return _score(options.files, options.format, options.model, options.abstain_below)
    _encode(options.format)
    text, complaints = options.run(options)
    _write(text)
    for complaint in complaints:
        _complain(complaint)
    return options.status if complaints else 0


def _parser() -> argparse.ArgumentParser:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="tonelens", description=_ABOUT, epilog=_EXAMPLES, formatter_class=shape
    )
    version = f"tonelens {tonelens.__version__}"
    parser.add_argument("--version", action="version", version=version, help="print the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    score = commands.add_parser(
        "score", help="score the sentences of text files (tonelens score --help says more)",
        description=_SCORE_ABOUT, epilog=_SCORE_NOTES + _EXAMPLES, formatter_class=shape,
    )  # fmt: skip
    score.add_argument("files", nargs="+", metavar="FILE", help="a text, or - for standard input")
    score.add_argument(
        "--format", choices=("table", "jsonl", "csv"), default="table",
        help="table to read, jsonl or csv for programs; table is the default",
    )  # fmt: skip
    score.add_argument("--model", help=MODEL_HELP)
    score.add_argument(
        "--abstain-below", type=float, default=0.0, metavar="P",
        help="give no tone where its probability is below P, 0 to 1; by default always give one",
    )  # fmt: skip
    add_explain(commands, shape)
    add_corpus(commands, shape)
    add_commands(commands, shape)
    return parser


def _score(files: Sequence[str], style: str, folder: str | None, below: float) -> int:
    """Score each file and write it out at once, so that a long run shows what it has."""
    from tonelens.model import load

    model = load(folder)
    show, begin, between = _format(style, probability(below, call="score", name="--abstain-below"))
    _write(begin)
    blank, shown, failed = [], 0, False
    for file in files:
        name = _STDIN if file == "-" else file
        try:
            article = model.read(decode(read_bytes(file)))
        except InputError as error:
            failed = bool(_complain(f"{name}: {error}"))
            continue
        _write((between if shown else "") + show(article, name))
        shown += 1
        if not article.sentences:
            blank.append(name)
    return _status(blank, shown, failed=failed)


def _status(blank: Sequence[str], shown: int, *, failed: bool) -> int:
    """A blank file is no failure beside one with sentences; with nothing scored, it is the news."""
    if len(blank) == shown:
        for name in blank:
            _complain(f"{name}: nothing to score, the text is empty or blank")
        return 1
    return int(failed)


def _format(style: str, below: float) -> tuple[Show, str, str]:
    """How to show an article, what to write first, and what between two articles."""
    _encode(style)
    if style == "jsonl":
        return lambda article, name: report.jsonl(article, name=name, below=below), "", ""
    if style == "csv":
        header = report.CSV_HEADER
        return lambda article, name: report.csv(article, name=name, below=below), header, ""
    terminal = sys.stdout is not None and sys.stdout.isatty()
    colour, width = use_colour(os.environ, terminal=terminal), _width(terminal=terminal)

    def shown(article: Article, name: str) -> str:
        return report.table(article, name=name, colour=colour, width=width, below=below)

    return shown, "", "\n"


def _encode(style: str) -> None:
    """Let standard output take every character of what is written in this style."""
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        if style == "table":
            stream.reconfigure(errors="backslashreplace")
        else:  # for programs: the same bytes on every machine
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")


def _width(*, terminal: bool) -> int:
    fallback = (PIPED_WIDTH, 24)
    return min(_WIDEST, shutil.get_terminal_size(fallback).columns) if terminal else PIPED_WIDTH


def _write(text: str) -> None:
    if sys.stdout is None:
        raise _UnwritableError("it is closed")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _UnwritableError(error.strerror or error) from None


def _complain(message: str) -> int:
    """Say what went wrong in one line, and give the exit status for it."""
    if sys.stderr is not None:  # where it is closed, print would turn to standard output
        print(f"tonelens: {report.visible(message)}", file=sys.stderr)
    return 1


def _give_up(status: int) -> int:
    """Drop what is still to be written, or Python would try again at exit and complain."""
    with contextlib.suppress(OSError, AttributeError):  # no real stream, in a test or notebook
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    return status
