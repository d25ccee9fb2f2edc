"""A file or stream to one record: encodings, JSON and its traps. Says what is wrong in one sentence."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskcli.errors import CaseError, Problem

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
    (b"PK\x03\x04", "a spreadsheet or zip file"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "a compressed file"),
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet"),
)


class _Refused(ValueError):
    """Something in the JSON that has no meaning in a record."""


def read_record(source: str) -> dict[str, Any]:
    """Return the one record in a JSON file, or on standard input when `source` is `-`.

    UTF-8, and UTF-16 with a byte order mark, are read.

    Raises:
        CaseError: it cannot be read, is not JSON, or is not one record.
    """
    data = read_json(source)
    if isinstance(data, dict):
        return data
    holds = f'holds {_kind(data)}, but a case is one record such as {{"cancer": "breast"}}'
    raise _wrong(called(source), holds)


def called(source: str) -> str:
    """Return what a source is called in a sentence."""
    return "standard input" if source == STDIN else source


def read_json(source: str, limits: Limits = RECORD) -> Any:
    """Return the data in a JSON file, or on standard input when `source` is `-`.

    Raises:
        CaseError: it cannot be read, is not JSON, or goes beyond the limits.
    """
    name = called(source)
    text = decode(_bytes(source, name, limits.bytes), name, limits.bytes)
    if limits.parts is not None and text.count("{") + text.count("[") > limits.parts:
        raise _wrong(name, f"holds more than {limits.parts:,} objects and lists, which is no single record")
    return parse_json(text, name, limits.levels)


def _bytes(source: str, name: str, most: int) -> bytes:
    """Return the raw content, up to one byte more than there may be."""
    try:
        if source == STDIN:
            if sys.stdin is None or sys.stdin.closed:
                raise _wrong(name, "is closed; give a file")
            return sys.stdin.buffer.read(most + 1)
        with Path(source).open("rb") as file:
            return file.read(most + 1)
    except IsADirectoryError:
        raise _wrong(name, "is a directory; give a JSON file") from None
    except FileNotFoundError:
        raise _wrong(name, "does not exist") from None
    except PermissionError:
        what = "is a directory; give a JSON file" if Path(source).is_dir() else "may not be read"
        raise _wrong(name, what) from None
    except OSError as error:
        raise _wrong(name, f"cannot be read ({error.strerror or 'no reason is given'})") from None
    except ValueError:  # a name that no file can have
        raise _wrong(name, "does not exist") from None


def decode(data: bytes, name: str, most: int = MOST_BYTES) -> str:
    """Return the text of a file.

    Raises:
        CaseError: it is empty, too large, binary or in another encoding.
    """
    if len(data) > most:
        raise _wrong(name, f"is larger than {most // 1_000_000} MB, which is no single record")
    for mark, kind in _BINARY:
        if data.startswith(mark):
            raise _wrong(name, f"is {kind}, not JSON; save the record as JSON")
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise _wrong(name, "is not UTF-8 (or UTF-16 with a byte order mark); save it as UTF-8") from None
    if "\x00" in text:
        raise _wrong(name, "is not UTF-8 (or UTF-16 with a byte order mark); save it as UTF-8")
    if not text.strip():
        raise _wrong(name, "is empty; a case is one JSON record")
    return text


def parse_json(text: str, name: str, levels: int = MOST_LEVELS) -> Any:
    """Return the data of a JSON text.

    Raises:
        CaseError: it is not JSON, a key is given twice, or it holds a number that is none.
    """
    try:
        data = json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        if error.msg == "Extra data":
            raise _wrong(name, f"goes on after its first record ({where}); a case is one record") from None
        raise _wrong(name, f"is not JSON: {_plainly(error.msg)} ({where})") from None
    except _Refused as error:
        raise _wrong(name, str(error)) from None
    except RecursionError:
        raise _wrong(name, "is nested too deeply for a record") from None
    except ValueError:  # an integer of thousands of digits
        raise _wrong(name, "holds a number that is too long to be read") from None
    if _is_deep(data, levels):
        raise _wrong(name, "is nested too deeply for a record")
    return data


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


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object, refusing a key given twice."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Refused(f'gives the key "{key[:60]}" twice; keep one')
        found[key] = value
    return found


def _constant(word: str) -> Any:
    """Refuse what JSON does not have."""
    raise _Refused(f"holds {word}, which is not a number; leave the field out if it is unknown")


def _float(text: str) -> float:
    """Read a number with a point or an exponent, refusing one beyond what a computer holds."""
    value = float(text)
    if math.isinf(value):
        raise _Refused(f"holds {text[:20]}, which is too large to be read")
    return value


def _plainly(message: str) -> str:
    """Word a parser's message without its jargon."""
    plain = message[0].lower() + message[1:]
    return plain.replace("expecting", "expected").replace(" delimiter", "")


def _kind(data: object) -> str:
    """Name a JSON value."""
    if isinstance(data, list):
        return f"a list of {len(data)}"
    if isinstance(data, bool):
        return "true or false"
    return "null" if data is None else "text" if isinstance(data, str) else "a number"


def _wrong(name: str, message: str) -> CaseError:
    """Word a problem of the whole input."""
    return CaseError([Problem(None, None, f"{name} {message}")])
