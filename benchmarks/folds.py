"""Ways to part sentences into those trained on and those tested, so that no group is in both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.tasks import Sentence

Array = NDArray[Any]

SPLITS = ("outlet", "document", "topic", "time", "random")
TOPICS, SEED = 20, 0
EARLIER = 2 / 3
"""Share of the sentences, the oldest, that the split by time trains on."""


def possible(sentences: Sequence[Sentence], by: str) -> str:
    """Give the split asked for, or what comes next where the sentences don't tell.

    Without enough outlets, topics or years: by document; without documents: random.

    >>> alone = [Sentence("It rained.", article=str(i)) for i in range(9)]
    >>> possible(alone, "outlet")
    'random'
    """
    if by == "time" and len({s.year for s in sentences if s.year}) > 1:
        return by
    if by == "outlet" and len({s.outlet for s in sentences if s.outlet}) > 2:
        return by
    articles = len({s.article for s in sentences})
    if by == "topic" and (_told(sentences) or len(sentences) > articles > TOPICS):
        return by
    return "document" if by != "random" and len(sentences) > articles > 2 else "random"


def folds(sentences: Sequence[Sentence], by: str, count: int) -> Iterator[tuple[Array, Array]]:
    """Yield numbers of the sentences to train on and to test, a pair for each of `count` folds.

    By time there is one: trained on the past, tested on what came later, undated ones left out.
    """
    from sklearn.model_selection import GroupKFold

    if by == "time":
        yield _by_time(sentences)
        return
    names = groups(sentences, by)
    known = np.flatnonzero([name is not None for name in names])
    kept = [names[i] for i in known]
    for train, test in GroupKFold(min(count, len(set(kept)))).split(kept, groups=kept):
        yield known[train], known[test]


def groups(sentences: Sequence[Sentence], by: str) -> list[str | int | None]:
    """What must not stand on both sides: a name for each sentence; None leaves it out."""
    if by == "random":
        return np.random.default_rng(SEED).permutation(len(sentences)).tolist()
    if by == "topic":
        return list(_told(sentences) or _found(sentences))
    return [s.outlet if by == "outlet" else s.article for s in sentences]


def _by_time(sentences: Sequence[Sentence]) -> tuple[Array, Array]:
    year = np.array([s.year or 0 for s in sentences])
    dated = year > 0
    first = np.quantile(year[dated], EARLIER)
    if first == year[dated].min():  # a year isn't cut in two
        first += 1
    return np.flatnonzero(dated & (year < first)), np.flatnonzero(dated & (year >= first))


def _told(sentences: Sequence[Sentence]) -> list[str | None]:
    """The topics that the set itself names; nothing where it names fewer than three."""
    names = [s.topic for s in sentences]
    return names if len({name for name in names if name}) > 2 else []


def _found(sentences: Sequence[Sentence]) -> list[int]:
    """Topics by k-means over tf-idf of whole articles, without common words."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer

    texts: dict[str, list[str]] = {}
    for sentence in sentences:
        texts.setdefault(sentence.article, []).append(sentence)
    topics = make_pipeline(
        TfidfVectorizer(stop_words="english", max_df=0.5, sublinear_tf=True),
        TruncatedSVD(50, random_state=SEED),
        Normalizer(),
        KMeans(TOPICS, n_init=3, random_state=SEED),
    )
    number = dict(
        zip(texts, topics.fit_predict([" ".join(t) for t in texts.values()]), strict=True)
    )
    return [int(number[sentence.article]) for sentence in sentences]
