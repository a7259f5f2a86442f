"""Compare sentence splitters on gold boundaries; print a Markdown table.

Run ``python -m benchmarks.splitting`` with ``TONELENS_DATA`` naming the data folder. A boundary is
where a sentence ends, counted in characters that aren't white space, so that splitters which alter
white space compare too. The gold text of GUM (news, interviews), EWT (weblogs) and PUD (news) is
split document by document. Speed is in MB of UTF-8 per CPU-second over the same documents; the
parameters are loaded before.
"""

import argparse
import gzip
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.readme import publish
from tonelens.sentences import split

Splitter = Callable[[str], list[str]]

SETS = {
    "GUM news, interviews": ("gum", ("news", "interview")),
    "EWT weblogs": ("ewt", ("weblog",)),
    "PUD news": ("pud", ("news",)),
}

QUADRATIC_LIMIT = 20_000
"""Characters beyond which pysbd isn't asked: its time grows with the square of the text."""

BLANK = re.compile(r"\n\s*\n")
PARAMETERS = Path(__file__).parent.parent / "tonelens" / "models" / "sentences.json"


@dataclass
class Score:
    """Boundaries found, right and wanted, and the cost; `skipped` counts documents too long."""

    right: int = 0
    found: int = 0
    wanted: int = 0
    megabytes: float = 0.0
    seconds: float = 0.0
    skipped: int = 0

    @property
    def cells(self) -> list[str]:
        """F1, precision and recall, 0 to 1, and MB per CPU-second.

        >>> Score(9, 10, 12, 2.0, 0.5).cells
        ['.818', '.900', '.750', '4']
        """
        figures = [2 * self.right / max(self.found + self.wanted, 1)]
        figures += [self.right / max(self.found, 1), self.right / max(self.wanted, 1)]
        speed = self.megabytes / max(self.seconds, 1e-9)
        return [f"{figure:.3f}".removeprefix("0") for figure in figures] + [f"{speed:.2g}"]


def ends(sentences: list[str]) -> set[int]:
    """Give the sentences' ends, counted in characters that aren't white space.

    >>> sorted(ends(["I ran.", "So?"]))
    [5, 8]
    """
    total, found = 0, set()
    for sentence in sentences:
        total += len("".join(sentence.split()))
        found.add(total)
    return found


def documents(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the documents of one of `SETS`; their sentences, joined, must be the text."""
    file, genres = SETS[name]
    with gzip.open(folder / f"{file}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["genre"] in genres:
                if "".join(row["text"].split()) != "".join("".join(row["sentences"]).split()):
                    raise ValueError(f"{row['id']}: the gold sentences aren't the text")
                yield row


def measure(splitter: Splitter, rows: list[dict[str, Any]], limit: int | None) -> Score:
    """Split every document that isn't beyond `limit` and compare with gold."""
    score = Score()
    for row in rows:
        if limit and len(row["text"]) > limit:
            score.skipped += 1
            continue
        start = time.process_time()
        found = ends(splitter(row["text"]))
        score.seconds += time.process_time() - start
        score.megabytes += len(row["text"].encode()) / 1e6
        gold = ends(row["sentences"])
        score.right += len(found & gold)
        score.found += len(found)
        score.wanted += len(gold)
    return score


def sentencex_splitter() -> Splitter:
    """Give sentencex for English."""
    from sentencex import segment

    return lambda text: list(segment("en", text))


def pysbd_splitter() -> Splitter:
    """Give pysbd for English, which leaves the text as it is."""
    import pysbd

    return pysbd.Segmenter(language="en", clean=False).segment  # type: ignore[no-any-return]


def punkt_splitter() -> Splitter:
    """Give nltk's Punkt with our parameters, a paragraph at a time: it heeds no blank lines."""
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    card = json.loads(PARAMETERS.read_text(encoding="utf-8"))
    params = PunktParameters()
    params.abbrev_types = set(card["abbreviations"])
    params.collocations = {tuple(pair) for pair in card["punkt_collocations"]}
    params.sent_starters = set(card["punkt_starters"])
    for flags, words in card["orthography"].items():
        params.ortho_context.update(dict.fromkeys(words.split(), int(flags)))
    tokenize = PunktSentenceTokenizer(params).tokenize
    return lambda text: [part for block in BLANK.split(text) for part in tokenize(block)]


RIVALS = {
    "sentencex": ("sentencex", sentencex_splitter, None),
    "pysbd": ("pysbd", pysbd_splitter, QUADRATIC_LIMIT),
    "Punkt, our parameters": ("nltk", punkt_splitter, None),
}


def splitters() -> Iterator[tuple[str, Splitter, int | None]]:
    """Yield each splitter at hand, with its limit in characters; say which is missing."""
    yield "tonelens", split, None
    for name, (package, make, limit) in RIVALS.items():
        if find_spec(package):
            yield name, make(), limit
        else:
            print(f"{name}: skipped, {package} isn't installed\n")


def table(folder: Path) -> Iterator[str]:
    """Yield the lines of the table and of the notes under it."""
    yield "| text | splitter | F1 | precision | recall | MB per CPU-second |"
    yield "| --- | --- | --- | --- | --- | --- |"
    notes = []
    known = list(splitters())
    for name in SETS:
        rows = list(documents(folder, name))
        for title, splitter, limit in known:
            splitter("Warm up. Then go.")
            score = measure(splitter, rows, limit)
            yield f"| {' | '.join([name, title, *score.cells])} |"
            if score.skipped:
                notes.append(
                    f"{title}: {score.skipped} documents of {name} over {limit:,} left out"
                )
    yield from ["", *notes]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("TONELENS_DATA"))
    parser.add_argument("--write-readme", action="store_true", help="put it in the README")
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the data folder: set TONELENS_DATA or give --data")
    publish("splitting", table(Path(options.data) / "splitting"), write=options.write_readme)


if __name__ == "__main__":
    main()
