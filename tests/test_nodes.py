"""The node rule: positive and examined nodes are held together; none examined is unknown, not negative."""

from __future__ import annotations

import itertools
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from input_side import GLAND, INPUT_RULES, PLAIN, SKIN, allowed, cells_of, facts, known, refusals, rules

from riskcli.case import read_case
from riskcli.cells import meets
from riskcli.conditions import parse_entry
from riskcli.loader import Rules
from riskcli.nodes import EXAMINED, POSITIVE

NOT_USED = "nodes_examined is 0: the nodes are unknown, so nodes_positive {} was not used."


def test_one_or_more_positive_means_one_or_more_examined():
    assert cells_of({POSITIVE: 1}, EXAMINED) == {"1..11", ">=12"}
    assert cells_of({POSITIVE: ">=1"}, EXAMINED) == {"1..11", ">=12"}
    assert cells_of({POSITIVE: 12}, EXAMINED) == {">=12"}


@pytest.mark.parametrize("said", [0, "0..3", "<4", "unknown", [0, 5]])
def test_positive_nodes_that_may_be_none_say_nothing_about_those_examined(said):
    assert cells_of({POSITIVE: said}, EXAMINED) == {"0", "1..11", ">=12"}


def test_the_examined_nodes_cap_the_positive_ones():
    assert cells_of({EXAMINED: 2}, POSITIVE) == {"0", "1..3"}
    assert cells_of({EXAMINED: 3}, POSITIVE) == {"0", "1..3"}
    assert cells_of({EXAMINED: 4}, POSITIVE) == {"0", "1..3", ">=4"}
    assert cells_of({EXAMINED: "1..3"}, POSITIVE) == {"0", "1..3"}
    assert cells_of({EXAMINED: 2, POSITIVE: ">=1"}, POSITIVE) == {"1..3"}


@pytest.mark.parametrize("said", [">=1", "unknown", [0, 3], "0..3"])
def test_examined_nodes_that_may_be_none_or_many_cap_nothing(said):
    assert cells_of({EXAMINED: said}, POSITIVE) == {"0", "1..3", ">=4"}


def test_a_positive_node_makes_the_cap_hold_where_none_might_have_been_examined():
    assert cells_of({EXAMINED: "0..3", POSITIVE: ">=1"}, POSITIVE) == {"1..3"}
    assert cells_of({EXAMINED: [0, 3], POSITIVE: ">=1"}, EXAMINED) == {"1..11"}


def test_no_node_examined_leaves_the_nodes_unknown():
    found = facts({EXAMINED: 0})
    assert allowed(found)[POSITIVE] == {"0", "1..3", ">=4"}
    assert known(found) == {EXAMINED}
    assert len(found.warnings) == 1
    assert found.warnings[0].startswith("No lymph node was examined")


@pytest.mark.parametrize(("said", "shown"), [(0, "0"), ("pN0", "0"), ("0..3", "0..3"), ([0, 2], "0 or 2")])
def test_negative_nodes_with_none_examined_are_not_used_and_a_warning_says_so(said, shown):
    found = facts({POSITIVE: said, EXAMINED: 0})
    assert allowed(found)[POSITIVE] == {"0", "1..3", ">=4"}
    assert known(found) == {EXAMINED}
    assert found.stated == {POSITIVE: "unknown", EXAMINED: 0}
    assert found.warnings[0] == NOT_USED.format(shown)


def test_unknown_nodes_with_none_examined_need_no_word_about_it():
    assert not any("was not used" in text for text in facts({POSITIVE: "unknown", EXAMINED: 0}).warnings)


def test_the_report_s_own_words_follow_the_same_rule():
    assert facts({POSITIVE: "none", EXAMINED: "none"}).warnings[0] == NOT_USED.format(0)
    assert cells_of({EXAMINED: "no nodes submitted"}, POSITIVE) == {"0", "1..3", ">=4"}


@pytest.mark.parametrize(("said", "shown"), [(3, "3"), ("N+", ">=1"), (">=4", ">=4"), ([1, 2], "1 or 2")])
def test_positive_nodes_with_none_examined_are_refused(said, shown):
    assert refusals({POSITIVE: said, EXAMINED: 0}) == [
        f"nodes_positive: {shown} with nodes_examined 0 cannot be: "
        "a positive node was examined; correct one of the two"
    ]


