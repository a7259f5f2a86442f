"""The plan of what to label: fair chances, weights that undo them, and the way back."""

import csv
import io
import json
from collections import Counter

import numpy as np
import pytest

import tonelens
from tonelens.errors import InputError
from tonelens.evaluation import ArticleFile, CorpusArticle, Labelled, evaluate, plan, to_csv
from tonelens.labels import LABELS, tone_index
from tonelens.results import ToneScores

WORDS = {"reporting": "They met.", "opinion": "A farce!", "speculation": "It may rain."}


class ByWords:
    """Tells the tone by the words above, whatever stands beside."""

    def score_sentences(self, sentences, *, documents):
        tones = [next((t for t, w in WORDS.items() if w in s), LABELS[0]) for s in sentences]
        p = np.eye(3, dtype=np.float32)[[LABELS.index(tone) for tone in tones]]
        return ToneScores(p, p[:, 0])


def corpus(articles=60):
    """Sixty articles of ten sentences, of two outlets; one in ten is opinion or speculation."""
    kinds = ["reporting"] * 8 + ["opinion", "speculation"]
    return [
        CorpusArticle(
            " ".join(WORDS[kinds[(i + j) % 10]] for j in range(10)),
            id=f"a{i}", outlet="Packet" if i % 6 else "Herald", year=2020 + i % 2,
        )
        for i in range(articles)
    ]  # fmt: skip


def tone_of(drawn):
    return next(tone for tone, words in WORDS.items() if words in drawn.text)


def test_as_many_are_drawn_as_asked_for_and_none_twice():
    drawn = plan(corpus(), ByWords(), n=97)
    assert len(drawn) == 97
    assert len({(one.article, one.position) for one in drawn}) == 97


def test_rare_tones_are_drawn_more_often_and_weigh_less():
    drawn = plan(corpus(), ByWords(), n=120)
    counts = Counter(map(tone_of, drawn))
    # half at random (48, 6, 6), half evenly (20 each)
    assert counts["reporting"] == pytest.approx(68, abs=2)
    assert counts["opinion"] == pytest.approx(26, abs=2)
    weight = {tone_of(one): one.weight for one in drawn if one.outlet == "Packet"}
    assert weight["opinion"] < 1 / 2 * weight["reporting"]


def test_small_outlets_are_drawn_more_often():
    drawn = plan(corpus(), ByWords(), n=120)
    herald = sum(one.outlet == "Herald" for one in drawn) / 120
    assert 1 / 6 + 0.03 < herald < 0.4


def test_all_at_random_every_sentence_weighs_the_same():
    drawn = plan(corpus(), ByWords(), n=100, random=1.0)
    assert [one.weight for one in drawn] == pytest.approx([6] * 100)


def test_weights_undo_the_uneven_drawing():
    shares = []
    for seed in range(40):
        drawn = plan(corpus(), ByWords(), n=60, seed=seed)
        weight = np.array([one.weight for one in drawn])
        shares.append(np.average([tone_of(one) == "opinion" for one in drawn], weights=weight))
        assert weight.sum() == pytest.approx(600, rel=0.2)
    assert np.mean(shares) == pytest.approx(0.1, abs=0.01)


def test_every_sentence_can_be_drawn():
    seen = set()
    for seed in range(60):
        seen |= {
            (one.article, one.position) for one in plan(corpus(12), ByWords(), n=20, seed=seed)
        }
    assert len(seen) == 120


