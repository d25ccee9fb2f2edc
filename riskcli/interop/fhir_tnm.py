"""Categories of the TNM system, as FHIR carries them, to fields of a case."""

from __future__ import annotations

import re
from dataclasses import dataclass

from riskcli.interop.fhir_choice import Told, latest_of
from riskcli.interop.fhir_codes import Category, StageGroups
from riskcli.interop.fhir_findings import Findings
from riskcli.interop.fhir_values import Datum
from riskcli.values import UNKNOWN

_CLINICAL, _PATHOLOGICAL = ("c", "u"), "p"
_LETTERS = re.compile(r"[acmpruy]*(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Stage:
    """What was found of a person's categories, before a table's fields are asked for."""

    pathological: dict[str, list[Told]]
    clinical: dict[str, list[Told]]


def stage_of(findings: Findings) -> Stage:
    """Return the pathological and clinical categories; one that is said to be neither is noted."""
    stage = Stage({}, {})
    for name, category in findings.codes.categories.items():
        for told in _categories(findings, name, category):
            prefix = _letters(str(told.value))
            kept = stage.clinical if {*prefix} & {*_CLINICAL} else stage.pathological
            if _PATHOLOGICAL in prefix or kept is stage.clinical:
                kept.setdefault(name, []).append(told)
            elif findings.uses(name):
                findings.note("no_prefix", field=name, source=told.source, name=told.datum.reference)
    return stage


def _letters(value: str) -> str:
    """Return the letters before a category.

    Example:
        >>> _letters("ypT2"), _letters("T2")
        ('yp', '')
    """
    match = _LETTERS.match(value)
    return match[0] if match else ""


def _categories(findings: Findings, name: str, category: Category) -> list[Told]:
    """Return every statement of a category, with its letters."""
    told = []
    codes = (*category.pathological, *category.clinical, *category.either)
    for code, datum in findings.all_of(codes):
        if datum.answer is None:
            continue
        texts = [category.values[coded] for coded in datum.answer.names if coded in category.values]
        pattern = rf"(?<![A-Za-z]){category.pattern}"
        matches = [
            match for text in (*texts, *datum.answer.texts) if (match := re.search(pattern, text)) is not None
        ]
        if not matches:
            findings.note("unread", field=name, source=datum.source(code), name=datum.reference)
            continue
        match = max(matches, key=lambda match: len(match["category"]))  # pT1c says more than pT1
        groups = findings.codes.stage_groups
        prefix = _prefix(code, datum, category, match["prefix"], groups)
        if {*prefix} & {*_CLINICAL} or findings.holds(name, code, datum):
            told.append(Told(f"{prefix}{match['category']}", datum, code))
    return told


def _prefix(code: str, datum: Datum, category: Category, printed: str, groups: StageGroups) -> str:
    """Return the letters of a category: what changes it, and how it was found."""
    method = datum.prefix or next((letter for letter in printed if letter in "cpu"), "")
    ways = (
        (_PATHOLOGICAL, category.pathological, groups.pathological),
        (_CLINICAL[0], category.clinical, groups.clinical),
    )
    for part in ({code}, datum.groups):
        found = [letter for letter, own, grouped in ways if part & {*own, *grouped}]
        if not method and len(found) == 1:
            method = found[0]
    changed = datum.modifiers or "".join(letter for letter in printed if letter in "yr")
    return f"{changed}{method}"


def read_stage(findings: Findings, stage: Stage) -> None:
    """State the categories that were found by pathology; say which clinical ones were left.

    A category after treatment says that there was treatment before the operation.
    """
    before = findings.codes.before_surgery
    everything = [told for several in stage.pathological.values() for told in several]
    after = [told for told in everything if "y" in _letters(str(told.value))]
    known = any(item.field == before.field and item.value != UNKNOWN for item in findings.found)
    if after and not known:
        findings.found[:] = [item for item in findings.found if item.field != before.field]
        findings.add(before.field, before.value, after[0].source, after[0].datum.reference)
    for name in findings.codes.categories:
        if not findings.uses(name) or findings.has(name):
            continue
        told = stage.pathological.get(name, [])
        if told:
            findings.take(name, told)
        elif left := stage.clinical.get(name):
            findings.note("clinical", field=name, source=latest_of(left)[0].source)
