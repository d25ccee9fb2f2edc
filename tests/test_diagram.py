"""Decision diagrams against tables of every case: the algebra, and equal functions being equal nodes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from small_diagrams import CASES, COUNTS, build

from riskcli.diagram import NO, YES, Diagram, leaf, leaf_value


def read(store, ref):
    """Return the leaf values of a diagram for all cases, in order."""
    found = []
    for case in CASES:
        at = ref
        while at >= 0:
            at = store.children[at][case[store.fields[at]]]
        found.append(leaf_value(at))
    return found


LEAVES = st.lists(st.integers(0, 3), min_size=len(CASES), max_size=len(CASES))
FLAGS = st.lists(st.integers(0, 1), min_size=len(CASES), max_size=len(CASES))


def test_leaves_are_negative_and_read_back():
    assert [leaf_value(leaf(n)) for n in range(5)] == [0, 1, 2, 3, 4]
    assert all(leaf(n) < 0 for n in range(5))
    assert (leaf_value(NO), leaf_value(YES)) == (0, 1)


@given(LEAVES, LEAVES)
def test_two_diagrams_are_the_same_node_exactly_when_they_answer_alike(one, other):
    store = Diagram(COUNTS)
    assert read(store, build(store, one)) == one
    assert (build(store, one) == build(store, other)) == (one == other)


@given(LEAVES)
def test_no_node_is_made_whose_children_are_all_the_same_and_none_is_made_twice(values):
    store = Diagram(COUNTS)
    build(store, values)
    build(store, values)
    assert all(len(set(kids)) > 1 for kids in store.children)
    nodes = list(zip(store.fields, store.children, strict=True))
    assert len(nodes) == len(set(nodes))


@given(FLAGS, LEAVES, LEAVES)
def test_choosing_answers_yes_where_the_condition_holds_and_no_elsewhere(condition, yes, no):
    store = Diagram(COUNTS)
    found = store.choose(*(build(store, values) for values in (condition, yes, no)))
    assert read(store, found) == [a if c else b for c, a, b in zip(condition, yes, no, strict=True)]


@given(FLAGS, FLAGS)
def test_both_and_either_are_and_and_or(one, other):
    store = Diagram(COUNTS)
    refs = build(store, one), build(store, other)
    assert read(store, store.both(*refs)) == [a & b for a, b in zip(one, other, strict=True)]
    assert read(store, store.either(*refs)) == [a | b for a, b in zip(one, other, strict=True)]


@given(st.lists(st.tuples(FLAGS, LEAVES), max_size=3), LEAVES)
def test_the_first_row_that_holds_answers(rows, otherwise):
    store = Diagram(COUNTS)
    refs = [(build(store, condition), build(store, answer)) for condition, answer in rows]
    found = read(store, store.first_hit(refs, build(store, otherwise)))
    for n, value in enumerate(found):
        assert value == next((answer[n] for condition, answer in rows if condition[n]), otherwise[n])


@given(LEAVES, st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_renaming_leaves_renames_every_answer(values, names):
    store = Diagram(COUNTS)
    root = store.relabel(build(store, values), names.__getitem__)
    assert read(store, root) == [names[value] for value in values]
    assert root == build(store, [names[value] for value in values])


@given(st.dictionaries(st.integers(0, 2), st.integers(1, 7)))
def test_a_box_is_yes_inside_and_no_outside(masks):
    masks = {field: (mask % (1 << COUNTS[field])) or 1 for field, mask in masks.items()}
    store = Diagram(COUNTS)
    inside = [all(mask >> case[field] & 1 for field, mask in masks.items()) for case in CASES]
    assert read(store, store.box(masks)) == list(map(int, inside))


@given(
    st.lists(st.integers(0, 4), min_size=2, max_size=2), st.lists(st.integers(0, 4), min_size=3, max_size=3)
)
def test_points_are_summed_over_their_fields(first, second):
    store = Diagram(COUNTS)
    root = store.sum({1: second, 0: first})
    assert read(store, root) == [first[case[0]] + second[case[1]] for case in CASES]
    assert store.sum({}) == leaf(0)


@given(LEAVES, LEAVES)
def test_compacting_keeps_the_answers_and_only_the_nodes_they_need(one, other):
    store = Diagram(COUNTS)
    build(store, other)
    kept, roots = store.compact({"one": build(store, one)})
    assert read(kept, roots["one"]) == one
    assert kept.fields == Diagram(COUNTS, kept.fields, kept.children).fields
    fresh = Diagram(COUNTS)
    build(fresh, one)
    assert len(kept.fields) == len(fresh.fields)


@given(LEAVES)
def test_a_saved_store_is_restored_and_goes_on_sharing_its_nodes(values):
    store = Diagram(COUNTS)
    root = build(store, values)
    again = Diagram(store.counts, store.fields, [list(kids) for kids in store.children])
    assert read(again, root) == values
    assert build(again, values) == root
    assert len(again.fields) == len(store.fields)
