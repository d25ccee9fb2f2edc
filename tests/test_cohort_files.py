"""Files of a cohort: every format in and out, and what cannot be read said in one sentence."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from conftest import Run, Told

from riskcli.cohort import delimited, streams
from riskcli.cohort.delimited import open_delimited
from riskcli.cohort.rows import OUTPUTS
from riskcli.cohort.streams import Stream, record_end

PLAIN = b"cancer,id,grade,nodes_positive,nodes_examined\nbreast,007,3,2,12\nbreast,008,1,0,3\n"
ROWS = [("breast", "007", 3, 2, 12), ("breast", "008", 1, 0, 3)]
HEADERS = ["cancer", "id", "grade", "nodes_positive", "nodes_examined"]

Answered = Callable[..., Told]


@pytest.fixture
def assess(run: Run, tmp_path: Path) -> Answered:
    """Answer a file of these bytes, and keep the answers in `out.csv` or another file."""

    def assess_file(data: bytes, *flags: str, name: str = "in.csv", out: str = "out.csv") -> Told:
        (tmp_path / name).write_bytes(data)
        return run("cohort", "assess", tmp_path / name, "-o", tmp_path / out, *flags)

    return assess_file


def records(path: Path) -> list[dict[str, Any]]:
    """Return the records of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def workbook(rows: list[list[Any]], titles: tuple[str, ...] = ("Sheet",)) -> bytes:
    """Return a workbook with rows in its last sheet."""
    book = openpyxl.Workbook()
    book.active.title = titles[0]
    for title in titles[1:]:
        book.create_sheet(title)
    for row in rows:
        book.worksheets[-1].append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def parquet(frame: pl.DataFrame) -> bytes:
    """Return a Parquet file."""
    kept = io.BytesIO()
    frame.write_parquet(kept)
    return kept.getvalue()


# ---- one cohort, whatever it is written in

TABLE = pl.DataFrame(ROWS, schema=HEADERS, orient="row")
LINES = "".join(json.dumps(dict(zip(HEADERS, row, strict=True))) + "\n" for row in ROWS).encode()
WRITTEN = {
    "plain.csv": PLAIN,
    "plain.tsv": PLAIN.replace(b",", b"\t"),
    "mark.csv": b"\xef\xbb\xbf" + PLAIN,
    "utf16.csv": PLAIN.decode().encode("utf-16"),
    "utf16be.csv": b"\xfe\xff" + PLAIN.decode().encode("utf-16-be"),
    "windows.csv": PLAIN.replace(b"\n", b"\r\n"),
    "old.csv": PLAIN.replace(b"\n", b"\r"),
    "mixed.csv": PLAIN.replace(b"\n", b"\r\n", 1).replace(b"12\n", b"12\r"),
    "open.csv": PLAIN[:-1],
    "gaps.csv": b"\n\n" + PLAIN.replace(b"\n", b"\n\n\n"),
    "quoted.csv": b"\n".join(
        b",".join(b'"%b"' % part for part in line.split(b",")) for line in PLAIN.split()
    ),
    "packed.csv.gz": gzip.compress(PLAIN, mtime=0),
    "parts.csv.gz": gzip.compress(PLAIN[:60], mtime=0) + gzip.compress(PLAIN[60:], mtime=0) + b"\0\0\0\0",
    "rows.jsonl": LINES,
    "packed.ndjson.gz": gzip.compress(LINES, mtime=0),
    "table.parquet": parquet(TABLE),
    "book.xlsx": workbook([HEADERS, *map(list, ROWS)]),
    "second.xlsx": workbook([HEADERS, *map(list, ROWS)], ("Notes", "Cases")),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_cohort_is_the_same_whatever_it_is_written_in(name: str, assess: Answered, tmp_path: Path) -> None:
    assert assess(PLAIN, out="wanted.csv").code == 0
    told = assess(WRITTEN[name], *(["--sheet", "Cases"] if name == "second.xlsx" else []), name=name)
    assert told.code == 0, told.err
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "wanted.csv").read_bytes()


def read_back(path: Path) -> list[dict[str, Any]]:
    """Return the records of a file of answers, as text."""
    if path.name.endswith(".gz"):
        unpacked = path.with_suffix("")
        unpacked.write_bytes(gzip.decompress(path.read_bytes()))
        return read_back(unpacked)
    if path.suffix == ".xlsx":
        top, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
        found = [dict(zip(top, row, strict=True)) for row in rows]
    elif path.suffix == ".jsonl":
        found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    elif path.suffix == ".parquet":
        found = pl.read_parquet(path).to_dicts()
    else:
        with path.open(encoding="utf-8", newline="") as file:
            found = list(csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ","))
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in found]


