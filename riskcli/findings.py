"""What a check finds in a rule table, and the table under examination. Finds nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Literal

from riskcli.cells import Cells
from riskcli.compiled import FIRST, Compiled
from riskcli.compiling import compile_table
from riskcli.conditions import Domain, parse_entry
from riskcli.evaluate import derived_values
from riskcli.loader import Rules
from riskcli.tables import Option, Points, Table
from riskcli.words import say
from riskcli.yaml_source import Document

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

    def data(self) -> dict[str, Any]:
        """Return the finding as plain data."""
        return asdict(self)

    def __str__(self) -> str:
        """Return the finding as one line."""
        text = f"{self.file}:{self.line}: {self.code}: {self.message} {self.mend}"
        return say("check.example", finding=text, case=_shown(self.case)) if self.case else text


CODES: dict[str, str] = {
    "load": "the file cannot be read as a rule table",
    "gap": "some possible case reaches no likelihood row",
    "derived-gap": "some possible case gets no value of a derived name",
    "unreachable": "a row that no case reaches",
    "option-unreachable": "a criterion of an option that no case reaches",
    "catch-all": "a likelihood row that states no finding",
    "worse": "a `worse` that names no direction and no value",
    "not-monotone": "a worse finding lowers the level",
    "exception-unused": "a declared exception that nothing needs",
    "exception-name": "a condition of an exception on what is neither a field nor a derived name",
    "vacuous": "a monotonicity claim that holds only because impossible rows exclude the cases",
    "ruled-out": "an option offered in a case in which another row rules it out",
    "dependent": "a condition on a dependent field without conditions that imply its parent",
    "impossible-nodes": "an impossible row that would turn unknown nodes into negative ones",
    "band": "a direct figure outside the band of its level",
    "direct": "a row called direct whose figure is not distant recurrence without further treatment",
    "converted": "a converted row without its figure or the limits that explain it",
    "figures-out-of-order": "a worse finding whose figure, from the same source, is better",
    "repeated-option": "two options that are the same treatment for the same cases",
    "meaning": "a field that means another thing in the vocabulary or another table",
    "unused-field": "a field that nothing uses",
    "unused-source": "a source that nothing cites",
    "identifier": "a source without an identifier",
    "seen": "a source whose `seen` and `on` disagree",
    "no-example": "a likelihood row without an example that names it",
    "option-example": "an option without an example that offers it",
    "threshold": "a threshold without an example on both sides",
    "example": "an example whose answer is not the one it states",
    "states": "more diagram nodes than the cap",
    "gate": "the scope gate is incomplete",
    "dates": "dates of the table and its sources that contradict each other",
}
"""Every kind of finding and what it means."""


@dataclass(frozen=True)
class Subject:
    """A table under examination: its file, its model and its diagrams."""

    rules: Rules
    name: str
    document: Document
    table: Table
    compiled: Compiled

    @cached_property
    def bare(self) -> Compiled:
        """The same table with nothing impossible and nothing out of scope."""
        common, vocabulary = self.rules.common(self.name), self.rules.vocabulary(self.name)
        return compile_table(self.table, common, vocabulary, without=frozenset((-1,)))

    def found(
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

    def whens(self) -> Iterator[tuple[tuple[str | int, ...], str, dict[str, Any]]]:
        """Give the conditions of every row people are shown, with its path and id."""
        for i, row in enumerate(self.table.likelihood):
            yield ("likelihood", i, "when"), row.id, row.when
        for section in ("options", "not_supported"):
            options: Sequence[Option] = getattr(self.table, section)
            for i, option in enumerate(options):
                for j, criterion in enumerate(option.any_of):
                    yield (section, i, "any_of", j, "when"), criterion.id, criterion.when

    def masks(self, when: dict[str, Any]) -> Iterator[tuple[str, int]]:
        """Give the masks of the plain fields of a condition."""
        for name, raw in when.items():
            if name in self.compiled.index:
                cells = self.compiled.space.cells[self.compiled.index[name]]
                yield name, cells.mask(parse_entry(raw, cells.domain))

    def holds(self, compiled: Compiled, when: dict[str, Any]) -> int:
        """Return the diagram, of this table or its bare form, that is 1 where a condition holds."""
        store = compiled.store
        root = store.box({compiled.index[name]: mask for name, mask in self.masks(when)})
        for name, raw in when.items():
            if name in self.table.derived:
                met = self._derived_leaves(name, raw)
                value = store.relabel(compiled.roots[f"derived:{name}"], _one_of(met))
                root = store.both(value, root)
        return root

    def _derived_leaves(self, name: str, raw: object) -> set[int]:
        """Return the leaves of a derived name's values that a condition allows."""
        values = derived_values(self.compiled, name)
        if isinstance(self.table.derived[name], Points):
            domain = Domain(low=int(values[0]), high=int(values[-1]), integer=True)
        else:
            domain = Domain(words=tuple(values))
            raw = [str(item) for item in (raw if isinstance(raw, list) else [raw])]
        cells = Cells.cut(name, domain, [parse_entry(raw, domain)])
        allowed = cells.mask(parse_entry(raw, domain))
        return {
            FIRST + i
            for i, value in enumerate(values)
            if cells.mask(parse_entry(int(value) if domain.numeric else value, domain)) & allowed
        }


def _one_of(values: set[int]) -> Callable[[int], int]:
    """Return the label that is 1 for these leaves."""
    return lambda value: int(value in values)


def _shown(case: dict[str, Any]) -> str:
    """Word a case."""
    return ", ".join(f"{name} {value}" for name, value in case.items())
