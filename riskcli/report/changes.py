"""A comparison of rule tables in words and as data. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from riskcli.changes import Besides, TableChange
from riskcli.compiled import Compiled
from riskcli.diff import Group, Move
from riskcli.errors import counted, listed
from riskcli.patients import Cohort, Weights
from riskcli.report.sections import Entry, Note, Page, Section
from riskcli.report.wording import Wording

NOTHING = "no patient's answer changes"
_MOST_SHOWN = 3
"""The most groups of a move, and the most words of a report, that are shown."""
_DIGEST = 10
"""How many characters of a digest are shown."""
_BESIDES = {
    "horizon": "{about}: {before} before, {after} now; every level speaks of that many years",
    "scope": "{about}: {before} before, {after} now",
    "premise": "{about}, when it is not stated, is taken as {after}; before: {before}",
    "assume": "{about}, when it is not stated, is taken as {after}; before: {before}",
    "applies": "{about} applies only if {after}; before: {before}",
    "warning": "{about}: {before} before, {after} now",
}


def comparison_page(old: str, new: str, changes: Sequence[TableChange], cohort: Cohort | None = None) -> Page:
    """Return a comparison as a page: for each table what changed, for whom, with an example.

    Example:
        >>> comparison_page("v1", "v2", []).title
        'What changes for patients from v1 to v2'
    """
    sections = tuple(_section(change, cohort) for change in changes)
    same = sum(change.same for change in changes)
    said = () if len(changes) == 1 else (f"In {same} of {len(changes)} tables {NOTHING}.",)
    return Page(f"What changes for patients from {old} to {new}", sections, said)


def _section(change: TableChange, cohort: Cohort | None) -> Section:
    """One table."""
    writer = _Writer(change)
    weights = cohort.weights.get(change.cancer) if cohort else None
    return Section(
        change.cancer,
        (*writer.entries(), *(_patients(weights) if weights else ())),
        tuple(writer.verdict()),
        label="",
    )


class _Writer:
    """One table's changes put into words."""

    def __init__(self, change: TableChange) -> None:
        self.change = change
        table = change.after or change.before
        self.wording = Wording(table.common["labels"] if table else {})

    def verdict(self) -> Iterator[str]:
        """Say whether anything changes, and between what."""
        change = self.change
        if change.before is None:
            yield f"{change.cancer}, {_edition(change.after)}: a new table."
        elif change.after is None:
            yield f"{change.cancer}, {_edition(change.before)}: the table is removed."
        elif change.identical:
            yield f"{change.cancer}, {_edition(change.after)}: nothing is different; {NOTHING}."
        else:
            between = f"{change.cancer}, {_edition(change.before)} to {_edition(change.after)}"
            yield f"{between}: {NOTHING}." if change.same else f"{between}: answers change."
        if change.edition_stayed:
            yield "The edition is the same, though answers change; give the new table its own."
        if change.reworded:
            yield f"The words, figures or sources changed of {', '.join(change.reworded)}."

    def entries(self) -> Iterator[Entry]:
        """Every change, the level first."""
        for move in self.change.difference.moves:
            yield self._move(move, self.change.difference.cells)
        for move in self.change.systems:
            yield self._move(move, self.change.difference.cells, "published grouping ")
        readings = [item for item in self.change.besides if item.kind == "reading"]
        for item in self.change.besides:
            if item.kind != "reading":
                yield Entry(_besides(item))
        if readings:
            words = counted(len(readings), "word")
            yield Entry(f"{words} of reports read otherwise", tuple(_read(readings)))

    def _move(self, move: Move, cells: int, kind: str = "") -> Entry:
        """One way in which an output changed, with the largest groups."""
        shown = move.groups[:_MOST_SHOWN]
        notes: list[Note] = []
        for group in shown:
            notes += self._group(group, move, group is shown[0])
        rest = move.cells - sum(group.cells for group in shown)
        if rest:
            notes.append(("", f"and {rest:,} in smaller groups"))
        before, after = (self.wording.level(word) for word in (move.before, move.after))
        return Entry(
            f"{before} before, {after} now, for {move.cells:,} of {cells:,} combinations of cells",
            tuple(notes),
            f"{kind}{move.output}",
        )

    def _group(self, group: Group, move: Move, with_example: bool) -> Iterator[Note]:
        """One group of patients, and one of them where that is wanted."""
        conditions = self.wording.conditions(group.conditions) or "every case"
        yield (f"{group.cells:,}" if group.cells != move.cells else "all"), conditions
        example = self.wording.conditions(group.example)
        if with_example and example and example != conditions:
            yield "for example", example


