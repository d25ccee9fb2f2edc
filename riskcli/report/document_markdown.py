"""A page for a tumour board as Markdown: what the texts hold is shown as it is. Decides nothing. No I/O."""

from __future__ import annotations

from collections.abc import Iterator

from riskcli.report.blocks import Words
from riskcli.report.document import Document, Note, Part, Room, Run, Section, Table
from riskcli.report.sections import escaped

_BLANK = r"\_" * 30
_SHORT = r"\_" * 10


def page_markdown(page: Document, words: Words) -> str:
    r"""Return a page as Markdown. `words` are those it was made with.

    Example:
        >>> from riskcli.loader import load_rules
        >>> from riskcli.report.document import document
        >>> from riskcli.report.blocks import Block, Line, report_words
        >>> words = report_words(load_rules().get("other_solid"))
        >>> blocks = [Block("", (Line("A *title*", "title"),)), Block("Why", (Line("- Because"),))]
        >>> print(page_markdown(document(blocks, words), words), end="")
        # A \*title\*
        <BLANKLINE>
        ## Why
        <BLANKLINE>
        - Because
    """
    return "\n\n".join(_paragraphs(page, words)) + "\n"


def _paragraphs(page: Document, words: Words) -> Iterator[str]:
    """Give the headings, paragraphs and lists of a page."""
    if page.draft:
        yield f"**{escaped(words['draft'])}**"
    yield f"# {escaped(page.title)}"
    for part in page.head:
        yield from _part(page, part, words)
    if page.picture and not page.placed:
        yield from _picture(page, words)
    for section in page.sections:
        if not section.last:
            yield from _section(page, section, words)
    if page.room:
        yield from _to_fill(page.room, words)
    for section in page.sections:
        if section.last:
            yield from _section(page, section, words)


def _section(page: Document, section: Section, words: Words) -> Iterator[str]:
    """Give a heading and what stands under it."""
    yield f"## {escaped(section.heading)}"
    for part in section.parts:
        if part.heading:
            yield f"### {escaped(part.heading)}"
        yield from _part(page, part, words)


def _part(page: Document, part: Part, words: Words) -> Iterator[str]:
    """Give the paragraphs, lists and the table of a part."""
    for run in part.runs:
        yield from _run(page, run, words)
    if part.table:
        yield from _table(part.table)


def _run(page: Document, run: Run, words: Words) -> Iterator[str]:
    """Give what follows each other in one form."""
    if run.kind == "picture":
        yield from (f"`{item.text}`" for item in run.items)
        yield from _picture(page, words)
    elif run.kind == "text":
        for item in run.items:
            text = escaped(item.text)
            yield f"**{text}**" if item.role == "level" else text
            if item.notes:
                yield "\n".join(_note(note) for note in item.notes)
    else:
        lines = []
        for item in run.items:
            number = rf"\[{item.number}\] " if item.number else ""
            lines.append(f"- {number}{escaped(item.text)}")
            lines += [f"  {_note(note)}" for note in item.notes]
        yield "\n".join(lines)


def _note(note: Note) -> str:
    """Return a note as an entry of a list."""
    return f"{'  ' if note.deep else ''}- {escaped(note.text)}"


def _picture(page: Document, words: Words) -> Iterator[str]:
    """Give the picture in words."""
    says = words["page"]["picture"]
    if page.picture is None:
        yield escaped(says["none"])
        return
    yield f"{escaped(page.picture.title)}:"
    yield "\n".join(f"- {escaped(fill.says)}" for fill in page.picture.fills)
    yield escaped(page.picture.about)


def _table(table: Table) -> Iterator[str]:
    """Give a table as lists, which are easier to read as they are than long cells."""
    for group, rows in table.groups:
        if group:
            yield f"**{escaped(group)}**"
        lines = []
        for row in rows:
            (name, *below), *others = row.cells
            if not group and len(others) == 1:
                lines.append(f"- {escaped(name)}: {escaped(' '.join(others[0]))}")
                continue
            lines.append(f"- **{escaped(name)}**")
            lines += [f"  - {escaped(text)}" for text in below]
            for column, cell in zip(table.columns[1:], others, strict=True):
                lines += [f"  - {escaped(column)}: {escaped(text)}" for text in cell]
        yield "\n".join(lines)


def _to_fill(room: Room, words: Words) -> Iterator[str]:
    """Give the room to write."""
    says = words["page"]
    yield f"## {escaped(says['discussion'])}"
    yield escaped(says["by_hand"])
    yield "\n".join([r"\_" * 60 + "  "] * room.lines).rstrip()
    yield f"### {escaped(says['discussed_by'])}"
    line = f"{escaped(says['name'])} {_BLANK} {escaped(says['date'])} {_SHORT}"
    yield "\n".join([f"{line}  "] * room.names).rstrip()
