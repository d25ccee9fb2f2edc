"""One value as a report, a laboratory, a registry or a spreadsheet writes it."""

from __future__ import annotations

import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from input_side import read, refusal, table

from riskcli.case import case_reader
from riskcli.conditions import Domain, Entry, parse_entry
from riskcli.quantities import NumberReader
from riskcli.values import ValueProblem, ValueReader, is_empty, lies_within, phrase, share_a_value

WHOLE = "use a whole number from 0 to 90"
FEW = "use 1, 2 or 3"


def shown(field, raw):
    return read(field, raw).shown


def spans(field, raw):
    return read(field, raw).entry.spans


def same(field, raw, plainly):
    """Say that a value means just what a plainer one means."""
    return read(field, raw).entry == parse_entry(plainly, case_reader(table()).readers[field].domain)


# ---- nothing and unknown


@pytest.mark.parametrize("raw", [None, "", " ", "\t\n", "\u00a0", [], [None], ["", " "], ()])
def test_an_empty_value_states_nothing(raw):
    found = read("grade", raw)
    assert not found.stated
    assert found.entry is None
    assert is_empty(raw)


@pytest.mark.parametrize("raw", [0, False, "0", [0], {}, 0.0])
def test_zero_false_and_an_empty_object_are_not_nothing(raw):
    assert not is_empty(raw)


@pytest.mark.parametrize(
    "raw",
    ["unknown", "UNKNOWN", " Not stated ", "cannot be assessed", "n/a", "N.A.", "NK", "?", "pending", "NaN"],
)
@pytest.mark.parametrize("field", ["grade", "vascular_invasion", "nodes_positive", "cea_ng_ml"])
def test_a_word_for_unknown_leaves_the_field_open_but_stated(raw, field):
    found = read(field, raw)
    assert (found.entry, found.shown, found.stated) == (None, "unknown", True)


def test_a_list_that_holds_unknown_is_unknown():
    assert read("grade", [1, "unknown"]).entry is None
    assert shown("grade", [1, "unknown"]) == "unknown"


def test_a_test_not_made_is_a_value_of_its_own_for_optional_tests():
    for raw in ("not_done", "not done", "Not performed", "NOT-DONE", "not measured"):
        found = read("gene_score", raw)
        assert found.entry == Entry(not_done=True)
        assert found.shown == "not_done"
        assert found.entry != read("budding", "low").entry


def test_not_done_is_refused_where_a_finding_is_not_optional():
    expected = '"not performed" is an answer for optional tests only; leave grade out, or write unknown'
    assert refusal("grade", "Not performed") == expected
    assert refusal("vascular_invasion", "not_done").startswith(
        '"not done" is an answer for optional tests only'
    )


# ---- words


def test_words_are_read_in_any_case_and_spacing():
    assert shown("vascular_invasion", " PRESENT ") == "present"
    assert shown("t_category", "t1A") == "T1a"
    assert read("t_category", "t1A").as_given


def test_a_trailing_full_stop_is_no_part_of_a_word():
    assert shown("vascular_invasion", "Not identified.") == "absent"
    assert shown("t_category", "T2.") == "T2"


@pytest.mark.parametrize(
    ("field", "raw", "expected"),
    [
        ("vascular_invasion", "LVI+", "present"),
        ("vascular_invasion", "LVI-", "absent"),
        ("vascular_invasion", "not identified", "absent"),
        ("vascular_invasion", "Not-Identified", "absent"),
        ("vascular_invasion", "not_identified", "absent"),
        ("vascular_invasion", "yes", "present"),
        ("grade", "G2", 2),
        ("grade", "II", 2),
        ("grade", "\u2161", 2),
        ("grade", "2 of 3", 2),
        ("grade", "poorly differentiated", 3),
        ("grade", "G1-2", "1..2"),
        ("nodes_positive", "pN0(i-)", 0),
        ("nodes_positive", "N+", ">=1"),
        ("t_category", "pT2", "T2"),
        ("t_category", "p T2", "T2"),
    ],
)
def test_a_reports_own_word_is_translated_and_says_so(field, raw, expected):
    found = read(field, raw)
    assert found.shown == expected
    assert not found.as_given
    assert found.entry == read(field, expected).entry


