"""The report: what stands in it, in which order, and how it looks at three widths.

The screens of an invented table are kept under `snapshots/`, for a person to read. Record them again, on
purpose and after reading them, with `RISKCLI_RECORD=1 pytest tests/test_report.py`.
"""

from __future__ import annotations

import os
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from riskcli.assessment import Assessment
from riskcli.case import read_case
from riskcli.compiled import Compiled
from riskcli.errors import CaseError
from riskcli.evaluate import assess_facts
from riskcli.loader import load_rules
from riskcli.report.blocks import LEVELS, Line, bar, report_words
from riskcli.report.outline import outline
from riskcli.report.terminal import LABEL, ascii_text, clean, lay_out, plain_text

HERE = Path(__file__).parent
SNAPSHOTS = HERE / "snapshots"
LEAF = load_rules(HERE / "data" / "report").get("example_leaf")
TODAY = date(2026, 11, 25)
PACKAGED = load_rules()

CASES: dict[str, dict[str, Any]] = {
    "known": {
        "grade": 2,
        "tumour_size_mm": "25 mm",
        "nodes_positive": 2,
        "LVI": "not identified",
        "er": "pos",
        "margins": "positive",
        "menopausal_status": "postmenopausal",
        "ref": "Case 7",
    },
    "range": {"nodes_positive": "0..3", "tumour_size_mm": 28, "er": "negative"},
    "unknown": {},
}


def answer_to(table: Compiled, case: dict[str, Any]) -> Assessment:
    """Return the answer to a case, on a fixed day."""
    return assess_facts(read_case(case, table), TODAY)


def anywhere(answer: Assessment) -> Assessment:
    """Return an answer without what differs from one clone and version to the next."""
    provenance = answer.provenance.model_copy(update={"origin": "/srv/leaf.yaml", "sha256": "0" * 64})
    return answer.model_copy(update={"riskcli": "0.0.0", "provenance": provenance})


def lines(answer: Assessment, table: Compiled = LEAF, width: int = 80, full: bool = False) -> list[str]:
    """Return the lines of the report on an answer."""
    return plain_text(outline(answer, report_words(table), full), width).splitlines()


def text(answer: Assessment, table: Compiled = LEAF, full: bool = False) -> str:
    """Return the report on one long line, without the breaks of any width."""
    return " ".join(" ".join(lines(answer, table, 100, full)).split())


