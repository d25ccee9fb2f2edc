"""A user's own data frame to the same frame with the columns of the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import narwhals as nw
import polars as pl

from riskcli.cohort.columns import FieldNames, Naming, match_columns
from riskcli.cohort.frames import FrameAssessor
from riskcli.cohort.rows import Rowwise
from riskcli.cohort.sources import records_frame
from riskcli.loader import Rules, load_rules


def assess_frame(
    frame: Any,
    rules: Rules | None = None,
    *,
    cancer: str | None = None,
    assume: Mapping[str, Any] | None = None,
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[str, Any]] | None = None,
    pass_through: Iterable[str] = (),
    prefix: str = "",
) -> Any:
    """Answer every row of a data frame: the same kind of frame comes back with the answers' columns added.

    `frame` is of Polars (lazy too), pandas, PyArrow or another eager frame that Narwhals knows, or of
    PySpark. `cancer` is that of rows that name none, `assume` the values of rows that state none, `columns`
    the field that a column stands for, `values` what texts stand for by field, `pass_through` the columns
    that are not to be read. A row that cannot be assessed has the reason in `error`.

    Raises:
        CaseError: the columns do not fit (a near miss of a field's name, a name of the answer's).
        TypeError: it is no data frame that can be answered.
    Example:
        >>> frame = pl.DataFrame({"id": ["a", "b"], "grade": [3, 9], "nodes_positive": [2, 0]})
        >>> answered = assess_frame(frame, cancer="other_solid")
        >>> answered["likelihood_highest"].to_list(), answered["error"].null_count()
        (['very_high', None], 1)
    """
    rowwise = Rowwise(rules or load_rules(), cancer, assume, date.today())
    naming = Naming(dict(columns or {}), dict(values or {}), frozenset(pass_through), prefix)
    if type(frame).__module__.startswith("pyspark"):
        from riskcli.cohort.spark import assess_spark

        return assess_spark(frame, rowwise, naming)
    if isinstance(frame, pl.LazyFrame):
        return _lazy(frame, rowwise, naming)
    if isinstance(frame, pl.DataFrame):
        return _assessor(frame.columns, rowwise, naming).answer(frame)
    return _foreign(nw.from_native(frame, eager_only=True), rowwise, naming)


def _foreign(found: nw.DataFrame[Any], rowwise: Rowwise, naming: Naming) -> Any:
    """Return a frame of another library with the answers, as that library keeps them."""
    assessor = _assessor(found.columns, rowwise, naming)
    answers = assessor.columns_of(assessor.numbers(_read(found, assessor.headers)))
    added = [
        nw.new_series(
            column.name,
            column.to_list(),
            nw.Float64() if column.dtype == pl.Float64 else nw.String(),
            backend=found.implementation,
        )
        for column in answers.iter_columns()
    ]
    return found.with_columns(*added).to_native()


def _assessor(headers: Iterable[str], rowwise: Rowwise, naming: Naming) -> FrameAssessor:
    """Return what answers frames with these columns."""
    names = [str(header) for header in headers]
    columns = match_columns(names, FieldNames(rowwise.rules), naming, bool(rowwise.cancer))
    return FrameAssessor(rowwise, columns, naming)


def _lazy(frame: pl.LazyFrame, rowwise: Rowwise, naming: Naming) -> pl.LazyFrame:
    """Return a lazy frame that answers its rows when it is collected, batch by batch."""
    schema = frame.collect_schema()
    assessor = _assessor(schema.names(), rowwise, naming)
    return frame.map_batches(
        assessor.answer,
        schema=pl.Schema({**schema, **assessor.schema()}),
        predicate_pushdown=False,
        projection_pushdown=False,
    )


def _read(frame: nw.DataFrame[Any], headers: Iterable[str]) -> pl.DataFrame:
    """Return the columns of a frame that are read."""
    names = list(headers)
    values = {name: [_value(value) for value in frame[name].to_list()] for name in names}
    records = [dict(zip(names, row, strict=True)) for row in zip(*values.values(), strict=True)]
    return records_frame(records, names)


def _value(value: Any) -> Any:
    """Return a value without the many ways of saying that there is none, and an array as its values."""
    if value is None or isinstance(value, str):
        return value
    if getattr(value, "ndim", 0):
        return value.tolist() if hasattr(value, "tolist") else value
    try:
        return None if value != value else value
    except TypeError:  # pandas' NA is neither
        return None
