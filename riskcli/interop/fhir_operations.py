"""The operations that removed a cancer, and the treatment before them. Knows no cancer and no drug itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskcli.interop.fhir_choice import BIOPSY
from riskcli.interop.fhir_codes import FhirCodes
from riskcli.interop.fhir_condition import Condition, is_about, sides_of
from riskcli.interop.fhir_findings import Findings
from riskcli.interop.fhir_resources import (
    Found,
    Resource,
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
from riskcli.interop.fhir_values import before, days_between
from riskcli.values import UNKNOWN

_GIVEN = ("completed", "stopped", "active", "in-progress")
"""The states of a treatment that was begun."""
_PLANNED = ("proposal", "plan", "option")
_LONG_BEFORE = 183
"""The days by which an operation cannot be the one for a cancer that began later."""
_YEAR = 366
_TREATMENTS = ("Procedure", "MedicationAdministration", "MedicationRequest", "MedicationStatement")


@dataclass(frozen=True, slots=True)
class Treatment:
    """A treatment other than the operation."""

    shown: str
    date: str
    name: str
    sure: bool
    """Whether it is said to be against a cancer; a drug's name alone does not say so."""


def operations_of(
    found: Iterable[Found], codes: FhirCodes, cancer: str, others: frozenset[str], chosen: Condition | None
) -> list[Found]:
    """Return the operations that removed a cancer.

    One on the other side is none, nor is one that was long before the cancer began.
    """
    return [
        item
        for item in found
        if text(item.resource, "resourceType") == "Procedure"
        and text(item.resource, "status") == "completed"
        and not is_about(item.resource, others)
        and _removes(item, codes, cancer)
        and not (chosen and _of_another(item, codes, chosen))
    ]


def _removes(item: Found, codes: FhirCodes, cancer: str) -> bool:
    """Say whether an operation removes a cancer: by its profile, its code, or what it says."""
    surgery, concept = codes.surgery, item.resource.get("code")
    said = " ; ".join(sayings(concept)).lower()
    if re.search(surgery.not_words, said):
        return False
    if claims(item.resource, surgery.profiles):
        return True
    if codes.matching(code_names(codes, concept), surgery.codes.get(cancer, ())):
        return True
    words = surgery.words.get(cancer)
    return words is not None and re.search(words, said) is not None


def _of_another(item: Found, codes: FhirCodes, chosen: Condition) -> bool:
    """Say whether an operation is on the other side, or long before the cancer began."""
    done, began = date_of(item.resource), text(chosen.resource, "onsetDateTime")[: len("2026-11-25")]
    if before(done, began) and (days_between(done, began) or 0) > _LONG_BEFORE:
        return True
    sides = sides_of(item.resource, codes)
    return bool(sides and chosen.sides) and sides.isdisjoint(chosen.sides)


def agents_of(table: Mapping[str, Any], codes: FhirCodes) -> frozenset[str]:
    """Return the drugs against cancer that a table names."""
    told = (option for option in table["options"] if option["kind"] in codes.before_surgery.kinds)
    named = {agent.lower() for option in told for agent in option.get("agents", ())}
    return frozenset((named | {*codes.before_surgery.more_drugs}) - {*codes.before_surgery.not_drugs})


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
        if not _given(resource) or is_about(resource, others):
            continue
        concepts = [*_concepts(item, settings)]
        names = [name for concept in concepts for name in code_names(codes, concept)]
        reason = _reason(resource, codes)
        known = bool(
            claims(resource, codes.before_surgery.profiles)
            or codes.matching(names, codes.before_surgery.codes)
        )
        drug = text(resource, "resourceType") != "Procedure" and _names(concepts, agents)
        if reason is not False and (known or drug):
            shown = next(filter(None, map(concept_text, concepts)), name_of(resource))
            told.append(Treatment(shown, date_of(resource), name_of(resource), known or reason is True))
    return sorted(told, key=lambda item: (item.date, item.name))


