"""One record: names, values, what they carry with them, what is left unsaid, and every problem at once."""

from __future__ import annotations

import itertools
import json

import pytest
from input_side import (
    GLAND,
    SKIN,
    allowed,
    cells_of,
    facts,
    known,
    refusals,
    rules,
    table,
    turned_away,
)

from riskcli.case import cancer_of, case_reader
from riskcli.errors import CaseError

MEASURED = {
    "grade": "G2",
    "t_category": "pT2",
    "tumour_size_mm": 25,
    "nodes_positive": 2,
    "nodes_examined": 15,
    "vascular_invasion": "not identified",
    "er": "positive",
    "gene_score": 20,
}


# ---- which cancer


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"cancer": "breast"}, "breast"),
        ({"cancer": " Breast "}, "breast"),
        ({"Cancer": "other solid"}, "other_solid"),
        ({" CANCER": "Testis-Nonseminoma"}, "testis_nonseminoma"),
        ({"cancer": "", "Cancer": "colon"}, "colon"),
    ],
)
def test_the_cancer_is_read_in_any_case_and_spacing(record, name):
    assert cancer_of(record) == name


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ({}, 'cancer is missing; say which cancer, as in {"cancer": "breast"}'),
        ({"cancer": " "}, 'cancer is missing; say which cancer, as in {"cancer": "breast"}'),
        ({"cancer": None}, 'cancer is missing; say which cancer, as in {"cancer": "breast"}'),
        ({1: "breast"}, 'cancer is missing; say which cancer, as in {"cancer": "breast"}'),
        ({"cancer": "breast", "Cancer": "colon"}, "cancer is given twice; keep one"),
        ({"cancer": 3}, "cancer: the name of one cancer is wanted, as text"),
        ({"cancer": ["breast"]}, "cancer: the name of one cancer is wanted, as text"),
        ({"cancer": True}, "cancer: the name of one cancer is wanted, as text"),
        ([{"cancer": "breast"}], "a case is one record of fields, but this is a list"),
        ((), "a case is one record of fields, but this is a list"),
        ("breast", "a case is one record of fields, but this is none"),
        (None, "a case is one record of fields, but this is none"),
        (3, "a case is one record of fields, but this is none"),
    ],
)
def test_a_record_that_does_not_name_one_cancer_is_refused(record, sentence):
    with pytest.raises(CaseError) as caught:
        cancer_of(record)
    assert str(caught.value) == sentence


# ---- names


@pytest.mark.parametrize(
    "key", ["grade", "Grade", "GRADE", " grade ", "tumour grade", "Tumour-Grade", "differentiation"]
)
def test_a_field_is_known_by_its_own_and_by_other_names(key):
    assert facts({key: 2}).stated == {"grade": 2}


def test_a_field_given_under_another_name_is_echoed_with_that_name():
    assert facts({"tumour grade": "G2"}).translated == (
        {"field": "grade", "given": {"tumour grade": "G2"}, "read_as": 2},
    )
    assert facts({"Grade": 2}).translated == ()


def test_a_name_that_is_no_field_gets_the_nearest_one():
    assert refusals({"grdae": 1}) == ["grdae is not a field of example_gland; did you mean grade?"]
    assert refusals({"Nodes Positve": 1}) == [
        "Nodes Positve is not a field of example_gland; did you mean nodes_positive?"
    ]
    assert refusals({"er_result": "positive"}) == [
        "er_result is not a field of example_gland; did you mean er?"
    ]


def test_a_name_that_begins_several_fields_gets_them_all():
    assert refusals({"nodes": 1}) == [
        "nodes is not a field of example_gland; did you mean nodes_positive or nodes_examined?"
    ]


def test_a_name_that_is_like_no_field_gets_no_guess():
    assert refusals({"colour": "red"}) == [
        "colour is not a field of example_gland; correct the name or leave it out"
    ]


