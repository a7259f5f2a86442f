"""The accurate model's arithmetic: a small pretrained encoder that reads sentences in a window.

Names are hidden in the text before it is cut into word pieces (`tonelens.names.hide_names`). A
window of neighbouring sentences is read at once; each sentence's logits are the mean of those of
its own pieces. One window is read at a time, for the 8-bit arithmetic scales a whole window alike:
so a score doesn't depend on what else is scored.

The weights are safetensors files; the graph, which safetensors can't hold, is an ONNX file that
refers to them. onnxruntime and tokenizers are imported when a model is read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tonelens.arrays import arrays_of, mapped_bytes
from tonelens.errors import MissingExtraError
from tonelens.labels import CELLS, Floats
from tonelens.names import hide_names
from tonelens.network import softmax
from tonelens.windows import MOST_PIECES, Window, covering_windows, window_of

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

GRAPH, TOKENIZER = "graph.onnx", "tokenizer.json"
_ENCODED = 2048  # sentences whose pieces are told from their places at once
_MARKS = ("[CLS]", "[SEP]", "[MASK]")  # at a window's start, after each sentence, for a hidden word


class Encoder:
    """An encoder, read from a folder whose files have been checked.

    Parameters
    ----------
    folder : Path
        Where the files lie.
    files : dict
        The names of all that is read, each with its SHA-256: ``graph.onnx``, ``tokenizer.json``,
        the safetensors files that the graph refers to, and ``words-N.safetensors``.
    temperature : float
        What the logits are divided by, found on held-out data.
    bias : sequence of float
        What is added to the six logits after that.
    threads : int, optional
        How many windows are read at once; by default OMP_NUM_THREADS, or all cores that this
        process may use. Scores don't depend on it.

    Raises
    ------
    ValueError
        Where temperature or bias are none, or a file is not named.
    MissingExtraError
        Where onnxruntime or tokenizers is not installed.
    """

    def __init__(
        self,
        folder: Path,
        *,
        files: Mapping[str, str],
        temperature: float,
        bias: Sequence[float],
        threads: int | None = None,
    ) -> None:
        self.folder, self.files, self._asked = folder.resolve(), dict(files), threads
        self.temperature, self.bias = np.float32(temperature), np.array(bias, np.float32)
        self._check()
        self.threads = threads or _cores()
        self._tokenizer, self._session = _read(self.folder)
        self._words = _Words(self.folder, sorted(self.files))
        marks = (self._tokenizer.token_to_id(mark) or 0 for mark in _MARKS)
        self._first, self._separator, self.mask = marks

    def _check(self) -> None:
        if not 0 < self.temperature < float("inf"):
            raise ValueError(f"a temperature of {self.temperature}")
        if self.bias.shape != (len(CELLS),) or not np.isfinite(self.bias).all():
            raise ValueError(f"a bias of {self.bias.tolist()}, not of {len(CELLS)} numbers")
        needed = {GRAPH, TOKENIZER, "words-0.safetensors"}
        if missing := sorted(needed - set(self.files)):
            raise ValueError(f"it names no {missing[0]}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as where it lies: another process reads it anew, with threads of its own."""
        rest = self.folder, self.files, float(self.temperature), self.bias.tolist(), self._asked
        return _again, rest

    def cell_probabilities(self, sentences: list[str], document: NDArray[np.int64]) -> Floats:
        """Probabilities (n, 6) of the cells, rows summing to 1.

        Parameters
        ----------
        sentences : list of str
            n sentences.
        document : int64 (n,)
            Neighbours with one number are read in each other's context.
        """
        return softmax(self.logits(sentences, document) / self.temperature + self.bias)

    def logits(self, sentences: list[str], document: NDArray[np.int64]) -> Floats:
        """Logits (n, 6) as the encoder gives them, before temperature and bias."""
        pieces = [
            found.ids
            for low in range(0, len(sentences), _ENCODED)
            for found in self.encode(sentences[low : low + _ENCODED])
        ]
        windows = list(_windows([len(p) for p in pieces], document))
        out = np.zeros((len(sentences), len(CELLS)), np.float32)
        for window, logits in zip(windows, self.judge([(pieces, w) for w in windows]), strict=True):
            out[window.judged.start : window.judged.stop] = logits
        return out

    def sentence_probabilities(self, sentences: list[str], at: int) -> Floats:
        """Probabilities (1, 6) of one sentence of a document; its own window alone is read."""
        pieces = [found.ids for found in self.encode(sentences)]
        window = window_of([len(p) for p in pieces], at)
        (logits,) = self.judge([(pieces, window)])
        row = logits[at - window.judged.start]
        return softmax((row / self.temperature + self.bias)[None])

    def encode(self, sentences: list[str]) -> list[Encoding]:
        """Word pieces of each sentence, `MOST_PIECES` at most.

        With them come their places in its text as `hide_names` gives it.
        """
        hidden = [_whole(text) for text in hide_names(sentences)]
        return self._tokenizer.encode_batch(hidden, add_special_tokens=False)

    def judge(self, asked: Sequence[tuple[list[list[int]], Window]]) -> Iterator[Floats]:
        """Logits (j, 6) of the j sentences that each window judges, given all sentences' pieces."""
        with ThreadPoolExecutor(self.threads) as pool:
            yield from pool.map(lambda each: self._judge(*each), asked)

    def _judge(self, pieces: list[list[int]], window: Window) -> Floats:
        ids, start = [self._first], {}
        for i in window.read:
            start[i] = len(ids)
            ids += [*pieces[i], self._separator]
        (logits,) = self._session.run(None, {"words": self._words.rows(ids)[None]})
        out = np.zeros((len(window.judged), len(CELLS)), np.float32)
        for row, i in zip(out, window.judged, strict=True):
            if pieces[i]:
                row[:] = logits[0, start[i] : start[i] + len(pieces[i])].mean(0)
        return out