# ---- as a person sees it


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("full", [False, True], ids=["short", "full"])
@pytest.mark.parametrize("name", CASES)
def test_a_screen_looks_as_it_did_when_a_person_last_read_it(name: str, full: bool, width: int) -> None:
    shown = "\n".join(lines(anywhere(answer_to(LEAF, CASES[name])), LEAF, width, full)) + "\n"
    path = SNAPSHOTS / f"{name}-{'full' if full else 'short'}-{width}.txt"
    if os.environ.get("RISKCLI_RECORD"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8", newline="\n")
    assert shown == path.read_text(encoding="utf-8")


def test_there_is_no_screen_that_nothing_is_held_against() -> None:
    named = {
        f"{name}-{kind}-{width}.txt"
        for name in CASES
        for kind in ("short", "full")
        for width in (60, 80, 120)
    }
    others = ("validate-", "screen-")
    assert {path.name for path in SNAPSHOTS.iterdir() if not path.name.startswith(others)} == named


# ---- what the issue asks of the short report, held for every example of every packaged table


@cache
def packaged_answers() -> list[tuple[str, Compiled, Assessment]]:
    """Return the answers to every example of every packaged table, and to cases of which nothing is known."""
    found = []
    for name in PACKAGED.names:
        table = PACKAGED.get(name)
        cases = [(example["id"], example["case"]) for example in table.table["examples"]]
        for example, case in [*cases, ("nothing-known", {})]:
            try:
                found.append((f"{name}:{example}", table, answer_to(table, case)))
            except CaseError:  # an example of what is out of scope
                continue
    return found


def faulty(check: Any) -> list[str]:
    """Return the examples for which a check does not hold."""
    return [name for name, table, answer in packaged_answers() if not check(answer, table)]


def first(shown: list[str], label: str) -> int:
    """Return the number, from 1, of the line that begins with a label."""
    return next(number for number, line in enumerate(shown, 1) if line.startswith(label))


def test_enough_examples_are_looked_at() -> None:
    assert len(packaged_answers()) > 100


def test_the_short_report_has_at_most_42_lines_at_80_columns() -> None:
    too_long = {
        name: len(lines(answer, table))
        for name, table, answer in packaged_answers()
        if len(lines(answer, table)) > 42
    }
    assert not too_long


def test_the_options_begin_within_the_first_22_lines() -> None:
    assert not faulty(lambda answer, table: first(lines(answer, table), "To discuss") <= 22)


def test_the_draft_notice_and_the_premises_come_first_then_level_reasons_gaps_and_options() -> None:
    def in_order(answer: Assessment, table: Compiled) -> bool:
        shown = lines(answer, table)
        labels = ("Taken as so", "Likelihood", "Why", "Not known", "To discuss", "Uncertainty")
        places = [first(shown, label) for label in labels]
        head = " ".join(shown[: places[0] - 1])
        return places == sorted(places) and "DRAFT, not reviewed by a clinician" in head

    assert not faulty(in_order)


def test_the_uncertainty_statement_is_always_there_whole() -> None:
    assert not faulty(lambda answer, table: answer.uncertainty in text(answer, table))
    assert not faulty(lambda answer, table: answer.uncertainty in text(answer, table, full=True))


def test_word_and_band_stand_together_and_treatment_lowers_it() -> None:
    def worded(answer: Assessment, table: Compiled) -> bool:
        shown, words = text(answer, table), report_words(table)
        level = words["level_words"][answer.likelihood.lowest].upper()
        return (
            f"Likelihood {level}" in shown
            and f": {answer.likelihood.meaning}. {words['treatment_lowers']}" in shown
        )

    assert not faulty(worded)


def test_every_option_is_named_with_what_it_depends_on_in_full() -> None:
    def named(answer: Assessment, table: Compiled) -> bool:
        short, full = text(answer, table), text(answer, table, full=True)
        return all(
            option.short in short and option.name in full and option.why in full for option in answer.options
        )

    assert not faulty(named)


def test_the_options_say_what_was_not_considered() -> None:
    wanted = (
        "age, fitness",
        "other illness",
        "pregnancy",
        "earlier treatment",
        "licence",
        "funding",
        "wishes",
    )

    def said(answer: Assessment, table: Compiled) -> bool:
        shown = [text(answer, table, full).split("To discuss")[1].lower() for full in (False, True)]
        return all(word in options for options in shown for word in wanted)

    assert not faulty(said)


def test_no_report_calls_anything_recommended_by_its_own_words() -> None:
    for name in PACKAGED.names:
        words = report_words(PACKAGED.get(name))
        assert "recommend" not in str(words).lower()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_asked(width: int) -> None:
    for full in (False, True):
        assert not faulty(
            lambda answer, table, full=full: (
                max(map(len, lines(answer, table, width, full))) <= min(width, 100)
            )
        )


NPI_GOOD = {"grade": 2, "tumour_size_mm": 18, "nodes_positive": 0}


def panel(cancer: str, case: dict[str, Any], full: bool = False) -> str:
    """Return the published systems that the report shows beside the level, on one long line."""
    table = PACKAGED.get(cancer)
    blocks = outline(answer_to(table, case), report_words(table), full, panel=True)
    (block,) = (block for block in blocks if block.label == "Systems")
    return " ".join(" ".join(line.text for line in block.lines).split())


def test_the_panel_shows_the_systems_that_cover_the_case_with_what_they_found_and_their_sources() -> None:
    case = {"histology": "clear_cell", "t_category": "T1a", "n_category": "N0", "tumour_size_mm": 30}
    case |= {"grade": 2, "tumour_necrosis": "absent"}
    shown = panel("kidney", case)
    assert "UICC/AJCC TNM 8 stage group: I " in shown
    assert "Leibovich 2003 risk group: low risk (0-2) (about 97 % without metastasis at 5 years)" in shown
    assert "VENUSS" not in shown, "it is for papillary cancer"
    assert "abstract seen" in shown
    assert shown.count("[") == 0, "nothing is cited by a number that is listed nowhere"


def test_a_system_that_may_not_cover_the_case_says_so_and_many_groups_are_counted() -> None:
    shown = panel("kidney", {})
    assert "VENUSS risk group: not papillary, " in shown
    assert "Leibovich score of 2003 (0 to 11): not clear cell, 0, 1, 3 or 7 other groups" in shown


def test_the_panel_of_a_full_report_cites_by_number_and_stands_there_once() -> None:
    assert re.search(r"Nottingham Prognostic Index: good .* \[\d+\]", panel("breast", NPI_GOOD, full=True))


def test_a_cancer_without_systems_says_so() -> None:
    assert panel("other_solid", {}) == "no published system is held for this cancer, or none covers this case"


def test_the_full_report_cites_every_source_by_its_number() -> None:
    def cited(answer: Assessment, table: Compiled) -> bool:
        shown = text(answer, table, full=True)
        body, _, listed = shown.partition(" Sources ")
        return all(f"[{n}]" in body and f"[{n}] " in listed for n in range(1, len(answer.sources) + 1))

    assert not faulty(cited)


def test_labels_fit_their_margin() -> None:
    words = report_words(LEAF)
    beside = [
        value
        for value in words.values()
        if isinstance(value, str) and value[:1].isupper() and len(value) < 20
    ]
    assert len(beside) > 10
    assert not [label for label in beside if len(label) >= LABEL]
    assert len(f" {words['depends']}") < LABEL


@pytest.mark.parametrize("name", PACKAGED.names)
def test_no_two_fields_of_a_table_are_called_the_same(name: str) -> None:
    table = PACKAGED.get(name)
    called = [_Called(table)(field) for field in table.table["fields"]]
    assert len(set(called)) == len(called)
    assert not [word for word in called if "_" in word]


class _Called:
    """What the report calls a field."""

    def __init__(self, table: Compiled) -> None:
        self.words = report_words(table)

    def __call__(self, field: str) -> str:
        units = [f"_{end}" for end in self.words["units"] if field.endswith(f"_{end}")]
        plain = field.removesuffix(units[0] if units else "").replace("_", " ")
        return str(self.words["called"].get(field, plain))


# ---- the parts


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({"nodes_positive": 5}, "VERY HIGH (half or more): distant recurrence in 50 or more in 100"),
        ({"nodes_positive": "1..3"}, "HIGH OR VERY HIGH: distant recurrence in 30 or more in 100"),
        (
            {"nodes_positive": "0..3", "tumour_size_mm": 28},
            "INTERMEDIATE TO VERY HIGH: distant recurrence in 10 or",
        ),
        (
            {"nodes_positive": [0, 1], "tumour_size_mm": 28, "vascular_invasion": "absent", "grade": 1},
            "INTERMEDIATE OR HIGH",
        ),
        (
            {"nodes_positive": [0, 2], "tumour_size_mm": 2, "vascular_invasion": "absent", "grade": 2},
            "LOW OR HIGH: ",
        ),
        ({}, "LOW TO VERY HIGH: distant recurrence in anything from under 10 to over 50 in 100"),
    ],
    ids=str,
)
def test_a_range_is_worded_by_its_ends_and_a_gap_in_it_is_not_hidden(
    case: dict[str, Any], words: str
) -> None:
    assert f"Likelihood {words}" in text(answer_to(LEAF, case))


