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
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tonelens.errors import MissingExtraError
from tonelens.labels import CELLS, Floats
from tonelens.names import hide_names
from tonelens.network import softmax
from tonelens.windows import MOST_PIECES, Window, covering_windows

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

GRAPH, TOKENIZER = "graph.onnx", "tokenizer.json"
_MARKS = ("[CLS]", "[SEP]", "[MASK]")  # at a window's start, after each sentence, for a hidden word


class Encoder:
    """An encoder, read from a folder whose files have been checked.

    Parameters
    ----------
    folder : Path
        Holds ``graph.onnx``, ``layers-N.safetensors``, ``words-N.safetensors`` and
        ``tokenizer.json``.
    temperature : float
        What the logits are divided by, found on held-out data.
    bias : sequence of float
        What is added to the six logits after that.
    threads : int, optional
        How many windows are read at once; all cores that this process may use by default, or
        OMP_NUM_THREADS. Scores don't depend on it.

    Raises
    ------
    MissingExtraError
        Where onnxruntime or tokenizers is not installed.
    """

    def __init__(
        self, folder: Path, *, temperature: float, bias: list[float], threads: int | None = None
    ) -> None:
        self.folder = folder
        self.temperature, self.bias = np.float32(temperature), np.array(bias, np.float32)
        self.threads = threads or _cores()
        self._tokenizer, self._session = _read(folder)
        self._words, self._scale = _embedding(folder)
        marks = (self._tokenizer.token_to_id(mark) or 0 for mark in _MARKS)
        self._first, self._separator, self.mask = marks

    def files(self) -> list[str]:
        """Names of the files that make up the model, but for its card."""
        weights = sorted(path.name for path in self.folder.glob("*.safetensors"))
        return [GRAPH, TOKENIZER, *weights]

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
        pieces = [found.ids[:MOST_PIECES] for found in self.encode(sentences)]
        windows = list(_windows([len(p) for p in pieces], document))
        out = np.zeros((len(sentences), len(CELLS)), np.float32)
        for window, logits in zip(windows, self.judge([(pieces, w) for w in windows]), strict=True):
            out[window.judged.start : window.judged.stop] = logits
        return out

    def encode(self, sentences: list[str]) -> list[Encoding]:
        """Word pieces of each sentence, with their places in its text as `hide_names` gives it."""
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
        words = self._words[ids] * self._scale[ids, None]
        (logits,) = self._session.run(None, {"words": words[None]})
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


def _cores() -> int:
    """As many as other libraries were told to use, or as this process may use."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    if told.isdigit() and int(told):
        return int(told)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
    tokenizer.no_truncation()
    graph = str(folder / GRAPH)
    return tokenizer, InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _embedding(folder: Path) -> tuple[NDArray[np.int8], Floats]:
    """Word pieces' rows, int8 (v, h), and the scale of each, float32 (v,)."""
    from safetensors.numpy import load_file

    parts = [load_file(path) for path in sorted(folder.glob("words-*.safetensors"))]
    words, scale = (np.concatenate([part[name] for part in parts]) for name in ("words", "scale"))
    return words, scale
