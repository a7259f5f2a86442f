"""Measure how well the tones and the voice are told; print Markdown tables.

Run ``python -m benchmarks.quality`` with ``TONELENS_DATA`` naming the data folder; ``--model DIR``
takes another model than the shipped one, ``--json FILE`` keeps the figures. What is measured:

- on ``labels/test``, passages in context: precision, recall, F1 and AUC of each tone, macro-F1,
  expected calibration error, AUC and F1 of the voice, beside straw men fitted on ``labels/train``;
- on sets labelled by people under other definitions, what our probabilities say of their labels.

Brackets hold 95% percentile intervals over resamples of whole documents, drawn with replacement.
scikit-learn computes the figures themselves; those of the resamples come from sums per document,
which `tests/test_benchmarks.py` holds equal to scikit-learn's.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, precision_recall_fscore_support, roc_auc_score
from threadpoolctl import threadpool_limits

from benchmarks.readme import publish
from tonelens import LABELS, ToneModel, ToneScores, load
from tonelens.labels import tone_index
from training.data import read_rows, text_rows

Array = NDArray[Any]
System = Callable[[Sequence[str]], Array]
"""Sentences to evidence for each tone (n, 3), the greatest of which decides."""

RESAMPLES, SEED, BINS = 2000, 0, 15
FEWEST = 10
"""Labelled sentences below which a source's figure for a tone isn't shown or averaged."""


class Estimate(NamedTuple):
    """A figure and its 95% interval.

    >>> str(Estimate(0.5, 0.25, 1.0))
    '.500 [.250, 1.000]'
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if np.isnan(self.value):
            return "–"
        return f"{short(self.value)} [{short(self.low)}, {short(self.high)}]"


NO_ESTIMATE = Estimate(np.nan, np.nan, np.nan)


def short(figure: float) -> str:
    """Give three decimals without a leading zero; a dash where there is no figure."""
    if np.isnan(figure):
        return "–"
    return f"{figure:.3f}".replace("0.", ".", 1) if abs(figure) < 1 else f"{figure:.3f}"


def estimate(value: float, resampled: Array) -> Estimate:
    """Give a figure with the middle 95% of its resamples."""
    if np.isnan(value) or np.isnan(resampled).all():
        return Estimate(value, np.nan, np.nan)
    low, high = np.nanpercentile(resampled, (2.5, 97.5))
    return Estimate(float(value), float(low), float(high))


class Resamples:
    """Documents drawn with replacement, and sums and AUCs over each draw.

    Parameters
    ----------
    documents : sequence of str
        The document of each of n sentences, d different ones.

    Attributes
    ----------
    cluster : int (n,)
        Number of each sentence's document.
    weight : float (RESAMPLES, d)
        How often each draw holds each document.
    """

    def __init__(self, documents: Sequence[str]) -> None:
        names, self.cluster = np.unique(np.asarray(documents), return_inverse=True)
        d = len(names)
        rng = np.random.default_rng(SEED)
        self.weight = rng.multinomial(d, np.full(d, 1 / d), RESAMPLES).astype(float)

    def sums(self, values: Array) -> Array:
        """Sum (RESAMPLES, k) over each draw's sentences of values (n, k)."""
        per_document = np.zeros((self.weight.shape[1], values.shape[1]))
        np.add.at(per_document, self.cluster, values)
        return self.weight @ per_document

    def confusion(self, gold: Array, guess: Array, k: int) -> Array:
        """Confusion matrix (RESAMPLES, k, k) of each draw, rows gold; labels 0 … k - 1."""
        return self.sums(np.eye(k * k)[gold.astype(int) * k + guess]).reshape(-1, k, k)

    def auc(self, positive: Array, score: Array) -> Array:
        """AUC (RESAMPLES,) of each draw; NaN where it lacks either class."""
        d = self.weight.shape[1]
        wins = np.zeros((d, d))  # of the positives of one document over the negatives of another
        for j in np.unique(self.cluster[~positive]):
            rivals = np.sort(score[~positive & (self.cluster == j)])
            beaten = np.searchsorted(rivals, score[positive], "left")
            beaten = beaten + np.searchsorted(rivals, score[positive], "right")
            wins[:, j] = np.bincount(self.cluster[positive], beaten / 2, d)
        won = np.einsum("rd,rd->r", self.weight @ wins, self.weight)
        pairs = self.sums(np.stack((positive, ~positive), 1).astype(float)).prod(1)
        return np.divide(won, pairs, out=np.full(len(won), np.nan), where=pairs > 0)


