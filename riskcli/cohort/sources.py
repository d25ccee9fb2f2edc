"""Files to batches of rows: CSV and TSV, Parquet, spreadsheets and JSON Lines, none of them read whole.

Text files are cut at the ends of their records and every column is read as text, so that nothing is guessed
from a column's first rows. What a file cannot be read for is said in one sentence, with the row.
"""

from __future__ import annotations

import codecs
import datetime
import itertools
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from riskcli.errors import CaseError, Problem, listed
from riskcli.records import STDIN, parse_json

if TYPE_CHECKING:
    import polars as pl

CSV, TSV, PARQUET, XLSX, JSONL = "csv", "tsv", "parquet", "xlsx", "jsonl"
FORMATS = {
    ".csv": CSV,
    ".txt": CSV,
    ".tsv": TSV,
    ".tab": TSV,
    ".parquet": PARQUET,
    ".pq": PARQUET,
    ".xlsx": XLSX,
    ".xlsm": XLSX,
    ".jsonl": JSONL,
    ".ndjson": JSONL,
}
"""The format that a file's name stands for; `.gz` may follow those of text."""
TEXT = (CSV, TSV, JSONL)

ROWS = 250_000
"""The rows of a batch of a binary file."""
CHUNK = 24_000_000
"""The bytes that are read of a text file at once."""
LONGEST = 16_000_000
"""The longest record of a text file: more is a quote that was never closed."""
_GZIP = 31
"""What tells zlib that data are in gzip format."""
_FEW = 5_000
"""The rows of a batch that is made of records one by one."""
_QUOTE, _NEWLINE = b'"', b"\n"


@dataclass
class Source:
    """A cohort that can be read once, batch by batch."""

    name: str
    """What it is called in sentences."""
    headers: list[str]
    batches: Callable[[], Iterator[pl.DataFrame]]
    size: int | None = None
    """How much there is to read, in the unit of `done`; None when that is not known."""
    done: Callable[[], int] = lambda: 0
    """How much has been read."""
    typed: bool = True
    """Whether a column has one type throughout."""


def format_of(path: str, said: str | None = None) -> str:
    """Return the format of a file: what is said, or what its name stands for.

    Raises:
        CaseError: neither says.
    Example:
        >>> format_of("cohort.csv.gz"), format_of("-", "tsv")
        ('csv', 'tsv')
    """
    if said is not None:
        if said not in {*FORMATS.values()}:
            raise refused(f"--format {said} is not known; use {listed(sorted({*FORMATS.values()}))}")
        return said
    if path == STDIN:
        return CSV
    inner = Path(path.removesuffix(".gz")).suffix.lower()
    if inner not in FORMATS:
        raise refused(f"{path}: the ending says no format; use {listed(list(FORMATS))}, or give --format")
    return FORMATS[inner]


def open_source(path: str, kind: str, delimiter: str | None = None, sheet: str | None = None) -> Source:
    """Return the cohort in a file, or on standard input when `path` is `-`.

    Raises:
        CaseError: it cannot be read, is empty, or is not of that format.
    """
    name = "standard input" if path == STDIN else path
    if kind in TEXT:
        stream = _Stream(path, name)
        if kind == JSONL:
            return _json_lines(stream)
        return _delimited(stream, delimiter or ("\t" if kind == TSV else ","))
    if path == STDIN:
        raise refused(f"standard input cannot be read as {kind}; give a file")
    _look_at(path)
    return _parquet(path) if kind == PARQUET else _spreadsheet(path, sheet)


def refused(message: str) -> CaseError:
    """Word a problem of a whole file."""
    return CaseError([Problem(None, None, message)])


def _look_at(path: str) -> None:
    """Refuse a file that cannot be opened.

    Raises:
        CaseError: in one sentence.
    """
    try:
        if Path(path).is_dir():
            raise refused(f"{path} is a directory; give a file")
        with Path(path).open("rb") as file:
            if not file.read(1):
                raise refused(f"{path} is empty")
    except FileNotFoundError:
        raise refused(f"{path} does not exist") from None
    except OSError as error:
        raise refused(f"{path} cannot be read ({error.strerror or 'no reason is given'})") from None


# ---- text


