"""Which of several statements of one thing counts: by specimen, then by day. Knows no field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from riskcli.interop.fhir_codes import Word
from riskcli.interop.fhir_values import Datum

OPERATION, BIOPSY = "operation", "biopsy"


@dataclass(frozen=True, slots=True)
class Told:
    """A value that one statement gives, or several together."""

    value: Word | float
    datum: Datum
    name: str
    """The code by which it was found."""
    stood: str = ""
    """Where it stood, when several statements give it together."""

    @property
    def source(self) -> str:
        """Where it stood and what stood there."""
        return self.stood or self.datum.source(self.name)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is taken of several statements, and what is left."""

    taken: tuple[Told, ...]
    """Those that count; when they differ, any of them may hold."""
    earlier: tuple[Told, ...] = ()
    """Those that a later statement stands for."""
    biopsies: tuple[Told, ...] = ()
    """Those of a biopsy, where the specimen of an operation was looked at as well."""

    @property
    def specimens(self) -> int:
        """How many specimens are taken into account."""
        return len({item.datum.sample.name for item in self.taken if item.datum.sample})


def sources(told: Iterable[Told]) -> str:
    """Return where some values stood, each place once."""
    return "; ".join(dict.fromkeys(item.source for item in told))


def choose(told: Sequence[Told], last: bool = False, days: bool = True) -> Choice:
    """Return the statements that count.

    The specimen of an operation counts before a biopsy. Of one specimen the latest statement counts.
    Specimens of several operations all count, unless only the `last` one does; others by their day, or all
    of them where `days` do not tell.

    Example:
        >>> from riskcli.interop.fhir_setting import Sample
        >>> def told(value, kind, day):
        ...     sample = Sample(f"Specimen/{kind}", kind, kind)
        ...     return Told(value, Datum(("loinc 1-1",), None, day, "Observation/a", sample=sample), "")
        >>> several = [told("positive", "biopsy", "2018-04-09"), told("negative", "operation", "2018-04-01")]
        >>> [item.value for item in choose(several).taken]
        ['negative']
    """
    told = in_order(told)
    operated = any(_kind(item) == OPERATION for item in told)
    biopsies = tuple(item for item in told if operated and _kind(item) == BIOPSY)
    rest = [item for item in told if item not in biopsies]
    newest = [
        item
        for name, group in by_specimen(rest).items()
        for item in (latest_of(group) if name or days or group[-1].datum.corrected else group)
    ]
    taken = latest_of(newest) if days else newest
    if not last and any(_kind(item) == OPERATION for item in taken):
        taken = [item for item in newest if item in taken or _kind(item) == OPERATION]
    return Choice(tuple(taken), tuple(item for item in rest if item not in taken), biopsies)


def in_order(told: Iterable[Told]) -> list[Told]:
    """Return statements by their day, whatever the order in which they were given."""
    return sorted(told, key=lambda item: (item.datum.date, item.datum.reference, item.source))


def by_specimen(told: Iterable[Told]) -> dict[str, list[Told]]:
    """Return statements by the specimen they are of; those of none stand under an empty name."""
    groups: dict[str, list[Told]] = {}
    for item in told:
        groups.setdefault(item.datum.sample.name if item.datum.sample else "", []).append(item)
    return groups


def _kind(told: Told) -> str:
    """Return the kind of specimen that a statement is of."""
    return told.datum.sample.kind if told.datum.sample else ""


def latest_of(told: Sequence[Told]) -> list[Told]:
    """Return the values of the latest day, and those of no day or of one that may be the same.

    Example:
        >>> datum = Datum(("loinc 1-1",), None, "2018-04-01", "Observation/a")
        >>> old = Datum(("loinc 1-1",), None, "2018-03-01", "Observation/b")
        >>> [item.value for item in latest_of([Told(1, old, ""), Told(2, datum, "")])]
        [2]
    """
    last = max((item.datum.date for item in told), default="")
    return [item for item in told if last.startswith(item.datum.date)]
