"""Measure a whole corpus: files to file, on one process and on two, and what that costs at scale.

Run ``python -m benchmarks.corpus``. The articles are whole documents of the unlabelled news of
``TONELENS_DATA``, in its order, up to 200,000 sentences (``--sentences`` says how many), as JSON
lines; they are scored into Parquet by the command itself, in processes of its own, and a figure is
the median of three rounds in which one process and two take turns. Memory is what all processes
hold together, by their proportional share of pages, sampled in runs of their own: looking costs.

``--gigabytes N`` does something else: one run, with two processes, over the same articles again and
again until the text is so large, to see that memory stays as it is. It prints a line.

The machine must be idle: what is measured is time that passes. What a cluster would cost is worked
out from the rate of one process, by the assumptions that the text below the table states.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import groupby, islice, pairwise, product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks.readme import markdown, publish

ROUNDS, SENTENCES = 3, 200_000
PROCESSES = (1, 2)
PRICE = 0.04
"""Assumed dollars for an hour of one core (one vCPU) of a general-purpose cloud machine, on demand;
spot prices are often a third of that."""
BILLION = 1_000_000_000
CHUNKS = 8  # whose stages are timed


class Took(NamedTuple):
    """Seconds of a run, of one over a single article, and the most bytes that one like it held."""

    seconds: float
    start: float
    peak: int

    @property
    def working(self) -> float:
        """Seconds without those that starting takes, whatever the corpus."""
        return self.seconds - self.start


def articles(count: int) -> Iterator[dict[str, str]]:
    """Documents of the unlabelled news, until there are so many sentences."""
    from training.data import text_rows

    for doc, group in groupby(text_rows(), key=lambda row: (row["source"], row["doc"])):
        if count <= 0:
            return
        rows: list[dict[str, Any]] = list(group)
        count -= len(rows)
        yield {"id": "/".join(doc), "body": " ".join(row["text"] for row in rows)}


def write_corpus(path: Path, count: int) -> int:
    """Write the articles as JSON lines, and say how many there are."""
    with path.open("w", encoding="utf-8") as file:
        return sum(1 for article in articles(count) if file.write(json.dumps(article) + "\n"))


def command(corpus: Path, out: Path, jobs: int) -> list[str]:
    """The command that scores the corpus."""
    start = [sys.executable, "-m", "tonelens", "corpus", str(corpus), "-o", str(out)]
    return [*start, "--text-column", "body", "--id-column", "id", "--jobs", str(jobs)]


def seconds_of(corpus: Path, out: Path, jobs: int) -> float:
    """Score a corpus in processes of their own, and say how long that took."""
    start = time.perf_counter()
    done = subprocess.run(command(corpus, out, jobs), capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    return time.perf_counter() - start


def peak_of(corpus: Path, out: Path, jobs: int) -> int:
    """Score a corpus in processes of their own, and say the most bytes that they held together."""
    process, peak = subprocess.Popen(command(corpus, out, jobs), stderr=subprocess.DEVNULL), 0
    while process.poll() is None:
        peak = max(peak, held(process.pid))
        time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"tonelens corpus ended with {process.returncode}")
    return peak


def held(pid: int) -> int:
    """Bytes that a process and those it started hold, what they share counted once."""
    import psutil

    total = 0
    try:
        first = psutil.Process(pid)
        for each in (first, *first.children(recursive=True)):
            memory = each.memory_full_info()
            total += getattr(memory, "pss", memory.uss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0  # one of them has just ended
    return total


def measure(corpus: Path, folder: Path) -> tuple[dict[int, Took], int]:
    """The median run for each number of processes, and how many sentences it scored."""
    taken: dict[int, list[tuple[float, float]]] = {jobs: [] for jobs in PROCESSES}
    one = folder / "one.jsonl"
    with corpus.open(encoding="utf-8") as rows:
        one.write_text(next(rows), encoding="utf-8")
    for number, jobs in product(range(ROUNDS), PROCESSES):
        start = seconds_of(one, folder / f"{number}-{jobs}-one.parquet", jobs)
        taken[jobs].append((seconds_of(corpus, folder / f"{number}-{jobs}.parquet", jobs), start))
    out = {jobs: folder / f"memory-{jobs}.parquet" for jobs in PROCESSES}
    peak = {jobs: peak_of(corpus, out[jobs], jobs) for jobs in PROCESSES}
    took = {j: Took(*map(median, zip(*taken[j], strict=True)), peak[j]) for j in PROCESSES}
    return took, counted(out[1])["sentences"]


def counted(out: Path) -> dict[str, int]:
    """What the manifest of a finished run counts."""
    return json.loads(Path(f"{out}.manifest.json").read_text(encoding="utf-8"))["counts"]


def table(took: dict[int, Took], count: int, sentences: int, size: int) -> Iterator[str]:
    """A row for each number of processes."""
    heads = ["processes", "seconds", "of which starting", "articles a second"]
    heads += ["sentences a second", "MB a second", "times one process", "peak memory"]
    rows = [heads]
    for jobs, run_ in took.items():
        rates = [f"{n / run_.working:,.0f}" for n in (count, sentences)]
        rates += [f"{size / run_.working / 1e6:.1f}", f"{took[1].working / run_.working:.2f}×"]
        times = [f"{run_.seconds:.1f}", f"{run_.start:.1f}"]
        rows.append([str(jobs), *times, *rates, f"{run_.peak / 1e6:,.0f} MB"])
    yield from markdown(rows)


def stages(corpus: Path, folder: Path) -> dict[str, float]:
    """CPU-seconds of each stage of the first chunks, in this process."""
    from tonelens import load
    from tonelens.corpus.articles import Wanted
    from tonelens.corpus.chunks import read_chunks
    from tonelens.corpus.lines import json_lines
    from tonelens.corpus.scores import ArticleScores
    from tonelens.corpus.sources import find_sources
    from tonelens.sentences import spans

    model, sources, taken = load(), find_sources([str(corpus)]), []
    model.score("The first sentence is the slowest.")
    chunks = read_chunks(sources, Wanted("body", "id"), {s.name: s.state() for s in sources})
    taken.append(time.process_time())
    held = list(islice(chunks, CHUNKS))
    taken.append(time.process_time())
    for chunk in held:
        for text in chunk.texts:
            spans(text)
    taken.append(time.process_time())
    scored = [ArticleScores.of(model, chunk.texts) for chunk in held]
    taken.append(time.process_time())
    for chunk, scores in zip(held, scored, strict=True):
        (folder / "part").write_text(json_lines(scores, chunk.cells, (), "sentence"), "utf-8")
    taken.append(time.process_time())
    read, split, both, written = (after - before for before, after in pairwise(taken))
    return {"read": read, "split": split, "score": both - split, "write": written}


def stage_table(seconds: dict[str, float]) -> Iterator[str]:
    """What share of the time of one process each stage takes."""
    total = sum(seconds.values())
    yield from markdown([list(seconds), [f"{s / total:.1%}" for s in seconds.values()]])


def plan(rate: float, bytes_each: float) -> Iterator[str]:
    """What a billion sentences, ten and a hundred times as many cost at this rate of a core."""
    rows = [["sentences", "text", "core-hours", f"at ${PRICE} a core-hour", "on 64 cores"]]
    for times in (1, 10, 100):
        hours = times * BILLION / rate / 3600
        text = times * BILLION * bytes_each / 1e12
        cost = f"${hours * PRICE:,.2f}"
        name = f"{times} billion"
        rows.append([name, f"{text:,.2f} TB", f"{hours:,.1f}", cost, f"{hours / 64:,.1f} h"])
    yield from markdown(rows)


def lines(count: int) -> Iterator[str]:
    """All that the section holds."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        corpus = folder / "corpus.jsonl"
        number, size = write_corpus(corpus, count), corpus.stat().st_size
        took, sentences = measure(corpus, folder)
        shares = stages(corpus, folder)
    yield from table(took, number, sentences, size)
    yield ""
    yield f"{number:,} articles of {sentences:,} sentences, {size / 1e6:,.0f} MB of JSON lines,"
    yield f"into Parquet, a row a sentence, on {os.cpu_count()} cores. Starting is what a corpus of"
    yield "one article takes; the rates are of the rest of the time, joining the parts included."
    yield ""
    yield from stage_table(shares)
    yield ""
    yield from plan(sentences / took[1].working, size / sentences)
    yield ""
    yield "At the rate of one process, as if other cores were as fast, and at an assumed price."


