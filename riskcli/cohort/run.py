"""A cohort from a file to a file: every row answered in its place, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from riskcli.cohort.formats import PARQUET
from riskcli.cohort.reading import Cohort
from riskcli.cohort.sinks import write_frames, write_records
from riskcli.cohort.whole import whole_answers
from riskcli.errors import CaseError, Problem
from riskcli.records import STDIN
from riskcli.words import say


class Refused(CaseError):
    """A file that is not written because some of its rows are wrong."""


def assess_file(
    cohort: Cohort,
    output: str,
    kind: str,
    no_formulas: bool = False,
    strict: bool = False,
    full: bool = False,
) -> None:
    """Answer every row of a cohort and write them to a file; `full` writes whole answers as JSON Lines.

    Raises:
        Refused: `strict` is asked for and some rows are wrong; nothing is written.
        CaseError: the file cannot be read or written.
    """

    def checked(found: Iterable[Any]) -> Iterator[Any]:
        yield from found
        if strict and cohort.summary.wrong:
            raise Refused([Problem(None, None, say("output_file.strict"))])

    found: Iterable[Any]
    if full:
        found = checked(whole_answers(cohort))
    else:
        found = checked(cohort.answered(text=kind == PARQUET and not cohort.source.typed))
    if strict and output == STDIN:
        found = list(found)
    if full:
        write_records(found, output)
    else:
        write_frames(found, output, kind, no_formulas)
