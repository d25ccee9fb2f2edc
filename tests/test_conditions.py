"""One entry of a `when`: what it allows, how it is refused, and how a stretch is worded again."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import accepts

from riskcli.conditions import (
    ConditionError,
    Domain,
    Entry,
    Span,
    cut_line,
    number,
    parse_entry,
    parse_span,
    plain,
    worded,
)

WHOLE = Domain(low=0, high=12, integer=True)
REAL = Domain(low=0, high=12)
SHAPE = Domain(words=("round", "flat", "long"), groups={"angular": ("flat", "long")})
TEST = Domain(words=("negative", "positive"), optional=True)

BOUNDS = st.sampled_from([0, 0.5, 1, 2, 2.5, 3, 7, 11.5, 12])
VALUES = st.sampled_from([n / 4 for n in range(49)])


def allows(entry: Entry, value: float, domain: Domain) -> bool:
    """Say whether an entry holds a number."""
    cut = Span(domain.cut(value, 0), domain.cut(value, 1))
    return any(span.low <= cut.low and cut.high <= span.high for span in entry.spans)


@st.composite
def entries(draw, bounds=BOUNDS):
    """Draw the text of a condition on a number."""
    one, other = sorted((draw(bounds), draw(bounds)))
    return draw(
        st.sampled_from(
            [
                one,
                str(one),
                f">={one}",
                f"> {one}",
                f"<={other}",
                f"<{other}",
                f"{one}+",
                f"{one}..{other}",
                f">{one}..{other}",
                f"{one}..<{other}",
                f">{one} .. <{other}",
            ]
        )
    )


@given(st.lists(entries(), min_size=1, max_size=3), VALUES)
def test_a_number_is_allowed_exactly_when_the_text_of_the_condition_says_so(raw, value):
    try:
        entry = parse_entry(raw, REAL)
    except ConditionError:
        assert any(not any(accepts(item, n / 8, {}) for n in range(97)) for item in raw)
    else:
        assert allows(entry, value, REAL) == accepts(raw, value, {})


@given(entries(), st.integers(0, 12))
def test_a_whole_number_is_allowed_exactly_when_the_text_of_the_condition_says_so(raw, value):
    try:
        entry = parse_entry(raw, WHOLE)
    except ConditionError:
        assert not any(accepts(raw, n, {}) for n in range(13))
    else:
        assert allows(entry, value, WHOLE) == accepts(raw, value, {})


@given(st.lists(entries(), max_size=4), st.booleans())
def test_the_cells_of_a_line_follow_each_other_and_read_back_as_they_are_worded(raws, integer):
    domain = WHOLE if integer else REAL
    conditions = []
    for raw in raws:
        try:
            conditions.append(parse_entry(raw, domain))
        except ConditionError:
            continue
    cells = cut_line(domain, conditions)
    assert (cells[0].low, cells[-1].high) == domain.span
    assert all(one.high == other.low for one, other in pairwise(cells))
    assert [parse_span(worded(cell, domain), domain) for cell in cells] == list(cells)
    for entry in conditions:
        for span in entry.spans:
            assert {span.low, span.high} <= {cut for cell in cells for cut in cell}


def test_a_list_allows_what_any_of_its_items_allows():
    entry = parse_entry(["1..2", ">=7", 5], WHOLE)
    assert [n for n in range(13) if allows(entry, n, WHOLE)] == [1, 2, 5, 7, 8, 9, 10, 11, 12]


def test_a_word_stands_for_itself_and_a_group_for_its_words():
    assert parse_entry("round", SHAPE).words == {"round"}
    assert parse_entry("angular", SHAPE).words == {"flat", "long"}
    assert parse_entry(["round", "angular"], SHAPE).words == {"round", "flat", "long"}


def test_not_done_is_a_value_of_optional_fields_alone():
    assert parse_entry("not_done", TEST) == Entry(not_done=True)
    assert parse_entry(["not_done", "negative"], TEST) == Entry(frozenset(("negative",)), not_done=True)
    with pytest.raises(ConditionError, match=r"^'not_done' is not one of round, flat, long, angular$"):
        parse_entry("not_done", SHAPE)


@pytest.mark.parametrize(
    ("raw", "domain", "message"),
    [
        ([], WHOLE, "the list is empty"),
        ("square", SHAPE, "'square' is not one of round, flat, long, angular"),
        (3, SHAPE, "3 is not one of round, flat, long, angular"),
        ("maybe", TEST, "'maybe' is not one of negative, positive, not_done"),
        ("3 to 4", WHOLE, "'3 to 4' is not a number or a range"),
        ("=3", WHOLE, "'=3' is not a number or a range"),
        (">=" + "9" * 40, WHOLE, f"'>={'9' * 40}' is not a number or a range"),
        (f"0..{'9' * 40}", REAL, f"'0..{'9' * 40}' is not a number or a range"),
        ("٣", WHOLE, "'٣' is not a number or a range"),
        (">=-1", WHOLE, "'>=-1' is not a number or a range"),
        ("1..2..3", WHOLE, "'1..2..3' is not a number or a range"),
        ("", WHOLE, "'' is not a number or a range"),
        (True, WHOLE, "True is not a number or a range"),
        (None, WHOLE, "None is not a number or a range"),
        ({"a": 1}, WHOLE, "{'a': 1} is not a number or a range"),
        (float("nan"), WHOLE, "nan is not a number or a range"),
        (float("inf"), REAL, "inf is not a number or a range"),
        (13, WHOLE, "13 lies outside 0..12"),
        (">12.5", REAL, "'>12.5' lies outside 0..12"),
        (-1, WHOLE, "-1 lies outside 0..12"),
        (10**400, WHOLE, f"{10**400} lies outside 0..12"),
        ("3..2", WHOLE, "'3..2' holds no value"),
        (">2..<3", WHOLE, "'>2..<3' holds no value"),
        (2.5, WHOLE, "2.5 holds no value"),
        (">12", REAL, "'>12' holds no value"),
        ("<0", REAL, "'<0' holds no value"),
    ],
)
def test_what_cannot_be_read_is_refused_and_never_taken_as_no_match(raw, domain, message):
    with pytest.raises(ConditionError) as refused:
        parse_entry(raw, domain)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("raw", "domain", "words"),
    [
        (">3", WHOLE, ">=4"),
        ("<4", WHOLE, "0..3"),
        (">2.5", WHOLE, ">=3"),
        ("2.5..3.5", WHOLE, "3"),
        ("0..12", WHOLE, "0..12"),
        (">=12", WHOLE, "12"),
        ("<=0.5", REAL, "<=0.5"),
        ("<0.50", REAL, "<0.5"),
        (">3", REAL, ">3"),
        ("3+", REAL, ">=3"),
        (">=12", REAL, "12"),
        ("<=0", REAL, "0"),
        (">0", REAL, ">0"),
        (">0.2..2", REAL, ">0.2..2"),
        ("1..<3", REAL, "1..<3"),
        (">1..<3", REAL, ">1..<3"),
        ("40", Domain(low=0, high=100), "40"),
    ],
)
def test_a_stretch_is_worded_as_conditions_are_worded(raw, domain, words):
    assert worded(parse_span(raw, domain), domain) == words


@pytest.mark.parametrize("text", ["", "x", "1e3", "-1", "+1", "1.", ".5", "1 2", "9" * 31, "٣", "1\n"])
def test_only_plain_decimal_numbers_are_numbers(text):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (the message is the text itself)
        number(text)
    assert str(refused.value) == text


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("12", 12), ("2.0", 2), ("2.50", 2.5), ("007", 7)])
def test_a_whole_number_stays_whole(text, value):
    assert number(text) == value
    assert type(number(text)) is type(value)


@pytest.mark.parametrize(("value", "text"), [(5, "5"), (5.0, "5"), (0.2, "0.2"), (12.25, "12.25")])
def test_a_number_is_written_without_a_needless_fraction(value, text):
    assert plain(value) == text


def test_two_stretches_that_only_touch_share_no_value():
    assert not Span((0, 0), (2, 0)).meets(Span((2, 0), (3, 0)))
    assert Span((0, 0), (2, 1)).meets(Span((2, 0), (3, 0)))
    assert Span((2, 0), (2, 1)).meets(Span((0, 0), (9, 0)))
