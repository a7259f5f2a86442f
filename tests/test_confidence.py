"""Calibration and abstention, on cases done by hand."""

import numpy as np
import pytest

from tonelens.evaluation.confidence import calibration, equal_mass_bins, risk_coverage
from tonelens.evaluation.intervals import Resamples


def test_calibration_error_by_hand():
    # Bins {.5, .5} with half right: gap 0; {.7, .9} with none right: gap .8. Mean: .4.
    confidence, right = np.array([0.9, 0.5, 0.7, 0.5]), np.array([False, True, False, False])
    found = calibration(Resamples(range(4)), confidence, right, 2)
    assert found.error.value == pytest.approx(0.4)
    assert [one.sentences for one in found.bins] == [2, 2]
    assert [one.confidence for one in found.bins] == pytest.approx([0.5, 0.8])
    assert [one.accuracy.value for one in found.bins] == [0.5, 0]
    assert found.sentences == 4


def test_calibration_error_heeds_weights():
    # One bin: (3 × (.9 − 1) + 1 × (.5 − 0)) / 4 = .05
    draws = Resamples(["a", "b"], np.array([3.0, 1.0]))
    found = calibration(draws, np.array([0.9, 0.5]), np.array([True, False]), 1)
    assert found.error.value == pytest.approx(0.05)
    assert found.bins[0].accuracy.value == 0.75


def test_bins_are_equally_full_and_in_order():
    confidence = np.random.default_rng(0).random(100)
    bins = equal_mass_bins(confidence, 15)
    assert set(np.bincount(bins)) == {6, 7}
    assert (np.diff(bins[np.argsort(confidence)]) >= 0).all()


@pytest.mark.parametrize(("n", "bins"), [(5, 1), (45, 4), (1000, 15)])
def test_few_sentences_get_few_bins(n, bins):
    found = calibration(Resamples(range(n)), np.linspace(0.4, 1, n), np.ones(n, bool))
    assert len(found.bins) == bins
    assert found.sentences == n


def test_a_sure_and_right_model_has_no_calibration_error():
    found = calibration(Resamples(range(40)), np.ones(40), np.ones(40, bool))
    assert found.error == (0, 0, 0)
    assert found.by_chance == (0, 0, 0)


def test_a_calibrated_model_shows_about_what_chance_explains_and_a_vain_one_more():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.4, 1, 3000)
    draws = Resamples([i // 6 for i in range(3000)])
    fair = calibration(draws, confidence, rng.random(3000) < confidence)
    vain = calibration(draws, confidence, rng.random(3000) < confidence**2)
    assert fair.by_chance.low <= fair.error.value <= fair.by_chance.high
    assert vain.error.low > vain.by_chance.high
    assert vain.error.low < vain.error.value < vain.error.high


def test_risk_and_coverage_by_hand():
    confidence = np.array([0.6, 0.9, 0.8, 0.7])
    found = risk_coverage(Resamples(range(4)), confidence, np.array([False, True, True, False]))
    assert [(p.threshold, p.coverage) for p in found] == [
        (0.9, 0.25),
        (0.8, 0.5),
        (0.7, 0.75),
        (0.6, 1),
    ]
    assert [p.risk.value for p in found] == pytest.approx([0, 0, 1 / 3, 1 / 2])


def test_risk_and_coverage_heed_weights():
    draws = Resamples(["a", "b"], np.array([1.0, 3.0]))
    found = risk_coverage(draws, np.array([0.9, 0.6]), np.array([True, False]))
    assert [(p.coverage, p.risk.value) for p in found] == [(0.25, 0), (1, 0.75)]


def test_equal_confidences_are_answered_together():
    found = risk_coverage(Resamples(range(9)), np.full(9, 0.5), np.arange(9) < 6)
    assert [(p.coverage, p.risk.value) for p in found] == [(1, pytest.approx(1 / 3))]


def test_the_curve_has_a_few_steps_however_many_sentences():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.4, 1, 500)
    found = risk_coverage(Resamples(range(500)), confidence, rng.random(500) < confidence)
    assert [p.coverage for p in found] == pytest.approx(np.arange(1, 21) / 20)
    assert found[0].risk.value < found[-1].risk.value
    assert all(p.risk.low <= p.risk.value <= p.risk.high for p in found)
