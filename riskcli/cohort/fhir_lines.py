"""Files of FHIR a line at a time: what each line holds, or what is wrong with it. Bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from riskcli.cohort.fhir_bundles import BUNDLE
from riskcli.cohort.fhir_index import parts_of, too_much
from riskcli.cohort.formats import refused
from riskcli.cohort.streams import NEWLINE, Stream, not_utf8
from riskcli.errors import CaseError
from riskcli.interop.fhir_file import LIMITS
from riskcli.records import parse_json
from riskcli.words import say

PIECE = 1_000_000
"""The bytes that are read at once: a line needs no more, and many lines at once are much memory."""


class Line(NamedTuple):
    """A line of a file."""

    file: str
    """What its file is called in sentences."""
    number: int
    """From 1; empty lines count."""
    found: Any
    """What it holds, or what is wrong with it."""
    data: bytes

    @property
    def wrong(self) -> CaseError | None:
        """What is wrong with it."""
        return self.found if isinstance(self.found, CaseError) else None

    @property
    def where(self) -> str:
        """The place of the line in a sentence."""
        return where(self.file, self.number)

    @property
    def ref(self) -> str:
        """The place of the line whatever the directory is called.

        Example:
            >>> Line("export/Patient.ndjson", 3, None, b"").ref
            'Patient.ndjson, line 3'
        """
        return where(Path(self.file).name, self.number)


def where(file: str, number: int) -> str:
    """Return what a line is called."""
    return say("fhir_cohort.line", file=file, number=number)


def lines_of(stream: Stream) -> Iterator[Line]:
    """Give each line of a file that is not empty."""
    for number, data in enumerate(split(iter(stream.read, b""), LIMITS.bytes), 1):
        if data is None:
            yield Line(stream.name, number, _large(where(stream.name, number)), b"")
        elif data.strip():
            yield line_of(stream.name, number, data)


def line_of(file: str, number: int, data: bytes) -> Line:
    """Return one line with what it holds."""
    try:
        return Line(file, number, parsed(data, where(file, number)), data)
    except CaseError as error:
        return Line(file, number, error, b"")


def split(pieces: Iterable[bytes], most: int) -> Iterator[bytes | None]:
    r"""Give the lines of a text that comes in pieces; None for one of more than `most` bytes.

    Example:
        >>> list(split([b"a\nb", b"c\nlonger", b"\n\nd"], 5))
        [b'a', b'bc', None, b'', b'd']
    """
    begun: list[bytes] = []
    size = 0
    for piece in pieces:
        *ends, rest = piece.split(NEWLINE)
        for end in ends:
            yield b"".join((*begun, end)) if size + len(end) <= most else None
            begun, size = [], 0
        size += len(rest)
        begun = [*begun, rest] if size <= most else []
    if size:
        yield b"".join(begun) if size <= most else None


def parsed(data: bytes, name: str) -> Any:
    """Return what a file or line holds, within the limits of one person's record.

    Raises:
        CaseError: it is no JSON, in another encoding, or goes beyond the limits.
    """
    if too_much(len(data), parts_of(data)):
        raise _large(name)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise not_utf8(name) from None
    return parse_json(text, name, LIMITS.levels)


def _large(name: str) -> CaseError:
    """Say that there is too much in one file or line."""
    most = {"most": LIMITS.bytes // 1_000_000, "parts": f"{LIMITS.parts:,}"}
    return refused(say("fhir_cohort.large_line", name=name, **most))


def kind_of_line(found: Any) -> str | None:
    """Return the type of the resource on a line, None where none is; a list of resources is a bundle.

    Example:
        >>> kind_of_line({"resourceType": "Patient"}), kind_of_line([{"resourceType": "Patient"}])
        ('Patient', 'Bundle')
        >>> kind_of_line({"id": "7"}), kind_of_line([7])
        (None, None)
    """
    if isinstance(found, Sequence) and not isinstance(found, str):
        return BUNDLE if any(map(kind_of_line, found[:1])) else None
    kind = found.get("resourceType") if isinstance(found, Mapping) else None
    return kind if isinstance(kind, str) else None


def of_export(line: Line) -> Line:
    """Return a line as one of a bulk export: wrong unless it is one resource, or a bundle of them.

    Example:
        >>> print(of_export(Line("a", 1, {"id": "7"}, b"")).wrong)
        a, line 1 is no FHIR resource; a line of a bulk export is one JSON object with its resourceType
    """
    if line.wrong is not None or (isinstance(line.found, Mapping) and kind_of_line(line.found) is not None):
        return line
    return line._replace(found=refused(say("fhir_cohort.no_resource", where=line.where)), data=b"")
