"""YAML text to plain data: its traps closed, and the line of everything."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcli.errors import RuleFileError
from riskcli.yaml_source import read_document


def data(text):
    return read_document(text, "x.yaml").data


def faults(text):
    """Return the sentences with which a text is refused, each with its line."""
    with pytest.raises(RuleFileError) as caught:
        read_document(text, "x.yaml")
    assert all(fault.file == "x.yaml" for fault in caught.value.faults)
    return [f"{fault.line}: {fault.message}" for fault in caught.value.faults]


# ---- scalars


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-3", -3),
        ("+3", 3),
        ("007", 7),
        ("2.5", 2.5),
        ("-0.5", -0.5),
        ("", None),
        ("~", None),
        ("null", None),
        ("Null", "Null"),
        ("no", "no"),
        ("No", "No"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", "true"),
        ("False", "False"),
        ("1:30", "1:30"),
        ("2026-11-24", "2026-11-24"),
        ("2026-11-24 10:00:00", "2026-11-24 10:00:00"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        (".5", ".5"),
        ("5.", "5."),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("1..3", "1..3"),
        ("<0.8", "<0.8"),
        ("1..<3", "1..<3"),
        ("pN0(i+)", "pN0(i+)"),
        ("\u0663", "\u0663"),
        ("<<", "<<"),
        ("=", "="),
    ],
)
def test_a_plain_scalar_is_a_number_null_or_the_text_it_is(text, value):
    assert data(f"a: {text}") == {"a": value}
    assert type(data(f"a: {text}")["a"]) is type(value)


@pytest.mark.parametrize("number", ["9" * 19, "9" * 5000, "9" * 400 + ".0"])
def test_a_number_longer_than_any_rule_needs_stays_text(number):
    assert data(f"a: {number}") == {"a": number}


@pytest.mark.parametrize("text", ["3", "no", "null", "", ">=4", "~"])
def test_a_scalar_in_quotes_is_text(text):
    assert data(f'a: "{text}"') == {"a": text}
    assert data(f"a: '{text}'") == {"a": text}


def test_a_folded_text_is_one_line_and_a_literal_one_keeps_its_lines():
    assert data("a: >-\n  one\n  two\nb: 1") == {"a": "one two", "b": 1}
    assert data("a: |-\n  one\n  two") == {"a": "one\ntwo"}


def test_keys_may_be_words_and_numbers():
    assert data('{1: a, 2.5: b, no: c, "?": d, ">=1": e}') == {
        1: "a",
        2.5: "b",
        "no": "c",
        "?": "d",
        ">=1": "e",
    }


def test_an_empty_text_holds_nothing():
    assert data("") is None
    assert data("# only a remark\n") is None


def test_a_text_in_any_language_is_read():
    assert data("\u00e9t\u00e9: \u226550 \u00b5g") == {"\u00e9t\u00e9": "\u226550 \u00b5g"}


# ---- lines


TEXT = """\
# a remark
a:
  - id: one
    when: {b: 1,
           c: 2}
  - id: two
d: [1, 2,
    3]

e: >-
  folded
  text
f:
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("a",), 2),
        (("a", 0), 3),
        (("a", 0, "id"), 3),
        (("a", 0, "when"), 4),
        (("a", 0, "when", "b"), 4),
        (("a", 0, "when", "c"), 5),
        (("a", 1, "id"), 6),
        (("d",), 7),
        (("d", 1), 7),
        (("d", 2), 8),
        (("e",), 10),
        (("f",), 13),
        (("a", 1, "why"), 6),
        (("a", 7), 2),
        (("x", "y"), 2),
    ],
)
def test_everything_knows_its_line_and_what_is_missing_that_of_its_parent(path, line):
    document = read_document(TEXT, "x.yaml")
    assert document.line(path) == line
    assert str(document.fault(path, "wrong")) == f"x.yaml:{line}: wrong"


def test_no_line_is_noted_for_what_is_not_in_the_data():
    document = read_document("a: {b: [1]}", "x.yaml")
    assert set(document.lines) == {(), ("a",), ("a", "b"), ("a", "b", 0)}


# ---- traps


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: >=4", 1),
        ("a: 1\nb: {c: >=4}", 2),
        ("a:\n  - <= 3\n  - >=4", 3),
        ("a: [>4]", 1),
        ("when: {nodes: >4, grade: 3}", 1),
    ],
)
def test_a_bound_without_quotes_is_refused_with_the_quotes(text, line):
    (fault,) = faults(text)
    assert fault.startswith(f"{line}: this is not YAML (")
    assert fault.endswith('); write bounds in quotes, as in ">=4"')


@pytest.mark.parametrize("bound", [">4", ">1", "|2"])
def test_a_bound_that_yaml_takes_for_a_folded_text_is_refused(bound):
    assert faults(f"a: 1\nb: {bound}\nc: 2") == [
        '2: this reads as a folded text; write bounds in quotes, as in ">4"'
    ]


