"""What the benchmarks compute, on cases done by hand or by scikit-learn; no timings."""

import importlib.util

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support, roc_auc_score

if importlib.util.find_spec("benchmarks") is None or importlib.util.find_spec("training") is None:
    pytest.skip("benchmarks/ isn't part of this installation", allow_module_level=True)

from benchmarks import quality, readme, speed

DOCUMENTS = ["a", "a", "a", "b", "b", "c", "c", "c", "c", "d", "d", "d"]
GOLD = np.array([0, 1, 2, 0, 0, 1, 2, 0, 1, 0, 2, 1])
GUESS = np.array([0, 1, 1, 0, 2, 1, 2, 0, 0, 0, 2, 2])
SCORE = np.array([0.1, 0.9, 0.5, 0.1, 0.4, 0.8, 0.5, 0.2, 0.3, 0.5, 0.6, 0.5])


def drawn(draws, number):
    """Sentence numbers of one draw, each as often as its document was drawn."""
    times = draws.weight[number][draws.cluster].astype(int)
    return np.repeat(np.arange(len(times)), times)


def test_a_draw_holds_whole_documents_and_as_many_as_there_are():
    draws = quality.Resamples(DOCUMENTS)
    assert draws.weight.shape == (quality.RESAMPLES, 4)
    assert (draws.weight.sum(1) == 4).all()


def test_draws_are_the_same_each_time():
    assert (quality.Resamples(DOCUMENTS).weight == quality.Resamples(DOCUMENTS).weight).all()


def test_documents_may_lie_scattered():
    order = np.random.default_rng(1).permutation(len(GOLD))
    there = quality.Resamples(DOCUMENTS)
    here = quality.Resamples([DOCUMENTS[i] for i in order])
    assert np.allclose(
        here.confusion(GOLD[order], GUESS[order], 3), there.confusion(GOLD, GUESS, 3)
    )
    assert np.allclose(
        here.auc(GOLD[order] == 1, SCORE[order]), there.auc(GOLD == 1, SCORE), equal_nan=True
    )


@pytest.mark.parametrize("number", range(5))
def test_figures_of_a_draw_are_those_of_scikit_learn(number):
    draws = quality.Resamples(DOCUMENTS)
    rows = drawn(draws, number)
    found = quality.precision_recall_f1(draws.confusion(GOLD, GUESS, 3))[:, number]
    wanted = precision_recall_fscore_support(
        GOLD[rows], GUESS[rows], labels=range(3), zero_division=np.nan
    )
    assert np.allclose(found, wanted[:3], equal_nan=True)
    macro = quality.macro_resampled(draws, GOLD, GUESS, [0, 1, 2])[number]
    assert macro == pytest.approx(f1_score(GOLD[rows], GUESS[rows], average="macro"))


@pytest.mark.parametrize("number", range(5))
def test_auc_of_a_draw_with_ties_is_that_of_scikit_learn(number):
    draws = quality.Resamples(DOCUMENTS)
    rows = drawn(draws, number)
    positive = GOLD == 2
    if len(set(positive[rows])) == 2:
        wanted = roc_auc_score(positive[rows], SCORE[rows])
        assert draws.auc(positive, SCORE)[number] == pytest.approx(wanted)


def test_auc_of_a_draw_without_positives_is_not_a_number():
    draws = quality.Resamples(["a", "b"])
    found = draws.auc(np.array([True, False]), np.array([0.9, 0.1]))
    assert np.array_equal(np.isnan(found), (draws.weight == 0).any(1))
    assert (found[~np.isnan(found)] == 1).all()


def test_an_interval_by_hand():
    # Two documents, one all right and one all wrong: a draw has 0, 1 or 2 right ones, 1/4 1/2 1/4.
    draws = quality.Resamples(["a", "b"])
    interval = quality.estimate(0.5, draws.sums(np.array([[1.0], [0.0]]))[:, 0] / 2)
    assert interval == (0.5, 0.0, 1.0)


