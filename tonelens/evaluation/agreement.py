"""How far annotators agree with each other, by nltk's measures; these know no sampling weights."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

Votes = Sequence[Sequence[str | None]]


class Kappa(NamedTuple):
    """Cohen's kappa of two annotators, counted from 1, over the sentences that both judged.

    Each sentence counts once, whatever its weight.
    """

    first: int
    second: int
    sentences: int
    value: float


class Agreement(NamedTuple):
    """Agreement of annotators on the tone of the sentences drawn, each counting once.

    It says how these were labelled. Sampling weights, by which the other figures stand for the
    corpus, are not heeded.

    Attributes
    ----------
    sentences : int
        Those with two votes at least.
    alpha : float
        Krippendorff's, for names: 1 for full agreement, 0 for that of chance; not a number where
        every vote is the same, so that chance would agree as well.
    kappas : tuple of Kappa
        Of each pair that judged some sentence both.
    """

    sentences: int
    alpha: float
    kappas: tuple[Kappa, ...]


def agreement(votes: Votes) -> Agreement | None:
    """Agreement of the annotators, unweighted; none where no sentence has two votes.

    Parameters
    ----------
    votes : sequence of sequences of str or None
        For each sentence, each annotator's answer in the same order; None for a missing one.

    Examples
    --------
    >>> found = agreement([["opinion", "opinion"], ["reporting", "reporting"]])
    >>> found.alpha, found.kappas[0].value
    (1.0, 1.0)
    """
    from nltk.metrics.agreement import AnnotationTask

    several = [row for row in votes if sum(vote is not None for vote in row) > 1]
    if not several:
        return None
    task = AnnotationTask(
        [
            (coder, i, vote)
            for i, row in enumerate(several)
            for coder, vote in enumerate(row)
            if vote
        ]
    )
    pairs = combinations(range(max(map(len, several))), 2)
    kappas = tuple(kappa for a, b in pairs if (kappa := _kappa(several, a, b)))
    alpha = task.alpha() if len(task.K) > 1 else np.nan
    return Agreement(len(several), float(alpha), kappas)


def _kappa(votes: Votes, a: int, b: int) -> Kappa | None:
    from nltk.metrics.agreement import AnnotationTask

    both = [(row[a], row[b]) for row in votes if len(row) > b and row[a] and row[b]]
    if not both:
        return None
    task = AnnotationTask(
        [(c, i, vote) for i, pair in enumerate(both) for c, vote in enumerate(pair)]
    )
    value = float(task.kappa_pairwise(0, 1)) if len(task.K) > 1 else np.nan
    return Kappa(a + 1, b + 1, len(both), value)
