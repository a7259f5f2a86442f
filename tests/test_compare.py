"""The comparison of models, on tasks and models made by hand, without data or extra packages."""

import importlib.util
import json
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

if importlib.util.find_spec("benchmarks") is None or importlib.util.find_spec("training") is None:
    pytest.skip("benchmarks/ isn't part of this installation", allow_module_level=True)

from benchmarks import (
    behaviour,
    compare,
    contest,
    costs,
    duplicates,
    folds,
    leaks,
    models,
    page,
    rivals,
    tables,
    tasks,
    verdicts,
)
from tonelens import LABELS
from tonelens.evaluation.intervals import Estimate, Resamples
from tonelens.evaluation.metrics import auc, macro_f1

HEDGED = ["It may snow.", "Rain could fall.", "They might win.", "Rates may fall."]
PRAISED = ["What a disgrace!", "A shameful deal!", "An absurd idea!", "What a farce!"]
PLAIN = ["It rained.", "The vote was held.", "Two ships left.", "The shop closed."]
TONES = [tone for row in zip(*[[t] * 4 for t in LABELS], strict=True) for tone in row]
TEXTS = [text for row in zip(PLAIN, PRAISED, HEDGED, strict=True) for text in row]


class ByWord:
    """Opinion for an exclamation mark, speculation for a modal verb; it came trained."""

    classes_ = ("opinion", "speculation", "reporting")
    trained_on = ("labels/test.jsonl.gz",)

    def predict_proba(self, sentences):
        rows = []
        for text in sentences:
            opinion, guess = "!" in text, any(w in text for w in ("may", "could", "might"))
            rows.append(
                (0.8, 0.1, 0.1) if opinion else (0.1, 0.8, 0.1) if guess else (0.1, 0.1, 0.8)
            )
        return np.array(rows)


def data(name="people", file="human/people.jsonl.gz"):
    return tasks.DataSet(name, file, "0" * 64, "CC0", "written for this test", {})


def question(name="q", asks=(), **changed):
    facts = {"name": name, "title": "Title", "set": "people", "field": "tone", "limits": "All."}
    return tasks.Question(**(facts | {"asks": asks} | changed))


def sentences(texts=TEXTS, each=3):
    return [
        tasks.Sentence(
            text, article=f"a{i // each}", outlet=f"o{i // each % 3}", year=2000 + i // each
        )
        for i, text in enumerate(texts)
    ]


def tone_task(name="test-tone", set_=None):
    return tasks.Task(question(name), set_ or data(), sentences(), list(TONES))


def yes_task(name="subjective", asks=("opinion", "speculation")):
    answers = ["no" if tone == "reporting" else "yes" for tone in TONES]
    return tasks.Task(question(name, asks), data(), sentences(), answers)


def taught():
    trained = data(tasks.TRAINING, "labels/train.jsonl.gz")
    voices = ["yes" if i % 2 else "no" for i in range(12)]
    return contest.Lessons(
        tone_task("train-tone", trained),
        tasks.Task(question("train-voice", ("source",)), trained, sentences(), voices),
    )


def contestant(name, make):
    return contest.Contestant(models.Entry(name, make), taught())


# Tasks


def test_a_sentence_is_a_string_that_survives_being_sent_to_another_process():
    import pickle

    one = tasks.Sentence("It rained.", article="a", outlet="o", year=2001)
    back = pickle.loads(pickle.dumps(one))
    assert (back, back.article, back.outlet, back.year) == ("It rained.", "a", "o", 2001)
    assert back.passage == one.passage
    assert isinstance(one, str)


def test_rows_become_sentences_answers_and_context():
    asked = question(asks=("opinion",), field="extra.label", yes=["S"], no=["O"])
    fields = {"article": "doc", "outlet": "extra.outlet", "date": "when"}
    set_ = tasks.DataSet("people", "f", "0", "CC0", "o", fields)
    rows = [
        {"text": "One.", "doc": "d", "when": "31/05/2024", "extra": {"label": "S", "outlet": "P"}},
        {"text": "Two.", "doc": None, "extra": {"label": "unsure"}},
        {"text": "Six.", "doc": "d", "extra": {"label": "O"}},
    ]
    task = tasks.task_of(asked, set_, rows)
    assert task.answers == ["yes", None, "no"]
    assert (task.asked, task.labels, task.gold.tolist()) == (
        ["One.", "Six."],
        ["yes", "no"],
        [1, 0],
    )
    assert [s.article for s in task.sentences] == ["d", "people 1", "d"]
    assert (task.sentences[0].year, task.sentences[0].outlet) == (2024, "P")
    assert len({s.passage for s in task.sentences}) == 3


