"""`evaluate`: figures, groups, warnings and the log, and how they are shown."""

import json
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, confusion_matrix, f1_score, roc_auc_score

import tonelens
from tonelens.errors import InputError
from tonelens.evaluation import Labelled, LabelledSentence, evaluate
from tonelens.evaluation.page import page
from tonelens.evaluation.table import table
from tonelens.labels import LABELS
from tonelens.results import ToneScores

N = 240
RNG = np.random.default_rng(0)
GOLD = RNG.choice(3, N, p=[0.6, 0.25, 0.15])
# Right more often in the Packet than in the Herald, and sure of it.
RIGHT = RNG.random(N) < np.where(np.arange(N) < 120, 0.95, 0.6)
GUESS = np.where(RIGHT, GOLD, (GOLD + RNG.integers(1, 3, N)) % 3)
GIVEN = np.eye(3)[GUESS] * 0.6 + RNG.dirichlet([1, 1, 1], N) * 0.4
WEIGHT = RNG.uniform(1, 9, N)


def rows(**known):
    """Labelled sentences, 4 an article; `known` overrides, a value or a list of N."""
    fields = {
        "text": ["It rained." if i % 2 else "“It rained,” she said." for i in range(N)],
        "tone": [LABELS[k] for k in GOLD],
        "article": [f"a{i // 4}" for i in range(N)],
        "outlet": ["Packet" if i < 120 else "Herald" for i in range(N)],
        "position": [i % 4 + 1 for i in range(N)],
        "year": 2024,
    } | known  # fmt: skip
    columns = {k: v if isinstance(v, list) else [v] * N for k, v in fields.items()}
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def labelled(**known):
    return Labelled(tuple(LabelledSentence(**row) for row in rows(**known)))


@pytest.fixture(scope="module")
def evaluation():
    return evaluate(GIVEN, labelled())


def groups(evaluation, by):
    return {one.group: one.figures for one in evaluation.slices if one.by == by}


# Figures


@pytest.mark.parametrize("weight", [np.ones(N), WEIGHT], ids=["even", "weighted"])
def test_figures_are_those_of_scikit_learn(weight):
    found = evaluate(GIVEN, labelled(weight=weight.tolist()))
    overall, known = found.overall, {"sample_weight": weight}
    assert overall.macro_f1.value == pytest.approx(f1_score(GOLD, GUESS, average="macro", **known))
    assert overall.auc.value == pytest.approx(
        roc_auc_score(GOLD, GIVEN, multi_class="ovr", **known)
    )
    assert np.array(found.confusion) == pytest.approx(confusion_matrix(GOLD, GUESS, **known))
    squares = [brier_score_loss(k == GOLD, GIVEN[:, k], **known) for k in range(3)]
    assert overall.brier_score.value == pytest.approx(sum(squares))


def test_shares_and_their_errors_are_weighted():
    found = evaluate(GIVEN, labelled(weight=WEIGHT.tolist())).overall.tones
    for k, tone in enumerate(LABELS):
        share = np.average(k == GOLD, weights=WEIGHT)
        counted = np.average(k == GUESS, weights=WEIGHT)
        assert found[tone].share.value == pytest.approx(share)
        assert found[tone].prevalence_error.value == pytest.approx(counted - share)
        assert found[tone].sentences == (k == GOLD).sum()


def test_weights_that_undo_uneven_drawing_give_the_corpus_figures():
    # Every opinion is in the sample, and of the rest every fourth, which stands for four.
    drawn = np.flatnonzero((GOLD == 1) | (np.arange(N) % 4 == 0))
    sample = labelled().where(np.isin(np.arange(N), drawn))
    weighed = labelled(weight=[1.0 if k == 1 else 4.0 for k in GOLD])
    weighed = weighed.where(np.isin(np.arange(N), drawn))
    truth = np.mean(GOLD == 1)
    plain, fair = (evaluate(GIVEN[drawn], one).overall for one in (sample, weighed))
    assert abs(fair.tones["opinion"].share.value - truth) < 0.03
    assert plain.tones["opinion"].share.value - truth > 0.2


def test_sentences_and_articles_are_counted(evaluation):
    assert (evaluation.overall.sentences, evaluation.overall.articles) == (N, 60)
    assert evaluation.calibration.sentences == N


def test_rows_without_a_tone_are_context_alone():
    tones = [None if i % 3 else LABELS[k] for i, k in enumerate(GOLD)]
    found = evaluate(GIVEN, labelled(tone=tones))
    kept = np.arange(N) % 3 == 0
    assert found.without_tone == N - kept.sum()
    assert found.overall == evaluate(GIVEN[kept], labelled().where(kept)).overall


