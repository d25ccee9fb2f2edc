"""One flat record to what is known about it: the only validator of input. No I/O.

Flags, prompts, JSON and cohort rows all come here as a dictionary and leave as `Facts`: a set of boxes
over the table's cells, with everything that was assumed, translated or doubtful said in words. Here values
are read; what they come to together is for `riskcli.settling`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from riskcli.compiled import Compiled
from riskcli.errors import CaseError, Problem, quoted
from riskcli.facts import Draft, Facts, in_words
from riskcli.readers import CANCER, REF, Readers
from riskcli.settling import Settling
from riskcli.values import Reading, ValueProblem, is_empty, lies_within, phrase, share_a_value
from riskcli.words import hint, say

__all__ = ["CANCER", "REF", "CaseReader", "Facts", "cancer_id", "cancer_of", "case_reader", "read_case"]

_REMEMBERED = 50_000
"""The most values a reader remembers having read."""
_LONGEST_NAME = 40
_PLAIN = frozenset((str, int, float, bool))
"""The kinds of values that a reader remembers."""


def read_case(record: Mapping[str, Any], table: Compiled) -> Facts:
    """Read one record for one table.

    Raises:
        CaseError: something in the record is wrong; it holds every problem, in field order.
        OutOfScope: the record is sound, but the table does not answer such a case.
    """
    return case_reader(table).read(record)


@lru_cache(maxsize=128)
def case_reader(table: Compiled) -> CaseReader:
    """Return the reader of a table, made once."""
    return CaseReader(table)


def cancer_of(record: object) -> str:
    """Return the cancer a record names, as tables are named.

    Raises:
        CaseError: the record is not one object, or does not name one cancer.
    Example:
        >>> cancer_of({"cancer": "Breast"})
        'breast'
    """
    if not isinstance(record, Mapping):
        kind = say("case.a_list" if isinstance(record, list | tuple) else "case.none")
        raise CaseError([Problem(None, None, say("case.one_record", kind=kind))])
    given = [
        value
        for key, value in record.items()
        if isinstance(key, str) and _says_cancer(key) and not is_empty(value)
    ]
    if not given:
        raise CaseError([Problem(CANCER, None, say("case.missing_cancer"), goes_on=True)])
    if len(given) > 1:
        raise CaseError([Problem(CANCER, given[1], say("case.twice"), goes_on=True)])
    if not isinstance(given[0], str):
        raise CaseError([Problem(CANCER, given[0], say("case.cancer_is_text"))])
    return cancer_id(given[0])


def cancer_id(name: str) -> str:
    """Return a cancer's name as tables are named.

    Example:
        >>> cancer_id("Merkel cell")
        'merkel_cell'
    """
    return "_".join(phrase(name).split())


@lru_cache(maxsize=1024)
def _says_cancer(key: str) -> bool:
    """Say whether a key of a record stands for its cancer."""
    return phrase(key) == CANCER


class CaseReader:
    """Reads records for one table."""

    def __init__(self, table: Compiled) -> None:
        """Prepare what does not depend on a record."""
        self.table = table
        self.names = Readers(table)
        self.readers = self.names.by_name
        self.settling = Settling(self.names)
        self._cache: dict[tuple[str, type, object], tuple[Reading, int]] = {}

    @property
    def premises(self) -> Mapping[str, Any]:
        """What is taken of each field of the scope gate when it is not stated."""
        return self.settling.unstated.premises

    @property
    def used(self) -> frozenset[str]:
        """The fields of this cancer that an answer takes notice of."""
        return self.settling.used & self.readers.keys()

    @property
    def aliases(self) -> Mapping[str, str]:
        """The field that each phrase names."""
        return self.names.aliases

    def read(self, record: Mapping[str, Any]) -> Facts:
        """Read one record (see `read_case`)."""
        draft = self.settling.draft()
        self._read_values(record, draft)
        self._imply(draft)
        return self.settling.facts(draft)

    # ---- what is stated

    def _read_values(self, record: Mapping[str, Any], draft: Draft) -> None:
        """Read every value of the record, noting what cannot be read."""
        unused = self._sort_out(record, draft)
        for name in sorted(draft.given, key=self.names.order.__getitem__):
            key, raw = draft.given[name]
            found = self._cache.get((name, raw.__class__, raw)) if raw.__class__ in _PLAIN else None
            if (
                found is not None and key == name and found[0].as_given
            ):  # read before, with nothing to say of it
                draft.readings[name] = found[0]
                if found[1]:
                    draft.masks[self.table.index[name]] = found[1]
            else:
                self._read_field(name, draft)
        draft.warnings += map(self.settling.not_used, sorted(unused))

    def _sort_out(self, record: Mapping[str, Any], draft: Draft) -> set[str]:
        """Find the field of every key that has a value; return the fields that have no part in the answer."""
        readers, given = self.readers, draft.given
        unused = set()
        for key, raw in record.items():
            name = key if key in readers else self.names.field(key)
            if name == REF:
                draft.ref = raw
            elif name in readers or name in self.names.others:
                if raw.__class__ is not int and is_empty(raw):
                    continue
                if name not in readers:
                    unused.add(name)
                elif name in given:
                    self._note_twice(name, key, raw, draft)
                else:
                    given[name] = key, raw
            elif name != CANCER:
                draft.problems.append(self._no_field(key, raw))
        return unused

    @staticmethod
    def _note_twice(name: str, key: str, raw: Any, draft: Draft) -> None:
        """Word a field that has a value already."""
        other = draft.given[name][0]
        message = say("case.twice_as", one=quoted(other), other=quoted(key))
        draft.problems.append(Problem(name, raw, message, goes_on=True))

    def _no_field(self, key: object, raw: object) -> Problem:
        """Word a key that names no field."""
        if not isinstance(key, str) or not key.strip():
            return Problem(None, raw, say("case.no_name"))
        shown = key.strip() if key.isprintable() and len(key) <= _LONGEST_NAME else quoted(key)
        near = hint(phrase(key[:_LONGEST_NAME]).replace(" ", "_"), self.readers)
        message = say("case.no_field", cancer=self.table.name, hint=near or say("case.correct_it"))
        return Problem(shown, raw, message, goes_on=True)

    def _read_field(self, name: str, draft: Draft) -> None:
        """Read the value of a field, and echo it when it was given in other words."""
        key, raw = draft.given[name]
        try:
            reading, mask = self._reading(name, raw)
        except ValueProblem as problem:
            draft.problems.append(Problem(name, raw, str(problem), self.readers[name].allowed()))
            return
        draft.readings[name] = reading
        if mask:
            draft.set_mask(name, mask)
        if key != name and phrase(key) != phrase(name):
            draft.translated.append({"field": name, "given": {key: raw}, "read_as": reading.shown})
        elif not reading.as_given:
            draft.translated.append({"field": name, "given": raw, "read_as": reading.shown})

    def _reading(self, name: str, raw: Any) -> tuple[Reading, int]:
        """Read one value, remembering plain ones; with its cells, 0 where it is open or not used."""
        key = (name, raw.__class__, raw)
        plain = raw.__class__ in _PLAIN
        found = self._cache.get(key) if plain else None
        if found is None:
            reading = self.readers[name].read(raw)
            mask = 0
            if name in self.table.index and reading.entry is not None:
                mask = self.table.space.cells[self.table.index[name]].mask(reading.entry)
            found = reading, mask
            if plain and len(self._cache) < _REMEMBERED:
                self._cache[key] = found
        return found

    def _imply(self, draft: Draft) -> None:
        """Take what a report's words carry with them, unless the record itself says otherwise."""
        carried = [(name, reading.implied) for name, reading in draft.readings.items() if reading.implied]
        for name, implied in carried:
            for other, raw in implied.items():
                if other in self.readers:
                    self._imply_one(name, other, raw, draft)
        if carried:
            ordered = sorted(draft.readings, key=self.names.order.__getitem__)
            draft.readings = {name: draft.readings[name] for name in ordered}

    def _imply_one(self, name: str, other: str, raw: Any, draft: Draft) -> None:
        """Take one value that the words given for another field carry with them."""
        given = draft.given[name][1]

        def means() -> dict[str, str]:
            words = quoted(given) if isinstance(given, str) else in_words(given)
            return {"field": name, "given": words, "other": other, "value": in_words(raw)}

        try:
            reading, mask = self._reading(other, raw)
        except ValueProblem:
            draft.warn_quoting(say("case.means_not_allowed", cancer=self.table.name, **means()))
            return
        stated = draft.readings[other].entry if other in draft.readings else None
        if reading.entry is None or reading.entry == stated:
            return
        if stated is None or lies_within(reading.entry, stated):
            draft.readings[other] = reading
            draft.set_mask(other, mask)
            draft.translated.append({"field": other, "given": {name: given}, "read_as": reading.shown})
        elif not share_a_value(reading.entry, stated):
            draft.warn_quoting(say("case.means_another", stated=draft.worded(other), **means()))
