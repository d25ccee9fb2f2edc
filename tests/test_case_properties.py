"""What holds for every record, however it was made up."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from input_side import GLAND, SKIN, facts, table

from riskcli.case import case_reader, read_case
from riskcli.cells import subtract
from riskcli.errors import CaseError, OutOfScope
from riskcli.scope import possible

WORDS = """unknown not_done present absent positive negative T1 pT2 ypT2 T3/T4 Tis pN1mi ITC R2 M1 yes no
    2/3 3/12 >=4 <2 1..3 0 25mm 1-Mar n0"""
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 120),
    st.integers(),
    st.floats(),
    st.sampled_from(WORDS.split()),
    st.text(max_size=6),
)
NESTED = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
)


def records(name: str) -> st.SearchStrategy[dict[str, object]]:
    names = st.sampled_from([*table(name).vocabulary["here"], "cancer", "ref", "lvi", "Grade", "her2", "zzz"])
    return st.dictionaries(names | st.text(max_size=4), VALUES | NESTED, max_size=9)


def outcome(record, name):
    """Return the facts of a record, or the error that refuses it."""
    try:
        return read_case(record, table(name))
    except CaseError as error:
        return error


@pytest.mark.parametrize("name", [GLAND, SKIN, "breast", "colon"])
@settings(max_examples=150)
@given(data=st.data())
def test_any_record_is_refused_with_reasons_or_gives_facts(name, data):
    found = outcome(data.draw(records(name)), name)
    if isinstance(found, CaseError):
        assert found.problems
        assert all(str(problem).isprintable() and str(problem) for problem in found.problems)
    else:
        assert found.boxes
        assert all(mask for box in found.boxes for mask in box)
        again = read_case(found.stated, table(name))
        assert (again.boxes, again.known, again.assumed) == (found.boxes, found.known, found.assumed)


def sensible(name: str) -> st.SearchStrategy[dict[str, object]]:
    """Give records of allowed values; not a few contradict themselves."""
    choices = {}
    for field, reader in case_reader(table(name)).readers.items():
        domain = reader.domain
        low, high = int(domain.low) + (domain.low % 1 > 0), min(int(domain.high), 60)
        numbers = st.integers(low, high)
        choices[field] = (
            st.sampled_from([*domain.words, *domain.groups])
            if domain.words
            else (numbers | st.integers(low + 1, high).map(">={}".format))
        )
        if domain.optional:
            choices[field] |= st.just("not_done")
    spec = table(name).table["fields"]
    sure = {
        field: choices.pop(field) for field in spec if "assume" in spec[field] or "optional" in spec[field]
    }
    return st.fixed_dictionaries(sure, optional=choices)


@pytest.mark.parametrize("name", [GLAND, SKIN, "breast", "colon", "testis_nonseminoma", "other_solid"])
@settings(max_examples=100)
@given(data=st.data())
def test_a_record_of_allowed_values_is_refused_only_for_its_nodes_or_its_scope(name, data):
    found = outcome(data.draw(sensible(name)), name)
    says = {row["say"] for row in table(name).table["out_of_scope"]}
    if isinstance(found, OutOfScope):
        assert {problem.message for problem in found.problems} <= says
    elif isinstance(found, CaseError):
        assert [problem.field for problem in found.problems] == ["nodes_positive"]
    else:
        assert found.boxes


@st.composite
def possible_cases(draw, name: str):
    """Give a case that can be, with one cell for every field of a table that applies to it."""
    space, only_if = table(name).space, table(name).boxes["only_if"]
    box = list(space.full)
    for place, cells in enumerate(space.cells):
        choices = [[*box[:place], 1 << i, *box[place + 1 :]] for i in range(cells.count)]
        box = draw(st.sampled_from([choice for choice in choices if possible(table(name), [tuple(choice)])]))
    return {
        cells.field: cells.names[box[place].bit_length() - 1]
        for place, cells in enumerate(space.cells)
        if all(box[parent] & mask for parent, mask in only_if.get(cells.field, []))
    }


@pytest.mark.parametrize("name", [GLAND, SKIN, "breast", "colon"])
@settings(max_examples=120)
@given(data=st.data())
def test_knowing_less_never_rules_out_what_is_true(name, data):
    record = data.draw(possible_cases(name))
    try:
        true = facts(record, name)
    except CaseError:  # more positive than examined nodes, or a kind that is turned away
        assume(False)
    specs = table(name).table["fields"]
    blurred = {}
    for field, value in record.items():
        either = [value, data.draw(st.sampled_from(table(name).space.cells[table(name).index[field]].names))]
        vague = [] if "assume" in specs[field] or "optional" in specs[field] else ["unknown", None, ""]
        blurred[field] = data.draw(st.sampled_from([value, either, *vague]))
    less = facts(blurred, name)
    for rest in true.boxes:
        left = [rest]
        for box in less.boxes:
            left = [piece for part in left for piece in subtract(part, box)]
        assert left == []
