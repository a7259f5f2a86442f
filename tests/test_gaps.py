"""Groups beside the rest: equal ones are rarely taken for worse, worse ones are found."""

import numpy as np
import pytest

from tonelens.evaluation.gaps import gaps
from tonelens.evaluation.intervals import Resamples


def sample(rng, accuracy, *, articles, spread=0.0, alike=0.1):
    """Groups of so many articles, of about six sentences each, told with these accuracies.

    `spread` is that of the logarithm of an article's length and a sentence's weight; `alike` how
    alike the sentences of an article are.
    """
    group = np.repeat(np.arange(len(accuracy)), articles)
    share = np.array(accuracy)[group]
    share = rng.beta(share * (1 / alike - 1), (1 - share) * (1 / alike - 1))
    length = np.ceil(6 * np.exp(rng.normal(0, spread, len(group)))).astype(int)
    article = np.repeat(np.arange(len(group)), length)
    right = rng.random(len(article)) < share[article]
    weight = np.exp(rng.normal(0, spread, len(article)))
    inside = [group[article] == k for k in range(len(accuracy))]
    return gaps(right, inside, Resamples(article.tolist(), weight, draws=300))


def named(found):
    return {k for k, gap in enumerate(found) if gap.p_value <= 0.05}


@pytest.mark.parametrize(
    ("groups", "articles", "accuracy", "how"),
    [
        (30, 5, 0.8, {}),
        (15, 10, 0.8, {}),
        (15, 10, 0.6, {"spread": 0.5}),
        (2, 10, 0.7, {"alike": 0.5}),
        (6, 20, 0.9, {"spread": 0.8}),
    ],
)
def test_of_equal_groups_any_is_named_in_a_twentieth_of_samples_at_most(
    groups, articles, accuracy, how
):
    rng = np.random.default_rng(0)
    samples = [sample(rng, [accuracy] * groups, articles=articles, **how) for _ in range(60)]
    assert sum(map(bool, map(named, samples))) <= 5  # just .05 would make it 3


def test_a_clearly_worse_group_is_named_and_no_other():
    rng = np.random.default_rng(0)
    found = [named(sample(rng, [0.5] + [0.85] * 14, articles=15)) for _ in range(20)]
    assert sum(names == {0} for names in found) >= 18


def test_few_articles_are_not_tested_however_many_sentences_they_have():
    article = np.repeat(np.arange(24), 10)
    inside = article < 4
    [gap] = gaps(~inside, [inside], Resamples(article.tolist()))
    assert gap.accuracy.value == -1
    assert np.isnan(gap.p_value)
    [rest] = gaps(inside, [~inside], Resamples(article.tolist()))
    assert np.isnan(rest.p_value)


def test_one_long_article_among_short_ones_counts_as_one():
    article = np.r_[np.zeros(200, int), np.repeat(np.arange(1, 40), 5)]
    inside = article < 8
    [gap] = gaps(~inside, [inside], Resamples(article.tolist()))
    assert np.isnan(gap.p_value)


def test_gaps_heed_the_weights():
    article, right = np.arange(40), np.arange(40) % 2 == 0
    inside, weight = article < 20, np.where(right, 3.0, 1.0)
    [gap] = gaps(right, [inside], Resamples(article.tolist(), np.where(inside, weight, 1.0)))
    assert gap.accuracy.value == pytest.approx(0.75 - 0.5)


def test_a_gap_without_any_spread_is_sure_one_way_or_the_other():
    article, inside = np.arange(20), np.arange(20) < 10
    draws = Resamples(article.tolist())
    assert [gap.p_value for gap in gaps(~inside, [inside], draws)] == [0]
    assert [gap.p_value for gap in gaps(inside, [inside], draws)] == [1]
