"""What each model costs, and whether it gives the same bits again.

Rates are measured as in `benchmarks.speed`: one core, one thread, the models taking turns in one
process. Memory and the start are those of a process of its own for each model, which is this module
run with the model's name.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.contest import Contestant, Lessons
from benchmarks.memory import peak_memory
from benchmarks.models import ENTRIES, Entry, learns, own, probabilities
from benchmarks.speed import System, rates
from benchmarks.tasks import Sentence
from tonelens import LABELS

ROOT = Path(__file__).parent.parent
FEW, SOME = 60, 1000
"""Labels that a model learns from before its first answer, and before its bits are compared."""
MOST_OF_SLOW = 100


class Costs(NamedTuple):
    """What a model costs; not a number for what wasn't measured.

    Attributes
    ----------
    training : float
        CPU-seconds that it took to learn the tones of labels/train.
    rate : float
        Sentences per CPU-second.
    memory : float
        Peak of a process that trains or loads it, then scores, in MB.
    start : float
        Milliseconds from the start of a process to the first answer.
    same_again, same_in_any_order : bool
        Whether a second model, trained alike, gives the same bits; and this one, the other way
        round.
    """

    training: float
    rate: float
    memory: float
    start: float
    same_again: bool
    same_in_any_order: bool


def costs(
    contestants: Sequence[Contestant], sentences: Sequence[Sentence], jobs: int
) -> dict[str, Costs]:
    """Measure all of them on these sentences, which stand in their passages."""
    rate = measured_rates(contestants, sentences)
    with ThreadPoolExecutor(jobs) as pool:
        own_process = list(pool.map(lambda one: footprint(one, sentences), contestants))
    return {
        one.entry.name: Costs(
            one.seconds,
            rate[one.entry.name],
            apart["peak"] / 1e6,
            apart["start"] * 1000,
            *same_bits(one.entry, one.lessons, sentences[:MOST_OF_SLOW]),
        )
        for one, apart in zip(contestants, own_process, strict=True)
    }


def measured_rates(
    contestants: Sequence[Contestant], sentences: Sequence[Sentence]
) -> dict[str, float]:
    """Sentences per CPU-second of each."""
    with one_core():
        return rates([system(one) for one in contestants], list(sentences))


def system(one: Contestant) -> System:
    """Give what `benchmarks.speed` measures."""

    def run(texts: list[Any]) -> object:
        if one.entry.forget:
            one.entry.forget()
        return probabilities(one.tones, texts, LABELS)

    return System(one.entry.name, run, MOST_OF_SLOW if one.entry.slow else None)


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process to one core and one thread for a while."""
    from threadpoolctl import threadpool_limits

    bound = hasattr(os, "sched_setaffinity")
    cores = os.sched_getaffinity(0) if bound else set()
    if bound:
        os.sched_setaffinity(0, {min(cores)})
    try:
        with threadpool_limits(1):
            yield
    finally:
        if bound:
            os.sched_setaffinity(0, cores)


def same_bits(entry: Entry, given: Lessons, sentences: Sequence[Sentence]) -> tuple[bool, bool]:
    """Whether a second model trained alike says the same, and the same of sentences reversed."""
    some, alone = given.drawn(SOME).tones, [Sentence(text) for text in sentences]

    def found(texts: Sequence[Sentence]) -> Any:
        if entry.forget:
            entry.forget()
        return probabilities(model, texts, LABELS)

    results = []
    for _ in range(2):
        model: Any = entry.make()
        if learns(model):
            model.fit(some.asked, some.labels)
        results.append(found(alone))
    reversed_ = found(alone[::-1])[::-1]
    return np.array_equal(*results), np.array_equal(results[1], reversed_)


def footprint(one: Contestant, sentences: Sequence[Sentence]) -> dict[str, float]:
    """Seconds to the first answer and bytes at most, of a process of its own."""
    lessons = one.lessons.tones
    few = MOST_OF_SLOW if one.entry.slow else len(sentences)
    given = {
        "train": [lessons.asked, lessons.labels] if learns(one.tones) else None,
        "score": sentences[:few],
    }
    start = time.time()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.costs", one.entry.name],
        input=json.dumps(given), capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{one.entry.name} can't be run alone:\n{done.stderr}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {"peak": found["peak"], "start": found["first answer"] - start}


def run_alone(name: str, given: dict[str, Any]) -> dict[str, float]:
    """Train or load one model and score; when its first answer came, and the peak of memory."""
    entry = next((entry for entry in ENTRIES if entry.name == name), None) or own(name)
    texts = [Sentence(text) for text in given["score"]]
    model = made(entry, given["train"], FEW)
    probabilities(model, texts[:1], LABELS)
    answered = time.time()
    if given["train"]:
        model = made(entry, given["train"], None)
    probabilities(model, texts, LABELS)
    return {"first answer": answered, "peak": peak_memory()}


def made(entry: Entry, train: Any, most: int | None) -> Any:
    """Make a model and, where it learns, train it on the first so many sentences of each tone."""
    model: Any = entry.make()
    if train:
        places = [
            i
            for tone in LABELS
            for i in [j for j, answer in enumerate(train[1]) if answer == tone][:most]
        ]
        model.fit([Sentence(train[0][i]) for i in places], [train[1][i] for i in places])
    return model


if __name__ == "__main__":
    print(json.dumps(run_alone(sys.argv[1], json.load(sys.stdin))))
