"""Spreadsheets to batches of rows: one sheet of a workbook, its values as they are stored."""

from __future__ import annotations

import itertools
import warnings
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from riskcli.cohort.formats import Source, need_more, refused
from riskcli.cohort.mixed import FEW, records_frame
from riskcli.words import all_of, say

if TYPE_CHECKING:
    import polars as pl

Row = tuple[Any, ...]


def open_sheet(path: str, sheet: str | None) -> Source:
    """Return the cohort in one sheet of a workbook: its first, or the one that is named.

    Empty rows are left out.

    Raises:
        CaseError: the workbook cannot be read, or has no such sheet, or the sheet is empty.
    """
    rows = _Rows(path, sheet)
    top = next(rows, None)
    if top is None:
        raise refused(say("file.empty", name=path))
    while top[-1] is None:
        top = top[:-1]
    headers = ["" if name is None else str(name).strip() for name in top]

    def records() -> Iterator[dict[str, Any]]:
        for number, row in enumerate(rows, 1):
            if any(value is not None for value in row[len(headers) :]):
                raise refused(say("cohort_file.row_too_wide", name=path, row=number))
            yield dict(zip(headers, row, strict=False))

    def batches() -> Iterator[pl.DataFrame]:
        found = records()
        batch = list(itertools.islice(found, FEW))
        yield records_frame(batch, headers)
        while batch := list(itertools.islice(found, FEW)):
            yield records_frame(batch, headers)

    return Source(path, headers, batches, typed=False)


class _Rows:
    """The rows of a sheet that are not empty, as Python's values."""

    def __init__(self, path: str, sheet: str | None) -> None:
        """Open the workbook, once for its values and once for its formulas.

        Raises:
            CaseError: it cannot be opened, or has no such sheet.
        """
        self._path = path
        self._number = -1
        self._values = self._open(sheet, values=True)
        self._formulas = self._open(sheet, values=False)

    def _open(self, sheet: str | None, values: bool) -> Iterator[Row]:
        """Return the rows of a sheet; the file is closed when these rows are no longer needed."""
        book = _open_book(self._path, values)
        weakref.finalize(self, book.close)
        return _sheet_rows(book, self._path, sheet)

    def __iter__(self) -> Iterator[Row]:
        """Return itself."""
        return self

    def __next__(self) -> Row:
        """Return the next row that is not empty.

        Raises:
            CaseError: the workbook is damaged, or does not hold what a formula comes to.
        """
        while True:
            row, formulas = self._read(self._values), self._read(self._formulas)
            if row is None or formulas is None:
                raise StopIteration
            if any(value is not None for value in formulas):
                self._number += 1
                self._refuse_unsolved(row, formulas)
                return tuple(map(_plain, row))

    def _refuse_unsolved(self, row: Row, formulas: Row) -> None:
        """Refuse a row in which a formula has no result."""
        for value, formula in zip(row, formulas, strict=False):
            if value is None and formula is not None:
                raise refused(say("cohort_file.formula", name=self._path, row=self._number))

    def _read(self, rows: Iterator[Row]) -> Row | None:
        """Return the next row as the library gives it."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # they may repeat what a cell holds
                return next(rows, None)
        except Exception:  # whatever the library stumbles over in a damaged file
            message = say("cohort_file.damaged_after", name=self._path, row=self._number)
            raise refused(message) from None


def _plain(value: Any) -> Any:
    """Return a value with the line end that workbooks hold by its number."""
    return value.replace("_x000D_", "\r") if isinstance(value, str) and "_x000D_" in value else value


def _open_book(path: str, values: bool) -> Any:
    """Open a workbook for its stored values, or for formulas where there are some."""
    try:
        import openpyxl
    except ImportError:
        raise refused(need_more()) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(path, read_only=True, data_only=values)
    except Exception:  # whatever the library stumbles over in a file that is none
        raise refused(say("cohort_file.not_workbook", name=path)) from None


def _sheet_rows(book: Any, path: str, sheet: str | None) -> Iterator[Row]:
    """Return the rows of a sheet, by default the first."""
    names = [one.title for one in book.worksheets]
    if not names:
        raise refused(say("cohort_file.no_cells", name=path))
    if sheet is not None and sheet not in names:
        raise refused(say("cohort_file.no_sheet", name=path, sheet=sheet, sheets=all_of(names)))
    rows: Iterator[Row] = book[sheet or names[0]].iter_rows(values_only=True)
    return rows
