"""A run over files: what it writes, that nothing is lost, and that it survives what stops it."""

import csv
import gzip
import importlib.util
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tonelens
from tonelens import corpus
from tonelens.corpus import run as running
from tonelens.corpus.articles import DEEPEST, LONGEST
from tonelens.corpus.output import Output, locked
from tonelens.errors import InputError, OutputError
from tonelens.rows import read_rows

needs_pyarrow = pytest.mark.skipif(
    importlib.util.find_spec("pyarrow") is None, reason="pyarrow isn't installed"
)
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals and file locks")

TEXTS = [
    "The council met on Monday. It may meet again.",
    "“What a waste,” said the mayor. Nobody knows what comes next.",
    "What a shameful farce! It rained, and three ships were sold.",
]
ROWS = [{"id": f"a{i}", "body": TEXTS[i % 3], "outlet": f"o{i % 2}"} for i in range(40)]


def nested(depth):
    return [nested(depth - 1)] if depth else "o"


BAD = [
    ({"id": "b0"}, "no text"),
    ({"id": "b1", "body": " \n"}, "no text"),
    ({"id": "b2", "body": 7}, "of type int"),
    ({"id": "b3", "body": ["It rained."]}, "of type list"),
    ({"body": "It rained."}, "no id in the column 'id'"),
    ({"id": "b5", "body": "It \ud800 rained."}, "not UTF-8"),
    ({"id": "b6", "body": "a" * (LONGEST + 1)}, "absurdly long: 1,000,001 characters"),
    ({"id": "b7", "body": "It rained.", "outlet": ["o", {"\udfff": 1}]}, "not UTF-8"),
    ({"id": ["\ud800"], "body": "It rained."}, "not UTF-8"),
    ({"id": "b9", "body": "It rained.", "outlet": nested(DEEPEST + 1)}, "more than 100 deep"),
]
OPTIONS = {"column": "body", "id_column": "id", "keep": ["outlet"], "size": 200}


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def news(tmp_path):
    return write(tmp_path / "news.jsonl", ROWS)


@pytest.fixture
def mixed(tmp_path):
    """Good rows, with a bad one after every third."""
    rows = list(ROWS)
    for number, (bad, _) in enumerate(BAD):
        rows.insert(4 * number + 3, bad)
    return write(tmp_path / "mixed.jsonl", rows)


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def score(inputs, out, **options):
    given = inputs if isinstance(inputs, list) else [inputs]
    return corpus.score_files(given, out, **{**OPTIONS, **options})


def expected(rows):
    """What reading each article by itself gives."""
    for row in rows:
        for number, sentence in enumerate(tonelens.read(row["body"]), 1):
            known = {"article": row["id"], "outlet": row["outlet"], "position": number}
            yield known | {k: v for k, v in sentence.to_dict().items() if k != "text"}


# What is written


def test_a_row_a_sentence_holds_what_reading_each_article_gives(news, tmp_path):
    counts = score(news, tmp_path / "out.jsonl")
    assert lines(tmp_path / "out.jsonl") == list(expected(ROWS))
    assert counts == corpus.Counts(rows=40, articles=40, rejects=0, sentences=80)
    assert (tmp_path / "out.jsonl.rejects.jsonl").read_bytes() == b""


def test_a_row_an_article_holds_counts_shares_and_means(tmp_path):
    text = "“We lost,” said the mayor. It may rain. It rained."
    news = write(tmp_path / "a.jsonl", [{"id": 1, "body": text, "outlet": None}])
    score(news, tmp_path / "out.jsonl", level="article")
    [row] = lines(tmp_path / "out.jsonl")
    article = tonelens.read(text)
    assert article.voices == ["source", "author", "author"]
    assert (row["article"], row["outlet"], row["sentences"], row["author_sentences"]) == (
        (1, None, 3, 2)
    )
    assert row["speculation_share"] == pytest.approx(1 / 3, abs=1e-6)
    assert row["author_speculation_share"] == row["author_reporting_share"] == 0.5
    mean = sum(sentence.probabilities.opinion for sentence in article) / 3
    assert row["opinion_mean"] == pytest.approx(mean, abs=1e-6)
    voiced = sum(sentence.source_probability for sentence in article) / 3
    assert row["source_probability_mean"] == pytest.approx(voiced, abs=1e-6)


