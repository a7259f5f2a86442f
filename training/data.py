"""Where the training data lies and how it is read; nothing here ships in the wheel.

Set ``TONELENS_DATA`` to the folder that holds ``labels/``, ``text/`` and ``human/``.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

TEXT_FILES = ("text/sentences-restricted.jsonl.gz", "text/sentences-open.jsonl.gz")


def data_folder() -> Path:
    """The folder named by TONELENS_DATA.

    Raises
    ------
    SystemExit
        Where the variable is unset or names no folder.
    """
    folder = Path(os.environ.get("TONELENS_DATA", ""))
    if not os.environ.get("TONELENS_DATA") or not folder.is_dir():
        raise SystemExit("Set TONELENS_DATA to the data folder (it holds labels/ and text/).")
    return folder


def read_rows(name: str) -> Iterator[dict[str, Any]]:
    """Rows of one gzipped JSON-lines file, named from the data folder."""
    with gzip.open(data_folder() / name, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def text_rows() -> Iterator[dict[str, Any]]:
    """All unlabelled sentences, in file and document order."""
    for name in TEXT_FILES:
        yield from read_rows(name)


def text_batches(size: int) -> Iterator[list[str]]:
    """The unlabelled sentences' text, `size` at a time."""
    rows = text_rows()
    while batch := [row["text"] for row in islice(rows, size)]:
        yield batch


def sentence_hash(text: str) -> str:
    """The key under which a sentence's label is kept: 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def file_sha256(name: str) -> str:
    """SHA-256 of a data file, for manifests."""
    with (data_folder() / name).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
