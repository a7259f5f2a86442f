"""The figures that a model's card keeps, from probabilities of cells."""

import importlib.util

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

if importlib.util.find_spec("training") is None:
    pytest.skip("training/ isn't part of this installation", allow_module_level=True)

from tonelens.labels import LABELS
from training.measure import describe, figures, fit_bias

RNG = np.random.default_rng(0)
CELLS = RNG.dirichlet([2, 1, 1, 2, 1, 1], 200).astype(np.float32)
GOLD = RNG.integers(-1, 6, 200)


def test_figures_of_cells_are_those_of_their_tones_and_voices():
    found, known = figures(CELLS, GOLD), GOLD >= 0
    tone, voice = np.where(GOLD >= 3, 0, GOLD)[known], GOLD[known] >= 3
    given = CELLS[known]
    tones = np.stack((given[:, 0] + given[:, 3:].sum(1), given[:, 1], given[:, 2]), 1)
    f1 = f1_score(tone, tones.argmax(1), average=None)
    assert found["sentences"] == known.sum()
    assert list(found["f1"].values()) == pytest.approx(f1, abs=1e-4)
    assert list(found["f1"]) == list(LABELS)
    assert found["macro_f1"] == pytest.approx(f1.mean(), abs=1e-4)
    assert found["voice_auc"] == pytest.approx(roc_auc_score(voice, given[:, 3:].sum(1)), abs=1e-4)
    assert 0 < found["expected_calibration_error"] < 1
    assert describe(found).startswith(f"macro-F1 {found['macro_f1']:.4f}")


def test_the_bias_lifts_the_rarer_tones_as_far_as_macro_f1_rises():
    """Of two opinions in five one is told half a unit too low; a lift of .6 tells both."""
    low, high = [2.0, 1.5, -9, -9, -9, -9], [2.0, 3.0, -9, -9, -9, -9]
    plain = [3.0, 0.0, -9, -9, -9, -9]
    logits = np.array([low, high, plain, plain, plain, [0, 0, 9, -9, -9, -9]], np.float32)
    bias = fit_bias(logits, np.array([1, 1, 0, 0, 0, 2]))
    assert bias == [0.0, 0.6, 0.6, 0.0, 0.0, 0.0]


def test_sentences_without_a_label_have_no_say_in_the_bias():
    logits = np.array([[3.0, 0, -9, -9, -9, -9], [2.0, 1.5, -9, -9, -9, -9]], np.float32)
    assert fit_bias(logits, np.array([0, -1])) == [0.0] * 6
