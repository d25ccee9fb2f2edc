"""A batch of rows as a data frame to the columns of their answers.

Values become small numbers, one a class; each row's numbers are packed into one key; every key that was not
met before is answered once, by the engine, on the first row that has it; the rest is looking up.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from riskcli.case import CANCER, REF
from riskcli.cohort.classes import NODES, Classes
from riskcli.cohort.columns import Columns, Naming
from riskcli.cohort.rows import BETWEEN_SENTENCES, OUTPUTS, RowAnswer, Rowwise, without_values
from riskcli.errors import CaseError
from riskcli.values import is_empty

MOST_REMEMBERED = 200_000
"""How many different answers, keys or rows are remembered before all are forgotten: a bound on memory."""
_MOST_VALUES = 50_000
"""How many values of one column are remembered."""
_NEVER = 1 << 31
_UNSEEN, _RAW = (1 << 32) - 1, (1 << 32) - 2
"""What was not met before, and the mark of keys whose rows are answered by themselves."""
_KEY, _PAIR = "key", "nodes"
_APART = 0
"""The code of a value that has no class."""
_WORD, _LEAST_BITS = 62, 3
"""The most bits of one word of a key, and the least of one code."""
_NUMBER = pl.Float64
_SENTENCES = ("warnings", "out_of_scope", "error")

SCHEMA = {
    name: _NUMBER if name == "cited_percent" else pl.String if name in _SENTENCES else pl.Categorical
    for name in OUTPUTS
}
"""The types of the columns of an answer: most hold few different texts."""


class Answers:
    """The different answers that were met, by number."""

    def __init__(self) -> None:
        """Begin with none."""
        self.rows: list[RowAnswer] = []
        self.said: dict[int, list[str]] = {}
        """What is wrong with rows, by the number of the answer and without any value."""
        self._numbers: dict[RowAnswer, int] = {}
        self._frame = pl.DataFrame(schema=SCHEMA)

    def number(self, answer: RowAnswer, record: Mapping[str, Any]) -> int:
        """Return the number of the answer of a record."""
        found = self._numbers.get(answer)
        if found is None:
            found = self._numbers[answer] = len(self.rows)
            self.rows.append(answer)
            if answer.error is not None:
                sentences = answer.error.split(BETWEEN_SENTENCES)
                self.said[found] = [without_values(sentence, record) for sentence in sentences]
        return found

    def frame(self) -> pl.DataFrame:
        """Return the answers as a frame, in the order of their numbers."""
        new = self.rows[self._frame.height :]
        if new:
            more = pl.DataFrame(
                new, schema={name: _plain(kind) for name, kind in SCHEMA.items()}, orient="row"
            )
            self._frame = pl.concat([self._frame, more.cast(SCHEMA)])  # type: ignore[arg-type]
        return self._frame


def _plain(kind: Any) -> Any:
    """Return the type in which answers are handed over."""
    return pl.String if kind == pl.Categorical else kind


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

    def __init__(self, rowwise: Rowwise, columns: Columns, naming: Naming) -> None:
        """Prepare for the columns of a cohort."""
        self.rowwise = rowwise
        self.naming = naming
        self.answers = Answers()
        self._headers = {name: header for header, name in columns.fields.items() if name != REF}
        self._cancers = _Lookup(self._cancer, _MOST_VALUES)
        self._names: list[str | None] = [None]
        self._tables: dict[str, _TableAssessor] = {}
        self._rows: dict[Hashable, int] = {}

    def answer(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return a batch with the columns of the answers after its own."""
        return batch.hstack(self.columns_of(self.numbers(batch)))

    def columns_of(self, numbers: pl.Series) -> pl.DataFrame:
        """Return the columns of answers, given their numbers."""
        found = self.answers.frame().select(pl.all().gather(numbers))
        return found.rename({name: self.naming.prefix + name for name in OUTPUTS})

    def numbers(self, batch: pl.DataFrame) -> pl.Series:
        """Return the number of each row's answer; `answers` has them until the next batch."""
        if max(len(self.answers.rows), len(self._rows)) > MOST_REMEMBERED:
            self.answers = Answers()
            self._tables.clear()
            self._rows.clear()
        case = self.case(batch)
        if CANCER not in case.columns:
            return self._numbers_of(self.rowwise.cancer, case)
        tables = _look_up(case.select(CANCER), {CANCER: self._cancers})[CANCER]
        if tables.n_unique() <= 1:
            return self._numbers_of(self._names[tables[0]] if len(tables) else None, case)
        numbers = tables.clone()
        for number in tables.unique():
            rows = (tables == number).arg_true()
            numbers.scatter(rows, self._numbers_of(self._names[number], case[rows]))
        return numbers

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
        if name is None or any(kind.is_nested() or kind == pl.Object for kind in case.dtypes):
            return self.apart(case)
        if name not in self._tables:
            self._tables[name] = _TableAssessor(self, name, case.columns)
        return self._tables[name].numbers(case)

    def apart(self, rows: pl.DataFrame) -> pl.Series:
        """Return the number of the answer of each row, answered by itself."""
        return pl.Series([self._number(rows.columns, row) for row in rows.iter_rows()], dtype=pl.UInt32)

    def _number(self, names: Sequence[str], row: tuple[Any, ...]) -> int:
        """Return the number of the answer of one row."""
        try:
            found = self._rows.get(row)
        except TypeError:  # a list
            return self._answered(dict(zip(names, row, strict=True)))
        if found is None:
            found = self._rows[row] = self._answered(dict(zip(names, row, strict=True)))
        return found

    def _answered(self, record: Mapping[str, Any]) -> int:
        """Return the number of the answer of a record."""
        return self.answers.number(self.rowwise.answer(record), record)


