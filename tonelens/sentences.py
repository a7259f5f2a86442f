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
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from tonelens.errors import ModelError

__all__ = ["spans", "split"]

_PATH = Path(__file__).parent / "models" / "sentences.json"
_FORMAT = 1

_NEAR, _WIDE_NEAR = 40, 250
"""Characters of a word, and of a line, that are looked at: the bounds that keep time linear."""

_FULL_LINE = 40
"""A line shorter than this was ended on purpose; hard-wrapped text runs to 60 and more."""

_SEEN_LOWER = 32
"""Punkt's flag for a word seen in lower case within a sentence."""

_LINES = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_STRONG = "!?‼⁇⁈⁉؟۔।॥։።៕"
_WIDE = "。！？｡．"
_ANY = f".…{_STRONG}{_WIDE}"
_CLOSING = "\"'”’»)]"
_DASHES = frozenset("-–—―*")
_ONGOING = frozenset(",;:)]}%&/=…." + _STRONG)

# Possessive quantifiers throughout: a failed branch must not be tried again a character shorter.
_PLACE = re.compile(
    rf"""[{_LINES}]\s*+ | (?P<stop>[{_ANY}]++(?:[ \xa0][{_ANY}]++(?=[\s"'”’)\]]|\Z))*+)
    (?P<close>(?:[ \xa0\u2009\u202f]?[”»)\]] | [\u2009\u202f]?’ | ["'›}}」』）】〉》*_]
               | “(?=\s|\Z) | [ ]?\[\d{{1,3}}\]\.?)*+)
    (?=(?P<gap>\s*+))""",
    re.VERBOSE,
)
_INK = re.compile(r"\S")
_NEXT = re.compile(
    r"(?P<lead>(?:[\"'“‘„‚«‹(\[{<¿¡「『（*_#>•·–—―-]\s?){0,8}+)(?P<word>[^\W_]{0,40}+)"
)
_ITEM = re.compile(r"(?:[-–—*•·▪◦‣●○■]|\(?(?:\d{1,2}|[ivxIVX]{2,4})[.)]|[a-zA-Z]\)|#{1,6})\s")
_LABEL = re.compile(
    r"[(\[]?(?:\d{1,2}(?:\.\d{1,2}){0,3}|[A-Za-z]|[ivxIVX]{1,4}|(?:P\.?){1,3}S)\.\Z|\W*\Z"
)
_SIGNATURE = re.compile(r"[—–-]{1,2}\s?(?:[A-Z][\w.'’-]{0,20}+,?[ ]?){1,5}+(?=[\n\r]|\Z)")
_QUOTE = re.compile(r"[\"'”’»]")
_LISTED = re.compile(r":\s\d{1,2}\Z")
_DOTTED = re.compile(r"[^\W\d_]{1,2}(?:\.[^\W\d_]{1,2})+\Z")
_SPEAKER = re.compile(
    r"I \w+[.,]|(?:[^\W\d_][\w.'’-]{0,20}+\s){1,3}(?:said|says?|asked|asks?|wrote|writes|added|"
    r"adds|answered|cried|demanded|exclaimed|howled|muttered|quipped|replied|screamed|shouted|"
    r"tweeted|whispered|wondered|yelled)\b"
)
_SENTENCE_AHEAD = re.compile(r"[\"'“‘(]?(?P<word>[A-Z][a-z]+|[IA])(?=[,;:.!?]?\s|['’][a-z])")
_WORD_BEHIND = re.compile(r"[^\s/@:=\\_#&]*?(?P<word>[^\W\d_]{2,}|\d+)\Z")
_CONTINUES = re.compile(
    r"(?:[,;&(/–—-]|\b(?:an?|the|of|to|in|on|at|by|for|and|or|nor|but|with|from|into|that|which|"
    r"who|as|than|is|are|was|were|be|has|have|had|will|its|his|her|their|our|my|your))\Z"
)
_TIME = re.compile(
    r"(?:[A-Z]{1,2}[SD]?T|GMT|UTC|(?:[A-Z]\w+ ){1,2}[Tt]ime|Eastern|Central|Mountain|Pacific|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Jan|Febr)uary|March|April|May|June|July|August|"
    r"(?:Sept|Nov|Dec)ember|October|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.)(?!\w)"
)
_DATE = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, [A-Z][a-z]{2,8} \d{1,2}, \d{4}"
_DATED = re.compile(_DATE + r"(?=\s[A-Z][a-z])")
_TAIL = re.compile(
    rf"(?<=[\w!?'’\"”)])(?<!\bon)\s(?=(?:{_DATE}|(?:Image|Photo(?:graph)?|Picture|Credit): "
    r"[^:\n]{1,80})\Z)"
)