def test_an_allowed_word_is_never_taken_for_a_synonym():
    reader = ValueReader("x", "y", Domain(words=("low", "high")), synonyms={"low": "high", "LOW ": "high"})
    found = reader.read("low")
    assert (found.shown, found.as_given) == ("low", True)


def test_a_synonym_for_a_value_that_the_table_does_not_have_is_none():
    # common.yaml knows "G4"; this table grades from 1 to 3
    assert "is not a number; use 1, 2 or 3" in refusal("grade", "G4")


def test_two_plus_without_a_second_test_is_unknown():
    for raw in ("2+", "IHC 2+", "2+ without ISH"):
        found = read("her2", raw, "breast")
        assert (found.entry, found.shown, found.as_given) == (None, "unknown", False)
    for raw in ("1+", "HER2 low", "2+ ISH-negative", "2+ (ISH-)"):
        assert read("her2", raw, "breast").shown == "negative"


def test_a_number_given_for_a_word_is_read_as_the_text_would_be():
    assert read("her2", 3, "breast").shown == read("her2", "3", "breast").shown == "unknown"
    assert read("her2", 0, "breast").shown == read("her2", "0", "breast").shown == "negative"
    assert refusal("vascular_invasion", 1) == (
        "1 is not allowed for example_gland; use absent or present (leave it out if unknown)"
    )
    assert refusal("vascular_invasion", 10**5000).startswith("a number is not allowed for example_gland;")
    assert refusal("vascular_invasion", float("nan")).startswith("a number is not allowed for example_gland;")


def test_a_word_that_is_not_allowed_gets_the_allowed_ones_and_no_guess():
    assert refusal("vascular_invasion", "presnt") == (
        '"presnt" is not allowed for example_gland; use absent or present (leave it out if unknown)'
    )
    assert refusal("budding", "medium") == (
        '"medium" is not allowed for example_gland; use low, intermediate, high or not_done '
        "(leave it out if unknown)"
    )


def test_a_group_is_offered_before_its_members():
    assert refusal("t_category", "T9") == (
        '"T9" is not allowed for example_gland; use Tis, T1, T1a, T1b, T2, T3 or T4 (leave it out if unknown)'
    )


def test_a_dash_alone_is_neither_negative_nor_unknown():
    assert refusal("er", "-").startswith('"-" is not allowed')


# ---- several values


def test_a_group_stands_for_all_its_members():
    assert read("t_category", "T1").entry.words == {"T1a", "T1b"}
    assert shown("t_category", "T1") == "T1"


def test_a_list_allows_any_of_its_values():
    assert read("t_category", ["T3", "T4"]).entry.words == {"T3", "T4"}
    assert same("nodes_positive", [0, "4+"], [0, ">=4"])
    assert shown("nodes_positive", (0, "4+")) == [0, ">=4"]


def test_a_list_is_echoed_without_repetition_and_one_value_without_brackets():
    assert shown("grade", [3, "G3", 3.0]) == 3
    assert shown("t_category", ["T2", "pT2", "T3"]) == ["T2", "T3"]


@pytest.mark.parametrize("raw", ["T3/T4", "T3 / T4", "pT3/pT4", "T3|T4", "t3|t4"])
def test_a_slash_or_bar_in_text_joins_words(raw):
    assert read("t_category", raw).entry.words == {"T3", "T4"}
    assert shown("t_category", raw) == ["T3", "T4"]


def test_one_wrong_word_in_a_joined_text_refuses_all_of_it():
    assert refusal("t_category", "T3/T9").startswith('"T3/T9" is not allowed')
    assert refusal("t_category", "T3/").startswith('"T3/" is not allowed')
    assert refusal("grade", "2/9") == (
        '"2/9" is not allowed for example_gland; use 1, 2 or 3 (leave it out if unknown)'
    )


@pytest.mark.parametrize("raw", ["2/3", "2|3", "2 / 3"])
def test_a_slash_between_grades_means_either(raw):
    assert same("grade", raw, [2, 3])
    assert shown("grade", raw) == [2, 3]


def test_a_bar_joins_numbers_of_any_field():
    assert shown("tumour_size_mm", "20|30") == [20, 30]
    assert shown("nodes_positive", "0|>=4") == [0, ">=4"]


