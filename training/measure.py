"""Figures of cell probabilities against labels, and the temperature that calibrates them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.metrics import f1_score, log_loss

from tonelens.evaluation.answers import Answers
from tonelens.evaluation.confidence import calibration
from tonelens.evaluation.figures import figures as measure
from tonelens.evaluation.intervals import Estimate, Resamples
from tonelens.labels import source_probability, tone_probabilities
from tonelens.network import softmax


def figures(cells: NDArray[np.float32], gold: NDArray[np.integer]) -> dict[str, Any]:
    """Figures of the rows that have a label.

    Parameters
    ----------
    cells : float32 (n, 6)
        Probabilities.
    gold : int (n,)
        Cells, -1 for none.

    Returns
    -------
    dict
        sentences, macro_f1, f1 and auc by tone, expected_calibration_error, voice_auc, voice_f1.
    """
    known = gold >= 0
    cells, gold = cells[known], gold[known]
    tones = tone_probabilities(cells)
    tone, answers = np.where(gold >= 3, 0, gold), Answers(tones, source_probability(cells))
    draws = Resamples(range(len(gold)), draws=1)  # the values alone are kept
    measured = measure(tone, answers, draws, voice=(gold >= 3).astype(int))
    error = calibration(draws, tones.max(1), answers.guess == tone).error
    voice = measured.voice
    return {
        "sentences": len(gold),
        "f1": {name: _rounded(found.f1) for name, found in measured.tones.items()},
        "auc": {name: _rounded(found.auc) for name, found in measured.tones.items()},
        "macro_f1": _rounded(measured.macro_f1),
        "expected_calibration_error": _rounded(error),
        "voice_auc": _rounded(voice.auc) if voice else None,
        "voice_f1": _rounded(voice.f1) if voice else None,
    }


def _rounded(figure: Estimate) -> float:
    return round(figure.value, 4)


def describe(measured: dict[str, Any]) -> str:
    """The figures in one line."""
    f1, auc = (" ".join(f"{x:.3f}" for x in measured[k].values()) for k in ("f1", "auc"))
    return (
        f"macro-F1 {measured['macro_f1']:.4f} ({f1}) AUC {auc} "
        f"ECE {measured['expected_calibration_error']:.3f} "
        f"voice AUC {measured['voice_auc']:.4f} F1 {measured['voice_f1']:.4f}"
    )


def fit_temperature(logits: NDArray[np.float32], gold: NDArray[np.integer]) -> float:
    """What to divide the logits by so that the tones' log loss on these labels is least."""
    known = gold >= 0
    tone = np.where(gold[known] >= 3, 0, gold[known])

    def loss(log_temperature: float) -> float:
        cells = softmax((logits[known] / np.exp(log_temperature)).astype(np.float32))
        return float(log_loss(tone, tone_probabilities(cells), labels=[0, 1, 2]))

    return float(np.exp(minimize_scalar(loss, bounds=(-1.5, 1.5), method="bounded").x))


def fit_bias(logits: NDArray[np.float32], gold: NDArray[np.integer]) -> list[float]:
    """Of the author's opinion and speculation, the lift that raises macro-F1 on these labels most.

    Both are lifted alike, by a step of a tenth, so that there is little to overfit.

    Parameters
    ----------
    logits : float32 (n, 6)
        Divided by the temperature.
    gold : int (n,)
        Cells, -1 for none.

    Returns
    -------
    list of 6 floats
        What to add to the logits.
    """
    known = gold >= 0
    tone = np.where(gold[known] >= 3, 0, gold[known])
    biases = [[0.0, lift / 10, lift / 10, 0.0, 0.0, 0.0] for lift in range(11)]

    def macro_f1(bias: list[float]) -> float:
        tones = tone_probabilities(softmax(logits[known] + np.array(bias, np.float32)))
        return float(f1_score(tone, tones.argmax(1), average="macro"))

    return max(biases, key=macro_f1)
