"""A cohort of FHIR patients: every patient one row, answered as their case is, whatever the files are."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import Run, Told
from fhir_side import LOINC, SNOMED, Person, bundle, coded, person, write_bundles, write_export, write_lines

from riskcli.case import case_reader
from riskcli.cohort import fhir, readings
from riskcli.cohort.columns import Naming
from riskcli.cohort.fhir import fields_read, open_fhir
from riskcli.cohort.reading import Cohort
from riskcli.cohort.rows import OUTPUTS, Rowwise
from riskcli.compiled import LEVELS
from riskcli.interop.fhir_codes import fhir_codes
from riskcli.loader import load_rules

RULES = load_rules()
PEOPLE = [person(number) for number in range(60)]
ALL = range(len(PEOPLE))


def people(numbers: Any = ALL) -> Iterator[Person]:
    """Give patients."""
    return (PEOPLE[number] for number in numbers)


def written(form: str, place: Path, numbers: Any = ALL) -> Path:
    """Write patients in a form; return what is to be read."""
    place.mkdir()
    if form == "directory":
        write_bundles(place, people(numbers))
        return place
    if form == "export":
        write_export(place, people(numbers))
        return place
    file = place / "people.ndjson"
    if form == "mixed":
        resources = [one for each in people(numbers) for one in each.resources]
        file.write_text("".join(f"{json.dumps(one)}\n" for one in resources), encoding="utf-8")
        return file
    write_lines(file, people(numbers))
    packed = place / "people.ndjson.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    return packed


FORMS = ("directory", "lines", "export", "mixed")
Assess = Callable[..., tuple[Told, pl.DataFrame]]


@pytest.fixture
def assess(tmp_path: Path, run: Run) -> Assess:
    """Assess a cohort and return what was told, and the rows."""

    def assessed(path: Path, *flags: str | Path) -> tuple[Told, pl.DataFrame]:
        out = tmp_path / "answers.csv"
        told = run("cohort", "assess", "--fhir", path, out, *flags)
        return told, pl.read_csv(out, infer_schema=False) if out.exists() else pl.DataFrame()

    return assessed


@pytest.mark.parametrize("form", FORMS)
def test_every_patient_has_one_row_with_the_answer_to_their_case(
    form: str, tmp_path: Path, assess: Assess
) -> None:
    told, rows = assess(written(form, tmp_path / form))
    assert told.code == 4
    assert rows["ref"].to_list() == [one.ref for one in PEOPLE]
    rowwise = Rowwise(RULES)
    for row, one in zip(rows.to_dicts(), PEOPLE, strict=True):
        if one.record is None:
            assert row["error"], row
            continue
        used = case_reader(RULES.get(one.record["cancer"])).used  # the reading leaves out what is not used
        case = {name: value for name, value in one.record.items() if name == "cancer" or name in used}
        expected = rowwise.answer(case)
        assert {name: row[name] for name in OUTPUTS} == {
            name: None if value is None else str(value) for name, value in expected._asdict().items()
        }


def test_patients_are_refused_or_out_of_scope_for_their_reason(tmp_path: Path, assess: Assess) -> None:
    told, rows = assess(written("export", tmp_path / "x"))
    for number, row in enumerate(rows.to_dicts()):
        if number % 13 == 5:
            assert "several cancers are named" in row["error"]
        elif number % 17 == 3:
            assert "no condition is a cancer that is known" in row["error"]
        elif number % 11 == 7:
            assert row["out_of_scope"]
        else:
            assert row["likelihood_lowest"]
    assert "wrong" in told.err


def test_one_of_several_cancers_may_be_asked_for(tmp_path: Path, assess: Assess) -> None:
    _, rows = assess(written("lines", tmp_path / "x", [5, 18]), "--cancer", "colon")
    assert rows["table"].to_list() == ["colon", "colon"]
    assert rows["error"].to_list() == [None, None]


def test_what_is_printed_names_no_patient_no_file_and_no_resource(tmp_path: Path, assess: Assess) -> None:
    place = written("directory", tmp_path / "x", range(20))
    (place / "Eva-Muster.json").write_text("{", encoding="utf-8")
    (place / "Max-Muster.json").touch()
    (place / "Ida-Muster.json").write_text(json.dumps(bundle(PEOPLE[5].resources[:1])), encoding="utf-8")
    told, rows = assess(place)
    assert rows.height == 23
    assert "Eva-Muster.json" in rows["ref"].to_list()
    for text in ("Muster", "p0000", "Condition/", "Patient/"):
        assert text not in told.err
    assert "several cancers are named: (…)" in told.err
    assert "the bundle is empty" in told.err


def test_where_each_value_stood_can_be_seen(tmp_path: Path, assess: Assess, run: Run) -> None:
    place = written("lines", tmp_path / "x", [0, 1])
    _, rows = assess(place, "--show-sources")
    assert "nodes_positive: LOINC 21893-3" in rows["reading_sources"][0]
    _, rows = assess(place)
    assert "reading_sources" not in rows.columns
    run("cohort", "assess", "--fhir", place, tmp_path / "full.jsonl", "--full")
    whole = [json.loads(line) for line in (tmp_path / "full.jsonl").read_text(encoding="utf-8").splitlines()]
    values = {value["field"]: value for value in whole[0]["reading"]["values"]}
    assert values["nodes_positive"]["reference"] == "Observation/p000000-nodes-positive"
    assert whole[0]["reading"]["standard"] == "FHIR R4"


def test_the_answers_go_back_as_resources_that_refer_to_what_was_read(tmp_path: Path, assess: Assess) -> None:
    told, _ = assess(written("export", tmp_path / "x"), "--fhir-out", tmp_path / "back.ndjson")
    found = [json.loads(line) for line in (tmp_path / "back.ndjson").read_text(encoding="utf-8").splitlines()]
    cases = [one for one in PEOPLE if one.record and "metastasis" not in one.record]
    assert f"FHIR RiskAssessments of {len(cases)} rows written" in told.err
    for one, resource in zip(cases, found, strict=True):
        ids = {f"{item['resourceType']}/{item['id']}" for item in one.resources}
        assert resource["subject"]["reference"] == f"Patient/{one.ref}"
        assert resource["condition"]["reference"] == f"Condition/{one.ref}-c"
        used = {item["reference"] for item in resource["basis"] if "reference" in item}
        assert used <= ids
        assert {item for item in used if item.startswith("Observation/")}


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_left_behind(
    form: str, tmp_path: Path, assess: Assess, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = written(form, tmp_path / "x")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for name in ("TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(temporary))
    before = {file.name for file in tmp_path.rglob("*")}
    assess(place)
    assert {file.name for file in tmp_path.rglob("*")} - before == {"answers.csv"}


def test_gaps_and_pages_read_the_same_patients(tmp_path: Path, assess: Assess, run: Run) -> None:
    place = written("export", tmp_path / "x", range(6))
    told = run("cohort", "gaps", "--fhir", place)
    assert told.code in (0, 4)
    assert "rows" in told.out
    assess(place, "--reports", tmp_path / "pages")
    assert len(list((tmp_path / "pages").iterdir())) == 6


EXAMPLES = Path(__file__).parent / "data" / "fhir"


@pytest.mark.parametrize("flags", [(), ("--show-sources",)])
@pytest.mark.parametrize("form", ["txt", "md", "html"])
def test_a_page_is_the_report_on_the_patient_alone(
    form: str, flags: tuple[str, ...], tmp_path: Path, assess: Assess, run: Run
) -> None:
    place, pages, alone = tmp_path / "in", tmp_path / "pages", tmp_path / f"alone.{form}"
    place.mkdir()
    bundle_file = place / "one.json"
    bundle_file.write_bytes((EXAMPLES / "breast_specimens.json").read_bytes())
    assess(place, "--reports", pages, "--reports-as", form, *flags)
    told = run("assess", "--fhir", bundle_file, *flags, *(() if form == "txt" else ("--report", alone)))
    [page] = pages.iterdir()
    text = page.read_text(encoding="utf-8")
    assert text == (told.out if form == "txt" else alone.read_text(encoding="utf-8"))
    assert "13, from LOINC 21894-1: 2" in " ".join(
        text.split()
    )  # both operations' nodes, and where they stood


@pytest.mark.parametrize("form", ["txt", "md", "html"])
def test_a_page_without_an_answer_says_what_was_read_all_the_same(
    form: str, tmp_path: Path, assess: Assess
) -> None:
    place = tmp_path / "in"
    place.mkdir()
    for name in ("breast_simulated", "published_lung"):
        (place / f"{name}.json").write_bytes((EXAMPLES / f"{name}.json").read_bytes())
    assess(place, "--reports", tmp_path / "pages", "--reports-as", form)
    simulated, published = sorted((tmp_path / "pages").iterdir(), key=lambda page: "john" in page.name)
    text = " ".join(simulated.read_text(encoding="utf-8").split())
    assert "is not a whole number; use a whole number from 0 to 90 (read from LOINC 85343-2" in text
    assert "was before the operation, not from its specimen, and was not read" in text
    assert "(read from Secondary malignant neoplasm of brain" in published.read_text(encoding="utf-8")


def test_few_answers_are_remembered_and_none_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = written("export", tmp_path / "x")

    def answers() -> tuple[pl.DataFrame, int]:
        cohort = Cohort(open_fhir(str(place), RULES), Rowwise(RULES), Naming())
        most, parts = 0, []
        for batch, numbers in cohort.batches():
            parts.append(cohort.assessor.columns_of(numbers).cast(pl.String))
            most = max(most, len(cohort.assessor.answers.rows))
            assert batch.height == len(numbers)
        return pl.concat(parts), most

    whole, all_remembered = answers()
    monkeypatch.setattr(readings, "FEW", 7)
    monkeypatch.setattr(fhir, "REMEMBERED", 8)
    parts, remembered = answers()
    assert parts.equals(whole)
    assert remembered <= 8 + 7 < all_remembered


# ---- lines of a bulk export that cannot be read

LOST = "1 line could not be read, and nobody knows whose it is (the last row names it)."


def broken(place: Path, file: str, holds: str) -> int:
    """Cut the first line of an export's file that holds a text, and return its number."""
    whole = (place / file).read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(whole) if holds in line)
    whole[number] = whole[number][:-20]
    (place / file).write_text("".join(f"{line}\n" for line in whole), encoding="utf-8")
    return number + 1


