"""What leaves the program: answers to standard output or a file, words to standard error."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from riskcli.errors import CaseError, OutOfScope, Problem, RiskcliError, RuleFileError

ANSWERED, WRONG_INPUT, WRONG_RULES, INTERRUPTED = 0, 2, 3, 130


def say(*lines: str) -> None:
    """Write words to standard error; text that came from files is made harmless."""
    from riskcli.report.terminal import clean

    for line in lines:
        write(sys.stderr, "\n".join(map(clean, line.split("\n"))) + "\n")


def write(stream: TextIO, text: str) -> None:
    """Write text in the stream's encoding, in plain ASCII where that cannot hold it."""
    from riskcli.report.terminal import ascii_text

    try:
        text.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        text = "\n".join(map(ascii_text, text.split("\n")))
    stream.write(text)
    stream.flush()


def json_text(data: Any, stream: TextIO | None = None) -> str:
    """Return data as JSON, escaped to ASCII for a stream that is not UTF-8."""
    encoding = (stream.encoding or "utf-8") if stream else "utf-8"
    ascii_only = encoding.lower().replace("-", "") not in ("utf8", "utf8sig")
    return json.dumps(data, ensure_ascii=ascii_only, indent=2) + "\n"


def write_whole(path: str, text: str) -> None:
    """Write a file in UTF-8, whole or not at all.

    Raises:
        CaseError: it cannot be written.
    """
    target = Path(path)
    name = None
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".riskcli-", suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    except OSError as error:
        if name is not None and os.path.exists(name):
            os.unlink(name)
        reason = error.strerror or "unknown reason"
        raise CaseError([Problem(None, None, f"{path} cannot be written ({reason})")]) from None


def _umask() -> int:
    """Return the permissions that new files are denied."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def terminal_width() -> int:
    """Return the columns of the terminal, or 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def coloured(stream: TextIO, no_color: bool) -> bool:
    """Say whether a stream is a terminal that wants colour."""
    return (
        stream.isatty()
        and not no_color
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "") not in ("dumb", "unknown")
    )


def report_error(error: RiskcliError, as_json: bool) -> int:
    """Word an error on standard error and return the exit code it stands for."""
    code = WRONG_RULES if isinstance(error, RuleFileError) else WRONG_INPUT
    if as_json:
        write(sys.stderr, json_text(error_data(error, code), sys.stderr))
    elif isinstance(error, OutOfScope):
        say(*(problem.message for problem in error.problems))
    elif isinstance(error, CaseError):
        say(*map(str, error.problems))
    else:
        say(*str(error).split("\n"))
    return code


def error_data(error: RiskcliError, code: int) -> dict[str, Any]:
    """Return an error as data."""
    if isinstance(error, RuleFileError):
        faults: Sequence[dict[str, Any]] = [
            {"file": fault.file, "line": fault.line, "message": fault.message} for fault in error.faults
        ]
        return {"error": "rules", "exit_code": code, "problems": faults}
    if isinstance(error, CaseError):
        return {
            "error": "out_of_scope" if isinstance(error, OutOfScope) else "case",
            "exit_code": code,
            "problems": [
                {
                    "field": problem.field,
                    "value": _as_json(problem.value),
                    "message": problem.message,
                    "allowed": list(problem.allowed),
                }
                for problem in error.problems
            ],
        }
    return {"error": "usage", "exit_code": code, "problems": [{"message": str(error)}]}


def _as_json(value: object) -> object:
    """Return a value that JSON can hold, cut to a readable length."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and abs(value) < 1e15:
        return value
    try:
        text = str(value)
    except ValueError:  # an integer of thousands of digits
        return "a huge number"
    return text if len(text) <= 80 else f"{text[:77]}..."
