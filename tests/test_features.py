"""Features: hashed n-grams and style of a sentence, and what neighbours may and may not change."""

import numpy as np
import pytest
from growth import is_linear
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tonelens.cues import TYPES
from tonelens.errors import InputError
from tonelens.features import (
    BUCKETS,
    CUES,
    KINDS,
    SHAPE,
    STYLE,
    Features,
    document_numbers,
    extract,
    word_buckets,
)
from tonelens.tokens import key_of

relaxed = settings(deadline=None)  # the machine may be busy

PIECES = """
the a mayor Lima O'Brien said may perhaps should never absurd 3.5 was will if but all we you better
. , ? ! … “ ” " ' ‘ ’ — ( U.S. it's 😀 \u200b \x00 \ud800
""".split(" ")
tricky = st.lists(st.sampled_from(PIECES), min_size=1, max_size=15).map(" ".join)
any_text = st.text(st.characters(exclude_categories=()), max_size=30)
batches = st.lists(st.one_of(tricky, any_text), min_size=1, max_size=8)

# What may differ where a sentence stands in a document, all else being equal.
CONTEXT = [STYLE.index(name) for name in ("begins quoted", "ends quoted", "first in document")]


def buckets(features: Features, number: int = 0) -> list[int]:
    """The n-grams of one sentence, place by place."""
    return features.bucket[:, slice(*features.offset[number : number + 2])].T.ravel().tolist()


def grams(sentence: str) -> np.ndarray:
    """The n-grams of one sentence: a row for its start and each token, a column a kind."""
    return np.array(buckets(extract([sentence]))).reshape(-1, len(KINDS))


def style(sentence: str, name: str) -> float:
    """One style feature of one sentence."""
    return float(extract([sentence]).style[0, STYLE.index(name)])


@given(batches)
@example(["so it", "so it is"])
@relaxed
def test_every_sentence_has_features_in_the_documented_ranges(sentences):
    """Offsets grow and are never equal; style lies in 0 … 1; shapes and types are as documented."""
    found = extract(sentences)
    n = len(sentences)
    assert found.offset.shape == (n + 1,)
    assert found.offset[0] == 0
    assert found.bucket.shape == (len(KINDS), found.offset[-1])
    assert (np.diff(found.offset) >= 1).all()
    assert found.bucket.dtype == np.int64
    assert (found.bucket >= 0).all()
    assert (found.bucket < BUCKETS).all()
    assert found.style.shape == (n, len(STYLE))
    assert found.style.dtype == np.float32
    assert (found.style >= 0).all()
    assert (found.style <= 1).all()


@given(batches)
@relaxed
def test_kinds_and_cues_that_are_not_wanted_are_left_out_and_the_rest_stays(sentences):
    whole = extract(sentences)
    part = extract(sentences, kinds=("triple", "word"), cues=False)
    assert part.bucket.tobytes() == whole.bucket[[3, 0]].tobytes()
    assert part.style.tobytes() == np.ascontiguousarray(whole.style[:, : len(SHAPE)]).tobytes()
    assert STYLE == SHAPE + CUES


def test_a_words_bucket_can_be_known_beforehand():
    """Where training gives words of one type of cue something in common."""
    found = extract(["so “it”"], kinds=["word"]).bucket[0]
    for place, word, quoted in ((1, "so", False), (3, "it", True)):
        key = np.array([key_of(word)], np.uint64)
        assert word_buckets(key, quoted=quoted).tolist() == [found[place]]


@pytest.mark.parametrize("sentences", [[], [""], ["", " "], ["."], ["so"], ["Lima"]])
def test_sentences_of_one_token_or_none_have_features(sentences):
    """A place for their beginning and for each token; blank ones are all alike."""
    found = extract(sentences)
    places = [1 + s.isalpha() for s in sentences]
    assert np.diff(found.offset).tolist() == places
    assert len({tuple(buckets(found, i)) for i in range(len(sentences))}) <= 1


def test_a_sentence_without_tokens_among_others_has_features():
    found = extract(["", "so it is", " "])
    assert np.diff(found.offset).tolist() == [1, 4, 1]
    assert buckets(found, 0) == buckets(found, 2)
    assert buckets(found, 1) == buckets(extract(["so it is"]))