def test_a_line_of_an_export_that_cannot_be_read_is_a_row_and_every_patient_is_answered(
    tmp_path: Path, assess: Assess
) -> None:
    place = written("export", tmp_path / "x")
    _, before = assess(place)
    stands = next(one for one in PEOPLE if one.record and "nodes_positive" in one.record).ref
    number = broken(place, "Observation.ndjson", f"{stands}-nodes-positive")
    told, rows = assess(place)
    assert told.code == 4
    assert told.err.count(LOST) == 1
    assert f"wrong {before['error'].is_not_null().sum() + 1}" in told.err
    assert "Observation.ndjson" not in told.err
    last = rows.row(-1, named=True)
    assert last["ref"] == f"Observation.ndjson, line {number}"
    assert last["error"].startswith("the line is not JSON")
    patients = rows.head(-1)
    assert all("on such a line" in notes for notes in patients["reading_notes"])
    own = patients["ref"] == stands
    assert patients.filter(own)["nodes_positive"].to_list() == [None]
    assert (
        patients.filter(~own)
        .drop("reading_notes")
        .equals(before.filter(before["ref"] != stands).drop("reading_notes"))
    )


def test_that_lost_spread_is_taken_as_absent_is_said_wherever_the_answer_goes(
    tmp_path: Path, assess: Assess, run: Run
) -> None:
    place = written("export", tmp_path / "x", [7])
    _, rows = assess(place)
    assert rows["out_of_scope"][0]
    broken(place, "Condition.ndjson", '"far"')
    told, rows = assess(place, "--fhir-out", tmp_path / "back.ndjson")
    assert rows["out_of_scope"].to_list() == [None, None]
    said = "distant spread, a recurrence or treatment before surgery"
    for text in (told.err, rows["reading_notes"][0], (tmp_path / "back.ndjson").read_text(encoding="utf-8")):
        assert f"{said} " in text
        assert "taken as absent" in text
    told = run("cohort", "gaps", "--fhir", place)
    assert LOST in told.err
    assert "1 row could not be assessed" in told.out


