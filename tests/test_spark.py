"""Cohorts on local Spark: row for row the answers of the default engine. Needs Java."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import riskcli
from riskcli.cohort.rows import OUTPUTS

pl = pytest.importorskip("polars")
pytest.importorskip("pyspark", reason="needs PySpark")
if shutil.which("java") is None:
    pytest.skip("needs Java", allow_module_level=True)

ROWS: list[tuple[Any, ...]] = [
    ("1", "breast", 3, 2.0, "positive"),
    ("2", "breast", None, float("nan"), "unknown"),
    ("3", "colon", None, 4.0, None),
    ("4", "breast", 9, 0.0, "negative"),
    ("5", "lymphoma", 1, 0.0, None),
    ("6", "breast", 2, 0.0, "positive/negative"),
    ("7", None, 2, 0.0, "positive"),
] * 30
NAMES = ("id", "cancer", "grade", "nodes_positive", "er")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A Spark session on this machine."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def test_rows_are_the_same_as_on_the_default_engine(spark: Any) -> None:
    frame = spark.createDataFrame(
        ROWS, "id string, cancer string, grade int, nodes_positive double, er string"
    )
    answered = riskcli.assess_frame(frame.repartition(3), assume={"her2": "negative"}, prefix="risk_")
    found = sorted((tuple(row) for row in answered.collect()), key=lambda row: (row[0], str(row)))
    here = riskcli.assess_frame(
        pl.DataFrame(ROWS, schema=list(NAMES), orient="row"), assume={"her2": "negative"}, prefix="risk_"
    )
    wanted = sorted(here.rows(), key=lambda row: (row[0], str(row)))
    assert answered.columns == [*NAMES, *(f"risk_{name}" for name in OUTPUTS)]
    assert [row[len(NAMES) :] for row in found] == [row[len(NAMES) :] for row in wanted]
    assert any(row[-4] for row in found), "some rows are wrong"


def test_the_command_writes_what_the_default_engine_writes(tmp_path: Path) -> None:
    source = tmp_path / "cohort.csv"
    pl.DataFrame(ROWS, schema=list(NAMES), orient="row").fill_nan(None).write_csv(source)
    here = tmp_path / "here.parquet"

    def assess(*args: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "riskcli", "cohort", "assess", str(source), "--cancer", "colon"]
        return subprocess.run([*command, *map(str, args)], capture_output=True, text=True, check=False)

    told = assess("-o", here)
    assert told.returncode == 4, told.stderr
    there = tmp_path / "there"
    told = assess("-o", there, "--to", "parquet", "--engine", "spark")
    assert told.returncode == 4, told.stderr
    assert "error" in told.stderr
    assert told.stderr.count(" - DRAFT, not reviewed by a clinician.") == 2
    frames = [pl.read_parquet(here), pl.read_parquet(there / "*.parquet")]
    rows = [sorted(frame.cast(pl.String).rows(), key=str) for frame in frames]
    assert rows[0] == rows[1]
    told = assess("-o", there, "--to", "parquet", "--engine", "spark")
    assert (told.returncode, told.stdout) == (2, "")
    assert "Traceback" not in told.stderr


def test_what_spark_does_not_do_is_refused(run: Any, tmp_path: Path) -> None:
    told = run("cohort", "assess", "x.csv", "-o", "y.csv", "--engine", "spark", "--strict")
    assert told.code == 2
    told = run("cohort", "assess", "x.csv", "-o", "y.csv", "--engine", "duck")
    assert (told.code, told.err) == (2, "--engine duck is not known; use polars or spark\n")
