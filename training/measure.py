"""Figures of cell probabilities against labels, and the temperature that calibrates them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.metrics import f1_score, log_loss, roc_auc_score

from tonelens.labels import LABELS, tone_probabilities
from tonelens.network import softmax

BINS = 15


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
    tones, source, cell = tone_probabilities(cells[known]), cells[known][:, 3:].sum(1), gold[known]
    tone, voice = np.where(cell >= 3, 0, cell), cell >= 3
    f1 = f1_score(tone, tones.argmax(1), average=None, labels=[0, 1, 2])
    auc = [roc_auc_score(tone == k, tones[:, k]) for k in range(3)]
    rounded = {
        "macro_f1": f1.mean(),
        "expected_calibration_error": calibration_error(tones, tone),
        "voice_auc": roc_auc_score(voice, source),
        "voice_f1": f1_score(voice, source > 0.5),
    }
    return {
        "sentences": int(known.sum()),
        "f1": dict(zip(LABELS, np.round(f1, 4).tolist(), strict=True)),
        "auc": dict(zip(LABELS, np.round(auc, 4).tolist(), strict=True)),
        **{name: round(float(value), 4) for name, value in rounded.items()},
    }


def calibration_error(tones: NDArray[np.float32], gold: NDArray[np.integer]) -> float:
    """Expected calibration error of the top probability, in 15 bins of equal size."""
    top, right = tones.max(1), tones.argmax(1) == gold
    bins = np.array_split(np.argsort(top), BINS)
    gaps = [len(b) * abs(float(top[b].mean() - right[b].mean())) for b in bins if len(b)]
    return sum(gaps) / len(top)


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
