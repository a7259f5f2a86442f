"""What was found, and its tables: a heading and rows of cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from benchmarks.behaviour import Figures as CaseFigures
from benchmarks.contest import Prediction
from benchmarks.costs import Costs
from benchmarks.leaks import Leaks
from benchmarks.models import REFERENCE
from benchmarks.tasks import Task
from benchmarks.verdicts import ToneVerdict, YesVerdict
from tonelens import LABELS
from tonelens.evaluation import Estimate
from tonelens.evaluation.intervals import short

Rows = list[list[str]]


@dataclass(frozen=True)
class Found:
    """All figures.

    Attributes
    ----------
    tasks : dict of str to Task
    splits : dict of str to str
        How each task's folds were parted, where there are any.
    tones : list of ToneVerdict
        Of test-tone.
    questions : dict of str to list of YesVerdict
    folds : dict of str to dict of str to Estimate
        Macro-F1 on labels/train of each model, by split.
    seen : list of str
        Models that came trained on labels/train.
    leaks : dict of str to Leaks
    behaviour : dict of str to by_kind's figures
    costs : dict of str to Costs
    notes : list of str
    """

    tasks: Mapping[str, Task]
    splits: Mapping[str, str]
    tones: Sequence[ToneVerdict]
    questions: Mapping[str, Sequence[YesVerdict]]
    folds: Mapping[str, Mapping[str, Estimate]]
    seen: Sequence[str]
    leaks: Mapping[str, Leaks]
    behaviour: Mapping[str, Mapping[str, Mapping[str, CaseFigures]]]
    costs: Mapping[str, Costs]
    notes: Sequence[str]


def tone_rows(found: Found) -> Rows:
    """A heading and a row a model: how well it tells the tones, and how far behind it is."""
    rows = [["model", "trained on", "macro-F1", f"{REFERENCE} is ahead by", "p", "McNemar's p"]]
    rows[0] += ["smallest difference that would show", "F1 reporting, opinion, speculation"]
    for one in found.tones:
        compared = one.comparison
        beside = ["–"] * 4
        if compared:
            tests = p_value(compared.p_value), p_value(compared.mcnemar_p_value)
            beside = [str(compared.difference), *tests, short(compared.smallest)]
        f1 = " ".join(short(tone.f1.value) for tone in one.figures.tones.values())
        name = named(one.prediction)
        rows.append([*name, str(one.figures.macro_f1), *beside, f1])
    return rows


def confidence_rows(found: Found) -> Rows:
    """A heading and a row a model: its probabilities, and shares counted from its answers."""
    rows = [["model", "balanced accuracy", *(f"AUC {tone}" for tone in LABELS[1:]), "Brier score"]]
    rows[0] += ["calibration error", *(f"share of {tone} off by" for tone in LABELS[1:])]
    for one in found.tones:
        told = [one.figures.tones[tone] for tone in LABELS[1:]]
        cells = [one.figures.balanced_accuracy, *(tone.auc for tone in told)]
        cells += [one.figures.brier_score, one.calibration.error]
        cells += [tone.prevalence_error for tone in told]
        rows.append([one.prediction.model, *map(str, cells)])
    return rows


def question_rows(found: Found) -> Rows:
    """A heading and a row a model and training: AUC on each question, marked where it is sure."""
    names = list(found.questions)
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for name, verdicts in found.questions.items():
        for one in verdicts:
            way = "the rest of the set" if one.prediction.folds else one.prediction.training
            seen = "†" if one.prediction.seen else ""
            row = cells.setdefault((one.prediction.model, way), {})
            row[name] = f"{short(one.auc.value)}{one.mark}{seen}"
    order = {one.prediction.model: i for i, one in enumerate(found.tones)}
    keys = sorted(cells, key=lambda key: order.get(key[0], len(order)))
    body = [[*key, *(cells[key].get(name, "–") for name in names)] for key in keys]
    return [["model", "trained on", *names], *body]


def task_rows(found: Found) -> Rows:
    """A heading and a row a task: how it is read, and what of it may have been seen."""
    rows = [["task", "what it asks", "score", "sentences", "articles", "yes", "folds"]]
    rows[0] += ["near-duplicates in labels/train", "in the unlabelled text", "between folds"]
    for name, task in found.tasks.items():
        question, near, asked = task.question, found.leaks.get(name), task.asked
        score = " + ".join(f"P({tone})" for tone in question.asks) or "all tones"
        yes = short(float(task.gold.mean())) if question.asks else "–"
        counts = f"{len(asked):,}", f"{len({s.article for s in asked}):,}"
        split = found.splits.get(name, "–")
        rows.append(
            [name, question.title, score, *counts, yes, split, *map(counted, near or [None] * 3)]
        )
    return rows


def fold_rows(found: Found) -> Rows:
    """A heading and a row a model: macro-F1 on labels/train by split, and how much one flatters."""
    splits = list(dict.fromkeys(split for each in found.folds.values() for split in each))
    head = ["model", *(f"macro-F1, {split}" for split in splits)]
    gains = len(splits) == 2
    rows = [[*head, f"{splits[1]} flatters by"] if gains else head]
    for model, each in found.folds.items():
        cells = [str(each.get(split, "–")) for split in splits]
        if gains:
            values = [each[split].value if split in each else float("nan") for split in splits]
            cells.append(short(values[1] - values[0]))
        rows.append([model, *cells])
    return rows + [[model, *["seen †"] * len(splits), *["–"] * gains] for model in found.seen]


def behaviour_rows(found: Found) -> Rows:
    """A heading and a row a model: pass rates, flips and changes over all cases of a type."""
    heads = ["model", "MFT passed", "twins all passed", "INV passed", "flipped", "change"]
    rows = [[*heads, "DIR passed", "change"]]
    for model, kept in found.behaviour.items():
        must, same, way = (kept[name]["all"] for name in ("MFT", "INV", "DIR"))
        cells = must.passed, must.twins, same.passed, same.flipped, same.change
        rows.append([model, *map(short, (*cells, way.passed, way.change))])
    return rows


def kind_rows(found: Found) -> Rows:
    """A heading and a row a kind of case: how many of them each model passes."""
    models = list(found.behaviour)
    rows = [["type", "kind", "cases", *models]]
    for type_, kinds in next(iter(found.behaviour.values())).items():
        for kind in kinds:
            each = [found.behaviour[model][type_][kind] for model in models]
            most = max(one.cases for one in each)
            rows.append([type_, kind, f"{most:,}", *(short(one.passed) for one in each)])
    return rows


def cost_rows(found: Found) -> Rows:
    """A heading and a row a model."""
    rows = [
        ["model", "training, CPU-seconds", "sentences per CPU-second", f"{REFERENCE} is … times"]
    ]
    rows[0] += ["peak memory", "start to first answer", "same bits again", "in any order"]
    own = found.costs[REFERENCE].rate if REFERENCE in found.costs else float("nan")
    for model, one in found.costs.items():
        training = "–" if isnan(one.training) else f"{one.training:.1f}"
        ratio = "–" if model == REFERENCE else f"{own / one.rate:.3g}×"
        rates = f"{one.rate:,.0f}", ratio, f"{one.memory:,.0f} MB", f"{one.start:,.0f} ms"
        same = ["yes" if same else "no" for same in one[-2:]]
        rows.append([model, training, *rates, *same])
    return rows


def named(one: Prediction) -> list[str]:
    """Give the model's name, marked where it saw the set, and its training."""
    return [one.model + (" †" if one.seen else ""), one.training]


