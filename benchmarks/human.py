"""What a model's probabilities say of sets that people labelled under other definitions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from benchmarks.contest import Contestant
from benchmarks.duplicates import NEAR, closest
from benchmarks.models import Entry, Tonelens
from benchmarks.readme import markdown
from benchmarks.tasks import Task, read, registry
from benchmarks.verdicts import YesVerdict, yes_verdict
from tonelens import ToneModel
from tonelens.evaluation.intervals import DRAWS
from training.data import read_rows, text_rows


def human_table(model: ToneModel, kept: dict[str, Any]) -> Iterator[str]:
    """Yield a line a task, then what each doesn't measure; fill `kept` with the figures."""
    sets, questions = registry()
    named = (name for name, q in questions.items() if sets[q.set].file.startswith("human/"))
    tasks = {name: read(name) for name in named}
    seen = near_training(set(chain.from_iterable(map(str, t.asked) for t in tasks.values())))
    one = Contestant(Entry("tonelens", lambda: Tonelens(model)))
    rows = [["set and question", "score", "sentences", "AUC", "macro-F1", "left out"]]
    for task in tasks.values():
        fresh = without(task, seen)
        verdict = verdict_of(one, fresh)
        kept[task.question.title] = {"AUC": verdict.auc, "macro-F1": verdict.macro_f1}
        left_out = f"{len(task.asked) - len(fresh.asked):,}"
        score = " + ".join(f"P({tone})" for tone in task.question.asks)
        figures = f"{verdict.sentences:,}", str(verdict.auc), str(verdict.macro_f1)
        rows.append([task.question.title, score, *figures, left_out])
    yield from markdown(rows)
    yield from ["", "The last column counts sentences left out because they, or near-duplicates"]
    yield f"(the same pairs of words to {NEAR:.0%} or more), are among those that the model was or"
    yield "may be trained on. What each reading leaves open:"
    yield from [
        "",
        *(f"- {task.question.title}: {task.question.limits}" for task in tasks.values()),
    ]


def near_training(texts: set[str]) -> set[str]:
    """Give those that labels/train or the unlabelled sentences hold a near-duplicate of."""
    listed = sorted(texts)
    rows = chain(read_rows("labels/train.jsonl.gz"), text_rows())
    found = closest(listed, (row["text"] for row in rows))
    return {text for text, likeness in zip(listed, found, strict=True) if likeness >= NEAR}


def without(task: Task, seen: set[str]) -> Task:
    """Give the task with the sentences seen as context only."""
    answers = [
        None if str(sentence) in seen else answer
        for sentence, answer in zip(task.sentences, task.answers, strict=True)
    ]
    return Task(task.question, task.data, task.sentences, answers)


def verdict_of(one: Contestant, task: Task) -> YesVerdict:
    """Measure one model alone."""
    prediction = one.predict(task)
    if prediction is None:
        raise ValueError(f"{one.entry.name} can't answer {task.question.name}")
    return yes_verdict(task, prediction, None, DRAWS)
