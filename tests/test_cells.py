"""Cells and masks: every value lies in one cell, and a condition is a set of whole cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import accepts
from random_tables import ENTRIES, FIELDS

from riskcli.cells import Cells, Space, bits, inside, joined, meets, subtract
from riskcli.compiling import field_domain
from riskcli.conditions import Domain, Span, parse_entry
from riskcli.tables import FieldSpec

POOL = {
    "size": [n / 10 for n in range(101)],
    "count": list(range(5)),
    "shape": ["round", "flat", "long"],
    "mark": ["absent", "present"],
    "test": ["negative", "positive", "not_done"],
    "assay": [*(n / 2 for n in range(41)), "not_done"],
}
"""Enough values of each field to have some in every cell."""


def spec_of(name):
    return FieldSpec.model_validate({"text": name, "panel": "factor", **FIELDS[name]})


def cells_of(name, raws):
    domain = field_domain(spec_of(name))
    return Cells.cut(name, domain, [parse_entry(raw, domain) for raw in raws])


def mask_of(cells, raw):
    return cells.mask(parse_entry(raw, cells.domain))


@st.composite
def cut_fields(draw):
    """Draw a field cut at some of its conditions."""
    name = draw(st.sampled_from(list(FIELDS)))
    raws = draw(st.lists(st.sampled_from(ENTRIES[name]), max_size=4))
    return cells_of(name, raws), raws


@given(cut_fields())
def test_every_value_lies_in_exactly_one_cell_and_a_condition_is_a_set_of_whole_cells(cut):
    cells, raws = cut
    groups = spec_of(cells.field).groups
    for value in POOL[cells.field]:
        (cell,) = [i for i, name in enumerate(cells.names) if accepts(name, value, {})]
        for raw in raws:
            assert (mask_of(cells, raw) >> cell & 1) == accepts(raw, value, groups)


@given(cut_fields(), st.integers(min_value=1))
def test_a_mask_put_into_words_reads_back_as_the_same_mask(cut, number):
    cells, _ = cut
    mask = number % cells.full + 1
    described = cells.describe(mask)
    assert mask_of(cells, described) == mask
    assert cells.full.bit_count() == cells.count == len(cells.names)


@given(cut_fields(), st.data())
def test_a_condition_that_cuts_a_cell_takes_the_whole_cell(cut, data):
    cells, _ = cut
    raw = data.draw(st.sampled_from(ENTRIES[cells.field]))
    groups = spec_of(cells.field).groups
    touched = {
        i
        for i, name in enumerate(cells.names)
        for value in POOL[cells.field]
        if accepts(name, value, {}) and accepts(raw, value, groups)
    }
    assert set(bits(mask_of(cells, raw))) == touched


def test_not_done_is_the_last_cell_and_there_only_for_optional_fields():
    assay, size = cells_of("assay", ["<5"]), cells_of("size", ["<2.5"])
    assert (assay.names, assay.not_done, assay.full) == (("<5", ">=5", "not_done"), 0b100, 0b111)
    assert (size.names, size.not_done, size.full) == (("<2.5", ">=2.5"), 0, 0b11)


def test_inclusive_and_exclusive_bounds_at_one_number_leave_a_cell_of_one_point():
    domain = Domain(low=0, high=100)
    cells = Cells.cut("gauge", domain, [parse_entry(">=40", domain), parse_entry(">40", domain)])
    assert cells.names == ("<40", "40", ">40")
    assert [mask_of(cells, raw) for raw in (39.9, 40, 40.1)] == [0b001, 0b010, 0b100]


def test_a_mask_is_worded_as_one_stretch_where_its_cells_join():
    cells = cells_of("assay", ["<5", "5..10"])
    assert cells.names == ("<5", "5..10", ">10", "not_done")
    assert cells.describe(0b0011) == "<=10"
    assert cells.describe(0b0101) == ["<5", ">10"]
    assert cells.describe(0b1000) == "not_done"
    assert cells.describe(0b1111) == ["0..20", "not_done"]
    assert cells_of("shape", []).describe(0b101) == ["round", "long"]


def test_stretches_are_joined_only_where_they_touch():
    spans = (Span((0, 0), (1, 0)), Span((1, 0), (2, 1)), Span((2, 1), (3, 1)))
    assert joined(spans, 0b011) == [Span((0, 0), (2, 1))]
    assert joined(spans, 0b101) == [spans[0], spans[2]]
    assert joined(spans, 0b111) == [Span((0, 0), (3, 1))]


def test_the_bits_of_a_mask_are_given_lowest_first():
    assert [list(bits(mask)) for mask in (0, 1, 0b1010, 1 << 70)] == [[], [0], [1, 3], [70]]


def test_a_space_knows_its_fields_by_name_and_its_boxes_are_open_where_nothing_is_said():
    space = Space((cells_of("mark", []), cells_of("shape", []), cells_of("test", [])))
    assert space.index == {"mark": 0, "shape": 1, "test": 2}
    assert space.full == (0b11, 0b111, 0b111)
    assert space.box({"shape": 0b010}) == (0b11, 0b010, 0b111)


BOXES = st.tuples(*[st.integers(1, 7)] * 3)
POINTS = [(1 << a, 1 << b, 1 << c) for a in range(3) for b in range(3) for c in range(3)]


@given(BOXES, BOXES)
def test_subtracting_a_box_leaves_every_case_outside_it_once(box, cut):
    left = subtract(box, cut)
    for point in POINTS:
        wanted = inside(point, box) and not inside(point, cut)
        assert [inside(point, piece) for piece in left].count(True) == wanted


@given(BOXES, BOXES)
def test_boxes_meet_where_they_share_a_case_and_lie_inside_where_they_share_all(one, other):
    ones, others = ({p for p in POINTS if inside(p, box)} for box in (one, other))
    assert meets(one, other) == bool(ones & others)
    assert inside(one, other) == (ones <= others)


def test_boxes_of_different_spaces_are_never_compared():
    for compare in (meets, inside):
        with pytest.raises(ValueError, match="zip"):
            compare((1, 1), (1,))
