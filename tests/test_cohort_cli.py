"""`riskcli cohort assess` as people and schedulers run it: words, exit codes, interruption, privacy."""

from __future__ import annotations

import csv
import json
import os
import pty
import signal
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, Told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskcli.cohort.rows import OUTPUTS
from riskcli.loader import load_rules
from riskcli.report.wording import table_heading

RULES = load_rules()

GOOD = "cancer,id,grade,nodes_positive\nbreast,1,3,2\ncolon,2,1,0\n"
BAD = "breast,3,7,5\nbreast,4,9,0\nlymphoma,5,,\nbreast,6,8,1\n"

GRADE = "grade: (…) is not allowed for breast; use 1, 2 or 3 (leave it out if unknown)"

Assess = Callable[..., Told]


@pytest.fixture
def assess(run: Run, tmp_path: Path) -> Assess:
    """Answer a cohort of text; the answers are in `out.csv` or another file."""

    def assess_text(text: str, *flags: str | Path, out: str = "out.csv") -> Told:
        (tmp_path / "in.csv").write_text(text, encoding="utf-8", newline="")
        return run("cohort", "assess", tmp_path / "in.csv", "-o", tmp_path / out, *flags)

    return assess_text


@pytest.fixture
def rows(tmp_path: Path) -> Callable[[], list[dict[str, Any]]]:
    """Read the rows of `out.csv`."""

    def read() -> list[dict[str, Any]]:
        with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


Rows = Callable[[], list[dict[str, Any]]]


# ---- words and exit codes


def test_a_sound_cohort_ends_with_0_and_says_what_was_read(assess: Assess, rows: Rows) -> None:
    told = assess(GOOD.replace("grade", "Grade").replace("nodes_positive", "her2").replace(",2\n", ",\n"))
    assert (told.code, told.out) == (0, "")
    assert told.problems == [
        *(f"{table_heading(RULES.get(name))}." for name in ("breast", "colon")),
        "Read 2 rows. Fields: cancer, Grade (as grade), her2.",
        "Passed through: id.",
        "Answers: several levels possible 2.",
    ]
    assert told.err.count(" - DRAFT, not reviewed by a clinician") == 2
    assert list(rows()[0]) == ["cancer", "id", "Grade", "her2", *OUTPUTS]


def test_columns_that_nothing_fills_are_named(assess: Assess) -> None:
    told = assess("cancer,grade,er,her2\nbreast,1,, \nbreast,2,,\n")
    assert "Never filled: er, her2." in told.problems


def test_wrong_rows_keep_their_places_and_end_with_4(assess: Assess, rows: Rows) -> None:
    told = assess(GOOD + BAD)
    assert told.code == 4
    assert [row["id"] for row in rows()] == ["1", "2", "3", "4", "5", "6"]
    assert [bool(row["error"]) for row in rows()] == [False, False, True, True, False, True]
    assert [bool(row["out_of_scope"]) for row in rows()] == [False, False, False, False, True, False]
    assert rows()[2]["error"] == "grade: 7 is not allowed for breast; use 1, 2 or 3 (leave it out if unknown)"
    assert rows()[2]["likelihood_highest"] == rows()[4]["likelihood_highest"] == ""
    assert told.problems[-2:] == [
        "Answers: several levels possible 2, out of scope 1, wrong 3.",
        f"  3 rows, first row 3: {GRADE}",
    ]


def test_only_the_commonest_sentences_are_told(assess: Assess) -> None:
    names = [
        "grade",
        "nodes_positive",
        "er",
        "pr",
        "her2",
        "sex",
        "tumour_size_mm",
        "age_years",
        "ki67_percent",
    ]
    text = f"cancer,{','.join(names)},t_category\n" + "breast," + "zz," * len(names) + "zz\n"
    told = assess(text)
    assert told.code == 4
    assert sum(line.startswith("  1 row, first row 1: ") for line in told.problems) == 8
    assert told.problems[-1].startswith("  and ")


def test_strict_writes_nothing_when_a_row_is_wrong(assess: Assess, tmp_path: Path) -> None:
    told = assess(GOOD + BAD, "--strict")
    assert told.code == 2
    assert told.problems[-1] == "nothing was written: some rows are wrong, and --strict was given"
    assert any("first row 3: grade" in line for line in told.problems)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
    assert assess(GOOD, "--strict").code == 0


