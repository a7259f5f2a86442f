"""Names made invisible: people, parties, places, outlets and nationalities become one token.

Scores must not depend on who is written about, so every name is replaced by one and the same key
before features are computed, however many words it has ("the Bank of England", "J. K. Rowling").
Words that only tell a person's sex apart ("she", "spokeswoman") share one key as well. Nothing
downstream sees the tokens as they were.

What counts as a name, without a list of names: a capitalised word where capitals mean something,
that is, inside a sentence. Where they mean nothing (its first word, after an opening quotation
mark or a colon, in a headline) the word is looked up in a lexicon of words that news writes in
lower case; what isn't there is a name. The lexicon comes from `training.lexicon`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tonelens.tokens import FlaggedTokens, Keys, KeyTable, Tokens, closing_key, key_of, tokenize

Mask = NDArray[np.bool_]

NAME = np.uint64(key_of("\x02name"))
NUMBER = np.uint64(key_of("\x02number"))
_OPENING, _CLOSING = np.uint64(key_of("'")), np.uint64(closing_key("'"))

LEXICON = Path(__file__).parent / "models" / "lexicon.safetensors"

# Bits of what is known of a token by its key alone.
_SAME, _LINK, _ARTICLE, _STARTER, _PLAIN, _DATE, _POSSESSIVE, _AT = (1 << b for b in range(8))
_SMALL = _LINK | _ARTICLE

_INDEXED = 16  # bits of a word by which the lexicon is entered

# Small words that may stand inside a name: Bank of England, Ursula von der Leyen.
_LINKS = (
    "of and for & de la le du des del della der den das dos da di do von van bin ibn al el y"
).split()
# After these marks a capital says nothing.
_STARTERS = ": ! ? ; ... * • ( [ - -- — … | > \" '".split()
# Always capitalised, and no names of anybody, but in "the Sunday Times". March, May and August are
# left out: people too.
_DATES = (
    "monday tuesday wednesday thursday friday saturday sunday january february april june july "
    "september october november december"
).split()
_PLAINS = "i i'm i've i'd i'll".split()

# Words that differ in a person's sex alone, and the two forms of an article, share a key.
_SAMES = """
he she / his her hers him / himself herself / he'd she'd / he'll she'll / man woman / men women
boy girl / boys girls / male female / males females / son daughter / sons daughters
father mother / fathers mothers / brother sister / brothers sisters / husband wife
husbands wives / uncle aunt / nephew niece / grandfather grandmother / dad mom mum
king queen / prince princess / gentleman lady / gentlemen ladies / guy gal / sir madam ma'am
spokesman spokeswoman spokesperson / spokesmen spokeswomen spokespeople
chairman chairwoman chairperson / congressman congresswoman / congressmen congresswomen
businessman businesswoman / businessmen businesswomen / policeman policewoman
salesman saleswoman / statesman stateswoman / councilman councilwoman / assemblyman assemblywoman
actor actress / actors actresses / waiter waitress / hero heroine / widower widow / a an
grandson granddaughter / boyfriend girlfriend / stepfather stepmother / stepson stepdaughter
uncles aunts / nephews nieces / dads moms mums / kings queens / princes princesses / heroes heroines
guys gals / fiance fiancee / grandfathers grandmothers / grandsons granddaughters / duke duchess
landlord landlady / bride groom / host hostess / masculine feminine / policemen policewomen
salesmen saleswomen / statesmen stateswomen / councilmen councilwomen
assemblymen assemblywomen / anchorman anchorwoman / anchormen anchorwomen / alderman alderwoman
aldermen alderwomen / waiters waitresses / widowers widows / boyfriends girlfriends
"""


class Lexicon(NamedTuple):
    """Words that news writes in lower case, as sorted 31-bit prefixes of their keys."""

    words: NDArray[np.uint32]  # and a number above all
    always: Mask  # in at least 98% of their uses inside a sentence
    begin: NDArray[np.unsignedinteger]  # number of words below each prefix of `_INDEXED` bits


def mask_names(tokens: FlaggedTokens) -> Tokens:
    """Give every name one key, join the words of a name, and hide sex and digits.

    Parameters
    ----------
    tokens : FlaggedTokens
        From `tonelens.tokens.tokenize`.

    Returns
    -------
    Tokens
        Fewer than before: a name of several words, with the article before it and the possessive
        after it, is one, whose `start` and `end` hold all of it.

    Examples
    --------
    >>> from tonelens.tokens import tokenize
    >>> a, b = (mask_names(tokenize([s])) for s in (
    ...     "Ms. Ana Lima of the Workers' Party said she agreed.", "The BBC said he agreed."))
    >>> bool((a.key == b.key).all())
    True
    """
    bits, same = _bits(tokens.key), tokens.row[1:] == tokens.row[:-1]
    inside = _inside_names(tokens, bits, find_names(tokens, bits), same)
    keep = np.flatnonzero(~(inside & _previous(inside, same)))
    key = _same(tokens.key, bits)
    np.copyto(key, NUMBER, where=tokens.digit)
    np.copyto(key, NAME, where=inside)
    last = np.append(keep[1:], len(key)) - 1 if len(key) else keep
    return Tokens(
        key.take(keep), tokens.start.take(keep), tokens.end.take(last), tokens.row.take(keep),
        tokens.n,
    )  # fmt: skip


def find_names(tokens: FlaggedTokens, bits: NDArray[np.uint8] | None = None) -> Mask:
    """Which tokens are words of a name: bool (t,).

    Articles before a name, links inside and possessives after it are not marked here.
    """
    bits = _bits(tokens.key) if bits is None else bits
    capital = tokens.upper & tokens.word & ~tokens.digit & ((bits & (_PLAIN | _DATE)) == 0)
    at = np.flatnonzero(capital)
    row, stopped = tokens.row.take(at), tokens.after_stop.take(at)
    follows = (at > 0) & (tokens.row.take(at - 1) == row)
    starts = ~follows | ((bits.take(at - 1) & _STARTER) != 0)
    common, always = _look_up(tokens.key.take(at))
    shouted = at[always & ~starts & ((bits.take(at) & _SMALL) == 0)]
    headline, free = _headlines(tokens, shouted).take(row), starts | stopped
    is_name = capital
    is_name[at] = ~(common & (free | headline))  # there capitals say nothing
    _join_first_names(is_name, tokens, at[free & ~headline & ~always])
    _keep_after_titles(is_name, at[stopped & ~always & follows])
    is_name |= tokens.address
    is_name[1:] |= tokens.word[1:] & tokens.glued[1:] & ((bits[:-1] & _AT) != 0)
    return is_name


def _join_first_names(is_name: Mask, tokens: FlaggedTokens, at: NDArray[np.int64]) -> None:
    """A sentence's first word belongs to the name that it stands before: *Mark* Rutte."""
    after = np.minimum(at + 1, len(is_name) - 1)
    is_name[at] |= is_name[after] & (tokens.row[after] == tokens.row[at]) & (after != at)


