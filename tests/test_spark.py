"""Spark: the same rows as a local run, from executors that are processes of their own."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tonelens
from tonelens import corpus

needs_spark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None or shutil.which("java") is None,
    reason="pyspark or Java isn't installed",
)
ROWS = [
    {"id": f"a{i}", "body": f"It rained {i} times. It may snow.", "n": i} for i in range(40)
] + [{"id": "bad", "body": None, "n": 40}]

# A process of its own, so that no setting or thread of Spark's stays in this one.
SCORE = """
import json, os, sys
from pyspark.sql import SparkSession
import tonelens.spark

folder = sys.argv[1]
spark = SparkSession.builder.master("local-cluster[2,1,1024]").getOrCreate()
rows = [json.loads(line) for line in open(f"{folder}/rows.jsonl")]
frame = spark.createDataFrame(rows, "id string, body string, n int").repartition(4).cache()
scored = {
    level: tonelens.spark.score(frame, "body", id_column="id", keep=["n"], level=level)
    for level in ("sentence", "article")
}
numbered = tonelens.spark.score(frame, "body").select("article").distinct().count()
parents = frame.rdd.mapPartitions(lambda _: [os.getppid()]).distinct().count()
found = {level: [row.asDict() for row in each.collect()] for level, each in scored.items()}
with open(f"{folder}/found.json", "w") as out:
    json.dump({"numbered": numbered, "parents": parents, **found}, out)
spark.stop()
"""
SETTINGS = """
spark.ui.enabled false
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.sql.shuffle.partitions 2
spark.executor.memory 512m
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What a cluster of two executors on this machine gave."""
    folder = tmp_path_factory.mktemp("spark")
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (folder / "spark-defaults.conf").write_text(SETTINGS)
    settings = {
        "PYTHONPATH": str(Path(tonelens.__file__).parent.parent),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_CONF_DIR": str(folder),
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(folder / "work"),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCORE, str(folder)],
        cwd=folder, env=os.environ | settings, capture_output=True, text=True, check=False,
        timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-5000:]
    return json.loads((folder / "found.json").read_text())


@needs_spark
@pytest.mark.parametrize("level", ["sentence", "article"])
def test_the_rows_are_those_of_a_local_run(found, tmp_path, level):
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    corpus.score_files(
        [tmp_path / "rows.jsonl"], tmp_path / "out.parquet",
        column="body", id_column="id", keep=["n"], level=level,
    )  # fmt: skip
    from pyarrow.parquet import read_table

    local = read_table(tmp_path / "out.parquet").to_pylist()
    rows = sorted(found[level], key=lambda row: (row["n"], row.get("position")))
    good = [
        {name: cell for name, cell in row.items() if name != "problem"} | {"n": str(row["n"])}
        for row in rows
        if row["problem"] is None
    ]
    assert good == local
    [bad] = [row for row in rows if row["problem"]]
    assert (bad["article"], bad["n"], bad["problem"]) == ("bad", 40, "no text")


@needs_spark
def test_several_executor_processes_took_part(found):
    assert found["parents"] >= 2


@needs_spark
def test_without_ids_every_article_has_a_number_of_its_own(found):
    assert found["numbered"] == len(ROWS)


def test_without_pyspark_the_extra_is_named(monkeypatch):
    from tonelens.spark import score

    monkeypatch.setitem(sys.modules, "pyspark.sql.functions", None)
    with pytest.raises(tonelens.MissingExtraError, match=r"pip install 'tonelens\[spark\]'"):
        score(None, "body")
