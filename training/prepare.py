"""Labelled sentences to word pieces: what the teachers read, with every name hidden.

``python -m training.prepare TOKENIZER.json WORK`` writes ``WORK/train.npz`` and ``WORK/test.npz``
(ids, lengths, document, cell, weight, fold, confidence, outlet, source). Folds keep an outlet
together.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tonelens.names import hide_names
from tonelens.windows import MOST_PIECES
from training.labels import Labelled, fold_of, folder_labels, training_labels


def word_pieces(tokenizer: Tokenizer, sentences: list[str]) -> list[NDArray[np.uint16]]:
    """Ids of each sentence, names hidden, without special tokens, at most MOST_PIECES."""
    encoded = tokenizer.encode_batch(hide_names(sentences), add_special_tokens=False)
    return [np.array(e.ids[:MOST_PIECES], np.uint16) for e in encoded]


def write_labelled(path: Path, rows: list[Labelled], tokenizer: Tokenizer) -> None:
    """One npz of a labelled set, in passage order."""
    ids = word_pieces(tokenizer, [row.text for row in rows])
    passages = {name: i for i, name in enumerate(dict.fromkeys(row.passage for row in rows))}
    np.savez_compressed(
        path,
        ids=np.concatenate(ids),
        length=np.array([len(i) for i in ids], np.uint8),
        doc=np.array([passages[row.passage] for row in rows], np.int32),
        cell=np.array([row.cell for row in rows], np.int8),
        weight=np.array([row.weight for row in rows], np.float32),
        fold=np.array([fold_of(row.outlet) for row in rows], np.int8),
        confidence=np.array([row.confidence for row in rows], np.int8),
        source=np.array([row.source for row in rows]),
        outlet=np.array([row.outlet for row in rows]),
    )
    print(f"{path.name}: {len(rows):,} sentences, {len(passages):,} passages")


def main() -> None:
    """Write both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("tokenizer", help="tokenizer.json of the encoder")
    parser.add_argument("work", type=Path)
    args = parser.parse_args()
    tokenizer = Tokenizer.from_file(args.tokenizer)
    tokenizer.no_padding()
    work = args.work
    work.mkdir(parents=True, exist_ok=True)
    write_labelled(work / "train.npz", training_labels(), tokenizer)
    write_labelled(work / "test.npz", list(folder_labels("test")), tokenizer)


if __name__ == "__main__":
    main()
