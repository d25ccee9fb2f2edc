"""What leaves the program: answers to standard output or a file, words to standard error."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from riskcli import words
from riskcli.errors import CaseError, OutOfScope, Problem, RiskcliError, RuleFileError
from riskcli.report.terminal import NARROWEST, WIDEST, ascii_text, clean, folded

ANSWERED, WRONG_INPUT, WRONG_RULES, SOME_WRONG, DIFFERENT, INTERRUPTED = 0, 2, 3, 4, 5, 130
_LONGEST = 80
"""The most characters of a wrong value that an error repeats."""


def say(*lines: str) -> None:
    """Write words to standard error; text that came from files is made harmless."""
    parts = [clean(part) for line in lines for part in line.split("\n")]
    _to_stderr("".join(f"{shown}\n" for part in parts for shown in _on_screen(part)))


def _on_screen(line: str) -> list[str]:
    """Break a sentence where a terminal would cut a word in two; what may be copied stays whole.

    That is a command, which is indented, and what has a path or an address in it.
    """
    if not is_terminal(sys.stderr) or not line.strip() or line.startswith(" ") or re.search(r"[/\\]", line):
        return [line]
    return folded(line, max(NARROWEST, min(terminal_width(), WIDEST)), below="  ")


def _to_stderr(text: str) -> None:
    """Write to standard error; where that is closed there is nobody to tell."""
    with suppress(CaseError, BrokenPipeError):
        write(sys.stderr, text)


def write(stream: TextIO | None, text: str) -> None:
    """Write text in the stream's encoding, in plain ASCII where that cannot hold it.

    Raises:
        CaseError: the stream is closed, or cannot take the text.
        BrokenPipeError: the reader has gone.
    """
    if stream is None:
        raise _unwritable(words.say("file.standard_output"), words.say("command.output_closed"))
    if not can_show(text, stream):
        text = "\n".join(map(ascii_text, text.split("\n")))
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        silence(stream)
        raise _unwritable(words.say("file.standard_output"), error.strerror) from None


def silence(stream: TextIO) -> None:
    """Let what is still to be written to a stream go nowhere, so that nothing fails when Python ends."""
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


def encoding_of(stream: TextIO | None) -> str:
    """Return the encoding of a stream; UTF-8 where it has none or is closed."""
    return (stream.encoding if stream else None) or "utf-8"


def can_show(text: str, stream: TextIO | None) -> bool:
    """Say whether a stream's encoding holds a text."""
    try:
        text.encode(encoding_of(stream))
    except UnicodeEncodeError:
        return False
    return True


def json_text(data: Any, stream: TextIO | None = None) -> str:
    r"""Return data as JSON; what a stream cannot hold, or a terminal might obey, is escaped.

    Example:
        >>> print(json_text({"ref": "\x9b31m \u202e caf\u00e9"}), end="")
        {
          "ref": "\u009b31m \u202e café"
        }
    """
    ascii_only = encoding_of(stream).lower().replace("-", "") not in ("utf8", "utf8sig")
    text = json.dumps(data, ensure_ascii=ascii_only, indent=2)
    return re.sub(r"[^\n -~]", _escaped, text) + "\n"


def _escaped(match: re.Match[str]) -> str:
    """Escape a character that cannot be seen."""
    char = match[0]
    return char if char.isprintable() else json.dumps(char)[1:-1]


def write_whole(path: str, text: str) -> None:
    """Write a file in UTF-8, whole or not at all.

    Raises:
        CaseError: it cannot be written.
    """
    from riskcli.cohort.places import whole

    if Path(path).is_dir():
        raise _unwritable(path, words.say("command.output_directory"))
    with whole(path) as part:
        Path(part).write_text(text, encoding="utf-8", newline="\n")


def write_together(directory: str, texts: Mapping[str, str]) -> None:
    """Write files into a directory, which is made where there is none: all of them or none.

    Raises:
        CaseError: they cannot be written.
    """
    from riskcli.cohort.places import together

    place = Path(directory)
    made = not place.exists()
    try:
        if place.exists() and not place.is_dir():
            raise _unwritable(directory, words.say("output_file.no_directory"))
        place.mkdir(exist_ok=True)
        with together():
            for name, text in texts.items():
                write_whole(str(place / name), text)
    except (OSError, ValueError) as error:
        raise _unwritable(directory, getattr(error, "strerror", None)) from None
    finally:
        if made and place.is_dir() and not any(place.iterdir()):
            place.rmdir()


def _unwritable(name: str, reason: str | None) -> CaseError:
    """Say that something cannot be written."""
    reason = reason or words.say("output_file.no_such_name")
    return CaseError([Problem(None, None, words.say("output_file.unwritable", name=name, reason=reason))])


def terminal_width() -> int:
    """Return the columns of the terminal, or 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def is_terminal(stream: TextIO | None) -> bool:
    """Say whether a stream is open and a terminal."""
    return stream is not None and not stream.closed and stream.isatty()


def coloured(stream: TextIO | None, no_color: bool) -> bool:
    """Say whether a stream is a terminal that wants colour."""
    return (
        is_terminal(stream)
        and not no_color
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "") not in ("dumb", "unknown")
    )


def report_error(error: RiskcliError, as_json: bool) -> int:
    """Word an error on standard error and return the exit code it stands for."""
    code = WRONG_RULES if isinstance(error, RuleFileError) else WRONG_INPUT
    if as_json:
        _to_stderr(json_text(error_data(error, code), sys.stderr))
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
    problems = error.problems if isinstance(error, CaseError) else [Problem(None, None, str(error))]
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
            for problem in problems
        ],
    }


def _as_json(value: object) -> object:
    """Return a value that JSON can hold, cut to a readable length."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and abs(value) < 1e15:
        return value
    try:
        text = str(value)
    except ValueError:  # an integer of thousands of digits
        return words.say("command.huge_number")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
