"""Tables of one's own: named in every answer, refused while faulty, told when the packaged one has moved."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run

from riskcli.loader import Rules, load_rules

PACKAGED = Rules()
CASE = ("assess", "other_solid", "--grade", "1", "--nodes-positive", "0", "--vascular-invasion", "absent")


def local(directory: Path, old: str = "", new: str = "", base: str = "") -> Path:
    """Write a changed copy of a packaged table."""
    text = PACKAGED.file("other_solid").read_text(encoding="utf-8")
    assert old in text
    path = directory / "other_solid.yaml"
    path.write_text(text.replace(old, new, 1) + base, encoding="utf-8")
    return path


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    return local(tmp_path, "worse: present", "worse: absent")


def test_a_sound_local_table_is_named_in_the_first_line(run: Run, tmp_path: Path) -> None:
    path = local(tmp_path)
    told = run(*CASE, "--rules", tmp_path)
    assert told.code == 0
    assert str(path) in "".join(told.out.split("DRAFT")[0].split())
    assert run(*CASE, "--rules", tmp_path, "--json").json["provenance"]["origin"] == str(path)


def test_a_faulty_local_table_is_refused_with_every_reason_and_the_way_out(run: Run, faulty: Path) -> None:
    told = run(*CASE, "--rules", faulty.parent)
    assert (told.code, told.out) == (3, "")
    assert any("not-monotone" in line for line in told.problems)
    assert told.problems[-1] == f"{faulty}:1: is refused; mend it, or use it all the same with --unchecked"


@pytest.mark.parametrize("command", [CASE, ("rules", "check")])
def test_local_words_that_cannot_be_filled_in_are_a_fault_of_their_file(
    command: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    local(tmp_path)
    lines = (PACKAGED.packaged / "common.yaml").read_text(encoding="utf-8").split("\n")
    at = next(number for number, line in enumerate(lines) if line.startswith("meaning:"))
    lines[at] = 'meaning: "{foo}"'
    (tmp_path / "common.yaml").write_text("\n".join(lines), encoding="utf-8")
    told = run(*command, "--rules", tmp_path)
    assert told.code == 3
    assert f'{tmp_path / "common.yaml"}:{at + 1}: load: meaning: "{{foo}}" has the slot {{foo}}' in (
        told.err + told.out
    )


@pytest.mark.parametrize("command", ["assess", "gaps"])
def test_a_cohort_refuses_a_faulty_local_table_and_names_one_that_goes_unchecked(
    command: str, run: Run, faulty: Path, tmp_path: Path
) -> None:
    cohort, out = tmp_path / "cohort.csv", tmp_path / "out.csv"
    cohort.write_text("grade,nodes_positive\n2,0\n", encoding="utf-8")
    asked = ["cohort", command, cohort, "-o", out, "--cancer", "other_solid", "--rules", faulty.parent]
    told = run(*asked)
    assert (told.code, told.out, out.exists()) == (3, "", False)
    assert told.problems[-1].endswith("use it all the same with --unchecked")
    told = run(*asked, "--unchecked")
    assert told.code == 0
    said = " ".join((told.err if command == "assess" else out.read_text(encoding="utf-8")).split())
    assert "Local table" in said
    assert "(unchecked)" in said


def test_a_table_that_goes_unchecked_says_so_in_every_answer(run: Run, faulty: Path) -> None:
    told = run(*CASE, "--rules", faulty.parent, "--unchecked")
    assert told.code == 0
    assert "(unchecked)" in " ".join(told.out.split())
    answer = run(*CASE, "--rules", faulty.parent, "--unchecked", "--json").json
    assert answer["provenance"]["origin"] == f"{faulty} (unchecked)"


def test_another_cancers_faulty_local_table_is_no_obstacle(run: Run, faulty: Path) -> None:
    assert run("assess", "colon", "--rules", faulty.parent).code == 0


def based_on(digest: str) -> str:
    """Return the lines that say what a table was made from."""
    return f'\nbased_on: {{edition: "2020.1", digest: {digest}}}\n'


def test_a_table_whose_base_has_moved_warns_in_every_answer(run: Run, tmp_path: Path) -> None:
    local(tmp_path, base=based_on("0" * 64))
    (warning,) = run(*CASE, "--rules", tmp_path, "--json").json["warnings"]
    assert warning.startswith("This table was made from edition 2020.1 of the packaged other_solid table")


def test_a_table_whose_base_has_not_moved_says_nothing(run: Run, tmp_path: Path) -> None:
    local(tmp_path, base=based_on(PACKAGED.digest("other_solid")))
    assert run(*CASE, "--rules", tmp_path, "--json").json["warnings"] == []


def test_a_base_that_is_not_packaged_says_nothing(tmp_path: Path) -> None:
    assert load_rules(local(tmp_path)).get("other_solid").notices == ()
