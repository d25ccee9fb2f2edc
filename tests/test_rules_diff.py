"""What changes for patients between two versions: against brute force, through git, with real patients."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from catalogue_side import DUCT, GAUGE, INVENTED, Program, edited, packaged

from riskcli.changes import KINDS, TableChange, compare_tables
from riskcli.compiled import FIRST, LEVELS, Compiled
from riskcli.conditions import ConditionError, parse_entry
from riskcli.diagram import leaf_value
from riskcli.diff import NOT_ANSWERED, Joint, Move
from riskcli.errors import CaseError
from riskcli.evaluate import derived_values
from riskcli.loader import Rules, load_rules
from riskcli.patients import REFUSED, TURNED_AWAY, level_of, weigh
from riskcli.revisions import opened, rule_directories
from riskcli.witness import value_in

Change = tuple[str, str]
NOTHING = "no patient's answer changes"
RAISED = ("level: high, why: heavy", "level: very_high, why: heavy")


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str]) -> Program:
    """Run the commands in this process."""
    return Program(capsys)


def compared(place: Path, name: str, *changes: Change) -> TableChange:
    """Compare an invented table with itself after changes."""
    return compare_tables(name, Rules(INVENTED).get(name), Rules(edited(place, name, *changes)).get(name))


# ---- against brute force


def cases(joint: Joint) -> Iterator[dict[str, Any]]:
    """Give a case for every combination of common cells."""
    values = [[value_in(cells, n) for n in range(cells.count)] for cells in joint.space.cells]
    names = [cells.field for cells in joint.space.cells]
    for combination in product(*values):
        yield dict(zip(names, combination, strict=True))


def end_of(table: Compiled, root: str, case: dict[str, Any]) -> int:
    """Return the leaf of a diagram for a case, by walking it; leaf 0 for a value the table does not have."""
    masks = {}
    for name, value in case.items():
        if name in table.index:
            cells = table.space.cells[table.index[name]]
            try:
                masks[table.index[name]] = cells.mask(parse_entry(value, cells.domain))
            except ConditionError:
                return 0
    ref = table.roots[root]
    while ref >= 0:
        ref = table.store.children[ref][masks[table.store.fields[ref]].bit_length() - 1]
    return leaf_value(ref)


def level_word(end: int) -> str:
    """Return the level of an end."""
    return LEVELS[end - FIRST] if end >= FIRST else NOT_ANSWERED


def moved(before: Compiled, after: Compiled) -> dict[str, Counter[tuple[str, str]]]:
    """Count the combinations of cells that move, output by output, case by case."""
    joint = Joint(before, after)
    options = [
        {option["id"]: f"option:{n}" for n, option in enumerate(table.table["options"])}
        for table in (before, after)
    ]
    found: dict[str, Counter[tuple[str, str]]] = {"likelihood": Counter()}
    found |= {name: Counter() for name in {*options[0], *options[1]}}
    for case in cases(joint):
        levels = [level_word(end_of(table, "level", case)) for table in (before, after)]
        found["likelihood"][levels[0], levels[1]] += 1
        for name, counts in found.items():
            if name != "likelihood":
                words = [
                    "offered"
                    if name in roots and end_of(table, roots[name], case) >= FIRST
                    else "not offered"
                    for table, roots in zip((before, after), options, strict=True)
                ]
                counts[words[0], words[1]] += 1
    return {
        name: Counter({move: count for move, count in counts.items() if move[0] != move[1]})
        for name, counts in found.items()
    }


MARK_4 = (
    '  - {id: mark-4, when: {mark: ">=4"}, level: high, why: mark of 4 or more, basis: judgement, '
    "limits: invented, source: trial}\n"
)
DRYING = (
    "  - id: drying\n    kind: surveillance\n    name: Drying\n    any_of:\n"
    '      - {id: drying-drips, when: {drip: ">=1", twin: not_done}, why: it drips, source: trial}\n'
)
FIELD = "  gauge: {type: number, allowed: 0..100, worse: higher, panel: factor, text: a reading}\n"
DRIP = "drip:\n    type: integer\n    allowed: 0.."
BLUE = (
    '  - {when: {colour: blue, drip: ">=2"}, why: blue ones hardly drip}\n'
    '  - {when: {colour: blue, kit: stained, fine: "<=0.2"}, why: no stain without a reading}\n'
)
EDITS: dict[str, list[Change]] = {
    "a threshold": [('gauge: ">40", kit', 'gauge: ">45", kit')],
    "a closed bound": [('when: {gauge: ">=40"}', 'when: {gauge: ">40"}'), ('gauge: "<40"', 'gauge: "<=40"')],
    "a level": [("level: intermediate, why: mark", "level: high, why: mark")],
    "a row": [(MARK_4, ""), ("mark: 2..3}, level", 'mark: ">=2"}, level')],
    "a criterion": [("colour: [red, blue]}, why: within", "colour: red}, why: within")],
    "an option": [(DRYING, ""), (", drying]}", "]}")],
    "an impossible row": [('gauge: "<10", fine: ">2"}', 'gauge: "<20", fine: ">2"}')],
    "a word": [
        ("allowed: [red, green, blue]", "allowed: [red, green]"),
        ("colour: [red, blue]}, why: within", "colour: red}, why: within"),
        (BLUE, ""),
    ],
    "a range": [(f"{DRIP}5", f"{DRIP}4"), ("4..5: 3", "4: 3")],
    "whether a test is optional": [
        ("worse: stained, panel: marker, optional: true, text", "worse: stained, panel: marker, text"),
        ("kit: [stained, not_done]", "kit: stained"),
    ],
    "the order of the fields, and a threshold": [
        (FIELD, ""),
        ("  twin: {type: number", f"{FIELD}  twin: {{type: number"),
        ('when: {gauge: ">=40"}', 'when: {gauge: ">=42"}'),
        ('gauge: "<40"', 'gauge: "<42"'),
    ],
}


def edit(place: Path, name: str, back: bool) -> TableChange:
    """Compare the invented table with itself after an edit, or the other way round."""
    change = compared(place, GAUGE, *EDITS[name])
    return compare_tables(GAUGE, change.after, change.before) if back else change


@pytest.mark.parametrize("back", [False, True], ids=["there", "back"])
@pytest.mark.parametrize("what", EDITS)
def test_the_groups_that_move_are_those_that_brute_force_finds(what: str, back: bool, tmp_path: Path) -> None:
    change = edit(tmp_path, what, back)
    assert change.before is not None
    assert change.after is not None
    expected = moved(change.before, change.after)
    found: dict[str, Counter[tuple[str, str]]] = {output: Counter() for output in expected}
    for move in offered_or_level(change):
        found[move.output][move.before, move.after] += move.cells
    assert found == expected
    assert any(expected.values())
    assert not change.same


def offered_or_level(change: TableChange) -> list[Move]:
    """Return the moves of the level and of what is offered."""
    return [move for move in change.difference.moves if "supported" not in move.before]


@pytest.mark.parametrize("what", EDITS)
def test_the_example_of_a_group_moves_as_the_group_does(what: str, tmp_path: Path) -> None:
    change = edit(tmp_path, what, back=False)
    assert change.before is not None
    assert change.after is not None
    for move in change.difference.moves:
        assert move.groups
        assert sum(group.cells for group in move.groups) <= move.cells
        assert [group.cells for group in move.groups] == sorted((g.cells for g in move.groups), reverse=True)
        if move.output != "likelihood":
            continue
        for group in move.groups:
            for case in filled(change, group.example):
                assert level_word(end_of(change.before, "level", case)) == move.before
                assert level_word(end_of(change.after, "level", case)) == move.after


def filled(change: TableChange, example: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give an example with the first and the last value of every field that it leaves out."""
    assert change.before is not None
    assert change.after is not None
    space = Joint(change.before, change.after).space
    for last in (False, True):
        yield {
            cells.field: example.get(cells.field, value_in(cells, cells.count - 1 if last else 0))
            for cells in space.cells
        }


