"""Speakers: the letters of words, and which patterns of them name one."""

import pytest
from growth import is_linear
from hypothesis import given, settings
from hypothesis import strategies as st

from tonelens.speakers import SAYING, letter, speaker

relaxed = settings(deadline=None)  # the machine may be busy

ALPHABET = "NPSUVATGDCFWQ,:.-\n"


@pytest.mark.parametrize(
    ("word", "wanted"),
    [("She", "P"), ("said", "S"), ("told", "U"), ("wrote", "V"), ("bridge", "W"), ("12", "W"),
     ("—", "-"), ("--", "-"), (",", ","), ("!", "."), ("(", "."), ("also", "A")],
)  # fmt: skip
def test_a_token_has_the_letter_of_its_kind(word, wanted):
    assert letter(word) == wanted


@pytest.mark.parametrize(
    ("letters", "wanted"),
    [
        ("QWW,QNS", 5),
        ("QWW,QSN.", 6),
        ("QWW,QN,DW,S", 5),
        ("QWW,QWWNV", 7),
        ("QWW,QSDWN", 8),
        ("QWW,QGFN", 7),
        ("QWW,Q,PS", 6),
        ("QWW,QNWS", None),
        ("QWW,QSNW", None),
        ("QWW,QDWFNS", None),
        ("QWW,Q\nNS", None),
    ],
)
def test_what_follows_may_name_the_speaker(letters, wanted):
    """Q…Q is the quotation; a name that isn't the verb's subject, or of another sentence, isn't."""
    found = speaker("\n" + letters, 1, 5, speech=True)
    assert found == (wanted + 1 if wanted else None)
    assert speaker("\n" + letters, 1, 5, speech=False) is None


@pytest.mark.parametrize(
    ("letters", "wanted"),
    [
        ("NS:", 0), ("NS,", 0), ("NST", 0), ("NS", 0), ("NV", None), ("NUW,", 0), ("NUWFWT", 0),
        ("NSFW:", 0), ("NSFWWW:", 0), ("WWNS:", 2), ("DWFNS:", None), ("CPAS,", 1),
        ("GFN,", 2), ("NSDW", None), ("NS.", None), ("NS:\n", None), ("QSN,", 2), ("DDNS:", None),
    ],
)  # fmt: skip
def test_what_goes_before_may_name_the_speaker(letters, wanted):
    at = len(letters) + 1
    found = speaker("\n" + letters + "QWWQ", at, at + 3, speech=True)
    assert found == (None if wanted is None else wanted + 1)


def test_two_names_that_differ_leave_nobody_certain():
    assert speaker("\nNS:QW,QNS", 4, 7, speech=True) is None
    assert speaker("\nNS:QW,QWW", 4, 7, speech=True) == 1


@given(st.text(ALPHABET, max_size=60), st.integers(0, 60), st.integers(0, 10), st.booleans())
@relaxed
def test_a_speaker_is_a_name_or_pronoun_of_the_same_sentence_outside_the_quotation(
    letters, first, size, speech
):
    letters = "\n" + letters + "QQ"
    first = min(1 + first, len(letters) - 1)
    last = min(first + size, len(letters) - 1)
    at = speaker(letters, first, last, speech=speech)
    if at is not None:
        between = letters[at:first] if at < first else letters[last + 1 : at]
        assert letters[at] in "NP"
        assert at < first or at > last
        assert "\n" not in between
        assert not SAYING.isdisjoint(letters) or "G" in letters


@pytest.mark.parametrize("shape", ["W", "N", "NS", "A", "FWN", "SW"])
def test_what_stands_far_away_costs_nothing(shape):
    def call(text: str) -> None:
        for at in range(1, len(text), 50):
            speaker(text, at, at, speech=True)

    assert is_linear(call, shape, 20_000)
