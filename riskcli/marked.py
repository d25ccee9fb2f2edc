"""A marked form to the marks on it and what the tables say of its cases now. No I/O.

A row that cannot be read is named by its number and its column, never by what stands there: it may be
somebody's. Rows are numbered as a spreadsheet numbers them, the headings being row 1.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from riskcli.agreement import Form, Marked, Moved, RowProblem
from riskcli.case import case_reader, read_case
from riskcli.compiled import LEVELS, Compiled
from riskcli.errors import CaseError, OutOfScope, refused
from riskcli.evaluate import assess_facts
from riskcli.forms import BETWEEN, CANCER, DIGEST, EDITION, ID, LEVEL, MARKS, NONE, OPTIONS, TRACE
from riskcli.loader import Rules
from riskcli.values import phrase
from riskcli.words import all_of, any_of, say

_DELIMITERS = (",", ";", "\t", "|")


def read_form(text: str, name: str, rules: Rules) -> Form:
    """Read a marked form and ask the tables about its cases again.

    Comma, semicolon and tab are understood as what stands between cells, as spreadsheets write them.

    Raises:
        CaseError: it is not such a form, or none of its rows can be read.
        RuleFileError: a table is faulty.
    """
    return _Reader(name, rules).read(text)


class _Reader:
    """Reads one form."""

    def __init__(self, name: str, rules: Rules) -> None:
        self.name = name
        self.rules = rules
        self.form = Form()
        self.editions: dict[str, set[tuple[str, str]]] = {}

    def read(self, text: str) -> Form:
        """Read the whole form."""
        rows = self._rows(text)
        headings = [heading.strip() for heading in next(rows, (0, []))[1]]
        self._check(headings)
        for number, cells in rows:
            self._row(number, headings, cells)
        if not self.form.marks:
            found = [
                say("agreement.in_file", file=self.name, problem=problem) for problem in self.form.problems
            ]
            raise refused(*found or [say("agreement.no_rows", file=self.name)])
        self.form.moved = list(self._moved())
        return self.form

    def _rows(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Give the rows that are not blank, with their numbers."""
        first = text.split("\n", 1)[0]
        stream = io.StringIO(text, newline="")
        reader = csv.reader(stream, delimiter=max(_DELIMITERS, key=first.count))
        try:
            yield from ((n, cells) for n, cells in enumerate(reader, 1) if any(map(str.strip, cells)))
        except csv.Error:
            raise refused(say("agreement.not_csv", file=self.name)) from None

    def _check(self, headings: Sequence[str]) -> None:
        """Refuse what is not such a form."""
        missing = [column for column in (CANCER, *MARKS[:2]) if column not in headings]
        if missing:
            raise refused(say("agreement.no_column", file=self.name, columns=all_of(missing)))
        twice = [heading for heading in dict.fromkeys(headings) if headings.count(heading) > 1]
        if twice:
            raise refused(say("agreement.twice", file=self.name, columns=all_of(twice)))

    def _row(self, number: int, headings: Sequence[str], cells: Sequence[str]) -> None:
        """Read one row, noting what is wrong with it."""
        if len(cells) > len(headings):
            self._note(number, "", say("agreement.too_long"))
            return
        row = {heading: cell.strip() for heading, cell in zip(headings, cells, strict=False)}
        cancer = row.get(CANCER, "").lower()
        if cancer not in self.rules.names:
            self._note(number, CANCER, say("agreement.no_table"))
            return
        table = self.rules.get(cancer)
        self.form.entries[cancer] = tuple(option["id"] for option in table.table["options"])
        faults = len(self.form.problems)
        level, discuss = self._level(number, row), self._options(number, row, _called(table))
        answer = self._answer(number, self._record(row, table), table)
        if answer is None or len(self.form.problems) > faults:
            return
        self.editions.setdefault(cancer, set()).add((row.get(DIGEST, ""), row.get(EDITION, "")))
        levels, offered, depends = answer
        called = row.get(ID) or say("agreement.row", row=number)
        self.form.marks.append(Marked(number, called, cancer, level, levels, discuss, offered, depends))

    def _note(self, row: int, column: str, message: str) -> None:
        """Note a problem."""
        self.form.problems.append(RowProblem(row, column, message))

    def _level(self, number: int, row: Mapping[str, str]) -> str | None:
        """Return the level that is marked; None without a mark, and when it cannot be read."""
        said = phrase(row.get(LEVEL, "")).replace(" ", "_")
        if said and said not in LEVELS:
            self._note(number, LEVEL, say("agreement.not_a_level", levels=any_of(LEVELS)))
        return said if said in LEVELS else None

    def _options(
        self, number: int, row: Mapping[str, str], called: Mapping[str, str]
    ) -> frozenset[str] | None:
        """Return the options that are marked; None without a mark, and when they cannot be read."""
        said = [phrase(part) for part in row.get(OPTIONS, "").split(BETWEEN) if part.strip()]
        if not said:
            return None
        if said == [NONE]:
            return frozenset()
        if not all(part in called for part in said):
            self._note(number, OPTIONS, say("agreement.not_an_option", none=NONE))
            return None
        return frozenset(called[part] for part in said)

    def _record(self, row: Mapping[str, str], table: Compiled) -> dict[str, str]:
        """Return the findings of a row; columns that are no fields are left out and noted."""
        aliases = case_reader(table).aliases
        others = (*TRACE, *MARKS)
        record, ignored = {}, []
        for column, value in row.items():
            if column in others:
                continue
            if phrase(column) in aliases:
                record[column] = value
            elif value:
                ignored.append(column)
        self.form.ignored = tuple(dict.fromkeys((*self.form.ignored, *ignored)))
        return record

    def _answer(
        self, number: int, record: Mapping[str, str], table: Compiled
    ) -> tuple[tuple[str, ...], frozenset[str], frozenset[str]] | None:
        """Return what the table says of a case: levels, options that match, options that may."""
        try:
            answer = assess_facts(read_case(record, table))
        except OutOfScope:
            self._note(number, "", say("agreement.not_answered"))
            return None
        except CaseError as error:
            for problem in error.problems:
                self._note(number, problem.field or "", say("agreement.not_read"))
            return None
        offered = {status: frozenset[str]() for status in ("matches", "depends")}
        for option in answer.options:
            offered[option.status] |= {option.id}
        return answer.likelihood.levels, offered["matches"], offered["depends"]

    def _moved(self) -> Iterator[Moved]:
        """Give the tables that are not those the form was made from."""
        for cancer, made_from in self.editions.items():
            table = self.rules.get(cancer)
            for digest, edition in sorted(made_from):
                if digest != table.digest:
                    yield Moved(cancer, edition if digest else "", table.table["edition"])


def _called(table: Compiled) -> dict[str, str]:
    """Return the option that each name stands for: ids, names and short names that only one option has."""
    found: dict[str, set[str]] = {}
    for option in table.table["options"]:
        for key in ("id", "name", "short"):
            if key in option:
                found.setdefault(phrase(option[key]), set()).add(option["id"])
    return {name: ids.pop() for name, ids in found.items() if len(ids) == 1}