def test_a_task_is_cut_to_whole_articles_the_same_ones_each_time():
    cut = tone_task().drawn(5)
    assert len(cut.asked) == 6
    assert [
        len([s for s in cut.asked if s.article == a]) for a in {s.article for s in cut.asked}
    ] == [3, 3]
    assert cut.asked == tone_task().drawn(5).asked
    assert tone_task().drawn(None).asked == tone_task().drawn(99).asked == TEXTS


def test_the_registry_names_a_set_for_each_task_and_says_what_it_leaves_open():
    sets, questions = tasks.registry()
    for one in questions.values():
        assert one.set in sets
        assert one.limits.endswith(".")
        assert not set(one.yes) & set(one.no)
        assert set(one.asks) <= {*LABELS, "source"}
        assert bool(one.asks) == bool(one.yes) == bool(one.no)
    assert all(len(one.sha256) == 64 and one.licence for one in sets.values())


def test_a_file_that_isnt_the_one_meant_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("TONELENS_DATA", str(tmp_path))
    (tmp_path / "human").mkdir()
    (tmp_path / "human" / "other.gz").write_bytes(b"other")
    with pytest.raises(
        SystemExit, match=r"has SHA-256 d9298a10d1b0…, tasks.json means 000000000000…"
    ):
        tasks.check(data(file="human/other.gz"))
    with pytest.raises(SystemExit, match=r"is missing\. Put it there, or name a copy"):
        tasks.check(data(file="human/missing.gz"))


def test_files_are_fetched_from_a_copy_and_believed_by_their_checksum(tmp_path, monkeypatch):
    pytest.importorskip("pooch", reason="fetching needs pooch")
    import hashlib
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    (tmp_path / "copy" / "human").mkdir(parents=True)
    (tmp_path / "copy" / "human" / "people.gz").write_bytes(b"rows")
    good = tasks.DataSet("p", "human/people.gz", hashlib.sha256(b"rows").hexdigest(), "", "", {})
    bad = tasks.DataSet("p", "human/people.gz", "0" * 64, "", "", {})
    monkeypatch.setenv("TONELENS_DATA", "")
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Silent, directory=tmp_path / "copy")
    ) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(tasks, "registry", lambda: ({"p": good}, {}))
        kept = tasks.fetch(address, tmp_path / "kept")
        assert (kept / "human" / "people.gz").read_bytes() == b"rows"
        assert tasks.data_folder() == kept
        monkeypatch.setattr(tasks, "registry", lambda: ({"p": bad}, {}))
        with pytest.raises(ValueError, match="hash"):
            tasks.fetch(address, tmp_path / "again")
        server.shutdown()


# Splits


@pytest.mark.parametrize(("by", "attribute"), [("outlet", "outlet"), ("document", "article")])
def test_no_group_is_trained_on_and_tested(by, attribute):
    rows = sentences()
    tested = []
    for train, test in folds.folds(rows, by, 3):
        one, two = ({getattr(rows[i], attribute) for i in part} for part in (train, test))
        assert not one & two
        tested += test.tolist()
    assert sorted(tested) == list(range(12))


def test_the_split_by_time_trains_on_the_past():
    rows = [*sentences(), tasks.Sentence("Undated.")]
    [(train, test)] = folds.folds(rows, "time", 3)
    assert max(rows[i].year for i in train) < min(rows[i].year for i in test)
    assert sorted([*train, *test]) == list(range(12))


