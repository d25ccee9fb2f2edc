"""The command line: what is asked, how flags are given, exit codes, and which stream says what."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, Told

import riskcli
from riskcli.cli import answer as answer_command
from riskcli.cli import main

DATA = Path(__file__).parent / "data" / "rules"
CASE = ("--grade", "3", "--tumour-size-mm", "28", "--nodes-positive", "2", "--er", "positive")


def refused(told: Told, *sentences: str) -> None:
    """Hold a run to being refused with these sentences and nothing else."""
    assert (told.problems, told.out, told.code) == (list(sentences), "", 2)


@pytest.fixture
def record(tmp_path: Path) -> Any:
    """Write a record to a file and return its path."""

    def write(**fields: Any) -> Path:
        path = tmp_path / "case.json"
        path.write_text(json.dumps(fields), encoding="utf-8")
        return path

    return write


# ---- the three ways to ask, and what comes out


def test_flags_give_a_report_on_standard_output_and_nothing_on_standard_error(run: Run) -> None:
    told = run("assess", "breast", *CASE)
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[0] == "Invasive breast cancer - DRAFT, not reviewed by a clinician"


def test_json_is_one_object_that_is_what_the_library_answers(run: Run) -> None:
    told = run("assess", "breast", *CASE, "--json")
    assert (told.code, told.err) == (0, "")
    record = {
        "cancer": "breast",
        "grade": "3",
        "tumour_size_mm": "28",
        "nodes_positive": "2",
        "er": "positive",
    }
    assert told.json == riskcli.assess(record).model_dump(mode="json")


def test_a_range_is_an_answer(run: Run) -> None:
    told = run("assess", "breast", "--json")
    assert told.code == 0
    assert told.json["likelihood"]["level"] is None


def test_a_record_from_a_file_names_its_cancer(run: Run, record: Any) -> None:
    told = run("assess", "--input", record(cancer="Breast", grade=3, nodes_positive=2, ref="R1"), "--json")
    assert told.code == 0
    assert (told.json["cancer"], told.json["ref"], told.json["case"]["grade"]) == ("breast", "R1", 3)


def test_a_record_comes_from_standard_input_when_asked(shell: Run) -> None:
    told = shell("assess", "-i", "-", "--json", stdin=b'{"cancer": "colon", "t_category": "T3"}')
    assert (told.code, told.err) == (0, "")
    assert told.json["case"] == {"t_category": "T3"}


def test_a_record_in_utf_16_from_windows_is_read(shell: Run) -> None:
    told = shell("assess", "-i", "-", "--json", stdin='{"cancer": "colon", "ref": "Käthe"}'.encode("utf-16"))
    assert (told.code, told.err) == (0, "")
    assert told.json["ref"] == "Käthe"


def test_the_same_record_as_flags_and_as_json_gives_the_same_answer(run: Run, record: Any) -> None:
    by_flags = run("assess", "breast", *CASE, "--json")
    by_record = run(
        "assess",
        "-i",
        record(cancer="breast", grade=3, tumour_size_mm=28, nodes_positive=2, er="positive"),
        "--json",
    )
    assert by_flags.json == by_record.json


# ---- a flag overrides the file


def test_a_flag_overrides_the_file(run: Run, record: Any) -> None:
    told = run("assess", "-i", record(cancer="breast", grade=1, er="positive"), "--grade", "3", "--json")
    assert told.json["case"] == {"er": "positive", "grade": 3}


@pytest.mark.parametrize(("key", "flag"), [("LVI", "--vascular-invasion"), ("vascular_invasion", "--lvi")])
def test_a_flag_overrides_the_file_under_another_name(key: str, flag: str, run: Run, record: Any) -> None:
    told = run("assess", "-i", record(cancer="breast", **{key: "present"}), flag, "absent", "--json")
    assert told.code == 0
    assert told.json["case"] == {"vascular_invasion": "absent"}


def test_a_flag_overrides_a_wrong_value_in_the_file(run: Run, record: Any) -> None:
    assert run("assess", "-i", record(cancer="breast", grade=9), "--grade", "3").code == 0


def test_an_empty_flag_states_nothing_and_leaves_the_file_as_it_is(run: Run, record: Any) -> None:
    told = run("assess", "-i", record(cancer="breast", grade=2), "--grade", "", "--er", " ", "--json")
    assert told.json["case"] == {"grade": 2}


def test_the_cancer_may_stand_in_the_command_when_the_record_lacks_it(run: Run, record: Any) -> None:
    assert run("assess", "colon", "-i", record(t_category="T3"), "--json").json["cancer"] == "colon"
    assert run("assess", "-i", record(t_category="T3"), "--cancer=colon", "--json").json["cancer"] == "colon"


def test_a_record_of_another_cancer_than_the_command_names_is_refused(run: Run, record: Any) -> None:
    refused(
        run("assess", "breast", "-i", record(cancer="colon", t_category="T3")),
        "cancer is given as breast and colon; keep one",
    )


def test_a_record_without_a_cancer_is_refused(run: Run, record: Any) -> None:
    refused(
        run("assess", "-i", record(grade=3)),
        'cancer is missing; say which cancer, as in {"cancer": "breast"}',
    )


# ---- which cancer


@pytest.mark.parametrize(
    "args",
    [
        ("assess", "breast", "--json", "--grade", "3"),
        ("assess", "--json", "breast", "--grade", "3"),
        ("assess", "--grade", "3", "--json", "breast"),
        ("assess", "--grade=3", "breast", "--json"),
        ("assess", "--cancer", "breast", "--grade", "3", "--json"),
        ("assess", "--cancer", "breast", "breast", "--grade", "3", "--json"),
        ("assess", "BREAST", "--grade", "3", "--json"),
        ("--rules", DATA, "assess", "breast", "--grade", "3", "--json"),
    ],
    ids=lambda args: " ".join(map(str, args[:4])),
)
def test_options_may_stand_before_or_after_the_cancer(args: tuple[str, ...], run: Run) -> None:
    told = run(*args)
    assert told.code == 0
    assert (told.json["cancer"], told.json["case"]) == ("breast", {"grade": 3})


@pytest.mark.parametrize("name", ["testis_nonseminoma", "testis-nonseminoma", "Testis Nonseminoma"])
def test_a_cancer_may_be_written_with_spaces_hyphens_and_capitals(name: str, run: Run) -> None:
    assert run("assess", name, "--json").json["cancer"] == "testis_nonseminoma"


def test_a_name_that_people_use_gets_the_table_it_may_mean(run: Run) -> None:
    told = run("assess", "bowel cancer")
    assert (told.code, told.out, len(told.problems)) == (2, "", 1)
    assert told.err.endswith("; did you mean colon?\n")


def test_a_misspelt_cancer_gets_the_nearest_name(run: Run) -> None:
    told = run("assess", "brest", "--grade", "3")
    assert (told.code, len(told.problems)) == (2, 1)
    assert told.err.endswith("; did you mean breast?\n")


def test_a_word_like_no_cancer_gets_the_list_of_tables(run: Run) -> None:
    told = run("assess", "xyz", "--json")
    (problem,) = json.loads(told.err)["problems"]
    assert (told.code, told.out, problem["field"], problem["value"]) == (2, "", "cancer", "xyz")
    assert set(riskcli.load_rules().names) == set(problem["allowed"])
    assert "did you mean" not in problem["message"]


def test_a_cancer_that_no_table_may_answer_gets_its_own_sentence(run: Run) -> None:
    for args in (["lymphoma"], ["--cancer", "unknown primary"], ["brain tumour", "--grade", "9"]):
        told = run("assess", *args)
        assert (told.code, told.out, len(told.problems)) == (2, "", 1)
        assert "rule table" not in told.err


def test_out_of_scope_is_told_apart_from_wrong_input_in_json(run: Run) -> None:
    excluded = json.loads(run("assess", "lymphoma", "--json").err)
    spread = json.loads(run("assess", "breast", "--metastasis", "present", "--json").err)
    wrong = json.loads(run("assess", "breast", "--grade", "7", "--json").err)
    assert [data["error"] for data in (excluded, spread, wrong)] == ["out_of_scope", "out_of_scope", "case"]
    assert {data["exit_code"] for data in (excluded, spread, wrong)} == {2}


@pytest.mark.parametrize(
    "flags",
    [("--metastasis", "present"), ("--disease", "recurrent"), ("--t-category", "Tis")],
    ids=["spread", "recurrence", "in situ"],
)
def test_a_case_out_of_scope_gets_one_sentence_and_no_level(flags: tuple[str, ...], run: Run) -> None:
    told = run("assess", "breast", *flags)
    assert (told.code, told.out, len(told.problems)) == (2, "", 1)


def test_two_cancers_at_once_are_refused(run: Run) -> None:
    refused(run("assess", "breast", "colon"), "cancer is given as breast and colon; keep one")
    refused(run("assess", "breast", "--cancer", "colon"), "cancer is given as breast and colon; keep one")


def test_flags_without_a_cancer_are_refused_even_on_a_terminal(run: Run) -> None:
    refused(
        run("assess", "--grade", "3"),
        "no cancer is given; write riskcli assess CANCER --FIELD VALUE, or --input FILE",
    )


def test_without_a_terminal_nothing_is_asked(shell: Run) -> None:
    refused(
        shell("assess"),
        "no cancer is given and there is no terminal to ask on; write riskcli assess CANCER --FIELD VALUE, "
        "or --input FILE (- for standard input)",
    )


# ---- how flags are written


@pytest.mark.parametrize(
    "flags",
    [
        ("--tumour-size-mm", "18"),
        ("--tumour_size_mm", "18"),
        ("--tumour-size-mm=18",),
        ("--marker", "tumour_size_mm=18"),
        ("-m", "tumour-size-mm=18"),
        ("-mtumour_size_mm=18",),
        ("--tumour-size-mm", "18 mm"),
    ],
    ids=lambda flags: " ".join(flags),
)
def test_a_field_may_be_stated_in_several_ways(flags: tuple[str, ...], run: Run) -> None:
    told = run("assess", "breast", *flags, "--json")
    assert told.code == 0
    assert told.json["case"] == {"tumour_size_mm": 18}


def test_several_markers_may_be_given(run: Run) -> None:
    told = run("assess", "breast", "-m", "er=positive", "--marker", "her2=2+", "-m", "ref=a=b", "--json")
    assert told.json["ref"] == "a=b"
    assert told.json["case"] == {"er": "positive", "her2": "unknown"}


def test_a_value_that_begins_with_a_minus_is_a_value(run: Run) -> None:
    told = run("assess", "breast", "--nodes-positive", "-1")
    assert (told.code, told.out) == (2, "")
    assert "-1" in told.err
    assert "is below 0" in told.err


def test_bounds_and_ranges_may_be_stated_by_flags(run: Run) -> None:
    told = run("assess", "breast", "--nodes-positive", "4+", "--tumour-size-mm", ">20..50", "--json")
    assert told.json["case"] == {"nodes_positive": ">=4", "tumour_size_mm": ">20..50"}


def test_a_flag_given_twice_is_refused(run: Run) -> None:
    refused(run("assess", "breast", "--grade", "3", "--grade", "2"), "grade is given twice; keep one")
    refused(run("assess", "breast", "--grade", "3", "--grade=3"), "grade is given twice; keep one")
    refused(run("assess", "breast", "-m", "grade=3", "--grade", "2"), "grade is given twice; keep one")
    refused(
        run("assess", "breast", "--tumour-size-mm", "1", "--tumour_size_mm", "1"),
        "tumour_size_mm is given twice; keep one",
    )


def test_a_field_given_under_two_names_is_refused(run: Run) -> None:
    told = run("assess", "breast", "--lvi", "absent", "--vascular-invasion", "present")
    assert (told.code, told.out, len(told.problems)) == (2, "", 1)
    assert told.err.startswith("vascular_invasion is given twice")


def test_an_option_given_twice_is_refused(run: Run, tmp_path: Path) -> None:
    refused(
        run("assess", "breast", "-o", tmp_path / "a", "--output", tmp_path / "b"),
        "--output is given twice; keep one",
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("breast", "--grade"), "--grade needs a value"),
        (("breast", "--grade", "--er", "positive"), "--grade needs a value"),
        (("breast", "--grade", "-o", "file"), "--grade needs a value"),
        (("breast", "--lvi"), "--lvi needs a value"),
        (("breast", "--input"), "--input needs a value"),
        (("breast", "-i"), "--input needs a value"),
        (("breast", "--output="), "--output needs a value"),
        (("breast", "--rules"), "--rules needs a value"),
        (("--cancer",), "--cancer needs a value"),
        (("breast", "-m"), "--marker needs a value, NAME=VALUE"),
        (("breast", "-m", "er"), '--marker "er" is not NAME=VALUE'),
        (("breast", "--marker==3"), '--marker "=3" is not NAME=VALUE'),
        (("breast", "--json=yes"), "--json takes no value"),
        (("breast", "-x"), '"-x" is not a flag; flags are written --name value'),
        (("breast", "-"), '"-" is not a flag; flags are written --name value'),
        (("breast", "--"), '"--" is not a flag; flags are written --name value'),
        (("breast", "grade=3"), '"grade=3" is not a flag; flags are written --name value'),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_flag_written_wrongly_is_told_how(args: tuple[str, ...], sentence: str, run: Run) -> None:
    refused(run("assess", *args), sentence)


def test_everything_wrong_is_said_at_once_flags_first_then_values_in_field_order(run: Run) -> None:
    told = run(
        *("assess", "breast", "--nodes-positive", "5", "--nodes-examined", "3", "--grade", "4"),
        *("--tumour-siz-mm", "20", "--er", "--json=1", "stray"),
    )
    assert (told.code, told.out) == (2, "")
    data = json.loads(told.err) if told.err.startswith("{") else told.problems
    assert isinstance(data, list)
    assert data[:3] == [
        "--json takes no value",
        '"stray" is not a flag; flags are written --name value',
        "--er needs a value",
    ]
    assert data[3].startswith("tumour_siz_mm is not a field of breast")
    assert data[3].endswith("did you mean tumour_size_mm?")
    assert data[4] == "grade: 4 is not allowed for breast; use 1, 2 or 3 (leave it out if unknown)"
    assert data[5] == "nodes_positive: 5 is more than nodes_examined (3)"
    assert len(data) == 6


def test_an_unknown_flag_without_a_value_gets_the_nearest_name_too(run: Run) -> None:
    told = run("assess", "breast", "--tumour-siz", "--grade", "3")
    assert (told.code, len(told.problems)) == (2, 1)
    assert told.err.endswith("; did you mean tumour_size_mm?\n")


def test_what_is_wrong_with_a_flag_counts_even_when_the_case_is_out_of_scope(run: Run) -> None:
    refused(run("assess", "breast", "--metastasis", "present", "--grade"), "--grade needs a value")


def test_a_field_of_another_cancer_is_accepted_and_named_as_not_used(run: Run) -> None:
    told = run("assess", "colon", "--her2", "positive", "--json")
    assert told.code == 0
    assert told.json["warnings"] == ["her2 is not used for colon."]


# ---- commands, help, version


def test_without_arguments_the_help_is_shown(run: Run) -> None:
    assert run() == run("--help")
    told = run()
    assert (told.code, told.err) == (0, "")
    assert "assess" in told.out


def test_rules_without_a_command_shows_its_help(run: Run) -> None:
    told = run("rules")
    assert (told.code, told.err) == (0, "")
    assert "check" in told.out


@pytest.mark.parametrize(
    "args", [("frobnicate",), ("rules", "frobnicate"), ("--json", "assess"), ("--rules", DATA)]
)
def test_a_command_that_does_not_exist_is_one_sentence(args: tuple[str, ...], run: Run) -> None:
    told = run(*args)
    assert (told.code, told.out, len(told.err.splitlines()) > 0) == (2, "", True)
    assert "Traceback" not in told.err


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_the_help_of_assess_lists_the_cancers_by_their_titles(flag: str, run: Run) -> None:
    told = run("assess", flag)
    assert (told.code, told.err) == (0, "")
    for heading in riskcli.load_rules().index.values():
        assert heading.cancer in told.out
    assert "Invasive breast cancer" in told.out


def test_the_help_of_a_cancer_lists_its_fields_by_panel_with_values_and_units(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERMINAL_WIDTH", "200")
    told = run("assess", "breast", "--help")
    assert (told.code, told.err) == (0, "")
    panels = [
        "Documented factors",
        "Markers",
        "Treatment context",
        "The premises, and what is not used here",
        "Input and output",
    ]
    places = [told.out.index(panel) for panel in panels]
    assert places == sorted(places)
    for name in riskcli.load_rules().get("breast").table["fields"]:
        assert f"--{name.replace('_', '-')} " in told.out
    assert "1|2|3" in told.out
    assert ", in mm." in told.out


def test_help_reads_no_record_and_asks_for_nothing(shell: Run) -> None:
    told = shell("assess", "breast", "--input", "-", "--help", "--grade", "nonsense")
    assert (told.code, told.err) == (0, "")
    assert shell("assess", "--input", "none.json", "--help").code == 0


def test_the_help_of_a_cancer_without_a_table_is_refused(run: Run) -> None:
    assert run("assess", "brest", "--help").code == 2


def test_the_version_comes_with_the_editions_of_the_tables(run: Run) -> None:
    told = run("--version")
    lines = told.out.splitlines()
    assert (told.code, told.err, lines[0]) == (0, "", f"riskcli {riskcli.__version__}")
    tables = riskcli.load_rules()
    assert [line.split()[0] for line in lines[1:]] == list(tables.names)
    for line in lines[1:]:
        cancer, edition, status, digest = line.split()
        heading = tables.index[cancer]
        assert (edition, status, heading.digest[:12]) == (heading.edition, f"({heading.status})", digest)


def test_python_m_riskcli_is_the_program(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(sys, "argv", ["riskcli", "--version"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("riskcli", run_name="__main__")
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith(f"riskcli {riskcli.__version__}\n")


def test_importing_the_main_module_runs_nothing() -> None:
    assert "main" in runpy.run_module("riskcli.__main__", run_name="imported")


# ---- a hospital's own tables


def test_rules_adds_tables_and_the_first_line_says_whose_they_are(run: Run) -> None:
    told = run("assess", "example_duct", "--rules", DATA)
    assert told.code == 0
    first = " ".join(told.out.splitlines()[:2])
    assert first.startswith(
        f"Local table {DATA / 'example_duct.yaml'}: Carcinoma of the example duct - DRAFT"
    )


def test_the_environment_may_name_the_tables_and_the_flag_comes_before_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RISKCLI_RULES", str(DATA))
    assert run("assess", "example_gauge", "--json").json["provenance"]["origin"] == str(
        DATA / "example_gauge.yaml"
    )
    monkeypatch.setenv("RISKCLI_RULES", str(DATA / "none"))
    assert run("assess", "example_gauge").code == 3
    assert run("assess", "example_gauge", "--rules", DATA).code == 0
    assert run("assess", "example_gauge", f"--rules={DATA}").code == 0


def test_a_place_without_tables_is_a_fault_of_the_rules(run: Run, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "none"):
        told = run("assess", "breast", "--rules", place)
        assert (told.code, told.out, len(told.problems)) == (3, "", 1)
        assert str(place) in told.err


def test_a_faulty_table_is_named_with_file_and_line_and_exit_code_3(run: Run, tmp_path: Path) -> None:
    text = (DATA / "example_gauge.yaml").read_text(encoding="utf-8")
    path = tmp_path / "example_gauge.yaml"
    path.write_text(text.replace("horizon_years: 5", "horizon_year: 5"), encoding="utf-8")
    (tmp_path / "vocabulary.yaml").write_bytes((DATA / "vocabulary.yaml").read_bytes())
    line = next(n for n, part in enumerate(text.splitlines(), 1) if part.startswith("horizon_years"))
    told = run("assess", "example_gauge", "--rules", tmp_path)
    assert (told.code, told.out) == (3, "")
    assert any(problem.startswith(f"{path}:{line}: ") for problem in told.problems)
    data = json.loads(run("assess", "example_gauge", "--rules", tmp_path, "--json").err)
    assert (data["error"], data["exit_code"]) == ("rules", 3)
    assert (str(path), line) in [(problem["file"], problem["line"]) for problem in data["problems"]]


def test_a_faulty_table_does_not_stand_in_the_way_of_another(run: Run, tmp_path: Path) -> None:
    (tmp_path / "example_gauge.yaml").write_text("cancer: example_gauge\n", encoding="utf-8")
    assert run("assess", "breast", "--rules", tmp_path).code == 0


# ---- riskcli rules check


def test_sound_tables_give_no_findings_and_exit_code_0(run: Run) -> None:
    told = run("rules", "check", "--rules", DATA, "example_duct", "example_gauge")
    assert (told.code, told.out) == (0, "")
    assert told.err == "Checked example_duct and example_gauge: 0 faults, 0 notes.\n"


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A directory with one table that cites one source too few, and one that is sound."""
    for name in ("example_duct.yaml", "vocabulary.yaml"):
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    text = (DATA / "example_gauge.yaml").read_text(encoding="utf-8")
    more = "  spare: {title: Spare, year: 2020, kind: trial, pmid: 3, at: x, seen: not_seen}\n"
    (tmp_path / "example_gauge.yaml").write_text(
        text.replace("fields:\n", f"{more}fields:\n", 1), encoding="utf-8"
    )
    return tmp_path


