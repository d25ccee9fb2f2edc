"""`riskcli rules list` and `rules audit`: what they print, how wide, and with which exit code they end."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from catalogue_side import DUCT, INVENTED, Program, edited

from riskcli.catalogue import CODES, summary
from riskcli.errors import listed
from riskcli.loader import Rules, load_rules
from riskcli.report.catalogue import summary_blocks
from riskcli.report.terminal import plain_text


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str]) -> Program:
    """Run the commands in this process."""
    return Program(capsys)


# ---- list


def test_the_list_names_every_table(program: Program) -> None:
    told = program("rules", "list")
    assert (told.code, told.err) == (0, "")
    assert [name for name in load_rules().names if f"\n{name}: " not in f"\n{told.out}"] == []


def test_the_list_says_where_a_table_stands_what_it_rests_on_and_how_large_it_is(program: Program) -> None:
    out = program("rules", "list", rules=INVENTED).out
    lines = out[out.index(f"{DUCT}: ") :].splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("  edition "))
    assert lines[first : first + 4] == [
        "  edition 2026.1, draft; evidence checked 2026-11-24; due for review 2027-11-24",
        "  10 rows by level: 2 low, 3 intermediate, 3 high, 2 very high",
        "  10 rows by basis: 1 direct, 9 judgement",
        "  3 sources: 2 abstract, 1 not seen",
    ]
    assert lines[first + 4].startswith("  3 options, 2 not supported, 14 examples; ")


def test_the_list_marks_a_review_that_is_overdue() -> None:
    late, in_time = (
        plain_text(summary_blocks([summary(Rules(INVENTED), DUCT, date(2027, 11, day))]), 80)
        for day in (25, 24)
    )
    assert "REVIEW OVERDUE since 2027-11-24" in " ".join(late.split())
    assert "OVERDUE" not in in_time


def test_the_list_names_the_file_of_a_local_table_in_its_first_line(program: Program) -> None:
    out = " ".join(program("rules", "list", rules=INVENTED).out.split())
    assert f"{DUCT}: Carcinoma of the example duct - local table " in out
    assert f"{DUCT}.yaml edition" in out
    assert out.count("local table") == 2


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_of_the_list_is_wider_than_the_terminal(
    width: int, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert max(map(len, program("rules", "list").out.splitlines())) <= width


def test_the_list_as_data_holds_every_count(program: Program) -> None:
    told = program("rules", "list", "--json")
    tables = {item["cancer"]: item for item in told.json["tables"]}
    assert set(tables) == set(load_rules().names)
    assert all(item["digest"] == load_rules().digest(name) for name, item in tables.items())
    duct = program("rules", "list", "--json", rules=INVENTED).json["tables"]
    (found,) = [item for item in duct if item["cancer"] == DUCT]
    assert found["by_basis"] == {"direct": 1, "converted": 0, "judgement": 9}
    assert found["review_passed"] is (date.today() > date(2027, 11, 24))


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_faulty_table_is_reported_after_the_sound_ones(
    form: tuple[str, ...], program: Program, tmp_path: Path
) -> None:
    file = edited(tmp_path, DUCT, ("horizon_years: 10", "horizon_years: ten"))
    told = program("rules", "list", *form, rules=file)
    assert told.code == 3
    assert "other_solid" in told.out
    assert DUCT not in told.out
    if form:
        assert json.loads(told.err)["problems"][0]["file"] == str(file)
    else:
        assert told.err.startswith(f"{file}:")


# ---- audit


def test_an_audit_of_sound_tables_ends_with_0_and_says_that_nothing_aged(program: Program) -> None:
    told = program("rules", "audit", "--as-of", "2026-11-25")
    assert told.code == 0
    unseen = told.out.count(": not-seen: ")
    count = f"{unseen or 'no'} source{'' if unseen == 1 else 's'}"
    tables = listed(load_rules().names, "and")
    assert told.err == f"Audited {tables} as of 2026-11-25: nothing aged, {count} not seen.\n"
    assert all(re.match(r"\S+\.yaml:\d+: (oldest|not-seen): .*\.$", line) for line in told.out.splitlines())


def test_an_audit_ends_with_3_when_something_has_aged(program: Program) -> None:
    told = program("rules", "audit", "--as-of", "2027-11-25")
    assert told.code == 3
    assert "review-due: the table was due for review by 2027-11-24." in told.out
    assert program("rules", "audit", "--as-of", "2027-11-25", "--json").code == 3


def test_an_audit_is_of_today_unless_it_says_otherwise(program: Program) -> None:
    assert program("rules", "audit", "--json").json["as_of"] == date.today().isoformat()


def test_an_audit_as_data_holds_each_item_with_its_place(program: Program) -> None:
    told = program("rules", "audit", "--as-of", "2029-01-01", "--json")
    data = told.json
    assert (data["as_of"], data["overdue"]) == ("2029-01-01", True)
    codes = {item["code"] for item in data["items"]}
    assert {"review-due", "evidence-old", "source-old", "oldest"} <= codes <= set(CODES)
    assert all(item["line"] > 0 and item["file"] and item["message"] for item in data["items"])


@pytest.mark.parametrize("day", ["tomorrow", "2026-13-01", "25.11.2026", ""])
def test_what_is_no_day_is_refused_with_how_it_is_written(day: str, program: Program) -> None:
    told = program("rules", "audit", "--as-of", day)
    assert (told.code, told.out) == (2, "")
    assert told.err == f'--as-of "{day}" is not a day; write it as in 2026-11-24\n'


def test_a_path_is_written_from_the_working_directory(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited(tmp_path / "own", DUCT)
    monkeypatch.chdir(tmp_path)
    out = program("rules", "audit", "--as-of", "2026-11-25", rules=tmp_path / "own").out
    assert f"{Path('own', DUCT)}.yaml:" in out
    assert str(tmp_path) not in out


def test_an_option_that_is_missing_is_one_sentence(program: Program) -> None:
    told = program("rules", "diff", "only-one")
    assert told.code == 2
    assert told.err.count("\n") == 1


def test_a_terminal_gets_colour_and_the_same_text(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = program("rules", "list").out
    monkeypatch.setattr("riskcli.cli.page.coloured", lambda *_, **__: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured = program("rules", "list").out
    assert "\x1b[1m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
