"""Cases read from other systems as a cohort: one row a reading, in bounded batches. Decides nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from riskcli.case import CANCER, REF
from riskcli.cohort.formats import Source
from riskcli.cohort.rows import BETWEEN_SENTENCES
from riskcli.interop.readings import Reading

if TYPE_CHECKING:
    import polars as pl

FEW = 2_000
"""The readings of a batch: each holds many small things."""
READING = "\0reading"
"""The column of a batch that holds the readings themselves; it is no column of the cohort."""
NOTES, SOURCES = "reading_notes", "reading_sources"
"""The columns that say what a person has to know of a reading, and where each value stood."""


def readings_source(
    name: str,
    readings: Iterable[Reading],
    fields: Iterable[str] | None = None,
    size: int | None = None,
    done: Callable[[], int] = lambda: 0,
    show_sources: bool = False,
    carried: Sequence[str] = (),
) -> Source:
    """Return a cohort with a row for every reading, those that are refused among them.

    `fields` are all that any reading may hold, known before the first is read; left out, every field of the
    vocabulary. `carried` are the keys of the readings' `context` that become columns which are not read.

    Example:
        >>> from riskcli.interop.readings import Found
        >>> reading = Reading("FHIR R4", (Found("grade", 3, "Observation.value"),), ("in mm",))
        >>> source = readings_source("bundles", [reading], ["grade"])
        >>> source.headers, next(source.batches()).drop(READING).rows()
        (['ref', 'cancer', 'grade', 'reading_notes'], [(None, None, '3', 'in mm')])
    """
    known = dict.fromkeys([REF, CANCER, *(_every_field() if fields is None else fields)])
    told = [*carried, NOTES, *([SOURCES] if show_sources else [])]

    def batches() -> Iterator[pl.DataFrame]:
        import polars as pl

        rest = iter(readings)
        first = list(itertools.islice(rest, FEW))
        yield pl.DataFrame(readings_columns(first, list(known), told))
        while some := list(itertools.islice(rest, FEW)):
            yield pl.DataFrame(readings_columns(some, list(known), told))

    return Source(name, [*known, *told], batches, size, done, untouched=frozenset(told))


def refused_in(batch: pl.DataFrame) -> dict[int, Reading]:
    """Return the readings of a batch that are no case, by row; nothing in an ordinary cohort."""
    if READING not in batch.columns:
        return {}
    readings = enumerate(batch[READING].to_list())
    return {row: reading for row, reading in readings if reading.refused is not None}


def readings_of(batch: pl.DataFrame) -> list[Reading | None]:
    """Return the reading behind each row of a batch; None where a row is no reading."""
    return batch[READING].to_list() if READING in batch.columns else [None] * batch.height


def without_readings(batch: pl.DataFrame) -> pl.DataFrame:
    """Return a batch as it is written."""
    return batch.drop(READING) if READING in batch.columns else batch


def as_text(value: Any) -> str | None:
    """Return a value of a case as a column of text holds it, and as it is read back.

    Example:
        >>> as_text(3), as_text(["N1", "N2"]), as_text(">=1")
        ('3', 'N1|N2', '>=1')
    """
    if value is None or isinstance(value, str):
        return value
    return "|".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def told_of(reading: Reading) -> dict[str, str | None]:
    """Return the columns that say how a case was read."""
    sources = (f"{found.field}: {found.source}" for found in reading.found)
    return {
        NOTES: BETWEEN_SENTENCES.join(reading.notes) or None,
        SOURCES: BETWEEN_SENTENCES.join(sources) or None,
    }


def readings_columns(
    readings: Sequence[Reading], fields: Sequence[str], told: Sequence[str]
) -> list[pl.Series]:
    """Return the columns of some readings, every one as text, with the readings themselves as the last.

    A reading may hold no field but `fields`.
    """
    import polars as pl

    rows = [{**reading.context, **told_of(reading)} for reading in readings]
    records = [reading.record for reading in readings]
    strays = {name for record in records for name in record} - {*fields}
    assert not strays, strays
    columns = [
        pl.Series(name, [as_text(record.get(name)) for record in records], dtype=pl.String) for name in fields
    ]
    columns += [pl.Series(name, [row.get(name) for row in rows], dtype=pl.String) for name in told]
    return [*columns, pl.Series(READING, readings, dtype=pl.Object)]


def _every_field() -> list[str]:
    """Return every field of the vocabulary, in one order."""
    from riskcli.cohort.fields import FieldNames
    from riskcli.loader import load_rules

    return sorted(FieldNames(load_rules()).known - {REF, CANCER})