@pytest.mark.parametrize(
    ("positive", "examined", "sentence"),
    [
        (12, 9, "nodes_positive: 12 is more than nodes_examined (9)"),
        (10, 9, "nodes_positive: 10 is more than nodes_examined (9)"),
        (">=5", "1..3", "nodes_positive: >=5 is more than nodes_examined (1..3)"),
        ([6, 7], [2, 5], "nodes_positive: 6 or 7 is more than nodes_examined (2 or 5)"),
        ("3+", "0..2", "nodes_positive: >=3 is more than nodes_examined (0..2)"),
    ],
)
def test_more_positive_than_examined_is_refused(positive, examined, sentence):
    assert refusals({POSITIVE: positive, EXAMINED: examined}) == [sentence]
    assert refusals({EXAMINED: examined, POSITIVE: positive}) == [sentence]


def test_as_many_positive_as_examined_is_allowed():
    assert facts({POSITIVE: 9, EXAMINED: 9}).stated == {POSITIVE: 9, EXAMINED: 9}


def test_nodes_that_cannot_be_are_reported_with_every_other_problem():
    assert refusals({POSITIVE: 12, EXAMINED: 9, "grade": 7, "er": "maybe"}) == [
        "grade: 7 is not allowed for example_gland; use 1, 2 or 3 (leave it out if unknown)",
        "nodes_positive: 12 is more than nodes_examined (9)",
        'er: "maybe" is not allowed for example_gland; use negative or positive (leave it out if unknown)',
    ]


def test_counts_within_one_cell_rule_each_other_out():
    # 1..11 is one cell: only the counts themselves say that 4 or more cannot lie among 2
    found = facts({EXAMINED: [2, 20]})
    boxes = {(box[found.table.index[EXAMINED]], box[found.table.index[POSITIVE]]) for box in found.boxes}
    assert boxes == {(0b010, 0b011), (0b100, 0b111)}


def test_a_stated_negative_is_open_in_just_those_cases_in_which_none_was_examined():
    found = facts({POSITIVE: 0, EXAMINED: [0, 5]})
    boxes = {(box[found.table.index[EXAMINED]], box[found.table.index[POSITIVE]]) for box in found.boxes}
    assert boxes == {(0b001, 0b111), (0b010, 0b001)}


def test_the_rule_holds_where_the_table_does_not_cut_the_examined_nodes_at_none():
    found = facts({POSITIVE: 0, EXAMINED: [0, 2]}, SKIN)  # one cell: 0..3
    assert allowed(found)[POSITIVE] == {"0", ">=1"}
    assert cells_of({EXAMINED: 0, "depth_mm": 5}, POSITIVE, SKIN) == {"0", ">=1"}


def test_the_rule_holds_for_counts_that_the_table_does_not_use():
    assert refusals({POSITIVE: 3, EXAMINED: 2}, PLAIN) == [
        "nodes_positive: 3 is more than nodes_examined (2)"
    ]
    assert len(refusals({POSITIVE: 3, EXAMINED: 0}, PLAIN)) == 1
    assert facts({POSITIVE: 0, EXAMINED: 0}, PLAIN).stated == {EXAMINED: 0, POSITIVE: "unknown"}
    assert cells_of({POSITIVE: 12}, EXAMINED, PLAIN) == {"not_done"}
    assert cells_of({POSITIVE: 12, EXAMINED: ">=2"}, EXAMINED, PLAIN) == {">=12"}


def test_examined_nodes_may_be_not_done_where_a_table_says_so(tmp_path):
    for path in INPUT_RULES.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text.replace("text: examined nodes}", "text: x, optional: true}"))
    (tmp_path / "vocabulary.yaml").write_text((INPUT_RULES / "vocabulary.yaml").read_text(encoding="utf-8"))
    table = Rules(tmp_path).get(GLAND)
    found = read_case({POSITIVE: 3, EXAMINED: "not done"}, table)
    assert allowed(found)[POSITIVE] == {"1..3"}
    assert allowed(found)[EXAMINED] == {"not_done"}
    found = read_case({EXAMINED: [2, "not_done"]}, table)
    boxes = {(box[table.index[EXAMINED]], box[table.index[POSITIVE]]) for box in found.boxes}
    assert boxes == {(0b0010, 0b011), (0b1000, 0b111)}
    found = read_case({POSITIVE: ">=1", EXAMINED: "unknown"}, table)
    assert allowed(found)[EXAMINED] == {"1..11", ">=12", "not_done"}