def test_a_name_that_is_no_field_is_refused_even_when_it_holds_nothing():
    assert refusals({"grdae": None}) == ["grdae is not a field of example_gland; did you mean grade?"]


@pytest.mark.parametrize(
    "key", ["", "  ", None, 3, 10**5000, ("a",)], ids=["empty", "blank", "none", "3", "huge", "tuple"]
)
def test_a_value_without_a_name_is_refused(key):
    assert refusals({key: 1}) == ["a value stands under no name; give it the name of a field"]


def test_a_strange_name_is_quoted_short_and_on_one_line():
    assert refusals({"a\nb": 1}) == [
        '"a b" is not a field of example_gland; correct the name or leave it out'
    ]
    assert refusals({"x" * 10_000: 1}) == [
        f'"{"x" * 37}..." is not a field of example_gland; correct the name or leave it out'
    ]


def test_a_field_of_other_cancers_is_accepted_and_named_as_not_used():
    found = facts({"only_elsewhere": "whatever", "Only-Elsewhere": "x", "her2": 3})
    assert found.warnings == (
        "her2 is not used for example_gland.",
        "only_elsewhere is not used for example_gland.",
    )
    assert found.stated == {}


@pytest.mark.parametrize("nothing", [None, "", "  ", []])
def test_a_field_of_other_cancers_that_holds_nothing_is_not_mentioned(nothing):
    assert facts({"only_elsewhere": nothing}).warnings == ()


def test_a_field_of_the_vocabulary_that_the_table_does_not_use_is_read_and_named():
    found = facts({"performance_status": 1, "age": 60})
    assert found.stated == {"performance_status": 1, "age_years": 60}
    assert found.warnings == (
        "age_years is not used for example_gland.",
        "performance_status is not used for example_gland.",
    )
    assert found.known == ()
    assert refusals({"performance_status": 7}) == [
        "performance_status: 7 is not allowed for example_gland; use 0, 1, 2, 3 or 4 "
        "(leave it out if unknown)"
    ]


def test_the_fields_that_an_answer_looks_at_are_not_called_unused():
    found = facts({"metastasis": "absent", "margins": "negative", "sex": "female", "nodes_examined": 12})
    assert found.warnings == ()


def test_one_field_under_two_names_is_refused():
    assert refusals({"grade": 2, "tumour grade": 2}) == [
        'grade is given twice, as "grade" and as "tumour grade"; keep one'
    ]
    assert refusals({"GRADE": 1, "Differentiation": 3}) == [
        'grade is given twice, as "GRADE" and as "Differentiation"; keep one'
    ]


@pytest.mark.parametrize("nothing", [None, " ", []])
def test_one_of_two_names_may_hold_nothing(nothing):
    assert facts({"grade": nothing, "tumour grade": 3}).stated == {"grade": 3}
    assert facts({"grade": 3, "tumour grade": nothing}).stated == {"grade": 3}


@pytest.mark.parametrize("ref", ["A-1", 17, None, {"a": [1, None]}, [1], True, 1.5, ""])
def test_the_callers_own_identifier_is_carried_through_untouched(ref):
    found = facts({"ref": ref, "grade": 2})
    assert found.ref == ref
    assert type(found.ref) is type(ref)
    assert "ref" not in found.stated


# ---- problems


def test_every_problem_of_a_record_is_reported_at_once_in_field_order():
    record = {
        "er": "maybe",
        "nodes_positive": 99,
        "zzz": 1,
        "grade": 7,
        "tumour_size_mm": "2.5 cm",
        "age_years": -1,
    }
    expected = [
        "zzz is not a field of example_gland; correct the name or leave it out",
        "grade: 7 is not allowed for example_gland; use 1, 2 or 3 (leave it out if unknown)",
        'tumour_size_mm: "2.5 cm" is in cm; write it in mm (25)',
        "nodes_positive: 99 is above 90 and looks like a registry code; "
        "map it to what it stands for, or to unknown",
        'er: "maybe" is not allowed for example_gland; use negative or positive (leave it out if unknown)',
        "age_years: -1 is below 0; use a whole number from 0 to 110",
    ]
    for items in itertools.permutations(record.items(), len(record)):
        assert refusals(dict(items)) == expected


