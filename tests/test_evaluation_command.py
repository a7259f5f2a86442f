"""The commands `evaluate` and `annotate plan`: what they print and write, and how they fail."""

import csv
import io
import json
import os
import sys

import pytest

from tonelens import cli

ROWS = [
    {"text": "The vote is on Monday.", "tone": "reporting", "article": "a", "position": 1},
    {"text": "It may well fail.", "tone": "speculation", "article": "a", "position": 2},
    {"text": "What a shameful farce!", "tone": "opinion", "article": "b", "position": 1},
    {"text": "They sold three ships.", "tone": None, "article": "b", "position": 2},
]


@pytest.fixture
def labels(tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.jsonl"
    rows = [{"text": "It rained. It may snow. What a farce!", "outlet": f"o{i}"} for i in range(9)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def run(capsys, *arguments):
    status = cli.main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return status, out, err


def one_line(err, *parts):
    assert err.startswith("tonelens: ")
    assert err.count("\n") == 1
    assert all(part in err for part in parts), err
    return True


def test_a_table_is_printed(capsys, labels):
    status, out, err = run(capsys, "evaluate", labels)
    assert (status, err) == (0, "")
    assert out.startswith("labels.jsonl: 3 sentences of 2 articles; 1 rows without a tone\n")
    assert "macro-F1" in out
    assert "Warning: Only 2 articles" in out


def test_json_is_printed(capsys, labels):
    status, out, _ = run(capsys, "evaluate", labels, "--format", "json")
    assert status == 0
    assert json.loads(out)["sentences"] == 3


def test_report_and_log_are_written(capsys, labels, tmp_path):
    page, log = tmp_path / "report.html", tmp_path / "log.jsonl"
    status, out, _ = run(capsys, "evaluate", labels, "--html", page, "--log", log)
    assert status == 0
    assert "macro-F1" in out
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [line["tone"] for line in lines] == ["reporting", "speculation", "opinion"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_report_on_a_file_whose_name_is_no_text_is_written(capsys, labels, tmp_path):
    odd, page = labels.with_name(os.fsdecode(b"caf\xe9.jsonl")), tmp_path / "report.html"
    labels.rename(odd)
    status, _, err = run(capsys, "evaluate", odd, "--html", page)
    assert (status, err) == (0, "")
    assert "Evaluation on caf\\udce9.jsonl" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text", "parts"),
    [
        (
            "a.csv",
            "text,tone\nIt rained.,reportage\n",
            ["a.csv, row 2, column tone: got 'reportage'"],
        ),
        ("a.csv", "text\nIt rained.\n", ["nothing in the column 'tone'"]),
        ("a.jsonl", "nonsense\n", ["'text'"]),
        ("a.txt", "It rained.", ["a.txt is of no kind that is read here"]),
        ("a.parquet", "", ["a.parquet is no Parquet file"]),
    ],
)
def test_a_wrong_file_is_one_line_and_status_1(capsys, tmp_path, name, text, parts):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    status, out, err = run(capsys, "evaluate", path)
    assert (status, out) == (1, "")
    assert one_line(err, *parts)


def test_a_missing_file_is_one_line_and_status_1(capsys, tmp_path):
    status, _, err = run(capsys, "evaluate", tmp_path / "none.csv")
    assert status == 1
    assert one_line(err, "none.csv: no such file")


def test_a_report_that_cannot_be_written_is_one_line_and_status_1(capsys, labels, tmp_path):
    status, out, err = run(capsys, "evaluate", labels, "--html", tmp_path / "none" / "r.html")
    assert (status, out) == (1, "")
    assert one_line(err, "r.html can't be written")


def test_a_folder_that_is_no_model_is_one_line_and_status_1(capsys, labels, tmp_path):
    status, _, err = run(capsys, "evaluate", labels, "--model", tmp_path)
    assert status == 1
    assert one_line(err, "no tonelens model")


def test_a_plan_is_a_csv_to_fill_in(capsys, corpus):
    status, out, err = run(capsys, "annotate", "plan", corpus, "--n", 12)
    assert (status, err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"), newline="")))
    assert len(rows) == 12
    assert {row["tone"] for row in rows} == {""}
    assert sum(float(row["weight"]) for row in rows) == pytest.approx(27, rel=0.3)


def test_a_plan_goes_from_the_corpus_to_the_figures(capsys, corpus, tmp_path):
    _, out, _ = run(capsys, "annotate", "plan", corpus, "--n", 12, "--seed", 3)
    filled = tmp_path / "filled.csv"
    tones = {"It rained.": "reporting", "It may snow.": "speculation", "What a farce!": "opinion"}
    reader = csv.DictReader(io.StringIO(out.removeprefix("\ufeff"), newline=""))
    with filled.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames)
        writer.writeheader()
        writer.writerows(row | {"tone": tones[row["text"]]} for row in reader)
    status, out, err = run(capsys, "evaluate", filled, "--format", "json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert found["sentences"] == 12
    assert found["overall"]["tones"]["reporting"]["share"]["value"] == pytest.approx(
        1 / 3, abs=0.15
    )


def test_rows_that_cannot_be_read_are_counted_and_the_plan_made_without_them(capsys, corpus):
    corpus.write_text(corpus.read_text() + '{"id": 5}\nnonsense\n')
    status, out, err = run(capsys, "annotate", "plan", corpus, "--n", 5)
    assert status == 1
    assert len(list(csv.reader(io.StringIO(out, newline="")))) == 6
    assert one_line(err, "2 rows left out, the first is row 10: column text")


@pytest.mark.parametrize("text", ["", '{"id": 1}\n'])
def test_a_corpus_without_a_sentence_is_one_line_and_status_1(capsys, tmp_path, text):
    path = tmp_path / "corpus.jsonl"
    path.write_text(text)
    status, out, err = run(capsys, "annotate", "plan", path)
    assert (status, out) == (1, "")
    assert one_line(err, "holds no sentence")


@pytest.mark.parametrize(
    "arguments",
    [["evaluate"], ["annotate"], ["annotate", "plan"], ["annotate", "plan", "x", "--n", "y"]],
)
def test_a_wrong_command_line_is_status_2(capsys, arguments):
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert "usage: tonelens" in err


@pytest.mark.parametrize("arguments", [["evaluate"], ["annotate"], ["annotate", "plan"]])
def test_help_is_printed(capsys, arguments):
    status, out, _ = run(capsys, *arguments, "--help")
    assert status == 0
    assert out.startswith(f"usage: tonelens {arguments[0]}")
