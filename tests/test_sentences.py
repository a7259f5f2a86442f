"""Sentence spans: the written cases, what holds for any text, and time in line with length."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tonelens import sentences
from tonelens.errors import ModelError
from tonelens.sentences import spans, split

CASES = Path(__file__).parent / "cases" / "sentences.jsonl"

SHAPES = {
    "stops": ".",
    "exclamation marks": "!",
    "wide stops": "。",
    "ellipses": "…",
    "straight quotes": '"',
    "curly quotes": "”",
    "opening brackets": "(",
    "footnote brackets": ".[1",
    "stops and quotes": '."',
    "one letter": "a",
    "one line without spaces": "no-stop-here/",
    "initials": "A. ",
    "spaced stops": ". ",
    "titles": "Mr. ",
    "wrapped lines": "the end of the\n",
    "short lines": "x\n",
    "blank lines": "\n",
    "spaces and line ends": " \n",
    "stops before spaces": ".        ",
    "glued sentences": "it ended.The ",
    "questions": '?" I x ',
    "dashes": ". - A ",
}

tricky = st.lists(
    st.sampled_from(
        [
            "Mr.",
            "U.S.",
            "a.m.",
            "The",
            "he",
            "said",
            '"',
            "”",
            "“",
            "'",
            ")",
            "(",
            "...",
            "…",
            "?",
            "!",
        ]
        + [
            ".",
            "。",
            "」",
            "\n",
            "\n\n",
            "\r\n",
            " ",
            "  ",
            "\u2028",
            "\x0b",
            "\xa0",
            "- ",
            "1.",
            "A.",
        ]
        + [
            "[1]",
            "—",
            "Monday, May 4, 2015",
            "Photo: A",
            ":",
            "\ud800",
            "\x00",
            "🎉",
            "שלום",
            "😀.",
        ]
    ),
    max_size=40,
).map("".join)
any_text = st.text(st.characters(exclude_categories=()), max_size=300)


def read_cases() -> list[Any]:
    """Give each line of the case file as a pytest parameter, a known failure under strict xfail."""
    params = []
    for number, line in enumerate(CASES.read_text(encoding="utf-8").splitlines(), start=1):
        case = json.loads(line)
        fails = case.get("xfail")
        marks = [pytest.mark.xfail(reason=fails, strict=True)] if fails else []
        params.append(pytest.param(case, id=f"{number}: {case['kind']}", marks=marks))
    return params


def seconds(text: str) -> float:
    """Give the CPU time of the best of three runs."""
    times = []
    for _ in range(3):
        start = time.process_time()
        spans(text)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize("case", read_cases())
def test_a_written_text_splits_into_its_sentences(case: dict[str, Any]) -> None:
    """Each case's text, or its sentences joined by spaces, splits into just those sentences."""
    text = case.get("text", " ".join(case["sentences"]))
    assert split(text) == case["sentences"]


def test_the_cases_are_many_and_of_many_kinds() -> None:
    """A case file cut short by accident doesn't pass for a complete one."""
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    assert len(cases) >= 120
    assert len({case["kind"] for case in cases}) >= 12


@settings(max_examples=400, deadline=None)
@given(st.one_of(any_text, tricky))
@example("0" * 40 + "\u2028")
def test_spans_are_in_order_stripped_and_leave_out_only_white_space(text: str) -> None:
    """For any text: no overlap, no empty span, no white space at a span's ends, no ink outside."""
    rest, last = [], 0
    for start, end in spans(text):
        assert last <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        rest.append(text[last:start])
        last = end
    rest.append(text[last:])
    assert not "".join(rest).strip()


@settings(deadline=None)
@given(st.one_of(any_text, tricky))
def test_split_gives_the_very_characters_of_the_spans(text: str) -> None:
    """Nothing is altered: the sentences are slices of the text."""
    assert split(text) == [text[start:end] for start, end in spans(text)]


@settings(deadline=None)
@given(tricky)
def test_a_blank_line_always_ends_a_sentence(text: str) -> None:
    """No sentence holds a blank line."""
    assert not any("\n\n" in sentence for sentence in split(text))


@settings(deadline=None)
@given(tricky, tricky)
def test_what_follows_a_blank_line_splits_alike(above: str, below: str) -> None:
    """Paragraphs don't influence each other."""
    above, below = above.strip() + "x", "X" + below.strip()
    assert split(f"{above}\n\n{below}") == split(above) + split(below)


@pytest.mark.parametrize("text", ["", " ", "\n\n\t", "\u2003\x1c"])
def test_blank_text_has_no_sentences(text: str) -> None:
    """White space of any kind alone gives an empty list."""
    assert spans(text) == []


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_time_grows_no_faster_than_the_text(shape: str) -> None:
    """8 times the text takes under 24 times the time, whatever the text."""
    spans("Load it. Then go.")
    short = (shape * 20_000)[:20_000]
    ratios = (seconds(short * 8) / max(seconds(short), 1e-5) for _ in range(3))
    assert any(ratio < 24 for ratio in ratios)


def test_a_long_gap_takes_linear_time() -> None:
    """One gap of a million spaces between two stops is walked a few times only."""
    assert spans("a." + " " * 1_000_000 + "b.") == [(0, 1_000_004)]
    assert seconds("A." + " " * 1_000_000 + "B.") < 2


def test_importing_reads_no_model_and_no_heavy_package() -> None:
    """The import costs the standard library alone; parameters wait for the first text."""
    program = (
        "import sys; from tonelens import sentences; "
        "heavy = {'nltk', 'sklearn', 'pandas', 'scipy'} & set(sys.modules); "
        "print(sorted(heavy), sentences._words.cache_info().currsize)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[] 0", done.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "can't use .*install tonelens again"),
        ("{", "can't use"),
        ('{"format": 0}', "wanted 1"),
    ],
)
def test_a_bad_parameter_file_is_refused_with_the_way_out(
    content: str | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing, damaged or foreign file raises ModelError, which says what to do."""
    path = tmp_path / "sentences.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    monkeypatch.setattr(sentences, "_PATH", path)
    sentences._words.cache_clear()
    with pytest.raises(ModelError, match=message):
        spans("One. Two.")
    sentences._words.cache_clear()


def test_the_parameters_hold_what_the_rules_count_on() -> None:
    """Retraining may not lose the titles Punkt misses or the commonest starters."""
    words = sentences._words()
    assert {"mr", "mrs", "ms", "dr", "sen", "gov"} <= words.titles <= words.abbreviations
    assert {"the", "he", "she", "it", "but", "in"} <= words.starters
    assert "senate" not in words.starters
    assert not words.numbered & words.titles
