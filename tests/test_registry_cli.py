"""`riskcli cohort ... --naaccr` and `--cosd` as people run them: files in, answers out, one row a tumour."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import Run, Told

import riskcli
from tests.registry_side import PLACES, SAMPLE, packed, registry_xml

BREAST = {**PLACES["breast"], "behaviorCodeIcdO3": "3"}
PATIENTS = [
    (
        {"patientIdNumber": "1", "sex": "2"},
        [
            {"tumorRecordNumber": "01", **BREAST, "regionalNodesPositive": "12", "gradePathological": "3"},
            {"tumorRecordNumber": "02", **PLACES["colon"], "behaviorCodeIcdO3": "2"},
        ],
    ),
    (
        {"patientIdNumber": "2", "sex": "2"},
        [
            {
                "tumorRecordNumber": "01",
                **BREAST,
                "regionalNodesPositive": "09",
                "regionalNodesExamined": "05",
            },
            {"tumorRecordNumber": "02", **BREAST, "regionalNodesPositive": "97", "her2OverallSummary": "0"},
        ],
    ),
]

Rows = Callable[[], list[dict[str, Any]]]
Assess = Callable[..., Told]


@pytest.fixture
def rows(tmp_path: Path) -> Rows:
    """Read the rows of `out.csv`."""

    def read() -> list[dict[str, Any]]:
        with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture
def assess(run: Run, tmp_path: Path) -> Assess:
    """Answer a registry's file; the answers are in `out.csv`."""

    def assess_file(name: str, text: str, *flags: str | Path, how: str = "--naaccr") -> Told:
        if name.endswith(".gz"):
            packed(tmp_path / name, text)
        else:
            (tmp_path / name).write_text(text, encoding="utf-8")
        return run("cohort", "assess", how, tmp_path / name, tmp_path / "out.csv", *flags)

    return assess_file


# ---- XML


def test_every_tumour_of_the_sample_gets_one_row_in_its_place(run: Run, tmp_path: Path, rows: Rows) -> None:
    told = run("cohort", "assess", "--naaccr", SAMPLE, tmp_path / "out.csv")
    space = "{http://naaccr.org/naaccrxml}"
    items = [
        {item.get("naaccrId"): item.text for item in [*patient.findall(f"{space}Item"), *tumour]}
        for patient in ET.fromstring(gzip.decompress(SAMPLE.read_bytes())).findall(f"{space}Patient")
        for tumour in patient.findall(f"{space}Tumor")
    ]
    found = rows()
    assert [row["ref"] for row in found] == [
        f"{item['patientIdNumber']}-{item['tumorRecordNumber']}" for item in items
    ]
    assert [row["primarySite"] for row in found] == [item["primarySite"] for item in items]
    for row in found:
        assert sum(bool(row[name]) for name in ("likelihood_lowest", "error", "out_of_scope")) == 1
    contradict = [
        row
        for row, item in zip(found, items, strict=True)
        if row["cancer"] == "breast"
        and not row["out_of_scope"]
        and int(item.get("regionalNodesExamined") or 99) < int(item.get("regionalNodesPositive") or 0) <= 90
    ]
    assert contradict
    for row in contradict:  # unless an N category leaves open what fits
        either = "do not fit together" in row["reading_notes"]
        assert either or "is more than nodes_examined" in row["error"]
    assert any(row["error"] for row in contradict)
    assert told.code == 4


def test_what_came_of_each_tumour(assess: Assess, rows: Rows) -> None:
    told = assess("tumours.xml.gz", registry_xml(PATIENTS))
    assert told.code == 4
    assert told.out == ""
    found = rows()
    assert [row["ref"] for row in found] == ["1-01", "1-02", "2-01", "2-02"]
    assert found[0]["likelihood_highest"] == "very_high"
    assert found[0]["sex"] == "female"
    assert "only in situ" in found[1]["out_of_scope"]
    assert found[2]["error"] == "nodes_positive: 9 is more than nodes_examined (5)"
    assert (found[3]["nodes_positive"], found[3]["her2"]) == (">=1", "")
    assert "negative or equivocal" in found[3]["reading_notes"]
    assert "out of scope 1, wrong 1" in told.err


