"""What every test may use: the program in this process, and an environment that is the same everywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from riskcli.cli import main

settings.register_profile("same_everywhere", deadline=None, derandomize=True, max_examples=120)
settings.load_profile("same_everywhere")

_UNSET = ("RISKCLI_RULES", "NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING", "PYTHONUTF8", "PY_COLORS")


@dataclass(frozen=True)
class Told:
    """What a run of the program told: its exit code and its two streams."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer, read as JSON."""
        return json.loads(self.out)

    @property
    def problems(self) -> list[str]:
        """The lines of standard error."""
        return self.err.splitlines()


Run = Callable[..., Told]


@pytest.fixture(autouse=True)
def _same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what a developer's shell may set."""
    for name in _UNSET:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the program in this process."""

    def run_main(*args: str | Path) -> Told:
        code = main(list(map(str, args)))
        told = capsys.readouterr()
        return Told(code, told.out, told.err)

    return run_main


@pytest.fixture
def run_export(run: Run) -> Run:
    """Run `riskcli rules export` in this process."""
    return lambda *args: run("rules", "export", *args)


@pytest.fixture
def shell() -> Run:
    """Run the program as a process of its own; `env` adds to the environment, `stdin` is bytes."""

    def run_process(*args: str | Path, stdin: bytes | None = None, env: dict[str, str] | None = None) -> Told:
        told = subprocess.run(
            [sys.executable, "-m", "riskcli", *map(str, args)],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            env={**os.environ, **(env or {})},
            check=False,
        )
        return Told(told.returncode, told.stdout.decode("utf-8"), told.stderr.decode("utf-8"))

    return run_process
