"""Counts of lymph nodes, as FHIR carries them: the total, or what the other counts make of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

from riskcli.errors import listed
from riskcli.interop.category_counts import as_count
from riskcli.interop.fhir_choice import Told, by_specimen, in_order, latest_of, sources
from riskcli.interop.fhir_codes import Nodes, Word
from riskcli.interop.fhir_findings import Findings
from riskcli.interop.fhir_tnm import Stage
from riskcli.interop.fhir_values import Datum, Span
from riskcli.values import UNKNOWN

_OF = re.compile(r"\s*(\d{1,3})\s*(?:(?:/|of|out of|von)\s*(\d{1,3})\s*)?")
"""A number of nodes in words: 2, 2/3, 2 of 3; of none it says nothing."""
_NONE, _SOME = "N0", "N+"
"""What every table with categories of nodes takes for no node with cancer, and for some."""
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
    if findings.uses(nodes.field) and not findings.has(nodes.field):
        told = stage.pathological.get(nodes.category, []) if nodes.category else []
        counted = [count.told for count in _counted(findings, nodes)]
        if counted:
            findings.take(nodes.field, counted)
            _fits(findings, nodes, told)
        elif told:
            _by_category(findings, nodes.field, told)
    if nodes.category and not findings.uses(nodes.field):
        _stand_for(findings, nodes, nodes.category)


def _counted(findings: Findings, nodes: Nodes) -> list[Count]:
    """Return the total, or what the other counts make of it; none of them may be larger than that."""
    total = _counts(findings, nodes, nodes.total)
    sentinel, regional = _one(findings, nodes, nodes.sentinel), _one(findings, nodes, nodes.regional)
    counted = total or _sentinel_and_others(findings, nodes, sentinel, regional)
    parts = _parts(findings, nodes, quiet=bool(counted))
    if not counted:
        return _with_tumour_cells(findings, nodes, parts)
    stated = [count for count in (sentinel if total else None, regional if total else None, *parts) if count]
    most = max(stated, key=lambda count: count.span.low or 0, default=None)
    if most and any(
        count.span.high is not None and count.span.high < (most.span.low or 0) for count in counted
    ):
        source = sources(count.told for count in (*counted, *stated))
        findings.note("nodes_differ", field=nodes.field, source=source)
        counted = [
            Count.of(count.span.hull(most.span), count.told.datum, count.told.name, source)
            for count in counted
        ]
    return _with_tumour_cells(findings, nodes, counted)


def _counts(findings: Findings, nodes: Nodes, codes: Sequence[str]) -> list[Count]:
    """Return the counts that observations of some codes give, those of several specimens as one."""
    counts = []
    for code, datum in findings.specimen(nodes.field, codes):
        span = _span(findings, nodes, datum)
        if span is not None:
            counts.append(Count.of(span, datum, code))
        elif datum.answer:
            findings.note("unread", field=nodes.field, source=datum.source(code), name=datum.reference)
    return _together(findings, nodes, counts)


def _span(findings: Findings, nodes: Nodes, datum: Datum) -> Span | None:
    """Return the number that an observation counts; at least one, where it only says that there are some."""
    answer = datum.answer
    if answer is None:
        return None
    if answer.span is not None:
        return answer.span if findings.codes.unit("count", answer.unit) else None
    if not nodes.answers:
        return None
    some, none = [*findings.codes.answers[nodes.answers].items()][:2]
    for span, (word, codes) in ((Span(1, None), some), (Span(0, 0), none)):
        told = any(said.lower() == word for said in answer.texts)
        if told or findings.codes.matching(answer.names, codes) or answer.truth is (span.low == 1):
            return span
    numbers = (_OF.fullmatch(said) for said in answer.texts)
    return next(
        (Span(float(found[1]), float(found[1])) for found in numbers if found and found[2] != "0"), None
    )


def _together(findings: Findings, nodes: Nodes, counts: list[Count]) -> list[Count]:
    """Return the counts of several specimens, or of several days, as one.

    Those of specimens that are lymph nodes alone add up. Of others one count may hold another, so that the
    answer lies between the largest and the sum. Where only some name their specimen, where one has two counts
    of one day, and where one corrects another, the day tells, as of anything else.
    """
    spans = {id(count.told): count.span for count in counts}
    groups = _parted([count.told for count in counts])
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


def _parted(told: Sequence[Told]) -> dict[str, list[Told]]:
    """Return counts by the specimen they are of; where none names one, those that differ by their day."""
    groups = by_specimen(told)
    if {*groups} != {""} or len({item.value for item in told}) == 1:
        return groups
    if any(item.datum.corrected for item in told):
        return groups
    days: dict[str, list[Told]] = {}
    for item in told:
        days.setdefault(item.datum.date, []).append(item)
    return days


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


def _sentinel_and_others(
    findings: Findings, nodes: Nodes, sentinel: Count | None, regional: Count | None
) -> list[Count]:
    """Return the count that sentinel nodes and regional nodes give, where no total is stated.

    Some mean all regional nodes by the second count, others those that are no sentinel nodes; where that is
    not known the answer lies between the two.
    """
    if regional is None or sentinel is None:
        return _counts(findings, nodes, nodes.sentinel if regional is None else nodes.regional)
    if _says(regional.told.datum, findings.codes.regional_is_total):
        return _counts(findings, nodes, nodes.regional)
    total, told = sentinel.span.plus(regional.span), regional.told
    source = sources([sentinel.told, told])
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


def _parts(findings: Findings, nodes: Nodes, quiet: bool) -> list[Count]:
    """Return the count that several sorts of deposits give together; one alone is the least it can be."""
    found = [count for code in nodes.parts if (count := _one(findings, nodes, [code]))]
    if not found:
        return []
    total = reduce(Span.plus, (count.span for count in found))
    if len(found) < len(nodes.parts) and _whole(total):
        total = Span(total.low, None, total.above)
    source = sources(count.told for count in found)
    if not quiet:
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


def _by_category(findings: Findings, name: str, told: Sequence[Told]) -> None:
    """State the count that a category stands for, where the table's reader knows it."""
    latest, reader = latest_of(told), findings.reader.readers[name]
    kept = [
        replace(item, value=value)
        for item in latest
        if (value := as_count(reader, str(item.value))) is not None
    ]
    if any(reader.read(item.value).shown != UNKNOWN for item in kept):
        findings.note("by_category", field=name, source=kept[0].source)
        findings.take(name, kept)
    elif not kept:
        findings.note("unread", field=name, source=latest[0].source, name=latest[0].datum.reference)