def limits(task: Task) -> list[str]:
    """Give the row on a task's set and on what it doesn't measure."""
    question = task.question
    return [question.name, f"{task.data.licence} ({task.data.origin})", question.limits]


def counted(count: tuple[int, int] | None) -> str:
    """Give near-duplicates, and in brackets the exact ones.

    >>> counted((3, 1)), counted((0, 0)), counted(None)
    ('3 (1)', '0', '–')
    """
    if count is None:
        return "–"
    return f"{count[0]:,} ({count[1]:,})" if count[0] else "0"


def p_value(value: float) -> str:
    """Give a p-value; never nought.

    >>> p_value(0.00001), p_value(0.25)
    ('< .001', '.250')
    """
    return "< .001" if value < 0.001 else short(value)


def cells(verdicts: Mapping[str, Sequence[YesVerdict]]) -> Rows:
    """Give a heading and a row a verdict, intervals included: what the page shows besides."""
    rows = [["task", "model", "trained on", "sentences", "AUC", f"{REFERENCE} is ahead by"]]
    rows[0] += ["p", "macro-F1"]
    for name, each in verdicts.items():
        for one in each:
            figures: list[Any] = [one.auc, one.behind, p_value(one.p_value), one.macro_f1]
            rows.append([name, *named(one.prediction), f"{one.sentences:,}", *map(str, figures)])
    return rows
