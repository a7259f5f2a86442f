"""Quotations as values: the written cases, what holds for any text, and linear time."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from growth import is_linear
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tonelens.names import mask_names
from tonelens.quotes import Quotation, find_quotations
from tonelens.sentences import spans
from tonelens.tokens import tokenize
from tonelens.voice import quotations

relaxed = settings(deadline=None)  # the machine may be busy

CASES = Path(__file__).parent / "cases" / "quotations.jsonl"

PIECES = """
“ ” " ' ‘ ’ « » “‘ ’” ,” .' a Ann said she : . , ? — ( ) workers' '90s 12" don't that told \n
""".split(" ")
texts = st.one_of(
    st.lists(st.sampled_from([*PIECES, " ", " ", " "]), max_size=40).map("".join),
    st.text(st.characters(exclude_categories=()), max_size=60),
)


def find(text: str) -> tuple[Quotation, ...]:
    """The quotations of a text in its sentences."""
    return find_quotations(text, spans(text))


def read_case(case: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """The text of a case, which has ⟦ and ⟧ around each quotation, and what is wanted of it."""
    wanted: list[dict[str, Any]] = []
    inside: list[dict[str, Any]] = []
    text = ""
    for char in case["text"]:
        if char == "⟦":
            inside.append({"start": len(text), "depth": len(inside)})
            wanted.append(inside[-1])
        elif char == "⟧":
            inside.pop()["end"] = len(text)
        else:
            text += char
    for number, each in enumerate(wanted):
        each["speaker"] = case.get("speakers", [None] * len(wanted))[number]
        for name in ("scare", "unopened", "unclosed"):
            each[name] = number in case.get(name, [])
    return text, wanted


def found_in(text: str) -> list[dict[str, Any]]:
    """What is found, as a case has it."""
    return [
        {
            "start": q.start,
            "depth": q.depth,
            "end": q.end,
            "speaker": q.speaker and text[slice(*q.speaker)],
            "scare": q.scare,
            "unopened": q.opening is None,
            "unclosed": q.closing is None,
        }
        for q in find(text)
    ]


def cases() -> list[Any]:
    """One parameter a case; those with a reason to fail must fail."""
    lines = CASES.read_text(encoding="utf-8").splitlines()
    out = []
    for case in map(json.loads, lines):
        marks = [pytest.mark.xfail(reason=case["fails"])] if "fails" in case else []
        out.append(pytest.param(case, id=f"{case['kind']}: {case['text'][:40]!a}", marks=marks))
    return out


@pytest.mark.parametrize("case", cases())
def test_every_case_is_found_as_it_is_written(case):
    text, wanted = read_case(case)
    assert found_in(text) == wanted


def test_the_cases_are_many_differ_and_hold_negatives_of_every_kind_of_apostrophe():
    written = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    plain = [case for case in written if "⟦" not in case["text"]]
    assert len(written) == len({case["text"] for case in written}) >= 150
    assert len(plain) >= 30
    assert any(re.search("’", case["text"]) for case in plain)


@given(texts)
@example("")
@example("«“a” b»”")
@example("“a “b”»")
@example('"12"" 12"')
@relaxed
def test_quotations_lie_in_the_text_and_begin_and_end_with_their_marks(text):
    sentences = spans(text)
    for q in find(text):
        assert 0 <= q.start < q.end <= len(text)
        part = text[q.start : q.end]
        assert part.startswith(q.opening or "")
        assert part.endswith(q.closing or "")
        assert q.opening != ""
        assert q.closing != ""
        assert q.opening or q.closing
        assert q.first <= q.last
        assert sentences[q.first][0] <= q.start < sentences[q.first][1]
        assert sentences[q.last][0] < q.end <= sentences[q.last][1]


@given(texts)
@relaxed
def test_quotations_are_nested_or_disjoint_in_order_and_know_their_depth(text):
    ends: list[int] = []
    start = 0
    for q in find(text):
        assert q.start >= start
        start = q.start
        while ends and ends[-1] <= q.start:
            ends.pop()
        assert q.depth == len(ends)
        assert q.end <= min(ends, default=len(text))
        ends.append(q.end)


@given(texts)
@relaxed
def test_a_token_is_quoted_in_scoring_just_where_a_quotation_is_shown(text):
    """One logic: the mask that features are made of covers the same characters."""
    sentences = spans(text)
    tokens = mask_names(tokenize([text[a:b] for a, b in sentences]))
    inside = quotations(tokens, np.zeros(len(sentences), np.int64)).inside
    shown = find(text)
    for start, row, on in zip(tokens.start, tokens.row, inside, strict=True):
        at = sentences[row][0] + start
        assert on == any(q.start <= at < q.end for q in shown)


@given(texts)
@relaxed
def test_a_speaker_stands_outside_the_quotation_in_one_of_its_sentences(text):
    sentences = spans(text)
    for q in find(text):
        if q.speaker:
            start, end = q.speaker
            assert end <= q.start or start >= q.end
            assert sentences[q.first][0] <= start < end <= sentences[q.last][1]
            assert not q.scare


SHAPES = {
    "pairs": "“A b,” said Ann. ",
    "opening": " “a",
    "closing": "a” ",
    "straight": '"',
    "single opening": " 'a",
    "single closing": "a' ",
    "inches": '12" ',
    "nested": "“a ‘b’ c” ",
    "runs": " «“a”» ",
    "names": "Ann said that “a” ",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_time_grows_in_line_with_length(shape):
    assert is_linear(lambda text: find_quotations(text, [(0, len(text))]), shape, 30_000)


def test_a_quotation_is_a_frozen_value_that_json_can_hold():
    (quotation,) = find("“We won,” she said.")
    assert json.loads(json.dumps(quotation.to_dict())) == {
        "start": 0, "end": 9, "opening": "“", "closing": "”", "depth": 0, "first": 0, "last": 0,
        "speaker": [10, 13], "scare": False,
    }  # fmt: skip
    assert find("“We won.”")[0].to_dict()["speaker"] is None
    with pytest.raises(dataclasses.FrozenInstanceError, match="start"):
        quotation.start = 1


def test_the_sentences_of_a_quotation_that_runs_on_are_numbered_from_0():
    (quotation,) = find("It rained. “We came. We saw. We won,” she said. It rained.")
    assert (quotation.first, quotation.last) == (1, 3)


def test_offsets_are_those_of_the_whole_text_and_not_of_a_sentence():
    text = "  It rained.\n\n He said: «Nobody came». "
    (quotation,) = find(text)
    assert text[quotation.start : quotation.end] == "«Nobody came»"
    assert text[slice(*quotation.speaker)] == "He"


def test_marks_that_close_two_quotations_at_once_are_shared_out():
    text = "«He said “no”» and left."
    outer, inner = find(text)
    assert (text[outer.start : outer.end], outer.closing) == ("«He said “no”»", "»")
    assert (text[inner.start : inner.end], inner.closing) == ("“no”", "”")


def test_a_mark_of_several_glyphs_is_kept_as_it_is():
    (quotation,) = find("``We won,'' she said.")
    assert (quotation.opening, quotation.closing) == ("``", "''")


def test_a_missing_mark_is_none_and_the_sentence_bounds_the_quotation():
    text = "It rained. We won,” she said. He said: “It snowed. It hailed."
    lost, open_ended = find(text)
    assert (lost.opening, text[lost.start : lost.end]) == (None, "We won,”")
    assert (open_ended.closing, text[open_ended.start : open_ended.end]) == (None, "“It snowed.")
