"""What an observation leaves to others to say: the specimen it is of, its day, the groups it belongs to.

A group is an observation that lists it in `hasMember`, or a report that lists it in `result`. What stands in
the observation itself counts first. Knows no field and no medicine.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from riskcli.interop.fhir_codes import FhirCodes, SpecimenKind
from riskcli.interop.fhir_resources import (
    Found,
    Resource,
    code_names,
    concept_text,
    name_of,
    objects,
    plain_address,
    references,
    sayings,
    short,
    text,
)

_DAY = len("2026-11-25")
_LISTS = {"Observation": "hasMember", "DiagnosticReport": "result"}
_VOID = ("entered-in-error", "cancelled")
_ELSEWHERE = ("nodes", "spread")
_HIGHEST = 10
"""How many groups within groups are looked through."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A specimen: that which was taken from the person, not the blocks and slides made of it."""

    name: str
    """Its type and id, or what it is referred to by."""
    shown: str
    """What it is, for a person."""
    kind: str = ""
    """`operation`, `biopsy`, `nodes` or `spread`; nothing when that is not known."""
    date: str = ""
    """The day it was taken."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What others say of an observation."""

    sample: Sample | None = None
    date: str = ""
    """The day that its groups hold for."""
    groups: tuple[Resource, ...] = ()
    """The groups that list it, the nearest first."""
    names: frozenset[str] = frozenset()
    """The codes of its groups."""


def stated_date(resource: Resource) -> str:
    """Return the day a resource says that it holds for.

    Example:
        >>> stated_date({"effectivePeriod": {"start": "2026-03-02"}}), stated_date({"issued": "2026-03-09"})
        ('2026-03-02', '')
    """
    for key in ("effectiveDateTime", "effectiveInstant", "performedDateTime", "authoredOn"):
        if found := text(resource, key):
            return found[:_DAY]
    for key in ("effectivePeriod", "performedPeriod"):
        period = resource.get(key)
        if found := text(period, "start") or text(period, "end"):
            return found[:_DAY]
    return ""


def date_of(resource: Resource, setting: Setting | None = None) -> str:
    """Return the day a resource holds for, as far as it, its specimen or its groups say so.

    The day on which it was issued stands in for it when nothing else does.
    """
    setting = setting or Setting()
    sampled = setting.sample.date if setting.sample else ""
    issued = (text(one, "issued")[:_DAY] for one in (resource, *setting.groups))
    return stated_date(resource) or sampled or setting.date or next(filter(None, issued), "")