def precision_recall_f1(confusion: Array) -> Array:
    """Precision, recall and F1 (3, …, k) of confusion matrices (…, k, k); NaN for 0 of 0."""
    right = confusion.diagonal(axis1=-2, axis2=-1)
    gold, guess = confusion.sum(-1), confusion.sum(-2)
    over = np.stack((guess, gold, (gold + guess) / 2))
    return np.divide(np.stack((right,) * 3), over, out=np.full(over.shape, np.nan), where=over > 0)


def equal_mass_bins(confidence: Array, bins: int = BINS) -> Array:
    """Give the bin (n,) of each confidence, by rank, so that all bins are equally full."""
    rank = np.empty(len(confidence), np.int64)
    rank[np.argsort(confidence, kind="stable")] = np.arange(len(confidence))
    return rank * bins // len(confidence)


def expected_calibration_error(confidence: Array, right: Array, bins: int = BINS) -> float:
    """Mean gap, weighted by sentences, between a bin's confidence and its share of right answers.

    >>> expected_calibration_error(np.array([0.6, 0.6, 0.9, 0.9]), np.array([0, 1, 1, 1]), 2)
    0.1
    """
    gap = np.bincount(equal_mass_bins(confidence, bins), confidence - right)
    return round(float(np.abs(gap).sum() / len(confidence)), 12)


def least_calibration_error(confidence: Array) -> float:
    """Give the error that a perfectly calibrated model shows on so many sentences, on average."""
    draws = np.random.default_rng(SEED).random((200, len(confidence))) < confidence
    return float(np.mean([expected_calibration_error(confidence, draw) for draw in draws]))


def class_figures(resamples: Resamples, gold: Array, guess: Array, k: int) -> list[list[Estimate]]:
    """Precision, recall and F1 of each of k classes."""
    drawn = precision_recall_f1(resamples.confusion(gold, guess, k))
    found = precision_recall_fscore_support(
        gold, guess, labels=range(k), average=None, zero_division=np.nan
    )
    return [[estimate(found[i][c], drawn[i, :, c]) for i in range(3)] for c in range(k)]


def macro_resampled(resamples: Resamples, gold: Array, guess: Array, labels: list[int]) -> Array:
    """Macro-F1 (RESAMPLES,) over these classes, of each draw."""
    confusion = resamples.confusion(gold, guess, len(LABELS))
    return np.nanmean(precision_recall_f1(confusion)[2][:, labels], 1)


def macro_f1(
    resamples: Resamples, gold: Array, guess: Array, labels: Sequence[int] = (0, 1, 2)
) -> Estimate:
    """Macro-F1 over these classes."""
    value = f1_score(gold, guess, labels=list(labels), average="macro", zero_division=0)
    return estimate(value, macro_resampled(resamples, gold, guess, list(labels)))


def auc(resamples: Resamples, positive: Array, score: Array) -> Estimate:
    """Area under the ROC curve; NaN where either class is missing."""
    if positive.all() or not positive.any():
        return NO_ESTIMATE
    return estimate(roc_auc_score(positive, score), resamples.auc(positive, score))


def calibration(resamples: Resamples, confidence: Array, right: Array) -> Estimate:
    """Give the expected calibration error; its bins are those of the whole sample throughout."""
    member = np.eye(BINS)[equal_mass_bins(confidence)]
    gap = np.abs(resamples.sums(member * (confidence - right)[:, None])).sum(1)
    size = resamples.sums(np.ones((len(right), 1)))[:, 0]
    return estimate(expected_calibration_error(confidence, right), gap / size)


# --- straw men -----------------------------------------------------------------------------------


def majority() -> System:
    """Say reporting of everything."""
    return lambda texts: np.tile([1.0, 0.0, 0.0], (len(texts), 1))


def tfidf() -> System:
    """Fit tf-idf of words and pairs + logistic regression; settings by folds of whole outlets."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, GroupKFold
    from sklearn.pipeline import make_pipeline

    texts, gold, outlets = training_sentences()
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    grid = {
        "logisticregression__C": [1, 10],
        "logisticregression__class_weight": [None, "balanced"],
    }
    search = GridSearchCV(
        make_pipeline(words, LogisticRegression(max_iter=300)),
        grid,
        scoring="f1_macro",
        cv=GroupKFold(3),
    )
    search.fit(texts, gold, groups=outlets)
    return lambda texts: np.asarray(search.predict_proba(texts))


def textblob() -> System:
    """Call opinion what TextBlob finds subjective beyond a threshold."""
    from textblob import TextBlob

    return thresholded(lambda text: TextBlob(text).sentiment.subjectivity)


def vader() -> System:
    """Call opinion what VADER finds positive or negative beyond a threshold."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    scores = SentimentIntensityAnalyzer().polarity_scores
    return thresholded(lambda text: abs(scores(text)["compound"]))


