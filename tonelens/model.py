"""The scorer: text or sentences in, results out."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tonelens.contributions import Shares, contributions
from tonelens.encoder import Encoder
from tonelens.errors import InputError, MissingExtraError
from tonelens.explanation import Explanation
from tonelens.features import document_numbers
from tonelens.inputs import plain_list, string_list
from tonelens.labels import CELLS, LABELS, Floats, source_probability, tone_probabilities
from tonelens.network import Network
from tonelens.occlusion import occlusions
from tonelens.results import Article, Probabilities, SentenceTone, ToneScores
from tonelens.sentences import spans
from tonelens.storage import read_model, write_model

DEFAULT = Path(__file__).parent / "models" / "default"

ACCURATE = "accurate"
"""The name by which `load` knows the accurate model."""

_BATCH = 4096
_SPOKEN = re.compile(r"\w")


class ToneModel:
    """A trained model.

    Parameters
    ----------
    network : Network or Encoder
        The weights.
    card : dict
        What is known of the model: training data, figures, licence.

    Examples
    --------
    >>> model = load()
    >>> model.score("That's all Zelenskyy has left.").tone
    'opinion'
    """

    def __init__(self, network: Network | Encoder, card: dict[str, Any]) -> None:
        self.network = network
        self.card = card

    def score(
        self, sentence: str, *, before: Sequence[str] = (), after: Sequence[str] = ()
    ) -> SentenceTone:
        """Score one sentence.

        Parameters
        ----------
        sentence : str
            One sentence.
        before, after : sequence of str
            The sentences that precede and follow it in its article, in order of reading; none by
            default.

        Returns
        -------
        SentenceTone

        Raises
        ------
        InputError
            Where `sentence` is no string or holds nothing but white space, or `before` or `after`
            is a string.
        """
        _check_text(sentence, "score")
        rows, at = _passage(sentence, before, after, call="score")
        cells = self._cells(rows, np.zeros(len(rows), np.int64))[at : at + 1]
        return _sentences([sentence], [(0, len(sentence))], cells)[0]

    def explain(
        self,
        sentence: str,
        *,
        before: Sequence[str] = (),
        after: Sequence[str] = (),
        tone: str | None = None,
    ) -> Explanation:
        """Say which words and cues moved a sentence to its tone, and by how much, in log-odds.

        Parameters
        ----------
        sentence : str
            One sentence.
        before, after : sequence of str
            The sentences that precede and follow it in its article, in order of reading.
        tone : str, optional
            The tone to explain, of `LABELS`; by default the most probable one.

        Returns
        -------
        Explanation
            Its score is that of `score`.

        Raises
        ------
        InputError
            Where `sentence` is no string or has no letter or digit, `before` or `after` is a
            string, or `tone` is none, or none that the model ever says, or the only one.
        """
        _check_text(sentence, "explain")
        _check_explainable(sentence, tone)
        rows, at = _passage(sentence, before, after, call="explain")
        cells = self.network.sentence_probabilities(rows, at)
        scored = _sentences([sentence], [(0, len(sentence))], cells)[0]
        number = LABELS.index(tone or scored.tone)
        _check_told(scored.probabilities, LABELS[number])
        baseline, parts = _shares(self.network, rows, at, number)
        return Explanation.of(scored, LABELS[number], baseline, parts)

    def score_sentences(
        self,
        sentences: Sequence[str],
        *,
        documents: Sequence[Hashable] | NDArray[Any] | None = None,
    ) -> ToneScores:
        """Score many sentences at once.

        Parameters
        ----------
        sentences : sequence of str
            n sentences; a pandas Series or numpy array will do.
        documents : sequence of hashables, optional
            n ids. Neighbours with one id are scored in each other's context; without ids each
            sentence stands alone.

        Returns
        -------
        ToneScores
            Row i is sentence i's.

        Raises
        ------
        InputError
            Where `sentences` is a string, holds anything but strings, or differs in length from
            `documents`, or an id can't be hashed.

        Notes
        -----
        A string without a letter or digit claims nothing: it is reporting, with probability 1.
        """
        call = "score_sentences"
        rows = string_list(
            sentences, call=call, wanted="several sentences",
            use="score(text), or score_sentences([text])",
        )  # fmt: skip
        cells = self._cells(rows, _documents(documents, len(rows), call=call))
        return ToneScores(tone_probabilities(cells), source_probability(cells))

    def read(self, text: str) -> Article:
        """Split a text into sentences and score each in its context.

        Parameters
        ----------
        text : str
            An article; a text of white space alone gives an Article without sentences.

        Returns
        -------
        Article

        Raises
        ------
        InputError
            Where `text` is no string.
        """
        if not isinstance(text, str):
            raise InputError(_not_a_string("read", text, "Decode bytes first: text.decode()."))
        found = spans(text)
        sentences = [text[start:end] for start, end in found]
        cells = self._cells(sentences, np.zeros(len(found), np.int64))
        return Article(text, tuple(_sentences(sentences, found, cells)))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model as a folder, made where it is missing; `load` reads it back."""
        write_model(Path(path), self.network, self.card)

    def _cells(self, sentences: list[str], document: NDArray[np.int64]) -> Floats:
        """Probabilities of the six cells (n, 6), a batch of whole documents at a time."""
        out = np.zeros((len(sentences), len(CELLS)), np.float32)
        for low, high in _batches(document):
            batch = sentences[low:high]
            out[low:high] = self.network.cell_probabilities(batch, document[low:high])
            silent = [
                low + i
                for i, text in enumerate(batch)  # most begin with a capital, which is seen sooner
                if not ("A" <= text < "[" or _SPOKEN.search(text))
            ]
            out[silent] = np.eye(1, len(CELLS), dtype=np.float32)
        return out


