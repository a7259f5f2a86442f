"""Each figure once: its value by scikit-learn, its interval by `Resamples`. All heed the weights.

Classes are numbers 0 … k - 1. A figure that is 0 of 0 (the precision of a class never predicted) is
not a number, and means over classes leave it out.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tonelens.evaluation.intervals import NO_ESTIMATE, Array, Estimate, Resamples


class ClassFigures(NamedTuple):
    """How well one class is told from the others; fractions of 1."""

    precision: Estimate
    recall: Estimate
    f1: Estimate


def class_figures(draws: Resamples, gold: Array, guess: Array, k: int) -> list[ClassFigures]:
    """Precision, recall and F1 of each of k classes."""
    from sklearn.metrics import precision_recall_fscore_support

    found = precision_recall_fscore_support(
        gold, guess, labels=range(k), sample_weight=draws.weight, zero_division=np.nan
    )
    drawn = _precision_recall_f1(draws.confusion(gold, guess, k))
    return [
        ClassFigures(*(draws.estimate(found[i][c], drawn[i, :, c]) for i in range(3)))
        for c in range(k)
    ]


def macro_f1(
    draws: Resamples, gold: Array, guess: Array, classes: Sequence[int] = (0, 1, 2)
) -> Estimate:
    """Mean of the F1 of these classes."""
    from sklearn.metrics import f1_score

    value = f1_score(
        gold, guess, labels=list(classes), average="macro", sample_weight=draws.weight,
        zero_division=np.nan,
    )  # fmt: skip
    return draws.estimate(value, macro_f1_drawn(draws, gold, guess, classes))


def macro_f1_drawn(
    draws: Resamples, gold: Array, guess: Array, classes: Sequence[int] = (0, 1, 2)
) -> Array:
    """Mean of the F1 of these classes in each draw, (draws,)."""
    k = 1 + int(max(*classes, gold.max(), guess.max()))
    return _mean(_precision_recall_f1(draws.confusion(gold, guess, k))[2][:, list(classes)])


def accuracy(draws: Resamples, gold: Array, guess: Array) -> Estimate:
    """Share of sentences told rightly."""
    return draws.mean((gold == guess).astype(float))


def balanced_accuracy(draws: Resamples, gold: Array, guess: Array, k: int = 3) -> Estimate:
    """Mean recall of the classes that occur; always giving one answer scores 1 / their number."""
    from sklearn.metrics import recall_score

    value = recall_score(
        gold, guess, labels=np.unique(gold), average="macro", sample_weight=draws.weight
    )
    return draws.estimate(value, _mean(_precision_recall_f1(draws.confusion(gold, guess, k))[1]))


def auc(draws: Resamples, positive: Array, score: Array) -> Estimate:
    """Area under the ROC curve; not a number where either class is missing."""
    return draws.estimate(*_auc(draws, positive, score))


def one_vs_rest_auc(
    draws: Resamples, gold: Array, probabilities: Array, classes: Sequence[int]
) -> tuple[list[Estimate], Estimate]:
    """AUC of each class against the rest, by its column of probabilities (n, k); and their mean.

    The mean is over those of `classes` that occur, as do others.
    """
    found = [_auc(draws, gold == k, p) for k, p in enumerate(probabilities.T)]
    kept = [found[k] for k in classes if not np.isnan(found[k][0])]
    mean = NO_ESTIMATE
    if kept:
        values, drawn = zip(*kept, strict=True)
        mean = draws.estimate(float(np.mean(values)), np.mean(drawn, 0))
    return [draws.estimate(*one) for one in found], mean


def _auc(draws: Resamples, positive: Array, score: Array) -> tuple[float, Array]:
    """The area, and that of each draw (draws,)."""
    from sklearn.metrics import roc_auc_score

    if positive.all() or not positive.any():
        return np.nan, np.full(len(draws.counts), np.nan)
    value = roc_auc_score(positive, score, sample_weight=draws.weight)
    return float(value), draws.auc(positive, score)


def brier_score(draws: Resamples, gold: Array, probabilities: Array) -> Estimate:
    """Mean squared distance of probabilities (n, k) from the truth, 0 to 2 (Brier, 1950).

    Of three tones, even odds score 2/3.
    """
    truth = np.eye(probabilities.shape[1])[gold]
    return draws.mean(((probabilities - truth) ** 2).sum(1))


def _precision_recall_f1(confusion: Array) -> Array:
    """Precision, recall and F1 (3, …, k) of confusion matrices (…, k, k)."""
    right = confusion.diagonal(axis1=-2, axis2=-1)
    gold, guess = confusion.sum(-1), confusion.sum(-2)
    over = np.stack((guess, gold, (gold + guess) / 2))
    return np.divide(np.stack((right,) * 3), over, out=np.full(over.shape, np.nan), where=over > 0)


def _mean(figures: Array) -> Array:
    """Mean of each row without what is not a number; not a number where nothing is left."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(figures, 1)
