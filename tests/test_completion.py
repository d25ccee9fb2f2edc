"""What a shell is offered when a command line is completed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import riskcli
from riskcli.cli import main

DATA = Path(__file__).parent / "data" / "rules"
Complete = Callable[[str], list[str]]


@pytest.fixture
def bash(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Complete:
    """Complete a line as bash asks for it; the cursor is at its end."""

    def complete(line: str) -> list[str]:
        words = line.split(" ")
        monkeypatch.setenv("COMP_WORDS", "\n".join(words))
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        monkeypatch.setenv("_RISKCLI_COMPLETE", "complete_bash")
        main([])
        told = capsys.readouterr()
        assert told.err == ""
        return told.out.split()

    return complete


@pytest.fixture(params=["zsh", "fish", "powershell"])
def other_shell(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Complete:
    """Complete a line as another shell asks for it."""

    def complete(line: str) -> list[str]:
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
        monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
        monkeypatch.setenv("_TYPER_COMPLETE_WORD_TO_COMPLETE", line.split(" ")[-1])
        monkeypatch.setenv("_RISKCLI_COMPLETE", f"complete_{request.param}")
        main([])
        told = capsys.readouterr()
        assert told.err == ""
        return [
            line.split("\t")[0].split(":::")[0].split('":"')[0].strip('"')
            for line in told.out.replace("_arguments '*: :((", "").replace("))'", "").splitlines()
        ]

    return complete


def test_commands_are_offered(bash: Complete) -> None:
    assert {"assess", "rules"} <= set(bash("riskcli "))
    assert bash("riskcli ru") == ["rules"]
    assert "check" in bash("riskcli rules ")


def test_the_cancers_are_offered(bash: Complete) -> None:
    names = list(riskcli.load_rules().names)
    assert bash("riskcli assess ") == names
    assert bash("riskcli assess --cancer ") == names
    assert bash("riskcli assess co") == ["colon"]


def test_the_flags_of_the_cancer_are_offered(bash: Complete) -> None:
    offered = bash("riskcli assess breast --")
    fields = riskcli.load_rules().get("breast").table["fields"]
    assert {f"--{name.replace('_', '-')}" for name in fields} <= set(offered)
    assert {"--input", "--json", "--full", "--output", "--marker", "--no-color", "--rules"} <= set(offered)
    assert bash("riskcli assess breast --tum") == ["--tumour-size-mm"]
    assert "--recurrence-score" not in bash("riskcli assess colon --")


def test_the_values_of_a_flag_are_offered(bash: Complete) -> None:
    assert bash("riskcli assess breast --grade ") == ["1", "2", "3"]
    assert bash("riskcli assess colon --mmr d") == ["deficient"]
    assert "not_done" in bash("riskcli assess colon --mmr ")


@pytest.mark.parametrize(
    "line",
    [
        "riskcli assess --json colon --mmr d",
        "riskcli assess colon --grade 2 --mmr d",
        "riskcli assess colon --unheard-of x --mmr d",
        "riskcli --rules rules assess colon --mmr d",
    ],
)
def test_other_options_do_not_stand_in_the_way(line: str, bash: Complete) -> None:
    assert bash(line.replace("--rules rules", f"--rules {DATA}")) == ["deficient"]


def test_tables_of_a_hospital_are_offered(bash: Complete, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKCLI_RULES", str(DATA))
    assert bash("riskcli assess example_d") == ["example_duct"]
    assert bash("riskcli assess example_gauge --ki") == ["--kit"]


def test_nothing_is_said_when_the_line_is_wrong(bash: Complete, monkeypatch: pytest.MonkeyPatch) -> None:
    bash("riskcli assess bowel --gr")
    assert bash("riskcli assess breast --input none.json --grade ") == ["1", "2", "3"]
    monkeypatch.setenv("RISKCLI_RULES", str(DATA / "none"))
    assert bash("riskcli assess ") == []


def test_no_record_is_read_while_completing(bash: Complete, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert bash("riskcli assess breast --input - --grade ") == ["1", "2", "3"]


def test_the_other_shells_are_offered_the_same(other_shell: Complete) -> None:
    assert other_shell("riskcli assess ") == list(riskcli.load_rules().names)
    assert other_shell("riskcli assess co") == ["colon"]
    assert other_shell("riskcli assess breast --tum") == ["--tumour-size-mm"]
    assert other_shell("riskcli assess breast --grade ") == ["1", "2", "3"]
    assert other_shell("riskcli assess colon --mmr d") == ["deficient"]


def test_fish_is_told_by_the_exit_code_whether_there_is_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_RISKCLI_COMPLETE", "complete_fish")
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "is-args")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "riskcli assess breast --grade ")
    assert main([]) == 0
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "riskcli assess breast --tumour-size-mm 12 nothing-like-")
    assert main([]) == 1


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_script_for_bash_completes_a_line() -> None:
    program = f"{sys.executable} -m riskcli"
    script = subprocess.run(
        [*program.split()],
        env={"_RISKCLI_COMPLETE": "source_bash"},
        capture_output=True,
        text=True,
        check=False,
    )
    asked = (
        f"{script.stdout.replace('$1', program)}\n"
        "COMP_WORDS=(riskcli assess colon --mmr d) COMP_CWORD=4\n"
        '_riskcli_completion riskcli; printf "%s" "${COMPREPLY[*]}"'
    )
    told = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=False)
    assert (told.stdout, told.stderr) == ("deficient", "")


def test_the_tables_are_completed_for_rules_show(bash: Complete) -> None:
    assert bash("riskcli rules show co") == ["colon"]