def test_a_list_inside_a_list_is_refused_however_deep():
    deep = []
    for _ in range(5000):
        deep = [deep]
    assert refusal("grade", [[1]]) == "a list inside a list is not allowed; write one list of values"
    assert refusal("grade", [deep]) == "a list inside a list is not allowed; write one list of values"


def test_an_empty_item_among_others_is_refused_not_dropped():
    expected = "a list may not hold empty items; leave them out, or write unknown"
    assert refusal("t_category", ["T3", None]) == expected
    assert refusal("t_category", ["", "T3"]) == expected


def test_what_only_one_of_several_words_carries_is_not_carried():
    assert read("t_category", "ypT2").implied == {"neoadjuvant_therapy": "yes"}
    assert read("t_category", ["pT2", "ypT2"]).implied == {}
    assert read("t_category", ["ypT2", "pT2"]).implied == {}
    assert read("t_category", ["ypT2", "unknown"]).implied == {}
    assert read("t_category", ["ypT2", "ypT3"]).implied == {"neoadjuvant_therapy": "yes"}
    both = read("nodes_positive", ["pN1mi", "ITC"]).implied
    assert both == {"node_deposit_mm": [">0.2..2", "<=0.2"]}


# ---- ranges and bounds


@pytest.mark.parametrize(
    ("raw", "plainly", "echo"),
    [
        (">=4", ">=4", ">=4"),
        (">= 4", ">=4", ">=4"),
        ("\u22654", ">=4", ">=4"),
        ("\u2265\uff14", ">=4", ">=4"),
        ("4+", ">=4", ">=4"),
        ("<4", "<4", "<4"),
        ("\u22643", "<=3", "<=3"),
        ("1..3", "1..3", "1..3"),
        ("1 .. 3", "1..3", "1..3"),
        ("1-3", "1..3", "1..3"),
        ("1\u20133", "1..3", "1..3"),
        ("1 \u2013 3", "1..3", "1..3"),
        ("1 to 3", "1..3", "1..3"),
        (">1..3", ">1..3", ">1..3"),
        ("\uff13", 3, 3),
        ("007", 7, 7),
        ("12 ", 12, 12),
        (3.0, 3, 3),
        ("3.0", 3, 3),
    ],
)
def test_a_whole_number_may_be_known_in_part(raw, plainly, echo):
    assert same("nodes_positive", raw, plainly)
    assert shown("nodes_positive", raw) == echo
    assert type(shown("nodes_positive", raw)) is type(echo)


@pytest.mark.parametrize(
    ("raw", "plainly", "echo"),
    [
        ("<0.1", "<0.1", "<0.1"),
        ("<.1", "<0.1", "<0.1"),
        ("<=2", "<=2", "<=2"),
        (">0.2..2", ">0.2..2", ">0.2..2"),
        ("0.2..<2", "0.2..<2", "0.2..<2"),
        ("2.50", 2.5, 2.5),
        (".5", 0.5, 0.5),
        ("1.5E+02", 150, 150),
        ("1e2", 100, 100),
        (1e2, 100, 100),
    ],
)
def test_a_measurement_may_be_known_in_part(raw, plainly, echo):
    assert same("tumour_size_mm", raw, plainly)
    assert shown("tumour_size_mm", raw) == echo


def test_a_bound_is_not_the_same_as_its_neighbour():
    assert spans("nodes_positive", ">=4") != spans("nodes_positive", ">4")
    assert spans("tumour_size_mm", "<=2") != spans("tumour_size_mm", "<2")
    assert spans("tumour_size_mm", ">0.2..2") != spans("tumour_size_mm", "0.2..2")
    assert spans("nodes_positive", ">4") == spans("nodes_positive", ">=5")


def test_a_range_that_runs_backwards_is_turned_round_in_the_sentence_only():
    assert refusal("nodes_positive", "3..1") == '"3..1" runs backwards; write 1..3'
    assert refusal("nodes_positive", "3-1") == '"3-1" runs backwards; write 1..3'


@pytest.mark.parametrize("raw", [">90", "<0", ">=95", "85..95"])
def test_a_range_beyond_the_field_is_refused(raw):
    assert refusal("nodes_positive", raw) == f'"{raw}" is not within 0 to 90; {WHOLE}'


