"""A row of a cohort and a single answer are equal, field by field, however the cohort is cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise, permutations
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskcli
from riskcli.case import case_reader
from riskcli.cohort import frames, lookup
from riskcli.cohort.columns import FieldNames, Naming, match_columns
from riskcli.cohort.frames import FrameAssessor
from riskcli.cohort.mixed import records_frame
from riskcli.cohort.rows import OUTPUTS, RowAnswer, Rowwise, columns_of
from riskcli.errors import CaseError, OutOfScope
from riskcli.loader import load_rules

RULES = load_rules()
NAMES = FieldNames(RULES)

WORDS = """unknown not_done present absent positive negative T1 pT2 ypT2 T3/T4 T1/T2 Tis pN1mi ITC pN0(i+) R2
    M1 2/3 3/12 >=4 <2 <=2 1..3 0 1 2 4+ 12 25mm 1-Mar n0 banana 99 999 2,5 G2 II 2+ NA 0.05 yes no"""
VALUES = ["", *WORDS.split(), "x | y"]
CANCERS = [*RULES.names, "Breast", "unknown primary", "lymphoma", "xyz", "", None]


def single(record: Mapping[str, Any], cancer: str | None, assume: Mapping[str, Any]) -> RowAnswer:
    """Return the columns that one call of the library gives for a record."""
    stated = {name: value for name, value in record.items() if value not in (None, "") and value == value}
    stated.setdefault("cancer", cancer)
    declared = [f"{name}={value}" for name, value in assume.items() if name not in stated]
    try:
        answer = riskcli.assess({**assume, **stated}, RULES)
    except CaseError as error:
        return refusal(error)
    return columns_of(answer.model_dump(mode="json"), declared)


def refusal(error: CaseError) -> RowAnswer:
    """Return the columns of a refused record; its table is not told by the library."""
    if isinstance(error, OutOfScope):
        return RowAnswer(out_of_scope=" | ".join(problem.message for problem in error.problems))
    return RowAnswer(error=" | ".join(map(str, error.problems)))


def cohort(
    batches: Sequence[pl.DataFrame], cancer: str | None, assume: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """Return the columns of the answers of a cohort that comes in batches."""
    rowwise = Rowwise(RULES, cancer, assume, date.today())
    columns = match_columns(batches[0].columns, NAMES, Naming(), cancer_given=True)
    assessor = FrameAssessor(rowwise, columns, Naming())
    return [row for batch in batches for row in assessor.answer(batch).select(OUTPUTS).iter_rows()]


def cut(frame: pl.DataFrame, places: Sequence[int]) -> list[pl.DataFrame]:
    """Cut a frame at some rows."""
    ends = [0, *sorted({place % (frame.height + 1) for place in places}), frame.height]
    return [frame[start:end] for start, end in pairwise(ends)]


def assert_equal(
    frame: pl.DataFrame, cuts: Sequence[int], cancer: str | None, assume: dict[str, Any]
) -> None:
    """Compare every row of a cohort with the answer to it alone."""
    found = cohort(cut(frame, cuts), cancer, assume)
    assert len(found) == frame.height
    for record, row in zip(frame.iter_rows(named=True), found, strict=True):
        wanted = single(record, cancer, assume)
        row = RowAnswer(*row)
        if wanted.table is None:  # of a refusal the library tells only the sentence
            row = row._replace(table=None, edition=None, digest=None)
        for name, one, other in zip(OUTPUTS, row, wanted, strict=True):
            assert one == other, (name, record)


def allowed(name: str) -> dict[str, st.SearchStrategy[str]]:
    """Give values that a table allows, as text, by field."""
    found = {}
    for field, reader in case_reader(RULES.get(name)).readers.items():
        domain = reader.domain
        if domain.words:
            found[field] = st.sampled_from([*map(str, domain.words), *map(str, domain.groups)])
        else:
            low, high = int(domain.low) + (domain.low % 1 > 0), min(int(domain.high), 60)
            found[field] = st.integers(low, high).map(str) | st.integers(low + 1, high).map(">={}".format)
    return found


ALLOWED = {name: allowed(name) for name in RULES.names}


@st.composite
def texts(draw: st.DrawFn) -> pl.DataFrame:
    """Give a cohort of text, as a CSV file gives one: mixed cancers, some of its values wrong or unknown."""
    some = sorted({name for fields in ALLOWED.values() for name in fields})
    fields = draw(st.lists(st.sampled_from(some), min_size=1, max_size=12, unique=True))
    fields += [
        field for field in ("nodes_positive", "nodes_examined") if draw(st.booleans()) and field not in fields
    ]
    has_cancer = draw(st.booleans())
    cancer = draw(st.sampled_from(CANCERS))
    known = ALLOWED.get(str(cancer).lower(), ALLOWED["breast"])
    right = {field: known.get(field, st.just("positive")) for field in fields}
    row = {field: draw(st.none() | right[field]) for field in fields}
    if has_cancer:
        row["cancer"] = cancer
    rows = [row]
    for _ in range(draw(st.integers(0, 7))):  # most rows differ from another in little
        row = dict(draw(st.sampled_from(rows)))
        for field in draw(st.lists(st.sampled_from(fields), max_size=2)):
            row[field] = draw(st.one_of(st.none(), right[field], right[field], st.sampled_from(VALUES)))
        if has_cancer and draw(st.integers(0, 3)) == 0:
            row["cancer"] = draw(st.sampled_from(CANCERS))
        rows.append(row)
    rows += draw(st.lists(st.sampled_from(rows), max_size=4))
    return pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String))


ASSUMED = st.fixed_dictionaries(
    {},
    optional={
        "her2": st.just("negative"),
        "nodes_positive": st.sampled_from([0, "1..3"]),
        "grade": st.just(2),
    },
)
CUTS = st.lists(st.integers(0, 20), max_size=3)


@settings(max_examples=400)
@given(frame=texts(), cuts=CUTS, assume=ASSUMED, cancer=st.sampled_from(RULES.names))
def test_every_row_of_text_is_answered_as_it_is_alone(
    frame: pl.DataFrame, cuts: list[int], assume: dict[str, Any], cancer: str
) -> None:
    assert_equal(frame, cuts, cancer, assume)


KINDS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 120),
    st.floats(-1, 50) | st.sampled_from([float("nan"), float("inf"), 2.0, 1e300]),
    st.sampled_from(VALUES),
    st.lists(st.sampled_from(["T1", "T2", 1, 2, 3, "x"]), max_size=3),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
)
FIELDS = ("grade", "nodes_positive", "nodes_examined", "tumour_size_mm", "er", "her2", "t_category")


@settings(max_examples=150)
@given(
    records=st.lists(st.fixed_dictionaries(dict.fromkeys(FIELDS, KINDS)), min_size=1, max_size=6),
    cuts=CUTS,
    cancer=st.sampled_from(["breast", "colon"]),
)
def test_every_row_of_any_kind_of_value_is_answered_as_it_is_alone(
    records: list[dict[str, Any]], cuts: list[int], cancer: str
) -> None:
    assert_equal(records_frame(records, FIELDS), cuts, cancer, {})


NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
EQUAL_BUT_NOT_ALIKE = [
    (1, True, 1.0, "1", Decimal(1), Decimal("1.0"), Decimal("1.00"), [1], [True]),
    (0, False, 0.0, -0.0, "0", Decimal(0), Decimal("-0")),
    (99, 99.0, Decimal("99.0"), "99.0"),
    (float("nan"), Decimal("NaN"), "nan", None),
    (NOON, NOON.astimezone(timezone(timedelta(hours=2)))),
]
"""Values that Python takes for equal, or nearly, and that a report does not."""


@pytest.mark.parametrize("values", EQUAL_BUT_NOT_ALIKE, ids=lambda values: str(values[0]))
@pytest.mark.parametrize("field", ["nodes_positive", "tumour_size_mm", "er"])
def test_a_value_is_not_taken_for_another_that_is_equal(field: str, values: tuple[Any, ...]) -> None:
    for one, other in permutations(values, 2):
        records = [{"grade": 3, field: value} for value in (one, other, "x", one)]
        assert_equal(records_frame(records, ["grade", field]), [], "breast", {})


@settings(max_examples=150)
@given(
    records=st.lists(
        st.fixed_dictionaries(dict.fromkeys(FIELDS[:4], st.sampled_from(sum(EQUAL_BUT_NOT_ALIKE, ())))),
        min_size=2,
        max_size=6,
    ),
    cuts=CUTS,
)
def test_rows_of_values_that_are_equal_are_answered_as_they_are_alone(
    records: list[dict[str, Any]], cuts: list[int]
) -> None:
    assert_equal(records_frame(records, FIELDS[:4]), cuts, "breast", {})


@pytest.mark.parametrize("said", [*permutations(["breast", 1, True, None, ["breast"]], 2)])
def test_a_cancer_that_is_no_text_is_refused_in_its_own_row(said: tuple[Any, ...]) -> None:
    records = [{"cancer": value, "grade": 3} for value in said]
    assert_equal(records_frame(records, ["cancer", "grade"]), [], "breast", {})


@settings(max_examples=80)
@given(data=st.data(), cuts=CUTS)
def test_every_row_of_numbers_is_answered_as_it_is_alone(data: st.DataObject, cuts: list[int]) -> None:
    height = data.draw(st.integers(1, 8))
    kinds = {
        "grade": (pl.Int8, st.integers(0, 4)),
        "nodes_positive": (pl.Float64, st.sampled_from([0.0, 1.0, 2.5, 4.0, 99.0, float("nan"), -1.0])),
        "nodes_examined": (pl.UInt16, st.integers(0, 14)),
        "tumour_size_mm": (pl.Float32, st.sampled_from([2.5, 5.0, 20.0, 20.5, 50.0, 1e30])),
        "er": (pl.Categorical, st.sampled_from(["positive", "negative", "POS", "?"])),
    }
    frame = pl.DataFrame(
        [
            pl.Series(
                name, data.draw(st.lists(st.none() | values, min_size=height, max_size=height)), dtype=kind
            )
            for name, (kind, values) in kinds.items()
        ]
    )
    assert_equal(frame, cuts, "breast", {})


def test_what_is_remembered_and_forgotten_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.DataFrame(
        [
            {"cancer": cancer, "grade": str(grade), "nodes_positive": str(nodes), "nodes_examined": "9"}
            for cancer in ("breast", "other_solid", "nowhere")
            for grade in range(5)
            for nodes in range(12)
        ]
    )
    batches = [frame[start : start + 7] for start in range(0, frame.height, 7)]
    at_ease = cohort(batches, None, {})
    monkeypatch.setattr(frames, "MOST_REMEMBERED", 3)
    monkeypatch.setattr(frames, "MOST_VALUES", 2)
    monkeypatch.setattr(lookup, "MOST_VALUES", 2)
    assert cohort(batches, None, {}) == at_ease


def test_the_order_of_columns_does_not_matter() -> None:
    frame = pl.DataFrame({"her2": ["positive", None], "grade": ["3", "1"], "nodes_positive": ["2", "0"]})
    turned = frame.select(frame.columns[::-1])
    assert cohort([frame], "breast", {}) == cohort([turned], "breast", {})
