"""The shipped model on written cases: right often enough, by tone and by voice."""

import json
from collections import Counter
from pathlib import Path

import pytest

import tonelens
from tonelens.labels import LABELS, VOICES

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "tones.jsonl").read_text("utf-8").splitlines()
]


@pytest.fixture(scope="module")
def scores():
    return tonelens.score_sentences([case["text"] for case in CASES])


def assert_right(name, got, at_least):
    missed = [
        f"{case[name]} taken for {guess} ({case['kind']}): {case['text']}"
        for case, guess in zip(CASES, got, strict=True)
        if case[name] != guess
    ]
    right = 1 - len(missed) / len(CASES)
    assert right >= at_least, "\n".join([f"{right:.0%} of {len(CASES)} right", *missed])


def test_cases_are_of_every_tone_and_voice_and_none_is_written_twice():
    tones, voices = (Counter(case[name] for case in CASES) for name in ("tone", "voice"))
    assert set(tones) == set(LABELS)
    assert set(voices) == set(VOICES)
    assert min(*tones.values(), *voices.values()) >= 10
    assert len({case["text"] for case in CASES}) == len(CASES)


def test_what_a_source_says_is_labelled_reporting():
    assert {case["tone"] for case in CASES if case["voice"] == "source"} == {"reporting"}


def test_three_quarters_of_the_tones_are_right(scores):
    assert_right("tone", scores.tones, 0.75)


def test_four_fifths_of_the_voices_are_right(scores):
    assert_right("voice", scores.voices, 0.8)


@pytest.mark.parametrize("tone", LABELS)
def test_every_tone_is_found_more_often_than_chance(scores, tone):
    found = [got for case, got in zip(CASES, scores.tones, strict=True) if case["tone"] == tone]
    assert found.count(tone) > len(found) / len(LABELS), Counter(found)


def test_a_judgement_without_a_word_of_praise_or_blame_is_opinion():
    assert tonelens.score("That's all Zelenskyy has left.").tone == "opinion"