def test_a_problem_keeps_the_facts_behind_its_sentence():
    with pytest.raises(CaseError) as caught:
        facts({"grade": 7})
    (problem,) = caught.value.problems
    assert (problem.field, problem.value, problem.allowed) == ("grade", 7, ("1", "2", "3"))


def test_a_problem_goes_before_the_scope():
    assert refusals({"metastasis": "present", "grade": 7}) == [
        "grade: 7 is not allowed for example_gland; use 1, 2 or 3 (leave it out if unknown)"
    ]


# ---- what a value stands for


def test_a_known_value_leaves_only_its_cells():
    assert cells_of({"t_category": "T1"}, "t_category") == {"T1a", "T1b"}
    assert cells_of({"nodes_positive": "2+"}, "nodes_positive") == {"1..3", ">=4"}
    assert cells_of({"budding": ["low", "not_done"]}, "budding") == {"low", "not_done"}


def test_an_absent_and_an_unknown_field_are_open():
    everything = {"1..2", "3"}
    assert cells_of({}, "grade") == cells_of({"grade": "unknown"}, "grade") == everything
    assert known(facts({"grade": "unknown", "er": "positive"})) == {"er"}


def test_an_optional_test_that_is_absent_was_not_done_and_one_that_is_unknown_is_open():
    assert cells_of({}, "budding") == {"not_done"}
    assert cells_of({"budding": "not done"}, "budding") == {"not_done"}
    assert cells_of({"budding": "unknown"}, "budding") == {"low", "intermediate", "high", "not_done"}
    place = table().index["budding"]
    assert place in facts({}).absent
    assert place in facts({"budding": "not_done"}).absent
    assert place not in facts({"budding": "unknown"}).absent
    assert place not in facts({"budding": "low"}).absent


def test_what_was_read_is_echoed_in_the_order_of_the_table():
    found = facts(dict(reversed(MEASURED.items())))
    assert found.stated == {
        "grade": 2,
        "t_category": "T2",
        "tumour_size_mm": 25,
        "nodes_positive": 2,
        "nodes_examined": 15,
        "vascular_invasion": "absent",
        "er": "positive",
        "gene_score": 20,
    }
    assert list(found.stated) == list(MEASURED)
    assert found.translated == (
        {"field": "grade", "given": "G2", "read_as": 2},
        {"field": "t_category", "given": "pT2", "read_as": "T2"},
        {"field": "vascular_invasion", "given": "not identified", "read_as": "absent"},
    )


def test_the_order_of_a_record_makes_no_difference():
    first = facts({**MEASURED, "her2": 1, "only_elsewhere": 1, "performance_status": 2})
    for items in itertools.islice(itertools.permutations([*MEASURED.items(), ("performance_status", 2)]), 40):
        other = facts({"only_elsewhere": 1, **dict(items), "her2": 1})
        assert repr(other) == repr(first)


# ---- what a word carries with it


def test_a_word_may_state_several_fields():
    found = facts({"nodes_positive": "pN1mi"})
    assert found.stated == {"nodes_positive": ">=1", "node_deposit_mm": ">0.2..2"}
    assert known(found) == {"nodes_positive", "node_deposit_mm"}
    assert found.translated == (
        {"field": "nodes_positive", "given": "pN1mi", "read_as": ">=1"},
        {"field": "node_deposit_mm", "given": {"nodes_positive": "pN1mi"}, "read_as": ">0.2..2"},
    )


def test_isolated_tumour_cells_leave_the_node_negative():
    for word in ("ITC", "pN0(i+)"):
        assert facts({"nodes_positive": word}).stated == {"nodes_positive": 0, "node_deposit_mm": "<=0.2"}


