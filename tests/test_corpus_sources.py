"""Which files are read, and that every kind of them gives the same rows."""

import csv
import gzip
import importlib.util
import io
import json
import os
import sys

import pytest

from tonelens import corpus
from tonelens.corpus.sources import find_sources
from tonelens.errors import InputError
from tonelens.rows import LONGEST, column_names, read_rows

needs_pyarrow = pytest.mark.skipif(
    importlib.util.find_spec("pyarrow") is None, reason="pyarrow isn't installed"
)
ROWS = [
    {"id": "a", "body": "It rained,\n“hard”. It may snow."},
    {"id": "b", "body": 'What a farce; a "shame"!'},
]


def encoded(kind):
    if kind == ".jsonl":
        return "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    if kind == ".parquet":
        import pyarrow as pa
        from pyarrow.parquet import write_table

        out = io.BytesIO()
        write_table(pa.Table.from_pylist(ROWS), out)
        return out.getvalue()
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, ["id", "body"], delimiter="\t" if kind == ".tsv" else ",")
    writer.writeheader()
    writer.writerows(ROWS)
    return out.getvalue().encode()


def zstandard(data):
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("kind", [".csv", ".tsv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_every_kind_of_file_gives_the_same_rows(tmp_path, kind, ending):
    if kind == ".parquet" or ending == ".zst":
        pytest.importorskip("pyarrow", reason="pyarrow isn't installed")
    data = encoded(kind)
    data = {"": data, ".gz": gzip.compress(data)}.get(ending) or zstandard(data)
    path = tmp_path / f"News.2024{kind}{ending}"
    path.write_bytes(data)
    assert [row for _, row in read_rows(path)] == ROWS
    assert column_names(path) == (None if kind == ".jsonl" else ["id", "body"])


@pytest.mark.parametrize(("kind", "ending"), [(".csv", ".gz"), (".jsonl", ".zst")])
def test_a_cut_compressed_file_is_named_once_its_rows_are_read(tmp_path, kind, ending):
    if ending == ".zst":
        pytest.importorskip("pyarrow", reason="pyarrow isn't installed")
    noise = "".join(chr(97 + (i * i * 7919 + i // 3) % 26) for i in range(200_000))
    rows = [json.dumps({"body": noise[i : i + 100]}) for i in range(0, 200_000, 100)]
    text = "\n".join(rows if kind == ".jsonl" else ["body", *rows]) + "\n"
    data = gzip.compress(text.encode()) if ending == ".gz" else zstandard(text.encode())
    path = tmp_path / f"a{kind}{ending}"
    path.write_bytes(data[: len(data) - 20])
    with pytest.raises(InputError, match=rf"a{kind}{ending} (breaks off after row|can't be read)"):
        list(read_rows(path))


def test_a_line_of_json_of_any_length_is_one_bad_row(tmp_path):
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"body": "' + b"a" * (2 * LONGEST + 5) + b'"}\n{"body": "It rained."}\n')
    (_, error), last = read_rows(path)
    assert "a line of over 16,777,216 bytes" in str(error)
    assert last == (2, {"body": "It rained."})


def test_a_quotation_mark_that_is_never_closed_ends_the_file_there(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write('body\nIt rained.\n"It snowed.\n')
        file.writelines("It may snow again.\n" for _ in range(LONGEST // 18))
    rows = read_rows(path)
    assert next(rows) == (2, {"body": "It rained."})
    with pytest.raises(InputError, match="is a quotation mark never closed"):
        next(rows)


def test_a_long_article_in_a_csv_is_read_whole(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f'body\n"{"It rained. " * 50_000}"\n', encoding="utf-8")
    [(_, row)] = read_rows(path)
    assert len(row["body"]) == 550_000


# Which files


@pytest.fixture
def folder(tmp_path):
    names = ["b.jsonl", "a.csv", "sub/c.jsonl.gz", "_SUCCESS", ".hidden.csv", "_tmp/d.csv", "x.txt"]
    for name in names:
        path = tmp_path / "news" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(b"") if name.endswith(".gz") else b"")
    return tmp_path / "news"


def names(found, folder):
    return [str(source.path.relative_to(folder)) for source in found]


def test_a_folder_gives_all_files_in_it_in_order_and_no_markers(folder):
    found = find_sources([str(folder)])
    assert names(found, folder) == ["a.csv", "b.jsonl", "sub/c.jsonl.gz"]


def test_a_pattern_gives_the_files_that_match_each_once(folder):
    inputs = [str(folder / "b.jsonl"), str(folder / "**" / "*.jsonl*"), str(folder)]
    assert names(find_sources(inputs), folder) == ["b.jsonl", "sub/c.jsonl.gz", "a.csv"]


def test_what_the_run_writes_is_not_read(folder):
    out = folder / "b.jsonl"
    assert "b.jsonl" not in names(find_sources([str(folder)], without=[out]), folder)
    assert "b.jsonl" not in names(find_sources([str(folder / "*.*s*")], without=[out]), folder)
    with pytest.raises(InputError, match=r"b\.jsonl is what this run writes"):
        find_sources([str(out)], without=[out])


def test_parts_of_this_run_and_of_others_are_not_read(folder):
    own, other, no_run = (folder / f"{name}.parts" / "1.jsonl" for name in ("out", "old", "car"))
    for part in (own, other, no_run):
        part.parent.mkdir()
        part.touch()
    (folder / "old.manifest.json").touch()
    for given in (folder, folder / "**" / "1.jsonl"):
        found = names(find_sources([str(given)], without=[own.parent]), folder)
        assert [name for name in found if ".parts" in name] == ["car.parts/1.jsonl"]
    with pytest.raises(InputError, match=r"1\.jsonl is what this run writes"):
        find_sources([str(own)], without=[own.parent])
    assert find_sources([str(other)])


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_text_is_made_printable(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    path.write_text('{"body": "It rained."}\n{}\n', encoding="utf-8")
    counts = corpus.score_files([path], tmp_path / "out.jsonl", column="body")
    assert (counts.articles, counts.rejects) == (1, 1)
    out = tmp_path / "out.jsonl"
    assert json.loads(out.read_text())["article"] == f"{tmp_path}/caf\\udce9.jsonl:1"
    [reject] = (tmp_path / "out.jsonl.rejects.jsonl").read_text().splitlines()
    assert json.loads(reject)["file"] == f"{tmp_path}/caf\\udce9.jsonl"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none.csv", r"none\.csv: no such file"),
        ("*.tsv", r"\*\.tsv: no file matches"),
        ("x.txt", r"x\.txt is of no kind that is read here\. Save it as \.csv, \.tsv"),
        ("_none", "_none: no such file"),
    ],
)
def test_an_input_that_names_nothing_is_refused(folder, name, words):
    with pytest.raises(InputError, match=words):
        find_sources([str(folder / name)])


def test_a_folder_without_any_file_to_read_is_refused(tmp_path):
    (tmp_path / "x.txt").touch()
    with pytest.raises(InputError, match="holds no file of a kind that is read"):
        find_sources([str(tmp_path)])


@pytest.mark.parametrize("column", ["text", "id"])
def test_a_file_without_the_column_is_refused_before_anything_is_written(tmp_path, column):
    path = tmp_path / "a.csv"
    path.write_text("body\nIt rained.\n", encoding="utf-8")
    options = {"column": "text"} if column == "text" else {"column": "body", "id_column": "id"}
    with pytest.raises(InputError, match=rf"a\.csv has no column '{column}'; it has: body"):
        corpus.score_files([path], tmp_path / "out.jsonl", **options)
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_a_column_that_no_first_row_of_json_lines_names_is_refused(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('no JSON\n{"Body": "It rained.", "by": null}\n{}\n', encoding="utf-8")
    options = {"column": "body", "keep": ["buy"]}
    words = r"a\.jsonl, in the first 1,000 rows, has no column 'buy'; it has: body, by\."
    with pytest.raises(InputError, match=words):
        corpus.score_files([path], tmp_path / "out.jsonl", **options)
    assert [p.name for p in tmp_path.iterdir()] == ["a.jsonl"]
    more = tmp_path / "b.jsonl"
    more.write_text('{"body": "It snowed.", "buy": 7}\n', encoding="utf-8")
    assert corpus.score_files([path, more], tmp_path / "out.jsonl", **options).articles == 2


def test_of_json_lines_that_name_nothing_no_column_is_missed(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("no JSON\n", encoding="utf-8")
    assert corpus.score_files([path], tmp_path / "out.jsonl").rejects == 1


@pytest.mark.parametrize("ending", [".jsonl.gz", ".jsonl.zst"])
def test_a_compressed_file_of_no_bytes_was_cut(tmp_path, ending):
    if ending.endswith(".zst"):
        pytest.importorskip("pyarrow", reason="pyarrow isn't installed")
    path = tmp_path / f"a{ending}"
    path.touch()
    counts = corpus.score_files([path], tmp_path / "out.jsonl")
    assert (counts.rows, counts.rejects) == (1, 1)
    reject = json.loads((tmp_path / "out.jsonl.rejects.jsonl").read_text())
    assert "can't be read: it is empty, as no compressed file is" in reject["reason"]
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b""))
    assert list(read_rows(tmp_path / "b.jsonl.gz")) == []


@pytest.mark.parametrize("dot", [".", ""])
@pytest.mark.parametrize("kind", ["jsonl", "csv", "tsv", "parquet"])
def test_standard_input_is_read_as_the_kind_that_it_is_said_to_be(tmp_path, monkeypatch, kind, dot):
    if kind == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow isn't installed")
    stdin = io.TextIOWrapper(io.BytesIO(encoded(f".{kind}")))
    monkeypatch.setattr(sys, "stdin", stdin)
    counts = corpus.score_files(
        ["-"], tmp_path / "out.jsonl", column="body", stdin_format=dot + kind
    )
    assert (counts.articles, counts.sentences) == (2, 3)
    first = json.loads((tmp_path / "out.jsonl").read_text().splitlines()[0])
    assert first["article"] == ("<stdin>:2" if kind in ("csv", "tsv") else "<stdin>:1")