def test_strict_holds_for_standard_output_and_whole_answers_too(shell: Run, tmp_path: Path) -> None:
    for flags in ([], ["--full"]):
        told = shell("cohort", "assess", "-", "-o", "-", "--strict", *flags, stdin=(GOOD + BAD).encode())
        assert (told.code, told.out) == (2, "")


# ---- what is said of the cohort


def test_a_cancer_for_rows_that_name_none(assess: Assess, rows: Rows) -> None:
    assert assess("cancer,grade\n,1\ncolon,1\n", "--cancer", "breast").code == 0
    assert [row["table"] for row in rows()] == ["breast", "colon"]
    assert assess("grade\n1\n", "--cancer", "brest").err.endswith("did you mean breast?\n")


def test_what_is_assumed_is_printed_in_every_row_it_is_taken_for(assess: Assess, rows: Rows) -> None:
    told = assess(
        "cancer,her2\nbreast,\nbreast,positive\n", "--assume", "HER2=negative", "--assume", "grade=2"
    )
    assert told.code == 0, told.err
    assert rows()[0]["assumed"].startswith("her2=negative;grade=2;")
    assert rows()[1]["assumed"].startswith("grade=2;")
    assert "Assumed where a row states nothing: HER2=negative, grade=2." in told.problems


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--assume", "grade"), '--assume "grade" is not NAME=VALUE'),
        (("--assume", "grade=9"), "grade: 9 is not allowed for "),
        (("--assume", "grade=1", "--assume", "grade=2"), "--assume gives grade twice; keep one"),
        (("--assume", "gradee=1"), '"gradee" is assumed but is not a field; did you mean grade?'),
        (("--map", "x"), '--map "x" is not NAME=VALUE'),
        (("--map", "x=grade"), 'column "x" is mapped but is not there; there are "cancer", "id", '),
        (("--pass-through", "x"), 'column "x" is to pass through but is not there; there are "cancer", '),
        (("--format", "doc"), "the format doc is not known; use csv, jsonl, parquet, tsv or xlsx"),
        (("--to", "doc"), "the format doc is not known; use csv, jsonl, parquet, tsv or xlsx"),
        (("--delimiter", "ab"), "--delimiter must be one character"),
        (("--full",), "--full writes JSON Lines; give OUT the ending .jsonl"),
    ],
)
def test_what_is_said_wrongly_is_refused(
    flags: tuple[str, ...], sentence: str, assess: Assess, tmp_path: Path
) -> None:
    told = assess(GOOD, *flags)
    assert (told.code, len(told.problems)) == (2, 1)
    assert told.err.startswith(sentence)
    assert not (tmp_path / "out.csv").exists()


def test_a_registry_has_its_own_names(assess: Assess, rows: Rows, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(
        "columns: {Organ: cancer, G: grade}\n"
        "values: {cancer: {C50: breast}, grade: {'9': unknown}, er: {'1': positive, '0': negative}}\n"
    )
    text = "Organ,G,ER-Status,x\nC50,3,1,a\nC50,9,0,b\n"
    told = assess(text, "--mapping", tmp_path / "map.yaml", "--map", "ER-Status=er")
    assert told.code == 0, told.err
    assert [row["Organ"] for row in rows()] == ["C50", "C50"]
    unknown = [row["unknown_fields"].split(";") for row in rows()]
    assert ["grade" in fields for fields in unknown] == [False, True]
    assert not any("er" in fields for fields in unknown)


def test_a_near_miss_stops_the_run_unless_it_is_to_pass(assess: Assess, rows: Rows) -> None:
    told = assess("cancer,grade,node_positive\nbreast,1,5\n")
    assert told.code == 2
    assert told.err.startswith('column "node_positive" is no field; did you mean nodes_positive?')
    assert assess("cancer,grade,node_positive\nbreast,1,5\n", "--pass-through", "node_positive").code == 0
    assert rows()[0]["node_positive"] == "5"


def test_the_columns_of_the_answer_may_begin_with_something(assess: Assess, rows: Rows) -> None:
    assert assess("cancer,grade,Rule\nbreast,1,x\n").code == 2
    assert assess("cancer,grade,Rule\nbreast,1,x\n", "--prefix", "riskcli_").code == 0
    assert list(rows()[0]) == ["cancer", "grade", "Rule", *("riskcli_" + name for name in OUTPUTS)]


# ---- whole answers and pages


def test_whole_answers_are_those_of_single_cases(assess: Assess, run: Run, tmp_path: Path) -> None:
    told = assess(GOOD.replace("id", "ref") + BAD.replace(",3,", ",,"), "--full", out="o.jsonl")
    assert told.code == 4
    found = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["row"] for line in found] == [1, 2, 3, 4, 5, 6]
    single = run("assess", "breast", "--grade", "3", "--nodes-positive", "2", "--ref", "1", "--json").json
    assert {**single, "case": None, "read": None} == {
        key: None if key in ("case", "read") else value
        for key, value in found[0].items()
        if key not in ("row", "assumed_for_cohort")
    }
    assert [line.get("error") for line in found] == [None, None, "case", "case", "out_of_scope", "case"]
    assert found[2]["problems"][0]["field"] == "grade"


