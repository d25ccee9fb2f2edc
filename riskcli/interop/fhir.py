"""One person's FHIR resources to a case: a flat record, where each value stood, and what to know of it.

R4 and R4B, as mCODE, US Core and the German modules write them. Reads no file. Decides nothing: what a value
may be and what follows from it is asked of the table and the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from riskcli.case import CANCER, REF, case_reader
from riskcli.errors import CaseError
from riskcli.interop.fhir_choice import BIOPSY
from riskcli.interop.fhir_codes import FhirCodes, fhir_codes
from riskcli.interop.fhir_condition import (
    Condition,
    Observed,
    about,
    about_others,
    choose,
    conditions_of,
    is_about,
    morphologies,
)
from riskcli.interop.fhir_findings import Findings, Value
from riskcli.interop.fhir_nodes import read_nodes
from riskcli.interop.fhir_operations import (
    agents_of,
    check_operated,
    operations_of,
    read_treatment_before,
    treatments_of,
)
from riskcli.interop.fhir_person import sex_of, years_between
from riskcli.interop.fhir_resources import (
    Found as Located,
)
from riskcli.interop.fhir_resources import (
    Resource,
    check_one_person,
    check_release,
    code_names,
    concept_text,
    has_more_pages,
    name_of,
    objects,
    resources_of,
    short,
    text,
)
from riskcli.interop.fhir_setting import Setting, Settings, date_of
from riskcli.interop.fhir_spread import DISEASE, METASTASIS, read_spread
from riskcli.interop.fhir_tnm import read_stage, stage_of
from riskcli.interop.fhir_values import Answer, Datum, answer_of, data_of, strange_modifiers
from riskcli.interop.readings import Found, Reading
from riskcli.loader import Rules, load_rules
from riskcli.words import say, say_many

STANDARD = "FHIR R4"
_READ = ("final", "amended", "corrected", "unknown", "")
_VOID = ("entered-in-error", "cancelled")
_ELSEWHERE, _IN_SITU = ("nodes", "spread"), "/2"
_SEX = "sex"


def read_bundle(data: Any, cancer: str | None = None, rules: Rules | None = None) -> Reading:
    """Read a bundle of any type, a list of resources, or one resource with those it contains.

    `cancer` says which table is meant where the resources name none or several. What cannot be a case comes
    back with `refused`; nothing is raised.

    Example:
        >>> cancer = {"resourceType": "Condition", "code": {"coding": [
        ...     {"system": "http://snomed.info/sct", "code": "254837009"}]}}
        >>> grade = {"resourceType": "Observation", "id": "g", "status": "final",
        ...     "code": {"coding": [{"system": "http://loinc.org", "code": "44648-4"}]},
        ...     "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA27824-4"}]}}
        >>> read_bundle([cancer, grade]).record
        {'cancer': 'breast', 'grade': 2}
        >>> print(read_bundle({"resourceType": "Bundle"}).refused)
        the bundle holds no resource
    """
    try:
        found = resources_of(data)
    except CaseError as error:
        return Reading(STANDARD, refused=error)
    reading = _read(found, cancer, rules or load_rules())
    return replace(reading, notes=(*reading.notes, say("fhir.pages"))) if has_more_pages(data) else reading


def read_resources(
    resources: Sequence[Resource], cancer: str | None = None, rules: Rules | None = None
) -> Reading:
    """Read the resources of one person (see `read_bundle`).

    Example:
        >>> print(read_resources([{"resourceType": "Patient"}]).refused)
        no condition is a cancer that is known; name it, as in riskcli assess CANCER --fhir FILE
    """
    return read_bundle([*resources], cancer, rules)


def _read(found: Sequence[Located], cancer: str | None, rules: Rules) -> Reading:
    """Read what was found of one person."""
    person = _Person(found, fhir_codes(), cancer, rules)
    try:
        person.read()
    except CaseError as error:
        return Reading(STANDARD, (*person.found,), (*person.notes,), error, person.context)
    return Reading(STANDARD, (*person.found,), (*person.notes,), None, person.context)


class _Person:
    """One person's resources while they are read."""

    def __init__(
        self, located: Sequence[Located], codes: FhirCodes, cancer: str | None, rules: Rules
    ) -> None:
        self.located = located
        self.resources = [item.resource for item in located]
        self.codes = codes
        self.asked = cancer
        self.rules = rules
        self.found: list[Found] = []
        self.notes: list[str] = []
        self.context: dict[str, str] = {}

    def of_type(self, *kinds: str) -> list[Located]:
        """Return the resources of some types."""
        return [item for item in self.located if text(item.resource, "resourceType") in kinds]

    def read(self) -> None:
        """Read the cancer, then the fields of its table.

        Raises:
            CaseError: this is no case that can be read.
        """
        check_release(self.resources, self.codes)
        check_one_person(self.located)
        conditions = conditions_of(self.of_type("Condition"), self.codes, self._morphologies(), self.rules)
        self.notes += conditions.notes
        cancer, chosen = choose(conditions, self.asked)
        self._name(cancer, chosen)
        if cancer not in self.rules.names:
            return  # the engine says what there is instead
        others = about_others(chosen, conditions)
        operations = operations_of(self.located, self.codes, cancer, others, chosen)
        dates = sorted(date for item in operations if (date := date_of(item.resource)))
        settings = Settings(self.located, self.codes, dates)
        data = self._data(others, operations, chosen, settings)
        self._missing(settings)
        table = self.rules.get(cancer)
        findings = Findings(
            self.codes, case_reader(table), cancer, data, dates, found=self.found, notes=self.notes
        )
        read_spread(findings, conditions, chosen)
        self._of_morphology(findings, chosen)
        agents = agents_of(table.table, self.codes)
        treatments = treatments_of(self.located, self.codes, agents, others, settings)
        read_treatment_before(findings, treatments)
        stage = stage_of(findings)
        for finding in self.codes.findings:
            findings.read(finding)
        read_stage(findings, stage)
        for nodes in self.codes.nodes:
            read_nodes(findings, stage, nodes)
        self._patient(findings, chosen)
        self._stage_groups(findings)
        check_operated(findings, stage, bool(operations), (METASTASIS, DISEASE))

    # ---- who and what

    def _name(self, cancer: str, chosen: Condition | None) -> None:
        """State the cancer, and what an answer would refer to."""
        for item in self.of_type("Patient"):
            if own := text(item.resource, "id"):
                self.found.append(Found(REF, short(own), name_of(item.resource)))
        if chosen is None:
            return
        if chosen.cancers:
            parts = [chosen.shown or chosen.name]
            parts += [f"morphology: {chosen.morphology.code}"] if chosen.morphology else []
            self.found.insert(0, Found(CANCER, cancer, "; ".join(parts), chosen.name))
        else:
            self.notes.append(say("fhir.named", name=chosen.name, shown=chosen.shown, cancer=cancer))
        if chosen.says:
            self.notes.append(say("fhir.kind_named", name=chosen.name, shown=chosen.shown, cancer=cancer))
        self.context["condition"] = chosen.name
        for reference in objects(chosen.resource, "subject"):
            self.context["subject"] = short(text(reference, "reference"))

    def _morphologies(self) -> list[Observed]:
        """Return what observations state of the morphology of a cancer, but not of nodes or of spread."""
        wanted = {*self.codes.morphology_codes}
        stated = [
            item
            for item in self.of_type("Observation")
            if wanted & {*code_names(self.codes, item.resource.get("code"))}
            and text(item.resource, "status") in _READ
        ]
        settings = Settings(self.located, self.codes, ()) if stated else None
        found = []
        for item in stated:
            answer = answer_of(item.resource, self.codes)
            sample = settings.of(item).sample if settings else None
            kind = sample.kind if sample else ""
            if answer and kind not in _ELSEWHERE:
                names = (name for name in answer.names if kind != BIOPSY or not name.endswith(_IN_SITU))
                found.append(Observed(tuple(names), tuple(about(item.resource))))
        return found

    def _of_morphology(self, findings: Findings, chosen: Condition | None) -> None:
        """State what follows from the morphology of the cancer."""
        if chosen is None or chosen.morphology is None:
            return
        for name, value in chosen.morphology.sets:
            known = name in self.codes.morphology.sets and findings.uses(name)
            if known and not findings.has(name) and value is not None:
                stated: Value = [*value] if isinstance(value, tuple) else value
                findings.add(name, stated, f"morphology: {chosen.morphology.code}", chosen.name)

    # ---- statements

    def _data(
        self,
        others: frozenset[str],
        operations: Sequence[Located],
        chosen: Condition | None,
        settings: Settings,
    ) -> dict[str, list[Datum]]:
        """Return every statement that is read, by its codes."""
        data: dict[str, list[Datum]] = {}
        for item in self.of_type("Observation"):
            setting = settings.of(item)
            statements = [*data_of(item, self.codes, setting)]
            if statements and self._counts(item.resource, others, setting):
                for datum in statements:
                    for name in datum.names:
                        data.setdefault(name, []).append(datum)
        for item in operations:
            self._of_operation(item.resource, data)
        for concept in morphologies(chosen.resource) if chosen else ():
            answer = answer_of({"valueCodeableConcept": concept}, self.codes)
            data["morphology"] = [Datum(("morphology",), answer, "", chosen.name if chosen else "")]
        return data

    def _missing(self, settings: Settings) -> None:
        """Say which results are listed and were not given: what they say is open."""
        if settings.missing:
            number = len({reference for _, reference in settings.missing})
            self.notes.append(say_many("fhir.missing", number, name=min(settings.missing)[0]))

    def _counts(self, resource: Resource, others: frozenset[str], setting: Setting) -> bool:
        """Say whether an observation is to be read; what is left out is said."""
        status, name = text(resource, "status"), name_of(resource)
        if status in _VOID:
            return False
        key = ""
        if status not in _READ:
            key = "not_final"
        elif strange_modifiers(resource, self.codes):
            key = "modified"
        elif is_about(resource, others, setting.groups):
            key = "of_another"
        if key:
            shown = concept_text(resource.get("code"))
            self.notes.append(say(f"fhir.{key}", name=name, shown=shown, status=short(status)))
        return not key

    def _of_operation(self, resource: Resource, data: dict[str, list[Datum]]) -> None:
        """Add what an operation states: what was done, and what it left behind."""
        date, name = date_of(resource), name_of(resource)
        done = Answer(concept_text(resource.get("code")), tuple(code_names(self.codes, resource.get("code"))))
        data.setdefault("operation", []).append(Datum(("operation",), done, date, name))
        outcome = answer_of({"valueCodeableConcept": resource.get("outcome")}, self.codes)
        if outcome and outcome.names:
            data.setdefault("outcome", []).append(Datum(("outcome",), outcome, date, name))

    def _stage_groups(self, findings: Findings) -> None:
        """Say that stage groups were not used."""
        groups = findings.all_of(self.codes.stage_groups.all)
        told = dict.fromkeys(datum.source(name) for name, datum in groups if datum.answer)
        if told:
            findings.note("stage_groups", listed="; ".join(told))

    # ---- the person

    def _patient(self, findings: Findings, chosen: Condition | None) -> None:
        """State sex and age where the table asks for them."""
        for item in self.of_type("Patient"):
            name = name_of(item.resource)
            if findings.uses(_SEX) and (sex := sex_of(item.resource)) and findings.takes(_SEX, sex[0]):
                value = findings.reader.readers[_SEX].read(sex[0]).shown
                findings.add(_SEX, value, f"{sex[1]}: {sex[0]}", name)
            if findings.uses(self.codes.age):
                self._age(findings, item.resource, chosen, name)

    def _age(self, findings: Findings, patient: Resource, chosen: Condition | None, name: str) -> None:
        """State the age at the operation; without its date, that at diagnosis."""
        born, first = text(patient, "birthDate"), _first(findings.operations)
        onset = (
            text(chosen.resource, "onsetDateTime") or text(chosen.resource, "recordedDate") if chosen else ""
        )
        years = years_between(born, first or onset)
        if years is None:
            return
        findings.add(self.codes.age, years, f"birthDate: {short(born)}", name)
        if not first:
            findings.note("age_at_diagnosis", field=self.codes.age, value=years)


def _first(dates: Iterable[str]) -> str:
    """Return the first day; nothing when there is none."""
    return next(iter(dates), "")


__all__ = ["STANDARD", "read_bundle", "read_resources"]