def test_a_value_declared_for_the_cohort_stands_where_the_registry_s_code_says_nothing(
    assess: Assess, rows: Rows
) -> None:
    assess("tumours.xml", registry_xml(PATIENTS), "--assume", "her2=negative")
    assert rows()[3]["assumed"].startswith("her2=negative")


def test_the_answer_is_that_of_the_record_alone(run: Run, tmp_path: Path) -> None:
    packed(tmp_path / "in.xml.gz", registry_xml(PATIENTS))
    assert run(
        "cohort", "assess", "--naaccr", tmp_path / "in.xml.gz", tmp_path / "out.jsonl", "--full"
    ).code in (0, 4)
    answers = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(answers) == 4
    for answer in answers:
        values = {item["field"]: item["value"] for item in answer["reading"]["values"]}
        assert all(item["from"] for item in answer["reading"]["values"])
        if "error" not in answer:
            assert riskcli.assess(values).likelihood.model_dump(mode="json") == answer["likelihood"]
    assert answers[3]["reading"]["values"][-1]["from"] == "item 820 regionalNodesPositive: 97"
    assert answers[1]["error"] == "out_of_scope"


def test_where_each_value_stood_is_a_column_when_asked_for(assess: Assess, rows: Rows) -> None:
    assess("tumours.xml", registry_xml(PATIENTS), "--show-sources")
    assert "nodes_positive: item 820 regionalNodesPositive: 12" in rows()[0]["reading_sources"]


def test_any_item_can_be_carried(assess: Assess, rows: Rows) -> None:
    patients = [({"patientIdNumber": "1"}, [{**BREAST, "race1": "01", "grade": "9"}])]
    assess(
        "tumours.xml", registry_xml(patients), "--pass-through", "race1", "--pass-through", "dateOfDiagnosis"
    )
    assert rows()[0]["race1"] == "01"


def test_pages_and_gaps_are_made_of_the_same_readings(assess: Assess, run: Run, tmp_path: Path) -> None:
    assess("tumours.xml.gz", registry_xml(PATIENTS), "--reports", tmp_path / "pages")
    assert sorted(page.name for page in (tmp_path / "pages").iterdir()) == [
        *("1-01.txt", "1-02.txt", "2-01.txt", "2-02.txt")
    ]
    told = run("cohort", "gaps", "--naaccr", tmp_path / "tumours.xml.gz", "--json")
    counts = json.loads(told.out)
    assert (told.code, str(counts).count("her2") > 0) == (0, True)


def test_levels_of_a_registry_are_held_against_its_follow_up(run: Run, tmp_path: Path) -> None:
    tumours = [
        {
            **BREAST,
            "regionalNodesPositive": f"{n % 20:02}",
            "regionalNodesExamined": "30",
            "gradePathological": "3",
        }
        | {"survMosActiveFollowup": f"{12 + n:04}", "recurrenceType1st": "70" if n % 3 else "00"}
        for n in range(60)
    ]
    packed(tmp_path / "t.xml.gz", registry_xml([({"patientIdNumber": "1"}, tumours)]))
    told = run(
        *("cohort", "validate", "--naaccr", tmp_path / "t.xml.gz", "--time", "survMosActiveFollowup"),
        *("--event", "recurrenceType1st", "--event-value", "70", "--time-unit", "months", "--json"),
    )
    assert told.code == 0, told.err
    assert "breast" in told.out


FOLLOWED = [
    {**BREAST, "survMosActiveFollowup": f"{n:04}", "vitalStatus": str(n % 2), "dateOfLastContact": "20230101"}
    for n in range(12, 40)
]
MONTHS = ("--time-unit", "months")


