"""Lints of a rule file: figures, sources, the gate, examples. What a walk cannot see is guarded here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from riskcli.findings import Finding, Subject
from riskcli.trials import differences, stated_masks

MOST_NODES = 20_000
"""The most diagram nodes a table may need."""

_GATE = {
    "metastasis": ("present",),
    "disease": ("recurrent",),
    "local_treatment": ("incomplete", "biopsy_only"),
    "neoadjuvant_therapy": ("yes",),
}


def impossible_nodes(subject: Subject) -> Iterator[Finding]:
    """No impossible row says that unexamined nodes are not positive."""
    for i, row in enumerate(subject.table.impossible):
        if {"nodes_positive", "nodes_examined"} <= row.when.keys():
            yield subject.found(
                "impossible-nodes",
                ("impossible", i),
                "nodes_examined",
                "an impossible row over both node counts would turn unknown nodes into negative ones.",
                "Delete it; the node rule is built in.",
            )


def figures(subject: Subject) -> Iterator[Finding]:
    """Direct figures lie in their band; others say how they lead to the level."""
    bands = {level.id: level for level in subject.rules.common(subject.name).levels}
    for i, row in enumerate(subject.table.likelihood):
        path = ("likelihood", i)
        if not row.when:
            yield subject.found(
                "catch-all",
                path,
                row.id,
                f"row {row.id} states no finding, so it takes whatever the rows above it leave.",
                "State what it relies on.",
            )
        if row.basis == "converted" and not (row.limits and row.published):
            yield subject.found(
                "converted",
                path,
                row.id,
                f"row {row.id} is converted but gives no figure or no limits that explain it.",
                "Give the figure and say how it leads to the level, or call it a judgement.",
            )
        if row.basis != "direct":
            continue
        figure = row.published
        distant = (
            figure
            and any(word in figure.endpoint for word in ("distant", "metasta"))
            and figure.treated.startswith("none")
        )
        if figure is None or not distant or (figure.years or 0) < subject.table.horizon_years:
            yield subject.found(
                "direct",
                path,
                row.id,
                f"row {row.id} is direct, but its figure is not distant recurrence without further treatment "
                f"over {subject.table.horizon_years} years.",
                "Call it converted and say how, or cite another figure.",
            )
        elif not bands[row.level].from_ <= figure.percent < bands[row.level].below:
            yield subject.found(
                "band",
                path,
                row.id,
                f"row {row.id} is {row.level}, but its figure is {figure.percent:g} %.",
                "Correct the figure or the level.",
            )


def unused(subject: Subject) -> Iterator[Finding]:
    """Every field and every source is used."""
    used = {name for _, _, when in subject.whens() for name in when}
    for rows in subject.table.derived.values():
        parts: Iterable[Any] = rows.points if hasattr(rows, "points") else [n for r in rows for n in r.when]
        used.update(parts)
    for section in ("out_of_scope", "warnings"):
        used.update(name for row in getattr(subject.table, section) for name in row.when)
    used.update(name for row in subject.rules.common(subject.name).warnings for name in row.when)
    for name in subject.table.fields:
        if name not in used:
            yield subject.found(
                "unused-field",
                ("fields", name),
                name,
                f"nothing turns on {name}.",
                "Use it or delete it.",
            )
    cited = {source for row in subject.table.likelihood for source in row.source}
    cited.update(s for row in subject.table.likelihood if row.disputed for s in row.disputed.source)
    for section in ("options", "not_supported"):
        cited.update(s for o in getattr(subject.table, section) for c in o.any_of for s in c.source)
    for section in ("exceptions", "systems", "sites"):
        cited.update(s for row in getattr(subject.table, section) for s in row.source)
    for name in subject.table.sources:
        if name not in cited:
            yield subject.found(
                "unused-source",
                ("sources", name),
                name,
                f"nothing cites {name}.",
                "Cite it or delete it.",
            )


def sources(subject: Subject) -> Iterator[Finding]:
    """A source has an identifier or says that none was seen; dates agree."""
    for name, source in subject.table.sources.items():
        path = ("sources", name)
        known = source.doi or source.pmid or source.url
        if not known and not source.identifier and source.kind != "background":
            yield subject.found(
                "identifier",
                path,
                name,
                f"{name} has no doi, pmid or url.",
                "Add one that you saw, or write `identifier: none seen`.",
            )
        if (source.seen == "not_seen") != (source.on is None):
            yield subject.found(
                "seen",
                path,
                name,
                f"{name} is {source.seen}, which does not go with its `on`.",
                "Give the day it was looked at, or none when it was not.",
            )
        if source.on and source.on > subject.table.evidence_checked:
            yield subject.found(
                "dates",
                path,
                name,
                f"{name} was looked at after evidence_checked.",
                "Move evidence_checked forward.",
            )
        if source.year and source.year > subject.table.evidence_checked.year:
            yield subject.found(
                "dates",
                path,
                name,
                f"{name} is of {source.year}, after evidence_checked.",
                "Correct the year or move evidence_checked forward.",
            )
    if subject.table.review_by <= subject.table.evidence_checked:
        yield subject.found(
            "dates",
            ("review_by",),
            "review_by",
            "review_by is not after evidence_checked.",
            "Correct it.",
        )


def gate(subject: Subject) -> Iterator[Finding]:
    """The table turns away what no table answers."""
    for name, values in _GATE.items():
        if name == "neoadjuvant_therapy" and name in subject.table.fields:
            continue
        for value in values:
            rows = [row.when for row in subject.table.out_of_scope if row.when.keys() == {name}]
            if not any(value in (raw if isinstance(raw := when[name], list) else [raw]) for when in rows):
                yield subject.found(
                    "gate",
                    ("out_of_scope",),
                    name,
                    f"{name}: {value} is not turned away.",
                    "Add it to out_of_scope with the sentence that says where to look.",
                )


def size(subject: Subject) -> Iterator[Finding]:
    """The diagrams stay small."""
    nodes = len(subject.compiled.store.fields)
    if nodes > MOST_NODES:
        yield subject.found(
            "states",
            (),
            subject.name,
            f"the diagrams need {nodes} nodes; the cap is {MOST_NODES}.",
            "Put fields that are used together next to each other.",
        )


def examples(subject: Subject) -> Iterator[Finding]:
    """Every example is answered as it says, and every row and option has one."""
    for i, example in enumerate(subject.table.examples):
        for message in differences(subject.compiled, example):
            yield subject.found(
                "example",
                ("examples", i),
                example.id,
                f"example {example.id}: {message}.",
                "Correct the rows or, with a reason, the example.",
                example.case,
            )
    named = {example.rule for example in subject.table.examples}
    for i, row in enumerate(subject.table.likelihood):
        if row.id not in named:
            yield subject.found(
                "no-example",
                ("likelihood", i),
                row.id,
                f"no example names row {row.id}.",
                "Add one with `rule: " + row.id + "`.",
            )
    offered = {name for example in subject.table.examples for name in (*example.options, *example.depends)}
    for i, option in enumerate(subject.table.options):
        if option.id not in offered:
            yield subject.found(
                "option-example", ("options", i), option.id, f"no example offers {option.id}.", "Add one."
            )


def thresholds(subject: Subject) -> Iterator[Finding]:
    """Every threshold of a number has an example just on either side."""
    seen = [0] * len(subject.compiled.space.cells)
    for example in subject.table.examples:
        for place, mask in stated_masks(subject.compiled, example):
            if mask.bit_count() == 1:
                seen[place] |= mask
    for place, cells in enumerate(subject.compiled.space.cells):
        for i in range(len(cells.spans) - 1):
            if seen[place] >> i & 0b11 != 0b11:
                yield subject.found(
                    "threshold",
                    ("fields", cells.field),
                    cells.field,
                    f"{cells.field}: no examples on both sides of {cells.names[i]} | {cells.names[i + 1]}.",
                    "Add a pair of examples.",
                )
