"""Agreement of annotators, against values done by hand and by another library."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from tonelens.evaluation.agreement import agreement

ONE = ["reporting", "opinion", "opinion", "reporting", "speculation", "reporting"]
TWO = ["reporting", "opinion", "reporting", "reporting", "speculation", "opinion"]


def test_kappa_of_two_annotators_is_that_of_scikit_learn():
    found = agreement(list(zip(ONE, TWO, strict=True)))
    [kappa] = found.kappas
    assert (kappa.first, kappa.second, kappa.sentences) == (1, 2, 6)
    assert kappa.value == pytest.approx(cohen_kappa_score(ONE, TWO))


def test_alpha_by_hand():
    # Votes rr, oo, ro: observed disagreement 2/6; expected (3 × 3 × 2) / (6 × 5) = 18/30.
    votes = [["reporting"] * 2, ["opinion"] * 2, ["reporting", "opinion"]]
    assert agreement(votes).alpha == pytest.approx(1 - (2 / 6) / (18 / 30))


def test_missing_votes_and_annotators_are_left_out():
    votes = [[*pair, None] for pair in zip(ONE, TWO, strict=True)]
    votes += [["opinion", None, "opinion"], ["reporting", None, "opinion"], ["opinion"], []]
    found = agreement(votes)
    assert found.sentences == 8
    assert [(k.first, k.second, k.sentences) for k in found.kappas] == [(1, 2, 6), (1, 3, 2)]
    assert found.kappas[0].value == pytest.approx(cohen_kappa_score(ONE, TWO))


@pytest.mark.parametrize("votes", [[], [["opinion"]], [[], ["opinion", None]]])
def test_single_votes_tell_nothing(votes):
    assert agreement(votes) is None


def test_agreement_that_chance_would_show_as_well_is_not_a_number():
    found = agreement([["opinion", "opinion"]] * 3)
    assert np.isnan(found.alpha)
    assert np.isnan(found.kappas[0].value)