def test_clusters_may_be_given_and_decide_the_intervals(evaluation):
    alone = evaluate(GIVEN, labelled(), clusters=list(range(N)))
    assert alone.overall.articles == N
    assert alone.overall.macro_f1.value == evaluation.overall.macro_f1.value
    assert alone.overall.macro_f1 != evaluation.overall.macro_f1


def test_voices_are_measured_where_they_are_labelled_and_told():
    voices = [("author", "source", None)[i % 3] for i in range(N)]
    source = np.where(np.arange(N) % 3 == 1, 0.8, 0.3).astype(np.float32)
    given = ToneScores(GIVEN.astype(np.float32), source)
    found = evaluate(given, labelled(voice=voices)).overall.voice
    assert (found.sentences, found.f1.value, found.auc.value) == (80, 1, 1)
    assert evaluate(GIVEN, labelled(voice=voices)).overall.voice is None
    assert evaluate(given, labelled()).overall.voice is None


def test_annotators_are_compared_by_their_votes():
    votes = [(LABELS[k], LABELS[k if i % 5 else 0]) for i, k in enumerate(GOLD)]
    found = evaluate(GIVEN, labelled(votes=votes)).agreement
    assert found.sentences == N
    assert 0.7 < found.alpha < 0.95


def test_agreement_counts_each_sentence_once_and_says_so():
    votes = [(LABELS[k], LABELS[k if i % 5 else 0]) for i, k in enumerate(GOLD)]
    even, weighed = (
        evaluate(GIVEN, labelled(votes=votes, weight=w)) for w in (1.0, WEIGHT.tolist())
    )
    assert weighed.agreement == even.agreement
    assert f"on {N} sentences, unweighted; Cohen's kappa" in table(weighed, name="a.csv")
    assert f"on {N} sentences, unweighted; Cohen&#x27;s kappa" in page(weighed, name="a.csv")


def test_the_shipped_model_is_asked_in_context():
    texts = ["“We came late.", "We saw nothing.", "It was a disgrace,” she said."]
    alone = Labelled.of(texts, ["reporting"] * 3)
    together = Labelled(tuple(LabelledSentence(t, tone="reporting", article="a") for t in texts))
    whole = tonelens.score_sentences(texts, documents=[0] * 3)
    found = evaluate(tonelens.load(), together)
    assert np.array_equal(found.answers.source, whole.source_probability.astype(float))
    assert not np.array_equal(found.answers.source, evaluate(tonelens.load(), alone).answers.source)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"groups": {"desk": ["news"]}}, "1 values of desk for 240 rows"),
        ({"clusters": [1, 2]}, "2 values of clusters for 240 rows"),
    ],
)
def test_a_value_for_each_row_is_wanted(options, words):
    with pytest.raises(InputError, match=words):
        evaluate(GIVEN, labelled(), **options)


@pytest.mark.parametrize(
    "rows", [[{"text": "It rained.", "tone": "reporting"}], "labels.csv", None]
)
def test_anything_but_labelled_sentences_is_refused_with_the_way_to_them(rows):
    words = (
        rf"evaluate\(\) takes labelled sentences as Labelled, got {type(rows).__name__}\. .*read"
    )
    with pytest.raises(InputError, match=words):
        evaluate(GIVEN, rows)


def test_groups_that_are_no_mapping_are_refused():
    with pytest.raises(InputError, match=r"takes groups as a mapping .*, got list"):
        evaluate(GIVEN, labelled(), groups=["city"] * N)


@pytest.mark.parametrize("values", [5, None, "x" * N])
def test_values_that_are_no_list_are_refused(values):
    with pytest.raises(InputError, match=r"evaluate\(\) takes a list of desk, a value a row, got"):
        evaluate(GIVEN, labelled(), groups={"desk": values})


def test_labels_without_a_tone_are_refused():
    with pytest.raises(InputError, match="no row has a tone"):
        evaluate(GIVEN, labelled(tone=None))


def test_one_sentence_alone_can_be_evaluated():
    found = evaluate([[0.2, 0.6, 0.2]], Labelled.of(["What a farce!"], ["opinion"]))
    assert found.overall.accuracy.value == 1
    assert np.isnan(found.overall.accuracy.low)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["sentences"] == 1
    assert table(found, name="a.csv")
    assert page(found, name="a.csv")


# Groups


def test_groups_have_the_figures_of_their_sentences(evaluation):
    packet = groups(evaluation, "outlet")["Packet"]
    alone = evaluate(GIVEN[:120], labelled().where(np.arange(N) < 120)).overall
    assert packet.accuracy == alone.accuracy
    assert packet.tones == alone.tones


