"""Resamples of articles: whole ones, the same each time, with figures done by hand."""

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tonelens.evaluation.intervals import DRAWS, Estimate, Resamples, plain, short

ARTICLES = ["a", "a", "a", "b", "b", "c", "c", "c", "c", "d", "d", "d"]
GOLD = np.array([0, 1, 2, 0, 0, 1, 2, 0, 1, 0, 2, 1])
GUESS = np.array([0, 1, 1, 0, 2, 1, 2, 0, 0, 0, 2, 2])
SCORE = np.array([0.1, 0.9, 0.5, 0.1, 0.4, 0.8, 0.5, 0.2, 0.3, 0.5, 0.6, 0.5])
WEIGHT = np.array([1, 2, 1, 3, 1, 1, 2, 1, 5, 1, 2, 1])


def times(draws, number):
    """How often one draw holds each sentence."""
    return draws.counts[number][draws.cluster].astype(float)


def test_a_draw_holds_whole_articles_and_as_many_as_there_are():
    draws = Resamples(ARTICLES)
    assert draws.counts.shape == (DRAWS, 4)
    assert (draws.counts.sum(1) == 4).all()


def test_draws_are_the_same_each_time_and_differ_from_each_other():
    one, two = Resamples(ARTICLES), Resamples(ARTICLES)
    assert (one.counts == two.counts).all()
    assert len(np.unique(one.counts, axis=0)) > 30


def test_articles_are_drawn_evenly():
    assert Resamples(range(10)).counts.mean(0) == pytest.approx(1, abs=0.1)


def test_sums_are_those_of_the_sentences_drawn():
    draws = Resamples(ARTICLES, WEIGHT)
    found = draws.sums(np.stack((SCORE, np.ones(12)), 1))
    for number in range(5):
        weight = times(draws, number) * WEIGHT
        assert found[number] == pytest.approx([weight @ SCORE, weight.sum()])


def test_articles_may_lie_scattered():
    order = np.array([0, 3, 5, 9, 11, 8, 1, 4, 10, 2, 7, 6])
    there, here = Resamples(ARTICLES), Resamples([ARTICLES[i] for i in order])
    assert np.array_equal(
        here.confusion(GOLD[order], GUESS[order], 3), there.confusion(GOLD, GUESS, 3)
    )
    assert np.allclose(
        here.auc(GOLD[order] == 1, SCORE[order]), there.auc(GOLD == 1, SCORE), equal_nan=True
    )


@pytest.mark.parametrize("number", range(5))
def test_auc_of_a_draw_with_ties_and_weights_is_that_of_scikit_learn(number):
    draws = Resamples(ARTICLES, WEIGHT)
    positive, weight = GOLD == 2, times(draws, number) * WEIGHT
    drawn = weight > 0
    if len(set(positive[drawn])) == 2:
        wanted = roc_auc_score(positive[drawn], SCORE[drawn], sample_weight=weight[drawn])
        assert draws.auc(positive, SCORE)[number] == pytest.approx(wanted)


def test_auc_of_a_draw_without_positives_is_not_a_number():
    draws = Resamples(["a", "b"])
    found = draws.auc(np.array([True, False]), np.array([0.9, 0.1]))
    assert np.array_equal(np.isnan(found), (draws.counts == 0).any(1))
    assert (found[~np.isnan(found)] == 1).all()


def test_an_interval_by_hand():
    # Two articles, one all right and one all wrong: a draw has 0, 1 or 2 right ones, 1/4 1/2 1/4.
    assert Resamples(["a", "b"]).mean(np.array([1.0, 0.0])) == (0.5, 0.0, 1.0)


def test_a_mean_heeds_weights():
    assert Resamples(["a", "b"], np.array([3.0, 1.0])).mean(np.array([1.0, 0.0])).value == 0.75


def test_one_article_gives_no_interval():
    found = Resamples(["a", "a"]).mean(np.array([1.0, 0.0]))
    assert found.value == 0.5
    assert np.isnan([found.low, found.high]).all()
    assert str(found) == ".500"


def test_intervals_are_wider_when_an_articles_sentences_are_alike():
    right = np.repeat([1.0, 0.0], 60)
    alike = Resamples([i // 12 for i in range(120)]).mean(right)
    apart = Resamples(range(120)).mean(right)
    assert alike.value == apart.value == 0.5
    assert alike.high - alike.low > 2 * (apart.high - apart.low)


def test_intervals_of_a_mean_are_about_as_wide_as_theory_has_them():
    right = np.random.default_rng(0).random(400) < 0.8
    found = Resamples(range(400)).mean(right.astype(float))
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.4 / 20, rel=0.15)


def test_blocks_change_no_figure(monkeypatch):
    whole = Resamples(ARTICLES, WEIGHT)
    wanted = whole.auc(GOLD == 2, SCORE), whole.sums(SCORE[:, None])
    monkeypatch.setattr("tonelens.evaluation.intervals._CELLS", 30)
    assert np.array_equal(whole.auc(GOLD == 2, SCORE), wanted[0], equal_nan=True)
    assert np.array_equal(whole.sums(SCORE[:, None]), wanted[1])


def test_part_of_the_sentences_has_its_articles_alone():
    part = Resamples(ARTICLES, WEIGHT).where(np.array([a in "ad" for a in ARTICLES]))
    assert part.articles == 2
    assert part.weight.tolist() == [1, 2, 1, 1, 2, 1]


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (0.1234, ".123"), (1.0, "1.000"), (-0.02, "-.020"), (0.0, ".000"), (0.9999, "1.000"),
        (float("nan"), "–"),
    ],
)  # fmt: skip
def test_figures_are_written_without_a_leading_zero(figure, text):
    assert short(figure) == text


def test_figures_become_json_that_every_reader_takes():
    text = json.dumps(plain({"a": (Estimate(0.5, float("nan"), 1.0), [2])}), allow_nan=False)
    assert json.loads(text) == {"a": [{"value": 0.5, "low": None, "high": 1.0}, [2]]}
