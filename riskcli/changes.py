"""What changes for patients between two sets of rule tables. Compares in pairs; no I/O of its own.

`riskcli.diff` compares the level and the options over every possible case. Here stands what an answer
depends on besides: the horizon, who is turned away, what is taken when nothing is stated, how words are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskcli.case import case_reader
from riskcli.compiled import FIRST, Compiled, Data
from riskcli.conditions import NOT_DONE, Domain, plain
from riskcli.diagram import leaf
from riskcli.diff import TURNED_AWAY, Difference, Joint, Move, compare
from riskcli.errors import CaseError, Problem, hint, quoted
from riskcli.evaluate import derived_values
from riskcli.revisions import Version
from riskcli.values import UNKNOWN, phrase
from riskcli.words import all_of, any_of, say

MOST_GROUPS = 10
"""The most groups that are described for each move."""
NO_VALUE, WARNED_OF = "no value", "warned of"
"""What data say of a grouping without a value, and of a case that is warned of."""
_SECTIONS = ("likelihood", "options", "not_supported")


@dataclass(frozen=True)
class Besides:
    """Something an answer depends on that no diagram holds, and that changed."""

    kind: str
    """A stable word for the kind of change; see `KINDS`."""
    about: str
    """The field, row or key that it is about."""
    before: str | None
    after: str | None


KINDS: dict[str, str] = {
    "horizon": "the years that every level speaks of",
    "scope": "who is turned away by a finding outside the fields of the table",
    "premise": "what is taken of the scope gate when it is not stated",
    "assume": "what is taken of a field that is not stated",
    "applies": "when a dependent field applies",
    "reading": "how the words of a report are read",
    "warning": "which cases are warned of",
}
"""Every kind of change besides those of the diagrams."""


@dataclass(frozen=True)
class TableChange:
    """Two versions of one table, compared."""

    cancer: str
    before: Compiled | None
    after: Compiled | None
    difference: Difference
    systems: tuple[Move, ...] = ()
    """How the values of published groupings moved."""
    besides: tuple[Besides, ...] = ()
    reworded: tuple[str, ...] = ()
    """The rows whose words, figures or sources changed."""

    @property
    def same(self) -> bool:
        """Whether no patient's answer changes."""
        return self.difference.same and not self.systems and not self.besides

    @property
    def identical(self) -> bool:
        """Whether the tables read the same, word for word."""
        return self.before is not None and self.after is not None and _all(self.before) == _all(self.after)

    @property
    def edition_stayed(self) -> bool:
        """Whether answers changed and the edition did not."""
        both = self.before is not None and self.after is not None
        return both and not self.same and _edition(self.before) == _edition(self.after)


def _all(table: Compiled) -> tuple[Data, Data, Data]:
    """Return everything that a table was made from."""
    return table.table, table.common, table.vocabulary


def _edition(table: Compiled | None) -> str | None:
    """Return the edition of a table."""
    return str(table.table["edition"]) if table else None


def compare_versions(old: Version, new: Version, cancers: Sequence[str] = ()) -> list[TableChange]:
    """Compare the tables of two versions, in pairs by cancer.

    Where one side is a single file, only its cancer is compared.

    Raises:
        CaseError: a cancer is in neither version, or two files are of different cancers.
        RuleFileError: a table is faulty.
    Example:
        >>> from riskcli.loader import load_rules
        >>> version = Version("today", load_rules(), load_rules().names)
        >>> [change.cancer for change in compare_versions(version, version, ["breast"])]
        ['breast']
    """
    known = sorted({*old.names, *new.names})
    for name in cancers:
        if name not in known:
            message = say(
                "diff.no_table",
                given=quoted(name),
                old=old.label,
                new=new.label,
                cancers=all_of(known),
                near=hint(name, known),
            )
            raise CaseError([Problem(None, name, message)])
    chosen = list(dict.fromkeys(cancers)) or known
    for side in (old, new):
        if side.is_file:
            chosen = [name for name in chosen if name in side.names]
    if not chosen:
        message = say("diff.no_pair", old=old.label, new=new.label, cancers=all_of(known))
        raise CaseError([Problem(None, None, message)])
    return [
        compare_tables(name, *(side.rules.get(name) if name in side.names else None for side in (old, new)))
        for name in chosen
    ]


def compare_tables(cancer: str, before: Compiled | None, after: Compiled | None) -> TableChange:
    """Compare two versions of a table; None stands for no table.

    Example:
        >>> from riskcli.loader import load_rules
        >>> table = load_rules().get("other_solid")
        >>> compare_tables("other_solid", table, table).same
        True
        >>> compare_tables("other_solid", None, table).same
        False
    """
    if before is None or after is None:
        digests = (before.digest if before else None, after.digest if after else None)
        return TableChange(cancer, before, after, Difference(cancer, digests[0], digests[1], (), 0))
    return TableChange(
        cancer,
        before,
        after,
        compare(before, after, MOST_GROUPS),
        tuple(_systems(before, after)),
        tuple(_besides(before, after)),
        tuple(_reworded(before.table, after.table)),
    )


# ---- published groupings


def _systems(before: Compiled, after: Compiled) -> Iterator[Move]:
    """Give how the values of each published grouping moved."""
    old, new = (
        {item["id"]: item["from"] for item in table.table.get("systems", [])} for table in (before, after)
    )
    if old or new:
        joint = Joint(before, after)
        for name in dict.fromkeys((*old, *new)):
            yield from _system_moves(joint, name, (old.get(name), new.get(name)))