def test_a_page_for_every_row(assess: Assess, tmp_path: Path) -> None:
    text = "cancer,ref,grade\nbreast,A-5,1\nbreast,A,2\nbreast,,3\nbreast,a/b,9\nbreast,A,3\n"
    told = assess(text, "--reports", tmp_path / "pages")
    assert told.code == 4
    assert told.problems[-1] == f"5 pages in {tmp_path / 'pages'}."
    pages = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "pages").iterdir()}
    assert set(pages) == {"A-5.txt", "A.txt", "row-0003.txt", "a-b.txt", "A-5-5.txt"}
    assert "No one can know for certain" in pages["A.txt"]
    assert pages["a-b.txt"].startswith("grade: 9 is not allowed")


def test_no_two_patients_share_a_page_on_any_file_system(assess: Assess, tmp_path: Path) -> None:
    refs = [
        "M\u00fcller",
        "Mu\u0308ller",
        "M\u00dcLLER",
        "stra\u00dfe",
        "STRASSE",
        "\u1e9e",
        "ss",
        "\u03c3",
        "\u03c2",
    ]
    assess(
        "\n".join(["ref,cancer,grade", *(f"{ref},breast,3" for ref in refs)]), "--reports", tmp_path / "pages"
    )
    names = [path.name for path in (tmp_path / "pages").iterdir()]
    assert len({unicodedata.normalize("NFC", name).casefold() for name in names}) == len(refs)


@pytest.mark.parametrize("ref", ["", "in", "IN"])
def test_no_page_takes_the_place_of_a_file_of_the_run(ref: str, run: Run, tmp_path: Path) -> None:
    source = tmp_path / ("in.txt" if ref else "row-0001.txt")
    mapping, out = tmp_path / "map.txt", tmp_path / "out.txt"
    text = f"ref,cancer,Grading\n{ref},breast,3\nmap,breast,3\nout,breast,2\n"
    source.write_text(text)
    mapping.write_text("columns: {Grading: grade}\n")
    how = ("--format", "csv", "--mapping", mapping, "--to", "csv", "--reports", tmp_path)
    assert run("cohort", "assess", source, "-o", out, *how).code == 0
    assert source.read_text() == text
    assert mapping.read_text() == "columns: {Grading: grade}\n"
    assert out.read_text().startswith("ref,cancer,Grading,likelihood")
    pages = {path.name for path in tmp_path.iterdir()} - {source.name, mapping.name, out.name}
    first = {"": "row-0001-1.txt", "in": "in-1.txt", "IN": "IN-1.txt"}[ref]
    assert pages == {first, "map-2.txt", "out-3.txt"}


def test_whole_answers_and_pages_say_what_was_assumed_for_all(assess: Assess, tmp_path: Path) -> None:
    text = "cancer,her2\nbreast,\nbreast,positive\n"
    assume = ("--assume", "her2=negative")
    assert assess(text, *assume, "--full", "--reports", tmp_path / "p", out="o.jsonl").code == 0
    found = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["assumed_for_cohort"] for line in found] == [["her2=negative"], []]
    first, second = ((tmp_path / "p" / f"row-000{n}.txt").read_text(encoding="utf-8") for n in (1, 2))
    assert first.startswith("Assumed for the whole cohort, not stated: her2=negative\n")
    assert "for the whole cohort" not in second


