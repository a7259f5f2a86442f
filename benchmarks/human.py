"""Sets that people labelled under other definitions, and what our probabilities say of those."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks.readme import markdown
from benchmarks.straw_men import System
from tonelens import ToneModel, ToneScores
from tonelens.evaluation.intervals import Resamples, short
from tonelens.evaluation.metrics import auc, macro_f1
from tonelens.labels import tone_index
from training.data import read_rows, text_rows

Array = NDArray[Any]


@dataclass(frozen=True)
class HumanSet:
    """A set labelled by people under another definition, and how it is read as ours.

    `asked` is one of `ASKED`; `context` says whether a document's sentences follow each other, all
    of them present; `limits` what the reading does not measure.
    """

    title: str
    file: str
    asked: str
    positive: tuple[str, ...]
    negative: tuple[str, ...]
    context: bool
    limits: str


ASKED: dict[str, Callable[[ToneScores], tuple[Array, Array]]] = {
    "P(opinion)": lambda s: (s.probabilities[:, 1], tone_index(s.probabilities) == 1),
    "P(opinion) + P(speculation)": lambda s: (
        s.probabilities[:, 1] + s.probabilities[:, 2],
        tone_index(s.probabilities) != 0,
    ),
    "P(speculation)": lambda s: (s.probabilities[:, 2], tone_index(s.probabilities) == 2),
    "P(source)": lambda s: (s.source_probability, s.source_probability > 0.5),
}
"""What is asked of the scores: a score for each sentence, and a decision."""

_SUBJ = "P(opinion) + P(speculation)"
_FACTUAL, _SOMEWHAT = "Entirely factual", "Somewhat factual but also opinionated"
_OPINION = "Expresses writer's opinion"
_MPQA = {
    "writer": ("subjective_writer",),
    "attributed": ("subjective_attributed", "objective_attributed"),
}
HUMAN = (
    HumanSet(
        "NewsSD-ENG: subjective", "newssd_eng", _SUBJ, ("SUBJ",), ("OBJ",), False,
        "a speculation is subjective to its annotators where it draws a conclusion, and sarcasm "
        "and exhortation are too. The sentences stand alone.",
    ),
    HumanSet(
        "CheckThat! 2024 test: subjective", "checkthat_2024_test", _SUBJ, ("SUBJ",), ("OBJ",),
        False, "the same scheme as NewsSD-ENG; the best published macro-F1, by a system trained "
        "for it, is .744.",
    ),
    HumanSet(
        "BABE: writer's opinion against entirely factual", "babe", "P(opinion)", (_OPINION,),
        (_FACTUAL,), False,
        "the sentences stand alone, some of them cut from quotations; the middle answer (somewhat "
        "factual but also opinionated) and sentences without agreement are left out, which makes "
        "the task easier.",
    ),
    HumanSet(
        "BABE: opinionated at all against entirely factual", "babe", "P(opinion)",
        (_OPINION, _SOMEWHAT), (_FACTUAL,), False, "as above, with the middle answer as opinion.",
    ),
    HumanSet(
        "MPQA: the writer's subjectivity against the rest", "mpqa", _SUBJ, _MPQA["writer"],
        ("objective", *_MPQA["attributed"]), True,
        "subjectivity there is any emotion, slant or judgement in the writer's words, by tints of "
        "single words as well as by claims; low intensities count as none.",
    ),
    HumanSet(
        "MPQA: attributed against the rest", "mpqa", "P(source)", _MPQA["attributed"],
        ("objective", *_MPQA["writer"]), True,
        "a sentence that holds a source's view beside the writer's counts as the writer's, weak "
        "views of a source as none; an emotion told of somebody counts as attributed there, as the "
        "writer's own report here.",
    ),
    HumanSet(
        "Szeged news: uncertain against certain", "szeged_news", "P(speculation)", ("uncertain",),
        ("certain",), True,
        "uncertain there holds for any hedge, whoever holds the belief; here a source's "
        "speculation is reporting and isn't counted, so a perfect model would fall short of 1.",
    ),
    HumanSet(
        "PolNeAR: attributed against unattributed", "polnear", "P(source)", ("attributed",),
        ("unattributed",), True,
        "attributed there means that attributions cover at least half of the sentence, wherever "
        "its main claim lies; partly attributed sentences are context only.",
    ),
)  # fmt: skip


def human_table(
    model: ToneModel, systems: dict[str, System], kept: dict[str, Any]
) -> Iterator[str]:
    """Yield a line a reading of a set, then what each reading doesn't measure."""
    rivals = {name: system for name, system in systems.items() if name != "majority"}
    files = {name: list(read_rows(f"human/{name}.jsonl.gz")) for name in {h.file for h in HUMAN}}
    seen = also_in_training({row["text"] for rows in files.values() for row in rows})
    heads = ["set and question", "score", "sentences", "AUC", "macro-F1"]
    heads += [*(f"AUC {name}" for name in rivals), "left out"]
    lines = (human_line(human, files[human.file], model, rivals, seen, kept) for human in HUMAN)
    yield from markdown([heads, *lines])
    yield from ["", "The last column counts sentences left out because the same words occur among"]
    yield "the sentences that the model was or may be trained on. What each reading leaves open:"
    yield from ["", *(f"- {human.title}: {human.limits}" for human in HUMAN)]


def also_in_training(texts: set[str]) -> set[str]:
    """Give those of the texts that are in labels/train or in the unlabelled sentences."""
    labelled = texts.intersection(row["text"] for row in read_rows("labels/train.jsonl.gz"))
    return labelled | texts.intersection(row["text"] for row in text_rows())


def human_line(
    human: HumanSet,
    rows: list[dict[str, Any]],
    model: ToneModel,
    rivals: dict[str, System],
    seen: set[str],
    kept: dict[str, Any],
) -> list[str]:
    """Give one reading's line."""
    wanted = np.array([row["label"] in (*human.positive, *human.negative) for row in rows])
    known = wanted & np.array([row["text"] not in seen for row in rows])
    texts = [row["text"] for row in rows]
    documents = [row.get("doc_id") or row["text"] for row in rows]
    scores = model.score_sentences(texts, documents=documents if human.context else None)
    score, decision = (found[known] for found in ASKED[human.asked](scores))
    positive = np.array([row["label"] in human.positive for row in rows])[known]
    draws = Resamples([documents[i] for i in np.flatnonzero(known)])
    figures = {
        "AUC": auc(draws, positive, score),
        "macro-F1": macro_f1(draws, positive.astype(int), decision.astype(int), (0, 1)),
    }
    kept[human.title] = figures
    cells = [human.title, human.asked, f"{known.sum():,}", *map(str, figures.values())]
    for name, system in rivals.items():
        figures[name] = rival_auc(
            human, system, [texts[i] for i in np.flatnonzero(known)], positive
        )
        cells.append(short(figures[name]))
    return [*cells, f"{(wanted & ~known).sum():,}"]


def rival_auc(human: HumanSet, system: System, texts: list[str], positive: Array) -> float:
    """Give the AUC of a system that tells tones only; NaN where the question is another."""
    evidence = system(texts) if human.asked in ("P(opinion)", _SUBJ) else None
    if evidence is None:
        return float("nan")
    score = evidence[:, 1] + (evidence[:, 2] if human.asked == _SUBJ else 0)
    return float(roc_auc_score(positive, score))


# --- all of it -----------------------------------------------------------------------------------
