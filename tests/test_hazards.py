"""The hazard log, and the guards that stand nowhere else: each named test exists, and each control holds."""

from __future__ import annotations

import ast
import re
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from catalogue_side import DUCT, TESTS, Program, edited
from conftest import Run

import riskcli
from riskcli import built
from riskcli.case import read_case
from riskcli.compiled import LEVELS
from riskcli.errors import OutOfScope, RuleFileError
from riskcli.evaluate import assess_facts
from riskcli.hazards import Hazard, read_hazards
from riskcli.loader import Rules, load_rules
from riskcli.report.wording import Wording
from riskcli.tables import Table

RULES = load_rules()
NAMES = RULES.names
LOG = read_hazards()
PACKAGE = Path(riskcli.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str]) -> Program:
    """Run the commands of the catalogue in this process."""
    return Program(capsys)


def table(name: str) -> Table:
    """Return a packaged table."""
    return RULES.read(name)[1]


# ---- the log


@cache
def names_of(path: Path) -> set[str]:
    """Return the names of the test functions of a file."""
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("hazard", LOG.hazards, ids=lambda hazard: hazard.id)
def test_every_test_that_a_hazard_names_exists(hazard: Hazard) -> None:
    for guard in hazard.tests:
        file, _, name = guard.partition("::")
        path = TESTS.parent / file
        moved = [found.name for found in sorted(TESTS.glob("test_*.py")) if name in names_of(found)]
        hint = f"it stands in {moved[0]} now" if moved else "name the test that guards it now"
        assert path.name in moved, f"{hazard.id}: {file} has no {name}; {hint}"


def test_no_hazard_names_a_test_twice() -> None:
    assert all(len(set(hazard.tests)) == len(hazard.tests) for hazard in LOG.hazards)


def test_the_hazards_that_must_be_thought_of_are_there() -> None:
    assert {
        "wrong-premise",
        "missing-read-as-negative",
        "unit-slip",
        "registry-code-read-as-a-value",
        "ageing-evidence",
        "word-misread-as-a-prognosis",
        "level-read-as-the-risk-under-treatment",
        "local-table-mistaken-for-the-packaged-one",
        "option-read-as-a-recommendation",
        "outside-the-scope",
        "stale-compiled-table",
        "nodes-not-examined-read-as-clear",
        "contradiction-overlooked",
        "text-that-acts-on-the-terminal",
        "patient-data-in-logs",
    } <= {hazard.id for hazard in LOG.hazards}


def test_the_hazard_log_is_no_rule_table() -> None:
    assert "hazards" not in RULES.names
    with pytest.raises(RuleFileError, match="is not a rule table"):
        Rules(RULES.packaged / "hazards.yaml")


