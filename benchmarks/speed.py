"""Measure sentences per second on one core beside other classifiers, and what starting costs.

Run ``python -m benchmarks.speed``. With ``TONELENS_DATA`` the sentences are whole documents of the
unlabelled news, drawn by a fixed seed, and the rivals learn from labels/train; without it, both
come from examples/, repeated with other numbers in them.

The process binds itself to one core, with one thread, before numpy is imported; hence the imports
inside functions. All systems score the same sentences in the same process, one after another, five
rounds over; a figure is the median round, by the process's CPU time, which on an idle core is the
time that passes. What the starts cost is time that passes. Other work on the machine still slows
all of them: read the ratios, not the rates. How good the answers are is for `benchmarks.quality`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from zlib import crc32

from benchmarks.readme import publish

ROUNDS, SEED = 5, 0
ONE_IN = 93
"""Share of the unlabelled documents that are drawn: about 20,000 sentences."""
FEWER = 2000
"""Sentences that the slow systems score; their rate is of these."""
MODELS = Path(__file__).parent.parent / "tonelens" / "models"
EXAMPLES = Path(__file__).parent.parent / "examples"


class Task(NamedTuple):
    """What is scored and what the rivals learn from."""

    sentences: list[str]
    documents: list[str]
    train: list[tuple[str, str]]
    origin: str


@dataclass(frozen=True)
class System:
    """One classifier."""

    name: str
    run: Callable[[list[str]], object]
    most: int | None = None
    """Sentences that it scores at most; its rate is of these."""


def bind_to_one_core() -> None:
    """Keep this process and its children to one core and numpy to one thread."""
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


# --- sentences -----------------------------------------------------------------------------------


def task() -> Task:
    """Give the news and its labels where TONELENS_DATA is set, else the examples."""
    return news() if os.environ.get("TONELENS_DATA") else examples()


def news() -> Task:
    """Draw whole documents, one in `ONE_IN`, by a hash of their name and the seed."""
    from training.data import read_rows, text_rows

    drawn = [(row["text"], f"{row['source']}/{row['doc']}") for row in text_rows() if is_drawn(row)]
    train = [(row["text"], row["tone"]) for row in read_rows("labels/train.jsonl.gz")]
    return Task(
        [text for text, _ in drawn],
        [document for _, document in drawn],
        [(text, tone) for text, tone in train if tone],
        "of the unlabelled news, whole documents; the rivals were trained on labels/train",
    )


def is_drawn(row: dict[str, Any]) -> bool:
    """Whether the row's document is one of those scored."""
    return crc32(f"{SEED}/{row['source']}/{row['doc']}".encode()) % ONE_IN == 0


def examples() -> Task:
    """Repeat the example articles, numbering the copies; their labels are tonelens's own."""
    import tonelens
    from tonelens.sentences import split

    texts = [split(path.read_text(encoding="utf-8")) for path in sorted(EXAMPLES.glob("*.txt"))]
    copies = 20_000 // sum(map(len, texts))
    rows = [
        (f"{sentence[:-1]} ({copy + i}){sentence[-1:]}", f"{number}/{copy}")
        for copy in range(copies)
        for number, text in enumerate(texts)
        for i, sentence in enumerate(text)
    ]
    sentences = [sentence for sentence, _ in rows]
    train = list(
        zip(sentences[:5000], tonelens.score_sentences(sentences[:5000]).tones, strict=True)
    )
    origin = (
        "of the two example articles, repeated with other numbers in them, as TONELENS_DATA is "
        "unset: few different words, so the rivals' vocabularies are small and their rates high"
    )
    return Task(sentences, [document for _, document in rows], train, origin)


# --- systems -------------------------------------------------------------------------------------


def own(work: Task) -> System:
    """Give tonelens, in context: a batch of sentences with their documents."""
    from tonelens import load

    model, document_of = load(), work.documents
    return System(
        "tonelens",
        lambda texts: model.score_sentences(texts, documents=document_of[: len(texts)]),
    )


