"""What a model's card says: the data it was made from, its figures; and how to have these again.

``python -m training.card [MODEL]`` measures a model on the test labels and writes the figures into
its card; ``--held-out FOLDER`` measures, too, one that was trained without the held-out outlets
(``python -m training.train --only-held-out FOLDER``) on these. Any model will do that
`tonelens.load` gives and that has `score_sentences`.

Every figure that has an interval is a list: value, and the lower and upper end of the middle 95%
over resamples of whole passages.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import tonelens
from tonelens.evaluation.confidence import calibration
from tonelens.evaluation.evaluation import Evaluation, evaluate
from tonelens.evaluation.figures import Figures, ToneFigures, VoiceFigures
from tonelens.evaluation.intervals import Estimate, Resamples
from tonelens.evaluation.labelled import Labelled as Judged
from tonelens.evaluation.labelled import LabelledSentence
from tonelens.evaluation.slices import FEWEST_OF_A_TONE
from tonelens.labels import LABELS, VOICES
from tonelens.model import DEFAULT, ToneModel
from training.data import TEXT_FILES, file_sha256
from training.labels import Labelled, folder_labels, training_labels
from training.soft import held_out_outlets

_ROUND = 6  # shown with three digits, which must not be rounded twice
_NUMBERS = re.compile(r"(?<=\[)[-\s\d.,enul]*(?=\])")  # and nulls


def provenance(rows: Iterable[Labelled]) -> dict[str, Any]:
    """What every model says of its licence, its labels, its data and its limits."""
    labelled = [row for row in rows if row.cell >= 0]
    return {
        "licence": "Apache-2.0",
        "labelled_by": "one careful language model, by written guidelines, one vote a sentence; "
        "not by people",
        "trained_on": {
            "labelled_sentences": len(labelled),
            "sentences_per_source": dict(Counter(row.source for row in labelled).most_common()),
            "text": "news and commentary of about 450 outlets and public-domain or openly licensed "
            "speeches, releases and news; the text itself is not part of the model",
            "sha256": {name: file_sha256(name) for name in ("labels/train.jsonl.gz", *TEXT_FILES)},
        },
        "limits": "English news prose, sentence by sentence. Irony and views of an outlet given "
        "as plain fact are often missed. Names are hidden from it by construction.",
    }


def write(model: ToneModel, folder: Path) -> None:
    """Save a model, its card with every list of numbers on one line."""
    model.save(folder)
    path = folder / "card.json"
    path.write_text(card_text(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")


def measured(model: Any, rows: Iterable[Labelled]) -> dict[str, Any]:
    """Figures of a model on labelled passages, ready for JSON.

    Parameters
    ----------
    model : ToneModel or anything with its `score_sentences`
    rows : iterable of Labelled
        Passage by passage, context included.

    Returns
    -------
    dict
        ``sentences``, ``passages``, ``macro_f1`` and other figures of all; ``tones`` and ``voice``
        with precision, recall, F1 and AUC; ``confusion`` (rows labels, columns answers, in `LABELS`
        order); ``reliability``, columns over bins from the least confident; ``risk_coverage``,
        columns of what happens when only answers from a probability of ``threshold`` up are given;
        ``sources``, and ``worst``, the group by source, outlet, length, position or quotation that
        is surely told worse than the rest, and by most; null where there is none.
    """
    found = evaluate(model, judged(rows))
    return {
        **_all(found.overall),
        "expected_calibration_error": _list(found.calibration.error),
        "confusion": [[round(cell) for cell in row] for row in found.confusion],
        "reliability": _columns(found.calibration.bins),
        "risk_coverage": _columns(found.risk_coverage),
        "sources": _sources(found),
        "worst": found.worst
        and {"by": found.worst.by, "group": found.worst.group, **_brief(found.worst.figures)},
    }


def judged(rows: Iterable[Labelled]) -> Judged:
    """The rows as `tonelens.evaluation` takes them: each one's passage is its article."""
    places: Counter[str] = Counter()
    out = []
    for row in rows:
        known = row.cell >= 0
        out.append(
            LabelledSentence(
                text=row.text,
                tone=LABELS[row.cell if row.cell < len(LABELS) else 0] if known else None,
                voice=VOICES[row.cell // len(LABELS)] if known else None,
                article=row.passage,
                outlet=row.outlet,
                source=row.source,
                position=places[row.passage],
            )
        )
        places[row.passage] += 1
    return Judged(tuple(out))


def _sources(found: Evaluation) -> dict[str, Any]:
    """Figures of each source, with its calibration error."""
    top, right = found.answers.probabilities.max(1), found.answers.guess == found.labelled.gold
    draws = Resamples(found.labelled.articles, found.labelled.weight)
    out = {}
    for one in found.slices:
        if one.by == "source":
            keep = np.array([row.source == one.group for row in found.labelled])
            error = calibration(draws.where(keep), top[keep], right[keep]).error
            out[one.group] = {**_brief(one.figures), "expected_calibration_error": _list(error)}
    return out


def _all(figures: Figures) -> dict[str, Any]:
    whole = ("macro_f1", "accuracy", "balanced_accuracy", "auc", "brier_score")
    return {
        "sentences": figures.sentences,
        "passages": figures.articles,
        **{name: _list(getattr(figures, name)) for name in whole},
        "tones": {tone: _one(found) for tone, found in figures.tones.items()},
        "voice": figures.voice and _one(figures.voice),
    }


def _brief(figures: Figures) -> dict[str, Any]:
    """Of a group: F1 only of the tones that it has enough sentences of."""
    tones = figures.tones.items()
    return {
        "sentences": figures.sentences,
        "passages": figures.articles,
        "accuracy": _list(figures.accuracy),
        "macro_f1": _list(figures.macro_f1),
        "f1": {t: _list(one.f1) for t, one in tones if one.sentences >= FEWEST_OF_A_TONE},
    }


def _columns(rows: Sequence[Any]) -> dict[str, list[Any]]:
    """Named tuples as a list for each field; three for one that has an interval."""
    columns: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in row._asdict().items():
            parts = value._asdict() if isinstance(value, Estimate) else {"value": value}
            for part, figure in parts.items():
                title = name if part == "value" else f"{name}_{part}"
                columns.setdefault(title, []).append(_short(figure))
    return columns


def _one(found: ToneFigures | VoiceFigures) -> dict[str, Any]:
    named = {name: _list(getattr(found, name)) for name in ("precision", "recall", "f1", "auc")}
    return {"sentences": found.sentences, **named}


def _list(figure: Estimate) -> list[float | None]:
    return [_short(value) for value in figure]


def _short(value: float) -> float | int | None:
    if isinstance(value, int):
        return value
    return None if np.isnan(value) else round(float(value), _ROUND)


def held_out(rows: list[Labelled]) -> list[Labelled]:
    """The rows of the outlets that are left out."""
    outlets = held_out_outlets()
    return [row for row in rows if row.outlet in outlets]


def card_text(card: dict[str, Any]) -> str:
    """The card as JSON, with a list of numbers on one line.

    >>> print(card_text({"f1": [0.5, 0.25, None]}), end="")
    {
      "f1": [0.5, 0.25, null]
    }
    """
    text = json.dumps(card, indent=2, ensure_ascii=False)
    return _NUMBERS.sub(lambda found: " ".join(found[0].split()), text) + "\n"


def main() -> None:
    """Measure and rewrite the card."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("model", nargs="?", help="as tonelens.load takes it; default: the shipped")
    parser.add_argument("--held-out", type=Path, help="folder of one that never saw these outlets")
    parser.add_argument("--card", type=Path, help="default: card.json in the model's folder")
    args = parser.parse_args()
    path = args.card or Path(args.model or DEFAULT) / "card.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    figures = card.setdefault("figures", {})
    if args.held_out:
        figures["held_out_outlets"] = measured(
            tonelens.load(args.held_out), held_out(training_labels())
        )
    figures["test_labels"] = measured(tonelens.load(args.model), folder_labels("test"))
    path.write_text(card_text(card), encoding="utf-8")
    for name, found in figures.items():
        print(name, "macro-F1", found["macro_f1"], "ECE", found["expected_calibration_error"])


if __name__ == "__main__":
    main()