def test_shares_of_the_author_are_empty_where_a_source_says_it_all(tmp_path):
    news = write(tmp_path / "a.jsonl", [ROWS[0] | {"body": "“We lost,” said the mayor."}])
    score(news, tmp_path / "out.jsonl", level="article")
    [row] = lines(tmp_path / "out.jsonl")
    assert row["author_sentences"] == 0
    assert row["author_opinion_share"] is None
    score(news, tmp_path / "out.csv", level="article")
    [row] = csv.DictReader((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines())
    assert row["author_opinion_share"] == ""


def test_a_csv_has_the_same_rows_and_cells(tmp_path):
    odd = [ROWS[0] | {"id": "-a", "outlet": "=1+1"}, ROWS[1] | {"outlet": "'@x"}]
    news = write(tmp_path / "a.jsonl", [*odd, ROWS[2] | {"outlet": -7}])
    score(news, tmp_path / "out.csv")
    score(news, tmp_path / "out.jsonl")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    wanted = [{k: str(v) for k, v in row.items()} for row in lines(tmp_path / "out.jsonl")]
    assert found == wanted


def test_texts_of_a_csv_are_read_as_they_are(tmp_path):
    path, text = tmp_path / "a.csv", "'- It rained.' It may snow."
    path.write_text(f'body\n"{text}"\n', encoding="utf-8")
    corpus.score_files([path], tmp_path / "out.jsonl", column="body")
    last = lines(tmp_path / "out.jsonl")[-1]
    assert text[last["start"] : last["end"]] == "It may snow."


@needs_pyarrow
def test_parquet_has_the_same_rows_and_types_known_beforehand(news, tmp_path):
    import pyarrow as pa
    from pyarrow.parquet import read_table

    score(news, tmp_path / "out.parquet")
    score(news, tmp_path / "out.jsonl")
    table = read_table(tmp_path / "out.parquet")
    schema = pa.schema([(name, pa.string()) for name in ("id", "body", "outlet")])
    seam = corpus.output_schema(schema, "body", id_column="id", keep=["outlet"])
    assert table.schema.equals(seam.remove(len(seam) - 1))
    rounded = [
        {k: pytest.approx(v, abs=1e-6) if isinstance(v, float) else v for k, v in row.items()}
        for row in table.to_pylist()
    ]
    assert lines(tmp_path / "out.jsonl") == rounded


@needs_pyarrow
def test_from_parquet_to_parquet_ids_and_kept_columns_keep_their_types(tmp_path):
    import pyarrow as pa
    from pyarrow.parquet import read_table, write_table

    kinds = {"id": pa.int64(), "body": pa.string(), "day": pa.date32()}
    columns = {"id": [7], "body": TEXTS[:1], "day": [19000]}
    arrays = [pa.array(columns[name], kind) for name, kind in kinds.items()]
    write_table(pa.table(arrays, names=list(kinds)), tmp_path / "in.parquet")
    score(tmp_path / "in.parquet", tmp_path / "out.parquet", keep=["day"])
    found = read_table(tmp_path / "out.parquet").schema
    assert (found.field("article").type, found.field("day").type) == (pa.int64(), pa.date32())


@needs_pyarrow
@pytest.mark.parametrize("ending", [".parquet", ".jsonl", ".csv"])
def test_views_of_strings_are_kept_in_every_kind_of_output(tmp_path, ending):
    import pyarrow as pa
    from pyarrow.parquet import write_table

    text = pa.string_view()
    table = pa.table({name: pa.array([row[name] for row in ROWS], text) for name in ROWS[0]})
    write_table(table, tmp_path / "in.parquet")
    out = tmp_path / f"out{ending}"
    assert score(tmp_path / "in.parquet", out).articles == len(ROWS)
    assert [row for _, row in read_rows(out)][1]["outlet"] == "o0"


def test_numbers_that_are_not_finite_are_null_in_json(tmp_path):
    odd = [float("inf"), [1.5, float("nan"), {"a": float("-inf")}], float("nan")]
    news = write(tmp_path / "a.jsonl", [ROWS[0] | {"outlet": cell} for cell in odd])
    score(news, tmp_path / "out.jsonl", level="article")
    rows = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(row, parse_constant=pytest.fail)["outlet"] for row in rows]
    assert found == [None, [1.5, None, {"a": None}], None]
    score(news, tmp_path / "out.csv", level="article")
    cells = [row.get("outlet") for _, row in read_rows(tmp_path / "out.csv")]
    assert cells == ["inf", '[1.5, null, {"a": null}]', None]


