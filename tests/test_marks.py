"""Quotation marks among tokens: which there are, and which sides let each open."""

import numpy as np
import pytest

from tonelens.marks import FAR, FIGURE, NAMED, Marks, find_marks
from tonelens.names import mask_names
from tonelens.tokens import tokenize


def find(*sentences: str) -> Marks:
    """The marks of sentences of one document."""
    return find_marks(mask_names(tokenize(sentences)), np.zeros(len(sentences), np.int64))


def sides(sentence: str) -> str:
    """A letter a mark: opens, closes, could do either without white space or with it."""
    marks = find(sentence)
    return "".join("cgso"[i] for i in (2 * marks.left + marks.right).tolist())


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("“We won,” she said.", "oc"),
        ('"We won," she said.', "oc"),
        ("« We won », she said.", "ss"),
        ("He said“we won”and left.", "gg"),
        ("'We won,' she said.", "oc"),
        ("‘“We won,”’ she said.", "oocc"),
        ("(“We won”)", "oc"),
        ("They won—“by far”—again.", "oc"),
        ("“We were—” he said.", "os"),
        ("“… and we won …”", "oc"),
        ("``We won,'' he said.", "oc"),
        ("It's Lima's plan.", ""),
    ],
)
def test_a_mark_opens_or_closes_by_what_stands_beside_it(sentence, wanted):
    assert sides(sentence) == wanted


def test_marks_know_their_sentence_and_neighbours():
    marks = find("It rained.", "“A 12” b’", "Ann” c")
    assert marks.row.tolist() == [1, 1, 1, 2]
    assert marks.first.tolist() == [True, False, False, False]
    assert marks.single.tolist() == [False, False, True, False]
    assert (marks.before & FIGURE).tolist() == [0, FIGURE, 0, 0]
    assert (marks.before & NAMED).tolist() == [0, 0, 0, NAMED]
    assert marks.gap.tolist() == [0, 1, FAR, 1]
    assert marks.glued.tolist() == [False, True, True, True]


def test_some_of_the_marks_are_taken_by_their_numbers():
    marks = find("“We ‘won’”")
    single = marks.take(np.flatnonzero(marks.single))
    assert single.at.tolist() == marks.at[marks.single].tolist()
    assert single.single.all()


@pytest.mark.parametrize("sentences", [(), ("",), ("No marks here.", " ")])
def test_where_there_are_no_marks_all_arrays_are_empty(sentences):
    assert [column.shape for column in find(*sentences)] == [(0,)] * len(Marks._fields)
