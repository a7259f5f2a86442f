"""What a run reads, with which model, to what end, and what came of it.

Kept beside the output, so that a run that was stopped goes on only with what it began with, and so
that a result says where it comes from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from tonelens.errors import OutputError
from tonelens.files import write_whole

FORMAT = 2


@dataclass(frozen=True)
class Counts:
    """What came of a corpus.

    Attributes
    ----------
    rows : int
        Rows read: articles and rejects.
    articles, rejects : int
        Rows that were scored, and rows that could not be.
    sentences : int
        Sentences of the articles.
    """

    rows: int
    articles: int
    rejects: int
    sentences: int


@dataclass(frozen=True)
class Manifest:
    """A run.

    Attributes
    ----------
    inputs : dict
        Each file's name with its size in bytes and the time of its last change.
    options : dict
        What was asked for.
    model : dict
        The model's identity and the version of tonelens.
    run : str
        Tells its parts from those of other runs.
    counts : Counts or None
        None until all is written.
    """

    inputs: Mapping[str, list[int]]
    options: Mapping[str, Any]
    model: Mapping[str, str]
    run: str
    counts: Counts | None = None

    @property
    def resumable(self) -> bool:
        """Whether all inputs can be read again; standard input, which has no state, can't."""
        return all(self.inputs.values())

    @classmethod
    def begun(
        cls, inputs: Mapping[str, list[int]], options: Mapping[str, Any], model: Mapping[str, str]
    ) -> Manifest:
        """A new run."""
        return cls(inputs, options, model, uuid4().hex[:12])

    @classmethod
    def read(cls, path: Path) -> Manifest | None:
        """The manifest of a file; None where there is none.

        Raises
        ------
        OutputError
            Where it is of another format or damaged.
        """
        try:
            known = json.loads(path.read_bytes())
            if known.pop("format") != FORMAT:
                raise ValueError("it is of another version of tonelens")
            counts = known.pop("counts")
            return cls(**known, counts=counts and Counts(**counts))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise OutputError(
                f"{path} can't be used ({error}). Delete it and {path.with_suffix('').stem}.parts, "
                "and start anew."
            ) from None

    def write(self, path: Path) -> None:
        """Put it on the disk."""
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False)
        write_whole(path, lambda file: file.write(text.encode()))

    def check_same(self, other: Manifest) -> None:
        """Refuse another run than this one.

        Raises
        ------
        OutputError
            Saying what differs.
        """
        for name in ("inputs", "options", "model"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if differing := [k for k in {**mine, **theirs} if mine.get(k) != theirs.get(k)]:
                raise OutputError(
                    f"can't go on: since the run began, its {name} changed: "
                    f"{', '.join(sorted(differing)[:5])}. Put back what it was, or name another "
                    "output to start anew."
                )
