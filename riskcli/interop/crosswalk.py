"""A registry's items as fields of a case: the models of a crosswalk file, and how it is read and checked.

The file says which cancer a site and a histology are, and what each code of an item stands for. This module
knows no registry, no cancer and no code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from riskcli.errors import Fault, RuleFileError, hint
from riskcli.interop.codes import CodeProblem, Codes
from riskcli.loader import Rules
from riskcli.rule_files import open_document
from riskcli.tables import Id, Line, Name, Part, Source
from riskcli.yaml_source import Document

_NAMED = re.compile(r"@([a-z0-9-]+)")
Ids = tuple[str, ...]
Value = str | int | float | tuple[str, ...] | None


def _items(value: object) -> object:
    """Let the conditions of items be written as one code or as a list of them."""
    return {key: str(item) for key, item in value.items()} if isinstance(value, dict) else value


When = Annotated[dict[str, str], BeforeValidator(_items)]
"""Codes by item; an item must have one of them."""


class Meaning(Part):
    """What a code stands for."""

    value: Value = None
    """The value of the field; None leaves it unknown."""
    also: dict[Name, Value] = Field(default_factory=dict)
    """Values of other fields that the code states as well."""
    note: Line | None = None
    unless_told: Line | None = None
    """What is said when no other item states a value of the field either."""
    refuse: Line | None = None
    """Why a record with this code is no case."""


def _meaning(value: object) -> object:
    """Let a value alone stand for a code's whole meaning."""
    return value if isinstance(value, dict) else {"value": value}


def _texts(value: object) -> object:
    """Let codes that YAML takes for numbers be text."""
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else value


CodeTable = Annotated[
    dict[str, Annotated[Meaning, BeforeValidator(_meaning)]], BeforeValidator(_texts), Field(min_length=1)
]


class Rest(Part):
    """What some extracts put after a code in the same item, as in 8500/3."""

    after: str
    """The character that the code ends before."""
    item: str
    """The item that the rest is the code of."""
    length: Annotated[int, Field(ge=1)]
    """The characters of that code; what comes after them is passed over."""


class Item(Part):
    """One item of the registry and the names that columns have for it."""

    number: int | None = None
    name: Line
    also: Ids = ()
    without: str | None = None
    """Characters that some extracts put into its codes and the registry does not, such as a full stop."""
    rest: Rest | None = None


class Check(Part):
    """What makes a record no case, or what it is best not to overlook."""

    when: When
    cancers: Ids = ()
    """The cancers it is about; all when there are none."""
    refuse: Line


class Kind(Part):
    """Which cancer a record is, by its codes: the first that fits decides."""

    when: When
    cancer: str | None = None
    sets: dict[Name, Value] = Field(default_factory=dict)
    """Values of fields that follow."""
    note: Line | None = None
    refuse: Line | None = None

    @model_validator(mode="after")
    def _one(self) -> Kind:
        """Want either a cancer or a reason."""
        if (self.cancer is None) == (self.refuse is None):
            raise ValueError("needs either `cancer` or `refuse`")
        return self


class Step(Part):
    """How one item is read into one field; of the steps for a field the first that states a value decides."""

    item: str
    field: Name
    cancers: Ids = ()
    not_cancers: Ids = ()
    when: When = Field(default_factory=dict)
    given: dict[Name, str] = Field(default_factory=dict)
    """Values of fields that must have been read before."""
    codes: CodeTable | None = None
    tables: dict[Id, Ids] = Field(default_factory=dict)
    """The named table of codes that holds in each cancer."""
    besides: Ids = ()
    """Fields of which its values may say something as well, by the table's own words."""
    note: Line | None = None
    """What is said whenever a value comes from here."""

    @model_validator(mode="after")
    def _codes(self) -> Step:
        """Want codes of its own or named tables of them."""
        if bool(self.codes) == bool(self.tables):
            raise ValueError("needs either `codes` or `tables`")
        return self

    def applies(self, cancer: str) -> bool:
        """Say whether the step holds in a cancer."""
        if self.tables:
            return any(cancer in cancers for cancers in self.tables.values())
        return cancer not in self.not_cancers and (not self.cancers or cancer in self.cancers)


