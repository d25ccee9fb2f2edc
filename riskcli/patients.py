"""Real patients behind a comparison: how many move from one level to another. Shows no patient.

Reads CSV and JSON Lines row by row. A row that cannot be read is counted and never quoted: it may be
somebody's.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from riskcli.case import CANCER, case_reader, read_case
from riskcli.cells import bits
from riskcli.compiled import FIRST, LEVELS, Compiled
from riskcli.diff import TURNED_AWAY
from riskcli.errors import CaseError, OutOfScope, refused
from riskcli.records import parse_json
from riskcli.values import is_empty, phrase
from riskcli.walk import View
from riskcli.words import any_of, say

Row = Mapping[str, Any]

REFUSED = "refused"
"""What becomes of a record that a table cannot read."""
_LINES = (".jsonl", ".ndjson")
_DELIMITERS = (",", ";", "\t", "|")


@dataclass
class Weights:
    """The patients of one cancer: how many were read, and how they moved."""

    read: int = 0
    moves: dict[tuple[str, str], int] = field(default_factory=dict)
    """How many went from what to what; those whose level stayed are not among them."""


@dataclass
class Cohort:
    """The patients of a file, weighed."""

    weights: dict[str, Weights]
    unreadable: int = 0
    """Rows that neither version can read, or that name no cancer."""
    elsewhere: int = 0
    """Rows of cancers that are not compared."""
    unused: tuple[str, ...] = ()
    """Columns that are fields of no table that is compared."""


def weigh(path: str, pairs: Mapping[str, tuple[Compiled, Compiled]]) -> Cohort:
    r"""Return how the patients of a file move between two versions of each table.

    A row belongs to the cancer of its column `cancer`; without that column every row belongs to the one
    table that is compared. Columns that are no fields are left out.

    Raises:
        CaseError: the file cannot be read, or no column of it is a field.
    Example:
        >>> from riskcli.loader import load_rules
        >>> with __import__("tempfile").TemporaryDirectory() as place:
        ...     path = Path(place) / "cohort.csv"
        ...     _ = path.write_text("grade,nodes_positive\n3,0\n1,2\n")
        ...     table = load_rules().get("other_solid")
        ...     weigh(str(path), {"other_solid": (table, table)}).weights["other_solid"]
        Weights(read=2, moves={})
    """
    found = Cohort({name: Weights() for name in pairs})
    weigher = _Weigher(path, pairs, found)
    with _opened(path) as stream:
        for row in _rows(stream, path):
            weigher.add(row)
    return found


class _Weigher:
    """Adds rows to a cohort."""

    def __init__(self, path: str, pairs: Mapping[str, tuple[Compiled, Compiled]], cohort: Cohort) -> None:
        self.path = path
        self.pairs = pairs
        self.cohort = cohort
        self.columns: dict[str, frozenset[str]] = {}
        """The tables that know each column."""

    def add(self, row: Row | None) -> None:
        """Add one row; None stands for a line that is no row."""
        if row is None:
            self.cohort.unreadable += 1
            return
        self._meet(row)
        name = self._cancer(row)
        if name not in self.pairs:
            if name:
                self.cohort.elsewhere += 1
            else:
                self.cohort.unreadable += 1
            return
        record = {key: value for key, value in row.items() if name in self.columns[key]}
        before, after = (level_of(record, table) for table in self.pairs[name])
        if before == after == REFUSED:
            self.cohort.unreadable += 1
            return
        weights = self.cohort.weights[name]
        weights.read += 1
        if before != after:
            weights.moves[before, after] = weights.moves.get((before, after), 0) + 1

    def _meet(self, row: Row) -> None:
        """Look at columns that were not met before.

        Raises:
            CaseError: the first row has no column that is a field, or needs to name its cancer.
        """
        new = [key for key in row if key not in self.columns]
        first = not self.columns
        for key in new:
            self.columns[key] = frozenset(name for name in self.pairs if self._is_field(name, key))
        if first and not any(self.columns.values()):
            raise refused(say("diff.no_field", file=self.path, tables=any_of(list(self.pairs))))
        if first and len(self.pairs) > 1 and not any(phrase(key) == CANCER for key in row):
            raise refused(say("diff.no_cancer", file=self.path))
        if new:
            unused = [key for key, names in self.columns.items() if not names and phrase(key) != CANCER]
            self.cohort.unused = tuple(unused)

    def _is_field(self, name: str, key: str) -> bool:
        """Say whether a column names a field of a table, in either version."""
        return any(case_reader(table).aliases.get(phrase(key), "") for table in self.pairs[name])

    def _cancer(self, row: Row) -> str:
        """Return the cancer of a row; nothing when it is not said."""
        said = [value for key, value in row.items() if phrase(key) == CANCER]
        if not said:
            return next(iter(self.pairs)) if len(self.pairs) == 1 else ""
        return "" if is_empty(said[0]) or not isinstance(said[0], str) else phrase(said[0]).replace(" ", "_")


def level_of(record: Row, table: Compiled) -> str:
    """Return the levels that a table leaves possible for a record, in words.

    Example:
        >>> from riskcli.loader import load_rules
        >>> level_of({"grade": 1, "vascular_invasion": "present"}, load_rules().get("other_solid"))
        'intermediate or high'
        >>> level_of({"metastasis": "present"}, load_rules().get("other_solid"))
        'turned away'
    """
    try:
        facts = read_case(record, table)
    except OutOfScope:
        return TURNED_AWAY
    except CaseError:
        return REFUSED
    view = View(facts.table.store, facts.boxes)
    ends = view.ends(view.take(facts.table.roots["level"]))
    return any_of([say(f"codes.levels.{LEVELS[end - FIRST]}") for end in bits(ends) if end >= FIRST])


# ---- the file


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    """Open a text file in UTF-8, or in UTF-16 when it says so.

    Raises:
        CaseError: it cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            mark = file.read(4)
        encoding = "utf-16" if mark.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
        with Path(path).open(encoding=encoding, newline="") as stream:
            yield stream
    except FileNotFoundError:
        raise refused(say("diff.no_file", file=path)) from None
    except IsADirectoryError:
        raise refused(say("diff.directory", file=path)) from None
    except UnicodeError:
        raise refused(say("diff.not_text", file=path)) from None
    except OSError as error:
        raise refused(say("diff.unread", file=path, reason=error.strerror)) from None


