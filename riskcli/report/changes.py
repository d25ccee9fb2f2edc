"""A comparison of rule tables in words and as data. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from riskcli.changes import Besides, TableChange
from riskcli.compiled import Compiled
from riskcli.diff import Group, Move
from riskcli.patients import Cohort, Weights
from riskcli.report.blocks import LIKELIHOOD
from riskcli.report.sections import Entry, Note, Page, Section
from riskcli.report.wording import Wording
from riskcli.words import all_of, say, say_many, section

_MOST_SHOWN = 3
"""The most groups of a move, and the most words of a report, that are shown."""
_DIGEST = 10
"""How many characters of a digest are shown."""


def comparison_page(old: str, new: str, changes: Sequence[TableChange], cohort: Cohort | None = None) -> Page:
    """Return a comparison as a page: for each table what changed, for whom, with an example.

    Example:
        >>> comparison_page("v1", "v2", []).title
        'What changes for patients from v1 to v2'
    """
    sections = tuple(_section(change, cohort) for change in changes)
    same = sum(change.same for change in changes)
    said = () if len(changes) == 1 else (say("diff.same", same=same, count=len(changes)),)
    return Page(say("diff.title", old=old, new=new), sections, said)


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
        change, cancer = self.change, self.change.cancer
        before, after = _edition(change.before), _edition(change.after)
        if change.before is None:
            yield say("diff.new", cancer=cancer, edition=after)
        elif change.after is None:
            yield say("diff.removed", cancer=cancer, edition=before)
        elif change.identical:
            yield say("diff.identical", cancer=cancer, edition=after)
        else:
            yield say(
                "diff.nothing" if change.same else "diff.changes", cancer=cancer, before=before, after=after
            )
        if change.edition_stayed:
            yield say("diff.edition_stayed")
        if change.reworded:
            yield say("diff.reworded", rows=", ".join(change.reworded))

    def entries(self) -> Iterator[Entry]:
        """Every change, the level first."""
        for move in self.change.difference.moves:
            yield self._move(move, self.change.difference.cells)
        for move in self.change.systems:
            system = say("diff.system", name=move.output)
            yield self._move(move, self.change.difference.cells, system)
        readings = [item for item in self.change.besides if item.kind == "reading"]
        for item in self.change.besides:
            if item.kind != "reading":
                yield Entry(_besides(item))
        if readings:
            yield Entry(say_many("diff.read_otherwise", len(readings)), tuple(_read(readings)))

    def _move(self, move: Move, cells: int, called: str = "") -> Entry:
        """One way in which an output changed, with the largest groups."""
        shown = move.groups[:_MOST_SHOWN]
        notes: list[Note] = []
        for group in shown:
            notes += self._group(group, move, group is shown[0])
        rest = move.cells - sum(group.cells for group in shown)
        if rest:
            notes.append(("", say("diff.smaller", count=f"{rest:,}")))
        before, after = (self.wording.level(_answer(word)) for word in (move.before, move.after))
        text = say("diff.move", before=before, after=after, moved=f"{move.cells:,}", all=f"{cells:,}")
        return Entry(text, tuple(notes), called or _output(move))

    def _group(self, group: Group, move: Move, with_example: bool) -> Iterator[Note]:
        """One group of patients, and one of them where that is wanted."""
        conditions = self.wording.conditions(group.conditions) or say("diff.every_case")
        yield (f"{group.cells:,}" if group.cells != move.cells else say("diff.all")), conditions
        example = self.wording.conditions(group.example)
        if with_example and example and example != conditions:
            yield say("diff.for_example"), example


def _output(move: Move) -> str:
    """Return what changed: the level, or an option by its id."""
    return say("diff.likelihood") if move.output == LIKELIHOOD else move.output


def _answer(found: str) -> str:
    """Return an answer in words where it is one that this comparison names itself."""
    return str(section("diff.answers").get(found, found))


def _besides(item: Besides) -> str:
    """Word a change that no diagram holds."""
    before, after = _sides(item)
    return say(f"diff.besides.{item.kind}", about=item.about, before=before, after=after)


def _sides(item: Besides) -> tuple[str, str]:
    """Word what there was before and what there is now, or that there is nothing."""
    nothing = say(f"diff.nothing_of.{item.kind}")
    return _answer(item.before or nothing), _answer(item.after or nothing)


def _read(readings: Sequence[Besides]) -> Iterator[Note]:
    """Word the first of the words that are read otherwise."""
    for item in readings[:_MOST_SHOWN]:
        before, after = _sides(item)
        yield item.about, say("diff.reading", before=before, after=after)
    if len(readings) > _MOST_SHOWN:
        yield "", say("diff.more", count=len(readings) - _MOST_SHOWN)


def _patients(weights: Weights) -> Iterator[Entry]:
    """Say how many real patients move."""
    moves = sorted(weights.moves.items(), key=lambda item: -item[1])
    text = say_many("diff.cohort.none", weights.read)
    if moves:
        text = say_many("diff.cohort.some", weights.read, moved=f"{sum(weights.moves.values()):,}")
    read = f"{weights.read:,}"
    notes = tuple(
        ("", say_many("diff.cohort.move", count, read=read, before=_answer(before), after=_answer(after)))
        for (before, after), count in moves
    )
    yield Entry(text, notes, code=say("diff.cohort.name"))


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
        said.append(say_many("diff.cohort.unreadable", cohort.unreadable))
    if cohort.elsewhere:
        said.append(say_many("diff.cohort.elsewhere", cohort.elsewhere))
    if cohort.unused:
        said.append(say("diff.cohort.unused", columns=all_of(cohort.unused)))
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
