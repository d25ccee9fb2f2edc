"""Which values make no difference to the columns of an answer, and which do."""

from __future__ import annotations

from typing import Any

import pytest

pl = pytest.importorskip("polars")

from riskcli.cohort.classes import Classes  # noqa: E402
from riskcli.cohort.columns import Naming, match_columns  # noqa: E402
from riskcli.cohort.fields import FieldNames  # noqa: E402
from riskcli.cohort.frames import FrameAssessor  # noqa: E402
from riskcli.cohort.rows import Rowwise  # noqa: E402
from riskcli.loader import load_rules  # noqa: E402

RULES = load_rules()
BREAST = Classes(RULES.get("breast"))


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("t_category", "pT2", "ypT2"),  # treatment before surgery comes with it
        ("node_deposit_mm", 1, 3),
        ("age_years", 39, 40),  # a shared warning is about it
        ("age_years", "unknown", 45),
        ("sex", "female", "male"),
        ("metastasis", "absent", "present"),  # the gate
        ("margins", "positive", "negative"),
        ("her2", "positive", "unknown"),
        ("recurrence_score", "not_done", 12),
        ("tumour_size_mm", 20, 21),
        ("nodes_positive", 0, 1),
    ],
)
def test_values_that_an_answer_tells_apart_have_two_classes(field: str, one: Any, other: Any) -> None:
    assert BREAST.of(field, one) != BREAST.of(field, other)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("tumour_size_mm", 22, "2.3e1"),
        ("tumour_size_mm", "28", 28.0),
        ("er", "positive", "pos"),
        ("age_years", 41, 43),
        ("grade", "G3", 3),
        ("her2", "unknown", "not known"),
    ],
)
def test_values_that_no_answer_tells_apart_have_one_class(field: str, one: Any, other: Any) -> None:
    assert BREAST.of(field, one) == BREAST.of(field, other) is not None


def test_a_field_of_another_cancer_may_be_another_name_of_a_field_here() -> None:
    penile = Classes(RULES.get("penile"))
    assert penile.of("p16", "positive") == penile.of("hpv", "positive") != penile.of("p16", "negative")
    columns = match_columns(["p16"], FieldNames(RULES), Naming(), cancer_given=True)
    assert columns.fields == {"p16": "p16"}, "each cancer's table says what it is there"


def test_a_value_that_cannot_be_read_has_no_class() -> None:
    assert BREAST.of("grade", "banana") is None
    assert BREAST.of("nodes_positive", -1) is None
    assert BREAST.of("mitoses", 3) == (), "a field of another cancer only has to be there"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((0, 12), (0, 30), True),
        ((2, 12), (3, 12), True),
        ((0, 12), (1, 12), False),
        ((None, 0), (None, 5), False),  # none examined leaves the nodes unknown
        ((None, 2), (None, 30), False),  # two examined nodes cap the positive ones
        ((None, None), (None, 30), False),
        (("unknown", 12), (0, 12), False),
        (("1..3", 2), ("1..3", 12), True),  # both counts stay in their cells
        (("1..9", 2), ("1..9", 12), False),
    ],
)
def test_the_two_counts_of_nodes_are_classed_together(one: Any, other: Any, same: bool) -> None:
    first, second = BREAST.of_nodes(*one), BREAST.of_nodes(*other)
    assert first is not None
    assert second is not None
    assert (first == second) is same


@pytest.mark.parametrize("pair", [(5, 3), (3, 0), (0, 0), ("banana", 3), (3, "banana")])
def test_counts_that_contradict_each_other_or_warn_have_no_class(pair: tuple[Any, Any]) -> None:
    assert BREAST.of_nodes(*pair) is None


@pytest.mark.parametrize(
    "field", ["t_category", "node_deposit_mm", "age_years", "sex", "margins", "her2_state"]
)
def test_rows_that_differ_in_one_value_get_each_their_own_answer(field: str) -> None:
    values = {
        "t_category": ["pT2", "ypT2", "cT2", "T2/T3"],
        "node_deposit_mm": ["0.1", "0.2", "1", "2", "3", "micrometastasis", "unknown"],
        "age_years": ["38", "39", "40", "41", "79", "80", "81", "unknown", "30..50"],
        "sex": ["female", "male", "unknown"],
        "margins": ["negative", "positive", "close", "unknown"],
        "her2_state": ["x"],
    }[field]
    rows = pl.DataFrame({field: values, "tumour_size_mm": ["22"] * len(values), "grade": ["2"] * len(values)})
    naming = Naming(untouched=frozenset({"her2_state"} & {field}))
    columns = match_columns(rows.columns, FieldNames(RULES), naming, cancer_given=True)
    rowwise = Rowwise(RULES, "breast")
    found = FrameAssessor(rowwise, columns, naming).answer(rows)[:, rows.width :].rows()
    read = [{name: row[name] for name in columns.fields} for row in rows.to_dicts()]
    assert found == [tuple(rowwise.answer(row)) for row in read]
