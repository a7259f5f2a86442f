"""Words that signal a tone, by type: what a reader would underline.

The types are counted as features. They don't decide anything: the model weighs them, and every
other word, by what it learned. Multi-word cues are left to n-grams. The lists are our own.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from tonelens.lanes import sum_bytes
from tonelens.names import NAME, NUMBER
from tonelens.tokens import Keys, KeyTable, closing_key, key_of

_WORDS = {
    "hedge": """
        perhaps maybe possibly probably likely unlikely presumably apparently seemingly arguably
        conceivably potentially supposedly ostensibly may might could possible probable potential
        seem seems seemed appear appears appeared suggest suggests suggested suspect suspects
        suspected expect expects expected expecting predict predicts predicted prediction forecast
        forecasts anticipate anticipates anticipated fear fears feared hope hopes hoped doubt doubts
        doubtful uncertain uncertainty unclear unknown unsure wonder wonders speculate speculation
        speculative assume assumes assumed assumption presume estimate estimates chance chances
        odds risk risks threaten threatens poised prospect prospects scenario hypothetical imply
        implies implied indicate indicates hint hints signal signals guess believe believes believed
        think thinks thought tend tends probability likelihood whether if unless would
        """,
    "evaluative": """
        absurd abysmal admirable alarming amazing appalling arrogant astonishing atrocious awesome
        awful bad baffling beautiful bizarre blatant bogus bold brave brilliant brutal callous
        careless charming cheap clever clueless comical compelling contemptible corrupt courageous
        cowardly crazy craven creepy critical crucial cruel cynical damning dangerous deceitful
        delightful delusional deplorable despicable destructive devastating dire disappointing
        disastrous disgrace disgraceful disgusting dishonest dismal disturbing divisive dreadful
        dumb egregious elegant embarrassing encouraging essential evil excellent exciting exemplary
        extraordinary extreme extremist fake fantastic farce farcical fascinating fatuous
        feeble fine flawed foolish frightening frivolous futile glaring glorious good gorgeous great
        grotesque gutless hateful heartbreaking heartless heroic hideous hilarious honest honorable
        hopeless horrendous horrible horrific humiliating hypocrisy hypocritical idiotic ignorant
        immoral impressive inane incompetent incredible indefensible inept inexcusable insane
        insidious inspiring insulting intolerable ironic ironically irresponsible laughable lazy
        ludicrous lunacy magnificent malicious marvelous masterful masterpiece mediocre mindless
        miserable monstrous naive nasty nonsense obnoxious obscene obvious obviously odious
        offensive outrage outrageous outstanding pathetic perfect perverse petty phony pitiful
        poor powerful preposterous pretentious profound propaganda proper radical reckless
        refreshing remarkable repugnant repulsive revolting ridiculous rightly sad sadly scandalous
        scary selfish senseless shame shameful shameless shocking sickening silly sinister sleazy
        smart sordid spectacular spineless splendid stunning stupid stupidity superb superficial
        tasteless terrible terrific terrifying thankfully thoughtless thoughtful toxic tragic
        tragically travesty treacherous trivial troubling tyranny ugly unacceptable unconscionable
        unfair unfathomable unfit unforgivable unforgettable unfortunate unfortunately unhinged
        unjust unprecedented unreasonable unthinkable unworthy useless vapid vicious vile vital
        warped weak wicked wise wonderful worrying worse worst worthless wrong wrongly best better
        """,
    "intensifier": """
        absolutely actually always awfully certainly clearly completely deeply definitely entirely
        especially even ever exactly exceedingly extremely far frankly fully fundamentally
        genuinely highly hopelessly hugely immensely incredibly indeed just literally merely
        naturally never nothing only perfectly plainly precisely purely quite rather really simply
        so such surely thoroughly too totally truly undoubtedly utterly very virtually wholly
        """,
    "attribution": """
        said say says saying told tell tells telling according stated states stating claimed claim
        claims claiming argued argue argues arguing added adds adding announced announces asked
        asks asking replied replies responded responds explained explains explaining insisted
        insists noted notes noting warned warns warning wrote writes tweeted tweets reported
        reports reportedly alleged allege alleges allegedly accused accuses denied denies
        confirmed confirms acknowledged acknowledges admitted admits declared declares described
        describes remarked remarks testified testifies recalled recalls concluded concludes
        predicted contended contends maintained maintains asserted asserts quoted cited cites
        citing quipped urged urges vowed vows pledged pledges promised promises
        """,
    "exhortation": """
        should must ought need needs let let's shouldn't mustn't needn't demand demands deserve
        deserves imperative please enough stop consider imagine remember
        """,
    "first person": "i me my mine myself we us our ours ourselves i'm i've i'd i'll we're we've "
    "we'd we'll",
    "second person": "you your yours yourself yourselves you're you've you'd you'll",
    "question": "? ?? ??? ?! why how what who",
    "exclamation": "! !! !!! !?",
    "negation": "not no nor neither none nobody nowhere without cannot can't don't doesn't didn't "
    "isn't aren't wasn't weren't won't wouldn't couldn't hasn't haven't hadn't ain't",
    "comparison": "more most less least than as like worse bigger biggest greater greatest larger "
    "largest higher highest lower lowest fewer stronger strongest unlike",
    "past": "was were had did been went came made took got became began held gave",
    "present": "is are has have do does am be being goes makes",
    "future": "will shall won't going soon tomorrow",
    "condition": "if unless until provided whether otherwise were assuming",
    "contrast": "but however yet although though despite instead nevertheless still while",
    "generalisation": "all every everyone everybody everything anyone anybody nobody none any "
    "whole entire people they them",
}

TYPES = (*_WORDS, "quotation", "number", "name")


@cache
def cue_types() -> dict[int, int]:
    """Key of each cue -> its types, bit k for ``TYPES[k]``."""
    bits: dict[int, int] = {}
    for i, words in enumerate(_WORDS.values()):
        for word in words.split():
            bits[key_of(word)] = bits.get(key_of(word), 0) | 1 << i
    quotes = (key_of('"'), closing_key('"'), key_of("'"), closing_key("'"))
    bits.update(dict.fromkeys(quotes, 1 << TYPES.index("quotation")))
    bits[int(NUMBER)] = 1 << TYPES.index("number")
    bits[int(NAME)] = 1 << TYPES.index("name")
    return bits


@cache
def _tables() -> tuple[KeyTable, NDArray[np.uint64]]:
    """Number of each cue's set of types; the sets as words of bytes, outside and then inside."""
    bits = cue_types()
    sets = [0, *sorted(set(bits.values()))]
    ones = np.zeros((2, len(sets), 2, -(-len(TYPES) // 8) * 8), np.uint8)
    for i, each in enumerate(sets):
        ones[0, i, 0, : len(TYPES)] = [each >> k & 1 for k in range(len(TYPES))]
    ones[1, :, 1] = ones[0, :, 0]
    table = KeyTable({key: sets.index(each) for key, each in bits.items()})
    return table, ones.reshape(2 * len(sets), -1).view(np.uint64)


def cue_counts(
    key: Keys, inside: NDArray[np.bool_], offset: NDArray[np.int64]
) -> NDArray[np.int32]:
    """How often each type occurs in each sentence.

    Parameters
    ----------
    key, inside : uint64 (t,), bool (t,)
        Keys of the tokens, and whether they stand inside quotation marks.
    offset : int64 (n + 1,)
        Sentence i has tokens ``offset[i]`` to ``offset[i + 1]``.

    Returns
    -------
    int32 (n, 2, len(TYPES))
        Outside quotation marks, then inside.

    Examples
    --------
    >>> from tonelens.tokens import tokenize
    >>> tokens = tokenize(["Perhaps awful"])
    >>> counts = cue_counts(tokens.key, np.zeros(2, bool), np.array([0, 2]))
    >>> [TYPES[i] for i in counts[0, 0].nonzero()[0]]
    ['hedge', 'evaluative']
    """
    table, words = _tables()
    rows = table[key].astype(np.int64) + inside * (len(words) // 2)
    counts = sum_bytes(words.take(rows, axis=0), offset)  # many times as fast as indexing
    counts = counts.reshape(len(offset) - 1, 2, counts.shape[1] // 2)
    return counts[:, :, : len(TYPES)]