@pytest.mark.parametrize(
    "out", ["o.csv", "o.tsv", "o.csv.gz", "o.jsonl", "o.jsonl.gz", "o.parquet", "o.xlsx"]
)
def test_the_answers_are_the_same_whatever_they_are_written_in(
    out: str, assess: Answered, tmp_path: Path
) -> None:
    data = PLAIN + b"breast,009,1,1,2\nbreast,010,7,0,1\nlymphoma,,,,\n"
    assert assess(data, out="wanted.csv").code == 4
    assert assess(data, out=out).code == 4
    wanted = read_back(tmp_path / "wanted.csv")
    assert list(wanted[0]) == [*HEADERS, *OUTPUTS]
    assert [row["id"] for row in wanted] == ["007", "008", "009", "010", ""]
    assert read_back(tmp_path / out) == wanted


def test_standard_input_and_output(shell: Run) -> None:
    told = shell("cohort", "assess", "-", "-o", "-", stdin=PLAIN)
    assert told.code == 0
    assert told.out.startswith("cancer,id,grade")
    assert len(told.out.splitlines()) == 3
    assert "\nRead 2 rows." in told.err


def test_any_delimiter(assess: Answered, tmp_path: Path) -> None:
    data = b'cancer;grade;note\nbreast;3;"a;b,c"\n'
    assert assess(data, "--delimiter", ";").code == 0
    assert records(tmp_path / "out.csv")[0]["note"] == "a;b,c"
    assert assess(PLAIN.replace(b",", b"\t"), "--delimiter", "\\t").code == 0
    assert "one character" in assess(data, "--delimiter", "ab").err


def test_line_ends_are_read_right_beside_quoted_ones(assess: Answered, tmp_path: Path) -> None:
    told = assess(b'cancer,note,grade\r\nbreast,"a\r\nb\rc\nd",3\n\r\nbreast,"\n\n",2\rbreast,x,1\r\n')
    assert told.code == 0, told.err
    found = records(tmp_path / "out.csv")
    assert [(row["note"], row["grade"]) for row in found] == [
        ("a\r\nb\rc\nd", "3"),
        ("\n\n", "2"),
        ("x", "1"),
    ]


def test_columns_that_pass_through_are_the_same_to_the_byte(assess: Answered, tmp_path: Path) -> None:
    values = [
        "007",
        "  x ",
        "NA",
        "null",
        "NaN",
        "1e5",
        "=1+1",
        "Zoë \u4e2d",
        "a\tb",
        'q"q',
        "",
        "x" * 100_000,
    ]
    values += ["\ufeffmark", "line\nend", "\r", "+1", "-", "\u202e", "\0", "'", "\\", "#"]
    kept = io.StringIO(newline="")
    writer = csv.writer(kept)
    writer.writerow(["odd name ?", "cancer", "grade"])
    writer.writerows([value, "breast", 1] for value in values)
    assert assess(kept.getvalue().encode()).code == 0
    assert [row["odd name ?"] for row in records(tmp_path / "out.csv")] == values
    assert (
        (tmp_path / "out.csv").read_text(encoding="utf-8").startswith("odd name ?,cancer,grade,likelihood,")
    )


def test_a_header_alone_gives_a_header(assess: Answered, tmp_path: Path) -> None:
    for out in ("o.csv", "o.tsv", "o.parquet", "o.xlsx", "o.jsonl"):
        told = assess(b"cancer,grade\n", out=out)
        assert told.code == 0, told.err
        assert "Read 0 rows" in told.err
    assert (tmp_path / "o.csv").read_text() == ",".join(["cancer", "grade", *OUTPUTS]) + "\n"
    assert pl.read_parquet(tmp_path / "o.parquet").columns == ["cancer", "grade", *OUTPUTS]


# ---- kinds of values

NESTED = pl.DataFrame(
    {
        "cancer": ["breast"] * 4,
        "grade": [[1, 2], [3], None, [9]],
        "tags": [["a"], None, ["b", None], []],
        "more": [{"x": 1.5, "y": [datetime.date(2024, 2, 3)]}] * 4,
        "raw": [b"\xff", b"", None, b"a"],
        "took": [datetime.timedelta(days=1)] * 4,
        "number": [float("nan"), float("inf"), None, 0.1],
        "at": [datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)] * 4,
    }
)


