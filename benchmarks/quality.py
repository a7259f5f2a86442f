"""Measure how well the tones and the voice are told; print Markdown tables.

Run ``python -m benchmarks.quality`` with ``TONELENS_DATA`` naming the data folder; ``--model DIR``
takes another model than the shipped one, ``--json FILE`` keeps the figures. What is measured:

- on ``labels/test``, passages in context: precision, recall, F1 and AUC of each tone, macro-F1,
  expected calibration error, AUC and F1 of the voice;
- on sets labelled by people under other definitions, what our probabilities say of their labels.

How figures and their intervals are computed is `tonelens.evaluation`'s. Other models are measured
on the same labels by `benchmarks.compare`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from benchmarks.human import human_table
from benchmarks.readme import markdown, publish
from tonelens import LABELS, ToneModel, load
from tonelens.evaluation import Estimate, Evaluation, Labelled, LabelledSentence, evaluate
from tonelens.evaluation.intervals import DRAWS, plain, short
from tonelens.evaluation.slices import FEWEST_OF_A_TONE
from tonelens.evaluation.table import coverage_rows, share_rows, tone_rows
from training.data import read_rows

VOTED = dict(zip("ROS", LABELS, strict=True))
"""What a vote's first letter means; its second says in whose voice, its third how sure it is."""


def labelled_test() -> Labelled:
    """Every sentence of labels/test, those without a tone as context."""
    rows = read_rows("labels/test.jsonl.gz")
    return Labelled.from_rows(
        row | {"article": row["doc"], "votes": [voted(vote) for vote in row["votes"]]}
        for row in rows
    )


def voted(vote: str) -> str | None:
    """Give the tone of a vote; none where the sentence was left out.

    >>> voted("OA3"), voted("OQ2"), voted("X--")
    ('opinion', 'reporting', None)
    """
    if vote[0] not in VOTED:
        return None
    return LABELS[0] if vote[1] == "Q" else VOTED[vote[0]]


def drawn_as(sentence: LabelledSentence) -> str:
    """Give the way in which a sentence's passage was drawn, by the letter its name begins with."""
    return {"G": "at random from news sources", "U": "from opinionated outlets"}[sentence.id[0]]


def tone_table(test: Evaluation) -> Iterator[str]:
    """Yield a line a tone, then the figures of all."""
    overall = test.overall
    yield f"{overall.sentences:,} sentences of {overall.articles} documents."
    yield from ["", *markdown(tone_rows(overall))]
    yield from ["", *markdown([["figure", "value"], *([name, str(f)] for name, f in totals(test))])]
    yield from ["", CALIBRATION.format(bins=len(test.calibration.bins),
                                       chance=short(test.calibration.by_chance.value))]  # fmt: skip


def totals(test: Evaluation) -> list[tuple[str, Estimate]]:
    """Give the figures that concern all tones, and those of the voice."""
    overall = test.overall
    return [
        ("macro-F1", overall.macro_f1),
        ("balanced accuracy", overall.balanced_accuracy),
        ("Brier score", overall.brier_score),
        ("expected calibration error", test.calibration.error),
        ("voice AUC", overall.voice.auc),
        ("voice F1 (source)", overall.voice.f1),
    ]


def source_table(test: Evaluation) -> Iterator[str]:
    """Yield a line a source, and one for each of the two ways the passages were drawn."""
    rows = [["source", "sentences", "documents", "macro-F1", *(f"F1 {t}" for t in LABELS)]]
    rows[0].append("voice AUC")
    shown = sorted((s for s in test.slices if s.by in ("drawn", "source")), key=lambda s: s[:2])
    for one in shown:
        found = one.figures
        name = f"all drawn {one.group}" if one.by == "drawn" else one.group
        f1 = [str(t.f1) if t.sentences >= FEWEST_OF_A_TONE else "–" for t in found.tones.values()]
        counts = f"{found.sentences:,}", f"{found.articles}"
        rows.append([name, *counts, str(found.macro_f1), *f1, str(found.voice.auc)])
    yield from markdown(rows)
    yield from ["", f"A tone with fewer than {FEWEST_OF_A_TONE} sentences in a source is left out"]
    yield "of its line and of its macro-F1, so macro-F1 compares only between lines that show the"
    yield "same tones."


def share_table(test: Evaluation) -> Iterator[str]:
    """Yield how far shares counted from the answers are off, and what abstaining would buy."""
    yield from markdown(share_rows(test.overall))
    yield from ["", "Answering only the surest:", "", *markdown(coverage_rows(test))]


def tables(model: ToneModel, kept: dict[str, Any]) -> Iterator[str]:
    """Yield all lines; fill `kept` with the figures in them."""
    labelled = labelled_test()
    test = evaluate(model, labelled, groups={"drawn": [drawn_as(row) for row in labelled]})
    kept["test"] = test.to_dict()
    yield f"Model: weights with SHA-256 {model.card['sha256'][:12]}…. Brackets: 95% intervals over"
    yield f"{DRAWS:,} resamples of whole documents."
    yield from ["", "### labels/test", "", *tone_table(test)]
    yield from ["", "By source:", "", *source_table(test)]
    yield from ["", *share_table(test)]
    yield from ["", LABELLED_BY.format(alpha=short(test.agreement.alpha))]
    yield from ["", "### Sets labelled by people", "", READ_AS, ""]
    yield from human_table(model, kept.setdefault("human", {}))


CALIBRATION = (
    "The calibration error is that of the top probability, over {bins} bins of equally many of\n"
    "these sentences. On so many, a perfectly calibrated model with the same confidences would\n"
    "show {chance} on average. Resampling adds noise of its own, so the interval leans high."
)
LABELLED_BY = (
    "labels/test was labelled by one careful language model, applied three times independently by\n"
    "the guidelines, and the majority taken; not by people. The figures say how well those labels\n"
    "are reproduced. On 720 sentences labelled blind, that annotator agrees with people\n"
    "at Cohen's kappa .66 (opinion, US news of 2024) and .61 (MPQA, the writer's subjectivity);\n"
    "its own runs agree with each other at Krippendorff's alpha {alpha}."
)
READ_AS = (
    "None of these sets shares our definitions, and none was used to choose anything. Each line\n"
    "reads a set's labels as an answer to one question about the writer's tone or voice. macro-F1\n"
    "is that of yes and no, where yes is a score above one half. Intervals resample sentences\n"
    "where a set names no documents."
)


def main() -> None:
    """Print the tables, and keep them where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, help="a model's folder; else the shipped model")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--write-readme", action="store_true", help="put them in the README")
    options = parser.parse_args()
    kept: dict[str, Any] = {}
    with threadpool_limits(1):  # more threads take longer where other work runs
        publish("quality", tables(load(options.model), kept), write=options.write_readme)
    if options.json:
        options.json.write_text(json.dumps(plain(kept), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