def test_three_levels_with_a_gap_are_all_named() -> None:
    case = {"nodes_positive": [0, 2, 4], "tumour_size_mm": 2, "vascular_invasion": "absent", "grade": 2}
    assert "Likelihood LOW, HIGH OR VERY HIGH: " in text(answer_to(LEAF, case))


def test_the_drawing_marks_every_level_still_possible() -> None:
    assert bar(["low"], 20) == "0 ## 10 ---- 30 ---- 50 ---------- 100 in 100"
    assert bar(["low", "high"], 10) == "0 # 10 -- 30 ## 50 ----- 100 in 100"
    for level in LEVELS:
        assert level in ("low", "intermediate", "high", "very_high")
        for signs in (10, 20, 40):
            assert bar([level], signs).count("#") + bar([level], signs).count("-") == signs


@pytest.mark.parametrize(
    ("width", "signs"), [(120, 40), (80, 40), (78, 40), (77, 20), (60, 20), (58, 20), (40, 10), (20, 0)]
)
def test_the_drawing_shrinks_with_the_screen_and_is_left_out_where_it_would_break(
    width: int, signs: int
) -> None:
    drawn = [line for line in lines(answer_to(LEAF, {}), LEAF, width) if line.endswith("100 in 100")]
    assert [line.count("#") for line in drawn] == ([signs] if signs else [])