def test_a_published_grouping_that_moves_is_told_as_brute_force_counts_it(tmp_path: Path) -> None:
    change = compared(tmp_path, GAUGE, ('0.8..<1.5": 1, ">=1.5": 2', '0.8..<1.5": 2, ">=1.5": 2'))
    before, after = change.before, change.after
    assert before is not None
    assert after is not None
    expected: Counter[tuple[str, str]] = Counter()
    for case in cases(Joint(before, after)):
        words = []
        for table in (before, after):
            end = end_of(table, "derived:mark", case)
            words.append(derived_values(table, "mark")[end - FIRST] if end >= FIRST else "no value")
        if words[0] != words[1]:
            expected[words[0], words[1]] += 1
    assert Counter({(move.before, move.after): move.cells for move in change.systems}) == expected
    assert expected


def test_a_grouping_that_is_new_has_no_value_before(tmp_path: Path) -> None:
    system = "  - {id: mark, name: Mark, from: mark, source: trial}\n"
    change = compared(tmp_path, GAUGE, (f"systems:\n{system}", ""))
    assert {(move.output, move.after) for move in change.systems} == {("mark", "no value")}
    assert not change.same


# ---- what no diagram holds

BESIDES: list[tuple[str, str, list[Change]]] = [
    (
        "horizon",
        DUCT,
        [("horizon_years: 10", "horizon_years: 5"), ("years: 10}, route", "years: 10}, route")],
    ),
    ("scope", DUCT, [("  - {when: {disease: recurrent}, say: This is a recurrence.}\n", "")]),
    ("scope", DUCT, [("{when: {disease: recurrent}", "{when: {disease: [recurrent, second_primary]}")]),
    ("assume", DUCT, [("value: [E1, E2, E3], why", "value: [E1, E2], why")]),
    (
        "assume",
        GAUGE,
        [('when: {fine: "<0.8", colour: red}, value', 'when: {fine: "<1.5", colour: red}, value')],
    ),
    ("applies", DUCT, [("    only_if: {receptor: positive}\n", "")]),
    ("warning", DUCT, [('when: {length_mm: ">100"}', 'when: {length_mm: ">50"}')]),
    (
        "reading",
        DUCT,
        [("panel: factor, text: pattern}", "panel: factor, text: pattern, synonyms: {calm: quiet}}")],
    ),
]