def test_rows_for_lines_that_cannot_be_read_are_wrong_rows(tmp_path: Path, assess: Assess) -> None:
    place = written("export", tmp_path / "x", [0])
    broken(place, "Procedure.ndjson", "{")
    told, rows = assess(place, "--strict")
    assert (told.code, rows.height) == (2, 0)


@pytest.mark.parametrize("wrong", [[], ["{"]])
def test_the_order_of_an_export_s_files_changes_no_answer(
    wrong: list[str], tmp_path: Path, assess: Assess
) -> None:
    place = written("export", tmp_path / "x", range(20))
    with (place / "Procedure.ndjson").open("a", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in wrong)
    _, before = assess(place)
    for number, name in enumerate(sorted(file.name for file in place.iterdir())):
        data = (place / name).read_bytes()
        (place / name).unlink()
        (place / f"{9 - number}.ndjson.gz").write_bytes(gzip.compress(data))
    _, after = assess(place)
    assert after.height == 20 + len(wrong)
    assert after.head(20).equals(before.head(20))
    assert after["error"].equals(before["error"])


# ---- what became of the patients


def test_what_became_of_patients_is_not_read_from_fhir_and_where_it_goes_is_said(run: Run) -> None:
    flags = ("--time", "months", "--time-unit", "months", "--event", "relapse")
    told = run("cohort", "validate", "--fhir", "not-even-looked-at", *flags)
    assert (told.code, told.out, len(told.problems)) == (2, "", 1)
    assert "what became of patients is not read from FHIR" in told.err
    assert "riskcli cohort assess --fhir IN answers.csv" in told.err


