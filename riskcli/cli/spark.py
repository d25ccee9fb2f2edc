"""`riskcli cohort assess --engine spark`: a cohort past one machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from riskcli import words
from riskcli.cli.output import ANSWERED, SOME_WRONG, say
from riskcli.cohort.columns import Naming
from riskcli.cohort.rows import Rowwise
from riskcli.errors import refused
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
        raise refused(words.say("cohort.spark_missing")) from None
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
        state = error.getSqlState() or error.getCondition() or words.say("file.no_reason")
        message = words.say("cohort.spark_failed", source=files["in"], target=files["out"], state=state)
        raise refused(message) from None
    finally:
        session.stop()
    word = words.section("cohort.spark_kinds")
    answers = [
        words.say("cohort.answer", kind=word[kind], number=f"{count:,}")
        for kind, count in sorted(counts.items())
    ]
    say(*(words.say("cohort.table", table=table_heading(rowwise.rules.get(name))) for name in tables))
    rows = words.counted(sum(counts.values()), "row")
    say(words.say("cohort.spark_written", rows=rows, path=files["out"], answers=", ".join(answers)))
    return SOME_WRONG if counts.get("error") else ANSWERED
