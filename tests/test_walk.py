"""Walks over diagrams against brute force over every case: random functions, boxes, and impossible cases."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from oracle import deciding, grouped, settles
from small_diagrams import CASES, COUNTS, build

from riskcli.cells import bits, subtract
from riskcli.diagram import Diagram
from riskcli.reach import Reach, union_of
from riskcli.walk import View

FULL = tuple((1 << count) - 1 for count in COUNTS)
FUNCTIONS = st.lists(st.integers(0, 3), min_size=len(CASES), max_size=len(CASES))
"""The leaf of every case; leaf 0 is for cases that cannot be."""
CERTAIN = st.lists(st.integers(1, 3), min_size=len(CASES), max_size=len(CASES))
BOX = st.tuples(*(st.integers(1, mask) for mask in FULL))


@st.composite
def box_sets(draw):
    """Draw one box, or several disjoint ones."""
    box = draw(BOX)
    if draw(st.booleans()):
        return [box]
    return subtract(box, draw(BOX)) or [box]


def cases_of(boxes):
    """Return the cases of boxes."""
    return [
        case
        for case in CASES
        if any(all(b >> c & 1 for b, c in zip(box, case, strict=True)) for box in boxes)
    ]


def outcomes(values, boxes):
    """Return the leaf of every possible case of boxes."""
    leaves = dict(zip(CASES, values, strict=True))
    return {case: leaves[case] for case in cases_of(boxes) if leaves[case]}


def seen(values, boxes):
    """Return a view of a function through boxes, and the function taken into it."""
    store = Diagram(COUNTS)
    root = build(store, values)
    view = View(store, boxes)
    return view, view.take(root)


@given(FUNCTIONS, box_sets())
def test_the_ends_are_the_leaves_of_the_possible_cases(values, boxes):
    view, ref = seen(values, boxes)
    assert set(bits(view.ends(ref))) == set(outcomes(values, boxes).values())


@given(FUNCTIONS, FUNCTIONS, box_sets())
def test_a_view_answers_for_one_diagram_whatever_it_took_before(one, other, boxes):
    store = Diagram(COUNTS)
    roots = build(store, one), build(store, other)
    view = View(store, boxes)
    first = view.take(roots[0])
    second = view.take(roots[1])
    assert set(bits(view.ends(second))) == set(outcomes(other, boxes).values())
    assert view.take(roots[0]) == first


@given(FUNCTIONS, BOX, st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_ends_that_are_merged_are_reached_under_their_new_names(values, box, names):
    view, ref = seen(values, [box])
    names[0] = 0
    merged = view.merge(ref, names.__getitem__)
    assert set(bits(view.ends(merged))) == {names[leaf] for leaf in outcomes(values, [box]).values()} - {0}


@given(FUNCTIONS, box_sets())
def test_the_ends_for_each_cell_of_a_field_are_those_of_its_cases(values, boxes):
    view, ref = seen(values, boxes)
    found = outcomes(values, boxes)
    for field in range(len(COUNTS)):
        expected = [
            {leaf for case, leaf in found.items() if case[field] == cell} for cell in view.choices[field]
        ]
        assert [set(bits(ends)) for ends in view.ends_given(ref, field)] == expected


@given(FUNCTIONS, box_sets())
def test_the_fields_that_decide_are_those_that_brute_force_finds(values, boxes):
    view, ref = seen(values, boxes)
    assert view.deciding(ref) == deciding(outcomes(values, boxes))


@given(FUNCTIONS, box_sets(), st.sets(st.integers(0, 2)))
def test_fields_settle_when_every_case_they_leave_ends_alike(values, boxes, known):
    view, ref = seen(values, boxes)
    assert view.settles(ref, frozenset(known)) == settles(outcomes(values, boxes), sorted(known))


@given(FUNCTIONS, box_sets())
def test_the_settling_set_settles_and_loses_that_without_any_of_its_fields(values, boxes):
    view, ref = seen(values, boxes)
    found = outcomes(values, boxes)
    chosen = view.settling_set(ref)
    assert chosen == sorted(chosen)
    assert settles(found, chosen)
    assert not any(settles(found, [other for other in chosen if other != field]) for field in chosen)


@given(CERTAIN, BOX)
def test_where_every_case_is_possible_no_smaller_set_settles_than_the_fields_that_decide(values, box):
    view, ref = seen(values, [box])
    found = outcomes(values, [box])
    chosen = view.settling_set(ref)
    assert chosen == deciding(found)
    smaller = (fields for size in range(len(chosen)) for fields in combinations(range(3), size))
    assert not any(settles(found, fields) for fields in smaller)


@given(FUNCTIONS, BOX)
def test_the_later_fields_are_left_out_of_the_settling_set_first(values, box):
    view, ref = seen(values, [box])
    found = outcomes(values, [box])
    kept = list(range(3))
    for field in (2, 1, 0):
        without = [other for other in kept if other != field]
        if settles(found, without):
            kept = without
    assert view.settling_set(ref) == kept


@given(FUNCTIONS, BOX)
def test_a_field_is_tested_where_a_cell_of_it_leads_elsewhere(values, box):
    store = Diagram(COUNTS)
    root = build(store, values)
    view = View(store, [box])
    leaves = dict(zip(CASES, values, strict=True))
    inside = {case: leaves[case] for case in cases_of([box])}
    essential = {
        field
        for field in range(3)
        if any(
            len(ends) > 1
            for ends in grouped(inside, lambda case, field=field: case[:field] + case[field + 1 :])
        )
    }
    assert view.tested(view.take(root)) == essential


# ---- reach


@given(FUNCTIONS, FUNCTIONS, BOX)
def test_a_reach_finds_every_leaf_of_its_box_impossible_ones_too(one, other, box):
    store = Diagram(COUNTS)
    roots = build(store, one), build(store, other)
    reach = Reach(store, box)
    for root, values in zip((*roots, *roots), (one, other, one, other), strict=True):
        leaves = dict(zip(CASES, values, strict=True))
        assert set(bits(reach.ends(root))) == {leaves[case] for case in cases_of([box])}


@given(FUNCTIONS, BOX, BOX, st.sets(st.integers(0, 2), min_size=1))
def test_moving_fields_reaches_what_the_moved_box_reaches(values, box, other, fields):
    store = Diagram(COUNTS)
    root = build(store, values)
    reach = Reach(store, box)
    moved = {field: other[field] for field in fields}
    there = tuple(moved.get(field, mask) for field, mask in enumerate(box))
    assert reach.ends_moved(root, moved) == Reach(store, there).ends(root)
    first = min(moved)
    assert reach.ends_moved(reach.trunk(root).get(first, root), moved) == Reach(store, there).ends(root)
    assert reach.ends(root) == Reach(store, box).ends(root)


def nodes_on_the_way(store, root, box):
    """Return, for each case of a box, the nodes it passes."""
    for case in cases_of([box]):
        at, passed = root, []
        while at >= 0:
            passed.append(at)
            at = store.children[at][case[store.fields[at]]]
        yield passed


@given(FUNCTIONS, BOX)
def test_a_reach_tests_the_fields_that_its_cases_meet_on_their_way(values, box):
    store = Diagram(COUNTS)
    root = build(store, values)
    passed = list(nodes_on_the_way(store, root, box))
    assert Reach(store, box).tested(root) == {store.fields[node] for nodes in passed for node in nodes}


@given(FUNCTIONS, BOX)
def test_the_trunk_is_passed_by_every_case_and_ends_where_they_part(values, box):
    store = Diagram(COUNTS)
    root = build(store, values)
    trunk = Reach(store, box).trunk(root)
    passed = list(nodes_on_the_way(store, root, box))
    for field, node in trunk.items():
        assert store.fields[node] == field
        assert all(node in nodes for nodes in passed)
    if all(mask.bit_count() == 1 for mask in box):
        assert list(trunk.values()) == passed[0]


@given(st.lists(BOX, min_size=1, max_size=3))
def test_the_union_of_boxes_has_every_cell_that_one_of_them_has(boxes):
    union = union_of(boxes)
    for field in range(3):
        assert set(bits(union[field])) == {cell for box in boxes for cell in bits(box[field])}
