"""What is printed of counts gives no small one away: held against every cohort that would print the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcli.cohort.held import Held, Shown, part

COUNTS = st.lists(st.integers(0, 9), min_size=1, max_size=4)


def splits(whole: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Give every way to split a whole into parts."""
    for some in product(range(whole + 1), repeat=parts - 1):
        if sum(some) <= whole:
            yield (*some, whole - sum(some))


def fits(count: int, shown: Shown, least: int) -> bool:
    """Say whether a count may stand behind what is printed."""
    if shown is None:
        return True
    if isinstance(shown, int):
        return count == shown
    return 0 < count < least if shown.startswith("<") else count >= least


def possible(counts: Sequence[int], held: Held, rest: int | None) -> list[set[int]]:
    """Return what each count may be for a reader who knows the whole and how its parts are printed."""
    printed = [held.shown(str(n)) for n in range(len(counts))]
    found: list[set[int]] = [set() for _ in counts]
    for split in splits(sum(counts) + (rest or 0), len(counts) + (rest is not None)):
        if all(map(fits, split, printed, [held.least] * len(counts))):
            for values, count in zip(found, split, strict=False):
                values.add(count)
    return found


def named(counts: Sequence[int]) -> Mapping[str, int]:
    """Return counts with names."""
    return {str(n): count for n, count in enumerate(counts)}


@settings(max_examples=300, deadline=None)
@given(counts=COUNTS, least=st.integers(1, 5), rest=st.none() | st.integers(0, 4))
def test_a_small_count_may_be_any_small_number_for_who_reads_the_others(
    counts: list[int], least: int, rest: int | None
) -> None:
    held = Held(named(counts), least, rest)
    for name, values in zip(held.counts, possible(counts, held, rest), strict=True):
        if 0 < held.counts[name] < least < sum(counts):
            assert len(values) > 1 if held.shown(name) is None else values >= {*range(1, least)}


@given(counts=COUNTS, least=st.integers(1, 5), rest=st.none() | st.integers(0, 4))
def test_nothing_is_held_back_without_a_small_count(counts: list[int], least: int, rest: int | None) -> None:
    held = Held(named(counts), least, rest)
    assert bool(held.hidden) is any(0 < count < least for count in counts)
    assert all(fits(count, held.shown(str(n)), least) for n, count in enumerate(counts))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((20, 3, 0), [">=5", "<5", 0]),
        ((20, 9, 3), [20, ">=5", "<5"]),
        ((1, 5, 6), [None, None, None]),
        ((4, 4, 4), [None, None, None]),
        ((1, 5, 0), [None, None, None]),
        ((1, 5, 8), ["<5", 5, ">=5"]),
        ((1, 1, 8, 9), ["<5", "<5", ">=5", ">=5"]),
        ((3, 6, 7), ["<5", ">=5", 7]),
    ],
)
def test_as_little_as_possible_is_held_back(counts: tuple[int, ...], expected: list[Shown]) -> None:
    held = Held(named(counts), 5)
    assert [held.shown(str(n)) for n in range(len(counts))] == expected


@pytest.mark.parametrize("least", range(1, 6))
def test_a_part_of_a_whole_does_not_give_a_small_rest_away(least: int) -> None:
    for whole in range(least, 25):
        for count in range(whole + 1):
            said = part(count, whole, least)
            if isinstance(said, str):
                edge = int(said[1:])
                values = [
                    n for n in range(whole + 1) if (0 < n < edge if said[0] == "<" else edge < n < whole)
                ]
                assert count in values
                assert len(values) >= min(least - 1, whole - 1)
            else:
                assert count == said
                assert not 0 < count < least
