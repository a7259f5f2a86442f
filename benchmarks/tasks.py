"""Tasks as data: labelled sets, and how each is read as a question about tone or voice.

``tasks.json`` holds them. A set names its file in the data folder, the file's SHA-256, its licence,
where it comes from and which fields of a row are what. A task reads one field of a set: its values
are tones, or `yes` and `no` to a question that a model of tones answers with the sum of the
probabilities that `asks` names. `limits` says what the task doesn't measure.

The sets are read from ``TONELENS_DATA``. Most of them have no public address in this form, so none
is given; `fetch` gets the files from wherever somebody keeps a copy of the folder, and believes
nothing but the checksums.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tonelens import LABELS
from training.data import data_folder, read_rows

Array = NDArray[Any]

TASKS = Path(__file__).with_name("tasks.json")
NO, YES = "no", "yes"
TRAINING = "labels/train"
"""The set that models are fitted on."""
_YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")


class Sentence(str):
    """A sentence that knows where it stands, and otherwise a string like any other.

    Attributes
    ----------
    article : str
        Its article; its own where it is known of none.
    passage : str
        What it shares with its neighbours in a list; its own where it stands alone.
    outlet, topic : str or None
    year : int or None

    Examples
    --------
    >>> sentence = Sentence("It rained.", passage="a", outlet="The Packet")
    >>> sentence.upper(), sentence.outlet
    ('IT RAINED.', 'The Packet')
    """

    __slots__ = ("article", "outlet", "passage", "topic", "year")

    def __new__(
        cls,
        text: str,
        *,
        article: str | None = None,
        passage: str | None = None,
        outlet: str | None = None,
        topic: str | None = None,
        year: int | None = None,
    ) -> Self:
        """Give the string, and what is known besides."""
        self = super().__new__(cls, text)
        self.article = article or f"the article of {text}"
        self.passage = passage or f"the passage of {text}"
        self.outlet, self.topic, self.year = outlet, topic, year
        return self


@dataclass(frozen=True, eq=False)
class DataSet:
    """A labelled file; `fields` gives the name, dotted where nested, of what a sentence knows."""

    name: str
    file: str
    sha256: str
    licence: str
    origin: str
    fields: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Question:
    """How a set is read; of tones, where neither `yes` nor `asks` is given."""

    name: str
    title: str
    set: str
    field: str
    limits: str
    yes: Sequence[Any] = ()
    no: Sequence[Any] = ()
    asks: Sequence[str] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        """The answers, in the order of probability columns."""
        return (NO, YES) if self.asks else LABELS

    def answer(self, value: Any) -> str | None:
        """Give the answer that a row's value stands for; None leaves the row out, as context.

        >>> Question("n", "t", "s", "f", ".", yes=["SUBJ"], no=["OBJ"], asks=["opinion"]).answer(
        ...     "SUBJ"
        ... )
        'yes'
        """
        if not self.asks:
            return value or None
        return YES if value in self.yes else NO if value in self.no else None


@dataclass(frozen=True, eq=False)
class Task:
    """A question put to n sentences, those without an answer being context.

    Attributes
    ----------
    question, data
    sentences : list of n Sentence
        Passages whole and in order.
    answers : list of n str or None
    """

    question: Question
    data: DataSet
    sentences: list[Sentence]
    answers: list[str | None] = field(repr=False)

    @property
    def known(self) -> Array:
        """Which sentences (n,) have an answer; the figures are of these, k of them."""
        return np.array([answer is not None for answer in self.answers], np.bool_)

    @property
    def asked(self) -> list[Sentence]:
        """The k sentences that have an answer."""
        return [s for s, answer in zip(self.sentences, self.answers, strict=True) if answer]

    @property
    def labels(self) -> list[str]:
        """The k answers."""
        return [answer for answer in self.answers if answer]

    @property
    def gold(self) -> Array:
        """Number (k,) of each answer in the question's classes."""
        number = {name: i for i, name in enumerate(self.question.classes)}
        return np.array([number[label] for label in self.labels], np.int64)

    def where(self, keep: Iterable[bool]) -> Task:
        """Give the task with some of its n sentences."""
        rows = zip(self.sentences, self.answers, keep, strict=True)
        kept = [(sentence, answer) for sentence, answer, kept in rows if kept]
        return Task(self.question, self.data, [s for s, _ in kept], [a for _, a in kept])

    def drawn(self, most: int | None) -> Task:
        """Give whole articles, in an order drawn by hash, until so many sentences have answers."""
        counts: dict[str, int] = {}
        for sentence in self.asked:
            counts[sentence.article] = counts.get(sentence.article, 0) + 1
        if most is None or sum(counts.values()) <= most:
            return self
        chosen, total = set(), 0
        for article in sorted(counts, key=lambda name: (crc32(name.encode()), name)):
            if total >= most:
                break
            chosen.add(article)
            total += counts[article]
        return self.where(sentence.article in chosen for sentence in self.sentences)