class _Words(NamedTuple):
    """What ``models/sentences.json`` says of words, all in lower case and without their stop."""

    abbreviations: frozenset[str]
    titles: frozenset[str]
    numbered: frozenset[str]
    final: frozenset[str]
    exclaiming: frozenset[str]
    capitalised: frozenset[str]
    starters: frozenset[str]
    plain: frozenset[str]


class _Place(NamedTuple):
    """A stop in its surroundings, in order: `behind`, `stop`, `close`, a gap, `lead`, `word`.

    `lines` counts the line ends in the gap and is -1 where there is no gap at all.
    """

    text: str
    start: int
    at: int
    stop: str
    close: str
    lines: int
    behind: str
    next: int
    lead: str
    word: str

    @property
    def token(self) -> str:
        """The word before the stop, in lower case, without what opens it."""
        token = self.behind
        if not token.isalpha():
            token = re.split(r"[\"“”‘(\[{—–/-]", token)[-1].lstrip("'’*_")
        return token.lower()

    @property
    def upper(self) -> bool:
        """Whether the next word has a capital, as The and iPhone have."""
        return self.word != self.word.lower()


@cache
def _words() -> _Words:
    try:
        card = json.loads(_PATH.read_text(encoding="utf-8"))
        if card["format"] != _FORMAT:
            raise ValueError(f"format {card['format']!r}, wanted {_FORMAT}")
        cased = card["orthography"].items()
        plain = [words.split() for flags, words in cased if int(flags) & _SEEN_LOWER]
        named = {name: frozenset(card[name]) for name in _Words._fields if name != "plain"}
    except (OSError, ValueError, KeyError) as error:
        way_out = "Run python -m training.splitter, or install tonelens again."
        raise ModelError(f"can't use {_PATH.name}: {error}. {way_out}") from error
    return _Words(plain=frozenset(chain.from_iterable(plain)), **named)


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
        If the splitter's parameters are missing, damaged or of another format.

    Examples
    --------
    >>> spans("It rained.  Then it stopped. ")
    [(0, 10), (12, 28)]
    """
    return list(_pieces(text))


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    start = _skip(text, 0)
    for found in _PLACE.finditer(text):
        if found.end() > start:
            cut = _stop_cut(text, start, found) if found["stop"] else _line_cut(text, start, found)
            if cut:
                yield from _apart(text, start, cut)
                start = _skip(text, cut)
    end = len(text.rstrip())
    if start < end:
        yield from _apart(text, start, end)


def _apart(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Set apart a date before it, and a date or a picture's credit after it on the same line."""
    dated = _DATED.match(text, start, end)
    if dated:
        yield start, dated.end()
        start = _skip(text, dated.end())
    if text[end : end + 1] in _LINES:  # as "" is, at the end of the text
        tail = _TAIL.search(text, max(start + 1, end - _WIDE_NEAR), end)
        if tail:
            yield start, tail.start()
            start = tail.end()
    yield start, end


def _skip(text: str, at: int) -> int:
    """Give where the first character from `at` on that isn't white space stands."""
    found = _INK.search(text, at)
    return found.start() if found else len(text)


def _line_ends(gap: str) -> int:
    """Count the line ends in white space; -1 for none at all."""
    return 0 if gap == " " else len((gap + "x").splitlines()) - 1 if gap else -1


def _line_cut(text: str, start: int, found: re.Match[str]) -> int:
    """Give where the sentence before a line's end stops, or 0 where it goes on."""
    here = found.start()
    above = (text[max(start, here - _WIDE_NEAR) : here].splitlines() or [""])[-1].rstrip()
    below = (text[found.end() : found.end() + _WIDE_NEAR].splitlines() or [""])[0]
    if _line_ends(found[0]) > 1 or _ends_line(above, below):
        return start + len(text[start:here].rstrip())
    return 0


def _ends_line(above: str, below: str) -> bool:
    """Whether `above`, which no stop has cut, is a heading or an item rather than wrapped text."""
    if _ITEM.match(below):
        return True
    if above.rstrip(_CLOSING)[-1:] in _ANY or _CONTINUES.search(above[-8:]):
        return False
    ahead = _NEXT.match(below)
    if not below or not ahead or ahead["word"][:1].islower():
        return False
    if len(above) < _FULL_LINE or above[0] == "#" or above[-1] == ":" or _is_title(above):
        return True
    room = len(above) + 1 + len(below.split(None, 1)[0])
    return room < len(below)


def _is_title(line: str) -> bool:
    """Whether every long word of `line` is capitalised, and there are three at least."""
    words = [word for word in line.split() if len(word) > 3 and word[0].isalpha()]
    return len(words) > 2 and all(word[0].isupper() for word in words)