@pytest.mark.parametrize(("kind", "name", "changes"), BESIDES)
def test_what_no_diagram_holds_is_compared_too(
    kind: str, name: str, changes: list[Change], tmp_path: Path
) -> None:
    change = compared(tmp_path, name, *changes)
    assert not change.difference.moves
    assert {item.kind for item in change.besides} == {kind}
    assert not change.same


def test_who_is_turned_away_by_a_field_of_the_table_is_told_once(tmp_path: Path) -> None:
    change = compared(tmp_path, DUCT, ("{when: {extent: E0}, say", "{when: {extent: [E0, E1]}, say"))
    assert {move.after for move in change.difference.moves if move.output == "likelihood"} == {NOT_ANSWERED}
    assert change.besides == ()


def test_a_premise_that_changes_is_compared_too(tmp_path: Path) -> None:
    file = edited(tmp_path, DUCT)
    common = (load_rules().packaged / "common.yaml").read_text(encoding="utf-8")
    assert "value: first\n" in common
    (tmp_path / "common.yaml").write_text(
        common.replace("value: first\n", "value: recurrent\n"), encoding="utf-8"
    )
    change = compare_tables(DUCT, Rules(INVENTED).get(DUCT), Rules(file).get(DUCT))
    (item,) = change.besides
    assert (item.kind, item.about, item.before, item.after) == ("premise", "disease", "first", "recurrent")


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "breast.yaml",
            "T1: [T1mi, T1a, T1b, T1c]",
            "T1: [T1a, T1b]",
            {("t_category t1", "T1mi, T1a, T1b or T1c", "T1a or T1b")},
        ),
        (
            "common.yaml",
            '  yp: {neoadjuvant_therapy: "yes"}',
            "  yp: {}",
            {("t_category yp", "neoadjuvant_therapy yes", "t_category")},
        ),
        (
            "common.yaml",
            "  rp: {disease: recurrent}\n",
            "",
            {("t_category rp", "disease recurrent", None)},
        ),
        (
            "vocabulary.yaml",
            "",
            "breast:\n  tumour_size_mm: {type: number, min: 0, max: 400, unit: cm, text: size}\n",
            {("tumour_size_mm, its unit", "mm", "cm")},
        ),
        (
            "vocabulary.yaml",
            "",
            "common:\n  local_treatment: {type: word, text: x, "
            "values: [complete, incomplete, biopsy_only, x]}\n",
            {
                (
                    "local_treatment, its values",
                    "complete, incomplete or biopsy_only",
                    "complete, incomplete, biopsy_only or x",
                )
            },
        ),
    ],
)
def test_groups_prefixes_units_and_values_are_compared_too(
    file: str, old: str, new: str, expected: set[tuple[str, str, str | None]], tmp_path: Path
) -> None:
    packaged_words = load_rules().packaged
    shutil.copy(packaged_words / "breast.yaml", tmp_path)
    text = (packaged_words / file).read_text(encoding="utf-8") if old else ""
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1) if old else new, encoding="utf-8")
    change = compare_tables("breast", load_rules().get("breast"), Rules(tmp_path).get("breast"))
    assert {(item.about, item.before, item.after) for item in change.besides} == expected
    assert {item.kind for item in change.besides} == {"reading"}
    assert not change.same


def test_every_kind_of_change_besides_is_explained_and_shown() -> None:
    assert {kind for kind, _, _ in BESIDES} | {"premise"} == set(KINDS)


@pytest.mark.parametrize(
    ("changes", "reworded"),
    [
        ([("why: four nodes", "why: four nodes or more")], ("nodes-4-or-more",)),
        ([("percent: 55", "percent: 56")], ("nodes-4-or-more",)),
        ([("limits: few such patients, source: cohort}", "limits: few, source: cohort}")], ("beyond",)),
        ([("why: it is long", "why: it is very long")], ("wash",)),
        ([("scope: invented patients", "scope: patients who were invented")], ()),
        ([("metastasis: present}, say: Spread is known.", "metastasis: present}, say: It has spread.")], ()),
    ],
)
def test_a_pure_rewording_changes_no_answer_and_names_the_rows(
    changes: list[Change], reworded: tuple[str, ...], tmp_path: Path
) -> None:
    change = compared(tmp_path, DUCT, *changes)
    assert change.same
    assert not change.identical
    assert change.reworded == reworded


def test_another_order_of_conditions_and_another_name_of_a_range_change_nothing(tmp_path: Path) -> None:
    change = compared(
        tmp_path,
        DUCT,
        ('when: {receptor: positive, gene_score: ">=26"}', "when: {gene_score: 26..100, receptor: positive}"),
        ("only_if: {receptor: positive}", "only_if: {receptor: positive}"),
        ("when: {stage: II}, level", "when: {stage: [II]}, level"),
    )
    assert change.same
    assert not change.reworded


