"""Which sentences of a corpus a researcher should label, and how many each of them stands for.

A part of the sample is drawn at random; the rest is spread evenly over the tones that the model
gives, and within each over the outlets by the square root of their size (power allocation: Bankier,
1988). So rare tones and small outlets are seen, and every sentence can be drawn. Both parts are one
draw: each sentence has one probability of being drawn, whose inverse is its weight, and a
systematic sample of just n is taken by them in the order of tone and outlet (Madow, 1949).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from os import PathLike
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tonelens.errors import InputError
from tonelens.evaluation.cells import COLUMNS, escaped, read_cells
from tonelens.labels import LABELS, tone_index
from tonelens.model import ToneModel
from tonelens.rows import read_rows
from tonelens.sentences import split

BEFORE, AFTER = 17, 16
"""Sentences of context on either side: as far as the default model hears."""

_WANTED = "Use a list of CorpusArticle(text)."
_BATCH = 256  # articles scored at once
_ARTICLE = {name: COLUMNS[name] for name in ("text", "id", "outlet", "source", "date", "year")}


class CorpusArticle(NamedTuple):
    """A text of the corpus and what is known of it."""

    text: str
    id: str | None = None
    outlet: str | None = None
    source: str | None = None
    year: int | None = None


class Drawn(NamedTuple):
    """A sentence to be labelled; its attributes are columns that `Labelled.read` reads."""

    article: str
    position: int
    outlet: str | None
    source: str | None
    year: int | None
    before: tuple[str, ...]
    text: str
    after: tuple[str, ...]
    weight: float


class ArticleFile:
    """The articles of a file, read anew each time they are gone through.

    The columns are ``text`` and, where there are such, ``id``, ``outlet``, ``source`` and ``date``.

    Attributes
    ----------
    problems : dict of int to str
        Why rows were left out, by their number; known once the file was gone through.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = path
        self.problems: dict[int, str] = {}

    def __iter__(self) -> Iterator[CorpusArticle]:
        for number, row in read_rows(self.path):
            if not row:
                continue
            try:
                if isinstance(row, InputError):
                    raise row
                article = CorpusArticle(**read_cells(row, _ARTICLE))
            except InputError as error:
                self.problems[number] = str(error)
            else:
                yield article


def plan(
    articles: Iterable[CorpusArticle],
    model: ToneModel,
    *,
    n: int,
    random: float = 0.5,
    seed: int = 0,
) -> list[Drawn]:
    """Draw n sentences to label.

    Parameters
    ----------
    articles : iterable of CorpusArticle
        It is gone through twice, so that a large corpus in an `ArticleFile` or the like needn't be
        held; what can be gone through only once, such as a generator, is held.
    model : ToneModel
        Whose tones the sample is spread over. They aren't shown, lest they sway the annotator.
    n : int
        How many; all of them where the corpus has fewer.
    random : float
        The share of the sample that is drawn at random, above 0 and up to 1.
    seed : int
        Another one draws other sentences.

    Returns
    -------
    list of Drawn
        In random order, so that the first of them are a sample too.

    Raises
    ------
    InputError
        Where n or `random` is out of range, there is no sentence, or an article or the model is
        something else.

    Examples
    --------
    >>> from tonelens import load
    >>> corpus = [CorpusArticle("It rained. It may snow.", id="a", outlet="The Packet")]
    >>> [one] = plan(corpus, load(), n=1)
    >>> one.article, one.weight
    ('a', 2.0)
    """
    if n < 1 or not 0 < random <= 1:
        raise InputError(
            f"plan() got n={n} and random={random}; n is at least 1, random above 0 and up to 1."
        )
    if not hasattr(model, "score_sentences"):
        raise InputError(f"plan() takes a model, got {type(model).__name__}. Use tonelens.load().")
    if isinstance(articles, Iterator):
        articles = list(articles)
    cell, size, tone_of = _cells(_checked(articles), model)
    if not size.sum():
        raise InputError("the corpus holds no sentence. Wanted rows with a column text.")
    rng = np.random.default_rng(seed)
    chance = _chances(size, tone_of, n, random)[cell]
    at = _systematic(chance, cell, rng)
    places = {int(i): float(1 / chance[i]) for i in at}
    drawn = list(_found(articles, places))
    return [drawn[i] for i in rng.permutation(len(drawn))]


