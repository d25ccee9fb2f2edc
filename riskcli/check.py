"""Proofs over the whole space of a table, and the lints of its file. A proof is about its logic, never its medicine.

Nothing is sampled: every question is a walk over the table's diagrams. What a walk cannot see (a wrong
level, a dropped condition) is guarded by the examples, which are run here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from riskcli.cells import Cells
from riskcli.compiled import FIRST, Compiled
from riskcli.compiling import TableFaults, compile_table
from riskcli.diagram import Diagram, leaf, leaf_value
from riskcli.errors import RuleFileError
from riskcli.loader import Rules
from riskcli.tables import Option, Table
from riskcli.yaml_source import Document

MOST_NODES = 20_000
"""The most diagram nodes a table may need."""

Severity = Literal["fault", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing that a check found in a rule file."""

    code: str
    """A stable word for this kind of finding; see `CODES`."""
    file: str
    line: int
    row: str
    """The row, field or source it is about."""
    message: str
    """What is wrong, in one sentence."""
    mend: str
    """How to mend it."""
    case: dict[str, Any] = field(default_factory=dict)
    """A case that shows it."""
    severity: Severity = "fault"

    def __str__(self) -> str:
        """Return the finding as one line."""
        shown = f" Example: {_shown(self.case)}." if self.case else ""
        return f"{self.file}:{self.line}: {self.code}: {self.message} {self.mend}{shown}"


CODES: dict[str, str] = {
    "load": "the file cannot be read as a rule table",
    "gap": "some possible case reaches no likelihood row",
    "derived-gap": "some possible case gets no value of a derived name",
    "unreachable": "a row that no case reaches",
    "option-unreachable": "a criterion of an option that no case reaches",
    "not-monotone": "a worse finding lowers the level",
    "exception-unused": "a declared exception that nothing needs",
    "vacuous": "a monotonicity claim that holds only because impossible rows exclude the cases",
    "ruled-out": "an option offered in a case in which another row rules it out",
    "dependent": "a condition on a dependent field without conditions that imply its parent",
    "impossible-nodes": "an impossible row that would turn unknown nodes into negative ones",
    "band": "a direct figure outside the band of its level",
    "direct": "a row called direct whose figure is not distant recurrence without further treatment",
    "converted": "a converted or judged figure without the limits that explain it",
    "unused-field": "a field that nothing uses",
    "unused-source": "a source that nothing cites",
    "identifier": "a source without an identifier",
    "seen": "a source whose `seen` and `on` disagree",
    "low": "a row for low that states no finding",
    "no-example": "a likelihood row without an example that names it",
    "option-example": "an option without an example that offers it",
    "threshold": "a threshold without an example on both sides",
    "example": "an example whose answer is not the one it states",
    "states": "more diagram nodes than the cap",
    "gate": "the scope gate is incomplete",
    "dates": "dates of the table and its sources that contradict each other",
}
"""Every kind of finding and what it means."""

_GATE = {
    "metastasis": ("present",),
    "disease": ("recurrent",),
    "local_treatment": ("incomplete", "biopsy_only"),
    "neoadjuvant_therapy": ("yes",),
}


def check_table(rules: Rules, name: str) -> list[Finding]:
    """Return everything wrong with one table, in the order of the file; nothing when it is sound."""
    try:
        document, table = rules.read(name)
        compiled = rules.compile(name)
    except RuleFileError as error:
        return [
            Finding("load", fault.file, fault.line, name, fault.message, "Correct the file.")
            for fault in error.faults
        ]
    findings = list(_Checker(rules, name, document, table, compiled).run())
    return sorted(findings, key=lambda finding: (finding.line, finding.code))