class _Stream:
    """The bytes of a text file, in UTF-8 without a mark, whatever they were before."""

    def __init__(self, path: str, name: str) -> None:
        """Open the file and look at how it begins."""
        self.name = name
        self.size: int | None = None
        if path == STDIN:
            if sys.stdin is None or sys.stdin.closed:
                raise refused("standard input is closed; give a file")
            self._raw: IO[bytes] = sys.stdin.buffer
        else:
            _look_at(path)
            self._raw = Path(path).open("rb")  # noqa: SIM115 - read batch by batch
            self.size = Path(path).stat().st_size
        self._read = 0
        self._decoder: codecs.IncrementalDecoder | None = None
        self._gunzip: Any = None
        self._begin()

    def _begin(self) -> None:
        """Find out whether the file is compressed and how it is encoded."""
        head = self._raw.read(4)
        self._read = len(head)
        if head.startswith(b"\x1f\x8b"):
            self._gunzip = zlib.decompressobj(_GZIP)
        elif head.startswith((b"PK", b"PAR1", b"%PDF")):
            raise refused(f"{self.name} is no text file; give --format, or save it as CSV")
        self._pending = self._inflate(head)
        while self._gunzip and len(self._pending) < 4:
            more = self._raw.read(65_536)
            if not more:
                break
            self._read += len(more)
            self._pending += self._inflate(more)
        for mark, encoding in (
            (codecs.BOM_UTF8, None),
            (codecs.BOM_UTF16_LE, "utf-16-le"),
            (codecs.BOM_UTF16_BE, "utf-16-be"),
        ):
            if self._pending.startswith(mark):
                self._pending = self._pending[len(mark) :]
                self._decoder = codecs.getincrementaldecoder(encoding)() if encoding else None
                break
        if self._decoder:
            self._pending = self._decoder.decode(self._pending).encode()

    def _inflate(self, data: bytes) -> bytes:
        """Return bytes as they were before they were compressed."""
        if self._gunzip is None:
            return data
        found = b""
        while data:
            try:
                found += self._gunzip.decompress(data)
            except zlib.error:
                raise refused(f"{self.name} is damaged: its compressed data cannot be read") from None
            data = self._gunzip.unused_data
            if self._gunzip.eof and data:  # another part follows
                self._gunzip = zlib.decompressobj(_GZIP)
        return found

    def done(self) -> int:
        """Return how many bytes of the file were read."""
        return self._read

    def read(self) -> bytes:
        """Return the next bytes; nothing at the end.

        Raises:
            CaseError: the compressed data end too early, or the text is not UTF-8.
        """
        if self._pending:
            found, self._pending = self._pending, b""
            return found
        while True:
            data = self._raw.read(CHUNK if self._gunzip is None else CHUNK // 8)
            self._read += len(data)
            if not data:
                if self._gunzip is not None and not self._gunzip.eof:
                    raise refused(f"{self.name} is damaged: its compressed data end too early")
                return b""
            found = self._inflate(data)
            if self._decoder:
                found = self._decoder.decode(found).encode()
            if found:
                return found

    def chunks(self, quoted: bool = True) -> Iterator[bytes]:
        """Give the text in pieces that end where a record ends.

        Raises:
            CaseError: a record is too long to be one.
        """
        rest = b""
        number = 0
        while data := self.read():
            rest += data
            if len(rest) < CHUNK // 2 and self.size is not None and self._read < self.size:
                continue
            end = _record_end(rest, quoted)
            if end:
                yield rest[:end]
                number += rest.count(_NEWLINE, 0, end)
                rest = rest[end:]
            if len(rest) > LONGEST + CHUNK:
                raise refused(
                    f"{self.name}, line {number + 1}: this record is longer than {LONGEST // 1_000_000} MB; "
                    "is a quotation mark not closed?"
                )
        if rest:
            yield rest


def _record_end(text: bytes, quoted: bool) -> int:
    """Return where the last whole record ends: after a line end with an even number of quotes before it."""
    end = text.rfind(_NEWLINE) + 1
    if end == 0:
        end = text.rfind(b"\r", 0, len(text) - 1) + 1  # old line ends, but not the first half of one
    while quoted and end and text.count(_QUOTE, 0, end) % 2:
        end = text.rfind(_NEWLINE, 0, end - 1) + 1
    return end


def _delimited(stream: _Stream, delimiter: str) -> Source:
    """Return a CSV or TSV file."""
    if len(delimiter.encode()) != 1 or delimiter in '"\r\n':
        raise refused("--delimiter must be one character, such as ; or '\\t'")
    chunks = stream.chunks()
    first = next(chunks, b"").lstrip(b"\r\n")
    if not first.strip():
        raise refused(f"{stream.name} is empty")
    end = _first_record(first)
    table = _Delimited(stream.name, delimiter)
    headers = table.headers(first[:end])

    def batches() -> Iterator[Any]:
        seen = False
        for chunk in itertools.chain((first[end:],), chunks):
            if chunk.strip(b"\r\n"):
                seen = True
                yield table.rows(chunk)
        if not seen:
            yield table.none()

    return Source(stream.name, headers, batches, stream.size, stream.done)


def _first_record(text: bytes) -> int:
    """Return where the first record ends."""
    end = 0
    while True:
        ends = [at for at in (text.find(b"\n", end), text.find(b"\r", end)) if at >= 0]
        if not ends:
            return len(text)
        end = min(ends) + 1
        if text.count(_QUOTE, 0, end) % 2 == 0:
            return end + 1 if text[end - 1 : end + 1] == b"\r\n" else end


class _Delimited:
    """The rows of a delimited text, every column as text."""

    def __init__(self, name: str, delimiter: str) -> None:
        """Remember how the file is written."""
        self.name = name
        self.delimiter = delimiter
        self.names: list[str] = []
        self._row = 0

    def headers(self, line: bytes) -> list[str]:
        """Return the names in the first record."""
        row = self._parse(line, None).row(0)
        self.names = ["" if name is None else str(name).strip() for name in row]
        while len(self.names) > 1 and not self.names[-1]:
            raise refused(f"{self.name}: column {len(self.names)} has no name; give it one")
        return self.names

    def none(self) -> pl.DataFrame:
        """Return no rows."""
        import polars as pl

        return pl.DataFrame(schema=dict.fromkeys(self.names, pl.String))

    def rows(self, text: bytes) -> pl.DataFrame:
        """Return the rows of a piece of the file.

        Raises:
            CaseError: a row has more or fewer fields than there are columns, or the text is not UTF-8.
        """
        found = self._parse(text, [str(i) for i in range(len(self.names))])
        found.columns = self.names
        self._row += found.height
        return found

    def _parse(self, text: bytes, names: Sequence[str] | None) -> pl.DataFrame:
        """Read a piece of the file."""
        import polars as pl
        from polars.exceptions import PolarsError

        text = self._plain(text)
        try:
            found = pl.read_csv(
                BytesIO(text),
                has_header=False,
                new_columns=list(names) if names else None,
                separator=self.delimiter,
                infer_schema=False,
            )
        except PolarsError:
            raise self._why(text, names) from None
        if names is not None and (found.width != len(names) or not self._even(text, found)):
            raise self._why(text, names)
        return found

    def _plain(self, text: bytes) -> bytes:
        """Return a piece of the file with one kind of line end and without empty lines."""
        if b"\r" in text and _QUOTE not in text:
            text = text.replace(b"\r\n", _NEWLINE).replace(b"\r", _NEWLINE)
        if len(self.names) > 1 and _QUOTE not in text:
            while b"\n\n" in text:
                text = text.replace(b"\n\n", _NEWLINE)
        return text

    def _even(self, text: bytes, found: pl.DataFrame) -> bool:
        """Say whether every row has a field for every column."""
        wanted = found.height * (found.width - 1)
        there = text.count(self.delimiter.encode())
        if there == wanted:
            return True
        return there > wanted and _QUOTE in text and self._uneven(text) is None

    def _uneven(self, text: bytes) -> tuple[int, int] | None:
        """Return the first row, and its fields, that has not a field for every column."""
        import csv
        from io import StringIO

        try:
            rows = csv.reader(StringIO(text.decode(), newline=""), delimiter=self.delimiter)
            for number, row in enumerate(filter(None, rows), self._row + 1):
                if len(row) != len(self.names):
                    return number, len(row)
        except csv.Error:
            pass
        return None

    def _why(self, text: bytes, names: Sequence[str] | None) -> CaseError:
        """Say why a piece of the file cannot be read."""
        try:
            uneven = self._uneven(text) if names is not None else None
        except UnicodeDecodeError:
            return refused(f"{self.name} is not UTF-8 (or UTF-16 with a byte order mark); save it as UTF-8")
        if uneven:
            row, fields = uneven
            return refused(
                f"{self.name}, row {row}: {fields} fields for {len(self.names)} columns; is a delimiter "
                "inside a field not quoted, or another delimiter used (--delimiter)?"
            )
        return refused(f"{self.name} cannot be read after row {self._row}; is a quotation mark not closed?")


def _json_lines(stream: _Stream) -> Source:
    """Return a JSON Lines file: one record a line."""
    chunks = stream.chunks(quoted=False)
    reader = _JsonLines(stream.name)
    first = reader.first(chunks)

    def batches() -> Iterator[Any]:
        yield from reader.frames(first, chunks)

    return Source(stream.name, reader.headers, batches, stream.size, stream.done, typed=False)


class _JsonLines:
    """Records of JSON, as columns; a field that later records add is reported."""

    def __init__(self, name: str) -> None:
        """Begin before the first line."""
        self.name = name
        self.headers: list[str] = []
        self._row = 0

    def first(self, chunks: Iterator[bytes]) -> list[dict[str, Any]]:
        """Return the records of the first piece, which name the columns."""
        records: list[dict[str, Any]] = []
        for chunk in chunks:
            records = self._records(chunk)
            if records:
                break
        if not records:
            raise refused(f"{self.name} is empty")
        self.headers = list(dict.fromkeys(key for record in records for key in record))
        return records

    def _records(self, chunk: bytes) -> list[dict[str, Any]]:
        """Return the records of a piece."""
        try:
            lines = chunk.decode().split("\n")
        except UnicodeDecodeError:
            raise refused(f"{self.name} is not UTF-8; save it as UTF-8") from None
        found = []
        for line in lines:
            if line.strip():
                self._row += 1
                record = parse_json(line, f"{self.name}, row {self._row}")
                if not isinstance(record, dict):
                    raise refused(
                        f'{self.name}, row {self._row}: a line is one record such as {{"grade": 2}}'
                    )
                found.append(record)
        return found

    def frames(self, first: list[dict[str, Any]], chunks: Iterator[bytes]) -> Iterator[pl.DataFrame]:
        """Give the records as frames whose columns hold any value."""
        known = {*self.headers}
        for records in self._grouped(first, chunks):
            extra = {key for record in records for key in record} - known
            if extra:
                raise refused(
                    f"{self.name}, before row {self._row}: the key {sorted(extra)[0][:60]!r} is new; "
                    f"put every key into the first {CHUNK // 1_000_000} MB, or save the cohort as CSV"
                )
            yield records_frame(records, self.headers)

    def _grouped(
        self, first: list[dict[str, Any]], chunks: Iterator[bytes]
    ) -> Iterator[list[dict[str, Any]]]:
        """Give the records in batches."""
        for records in itertools.chain((first,), map(self._records, chunks)):
            yield from (records[i : i + _FEW] for i in range(0, len(records), _FEW))


_SIMPLE = {str, int, float, bool, datetime.date, datetime.datetime}


def records_frame(records: Sequence[dict[str, Any]], headers: Sequence[str]) -> pl.DataFrame:
    """Return records as a frame: columns of one kind of value are that kind, others hold Python's values."""
    import polars as pl

    columns = []
    for header in headers:
        values = [record.get(header) for record in records]
        kinds = {value.__class__ for value in values} - {type(None)}
        simple = len(kinds) <= 1 and kinds <= _SIMPLE
        try:
            columns.append(
                pl.Series(header, values, strict=True)
                if simple
                else pl.Series(header, values, dtype=pl.Object)
            )
        except (TypeError, OverflowError, pl.exceptions.PolarsError):
            columns.append(pl.Series(header, values, dtype=pl.Object))
    return pl.DataFrame(columns)


# ---- binary files


def _parquet(path: str) -> Source:
    """Return a Parquet file."""
    import polars as pl
    from polars.exceptions import PolarsError

    try:
        frame = pl.scan_parquet(path)
        headers = frame.collect_schema().names()
        size = int(frame.select(pl.len()).collect().item())
    except (PolarsError, OSError):
        raise refused(f"{path} is no Parquet file, or is damaged") from None
    read = [0]

    def batches() -> Iterator[pl.DataFrame]:
        if not size:
            yield frame.collect()
            return
        try:
            for batch in frame.collect_batches(chunk_size=ROWS, maintain_order=True):
                yield batch
                read[0] += batch.height
        except (PolarsError, OSError):
            raise refused(f"{path} is damaged: it cannot be read after row {read[0]}") from None

    return Source(path, headers, batches, size, lambda: read[0])


def _spreadsheet(path: str, sheet: str | None) -> Source:
    """Return one sheet of a workbook: its first, or the one that is named."""
    rows = _sheet_rows(path, sheet)
    top = next((row for row in rows if any(value is not None for value in row)), None)
    if top is None:
        raise refused(f"{path} is empty")
    while top[-1] is None:
        top = top[:-1]
    headers = ["" if name is None else str(name).strip() for name in top]

    def records() -> Iterator[dict[str, Any]]:
        for number, row in enumerate((row for row in rows if any(value is not None for value in row)), 1):
            if any(value is not None for value in row[len(headers) :]):
                raise refused(f"{path}, row {number}: there are more fields than columns; name every column")
            yield dict(zip(headers, row, strict=False))

    def batches() -> Iterator[pl.DataFrame]:
        found = records()
        batch = list(itertools.islice(found, _FEW))
        yield records_frame(batch, headers)
        while batch := list(itertools.islice(found, _FEW)):
            yield records_frame(batch, headers)

    return Source(path, headers, batches, typed=False)


def _sheet_rows(path: str, sheet: str | None) -> Iterator[tuple[Any, ...]]:
    """Give the rows of a sheet as Python's values."""
    from zipfile import BadZipFile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError):
        raise refused(f"{path} is no xlsx workbook, or is damaged or locked with a password") from None
    if sheet is not None and sheet not in book.sheetnames:
        raise refused(f'{path} has no sheet "{sheet}"; it has {listed(book.sheetnames, "and")}')
    rows: Iterator[tuple[Any, ...]] = book[sheet or book.sheetnames[0]].iter_rows(values_only=True)
    return rows