def test_a_table_beside_itself_is_identical(tmp_path: Path) -> None:
    change = compared(tmp_path, DUCT)
    assert change.identical
    assert change.same
    assert not change.edition_stayed


def test_answers_that_change_under_the_same_edition_are_called_out(tmp_path: Path, program: Program) -> None:
    assert compared(tmp_path / "a", DUCT, RAISED).edition_stayed
    edition = ('edition: "2026.1"', 'edition: "2026.2"')
    assert not compared(tmp_path / "b", DUCT, RAISED, edition).edition_stayed
    told = program("rules", "diff", INVENTED, tmp_path / "a", DUCT)
    assert "The edition is the same, though answers change; give the new table its own." in told.out
    assert "The edition" not in program("rules", "diff", INVENTED, tmp_path / "b", DUCT).out


# ---- the command


def test_the_same_rules_end_with_0_and_nothing_is_different(program: Program) -> None:
    told = program("rules", "diff", INVENTED, INVENTED)
    assert told.code == 0
    text = " ".join(told.out.split())
    assert text.count(f"nothing is different; {NOTHING}.") == 2
    assert f"In 2 of 2 tables {NOTHING}." in text


def test_a_difference_ends_with_5_and_says_what_for_how_many_and_for_whom(
    program: Program, tmp_path: Path
) -> None:
    packaged(
        tmp_path,
        "other_solid",
        (
            "level: low\n    why: >-\n      Middle grade",
            "level: intermediate\n    why: >-\n      Middle grade",
        ),
    )
    told = program("rules", "diff", load_rules().file("other_solid"), tmp_path)
    assert (told.code, told.err) == (5, "")
    lines = told.out.splitlines()
    assert "- likelihood: low before, intermediate now, for 2 of 36 combinations of cells" in lines
    text = " ".join(told.out.split())
    group = "grade 2; positive nodes 0; vessel invasion absent; blood markers after surgery normal"
    assert f"all: {group} or not done for example: {group}" in text
    assert "- chemotherapy: not offered before, offered now, for 2 of 36 combinations of cells" in text


def test_only_the_largest_groups_are_shown_and_the_rest_is_counted(program: Program, tmp_path: Path) -> None:
    edited(tmp_path, DUCT, RAISED)
    data = program("rules", "diff", INVENTED, tmp_path, DUCT, "--json").json
    move = data["tables"][0]["moves"][0]
    assert 3 < len(move["groups"]) <= 10
    rest = move["cells"] - sum(group["cells"] for group in move["groups"][:3])
    out = program("rules", "diff", INVENTED, tmp_path, DUCT).out
    assert f"and {rest:,} in smaller groups" in " ".join(out.split())


def test_one_example_is_given_for_each_move_and_none_where_it_says_nothing_new(
    program: Program, tmp_path: Path
) -> None:
    edited(tmp_path, GAUGE, *EDITS["a threshold"])
    data = program("rules", "diff", INVENTED, tmp_path, GAUGE, "--json").json
    assert max(len(move["groups"]) for move in data["tables"][0]["moves"]) > 1
    text = " ".join(program("rules", "diff", INVENTED, tmp_path, GAUGE).out.split())
    assert text.count("for example: ") == len(data["tables"][0]["moves"])
    edited(tmp_path, DUCT, RAISED)
    assert "for example: " not in program("rules", "diff", INVENTED, tmp_path, DUCT).out


def test_new_and_removed_tables_are_said(program: Program, tmp_path: Path) -> None:
    edited(tmp_path, DUCT)
    told = program("rules", "diff", INVENTED, tmp_path)
    assert told.code == 5
    assert f"{GAUGE}, 2026.1" in told.out
    assert "the table is removed." in told.out
    back = program("rules", "diff", tmp_path, INVENTED)
    assert back.code == 5
    assert "a new table." in back.out
    data = program("rules", "diff", tmp_path, INVENTED, "--json").json
    assert [(item["cancer"], item["same"], item["before"] is None) for item in data["tables"]] == [
        (DUCT, True, False),
        (GAUGE, False, True),
    ]


def test_a_single_file_is_compared_alone(program: Program, tmp_path: Path) -> None:
    file = edited(tmp_path, DUCT)
    told = program("rules", "diff", file, INVENTED)
    assert told.code == 0
    assert GAUGE not in told.out


def test_a_copy_under_another_name_is_compared_as_the_table_it_is(program: Program, tmp_path: Path) -> None:
    file = edited(tmp_path, DUCT)
    copy = file.rename(tmp_path / "duct of last year.yaml")
    told = program("rules", "diff", copy, INVENTED)
    assert (told.code, told.err) == (0, "")
    copy.write_text(copy.read_text(encoding="utf-8").replace("horizon_years: 10", "horizon_years: ten"))
    told = program("rules", "diff", copy, INVENTED)
    assert told.code == 3
    assert told.err.startswith(f"{copy}:10: ")