def test_a_fault_is_a_line_on_standard_output_and_exit_code_3(run: Run, faulty: Path) -> None:
    path = faulty / "example_gauge.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    line = next(n for n, text in enumerate(lines, 1) if text.strip().startswith("spare:"))
    told = run("rules", "check", path)
    assert told.code == 3
    assert told.out == f"{path}:{line}: unused-source: nothing cites spare. Cite it or delete it.\n"
    assert told.err == "Checked example_gauge: 1 fault, 0 notes.\n"


def test_a_directory_is_checked_table_by_table_and_nothing_else(run: Run, faulty: Path) -> None:
    told = run("rules", "check", faulty)
    assert told.code == 3
    assert told.err == "Checked example_duct and example_gauge: 1 fault, 0 notes.\n"


def test_findings_are_data_with_json(run: Run, faulty: Path) -> None:
    told = run("rules", "check", faulty, "--json")
    (finding,) = told.json
    assert told.code == 3
    assert (finding["code"], finding["row"], finding["severity"]) == ("unused-source", "spare", "fault")
    assert set(finding) == {"code", "file", "line", "row", "message", "mend", "case", "severity"}


def test_a_path_is_written_from_the_working_directory(
    run: Run, faulty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(faulty)
    assert run("rules", "check", "example_gauge.yaml").out.startswith("example_gauge.yaml:")


def test_a_target_that_is_neither_a_cancer_nor_a_file_is_wrong_input(run: Run) -> None:
    told = run("rules", "check", "brest")
    assert (told.code, told.out, len(told.problems)) == (2, "", 1)
    assert told.err.endswith("did you mean breast?\n")


def test_a_shared_file_is_no_table_to_check(run: Run) -> None:
    path = DATA / "vocabulary.yaml"
    refused(
        run("rules", "check", path),
        f"{path} is shared by tables and no table itself; check a cancer or the directory",
    )


def test_a_file_that_is_not_there_is_a_fault_of_the_rules(run: Run, tmp_path: Path) -> None:
    told = run("rules", "check", tmp_path / "none.yaml")
    assert (told.code, told.out, len(told.problems)) == (3, "", 1)


def test_the_packaged_tables_are_sound(run: Run) -> None:
    told = run("rules", "check")
    assert (told.code, told.out) == (0, "")
    assert told.err.endswith(": 0 faults, 0 notes.\n")


# ---- when the program itself fails


class _SecretError(Exception):
    pass


def test_a_bug_shows_where_it_is_but_not_the_values_it_happened_with(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise _SecretError("grade 3 of Jane Doe")

    monkeypatch.setattr(answer_command, "read_case", fail)
    told = run("assess", "breast", *CASE)
    assert (told.code, told.out) == (1, "")
    assert told.problems[0].startswith("Traceback")
    assert "Jane" not in told.err
    assert any("in fail" in line for line in told.problems)
    assert told.problems[-1].startswith("_SecretError: this is a fault of riskcli ")


def test_an_interruption_ends_with_130_and_without_a_traceback(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(answer_command, "read_case", interrupt)
    assert run("assess", "breast") == Told(130, "", "\nInterrupted.\n")


def test_main_reads_the_arguments_of_the_process(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(sys, "argv", ["riskcli", "assess", "breast", "--grade", "7"])
    assert main() == 2
    assert capsys.readouterr().err.startswith("grade: 7")
