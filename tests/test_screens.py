"""Every kind of screen as a person sees it, at three widths and in colour.

One file a screen under `snapshots/`, for a person to read: 60, 80 and 120 columns without colour, then 80 in
colour, where ^[ stands for the sign that begins a colour. Record them again, on purpose and after reading
them, with `RISKCLI_RECORD=1 pytest tests/test_screens.py`.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from riskcli._version import __version__
from riskcli.cli import main
from riskcli.cli.output import say
from riskcli.compiled import Compiled
from riskcli.loader import Rules

HERE = Path(__file__).parent
SNAPSHOTS = HERE / "snapshots"
TABLES = str(HERE / "data" / "report")
WIDTHS = (60, 80, 120)

LEAF = "example_leaf"
CLEAR = ("--nodes-positive", "0", "--tumour-size-mm", "18", "--vascular-invasion", "absent", "--grade", "2")
RANGE = ("--nodes-positive", "0..3", "--tumour-size-mm", "28", "--er", "negative")
WORST = ("--nodes-positive", "5", "--er", "positive", "--margins", "positive", "--ref", "Case 7")


@dataclass(frozen=True)
class Asked:
    """What is asked for, and how much of the answer is kept."""

    args: tuple[str, ...]
    lines: int | None = None


SCREENS = {
    "explain": Asked(("explain",)),
    "explain-adjuvant": Asked(("explain", "adjuvant")),
    "explain-spread-breast": Asked(("explain", "spread", "breast")),
    "explain-safety": Asked(("explain", "safety"), lines=30),
    "why": Asked(("assess", LEAF, *CLEAR, "--er", "positive", "--why")),
    "panel": Asked(("assess", LEAF, *RANGE, "--panel")),
    "what-if-one": Asked(("what-if", LEAF, *CLEAR, "--vary", "tumour_size_mm")),
    "what-if-two": Asked(("what-if", LEAF, *CLEAR, "--vary", "tumour_size_mm,nodes_positive")),
    "patient-low": Asked(("assess", LEAF, *CLEAR, "--for", "patient")),
    "patient-very-high": Asked(("assess", LEAF, *WORST, "--for", "patient")),
    "patient-unknown": Asked(("assess", LEAF, "--for", "patient")),
    "verify-same": Asked(("verify", "same.json")),
    "verify-other": Asked(("verify", "other.json")),
    "out-of-scope": Asked(("assess", "breast", "--metastasis", "present")),
    "bad-input": Asked(
        (
            *("assess", "breast", "--grade", "4", "--nodes-positive", "12", "--nodes-examined", "9"),
            *("--her2-state", "positive", "--t-category", "T9"),
        )
    ),
}

Look = Callable[..., str]


class Screen(io.StringIO):
    """A terminal that keeps what it is shown."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


class _Today(date):
    """The day on which the screens are made."""

    @classmethod
    def today(cls) -> _Today:
        return cls(2026, 11, 25)


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Look:
    """Run the program on a terminal, from where nothing on the screen tells one clone from another."""
    find = Rules.get

    def anywhere(rules: Rules, name: str) -> Compiled:
        table = find(rules, name)
        return table if table.origin == "packaged" else replace(table, origin="/srv/leaf.yaml")

    monkeypatch.setattr(Rules, "get", anywhere)
    monkeypatch.setattr("riskcli.cli.answer.date", _Today)
    monkeypatch.setenv("RISKCLI_RULES", TABLES)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.chdir(tmp_path)

    def shown(*args: str, width: int = 80, colour: bool = False) -> str:
        screen = Screen()
        with monkeypatch.context() as there:
            there.setenv("COLUMNS", str(width))
            there.setattr("sys.stdout", screen)
            there.setattr("sys.stderr", screen)
            if not colour:
                there.setenv("NO_COLOR", "1")
            main(list(args))
        text = re.sub(rf"(?<![\d.]){re.escape(__version__)}(?!\d)", "0.0.0", screen.getvalue())
        return re.sub(r"\b[0-9a-f]{12}\b", "0" * 12, text)

    return shown


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_looks_as_it_did_when_a_person_last_read_it(name: str, look: Look) -> None:
    _save(look)
    asked = SCREENS[name]

    def part(heading: str, text: str) -> str:
        return "\n".join([f"==== {heading} ====", *text.splitlines()[: asked.lines], ""])

    parts = [part(f"{width} columns", look(*asked.args, width=width)) for width in WIDTHS]
    coloured = look(*asked.args, colour=True).replace("\x1b", "^")
    found = "\n".join([*parts, part("80 columns in colour", coloured)])
    path = SNAPSHOTS / f"screen-{name}.txt"
    if os.environ.get("RISKCLI_RECORD"):
        path.write_text(found, encoding="utf-8", newline="\n")
    assert found == path.read_text(encoding="utf-8")