def test_of_a_range_the_plainest_reason_at_either_end_is_given() -> None:
    shown = text(answer_to(LEAF, {}))
    assert (
        "Why very high if: four or more positive nodes (or 1 other reason) low if: clear nodes, no vessels"
        in shown
    )


def test_other_reasons_are_counted_in_words() -> None:
    shown = text(answer_to(LEAF, {"nodes_positive": 0}))
    assert "high if: clear nodes, over 20 mm, with cancer cells in vessels low if: " in shown
    shown = text(answer_to(LEAF, {"nodes_positive": 0, "recurrence_score": "unknown"}))
    assert "high if: clear nodes but a high gene score (or 1 other reason)" in shown
    many = text(answer_to(PACKAGED.get("breast"), {}), PACKAGED.get("breast"))
    assert "other reasons)" in many
    assert "1 other reasons" not in many


def test_a_reason_goes_on_in_lower_case_unless_it_begins_with_an_abbreviation() -> None:
    shown = text(
        answer_to(
            LEAF, {"nodes_positive": [0, 2], "grade": 2, "vascular_invasion": "present", "tumour_size_mm": 5}
        )
    )
    assert "high if: one to three positive nodes without high grade" in shown
    assert "intermediate if: ER or not" in shown


def test_several_rows_of_one_level_need_no_condition() -> None:
    shown = text(answer_to(LEAF, {"nodes_positive": ">=1", "grade": 3}))
    assert "Why four or more positive nodes (or 1 other reason)" in shown


def test_a_figure_says_what_it_measured_in_whom() -> None:
    shown = text(answer_to(LEAF, {"nodes_positive": 2, "grade": 1}))
    assert "(worked out from 41.5 % any recurrence, 15 years, treatment: hormone therapy in 60 %)" in shown
    shown = text(answer_to(LEAF, {"nodes_positive": 0, "tumour_size_mm": 2, "vascular_invasion": "absent"}))
    assert "(worked out from 12 % any recurrence, 1 year, treatment: none)" in shown
    shown = text(answer_to(LEAF, {"nodes_positive": 7}))
    assert "(published as such: 55 % distant recurrence, 10 years, treatment: none)" in shown
    shown = text(answer_to(LEAF, {"nodes_positive": 2, "grade": 3}))
    assert "(a judgement)" in shown


def test_a_judgement_may_stand_beside_a_figure() -> None:
    answer = answer_to(LEAF, {"nodes_positive": 7})
    judged = answer.reasons[0].model_copy(update={"basis": "judgement"})
    shown = text(answer.model_copy(update={"reasons": (judged,)}))
    assert "(a judgement, beside 55 % distant recurrence, 10 years, treatment: none)" in shown


