"""Whether the top probability deserves belief: calibration, and what abstaining would buy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tonelens.evaluation.intervals import SEED, Array, Estimate, Resamples

MOST_BINS, FEWEST_IN_BIN = 15, 10
STEPS = 20
_SIMULATIONS = 200


class Bin(NamedTuple):
    """Sentences of like confidence: their mean top probability, and how many were right."""

    sentences: int
    confidence: float
    accuracy: Estimate


class Calibration(NamedTuple):
    """How far top probabilities are from the share of right answers.

    Attributes
    ----------
    error : Estimate
        Expected calibration error (Naeini et al., 2015), 0 to 1, over bins of equally many
        sentences, the bins of the whole sample throughout. Resampling adds noise of its own, so
        the interval leans high.
    by_chance : Estimate
        What a perfectly calibrated model with the same confidences would show on so many sentences:
        mean and middle 95%.
    bins : tuple of Bin
        From the least confident.
    """

    error: Estimate
    by_chance: Estimate
    bins: tuple[Bin, ...]

    @property
    def sentences(self) -> int:
        """How many sentences it rests on."""
        return sum(one.sentences for one in self.bins)


class RiskPoint(NamedTuple):
    """What happens when only answers from a top probability of `threshold` up are given.

    `coverage` is the share of sentences answered, `risk` that of the answers that are wrong.
    """

    threshold: float
    coverage: float
    risk: Estimate


def equal_mass_bins(confidence: Array, bins: int) -> Array:
    """Give the bin (n,) of each confidence, by rank, so that all bins are equally full.

    >>> equal_mass_bins(np.array([0.9, 0.5, 0.7, 0.6]), 2).tolist()
    [1, 0, 1, 0]
    """
    rank = np.empty(len(confidence), np.int64)
    rank[np.argsort(confidence, kind="stable")] = np.arange(len(confidence))
    return rank * bins // max(1, len(confidence))


def calibration(
    draws: Resamples, confidence: Array, right: Array, bins: int | None = None
) -> Calibration:
    """Compare top probabilities (n,) with whether each answer is right (n,).

    Parameters
    ----------
    draws : Resamples
        Of the n sentences.
    confidence, right : float (n,), bool (n,)
    bins : int, optional
        By default 15, fewer where a bin would hold fewer than 10 sentences.
    """
    count = bins or int(np.clip(len(right) // FEWEST_IN_BIN, 1, MOST_BINS))
    member = np.eye(count)[equal_mass_bins(confidence, count)]
    drawn = draws.sums(np.hstack((member, member * confidence[:, None], member * right[:, None])))
    size, trust, hits = np.split(drawn, 3, axis=1)
    gaps = np.abs(trust - hits).sum(1) / size.sum(1)
    error = draws.estimate(_error(draws.weight, member, confidence - right), gaps)
    with np.errstate(invalid="ignore"):
        shares = hits / size
    return Calibration(
        error,
        _by_chance(draws.weight, member, confidence),
        tuple(_bin(draws, inside > 0, confidence, right, shares[:, b])
              for b, inside in enumerate(member.T)),
    )  # fmt: skip


def _bin(draws: Resamples, inside: Array, confidence: Array, right: Array, drawn: Array) -> Bin:
    weight = draws.weight[inside]
    accuracy = draws.estimate(float(np.average(right[inside], weights=weight)), drawn)
    return Bin(int(inside.sum()), float(np.average(confidence[inside], weights=weight)), accuracy)


def _error(weight: Array, member: Array, gap: Array) -> float:
    return float(np.abs((weight * gap) @ member).sum() / weight.sum())


def _by_chance(weight: Array, member: Array, confidence: Array) -> Estimate:
    rng = np.random.default_rng(SEED)
    errors = [
        _error(weight, member, confidence - (rng.random(len(confidence)) < confidence))
        for _ in range(_SIMULATIONS)
    ]
    low, high = np.percentile(errors, (2.5, 97.5))
    return Estimate(float(np.mean(errors)), float(low), float(high))


def risk_coverage(draws: Resamples, confidence: Array, right: Array) -> tuple[RiskPoint, ...]:
    """The risk–coverage curve (El-Yaniv and Wiener, 2010) at up to `STEPS` thresholds.

    From the surest answers to all of them; each step answers about 5% of the sentences more.
    """
    order = np.argsort(-confidence, kind="stable")
    covered = np.cumsum(draws.weight[order]) / draws.weight.sum()
    last = np.searchsorted(covered, np.arange(1, STEPS + 1) / STEPS - 1e-9)
    thresholds = np.unique(confidence[order[np.minimum(last, len(order) - 1)]])[::-1]
    answered = confidence[:, None] >= thresholds
    wrong = answered & ~right[:, None].astype(bool)
    size, misses = np.split(draws.sums(np.hstack((answered, wrong)).astype(float)), 2, axis=1)
    drawn = np.divide(misses, size, out=np.full(size.shape, np.nan), where=size > 0)
    total = draws.weight @ answered
    risks = (draws.weight @ wrong) / total
    return tuple(
        RiskPoint(float(t), float(c), draws.estimate(float(risk), drawn[:, i]))
        for i, (t, c, risk) in enumerate(
            zip(thresholds, total / draws.weight.sum(), risks, strict=True)
        )
    )
