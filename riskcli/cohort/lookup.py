"""Small numbers for the values of columns, and one number for each row of them. Knows no cases.

Looking a value up is done for a whole column at once; a value is only thought about when it is first met.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

APART = 0
"""The code of a value that has no class."""
MOST_VALUES = 50_000
"""How many values of one column are remembered."""
_UNSEEN = (1 << 32) - 1
"""What stands for a value that was not met before."""
_NEVER = 1 << 31
_PART, _LEAST_BITS = 32, 3
"""The bits of half a word of a key, and the least of one code."""
_KEY = "key"
_MOST_COMPARED = 8
"""Up to so many texts, comparing with each is quicker than looking up."""
_MOST_PLACED = 65_536
"""Whole numbers below this are quicker found by place than looked up."""
_WHOLE = (pl.Int64, pl.Int32, pl.UInt64)


class Lookup:
    """Numbers by value, looked up for a whole column at once.

    Example:
        >>> lengths = Lookup(len, 100)
        >>> look_up(pl.DataFrame({"word": ["a", "bcd", "a"]}), {"word": lengths})["word"].to_list()
        [1, 3, 1]
    """

    def __init__(self, number: Callable[[Any], int], most: int) -> None:
        """Number values with `number` when they are first met; forget all when there are more than `most`."""
        self._number = number
        self._most = most
        self._numbers: dict[Any, int] = {}
        self._kind: pl.DataType | None = None
        self._found: Callable[[pl.Expr], pl.Expr] = _nothing

    def expression(self, name: str, kind: pl.DataType) -> pl.Expr:
        """Return the numbers of a column's values that were met before, `_UNSEEN` for the others."""
        if self._kind != kind:
            return _number(_UNSEEN).alias(name)
        return self._found(pl.col(name)).alias(name)

    def meet(self, values: pl.Series) -> None:
        """Number values that were not met before."""
        if self._kind != values.dtype or len(self._numbers) > self._most:
            self._numbers.clear()
        for value in values.unique(maintain_order=True).to_list():
            self._numbers[value] = self._number(value)
        self._kind = values.dtype
        self._found = _quickest(self._numbers, values.dtype)


def _quickest(numbers: Mapping[Any, int], kind: pl.DataType) -> Callable[[pl.Expr], pl.Expr]:
    """Return what finds the numbers of a column's values, `_UNSEEN` for those that have none."""
    if kind == pl.String and len(numbers) <= _MOST_COMPARED:
        return partial(_compared, numbers)
    stated = [value for value in numbers if value is not None]
    if kind in _WHOLE and stated and 0 <= min(stated) <= max(stated) < _MOST_PLACED:
        places = [numbers.get(value, _UNSEEN) for value in range(max(stated) + 1)]
        table = pl.Series([_UNSEEN, *places, _UNSEEN], dtype=pl.UInt32)
        least = 0 if kind.is_unsigned_integer() else -1
        return partial(_placed, table, least, numbers.get(None, _UNSEEN))
    values = pl.Series(list(numbers), dtype=kind)
    return partial(_replaced, values, pl.Series(list(numbers.values()), dtype=pl.UInt32))


def _compared(numbers: Mapping[str | None, int], column: pl.Expr) -> pl.Expr:
    """Find texts by comparing with each that is known."""
    found: Any = pl
    for value, number in numbers.items():
        here = column.is_null() if value is None else column == pl.lit(value, dtype=pl.String)
        found = found.when(here).then(_number(number))
    return found.otherwise(_number(_UNSEEN)) if numbers else _nothing(column)


def _placed(table: pl.Series, least: int, empty: int, column: pl.Expr) -> pl.Expr:
    """Find small whole numbers by their place; those outside fall on the first or the last."""
    places = (column.clip(least, len(table) - 2) + 1).cast(pl.UInt32)
    return pl.lit(table).gather(places).fill_null(_number(empty))


def _replaced(values: pl.Series, numbers: pl.Series, column: pl.Expr) -> pl.Expr:
    """Find values of any kind."""
    return column.replace_strict(values, numbers, default=_UNSEEN, return_dtype=pl.UInt32)


def _nothing(_: pl.Expr) -> pl.Expr:
    """Find nothing: no value was met."""
    return _number(_UNSEEN)


def _number(number: int) -> pl.Expr:
    """Return a number as a column's."""
    return pl.lit(number, dtype=pl.UInt32)


