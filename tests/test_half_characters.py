"""Half a character, as text that was cut may end, and names that are not UTF-8: no input stops a run."""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

from riskcli.errors import CaseError
from riskcli.records import mended, parse_json

ROOT = Path(__file__).parent.parent
FHIR = ROOT / "tests" / "data" / "fhir" / "breast_mcode.json"
HALF, MARK = r"\ud83d", "\N{REPLACEMENT CHARACTER}"
PIECES = ["\\", "\\\\", "\\u", "d8", "DC", "00", r"\ud83d", r"\uDE00", r"\u00e9", "é", "x", "\n", '\\"']
OWN_FILES = {"built.py", "words.py", "records.py"}
"""The modules that read JSON which this program has written, and the one that reads all other."""


def decoded(inside: str) -> str | None:
    """Return the text of a JSON string, or nothing where it is none."""
    try:
        text: str = json.loads(f'"{inside}"', strict=False)
    except ValueError:
        return None
    return text


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_each_half_becomes_a_mark_and_nothing_else_changes(inside: str) -> None:
    text, found = decoded(inside), mended(inside)
    assert decoded(found) == (None if text is None else re.sub("[\ud800-\udfff]", MARK, text))
    assert len(found) == len(inside)


def test_what_is_wrong_with_a_text_stands_where_it_stood() -> None:
    with pytest.raises(CaseError, match=r"expected ',' \(line 1, column 18\)"):
        parse_json(rf'{{"ref": "{HALF}" "er": 1}}', "a.json")


def test_a_large_text_of_whole_characters_is_left_as_it_is() -> None:
    text = json.dumps(["\N{GRINNING FACE} \\ud83d"] * 100_000)
    assert mended(text) == text


def test_every_json_that_comes_from_outside_is_read_in_one_place() -> None:
    for path in sorted((ROOT / "riskcli").rglob("*.py")):
        called = {
            ast.unparse(node.func)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call)
        }
        assert path.name in OWN_FILES or not called & {"json.loads", "json.load"}, path


def test_a_record_with_half_a_character_is_answered_saved_and_verified(run: Run, tmp_path: Path) -> None:
    case, saved, page = (tmp_path / name for name in ("case.json", "saved.json", "page.md"))
    case.write_text(rf'{{"cancer": "breast", "grade": 3, "ref": "Eva {HALF}"}}')
    assert run("assess", "--input", case, "--json", "--save", saved, "--report", page).json["ref"] == (
        f"Eva {MARK}"
    )
    assert run("verify", saved).code == 0
    assert run("what-if", "--input", case, "--vary", "grade").code == 0


@pytest.mark.parametrize("key", ["grade", "other"])
def test_half_a_character_in_a_value_or_a_name_is_refused_like_any_text(
    key: str, run: Run, tmp_path: Path
) -> None:
    case = tmp_path / "case.json"
    case.write_text(rf'{{"cancer": "breast", "{key}{HALF if key == "other" else ""}": "{HALF}"}}')
    told = run("assess", "--input", case)
    assert (told.code, len(told.problems)) == (2, 1)
    assert MARK in told.err


def test_a_row_of_json_lines_with_half_a_character_is_answered(run: Run, tmp_path: Path) -> None:
    cohort, out = tmp_path / "cohort.jsonl", tmp_path / "out.csv"
    cohort.write_text(rf'{{"cancer": "breast", "grade": 3, "ref": "Eva {HALF}"}}' + "\n")
    assert run("cohort", "assess", cohort, out).code == 0
    assert f"Eva {MARK}" in out.read_text(encoding="utf-8")


def wounded(old: str, new: str) -> str:
    """Return a bundle in which a text is another, half a character in it."""
    text = FHIR.read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new)


WOUNDS = [
    pytest.param('"resourceType": "Patient"', rf'"resourceType": "Patient", "x{HALF}": 1', id="key"),
    pytest.param('"unit": "centimeters"', rf'"unit": "centimeters{HALF}"', id="unit"),
    pytest.param('"value": 1.3', rf'"value": 1.3, "comparator": "{HALF}"', id="comparator"),
]