def test_without_ids_an_article_has_its_file_and_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("body\nIt rained.\n\nIt snowed.\n", encoding="utf-8")
    corpus.score_files([path], tmp_path / "out.jsonl", column="body")
    assert [row["article"] for row in lines(tmp_path / "out.jsonl")] == [f"{path}:2", f"{path}:4"]


def test_the_case_of_columns_names_in_files_does_not_matter(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Body,Outlet\nIt rained.,The Packet\n", encoding="utf-8")
    corpus.score_files([path], tmp_path / "out.jsonl", column="body", keep=["OUTLET"])
    assert lines(tmp_path / "out.jsonl")[0]["OUTLET"] == "The Packet"


@pytest.mark.parametrize("jobs", [2, -1])
def test_processes_change_nothing(mixed, tmp_path, jobs):
    score(mixed, tmp_path / "one.jsonl")
    score(mixed, tmp_path / "many.jsonl", jobs=jobs)
    for ending in ("", ".rejects.jsonl"):
        one, many = (tmp_path / f"{name}.jsonl{ending}" for name in ("one", "many"))
        assert one.read_bytes() == many.read_bytes()


def test_the_size_of_parts_changes_nothing(mixed, tmp_path):
    score(mixed, tmp_path / "small.jsonl", size=1)
    score(mixed, tmp_path / "large.jsonl", size=10**9)
    assert (tmp_path / "small.jsonl").read_bytes() == (tmp_path / "large.jsonl").read_bytes()


# Nothing is lost


def test_every_bad_row_is_rejected_with_file_row_and_reason(mixed, tmp_path):
    counts = score(mixed, tmp_path / "out.jsonl")
    rejects = lines(tmp_path / "out.jsonl.rejects.jsonl")
    assert [reject["row"] for reject in rejects] == [4 * i + 4 for i in range(len(BAD))]
    for reject, (_, reason) in zip(rejects, BAD, strict=True):
        assert reject["file"] == str(mixed)
        assert reason in reject["reason"]
    assert counts.rows == counts.articles + counts.rejects == len(ROWS) + len(BAD)
    assert lines(tmp_path / "out.jsonl") == list(expected(ROWS))


def test_rows_that_do_not_add_up_are_an_error(news, tmp_path, monkeypatch):
    lossy = running.score_part
    monkeypatch.setattr(
        running, "score_part", lambda chunk, plan: lossy(chunk, plan)._replace(articles=0)
    )
    with pytest.raises(OutputError, match="40 rows were read, but 0 scored and 0 rejected"):
        score(news, tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def cut(path, share):
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


def test_of_a_cut_file_all_that_is_there_is_scored_and_the_rest_is_one_reject(tmp_path):
    rng = random.Random(0)
    long = [row | {"note": rng.randbytes(200).hex()} for row in ROWS * 20]
    whole = write(tmp_path / "b.jsonl", ROWS[:3])
    short = tmp_path / "a.jsonl.gz"
    short.write_bytes(gzip.compress("".join(json.dumps(r) + "\n" for r in long).encode()))
    cut(short, 0.5)
    counts = score([short, whole], tmp_path / "out.jsonl", size=10_000)
    [reject] = lines(tmp_path / "out.jsonl.rejects.jsonl")
    assert counts.articles > 103
    assert reject["row"] == counts.articles - 2
    assert "breaks off after row" in reject["reason"]
    found = lines(tmp_path / "out.jsonl")
    assert found == list(expected([*long[: counts.articles - 3], *ROWS[:3]]))


@needs_pyarrow
def test_a_cut_parquet_file_is_refused_before_anything_is_written(tmp_path):
    import pyarrow as pa
    from pyarrow.parquet import write_table

    write_table(pa.Table.from_pylist(ROWS), tmp_path / "in.parquet")
    cut(tmp_path / "in.parquet", 0.9)
    with pytest.raises(InputError, match=r"in\.parquet is no Parquet file that can be read"):
        score(tmp_path / "in.parquet", tmp_path / "out.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


@needs_pyarrow
def test_a_parquet_file_damaged_within_is_one_reject(tmp_path):
    import pyarrow as pa
    from pyarrow.parquet import write_table

    rows = [{"id": f"a{i}", "body": f"It rained {i}.", "outlet": None} for i in range(3000)]
    path = tmp_path / "in.parquet"
    write_table(pa.Table.from_pylist(rows), path, row_group_size=1000, use_dictionary=False)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle - 3000 : middle + 3000] = bytes(6000)
    path.write_bytes(data)
    counts = score(path, tmp_path / "out.jsonl", size=10_000)
    [reject] = lines(tmp_path / "out.jsonl.rejects.jsonl")
    assert 0 < counts.articles == reject["row"] - 1 < 3000


@needs_pyarrow
@pytest.mark.parametrize(
    ("kind", "value"), [("timestamp[us]", 10**18), ("date32", 10**8), ("duration[s]", 10**16)]
)
def test_a_date_beyond_all_years_is_one_reject(tmp_path, kind, value):
    import pyarrow as pa
    from pyarrow.parquet import write_table

    day = pa.array([1, value, None]).cast(pa.int32() if kind == "date32" else pa.int64())
    day = day.view(pa.type_for_alias(kind))
    write_table(pa.table({"body": TEXTS, "day": day}), tmp_path / "in.parquet")
    options = {"id_column": None, "keep": ["day"]}
    counts = score(tmp_path / "in.parquet", tmp_path / "out.parquet", **options)
    [reject] = lines(tmp_path / "out.parquet.rejects.jsonl")
    assert (counts.articles, reject["row"]) == (2, 2)
    assert "its cell in the column 'day' can't be read" in reject["reason"]


# Stopped and gone on with

RUN = """
import json, sys, time
from tonelens.corpus import score_files
options = json.loads(sys.argv[3])
score_files([sys.argv[1]], sys.argv[2], **options)
"""


def start(news, out, **options):
    command = [sys.executable, "-c", RUN, str(news), str(out), json.dumps({**OPTIONS, **options})]
    path = str(Path(tonelens.__file__).parent.parent)
    environment = os.environ | {"PYTHONPATH": path}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def parts(out):
    return len(list(Path(f"{out}.parts").glob("*.mark")))


def kill_once_there_are(count, process, out):
    """Kill the process with all its work undone, as the system would, once so many parts stand."""
    end = time.monotonic() + 120
    while process.poll() is None and parts(out) < count and time.monotonic() < end:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)


@posix
@pytest.mark.parametrize(("ending", "jobs", "seed"), [(".jsonl", 1, 1), (".csv", 2, 2)])
def test_killed_at_random_moments_it_goes_on_to_the_same_bytes(mixed, tmp_path, ending, jobs, seed):
    many = tmp_path / "many.jsonl"
    many.write_bytes(mixed.read_bytes().replace(b"a" * 1_000_001, b"") * 5)
    whole, out = tmp_path / f"whole{ending}", tmp_path / f"out{ending}"
    score(many, whole)
    rng, killed = random.Random(seed), 0
    for share in (0.2, 0.8):
        before = parts(out)
        process = start(many, out, jobs=jobs, resume=True)
        kill_once_there_are(before + 1 + int(share * 30 * rng.random()), process, out)
        killed += process.returncode == -signal.SIGKILL
        if not out.exists():
            assert parts(out) >= before, "what was finished is kept"
    assert killed
    score(many, out, resume=True)
    for ending in ("", ".rejects.jsonl"):
        assert Path(f"{out}{ending}").read_bytes() == Path(f"{whole}{ending}").read_bytes()
    left = {path.name for path in tmp_path.iterdir() if path.name.startswith("out")}
    assert left == {out.name, f"{out.name}.rejects.jsonl", f"{out.name}.manifest.json"}


class Stopped(BaseException):
    """Stands for whatever ends a process; nothing catches it."""


@pytest.mark.parametrize("step", range(12))
def test_stopped_at_any_file_that_it_writes_it_goes_on(news, tmp_path, monkeypatch, step):
    whole, out = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    score(news, whole, size=700)
    made = Path.replace
    left = [step]

    def replace(self, target):
        left[0] -= 1
        if left[0] < 0:
            raise Stopped
        return made(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        with pytest.raises(Stopped):
            score(news, out, size=700)
    score(news, out, size=700, resume=True)
    assert out.read_bytes() == whole.read_bytes()


def test_a_part_that_lost_its_end_is_made_anew(news, tmp_path, monkeypatch):
    whole, out = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    score(news, whole)
    with monkeypatch.context() as patch:
        patch.setattr(running, "_finish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            score(news, out)
    part = next(path for path in sorted(Path(f"{out}.parts").iterdir()) if path.suffix == ".jsonl")
    cut(part, 0.5)
    score(news, out, resume=True)
    assert out.read_bytes() == whole.read_bytes()


@pytest.fixture
def stopped(news, tmp_path, monkeypatch):
    """An output whose run was stopped once all parts but the last were there."""
    scored, made = [], running.score_part

    def once(chunk, plan):
        if len(scored) == 5:
            raise Stopped
        scored.append(chunk.number)
        return made(chunk, plan)

    with monkeypatch.context() as patch:
        patch.setattr(running, "score_part", once)
        with pytest.raises(Stopped):
            score(news, tmp_path / "out.jsonl")
    return tmp_path / "out.jsonl"


def test_what_is_finished_is_not_scored_again(news, stopped, monkeypatch):
    again, made = [], running.score_part
    monkeypatch.setattr(
        running, "score_part", lambda chunk, plan: again.append(chunk.number) or made(chunk, plan)
    )
    score(news, stopped, resume=True)
    assert again == list(range(5, 5 + len(again)))
    assert lines(stopped) == list(expected(ROWS))


def test_without_resume_a_stopped_run_is_left_alone(news, stopped):
    with pytest.raises(OutputError, match=r"of a run that was stopped\. Use --resume"):
        score(news, stopped)
    assert parts(stopped) == 5


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda news: write(news, ROWS[:-1]), "inputs changed: .*news.jsonl"),
        (lambda news: os.utime(news, (1, 1)), "inputs changed: .*news.jsonl"),
        (lambda news: {"level": "article"}, "options changed: level"),
        (lambda news: {"keep": []}, "options changed: keep"),
    ],
    ids=["fewer rows", "another time", "another level", "other columns"],
)
def test_what_changed_since_is_refused(news, stopped, change, what):
    options = change(news)
    with pytest.raises(OutputError, match=f"can't go on: since the run began, its {what}"):
        score(news, stopped, resume=True, **(options if isinstance(options, dict) else {}))
    assert parts(stopped) == 5


