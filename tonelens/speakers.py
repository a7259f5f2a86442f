"""Who is quoted: the name or pronoun that a verb of saying ties to a quotation, or nobody.

A sentence becomes a string of one letter a token (`N` a name, `S` said, `,` a comma …), and the few
ways in which news names a speaker beside a quotation are regular expressions over it. What fits
none of them stays without a speaker: "the mayor said" names nobody, "a friend of Ann Lima said"
somebody else, and a quotation within an indirect report may be anyone's.
"""

from __future__ import annotations

import re
from functools import cache

NAME, OWNER, MARK = "N", "D", "Q"
"""A name; one in the possessive; a quotation mark."""

# Of other words; all the rest are W. Marks stand for themselves, or are full stops.
_WORDS = {
    "P": "i he she they we it",
    "S": "said says say",
    "U": "told tells tell asked asks ask reminded reminds informed assured warned warns",
    "V": """
        added adds announced announces answered answers argued argues claimed claims commented
        comments complained complains concluded concludes confirmed confirms continued continues
        countered counters cried declared declares demanded demands explained explains exclaimed
        insisted insists joked jokes maintained maintains muttered noted notes observed observes
        posted posts predicted predicts promised promises quipped quips recalled recalls remarked
        remarks remembered replied replies reported reports responded responds retorted shouted
        shouts sighed stated states stressed suggested suggests testified testifies tweeted tweets
        urged urges vowed vows whispered wondered wonders writes wrote yelled
        """,
    "A": """
        also later then once has had have earlier previously recently since again reportedly
        simply finally quickly repeatedly famously publicly rightly angrily bluntly flatly
        """,
    "T": "that",
    "G": "according",
    "D": "the a an",
    "C": "and but as when while because so or if though although",
    "F": """
        of in on at by for to from with without after before during about into over under near
        against between among through outside inside until since who whom whose which where what how
        his her hers their its our my your this these those is are was were be been being not
        """,
}  # fmt: skip

SAYING = frozenset("SUVG")

_NEAR = 40  # tokens looked at beside a quotation

_EDGE = r"[\nQ,:;.C-]"
_NAMED = r"D?W{0,4}(?P<%s>N)"  # council president Ann Lima
_SAYS = r"A*[SUV]"
_ADJUNCT = r"F[DWN]{1,4}"  # on Tuesday, of the plan

_BEHIND = re.compile(
    rf""",?(?:
        (?: {_NAMED % "a"} | (?P<b>P) ) {_SAYS}  # "…," Ann Lima said
      | (?P<c>N), [^QSUVT:.\n]{{1,12}}, {_SAYS}  # "…," Ann Lima, the mayor, said
      | {_SAYS} (?: {_NAMED % "d"} | (?P<e>P) ) (?![NWSUV])  # "…," said Ann Lima
      | GF (?P<f>N) (?![NW])  # "…," according to Ann Lima
    )""",
    re.VERBOSE,
)
_AHEAD = re.compile(
    rf"""(?:
        (?: {_EDGE} {_NAMED % "a"} | (?P<b>P) ) {_SAYS}  # Ann Lima said "…
      | [\nQ] {_SAYS} (?: {_NAMED % "c"} | (?P<d>P) ) (?=[,:])  # "…," said Ann Lima, "…
      | {_EDGE} GF (?P<e>N) (?=,)  # According to Ann Lima, "…
    )(?:
        (?<=S) | [,:] | T,?  # said that "…
      | {_ADJUNCT} (?: , | T,? )  # said on Tuesday, "…
      | (?<=U) [DWN]{{1,4}} (?:{_ADJUNCT})? (?: , | T,? )  # told reporters that "…
      | [^QSUVT:.\n]{{1,8}} :  # said in a letter to the board: "…
    )\Z""",
    re.VERBOSE,
)


def letter(word: str) -> str:
    """The letter of a token that is neither a name nor a quotation mark.

    >>> "".join(map(letter, ["She", "said", ",", "angrily", ":"]))
    'PS,A:'
    """
    if word[0].isalnum():
        return _letters().get(word.lower(), "W")
    return word[0] if word[0] in ",:;" else "-" if word[0] in "-–—" else "."


def speaker(letters: str, first: int, last: int, *, speech: bool) -> int | None:
    r"""Find who is quoted.

    Parameters
    ----------
    letters : str
        Of all tokens, with a line feed before each sentence and a full stop for each in between.
    first, last : int
        Where in it the quotation's first and last tokens stand, marks included.
    speech : bool
        Whether what follows may name the speaker: the quotation is no part of another's sentence.

    Returns
    -------
    int or None
        Where the speaker's token stands; None where nobody is certain.

    Examples
    --------
    >>> speaker("\nQWW,QPS", 1, 5, speech=True)  # "We won it," she said
    6
    >>> speaker("\nDWFNS,QWWQ", 7, 10, speech=False)  # A friend of Ann Lima said, "…
    """
    start = max(0, first - _NEAR)
    found = {start + at for at in _places(_AHEAD.search(letters[start:first]))}
    if speech:
        behind = letters[last + 1 : last + 1 + _NEAR]
        found |= {last + 1 + at for at in _places(_BEHIND.match(behind))}
    return found.pop() if len(found) == 1 else None


def _places(found: re.Match[str] | None) -> list[int]:
    return [found.start(name) for name, one in found.groupdict().items() if one] if found else []


@cache
def _letters() -> dict[str, str]:
    return {word: letter for letter, words in _WORDS.items() for word in words.split()}