def _save(look: Look) -> None:
    """Save an answer, and one that another edition has given since."""
    look("assess", LEAF, *CLEAR, "--save", "same.json")
    own = Path("leaf")
    own.mkdir()
    for file in Path(TABLES).iterdir():
        text = file.read_text(encoding="utf-8").replace('edition: "2026.1"', 'edition: "2025.9"')
        (own / file.name).write_text(text.replace("<=20", "<=10").replace(">20", ">10"), encoding="utf-8")
    look("assess", "example_leaf", "--rules", "leaf", "--unchecked", *CLEAR, "--save", "other.json")


def test_there_is_no_screen_that_nothing_is_held_against() -> None:
    assert {path.name for path in SNAPSHOTS.glob("screen-*")} == {f"screen-{name}.txt" for name in SCREENS}


@pytest.mark.parametrize("name", SCREENS)
def test_no_screen_is_wider_than_its_terminal_or_uses_a_colour_that_a_ground_swallows(
    name: str, look: Look
) -> None:
    _save(look)
    for width in WIDTHS:
        assert max(map(len, look(*SCREENS[name].args, width=width).splitlines())) <= width
    marked = look(*SCREENS[name].args, colour=True)
    assert set(re.findall(r"\x1b\[([0-9;]*)m", marked)) <= {"0", "1", "2"}, "bold and dim alone"
    assert re.sub(r"\x1b\[[0-9;]*m", "", marked) == look(*SCREENS[name].args)


def test_the_number_of_a_source_and_a_sign_of_per_cent_are_never_alone_on_a_line(look: Look) -> None:
    for name in ("explain-adjuvant", "explain-spread-breast", "why"):
        for width in range(60, 100, 3):
            lines = [line.strip() for line in look(*SCREENS[name].args, width=width).splitlines()]
            assert not [line for line in lines if re.fullmatch(r"(\[\d+\])+|%\W.*", line)]


def test_what_if_shows_what_every_answer_shows_first(look: Look) -> None:
    shown = look(*SCREENS["what-if-two"].args, width=100)
    places = [
        shown.index(text) for text in ("Local table /srv/leaf.yaml", "DRAFT", "Taken as so", "Likelihood")
    ]
    assert places == sorted(places)
    table: list[Any] = [line.split("  ") for line in shown.splitlines()]
    names = [cell.strip() for row in table for cell in row]
    assert "positive nodes" in names
    assert "tumour size" in names


def test_an_error_keeps_one_line_where_it_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert main(list(SCREENS["bad-input"].args)) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert all(": " in line or "is not a field" in line for line in lines)


def test_what_may_be_copied_from_a_terminal_is_not_broken(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"{'a-long-name-' * 6}.json"
    Path("pages").mkdir()
    shown = look("assess", LEAF, "--json", "--report", f"pages/{name}", width=40)
    assert f"Report written to pages/{name}.\n" in shown
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("COLUMNS", "30")
    say("The same answer again:", f"  riskcli assess {'--flag value ' * 5}".rstrip())
    assert len(screen.getvalue().splitlines()) == 2
