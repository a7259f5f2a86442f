"""An evaluation as text: a table to be read."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from tonelens.evaluation.agreement import Agreement
from tonelens.evaluation.evaluation import Evaluation
from tonelens.evaluation.figures import Figures
from tonelens.evaluation.intervals import Estimate, short
from tonelens.labels import LABELS
from tonelens.report import visible

COVERAGES = (0.25, 0.5, 0.75, 1.0)
_WIDTH = 100


def table(evaluation: Evaluation, *, name: str) -> str:
    """The figures as aligned columns, fractions of 1, each with its 95% interval.

    Parameters
    ----------
    evaluation : Evaluation
    name : str
        Of the labelled file.

    Returns
    -------
    str
        Lines that end with a line feed, free of control characters.
    """
    overall = evaluation.overall
    lines = [
        f"{visible(name)}: {overall.sentences:,} sentences of {overall.articles:,} "
        f"{'articles' if evaluation.clustered else 'articles or unknown ones'}"
        + (f"; {evaluation.without_tone:,} rows without a tone" if evaluation.without_tone else ""),
        "Fractions of 1; brackets hold 95% intervals.",
        "",
        *columns(tone_rows(overall)),
        "",
        *columns(share_rows(overall)),
        "",
        *columns(summary_rows(evaluation)),
        "",
        "Labels down, answers across:",
        *columns(confusion_rows(evaluation)),
        "",
        "Answering only the surest:",
        *columns(coverage_rows(evaluation)),
    ]
    if evaluation.slices:
        lines += ["", "By group:", *columns(slice_rows(evaluation))]
    lines += ["", *notes(evaluation)]
    for warning in evaluation.warnings:
        lines += textwrap.wrap(f"Warning: {warning}", _WIDTH)
    return "".join(f"{line}\n" for line in lines)


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of cells, aligned; the first column to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()


def tone_rows(overall: Figures) -> list[list[str]]:
    """A heading and a row a tone: how well it is told."""
    rows = [["tone", "sentences", "precision", "recall", "F1", "AUC"]]
    for tone, found in overall.tones.items():
        told = found.precision, found.recall, found.f1, found.auc
        rows.append([tone, f"{found.sentences:,}", *map(str, told)])
    return rows


def share_rows(overall: Figures) -> list[list[str]]:
    """A heading and a row a tone: its share, and how wrong the share of the answers is."""
    rows = [["tone", "share of sentences", "share counted from answers is off by"]]
    for tone, found in overall.tones.items():
        rows.append([tone, str(found.share), str(found.prevalence_error)])
    return rows


def summary_rows(evaluation: Evaluation) -> list[list[str]]:
    """A row a figure of all sentences: its name, the figure, a remark."""
    overall, calibration = evaluation.overall, evaluation.calibration
    chance = short(calibration.by_chance.high)
    rest = f"over {calibration.sentences:,} sentences; up to {chance} by chance"
    rows: list[tuple[str, Estimate, str]] = [
        ("macro-F1", overall.macro_f1, "mean of the tones' F1"),
        ("balanced accuracy", overall.balanced_accuracy, "mean of the tones' recall"),
        ("accuracy", overall.accuracy, ""),
        ("mean AUC", overall.auc, ""),
        ("Brier score", overall.brier_score, "0 is best, 2 worst"),
        ("calibration error", calibration.error, rest),
    ]
    if overall.voice:
        rows.append(("voice F1 (source)", overall.voice.f1, ""))
        rows.append(("voice AUC", overall.voice.auc, ""))
    return [[name, str(figure), remark] for name, figure, remark in rows]


def confusion_rows(evaluation: Evaluation) -> list[list[str]]:
    """A heading and a row a tone; weighted counts."""
    rows = [["", *LABELS]]
    for tone, counts in zip(LABELS, evaluation.confusion, strict=True):
        rows.append([tone, *(f"{count:,.0f}" for count in counts)])
    return rows


def coverage_rows(evaluation: Evaluation) -> list[list[str]]:
    """A heading and a row for the first threshold that covers each of `COVERAGES`."""
    rows = [["answered", "probability from", "wrong"]]
    for wanted in COVERAGES:
        point = next(p for p in evaluation.risk_coverage if p.coverage > wanted - 1e-9)
        rows.append([short(point.coverage), short(point.threshold), str(point.risk)])
    return rows


def slice_rows(evaluation: Evaluation) -> list[list[str]]:
    """A heading and a row a group."""
    rows = [["by", "group", "sentences", "articles", "accuracy", "macro-F1"]]
    for one in evaluation.slices:
        found = one.figures
        counts = f"{found.sentences:,}", f"{found.articles:,}"
        shown = str(found.accuracy), str(found.macro_f1)
        rows.append([visible(one.by), visible(one.group), *counts, *shown])
    return rows


def notes(evaluation: Evaluation) -> Iterator[str]:
    """The worst group, the annotators' agreement, and columns that weren't read."""
    if evaluation.worst:
        worst = evaluation.worst
        yield (
            f"Worst group: {visible(worst.by)} {visible(worst.group)}, "
            f"accuracy {worst.figures.accuracy}, less that of the rest {worst.gap.accuracy}."
        )
    elif evaluation.slices:
        yield "No group is surely told worse than the rest."
    if evaluation.agreement:
        yield agreement_line(evaluation.agreement)
    if evaluation.labelled.unread:
        yield f"Columns not read: {visible(', '.join(evaluation.labelled.unread))}."


def agreement_line(agreement: Agreement) -> str:
    """The annotators' agreement in a line; each sentence counts once, and the line says so."""
    kappas = ", ".join(
        f"{kappa.first} and {kappa.second} {short(kappa.value)}" for kappa in agreement.kappas
    )
    return (
        f"Annotators agree at Krippendorff's alpha {short(agreement.alpha)} on "
        f"{agreement.sentences:,} sentences, unweighted; Cohen's kappa: {kappas}."
    )
