"""A cohort being read: its columns matched, every row's answer found, and what was met in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import polars as pl

from riskcli.cohort.ahead import ahead
from riskcli.cohort.answers import Besides
from riskcli.cohort.columns import Columns, FieldNames, Naming, match_columns
from riskcli.cohort.frames import FrameAssessor
from riskcli.cohort.readings import without_readings
from riskcli.cohort.rows import RowAnswer, Rowwise
from riskcli.cohort.sinks import as_text
from riskcli.cohort.sources import Source
from riskcli.compiled import Compiled

RANGE, OUT_OF_SCOPE, ERROR = "range", "out of scope", "error"


@dataclass
class Summary:
    """What a run met."""

    columns: Columns
    rows: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    """Rows by level, and those with a range, out of scope and wrong."""
    sentences: dict[str, list[int]] = field(default_factory=dict)
    """What is wrong, without any value: how often, and the first row."""
    tables: dict[str, Compiled] = field(default_factory=dict)
    """The tables that answered, by name."""
    never_filled: list[str] = field(default_factory=list)
    """Columns that are read and hold nothing in any row."""
    notes: list[str] = field(default_factory=list)
    """What is to be said of the whole file."""

    @property
    def wrong(self) -> int:
        """How many rows could not be assessed."""
        return self.kinds[ERROR]


def kind_of(answer: RowAnswer) -> str:
    """Return what came of a row: its level, a range, out of scope or wrong.

    Example:
        >>> kind_of(RowAnswer(likelihood="low")), kind_of(RowAnswer(error="grade: ..."))
        ('low', 'error')
    """
    if answer.error is not None:
        return ERROR
    if answer.out_of_scope is not None:
        return OUT_OF_SCOPE
    return answer.likelihood or RANGE


class Cohort:
    """A cohort being read: its columns, its answers and what was met so far."""

    def __init__(
        self, source: Source, rowwise: Rowwise, naming: Naming, besides: Besides = lambda _: None
    ) -> None:
        """Match the columns; `besides` gives what else is to be kept of each answer.

        Raises:
            CaseError: they do not fit.
        """
        if source.untouched:
            naming = replace(naming, untouched=naming.untouched | source.untouched)
        columns = match_columns(source.headers, FieldNames(rowwise.rules), naming, bool(rowwise.cancer))
        self.source = source
        self.rowwise = rowwise
        self.summary = Summary(columns)
        self.assessor = FrameAssessor(rowwise, columns, naming, besides, source.remembered)
        self._empty = list(columns.fields)
        self._counted = self.assessor.answers
        self._names: list[str] = [ERROR]
        self._kinds = pl.Series(dtype=pl.UInt8)
        """What came of a row, by the number of its answer: places in `_names`."""

    def batches(self) -> Iterator[tuple[pl.DataFrame, pl.Series]]:
        """Give the rows, batch by batch, with the numbers of their answers.

        Raises:
            CaseError: the file cannot be read on.
        """
        for batch in ahead(self.source.batches()):
            numbers = self.assessor.numbers(batch)
            self._count(batch, numbers)
            yield batch, numbers
        self.summary.never_filled = self._empty
        self.summary.notes = self.source.notes()

    def answered(self, text: bool = False) -> Iterator[pl.DataFrame]:
        """Give the rows with the columns of their answers; with `text`, their own columns as text."""
        for batch, numbers in self.batches():
            batch = without_readings(batch)
            yield (as_text(batch) if text else batch).hstack(self.assessor.columns_of(numbers))

    def _count(self, batch: pl.DataFrame, numbers: pl.Series) -> None:
        """Count what came of the rows of a batch."""
        summary, answers = self.summary, self.assessor.answers
        if answers is not self._counted:
            self._counted, self._kinds = answers, pl.Series(dtype=pl.UInt8)
        for answer in answers.rows[len(self._kinds) :]:
            if answer.table and answer.table not in summary.tables:
                summary.tables[answer.table] = self.rowwise.rules.get(answer.table)
        new = [self._kind(answer) for answer in answers.rows[len(self._kinds) :]]
        self._kinds = pl.concat([self._kinds, pl.Series(new, dtype=pl.UInt8)])
        kinds = self._kinds.gather(numbers)
        for place, kind in enumerate(self._names):
            if met := int((kinds == place).sum()):
                summary.kinds[kind] += met
        if answers.said:
            self._count_sentences(numbers, kinds)
        summary.rows += batch.height
        self._empty = [header for header in self._empty if _is_empty(batch[header])]

    def _kind(self, answer: RowAnswer) -> int:
        """Return the place of what came of a row among what came of any."""
        kind = kind_of(answer)
        if kind not in self._names:
            self._names.append(kind)
        return self._names.index(kind)

    def _count_sentences(self, numbers: pl.Series, kinds: pl.Series) -> None:
        """Count what is wrong with rows, and remember where each sentence was first met."""
        summary, said = self.summary, self.assessor.answers.said
        rows = pl.DataFrame({"answer": numbers, "row": pl.int_range(1, len(numbers) + 1, eager=True)})
        wrong = rows.filter(kinds == self._names.index(ERROR))
        met = wrong.group_by("answer", maintain_order=True).agg(pl.len(), pl.col("row").first())
        for number, count, first in met.iter_rows():
            for sentence in said[number]:
                seen = summary.sentences.setdefault(sentence, [0, summary.rows + first])
                seen[0] += count


def _is_empty(column: pl.Series) -> bool:
    """Say whether a column holds nothing."""
    if column.dtype == pl.String:
        return not bool((column.str.strip_chars() != "").any())
    return column.null_count() == len(column)