def test_answers_with_outcomes_beside_them_are_held_against_those(
    tmp_path: Path, assess: Assess, run: Run
) -> None:
    place = written("export", tmp_path / "x")
    clinical = [  # a stage from before an operation, and no operation: no case, though its fields are known
        {"resourceType": "Patient", "id": "q"},
        {**PEOPLE[0].resources[1], "id": "q-c", "subject": {"reference": "Patient/q"}},
        *(
            {
                "resourceType": "Observation",
                "id": f"q-{code}",
                "status": "final",
                "subject": {"reference": "Patient/q"},
                "code": coded(LOINC, code),
                "valueCodeableConcept": coded(SNOMED, value),
            }
            for code, value in (("21905-5", "67673008"), ("44648-4", "60815008"))
        ),
        {"resourceType": "Patient", "id": "broken"},
    ]
    with (place / "Other.ndjson").open("w", encoding="utf-8") as out:
        out.writelines(f"{json.dumps(one)}\n" for one in clinical)
        out.write("{\n")
    _, rows = assess(place)
    refused = rows.filter(rows["error"].is_not_null())
    assert refused.filter(refused["ref"] == "q")["cancer"].to_list() == [PEOPLE[0].record["cancer"]]  # type: ignore[index]
    followed = rows.with_columns(months=pl.lit("24"), relapse=pl.lit("0"))
    followed.write_csv(tmp_path / "followed.csv")
    flags = ("--time", "months", "--time-unit", "months", "--event", "relapse", "--min-cell", "1", "--json")
    told = run("cohort", "validate", tmp_path / "followed.csv", "--where", "error=", *flags)
    assert told.code == 0, told.err
    assert told.json["rows"]["not_chosen"] == refused.height
    for cancer in told.json["cancers"]:
        own = rows.filter((rows["table"] == cancer["cancer"]) & rows["likelihood_lowest"].is_not_null())
        assert cancer["patients"] == own.height
        levels = {level["level"]: level["patients"] for level in cancer["levels"]}
        single = own["likelihood"].drop_nulls().to_list()
        assert {level: single.count(level) for level in LEVELS} == {level: levels[level] for level in LEVELS}
    told = run("cohort", "gaps", tmp_path / "followed.csv")
    assert told.code == 0, told.err


