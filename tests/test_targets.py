"""What training is aimed at: targets of labels, and soft labels without a teacher's smoothing."""

import importlib.util

import numpy as np
import pytest

if importlib.util.find_spec("training") is None:
    pytest.skip("training/ isn't part of this installation", allow_module_level=True)

from tonelens.labels import CELLS
from training.labels import SMOOTHING, smoothed, targets, unsmoothed

ALL = np.arange(len(CELLS))


def test_smoothing_spreads_a_share_evenly_and_taking_it_out_gives_the_targets():
    found = smoothed(ALL)
    assert found.sum(1) == pytest.approx(1)
    assert found.min() == pytest.approx(SMOOTHING / len(CELLS))
    assert unsmoothed(found) == pytest.approx(targets(ALL), abs=1e-6)


def test_any_teachers_probabilities_stay_probabilities_in_their_order():
    given = np.random.default_rng(0).dirichlet([0.3] * len(CELLS), 500).astype(np.float32)
    found = unsmoothed(given)
    assert found.sum(1) == pytest.approx(1, abs=1e-6)
    assert (found >= 0).all()
    assert (np.diff(np.take_along_axis(found, given.argsort(1), 1), axis=1) >= 0).all()
    assert (found.max(1) >= given.max(1)).all()


def test_what_a_teacher_spread_over_true_probabilities_is_taken_out():
    true = np.random.default_rng(1).dirichlet([1.0] * len(CELLS), 500).astype(np.float32)
    spread = true * np.float32(1 - SMOOTHING) + np.float32(SMOOTHING / len(CELLS))
    assert unsmoothed(spread) == pytest.approx(true, abs=1e-5)