def test_a_seed_gives_the_same_plan_again_and_another_another():
    one, again, other = (plan(corpus(), ByWords(), n=30, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_the_first_rows_are_a_sample_too():
    first = plan(corpus(), ByWords(), n=200)[:100]
    assert len({one.article for one in first}) > 40
    assert len({tone_of(one) for one in first}) == 3


@pytest.mark.parametrize("n", [20, 21, 1000])
def test_a_small_corpus_is_drawn_whole(n):
    drawn = plan(corpus(2), ByWords(), n=n)
    assert len(drawn) == 20
    assert {one.weight for one in drawn} == {1}


@pytest.mark.parametrize("n", [1, 2, 3, 19])
def test_a_few_of_a_small_corpus(n):
    drawn = plan(corpus(2), ByWords(), n=n)
    assert len(drawn) == n
    assert all(one.weight >= 1 for one in drawn)


def test_a_sentence_stands_between_its_neighbours():
    text = "One came. Two came. Three came. Four came. Five came. Six came. Seven came."
    drawn = {one.position: one for one in plan([CorpusArticle(text)], ByWords(), n=7)}
    assert drawn[1].before == ()
    assert drawn[5].before == ("One came.", "Two came.", "Three came.", "Four came.")
    assert drawn[5].after == ("Six came.", "Seven came.")
    assert drawn[7].after == ()
    assert drawn[5].article == "article 1"
    long = " ".join(f"The {word} came." for word in ["ferry", "mayor"] * 20)
    middle = {one.position: one for one in plan([CorpusArticle(long)], ByWords(), n=40)}[20]
    assert (len(middle.before), len(middle.after)) == (17, 16)


@pytest.mark.parametrize("options", [{"n": 0}, {"n": 5, "random": 0}, {"n": 5, "random": 1.5}])
def test_numbers_out_of_range_are_refused(options):
    with pytest.raises(InputError, match="n is at least 1, random above 0 and up to 1"):
        plan(corpus(), ByWords(), **options)


def test_articles_that_can_be_gone_through_only_once_will_do():
    whole = plan(corpus(), ByWords(), n=20)
    assert plan((article for article in corpus()), ByWords(), n=20) == whole
    assert plan(tuple(corpus()), ByWords(), n=20) == whole


@pytest.mark.parametrize(
    ("articles", "words"),
    [
        (["It rained."], r"takes articles, got str at position 0\. Use a list of CorpusArticle"),
        ([*corpus(1), None], r"takes articles, got NoneType at position 1\."),
        ("It rained.", r"takes articles, got str at position 0\."),
        (7, r"takes articles, got int\. Use a list of CorpusArticle"),
        ([CorpusArticle(None)], r"got NoneType for that at position 0\. Leave out"),
    ],
)
def test_anything_but_articles_is_refused(articles, words):
    with pytest.raises(InputError, match=words):
        plan(articles, ByWords(), n=5)


def test_anything_but_a_model_is_refused():
    with pytest.raises(InputError, match=r"takes a model, got NoneType\. Use tonelens\.load\(\)"):
        plan(corpus(), None, n=5)


def test_an_empty_corpus_is_refused():
    with pytest.raises(InputError, match="holds no sentence"):
        plan([CorpusArticle("  ")], ByWords(), n=5)


def test_a_file_of_articles_is_read_as_often_as_needed_and_its_bad_rows_kept(tmp_path):
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"text": "It rained.", "id": 1, "date": "2024-05-31"}\n{"id": 2}\n{\n')
    articles = ArticleFile(path)
    for _ in range(2):
        assert list(articles) == [CorpusArticle("It rained.", id="1", year=2024)]
    assert list(articles.problems) == [2, 3]
    assert "column text" in articles.problems[2]


def test_the_table_is_one_that_spreadsheets_read_and_take_for_no_formula():
    text = to_csv(plan([CorpusArticle("=SUM(A1) rose.")], ByWords(), n=1))
    assert text.startswith("\ufeffarticle,")
    [row] = csv.DictReader(io.StringIO(text[1:], newline=""))
    assert row["text"] == "'=SUM(A1) rose."
    assert (row["tone"], row["voice"], row["weight"]) == ("", "", "1")


@pytest.mark.parametrize(
    "first", ["=SUM(A1) rose", "'-' it said", "''@home it rained", "'It' rose"]
)
def test_what_is_a_formula_to_spreadsheets_is_read_back_as_it_was(tmp_path, first):
    drawn = plan([CorpusArticle(f"{first} on Monday. It rained.", id=first)], ByWords(), n=2)
    rows = list(csv.DictReader(io.StringIO(to_csv(drawn)[1:], newline="")))
    path = tmp_path / "filled.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"tone": "reporting"} for row in rows)
    found = [(row.article, row.before, row.text) for row in Labelled.read(path)]
    assert found == [(first, one.before, one.text) for one in drawn]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_apostrophes_of_other_tables_than_plans_are_kept(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,tone,weight\n'- It rained.',reporting,1\n", encoding="utf-8")
    assert next(iter(Labelled.read(path))).text == "'- It rained.'"


def test_no_tone_is_shown_to_the_annotator():
    header = to_csv([]).strip().split(",")
    assert not {"predicted", *LABELS} & set(header)


STORY = """\
HARBOUR — The council met on Monday. “It may fail,” said Ann Lee. “We are
afraid of it. Nobody asked us,” she added.

What a shameful way to treat a town! It could be years before anybody dares again. @home it rained.
"""


def test_a_plan_that_is_filled_in_is_evaluated_as_in_the_article(tmp_path):
    """The whole way: plan, fill in, read, evaluate; sentences are scored as in their articles."""
    model, articles = tonelens.load(), [CorpusArticle(STORY, id="s"), *corpus(5)]
    records = csv.reader(io.StringIO(to_csv(plan(articles, model, n=30))[1:], newline=""))
    header, *rows = records
    tone, text = header.index("tone"), header.index("text")
    for row in rows[:25]:
        row[tone] = next((t for t, w in WORDS.items() if w in row[text]), "Reporting")
    path = tmp_path / "filled.csv"
    with path.open("w", newline="", encoding="utf-8") as file:  # as a European spreadsheet saves it
        csv.writer(file, delimiter=";").writerows([header, *rows])
    labelled = Labelled.read(path)
    found = evaluate(model, labelled)
    assert (found.overall.sentences, found.without_tone) == (25, 5)
    assert any("5 drawn rows have no tone" in warning for warning in found.warnings)
    by_place = {}
    for article in articles:
        read = model.read(article.text)
        by_place |= {(article.id, i): s.probabilities for i, s in enumerate(read, 1)}
    for row, p in zip(found.labelled, found.answers.probabilities, strict=True):
        assert p == pytest.approx(by_place[row.article, row.position], abs=1e-6)
    assert {w for w in found.labelled.weight.tolist() if w <= 0} == set()
    assert json.dumps(found.to_dict(), allow_nan=False)


def test_the_tones_that_the_plan_is_spread_over_are_the_models():
    scores = ByWords().score_sentences(list(WORDS.values()), documents=[0] * 3)
    assert tone_index(scores.probabilities).tolist() == [0, 1, 2]
