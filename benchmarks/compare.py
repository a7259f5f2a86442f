"""Compare models on every task, on behaviour and on costs; print Markdown tables.

Run ``python -m benchmarks.compare`` with ``TONELENS_DATA`` naming the data folder, or ``--fetch
ADDRESS`` with that of a copy of it. ``--quick`` takes two minutes on two cores; of the full run the
accurate model alone takes fourteen. ``--model module:factory`` adds a model of your own,
``--split`` parts the folds otherwise, ``--json FILE`` keeps all figures and every prediction,
``--html FILE`` writes one page.

Tasks are in ``tasks.json``, the models in `benchmarks.models`, behavioural cases in ``cases/``.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import behaviour, tables
from benchmarks.contest import Contestant, Lessons, Prediction, as_trained, in_folds, lessons
from benchmarks.costs import costs
from benchmarks.folds import SPLITS, possible
from benchmarks.leaks import leaks
from benchmarks.models import ENTRIES, REFERENCE, Entry, available, own
from benchmarks.page import as_markdown, as_page, blocks
from benchmarks.readme import publish
from benchmarks.tables import Found
from benchmarks.tasks import TRAINING, Task, fetch, read, registry
from benchmarks.verdicts import fold_figure, tone_verdicts, yes_verdicts
from tonelens.evaluation.intervals import DRAWS, plain


class Size(NamedTuple):
    """How much is done; None for all.

    Attributes
    ----------
    lessons : int or None
        Sentences of labels/train that models learn from.
    sentences : int
        Of each task but the test labels, at most.
    folds : int
    rates : int
        Sentences that are scored for the rates.
    slow, text : bool
        Whether slow models take part, and near-duplicates in the unlabelled text are looked for.
    """

    lessons: int | None
    sentences: int
    folds: int
    rates: int
    slow: bool
    text: bool


FULL = Size(None, 3000, 3, 4000, slow=True, text=True)
QUICK = Size(2400, 300, 2, 1000, slow=False, text=False)
TEST = "test-tone"
BY_SPLIT = "train-tone"


def tasks(size: Size, names: Iterable[str]) -> dict[str, Task]:
    """Read tasks by name, cut to size; the test labels are never cut."""
    read_ = {name: read(name) for name in names}
    most = {TRAINING: size.lessons, "labels/test": None}
    return {
        name: task.drawn(most.get(task.data.name, size.sentences)) for name, task in read_.items()
    }


def compared(
    entries: Sequence[Entry],
    given: dict[str, Task],
    taught: Lessons,
    size: Size,
    by: str,
    jobs: int,
) -> tuple[Found, list[Prediction]]:
    """Run everything."""
    contestants = [Contestant(entry, taught) for entry in entries]
    foldable = [task for task in given.values() if task.data.name != "labels/test"]
    splits = {task.question.name: possible(task.asked, by) for task in foldable}
    predictions = list(as_trained(contestants, given.values()))
    folded = list(in_folds(contestants, foldable, by, size.folds, jobs))
    random = list(in_folds(contestants, [given[BY_SPLIT]], "random", size.folds, jobs))
    found = Found(
        tasks=given,
        splits=splits,
        tones=tone_verdicts(given[TEST], of(predictions, TEST), DRAWS),
        questions={
            name: yes_verdicts(task, of([*predictions, *folded], name), DRAWS)
            for name, task in given.items()
            if task.question.asks
        },
        folds=by_split(given[BY_SPLIT], folded, random, splits[BY_SPLIT], DRAWS),
        seen=[one.model for one in of(predictions, BY_SPLIT) if one.seen],
        leaks=leaks(given, taught, splits, count=size.folds, text=size.text),
        behaviour=behaved(contestants),
        costs=costs(contestants, taught.tones.asked[: size.rates], jobs),
        notes=[],
    )
    return found, [*predictions, *folded]


def behaved(contestants: Iterable[Contestant]) -> dict[str, Any]:
    """Put all of them to the behavioural cases."""
    cases = behaviour.read_cases()
    return {
        one.entry.name: behaviour.by_kind(behaviour.outcomes(cases, one.score))
        for one in contestants
    }


def of(predictions: Iterable[Prediction], task: str) -> list[Prediction]:
    """Give the predictions of one task."""
    return [one for one in predictions if one.task == task]


def by_split(
    task: Task, folded: Iterable[Prediction], random: Iterable[Prediction], by: str, draws: int
) -> dict[str, dict[str, Any]]:
    """Macro-F1 of each model on labels/train, by the split asked for and by the random one."""
    out: dict[str, dict[str, Any]] = {}
    for split, found in ((by, of(folded, BY_SPLIT)), ("random", random)):
        for one in found:
            out.setdefault(one.model, {})[split] = fold_figure(task, one, draws)
    return out


# --- all of it -----------------------------------------------------------------------------------


def to_dict(found: Found, predictions: Iterable[Prediction]) -> dict[str, Any]:
    """Give every figure, and every prediction of every sentence, ready for JSON."""
    return {
        "notes": list(found.notes),
        "tasks": [task_dict(task, predictions) for task in found.tasks.values()],
        "test": [without_probabilities(one) for one in found.tones],
        "questions": {
            n: [without_probabilities(v) for v in each] for n, each in found.questions.items()
        },
        "splits": plain(found.folds),
        "near_duplicates": plain(found.leaks),
        "behaviour": plain(found.behaviour),
        "costs": plain(found.costs),
    }


def task_dict(task: Task, predictions: Iterable[Prediction]) -> dict[str, Any]:
    """Give a task's facts, its sentences with their answers, and what each model says of them."""
    question = task.question
    return {
        "name": question.name,
        "title": question.title,
        "file": task.data.file,
        "sha256": task.data.sha256,
        "licence": task.data.licence,
        "limits": question.limits,
        "classes": list(question.classes),
        "sentences": [
            {"text": str(s), "article": s.article, "answer": answer}
            for s, answer in zip(task.asked, task.labels, strict=True)
        ],
        "predictions": [
            {
                "model": one.model,
                "trained on": one.training,
                "seen": one.seen,
                "probabilities": plain(one.probabilities.round(6).tolist()),
            }
            for one in of(predictions, question.name)
        ],
    }


