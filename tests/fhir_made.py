"""Single FHIR resources made for tests, and what is read of them."""

from __future__ import annotations

from typing import Any

from riskcli.interop.fhir import read_resources
from riskcli.interop.fhir_codes import fhir_codes
from riskcli.interop.readings import Reading
from riskcli.loader import load_rules

RULES = load_rules()
CODES = fhir_codes()
URIS = {name: system.uris[0] for name, system in CODES.systems.items()}
ONKO = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/StructureDefinition/"
PATHO = ONKO.replace("onko", "patho")
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/"


def concept(*codes: str, text: str = "") -> dict[str, Any]:
    """Return a concept of codes such as `loinc 21893-3`; a system that is an address stands as it is."""
    codings = [dict(zip(("system", "code"), code.split(" ", 1), strict=True)) for code in codes]
    for coding in codings:
        coding["system"] = URIS.get(coding["system"], coding["system"])
    return {"coding": codings, **({"text": text} if text else {})}


def said(*codes: str, text: str = "") -> dict[str, Any]:
    """Return a value that is a concept."""
    return {"valueCodeableConcept": concept(*codes, text=text)}


def number(value: float, unit: str = "", comparator: str = "") -> dict[str, Any]:
    """Return a value that is a number with its unit."""
    parts = {"value": value, "code": unit, "comparator": comparator}
    return {"valueQuantity": {key: part for key, part in parts.items() if part != ""}}


def seen(code: str, value: dict[str, Any], on: str = "", **more: Any) -> dict[str, Any]:
    """Return an observation."""
    dated = {"effectiveDateTime": on} if on else {}
    return {
        "resourceType": "Observation",
        "id": f"o-{code.split()[-1]}-{on}",
        "status": "final",
        "code": concept(code),
        **value,
        **dated,
        **more,
    }


def profile(address: str) -> dict[str, Any]:
    """Return what claims a profile."""
    return {"meta": {"profile": [address]}}


def cancer(*codes: str, name: str = "c", **more: Any) -> dict[str, Any]:
    """Return a condition."""
    return {"resourceType": "Condition", "id": name, "code": concept(*codes), **more}


def operation(on: str, code: str = "snomed 64368001", **more: Any) -> dict[str, Any]:
    """Return an operation that removed a cancer."""
    dated = {"performedDateTime": on} if on else {}
    return {
        "resourceType": "Procedure",
        "id": f"p-{on}",
        "status": "completed",
        "code": concept(code),
        **dated,
        **more,
    }


BREAST = cancer("icd10 C50.4")
COLON = cancer("icd10 C18.2")
PROSTATE = cancer("icd10 C61")


def read(*resources: dict[str, Any], given: str | None = None) -> Reading:
    """Read the resources of one person."""
    return read_resources(resources, given, RULES)


def record(*resources: dict[str, Any]) -> dict[str, Any]:
    """Return the record of one person."""
    reading = read(*resources)
    assert reading.refused is None
    return reading.record


def notes(*resources: dict[str, Any]) -> str:
    """Return what is said of a reading."""
    return "\n".join(read(*resources).notes)


def refusal(*resources: dict[str, Any], given: str | None = None) -> str:
    """Return why resources are no case."""
    reading = read(*resources, given=given)
    assert reading.refused is not None
    return str(reading.refused)
