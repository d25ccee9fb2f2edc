"""The different answers of a cohort, each once, by number."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import polars as pl

from riskcli.cohort.rows import (
    BETWEEN_SENTENCES,
    OUTPUTS,
    REFUSED,
    Answered,
    RowAnswer,
    without_details,
    without_values,
)

_SENTENCES = ("warnings", "out_of_scope", "error")

SCHEMA = {
    name: pl.Float64() if name == "cited_percent" else pl.String() if name in _SENTENCES else pl.Categorical()
    for name in OUTPUTS
}
"""The types of the columns of an answer: most hold few different texts."""


Besides = Callable[[Answered], Hashable]
"""What else is kept of an answer beside its columns: of the parts in `core`, nothing of the values given."""


class Answers:
    """The different answers that were met, by number."""

    def __init__(self, besides: Besides) -> None:
        """Begin with none; `besides` gives what else is to be kept of an answer."""
        self._besides = besides
        self.rows: list[RowAnswer] = []
        self.besides: list[Hashable] = []
        self.said: dict[int, list[str]] = {}
        """What is wrong with rows, by the number of the answer and without any value."""
        self._numbers: dict[tuple[RowAnswer, Hashable], int] = {}
        self._texts: dict[Any, Any] = {}
        """Every text of the answers once: many answers have few different ones."""
        self._frame = pl.DataFrame(schema=SCHEMA)

    def number(self, found: Answered, record: Mapping[str, Any]) -> int:
        """Return the number of the answer of a record."""
        answer, besides = found.answer, self._besides(found)
        number = self._numbers.get((answer, besides))
        if number is None:
            answer = RowAnswer(*(self._texts.setdefault(text, text) for text in answer))
            number = self._numbers[answer, besides] = len(self.rows)
            self.rows.append(answer)
            self.besides.append(besides)
            if answer.error is not None:
                tell = without_details if REFUSED in record else without_values
                self.said[number] = tell(answer.error, record).split(BETWEEN_SENTENCES)
        return number

    def frame(self) -> pl.DataFrame:
        """Return the answers as a frame, in the order of their numbers."""
        new = self.rows[self._frame.height :]
        if new:
            more = pl.DataFrame(
                new, schema={name: _plain(kind) for name, kind in SCHEMA.items()}, orient="row"
            )
            self._frame = pl.concat([self._frame, more.cast(SCHEMA)])  # type: ignore[arg-type]
        return self._frame


def _plain(kind: Any) -> Any:
    """Return the type in which answers are handed over."""
    return pl.String if kind == pl.Categorical else kind
