"""The command `corpus`: what it prints, its exit status, and how it fails."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tonelens
from tonelens import cli
from tonelens.corpus.manifest import FORMAT

ROWS = [
    {"url": "a", "body": "It rained. It may snow.", "outlet": "The Packet", "date": "2024-05-01"},
    {"url": "b", "body": "What a farce!", "outlet": None, "date": "2024-05-02"},
]


@pytest.fixture
def news(tmp_path):
    path = tmp_path / "news.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


def run(capsys, *arguments):
    status = cli.main(["corpus", *map(str, arguments), "--jobs", "1"])
    out, err = capsys.readouterr()
    return status, out, err


def test_it_writes_the_rows_and_says_how_many(capsys, news, tmp_path):
    out = tmp_path / "out.jsonl"
    arguments = (news, "-o", out, "--text-column", "body", "--id-column", "url")
    status, said, err = run(capsys, *arguments, "--keep", "outlet, date")
    assert (status, err) == (0, "")
    assert said.startswith(
        f"{out}: 2 rows read, 2 articles of 3 sentences scored, 0 rows rejected; "
    )
    first = json.loads(out.read_text(encoding="utf-8").splitlines()[0])
    assert list(first) == [
        *("article", "outlet", "date", "position", "start", "end", "tone"),
        *("reporting", "opinion", "speculation", "voice", "source_probability"),
    ]


def test_rejects_are_counted_named_and_seen_in_the_exit_status(capsys, news, tmp_path):
    with news.open("a", encoding="utf-8") as file:
        file.write("no JSON\n{}\n")
    out = tmp_path / "out.csv"
    for more in ((), ("--resume",)):
        status, said, err = run(capsys, news, "-o", out, "--text-column", "body", *more)
        assert status == 3
        assert "4 rows read, 2 articles of 3 sentences scored, 2 rows rejected" in said
        assert err == f"tonelens: 2 of 4 rows could not be scored: see {out}.rejects.jsonl\n"


def test_the_manifest_says_what_the_output_was_made_from(capsys, news, tmp_path):
    run(capsys, news, "-o", tmp_path / "out.csv", "--text-column", "body", "--level", "article")
    manifest = json.loads((tmp_path / "out.csv.manifest.json").read_text(encoding="utf-8"))
    assert manifest["format"] == FORMAT
    assert manifest["inputs"] == {str(news): [news.stat().st_size, news.stat().st_mtime_ns]}
    assert manifest["options"]["level"] == "article"
    assert manifest["model"]["tonelens"] == tonelens.__version__
    assert manifest["counts"] == {"rows": 2, "articles": 2, "rejects": 0, "sentences": 3}


def test_a_damaged_manifest_is_named(capsys, news, tmp_path):
    (tmp_path / "out.csv.manifest.json").write_text('{"format": 99}', encoding="utf-8")
    status, _, err = run(capsys, news, "-o", tmp_path / "out.csv", "--text-column", "body")
    assert status == 1
    assert "out.csv.manifest.json can't be used" in err
    assert "Delete it and out.csv.parts" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.jsonl", "-o", "out.csv"], "none.jsonl: no such file"),
        (["news.jsonl", "-o", "out.txt"], "End its name in .parquet, .jsonl, .csv"),
        (
            ["news.jsonl", "-o", "out.csv", "--text-column", "body", "--model", "none"],
            "none is no tonelens model",
        ),
        (
            ["news.jsonl", "-o", "out.csv"],
            "in the first 1,000 rows, has no column 'text'; it has: url",
        ),
        (["", "-o", "out.csv"], "takes a path as each of the inputs, got an empty one"),
        (["news.jsonl", "-o", "out.csv", "--keep", "tone"], "can't keep the column 'tone'"),
        (["news.jsonl", "-o", "none/out.csv"], "there is no folder none"),
    ],
)
def test_what_can_not_be_done_is_said_in_one_line(
    capsys, news, tmp_path, monkeypatch, arguments, words
):
    monkeypatch.chdir(tmp_path)
    status, said, err = run(capsys, *arguments)
    assert (status, said) == (1, "")
    assert err.startswith("tonelens: ")
    assert err.count("\n") == 1
    assert words in err
    assert [path.name for path in tmp_path.iterdir()] == ["news.jsonl"]


def test_no_processes_are_refused(capsys, news, tmp_path):
    status = cli.main(["corpus", str(news), "-o", str(tmp_path / "out.csv"), "--jobs", "0"])
    assert status == 1
    assert "--jobs 0 is no number of processes" in capsys.readouterr().err


def corpus(folder, *arguments, code=None, stdin=b""):
    """The command in a process of its own, from a folder."""
    path = str(Path(tonelens.__file__).parent.parent)
    start = ["-c", code] if code else ["-m", "tonelens"]
    return subprocess.run(
        [sys.executable, *start, "corpus", *arguments],
        cwd=folder, env=os.environ | {"PYTHONPATH": path}, input=stdin, capture_output=True,
        check=False, timeout=300,
    )  # fmt: skip


def test_standard_input_is_read_and_progress_is_silent_in_a_pipe(news, tmp_path):
    arguments = ("-", "-o", "out.jsonl", "--text-column", "body")
    done = corpus(tmp_path, *arguments, stdin=news.read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"out.jsonl: 2 rows read" in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="needs a shell that closes standard input")
def test_a_closed_standard_input_is_named_and_nothing_is_written(tmp_path):
    code = "import os, sys; os.close(0); sys.stdin = None; from tonelens.cli import main; "
    done = corpus(tmp_path, "-", "-o", "out.jsonl", code=code + "sys.exit(main())")
    assert done.returncode == 1
    assert done.stderr.startswith(b"tonelens: standard input is closed")
    assert list(tmp_path.iterdir()) == []


def test_csv_and_json_lines_need_no_pyarrow(news, tmp_path):
    code = "import sys; sys.modules['pyarrow'] = None; from tonelens.cli import main; main()"
    for ending, status in ((".csv", 0), (".jsonl", 0), (".parquet", 1)):
        arguments = ("news.jsonl", "-o", f"out{ending}", "--text-column", "body", "--jobs", "1")
        done = corpus(tmp_path, *arguments, code=code.replace("main()", "sys.exit(main())"))
        assert done.returncode == status, done.stderr
    assert b"pip install 'tonelens[corpus]'" in done.stderr
    assert not (tmp_path / "out.parquet.manifest.json").exists()


@pytest.mark.parametrize(("quiet", "shown"), [([], True), (["--quiet"], False)])
def test_progress_is_shown_on_a_terminal_unless_quiet(
    capsys, news, tmp_path, monkeypatch, quiet, shown
):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    status, _, err = run(capsys, news, "-o", tmp_path / "o.csv", "--text-column", "body", *quiet)
    assert status == 0
    assert ("2 articles, 3 sentences, 0 bad rows" in err) == shown
