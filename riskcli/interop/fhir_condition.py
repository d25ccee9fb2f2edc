"""Which cancer a person's conditions name, and which of several is meant. Knows no cancer itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from riskcli.errors import listed
from riskcli.interop.fhir_codes import Cancer, FhirCodes
from riskcli.interop.fhir_morphology import Told, told_by
from riskcli.interop.fhir_resources import (
    Found,
    Resource,
    claims,
    code_names,
    concept_text,
    name_of,
    objects,
    plain_address,
    references,
    refused,
    sayings,
    text,
)
from riskcli.loader import Rules
from riskcli.words import say

ANY = "any"
"""A cancer in situ that names no organ."""
_NOT_SO = ("refuted", "entered-in-error")
_NOT_SURE = ("unconfirmed", "provisional", "differential")
_MORPHOLOGY = "mcode-histology-morphology-behavior"


@dataclass(frozen=True, slots=True)
class Observed:
    """What an observation states of the morphology of a cancer."""

    names: tuple[str, ...]
    about: tuple[str, ...] = ()
    """The conditions it is about; none when it does not say."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that is a cancer."""

    found: Found
    name: str
    """Its type and id."""
    shown: str
    """What it says to a person."""
    cancers: tuple[str, ...]
    """The cancer it names, or those that it may be."""
    says: str = ""
    """What it is called while its kind is open; nothing when it is not."""
    sides: frozenset[str] = frozenset()
    recurrent: bool = False
    spread: bool = False
    """Whether it is said to have spread to distant places."""
    morphology: Told | None = None
    """What its morphology is, as registries would read it."""
    same: tuple[Found, ...] = ()
    """Other conditions of the same cancer."""

    @property
    def resource(self) -> Resource:
        """The condition itself."""
        return self.found.resource


@dataclass
class Conditions:
    """A person's cancers."""

    primary: list[Condition] = field(default_factory=list)
    secondary: list[Condition] = field(default_factory=list)
    recurrences: list[Condition] = field(default_factory=list)
    in_situ: list[tuple[str, str]] = field(default_factory=list)
    """What is cancer in situ: the cancer it would be, and what it says to a person."""
    notes: list[str] = field(default_factory=list)
    others: list[Found] = field(default_factory=list)
    """Conditions that are no cancer of the kinds above, except of lymph nodes."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a condition says, before it is known how many there are."""

    condition: Condition
    kind: str
    """`primary`, `secondary`, `nodes` or `recurrences`."""
    entry: Cancer | None
    names: tuple[str, ...]
    denied: bool = False
    """Whether it speaks of spread or recurrence as of something that is not so or not known."""


def conditions_of(
    found: Iterable[Found], codes: FhirCodes, observed: Sequence[Observed], rules: Rules
) -> Conditions:
    """Return the cancers among a person's conditions; `observed` is what is seen of their morphology."""
    sorted_out, readings = Conditions(), []
    for item in found:
        status = {text(one, "code") for one in objects(item.resource.get("verificationStatus"), "coding")}
        reading = None if status & {*_NOT_SO} else _read(item, codes)
        if reading is None:
            sorted_out.others.append(item)
            if not status & {*_NOT_SO}:
                sorted_out.in_situ += _in_situ(item, codes)
            continue
        condition = reading.condition
        if doubtful := status & {*_NOT_SURE}:
            note = say("fhir.unsure", name=condition.name, shown=condition.shown, status=min(doubtful))
            sorted_out.notes.append(note)
        elif reading.kind == "nodes":
            sorted_out.notes.append(say("fhir.nodes", name=condition.name, shown=condition.shown))
        else:
            readings.append(reading)
        if reading.denied:
            sorted_out.notes.append(say("fhir.denied", name=condition.name, shown=condition.shown))
    alone = len([reading for reading in readings if reading.kind == "primary"]) == 1
    for reading in readings:
        condition = _named(reading, codes, observed, alone, rules)
        getattr(sorted_out, reading.kind).append(condition)
    return sorted_out