def _system_moves(joint: Joint, name: str, sources: tuple[str | None, str | None]) -> Iterator[Move]:
    """Give how the values of one published grouping moved."""
    words: list[str] = [NO_VALUE]
    roots = []
    for side, source in enumerate(sources):
        table = joint.tables[side]
        if source is None:
            roots.append(leaf(0))
            continue
        values = [str(value) for value in derived_values(table, source)]
        words += [value for value in dict.fromkeys(values) if value not in words]
        lifted = joint.lift(side, table.roots[f"derived:{source}"])
        roots.append(joint.store.relabel(lifted, _place_in(words, values)))
    for i, was in enumerate(words):
        for j, now in enumerate(words):
            if i != j:
                old, new = (joint.store.relabel(roots[side], _is(value)) for side, value in ((0, i), (1, j)))
                moved = joint.store.both(old, new)
                if cells := joint.count(moved):
                    groups = sorted(joint.groups(moved), key=lambda group: -group.cells)
                    yield Move(name, was, now, cells, tuple(groups[:MOST_GROUPS]))


def _place_in(words: Sequence[str], values: Sequence[str]) -> Callable[[int], int]:
    """Return the label that gives a derived leaf the place of its value among the words."""
    places = [words.index(value) for value in values]
    return lambda value: places[value - FIRST] if value >= FIRST else 0


def _is(value: int) -> Callable[[int], int]:
    """Return the label that is 1 for one leaf."""
    return lambda found: int(found == value)


# ---- what no diagram holds


def _besides(before: Compiled, after: Compiled) -> Iterator[Besides]:
    """Give every other change that an answer depends on."""
    old, new = before.table, after.table
    if old["horizon_years"] != new["horizon_years"]:
        yield Besides("horizon", "horizon_years", str(old["horizon_years"]), str(new["horizon_years"]))
    parts: tuple[tuple[str, Callable[[Compiled], Mapping[str, str]]], ...] = (
        ("scope", _scopes),
        ("premise", _premises),
        ("assume", _assumptions),
        ("applies", _parents),
        ("reading", _readings),
        ("warning", _warnings),
    )
    for kind, part in parts:
        was, now = part(before), part(after)
        for about in dict.fromkeys((*was, *now)):
            if was.get(about) != now.get(about):
                yield Besides(kind, about, was.get(about), now.get(about))


def _scopes(table: Compiled) -> dict[str, str]:
    """Return who is turned away by a finding that is not a field of the table."""
    rows = zip(table.table["out_of_scope"], table.boxes["scope"], strict=True)
    return {_when(row["when"]): TURNED_AWAY for row, scope in rows if scope["gate"]}


def _premises(table: Compiled) -> dict[str, str]:
    """Return what is taken of the scope gate."""
    return {name: str(premise["value"]) for name, premise in table.common["premises"].items()}


def _assumptions(table: Compiled) -> dict[str, str]:
    """Return what is taken of each field that is not stated."""
    return {
        name: "; ".join(_assumption(item) for item in spec["assume"])
        for name, spec in table.table["fields"].items()
        if spec.get("assume")
    }


def _assumption(item: Data) -> str:
    """Return one assumption in the table's own terms."""
    value = _term(item["value"])
    if not item.get("when"):
        return value
    return say("diff.assumed_if", value=value, conditions=_when(item["when"]))


def _parents(table: Compiled) -> dict[str, str]:
    """Return when each dependent field applies."""
    return {
        name: _when(spec["only_if"]) for name, spec in table.table["fields"].items() if spec.get("only_if")
    }


def _readings(table: Compiled) -> dict[str, str]:
    """Return what each word of a report and each name of a column stands for."""
    found: dict[str, str] = {}
    for name, reader in case_reader(table).readers.items():
        for word, value in (*reader.synonyms.items(), *reader.domain.groups.items()):
            found[f"{name} {phrase(word)}"] = _when(value) if isinstance(value, dict) else _term(value)
        for letters, carried in reader.prefixes.items():
            found[f"{name} {letters}"] = _when(carried) or name
        if reader.unit:
            found[say("diff.unit", field=name)] = reader.unit
        if name not in table.index:  # those of its own are cells
            found[say("diff.values", field=name)] = _values(reader.domain)
    for key, meaning in (("unknown_words", UNKNOWN), ("not_done_words", NOT_DONE)):
        found |= {say("diff.any_field", word=phrase(word)): meaning for word in table.common[key]}
    for word, name in table.common.get("field_names", {}).items():
        found[say("diff.field_name", word=phrase(word))] = name
    return found


def _values(domain: Domain) -> str:
    """Return the values of a field in the table's own terms."""
    return f"{plain(domain.low)}..{plain(domain.high)}" if domain.numeric else _term(domain.words)


def _warnings(table: Compiled) -> dict[str, str]:
    """Return which cases are warned of."""
    rows = (*table.table.get("warnings", []), *table.common.get("warnings", []))
    return {_when(row["when"]): WARNED_OF for row in rows}


def _when(when: Mapping[str, Any]) -> str:
    """Return conditions in the table's own terms, in an order that does not depend on the file's."""
    return "; ".join(f"{name} {_term(value)}" for name, value in sorted(when.items()))


def _term(value: object) -> str:
    """Return a condition's entry in the table's own terms."""
    return any_of([str(item) for item in value]) if isinstance(value, list | tuple) else str(value)


def _reworded(before: Data, after: Data) -> Iterator[str]:
    """Give the ids of rows and options that stand in both versions and do not read the same."""
    for section in _SECTIONS:
        old = {row["id"]: row for row in before.get(section, [])}
        for row in after.get(section, []):
            if row["id"] in old and _words(row) != _words(old[row["id"]]):
                yield row["id"]


def _words(row: Data) -> Data:
    """Return what people read of a row: everything but its conditions and its level."""
    kept = {key: value for key, value in row.items() if key not in ("when", "level", "any_of")}
    return kept | {"any_of": [_words(criterion) for criterion in row.get("any_of", [])]}
