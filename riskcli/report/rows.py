"""The rows of a table by their ids, and what belongs to each; a table and its rows as plain data.

Decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from riskcli.errors import CaseError, Problem, hint, quoted
from riskcli.loader import Rules
from riskcli.tables import Common, Criterion, Derived, Example, LikelihoodRow, Option, Points, Table
from riskcli.words import say
from riskcli.yaml_source import Document, Path


@dataclass(frozen=True)
class Shown:
    """A table with everything that is needed to show it."""

    document: Document
    table: Table
    common: Common
    origin: str
    digest: str
    vignettes: tuple[Example, ...] = ()
    """The worked cases that a clone keeps beside its tests."""

    @classmethod
    def of(cls, rules: Rules, name: str, vignettes: tuple[Example, ...] = ()) -> Shown:
        """Return a table of some rules, ready to be shown.

        Raises:
            CaseError: there is no such table.
            RuleFileError: it is faulty.
        """
        compiled = rules.get(name)
        document, table = rules.read(name)
        return cls(document, table, rules.common(name), compiled.origin, compiled.digest, vignettes)


@dataclass(frozen=True)
class Found:
    """One row of a table under an id."""

    kind: str
    path: Path
    number: int
    """Its place in its section, from 1."""
    count: int
    row: LikelihoodRow | Option | Criterion
    option: Option | None = None
    """The option that a criterion belongs to."""

    @property
    def named(self) -> str:
        """The id by which examples name it: a criterion is named by its option."""
        return self.option.id if self.option else self.row.id

    @property
    def unsupported(self) -> bool:
        """Whether it belongs to what is not supported."""
        return self.kind.startswith("not_supported")


def find_rows(table: Table, row_id: str) -> list[Found]:
    """Return every row, option and criterion of that id: an option may also be ruled out under its id.

    Raises:
        CaseError: there is none.
    Example:
        >>> table = Rules().read("other_solid")[1]
        >>> [(found.kind, found.number, found.count) for found in find_rows(table, "positive-nodes")]
        [('likelihood', 6, 11)]
    """
    rows = [found for found in _rows(table) if found.row.id == row_id]
    if rows:
        return rows
    near = hint(row_id, dict.fromkeys(found.row.id for found in _rows(table)))
    message = say("show.no_row", given=quoted(row_id), cancer=table.cancer, near=near)
    raise CaseError([Problem(None, row_id, message)])


def _rows(table: Table) -> Iterator[Found]:
    """Give everything that has an id of its own and conditions."""
    for i, row in enumerate(table.likelihood):
        yield Found("likelihood", ("likelihood", i), i + 1, len(table.likelihood), row)
    for section, kind, inner in (
        ("options", "option", "criterion"),
        ("not_supported", "not_supported", "not_supported_criterion"),
    ):
        options: Sequence[Option] = getattr(table, section)
        for i, option in enumerate(options):
            yield Found(kind, (section, i), i + 1, len(options), option)
            for j, criterion in enumerate(option.any_of):
                path = (section, i, "any_of", j)
                yield Found(inner, path, j + 1, len(option.any_of), criterion, option)


# ---- as data


def table_data(shown: Shown) -> dict[str, Any]:
    """Return a table as plain data, with where it comes from.

    Example:
        >>> data = table_data(Shown.of(Rules(), "other_solid"))
        >>> data["origin"], data["table"]["edition"]
        ('packaged', '2026.1')
    """
    return {
        "file": shown.document.file,
        "origin": shown.origin,
        "sha256": shown.digest,
        "table": _data(shown.table),
    }


def row_data(shown: Shown, row_id: str) -> dict[str, Any]:
    """Return one row as plain data, with the examples that name it and its sources in full.

    Raises:
        CaseError: there is no such row.
    Example:
        >>> row_data(Shown.of(Rules(), "other_solid"), "positive-nodes")["rows"][0]["row"]["level"]
        'high'
    """
    return {
        "file": shown.document.file,
        "origin": shown.origin,
        "sha256": shown.digest,
        "cancer": shown.table.cancer,
        "rows": [
            {
                "kind": found.kind,
                "line": shown.document.line(found.path),
                "number": found.number,
                "of": found.count,
                "option": found.option.id if found.option else None,
                "row": _data(found.row),
                "examples": [_data(example) for example in naming(shown.table.examples, found)],
                "vignettes": [vignette.id for vignette in naming(shown.vignettes, found)],
                "sources": {
                    name: _data(shown.table.sources[name]) for name in sources_of(shown.table, found)
                },
            }
            for found in find_rows(shown.table, row_id)
        ],
    }


def _data(part: Any) -> Any:
    """Return a part of a table with the keys of its file and without what it leaves out."""
    return part.model_dump(mode="json", by_alias=True, exclude_unset=True)


def naming(examples: Iterable[Example], found: Found) -> list[Example]:
    """Return the examples that name a row."""
    return [example for example in examples if found.named in _names(example, found)]


def _names(example: Example, found: Found) -> Sequence[str | None]:
    """Return the ids, of the kind of a row, that an example names."""
    if found.kind == "likelihood":
        return (example.rule,)
    if found.unsupported:
        return example.not_supported
    return (*example.options, *example.depends, *example.not_options)


def sources_of(table: Table, found: Found) -> list[str]:
    """Return the sources of a row, those of its criteria and of who disputes it, once each."""
    row = found.row
    cited: list[str] = []
    for part in row.any_of if isinstance(row, Option) else (row,):
        cited += part.source
    if isinstance(row, LikelihoodRow) and row.disputed:
        cited += row.disputed.source
    return [name for name in dict.fromkeys(cited) if name in table.sources]


def derived_in(table: Table, row: LikelihoodRow | Option | Criterion) -> list[str]:
    """Return the derived names that a row turns on, also through others, in the order of the file."""
    parts = row.any_of if isinstance(row, Option) else (row,)
    queue = [name for part in parts for name in part.when]
    found: set[str] = set()
    while queue:
        name = queue.pop()
        if name in table.derived and name not in found:
            found.add(name)
            queue += _names_in(table.derived[name])
    return [name for name in table.derived if name in found]


def _names_in(derived: Derived) -> list[str]:
    """Return the names that a derived value is made from."""
    if isinstance(derived, Points):
        return list(derived.points)
    return [name for row in derived for name in row.when]
