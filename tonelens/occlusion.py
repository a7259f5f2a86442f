"""What moved the accurate model: what it would say with a word hidden from it.

An encoder adds nothing up, so its words have no exact shares. Each is hidden behind the mask that
the encoder was pretrained with, and the log-odds that are lost are the word's. Words that say the
same thing twice lose little each, words that need each other lose the same twice over: what the
shares leave of the score is stated as the explanation's remainder.

The sentences around are heard first, as in `tonelens.contributions`: what they do to a sentence
whose words are all hidden is the context's share.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tonelens.contributions import Shares, named_context, named_words, tone_log_odds
from tonelens.encoder import Encoder
from tonelens.names import Edit, hidden_names
from tonelens.windows import window_of

Array = NDArray[np.float64]


def occlusions(encoder: Encoder, sentences: list[str], at: int, tone: int) -> Shares:
    """Log-odds of a tone that hiding each word of one sentence of a document takes away.

    Parameters
    ----------
    encoder : Encoder
    sentences : list of str
        The document.
    at : int
        Number of the sentence in it.
    tone : int
        Number of the tone in `tonelens.labels.LABELS`.
    """
    encoded = encoder.encode(sentences)
    pieces = [each.ids for each in encoded]
    blank = [encoder.mask] * len(pieces[at])
    hidden = [
        _masked(pieces[at], _inside(span, encoded[at].offsets), encoder.mask)
        for span in _hidden_spans(sentences[at])
    ]
    here = [_put(pieces, at, own) for own in (blank, pieces[at], *hidden)]
    odds = _log_odds(encoder, [([blank], 0), ([*pieces[:at], blank], at)], tone)
    odds = np.append(odds, _log_odds(encoder, [(each, at) for each in here], tone))
    parts = (
        *named_words(sentences[at], odds[3] - odds[4:]),
        *named_context(at, len(sentences), np.diff(odds[:3])),
    )
    return Shares(float(odds[0]), parts)


def _log_odds(encoder: Encoder, asked: list[tuple[list[list[int]], int]], tone: int) -> Array:
    """Log-odds (a,) of the tone for the sentence that is named of each list of pieces."""
    windows = [window_of([len(p) for p in pieces], at) for pieces, at in asked]
    given = [(pieces, window) for (pieces, _), window in zip(asked, windows, strict=True)]
    judged = zip(encoder.judge(given), windows, asked, strict=True)
    logits = [rows[at - window.judged.start] for rows, window, (_, at) in judged]
    return tone_log_odds(np.array(logits) / encoder.temperature + encoder.bias, tone)


def _hidden_spans(sentence: str) -> list[tuple[int, int]]:
    """Where each word stands in the text that `hide_names` makes of the sentence."""
    tokens, (edits,) = hidden_names([sentence])
    spans, shift, left = [], 0, list(reversed(edits))
    for start, end in zip(tokens.start.tolist(), tokens.end.tolist(), strict=True):
        edit = left.pop() if left and left[-1].start == start else Edit(start, end, "")
        length = len(edit.word) or end - start
        spans.append((start + shift, start + shift + length))
        shift += length - (edit.end - start)
    return spans


def _inside(span: tuple[int, int], offsets: list[tuple[int, int]]) -> list[int]:
    """Numbers of the pieces that stand within a span."""
    pieces = enumerate(offsets)
    return [i for i, (start, end) in pieces if span[0] <= start and end <= span[1]]


def _masked(pieces: list[int], where: list[int], mask: int) -> list[int]:
    hidden = set(where)
    return [mask if i in hidden else piece for i, piece in enumerate(pieces)]


def _put(pieces: list[list[int]], at: int, own: list[int]) -> list[list[int]]:
    return [*pieces[:at], own, *pieces[at + 1 :]]
