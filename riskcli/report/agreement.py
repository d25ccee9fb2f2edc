"""The agreement of an expert and the tables in words. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator

from riskcli.agreement import Agreement, Marked
from riskcli.compiled import LEVELS
from riskcli.kappa import Kappa
from riskcli.report.sections import Entry, Note, Page, Section
from riskcli.words import any_of, say, say_many


def agreement_page(found: Agreement, name: str) -> Page:
    """Return how far the marks of a form agree with the tables, and every case that differs."""
    return Page(
        say_many("agreement.title", found.cases, name=name),
        (
            Section(say("agreement.level"), tuple(_level(found))),
            Section(say("agreement.options"), tuple(_options(found))),
            Section(
                say("agreement.differ"),
                tuple(map(_difference, found.differ)),
                label=say("agreement.differ_margin"),
            ),
        ),
    )


def _level(found: Agreement) -> Iterator[Entry]:
    """Give the figures for the level."""
    if found.percent is None:
        yield Entry(say("agreement.no_level"))
    else:
        agreed = sum(row[i] for i, row in enumerate(found.counts))
        percent = f"{found.percent:.0f}"
        yield Entry(say_many("agreement.same_level", found.levels, agreed=agreed, percent=percent))
        yield Entry(say("agreement.linear", kappa=_kappa(found.linear)))
        yield Entry(say("agreement.quadratic", kappa=_kappa(found.quadratic)))
        yield Entry(say("agreement.crossed", differences=_crossed(found)))
    if found.unmarked:
        yield Entry(say_many("agreement.unmarked", found.unmarked))
    if found.ranges:
        yield Entry(say_many("agreement.ranges", found.ranges))


def _crossed(found: Agreement) -> str:
    """Word how many cases the expert put where and the table where, the same level left out."""
    parts = [
        say("agreement.pair", expert=_words(expert), table=_words(table), count=count)
        for i, (expert, row) in enumerate(zip(LEVELS, found.counts, strict=True))
        for j, (table, count) in enumerate(zip(LEVELS, row, strict=True))
        if count and i != j
    ]
    return "; ".join(parts) or say("agreement.no_difference")


def _kappa(found: Kappa) -> str:
    """Word a kappa with its interval."""
    if found.value is None:
        return say("agreement.kappa.none")
    value = f"{found.value:.2f}"
    if found.low is None or found.high is None:
        return say("agreement.kappa.full", value=value)
    return say("agreement.kappa.interval", value=value, low=f"{found.low:.2f}", high=f"{found.high:.2f}")


def _options(found: Agreement) -> Iterator[Entry]:
    """Give the figures for the options."""
    if found.option_percent is None:
        yield Entry(say("agreement.no_options"))
        return
    yield Entry(say_many("agreement.option_cases", found.option_cases))
    yield Entry(say_many("agreement.same_options", found.option_pairs, percent=f"{found.option_percent:.0f}"))
    if found.option_kappa is not None:
        yield Entry(say("agreement.option_kappa", kappa=f"{found.option_kappa:.2f}"))


def _difference(mark: Marked) -> Entry:
    """Word one case that differs, with both answers."""
    table = any_of([_words(level) for level in mark.levels])
    expert = say("agreement.no_mark") if mark.expert is None else _words(mark.expert)
    notes: list[Note] = []
    if mark.only_expert:
        notes.append((say("agreement.only_expert"), ", ".join(mark.only_expert)))
    if mark.only_table:
        notes.append((say("agreement.only_table"), ", ".join(mark.only_table)))
    if mark.levels == (mark.expert,):
        text = say("agreement.by_both", table=table, row=mark.row)
    else:
        text = say("agreement.by_each", expert=expert, table=table, row=mark.row)
    return Entry(text, tuple(notes), code=mark.id)


def _words(level: str) -> str:
    """Return a level in words."""
    return say(f"codes.levels.{level}")
