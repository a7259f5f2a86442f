"""Test how a model behaves on cases written for it; print a Markdown table.

Run ``python -m benchmarks.behaviour``; it needs no data folder. ``--model DIR`` takes another model
than the shipped one, ``--json FILE`` keeps the figures, ``--write-known-failures`` lists anew which
cases the shipped model fails, for `tests/test_behaviour.py`.

The cases lie in ``benchmarks/cases/``, a file a kind; README.md there says what the fields mean.
They are of three types, after Ribeiro et al., "Beyond Accuracy: Behavioral Testing of NLP Models
with CheckList", ACL 2020:

- MFT, minimum functionality: a sentence must get its tone, its voice or both;
- INV, invariance: tone and voice must not differ between two sentences, their probabilities little;
- DIR, direction: a probability must be clearly higher, or lower, for the second of two sentences.

Any system can be tested: `outcomes` takes a function from sentences and documents to `Scores`.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.readme import publish
from tonelens import LABELS, ToneModel, ToneScores, load
from tonelens.evaluation.intervals import plain, short
from tonelens.labels import VOICES, voice_name

CASES = Path(__file__).parent / "cases"
KNOWN_FAILURES = CASES / "known-failures.txt"
STEP = 0.1
"""Change of a probability above which it isn't little, and from which it is clear."""

EXPECTED = {
    "INV": {"tone": ("same",), "source": ("same",)},
    "DIR": dict.fromkeys((*LABELS, "source"), ("higher", "lower")),
}
"""What a pair of sentences may be expected to show, by the type of the case."""


class Scores(NamedTuple):
    """What a system says of n sentences; `tonelens.ToneScores` will do as well.

    Attributes
    ----------
    probabilities : float (n, 3)
        Columns in `LABELS` order; of systems that give no probabilities, any evidence.
    source_probability : float (n,), optional
        Probability that the main claim is a source's; None where the system tells no voices.
    """

    probabilities: NDArray[Any]
    source_probability: NDArray[Any] | None = None


Scorer = Callable[[Sequence[str], Sequence[Hashable]], Scores | ToneScores]
"""Sentences and the ids of their documents, both (n,), to scores. Neighbours share an id."""

Answer = dict[str, float]
"""Probabilities of one sentence by name: the three tones, and "source" where it is known."""


@dataclass(frozen=True)
class Case:
    """One case; `benchmarks/cases/README.md` says what each field means."""

    id: str
    kind: str
    type: str
    text: str
    before: Sequence[str] = ()
    tone: str | None = None
    voice: str | None = None
    pair: str | None = None
    pair_before: Sequence[str] = ()
    expect: dict[str, str] = field(default_factory=dict)

    @property
    def group(self) -> str:
        """What the ids of twins, cases with contrary answers, have in common.

        >>> Case("futures-07b", "futures", "MFT", "It may rain.", tone="speculation").group
        'futures-07'
        """
        return self.id.rstrip("abc")

    @property
    def passages(self) -> list[list[str]]:
        """Its one or two sentences, each last, after those that precede it."""
        first = [*self.before, self.text]
        return [first] if self.pair is None else [first, [*self.pair_before, self.pair]]


def read_cases(folder: Path = CASES) -> list[Case]:
    """Read and check all cases of a folder, in the order of files and lines.

    Raises
    ------
    ValueError
        Where a line is no valid case: the message gives file, line and what is wrong with it.
    """
    cases, seen = [], set()
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                case = Case(**json.loads(line))
                check(case, path.stem)
                if case.id in seen:
                    raise ValueError(f"the id {case.id} occurs twice")
            except (TypeError, ValueError) as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from None
            seen.add(case.id)
            cases.append(case)
    return cases