def _whole(text: str) -> str:
    """The text without halves of surrogate pairs, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _windows(size: list[int], document: NDArray[np.int64]) -> Iterator[Window]:
    edge = np.flatnonzero(document[1:] != document[:-1]) + 1
    for start, stop in pairwise([0, *edge.tolist(), len(size)]):
        yield from covering_windows(size, range(start, stop))


def _again(
    folder: Path, files: dict[str, str], temperature: float, bias: list[float], threads: int | None
) -> Encoder:
    return Encoder(folder, files=files, temperature=temperature, bias=bias, threads=threads)


def _cores() -> int:
    """As many as other libraries were told to use, or as this process may use."""
    told = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    if told.isdecimal() and int(told):
        return int(told)
    from joblib import cpu_count

    return int(cpu_count())


def _read(folder: Path) -> tuple[Tokenizer, InferenceSession]:
    try:
        from onnxruntime import InferenceSession, SessionOptions
        from tokenizers import Tokenizer
    except ImportError as error:
        raise MissingExtraError(
            f"The accurate model needs {error.name}. Install it: pip install 'tonelens[accurate]'"
        ) from None
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_PIECES)
    graph = str(folder / GRAPH)
    return tokenizer, InferenceSession(graph, options, providers=["CPUExecutionProvider"])


class _Words:
    """Word pieces' rows, 8-bit, in files that are mapped, one after another."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        files = [name for name in names if name.startswith("words-")]
        parts = [arrays_of(mapped_bytes(folder / name)) for name in files]
        self._parts = [(part["words"], part["scale"]) for part in parts]
        self._edge = np.cumsum([0, *(len(words) for words, _ in self._parts)])
        shapes = [words.shape[1:] + scale.shape for words, scale in self._parts]
        width = self._parts[0][0].shape[1]
        if shapes != [(width, len(words)) for words, _ in self._parts]:
            raise ValueError(f"word pieces that don't fit each other: {shapes}")

    def rows(self, ids: list[int]) -> Floats:
        """The rows (n, h) of word pieces, in real numbers."""
        part_of = np.searchsorted(self._edge, ids, "right") - 1
        rows = np.empty((len(ids), self._parts[0][0].shape[1]), np.float32)
        for number in np.unique(part_of).tolist():
            words, scale = self._parts[number]  # no piece is beyond the last: that has no part
            hit = np.flatnonzero(part_of == number)
            at = np.take(ids, hit) - self._edge[number]
            rows[hit] = words[at] * scale[at, None]
        return rows
