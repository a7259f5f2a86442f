"""Learn which words news writes in lower case, so that names can be told at a sentence's start.

``python -m training.lexicon`` counts, over all of ``$TONELENS_DATA/text``, how often each word
stands inside a sentence in lower case and how often with a capital, and writes the words that are
lower case in most of their uses to ``tonelens/models/lexicon.safetensors``: sorted 31-bit prefixes
of their keys, shifted left, with the last bit set where at least 98% of the uses are lower case.
"""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from tonelens.names import LEXICON
from tonelens.tokens import tokenize
from training.data import text_batches

LEAST_USES = 4
COMMON, ALWAYS = 0.5, 0.98

Counts = tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]


def count(sentences: list[str]) -> Counts:
    """Keys of the words inside the sentences, and their uses in lower case and in capitals."""
    tokens = tokenize(sentences)
    follows_word = np.zeros(len(tokens.key), np.bool_)
    follows_word[1:] = tokens.word[:-1] & (tokens.row[1:] == tokens.row[:-1])
    follows_word &= ~tokens.after_stop
    inside = tokens.word & follows_word & ~tokens.digit & ~tokens.address
    keys, at = np.unique(tokens.key[inside], return_inverse=True)
    upper = tokens.upper[inside]
    lower = np.bincount(at[~upper], minlength=len(keys))
    return keys, lower, np.bincount(at[upper], minlength=len(keys))


def merge(parts: list[Counts]) -> Counts:
    """Add up the counts of several batches."""
    keys, at = np.unique(np.concatenate([p[0] for p in parts]), return_inverse=True)
    sums = [np.bincount(at, np.concatenate([p[i] for p in parts]), len(keys)) for i in (1, 2)]
    return keys, sums[0].astype(np.int64), sums[1].astype(np.int64)


def main() -> None:
    """Count, choose and write."""
    parts, sentences = [], 0
    for batch in text_batches(20_000):
        parts.append(count(batch))
        sentences += len(batch)
        if len(parts) == 20:
            parts = [merge(parts)]
    keys, lower, upper = merge(parts)
    share = lower / np.maximum(lower + upper, 1)
    chosen = (lower >= LEAST_USES) & (share >= COMMON)
    prefix = (keys[chosen] >> np.uint64(33)).astype(np.uint32) << np.uint32(1)
    words = np.sort(prefix | (share[chosen] >= ALWAYS))
    header = {"format": "1", "trained_on": json.dumps({"sentences": sentences})}
    save_file({"words": words.astype(np.uint32)}, LEXICON, header)
    print(f"{len(words):,} words from {sentences:,} sentences, {LEXICON.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
