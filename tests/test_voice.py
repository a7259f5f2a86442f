"""Who speaks: which tokens stand inside quotation marks, in one sentence and across several."""

from itertools import pairwise

import numpy as np
import pytest
from growth import is_linear
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tonelens import pairs
from tonelens.names import mask_names
from tonelens.pairs import LONGEST
from tonelens.tokens import Tokens, tokenize
from tonelens.voice import Quoted, Spans, quotation_spans, quotations

relaxed = settings(deadline=None)  # the machine may be busy
thorough = settings(relaxed, max_examples=400)

PIECES = [
    '"',
    "“",
    "”",
    "'",
    "‘",
    "’",
    "«",
    "»",
    "a",
    "b's",
    "it's",
    "voters'",
    "'90s",
    '12"',
    "B",
    " ",
    " ",
    ".",
    ",",
    "(",
    "—",
    "\x00",
    "😀",
]
batches = st.lists(
    st.one_of(
        st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
        st.text(st.characters(exclude_categories=()), max_size=20),
    ),
    max_size=20,
)


def tokens_of(sentences: list[str]) -> Tokens:
    """Tokens as scoring has them."""
    return mask_names(tokenize(sentences))


def numbers(letters: str) -> np.ndarray:
    """Documents' numbers, from a letter for each sentence."""
    changes = [i > 0 and a != letters[i - 1] for i, a in enumerate(letters)]
    return np.cumsum(np.array(changes, np.int64))


def find(sentences: list[str], documents: str | None = None) -> Quoted:
    """Quotations of sentences of one document, or of those that letters name."""
    return quotations(tokens_of(sentences), numbers(documents or "a" * len(sentences)))


def quoted(*sentences: str, documents: str | None = None) -> list[str]:
    """The quoted stretch of each sentence, from its first quoted token to its last."""
    tokens, inside = tokens_of(list(sentences)), find(list(sentences), documents).inside
    out = []
    for number, sentence in enumerate(sentences):
        at = np.flatnonzero(inside & (tokens.row == number))
        out.append(sentence[tokens.start[at[0]] : tokens.end[at[-1]]] if len(at) else "")
    return out


def marks(sentence: str) -> str:
    """The sentence's quoted tokens, with others as underscores."""
    tokens, inside = tokens_of([sentence]), find([sentence]).inside
    return " ".join(
        sentence[a:b] if on else "_"
        for a, b, on in zip(tokens.start, tokens.end, inside, strict=True)
    )


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("Nothing is quoted here.", "_ _ _ _"),
        ('"We won," she said.', '" We won , " _ _'),
        ("“We won,” she said.", "“ We won , ” _ _"),
        ("She said “we won”.", "_ _ “ we won ”"),
        ("«We won», she said.", "« We won » _ _ _"),
        ("„We won“, she said.", "„ We won “ _ _ _"),
        ("“Yes,” he said, “but no.”", "“ Yes , ” _ _ _ “ but no ”"),
        ("The (“so-called”) plan", "_ _ “ so called ” _ _"),
        ("He said: “No”—and left.", "_ _ _ “ No ” _ _ _"),
    ],
)
def test_what_stands_between_double_marks_is_quoted_with_its_marks(sentence, wanted):
    assert marks(sentence) == wanted


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("'We won,' she said.", "' We won , ' _ _"),
        ("‘We won,’ she said.", "‘ We won , ’ _ _"),
        ("She called it ‘a win’ again.", "_ _ _ ‘ a win ’ _"),
        ("‘It’s Lima’s win,’ she said.", "‘ It ’s Lima’s win , ’ _ _"),
    ],
)
def test_single_marks_quote_as_double_ones_do(sentence, wanted):
    assert marks(sentence) == wanted


@pytest.mark.parametrize(
    "sentence",
    [
        "It's Lima's plan, and they don't like it.",
        "The voters' anger and the workers' pay rose.",
        "The party’s voters’ anger rose.",
        "In the ’90s it wasn’t so.",
        "He opened 'and never closed.",
    ],
)
def test_apostrophes_and_lone_single_marks_quote_nothing(sentence):
    assert not find([sentence]).inside.any()


