"""A scikit-learn estimator that trains a linear tonelens model on your own labels."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.utils.validation import check_is_fitted

from tonelens.errors import InputError
from tonelens.features import KINDS, STYLE
from tonelens.inputs import plain_list, string_list
from tonelens.labels import CELLS, LABELS
from tonelens.model import ToneModel, load
from tonelens.network import Layer, Network, quantize_embedding
from tonelens.vectorizer import ToneVectorizer


class ToneClassifier(ClassifierMixin, BaseEstimator):
    """Sentences to tones, trained on labels of your own.

    A logistic regression over `ToneVectorizer`'s features, kept in 8-bit weights: what is saved
    scores exactly as what was fitted.

    Parameters
    ----------
    C : float
        Inverse strength of the L2 regularisation.
    class_weight : dict, "balanced" or None
        As in scikit-learn's LogisticRegression; a dict's keys are labels as given to `fit`.
    max_iter : int
        Most iterations of the solver.

    Attributes
    ----------
    classes_ : array of str
        The tones, in `LABELS` order.
    model_ : ToneModel
        The trained model; `save` writes it.

    Examples
    --------
    >>> sentences = ["It may rain.", "What a disgrace!", "It rained.", "It sold 3 ships."] * 3
    >>> tones = ["speculation", "opinion", "reporting", "reporting"] * 3
    >>> ToneClassifier(C=100).fit(sentences, tones).predict(["It may snow."]).tolist()
    ['speculation']
    """

    def __init__(
        self,
        *,
        C: float = 10.0,
        class_weight: dict[str, float] | str | None = None,
        max_iter: int = 300,
    ) -> None:
        self.C = C
        self.class_weight = class_weight
        self.max_iter = max_iter

    def fit(
        self, X: Sequence[str], y: Sequence[str], sample_weight: ArrayLike | None = None
    ) -> ToneClassifier:
        """Train.

        Parameters
        ----------
        X : sequence of str
            n sentences.
        y : sequence of str
            n tones ("reporting", "opinion", "speculation"); or n cells, content and voice
            ("opinion/source"), from which the model learns to tell voices too.
        sample_weight : array (n,), optional
            How much each sentence counts.

        Raises
        ------
        InputError
            Where a label is neither a tone nor a cell, or fewer than two occur.
        """
        names = _label_names(y)
        sentences = string_list(
            X, call="fit", wanted="a list of sentences", use="fit(sentences, labels)"
        )
        matrix = ToneVectorizer().transform(sentences)
        if matrix.shape[0] != len(names):
            raise InputError(
                f"fit() takes one label for each sentence, got {len(names):,} labels for "
                f"{matrix.shape[0]:,} sentences."
            )
        used = np.unique(matrix.indices)
        regression = LogisticRegression(
            C=self.C, class_weight=_by_cell(self.class_weight), max_iter=self.max_iter
        )
        regression.fit(matrix[:, used], names, sample_weight)
        card = {"trained_on": {"sentences": len(names), "labels": "given to ToneClassifier.fit"}}
        self.model_ = ToneModel(_network(regression, used, matrix.shape[1]), card)
        self.classes_ = np.array(LABELS)
        return self

    def predict(self, X: Sequence[str]) -> NDArray[np.str_]:
        """Most probable tone of each of n sentences."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(1)]

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float32]:
        """Probabilities (n, 3), columns in `LABELS` order."""
        check_is_fitted(self, "model_")
        sentences = string_list(
            X, call="predict", wanted="a list of sentences", use="predict([text])"
        )
        return self.model_.score_sentences(sentences).probabilities

    def score(
        self, X: Sequence[str], y: Sequence[str], sample_weight: ArrayLike | None = None
    ) -> float:
        """Accuracy of the tone; labels with a voice count as the tones that they make.

        Other scorers, such as scikit-learn's ``"f1_macro"``, need `y` to be tones.
        """
        tones = ["reporting" if _cell(label).endswith("/source") else _tone(label) for label in y]
        return float(accuracy_score(tones, self.predict(X), sample_weight=sample_weight))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model as a folder, which `tonelens.load` and `load` read."""
        check_is_fitted(self, "model_")
        self.model_.save(path)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> ToneClassifier:
        """A classifier that predicts with a saved model; its parameters are the defaults."""
        classifier = cls()
        classifier.model_ = load(path)
        classifier.classes_ = np.array(LABELS)
        return classifier

    def __sklearn_tags__(self) -> Any:
        """Takes strings."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


def _label_names(y: Sequence[str]) -> list[str]:
    """Labels as cells; a tone alone is the author's."""
    labels = plain_list(y, call="fit", wanted="a list of labels", use="fit(sentences, labels)")
    cells = [_cell(label) for label in labels]
    if unknown := sorted(set(cells) - set(CELLS)):
        raise InputError(
            f"fit() got the label {unknown[0]!r}. Labels are {', '.join(LABELS)}, or with a voice, "
            "such as 'opinion/source'."
        )
    if len(set(cells)) < 2:
        raise InputError(f"fit() needs at least two different labels, got only {cells[:1]}.")
    return cells


def _cell(label: object) -> str:
    return f"{label}/author" if label in LABELS else str(label)


def _tone(label: object) -> str:
    return _cell(label).removesuffix("/author")


def _by_cell(class_weight: dict[str, float] | str | None) -> dict[str, float] | str | None:
    if not isinstance(class_weight, dict):
        return class_weight
    return {_cell(label): weight for label, weight in class_weight.items()}


def _network(regression: LogisticRegression, used: NDArray[np.int32], columns: int) -> Network:
    """The regression's weights, a column a cell; a cell that never occurred is never predicted."""
    coefficients, bias = regression.coef_, regression.intercept_
    if len(regression.classes_) == 2:
        coefficients, bias = np.vstack((-coefficients, coefficients)) / 2, np.r_[-bias, bias] / 2
    weight = np.zeros((8, columns), np.float32)
    intercept = np.full(8, -1e4, np.float32)
    at = np.array([CELLS.index(name) for name in regression.classes_])
    weight[np.ix_(at, used)], intercept[at] = coefficients, bias
    ngrams, style = np.split(weight.T, [columns - len(STYLE)])
    embedding, scale = quantize_embedding(ngrams, len(KINDS))
    return Network(KINDS, embedding, scale, Layer.quantized(style, intercept), (), None, 1.0)
