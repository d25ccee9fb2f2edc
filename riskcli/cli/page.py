"""A page on the terminal, as Markdown, as JSON, or in a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from riskcli import words
from riskcli._version import __version__
from riskcli.cli.output import can_show, coloured, json_text, say, terminal_width, write, write_whole
from riskcli.report.blocks import Block
from riskcli.report.sections import Page, page_blocks, page_markdown
from riskcli.report.terminal import plain_text, print_coloured

SCHEMA_VERSION = 1
FILE_WIDTH = 80
"""The width of a text that is written to a file."""


def show_page(page: Page, markdown: bool = False, output: str | None = None) -> None:
    """Show a page in the form that is asked for."""
    if markdown:
        deliver(page_markdown(page), output)
    else:
        show_blocks(page_blocks(page), output)


def show_blocks(blocks: list[Block], output: str | None = None, no_color: bool = False) -> None:
    """Show blocks, in colour where the terminal wants it, or write them to a file and say so."""
    if output:
        deliver(file_text(blocks), output)
    else:
        print_blocks(blocks, no_color)


def file_text(blocks: list[Block]) -> str:
    """Return blocks as the text of a file."""
    return plain_text(blocks, FILE_WIDTH)


def print_blocks(blocks: list[Block], no_color: bool = False) -> None:
    """Print blocks, in colour where the terminal wants it."""
    width = terminal_width()
    ascii_only = not can_show(plain_text(blocks, width), sys.stdout)
    if coloured(sys.stdout, no_color):
        print_coloured(blocks, width, sys.stdout, ascii_only)
    else:
        write(sys.stdout, plain_text(blocks, width, ascii_only))


def show_data(data: dict[str, Any], output: str | None = None) -> None:
    """Show data as JSON, with the version that made it."""
    whole = {"schema_version": SCHEMA_VERSION, "riskcli": __version__, **data}
    deliver(json_text(whole, None if output else sys.stdout), output)


def deliver(text: str, output: str | None) -> None:
    """Write a text to standard output, or to a file and say so."""
    if output:
        write_whole(output, text)
        say(words.say("command.written", path=output))
    else:
        write(sys.stdout, text)


def shorter(path: str) -> str:
    """Return a path relative to the working directory where that is shorter.

    Example:
        >>> shorter(str(Path.cwd() / "rules" / "breast.yaml")) == str(Path("rules") / "breast.yaml")
        True
    """
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path
