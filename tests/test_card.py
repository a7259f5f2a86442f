"""The figures in a model's card: what they are, and that those of the shipped model are its own."""

import importlib.util
import json
import os
import sys

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score, precision_score

if importlib.util.find_spec("training") is None:
    pytest.skip("training/ isn't part of this installation", allow_module_level=True)

import tonelens
from tonelens.labels import LABELS
from tonelens.results import ToneScores
from training import card
from training.card import card_text, judged, measured
from training.labels import Labelled, folder_labels

data = pytest.mark.skipif("TONELENS_DATA" not in os.environ, reason="TONELENS_DATA is not set")
RNG = np.random.default_rng(3)
PASSAGES, EACH = 60, 8


class Guesser:
    """Any model's shape: it says what it was made to say, in order."""

    def __init__(self, probabilities):
        self.probabilities = probabilities

    def score_sentences(self, sentences, *, documents=None):
        assert len(sentences) == len(self.probabilities)
        assert len(set(documents)) == PASSAGES
        source = self.probabilities[:, 0] / 2
        return ToneScores(self.probabilities, source)


def rows():
    """Passages of two sources, whose first sentence is context only; the second is harder."""
    out = []
    for p in range(PASSAGES):
        cells = [-1, *RNG.integers(0, 6, EACH - 1).tolist()]
        source = "easy" if p < PASSAGES // 2 else "hard"
        out += [Labelled(f"It rained on {p}.", f"p{p}", source, source, c, 2) for c in cells]
    return out


ROWS = rows()
TONE = np.array([0 if row.cell >= 3 else row.cell for row in ROWS])


@pytest.fixture(scope="module")
def guesser():
    """Right in the first source but for every fifth, at random in the second."""
    right = np.where(np.arange(len(TONE)) % 5 > 0, TONE, 0)
    guess = np.where([row.source == "easy" for row in ROWS], right, RNG.integers(0, 3, len(TONE)))
    sure = RNG.uniform(0.4, 1, len(TONE))
    p = np.repeat((1 - sure)[:, None] / 2, 3, 1)
    p[np.arange(len(TONE)), np.maximum(guess, 0)] = sure
    return Guesser(p.astype(np.float32))


@pytest.fixture(scope="module")
def found(guesser):
    return measured(guesser, ROWS)


def test_figures_are_those_of_scikit_learn(found, guesser):
    known = TONE >= 0
    gold, guess = TONE[known], guesser.probabilities.argmax(1)[known]
    f1, precision = (f(gold, guess, average=None) for f in (f1_score, precision_score))
    assert found["sentences"] == known.sum()
    assert found["passages"] == PASSAGES
    assert found["macro_f1"][0] == pytest.approx(f1.mean(), abs=1e-4)
    assert [one["f1"][0] for one in found["tones"].values()] == pytest.approx(f1, abs=1e-4)
    assert [t["precision"][0] for t in found["tones"].values()] == pytest.approx(
        precision, abs=1e-4
    )
    assert found["confusion"] == confusion_matrix(gold, guess).tolist()
    assert list(found["tones"]) == list(LABELS)


def test_intervals_hold_their_values_and_heed_passages(found):
    for figure in (found["macro_f1"], found["accuracy"], found["tones"]["opinion"]["f1"]):
        value, low, high = figure
        assert low < value < high


def test_the_reliability_table_counts_every_sentence_once_from_the_least_confident(found):
    table = found["reliability"]
    assert sum(table["sentences"]) == found["sentences"]
    assert table["confidence"] == sorted(table["confidence"])
    assert {len(column) for column in table.values()} == {len(table["sentences"])}
    gaps = np.abs(np.subtract(table["confidence"], table["accuracy"]))
    error = np.average(gaps, weights=table["sentences"])
    assert found["expected_calibration_error"][0] == pytest.approx(error, abs=1e-3)


def test_the_risk_at_full_coverage_is_the_share_of_wrong_answers(found):
    curve = found["risk_coverage"]
    assert curve["coverage"][-1] == 1
    assert curve["risk"][-1] == pytest.approx(1 - found["accuracy"][0], abs=1e-4)
    assert curve["coverage"] == sorted(curve["coverage"])
    assert curve["threshold"] == sorted(curve["threshold"], reverse=True)


def test_each_source_has_figures_and_the_worst_group_is_named(found):
    assert set(found["sources"]) == {"easy", "hard"}
    easy, hard = found["sources"]["easy"], found["sources"]["hard"]
    assert easy["accuracy"][0] > hard["accuracy"][0]
    assert 0 <= easy["expected_calibration_error"][0] <= 1
    assert found["worst"]["group"] == "hard"


def test_rows_without_a_label_are_context_and_places_count_within_a_passage():
    found = judged(ROWS)
    assert [row.position for row in found][: EACH + 1] == [*range(EACH), 0]
    assert [row.tone is None for row in found] == (TONE < 0).tolist()
    assert {row.tone for row in found if row.voice == "source"} == {"reporting"}


def test_a_card_is_json_with_a_list_of_numbers_on_a_line(found):
    text = card_text({"figures": found, "labels": list(LABELS)})
    assert json.loads(text)["figures"] == found
    assert max(text.count(line) for line in ("[\n          0.", "null,\n")) == 0


def test_the_command_rewrites_the_figures_and_nothing_else(guesser, found, tmp_path, monkeypatch):
    path = tmp_path / "card.json"
    path.write_text('{"name": "a guesser", "figures": {"held_out_outlets": {}, "test_labels": 1}}')
    monkeypatch.setattr(card.tonelens, "load", lambda path: guesser)
    monkeypatch.setattr(card, "folder_labels", lambda name: iter(ROWS))
    monkeypatch.setattr(card, "training_labels", lambda: ROWS)
    monkeypatch.setattr(card, "held_out_outlets", lambda: {"easy", "hard"})
    monkeypatch.setattr(sys, "argv", ["card", "--card", str(path), "--held-out", "folder"])
    card.main()
    written = json.loads(path.read_text("utf-8"))
    assert written == {
        "name": "a guesser",
        "figures": {"held_out_outlets": found, "test_labels": found},
    }


@data
def test_the_shipped_card_holds_the_shipped_models_figures_on_the_test_labels():
    model = tonelens.load()
    kept, again = model.card["figures"]["test_labels"], measured(model, folder_labels("test"))
    assert again == json.loads(json.dumps(kept))