class Settings:
    """What the resources of one person say of each other."""

    def __init__(self, located: Sequence[Found], codes: FhirCodes, operations: Collection[str]) -> None:
        self._codes = codes
        self._days = operations
        self._found = {address: item for item in located for address in item.addresses if address[0] != "#"}
        self._inside = {
            (id(item.home), address): item
            for item in located
            for address in item.addresses
            if address[0] == "#"
        }
        self._lists: dict[int, list[Found]] = {}
        self.missing: list[tuple[str, str]] = []
        """Groups by name, with what they list and nobody gave."""
        for item in located:
            self._list(item)

    def _list(self, group: Found) -> None:
        """Remember what a group lists."""
        resource = group.resource
        key = _LISTS.get(text(resource, "resourceType"))
        if key is None or text(resource, "status") in _VOID:
            return
        for reference in references(resource, key):
            member = self.at(reference, group)
            if member is None:
                self.missing.append((name_of(resource), short(reference)))
            elif member.resource is not resource:
                self._lists.setdefault(id(member.resource), []).append(group)

    def at(self, reference: str, holder: Found) -> Found | None:
        """Return what a reference of a resource leads to."""
        if reference.startswith("#"):
            return self._inside.get((id(holder.home), reference))
        return self._found.get(reference) or self._found.get(plain_address(reference))

    def of(self, item: Found) -> Setting:
        """Return what is said of an observation.

        Example:
            >>> from riskcli.interop.fhir_codes import fhir_codes
            >>> from riskcli.interop.fhir_resources import resources_of
            >>> taken = {"resourceType": "Specimen", "id": "s", "type": {"text": "Core biopsy"}}
            >>> seen = {"resourceType": "Observation", "specimen": {"reference": "Specimen/s"}}
            >>> located = resources_of([seen, taken])
            >>> Settings(located, fhir_codes(), []).of(located[0]).sample
            Sample(name='Specimen/s', shown='Core biopsy', kind='biopsy', date='')
        """
        above = [*self._above(item)]
        around = (item, *above)
        sample = next((found for one in around if (found := self._sample(one))), None) or self._place(item)
        date = next(filter(None, (stated_date(one.resource) for one in above)), "")
        names = frozenset(name for one in above for name in code_names(self._codes, one.resource.get("code")))
        return Setting(sample, date, tuple(one.resource for one in above), names)

    def _above(self, item: Found) -> Iterator[Found]:
        """Give the groups of a resource, and the groups of these."""
        seen, level = {id(item.resource)}, [item]
        for _ in range(_HIGHEST):
            wider: dict[int, Found] = {}
            for one in level:
                for group in self._lists.get(id(one.resource), ()):
                    wider.setdefault(id(group.resource), group)
            level = [group for key, group in wider.items() if key not in seen]
            seen |= {*wider}
            yield from level

    def _sample(self, holder: Found) -> Sample | None:
        """Return the one specimen that a resource is of."""
        referred = objects(holder.resource, "specimen")
        if len(referred) != 1:
            return None
        reference = text(referred[0], "reference")
        found = self.at(reference, holder) if reference else None
        if found is not None:
            return self._whole(found)
        shown = short(text(referred[0], "display"))
        number = next((text(one, "value") for one in objects(referred[0], "identifier")), "")
        name = short(reference or number) or shown
        return Sample(name, shown or name, self._kind([], [shown], "")) if name else None

    def _place(self, item: Found) -> Sample | None:
        """Return the place that an observation is about, where that is no place of the tumour."""
        concept = item.resource.get("bodySite")
        names, said = code_names(self._codes, concept), sayings(concept)
        kind = self._kind(names, said, "")
        shown = concept_text(concept)
        return Sample(shown, shown, kind) if kind in _ELSEWHERE and shown else None

    def _whole(self, found: Found) -> Sample:
        """Return the specimen that was taken, of which another may be a part."""
        seen = [found.resource]
        while len(parents := references(found.resource, "parent")) == 1:
            parent = self.at(parents[0], found)
            if parent is None or any(parent.resource is one for one in seen):
                break
            found = parent
            seen.append(found.resource)
        resource = found.resource
        taken = next(iter(objects(resource, "collection")), {})
        period = next(iter(objects(taken, "collectedPeriod")), {})
        date = (text(taken, "collectedDateTime") or text(period, "start"))[:_DAY]
        concepts = [resource.get("type"), taken.get("method"), taken.get("bodySite")]
        names = [name for concept in concepts for name in code_names(self._codes, concept)]
        shown = next(filter(None, map(concept_text, concepts)), "")
        return Sample(
            name_of(resource),
            shown or name_of(resource),
            self._kind(names, [line for one in concepts for line in sayings(one)], date),
            date,
        )

    def _kind(self, names: Sequence[str], said: Sequence[str], date: str) -> str:
        """Return what a specimen is: by its codes, by what they say, or by the day it was taken."""
        kinds = self._codes.specimens
        for kind in kinds:
            if self._codes.matching(names, kind.codes):
                return kind.kind
        for kind in kinds:
            if any(_matches(kind, line) for line in said):
                return kind.kind
        return "operation" if date in self._days else ""


def _matches(kind: SpecimenKind, said: str) -> bool:
    """Say whether what is said of a specimen is what a kind is known by."""
    return kind.pattern is not None and re.search(kind.pattern, said.lower()) is not None