def test_intervals_are_wider_when_a_documents_sentences_are_alike():
    gold = np.tile([0, 1, 2], 40)
    guess = np.where(np.arange(120) < 60, gold, (gold + 1) % 3)
    alike = quality.macro_f1(quality.Resamples([f"{i // 12:03}" for i in range(120)]), gold, guess)
    apart = quality.macro_f1(quality.Resamples([f"{i:03}" for i in range(120)]), gold, guess)
    assert alike.value == apart.value == pytest.approx(0.5)
    assert alike.high - alike.low > 2 * (apart.high - apart.low)


def test_calibration_error_by_hand():
    # Bins {.5, .5} with half right: gap 0; {.7, .9} with none right: gap .8. Mean: .4.
    confidence, right = np.array([0.9, 0.5, 0.7, 0.5]), np.array([False, True, False, False])
    assert quality.expected_calibration_error(confidence, right, 2) == pytest.approx(0.4)


def test_calibration_bins_are_equally_full_and_in_order():
    confidence = np.random.default_rng(0).random(100)
    bins = quality.equal_mass_bins(confidence, 15)
    assert set(np.bincount(bins)) == {6, 7}
    assert (np.diff(bins[np.argsort(confidence)]) >= 0).all()


def test_a_sure_and_right_model_has_no_calibration_error():
    assert quality.expected_calibration_error(np.ones(40), np.ones(40)) == 0
    assert quality.least_calibration_error(np.ones(40)) == 0


def test_the_interval_of_the_calibration_error_holds_it():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.4, 1, 600)
    right = rng.random(600) < confidence**2
    draws = quality.Resamples([f"{i // 6}" for i in range(600)])
    error = quality.calibration(draws, confidence, right)
    assert 0.05 < error.low < error.value < error.high


@pytest.mark.parametrize(
    ("figure", "text"),
    [(0.1234, ".123"), (1.0, "1.000"), (-0.02, "-.020"), (0.0, ".000"), (float("nan"), "–")],
)
def test_figures_are_written_without_a_leading_zero(figure, text):
    assert quality.short(figure) == text


def test_each_reading_asks_a_known_question_and_its_labels_differ():
    for human in quality.HUMAN:
        assert human.asked in quality.ASKED
        assert not set(human.positive) & set(human.negative)
        assert human.limits.endswith(".")


def test_a_section_is_replaced_and_nothing_else():
    text = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n<!-- y -->\n<!-- /y -->\n"
    once = readme.replaced(text, "x", "new\n")
    assert once == "a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nb\n<!-- y -->\n<!-- /y -->\n"
    assert readme.replaced(once, "x", "new") == once


def test_a_missing_mark_is_named():
    with pytest.raises(ValueError, match="lacks <!-- x --> … <!-- /x -->"):
        readme.replaced("<!-- /x -->\n<!-- x -->\n", "x", "new")


def test_the_readme_has_a_section_for_each_script():
    text = readme.README.read_text(encoding="utf-8")
    for name in readme.SCRIPTS:
        assert readme.replaced(text, name, "new") != text


def test_documents_are_drawn_whole_and_about_one_in_so_many():
    rows = [{"source": "s", "doc": str(i // 2)} for i in range(40_000)]
    kept = [speed.is_drawn(row) for row in rows]
    assert kept[::2] == kept[1::2]
    assert sum(kept) == pytest.approx(40_000 / speed.ONE_IN, rel=0.2)


def test_rates_are_medians_of_rounds_in_which_systems_take_turns():
    calls = []
    systems = [
        speed.System("one", lambda texts: calls.append(("one", len(texts)))),
        speed.System("two", lambda texts: calls.append(("two", len(texts))), fewest=True),
    ]
    found = speed.rates(systems, ["x"] * 3000)
    assert [name for name, _ in calls] == ["one", "two"] * (speed.ROUNDS + 1)
    assert calls[2:4] == [("one", 3000), ("two", speed.FEWER)]
    assert all(rate > 0 for rate in found.values())
