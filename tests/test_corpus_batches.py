"""The seam of Arrow batches and frames in memory: rows, order, types and bad rows."""

import joblib
import pytest

import tonelens
from tonelens import corpus
from tonelens.errors import InputError, MissingExtraError

pa = pytest.importorskip("pyarrow", reason="pyarrow isn't installed")

TEXTS = ["Rain fell. It may snow.", None, "What a farce!", " ", "They sold three ships."]
IDS = ["a", "b", "c", None, "e"]
BATCH = pa.record_batch({"id": IDS, "body": TEXTS, "n": [1, 2, None, 4, 5]})
OPTIONS = {"id_column": "id", "keep": ["n"]}


def score(batches, **options):
    return list(corpus.score_batches(batches, "body", **{**OPTIONS, **options}))


def cells(table, *names):
    return list(zip(*(table.column(name).to_pylist() for name in names), strict=True))


@pytest.mark.parametrize("level", ["sentence", "article"])
def test_a_batch_comes_for_each_that_goes_in_of_the_schema_known_beforehand(level):
    schema = corpus.output_schema(BATCH.schema, "body", level=level, **OPTIONS)
    empty = BATCH.slice(0, 0)
    found = score([BATCH, empty, BATCH.slice(2, 1)], level=level)
    assert [batch.schema.equals(schema) for batch in found] == [True] * 3
    assert [batch.num_rows for batch in found] == [6 if level == "sentence" else 5, 0, 1]
    for batch in found:
        batch.validate(full=True)


def test_every_row_comes_out_in_order_and_a_bad_one_says_why():
    [found] = score([BATCH])
    assert cells(found, "article", "n", "position", "tone", "problem") == [
        ("a", 1, 1, "reporting", None),
        ("a", 1, 2, "speculation", None),
        ("b", 2, None, None, "no text"),
        ("c", None, 1, "opinion", None),
        (None, 4, None, None, "no id"),
        ("e", 5, 1, "reporting", None),
    ]


def test_scores_are_those_of_reading_each_article():
    [found] = score([BATCH])
    rows = found.slice(0, 2).to_pylist()
    for row, sentence in zip(rows, tonelens.read(TEXTS[0]), strict=True):
        assert (row["start"], row["end"], row["voice"]) == (
            (sentence.start, sentence.end, sentence.voice)
        )
        assert tuple(row[tone] for tone in tonelens.LABELS) == sentence.probabilities
        assert row["source_probability"] == sentence.source_probability


def test_rows_do_not_depend_on_how_they_are_cut_into_batches():
    [whole] = score([BATCH])
    each = score([BATCH.slice(i, 1) for i in range(5)])
    assert pa.Table.from_batches(each).equals(pa.Table.from_batches([whole]))


def test_without_ids_articles_are_numbered_through_all_batches():
    batches = [BATCH.slice(0, 1), BATCH.slice(2, 1)]
    first, second = score(batches, id_column=None)
    assert first.column("article").to_pylist() == [0, 0]
    assert second.column("article").to_pylist() == [1]


def test_batches_are_read_as_they_are_asked_for():
    read = []
    stream = (read.append(i) or BATCH for i in range(3))
    found = corpus.score_batches(stream, "body", **OPTIONS)
    assert read == []
    next(found)
    assert read == [0]


@pytest.mark.parametrize(
    "kind",
    [
        pa.large_string(),
        pa.string_view(),
        pa.binary(),
        pa.large_binary(),
        pa.dictionary(pa.int32(), pa.string()),
    ],
    ids=str,
)
def test_texts_and_ids_of_every_arrow_type_are_taken(kind):
    batch = pa.record_batch({name: BATCH.column(name).cast(kind) for name in ("id", "body")})
    [found] = score([batch], keep=[])
    [wanted] = score([BATCH], keep=[])
    assert found.column("tone").equals(wanted.column("tone"))
    assert found.schema.equals(corpus.output_schema(batch.schema, "body", id_column="id"))


