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
_WORD, _LEAST_BITS = 62, 3
"""The most bits of one word of a key, and the least of one code."""
_KEY = "key"


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
        self._columns: tuple[pl.Series, pl.Series] | None = None

    def expression(self, name: str, kind: pl.DataType) -> pl.Expr:
        """Return the numbers of a column's values that were met before, `_UNSEEN` for the others."""
        if self._columns is None or self._columns[0].dtype != kind:
            return pl.lit(_UNSEEN, dtype=pl.UInt32).alias(name)
        return pl.col(name).replace_strict(*self._columns, default=_UNSEEN, return_dtype=pl.UInt32)

    def meet(self, values: pl.Series) -> None:
        """Number values that were not met before."""
        other_kind = self._columns is not None and self._columns[0].dtype != values.dtype
        if other_kind or len(self._numbers) > self._most:
            self._numbers.clear()
        for value in values.unique(maintain_order=True).to_list():
            self._numbers[value] = self._number(value)
        numbers = pl.Series(list(self._numbers.values()), dtype=pl.UInt32)
        self._columns = pl.Series(list(self._numbers), dtype=values.dtype), numbers


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
    """One whole number for each row's codes."""

    def __init__(self) -> None:
        """Begin without a layout."""
        self._bits: list[int] = []
        self._words: list[Lookup] = []

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
            self._words.append(Lookup(partial(_next, itertools.count()), _NEVER))
        return look_up(word.to_frame(_KEY), {_KEY: self._words[place]})[_KEY].cast(pl.UInt64)


def _next(counter: Iterator[int], _: Any) -> int:
    """Return the next number, whatever it is for."""
    return next(counter)
