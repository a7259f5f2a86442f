"""The behavioural cases are sound, judged as their README says, and the model's failures known."""

import importlib.util
import json
import re
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from nltk.metrics import edit_distance

if importlib.util.find_spec("benchmarks") is None or importlib.util.find_spec("training") is None:
    pytest.skip("benchmarks/ isn't part of this installation", allow_module_level=True)

from benchmarks import behaviour
from benchmarks.behaviour import Case, Scores, figures, judge, outcomes
from tonelens import LABELS, load

CASES = behaviour.read_cases()
SWAPS = {f"{who} swap" for who in ("name", "party", "outlet", "gender", "country")}
# Words put in, left out or replaced; twins of MFT have contrary answers, so more must differ.
FARTHEST = {"INV": 6, "DIR": 10, "MFT": 12}


@pytest.fixture(scope="module")
def shipped():
    """How every case goes with the shipped model."""
    return outcomes(CASES, behaviour.of_model(load()))


def words_apart(one, other):
    """Edit distance in words, whatever their case."""
    return edit_distance(one.casefold().split(), other.casefold().split())


def twins():
    """Every two cases of one group."""
    groups = {}
    for case in CASES:
        groups.setdefault(case.group, []).append(case)
    return [pair for group in groups.values() for pair in combinations(group, 2)]


# --- the cases -----------------------------------------------------------------------------------


def test_there_are_many_cases_of_each_type_and_kind():
    assert len(CASES) >= 900
    types = Counter(case.type for case in CASES)
    assert types["MFT"] >= 600
    assert types["INV"] >= 250
    assert types["DIR"] >= 50
    assert min(Counter(case.kind for case in CASES).values()) >= 12


def test_each_kind_has_one_type():
    assert len({(case.kind, case.type) for case in CASES}) == len({case.kind for case in CASES})


def test_every_kind_is_explained_and_nothing_else():
    text = (behaviour.CASES / "README.md").read_text(encoding="utf-8").partition("## Kinds")[2]
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    named = {name: re.findall(r"[A-Z]{3}", line)[0] for line in lines for name in first_cell(line)}
    assert named == {case.kind.replace(" ", "-"): case.type for case in CASES}


def first_cell(line):
    """Names of the files in the first cell of a line of the table."""
    return re.findall(r"`([a-z-]+)`", line.split("|")[1])


def test_no_sentence_stands_twice_in_the_same_context():
    passages = Counter(tuple(passage) for case in CASES for passage in case.passages)
    assert [passage for passage, times in passages.items() if times > 1] == []


def test_pairs_are_minimal():
    pairs = [case for case in CASES if case.pair is not None]
    far = [c.id for c in pairs if words_apart(c.text, c.pair) > FARTHEST[c.type]]
    assert far == []


def test_the_two_of_a_pair_differ_in_words_or_in_context_not_in_both():
    for case in CASES:
        if case.pair is not None:
            same_context = list(case.before) == list(case.pair_before)
            assert (case.text == case.pair) != same_context, case.id


def test_twins_are_close_and_have_contrary_answers():
    found = twins()
    assert len(found) >= 250
    for one, other in found:
        assert words_apart(one.text, other.text) <= FARTHEST["MFT"], one.group
        assert (one.tone, one.voice) != (other.tone, other.voice), one.group


def test_what_a_source_says_is_labelled_reporting():
    assert {case.tone for case in CASES if case.voice == "source"} <= {"reporting", None}


VALID = {"id": "futures-01", "kind": "futures", "type": "MFT", "text": "So.", "tone": "reporting"}
PAIR = {"id": "typos-01", "kind": "typos", "type": "INV", "text": "So.", "pair": "Os."}