def test_a_t_category_after_treatment_says_that_there_was_treatment():
    found = facts({"nodes_positive": 1, "neoadjuvant_therapy": "unknown"}, SKIN)
    assert allowed(found)["neoadjuvant_therapy"] == {"no", "yes"}
    assert turned_away({"t_category": "ypT2"}) == ["It was treated before the operation."]
    assert turned_away({"t_category": "rT2"}) == ["It has come back."]


@pytest.mark.parametrize("unsure", ["unknown", ["no", "yes"], ""])
def test_what_a_word_carries_narrows_what_is_stated_as_unsure(unsure):
    assert turned_away({"t_category": "ypT2", "neoadjuvant_therapy": unsure}) == [
        "It was treated before the operation."
    ]


def test_what_a_word_carries_fills_in_what_is_stated_as_unsure_and_says_so():
    found = facts({"nodes_positive": "pN1mi", "node_deposit_mm": "<=5"})
    assert found.stated["node_deposit_mm"] == ">0.2..2"
    assert found.translated[-1] == {
        "field": "node_deposit_mm",
        "given": {"nodes_positive": "pN1mi"},
        "read_as": ">0.2..2",
    }


def test_what_a_word_carries_never_overrides_what_is_stated():
    found = facts({"t_category": "ypT2", "neoadjuvant_therapy": "no"})
    assert found.stated == {"t_category": "T2", "neoadjuvant_therapy": "no"}
    assert found.warnings == (
        't_category "ypT2" means neoadjuvant_therapy yes, but neoadjuvant_therapy is stated as no; '
        "check both (no was used).",
    )
    found = facts({"t_category": ["ypT2", "ypT3"], "neoadjuvant_therapy": "no"})
    assert found.warnings[0].startswith("t_category ypT2 or ypT3 means neoadjuvant_therapy yes, but")


def test_what_a_word_carries_is_silent_where_the_record_says_the_same_or_more():
    for deposit in (">0.2..2", 1.5, "1..3"):
        found = facts({"nodes_positive": "pN1mi", "node_deposit_mm": deposit})
        assert found.stated["node_deposit_mm"] == deposit
        assert found.warnings == ()
        assert len(found.translated) == 1


def test_a_carried_value_that_the_table_does_not_allow_is_left_out_with_a_warning():
    found = facts({"nodes_positive": "far too many"})
    assert found.stated == {"nodes_positive": 2}
    assert found.warnings == (
        'nodes_positive "far too many" means node_deposit_mm 900, which example_gland does not allow; '
        "that was not used.",
    )


def test_a_carried_value_of_a_field_that_this_cancer_does_not_have_is_left_out():
    found = facts({"nodes_positive": "pN1mi"}, SKIN)
    assert found.stated == {"nodes_positive": 1}
    assert found.warnings == ()


def test_a_word_for_unknown_may_carry_another_value():
    found = facts({"nodes_positive": "no idea"})
    assert found.stated == {"nodes_positive": "unknown", "margins": "positive"}


# ---- warnings


def test_a_positive_margin_is_always_a_warning():
    say = next(row["say"] for row in table().common["warnings"] if "margins" in row["when"])
    for name in (GLAND, "breast", "colon"):
        assert say in facts({"margins": "R1"}, name).warnings
        assert say not in facts({"margins": "R0"}, name).warnings
        assert say not in facts({"margins": "close"}, name).warnings
        assert say not in facts({"margins": ["negative", "positive"]}, name).warnings


def test_a_tables_own_warning_needs_a_stated_value_wholly_inside():
    say = "That is unusually large."
    assert say in facts({"tumour_size_mm": 150}).warnings
    assert say in facts({"tumour_size_mm": ">100"}).warnings
    assert say not in facts({"tumour_size_mm": ">=100"}).warnings
    assert say not in facts({"tumour_size_mm": "unknown"}).warnings
    assert say not in facts({}).warnings