def test_a_range_between_two_neighbouring_whole_numbers_holds_nothing():
    assert refusal("nodes_positive", ">2..<3") == f'">2..<3" holds no value; {WHOLE}'
    assert refusal("nodes_positive", ">2..<2") == f'">2..<2" holds no value; {WHOLE}'


# ---- numbers that cannot be


@pytest.mark.parametrize(
    ("field", "raw", "expected"),
    [
        ("grade", 4, f"4 is not allowed for example_gland; {FEW} (leave it out if unknown)"),
        ("grade", "4", f"4 is not allowed for example_gland; {FEW} (leave it out if unknown)"),
        ("grade", 9, f"9 is not allowed for example_gland; {FEW} (leave it out if unknown)"),
        ("grade", -1, f"-1 is not allowed for example_gland; {FEW} (leave it out if unknown)"),
        ("grade", 2.5, f"2.5 is not a whole number; {FEW}"),
        ("grade", "purple", f'"purple" is not a number; {FEW}'),
        ("nodes_positive", 91, f"91 is above 90; {WHOLE}"),
        ("nodes_positive", "91", f"91 is above 90; {WHOLE}"),
        ("nodes_positive", -1, f"-1 is below 0; {WHOLE}"),
        ("nodes_positive", "-1", f'"-1" is below 0; {WHOLE}'),
        ("nodes_positive", "\u22121", f'"\u22121" is below 0; {WHOLE}'),
        ("nodes_positive", 2.5, f"2.5 is not a whole number; {WHOLE}"),
        ("nodes_positive", "2.5", f"2.5 is not a whole number; {WHOLE}"),
        ("nodes_positive", "three", f'"three" is not a number; {WHOLE}'),
        ("nodes_positive", "3 nodes", f'"3 nodes" is not a number; {WHOLE}'),
        ("gene_score", 101, "101 is above 100; use a whole number from 0 to 100 or not_done"),
        ("tumour_size_mm", 400.5, "400.5 is above 400; use a number from 0 to 400 mm"),
        ("tumour_size_mm", "25 x 20", '"25 x 20" is not a number; use a number from 0 to 400 mm'),
        ("node_deposit_mm", 0, "0 is below 0.01; use a number from 0.01 to 150 mm"),
        ("node_deposit_mm", "<0.005", '"<0.005" is not within 0.01 to 150; use a number from 0.01 to 150 mm'),
    ],
)
def test_a_number_out_of_range_or_of_the_wrong_kind_gets_what_is_allowed(field, raw, expected):
    assert refusal(field, raw) == expected


@pytest.mark.parametrize("edge", [0, 90, "0", "90"])
def test_the_ends_of_a_range_are_allowed(edge):
    assert shown("nodes_positive", edge) == int(edge)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [(float("nan"), "NaN"), (float("inf"), "infinity"), (float("-inf"), "infinity"), ("1e999", "infinity")],
)
@pytest.mark.parametrize("field", ["grade", "nodes_positive", "tumour_size_mm"])
def test_what_is_no_finite_number_is_refused(field, raw, kind):
    expected = f"{kind} is not a number that can be used; leave the field out if unknown"
    assert refusal(field, raw) == expected


@pytest.mark.parametrize("raw", [10**5000, 10**30, 1e300], ids=["endless", "long", "float"])
def test_a_huge_number_is_refused_without_being_printed(raw):
    assert refusal("nodes_positive", raw) == f"so large a number is above 90; {WHOLE}"
    assert refusal("nodes_positive", -raw) == f"so large a negative number is below 0; {WHOLE}"


def test_a_text_of_many_figures_is_refused_in_one_short_line():
    assert refusal("nodes_positive", "9" * 5000) == (
        f'"{"9" * 37}..." has more figures than any number here; {WHOLE}'
    )
    assert len(refusal("tumour_size_mm", "2." + "5" * 5000)) < 140


@pytest.mark.parametrize("code", [95, 98, 99, "98", "099", 990, 999, 9999, 888])
def test_a_registry_code_is_named_as_one(code):
    number = int(code)
    assert refusal("nodes_positive", code) == (
        f"{number} is above 90 and looks like a registry code; map it to what it stands for, or to unknown"
    )


