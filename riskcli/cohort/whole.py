"""Whole answers of a cohort's rows: as JSON Lines, and as pages for people. One row after the other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from riskcli.case import REF
from riskcli.cohort.formats import refused
from riskcli.cohort.places import same_file, whole
from riskcli.cohort.reading import Cohort
from riskcli.cohort.readings import SOURCES, readings_of
from riskcli.cohort.rows import REFUSED, Rowwise
from riskcli.errors import CaseError, OutOfScope
from riskcli.evaluate import answer_data, assess_facts
from riskcli.interop.readings import Reading
from riskcli.words import say

TEXT, MARKDOWN, HTML = "txt", "md", "html"
FORMS = (TEXT, MARKDOWN, HTML)
"""The forms of a page, which are the endings of its name."""
ASSUMED = "assumed_for_cohort"
"""The key of what was assumed for the whole cohort where the row states nothing, as `field=value`."""
HOW_READ = "reading"
"""The key of how the row was read where it stood in another system's form."""
_UNSAFE = re.compile(r"[^\w.-]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.I)
"""Names that some file systems keep for devices."""
_LONGEST_NAME = 60
_WIDTH = 80
"""The columns of a page of text."""
Page = Callable[[Rowwise, Mapping[str, Any], Reading | None], str]
"""What makes the page of a row, from its record and how it was read."""


class NumberedRow(NamedTuple):
    """A row of a cohort as a record, with its `ref` where it has one."""

    number: int
    """From 1."""
    record: dict[str, Any]
    reading: Reading | None = None
    """How the record was read where it stood in another system's form."""


def numbered_records(cohort: Cohort) -> Iterator[NumberedRow]:
    """Give every row as a record."""
    header = next((header for header, name in cohort.summary.columns.fields.items() if name == REF), None)
    number = 0
    for batch, _ in cohort.batches():
        case = cohort.assessor.case(batch)
        refs = batch[header].to_list() if header else [None] * batch.height
        rows = case.iter_rows(named=True)
        for row, ref, reading in zip(rows, refs, readings_of(batch), strict=True):
            number += 1
            record = row if ref is None else {**row, REF: ref}
            if reading is not None and reading.refused is not None:
                record[REFUSED] = reading.refused
            yield NumberedRow(number, record, reading)


def whole_answer(rowwise: Rowwise, number: int, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole answer to a row, as a single case has it, or what is wrong with the row."""
    try:
        table = rowwise.rules.get(rowwise.name(record))
        answer = answer_data(rowwise.facts(record, table), rowwise.today)
        return {"row": number, ASSUMED: rowwise.declared(record), **answer}
    except CaseError as error:
        kind = "out_of_scope" if isinstance(error, OutOfScope) else "case"
        problems = [
            {"field": problem.field, "message": problem.message, "allowed": list(problem.allowed)}
            for problem in error.problems
        ]
        return {"row": number, REF: record.get(REF), "error": kind, "problems": problems}


def whole_answers(cohort: Cohort) -> Iterator[dict[str, Any]]:
    """Give the whole answer to every row.

    Raises:
        CaseError: the cohort cannot be read on.
    """
    for number, record, reading in numbered_records(cohort):
        answer = whole_answer(cohort.rowwise, number, record)
        yield answer if reading is None else {**answer, HOW_READ: reading.data()}


def write_pages(cohort: Cohort, directory: str, form: str = TEXT, others: Sequence[str] = ()) -> int:
    """Write a page for every row, as text, Markdown or HTML, named by its `ref` or its number.

    No two rows share a name on any file system, and no page takes the place of one of `others`.

    Returns the number of pages.

    Raises:
        CaseError: the cohort cannot be read, or a page not written.
    """
    try:
        Path(directory).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refused(say("output_file.not_made", name=directory, reason=error.strerror)) from None
    page = _text(SOURCES in cohort.source.headers) if form == TEXT else _document(form)
    taken = {_alike(Path(path).name) for path in others}
    count = 0
    for number, record, reading in numbered_records(cohort):
        text = page(cohort.rowwise, record, reading)
        name = page_name(number, record.get(REF))
        place = Path(directory) / f"{name}.{form}"
        while _alike(place.name) in taken or any(same_file(path, str(place)) for path in others):
            name = f"{name}-{number}"
            place = Path(directory) / f"{name}.{form}"
        taken.add(_alike(place.name))
        with whole(str(place)) as part:
            Path(part).write_text(text, encoding="utf-8", newline="\n")
        count += 1
    return count


def _alike(name: str) -> str:
    """Return what two names share that are one file where neither case nor how a letter is coded counts."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def page_name(number: int, ref: object) -> str:
    """Return the name of a row's page: its reference, made safe for any file system, or its number.

    Example:
        >>> page_name(7, "Müller/3"), page_name(7, None), page_name(7, "../..")
        ('Müller-3', 'row-0007', 'row-0007')
    """
    said = "" if ref is None else unicodedata.normalize("NFC", str(ref))
    name = _UNSAFE.sub("-", said).strip("-.")[:_LONGEST_NAME]
    return f"row-{number:04d}" if not name or _RESERVED.fullmatch(name) else name


def _document(form: str) -> Page:
    """Return what makes the page of a row in Markdown or HTML, or the page that says why there is none."""
    from riskcli.report.blocks import Block, Line, Words, report_words
    from riskcli.report.document import Document, answer_document, document, page_html
    from riskcli.report.document_markdown import page_markdown
    from riskcli.report.readings import reading_blocks

    def made(rowwise: Rowwise, record: Mapping[str, Any], reading: Reading | None) -> tuple[Document, Words]:
        declared = rowwise.declared(record)
        read = reading_blocks(reading.data() if reading else None, values=True)
        try:
            table = rowwise.rules.get(rowwise.name(record))
            answer = assess_facts(rowwise.facts(record, table), rowwise.today or date.today())
        except CaseError as error:
            words = report_words(rowwise.rules.get(rowwise.rules.names[0]))
            said = tuple(Line(line) for line in _why_not(error, reading))
            ref = (Line(str(record[REF])),) if record.get(REF) is not None else ()
            blocks = [Block(words["ref"], ref)] if ref else []
            title = Block("", (Line(words["page"]["no_answer"], "title"),))
            why = Block(words["page"]["no_answer_why"], said)
            return document([title, *blocks, why, *read], words), words
        words = report_words(table)
        told = Block(words["page"]["whole_cohort"], (Line(", ".join(declared)),))
        return answer_document(answer, words, read, first=[told] if declared else ()), words

    show = page_html if form == HTML else page_markdown
    return lambda rowwise, record, reading: show(*made(rowwise, record, reading))


def _text(values: bool) -> Page:
    """Return what makes the report on a row, or the sentences that say why there is none.

    `values` adds where each value stood, as `--show-sources` does.
    """
    from riskcli.report.blocks import report_words
    from riskcli.report.outline import outline
    from riskcli.report.readings import reading_blocks, with_reading
    from riskcli.report.terminal import clean, plain_text

    def made(rowwise: Rowwise, record: Mapping[str, Any], reading: Reading | None) -> str:
        read = reading.data() if reading else None
        try:
            table = rowwise.rules.get(rowwise.name(record))
            answer = assess_facts(rowwise.facts(record, table), rowwise.today or date.today())
        except CaseError as error:
            said = "".join(f"{clean(line)}\n" for line in _why_not(error, reading))
            blocks = reading_blocks(read, values)
            return f"{said}\n{plain_text(blocks, _WIDTH)}" if blocks else said
        words = report_words(table)
        page = plain_text(with_reading(outline(answer, words), words, read, values), _WIDTH)
        declared = rowwise.declared(record)
        if not declared:
            return page
        return f"{say('output_file.whole_cohort', declared=', '.join(map(clean, declared)))}\n{page}"

    return made


def _why_not(error: CaseError, reading: Reading | None) -> list[str]:
    """Return what is wrong with a row, with where it was read."""
    return [str(problem) for problem in (reading.explained(error) if reading else error).problems]