def test_cancers_may_be_chosen_and_one_in_neither_is_refused(program: Program) -> None:
    assert DUCT not in program("rules", "diff", INVENTED, INVENTED, GAUGE).out
    told = program("rules", "diff", INVENTED, INVENTED, "example_dukt")
    assert told.code == 2
    assert told.err == (
        f'"example_dukt" has no table in {INVENTED} or {INVENTED}; there are {DUCT} and {GAUGE}; '
        f"did you mean {DUCT}?\n"
    )


def test_files_of_two_cancers_cannot_be_compared(program: Program) -> None:
    old, new = (INVENTED / f"{name}.yaml" for name in (DUCT, GAUGE))
    told = program("rules", "diff", old, new)
    assert (told.code, told.out) == (2, "")
    assert told.err == f"{old} and {new} hold no table of the same cancer; there are {DUCT} and {GAUGE}\n"


def test_markdown_is_made_for_a_change_request(program: Program, tmp_path: Path) -> None:
    edited(tmp_path, DUCT, RAISED)
    out = program("rules", "diff", INVENTED, tmp_path, DUCT, "--markdown").out
    assert out.startswith("# What changes for patients from ")
    assert f"\n## {DUCT.replace('_', '_')}\n" in out
    assert "\n- `likelihood`: high before, very high now, for " in out


def test_as_data_a_group_can_be_given_to_the_program_again(program: Program, tmp_path: Path) -> None:
    file = edited(tmp_path, DUCT, RAISED)
    data = program("rules", "diff", INVENTED, tmp_path, DUCT, "--json").json
    assert (data["schema_version"], data["same"]) == (1, False)
    (table,) = data["tables"]
    assert table["before"] == {"edition": "2026.1", "sha256": Rules(INVENTED).digest(DUCT)}
    move = next(move for move in table["moves"] if move["output"] == "likelihood")
    for group in move["groups"]:
        assert level_of(group["example"], Rules(INVENTED).get(DUCT)) == "high"
        assert level_of(group["example"], Rules(file).get(DUCT)) == "very high"


def test_what_no_diagram_holds_is_worded_with_before_and_after(program: Program, tmp_path: Path) -> None:
    edited(
        tmp_path,
        DUCT,
        ("horizon_years: 10", "horizon_years: 5"),
        ("  - {when: {disease: recurrent}, say: This is a recurrence.}\n", ""),
        ("value: [E1, E2, E3], why", "value: [E1, E2], why"),
        ("    only_if: {receptor: positive}\n", ""),
        ('when: {length_mm: ">100"}', 'when: {length_mm: ">50"}'),
        (
            "panel: factor, text: pattern}",
            "panel: factor, text: pattern, synonyms: {calm: quiet, a: quiet, b: quiet, c: usual}}",
        ),
    )
    told = program("rules", "diff", INVENTED, tmp_path, DUCT)
    text = " ".join(told.out.split())
    assert told.code == 5
    for sentence in (
        "- horizon_years: 10 before, 5 now; every level speaks of that many years",
        "- disease recurrent: turned away before, not now",
        "- extent, when it is not stated, is taken as E1 or E2; before: E1, E2 or E3",
        "- gene_score applies only if always; before: receptor positive",
        "- length_mm >100: warned of before, not now",
        "- length_mm >50: not before, warned of now",
        "- 4 words of reports read otherwise",
        "pattern calm: not read before, quiet now",
        "and 1 more",
    ):
        assert sentence in text


def test_a_published_grouping_is_called_one(program: Program, tmp_path: Path) -> None:
    edited(tmp_path, GAUGE, ('0.8..<1.5": 1, ">=1.5": 2', '0.8..<1.5": 2, ">=1.5": 2'))
    text = " ".join(program("rules", "diff", INVENTED, tmp_path, GAUGE).out.split())
    assert "- published grouping mark: 1 before, 2 now, for " in text


def test_one_word_that_is_read_otherwise_is_told_alone(program: Program, tmp_path: Path) -> None:
    calm = ("panel: factor, text: pattern}", "panel: factor, text: pattern, synonyms: {calm: quiet}}")
    edited(tmp_path, DUCT, calm)
    text = " ".join(program("rules", "diff", INVENTED, tmp_path, DUCT).out.split())
    assert text.endswith("1 word of reports read otherwise pattern calm: not read before, quiet now")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_of_a_comparison_is_wider_than_the_terminal(
    width: int, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    edited(tmp_path, DUCT, RAISED)
    monkeypatch.chdir(tmp_path)
    assert max(map(len, program("rules", "diff", INVENTED, ".", DUCT).out.splitlines())) <= width


# ---- git revisions


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with three versions of one table: with a slip, as it was, and with a row raised."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    root = tmp_path / "clone"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch", "main")
    (root / "README").write_text("invented")
    commit(root, "before")
    edited(root / "rules", DUCT, ("level: low, why: nothing", "level: lo, why: nothing"))
    commit(root, "slip")
    edited(root / "rules", DUCT)
    commit(root, "first")
    edited(root / "rules", DUCT, RAISED)
    commit(root, "second")
    return root