def _read(found: Found, codes: FhirCodes) -> _Reading | None:
    """Return what a condition says; None when it is no cancer."""
    resource = found.resource
    concept = resource.get("code")
    names, shown = code_names(codes, concept), concept_text(concept)
    said = " ; ".join(sayings(concept)).lower()
    sites = [name for site in objects(resource, "bodySite") for name in code_names(codes, site)]
    clinical = {text(coding, "code") for coding in objects(resource.get("clinicalStatus"), "coding")}
    entry = _longest(names, "codes", codes)
    claimed = claims(resource, codes.secondary_profiles)
    denied = re.search(codes.denied_pattern, said) is not None
    spread = _spread(names, said, codes, claimed, denied)
    recurrent = _recurrent(names, said, codes, denied)
    primary = claims(resource, codes.primary_profiles)
    if entry is None and (primary or codes.matching(names, codes.anywhere)):
        entry, primary = _longest(sites, "sites", codes), True
    kind = "primary" if entry or primary else ""
    if spread and (claimed or entry is None):
        kind, entry = ("nodes" if spread == "nodes" else "secondary"), None
    elif recurrent and not kind:
        kind = "recurrences"
    if not kind:
        return None
    condition = Condition(
        found,
        name_of(resource),
        shown,
        (),
        sides=frozenset(_sides(resource, [*names, *sites], codes)),
        recurrent=recurrent or bool(clinical & {*codes.recurrent}),
        spread=spread == "spread" and kind == "primary",
    )
    worded = re.search(codes.secondary_pattern, said) or re.search(codes.recurrent_pattern, said)
    said_otherwise = denied and worded is not None and not (spread or recurrent)
    return _Reading(condition, kind, entry, (*names, *sites), said_otherwise)


def _in_situ(found: Found, codes: FhirCodes) -> Iterator[tuple[str, str]]:
    """Give the cancer that a condition in situ would be, and what it says to a person."""
    concept = found.resource.get("code")
    for cancer, listed_codes in codes.in_situ.items():
        if codes.matching(code_names(codes, concept), listed_codes):
            yield cancer, f"{name_of(found.resource)} ({concept_text(concept)})"


def _recurrent(names: Sequence[str], said: str, codes: FhirCodes, denied: bool) -> bool:
    """Say whether a condition is cancer that came back."""
    if codes.matching(names, codes.recurrent_codes):
        return True
    worded = re.search(codes.recurrent_pattern, said) and re.search(codes.recurrent_of, said)
    return bool(worded) and not denied


def _named(
    reading: _Reading, codes: FhirCodes, observed: Sequence[Observed], alone: bool, rules: Rules
) -> Condition:
    """Return a condition with the cancer that it and what is seen of its morphology name."""
    condition, entry = reading.condition, reading.entry
    if entry is None:
        return condition
    own = [name for concept in morphologies(condition.resource) for name in code_names(codes, concept)]
    loose: list[str] = []
    for one in observed:
        addresses = {plain_address(address) for address in one.about}
        if addresses & condition.found.addresses:
            own += one.names
        elif not addresses and alone:
            loose += one.names
    told = told_by(reading.names, entry, own, codes, rules)
    if told is None:
        told = told_by(reading.names, entry, loose, codes, rules, loose=True)
    own += loose
    cancers, sure = _cancers(entry, own, codes)
    if told is not None and not (told.refuse and told.loose) and (told.refuse or not (entry.kinds and sure)):
        cancers, sure = told.cancers, len(told.cancers) == 1
    return replace(condition, cancers=cancers, says="" if sure else (entry.says or ""), morphology=told)


def _longest(names: Sequence[str], part: str, codes: FhirCodes) -> Cancer | None:
    """Return what the codes of a condition stand for, or those of its site: what is most exact."""
    found = [
        (code, entry) for entry in codes.cancers if (code := codes.matching(names, getattr(entry, part)))
    ]
    return max(found, key=lambda pair: len(pair[0]))[1] if found else None


def _cancers(entry: Cancer, observed: Sequence[str], codes: FhirCodes) -> tuple[tuple[str, ...], bool]:
    """Return the cancer of an entry, or the kinds that it may be; and whether that is sure."""
    for kinds in (entry.kinds, codes.elsewhere):
        told = [kind.cancer for kind in kinds if codes.matching(observed, kind.morphologies)]
        if told:
            return tuple(told), len(told) == 1
    if entry.cancer:
        return (entry.cancer,), True
    return tuple(kind.cancer for kind in entry.kinds), False


def _spread(names: Sequence[str], said: str, codes: FhirCodes, claimed: bool, denied: bool) -> str:
    """Say whether a condition is cancer that has spread: to distant places, to lymph nodes, or neither."""
    known = bool(codes.matching(names, codes.secondary))
    nodes = bool(codes.matching(names, codes.secondary_nodes))
    worded = not denied and re.search(codes.secondary_pattern, said) is not None
    if not (known or nodes or worded or claimed):
        return ""
    if nodes or (not known and any(words in said for words in codes.secondary_node_texts)):
        return "nodes"
    return "spread"


def morphologies(resource: Resource) -> Iterator[Mapping[str, object]]:
    """Give the concepts in which a condition states its morphology."""
    for extension in objects(resource, "extension"):
        if text(extension, "url").rpartition("/")[2] == _MORPHOLOGY:
            yield from objects(extension, "valueCodeableConcept")


def _sides(resource: Resource, names: Sequence[str], codes: FhirCodes) -> Iterator[str]:
    """Give the sides that a condition names."""
    qualifiers = [
        name
        for site in objects(resource, "bodySite")
        for extension in objects(site, "extension")
        for name in code_names(codes, extension.get("valueCodeableConcept"))
    ]
    for side, sided in codes.sides.items():
        if {*qualifiers, *names} & {*sided} or any(
            re.fullmatch(codes.side_patterns[side], name) for name in names
        ):
            yield side


