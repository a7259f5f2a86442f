"""What of a task may have been seen in training: near-duplicates, counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from benchmarks.contest import Lessons
from benchmarks.duplicates import NEAR, closest
from benchmarks.folds import folds
from benchmarks.tasks import TRAINING, Task
from training.data import text_rows


class Leaks(NamedTuple):
    """How many of a task's sentences have a near-duplicate, and how many an exact one.

    None where it wasn't looked for.
    """

    in_training: tuple[int, int] | None
    in_text: tuple[int, int] | None
    between_folds: tuple[int, int] | None


def leaks(
    given: Mapping[str, Task],
    taught: Lessons,
    splits: Mapping[str, str],
    *,
    count: int,
    text: bool,
) -> dict[str, Leaks]:
    """Count the near-duplicates of each task's sentences among those trained on.

    Parameters
    ----------
    given : dict of str to Task
    taught : Lessons
        What models that learn were trained on.
    splits : dict of str to str, count : int
        How the tasks that are answered in folds are parted, and into how many folds.
    text : bool
        Whether to look through the unlabelled text, too: a minute.
    """
    asked = {name: list(map(str, task.asked)) for name, task in given.items()}
    every = list(dict.fromkeys(chain.from_iterable(
        texts for name, texts in asked.items() if given[name].data.name != TRAINING
    )))  # fmt: skip
    taught_ = closest(every, map(str, taught.tones.asked))
    in_training = dict(zip(every, taught_, strict=True))
    in_text: dict[str, float] = {}
    if text:
        found = closest(every, (row["text"] for row in text_rows()))
        in_text = dict(zip(every, found, strict=True))
    return {
        name: Leaks(
            _looked_up(texts, {} if given[name].data.name == TRAINING else in_training),
            _looked_up(texts, in_text),
            between_folds(given[name], splits[name], count) if name in splits else None,
        )
        for name, texts in asked.items()
    }


def _looked_up(texts: Sequence[str], known: Mapping[str, float]) -> tuple[int, int] | None:
    """Count by the similarities known; None where it wasn't looked for."""
    return counted(known.get(text, 0) for text in texts) if known else None


def between_folds(task: Task, by: str, count: int) -> tuple[int, int]:
    """Count the sentences that have a near-duplicate in the folds trained on."""
    texts = np.array(list(map(str, task.asked)), object)
    return counted(chain.from_iterable(
        closest(texts[test].tolist(), texts[train]) for train, test in folds(task.asked, by, count)
    ))  # fmt: skip


def counted(similarity: Iterable[float]) -> tuple[int, int]:
    """Give how many are near-duplicates, and how many of these are the same words.

    >>> counted([0.2, 0.8, 1.0])
    (2, 1)
    """
    found = list(similarity)
    return sum(bool(v >= NEAR) for v in found), sum(bool(v == 1) for v in found)
