"""How far a run is, on standard error."""

from __future__ import annotations

import sys
from typing import Self

from tonelens.corpus.parts import Mark


class Progress:
    """A line on standard error: bytes read of all, the rate, the time left, what came of it."""

    def __init__(self, total: int, *, shown: bool) -> None:
        from tqdm import tqdm

        self.bar = tqdm(
            total=total or None, unit="B", unit_scale=True, disable=not shown, file=sys.stderr
        )
        self.articles = self.sentences = self.rejects = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    def show(self, mark: Mark) -> None:
        """Add a part."""
        self.articles += mark.articles
        self.sentences += mark.sentences
        self.rejects += mark.rejects
        self.bar.set_postfix_str(
            f"{self.articles:,} articles, {self.sentences:,} sentences, {self.rejects:,} bad rows",
            refresh=False,
        )
        self.bar.update(max(0, mark.through - self.bar.n))