def _given(resource: Resource) -> bool:
    """Say whether a resource is a treatment that was begun, not one that was planned or forbidden."""
    return (
        text(resource, "resourceType") in _TREATMENTS
        and text(resource, "status") in _GIVEN
        and text(resource, "intent") not in _PLANNED
        and resource.get("doNotPerform") is not True
    )


def _concepts(item: Found, settings: Settings) -> Iterator[object]:
    """Give what a treatment is, wherever that stands."""
    resource = item.resource
    yield resource.get("code")
    yield resource.get("medicationCodeableConcept")
    for reference in objects(resource, "medicationReference"):
        medication = settings.at(text(reference, "reference"), item)
        yield medication.resource.get("code") if medication else {"text": text(reference, "display")}


def _reason(resource: Resource, codes: FhirCodes) -> bool | None:
    """Say whether a treatment is given for a cancer; None where no reason is stated."""
    if objects(resource, "reasonReference"):
        return True  # what is about another condition has been left out
    reasons = objects(resource, "reasonCode")
    said = " ; ".join(line for reason in reasons for line in sayings(reason)).lower()
    names = [name for reason in reasons for name in code_names(codes, reason)]
    known = [code for entry in codes.cancers for code in entry.codes]
    if not reasons:
        return None
    return bool(re.search(codes.recurrent_of, said) or codes.matching(names, known))


def _names(concepts: Sequence[object], agents: frozenset[str]) -> bool:
    """Say whether what concepts say holds the name of a drug."""
    said = " ; ".join(line for concept in concepts for line in sayings(concept)).lower()
    named = (agent for agent in agents if agent in said)
    return any(re.search(rf"(?<![a-z]){re.escape(agent)}(?![a-z])", said) for agent in named)


def read_treatment_before(findings: Findings, treatments: Sequence[Treatment]) -> None:
    """State treatment before the operation; leave open what the days, or the name of a drug, do not tell.

    Without the day of an operation, the days on which pathology found something stand in for it.
    """
    told = findings.codes.before_surgery
    if findings.has(told.field):
        return
    days = findings.operations or _days_seen(findings)
    first, last = (days[0], days[-1]) if days else ("", "")
    key = "treated_before" if findings.operations else "treated_before_found"
    left: list[Treatment] = []
    for item in treatments:
        if (days_between(item.date, first) or 0) > told.longest * _YEAR and before(item.date, first):
            findings.note("treated_long_before", shown=item.shown, date=item.date, name=item.name)
        elif item.sure and before(item.date, first) and item.date != first:
            findings.treated = first
            findings.add(told.field, told.value, f"{item.shown} ({item.date})", item.name)
            findings.note(key, field=told.field, shown=item.shown, date=item.date, surgery=first)
            return
        elif before(item.date, last) is not False and not (item.date and item.date == last):
            left.append(item)
    if left:
        one = left[0]
        findings.add(told.field, UNKNOWN, f"{one.shown} ({one.date})" if one.date else one.shown, one.name)
        findings.note("treated_when", field=told.field, shown=one.shown, name=one.name)


def _days_seen(findings: Findings) -> list[str]:
    """Return the days on which pathology found anything of an operation, the first one first."""
    codes = [code for category in findings.codes.categories.values() for code in category.pathological]
    codes += [
        code
        for finding in findings.codes.findings
        for way in finding.ways
        for code in way.codes
        if finding.specimen
    ]
    for nodes in findings.codes.nodes:
        codes += [*nodes.total, *nodes.sentinel, *nodes.regional, *nodes.parts]
    biopsy = "|".join(
        kind.pattern for kind in findings.codes.specimens if kind.kind == BIOPSY and kind.pattern
    )
    return sorted(
        datum.day
        for _, datum in findings.all_of(codes)
        if datum.day
        and not datum.imaging
        and not (datum.sample and re.search(biopsy, datum.sample.shown.lower()))
    )


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
