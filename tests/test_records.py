"""A file or stream is read as one record, or refused in one sentence."""

from __future__ import annotations

import codecs
import io
import sys
from pathlib import Path
from typing import Any

import pytest

from riskcli.errors import CaseError
from riskcli.records import MOST_BYTES, MOST_LEVELS, read_record

RECORD = {"cancer": "breast", "grade": 3, "ref": "Käthe ≥ 4"}
TEXT = '{"cancer": "breast", "grade": 3, "ref": "Käthe ≥ 4"}'


def refused(path: Path | str) -> str:
    """Return the sentence with which a source is refused, without its name."""
    with pytest.raises(CaseError) as caught:
        read_record(str(path))
    (problem,) = caught.value.problems
    assert problem.field is None
    assert "\n" not in str(problem)
    name = "standard input " if path == "-" else f"{path} "
    assert str(problem).startswith(name)
    return str(problem).removeprefix(name)


@pytest.fixture
def file(tmp_path: Path) -> Any:
    """Write bytes or text to a file and return its path."""

    def write(content: bytes | str) -> Path:
        path = tmp_path / "case.json"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.replace(" ", "\r\n").replace("Käthe\r\n≥\r\n4", "Käthe ≥ 4").encode(),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16 little", "utf-16 big", "windows line ends"],
)
def test_the_encodings_of_windows_and_unix_are_read(content: bytes, file: Any) -> None:
    assert read_record(str(file(content))) == RECORD


NOT_UTF8 = "is not UTF-8 (or UTF-16 with a byte order mark); save it as UTF-8"
EMPTY = "is empty; a case is one JSON record"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (TEXT.encode("utf-16-le"), NOT_UTF8),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), NOT_UTF8),
        ('{"ref": "Käthe"}'.encode("latin-1"), NOT_UTF8),
        (codecs.BOM_UTF16_LE + b"{", NOT_UTF8),
        (b"", EMPTY),
        (b" \r\n\t ", EMPTY),
        (codecs.BOM_UTF16_LE, EMPTY),
        (b"PK\x03\x04 and so on", "is a spreadsheet or zip file, not JSON; save the record as JSON"),
        (b"PAR1....", "is a Parquet file, not JSON; save the record as JSON"),
        (b"\x1f\x8b....", "is a compressed file, not JSON; save the record as JSON"),
        (b"%PDF-1.7", "is a PDF, not JSON; save the record as JSON"),
        (b"\xd0\xcf\x11\xe0....", "is an old spreadsheet, not JSON; save the record as JSON"),
    ],
)
def test_bytes_that_are_no_text_are_refused_for_what_they_are(
    content: bytes, sentence: str, file: Any
) -> None:
    assert refused(file(content)) == sentence


ONE = 'but a case is one record such as {"cancer": "breast"}'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[]", f"holds a list of 0, {ONE}"),
        ('[{"cancer": "breast"}, {"cancer": "colon"}]', f"holds a list of 2, {ONE}"),
        ('"breast"', f"holds text, {ONE}"),
        ("3", f"holds a number, {ONE}"),
        ("2.5", f"holds a number, {ONE}"),
        ("true", f"holds true or false, {ONE}"),
        ("null", f"holds null, {ONE}"),
        ("grade: 3", "is not JSON: expected value (line 1, column 1)"),
        ('{"grade": 3,\n "er" "positive"}', "is not JSON: expected ':' (line 2, column 7)"),
        ('{"grade": 3', "is not JSON: expected ',' (line 1, column 12)"),
        (
            '{"grade": 3}\n{"grade": 2}',
            "goes on after its first record (line 2, column 1); a case is one record",
        ),
        ('{"grade": 2, "grade": 3}', 'gives the key "grade" twice; keep one'),
        ('{"ref": {"a": 1, "a": 1}}', 'gives the key "a" twice; keep one'),
        ('{"grade": NaN}', "holds NaN, which is not a number; leave the field out if it is unknown"),
        (
            '{"grade": -Infinity}',
            "holds -Infinity, which is not a number; leave the field out if it is unknown",
        ),
        ('{"grade": 1e999}', "holds 1e999, which is too large to be read"),
        ('{"ref": [-1.5e400]}', "holds -1.5e400, which is too large to be read"),
        ('{"grade": ' + "9" * 5000 + "}", "holds a number that is too long to be read"),
        ('{"ref": ' + "[" * 30 + "]" * 30 + "}", "is nested too deeply for a record"),
        ('{"ref": ' + "[" * 200_000 + "]" * 200_000 + "}", "is nested too deeply for a record"),
    ],
    ids=lambda value: value[:30],
)
def test_json_that_is_no_record_is_refused(content: str, sentence: str, file: Any) -> None:
    assert refused(file(content)) == sentence


def test_a_little_nesting_in_the_callers_own_reference_is_read(file: Any) -> None:
    assert read_record(str(file('{"ref": {"a": [{"b": [1, 2.5, -1e3]}]}}'))) == {
        "ref": {"a": [{"b": [1, 2.5, -1000.0]}]}
    }


def test_nesting_is_read_up_to_a_limit(file: Any) -> None:
    inside = MOST_LEVELS - 2  # the record and its reference are two levels
    assert read_record(str(file('{"ref": ' + "[" * inside + "]" * inside + "}")))
    deeper = inside + 1
    assert (
        refused(file('{"ref": ' + "[" * deeper + "1" + "]" * deeper + "}"))
        == "is nested too deeply for a record"
    )


def test_a_file_is_read_up_to_the_size_of_no_record(file: Any) -> None:
    start, end = b'{"ref": "', b'"}'
    filled = MOST_BYTES - len(start) - len(end)
    assert len(read_record(str(file(start + b"a" * filled + end)))["ref"]) == filled
    too_large = file(start + b"a" * (filled + 1) + end)
    assert refused(too_large) == "is larger than 20 MB, which is no single record"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.json") == "does not exist"
    assert refused("a\0b") == "does not exist"


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path) == "is a directory; give a JSON file"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PermissionError(13, "Permission denied"), "may not be read"),
        (OSError(5, "Input/output error"), "cannot be read (Input/output error)"),
        (OSError(), "cannot be read (no reason is given)"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    error: OSError, sentence: str, file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(TEXT)

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Path, "open", fail)
    assert refused(path) == sentence


def test_a_directory_that_a_system_only_forbids_to_open_is_named_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", fail)
    assert refused(tmp_path) == "is a directory; give a JSON file"


def test_standard_input_is_read_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert read_record("-") == RECORD


def test_a_closed_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert refused("-") == "is closed; give a file"
    closed = io.TextIOWrapper(io.BytesIO(b"{}"))
    closed.close()
    monkeypatch.setattr(sys, "stdin", closed)
    assert refused("-") == "is closed; give a file"


def test_an_empty_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert refused("-") == EMPTY
