"""The command ``tonelens explain``: a sentence, or those of a file, in; their explanations out."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonelens.errors import InputError
from tonelens.inputs import MODEL_HELP, decode, read_bytes
from tonelens.labels import LABELS
from tonelens.report import json_line, percent, visible

if TYPE_CHECKING:
    from tonelens.explanation import Contribution, Explanation

_SHOWN = 12
_NUMBER = re.compile(r"-?\d+", re.ASCII)
_SEEN = {"name": " (seen as a name, whichever)", "number": " (seen as a number, whichever)"}

_ABOUT = """\
Say which words and cues moved a sentence to its tone, and by how much, in log-odds: +0.7 doubles
the odds of the tone, -0.7 halves them. The lines of a sentence add up to its score."""

_NOTES = """\
TEXT is a sentence in quotation marks; or a file, or - for standard input, of which --sentence picks
what to explain, in its context, by the numbers that "tonelens score" gives.

examples:
  tonelens explain "The plan may well fail."
  tonelens explain article.txt --sentence 3
  tonelens explain article.txt --sentence 3 --tone opinion     why it is, or isn't, opinion
  tonelens explain article.txt --sentence 3 4 5 --format jsonl
"""


def add_command(commands: Any, shape: type[argparse.HelpFormatter]) -> None:
    """Add it to argparse's subcommands; it sets `run`, from options to (text, complaints)."""
    parser = commands.add_parser(
        "explain", help="say which words moved a sentence to its tone",
        description=_ABOUT, epilog=_NOTES, formatter_class=shape,
        usage="%(prog)s [options] TEXT",
    )  # fmt: skip
    parser.add_argument("text", nargs="?", metavar="TEXT", help="a sentence, a file, or -")
    parser.add_argument(
        "--sentence", nargs="+", action="extend", default=[], metavar="N",
        help="numbers of the file's sentences",
    )  # fmt: skip
    parser.add_argument("--tone", choices=LABELS, help="default: each sentence's own")
    parser.add_argument(
        "--format", choices=("table", "jsonl"), default="table",
        help="table to read, jsonl for programs; table is the default",
    )  # fmt: skip
    parser.add_argument("--model", help=MODEL_HELP)
    parser.set_defaults(run=run, refuse=parser.error, status=1)


def run(options: argparse.Namespace) -> tuple[str, list[str]]:
    """What is asked, as text; and what could not be explained."""
    from tonelens.model import load

    text, numbers = _apart(options)
    model, shown, complaints = load(options.model), [], []
    for number, (before, sentence, after) in _asked(text, numbers).items():
        try:
            found = model.explain(sentence, before=before, after=after, tone=options.tone)
        except InputError as error:
            complaints.append(f"sentence {number}: {error}")
            continue
        row = {"number": number, **found.to_dict()}
        shown.append(json_line(row) if options.format == "jsonl" else table(found, number))
    return ("" if options.format == "jsonl" else "\n").join(shown), complaints


def table(explanation: Explanation, number: int) -> str:
    """The explanation to be read: its largest parts, what the others add up to, and the sum.

    Returns
    -------
    str
        Lines that each end with a line feed, free of control characters.
    """
    parts = explanation.strongest
    rest = sum(part.log_odds for part in parts[_SHOWN:])
    rows = [
        (explanation.baseline, "before anything is read", "baseline"),
        *((part.log_odds, _named(part), part.type) for part in parts[:_SHOWN]),
        *[(rest, f"{len(parts) - _SHOWN} smaller parts", "")][: len(parts) > _SHOWN],
        (explanation.remainder, "what the parts leave over", "remainder"),
        (explanation.replay(), f"{explanation.tone}, {percent(explanation.probability)}", "sum"),
    ]  # fmt: skip
    lines = [f"{number}  {visible(explanation.sentence.text)}", "", f"log-odds  {'part':<44}  type"]
    lines += [_line(*row) for row in rows]
    return "".join(f"{line}\n" for line in lines)


def _named(part: Contribution) -> str:
    """The part; of a name or number, that the model saw no more of it."""
    return part.text if part.start is None else part.text + _SEEN.get(part.type, "")


def _line(share: float, text: str, type_: str) -> str:
    return f"{share:>+8.2f}  {visible(text):<44}  {type_}".rstrip()


def _apart(options: argparse.Namespace) -> tuple[str, list[int]]:
    """The text, and the numbers of sentences: argparse takes a text after these for one of them."""
    numbers = [int(word) for word in options.sentence if _NUMBER.fullmatch(word)]
    texts = [word for word in options.sentence if not _NUMBER.fullmatch(word)]
    if options.text is not None:
        texts.insert(0, options.text)
    if not texts:
        options.refuse("the following arguments are required: TEXT")
    if len(texts) > 1:
        options.refuse(f"takes one TEXT, and numbers after --sentence; got {texts[1][:80]!r} too")
    return texts[0], numbers


def _asked(text: str, numbers: list[int]) -> dict[int, tuple[list[str], str, list[str]]]:
    """By its number, each sentence that is asked for between those before and after it."""
    if text != "-" and not _exists(text):
        return _sentence(text, numbers)
    from tonelens.sentences import spans

    name = "standard input" if text == "-" else text
    try:
        article = decode(read_bytes(text))
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    sentences = [article[start:end] for start, end in spans(article)]
    if not numbers or not all(0 < number <= len(sentences) for number in numbers):
        raise InputError(
            f"{name} has {len(sentences):,} sentences. Say which to explain, by number from 1: "
            "--sentence 1"
        )
    return {n: (sentences[: n - 1], sentences[n - 1], sentences[n:]) for n in numbers}


def _exists(text: str) -> bool:
    try:
        return bool(text) and Path(text).exists()  # an empty path would be the current folder
    except OSError:  # a sentence may be too long for a file's name
        return False


def _sentence(text: str, numbers: list[int]) -> dict[int, tuple[list[str], str, list[str]]]:
    if numbers or not any(char.isspace() for char in text.strip()):
        fault = f"{text[:80]}: no such file" if text.strip() else "explain got an empty text"
        raise InputError(
            f"{fault}. Give a file, - for standard input, or a sentence of "
            "several words in quotation marks without --sentence."
        )
    return {1: ([], text, [])}
