"""What is said of wrong input, and asked: it stands in `words.yaml`, so that a translation is a file."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from words_side import (
    LEFT,
    PACKAGE,
    Use,
    constants,
    leaves,
    marked,
    modules,
    names_in,
    sentences_in,
    unmarked,
    used_keys,
    uses,
    wrong_uses,
)

import riskcli
from riskcli import words
from riskcli.cohort.rows import Rowwise
from riskcli.errors import CaseError, Problem
from riskcli.interview import interview
from riskcli.loader import load_rules

RULES = load_rules()
LEAF = load_rules(Path(__file__).parent / "data" / "report")

CASES = ("records", "case", "values", "quantities", "facts", "scope", "nodes", "unstated", "settling")
TALKING = ("headings", "interview", "forms", "evaluate", "loader", "cohort", "cli")
MODULES = modules("words", *CASES, *TALKING)
"""The modules that say what a case, a cohort or a command line has wrong, and that ask."""

SECTIONS = (
    *("file", "record", "case", "value", "cancer", "interview", "form", "cohort_file", "output_file"),
    *("columns", "outcome", "command", "verify", "cohort", "marking", "rule_tables", "new_table"),
)
"""The sections that only these modules use."""

# ---- the code and the file agree


def test_enough_is_looked_at() -> None:
    assert len(MODULES) > 50
    assert len(list(uses(MODULES))) > 250
    assert sum(not use.keys or use.names is None for use in uses(MODULES)) < 8


def test_every_key_has_a_sentence_and_gets_the_names_that_stand_in_it() -> None:
    assert wrong_uses(uses(MODULES)) == []


@pytest.mark.parametrize(
    ("use", "fault"),
    [
        (Use("x.py:1", "say", ("file.gone",), frozenset()), "x.py:1: there is no sentence file.gone"),
        (Use("x.py:2", "say", ("file.empty",), frozenset()), "x.py:2: file.empty wants ['name'] but gets []"),
        (
            Use("x.py:3", "counted", ("counts.moon",), frozenset()),
            "x.py:3: there is no sentence counts.moon.one",
        ),
        (
            Use("x.py:4", "section", ("cohort.moons",), frozenset()),
            "x.py:4: there is no section cohort.moons",
        ),
    ],
)
def test_a_slip_in_a_key_or_a_name_is_found(use: Use, fault: str) -> None:
    assert wrong_uses([use]) == [fault]


def test_what_looks_like_a_key_is_one() -> None:
    sentences = dict(leaves(words._sentences()))
    inside = {key.rpartition(".")[0] for key in sentences}
    tops = {key.partition(".")[0] for key in sentences}
    slips = [
        (where, text)
        for where, text in constants(MODULES)
        if text.partition(".")[0] in tops and re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", text)
        if text not in sentences and text not in inside and not text.endswith(".yaml")
    ]
    assert slips == []


def test_no_sentence_is_left_over() -> None:
    used = used_keys(MODULES)
    left = [key for key, _ in leaves(words._sentences()) if key.partition(".")[0] in SECTIONS]
    assert len(left) > 200
    assert [key for key in left if key not in used] == []


HELP = (
    "typer.Option",
    "typer.Argument",
    "typer.Typer",
    "_flag",
    "_read",
    "CaseCommand",
    "HELP",
    "EPILOG",
    "says",
)
"""Where the help of commands and flags stands, which Typer reads in the code."""
NOT_FOR_PEOPLE = ("RuntimeError", "RuleFileError", "Fault", "report_bug")
"""Where authors of rule files and of the program are spoken to: a fault of the program needs no file."""
KNOWN = {
    "evaluate.py": {" table has no row for some of these cases"},  # of a rule file
    "loader.py": {"does not exist; give a rule table (CANCER.yaml) or a directory of them"},  # of a rule file
    "cohort/reading.py": {"out of scope"},  # a code
    "cohort/outcomes.py": {
        "the time is missing",
        "the time is not a number",
        "the time is negative",
        "the time is a date",
        "the time is a code of nines",
    },  # codes
    "cohort/judging.py": {"several levels possible"},  # of the report
    "cohort/validation.py": {"cannot be judged"},  # of the report
    "cli/flags.py": {"The premises, and what is not used here", "Input and output"},  # headings of the help
    "cli/validate.py": {"What is shown"},  # a heading of the help
}
"""Texts that look like sentences for people and are none, or not these modules' own."""


