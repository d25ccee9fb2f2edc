"""An answer as a page for a tumour board, in HTML or Markdown: one file that needs nothing else.

The page shows the blocks of a full report, what was entered and the options as tables, a picture drawn from
the edges of the band, and room to write by hand. Decides nothing. No I/O.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby
from typing import TYPE_CHECKING

from riskcli.report.blocks import Block, Line, Words
from riskcli.report.outline import outline
from riskcli.report.picture import Picture, picture_of
from riskcli.report.wording import Wording
from riskcli.words import say

if TYPE_CHECKING:
    from riskcli.assessment import Assessment, OptionAnswer

TEMPLATE = "document.html.jinja"
_SOURCE = re.compile(r"\[(\d+)\] ")

Cell = tuple[str, ...]
"""The paragraphs of a cell, the first of which says what it is."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; the first cell names it."""

    cells: tuple[Cell, ...]
    group: str = ""
    """What it stands under, with the rows before it that stand under the same."""


@dataclass(frozen=True, slots=True)
class Table(Block):
    """A block whose lines are followed by a table."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def groups(self) -> list[tuple[str, list[Row]]]:
        """The rows by what they stand under, in their order."""
        return [(name, list(rows)) for name, rows in groupby(self.rows, key=lambda row: row.group)]


@dataclass(frozen=True, slots=True)
class Note:
    """What stands indented below an item; `deep` when it stands below another note."""

    text: str
    indent: int
    deep: bool = False


@dataclass(slots=True)
class Item:
    """A paragraph or an entry of a list, with what stands indented below it."""

    text: str
    role: str = "plain"
    number: str = ""
    """The number by which a source is cited."""
    notes: list[Note] = field(default_factory=list)

    def add(self, line: str) -> None:
        """Put an indented line below the item."""
        text = line.lstrip()
        indent = len(line) - len(text)
        self.notes.append(Note(text, indent, bool(self.notes) and indent > self.notes[0].indent))


@dataclass(slots=True)
class Run:
    """What follows each other in one form: `text`, `list`, `sources` or `picture`."""

    kind: str
    items: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Part:
    """What stands under a heading of its own, or straight under that of its section."""

    heading: str
    runs: list[Run]
    table: Table | None = None


@dataclass(slots=True)
class Section:
    """A heading and its parts."""

    heading: str
    parts: list[Part]
    last: bool = False
    """Whether it stands behind the room for writing: the sources, and where the answer comes from."""


@dataclass(frozen=True, slots=True)
class Room:
    """What is left free to write by hand: lines for notes, and lines for names with their dates."""

    lines: int
    names: int


BOARD, CONSULTATION = Room(8, 3), Room(4, 1)


@dataclass(frozen=True, slots=True)
class Document:
    """Everything a page shows, sorted for any form of it."""

    title: str
    head: list[Part]
    """What stands under the title, before the first heading."""
    sections: list[Section]
    picture: Picture | None
    ref: str
    draft: bool
    room: Room | None
    large: bool
    """Whether it is printed in letters for everybody's eyes."""

    @property
    def placed(self) -> bool:
        """Whether the picture has its place among the text; otherwise it stands above it."""
        return any(
            run.kind == "picture" for section in self.sections for part in section.parts for run in part.runs
        )

    @property
    def numbers(self) -> set[str]:
        """The numbers of the sources that are listed."""
        runs = [run for section in self.sections for part in section.parts for run in part.runs]
        return {item.number for run in runs for item in run.items if item.number}


def answer_document(
    answer: Assessment, words: Words, more: Iterable[Block] = (), first: Iterable[Block] = ()
) -> Document:
    """Return an answer as a page; `more` stands before the uncertainty, such as the decision.

    `first` stands before what is taken as so, such as what was assumed for a whole cohort.

    Example:
        >>> import riskcli
        >>> from riskcli.loader import load_rules
        >>> from riskcli.report.blocks import report_words
        >>> answer = riskcli.assess({"cancer": "breast", "grade": 3, "nodes_positive": 12})
        >>> page = answer_document(answer, report_words(load_rules().get("breast")))
        >>> [section.heading for section in page.sections][:2]
        ['What is taken as so', 'What was assumed']
    """
    answer = as_shown(answer)
    blocks = answer_blocks(answer, words)
    end = next(place for place, block in enumerate(blocks) if block.label == words["uncertainty"])
    blocks[end:end] = more
    start = next(place for place, block in enumerate(blocks) if block.label.strip())
    blocks[start:start] = first
    return document(
        blocks, words, answer.likelihood.levels, draft=answer.provenance.status == "draft", room=BOARD
    )


def as_shown(answer: Assessment) -> Assessment:
    """Return an answer without the published systems that do not cover the case, and without their sources.

    Example:
        >>> import riskcli
        >>> answer = riskcli.assess({"cancer": "breast", "neoadjuvant_therapy": "yes", "nodes_positive": 5})
        >>> sorted(set(answer.sources) - set(as_shown(answer).sources))
        ['npi-bands', 'npi-blamey', 'npi-galea', 'tnm-8']
    """
    systems = tuple(system for system in answer.systems if system.applies != "no")
    lists = [
        *(reason.sources for reason in answer.reasons),
        *(reason.disputed.sources for reason in answer.reasons if reason.disputed),
        *(option.sources for option in answer.options),
        *(option.sources for option in answer.not_supported),
        *(site.sources for site in answer.likely_sites),
        *(system.sources for system in systems),
    ]
    cited = set(chain.from_iterable(lists))
    sources = {name: source for name, source in answer.sources.items() if name in cited}
    return answer.model_copy(update={"systems": systems, "sources": sources})


