"""The figures of a set of labelled sentences, or of one group of them, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from tonelens.evaluation.answers import Answers
from tonelens.evaluation.intervals import NO_ESTIMATE, Array, Estimate, Resamples
from tonelens.evaluation.metrics import (
    accuracy,
    auc,
    balanced_accuracy,
    brier_score,
    class_figures,
    macro_f1,
    one_vs_rest_auc,
)
from tonelens.labels import LABELS


class ToneFigures(NamedTuple):
    """How well one tone is told; fractions of 1.

    Attributes
    ----------
    sentences : int
        With this label.
    precision, recall, f1, auc : Estimate
        Against the rest.
    share : Estimate
        Of the sentences, by their labels.
    prevalence_error : Estimate
        By how much the share counted from the answers is above it.
    """

    sentences: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    auc: Estimate
    share: Estimate
    prevalence_error: Estimate


class VoiceFigures(NamedTuple):
    """How well a source's voice is told from the author's, over the sentences with a voice."""

    sentences: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    auc: Estimate


@dataclass(frozen=True, slots=True)
class Figures:
    """How well the tones of some sentences are told; fractions of 1 throughout.

    Attributes
    ----------
    sentences, articles : int
        How many the figures rest on.
    accuracy, macro_f1, balanced_accuracy, auc, brier_score : Estimate
        macro-F1 and AUC are means over the tones that have enough sentences. The Brier score runs
        from 0, the best, to 2.
    tones : mapping of str to ToneFigures
        In `LABELS` order.
    voice : VoiceFigures, optional
        Where voices are labelled and the model tells them.
    """

    sentences: int
    articles: int
    accuracy: Estimate
    macro_f1: Estimate
    balanced_accuracy: Estimate
    auc: Estimate
    brier_score: Estimate
    tones: MappingProxyType[str, ToneFigures]
    voice: VoiceFigures | None


def figures(
    gold: Array, given: Answers, draws: Resamples, *, voice: Array | None = None, fewest: int = 1
) -> Figures:
    """Measure answers to n labelled sentences.

    Parameters
    ----------
    gold : int (n,)
        Number of each sentence's tone in `LABELS`.
    given, draws
        Of the same n sentences; `draws` brings their weights.
    voice : int (n,), optional
        Number of each sentence's voice in `VOICES`; -1 where it is unknown.
    fewest : int
        Sentences below which a tone is left out of macro-F1 and the mean AUC, and these are not a
        number where fewer than two tones are left. At 1, tones that are nowhere are left out.
    """
    guess = given.guess
    counts = np.bincount(gold, minlength=len(LABELS))
    classes = [k for k in range(len(LABELS)) if counts[k] >= fewest or fewest == 1]
    areas, mean_area = one_vs_rest_auc(draws, gold, given.probabilities, classes)
    tones = {
        tone: ToneFigures(int(counts[k]), *found, areas[k], *_shares(draws, gold == k, guess == k))
        for k, (tone, found) in enumerate(
            zip(LABELS, class_figures(draws, gold, guess, len(LABELS)), strict=True)
        )
    }
    return Figures(
        sentences=len(gold),
        articles=draws.articles,
        accuracy=accuracy(draws, gold, guess),
        macro_f1=macro_f1(draws, gold, guess, classes) if len(classes) > 1 else NO_ESTIMATE,
        balanced_accuracy=balanced_accuracy(draws, gold, guess),
        auc=mean_area,
        brier_score=brier_score(draws, gold, given.probabilities),
        tones=MappingProxyType(tones),
        voice=_voice(voice, given, draws),
    )


def _shares(draws: Resamples, gold: Array, guess: Array) -> tuple[Estimate, Estimate]:
    """Share of a tone by its labels, and by how much that of the answers is above it."""
    return draws.mean(gold.astype(float)), draws.mean(guess.astype(float) - gold)


def _voice(voice: Array | None, given: Answers, draws: Resamples) -> VoiceFigures | None:
    if voice is None or given.source is None or (voice < 0).all():
        return None
    known = voice >= 0
    positive, source, part = voice[known] == 1, given.source[known], draws.where(known)
    found = class_figures(part, positive.astype(int), (source > 0.5).astype(int), 2)[1]
    return VoiceFigures(int(positive.sum()), *found, auc(part, positive, source))