def test_a_list_in_a_field_is_read_and_a_wrong_one_is_the_error_of_its_row(
    assess: Answered, tmp_path: Path
) -> None:
    assert assess(parquet(NESTED), name="in.parquet", out="o.parquet").code == 4
    found = pl.read_parquet(tmp_path / "o.parquet")
    assert found.select(NESTED.columns).equals(NESTED, null_equal=True)
    assert found["error"].to_list()[:3] == [None] * 3
    assert found["error"][3].startswith("grade: 9 is not allowed")


@pytest.mark.parametrize("out", ["o.csv", "o.xlsx", "o.jsonl"])
def test_nested_columns_become_json_where_they_have_to(out: str, assess: Answered, tmp_path: Path) -> None:
    assert assess(parquet(NESTED), name="in.parquet", out=out).code == 4
    found = read_back(tmp_path / out)
    assert found[0]["tags"] in ('["a"]', "['a']")
    if out != "o.jsonl":
        assert json.loads(found[0]["more"]) == {"x": 1.5, "y": ["2024-02-03"]}
        assert found[3]["tags"] == "[]"
    assert [row["raw"] for row in found] == ["/w==", "", "", "YQ=="]


def test_numbers_that_are_none_are_nothing_in_a_field(assess: Answered, tmp_path: Path) -> None:
    frame = pl.DataFrame({"grade": [2.0, float("nan"), None, 2.5], "nodes_positive": ["0", "", None, "4+"]})
    assert assess(parquet(frame), "--cancer", "breast", name="in.parquet", out="o.parquet").code == 4
    found = pl.read_parquet(tmp_path / "o.parquet")
    assert found["error"].is_null().to_list() == [True, True, True, False]
    assert [("grade" in fields.split(";")) for fields in found["unknown_fields"][:3]] == [False, True, True]


def test_a_date_among_counts_of_nodes_is_the_error_of_its_row(assess: Answered, tmp_path: Path) -> None:
    rows = [["cancer", "nodes_positive", "seen"], ["breast", datetime.datetime(2024, 3, 1), None]]
    rows += [[None, None, None], ["breast", 1, datetime.datetime(2024, 3, 1)]]
    assert assess(workbook(rows), name="in.xlsx").code == 4
    first, second = records(tmp_path / "out.csv")
    assert "looks like a date" in first["error"]
    assert second["error"] == ""
    assert second["seen"].startswith("2024-03-01")


def test_json_keeps_the_kind_of_every_value(assess: Answered, tmp_path: Path) -> None:
    given = [
        {"cancer": "breast", "grade": 3, "id": "007", "more": [1, {"a": None}]},
        {"cancer": "breast", "grade": "G2", "nodes_positive": [1, 2], "id": 7},
        {"cancer": "breast", "grade": [9], "id": 12345678901234567890123},
    ]
    data = "\n".join(map(json.dumps, given)).encode()
    assert assess(data, name="in.jsonl", out="o.jsonl").code == 4
    found = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert [{key: row[key] for key in one} for row, one in zip(found, given, strict=True)] == given
    assert [row["error"] is None for row in found] == [True, True, False]


# ---- what a spreadsheet could run

DANGEROUS = ["=1+1", "+cmd", "-cmd", "@x", "\tx", "\rx", "=HYPERLINK(1)"]


def test_no_text_of_a_workbook_is_a_formula(assess: Answered, tmp_path: Path) -> None:
    rows = [{"cancer": "breast", "grade": 1, "=note": value} for value in [*DANGEROUS, "-1", "0012"]]
    assert assess("\n".join(map(json.dumps, rows)).encode(), name="in.jsonl", out="o.xlsx").code == 0
    cells = [row[2] for row in openpyxl.load_workbook(tmp_path / "o.xlsx").active.iter_rows()]
    assert {cell.data_type for cell in cells} == {"s"}
    wanted = ["=note", *DANGEROUS, "-1", "0012"]
    assert [cell.value.replace("_x000D_", "\r") for cell in cells] == wanted


