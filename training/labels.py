"""The labelled sentences: those of the data folder, and those kept here under their hash.

``training/labels/*.csv`` holds further labels by the same guidelines and the same kind of
annotator (a careful language model, one vote a sentence), without the sentences: each row is the
sentence's hash, its content, voice and confidence; empty where the sentence is left out. The
sentences are found again in the unlabelled text by their hash.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tonelens.labels import CELLS, LABELS, VOICES
from training.data import read_rows, sentence_hash, text_rows

FOLDER = Path(__file__).parent / "labels"
SMOOTHING = 0.05
WEIGHT = {1: 0.6, 2: 0.9, 3: 1.0}
NEIGHBOURS = 2
FOLDS = 5
HELD_OUT = 0  # the fold that is left out to measure by, and that no teacher may have seen


@dataclass(frozen=True, slots=True)
class Labelled:
    """One sentence of a labelled passage; `cell` is -1 where it is there as context only."""

    text: str
    passage: str
    outlet: str
    source: str
    cell: int
    confidence: int

    @property
    def weight(self) -> float:
        """How much the label counts in training: 0 for context, else .6 to 1."""
        return WEIGHT[self.confidence] if self.cell >= 0 else 0.0


def cell(content: str | None, voice: str | None) -> int:
    """Number of the content x voice cell: 0-2 author's, 3-5 the source's; -1 for neither."""
    if not content or not voice:
        return -1
    return LABELS.index(content) + 3 * VOICES.index(voice)


def folder_labels(name: str) -> Iterator[Labelled]:
    """Sentences of ``labels/train.jsonl.gz`` or ``labels/test.jsonl.gz``."""
    for row in read_rows(f"labels/{name}.jsonl.gz"):
        yield Labelled(
            text=row["text"],
            passage=row["passage"],
            outlet=row["outlet"] or row["source"],
            source=row["source"],
            cell=cell(row["content"], row["voice"]),
            confidence=row["confidence"] or 1,
        )


def kept_labels(files: str = "*.csv") -> dict[str, tuple[int, int]]:
    """Hash -> (cell, confidence) of every label kept in this package, or in some files of it."""
    kept = {}
    for path in sorted(FOLDER.glob(files)):
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                number = cell(row["content"], row["voice"])
                kept[row["hash"]] = (number, int(row["confidence"] or 1))
    return kept


def text_labels() -> Iterator[Labelled]:
    """The kept labels with their sentences, and up to two neighbours of each as context."""
    kept, document, name = kept_labels(), [], None
    for row in text_rows():
        if (row["source"], row["doc"]) != name:
            yield from _document(document, kept)
            document, name = [], (row["source"], row["doc"])
        document.append(row)
    yield from _document(document, kept)


def _document(rows: list[dict[str, Any]], kept: dict[str, tuple[int, int]]) -> Iterator[Labelled]:
    labels = [kept.get(sentence_hash(row["text"])) for row in rows]
    found = [i for i, label in enumerate(labels) if label]
    near = {j for i in found for j in range(i - NEIGHBOURS, i + NEIGHBOURS + 1)}
    for i in sorted(near & set(range(len(rows)))):
        number, confidence = labels[i] or (-1, 1)
        outlet = rows[i]["outlet"] or rows[i]["source"]
        passage = f"{rows[i]['source']}/{rows[i]['doc']}"
        yield Labelled(rows[i]["text"], passage, outlet, rows[i]["source"], number, confidence)


def training_labels() -> list[Labelled]:
    """Everything that may be trained on, passage by passage."""
    return [*folder_labels("train"), *text_labels()]


def fold_of(outlet: str) -> int:
    """The fold of an outlet, 0 to 4: the same whatever else is labelled."""
    return int(sentence_hash(outlet), 16) % FOLDS


def targets(cell: NDArray[np.integer]) -> NDArray[np.float32]:
    """Targets (n, 6) of labels; rows of -1 must weigh nothing."""
    return np.eye(len(CELLS), dtype=np.float32)[np.maximum(cell, 0)]


def smoothed(cell: NDArray[np.integer]) -> NDArray[np.float32]:
    """Targets (n, 6) with a twentieth spread evenly, for teachers, which else overfit.

    Rows of -1 must weigh nothing.
    """
    return targets(cell) * np.float32(1 - SMOOTHING) + np.float32(SMOOTHING / len(CELLS))


def unsmoothed(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a teacher of smoothed targets says (n, 6), without the share that was spread.

    >>> unsmoothed(smoothed(np.array([2]))).round(3).tolist()
    [[0.0, 0.0, 1.0, 0.0, 0.0, 0.0]]
    """
    kept = np.maximum(probabilities - np.float32(SMOOTHING / len(CELLS)), 0)
    return kept / kept.sum(1, keepdims=True)
