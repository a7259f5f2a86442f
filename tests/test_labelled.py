"""Labelled sentences: what each column takes, and that a wrong cell is named by row and column."""

import json

import numpy as np
import pytest

from tonelens.errors import InputError
from tonelens.evaluation import Labelled, LabelledSentence

FULL = {
    "text": "It may rain.",
    "tone": "Speculation",
    "voice": " author ",
    "votes": "speculation; opinion;",
    "weight": "2.5",
    "article": 7,
    "outlet": "The Ellery Packet",
    "source": "survey",
    "id": "7.1",
    "position": "3",
    "date": "31/05/2024",
    "before": "It rained.\nIt poured.",
    "after": "",
}


def csv_file(tmp_path, text):
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_column_is_read():
    [row] = Labelled.from_rows([FULL])
    assert row == LabelledSentence(
        text="It may rain.", tone="speculation", voice="author",
        votes=("speculation", "opinion", None), weight=2.5, article="7",
        outlet="The Ellery Packet", source="survey", id="7.1", position=3, year=2024,
        before=("It rained.", "It poured."), after=(),
    )  # fmt: skip


def test_lists_are_taken_for_votes_and_neighbours():
    [row] = Labelled.from_rows([{"text": "a", "tone": "opinion", "votes": ["opinion", None],
                                 "before": ["b", "c"]}])  # fmt: skip
    assert row.votes == ("opinion", None)
    assert row.before == ("b", "c")


@pytest.mark.parametrize(
    ("column", "cell", "wanted"),
    [
        ("text", 5, "text"),
        ("tone", "opinoin", "reporting, opinion or speculation, or an empty cell"),
        ("tone", 1, "reporting, opinion or speculation"),
        ("voice", "writer", "author or source"),
        ("votes", "opinion;dunno", "tones parted by semicolons"),
        ("votes", 3, "tones parted by semicolons"),
        ("weight", "1,5", "a number above 0, such as 1.5"),
        ("weight", 0, "a number above 0"),
        ("weight", "inf", "a number above 0"),
        ("weight", "-2", "a number above 0"),
        pytest.param("weight", 10**400, "a number above 0", id="weight-beyond-floats"),
        pytest.param("position", 10**400, "a whole number", id="position-beyond-floats"),
        ("position", "first", "a whole number"),
        ("position", 1.5, "a whole number"),
        ("position", "inf", "a whole number"),
        ("date", "5/31/24", "a year of four digits"),
        ("article", ["a"], "a name or number"),
        ("before", 4, "sentences, one on each line"),
        ("after", [1], "sentences, one on each line"),
    ],
)
def test_a_wrong_cell_is_named_with_what_is_wanted(column, cell, wanted):
    row = {"text": "It rained.", "tone": "reporting", column: cell}
    with pytest.raises(InputError, match=rf"row 2, column {column}: got .*, wanted .*{wanted}"):
        Labelled.from_rows([{"text": "a", "tone": "opinion"}, row])


def test_a_row_without_text_is_named():
    with pytest.raises(InputError, match="row 2, column text: got nothing"):
        Labelled.from_rows([{"text": "a", "tone": "opinion"}, {"tone": "opinion"}])


@pytest.mark.parametrize("blank", ["", " \n"])
def test_a_blank_sentence_is_named_and_not_left_out(blank):
    with pytest.raises(InputError, match="row 2, column text: got nothing, wanted text"):
        Labelled.of(["It rained.", blank], ["reporting", None])


def test_an_empty_row_of_a_file_is_passed_over_but_not_one_of_a_table(tmp_path):
    assert len(Labelled.read(csv_file(tmp_path, "text,tone\na,opinion\n,\nb,opinion\n"))) == 2
    with pytest.raises(InputError, match="row 2, column text: got nothing"):
        Labelled.from_rows([{"text": "a", "tone": "opinion"}, {"text": None, "tone": ""}])


