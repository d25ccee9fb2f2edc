"""`riskcli explain`: topics are data, shown as text and as Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest
from catalogue_side import Program

from riskcli.hazards import read_hazards
from riskcli.report.sections import Entry, Page, Section
from riskcli.report.topics import TOPICS, Topic, contents


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str]) -> Program:
    """Run the commands in this process."""
    return Program(capsys)


def test_without_a_topic_the_topics_are_listed(program: Program) -> None:
    told = program("explain")
    assert (told.code, told.err) == (0, "")
    assert all(topic.name in told.out for topic in TOPICS.values())


def test_safety_tells_every_hazard_with_its_cause_consequence_control_and_guards(program: Program) -> None:
    told = program("explain", "safety")
    assert told.code == 0
    text = " ".join(told.out.split())
    for number, hazard in enumerate(read_hazards().hazards, 1):
        assert f"{number}. {hazard.id}: {hazard.hazard}" in text
        for part in (hazard.cause, hazard.consequence, hazard.control):
            assert " ".join(part.split()) in text
        for test in hazard.tests:
            sentence = test.split("::test_")[1].replace("_", " ")
            assert f"guarded by: {sentence} (" in text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_of_a_topic_is_wider_than_the_terminal(
    width: int, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert max(map(len, program("explain", "safety").out.splitlines())) <= width


def test_a_topic_may_be_markdown_and_go_to_a_file(program: Program, tmp_path: Path) -> None:
    told = program("explain", "safety", "--markdown")
    assert told.out.startswith("# What could go wrong, and what guards against it\n\n")
    assert (
        "\n1. `wrong-premise`: The patient is not the one that the table speaks of\n   - cause: " in told.out
    )
    assert program("explain", "safety", "--markdown", "-o", tmp_path / "s.md").out == ""
    assert (tmp_path / "s.md").read_text(encoding="utf-8") == told.out


def test_a_topic_that_does_not_exist_is_one_sentence(program: Program) -> None:
    told = program("explain", "weather")
    assert (told.code, told.out) == (2, "")
    assert told.err.count("\n") == 1


def test_a_new_topic_is_one_more_entry(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page("Sea", (Section("Tides", (Entry("They come and go."),)),))
    monkeypatch.setitem(TOPICS, "sea", Topic("sea", "The tides.", lambda: page))
    assert "They come and go." in program("explain", "sea").out
    assert "sea: The tides." in " ".join(program("explain").out.split())
    assert [entry.code for section in contents().sections for entry in section.entries][-1] == "sea"
