"""What is written takes the place of nothing that is read or written, and appears whole or not at all."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Run

ROOT = Path(__file__).parent.parent
FHIR = ROOT / "tests" / "data" / "fhir" / "breast_mcode.json"
CASE = '{"cancer": "breast", "grade": 3}'
COHORT = "cancer,grade,ref\nbreast,3,cohort\n"
FULL = "/dev/full"
needs_full = pytest.mark.skipif(not Path(FULL).exists(), reason="no device that is always full")

IS_READ = "{flag} {path} is a file that is read; give another name\n"
ONE_FILE = "{flags} are one file, {path}; give each a name of its own\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a directory with a case, a bundle, a cohort and a table of one's own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "case.json").write_text(CASE)
    (tmp_path / "cohort.txt").write_text(COHORT)
    (tmp_path / "mapping.yaml").write_text("columns: {}\n")
    (tmp_path / "rules").mkdir()
    shutil.copy(ROOT / "rules" / "colon.yaml", "rules/colon.yaml")
    shutil.copy(FHIR, "bundle.json")
    return tmp_path


def contents(place: Path) -> dict[str, bytes]:
    """Return every file below a place, by its name."""
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


READERS = {
    "assess --fhir": ("bundle.json", ("assess", "--fhir", "bundle.json")),
    "assess --input": ("case.json", ("assess", "--input", "case.json")),
    "what-if": ("case.json", ("what-if", "--input", "case.json", "--vary", "er")),
    "cohort assess": ("cohort.txt", ("cohort", "assess", "cohort.txt")),
    "cohort gaps": ("cohort.txt", ("cohort", "gaps", "cohort.txt")),
    "rules show": ("rules/colon.yaml", ("rules", "show", "colon", "--rules", "rules")),
    "rules export": ("rules/colon.yaml", ("rules", "export", "colon", "--rules", "rules")),
    "rules vignettes": ("rules/colon.yaml", ("rules", "vignettes", "colon", "--rules", "rules")),
    "explain": ("rules/colon.yaml", ("explain", "sites", "colon", "--rules", "rules")),
    "schema": ("rules/colon.yaml", ("schema", "case", "colon", "--rules", "rules")),
}

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda path: path,
    "another spelling": lambda path: f"./rules/../{path}",
    "in full": os.path.abspath,
    "a symbolic link": lambda path: _linked(path, os.symlink),
    "a hard link": lambda path: _linked(path, os.link),
}


def _linked(path: str, link: Callable[[str, str], None]) -> str:
    """Make a link to a file and return its name."""
    link(os.path.abspath(path), "link")
    return "link"


@pytest.mark.parametrize("command", READERS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_output_takes_the_place_of_what_is_read(command: str, spelling: str, here: Path, run: Run) -> None:
    read, words = READERS[command]
    path = SPELLINGS[spelling](read)
    before = contents(here)
    told = run(*words, "--output", path)
    assert (told.code, told.out, told.err) == (2, "", IS_READ.format(flag="--output", path=path))
    assert contents(here) == before


@pytest.mark.parametrize("flag", ["--save", "--fhir-out"])
def test_no_other_output_of_an_answer_does_either(flag: str, here: Path, run: Run) -> None:
    told = run("assess", "--fhir", "bundle.json", flag, "bundle.json")
    assert (told.code, told.out, told.err) == (2, "", IS_READ.format(flag=flag, path="bundle.json"))
    assert (here / "bundle.json").read_bytes() == FHIR.read_bytes()


def test_a_page_of_a_validation_and_resources_do_not_either(here: Path, run: Run) -> None:
    times = ("--time", "grade", "--event", "grade", "--time-unit", "years")
    told = run("cohort", "validate", "cohort.txt", *times, "--report", "cohort.txt")
    assert told.err == IS_READ.format(flag="--report", path="cohort.txt")
    mapped = ("--mapping", "mapping.yaml", "--fhir-out", "mapping.yaml")
    told = run("cohort", "assess", "cohort.txt", "out.csv", *mapped)
    assert told.err == IS_READ.format(flag="--fhir-out", path="mapping.yaml")
    assert not (here / "out.csv").exists()


def test_what_standard_input_is_read_from_is_not_written_over(
    here: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, words in (("case.json", ("assess", "--input", "-")), ("cohort.txt", ("cohort", "assess", "-"))):
        with (here / name).open() as file:
            monkeypatch.setattr(sys, "stdin", file)
            told = run(*words, "-o", name)
        assert told.err == IS_READ.format(flag="--output", path=name)


@pytest.mark.parametrize(
    ("flags", "named", "path"),
    [
        (("-o", "x", "--fhir-out", "x"), "--output and --fhir-out", "x"),
        (("--save", "./x", "--fhir-out", "x"), "--save and --fhir-out", "./x"),
        (("-o", "x", "--save", "rules/../x"), "--output and --save", "x"),
        (("--save", "x.md", "--report", "x.md"), "--save and --report", "x.md"),
    ],
)
def test_two_outputs_are_two_files(
    flags: tuple[str, ...], named: str, path: str, here: Path, run: Run
) -> None:
    before = contents(here)
    told = run("assess", "--input", "case.json", *flags)
    assert (told.code, told.out, told.err) == (2, "", ONE_FILE.format(flags=named, path=path))
    assert contents(here) == before


def test_a_device_may_take_several_outputs(here: Path, run: Run) -> None:
    told = run("assess", "--input", "case.json", "-o", os.devnull, "--save", os.devnull)
    assert told.code == 0


def test_files_that_are_no_rules_may_lie_beside_them(here: Path, run: Run) -> None:
    assert run("rules", "show", "colon", "--rules", "rules", "-o", "rules/colon.txt").code == 0


def test_pages_are_not_put_among_the_bundles_or_over_the_cohort(here: Path, run: Run) -> None:
    (here / "in").mkdir()
    shutil.copy(FHIR, "in/a.json")
    told = run("cohort", "assess", "--fhir", "in", "out.csv", "--reports", "in")
    assert told.err == "in lies in the directory that is read; give a place outside of it\n"
    assert run("cohort", "assess", "cohort.txt", "out.csv", "--reports", ".").code == 0
    assert (here / "cohort.txt").read_text() == COHORT
    assert "Invasive breast cancer" in (here / "cohort-1.txt").read_text(encoding="utf-8")


# ---- what cannot be written

BLOCKED = "none/x"


@pytest.mark.parametrize(
    "flags",
    [
        ("--save", "a.json", "--fhir-out", BLOCKED),
        ("--report", "a.md", "-o", BLOCKED),
        ("--report", "a.md", "--fhir-out", "b.json", "--save", BLOCKED),
        pytest.param(("--report", "a.md", "--fhir-out", FULL), marks=needs_full),
    ],
)
def test_an_answer_is_written_to_all_its_files_or_to_none(
    flags: tuple[str, ...], here: Path, run: Run
) -> None:
    before = contents(here)
    told = run("assess", "--input", "case.json", *flags)
    assert (told.code, told.out, len(told.problems)) == (2, "", 1)
    assert f"{flags[-1]} cannot be written (No " in told.err
    assert contents(here) == before


@pytest.mark.parametrize("stream", ["closed", pytest.param("full", marks=needs_full)])
@pytest.mark.parametrize(
    "words", [("assess", "--input", "case.json"), ("cohort", "assess", "cohort.txt", "-", "--to", "csv")]
)
def test_without_standard_output_no_file_is_written_either(
    stream: str, words: tuple[str, ...], here: Path
) -> None:
    before = contents(here)
    goes = ">&-" if stream == "closed" else f">{FULL}"
    placed = [str(here / word) if (here / word).is_file() else word for word in words]
    command = " ".join([sys.executable, "-m riskcli", *placed, "--fhir-out", str(here / "a.json"), goes])
    told = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert told.stderr.startswith("standard output cannot be written (")
    assert told.stderr.count("\n") == 1
    assert contents(here) == before


def test_a_reader_who_has_gone_leaves_the_files(
    here: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

        def fileno(self) -> int:
            return os.open(os.devnull, os.O_WRONLY)

    monkeypatch.setattr(sys, "stdout", Gone())
    told = run("assess", "--input", "case.json", "--fhir-out", "a.json")
    assert (told.code, told.err) == (0, "FHIR RiskAssessment written to a.json.\n")
    assert (here / "a.json").exists()


@pytest.mark.parametrize(
    "flags",
    [
        ("--fhir-out", BLOCKED),
        ("--reports", "case.json"),
        pytest.param(("--fhir-out", FULL), marks=needs_full),
    ],
)
def test_a_cohort_is_written_to_all_its_files_or_to_none(
    flags: tuple[str, ...], here: Path, run: Run
) -> None:
    before = contents(here)
    told = run("cohort", "assess", "cohort.txt", "out.csv", *flags)
    assert (told.code, told.out, len(told.problems)) == (2, "", 1)
    assert contents(here) == before


@pytest.mark.parametrize("form", [("--format", "dmn"), ("--format", "csv"), ()])
@pytest.mark.parametrize("place", ["none/x/y", pytest.param(FULL, marks=needs_full)])
def test_tables_that_cannot_be_exported_leave_nothing(
    form: tuple[str, ...], place: str, here: Path, run: Run
) -> None:
    before = contents(here)
    told = run("rules", "export", "colon", *form, "--output", place)
    assert (told.code, told.out, len(told.problems)) == (2, "", 1)
    assert f"{place} cannot be written (" in told.err
    assert contents(here) == before


def test_a_directory_that_takes_no_files_takes_no_part_of_an_export(
    here: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, moved = os.replace, []

    def refuse_the_second(one: str, other: str) -> None:
        moved.append(other)
        if len(moved) > 1:
            raise PermissionError(13, "Permission denied")
        replace(one, other)

    (here / "full").mkdir()
    (here / "full" / "colon.cases.json").mkdir()
    told = run("rules", "export", "colon", "--format", "dmn", "--output", "full")
    assert told.code == 2
    assert "colon.cases.json" in told.err
    assert contents(here / "full") == {}
    monkeypatch.setattr(os, "replace", refuse_the_second)
    told = run("rules", "export", "colon", "--format", "dmn", "--output", "new")
    assert "colon.cases.json cannot be written (Permission denied)" in told.err
    assert not [name for name in contents(here / "new") if name.startswith(".")]
