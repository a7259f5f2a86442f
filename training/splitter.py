"""Learn the sentence splitter's parameters from plain text.

Run ``python -m training.splitter`` with ``TONELENS_DATA`` naming the data folder; it takes about
two minutes. Punkt (Kiss and Strunk 2006) learns abbreviations, collocations, sentence starters and
the cases in which words occur; a count of first words adds a stricter list of starters, and the
lists below add what Punkt misses. ``tonelens.sentences`` applies all that with its own rules. Only
words are kept, no sentence.
"""

import argparse
import gzip
import json
import os
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from nltk.tokenize.punkt import PunktTrainer

FORMAT = 1
OUT = Path(__file__).parent.parent / "tonelens" / "models" / "sentences.json"

SHARE = 10
"""One document in SHARE is drawn: 27 MB."""

FREQUENT = 25
"""Rarer words of the sample keep no orthography: they would be nine tenths of the file."""

STARTS, LEANING = 40, 0.6
"""A starter begins STARTS sentences or more, and where it is capitalised, LEANING or more of its
occurrences begin one: *The* .86, *Senate* .04 (so "U.S. Senate" stays whole)."""

KNOWN = {
    "titles": (
        "adm amb asst assoc atty brig capt cmdr col congr cpl det dr fr gen gov hon insp lt ltjg "
        "maj messrs mgr mlle mme mmes mr mrs ms msgr mt mx ofc pfc pres prof pte pvt rep reps rev "
        "govs gens cols profs drs sec sen sens sgt supt treas vs v viz cf e.g i.e lt.gov lt.col "
        "maj.gen brig.gen"
    ),
    "numbered": (
        "no nos p pp pg fig figs vol vols ch chap sec sect art arts eq eqs ex ed eds para pars "
        "pt sc ver op"
    ),
    "final": "a.m p.m etc esq jr sr ph.d m.d b.a m.a b.c a.d et.al b.s j.d m.b.a",
    "other": (
        "jan feb apr jun jul aug sept sep oct nov dec tue tues wed thu thur thurs fri inc corp co "
        "cos ltd llc plc bros dept univ assn intl natl govt approx ca al ave blvd ft rd ret st hwy "
        "bldg apt ala ariz ark calif colo conn fla ga kan ky md mich minn mo mont neb nev "
        "okla ore pa penn tenn tex va vt wis wyo ont que oz lb lbs hr hrs sq cu mph misc "
        "incl excl ext tel attn esp eg ie mon resp orig repr"
    ),
    "exclaiming": "e jeopardy yahoo",
    "capitalised": "sat sun mar del ill ind mass miss wash min",
}
"""What Punkt misses or can't tell apart; a word in two groups belongs to the first. `titles` never
end a sentence (a name, or the rest of the phrase, follows); `numbered` are abbreviations before a
number only; `final` often end one; `exclaiming` are names that end in an exclamation mark;
`capitalised` are abbreviations when they are written so, and words or nothing otherwise."""

STRAIGHT = str.maketrans("“”‘’", "\"\"''")
WORD = re.compile(r"[a-z][a-z&.'-]*")
FIRST = re.compile(r"[\"'(\[]*([A-Z][a-z]*)\b")
INNER = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]*\b")


@dataclass
class Lesson:
    """What one pass over the sample learns."""

    punkt: PunktTrainer = field(default_factory=PunktTrainer)
    read: Counter[str] = field(default_factory=Counter)
    first: Counter[str] = field(default_factory=Counter)
    inner: Counter[str] = field(default_factory=Counter)

    def take(self, sentences: list[str]) -> None:
        """Learn from one document."""
        text = " ".join(sentences)
        self.punkt.train(text, finalize=False)
        self.read.update(documents=1, sentences=len(sentences), characters=len(text))
        for sentence in sentences:
            self.first.update(match[1] for match in [FIRST.match(sentence)] if match)
            self.inner.update(INNER.findall(sentence))

    def starters(self) -> list[str]:
        """Give the words that lean to the beginning of a sentence, in lower case."""
        often = (word for word, count in self.first.items() if count >= STARTS)
        return sorted(word.lower() for word in often if self.leaning(word) >= LEANING)

    def leaning(self, word: str) -> float:
        """Give the share, 0 to 1, of the capitalised `word` that begins a sentence."""
        return self.first[word] / (self.first[word] + self.inner[word])

    def orthography(self) -> dict[str, str]:
        """Give the frequent words under each of Punkt's orthographic flags, joined by spaces."""
        groups: dict[str, list[str]] = {}
        for word, flags in sorted(self.punkt.get_params().ortho_context.items()):
            if flags and word.isalpha() and self.frequency(word) >= FREQUENT:
                groups.setdefault(str(flags), []).append(word)
        return {flags: " ".join(words) for flags, words in sorted(groups.items())}

    def frequency(self, word: str) -> int:
        """Count `word`, with and without a stop."""
        seen = self.punkt._type_fdist
        return int(seen[word] + seen[word + "."])


def documents(folder: Path, share: int = SHARE) -> Iterator[list[str]]:
    """Yield one document in `share`, as its sentences in order; the draw depends on its name."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = map(json.loads, lines)
            for name, group in groupby(rows, key=lambda row: str(row["doc"])):
                if zlib.crc32(name.encode()) % share == 0:
                    yield [row["text"].translate(STRAIGHT) for row in group]


def groups() -> dict[str, set[str]]:
    """Give `KNOWN` as sets in which no word is in two.

    >>> "sec" in groups()["numbered"]
    False
    """
    seen: set[str] = set()
    sets = {}
    for name, words in KNOWN.items():
        sets[name] = set(words.split()) - seen
        seen |= sets[name]
    return sets


def card(lesson: Lesson) -> dict[str, object]:
    """Give what `tonelens.sentences` reads, with a header that says where it came from."""
    params = lesson.punkt.get_params()
    known = groups()
    learned = {word for word in params.abbrev_types if WORD.fullmatch(word)} - known["capitalised"]
    other = known.pop("other")
    return {
        "format": FORMAT,
        "trainer": "nltk.tokenize.punkt.PunktTrainer and training/splitter.py",
        "trained_on": dict(lesson.read),
        "abbreviations": sorted(learned | other | known["titles"] | known["final"]),
        **{name: sorted(words) for name, words in known.items()},
        "starters": lesson.starters(),
        "orthography": lesson.orthography(),
        "punkt_collocations": sorted(map(list, params.collocations)),
        "punkt_starters": sorted(params.sent_starters),
    }


def main() -> None:
    """Train and write the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("TONELENS_DATA"))
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the data folder: set TONELENS_DATA or give --data")
    lesson = Lesson()
    for sentences in documents(Path(options.data) / "text"):
        lesson.take(sentences)
    text = json.dumps(card(lesson), ensure_ascii=False, indent=1)
    options.out.write_text(text + "\n", encoding="utf-8")
    print(f"{options.out}: {len(text):,} characters, from {dict(lesson.read)}")


if __name__ == "__main__":
    main()