STRAW_MEN: dict[str, tuple[str, Callable[[], System]]] = {
    "majority": ("sklearn", majority),
    "tf-idf (1, 2) + logistic regression": ("sklearn", tfidf),
    "TextBlob subjectivity": ("textblob", textblob),
    "VADER, absolute compound": ("vaderSentiment", vader),
}


@cache
def training_sentences() -> tuple[list[str], Array, list[str]]:
    """Text, tone's number and outlet of every labelled sentence of labels/train."""
    rows = [row for row in read_rows("labels/train.jsonl.gz") if row["tone"]]
    gold = np.array([LABELS.index(row["tone"]) for row in rows])
    return [row["text"] for row in rows], gold, [row["outlet"] or row["source"] for row in rows]


def thresholded(score: Callable[[str], float]) -> System:
    """Answer opinion above the threshold best on labels/train, else reporting."""
    texts, gold, _ = training_sentences()
    kept = [(text, tone) for text, tone in zip(texts, gold, strict=True) if tone != 2]
    found = np.array([score(text) for text, _ in kept])
    opinion = np.array([tone == 1 for _, tone in kept])
    cuts = np.unique(np.quantile(found, np.linspace(0, 0.99, 100)))
    cut = max(cuts, key=lambda cut: f1_score(opinion, found > cut, average="macro"))
    return lambda texts: np.array([(cut, score(text), 0.0) for text in texts])


def straw_men() -> dict[str, System]:
    """Fit every straw man whose package is at hand."""
    return {name: make() for name, (package, make) in STRAW_MEN.items() if find_spec(package)}


def missing() -> Iterator[str]:
    """Yield a note for each straw man whose package isn't at hand."""
    for name, (package, _) in STRAW_MEN.items():
        if not find_spec(package):
            yield f"{name}: skipped, {package} isn't installed."


# --- our labels ----------------------------------------------------------------------------------


@dataclass
class Labelled:
    """The labelled sentences of labels/test and what the model says of them."""

    rows: list[dict[str, Any]]
    probabilities: Array
    source: Array

    @classmethod
    def scored(cls, model: ToneModel) -> Labelled:
        """Score whole passages, then keep the sentences that have a tone."""
        rows = list(read_rows("labels/test.jsonl.gz"))
        scores = model.score_sentences(
            [row["text"] for row in rows], documents=[row["passage"] for row in rows]
        )
        every = cls(rows, scores.probabilities.astype(float), scores.source_probability)
        return every.where([row["tone"] is not None for row in rows])

    def where(self, keep: Sequence[bool]) -> Labelled:
        """Give the part of it for which `keep` holds."""
        at = np.flatnonzero(keep)
        return Labelled([self.rows[i] for i in at], self.probabilities[at], self.source[at])

    @property
    def gold(self) -> Array:
        """Number of each sentence's tone."""
        return np.array([LABELS.index(row["tone"]) for row in self.rows])

    @property
    def attributed(self) -> Array:
        """Whether each sentence's claim is a source's."""
        return np.array([row["voice"] == "source" for row in self.rows])

    @property
    def resamples(self) -> Resamples:
        """Draws of its documents."""
        return Resamples([row["doc"] for row in self.rows])


def tone_table(test: Labelled, kept: dict[str, Any]) -> Iterator[str]:
    """Yield a line a tone, then the figures of all."""
    gold, guess, draws = test.gold, tone_index(test.probabilities), test.resamples
    yield f"{len(gold):,} sentences of {len({row['doc'] for row in test.rows})} documents."
    yield from ["", "| tone | sentences | precision | recall | F1 | AUC |", "|" + " --- |" * 6]
    for k, row in enumerate(class_figures(draws, gold, guess, len(LABELS))):
        row.append(auc(draws, gold == k, test.probabilities[:, k]))
        kept[LABELS[k]] = dict(zip(("precision", "recall", "F1", "AUC"), row, strict=True))
        yield f"| {LABELS[k]} | {(gold == k).sum():,} | {' | '.join(map(str, row))} |"
    yield from ["", "| figure | value |", "| --- | --- |"]
    for name, figure in overall(test, draws).items():
        kept[name] = figure
        yield f"| {name} | {figure} |"
    yield from ["", CALIBRATION.format(short(least_calibration_error(test.probabilities.max(1))))]


