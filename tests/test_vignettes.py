"""A smallest set of cases that touches everything a table decides by, and the form made of it."""

from __future__ import annotations

import csv
import io

import pytest
from authoring_side import NAMES, covered, table
from hypothesis import given
from random_tables import Trial, trials

from riskcli.case import read_case
from riskcli.cells import Cells
from riskcli.compiled import FIRST, LEVELS
from riskcli.conditions import Domain, parse_entry
from riskcli.evaluate import assess_facts
from riskcli.forms import MARKS, TRACE, csv_form, markdown_form
from riskcli.goals import OPTION, ROW, THRESHOLD, UNSUPPORTED, Goal, Vignette, edges, touches
from riskcli.loader import Rules
from riskcli.vignettes import Covering, covering, needed
from riskcli.witness import reached

BEYOND_A_DEFINITE_CASE = {
    "biliary": {
        "option re-resection re-resection-t1b",
        "option re-resection re-resection-t2-t3",
        "threshold nodes_examined 0",
    },
    "colon": {"option bowel-resection bowel-resection-nodes-not-examined", "threshold nodes_examined 0"},
    "endometrium": {
        "option pelvic-radiotherapy pelvic-nodes-not-examined",
        "option vaginal-brachytherapy brachytherapy-grade-3-deep-nodes-not-examined",
        "threshold nodes_examined 0",
    },
    "rectum": {
        "option completion-surgery completion-surgery-nodes-not-examined",
        "option postoperative-chemoradiotherapy chemoradiotherapy-local-excision",
        "threshold nodes_examined 0",
    },
    "melanoma": {
        "option sentinel-node-biopsy sentinel-node-over-1-mm",
        "option sentinel-node-biopsy sentinel-node-t1b-ulcerated",
        "option sentinel-node-biopsy sentinel-node-t1b-vascular-invasion",
        "threshold nodes_examined 0",
    },
    "oesophagus": {
        "option oesophagectomy oesophagectomy-t1a-vascular-invasion",
        "option oesophagectomy oesophagectomy-t1b",
        "threshold nodes_examined 0",
    },
    "ovary": {"threshold nodes_examined 0"},
    "prostate": {"threshold nodes_examined 0"},
    "head_and_neck": {"threshold nodes_examined 0"},
    "cervix": {"threshold nodes_examined 0"},
    "stomach": {
        "option gastrectomy-with-nodes gastrectomy-t1a-vascular-invasion",
        "option gastrectomy-with-nodes gastrectomy-t1b",
        "threshold nodes_examined 0",
    },
    "thyroid_differentiated": {"threshold age_years 17"},  # children are out of scope
    "vulva": {
        "option groin-staging groin-staging-t1b",
        "option groin-staging groin-staging-t2-t3",
        "threshold nodes_examined 0",
    },
}
"""With no node examined the level is open, so no definite case can say so."""


@pytest.mark.parametrize("name", NAMES)
def test_every_row_criterion_and_threshold_is_touched(name: str) -> None:
    found = covered(name)
    assert {str(goal) for goal in found.untouched} == BEYOND_A_DEFINITE_CASE.get(name, set())
    data = table(name).table
    goals = {goal for case in found.cases for goal in case.touches} | set(found.untouched)
    assert {goal.what for goal in goals if goal.kind == ROW} == {row["id"] for row in data["likelihood"]}
    for kind, section in ((OPTION, "options"), (UNSUPPORTED, "not_supported")):
        criteria = {(o["id"], c["id"]) for o in data.get(section, []) for c in o["any_of"]}
        assert {(goal.of, goal.what) for goal in goals if goal.kind == kind} == criteria
    cuts = {cells.field: len(cells.spans) - 1 for cells in table(name).space.cells if len(cells.spans) > 1}
    beside = {goal.of for goal in goals if goal.kind == THRESHOLD}
    assert beside == set(cuts)
    assert found.goals == len(goals)


@pytest.mark.parametrize("name", NAMES)
def test_both_sides_of_every_threshold_are_touched_next_to_it(name: str) -> None:
    touched = {goal for case in covered(name).cases for goal in case.touches} | set(covered(name).untouched)
    for cells in table(name).space.cells:
        for cell in range(len(cells.spans) - 1):
            below, above = edges(cells, cell)[1], edges(cells, cell + 1)[0]
            assert {Goal(THRESHOLD, cells.field, value) for value in (below, above)} <= touched


@pytest.mark.parametrize("name", NAMES)
def test_there_are_no_more_cases_than_the_fewest_possible(name: str) -> None:
    # Rows decide alone, so fewer cases than rows cannot do, nor fewer than the values beside the thresholds
    # of one field; criteria that exclude each other may need more.
    rows, cases = len(table(name).table["likelihood"]), len(covered(name).cases)
    beside = max((2 * (len(cells.spans) - 1) for cells in table(name).space.cells), default=0)
    assert rows <= cases <= max(rows, beside) + 2