def test_all_ways_to_group_are_there(evaluation):
    assert set(groups(evaluation, "quotation")) == {"with a quotation", "without a quotation"}
    assert set(groups(evaluation, "position")) == {"first 3 sentences", "sentences 4 to 10"}
    assert groups(evaluation, "year") == {}  # all of one year
    texts = ["word " * length for length in (5, 15, 25, 45)] * 60
    found = evaluate(GIVEN, labelled(text=texts, year=[2020 + i % 2 for i in range(N)]))
    assert set(groups(found, "year")) == {"2020", "2021"}
    assert set(groups(found, "length")) == {
        "up to 10 words", "11 to 20 words", "21 to 35 words", "over 35 words",
    }  # fmt: skip


def test_further_groups_may_be_given_and_some_rows_be_in_none():
    found = evaluate(GIVEN, labelled(), groups={"desk": ["city"] * 60 + [None] * 180})
    assert {name: f.sentences for name, f in groups(found, "desk").items()} == {"city": 60}


@pytest.mark.parametrize("by", ["source", "length", "quotation"])
def test_groups_of_a_name_that_is_taken_are_refused(by):
    with pytest.raises(InputError, match=f"groups named '{by}', which it makes itself. Name them"):
        evaluate(GIVEN, labelled(), groups={by: ["city"] * N})


