"""Claims that only real data can hold: skipped where TONELENS_DATA names no data folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sklearn.metrics import f1_score

import tonelens
from benchmarks.splitting import documents, measure
from tonelens.errors import MissingExtraError
from tonelens.labels import LABELS
from tonelens.model import DEFAULT
from tonelens.sentences import split
from training.data import sentence_hash, text_rows
from training.labels import folder_labels, kept_labels

ACCURATE = Path(__file__).parent.parent / "training" / "accurate" / "tonelens_accurate"
FOLDER = Path(os.environ.get("TONELENS_DATA", ""))

pytestmark = pytest.mark.skipif(
    not os.environ.get("TONELENS_DATA") or not FOLDER.is_dir(),
    reason="TONELENS_DATA names no data folder; set it to run the tests on real data",
)


@pytest.mark.parametrize(
    ("name", "bar"), [("GUM news, interviews", 0.98), ("EWT weblogs", 0.96), ("PUD news", 0.99)]
)
def test_sentence_boundaries_agree_with_gold(name, bar):
    score = measure(split, list(documents(FOLDER / "splitting", name)), None)
    assert 2 * score.right / (score.found + score.wanted) >= bar


@pytest.mark.parametrize(("folder", "bar"), [(DEFAULT, 0.71), (ACCURATE, 0.75)])
def test_a_shipped_model_reaches_its_bar_on_the_test_labels(folder, bar):
    try:
        model = tonelens.load(folder)
    except MissingExtraError as error:
        pytest.skip(str(error))
    rows = [row for row in folder_labels("test") if row.cell >= 0]
    scores = model.score_sentences(
        [row.text for row in rows], documents=[row.passage for row in rows]
    )
    gold = [LABELS[row.cell] if row.cell < 3 else "reporting" for row in rows]
    assert f1_score(gold, scores.tones, average="macro") >= bar


def test_kept_labels_belong_to_sentences_of_the_text():
    kept = kept_labels()
    found = {sentence_hash(row["text"]) for row in text_rows()}
    assert len(kept) > 10_000
    assert kept.keys() <= found
