"""A batch of rows as a data frame to the columns of their answers.

Values become small numbers, one a class; each row's numbers are packed into one key; every key that was not
met before is answered once, by the engine, on the first row that has it; the rest is looking up.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import polars as pl

from riskcli.case import CANCER, REF
from riskcli.cohort.answers import SCHEMA, Answers, Besides
from riskcli.cohort.classes import NODES, Classes
from riskcli.cohort.columns import Columns, Naming
from riskcli.cohort.lookup import APART, MOST_VALUES, Codes, Keys, Lookup, look_up
from riskcli.cohort.readings import as_text, refused_in
from riskcli.cohort.rows import OUTPUTS, REFUSED, Rowwise
from riskcli.errors import CaseError
from riskcli.values import is_empty

MOST_REMEMBERED = 200_000
"""How many different answers, keys or rows are remembered before all are forgotten: a bound on memory."""
_RAW = (1 << 32) - 2
"""The mark of keys whose rows are answered by themselves."""
_PLAIN = frozenset({str, int, bool, type(None)})
"""Kinds of values of which two are equal only when they are written alike."""
_WRITTEN = _PLAIN | {float, Decimal, bytes, date, datetime, time, timedelta}
"""Kinds of values that are told apart by how Python writes them."""
_KEY, _PAIR = "key", "nodes"


class FrameAssessor:
    """Answers batches of one cohort: all have the same columns.

    Example:
        >>> from riskcli.cohort.columns import FieldNames, match_columns
        >>> from riskcli.loader import load_rules
        >>> batch = pl.DataFrame({"id": [1, 2], "grade": [3, None], "nodes_positive": ["12", "unknown"]})
        >>> columns = match_columns(batch.columns, FieldNames(load_rules()), Naming(), cancer_given=True)
        >>> assessor = FrameAssessor(Rowwise(load_rules(), "breast"), columns, Naming())
        >>> assessor.answer(batch)["likelihood_highest"].to_list()
        ['very_high', 'very_high']
    """

    def __init__(
        self,
        rowwise: Rowwise,
        columns: Columns,
        naming: Naming,
        besides: Besides = lambda _: None,
        remembered: int | None = None,
    ) -> None:
        """Prepare for the columns of a cohort; `besides` gives what else is to be kept of each answer.

        `remembered` is how many answers are worth their memory, if not `MOST_REMEMBERED`.
        """
        self.rowwise = rowwise
        self.naming = naming
        self.most = remembered or MOST_REMEMBERED
        self._besides = besides
        self.answers = Answers(besides)
        self._headers = {name: header for header, name in columns.fields.items() if name != REF}
        self._cancers = Lookup(self._cancer, MOST_VALUES)
        self._names: list[str | None] = [None]
        self._tables: dict[str, _TableAssessor] = {}
        self._rows: dict[Hashable, int] = {}

    @property
    def headers(self) -> list[str]:
        """The columns that are read."""
        return list(self._headers.values())

    def schema(self) -> dict[str, Any]:
        """Return the types of the answers' columns."""
        return {self.naming.prefix + name: kind for name, kind in SCHEMA.items()}

    def answer(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return a batch with the columns of the answers after its own."""
        return batch.hstack(self.columns_of(self.numbers(batch)))

    def columns_of(self, numbers: pl.Series) -> pl.DataFrame:
        """Return the columns of answers, given their numbers."""
        found = self.answers.frame().select(pl.all().gather(numbers))
        return found.rename({name: self.naming.prefix + name for name in OUTPUTS})

    def numbers(self, batch: pl.DataFrame) -> pl.Series:
        """Return the number of each row's answer; `answers` has them until the next batch."""
        if max(len(self.answers.rows), len(self._rows)) > self.most:
            self.answers = Answers(self._besides)
            self._tables.clear()
            self._rows.clear()
        case, refused = self.case(batch), refused_in(batch)
        if not refused:
            return self._numbers_of_all(case)
        kept = [row for row in range(batch.height) if row not in refused]
        found = dict(zip(kept, self._numbers_of_all(case[kept]), strict=True))
        for row, reading in refused.items():
            found[row] = self._answered({**reading.record, REFUSED: reading.refused})
        return pl.Series([found[row] for row in range(batch.height)], dtype=pl.UInt32)

    def _numbers_of_all(self, case: pl.DataFrame) -> pl.Series:
        """Return the numbers of the answers of rows, whatever their cancers."""
        if CANCER not in case.columns:
            return self._numbers_of(self.rowwise.cancer, case)
        tables = self._tables_of(case[CANCER])
        if tables.min() == tables.max():
            return self._numbers_of(self._names[tables[0]] if len(tables) else None, case)
        numbers = tables.clone()
        for number in tables.unique():
            rows = (tables == number).arg_true()
            numbers.scatter(rows, self._numbers_of(self._names[number], case[rows]))
        return numbers

    def _tables_of(self, cancers: pl.Series) -> pl.Series:
        """Return the numbers of the tables for what rows say of their cancers."""
        if _is_mixed(cancers.dtype):
            return pl.Series(list(map(self._cancer, cancers.to_list())), dtype=pl.UInt32)
        return look_up(cancers.to_frame(CANCER), {CANCER: self._cancers})[CANCER]

    def case(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return the columns of a batch that are read, under the names of their fields."""
        found = {name: _tidy(batch[header]) for name, header in self._headers.items()}
        for name, values in self.naming.values.items():
            if name in found:
                found[name] = _mapped(found[name], values)
        return pl.DataFrame(found)

    def record(self, batch: pl.DataFrame, row: int) -> dict[str, Any]:
        """Return one row of a batch as the record that is answered, without what is empty."""
        return self.rowwise.completed(self.case(batch[row]).row(0, named=True))

    def _cancer(self, said: Any) -> int:
        """Return the number of the table for what a row says of its cancer, 0 when there is none."""
        try:
            name = self.rowwise.rules.get(self.rowwise.name({CANCER: said})).name
        except CaseError:
            return 0
        if name not in self._names:
            self._names.append(name)
        return self._names.index(name)

    def _numbers_of(self, name: str | None, case: pl.DataFrame) -> pl.Series:
        """Return the numbers of the answers of one cancer's rows."""
        if name is None or any(map(_is_mixed, case.dtypes)):
            return self.apart(case)
        if name not in self._tables:
            self._tables[name] = _TableAssessor(self, name, case.columns)
        return self._tables[name].numbers(case)

    def apart(self, rows: pl.DataFrame) -> pl.Series:
        """Return the number of the answer of each row, answered by itself."""
        return pl.Series([self._number(rows.columns, row) for row in rows.iter_rows()], dtype=pl.UInt32)

    def _number(self, names: Sequence[str], row: tuple[Any, ...]) -> int:
        """Return the number of the answer of one row."""
        key = _itself(row)
        found = None if key is None else self._rows.get(key)
        if found is None:
            found = self._answered(dict(zip(names, row, strict=True)))
            if key is not None:
                self._rows[key] = found
        return found

    def remember(self, row: tuple[Any, ...], number: int) -> None:
        """Remember the number of the answer of one row."""
        key = _itself(row)
        if key is not None:
            self._rows[key] = number

    def _answered(self, record: Mapping[str, Any]) -> int:
        """Return the number of the answer of a record."""
        return self.answers.number(self.rowwise.answered(record), record)


def _is_mixed(kind: pl.DataType) -> bool:
    """Say whether a column of a type may hold lists, or values of several kinds."""
    return kind.is_nested() or kind == pl.Object


def _itself(row: tuple[Any, ...]) -> Hashable | None:
    """Return what only this row is equal to, None for one that is not remembered, such as one with a list.

    Python takes 1, 1.0 and True for equal, 0.0 and -0.0, and one moment in two time zones; a reader does not.

    Example:
        >>> _itself((1, "x")) == _itself((True, "x")), _itself((0.0,)) == _itself((-0.0,)), _itself(([1],))
        (False, False, None)
    """
    kinds = tuple(map(type, row))
    if _PLAIN.issuperset(kinds):
        return kinds, row
    if _WRITTEN.issuperset(kinds):
        return kinds, tuple(map(repr, row))
    return None


def _tidy(series: pl.Series) -> pl.Series:
    """Return a column with nothing where it holds no number, and with words as text."""
    if series.dtype.is_float() or series.dtype.is_decimal():
        return series.cast(pl.Float64).fill_nan(None)
    return series.cast(pl.String) if series.dtype in (pl.Categorical, pl.Enum) else series


def _mapped(series: pl.Series, values: Mapping[str, Any]) -> pl.Series:
    """Return a column with a registry's own values replaced; as text, because what they stand for is."""
    given = series if series.dtype == pl.String else series.cast(pl.String)
    return given.replace(list(values), list(map(as_text, values.values())))


class _TableAssessor:
    """Answers the rows of one cancer by the classes of their values."""

    def __init__(self, whole: FrameAssessor, name: str, fields: Sequence[str]) -> None:
        """Prepare for the columns of a cohort."""
        self._whole = whole
        self._assume = whole.rowwise.assume
        self._classes = Classes(whole.rowwise.rules.get(name))
        self._counts = {field: Codes(partial(self._itself, field)) for field in NODES if field in fields}
        self._both = Keys()
        self._pairs = Codes(self._class_of_pair)
        self._columns = {
            field: Codes(partial(self._class, field))
            for field in fields
            if field != CANCER and field not in NODES
        }
        self._keys = Keys()
        self._answers = Lookup(self._answer, whole.most)
        self._case = pl.DataFrame()
        self._of_batch = pl.Series(dtype=pl.UInt64)
        self._first: dict[int, int] = {}

    def numbers(self, case: pl.DataFrame) -> pl.Series:
        """Return the number of each row's answer."""
        columns = {**self._columns, **self._counts}
        codes = look_up(case, {name: column.lookup for name, column in columns.items()})
        if self._counts:
            if not self._both.fit([column.count for column in self._counts.values()]):
                self._pairs.forget()
            both = self._both.of(codes.select(*self._counts)).to_frame(_PAIR)
            pairs = look_up(both, {_PAIR: self._pairs.lookup})
            codes = pl.DataFrame([*(codes[name] for name in self._columns), pairs[_PAIR]])
            columns = {**self._columns, _PAIR: self._pairs}
        if not self._keys.fit([column.count for column in columns.values()]):
            self._answers = Lookup(self._answer, self._whole.most)
        self._case, self._of_batch, self._first = case, self._keys.of(codes), {}
        numbers = look_up(self._of_batch.to_frame(_KEY), {_KEY: self._answers})[_KEY]
        raw = (numbers == _RAW).arg_true()
        return numbers.scatter(raw, self._whole.apart(case[raw])) if len(raw) else numbers

    def _class(self, field: str, raw: Any) -> Hashable | None:
        """Return the class of a value of a field; what is assumed for the cohort is one of its own."""
        return (field in self._assume,) if is_empty(raw) else self._classes.of(field, raw)

    def _itself(self, field: str, raw: Any) -> Hashable | None:
        """Return a count as a class of its own, unless it cannot be read."""
        return (raw,) if is_empty(raw) or self._classes.of(field, raw) is not None else None

    def _class_of_pair(self, pair: int) -> Hashable | None:
        """Return the class of the two counts of nodes, given their codes."""
        stated = {field: self._assume.get(field) for field in NODES}
        assumed = dict.fromkeys(NODES, True)
        for field, code in zip(self._counts, self._both.codes_of(pair), strict=True):
            if code == APART:
                return None
            raw = self._counts[field].values[code]
            if not is_empty(raw):
                stated[field], assumed[field] = raw, False
        found = self._classes.of_nodes(*stated.values())
        return None if found is None else (found, *assumed.values())

    def _answer(self, key: int) -> int:
        """Return the number of the answer of the rows with a key, or that they are answered apart."""
        if not self._first:
            places = pl.DataFrame({"key": self._of_batch}).with_row_index("row").unique("key", keep="first")
            self._first = dict(zip(places["key"].to_list(), places["row"].to_list(), strict=True))
        row = self._case.row(self._first[key])
        record = dict(zip(self._case.columns, row, strict=True))
        found = self._whole.rowwise.answered(record)
        number = self._whole.answers.number(found, record)
        if found.answer.error is None and not (found.facts and found.facts.quotes):
            return number
        self._whole.remember(row, number)
        return _RAW
