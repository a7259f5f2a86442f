"""Results as text: a table for people, JSON lines and CSV for programs. Nothing is read or written.

Each function takes one article and the name of its file, so that a run over many files can be
written out as it goes. A table cleans and wraps the sentences, since a text must not be able to
drive the terminal it is shown on; JSON lines and CSV keep them character by character.
"""

from __future__ import annotations

import csv as csv_module
import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from unicodedata import category, east_asian_width

from tonelens.labels import LABELS

if TYPE_CHECKING:
    from tonelens.results import Article, SentenceTone

COLUMNS = (
    "file", "number", "start", "end", "text", "tone", *LABELS, "voice", "source_probability",
)  # fmt: skip
"""The keys of a JSON line and the columns of the CSV, in order."""

CSV_HEADER = ",".join(COLUMNS) + "\r\n"

STYLES = {"opinion": "38;5;130", "speculation": "38;5;63", "source": "38;5;243"}
"""Codes of the xterm palette whose contrast is above 4.4 on white and on black alike, where 4.58 is
the most that one colour can have on both; ``test_colours_are_readable_on_black_and_white``."""

_UNSURE = "unsure"
_TITLE, _HEADING = "1", "38;5;243"
_NARROW_ROOM, _LEAST_ROOM, _NARROW_INDENT = 30, 10, 4

_SURROGATES = "\ud800-\udfff"
# Line breaks to Unicode but not to JSON, and the controls that JSON lets through.
_UNSAFE_IN_JSON = re.compile(f"[\x7f-\x9f\u2028\u2029{_SURROGATES}]")
# Controls, line breaks, and the marks that turn the direction of all that follows.
_UNSAFE_IN_TERMINAL = re.compile(
    f"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069{_SURROGATES}]"
)
_GAP = re.compile(r"[^\S\xa0\u202f]+")  # no line breaks at a space that forbids it


def visible(text: str) -> str:
    r"""Give `text` with everything escaped that could drive a terminal or begin a new line.

    >>> visible("a \x1b[31m red \n herring")
    'a \\x1b[31m red \\n herring'
    """
    return _UNSAFE_IN_TERMINAL.sub(lambda found: ascii(found[0])[1:-1], text)


def jsonl(article: Article, *, name: str, below: float = 0.0) -> str:
    r"""One JSON object a sentence, one a line, with the keys `COLUMNS`.

    Parameters
    ----------
    article : Article
        What was scored.
    name : str
        Of its file; the value of ``file``.
    below : float
        ``tone`` is null where the top probability is below this, 0 to 1.

    Returns
    -------
    str
        Each line ends with a line feed; empty for an article without sentences. Lone surrogates
        are written as JSON escapes, so the whole can always be encoded, and parses to what it was.
        ``start`` and ``end`` count characters, ``number`` counts sentences from 1.
    """
    return "".join(map(json_line, _rows(article, name, below)))


def json_line(row: dict[str, Any]) -> str:
    """One row as a line of JSON that no reader of lines cuts and every encoder takes."""
    return _UNSAFE_IN_JSON.sub(_json_escape, json.dumps(row, ensure_ascii=False)) + "\n"


def csv(article: Article, *, name: str, below: float = 0.0) -> str:
    r"""One CSV record a sentence, quoted as RFC 4180 has it, without the header `CSV_HEADER`.

    Parameters
    ----------
    article : Article
        What was scored.
    name : str
        Of its file; the first field.
    below : float
        The tone is left empty where the top probability is below this, 0 to 1.

    Returns
    -------
    str
        Each record ends with ``\r\n``; empty for an article without sentences. Lone surrogates,
        which no UTF-8 file can hold, are written as ``\udc80``.
    """
    lines = io.StringIO(newline="")
    csv_module.writer(lines).writerows(row.values() for row in _rows(article, name, below))
    return lines.getvalue().encode("utf-8", "backslashreplace").decode("utf-8")


def table(article: Article, *, name: str = "", colour: bool, width: int, below: float = 0.0) -> str:
    """A table to be read: number, tone, its probability, voice and sentence; then a summary.

    Parameters
    ----------
    article : Article
        What was scored.
    name : str
        A title; none by default.
    colour : bool
        Whether to colour opinion, speculation and a source's sentences with terminal codes.
    width : int
        Columns to wrap to. Where it leaves no room beside the tones, the sentences stand below.
    below : float
        The tone is "unsure" where the top probability is below this, 0 to 1.

    Returns
    -------
    str
        Lines that each end with a line feed, free of control characters but for the colours.
    """
    body = _body(article, width=width, colour=colour, below=below)
    lines = [*_title(name, colour=colour), *body]
    return "".join(f"{line}\n" for line in lines)


