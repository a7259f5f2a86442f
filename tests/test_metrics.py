"""Figures against scikit-learn's own, whole and in each resample, with and without weights."""

import numpy as np
import pytest
from sklearn.metrics import (
    balanced_accuracy_score,
    f1_score,
    precision_recall_fscore_support,
    roc_auc_score,
)

from tonelens.evaluation.intervals import Resamples
from tonelens.evaluation.metrics import (
    accuracy,
    auc,
    balanced_accuracy,
    brier_score,
    class_figures,
    macro_f1,
    macro_f1_drawn,
    one_vs_rest_auc,
)

RNG = np.random.default_rng(0)
N = 120
ARTICLES = RNG.integers(0, 20, N).tolist()
GOLD = RNG.integers(0, 3, N)
GIVEN = RNG.dirichlet([2, 1, 1], N)
GUESS = GIVEN.argmax(1)
WEIGHTS = {"even": np.ones(N), "uneven": RNG.uniform(0.5, 20, N)}


@pytest.fixture(params=WEIGHTS)
def draws(request):
    return Resamples(ARTICLES, WEIGHTS[request.param])


def test_figures_of_classes_are_those_of_scikit_learn(draws):
    wanted = precision_recall_fscore_support(
        GOLD, GUESS, labels=range(3), sample_weight=draws.weight
    )
    found = np.array(
        [[figure.value for figure in one] for one in class_figures(draws, GOLD, GUESS, 3)]
    )
    assert pytest.approx(np.array(wanted[:3])) == found.T


@pytest.mark.parametrize("number", range(4))
def test_a_draws_macro_f1_is_that_of_scikit_learn_on_its_sentences(draws, number):
    weight = draws.weight * draws.counts[number][draws.cluster]
    wanted = f1_score(GOLD, GUESS, average="macro", sample_weight=weight)
    assert macro_f1_drawn(draws, GOLD, GUESS)[number] == pytest.approx(wanted)


def test_intervals_hold_the_figures(draws):
    figures = [
        accuracy(draws, GOLD, GUESS),
        balanced_accuracy(draws, GOLD, GUESS),
        brier_score(draws, GOLD, GIVEN),
        macro_f1(draws, GOLD, GUESS),
        *one_vs_rest_auc(draws, GOLD, GIVEN, [0, 1, 2])[0],
        *(figure for one in class_figures(draws, GOLD, GUESS, 3) for figure in one),
    ]
    for figure in figures:
        assert figure.low < figure.value < figure.high
        assert figure.high - figure.low < 0.6


def test_balanced_accuracy_and_accuracy_are_those_of_scikit_learn(draws):
    wanted = balanced_accuracy_score(GOLD, GUESS, sample_weight=draws.weight)
    assert balanced_accuracy(draws, GOLD, GUESS).value == pytest.approx(wanted)
    wanted = np.average(GOLD == GUESS, weights=draws.weight)
    assert accuracy(draws, GOLD, GUESS).value == pytest.approx(wanted)


def test_brier_score_by_hand():
    # (.25² + .25² + 0) once, (1² + 1²) once
    draws = Resamples(["a", "b"])
    p = np.array([[0.75, 0.25, 0], [1, 0, 0]])
    assert brier_score(draws, np.array([0, 2]), p).value == pytest.approx((0.125 + 2) / 2)


def test_auc_against_the_rest_and_its_mean_are_those_of_scikit_learn(draws):
    areas, mean = one_vs_rest_auc(draws, GOLD, GIVEN, [0, 1, 2])
    wanted = roc_auc_score(GOLD, GIVEN, multi_class="ovr", sample_weight=draws.weight)
    assert mean.value == pytest.approx(wanted)
    for k in range(3):
        assert areas[k] == auc(draws, k == GOLD, GIVEN[:, k])


def test_weights_of_two_count_as_two_sentences():
    twice = np.repeat(np.arange(N), 2)
    heavy = Resamples(ARTICLES, np.full(N, 2.0))
    double = Resamples([ARTICLES[i] for i in twice])
    assert macro_f1(heavy, GOLD, GUESS) == pytest.approx(
        macro_f1(double, GOLD[twice], GUESS[twice])
    )


def test_a_class_that_is_nowhere_is_left_out_of_means():
    draws, gold = Resamples(range(4)), np.array([0, 0, 1, 1])
    assert np.isnan(class_figures(draws, gold, gold, 3)[2].f1.value)
    assert macro_f1(draws, gold, gold).value == 1
    assert balanced_accuracy(draws, gold, gold).value == 1


def test_a_class_that_is_wrongly_answered_counts_as_0():
    draws, gold, guess = Resamples(range(4)), np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2])
    assert class_figures(draws, gold, guess, 3)[2].f1.value == 0
    assert macro_f1(draws, gold, guess).value == pytest.approx(
        f1_score(gold, guess, average="macro", labels=[0, 1, 2])
    )


def test_auc_of_one_class_alone_is_not_a_number():
    assert np.isnan(auc(Resamples(range(3)), np.ones(3, bool), np.arange(3)).value)
