"""`evaluate`: how well a model does on labelled sentences, where worst, and what to beware of."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from tonelens.errors import InputError
from tonelens.evaluation.agreement import Agreement, agreement
from tonelens.evaluation.answers import Answers, answers
from tonelens.evaluation.comparison import LEVEL
from tonelens.evaluation.confidence import Calibration, RiskPoint, calibration, risk_coverage
from tonelens.evaluation.figures import Figures, figures
from tonelens.evaluation.intervals import Array, plain
from tonelens.evaluation.labelled import Labelled, by_row, drawn
from tonelens.evaluation.slices import Slice, slices
from tonelens.labels import LABELS

FEWEST_ARTICLES, FEWEST_OF_A_TONE = 20, 10
_TELLING = 0.02
"""A bias of a share, and half of a calibration error, below which nobody need be warned."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What `evaluate` found.

    Attributes
    ----------
    labelled : Labelled
        The n sentences that have a tone; those without one were context.
    answers : Answers
        What the model says of them.
    without_tone : int
        How many rows had none.
    overall : Figures
        Of all n.
    confusion : tuple of 3 tuples of 3 float
        Rows are labels, columns answers, in `LABELS` order; sums of weights.
    calibration : Calibration
    risk_coverage : tuple of RiskPoint
    slices : tuple of Slice
        Figures by group.
    agreement : Agreement, optional
        Of the annotators, where there are votes; unweighted.
    clustered : bool
        Whether intervals resample whole articles, rather than sentences.
    expected : float, optional
        Macro-F1 on the model's own test labels, by its card.
    """

    labelled: Labelled
    answers: Answers
    without_tone: int
    overall: Figures
    confusion: tuple[tuple[float, ...], ...]
    calibration: Calibration
    risk_coverage: tuple[RiskPoint, ...]
    slices: tuple[Slice, ...]
    agreement: Agreement | None
    clustered: bool
    expected: float | None

    @property
    def worst(self) -> Slice | None:
        """The group that is surely told worse than the rest, and by most; none if there is none.

        Groups are tested together, so that where all are told alike, the chance that any is named
        is .05 at most; those of too few articles never are. See `Gap`.
        """
        surely = [one for one in self.slices if one.gap.p_value <= LEVEL]
        return min(surely, key=lambda one: one.gap.accuracy.value, default=None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader of these figures should know; empty where there is nothing."""
        return (*self._thin(), *self._out_of_depth())

    @property
    def log(self) -> Iterator[dict[str, Any]]:
        """A row a sentence, ready for JSON: label, answer, whether it is right, probabilities."""
        rows = zip(
            self.labelled, self.answers.probabilities.tolist(), self.answers.guess, strict=True
        )
        for row, probabilities, guess in rows:
            known = {"id": row.id, "article": row.article, "position": row.position}
            yield {
                **{name: value for name, value in known.items() if value is not None},
                "text": row.text,
                "tone": row.tone,
                "answer": LABELS[guess],
                "right": row.tone == LABELS[guess],
                **{tone: round(p, 6) for tone, p in zip(LABELS, probabilities, strict=True)},
                "weight": row.weight,
            }

    def to_dict(self) -> dict[str, Any]:
        """Every figure as plain values, ready for JSON; null for what is undefined."""
        return {
            "sentences": self.overall.sentences,
            "articles": self.overall.articles,
            "without_tone": self.without_tone,
            "warnings": list(self.warnings),
            "overall": plain(self.overall),
            "confusion": {"labels": list(LABELS), "matrix": plain(self.confusion)},
            "calibration": {"sentences": self.calibration.sentences, **plain(self.calibration)},
            "risk_coverage": plain(self.risk_coverage),
            "slices": plain(self.slices),
            "worst": self.worst and {"by": self.worst.by, "group": self.worst.group},
            "agreement": plain(self.agreement),
        }

    def _thin(self) -> Iterator[str]:
        """Where the labelled sentences are too few or too much alike to say much."""
        if self.without_tone and any(row.weight != 1 for row in self.labelled):
            yield (
                f"{self.without_tone:,} drawn rows have no tone. The figures stand for the corpus "
                "only if these were left out by chance."
            )
        if not self.clustered:
            yield "No row names its article, so intervals take sentences for independent."
        elif self.overall.articles < FEWEST_ARTICLES:
            yield f"Only {self.overall.articles} articles: the intervals are too narrow."
        for tone, found in self.overall.tones.items():
            if found.sentences < FEWEST_OF_A_TONE:
                yield f"Only {found.sentences} sentences of {tone}: its figures say little."

    def _out_of_depth(self) -> Iterator[str]:
        """Where the model does worse than it should."""
        overall = self.overall
        chance = 1 / max(1, sum(found.sentences > 0 for found in overall.tones.values()))
        if overall.balanced_accuracy.low <= chance < 1:
            yield "It may do no better here than giving one answer always."
        if self.expected is not None and overall.macro_f1.high < self.expected:
            yield (
                f"Macro-F1 is {overall.macro_f1}, below the {self.expected:.3f} that it reaches on "
                "its own test labels: it is out of its depth here."
            )
        error, by_chance = self.calibration.error, self.calibration.by_chance
        if error.value > max(by_chance.high, 2 * _TELLING):
            yield (
                f"Its probabilities are off by {error.value:.3f}, where chance would explain "
                f"{by_chance.high:.3f}: don't take them at face value here."
            )
        for tone, found in overall.tones.items():
            bias = found.prevalence_error
            if abs(bias.value) > _TELLING and bias.low * bias.high > 0:
                way = "too high" if bias.value > 0 else "too low"
                yield f"Shares of {tone} counted from its answers are {way} here, by {bias}."


