"""Explanations: their parts replay to the score, and each part is what it says it is."""

import dataclasses
import json
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import tonelens
from tonelens.contributions import _COVERS, _Real, _vectors, contributions
from tonelens.errors import InputError
from tonelens.explanation import Contribution, Explanation, types_of
from tonelens.features import KINDS, extract
from tonelens.labels import LABELS
from tonelens.results import Probabilities, SentenceTone
from tonelens.tokens import tokenize

CASES = [
    json.loads(line)["text"]
    for line in (Path(__file__).parent / "cases" / "tones.jsonl").read_text("utf-8").splitlines()
]
ARTICLE = [
    "The council met on Monday to vote on the harbour.",
    "“We waited for years.",
    "It was a disgrace,” said Ms. Ada Wirth, who runs the ferry.",
    "Her patience is admirable, and the mayor's excuses were pitiful.",
    "A second crack may appear by spring, and nobody should be surprised.",
    "Who will pay the 3.5 million?",
]
REPLAYS = 1e-5
ROUNDING = 0.3  # what the layers of the shipped model round away, at most


def odds(probabilities, tone):
    """Log-odds of a tone from the probabilities of a score."""
    p = dict(zip(LABELS, probabilities, strict=True))
    return math.log(p.pop(tone)) - math.log(sum(p.values()))


@cache
def linear():
    """A linear model with every kind of n-gram and with cues."""
    sentences = ["It may rain.", "What a disgrace!", "It rained, he said.", "Two ships sank."] * 3
    tones = ["speculation", "opinion", "reporting", "reporting"] * 3
    return tonelens.ToneClassifier(C=100).fit(sentences, tones).model_


# The whole


@pytest.mark.parametrize("tone", [*LABELS, None])
def test_every_explanation_replays_to_the_score(tone):
    for sentence in CASES:
        explanation, score = tonelens.explain(sentence, tone=tone), tonelens.score(sentence)
        assert explanation.sentence == score
        assert explanation.tone == (tone or score.tone)
        wanted = odds(score.probabilities, explanation.tone)
        assert explanation.replay() == pytest.approx(wanted, abs=REPLAYS)
        assert explanation.log_odds == pytest.approx(wanted, abs=REPLAYS)
        assert abs(explanation.remainder) < ROUNDING


def test_what_rounding_leaves_is_small_beside_what_is_explained():
    found = [tonelens.explain(sentence) for sentence in CASES]
    unexplained = np.mean([abs(e.remainder) for e in found])
    explained = np.mean([sum(abs(p.log_odds) for p in e.contributions) for e in found])
    assert unexplained < 0.02 * explained


@pytest.mark.parametrize("at", range(len(ARTICLE)))
def test_a_sentence_is_explained_in_its_context_as_it_is_read(at):
    scores = tonelens.score_sentences(ARTICLE, documents=[0] * len(ARTICLE))
    before, sentence, after = ARTICLE[:at], ARTICLE[at], ARTICLE[at + 1 :]
    explanation = tonelens.explain(sentence, before=before, after=after)
    assert explanation.replay() == pytest.approx(
        odds(scores.probabilities[at].tolist(), explanation.tone), abs=REPLAYS
    )
    assert explanation.sentence == tonelens.score(sentence, before=before, after=after)


def test_what_lies_out_of_hearing_changes_nothing():
    """A window of a long document gives what the document gives."""
    rows = (CASES * 4)[:120]
    scores = tonelens.score_sentences(rows, documents=[0] * len(rows))
    explanation = tonelens.explain(rows[60], before=rows[:60], after=rows[61:])
    wanted = odds(scores.probabilities[60].tolist(), explanation.tone)
    assert explanation.log_odds == pytest.approx(wanted, abs=REPLAYS)
    assert abs(explanation.remainder) < ROUNDING


@pytest.mark.parametrize("tone", LABELS)
def test_a_linear_model_is_explained_without_remainder(tone):
    for sentence in CASES:
        explanation = linear().explain(sentence, before=["It rained."], tone=tone)
        assert abs(explanation.remainder) < REPLAYS
        assert explanation.by_type["context"] == 0


def test_a_tone_that_a_model_never_says_is_refused():
    sentences = ["It may rain.", "It rained.", "It may snow.", "They met."]
    model = tonelens.ToneClassifier().fit(sentences, ["speculation", "reporting"] * 2).model_
    with pytest.raises(InputError, match=r"'opinion', which this model never says\. It says rep"):
        model.explain("It may rain.", tone="opinion")
    for tone in (None, "reporting", "speculation"):
        assert json.dumps(model.explain("It may rain.", tone=tone).to_dict(), allow_nan=False)


def test_the_only_tone_that_a_model_ever_says_is_refused():
    sentences, cells = ["It rained.", "It rained, he said."], ["reporting", "reporting/source"]
    model = tonelens.ToneClassifier().fit(sentences, cells).model_
    with pytest.raises(InputError, match="never says any but reporting"):
        model.explain("It may rain.")


def test_the_same_sentence_is_explained_the_same_twice():
    assert tonelens.explain(CASES[0]) == tonelens.explain(CASES[0])


# The parts


def test_words_are_those_of_the_sentence_in_order():
    sentence = "“It may cost the Bank of England $3.5m,” said Ada Wirth."
    parts = [p for p in tonelens.explain(sentence).contributions if p.start is not None]
    assert [sentence[p.start : p.end] for p in parts] == [p.text for p in parts]
    assert [p.start for p in parts] == sorted(p.start for p in parts)
    assert ("the Bank of England", "name") in [(p.text, p.type) for p in parts]
    assert ("3.5m", "number") in [(p.text, p.type) for p in parts]