def summary(article: Article, *, below: float = 0.0) -> str:
    """One line: how many sentences, the share of each tone and that in a source's voice.

    With `below`, also the share whose top probability is below that, which have no tone.

    >>> from tonelens.results import Article
    >>> summary(Article("", ()))
    'No sentences.'
    """
    n = len(article)
    if not n:
        return "No sentences."
    tones = article.abstain(below=below)
    names = (*LABELS, None) if below else LABELS
    shares = ", ".join(f"{tones.count(name) / n:.0%} {name or _UNSURE}" for name in names)
    source = article.voices.count("source") / n
    return f"{n:,} sentence{'s' * (n > 1)}: {shares}; {source:.0%} in a source's voice."


def _rows(article: Article, name: str, below: float) -> Iterator[dict[str, Any]]:
    for number, sentence in enumerate(article, 1):
        row = {"file": name, "number": number, **sentence.to_dict()}
        row["tone"] = sentence.abstain(below=below)
        yield {column: row[column] for column in COLUMNS}


def _json_escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _title(name: str, *, colour: bool) -> list[str]:
    return [_paint(visible(name), _TITLE, colour=colour), ""] if name else []


def _body(article: Article, *, width: int, colour: bool, below: float) -> Iterator[str]:
    digits = len(str(len(article)))
    if article.sentences:
        heading = _labels("#", "tone", "prob", "voice", digits) + "sentence"
        yield _paint(heading, _HEADING, colour=colour)
    for number, sentence in enumerate(article, 1):
        tone = sentence.abstain(below=below) or _UNSURE
        style = STYLES.get(tone) or STYLES.get(sentence.voice, "")
        for line in _entry(sentence, tone, number, digits, width):
            yield _paint(line, style, colour=colour)
    if article.sentences:
        yield ""
    yield summary(article, below=below)


def _entry(
    sentence: SentenceTone, tone: str, number: int, digits: int, width: int
) -> Iterator[str]:
    """Lines of one sentence: what it was scored, and beside or below it the wrapped text."""
    voice = "source" if sentence.voice == "source" else ""
    labels = _labels(str(number), tone, percent(max(sentence.probabilities)), voice, digits)
    indent = len(labels)
    if width - indent < _NARROW_ROOM:
        yield labels.rstrip()
        indent, labels = _NARROW_INDENT, " " * _NARROW_INDENT
    for line in _wrap(sentence.text, max(_LEAST_ROOM, width - indent)):
        yield labels + line
        labels = " " * indent


def _labels(number: str, tone: str, percent: str, voice: str, digits: int) -> str:
    return f"{number:>{digits}}  {tone:<11}  {percent:>4}  {voice:<6}  "


def percent(share: float) -> str:
    """A percentage that says 100% of nothing that is not certain."""
    rounded = f"{share:.0%}"
    return ">99%" if rounded == "100%" and share < 1 else rounded


def _paint(line: str, style: str, *, colour: bool) -> str:
    return f"\x1b[{style}m{line}\x1b[0m" if colour and style else line


def _wrap(text: str, room: int) -> Iterator[str]:
    """Lines of at most `room` columns; textwrap counts no columns and is quadratic in a word."""
    words = visible(_GAP.sub(" ", text.strip())).split(" ")
    line: list[str] = []
    used = 0
    for piece in _pieces(words, room):
        columns = _columns(piece)
        if line and used + 1 + columns > room:
            yield " ".join(line)
            line, used = [], 0
        used += columns + bool(line)
        line.append(piece)
    yield " ".join(line)


def _pieces(words: Iterable[str], room: int) -> Iterator[str]:
    """Words, those longer than a line cut to fit it."""
    for word in words:
        if _columns(word) <= room:
            yield word
        else:
            step = room if word.isascii() else room // 2  # no character is wider than two columns
            yield from (word[at : at + step] for at in range(0, len(word), step))


def _columns(text: str) -> int:
    """How many columns of a terminal `text` takes: two for wide characters, none for marks."""
    if text.isascii():
        return len(text)
    return sum(
        0 if category(char) in ("Mn", "Me", "Cf") else 1 + (east_asian_width(char) in "WF")
        for char in text
    )