ENTRY = """\
title: T
about: A
hazards:
  - id: one
    hazard: H
    cause: C
    consequence: Q
    control: K
    tests: [tests/test_a.py::test_b]
"""


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("    control: K\n", "", 4, "hazards.1.control is missing"),
        ("title: T\n", "", 1, "title is missing"),
        ("cause: C", "causes: C", 6, "hazards.1.causes is not a key of the hazard log; did you mean cause?"),
        (
            "cause: C",
            "xyz: C",
            6,
            "hazards.1.xyz is not a key of the hazard log; correct its name or delete it",
        ),
        ("[tests/test_a.py::test_b]", "[test_b]", 9, "hazards.1.tests.1 must name a test, as in tests/test_"),
        ("[tests/test_a.py::test_b]", "[]", 9, "hazards.1.tests does not fit here"),
        ("hazard: H", "hazard: 5", 5, "hazards.1.hazard does not fit here"),
        ("id: one", "id: Not an id", 4, "hazards.1.id does not fit here"),
    ],
)
def test_a_fault_of_the_log_is_one_sentence_with_its_line(
    before: str, after: str, line: int, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "hazards.yaml"
    assert before in ENTRY
    path.write_text(ENTRY.replace(before, after), encoding="utf-8")
    with pytest.raises(RuleFileError) as caught:
        read_hazards(path)
    assert (line, words) in [(fault.line, fault.message[: len(words)]) for fault in caught.value.faults], (
        caught.value.faults
    )


def test_an_id_given_twice_and_a_log_that_is_no_map_are_faults(tmp_path: Path) -> None:
    path = tmp_path / "hazards.yaml"
    path.write_text(ENTRY + ENTRY.split("hazards:\n")[1], encoding="utf-8")
    with pytest.raises(RuleFileError, match="10: the id one is given twice; keep one"):
        read_hazards(path)
    path.write_text("- a", encoding="utf-8")
    with pytest.raises(RuleFileError, match="the file does not fit here"):
        read_hazards(path)


# ---- the patient

NOT_SPOKEN_OF = {
    "metastasis": ["present"],
    "disease": ["recurrent"],
    "local_treatment": ["incomplete", "biopsy_only"],
    "neoadjuvant_therapy": ["yes"],
}


@pytest.mark.parametrize("name", NAMES)
def test_every_table_turns_away_whoever_it_does_not_speak_of(name: str) -> None:
    compiled = RULES.get(name)
    for field, values in NOT_SPOKEN_OF.items():
        if field == "neoadjuvant_therapy" and field in compiled.index:
            continue  # it has rows for what is left after treatment
        for value in values:
            with pytest.raises(OutOfScope) as caught:
                read_case({field: value}, compiled)
            assert all(problem.message.endswith(".") for problem in caught.value.problems)


@pytest.mark.parametrize("name", NAMES)
def test_the_premises_stand_before_the_level_in_every_report(name: str, run: Run) -> None:
    for mode in ((), ("--full",)):
        out = " ".join(run("assess", name, *mode).out.split())
        level = out.index("distant recurrence in ")
        for premise in ("no known distant spread", "first occurrence", "all visible cancer removed"):
            assert out.index(premise) < level


def test_the_rule_of_thumb_says_so_in_its_title_and_in_every_reason() -> None:
    thumb = table("other_solid")
    said = "rule of thumb, no cancer-specific evidence"
    assert said in thumb.title.lower()
    for row in thumb.likelihood:
        assert said in row.why
        assert (row.basis, row.published) == ("judgement", None)


@pytest.mark.parametrize("name", NAMES)
def test_every_table_says_what_to_do_about_a_second_primary(name: str) -> None:
    found = table(name)
    turned_away = {value for scope in found.out_of_scope for value in [scope.when.get("disease")]}
    assert "second_primary" in turned_away or any("tumour" in limit for limit in found.limits)


# ---- what is entered


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_record_is_never_reassured(name: str) -> None:
    answer = riskcli.assess({"cancer": name})
    assert answer.likelihood.level is None
    assert answer.likelihood.highest == max((row.level for row in table(name).likelihood), key=LEVELS.index)
    assert len(answer.likelihood.levels) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_no_table_has_room_for_a_registrys_code_among_its_node_counts(name: str) -> None:
    counts = [field for field in table(name).fields if field.startswith("nodes_")]
    for field in counts:
        for code in (95, 98, 99, 999):
            with pytest.raises(riskcli.CaseError, match="looks like a registry code"):
                riskcli.assess({"cancer": name, field: code})


# ---- what is answered


@pytest.mark.parametrize("name", NAMES)
def test_every_level_speaks_of_people_who_had_no_further_treatment(name: str, run: Run) -> None:
    for example in table(name).examples:
        if not example.out_of_scope:
            meaning = riskcli.assess({"cancer": name, **example.case}).likelihood.meaning
            assert re.fullmatch(
                r"distant recurrence in .*\d+ (or more )?in 100 within \d+ years, "
                r"in people like this who had no further treatment",
                meaning,
            )
    assert "Treatment lowers this" in " ".join(run("assess", name).out.split())


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_of_treated_patients_is_never_called_direct(name: str) -> None:
    for row in table(name).likelihood:
        if row.basis == "direct":
            assert row.published is not None, row.id
            assert row.published.treated.startswith("none"), row.id
        elif row.published is not None and row.basis == "converted":
            assert row.limits, row.id


def texts(part: Any) -> Iterator[str]:
    """Give every text of a rule file that people are shown; sources have titles of their own."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key not in ("sources", "synonyms", "case", "field_names"):
                yield from texts(value)
    elif isinstance(part, list | tuple):
        for item in part:
            yield from texts(item)
    elif isinstance(part, str):
        yield part


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_people_are_shown_is_called_recommended(name: str) -> None:
    words = re.compile(r"\brecommend", re.I)
    shown = [*texts(table(name).model_dump()), *texts(RULES.common(name).model_dump())]
    assert len(shown) > 100
    assert [text for text in shown if words.search(text)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_draft_says_so_at_the_head_of_every_answer_and_table(name: str, run: Run, program: Program) -> None:
    assert table(name).status == "draft"
    first = table(name).likelihood[0].id
    for out in (
        run("assess", name).out,
        run("assess", name, "--full").out,
        program("rules", "show", name).out,
        program("rules", "show", name, "--row", first).out,
        program("rules", "show", name, "--markdown").out,
    ):
        assert "DRAFT, not reviewed by a clinician" in " ".join(out.splitlines()[:2])
    assert riskcli.assess({"cancer": name}).provenance.status == "draft"


def test_nobody_can_call_a_table_reviewed_without_a_name(tmp_path: Path) -> None:
    file = edited(tmp_path, DUCT, ("status: draft", "status: reviewed"))
    with pytest.raises(RuleFileError, match="names nobody, but status is reviewed"):
        Rules(file).get(DUCT)


# ---- the rules


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_warns_once_the_review_is_due(name: str) -> None:
    compiled = RULES.get(name)
    due = date.fromisoformat(compiled.table["review_by"])
    facts = read_case({}, compiled)
    on_the_day, after = (assess_facts(facts, day).warnings for day in (due, date(due.year + 1, 1, 1)))
    assert not any("due for review" in warning for warning in on_the_day)
    assert any("due for review" in warning for warning in after)


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_names_its_endpoint_treatment_years_and_place(name: str) -> None:
    found = table(name)
    for row in found.likelihood:
        if row.published is not None:
            assert row.published.endpoint, row.id
            assert row.published.treated, row.id
            if row.published.years is None:  # said in the report, and never the level's own measure
                assert row.basis != "direct", row.id
        for source in row.source:
            assert found.sources[source].at, source


def test_a_local_table_is_named_at_the_head_of_every_answer_and_table(
    run: Run, program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "other_solid.yaml"
    file.write_bytes(RULES.file("other_solid").read_bytes())
    for out in (
        run("assess", "other_solid", "--rules", file).out,
        run("assess", "other_solid", "--full", "--rules", file).out,
        program("rules", "show", "other_solid", rules=file).out,
        program("rules", "show", "other_solid", "--row", "positive-nodes", rules=file).out,
    ):
        head = "".join(out.split("cancer-specific")[0].split())
        assert head.startswith(f"Localtable{file}:")
    answer = riskcli.assess({"cancer": "other_solid"}, riskcli.load_rules(file))
    assert answer.provenance.origin == str(file)


def test_a_compiled_table_is_not_used_once_a_rule_file_has_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(built, "BUILT", tmp_path / "built")
    RULES.build(tmp_path / "built")
    digest = RULES.digest("other_solid")
    assert built.read_table("other_solid", digest) is not None
    assert built.read_table("other_solid", digest[:-1] + ("0" if digest[-1] != "0" else "1")) is None
    packaged = tmp_path / "rules"
    packaged.mkdir()
    for path in RULES.packaged.glob("*.yaml"):
        (packaged / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr("riskcli.loader.packaged_directory", lambda: packaged)
    file = packaged / "other_solid.yaml"
    old = "level: high\n    why: >-\n      Cancer in lymph nodes shows"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, old.replace("high", "very_high", 1)), encoding="utf-8")
    answer = riskcli.assess({"cancer": "other_solid", "nodes_positive": 1}, Rules())
    assert answer.likelihood.levels == ("very_high",)


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_can_be_traced_to_the_rules_that_gave_it(name: str) -> None:
    provenance = riskcli.assess({"cancer": name}).provenance
    assert (provenance.table, provenance.edition) == (name, table(name).edition)
    assert (provenance.origin, provenance.sha256) == ("packaged", RULES.digest(name))
    assert riskcli.assess({"cancer": name}).riskcli == riskcli.__version__


# ---- the program

NETWORK = {
    *("socket", "ssl", "http", "urllib", "ftplib", "smtplib", "imaplib", "poplib", "telnetlib", "xmlrpc"),
    *("asyncio", "socketserver", "webbrowser", "requests", "httpx", "aiohttp", "urllib3", "boto3"),
}
ASKS_GIT = "revisions.py"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_can_open_a_connection(path: Path) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).split(".")[0])
    assert not imported & NETWORK
    assert path.name == ASKS_GIT or "subprocess" not in imported


def test_an_answer_is_given_without_opening_a_socket(
    run: Run, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    assert run("assess", "other_solid", "--grade", "3").code == 0
    assert run("assess", "other_solid", "--grade", "3", "--json").code == 0
    assert program("rules", "list").code == 0
    assert program("explain", "safety").code == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_bound_is_written_in_words_and_not_with_a_sign(name: str) -> None:
    found, wording = table(name), Wording(RULES.common(name).labels)
    options = (*found.options, *found.not_supported)
    rows = [*found.likelihood, *(criterion for option in options for criterion in option.any_of)]
    worded = [wording.conditions(row.when) for row in (*rows, *found.impossible, *found.out_of_scope)]
    assert worded
    assert not [text for text in worded if re.search(r"[<>\u2264\u2265]|\.\.", text)]


def test_answers_given_at_the_same_time_do_not_mix() -> None:
    records = [
        {"cancer": name, **example.case, "ref": f"{name}:{example.id}"}
        for name in NAMES
        for example in table(name).examples
        if not example.out_of_scope
    ]
    one_by_one = [riskcli.assess(record).model_dump(mode="json") for record in records]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(lambda record: riskcli.assess(record).model_dump(mode="json"), records))
    finally:
        sys.setswitchinterval(interval)
    assert together == one_by_one
    assert [answer["ref"] for answer in together] == [record["ref"] for record in records]