def test_two_apostrophes_at_the_edges_of_words_quote_nothing():
    assert not find(["In the ’90s the voters’ anger rose."]).inside.any()


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("“He said ‘no’ twice,” she said.", "“He said ‘no’ twice,”"),
        ("“He said ‘no,’” she said.", "“He said ‘no,’”"),
        ("‘He said “no” twice,’ she said.", "‘He said “no” twice,’"),
    ],
)
def test_a_quotation_within_a_quotation_is_part_of_it(sentence, wanted):
    assert quoted(sentence) == [wanted]


@pytest.mark.parametrize("pair", ['""', "“”", "«»"])
def test_a_quotation_runs_on_through_sentences_until_it_is_closed(pair):
    a, b = pair
    found = find([f"He said: {a}We came.", "We saw.", f"We won.{b} He left.", "It rained."])
    assert found.begins.tolist() == [False, True, True, False]
    assert found.ends.tolist() == [True, True, False, False]
    assert quoted(f"He said: {a}We came.", "We saw.", f"We won.{b} He left.", "It rained.") == [
        f"{a}We came", "We saw", f"We won.{b}", "",
    ]  # fmt: skip


def test_a_quotation_within_one_sentence_neither_begins_nor_ends_in_another():
    found = find(["“We won,” she said.", "She said “no”."])
    assert not found.begins.any()
    assert not found.ends.any()


def test_a_quotation_that_is_never_closed_ends_with_its_sentence():
    assert quoted("He said: “We came.", "It rained.", "It snowed.") == ["“We came", "", ""]
    assert not find(["He said: “We came.", "It rained."]).begins.any()


def test_a_paragraph_that_opens_again_goes_on_with_the_quotation():
    sentences = ["“We came.", "“We saw.", "“We won,” she said.", "It rained."]
    assert quoted(*sentences) == ["“We came", "“We saw", "“We won,”", ""]
    assert find(sentences).begins.tolist() == [False, True, True, False]


def test_an_unclosed_quotation_that_was_opened_again_ends_with_its_last_paragraph():
    assert quoted("“We came.", "“We saw.", "It rained.") == ["“We came", "“We saw", ""]


def test_a_mark_that_only_closes_quotes_its_own_sentence_from_its_start():
    assert quoted("It rained.", "We won,” she said.") == ["", "We won,”"]


def test_a_quotation_left_open_for_too_long_was_never_closed():
    """A closing mark ``LONGEST`` sentences on still closes; one more sentence, and it doesn't."""
    middle = ["It rained."] * (LONGEST - 1)
    near = find(["“We came.", *middle, "We won.”"])
    far = find(["“We came.", *middle, "It snowed.", "We won.”"])
    assert near.begins.tolist() == [False] + [True] * LONGEST
    assert not far.begins.any()


@pytest.mark.parametrize(
    ("sentences", "documents"),
    [
        (["“We came.", "We won,” she said."], "ab"),
        (["“We came.", "It rained.", "We won.”"], "aab"),
        (["“We came.", "“We saw.", "We won.”"], "abb"),
        (["“We came.", "It rained.", "We won.”"], "aba"),
    ],
)
def test_quotations_never_leak_into_another_document(sentences, documents):
    """Each document's sentences are quoted as if the others weren't there."""
    together = quoted(*sentences, documents=documents)
    starts = [i for i, d in enumerate(documents) if i == 0 or d != documents[i - 1]]
    ends = [*starts[1:], len(sentences)]
    apart = [q for a, b in zip(starts, ends, strict=True) for q in quoted(*sentences[a:b])]
    assert together == apart
    assert not find(sentences, documents).begins[starts].any()


def test_nothing_is_quoted_where_there_is_nothing():
    for sentences in ([], [""], ["", " "]):
        found = find(sentences)
        assert found.inside.shape == (0,)
        assert found.begins.tolist() == found.ends.tolist() == [False] * len(sentences)


