"""`riskcli assess --fhir`: a bundle in, an answer out, and how it was read wherever the answer goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import Run

from riskcli.cli.routing import route
from riskcli.interop.fhir_file import LIMITS
from riskcli.records import Limits
from riskcli.schemas import assessment_schema

FHIR = Path(__file__).parent / "data" / "fhir"
BREAST = FHIR / "breast_mcode.json"
SIMULATED = FHIR / "breast_simulated.json"


@pytest.fixture
def bundle(tmp_path: Path) -> Any:
    """Return a function that writes data to a file."""

    def write(data: object) -> Path:
        path = tmp_path / "bundle.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
        return path

    return write


def test_a_bundle_is_answered_as_the_same_case_in_flags(run: Run) -> None:
    read = run("assess", "--fhir", FHIR / "colon_obds.json", "--json").json
    flags = {key: str(value) for key, value in read["case"].items()}
    typed = run(
        "assess", "colon", *(part for key, value in flags.items() for part in (f"--{key}", value)), "--json"
    )
    assert read["likelihood"] == typed.json["likelihood"]
    assert read["options"] == typed.json["options"]
    assert "reading" not in typed.json


def test_standard_input_is_read(shell: Run) -> None:
    told = shell("assess", "--fhir", "-", "--json", stdin=BREAST.read_bytes())
    assert told.code == 0
    assert told.json["cancer"] == "breast"


def test_the_reading_stands_at_the_end_of_the_answer(run: Run) -> None:
    answer = run("assess", "--fhir", BREAST, "--why", "--json").json
    assert list(answer)[-1] == "reading"
    assert answer["reading"]["standard"] == "FHIR R4"
    assert {
        "field": "tumour_size_mm",
        "value": 25,
        "from": "LOINC 33728-7: 2.5 centimeters (2018-04-01)",
    }.items() <= next(
        item for item in answer["reading"]["values"] if item["field"] == "tumour_size_mm"
    ).items()
    jsonschema.validate(answer, assessment_schema())
    assert "reading" in assessment_schema()["properties"]
    assert "reading" not in assessment_schema()["required"]


def test_the_notes_are_shown_after_the_warnings_and_the_values_when_asked(run: Run) -> None:
    told = run("assess", "--fhir", BREAST)
    assert told.code == 0
    warning, note, level = (
        told.out.index(part) for part in ("do not fit together", "was read as 25 mm", "Likelihood")
    )
    assert warning < note < level
    assert "LOINC 44648-4" not in told.out
    full = run("assess", "--fhir", BREAST, "--show-sources")
    assert "grade 2: LOINC 44648-4: Nottingham grade 2" in full.out
    assert "Observation/grade" in full.out


def test_a_flag_stands_over_what_was_read_and_that_is_said(run: Run) -> None:
    told = run("assess", "--fhir", BREAST, "--grade", "3", "--tumor-size", "55", "--json")
    assert told.json["case"]["grade"] == 3
    assert told.json["case"]["tumour_size_mm"] == 55
    assert not {"grade", "tumour_size_mm"} & {item["field"] for item in told.json["reading"]["values"]}
    assert (
        "grade: stated on the command line; what was read (2) was not used." in told.json["reading"]["notes"]
    )


def test_a_flag_mends_what_could_not_be_assessed(run: Run) -> None:
    told = run("assess", "--fhir", SIMULATED)
    assert told.code == 2
    assert told.problems == [
        "nodes_positive: 8.387949016522224 is not a whole number; use a whole number from 0 to 90 (read from "
        "LOINC 85343-2: 8.387949016522224 # (1995-08-13), Observation/macro)"
    ]
    assert run("assess", "--fhir", SIMULATED, "--nodes-positive", "8").code == 0


def test_a_case_out_of_scope_says_where_that_was_read(run: Run) -> None:
    told = run("assess", "--fhir", FHIR / "lung_spread.json", "--json")
    assert told.code == 2
    error = json.loads(told.err)
    assert error["error"] == "out_of_scope"
    assert error["problems"][0]["message"].endswith(
        "(read from Secondary malignant neoplasm of brain, Condition/c2)"
    )


def test_the_cancer_that_is_named_has_to_agree(run: Run, bundle: Any) -> None:
    assert run("assess", "breast", "--fhir", BREAST).code == 0
    told = run("assess", "colon", "--fhir", BREAST)
    assert told.code == 2
    assert told.problems == ["cancer is given as colon and breast; keep one"]
    alone = bundle({"resourceType": "Observation", "code": {"text": "nothing"}})
    assert run("assess", "breast", "--fhir", alone).code == 0
    assert "name it, as in riskcli assess CANCER --fhir FILE" in run("assess", "--fhir", alone).err
    assert run("assess", "--cancer", "breast", "--fhir", alone).code == 0


def test_two_files_are_one_too_many(run: Run) -> None:
    told = run("assess", "--fhir", BREAST, "--input", BREAST)
    assert told.code == 2
    assert told.problems == ["--fhir and --input each give a case; keep one"]


WRONG = {
    "no JSON": ("{", "is not JSON: expected property name enclosed in double quotes (line 1, column 2)"),
    "no resource": (
        {"cancer": "breast"},
        "holds no FHIR resource; a bundle, a list of resources or one resource is wanted",
    ),
    "a number": ("3", "holds no FHIR resource; a bundle, a list of resources or one resource is wanted"),
    "an empty bundle": ({"resourceType": "Bundle", "entry": []}, "the bundle holds no resource"),
    "an empty list": ([], "the bundle holds no resource"),
    "no cancer": (
        {"resourceType": "Patient"},
        "no condition is a cancer that is known; name it, as in riskcli assess CANCER --fhir FILE",
    ),
    "another release": (
        {"resourceType": "Condition", "clinicalStatus": "active"},
        "(Condition.clinicalStatus); R4 and R4B are read, so have it converted first",
    ),
    "a key given twice": ('{"id": 1, "id": 2}', 'gives the key "id" twice; keep one'),
    "several documents": (
        "{}\n{}",
        "goes on after its first record (line 2, column 1); a case is one record",
    ),
    "deep nesting": ("[" * 99 + "]" * 99, "is nested too deeply for a record"),
    "nesting without end": ("[" * 99_999, "is nested too deeply for a record"),
    "a huge number": ('{"a": 1e999}', "holds 1e999, which is too large to be read"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_one_sentence(what: str, run: Run, bundle: Any) -> None:
    data, sentence = WRONG[what]
    told = run("assess", "--fhir", bundle(data))
    assert told.code == 2
    assert told.out == ""
    (problem,) = told.problems
    assert problem.endswith(sentence)
    assert "bundle.json" in problem


def test_a_cancer_without_a_table_has_the_sentence_of_the_engine(run: Run, bundle: Any) -> None:
    coding = {"system": "http://hl7.org/fhir/sid/icd-10", "code": "C81.9"}
    told = run("assess", "--fhir", bundle({"resourceType": "Condition", "code": {"coding": [coding]}}))
    assert told.code == 2
    assert told.problems == run("assess", "lymphoma").problems


def test_a_bundle_is_bounded_by_its_size_and_by_its_parts(
    run: Run, bundle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LIMITS.bytes > 20_000_000
    monkeypatch.setattr("riskcli.interop.fhir_file.LIMITS", Limits(bytes=2_000_000, levels=60, parts=99))
    assert "holds more than 99 objects and lists" in run("assess", "--fhir", bundle([{}] * 99)).err
    assert "is larger than 2 MB" in run("assess", "--fhir", bundle(["a" * 2_000_000])).err


def test_a_saved_answer_keeps_the_reading_and_is_made_again_from_its_record(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    assert run("assess", "--fhir", BREAST, "--grade", "3", "--save", file).code == 0
    saved = json.loads(file.read_text(encoding="utf-8"))
    assert saved["record"]["grade"] == "3"
    assert saved["answer"]["reading"]["notes"]
    told = run("verify", file)
    assert told.code == 0
    assert "The same answer with the same rules." in told.out
    assert "was read as 25 mm" in told.out
    saved["answer"]["reading"]["notes"] = []
    file.write_text(json.dumps(saved), encoding="utf-8")
    assert "was changed after it was saved" in run("verify", file).err


@pytest.mark.parametrize("form", ["html", "md"])
def test_a_page_for_a_tumour_board_says_how_the_case_was_read(form: str, run: Run, tmp_path: Path) -> None:
    page = tmp_path / f"page.{form}"
    assert run("assess", "--fhir", BREAST, "--report", page).code == 0
    text = page.read_text(encoding="utf-8").replace("\\", "").replace("&#34;", '"')
    assert "Reading" in text
    assert "grade 2: LOINC 44648-4: Nottingham grade 2 (2018-04-01), Observation/grade" in text


def test_a_page_for_a_patient_leaves_the_reading_out(run: Run) -> None:
    told = run("assess", "--fhir", BREAST, "--for", "patient")
    assert told.code == 0
    assert "LOINC" not in told.out
    assert (
        "leave --show-sources out"
        in run("assess", "--fhir", BREAST, "--for", "patient", "--show-sources").err
    )


def test_what_if_says_how_the_case_was_read_beside_its_table(run: Run) -> None:
    told = run("what-if", "--fhir", BREAST, "--vary", "grade")
    assert told.code == 0
    assert "was read as 25 mm" in told.err
    assert "LOINC" not in told.out


def test_text_of_a_bundle_is_harmless_on_a_terminal_and_in_a_page(
    run: Run, bundle: Any, tmp_path: Path
) -> None:
    data = json.loads(BREAST.read_text(encoding="utf-8"))
    for entry in data["entry"]:
        if entry["resource"]["id"] == "grade":
            entry["resource"]["id"] = "\x1b[31m<script>alert(1)</script>"
            entry["resource"]["valueCodeableConcept"]["coding"][0]["display"] = "\x1b[2J <b>2</b> \u202e"
    page = tmp_path / "page.html"
    told = run("assess", "--fhir", bundle(data), "--show-sources", "--report", page)
    assert told.code == 0
    assert "\x1b" not in told.out
    assert "\u202e" not in told.out
    assert "<script>" not in page.read_text(encoding="utf-8")
    assert "<b>2" not in page.read_text(encoding="utf-8")


def test_a_case_in_flags_does_not_load_what_reads_fhir(shell: Run) -> None:
    told = shell("assess", "breast", "--grade", "3", "--json")
    assert "reading" not in told.json
    found = route(["assess", "breast", "--grade", "3"])
    assert found.reading is None
