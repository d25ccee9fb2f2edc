"""Counts of lymph nodes, as FHIR carries them: the total, or what the other counts make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from riskcli.interop.fhir_choice import Told, by_specimen, in_order, latest_of, sources
from riskcli.interop.fhir_codes import Nodes
from riskcli.interop.fhir_findings import Findings
from riskcli.interop.fhir_tnm import Stage
from riskcli.interop.fhir_values import Datum, Span
from riskcli.values import UNKNOWN, ValueProblem

_NODES = "nodes"
"""The kind of specimen that is lymph nodes alone."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of nodes and what states it."""

    span: Span
    told: Told

    @classmethod
    def of(cls, span: Span, datum: Datum, code: str, stood: str = "") -> Count:
        """Return the count that a statement makes; `stood` says where several stood that make it together."""
        return cls(span, Told(span.entry(), datum, code, stood))


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
        findings.take(nodes.field, [count.told for count in _with_tumour_cells(findings, nodes, counted)])
    elif nodes.category:
        _by_category(findings, stage, nodes.field, stage.pathological.get(nodes.category, []))


def _counts(findings: Findings, nodes: Nodes, codes: Sequence[str]) -> list[Count]:
    """Return the counts that observations of some codes give, those of several specimens as one."""
    counts = []
    for code, datum in findings.specimen(nodes.field, codes):
        span = _span(findings, datum)
        if span is not None:
            counts.append(Count.of(span, datum, code))
        elif datum.answer:
            findings.note("unread", field=nodes.field, source=datum.source(code), name=datum.reference)
    return _together(findings, nodes, counts)


def _span(findings: Findings, datum: Datum) -> Span | None:
    """Return the number that an observation counts."""
    if datum.answer is None or datum.answer.span is None:
        return None
    unit = datum.answer.unit.lower()
    return datum.answer.span if not unit or unit in findings.codes.units["count"] else None


def _together(findings: Findings, nodes: Nodes, counts: list[Count]) -> list[Count]:
    """Return the counts of several specimens as one.

    Those of specimens that are lymph nodes alone add up. Of others one count may hold another, so that the
    answer lies between the largest and the sum. Where a count names no specimen, or a specimen has two counts
    of one day, the day tells, as of anything else.
    """
    spans = {id(count.told): count.span for count in counts}
    groups = by_specimen(count.told for count in counts)
    newest = [latest_of(group) for group in groups.values()]
    if len(groups) < 2 or "" in groups or any(len(group) > 1 for group in newest):
        return counts
    told = in_order(group[0] for group in newest)
    alone = all(item.datum.sample and item.datum.sample.kind == _NODES for item in told)
    total = reduce(Span.plus, (spans[id(item)] for item in told))
    if not alone:
        total = total.at_least(max(spans[id(item)].low or 0 for item in told))
    key = "nodes_added" if alone or total.exact is not None else "nodes_within"
    source = sources(told)
    findings.note(key, field=nodes.field, source=source, value=total.entry())
    return [Count.of(total, told[-1].datum, told[-1].name, source)]


def _one(findings: Findings, nodes: Nodes, codes: Sequence[str]) -> Count | None:
    """Return what the latest counts of some codes come to; several of one day leave open which holds."""
    counts = {id(count.told): count for count in _counts(findings, nodes, codes)}
    latest = in_order(latest_of([count.told for count in counts.values()]))
    left = [counts[id(told)] for told in latest]
    if len({told.value for told in latest}) < 2:
        return left[-1] if left else None
    source = sources(latest)
    findings.note("conflict", field=nodes.field, listed=source)
    hull = reduce(Span.hull, (count.span for count in left))
    return Count.of(hull, left[-1].told.datum, left[-1].told.name, source)


def _sentinel_and_others(findings: Findings, nodes: Nodes) -> list[Count]:
    """Return the count that sentinel nodes and regional nodes give, where no total is stated.

    Some mean all regional nodes by the second count, others those that are no sentinel nodes; where that is
    not known the answer lies between the two.
    """
    sentinel, regional = _one(findings, nodes, nodes.sentinel), _one(findings, nodes, nodes.regional)
    if sentinel is None or regional is None:
        return _counts(findings, nodes, nodes.regional if sentinel is None else nodes.sentinel)
    total, told = sentinel.span.plus(regional.span), regional.told
    source = sources([sentinel.told, told])
    if _says(told.datum, findings.codes.regional_is_total):
        return _counts(findings, nodes, nodes.regional)
    least, most = sentinel.span.low or 0, regional.span.high
    rest = _says(told.datum, findings.codes.regional_is_rest) or (most is not None and most < least)
    if not rest:
        total = total.at_least(max(regional.span.low or 0, least))
    key = "nodes_added" if rest else "nodes_between"
    findings.note(key, field=nodes.field, source=source, value=total.entry())
    return [Count.of(total, told.datum, told.name, source)]


def _says(datum: Datum, wanted: Sequence[str]) -> bool:
    """Say whether an observation claims a profile of a family."""
    names = [profile.partition("|")[0].rpartition("/")[2] for profile in datum.profiles]
    return any(name.startswith(family) for name in names for family in wanted)


def _parts(findings: Findings, nodes: Nodes) -> list[Count]:
    """Return the count that several sorts of deposits give together; one alone is the least it can be."""
    found = [count for code in nodes.parts if (count := _one(findings, nodes, [code]))]
    if not found:
        return []
    total = reduce(Span.plus, (count.span for count in found))
    if len(found) < len(nodes.parts) and _whole(total):
        total = Span(total.low, None, total.above)
    source = sources(count.told for count in found)
    findings.note("nodes_added", field=nodes.field, source=source, value=total.entry())
    return [Count.of(total, found[0].told.datum, found[0].told.name, source)]


def _whole(span: Span) -> bool:
    """Say whether a count is one: what is not whole is left to the engine to refuse."""
    return all(end is None or end == int(end) for end in (span.low, span.high))


def _with_tumour_cells(findings: Findings, nodes: Nodes, counted: list[Count]) -> list[Count]:
    """Return counts with the nodes that hold isolated tumour cells alone, where these are positive nodes."""
    cells = _one(findings, nodes, nodes.tumour_cells)
    if cells is None or cells.span.exact == 0:
        return counted
    source = cells.told.source
    if findings.cancer not in nodes.counted_in:
        findings.note("tumour_cells", field=nodes.field, source=source)
        return counted
    added = [
        Count.of(
            count.span.plus(cells.span), count.told.datum, count.told.name, sources([count.told, cells.told])
        )
        for count in counted
    ]
    findings.note("nodes_added", field=nodes.field, source=source, value=added[0].told.value)
    return added


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