def check(case: Case, stem: str) -> None:
    """Raise a ValueError where the case, from the file of this name, breaks the schema."""
    if case.kind != stem.replace("-", " ") or not re.fullmatch(rf"{stem}-\d\d[abc]?", case.id):
        raise ValueError(f"kind and id follow the file's name, got {case.kind!r} and {case.id!r}")
    if any(isinstance(before, str) for before in (case.before, case.pair_before)):
        raise ValueError("before and pair_before are lists of sentences")
    sentences = [sentence for passage in case.passages for sentence in passage]
    if not all(isinstance(s, str) and s and s == s.strip() for s in sentences):
        raise ValueError("sentences are strings without white space around them")
    if case.type == "MFT":
        paired = case.pair is not None or case.pair_before or case.expect
        if paired or not (case.tone or case.voice):
            raise ValueError("an MFT case has a tone or a voice, and no pair")
        if case.tone not in (None, *LABELS) or case.voice not in (None, *VOICES):
            raise ValueError(f"unknown tone or voice {case.tone!r}, {case.voice!r}")
    elif case.type not in EXPECTED:
        raise ValueError(f"the types are MFT, INV and DIR, got {case.type!r}")
    elif case.pair is None or not case.expect or case.tone or case.voice:
        raise ValueError(f"a case of type {case.type} has pair and expect, no tone or voice")
    elif any(value not in EXPECTED[case.type].get(name, ()) for name, value in case.expect.items()):
        raise ValueError(f"a case of type {case.type} can't expect {case.expect}")


class Outcome(NamedTuple):
    """How a case went.

    Attributes
    ----------
    passed : bool or None
        None where the case asks for voices alone and the system tells none.
    flipped : bool or None
        Whether tone or voice, where asked for, differ between the pair; None without a pair.
    change : float or None
        The greatest change, without its sign, of a probability asked for; None without a pair.
    """

    case: Case
    passed: bool | None
    flipped: bool | None = None
    change: float | None = None


