"""The author's guide beside the rules keeps up with the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from authoring_side import RULES, Program

from riskcli.findings import CODES

GUIDE = (Path(__file__).parent.parent / "rules" / "README.md").read_text(encoding="utf-8")
CODES_EXPLAINED = re.findall(r"^\| `([a-z-]+)` \|", GUIDE, re.M)


def test_every_finding_is_explained_once_and_nothing_else() -> None:
    assert sorted(CODES_EXPLAINED) == sorted(CODES)


def test_the_findings_stand_in_the_order_of_the_check() -> None:
    assert list(CODES) == CODES_EXPLAINED


def test_every_row_says_what_to_do() -> None:
    rows = [line for line in GUIDE.splitlines() if line.startswith("| `")]
    assert all(len(line.strip("|").split("|")) == 3 for line in rows)


def test_the_bands_of_the_guide_are_those_of_the_levels() -> None:
    for level in RULES.get(RULES.names[0]).common["levels"]:
        edge = level["from"] or level["below"]
        assert re.search(rf"{level['id']} [a-z ]*{edge}", " ".join(GUIDE.split())), level["id"]


def test_the_guide_is_one_page_and_recommends_nothing() -> None:
    assert len(GUIDE.splitlines()) < 110
    assert max(map(len, GUIDE.splitlines())) <= 130
    assert "recommend" not in GUIDE.lower()


def test_the_commands_of_the_guide_that_begin_a_table_work_one_after_another(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program = Program(capsys)
    lines = re.findall(r"^riskcli (.*?)(?:\s+#.*)?$", GUIDE, re.M)
    done = 0
    for line in lines:
        words = line.replace("CANCER", "gist").split()
        if words[1] in ("check", "diff"):
            continue  # theirs are the tests of the check and of the comparison
        own = tmp_path if "--rules" in words else None
        told = program(*words, rules=own)
        assert told.code == 0, (line, told.err)
        done += 1
    assert done == 4
    assert {path.name for path in tmp_path.iterdir()} == {"gist.yaml", "rules.schema.json", "form.csv"}