def git(root: Path, *args: str) -> str:
    """Run git in a clone."""
    who = ["-c", "user.name=Invented", "-c", "user.email=invented@example.org", "-c", "commit.gpgsign=false"]
    run = subprocess.run(["git", "-C", str(root), *who, *args], check=True, capture_output=True, text=True)
    return run.stdout.strip()


def commit(root: Path, tag: str) -> None:
    """Commit everything under a tag."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", tag)
    git(root, "tag", tag)


def test_two_revisions_are_compared(program: Program, clone: Path) -> None:
    told = program("rules", "diff", "first", "HEAD", rules=clone / "rules")
    assert told.code == 5
    short = git(clone, "rev-parse", "first")[:10]
    assert f"from first ({short}) to HEAD (" in " ".join(told.out.split())
    assert "likelihood: high before, very high now, for " in " ".join(told.out.split())
    sha = git(clone, "rev-parse", "second")
    same = program("rules", "diff", sha, "main", rules=clone / "rules")
    assert same.code == 0
    assert f"from {sha} to main (" in " ".join(same.out.split())


def test_a_revision_is_compared_with_what_stands_on_the_disk(program: Program, clone: Path) -> None:
    edited(clone / "rules", DUCT)
    assert program("rules", "diff", "first", clone / "rules", rules=clone / "rules").code == 0
    assert (
        program("rules", "diff", "second", clone / "rules" / f"{DUCT}.yaml", rules=clone / "rules").code == 5
    )


def test_the_rules_of_the_working_directory_are_found_without_being_named(
    clone: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(clone)
    monkeypatch.setattr("riskcli.revisions.packaged_directory", lambda: tmp_path)
    with opened("first", rule_directories(None)) as version:
        assert version.names == (DUCT,)


def test_one_file_as_ones_own_rules_stands_for_its_directory(clone: Path) -> None:
    file = clone / "rules" / f"{DUCT}.yaml"
    assert rule_directories(str(file)) == (clone / "rules",)
    assert rule_directories(str(clone)) == (clone,)


def test_what_is_read_from_a_revision_is_removed_again(
    clone: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with opened("first", (clone / "rules",)) as version:
        assert version.rules.get(DUCT).name == DUCT
        assert list(scratch.iterdir())
    assert not list(scratch.iterdir())
    with pytest.raises(CaseError), opened("nothing", (clone / "rules",)):
        pass
    assert not list(scratch.iterdir())
    assert git(clone, "status", "--porcelain") == ""


def test_a_fault_of_a_revision_names_the_revision(program: Program, clone: Path) -> None:
    told = program("rules", "diff", "slip", "first", rules=clone / "rules")
    assert told.code == 3
    assert told.err.startswith(f"slip:{DUCT}.yaml:")
    assert '"lo" is not allowed' in told.err


def test_a_revision_is_read_with_its_own_words(clone: Path) -> None:
    packaged_words = load_rules().packaged
    rules = clone / "rules"
    vocabulary = (packaged_words / "vocabulary.yaml").read_text(encoding="utf-8")
    own = (INVENTED / "vocabulary.yaml").read_text(encoding="utf-8")
    (rules / "vocabulary.yaml").write_text(f"{vocabulary}\n{own}", encoding="utf-8")
    common = (packaged_words / "common.yaml").read_text(encoding="utf-8")
    (rules / "common.yaml").write_text(common.replace("word: low\n", "word: lowest\n"), encoding="utf-8")
    commit(clone, "words")
    with opened("words", (rules,)) as version:
        assert version.rules.get(DUCT).common["levels"][0]["word"] == "lowest"
        assert version.rules.origin(DUCT) == "packaged"


def refused(program: Program, given: str, rules: Path) -> str:
    """Return the one sentence with which a version is refused."""
    told = program("rules", "diff", given, INVENTED, rules=rules)
    assert (told.code, told.out) == (2, "")
    assert told.err.count("\n") == 1
    return told.err.strip()


def test_a_revision_that_does_not_exist_is_one_sentence(program: Program, clone: Path) -> None:
    rules = clone / "rules"
    assert refused(program, "third", rules) == (
        f'"third" is neither a rule file nor a directory, nor a revision of the git clone at {rules}'
    )
    assert refused(program, "before", rules) == f'the revision "before" holds no rule tables at {rules}'
    assert "nor a revision" in refused(program, "first:README", rules)


def test_an_option_of_git_is_no_revision(clone: Path) -> None:
    for option in ("--all", "--since=yesterday"):
        with pytest.raises(CaseError, match="nor a revision"), opened(option, (clone / "rules",)):
            pass


def test_without_a_clone_it_is_said_that_no_revision_can_be_meant(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    edited(tmp_path / "rules", DUCT)
    assert refused(program, "HEAD", tmp_path / "rules") == (
        '"HEAD" is neither a rule file nor a directory, and there is no git clone at '
        f"{tmp_path / 'rules'} to look for a revision in"
    )


def test_without_git_only_files_and_directories_can_be_compared(
    program: Program, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert refused(program, "HEAD", clone / "rules") == (
        "git is not installed, so only rule files and directories can be compared"
    )
    assert program("rules", "diff", INVENTED, INVENTED).code == 0


def test_a_clone_that_git_does_not_trust_is_not_called_no_clone(
    program: Program, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert "because it belongs to somebody else" in refused(program, "HEAD", clone / "rules")


def test_what_a_git_hook_sets_does_not_lead_to_another_clone(
    clone: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    with opened("first", (clone / "rules",)) as version:
        assert version.names == (DUCT,)


# ---- real patients

COHORT = """\
id,cancer,grade,invasion,pattern,nodes_positive,nodes_examined,extent,receptor,time
1,example_duct,3,absent,usual,0,20,E2,negative,12
2,example_duct,3,present,usual,0,20,E2,negative,30
3,example_duct,1,absent,usual,0,20,E2,negative,60
4,example_duct,,absent,usual,0,20,E2,negative,60
5,example_duct,9,absent,usual,0,20,E2,negative,60
6,example_gauge,1,,,,,,,5
7,,1,,,,,,,5
8,example_duct,1,absent,usual,0,20,E2,negative,1,2,3
9,elsewhere,1,,,,,,,5
10,example_duct,1,absent,usual,0,20,E0,negative,60
"""


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A directory with the duct table, one row raised."""
    edited(tmp_path / "newer", DUCT, RAISED)
    return tmp_path / "newer"


