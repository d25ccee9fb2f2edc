"""One row of a cohort: its columns, what is assumed for it, and words about it without its values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskcli
from riskcli.cohort.reading import kind_of
from riskcli.cohort.rows import OUTPUTS, SOMETHING, RowAnswer, Rowwise, columns_of, without_values
from riskcli.cohort.whole import page_name
from riskcli.errors import CaseError
from riskcli.loader import load_rules

RULES = load_rules()
HIGH = {"cancer": "breast", "grade": 3, "nodes_positive": 12}


def answer(record: dict[str, Any], **given_for_all: Any) -> RowAnswer:
    """Answer one record."""
    return Rowwise(RULES, **given_for_all).answer(record)


def test_the_columns_are_those_of_the_answer() -> None:
    data = riskcli.assess(HIGH).model_dump(mode="json")
    found = columns_of(data)
    assert found.likelihood_lowest == data["likelihood"]["lowest"]
    assert found.rule == ";".join(reason["rule"] for reason in data["reasons"])
    assert found.unknown_fields == ";".join(item["field"] for item in data["unknown"])
    assert found.settled_by == (";".join(data["to_settle"]) or None)
    assert set(found.options.split(";")).isdisjoint((found.options_depending or "").split(";"))
    assert (found.table, found.digest) == ("breast", data["provenance"]["sha256"])
    assert answer(HIGH) == found


def test_a_level_stands_alone_only_when_there_is_one() -> None:
    ranged, settled = answer({**HIGH, "nodes_positive": None}), answer({"cancer": "breast", **SETTLED})
    assert (ranged.likelihood, ranged.cited_percent) == (None, None)
    assert ranged.likelihood_lowest != ranged.likelihood_highest
    assert settled.likelihood == settled.likelihood_lowest == settled.likelihood_highest
    assert ";" not in str(settled.rule)


SETTLED = {"grade": 3, "nodes_positive": 12, "nodes_examined": 20, "tumour_size_mm": 30, "er": "positive"}


def test_a_wrong_row_has_every_sentence_and_no_likelihood() -> None:
    found = answer({"cancer": "breast", "grade": 7, "nodes_positive": 5, "nodes_examined": 3})
    assert found.error == (
        "grade: 7 is not allowed for breast; use 1, 2 or 3 (leave it out if unknown) | "
        "nodes_positive: 5 is more than nodes_examined (3)"
    )
    others = [getattr(found, name) for name in OUTPUTS if name not in ("error", "table", "edition", "digest")]
    assert set(others) == {None}
    assert found.table == "breast"


def test_out_of_scope_is_no_error() -> None:
    found = answer({"cancer": "breast", "metastasis": "present"})
    assert (found.error, bool(found.out_of_scope)) == (None, True)
    assert answer({"cancer": "lymphoma"}).out_of_scope
    assert "is not a cancer with a rule table" in str(answer({"cancer": "nowhere"}).error)


@pytest.mark.parametrize("said", [None, "", "  ", float("nan")])
def test_a_row_without_a_cancer(said: object) -> None:
    record = {"cancer": said, "grade": 2}
    assert answer(record).error == "cancer is missing; fill the column cancer, or give --cancer"
    assert answer(record, cancer="breast").table == "breast"
    assert answer({"cancer": 3}).error == "cancer: the name of one cancer is wanted, as text"


def test_the_kinds_of_answers() -> None:
    assert kind_of(answer(HIGH)) in ("range", "very_high")
    assert kind_of(answer({"cancer": "breast"})) == "range"
    assert kind_of(answer({"cancer": "breast", "metastasis": "present"})) == "out of scope"
    assert kind_of(answer({})) == "error"


# ---- what is assumed


def test_what_is_assumed_is_said_only_where_nothing_is_stated() -> None:
    rowwise = Rowwise(RULES, "breast", {"her2": "negative", "Nodes Positive": 0})
    for empty in ({}, {"her2": ""}, {"her2": float("nan")}, {"her2": None}):
        assert str(rowwise.answer(empty).assumed).startswith("her2=negative;nodes_positive=0;")
    stated = rowwise.answer({"her2": "positive", "nodes_positive": "unknown"})
    assert not str(stated.assumed).startswith(("her2", "nodes_positive"))
    assert (
        rowwise.answer({}).unknown_fields
        == answer({"cancer": "breast", "her2": "negative", "nodes_positive": 0}).unknown_fields
    )


@pytest.mark.parametrize(
    ("assumed", "cancer", "sentence"),
    [
        ({"grade": 9}, "breast", "grade: 9 is not allowed for breast; use 1, 2 or 3"),
        ({"grade": 9}, None, "grade: 9 is not allowed for biliary; use 1, 2 or 3"),
        ({"gradee": 2}, None, '"gradee" is assumed but is not a field; did you mean grade?'),
        ({"zzzz": 2}, "breast", '"zzzz" is assumed but is not a field'),
        ({"cancer": "breast"}, None, "cancer cannot be assumed; give --cancer for rows that name none"),
        ({"ref": "1"}, "breast", "ref cannot be assumed"),
        ({"grade": 1, "Grade": 2}, "breast", "grade is assumed twice; keep one"),
    ],
)
def test_what_cannot_be_assumed_is_refused_before_any_row(
    assumed: dict[str, Any], cancer: str | None, sentence: str
) -> None:
    with pytest.raises(CaseError) as caught:
        Rowwise(RULES, cancer, assumed)
    assert str(caught.value).startswith(sentence)


def test_what_one_of_several_cancers_allows_may_be_assumed() -> None:
    assert Rowwise(RULES, None, {"her2": "negative"}).assume == {"her2": "negative"}


def test_a_cancer_that_does_not_exist_is_refused_before_any_row() -> None:
    with pytest.raises(CaseError, match="did you mean breast"):
        Rowwise(RULES, "brest")


# ---- words without values


def words(record: dict[str, Any]) -> str:
    """Return what is said about a wrong record, without its values."""
    return without_values(str(answer(record).error), record)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"grade": 7}, "grade: (…) is not allowed for breast; use 1, 2 or 3 (leave it out if unknown)"),
        ({"grade": [9]}, "grade: (…) is not allowed for breast; use 1, 2 or 3 (leave it out if unknown)"),
        (
            {"er": "Miller"},
            "er: (…) is not allowed for breast; use positive or negative (leave it out if unknown)",
        ),
        (
            {"er": True},
            "er: (…) is not allowed for breast; use positive or negative (leave it out if unknown)",
        ),
        (
            {"er": "a | b"},
            "er: (…) is not allowed for breast; use positive or negative (leave it out if unknown)",
        ),
        (
            {"nodes_positive": " 10+ ", "nodes_examined": "005"},
            "nodes_positive: (…) is more than nodes_examined ((…))",
        ),
    ],
)
def test_a_sentence_for_the_summary_holds_no_value(record: dict[str, Any], said: str) -> None:
    assert words({"cancer": "breast", **record}) == said


def test_a_cancer_nobody_knows_is_left_out_too() -> None:
    assert words({"cancer": "Smith, John"}).startswith(
        f"cancer: {SOMETHING} is not a cancer with a rule table"
    )


SECRET = st.text("QXZqxz789 .,;|\"'-+<>=/", min_size=1, max_size=50).map(lambda text: f"Qz{text}qZ")


@settings(max_examples=300)
@given(
    record=st.dictionaries(
        st.sampled_from(["cancer", "grade", "nodes_positive", "nodes_examined", "er", "t_category", "sex"]),
        SECRET | st.integers(1000, 99999) | st.lists(SECRET, min_size=1, max_size=2),
        min_size=1,
    )
)
def test_no_value_is_left_in_the_words_about_any_record(record: dict[str, Any]) -> None:
    record = {"cancer": "breast", **record}
    said = words(record)
    assert "Qz" not in said
    for value in record.values():
        if isinstance(value, int):
            assert str(value) not in said


# ---- pages


@pytest.mark.parametrize(
    ("ref", "name"),
    [
        ("A-1", "A-1"),
        (7, "7"),
        ("../../etc", "etc"),
        ("CON", "row-0003"),
        ("aux.x", "row-0003"),
        ("", "row-0003"),
    ],
)
def test_a_page_is_named_so_that_any_file_system_takes_it(ref: object, name: str) -> None:
    assert page_name(3, ref) == name


def test_two_ways_to_write_a_letter_name_one_page() -> None:
    assert page_name(3, "Mu\u0308ller") == page_name(3, "M\u00fcller") == "M\u00fcller"


def test_a_long_name_is_cut() -> None:
    assert len(page_name(1, "\u4e2d" * 500).encode()) < 250