def _keep_after_titles(is_name: Mask, at: NDArray[np.int64]) -> None:
    """After a name and a full stop comes the rest of the name: Mr. *White*, J. K. *Young*."""
    is_name[at] |= is_name[at - 1]


def _headlines(tokens: FlaggedTokens, capitalised: NDArray[np.int64]) -> Mask:
    """Sentences (n,) that capitalise ordinary words, so that capitals mean nothing in them.

    `capitalised` are words that news nearly always writes in lower case, and no small ones: so
    putting one name for another can't turn a sentence into a headline.
    """
    shouted = np.bincount(tokens.row.take(capitalised), minlength=tokens.n)
    suspect = shouted >= 2
    at = np.flatnonzero(suspect.take(tokens.row))
    at = at[tokens.word.take(at) & ~tokens.upper.take(at) & ~tokens.digit.take(at)]
    at = at[tokens.end.take(at) - tokens.start.take(at) >= 4]
    return suspect & (shouted > np.bincount(tokens.row.take(at), minlength=tokens.n))


def _inside_names(tokens: FlaggedTokens, bits: NDArray[np.uint8], name: Mask, same: Mask) -> Mask:
    """Names with the articles, links, possessives and numbers that belong to them."""
    article, link = (bits & _ARTICLE) != 0, (bits & _LINK) != 0
    date = ((bits & _DATE) != 0) & tokens.upper & _previous(article, same)
    name = name | (date & _next(name, same))
    inside = name | (_possessives(tokens, bits, name, same) & _previous(name, same))
    inside |= tokens.digit & _previous(inside, same)
    named = _next(name, same)
    one = link & _previous(inside, same)
    two = (link | article) & _previous(one, same) & named
    inside |= two | (one & (named | _next(two, same)))
    inside |= _hyphened_parts(tokens, inside, link, same)
    return inside | (article & _next(inside, same))


