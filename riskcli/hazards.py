"""What could go wrong for a patient, and what guards against it. Reads one rule file; judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from riskcli.errors import RuleFileError, hint
from riskcli.loader import packaged_directory
from riskcli.rule_files import open_document
from riskcli.tables import Id, Line, Part

FILE = "hazards.yaml"
Guard = Annotated[str, Field(pattern=r"^tests/test_[a-z0-9_]+\.py::test_[a-z0-9_]+$")]
"""A test by file and name, as pytest takes it."""
_WANTED = "tests/test_NAME.py::test_NAME"


class Hazard(Part):
    """One way in which an answer could harm somebody, and what is done about it."""

    id: Id
    hazard: Line
    cause: Line
    consequence: Line
    control: Line
    tests: Annotated[tuple[Guard, ...], Field(min_length=1)]
    """The tests that fail when the control does not hold."""


class Hazards(Part):
    """The hazard log."""

    title: Line
    about: Line
    hazards: Annotated[tuple[Hazard, ...], Field(min_length=1)]


def read_hazards(path: Path | None = None) -> Hazards:
    """Return the hazard log; by default the packaged one.

    Raises:
        RuleFileError: it cannot be read or is faulty.
    Example:
        >>> "missing-read-as-negative" in {hazard.id for hazard in read_hazards().hazards}
        True
    """
    document = open_document(path or packaged_directory() / FILE)
    try:
        found = Hazards.model_validate(document.data)
    except ValidationError as error:
        faults = [document.fault(item["loc"], _worded(item)) for item in error.errors(include_url=False)]
        raise RuleFileError(faults) from None
    ids = [hazard.id for hazard in found.hazards]
    twice = [place for place, name in enumerate(ids) if name in ids[:place]]
    if twice:
        message = "the id {} is given twice; keep one"
        faults = [document.fault(("hazards", place), message.format(ids[place])) for place in twice]
        raise RuleFileError(faults)
    return found


def _worded(item: Mapping[str, Any]) -> str:
    """Return what is wrong at a place of the file in words."""
    key = ".".join(str(part + 1 if isinstance(part, int) else part) for part in item["loc"])
    kind = item["type"]
    if kind == "missing":
        return f"{key} is missing"
    if kind == "extra_forbidden":
        last = str(item["loc"][-1])
        keys = (*Hazard.model_fields, *Hazards.model_fields)
        return f"{key} is not a key of the hazard log{hint(last, keys) or '; correct its name or delete it'}"
    if kind == "string_pattern_mismatch" and "tests" in item["loc"]:
        return f"{key} must name a test, as in {_WANTED}"
    return f"{key or 'the file'} does not fit here; see the other entries for how it is written"