def patient_with_half_an_id() -> str:
    """Return a bundle whose patient has half a character in the id."""
    bundle = json.loads(FHIR.read_text(encoding="utf-8"))
    patient = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient")
    old = patient["id"]
    return (
        json.dumps(bundle)
        .replace(f"Patient/{old}", rf"Patient/{old}{HALF}")
        .replace(f'"id": "{old}"', rf'"id": "{old}{HALF}"')
    )


@pytest.mark.parametrize("form", ["directory", "lines", "export"])
@pytest.mark.parametrize("more", [(), ("--show-sources",)], ids=["alone", "with sources"])
def test_a_patient_with_half_a_character_in_the_id_keeps_a_row(
    form: str, more: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    bundle, out = patient_with_half_an_id(), tmp_path / "out.csv"
    read = tmp_path / "in"
    read.mkdir()
    if form == "directory":
        (read / "a.json").write_text(bundle)
    elif form == "lines":
        (read / "a.ndjson").write_text(bundle + "\n")
    else:
        lines = [json.dumps(entry["resource"]) for entry in json.loads(bundle)["entry"]]
        (read / "a.ndjson").write_text("\n".join(lines))
    told = run("cohort", "assess", "--fhir", read, out, *more)
    assert told.code == 0, told.err
    assert MARK in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(("old", "new"), WOUNDS)
def test_half_a_character_anywhere_in_a_bundle_stops_nothing(
    old: str, new: str, run: Run, tmp_path: Path
) -> None:
    read = tmp_path / "in"
    read.mkdir()
    (read / "a.json").write_text(wounded(old, new), encoding="utf-8")
    assert run("cohort", "assess", "--fhir", read, tmp_path / "out.csv", "--show-sources").code in (0, 4)
    assert run("assess", "--fhir", read / "a.json", "--save", tmp_path / "saved.json").code in (0, 2)


def test_text_that_is_no_utf8_is_refused_in_every_form_of_cohort(run: Run, tmp_path: Path) -> None:
    texts: dict[str, Any] = {
        "a.csv": b"cancer,grade,ref\nbreast,3,caf\xe9\n",
        "b.csv": b"cancer,grade,ref\nbreast,3,\xed\xa0\x80\n",
        "c.jsonl": b'{"cancer": "breast", "ref": "caf\xe9"}\n',
    }
    for name, content in texts.items():
        (tmp_path / name).write_bytes(content)
        told = run("cohort", "assess", tmp_path / name, tmp_path / "out.csv")
        assert (told.code, len(told.problems)) == (2, 1)
        assert "is not UTF-8" in told.err


def test_an_argument_that_is_no_utf8_is_written_out(run: Run, tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    flags = ("--grade", "3", "--ref", "M\udcfcller")
    assert run("assess", "breast", *flags, "--json", "--save", saved).json["ref"] == r"M\udcfcller"
    assert run("verify", saved).code == 0
    cohort, out = tmp_path / "cohort.csv", tmp_path / "out.csv"
    cohort.write_text("cancer,grade\nbreast,3\n")
    assert run("cohort", "assess", cohort, out, "--prefix", "\udcff").code == 0
    assert out.read_text(encoding="utf-8").startswith(r"cancer,grade,\udcfflikelihood,")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names of files are text there")
def test_patients_whose_files_names_are_no_utf8_are_told_apart(run: Run, tmp_path: Path) -> None:
    bundle = json.loads(FHIR.read_text(encoding="utf-8"))
    whose = {"Patient", "subject", "patient"}
    bundle["entry"] = [
        {"resource": {key: value for key, value in entry["resource"].items() if key not in whose}}
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] not in whose
    ]
    read = tmp_path / "in"
    read.mkdir()
    for name in (b"M\xfcller.json", b"M\xf6ller.json"):
        Path(os.fsdecode(os.fsencode(read) + b"/" + name)).write_text(json.dumps(bundle))
    out = tmp_path / "out.jsonl"
    assert run("cohort", "assess", "--fhir", read, out, "--full").code == 0
    found = [json.loads(line)["ref"] for line in out.read_text(encoding="utf-8").splitlines()]
    assert found == [r"M\udcf6ller.json", r"M\udcfcller.json"]