def test_text_that_is_not_utf_8_is_a_problem_of_its_row_alone():
    raw = pa.array([b"It rained.", b"It r\xe9ined."])
    for body in (raw, pa.Array.from_buffers(pa.string(), 2, raw.buffers())):
        batch = pa.record_batch({"body": body})
        [found] = corpus.score_batches([batch], "body")
        good, bad = found.column("problem").to_pylist()
        assert good is None
        assert "not UTF-8: byte 0xe9 at offset 4" in bad


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"column": "text"}, "there is no column 'text'; there are: id, body, n"),
        ({"column": "n"}, "'n' is of type int64, wanted strings"),
        ({"keep": ["m"]}, "there is no column 'm'"),
        ({"keep": "n"}, r"takes the columns to keep as a list, got one str"),
        ({"level": "word"}, "level='word'; it is one of 'sentence', 'article'"),
        ({"keep": ["n", "n"]}, "can't keep the column 'n': the output would have two"),
        ({"keep": ["tone"]}, "can't keep the column 'tone'"),
    ],
)
def test_wrong_options_are_refused(options, words):
    given = {"column": "body", **OPTIONS, **options}
    column = given.pop("column")
    with pytest.raises(InputError, match=words):
        list(corpus.score_batches([BATCH], column, **given))
    with pytest.raises(InputError, match=words):
        tonelens.score_frame(pa.table(BATCH), column, **given)


def test_without_pyarrow_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'tonelens\[corpus\]'"):
        corpus.score_batches([], "body")


def test_a_table_is_scored_by_its_batches():
    table = pa.Table.from_batches([BATCH, BATCH.slice(2, 1)])
    assert score(table) == score(table.to_batches())


@pytest.mark.parametrize("given", [BATCH, [{"body": "It rained."}], ["It rained."]])
def test_what_are_no_batches_is_refused(given):
    with pytest.raises(InputError, match=r"takes an iterable of pyarrow\.RecordBatch, got "):
        score(given)


# Frames


def pandas_frame(columns):
    return pytest.importorskip("pandas", reason="pandas isn't installed").DataFrame(columns)


def polars_frame(columns):
    return pytest.importorskip("polars", reason="polars isn't installed").DataFrame(columns)


@pytest.mark.parametrize(
    "make",
    [pandas_frame, polars_frame, pa.table, pa.record_batch],
    ids=["pandas", "polars", "pyarrow Table", "pyarrow RecordBatch"],
)
@pytest.mark.parametrize("level", ["sentence", "article"])
def test_a_frame_gives_a_frame_of_its_kind_with_the_rows_of_the_seam(make, level):
    frame = make({"id": IDS[:3], "body": TEXTS[:3], "n": [1, 2, 3]})
    found = tonelens.score_frame(frame, "body", level=level, **OPTIONS)
    assert type(found) is type(frame)
    table = pa.table(found) if hasattr(found, "__arrow_c_stream__") else pa.table([found])
    batch = pa.record_batch({"id": IDS[:3], "body": TEXTS[:3], "n": [1, 2, 3]})
    [wanted] = score([batch], level=level)
    assert table.column_names == wanted.schema.names
    for name in ("article", "n", "problem", table.column_names[2], table.column_names[-3]):
        assert [none(v) for v in table.column(name).to_pylist()] == (
            [none(v) for v in wanted.column(name).to_pylist()]
        )


def none(value):
    """Pandas has not a number where Arrow has nothing."""
    return None if value != value else value


@pytest.mark.parametrize("make", [pandas_frame, polars_frame])
def test_an_empty_frame_gives_an_empty_frame(make):
    frame = make({"body": TEXTS})[:0]
    found = tonelens.score_frame(frame, "body")
    assert type(found) is type(frame)
    assert len(found) == 0
    assert "tone" in found.columns


def test_an_empty_table_gives_an_empty_one_of_the_schema_known_beforehand():
    empty = pa.Table.from_batches([], BATCH.schema)
    schema = corpus.output_schema(BATCH.schema, "body", **OPTIONS)
    assert tonelens.score_frame(empty, "body", **OPTIONS).equals(schema.empty_table())


def test_cells_of_a_pandas_column_that_are_no_strings_are_problems_of_their_rows():
    pandas = pytest.importorskip("pandas", reason="pandas isn't installed")
    frame = pandas.DataFrame({"body": ["It rained.", 7, pandas.NA]})
    found = tonelens.score_frame(frame, "body")
    assert found["problem"].tolist()[1:] == ["the text is of type int, wanted a string", "no text"]