def cohort(place: Path, text: str, name: str = "cohort.csv") -> Path:
    """Write a cohort."""
    path = place / name
    path.write_text(text, encoding="utf-8")
    return path


def test_level_changes_are_weighted_with_real_patients(program: Program, newer: Path, tmp_path: Path) -> None:
    file = cohort(tmp_path, COHORT)
    told = program("rules", "diff", INVENTED, newer, DUCT, "--cohort", file)
    assert told.code == 5
    assert "- cohort: of 5 patients read, 3 move\n" in told.out
    assert "  2 of 5 move from high to very high\n" in told.out
    assert "  1 of 5 moves from low, intermediate or high to low, intermediate or very high\n" in told.out
    assert told.err == (
        "3 rows could not be read, in either version.\n"
        "2 rows belong to cancers that are not compared.\n"
        "Not used, because no field is called so: id and time.\n"
    )


def test_the_weights_are_data_too(program: Program, newer: Path, tmp_path: Path) -> None:
    file = cohort(tmp_path, COHORT)
    data = program("rules", "diff", INVENTED, newer, DUCT, "--cohort", file, "--json").json
    assert data["cohort"] == {"unreadable": 3, "elsewhere": 2, "unused": ["id", "time"]}
    assert data["tables"][0]["patients"]["read"] == 5
    assert {"before": "high", "after": "very high", "patients": 2} in data["tables"][0]["patients"]["moves"]


def test_rows_that_cannot_be_read_are_counted_and_never_shown(
    program: Program, newer: Path, tmp_path: Path
) -> None:
    secret = "Jane Doe"
    rows = f"grade,invasion\n{secret},absent\n1,{secret}\n1,absent,{secret}\n"
    lines = f'{{"grade": "{secret}"}}\n{{"grade": 1, "grade": "{secret}"}}\n{secret}\n["{secret}"]\n'
    for file, count in ((cohort(tmp_path, rows), 3), (cohort(tmp_path, lines, "c.jsonl"), 4)):
        for form in ((), ("--json",), ("--markdown",)):
            told = program("rules", "diff", INVENTED, newer, DUCT, "--cohort", file, *form)
            assert told.code == 5
            assert f"{count} rows could not be read" in told.err
            assert "Jane" not in told.out + told.err


def test_a_row_too_long_to_be_read_and_one_of_another_cancer_are_counted_in_the_singular(
    program: Program, newer: Path, tmp_path: Path
) -> None:
    file = cohort(tmp_path, f"cancer,grade\n{DUCT},{'9' * 140_000}\n{GAUGE},1\n{DUCT},1\n")
    told = program("rules", "diff", INVENTED, newer, DUCT, "--cohort", file)
    assert told.err == (
        "1 row could not be read, in either version.\n1 row belongs to a cancer that is not compared.\n"
    )
    assert "of 1 patient read, none moves" in told.out


def test_a_file_without_a_header_is_refused_without_showing_a_patient(
    program: Program, newer: Path, tmp_path: Path
) -> None:
    file = cohort(tmp_path, "Jane Doe,3\nJohn Doe,2\n")
    told = program("rules", "diff", INVENTED, newer, DUCT, "--cohort", file)
    assert (told.code, told.out) == (2, "")
    assert told.err == (f"{file} has no column that is a field of {DUCT}; the first line names the fields\n")


