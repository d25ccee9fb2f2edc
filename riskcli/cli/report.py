"""The report of an answer as a file: `--report FILE.html`, `.md` or `.json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskcli import words
from riskcli.cli.output import json_text, write_whole
from riskcli.errors import CaseError, Problem, quoted
from riskcli.evaluate import assess_facts
from riskcli.report.blocks import Block, Words, report_words
from riskcli.report.outline import outline

if TYPE_CHECKING:
    from riskcli.assessment import Assessment
    from riskcli.facts import Facts
    from riskcli.report.document import Document
    from riskcli.report.patient import PatientWords

Data = Mapping[str, Any]

HTML, MARKDOWN, JSON = ".html", ".md", ".json"


def check_report(path: str) -> None:
    """Refuse a report that cannot be made, before anything is asked or answered.

    Raises:
        CaseError: the name ends in no form that is known, or a page is wanted and its library is missing.
    """
    form = Path(path).suffix.lower()
    if form not in (HTML, MARKDOWN, JSON):
        message = words.say("command.report_not", given=quoted(path))
        raise CaseError([Problem(None, None, message)])
    if form == HTML:
        need_pages()


def need_pages() -> None:
    """Refuse to make pages without the library for them.

    Raises:
        CaseError: it is not installed; with how to get it.
    """
    from riskcli.report.pages import need_more

    try:
        import_module("jinja2")
    except ImportError:
        raise CaseError([Problem(None, None, need_more())]) from None


def write_report(path: str, page: Callable[[], tuple[Document, Words]], data: Callable[[], Data]) -> str:
    """Write a page, whole or not at all; `data` gives the answer for JSON. Return what is to be said of it.

    Raises:
        CaseError: it cannot be written.
    """
    form = Path(path).suffix.lower()
    write_whole(path, json_text(data()) if form == JSON else _text(form, *page()))
    return words.say("command.report_written", path=path)


def _text(form: str, page: Document, words: Words) -> str:
    """Return a page in a form."""
    from riskcli.report.document import page_html
    from riskcli.report.document_markdown import page_markdown

    return page_html(page, words) if form == HTML else page_markdown(page, words)


def board_page(facts: Facts, today: date, why: bool, reading: Data | None = None) -> tuple[Document, Words]:
    """Return the page for a tumour board, and its words; `reading` is how the case was read."""
    from riskcli.report.document import answer_document
    from riskcli.report.readings import reading_blocks

    words = report_words(facts.table)
    more = [*(decision(facts) if why else ()), *reading_blocks(reading, values=True)]
    return answer_document(assess_facts(facts, today), words, more), words


def consultation_page(answer: Assessment, words: PatientWords) -> tuple[Document, Words]:
    """Return the page for the person whose answer it is, and its words; no picture without a number."""
    from riskcli.report.document import CONSULTATION, document
    from riskcli.report.patient import MOST_LEVELS, page_words, patient_blocks

    shared = page_words(words)
    drawing = words.page.picture.say  # of the drawing in the terminal, which the picture replaces
    blocks = [
        replace(block, lines=tuple(line for line in block.lines if line.text != drawing))
        for block in patient_blocks(answer, words)
    ]
    levels = answer.likelihood.levels
    page = document(
        blocks,
        shared,
        levels if len(levels) <= MOST_LEVELS else (),
        draft=answer.provenance.status == "draft",
        room=CONSULTATION,
        large=True,
    )
    return page, shared


def answer_blocks(facts: Facts, today: date, full: bool, panel: bool, why: bool) -> list[Block]:
    """Return the report of an answer for a terminal; `why` adds the decision before the uncertainty."""
    words = report_words(facts.table)
    blocks = outline(assess_facts(facts, today), words, full, panel)
    if why:
        end = next(place for place, block in enumerate(blocks) if block.label == words["uncertainty"])
        blocks[end:end] = decision(facts)
    return blocks


def decision(facts: Facts) -> list[Block]:
    """Return how an answer was decided."""
    from riskcli.report.why import why_blocks
    from riskcli.report.wording import Wording
    from riskcli.why import why

    return why_blocks(why(facts), Wording(facts.table.common["labels"]))
