"""An answer as a FHIR RiskAssessment: valid by HL7's own schema, and saying what the answer says."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from catalogue_side import packaged
from conftest import Run
from fhir_side import bundle, person
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft6Validator

from riskcli.assessment import Assessment
from riskcli.case import read_case
from riskcli.compiled import LEVELS
from riskcli.errors import CaseError, RuleFileError
from riskcli.evaluate import assess_facts
from riskcli.interop.fhir_out_codes import FhirOut, fhir_out_codes
from riskcli.interop.readings import Found, Reading
from riskcli.interop.risk_assessment import LONGEST, risk_assessment
from riskcli.loader import load_rules
from riskcli.report.blocks import report_words
from riskcli.rule_files import read_model

DATA = Path(__file__).parent / "data"
SCHEMA = Draft6Validator(
    json.loads((DATA / "fhir_out" / "riskassessment.schema.json").read_text(encoding="utf-8"))
)
RULES = load_rules()
TODAY = date(2026, 11, 25)
REPORTS = yaml.safe_load((DATA / "plain_reports.yaml").read_text(encoding="utf-8"))
FLAGS = ("breast", "--grade", "3", "--nodes-positive", "2", "--nodes-examined", "12")
VERY_HIGH = (*FLAGS, "--nodes-positive", "12", "--tumour-size-mm", "40", "--er", "negative")


@cache
def answer_to(cancer: str, case: str) -> Assessment:
    """Return the answer to a case, written as JSON."""
    return assess_facts(read_case(json.loads(case), RULES.get(cancer)), TODAY)


def made(cancer: str, reading: Reading | None = None, declared: tuple[str, ...] = (), **case: Any) -> Any:
    """Return the resource of the answer to a case, held against the schema."""
    answer = answer_to(cancer, json.dumps(case, sort_keys=True))
    found = risk_assessment(answer, report_words(RULES.get(cancer)), TODAY, reading, declared)
    assert [error.message for error in SCHEMA.iter_errors(found)] == []
    return found


def notes(resource: Any) -> str:
    """Return the notes of a resource as one text."""
    return "\n".join(note["text"] for note in resource["note"])


def examples(cancer: str) -> list[dict[str, Any]]:
    """Return the cases that the table itself gives, those with an answer."""
    return [example["case"] for example in RULES.get(cancer).table["examples"] if not example["out_of_scope"]]


# ---- valid, for every table


def test_the_schema_refuses_what_is_no_risk_assessment() -> None:
    good = made("other_solid")
    for wrong in ({"status": 7}, {"subject": {"x": 1}}, {"mitigation": ""}, {"prediction": {}}, {"x": 1}):
        assert list(SCHEMA.iter_errors({**good, **wrong})), wrong
    assert list(SCHEMA.iter_errors({key: value for key, value in good.items() if key != "subject"}))


@pytest.mark.parametrize("cancer", RULES.names)
def test_every_example_of_a_table_gives_a_valid_resource(cancer: str) -> None:
    for case in [*examples(cancer), *REPORTS[cancer]]:
        resource = made(cancer, **case)
        answer = answer_to(cancer, json.dumps(case, sort_keys=True))
        (prediction,) = resource["prediction"]
        level = answer.likelihood.level
        assert ("qualitativeRisk" in prediction) == (level is not None)
        if level is not None:
            assert prediction["qualitativeRisk"]["coding"][0]["code"] == level


@pytest.mark.parametrize("cancer", RULES.names)
def test_a_case_that_states_nothing_gives_a_valid_resource(cancer: str) -> None:
    resource = made(cancer)
    assert resource["subject"] == {"display": "not stated"}
    assert "basis" not in resource
    assert resource["condition"] == {"display": RULES.get(cancer).table["title"]}


@pytest.mark.parametrize("cancer", RULES.names)
def test_the_band_is_that_of_the_levels_of_the_table(cancer: str) -> None:
    edges = {item["id"]: (item["from"], item["below"]) for item in RULES.get(cancer).common["levels"]}
    for case in [{}, *examples(cancer)]:
        answer = answer_to(cancer, json.dumps(case, sort_keys=True))
        band = made(cancer, **case)["prediction"][0]["probabilityRange"]
        levels = answer.likelihood.levels
        assert (band["low"]["value"], band["high"]["value"]) == (edges[levels[0]][0], edges[levels[-1]][1])
        assert {band[end]["code"] for end in band} == {"%"}  # FHIR asks for percent in UCUM
        when = made(cancer, **case)["prediction"][0]["whenRange"]
        assert (when["low"]["value"], when["high"]["value"]) == (0, answer.likelihood.horizon_years)
        assert {(when[end]["code"], when[end]["unit"]) for end in when} == {
            ("a", "years after the operation")
        }


def test_a_typed_library_reads_the_same_resource() -> None:
    from fhir.resources.R4B.riskassessment import RiskAssessment

    for cancer in RULES.names:
        resource = made(cancer, **{**examples(cancer)[0], "ref": "Patientin Müller 7"})
        read = RiskAssessment.model_validate(resource)
        assert read.status == "final"
        assert read.prediction[0].probabilityRange.high.value <= 100
        assert read.subject.identifier.value == "Patientin Müller 7"
        assert json.loads(read.model_dump_json())["method"] == resource["method"]


# ---- what it says


def test_a_level_is_said_by_its_own_code_and_as_others_call_it() -> None:
    met = {}
    for case in examples("breast"):
        level = made("breast", **case)["prediction"][0].get("qualitativeRisk")
        if level:
            codes = [coding["code"] for coding in level["coding"]]
            met[codes[0]] = (codes[1:], level["text"])
    assert met == {
        "low": (["low", "723505004"], "low: under 10 in 100"),
        "intermediate": (["moderate", "C102402"], "intermediate: 10 to under 30 in 100"),
        "high": (["high", "723509005"], "high: 30 to under 50 in 100"),
        "very_high": (["high", "260360000"], "very high: 50 or more in 100"),
    }


def test_only_very_high_needs_a_word_on_the_wider_code() -> None:
    said = {}
    for case in examples("breast"):
        resource = made("breast", **case)
        level = resource["prediction"][0].get("qualitativeRisk", {"coding": [{"code": None}]})
        said.setdefault(level["coding"][0]["code"], set()).add("nothing between high and" in notes(resource))
    assert {level: said[level] for level in LEVELS} == {level: {level == "very_high"} for level in LEVELS}


def test_several_levels_are_one_prediction_without_a_single_risk() -> None:
    resource = made("breast", grade=3, nodes_positive=2)
    (prediction,) = resource["prediction"]
    assert "qualitativeRisk" not in prediction
    assert (
        prediction["probabilityRange"]["low"]["value"],
        prediction["probabilityRange"]["high"]["value"],
    ) == (
        10,
        100,
    )
    assert "(intermediate or high or very high)" in notes(resource)
    assert prediction["rationale"].count("; or ") + 1 == len(
        answer_to("breast", json.dumps({"grade": 3, "nodes_positive": 2})).reasons
    )


def test_the_method_names_the_table_its_edition_and_the_digest_of_the_rules() -> None:
    table = RULES.get("colon")
    method = made("colon")["method"]
    assert (method["coding"][0]["code"], method["coding"][0]["version"]) == ("colon", table.table["edition"])
    assert method["coding"][1]["code"] == table.digest
    assert f"table colon, edition {table.table['edition']}, draft, sha256 {table.digest}" in method["text"]


def test_notes_say_what_is_unknown_assumed_and_warned_of_and_that_nobody_can_know() -> None:
    resource = made("breast", grade=3, nodes_positive=2, margins="positive")
    said = notes(resource)
    for text in (
        "Draft: this table has not been reviewed by a clinician",
        "What is taken as so: no known distant spread",
        "sex female: about 1 in 100",
        "Warnings: Cancer reaches the cut edge",
        "to settle the level, find out one of: tumour size or T category",
        "Treatment lowers this",
        "No one can know for certain",
        "counted from the operation; they are no age",
    ):
        assert text in said, text


def test_options_are_to_discuss_and_no_plan() -> None:
    text = made("breast", grade=3, nodes_positive=2)["mitigation"]
    assert text.startswith("Options to discuss, by published criteria alone; not considered: age")
    assert (
        "May match, depending on what is not known: Tamoxifen (5 years, or up to 10) [depends on ER, PR]"
        in text
    )
    assert text.endswith("This is no plan of treatment.")
    case = next(case for case in examples("other_solid"))
    assert "no plan of treatment" in made("other_solid", **case)["mitigation"]


@pytest.mark.parametrize("cancer", RULES.names)
def test_nothing_is_recommended_nor_told_of_one_person(cancer: str) -> None:
    own = {**made(cancer, **examples(cancer)[0])}
    text = json.dumps([own["mitigation"], own["note"], own["prediction"]])
    assert not re.search(r"\brecommended\b|\bshould\b|survival chance|cure rate|\byou have\b", text)


def test_the_same_case_on_the_same_day_gives_the_same_bytes() -> None:
    case = {"grade": 3, "nodes_positive": 2, "ref": "x"}
    assert json.dumps(made("breast", **case)) == json.dumps(made("breast", **case))


def test_what_was_assumed_for_a_cohort_is_noted() -> None:
    assert "Assumed for the whole cohort, not stated: her2=negative" in notes(
        made("breast", None, ("her2=negative",), grade=3)
    )


# ---- what it refers to

READING = Reading(
    "FHIR R4",
    (
        Found("cancer", "breast", "Condition/c: code", "Condition/c"),
        Found("grade", 3, "Observation/g: valueInteger", "Observation/g"),
        Found("nodes_positive", 2, "Observation/n: valueQuantity", "Observation/n"),
        Found("nodes_examined", 12, "Observation/n: component", "Observation/n"),
        Found("er", "positive", "contained", "#er"),
    ),
    ("the [pathological](javascript:x) stage was read, not the clinical one",),
    context={"subject": "Patient/p", "condition": "Condition/c"},
)


def test_a_case_read_from_fhir_refers_to_what_was_read() -> None:
    resource = made(
        "breast", READING, grade=3, nodes_positive=2, nodes_examined=12, er="positive", pr="negative"
    )
    assert resource["subject"] == {"reference": "Patient/p"}
    assert resource["condition"] == {"reference": "Condition/c", "display": "Invasive breast cancer"}
    assert resource["basis"] == [
        {"reference": "Observation/g", "display": "grade 3"},
        {"reference": "Observation/n", "display": "positive nodes 2; nodes examined 12"},
        {"display": "ER positive"},
        {"display": "PR negative"},
    ]
    assert r"How the case was read: the \[pathological\](javascript:x) stage" in notes(resource)


def test_an_address_that_holds_in_a_bundle_only_gives_way_to_the_patient_s_own_id() -> None:
    context = {"subject": "urn:uuid:1"}
    own = Found("ref", "p 7", "Patient/p 7"), Found("ref", "a.json", "the place in what was read: a.json")
    wanted = {"reference": "Patient/p 7"}, {"reference": "urn:uuid:1"}
    for found, subject in zip(own, wanted, strict=True):
        assert made("breast", Reading("FHIR R4", (found,), context=context))["subject"] == subject


@pytest.mark.parametrize(
    ("ref", "value"),
    [
        ("Müller/Ærø 7 患者", "Müller/Ærø 7 患者"),
        (" 0012 ", "0012"),
        (12, "12"),
        ({"mrn": [1]}, '{"mrn": [1]}'),
        ('"}],<script>alert(1)</script>&\x1b[31m\u2028\ud800x', '"}],<script>alert(1)</script>& [31m  x'),
    ],
)
def test_the_caller_s_own_reference_is_carried_through_as_data(ref: Any, value: str) -> None:
    resource = made("breast", grade=3, ref=ref)
    assert resource["subject"] == {"identifier": {"value": value}}
    json.dumps(resource, ensure_ascii=False).encode()
    div = ElementTree.fromstring(resource["text"]["div"])
    assert {element.tag.rpartition("}")[2] for element in div.iter()} == {"div", "p", "br"}


@pytest.mark.parametrize("ref", ["", "  ", "\x00", "\x1b \u2028"])
def test_a_reference_that_holds_nothing_is_not_stated(ref: str) -> None:
    assert made("breast", grade=3, ref=ref)["subject"] == {"display": "not stated"}


@given(st.text(max_size=40))
def test_any_text_as_reference_gives_a_valid_resource(ref: str) -> None:
    resource = made("other_solid", ref=ref)
    ElementTree.fromstring(resource["text"]["div"])
    assert json.loads(json.dumps(resource)) == resource


def test_a_reference_that_is_too_long_for_fhir_is_refused() -> None:
    with pytest.raises(
        CaseError, match="ref: a reference in FHIR holds up to 1,048,576 characters; shorten it"
    ):
        made("other_solid", ref="x" * (LONGEST + 1))


# ---- as a user


def test_the_file_stands_beside_the_answer(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "réponse.json"
    told = run("assess", *FLAGS, "--fhir-out", file)
    assert told.code == 0
    assert told.out.startswith("Invasive breast cancer")
    assert f"FHIR RiskAssessment written to {file}." in told.err
    found = json.loads(file.read_text(encoding="utf-8"))
    assert list(SCHEMA.iter_errors(found)) == []
    assert found["occurrenceDateTime"] == date.today().isoformat()
    assert run("assess", *FLAGS, "--json", "--fhir-out", file).json["cancer"] == "breast"


def test_a_bundle_in_gives_a_resource_that_refers_to_it_but_for_what_was_stated_otherwise(
    tmp_path: Path, run: Run
) -> None:
    one = next(one for one in map(person, range(60)) if one.record and {"grade", "er"} <= one.record.keys())
    assert one.record
    file, out = tmp_path / "in.json", tmp_path / "out.json"
    file.write_text(json.dumps(bundle(one.resources)), encoding="utf-8")
    other = "1" if one.record["grade"] != 1 else "2"
    told = run("assess", "--fhir", file, "--grade", other, "--fhir-out", out)
    assert told.code == 0, told.err
    found = json.loads(out.read_text(encoding="utf-8"))
    assert list(SCHEMA.iter_errors(found)) == []
    assert found["subject"] == {"reference": f"Patient/{one.ref}"}
    assert found["condition"]["reference"] == f"Condition/{one.ref}-c"
    assert {"display": f"grade {other}"} in found["basis"]
    assert f"Observation/{one.ref}-er" in [item.get("reference") for item in found["basis"]]
    assert f"what was read ({one.record['grade']}) was not used" in notes(found)


@pytest.mark.parametrize(
    ("flags", "code", "message"),
    [
        (("--metastasis", "present"), 2, ""),
        (("--grade", "9"), 2, "grade"),
    ],
)
def test_without_an_answer_nothing_is_written(
    flags: tuple[str, ...], code: int, message: str, tmp_path: Path, run: Run
) -> None:
    told = run("assess", "breast", *flags, "--fhir-out", tmp_path / "x.json")
    assert (told.code, told.out) == (code, "")
    assert message in told.err
    assert not list(tmp_path.iterdir())


def test_standard_output_holds_the_answer_already(run: Run) -> None:
    told = run("assess", *FLAGS, "--fhir-out", "-")
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        "--fhir-out - cannot be done, since standard output holds the answer; give the name of a file\n"
    )


def test_a_file_that_cannot_be_written_is_one_sentence_before_any_answer(tmp_path: Path, run: Run) -> None:
    told = run("assess", *FLAGS, "--fhir-out", tmp_path)
    assert (told.code, told.out) == (2, "")
    assert told.err.endswith("cannot be written (it is a directory)\n")


def test_a_local_table_is_named(tmp_path: Path, run: Run) -> None:
    packaged(tmp_path / "rules", "breast")
    told = run(
        "--rules", tmp_path / "rules", "assess", *FLAGS, "--unchecked", "--fhir-out", tmp_path / "x.json"
    )
    assert told.code == 0
    found = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    assert found["method"]["text"].startswith("Local table")
    assert "Local table" in notes(found)


# ---- the codes


def test_every_own_code_system_is_a_name_of_its_own() -> None:
    codes = fhir_out_codes()
    own = [codes.tables, codes.digests, codes.own_levels, codes.assessment.system]
    assert len({*own}) == len(own)
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", uri) for uri in own)


def test_codes_that_leave_out_a_level_are_refused(tmp_path: Path) -> None:
    text = (RULES.file("breast").parent / "fhir_out.yaml").read_text(encoding="utf-8")
    place = tmp_path / "fhir_out.yaml"
    place.write_text(re.sub(r"(?ms)^  high:\n.*?(?=^  very_high:)", "", text, count=1), encoding="utf-8")
    with pytest.raises(RuleFileError, match=r"levels\.high is missing"):
        read_model(place, FhirOut)


# ---- cohorts

COHORT = "cancer,grade,nodes_positive,ref\nbreast,3,2,Müller\ncolon,9,,wrong\nkidney,,,K\nbreast,,,out\n"


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """Return a cohort of two rows with an answer, one that is wrong and one that is out of scope."""
    file = tmp_path / "cohort.csv"
    rows = [line + ("," if n else ",metastasis") for n, line in enumerate(COHORT.splitlines())]
    rows[-1] += "present"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


def test_a_cohort_has_a_line_for_every_row_with_an_answer(cohort: Path, tmp_path: Path, run: Run) -> None:
    told = run(
        *("cohort", "assess", cohort, tmp_path / "a.csv", "--fhir-out", tmp_path / "a.ndjson"),
        *("--assume", "sex=female"),
    )
    assert told.code == 4
    assert f"FHIR RiskAssessments of 2 rows written to {tmp_path / 'a.ndjson'}." in told.err
    found = [json.loads(line) for line in (tmp_path / "a.ndjson").read_text(encoding="utf-8").splitlines()]
    assert [error.message for one in found for error in SCHEMA.iter_errors(one)] == []
    assert [one["subject"]["identifier"]["value"] for one in found] == ["Müller", "K"]
    assert "Assumed for the whole cohort, not stated: sex=female" in notes(found[0])


def test_resources_are_not_written_over_anything(cohort: Path, tmp_path: Path, run: Run) -> None:
    before = cohort.read_bytes()
    for name, other, message in (
        ("a.csv", "a.csv", "--output and --fhir-out are one file"),
        ("a.csv", "cohort.csv", "cohort.csv is a file that is read"),
        ("a.csv", "-", "--fhir-out - cannot be done"),
    ):
        place = other if other == "-" else tmp_path / other
        told = run("cohort", "assess", cohort, tmp_path / name, "--fhir-out", place)
        assert (told.code, told.out) == (2, "")
        assert message in told.err
    assert cohort.read_bytes() == before
    told = run("cohort", "assess", "-", tmp_path / "a.csv", "--fhir-out", tmp_path / "a.ndjson")
    assert told.err == "--fhir-out reads the cohort again; give a file instead of -\n"


def test_where_the_answers_go_may_be_said_in_two_ways(cohort: Path, tmp_path: Path, run: Run) -> None:
    assert run("cohort", "assess", cohort, tmp_path / "a.csv").code == 4
    assert run("cohort", "assess", cohort, "-o", tmp_path / "b.csv").code == 4
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert run("cohort", "assess", cohort).err.startswith("where the answers go is not said; give OUT")
    told = run("cohort", "assess", cohort, tmp_path / "c.csv", "-o", tmp_path / "b.csv")
    assert told.err == "the answers are to go to two places; give OUT or -o OUT, not both\n"
