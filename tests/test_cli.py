"""The command: what it prints, its exit status, and that it ends well whatever happens."""

import contextlib
import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tonelens
import tonelens.model
from tonelens import cli, report
from tonelens.errors import InputError
from tonelens.inputs import decode
from tonelens.results import Article, Probabilities, SentenceTone
from tonelens.sentences import spans

NEWS = "The council met on Monday. It may meet again. What a waste, said the “mayor”."
COMMAND = [sys.executable, "-m", "tonelens"]
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX pipes, signals and devices")


class TinyModel:
    """Calls every sentence opinion, at 0.75."""

    def read(self, text):
        p = Probabilities((0.125, 0.75, 0.125))
        found = spans(text)
        return Article(text, tuple(SentenceTone(text[a:b], p, 0.25, a, b) for a, b in found))


@pytest.fixture(autouse=True)
def _plain_settings(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("IOENCODING", "UTF8", "UNBUFFERED"):
        monkeypatch.delenv(f"PYTHON{name}", raising=False)


@pytest.fixture
def tiny(monkeypatch):
    """A model in the place of the shipped one; its list holds the folders asked for."""
    asked = []
    monkeypatch.setattr(tonelens.model, "load", lambda path=None: asked.append(path) or TinyModel())
    return asked


@pytest.fixture
def news(tmp_path):
    path = tmp_path / "news.txt"
    path.write_text(NEWS, encoding="utf-8")
    return path


@pytest.fixture
def stdin(monkeypatch):
    def put(data):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="ascii"))

    return put


def tool(*arguments, stdin=b"", **environ):
    """Run the command in a process of its own; stdout and stderr are bytes."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin, capture_output=True, check=False, timeout=120, env={**os.environ, **environ},
    )  # fmt: skip


def one_line(error, *parts):
    """Whether `error` is one line of the tool's, with all of `parts`, and no traceback."""
    text = error.decode("utf-8") if isinstance(error, bytes) else error
    assert text.startswith("tonelens: ")
    assert text.endswith("\n")
    assert len(text.splitlines()) == 1
    for part in parts:
        assert str(part) in text
    return True


# help, version, usage


@pytest.mark.parametrize("arguments", [["--help"], ["score", "--help"]])
def test_help_shows_examples_and_exits_0(arguments, capsys):
    assert cli.main(arguments) == 0
    shown = capsys.readouterr().out
    assert "examples:" in shown
    assert "tonelens score article.txt" in shown
    assert "--format csv" in shown


def test_help_names_all_that_score_takes(capsys):
    cli.main(["score", "--help"])
    shown = capsys.readouterr().out
    for word in ("FILE", "standard input", "--format", "table", "jsonl", "csv", "--model", "UTF-8"):
        assert word in shown


