"""Levels over other findings: the same as asking for each of them, and how near another level is."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

import riskcli
from riskcli.case import read_case
from riskcli.errors import CaseError
from riskcli.loader import load_rules
from riskcli.what_if import Grid, what_if

RULES = load_rules()
CASE: dict[str, Any] = {
    "grade": 2,
    "tumour_size_mm": 18,
    "nodes_positive": 1,
    "vascular_invasion": "absent",
    "er": "positive",
    "her2": "negative",
}
FLAGS = [part for name, value in CASE.items() for part in (f"--{name.replace('_', '-')}", str(value))]


def grid(case: dict[str, Any], *fields: str, cancer: str = "breast") -> Grid:
    """Return the levels over some fields."""
    return what_if(read_case(case, RULES.get(cancer)), fields)


def asked(case: dict[str, Any], cancer: str = "breast") -> tuple[str, ...]:
    """Return the levels of a case as any other way of asking gives them; none when it cannot be."""
    try:
        return riskcli.assess({"cancer": cancer, **case}).likelihood.levels
    except CaseError:
        return ()


@pytest.mark.parametrize(
    "fields", [("grade",), ("nodes_positive",), ("grade", "nodes_positive"), ("er", "her2")]
)
def test_every_entry_is_the_answer_to_that_case(fields: tuple[str, ...]) -> None:
    found = grid(CASE, *fields)
    for place in itertools.product(*(range(len(axis.values)) for axis in found.axes)):
        values = {axis.field: axis.values[cell] for cell, axis in zip(place, found.axes, strict=True)}
        case = {**CASE, **{name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}}
        assert found.levels[place[0]][place[1] if len(place) > 1 else 0] == asked(case)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "t_category": st.sampled_from(["T1", "T2", "T3", "T4a", "T4b"]),
            "nodes_positive": st.integers(0, 9),
            "vascular_invasion": st.sampled_from(["absent", "present"]),
            "mmr": st.sampled_from(["proficient", "deficient"]),
            "grade": st.integers(1, 3),
        },
    )
)
def test_any_record_of_colon_cancer_varied_is_what_asking_says(case: dict[str, Any]) -> None:
    found = grid(case, "t_category", cancer="colon")
    for words, (levels,) in zip(found.axes[0].values, found.levels, strict=True):
        assert levels == asked(
            {**case, "t_category": list(words) if isinstance(words, tuple) else words}, "colon"
        )


def test_neighbours_that_make_no_difference_are_one_and_the_place_of_the_case_is_known() -> None:
    sizes = grid(CASE, "tumour_size_mm").axes[0]
    assert sizes.values == ("<=20", ">20")
    assert all(one != other for one, other in itertools.pairwise(grid(CASE, "nodes_positive").levels))
    assert [sizes.values[place] for place in sizes.stated] == ["<=20"]


def test_a_number_says_how_near_another_level_is_and_is_right() -> None:
    (up,) = (edge for edge in grid(CASE, "nodes_positive").edges if edge.upwards)
    assert (up.by, up.exactly) == (1, True)
    assert asked({**CASE, "nodes_positive": 2}) == up.levels != asked(CASE)
    (size,) = (edge for edge in grid(CASE, "tumour_size_mm").edges if edge.upwards)
    assert (size.by, size.exactly) == (2, False)
    assert asked({**CASE, "tumour_size_mm": 20}) == asked(CASE)
    assert asked({**CASE, "tumour_size_mm": 20.1}) == size.levels != asked(CASE)


def test_a_number_known_in_part_has_no_edge() -> None:
    assert grid({**CASE, "nodes_positive": "1..3"}, "nodes_positive").edges == ()


def test_what_contradicts_the_varied_finding_moves_along() -> None:
    case = {"t_category": "T1c", "tumour_size_mm": 15, "nodes_positive": 0}
    found = grid(case, "tumour_size_mm")
    assert all(levels for (levels,) in found.levels[1:])


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ("", "--vary needs a value"),
        (",", "--vary takes one field or two, as in --vary grade,nodes_positive"),
        ("grade,er,her2", "--vary takes one field or two, as in --vary grade,nodes_positive"),
        ("grad", '"grad" cannot vary: breast has no such field; did you mean grade?'),
        ("psa_ng_ml", '"psa_ng_ml" cannot vary: breast has no such field'),
    ],
)
def test_what_cannot_vary_is_one_sentence(vary: str, message: str, run: Run) -> None:
    told = run("what-if", "breast", *FLAGS, f"--vary={vary}")
    assert (told.code, told.out) == (2, "")
    assert message in told.err


def test_a_wrong_value_and_a_missing_cancer_are_said(run: Run) -> None:
    assert (
        "grade: 7 is not allowed for breast" in run("what-if", "breast", "--grade", "7", "--vary", "er").err
    )
    assert "riskcli what-if CANCER" in run("what-if", "--vary", "er").err


@pytest.mark.parametrize("width", ["60", "80", "120"])
def test_the_screen_fits_and_marks_where_the_case_is(
    width: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    told = run("what-if", "breast", *FLAGS, "--vary", "grade,nodes")
    assert told.code == 2, "nodes is no field"
    shown = run("what-if", "breast", *FLAGS, "--vary", "grade,positive nodes").out
    assert max(map(len, shown.splitlines())) <= int(width)
    assert shown.count("intermediate*") == 1
    assert "positive nodes 1: 1 more would be high" in " ".join(shown.split())
    assert "No one can know for certain" in " ".join(shown.split())


def test_one_finding_is_listed_where_there_is_no_room_for_a_table(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    told = run("what-if", "breast", "--nodes-positive", "2", "--vary", "tumour_size_mm")
    assert (told.code, told.err) == (0, "")
    assert "over 20 mm: high to very high*" in " ".join(told.out.split())


def test_json_has_every_entry_with_the_case_and_the_rules(run: Run) -> None:
    data = json.loads(run("what-if", "breast", *FLAGS, "--vary", "er", "--json").out)
    assert data["varied"] == ["er"]
    assert [entry["now"] for entry in data["what_if"]].count(True) == 1
    assert data["case"]["grade"] == 2
    assert data["provenance"]["table"] == "breast"


def test_a_test_that_was_not_done_is_an_entry_of_its_own(run: Run) -> None:
    shown = run("what-if", "colon", "--t-category", "T3", "--nodes-positive", "2", "--vary", "cea_ng_ml").out
    assert "not done       high*" in shown


def test_no_colour_is_asked_for_where_it_is_printed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def coloured(_: object, no_color: bool) -> bool:
        asked.append(no_color)
        return False

    monkeypatch.setattr("riskcli.cli.page.coloured", coloured)
    run("what-if", "breast", *FLAGS, "--vary", "er", "--no-color")
    run("assess", "breast", *FLAGS, "--no-color")
    run("assess", "breast", *FLAGS)
    assert asked == [True, True, False]
