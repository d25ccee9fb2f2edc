"""The patients of a cohort with their answers and what became of them. Compares nothing.

Every row ends in one place: a patient, a row that was not chosen, left out because of its time, wrong, or
out of scope.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from riskcli.cohort.comparators import Marker, Marks
from riskcli.cohort.frames import FrameAssessor
from riskcli.cohort.outcomes import Outcome, OutcomeColumns, Outcomes, Repeats, as_word, repeats
from riskcli.cohort.reading import ERROR, OUT_OF_SCOPE, Cohort, kind_of
from riskcli.cohort.rows import BETWEEN, RowAnswer, Rowwise
from riskcli.compiled import LEVELS

NO_CANCER = ""
"""Where rows are counted of which no table can be named."""


@dataclass(frozen=True, slots=True)
class Followed:
    """One patient: the answer, and what became of the patient."""

    row: int
    cancer: str
    lowest: int
    """The lowest level still possible, from 0."""
    highest: int
    rule: str | None
    """The row that decided; None when several still may."""
    outcome: Outcome
    marks: Marks = field(default_factory=dict)


@dataclass
class Found:
    """What the rows of a cohort gave under one set of assumptions."""

    patients: list[Followed] = field(default_factory=list)
    unanswered: dict[str, Counter[str]] = field(default_factory=dict)
    """Rows by what kept them from an answer, by cancer."""


@dataclass
class Gathered:
    """The patients of a cohort, and every row that gave none."""

    found: Found
    without: Found | None
    """The same without what is assumed for the whole cohort; None when nothing is."""
    outcomes: Outcomes
    rows: int = 0
    twice: Repeats = field(default_factory=Repeats)
    """Ids that stand in several rows of one cancer."""
    several: Repeats = field(default_factory=Repeats)
    """Ids with rows of several cancers."""


def gather(cohort: Cohort, columns: OutcomeColumns) -> Gathered:
    """Read a cohort with what became of its patients.

    Raises:
        CaseError: a column is not there, an event cannot be read, or the file cannot be read on.
    Example:
        >>> from riskcli.cohort.columns import Naming
        >>> from riskcli.cohort.sources import Source
        >>> from riskcli.loader import load_rules
        >>> frame = pl.DataFrame({"grade": ["3"], "nodes_positive": ["2"], "t": ["18"], "e": ["no"]})
        >>> source = Source("two.csv", frame.columns, lambda: iter([frame]))
        >>> cohort = Cohort(source, Rowwise(load_rules(), "other_solid"), Naming())
        >>> gather(cohort, OutcomeColumns("t", "e", "months")).found.patients[0].outcome
        Outcome(years=1.5, event=False, competing=False)
    """
    outcomes = Outcomes(columns, cohort.source.headers)
    plain = None
    if cohort.rowwise.assume:
        rowwise = Rowwise(cohort.rowwise.rules, cohort.rowwise.cancer, None, cohort.rowwise.today)
        plain = FrameAssessor(rowwise, cohort.summary.columns, cohort.assessor.naming)
    gathered = Gathered(Found(), Found() if plain else None, outcomes)
    reader = _Reader(cohort, plain, gathered)
    for batch, numbers in cohort.batches():
        reader.read(batch, numbers)
    outcomes.finish()
    gathered.twice, gathered.several = repeats(reader.persons)
    return gathered


class _Reader:
    """Takes batches of a cohort apart into patients."""

    def __init__(self, cohort: Cohort, plain: FrameAssessor | None, gathered: Gathered) -> None:
        """Begin with nothing read."""
        self._cohort, self._plain, self._gathered = cohort, plain, gathered
        self._marker = Marker(cohort.rowwise)
        columns = gathered.outcomes.columns
        self._named = list(dict.fromkeys(columns.outcomes + columns.others))
        self._person = columns.person
        self.persons: list[tuple[int, str, str]] = []
        """The number, the id and the cancer of each row that was chosen."""

    def read(self, batch: pl.DataFrame, numbers: pl.Series) -> None:
        """Take one batch apart."""
        answers = self._cohort.assessor.answers.rows
        case = self._cohort.assessor.case(batch)
        plain: Sequence[RowAnswer | None] = [None] * batch.height
        if self._plain:
            plain_numbers = self._plain.numbers(batch)
            plain = [self._plain.answers.rows[number] for number in plain_numbers]
        rows: Iterator[dict[str, Any]] = batch.select(self._named).iter_rows(named=True)
        records = case.iter_rows(named=True)
        for values, record, number, without in zip(rows, records, numbers, plain, strict=True):
            self._gathered.rows += 1
            self._row(values, record, answers[number], without)

    def _row(
        self, values: dict[str, Any], record: dict[str, Any], answer: RowAnswer, without: RowAnswer | None
    ) -> None:
        """Take one row to where it belongs."""
        gathered = self._gathered
        if not gathered.outcomes.chosen(values):
            return
        if self._person:
            self.persons.append((gathered.rows, as_word(values[self._person]), answer.table or NO_CANCER))
        outcome = gathered.outcomes.row(gathered.rows, values)
        if without is not None and gathered.without:
            _keep(gathered.without, gathered.rows, without, outcome, {})
        marks: Marks = {}
        if outcome and answer.table and kind_of(answer) not in (ERROR, OUT_OF_SCOPE):
            marks = self._marker.marks(record, self._cohort.rowwise.rules.get(answer.table))
        _keep(gathered.found, gathered.rows, answer, outcome, marks)


def _keep(found: Found, row: int, answer: RowAnswer, outcome: Outcome | None, marks: Marks) -> None:
    """Keep a patient, or count why there is none."""
    kind = kind_of(answer)
    if kind in (ERROR, OUT_OF_SCOPE):
        found.unanswered.setdefault(answer.table or NO_CANCER, Counter())[kind] += 1
    elif outcome and answer.table and answer.likelihood_lowest and answer.likelihood_highest:
        rules = (answer.rule or "").split(BETWEEN)
        found.patients.append(
            Followed(
                row,
                answer.table,
                LEVELS.index(answer.likelihood_lowest),
                LEVELS.index(answer.likelihood_highest),
                rules[0] if len(rules) == 1 else None,
                outcome,
                marks,
            )
        )
