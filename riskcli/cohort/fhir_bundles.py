"""A bundle of FHIR to the patients in it. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskcli.cohort.fhir_index import PATIENT, Resource, patient_id, patient_of

BUNDLE = "Bundle"


def resources_of(bundle: Mapping[str, Any]) -> list[Resource]:
    """Return the resources of a bundle, and of the bundles in it.

    Example:
        >>> inner = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}
        >>> resources_of({"resourceType": "Bundle", "entry": [{"resource": inner}, {}]})
        [{'resourceType': 'Patient'}]
    """
    found: list[Resource] = []
    for resource in map(_resource, _entries(bundle)):
        found += resources_of(resource) if kind_of(resource) == BUNDLE else [resource] if resource else []
    return found


def by_patient(bundle: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return a bundle for each patient in it, by their ids; what names no patient belongs to each.

    Example:
        >>> entries = [{"resource": {"resourceType": "Patient", "id": name}} for name in "ab"]
        >>> found = by_patient({"resourceType": "Bundle", "entry": entries})
        >>> [(name, len(part["entry"])) for name, part in found.items()]
        [('a', 1), ('b', 1)]
        >>> by_patient({"resourceType": "Bundle"})
        {'': {'resourceType': 'Bundle'}}
    """
    entries = _entries(bundle)
    ids: dict[str, str] = {}
    """The patients by each of their names: their id, and the address of their entry."""
    for entry in entries:
        if kind_of(_resource(entry)) == PATIENT:
            names = [patient_of(_resource(entry)), patient_id(entry.get("fullUrl"))]
            known = [name for name in names if name]
            ids |= dict.fromkeys(known, known[0] if known else "")
    whose = [patient_of(_resource(entry)) for entry in entries]
    parts: dict[str, list[Mapping[str, Any]]] = {patient: [] for patient in ids.values()}
    parts |= {ids.get(one, one): [] for one in whose if one is not None}
    if len(parts) < 2:
        return {next(iter(parts), ""): bundle}
    for entry, one in zip(entries, whose, strict=True):
        for patient in parts if one is None else [ids.get(one, one)]:
            parts[patient].append(entry)
    return {patient: {**bundle, "entry": part} for patient, part in parts.items()}


def _entries(bundle: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the entries of a bundle that are entries."""
    found = bundle.get("entry")
    return [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list) else []


def _resource(entry: Mapping[str, Any]) -> Resource:
    """Return the resource of an entry; an empty one where there is none."""
    found = entry.get("resource")
    return found if isinstance(found, Mapping) else {}


def kind_of(found: Any) -> Any:
    """Return the type of a resource."""
    return found.get("resourceType") if isinstance(found, Mapping) else None
