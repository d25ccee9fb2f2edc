"""Cohorts past one machine: PySpark hands batches of rows to the same code, on its workers.

    spark-submit PATH/riskcli/__main__.py cohort assess IN -o OUT --engine spark

Every worker needs `riskcli[spark]` and, where local rules are given, the same files at the same place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, cast

import polars as pl

from riskcli.cohort.answers import SCHEMA
from riskcli.cohort.columns import Columns, FieldNames, Naming, match_columns
from riskcli.cohort.frames import FrameAssessor
from riskcli.cohort.reading import ERROR, OUT_OF_SCOPE, RANGE
from riskcli.cohort.rows import Rowwise
from riskcli.cohort.sources import CSV, JSONL, PARQUET, TSV, refused
from riskcli.loader import load_rules
from riskcli.words import say

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession


def assess_spark(frame: DataFrame, rowwise: Rowwise, naming: Naming) -> DataFrame:
    """Return a Spark data frame with the columns of the answers, found when it is written or counted.

    Raises:
        CaseError: the columns do not fit.
    """
    from pyspark.sql.types import DoubleType, StringType, StructField, StructType

    columns = match_columns(frame.columns, FieldNames(rowwise.rules), naming, bool(rowwise.cancer))
    kinds = {name: DoubleType() if kind == pl.Float64 else StringType() for name, kind in SCHEMA.items()}
    added = [StructField(naming.prefix + name, kind) for name, kind in kinds.items()]
    rules = rowwise.rules
    settings = _Settings(
        places=tuple(str(place.absolute()) for place in rules.places),
        unchecked=rules.unchecked,
        cancer=rowwise.cancer,
        assume=rowwise.assume,
        today=rowwise.today,
        columns=columns,
        naming=naming,
    )
    return frame.mapInArrow(settings.answer, StructType([*frame.schema.fields, *added]))


@dataclass(frozen=True)
class _Settings:
    """Everything a worker needs to answer rows as this machine would."""

    places: tuple[str, ...]
    unchecked: bool
    cancer: str | None
    assume: Mapping[str, Any]
    today: date | None
    columns: Columns
    naming: Naming

    def answer(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Give batches of rows with the columns of their answers."""
        import pyarrow as pa

        rules = load_rules(*self.places, unchecked=self.unchecked)
        rowwise = Rowwise(rules, self.cancer, self.assume, self.today)
        assessor = FrameAssessor(rowwise, self.columns, self.naming)
        for batch in batches:
            if not batch.num_rows:
                continue
            frame = cast(pl.DataFrame, pl.from_arrow(batch.select(assessor.headers)))
            answers = assessor.columns_of(assessor.numbers(frame))
            plain = answers.with_columns(pl.col(pl.Categorical).cast(pl.String)).to_arrow()
            added = [
                column.combine_chunks().cast(
                    pa.float64() if pa.types.is_floating(column.type) else pa.string()
                )
                for column in plain.columns
            ]
            yield pa.RecordBatch.from_arrays(
                [*batch.columns, *added], names=[*batch.schema.names, *plain.column_names]
            )


def open_frame(session: SparkSession, path: str, kind: str, delimiter: str | None) -> DataFrame:
    """Return a cohort that Spark reads: Parquet, or CSV, TSV with every column as text, or JSON Lines.

    Raises:
        CaseError: Spark does not read that format here.
    """
    if kind == PARQUET:
        return session.read.parquet(path)
    if kind == JSONL:
        return session.read.json(path)
    if kind not in (CSV, TSV):
        raise refused(say("cohort_file.spark_not_read", format=kind))
    separator = delimiter or ("\t" if kind == TSV else ",")
    return session.read.csv(path, header=True, sep=separator, inferSchema=False, multiLine=True, escape='"')


def write_frame(frame: DataFrame, path: str, kind: str) -> None:
    """Write answers as a directory of part files, whole or not at all.

    Raises:
        CaseError: the directory is there, or Spark does not write that format here.
    """
    if kind not in (PARQUET, CSV, JSONL):
        raise refused(say("cohort_file.spark_not_write", format=kind))
    writer = frame.write.mode("error")
    if kind == PARQUET:
        writer.parquet(path)
    elif kind == CSV:
        writer.csv(path, header=True, escape='"')
    else:
        writer.json(path)


def tables_met(frame: DataFrame, prefix: str) -> list[str]:
    """Return the tables that answered, by name."""
    return sorted(row[0] for row in frame.select(f"{prefix}table").distinct().collect() if row[0])


def count_kinds(frame: DataFrame, prefix: str) -> dict[str, int]:
    """Return how many rows have a level, a range, none because out of scope, and how many are wrong."""
    from pyspark.sql import functions as F

    kind = (
        F.when(F.col(f"{prefix}error").isNotNull(), ERROR)
        .when(F.col(f"{prefix}out_of_scope").isNotNull(), OUT_OF_SCOPE)
        .otherwise(F.coalesce(F.col(f"{prefix}likelihood"), F.lit(RANGE)))
    )
    return {row[0]: row[1] for row in frame.groupBy(kind.alias("kind")).count().collect()}