def test_text_of_csv_is_kept_from_being_run_when_that_is_asked_for(assess: Answered, tmp_path: Path) -> None:
    rows = [{"cancer": "breast", "grade": 1, "=note": value} for value in [*DANGEROUS, "-1", "+2,5", "a=b"]]
    data = "\n".join(map(json.dumps, rows)).encode()
    assert assess(data, name="in.jsonl").code == 0
    assert [row["=note"] for row in records(tmp_path / "out.csv")] == [row["=note"] for row in rows]
    assert assess(data, "--no-formulas", name="in.jsonl").code == 0
    assert [row["'=note"] for row in records(tmp_path / "out.csv")] == [
        *("'" + text for text in DANGEROUS),
        *("-1", "+2,5", "a=b"),
    ]


def test_text_of_a_parquet_file_of_any_type_is_kept_from_being_run(assess: Answered, tmp_path: Path) -> None:
    kinds = {"text": pl.String, "enum": pl.Enum(DANGEROUS), "coded": pl.Categorical}
    columns = {name: pl.Series(DANGEROUS, dtype=kind) for name, kind in kinds.items()}
    columns["several"] = pl.Series([[text] for text in DANGEROUS])
    frame = pl.DataFrame(
        {
            "cancer": ["breast"] * len(DANGEROUS),
            "grade": 1,
            "least": -1,
            "day": datetime.date(2020, 1, 1),
            **columns,
        }
    )
    frame.write_parquet(tmp_path / "in.parquet")
    assert assess((tmp_path / "in.parquet").read_bytes(), "--no-formulas", name="in.parquet").code == 0
    for row, text in zip(records(tmp_path / "out.csv"), DANGEROUS, strict=True):
        assert [row[name] for name in kinds] == ["'" + text] * len(kinds)
        assert (row["least"], row["day"], row["several"][0]) == ("-1", "2020-01-01", "[")


# ---- what cannot be read

DAMAGED = bytearray(gzip.compress(PLAIN, mtime=0))
DAMAGED[20] ^= 0xFF
BOOK = workbook([HEADERS, *map(list, ROWS)])
UNREADABLE = [
    ("in.csv", b"", "{file} is empty"),
    ("in.csv", b"\n \n", "{file} is empty"),
    (
        "in.csv",
        b"a,b\n1,2\n",
        "no column is a field of a case; see riskcli schema case, or name them with --map",
    ),
    ("in.csv", b"cancer,grade,grade\nbreast,1,2\n", 'column "grade" stands there twice; rename one'),
    ("in.csv", b"cancer,grade,\nbreast,1,2\n", "column 3 has no name; give it one"),
    ("in.csv", b"grade\n1\n", "no column says which cancer; add a column cancer, or give --cancer NAME"),
    ("in.csv", b"cancer,grade,x\nbreast,1,1\nbreast,1\n", "{file}, row 2: 2 fields for 3 columns; is a"),
    ("in.csv", b'cancer,grade,x\nbreast,1,"a,b"\nbreast,1\n', "{file}, row 2: 2 fields for 3 columns; is a"),
    ("in.csv", b"cancer,grade,x\n\nbreast,1,1,1\nbreast,1\n", "{file}, row 1: 4 fields for 3 columns; is a"),
    ("in.csv", b'cancer,grade\nbreast,"1\nbreast,2\n', "{file}, row 1: a quotation mark is not closed, or"),
    ("in.csv", b'cancer,grade\nbreast,1\nbreast,"1"2\n', "{file}, row 2: a quotation mark is not closed, or"),
    ("in.csv", b'cancer,grade\nbreast,1\nbreast,1"2"\n', "{file}, row 2: a quotation mark is not closed, or"),
    ("in.csv", b'cancer,"grade\nbreast,1\n', "{file}, the names of the columns: a quotation mark is not"),
    (
        "in.csv",
        b"cancer,grade\nbreast,\xfc\n",
        "{file} is not UTF-8 (or UTF-16 with a byte order mark); save",
    ),
    ("in.csv", b"cancer,\xfc,grade\nbreast,1,1\n", "{file} is not UTF-8 (or UTF-16 with a byte order mark);"),
    ("in.csv", PLAIN.decode().encode("utf-16-le"), "{file} is not UTF-8 (or UTF-16 with a byte order mark);"),
    (
        "in.csv",
        PLAIN.decode().encode("utf-16")[:-1],
        "{file} is not UTF-8 (or UTF-16 with a byte order mark);",
    ),
    ("in.csv", BOOK, "{file} is no text file; give --format, or save it as CSV"),
    (
        "in.csv.gz",
        gzip.compress(PLAIN, mtime=0)[:-12],
        "{file} is damaged: its compressed data end too early",
    ),
    ("in.csv.gz", gzip.compress(PLAIN, mtime=0)[:5], "{file} is damaged: its compressed data end too early"),
    ("in.csv.gz", bytes(DAMAGED), "{file} is damaged: its compressed data cannot be read"),
    (
        "in.csv.gz",
        gzip.compress(PLAIN, mtime=0) + b"junk",
        "{file} is damaged: its compressed data cannot be read",
    ),
    ("in.jsonl", b"\n\n", "{file} is empty"),
    ("in.jsonl", b'{"cancer": "breast", "grade": 1}\n[1]\n', "{file}, row 2: a line is one record such as"),
    ("in.jsonl", b'{"cancer": "breast", "grade": 1}\n{"a":\n', "{file}, row 2 is not JSON: "),
    ("in.jsonl", b'{"cancer": "breast", "grade": NaN}\n', "{file}, row 1 holds NaN, which is not a number;"),
    ("in.jsonl", b'{"cancer": "breast", "grade": "\xfc"}\n', "{file} is not UTF-8"),
    ("in.parquet", b"PAR1 and no more PAR1", "{file} is no Parquet file, or is damaged"),
    ("in.parquet", parquet(TABLE)[:-20], "{file} is no Parquet file, or is damaged"),
    ("in.xlsx", PLAIN, "{file} is no xlsx workbook, or is damaged or locked with a password"),
    ("in.xlsx", BOOK[:3000], "{file} is no xlsx workbook, or is damaged or locked with a password"),
    (
        "in.xlsx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "{file} is no xlsx workbook, or is damaged or",
    ),
    ("in.xlsx", workbook([]), "{file} is empty"),
    (
        "in.xlsx",
        workbook([["cancer", "grade"], ["breast", 1, 2]]),
        "{file}, row 1: there are more fields than",
    ),
    (
        "in.xlsx",
        workbook([["cancer", "grade"], ["breast", "=1+1"]]),
        "{file}, row 1: a formula has no stored",
    ),
    ("in.doc", PLAIN, "{file}: the ending says no format; use .csv, "),
]