@cache
def default_model() -> ToneModel:
    """The shipped model, read once."""
    return load()


def load(path: str | PathLike[str] | None = None) -> ToneModel:
    """The shipped model, or one that `save` wrote.

    Parameters
    ----------
    path : path, optional
        The model's folder; without it, the model that ships in the package. "accurate" is the
        larger, slower, better one (``pip install 'tonelens[accurate]'``); a folder of that name is
        ``"./accurate"``.

    Returns
    -------
    ToneModel

    Raises
    ------
    InputError
        Where `path` is no path.
    ModelError
        Where the folder is no tonelens model, is of another format or feature schema, or its
        weights are damaged.
    MissingExtraError
        Where the packages that the accurate model needs are not installed.

    Notes
    -----
    The weights are mapped, not copied. To give a model that is in use another's weights, save the
    other in its place or move its files there; don't write into the files.
    """
    if path is not None and not isinstance(path, str | PathLike):
        raise InputError(
            f"load() takes the folder of a model, got {type(path).__name__}. Use load('folder')."
        )
    network, card = read_model(DEFAULT if path is None else _folder(path))
    return ToneModel(network, card)


def _folder(path: str | PathLike[str]) -> Path:
    """The folder of a model: that of the accurate one by its name, else the path itself."""
    if path != ACCURATE:
        return Path(path)
    try:
        import tonelens_accurate
    except ImportError:
        raise MissingExtraError(
            "load('accurate') needs the package tonelens-accurate, which holds its weights. "
            "Install it: pip install 'tonelens[accurate]'; in a clone: pip install '.[accurate]' "
            "./training/accurate"
        ) from None
    return Path(tonelens_accurate.FOLDER)


def _documents(
    ids: Sequence[Hashable] | NDArray[Any] | None, n: int, *, call: str
) -> NDArray[np.int64]:
    """The number of each sentence's document (n,); one of its own where there are no ids."""
    if ids is None:
        return np.arange(n)
    use = "documents=[id of each sentence's document]"
    listed = plain_list(ids, call=call, wanted="a list of document ids", use=use)
    if len(listed) != n:
        raise InputError(
            f"{call}() takes one document id for each sentence, got {len(listed):,} ids "
            f"for {n:,} sentences. Give as many ids as sentences, or none."
        )
    return document_numbers(listed)


def _batches(document: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Ranges of about four thousand sentences; a document is cut only where it is longer itself."""
    n, low, out = len(document), 0, []
    while low < n:
        high = min(low + _BATCH, n)
        if high < n and document[high] == document[high - 1]:
            first = int(np.searchsorted(document, document[high]))
            last = int(np.searchsorted(document, document[high], "right"))
            high = first if first > low else last
        out.append((low, high))
        low = high
    return out


def _sentences(
    sentences: list[str], found: list[tuple[int, int]], cells: Floats
) -> list[SentenceTone]:
    tones, source = tone_probabilities(cells), source_probability(cells)
    return [
        SentenceTone(text, Probabilities(p), s, start, end)
        for text, (start, end), p, s in zip(
            sentences, found, tones.tolist(), source.tolist(), strict=True
        )
    ]


def _shares(network: Network | Encoder, sentences: list[str], at: int, tone: int) -> Shares:
    if isinstance(network, Encoder):
        return occlusions(network, sentences, at, tone)
    return contributions(network, sentences, at, tone)


def _check_text(text: Any, call: str) -> None:
    if not isinstance(text, str):
        way = "Use score_sentences(list)." if isinstance(text, list | tuple) else "Give a str."
        raise InputError(_not_a_string(call, text, way))
    if not text.strip():
        raise InputError(f"{call}() takes a sentence, got one without any visible character.")


def _passage(
    sentence: str, before: Sequence[str], after: Sequence[str], *, call: str
) -> tuple[list[str], int]:
    """A sentence between those around it, and its place among them."""
    preceding, following = (
        string_list(
            side, call=call, wanted=f"the sentences {name} it as a list", use=f"{name}=[sentence]"
        )
        for name, side in (("before", before), ("after", after))
    )
    return [*preceding, sentence, *following], len(preceding)


def _check_explainable(sentence: str, tone: str | None) -> None:
    if not _SPOKEN.search(sentence):
        raise InputError(
            "explain() takes a sentence with a letter or digit in it. Without one it claims "
            "nothing: it is reporting by rule, and there is nothing to explain."
        )
    if tone is not None and tone not in LABELS:
        raise InputError(f"explain() got the tone {tone!r}. Tones are {', '.join(LABELS)}.")


def _check_told(probabilities: Probabilities, tone: str) -> None:
    """Refuse a tone whose log-odds are infinite: the model was trained without it, or on it alone.

    A model of one tone alone has learned voices.
    """
    said = [name for name, share in probabilities.by_name().items() if share > 0]
    if tone not in said:
        raise InputError(
            f"explain() got the tone {tone!r}, which this model never says. It says "
            f"{' and '.join(said)}: ask for one of those."
        )
    if said == [tone]:
        raise InputError(
            f"explain() takes a model that tells tones apart; this one never says any but {tone}."
        )


def _not_a_string(call: str, value: Any, way_out: str) -> str:
    return f"{call}() takes a str, got {type(value).__name__}. {way_out}"
