"""What an observation answers: codes, words, or a number with its bounds. Knows no field and no medicine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from riskcli.interop.fhir_codes import Bands, FhirCodes, Word
from riskcli.interop.fhir_resources import (
    KIND,
    Found,
    code_names,
    concept_text,
    name_of,
    objects,
    profiles,
    short,
    text,
)
from riskcli.interop.fhir_setting import Sample, Setting, date_of

_COMPARED = {"<": (False, True), "<=": (False, False), ">": (True, True), ">=": (True, False)}
"""For each comparator: whether the number is the lower end, and whether the end is left out."""
_CORRECTED = ("corrected", "amended")
_BAND = re.compile(r"([0-9.]+?)\.\.(<?)([0-9.]+)")
_DAY = len("2026-11-25")
_EXACT = 6
"""The decimals to which a converted number is kept."""


@dataclass(frozen=True, slots=True)
class Span:
    """A number, or what is known of it; an end that is None is open."""

    low: float | None
    high: float | None
    above: bool = False
    """Whether the lower end itself is left out."""
    below: bool = False
    """Whether the upper end itself is left out."""

    @property
    def exact(self) -> float | None:
        """The number, when it is known exactly."""
        return self.low if self.low == self.high else None

    def times(self, factor: float) -> Span:
        """Return it in another unit.

        Example:
            >>> Span(2.5, 2.5).times(10).entry()
            25
        """
        ends = [None if end is None else round(end * factor, _EXACT) for end in (self.low, self.high)]
        return Span(ends[0], ends[1], self.above, self.below)

    def plus(self, other: Span) -> Span:
        """Return the sum; what is open in one is open in the sum.

        Example:
            >>> Span(1, 1).plus(Span(2, None)).entry()
            '>=3'
        """
        low = None if self.low is None or other.low is None else self.low + other.low
        high = None if self.high is None or other.high is None else self.high + other.high
        return Span(low, high, self.above or other.above, self.below or other.below)

    def at_least(self, low: float) -> Span:
        """Return it from another lower end.

        Example:
            >>> Span(4, 4).at_least(3).entry()
            '3..4'
        """
        return Span(low, self.high, below=self.below)

    def hull(self, other: Span) -> Span:
        """Return all from the lower of both to the higher.

        Example:
            >>> Span(1, 1).hull(Span(3, 3)).entry(), Span(1, 1).hull(Span(2, None)).entry()
            ('1..3', '>=1')
        """
        low = None if self.low is None or other.low is None else min(self.low, other.low)
        high = None if self.high is None or other.high is None else max(self.high, other.high)
        return Span(low, high)

    def entry(self) -> Word | float:
        """Return it as a record states it.

        Example:
            >>> Span(None, 0.1, below=True).entry(), Span(1, 3).entry()
            ('<0.1', '1..3')
        """
        if self.exact is not None and not (self.above or self.below):
            return _plain(self.exact)
        low = "" if self.low is None else f"{_plain(self.low)}"
        high = "" if self.high is None else f"{_plain(self.high)}"
        if not high:
            return f"{'>' if self.above else '>='}{low}"
        if not low:
            return f"{'<' if self.below else '<='}{high}"
        return f"{'>' if self.above else ''}{low}..{'<' if self.below else ''}{high}"


def _plain(number: float) -> int | float:
    """Return a whole number without a point."""
    return int(number) if number == int(number) else number


def in_bands(number: float, bands: Bands) -> Word | None:
    """Return what a number stands for.

    Example:
        >>> in_bands(6, {"3..5": 1, "6..7": 2}), in_bands(1, {"0..<1": 2})
        (2, None)
    """
    for band, word in bands.items():
        if (match := _BAND.fullmatch(band)) is None:
            continue
        low, high = float(match[1]), float(match[3])
        if low <= number and (number < high or (number == high and not match[2])):
            return word
    return None


def ends_of(bands: Bands) -> tuple[float, float]:
    """Return the least and the most of all bands.

    Example:
        >>> ends_of({"0..<1": "negative", "1..100": "positive"})
        (0.0, 100.0)
    """
    found = [match for band in bands if (match := _BAND.fullmatch(band))]
    return min(float(match[1]) for match in found), max(float(match[3]) for match in found)


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands as the value of an observation."""

    shown: str
    """What stood there, for a person."""
    names: tuple[str, ...] = ()
    """Its codes, by the short names of their systems."""
    texts: tuple[str, ...] = ()
    """What it says in words or as a report prints it."""
    span: Span | None = None
    unit: str = ""
    truth: bool | None = None


