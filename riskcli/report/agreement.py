"""The agreement of an expert and the tables in words. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator

from riskcli.agreement import Agreement, Marked
from riskcli.compiled import LEVELS
from riskcli.errors import counted, listed
from riskcli.kappa import Kappa
from riskcli.report.sections import Entry, Note, Page, Section


def agreement_page(found: Agreement, name: str) -> Page:
    """Return how far the marks of a form agree with the tables, and every case that differs."""
    return Page(
        f"Agreement on {counted(found.cases, 'case')} of {name}",
        (
            Section("Level", tuple(_level(found)), label="Level"),
            Section("Options", tuple(_options(found)), label="Options"),
            Section("Cases that differ", tuple(map(_difference, found.differ)), label="Differ"),
        ),
    )


def _level(found: Agreement) -> Iterator[Entry]:
    """Give the figures for the level."""
    if found.percent is None:
        yield Entry("no case has a level of both the expert and the table")
    else:
        agreed = sum(row[i] for i, row in enumerate(found.counts))
        yield Entry(f"{agreed} of {counted(found.levels, 'case')} the same ({found.percent:.0f} %)")
        yield Entry(f"weighted kappa, linear: {_kappa(found.linear)}")
        yield Entry(f"weighted kappa, quadratic: {_kappa(found.quadratic)}")
        yield Entry(f"expert against table: {_crossed(found)}")
    if found.unmarked:
        yield Entry(f"{counted(found.unmarked, 'case')} without a mark for the level")
    if found.ranges:
        yield Entry(f"{counted(found.ranges, 'case')} that the table answers with a range, not scored")


def _crossed(found: Agreement) -> str:
    """Word how many cases the expert put where and the table where, the same level left out."""
    parts = [
        f"{_words(expert)} against {_words(table)} {count}"
        for i, (expert, row) in enumerate(zip(LEVELS, found.counts, strict=True))
        for j, (table, count) in enumerate(zip(LEVELS, row, strict=True))
        if count and i != j
    ]
    return "; ".join(parts) or "no difference"


def _kappa(found: Kappa) -> str:
    """Word a kappa with its interval."""
    if found.value is None:
        return "not defined, because both use one level throughout"
    if found.low is None or found.high is None:
        return f"{found.value:.2f} (full agreement; no interval)"
    return f"{found.value:.2f} (95 % interval {found.low:.2f} to {found.high:.2f})"


def _options(found: Agreement) -> Iterator[Entry]:
    """Give the figures for the options."""
    if found.option_percent is None:
        yield Entry("no case has a mark for the options")
        return
    yield Entry(f"{counted(found.option_cases, 'case')} with marks")
    pairs = f"{counted(found.option_pairs, 'pair')} of a case and an option"
    yield Entry(f"the same on {found.option_percent:.0f} % of {pairs}")
    if found.option_kappa is not None:
        yield Entry(f"kappa: {found.option_kappa:.2f}")


def _difference(mark: Marked) -> Entry:
    """Word one case that differs, with both answers."""
    table = listed([_words(level) for level in mark.levels])
    expert = "no mark" if mark.expert is None else _words(mark.expert)
    notes: list[Note] = []
    if mark.only_expert:
        notes.append(("only the expert would discuss", ", ".join(mark.only_expert)))
    if mark.only_table:
        notes.append(("only the table names", ", ".join(mark.only_table)))
    same = mark.levels == (mark.expert,)
    text = f"level {table} by both" if same else f"expert {expert}, table {table}"
    return Entry(f"{text} (row {mark.row})", tuple(notes), code=mark.id)


def _words(level: str) -> str:
    """Return a level in words."""
    return level.replace("_", " ")
