"""Sections of entries with notes, as a terminal or Markdown shows them. Decides nothing.

What is longer than one answer (a table, a comparison, a topic) is put together once as sections; both
forms are made from the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from riskcli.report.blocks import Block, Line
from riskcli.report.terminal import clean

Note = tuple[str, str]
"""What a note is about (may be empty), and its text."""

_SPECIAL = re.compile(r"[\\`*\[\]<|$~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#?\w+;)")
_MARKS = re.compile(r"(.*?) ?((?:\[\d+\])*)", re.S)
_AT_START = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+#>=])")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is listed: what it is, and what is to be said about it."""

    text: str = ""
    notes: tuple[Note, ...] = ()
    code: str = ""
    """The id under which files and commands know it."""
    lead: str = ""
    """What stands first and is to be seen first."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what is said under it, and the entries; without a heading it ends or begins a page."""

    heading: str
    entries: tuple[Entry, ...] = ()
    intro: tuple[str, ...] = ()
    numbered: bool = False
    label: str | None = None
    """A shorter heading for the margin of a terminal."""
    sources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What the entries list, as data, where they are the sources that the page cites by their numbers."""


@dataclass(frozen=True, slots=True)
class Page:
    """A title and sections: a whole answer to show."""

    title: str
    sections: tuple[Section, ...]
    intro: tuple[str, ...] = ()
    dated: str | None = None
    """The day on which what it says was last held against its sources."""


def page_blocks(page: Page) -> list[Block]:
    """Return a page as blocks for the terminal.

    Example:
        >>> red = Entry("as blood", code="red", notes=(("since", "1900"),))
        >>> page = Page("Colours", (Section("Warm", (red,)),))
        >>> [line.text for block in page_blocks(page) for line in block.lines]
        ['Colours', 'red: as blood', '  since: 1900']
    """
    blocks = [Block("", (Line(page.title, "title"), *map(Line, page.intro)))]
    blocks += [_block(section) for section in page.sections]
    return [block for block in blocks if block.lines]


def _block(section: Section) -> Block:
    """Return one section as a block."""
    lines = [Line(text) for text in section.intro]
    for number, entry in enumerate(section.entries, 1):
        mark = f"{number}. " if section.numbered else "- " if len(section.entries) > 1 else ""
        lead = f"{entry.lead.upper()} " if entry.lead else ""
        head = ": ".join(part for part in (f"{lead}{entry.code}".rstrip(), entry.text) if part)
        lines.append(Line(f"{mark}{head}", "level" if entry.lead else "plain", hang=len(mark) or 2))
        indent = " " * (len(mark) or 2)
        lines += [Line(f"{indent}{_note(about, text)}", "quiet", hang=2) for about, text in entry.notes]
    return Block(section.heading if section.label is None else section.label, tuple(lines))


def _note(about: str, text: str) -> str:
    """Return a note on one line."""
    return f"{about}: {text}" if about else text


def page_markdown(page: Page) -> str:
    r"""Return a page as Markdown; what the texts hold is shown as it is, never obeyed.

    Example:
        >>> page = Page("A *table*", (Section("Rows", (Entry("<b> & more", code="row-1"),)),))
        >>> print(page_markdown(page), end="")
        # A \*table\*
        <BLANKLINE>
        ## Rows
        <BLANKLINE>
        - `row-1`: \<b> & more
    """
    parts = [f"# {escaped(page.title)}", *map(escaped, page.intro)]
    for section in page.sections:
        if not (section.entries or section.intro):
            continue
        parts.append(f"## {escaped(section.heading)}" if section.heading else "")
        parts += map(escaped, section.intro)
        if section.entries:
            parts.append("\n".join(_listed(section.entries, section.numbered)))
    return "\n\n".join(part for part in parts if part) + "\n"


def page_data(page: Page) -> dict[str, Any]:
    """Return a page as data: every text with the names of its sources in place of their numbers.

    Example:
        >>> cited = Section("Sources", sources={"book": {"title": "A book"}})
        >>> data = page_data(Page("Colours", (Section("Warm", (Entry("Red. [1]"),)), cited)))
        >>> data["sections"][0]["entries"][0]["sources"], list(data["sources"])
        (['book'], ['book'])
    """
    sources = {name: source for section in page.sections for name, source in section.sources.items()}

    def said(text: str) -> dict[str, Any]:
        found = _MARKS.fullmatch(text)
        assert found is not None
        numbers = [int(number) for number in re.findall(r"\d+", found[2])]
        return {"text": found[1], "sources": [list(sources)[number - 1] for number in numbers]}

    return {
        "title": page.title,
        "paragraphs": [said(text) for text in page.intro],
        "sections": [
            {
                "heading": section.heading,
                "paragraphs": [said(text) for text in section.intro],
                "entries": [
                    {
                        "id": entry.code or None,
                        "lead": entry.lead or None,
                        **said(entry.text),
                        "notes": [{"about": about, "text": text} for about, text in entry.notes],
                    }
                    for entry in section.entries
                ],
            }
            for section in page.sections
            if not section.sources
        ],
        "dated": page.dated,
        "sources": sources,
    }


def _listed(entries: Sequence[Entry], numbered: bool) -> Iterator[str]:
    """Give the lines of a list."""
    for number, entry in enumerate(entries, 1):
        mark = f"{number}. " if numbered else "- "
        lead = f"**{escaped(entry.lead)}** " if entry.lead else ""
        code = f"{lead}{_code(entry.code)}".rstrip()
        yield f"{mark}{': '.join(part for part in (code, escaped(entry.text)) if part)}"
        for about, text in entry.notes:
            yield f"{' ' * len(mark)}- {escaped(_note(about, text))}"


def _code(text: str) -> str:
    """Return an id as code."""
    return f"`{clean(text).replace('`', ' ').strip()}`" if text else ""


def escaped(text: str) -> str:
    r"""Return text of a file so that Markdown shows it as it is, on one line.

    Example:
        >>> print(escaped("# nodes_positive [x](y)"), escaped("1. a"), escaped("_a_"))
        \# nodes_positive \[x\](y) 1\. a \_a\_
    """
    text = " ".join(clean(text).split())
    text = _SPECIAL.sub(lambda match: f"\\{match[0]}", text)
    return _AT_START.sub(lambda match: f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[3]}", text)
