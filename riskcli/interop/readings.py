"""What was read of one person's cancer in another system: a case, and where each value came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from riskcli.errors import CaseError


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
