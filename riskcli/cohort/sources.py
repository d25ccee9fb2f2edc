"""Files to batches of rows: CSV and TSV, Parquet, spreadsheets and JSON Lines, none of them read whole.

What a file cannot be read for is said in one sentence, with the row.
"""

from __future__ import annotations

from riskcli.cohort.delimited import open_delimited
from riskcli.cohort.formats import (
    CSV,
    FORMATS,
    JSONL,
    PARQUET,
    TEXT,
    TSV,
    XLSX,
    Source,
    format_of,
    look_at,
    refused,
)
from riskcli.cohort.jsonlines import open_json_lines
from riskcli.cohort.mixed import records_frame
from riskcli.cohort.parquet import open_parquet
from riskcli.cohort.sheets import open_sheet
from riskcli.cohort.streams import Stream
from riskcli.records import STDIN, called
from riskcli.words import say

__all__ = [
    "CSV",
    "FORMATS",
    "JSONL",
    "PARQUET",
    "TEXT",
    "TSV",
    "XLSX",
    "Source",
    "format_of",
    "open_source",
    "records_frame",
    "refused",
]


def open_source(path: str, kind: str, delimiter: str | None = None, sheet: str | None = None) -> Source:
    """Return the cohort in a file, or on standard input when `path` is `-`.

    Raises:
        CaseError: it cannot be read, is empty, or is not of that format.
    """
    if delimiter is not None and kind not in (CSV, TSV):
        raise refused(say("cohort_file.delimiter_not", name=path, format=kind))
    if sheet is not None and kind != XLSX:
        raise refused(say("cohort_file.sheet_not", name=path, format=kind))
    if kind in TEXT:
        stream = Stream(path, called(path))
        if kind == JSONL:
            return open_json_lines(stream)
        return open_delimited(stream, delimiter or ("\t" if kind == TSV else ","))
    if path == STDIN:
        raise refused(say("cohort_file.standard_input_not", format=kind))
    look_at(path)
    return open_parquet(path) if kind == PARQUET else open_sheet(path, sheet)