def _hyphened_parts(tokens: FlaggedTokens, inside: Mask, link: Mask, same: Mask) -> Mask:
    """Small parts that a hyphen ties to a name: *al*-Qaeda, Jong-*un*, Stratford-*upon*-Avon."""
    tied_after = _next(tokens.hyphened & inside, same)
    tied_before = tokens.hyphened & _previous(inside, same)
    at = np.flatnonzero(tied_before)
    short = tokens.word.take(at) & (tokens.end.take(at) - tokens.start.take(at) <= 2)
    part = tied_after & (link | tied_before)
    part[at[short]] = True
    return part


def _possessives(tokens: FlaggedTokens, bits: NDArray[np.uint8], name: Mask, same: Mask) -> Mask:
    """Possessive endings; where single marks quote, a bare mark is one only between names."""
    opened = np.zeros(tokens.n, np.bool_)
    opened[tokens.row.take(np.flatnonzero(tokens.key == _OPENING))] = True
    mark = np.flatnonzero(tokens.key == _CLOSING)
    possessive = (bits & _POSSESSIVE) != 0
    possessive[mark] = ~opened.take(tokens.row.take(mark)) | _next(name, same).take(mark)
    return possessive & tokens.glued


def _previous(mask: Mask, same: Mask) -> Mask:
    """The mask of the previous token; False for the first of a sentence."""
    shifted = np.zeros_like(mask)
    np.logical_and(mask[:-1], same, out=shifted[1:])
    return shifted


def _next(mask: Mask, same: Mask) -> Mask:
    """The mask of the next token; False for the last of a sentence."""
    shifted = np.zeros_like(mask)
    np.logical_and(mask[1:], same, out=shifted[:-1])
    return shifted


def _bits(key: Keys) -> NDArray[np.uint8]:
    """What is known of each token by its key alone: uint8 (t,), a sum of the bits above."""
    return _known()[key].astype(np.uint8)


def _same(key: Keys, bits: NDArray[np.uint8]) -> Keys:
    """A copy of the keys, with one key for all words of a line of `_SAMES`."""
    sources, targets = _twins()
    key = key.copy()
    hit = np.flatnonzero((bits & _SAME) != 0)
    key[hit] = targets.take(np.searchsorted(sources, key.take(hit)))
    return key


