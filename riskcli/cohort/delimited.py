"""CSV and TSV: every column read as text, so that nothing is guessed, and every row with all its fields."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING

from riskcli.cohort.formats import Source, refused
from riskcli.cohort.streams import NEWLINE, QUOTE, Stream, not_utf8, record_end
from riskcli.errors import CaseError
from riskcli.words import counted, say

if TYPE_CHECKING:
    import polars as pl

_MARK = b"\xef\xbb\xbf"
_BETWEEN, _OTHER = b",", b"x"
"""What the ends of fields, and other characters, become when only quotes and ends matter."""
_QUOTED_PIECE = 4_000_000
"""The most bytes with quotes that are read at once, unless a record is longer."""
_FIRST_RECORD = re.compile(rb'(?:[^"\r\n]|"[^"]*(?:"|\Z))*+(?:\r\n|\n|\r|\Z)')
_RECORD = r"(?:{field})(?:{delimiter}(?:{field}))*+(?:\r\n|\n|\r|\Z)"
_FIELD = r'"(?:[^"]|"")*+"|[^"\r\n{delimiter}]*+'


def open_delimited(stream: Stream, delimiter: str) -> Source:
    """Return the cohort in a CSV or TSV file.

    Raises:
        CaseError: it is empty, or its columns cannot be read.
    """
    if len(delimiter.encode()) != 1 or delimiter in '"\r\n':
        raise refused(say("cohort_file.delimiter"))
    chunks = stream.chunks()
    first = next(chunks, b"").lstrip(b"\r\n")
    if not first.strip():
        raise refused(say("file.empty", name=stream.name))
    found = _FIRST_RECORD.match(first)
    end = found.end() if found else len(first)
    table = _Table(stream, delimiter)
    headers = table.headers(first[:end])

    def batches() -> Iterator[pl.DataFrame]:
        seen = False
        for piece in itertools.chain.from_iterable(map(_pieces, itertools.chain((first[end:],), chunks))):
            if piece.lstrip(b"\r\n"):
                seen = True
                yield table.rows(piece)
        if not seen:
            yield table.none()

    return Source(stream.name, headers, batches, stream.size, stream.done)


def _pieces(chunk: bytes) -> Iterator[bytes]:
    """Cut a chunk with quotes into smaller pieces: looking after quotes takes memory."""
    while len(chunk) > _QUOTED_PIECE and QUOTE in chunk:
        end = record_end(chunk[:_QUOTED_PIECE])
        if not end:
            break
        yield chunk[:end]
        chunk = chunk[end:]
    yield chunk


class _Table:
    """The rows of a delimited text."""

    def __init__(self, stream: Stream, delimiter: str) -> None:
        """Remember how the file is written."""
        self._stream = stream
        self.name = stream.name
        self.delimiter = delimiter
        self.names: list[str] = []
        ends = bytearray(range(256))
        ends[_BETWEEN[0]] = _OTHER[0]
        ends[ord(delimiter)] = ends[NEWLINE[0]] = _BETWEEN[0]
        self._ends = bytes(ends)
        field = _FIELD.format(delimiter=re.escape(delimiter))
        self._record = re.compile(_RECORD.format(field=field, delimiter=re.escape(delimiter)).encode())

    def headers(self, line: bytes) -> list[str]:
        """Return the names in the first record.

        Raises:
            CaseError: they are not UTF-8, or a quotation mark is out of place.
        """
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise not_utf8(self.name) from None
        if "\0" in text:
            raise not_utf8(self.name)
        match = self._record.match(line)
        if not match or match.end() != len(line):
            raise refused(say("cohort_file.headings_quote", name=self.name))
        try:
            row = next(csv.reader(StringIO(text, newline=""), delimiter=self.delimiter))
        except csv.Error:
            raise refused(say("cohort_file.long_heading", name=self.name)) from None
        self.names = [name.strip() for name in row]
        return self.names

    def none(self) -> pl.DataFrame:
        """Return no rows."""
        import polars as pl

        return pl.DataFrame(schema=dict.fromkeys(self.names, pl.String))

    def rows(self, text: bytes) -> pl.DataFrame:
        """Return the rows of a piece of the file.

        Raises:
            CaseError: a row has more or fewer fields than there are columns, a quotation mark is out of
                place, or the text is not UTF-8.
        """
        found = self._plain_rows(text)
        if found is None:
            tidy, outside = self._tidy(text)
            found = self._parsed(tidy)
            if found is None or not self._is_whole(found, outside):
                raise self._why(text)
        found.columns = self.names
        self._stream.rows += found.height
        return found

    def _plain_rows(self, text: bytes) -> pl.DataFrame | None:
        """Return the rows of a piece as it is; None when it may have to be tidied first."""
        if QUOTE in text or b"\r" in text:
            return None
        found = self._parsed(text)
        return found if found is not None and self._is_whole(found, text) else None

    def _parsed(self, tidy: bytes) -> pl.DataFrame | None:
        """Return what is between the delimiters of a piece; None when that is no table."""
        import polars as pl
        from polars.exceptions import PolarsError

        try:
            return pl.read_csv(
                _MARK + tidy if tidy.startswith(_MARK) else tidy,  # one mark is taken away
                has_header=False,
                new_columns=[str(i) for i in range(len(self.names))],
                separator=self.delimiter,
                quote_char='"' if QUOTE in tidy else None,
                infer_schema=False,
            )
        except PolarsError:
            return None

    def _tidy(self, text: bytes) -> tuple[bytes, bytes]:
        """Return a piece with one kind of line end and no empty lines; and without what is inside quotes."""
        if QUOTE not in text:
            plain = self._plain(text)
            return plain, plain
        parts = text.split(QUOTE)
        outside = QUOTE.join(parts[::2])
        if len(parts) % 2 == 0 or not self._is_well_quoted(outside):
            raise self._why(text)
        plain = self._plain(outside)
        if plain != outside:
            parts[::2] = plain.split(QUOTE)
            text = QUOTE.join(parts)
        return text, plain

    def _plain(self, text: bytes) -> bytes:
        """Return text outside of quotes with one kind of line end and without empty lines."""
        if b"\r" in text:
            text = text.replace(b"\r\n", NEWLINE).replace(b"\r", NEWLINE)
        if len(self.names) > 1:
            while b"\n\n" in text:
                text = text.replace(b"\n\n", NEWLINE)
            if text.startswith(NEWLINE):
                text = text[1:]
        return text

    def _is_well_quoted(self, outside: bytes) -> bool:
        """Say whether every quoted part is a whole field: nothing but its borders stands beside it."""
        marks = outside.replace(b"\r", NEWLINE).translate(self._ends)
        while QUOTE * 2 in marks:  # a quote inside a quoted field is written twice
            marks = marks.replace(QUOTE * 2, QUOTE)
        marks = _BETWEEN + marks + _BETWEEN
        return marks.count(_BETWEEN + QUOTE) == marks.count(QUOTE + _BETWEEN) == marks.count(QUOTE)

    def _is_whole(self, found: pl.DataFrame, outside: bytes) -> bool:
        """Say whether every line is a row and every row has a field for every column.

        More fields than columns are not parsed at all. A row with fewer has nothing in the last column, so
        that delimiters are only counted where something is missing there.
        """
        lines = found.height  # without quotes there is no doubt where a line ends
        if QUOTE in outside:
            lines = outside.count(NEWLINE) + (not outside.endswith(NEWLINE))
        if found.width != len(self.names) or found.height != lines:
            return False
        if not found.to_series(-1).null_count():
            return True
        return outside.count(self.delimiter.encode()) == lines * (found.width - 1)

    def _why(self, text: bytes) -> CaseError:
        """Say why a piece of the file cannot be read."""
        try:
            text.decode()
        except UnicodeDecodeError:
            return not_utf8(self.name)
        row, at = self._stream.rows, 0
        while at < len(text):
            match = self._record.match(text, at)
            line = match[0].rstrip(b"\r\n") if match else b""
            at = match.end() if match else at
            if match and not line and len(self.names) > 1:
                continue
            row += 1
            if not match:
                return refused(say("cohort_file.row_quote", name=self.name, row=row))
            fields = QUOTE.join(line.split(QUOTE)[::2]).count(self.delimiter.encode()) + 1
            if fields != len(self.names):
                there, wanted = counted(fields, "field"), counted(len(self.names), "column")
                where = {"name": self.name, "row": row}
                return refused(say("cohort_file.row_width", **where, fields=there, columns=wanted))
        return refused(say("cohort_file.unreadable_after", name=self.name, row=self._stream.rows))