SQL = ("CREATE", "INSERT", "SELECT")


def test_no_sentence_for_people_stands_in_the_code() -> None:
    found = [
        (where, text)
        for path in MODULES
        for where, text in sentences_in(path, (*HELP, *NOT_FOR_PEOPLE))
        if text not in KNOWN.get(str(path.relative_to(PACKAGE)), ())
        if text.split()[0] not in SQL
    ]
    assert found == []


def test_a_sentence_in_the_code_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("words_side.PACKAGE", tmp_path)
    path = tmp_path / "x.py"
    path.write_text('"""A module of its own."""\nraise E(f"{name} is not there")\nOption("help of a flag")\n')
    assert list(sentences_in(path, ("Option",))) == [("x.py:2", " is not there")]


def test_every_sentence_can_be_filled_in_whatever_the_values_hold() -> None:
    for key, sentence in leaves(words._sentences()):
        values = dict.fromkeys(names_in(sentence), "{0} {x} %s")
        if key.partition(".")[0] in SECTIONS:
            assert words.say(key, **values).count("{0} {x} %s") >= len(values)


# ---- a second language


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a mark around every sentence."""
    other = marked(words._sentences())
    monkeypatch.setattr(words, "_sentences", lambda: other)


def problems_of(record: dict[str, Any]) -> tuple[Problem, ...]:
    """Return what is wrong with a record."""
    with pytest.raises(CaseError) as caught:
        riskcli.assess(record)
    return caught.value.problems


BREAST = {"cancer": "breast"}
WRONG: dict[str, dict[str, Any]] = {
    "a value that is not allowed": {**BREAST, "er": "perhaps"},
    "a number above the range": {**BREAST, "tumour_size_mm": 4000},
    "a number of a registry": {**BREAST, "nodes_positive": 99},
    "a date": {**BREAST, "nodes_positive": "1-Mar"},
    "another unit": {**BREAST, "tumour_size_mm": "2.5 cm"},
    "a comma": {**BREAST, "tumour_size_mm": "2,5"},
    "a part of a total": {**BREAST, "nodes_positive": "3/12"},
    "words for a number": {**BREAST, "nodes_positive": "many"},
    "no whole number": {**BREAST, "nodes_positive": 2.5},
    "a range that runs backwards": {**BREAST, "nodes_positive": "3..1"},
    "a list with a gap": {**BREAST, "grade": [2, None]},
    "a truth": {**BREAST, "grade": True},
    "a field that does not exist": {**BREAST, "grdae": 2},
    "a value under no name": {**BREAST, " ": 2},
    "a field given twice": {**BREAST, "Grade": 2, "grade": 3},
    "more positive than examined": {**BREAST, "nodes_positive": 4, "nodes_examined": 2},
    "positive nodes of none": {**BREAST, "nodes_positive": 4, "nodes_examined": 0},
    "no cancer": {"grade": 2},
    "two cancers": {**BREAST, "Cancer": "colon"},
    "a cancer without a table": {"cancer": "braest"},
}


@pytest.mark.parametrize("record", WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_record_is_said_in_another_language(
    record: dict[str, Any], second: None
) -> None:
    for problem in problems_of(record):
        assert problem.message.startswith(LEFT), problem
        assert unmarked(problem.message) == ""


def test_a_message_about_a_field_itself_goes_on_from_its_name_in_any_language(second: None) -> None:
    (missing,) = problems_of({"grade": 2})
    (unknown,) = problems_of({**BREAST, "grdae": 2})
    (wrong,) = problems_of({**BREAST, "grade": 7})
    assert unmarked(str(missing)) == "cancer "
    assert unmarked(str(unknown)) == "grdae "
    assert unmarked(str(wrong)) == "grade: "


DOUBTFUL: dict[str, dict[str, Any]] = {
    "a size that does not fit": {"cancer": "breast", "tumour_size_mm": 2, "t_category": "T3"},
    "a finding of another cancer": {"cancer": "breast", "breslow_mm": 2},
    "no nodes examined": {"cancer": "breast", "nodes_positive": 0, "nodes_examined": 0},
    "a word that says more": {"cancer": "colon", "nodes_positive": 0, "n_category": "N1"},
}


@pytest.mark.parametrize("record", DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_is_doubtful_is_said_in_another_language(record: dict[str, Any], second: None) -> None:
    shared = {row["say"] for row in RULES.common(record["cancer"]).model_dump()["warnings"]}
    own = {row["say"] for row in RULES.get(record["cancer"]).table.get("warnings", [])}
    said = [text for text in riskcli.assess(record).warnings if text not in shared | own]
    assert said
    assert [text for text in said if unmarked(text)] == []


COMMANDS: dict[str, tuple[str, ...]] = {
    "a flag without its value": ("assess", "breast", "--grade"),
    "a stray word": ("assess", "breast", "-x"),
    "a flag given twice": ("assess", "breast", "--grade", "1", "--grade", "2"),
    "no cancer and no terminal": ("assess",),
    "a marker without its value": ("assess", "breast", "--marker", "er"),
    "a record that is not there": ("assess", "--input", "gone.json"),
    "a page for nobody": ("assess", "breast", "--for", "nobody"),
    "a report in no form": ("assess", "breast", "--report", "page.doc"),
    "a cohort that is not there": ("cohort", "assess", "gone.csv", "-o", "out.csv"),
    "a format that is none": ("cohort", "assess", "gone.doc", "-o", "out.csv"),
    "a value for nothing": ("cohort", "assess", "gone.csv", "-o", "out.csv", "--assume", "her2"),
    "an engine that is none": ("cohort", "assess", "gone.csv", "-o", "out.csv", "--engine", "steam"),
    "a day that is none": ("rules", "audit", "--as-of", "Monday"),
}


@pytest.mark.parametrize("args", COMMANDS.values(), ids=COMMANDS)
def test_what_is_wrong_with_a_command_is_said_in_another_language(
    args: tuple[str, ...], second: None, run: Run
) -> None:
    told = run(*args)
    assert (told.code, told.out) == (2, "")
    for line in told.problems:
        assert LEFT in line
        assert unmarked(line) in ("", "grade ", "grade: ", "cancer ")


def test_what_is_wrong_with_a_record_that_is_read_is_said_in_another_language(
    second: None, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "case.json"
    for text in (
        "",
        "{",
        "[1]",
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        '{"a": 1e999}',
        "{} {}",
        "[" * 200 + "]" * 200,
    ):
        path.write_text(text, encoding="utf-8")
        (line,) = run("assess", "--input", path).problems
        assert (line[0], unmarked(line)) == (LEFT, ""), text


def test_a_cohort_sums_up_in_another_language(second: None, run: Run, tmp_path: Path) -> None:
    rows = "cancer,id,Grade,her2\nbreast,1,3,\nbreast,2,7,\nlymphoma,3,1,\n,4,1,\n"
    (tmp_path / "in.csv").write_text(rows, encoding="utf-8")
    told = run("cohort", "assess", tmp_path / "in.csv", "-o", tmp_path / "out.csv", "--assume", "er=positive")
    assert told.code == 4
    assert len(told.problems) > 6
    assert [line for line in told.problems if line[0] != LEFT or unmarked(line)] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x,y\n1,2\n",
        "grade,grade\n1,2\n",
        "node_positive\n1\n",
        "cancer,grade\nbreast,1,2\n",
        'cancer,"a\n',
    ],
)
def test_what_is_wrong_with_a_file_of_cases_is_said_in_another_language(
    text: str, second: None, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text(text, encoding="utf-8")
    told = run("cohort", "assess", tmp_path / "in.csv", "-o", tmp_path / "out.csv")
    assert told.code == 2
    assert [line for line in told.problems if line[0] != LEFT or unmarked(line)] == []


TYPED = (
    *("?", "nonsense", "leaf", "?", "perhaps", "G2", "back", "grade=2", "blood=2", "tumour_size_mm=2.5 cm"),
    *("nodes_positive=6", "?", "er=n", "margins=", "er", "quit"),
)


OUTSIDE = re.compile(r"riskcli assess .*|(\w+:)? ?\.")
"""What stands outside of sentences: a command, the field before a problem and the full stop after it."""


def test_the_interview_speaks_another_language(second: None) -> None:
    lines, screen = iter(TYPED), io.StringIO()
    interview(LEAF, lambda: f"{next(lines)}\n", lambda text: screen.write(text) and None, 100_000)
    table = LEAF.get("example_leaf").table
    fields = [spec["text"] for spec in table["fields"].values()]
    own = {
        f"{table['title']}.",
        table["scope"],
        *fields,
        *(text.split(". ")[0].rstrip(".") for text in fields),
    }
    left = [line for line in map(str.strip, unmarked(screen.getvalue()).splitlines()) if line]
    assert screen.getvalue().count(LEFT) > 40
    assert [line for line in left if line not in own and not OUTSIDE.fullmatch(line)] == []


def test_a_form_to_mark_is_in_another_language(second: None, run: Run) -> None:
    told = run("rules", "vignettes", "other_solid", "-n", "2")
    assert told.code == 0
    outside = unmarked(told.out)
    for words_of_form in ("to mark", "please tick", "In every case", "Marked by", "Comment", "To discuss"):
        assert words_of_form in told.out
        assert words_of_form not in outside


# ---- what needs no sentence


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which every reading of the sentences is added."""
    sentences, found = words._sentences(), list[str]()

    def note() -> dict[str, Any]:
        found.append("read")
        return sentences

    monkeypatch.setattr(words, "_sentences", note)
    return found


def examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the examples of every table."""
    for name in RULES.names:
        for example in RULES.read(name)[1].examples:
            if not example.out_of_scope:
                yield name, {"cancer": name, **example.case}


def silent(answer: Callable[[dict[str, Any]], Iterable[str]], read: list[str]) -> int:
    """Return how many examples are answered without a sentence; those that warn may say one."""
    found = 0
    for name, record in examples():
        read.clear()
        warnings = set(answer(record)) - set(RULES.get(name).notices)
        assert warnings or not read, record
        found += not read
    return found


def test_a_sound_case_reads_no_sentence(read: list[str]) -> None:
    assert silent(lambda record: riskcli.assess(record).warnings, read) > 300


def test_a_sound_row_of_a_cohort_reads_no_sentence(read: list[str]) -> None:
    rows = Rowwise(RULES)
    assert silent(lambda record: filter(None, [rows.answer(record).warnings]), read) > 300


def test_a_sound_case_prints_its_json_without_a_sentence(read: list[str], run: Run) -> None:
    told = run("assess", "breast", "--grade", "3", "--nodes-positive", "2", "--er", "positive", "--json")
    assert (told.code, read) == (0, [])
    assert json.loads(told.out)["cancer"] == "breast"


def test_words_that_carry_other_findings_read_no_sentence(read: list[str]) -> None:
    answer = riskcli.assess(
        {"cancer": "colon", "nodes_positive": "pN1b", "grade": "low grade", "t_category": "pT3"}
    )
    assert len(answer.read) > 2
    assert (answer.warnings, read) == ((), [])
