"""`compare`: whether one model is better than another on the same sentences, or nobody can tell."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tonelens.errors import InputError
from tonelens.evaluation.answers import Answers, answers
from tonelens.evaluation.intervals import Array, Estimate, Resamples
from tonelens.evaluation.labelled import Labelled, drawn
from tonelens.evaluation.metrics import macro_f1, macro_f1_drawn

LEVEL, POWER = 0.05, 0.8


class Comparison(NamedTuple):
    """Model a beside model b; of one article alone, intervals and p-values are not a number.

    Attributes
    ----------
    a, b : Estimate
        Their macro-F1.
    difference : Estimate
        That of a less that of b, over the same resamples of articles.
    p_value : float
        That of no difference, two-sided, by these resamples; by Holm's rule (1979) where several
        models are compared at once.
    only_a_right, only_b_right : int
        Sentences that one of them alone tells rightly.
    mcnemar_p_value : float
        That both are right equally often: McNemar's test (1947), with the variance of sums over
        articles instead of sentences; by Holm's rule too.
    smallest : float
        The smallest true difference in macro-F1 that such data would have shown, at the level
        .05 (over the number of models), with a probability of .8.
    """

    a: Estimate
    b: Estimate
    difference: Estimate
    p_value: float
    only_a_right: int
    only_b_right: int
    mcnemar_p_value: float
    smallest: float


def compare(
    a: Any, b: Any, labelled: Labelled, *, clusters: Sequence[Hashable] | None = None
) -> Comparison:
    """Compare two models on the same labelled sentences.

    Parameters
    ----------
    a, b : ToneModel, classifier, ToneScores, table or array (n, 3)
        As `evaluate` takes them.
    labelled : Labelled
        n rows.
    clusters : sequence of n hashables, optional
        What is resampled, instead of the rows' articles.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> labelled = Labelled.of(["It rained.", "It may rain."], ["reporting", "speculation"])
    >>> a, b = [[0.75, 0.0, 0.25], [0.25, 0.0, 0.75]], [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    >>> found = compare(a, b, labelled)
    >>> found.only_a_right, found.only_b_right
    (1, 0)
    """
    return compare_several(a, {"b": b}, labelled, clusters=clusters)["b"]


def compare_several(
    a: Any,
    others: Mapping[str, Any],
    labelled: Labelled,
    *,
    clusters: Sequence[Hashable] | None = None,
) -> dict[str, Comparison]:
    """Compare one model with each of several, by name; their p-values allow for their number."""
    if not others:
        raise InputError("compare_several() got no other model. Give at least one, by its name.")
    part, draws = drawn(labelled, clusters, call="compare")
    known = labelled.known
    own = answers(a, labelled).where(known)
    found = {
        name: _compared(own, answers(b, labelled).where(known), part.gold, draws, len(others))
        for name, b in others.items()
    }
    by_draws = holm([one.p_value for one in found.values()])
    by_mcnemar = holm([one.mcnemar_p_value for one in found.values()])
    return {
        name: one._replace(p_value=p, mcnemar_p_value=q)
        for (name, one), p, q in zip(found.items(), by_draws, by_mcnemar, strict=True)
    }


def _compared(a: Answers, b: Answers, gold: Array, draws: Resamples, models: int) -> Comparison:
    from scipy.stats import norm

    first, second = (macro_f1(draws, gold, one.guess) for one in (a, b))
    drawn = macro_f1_drawn(draws, gold, a.guess) - macro_f1_drawn(draws, gold, b.guess)
    lead = (a.guess == gold).astype(int) - (b.guess == gold)
    reach = norm.ppf(1 - LEVEL / models / 2) + norm.ppf(POWER)
    several = draws.articles > 1
    return Comparison(
        a=first,
        b=second,
        difference=draws.estimate(first.value - second.value, drawn),
        p_value=two_sided(drawn) if several else float("nan"),
        only_a_right=int((lead > 0).sum()),
        only_b_right=int((lead < 0).sum()),
        mcnemar_p_value=_mcnemar(draws, lead) if several else float("nan"),
        smallest=float(reach * np.nanstd(drawn)) if several else float("nan"),
    )


def two_sided(drawn: Array) -> float:
    """P-value of no difference, from resampled differences (draws,).

    Twice the smaller tail at zero; never below what so many draws can tell.

    >>> two_sided(np.array([0.1, 0.2, 0.3]))
    0.5
    """
    tails = [(1 + (drawn <= 0).sum()), (1 + (drawn >= 0).sum())]
    return float(min(1.0, 2 * min(tails) / (1 + len(drawn))))


def _mcnemar(draws: Resamples, lead: Array) -> float:
    """Chi-squared of the sum of leads; of one sentence an article, McNemar's own."""
    from scipy.stats import chi2

    sums = np.bincount(draws.cluster, draws.weight * lead)
    squares = float((sums**2).sum())
    return float(chi2.sf(sums.sum() ** 2 / squares, 1)) if squares else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted for their number (Holm, 1979), in the order given.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values)
    steps = np.sort(p_values) * np.arange(len(p_values), 0, -1)
    out = np.empty(len(p_values))
    out[order] = np.minimum(1, np.maximum.accumulate(steps))
    return out.tolist()
