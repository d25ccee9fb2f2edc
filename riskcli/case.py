"""One flat record to what is known about it: the only validator of input. No I/O.

Flags, prompts, JSON and cohort rows all come here as a dictionary and leave as `Facts`: a set of boxes
over the table's cells, with everything that was assumed, translated or doubtful said in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from riskcli.cells import Box
from riskcli.compiled import Compiled, Data, MaskPairs
from riskcli.conditions import Domain, Entry, parse_entry
from riskcli.errors import CaseError, Problem, hint
from riskcli.facts import Draft, Facts
from riskcli.nodes import EXAMINED, link_nodes, node_boxes
from riskcli.scope import check_scope, settle_contradictions
from riskcli.values import Reading, ValueProblem, ValueReader, phrase
from riskcli.walk import View

CANCER, REF = "cancer", "ref"
_REMEMBERED = 50_000
"""The most values a reader remembers having read."""


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
    """Return the cancer a record names.

    Raises:
        CaseError: the record is not one object, or names no cancer.
    Example:
        >>> cancer_of({"cancer": "Breast"})
        'breast'
    """
    if not isinstance(record, Mapping):
        kind = "a list" if isinstance(record, list) else f"a {type(record).__name__}"
        message = f"a case is one record of fields, but this is {kind}"
        raise CaseError([Problem(None, None, message)])
    names = [key for key in record if isinstance(key, str) and key.strip().lower() == CANCER]
    value = record[names[0]] if names else None
    if not isinstance(value, str) or not value.strip():
        message = 'is missing; say which cancer, as in {"cancer": "breast"}'
        raise CaseError([Problem(CANCER, value, message)])
    return value.strip().lower()


class CaseReader:
    """Reads records for one table."""

    def __init__(self, table: Compiled) -> None:
        """Prepare the value readers of every field of the table and of the vocabulary."""
        self.table = table
        self.common = table.common
        self.fields: Data = table.table["fields"]
        self.words: Data = table.vocabulary["here"]
        self.readers = {name: self._value_reader(name) for name in self.words if name != REF}
        self.others = frozenset(table.vocabulary["others"])
        self.aliases = {phrase(name): field for name, field in self.common.get("field_names", {}).items()}
        self.aliases |= {phrase(name): name for name in (*self.words, *self.others, CANCER)}
        self.premises: Data = {
            name: premise for name, premise in self.common["premises"].items() if name not in self.fields
        }
        self.used = self._used()
        self._cache: dict[tuple[str, object], tuple[Reading, int]] = {}

    def _value_reader(self, name: str) -> ValueReader:
        """Return the reader of one field: with the table's values, or the vocabulary's."""
        spec = self.fields.get(name, {})
        word = self.words[name]
        if name in self.table.index:
            domain = self.table.space.cells[self.table.index[name]].domain
        elif word["type"] == "word":
            domain = Domain(words=tuple(word["values"]))
        else:
            domain = Domain(low=word["min"], high=word["max"], integer=word["type"] == "integer")
        synonyms = {
            **self._general_synonyms(domain),
            **self.common["synonyms"].get(name, {}),
            **spec.get("synonyms", {}),
        }
        return ValueReader(
            name=name,
            cancer=self.table.name,
            domain=domain,
            unit=spec.get("unit") or word.get("unit"),
            synonyms={phrase(given): value for given, value in synonyms.items() if _fits(value, name, domain)},
            unknown=frozenset(map(phrase, self.common["unknown_words"])),
            not_done=frozenset(map(phrase, self.common["not_done_words"])),
            prefixes=self.common["prefixes"] if name in ("t_category", "n_category") else {},
        )

    def _general_synonyms(self, domain: Domain) -> Mapping[str, Any]:
        """Return the words that hold for every field with these two values."""
        for pair in ("present_absent", "negative_positive"):
            if set(domain.words) == set(pair.split("_")):
                found: Mapping[str, Any] = self.common["synonyms"].get(pair, {})
                return found
        return {}

    def _used(self) -> frozenset[str]:
        """Return the fields that an answer takes notice of."""
        warned = {name for row in self.common.get("warnings", []) for name in row["when"]}
        gate = {name for scope in self.table.boxes["scope"] for name in scope["gate"]}
        return frozenset({*self.table.index, *self.common["premises"], EXAMINED} | warned | gate)

    def read(self, record: Mapping[str, Any]) -> Facts:
        """Read one record (see `read_case`)."""
        draft = Draft(self.table, self.readers, list(self.table.space.full))
        self._read_values(record, draft)
        self._imply(draft)
        link_nodes(draft)
        self._optional(draft)
        self._dependent(draft)
        if draft.problems:
            order = {name: i for i, name in enumerate((*self.fields, *self.words))}
            draft.problems.sort(key=lambda problem: order.get(problem.field or "", -1))
            raise CaseError(draft.problems)
        self._assume(draft)
        boxes = node_boxes(draft)
        check_scope(draft, boxes)
        table = settle_contradictions(draft, boxes)
        self._warn(draft)
        index = self.table.index
        return Facts(
            table=table,
            boxes=boxes,
            stated={name: reading.shown for name, reading in draft.readings.items()},
            known=tuple(
                index[name]
                for name, reading in draft.readings.items()
                if name in index and reading.entry is not None
            ),
            absent=tuple(draft.absent),
            assumed=(*self._premises(draft), *draft.assumed),
            translated=tuple(draft.translated),
            warnings=tuple(draft.warnings),
            ref=draft.ref,
        )

    # ---- what is stated

    def _read_values(self, record: Mapping[str, Any], draft: Draft) -> None:
        """Read every value of the record, noting what cannot be read."""
        given_as: dict[str, str] = {}
        for key, raw in record.items():
            if not isinstance(key, str):
                draft.problems.append(Problem(str(key), raw, "a field name must be text"))
                continue
            name = key if key in self.readers else self.aliases.get(phrase(key), key)
            if name == REF:
                draft.ref = raw
            elif name in self.readers:
                self._read_field(name, key, raw, draft, given_as)
            elif name in self.others:
                if raw not in (None, ""):
                    draft.warnings.append(f"{name} is not used for {self.table.name}.")
            elif name != CANCER:
                near = hint(phrase(key).replace(" ", "_"), self.readers)
                message = f"is not a field of {self.table.name}{near}"
                draft.problems.append(Problem(key[:60], raw, message))

    def _read_field(self, name: str, key: str, raw: object, draft: Draft, given_as: dict[str, str]) -> None:
        """Read the value of a field that exists."""
        reading = self._read_value(name, raw, draft)
        if reading is None or not reading.stated:
            return
        if name in given_as:
            message = f"is given twice, as {given_as[name]} and as {key}; keep one"
            draft.problems.append(Problem(name, raw, message))
            return
        given_as[name] = key
        draft.readings[name] = reading
        same_name = key == name or phrase(key) == phrase(name)
        if not (reading.as_given and same_name):
            given = raw if same_name else {key: raw}
            draft.translated.append({"field": name, "given": given, "read_as": reading.shown})

    def _read_value(self, name: str, raw: object, draft: Draft) -> Reading | None:
        """Read one value, remembering plain ones; None when it cannot be read, which is noted."""
        plain = isinstance(raw, str | int | float)
        key = (name, (type(raw), raw))
        cached = self._cache.get(key) if plain else None
        if cached is None:
            try:
                reading = self.readers[name].read(raw)
            except ValueProblem as problem:
                draft.problems.append(Problem(name, raw, str(problem), self.readers[name].allowed()))
                return None
            cached = (reading, self._mask(name, reading))
            if plain and len(self._cache) < _REMEMBERED:
                self._cache[key] = cached
        reading, mask = cached
        if reading.entry is not None:
            draft.set_mask(name, mask)
        return reading

    def _mask(self, name: str, reading: Reading) -> int:
        """Return the cells of a reading; 0 for a field that the table does not use."""
        if name not in self.table.index or reading.entry is None:
            return 0
        return self.table.space.cells[self.table.index[name]].mask(reading.entry)

    def _imply(self, draft: Draft) -> None:
        """Take what a report's word carries with it, unless the record itself says otherwise."""
        for name, reading in list(draft.readings.items()):
            for other, raw in reading.implied.items():
                if other not in self.readers:
                    continue
                stated = draft.readings.get(other)
                if stated is None:
                    implied = self._read_value(other, raw, draft)
                    if implied is not None:
                        draft.readings[other] = implied
                        read = {"field": other, "given": f"from {name}", "read_as": implied.shown}
                        draft.translated.append(read)
                elif stated.entry and _disjoint(stated.entry, self.readers[other].read(raw).entry):
                    draft.warnings.append(
                        f"{name} as given means {other} {raw}, but {other} is stated as {stated.shown}."
                    )

    # ---- what is not stated

    def _optional(self, draft: Draft) -> None:
        """Answer optional tests that are not stated as not done."""
        for name, place in self.table.index.items():
            cells = self.table.space.cells[place]
            if name not in draft.readings and cells.not_done:
                draft.masks[place] = cells.not_done
            if draft.masks[place] == cells.not_done:
                draft.absent.append(place)

    def _dependent(self, draft: Draft) -> None:
        """Hold stated dependent values against their parents."""
        for name, pairs in self.table.boxes["only_if"].items():
            place = self.table.index[name]
            cells = self.table.space.cells[place]
            if not self._is_stated(draft, name):
                continue
            for parent, mask in pairs:
                above = self.table.space.cells[parent]
                wanted = above.describe(mask)
                words = wanted if isinstance(wanted, str) else " or ".join(wanted)
                if not draft.masks[parent] & mask:
                    draft.masks[place] = cells.not_done or cells.full
                    draft.warnings.append(
                        f"{name} applies only when {above.field} is {words}; it was not used."
                    )
                elif above.field not in draft.readings:
                    draft.warnings.append(
                        f"{name} is stated without {above.field}; it applies only when that is {words}."
                    )

    def _is_stated(self, draft: Draft, name: str) -> bool:
        """Say whether a field has a stated value, and a test was done."""
        reading = draft.readings.get(name)
        place = self.table.index[name]
        return (
            reading is not None
            and reading.entry is not None
            and draft.masks[place] != self.table.space.cells[place].not_done
        )

    def _assume(self, draft: Draft) -> None:
        """Take what a report conventionally leaves out, where the table says so."""
        parents = {
            parent
            for name, pairs in self.table.boxes["only_if"].items()
            if self._is_stated(draft, name)
            for parent, _ in pairs
        }
        stated = tuple(draft.masks)
        for name, choices in self.table.boxes["assume"].items():
            place = self.table.index[name]
            if name in draft.readings or place in parents:
                continue
            for choice, spec in zip(choices, self.fields[name]["assume"], strict=True):
                if self._holds(choice["when"], stated):
                    draft.masks[place] = choice["mask"]
                    draft.absent = [other for other in draft.absent if other != place]
                    draft.assumed.append({"field": name, "value": spec["value"], "why": spec["why"]})
                    break

    def _holds(self, pairs: MaskPairs, box: Box) -> bool:
        """Say whether a condition holds for every possible case of a box."""
        for place, mask in pairs:
            outside = box[place] & ~mask
            if outside:
                view = View(self.table.store, [(*box[:place], outside, *box[place + 1 :])])
                if view.ends(view.take(self.table.roots["feasible"])):
                    return False
        return True

    def _premises(self, draft: Draft) -> list[Data]:
        """Return the gate's premises that the record does not state."""
        found = []
        for name, premise in self.premises.items():
            reading = draft.readings.get(name)
            if reading is None or reading.entry is None or len(reading.entry.words) > 1:
                found.append({"field": name, "value": premise["value"], "why": premise["why"]})
        return found

    # ---- warnings

    def _warn(self, draft: Draft) -> None:
        """Add the warnings of the tables, and name what is not used."""
        own = self.table.table.get("warnings", [])
        for pairs, row in zip(self.table.boxes["warnings"], own, strict=True):
            if all(name in draft.readings for name in row["when"]) and all(
                not draft.masks[place] & ~mask for place, mask in pairs
            ):
                draft.warnings.append(row["say"])
        for row in self.common.get("warnings", []):
            if all(self._surely(draft, name, raw) for name, raw in row["when"].items()):
                draft.warnings.append(row["say"])
        draft.warnings += [
            f"{name} is not used for {self.table.name}." for name in draft.readings if name not in self.used
        ]

    def _surely(self, draft: Draft, name: str, raw: object) -> bool:
        """Say whether a stated value lies wholly inside a condition."""
        reading = draft.readings.get(name)
        if reading is None or reading.entry is None:
            return False
        wanted = parse_entry(raw, self.readers[name].domain)
        given = reading.entry
        return given.words <= wanted.words and all(
            any(span.low <= part.low and part.high <= span.high for span in wanted.spans)
            for part in given.spans
        )


def _fits(value: object, name: str, domain: Domain) -> bool:
    """Say whether what a synonym stands for exists in this table."""
    own = value.get(name) if isinstance(value, dict) else value
    if own in (None, "unknown"):
        return True
    try:
        parse_entry(own, domain)
    except ValueError:
        return False
    return True


def _disjoint(one: Entry, other: Entry | None) -> bool:
    """Say whether two entries share no value."""
    if other is None:
        return False
    if one.words or other.words:
        return not one.words & other.words
    return not any(a.meets(b) for a in one.spans for b in other.spans)