@pytest.mark.parametrize(
    ("stem", "row", "message"),
    [
        ("futures", VALID | {"tone": "fact"}, "unknown tone or voice 'fact'"),
        ("futures", VALID | {"voice": "me"}, "unknown tone or voice"),
        ("futures", VALID | {"tone": None}, "has a tone or a voice, and no pair"),
        ("futures", VALID | {"pair": "Is it?"}, "has a tone or a voice, and no pair"),
        ("futures", VALID | {"kind": "past"}, "kind and id follow the file's name"),
        ("futures", VALID | {"id": "futures-1"}, "kind and id follow the file's name"),
        ("futures", VALID | {"type": "TFM"}, "the types are MFT, INV and DIR, got 'TFM'"),
        ("futures", VALID | {"text": " So."}, "without white space around them"),
        ("futures", VALID | {"before": "Now."}, "before and pair_before are lists"),
        ("futures", VALID | {"colour": "red"}, "unexpected keyword argument 'colour'"),
        ("futures", [1], "must be a mapping"),
        ("typos", PAIR, "of type INV has pair and expect"),
        ("typos", PAIR | {"expect": {"opinion": "same"}}, "of type INV can't expect"),
        ("typos", PAIR | {"expect": {"tone": "higher"}}, "of type INV can't expect"),
        ("typos", PAIR | {"type": "DIR", "expect": {"tone": "higher"}}, "DIR can't expect"),
    ],
)
def test_a_line_that_breaks_the_schema_is_named(tmp_path, stem, row, message):
    (tmp_path / f"{stem}.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"^{stem}\.jsonl, line 1: .*{message}"):
        behaviour.read_cases(tmp_path)


def test_an_id_that_occurs_twice_is_named(tmp_path):
    (tmp_path / "futures.jsonl").write_text(f"{json.dumps(VALID)}\n" * 2, encoding="utf-8")
    with pytest.raises(ValueError, match=r"^futures\.jsonl, line 2: .* occurs twice"):
        behaviour.read_cases(tmp_path)


# --- how they are judged -------------------------------------------------------------------------


def answer(reporting, opinion, source=None):
    """An answer whose tones sum to 1; without a source where none is given."""
    tones = {"reporting": reporting, "opinion": opinion, "speculation": 1 - reporting - opinion}
    return tones if source is None else tones | {"source": source}


def mft(**wanted):
    return Case("x-01", "x", "MFT", "So.", **wanted)


def paired(kind, **expect):
    return Case("x-01", "x", kind, "So.", pair="Not so.", expect=expect)


@pytest.mark.parametrize(
    ("wanted", "passed"),
    [
        ({"tone": "reporting"}, True),
        ({"tone": "opinion"}, False),
        ({"voice": "source"}, True),
        ({"tone": "reporting", "voice": "source"}, True),
        ({"tone": "reporting", "voice": "author"}, False),
        ({"tone": "opinion", "voice": "source"}, False),
    ],
)
def test_a_sentence_must_get_both_its_tone_and_its_voice(wanted, passed):
    assert judge(mft(**wanted), answer(0.8, 0.1, source=0.7)).passed is passed


def test_a_system_without_voices_is_asked_for_tones_alone():
    said = answer(0.8, 0.1)
    assert judge(mft(tone="reporting", voice="source"), said).passed is True
    assert judge(mft(voice="source"), said).passed is None
    assert judge(paired("INV", source="same"), said, said) == (
        paired("INV", source="same"), None, None, None,
    )  # fmt: skip
    assert judge(paired("DIR", source="higher", opinion="lower"), answer(0.2, 0.8), said).passed


@pytest.mark.parametrize(
    ("first", "second", "passed", "flipped", "change"),
    [
        (answer(0.8, 0.1, 0.1), answer(0.8, 0.1, 0.1), True, False, 0.0),
        (answer(0.8, 0.1, 0.1), answer(0.75, 0.15, 0.1), True, False, 0.05),
        (answer(0.8, 0.1, 0.1), answer(0.6, 0.3, 0.1), False, False, 0.2),
        (answer(0.8, 0.1, 0.1), answer(0.8, 0.1, 0.4), False, False, 0.3),
        (answer(0.51, 0.49, 0.1), answer(0.49, 0.51, 0.1), False, True, 0.02),
        (answer(0.8, 0.1, 0.49), answer(0.8, 0.1, 0.51), False, True, 0.02),
    ],
)
def test_an_invariance_needs_the_same_answers_and_little_change(
    first, second, passed, flipped, change
):
    found = judge(paired("INV", tone="same", source="same"), first, second)
    assert (found.passed, found.flipped) == (passed, flipped)
    assert found.change == pytest.approx(change)


@pytest.mark.parametrize(
    ("expect", "passed"),
    [
        ({"source": "higher"}, True),
        ({"source": "lower"}, False),
        ({"opinion": "lower"}, True),
        ({"speculation": "lower"}, False),
        ({"source": "higher", "opinion": "lower"}, True),
        ({"source": "higher", "speculation": "lower"}, False),
    ],
)
def test_a_direction_needs_a_clear_change_of_all_that_is_asked_for(expect, passed):
    first, second = answer(0.2, 0.7, source=0.3), answer(0.5, 0.45, source=0.9)
    assert judge(paired("DIR", **expect), first, second).passed is passed


def test_a_flip_counts_only_where_it_was_asked_for():
    first, second = answer(0.8, 0.1, source=0.3), answer(0.1, 0.8, source=0.9)
    assert judge(paired("DIR", source="higher"), first, second).change == pytest.approx(0.6)
    assert judge(paired("INV", source="same"), first, answer(0.1, 0.8, 0.3)).flipped is False


def test_a_system_sees_each_sentence_after_those_before_it_as_one_document():
    seen = []

    def scorer(sentences, documents):
        seen.extend(zip(documents, sentences, strict=True))
        longest = np.array([len(sentence) for sentence in sentences], float)
        return Scores(np.stack((longest, 0 * longest, 0 * longest), 1))

    pair = Case(
        "x-02", "x", "DIR", "Four", before=["One"], pair="Fourteen", expect={"reporting": "higher"}
    )
    found = outcomes([mft(tone="reporting"), pair], scorer)
    assert seen == [(0, "So."), (1, "One"), (1, "Four"), (2, "Fourteen")]
    assert [(o.passed, o.change) for o in found] == [(True, None), (True, 4.0)]


def always(tone):
    """A system that gives every sentence one tone and tells no voices."""
    row = np.eye(3)[LABELS.index(tone)]
    return lambda sentences, documents: Scores(np.tile(row, (len(sentences), 1)))


def test_a_system_that_never_changes_its_answer_fails_every_direction_and_passes_every_swap():
    kinds = behaviour.by_kind(outcomes(CASES, always("reporting")))
    assert kinds["INV"]["all"][1:4] == pytest.approx((1, np.nan, 0), nan_ok=True)
    assert kinds["DIR"]["all"].passed == 0
    for kind in ("futures", "verdicts", "superlatives", "conditionals"):
        assert kinds["MFT"][kind][1:3] == pytest.approx((0.5, 0))


def test_figures_by_hand():
    def case(name, kind="x"):
        return Case(name, kind, "MFT", "So.", tone="reporting")

    found = [
        behaviour.Outcome(case("x-01a"), True),
        behaviour.Outcome(case("x-01b"), True),
        behaviour.Outcome(case("x-02a"), True),
        behaviour.Outcome(case("x-02b"), False),
        behaviour.Outcome(case("x-03"), None),
        behaviour.Outcome(paired("INV", tone="same"), False, True, 0.6),
        behaviour.Outcome(paired("INV", tone="same"), True, False, 0.0),
    ]
    assert figures(found[:5])[:3] == (4, 0.75, 0.5)
    assert figures(found[5:])[0:2] == (2, 0.5)
    assert figures(found[5:])[3:] == pytest.approx((0.5, 0.3))
    assert np.isnan(figures([])[1:]).all()


# --- the shipped model ---------------------------------------------------------------------------


def test_swapping_names_changes_no_probability_by_one_bit(shipped):
    swapped = [outcome for outcome in shipped if outcome.case.kind in SWAPS]
    assert len(swapped) >= 140
    assert [o.case.id for o in swapped if o.change != 0] == []


def test_the_shipped_model_fails_no_case_that_is_not_listed(shipped):
    new = set(behaviour.failures(shipped)) - set(behaviour.known_failures())
    assert not new, AGAIN


def test_the_shipped_model_fails_every_case_that_is_listed(shipped):
    gone = set(behaviour.known_failures()) - set(behaviour.failures(shipped))
    assert not gone, AGAIN


AGAIN = "If that is meant, run `python -m benchmarks.behaviour --write-known-failures`."


def test_the_list_of_failures_is_written_as_it_is_read(tmp_path, monkeypatch, capsys, shipped):
    path = tmp_path / "known-failures.txt"
    monkeypatch.setattr(behaviour, "KNOWN_FAILURES", path)
    monkeypatch.setattr("sys.argv", ["behaviour", "--write-known-failures"])
    behaviour.main()
    assert behaviour.known_failures(path) == behaviour.failures(shipped)
    assert "| DIR | all |" in capsys.readouterr().out


def test_figures_are_kept_as_json(tmp_path, monkeypatch, capsys):
    path = tmp_path / "figures.json"
    monkeypatch.setattr("sys.argv", ["behaviour", "--json", str(path)])
    behaviour.main()
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["INV"]["name swap"]["change"] == 0
    assert kept["INV"]["name swap"]["twins"] is None
    assert sum(kept[name]["all"]["cases"] for name in kept) == len(CASES)


def test_failures_of_another_model_are_not_listed_as_known(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["b", "--write-known-failures", "--model", "folder"])
    with pytest.raises(SystemExit, match="2"):
        behaviour.main()
    assert "leave out --model" in capsys.readouterr().err