def test_a_random_split_parts_articles_and_is_the_same_each_time():
    rows = sentences()
    once = [test.tolist() for _, test in folds.folds(rows, "random", 3)]
    assert once == [test.tolist() for _, test in folds.folds(rows, "random", 3)]
    assert any(len({rows[i].article for i in test}) > len(test) // 3 for test in once)


def test_topics_are_those_that_the_set_names():
    rows = [tasks.Sentence(str(i), article=str(i), topic="abc"[i % 3]) for i in range(9)]
    for train, test in folds.folds(rows, "topic", 3):
        assert not {rows[i].topic for i in train} & {rows[i].topic for i in test}


def test_topics_are_found_where_the_set_names_none():
    rng = np.random.default_rng(0)
    subjects = [[f"{subject}{i}" for i in range(40)] for subject in ("ship", "goal", "tax")]
    rows = [
        tasks.Sentence(" ".join(rng.choice(subjects[i % 3], 9)), article=str(i))
        for i in range(30)
        for _ in range(2)
    ]
    assert folds.possible(rows, "topic") == "topic"
    found = folds.groups(rows, "topic")
    assert found[::2] == found[1::2]


@pytest.mark.parametrize("by", folds.SPLITS)
def test_a_split_that_the_sentences_dont_tell_gives_way(by):
    alone = [tasks.Sentence(text) for text in TEXTS]
    assert folds.possible(alone, by) == "random"
    together = [tasks.Sentence(text, article=f"a{i // 3}") for i, text in enumerate(TEXTS)]
    assert folds.possible(together, by) == ("random" if by == "random" else "document")


# Near-duplicates


def test_near_duplicates_are_found_and_no_others():
    text = (
        "The town council voted five to four to lengthen the old eastern breakwater by 340 metres"
    )
    near = text.replace("340", "350")
    far = "The ferry that sank off the island last week had been inspected only a month before"
    likeness = duplicates.closest([text, far, "It rained again."], [near, "It rained again."])
    assert likeness[0] == pytest.approx(13 / 15) or likeness[0] > duplicates.NEAR
    assert likeness[1:].tolist() == [0, 0]
    assert duplicates.closest([text], ["Other words stand here, many of them."] * 3 + [text]) == [1]


def test_near_duplicates_are_found_as_often_as_promised():
    rng = np.random.default_rng(0)
    words = np.array([f"word{i}" for i in range(5000)])
    rows = [rng.choice(words, 24, replace=False).tolist() for _ in range(300)]
    changed = [" ".join([*row[:5], "other", *row[6:]]) for row in rows]
    found = duplicates.closest([" ".join(row) for row in rows], changed)
    exact = 21 / 25  # two of 23 pairs are others
    assert (found >= duplicates.NEAR).mean() > 0.97
    assert found[found > 0] == pytest.approx(exact)


def test_nothing_is_near_nothing():
    assert duplicates.closest([], ["It rained."]).tolist() == []
    assert duplicates.closest(["It rained on the town."], []).tolist() == [0]


# Models


def test_columns_are_taken_by_their_names():
    found = models.probabilities(ByWord(), ["It may rain."], ("speculation", "reporting", "none"))
    assert found.tolist() == [[0.8, 0.1, 0.0]]


def test_probabilities_of_another_shape_are_refused():
    wrong = SimpleNamespace(predict_proba=lambda texts: np.ones((len(texts), 2)))
    with pytest.raises(ValueError, match=r"gave an array \(1, 2\).*wanted \(1, 3\)"):
        models.probabilities(wrong, ["It rained."], LABELS)


def test_the_users_model_is_made_by_its_factory(monkeypatch):
    module = ModuleType("mine")
    module.make, module.nothing = ByWord, dict
    monkeypatch.setitem(sys.modules, "mine", module)
    entry = models.own("mine:make")
    assert (entry.name, type(entry.make())) == ("mine:make", ByWord)
    with pytest.raises(SystemExit, match="makes dict, which has no predict_proba"):
        models.own("mine:nothing")
    with pytest.raises(SystemExit, match="Wanted module:factory"):
        models.own("mine:missing")
    with pytest.raises(SystemExit, match="Wanted module:factory"):
        models.own("mine")


def test_models_without_their_package_are_skipped_with_the_reason():
    entries = [models.Entry("here", ByWord), models.Entry("there", ByWord, ("no_such_package",))]
    kept, notes = models.available(entries)
    assert [entry.name for entry in kept] == ["here"]
    assert notes == ["there: skipped, no_such_package isn't installed."]


def test_the_shipped_model_declares_what_it_was_trained_on():
    model = models.ENTRIES[0].make()
    assert models.saw(model, "labels/train.jsonl.gz")
    assert not models.saw(model, "labels/test.jsonl.gz")
    assert models.training(model).endswith("of teachers")


@pytest.mark.parametrize(
    "make",
    [
        rivals.majority, rivals.OutletLookUp, rivals.of_length, rivals.of_quotation_mark,
        rivals.of_word_lists, rivals.own_features,
    ],
)  # fmt: skip
def test_a_rival_learns_any_answers_and_gives_probabilities(make):
    task = yes_task()
    model = make()
    model.fit(task.asked * 3, task.labels * 3)
    found = models.probabilities(model, task.asked, ("no", "yes"))
    assert found.shape == (12, 2)
    assert found.sum(1) == pytest.approx(np.ones(12))


def test_the_outlet_look_up_reads_no_text_and_knows_no_new_outlet():
    known = [tasks.Sentence("x", outlet="left"), tasks.Sentence("y", outlet="right")] * 9
    model = rivals.OutletLookUp().fit(known, ["opinion", "reporting"] * 9)
    found = model.predict_proba([tasks.Sentence("y", outlet="left"), tasks.Sentence("x")])
    assert found[0].argmax() == model.classes_.index("opinion")
    assert found[1].tolist() == [0.5, 0.5]


def test_listed_words_are_counted():
    assert rivals.listed_words(["Perhaps it may.", "An awful, awful day."]).round(2).tolist() == [
        [1.1, 0.0], [0.0, 1.1]
    ]  # fmt: skip


# The contest


def test_a_trained_model_answers_questions_by_the_tones_they_ask_for():
    found = contestant("own", ByWord).predict(yes_task())
    assert found.probabilities[:3, 1].round(6).tolist() == [0.2, 0.9, 0.9]
    assert (found.folds, found.seen, found.training) == (False, False, "labels/test.jsonl.gz")


def test_a_task_that_a_model_says_it_saw_is_marked():
    seen = contestant("own", ByWord).predict(
        tone_task(set_=data("labels/test", "labels/test.jsonl.gz"))
    )
    assert seen.seen
    assert tables.named(seen)[0] == "own †"


def test_a_model_that_tells_no_voices_is_not_asked_for_them():
    assert contestant("own", ByWord).predict(yes_task("voice", ("source",))) is None
    assert (
        contestant("length", rivals.of_length).predict(yes_task("voice", ("source",))) is not None
    )


def test_in_folds_each_sentence_is_answered_by_a_model_that_saw_neither_it_nor_its_group():
    told = []

    class Spy(rivals.OutletLookUp):
        def fit(self, sentences, answers):
            told.append({s.outlet for s in sentences})
            return super().fit(sentences, answers)

        def predict_proba(self, sentences):
            assert not told[-1] & {s.outlet for s in sentences}
            return super().predict_proba(sentences)

    fold = contest.Fold(models.Entry("spy", Spy), yes_task(), "outlet", 3)
    found = fold.predict()
    assert len(told) == 3
    assert found.folds
    assert not np.isnan(found.probabilities).any()


def test_sentences_that_a_split_leaves_out_have_no_figure():
    fold = contest.Fold(models.Entry("m", rivals.majority), tone_task(), "time", 3)
    found = fold.predict().probabilities
    assert np.isnan(found[:, 0]).tolist() == [True] * 6 + [False] * 6


def test_only_those_that_learn_take_part_in_folds():
    both = [contestant("own", ByWord), contestant("majority", rivals.majority)]
    found = list(contest.in_folds(both, [yes_task()], "outlet", 2, 1))
    assert [one.model for one in found] == ["majority"]
    trained = list(contest.as_trained(both, [taught().tones, yes_task()]))
    assert [(one.model, one.task) for one in trained] == [
        ("own", "train-tone"), ("own", "subjective"), ("majority", "subjective")
    ]  # fmt: skip


def test_any_model_is_put_to_the_behavioural_cases():
    cases = [behaviour.Case("a-01", "a", "MFT", "It may rain.", tone="speculation", voice="author")]
    [outcome] = behaviour.outcomes(cases, contestant("own", ByWord).score)
    assert outcome.passed


# Figures


def predictions(task, **given):
    return [
        contest.Prediction(n, task.question.name, "t", False, False, p) for n, p in given.items()
    ]


def test_verdicts_on_questions_are_those_of_the_package_and_say_who_is_surely_ahead():
    task = yes_task()
    task = tasks.Task(task.question, task.data, sentences(TEXTS * 20), task.answers * 20)
    right = np.stack((task.gold == 0, task.gold == 1), 1).astype(float)
    even = np.full_like(right, 0.5)
    own, rival = verdicts.yes_verdicts(task, predictions(task, tonelens=even, rival=right), 200)
    draws = Resamples([s.article for s in task.asked], draws=200)
    assert rival.auc == auc(draws, task.gold == 1, right[:, 1])
    assert rival.macro_f1 == macro_f1(draws, task.gold, task.gold, (0, 1))
    assert (rival.mark, own.mark) == ("+", "")
    assert rival.behind.value == pytest.approx(-0.5)


def test_tones_are_compared_with_the_first_model():
    task = tone_task()
    right = np.eye(3)[task.gold]
    first, second = verdicts.tone_verdicts(
        task, predictions(task, tonelens=right, other=np.roll(right, 1, 1)), 100
    )
    assert first.comparison is None
    assert first.figures.macro_f1.value == 1
    assert second.comparison.difference.value == 1
    assert second.comparison.only_a_right == 12


def test_a_split_counts_only_what_it_tested():
    task = tone_task()
    half = np.eye(3)[task.gold]
    half[:6] = np.nan
    [one] = predictions(task, m=half)
    assert verdicts.fold_figure(task, one, 50).value == 1


# All of it


@pytest.fixture(scope="module")
def found():
    """A whole comparison of three models on three tasks."""
    entries = [
        models.Entry("tonelens", models.ENTRIES[0].make),
        models.Entry("majority", rivals.majority),
        models.Entry("word lists", rivals.of_word_lists),
    ]
    trained = taught()
    given = {"test-tone": tone_task(), "subjective": yes_task(), "train-tone": trained.tones}
    size = compare.Size(None, 10, 2, 6, slow=False, text=False)
    spent = dict.fromkeys(
        ["tonelens", "majority", "word lists"], costs.Costs(1, 2, 3, 4, True, False)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "costs", lambda *_: spent)
        result, kept = compare.compared(entries, given, trained, size, "outlet", 1)
    result.notes.append("A note.")
    return result, kept


def test_every_table_has_a_row_a_model_and_equally_long_rows(found):
    shown = list(page.blocks(found[0]))
    for block in shown:
        if isinstance(block, list):
            assert len({len(row) for row in block}) == 1
            assert len(block) > 1
    text = "\n".join(page.as_markdown(shown))
    assert text.startswith("A note.")
    for name in ("tonelens", "majority", "word lists"):
        assert f"| {name}" in text
    assert "| tonelens † |" not in text
    assert "seen †" in text
    assert "nan" not in text.lower().replace("finance", "")


def test_near_duplicates_between_training_and_tasks_are_counted(found):
    long = [len(text.split()) >= duplicates.FEWEST for text in TEXTS]
    assert found[0].leaks["test-tone"].in_training == (sum(long), sum(long))
    assert found[0].leaks["test-tone"].in_text is None
    assert found[0].leaks["train-tone"].in_training is None
    assert leaks.counted([0.1, 0.75, 1.0]) == (2, 1)


def test_a_model_that_isnt_there_is_refused_with_those_that_are():
    entries = [models.Entry("one", ByWord), models.Entry("two", ByWord)]
    assert [entry.name for entry in compare.only(entries, ["two"])] == ["two"]
    with pytest.raises(
        SystemExit, match=r"--only three: no such model here\. Choose from one, two"
    ):
        compare.only(entries, ["three"])


def test_json_holds_every_prediction_and_no_nan(found):
    kept = json.loads(json.dumps(compare.to_dict(*found), allow_nan=False))
    task = kept["tasks"][1]
    assert len(task["sentences"]) == 12
    assert {(p["model"], len(p["probabilities"])) for p in task["predictions"]} == {
        ("tonelens", 12), ("majority", 12), ("word lists", 12)
    }  # fmt: skip
    assert kept["test"][1]["comparison"]["difference"]["value"] is not None


def test_the_page_is_one_file_with_every_model(found):
    shown = [*page.blocks(found[0]), tables.cells(found[0].questions)]
    html = page.as_page(shown, found[0].tones)
    assert html.count("<svg") == 2 * 3
    assert "http" not in html
    assert "<script" not in html
    assert html.count("<h3>") == 3


def test_a_cell_is_marked_where_it_is_sure():
    one = contest.Prediction("m", "q", "t", True, False, np.zeros((1, 2)))
    good, lead = Estimate(0.9, 0.8, 1), Estimate(-0.2, -0.3, -0.1)
    sure = verdicts.YesVerdict(one, 9, good, good, lead, 0.01)
    assert sure.mark == "+"
    assert sure._replace(behind=Estimate(0.2, 0.1, 0.3)).mark == "−"
    assert sure._replace(p_value=0.2).mark == ""


def test_the_same_bits_are_told_from_others():
    class Drifting(ByWord):
        def predict_proba(self, sentences):
            return super().predict_proba(sentences)[:, [0, 1, 2]] * [1, 1, len(sentences[0])]

    same = costs.same_bits(models.Entry("m", ByWord), taught(), sentences())
    assert same == (True, True)
    assert costs.same_bits(models.Entry("m", Drifting), taught(), sentences()) == (True, False)


def test_a_model_is_trained_and_scored_in_a_process_of_its_own():
    one = contestant("majority", rivals.majority)
    found = costs.footprint(one, sentences())
    assert found["peak"] > 1e6
    assert found["start"] > 0