def test_the_full_report_adds_the_group_the_limits_and_who_says_otherwise() -> None:
    shown = text(answer_to(LEAF, {"nodes_positive": 2, "grade": 1}), full=True)
    assert "treatment: hormone therapy in 60 %; one to three nodes half of the recurrences" in shown
    assert "others say (intermediate): a newer series saw fewer recurrences [2]" in shown


def test_a_route_of_spread_is_told_once() -> None:
    shown = text(answer_to(LEAF, {"nodes_positive": ">=1"}), full=True)
    assert shown.count("Through the lymphatic system") == 1


def test_the_smallest_set_that_settles_the_level_is_named() -> None:
    def settles(case: dict[str, Any]) -> str:
        return text(answer_to(LEAF, case)).split("Not known")[1].split("To discuss")[0].strip()

    known = {"er": "negative", "menopausal_status": "postmenopausal"}
    assert settles({"nodes_positive": "1..3", **known}) == "to settle the level, find out: grade"
    both = settles({"nodes_positive": 0, **known})
    assert both.startswith("to settle the level, find out: tumour size and vessel invasion tests that could")


def test_any_one_of_several_fields_may_settle_the_level() -> None:
    breast = PACKAGED.get("breast")
    answer = answer_to(breast, {"grade": 3, "nodes_positive": 2, "er": "positive"})
    alone = [
        item.field for item in answer.unknown if item.settles == "always" and "likelihood" in item.decides
    ]
    assert len(alone) > 1
    assert "find out one of: tumour size or T category" in text(answer, breast)


def test_the_full_report_adds_what_may_settle_the_level_alone() -> None:
    shown = text(answer_to(LEAF, {}), full=True)
    assert "may settle it alone: " in shown
    assert "may settle it alone: " not in text(answer_to(LEAF, {}))


def test_nothing_missing_is_said_too() -> None:
    case = {"nodes_positive": 5, "er": "negative", "grade": 2}
    assert "Not known nothing that is missing could change the level" in text(answer_to(LEAF, case))


def test_no_option_is_said_too() -> None:
    case = {"nodes_positive": 0, "tumour_size_mm": 3, "vascular_invasion": "absent", "er": "negative"}
    assert "no published option matches what was entered" in text(answer_to(LEAF, case))


def test_only_the_first_bracket_says_what_brackets_are() -> None:
    shown = text(answer_to(LEAF, {}))
    assert "receptor blocker [depends on ER]; stopper [ER, menopausal status] " in shown
    assert shown.count("depends on") == 1


def test_an_option_that_depends_on_many_findings_names_them_in_full_only() -> None:
    answer = answer_to(LEAF, {})
    infusion = next(option for option in answer.options if option.id == "infusion")
    assert len(infusion.depends_on) > 2
    assert "Chemotherapy: invented infusion Radiotherapy" in text(answer)
    fields = ", ".join(map(_Called(LEAF), infusion.depends_on))
    assert f"Four cycles of an invented infusion [{fields}] (infusate)" in text(answer, full=True)


def test_what_was_entered_is_shown_in_words_with_units() -> None:
    case = {
        "tumour_size_mm": ">=20",
        "nodes_positive": "1..3",
        "grade": [1, 3],
        "recurrence_score": "not_done",
    }
    shown = text(answer_to(LEAF, case))
    entered = shown.split("Entered")[1]
    for worded in (
        "grade 1 or 3",
        "size 20 mm or more",
        "positive nodes 1 to 3",
        "recurrence score not done",
    ):
        assert worded in entered
    for given, worded in (
        ("<3", "under 3 mm"),
        ("<=2.5", "up to 2.5 mm"),
        (">2..<30", "over 2 to under 30 mm"),
    ):
        assert f"Entered tumour size {worded}" in text(answer_to(LEAF, {"tumour_size_mm": given}))


def test_what_was_read_from_the_reports_words_is_shown_in_full() -> None:
    shown = text(answer_to(LEAF, {"LVI": "not identified", "er": "pos", "grade": ["G2", "III"]}), full=True)
    assert 'vessel invasion: LVI "not identified" was read as absent' in shown
    assert 'ER: "pos" was read as positive' in shown
    assert 'grade: "G2" or "III" was read as 2 or 3' in shown


