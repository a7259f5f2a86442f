"""What a model says of labelled sentences, whether it is asked or its probabilities are given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tonelens.errors import InputError
from tonelens.evaluation.labelled import Labelled
from tonelens.labels import LABELS, tone_index
from tonelens.results import ToneScores

_SUM_WITHIN = 1e-3
_SHOWN = 6  # names of columns that a message lists


class Answers(NamedTuple):
    """Probabilities for n sentences.

    Attributes
    ----------
    probabilities : float64 (n, 3)
        Of the tones, in `LABELS` order.
    source : float64 (n,), optional
        That the main claim is a source's.
    """

    probabilities: NDArray[np.float64]
    source: NDArray[np.float64] | None

    @property
    def guess(self) -> NDArray[np.int64]:
        """Number (n,) of the most probable tone."""
        return tone_index(self.probabilities)

    def where(self, keep: NDArray[np.bool_]) -> Answers:
        """The rows for which `keep` holds."""
        source = None if self.source is None else self.source[keep]
        return Answers(self.probabilities[keep], source)


def answers(given: Any, labelled: Labelled) -> Answers:
    """Ask a model about every row, or check the probabilities given for them.

    Parameters
    ----------
    given : ToneModel, classifier, ToneScores, table or array (n, 3)
        A model scores sentences in context; a classifier's `predict_proba` sees them one by one,
        and its columns are taken by its `classes_`. Those of a table (pandas, polars, pyarrow) are
        taken by their names.
    labelled : Labelled
        n rows, context included.

    Raises
    ------
    InputError
        Where `given` is none of these, has another number of rows, or holds anything but
        probabilities that sum to 1.
    """
    if hasattr(given, "score_sentences"):
        given = _in_context(given, labelled)
    elif hasattr(given, "predict_proba"):
        given = _columns(given, [row.text for row in labelled])
    elif hasattr(given, "columns"):
        given = _named(given)
    if isinstance(given, ToneScores):
        tones = _checked(given.probabilities, len(labelled))
        return Answers(tones, given.source_probability.astype(float))
    return Answers(_checked(given, len(labelled)), None)


def _checked(probabilities: Any, n: int) -> NDArray[np.float64]:
    wanted = f"({n:,}, {len(LABELS)}), a row a sentence and the columns {', '.join(LABELS)}"
    try:
        array = np.asarray(probabilities, float)
    except (TypeError, ValueError):
        raise InputError(
            f"got {type(probabilities).__name__}; wanted a model or an array {wanted}."
        ) from None
    if array.shape != (n, len(LABELS)):
        raise InputError(f"got probabilities of shape {array.shape}; wanted {wanted}.")
    wrong = ~((array >= 0).all(1) & (np.abs(array.sum(1) - 1) <= _SUM_WITHIN))
    if wrong.any():
        i = int(wrong.argmax())
        raise InputError(
            f"row {i:,} (from 0) holds {array[i].tolist()}; wanted probabilities that sum to 1."
        )
    return array


def _named(table: Any) -> NDArray[Any]:
    """The columns of the tones, (n, 3), in `LABELS` order."""
    names = [str(name) for name in getattr(table, "column_names", table.columns)]
    if not set(LABELS) <= set(names):
        raise InputError(
            f"got a table with the columns {', '.join(names[:_SHOWN])}; wanted "
            f"{', '.join(LABELS)}. Name them so, or give an array whose columns are in that order."
        )
    return np.column_stack([np.asarray(table[tone]) for tone in LABELS])


def _columns(classifier: Any, sentences: list[str]) -> NDArray[np.float64]:
    """A classifier's probabilities in `LABELS` order; 0 for a tone that it doesn't know."""
    found = np.asarray(classifier.predict_proba(sentences), float)
    names = [str(name) for name in classifier.classes_]
    if unknown := set(names) - set(LABELS):
        raise InputError(
            f"the classifier knows {min(unknown)!r}; wanted the classes {', '.join(LABELS)}."
        )
    out = np.zeros((len(sentences), len(LABELS)))
    out[:, [LABELS.index(name) for name in names]] = found
    return out


def _in_context(model: Any, labelled: Labelled) -> ToneScores:
    """Every row scored between its neighbours: those it names, or the rows beside it."""
    texts: list[str] = []
    documents: list[int] = []
    at = np.empty(len(labelled), np.int64)
    for number, run in enumerate(_runs(labelled)):
        for i in run:
            row = labelled.rows[i]
            at[i] = len(texts) + len(row.before)
            texts += [*row.before, row.text, *row.after]
        documents += [number] * (len(texts) - len(documents))
    scores = model.score_sentences(texts, documents=documents)
    return ToneScores(scores.probabilities[at], scores.source_probability[at])


def _runs(labelled: Labelled) -> Iterator[list[int]]:
    """Numbers of rows that follow each other in one article, in order."""
    articles = labelled.articles
    first = {article: i for i, article in reversed(list(enumerate(articles)))}
    places = [(first[a], row.position or 0) for a, row in zip(articles, labelled, strict=True)]
    run: list[int] = []
    for i in sorted(range(len(places)), key=places.__getitem__):
        if run and not _follows(labelled, run[-1], i):
            yield run
            run = []
        run.append(i)
    if run:
        yield run


def _follows(labelled: Labelled, i: int, j: int) -> bool:
    one, two = labelled.rows[i], labelled.rows[j]
    if one.article is None or one.article != two.article:
        return False
    if one.before or one.after or two.before or two.after:
        return False
    return one.position is None or two.position is None or two.position == one.position + 1
