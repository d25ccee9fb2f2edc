"""Batches of rows to files: CSV and TSV, Parquet, spreadsheets and JSON Lines.

Text is text: in a spreadsheet nothing becomes a formula, and in CSV that can be asked for.
"""

from __future__ import annotations

import base64
import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from io import BufferedWriter, BytesIO
from typing import IO, Any

import polars as pl
from polars.exceptions import ComputeError

from riskcli.cohort.formats import JSONL, PARQUET, TEXT, TSV, XLSX, need_more, refused
from riskcli.cohort.interrupts import heard_between
from riskcli.cohort.places import opened, temporary_beside, whole
from riskcli.records import STDIN
from riskcli.words import say

MOST_SHEET_ROWS = 1_048_575
"""The rows that a sheet holds under its headings."""
MOST_SHEET_COLUMNS = 16_384
LONGEST_CELL = 32_767
"""The characters that a cell holds."""
_FORMULA = r"^[=+\-@\t\r\n]"
_PLAIN_NUMBER = r"^[+-]?[0-9]+([.,][0-9]+)?$"
_ROWS_AT_ONCE = 50_000
"""The rows of text that are written at once to what is no plain file: a pipe, or a compressed file."""
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
"""Characters that a workbook holds by their number."""
_AS_TEXT = (pl.Object, pl.Binary, pl.Duration)


def write_frames(frames: Iterable[pl.DataFrame], path: str, kind: str, no_formulas: bool = False) -> None:
    """Write batches to a file, or to standard output when `path` is `-`.

    A file appears when everything is written and not before; what was there stays until then. With
    `no_formulas`, text of a CSV file that a spreadsheet would run as a formula gets an apostrophe before it.

    Raises:
        CaseError: the file cannot be written, or the format cannot hold the rows.
    """
    if path == STDIN and kind not in TEXT:
        raise refused(say("output_file.not_on_output", format=kind))
    if kind == PARQUET:
        with whole(path) as part:
            try:
                _write_parquet(frames, part)
            except ComputeError:
                raise refused(say("output_file.no_room", name=path)) from None
        return
    with opened(path, packs=kind in TEXT) as file:
        if kind == XLSX:
            with temporary_beside(path):
                _write_sheet(frames, file)
        elif kind == JSONL:
            _write_lines(frames, file)
        else:
            _write_delimited(frames, file, kind, no_formulas)


def write_records(records: Iterable[Mapping[str, Any]], path: str) -> None:
    """Write records as JSON Lines to a file, or to standard output when `path` is `-`.

    Raises:
        CaseError: the file cannot be written.
    """
    with opened(path, packs=True) as file:
        for record in records:
            file.write(_json(record).encode() + b"\n")


# ---- values


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame whose columns can stand in a table: nested values and mixed ones as text."""
    return pl.DataFrame(
        [
            pl.Series(column.name, list(map(_as_text, column.to_list())), dtype=pl.String)
            if column.dtype.is_nested() or column.dtype in _AS_TEXT
            else column
            for column in frame.iter_columns()
        ]
    )


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with every column as text: for formats whose columns have one type throughout."""
    return flat(frame).cast(pl.String)


def _as_text(value: object) -> str | None:
    """Return a value of any kind as text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list | dict | bool):
        return _json(value)
    return _worded(value) if isinstance(value, bytes) else str(value)


def _json(value: object) -> str:
    """Return a value as JSON; a number that is none is null there."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_worded)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, default=_worded)


def _worded(value: object) -> str:
    """Return as text what JSON has no form for: bytes as Base64, times as they are written."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _finite(value: Any) -> Any:
    """Return a value without numbers that are none."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return list(map(_finite, value))
    return None if isinstance(value, float) and not math.isfinite(value) else value


# ---- text


def _write_delimited(frames: Iterable[pl.DataFrame], file: IO[bytes], kind: str, no_formulas: bool) -> None:
    """Write CSV or TSV."""
    for number, frame in enumerate(frames):
        table = flat(frame)
        if no_formulas:
            table = _without_formulas(table)
        separator = "\t" if kind == TSV else ","
        if isinstance(file, BufferedWriter):
            table.write_csv(file, include_header=not number, separator=separator)
            continue
        for part, rows in enumerate(table.iter_slices(_ROWS_AT_ONCE) if table.height else (table,)):
            text = BytesIO()
            rows.write_csv(text, include_header=not number + part, separator=separator)
            file.write(text.getbuffer())