def large(gigabytes: float) -> Iterator[str]:
    """How much memory one run with two processes takes for so much text."""
    with TemporaryDirectory() as name:
        part, corpus, out = (Path(name) / file for file in ("part", "c.jsonl", "out.parquet"))
        write_corpus(part, BILLION)
        with corpus.open("wb") as file:
            while file.tell() < gigabytes * 1e9:
                file.write(part.read_bytes())
        size = corpus.stat().st_size
        peak = peak_of(corpus, out, max(PROCESSES))
        sentences = counted(out)["sentences"]
    yield (
        f"{size / 1e9:.2f} GB of JSON lines, {sentences:,} sentences: {max(PROCESSES)} processes "
        f"held {peak / 1e6:,.0f} MB together at most."
    )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sentences", type=int, default=SENTENCES)
    parser.add_argument("--gigabytes", type=float, help="of text, for one run")
    parser.add_argument("--write-readme", action="store_true")
    options = parser.parse_args()
    if not os.environ.get("TONELENS_DATA"):
        raise SystemExit("Set TONELENS_DATA to the folder of the data: the articles come from it.")
    if options.gigabytes:
        print(*large(options.gigabytes))
    else:
        publish("corpus", lines(options.sentences), write=options.write_readme)


if __name__ == "__main__":
    main()
