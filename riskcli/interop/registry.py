"""One record of a registry to a case, by a crosswalk: every value with where it stood. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from riskcli.case import CANCER, REF, cancer_id, case_reader
from riskcli.errors import CaseError, OutOfScope, Problem
from riskcli.interop.category_counts import as_count
from riskcli.interop.codes import ANY, Codes, filled, first_holding
from riskcli.interop.crosswalk import Check, Crosswalk, Kind, Meaning, Step
from riskcli.interop.readings import Found, Reading
from riskcli.loader import Rules
from riskcli.values import ValueProblem, phrase
from riskcli.words import say

_MOST_REMEMBERED = 50_000
"""How many codes, and how many records' kinds, are remembered before all are forgotten."""
_SHOWN = 60
"""The characters that are shown of what stood in an item."""


@dataclass(frozen=True, slots=True)
class _Condition:
    """Codes that items must have."""

    wanted: tuple[tuple[str, Codes], ...]

    @classmethod
    def of(cls, when: Mapping[str, str], crosswalk: Crosswalk) -> _Condition:
        """Prepare a condition."""
        return cls(tuple((item, Codes(crosswalk.written_out(codes))) for item, codes in when.items()))

    def holds(self, items: Mapping[str, str]) -> bool:
        """Say whether a record meets it."""
        return all(items.get(item, "") in codes for item, codes in self.wanted)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A step made ready for one cancer."""

    step: Step
    condition: _Condition
    codes: Mapping[Codes, Meaning]
    otherwise: Meaning | None
    known: dict[str, Meaning | None]
    """What codes that were met stand for."""

    def meaning(self, code: str) -> Meaning | None:
        """Return what a code stands for; None when it is no code of the item."""
        if code not in self.known:
            if len(self.known) > _MOST_REMEMBERED:
                self.known.clear()
            self.known[code] = first_holding(self.codes, code) or self.otherwise
        return self.known[code]


@dataclass
class _Draft:
    """What was read of one record so far."""

    items: Mapping[str, str]
    cancer: str | None
    found: dict[str, Found]
    notes: dict[str, None]
    stated: Mapping[str, Any]
    """What the record states under the names of fields."""
    unless_told: list[tuple[str, str]]
    """Fields with what is to be said when they are still without a value in the end."""

    def value(self, field: str) -> Any:
        """Return the value of a field, wherever it stood."""
        found = self.found.get(field)
        return self.stated.get(field) if found is None else found.value


class RegistryReader:
    """Reads the records of one registry.

    `cancer` is that of records which do not say where the tumour is.

    Example:
        >>> from riskcli.interop.crosswalk import read_crosswalk
        >>> from riskcli.loader import load_rules
        >>> reader = RegistryReader(read_crosswalk("naaccr", load_rules()), load_rules(), "breast")
        >>> reading = reader.read({"regionalNodesPositive": "97"})
        >>> reading.found[-1].value, reading.found[-1].source
        ('>=1', 'item 820 regionalNodesPositive: 97')
    """

    def __init__(self, crosswalk: Crosswalk, rules: Rules, cancer: str | None = None) -> None:
        """Prepare what does not depend on a record."""
        self.crosswalk = crosswalk
        self.rules = rules
        self.cancer = cancer_id(cancer) if cancer else None
        self._checks = [(check, _Condition.of(check.when, crosswalk)) for check in crosswalk.checks]
        self._kinds = [(kind, _Condition.of(kind.when, crosswalk)) for kind in crosswalk.kinds]
        self._deciding = list(dict.fromkeys(item for kind in crosswalk.kinds for item in kind.when))
        self._of_kind: dict[tuple[str, ...], Kind | None] = {}
        self._steps: dict[tuple[str, bool], list[_Ready]] = {}
        self._holds: dict[tuple[str, str, Any], bool | None] = {}
        self._without = {name: item.without for name, item in crosswalk.items.items() if item.without}
        self._rests = {name: item.rest for name, item in crosswalk.items.items() if item.rest}

    def read(
        self,
        record: Mapping[str, str],
        stated: Mapping[str, Any] | None = None,
        wrong: Sequence[str] = (),
        context: Mapping[str, str] | None = None,
    ) -> Reading:
        """Return one record as a case.

        `stated` is what it says under the names of fields, its cancer among them; `wrong` what was found
        wrong with it before.
        """
        items = self._tidy(record)
        wrong = [*wrong, *self._split(items)]
        draft = _Draft(items, self.cancer, {}, {}, stated or {}, [])
        refused: CaseError | None = None
        if wrong:
            refused = CaseError([Problem(None, None, message) for message in wrong])
        else:
            why = self._begin(draft) or self._values(draft)
            refused = OutOfScope([Problem(None, None, why)]) if why else None
        standard = self.crosswalk.standard
        return Reading(standard, tuple(draft.found.values()), tuple(draft.notes), refused, context or {})

    def _tidy(self, record: Mapping[str, str]) -> dict[str, str]:
        """Return what stands in the items, without blanks."""
        found = {}
        for item, raw in record.items():
            text = raw.strip()
            for character in self._without.get(item, ""):
                text = text.replace(character, "")
            if text:
                found[item] = text
        return found

    def _split(self, items: dict[str, str]) -> Iterator[str]:
        """Give what stands after a code to the item it belongs to; say where that has another code."""
        for item, rest in self._rests.items():
            code, after, more = items.get(item, "").partition(rest.after)
            if not after:
                continue
            items[item], said = code.strip(), more.strip()[: rest.length]
            if said and items.setdefault(rest.item, said) != said:
                yield say("registry.twice", item=rest.item)

    def _begin(self, draft: _Draft) -> str | None:
        """Find whose record it is and which cancer; return why it is no case."""
        parts = [draft.items[item] for item in self.crosswalk.ref if item in draft.items]
        if parts:
            self._keep(draft, REF, "-".join(parts), self._source(self.crosswalk.ref[0], draft))
        stated = draft.stated.get(CANCER)
        if stated:
            draft.cancer = cancer_id(str(stated))
            return self._checked(draft)
        if not self._kinds or (self.cancer and self._deciding[0] not in draft.items):
            return self._checked(draft)
        kind, why = self._kind(draft.items), self._checked(draft)
        if why or kind is None:
            return why or say("registry.no_kind", said=self._said(draft))
        if kind.refuse:
            return filled_in(kind.refuse, draft.items)
        draft.cancer = cancer_id(str(kind.cancer))
        source = "; ".join(self._source(item, draft) for item in kind.when if item in draft.items)
        self._keep(draft, CANCER, kind.cancer, source)
        self._note(draft, kind.note)
        for field, value in kind.sets.items():
            self._offer(draft, field, value, source)
        return self._checked(draft)

    def kind_of(self, items: Mapping[str, str]) -> Kind | str:
        """Return which cancer a site and a histology are, or why they are none that a table covers."""
        draft = _Draft(self._tidy(items), None, {}, {}, {}, [])
        kind = self._kind(draft.items)
        for check, condition in self._checks:
            if _about(check, kind.cancer if kind else None) and condition.holds(draft.items):
                return check.refuse
        if kind is None:
            return say("registry.no_kind", said=self._said(draft))
        return filled_in(kind.refuse, draft.items) if kind.refuse else kind

    def _kind(self, items: Mapping[str, str]) -> Kind | None:
        """Return the first kind that a record fits."""
        key = tuple(items.get(item, "") for item in self._deciding)
        if key not in self._of_kind:
            if len(self._of_kind) > _MOST_REMEMBERED:
                self._of_kind.clear()
            self._of_kind[key] = next((kind for kind, when in self._kinds if when.holds(items)), None)
        return self._of_kind[key]

    def _said(self, draft: _Draft) -> str:
        """Repeat what a record says of its kind."""
        return "; ".join(self._source(item, draft) for item in self._deciding if item in draft.items)

    def _checked(self, draft: _Draft) -> str | None:
        """Return why a record is no case, by the checks that hold in its cancer."""
        for check, condition in self._checks:
            if _about(check, draft.cancer) and condition.holds(draft.items):
                said = "; ".join(self._source(item, draft) for item in check.when)
                return say("registry.refused", said=said, why=check.refuse)
        return None

    def _values(self, draft: _Draft) -> str | None:
        """Read every item that the cancer has a field for; return why the record is no case."""
        if draft.cancer is None or draft.cancer not in self.rules.names:
            return None
        for ready in self._ready(draft.cancer):
            step, code = ready.step, draft.items.get(ready.step.item)
            if code is None or draft.value(step.field) is not None or not self._wanted(ready, draft):
                continue
            why = self._step(ready, code, draft)
            if why:
                return why
        for ready in self._ready(draft.cancer, fits=True):
            code = draft.items.get(ready.step.item)
            if code is not None and ready.step.field in draft.found and self._wanted(ready, draft):
                self._fit(ready, code, draft)
        for field, note in draft.unless_told:
            if draft.value(field) is None:
                self._note(draft, note)
        return None

    def _fit(self, ready: _Ready, code: str, draft: _Draft) -> None:
        """State what an item says beside a field; where the two do not fit, either may hold."""
        cancer, field, meaning = str(draft.cancer), ready.step.field, ready.meaning(code)
        reader, stated = case_reader(self.rules.get(cancer)).readers[field], draft.found[field]
        value = filled(meaning.value, code) if meaning else None
        if isinstance(value, str) and reader.domain.numeric:
            value = as_count(reader, value)
        if value is None or not self._can_hold(cancer, field, value):
            return
        try:
            known, told = (
                reader.read(stated.value),
                reader.read([*value] if isinstance(value, tuple) else value),
            )
        except ValueProblem:
            return  # the engine says what is wrong
        source = self._source(ready.step.item, draft)
        if known.entry is None or told.entry is None:
            return
        if known.entry.meets(told.entry):
            for other, implied in told.implied.items():
                if other in ready.step.besides and draft.value(other) is None:
                    self._offer(draft, other, implied, source)
            return
        values = [*_several(stated.value), *_several(value)]
        draft.found[field] = replace(stated, value=values, source=f"{stated.source}; {source}")
        self._note(draft, say("registry.differs", field=field, said=stated.source, other=source))

    def _wanted(self, ready: _Ready, draft: _Draft) -> bool:
        """Say whether a step's own conditions hold."""
        given = ready.step.given.items()
        return ready.condition.holds(draft.items) and all(
            phrase(str(draft.value(name))) == phrase(value) for name, value in given
        )

    def _step(self, ready: _Ready, code: str, draft: _Draft) -> str | None:
        """Read one item; return why the record is no case."""
        step, source = ready.step, self._source(ready.step.item, draft)
        meaning = ready.meaning(code)
        if meaning is None:
            self._note(draft, say("registry.unknown_code", said=source))
            return None
        if meaning.refuse:
            return say("registry.refused", said=source, why=meaning.refuse)
        kept = self._offer(draft, step.field, filled(meaning.value, code), source)
        for field, value in meaning.also.items():
            if draft.value(field) is None:
                self._offer(draft, field, filled(value, code), source)
        if meaning.note:
            self._note(draft, say("registry.note", said=source, note=meaning.note))
        if meaning.unless_told:
            note = say("registry.note", said=source, note=meaning.unless_told)
            draft.unless_told.append((step.field, note))
        if kept and step.note:
            self._note(draft, say("registry.note", said=source, note=step.note))
        return None

    def _ready(self, cancer: str, fits: bool = False) -> list[_Ready]:
        """Return the steps of a cancer, or what has to fit them, made ready once."""
        if (cancer, fits) not in self._steps:
            used = case_reader(self.rules.get(cancer)).used
            self._steps[cancer, fits] = [
                self._made_ready(step, cancer)
                for step in (self.crosswalk.fits if fits else self.crosswalk.steps)
                if step.applies(cancer) and (step.field in used or self._also_used(step, cancer, used))
            ]
        return self._steps[cancer, fits]

    def _also_used(self, step: Step, cancer: str, used: frozenset[str]) -> bool:
        """Say whether some code of a step states another field that the cancer has."""
        meanings = self.crosswalk.codes_of(step, cancer).values()
        return any(not used.isdisjoint(meaning.also) or meaning.refuse for meaning in meanings)

    def _made_ready(self, step: Step, cancer: str) -> _Ready:
        """Prepare a step for a cancer."""
        codes = self.crosswalk.codes_of(step, cancer)
        named = {
            Codes(self.crosswalk.written_out(code)): meaning for code, meaning in codes.items() if code != ANY
        }
        return _Ready(step, _Condition.of(step.when, self.crosswalk), named, codes.get(ANY), {})

    def _offer(self, draft: _Draft, field: str, value: Any, source: str) -> bool:
        """Keep a value that the cancer has a field for; one that its field cannot hold leaves a note."""
        holds = self._can_hold(str(draft.cancer), field, value)
        if holds is False:
            shown = "/".join(value) if isinstance(value, tuple) else value
            self._note(draft, say("registry.cannot_hold", said=source, field=field, value=shown))
        if holds:
            self._keep(draft, field, value, source)
        return bool(holds)

    def _can_hold(self, cancer: str, field: str, value: Any) -> bool | None:
        """Say whether a field of a cancer can hold a value; None when there is no value or no field.

        An exact number is left to the engine, which says what is wrong with it.
        """
        if value is None or cancer not in self.rules.names:
            return None
        key = (cancer, field, value)
        if key not in self._holds:
            if len(self._holds) > _MOST_REMEMBERED:
                self._holds.clear()
            self._holds[key] = self._reads(cancer, field, value)
        return self._holds[key]

    def _reads(self, cancer: str, field: str, value: Any) -> bool | None:
        """Ask the reader of a field whether it takes a value."""
        reader = case_reader(self.rules.get(cancer))
        if field not in reader.used:
            return None
        try:
            reading = reader.readers[field].read(list(value) if isinstance(value, tuple) else value)
        except ValueProblem:
            return isinstance(value, int | float)
        return None if reading.entry is None and not reading.implied else True

    def _keep(self, draft: _Draft, field: str, value: Any, source: str) -> None:
        """Keep a value."""
        kept = list(value) if isinstance(value, tuple) else value
        draft.found[field] = Found(field, kept, source)

    def _note(self, draft: _Draft, note: str | None) -> None:
        """Keep a note, once."""
        if note:
            draft.notes[note] = None

    def _source(self, item: str, draft: _Draft) -> str:
        """Say where a value stood and what stood there."""
        number = self.crosswalk.items[item].number
        shown = draft.items.get(item, "")
        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
        if number is None:
            return say("registry.column", item=item, code=shown)
        return say("registry.item", number=number, item=item, code=shown)


def _about(check: Check, cancer: str | None) -> bool:
    """Say whether a check is about a cancer."""
    return not check.cancers or cancer in check.cancers


def _several(value: Any) -> list[Any]:
    """Return a value as a list of those that it may be."""
    return [*value] if isinstance(value, list | tuple) else [value]


_ITEM = re.compile(r"\{(\w+)\}")


def filled_in(sentence: str, items: Mapping[str, str]) -> str:
    """Return a sentence with what stood in the items that it names.

    Example:
        >>> filled_in("site {primarySite} has no table", {"primarySite": "C181"})
        'site C181 has no table'
    """
    return _ITEM.sub(lambda match: items.get(match[1], ""), sentence)