def _tidy(series: pl.Series) -> pl.Series:
    """Return a column with nothing where it holds no number, and with words as text."""
    if series.dtype.is_float():
        return series.fill_nan(None)
    return series.cast(pl.String) if series.dtype in (pl.Categorical, pl.Enum) else series


def _mapped(series: pl.Series, values: Mapping[str, Any]) -> pl.Series:
    """Return a column with a registry's own values replaced; as text, because what they stand for is."""
    given = series if series.dtype == pl.String else series.cast(pl.String)
    return given.replace(list(values), [None if value is None else str(value) for value in values.values()])


class _Lookup:
    """Numbers by value, looked up for a whole column at once."""

    def __init__(self, number: Callable[[Any], int], most: int) -> None:
        """Number values with `number` when they are first met; forget all when there are more than `most`."""
        self._number = number
        self._most = most
        self._numbers: dict[Any, int] = {}
        self._columns: tuple[pl.Series, pl.Series] | None = None

    def expression(self, name: str) -> pl.Expr:
        """Return the numbers of a column's values that were met before, `_UNSEEN` for the others."""
        if self._columns is None:
            return pl.lit(_UNSEEN, dtype=pl.UInt32).alias(name)
        return pl.col(name).replace_strict(*self._columns, default=_UNSEEN, return_dtype=pl.UInt32)

    def meet(self, values: pl.Series) -> None:
        """Number values that were not met before."""
        if len(self._numbers) > self._most:
            self._numbers.clear()
        for value in values.unique(maintain_order=True).to_list():
            self._numbers[value] = self._number(value)
        numbers = pl.Series(list(self._numbers.values()), dtype=pl.UInt32)
        self._columns = pl.Series(list(self._numbers), dtype=values.dtype), numbers


def _look_up(frame: pl.DataFrame, lookups: Mapping[str, _Lookup]) -> pl.DataFrame:
    """Return the numbers of the values of some columns, whether they were met before or not."""
    names = list(lookups)
    if not frame.height:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.UInt32))
    found = frame.select(lookups[name].expression(name) for name in names)
    if found.height != frame.height:  # nothing was met before
        found = found.select(pl.all().repeat_by(frame.height).explode())
    new = [name for name, most in zip(names, found.max().row(0), strict=True) if most == _UNSEEN]
    for name in new:
        lookups[name].meet(frame[name].filter(found[name] == _UNSEEN))
    again = frame.select(lookups[name].expression(name) for name in new) if new else found
    missed = [name for name in new if again[name].max() == _UNSEEN]
    for name in missed:  # all was forgotten
        lookups[name].meet(frame[name])
    return found.with_columns(again.get_columns() if not missed else _look_up(frame, lookups).get_columns())


class _Codes:
    """Small numbers for the values of one column, by what they are classed as."""

    def __init__(self, classed: Callable[[Any], Hashable | None]) -> None:
        """Class values with `classed`, which gives None for a value that has no class."""
        self._classed = classed
        self._classes: dict[Hashable, int] = {}
        self.values: list[Any] = [None]
        """A value of each class, by its code."""
        self.lookup = _Lookup(self._code, _MOST_VALUES)

    @property
    def count(self) -> int:
        """How many codes there are, `_APART` among them."""
        return len(self.values)

    def _code(self, value: Any) -> int:
        """Return the code of a value's class."""
        found = self._classed(value)
        if found is None:
            return _APART
        if found not in self._classes:
            self._classes[found] = self.count
            self.values.append(value)
        return self._classes[found]