def evaluate(
    model_or_probabilities: Any,
    labelled: Labelled,
    *,
    groups: Mapping[str, Sequence[Hashable]] | None = None,
    clusters: Sequence[Hashable] | None = None,
) -> Evaluation:
    """Measure a model, or given probabilities, on labelled sentences.

    Every figure but the annotators' agreement heeds the sampling weights (Hájek's estimators:
    weighted sums over the sum of weights), and every interval is the middle 95% over 2,000
    resamples of whole articles.

    Parameters
    ----------
    model_or_probabilities : ToneModel, classifier, ToneScores, table or array (n, 3)
        A model is asked about the sentences, each in its context; probabilities are those of the
        n rows, columns in `LABELS` order, or in any that a table's names tell.
    labelled : Labelled
        n rows. Those without a tone are context only.
    groups : mapping of str to sequence of n hashables, optional
        Further ways to slice, besides source, outlet, year, length, position and quotation: a
        group for each row, None for none.
    clusters : sequence of n hashables, optional
        What is resampled, instead of the rows' articles.

    Returns
    -------
    Evaluation

    Raises
    ------
    InputError
        Where `labelled` is no `Labelled`, no row has a tone, a sequence isn't of n rows, or a
        group has the name of one that is made anyway.

    Examples
    --------
    >>> labelled = Labelled.of(["It rained.", "It may rain."], ["reporting", "speculation"])
    >>> evaluation = evaluate([[0.75, 0.0, 0.25], [0.5, 0.0, 0.5]], labelled)
    >>> evaluation.overall.accuracy.value
    0.5
    """
    part, draws = drawn(labelled, clusters, call="evaluate")
    known = labelled.known
    given = answers(model_or_probabilities, labelled).where(known)
    further = _further(groups or {}, labelled)
    return Evaluation(
        labelled=part,
        answers=given,
        without_tone=len(labelled) - len(part),
        overall=figures(part.gold, given, draws, voice=part.voice),
        confusion=_confusion(part, given),
        calibration=calibration(draws, *_confidence(part, given)),
        risk_coverage=risk_coverage(draws, *_confidence(part, given)),
        slices=slices(part, given, draws, further),
        agreement=agreement([row.votes for row in labelled]),
        clustered=clusters is not None or any(row.article is not None for row in part),
        expected=_expected(model_or_probabilities),
    )


def _further(
    groups: Mapping[str, Sequence[Hashable]], labelled: Labelled
) -> dict[str, list[Hashable]]:
    """The groups of the rows that have a tone."""
    if not isinstance(groups, Mapping):
        raise InputError(
            "evaluate() takes groups as a mapping of a name to a list, a value a row, got "
            f"{type(groups).__name__}. Use groups={{'desk': [desk of each row]}}."
        )
    return {
        name: list(compress(by_row(values, labelled, name, call="evaluate"), labelled.known))
        for name, values in groups.items()
    }


def _confidence(labelled: Labelled, given: Answers) -> tuple[Array, Array]:
    """Top probabilities (n,), and whether the tone that has it is right (n,)."""
    return given.probabilities.max(1), given.guess == labelled.gold


def _confusion(labelled: Labelled, given: Answers) -> tuple[tuple[float, ...], ...]:
    from sklearn.metrics import confusion_matrix

    found = confusion_matrix(
        labelled.gold, given.guess, labels=range(len(LABELS)), sample_weight=labelled.weight
    )
    return tuple(tuple(float(cell) for cell in row) for row in found)


def _expected(model: Any) -> float | None:
    card = getattr(model, "card", None)
    found = card.get("figures", {}).get("test_labels", {}) if isinstance(card, dict) else {}
    figure = found.get("macro_f1")  # with its interval
    return figure[0] if isinstance(figure, list) else None
