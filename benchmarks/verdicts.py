"""Figures of every prediction, each beside tonelens's on the same sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.contest import Prediction
from benchmarks.models import REFERENCE
from benchmarks.tasks import Task
from tonelens.evaluation import Comparison, Estimate, Figures, Labelled, compare_several
from tonelens.evaluation.answers import Answers
from tonelens.evaluation.comparison import LEVEL, holm, two_sided
from tonelens.evaluation.confidence import Calibration, RiskPoint, calibration, risk_coverage
from tonelens.evaluation.figures import figures
from tonelens.evaluation.intervals import NO_ESTIMATE, Resamples
from tonelens.evaluation.metrics import auc, macro_f1
from tonelens.labels import tone_index

Array = NDArray[Any]


class ToneVerdict(NamedTuple):
    """How well a model tells the three tones; `comparison` is None of the reference itself."""

    prediction: Prediction
    figures: Figures
    calibration: Calibration
    risk_coverage: tuple[RiskPoint, ...]
    comparison: Comparison | None


class YesVerdict(NamedTuple):
    """How well a model answers a question with yes or no.

    Attributes
    ----------
    auc, macro_f1 : Estimate
        macro-F1 is at the model's own decision.
    behind : Estimate
        AUC of tonelens less that of this model, on the same resamples.
    p_value : float
        That of no difference, two-sided, by Holm's rule over all models on this task.
    """

    prediction: Prediction
    sentences: int
    auc: Estimate
    macro_f1: Estimate
    behind: Estimate
    p_value: float

    @property
    def mark(self) -> str:
        """`+` where it is surely better than tonelens, `−` where surely worse; nothing else."""
        if np.isnan(self.p_value) or self.p_value >= LEVEL:
            return ""
        return "+" if self.behind.value < 0 else "−"


def tone_verdicts(task: Task, found: Sequence[Prediction], draws: int) -> list[ToneVerdict]:
    """Measure predictions of tones, the first of which is the reference's."""
    several = Resamples([s.article for s in task.asked], draws=draws)
    compared = compared_with_first(task, found)
    out = []
    for one in found:
        given = Answers(one.probabilities, None)
        right = given.guess == task.gold
        confidence = one.probabilities.max(1)
        out.append(
            ToneVerdict(
                one,
                figures(task.gold, given, several),
                calibration(several, confidence, right),
                risk_coverage(several, confidence, right),
                compared.get(one.model),
            )
        )
    return out


def compared_with_first(task: Task, found: Sequence[Prediction]) -> Mapping[str, Comparison]:
    """Compare the first prediction with each of the others, by the names of their models."""
    if len(found) < 2:
        return {}
    rows = zip(task.asked, task.labels, strict=True)
    labelled = Labelled.from_rows(
        {"text": str(s), "tone": tone, "article": s.article} for s, tone in rows
    )
    others = {one.model: one.probabilities for one in found[1:]}
    return compare_several(found[0].probabilities, others, labelled)


def fold_figure(task: Task, one: Prediction, draws: int) -> Estimate:
    """Macro-F1 of tones over the sentences that the split tested."""
    tested = ~np.isnan(one.probabilities[:, 0])
    articles = [s.article for s, kept in zip(task.asked, tested, strict=True) if kept]
    guess = tone_index(one.probabilities[tested])
    return macro_f1(Resamples(articles, draws=draws), task.gold[tested], guess)


def yes_verdicts(task: Task, found: Sequence[Prediction], draws: int) -> list[YesVerdict]:
    """Measure answers of yes and no, beside the reference's where it answers the task."""
    own = next((p for p in found if p.model == REFERENCE and not p.folds), None)
    out = [yes_verdict(task, one, own, draws) for one in found]
    judged = [i for i, one in enumerate(out) if not np.isnan(one.p_value)]
    for i, p_value in zip(judged, holm([out[i].p_value for i in judged]), strict=True):
        out[i] = out[i]._replace(p_value=p_value)
    return out


def yes_verdict(task: Task, one: Prediction, own: Prediction | None, draws: int) -> YesVerdict:
    """Measure one prediction; its p-value is its own, for no number of models."""
    tested = ~np.isnan(one.probabilities[:, 0])
    articles = [s.article for s, kept in zip(task.asked, tested, strict=True) if kept]
    several, yes = Resamples(articles, draws=draws), task.gold[tested] == 1
    score = one.probabilities[tested, 1]
    area = auc(several, yes, score)
    behind, p_value = NO_ESTIMATE, float("nan")
    if own is not None and own is not one and not np.isnan(area.low):
        rival = own.probabilities[tested, 1]
        lead = several.auc(yes, rival) - several.auc(yes, score)
        behind = several.estimate(auc(several, yes, rival).value - area.value, lead)
        p_value = two_sided(lead)
    decided = (score > 0.5).astype(int)
    return YesVerdict(
        one, int(tested.sum()), area, macro_f1(several, yes.astype(int), decided, (0, 1)),
        behind, p_value,
    )  # fmt: skip
