"""Which column of a cohort is which field of a case: names, a registry's own ones, near misses. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from riskcli.case import CANCER, REF
from riskcli.cohort.fields import FieldNames
from riskcli.cohort.formats import other_delimiter
from riskcli.cohort.rows import OUTPUTS
from riskcli.errors import CaseError, Problem, quoted
from riskcli.values import phrase
from riskcli.words import all_of, say, say_many

__all__ = ["Columns", "FieldNames", "Naming", "match_columns"]


@dataclass(frozen=True)
class Naming:
    """What a user says of the columns of a cohort.

    `renamed` gives the field that a column stands for; `values` the value that a text in a field's column
    stands for, by field; `untouched` the columns that are not to be read though their name is near a field's.
    """

    renamed: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    untouched: frozenset[str] = frozenset()
    prefix: str = ""
    """What the columns of the answer begin with."""
    adds: bool = True
    """Whether rows get the columns of the answer; where they do not, they may have columns of those names."""

    def outputs(self) -> list[str]:
        """Return the columns of the answer as they are called."""
        return [self.prefix + name for name in OUTPUTS] if self.adds else []


@dataclass(frozen=True)
class Columns:
    """The columns of a cohort, and what becomes of them."""

    headers: tuple[str, ...]
    fields: Mapping[str, str]
    """The field of each column that is read."""

    @property
    def passed_through(self) -> list[str]:
        """The columns that are not read."""
        return [header for header in self.headers if header not in self.fields]


def match_columns(
    headers: Sequence[str], names: FieldNames, naming: Naming, cancer_given: bool = False
) -> Columns:
    """Find the field of every column.

    Raises:
        CaseError: a column stands twice, a name is a near miss of a field's, a column has the name of one of
            the answer's, what is said of the columns does not fit, or no column can be read.
    Example:
        >>> from riskcli.loader import load_rules
        >>> columns = match_columns(["ID", "Cancer", "Grade"], FieldNames(load_rules()), Naming())
        >>> columns.fields, columns.passed_through
        ({'Cancer': 'cancer', 'Grade': 'grade'}, ['ID'])
    """
    problems = [*_twice(headers), *_wrong_naming(headers, names, naming), *_taken(headers, naming)]
    fields: dict[str, str] = {}
    for header in headers:
        if header in naming.untouched:
            continue
        name = names.field(naming.renamed.get(header, header))
        if name is None:
            near = names.near(header)
            if near:
                problems.append(_problem(say("columns.near_miss", column=quoted(header), field=near)))
            continue
        other = next((one for one, its in fields.items() if its == name), None)
        if other is not None and other != header:
            both = {"column": quoted(header), "other": quoted(other), "field": name}
            problems.append(_problem(say("columns.both", **both)))
        fields[header] = name
    problems += _nothing_to_read(headers, fields, cancer_given) if not problems else []
    if problems:
        raise CaseError(problems)
    return Columns(tuple(headers), fields)


def _problem(message: str) -> Problem:
    """Return a problem of the columns."""
    return Problem(None, None, message)


def _twice(headers: Sequence[str]) -> Iterable[Problem]:
    """Find columns of the same name, and columns without a name."""
    for header in dict.fromkeys(headers):
        if headers.count(header) > 1:
            yield _problem(say("columns.twice", column=quoted(header)))
        if not header.strip():
            yield _problem(say("columns.no_name", number=headers.index(header) + 1))


def _wrong_naming(headers: Sequence[str], names: FieldNames, naming: Naming) -> Iterable[Problem]:
    """Find what is said of columns that are not there, or of fields that do not exist."""
    for header, name in naming.renamed.items():
        if header not in headers:
            there = {"column": quoted(header), "columns": _some(headers)}
            yield _problem(say("columns.mapped_not_there", **there))
        if names.field(name) is None:
            yield _problem(say("columns.no_field", said=quoted(name), hint=names.hint(name)))
    for header in sorted(naming.untouched - {*headers}):
        there = {"column": quoted(header), "columns": _some(headers)}
        yield _problem(say("columns.untouched_not_there", **there))
    for name in naming.values:
        if name not in names.known:
            yield _problem(say("columns.values_of_no_field", said=quoted(name)))


def _taken(headers: Sequence[str], naming: Naming) -> Iterable[Problem]:
    """Find columns that have the name of one of the answer's."""
    ours = {phrase(name) for name in naming.outputs()}
    taken = [quoted(header) for header in headers if phrase(header) in ours]
    if taken:
        yield _problem(say_many("columns.taken", len(taken), columns=all_of(taken)))


def _nothing_to_read(
    headers: Sequence[str], fields: Mapping[str, str], cancer_given: bool
) -> Iterable[Problem]:
    """Say when no column states a finding, or the cancer is not known."""
    if not set(fields.values()) - {CANCER, REF}:
        yield _problem(say("columns.no_finding", hint=other_delimiter(headers)))
    elif CANCER not in fields.values() and not cancer_given:
        yield _problem(say("columns.no_cancer"))


def _some(headers: Sequence[str]) -> str:
    """List columns, not too many."""
    shown = [quoted(header) for header in headers[:8]]
    return ", ".join([*shown, "..."]) if len(headers) > len(shown) else all_of(shown)