def test_codes_of_a_registry_are_not_taken_for_yes_and_no(run: Run) -> None:
    flags = ("--time", "a", "--event", "vitalStatus", "--competing", "Vital Status", *MONTHS)
    told = run("cohort", "validate", "--naaccr", "not-even-looked-at.xml", *flags)
    assert (told.code, told.out) == (2, "")
    assert [problem.partition(": the codes of NAACCR")[0] for problem in told.problems] == [
        '--event "vitalStatus"',
        '--competing "Vital Status"',
    ]
    told = run(
        "cohort",
        "validate",
        "--cosd",
        "x.csv",
        "--time",
        "a",
        "--event",
        "Excision Margin Indication Code",
        *MONTHS,
    )
    assert "the codes of COSD are no yes and no" in told.err


@pytest.mark.parametrize(
    ("time", "why"),
    [("dateOfLastContact", "the time is a date"), ("survMos", "the time is missing")],
)
def test_an_item_that_is_no_time_is_named_with_what_it_holds(
    time: str, why: str, run: Run, tmp_path: Path
) -> None:
    packed(tmp_path / "t.xml.gz", registry_xml([({"patientIdNumber": "1"}, FOLLOWED)]))
    flags = ("--time", time, "--event", "vitalStatus", "--event-value", "0", *MONTHS)
    told = run("cohort", "validate", "--naaccr", tmp_path / "t.xml.gz", *flags)
    assert (told.code, told.out) == (2, "")
    assert told.problems[-1].startswith(
        f'column "{time}" holds no time that can be used ({why}); give the column'
    )


def test_a_time_that_a_registry_does_not_know_leaves_its_row_out(run: Run, tmp_path: Path) -> None:
    tumours = [{**FOLLOWED[0], "survMosActiveFollowup": "9999"}, *FOLLOWED[1:]]
    packed(tmp_path / "t.xml.gz", registry_xml([({"patientIdNumber": "1"}, tumours)]))
    flags = ("--time", "survMosActiveFollowup", "--event", "vitalStatus", "--event-value", "0", *MONTHS)
    told = run("cohort", "validate", "--naaccr", tmp_path / "t.xml.gz", *flags, "--json")
    assert told.code == 0, told.err
    assert "Left out, the time is a code of nines, for what is not known: <5 rows, first 1." in told.err
    assert told.json["cancers"][0]["patients"] == 27


# ---- hostile files


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]><NaaccrData/>', "a document type (DOCTYPE)"),
        ("<x>" * 50, "the first element is x"),
        ("<NaaccrData>" + "<x>" * 50, "nested more deeply"),
        ("not xml", "not well-formed"),
    ],
)
def test_a_file_that_is_not_to_be_trusted_gets_one_sentence_and_no_answers(
    assess: Assess, tmp_path: Path, text: str, said: str
) -> None:
    told = assess("tumours.xml.gz", text)
    assert (told.code, told.out, told.err.count("\n")) == (2, "", 1)
    assert said in told.err
    assert [path.name for path in tmp_path.iterdir()] == ["tumours.xml.gz"]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_a_bomb_of_packed_text_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xml.gz"
    with gzip.open(bomb, "wb", compresslevel=1) as file:
        file.write(b'<NaaccrData xmlns="http://naaccr.org/naaccrxml"><Patient><!--')
        for _ in range(600):
            file.write(b" " * 1_000_000)
    code = (
        "import re, sys\n"
        "from riskcli.cli import main\n"
        "code = main(sys.argv[1:])\n"
        "print(code, re.search('VmHWM:\\\\s*([0-9]+)', open('/proc/self/status').read())[1])\n"
    )
    command = [sys.executable, "-c", code, "cohort", "assess", "--naaccr", str(bomb), str(tmp_path / "o.csv")]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    exit_code, kilobytes = map(int, told.stdout.split())
    assert exit_code == 2
    assert kilobytes < 600_000
    assert told.stderr.count("\n") == 1


# ---- columns