def test_a_tables_own_warning_never_rests_on_an_assumption():
    say = "So large without obstruction is rare."
    assert say in facts({"tumour_size_mm": 350, "obstruction": "absent"}).warnings
    assert say not in facts({"tumour_size_mm": 350}).warnings
    assert say not in facts({"tumour_size_mm": 350, "obstruction": "present"}).warnings


def test_a_warning_about_a_field_that_a_cancer_does_not_have_is_no_obstacle():
    assert facts({"vascular_invasion": "present"}, "testis_nonseminoma").warnings == ()


# ---- what others ask of a reader


def test_a_reader_says_what_each_name_means_and_what_is_taken_when_nothing_is_said():
    reader = case_reader(table())
    assert reader.aliases["tumour grade"] == reader.aliases["grade"] == "grade"
    assert reader.aliases["lvi"] == "vascular_invasion"
    assert list(reader.premises) == ["metastasis", "disease", "local_treatment", "neoadjuvant_therapy"]
    assert reader.premises["disease"]["value"] == "first"
    assert list(case_reader(table(SKIN)).premises) == ["metastasis", "disease", "local_treatment"]
    assert case_reader(table()) is reader


# ---- the whole of it


def test_echoing_what_was_read_gives_the_same_facts():
    records = [
        MEASURED,
        {"nodes_positive": "pN1mi", "t_category": "pT1/pT2", "margins": "R1"},
        {"nodes_positive": ["ITC", "pN1mi"], "budding": "low", "cea_ng_ml": "<0.1 ng/ml"},
        {"nodes_positive": 0, "nodes_examined": 0, "grade": "cannot be assessed"},
        {"gene_score": "not done", "tumour_size_mm": "10-20 mm", "er": "neg"},
        {"disease": ["first", "recurrent"], "metastasis": "MX", "age": 50},
    ]
    for record in records:
        once = facts(record)
        again = facts(once.stated)
        assert again.stated == once.stated
        assert (again.boxes, again.known, again.absent) == (once.boxes, once.known, once.absent)
        assert again.assumed == once.assumed
        assert again.translated == ()
        assert json.loads(json.dumps(once.stated)) == once.stated


def test_a_value_read_before_is_read_the_same_again():
    for _ in range(3):
        assert facts({"grade": True and 1}).stated == {"grade": 1}
        assert refusals({"grade": True}) == [
            "grade: true is not allowed for example_gland; use 1, 2 or 3 (leave it out if unknown)"
        ]
        assert facts({"grade": 1.0, "nodes_positive": "G1 "[1]}).stated == {"grade": 1, "nodes_positive": 1}


def test_a_reader_remembers_only_so_many_values(monkeypatch):
    monkeypatch.setattr("riskcli.case._REMEMBERED", 3)
    reader = case_reader.__wrapped__(table())
    for size in range(20):
        assert reader.read({"tumour_size_mm": size}).stated == {"tumour_size_mm": size}
    assert len(reader._cache) == 3


def test_the_tables_of_the_package_read_a_whole_report():
    breast = facts(
        {
            "cancer": "breast",
            "Nottingham grade": "Grade III",
            "tumour size": "22 mm",
            "pT": "pT2",
            "nodes involved": "pN1mi",
            "nodes examined": 3,
            "LVI": "not identified",
            "ER": "positive",
            "HER2": "2+ ISH-negative",
            "Ki-67": "25 %",
            "menopausal state": "post",
            "resection margins": "clear",
        },
        "breast",
    )
    assert breast.stated["grade"] == 3
    assert breast.stated["her2"] == "negative"
    assert breast.stated["ki67_percent"] == 25
    assert breast.stated["nodes_positive"] == "1..3"
    assert {item["field"] for item in breast.translated} >= {"grade", "her2", "nodes_positive", "margins"}


def test_the_names_of_the_cancers_with_a_table_are_read_from_a_record():
    for name in rules().names:
        assert cancer_of({"cancer": name.upper().replace("_", " ")}) == name
