"""Soft labels: teachers' probabilities for unlabelled sentences.

They are kept, so that nobody needs a teacher to train the default model again.
``python -m training.soft WORK NAME FOLD TEACHER`` packs ``WORK/NAME-soft/*.npz``, which
`training.teachers` made, into ``training/soft/labels.safetensors``: ``rows``, the sentences'
numbers in the files of text one after another, and ``root``, uint8 (n, 6), 255 times the square
root of the cells' probabilities.
FOLD is the fold that no teacher saw: its outlets are listed, so that figures on them stay honest.
TEACHER says in words what the teacher was. Sentences themselves are not in it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from training.data import TEXT_FILES, file_sha256

SOFT = Path(__file__).parent / "soft" / "labels.safetensors"


class SoftLabels(NamedTuple):
    """Numbers of n sentences in the text and their probabilities (n, 6)."""

    rows: NDArray[np.int32]
    probabilities: NDArray[np.float32]


def read_soft() -> SoftLabels:
    """The kept soft labels, after checking that the text is the one that they belong to."""
    found = {name: file_sha256(name) for name in TEXT_FILES}
    if (wanted := soft_summary()["text_sha256"]) != found:
        raise SystemExit(f"The soft labels belong to other text: {wanted}, here is {found}.")
    arrays = load_file(SOFT)
    probabilities = (arrays["root"].astype(np.float32) / 255) ** 2
    return SoftLabels(arrays["rows"], probabilities / probabilities.sum(1, keepdims=True))


def soft_summary() -> dict[str, Any]:
    """How many there are, of which text, by which teacher; {} where none are kept."""
    if not SOFT.exists():
        return {}
    with safe_open(SOFT, "numpy") as file:
        return json.loads(file.metadata()["summary"])


def main() -> None:
    """Pack a teacher's shards."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("name", help="of the teachers")
    parser.add_argument("fold", type=int, help="that no teacher saw")
    parser.add_argument("teacher", help="what it was, in words")
    args = parser.parse_args()
    labelled = np.load(args.work / "train.npz")
    unseen = sorted(set(labelled["outlet"][labelled["fold"] == args.fold].tolist()))
    shards = [np.load(path) for path in sorted((args.work / f"{args.name}-soft").glob("*.npz"))]
    rows = np.concatenate([shard["rows"] for shard in shards]).astype(np.int32)
    root = np.concatenate([shard["root"] for shard in shards])
    sha256 = {name: file_sha256(name) for name in TEXT_FILES}
    summary = {
        "sentences": len(rows),
        "teacher": args.teacher,
        "text_sha256": sha256,
        "unseen_outlets": unseen,
    }
    SOFT.parent.mkdir(exist_ok=True)
    save_file({"rows": rows, "root": root}, SOFT, {"summary": json.dumps(summary)})
    print(f"{len(rows):,} soft labels, {SOFT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
