"""A file or stream to one record: encodings, JSON and its traps. Says what is wrong in one sentence."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from riskcli.errors import CaseError, Problem
from riskcli.words import say

STDIN = "-"
MOST_BYTES = 20_000_000
"""The largest file that is read as one record."""
MOST_LEVELS = 20
"""The deepest nesting that is read: a record is flat, only its `ref` may hold more."""


@dataclass(frozen=True)
class Limits:
    """How much of a file is read."""

    bytes: int = MOST_BYTES
    levels: int = MOST_LEVELS
    parts: int | None = None
    """The most objects and lists; none where the bytes limit them enough."""


RECORD = Limits()
"""What is read as one record."""

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_BINARY = (
    (b"PK\x03\x04", "record.spreadsheet"),
    (b"PAR1", "record.parquet"),
    (b"\x1f\x8b", "record.compressed"),
    (b"%PDF", "record.pdf"),
    (b"\xd0\xcf\x11\xe0", "record.old_spreadsheet"),
)
_HALF, _SECOND_HALF, _TWO = "[dD][89a-fA-F]", "[dD][c-fC-F]", "[0-9a-fA-F]{2}"
_NO_HALF = re.compile(
    r"(?:[^\\]++"
    rf"|\\[^u]|\\(?!u{_HALF}{_TWO})"  # an escape that is no half
    rf"|\\u[dD][89abAB]{_TWO}\\u{_SECOND_HALF}{_TWO}"  # both halves
    r")*+"
)
"""JSON up to a character of which one half is escaped and the other is missing."""
_HALF_LENGTH = len(r"\ud800")


def read_record(source: str) -> dict[str, Any]:
    """Return the one record in a JSON file, or on standard input when `source` is `-`.

    UTF-8, and UTF-16 with a byte order mark, are read.

    Raises:
        CaseError: it cannot be read, is not JSON, or is not one record.
    """
    data = read_json(source)
    if isinstance(data, dict):
        return data
    raise _wrong(say("record.not_a_record", name=called(source), kind=_kind(data)))


def called(source: str) -> str:
    """Return what a source is called in a sentence."""
    return say("file.standard_input") if source == STDIN else source


def read_json(source: str, limits: Limits = RECORD) -> Any:
    """Return the data in a JSON file, or on standard input when `source` is `-`.

    Raises:
        CaseError: it cannot be read, is not JSON, or goes beyond the limits.
    """
    name = called(source)
    text = decode(_bytes(source, name, limits.bytes), name, limits.bytes)
    if limits.parts is not None and text.count("{") + text.count("[") > limits.parts:
        raise _wrong(say("record.too_many_parts", name=name, parts=f"{limits.parts:,}"))
    return parse_json(text, name, limits.levels)


def _bytes(source: str, name: str, most: int) -> bytes:
    """Return the raw content, up to one byte more than there may be."""
    try:
        if source == STDIN:
            if sys.stdin is None or sys.stdin.closed:
                raise _wrong(say("record.standard_input_closed", name=name))
            return sys.stdin.buffer.read(most + 1)
        with Path(source).open("rb") as file:
            return file.read(most + 1)
    except IsADirectoryError:
        raise _wrong(say("record.directory", name=name)) from None
    except FileNotFoundError:
        raise _wrong(say("file.missing", name=name)) from None
    except PermissionError:
        key = "record.directory" if Path(source).is_dir() else "record.not_permitted"
        raise _wrong(say(key, name=name)) from None
    except OSError as error:
        raise _wrong(unreadable(name, error)) from None
    except ValueError:  # a name that no file can have
        raise _wrong(say("file.missing", name=name)) from None


def unreadable(name: str, error: OSError) -> str:
    """Say that a file cannot be read, with the system's reason."""
    return say("file.unreadable", name=name, reason=error.strerror or say("file.no_reason"))