def look_up(frame: pl.DataFrame, lookups: Mapping[str, Lookup]) -> pl.DataFrame:
    """Return the numbers of the values of some columns, whether they were met before or not."""
    names = list(lookups)
    if not frame.height:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.UInt32))
    found = frame.select(lookups[name].expression(name, frame.schema[name]) for name in names)
    if found.height != frame.height:  # nothing was met before
        found = found.select(pl.all().repeat_by(frame.height).explode())
    new = [name for name, most in zip(names, found.max().row(0), strict=True) if most == _UNSEEN]
    for name in new:
        lookups[name].meet(frame[name].filter(found[name] == _UNSEEN))
    again = frame.select(lookups[name].expression(name, frame.schema[name]) for name in new) if new else found
    missed = [name for name in new if again[name].max() == _UNSEEN]
    for name in missed:  # all was forgotten
        lookups[name].meet(frame[name])
    return found.with_columns(again.get_columns() if not missed else look_up(frame, lookups).get_columns())


class Codes:
    """Small numbers for the values of one column, by what they are classed as."""

    def __init__(self, classed: Callable[[Any], Hashable | None]) -> None:
        """Class values with `classed`, which gives None for a value that has no class."""
        self._classed = classed
        self._classes: dict[Hashable, int] = {}
        self.values: list[Any] = [None]
        """A value of each class, by its code."""
        self.lookup = Lookup(self._code, MOST_VALUES)

    @property
    def count(self) -> int:
        """How many codes there are, `APART` among them."""
        return len(self.values)

    def forget(self) -> None:
        """Forget which values were met, not their classes: values mean something else from now on."""
        self.lookup = Lookup(self._code, MOST_VALUES)

    def _code(self, value: Any) -> int:
        """Return the code of a value's class."""
        found = self._classed(value)
        if found is None:
            return APART
        if found not in self._classes:
            self._classes[found] = self.count
            self.values.append(value)
        return self._classes[found]


class Keys:
    """One whole number for each row's codes.

    Example:
        >>> keys = Keys()
        >>> keys.fit([3, 2]), keys.fit([3, 2])
        (False, True)
        >>> key = keys.of(pl.DataFrame({"a": [2], "b": [1]}, schema={"a": pl.UInt32, "b": pl.UInt32}))[0]
        >>> keys.codes_of(key)
        [2, 1]
    """

    def __init__(self) -> None:
        """Begin without a layout."""
        self._parts: list[list[int]] = []
        """The bits of each column's codes, by half words."""
        self._words: list[Lookup] = []

    def fit(self, counts: Sequence[int]) -> bool:
        """Make room for so many codes a column; False when keys given before no longer hold."""
        bits = list(itertools.chain.from_iterable(self._parts))
        if bits and all(count < 1 << room for count, room in zip(counts, bits, strict=True)):
            return True
        self._parts, self._words = [], []
        used = _PART
        for room in (max(_LEAST_BITS, (2 * count).bit_length()) for count in counts):
            if used + room > _PART:
                self._parts.append([])
                used = 0
            self._parts[-1].append(room)
            used += room
        return False

    def of(self, codes: pl.DataFrame) -> pl.Series:
        """Return the key of each row."""
        columns = iter(codes.columns)
        halves = [_packed([(pl.col(next(columns)), bits) for bits in part]) for part in self._parts]
        words = codes.select(
            _joined(*halves[i : i + 2]).alias(str(i)) for i in range(0, len(halves), 2)
        ).get_columns()
        key = words[0]
        for i, word in enumerate(words[1:]):
            key = self._dense(2 * i, key) * (1 << _PART) + self._dense(2 * i + 1, word)
        return key

    def codes_of(self, key: int) -> list[int]:
        """Return the codes of a key of so few columns that it is one word."""
        found: list[int] = []
        for part in self._parts:
            half, key = key % (1 << _PART), key >> _PART
            shifts = [sum(part[place + 1 :]) for place in range(len(part))]
            found += [(half >> shift) % (1 << bits) for shift, bits in zip(shifts, part, strict=True)]
        return found

    def _dense(self, place: int, word: pl.Series) -> pl.Series:
        """Return words as small numbers."""
        while len(self._words) <= place:
            self._words.append(Lookup(partial(_next, itertools.count()), _NEVER))
        return look_up(word.to_frame(_KEY), {_KEY: self._words[place]})[_KEY].cast(pl.UInt64)


def _packed(codes: Sequence[tuple[pl.Expr, int]]) -> pl.Expr:
    """Return codes side by side in half a word."""
    found, _ = codes[0]
    for code, bits in codes[1:]:
        found = found * (1 << bits) + code
    return found


def _joined(low: pl.Expr, high: pl.Expr | None = None) -> pl.Expr:
    """Return one word of one or two halves."""
    word = low.cast(pl.UInt64)
    return word if high is None else word + high.cast(pl.UInt64) * (1 << _PART)


def _next(counter: Iterator[int], _: Any) -> int:
    """Return the next number, whatever it is for."""
    return next(counter)