class _Keys:
    """One whole number for each row's codes."""

    def __init__(self) -> None:
        """Begin without a layout."""
        self._bits: list[int] = []
        self._words: list[_Lookup] = []

    def fit(self, counts: Sequence[int]) -> bool:
        """Make room for so many codes a column; False when keys given before no longer hold."""
        if self._bits and all(count < 1 << bits for count, bits in zip(counts, self._bits, strict=True)):
            return True
        self._bits = [max(_LEAST_BITS, (2 * count).bit_length()) for count in counts]
        self._words = []
        return False

    def of(self, codes: pl.DataFrame) -> pl.Series:
        """Return the key of each row."""
        words: list[list[pl.Expr]] = []
        parts: list[pl.Expr] = []
        used = 0
        for name, bits in zip(codes.columns, self._bits, strict=True):
            if used + bits > _WORD:
                words.append(parts)
                parts, used = [], 0
            parts.append(pl.col(name).cast(pl.UInt64) * (1 << used))
            used += bits
        words.append(parts)
        packed = codes.select(
            pl.sum_horizontal(word).alias(str(i)) for i, word in enumerate(words)
        ).get_columns()
        key = packed[0]
        for i, word in enumerate(packed[1:]):
            key = self._dense(2 * i, key) * (1 << 32) + self._dense(2 * i + 1, word)
        return key

    def _dense(self, place: int, word: pl.Series) -> pl.Series:
        """Return words as small numbers."""
        while len(self._words) <= place:
            self._words.append(_Lookup(partial(_next, itertools.count()), _NEVER))
        return _look_up(word.to_frame(_KEY), {_KEY: self._words[place]})[_KEY].cast(pl.UInt64)


def _next(counter: Iterator[int], _: Any) -> int:
    """Return the next number, whatever it is for."""
    return next(counter)


class _TableAssessor:
    """Answers the rows of one cancer by the classes of their values."""

    def __init__(self, whole: FrameAssessor, name: str, fields: Sequence[str]) -> None:
        """Prepare for the columns of a cohort."""
        self._whole = whole
        self._assume = whole.rowwise.assume
        self._classes = Classes(whole.rowwise.rules.get(name))
        self._counts = {field: _Codes(partial(self._itself, field)) for field in NODES if field in fields}
        self._pairs = _Codes(self._class_of_pair)
        self._columns = {
            field: _Codes(partial(self._class, field))
            for field in fields
            if field != CANCER and field not in NODES
        }
        self._keys = _Keys()
        self._answers = _Lookup(self._answer, MOST_REMEMBERED)
        self._case = pl.DataFrame()
        self._of_batch = pl.Series(dtype=pl.UInt64)
        self._first: dict[int, int] = {}

    def numbers(self, case: pl.DataFrame) -> pl.Series:
        """Return the number of each row's answer."""
        columns = {**self._columns, **self._counts}
        codes = _look_up(case, {name: column.lookup for name, column in columns.items()})
        if self._counts:
            codes = codes.select(
                *self._columns,
                pl.sum_horizontal(
                    pl.col(name).cast(pl.UInt64) * (1 << 32 * place)
                    for place, name in enumerate(self._counts)
                ).alias(_PAIR),
            )
            pairs = _look_up(codes.select(_PAIR), {_PAIR: self._pairs.lookup})
            codes = codes.with_columns(pairs)
            columns = {**self._columns, _PAIR: self._pairs}
        if not self._keys.fit([column.count for column in columns.values()]):
            self._answers = _Lookup(self._answer, MOST_REMEMBERED)
        self._case, self._of_batch, self._first = case, self._keys.of(codes), {}
        numbers = _look_up(self._of_batch.to_frame(_KEY), {_KEY: self._answers})[_KEY]
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
        for field, code in zip(self._counts, (pair % (1 << 32), pair >> 32), strict=False):
            if code == _APART:
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
        answer, facts = self._whole.rowwise.answered(record)
        if answer.error is not None or (facts is not None and facts.quotes):
            return _RAW
        return self._whole.answers.number(answer, record)