@pytest.mark.parametrize(
    ("word", "type_"),
    [
        ("perhaps", "hedge"), ("shameful", "evaluative"), ("said", "attribution"),
        ("”", "quotation"), ("should", "exhortation"), ("why", "question"),
        ("we", "first person"), ("harbour", "other"), ("predicted", "hedge"),
    ],
)  # fmt: skip
def test_a_word_has_the_first_type_that_it_is_listed_under(word, type_):
    assert types_of(tokenize([word]).key) == [type_]


def test_who_is_named_changes_no_contribution():
    one, two = (
        [(p.type, p.log_odds) for p in tonelens.explain(f"{name} may lose it all.").contributions]
        for name in ("Ada Wirth", "the Workers' Party")
    )
    assert one == two


def test_taking_out_the_word_that_moved_most_undoes_most():
    full = tonelens.explain("The plan may fail.", tone="speculation")
    assert full.strongest[0].text == "may"
    without = tonelens.explain("The plan failed.", tone="speculation")
    assert full.log_odds - without.log_odds > 0.5 * full.strongest[0].log_odds


def test_neighbours_are_the_contexts_share_and_a_lone_sentence_has_none():
    assert "context" not in tonelens.explain(ARTICLE[3]).by_type
    found = tonelens.explain(ARTICLE[3], before=ARTICLE[:3], after=ARTICLE[4:])
    sides = [p.text for p in found.contributions if p.type == "context"]
    assert sides == ["3 sentences before", "2 sentences after"]


def test_types_add_up_to_the_contributions():
    explanation = tonelens.explain(CASES[3])
    parts = sum(part.log_odds for part in explanation.contributions)
    assert sum(explanation.by_type.values()) == pytest.approx(parts)


@pytest.mark.parametrize("model", [tonelens.load, linear], ids=["shipped", "linear"])
def test_the_vectors_of_the_parts_add_up_to_stage_one(model):
    network = model().network
    features = extract(ARTICLE, kinds=network.kinds, cues=network.cues)
    total = network.additive(features)
    for at in range(len(ARTICLE)):
        words, shape = _vectors(network, features, at)
        summed = words.sum(0) + shape.sum(0) + network.style.bias
        assert summed == pytest.approx(total[at], rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_a_word_changes_the_ngrams_that_are_said_to_cover_it(kind):
    one, two = "oak elm ash fir yew".split(), "oak elm bay fir yew".split()
    buckets = [extract([" ".join(words)], kinds=[kind]).bucket[0] for words in (one, two)]
    changed = np.flatnonzero(buckets[0] != buckets[1])
    assert changed.tolist() == sorted(3 - step for step in _COVERS[kind])


def test_shares_are_those_of_aumann_and_shapley():
    """Against the integral of each part's slope along the path, by differences of a real pass."""
    network = tonelens.load().network
    features = extract(ARTICLE, np.zeros(6, np.int64), kinds=network.kinds, cues=network.cues)
    words, shape = _vectors(network, features, 3)
    around = network.additive(features).astype(float)
    around[3] = network.style.bias
    model, total = _Real(network, tone=1), words.sum(0) + shape.sum(0)
    steps, nudge = 500, 1e-6

    def share(part):
        at = ((i + 0.5) / steps for i in range(steps))
        points = [around + np.eye(6)[3][:, None] * (t * total) for t in at]
        moved = [p + np.eye(6)[3][:, None] * (nudge * part) for p in points]
        rises = [model.log_odds(b, 3) - model.log_odds(a, 3)
                 for a, b in zip(points, moved, strict=True)]  # fmt: skip
        return np.mean(rises) / nudge

    shares = contributions(network, ARTICLE, 3, 1).contributions
    for number in (2, 5, 9):
        assert shares[number].log_odds == pytest.approx(share(words[number + 1]), abs=0.02)


# The value


def test_an_explanation_is_a_frozen_value_of_any_models():
    score = SentenceTone("It may rain.", Probabilities((0.2, 0.2, 0.6)), 0.0, 0, 12)
    parts = (Contribution("may", "hedge", 1.5, 3, 6), Contribution("rain", "other", -0.25, 7, 11))
    explanation = Explanation.of(score, "speculation", -1.0, parts)
    assert explanation.log_odds == pytest.approx(math.log(1.5))
    assert explanation.remainder == pytest.approx(math.log(1.5) - 0.25)
    assert explanation.replay() == pytest.approx(explanation.log_odds)
    assert explanation.probability == 0.6
    assert [part.text for part in explanation.strongest] == ["may", "rain"]
    with pytest.raises(dataclasses.FrozenInstanceError, match="tone"):
        explanation.tone = "opinion"


def test_an_explanation_in_json_adds_up_too():
    found = json.loads(json.dumps(tonelens.explain(CASES[5]).to_dict(), allow_nan=False))
    parts = sum(part["log_odds"] for part in found["contributions"])
    total = found["baseline"] + parts + found["remainder"]
    assert total == pytest.approx(found["log_odds"], abs=1e-4)
    assert found["text"] == CASES[5]
    assert found["explained"] in LABELS


# Wrong input


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("... !",), {}, "a letter or digit"),
        ((" ",), {}, "without any visible character"),
        ((["It rained."],), {}, "takes a str, got list"),
        (("It rained.",), {"tone": "satire"}, "got the tone 'satire'"),
        (("It rained.",), {"before": "It is dark."}, "before=\\[sentence\\]"),
        (("It rained.",), {"after": "It is dark."}, "after=\\[sentence\\]"),
    ],
)
def test_what_cannot_be_explained_is_refused(arguments, options, message):
    with pytest.raises(InputError, match=message):
        tonelens.explain(*arguments, **options)