def decode(data: bytes, name: str, most: int = MOST_BYTES) -> str:
    """Return the text of a file.

    Raises:
        CaseError: it is empty, too large, binary or in another encoding.
    """
    if len(data) > most:
        raise _wrong(say("record.too_large", name=name, megabytes=most // 1_000_000))
    for mark, kind in _BINARY:
        if data.startswith(mark):
            raise _wrong(say("record.not_json_but", name=name, kind=say(kind)))
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise _wrong(say("file.not_utf8", name=name)) from None
    if "\x00" in text:
        raise _wrong(say("file.not_utf8", name=name))
    if not text.strip():
        raise _wrong(say("record.empty", name=name))
    return text


def parse_json(text: str, name: str, levels: int = MOST_LEVELS) -> Any:
    r"""Return the data of a JSON text; half a character, which no file can hold, is read as U+FFFD.

    Raises:
        CaseError: it is not JSON, a key is given twice, or it holds a number that is none.
    Example:
        >>> parse_json(r'{"ref": "Eva \ud83d"}', "a.json") == {"ref": "Eva \N{REPLACEMENT CHARACTER}"}
        True
    """
    try:
        data = json.loads(
            mended(text),
            object_pairs_hook=partial(_pairs, name),
            parse_constant=partial(_constant, name),
            parse_float=partial(_float, name),
        )
    except json.JSONDecodeError as error:
        where = say("record.where", line=error.lineno, column=error.colno)
        if error.msg == "Extra data":
            raise _wrong(say("record.goes_on", name=name, where=where)) from None
        message = say("record.not_json", name=name, problem=_plainly(error.msg), where=where)
        raise _wrong(message) from None
    except RecursionError:
        raise _wrong(say("record.too_deep", name=name)) from None
    except ValueError:  # an integer of thousands of digits
        raise _wrong(say("record.long_number", name=name)) from None
    if _is_deep(data, levels):
        raise _wrong(say("record.too_deep", name=name))
    return data


def parse_again(data: bytes) -> Any:
    """Return the data of a JSON text that `parse_json` has read without complaint before."""
    return json.loads(mended(data.decode()))


def mended(text: str) -> str:
    r"""Return a JSON text with U+FFFD for each escaped half of a character, as text that was cut may end.

    Every other letter keeps its place.

    Example:
        >>> print(mended(r'["\ud83d\ude00", "\ud83d", "\\ud83d"]'))
        ["\ud83d\ude00", "\ufffd", "\\ud83d"]
    """
    if r"\ud" not in text and r"\uD" not in text:
        return text
    parts, start = [], 0
    while (end := _end_of_whole(text, start)) < len(text):
        parts += [text[start:end], r"\ufffd"]
        start = end + _HALF_LENGTH
    return "".join([*parts, text[start:]])


def writable(text: str) -> str:
    r"""Return a text of the system as files hold it: what is not UTF-8 in a name or argument, by number.

    Example:
        >>> print(writable("M\udcfcller.json"))
        M\udcfcller.json
    """
    return text.encode(errors="backslashreplace").decode()


def _end_of_whole(text: str, start: int) -> int:
    """Return where the next half of a character stands, or where the text ends."""
    found = _NO_HALF.match(text, start)
    return found.end() if found else len(text)


def _is_deep(data: object, levels: int) -> bool:
    """Say whether data are nested more deeply than any record."""
    level = [data]
    for _ in range(levels):
        level = [item for outer in level for item in _inside(outer)]
    return bool(level)


def _inside(data: object) -> Iterable[object]:
    """Return what a JSON value holds."""
    if isinstance(data, dict):
        return data.values()
    return data if isinstance(data, list) else ()


def _pairs(name: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object, refusing a key given twice."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _wrong(say("record.key_twice", name=name, key=key[:60]))
        found[key] = value
    return found


def _constant(name: str, word: str) -> Any:
    """Refuse what JSON does not have."""
    raise _wrong(say("record.no_number", name=name, word=word))


def _float(name: str, text: str) -> float:
    """Read a number with a point or an exponent, refusing one beyond what a computer holds."""
    value = float(text)
    if math.isinf(value):
        raise _wrong(say("record.large_number", name=name, number=text[:20]))
    return value


def _plainly(message: str) -> str:
    """Word a parser's message without its jargon."""
    plain = message[0].lower() + message[1:]
    return plain.replace("expecting", "expected").replace(" delimiter", "")


def _kind(data: object) -> str:
    """Name a JSON value."""
    if isinstance(data, list):
        return say("record.list", length=len(data))
    if isinstance(data, bool):
        return say("record.truth")
    return say(
        "record.nothing" if data is None else "record.text" if isinstance(data, str) else "record.number"
    )


def _wrong(message: str) -> CaseError:
    """Return a problem of the whole input."""
    return CaseError([Problem(None, None, message)])