@given(batches, st.randoms(use_true_random=False))
@example(["“", "", "”"], None)
@relaxed
def test_any_text_gets_a_flag_for_every_token_and_two_for_every_sentence(sentences, random):
    """It never raises, and a sentence begins inside just where the one before ends inside."""
    documents = "".join(random.choice("ab") if random else "a" for _ in sentences)
    found = find(sentences, documents)
    assert found.inside.shape == tokens_of(sentences).key.shape
    assert found.inside.dtype == np.bool_
    assert found.begins.shape == found.ends.shape == (len(sentences),)
    assert found.begins[1:].tolist() == found.ends[:-1].tolist()
    if sentences:
        assert not found.begins[0]
        assert not found.ends[-1]
    same = [a == b for a, b in pairwise(documents)]
    assert all(on for on, runs in zip(same, found.ends[:-1], strict=True) if runs)


@given(batches, batches)
@thorough
def test_a_document_is_quoted_alike_whatever_document_follows_it(one, other):
    alone, both = find(one), find(one + other, "a" * len(one) + "b" * len(other))
    size = len(alone.inside)
    assert alone.inside.tolist() == both.inside[:size].tolist()
    assert alone.begins.tolist() == both.begins[: len(one)].tolist()


SHAPES = [
    " “a", "a” ", " “a”", '"', "'", " 'a", "a' ", " 'a'", '12" ', " “a 'b", "“'", "a” 'b ", ' "a"" '
]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_time_grows_in_line_with_length(shape):
    assert is_linear(lambda text: find([text]), shape, 100_000)


@pytest.mark.parametrize("shape", SHAPES)
def test_time_grows_in_line_with_sentences(shape):
    assert is_linear(lambda text: find(text.split("\n")), shape.strip() + " b.\n", 100_000)


def test_two_marks_that_close_where_none_opened_quote_from_the_start_to_the_last():
    assert marks('It rained" and snowed" again.') == 'It rained " and snowed " _'


def test_single_marks_run_on_where_speech_may_begin_and_punctuation_closes_it():
    sentences = ["'We came.", "We don't like the workers' plan.", "We won,' she said."]
    assert quoted(*sentences) == ["'We came", "We don't like the workers' plan", "We won,'"]
    assert quoted("They like 'the plan.", "It rained,' she said.") == ["", ""]


def test_a_quotation_opened_within_a_later_sentence_ends_one_that_was_never_closed():
    assert quoted("He said “we came.", "It rained.", "She said “we won”.") == [
        "“we came", "", "“we won”",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sentence",
    [
        "He is 6'2\" tall.",
        'A 12" pipe and a 14" pipe burst.',
        "In the ’90s the voters’ anger rose; ’tis rock ’n’ roll.",
    ],
)
def test_inches_and_elisions_quote_nothing(sentence):
    assert not find([sentence]).inside.any()


def spans(sentences: list[str], documents: str) -> tuple[Tokens, Spans]:
    """The tokens and the ranges of them that are quoted."""
    tokens = tokens_of(sentences)
    return tokens, quotation_spans(tokens, numbers(documents))


documented = batches.flatmap(
    lambda rows: st.tuples(st.just(rows), st.text("ab", min_size=len(rows), max_size=len(rows)))
)


@given(documented)
@thorough
def test_spans_are_nested_or_disjoint_and_the_mask_is_their_union(rows):
    tokens, found = spans(*rows)
    inside, open_stops = np.zeros(len(tokens.key), np.bool_), []
    for start, stop in zip(found.start.tolist(), found.stop.tolist(), strict=True):
        while open_stops and open_stops[-1] <= start:
            open_stops.pop()
        assert 0 <= start < stop <= min([len(tokens.key), *open_stops])
        open_stops.append(stop)
        inside[start:stop] = True
    assert inside.tolist() == quotations(tokens, numbers(rows[1])).inside.tolist()
    assert sorted(found.start.tolist()) == found.start.tolist()


@given(documented)
@thorough
def test_plain_pairs_taken_at_once_are_what_reading_mark_by_mark_finds(rows):
    _, at_once = spans(*rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "_is_irregular", lambda kind, *_: np.ones(len(kind), np.bool_))
        _, one_by_one = spans(*rows)
    assert all(map(np.array_equal, at_once, one_by_one))


@given(documented)
@thorough
def test_a_quotation_stays_in_its_document(rows):
    tokens, found = spans(*rows)
    document = numbers(rows[1])
    first, last = document[tokens.row[found.start]], document[tokens.row[found.stop - 1]]
    assert first.tolist() == last.tolist()