def test_missing_values_of_pandas_are_empty_cells():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"text": ["It rained.", "It may snow."], "tone": ["reporting", pd.NA],
                          "date": [pd.Timestamp("2024-05-31"), pd.NaT],
                          "weight": pd.array([2, pd.NA], "Int64")})  # fmt: skip
    one, two = Labelled.from_rows(frame.to_dict("records"))
    assert (one.year, one.weight) == (2024, 2)
    assert (two.tone, two.year, two.weight) == (None, None, 1)


def test_rows_that_are_no_mappings_are_refused():
    with pytest.raises(InputError, match=r"takes mappings of columns, got str\. .*to_dict"):
        Labelled.from_rows(["text", "tone"])


def test_a_long_wrong_cell_is_not_echoed_whole():
    with pytest.raises(InputError) as caught:
        Labelled.from_rows([{"text": "a", "tone": "x" * 5000}])
    assert len(str(caught.value)) < 300


def test_the_first_wrong_row_is_told_in_full_and_the_others_counted(tmp_path):
    lines = [f"It rained.,{tone}" for tone in ["reporting", *["x"] * 11]]
    path = csv_file(tmp_path, "\n".join(["text,tone", *lines]))
    with pytest.raises(
        InputError,
        match=r"labels\.csv, row 3, column tone: got 'x'.* Wrong too: rows 4, 5, .*11 and 2 more\.",
    ):
        Labelled.read(path)


@pytest.mark.parametrize(
    ("text", "column", "there"),
    [
        ("sentence,tone\na,opinion\n", "text", "sentence, tone"),
        ("text,label\na,opinion\n", "tone", "label, text"),
        ("text,tone\na,\n", "tone", "text"),
        ("", "text", "no cell at all"),
    ],
)
def test_a_missing_column_is_named_with_those_that_are_there(tmp_path, text, column, there):
    with pytest.raises(InputError, match=f"nothing in the column '{column}'; filled are: {there}"):
        Labelled.read(csv_file(tmp_path, text))


def test_a_broken_line_is_named(tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps({"text": "a", "tone": "opinion"}) + "\n{\n")
    with pytest.raises(InputError, match=r"labels\.jsonl, row 2, it is not JSON"):
        Labelled.read(path)


def test_columns_that_mean_nothing_here_are_kept_by_name(tmp_path):
    found = Labelled.read(csv_file(tmp_path, "text,tone,wieght\na,opinion,2\n"))
    assert found.unread == ("wieght",)


def test_rows_without_a_tone_are_kept_and_told_apart():
    found = Labelled.of(["a", "b", "c"], ["opinion", None, "reporting"])
    assert found.known.tolist() == [True, False, True]
    assert found.gold.tolist() == [1, -1, 0]
    assert len(found.where(found.known)) == 2


def test_voices_and_weights_are_arrays():
    found = Labelled((LabelledSentence("a", voice="source"), LabelledSentence("b", weight=3.0)))
    assert found.voice.tolist() == [1, -1]
    assert np.array_equal(found.weight, [1, 3])


def test_a_row_without_article_stands_alone():
    found = Labelled(tuple(LabelledSentence("a", article=name) for name in ("x", None, "x", None)))
    assert found.articles == ["x", 1, "x", 3]


def test_as_many_tones_as_sentences_are_wanted():
    with pytest.raises(InputError, match="2 sentences and 1 tones"):
        Labelled.of(["a", "b"], ["opinion"])


def test_one_sentence_is_no_list():
    with pytest.raises(InputError, match=r"Use Labelled\.of\(\[text\], \[tone\]\)"):
        Labelled.of("It rained.", ["reporting"])


def test_values_are_frozen():
    found = Labelled.of(["a"], ["opinion"])
    with pytest.raises(AttributeError):
        found.rows = ()
    with pytest.raises(AttributeError):
        found.rows[0].tone = "reporting"
