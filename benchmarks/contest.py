"""What each model answers to each task: trained on labels/train, as it came, or in folds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.behaviour import Scores
from benchmarks.folds import folds, possible
from benchmarks.models import Entry, learns, probabilities, saw, training
from benchmarks.tasks import TRAINING, YES, Question, Sentence, Task, read, registry, task_of
from tonelens import LABELS
from training.data import read_rows

Array = NDArray[Any]

VOICE = ("source",)
"""What a question of the voice asks for."""
LESS = 4000
"""Sentences of labels/train, in whole articles, that slow models learn from."""


class Prediction(NamedTuple):
    """What a model says of a task's k sentences.

    Attributes
    ----------
    model, task : str
    training : str
        On what it was trained, in a few words.
    folds : bool
        Whether it was trained on the rest of the same set.
    seen : bool
        Whether it came trained on this very file.
    probabilities : float (k, c)
        Of the question's classes; not a number where the split leaves a sentence out.
    """

    model: str
    task: str
    training: str
    folds: bool
    seen: bool
    probabilities: Array


class Lessons(NamedTuple):
    """Sentences of labels/train with both their labels, two tasks on the same sentences."""

    tones: Task
    voices: Task

    def drawn(self, most: int | None) -> Lessons:
        """Give whole articles with so many sentences in all."""
        return Lessons(self.tones.drawn(most), self.voices.drawn(most))


def lessons(most: int | None = None) -> Lessons:
    """Read what models learn from."""
    sets, questions = registry()
    question = replace(questions["test-voice"], set=TRAINING)
    voices = task_of(question, sets[TRAINING], read_rows(sets[TRAINING].file))
    return Lessons(read("train-tone"), voices).drawn(most)


@dataclass(eq=False)
class Contestant:
    """A model and its two trained copies: one that tells tones, one that tells voices.

    Attributes
    ----------
    given : Lessons, optional
        What it may learn from; a model that came trained needs none.
    seconds : float
        CPU time that training on tones took; not a number for a model that came trained.
    """

    entry: Entry
    given: Lessons | None = None
    seconds: float = float("nan")

    @cached_property
    def lessons(self) -> Lessons:
        """What it learns from."""
        if self.given is None:
            raise ValueError(f"{self.entry.name} must be trained, and there is nothing to learn")
        return self.given.drawn(LESS) if self.entry.slow else self.given

    @cached_property
    def tones(self) -> Any:
        """The copy that tells tones."""
        model = self.entry.make()
        if learns(model):
            start = time.process_time()
            model.fit(self.lessons.tones.asked, self.lessons.tones.labels)
            self.seconds = time.process_time() - start
        return model

    @cached_property
    def voices(self) -> Callable[[Sequence[Sentence]], Array] | None:
        """P(source) of sentences, by the copy that learnt it; none where it can't be told."""
        if not learns(self.tones):
            return getattr(self.tones, "source_probability", None)
        model: Any = self.entry.make()
        model.fit(self.lessons.voices.asked, self.lessons.voices.labels)
        return lambda sentences: probabilities(model, sentences, (YES,))[:, 0]

    @property
    def training(self) -> str:
        """On what it was trained."""
        if not learns(self.tones):
            return training(self.tones)
        return f"{TRAINING}: {len(self.lessons.tones.asked):,} labels"

    def predict(self, task: Task) -> Prediction | None:
        """Answer a task as trained on labels/train or as it came; None where it can't."""
        found = self._answers(task.sentences, task.question)
        if found is None:
            return None
        name, seen = self.entry.name, saw(self.tones, task.data.file)
        return Prediction(name, task.question.name, self.training, False, seen, found[task.known])

    def score(self, sentences: Sequence[str], documents: Sequence[Any]) -> Scores:
        """Answer behavioural cases: a `benchmarks.behaviour.Scorer`."""
        pairs = zip(sentences, documents, strict=True)
        asked = [Sentence(text, article=str(d), passage=str(d)) for text, d in pairs]
        source = self.voices(asked) if self.voices else None
        return Scores(probabilities(self.tones, asked, LABELS), source)

    def _answers(self, sentences: Sequence[Sentence], question: Question) -> Array | None:
        if not question.asks:
            return probabilities(self.tones, sentences, question.classes)
        if tuple(question.asks) != VOICE:
            yes = probabilities(self.tones, sentences, question.asks).sum(1)
        elif self.voices is None:
            return None
        else:
            yes = np.asarray(self.voices(sentences), float)
        return np.stack((1 - yes, yes), 1)


class Fold(NamedTuple):
    """A model to be trained on the other folds of a task, and to answer each."""

    entry: Entry
    task: Task
    by: str
    count: int

    def predict(self) -> Prediction:
        """Train and answer; sentences that the split leaves out are not a number."""
        asked, answers = self.task.asked, self.task.labels
        classes = self.task.question.classes
        out = np.full((len(asked), len(classes)), np.nan)
        for train, test in folds(asked, self.by, self.count):
            model: Any = self.entry.make()
            model.fit([asked[i] for i in train], [answers[i] for i in train])
            out[test] = probabilities(model, [asked[i] for i in test], classes)
        text = "its past" if self.by == "time" else f"the rest of it, {self.count} folds"
        return Prediction(self.entry.name, self.task.question.name, text, True, False, out)


def as_trained(contestants: Sequence[Contestant], tasks: Sequence[Task]) -> Iterator[Prediction]:
    """Yield what each says as it came, or trained on labels/train; on that set only the former."""
    for contestant in contestants:
        for task in tasks:
            if task.data.name == TRAINING and learns(contestant.tones):
                continue
            found = contestant.predict(task)
            if found is not None:
                yield found


def in_folds(
    contestants: Sequence[Contestant], tasks: Sequence[Task], by: str, count: int, jobs: int
) -> Iterator[Prediction]:
    """Yield what those that learn say of each task in folds; several processes do it at once."""
    from joblib import Parallel, delayed

    work = [
        Fold(contestant.entry, task, possible(task.asked, by), count)
        for task in tasks
        for contestant in contestants
        if learns(contestant.tones) and not (contestant.entry.slow and len(task.asked) > LESS * 1.1)
    ]
    # What a slow one remembers of the sentences is in this process alone.
    here = [one for one in work if one.entry.slow]
    there = [one for one in work if not one.entry.slow]
    yield from Parallel(n_jobs=jobs)(delayed(Fold.predict)(one) for one in there)
    yield from (one.predict() for one in here)