def _without_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with an apostrophe before what a spreadsheet would run, headings included."""
    names = pl.Series(frame.columns, dtype=pl.String)
    texts = [column.name for column in frame.iter_columns() if not _is_plain(column.dtype)]
    guarded = frame.with_columns(_guarded(pl.col(name).cast(pl.String)).alias(name) for name in texts)
    guarded.columns = names.to_frame("name").select(_guarded(pl.col("name")).alias("name"))["name"].to_list()
    return guarded


def _is_plain(kind: pl.DataType) -> bool:
    """Say whether values of a type are numbers, times or yes and no: any other is written as free text."""
    return kind.is_numeric() or kind.is_temporal() or kind in (pl.Boolean, pl.Null)


def _guarded(text: pl.Expr) -> pl.Expr:
    """Return text with an apostrophe before what a spreadsheet would run; a plain number is none."""
    runs = text.str.contains(_FORMULA) & ~text.str.contains(_PLAIN_NUMBER)
    return pl.when(runs).then("'" + text).otherwise(text)


def _write_lines(frames: Iterable[pl.DataFrame], file: IO[bytes]) -> None:
    """Write JSON Lines: a record a line."""
    for frame in frames:
        for record in frame.iter_rows(named=True):
            file.write(_json(record).encode() + b"\n")


# ---- workbooks


def _write_sheet(frames: Iterable[pl.DataFrame], file: IO[bytes]) -> None:
    """Write a workbook of one sheet, text as text whatever it begins with."""
    try:
        import openpyxl
    except ImportError:
        raise refused(need_more()) from None
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("cohort")
    try:
        _fill(sheet, frames)
    except BaseException:
        sheet.close()  # or the library complains about its unfinished file
        raise
    book.save(file)


def _fill(sheet: Any, frames: Iterable[pl.DataFrame]) -> None:
    """Write the headings and the rows into a sheet.

    Raises:
        CaseError: a sheet cannot hold them.
    """
    rows = 0
    for frame in frames:
        if not rows:
            if frame.width > MOST_SHEET_COLUMNS:
                raise refused(say("output_file.sheet_columns", number=f"{MOST_SHEET_COLUMNS:,}"))
            sheet.append([_cell(sheet, name, 0) for name in frame.columns])
        if rows + frame.height > MOST_SHEET_ROWS:
            raise refused(say("output_file.sheet_rows", number=f"{MOST_SHEET_ROWS:,}"))
        for row in flat(frame).iter_rows():
            rows += 1
            sheet.append([_cell(sheet, value, rows) for value in row])


def _cell(sheet: Any, value: Any, row: int) -> Any:
    """Return a cell; text is never a formula."""
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, float) and not math.isfinite(value):
        value = None if math.isnan(value) else str(value)
    if getattr(value, "tzinfo", None) is not None:
        value = value.isoformat()
    if not isinstance(value, str):
        return value
    if len(value) > LONGEST_CELL:
        raise refused(say("output_file.long_cell", row=row, number=f"{LONGEST_CELL:,}"))
    cell = WriteOnlyCell(sheet, _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", value))
    cell.data_type = "s"
    return cell


# ---- Parquet


def _write_parquet(frames: Iterable[pl.DataFrame], path: str) -> None:
    """Write Parquet as the batches come, of which there is at least one; all have the same types."""
    from polars.io.plugins import register_io_source

    batches = iter(frames)
    first = next(batches)
    trouble: list[BaseException] = []

    def give(_: object, __: object, ___: object, ____: object) -> Iterator[pl.DataFrame]:
        try:
            for batch in itertools.chain((first,), batches):
                if interrupted():
                    raise KeyboardInterrupt
                yield batch
        except BaseException as error:
            trouble.append(error)
            raise

    with heard_between() as interrupted:
        try:
            frame = register_io_source(give, schema=first.schema)
            frame.sink_parquet(path, statistics=False, compression="snappy")
        except BaseException:
            if trouble:
                raise trouble[0] from None
            raise
        if interrupted():
            raise KeyboardInterrupt
