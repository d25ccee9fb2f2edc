"""Which column of a cohort is which field: names, slips, a registry's own words, and what passes through."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

import riskcli
from riskcli.cohort.columns import FieldNames, Naming, match_columns
from riskcli.cohort.mapping import read_mapping
from riskcli.cohort.rows import OUTPUTS, columns_of
from riskcli.errors import CaseError
from riskcli.loader import Rules, load_rules

NAMES = FieldNames(load_rules())


def fields(headers: Sequence[str], naming: Naming = Naming(), cancer_given: bool = True) -> dict[str, str]:  # noqa: B008
    """Return the field of each column that is read."""
    return dict(match_columns(headers, NAMES, naming, cancer_given).fields)


def problems(headers: Sequence[str], naming: Naming = Naming(), cancer_given: bool = True) -> list[str]:  # noqa: B008
    """Return what is wrong with columns."""
    with pytest.raises(CaseError) as caught:
        match_columns(headers, NAMES, naming, cancer_given)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "header", ["nodes_positive", "Nodes positive", "NODES-POSITIVE", " nodes  positive ", "nodes-Positive."]
)
def test_case_spaces_and_hyphens_do_not_matter(header: str) -> None:
    assert fields([header]) == {header: "nodes_positive"}


def test_a_name_that_reports_use_is_a_field() -> None:
    assert fields(["LVI", "grade"]) == {"LVI": "vascular_invasion", "grade": "grade"}


def test_what_is_no_field_passes_through_in_its_order() -> None:
    columns = match_columns(["zip", "grade", "hospital", "age at death"], NAMES, Naming(), True)
    assert columns.passed_through == ["zip", "hospital", "age at death"]


@pytest.mark.parametrize(
    ("header", "field"),
    [("node_positive", "nodes_positive"), ("nodes_possitive", "nodes_positive"), ("gradee", "grade")],
)
def test_a_slip_stops_the_run_and_says_how_to_go_on(header: str, field: str) -> None:
    assert problems(["grade", header]) == [
        f'column "{header}" is no field; did you mean {field}? Rename it, or say what it is: '
        f'--map "{header}"={field} reads it, --pass-through "{header}" leaves it unread'
    ]
    assert fields(["er", header], Naming(untouched=frozenset({header}))) == {"er": "er"}
    assert fields(["er", header], Naming({header: field})) == {"er": "er", header: field}


@pytest.mark.parametrize("header", ["id", "name", "age", "sexes seen", "date", "ward", "size of the ward"])
def test_names_that_are_far_from_any_field_are_left_alone(header: str) -> None:
    assert header not in fields(["grade", header]) or NAMES.field(header)


def test_a_column_may_stand_there_once() -> None:
    assert problems(["grade", "id", "id"]) == ['column "id" stands there twice; rename one']
    assert problems(["grade", "Grade"]) == [
        'column "Grade" and column "grade" are both grade; keep one, or leave one unread with --pass-through '
        "COLUMN"
    ]
    assert fields(["grade", "Grade"], Naming(untouched=frozenset({"Grade"}))) == {"grade": "grade"}


def test_a_column_needs_a_name() -> None:
    assert problems(["grade", " "]) == ["column 2 has no name; give it one"]


@pytest.mark.parametrize("name", ["rule", "Rule", "unknown fields", "ERROR"])
def test_a_column_named_like_one_of_the_answer_is_refused(name: str) -> None:
    assert problems(["grade", name]) == [
        f'column "{name}": the answer has a column of that name; give the columns of the answer another '
        "beginning, such as --prefix riskcli_"
    ]
    assert fields(["grade", name], Naming(prefix="riskcli_")) == {"grade": "grade"}


def test_a_prefix_can_meet_a_name_too() -> None:
    naming = Naming(prefix="x_")
    assert naming.outputs() == ["x_" + name for name in OUTPUTS]
    assert "x_rule" in problems(["grade", "x_rule"], naming)[0]


def test_something_has_to_be_read() -> None:
    say = "no column is a field of a case; see riskcli schema case, or name them with --map"
    assert problems(["a", "b"]) == [say]
    assert problems(["cancer", "ref"]) == [say]
    assert problems(["grade"], cancer_given=False) == [
        "no column says which cancer; add a column cancer, or give --cancer NAME"
    ]


def test_what_is_said_of_columns_has_to_fit() -> None:
    assert problems(["grade", "G"], Naming({"Gx": "grade", "G": "grades"})) == [
        'column "Gx" is mapped but is not there; there are "grade" and "G"',
        '"grades" is not a field; did you mean grade?',
    ]
    assert problems(["grade"], Naming(untouched=frozenset({"x"}))) == [
        'column "x" is to pass through but is not there; there are "grade"'
    ]
    assert problems(["grade"], Naming(values={"zz": {"1": 2}})) == [
        'values are mapped for "zz", which is not a field'
    ]


def test_every_problem_is_said_at_once() -> None:
    assert len(problems(["id", "id", "rule", "node_positive"])) == 3


def test_a_mapped_name_may_be_written_as_columns_are() -> None:
    assert fields(["Tumorgroesse"], Naming({"Tumorgroesse": "Tumour size mm"})) == {
        "Tumorgroesse": "tumour_size_mm"
    }


def test_local_tables_bring_their_fields() -> None:
    names = FieldNames(Rules(Path(__file__).parent / "data" / "input_rules"))
    assert names.known > NAMES.known


# ---- a mapping file


def mapping(path: Path, text: str) -> Path:
    """Write a mapping."""
    path.write_text(text, encoding="utf-8")
    return path


def test_a_mapping_gives_columns_and_values(tmp_path: Path) -> None:
    path = mapping(
        tmp_path / "m.yaml", "columns: {Grading: grade, 7: er}\nvalues: {er: {1: positive, '0': negative}}\n"
    )
    assert read_mapping(str(path)) == (
        {"Grading": "grade", "7": "er"},
        {"er": {"1": "positive", "0": "negative"}},
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "holds nothing"),
        ("- a\n", "a mapping has the keys columns and values and no others"),
        ("colums: {}\n", "a mapping has the keys columns and values and no others"),
        ("columns: {a: 3}\n", "columns gives the field of each column, as in {Grading: grade}"),
        ("values: {er: positive}\n", "values gives what texts stand for, by field"),
        ("values: {er: {'1': {a: b}}}\n", 'values, er, "1": a text or a number is wanted, or a list of them'),
        ("values: {er: {'1': [[a]]}}\n", 'values, er, "1": a text or a number is wanted, or a list of them'),
        ("values: {er: {'1': [a, null]}}\n", 'values, er, "1": a text or a number is wanted'),
        ("values: {er: {'1': []}}\n", 'values, er, "1": a text or a number is wanted'),
        ("columns: {a: b\n", "m.yaml:"),
        ("columns: {a: b, a: c}\n", "m.yaml:"),
    ],
)
def test_a_mapping_that_is_none(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(CaseError) as caught:
        read_mapping(str(mapping(tmp_path / "m.yaml", text)))
    assert "m.yaml" in str(caught.value)
    if text:
        assert sentence in str(caught.value)


def test_a_list_of_a_mapping_is_several_values(tmp_path: Path) -> None:
    text = "values: {er: {'1': [positive, negative], '2': null}, nodes_positive: {x: [1, '>=4'], y: 2.0}}\n"
    _, values = read_mapping(str(mapping(tmp_path / "m.yaml", text)))
    frame = pl.DataFrame({"er": ["1", "2", "positive"], "nodes_positive": ["x", "y", "x"], "grade": "3"})
    found = riskcli.assess_frame(frame, cancer="breast", values=values)
    several = [1, ">=4"]
    records = [
        {"er": ["positive", "negative"], "nodes_positive": several},
        {"nodes_positive": 2},
        {"er": "positive", "nodes_positive": several},
    ]
    for row, record in zip(found.select(OUTPUTS).rows(), records, strict=True):
        answer = riskcli.assess({"cancer": "breast", "grade": 3, **record})
        assert row == columns_of(answer.model_dump(mode="json"))


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"m\.yaml: it cannot be read \(No such file or directory\)"):
        read_mapping(str(tmp_path / "m.yaml"))
