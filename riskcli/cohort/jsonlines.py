"""JSON Lines: one record a line, whose values keep their kind."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from riskcli.cohort.formats import Source, refused
from riskcli.cohort.mixed import FEW, records_frame
from riskcli.cohort.streams import CHUNK, Stream, not_utf8
from riskcli.errors import quoted
from riskcli.records import parse_json
from riskcli.words import say, section

if TYPE_CHECKING:
    import polars as pl


def open_json_lines(stream: Stream) -> Source:
    """Return the cohort in a JSON Lines file.

    Raises:
        CaseError: it is empty, or its first lines are no records.
    """
    chunks = stream.chunks(quoted=False)
    reader = _Records(stream)
    first = reader.first(chunks)

    def batches() -> Iterator[pl.DataFrame]:
        yield from reader.frames(first, chunks)

    return Source(stream.name, reader.headers, batches, stream.size, stream.done, typed=False)


class _Records:
    """Records of JSON, as columns; a key that only later records have is reported."""

    def __init__(self, stream: Stream) -> None:
        """Begin before the first line."""
        self._stream = stream
        self.name = stream.name
        self.headers: list[str] = []
        self._row: str = section("cohort_file")["row"]
        """How a row of the file is called, to be filled in for each."""

    def first(self, chunks: Iterator[bytes]) -> list[dict[str, Any]]:
        """Return the records of the first piece, which name the columns."""
        records = next((found for found in map(self._records, chunks) if found), None)
        if records is None:
            raise refused(say("file.empty", name=self.name))
        self.headers = list(dict.fromkeys(key for record in records for key in record))
        return records

    def _records(self, chunk: bytes) -> list[dict[str, Any]]:
        """Return the records of a piece."""
        try:
            lines = chunk.decode().split("\n")
        except UnicodeDecodeError:
            raise not_utf8(self.name) from None
        found = []
        for line in lines:
            if line.strip():
                self._stream.rows += 1
                record = parse_json(line, self._row.format(name=self.name, row=self._stream.rows))
                if not isinstance(record, dict):
                    raise refused(say("cohort_file.one_record", name=self.name, row=self._stream.rows))
                found.append(record)
        return found

    def frames(self, first: list[dict[str, Any]], chunks: Iterator[bytes]) -> Iterator[pl.DataFrame]:
        """Give the records as frames whose columns hold any value."""
        known = {*self.headers}
        for records in itertools.chain((first,), map(self._records, chunks)):
            extra = {key for record in records for key in record} - known
            if extra:
                where = {"name": self.name, "row": self._stream.rows, "key": quoted(min(extra))}
                raise refused(say("cohort_file.new_key", **where, megabytes=CHUNK // 1_000_000))
            for start in range(0, len(records), FEW):
                yield records_frame(records[start : start + FEW], self.headers)
