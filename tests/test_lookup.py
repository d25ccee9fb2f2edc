"""Looking values and rows up: what was met, what is new, what was forgotten, and rows of many columns."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pl = pytest.importorskip("polars")

from riskcli.cohort.lookup import APART, Codes, Keys, Lookup, look_up  # noqa: E402


def numbered() -> tuple[Lookup, list[Any]]:
    """Return a lookup that numbers values as they come, and the values it was asked about."""
    asked: list[Any] = []

    def number(value: Any) -> int:
        asked.append(value)
        return len(asked)

    return Lookup(number, 3), asked


def found(lookup: Lookup, values: list[Any]) -> list[int]:
    """Return the numbers of values."""
    return look_up(pl.DataFrame({"x": values}), {"x": lookup})["x"].to_list()


def test_a_value_is_thought_about_once() -> None:
    lookup, asked = numbered()
    assert found(lookup, ["a", "b", "a", None]) == [1, 2, 1, 3]
    assert found(lookup, [None, "b"]) == [3, 2]
    assert asked == ["a", "b", None]


def test_more_values_than_are_remembered_are_all_found() -> None:
    lookup, asked = numbered()
    assert found(lookup, [1, 2, 3, 4, 5]) == [1, 2, 3, 4, 5]
    assert len(set(found(lookup, [5, 6, 5, 1]))) == 3
    assert len(asked) > 6, "some were forgotten and met anew"


def test_a_column_may_become_one_of_another_kind() -> None:
    lookup, _ = numbered()
    assert found(lookup, [1, 2]) == [1, 2]
    assert len(set(found(lookup, ["1", "2", "1"]))) == 2
    assert len(set(found(lookup, [2, 1]))) == 2


def test_no_rows_have_no_numbers() -> None:
    lookup, asked = numbered()
    assert look_up(pl.DataFrame({"x": pl.Series([], dtype=pl.String)}), {"x": lookup}).height == 0
    assert asked == []


def test_values_of_one_class_have_one_code_and_none_is_apart() -> None:
    codes = Codes(lambda value: None if value < 0 else value // 10)
    assert found(codes.lookup, [3, 7, 12, -1, 9]) == [1, 1, 2, APART, 1]
    assert (codes.count, codes.values[1:]) == (3, [3, 12])


@given(st.lists(st.integers(1, 60), min_size=1, max_size=40), st.data())
def test_rows_have_equal_keys_exactly_when_all_their_codes_are_equal(counts: list[int], data: Any) -> None:
    rows = data.draw(
        st.lists(st.tuples(*(st.integers(0, count - 1) for count in counts)), min_size=1, max_size=12)
    )
    keys = Keys()
    assert not keys.fit(counts)
    assert keys.fit(counts)
    frame = pl.DataFrame(rows, schema=[f"c{i}" for i in range(len(counts))], orient="row")
    found = keys.of(frame.cast(pl.UInt32)).to_list()
    for one, other in itertools.combinations(range(len(rows)), 2):
        assert (found[one] == found[other]) == (rows[one] == rows[other])
    again = keys.of(frame.cast(pl.UInt32).reverse()).to_list()
    assert again[::-1] == found


def test_keys_are_laid_out_anew_when_there_are_more_codes() -> None:
    keys = Keys()
    keys.fit([2, 2])
    assert keys.fit([7, 2])
    assert not keys.fit([8, 2])
    assert keys.fit([16, 3])