def overall(test: Labelled, draws: Resamples) -> dict[str, Estimate]:
    """Give the figures that concern all tones, and those of the voice."""
    gold, guess = test.gold, tone_index(test.probabilities)
    voice = class_figures(draws, test.attributed, test.source > 0.5, 2)
    return {
        "macro-F1": macro_f1(draws, gold, guess),
        "expected calibration error": calibration(draws, test.probabilities.max(1), guess == gold),
        "voice AUC": auc(draws, test.attributed, test.source),
        "voice F1 (source)": voice[1][2],
    }


def source_table(test: Labelled, kept: dict[str, Any]) -> Iterator[str]:
    """Yield a line a source, and one for each of the two ways the passages were drawn."""
    parts = {
        "all drawn at random from news sources": [r["passage"][0] == "G" for r in test.rows],
        "all from opinionated outlets": [r["passage"][0] == "U" for r in test.rows],
    }
    for source in sorted({row["source"] for row in test.rows}):
        parts[source] = [row["source"] == source for row in test.rows]
    heads = ["source", "sentences", "documents", "macro-F1", *(f"F1 {t}" for t in LABELS)]
    yield f"| {' | '.join([*heads, 'voice AUC'])} |"
    yield "|" + " --- |" * (len(heads) + 1)
    for name, keep in parts.items():
        yield source_line(name, test.where(keep), kept)
    yield from [
        "",
        f"A tone with fewer than {FEWEST} sentences in a source is left out of its line",
    ]
    yield "and of its macro-F1, so macro-F1 compares only between lines that show the same tones."


def source_line(name: str, part: Labelled, kept: dict[str, Any]) -> str:
    """Give one line of the table by source."""
    gold, guess, draws = part.gold, tone_index(part.probabilities), part.resamples
    shown = [k for k in range(3) if (gold == k).sum() >= FEWEST]
    f1 = [row[2] for row in class_figures(draws, gold, guess, 3)]
    macro = macro_f1(draws, gold, guess, shown) if len(shown) > 1 else NO_ESTIMATE
    voice = auc(draws, part.attributed, part.source)
    kept[name] = {"macro-F1": macro, "voice AUC": voice} | {LABELS[k]: f1[k] for k in shown}
    cells = [name, f"{len(gold):,}", str(len({row["doc"] for row in part.rows})), str(macro)]
    cells += [str(f1[k]) if k in shown else "–" for k in range(3)]
    return f"| {' | '.join([*cells, str(voice)])} |"


def straw_table(test: Labelled, systems: dict[str, System], kept: dict[str, Any]) -> Iterator[str]:
    """Yield a line a system on the same sentences."""
    yield (
        "| system | macro-F1 | tonelens is ahead by | F1 reporting, opinion, speculation "
        "| AUC opinion | AUC speculation | macro-F1, opinion against reporting |"
    )
    yield "|" + " --- |" * 7
    texts = [row["text"] for row in test.rows]
    yield straw_line("tonelens", test, test.probabilities, kept)
    for name, system in systems.items():
        yield straw_line(name, test, system(texts), kept)


def straw_line(name: str, test: Labelled, found: Array, kept: dict[str, Any]) -> str:
    """Give one system's line; `found` (n, 3) is its evidence for each tone."""
    gold, draws, guess = test.gold, test.resamples, tone_index(found)
    two = gold != 2
    draws_of_two = test.where(two.tolist()).resamples
    kept[name] = {
        "macro-F1": macro_f1(draws, gold, guess),
        "tonelens ahead by": lead(draws, gold, tone_index(test.probabilities), guess),
        "AUC opinion": auc(draws, gold == 1, found[:, 1]),
        "AUC speculation": auc(draws, gold == 2, found[:, 2]),
        "two tones": macro_f1(draws_of_two, gold[two], found[two, 1] > found[two, 0], (0, 1)),
    }
    cells = [str(figure) for figure in kept[name].values()]
    cells[1] = "–" if name == "tonelens" else cells[1]
    f1 = f1_score(gold, guess, average=None, labels=[0, 1, 2], zero_division=0)
    return f"| {' | '.join([name, *cells[:2], ' '.join(map(short, f1)), *cells[2:]])} |"


