"""What README shows is what the program prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from riskcli.cli import main

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")
SESSIONS = re.findall(r"<!-- (output|errors) -->\n```console\n\$ (.+?)\n(.*?)```", TEXT, re.S)
SHELL = [
    line.split("#")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.S)
    for line in block.splitlines()
    if line.startswith("riskcli ")
]


@pytest.mark.parametrize(("stream", "command", "shown"), SESSIONS, ids=[s[1][:40] for s in SESSIONS])
def test_a_session_prints_what_readme_shows(
    stream: str, command: str, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code = main(shlex.split(command)[1:])
    printed = capsys.readouterr()
    assert (printed.out if stream == "output" else printed.err) == shown
    assert code == (0 if stream == "output" else 2)


@pytest.mark.parametrize("command", SHELL)
def test_a_command_of_readme_runs(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "case.json").write_text('{"cancer": "colon", "t_category": "T3"}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command)[1:]) == 0
    printed = capsys.readouterr()
    assert printed.out or printed.err


def test_readme_holds_sessions_and_commands() -> None:
    assert len(SESSIONS) == 2
    assert len(SHELL) >= 4


def test_the_python_example_of_readme_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    names: dict[str, object] = {}
    exec(example, names)
    assert names["answer"].likelihood.levels  # type: ignore[attr-defined]