def test_version_is_the_package_s(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"tonelens {tonelens.__version__}\n"


@pytest.mark.parametrize("flag", ["--version", "--help"])
def test_version_and_help_import_neither_model_nor_scikit_learn(flag):
    code = (
        f"import sys; from tonelens.cli import main; assert main(['{flag}']) == 0; "
        "print(sorted({'tonelens.model', 'tonelens.sentences', 'safetensors', 'sklearn', 'nltk', "
        "'joblib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_without_arguments_help_is_shown_and_the_status_is_2(capsys):
    assert cli.main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "usage: tonelens" in err
    assert "examples:" in err


@pytest.mark.parametrize(
    "arguments", [["score"], ["score", "x", "--format", "xml"], ["frobnicate"], ["--nope"]]
)
def test_wrong_usage_exits_2_and_says_how_on_stderr(arguments, capsys):
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "usage: tonelens" in err


def test_arguments_default_to_those_of_the_process(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["tonelens", "--version"])
    assert cli.main() == 0
    assert capsys.readouterr().out.startswith("tonelens ")


# what is printed


def test_a_table_is_the_default_plain_and_100_wide_when_piped(news):
    """Also when the terminal it was started from is another size."""
    done = tool("score", news, COLUMNS="40", TERM="xterm-256color")
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode("utf-8").splitlines()
    assert lines[0] == str(news)
    assert lines[2].split() == ["#", "tone", "prob", "voice", "sentence"]
    assert [line.split()[0] for line in lines[3:6]] == ["1", "2", "3"]
    assert "3 sentences: " in lines[-1]
    assert b"\x1b" not in done.stdout


def test_a_piped_table_wraps_at_100(tmp_path, tiny, capsys):
    long = tmp_path / "long.txt"
    long.write_text("word " * 100 + "end.", encoding="utf-8")
    cli.main(["score", str(long)])
    widths = [len(line) for line in capsys.readouterr().out.splitlines() if "word" in line]
    assert 90 < max(widths) <= 100


def test_the_same_input_gives_the_same_bytes(news):
    assert tool("score", news).stdout == tool("score", news).stdout


def test_json_lines_name_file_offsets_and_probabilities(news):
    done = tool("score", news, "--format", "jsonl")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["number"] for row in rows] == [1, 2, 3]
    for row in rows:
        assert tuple(row) == report.COLUMNS
        assert row["file"] == str(news)
        assert NEWS[row["start"] : row["end"]] == row["text"]
        total = row["reporting"] + row["opinion"] + row["speculation"]
        assert total == pytest.approx(1, abs=1e-5)


def test_csv_of_several_files_has_one_header(news, tmp_path, tiny, capsys):
    other = tmp_path / "other.txt"
    other.write_text("Then it rained.", encoding="utf-8")
    assert cli.main(["score", str(news), str(other), "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out, newline="")))
    assert [Path(row["file"]).name for row in rows] == ["news.txt"] * 3 + ["other.txt"]
    assert [row["number"] for row in rows] == ["1", "2", "3", "1"]


def test_csv_lines_end_in_cr_lf_on_every_system(news):
    lines = tool("score", news, "--format", "csv").stdout.split(b"\n")
    assert len(lines) == 5
    assert all(line.endswith(b"\r") and not line.endswith(b"\r\r") for line in lines[:-1])


def test_tables_of_several_files_are_named_and_stand_apart(news, tiny, capsys):
    assert cli.main(["score", str(news), str(news)]) == 0
    assert f"voice.\n\n{news}\n\n#" in capsys.readouterr().out


def test_files_are_written_one_by_one(news, tiny, capsys, monkeypatch):
    """What is scored already is on its way before the next file is read."""
    seen = []
    read = cli.read_bytes
    monkeypatch.setattr(
        cli, "read_bytes", lambda f: seen.append(capsys.readouterr().out) or read(f)
    )
    cli.main(["score", str(news), str(news)])
    assert seen[0] == ""
    assert "3 sentences" in seen[1]


def test_model_names_the_folder_to_load(news, tiny):
    assert cli.main(["score", str(news), "--model", "mine"]) == 0
    assert cli.main(["score", str(news)]) == 0
    assert tiny == ["mine", None]


def test_a_saved_model_can_be_given(news, tmp_path):
    tonelens.load().save(tmp_path / "mine")
    own = tool("score", news, "--format", "csv", "--model", tmp_path / "mine")
    assert own.returncode == 0
    assert own.stdout == tool("score", news, "--format", "csv").stdout


def test_a_folder_that_is_no_model_is_one_line_and_status_1(news, tmp_path, capsys):
    assert cli.main(["score", str(news), "--model", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert one_line(err, tmp_path, "is no tonelens model")


# input


def test_standard_input_is_read_as_utf_8_whatever_the_locale(stdin, tiny, capsys):
    stdin(NEWS.encode("utf-8"))
    assert cli.main(["score", "-", "--format", "jsonl"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["file"] for row in rows} == {"<stdin>"}
    assert "“mayor”" in rows[2]["text"]


def test_standard_input_that_is_not_utf_8_is_refused(stdin, tiny, capsys):
    stdin(b"caf\xe9")
    assert cli.main(["score", "-"]) == 1
    assert one_line(capsys.readouterr().err, "tonelens: <stdin>: ", "0xe9", "offset 3")


@posix
def test_closed_standard_input_is_one_line_and_status_1():
    done = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -m tonelens score - <&-'],
        capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert one_line(done.stderr, "<stdin>", "closed")


def test_a_byte_order_mark_is_dropped(tmp_path, tiny, capsys):
    path = tmp_path / "bom.txt"
    path.write_bytes(b"\xef\xbb\xbf" + NEWS.encode("utf-8"))
    assert cli.main(["score", str(path), "--format", "jsonl"]) == 0
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (first["start"], first["text"]) == (0, "The council met on Monday.")


@pytest.mark.parametrize(
    ("data", "byte", "offset"),
    [
        (b"\xff", "0xff", 0),
        (b"It rained.\xe9 ", "0xe9", 10),
        ("é".encode() * 5 + b"\x80", "0x80", 10),
        (b"\xef\xbb\xbfab\xff", "0xff", 5),
        (b"cut \xe2\x80", "0xe2", 4),
        (b"\xed\xa0\x80", "0xed", 0),
        ("a".encode("utf-16"), "0x", 0),
    ],
    ids=["first", "latin-1", "after é", "after a mark", "cut short", "surrogate", "utf-16"],
)
def test_the_first_wrong_byte_and_its_offset_are_named(data, byte, offset):
    """The offset is that in the file, byte order mark included."""
    with pytest.raises(InputError, match=f"not UTF-8: byte {byte}.* at offset {offset}\\. "):
        decode(data)


def test_utf_16_is_recognised():
    with pytest.raises(InputError, match="iconv -f UTF-16 "):
        decode("It rained.".encode("utf-16"))


def test_line_ends_are_left_as_they_are():
    """So offsets are those in the file."""
    assert decode(b"a\r\nb\rc\n") == "a\r\nb\rc\n"


def test_a_missing_file_is_one_line_and_status_1(tmp_path):
    done = tool("score", tmp_path / "none.txt")
    assert (done.returncode, done.stdout) == (1, b"")
    assert one_line(done.stderr, f"tonelens: {tmp_path / 'none.txt'}: no such file")


@posix
def test_a_directory_is_one_line_that_says_what_to_give(tmp_path, tiny, capsys):
    assert cli.main(["score", str(tmp_path)]) == 1
    assert one_line(capsys.readouterr().err, f"tonelens: {tmp_path}: ", "directory", "*.txt")


def test_an_unreadable_file_is_one_line_and_status_1(news, tiny, capsys, monkeypatch):
    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert cli.main(["score", str(news)]) == 1
    assert one_line(capsys.readouterr().err, news, "Permission denied")


@pytest.mark.parametrize("style", ["table", "jsonl", "csv"])
def test_good_files_are_scored_beside_bad_ones(style, news, tmp_path, tiny, capsys):
    """One line for each bad file, all of the good ones on stdout, status 1 in the end."""
    latin = tmp_path / "latin.txt"
    latin.write_bytes(b"Caf\xe9.")
    missing = tmp_path / "missing.txt"
    files = [news, latin, missing, news]
    assert cli.main(["score", *map(str, files), "--format", style]) == 1
    out, err = capsys.readouterr()
    assert out.count("The council met on Monday.") == 2
    first, second = err.splitlines(keepends=True)
    assert one_line(first, latin, "offset 3")
    assert one_line(second, missing, "no such file")


def test_a_file_name_can_not_drive_the_terminal_or_add_a_line(tiny, capsys):
    assert cli.main(["score", "a\x1b[31m\nb\udcff.txt"]) == 1
    assert capsys.readouterr().err == r"tonelens: a\x1b[31m\nb\udcff.txt: no such file" + "\n"


@posix
@pytest.mark.parametrize("style", ["table", "jsonl", "csv"])
def test_a_file_name_that_is_not_utf_8_can_be_written(style, tmp_path, tiny, capsys):
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    try:
        Path(os.fsdecode(path)).write_bytes(b"It rained.")
    except OSError:
        pytest.skip("this file system takes names in UTF-8 alone")
    assert cli.main(["score", os.fsdecode(path), "--format", style]) == 0
    assert r"caf\udce9.txt" in capsys.readouterr().out


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\xef\xbb\xbf"], ids=["empty", "blank", "mark"])
def test_a_text_without_sentences_is_bad_input_by_itself(data, tmp_path, tiny, capsys):
    """One line and status 1, since nothing at all was scored; the table says so, too."""
    path = tmp_path / "empty.txt"
    path.write_bytes(data)
    assert cli.main(["score", str(path)]) == 1
    out, err = capsys.readouterr()
    assert "No sentences." in out
    assert one_line(err, f"tonelens: {path}: nothing to score")


def test_a_text_without_sentences_is_no_failure_beside_one_with_some(news, tmp_path, tiny, capsys):
    path = tmp_path / "empty.txt"
    path.touch()
    assert cli.main(["score", str(path), str(news)]) == 0
    out, err = capsys.readouterr()
    assert "No sentences." in out
    assert err == ""


def test_csv_without_rows_still_has_its_header(tmp_path, tiny, capsys):
    assert cli.main(["score", str(tmp_path / "none.txt"), "--format", "csv"]) == 1
    assert capsys.readouterr().out == report.CSV_HEADER


@pytest.mark.parametrize("unit", ["It rained in the town. ", "word ", "x"])
def test_a_line_of_a_megabyte_is_scored_whole(unit, tmp_path):
    path = tmp_path / "big.txt"
    path.write_text(unit * (1_000_000 // len(unit)), encoding="utf-8")
    done = tool("score", path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert max(map(len, done.stdout.splitlines()[2:])) <= 100
    words = done.stdout.count(unit.split()[-1].encode())
    assert words >= 0.99 * (1_000_000 // len(unit))


# colour


@pytest.mark.parametrize(
    ("environ", "terminal", "expected"),
    [
        ({"TERM": "xterm"}, True, True),
        ({}, True, True),
        ({"TERM": "xterm"}, False, False),
        ({"TERM": "dumb"}, True, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": "0"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": ""}, False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_colour_is_for_terminals_and_the_environment_decides(environ, terminal, expected):
    assert cli.use_colour(environ, terminal=terminal) is expected


def test_force_color_colours_a_piped_table(news, tiny, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    cli.main(["score", str(news)])
    assert f"\x1b[{report.STYLES['opinion']}m" in capsys.readouterr().out


@pytest.mark.parametrize("style", ["jsonl", "csv"])
def test_formats_for_programs_are_never_coloured(style, news, tiny, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    cli.main(["score", str(news), "--format", style])
    assert "\x1b" not in capsys.readouterr().out


def _on_terminal(news, columns, **environ):
    """Standard output of a table shown on a terminal of that many columns."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    settings = {**os.environ, "TERM": "xterm-256color", "FORCE_COLOR": "1", **environ}
    if "FORCE_COLOR" not in environ:
        del settings["FORCE_COLOR"]
    with subprocess.Popen([*COMMAND, "score", str(news)], stdout=theirs, env=settings) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # how Linux says that the other end is closed
            while part := os.read(ours, 65536):
                shown += part
        os.close(ours)
    assert process.returncode == 0
    return shown.decode("utf-8")


@posix
def test_a_terminal_gets_colours_and_its_own_width(news):
    news.write_text("word " * 60 + "end.", encoding="utf-8")
    shown = _on_terminal(news, 70)
    assert "\x1b[" in shown
    bare = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert 60 < max(len(line) for line in bare.splitlines() if "word" in line) <= 70


@posix
@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_a_terminal_that_wants_no_colour_gets_none(environ, news):
    assert "\x1b" not in _on_terminal(news, 80, **environ)


@posix
def test_a_text_can_not_drive_the_terminal(news):
    news.write_bytes(b"It \x1b]0;title\x07 rained \xc2\x9b2J on \x1b[2J Monday.\r\n")
    shown = _on_terminal(news, 80, NO_COLOR="1")
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]", shown)
    assert r"\x1b]0;title\x07" in shown


# encodings


@pytest.mark.parametrize(
    "environ",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "cp1252:strict"},
    ],
    ids=["C", "C alone", "ascii", "latin-1", "cp1252"],
)
@pytest.mark.parametrize("style", ["table", "jsonl"])
def test_no_output_encoding_makes_it_fail(style, environ, tmp_path):
    """JSON lines stay UTF-8; a table spells out what the terminal can't show."""
    path = tmp_path / "wide.txt"
    path.write_text("The “港” said é \U0001f600.", encoding="utf-8")
    done = tool("score", path, "--format", style, **environ)
    assert (done.returncode, done.stderr) == (0, b"")
    if style == "jsonl":
        assert json.loads(done.stdout.decode("utf-8"))["text"] == "The “港” said é \U0001f600."
    else:
        assert b"\\u6e2f" in done.stdout or "港".encode() in done.stdout


# endings


@posix
@pytest.mark.parametrize(
    ("style", "unbuffered", "statuses"),
    [("table", "", {141}), ("jsonl", "", {141}), ("table", "1", {0, 141})],
)
def test_a_reader_that_goes_away_is_no_error(style, unbuffered, statuses, tmp_path):
    """As in ``tonelens score big.txt | head -1``: no traceback, nothing on stderr at all.

    Without a buffer Python takes a write that was cut short for a whole one, hence the 0.
    """
    path = tmp_path / "big.txt"
    path.write_text("It rained in the town. " * 20_000, encoding="utf-8")
    with subprocess.Popen(
        [*COMMAND, "score", str(path), "--format", style],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    ) as process:  # fmt: skip
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) in statuses


@posix
@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["score", "news.txt"]])
def test_a_reader_that_was_never_there_is_no_error(arguments, news):
    """A short output, written only when it is flushed, fails as quietly as a long one."""
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [*COMMAND, *arguments], stdout=theirs, stderr=subprocess.PIPE,
        cwd=news.parent, check=False, timeout=120, env={**os.environ, "PYTHONPATH": _root()},
    )  # fmt: skip
    os.close(theirs)
    assert (done.returncode, done.stderr) == (141, b"")


def _root():
    return str(Path(tonelens.__file__).parent.parent)


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [["score", "news.txt"], ["--version"]])
def test_a_full_disk_is_one_line_and_status_1(arguments, news):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE,
            cwd=news.parent, check=False, timeout=120, env={**os.environ, "PYTHONPATH": _root()},
        )  # fmt: skip
    assert done.returncode == 1
    assert one_line(done.stderr, "standard output: No space left")


@posix
def test_an_input_that_the_system_refuses_is_not_blamed_on_standard_output(tmp_path, capsys):
    name = "x" * 300 + ".csv"
    assert cli.main(["corpus", name, "-o", str(tmp_path / "tones.csv")]) == 1
    err = capsys.readouterr().err
    assert one_line(err, "xxx.csv: File name too long")
    assert "standard output" not in err


@posix
def test_closed_standard_output_is_one_line_and_status_1(news):
    done = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -m tonelens score "{news}" >&-'],
        stderr=subprocess.PIPE, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert one_line(done.stderr, "standard output", "closed")


@posix
def test_closed_standard_error_leaves_standard_output_clean(news, tmp_path):
    missing = tmp_path / "none.txt"
    done = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -m tonelens score "{missing}" "{news}" 2>&-'],
        stdout=subprocess.PIPE, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert b"none.txt" not in done.stdout


@posix
def test_ctrl_c_exits_130_and_keeps_what_was_printed(news):
    """The first file is out when the second, standard input, is interrupted."""
    with subprocess.Popen(
        [*COMMAND, "score", str(news), "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        # Whoever runs the tests in the background has interrupts ignored, also in what they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:  # fmt: skip
        shown = b""
        while b"3 sentences" not in shown:
            shown += process.stdout.readline()
        time.sleep(0.2)  # for it to be reading again
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr.read() == b""


def test_ctrl_c_in_process_gives_130(news, tiny, monkeypatch, capsys):
    def interrupt(_self, _text):
        raise KeyboardInterrupt

    monkeypatch.setattr(TinyModel, "read", interrupt)
    assert cli.main(["score", str(news)]) == 130
    assert capsys.readouterr() == ("", "")


# answering only when sure


def test_a_tone_less_probable_than_asked_is_left_out(news, tiny, capsys):
    """The tiny model is sure to 0.75 of every sentence."""
    shown = {}
    for style in ("table", "jsonl", "csv"):
        arguments = ["score", str(news), "--format", style]
        assert cli.main([*arguments, "--abstain-below", "0.75"]) == 0
        assert "opinion" in capsys.readouterr().out
        assert cli.main([*arguments, "--abstain-below", "0.76"]) == 0
        shown[style] = capsys.readouterr().out
    assert "1  unsure        75%" in shown["table"]
    assert "0% speculation, 100% unsure;" in shown["table"]
    assert {json.loads(line)["tone"] for line in shown["jsonl"].splitlines()} == {None}
    rows = csv.DictReader(io.StringIO(shown["csv"], newline=""))
    assert {(row["tone"], row["opinion"]) for row in rows} == {("", "0.75")}


def test_a_threshold_that_is_no_probability_is_refused(news, tiny, capsys):
    assert cli.main(["score", str(news), "--abstain-below", "70"]) == 1
    assert one_line(capsys.readouterr().err, "from 0 to 1", "70")


# explaining


def test_a_sentence_is_explained_as_a_table_that_adds_up(capsys):
    assert cli.main(["explain", "Mayor Ada Wirth may lose 3 seats."]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1  Mayor Ada Wirth may lose 3 seats."
    assert any("may" in line and line.endswith("hedge") for line in lines)
    assert any("Ada Wirth (seen as a name, whichever)" in line for line in lines)
    *parts, total = [float(line.split()[0]) for line in lines[3:]]
    assert sum(parts) == pytest.approx(total, abs=0.1)
    assert lines[-1].endswith("sum")


def test_a_sentence_of_a_file_is_explained_in_its_context_by_its_number(news, stdin, capsys):
    article = tonelens.read(NEWS)
    assert cli.main(["explain", str(news), "--sentence", "2", "3", "--format", "jsonl"]) == 0
    out = capsys.readouterr().out
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["number"] for row in rows] == [2, 3]
    assert [row["text"] for row in rows] == [s.text for s in article][1:]
    assert [row["opinion"] for row in rows] == [round(s.probabilities.opinion, 6) for s in article][
        1:
    ]
    stdin(NEWS.encode("utf-8"))
    assert cli.main(["explain", "-", "--sentence", "2", "3", "--format", "jsonl"]) == 0
    assert capsys.readouterr().out == out


@pytest.mark.parametrize(
    "numbers",
    [["--sentence", "2", "3"], ["--sentence", "2", "--sentence", "3"],
     ["--format", "jsonl", "--sentence", "2", "3"]],
)  # fmt: skip
def test_a_file_may_stand_before_or_after_the_numbers(numbers, news, capsys):
    shown = []
    for arguments in ([str(news), *numbers], [*numbers, str(news)]):
        assert cli.main(["explain", "--tone", "opinion", *arguments]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1] != ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "required: TEXT"),
        (["--sentence", "1"], "required: TEXT"),
        (["a.txt", "--sentence", "one"], "takes one TEXT, and numbers after --sentence; got 'one'"),
        (["--sentence", "1", "a.txt", "b.txt"], "got 'b.txt' too"),
    ],
)
def test_one_text_to_explain_is_wanted(arguments, words, capsys):
    assert cli.main(["explain", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err


def test_a_tone_may_be_asked_about(capsys):
    cli.main(["explain", "It may rain.", "--tone", "opinion", "--format", "jsonl"])
    assert json.loads(capsys.readouterr().out)["explained"] == "opinion"


def test_a_long_table_keeps_what_moved_most_and_adds_up_the_rest(capsys):
    cli.main(["explain", "The council " + "and the council " * 10 + "may fail."])
    out = capsys.readouterr().out
    assert "smaller parts" in out
    assert len(out.splitlines()) < 25


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["nowhere.txt"], ["nowhere.txt", "no such file"]),
        (["It may rain.", "--sentence", "1"], ["no such file", "without --sentence"]),
        (["NEWS"], ["news.txt has 3 sentences", "--sentence"]),
        (["NEWS", "--sentence", "4"], ["news.txt has 3 sentences"]),
        (["NEWS", "--sentence", "0"], ["news.txt has 3 sentences"]),
        ([""], ["explain got an empty text. Give a file"]),
        ([" "], ["explain got an empty text. Give a file"]),
        (["", "--sentence", "1"], ["explain got an empty text. Give a file"]),
        (["... ! ..."], ["sentence 1", "a letter or digit"]),
        (["long word " * 500 + "?", "--sentence", "1"], ["no such file"]),
    ],
)
def test_what_cannot_be_explained_is_said_in_one_line(arguments, parts, news, capsys):
    given = [str(news) if word == "NEWS" else word for word in arguments]
    assert cli.main(["explain", *given]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert one_line(err, *parts)


def test_a_file_that_is_no_text_is_named(tmp_path, capsys):
    path = tmp_path / "latin.txt"
    path.write_bytes(b"Caf\xe9.")
    assert cli.main(["explain", str(path), "--sentence", "1"]) == 1
    assert one_line(capsys.readouterr().err, "latin.txt", "not UTF-8")


def test_control_characters_never_reach_the_terminal(capsys):
    assert cli.main(["explain", "It \x1b[31m may rain."]) == 0
    assert "\x1b" not in capsys.readouterr().out
