"""Blocks to lines of a terminal: plain text at a width, or the same lines coloured by Rich."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from riskcli.report.blocks import Block, Line

if TYPE_CHECKING:
    from typing import TextIO

LABEL = 13
"""The columns of the labels."""
BESIDE = 60
"""The least width at which a label stands beside its text instead of above it."""
NARROWEST, WIDEST = 20, 100

_STYLES = {"title": "bold", "level": "bold", "bar": "bold", "warning": "bold", "quiet": "dim"}
_GLUED = re.compile(r"(?<=\d) (?=%)| (?=\[\d+\])")
"""The spaces at which no line is broken: before a sign of per cent, and before the number of a source."""
_GLUE = "\0"
_ASCII = str.maketrans(
    {
        "\u2265": ">=",
        "\u2264": "<=",
        "\u2013": "-",
        "\u2014": "-",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u00d7": "x",
        "\u00b5": "u",
        "\u03bc": "u",
        "\u2026": "...",
        "\u00a0": " ",
    }
)


def clean(text: str) -> str:
    r"""Make text from a file harmless on a terminal: no control or direction characters.

    Example:
        >>> clean("a\x1b[31mb")
        'a [31mb'
    """
    return text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)


def ascii_text(text: str) -> str:
    r"""Write text in plain ASCII, for an output that cannot show more.

    Example:
        >>> ascii_text("\u2265 4, caf\u00e9")
        '>= 4, cafe'
    """
    import unicodedata

    plain = unicodedata.normalize("NFKD", text.translate(_ASCII))
    return (
        "".join(char for char in plain if not unicodedata.combining(char)).encode("ascii", "replace").decode()
    )


def lay_out(blocks: Sequence[Block], width: int, ascii_only: bool = False) -> list[Line]:
    """Return the lines of a report at a width, each with its role."""
    width = max(NARROWEST, min(width, WIDEST))
    harmless: Callable[[str], str] = (lambda text: ascii_text(clean(text))) if ascii_only else clean
    return [line for block in blocks for line in _block(block, width, harmless)]


def _block(block: Block, width: int, harmless: Callable[[str], str]) -> Iterable[Line]:
    """Lay out one block: its label in the margin, or above it on a narrow terminal."""
    label = harmless(block.label)
    margin = LABEL if width >= BESIDE and label else 0
    if label and not margin:
        yield from (Line(part, "title") for part in textwrap.wrap(label, width))
        margin, label = 2, ""
    for line in block.lines:
        for part in _wrapped(line, width - margin, harmless):
            yield Line(f"{label:<{margin}}{part}".rstrip(), line.role, label=len(label))
            label = ""


def _wrapped(line: Line, room: int, harmless: Callable[[str], str]) -> list[str]:
    """Break one paragraph to fit; a line with shorter forms is not broken."""
    text = harmless(line.text)
    if line.shorter:
        return [form for form in (text, *line.shorter) if len(form) <= room][:1]
    lead = " " * (len(text) - len(text.lstrip()))
    return folded(text.strip(), room, lead, lead + " " * line.hang)


def folded(text: str, room: int, lead: str = "", below: str = "") -> list[str]:
    """Break a text into lines; an address that is longer than a line is broken after a stroke.

    Example:
        >>> folded("about 3 in 100 [1] at https://example.org/a/page", 18)
        ['about 3 in 100 [1]', 'at https://', 'example.org/a/page']
    """
    widest = room - max(len(lead), len(below))
    glued = _GLUED.sub(_GLUE, text)
    fitting = re.sub(r"\S+", lambda word: " ".join(_parts(word[0], widest)), glued)
    lines = textwrap.wrap(fitting, room, initial_indent=lead, subsequent_indent=below, break_on_hyphens=False)
    return [line.replace(_GLUE, " ") for line in lines]


def _parts(word: str, widest: int) -> Iterable[str]:
    """Give the parts of a word that is too long, each as many strokes long as there is room for."""
    while len(word) > widest and (end := word.rfind("/", 0, widest) + 1):
        yield word[:end]
        word = word[end:]
    yield word


def plain_text(blocks: Sequence[Block], width: int, ascii_only: bool = False) -> str:
    """Return the report as plain text."""
    return "\n".join(line.text for line in lay_out(blocks, width, ascii_only)) + "\n"


def print_coloured(blocks: Sequence[Block], width: int, file: TextIO, ascii_only: bool = False) -> None:
    """Print the report with the colours of its roles; the text is the same as the plain one."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=file, width=max(width, NARROWEST), highlight=False, soft_wrap=True, markup=False)
    for line in lay_out(blocks, width, ascii_only):
        label, text = line.text[: line.label], line.text[line.label :]
        console.print(Text.assemble((label, "bold"), (text, _STYLES.get(line.role, ""))))