def test_another_model_is_refused(news, stopped, tmp_path):
    model = tonelens.load()
    other = tonelens.ToneModel(model.network, {**model.card, "note": "retrained"})
    other.save(tmp_path / "other")
    with pytest.raises(OutputError, match="its model changed: identity"):
        score(news, stopped, resume=True, model=tmp_path / "other")


def test_rows_changed_in_secret_are_scored_anew(news, stopped):
    state, data = news.stat(), news.read_bytes()
    news.write_bytes(data.replace(b"Monday", b"Friday", 1))
    os.utime(news, ns=(state.st_atime_ns, state.st_mtime_ns))
    score(news, stopped, resume=True)
    first = ROWS[0] | {"body": ROWS[0]["body"].replace("Monday", "Friday")}
    assert lines(stopped) == list(expected([first, *ROWS[1:]]))


def test_an_input_that_changes_while_it_is_read_stops_the_run(news, tmp_path, monkeypatch):
    made = running.score_part

    def changing(chunk, plan):
        os.utime(news, (1, 1))
        return made(chunk, plan)

    monkeypatch.setattr(running, "score_part", changing)
    with pytest.raises(InputError, match="was changed while it was read"):
        score(news, tmp_path / "out.jsonl")


def test_resuming_what_is_finished_says_the_same_and_does_nothing(mixed, tmp_path):
    out = tmp_path / "out.jsonl"
    first = score(mixed, out)
    written = out.stat().st_mtime_ns
    assert score(mixed, out, resume=True) == first
    assert out.stat().st_mtime_ns == written
    with pytest.raises(OutputError, match=r"out\.jsonl is there already"):
        score(mixed, out)