def _besides(item: Besides) -> str:
    """Word a change that no diagram holds."""
    before, after = item.before or "not", item.after or "not"
    if item.kind in ("assume", "premise"):
        before, after = item.before or "open", item.after or "open"
    if item.kind == "applies":
        before, after = item.before or "always", item.after or "always"
    return _BESIDES[item.kind].format(about=item.about, before=before, after=after)


def _read(readings: Sequence[Besides]) -> Iterator[Note]:
    """Word the first of the words that are read otherwise."""
    for item in readings[:_MOST_SHOWN]:
        yield item.about, f"{item.before or 'not read'} before, {item.after or 'not read'} now"
    if len(readings) > _MOST_SHOWN:
        yield "", f"and {len(readings) - _MOST_SHOWN} more"


def _patients(weights: Weights) -> Iterator[Entry]:
    """Say how many real patients move."""
    moves = sorted(weights.moves.items(), key=lambda item: -item[1])
    text = f"of {counted(weights.read, 'patient')} read, {sum(weights.moves.values()):,} move"
    if not moves:
        text = f"of {counted(weights.read, 'patient')} read, none moves"
    notes = tuple(
        ("", f"{count:,} of {weights.read:,} {'moves' if count == 1 else 'move'} from {before} to {after}")
        for (before, after), count in moves
    )
    yield Entry(text, notes, code="cohort")


def _edition(table: Compiled | None) -> str:
    """Return the edition and the digest of a table."""
    return f"{table.table['edition']} ({table.digest[:_DIGEST]})" if table else ""


def cohort_remarks(cohort: Cohort) -> list[str]:
    """Return what is to be said of a cohort beside the answer: rows and columns that had no part in it.

    Example:
        >>> cohort_remarks(Cohort({}, unreadable=2))
        ['2 rows could not be read, in either version.']
    """
    said = []
    if cohort.unreadable:
        said.append(f"{counted(cohort.unreadable, 'row')} could not be read, in either version.")
    if cohort.elsewhere:
        belong = "belongs to a cancer that is" if cohort.elsewhere == 1 else "belong to cancers that are"
        said.append(f"{counted(cohort.elsewhere, 'row')} {belong} not compared.")
    if cohort.unused:
        said.append(f"Not used, because no field is called so: {listed(cohort.unused, 'and')}.")
    return said


# ---- as data


def comparison_data(
    old: str, new: str, changes: Sequence[TableChange], cohort: Cohort | None = None
) -> dict[str, Any]:
    """Return a comparison as plain data.

    Example:
        >>> comparison_data("v1", "v2", [])["same"]
        True
    """
    return {
        "old": old,
        "new": new,
        "same": all(change.same for change in changes),
        "tables": [_table_data(change, cohort) for change in changes],
        "cohort": _cohort_data(cohort) if cohort else None,
    }


def _cohort_data(cohort: Cohort) -> dict[str, Any]:
    """Return what had no part in the weights as plain data."""
    return {
        "unreadable": cohort.unreadable,
        "elsewhere": cohort.elsewhere,
        "unused": list(cohort.unused),
    }


def _table_data(change: TableChange, cohort: Cohort | None) -> dict[str, Any]:
    """Return one table's changes as plain data."""
    weights = cohort.weights.get(change.cancer) if cohort else None
    return {
        "cancer": change.cancer,
        "same": change.same,
        "before": _side(change.before),
        "after": _side(change.after),
        "cells": change.difference.cells,
        "moves": [asdict(move) for move in change.difference.moves],
        "systems": [asdict(move) for move in change.systems],
        "besides": [asdict(item) for item in change.besides],
        "reworded": list(change.reworded),
        "edition_stayed": change.edition_stayed,
        "patients": _weights_data(weights) if weights else None,
    }


def _side(table: Compiled | None) -> Mapping[str, str] | None:
    """Return which version of a table it is."""
    return {"edition": table.table["edition"], "sha256": table.digest} if table else None


def _weights_data(weights: Weights) -> dict[str, Any]:
    """Return the moves of patients as plain data."""
    return {
        "read": weights.read,
        "moves": [
            {"before": before, "after": after, "patients": count}
            for (before, after), count in weights.moves.items()
        ],
    }
