"""The real program on a pseudo-terminal: what a person types and sees."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

pexpect = pytest.importorskip("pexpect", reason="needs a POSIX terminal")
if sys.platform == "win32":
    pytest.skip("needs a POSIX terminal", allow_module_level=True)

PROGRAM = f"{shlex.quote(sys.executable)} -m riskcli"
PATIENCE = 60
"""Seconds after which a line that does not come has failed the test."""


class Person:
    """A person at a terminal of 80 columns."""

    def __init__(self, command: str, env: dict[str, str]) -> None:
        self.child = pexpect.spawn(
            "/bin/sh",
            ["-c", command],
            encoding="utf-8",
            codec_errors="replace",
            dimensions=(50, 80),
            env={**os.environ, "TERM": "xterm-256color", **env},
            timeout=PATIENCE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a background job ignores it
        )
        self.seen = ""

    def sees(self, text: str) -> str:
        """Wait for a text and return what came before it."""
        self.child.expect_exact(text)
        before = self.child.before.replace("\r\n", "\n")
        self.seen += before + text
        return before

    def types(self, line: str) -> None:
        """Wait for a prompt and type a line."""
        self.sees("> ")
        self.child.sendline(line)

    def ends(self) -> int:
        """Wait for the end and return the exit code."""
        self.child.expect(pexpect.EOF)
        self.seen += self.child.before.replace("\r\n", "\n")
        self.child.close()
        return int(self.child.exitstatus)


@pytest.fixture
def sit_down() -> Iterator[Any]:
    """Start the program at a terminal; `command` is put after `riskcli`."""
    people: list[Person] = []

    def start(command: str = "assess", **env: str) -> Person:
        env.pop("COLUMNS", None)
        people.append(Person(f"unset COLUMNS; exec {PROGRAM} {command}", env))
        return people[-1]

    yield start
    for person in people:
        person.child.close(force=True)


def again(person: Person) -> list[str]:
    """Return the printed command that gives the same answer, as arguments."""
    command = person.seen.split("The same answer again:\n  ")[1].split("\n")[0]
    found = shlex.split(command)
    assert found[:2] == ["riskcli", "assess"]
    return found[1:]


def run_again(arguments: Sequence[str]) -> Any:
    """Run a command and return its answer in JSON."""
    told = subprocess.run(
        [sys.executable, "-m", "riskcli", *arguments, "--json"],
        capture_output=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return json.loads(told.stdout)


TALKS: dict[str, list[str]] = {
    "breast": ["grade 3", "28", "unknown", "2"],
    "colon": ["T3", "2"],
    "testis_nonseminoma": ["present", "postoperative_markers=normal"],
    "other_solid": ["G3", "", "unknown"],
}


@pytest.mark.parametrize("cancer", TALKS)
def test_a_whole_talk_for_each_cancer_ends_with_the_answer_and_its_command(
    cancer: str, sit_down: Any, tmp_path: Path
) -> None:
    path = tmp_path / "answer.json"
    person = sit_down(f"assess --json > {path}")
    person.types(cancer)
    for line in TALKS[cancer]:
        person.types(line)
    for _ in range(40):
        if person.child.expect_exact(["> ", "The same answer again:"]) == 1:
            break
        person.child.sendline("")
    person.seen += "The same answer again:"
    assert person.ends() == 0
    answer = json.loads(path.read_text(encoding="utf-8"))
    assert answer["cancer"] == cancer
    assert len(answer["case"]) == len([line for line in TALKS[cancer] if line])
    assert run_again(again(person)) == answer


def test_a_person_can_look_go_back_correct_and_state_other_fields(sit_down: Any) -> None:
    person = sit_down()
    person.types("bowel cancer")
    assert "Adenocarcinoma of the colon" in person.sees("t_category (")
    person.types("?")
    assert "Where: " in person.sees("t_category (")
    person.types("T9")
    assert 't_category: "T9" is not allowed for colon' in person.sees("t_category (")
    person.types("T3")
    person.sees("nodes_positive (0..90)")
    person.types("back")
    person.sees("t_category is open again.")
    person.sees("t_category (")
    person.types("pT4a")
    person.sees("t_category is read as T4a.")
    person.types("0")
    person.types("ctdna=n")
    person.sees('ctdna: "n" may mean negative or not_done; write more of it.')
    person.types("ctdna=neg")
    person.sees("ctdna is read as negative.")
    person.types("lvi=not identified")
    person.sees("vascular_invasion is read as absent.")
    person.types("done")
    person.sees("DRAFT, not reviewed by a clinician")
    assert person.ends() == 0
    case = run_again(again(person))["case"]
    assert case == {
        "t_category": "T4a",
        "nodes_positive": 0,
        "vascular_invasion": "absent",
        "ctdna": "negative",
    }


def test_the_report_on_the_terminal_is_coloured_and_comes_after_the_questions(sit_down: Any) -> None:
    person = sit_down()
    person.types("other solid")
    person.types("done")
    assert person.ends() == 0
    assert "\x1b[1m" in person.seen
    assert (
        person.seen.index("cancer> ")
        < person.seen.index("\x1b[1m")
        < person.seen.index("The same answer again:")
    )
    plain = re.sub(r"\x1b\[[0-9;]*m", "", person.seen)
    assert "Likelihood   LOW TO VERY HIGH" in plain
    assert max(map(len, plain.splitlines())) <= 80


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"NO_COLOR": "1"}], ids=str)
def test_a_dumb_terminal_and_a_screen_reader_get_plain_lines(env: dict[str, str], sit_down: Any) -> None:
    person = sit_down(**env)
    person.types("colon")
    person.types("T3")
    person.types("done")
    assert person.ends() == 0
    assert "\x1b" not in person.seen
    assert "\r" not in person.seen
    assert "Likelihood   " in person.seen


def test_prompts_go_to_standard_error_while_the_answer_goes_to_a_file(sit_down: Any, tmp_path: Path) -> None:
    path = tmp_path / "answer.txt"
    person = sit_down(f"assess > {path}")
    person.types("colon")
    person.types("done")
    assert person.ends() == 0
    assert "Likelihood" not in person.seen
    text = path.read_text(encoding="utf-8")
    assert text.startswith("Adenocarcinoma of the colon - DRAFT")
    assert "> " not in text
    assert "\x1b" not in text


def test_an_answer_may_be_written_to_a_named_file(sit_down: Any, tmp_path: Path) -> None:
    path = tmp_path / "answer.txt"
    person = sit_down(f"assess -o {path} --full")
    person.types("colon")
    person.types("done")
    person.sees(f"Written to {path}.")
    assert person.ends() == 0
    assert "Provenance" in path.read_text(encoding="utf-8")


def test_quit_prints_the_command_so_far_and_no_answer(sit_down: Any) -> None:
    person = sit_down()
    person.types("colon")
    person.types("T3")
    person.types("quit")
    person.sees("So far:\n  riskcli assess colon --t-category T3\n".replace("\n", "\r\n"))
    assert person.ends() == 130
    assert "Likelihood" not in person.seen


def test_ctrl_c_ends_with_130_and_one_word(sit_down: Any) -> None:
    person = sit_down()
    person.types("colon")
    person.sees("> ")
    person.child.sendintr()
    person.sees("Interrupted.")
    assert person.ends() == 130
    assert "Traceback" not in person.seen


def test_ctrl_d_ends_without_an_answer(sit_down: Any) -> None:
    for lines in ([], ["colon"], ["colon", "T3"]):
        person = sit_down()
        for line in lines:
            person.types(line)
        person.sees("> ")
        person.child.sendeof()
        person.sees("The input ended.")
        assert person.ends() == 130
        assert "Likelihood" not in person.seen


def test_an_answer_out_of_scope_ends_with_its_sentence_and_exit_code_2(sit_down: Any) -> None:
    person = sit_down()
    person.types("colon")
    person.types("metastasis=present")
    assert person.ends() == 2
    assert "istant" in person.seen
    assert "Likelihood" not in person.seen
    assert "Traceback" not in person.seen


def test_a_unique_beginning_of_a_cancers_name_is_enough_and_an_ambiguous_one_is_asked_again(
    sit_down: Any,
) -> None:
    person = sit_down()
    person.types("o")
    person.sees("That fits ")
    person.types("testis_n")
    person.sees("Testicular germ-cell cancer")
    person.types("quit")
    assert person.ends() == 130


def test_a_hospitals_tables_are_asked_about_and_named_in_the_command(sit_down: Any) -> None:
    rules = Path(__file__).parent / "data" / "report"
    person = sit_down(f"assess --rules {shlex.quote(str(rules))}")
    person.types("leaf")
    person.types("3")
    person.types("done")
    assert person.ends() == 0
    arguments = again(person)
    assert arguments[-2:] == ["--rules", str(rules)]
    assert run_again(arguments)["case"] == {"grade": 3}


def test_bytes_that_are_no_text_are_refused_and_asked_again(sit_down: Any) -> None:
    person = sit_down()
    person.types("colon")
    person.sees("> ")
    os.write(person.child.child_fd, b"T\xe43\n")
    person.sees("is not allowed for colon")
    person.types("quit")
    assert person.ends() == 130


def test_where_questions_cannot_be_seen_nothing_is_asked(sit_down: Any) -> None:
    person = sit_down("assess 2>/dev/null")
    assert person.ends() == 2
    assert person.seen == ""