def without_probabilities(verdict: Any) -> dict[str, Any]:
    """Give a verdict's figures; the probabilities stand with the task."""
    one = verdict.prediction
    named = {"model": one.model, "trained on": one.training, "folds": one.folds, "seen": one.seen}
    figures = verdict._replace(prediction=None)._asdict()
    return named | {k: plain(v) for k, v in figures.items() if k != "prediction"}


def notes(size: Size, taught: Lessons, skipped: Iterable[str]) -> Iterator[str]:
    """Yield what the reader must know first."""
    if size is QUICK:
        yield (
            "A quick run: fewer labels to learn from, fewer sentences and folds than in the full "
            "one. Its figures show that things work, and roughly how well."
        )
    yield (
        f"Models that learn were trained on {len(taught.tones.asked):,} sentences of labels/train. "
        "tonelens came trained on these, on further labels by the same annotator and on its "
        "teachers' answers to unlabelled news; its own features alone, trained as the others "
        "were, are the line tonelens features + LR."
    )
    yield (
        "labels/test was labelled by one careful language model, not by people: figures on it say "
        "how well its labels are reproduced. The sets that people labelled follow."
    )
    if left_out := [entry.name for entry in ENTRIES if entry.slow and not size.slow]:
        yield f"Left out of a quick run: {', '.join(left_out)}."
    yield from skipped


def only(entries: Sequence[Entry], names: Sequence[str]) -> list[Entry]:
    """Give the models of these names.

    Raises
    ------
    SystemExit
        Where there is no such model here.
    """
    known = [entry.name for entry in entries]
    if unknown := [name for name in names if name not in known]:
        raise SystemExit(
            f"--only {unknown[0]}: no such model here. Choose from {', '.join(known)}."
        )
    return [entry for entry in entries if entry.name in names]


def options_of(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two minutes, without slow models")
    parser.add_argument("--split", choices=SPLITS, default="outlet", help="what folds don't share")
    parser.add_argument(
        "--model", action="append", default=[], metavar="MODULE:FACTORY", help="one of your own"
    )
    parser.add_argument("--only", action="append", metavar="NAME", help="this model and tonelens")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--fetch", metavar="ADDRESS", help="of a copy of the data folder")
    parser.add_argument("--json", type=Path, help="where to write figures and predictions")
    parser.add_argument("--html", type=Path, help="where to write the page")
    parser.add_argument("--write-readme", action="store_true", help="put them in the README")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables, and keep what is asked for."""
    options = options_of(arguments)
    if options.fetch:
        fetch(options.fetch)
    size = QUICK if options.quick else FULL
    wanted = [*ENTRIES, *map(own, options.model)]
    entries, skipped = available(e for e in wanted if size.slow or not e.slow)
    if options.only:
        entries = only(entries, [REFERENCE, *options.only, *options.model])
    taught = lessons(size.lessons)
    given = tasks(size, registry()[1])
    found, predictions = compared(entries, given, taught, size, options.split, options.jobs)
    if options.only:
        found.notes.append("Only some of the models took part, those named on the command line.")
    found.notes.extend(notes(size, taught, skipped))
    shown = list(blocks(found))
    publish("compare", as_markdown(shown), write=options.write_readme)
    if options.json:
        text = json.dumps(to_dict(found, predictions)) + "\n"
        options.json.write_text(text, encoding="utf-8")
    if options.html:
        page = [*shown, "### Every question, with intervals", tables.cells(found.questions)]
        options.html.write_text(as_page(page, found.tones), encoding="utf-8")


if __name__ == "__main__":
    main()
