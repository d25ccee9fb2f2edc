"""Categories of the TNM system and counts of lymph nodes, as FHIR carries them, to fields of a case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from riskcli.interop.fhir_codes import Category, Nodes
from riskcli.interop.fhir_findings import Findings, Told, latest_of
from riskcli.interop.fhir_values import Datum, Span
from riskcli.values import UNKNOWN, ValueProblem

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
    for code, datum in findings.specimen(name, codes):
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
        prefix = _prefix(code, datum, category, match["prefix"])
        told.append(Told(f"{prefix}{match['category']}", datum, code))
    return told


def _prefix(code: str, datum: Datum, category: Category, printed: str) -> str:
    """Return the letters of a category: what changes it, and how it was found."""
    method = datum.prefix or next((letter for letter in printed if letter in "cpu"), "")
    if not method and code in category.pathological:
        method = _PATHOLOGICAL
    elif not method and code in category.clinical:
        method = _CLINICAL[0]
    changed = datum.modifiers or "".join(letter for letter in printed if letter in "yr")
    return f"{changed}{method}"


def read_stage(findings: Findings, stage: Stage) -> None:
    """State the categories that were found by pathology; say which clinical ones were left."""
    for name in findings.codes.categories:
        if not findings.uses(name) or findings.has(name):
            continue
        told = stage.pathological.get(name, [])
        if told:
            findings.take(name, told)
        elif left := stage.clinical.get(name):
            findings.note("clinical", field=name, source=latest_of(left)[0].source)


def read_nodes(findings: Findings, stage: Stage, nodes: Nodes) -> None:
    """State a count of lymph nodes: the total, or what the other counts make of it."""
    if not findings.uses(nodes.field) or findings.has(nodes.field):
        return
    counted = (
        _counts(findings, nodes, nodes.total)
        or _sentinel_and_others(findings, nodes)
        or _parts(findings, nodes)
    )
    if counted:
        findings.take(nodes.field, counted)
        _tumour_cells(findings, nodes)
    elif nodes.category:
        _by_category(findings, stage, nodes.field, stage.pathological.get(nodes.category, []))


def _counts(findings: Findings, nodes: Nodes, codes: Sequence[str]) -> list[Told]:
    """Return the counts that observations of some codes give."""
    told = []
    for code, datum in findings.specimen(nodes.field, codes):
        span = _span(findings, datum)
        if span is not None:
            told.append(Told(span.entry(), datum, code))
        elif datum.answer:
            findings.note("unread", field=nodes.field, source=datum.source(code), name=datum.reference)
    return told


def _span(findings: Findings, datum: Datum) -> Span | None:
    """Return the number that an observation counts."""
    if datum.answer is None or datum.answer.span is None:
        return None
    unit = datum.answer.unit.lower()
    return datum.answer.span if not unit or unit in findings.codes.units["count"] else None


def _latest(findings: Findings, nodes: Nodes, codes: Sequence[str]) -> tuple[Span, Told] | None:
    """Return the latest count of some codes."""
    told = [
        Told(span.entry(), datum, code)
        for code, datum in findings.specimen(nodes.field, codes)
        if (span := _span(findings, datum)) is not None
    ]
    if not told:
        return None
    last = latest_of(told)[-1]
    span = _span(findings, last.datum)
    assert span is not None
    return span, last


def _sentinel_and_others(findings: Findings, nodes: Nodes) -> list[Told]:
    """Return the count that sentinel nodes and regional nodes give, where no total is stated.

    Some mean all regional nodes by the second count, others those that are no sentinel nodes; where that is
    not known the answer lies between the two.
    """
    sentinel, regional = _latest(findings, nodes, nodes.sentinel), _latest(findings, nodes, nodes.regional)
    if sentinel is None or regional is None:
        return _counts(findings, nodes, nodes.regional if sentinel is None else nodes.sentinel)
    total = sentinel[0].plus(regional[0])
    source = f"{sentinel[1].source}; {regional[1].source}"
    datum = regional[1].datum
    one, all_of_them = regional[0].exact, total.exact
    if _says(datum, findings.codes.regional_is_total):
        return _counts(findings, nodes, nodes.regional)
    if _says(datum, findings.codes.regional_is_rest) or one is None or all_of_them is None:
        findings.note("nodes_added", field=nodes.field, source=source, value=total.entry())
        return [Told(total.entry(), datum, regional[1].name)]
    least = max(one, sentinel[0].exact or 0)
    span = Span(all_of_them if one < (sentinel[0].exact or 0) else least, all_of_them)
    findings.note("nodes_between", field=nodes.field, source=source, value=span.entry())
    return [Told(span.entry(), datum, regional[1].name)]


def _says(datum: Datum, wanted: Sequence[str]) -> bool:
    """Say whether an observation claims a profile of a family."""
    names = [profile.partition("|")[0].rpartition("/")[2] for profile in datum.profiles]
    return any(name.startswith(family) for name in names for family in wanted)


def _parts(findings: Findings, nodes: Nodes) -> list[Told]:
    """Return the count that several sorts of deposits give together; one alone is the least it can be."""
    found = [(code, latest) for code in nodes.parts if (latest := _latest(findings, nodes, [code]))]
    if not found:
        return []
    total = found[0][1][0]
    for _, (span, _told) in found[1:]:
        total = total.plus(span)
    if len(found) < len(nodes.parts) and _whole(total):
        total = Span(total.low, None, total.above)
    source = "; ".join(told.source for _, (_, told) in found)
    findings.note("nodes_added", field=nodes.field, source=source, value=total.entry())
    return [Told(total.entry(), found[0][1][1].datum, found[0][0])]


def _whole(span: Span) -> bool:
    """Say whether a count is one: what is not whole is left to the engine to refuse."""
    return all(end is None or end == int(end) for end in (span.low, span.high))


def _tumour_cells(findings: Findings, nodes: Nodes) -> None:
    """Say what became of nodes with isolated tumour cells."""
    latest = _latest(findings, nodes, nodes.tumour_cells)
    if latest is None or latest[0].exact == 0:
        return
    if findings.cancer not in nodes.counted_in:
        findings.note("tumour_cells", field=nodes.field, source=latest[1].source)
        return
    place = next(i for i, item in enumerate(findings.found) if item.field == nodes.field)
    stated = findings.found.pop(place)
    if isinstance(stated.value, int):
        total = Span(stated.value, stated.value).plus(latest[0]).entry()
        findings.add(nodes.field, total, f"{stated.source}; {latest[1].source}", stated.reference)
        findings.note("nodes_added", field=nodes.field, source=latest[1].source, value=total)
    else:
        findings.note("unread", field=nodes.field, source=latest[1].source, name=latest[1].datum.reference)


def _by_category(findings: Findings, stage: Stage, name: str, told: Sequence[Told]) -> None:
    """State the count that a category stands for, where the table's reader knows it."""
    kept = [item for item in latest_of(told) if findings.takes(name, item.value)]
    if kept and any(_value(findings, name, item) != UNKNOWN for item in kept):
        findings.note("by_category", field=name, source=kept[0].source)
        findings.take(name, kept)


def _value(findings: Findings, name: str, told: Told) -> object:
    """Return what the table's reader makes of a value."""
    try:
        return findings.reader.readers[name].read(told.value).shown
    except ValueProblem:
        return UNKNOWN
