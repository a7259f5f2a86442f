"""Results: plain frozen values, what is derived from them, and how they are written down."""

import dataclasses
import json
import sys

import numpy as np
import pytest

from tonelens.errors import InputError, MissingExtraError
from tonelens.labels import LABELS
from tonelens.results import Article, Probabilities, SentenceTone, ToneScores

TEXT = "It rained. It may snow. What a mess! It was dry, she said."
ROWS = [
    (0, 10, (0.75, 0.125, 0.125), 0.25),
    (11, 23, (0.25, 0.125, 0.625), 0.125),
    (24, 36, (0.125, 0.75, 0.125), 0.0),
    (37, 58, (0.875, 0.0625, 0.0625), 0.75),
]


@pytest.fixture
def article():
    sentences = (
        SentenceTone(TEXT[start:end], Probabilities(p), source, start, end)
        for start, end, p, source in ROWS
    )
    return Article(TEXT, tuple(sentences))


@pytest.fixture
def scores():
    probabilities = np.array([row[2] for row in ROWS], np.float32)
    return ToneScores(probabilities, np.array([row[3] for row in ROWS], np.float32))


def sentence(p=(0.5, 0.25, 0.25), source=0.25):
    return SentenceTone("It rained.", Probabilities(p), source, 0, 10)


# Probabilities


def test_probabilities_are_read_by_place_by_name_and_as_attributes():
    p = Probabilities((0.5, 0.375, 0.125))
    for place, name in enumerate(LABELS):
        assert p[place] == p[name] == getattr(p, name) == p.by_name()[name]
    assert p[1:] == (0.375, 0.125)
    assert p[-1] == 0.125


def test_probabilities_are_named_in_the_order_of_labels():
    assert list(Probabilities((0.5, 0.375, 0.125)).by_name()) == list(LABELS)


def test_probabilities_unpack_and_compare_as_the_tuple_they_are():
    p = Probabilities((0.5, 0.375, 0.125))
    reporting, opinion, speculation = p
    assert (reporting, opinion, speculation) == p
    assert hash(p) == hash((0.5, 0.375, 0.125))


def test_a_place_that_does_not_exist_is_refused():
    with pytest.raises(IndexError, match="out of range"):
        Probabilities((0.5, 0.25, 0.25))[3]


def test_a_tone_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises((KeyError, ValueError), match=r"satire.*reporting, opinion, speculation"):
        Probabilities((0.5, 0.25, 0.25))["satire"]


# Frozen


@pytest.mark.parametrize(
    "name", ["text", "probabilities", "source_probability", "start", "end", "tone", "voice"]
)
def test_no_field_of_a_sentence_can_be_set(name):
    # What is derived has no setter, and a class with slots then says TypeError.
    with pytest.raises((AttributeError, TypeError), match=f"cannot assign to field '{name}'|super"):
        setattr(sentence(), name, 1)


@pytest.mark.parametrize("name", ["text", "sentences"])
def test_no_field_of_an_article_can_be_set(article, name):
    with pytest.raises(dataclasses.FrozenInstanceError, match=f"cannot assign to field '{name}'"):
        setattr(article, name, ())


@pytest.mark.parametrize("name", ["probabilities", "source_probability"])
def test_no_field_of_scores_can_be_set(scores, name):
    with pytest.raises(dataclasses.FrozenInstanceError, match=f"cannot assign to field '{name}'"):
        setattr(scores, name, ())


def test_no_field_can_be_added_to_any_result(article, scores):
    for value in (article, article[0], scores):
        with pytest.raises((AttributeError, TypeError), match=r"cannot assign|super|no attribute"):
            value.extra = 1
    with pytest.raises(AttributeError, match="no attribute"):
        article[0].probabilities.extra = 1


def test_shares_can_not_be_changed(article):
    with pytest.raises(TypeError, match="does not support item assignment"):
        article.shares["opinion"] = 1.0


# What is derived


@pytest.mark.parametrize("place", range(3))
def test_the_tone_is_the_most_probable_one(place):
    p = [0.25, 0.25, 0.25]
    p[place] = 0.5
    assert sentence(p).tone == LABELS[place]


@pytest.mark.parametrize(
    ("p", "tone"),
    [
        ((0.5, 0.5, 0.0), "reporting"),
        ((0.0, 0.5, 0.5), "opinion"),
        ((0.5, 0.0, 0.5), "reporting"),
        ((1 / 3, 1 / 3, 1 / 3), "reporting"),
    ],
)
def test_the_first_in_the_order_of_labels_wins_a_tie(p, tone):
    scores = ToneScores(np.array([p], np.float32), np.zeros(1, np.float32))
    assert sentence(p).tone == tone
    assert scores.tones == [tone]


@pytest.mark.parametrize(
    ("source", "voice"), [(0.0, "author"), (0.5, "author"), (0.5001, "source"), (1.0, "source")]
)
def test_the_voice_is_a_source_s_above_one_half(source, voice):
    scores = ToneScores(np.ones((1, 3), np.float32) / 3, np.array([source], np.float32))
    assert sentence(source=source).voice == voice
    assert scores.voices == [voice]


def test_scores_and_an_article_of_the_same_numbers_agree(article, scores):
    assert len(article) == len(scores) == len(ROWS)
    assert article.tones == scores.tones == ["reporting", "speculation", "opinion", "reporting"]
    assert article.voices == scores.voices == ["author", "author", "author", "source"]