def outcomes(cases: Sequence[Case], scorer: Scorer) -> list[Outcome]:
    """Score all sentences of all cases in one call, then judge each case."""
    passages = [passage for case in cases for passage in case.passages]
    scores = scorer(
        [sentence for passage in passages for sentence in passage],
        [number for number, passage in enumerate(passages) for _ in passage],
    )
    last = np.cumsum([len(passage) for passage in passages]) - 1
    columns = dict(zip(LABELS, np.asarray(scores.probabilities)[last].T.tolist(), strict=True))
    if scores.source_probability is not None:
        columns["source"] = np.asarray(scores.source_probability)[last].tolist()
    rows = iter(dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    return [judge(case, *(next(rows) for _ in case.passages)) for case in cases]


def judge(case: Case, first: Answer, second: Answer | None = None) -> Outcome:
    """Hold what a system answers for one sentence, or both of a pair, against the case."""
    if second is not None:
        return judge_pair(case, first, second)
    given, wanted = decisions(first), {"tone": case.tone, "voice": case.voice}
    right = [given[name] == value for name, value in wanted.items() if value and name in given]
    return Outcome(case, all(right) if right else None)


def judge_pair(case: Case, first: Answer, second: Answer) -> Outcome:
    """Hold the change between a pair's answers against what the case expects of it."""
    change = {name: second[name] - first[name] for name in first}
    asked = {n: v for n, v in case.expect.items() if n != "source" or n in change}
    if not asked:
        return Outcome(case, None)
    heeded = {"voice" if name == "source" else "tone" for name in asked}
    flipped = any(decisions(first)[name] != decisions(second)[name] for name in heeded)
    names = [n for name in asked for n in (LABELS if name == "tone" else (name,))]
    largest = max(abs(change[name]) for name in names)
    if case.type == "INV":
        return Outcome(case, not flipped and largest <= STEP, flipped, largest)
    sign = {"higher": 1, "lower": -1}
    passed = all(sign[value] * change[name] >= STEP for name, value in asked.items())
    return Outcome(case, passed, flipped, largest)


def decisions(answer: Answer) -> dict[str, str]:
    """Tone and, where it is known, voice.

    >>> decisions({"reporting": 0.2, "opinion": 0.7, "speculation": 0.1, "source": 0.3})
    {'tone': 'opinion', 'voice': 'author'}
    """
    found = {"tone": max(LABELS, key=lambda label: answer[label])}
    return found | ({"voice": voice_name(answer["source"])} if "source" in answer else {})


class Figures(NamedTuple):
    """Figures of some cases, 0 to 1; NaN where there is nothing to count.

    Attributes
    ----------
    cases : int
        Cases judged.
    passed : float
        Share of them that passed.
    twins : float
        Share of the groups of twins all of which passed.
    flipped : float
        Share of the pairs whose tone or voice, where asked for, differ.
    change : float
        Mean of the pairs' greatest changes of a probability asked for.
    """

    cases: int
    passed: float
    twins: float
    flipped: float
    change: float


def figures(found: Iterable[Outcome]) -> Figures:
    """Sum up outcomes; cases that couldn't be judged are left out."""
    judged = [outcome for outcome in found if outcome.passed is not None]
    groups = defaultdict(list)
    for outcome in judged:
        groups[outcome.case.group].append(outcome.passed)
    return Figures(
        len(judged),
        mean(o.passed for o in judged),
        mean(all(passed) for passed in groups.values() if len(passed) > 1),
        mean(o.flipped for o in judged if o.flipped is not None),
        mean(o.change for o in judged if o.change is not None),
    )


def mean(values: Iterable[Any]) -> float:
    """Give the mean; NaN of nothing."""
    listed = [float(value) for value in values]
    return sum(listed) / len(listed) if listed else float("nan")


def by_kind(found: Sequence[Outcome]) -> dict[str, dict[str, Figures]]:
    """Figures of each type's kinds, in the order of the types, with "all" of them last."""
    kept: dict[str, dict[str, Figures]] = {}
    for name in ("MFT", "INV", "DIR"):
        of_type = [outcome for outcome in found if outcome.case.type == name]
        kinds = sorted({outcome.case.kind for outcome in of_type})
        kept[name] = {k: figures(o for o in of_type if o.case.kind == k) for k in kinds}
        kept[name]["all"] = figures(of_type)
    return kept


def table(kept: dict[str, dict[str, Figures]]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| type | kind | cases | passed | twins all passed | flipped | change |"
    yield "|" + " --- |" * 7
    for name, kinds in kept.items():
        for kind, (cases, *rest) in kinds.items():
            yield f"| {name} | {kind} | {cases:,} | {' | '.join(map(short, rest))} |"


def of_model(model: ToneModel) -> Scorer:
    """Give a tonelens model as a scorer."""
    return lambda sentences, documents: model.score_sentences(sentences, documents=documents)


def failures(found: Iterable[Outcome]) -> list[str]:
    """Ids of the cases that did not pass."""
    return [outcome.case.id for outcome in found if outcome.passed is False]


def known_failures(path: Path = KNOWN_FAILURES) -> list[str]:
    """Ids listed in a file, one a line; lines that start with # are remarks."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


REMARK = (
    "# Cases that the shipped model fails, as `python -m benchmarks.behaviour "
    "--write-known-failures` wrote them.\n# Don't edit: run it again after training.\n"
)
EXPLAINED = f"""\
A pair passes INV where tone and voice stay and no probability asked for differs by more than
{STEP}, and DIR where each one asked for differs by at least {STEP}, the right way. Twins are MFT
cases alike in subject and wording whose right answers differ. Flipped: the second of a pair gets
another tone or voice, which is wrong in INV and mostly right in DIR. Change: the greatest change of
a probability asked for, without its sign, on average.

The cases were written for this purpose and are no sample of the news: their pass rates show what a
model can't do, not how often that matters."""


def main() -> None:
    """Print the table, and keep what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, help="a model's folder; else the shipped model")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--write-readme", action="store_true", help="put them in the README")
    parser.add_argument(
        "--write-known-failures", action="store_true", help="list anew what the shipped model fails"
    )
    options = parser.parse_args()
    if options.model and options.write_known_failures:
        parser.error("--write-known-failures is about the shipped model: leave out --model")
    found = outcomes(read_cases(), of_model(load(options.model)))
    kept = by_kind(found)
    publish("behaviour", [*table(kept), "", *EXPLAINED.splitlines()], write=options.write_readme)
    if options.json:
        named = {t: {k: f._asdict() for k, f in kinds.items()} for t, kinds in kept.items()}
        options.json.write_text(json.dumps(plain(named), indent=2) + "\n", encoding="utf-8")
    if options.write_known_failures:
        listed = REMARK + "".join(f"{name}\n" for name in failures(found))
        KNOWN_FAILURES.write_text(listed, encoding="utf-8")


if __name__ == "__main__":
    main()
