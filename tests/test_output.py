"""What leaves the program whatever it is shown on: encodings, colour, width, pipes, files, hostile text."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, Told

from riskcli.cli import main, output
from riskcli.cli.output import coloured, error_data, json_text, say, write, write_whole
from riskcli.cohort.places import whole
from riskcli.errors import CaseError, Problem

DATA = Path(__file__).parent / "data" / "rules"
PROGRAM = [sys.executable, "-m", "riskcli"]
CASE = ("assess", "breast", "--grade", "3", "--nodes-positive", "2")
ESCAPE = "\x1b"


class Terminal(io.TextIOWrapper):
    """A terminal that keeps what is written to it."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="")

    def isatty(self) -> bool:
        return True

    @property
    def shown(self) -> str:
        """Everything that was written."""
        self.flush()
        raw = self.buffer.getvalue()  # type: ignore[attr-defined]
        return str(raw.decode(self.encoding))


@pytest.fixture
def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the program with a terminal as its standard output, and return what the terminal shows."""
    monkeypatch.setenv("TERM", "xterm-256color")

    def show(*args: str, encoding: str = "utf-8") -> str:
        screen = Terminal(encoding)
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", screen)
            assert main(args) == 0
        return screen.shown

    return show


def without_colour(text: str) -> str:
    """Take the colours out of a text."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


# ---- colour


def test_a_terminal_gets_colour_and_the_same_text_as_a_pipe(on_terminal: Any, run: Run) -> None:
    shown = on_terminal(*CASE)
    assert f"{ESCAPE}[1m" in shown
    assert without_colour(shown) == run(*CASE).out