@pytest.mark.parametrize(("name", "data", "sentence"), UNREADABLE)
def test_what_cannot_be_read_is_one_sentence_and_nothing_is_written(
    name: str, data: bytes, sentence: str, assess: Answered, tmp_path: Path
) -> None:
    told = assess(data, name=name)
    assert told.code == 2
    assert len(told.problems) == 1
    assert told.err.startswith(sentence.format(file=tmp_path / name))
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_sheet_that_is_not_there(assess: Answered) -> None:
    told = assess(workbook([HEADERS], ("One", "Two")), "--sheet", "Three", name="in.xlsx")
    assert (told.code, told.err[-42:]) == (2, 'in.xlsx has no sheet "Three"; it has One and Two\n'[-42:])
    assert "--sheet is for workbooks" in assess(PLAIN, "--sheet", "One").err


def test_files_that_are_none(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "o.csv"
    assert (
        run("cohort", "assess", tmp_path / "no.csv", "-o", out).err == f"{tmp_path}/no.csv does not exist\n"
    )
    (tmp_path / "d.csv").mkdir()
    assert "d.csv is a directory; give a file\n" in run("cohort", "assess", tmp_path / "d.csv", "-o", out).err
    assert run("cohort", "assess", tmp_path / "a\0.csv", "-o", out).code == 2
    assert not out.exists()


def test_places_that_cannot_be_written(assess: Answered, tmp_path: Path) -> None:
    for out in ("none/o.csv", "none/o.parquet", "none/o.xlsx", "none/o.jsonl"):
        told = assess(PLAIN, out=out)
        assert (told.code, len(told.problems)) == (2, 1)
        assert f"{out} cannot be written (No such file or directory)" in told.err
    (tmp_path / "d.csv").mkdir()
    assert "is a directory; give the name of a file" in assess(PLAIN, out="d.csv").err
    assert "is a file that is read" in assess(PLAIN, out="in.csv").err
    (tmp_path / "link.csv").hardlink_to(tmp_path / "in.csv")
    assert "is a file that is read" in assess(PLAIN, out="link.csv").err
    assert (tmp_path / "in.csv").read_bytes() == PLAIN


def test_what_was_there_stays_until_everything_is_written(assess: Answered, tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("old")
    (tmp_path / "out.csv").chmod(0o640)
    assert assess(PLAIN + b"breast,1\n").code == 2
    assert (tmp_path / "out.csv").read_text() == "old"
    assert assess(PLAIN).code == 0
    assert len(records(tmp_path / "out.csv")) == 2
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o640
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", "out.csv"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_one_sentence_and_devices_stay_devices(shell: Run) -> None:
    for kind in ("csv", "jsonl", "parquet"):
        told = shell("cohort", "assess", "-", "-o", "/dev/full", "--to", kind, stdin=PLAIN)
        assert told.code == 2
        assert told.err.startswith("/dev/full cannot be written")
        assert "Traceback" not in told.err
    assert shell("cohort", "assess", "-", "-o", "/dev/null", "--to", "csv", stdin=PLAIN).code == 0
    assert not Path("/dev/null").is_file()


def test_more_than_a_sheet_holds(assess: Answered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = assess(b"cancer,grade,x\nbreast,1," + b"x" * 40_000, out="o.xlsx")
    assert (told.code, told.err[:36]) == (2, "row 1: a text is longer than the 32,")
    monkeypatch.setattr("riskcli.cohort.sinks.MOST_SHEET_ROWS", 1)
    assert "a sheet holds 1 rows, and there are more" in assess(PLAIN, out="o.xlsx").err
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


# ---- pieces of files, and their memory


@pytest.mark.parametrize("chunk", [60, 100, 1000])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_file_may_be_cut_anywhere(
    chunk: int, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [[f"{n:03}", "a\nb" if n % 3 else "x", 'q"' * (n % 4), "end"] for n in range(200)]
    kept = io.StringIO(newline="")
    csv.writer(kept, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c", "d"], *rows])
    (tmp_path / "in.csv").write_bytes(kept.getvalue().encode())
    monkeypatch.setattr(streams, "CHUNK", chunk)
    monkeypatch.setattr(delimited, "_QUOTED_PIECE", chunk // 2)
    source = open_delimited(Stream(str(tmp_path / "in.csv"), "in"), ",")
    found = [["" if value is None else value for value in row] for b in source.batches() for row in b.rows()]
    assert found == rows


def test_where_the_last_record_ends() -> None:
    assert record_end(b'a\n"b\nc') == 2
    assert record_end(b'a\n"b\nc"\nd') == 8
    assert record_end(b'"a\nb') == 0
    assert record_end(b'"a\nb', quoted=False) == 3
    assert record_end(b"a\rb\r") == 2


GIGABYTE = """
import sys
out = sys.stdout.buffer
out.write(b'cancer,grade,note\\nbreast,1,"')
for _ in range(1000):
    out.write({piece!r} * 100_000)
"""
PEAK = """
import sys
from riskcli.cli import main
code = main(sys.argv[1:])
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(code, peak)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux")
def test_an_endless_line_takes_little_memory(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", GIGABYTE.format(piece=b"a,bbbbbb\nc")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as writer:
        told = subprocess.run(
            [sys.executable, "-c", PEAK, "cohort", "assess", "-", "-o", str(tmp_path / "o.csv")],
            stdin=writer.stdout,
            capture_output=True,
            text=True,
            check=False,
        )
        assert writer.stdout is not None
        writer.stdout.close()
    assert told.stderr == (
        "standard input, row 1: this record is longer than 16 MB; is a quotation mark not closed?\n"
    )
    code, peak = map(int, told.stdout.split())
    assert (code, peak < 400_000) == (2, True)
    assert not (tmp_path / "o.csv").exists()


def test_a_small_file_that_unpacks_to_a_huge_line(tmp_path: Path, shell: Run) -> None:
    packed = gzip.compress(b"cancer,grade,note\nbreast,1," + bytes(100_000_000), 1)
    told = shell("cohort", "assess", "-", "-o", tmp_path / "o.csv", stdin=packed)
    assert told.err.startswith("standard input, row 1: this record is longer than 16 MB")


def test_a_workbook_that_breaks_off_inside(assess: Answered, tmp_path: Path) -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as book, zipfile.ZipFile(kept, "w") as broken:
        for name in book.namelist():
            data = book.read(name)
            broken.writestr(name, data[: len(data) - 60] if "sheet1" in name else data)
    told = assess(kept.getvalue(), name="in.xlsx")
    assert (told.code, len(told.problems)) == (2, 1)
    assert "in.xlsx is damaged: it cannot be read after row " in told.err
    assert [path.name for path in tmp_path.iterdir()] == ["in.xlsx"]