@pytest.mark.parametrize("name", NAMES)
def test_every_case_has_one_level_decided_by_one_row_and_nothing_open(name: str) -> None:
    for case in covered(name).cases:
        facts = read_case(case.record, table(name))
        answer = assess_facts(facts)
        assert facts.table is table(name), "nothing contradictory was left out"
        assert answer.likelihood.level is not None
        assert [reason.certain for reason in answer.reasons] == [True]
        assert answer.unknown == ()
        assert {option.status for option in answer.options} <= {"matches"}
        assert {item.field for item in answer.assumed} <= set(table(name).common["premises"])
        assert Goal(ROW, "", answer.reasons[0].rule) in case.touches
        offered = {goal.of for goal in case.touches if goal.kind == OPTION}
        assert offered == {option.id for option in answer.options}
        ruled_out = {goal.of for goal in case.touches if goal.kind == UNSUPPORTED}
        assert ruled_out == {item.id for item in answer.not_supported}


@pytest.mark.parametrize("name", NAMES)
def test_no_case_can_be_left_out(name: str) -> None:
    cases = covered(name).cases
    for left_out in cases:
        others = frozenset().union(*(case.touches for case in cases if case is not left_out))
        assert left_out.touches - others


@pytest.mark.parametrize("name", NAMES)
def test_a_limit_keeps_the_cases_that_touch_most(name: str) -> None:
    sizes = []
    for most in (1, 2, 5):
        found = covering(table(name), most)
        assert len(found.cases) == most
        assert found.limited
        touched = frozenset().union(*(case.touches for case in found.cases))
        assert len(touched) + len(found.untouched) == found.goals
        sizes.append(len(touched))
    assert sizes == sorted(set(sizes)), "more cases touch more"
    assert sizes[0] == max(len(case.touches) for case in covered(name).cases)


def test_a_limit_above_the_need_changes_nothing() -> None:
    assert covering(table("other_solid"), 500) == covered("other_solid")


def test_the_order_tells_nothing_of_the_level_and_is_the_same_every_time() -> None:
    found = covered("breast")
    assert covering(table("breast")).cases == found.cases
    levels = [_level("breast", case.record) for case in found.cases]
    assert levels != sorted(levels)
    assert levels != sorted(levels, reverse=True)


def _level(name: str, record: dict[str, object]) -> int:
    """Return the level of a case, 0 to 3."""
    level = assess_facts(read_case(record, table(name))).likelihood.level
    assert level is not None
    return LEVELS.index(level)


@given(trials(gaps=True))
def test_of_a_random_table_everything_that_can_be_reached_is_touched(trial: Trial) -> None:
    compiled = trial.sample.compiled
    compiled.vocabulary.setdefault("others", [])  # the vocabulary of random tables knows no other cancer
    found = covering(compiled)
    touched = {goal for case in found.cases for goal in case.touches}
    decided = reached(compiled.store, compiled.roots["rows"])
    rows = compiled.table["likelihood"]
    assert {goal.what for goal in touched if goal.kind == ROW} == {
        row["id"] for i, row in enumerate(rows) if decided >> (FIRST + i) & 1
    }
    if decided & 0b10:
        return  # where no row answers, no criterion can be touched
    for prefix, kind, section in (("option", OPTION, "options"), ("not", UNSUPPORTED, "not_supported")):
        for n, option in enumerate(compiled.table.get(section, [])):
            ends = reached(compiled.store, compiled.roots[f"{prefix}:{n}"])
            wanted = {c["id"] for j, c in enumerate(option["any_of"]) if ends >> (FIRST + j) & 1}
            assert {g.what for g in touched if (g.kind, g.of) == (kind, option["id"])} == wanted
    for case in found.cases:
        assert touches(compiled, case.record) == case.touches


@pytest.mark.parametrize(
    ("allowed", "entry", "cell", "beside"),
    [
        ((0, 90, True), ">=4", 1, (4, 90)),
        ((0, 90, True), "1..3", 1, (1, 3)),
        ((0, 400, False), ">20..50", 1, (21, 50)),
        ((0, 400, False), "<0.8", 0, (0, 0.7)),
        ((0, 10, False), ">9.9", 1, (9.91, 10)),
        ((0, 100, False), ">0..<1", 1, (0.1, 0.9)),
    ],
)
def test_the_value_beside_a_threshold_is_one_that_people_write(
    allowed: tuple[int, int, bool], entry: str, cell: int, beside: tuple[float, float]
) -> None:
    low, high, integer = allowed
    domain = Domain(low=low, high=high, integer=integer)
    cells = Cells.cut("field", domain, [parse_entry(entry, domain)])
    assert edges(cells, cell) == beside