def test_the_rule_holds_where_a_table_uses_the_positive_nodes_alone(tmp_path):
    for path in INPUT_RULES.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        if path.stem == PLAIN:
            text = text.replace("nodes_examined", "nodes_positive").replace(", optional: true", "")
            text = text.replace('["<12", not_done]', '"<12"')
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    table = Rules(tmp_path).get(PLAIN)
    assert allowed(read_case({POSITIVE: 0, EXAMINED: 0}, table))[POSITIVE] == {"0..11", ">=12"}
    assert allowed(read_case({EXAMINED: 5}, table))[POSITIVE] == {"0..11"}
    assert allowed(read_case({POSITIVE: 0}, table))[POSITIVE] == {"0..11"}
    assert read_case({EXAMINED: 5}, table).warnings == ()


@pytest.mark.parametrize("cancer", ["breast", "colon", "other_solid"])
def test_the_rule_holds_in_the_tables_of_the_package(cancer):
    assert refusals({POSITIVE: 3, EXAMINED: 2}, cancer) == [
        "nodes_positive: 3 is more than nodes_examined (2)"
    ]
    everything = set(rules().get(cancer).space.cells[rules().get(cancer).index[POSITIVE]].names)
    assert cells_of({EXAMINED: 0}, POSITIVE, cancer) == everything
    assert cells_of({EXAMINED: 0, POSITIVE: 0}, POSITIVE, cancer) == everything


COUNTS = st.one_of(
    st.none(),
    st.integers(0, 14),
    st.integers(0, 14).map(">={}".format),
    st.tuples(st.integers(0, 14), st.integers(0, 14)).map(sorted).map(lambda pair: f"{pair[0]}..{pair[1]}"),
    st.lists(st.integers(0, 14), min_size=1, max_size=3),
)


@pytest.mark.parametrize("cancer", [GLAND, SKIN, "colon"])
@settings(max_examples=300)
@given(positive=COUNTS, examined=COUNTS)
@example(positive=1, examined=[0, 4])
@example(positive=1, examined=">=0")
@example(positive=[0, 5], examined=4)
@example(positive=0, examined=[0, 5])
def test_the_boxes_are_just_the_pairs_of_counts_that_can_be(cancer, positive, examined):
    table = rules().get(cancer)
    place, other = table.index[POSITIVE], table.index[EXAMINED]
    wholes = [set(range(91)), set(range(91))]
    for whole, said, n in ((wholes[0], positive, place), (wholes[1], examined, other)):
        if said is not None:
            spans = parse_entry(said, table.space.cells[n].domain).spans
            whole &= {count for count in range(91) if any(a[0] <= count < b[0] for a, b in spans)}
    least = min(wholes[0])
    if max(wholes[1]) < least:
        assert len(refusals({POSITIVE: positive, EXAMINED: examined}, cancer)) == 1
        return
    pairs = set()
    for count in wholes[1]:
        if count:
            pairs |= {(n, count) for n in wholes[0] if n <= count}
        elif examined is None and positive is not None and least == 0:
            pairs |= {(n, 0) for n in wholes[0]}
        elif least == 0:
            pairs |= {(n, 0) for n in range(91)}
    found = facts({POSITIVE: positive, EXAMINED: examined, "margins": None} | RULED[cancer], cancer)
    expected = {(cell(table, place, n), cell(table, other, m)) for n, m in pairs}
    got = {
        (1 << i, 1 << j)
        for box in found.boxes
        for i, j in itertools.product(range(9), range(9))
        if box[place] >> i & 1 and box[other] >> j & 1
    }
    assert got == expected
    assert not any(meets(one, two) for one, two in itertools.combinations(found.boxes, 2))


RULED = {GLAND: {}, SKIN: {"depth_mm": 5}, "colon": {}}


@cache
def cell(table, place, count):
    """Return the cell that holds a count."""
    cells = table.space.cells[place]
    return cells.mask(parse_entry(count, cells.domain))