@cache
def registry() -> tuple[dict[str, DataSet], dict[str, Question]]:
    """All sets and all questions of ``tasks.json``, by name."""
    kept = json.loads(TASKS.read_text(encoding="utf-8"))
    sets = {name: DataSet(name=name, **facts) for name, facts in kept["sets"].items()}
    return sets, {facts["name"]: Question(**facts) for facts in kept["tasks"]}


@cache
def read(name: str) -> Task:
    """Read one task, without the articles that labels/train holds sentences of.

    Raises
    ------
    SystemExit
        Where the file is missing or not the one that ``tasks.json`` means.
    """
    sets, questions = registry()
    question = questions[name]
    data = sets[question.set]
    check(data)
    task = task_of(question, data, read_rows(data.file))
    if question.set == TRAINING:
        return task
    learnt = training_articles()
    return task.where(sentence.article not in learnt for sentence in task.sentences)


def task_of(question: Question, data: DataSet, rows: Iterable[Mapping[str, Any]]) -> Task:
    """Read the rows of a set."""
    read_ = [(sentence_of(row, data, i), valued(row, question.field)) for i, row in enumerate(rows)]
    sentences, values = zip(*read_, strict=True)
    return Task(question, data, list(sentences), [question.answer(value) for value in values])


def sentence_of(row: Mapping[str, Any], data: DataSet, number: int) -> Sentence:
    """Give a row's sentence with what is known of it; without an article, one of its own."""
    known = {name: valued(row, path) for name, path in data.fields.items()}
    year = _YEAR.search(str(known.get("date")))
    return Sentence(
        row["text"],
        article=known.get("article") or f"{data.name} {number}",
        passage=known.get("passage") or f"{data.name} {number}",
        outlet=known.get("outlet") or None,
        topic=known.get("topic") or None,
        year=int(year[0]) if year else None,
    )


def valued(row: Mapping[str, Any], path: str) -> Any:
    """Give a row's value by its dotted path; None where there is none.

    >>> valued({"extra": {"speech": True}}, "extra.speech"), valued({}, "extra.speech")
    (True, None)
    """
    value: Any = row
    for part in path.split("."):
        value = (value or {}).get(part)
    return value


@cache
def training_articles() -> frozenset[str]:
    """Names of all articles that labels/train holds sentences of."""
    data = registry()[0][TRAINING]
    return frozenset(row[data.fields["article"]] for row in read_rows(data.file))


@cache
def check(data: DataSet) -> None:
    """Refuse a file that isn't the one meant."""
    path = data_folder() / data.file
    if not path.is_file():
        raise SystemExit(
            f"{path} is missing. Put it there, or name a copy of the data folder: --fetch ADDRESS."
        )
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != data.sha256:
        raise SystemExit(
            f"{path} has SHA-256 {found[:12]}…, tasks.json means {data.sha256[:12]}…. "
            "Get the file again, or change tasks.json if the new one is meant."
        )


def fetch(address: str, folder: Path | None = None) -> Path:
    """Get every file of ``tasks.json`` from a copy of the data folder, and use it from now on.

    Parameters
    ----------
    address : str
        Of the folder: the files lie below it under their own names.
    folder : path, optional
        Where to keep them; pooch's cache by default. What is there already isn't fetched again.

    Raises
    ------
    ValueError
        By pooch, where a file's SHA-256 is another one than that of ``tasks.json``.
    """
    import pooch

    source = pooch.create(
        path=folder or pooch.os_cache("tonelens-benchmarks"),
        base_url=address.rstrip("/") + "/",
        registry={data.file: f"sha256:{data.sha256}" for data in registry()[0].values()},
    )
    for name in source.registry:
        source.fetch(name)
    os.environ["TONELENS_DATA"] = str(source.path)
    return Path(source.path)


def limits() -> Iterator[str]:
    """Yield what each task leaves open, a line each."""
    for question in registry()[1].values():
        yield f"- {question.title}: {question.limits}"
