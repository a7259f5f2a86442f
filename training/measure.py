"""Figures of cell probabilities against labels, and the temperature that calibrates them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.metrics import f1_score, log_loss, roc_auc_score

from tonelens.labels import tone_probabilities
from tonelens.network import softmax


def figures(cells: NDArray[np.float32], gold: NDArray[np.integer]) -> str:
    """Macro-F1, F1 a tone, AUC a tone, voice AUC and F1, of the rows with a label (0 to 5)."""
    known = gold >= 0
    p, g = tone_probabilities(cells[known]), gold[known]
    tone = np.where(g >= 3, 0, g)
    f1 = f1_score(tone, p.argmax(1), average=None, labels=[0, 1, 2])
    auc = [roc_auc_score(tone == k, p[:, k]) for k in range(3)]
    source = cells[known][:, 3:].sum(1)
    voice = f"voice auc {roc_auc_score(g >= 3, source):.4f} f1 {f1_score(g >= 3, source > 0.5):.4f}"
    each = " ".join(f"{x:.3f}" for x in f1)
    return f"macro {f1.mean():.4f} ({each}) auc {' '.join(f'{a:.3f}' for a in auc)} {voice}"


def fit_temperature(logits: NDArray[np.float32], gold: NDArray[np.integer]) -> float:
    """What to divide the logits by so that the tones' log loss on these labels is least."""
    known = gold >= 0
    tone = np.where(gold[known] >= 3, 0, gold[known])

    def loss(log_temperature: float) -> float:
        cells = softmax((logits[known] / np.exp(log_temperature)).astype(np.float32))
        return float(log_loss(tone, tone_probabilities(cells), labels=[0, 1, 2]))

    return float(np.exp(minimize_scalar(loss, bounds=(-1.5, 1.5), method="bounded").x))