def test_an_article_is_walked_counted_and_indexed_as_its_sentences_are(article):
    assert list(article) == list(article.sentences)
    assert [article[i] for i in range(len(article))] == list(article)
    assert article[-1] is article.sentences[-1]
    with pytest.raises(IndexError, match="out of range"):
        article[len(article)]


def test_shares_count_sentences_in_the_order_of_labels(article):
    assert dict(article.shares) == {"reporting": 0.5, "opinion": 0.25, "speculation": 0.25}
    assert list(article.shares) == list(LABELS)


def test_shares_of_a_text_without_sentences_are_all_zero():
    assert dict(Article("  ", ()).shares) == dict.fromkeys(LABELS, 0)
    assert Article("  ", ()).to_dict()["sentences"] == []


def test_quotations_are_those_of_the_text_in_its_sentences():
    text = "He said: “It rained. It snowed.” It was dry."
    places = [(0, 20), (21, 32), (33, 44)]
    tones = [SentenceTone(text[a:b], Probabilities((1.0, 0.0, 0.0)), 0.0, a, b) for a, b in places]
    (quotation,) = Article(text, tuple(tones)).quotations
    assert text[quotation.start : quotation.end] == "“It rained. It snowed.”"
    assert (quotation.first, quotation.last) == (0, 1)
    assert Article("  ", ()).quotations == ()


def test_equal_articles_are_equal_and_hash_alike(article):
    twin = Article(TEXT, tuple(dataclasses.replace(s) for s in article))
    assert twin == article
    assert hash(twin) == hash(article)
    assert twin != Article(TEXT, article.sentences[:3])


def test_scores_can_be_compared(scores):
    assert (scores == dataclasses.replace(scores)) in (True, False)
    assert scores != ToneScores(scores.probabilities.copy()[::-1], scores.source_probability.copy())


# What is written


def test_a_sentence_is_written_with_all_that_is_known_of_it(article):
    assert article[3].to_dict() == {
        "start": 37,
        "end": 58,
        "text": "It was dry, she said.",
        "tone": "reporting",
        "reporting": 0.875,
        "opinion": 0.0625,
        "speculation": 0.0625,
        "voice": "source",
        "source_probability": 0.75,
    }


def test_an_article_is_written_as_shares_sentences_and_quotations(article):
    plain = json.loads(json.dumps(article.to_dict(), allow_nan=False))
    assert plain["shares"] == {"reporting": 0.5, "opinion": 0.25, "speculation": 0.25}
    assert plain["sentences"] == [s.to_dict() for s in article]
    assert plain["quotations"] == [q.to_dict() for q in article.quotations]


def test_numbers_are_written_with_six_places():
    plain = sentence((0.123456789, 0.8, 0.076543211), 1 / 3).to_dict()
    assert plain["reporting"] == 0.123457
    assert plain["source_probability"] == 0.333333


def test_a_frame_has_a_row_a_sentence(scores):
    pytest.importorskip("pandas")
    frame = scores.to_frame()
    assert list(frame.columns) == ["tone", *LABELS, "voice", "source_probability"]
    assert frame["tone"].tolist() == scores.tones
    assert frame["voice"].tolist() == scores.voices
    assert np.array_equal(frame[list(LABELS)].to_numpy(), scores.probabilities)
    assert np.array_equal(frame["source_probability"].to_numpy(), scores.source_probability)


def test_a_frame_of_no_sentences_has_its_columns():
    pytest.importorskip("pandas")
    empty = ToneScores(np.zeros((0, 3), np.float32), np.zeros(0, np.float32))
    assert empty.to_frame().shape == (0, 6)


def test_without_pandas_a_frame_is_refused_with_what_to_install(scores, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"needs pandas.*pip install 'tonelens\[pandas\]'"):
        scores.to_frame()


# Abstaining


def test_below_the_threshold_there_is_no_tone_and_at_it_there_is():
    p = np.array([[0.75, 0.125, 0.125], [0.25, 0.5, 0.25]], np.float32)
    found = ToneScores(p, np.zeros(2, np.float32))
    assert found.abstain(below=0.75) == ["reporting", None]
    assert found.abstain(below=0.5) == found.abstain(below=0) == ["reporting", "opinion"]
    assert found.abstain(below=1) == [None, None]


def test_sentences_articles_and_scores_abstain_alike():
    p = np.array([[0.7, 0.2, 0.1], [0.3, 0.4, 0.3]], np.float32)
    sentences = tuple(
        SentenceTone("It rained.", Probabilities(row), 0.0, 0, 10) for row in p.tolist()
    )
    for below in (0.0, 0.4, 0.7, np.float32(0.7), 0.71):
        one_by_one = [s.abstain(below=below) for s in sentences]
        assert Article("", sentences).abstain(below=below) == one_by_one
        assert ToneScores(p, np.zeros(2, np.float32)).abstain(below=below) == one_by_one


def test_no_scores_abstain_from_nothing():
    empty = ToneScores(np.zeros((0, 3), np.float32), np.zeros(0, np.float32))
    assert empty.abstain(below=0.7) == []


@pytest.mark.parametrize("below", [-0.1, 1.1, 70, float("nan"), "0.7", None])
def test_a_threshold_that_is_no_probability_is_refused(below, scores, article):
    for value in (scores, article, article[0], Article("", ())):
        with pytest.raises(InputError, match="below from 0 to 1, got"):
            value.abstain(below=below)