def test_pages_need_a_file_and_a_place(shell: Run, assess: Assess, tmp_path: Path) -> None:
    told = shell(
        "cohort", "assess", "-", "-o", tmp_path / "o.csv", "--reports", tmp_path, stdin=GOOD.encode()
    )
    assert (told.code, told.err) == (2, "--reports reads the cohort again; give a file instead of -\n")
    assert not (tmp_path / "o.csv").exists()
    assert "is a file that is read" in assess(GOOD, "--reports", tmp_path / "in.csv").err
    (tmp_path / "other").touch()
    assert "cannot be made" in assess(GOOD, "--reports", tmp_path / "other").err


# ---- streams


def run_with(descriptors: str, *args: str) -> Told:
    """Run the program in a shell that closes some of its streams."""
    words = " ".join([sys.executable, "-m", "riskcli", "cohort", "assess", *args, descriptors])
    told = subprocess.run(["sh", "-c", words], capture_output=True, text=True, check=False)
    return Told(told.returncode, told.stdout, told.stderr)


def test_closed_streams_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(GOOD)
    told = run_with("<&-", "-", "-o", "-")
    assert (told.code, told.err) == (2, "standard input is closed; give a file\n")
    told = run_with(">&-", str(tmp_path / "in.csv"), "-o", "-")
    assert (told.code, told.err) == (2, "standard output cannot be written (it is closed)\n")


def test_a_reader_that_has_gone_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(GOOD + "breast,1,3,2\n" * 20_000)
    told = run_with("| head -1", str(tmp_path / "in.csv"), "-o", "-")
    assert told.out.startswith("cancer,id,")
    assert told.err == ""


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_slow_reader_gets_everything(unbuffered: str, shell: Run, tmp_path: Path) -> None:
    data = (GOOD + "breast,1,3,2\n" * 2_000).encode()
    told = shell("cohort", "assess", "-", "-o", "-", stdin=data, env={"PYTHONUNBUFFERED": unbuffered})
    assert shell("cohort", "assess", "-", "-o", tmp_path / "o.csv", stdin=data).code == 0
    assert told.out == (tmp_path / "o.csv").read_text(encoding="utf-8")


def test_binary_formats_need_a_file(shell: Run) -> None:
    for kind in ("parquet", "xlsx"):
        told = shell("cohort", "assess", "-", "-o", "-", "--to", kind, stdin=GOOD.encode())
        assert (told.code, told.err) == (2, f"standard output cannot take {kind}; give a file with -o\n")
        told = shell("cohort", "assess", "-", "-o", "-", "--format", kind, stdin=GOOD.encode())
        assert (told.code, told.err) == (2, f"standard input cannot be read as {kind}; give a file\n")