COLUMNS = (
    "primarySite,522,Behavior Code ICD-O-3,regionalNodesPositive,item 830,"
    "gradePathological,sex,grade,hospital\n"
    "C50.4,8500,3,1,5,2,2,9,a\n"
    "C187,8140,3,98,0,2,1,9,b\n"
    "C187,8140,2,98,0,2,1,9,c\n"
)


def test_columns_may_be_ids_numbers_or_names(assess: Assess, rows: Rows) -> None:
    told = assess("registry.csv", COLUMNS)
    found = rows()
    assert told.code == 0
    assert [row["cancer"] for row in found] == ["breast", "colon", ""]
    assert [row["nodes_positive"] for row in found] == ["1", "", ""]
    assert [row["hospital"] for row in found] == ["a", "b", "c"]
    assert (found[0]["sex"], found[0]["naaccr_sex"]) == ("female", "2")
    assert (found[0]["grade"], found[0]["naaccr_grade"]) == ("2", "9")
    assert "only in situ" in found[2]["out_of_scope"]


def test_columns_may_have_the_names_of_earlier_editions(assess: Assess, rows: Rows) -> None:
    header = "400,522,523,1632,Grade Post Therapy,AJCC TNM Post Therapy T,AJCC TNM Post Therapy M\n"
    assess("registry.csv", header + "C504,8500,3,1,2,ypT2,\nC504,8500,3,1,2,ypT2,ypM1\n")
    found = rows()
    assert [row["grade"] for row in found] == ["2", "2"]
    assert [row["t_category"] for row in found] == ["ypT2", "ypT2"]
    assert "metastasis" in found[1]["out_of_scope"]


@pytest.mark.parametrize("ending", ["tsv", "parquet", "xlsx"])
def test_columns_are_the_same_in_every_kind_of_table(
    run: Run, tmp_path: Path, assess: Assess, rows: Rows, ending: str
) -> None:
    assess("registry.csv", COLUMNS)
    expected = [{**row, "primarySite": "", "naaccr_sex": ""} for row in rows()]
    frame = pl.read_csv(tmp_path / "registry.csv")
    path = tmp_path / f"registry.{ending}"
    if ending == "tsv":
        frame.write_csv(path, separator="\t")
    elif ending == "parquet":
        frame.write_parquet(path)
    else:
        from riskcli.cohort.sinks import write_frames

        write_frames([frame], str(path), "xlsx")
    assert run("cohort", "assess", "--naaccr", path, tmp_path / "out.csv").code == 0
    assert [{**row, "primarySite": "", "naaccr_sex": ""} for row in rows()] == expected


def test_a_whole_number_held_as_a_fraction_is_read(run: Run, tmp_path: Path, rows: Rows) -> None:
    frame = pl.DataFrame({"cancer": ["breast", "breast"], "regionalNodesPositive": [3.0, None]})
    frame.write_parquet(tmp_path / "r.parquet")
    run("cohort", "assess", "--naaccr", tmp_path / "r.parquet", tmp_path / "out.csv")
    assert [row["nodes_positive"] for row in rows()] == ["3", ""]


def test_a_field_of_our_own_stands_beside_items(assess: Assess, rows: Rows) -> None:
    assess(
        "r.csv",
        "cancer,regionalNodesPositive,grade_of_ours,er\nbreast,2,3,positive\n",
        "--map",
        "grade_of_ours=grade",
    )
    row = rows()[0]
    assert (row["cancer"], row["nodes_positive"], row["table"], row["error"]) == ("breast", "2", "breast", "")
    assert "grade" not in row["unknown_fields"].split(";")


