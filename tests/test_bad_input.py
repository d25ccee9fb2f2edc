"""Every kind of bad input: one sentence each, nothing on standard output, exit code 2, no traceback."""

from __future__ import annotations

import codecs
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, Told

JARGON = re.compile(r"Traceback|Error\b|Exception|pydantic|NoneType|\bstr\b|\bint\b|<class|object at 0x")


def sentences(told: Told) -> list[str]:
    """Return the sentences of a refusal, held to the manners of one."""
    assert (told.code, told.out) == (2, "")
    assert told.problems
    for sentence in told.problems:
        assert not JARGON.search(sentence), sentence
        assert sentence.isprintable()
        assert len(sentence) < 700, "the longest lists every cancer"
    return told.problems


def refused(told: Told, *parts: str) -> None:
    """Hold a run to one sentence that has these parts in this order."""
    (sentence,) = sentences(told)
    at = 0
    for part in parts:
        assert part in sentence[at:], sentence
        at = sentence.index(part, at) + len(part)


@pytest.fixture
def given(run: Run, tmp_path: Path) -> Any:
    """Run the program on a record, or on the raw content of a file."""

    def give(record: dict[str, Any] | bytes | str, *flags: str) -> Told:
        path = tmp_path / "case.json"
        if isinstance(record, dict):
            record = json.dumps({"cancer": "breast", **record})
        path.write_bytes(record.encode() if isinstance(record, str) else record)
        return run("assess", "--input", path, *flags)

    return give


# ---- values


@pytest.mark.parametrize(
    ("record", "parts"),
    [
        ({"grade": 4}, ("grade: ", "4 is not allowed for breast", "1, 2 or 3")),
        ({"grade": "IV"}, ("grade: ", '"IV"', "1, 2 or 3")),
        ({"grade": "high"}, ("grade: ", '"high"', "1, 2 or 3")),
        ({"er": "postive"}, ("er: ", '"postive"', "positive or negative")),
        ({"er": 1}, ("er: ", "1", "positive or negative")),
        ({"er": True}, ("er: ", "true", "positive or negative")),
        ({"er": {"value": "positive"}}, ("er: ", "positive or negative")),
        ({"grade": 2.5}, ("grade: ", "2.5", "1, 2 or 3")),
        ({"nodes_positive": 2.5}, ("nodes_positive: ", "2.5", "whole number", "0 to 90")),
        ({"nodes_positive": "many"}, ("nodes_positive: ", '"many"', "0 to 90")),
        ({"nodes_positive": True}, ("nodes_positive: ", "true", "0 to 90")),
        ({"nodes_positive": -1}, ("nodes_positive: ", "-1", "0 to 90")),
        ({"nodes_positive": 91}, ("nodes_positive: ", "91", "0 to 90")),
        ({"nodes_positive": 98}, ("nodes_positive: ", "98", "registry code")),
        ({"nodes_positive": "99"}, ("nodes_positive: ", "99", "registry code")),
        ({"tumour_size_mm": 999}, ("tumour_size_mm: ", "999", "registry code")),
        ({"tumour_size_mm": -3}, ("tumour_size_mm: ", "-3", "0 to")),
        ({"nodes_positive": 10**400}, ("nodes_positive: ", "0 to 90")),
        ({"tumour_size_mm": 1e308}, ("tumour_size_mm: ", "0 to")),
        ({"nodes_positive": "9" * 5000}, ("nodes_positive: ", "0 to 90")),
        ({"nodes_positive": "1-Mar"}, ("nodes_positive: ", '"1-Mar"', "date", "0 to 90")),
        ({"nodes_positive": "2026-03-01"}, ("nodes_positive: ", '"2026-03-01"', "date", "0 to 90")),
        ({"nodes_positive": "3/12"}, ("nodes_positive: ", '"3/12"')),
        ({"tumour_size_mm": "2.5 cm"}, ("tumour_size_mm: ", '"2.5 cm"', "mm (25)")),
        ({"tumour_size_mm": "2,5"}, ("tumour_size_mm: ", '"2,5"', "2.5")),
        (
            {"nodes_positive": 5, "nodes_examined": 3},
            ("nodes_positive: ", "5 is more than nodes_examined (3)"),
        ),
        ({"her": "positive"}, ("her", "not a field of breast")),
        ({"nodes_positve": 2}, ("nodes_positve", "not a field of breast", "did you mean nodes_positive?")),
        ({"": 2}, ("no name",)),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_a_wrong_value_gets_a_sentence_with_the_field_the_value_and_what_is_allowed(
    record: dict[str, Any], parts: tuple[str, ...], given: Any
) -> None:
    refused(given(record), *parts)


def test_a_clinical_value_is_never_guessed(given: Any) -> None:
    for record in ({"er": "postive"}, {"vascular_invasion": "presnt"}, {"menopausal_status": "post-ish"}):
        (sentence,) = sentences(given(record))
        assert "did you mean" not in sentence


def test_all_problems_of_a_record_come_at_once_in_the_order_of_the_fields(given: Any) -> None:
    record = {"nodes_positive": 5, "her2": "perhaps", "nodes_examined": 3, "grade": 4, "colour": "red"}
    found = [sentence.split(":")[0].split(" ")[0] for sentence in sentences(given(record))]
    assert found == ["colour", "grade", "nodes_positive", "her2"]


def test_with_json_the_same_problems_are_data_on_standard_error(given: Any) -> None:
    record = {"nodes_positive": 98, "grade": 4, "colour": "red"}
    told = given(record, "--json")
    data = json.loads(told.err)
    assert (told.code, told.out, data["error"], data["exit_code"]) == (2, "", "case", 2)
    assert [problem["field"] for problem in data["problems"]] == ["colour", "grade", "nodes_positive"]
    assert [problem["value"] for problem in data["problems"]] == ["red", 4, 98]
    assert data["problems"][1]["allowed"] == ["1", "2", "3"]
    for problem in data["problems"]:
        assert set(problem) == {"field", "value", "message", "allowed"}
    words = given(record).problems
    assert [problem["message"] in sentence for problem, sentence in zip(data["problems"], words, strict=True)]


def test_a_huge_or_long_value_is_repeated_in_json_only_in_part(given: Any) -> None:
    for value in (10**4000, "x" * 5000, ["x" * 5000], {"x": "y" * 5000}):
        told = given({"er": value}, "--json")
        assert (told.code, told.out) == (2, "")
        assert len(told.err) < 1000


# ---- files


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("", ("is empty",)),
        ("{", ("is not JSON", "line 1")),
        ('{"cancer": "breast", "grade": 3,}', ("is not JSON", "line 1")),
        ("[1, 2]", ("a list of 2", "one record")),
        ('"breast"', ("text", "one record")),
        ('{"cancer": "breast", "grade": 2, "grade": 3}', ('"grade"', "twice")),
        ('{"cancer": "breast", "grade": NaN}', ("NaN", "not a number")),
        ('{"cancer": "breast", "grade": Infinity}', ("Infinity", "not a number")),
        ('{"cancer": "breast", "nodes_positive": 1e999}', ("1e999", "too large")),
        ('{"cancer": "breast", "nodes_positive": ' + "9" * 5000 + "}", ("too long",)),
        ('{"cancer": "breast", "ref": ' + "[" * 100_000 + "]" * 100_000 + "}", ("nested too deeply",)),
        ('{"cancer": "breast", "ref": "Käthe"}'.encode("latin-1"), ("not UTF-8",)),
        ('{"cancer": "breast"}'.encode("utf-16-le"), ("not UTF-8",)),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", ("spreadsheet", "not JSON")),
        (codecs.BOM_UTF8, ("is empty",)),
        ('{"cancer": 7}', ("cancer", "text")),
        ('{"cancer": ["breast"]}', ("cancer", "text")),
        ('{"cancer": " "}', ("cancer", "is missing")),
        ('{"Cancer": "breast", "cancer": "colon"}', ("cancer", "twice")),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, str | bytes) else "",
)
def test_a_file_that_holds_no_record_gets_a_sentence(
    content: bytes | str, parts: tuple[str, ...], given: Any
) -> None:
    refused(given(content), *parts)


