"""Sentence spans: where each sentence of a text begins and ends, the text itself left alone.

One regular expression finds every place where a sentence might end, in one pass that never goes
back; the judges in `_JUDGES`, asked in order, decide each place from the few characters around it.
So time is linear in the length of the text, whatever the text. The words that the judges know
(abbreviations, sentence starters) are learned by ``training/splitter.py`` and read on first use.

Not done here: mending text, joining words hyphenated over a line's end, abbreviations of languages
other than English (the stops of other scripts are known), lists within a line.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tonelens.errors import ModelError

__all__ = ["spans", "split"]

_PATH = Path(__file__).parent / "models" / "sentences.json"
_FORMAT = 1

_NEAR = 40
"""Characters looked at on either side of a place: the bound that keeps time linear."""

_FULL_LINE = 40
"""A line shorter than this was ended on purpose; hard-wrapped text runs to 60 and more."""

_LINES = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_STRONG = "!?‼⁇⁈⁉؟۔।॥։።៕"
_WIDE = "。！？｡．"
_ANY = f".…{_STRONG}{_WIDE}"

# Possessive quantifiers throughout: a failed branch must not be tried again a character shorter.
_PLACE = re.compile(
    rf"""[{_LINES}]\s*+ | (?P<stop>[{_ANY}]++(?:[ \xa0][{_ANY}]++(?=[\s"'”’)\]]|\Z))*+)
    (?P<close>(?:[ \xa0\u2009\u202f]?[”»)\]] | [\u2009\u202f]?’ | ["'›}}」』）】〉》*_]
               | “(?=\s|\Z) | \[\w{{1,3}}\])*+)
    (?=(?P<gap>\s*+))""",
    re.VERBOSE,
)
_NEXT = re.compile(r"(?P<lead>(?:[\"'“‘„‚«‹(\[{<¿¡「『（*_#>•·–—―-]\s?){0,8}+)(?P<word>[^\W_]{0,40}+)")
_ITEM = re.compile(r"(?:[-–—*•·▪◦‣●○■]|\(?(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{2,4})[.)]|#{1,6})\s")
_LABEL = re.compile(r"[(\[]?(?:\d{1,2}(?:\.\d{1,2}){0,3}|[A-Za-z]|[ivxIVX]{1,4})\Z")
_DOTTED = re.compile(r"[^\W\d_]{1,2}(?:\.[^\W\d_]{1,2})+\Z")
_SPEAKER = re.compile(
    r"(?:[^\W\d_][\w.'’-]{0,20}+\s){1,3}(?:said|says|asked|asks|wrote|writes|added|adds|replied|"
    r"exclaimed|shouted|cried|wondered|demanded|yelled|whispered|quipped|tweeted)\b"
)
_SENTENCE_AHEAD = re.compile(r"[\"'“‘(]?(?P<word>[A-Z][a-z]+|[IA])(?=[,;:.!?]?\s|['’][a-z])")
_WORD_BEHIND = re.compile(r"[^\s/@:=\\_#&]*?(?P<word>[^\W\d_]{2,}|\d+)\Z")
_CONTINUES = re.compile(
    r"(?:[,;&(/–—-]|\b(?:an?|the|of|to|in|on|at|by|for|and|or|nor|but|with|from|into|that|which|"
    r"who|as|than|is|are|was|were|be|has|have|had|will|its|his|her|their|our|my|your))\Z"
)
_AFTER_TIME = frozenset(
    "et est edt ct cst cdt mt mst mdt pt pst pdt gmt utc bst cet ist eastern central mountain "
    "pacific local monday tuesday wednesday thursday friday saturday sunday january february "
    "march april may june july august september october november december jan feb mar apr jun "
    "jul aug sept oct nov dec".split()
)
_SEEN_LOWER = 32
"""Punkt's flag for a word seen in lower case within a sentence."""


class _Words(NamedTuple):
    """What ``models/sentences.json`` says of words, all in lower case and without their stop."""

    abbreviations: frozenset[str]
    titles: frozenset[str]
    numbered: frozenset[str]
    final: frozenset[str]
    exclaiming: frozenset[str]
    starters: frozenset[str]
    plain: frozenset[str]


class _Place(NamedTuple):
    """A stop in its surroundings: ``behind stop close gap lead word``."""

    text: str
    start: int
    at: int
    stop: str
    close: str
    gap: str
    behind: str
    next: int
    lead: str
    word: str

    @property
    def token(self) -> str:
        """The word before the stop, in lower case, without what opens it."""
        token = self.behind
        if not token.isalpha():
            token = re.split(r"[\"“”‘(\[{—–/]", token)[-1].lstrip("'’-*_")
        return token.lower()

    @property
    def upper(self) -> bool:
        """Whether the next word begins with a capital, or as iPhone does."""
        return self.word[:1].isupper() or (self.word[1:2].isupper() and len(self.word) > 3)


@cache
def _words() -> _Words:
    try:
        card = json.loads(_PATH.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"can't read {_PATH.name}: {error}. Install tonelens again.") from error
    if card.get("format") != _FORMAT:
        raise ModelError(
            f"{_PATH.name} has format {card.get('format')!r}, wanted {_FORMAT}. "
            "Run python -m training.splitter, or install tonelens again."
        )
    groups = card["orthography"].items()
    plain = (word for flags, words in groups if int(flags) & _SEEN_LOWER for word in words.split())
    named = {name: frozenset(card[name]) for name in _Words._fields if name != "plain"}
    return _Words(plain=frozenset(plain), **named)


def split(text: str) -> list[str]:
    """Give the sentences of `text`, in order, each stripped of the white space around it.

    >>> split('"Why?" asked Mr. Poe. Nobody in the U.S. knew.')
    ['"Why?" asked Mr. Poe.', 'Nobody in the U.S. knew.']
    """
    return [text[start:end] for start, end in spans(text)]


def spans(text: str) -> list[tuple[int, int]]:
    """Give where each sentence of `text` begins and ends.

    Parameters
    ----------
    text : str
        Any text; it need not be clean. Blank lines end a sentence, and so does a line's end after
        a heading or a list's item; the line ends of hard-wrapped text don't.

    Returns
    -------
    list of (start, end)
        Character offsets, ``text[start:end]`` being the sentence. In order, never overlapping;
        nothing but white space lies outside of them or at either end of one. Empty for blank text.

    Raises
    ------
    ModelError
        If the splitter's parameters are missing or of another format.

    Examples
    --------
    >>> spans("It rained.  Then it stopped. ")
    [(0, 10), (12, 28)]
    """
    return list(_pieces(text))


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    start = _skip(text, 0)
    for found in _PLACE.finditer(text):
        if found.end() <= start:
            continue
        cut = _cut_at_stop(text, start, found) if found["stop"] else _cut_at_line(text, start, found)
        if cut is not None:
            yield start, cut
            start = _skip(text, cut)
    end = len(text.rstrip())
    if start < end:
        yield start, end
