"""What was read of one person's cancer in another system: a case, and where each value came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from riskcli.case import CANCER
from riskcli.errors import CaseError, OutOfScope
from riskcli.words import say


@dataclass(frozen=True, slots=True)
class Found:
    """One value of a case, and where it stood.

    Example:
        >>> found = Found("nodes_positive", ">=1", "item 820 regionalNodesPositive: 97")
        >>> found.data()
        {'field': 'nodes_positive', 'value': '>=1', 'from': 'item 820 regionalNodesPositive: 97'}
    """

    field: str
    value: Any
    """The value as the record has it."""
    source: str
    """Where it stood and what stood there, as a person would look it up."""
    reference: str | None = None
    """The resource itself, where it has a reference of its own (`Observation/size-1`)."""

    def data(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        data = {"field": self.field, "value": self.value, "from": self.source}
        return data if self.reference is None else {**data, "reference": self.reference}


@dataclass(frozen=True, slots=True)
class Reading:
    """One case as another system states it. Flags, prompts and records of other kinds never come here."""

    standard: str
    """What it was read as: `FHIR R4`, `NAACCR XML`."""
    found: tuple[Found, ...] = ()
    """The values of the case, `cancer` and `ref` among them, in the order of their reading."""
    notes: tuple[str, ...] = ()
    """What a person has to know of the reading: what was resolved, converted or left out, and why."""
    refused: CaseError | None = None
    """Why this is no case; what was found up to there stays."""
    context: Mapping[str, str] = field(default_factory=dict)
    """What else an answer in the same system refers to, such as `subject` and `condition`."""

    @property
    def record(self) -> dict[str, Any]:
        """The case as one flat record, as every other input builds it."""
        return {item.field: item.value for item in self.found}

    def data(self) -> dict[str, Any]:
        """Return how the case was read, as the key `reading` of an answer holds it."""
        return {
            "standard": self.standard,
            "values": [item.data() for item in self.found],
            "notes": [*self.notes],
        }

    def used_in(self, record: Mapping[str, Any]) -> Reading:
        """Return the reading without what a record states otherwise, which is said.

        Example:
            >>> reading = Reading("FHIR R4", (Found("grade", 2, "LOINC 44648-4: 2"),))
            >>> reading.used_in({"grade": "3"}).found, reading.used_in({"grade": 2}) == reading
            ((), True)
        """
        left = [item for item in self.found if not _states(record, item)]
        if not left:
            return self
        notes = [say("reading.overridden", field=item.field, read=item.value) for item in left]
        kept = tuple(item for item in self.found if item not in left)
        return replace(self, found=kept, notes=(*self.notes, *notes))

    def explained(self, error: CaseError) -> CaseError:
        """Return an error of the record with where each wrong value was read.

        Example:
            >>> reading = Reading("FHIR R4", (Found("grade", 7, "LOINC 44648-4: 7"),))
            >>> from riskcli.errors import Problem
            >>> print(reading.explained(CaseError([Problem("grade", 7, "7 is not allowed")])))
            grade: 7 is not allowed (read from LOINC 44648-4: 7)
        """
        found = {item.field: item for item in self.found}
        problems = [
            problem
            if (item := found.get(problem.field or "")) is None or item.field == CANCER
            else replace(problem, message=_from(problem.message, item))
            for problem in error.problems
        ]
        return type(error)(problems) if isinstance(error, OutOfScope) else CaseError(problems)


def _states(record: Mapping[str, Any], item: Found) -> bool:
    """Say whether a record states what was read; its cancer stands apart from it."""
    return item.field == CANCER or record.get(item.field) == item.value


def _from(message: str, item: Found) -> str:
    """Return a message with where the value was read."""
    place = item.source
    if item.reference and item.reference not in place:
        place = say("reading.at", source=item.source, reference=item.reference)
    return say("reading.refused", message=message, source=place)
