"""`riskcli cohort assess --engine spark`: a cohort past one machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from riskcli.cli.output import ANSWERED, SOME_WRONG, say
from riskcli.cohort.columns import Naming
from riskcli.cohort.rows import Rowwise
from riskcli.errors import CaseError, Problem, counted
from riskcli.report.wording import table_heading


def assess_with_spark(
    rowwise: Rowwise, naming: Naming, files: Mapping[str, str], delimiter: str | None
) -> int:
    """Answer a cohort with Spark, and return the exit code.

    `files` gives the places `in` and `out`, and their formats as `from` and `to`.

    Raises:
        CaseError: Spark is not installed, or cannot read or write the cohort.
    """
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise _wrong('Spark is not installed; install it with pip install "riskcli[spark]"') from None
    from riskcli.cohort.spark import assess_spark, count_kinds, open_frame, tables_met, write_frame

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = SparkSession.builder.appName("riskcli").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        frame = open_frame(session, files["in"], files["from"], delimiter)
        write_frame(assess_spark(frame, rowwise, naming), files["out"], files["to"])
        written = open_frame(session, files["out"], files["to"], None)
        counts, tables = count_kinds(written, naming.prefix), tables_met(written, naming.prefix)
    except PySparkException as error:
        state = error.getSqlState() or error.getCondition() or "no reason is given"
        raise _wrong(f"Spark could not read {files['in']} or write {files['out']} ({state})") from None
    finally:
        session.stop()
    listed = ", ".join(f"{kind.replace('_', ' ')} {count:,}" for kind, count in sorted(counts.items()))
    say(*(f"{table_heading(rowwise.rules.get(name))}." for name in tables))
    say(f"{counted(sum(counts.values()), 'row')} in {files['out']}: {listed}.")
    return SOME_WRONG if counts.get("error") else ANSWERED


def _wrong(message: str) -> CaseError:
    """Word a problem of the whole run."""
    return CaseError([Problem(None, None, message)])