def test_a_directory_or_a_missing_file_gets_a_sentence(run: Run, tmp_path: Path) -> None:
    refused(run("assess", "--input", tmp_path), str(tmp_path), "is a directory")
    refused(run("assess", "--input", tmp_path / "none.json"), "none.json", "does not exist")


def test_what_is_wrong_with_the_flags_is_said_before_the_values_of_the_file(given: Any) -> None:
    told = given({"grade": 4}, "--er")
    assert told.problems[0] == "--er needs a value"
    assert told.problems[1].startswith("grade: 4")


@pytest.mark.parametrize("end", ["<&-", "</dev/null"])
@pytest.mark.parametrize("args", ["assess", "assess --input -", "assess breast -i -"])
def test_closed_and_empty_standard_input_never_hang(args: str, end: str) -> None:
    told = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m riskcli {args} {end}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    refused(Told(told.returncode, told.stdout, told.stderr))


def test_words_that_are_no_text_are_refused_without_a_crash(run: Run) -> None:
    for args in (
        ["breast", "--grade", "\udcff"],
        ["\udcff"],
        ["breast", "\udcff"],
        ["breast", "-i", "\udcff"],
    ):
        (sentence,) = sentences(run("assess", *args))
        assert "\udcff" not in sentence
        json.loads(run("assess", *args, "--json").err)


def test_bytes_in_the_command_line_that_are_no_text_are_refused() -> None:
    told = subprocess.run(
        [os.fsencode(sys.executable), b"-m", b"riskcli", b"assess", b"breast", b"--er", b"\xff", b"--json"],
        capture_output=True,
        check=False,
    )
    assert (told.returncode, told.stdout) == (2, b"")
    assert json.loads(told.stderr)["problems"][0]["field"] == "er"
