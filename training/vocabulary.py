"""Word pieces that news needs once its names are hidden: fewer than half of a tokenizer's.

``python -m training.vocabulary TOKENIZER OUT [--most N]`` counts the pieces of the text and writes
the tokenizer with the N that are met most often, every character of theirs among them: a word whose
piece is gone is cut into smaller ones. The pieces keep their numbers.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.data import text_batches
from training.prepare import word_pieces

_BATCH = 10_000
_MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def counts(tokenizer: Tokenizer) -> NDArray[np.int64]:
    """How often the text has each piece, by number."""
    found = np.zeros(max(tokenizer.get_vocab().values()) + 1, np.int64)
    for sentences in text_batches(_BATCH):
        pieces = np.concatenate(word_pieces(tokenizer, sentences))
        found += np.bincount(pieces, minlength=len(found))
    return found


def most_met(vocabulary: dict[str, int], count: NDArray[np.int64], most: int) -> dict[str, int]:
    """Marks, characters that are met, and as many other pieces as there is room for.

    >>> words = {"[UNK]": 0, "a": 1, "##b": 2, "rain": 3, "rare": 4, "c": 5}
    >>> most_met(words, np.array([0, 9, 1, 7, 1, 0]), 4)
    {'[UNK]': 0, 'a': 1, '##b': 2, 'rain': 3}
    """

    def rank(word: str) -> tuple[bool, int]:
        met = int(count[vocabulary[word]])
        character = len(word.removeprefix("##")) == 1
        return word in _MARKS or (character and met > 0), met

    kept = sorted(vocabulary, key=rank, reverse=True)[:most]
    return {word: vocabulary[word] for word in sorted(kept, key=vocabulary.__getitem__)}


def main() -> None:
    """Count, choose, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--most", type=int, default=14_000)
    args = parser.parse_args()
    settings: dict[str, Any] = json.loads(args.tokenizer.read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(args.tokenizer))
    tokenizer.no_padding()
    count = counts(tokenizer)
    settings["model"]["vocab"] = most_met(settings["model"]["vocab"], count, args.most)
    args.out.write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
    share = count[list(settings["model"]["vocab"].values())].sum() / count.sum()
    print(f"{len(settings['model']['vocab']):,} pieces, {share:.2%} of all that are met")


if __name__ == "__main__":
    main()