@pytest.mark.parametrize(
    "record",
    [
        {"grade": 1, "nodes_positive": 0},  # open
        {"grade": "1..2", "nodes_positive": 0, "vascular_invasion": "absent"},  # no single value
        {"grade": 9, "nodes_positive": 0, "vascular_invasion": "absent"},  # refused
        {"metastasis": "present", "grade": 1, "nodes_positive": 0, "vascular_invasion": "absent"},
        {"grade": 1, "nodes_positive": 0, "vascular_invasion": "absent", "sex": "female"},  # of no use
    ],
)
def test_a_case_that_is_not_definite_touches_nothing(record: dict[str, object]) -> None:
    assert touches(table("other_solid"), record) is None


def test_a_case_whose_goals_others_touch_is_dropped_the_poorest_first() -> None:
    def case(*goals: str) -> Vignette:
        return Vignette({}, frozenset(Goal(ROW, "", goal) for goal in goals))

    rich, left, right, poor = case("a", "b", "c"), case("a", "d"), case("b", "e"), case("c")
    assert needed([rich, left, right, poor]) == [rich, left, right]
    assert needed([left, right, poor]) == [left, right, poor]
    assert needed([rich, left, right, case("c", "f")]) == [left, right, case("c", "f")]


# ---- the form


def rows_of(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV form."""
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("name", NAMES)
def test_the_csv_form_holds_every_finding_and_is_read_back_to_the_same_case(name: str) -> None:
    compiled, found = table(name), covered(name)
    rows = rows_of(csv_form(found, compiled))
    assert len(rows) == len(found.cases)
    for row, case in zip(rows, found.cases, strict=True):
        findings = {key: value for key, value in row.items() if key not in (*TRACE, *MARKS)}
        assert touches(compiled, {k: v for k, v in findings.items() if v}) == case.touches
        assert {key for key, value in findings.items() if value} == set(case.record)


@pytest.mark.parametrize("name", NAMES)
def test_the_csv_form_can_be_traced_and_its_marks_are_empty(name: str) -> None:
    compiled = table(name)
    rows = rows_of(csv_form(covered(name), compiled))
    assert {(row["cancer"], row["edition"], row["digest"]) for row in rows} == {
        (name, compiled.table["edition"], compiled.digest)
    }
    assert {row[mark] for row in rows for mark in MARKS} == {""}
    assert len({row["id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("name", NAMES)
def test_no_column_of_the_form_is_a_field_of_the_vocabulary_by_accident(name: str) -> None:
    assert not {*TRACE, *MARKS} - {"cancer"} & set(table(name).vocabulary["here"])
    assert not {*TRACE, *MARKS} & set(table(name).vocabulary["others"])


@pytest.mark.parametrize("name", NAMES)
def test_the_markdown_form_words_each_case_and_never_answers_it(name: str) -> None:
    compiled, found = table(name), covered(name)
    text = markdown_form(found, compiled)
    blocks = text.split("\n## ")[1:]
    assert len(blocks) == len(found.cases)
    for block, case in zip(blocks, found.cases, strict=True):
        assert "[ ] low   [ ] intermediate   [ ] high   [ ] very high" in block
        assert "[x]" not in block
        for option in compiled.table["options"]:
            assert f"(`{option['id']}`)" in block
        answer = assess_facts(read_case(case.record, compiled))
        for reason in answer.reasons:
            assert reason.rule not in block
            assert " ".join(reason.why.split()) not in block
    assert compiled.digest in text
    assert f"within {compiled.table['horizon_years']} years" in text
    assert "recommend" not in text.lower()


def test_findings_stand_in_words_with_their_units_and_tests_not_made_on_one_line() -> None:
    compiled = table("breast")
    found = covered("breast")
    text = markdown_form(found, compiled)
    sizes = {case.record["tumour_size_mm"] for case in found.cases if "tumour_size_mm" in case.record}
    for size in sizes:
        assert f"- tumour size {size} mm\n" in text
    assert "\n- not done: " in text
    assert "_" not in text.replace("`", "").replace("\\_", "").split("Marked by:")[1]


def test_a_table_of_one_case_is_worded_as_one() -> None:
    compiled = table("other_solid")
    assert ": 1 case to mark" in markdown_form(covering(compiled, 1), compiled)
    assert ": 2 cases to mark" in markdown_form(covering(compiled, 2), compiled)


def test_the_names_of_cases_sort_as_they_stand() -> None:
    ids = [row["id"] for row in rows_of(csv_form(covered("breast"), table("breast")))]
    assert ids == sorted(ids)
    assert ids[0] == "breast-01"


def test_a_table_without_examples_has_cases_all_the_same(tmp_path) -> None:
    from catalogue_side import INVENTED

    for file in ("example_duct.yaml", "vocabulary.yaml"):
        text = (INVENTED / file).read_text(encoding="utf-8")
        (tmp_path / file).write_text(text.split("\nexamples:")[0] + "\n", encoding="utf-8")
    compiled = Rules(tmp_path).get("example_duct")
    found: Covering = covering(compiled)
    assert compiled.table.get("examples", []) == []
    decided = {goal.what for case in found.cases for goal in case.touches if goal.kind == ROW}
    assert decided == {row["id"] for row in compiled.table["likelihood"]}
