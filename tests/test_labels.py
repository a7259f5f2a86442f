"""Tones and voices from the cells: no probability above 1."""

import numpy as np

from tonelens.labels import source_probability, tone_probabilities


def test_no_probability_is_above_one_by_a_bit():
    """Parts that sum to 1 in real numbers may sum to more in single precision."""
    cells = np.array([[0.1, 0, 0, 0.7, 0.1, 0.1], [0, 0, 0, 0.9, 0.05, 0.05]], np.float32)
    cells[:, 3] = np.nextafter(cells[:, 3], np.float32(2))
    assert cells.sum(1).max() > 1
    assert tone_probabilities(cells).max() == 1
    assert source_probability(cells).max() == 1
