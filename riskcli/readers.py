"""What a table and the shared words say about its fields: names, values, synonyms. Reads no record."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from riskcli.compiled import Compiled, Data
from riskcli.conditions import Domain
from riskcli.values import ValueReader, phrase

CANCER, REF = "cancer", "ref"
_CATEGORIES = ("t_category", "n_category")
"""The fields whose values may carry the letters of the TNM system (pT2, ypT2)."""
_PAIRS = ("present_absent", "negative_positive")


class Readers:
    """The names and the value readers of one table."""

    def __init__(self, table: Compiled) -> None:
        """Look at the table's own fields, and at its vocabulary for those it does not use."""
        self.table = table
        self.common = table.common
        self.own: Data = table.table["fields"]
        self.words: Data = table.vocabulary["here"]
        self.others = frozenset(table.vocabulary["others"])
        self._unknown = frozenset(map(phrase, self.common["unknown_words"]))
        self._not_done = frozenset(map(phrase, self.common["not_done_words"]))
        names = dict.fromkeys((*self.own, *self.words))
        self.by_name = {name: self._reader(name) for name in names if name != REF}
        self.order = {name: i for i, name in enumerate(self.by_name)}

    @cached_property
    def aliases(self) -> dict[str, str]:
        """The field that each phrase names: its own name, or one that reports and spreadsheets use.

        What is a field of other cancers only may be another name of a field here (p16, of HPV).
        """
        found = {phrase(name): name for name in self.others}
        found |= {phrase(name): field for name, field in self.common.get("field_names", {}).items()}
        return found | {phrase(name): name for name in (*self.words, CANCER, REF)}

    def field(self, key: object) -> str:
        """Return the field that a key of a record stands for, or nothing when it stands for none."""
        return self.aliases.get(phrase(key), "") if isinstance(key, str) else ""

    def _reader(self, name: str) -> ValueReader:
        """Return the reader of one field: with the table's values, or the vocabulary's."""
        spec, domain = self.own.get(name, {}), self._domain(name)
        return ValueReader(
            name=name,
            cancer=self.table.name,
            domain=domain,
            unit=self.words[name].get("unit"),
            synonyms={
                **self._general_synonyms(domain),
                **self.common["synonyms"].get(name, {}),
                **spec.get("synonyms", {}),
            },
            unknown=self._unknown,
            not_done=self._not_done,
            prefixes=self.common["prefixes"] if name in _CATEGORIES else {},
        )

    def _domain(self, name: str) -> Domain:
        """Return the values of a field."""
        if name in self.table.index:
            return self.table.space.cells[self.table.index[name]].domain
        word = self.words[name]
        if word["type"] == "word":
            return Domain(words=tuple(word["values"]))
        return Domain(low=word["min"], high=word["max"], integer=word["type"] == "integer")

    def _general_synonyms(self, domain: Domain) -> Mapping[str, Any]:
        """Return the words that hold for every field with these two values."""
        for pair in _PAIRS:
            if set(domain.words) == set(pair.split("_")):
                found: Mapping[str, Any] = self.common["synonyms"].get(pair, {})
                return found
        return {}
