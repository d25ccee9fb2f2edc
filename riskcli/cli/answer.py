"""An answer shown: on standard output or in files that appear together or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from riskcli import words
from riskcli.case import CANCER, read_case
from riskcli.cli.output import ANSWERED, json_text, say, write, write_whole
from riskcli.cli.routing import Route
from riskcli.cli.shown import PATIENT, Shown
from riskcli.compiled import Compiled
from riskcli.evaluate import answer_data, assess_facts

if TYPE_CHECKING:
    from riskcli.facts import Facts
    from riskcli.report.blocks import Block, Words
    from riskcli.report.document import Document
    from riskcli.report.patient import PatientWords


def show(route: Route, table: Compiled, record: Mapping[str, Any], shown: Shown) -> int:
    """Print or write the answer to a record, and return the exit code.

    Raises:
        CaseError: the case is wrong, or something cannot be written; then no file is.
    """
    facts, today = read_case(record, table), date.today()
    reading = route.reading.used_in(record) if route.reading else None
    shown = replace(shown, reading=reading.data() if reading else None)
    if not any(shown.outputs.values()):
        _show_answer(route, facts, today, shown)
        return ANSWERED
    from riskcli.cohort.places import together

    done: list[str] = []
    with _told(done), together():
        if shown.report:
            done.append(_write_report(route, facts, today, shown, shown.report))
        if shown.fhir_out:
            from riskcli.cli.fhir_out import write_risk_assessment

            done.append(write_risk_assessment(shown.fhir_out, facts, today, reading))
        if shown.save:
            done.append(_save(facts, record, today, shown, shown.save))
        if shown.output:
            done.insert(0, words.say("command.written", path=shown.output))
        _show_answer(route, facts, today, shown)
    return ANSWERED


@contextmanager
def _told(sentences: Sequence[str]) -> Iterator[None]:
    """Say what was written when it is there, even where the reader of standard output has gone."""
    try:
        yield
    except BrokenPipeError:
        say(*sentences)
        raise
    say(*sentences)


def _show_answer(route: Route, facts: Facts, today: date, shown: Shown) -> None:
    """Print an answer, or write it to a file."""
    if shown.as_json:
        stream = None if shown.output else sys.stdout
        text = json_text(_data(facts, today, shown), stream)
    else:
        from riskcli.cli.page import file_text, print_blocks

        blocks = _report(route, facts, today, shown)
        if not shown.output:
            print_blocks(blocks, shown.no_color)
            return
        text = file_text(blocks)
    if shown.output:
        write_whole(shown.output, text)
    else:
        write(sys.stdout, text)


def _save(facts: Facts, record: Mapping[str, Any], today: date, shown: Shown, path: str) -> str:
    """Keep an answer with its inputs, and return what is to be said of it."""
    from riskcli.saved import seal

    answer = with_reading(answer_data(facts, today), shown.reading)
    write_whole(path, json_text(seal({CANCER: facts.table.name, **record}, answer, str(today))))
    return words.say("command.saved", path=path)


def _data(facts: Facts, today: date, shown: Shown) -> dict[str, Any]:
    """Return an answer as data, with the decision where that is asked for, and how the case was read."""
    data = answer_data(facts, today)
    if shown.why:
        from riskcli.report.why import why_data
        from riskcli.why import why

        data = {**data, "decision": why_data(why(facts))}
    return with_reading(data, shown.reading)


def with_reading(data: dict[str, Any], reading: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return an answer with how its case was read, where it was read of another system.

    Example:
        >>> with_reading({"cancer": "x"}, None)
        {'cancer': 'x'}
    """
    return {**data, "reading": reading} if reading else data


def _write_report(route: Route, facts: Facts, today: date, shown: Shown, path: str) -> str:
    """Write the page for whom it is for to a file, and return what is to be said of it.

    Raises:
        CaseError: the form is not known, or the file cannot be written.
    """
    from riskcli.cli.report import board_page, check_report, consultation_page, write_report

    check_report(path)

    def page() -> tuple[Document, Words]:
        if shown.whom == PATIENT:
            return consultation_page(assess_facts(facts, today), _patient_words(route, facts))
        return board_page(facts, today, shown.why, shown.reading)

    return write_report(path, page, lambda: _data(facts, today, shown))


def _patient_words(route: Route, facts: Facts) -> PatientWords:
    """Return the words of the page for a patient."""
    from riskcli.plain_words import patient_page
    from riskcli.report.patient import patient_words

    return patient_words(facts.table, patient_page(route.rules, facts.table.name))


def _report(route: Route, facts: Facts, today: date, shown: Shown) -> list[Block]:
    """Return the report for whom it is for."""
    if shown.whom == PATIENT:
        from riskcli.report.patient import patient_blocks

        return patient_blocks(assess_facts(facts, today), _patient_words(route, facts))
    from riskcli.cli.report import answer_blocks

    blocks = answer_blocks(facts, today, shown.full, shown.panel, shown.why)
    if shown.reading:
        from riskcli.report import readings
        from riskcli.report.blocks import report_words

        return readings.with_reading(blocks, report_words(facts.table), shown.reading, shown.sources)
    return blocks
