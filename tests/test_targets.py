"""What training is aimed at: targets of labels, and soft labels of encoders."""

import importlib.util
import sys

import numpy as np
import pytest

if importlib.util.find_spec("training") is None:
    pytest.skip("training/ isn't part of this installation", allow_module_level=True)

from tonelens.labels import CELLS
from training import soft
from training.labels import SMOOTHING, smoothed, targets, unsmoothed

ALL = np.arange(len(CELLS))


def test_smoothing_spreads_a_share_evenly_and_taking_it_out_gives_the_targets():
    found = smoothed(ALL)
    assert found.sum(1) == pytest.approx(1)
    assert found.min() == pytest.approx(SMOOTHING / len(CELLS))
    assert unsmoothed(found) == pytest.approx(targets(ALL), abs=1e-6)


def test_any_teachers_probabilities_stay_probabilities_in_their_order():
    given = np.random.default_rng(0).dirichlet([0.3] * len(CELLS), 500).astype(np.float32)
    found = unsmoothed(given)
    assert found.sum(1) == pytest.approx(1, abs=1e-6)
    assert (found >= 0).all()
    assert (np.diff(np.take_along_axis(found, given.argsort(1), 1), axis=1) >= 0).all()
    assert (found.max(1) >= given.max(1)).all()


def test_what_a_teacher_spread_over_true_probabilities_is_taken_out():
    true = np.random.default_rng(1).dirichlet([1.0] * len(CELLS), 500).astype(np.float32)
    spread = true * np.float32(1 - SMOOTHING) + np.float32(SMOOTHING / len(CELLS))
    assert unsmoothed(spread) == pytest.approx(true, abs=1e-5)


def test_probabilities_are_kept_to_within_half_a_percent():
    given = np.random.default_rng(2).dirichlet([0.3] * len(CELLS), 500).astype(np.float32)
    assert soft.probabilities(soft.roots(given)) == pytest.approx(given, abs=0.005)


def test_shards_hold_every_document_once_and_whole():
    rng = np.random.default_rng(3)
    document = np.repeat(np.arange(4000), rng.integers(1, 20, 4000))
    found = list(soft.shards(document))
    assert sorted(np.concatenate(found).tolist()) == list(range(len(document)))
    assert max(map(len, found)) < soft.SHARD + 20
    numbers = [set(document[rows].tolist()) for rows in found]
    assert sum(map(len, numbers)) == 4000
    assert all((np.diff(rows)[np.diff(document[rows]) == 0] == 1).all() for rows in found)


TEXT = [{"source": "s", "doc": str(i // 3), "text": f"It rained {i}."} for i in range(30)]


class Halves:
    """An encoder whose cells say which sentence it was given, and count what was asked."""

    network = property(lambda self: self)

    def logits(self, sentences, document):
        assert len(sentences) == len(document)
        numbers = np.array([int(text.split()[-1][:-1]) for text in sentences])
        return np.where(np.arange(6) == (numbers % 6)[:, None], 9.0, 0.0).astype(np.float32)


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A folder to label ten documents of three sentences in, four shards or so."""
    monkeypatch.setattr(soft, "SOFT", tmp_path / "soft" / "labels.safetensors")
    monkeypatch.setattr(soft, "SHARD", 8)
    monkeypatch.setattr(soft, "text_rows", lambda: iter(TEXT))
    monkeypatch.setattr(soft, "text_sha256", lambda: {"text": "1"})
    monkeypatch.setattr(soft, "training_labels", list)
    monkeypatch.setattr(soft, "load", lambda name: Halves())
    return tmp_path / "work"


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["soft", *map(str, arguments)])
    soft.main()


def test_text_is_labelled_in_shares_and_packed_step_by_step(work, monkeypatch):
    run(monkeypatch, "label", work, "--share", 0, 2)
    run(monkeypatch, "pack", work, "a first")
    some = soft.read_soft()
    assert 0 < len(some.rows) < len(TEXT)
    run(monkeypatch, "label", work)
    run(monkeypatch, "pack", work, "a second")
    found, summary = soft.read_soft(), soft.soft_summary()
    assert sorted(found.rows.tolist()) == list(range(len(TEXT)))
    assert found.rows[: len(some.rows)].tolist() == some.rows.tolist()
    assert found.probabilities.argmax(1).tolist() == (found.rows % 6).tolist()
    assert [(t["teacher"], t["sentences"]) for t in summary["teachers"]] == [
        ("a first", len(some.rows)), ("a second", len(TEXT) - len(some.rows)),
    ]  # fmt: skip


def test_a_stopped_run_goes_on_and_what_is_packed_is_not_packed_again(work, monkeypatch):
    run(monkeypatch, "label", work)
    shards_ = sorted((work / "soft").iterdir())
    assert [path.suffix for path in shards_] == [".npz"] * len(shards_)
    kept = {path: path.read_bytes() for path in shards_[1:]}
    shards_[0].unlink()
    run(monkeypatch, "label", work)
    assert {path: path.read_bytes() for path in shards_[1:]} == kept
    run(monkeypatch, "pack", work, "one")
    run(monkeypatch, "pack", work, "one")
    assert sorted(soft.read_soft().rows.tolist()) == list(range(len(TEXT)))


def test_soft_labels_of_other_text_are_refused_with_what_to_do(work, monkeypatch):
    run(monkeypatch, "label", work)
    run(monkeypatch, "pack", work, "one")
    monkeypatch.setattr(soft, "text_sha256", lambda: {"text": "2"})
    with pytest.raises(SystemExit, match=r"belong to other text.* delete .*training\.soft label"):
        soft.read_soft()


def test_nothing_to_pack_says_what_to_run(work, monkeypatch):
    with pytest.raises(SystemExit, match=r"no shards\. Run training\.soft label"):
        run(monkeypatch, "pack", work, "one")


def test_the_kept_soft_labels_name_their_teachers():
    summary = soft.soft_summary()
    assert sum(each["sentences"] for each in summary["teachers"]) == summary["sentences"]
    assert all(each["teacher"] for each in summary["teachers"])
    assert soft.held_out_outlets()
