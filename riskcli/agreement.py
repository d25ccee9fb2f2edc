"""The marks of an expert held against the answers of the tables: how far they agree. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from riskcli.compiled import LEVELS
from riskcli.kappa import LINEAR, QUADRATIC, UNWEIGHTED, Kappa, kappa
from riskcli.words import rounded, say


@dataclass(frozen=True)
class RowProblem:
    """Why a row was left out."""

    row: int
    column: str
    """The column, or nothing when the row as a whole is wrong."""
    message: str

    def __str__(self) -> str:
        """Return the problem as one sentence, without any value."""
        if not self.column:
            return say("agreement.row_problem", row=self.row, problem=self.message)
        return say("agreement.cell_problem", row=self.row, column=self.column, problem=self.message)


@dataclass(frozen=True)
class Marked:
    """One case with the marks of the expert and the answer of the table as it is now."""

    row: int
    id: str
    cancer: str
    expert: str | None
    """The level the expert ticked; None without a mark."""
    levels: tuple[str, ...]
    """The levels the table gives: one for a definite case."""
    discuss: frozenset[str] | None
    """The options the expert would discuss; None without a mark."""
    offered: frozenset[str]
    """The options that match."""
    depends: frozenset[str] = frozenset()
    """The options that may match; what the expert says of them is not scored."""

    @property
    def differs(self) -> bool:
        """Whether the expert and the table say different things where both say something."""
        level = self.expert is not None and self.levels != (self.expert,)
        return level or bool(self.only_expert or self.only_table)

    @property
    def only_expert(self) -> tuple[str, ...]:
        """The options that the expert alone would discuss."""
        return tuple(sorted((self.discuss or frozenset()) - self.offered - self.depends))

    @property
    def only_table(self) -> tuple[str, ...]:
        """The options that the table alone names."""
        return () if self.discuss is None else tuple(sorted(self.offered - self.discuss))


@dataclass(frozen=True)
class Moved:
    """A table that is no longer the one a form was made from."""

    cancer: str
    made_from: str
    """The edition on the form; nothing when it carries none."""
    now: str

    def __str__(self) -> str:
        """Return what has moved as one sentence."""
        if not self.made_from:
            return say("agreement.not_from", cancer=self.cancer)
        return say("agreement.moved", cancer=self.cancer, edition=self.made_from, now=self.now)


@dataclass
class Form:
    """A marked form as it was read."""

    marks: list[Marked] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    """Columns that are neither marks nor fields."""
    entries: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The options of each table, by cancer."""


@dataclass(frozen=True)
class Agreement:
    """How far an expert and the tables agree."""

    cases: int
    """The rows that were read."""
    levels: int
    """How many of them carry a level that can be compared: the table gives one, and so does the expert."""
    unmarked: int
    """How many carry no level of the expert's."""
    ranges: int
    """How many the table answers with a range, so that their level is not scored."""
    counts: tuple[tuple[int, ...], ...]
    """Cases by the expert's level (rows) and the table's (columns), lowest first."""
    percent: float | None
    linear: Kappa
    quadratic: Kappa
    option_cases: int
    """How many carry marks for the options."""
    option_pairs: int
    """How many pairs of a case and an option were compared."""
    option_percent: float | None
    option_kappa: float | None
    """Without an interval: the pairs of one case are not independent."""
    differ: tuple[Marked, ...]
    """The cases that differ."""

    def data(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "cases": self.cases,
            "level": {
                "compared": self.levels,
                "not_marked": self.unmarked,
                "ranges": self.ranges,
                "percent_agreement": rounded(self.percent),
                "kappa_linear": _kappa_data(self.linear),
                "kappa_quadratic": _kappa_data(self.quadratic),
                "counts": {
                    expert: dict(zip(LEVELS, row, strict=True))
                    for expert, row in zip(LEVELS, self.counts, strict=True)
                },
            },
            "options": {
                "cases": self.option_cases,
                "pairs": self.option_pairs,
                "percent_agreement": rounded(self.option_percent),
                "kappa": rounded(self.option_kappa),
            },
            "differ": [
                {
                    "id": mark.id,
                    "row": mark.row,
                    "cancer": mark.cancer,
                    "expert": mark.expert,
                    "table": list(mark.levels),
                    "options_only_expert": list(mark.only_expert),
                    "options_only_table": list(mark.only_table),
                }
                for mark in self.differ
            ],
        }


def _kappa_data(found: Kappa) -> dict[str, float | None]:
    """Return a kappa as plain data."""
    return {"value": rounded(found.value), "low": rounded(found.low), "high": rounded(found.high)}


def score(form: Form) -> Agreement:
    """Return how far the marks of a form agree with the tables.

    Levels are compared by percent agreement and by kappa with linear and quadratic weights (see
    `riskcli.kappa`); options by the share of all pairs of a marked case and an option of its table on
    which both agree, offered or not, and by unweighted kappa over them.

    Example:
        >>> one = Marked(2, "a-1", "a", "low", ("low",), frozenset(), frozenset())
        >>> two = Marked(3, "a-2", "a", "low", ("high",), None, frozenset())
        >>> found = score(Form(marks=[one, two], entries={"a": ("x", "y")}))
        >>> found.percent, found.option_percent, [mark.id for mark in found.differ]
        (50.0, 100.0, ['a-2'])
    """
    counts = [[0] * len(LEVELS) for _ in LEVELS]
    offers = [[0, 0], [0, 0]]
    for mark in form.marks:
        if mark.expert is not None and len(mark.levels) == 1:
            counts[LEVELS.index(mark.expert)][LEVELS.index(mark.levels[0])] += 1
        for expert, table in _pairs(mark, form.entries[mark.cancer]):
            offers[expert][table] += 1
    levels, pairs = (sum(map(sum, table)) for table in (counts, offers))
    return Agreement(
        cases=len(form.marks),
        levels=levels,
        unmarked=sum(mark.expert is None for mark in form.marks),
        ranges=sum(mark.expert is not None and len(mark.levels) > 1 for mark in form.marks),
        counts=tuple(map(tuple, counts)),
        percent=_percent(counts, levels),
        linear=kappa(counts, LINEAR),
        quadratic=kappa(counts, QUADRATIC),
        option_cases=sum(mark.discuss is not None for mark in form.marks),
        option_pairs=pairs,
        option_percent=_percent(offers, pairs),
        option_kappa=kappa(offers, UNWEIGHTED).value,
        differ=tuple(mark for mark in form.marks if mark.differs),
    )


def _pairs(mark: Marked, entries: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Give, for each option that can be compared, whether the expert and the table name it."""
    if mark.discuss is not None:
        for option in entries:
            if option not in mark.depends:
                yield int(option in mark.discuss), int(option in mark.offered)


def _percent(counts: Sequence[Sequence[int]], total: int) -> float | None:
    """Return the share of the diagonal in 100; None of nothing."""
    return 100 * sum(row[i] for i, row in enumerate(counts)) / total if total else None