def test_json_lines_and_csv_of_the_same_patients_weigh_the_same(newer: Path, tmp_path: Path) -> None:
    pairs = {DUCT: (Rules(INVENTED).get(DUCT), Rules(newer).get(DUCT))}
    rows = [
        {"grade": 3, "invasion": "present", "pattern": "usual", "nodes_positive": 0, "extent": "E2"},
        {"grade": 1, "invasion": "absent", "pattern": "usual", "nodes_positive": 7, "extent": "E2"},
    ]
    lines = cohort(tmp_path, "\n".join(map(json.dumps, rows)) + "\n\n", "c.ndjson")
    text = "\n".join([";".join(rows[0]), *(";".join(map(str, row.values())) for row in rows)])
    semicolons = cohort(tmp_path, text)
    utf_16 = tmp_path / "utf16.csv"
    utf_16.write_text(text.replace(";", "\t"), encoding="utf-16")
    found = [weigh(str(path), pairs) for path in (lines, semicolons, utf_16)]
    assert found[0] == found[1] == found[2]
    assert found[0].weights[DUCT].read == 2
    assert sum(found[0].weights[DUCT].moves.values()) == 1


def test_the_moves_of_patients_are_those_of_each_patient_alone(newer: Path, tmp_path: Path) -> None:
    before, after = Rules(INVENTED).get(DUCT), Rules(newer).get(DUCT)
    rows = [
        {"grade": grade, "invasion": invasion, "nodes_positive": nodes, "nodes_examined": 15, "extent": "E2"}
        for grade in (1, 2, 3, "")
        for invasion in ("absent", "present", "")
        for nodes in (0, 2, "0..3")
    ]
    text = "\n".join([",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)])
    found = weigh(str(cohort(tmp_path, text)), {DUCT: (before, after)}).weights[DUCT]
    alone = Counter((level_of(row, before), level_of(row, after)) for row in rows)
    assert found.read == len(rows)
    assert found.moves == {move: count for move, count in alone.items() if move[0] != move[1]}
    assert found.moves


def test_a_patient_whom_a_version_turns_away_or_cannot_read_moves_too(tmp_path: Path) -> None:
    before = Rules(INVENTED).get(DUCT)
    after = Rules(
        edited(
            tmp_path / "n",
            DUCT,
            ("{when: {extent: E0}", "{when: {extent: [E0, E1]}"),
            ("allowed: 0..30, worse", "allowed: 0..20, worse"),
        )
    ).get(DUCT)
    rows = "extent,nodes_positive\nE1a,0\nE2,25\nE0,0\n"
    found = weigh(str(cohort(tmp_path, rows)), {DUCT: (before, after)})
    moves = found.weights[DUCT].moves
    assert {after for _, after in moves} == {TURNED_AWAY, REFUSED}
    assert found.unreadable == 0
    assert found.weights[DUCT].read == 3


def test_a_cohort_of_several_cancers_needs_to_say_which(program: Program, tmp_path: Path) -> None:
    file = cohort(tmp_path, "grade\n1\n")
    told = program("rules", "diff", INVENTED, INVENTED, "--cohort", file)
    assert told.code == 2
    assert told.err == f"{file} has no column cancer; name the one cancer that all its rows are of\n"
    told = program("rules", "diff", INVENTED, INVENTED, "--cohort", cohort(tmp_path, COHORT))
    assert told.code == 0
    assert "of 5 patients read, none moves" in told.out
    assert "of 1 patient read, none moves" in told.out


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "holds no rows"),
        (b"grade\n", "holds no rows"),
        (b"grade,grade\n1,2\n", "names a column twice; keep one"),
        (b"grade\n\xff\xfe\xfa\n", "is not UTF-8 text; save it as CSV in UTF-8"),
        (b"g" * 140_000, "is not CSV; its first line names the columns"),
    ],
)
def test_a_file_that_is_no_cohort_is_one_sentence(
    content: bytes, sentence: str, program: Program, newer: Path, tmp_path: Path
) -> None:
    file = tmp_path / "c.csv"
    file.write_bytes(content)
    told = program("rules", "diff", INVENTED, newer, DUCT, "--cohort", file)
    assert (told.code, told.out) == (2, "")
    assert told.err == f"{file} {sentence}\n"


def test_a_cohort_that_is_not_there_or_a_directory_is_one_sentence(
    program: Program, newer: Path, tmp_path: Path
) -> None:
    told = program("rules", "diff", INVENTED, newer, DUCT, "--cohort", tmp_path / "none.csv")
    assert told.err == f"{tmp_path / 'none.csv'} does not exist\n"
    told = program("rules", "diff", INVENTED, newer, DUCT, "--cohort", tmp_path)
    assert told.err == f"{tmp_path} is a directory; give a CSV or JSON Lines file\n"


def test_a_cohort_without_two_versions_of_a_table_has_nobody_to_count(
    program: Program, newer: Path, tmp_path: Path
) -> None:
    told = program("rules", "diff", newer, INVENTED, GAUGE, "--cohort", cohort(tmp_path, COHORT))
    assert told.code == 2
    assert told.err == "no table stands in both versions, so no patient can be counted; leave --cohort out\n"