@dataclass(frozen=True)
class _Checker:
    """One run over one table."""

    rules: Rules
    name: str
    document: Document
    table: Table
    compiled: Compiled

    def run(self) -> Iterator[Finding]:
        """Give every finding."""
        for part in (
            self._gaps,
            self._unreachable,
            self._monotone,
            self._ruled_out,
            self._dependent,
            self._impossible,
            self._figures,
            self._unused,
            self._sources,
            self._gate,
            self._size,
            self._examples,
            self._thresholds,
        ):
            yield from part()

    def _found(
        self,
        code: str,
        path: Sequence[str | int],
        row: str,
        message: str,
        mend: str,
        case: dict[str, Any] | None = None,
        severity: Severity = "fault",
    ) -> Finding:
        """Return a finding at a place in the file."""
        line = self.document.line(tuple(path))
        return Finding(code, self.document.file, line, row, message, mend, case or {}, severity)

    # ---- proofs

    def _gaps(self) -> Iterator[Finding]:
        """Every possible case reaches a row, and every derived name has a value."""
        case = witness(self.compiled, self.compiled.roots["rows"], 1)
        if case is not None:
            yield self._found(
                "gap",
                ("likelihood",),
                "likelihood",
                "no likelihood row answers some possible case.",
                "Add a row for it, or widen one.",
                case,
            )
        for derived in self.table.derived:
            case = witness(self.compiled, self.compiled.roots[f"derived:{derived}"], 1)
            if case is not None:
                yield self._found(
                    "derived-gap",
                    ("derived", derived),
                    derived,
                    f"{derived} has no value for some possible case.",
                    "Add a row for it.",
                    case,
                )

    def _unreachable(self) -> Iterator[Finding]:
        """Every row, and every criterion of an option, decides some case."""
        reached = self._ends(self.compiled.roots["rows"])
        for i, row in enumerate(self.table.likelihood):
            if not reached >> (FIRST + i) & 1:
                yield self._found(
                    "unreachable",
                    ("likelihood", i),
                    row.id,
                    f"row {row.id} never applies: the rows above it, or what is impossible, cover every such case.",
                    "Narrow the rows above, or delete it.",
                )
        for section, prefix in (("options", "option"), ("not_supported", "not")):
            for i, option in enumerate(getattr(self.table, section)):
                ends = self._ends(self.compiled.roots[f"{prefix}:{i}"])
                for j, criterion in enumerate(option.any_of):
                    if not ends >> (FIRST + j) & 1:
                        yield self._found(
                            "option-unreachable",
                            (section, i, "any_of", j),
                            criterion.id,
                            f"criterion {criterion.id} of {option.id} adds no case to those above it.",
                            "Narrow those above, or delete it.",
                        )

    def _ends(self, root: int) -> int:
        """Return the leaves a root reaches, as a bit mask."""
        found, seen, stack = 0, set(), [root]
        while stack:
            ref = stack.pop()
            if ref < 0:
                found |= 1 << leaf_value(ref)
            elif ref not in seen:
                seen.add(ref)
                stack.extend(self.compiled.store.children[ref])
        return found

    def _monotone(self) -> Iterator[Finding]:
        """A worse finding never lowers the level, exceptions apart; each exception is needed."""
        bare = compile_table(
            self.table,
            self.rules.common(self.name),
            self.rules.vocabulary(self.name),
            without=frozenset((-1,)),
        )
        needed: set[int] = set()
        for name, spec in self.table.fields.items():
            if not spec.worse:
                continue
            place = self.compiled.index[name]
            pairs = worse_pairs(self.compiled.space.cells[place], spec.worse)
            breaks = list(self._breaks(self.compiled, place, pairs, needed))
            yield from breaks
            if not breaks:
                for finding in self._breaks(bare, place, pairs, set()):
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
        for i, exemption in enumerate(self.table.exceptions):
            if i not in needed:
                yield self._found(
                    "exception-unused",
                    ("exceptions", i),
                    exemption.field,
                    f"nothing needs the exception for {exemption.field}.",
                    "Delete it.",
                )

    def _breaks(
        self, compiled: Compiled, place: int, pairs: Sequence[tuple[int, int]], needed: set[int]
    ) -> Iterator[Finding]:
        """Give a finding for the first break of monotonicity in a field that no exception covers."""
        name = compiled.space.cells[place].field
        store, root = compiled.store, compiled.roots["level"]
        covers = []
        for i, exemption in enumerate(self.table.exceptions):
            if exemption.field == name:
                masks = {compiled.index[key]: mask for key, mask in self._masks(compiled, exemption.when)}
                covers.append((i, store.box(masks)))
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
                case = case_of(compiled, {**found, place: pair[0]})
                yield self._found(
                    "not-monotone",
                    ("fields", name),
                    name,
                    f"{name} {after} gives a lower level than {before}, though it is declared worse.",
                    "Correct the rows, or declare the exception with its reason.",
                    case,
                )
                return

    def _masks(self, compiled: Compiled, when: dict[str, Any]) -> Iterator[tuple[str, int]]:
        """Give the masks of a condition over plain fields."""
        from riskcli.conditions import parse_entry

        for name, raw in when.items():
            cells = compiled.space.cells[compiled.index[name]]
            yield name, cells.mask(parse_entry(raw, cells.domain))

    def _ruled_out(self) -> Iterator[Finding]:
        """No option is offered where an entry of the same id rules it out."""
        numbers = {option.id: i for i, option in enumerate(self.table.options)}
        store = self.compiled.store
        for j, item in enumerate(self.table.not_supported):
            i = numbers.get(item.id)
            if i is None:
                continue
            offered, ruled = (
                store.relabel(self.compiled.roots[key], lambda value: int(value >= FIRST))
                for key in (f"option:{i}", f"not:{j}")
            )
            case = witness(self.compiled, store.both(offered, ruled), 1)
            if case is not None:
                yield self._found(
                    "ruled-out",
                    ("not_supported", j),
                    item.id,
                    f"{item.id} is offered in a case in which it is also called not supported.",
                    "Narrow one of the two.",
                    case,
                )

    # ---- conditions

    def _whens(self) -> Iterator[tuple[tuple[str | int, ...], str, dict[str, Any]]]:
        """Give the conditions of every row people are shown."""
        for i, row in enumerate(self.table.likelihood):
            yield ("likelihood", i, "when"), row.id, row.when
        for section in ("options", "not_supported"):
            options: Sequence[Option] = getattr(self.table, section)
            for i, option in enumerate(options):
                for j, criterion in enumerate(option.any_of):
                    yield (section, i, "any_of", j, "when"), criterion.id, criterion.when

    def _dependent(self) -> Iterator[Finding]:
        """A condition on a dependent field comes with conditions that imply its parent."""
        for path, row, when in self._whens():
            masks = dict(
                self._masks(self.compiled, {k: v for k, v in when.items() if k in self.compiled.index})
            )
            for name, pairs in self.compiled.boxes["only_if"].items():
                cells = self.compiled.space.cells[self.compiled.index[name]]
                if name not in masks or masks[name] & cells.not_done:
                    continue
                for parent, mask in pairs:
                    above = self.compiled.space.cells[parent]
                    if masks.get(above.field, above.full) & ~mask and not self._implied(when, parent, mask):
                        yield self._found(
                            "dependent",
                            path,
                            row,
                            f"row {row} turns on {name}, which applies only when {above.field} is "
                            f"{above.describe(mask)}.",
                            f"Add {above.field} to its `when`.",
                        )

    def _implied(self, when: dict[str, Any], parent: int, mask: int) -> bool:
        """Say whether derived names in a `when` imply a parent's value."""
        store = self.compiled.store
        names = [key for key in when if key in self.table.derived]
        if not names:
            return False
        root = leaf(1)
        for key in names:
            values = self._derived_leaves(key, when[key])
            root = store.both(
                store.relabel(self.compiled.roots[f"derived:{key}"], lambda v, ok=values: int(v in ok)), root
            )
        outside = self.compiled.space.cells[parent].full & ~mask
        return store.both(root, store.box({parent: outside})) == leaf(0)

    def _derived_leaves(self, name: str, raw: object) -> set[int]:
        """Return the leaves of a derived value that a condition allows."""
        from riskcli.evaluate import derived_values

        values = derived_values(self.compiled, name)
        wanted = {str(item) for item in (raw if isinstance(raw, list) else [raw])}
        return {FIRST + i for i, value in enumerate(values) if value in wanted}

    def _impossible(self) -> Iterator[Finding]:
        """No impossible row says that unexamined nodes are not positive."""
        for i, row in enumerate(self.table.impossible):
            if {"nodes_positive", "nodes_examined"} <= row.when.keys():
                yield self._found(
                    "impossible-nodes",
                    ("impossible", i),
                    "nodes_examined",
                    "an impossible row over positive and examined nodes would turn unknown nodes into negative ones.",
                    "Delete it; the node rule is built in.",
                )

    # ---- figures and sources

    def _figures(self) -> Iterator[Finding]:
        """Direct figures lie in their band; others say how they lead to the level."""
        bands = {level.id: level for level in self.rules.common(self.name).levels}
        for i, row in enumerate(self.table.likelihood):
            path = ("likelihood", i)
            if not row.when or (row.level == "low" and not row.when):
                yield self._found(
                    "low", path, row.id, f"row {row.id} states no finding.", "State what it relies on."
                )
            if row.basis == "converted" and not (row.limits and row.published):
                yield self._found(
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
            if figure is None or not distant or figure.years < self.table.horizon_years:
                yield self._found(
                    "direct",
                    path,
                    row.id,
                    f"row {row.id} is direct, but its figure is not distant recurrence without further treatment "
                    f"over {self.table.horizon_years} years.",
                    "Call it converted and say how, or cite another figure.",
                )
            elif not bands[row.level].from_ <= figure.percent < bands[row.level].below:
                yield self._found(
                    "band",
                    path,
                    row.id,
                    f"row {row.id} is {row.level}, but its figure is {figure.percent:g} %.",
                    "Correct the figure or the level.",
                )

    def _unused(self) -> Iterator[Finding]:
        """Every field and every source is used."""
        used = {name for _, _, when in self._whens() for name in when}
        for rows in self.table.derived.values():
            parts: Iterable[Any] = (
                rows.points if hasattr(rows, "points") else [n for r in rows for n in r.when]
            )
            used.update(parts)
        for section in ("out_of_scope", "warnings"):
            used.update(name for row in getattr(self.table, section) for name in row.when)
        used.update(name for row in self.rules.common(self.name).warnings for name in row.when)
        for name in self.table.fields:
            if name not in used:
                yield self._found(
                    "unused-field",
                    ("fields", name),
                    name,
                    f"nothing turns on {name}.",
                    "Use it or delete it.",
                )
        cited = {source for row in self.table.likelihood for source in row.source}
        cited.update(s for row in self.table.likelihood if row.disputed for s in row.disputed.source)
        for section in ("options", "not_supported"):
            cited.update(s for o in getattr(self.table, section) for c in o.any_of for s in c.source)
        for section in ("exceptions", "systems", "sites"):
            cited.update(s for row in getattr(self.table, section) for s in row.source)
        for name in self.table.sources:
            if name not in cited:
                yield self._found(
                    "unused-source",
                    ("sources", name),
                    name,
                    f"nothing cites {name}.",
                    "Cite it or delete it.",
                )

    def _sources(self) -> Iterator[Finding]:
        """A source has an identifier or says that none was seen; dates agree."""
        for name, source in self.table.sources.items():
            path = ("sources", name)
            known = source.doi or source.pmid or source.url
            if not known and not source.identifier and source.kind != "background":
                yield self._found(
                    "identifier",
                    path,
                    name,
                    f"{name} has no doi, pmid or url.",
                    "Add one that you saw, or write `identifier: none seen`.",
                )
            if (source.seen == "not_seen") != (source.on is None):
                yield self._found(
                    "seen",
                    path,
                    name,
                    f"{name} is {source.seen}, which does not go with its `on`.",
                    "Give the day it was looked at, or none when it was not.",
                )
            if source.on and source.on > self.table.evidence_checked:
                yield self._found(
                    "dates",
                    path,
                    name,
                    f"{name} was looked at after evidence_checked.",
                    "Move evidence_checked forward.",
                )
            if source.year > self.table.evidence_checked.year:
                yield self._found(
                    "dates",
                    path,
                    name,
                    f"{name} is of {source.year}, after evidence_checked.",
                    "Correct the year or move evidence_checked forward.",
                )
        if self.table.review_by <= self.table.evidence_checked:
            yield self._found(
                "dates",
                ("review_by",),
                "review_by",
                "review_by is not after evidence_checked.",
                "Correct it.",
            )

    def _gate(self) -> Iterator[Finding]:
        """The table turns away what no table answers."""
        for name, values in _GATE.items():
            if name == "neoadjuvant_therapy" and name in self.table.fields:
                continue
            for value in values:
                rows = [row.when for row in self.table.out_of_scope if row.when.keys() == {name}]
                if not any(value in (raw if isinstance(raw := when[name], list) else [raw]) for when in rows):
                    yield self._found(
                        "gate",
                        ("out_of_scope",),
                        name,
                        f"{name}: {value} is not turned away.",
                        "Add it to out_of_scope with the sentence that says where to look.",
                    )

    def _size(self) -> Iterator[Finding]:
        """The diagrams stay small."""
        nodes = len(self.compiled.store.fields)
        if nodes > MOST_NODES:
            yield self._found(
                "states",
                (),
                self.name,
                f"the diagrams need {nodes} nodes; the cap is {MOST_NODES}.",
                "Put fields that are used together next to each other.",
            )

    # ---- examples

    def _examples(self) -> Iterator[Finding]:
        """Every example is answered as it says, and every row and option has one."""
        from riskcli.trials import differences

        for i, example in enumerate(self.table.examples):
            for message in differences(self.compiled, example):
                yield self._found(
                    "example",
                    ("examples", i),
                    example.id,
                    f"example {example.id}: {message}.",
                    "Correct the rows or, with a reason, the example.",
                    example.case,
                )
        named = {example.rule for example in self.table.examples}
        for i, row in enumerate(self.table.likelihood):
            if row.id not in named:
                yield self._found(
                    "no-example",
                    ("likelihood", i),
                    row.id,
                    f"no example names row {row.id}.",
                    "Add one with `rule: " + row.id + "`.",
                )
        offered = {name for example in self.table.examples for name in (*example.options, *example.depends)}
        for i, option in enumerate(self.table.options):
            if option.id not in offered:
                yield self._found(
                    "option-example", ("options", i), option.id, f"no example offers {option.id}.", "Add one."
                )

    def _thresholds(self) -> Iterator[Finding]:
        """Every threshold of a number has an example just on either side."""
        from riskcli.trials import stated_masks

        seen = [0] * len(self.compiled.space.cells)
        for example in self.table.examples:
            for place, mask in stated_masks(self.compiled, example):
                if mask.bit_count() == 1:
                    seen[place] |= mask
        for place, cells in enumerate(self.compiled.space.cells):
            for i in range(len(cells.spans) - 1):
                if seen[place] >> i & 0b11 != 0b11:
                    yield self._found(
                        "threshold",
                        ("fields", cells.field),
                        cells.field,
                        f"{cells.field}: no examples on both sides of {cells.names[i]} | {cells.names[i + 1]}.",
                        "Add a pair of examples.",
                    )


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


def drop(store: Diagram, root: int, place: int, pair: tuple[int, int]) -> dict[int, int] | None:
    """Return a case (cell by field) in which the second cell of a field ends lower than the first."""
    memo: set[tuple[int, int]] = set()

    def lower(one: int, other: int) -> dict[int, int] | None:
        if one == other or leaf(0) in (one, other) or (one, other) in memo:
            return None
        if one < 0 and other < 0:
            return {} if leaf_value(other) < leaf_value(one) else None
        memo.add((one, other))
        field = min(store.fields[ref] for ref in (one, other) if ref >= 0)
        columns = [
            store.children[ref] if ref >= 0 and store.fields[ref] == field else (ref,) * store.counts[field]
            for ref in (one, other)
        ]
        for cell, (a, b) in enumerate(zip(*columns, strict=True)):
            found = lower(a, b)
            if found is not None:
                return {field: cell, **found}
        return None

    seen: set[int] = set()

    def search(ref: int) -> dict[int, int] | None:
        if ref < 0 or ref in seen or store.fields[ref] > place:
            return None
        seen.add(ref)
        kids = store.children[ref]
        if store.fields[ref] == place:
            return lower(kids[pair[0]], kids[pair[1]])
        for cell, kid in enumerate(kids):
            found = search(kid)
            if found is not None:
                return {store.fields[ref]: cell, **found}
        return None

    return search(root)


def path_to(store: Diagram, root: int, wanted: Callable[[int], bool]) -> dict[int, int] | None:
    """Return a case (cell by field) that ends in a wanted leaf, or None."""
    seen: set[int] = set()

    def search(ref: int) -> dict[int, int] | None:
        if ref < 0:
            return {} if wanted(leaf_value(ref)) else None
        if ref in seen:
            return None
        seen.add(ref)
        for cell, kid in enumerate(store.children[ref]):
            found = search(kid)
            if found is not None:
                return {store.fields[ref]: cell, **found}
        return None

    return search(root)


def witness(compiled: Compiled, root: int, value: int) -> dict[str, Any] | None:
    """Return a case, as a record, that ends in a leaf; None when no case does."""
    found = path_to(compiled.store, root, lambda leaf_here: leaf_here == value)
    return None if found is None else case_of(compiled, found)


def case_of(compiled: Compiled, cells: dict[int, int]) -> dict[str, Any]:
    """Return a record whose fields lie in the given cells."""
    return {
        compiled.space.cells[place].field: value_in(compiled.space.cells[place], cell)
        for place, cell in sorted(cells.items())
    }


def value_in(cells: Cells, cell: int) -> Any:
    """Return a plain value inside a cell: its lowest whole number or word, else a number in it.

    Example:
        >>> from riskcli.conditions import Domain, parse_entry
        >>> size = Domain(low=0, high=400)
        >>> value_in(Cells.cut("size", size, [parse_entry(">20..50", size)]), 1)
        50
    """
    if cell >= len(cells.spans):
        return cells.names[cell]
    (low, after), (high, upto) = cells.spans[cell]
    if not after:
        return low
    return high if upto else round((low + high) / 2, 6)


def _shown(case: dict[str, Any]) -> str:
    """Word a case."""
    return ", ".join(f"{name} {value}" for name, value in case.items())


def vignette_file(path: Path) -> Path:
    """Return where the worked cases of a rule file are kept in a clone."""
    return path.parent.parent / "tests" / "rules" / path.name


__all__ = ["CODES", "Finding", "TableFaults", "check_table", "vignette_file"]
