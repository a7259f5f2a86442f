"""The features as a scikit-learn transformer: sentences to a sparse matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.base import BaseEstimator, TransformerMixin

from tonelens.features import BUCKETS, KINDS, STYLE, extract
from tonelens.inputs import string_list

_BATCH = 2048


class ToneVectorizer(TransformerMixin, BaseEstimator):
    """Sentences to the sparse features that tonelens models read.

    Four times 65,536 columns are hashed n-grams (words, pairs, pairs with a gap, triples; every
    name is one and the same token), each occurrence weighing one over the square root of their
    number in the sentence; the last columns are the style features, 0 to 1. It learns nothing from
    data, so `fit` does nothing. Each sentence stands alone.

    Examples
    --------
    >>> ToneVectorizer().transform(["Kim left.", "Lee left."]).toarray().std(axis=0).max()
    np.float32(0.0)
    """

    def fit(self, X: Sequence[str], y: Any = None) -> ToneVectorizer:
        """Check the input and return the transformer itself."""
        _sentences(X)
        return self

    def transform(self, X: Sequence[str]) -> csr_matrix:
        """Features of n sentences: float32 (n, 4 * 65,536 + number of style features).

        Raises
        ------
        InputError
            Where X is a string or holds anything but strings.
        """
        rows = _sentences(X)
        parts = [_matrix(rows[i : i + _BATCH]) for i in range(0, max(1, len(rows)), _BATCH)]
        return parts[0] if len(parts) == 1 else csr_matrix(vstack(parts, format="csr"))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Names of the columns: ``word 0`` … ``triple 65535``, then the style features' own."""
        names = [f"{kind} {i}" for kind in KINDS for i in range(BUCKETS)] + list(STYLE)
        return np.array(names, dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        """Always: nothing is learned."""
        return True

    def __sklearn_tags__(self) -> Any:
        """Takes strings, needs no fitting."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        return tags


def _matrix(rows: list[str]) -> csr_matrix:
    features = extract(rows)
    count = len(KINDS) * np.diff(features.offset)
    data = np.repeat(1 / np.sqrt(count, dtype=np.float32), count)
    column = features.bucket.T + BUCKETS * np.arange(len(KINDS))
    shape = (len(rows), len(KINDS) * BUCKETS)
    indices = column.ravel().astype(np.int32)
    ngrams = csr_matrix((data, indices, features.offset * len(KINDS)), shape=shape)
    ngrams.sum_duplicates()
    return csr_matrix(hstack([ngrams, csr_matrix(features.style)], format="csr"))


def _sentences(X: Sequence[str]) -> list[str]:
    return string_list(X, call="transform", wanted="a list of sentences", use="transform([text])")