@pytest.mark.parametrize(
    ("name", "text", "flags", "said"),
    [
        (
            "a.csv",
            "cancer,820,regionalNodesPositive\nbreast,1,1\n",
            [],
            'columns "820" and "regionalNodesPositive" are both',
        ),
        ("a.csv", "cancer,grades\nbreast,1\n", [], "no column is an item of NAACCR"),
        ("a.csv", "cancer,grades\nbreast,1\n", [], "such as histologicTypeIcdO3, primarySite, "),
        ("a.csv", "primarySite;820\nC504;1\n", [], 'where it parts columns, give --delimiter ";"'),
        ("a.csv", "primarySite\t820\nC504\t1\n", [], "where it parts columns, give --delimiter tab"),
        ("a.csv", "a;b\n1;2\n", ["--delimiter", "|"], 'where it parts columns, give --delimiter ";"'),
        ("a.csv", COLUMNS, ["--cosd"], "keep one"),
        ("a.xml", "<NaaccrData/>", ["--engine", "spark"], "leave out other flags"),
        ("a.csv", COLUMNS, ["-o", "-"], "two places"),
    ],
)
def test_what_does_not_fit_is_said_in_one_sentence(
    assess: Assess, name: str, text: str, flags: list[str], said: str
) -> None:
    told = assess(name, text, *flags)
    assert told.code == 2
    assert said in told.err
    assert told.err.count("\n") == 1