def test_n_grams_come_in_the_order_of_the_words_four_kinds_for_each():
    """One change of a word changes that word's row, and the pair, gap and triple that reach it."""
    one, other = grams("so it may rain here"), grams("so it may snow here")
    changed = one != other
    assert changed.shape == (6, len(KINDS))
    #          word   pair   gap    triple      of the place before, "so", "it", …
    assert changed.tolist() == [
        [False, False, False, False],
        [False, False, False, False],
        [False, False, True, True],
        [False, True, False, True],
        [True, True, True, True],
        [False, False, False, False],
    ]


def test_word_order_matters_to_pairs_gaps_and_triples_but_not_to_words():
    one, other = grams("dogs fear men"), grams("men fear dogs")
    assert sorted(one[:, 0]) == sorted(other[:, 0])
    assert all(sorted(one[:, kind]) != sorted(other[:, kind]) for kind in (1, 2, 3))


def test_pairs_know_the_beginning_and_the_end_of_a_sentence():
    """The first and the last word stand beside a mark that no word has."""
    one, other = grams("perhaps it ended"), grams("it ended perhaps")
    assert not {one[0, 1], one[3, 1]} & set(other[:, 1].tolist())


def test_no_n_gram_reaches_into_the_next_sentence():
    one, other = extract(["so it may", "rain here"]), extract(["so it may", "snow there"])
    assert buckets(one, 0) == buckets(other, 0)
    assert buckets(one, 1) != buckets(other, 1)


def test_a_quoted_word_is_another_word_feature_but_the_same_pair():
    """Only the first kind tells quoted from not; the closing mark is the same in both."""
    one, other = extract(["“so it may rain”"]), extract(["so it may rain”"])
    assert buckets(one)[-20:] == buckets(other)[-20:]
    plain = grams("so it may rain here")[3]
    quoted = grams("“so it may rain here”")[4]
    assert (plain == quoted).tolist() == [False, True, True, True]


def test_style_names_are_distinct_and_name_every_type_twice():
    assert len(set(STYLE)) == len(STYLE) == 2 * len(TYPES) + 6
    assert [s for s in STYLE if s.endswith("hedge")] == ["outside: hedge", "inside: hedge"]


@pytest.mark.parametrize(
    ("sentence", "name", "wanted"),
    [
        ("It rained here.", "outside: hedge", 0),
        ("Perhaps it rained.", "outside: hedge", 1 / 3),
        ("Perhaps it possibly rained.", "outside: hedge", 2 / 3),
        ("Perhaps, maybe, possibly, probably it will.", "outside: hedge", 1),
        ("“Perhaps,” he said.", "outside: hedge", 0),
        ("“Perhaps,” he said.", "inside: hedge", 1 / 3),
        ("“Perhaps,” he said.", "outside: attribution", 1 / 3),
        ("This is an absurd, shameful plan.", "outside: evaluative", 2 / 3),
        ("They must go!", "outside: exhortation", 1 / 3),
        ("They must go!", "outside: exclamation", 1 / 3),
        ("Why is it so?", "outside: question", 2 / 3),
        ("Nobody trusts Ana Lima of the Greens.", "outside: name", 1 / 3),
        ("They paid 3.5m and 20 more.", "outside: number", 2 / 3),
        ("They said “no” today.", "inside: quotation", 2 / 3),
        ("a b c d", "length", 4 / 64),
        ("so " * 100, "length", 1),
        ("They said “no” today.", "share quoted", 3 / 6),
        ("It rained.", "share quoted", 0),
        ("“It rained.”", "wholly quoted", 1),
        ("“It rained,” he said.", "wholly quoted", 0),
        ("It rained.", "first in document", 1),
    ],
)
def test_style_counts_what_its_name_says(sentence, name, wanted):
    assert style(sentence, name) == pytest.approx(wanted)


def test_neighbours_are_those_of_the_same_document():
    found = extract(["so it is"] * 6, np.array([0, 0, 0, 1, 2, 2]))
    assert found.begin.tolist() == [0, 0, 0, 3, 4, 4]
    assert found.end.tolist() == [3, 3, 3, 4, 6, 6]
    first = found.style[:, STYLE.index("first in document")]
    assert first.tolist() == [1, 0, 0, 1, 1, 0]


