"""Proofs over the whole space of a table, by walking its diagrams; nothing is sampled.

A proof is about a table's logic, never about its medicine.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any

from riskcli.cells import Cells
from riskcli.compiled import FIRST, Compiled
from riskcli.diagram import leaf
from riskcli.findings import Finding, Subject
from riskcli.witness import case_of, drop, reached, witness


def gaps(subject: Subject) -> Iterator[Finding]:
    """Every possible case reaches a row, and every derived name has a value."""
    case = witness(subject.compiled, subject.compiled.roots["rows"], 1)
    if case is not None:
        yield subject.found(
            "gap",
            ("likelihood",),
            "likelihood",
            "no likelihood row answers some possible case.",
            "Add a row for it, or widen one.",
            case,
        )
    for derived in subject.table.derived:
        case = witness(subject.compiled, subject.compiled.roots[f"derived:{derived}"], 1)
        if case is not None:
            yield subject.found(
                "derived-gap",
                ("derived", derived),
                derived,
                f"{derived} has no value for some possible case.",
                "Add a row for it.",
                case,
            )


def unreachable(subject: Subject) -> Iterator[Finding]:
    """Every row, and every criterion of an option, decides some case."""
    decided = reached(subject.compiled.store, subject.compiled.roots["rows"])
    for i, row in enumerate(subject.table.likelihood):
        if not decided >> (FIRST + i) & 1:
            yield subject.found(
                "unreachable",
                ("likelihood", i),
                row.id,
                f"row {row.id} never applies: the rows above it, or what is impossible, cover all its cases.",
                "Narrow the rows above, or delete it.",
            )
    for section, prefix in (("options", "option"), ("not_supported", "not")):
        for i, option in enumerate(getattr(subject.table, section)):
            ends = reached(subject.compiled.store, subject.compiled.roots[f"{prefix}:{i}"])
            for j, criterion in enumerate(option.any_of):
                if not ends >> (FIRST + j) & 1:
                    yield subject.found(
                        "option-unreachable",
                        (section, i, "any_of", j),
                        criterion.id,
                        f"criterion {criterion.id} of {option.id} adds no case to those above it.",
                        "Narrow those above, or delete it.",
                    )


def monotone(subject: Subject) -> Iterator[Finding]:
    """A worse finding never lowers the level, exceptions apart; each exception is needed."""
    needed: set[int] = set()
    for name, spec in subject.table.fields.items():
        if spec.worse:
            yield from _field_breaks(subject, name, spec.worse, needed)
    yield from _exceptions(subject, needed)


def _field_breaks(subject: Subject, name: str, worse: str, needed: set[int]) -> Iterator[Finding]:
    """Give the break of monotonicity in a field, or a note where the claim rests on impossible rows.

    The exceptions that cover a break are added to `needed`.
    """
    place = subject.compiled.index[name]
    try:
        pairs = worse_pairs(subject.compiled.space.cells[place], worse)
    except ValueError as error:
        yield subject.found(
            "worse",
            ("fields", name),
            name,
            f"{error}.",
            "Correct it, or leave it out where there is none.",
        )
        return
    breaks = list(_breaks(subject, subject.compiled, place, pairs, needed))
    yield from breaks
    if not breaks:
        for finding in _breaks(subject, subject.bare, place, pairs, set()):
            yield Finding(
                "vacuous",
                finding.file,
                finding.line,
                finding.row,
                f"the claim that a worse {name} never lowers the level rests on impossible rows.",
                "Look at the case: nobody may be such a patient.",
                finding.case,
                "note",
            )


def _exceptions(subject: Subject, needed: Container[int]) -> Iterator[Finding]:
    """Give the exceptions that turn on something unknown, and those that nothing needs."""
    for i, exemption in enumerate(subject.table.exceptions):
        for key in exemption.when:
            if key not in subject.table.fields and key not in subject.table.derived:
                yield subject.found(
                    "exception-name",
                    ("exceptions", i, "when", key),
                    exemption.field,
                    f"the exception for {exemption.field} turns on {key}, which is no field or derived name.",
                    "Correct the name.",
                )
        if i not in needed:
            yield subject.found(
                "exception-unused",
                ("exceptions", i),
                exemption.field,
                f"nothing needs the exception for {exemption.field}.",
                "Delete it.",
            )


def _breaks(
    subject: Subject, compiled: Compiled, place: int, pairs: Sequence[tuple[int, int]], needed: set[int]
) -> Iterator[Finding]:
    """Give a finding for the first break of monotonicity in a field that no exception covers."""
    name = compiled.space.cells[place].field
    store, root = compiled.store, compiled.roots["level"]
    covers = []
    for i, exemption in enumerate(subject.table.exceptions):
        if exemption.field == name:
            covers.append((i, subject.holds(compiled, exemption.when)))
    covered = root
    for _, box in covers:
        covered = store.choose(box, leaf(0), covered)
    for i, box in covers:
        inside = store.choose(box, root, leaf(0))
        if any(drop(store, inside, place, pair) is not None for pair in pairs):
            needed.add(i)
    for pair in pairs:
        found = drop(store, covered, place, pair)
        if found is not None:
            cells = compiled.space.cells[place]
            before, after = (cells.names[cell] for cell in pair)
            case = case_of(compiled.space, {**found, place: pair[0]})
            yield subject.found(
                "not-monotone",
                ("fields", name),
                name,
                f"{name} {after} gives a lower level than {before}, though it is declared worse.",
                "Correct the rows, or declare the exception with its reason.",
                case,
            )
            return


def ruled_out(subject: Subject) -> Iterator[Finding]:
    """No option is offered where an entry of the same id rules it out."""
    numbers = {option.id: i for i, option in enumerate(subject.table.options)}
    store = subject.compiled.store
    for j, item in enumerate(subject.table.not_supported):
        i = numbers.get(item.id)
        if i is None:
            continue
        offered, ruled = (
            store.relabel(subject.compiled.roots[key], lambda value: int(value >= FIRST))
            for key in (f"option:{i}", f"not:{j}")
        )
        case = witness(subject.compiled, store.both(offered, ruled), 1)
        if case is not None:
            yield subject.found(
                "ruled-out",
                ("not_supported", j),
                item.id,
                f"{item.id} is offered in a case in which it is also called not supported.",
                "Narrow one of the two.",
                case,
            )


def dependent(subject: Subject) -> Iterator[Finding]:
    """A condition on a dependent field comes with conditions that imply its parent."""
    for path, row, when in subject.whens():
        masks = dict(subject.masks({k: v for k, v in when.items() if k in subject.compiled.index}))
        for name, pairs in subject.compiled.boxes["only_if"].items():
            cells = subject.compiled.space.cells[subject.compiled.index[name]]
            if name not in masks or masks[name] & cells.not_done:
                continue
            for parent, mask in pairs:
                above = subject.compiled.space.cells[parent]
                if masks.get(above.field, above.full) & ~mask and not _implied(subject, when, parent, mask):
                    yield subject.found(
                        "dependent",
                        path,
                        row,
                        f"row {row} turns on {name}, which applies only when {above.field} is "
                        f"{above.describe(mask)}.",
                        f"Add {above.field} to its `when`.",
                    )


def _implied(subject: Subject, when: dict[str, Any], parent: int, mask: int) -> bool:
    """Say whether derived names in a `when` imply a parent's value."""
    store = subject.compiled.store
    derived = {key: raw for key, raw in when.items() if key in subject.table.derived}
    outside = subject.compiled.space.cells[parent].full & ~mask
    return store.both(subject.holds(subject.compiled, derived), store.box({parent: outside})) == leaf(0)


def worse_pairs(cells: Cells, worse: str) -> list[tuple[int, int]]:
    """Return the pairs of cells (better, worse) that a field's `worse` claims; `not_done` has no place.

    Raises:
        ValueError: `worse` is neither higher, lower nor one of the words.
    """
    count = cells.count - bool(cells.not_done)
    order = list(range(count))
    words = cells.domain.words
    if worse == "lower" or (worse in words and worse == words[0]):
        order.reverse()
    elif worse in words and worse != words[-1]:
        last = words.index(worse)
        return [(cell, last) for cell in order if cell != last]
    elif worse not in words and worse != "higher":
        raise ValueError(
            f"{cells.field}: worse is {worse}, which is neither higher, lower nor one of its words"
        )
    return [(a, b) for n, b in enumerate(order) for a in order[:n]]