def test_a_registry_code_for_a_size_is_named_as_one():
    for code in (888, 989, 990, 998, 999):
        assert "looks like a registry code" in refusal("tumour_size_mm", code)


def test_a_number_that_is_only_too_high_is_not_called_a_registry_code():
    assert "registry" not in refusal("nodes_positive", 91)
    assert "registry" not in refusal("tumour_size_mm", 401)
    assert shown("cea_ng_ml", 999) == 999
    assert shown("er_percent", 99) == 99
    assert refusal("grade", 99) == f"99 is not allowed for example_gland; {FEW} (leave it out if unknown)"


# ---- what spreadsheets and other people's habits make of a number


@pytest.mark.parametrize(
    "raw",
    [
        "2026-03-01",
        "2026-03-01T00:00:00",
        "2026-03-01 00:00:00",
        "1-Mar",
        "01-Mar",
        "Mar-01",
        "1 March",
        "March 1",
        "1-Sept-26",
        "03/01/2026",
        "3/1/26",
        "1.3.2026",
        "3-1-2026",
        "03/2026",
        "2026-03",
        "Dec 12",
    ],
)
@pytest.mark.parametrize("field", ["nodes_positive", "nodes_examined", "grade", "tumour_size_mm"])
def test_a_date_that_a_spreadsheet_made_is_named_as_one(field, raw):
    start = f'"{raw}" looks like a date, which a spreadsheet may have made of the value; use '
    assert refusal(field, raw).startswith(start)


@pytest.mark.parametrize("raw", [datetime.date(2026, 3, 1), datetime.datetime(2026, 3, 1, 12)])
def test_a_date_that_is_no_text_is_named_as_one(raw):
    assert "looks like a date" in refusal("nodes_positive", raw)
    assert refusal("vascular_invasion", raw).startswith('"2026-03-01')


def test_the_day_number_of_a_date_is_named_as_one():
    assert refusal("nodes_positive", 46082) == f"46082 looks like a spreadsheet's number for a date; {WHOLE}"
    assert (
        refusal("nodes_positive", "46082") == f"46082 looks like a spreadsheet's number for a date; {WHOLE}"
    )


def test_a_measurement_is_not_taken_for_a_day_number():
    assert refusal("tumour_size_mm", 46082) == "46082 is above 400; use a number from 0 to 400 mm"


def test_a_word_that_only_begins_like_a_month_is_no_date():
    assert refusal("nodes_positive", "marked 3") == f'"marked 3" is not a number; {WHOLE}'


@pytest.mark.parametrize("raw", ["3/12", "3 / 12", "3 of 12", "3 out of 12"])
@pytest.mark.parametrize("field", ["nodes_positive", "nodes_examined"])
def test_positive_out_of_examined_nodes_is_refused_with_the_two_fields(field, raw):
    assert refusal(field, raw) == (
        f'"{raw}" may mean 3 positive of 12 examined; write nodes_positive 3 and nodes_examined 12 apart'
    )


def test_a_part_of_a_total_is_not_taken_for_two_values():
    assert refusal("er_percent", "8/8") == (
        '"8/8" may be a part of a total or two values; use a number from 0 to 100 percent'
    )


@pytest.mark.parametrize(
    ("field", "raw", "expected"),
    [
        ("tumour_size_mm", "2,5", '"2,5" has a comma; write 2.5'),
        ("tumour_size_mm", "<0,1", '"<0,1" has a comma; write <0.1'),
        ("tumour_size_mm", "2,5 mm", '"2,5 mm" has a comma; write 2.5'),
        ("cea_ng_ml", "1,200", '"1,200" has a comma; write 1.200 or 1200'),
        ("cea_ng_ml", "1,200,300", '"1,200,300" has a comma; write 1200300'),
        ("nodes_positive", "1,200", '"1,200" has a comma; write 1200'),
        ("nodes_positive", "2,5", f'"2,5" has a comma; {WHOLE}'),
        ("nodes_positive", "2,5+", f'"2,5+" has a comma; {WHOLE}'),
        ("grade", "1,5", f'"1,5" has a comma; {FEW}'),
    ],
)
def test_a_decimal_comma_is_refused_with_the_point(field, raw, expected):
    assert refusal(field, raw) == expected


