"""The scorer: text or sentences in, results out; and how it is kept in a file.

A model is a folder with two files: ``weights.safetensors`` and ``card.json``, which names the
format, the feature schema, the label order, the training data and the SHA-256 of the weights.
Format, schema, labels and checksum are compared before anything is built from the folder, and
nothing is unpickled.

To raise the format: change `FORMAT`, and let `load` refuse what is older with a message that says
how to train or get a newer model.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Hashable, Iterator, Sequence
from functools import cache
from itertools import count
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tonelens.errors import InputError, ModelError
from tonelens.features import BUCKETS, SCHEMA, SHAPE, STYLE, document_numbers, extract
from tonelens.inputs import plain_list, string_list
from tonelens.labels import CELLS, LABELS, Floats, source_probability, tone_probabilities
from tonelens.names import lexicon_sha256
from tonelens.network import Layer, Network
from tonelens.results import Article, Probabilities, SentenceTone, ToneScores
from tonelens.sentences import spans

FORMAT = 1
DEFAULT = Path(__file__).parent / "models" / "default"

_CARD, _WEIGHTS = "card.json", "weights.safetensors"
_BATCH = 2048
_SPOKEN = re.compile(r"\w")
_AGAIN = "Copy the model's folder again, or train and save the model anew."


class ToneModel:
    """A trained model.

    Parameters
    ----------
    network : Network
        The weights.
    card : dict
        What is known of the model: training data, figures, licence.

    Examples
    --------
    >>> model = load()
    >>> model.score("That's all Zelenskyy has left.").tone
    'opinion'
    """

    def __init__(self, network: Network, card: dict[str, Any]) -> None:
        self.network = network
        self.card = card

    def score(self, sentence: str, *, before: Sequence[str] = ()) -> SentenceTone:
        """Score one sentence.

        Parameters
        ----------
        sentence : str
            One sentence.
        before : sequence of str
            The sentences that precede it in its article, nearest last; none by default.

        Returns
        -------
        SentenceTone

        Raises
        ------
        InputError
            Where `sentence` is no string or holds nothing but white space, or `before` is a string.
        """
        _check_text(sentence, "score")
        preceding = string_list(
            before,
            call="score",
            wanted="the preceding sentences as a list",
            use="before=[sentence]",
        )
        rows = [*preceding, sentence]
        cells = self._cells(rows, np.zeros(len(rows), np.int64))[-1:]
        return _sentences([sentence], [(0, len(sentence))], cells)[0]

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
            `documents`.

        Notes
        -----
        A string without a letter or digit claims nothing: it is reporting, with probability 1.
        """
        call = "score_sentences"
        rows = string_list(
            sentences, call=call, wanted="several sentences",
            use="score(text), or score_sentences([text])",
        )  # fmt: skip
        ids: Sequence[Hashable] = range(len(rows))
        if documents is not None:
            use = "documents=[id of each sentence's document]"
            ids = plain_list(documents, call=call, wanted="a list of document ids", use=use)
        if len(ids) != len(rows):
            raise InputError(
                f"score_sentences() takes one document id for each sentence, got {len(ids):,} ids "
                f"for {len(rows):,} sentences. Give as many ids as sentences, or none."
            )
        cells = self._cells(rows, document_numbers(ids))
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
        from safetensors.numpy import save

        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        weights = save(_arrays(self.network))
        (folder / _WEIGHTS).write_bytes(weights)
        card = {
            "format": FORMAT,
            "schema": SCHEMA,
            "labels": list(LABELS),
            "cells": list(CELLS),
            "lexicon": lexicon_sha256(),
            "kinds": list(self.network.kinds),
            "temperature": self.network.temperature,
            "sha256": hashlib.sha256(weights).hexdigest(),
        }
        text = json.dumps({**self.card, **card}, indent=2, ensure_ascii=False)
        (folder / _CARD).write_text(text + "\n", encoding="utf-8")

    def _cells(self, sentences: list[str], document: NDArray[np.int64]) -> Floats:
        """Probabilities of the six cells (n, 6), a batch of whole documents at a time."""
        network, out = self.network, np.zeros((len(sentences), len(CELLS)), np.float32)
        for low, high in _batches(document):
            batch = sentences[low:high]
            features = extract(batch, document[low:high], kinds=network.kinds, cues=network.cues)
            out[low:high] = network.probabilities(features)
            silent = [
                low + i
                for i, text in enumerate(batch)
                if not (text[:1].isalnum() or _SPOKEN.search(text))
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
        The model's folder; without it, the model that ships in the package.

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
    """
    if path is not None and not isinstance(path, str | PathLike):
        raise InputError(
            f"load() takes the folder of a model, got {type(path).__name__}. Use load('folder')."
        )
    folder = DEFAULT if path is None else Path(path)
    card = _read_card(folder)
    _check_card(card, folder)
    try:
        weights = (folder / _WEIGHTS).read_bytes()
    except OSError as error:
        raise ModelError(
            f"{folder} has no readable {_WEIGHTS} ({error.strerror}). {_AGAIN}"
        ) from None
    found = hashlib.sha256(weights).hexdigest()
    if found != card["sha256"]:
        raise ModelError(
            f"The weights in {folder} are damaged: their SHA-256 is {found[:12]}…, the card says "
            f"{str(card['sha256'])[:12]}…. {_AGAIN}"
        )
    return ToneModel(_network(weights, card, folder), card)


def _read_card(folder: Path) -> dict[str, Any]:
    try:
        card = json.loads((folder / _CARD).read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(
            f"{folder} is no tonelens model: its {_CARD} can't be read ({error.strerror}). "
            "Give the folder that ToneClassifier.save() or ToneModel.save() wrote."
        ) from None
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{folder / _CARD} is not valid JSON ({error}). {_AGAIN}") from None
    if not isinstance(card, dict):
        raise ModelError(f"{folder / _CARD} holds no JSON object. {_AGAIN}")
    return card


def _check_card(card: dict[str, Any], folder: Path) -> None:
    wanted = {
        "format": FORMAT, "schema": SCHEMA, "labels": list(LABELS), "cells": list(CELLS),
        "lexicon": lexicon_sha256(),
    }  # fmt: skip
    for name, value in wanted.items():
        if card.get(name) != value:
            raise ModelError(
                f"{folder} has {name} {card.get(name)!r}; this tonelens reads {value!r}. "
                "Train the model again with this version, or install the version that wrote it."
            )
    known = ("kinds", "temperature", "sha256")
    if missing := [name for name in known if name not in card]:
        raise ModelError(f"{folder / _CARD} lacks {', '.join(missing)}. {_AGAIN}")


def _network(weights: bytes, card: dict[str, Any], folder: Path) -> Network:
    from safetensors import SafetensorError
    from safetensors.numpy import load as load_arrays

    try:
        arrays = load_arrays(weights)
        embedding, scale = arrays.pop("embedding"), arrays.pop("scale")
        style, out = _layer(arrays, "style"), _layer(arrays, "out")
        mix = tuple(_layers(arrays))
        if style is None or arrays:
            raise ValueError(f"it lacks a style layer, or has {sorted(arrays)} besides")
        kinds = tuple(card["kinds"])
        rows = len(embedding), len(style.weight)
        if rows not in [(len(kinds) * BUCKETS, len(names)) for names in (SHAPE, STYLE)]:
            raise ValueError(
                f"it has {rows} rows for {len(kinds)} times {BUCKETS:,} buckets and "
                f"{len(SHAPE)} or {len(STYLE)} styles"
            )
        return Network(kinds, embedding, scale, style, mix, out, float(card["temperature"]))
    except (KeyError, ValueError, TypeError, OverflowError, SafetensorError) as error:
        raise ModelError(f"{folder / _WEIGHTS} is no tonelens model: {error}. {_AGAIN}") from None


def _layer(arrays: dict[str, NDArray[Any]], name: str) -> Layer | None:
    if f"{name}.weight" not in arrays:
        return None
    return Layer(*(arrays.pop(f"{name}.{part}") for part in ("weight", "scale", "bias")))


def _layers(arrays: dict[str, NDArray[Any]]) -> Iterator[Layer]:
    """The layers ``mix0``, ``mix1`` and so on, as many as there are."""
    for number in count():
        layer = _layer(arrays, f"mix{number}")
        if layer is None:
            return
        yield layer


def _arrays(network: Network) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {"embedding": network.embedding, "scale": network.scale}
    named = {f"mix{i}": layer for i, layer in enumerate(network.mix)}
    for name, layer in {"style": network.style, **named, "out": network.out}.items():
        if layer is not None:
            arrays |= {f"{name}.{p}": getattr(layer, p) for p in ("weight", "scale", "bias")}
    return arrays


def _batches(document: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Ranges of about two thousand sentences; a document is cut only where it is longer itself."""
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


def _check_text(text: Any, call: str) -> None:
    if not isinstance(text, str):
        way = "Use score_sentences(list)." if isinstance(text, list | tuple) else "Give a str."
        raise InputError(_not_a_string(call, text, way))
    if not text.strip():
        raise InputError(f"{call}() takes a sentence, got one without any visible character.")


def _not_a_string(call: str, value: Any, way_out: str) -> str:
    return f"{call}() takes a str, got {type(value).__name__}. {way_out}"