def test_flags_of_registries_want_a_registry(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("cancer,grade\nbreast,2\n", encoding="utf-8")
    told = run("cohort", "assess", tmp_path / "in.csv", tmp_path / "out.csv", "--show-sources")
    assert (told.code, "use it with --fhir, --naaccr or --cosd" in told.err) == (2, True)
    told = run("cohort", "assess", tmp_path / "in.csv")
    assert told.code == 2
    assert "where the answers go is not said" in told.err
    assert run("cohort", "assess", tmp_path / "in.csv", tmp_path / "out.csv").code == 0


def test_a_local_crosswalk_is_used_in_place_of_the_packaged_one(
    assess: Assess, tmp_path: Path, rows: Rows
) -> None:
    from riskcli.packaged import packaged_directory

    local = tmp_path / "own"
    local.mkdir()
    for name in ("vulva.yaml", "naaccr.yaml"):
        text = (packaged_directory() / name).read_text(encoding="utf-8")
        (local / name).write_text(
            text.replace('"97": {value: ">=1"', '"97": {value: ">=2"'), encoding="utf-8"
        )
    assess("tumours.xml", registry_xml(PATIENTS), "--rules", local, "--unchecked")
    assert rows()[3]["nodes_positive"] == ">=2"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cancer: merkel_cell}", "cancer: merkel_cel}", "merkel_cel is not a cancer with a rule table"),
        ("ref: [patientIdNumber", "ref: [patientNumber", "patientNumber is not one of the items"),
        ('"00-89": "{n}"', '"89-00": "{n}"', "is no range of codes"),
        ("prefix: naaccr", "prefics: naaccr", "is not a key that stands here"),
    ],
)
def test_a_fault_in_a_crosswalk_is_said_with_its_line(
    assess: Assess, tmp_path: Path, old: str, new: str, said: str
) -> None:
    from riskcli.packaged import packaged_directory

    text = (packaged_directory() / "naaccr.yaml").read_text(encoding="utf-8")
    assert old in text
    local = tmp_path / "own"
    local.mkdir()
    shutil.copy(packaged_directory() / "vulva.yaml", local)
    (local / "naaccr.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    told = assess("tumours.xml", registry_xml(PATIENTS), "--rules", local, "--unchecked")
    assert told.code == 3
    assert said in told.err
    assert "naaccr.yaml:" in told.err


# ---- COSD


VESSELS, GRADE = "CANCER VASCULAR OR LYMPHATIC INVASION", "GRADE OF DIFFERENTIATION (PATHOLOGICAL)"
MARGIN, NERVES = "EXCISION MARGIN INDICATION CODE", "PERINEURAL INVASION PRESENCE INDICATION CODE"
NODES, SENTINEL = "NUMBER OF NODES POSITIVE", "NUMBER OF NODES POSITIVE (SENTINEL LYMPH NODES)"
SIZE = "LESION SIZE (PATHOLOGICAL)"
FIRST, SECOND = "GLEASON GRADE (NON BIOPSY PRIMARY)", "GLEASON GRADE (NON BIOPSY SECONDARY)"


@pytest.mark.parametrize(
    ("cancer", "column", "field", "codes"),
    [
        (
            "breast",
            VESSELS,
            "vascular_invasion",
            {"NU": "absent", "YU": "present", "YV": "present", "YL": "present", "YB": "present"}
            | dict.fromkeys(("UU", "XX", "99", "N"), ""),
        ),
        ("thyroid_differentiated", VESSELS, "vascular_invasion", {"YL": "absent", "YU": "", "YV": "present"}),
        ("breast", GRADE, "grade", {"G1": "1", "G2": "2", "G3": "3", "G4": "", "GX": "", "G5": ""}),
        ("colon", GRADE, "grade", {"G3": "3", "G4": "3"}),
        ("kidney", GRADE, "grade", {"G3": "3", "G4": "4"}),
        (
            "breast",
            MARGIN,
            "margins",
            dict.fromkeys(("01", "02", "03", "04", "07", "08", "09"), "negative")
            | {"05": "positive", "06": "", "98": "", "99": "", "10": ""},
        ),
        (
            "rectum",
            MARGIN,
            "margins",
            {"03": "negative", "04": "positive", "05": "positive", "07": "", "08": "positive"},
        ),
        ("colon", NERVES, "perineural_invasion", {"1": "present", "2": "absent", "3": "", "4": ""}),
        ("breast", NODES, "nodes_positive", {"0": "0", "03": "3", "17": "17", "x": ""}),
        ("breast", "NODES POSITIVE NUMBER", "nodes_positive", {"4": "4"}),
        ("breast", SENTINEL, "nodes_positive", {"0": "0", "2": "2"}),
        ("melanoma", "NUMBER OF SENTINEL NODES POSITIVE", "nodes_positive", {"1": "1"}),
        ("melanoma", "NUMBER OF SENTINEL NODES SAMPLED", "nodes_examined", {"3": "3"}),
        ("breast", SIZE, "tumour_size_mm", {"18": "18", "7.5": "7.5", "0": ""}),
        ("breast", "INVASIVE LESION SIZE", "tumour_size_mm", {"21": "21"}),
        ("colon", "T CATEGORY (PATHOLOGICAL)", "t_category", {"pT3": "pT3", "T4a": "T4a", "9": ""}),
        ("bladder", "N CATEGORY (PATHOLOGICAL)", "n_category", {"pN1": "pN1", "N0": "N0"}),
        ("breast", "OESTROGEN RECEPTOR STATUS", "er", {"P": "positive", "N": "negative", "X": "", "U": ""}),
        ("breast", "ESTROGEN RECEPTOR STATUS", "er", {"P": "positive"}),
        ("breast", "BREAST PROGESTERONE RECEPTOR STATUS", "pr", {"P": "positive", "N": "negative", "X": ""}),
        (
            "breast",
            "HUMAN EPIDERMAL GROWTH FACTOR RECEPTOR 2 IMMUNOHISTOCHEMICAL SCORE",
            "her2",
            {"N1": "negative", "N2": "negative", "B": "", "P": "positive", "N": ""},
        ),
        (
            "endometrium",
            "ENDOMETRIAL OESTROGEN RECEPTOR STATUS",
            "er",
            {"P": "positive", "N": "negative", "X": ""},
        ),
        (
            "colon",
            "MICROSATELLITE INSTABILITY TESTING RESULT",
            "mmr",
            {"H": "deficient", "L": "proficient", "S": "proficient", "F": "", "X": ""},
        ),
        (
            "melanoma",
            "SKIN ULCERATION PRESENCE INDICATION CODE",
            "ulceration",
            {"Y": "present", "N": "absent", "1": "present", "2": "absent", "U": "", "X": "", "9": ""},
        ),
        ("melanoma", "BRESLOW THICKNESS", "breslow_mm", {"0.85": "0.85", "2.1": "2.1", "0": ""}),
        (
            "lung_nsclc",
            "EXTENT OF PLEURAL INVASION",
            "visceral_pleural_invasion",
            {"1": "absent", "2": "present", "3": "present", "4": "", "5": ""},
        ),
        (
            "head_and_neck",
            "EXTRACAPSULAR SPREAD INDICATION CODE",
            "extranodal_extension",
            {"1": "present", "2": "absent", "3": "", "4": "present", "5": "present"},
        ),
        (
            "head_and_neck",
            "MAXIMUM DEPTH OF INVASION",
            "depth_of_invasion_mm",
            {"00": "", "6": "6", "6.5": "6.5"},
        ),
        (
            "cutaneous_squamous",
            "SKIN CANCER PERINEURAL INVASION EXTENT",
            "perineural_nerve_diameter_mm",
            {"1": "", "2": ">=0.1", "3": ""},
        ),
        (
            "cutaneous_squamous",
            "SKIN CANCER PERINEURAL INVASION EXTENT",
            "perineural_invasion",
            {"1": "present", "2": "present", "3": "present", "4": ""},
        ),
        ("breast", "NEOADJUVANT THERAPY INDICATOR", "neoadjuvant_therapy", {"Y": "yes", "N": "no", "9": ""}),
    ],
)
def test_a_code_of_cosd_stands_for(
    assess: Assess, rows: Rows, cancer: str, column: str, field: str, codes: dict[str, str]
) -> None:
    text = f"cancer,{column}\n" + "".join(f"{cancer},{code}\n" for code in codes)
    told = assess("cosd.csv", text, how="--cosd")
    assert told.code == 0, told.err
    assert dict(zip(codes, (row[field] for row in rows()), strict=True)) == codes
    assert "Other elements of COSD" in told.err


def test_two_gleason_grades_of_cosd_are_a_grade_group(assess: Assess, rows: Rows) -> None:
    groups = {"3,3": "1", "2,3": "1", "3,4": "2", "4,3": "3", "4,4": "4", "3,5": "4", "5,3": "4", "4,5": "5"}
    groups |= {"5,5": "5", "3,": "", "8,8": "", "3,8": "", ",4": ""}
    told = assess(
        "cosd.csv",
        f"cancer,{FIRST},{SECOND}\n" + "".join(f"prostate,{both}\n" for both in groups),
        how="--cosd",
    )
    assert told.code == 0, told.err
    assert [row["grade_group"] for row in rows()] == list(groups.values())


def test_sentinel_nodes_of_cosd_count_only_where_all_nodes_are_not_counted(
    assess: Assess, rows: Rows
) -> None:
    sampled = "NUMBER OF SENTINEL NODES SAMPLED"
    text = f"cancer,{NODES},{SENTINEL},{sampled}\nmelanoma,4,2,3\nmelanoma,,2,3\n"
    assert assess("cosd.csv", text, how="--cosd").code == 0
    assert [(row["nodes_positive"], row["nodes_examined"]) for row in rows()] == [("4", ""), ("2", "3")]
    assert "sentinel nodes only" in rows()[1]["reading_notes"]


def test_cosd_is_no_xml(assess: Assess) -> None:
    told = assess("a.xml", "<x/>", how="--cosd")
    assert (told.code, "not from XML" in told.err) == (2, True)


def test_elements_of_cosd_that_do_not_fit_leave_open_which_holds(tmp_path: Path, run: Run) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(
        "cancer,NUMBER OF NODES POSITIVE,NUMBER OF NODES POSITIVE (SENTINEL LYMPH NODES),"
        "N CATEGORY (PATHOLOGICAL)\n"
        "breast,0,2,\nbreast,0,,pN1a\nbreast,1,,1a\n",
        encoding="utf-8",
    )
    assert run("cohort", "assess", "--cosd", file, out).code == 0
    with out.open(encoding="utf-8") as lines:
        rows = [*csv.DictReader(lines)]
    assert [row["nodes_positive"] for row in rows] == ["0|>=2", "0|pN1a", "1"]
    assert ["do not fit together" in row["reading_notes"] for row in rows] == [True, True, False]