def _rows(stream: TextIO, path: str) -> Iterator[Row | None]:
    """Give the rows of a file; None for what is no row."""
    parts: Callable[[TextIO, str], Iterable[Row | None]] = (
        _json_rows if path.lower().endswith(_LINES) else _csv_rows
    )
    empty = True
    for row in parts(stream, path):
        empty = False
        yield row
    if empty:
        raise refused(say("diff.no_rows", file=path))


def _json_rows(stream: TextIO, path: str) -> Iterator[Row | None]:
    """Give the rows of JSON Lines."""
    for line in stream:
        if line.strip():
            try:
                data = parse_json(line, path)
            except CaseError:
                data = None
            yield data if isinstance(data, dict) else None


def _csv_rows(stream: TextIO, path: str) -> Iterator[Row | None]:
    """Give the rows of a CSV file whose first line names the columns."""
    first = stream.readline()
    reader = csv.reader(chain([first], stream), delimiter=max(_DELIMITERS, key=first.count))
    try:
        names = [name.strip() for name in next(reader, [])]
    except csv.Error:
        raise refused(say("diff.not_csv", file=path)) from None
    if len(set(names)) < len(names):
        raise refused(say("diff.twice", file=path))
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield None
            continue
        if cells:
            yield dict(zip(names, cells, strict=False)) if len(cells) <= len(names) else None