def _stop_cut(text: str, start: int, found: re.Match[str]) -> int:
    """Give where the sentence that a stop ends is over, or 0 where it goes on."""
    at, end, after = found.start(), found.end(), found.end("gap")
    lines = _line_ends(found["gap"])
    if after == len(text) or lines > 1:
        return end
    behind = (text[max(start, at - _NEAR) : at].rsplit(None, 1) or [""])[-1]
    lead, word = _NEXT.match(text, after).groups()  # type: ignore[union-attr]  # can't fail
    stop, close = found.group("stop", "close")
    place = _Place(text, start, at, stop, close, lines, behind, after, lead, word)
    words = _words()
    for judge in _JUDGES:
        verdict = judge(place, words)
        if verdict is not None:
            return end if verdict else 0
    return end


def _by_item(place: _Place, words: _Words) -> bool | None:
    """A list's item on the next line ends the sentence."""
    return True if place.lines > 0 and _ITEM.match(place.text, place.next) else None


def _by_label(place: _Place, words: _Words) -> bool | None:
    """The number of a list's item belongs to its item."""
    label = place.text[max(place.start, place.at - 13) : place.at]
    if place.at - place.start < 13 and _LABEL.match(label + place.stop):
        return False
    return False if place.stop == "." and _LISTED.search(label) else None


def _by_glue(place: _Place, words: _Words) -> bool | None:
    """Without white space only a stop of wide scripts, or a plain sentence ahead, ends one."""
    if place.stop[-1] in _WIDE:
        # A hiragana after the bracket goes on (…。」と言った); anything else begins anew.
        return not (place.close and "\u3041" <= place.text[place.next] <= "\u309f")
    if place.lines >= 0:
        return None
    ahead = _SENTENCE_AHEAD.match(place.text, place.next)
    behind = _WORD_BEHIND.match(place.behind)
    if not ahead or not behind or place.stop not in ".!?" or place.token in words.abbreviations:
        return False
    first = ahead["word"].lower()
    return first in words.starters or behind["word"] in words.plain


def _by_mark(place: _Place, words: _Words) -> bool | None:
    """A comma, a closing bracket, another stop or a signature belongs to the sentence."""
    if place.text[place.next] in _ONGOING:
        return False
    return False if place.lead and _SIGNATURE.match(place.text, place.next) else None


def _by_exclamation(place: _Place, words: _Words) -> bool | None:
    """After ! and ? what follows a quotation may still say who spoke."""
    trailing_off = place.close and (place.stop[-1] == "…" or place.stop.endswith(".."))
    if place.stop[-1] not in _STRONG and not trailing_off:
        return None
    if place.word[:1].islower() and (place.close or place.lead[:1] in _DASHES):
        return False
    if place.lead == "(" and place.word.isdigit():
        return False
    if _QUOTE.search(place.close):
        named = place.word == "I" or place.word.lower() not in words.starters
        return not (named and _SPEAKER.match(place.text, place.next))
    if place.stop == "!" and place.token in words.exclaiming:
        return place.word.lower() in words.starters
    return True


def _by_case(place: _Place, words: _Words) -> bool | None:
    """A word in lower case goes on, unless the word before the stop is a plain one."""
    if place.upper or not place.word[:1].islower():
        return None
    if place.stop != "." or place.close not in ("", ")") or place.lead[:1] in _DASHES:
        return False
    token, word = place.token, place.word
    if _abbreviates(place, words) or token in words.numbered:
        return False
    if place.behind.isupper() and not place.lead:
        return False
    known = token in words.plain or (len(token) > 4 and token.isalpha())
    return known or word == "i" or word in words.starters


def _by_abbreviation(place: _Place, words: _Words) -> bool | None:
    """After an abbreviation only a word that begins sentences begins one."""
    if place.stop != ".":
        return None
    token, word = place.token, place.word.lower()
    if token in words.numbered and place.word[:1].isdigit():
        return False
    if not _abbreviates(place, words):
        return None
    if token in words.titles or not place.upper or place.lead[:1] in _DASHES | {"(", "["}:
        return False
    if token in words.final:
        return not _TIME.match(place.text, place.next)
    return word in words.starters or place.word == "I"


def _abbreviates(place: _Place, words: _Words) -> bool:
    token = place.token
    if token in words.abbreviations or (len(token) == 1 and token.isalpha()):
        return True
    # "Springfield, Ill." but "he is ill."
    return bool(_DOTTED.match(token)) or (token in words.capitalised and place.behind.istitle())


_JUDGES = (_by_item, _by_label, _by_glue, _by_mark, _by_exclamation, _by_case, _by_abbreviation)
"""Each says that the sentence ends (True), goes on (False), or that it can't tell (None); where
none can, it ends."""
