"""The features as a scikit-learn transformer: their shape, their meaning, and where they fit in."""

import json
from pathlib import Path

import numpy as np
import pytest
from estimators import CHECKS
from scipy.sparse import issparse, vstack
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.utils import estimator_checks, get_tags

from tonelens import ToneVectorizer
from tonelens.errors import InputError
from tonelens.features import BUCKETS, KINDS, STYLE, extract

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "tones.jsonl").read_text("utf-8").splitlines()
]
X = [case["text"] for case in CASES]
NGRAMS = len(KINDS) * BUCKETS
COLUMNS = NGRAMS + len(STYLE)


@pytest.fixture(scope="module")
def matrix():
    return ToneVectorizer().transform(X)


def same(a, b):
    return a.shape == b.shape and (a != b).nnz == 0


def test_features_are_a_sparse_float32_row_a_sentence(matrix):
    assert issparse(matrix)
    assert matrix.format == "csr"
    assert matrix.dtype == np.float32
    assert matrix.shape == (len(X), COLUMNS)


def test_features_are_finite_not_negative_and_none_is_stored_twice(matrix):
    assert np.isfinite(matrix.data).all()
    assert (matrix.data >= 0).all()
    twin = matrix.copy()
    twin.sum_duplicates()
    assert twin.nnz == matrix.nnz


def test_every_sentence_has_n_grams(matrix):
    assert (np.diff(matrix[:, :NGRAMS].indptr) > 0).all()


def test_n_grams_weigh_one_over_the_root_of_their_number(matrix):
    count = len(KINDS) * np.diff(extract(X).offset)
    total = np.asarray(matrix[:, :NGRAMS].sum(1)).ravel()
    assert np.allclose(total, np.sqrt(count), rtol=1e-5)


def test_the_last_columns_are_the_style_features(matrix):
    assert np.array_equal(matrix[:, NGRAMS:].toarray(), extract(X).style)


def test_every_column_has_a_name_of_its_own():
    names = ToneVectorizer().get_feature_names_out()
    assert len(names) == len(set(names)) == COLUMNS
    assert names.dtype == object
    assert names[0] == "word 0"
    assert tuple(names[NGRAMS:]) == STYLE


def test_a_cue_is_found_in_the_column_that_bears_its_name():
    names = ToneVectorizer().get_feature_names_out().tolist()
    hedge = names.index("outside: hedge")
    rows = ToneVectorizer().transform(["perhaps it rained", "it rained"])
    assert rows[0, hedge] > 0
    assert rows[1, hedge] == 0


def test_names_are_one_and_the_same():
    rows = ToneVectorizer().transform(["Ana Lima lost to Kim Osei.", "Bo Hansen lost to Lee."])
    assert same(rows[:1], rows[1:])


def test_fit_gives_the_transformer_itself():
    vectorizer = ToneVectorizer()
    assert vectorizer.fit(X) is vectorizer
    assert vectorizer.fit(X, ["reporting"] * len(X)) is vectorizer


def test_fitting_first_changes_nothing(matrix):
    assert same(ToneVectorizer().fit(X[:3]).transform(X), matrix)
    assert same(ToneVectorizer().fit_transform(X), matrix)


@pytest.mark.parametrize("n", [2047, 2048, 2049, 4100])
def test_a_sentence_has_the_same_features_in_every_batch(n):
    rows = [f"Item {i} may cost ${i % 31}.5m, the {'mayor' * (i % 3)} said." for i in range(n)]
    whole = ToneVectorizer().transform(rows)
    parts = [ToneVectorizer().transform(rows[i : i + 500]) for i in range(0, n, 500)]
    assert same(whole, vstack(parts, format="csr"))


def test_sentences_stand_alone(matrix):
    assert same(vstack([ToneVectorizer().transform([x]) for x in X], format="csr"), matrix)
    assert same(ToneVectorizer().transform(X[::-1]), matrix[::-1])


@pytest.mark.parametrize(
    "kind",
    [tuple, np.array, iter, lambda rows: np.array(rows, object)],
    ids=["tuple", "array of str", "iterator", "array of objects"],
)
def test_any_iterable_of_strings_will_do(matrix, kind):
    assert same(ToneVectorizer().transform(kind(X)), matrix)


def test_a_pandas_series_will_do(matrix):
    pandas = pytest.importorskip("pandas")
    assert same(ToneVectorizer().transform(pandas.Series(X, index=range(7, 7 + len(X)))), matrix)


def test_a_blank_string_among_others_has_a_row(matrix):
    rows = ToneVectorizer().transform([X[0], "", X[1]])
    assert same(rows[[0, 2]], matrix[:2])


@pytest.mark.parametrize("rows", [[""], [" "], ["."], ["Zelenskyy"], ["", "\x00"]], ids=ascii)
def test_a_batch_of_next_to_nothing_has_its_rows(rows):
    assert ToneVectorizer().transform(rows).shape == (len(rows), COLUMNS)


def test_no_sentences_give_no_rows():
    assert ToneVectorizer().transform([]).shape == (0, COLUMNS)


@pytest.mark.parametrize("method", ["fit", "transform", "fit_transform"])
@pytest.mark.parametrize("value", ["It rained.", b"It rained.", None, 7])
def test_what_is_no_list_of_sentences_is_refused_by_its_type(method, value):
    name = type(value).__name__
    with pytest.raises(InputError, match=rf"takes a list of sentences, got .*{name}.*Use tr.*text"):
        getattr(ToneVectorizer(), method)(value)


@pytest.mark.parametrize("value", [None, b"It rained.", 1.5, ["It rained."]])
def test_what_is_no_string_among_sentences_is_refused_by_type_and_place(value):
    message = rf"takes strings, got {type(value).__name__} at position 1\. Drop or fill"
    with pytest.raises(InputError, match=message):
        ToneVectorizer().transform(["It rained.", value])


@pytest.mark.parametrize("check", CHECKS)
def test_scikit_learn_s_own_check_passes(check):
    getattr(estimator_checks, check)("ToneVectorizer", ToneVectorizer())


def test_tags_say_that_it_transforms_strings_without_being_fitted():
    tags = get_tags(ToneVectorizer())
    assert tags.transformer_tags is not None
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert not tags.requires_fit


def test_a_clone_gives_the_same_features(matrix):
    assert clone(ToneVectorizer()).get_params() == {}
    assert same(clone(ToneVectorizer()).transform(X), matrix)


def test_it_stands_beside_other_features_in_a_union(matrix):
    union = FeatureUnion([("tone", ToneVectorizer()), ("words", CountVectorizer())]).fit(X)
    both = union.transform(X)
    names = union.get_feature_names_out()
    assert both.shape[1] == len(names) > COLUMNS
    assert same(both.tocsr()[:, :COLUMNS].astype(np.float32), matrix)
    assert names[0] == "tone__word 0"


def test_it_stands_at_the_head_of_a_pipeline():
    tones = [case["tone"] == "speculation" for case in CASES]
    pipeline = make_pipeline(ToneVectorizer(), LogisticRegression(C=10)).fit(X, tones)
    assert pipeline.score(X, tones) > 0.95
    assert pipeline.predict(["The ferry may not sail before Easter."])[0]
