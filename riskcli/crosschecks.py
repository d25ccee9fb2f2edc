"""Numbers, options and fields held against each other, within a table and between tables."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations

from riskcli.cells import bits
from riskcli.errors import RuleFileError
from riskcli.findings import Finding, Subject
from riskcli.proofs import worse_pairs
from riskcli.tables import FieldSpec, LikelihoodRow, Published, Table

_BETTER_WHEN_HIGHER = ("free", "survival", "alive", "survived")
"""Words of an endpoint that counts those without the event."""
_DIRECTIONS = {"higher", "lower"}


def figures_in_order(subject: Subject) -> Iterator[Finding]:
    """A worse finding has no better figure, where two rows cite the same measure of the same source."""
    numbered = [(i, row, row.published) for i, row in enumerate(subject.table.likelihood) if row.published]
    for (i, worse, figure), (_, better, other) in permutations(numbered, 2):
        if figure and other and _same_measure(worse, figure, better, other):
            low, high = (_risk(figure), _risk(other))
            if low < high and _is_worse(subject, worse, better):
                yield subject.found(
                    "figures-out-of-order",
                    ("likelihood", i, "published"),
                    worse.id,
                    f"row {worse.id} is a worse finding than {better.id}, but its figure "
                    f"({figure.percent:g} %) is better than that of the other ({other.percent:g} %).",
                    "Look at the paper again: published tables contain misprints.",
                )


def _same_measure(one: LikelihoodRow, figure: Published, other: LikelihoodRow, figure_2: Published) -> bool:
    """Say whether two figures measure the same thing in the same source."""
    return one.source[0] == other.source[0] and (figure.endpoint, figure.treated, figure.years) == (
        figure_2.endpoint,
        figure_2.treated,
        figure_2.years,
    )


def _risk(figure: Published) -> float:
    """Return a figure as the share with the event."""
    words = figure.endpoint.lower().replace("-", " ").split()
    return 100 - figure.percent if any(word in words for word in _BETTER_WHEN_HIGHER) else figure.percent


def _is_worse(subject: Subject, worse: LikelihoodRow, better: LikelihoodRow) -> bool:
    """Say whether every case of one row is at least as bad as the other's in each field, and worse in one."""
    compiled = subject.compiled
    if any(name not in compiled.index for name in (*worse.when, *better.when)):
        return False  # a derived value has no better and worse of its own
    masks, masks_2 = dict(subject.masks(worse.when)), dict(subject.masks(better.when))
    differs = False
    for name in {*masks, *masks_2}:
        cells = compiled.space.cells[compiled.index[name]]
        mine, theirs = masks.get(name, cells.full), masks_2.get(name, cells.full)
        if mine == theirs:
            continue
        direction = subject.table.fields[name].worse
        claims = set(worse_pairs(cells, direction)) if direction else set()
        if not all((b, a) in claims for a in bits(mine) for b in bits(theirs)):
            return False
        differs = True
    return differs


def repeated_options(subject: Subject) -> Iterator[Finding]:
    """No two options are the same treatment for the same cases."""
    options = subject.table.options
    roots = [subject.compiled.roots[f"option:{i}"] for i in range(len(options))]
    whole = [subject.compiled.store.relabel(root, lambda value: min(value, 2)) for root in roots]
    for i, j in combinations(range(len(options)), 2):
        one, other = options[i], options[j]
        if whole[i] == whole[j] and one.kind == other.kind and sorted(one.agents) == sorted(other.agents):
            yield subject.found(
                "repeated-option",
                ("options", j),
                other.id,
                f"option {other.id} is the same treatment for the same cases as {one.id}.",
                "Make one of the two, with the criteria of both.",
            )


def same_meaning(subject: Subject) -> Iterator[Finding]:
    """A field means the same as in the vocabulary and in every other table."""
    words = subject.rules.vocabulary(subject.name).get(subject.name, {})
    others = list(_other_tables(subject))
    for name, spec in subject.table.fields.items():
        unit = words[name].unit if name in words else spec.unit
        if (spec.unit or unit) and spec.unit != unit:
            yield _meaning(subject, name, f"its unit is {spec.unit}, but {unit} in the vocabulary")
        if name in words and words[name].worse == spec.worse:
            continue  # the vocabulary allows it: age works one way in one cancer and another in the next
        for other in others:
            there = other.fields.get(name)
            if there and contradicts(spec, there):
                yield _meaning(subject, name, f"{spec.worse} is worse, but {there.worse} in {other.cancer}")


def _other_tables(subject: Subject) -> Iterator[Table]:
    """Give the other tables of the same rules that can be read."""
    for name in subject.rules.names:
        if name != subject.name:
            try:
                yield subject.rules.read(name)[1]
            except RuleFileError:
                continue  # it is reported under its own name


def contradicts(one: FieldSpec, other: FieldSpec) -> bool:
    """Say whether two tables hold different things for worse in the same field.

    Words (sites, types of tumour) are only alike where both tables have the same.
    """
    if one.worse is None or other.worse is None or one.worse == other.worse:
        return False
    if {one.worse, other.worse} <= _DIRECTIONS:
        return True
    words = (one.type, other.type) == ("word", "word")
    return words and set(one.allowed) == set(other.allowed)


def _meaning(subject: Subject, name: str, what: str) -> Finding:
    """Return the finding that a field means two things."""
    return subject.found(
        "meaning",
        ("fields", name),
        name,
        f"{name} means two things: {what}.",
        "One name means the same everywhere; take another name or the same meaning.",
    )
