"""Two models on the same sentences: who is ahead, whether by chance, and what could have shown."""

import numpy as np
import pytest
from scipy.stats import chi2

from tonelens.errors import InputError
from tonelens.evaluation import Labelled, LabelledSentence, compare, compare_several
from tonelens.evaluation.comparison import holm
from tonelens.labels import LABELS

N = 300
RNG = np.random.default_rng(0)
GOLD = RNG.integers(0, 3, N)


def labelled(articles=None, weight=None):
    articles = [None] * N if articles is None else [str(a) for a in articles]
    weight = np.ones(N) if weight is None else weight
    return Labelled(
        tuple(
            LabelledSentence("a", tone=LABELS[k], article=a, weight=float(w))
            for k, a, w in zip(GOLD, articles, weight, strict=True)
        )
    )


def model(share, seed):
    """Probabilities that are right so often."""
    rng = np.random.default_rng(seed)
    guess = np.where(rng.random(N) < share, GOLD, (GOLD + rng.integers(1, 3, N)) % 3)
    return np.eye(3)[guess] * 0.7 + 0.1


GOOD, FAIR, AS_GOOD = model(0.85, 1), model(0.6, 2), model(0.85, 3)


def test_a_better_model_is_ahead_and_a_like_one_is_not():
    ahead, level = compare(GOOD, FAIR, labelled()), compare(GOOD, AS_GOOD, labelled())
    assert ahead.difference.low > 0
    assert ahead.p_value < 0.01
    assert ahead.mcnemar_p_value < 0.01
    assert ahead.difference.value == pytest.approx(ahead.a.value - ahead.b.value)
    assert level.difference.low < 0 < level.difference.high
    assert level.p_value > 0.1
    assert level.mcnemar_p_value > 0.1


def test_the_other_way_round_the_sign_turns():
    one, two = compare(GOOD, FAIR, labelled()), compare(FAIR, GOOD, labelled())
    assert two.difference == pytest.approx([-one.difference[i] for i in (0, 2, 1)])
    assert (two.only_a_right, two.only_b_right) == (one.only_b_right, one.only_a_right)
    assert two.p_value == one.p_value


def test_a_model_is_level_with_itself():
    found = compare(GOOD, GOOD, labelled())
    assert found.difference == (0, 0, 0)
    assert (found.p_value, found.mcnemar_p_value, found.smallest) == (1, 1, 0)


def test_of_single_sentences_the_test_is_mcnemars():
    found = compare(GOOD, AS_GOOD, labelled())
    b, c = found.only_a_right, found.only_b_right
    assert found.mcnemar_p_value == pytest.approx(chi2.sf((b - c) ** 2 / (b + c), 1))


def test_sentences_repeated_within_articles_prove_no_more():
    rows = labelled(range(N)).rows * 10
    many = Labelled(rows)
    a, b = np.tile(GOOD, (10, 1)), np.tile(AS_GOOD, (10, 1))
    once, often = compare(GOOD, AS_GOOD, labelled(range(N))), compare(a, b, many)
    assert often.p_value == once.p_value
    assert often.mcnemar_p_value == pytest.approx(once.mcnemar_p_value)
    assert often.smallest == pytest.approx(once.smallest)


def test_weights_decide_who_is_ahead():
    a_right, b_right = GOOD.argmax(1) == GOLD, FAIR.argmax(1) == GOLD
    weight = np.where(b_right & ~a_right, 50.0, 1.0)
    assert compare(GOOD, FAIR, labelled(weight=weight)).difference.high < 0


def test_the_smallest_difference_shrinks_with_more_articles():
    few = compare(GOOD, AS_GOOD, labelled([i // 30 for i in range(N)]))
    many = compare(GOOD, AS_GOOD, labelled())
    assert 0.03 < many.smallest < 0.15
    double = compare(np.tile(GOOD, (4, 1)), np.tile(AS_GOOD, (4, 1)), Labelled(labelled().rows * 4))
    assert double.smallest == pytest.approx(many.smallest / 2, rel=0.1)
    assert few.smallest > 0


def test_several_models_are_harder_to_tell_apart():
    alone = compare(GOOD, FAIR, labelled())
    found = compare_several(GOOD, {"fair": FAIR, "as good": AS_GOOD}, labelled())
    assert list(found) == ["fair", "as good"]
    assert found["fair"].mcnemar_p_value == pytest.approx(2 * alone.mcnemar_p_value)
    assert found["fair"].smallest > alone.smallest


def test_holm_by_hand():
    # .01 × 4, .02 × 3, then no less than .06: .03 × 2 and .04 × 1; in the order given
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1, 1]


def test_one_article_alone_proves_nothing():
    found = compare_several(GOOD, {"fair": FAIR, "as good": AS_GOOD}, labelled([1] * N))
    for one in found.values():
        proofs = one.p_value, one.mcnemar_p_value, one.smallest, one.difference.low
        assert np.isnan(proofs).all()
    assert found["fair"].only_a_right > found["fair"].only_b_right


def test_sentences_without_a_tone_are_not_compared():
    rows = Labelled((*labelled().rows, LabelledSentence("b")))
    a, b = (np.vstack((p, [[1, 0, 0]])) for p in (GOOD, FAIR))
    assert compare(a, b, rows) == compare(GOOD, FAIR, labelled())


def test_clusters_may_be_given():
    clusters = [i // 30 for i in range(N)]
    assert compare(GOOD, FAIR, labelled(), clusters=clusters) == compare(
        GOOD, FAIR, labelled(clusters)
    )


def test_nothing_to_compare_is_refused():
    with pytest.raises(InputError, match="got no other model"):
        compare_several(GOOD, {}, labelled())
    with pytest.raises(InputError, match="no row has a tone"):
        compare([[1, 0, 0]], [[1, 0, 0]], Labelled((LabelledSentence("a"),)))
    with pytest.raises(InputError, match=r"compare\(\) got 2 values of clusters for 300 rows"):
        compare(GOOD, FAIR, labelled(), clusters=[1, 2])
