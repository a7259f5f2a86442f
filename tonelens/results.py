"""What scoring returns: frozen values, with everything that can be derived as a property."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from tonelens.errors import MissingExtraError
from tonelens.inputs import probability
from tonelens.labels import LABELS, Floats, tone_index, voice_name
from tonelens.quotes import Quotation, find_quotations

if TYPE_CHECKING:
    import pandas as pd


class Probabilities(tuple[float, float, float]):
    """Probabilities in `LABELS` order, that can also be read by name; they sum to 1.

    >>> p = Probabilities((0.5, 0.25, 0.25))
    >>> p[0], p["reporting"], p.opinion, p.speculation
    (0.5, 0.5, 0.25, 0.25)
    """

    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        """By position, slice or name of a tone."""
        if not isinstance(key, str):
            return super().__getitem__(key)
        if key not in LABELS:
            raise KeyError(f"{key!r} is no tone; the tones are {', '.join(LABELS)}")
        return super().__getitem__(LABELS.index(key))

    @property
    def reporting(self) -> float:
        """Probability of reporting, 0 to 1."""
        return float(self[0])

    @property
    def opinion(self) -> float:
        """Probability of opinion, 0 to 1."""
        return float(self[1])

    @property
    def speculation(self) -> float:
        """Probability of speculation, 0 to 1."""
        return float(self[2])

    def by_name(self) -> dict[str, float]:
        """Tone to probability, in `LABELS` order."""
        return dict(zip(LABELS, self, strict=True))


@dataclass(frozen=True, slots=True)
class SentenceTone:
    """One sentence and what it was scored.

    Attributes
    ----------
    text : str
        The sentence, unaltered.
    probabilities : Probabilities
        Of reporting, opinion and speculation; they sum to 1.
    source_probability : float
        Probability, 0 to 1, that the main claim is a source's and not the author's.
    start, end : int
        Character offsets into the article it was read in; 0 and its length by itself.
    """

    text: str
    probabilities: Probabilities
    source_probability: float
    start: int
    end: int

    @property
    def tone(self) -> str:
        """The most probable of `LABELS`."""
        return LABELS[int(tone_index(np.array([self.probabilities]))[0])]

    @property
    def voice(self) -> str:
        """Who stands behind the main claim: "author" or "source"."""
        return voice_name(self.source_probability)

    def abstain(self, *, below: float) -> str | None:
        """The tone, or None where its probability is below a threshold, 0 to 1.

        None is no fourth tone: tables leave it empty, and counts leave it out.

        >>> rain = SentenceTone("It rained.", Probabilities((0.6, 0.3, 0.1)), 0.0, 0, 10)
        >>> rain.abstain(below=0.5), rain.abstain(below=0.7)
        ('reporting', None)
        """
        threshold = probability(below, call="abstain", name="below")
        return None if max(self.probabilities) < threshold else self.tone

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "tone": self.tone,
            **{name: round(p, 6) for name, p in self.probabilities.by_name().items()},
            "voice": self.voice,
            "source_probability": round(self.source_probability, 6),
        }


@dataclass(frozen=True, slots=True, eq=False)
class ToneScores:
    """Scores of n sentences, as arrays.

    Attributes
    ----------
    probabilities : float32 (n, 3)
        Columns in `LABELS` order; rows sum to 1.
    source_probability : float32 (n,)
        Probability that the main claim is a source's.
    """

    probabilities: Floats
    source_probability: Floats

    def __len__(self) -> int:
        return len(self.probabilities)

    @property
    def tones(self) -> list[str]:
        """Most probable tone of each sentence."""
        return [LABELS[i] for i in tone_index(self.probabilities)]

    def abstain(self, *, below: float) -> list[str | None]:
        """Each sentence's tone, None where its probability is below a threshold, 0 to 1.

        Raises
        ------
        InputError
            Where `below` is no number from 0 to 1.
        """
        threshold = probability(below, call="abstain", name="below")
        sure = self.probabilities.max(1, initial=0).astype(float) >= threshold
        return [tone if known else None for tone, known in zip(self.tones, sure, strict=True)]

    @property
    def voices(self) -> list[str]:
        """Who stands behind each sentence: "author" or "source"."""
        return [voice_name(p) for p in self.source_probability.tolist()]

    def to_frame(self) -> pd.DataFrame:
        """A row a sentence: tone, three probabilities, voice, source_probability.

        Raises
        ------
        MissingExtraError
            Where pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise MissingExtraError(
                "ToneScores.to_frame() needs pandas. Install it: pip install 'tonelens[pandas]'"
            ) from None
        columns: dict[str, Any] = {"tone": self.tones}
        columns |= {name: self.probabilities[:, i] for i, name in enumerate(LABELS)}
        columns |= {"voice": self.voices, "source_probability": self.source_probability}
        return pd.DataFrame(columns)


@dataclass(frozen=True, slots=True)
class Article:
    """A text and its sentences, scored in each other's context.

    Attributes
    ----------
    text : str
        The text, unaltered: ``article.text[s.start:s.end] == s.text`` for every sentence s.
    sentences : tuple of SentenceTone
        In order of reading.
    """

    text: str
    sentences: tuple[SentenceTone, ...]

    def __iter__(self) -> Iterator[SentenceTone]:
        return iter(self.sentences)

    def __len__(self) -> int:
        return len(self.sentences)

    def __getitem__(self, number: int) -> SentenceTone:
        return self.sentences[number]

    @property
    def tones(self) -> list[str]:
        """Most probable tone of each sentence."""
        return [sentence.tone for sentence in self.sentences]

    def abstain(self, *, below: float) -> list[str | None]:
        """Each sentence's tone, None where its probability is below a threshold, 0 to 1.

        Raises
        ------
        InputError
            Where `below` is no number from 0 to 1.
        """
        threshold = probability(below, call="abstain", name="below")
        return [sentence.abstain(below=threshold) for sentence in self.sentences]

    @property
    def voices(self) -> list[str]:
        """Who stands behind each sentence: "author" or "source"."""
        return [sentence.voice for sentence in self.sentences]

    @property
    def shares(self) -> MappingProxyType[str, float]:
        """Share of sentences of each tone, 0 to 1; all 0 for a text without sentences."""
        tones = self.tones
        return MappingProxyType({t: tones.count(t) / max(1, len(tones)) for t in LABELS})

    @property
    def quotations(self) -> tuple[Quotation, ...]:
        """What stands between quotation marks, in order, the outer before the inner.

        They are found anew each time they are asked for, in time linear in the text's length.
        """
        return find_quotations(self.text, [(s.start, s.end) for s in self.sentences])

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON: shares, sentences and quotations."""
        return {
            "shares": {tone: round(share, 6) for tone, share in self.shares.items()},
            "sentences": [sentence.to_dict() for sentence in self.sentences],
            "quotations": [quotation.to_dict() for quotation in self.quotations],
        }