def to_csv(drawn: Sequence[Drawn]) -> str:
    """The plan as a table to be filled in: a column a fact, and empty ones for tone and voice.

    It begins with a byte order mark, by which spreadsheets know UTF-8; cells that they would take
    for a formula begin with an apostrophe, which `Labelled.read` takes off again.
    """
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    facts = Drawn._fields
    writer.writerow([*facts[:-1], "tone", "voice", "comment", facts[-1]])
    for one in drawn:
        cells = ["\n".join(c) if isinstance(c, tuple) else "" if c is None else str(c) for c in one]
        writer.writerow([*map(escaped, cells[:-1]), "", "", "", f"{one.weight:.6g}"])
    return "\ufeff" + lines.getvalue()


def _checked(articles: Iterable[CorpusArticle]) -> Iterator[CorpusArticle]:
    if not hasattr(articles, "__iter__"):
        raise InputError(f"plan() takes articles, got {type(articles).__name__}. {_WANTED}")
    for number, article in enumerate(articles):
        if not isinstance(article, CorpusArticle):
            raise InputError(
                f"plan() takes articles, got {type(article).__name__} at position {number:,}. "
                f"{_WANTED}"
            )
        if not isinstance(article.text, str):
            raise InputError(
                f"plan() takes articles with a text, got {type(article.text).__name__} for that at "
                f"position {number:,}. Leave out articles without one."
            )
        yield article


def _cells(
    articles: Iterator[CorpusArticle], model: ToneModel
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Each sentence's cell of tone and outlet; each cell's size, and its tone's number."""
    outlets: dict[str | None, int] = {}
    found = [np.zeros(0, np.int64)]
    while batch := list(islice(articles, _BATCH)):
        texts = [split(article.text) for article in batch]
        document = np.repeat(np.arange(len(batch)), [len(text) for text in texts])
        scores = model.score_sentences([s for text in texts for s in text], documents=document)
        outlet = np.array([outlets.setdefault(a.outlet, len(outlets)) for a in batch], np.int64)
        found.append(outlet[document] * len(LABELS) + tone_index(scores.probabilities))
    cell = np.concatenate(found)
    size = np.bincount(cell, minlength=len(LABELS) * max(1, len(outlets)))
    return cell, size, np.arange(len(size)) % len(LABELS)


def _chances(
    size: NDArray[np.int64], tone_of: NDArray[np.int64], n: int, random: float
) -> NDArray[np.float64]:
    """Probability of being drawn for a sentence of each cell; n in all, none above 1."""
    root = np.sqrt(size)
    by_tone = np.bincount(tone_of, root)
    share = root / np.maximum(by_tone, 1)[tone_of] / (by_tone > 0).sum()
    each = random / size.sum() + (1 - random) * share / np.maximum(size, 1)
    chance = np.where(size > 0, n * each, 0)
    while (chance > 1).any():
        full = chance >= 1
        chance[full] = 1
        left, weight = n - size[full].sum(), (size * chance)[~full].sum()
        if weight > 0:
            chance[~full] *= max(left, 0) / weight
    return chance


def _systematic(
    chance: NDArray[np.float64], cell: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Numbers of the sentences drawn, by their chances, spread over the cells in order."""
    order = np.lexsort((rng.random(len(cell)), cell // len(LABELS), cell % len(LABELS)))
    reach = np.cumsum(chance[order])
    count = round(float(reach[-1]))
    marks = (rng.random() + np.arange(count)) * (reach[-1] / count)
    return order[np.searchsorted(reach, marks, "right").clip(max=len(order) - 1)]


def _found(articles: Iterable[CorpusArticle], places: Mapping[int, float]) -> Iterator[Drawn]:
    """The drawn sentences, by their number in the corpus, with their context."""
    low = 0
    for number, article in enumerate(articles, 1):
        name = article.id or f"article {number}"
        sentences = [" ".join(text.split()) for text in split(article.text)]
        for i in range(len(sentences)):
            if low + i in places:
                yield _drawn(article._replace(id=name), sentences, i, places[low + i])
        low += len(sentences)


def _drawn(article: CorpusArticle, sentences: list[str], i: int, weight: float) -> Drawn:
    return Drawn(
        article=str(article.id),
        position=i + 1,
        outlet=article.outlet,
        source=article.source,
        year=article.year,
        before=tuple(sentences[max(0, i - BEFORE) : i]),
        text=sentences[i],
        after=tuple(sentences[i + 1 : i + 1 + AFTER]),
        weight=weight,
    )