def _look_up(key: Keys) -> tuple[Mask, Mask]:
    """Whether each key is in the lexicon, and whether it is nearly always in lower case."""
    words, always, begin = lexicon()
    wanted = (key >> np.uint64(33)).astype(np.uint32)
    at = begin.take(wanted >> np.uint32(31 - _INDEXED)).astype(np.int64)
    less = np.flatnonzero(words.take(at) < wanted)
    while len(less):  # few words begin alike, so this is many times as fast as a binary search
        at[less] += 1
        less = less[words.take(at.take(less)) < wanted.take(less)]
    found = words.take(at) == wanted
    return found, found & always.take(at)


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon, read once."""
    packed = _packed_words()
    words = np.append(packed >> np.uint32(1), np.uint32(1 << 31))  # one above all, to stop at
    prefix = np.arange(1 << _INDEXED, dtype=np.uint32) << np.uint32(31 - _INDEXED)
    begin = np.searchsorted(words, prefix).astype(np.min_scalar_type(len(words)))
    return Lexicon(words, np.append((packed & np.uint32(1)) != 0, False), begin)


def _lines() -> list[list[str]]:
    lines = (line.split() for part in _SAMES.split("\n") for line in part.split("/"))
    return [line for line in lines if line]


@cache
def lexicon_sha256() -> str:
    """SHA-256 of the shipped lexicon's words: with others, other words are names."""
    return hashlib.sha256(_packed_words().tobytes()).hexdigest()


@cache
def _packed_words() -> NDArray[np.uint32]:
    from safetensors.numpy import load_file

    return load_file(LEXICON)["words"]


@cache
def _twins() -> tuple[Keys, Keys]:
    pairs = sorted((key_of(word), key_of(line[0])) for line in _lines() for word in line[1:])
    return np.array([p[0] for p in pairs], np.uint64), np.array([p[1] for p in pairs], np.uint64)


@cache
def _known() -> KeyTable:
    table = dict.fromkeys((int(k) for k in _twins()[0]), _SAME)
    listed = (
        (_LINKS, _LINK), (["the"], _ARTICLE), (_STARTERS, _STARTER), (_PLAINS, _PLAIN),
        (_DATES, _DATE), (["'s"], _POSSESSIVE), (["@", "#"], _AT),
    )  # fmt: skip
    for words, bit in listed:
        for key in map(key_of, words):
            table[key] = table.get(key, 0) | bit
    return KeyTable(table)


class Edit(NamedTuple):
    """What stands from one character of a sentence to another, and what to put in its place."""

    start: int
    end: int
    word: str


PLACEHOLDER = "Jordan"  # a person of either sex, a family and a country: it fits most places
_STRAIGHT = str.maketrans({**dict.fromkeys("“”„‟«»", '"'), **dict.fromkeys("‘’‚‛", "'")})


def hide_names(sentences: Sequence[str]) -> list[str]:
    """The sentences as text, with every name and sex hidden, for models that read text.

    Examples
    --------
    >>> hide_names(["Ms. Ana Lima of the Workers' Party said she agreed.", "“The BBC knew.”"])
    ['Jordan said he agreed.', '"Jordan knew."']
    """
    _, edits = hidden_names(sentences)
    return [_replace(s, e).translate(_STRAIGHT) for s, e in zip(sentences, edits, strict=True)]


def hidden_names(sentences: Sequence[str]) -> tuple[Tokens, list[list[Edit]]]:
    """The tokens, names masked, and what of each sentence's text `hide_names` replaces."""
    tokens = mask_names(tokenize(sentences))
    words = {key_of(line[0]): line[0] for line in _lines()}
    targets = np.array(sorted(words), np.uint64)
    at = np.minimum(np.searchsorted(targets, tokens.key), len(targets) - 1)
    hidden = np.flatnonzero((tokens.key == NAME) | (targets[at] == tokens.key))
    edits: list[list[Edit]] = [[] for _ in sentences]
    for i in hidden.tolist():
        word = words.get(int(tokens.key[i]), PLACEHOLDER)
        row, end = int(tokens.row[i]), int(tokens.end[i])
        inner = sentences[row][end : end + 1] == "." and sentences[row][end + 1 :].strip()
        edits[row].append(Edit(int(tokens.start[i]), end + bool(inner), word))
    return tokens, edits


def _replace(text: str, edits: list[Edit]) -> str:
    pieces, at = [], 0
    for start, end, word in edits:
        pieces += [text[at:start], word]
        at = end
    return "".join([*pieces, text[at:]])
