"""How problems are worded: one sentence each, with the field, the value and what would be right."""

from __future__ import annotations

import pickle

import pytest

import riskcli
from riskcli.errors import (
    CaseError,
    Fault,
    OutOfScope,
    Problem,
    RiskcliError,
    RuleFileError,
    hint,
    listed,
    nearest,
    quoted,
)

FIELDS = ["grade", "nodes_positive", "nodes_examined", "er", "her2", "tumour_size_mm", "t_category"]


def test_a_problem_names_its_field_first():
    assert str(Problem("grade", 4, "4 is not allowed for breast; use 1, 2 or 3")) == (
        "grade: 4 is not allowed for breast; use 1, 2 or 3"
    )


def test_a_problem_of_the_field_itself_goes_on_from_its_name():
    assert str(Problem("grdae", 4, "is not a field of breast")) == "grdae is not a field of breast"


def test_a_problem_and_a_fault_are_facts_that_nobody_changes():
    for made, name in ((Problem("grade", 4, "x"), "message"), (Fault("a.yaml", 1, "x"), "line")):
        with pytest.raises(AttributeError):
            setattr(made, name, "y")
    assert len({Fault("a.yaml", 1, "x"), Fault("a.yaml", 1, "x")}) == 1


def test_a_problem_of_the_whole_record_has_no_field():
    assert str(Problem(None, [], "a case is one record")) == "a case is one record"


def test_a_case_error_says_every_problem_on_a_line_of_its_own():
    error = CaseError([Problem("a", 1, "x"), Problem("b", 2, "y")])
    assert str(error) == "a: x\nb: y"
    assert [problem.field for problem in error.problems] == ["a", "b"]


def test_a_rule_file_error_says_every_fault_and_points_to_the_first():
    error = RuleFileError([Fault("breast.yaml", 41, "x"), Fault("colon.yaml", 43, "y")])
    assert str(error) == "breast.yaml:41: x\ncolon.yaml:43: y"
    assert (error.file, error.line) == ("breast.yaml", 41)
    assert len(error.faults) == 2


def test_a_fault_of_a_whole_file_has_no_line():
    assert str(Fault("rules", 0, "does not exist")) == "rules: does not exist"


def test_there_is_one_error_to_catch_and_being_turned_away_is_a_case_error():
    assert issubclass(CaseError, RiskcliError)
    assert issubclass(RuleFileError, RiskcliError)
    assert issubclass(OutOfScope, CaseError)
    assert not issubclass(RuleFileError, CaseError)
    for name in ("CaseError", "OutOfScope", "RiskcliError", "RuleFileError"):
        assert name in riskcli.__all__


@pytest.mark.parametrize("error", [CaseError([Problem("a", 1, "x")]), OutOfScope([Problem(None, None, "y")])])
def test_an_error_survives_the_way_between_processes(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert again.problems == error.problems
    assert str(again) == str(error)


def test_a_rule_file_error_survives_the_way_between_processes():
    error = RuleFileError([Fault("a.yaml", 3, "x"), Fault("a.yaml", 4, "y")])
    again = pickle.loads(pickle.dumps(error))
    assert again.faults == error.faults
    assert str(again) == str(error)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("grdae", ["grade"]),
        ("node_positive", ["nodes_positive"]),
        ("her", ["her2"]),
        ("nodes", ["nodes_positive", "nodes_examined"]),
        ("tumour", ["tumour_size_mm"]),
        ("er_result", ["er"]),
        ("her2_fish_result", ["her2"]),
        ("no", []),
        ("colour", []),
        ("", []),
    ],
)
def test_the_nearest_name_is_close_or_begins_or_is_begun_by_it(name, near):
    assert nearest(name, FIELDS) == near


def test_a_name_that_begins_many_is_no_hint():
    assert nearest("nod", [f"nodes_of_the_{n}th_kind" for n in range(4)]) == []
    assert len(nearest("nod", [f"nodes_of_the_{n}th_kind" for n in range(3)])) == 3


def test_a_hint_is_the_end_of_a_sentence_or_nothing():
    assert hint("grdae", FIELDS) == "; did you mean grade?"
    assert hint("nodes", FIELDS) == "; did you mean nodes_positive or nodes_examined?"
    assert hint("colour", FIELDS) == ""
    assert hint("grade", []) == ""


def test_words_are_listed_as_a_person_lists_them():
    assert listed([]) == ""
    assert listed(["1"]) == "1"
    assert listed(["1", "2"]) == "1 or 2"
    assert listed(["1", "2", "3"], "and") == "1, 2 and 3"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("T9", '"T9"'),
        ("a\nb\tc", '"a b c"'),
        ("\x1b[31mred", '" [31mred"'),
        ("\u202e", '" "'),
        ("x" * 40, f'"{"x" * 40}"'),
        ("x" * 41, f'"{"x" * 37}..."'),
        ("x" * 1_000_000, f'"{"x" * 37}..."'),
        ("", '""'),
        ("g\u00fcnstig", '"g\u00fcnstig"'),
    ],
)
def test_what_was_given_is_quoted_short_and_harmless(text, shown):
    assert quoted(text) == shown