def test_a_key_given_twice_is_refused_with_both_lines():
    assert faults("a: 1\nb: 2\na: 3") == ["3: the key a is given twice (first on line 1); keep one"]
    assert faults("x:\n  - {a: 1, a: 2}") == ["2: the key a is given twice (first on line 2); keep one"]
    assert faults("1: a\n1.0: b") == ["2: the key 1.0 is given twice (first on line 1); keep one"]


@pytest.mark.parametrize("text", ["? [1, 2]\n: 3", "{[1]: 2}", "{{a: 1}: 2}", "~: 1", "? x: 1"])
def test_a_key_that_is_no_word_or_number_is_refused(text):
    assert faults(text) == ["1: a key must be a word or a number"]


def test_anchors_and_aliases_are_refused_where_they_stand():
    assert faults("a: &x {b: 1}\nc: *x") == [
        "1: the anchor &x is not allowed; write each value out",
        "2: the alias *x is not allowed; write the value out",
    ]


def test_an_alias_of_itself_does_no_harm():
    assert faults("a: &x [*x]") == [
        "1: the anchor &x is not allowed; write each value out",
        "1: the alias *x is not allowed; write the value out",
    ]


@pytest.mark.parametrize(
    ("tagged", "tag"),
    [
        ("!!str 3", "!!str"),
        ("!!int '3'", "!!int"),
        ("!!python/object/apply:os.system [ls]", "!!python/object/apply:os.system"),
        ("!mine x", "!mine"),
        ("! x", "!"),
        ("!!map {b: 1}", "!!map"),
        ("!!binary aGk=", "!!binary"),
    ],
)
def test_a_tag_is_refused(tagged, tag):
    assert faults(f"a: {tagged}") == [
        f"1: the tag {tag} is not allowed; write text in quotes and numbers without"
    ]


def test_a_merge_key_is_an_ordinary_key():
    assert data("<<: {a: 1}") == {"<<": {"a": 1}}


def test_a_second_document_is_refused():
    assert faults("a: 1\n---\nb: 2") == ["2: a second document begins here (---); keep one to a file"]
    assert data("---\na: 1\n...\n") == {"a": 1}


def test_a_tab_is_refused_with_the_spaces():
    (fault,) = faults("a:\n\tb: 1")
    assert fault.startswith("2: this is not YAML (")
    assert fault.endswith("); indent with spaces, not with tabs")


def test_a_text_with_a_colon_is_refused_with_the_quotes():
    (fault,) = faults("why: T2: over 20 mm")
    assert fault.startswith("1: this is not YAML (mapping values are not allowed")
    assert fault.endswith('); put a text that holds ": " in quotes')


@pytest.mark.parametrize("text", ["a: 'x", "[[[", "a: {b: 1", "a: @x", "a: 'x' y", "a: - 1", "]", 'a: "\\q"'])
def test_what_is_no_yaml_is_refused_in_one_line(text):
    (fault,) = faults(text)
    assert fault[0].isdigit()
    assert ": this is not YAML (" in fault
    assert "\n" not in fault


@pytest.mark.parametrize("text", ["a: 1\nb: x\x00", "a: 1\nb: \x1b[31m", "a: 1\nb: \uffff"])
def test_a_control_character_is_refused_with_its_line(text):
    assert faults(text) == ["2: holds a control character; save the file as plain text"]


def test_a_file_nested_beyond_reason_is_refused():
    nested = "[" * 60 + "]" * 60
    assert faults(f"a: 1\nb: {nested}") == ["2: is nested too deeply for a rule file"]
    deep = "".join("  " * i + f"k{i}:\n" for i in range(60)) + "  " * 60 + "- 1\n"
    assert faults(deep) == ["41: is nested too deeply for a rule file"]
    assert data("a: " + "[" * 30 + "]" * 30)


def test_every_fault_of_a_file_is_reported():
    assert faults("a: &x 1\na: !t 2\nb: >4\nc: *x") == [
        "1: the anchor &x is not allowed; write each value out",
        "2: the key a is given twice (first on line 1); keep one",
        "2: the tag !t is not allowed; write text in quotes and numbers without",
        '3: this reads as a folded text; write bounds in quotes, as in ">4"',
        "4: the alias *x is not allowed; write the value out",
    ]
    assert [fault[:2] for fault in faults("a: &x 1\nb: @x")] == ["1:", "2:"]


@settings(max_examples=300)
@given(st.text(alphabet="ab:{}[]-,>|'\"#&*!? \n\t012.%@`~<=\u00e9", max_size=40) | st.text(max_size=20))
def test_any_text_is_read_or_refused_with_a_line(text):
    try:
        found = read_document(text, "x.yaml")
    except RuleFileError as error:
        found = error
    if isinstance(found, RuleFileError):
        assert all(fault.line >= 1 and fault.message for fault in found.faults)
    else:
        assert found.lines == {} or found.lines[()] >= 1