def sides_of(resource: Resource, codes: FhirCodes) -> frozenset[str]:
    """Return the sides that an operation names: by a code, a place, or a word."""
    concepts = [*objects(resource, "code"), *objects(resource, "bodySite")]
    names = [name for concept in concepts for name in code_names(codes, concept)]
    said = " ; ".join(line for concept in concepts for line in sayings(concept)).lower()
    words = {side for side, word in codes.side_words.items() if re.search(word, said)}
    return frozenset({*_sides(resource, names, codes)} | words)


def choose(conditions: Conditions, cancer: str | None) -> tuple[str, Condition | None]:
    """Return the cancer that is meant and its condition; `cancer` is the one that is asked for.

    Raises:
        CaseError: none is named, several are, the kind of the one is open, or no table covers its morphology.
    """
    primary = [one for one in conditions.primary if not _turned_away(one, cancer)]
    for left in conditions.primary:
        if not primary and left.morphology:
            key, told = "no_table_or" if left.morphology.loose else "no_table", left.morphology
            raise refused(key, name=left.name, shown=left.shown, code=told.code, why=told.refuse)
    in_situ = [shown for of, shown in conditions.in_situ if cancer in (None, of) or of == ANY]
    if in_situ and not (primary or conditions.secondary):
        raise refused("in_situ", listed=listed(in_situ, "and"))
    if cancer:
        fitting = [condition for condition in primary if cancer in condition.cancers]
        unknown = [condition for condition in primary if not condition.cancers]
        if not fitting and len(unknown) == len(primary) <= 1:
            return cancer, unknown[0] if unknown else None
        primary = fitting or primary
    elif any(not condition.cancers for condition in primary):
        strange = next(condition for condition in primary if not condition.cancers)
        raise refused("unmapped", name=strange.name, shown=strange.shown)
    if not primary:
        raise refused("no_cancer" if not conditions.secondary else "only_secondary")
    return _one(primary, cancer)


def _turned_away(condition: Condition, cancer: str | None) -> bool:
    """Say whether no table covers the morphology of a condition.

    One that does not say which tumour it is of gives way to a cancer that is named.
    """
    told = condition.morphology
    return bool(told and told.refuse) and not (told and told.loose and cancer)


def _one(primary: Sequence[Condition], cancer: str | None) -> tuple[str, Condition]:
    """Return the one cancer of some conditions.

    Raises:
        CaseError: there are several, on two sides, or the kind of the one is open.
    """
    named = {condition.cancers for condition in primary}
    sides = {condition.sides for condition in primary if condition.sides}
    if len(named) > 1 or len(sides) > 1:
        shown = [f"{condition.shown} ({condition.name})" for condition in primary]
        raise refused("which" if len(named) > 1 else "two_sides", listed=listed(shown, "and"))
    first = _as_one(primary)
    if cancer and cancer in first.cancers:
        return cancer, first
    if first.says or len(first.cancers) > 1:
        kinds = listed(first.cancers)
        raise refused("kind", name=first.name, shown=first.shown, says=first.says, kinds=kinds)
    return first.cancers[0], first


def _as_one(same: Sequence[Condition]) -> Condition:
    """Return several conditions of one cancer as one: what any of them says of it holds."""
    return replace(
        same[0],
        recurrent=any(one.recurrent for one in same),
        spread=any(one.spread for one in same),
        same=tuple(one.found for one in same[1:]),
    )


def about_others(chosen: Condition | None, conditions: Conditions) -> frozenset[str]:
    """Return the addresses of all conditions that are not the cancer that is meant.

    What is about cancer in lymph nodes may be about its nodes.
    """
    if chosen is None:
        return frozenset()
    meant = {id(item.resource) for item in (chosen.found, *chosen.same)}
    listed_ones = [one.found for one in (*conditions.primary, *conditions.secondary, *conditions.recurrences)]
    others = [item for item in (*listed_ones, *conditions.others) if id(item.resource) not in meant]
    return frozenset(address for item in others for address in item.addresses)


def is_about(resource: Resource, others: frozenset[str], groups: Sequence[Resource] = ()) -> bool:
    """Say whether a resource is about another cancer than the one that is meant.

    Where it does not say what it is about, the nearest of its `groups` that does tells.
    """
    named = next(filter(None, map(about, (resource, *groups))), [])
    return bool(named) and all({address, plain_address(address)} & others for address in named)


def about(resource: Resource) -> list[str]:
    """Return what a resource says it is about."""
    related = [
        reference
        for extension in objects(resource, "extension")
        for reference in references(extension, "valueReference")
    ]
    return [*references(resource, "focus", "reasonReference"), *related]
