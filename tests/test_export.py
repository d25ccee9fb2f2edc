"""Whole tables in other forms: to be read on paper and to be marked in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from catalogue_side import DUCT, GAUGE, INVENTED, edited
from conftest import Run

from riskcli.interop.review import COLUMNS, harmless
from riskcli.loader import Rules, load_rules

RULES = load_rules()
HOSTILE = r"=cmd() | <b>*four*</b> _x_ `y`"


def lines(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV text."""
    return list(csv.DictReader(io.StringIO(text)))


# ---- to be read


@pytest.mark.parametrize("name", RULES.names)
def test_every_row_stands_in_the_markdown_in_order_with_its_level_and_band(
    name: str, run_export: Run
) -> None:
    table = RULES.read(name)[1]
    bands = {level.id: f"{level.word} ({level.band})" for level in RULES.common(name).levels}
    shown = re.findall(r"^\d+\. \*\*(.+?)\*\* `(.+?)`", run_export(name).out, re.M)
    assert shown == [(bands[row.level], row.id) for row in table.likelihood]


def test_markdown_holds_the_head_the_limits_and_every_source(run_export: Run) -> None:
    table = RULES.read("other_solid")[1]
    text = run_export("other_solid", "--format", "markdown").out
    assert text.startswith(f"# {table.title} - DRAFT, not reviewed by a clinician\n")
    assert RULES.get("other_solid").digest in text
    for heading in ("Scope", "Not for", "Limits", "To discuss, by published criteria", "Sources"):
        assert f"\n## {heading}\n" in text
    assert all(f"] {name}`: " in text for name in table.sources)


def test_what_a_table_says_cannot_break_the_markdown(tmp_path: Path, run_export: Run) -> None:
    edited(tmp_path, DUCT, ("why: four nodes", f"why: '{HOSTILE}'"))
    text = run_export(DUCT, "--rules", tmp_path).out
    assert r"`nodes-4-or-more`: \=cmd() \| \<b>\*four\*\</b> \_x\_ \`y\`" in text


def test_several_tables_follow_one_another(run_export: Run) -> None:
    text = run_export("colon", "Other solid").out
    titles = [line for line in text.splitlines() if line.startswith("# ")]
    assert [title.split(" - ")[0] for title in titles] == [
        f"# {RULES.read(name)[1].title}" for name in ("colon", "other_solid")
    ]


# ---- to be marked


@pytest.mark.parametrize("name", RULES.names)
def test_the_csv_has_one_line_for_every_row_that_has_an_id(name: str, run_export: Run) -> None:
    table = RULES.read(name)[1]
    found = [
        (row["section"], row["option"], row["id"]) for row in lines(run_export(name, "--format", "csv").out)
    ]
    wanted = [("likelihood", "", row.id) for row in table.likelihood]
    for section in ("options", "not_supported"):
        wanted += [
            (section, option.id, criterion.id)
            for option in getattr(table, section)
            for criterion in option.any_of
        ]
    assert found == wanted


def test_each_line_says_what_it_rests_on_and_leaves_room_for_a_verdict(run_export: Run) -> None:
    first = lines(run_export(DUCT, "--format", "csv", "--rules", INVENTED).out)[0]
    assert tuple(first) == COLUMNS
    assert first["id"] == "nodes-4-or-more"
    assert (first["level"], first["band"]) == ("very high", "50 or more in 100")
    assert first["condition"] == "positive nodes 4 or more"
    assert "55 %" in first["figure"]
    assert "; at " in first["source"]
    assert first["seen"] == "abstract seen"
    assert (first["verdict"], first["remark"]) == ("", "")
    assert first["digest"] == Rules(INVENTED).get(DUCT).digest


def test_lines_of_several_tables_stand_under_one_heading(run_export: Run, tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    told = run_export("--format", "csv", "--output", path)
    assert (told.code, told.out) == (0, "")
    found = lines(path.read_text(encoding="utf-8"))
    assert list(dict.fromkeys(row["cancer"] for row in found)) == list(RULES.names)


def test_text_in_the_csv_never_becomes_a_formula(tmp_path: Path, run_export: Run) -> None:
    edited(tmp_path, DUCT, ("why: four nodes", f"why: '{HOSTILE}'"))
    first = lines(run_export(DUCT, "--format", "csv", "--rules", tmp_path).out)[0]
    assert first["why"] == f"'{HOSTILE}"
    assert [harmless(text) for text in ("+1", "@a", "\t=1", "-x")] == ["+1", "'@a", "'=1", "'-x"]


# ---- what cannot be


def test_everything_that_is_wrong_is_said_at_once(run_export: Run) -> None:
    told = run_export("colon", "kolon", "--format", "pdf")
    assert (told.code, told.out) == (2, "")
    first, second = told.err.strip().splitlines()
    assert first.startswith('--format "pdf" is not known; use ')
    assert second.startswith('cancer: "kolon" is not a cancer with a rule table')


def test_nothing_is_written_when_one_of_the_names_is_wrong(run_export: Run, tmp_path: Path) -> None:
    assert run_export(GAUGE, "nowhere", "--rules", INVENTED, "--output", tmp_path / "a.md").code == 2
    assert list(tmp_path.iterdir()) == []