def test_without_documents_nothing_has_neighbours():
    found = extract(["“so it is", "so it is”"])
    assert found.begin.tolist() == [0, 1]
    assert found.end.tolist() == [1, 2]
    assert found.style[:, STYLE.index("begins quoted")].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("ids", "numbers"),
    [
        ([], []),
        (["a"], [0]),
        (["a", "a", "b", "a"], [0, 0, 1, 2]),
        ([1, 2, 2, None, None, ("x",)], [0, 1, 1, 2, 2, 3]),
        ([float("nan"), float("nan"), 1.5, np.float64("nan"), None], [0, 0, 1, 2, 2]),
        ([True, 1, 1.0, "1"], [0, 0, 0, 1]),
        (list(np.array([7, 7, 8])), [0, 0, 1]),
    ],
)
def test_documents_are_numbered_by_runs(ids, numbers):
    """An id that comes again later is another document."""
    found = document_numbers(ids)
    assert found.tolist() == numbers
    assert found.dtype == np.int64


def test_missing_ids_of_pandas_are_one_id():
    pd = pytest.importorskip("pandas")
    assert document_numbers(["a", pd.NA, pd.NA, pd.NaT, "b"]).tolist() == [0, 1, 1, 1, 2]


@pytest.mark.parametrize("one", [["a"], {}, np.zeros(3), ("a", [])])
def test_ids_that_cannot_be_hashed_are_refused(one):
    words = rf"ids are hashable, .*; got {type(one).__name__} at position 1\."
    with pytest.raises(InputError, match=words):
        document_numbers(["a", one, one])


@given(batches)
@relaxed
def test_a_sentences_features_do_not_depend_on_the_batch(sentences):
    """All of them, to the last bit, are those it has alone."""
    batch = extract(sentences)
    for number, sentence in enumerate(sentences):
        alone = extract([sentence])
        assert buckets(batch, number) == buckets(alone)
        assert batch.style[number].tobytes() == alone.style[0].tobytes()


@given(st.lists(batches, min_size=1, max_size=4))
@relaxed
def test_a_documents_features_do_not_depend_on_other_documents(documents):
    rows = [s for d in documents for s in d]
    number = np.repeat(np.arange(len(documents)), [len(d) for d in documents])
    batch, low = extract(rows, number), 0
    for document in documents:
        alone, high = extract(document, np.zeros(len(document), np.int64)), low + len(document)
        first, last = batch.offset[low], batch.offset[high]
        assert batch.bucket[:, first:last].tobytes() == alone.bucket.tobytes()
        assert (batch.offset[low : high + 1] - first).tolist() == alone.offset.tolist()
        assert batch.style[low:high].tobytes() == alone.style.tobytes()
        assert (batch.begin[low:high] - low).tolist() == alone.begin.tolist()
        assert (batch.end[low:high] - low).tolist() == alone.end.tolist()
        low = high


unquoted = batches.map(
    lambda rows: [r.translate(dict.fromkeys(map(ord, "“”\"'‘’«»„‟″〝〞＂"))) for r in rows]
)


@given(unquoted)
@relaxed
def test_where_nothing_is_quoted_a_document_changes_neighbours_alone(sentences):
    apart, together = extract(sentences), extract(sentences, np.zeros(len(sentences), np.int64))
    assert together.bucket.tobytes() == apart.bucket.tobytes()
    same = np.delete(together.style, CONTEXT, 1) == np.delete(apart.style, CONTEXT, 1)
    assert same.all()
    assert set(together.begin.tolist()) == {0}
    assert set(together.end.tolist()) == {len(sentences)}


def test_a_quotation_that_runs_on_changes_word_features_of_what_it_quotes():
    """And nothing else but style: pairs, gaps and triples stay."""
    rows = ["“so it is", "and so it may be", "he said”"]
    apart, together = extract(rows), extract(rows, np.zeros(3, np.int64))
    one, other = (np.array(buckets(f, 1)).reshape(-1, 4) for f in (apart, together))
    assert (one == other).tolist() == [[True] * 4] + [[False, True, True, True]] * 5
    at = [STYLE.index(n) for n in ("share quoted", "begins quoted", "ends quoted", "wholly quoted")]
    assert apart.style[1, at].tolist() == [0, 0, 0, 0]
    assert together.style[1, at].tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("shape", ["a", '"', " “no", "Perhaps Lima’s “plan” may fail, he said. "])
def test_time_grows_in_line_with_length(shape):
    assert is_linear(lambda text: extract([text, "so it is"]), shape, 200_000)
