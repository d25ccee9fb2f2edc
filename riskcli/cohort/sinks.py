"""Batches of rows to files, whole or not at all: CSV and TSV, Parquet, spreadsheets and JSON Lines.

Text is text: in a spreadsheet nothing becomes a formula, and in CSV that can be asked for.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import polars as pl

from riskcli.cohort.sources import CSV, JSONL, PARQUET, TEXT, TSV, XLSX, refused
from riskcli.errors import CaseError
from riskcli.records import STDIN

MOST_SHEET_ROWS = 1_048_575
"""The rows that a sheet holds under its headings."""
_FORMULA = r"^[=+\-@\t\r]"
_PLAIN_NUMBER = r"^[+-]?[0-9]+([.,][0-9]+)?$"


def write_frames(frames: Iterable[pl.DataFrame], path: str, kind: str, no_formulas: bool = False) -> None:
    """Write batches to a file, or to standard output when `path` is `-`.

    A file appears when everything is written and not before; what was there stays until then. With
    `no_formulas`, text of a CSV file that a spreadsheet would run as a formula gets an apostrophe before it.

    Raises:
        CaseError: the file cannot be written, or the format cannot hold the rows.
    """
    if kind == PARQUET:
        if path == STDIN:
            raise _not_there(kind)
        with whole(path) as part:
            _write_parquet(frames, part)
        return
    if path == STDIN and kind not in TEXT:
        raise _not_there(kind)
    write = {CSV: _write_delimited, TSV: _write_delimited, JSONL: _write_lines, XLSX: _write_sheet}[kind]
    with opened(path, packs=kind in TEXT) as file:
        write(frames, file, kind, no_formulas)


def write_records(records: Iterable[Mapping[str, Any]], path: str) -> None:
    """Write records as JSON Lines to a file, or to standard output when `path` is `-`.

    Raises:
        CaseError: the file cannot be written.
    """
    with opened(path, packs=True) as file:
        for record in records:
            file.write(_json(record).encode() + b"\n")


def _not_there(kind: str) -> CaseError:
    """Say that a format needs a file."""
    return refused(f"standard output cannot take {kind}; give a file with -o")


@contextmanager
def opened(path: str, packs: bool) -> Iterator[IO[bytes]]:
    """Give the file to write to: standard output, or one that appears whole; `packs` where `.gz` is meant.

    Raises:
        CaseError: it cannot be written.
    """
    if path == STDIN:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with whole(path) as part, open(part, "wb") as file:
        if packs and path.endswith(".gz"):
            with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
                yield cast(IO[bytes], packed)
        else:
            yield file


@contextmanager
def whole(path: str) -> Iterator[str]:
    """Give the name of a file to write, which becomes `path` when all went well and is removed otherwise.

    Raises:
        CaseError: it cannot be written there.
    """
    target = Path(os.path.realpath(path))
    try:
        if target.is_dir():
            raise refused(f"{path} is a directory; give the name of a file")
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".riskcli-", suffix=".part")
        os.close(handle)
    except OSError as error:
        raise refused(f"{path} cannot be written ({error.strerror or 'no such place'})") from None
    try:
        yield name
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~mask)
        os.replace(name, target)
    except OSError as error:
        raise refused(f"{path} cannot be written ({error.strerror or 'no reason is given'})") from None
    finally:
        if os.path.exists(name):
            os.unlink(name)


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame whose columns can stand in a table: nested values and mixed ones as text."""
    found = []
    for column in frame.iter_columns():
        if column.dtype == pl.Object:
            found.append(pl.Series(column.name, [_as_text(value) for value in column], dtype=pl.String))
        elif column.dtype.is_nested():
            texts = [None if value is None else _json(value) for value in column.to_list()]
            found.append(pl.Series(column.name, texts, dtype=pl.String))
        else:
            found.append(column)
    return pl.DataFrame(found)


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with every column as text: for formats whose columns have one type throughout."""
    return flat(frame).cast(pl.String)


def _as_text(value: object) -> str | None:
    """Return a value of any kind as text."""
    if value is None or isinstance(value, str):
        return value
    return _json(value) if isinstance(value, list | dict | bool) else str(value)


def _json(value: object) -> str:
    """Return a value as JSON."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _write_delimited(frames: Iterable[pl.DataFrame], file: IO[bytes], kind: str, no_formulas: bool) -> None:
    """Write CSV or TSV."""
    for number, frame in enumerate(frames):
        table = flat(frame)
        if no_formulas:
            table = table.with_columns(_without_formulas(name) for name in _texts(table))
        table.write_csv(file, include_header=not number, separator="\t" if kind == TSV else ",")


def _texts(frame: pl.DataFrame) -> list[str]:
    """Return the columns that hold text."""
    return [column.name for column in frame.iter_columns() if column.dtype in (pl.String, pl.Categorical)]


def _without_formulas(name: str) -> pl.Expr:
    """Return a column with an apostrophe before what a spreadsheet would run."""
    text = pl.col(name).cast(pl.String)
    runs = text.str.contains(_FORMULA) & ~text.str.contains(_PLAIN_NUMBER)
    return pl.when(runs).then("'" + text).otherwise(text).alias(name)


def _write_lines(frames: Iterable[pl.DataFrame], file: IO[bytes], _: str, __: bool) -> None:
    """Write JSON Lines: a record a line."""
    for frame in frames:
        file.writelines(_json(record).encode() + b"\n" for record in frame.iter_rows(named=True))


def _write_sheet(frames: Iterable[pl.DataFrame], file: IO[bytes], _: str, __: bool) -> None:
    """Write a workbook of one sheet, text as text whatever it begins with."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("cohort")
    rows = 0
    for number, frame in enumerate(frames):
        if not number:
            sheet.append([_cell(sheet, name) for name in frame.columns])
        rows += frame.height
        if rows > MOST_SHEET_ROWS:
            raise refused(f"a sheet holds {MOST_SHEET_ROWS:,} rows, and there are more; write CSV or Parquet")
        for row in flat(frame).iter_rows():
            sheet.append([_cell(sheet, value) for value in row])
    book.save(file)


def _cell(sheet: Any, value: object) -> Any:
    """Return a cell; text is never a formula."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", value))
    cell.data_type = "s"
    return cell


def _write_parquet(frames: Iterable[pl.DataFrame], path: str) -> None:
    """Write Parquet as the batches come, of which there is at least one; all have the same types."""
    from polars.io.plugins import register_io_source

    batches = iter(frames)
    first = next(batches)
    trouble: list[BaseException] = []

    def give(_: object, __: object, ___: object, ____: object) -> Iterator[pl.DataFrame]:
        try:
            yield first
            yield from batches
        except BaseException as error:
            trouble.append(error)
            raise

    try:
        register_io_source(give, schema=first.schema).sink_parquet(path, statistics=False)
    except BaseException:
        if trouble:
            raise trouble[0] from None
        raise