@pytest.mark.parametrize("raw", ["10\u00b3", "10\u2075", "\u00b2", "5\u2082"])
def test_a_raised_figure_is_not_read_as_a_plain_one(raw):
    assert refusal("cea_ng_ml", raw) == f'"{raw}" has a raised figure; write the number out in plain figures'


def test_a_vulgar_fraction_is_not_read_as_whole_numbers():
    assert refusal("nodes_positive", "1\u00bd") == f'"1\u00bd" is not a number; {WHOLE}'


@pytest.mark.parametrize("raw", ["25 mm", "25mm", "25 MM", " 25  mm "])
def test_the_fields_own_unit_may_follow_the_number(raw):
    assert shown("tumour_size_mm", raw) == 25


def test_a_unit_may_follow_a_bound_or_a_range():
    assert shown("tumour_size_mm", ">20 mm") == ">20"
    assert shown("tumour_size_mm", "10-20 mm") == "10..20"
    assert shown("tumour_size_mm", "20+ mm") == ">=20"
    assert shown("cea_ng_ml", "<0.5 ng/mL") == "<0.5"


@pytest.mark.parametrize("raw", ["20 %", "20%", "20 percent", "20 per cent"])
def test_per_cent_may_be_written_in_any_way(raw):
    assert shown("er_percent", raw) == 20


@pytest.mark.parametrize(
    ("raw", "mm"),
    [("2.5 cm", "25"), ("2.5cm", "25"), ("2,5 cm", "25"), (">2 cm", ">20"), ("1-2 cm", "10-20")],
)
def test_centimetres_are_refused_with_the_millimetres(raw, mm):
    assert refusal("tumour_size_mm", raw) == f'"{raw}" is in cm; write it in mm ({mm})'


def test_another_unit_is_refused_not_dropped():
    expected = '"5 \u00b5mol/l" is not in ng/ml; convert it and write the number'
    assert refusal("cea_ng_ml", "5 \u00b5mol/l") == expected
    assert refusal("tumour_size_mm", "5 %") == '"5 %" is not in mm; convert it and write the number'


# ---- kinds that do not fit


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (True, "true"),
        (False, "false"),
        ({}, "an object"),
        ({"a": 1}, "an object"),
        (b"2", "a value of this kind"),
    ],
)
def test_a_kind_that_does_not_fit_is_refused_in_plain_words(raw, said):
    assert (
        refusal("grade", raw) == f"{said} is not allowed for example_gland; {FEW} (leave it out if unknown)"
    )
    assert refusal("er", raw) == (
        f"{said} is not allowed for example_gland; use negative or positive (leave it out if unknown)"
    )


def test_true_is_not_one_and_false_is_not_zero():
    assert refusal("nodes_positive", True).startswith("true is not allowed")
    assert refusal("nodes_positive", False).startswith("false is not allowed")


def test_other_kinds_of_number_are_read():
    assert shown("nodes_positive", Fraction(4, 1)) == 4
    assert shown("tumour_size_mm", Fraction(5, 2)) == 2.5


def test_a_quoted_value_stays_on_one_short_line():
    assert refusal("er", "po\nsi\ttive\x1b[31m").startswith('"po si tive [31m" is not allowed')
    assert refusal("er", "x" * 500).startswith(f'"{"x" * 37}..." is not allowed')


# ---- the parts


def test_phrases_are_compared_without_case_hyphens_and_full_stops():
    for text in ("Not-identified", " not   IDENTIFIED. ", "not_identified", "not\u2010identified"):
        assert phrase(text) == "not identified"
    assert phrase("LVI-") == "lvi-"
    assert phrase("2+ (ISH-)") == "2+ (ish-)"


def test_every_phrase_is_its_own_phrase():
    for text in ("2+ / ISH-Neg.", "pN0(i-)", "1-3", "--x--", "a.;,"):
        assert phrase(phrase(text)) == phrase(text)


@given(st.text(max_size=20))
def test_reading_a_phrase_as_a_phrase_changes_nothing(text):
    assert phrase(phrase(text)) == phrase(text)