def _fits(findings: Findings, nodes: Nodes, told: Sequence[Told]) -> None:
    """State what a category says beside the count; where the two do not fit, either may hold."""
    name = nodes.field
    place = next(i for i, item in enumerate(findings.found) if item.field == name)
    stated, reader = findings.found[place], findings.reader.readers[name]
    if not findings.takes(name, stated.value):
        return
    count = reader.read(stated.value).entry
    for item in latest_of(told):
        value = as_count(reader, str(item.value))
        reading = reader.read(value) if value else None
        if reading is None or reading.entry is None or count is None:
            continue
        if not reading.entry.meets(count):
            both = [*(stated.value if isinstance(stated.value, list) else [stated.value]), str(value)]
            findings.note("category_differs", field=name, source=stated.source, category=item.source)
            findings.found[place] = replace(stated, value=both, source=f"{stated.source}; {item.source}")
            return
        for other, implied in reading.implied.items():
            if other in nodes.besides and findings.uses(other) and not findings.has(other):
                findings.add(other, implied, item.source, item.datum.reference)


def _stand_for(findings: Findings, nodes: Nodes, category: str) -> None:
    """State the categories that a count leaves, in a cancer whose table has no count."""
    if not findings.uses(category) or findings.has(category):
        return
    counted = _counted(findings, nodes)
    lows = [count.span.low or 0 for count in counted]
    highs = [count.span.high for count in counted]
    words = [_NONE] if counted and min(lows) == 0 and not _none_examined(findings, nodes) else []
    words += [_SOME] if any(high is None or high > 0 for high in highs) else []
    if not words or not all(findings.takes(category, word) for word in words):
        return
    values: list[Word | float] = []
    for word in words:
        shown = findings.reader.readers[category].read(word).shown
        values += shown if isinstance(shown, list) else [shown]
    source = sources(count.told for count in counted)
    findings.note("category_from_count", field=category, source=source, value=listed([*map(str, values)]))
    findings.add(category, values[0] if len(values) == 1 else values, source, counted[0].told.datum.reference)


def _none_examined(findings: Findings, nodes: Nodes) -> bool:
    """Say whether no node was looked at, so that none with cancer means nothing."""
    others = [other for other in findings.codes.nodes if other is not nodes]
    counted = [count for other in others for count in _counted(findings, other)]
    return bool(counted) and all(count.span.exact == 0 for count in counted)