@pytest.mark.parametrize(
    ("variables", "flags"),
    [
        ({"NO_COLOR": "1"}, ()),
        ({}, ("--no-color",)),
        ({"TERM": "dumb"}, ()),
        ({"TERM": "unknown"}, ()),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, ()),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, ()),
    ],
    ids=str,
)
def test_a_terminal_that_wants_no_colour_gets_plain_text(
    variables: dict[str, str], flags: tuple[str, ...], on_terminal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    shown = on_terminal(*CASE, *flags)
    assert ESCAPE not in shown
    assert shown.startswith("Invasive breast cancer")


def test_an_empty_no_color_does_not_count(on_terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    assert ESCAPE in on_terminal(*CASE)
    assert not coloured(None, no_color=False)


def test_a_pipe_gets_no_colour_even_when_it_is_forced(shell: Run) -> None:
    told = shell(*CASE, env={"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "TERM": "xterm"})
    assert ESCAPE not in told.out


def test_json_has_no_colour_on_a_terminal(on_terminal: Any) -> None:
    shown = on_terminal(*CASE, "--json")
    assert ESCAPE not in shown
    assert json.loads(shown)["cancer"] == "breast"


# ---- encodings

FOREIGN = "Käthe ≥ 4 µm \u2013 “x” Łódź 東京"


@pytest.mark.parametrize("encoding", ["ascii", "cp437", "cp1252", "latin-1"])
@pytest.mark.parametrize("mode", [(), ("--full",), ("--json",)], ids=["report", "full", "json"])
def test_an_output_that_cannot_hold_a_text_gets_plain_ascii(
    encoding: str, mode: tuple[str, ...], tmp_path: Path
) -> None:
    told = subprocess.run(
        [*PROGRAM, *CASE, "-m", f"ref={FOREIGN}", *mode],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, b"")
    text = told.stdout.decode("ascii")
    if mode == ("--json",):
        assert json.loads(text)["ref"] == FOREIGN
    else:
        assert 'Kathe >= 4 um - "x" ?odz ??' in text
        assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("encoding", ["ascii", "cp437", "cp1252"])
def test_an_error_on_such_an_output_is_plain_ascii_too(encoding: str) -> None:
    for mode in ([], ["--json"]):
        told = subprocess.run(
            [*PROGRAM, "assess", "breast", "--er", FOREIGN, *mode],
            capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": encoding},
            check=False,
        )
        assert (told.returncode, told.stdout) == (2, b"")
        text = told.stderr.decode("ascii")
        assert json.loads(text)["problems"][0]["value"] == FOREIGN if mode else "Kathe >= 4" in text


def test_a_coloured_terminal_that_cannot_hold_a_text_gets_plain_ascii(on_terminal: Any) -> None:
    shown = on_terminal(*CASE, "-m", f"ref={FOREIGN}", encoding="cp437")
    assert f"{ESCAPE}[1m" in shown
    assert 'Kathe >= 4 um - "x" ?odz ??' in shown


def test_a_text_that_a_stream_holds_is_written_as_it_is_and_any_other_in_plain_ascii() -> None:
    for text, written in (("caf\u00e9\n", "caf\u00e9\n"), ("\u2265 4 caf\u00e9\n", ">= 4 cafe\n")):
        screen = Terminal("latin-1")
        write(screen, text)
        assert screen.shown == written


def test_utf_8_keeps_the_text_as_it_is(shell: Run) -> None:
    told = shell(*CASE, "-m", f"ref={FOREIGN}", env={"PYTHONIOENCODING": "utf-8"})
    assert FOREIGN in told.out
    told = shell(*CASE, "-m", f"ref={FOREIGN}", "--json", env={"PYTHONIOENCODING": "utf-8"})
    assert f'"ref": "{FOREIGN}"' in told.out


# ---- width


@pytest.mark.parametrize("columns", [1, 20, 40, 59, 60, 80, 100, 120, 400])
@pytest.mark.parametrize("mode", [(), ("--full",)], ids=["short", "full"])
def test_no_line_is_wider_than_the_terminal_and_never_wider_than_is_read_with_ease(
    columns: int, mode: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    told = run(*CASE, *mode)
    assert told.code == 0
    assert max(map(len, told.out.splitlines())) <= min(max(columns, 20), 100)
    assert not any(line.endswith(" ") for line in told.out.splitlines())


# ---- pipes and closed streams


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize(
    "command",
    [
        "assess breast | head -1",
        "assess breast --json | head -1",
        "assess breast --full | true",
        "assess breast --json | true",
        "--version | true",
        "--help | true",
        "assess colon --help | true",
        "rules check --json | true",
    ],
)
def test_a_reader_that_goes_away_causes_no_traceback(command: str) -> None:
    told = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m riskcli {command}; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stderr.removeprefix("Checked breast, colon, other_solid and testis_nonseminoma: ") in (
        "",
        "0 faults, 0 notes.\n",
    )
    assert told.returncode == 0


def test_a_pipe_that_is_already_closed_ends_quietly() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "wb") as pipe:
        told = subprocess.run([*PROGRAM, *CASE], stdout=pipe, stderr=subprocess.PIPE, check=False)
    assert (told.returncode, told.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("mode", [(), ("--json",)], ids=["report", "json"])
def test_a_full_disk_is_a_sentence(mode: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        told = subprocess.run([*PROGRAM, *CASE, *mode], stdout=full, stderr=subprocess.PIPE, check=False)
    assert told.returncode == 2
    assert b"standard output cannot be written (No space left on device)" in told.stderr
    assert b"Traceback" not in told.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("assess breast >&-", 2, "standard output cannot be written (it is closed)\n"),
        ("assess breast --json >&-", 2, None),
        ("assess breast --grade 7 2>&-", 2, ""),
        ("assess breast --grade 7 --json 2>&-", 2, ""),
        ("assess breast --grade 7 2>/dev/full", 2, ""),
    ],
)
def test_closed_streams_cause_no_traceback(command: str, code: int, said: str | None) -> None:
    told = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m riskcli {command}"], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout) == (code, "")
    assert "Traceback" not in told.stderr
    if said is not None:
        assert told.stderr == said


def test_words_for_people_are_dropped_when_nobody_can_read_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    say("unheard")


def test_an_answer_that_nobody_can_read_is_a_problem(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", None)
        for mode in ((), ("--json",)):
            assert main([*CASE, *mode]) == 2
    with pytest.raises(CaseError, match="it is closed"):
        write(None, "an answer")


class _Gone(io.StringIO):
    """An output whose reader has gone, or whose disk is full."""

    encoding = "utf-8"

    def __init__(self, error: OSError, target: Path) -> None:
        super().__init__()
        self.error = error
        self.file = target.open("wb")

    def write(self, text: str) -> int:
        raise self.error

    def fileno(self) -> int:
        return self.file.fileno()

    def close(self) -> None:
        self.file.close()
        super().close()


@pytest.mark.parametrize("args", [CASE, ("--help",), ("--version",)], ids=lambda args: args[0])
def test_a_reader_that_has_gone_is_no_problem(
    args: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with _Gone(BrokenPipeError(errno.EPIPE, "Broken pipe"), tmp_path / "out") as gone:
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", gone)
            code = main(args)
        os.write(gone.fileno(), b"more")
    assert code == 0
    assert (tmp_path / "out").read_bytes() == b""


def test_an_output_that_fails_is_a_sentence_and_gets_nothing_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with _Gone(OSError(errno.ENOSPC, "No space left on device"), tmp_path / "out") as full:
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", full)
            code = main(CASE)
        os.write(full.fileno(), b"more")
    assert code == 2
    assert capsys.readouterr().err == "standard output cannot be written (No space left on device)\n"
    assert (tmp_path / "out").read_bytes() == b""


def test_a_problem_that_nobody_can_read_does_no_harm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gone = _Gone(BrokenPipeError(errno.EPIPE, "Broken pipe"), tmp_path / "err")
    with gone, monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", gone)
        codes = [main([*CASE, "--er", "perhaps", *mode]) for mode in ((), ("--json",))]
    assert codes == [2, 2]


def test_a_number_of_thousands_of_digits_is_told_as_huge() -> None:
    for value in (10**5000, -(10**5000), [10**5000]):
        error = CaseError([Problem("grade", value, "is too large")])
        assert error_data(error, 2)["problems"][0]["value"] == "a huge number"


# ---- questions on a terminal (see test_terminal.py for a real one)


class Keyboard(Terminal):
    """A terminal on which lines were typed."""

    def __init__(self, *lines: bytes) -> None:
        super().__init__()
        self.buffer.write(b"".join(line + b"\n" for line in lines))
        self.buffer.seek(0)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, run: Run) -> Any:
    """Run the program for a person who types lines; return what it told and what their screen shows."""
    monkeypatch.setenv("TERM", "xterm")

    def sit_down(*lines: bytes, args: tuple[str, ...] = ("assess",)) -> tuple[Told, str]:
        screen = Terminal()
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdin", Keyboard(*lines))
            patched.setattr(sys, "stderr", screen)
            told = run(*args)
        return told, screen.shown

    return sit_down


def test_questions_are_asked_on_standard_error_and_the_answer_goes_to_standard_output(typed: Any) -> None:
    told, screen = typed(b"colon", b"T3", b"done")
    assert told.code == 0
    assert told.out.startswith("Adenocarcinoma of the colon")
    assert "cancer> " in screen
    assert screen.endswith("\nThe same answer again:\n  riskcli assess colon --t-category T3\n")


def test_the_printed_command_names_the_tables_of_a_hospital(typed: Any) -> None:
    told, screen = typed(b"gauge", b"done", args=("assess", "--json", "--rules", str(DATA)))
    assert told.json["cancer"] == "example_gauge"
    assert screen.endswith(f"  riskcli assess example_gauge --rules {DATA}\n")


def test_stopping_is_no_answer(typed: Any) -> None:
    told, screen = typed(b"colon", b"quit")
    assert (told.code, told.out) == (130, "")
    assert "So far:\n  riskcli assess colon\n" in screen


def test_what_is_typed_in_another_encoding_is_refused_and_asked_again(typed: Any) -> None:
    told, screen = typed(b"colon", "T\u00e4".encode("latin-1"), b"done")
    assert told.code == 0
    assert "is not allowed for colon" in screen


def test_a_keyboard_without_an_encoding_is_asked_too(
    typed: Any, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    class Plain(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdin", Plain("colon\ndone\n"))
        patched.setattr(sys, "stderr", screen)
        assert run("assess").code == 0


def test_a_hostile_table_asks_harmlessly(typed: Any, hostile_rules: Path) -> None:
    _, screen = typed(b"gauge", b"?", b"quit", args=("assess", "--rules", str(hostile_rules)))
    harmless(screen)
    assert "[bold red]x[/]" in screen


@pytest.mark.parametrize("missing", ["stdin", "stderr"])
def test_without_a_keyboard_or_a_screen_nothing_is_asked(
    missing: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None if missing == "stdin" else Keyboard(b"colon"))
    told = run("assess")
    assert (told.code, told.out) == (2, "")
    assert "there is no terminal to ask on" in told.err


# ---- a file


def test_an_answer_is_written_to_a_file_in_utf_8_whatever_the_terminal(tmp_path: Path) -> None:
    for mode, name in (((), "report.txt"), (("--json",), "answer.json")):
        path = tmp_path / name
        told = subprocess.run(
            [*PROGRAM, *CASE, "-m", f"ref={FOREIGN}", *mode, "-o", str(path)],
            capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": "ascii", "COLUMNS": "40"},
            check=False,
        )
        assert (told.returncode, told.stdout) == (0, b"")
        assert told.stderr.decode() == f"Written to {path}.\n"
        text = path.read_bytes().decode("utf-8")
        assert FOREIGN in text
        assert "\r" not in text
    assert json.loads((tmp_path / "answer.json").read_text(encoding="utf-8"))["ref"] == FOREIGN
    lines = (tmp_path / "report.txt").read_text(encoding="utf-8").splitlines()
    assert 60 < max(map(len, lines)) <= 80


def test_an_existing_file_is_replaced_and_keeps_its_permissions(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "answer.txt"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    assert run(*CASE, "-o", path).code == 0
    assert path.read_text(encoding="utf-8").startswith("Invasive")
    assert run(*CASE, "--json", "-o", path).code == 0
    assert path.read_text(encoding="utf-8").startswith("{")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_gets_the_permissions_of_any_new_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("", encoding="utf-8")
    assert run(*CASE, "-o", tmp_path / "answer.txt").code == 0
    assert (tmp_path / "answer.txt").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o027])
def test_what_is_being_written_is_for_nobody_else_and_the_mask_is_let_be(
    mask: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(mask)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(os, "umask", lambda _: pytest.fail("other threads may be making files"))
            with whole(str(tmp_path / "answer.txt")) as part:
                assert stat.S_IMODE(Path(part).stat().st_mode) == 0o600
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "answer.txt").stat().st_mode) == 0o666 & ~mask
    assert [path.name for path in tmp_path.iterdir()] == ["answer.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need rights on Windows")
def test_a_link_is_written_through(run: Run, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    assert run(*CASE, "-o", tmp_path / "link").code == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text(encoding="utf-8").startswith("Invasive")


def test_a_device_is_written_to_and_not_replaced(run: Run) -> None:
    told = run(*CASE, "-o", os.devnull)
    assert (told.code, told.out) == (0, "")
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize(
    ("name", "reason"),
    [("none/answer.txt", "No such file or directory"), (".", "it is a directory"), ("a\0b", "no such name")],
)
def test_a_place_that_cannot_be_written_is_a_sentence(
    name: str, reason: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = run(*CASE, "-o", name)
    assert (told.code, told.out) == (2, "")
    assert told.err.endswith(f"cannot be written ({reason})\n")
    assert not list(tmp_path.iterdir())


def test_a_read_only_file_is_left_alone(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "answer.txt"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(os, "access", lambda *_: False)
    told = run(*CASE, "-o", path)
    assert (told.code, told.err) == (2, f"{path} cannot be written (it is read-only)\n")
    assert path.read_text(encoding="utf-8") == "old"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "answer.txt"
    path.write_text("old", encoding="utf-8")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output.os, "replace", fail)
    with pytest.raises(CaseError, match="No space left on device"):
        write_whole(str(path), "new")
    assert [found.name for found in tmp_path.iterdir()] == ["answer.txt"]
    assert path.read_text(encoding="utf-8") == "old"


def test_a_wrong_case_leaves_the_file_as_it_was(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "answer.txt"
    assert run("assess", "breast", "--grade", "7", "-o", path).code == 2
    assert not path.exists()


# ---- text that means harm

HOSTILE = "[bold red]x[/] \x1b[31mred\x1b]0;title\x07 \x9b1m \u202eabc\u2066 \r\n\x00 y"


def harmless(text: str) -> None:
    """Hold a text to showing nothing that a terminal would obey."""
    assert all(char == "\n" or char.isprintable() for char in text), ascii(text)


def test_a_reference_is_shown_harmlessly_and_carried_through_untouched(run: Run) -> None:
    told = run(*CASE, "-m", f"ref={HOSTILE}")
    assert told.code == 0
    harmless(told.out)
    assert "Reference    [bold red]x[/]  [31mred ]0;title" in told.out
    told = run(*CASE, "-m", f"ref={HOSTILE}", "--json")
    harmless(told.out)
    assert told.json["ref"] == HOSTILE


def test_a_long_reference_is_shown_in_part(run: Run) -> None:
    told = run(*CASE, "-m", f"ref={'x ' * 500}")
    assert sum(line.count("x x") > 0 for line in told.out.splitlines()) <= 2
    assert "..." in told.out


def test_a_coloured_terminal_shows_markup_as_text(on_terminal: Any) -> None:
    shown = on_terminal(*CASE, "-m", f"ref={HOSTILE}")
    assert "[bold red]x[/]" in shown
    assert f"{ESCAPE}[31m" not in shown


@pytest.mark.parametrize("args", [["--er", HOSTILE], [f"--{HOSTILE}", "x"], [HOSTILE], ["-m", HOSTILE]])
def test_a_wrong_value_is_quoted_harmlessly(args: list[str], run: Run) -> None:
    for mode in ([], ["--json"]):
        told = run("assess", "breast", *args, *mode)
        assert (told.code, told.out) == (2, "")
        harmless(told.err)


@pytest.fixture
def hostile_rules(tmp_path: Path) -> Path:
    """A table whose every text means harm."""
    text = (DATA / "example_gauge.yaml").read_text(encoding="utf-8")
    bad = r'"[bold red]x[/] \e[31m \u202e [link=file:///x]y[/link] [unclosed"'
    for plain in (
        "title: Tumour of the example gauge",
        "scope: invented patients",
        "blood_test: there is none",
    ):
        key = plain.split(":")[0]
        text = text.replace(plain, f"{key}: {bad}")
    text = text.replace("why: 40 or more", f"why: {bad}").replace("text: a reading", f"text: {bad}")
    text = text.replace("say: Spread is known.", f"say: {bad}").replace("name: Polishing", f"name: {bad}")
    text = text.replace("[everything here is invented]", f"[{bad}]").replace(
        "limits: invented", f"limits: {bad}"
    )
    (tmp_path / "example_gauge.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "vocabulary.yaml").write_bytes((DATA / "vocabulary.yaml").read_bytes())
    return tmp_path


@pytest.mark.parametrize(
    "args",
    [
        ("assess", "example_gauge", "--gauge", "50", "--kit", "clear", "--fine", "1", "--colour", "red"),
        ("assess", "example_gauge", "--gauge", "50", "--full"),
        ("assess", "example_gauge", "--gauge", "50", "--json"),
        ("assess", "example_gauge", "--metastasis", "present"),
        ("assess", "example_gauge", "--gauge", "500"),
        ("assess", "example_gauge", "--help"),
        ("assess", "--help"),
        ("--version",),
        ("rules", "check", "example_gauge"),
    ],
    ids=lambda args: " ".join(args[:5]),
)
def test_a_hostile_table_is_shown_harmlessly(
    args: tuple[str, ...], run: Run, hostile_rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RISKCLI_RULES", str(hostile_rules))
    told = run(*args)
    assert told.code in (0, 2, 3)
    harmless(told.out)
    harmless(told.err)
    if "full" in args[-1] or "--help" in args:
        assert "[bold red]x[/]" in told.out
        assert "[unclosed" in told.out


def test_a_hostile_table_is_shown_harmlessly_in_colour(
    on_terminal: Any, hostile_rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RISKCLI_RULES", str(hostile_rules))
    shown = on_terminal("assess", "example_gauge", "--gauge", "50", "--full")
    harmless(without_colour(shown))
    assert f"{ESCAPE}[31m" not in shown
    assert "[bold red]x[/]" in shown


@pytest.mark.parametrize(
    "data", [{"ref": HOSTILE}, {"ref": "\ud800"}, {"a": [1.5, None, True, "\u00a0\ufeff"]}]
)
def test_json_escapes_what_cannot_be_seen_and_means_the_same(data: Any) -> None:
    text = json_text(data)
    harmless(text)
    text.encode("utf-8")
    assert json.loads(text) == data