def test_ids_and_kept_cells_of_pandas_come_back_as_they_were():
    pandas = pytest.importorskip("pandas", reason="pandas isn't installed")
    columns = {
        "id": pandas.array([2**53 + 1, None, 3], "Int64"),
        "body": ["It rained. It may snow.", "It rained.", None],
        "n": [2**62 + 1, 2, 3],
        "desk": pandas.Categorical(["city", "sport", "city"]),
        "any": ["a", 7, ("b",)],
    }
    frame = pandas.DataFrame(columns, index=[5, 5, 7])
    found = tonelens.score_frame(frame, "body", id_column="id", keep=["n", "desk", "any"])
    rows = frame.iloc[[0, 0, 1, 2]].reset_index(drop=True)
    pandas.testing.assert_frame_equal(
        found[["article", "n", "desk", "any"]],
        rows[["id", "n", "desk", "any"]].rename(columns={"id": "article"}),
    )
    assert found["problem"].tolist()[2:] == ["no id", "no text"]


@pytest.mark.parametrize("level", ["sentence", "article"])
def test_bad_rows_change_no_type_of_a_pandas_frame(level):
    frame = pandas_frame({"body": ["It rained. It may snow.", None]})
    good, both, none = (
        tonelens.score_frame(part, "body", level=level) for part in (frame[:1], frame, frame[:0])
    )
    assert good.dtypes.equals(both.dtypes)
    assert good.dtypes.equals(none.dtypes)
    assert both.dtypes["position" if level == "sentence" else "sentences"] == "Int32"


def test_places_in_a_pandas_frame_cut_out_the_sentences():
    text = "It rained. It may snow."
    found = tonelens.score_frame(pandas_frame({"body": [text, None]}), "body")
    cut = [text[row.start : row.end] for row in found[:2].itertuples()]
    assert cut == ["It rained.", "It may snow."]


def test_a_frame_of_a_class_derived_from_that_of_pandas_gives_one_of_pandas():
    plain = pandas_frame({"body": ["It rained."]})
    derived = type("Derived", (type(plain),), {"__module__": "elsewhere"})(plain)
    found = tonelens.score_frame(derived, "body")
    assert found.equals(tonelens.score_frame(plain, "body"))


@pytest.mark.parametrize(
    "make",
    [
        lambda: ["It rained."],
        lambda: {"body": ["It rained."]},
        lambda: "It rained.",
        lambda: pandas_frame({"body": ["It rained."]})["body"],
        lambda: polars_frame({"body": ["It rained."]})["body"],
        lambda: polars_frame({"body": ["It rained."]}).lazy(),
    ],
)
def test_what_is_no_frame_is_refused(make):
    with pytest.raises(InputError, match="takes a pandas or polars DataFrame or a pyarrow Table"):
        tonelens.score_frame(make(), "body")


def test_two_columns_of_one_name_are_refused_where_they_are_wanted():
    pandas = pytest.importorskip("pandas", reason="pandas isn't installed")
    rows = [["It rained.", 1, 2]]
    table = pa.Table.from_arrays(
        [pa.array(["It rained."]), *[pa.array([1])] * 2], ["body", "n", "n"]
    )
    for frame in (pandas.DataFrame(rows, columns=["body", "n", "n"]), table):
        assert len(tonelens.score_frame(frame, "body")) == 1
        with pytest.raises(InputError, match="there are two columns 'n'"):
            tonelens.score_frame(frame, "body", keep=["n"])


def test_joblib_says_which_processes_score_a_frame():
    frame = pa.table({"body": [f"It rained {i} times. It may snow." for i in range(600)]})
    alone = tonelens.score_frame(frame, "body")
    with joblib.parallel_config(backend="threading", n_jobs=2):
        assert tonelens.score_frame(frame, "body").equals(alone)
    assert tonelens.score_frame(frame, "body", jobs=2).equals(alone)
    assert alone.column("article").to_pylist() == [i // 2 for i in range(1200)]
