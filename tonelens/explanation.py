"""What an explanation is: a sum of named parts that replays to the score of its sentence.

Everything is in natural log-odds, ``log(p / (1 - p))`` of one tone's probability p: that is the
scale on which what a sentence says adds up. +0.7 doubles the odds, -0.7 halves them. How a model
finds the parts is the model's affair: `tonelens.contributions` does it for the default one.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from tonelens.cues import TYPES, cue_types
from tonelens.results import SentenceTone
from tonelens.tokens import Keys

OTHER, SHAPED, CONTEXT = "other", "shape", "context"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one part moved, and by how much.

    Attributes
    ----------
    text : str
        A word as it stands in the sentence; or, in words, what else was counted.
    type : str
        The first of `tonelens.cues.TYPES` that the word is ("hedge", "evaluative", "attribution",
        "quotation", "exhortation", "question", "first person" …), or "other". Of a "name" or a
        "number" the model saw no more than that it is one. "shape" is length and place, "context"
        the sentences around.
    log_odds : float
        Positive towards the tone, negative away from it.
    start, end : int or None
        Character offsets into the sentence; None where it is no word.
    """

    text: str
    type: str
    log_odds: float
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a sentence has the probability of a tone that it has.

    Attributes
    ----------
    sentence : SentenceTone
        The sentence and its score.
    tone : str
        The tone that is explained.
    baseline : float
        Log-odds of the tone before anything is read: of a sentence without words, by itself.
    contributions : tuple of Contribution
        Words in order of reading, then shape and context.
    remainder : float
        What the parts leave unexplained: in the default model, what it rounds between its layers.

    Examples
    --------
    >>> import tonelens
    >>> explanation = tonelens.explain("The plan may well fail.")
    >>> explanation.strongest[0].text
    'may'
    >>> abs(explanation.replay() - explanation.log_odds) < 1e-4
    True
    """

    sentence: SentenceTone
    tone: str
    baseline: float
    contributions: tuple[Contribution, ...]
    remainder: float

    @classmethod
    def of(
        cls,
        sentence: SentenceTone,
        tone: str,
        baseline: float,
        contributions: tuple[Contribution, ...],
    ) -> Explanation:
        """The explanation with these parts; what they leave of the score is the remainder."""
        bare = cls(sentence, tone, baseline, contributions, 0.0)
        return replace(bare, remainder=bare.log_odds - bare.replay())

    @property
    def probability(self) -> float:
        """Of the tone, as scored; 0 to 1."""
        return float(self.sentence.probabilities[self.tone])

    @property
    def log_odds(self) -> float:
        """Of the tone against the other two, as scored."""
        others = sum(p for tone, p in self.sentence.probabilities.by_name().items()
                     if tone != self.tone)  # fmt: skip
        return _log(self.probability) - _log(others)

    @property
    def strongest(self) -> tuple[Contribution, ...]:
        """The contributions, the largest in either direction first."""
        return tuple(sorted(self.contributions, key=lambda part: -abs(part.log_odds)))

    @property
    def by_type(self) -> MappingProxyType[str, float]:
        """Log-odds of all contributions of each type together."""
        sums: dict[str, float] = {}
        for part in self.contributions:
            sums[part.type] = sums.get(part.type, 0.0) + part.log_odds
        return MappingProxyType(sums)

    def replay(self) -> float:
        """The log-odds of the tone, added up from the baseline, every part and the remainder."""
        parts = (part.log_odds for part in self.contributions)
        return math.fsum((self.baseline, *parts, self.remainder))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; log-odds to six decimals."""
        parts = [asdict(part) for part in self.contributions]
        return {
            **self.sentence.to_dict(),
            "explained": self.tone,
            "log_odds": round(self.log_odds, 6),
            "baseline": round(self.baseline, 6),
            "contributions": [{**p, "log_odds": round(p["log_odds"], 6)} for p in parts],
            "remainder": round(self.remainder, 6),
        }


def _log(share: float) -> float:
    return math.log(share) if share > 0 else -math.inf


def types_of(key: Keys) -> list[str]:
    """The type of each word by its key (t,): the first of `TYPES` that it is, or "other".

    >>> from tonelens.tokens import tokenize
    >>> types_of(tokenize(["Perhaps they left"]).key)
    ['hedge', 'generalisation', 'other']
    """
    known = cue_types()
    bits = [known.get(int(each), 0) for each in np.asarray(key)]
    return [TYPES[(each & -each).bit_length() - 1] if each else OTHER for each in bits]
