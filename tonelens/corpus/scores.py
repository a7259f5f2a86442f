"""Scores of many articles as columns: a row a sentence or a row an article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tonelens.labels import LABELS, VOICES, tone_index, voice_index
from tonelens.model import ToneModel
from tonelens.results import ToneScores
from tonelens.sentences import spans

LEVELS = ("sentence", "article")

_INTEGER, _REAL, _TEXT = "int32", "float32", "string"
_SENTENCE = {
    "position": _INTEGER,
    "start": _INTEGER,
    "end": _INTEGER,
    "tone": _TEXT,
    **dict.fromkeys(LABELS, _REAL),
    "voice": _TEXT,
    "source_probability": _REAL,
}
_ARTICLE = {
    "sentences": _INTEGER,
    "author_sentences": _INTEGER,
    **{f"{tone}_share": _REAL for tone in LABELS},
    **{f"author_{tone}_share": _REAL for tone in LABELS},
    **{f"{name}_mean": _REAL for name in (*LABELS, "source_probability")},
}


def types(level: str) -> dict[str, str]:
    """The columns of scores at a level, in order, each with the name of its Arrow type.

    >>> list(types("sentence"))[:4]
    ['position', 'start', 'end', 'tone']
    """
    return dict(zip(LEVELS, (_SENTENCE, _ARTICLE), strict=True))[level]


def names(level: str) -> list[str]:
    """The columns of scores at a level, in order."""
    return list(types(level))


@dataclass(frozen=True)
class ArticleScores:
    """Scores of the sentences of n articles.

    Attributes
    ----------
    count : int64 (n,)
        Sentences of each article, at least one where its text isn't blank.
    start, end : int32 (s,)
        Where each sentence stands in its article's text, in characters.
    scores : ToneScores
        Of the s sentences, article by article.
    """

    count: NDArray[np.int64]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    scores: ToneScores

    @classmethod
    def of(cls, model: ToneModel, texts: Sequence[str]) -> ArticleScores:
        """Split the texts and score all their sentences at once, each in its article's context.

        >>> from tonelens import load
        >>> ArticleScores.of(load(), ["It rained. It may snow.", "It snowed."]).count.tolist()
        [2, 1]
        """
        found = [spans(text) for text in texts]
        count = np.array([len(each) for each in found], np.int64)
        places = [place for each in found for place in each]
        sentences = [t[a:b] for t, each in zip(texts, found, strict=True) for a, b in each]
        documents = np.repeat(np.arange(len(texts)), count)
        scores = model.score_sentences(sentences, documents=documents)
        start, end = np.array(places, np.int32).reshape(-1, 2).T
        return cls(count, start, end, scores)

    @cached_property
    def article(self) -> NDArray[np.int64]:
        """Number (s,) of each sentence's article, from 0."""
        return np.repeat(np.arange(len(self.count)), self.count)

    @property
    def _author(self) -> NDArray[np.bool_]:
        return voice_index(self.scores.source_probability) == 0

    def rows(self, level: str) -> NDArray[np.int64]:
        """Number of the article that each row of `columns` is of."""
        return self.article if level == "sentence" else np.arange(len(self.count))

    def columns(self, level: str) -> dict[str, NDArray[Any]]:
        """The columns of `types`; what has no value, such as a share of nothing, is nan."""
        return self._sentences() if level == "sentence" else self._articles()

    def _sentences(self) -> dict[str, NDArray[Any]]:
        first = np.cumsum(self.count) - self.count
        probabilities = self.scores.probabilities
        return {
            "position": (np.arange(len(self.start)) - first[self.article] + 1).astype(np.int32),
            "start": self.start,
            "end": self.end,
            "tone": np.array(LABELS, object)[tone_index(probabilities)],
            **{tone: probabilities[:, i] for i, tone in enumerate(LABELS)},
            "voice": np.array(VOICES, object)[voice_index(self.scores.source_probability)],
            "source_probability": self.scores.source_probability,
        }

    def _articles(self) -> dict[str, NDArray[Any]]:
        tone, author = tone_index(self.scores.probabilities), self._author
        own = self._total(author)
        out: dict[str, NDArray[Any]] = {
            "sentences": self.count.astype(np.int32),
            "author_sentences": own.astype(np.int32),
        }
        with np.errstate(invalid="ignore"):  # 0 / 0, where no sentence is the author's
            for i, name in enumerate(LABELS):
                out[f"{name}_share"] = self._total(tone == i) / self.count
            for i, name in enumerate(LABELS):
                out[f"author_{name}_share"] = self._total((tone == i) & author) / own
            for i, name in enumerate(LABELS):
                out[f"{name}_mean"] = self._total(self.scores.probabilities[:, i]) / self.count
            out["source_probability_mean"] = self._total(self.scores.source_probability)
            out["source_probability_mean"] /= self.count
        return {k: v if v.dtype == np.int32 else v.astype(np.float32) for k, v in out.items()}

    def _total(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Sum over each article, added in order, so that it is the same in every batch."""
        total: NDArray[Any] = np.bincount(self.article, values, len(self.count))
        return total.astype(np.float64)  # of nothing at all, it gives integers
