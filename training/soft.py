"""Soft labels: the accurate model's probabilities for unlabelled sentences.

They are kept, so that nobody needs an encoder to train the default model again.
``python -m training.soft label WORK [--share K N]`` has the accurate model judge whole documents
that have no soft labels yet, in random order, and writes ``WORK/soft/NNN.npz``; N processes may
share the work, K from 0. Stop them when there is enough; they go on where they were.
``python -m training.soft pack WORK TEACHER`` adds what they wrote to
``training/soft/labels.safetensors``: ``rows``, the sentences' numbers in the files of text one
after another, and ``root``, uint8 (n, 6), 255 times the square root of the cells' probabilities.
TEACHER says in words what the model was. To start anew, for other text, delete that file.

The outlets of the fold that no teacher saw are listed, so that figures on them stay honest.
Sentences themselves are not in it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from tonelens.features import document_numbers
from tonelens.files import write_whole
from tonelens.labels import CELLS
from tonelens.model import ACCURATE, load
from tonelens.network import softmax
from training.data import TEXT_FILES, file_sha256, text_rows
from training.labels import HELD_OUT, fold_of, training_labels

SOFT = Path(__file__).parent / "soft" / "labels.safetensors"
SHARD = 10_000


class SoftLabels(NamedTuple):
    """Numbers of n sentences in the text and their probabilities (n, 6)."""

    rows: NDArray[np.int32]
    probabilities: NDArray[np.float32]


def read_soft() -> SoftLabels:
    """The kept soft labels, after checking that the text is the one that they belong to."""
    arrays = kept_arrays()
    return SoftLabels(arrays["rows"], probabilities(arrays["root"]))


def kept_arrays() -> dict[str, NDArray]:
    """``rows`` and ``root`` as they are kept, after checking the text; empty where none are."""
    if not SOFT.exists():
        return {"rows": np.zeros(0, np.int32), "root": np.zeros((0, len(CELLS)), np.uint8)}
    if (wanted := soft_summary()["text_sha256"]) != (found := text_sha256()):
        raise SystemExit(
            f"The soft labels belong to other text: {wanted}, here is {found}. Get that text, or "
            f"delete {SOFT} and label this one: python -m training.soft label WORK"
        )
    return load_file(SOFT)


def soft_summary() -> dict[str, Any]:
    """Of which text they are, by which teachers, and which outlets none of these saw."""
    if not SOFT.exists():
        unseen = {row.outlet for row in training_labels() if fold_of(row.outlet) == HELD_OUT}
        return {"teachers": [], "text_sha256": text_sha256(), "unseen_outlets": sorted(unseen)}
    with safe_open(SOFT, "numpy") as file:
        return json.loads(file.metadata()["summary"])


def text_sha256() -> dict[str, str]:
    """The checksums of the files of text."""
    return {name: file_sha256(name) for name in TEXT_FILES}


def held_out_outlets() -> set[str]:
    """The outlets that are left out to measure by: those that no teacher saw."""
    return set(soft_summary()["unseen_outlets"])


def probabilities(root: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities (n, 6), from what is kept of them."""
    squares = (root.astype(np.float32) / 255) ** 2
    return squares / squares.sum(1, keepdims=True)


def roots(cells: NDArray[np.float32]) -> NDArray[np.uint8]:
    """What is kept of probabilities (n, 6).

    >>> roots(np.array([[1, 0.25, 0, 0, 0, 0]], np.float32)).tolist()
    [[255, 128, 0, 0, 0, 0]]
    """
    return np.round(255 * np.sqrt(cells)).astype(np.uint8)


def label(args: argparse.Namespace) -> None:
    """Judge documents that have no soft labels yet, shard by shard."""
    folder = args.work / "soft"
    folder.mkdir(parents=True, exist_ok=True)
    network, rows, (share, shares) = load(ACCURATE).network, list(text_rows()), args.share
    document = document_numbers([(row["source"], row["doc"]) for row in rows])
    known = np.isin(np.arange(len(rows)), kept_arrays()["rows"])
    for number, every in enumerate(shards(document, SHARD)):
        path, at = folder / f"{number:03d}.npz", every[~known[every]]
        if number % shares != share or path.exists() or not len(at):
            continue
        began = time.time()
        # Before calibration, which lifts opinion and speculation.
        cells = softmax(network.logits([rows[i]["text"] for i in at.tolist()], document[at]))
        write_whole(path, partial(np.savez, rows=at.astype(np.int32), root=roots(cells)))
        print(f"shard {number}: {len(at) / (time.time() - began):.0f} sentences/s", flush=True)


def shards(document: NDArray[np.integer], most: int = SHARD) -> Iterator[NDArray[np.int64]]:
    """Numbers of about so many sentences at a time: whole documents in random order."""
    edge = np.flatnonzero(np.diff(document, prepend=-1, append=-1))
    order = np.random.default_rng(1).permutation(len(edge) - 1)
    size = np.diff(edge)[order]
    number = (np.cumsum(size) - size) // most
    for some in np.split(order, np.flatnonzero(np.diff(number)) + 1):
        yield np.concatenate([np.arange(edge[k], edge[k + 1]) for k in some.tolist()])


def pack(args: argparse.Namespace) -> None:
    """Add what the shards have of sentences that have no soft labels yet."""
    found = [np.load(path) for path in sorted((args.work / "soft").glob("*.npz"))]
    if not found:
        raise SystemExit(f"{args.work / 'soft'} holds no shards. Run training.soft label first.")
    kept, summary = kept_arrays(), soft_summary()
    judged = {k: np.concatenate([shard[k] for shard in found]) for k in kept}
    fresh = ~np.isin(judged["rows"], kept["rows"])
    new = {k: array[fresh] for k, array in judged.items()}
    arrays = {k: np.concatenate((kept[k], new[k])) for k in kept}
    summary["sentences"] = len(arrays["rows"])
    summary["teachers"].append({"sentences": len(new["rows"]), "teacher": args.teacher})
    SOFT.parent.mkdir(exist_ok=True)
    save_file(arrays, SOFT, {"summary": json.dumps(summary)})
    print(f"{len(new['rows']):,} soft labels more, {len(arrays['rows']):,} together")


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    steps = parser.add_subparsers(dest="step", required=True)
    labelling = steps.add_parser("label")
    labelling.add_argument("work", type=Path)
    labelling.add_argument("--share", type=int, nargs=2, default=(0, 1), metavar=("K", "N"))
    packing = steps.add_parser("pack")
    packing.add_argument("work", type=Path)
    packing.add_argument("teacher", help="what it was, in words")
    args = parser.parse_args()
    {"label": label, "pack": pack}[args.step](args)


if __name__ == "__main__":
    main()