def tfidf(work: Task) -> System:
    """Give scikit-learn's tf-idf of words, pairs and triples with logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    run = linear(TfidfVectorizer(ngram_range=(1, 3)), work)
    return System("tf-idf (1, 3) + logistic regression", run)


def hashing(work: Task) -> System:
    """Give the same with hashed n-grams, without a vocabulary."""
    from sklearn.feature_extraction.text import HashingVectorizer

    run = linear(HashingVectorizer(ngram_range=(1, 3)), work)
    return System("hashing (1, 3) + logistic regression", run)


def linear(vectorizer: Any, work: Task) -> Callable[[list[str]], object]:
    """Fit a logistic regression on the vectorizer; a rough fit, which predicts no slower."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    pipeline = make_pipeline(vectorizer, LogisticRegression(max_iter=10))
    texts, tones = zip(*work.train, strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        pipeline.fit(list(texts), list(tones))
    return pipeline.predict_proba  # type: ignore[no-any-return]


def fasttext(work: Task) -> System:
    """Give fastText as `benchmarks.rivals` sets it up."""
    from benchmarks.rivals import FastText

    texts, tones = zip(*work.train, strict=True)
    run = FastText().fit(texts, tones).predict_proba
    return System("fastText, 50 dimensions, (1, 3)", run)


def textblob(work: Task) -> System:  # noqa: ARG001
    """Give TextBlob's subjectivity, a sentence at a time; it has no other way."""
    from textblob import TextBlob

    return System(
        "TextBlob subjectivity",
        lambda texts: [TextBlob(text).sentiment.subjectivity for text in texts],
        most=FEWER,
    )


RIVALS = {"sklearn": (tfidf, hashing), "fasttext": (fasttext,), "textblob": (textblob,)}


# --- rates ---------------------------------------------------------------------------------------


def rates(systems: list[System], sentences: list[str]) -> dict[str, float]:
    """Sentences per CPU-second of each system, the median of rounds in which all take turns."""
    taken: dict[str, list[float]] = {system.name: [] for system in systems}
    for number in range(ROUNDS + 1):
        for system in systems:
            most = system.most or len(sentences)
            texts = sentences[: most if number else min(most, FEWER)]
            start = time.process_time()
            system.run(texts)
            seconds = max(time.process_time() - start, 1e-9)
            taken[system.name].append(len(texts) / seconds)
    return {name: median(each[1:]) for name, each in taken.items()}  # the first round warms up


def rate_table(work: Task) -> Iterator[str]:
    """Yield a line a system, and notes."""
    systems = [own(work)]
    systems += [
        make(work) for package, all_ in RIVALS.items() if find_spec(package) for make in all_
    ]
    found = rates(systems, work.sentences)
    megabytes = sum(len(text.encode()) for text in work.sentences) / len(work.sentences) / 1e6
    heads = ["system", "sentences per CPU-second", "MB per CPU-second"]
    yield f"| {' | '.join([*heads, 'tonelens is … times as fast'])} |"
    yield "|" + " --- |" * 4
    for system in systems:
        rate = found[system.name]
        ratio = f"{found['tonelens'] / rate:.1f}×" if system.name != "tonelens" else "–"
        yield f"| {system.name} | {rate:,.0f} | {rate * megabytes:.2f} | {ratio} |"
    yield from ["", f"{len(work.sentences):,} sentences {work.origin}."]
    yield f"TextBlob: the first {FEWER:,}; its MB are by the mean length of all. tonelens is given"
    yield "the documents and heeds each sentence's neighbours."
    yield from (f"{name}: skipped, it isn't installed." for name in RIVALS if not find_spec(name))


# --- starting ------------------------------------------------------------------------------------

ANSWER = "tonelens.score('The plan may well be the worst that the town has seen.')"
INSIDE = f"""
import time
t = time.perf_counter(); import tonelens; {ANSWER}; print(time.perf_counter() - t)
"""
LOAD = """
import time, tonelens.model as m, safetensors.numpy
t = time.perf_counter(); m.load(); print(time.perf_counter() - t)
"""
PEAK = """
import json, sys
from benchmarks.memory import peak_memory
task = json.load(sys.stdin)
if sys.argv[1] == "score":
    import tonelens
    for _ in range(5):
        tonelens.score_sentences(task["sentences"], documents=task["documents"])
print(peak_memory())
"""


def python(code: str, *arguments: str, given: str = "") -> tuple[float, str]:
    """Run the code in a fresh interpreter: seconds from start to end, and what it printed."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        input=given, capture_output=True, text=True, check=True, cwd=MODELS.parent.parent,
    )  # fmt: skip
    return time.perf_counter() - start, done.stdout


def start_times() -> dict[str, float]:
    """Median milliseconds of whole processes that run one thing, the rounds interleaved."""
    codes = {
        "pass": "pass", "numpy": "import numpy", "tonelens": "import tonelens",
        "answer": f"import tonelens; {ANSWER}",
    }  # fmt: skip
    each = [{name: python(code)[0] for name, code in codes.items()} for _ in range(ROUNDS)]
    return {name: median(times[name] for times in each) * 1000 for name in codes}


def inside(code: str) -> float:
    """Median milliseconds that the code itself printed."""
    return median(float(python(code)[1]) for _ in range(ROUNDS)) * 1000


def cost_table(work: Task) -> Iterator[str]:
    """Yield what starting, loading and holding the model costs."""
    python(INSIDE)  # compiles modules and brings files into memory
    yield from ["| cost | figure | beside |", "|" + " --- |" * 3]
    rows = [*start_rows(), memory_row(work)]
    default, all_ = size(MODELS / "default"), size(MODELS)
    rows.append(["model files", f"{default:.1f} MB", f"{all_:.1f} MB with lexicon and splitter"])
    yield from (f"| {' | '.join(row)} |" for row in rows)


def start_rows() -> list[list[str]]:
    """Give the rows on time: import, cold start, loading."""
    took = start_times()
    beside = f"`pass` {took['pass']:.0f} ms, `import numpy` {took['numpy']:.0f} ms, "
    beside += f"so {took['tonelens'] - took['numpy']:.0f} ms over numpy"
    cold = "cold start to the first answer, whole process"
    return [
        ["`import tonelens`, whole process", f"{took['tonelens']:.0f} ms", beside],
        [cold, f"{took['answer']:.0f} ms", "–"],
        ["the same, import and answer alone", f"{inside(INSIDE):.0f} ms", "–"],
        ["`load()`, imports done", f"{inside(LOAD):.0f} ms", "–"],
    ]


def memory_row(work: Task) -> list[str]:
    """Give the row on memory: of a process that scores five times 20,000 sentences."""
    given = {"sentences": work.sentences[:20_000], "documents": work.documents[:20_000]}
    text, n = json.dumps(given), 5 * len(given["sentences"])
    peak, bare = (float(python(PEAK, way, given=text)[1]) / 1e6 for way in ("score", "none"))
    beside = f"{bare:.0f} MB with the sentences read and nothing imported"
    return [f"peak memory, {n:,} sentences in 5 calls", f"{peak:.0f} MB", beside]


def size(folder: Path) -> float:
    """MB of the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def lines(work: Task) -> Iterator[str]:
    """Yield both tables and the machine they were measured on."""
    from importlib.metadata import version

    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    yield f"One core of {os.cpu_count()}, {platform.machine()}, load average {busy} at the start."
    yield f"Python {platform.python_version()}, numpy {version('numpy')}, scikit-learn"
    yield f"{version('scikit-learn')}. Medians of {ROUNDS} rounds, the systems taking turns."
    yield ""
    yield from rate_table(work)
    yield ""
    yield from cost_table(work)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write-readme", action="store_true", help="put them in the README")
    options = parser.parse_args()
    bind_to_one_core()
    publish("speed", lines(task()), write=options.write_readme)


if __name__ == "__main__":
    main()
