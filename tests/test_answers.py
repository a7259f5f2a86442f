"""What a model is asked, and what is taken for its answers."""

import numpy as np
import pytest

import tonelens
from tonelens.errors import InputError
from tonelens.evaluation import Labelled, LabelledSentence
from tonelens.evaluation.answers import answers
from tonelens.results import ToneScores

STORY = ["“We came late,” she said.", "“We stayed.", "We may return,” she added.", "It may rain."]


class Recorder:
    """Keeps what it is asked; sentence i gets 1 / (i + 1) as its source's probability."""

    def score_sentences(self, sentences, *, documents):
        self.documents = {}
        for sentence, document in zip(sentences, documents, strict=True):
            self.documents.setdefault(document, []).append(sentence)
        source = np.array([int(s[1:]) for s in sentences], np.float32)
        return ToneScores(np.tile(np.float32([1, 0, 0]), (len(sentences), 1)), source)

    @property
    def asked(self):
        return list(self.documents.values())


def asked(rows):
    """What the model is asked about rows, document by document; its answers stay with the rows."""
    model = Recorder()
    found = answers(model, Labelled(tuple(rows)))
    assert found.source.tolist() == [int(row.text[1:]) for row in rows]
    return model.asked


def row(number, article=None, position=None, **known):
    return LabelledSentence(f"s{number}", article=article, position=position, **known)


def test_rows_without_article_stand_alone():
    assert asked([row(0), row(1)]) == [["s0"], ["s1"]]


def test_rows_of_an_article_are_each_others_context():
    assert asked([row(0, "a"), row(1, "a"), row(2, "b")]) == [["s0", "s1"], ["s2"]]


def test_rows_are_put_in_the_order_of_their_positions():
    rows = [row(0, "a", 3), row(1, "b", 1), row(2, "a", 2), row(3, "a", 1)]
    assert asked(rows) == [["s3", "s2", "s0"], ["s1"]]


def test_rows_that_do_not_follow_each_other_are_no_context():
    assert asked([row(0, "a", 1), row(1, "a", 3), row(2, "a", 4)]) == [["s0"], ["s1", "s2"]]


def test_a_row_with_neighbours_of_its_own_is_scored_between_them():
    rows = [row(0, "a", 1), row(1, "a", 2, before=("s8",), after=("s9",)), row(2, "a", 3)]
    assert asked(rows) == [["s0"], ["s8", "s1", "s9"], ["s2"]]


def test_a_sentence_gets_what_it_gets_in_its_article():
    whole = tonelens.score_sentences(STORY, documents=[1] * 4)
    rows = [LabelledSentence(s, article="a", position=i) for i, s in enumerate(STORY)]
    found = answers(tonelens.load(), Labelled(tuple(rows)))
    assert np.array_equal(found.probabilities, whole.probabilities.astype(float))
    beside = LabelledSentence(STORY[2], before=tuple(STORY[:2]), after=(STORY[3],))
    alone = answers(tonelens.load(), Labelled((beside,)))
    assert np.array_equal(alone.probabilities[0], found.probabilities[2])


def test_a_classifiers_columns_are_taken_by_name():
    class Reversed:
        classes_ = np.array(["speculation", "reporting"])

        def predict_proba(self, sentences):
            return np.tile([0.75, 0.25], (len(sentences), 1))

    found = answers(Reversed(), Labelled.of(["a"], ["opinion"]))
    assert found.probabilities.tolist() == [[0.25, 0, 0.75]]
    assert found.source is None


def test_a_classifier_of_other_classes_is_refused():
    class Other:
        classes_ = np.array(["OBJ", "SUBJ"])

        def predict_proba(self, sentences):
            return np.tile([0.5, 0.5], (len(sentences), 1))

    with pytest.raises(InputError, match="the classifier knows 'OBJ'"):
        answers(Other(), Labelled.of(["a"], ["opinion"]))


@pytest.mark.parametrize("library", ["pandas.DataFrame", "polars.DataFrame", "pyarrow.table"])
def test_a_tables_columns_are_taken_by_name(library):
    module, _, make = library.partition(".")
    table = getattr(pytest.importorskip(module), make)
    labelled = Labelled.of(["a"], ["opinion"])
    columns = {"voice": ["author"], "speculation": [0.75], "opinion": [0.0], "reporting": [0.25]}
    assert answers(table(columns), labelled).probabilities.tolist() == [[0.25, 0, 0.75]]
    with pytest.raises(InputError, match="columns a, b; wanted reporting, opinion, speculation"):
        answers(table({"a": [0.5], "b": [0.5]}), labelled)
    with pytest.raises(InputError, match="wanted a model or an array"):
        answers(table(columns | {"opinion": ["none"]}), labelled)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([[0.5, 0.5]], r"shape \(1, 2\); wanted \(1, 3\)"),
        (np.zeros((2, 3)), r"shape \(2, 3\)"),
        ([[0.5, 0.5, 0.5]], "row 0 .* wanted probabilities that sum to 1"),
        ([[-0.5, 0.5, 1.0]], "row 0"),
        ([[float("nan"), 0.5, 0.5]], "row 0"),
        ("tonelens", "got str; wanted a model"),
        (None, "wanted"),
    ],
)
def test_anything_but_probabilities_is_refused(given, words):
    with pytest.raises(InputError, match=words):
        answers(given, Labelled.of(["a"], ["opinion"]))
