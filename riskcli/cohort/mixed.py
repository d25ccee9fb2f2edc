"""Records to data frames whose columns may hold values of any kind."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

FEW = 5_000
"""The rows of a batch that is made of records one by one."""
_SIMPLE = {str, int, float, bool, datetime.date, datetime.datetime}


def records_frame(records: Sequence[Mapping[str, Any]], headers: Sequence[str]) -> pl.DataFrame:
    """Return records as a frame: columns of one kind of value are that kind, others hold Python's values.

    Example:
        >>> frame = records_frame([{"grade": 2}, {"grade": "G3"}], ["grade"])
        >>> frame["grade"].to_list()
        [2, 'G3']
    """
    import polars as pl

    columns = []
    for header in headers:
        values = [record.get(header) for record in records]
        kinds = {value.__class__ for value in values} - {type(None)}
        simple = len(kinds) <= 1 and kinds <= _SIMPLE
        try:
            column = pl.Series(header, values, strict=True) if simple else None
        except (TypeError, OverflowError, pl.exceptions.PolarsError):
            column = None
        columns.append(pl.Series(header, values, dtype=pl.Object) if column is None else column)
    return pl.DataFrame(columns)