def test_an_output_that_somebody_else_wrote_is_never_touched(news, tmp_path):
    out = tmp_path / "out.jsonl"
    out.write_text("mine")
    for resume in (False, True):
        with pytest.raises(OutputError, match=r"is there already\. Delete it"):
            score(news, out, resume=resume)
    assert out.read_text() == "mine"


def test_where_the_output_was_deleted_the_run_begins_anew(news, tmp_path):
    out = tmp_path / "out.jsonl"
    score(news, out)
    before = out.read_bytes()
    out.unlink()
    score(news, out)
    assert out.read_bytes() == before


# Two runs, and no room


@posix
def test_two_runs_on_one_output_do_not_meet(news, tmp_path):
    out = tmp_path / "out.jsonl"
    with (
        locked(Output(out).lock),
        pytest.raises(OutputError, match=r"another run is writing .*out\.jsonl"),
    ):
        score(news, out)
    score(news, out)
    assert lines(out) == list(expected(ROWS))
    assert not Output(out).lock.exists()


@posix
def test_of_two_runs_started_at_once_one_wins_and_the_output_is_whole(news, tmp_path):
    many, out = tmp_path / "many.jsonl", tmp_path / "out.jsonl"
    many.write_bytes(news.read_bytes() * 10)
    pair = [start(many, out, size=100) for _ in range(2)]
    errors = [process.communicate(timeout=300)[1] for process in pair]
    assert sorted(process.returncode for process in pair) == [0, 1]
    assert any("another run" in error or "there already" in error for error in errors)
    assert lines(out) == list(expected(ROWS * 10))


