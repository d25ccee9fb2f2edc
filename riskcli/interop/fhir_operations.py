"""The operations that removed a cancer, and the treatment before them. Knows no cancer and no drug itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskcli.interop.fhir_codes import FhirCodes
from riskcli.interop.fhir_condition import is_about
from riskcli.interop.fhir_findings import Findings
from riskcli.interop.fhir_resources import (
    Found,
    claims,
    code_names,
    concept_text,
    name_of,
    objects,
    refused,
    sayings,
    text,
)
from riskcli.interop.fhir_setting import Settings, date_of
from riskcli.interop.fhir_tnm import Stage
from riskcli.interop.fhir_values import before
from riskcli.values import UNKNOWN

_GIVEN = ("completed", "stopped", "active", "in-progress")
"""The states of a treatment that was begun."""
_TREATMENTS = ("Procedure", "MedicationAdministration", "MedicationRequest", "MedicationStatement")


@dataclass(frozen=True, slots=True)
class Treatment:
    """A treatment other than the operation."""

    shown: str
    date: str
    name: str


def operations_of(
    found: Iterable[Found], codes: FhirCodes, cancer: str, others: frozenset[str]
) -> list[Found]:
    """Return the operations that removed a cancer."""
    return [
        item
        for item in found
        if text(item.resource, "resourceType") == "Procedure"
        and text(item.resource, "status") == "completed"
        and not is_about(item.resource, others)
        and _removes(item, codes, cancer)
    ]


def _removes(item: Found, codes: FhirCodes, cancer: str) -> bool:
    """Say whether an operation removes a cancer: by its profile, its code, or what it says."""
    surgery, concept = codes.surgery, item.resource.get("code")
    if claims(item.resource, surgery.profiles):
        return True
    if codes.matching(code_names(codes, concept), surgery.codes.get(cancer, ())):
        return True
    said = " ; ".join(sayings(concept)).lower()
    words = surgery.words.get(cancer)
    return bool(words and re.search(words, said) and not re.search(surgery.not_words, said))


def agents_of(table: Mapping[str, Any], codes: FhirCodes) -> frozenset[str]:
    """Return the drugs against cancer that a table names."""
    kinds = codes.before_surgery.kinds
    told = (option for option in table["options"] if option["kind"] in kinds)
    return frozenset(agent.lower() for option in told for agent in option.get("agents", ()))


def treatments_of(
    found: Iterable[Found],
    codes: FhirCodes,
    agents: frozenset[str],
    others: frozenset[str],
    settings: Settings,
) -> list[Treatment]:
    """Return the treatments against a cancer but the operations: by profile, by code, or by a drug's name."""
    told = []
    for item in found:
        resource = item.resource
        if text(resource, "resourceType") not in _TREATMENTS or text(resource, "status") not in _GIVEN:
            continue
        concepts = [resource.get("code"), resource.get("medicationCodeableConcept")]
        for reference in objects(resource, "medicationReference"):
            medication = settings.at(text(reference, "reference"), item)
            concepts.append(
                medication.resource.get("code") if medication else {"text": text(reference, "display")}
            )
        names = [name for concept in concepts for name in code_names(codes, concept)]
        known = claims(resource, codes.before_surgery.profiles) or codes.matching(
            names, codes.before_surgery.codes
        )
        if (known or _names(concepts, agents)) and not is_about(resource, others):
            shown = next(filter(None, map(concept_text, concepts)), name_of(resource))
            told.append(Treatment(shown, date_of(resource), name_of(resource)))
    return sorted(told, key=lambda item: (item.date, item.name))


def _names(concepts: Sequence[object], agents: frozenset[str]) -> bool:
    """Say whether what concepts say holds the name of a drug."""
    said = " ; ".join(line for concept in concepts for line in sayings(concept))
    return not agents.isdisjoint(re.findall(r"[a-z][a-z0-9-]*", said.lower()))


def read_treatment_before(findings: Findings, treatments: Sequence[Treatment]) -> None:
    """State treatment before the operation; leave open what the days do not tell.

    Without the day of an operation, the first day of what pathology found stands in for it.
    """
    told = findings.codes.before_surgery
    if findings.has(told.field):
        return
    first = findings.operations[0] if findings.operations else _first_seen(findings)
    open_ones = []
    for item in treatments:
        earlier = before(item.date, first) if first else None
        if earlier and item.date != first:
            findings.treated = first
            findings.add(told.field, told.value, f"{item.shown} ({item.date})", item.name)
            findings.note("treated_before", field=told.field, shown=item.shown, date=item.date, surgery=first)
            return
        if earlier is None:
            open_ones.append(item)
    if open_ones:
        one = open_ones[0]
        findings.add(told.field, UNKNOWN, f"{one.shown} ({one.date})" if one.date else one.shown, one.name)
        findings.note("treated_when", field=told.field, shown=one.shown, name=one.name)


def _first_seen(findings: Findings) -> str:
    """Return the first day on which pathology found anything of an operation."""
    codes = [code for category in findings.codes.categories.values() for code in category.pathological]
    for nodes in findings.codes.nodes:
        codes += [*nodes.total, *nodes.sentinel, *nodes.regional, *nodes.parts]
    return min(filter(None, (datum.day for _, datum in findings.all_of(codes))), default="")


def check_operated(findings: Findings, stage: Stage, operated: bool, away: Iterable[str]) -> None:
    """Refuse a person of whom there is a clinical stage and nothing from an operation.

    `away` are the fields whose values the engine turns away by itself.

    Raises:
        CaseError: with the stage.
    """
    counted = {nodes.field for nodes in findings.codes.nodes}
    after = operated or stage.pathological or any(findings.has(name) for name in counted)
    if stage.clinical and not after and not any(findings.has(name) for name in away):
        shown = [told[0].source for told in stage.clinical.values()]
        raise refused("clinical_only", listed="; ".join(shown))
