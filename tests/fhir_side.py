"""Invented patients in FHIR, and the case that each of them is: for tests and benchmarks. No real person."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

Resource = dict[str, Any]

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
CANCERS = {"breast": "254837009", "colon": "363406005"}
GRADES = {1: "LA27823-6", 2: "LA27824-4", 3: "LA27825-1"}
MARKERS = {"er": "85337-4", "pr": "85339-0", "her2": "48676-1"}
POLARITY = {"positive": "10828004", "negative": "260385009"}
PRESENCE = {"present": "52101004", "absent": "2667000"}
_MISSING = 0.2
TYPES = ("Condition", "Observation", "Patient", "Procedure")


class Person(NamedTuple):
    """A patient."""

    ref: str
    resources: list[Resource]
    record: dict[str, Any] | None
    """The case; None where the patient is none."""


def coded(system: str, code: str, text: str = "") -> Resource:
    """Return a concept."""
    return {"coding": [{"system": system, "code": code}], "text": text or code}


def person(number: int) -> Person:
    """Return a patient, always the same one for a number."""
    draw = random.Random(number)
    ref = f"p{number:06d}"
    subject = {"reference": f"Patient/{ref}"}
    cancer = draw.choice([*CANCERS])
    record: dict[str, Any] = {"ref": ref, "cancer": cancer, "sex": draw.choice(["female", "male"])}
    if cancer == "breast":
        record["surgery_type"] = "breast_conserving"  # what the operation below is
    resources = [
        {"resourceType": "Patient", "id": ref, "gender": record["sex"]},
        {
            "resourceType": "Condition",
            "id": f"{ref}-c",
            "subject": subject,
            "code": coded(SNOMED, CANCERS[cancer]),
        },
        {
            "resourceType": "Procedure",
            "id": f"{ref}-op",
            "status": "completed",
            "subject": subject,
            "code": coded(SNOMED, "392021009" if cancer == "breast" else "43075005"),
            "performedDateTime": "2026-03-02",
        },
    ]

    def observe(field: str, value: Any, code: str, **kind: Any) -> None:
        if draw.random() > _MISSING:
            record[field] = value
            resources.append(
                {
                    "resourceType": "Observation",
                    "id": f"{ref}-{field.replace('_', '-')}",
                    "status": "final",
                    "subject": subject,
                    "effectiveDateTime": "2026-03-05",
                    "code": coded(LOINC, code),
                    **kind,
                }
            )

    grade = draw.randint(1, 3)
    observe("grade", grade, "44648-4", valueCodeableConcept=coded(LOINC, GRADES[grade]))
    examined = draw.randint(4, 30)
    positive = min(examined, int(draw.expovariate(0.4)))
    observe("nodes_positive", positive, "21893-3", valueInteger=positive)
    observe(
        "nodes_examined", examined, "21894-1", valueQuantity={"value": examined, "system": UCUM, "code": "1"}
    )
    size = draw.randint(3, 60)
    quantity = {"value": size / 10, "unit": "cm", "system": UCUM, "code": "cm"}
    observe("tumour_size_mm", size, "33728-7", valueQuantity=quantity)
    found = draw.choice([*PRESENCE])
    observe("vascular_invasion", found, "59544-7", valueCodeableConcept=coded(SNOMED, PRESENCE[found]))
    if cancer == "breast":
        for name, code in MARKERS.items():
            found = draw.choice([*POLARITY])
            observe(name, found, code, valueCodeableConcept=coded(SNOMED, POLARITY[found]))
    return Person(ref, *_turned(number, resources, record, subject))


def _turned(
    number: int, resources: list[Resource], record: dict[str, Any], subject: Resource
) -> tuple[list[Resource], dict[str, Any] | None]:
    """Make a few patients no case: with another cancer, with none, or with spread."""
    if number % 13 == 5:
        other = next(code for name, code in CANCERS.items() if name != record["cancer"])
        more = {"resourceType": "Condition", "id": "other", "subject": subject, "code": coded(SNOMED, other)}
        return [*resources, more], None
    if number % 17 == 3:
        return [one for one in resources if one["resourceType"] != "Condition"], None
    if number % 11 == 7:
        spread = coded(SNOMED, "94225005", "Secondary malignant neoplasm")
        more = {"resourceType": "Condition", "id": "far", "subject": subject, "code": spread}
        return [*resources, more], {**record, "metastasis": "present"}
    return resources, record


def bundle(resources: list[Resource]) -> Resource:
    """Return resources as a bundle."""
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def write_bundles(directory: Path, people: Iterator[Person]) -> None:
    """Write a bundle a patient."""
    for one in people:
        (directory / f"{one.ref}.json").write_text(json.dumps(bundle(one.resources)), encoding="utf-8")


def write_lines(file: Path, people: Iterator[Person]) -> None:
    """Write a bundle a line."""
    with file.open("w", encoding="utf-8") as out:
        out.writelines(f"{json.dumps(bundle(one.resources))}\n" for one in people)


def write_export(directory: Path, people: Iterator[Person]) -> None:
    """Write a bulk export: a file for each type, in which patients are mixed as they come."""
    files = {kind: (directory / f"{kind}.ndjson").open("w", encoding="utf-8") for kind in TYPES}
    try:
        for one in people:
            for resource in one.resources:
                files[resource["resourceType"]].write(f"{json.dumps(resource)}\n")
    finally:
        for file in files.values():
            file.close()