def answer_blocks(answer: Assessment, words: Words) -> list[Block]:
    """Return the full report of an answer, with what was entered and the options as tables."""
    tables = {words["case"]: _entered(answer, words)}
    for status in ("matches", "depends"):
        label = f" {words[status]}"
        tables[label] = _options(answer, words, status, label)
    return [tables.get(block.label, block) for block in outline(answer, words, full=True, panel=True)]


def _entered(answer: Assessment, words: Words) -> Block:
    """What was stated, as it was read."""
    wording, says = Wording(words), words["page"]["columns"]
    rows = [
        Row(((wording.called(name),), (wording.value(name, value),))) for name, value in answer.case.items()
    ]
    return Table(words["case"], (), (says["finding"], says["value"]), tuple(rows))


def _options(answer: Assessment, words: Words, status: str, label: str) -> Block:
    """The options of one standing: what they are, what they turn on, why, and where they are to be had."""
    wording, says = Wording(words), words["page"]["columns"]
    chosen = [option for option in answer.options if option.status == status]
    kept = ["option", "needs", "why", "where"]
    if status == "matches":
        kept.remove("needs")
    if not any(option.availability for option in chosen):
        kept.remove("where")
    numbers = {name: f"[{number}]" for number, name in enumerate(answer.sources, 1)}

    def cell(option: OptionAnswer, column: str) -> Cell:
        if column == "needs":
            return (", ".join(map(wording.called, option.depends_on)),)
        if column == "why":
            return tuple(filter(None, (option.why, option.limits)))
        if column == "where":
            return tuple(f"{region}: {text}" for region, text in option.availability.items())
        name = " ".join((option.name, "".join(numbers[source] for source in option.sources)))
        return tuple(filter(None, (name.rstrip(), ", ".join(option.agents))))

    rows = [
        Row(tuple(cell(option, column) for column in kept), words["kinds"][kind])
        for kind in dict.fromkeys(option.kind for option in chosen)
        for option in chosen
        if option.kind == kind
    ]
    return Table(label, (), tuple(says[column] for column in kept), tuple(rows))


def document(
    blocks: Sequence[Block],
    words: Words,
    levels: Sequence[str] = (),
    *,
    draft: bool = False,
    room: Room | None = None,
    large: bool = False,
) -> Document:
    """Return blocks as a page: the first is its title, those without a label belong to the one before.

    `levels` are those that the picture is of; it takes the place of the drawing among the blocks, or stands
    above them all. A `draft` is marked above its title, which then does not repeat it. `room` is left free
    before the sources. A `large` page is printed in larger letters.
    """
    reader = _Reader(words)
    page = Document(
        title=blocks[0].lines[0].text.removesuffix(f" - {words['draft']}" if draft else ""),
        head=[],
        sections=[],
        picture=picture_of(levels, words),
        ref=next((block.lines[0].text for block in blocks if block.label == words["ref"]), ""),
        draft=draft,
        room=room,
        large=large,
    )
    for block in (Block("", blocks[0].lines[1:]), *blocks[1:]):
        part = reader.part(block)
        if block.label.strip() and not block.label.startswith(" "):
            last = block.label in (words["sources"], words["provenance"])
            page.sections.append(Section(reader.heading(block.label), [part], last))
        elif part.runs or part.table:
            (page.sections[-1].parts if page.sections else page.head).append(part)
    return page


class _Reader:
    """Reads the lines of blocks: what is a list, what stands below what, and how a label is spelled out."""

    def __init__(self, words: Words) -> None:
        """Use the words of a report."""
        self.words = words
        self.headings = {words[key]: text for key, text in words["page"]["headings"].items()}

    def heading(self, label: str) -> str:
        """Return the heading for a label of the terminal's margin."""
        return str(self.headings.get(label.strip(), label.strip()))

    def part(self, block: Block) -> Part:
        """Return a block with its lines sorted; the heading of a section is not repeated."""
        heading = self.heading(block.label) if block.label.startswith(" ") else ""
        return Part(heading, self._runs(block), block if isinstance(block, Table) else None)

    def _runs(self, block: Block) -> list[Run]:
        """Sort the lines of a block; the reader's own reference is left as it is."""
        if block.label == self.words["ref"]:
            return [Run("text", [Item(line.text, line.role) for line in block.lines])]
        found: list[Run] = []
        for line in block.lines:
            if line.text.startswith(" ") and found and found[-1].items:
                found[-1].items[-1].add(line.text)
                continue
            kind, item = self._item(line, block.label == self.words["sources"])
            if not found or found[-1].kind != kind:
                found.append(Run(kind))
            found[-1].items.append(item)
        return found

    def _item(self, line: Line, source: bool) -> tuple[str, Item]:
        """Return the form of a line, and the line without the sign that shows it."""
        text = line.text.strip()
        if line.role == "bar":
            return "picture", Item(text)
        if source and (number := _SOURCE.match(text)):
            return "sources", Item(text[number.end() :], line.role, number[1])
        if text.startswith("- "):
            return "list", Item(text.removeprefix("- "), line.role)
        return "text", Item(text, line.role)


def page_html(page: Document, words: Words, language: str | None = None) -> str:
    """Return a page as HTML; every text is escaped. `words` are those it was made with.

    `language` is theirs; by default that of the sentences of the program.

    Example:
        >>> from riskcli.loader import load_rules
        >>> from riskcli.report.blocks import Block, Line, report_words
        >>> words = report_words(load_rules().get("other_solid"))
        >>> blocks = [Block("", (Line("A & B", "title"),)), Block("Why", (Line("Because"),))]
        >>> "<h1>A &amp; B</h1>" in page_html(document(blocks, words, ["high"]), words)
        True
    """
    from riskcli._version import __version__
    from riskcli.report.pages import render

    return render(
        TEMPLATE,
        page=page,
        words=words,
        says=words["page"],
        language=language or say("language"),
        version=__version__,
    )