def test_resources_without_a_patient_are_told_of(tmp_path: Path, assess: Assess) -> None:
    file = written("mixed", tmp_path / "x", [0])
    stray = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    with file.open("a", encoding="utf-8") as out:
        out.write(f"{json.dumps(stray)}\n")
    told, _ = assess(file)
    assert "1 resource named no patient, and could not be used." in told.err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--format", "csv"), "--format: for tables only"),
        (("--map", "a=b", "--sheet", "x"), "--sheet and --map: for tables only"),
        (("--engine", "spark"), "--engine spark writes the columns of answers from files to files"),
    ],
)
def test_flags_for_tables_are_refused(
    flags: tuple[str, ...], message: str, tmp_path: Path, assess: Assess
) -> None:
    told, rows = assess(written("lines", tmp_path / "x", [0]), *flags)
    assert (told.code, told.out, rows.height) == (2, "", 0)
    assert told.err.startswith(message)


def test_sources_are_of_other_systems_only(tmp_path: Path, run: Run) -> None:
    (tmp_path / "a.csv").write_text("cancer\nbreast\n", encoding="utf-8")
    told = run("cohort", "assess", tmp_path / "a.csv", tmp_path / "b.csv", "--show-sources")
    assert (told.code, told.err[:14]) == (2, "--show-sources")


def test_nothing_is_written_into_the_directory_that_is_read(tmp_path: Path, run: Run) -> None:
    place = written("directory", tmp_path / "x", [0])
    for flags in (
        ("--fhir", place, place / "a.csv"),
        ("--fhir", place, "-", "--fhir-out", place / "a.ndjson"),
    ):
        told = run("cohort", "assess", *flags)
        assert (told.code, told.out) == (2, "")
        assert told.err.endswith("lies in the directory that is read; give a place outside of it\n")
    assert [file.name for file in place.iterdir()] == ["p000000.json"]


def test_what_is_no_fhir_is_one_sentence(tmp_path: Path, run: Run) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.csv").write_text("cancer\nbreast\n", encoding="utf-8")
    for name, message in (
        ("empty", "holds no FHIR"),
        ("none.ndjson", "does not exist"),
        ("a.csv", "is not JSON"),
    ):
        told = run("cohort", "assess", "--fhir", tmp_path / name, tmp_path / "out.csv")
        assert (told.code, told.out, len(told.problems)) == (2, "", 1), told.err
        assert message in told.err
    assert not (tmp_path / "out.csv").exists()


def test_standard_input_is_read_as_lines(tmp_path: Path, shell: Run) -> None:
    text = "".join(f"{json.dumps(bundle(one.resources))}\n" for one in people([0, 1]))
    told = shell("cohort", "assess", "--fhir", "-", "-", stdin=text.encode())
    assert told.code == 0
    assert len(told.out.splitlines()) == 3


def test_every_field_that_may_be_read_is_a_column() -> None:
    fields = fields_read(fhir_codes())
    assert len(fields) == len({*fields})
    known = {word for name in RULES.names for word in RULES.get(name).vocabulary["here"]}
    known |= {field for name in RULES.names for field in RULES.get(name).table["fields"]}
    assert {*fields} <= known
    for one in PEOPLE:
        assert {*(one.record or {})} <= {*fields, "ref", "cancer"}
