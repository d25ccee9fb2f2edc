"""Cases that a table turns away, cancers without a table, and facts that contradict each other."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

import pytest
from input_side import SKIN, allowed, assumed, facts, known, refusals, rules, table, turned_away

from riskcli.case import cancer_of, read_case
from riskcli.errors import CaseError, OutOfScope, RiskcliError, listed
from riskcli.evaluate import answer_data
from riskcli.headings import Heading
from riskcli.headings import no_table as missing
from riskcli.headings import no_table as without_table
from riskcli.loader import Rules, load_rules
from riskcli.scope import possible
from riskcli.values import phrase

SIZE = "tumour_size_mm"


# ---- the gate


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ({"metastasis": "present"}, "Spread is known."),
        ({"metastasis": "M1"}, "Spread is known."),
        ({"disease": "recurrent"}, "It has come back."),
        ({"disease": "second primary"}, "There is another cancer."),
        ({"local_treatment": "incomplete"}, "Something was left behind."),
        ({"local_treatment": "biopsy only"}, "It was only sampled."),
        ({"margins": "R2"}, "Something was left behind."),
        ({"neoadjuvant_therapy": "yes"}, "It was treated before the operation."),
        ({"sex": "m"}, "Only women have this gland."),
        ({"t_category": "Tis"}, "It is in situ."),
    ],
)
def test_each_field_of_the_gate_turns_a_case_away(record, sentence):
    assert turned_away(record) == [sentence]


@pytest.mark.parametrize(
    "record",
    [
        {"metastasis": "absent"},
        {"disease": "first"},
        {"local_treatment": "complete"},
        {"neoadjuvant_therapy": "no"},
        {"sex": "female"},
        {"t_category": "T1"},
        {"margins": "R0"},
        {},
    ],
)
def test_the_premises_themselves_turn_nothing_away(record):
    assert facts(record).boxes


def test_every_reason_is_given_in_the_table_s_order():
    record = {"sex": "male", "t_category": "Tis", "metastasis": "present", "grade": 2}
    for items in itertools.permutations(record.items()):
        assert turned_away(dict(items)) == [
            "Spread is known.",
            "Only women have this gland.",
            "It is in situ.",
        ]


def test_a_case_turned_away_is_a_case_error_with_the_field_and_its_value():
    with pytest.raises(OutOfScope) as caught:
        facts({"metastasis": "M1"})
    assert isinstance(caught.value, CaseError)
    assert isinstance(caught.value, RiskcliError)
    (problem,) = caught.value.problems
    assert (problem.field, problem.value) == ("metastasis", "present")
    assert str(caught.value) == "metastasis: Spread is known."


@pytest.mark.parametrize("unsure", ["unknown", "MX", None, "", ["absent", "present"]])
def test_an_unsure_gate_field_takes_the_premise(unsure):
    found = facts({"metastasis": unsure})
    assert assumed(found)["metastasis"] == "absent"


def test_a_gate_field_that_may_be_two_things_keeps_its_echo():
    found = facts({"disease": ["first", "recurrent"]})
    assert found.stated == {"disease": ["first", "recurrent"]}
    assert assumed(found)["disease"] == "first"


def test_a_gate_field_all_of_whose_values_are_turned_away_is_turned_away():
    assert turned_away({"disease": ["recurrent", "second_primary"]}) == [
        "It has come back.",
        "There is another cancer.",
    ]
    assert turned_away({"local_treatment": "incomplete/biopsy_only"}) == [
        "Something was left behind.",
        "It was only sampled.",
    ]
    assert turned_away({"disease": ["recurrent", "second_primary"], "metastasis": ["absent", "present"]}) == [
        "Spread is known.",
        "It has come back.",
        "There is another cancer.",
    ]


def test_a_premise_that_the_record_excludes_is_not_assumed():
    found = facts({"disease": ["recurrent", "second_primary"]}, SKIN)  # which answers for a second primary
    assert "disease" not in assumed(found)
    assert "disease" not in assumed(facts({"disease": "second_primary"}, SKIN))


def test_one_row_may_name_several_values():
    for value in ("incomplete", "biopsy_only", ["incomplete", "biopsy_only"]):
        assert turned_away({"local_treatment": value}, SKIN) == ["Something was left behind."]
    assert (
        assumed(facts({"local_treatment": ["complete", "incomplete"]}, SKIN))["local_treatment"] == "complete"
    )


def test_a_row_about_a_gate_field_and_another_needs_both():
    assert turned_away({"sex": "male", "ulceration": "present"}, SKIN) == ["Men with an ulcer are elsewhere."]
    assert facts({"sex": "male"}, SKIN).boxes
    assert facts({"ulceration": "present"}, SKIN).boxes
    assert facts({"sex": ["male", "female"], "ulceration": "present"}, SKIN).boxes
    assert facts({"sex": "female", "ulceration": "present"}, SKIN).boxes


def test_a_row_about_the_table_s_own_fields_needs_every_possible_case_inside():
    assert turned_away({"histology": "rare"}, SKIN) == ["That kind is another disease."]
    assert turned_away({"histology": "spindle", "neoadjuvant_therapy": "yes"}, SKIN) == [
        "That kind was treated first."
    ]
    for record in (
        {"histology": ["rare", "usual"]},
        {"histology": "spindle"},
        {"neoadjuvant_therapy": "yes"},
    ):
        assert facts(record, SKIN).boxes


def test_rows_that_turn_a_case_away_only_together_do_so():
    assert turned_away({"histology": ["rare", "spindle"], "neoadjuvant_therapy": "yes"}, SKIN) == [
        "That kind is another disease.",
        "That kind was treated first.",
    ]


def test_a_category_that_may_be_in_situ_is_answered_for_the_rest():
    found = facts({"t_category": ["Tis", "T1"]})
    assert allowed(found)["t_category"] == {"Tis", "T1a", "T1b"}
    assert found.warnings == ()


@pytest.mark.parametrize("cancer", ["breast", "colon", "testis_nonseminoma", "other_solid"])
def test_the_tables_of_the_package_turn_away_what_they_cannot_answer(cancer):
    for record in (
        {"metastasis": "present"},
        {"disease": "recurrent"},
        {"local_treatment": "incomplete"},
        {"local_treatment": "biopsy_only"},
    ):
        assert len(turned_away(record, cancer)) == 1
    assert len(turned_away({"disease": ["recurrent", "second_primary"]}, cancer)) == 2


# ---- cancers without a table


def no_table(name, known_rules=None):
    with pytest.raises(CaseError) as caught:
        (known_rules or rules()).get(cancer_of({"cancer": name}))
    return caught.value


def test_every_excluded_cancer_gets_its_own_sentence():
    names = set()
    for item in rules().excluded:
        for name in item["names"]:
            error = no_table(name)
            assert isinstance(error, OutOfScope), name
            assert str(error) == f"cancer: {item['say']}"
            names.add(phrase(name))
    assert len(names) == sum(len(item["names"]) for item in rules().excluded), (
        "a name stands under two sentences"
    )
    assert names >= {"lymphoma", "unknown primary", "brain", "small cell lung", "anal", "leukaemia"}


@pytest.mark.parametrize("name", ["Lymphoma", "LYMPHOMA ", "non-Hodgkin lymphoma", "Unknown_Primary", "CUP"])
def test_an_excluded_cancer_is_known_in_any_spelling(name):
    assert isinstance(no_table(name), OutOfScope)


def test_no_excluded_cancer_has_a_table_or_its_name():
    named = {name for heading in rules().index.values() for name in (heading.title, *heading.also_called)}
    excluded = {phrase(name) for item in rules().excluded for name in item["names"]}
    assert not excluded & set(map(phrase, named))
    assert not excluded & {phrase(name) for name in rules().planned}


def test_a_cancer_that_is_planned_says_that_there_is_no_table_yet():
    error = without_table("EXAMPLE ELSEWHERE", ["breast", "colon"], (), ["example_elsewhere"], ())
    assert not isinstance(error, OutOfScope)
    assert str(error) == (
        "cancer: there is no rule table for example elsewhere yet; there are tables for breast and colon"
    )


def test_a_cancer_that_does_not_exist_gets_the_nearest_and_never_the_rule_of_thumb():
    names = Rules().names
    wrong = f"is not a cancer with a rule table; use {listed(names)}"
    assert str(no_table("breats", Rules())) == f'cancer: "breats" {wrong}; did you mean breast?'
    error = no_table("toenail", Rules())
    assert str(error) == f'cancer: "toenail" {wrong}'
    assert error.problems[0].allowed == names


def test_a_name_that_a_table_is_also_called_points_to_it():
    assert str(no_table("bowel cancer", Rules())).endswith("; did you mean colon?")
    assert str(no_table("invented gland tumour")).endswith("; did you mean example_gland?")


def heading(cancer):
    return Heading(cancer, f"Carcinoma of the {cancer}", (), "1", "draft", "", "packaged")


def test_up_to_three_tables_that_share_a_name_are_named_and_no_more():
    three = [heading(name) for name in ("duct", "gland", "skin")]
    names = [table.cancer for table in three]
    error = missing("carcinoma", names, [], [], three)
    assert str(error).endswith("; did you mean duct, gland or skin?")
    error = missing("carcinoma", [*names, "bone"], [], [], [*three, heading("bone")])
    assert str(error).endswith("; use duct, gland, skin or bone")


def test_a_name_of_no_letters_is_no_part_of_any_name():
    assert str(missing("...", ["duct"], [], [], [heading("duct")])) == (
        'cancer: "..." is not a cancer with a rule table; use duct'
    )


# ---- contradictions


def test_a_size_that_does_not_fit_the_category_is_a_warning_and_the_answer_still_comes():
    found = facts({"t_category": "T3", SIZE: 30})
    assert found.warnings == (
        "t_category T3 and tumour_size_mm 30 do not fit together (T3 is over 50 mm); check both.",
    )
    assert found.boxes
    assert known(found) == {"t_category", SIZE}


def test_a_size_that_fits_is_no_contradiction():
    for record in ({"t_category": "T2", SIZE: 25}, {"t_category": "T2", SIZE: "20..30"}, {SIZE: 400}):
        assert not any("fit" in text for text in facts(record).warnings)


def test_a_size_in_centimetres_is_recognised():
    assert facts({"t_category": "T2", SIZE: 2.5}).warnings == (
        "t_category T2 and tumour_size_mm 2.5 do not fit together (T2 is over 20 mm and up to 50 mm); "
        "check both: if 2.5 was in cm, tumour_size_mm is 25.",
    )


def test_a_size_in_tenths_of_a_millimetre_is_recognised():
    assert facts({"t_category": "T2", SIZE: 250}).warnings[0] == (
        "t_category T2 and tumour_size_mm 250 do not fit together (T2 is over 20 mm and up to 50 mm); "
        "check both: if 250 was in tenths of a mm, tumour_size_mm is 25."
    )


def test_a_slip_of_units_is_named_only_where_it_would_fit_and_is_likely():
    assert facts({"t_category": "T3", SIZE: 30}).warnings[0].endswith("; check both.")  # 30 cm is not likely
    assert facts({"t_category": "T1a", SIZE: 400}).warnings[0].endswith("; check both.")  # nor does 40 mm fit
    assert facts({"t_category": "T3", SIZE: 20}).warnings[0].endswith("; check both.")
    assert (
        facts({"t_category": "T3", SIZE: 19})
        .warnings[0]
        .endswith(": if 19 was in cm, tumour_size_mm is 190.")
    )
    assert facts({"t_category": "T3", SIZE: "<=20"}).warnings[0].endswith("; check both.")
    assert (
        facts({"t_category": "T3", SIZE: 8}).warnings[0].endswith(": if 8 was in cm, tumour_size_mm is 80.")
    )


def test_a_slip_of_units_is_looked_for_in_lengths_only():
    (warning,) = facts({"vascular_invasion": "absent", "cea_ng_ml": 2000}).warnings
    assert warning == (
        "vascular_invasion absent and cea_ng_ml 2000 do not fit together "
        "(so much marker is never without); check both."
    )


def test_only_the_surest_contradiction_is_named():
    (warning,) = facts(
        {"t_category": "T2", SIZE: 2.5, "vascular_invasion": "absent", "cea_ng_ml": ">=500"}
    ).warnings
    assert warning.startswith("t_category T2 and tumour_size_mm 2.5 do not fit together")


def test_a_value_that_does_not_fit_what_was_taken_as_not_done_is_named_alone():
    found = facts({"depth_mm": 95, "spread_class": "wide", "graft": "present"}, SKIN)
    assert found.warnings == ("depth_mm 95 does not fit the rest (the marker is always taken); check it.",)
    assert (
        facts(
            {"depth_mm": 95, "spread_class": "wide", "graft": "present", "marker": "negative"}, SKIN
        ).warnings
        == ()
    )


def test_a_slip_of_units_never_leaves_what_the_field_allows():
    assert facts({"spread_class": "wide", "depth_mm": 2}, SKIN).warnings[0].endswith("depth_mm is 20.")
    rest = {"spread_class": "wide", "graft": "present", "marker": "negative"}
    assert facts({**rest, "depth_mm": 10}, SKIN).warnings[0].endswith("depth_mm is 100.")
    assert facts({"spread_class": "wide", "depth_mm": 12}, SKIN).warnings[0].endswith("; check both.")


def test_a_contradiction_with_a_group_is_one_warning_with_every_reason():
    assert facts({"t_category": "T1", SIZE: 30.5}).warnings == (
        "t_category T1 and tumour_size_mm 30.5 do not fit together "
        "(T1a is 5 mm or less; T1b is over 5 mm and up to 20 mm); "
        "check both: if 30.5 was in tenths of a mm, tumour_size_mm is 3.05.",
    )
    (warning,) = facts({"t_category": ["T1", "T3"], SIZE: 30}).warnings
    assert warning.startswith(
        "t_category T1 or T3 and tumour_size_mm 30 do not fit together "
        "(T1a is 5 mm or less; T1b is over 5 mm and up to 20 mm; T3 is over 50 mm); check both"
    )


def test_a_contradiction_leaves_the_other_impossible_rows_in_force():
    found = facts({"t_category": "T2", SIZE: 2.5, "er": "unknown"})
    rows = table().boxes["impossible"]
    kept = [row for row in rows if not broken(found, row)]
    assert len(kept) == len(rows) - 1


def broken(found, row):
    """Say whether a case of an impossible row is possible in the table of the facts."""
    box = list(found.table.space.full)
    for place, mask in row:
        box[place] = mask
    return possible(found.table, [tuple(box)])


def test_a_contradiction_never_rests_on_what_is_not_stated():
    (warning,) = facts({"t_category": ["T1", "T3"], SIZE: 30, "er": "unknown"}).warnings
    assert "1 % or more is positive" not in warning


def test_a_contradiction_within_what_is_turned_away_is_turned_away():
    assert turned_away({"spread_class": "narrow", "depth_mm": 30, "histology": "rare"}, SKIN) == [
        "That kind is another disease."
    ]
    assert turned_away(
        {
            "spread_class": "narrow",
            "depth_mm": 30,
            "histology": ["rare", "spindle"],
            "neoadjuvant_therapy": "yes",
        },
        SKIN,
    ) == ["That kind is another disease.", "That kind was treated first."]


def test_a_contradiction_in_the_tables_of_the_package_is_answered_with_a_warning():
    found = facts({"t_category": "T2", SIZE: 2.5}, "breast")
    assert len(found.warnings) == 1
    assert "if 2.5 was in cm, tumour_size_mm is 25" in found.warnings[0]
    assert found.boxes


def test_a_refusal_goes_before_a_contradiction():
    assert refusals({"t_category": "T2", SIZE: 2.5, "grade": 9}) == [
        "grade: 9 is not allowed for example_gland; use 1, 2 or 3 (leave it out if unknown)"
    ]


def test_a_table_without_the_means_to_leave_rows_out_is_our_mistake():
    bare = dataclasses.replace(table(), without=None)
    assert read_case({"grade": 2}, bare).boxes
    with pytest.raises(RuntimeError, match="without the means to leave rows out"):
        read_case({"t_category": "T2", SIZE: 2.5}, bare)


# ---- contradictions in the packaged tables

PACKAGED = load_rules()


def stated_by(name: str) -> Iterator[dict[str, object]]:
    """Give records that each state what an impossible row of a table rules out, where findings alone do."""
    table = PACKAGED.get(name)
    for row in table.table.get("impossible", []):
        record = {
            field: value[0] if isinstance(value, list) else value for field, value in row["when"].items()
        }
        if record.keys() <= table.index.keys():
            yield record


IMPOSSIBLE = [(name, record) for name in PACKAGED.names for record in stated_by(name)]


def test_enough_contradictions_are_tried():
    assert len(IMPOSSIBLE) > 60


@pytest.mark.parametrize(("name", "record"), IMPOSSIBLE)
def test_what_cannot_be_is_answered_with_a_warning_or_refused_in_a_sentence(name, record):
    table = PACKAGED.get(name)
    try:
        warnings = " ".join(answer_data(read_case(record, table))["warnings"])
    except OutOfScope:
        return
    except CaseError as error:
        warnings = str(error)
    assert "fit" in warnings


def test_findings_that_contradict_each_other_and_for_which_no_row_is_left_are_refused():
    record = {"t_category": "T3c", "venous_thrombus": "absent"}
    with pytest.raises(CaseError) as caught:
        read_case(record, PACKAGED.get("kidney"))
    assert str(caught.value) == (
        "t_category T3c and venous_thrombus absent do not fit together "
        "(T3b and T3c mean tumour in the vena cava); check both."
    )
    with_more = {**record, "histology": "clear_cell", "grade": 2, "n_category": "N0"}
    assert read_case(with_more, PACKAGED.get("kidney")).warnings