def test_progress_is_shown_on_a_terminal_only(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(GOOD)
    command = [sys.executable, "-m", "riskcli", "cohort", "assess", "in.csv", "-o", "o.csv"]
    ours, theirs = pty.openpty()
    subprocess.run(command, cwd=tmp_path, stderr=theirs, check=True, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    assert b"Reading" in os.read(ours, 10_000)
    os.close(ours)
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert b"Reading" not in told.stderr


# ---- interruption


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cohort that takes a while."""
    path = tmp_path_factory.mktemp("large") / "in.csv"
    with path.open("w") as file:
        file.write("cancer,id,grade,nodes_positive,note\n")
        file.writelines(f'breast,{n:07},{n % 3 + 1},{n % 40},"n {n}"\n' for n in range(1_200_000))
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as on Unix")
@pytest.mark.parametrize(
    ("name", "flags", "told"),
    [
        ("o.csv", (), signal.SIGINT),
        ("o.parquet", (), signal.SIGINT),
        ("o.xlsx", (), signal.SIGINT),
        ("o.jsonl.gz", ("--full",), signal.SIGINT),
        ("o.csv", (), signal.SIGTERM),
        ("o.parquet", (), signal.SIGTERM),
    ],
)
def test_an_interrupted_run_leaves_no_file(
    name: str, flags: tuple[str, ...], told: signal.Signals, large: Path, tmp_path: Path
) -> None:
    place, scratch = tmp_path / "place", tmp_path / "scratch"
    place.mkdir()
    scratch.mkdir()
    (place / name).write_text("what was there")
    process = subprocess.Popen(
        [sys.executable, "-m", "riskcli", "cohort", "assess", large, "-o", place / name, *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(scratch)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    until = time.monotonic() + 20
    while len(list(place.iterdir())) < 2 and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.2)
    assert list(scratch.iterdir()) == []
    process.send_signal(told)
    _, words = process.communicate(timeout=30)
    assert (process.returncode, words) == (130, b"\nInterrupted.\n")
    assert [path.name for path in place.iterdir()] == [name]
    assert (place / name).read_text() == "what was there"
    assert list(scratch.iterdir()) == []


# ---- what is not installed

WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == {missing!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
from riskcli.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(("missing", "name"), [("polars", "o.csv"), ("openpyxl", "o.xlsx")])
def test_a_missing_library_is_one_sentence(missing: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(GOOD)
    told = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(missing=missing), "cohort", "assess", "in.csv", "-o", name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (
        2,
        'cohorts need more libraries; install them with pip install "riskcli[cohort]"\n',
    )
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


# ---- privacy

SECRETS = st.text("XQZ 0123456789/|;.-+<>=", min_size=2, max_size=45).map(lambda text: f"Qx{text}xQ")
FIELDS = ("cancer", "ref", "grade", "nodes_positive", "nodes_examined", "er", "t_category", "sex", "hospital")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    record=st.fixed_dictionaries(
        dict.fromkeys(FIELDS, st.just("") | SECRETS | st.integers(100_000, 999_999).map(str))
    )
)
def test_no_value_of_a_patient_reaches_standard_error(
    record: dict[str, str], run: Run, tmp_path: Path
) -> None:
    with (tmp_path / "in.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerow({"cancer": "breast", "grade": "3"})
        writer.writerow(record)
    told = run("cohort", "assess", tmp_path / "in.csv", "-o", tmp_path / "o.csv")
    words = told.err.replace(str(tmp_path), "")
    assert told.code in (0, 4)
    assert "Qx" not in words
    assert "xQ" not in words
    assert not any(value in words for value in record.values() if value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "nodes_positive",
            "73/81",
            "(…) may mean (…) positive of (…) examined; write nodes_positive (…) and",
        ),
        ("nodes_positive", "73..61", "(…) runs backwards; write (…)"),
        ("tumour_size_mm", "7.3 cm", "(…) is in cm; write it in mm ((…))"),
        ("tumour_size_mm", "7,3", "(…) has a comma; write (…)"),
        ("tumour_size_mm", "7,361", "(…) has a comma; write (…)"),
        ("tumour_size_mm", "7,361,000", "(…) has a comma; write (…)"),
    ],
)
def test_advice_on_how_to_write_a_value_holds_it_in_its_row_only(
    name: str, value: str, said: str, assess: Assess, rows: Rows
) -> None:
    told = assess(f'cancer,{name}\nbreast,"{value}"\n')
    assert told.problems[-1].startswith(f"  1 row, first row 1: {name}: {said}")
    assert not any(char in told.problems[-1].partition(name)[2] for char in "7368")
    assert rows()[0]["error"].startswith(f'{name}: "{value}" ')


def test_a_value_that_looks_like_several_sentences_is_left_out_too(assess: Assess) -> None:
    told = assess("cancer,er,grade\nbreast,Mil | ler,1\nbreast,,x | Smith | y\n")
    assert told.code == 4
    assert [line for line in told.problems if "row 2" in line] == [f"  1 row, first row 2: {GRADE}"]
    assert not any(name in told.err for name in ("Mil", "ler", "Smith"))


def test_a_fault_of_ours_shows_no_value(
    assess: Assess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("Miller")

    monkeypatch.setattr("riskcli.cohort.rows.core_data", broken)
    told = assess("cancer,grade\nbreast,1\n")
    assert told.code == 1
    assert "Miller" not in told.err
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


# ---- help


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("command", [("cohort",), ("cohort", "assess")])
def test_help_fits_its_terminal(
    width: int, command: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    told = run(*command, "--help")
    assert told.code == 0
    lines = told.out.splitlines()
    assert max(map(len, lines)) <= width
    words = " ".join(told.out.replace("│", " ").split())
    if command == ("cohort", "assess"):
        assert "xlsx is safe." in words
        assert "4 some are wrong (the others are written)" in words
        for flag in ("--assume", "--map", "--mapping", "--pass-through", "--prefix", "--strict", "--reports"):
            assert flag in words
