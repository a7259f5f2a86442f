"""What tonelens is measured beside: look-ups, word lists, and classifiers of other packages.

The settings of the linear models are those of the best macro-F1 on held-out outlets of labels/train
(C of 1, 3, 10 with and without balanced weights; naive Bayes's smoothing of .03, .1, .3; the linear
SVM's C of .1, .3, 1); none was chosen on a set that is reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from benchmarks import minilm as encoder
from benchmarks.tasks import Sentence

Array = NDArray[Any]
SEED = 0


class OutletLookUp:
    """Answers by the outlet alone, without a look at the text: what outlets give away."""

    def fit(self, sentences: Sequence[Sentence], answers: Sequence[str]) -> OutletLookUp:
        """Count the answers of each outlet."""
        self.classes_ = sorted(set(answers))
        number = {answer: i for i, answer in enumerate(self.classes_)}
        counts: dict[str | None, Counter[int]] = {}
        for sentence, answer in zip(sentences, answers, strict=True):
            counts.setdefault(sentence.outlet, Counter())[number[answer]] += 1
        prior = np.bincount([number[a] for a in answers], minlength=len(number)) / len(answers)
        self.unknown, self.known = prior, {
            outlet: (np.array([count[i] for i in range(len(number))]) + prior) / (count.total() + 1)
            for outlet, count in counts.items() if outlet is not None
        }  # fmt: skip
        return self

    def predict_proba(self, sentences: Sequence[Sentence]) -> Array:
        """Give the outlet's shares (n, k); of an unknown outlet, those of all."""
        return np.array([self.known.get(s.outlet, self.unknown) for s in sentences])


class FastText:
    """fastText with words to triples and 50 dimensions."""

    settings: ClassVar = {"wordNgrams": 3, "dim": 50, "epoch": 10, "lr": 0.3}

    def fit(self, sentences: Sequence[str], answers: Sequence[str]) -> FastText:
        """Train, with another seed where fastText stops at a NaN, as it does now and then."""
        import fasttext

        self.classes_ = sorted(set(answers))
        with TemporaryDirectory() as folder:
            path = Path(folder, "train.txt")
            pairs = zip(sentences, answers, strict=True)
            lines = (f"__label__{answer} {' '.join(text.split())}\n" for text, answer in pairs)
            path.write_text("".join(lines), encoding="utf-8", errors="replace")
            for seed in range(SEED, SEED + 4):
                try:
                    self.model = fasttext.train_supervised(
                        str(path), verbose=0, thread=1, seed=seed, **self.settings
                    )
                except RuntimeError as error:
                    if "NaN" not in str(error):
                        raise
                else:
                    return self
        raise SystemExit("fastText failed four times over with a NaN, each with another seed.")

    def predict_proba(self, sentences: Sequence[str]) -> Array:
        """Give probabilities (n, k)."""
        texts = [" ".join(text.split()) for text in sentences]
        names, found = self.model.predict(texts, k=len(self.classes_))
        out = np.zeros((len(texts), len(self.classes_)))
        for row, (labels, values) in enumerate(zip(names, found, strict=True)):
            for label, value in zip(labels, values, strict=True):
                out[row, self.classes_.index(label.removeprefix("__label__"))] = value
        return out / out.sum(1, keepdims=True)


# --- scikit-learn's ------------------------------------------------------------------------------


def majority() -> Any:
    """Give the shares of the answers in training, whatever the sentence."""
    from sklearn.dummy import DummyClassifier

    return DummyClassifier(strategy="prior")


def numbers(describe: Callable[[Sequence[str]], Array]) -> Any:
    """Give a logistic regression on a few numbers that describe each sentence."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    return make_pipeline(FunctionTransformer(describe), StandardScaler(), regression(C=1))


def regression(C: float = 3, max_iter: int = 300) -> Any:
    """Give the logistic regression that all of them end in."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=C, class_weight="balanced", max_iter=max_iter)


def lengths(sentences: Sequence[str]) -> Array:
    """Logarithm of the number of words (n, 1) and its square (n, 1)."""
    logs = np.log([1 + len(text.split()) for text in sentences])
    return np.stack((logs, logs**2), 1)


def quotation_marks(sentences: Sequence[str]) -> Array:
    """Whether there is a double quotation mark (n, 1)."""
    return np.array([[any(mark in text for mark in '"“”«»')] for text in sentences], float)


def polarity(sentences: Sequence[str]) -> Array:
    """TextBlob's subjectivity and the strength of its polarity (n, 2)."""
    from textblob import TextBlob

    found = (TextBlob(str(text)).sentiment for text in sentences)
    return np.array([(each.subjectivity, abs(each.polarity)) for each in found])


def valence(sentences: Sequence[str]) -> Array:
    """VADER's positive and negative shares, and the strength of the compound (n, 3)."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    found = (analyzer.polarity_scores(str(text)) for text in sentences)
    return np.array([(each["pos"], each["neg"], abs(each["compound"])) for each in found])


def listed_words(sentences: Sequence[str]) -> Array:
    """How many hedges and how many evaluative words of tonelens's lists there are (n, 2)."""
    from tonelens.cues import TYPES, cue_counts
    from tonelens.tokens import tokenize

    tokens = tokenize(sentences)
    offset = np.searchsorted(tokens.row, np.arange(len(sentences) + 1))
    counts = cue_counts(tokens.key, np.zeros(len(tokens.key), np.bool_), offset)[:, 0]
    return np.log1p(counts[:, [TYPES.index("hedge"), TYPES.index("evaluative")]])


of_length = partial(numbers, lengths)
of_quotation_mark = partial(numbers, quotation_marks)
of_textblob = partial(numbers, polarity)
of_vader = partial(numbers, valence)
of_word_lists = partial(numbers, listed_words)


def words() -> Any:
    """Give tf-idf of words and pairs."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)


def word_regression() -> Any:
    """Give tf-idf of words and pairs + logistic regression."""
    from sklearn.pipeline import make_pipeline

    return make_pipeline(words(), regression())


def character_regression() -> Any:
    """Give tf-idf of words, pairs and two to four characters + logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union

    characters = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=3
    )
    return make_pipeline(make_union(words(), characters), regression(C=1, max_iter=100))


def naive_bayes() -> Any:
    """Give multinomial naive Bayes over counts of words and pairs."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    counts = CountVectorizer(ngram_range=(1, 2), min_df=2)
    return make_pipeline(counts, MultinomialNB(alpha=0.3))


def support_vectors() -> Any:
    """Give a linear SVM over tf-idf of words and pairs, calibrated by a sigmoid in three folds."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=0.3, class_weight="balanced", random_state=SEED)
    return make_pipeline(words(), CalibratedClassifierCV(machine, cv=3))


def own_features() -> Any:
    """Give tonelens's own features of single sentences + logistic regression."""
    from sklearn.feature_selection import VarianceThreshold
    from sklearn.pipeline import make_pipeline

    from tonelens import ToneVectorizer

    # Most of the columns are nobody's: without them, training takes a fifth of the time.
    return make_pipeline(ToneVectorizer(), VarianceThreshold(), regression(C=10, max_iter=100))


def minilm() -> Any:
    """Give the mean of a frozen MiniLM's vectors + logistic regression."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    return make_pipeline(FunctionTransformer(encoder.vectors), regression(C=1))
