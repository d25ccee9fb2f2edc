"""What is missing in a cohort, in words. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from riskcli.cohort.gaps import CohortGaps, FieldGap, Gaps, OptionUse, ordered
from riskcli.compiled import Compiled
from riskcli.report.sections import Entry, Page, Section
from riskcli.report.wording import table_heading
from riskcli.words import all_of, say, say_many

_MOST_SETS = 5


def gaps_page(found: CohortGaps, tables: Mapping[str, Compiled], path: str) -> Page:
    """Return which missing findings leave how many patients undecided; `tables` are those that answered."""
    intro = []
    if found.wrong:
        intro.append(say_many("gaps.wrong", found.wrong))
    if found.out_of_scope:
        intro.append(say_many("gaps.out_of_scope", found.out_of_scope))
    sections = [section for name, gaps in found.tables.items() for section in _table(gaps, tables[name])]
    return Page(say("gaps.title", file=path), tuple(sections), tuple(intro))


def _table(gaps: Gaps, table: Compiled) -> Iterator[Section]:
    """Give the sections of one table."""
    title = table.table["title"]
    definite, undecided = f"{gaps.patients - gaps.undecided:,}", f"{gaps.undecided:,}"
    says = say_many("gaps.patients", gaps.patients, definite=definite, undecided=undecided)
    yield Section(title, (Entry(says),), (table_heading(table),), label=say("gaps.margins.patients"))
    fields = tuple(_field(name, gap, gaps.undecided) for name, gap in ordered(gaps))
    yield Section(say("gaps.level", title=title), fields, label=say("gaps.margins.level"))
    sets = gaps.together.most_common(_MOST_SETS)
    yield Section(
        say("gaps.together", title=title),
        tuple(Entry(say_many("gaps.settled_by", count, fields=all_of(fields))) for fields, count in sets),
        label=say("gaps.margins.together"),
    )
    options = tuple(_option(name, use) for name, use in gaps.options.items())
    yield Section(say("gaps.options", title=title), options, label=say("gaps.margins.options"))


def _field(name: str, gap: FieldGap, undecided: int) -> Entry:
    """Return what reporting a field would do."""
    parts = [say("gaps.turns", count=f"{gap.undecided:,}", undecided=f"{undecided:,}")]
    if gap.settled:
        parts.append(say("gaps.settled", count=f"{gap.settled:,}"))
    if gap.perhaps:
        parts.append(say("gaps.perhaps", count=f"{gap.perhaps:,}"))
    return Entry("; ".join(parts), code=name)


def _option(name: str, use: OptionUse) -> Entry:
    """Return whom an option concerns."""
    parts = [say("gaps.matches", count=f"{use.matches:,}")] if use.matches else []
    if use.depends:
        needed = [
            say("gaps.field", field=field, count=f"{count:,}")
            for field, count in use.depends_on.most_common()
        ]
        parts.append(say("gaps.depends", count=f"{use.depends:,}", fields=", ".join(needed)))
    return Entry("; ".join(parts), code=name)
