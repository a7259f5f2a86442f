"""What the front page shows of the shipped model besides its figures, for `benchmarks.readme`.

What the command prints for the example, what abstaining buys by the model's card, and cases that
the model fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.behaviour import Case, known_failures, read_cases
from benchmarks.readme import markdown
from tonelens import LABELS, ToneModel, load
from tonelens.model import DEFAULT

ROOT = Path(__file__).parent.parent
CARDS = [folder / "card.json" for folder in (DEFAULT, ROOT / "training/accurate/tonelens_accurate")]
ARTICLE, EXPLAINED = "examples/harbour-vote.txt", "21"
COVERAGES = (1, 0.9, 0.8, 0.7, 0.5)
KINDS = 10


def blocks() -> dict[str, str]:
    """Give every block of the front page by the name of its marks."""
    model = load()
    return {
        "scored": printed("score", ARTICLE),
        "explained": printed("explain", ARTICLE, "--sentence", EXPLAINED),
        "sure": "\n".join(markdown(list(sure_rows(model)))),
        "failures": "\n".join(markdown(list(failure_rows(model)))),
        "models": "\n".join(markdown(list(model_rows()))),
    }


def printed(*arguments: str) -> str:
    """Give what the command prints, as a block of code."""
    command = [sys.executable, "-m", "tonelens", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return f"```text\n{done.stdout.decode().rstrip()}\n```"


def sure_rows(model: ToneModel) -> Iterator[list[str]]:
    """Yield a row for each share of the test labels that is answered, by the model's card."""
    curve = model.card["figures"]["test_labels"]["risk_coverage"]
    yield ["probability from", "sentences answered", "of these wrong"]
    for wanted in COVERAGES:
        i = min(range(len(curve["coverage"])), key=lambda i: abs(curve["coverage"][i] - wanted))
        share, risk, low, high = (
            curve[name][i] for name in ("coverage", "risk", "risk_low", "risk_high")
        )
        threshold = f"{curve['threshold'][i]:.2f}" if wanted < 1 else "any"
        yield [threshold, f"{share:.0%}", f"{risk:.1%} [{low:.1%}, {high:.1%}]"]


def model_rows() -> Iterator[list[str]]:
    """Yield a row for each of the main figures on the test labels, by the two models' cards."""
    figures = [json.loads(path.read_text("utf-8"))["figures"]["test_labels"] for path in CARDS]
    yield ["on the test labels", "small model", "accurate model"]
    yield ["macro-F1", *(_with_interval(each["macro_f1"]) for each in figures)]
    for tone in LABELS:
        yield [f"F1 {tone}", *(_with_interval(each["tones"][tone]["f1"]) for each in figures)]
    for name, title in (("f1", "F1"), ("auc", "AUC")):
        yield [f"voice {title}", *(_with_interval(each["voice"][name]) for each in figures)]
    errors = (_with_interval(each["expected_calibration_error"]) for each in figures)
    yield ["expected calibration error", *errors]


def _with_interval(figure: list[float]) -> str:
    value, low, high = (f"{part:.3f}".removeprefix("0") for part in figure)
    return f"{value} [{low}, {high}]"


def failure_rows(model: ToneModel) -> Iterator[list[str]]:
    """Yield a sentence whose tone is told wrong for each of the kinds that fail most often."""
    failed, told = set(known_failures()), {}
    for case in read_cases():
        if case.id in failed and case.tone and not case.before:
            score = model.score(case.text)
            if score.tone != case.tone:
                told[case.id] = (case, f"{score.tone}, {max(score.probabilities):.0%}")
    counts = Counter(case.kind for case, _ in told.values())
    yield ["kind", "for example", "is", "tonelens says"]
    for kind, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:KINDS]:
        case, answer = min((pair for pair in told.values() if pair[0].kind == kind), key=_length)
        yield [kind, f"*{case.text}*", str(case.tone), answer]


def _length(pair: tuple[Case, str]) -> tuple[int, str]:
    return len(pair[0].text), pair[0].id