class Crosswalk(Part):
    """A registry's items and what they are here."""

    standard: Line
    prefix: Name
    """What stands before the name of a column that would have the name of a field."""
    edition: Line
    sources: Annotated[dict[Id, Source], Field(min_length=1)]
    items: Annotated[dict[str, Item], Field(min_length=1)]
    lists: dict[Id, Line] = Field(default_factory=dict)
    """Codes with a name, which `@name` stands for."""
    ref: Ids = ()
    carried: Ids = ()
    """Items that stand in the answers as they are."""
    checks: tuple[Check, ...] = ()
    kinds: tuple[Kind, ...] = ()
    tables: dict[Id, CodeTable] = Field(default_factory=dict)
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    fits: tuple[Step, ...] = ()
    """What has to fit a field that is known already; where it does not, either may hold."""
    left: Line | None = None
    """What of the standard is not read, and why."""

    @field_validator("items", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        """Let a name alone stand for an item."""
        if not isinstance(value, dict):
            return value
        return {str(key): {"name": item} if isinstance(item, str) else item for key, item in value.items()}

    def written_out(self, codes: str) -> str:
        """Return codes with every named list put in."""
        return _NAMED.sub(lambda match: self.lists.get(match[1], match[0]), codes)

    def codes_of(self, step: Step, cancer: str) -> Mapping[str, Meaning]:
        """Return what the codes of a step stand for in a cancer."""
        if step.codes is not None:
            return step.codes
        return next(self.tables[name] for name, cancers in step.tables.items() if cancer in cancers)

    def meanings(self) -> Iterator[tuple[tuple[str | int, ...], str, Meaning]]:
        """Give every code with its meaning and where it stands in the file."""
        for name, table in self.tables.items():
            for code, meaning in table.items():
                yield ("tables", name, code), code, meaning
        for place, step in self.every_step():
            for code, meaning in (step.codes or {}).items():
                yield (*place, "codes", code), code, meaning

    def every_step(self) -> Iterator[tuple[tuple[str | int, ...], Step]]:
        """Give every step, and what has to fit, with where it stands in the file."""
        for section, steps in (("steps", self.steps), ("fits", self.fits)):
            yield from (((section, place), step) for place, step in enumerate(steps))

    @property
    def fields(self) -> list[str]:
        """Return every field that a reading may hold, in the order of the file."""
        found = dict.fromkeys(name for kind in self.kinds for name in kind.sets)
        found |= dict.fromkeys(step.field for step in self.steps)
        found |= dict.fromkeys(name for step in self.fits for name in step.besides)
        found |= dict.fromkeys(name for _, _, meaning in self.meanings() for name in meaning.also)
        return list(found)


def read_crosswalk(name: str, rules: Rules) -> Crosswalk:
    """Return a crosswalk: a local one where `--rules` gives a directory that has it, or the packaged one.

    Raises:
        RuleFileError: it cannot be read, or does not fit the tables.
    Example:
        >>> from riskcli.loader import load_rules
        >>> read_crosswalk("naaccr", load_rules()).items["regionalNodesPositive"].number
        820
    """
    file = f"{name}.yaml"
    places = [place for place in reversed(rules.places) if place.is_dir() and (place / file).is_file()]
    return _read((places[0] if places else rules.packaged) / file, rules)


@lru_cache(maxsize=8)
def _read(path: Path, rules: Rules) -> Crosswalk:
    """Read and check one file."""
    document = open_document(path)
    try:
        found = Crosswalk.model_validate(document.data)
    except ValidationError as error:
        raise RuleFileError([_fault(document, item) for item in error.errors(include_url=False)]) from None
    faults = list(_misfits(document, found, rules))
    if faults:
        raise RuleFileError(faults)
    return found


def _fault(document: Document, item: Mapping[str, Any]) -> Fault:
    """Word what pydantic found at a place."""
    place = tuple(part for part in item["loc"] if isinstance(part, str | int))
    key = ".".join(str(part + 1 if isinstance(part, int) else part) for part in place)
    message = item["msg"].removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        message = "is not a key that stands here; correct its name or delete it"
    elif item["type"] == "missing":
        message = "is missing"
    return document.fault(place, f"{key or 'the file'}: {message}")


def _misfits(document: Document, found: Crosswalk, rules: Rules) -> Iterator[Fault]:
    """Find codes that are none, and items, cancers and fields that are not there."""
    known = {*rules.names, *rules.planned}
    excluded = {name for item in rules.excluded for name in item["names"]}
    for place, codes in _written(found):
        try:
            Codes(found.written_out(codes))
        except CodeProblem as problem:
            yield document.fault(place, str(problem))
    for place, item in _items_used(found):
        if item not in found.items:
            yield document.fault(place, f"{item} is not one of the items{hint(item, list(found.items))}")
    for place, cancer in _cancers_used(found):
        if cancer not in known and not (place[0] == "kinds" and cancer in excluded):
            yield document.fault(place, f"{cancer} is not a cancer with a rule table{hint(cancer, known)}")
    for place, table in ((place, table) for place, step in found.every_step() for table in step.tables):
        if table not in found.tables:
            yield document.fault(place, f"{table} is not one of the tables")


Place = tuple[str | int, ...]


def _written(found: Crosswalk) -> Iterator[tuple[Place, str]]:
    """Give every list of codes with its place."""
    for place, code, _ in found.meanings():
        yield place, code
    for section, parts in _parts(found):
        for number, part in enumerate(parts):
            for item, codes in part.when.items():
                yield (section, number, "when", item), codes


def _parts(found: Crosswalk) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Give the sections whose parts have conditions."""
    yield from (
        ("checks", found.checks),
        ("kinds", found.kinds),
        ("steps", found.steps),
        ("fits", found.fits),
    )


def _items_used(found: Crosswalk) -> Iterator[tuple[Place, str]]:
    """Give every item that is named with its place."""
    yield from ((("ref",), item) for item in found.ref)
    yield from ((("items", name), item.rest.item) for name, item in found.items.items() if item.rest)
    yield from ((("carried",), item) for item in found.carried)
    for section, parts in _parts(found):
        for number, part in enumerate(parts):
            yield from (((section, number), item) for item in part.when)
    yield from ((place, step.item) for place, step in found.every_step())


def _cancers_used(found: Crosswalk) -> Iterator[tuple[Place, str]]:
    """Give every cancer that is named with its place."""
    for number, kind in enumerate(found.kinds):
        if kind.cancer is not None:
            yield ("kinds", number), kind.cancer
    for number, check in enumerate(found.checks):
        yield from ((("checks", number), cancer) for cancer in check.cancers)
    for place, step in found.every_step():
        named = [*step.cancers, *step.not_cancers, *(one for some in step.tables.values() for one in some)]
        yield from ((place, cancer) for cancer in named)
