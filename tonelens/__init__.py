"""Which sentences of the news report, opine or speculate, in the writer's own voice.

>>> import tonelens
>>> tonelens.score("That's all Zelenskyy has left.").tone
'opinion'
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tonelens.errors import InputError, MissingExtraError, ModelError, OutputError, TonelensError
from tonelens.labels import LABELS

if TYPE_CHECKING:
    from tonelens.classifier import ToneClassifier
    from tonelens.corpus.frames import score_frame
    from tonelens.explanation import Contribution, Explanation
    from tonelens.model import ToneModel, load
    from tonelens.quotes import Quotation
    from tonelens.results import Article, Probabilities, SentenceTone, ToneScores
    from tonelens.vectorizer import ToneVectorizer

__version__ = "0.1.0"
__all__ = [
    "LABELS",
    "Article",
    "Contribution",
    "Explanation",
    "InputError",
    "MissingExtraError",
    "ModelError",
    "OutputError",
    "Probabilities",
    "Quotation",
    "SentenceTone",
    "ToneClassifier",
    "ToneModel",
    "ToneScores",
    "ToneVectorizer",
    "TonelensError",
    "explain",
    "load",
    "read",
    "score",
    "score_frame",
    "score_sentences",
]

# Imported on first use, so that `import tonelens` costs numpy alone.
_HOMES = {
    "Article": "results",
    "Contribution": "explanation",
    "Explanation": "explanation",
    "Probabilities": "results",
    "Quotation": "quotes",
    "SentenceTone": "results",
    "ToneClassifier": "classifier",
    "ToneModel": "model",
    "ToneScores": "results",
    "ToneVectorizer": "vectorizer",
    "load": "model",
    "score_frame": "corpus.frames",
}


def explain(
    sentence: str,
    *,
    before: Sequence[str] = (),
    after: Sequence[str] = (),
    tone: str | None = None,
) -> Explanation:
    """Explain a sentence's tone with the shipped model: see `ToneModel.explain`."""
    return _default().explain(sentence, before=before, after=after, tone=tone)


def score(sentence: str, *, before: Sequence[str] = (), after: Sequence[str] = ()) -> SentenceTone:
    """Score one sentence with the shipped model: see `ToneModel.score`."""
    return _default().score(sentence, before=before, after=after)


def score_sentences(
    sentences: Sequence[str], *, documents: Sequence[Hashable] | None = None
) -> ToneScores:
    """Score many sentences with the shipped model: see `ToneModel.score_sentences`."""
    return _default().score_sentences(sentences, documents=documents)


def read(text: str) -> Article:
    """Split and score a text with the shipped model: see `ToneModel.read`."""
    return _default().read(text)


def _default() -> ToneModel:
    from tonelens.model import default_model

    return default_model()


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tonelens' has no attribute {name!r}")
    return getattr(import_module(f"tonelens.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
