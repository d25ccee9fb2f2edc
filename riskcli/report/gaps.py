"""What is missing in a cohort, in words. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from riskcli.cohort.gaps import CohortGaps, FieldGap, Gaps, OptionUse, ordered
from riskcli.compiled import Compiled
from riskcli.errors import counted, listed
from riskcli.report.sections import Entry, Page, Section
from riskcli.report.wording import table_heading

_MOST_SETS = 5


def gaps_page(found: CohortGaps, tables: Mapping[str, Compiled], path: str) -> Page:
    """Return which missing findings leave how many patients undecided; `tables` are those that answered."""
    intro = []
    if found.wrong:
        intro.append(f"{counted(found.wrong, 'row')} could not be assessed: see riskcli cohort assess.")
    if found.out_of_scope:
        intro.append(f"{counted(found.out_of_scope, 'row')} out of scope.")
    sections = [section for name, gaps in found.tables.items() for section in _table(gaps, tables[name])]
    return Page(f"What is missing in {path}", tuple(sections), tuple(intro))


def _table(gaps: Gaps, table: Compiled) -> Iterator[Section]:
    """Give the sections of one table."""
    title = table.table["title"]
    definite = gaps.patients - gaps.undecided
    says = f"{counted(gaps.patients, 'patient')}: {definite:,} with one level, {gaps.undecided:,} undecided"
    yield Section(title, (Entry(says),), (table_heading(table),), label="Patients")
    fields = tuple(_field(name, gap, gaps.undecided) for name, gap in ordered(gaps))
    yield Section(f"{title}: what the level turns on", fields, label="Level")
    sets = gaps.together.most_common(_MOST_SETS)
    yield Section(
        f"{title}: what always settles it",
        tuple(Entry(f"{listed(fields, 'and')}: {counted(count, 'patient')}") for fields, count in sets),
        label="Together",
    )
    options = tuple(_option(name, use) for name, use in gaps.options.items())
    yield Section(f"{title}: options to discuss", options, label="Options")


def _field(name: str, gap: FieldGap, undecided: int) -> Entry:
    """Return what reporting a field would do."""
    text = f"{gap.undecided:,} of {undecided:,} undecided turn on it"
    if gap.settled:
        text += f"; {gap.settled:,} settled by it alone"
    if gap.perhaps:
        text += f"; {gap.perhaps:,} perhaps"
    return Entry(text, code=name)


def _option(name: str, use: OptionUse) -> Entry:
    """Return whom an option concerns."""
    parts = [f"matches {use.matches:,}"] if use.matches else []
    if use.depends:
        needed = [f"{field} {count:,}" for field, count in use.depends_on.most_common()]
        parts.append(f"may match {use.depends:,} (depends on {', '.join(needed)})")
    return Entry("; ".join(parts), code=name)
