"""Which cancer a person's conditions name, and which of several is meant. Knows no cancer itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from riskcli.errors import listed
from riskcli.interop.fhir_codes import Cancer, FhirCodes
from riskcli.interop.fhir_resources import (
    Found,
    Resource,
    claims,
    code_names,
    concept_text,
    name_of,
    objects,
    references,
    refused,
    text,
)
from riskcli.words import say

_NOT_SO = ("refuted", "entered-in-error")
_NOT_SURE = ("unconfirmed", "provisional", "differential")
_MORPHOLOGY = "mcode-histology-morphology-behavior"


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

    @property
    def resource(self) -> Resource:
        """The condition itself."""
        return self.found.resource


@dataclass
class Conditions:
    """A person's cancers."""

    primary: list[Condition] = field(default_factory=list)
    secondary: list[Condition] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def conditions_of(found: Iterable[Found], codes: FhirCodes, observed: Sequence[str]) -> Conditions:
    """Return the cancers among a person's conditions; `observed` are the morphologies of observations."""
    sorted_out = Conditions()
    for item in found:
        resource = item.resource
        status = {text(coding, "code") for coding in objects(resource.get("verificationStatus"), "coding")}
        if text(resource, "resourceType") != "Condition" or status & {*_NOT_SO}:
            continue
        condition, secondary = _read(item, codes, observed)
        if condition is None:
            continue
        if doubtful := status & {*_NOT_SURE}:
            note = say("fhir.unsure", name=condition.name, shown=condition.shown, status=min(doubtful))
            sorted_out.notes.append(note)
        elif secondary == "nodes":
            sorted_out.notes.append(say("fhir.nodes", name=condition.name, shown=condition.shown))
        else:
            (sorted_out.secondary if secondary else sorted_out.primary).append(condition)
    return sorted_out


def _read(found: Found, codes: FhirCodes, observed: Sequence[str]) -> tuple[Condition | None, str]:
    """Return a condition as a cancer, and whether it is a secondary one: `spread`, `nodes` or nothing."""
    resource = found.resource
    names, shown = code_names(codes, resource.get("code")), concept_text(resource.get("code"))
    sites = [name for site in objects(resource, "bodySite") for name in code_names(codes, site)]
    clinical = {text(coding, "code") for coding in objects(resource.get("clinicalStatus"), "coding")}
    entry = _longest(names, "codes", codes)
    spread = claims(resource, codes.secondary_profiles)
    secondary = _secondary(names, shown, codes, spread) if entry is None or spread else ""
    primary = claims(resource, codes.primary_profiles)
    if entry is None and (primary or codes.matching(names, codes.anywhere)):
        entry = _longest(sites, "sites", codes)
        primary = True
    if entry is None and not secondary and not primary:
        return None, ""
    own = [name for concept in morphologies(resource) for name in code_names(codes, concept)]
    cancers, sure = _cancers(entry, [*own, *observed], codes) if entry and not secondary else ((), True)
    condition = Condition(
        found,
        name_of(resource),
        shown,
        cancers,
        (entry.says or "") if entry and not sure else "",
        frozenset(_sides(resource, [*names, *sites], codes)),
        bool(clinical & {*codes.recurrent}),
    )
    return condition, secondary


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


def _secondary(names: Sequence[str], shown: str, codes: FhirCodes, claimed: bool) -> str:
    """Say whether a condition is cancer that has spread: to distant places, or to lymph nodes."""
    said = shown.lower()
    known = bool(codes.matching(names, codes.secondary))
    nodes = bool(codes.matching(names, codes.secondary_nodes))
    worded = any(words in said for words in codes.secondary_texts)
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
        if {*qualifiers, *names} & {*sided}:
            yield side


def choose(conditions: Conditions, cancer: str | None) -> tuple[str | None, Condition | None]:
    """Return the cancer that is meant and its condition; `cancer` is the one that is asked for.

    Raises:
        CaseError: none is named, several are, or the kind of the one is open.
    """
    primary = conditions.primary
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


def _one(primary: Sequence[Condition], cancer: str | None) -> tuple[str, Condition]:
    """Return the one cancer of some conditions.

    Raises:
        CaseError: there are several, on two sides, or the kind of the one is open.
    """
    first = primary[0]
    named = {condition.cancers for condition in primary}
    sides = {condition.sides for condition in primary if condition.sides}
    if len(named) > 1 or len(sides) > 1:
        shown = [f"{condition.shown} ({condition.name})" for condition in primary]
        raise refused("which" if len(named) > 1 else "two_sides", listed=listed(shown, "and"))
    if cancer and cancer in first.cancers:
        return cancer, first
    if first.says or len(first.cancers) > 1:
        kinds = listed(first.cancers)
        raise refused("kind", name=first.name, shown=first.shown, says=first.says, kinds=kinds)
    return first.cancers[0], first


def about_others(chosen: Condition | None, conditions: Conditions) -> frozenset[str]:
    """Return the addresses of the cancers that are not meant."""
    if chosen is None:
        return frozenset()
    others = [condition for condition in conditions.primary if condition.cancers != chosen.cancers]
    return frozenset(address for condition in others for address in condition.found.addresses)


def is_about(resource: Resource, others: frozenset[str], groups: Sequence[Resource] = ()) -> bool:
    """Say whether a resource is about another cancer than the one that is meant.

    Where it does not say what it is about, the nearest of its `groups` that does tells.
    """
    named = next(filter(None, map(_about, (resource, *groups))), [])
    return bool(named) and all(address in others for address in named)


def _about(resource: Resource) -> list[str]:
    """Return what a resource says it is about."""
    related = [
        reference
        for extension in objects(resource, "extension")
        for reference in references(extension, "valueReference")
    ]
    return [*references(resource, "focus", "reasonReference"), *related]
