"""The pages of the background, in general and for one cancer. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from riskcli.background import Background, Passage, Statement, Subject
from riskcli.loader import Rules
from riskcli.report.sections import Entry, Page, Section
from riskcli.report.sources import Citations
from riskcli.report.wording import table_heading
from riskcli.tables import Common, LevelWords


def subject_page(subject: Subject, background: Background, common: Common) -> Page:
    """Return a page in general, every statement with its source.

    Example:
        >>> from riskcli.background import read_background
        >>> from riskcli.loader import load_rules
        >>> background = read_background()
        >>> page = subject_page(background.pages[0], background, load_rules().common("breast"))
        >>> page.title, page.sections[-1].heading
        ('Micrometastases', 'Sources')
    """
    cited = Citations(background.sources, common.labels)
    sections = [_section(passage, cited, common) for passage in subject.sections]
    if subject.for_cancer:
        sections.append(Section("", intro=(background.words.one_cancer.format(topic=subject.id),)))
    names = {name for section in subject.sections for told in section.says for name in told.from_}
    dated = max(background.sources[name].on for name in names)
    return Page(subject.title, (*sections, cited.section()), dated=str(dated))


def _section(passage: Passage, cited: Citations, common: Common) -> Section:
    """Return one section, with the words of the tables that belong under it."""
    paragraphs = list(_paragraphs(passage.says, cited))
    entries: tuple[Entry, ...] = ()
    if passage.shows == "levels":
        entries = tuple(map(_level, common.levels))
    elif passage.shows == "uncertainty":
        paragraphs.append(common.uncertainty)
    return Section(passage.heading, entries, tuple(paragraphs), label=passage.label)


def _paragraphs(statements: Sequence[Statement], cited: Citations) -> Iterator[str]:
    """Join what is said one after the other from the same sources, with their marks at the end."""
    for names, group in groupby(statements, key=lambda statement: statement.from_):
        yield f"{' '.join(statement.text for statement in group)} {cited.marks(names)}"


def _level(level: LevelWords) -> Entry:
    """Return a level with its band."""
    return Entry(f"{level.band} ({level.says})", lead=level.word)


def cancer_page(subject: Subject, background: Background, rules: Rules, name: str) -> Page:
    """Return what the table of one cancer says of a page's subject, with the table's sources.

    Raises:
        CaseError: there is no such table.
        RuleFileError: it is faulty.
    Example:
        >>> from riskcli.background import read_background
        >>> from riskcli.loader import load_rules
        >>> background = read_background()
        >>> page = cancer_page(background.pages[2], background, load_rules(), "breast")
        >>> [section.heading for section in page.sections]
        ['First sites', 'Blood test', 'Sources', '']
    """
    compiled = rules.get(name)
    table, common, words = rules.read(name)[1], rules.common(name), background.words
    cited = Citations(table.sources, common.labels)
    sections = []
    if "sites" in subject.for_cancer:
        sites = [
            Entry(f"{site.site}: {site.why} {cited.marks(site.source)}".rstrip()) for site in table.sites
        ]
        sections.append(Section(common.labels["sites"], tuple(sites), () if sites else (words.no_sites,)))
    if "blood_test" in subject.for_cancer:
        sections.append(Section(common.labels["blood_test"], intro=(table.blood_test,)))
    checked = f"({common.labels['evidence_checked']} {table.evidence_checked})"
    return Page(
        f"{table_heading(compiled)}: {subject.title}",
        (*sections, cited.section(), Section("", intro=(words.background.format(topic=subject.id),))),
        (words.usual, checked),
        str(table.evidence_checked),
    )