def test_an_entry_lies_within_one_that_allows_at_least_as_much():
    nodes = Domain(low=0, high=90, integer=True, optional=True)

    def entry(raw):
        return parse_entry(raw, nodes)

    assert lies_within(entry("2..3"), entry(">=1"))
    assert lies_within(entry("1..3"), entry("1..3"))
    assert not lies_within(entry("0..3"), entry("1..3"))
    assert not lies_within(entry("1..4"), entry("1..3"))
    assert not lies_within(entry(">=1"), entry("2..3"))
    assert not lies_within(entry("not_done"), entry(">=1"))
    assert lies_within(entry("not_done"), entry([0, "not_done"]))
    assert share_a_value(entry("1..4"), entry(">=4"))
    assert not share_a_value(entry("1..3"), entry(">=4"))
    assert share_a_value(entry("not_done"), entry([5, "not_done"]))
    assert not share_a_value(entry("not_done"), entry(5))
    assert not share_a_value(entry(5), entry([6, "not_done"]))
    assert not share_a_value(entry(["not_done", 6]), entry(5))
    words = Domain(words=("a", "b", "c"))
    assert share_a_value(parse_entry(["a", "b"], words), parse_entry(["b", "c"], words))
    assert not share_a_value(parse_entry("a", words), parse_entry(["b", "c"], words))


@pytest.mark.parametrize(
    "field", ["grade", "nodes_positive", "tumour_size_mm", "er", "t_category", "gene_score"]
)
@given(
    st.one_of(
        st.text(max_size=12),
        st.integers(),
        st.floats(),
        st.lists(st.one_of(st.text(max_size=4), st.integers(-5, 100)), max_size=3),
        st.text(alphabet="0123456789.,+-<>=/|eE %mc\u2265\u2013\u00b2", max_size=8),
    )
)
def test_any_value_is_read_or_refused_in_one_printable_line(field, raw):
    reader = case_reader(table()).readers[field]
    found = outcome(reader, raw)
    if isinstance(found, ValueProblem):
        assert str(found).isprintable()
        assert 0 < len(str(found)) < 200
    else:
        again = reader.read(found.shown)
        assert (again.entry, again.shown) == (found.entry, found.shown)


def outcome(reader, raw):
    """Return what a value is read as, or the problem with it."""
    try:
        return reader.read(raw)
    except ValueProblem as problem:
        return problem


def test_what_is_allowed_is_listed_for_help_and_completion():
    readers = case_reader(table()).readers
    assert readers["grade"].allowed() == ("1", "2", "3")
    assert readers["nodes_positive"].allowed() == ("0..90",)
    assert readers["gene_score"].allowed() == ("0..100", "not_done")
    assert readers["budding"].allowed() == ("low", "intermediate", "high", "not_done")
    assert readers["t_category"].allowed() == ("Tis", "T1", "T1a", "T1b", "T2", "T3", "T4")


def test_ten_whole_numbers_are_listed_and_eleven_are_a_range():
    ten = NumberReader("x", "y", Domain(low=0, high=9, integer=True))
    eleven = NumberReader("x", "y", Domain(low=0, high=10, integer=True))
    assert ten.allowed() == "0, 1, 2, 3, 4, 5, 6, 7, 8 or 9"
    assert eleven.allowed() == "a whole number from 0 to 10"
    high = NumberReader("x", "y", Domain(low=90, high=92, integer=True))
    assert high.allowed() == "90, 91 or 92"
    assert NumberReader("x", "y", Domain(low=0, high=5)).allowed() == "a number from 0 to 5"


def test_a_synonym_may_carry_the_letters_of_its_category() -> None:
    letters = {"p": {}, "yp": {"neoadjuvant_therapy": "yes"}}
    domain = Domain(words=("T1a", "T1b"))
    reader = ValueReader(
        "t_category", "x", domain, synonyms={"t1mi": "T1a", "t1c": {"grade": 3}}, prefixes=letters
    )
    assert reader.read("pT1mi").shown == "T1a"
    assert reader.read("ypT1mi").implied == {"neoadjuvant_therapy": "yes"}
    assert reader.read("ypT1c").implied == {"grade": 3, "neoadjuvant_therapy": "yes"}
