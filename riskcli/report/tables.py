"""A rule table as a person reads it, whole or one row of it. Decides nothing.

Rows stand in their own order, sources have the same numbers everywhere, and ids are shown, so that what is
read here can be found in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from riskcli.errors import listed
from riskcli.report.blocks import time_in
from riskcli.report.rows import Found, Shown, derived_in, find_rows, naming, sources_of
from riskcli.report.sections import Entry, Note, Page, Section
from riskcli.report.sources import source_entry
from riskcli.report.wording import Wording
from riskcli.tables import (
    Criterion,
    Derived,
    Disputed,
    Example,
    FieldSpec,
    LikelihoodRow,
    Option,
    Points,
    Published,
)
from riskcli.words import any_of, say, section

_SECOND = 2
"""The likelihood row with one row above it."""


def table_page(shown: Shown, bands: bool = False) -> Page:
    """Return a whole table as a page; with `bands`, each row's level with its band in 100 beside it.

    Example:
        >>> from riskcli.loader import load_rules
        >>> page = table_page(Shown.of(load_rules(), "other_solid"))
        >>> [section.heading for section in page.sections][:2]
        ['Table', 'Scope']
    """
    return _Writer(shown, bands).table_page()


def row_page(shown: Shown, row_id: str) -> Page:
    """Return one row, with everything about it, as a page.

    Raises:
        CaseError: there is no such row.
    Example:
        >>> from riskcli.loader import load_rules
        >>> page = row_page(Shown.of(load_rules(), "other_solid"), "positive-nodes")
        >>> page.sections[0].entries[0].lead
        'high'
    """
    return _Writer(shown).row_page(find_rows(shown.table, row_id))


def figure(labels: Mapping[str, Any], basis: str, published: Published | None) -> str:
    """Return what kind of figure a row rests on, and the figure as it was published.

    Example:
        >>> from riskcli.loader import load_rules
        >>> figure(load_rules().common("other_solid").labels, "judgement", None)
        'a judgement'
    """
    words = str(labels["basis"][basis])
    if published is None:
        return words
    group = f"; {published.group}" if published.group else ""
    return (
        f"{words} {published.percent:g} % {published.endpoint}, {time_in(labels, published.years)}, "
        f"{labels['treated']} {published.treated}{group}"
    )


class _Writer:
    """One table put into words."""

    def __init__(self, shown: Shown, bands: bool = False) -> None:
        self.shown = shown
        self.bands = {level.id: f" ({level.band})" for level in shown.common.levels} if bands else {}
        self.table = shown.table
        self.labels: Mapping[str, Any] = shown.common.labels
        self.wording = Wording(self.labels)
        self.numbers = {name: number for number, name in enumerate(self.table.sources, 1)}

    # ---- the whole table

    def table_page(self) -> Page:
        """Put the whole table together, in the order in which it is read."""
        table = self.table
        return Page(
            self._title(),
            (
                *self._about(),
                self._levels(),
                Section(say("show.fields"), tuple(self._field(*item) for item in table.fields.items())),
                Section(say("show.derived"), tuple(self._derived(*item) for item in table.derived.items())),
                self._likelihood(),
                Section(say("show.disputed"), tuple(self._contested())),
                self._options(self.labels["options"], say("show.to_discuss"), table.options),
                self._options(self.labels["not_supported"], say("show.not_supported"), table.not_supported),
                *self._findings(),
                Section(say("show.examples"), tuple(map(self._example, table.examples))),
                self._sources(table.sources),
            ),
            (self.shown.common.draft,) if table.status == "draft" else (),
        )

    def _title(self) -> str:
        """Name the table, where it comes from when it is not a packaged one, and that it is a draft."""
        title = self.table.title
        if self.shown.origin != "packaged":
            title = f"{self.labels['local']} {self.shown.origin}: {title}"
        return f"{title} - {self.labels['draft']}" if self.table.status == "draft" else title

    def _about(self) -> Iterator[Section]:
        """What the table is, for whom, and for whom not."""
        table, labels = self.table, self.labels
        signed = [f"{person.name} ({person.role}, {person.date})" for person in table.reviewed_by]
        standing = (
            f"{table.cancer}, {labels['edition']} {table.edition}, {say(f'codes.status.{table.status}')}",
            f"{labels['reviewed_by']} {listed(signed, labels['and']) or labels['nobody']}",
            f"{labels['evidence_checked']} {table.evidence_checked}",
            f"{labels['review_by']} {table.review_by}",
            f"{labels['origin']} {self.shown.origin}",
            f"sha256 {self.shown.digest}",
        )
        yield Section(say("show.table"), intro=("; ".join(standing),))
        yield Section(say("show.scope"), intro=(table.scope,))
        if table.also_called:
            yield Section(say("show.also_called"), intro=("; ".join(table.also_called),))
        turned_away = [Entry(f"{self.wording.conditions(row.when)}: {row.say}") for row in table.out_of_scope]
        yield Section(say("show.not_for"), tuple(turned_away))
        yield Section(labels["blood_test"], intro=(table.blood_test,))
        yield Section(labels["limits"], tuple(map(Entry, table.limits)))

    def _levels(self) -> Section:
        """What each level means."""
        common = self.shown.common
        meaning = common.meaning.format(band=say("show.its_band"), years=self.table.horizon_years)
        return Section(
            say("show.levels"),
            tuple(Entry(f"{level.band} ({level.says})", lead=level.word) for level in common.levels),
            (say("show.meaning", meaning=meaning, treatment_lowers=common.treatment_lowers),),
        )

    # ---- fields and what is made of them

    def _field(self, name: str, spec: FieldSpec) -> Entry:
        """One field: its values, what it is, where it stands, what is taken when it is not stated."""
        marks = [
            say("show.field.core") if spec.core else "",
            self._worse(spec),
            say(f"codes.panel.{spec.panel}"),
        ]
        notes: list[Note] = [("", spec.text)]
        if spec.where:
            notes.append((say("show.field.where"), spec.where))
        if spec.groups:
            groups = (
                say("show.field.group", group=group, values=any_of(words))
                for group, words in spec.groups.items()
            )
            notes.append((say("show.field.groups"), "; ".join(groups)))
        if spec.optional:
            notes.append((say("show.field.optional"), say("show.field.optional_means")))
        if spec.only_if:
            notes.append((say("show.field.only_if"), self.wording.conditions(spec.only_if)))
        for assume in spec.assume:
            about = say("show.field.assumed")
            if assume.when:
                about = say("show.field.assumed_if", conditions=self.wording.conditions(assume.when))
            notes.append((about, f"{self.wording.value(name, assume.value)}; {assume.why}"))
        called = self.wording.called(name)
        called = "" if called == name.replace("_", " ") else f"{called}, "
        text = f"{called}{self.wording.value(name, spec.allowed)} ({'; '.join(filter(None, marks))})"
        return Entry(text, tuple(notes), name)

    @staticmethod
    def _worse(spec: FieldSpec) -> str:
        """Which values of a field are the worse ones."""
        if not spec.worse:
            return ""
        value = section("codes.worse").get(spec.worse) or spec.worse.replace("_", " ")
        return say("show.field.worse", value=value)

    def _derived(self, name: str, derived: Derived) -> Entry:
        """One derived name: the first row that holds gives its value, or points are added up."""
        if isinstance(derived, Points):
            notes = tuple(
                (self.wording.called(field), "; ".join(self._points(field, points)))
                for field, points in derived.points.items()
            )
            return Entry(say("show.points"), notes, name)
        rows = tuple((str(row.is_), self.wording.conditions(row.when)) for row in derived)
        return Entry(say("show.first_that_holds"), rows, name)

    def _points(self, field: str, points: Mapping[str, int]) -> Iterator[str]:
        """The points of each value of a field."""
        for value, count in points.items():
            yield f"{self.wording.value(field, value)} {count}"

    # ---- rows

    def _likelihood(self) -> Section:
        """The likelihood rows in order."""
        rows = self.table.likelihood
        return Section(
            self.labels["likelihood"],
            tuple(self._row(row) for row in rows),
            (say("show.first_decides", count=len(rows)),),
            numbered=True,
        )

    def _row(self, row: LikelihoodRow) -> Entry:
        """One likelihood row."""
        notes: list[Note] = [
            (say("show.note.if"), self.wording.conditions(row.when)),
            (say("show.note.basis"), figure(self.labels, row.basis, row.published)),
        ]
        if row.limits:
            notes.append((say("show.note.limits"), row.limits))
        if row.disputed:
            notes.append((say("show.note.disputed"), self._dispute(row.disputed)))
        notes.append((say("show.note.sources"), self._cited(row.source)))
        lead = f"{self.wording.level(row.level)}{self.bands.get(row.level, '')}"
        return Entry(row.why, tuple(notes), row.id, lead)

    def _dispute(self, disputed: Disputed) -> str:
        """Who says otherwise, and what."""
        level = self.wording.level(disputed.level)
        return f"{self.labels['disputed']} {level}: {disputed.why} {self._cited(disputed.source)}"

    def _contested(self) -> Iterator[Entry]:
        """The rows that experts dispute, on their own."""
        for row in self.table.likelihood:
            if row.disputed:
                yield Entry(self._dispute(row.disputed), (), row.id, self.wording.level(row.level))

    def _options(self, label: str, heading: str, options: Sequence[Option]) -> Section:
        """The options of a section, each with its criteria."""
        intro = (self.shown.common.not_considered,) if options is self.table.options else ()
        return Section(heading, tuple(map(self._option, options)), intro if options else (), label=label)

    def _option(self, option: Option) -> Entry:
        """One option: its kind, its drugs, where it is available, and any of its criteria."""
        kind = str(self.labels["kinds"][option.kind])
        agents = f": {', '.join(option.agents)}" if option.agents else ""
        notes: list[Note] = [(say("show.note.kind"), f"{kind}{agents}")]
        notes += (
            (say("show.available", region=region), text) for region, text in option.availability.items()
        )
        for criterion in option.any_of:
            notes += self._criterion(criterion)
        return Entry(option.name, tuple(notes), option.id)

    def _criterion(self, criterion: Criterion) -> Iterator[Note]:
        """One set of conditions under which an option applies."""
        conditions = self.wording.conditions(criterion.when)
        cited = self._cited(criterion.source)
        yield say("show.note.if"), f"{conditions} - {criterion.why} {cited} ({criterion.id})"
        if criterion.limits:
            yield say("show.note.limits"), criterion.limits

    # ---- the rest

    def _findings(self) -> Iterator[Section]:
        """Exceptions, what cannot be, warnings, systems and sites."""
        table, labels = self.table, self.labels
        yield Section(say("show.exceptions"), tuple(self._exceptions()))
        impossible = [Entry(f"{self.wording.conditions(row.when)}: {row.why}") for row in table.impossible]
        yield Section(say("show.impossible"), tuple(impossible))
        warnings = [Entry(f"{self.wording.conditions(row.when)}: {row.say}") for row in table.warnings]
        yield Section(say("show.warnings"), tuple(warnings))
        systems = [
            Entry(
                say("show.system", name=item.name, field=item.from_, cited=self._cited(item.source)),
                tuple((group, text) for group, text in item.says.items()),
                code=item.id,
            )
            for item in table.systems
        ]
        yield Section(labels["systems"], tuple(systems))
        sites = [
            Entry(f"{item.site}: {item.why} {self._cited(item.source)}".rstrip()) for item in table.sites
        ]
        yield Section(say("show.sites"), tuple(sites), label=labels["sites"])

    def _exceptions(self) -> Iterator[Entry]:
        """The declared breaks of: a worse finding never lowers the level."""
        for item in self.table.exceptions:
            field, cited = self.wording.called(item.field), self._cited(item.source)
            if item.when:
                conditions = self.wording.conditions(item.when)
                text = say("show.exception_if", field=field, conditions=conditions, why=item.why, cited=cited)
            else:
                text = say("show.exception", field=field, why=item.why, cited=cited)
            yield Entry(text)

    def _example(self, example: Example) -> Entry:
        """One worked case with the answer that the evidence gives it."""
        return Entry(
            example.text or "",
            (
                (say("show.example.case"), self.wording.conditions(example.case)),
                (say("show.example.answer"), "; ".join(self._answer(example))),
            ),
            example.id,
        )

    def _answer(self, example: Example) -> Iterator[str]:
        """What an example states of the answer."""
        if example.out_of_scope:
            yield say("show.example.out_of_scope")
        levels = (example.level,) if example.level else example.levels
        if levels:
            text = self.wording.levels(levels)
            yield say("show.example.by_row", levels=text, row=example.rule) if example.rule else text
        for kind in ("options", "depends", "not_options", "not_supported"):
            names: Sequence[str] = getattr(example, kind)
            if names:
                yield say(f"show.expected.{kind}", names=", ".join(names))

    def _cited(self, sources: Iterable[str]) -> str:
        """The numbers of sources; one that the table does not hold is named."""
        return "".join(f"[{self.numbers.get(source, source)}]" for source in sources)

    def _sources(self, names: Iterable[str]) -> Section:
        """Sources in full, under their numbers in the whole table."""
        return Section(self.labels["sources"], tuple(self._source(name) for name in names))

    def _source(self, name: str) -> Entry:
        """One source in full."""
        return source_entry(self.table.sources[name], self.numbers[name], name, self.labels)

    # ---- one row

    def row_page(self, rows: Sequence[Found]) -> Page:
        """Put together everything about the rows of one id."""
        sections = [section for found in rows for section in self._row_sections(found)]
        cited = dict.fromkeys(name for found in rows for name in sources_of(self.table, found))
        return Page(self._title(), (*sections, self._sources(cited)))

    def _row_sections(self, found: Found) -> Iterator[Section]:
        """One row, where it stands, and the worked cases that name it."""
        row = found.row
        if isinstance(row, LikelihoodRow):
            entry = self._row(row)
        elif isinstance(row, Option):
            entry = self._option(row)
        else:
            entry = Entry(found.option.name if found.option else "", tuple(self._criterion(row)), found.named)
        heading, label = say(f"show.rows.{found.kind}"), say(f"show.margins.{found.kind}")
        yield Section(heading, (entry,), (self._place(found),), label=label)
        names = derived_in(self.table, row)
        derived = tuple(self._derived(name, self.table.derived[name]) for name in names)
        yield Section(say("show.derived_in_it"), derived, label=say("show.derived"))
        if isinstance(row, LikelihoodRow) and row.route:
            yield Section(say("show.route"), intro=(self.shown.common.routes.get(row.route, row.route),))
        examples = tuple(map(self._example, naming(self.table.examples, found)))
        yield Section(say("show.examples_of_it"), examples, label=say("show.examples"))
        vignettes = [vignette.id for vignette in naming(self.shown.vignettes, found)]
        if vignettes:
            yield Section(say("show.vignettes"), intro=(", ".join(vignettes),))

    def _place(self, found: Found) -> str:
        """Where a row stands, in its section and in its file."""
        document = self.shown.document
        where = f"{document.file}:{document.line(found.path)}"
        number, count = found.number, found.count
        if found.option:
            return say(
                "show.place.criterion", number=number, count=count, option=found.option.id, where=where
            )
        if found.kind != "likelihood":
            return say("show.place.plain", number=number, count=count, where=where)
        if number > _SECOND:
            return say("show.place.later", number=number, count=count, above=number - 1, where=where)
        return say(
            "show.place.second" if number == _SECOND else "show.place.first",
            number=number,
            count=count,
            where=where,
        )