def full_disk(tmp_path):
    """A folder on a file system of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, check=False).returncode:
        return None
    return folder


@posix
@pytest.mark.parametrize("jobs", [1, 2])
def test_on_a_full_disk_it_stops_and_goes_on_where_there_is_room(news, tmp_path, jobs):
    folder = full_disk(tmp_path)
    if folder is None:
        pytest.skip("mounting a small file system isn't permitted here")
    many, whole, out = tmp_path / "many.jsonl", tmp_path / "whole.jsonl", folder / "out.jsonl"
    many.write_bytes(news.read_bytes() * 10)
    try:
        filler = folder / "filler"
        filler.write_bytes(bytes(900_000))
        with pytest.raises(OutputError, match=r"out\.jsonl can't be written \(No space left"):
            score(many, out, size=2000, jobs=jobs)
        assert not out.exists()
        filler.unlink()
        score(many, out, size=2000, jobs=jobs, resume=True)
        score(many, whole, size=2000)
        assert out.read_bytes() == whole.read_bytes()
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_where_a_write_fails_no_half_file_is_left(news, tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match=r"can't be written \(No space left on device\)"):
            score(news, tmp_path / "out.jsonl")
    assert not list(tmp_path.rglob("*.draft"))
    score(news, tmp_path / "out.jsonl", resume=True)
    assert lines(tmp_path / "out.jsonl") == list(expected(ROWS))


def test_an_output_of_an_unknown_kind_or_without_folder_is_refused(news, tmp_path):
    with pytest.raises(InputError, match=r"End its name in \.parquet, \.jsonl, \.csv"):
        score(news, tmp_path / "out.xlsx")
    with pytest.raises(OutputError, match="there is no folder"):
        score(news, tmp_path / "none" / "out.csv")


@pytest.fixture
def stdin(monkeypatch):
    """A function that puts rows on standard input."""

    def put(rows):
        data = "".join(json.dumps(row) + "\n" for row in rows).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    put(ROWS)
    return put


def test_standard_input_can_not_be_resumed(tmp_path, stdin):
    with pytest.raises(InputError, match="standard input can't be read again"):
        score("-", tmp_path / "out.jsonl", resume=True)


def test_a_stopped_run_on_standard_input_leaves_nothing_and_the_next_begins_anew(
    tmp_path, stdin, monkeypatch
):
    out, made = tmp_path / "out.jsonl", running.score_part

    def stop(chunk, plan):
        if parts(out) == 2:
            raise OSError(28, "No space left on device")
        return made(chunk, plan)

    with monkeypatch.context() as patch:
        patch.setattr(running, "score_part", stop)
        with pytest.raises(OutputError, match=r"Once that is put right, start anew\."):
            score(["-"], out)
        assert list(tmp_path.iterdir()) == []
        stdin(ROWS)
        patch.setattr(running.shutil, "rmtree", lambda *_, **__: None)  # as if it were killed
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(OutputError):
            score(["-"], out)
    assert parts(out) == 2
    stdin(ROWS)
    score(["-"], out)
    assert lines(out) == list(expected(ROWS))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"inputs": "news.jsonl"}, r"takes the inputs as a list, got one str of 10 characters"),
        ({"inputs": []}, r"got no inputs\. Name a file"),
        ({"inputs": [7]}, "takes a path as each of the inputs, got int"),
        ({"out": 7}, "takes a path as out, got int"),
        ({"model": 7}, "takes a path as model, got int"),
        (
            {"model": tonelens.ToneModel(None, {})},
            r"takes a model by its folder.*model\.save\('folder'\)",
        ),
        ({"jobs": 0}, "got jobs=0, which is no number of processes"),
        ({"size": 0}, "got size=0"),
        ({"stdin_format": "xml"}, r"can't be read as 'xml'\. Use \.csv"),
        ({"column": None}, "takes the name of a column as column, got NoneType"),
        ({"id_column": 5}, "takes the name of a column as id_column, got int"),
    ],
    ids=lambda given: next(iter(given)) if isinstance(given, dict) else "",
)
def test_what_is_no_option_is_refused_before_anything_is_written(
    news, tmp_path, stdin, given, words
):
    options = {"inputs": ["-"], "out": tmp_path / "out.jsonl", **OPTIONS, **given}
    with pytest.raises(InputError, match=words):
        corpus.score_files(**options)
    assert [path.name for path in tmp_path.iterdir()] == ["news.jsonl"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_fails_before_it_has_a_part_leaves_nothing(news, tmp_path, monkeypatch, jobs):
    def fail(*_):
        raise ValueError("no part")

    monkeypatch.setattr(running, "read_chunks", lambda *_, **__: map(fail, "a"))
    with pytest.raises(ValueError, match="no part"):
        score(news, tmp_path / "out.jsonl", jobs=jobs)
    assert [path.name for path in tmp_path.iterdir()] == ["news.jsonl"]


def test_stopped_while_its_parts_are_deleted_a_run_is_finished(news, tmp_path, monkeypatch):
    out, made = tmp_path / "out.jsonl", shutil.rmtree

    def stop(folder, **options):
        made(folder, **options)
        if out.exists():
            raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", stop)
        with pytest.raises(Stopped):
            score(news, out)
    assert score(news, out, resume=True).articles == len(ROWS)


@pytest.mark.parametrize("pattern", ["", "**/*.jsonl"])
def test_an_output_within_the_folder_that_is_read_can_be_gone_on_with(
    news, tmp_path, monkeypatch, pattern
):
    given, out = str(tmp_path / pattern), tmp_path / "out.jsonl"
    with monkeypatch.context() as patch:
        patch.setattr(running, "_finish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            score(given, out)
    assert parts(out)
    score(given, out, resume=True)
    assert lines(out) == list(expected(ROWS))


def test_a_model_saved_anew_in_its_folder_is_the_one_that_scores(news, tmp_path):
    model, folder = tonelens.load(), tmp_path / "model"
    model.save(folder)
    for note in ("first", "second, longer"):
        tonelens.ToneModel(model.network, {**model.card, "note": note}).save(folder)
        score(news, tmp_path / f"{note}.jsonl", model=folder)
    first, second = (
        json.loads((tmp_path / f"{note}.jsonl.manifest.json").read_text(encoding="utf-8"))["model"]
        for note in ("first", "second, longer")
    )
    assert first != second