@dataclass(frozen=True, slots=True)
class Datum:
    """One statement: of an observation, of one of its components, or of another resource."""

    names: tuple[str, ...]
    answer: Answer | None
    date: str
    """The day it holds for, as far as it is stated."""
    reference: str
    addresses: frozenset[str] = frozenset()
    profiles: tuple[str, ...] = ()
    prefix: str = ""
    """How a category was found: c, p, u or nothing."""
    modifiers: str = ""
    """What changes a category: y and r."""
    imaging: bool = False
    sample: Sample | None = None
    """The specimen it is of."""
    groups: frozenset[str] = frozenset()
    """The codes of the groups it belongs to."""
    unstated: bool = False
    """Whether it says why it has no value."""
    corrected: bool = False
    """Whether it takes the place of an earlier one."""

    @property
    def day(self) -> str:
        """The day on which it was so: when its specimen was taken, else the one it holds for."""
        return self.sample.date if self.sample and self.sample.date else self.date

    def source(self, name: str) -> str:
        """Return where a value stood and what stood there."""
        system, _, code = name.partition(" ")
        shown = self.answer.shown if self.answer else ""
        where = f"{system.upper()} {code}" if code else name
        more = ", ".join(filter(None, (self.date, self.sample.shown if self.sample else "")))
        return f"{where}: {shown}" + (f" ({more})" if more else "")


def data_of(found: Found, codes: FhirCodes, setting: Setting) -> Iterator[Datum]:
    """Give what an observation states, itself and in its components."""
    resource = found.resource
    code = resource.get("code")
    common: dict[str, Any] = {
        "date": date_of(resource, setting),
        "reference": name_of(resource),
        "addresses": found.addresses,
        "profiles": tuple(profiles(resource)),
        "prefix": _prefix(code, codes),
        "modifiers": _modifiers(resource, codes),
        "imaging": any(
            text(coding, "code") == "imaging"
            for concept in objects(resource, "category")
            for coding in objects(concept, "coding")
        ),
        "sample": setting.sample,
        "corrected": text(resource, "status") in _CORRECTED,
        "groups": setting.names,
    }
    for part in (resource, *objects(resource, "component")):
        names = tuple(name for name in code_names(codes, part.get("code")) if name in codes.observed)
        if names:
            yield Datum(names, answer_of(part, codes), unstated="dataAbsentReason" in part, **common)


def strange_modifiers(resource: Mapping[str, Any], codes: FhirCodes) -> bool:
    """Say whether something changes the meaning of a resource in a way that is not known."""
    return any(_ending(item) not in codes.modifiers for item in objects(resource, "modifierExtension"))


def _ending(extension: object) -> str:
    """Return the last part of an extension's address."""
    return text(extension, "url").rpartition("/")[2]


def _modifiers(resource: Mapping[str, Any], codes: FhirCodes) -> str:
    """Return the letters that change a category."""
    found = (codes.modifiers.get(_ending(item), "") for item in objects(resource, "modifierExtension"))
    return "".join(sorted(found, reverse=True))


def _prefix(code: object, codes: FhirCodes) -> str:
    """Return the letter that says how a category was found."""
    for item in objects(code, "extension"):
        if _ending(item) == codes.prefix_extension:
            concept = item.get("valueCodeableConcept") or {"coding": [item.get("valueCoding")]}
            return next((text(coding, "code") for coding in objects(concept, "coding")), "")
    return ""


def days_between(one: str, other: str) -> int | None:
    """Return how many days lie between two days; None where one is not stated to the day.

    Example:
        >>> days_between("2024-02-28", "2024-03-01"), days_between("2024-02", "2024-03-01")
        (2, None)
    """
    try:
        return abs((date.fromisoformat(one) - date.fromisoformat(other)).days)
    except ValueError:
        return None