def test_what_would_change_the_level_is_worded_with_units() -> None:
    shown = text(
        answer_to(LEAF, {"nodes_positive": 0, "tumour_size_mm": 25, "vascular_invasion": "absent"}), full=True
    )
    assert "tumour size up to 20 mm instead of over 20 mm: low" in shown


def test_a_reference_is_shown_only_where_there_is_one() -> None:
    assert "Reference    R 7" in lines(answer_to(LEAF, {"ref": "R 7"}))
    assert "Reference    0" in lines(answer_to(LEAF, {"ref": 0}))
    assert "Reference" not in text(answer_to(LEAF, {}))


def test_a_long_reference_is_cut() -> None:
    for length, shown in ((100, "x" * 100), (101, "x" * 97 + "...")):
        joined = "".join(
            line.removeprefix("Reference").strip() for line in lines(answer_to(LEAF, {"ref": "x" * length}))
        )
        assert f"clinician{shown}Taken as so" in joined


def test_one_warning_stands_alone_and_several_are_a_list() -> None:
    answer = answer_to(LEAF, {"margins": "positive"})
    assert "Warning Cancer reaches the cut edge" in text(answer)
    two = answer.model_copy(update={"warnings": ("first", "second")})
    assert "Warning - first - second" in text(two)


def test_a_table_that_clinicians_signed_is_no_draft_and_names_them() -> None:
    answer = answer_to(LEAF, {})
    who = ({"name": "A. Clinician", "role": "oncologist", "date": "2026-12-01"},)
    signed = answer.model_copy(
        update={
            "provenance": answer.provenance.model_copy(
                update={"status": "reviewed", "reviewed_by": who, "origin": "packaged"}
            )
        }
    )
    shown = lines(signed, full=True)
    assert shown[0] == "Carcinoma of the example leaf"
    assert "reviewed by A. Clinician (oncologist, 2026-12-01)" in text(signed, full=True)
    assert "draft" not in text(signed, full=True).lower()
    assert "reviewed by nobody yet" in text(answer, full=True)


def test_a_table_that_is_due_for_review_says_so() -> None:
    late = assess_facts(read_case({}, LEAF), date(2030, 1, 1))
    assert len(late.warnings) == 1
    assert f"Warning {late.warnings[0]}" in text(late)


# ---- the lines


def test_labels_stand_beside_the_text_from_60_columns_and_above_it_below() -> None:
    answer = answer_to(LEAF, {})
    assert "Why          very high if: four or more positive nodes (or 1" in lines(answer, width=60)
    narrow = lines(answer, width=59)
    assert narrow[narrow.index("Why") + 1].startswith("  very high if: four or more")


def test_roles_are_kept_for_colours() -> None:
    laid = lay_out(outline(answer_to(LEAF, {"margins": "positive"}), report_words(LEAF)), 80)
    assert {line.role for line in laid} == {"title", "plain", "level", "bar", "warning", "quiet"}
    assert all(isinstance(line, Line) for line in laid)


def test_an_address_longer_than_a_line_is_broken_and_not_lost() -> None:
    shown = lines(answer_to(LEAF, {}), width=60, full=True)
    address = next(source["url"] for source in LEAF.table["sources"].values() if source.get("url"))
    assert address in "".join(line.strip() for line in shown)


def test_plain_ascii_is_laid_out_after_it_is_made_plain() -> None:
    answer = answer_to(LEAF, {"ref": "\u2265 " * 30})
    shown = plain_text(outline(answer, report_words(LEAF)), 60, ascii_only=True)
    assert shown.isascii()
    assert max(map(len, shown.splitlines())) <= 60
    assert ">= >= >=" in shown


def test_harmless_text_is_left_as_it_is() -> None:
    assert clean("caf\u00e9 [x]") == "caf\u00e9 [x]"
    assert ascii_text("plain") == "plain"
