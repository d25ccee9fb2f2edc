"""Parquet files to batches of rows."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from polars.exceptions import PolarsError

from riskcli.cohort.formats import Source, refused
from riskcli.words import say

ROWS = 250_000
"""The rows of a batch."""


def open_parquet(path: str) -> Source:
    """Return the cohort in a Parquet file.

    Raises:
        CaseError: it is none, or is damaged.
    """
    try:
        frame = pl.scan_parquet(path, glob=False)
        headers = frame.collect_schema().names()
        size = int(frame.select(pl.len()).collect().item())
    except (PolarsError, OSError):
        raise refused(say("cohort_file.not_parquet", name=path)) from None
    read = [0]

    def batches() -> Iterator[pl.DataFrame]:
        try:
            if not size:
                yield frame.collect()
                return
            for batch in frame.collect_batches(chunk_size=ROWS, maintain_order=True):
                yield batch
                read[0] += batch.height
        except (PolarsError, OSError):
            raise refused(say("cohort_file.damaged_after", name=path, row=read[0])) from None

    return Source(path, headers, batches, size, lambda: read[0])
