"""What the benchmarks compute, on cases done by hand or by scikit-learn; no timings."""

import importlib.util
import json

import pytest

if importlib.util.find_spec("benchmarks") is None or importlib.util.find_spec("training") is None:
    pytest.skip("benchmarks/ isn't part of this installation", allow_module_level=True)

from benchmarks import quality, readme, speed


def vote_row(number, votes, tone):
    return {"id": f"G1.{number}", "text": "It rained.", "tone": tone, "doc": "d", "votes": votes,
            "position": number, "passage": "G1"}  # fmt: skip


def test_the_test_labels_keep_articles_votes_and_context(monkeypatch):
    rows = [vote_row(1, ["OA3", "OQ2"], "opinion"), vote_row(2, ["X--", "SA1"], None)]
    monkeypatch.setattr(quality, "read_rows", lambda name: iter(rows))
    found = quality.labelled_test()
    assert [row.votes for row in found] == [("opinion", "reporting"), (None, "speculation")]
    assert found.articles == ["d", "d"]
    assert found.known.tolist() == [True, False]
    assert {quality.drawn_as(row) for row in found} == {"at random from news sources"}


def test_a_section_is_replaced_and_nothing_else():
    text = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n<!-- y -->\n<!-- /y -->\n"
    once = readme.replaced(text, "x", "new\n")
    assert once == "a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nb\n<!-- y -->\n<!-- /y -->\n"
    assert readme.replaced(once, "x", "new") == once


def test_a_missing_mark_is_named():
    with pytest.raises(ValueError, match="lacks <!-- x --> … <!-- /x -->"):
        readme.replaced("<!-- /x -->\n<!-- x -->\n", "x", "new")


def test_the_readme_has_a_section_for_each_script():
    text = readme.README.read_text(encoding="utf-8")
    for name in readme.SCRIPTS:
        assert readme.replaced(text, name, "new") != text


def test_documents_are_drawn_whole_and_about_one_in_so_many():
    rows = [{"source": "s", "doc": str(i // 2)} for i in range(40_000)]
    kept = [speed.is_drawn(row) for row in rows]
    assert kept[::2] == kept[1::2]
    assert sum(kept) == pytest.approx(40_000 / speed.ONE_IN, rel=0.2)


def test_rates_are_medians_of_rounds_in_which_systems_take_turns():
    calls = []
    systems = [
        speed.System("one", lambda texts: calls.append(("one", len(texts)))),
        speed.System("two", lambda texts: calls.append(("two", len(texts))), most=700),
    ]
    found = speed.rates(systems, ["x"] * 3000)
    assert [name for name, _ in calls] == ["one", "two"] * (speed.ROUNDS + 1)
    assert calls[2:4] == [("one", 3000), ("two", 700)]
    assert all(rate > 0 for rate in found.values())


def test_a_corpus_is_scored_by_the_command_and_its_memory_seen(tmp_path):
    for package in ("psutil", "pyarrow"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install '.[bench]'")
    from benchmarks.corpus import counted, peak_of, seconds_of

    texts, out = ["It rained. It may snow.", "They won."], tmp_path / "out.parquet"
    rows = [json.dumps({"id": str(i), "body": text}) for i, text in enumerate(texts)]
    (tmp_path / "in.jsonl").write_text("\n".join(rows), encoding="utf-8")
    assert seconds_of(tmp_path / "in.jsonl", tmp_path / "first.parquet", 1) > 0
    assert peak_of(tmp_path / "in.jsonl", out, 1) > 10_000_000
    assert counted(out) == {"rows": 2, "articles": 2, "rejects": 0, "sentences": 3}


def test_a_corpus_that_cannot_be_scored_says_why(tmp_path):
    from benchmarks.corpus import seconds_of

    with pytest.raises(SystemExit, match="no such file"):
        seconds_of(tmp_path / "none.jsonl", tmp_path / "out.jsonl", 1)
