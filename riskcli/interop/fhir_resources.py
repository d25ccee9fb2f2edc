"""A bundle, a list or one resource to the resources of one person. Knows no medicine and no file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskcli.errors import CaseError, Problem
from riskcli.interop.fhir_codes import FhirCodes
from riskcli.words import say

Resource = Mapping[str, Any]

_LONGEST = 60
"""The most characters of a text from a file that are repeated."""
_VERSION = re.compile(r"/_history/[^/]*$")
KIND = re.compile(r" ?\([a-z ]{1,60}\)$")
"""The kind of a concept behind its name, as in `Positive (qualifier value)`."""


def refused(key: str, **values: object) -> CaseError:
    """Word why what was given is no case."""
    return CaseError([Problem(None, None, say(f"fhir.{key}", **values))])


def _held(holder: object, key: str) -> object:
    """Return what stands under a key of an object; nothing for what is none."""
    # parsed JSON is a dict, which is quicker to ask for than an abstract class
    return holder.get(key) if type(holder) is dict or isinstance(holder, Mapping) else None


def text(holder: object, key: str) -> str:
    """Return the text under a key; nothing when there is none.

    Example:
        >>> text({"status": "final"}, "status"), text({"status": 3}, "status"), text(None, "status")
        ('final', '', '')
    """
    found = _held(holder, key)
    return found if isinstance(found, str) else ""


def objects(holder: object, key: str) -> list[Mapping[str, Any]]:
    """Return the objects under a key, one as well as a list of them.

    Example:
        >>> objects({"code": {"text": "a"}}, "code"), objects({"code": ["a", {"text": "b"}]}, "code")
        ([{'text': 'a'}], [{'text': 'b'}])
    """
    found = _held(holder, key)
    listed = found if isinstance(found, list) else [found]
    return [item for item in listed if type(item) is dict or isinstance(item, Mapping)]


def texts(holder: object, key: str) -> list[str]:
    """Return the texts under a key."""
    found = _held(holder, key)
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def short(said: str) -> str:
    """Return a text from a file on one line, not too long.

    Example:
        >>> short("a" * 99)[-4:], short("a  b")
        ('a...', 'a b')
    """
    line = " ".join(said[: 4 * _LONGEST].split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def name_of(resource: Resource) -> str:
    """Return what a resource is called: its type and id."""
    kind, own = text(resource, "resourceType"), text(resource, "id")
    return short(f"{kind}/{own}" if own else kind)


def profiles(resource: Resource) -> list[str]:
    """Return the profiles that a resource claims."""
    return texts(resource.get("meta"), "profile")


def claims(resource: Resource, wanted: Sequence[str]) -> bool:
    """Say whether a resource claims one of some profiles, whatever their version.

    Example:
        >>> resource = {"meta": {"profile": ["http://x.org/StructureDefinition/mcode-tumor-size|4.0.0"]}}
        >>> claims(resource, ["mcode-tumor-size"]), claims(resource, ["mcode-tumor"])
        (True, False)
    """
    ends = (profile.partition("|")[0].rpartition("/")[2] for profile in profiles(resource))
    return any(end in wanted for end in ends)


def code_names(codes: FhirCodes, concept: object) -> list[str]:
    """Return the codes of a concept by the short names of their systems; others are left out."""
    found = []
    for coding in objects(concept, "coding"):
        system, code = codes.by_uri.get(text(coding, "system")), text(coding, "code")
        if system and code:
            found.append(f"{system} {code}")
    return found


def concept_text(concept: object) -> str:
    """Return what a concept says to a person.

    Example:
        >>> concept_text({"coding": [{"code": "10828004", "display": "Positive (qualifier value)"}]})
        'Positive'
    """
    shown = [text(concept, "text"), *(text(coding, "display") for coding in objects(concept, "coding"))]
    shown += [text(coding, "code") for coding in objects(concept, "coding")]
    return short(KIND.sub("", next(filter(None, shown), "")))


def sayings(concept: object) -> list[str]:
    """Return all that a concept says to a person, in its text and in every coding.

    Example:
        >>> sayings({"text": "Mastectomy", "coding": [{"display": "Simple mastectomy"}, {"code": "1"}]})
        ['Mastectomy', 'Simple mastectomy']
    """
    told = [text(concept, "text"), *(text(coding, "display") for coding in objects(concept, "coding"))]
    return [line for line in told if line]


def references(resource: Resource, *keys: str) -> list[str]:
    """Return what a resource refers to under some keys."""
    return [
        reference for key in keys for item in objects(resource, key) if (reference := text(item, "reference"))
    ]


def plain_address(reference: str) -> str:
    """Return what a reference leads to, whatever the server and the version: the type and the id.

    Example:
        >>> plain_address("https://a.org/fhir/Condition/7/_history/2"), plain_address("urn:uuid:7")
        ('Condition/7', 'urn:uuid:7')
    """
    return "/".join(_VERSION.sub("", reference).split("/")[-2:])


@dataclass(frozen=True, slots=True)
class Found:
    """A resource and the addresses by which others refer to it."""

    resource: Resource
    addresses: frozenset[str]
    home: Resource
    """The resource it is contained in, else itself: what `#` refers to stands there."""


def resources_of(data: object) -> list[Found]:
    """Return every resource of a bundle, a list or a resource, with those contained in others.

    Of several versions of one resource the last one counts.

    Raises:
        CaseError: it holds none.
    Example:
        >>> data = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "a"}}]}
        >>> [sorted(found.addresses) for found in resources_of(data)]
        [['Patient/a']]
    """
    latest: dict[object, Found] = {}
    for number, (resource, address, home) in enumerate(_walk(data)):
        kind, own = text(resource, "resourceType"), text(resource, "id")
        inside = home is not resource
        addresses = frozenset(filter(None, (address, f"{kind}/{own}" if own and not inside else "")))
        key: object = (kind, own, id(home) if inside else 0) if own else number
        if key not in latest or _stamp(resource) > _stamp(latest[key].resource):
            latest[key] = Found(resource, addresses, home)
    if not latest:
        raise refused("not_fhir" if not _is_bundle(data) else "empty")
    return list(latest.values())


def _is_bundle(data: object) -> bool:
    """Say whether data are a bundle or a list, even an empty one."""
    return isinstance(data, list) or text(data, "resourceType") == "Bundle"


def _stamp(resource: Resource) -> str:
    """Return when a resource was changed last."""
    return text(resource.get("meta"), "lastUpdated")


def _walk(data: object) -> Iterator[tuple[Resource, str, Resource]]:
    """Give the resources in data, each with the address its bundle gives it and what it is contained in."""
    stack: list[tuple[object, str, Resource | None]] = [(data, "", None)]
    while stack:
        item, address, home = stack.pop()
        inside: list[tuple[object, str, Resource | None]] = []
        if isinstance(item, list):
            inside = [(inner, "", None) for inner in item]
        elif text(item, "resourceType") == "Bundle":
            inside = [
                (entry.get("resource"), text(entry, "fullUrl"), None) for entry in objects(item, "entry")
            ]
        elif isinstance(item, Mapping) and text(item, "resourceType"):
            yield item, address, home or item
            inside = [(inner, f"#{text(inner, 'id')}", home or item) for inner in objects(item, "contained")]
        stack += reversed(inside)


def has_more_pages(data: object) -> bool:
    """Say whether a bundle is one page of several.

    Example:
        >>> has_more_pages({"resourceType": "Bundle", "link": [{"relation": "next", "url": "?page=2"}]})
        True
    """
    return any(text(link, "relation") == "next" for link in objects(data, "link"))


def check_release(resources: Sequence[Resource], codes: FhirCodes) -> None:
    """Refuse another release of FHIR where an element gives it away.

    Raises:
        CaseError: with the release and the element.
    """
    for resource in resources:
        kind = text(resource, "resourceType")
        for version in codes.versions:
            for element in version.elements.get(kind, ()):
                if element in resource:
                    raise refused("release", release=version.is_, element=f"{kind}.{element}")
        if kind == "Condition" and isinstance(resource.get("clinicalStatus"), str):
            raise refused("release", release="DSTU2 or STU3", element="Condition.clinicalStatus")


def check_one_person(found: Sequence[Found]) -> None:
    """Refuse the resources of several people.

    Raises:
        CaseError: there are several patients, or resources of several subjects.
    """
    patients = [item for item in found if text(item.resource, "resourceType") == "Patient"]
    if len(patients) > 1:
        raise refused("patients", number=len(patients))
    own = {address: "" for item in patients for address in item.addresses}
    kinds = ("Condition", "Observation", "Procedure")
    subjects = {
        own.get(reference, own.get(plain_address(reference), plain_address(reference)))
        for item in found
        if text(item.resource, "resourceType") in kinds
        for reference in references(item.resource, "subject")
        if not reference.startswith("#")
    }
    if len(subjects) > 1:
        raise refused("patients", number=len(subjects))
