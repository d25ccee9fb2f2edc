"""`riskcli.assess_frame`: a user's own frame comes back with the answers, whatever library it is of."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

import riskcli
from riskcli.cohort.rows import OUTPUTS, columns_of
from riskcli.errors import CaseError

pl = pytest.importorskip("polars")

RECORDS: list[dict[str, Any]] = [
    {"id": "a", "cancer": "breast", "grade": 3, "nodes_positive": "2", "er": "positive"},
    {"id": "b", "cancer": "breast", "grade": None, "nodes_positive": "unknown", "er": None},
    {"id": "c", "cancer": "Colon", "grade": 2, "nodes_positive": ">=4", "er": ""},
    {"id": "d", "cancer": "breast", "grade": 7, "nodes_positive": "0", "er": "banana"},
    {"id": "e", "cancer": "lymphoma", "grade": 1, "nodes_positive": "0", "er": None},
]


def expected(record: dict[str, Any]) -> tuple[Any, ...] | None:
    """Return the columns of a single answer, or None for a record that is refused."""
    case = {name: value for name, value in record.items() if name != "id" and value not in (None, "")}
    try:
        return tuple(columns_of(riskcli.assess(case).model_dump(mode="json")))
    except CaseError:
        return None


EXPECTED = [expected(record) for record in RECORDS]


def check(rows: list[dict[str, Any]]) -> None:
    """Hold rows with answers against single answers."""
    assert [row["id"] for row in rows] == [record["id"] for record in RECORDS]
    for row, wanted in zip(rows, EXPECTED, strict=True):
        if wanted is None:
            assert (row["error"] is None) != (row["out_of_scope"] is None)
            assert row["likelihood_highest"] is None
        else:
            assert tuple(row[name] for name in OUTPUTS) == wanted


def test_some_records_are_answered_and_some_refused() -> None:
    assert [wanted is None for wanted in EXPECTED] == [False, False, False, True, True]


def test_polars() -> None:
    frame = pl.DataFrame(RECORDS)
    answered = riskcli.assess_frame(frame)
    assert answered.columns == [*frame.columns, *OUTPUTS]
    assert answered.select(frame.columns).equals(frame)
    check(answered.to_dicts())


def test_polars_lazily() -> None:
    frame = pl.LazyFrame(RECORDS)
    answered = riskcli.assess_frame(frame)
    assert isinstance(answered, pl.LazyFrame)
    check(answered.collect().to_dicts())
    assert answered.select("id", "rule").collect().height == len(RECORDS)


def test_pandas_keeps_its_index_and_its_types() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(RECORDS, index=[9, 7, 5, 3, 1])
    frame["seen"] = pd.Timestamp("2024-01-31")
    answered = riskcli.assess_frame(frame)
    assert isinstance(answered, pd.DataFrame)
    assert list(answered.index) == [9, 7, 5, 3, 1]
    assert answered["seen"].dtype == frame["seen"].dtype
    rows = answered.astype(object).where(answered.notna(), None).to_dict("records")
    check(rows)


def test_pandas_own_missing_values_are_nothing() -> None:
    pd = pytest.importorskip("pandas")
    values: dict[str, Any] = {
        "grade": pd.array([3, pd.NA], dtype="Int64"),
        "nodes_positive": [2.0, float("nan")],
        "vascular_invasion": pd.array(["present", pd.NA], dtype="string"),
        "er": pd.Categorical(["positive", None]),
    }
    answered = riskcli.assess_frame(pd.DataFrame(values), cancer="breast")
    one = riskcli.assess(
        {
            "cancer": "breast",
            "grade": 3,
            "nodes_positive": 2,
            "vascular_invasion": "present",
            "er": "positive",
        }
    )
    nothing = riskcli.assess({"cancer": "breast"})
    assert answered["rule"].tolist() == [
        columns_of(answer.model_dump(mode="json")).rule for answer in (one, nothing)
    ]


def test_arrays_in_the_cells_of_pandas_are_several_values() -> None:
    pd, np = pytest.importorskip("pandas"), pytest.importorskip("numpy")
    cells = [["T1", "T2"], ["T3"], ["banana"], [[1, 2], [3, 4]], []]
    arrays = pd.DataFrame({"t_category": [np.array(cell) for cell in cells], "grade": 3})
    lists = pl.DataFrame({"t_category": pl.Series(cells, dtype=pl.Object), "grade": 3})
    names = [name for name in OUTPUTS if name != "cited_percent"]
    found = riskcli.assess_frame(arrays, cancer="breast")[names].to_dict("records")
    wanted = riskcli.assess_frame(lists, cancer="breast").select(names).to_dicts()
    assert [{key: value or None for key, value in row.items()} for row in found] == wanted
    assert [row["error"] is None for row in found] == [True, True, False, False, True]


def test_a_cell_that_holds_a_whole_frame_is_refused_in_its_row() -> None:
    pd = pytest.importorskip("pandas")
    cells = pd.Series([pd.DataFrame({"a": [1, 2]}), pd.Series([1, 2]), pd.NA, 3], dtype=object)
    found = riskcli.assess_frame(pd.DataFrame({"grade": cells}), cancer="breast")["error"].tolist()
    assert [said is None for said in found] == [False, True, True, True]


def test_pyarrow() -> None:
    pa = pytest.importorskip("pyarrow")
    answered = riskcli.assess_frame(pa.Table.from_pylist(RECORDS))
    assert isinstance(answered, pa.Table)
    check(answered.to_pylist())


def test_what_is_said_of_the_columns_is_heard() -> None:
    frame = pl.DataFrame({"Stufe": ["3", "9"], "rule": ["x", "y"], "node_positive": [1, 2]})
    answered = riskcli.assess_frame(
        frame,
        cancer="other_solid",
        assume={"nodes_positive": 0},
        columns={"Stufe": "grade"},
        values={"grade": {"9": "unknown"}},
        pass_through=["node_positive"],
        prefix="risk_",
    )
    assert answered["rule"].to_list() == ["x", "y"]
    first, second = (
        riskcli.assess({"cancer": "other_solid", "grade": grade, "nodes_positive": 0})
        for grade in (3, "unknown")
    )
    assert answered["risk_rule"].to_list() == [
        ";".join(reason.rule for reason in answer.reasons) for answer in (first, second)
    ]
    assert all(text.startswith("nodes_positive=0;") for text in answered["risk_assumed"])


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"node_positive": [1]}, "did you mean nodes_positive"),
        ({"grade": [1], "error": [""]}, "prefix"),
        ({"name": [1]}, "no column is a field"),
        ({"grade": [1], "Grade": [2]}, "are both grade"),
    ],
)
def test_columns_that_do_not_fit_are_refused(columns: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CaseError, match=sentence):
        riskcli.assess_frame(pl.DataFrame(columns), cancer="other_solid")


def test_a_cancer_without_table_and_an_assumption_it_does_not_allow_are_refused() -> None:
    frame = pl.DataFrame({"grade": [1]})
    with pytest.raises(CaseError, match="not a cancer with a rule table"):
        riskcli.assess_frame(frame, cancer="left ear")
    with pytest.raises(CaseError, match="er"):
        riskcli.assess_frame(frame, cancer="breast", assume={"er": "purple"})


def test_no_rows_give_no_answers() -> None:
    frame = pl.DataFrame(schema={"grade": pl.Int64, "cancer": pl.String})
    assert riskcli.assess_frame(frame).shape == (0, 2 + len(OUTPUTS))


def test_lists_and_dates_are_answered_row_by_row() -> None:
    frame = pl.DataFrame(
        {
            "t_category": [["T3", "T4a"], ["T1"], None],
            "nodes_positive": [None, datetime.date(2024, 3, 1), None],
        }
    )
    answered = riskcli.assess_frame(frame, cancer="colon")
    listed = riskcli.assess({"cancer": "colon", "t_category": ["T3", "T4a"]})
    assert answered["likelihood_lowest"][0] == listed.likelihood.lowest
    assert answered["error"].is_null().to_list() == [True, False, True]


def test_something_that_is_no_frame_is_refused() -> None:
    with pytest.raises(TypeError):
        riskcli.assess_frame([{"grade": 1}])