def test_marks_of_inches_are_no_quotation():
    texts = ['He has a 6" ruler.', '"We have one," she said.'] * (N // 2)
    found = groups(evaluate(GIVEN, labelled(text=texts)), "quotation")
    counts = {name: one.sentences for name, one in found.items()}
    assert counts == {"with a quotation": N // 2, "without a quotation": N // 2}


def test_small_groups_and_groups_of_few_articles_are_not_shown():
    outlets = ["Packet"] * 200 + ["Herald"] * 19 + ["Echo"] * 21
    articles = [f"a{i // 4}" for i in range(219)] + ["b"] * 21
    found = evaluate(GIVEN, labelled(outlet=outlets, article=articles))
    assert set(groups(found, "outlet")) == {"Packet"}


def test_macro_f1_of_a_group_is_over_the_tones_that_have_ten_sentences_there():
    tones = ["reporting" if i % 2 else "opinion" for i in range(N)]
    tones[:2] = ["speculation"] * 2
    found = groups(evaluate(GIVEN, labelled(tone=tones)), "outlet")["Packet"]
    f1 = [found.tones[tone].f1.value for tone in LABELS[:2]]
    assert found.macro_f1.value == pytest.approx(np.mean(f1))


def test_the_worst_group_is_named(evaluation):
    assert (evaluation.worst.by, evaluation.worst.group) == ("outlet", "Herald")


def test_no_group_is_called_worst_where_none_surely_is():
    assert evaluate(np.eye(3)[GOLD], labelled()).worst is None


def test_a_group_that_is_only_the_lowest_of_many_is_not_called_worst():
    # Twelve outlets of five articles, all told alike; chance alone leaves some low.
    outlets = [f"Outlet {i // 20}" for i in range(N)]
    right = np.random.default_rng(3).random(N) < 0.7
    found = evaluate(np.eye(3)[np.where(right, GOLD, (GOLD + 1) % 3)], labelled(outlet=outlets))
    lowest = min(groups(found, "outlet").values(), key=lambda one: one.accuracy.high)
    assert lowest.accuracy.high < found.overall.accuracy.value
    assert found.worst is None
    assert "No group is surely told worse than the rest." in table(found, name="a.csv")


def test_each_group_says_how_far_it_is_from_the_rest_and_whether_by_chance(evaluation):
    herald = next(one for one in evaluation.slices if one.group == "Herald")
    packet = groups(evaluation, "outlet")["Packet"]
    gap = herald.figures.accuracy.value - packet.accuracy.value
    assert herald.gap.accuracy.value == pytest.approx(gap)
    assert herald.gap.accuracy.high < 0
    assert herald.gap.p_value < 0.001
    assert next(one for one in evaluation.slices if one.group == "Packet").gap.p_value == 1


# Warnings


def warned(evaluation, words):
    return any(words in warning for warning in evaluation.warnings)


def test_a_good_model_on_enough_labels_gets_no_warning():
    sure = np.eye(3)[GOLD] * 0.98 + 0.02 / 3
    assert evaluate(sure, labelled()).warnings == ()


@pytest.mark.parametrize(
    ("given", "known", "words"),
    [
        (GIVEN, {"article": None}, "No row names its article"),
        (GIVEN, {"article": [f"a{i // 20}" for i in range(N)]}, "Only 12 articles"),
        (GIVEN, {"tone": ["reporting"] * 238 + ["opinion"] * 2}, "Only 2 sentences of opinion"),
        (
            GIVEN,
            {"tone": [None] * 100 + ["opinion", "reporting"] * 70, "weight": 2.0},
            "100 drawn rows",
        ),
        (np.tile([0.6, 0.3, 0.1], (N, 1)), {}, "no better here than giving one answer always"),
        (np.eye(3)[GUESS], {}, "Its probabilities are off by"),
        (
            np.tile([0.6, 0.3, 0.1], (N, 1)),
            {},
            "Shares of reporting counted from its answers are too h",
        ),
    ],
)
def test_what_the_reader_should_beware_of_is_said(given, known, words):
    assert warned(evaluate(given, labelled(**known)), words)


def test_a_model_that_does_worse_than_on_its_own_test_is_out_of_its_depth():
    class Model:
        def __init__(self, macro_f1):
            self.card = {"figures": {"test_labels": {"macro_f1": [macro_f1, 0.0, 1.0]}}}

        def score_sentences(self, sentences, *, documents):
            return ToneScores(GIVEN.astype(np.float32), GIVEN[:, 0].astype(np.float32))

    assert warned(evaluate(Model(0.9), labelled()), "out of its depth")
    assert not warned(evaluate(Model(0.5), labelled()), "out of its depth")


def test_a_model_without_a_card_is_expected_nothing_of(evaluation):
    assert evaluation.expected is None


# How it is shown


def test_the_log_has_a_line_a_sentence(evaluation):
    log = list(evaluation.log)
    assert len(log) == N
    assert log[0]["article"] == "a0"
    assert log[0]["tone"] == LABELS[GOLD[0]]
    assert [row["right"] for row in log] == (GIVEN.argmax(1) == GOLD).tolist()
    assert log[3]["opinion"] == pytest.approx(GIVEN[3, 1], abs=1e-6)
    assert json.dumps(log)


def test_json_holds_every_figure(evaluation):
    found = json.loads(json.dumps(evaluation.to_dict(), allow_nan=False))
    assert found["overall"]["macro_f1"]["value"] == evaluation.overall.macro_f1.value
    assert found["overall"]["tones"]["opinion"]["auc"]["low"] < 1
    assert found["worst"] == {"by": "outlet", "group": "Herald"}
    assert len(found["risk_coverage"]) == len(evaluation.risk_coverage)
    assert found["calibration"]["sentences"] == N
    assert found["agreement"] is None


def test_the_table_shows_the_figures_aligned(evaluation):
    shown = table(evaluation, name="labels.csv")
    assert shown.startswith("labels.csv: 240 sentences of 60 articles\n")
    assert str(evaluation.overall.macro_f1) in shown
    assert str(evaluation.overall.tones["opinion"].auc) in shown
    assert "Worst group: outlet Herald" in shown
    lines = shown.splitlines()
    assert max(map(len, lines)) <= 110
    start = [line.index("[") for line in lines if line.startswith(LABELS) and "[" in line][:3]
    assert len(set(start)) == 1


def test_the_table_is_free_of_what_could_drive_a_terminal():
    found = evaluate(
        GIVEN, labelled(outlet=["\x1b[31mPacket" if i < 120 else "b" for i in range(N)])
    )
    assert "\x1b" not in table(found, name="\x1b]0;a.csv")


class Tags(HTMLParser):
    """Open tags that were never closed, and whatever the page would fetch."""

    def __init__(self):
        super().__init__()
        self.open, self.fetched = [], []

    def handle_starttag(self, tag, attributes):
        if tag != "meta":
            self.open.append(tag)
        self.fetched += [v for k, v in attributes if k in ("src", "href", "action", "data")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_and_fetches_nothing(evaluation):
    shown = page(evaluation, name="labels.csv")
    tags = Tags()
    tags.feed(shown)
    assert tags.open == []
    assert tags.fetched == []
    for word in ("<script", "http", "url(", "@import"):
        assert word not in shown
    assert str(evaluation.overall.macro_f1) in shown
    assert len(shown) < 60_000


def test_the_plots_are_drawings_with_a_point_a_bin(evaluation):
    shown = page(evaluation, name="labels.csv")
    drawings = [ET.fromstring("<svg" + part.split("</svg>")[0] + "</svg>")
                for part in shown.split("<svg")[1:]]  # fmt: skip
    assert [d.get("aria-label").split(":")[0] for d in drawings] == [
        "Calibration",
        "Risk and coverage",
    ]
    assert len(drawings[0].findall("circle")) == len(evaluation.calibration.bins)
    width, height = map(float, drawings[1].get("viewBox").split()[2:])
    [line] = [e for e in drawings[1].findall("polyline") if e.get("class") == "line"]
    points = [tuple(map(float, point.split(","))) for point in line.get("points").split()]
    assert len(points) == len(evaluation.risk_coverage)
    assert all(0 <= x <= width and 0 <= y <= height for x, y in points)


def test_nothing_from_the_file_is_taken_for_html():
    found = evaluate(
        GIVEN, labelled(outlet=["<script>x</script>" if i < 120 else "b" for i in range(N)])
    )
    shown = page(found, name="<b>.csv")
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert "&lt;b&gt;.csv" in shown
