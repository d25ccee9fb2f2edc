"""Where a table's conditions stand, and the names in it that lead nowhere. Compiles nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from riskcli.errors import hint
from riskcli.tables import Common, Option, Points, Table, When

Path = tuple[str | int, ...]
"""A place in a rule file: keys and numbers from its top."""


def conditions_of(table: Table) -> Iterator[tuple[Path, When]]:
    """Give every `when` of a table with its path."""
    for name, rows in table.derived.items():
        for i, derived_row in enumerate(() if isinstance(rows, Points) else rows):
            yield ("derived", name, i, "when"), derived_row.when
    for section in ("out_of_scope", "impossible", "warnings", "likelihood", "exceptions"):
        for i, row in enumerate(getattr(table, section)):
            yield (section, i, "when"), row.when
    for section, number, option in options_of(table):
        for j, criterion in enumerate(option.any_of):
            yield (section, number, "any_of", j, "when"), criterion.when
    for name, spec in table.fields.items():
        yield ("fields", name, "only_if"), spec.only_if
        for i, assume in enumerate(spec.assume):
            yield ("fields", name, "assume", i, "when"), assume.when


def options_of(table: Table) -> Iterator[tuple[str, int, Option]]:
    """Give every option and every entry that is not supported, with its section and number."""
    for section in ("options", "not_supported"):
        for number, option in enumerate(getattr(table, section)):
            yield section, number, option


def undefined_names(table: Table, common: Common) -> Iterator[tuple[Path, str]]:
    """Give the sources, routes and names that are used but not there, and ids given twice."""
    yield from _unknown_sources(table)
    for i, row in enumerate(table.likelihood):
        if row.route and row.route not in common.routes:
            yield ("likelihood", i, "route"), f"{row.route} is not a route of common.yaml"
    yield from _wrong_systems(table)
    for i, exemption in enumerate(table.exceptions):
        if exemption.field not in table.fields:
            yield ("exceptions", i, "field"), f"{exemption.field} is not a field of this table"
    for rows in _ids(table):
        yield from _twice(rows)


def _wrong_systems(table: Table) -> Iterator[tuple[Path, str]]:
    """Give the published systems that no derived name gives, and groups that theirs does not have."""
    for i, system in enumerate(table.systems):
        if system.from_ not in table.derived:
            yield ("systems", i, "from"), f"{system.from_} is not a derived name"
            continue
        rows = table.derived[system.from_]
        if isinstance(rows, Points):
            continue
        groups = {str(row.is_) for row in rows}
        for key, given in (("outside", system.outside), ("says", system.says)):
            for group in given:
                if group not in groups:
                    yield (
                        ("systems", i, key),
                        f'"{group}" is not a value of {system.from_}{hint(group, groups)}',
                    )


def _unknown_sources(table: Table) -> Iterator[tuple[Path, str]]:
    """Give the sources that are cited but not listed."""
    for path, sources in _citations(table):
        for source in sources:
            if source not in table.sources:
                yield path, f'cites "{source}", which is not in sources{hint(source, table.sources)}'


def _twice(rows: Sequence[tuple[Path, str]]) -> Iterator[tuple[Path, str]]:
    """Give the ids that stand twice."""
    seen: set[str] = set()
    for path, row_id in rows:
        if row_id in seen:
            yield path, f"the id {row_id} is given twice; ids are unique and for life"
        seen.add(row_id)


def _citations(table: Table) -> Iterator[tuple[Path, Sequence[str]]]:
    """Give every list of sources with its path."""
    for section in ("likelihood", "exceptions", "systems", "sites"):
        for i, row in enumerate(getattr(table, section)):
            yield (section, i, "source"), row.source
    for i, row in enumerate(table.likelihood):
        if row.disputed:
            yield ("likelihood", i, "disputed"), row.disputed.source
    for section, number, option in options_of(table):
        for j, criterion in enumerate(option.any_of):
            yield (section, number, "any_of", j, "source"), criterion.source


def _ids(table: Table) -> Iterator[list[tuple[Path, str]]]:
    """Give the ids that must differ from each other, with their paths."""
    for section in ("likelihood", "examples", "options", "not_supported"):
        yield [((section, i), row.id) for i, row in enumerate(getattr(table, section))]
    for wanted in ("options", "not_supported"):
        yield [
            ((section, number, "any_of", j), criterion.id)
            for section, number, option in options_of(table)
            if section == wanted
            for j, criterion in enumerate(option.any_of)
        ]
