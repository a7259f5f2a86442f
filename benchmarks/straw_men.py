"""What tonelens is measured beside: systems that are fitted or tuned on labels/train alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from tonelens import LABELS
from training.data import read_rows

Array = NDArray[Any]
System = Callable[[Sequence[str]], Array]
"""Sentences to evidence for each tone (n, 3), the greatest of which decides."""


def majority() -> System:
    """Say reporting of everything."""
    return lambda texts: np.tile([1.0, 0.0, 0.0], (len(texts), 1))


def tfidf() -> System:
    """Fit tf-idf of words and pairs + logistic regression; settings by folds of whole outlets."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, GroupKFold
    from sklearn.pipeline import make_pipeline

    texts, gold, outlets = training_sentences()
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    grid = {
        "logisticregression__C": [1, 10],
        "logisticregression__class_weight": [None, "balanced"],
    }
    search = GridSearchCV(
        make_pipeline(words, LogisticRegression(max_iter=300)),
        grid,
        scoring="f1_macro",
        cv=GroupKFold(3),
    )
    search.fit(texts, gold, groups=outlets)
    return lambda texts: np.asarray(search.predict_proba(texts))


def textblob() -> System:
    """Call opinion what TextBlob finds subjective beyond a threshold."""
    from textblob import TextBlob

    return thresholded(lambda text: TextBlob(text).sentiment.subjectivity)


def vader() -> System:
    """Call opinion what VADER finds positive or negative beyond a threshold."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    scores = SentimentIntensityAnalyzer().polarity_scores
    return thresholded(lambda text: abs(scores(text)["compound"]))


STRAW_MEN: dict[str, tuple[str, Callable[[], System]]] = {
    "majority": ("sklearn", majority),
    "tf-idf (1, 2) + logistic regression": ("sklearn", tfidf),
    "TextBlob subjectivity": ("textblob", textblob),
    "VADER, absolute compound": ("vaderSentiment", vader),
}


@cache
def training_sentences() -> tuple[list[str], Array, list[str]]:
    """Text, tone's number and outlet of every labelled sentence of labels/train."""
    rows = [row for row in read_rows("labels/train.jsonl.gz") if row["tone"]]
    gold = np.array([LABELS.index(row["tone"]) for row in rows])
    return [row["text"] for row in rows], gold, [row["outlet"] or row["source"] for row in rows]


def thresholded(score: Callable[[str], float]) -> System:
    """Answer opinion above the threshold best on labels/train, else reporting."""
    texts, gold, _ = training_sentences()
    kept = [(text, tone) for text, tone in zip(texts, gold, strict=True) if tone != 2]
    found = np.array([score(text) for text, _ in kept])
    opinion = np.array([tone == 1 for _, tone in kept])
    cuts = np.unique(np.quantile(found, np.linspace(0, 0.99, 100)))
    cut = max(cuts, key=lambda cut: f1_score(opinion, found > cut, average="macro"))
    return lambda texts: np.array([(cut, score(text), 0.0) for text in texts])


def straw_men() -> dict[str, System]:
    """Fit every straw man whose package is at hand."""
    return {name: make() for name, (package, make) in STRAW_MEN.items() if find_spec(package)}


def missing() -> Iterator[str]:
    """Yield a note for each straw man whose package isn't at hand."""
    for name, (package, _) in STRAW_MEN.items():
        if not find_spec(package):
            yield f"{name}: skipped, {package} isn't installed."