def before(one: str, other: str) -> bool | None:
    """Say whether a day is not after another; None when that is not stated.

    Example:
        >>> before("2018-03-01", "2018-04-01"), before("2018", "2018-04-01")
        (True, None)
    """
    size = min(len(one), len(other))
    if not size or (one[:size] == other[:size] and size < _DAY):
        return None
    return one[:size] <= other[:size]


def answer_of(holder: Mapping[str, Any], codes: FhirCodes) -> Answer | None:
    """Return the value of an observation or component; without one, its interpretation.

    Example:
        >>> from riskcli.interop.fhir_codes import fhir_codes
        >>> answer_of({"valueQuantity": {"value": 2.5, "code": "cm"}}, fhir_codes()).shown
        '2.5 cm'
    """
    if isinstance(holder.get("valueCodeableConcept"), Mapping):
        return _of_concepts([holder["valueCodeableConcept"]], codes)
    if isinstance(holder.get("valueQuantity"), Mapping):
        return _of_quantity(holder["valueQuantity"])
    if isinstance(holder.get("valueRange"), Mapping):
        return _of_range(holder["valueRange"])
    for key in ("valueInteger", "valueDecimal"):
        if (number := _number(holder.get(key))) is not None:
            return Answer(f"{_plain(number)}", span=Span(number, number))
    if isinstance(truth := holder.get("valueBoolean"), bool):
        return Answer("true" if truth else "false", truth=truth)
    if said := text(holder, "valueString"):
        return Answer(short(said), texts=(said,))
    other = next((key for key in holder if key.startswith("value")), None)
    return Answer(short(other)) if other else _of_concepts(objects(holder, "interpretation"), codes)


def _of_concepts(concepts: list[Mapping[str, Any]], codes: FhirCodes) -> Answer | None:
    """Return what concepts say; nothing where they only say that there is no value."""
    names: list[str] = []
    said: list[str] = []
    for concept in concepts:
        codings = [item for item in objects(concept, "coding") if text(item, "system") not in codes.no_value]
        if objects(concept, "coding") and not codings:
            continue
        names += code_names(codes, concept)
        said += [text(coding, "code") for coding in codings if text(coding, "system") in codes.printed]
        said += [text(concept, "text"), *(text(coding, "display") for coding in codings)]
    if not names and not any(said):
        return None
    shown = next((shown for concept in concepts if (shown := concept_text(concept))), "")
    tidy = dict.fromkeys(KIND.sub("", item).strip() for item in said if item)
    return Answer(shown, tuple(names), tuple(tidy))


def _of_quantity(quantity: Mapping[str, Any]) -> Answer:
    """Return a number with its unit, or one end of what it can be."""
    number, comparator = _number(quantity.get("value")), text(quantity, "comparator")
    unit = text(quantity, "code") or text(quantity, "unit")
    if number is None or (comparator and comparator not in _COMPARED):
        return Answer(short(f"{comparator} {unit}".strip()) or "valueQuantity")
    span = Span(number, number)
    if comparator:
        lower, left_out = _COMPARED[comparator]
        span = Span(number, None, above=left_out) if lower else Span(None, number, below=left_out)
    shown = text(quantity, "unit") or unit
    return Answer(short(f"{comparator}{_plain(number)} {shown}".strip()), span=span, unit=unit)


def _of_range(held: Mapping[str, Any]) -> Answer:
    """Return a range with its unit."""
    ends = [next(iter(objects(held, key)), {}) for key in ("low", "high")]
    low, high = (_number(end.get("value")) for end in ends)
    unit = next((unit for end in ends if (unit := text(end, "code") or text(end, "unit"))), "")
    if low is None and high is None:
        return Answer("valueRange")
    span = Span(low, high)
    return Answer(short(f"{span.entry()} {unit}".strip()), span=span, unit=unit)


def _number(raw: object) -> float | None:
    """Return a number; truth is none."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or abs(raw) > 1e12:
        return None
    return float(raw)
