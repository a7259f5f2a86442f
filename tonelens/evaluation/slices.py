"""Figures by group: by source, outlet and year, by length, position and quotation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from tonelens.errors import InputError
from tonelens.evaluation.answers import Answers
from tonelens.evaluation.figures import Figures, figures
from tonelens.evaluation.gaps import FEWEST_ARTICLES, Gap, gaps
from tonelens.evaluation.intervals import Array, Resamples
from tonelens.evaluation.labelled import Labelled
from tonelens.names import mask_names
from tonelens.tokens import tokenize
from tonelens.voice import quotations

FEWEST, FEWEST_OF_A_TONE = 20, 10
_LENGTHS = ((10, "up to 10 words"), (20, "11 to 20 words"), (35, "21 to 35 words"))
_LONGEST = "over 35 words"
_POSITIONS = ((3, "first 3 sentences"), (10, "sentences 4 to 10"), (30, "sentences 11 to 30"))
_LAST = "after sentence 30"


class Slice(NamedTuple):
    """The figures of one group.

    Attributes
    ----------
    by, group : str
        What the sentences are grouped by, and which of them these are.
    figures : Figures
        Macro-F1 and AUC are over the tones with 10 sentences here, so they compare only where
        these are the same.
    gap : Gap
        Its accuracy less that of all other sentences.
    """

    by: str
    group: str
    figures: Figures
    gap: Gap


def slices(
    labelled: Labelled,
    given: Answers,
    draws: Resamples,
    groups: Mapping[str, Sequence[Hashable]],
) -> tuple[Slice, ...]:
    """Figures of each group of 20 sentences and 5 articles at least that isn't all of them.

    Parameters
    ----------
    labelled, given, draws
        Of the same n sentences, all with a tone.
    groups : mapping of str to sequence of n hashables
        Further ways to group; None for no group.

    Raises
    ------
    InputError
        Where one of these has the name of a way that is there already.
    """
    facets = _facets(labelled)
    if taken := [by for by in groups if by in facets]:
        raise InputError(
            f"evaluate() got groups named {taken[0]!r}, which it makes itself. Name them "
            f"otherwise, such as {'my ' + taken[0]!r}."
        )
    shown = list(_shown({**groups, **facets}, draws))
    apart = gaps(given.guess == labelled.gold, [inside for _, _, inside in shown], draws)
    return tuple(
        Slice(by, group, _figures(labelled, given, draws, inside), gap)
        for (by, group, inside), gap in zip(shown, apart, strict=True)
    )


def _figures(labelled: Labelled, given: Answers, draws: Resamples, inside: Array) -> Figures:
    return figures(
        labelled.gold[inside], given.where(inside), draws.where(inside),
        voice=labelled.voice[inside], fewest=FEWEST_OF_A_TONE,
    )  # fmt: skip


def _shown(
    facets: Mapping[str, Sequence[Hashable]], draws: Resamples
) -> Iterator[tuple[str, str, Array]]:
    """What each group is by, its name, and which sentences are in it."""
    for by, names in facets.items():
        for name in _worth_showing(names):
            inside = np.array([found == name for found in names], np.bool_)
            if len(np.unique(draws.cluster[inside])) >= FEWEST_ARTICLES:
                yield by, str(name), inside


def _worth_showing(names: Sequence[Hashable]) -> Iterator[Hashable]:
    counts = Counter(name for name in names if name is not None)
    for name in sorted(counts, key=lambda name: (-counts[name], str(name))):
        if FEWEST <= counts[name] < len(names):
            yield name


def _facets(labelled: Labelled) -> dict[str, list[Hashable]]:
    quoted = _quoted([row.text for row in labelled])
    return {
        "source": [row.source for row in labelled],
        "outlet": [row.outlet for row in labelled],
        "year": [row.year for row in labelled],
        "length": [_step(len(row.text.split()), _LENGTHS, _LONGEST) for row in labelled],
        "position": [
            None if row.position is None else _step(row.position, _POSITIONS, _LAST)
            for row in labelled
        ],
        "quotation": ["with a quotation" if q else "without a quotation" for q in quoted],
    }


def _quoted(texts: list[str]) -> list[bool]:
    """Whether each sentence holds words between quotation marks, read by itself."""
    tokens = mask_names(tokenize(texts))
    inside = quotations(tokens, np.arange(len(texts))).inside
    return (np.bincount(tokens.row[inside], minlength=len(texts)) > 0).tolist()


def _step(number: int, steps: Sequence[tuple[int, str]], beyond: str) -> str:
    return next((name for most, name in steps if number <= most), beyond)