def lead(draws: Resamples, gold: Array, own: Array, other: Array) -> Estimate:
    """Give by how much macro-F1 is ahead of another system's, over the same draws."""
    value = f1_score(gold, own, average="macro") - f1_score(gold, other, average="macro")
    drawn = [macro_resampled(draws, gold, guess, [0, 1, 2]) for guess in (own, other)]
    return estimate(value, drawn[0] - drawn[1])


# --- other people's labels -----------------------------------------------------------------------


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
    yield f"| {' | '.join([*heads, *(f'AUC {name}' for name in rivals), 'left out'])} |"
    yield "|" + " --- |" * (len(heads) + len(rivals) + 1)
    for human in HUMAN:
        yield human_line(human, files[human.file], model, rivals, seen, kept)
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
) -> str:
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
        "macro-F1": macro_f1(draws, positive, decision, (0, 1)),
    }
    kept[human.title] = figures
    cells = [human.title, human.asked, f"{known.sum():,}", *map(str, figures.values())]
    for name, system in rivals.items():
        figures[name] = rival_auc(
            human, system, [texts[i] for i in np.flatnonzero(known)], positive
        )
        cells.append(short(figures[name]))
    return f"| {' | '.join([*cells, f'{(wanted & ~known).sum():,}'])} |"


def rival_auc(human: HumanSet, system: System, texts: list[str], positive: Array) -> float:
    """Give the AUC of a system that tells tones only; NaN where the question is another."""
    evidence = system(texts) if human.asked in ("P(opinion)", _SUBJ) else None
    if evidence is None:
        return float("nan")
    score = evidence[:, 1] + (evidence[:, 2] if human.asked == _SUBJ else 0)
    return float(roc_auc_score(positive, score))


# --- all of it -----------------------------------------------------------------------------------


def tables(model: ToneModel, kept: dict[str, Any]) -> Iterator[str]:
    """Yield all lines; fill `kept` with the figures in them."""
    test, systems = Labelled.scored(model), straw_men()
    yield f"Model: weights with SHA-256 {model.card['sha256'][:12]}…. Brackets: 95% intervals over"
    yield f"{RESAMPLES:,} resamples of whole documents."
    yield from ["", "### labels/test", "", *tone_table(test, kept.setdefault("tones", {}))]
    yield from ["", "By source:", "", *source_table(test, kept.setdefault("sources", {}))]
    yield from ["", "Beside straw men, fitted and tuned on labels/train alone:", ""]
    yield from straw_table(test, systems, kept.setdefault("systems", {}))
    yield from ["", *missing(), LABELLED_BY, "", "### Sets labelled by people", "", READ_AS, ""]
    yield from human_table(model, systems, kept.setdefault("human", {}))


CALIBRATION = (
    f"The calibration error is that of the top probability, over {BINS} bins of equally many of\n"
    "these sentences. On so many, a perfectly calibrated model with the same confidences would\n"
    "show {} on average. Resampling adds noise of its own, so the interval leans high."
)
LABELLED_BY = (
    "TextBlob and VADER know no speculation; their thresholds and the last column, where the\n"
    "sentences of speculation are left out, are of opinion against reporting.\n\n"
    "labels/test was labelled by one careful language model, applied three times independently by\n"
    "the guidelines, and the majority taken; not by people. The figures say how well those labels\n"
    "are reproduced. On 720 sentences labelled blind, that annotator agrees with people\n"
    "at Cohen's kappa .66 (opinion, US news of 2024) and .61 (MPQA, the writer's subjectivity)."
)
READ_AS = (
    "None of these sets shares our definitions, and none was used to choose anything. Each line\n"
    "reads a set's labels as an answer to one question about the writer's tone or voice. macro-F1\n"
    "is that of yes and no at the model's own decision: the tone or tones named are the most\n"
    "probable, or P(source) is above one half. Intervals resample sentences where a set names no\n"
    "documents."
)


def plain(figures: Any) -> Any:
    """Give the figures for JSON: an estimate as value, low and high; null where there is none.

    >>> plain({"AUC": Estimate(0.5, float("nan"), 1.0)})
    {'AUC': [0.5, None, 1.0]}
    """
    if isinstance(figures, dict):
        return {name: plain(figure) for name, figure in figures.items()}
    if isinstance(figures, tuple):
        return [plain(figure) for figure in figures]
    return None if np.isnan(figures) else float(figures)


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
