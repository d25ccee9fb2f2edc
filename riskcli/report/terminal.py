"""Blocks to lines of a terminal: plain text at a width, or the same lines coloured by Rich."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from riskcli.report.outline import Block, Line

if TYPE_CHECKING:
    from typing import TextIO

LABEL = 13
"""The columns of the labels."""
NARROWEST = 40
WIDEST = 100

_STYLES = {
    "title": "bold",
    "level": "bold",
    "bar": "bold",
    "warning": "yellow",
    "quiet": "dim",
    "matches": "bold",
    "depends": "bold",
}
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
    return "".join(char if char.isprintable() else " " for char in text)


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


def lay_out(blocks: Sequence[Block], width: int) -> list[Line]:
    """Return the lines of a report at a width, each with its role."""
    width = max(NARROWEST, min(width, WIDEST))
    return [line for block in blocks for line in _block(block, width)]


def _block(block: Block, width: int) -> Iterable[Line]:
    """Lay out one block: its label in the margin, or above it on a narrow terminal."""
    margin = LABEL if width >= 60 and block.label else 0
    label = block.label
    if label and not margin:
        yield Line(label, "title")
        margin, label = 2, ""
    for line in block.lines:
        room = width - margin
        text = clean(line.text)
        lead = len(text) - len(text.lstrip())
        wrapped = textwrap.wrap(
            text.strip(),
            room,
            initial_indent=" " * lead,
            subsequent_indent=" " * (lead + line.hang),
            break_long_words=True,
            break_on_hyphens=False,
        ) or [""]
        for part in wrapped:
            yield Line(f"{label:<{margin}}{part}".rstrip(), line.role)
            label = ""


def plain_text(blocks: Sequence[Block], width: int) -> str:
    """Return the report as plain text."""
    return "\n".join(line.text for line in lay_out(blocks, width)) + "\n"


def print_coloured(blocks: Sequence[Block], width: int, file: TextIO) -> None:
    """Print the report with the colours of its roles; the text is the same as the plain one."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=file, width=max(width, NARROWEST), highlight=False, soft_wrap=True, markup=False)
    for line in lay_out(blocks, width):
        console.print(Text(line.text, style=_STYLES.get(line.role, "")))
