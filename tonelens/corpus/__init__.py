"""Corpora of any size: files, streams of Arrow batches, frames in memory.

`score_files` is what ``tonelens corpus`` does: files in, one file out, on several cores, resumable.
`score_batches` is the seam for engines such as Spark, Ray, Dask and DuckDB: record batches in,
record batches out, of the schema that `output_schema` gives beforehand.

>>> import tonelens.corpus
>>> sorted(tonelens.corpus.__all__)
['Counts', 'output_schema', 'score_batches', 'score_files']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tonelens.corpus.batches import output_schema, score_batches
    from tonelens.corpus.manifest import Counts
    from tonelens.corpus.run import score_files

__all__ = ["Counts", "output_schema", "score_batches", "score_files"]

# Imported on first use, so that the command line starts at once.
_HOMES = {
    "Counts": "manifest",
    "output_schema": "batches",
    "score_batches": "batches",
    "score_files": "run",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tonelens.corpus' has no attribute {name!r}")
    return getattr(import_module(f"tonelens.corpus.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
