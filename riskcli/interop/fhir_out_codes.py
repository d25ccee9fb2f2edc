"""The codes by which an answer is written in FHIR. Reads one rule file; decides nothing."""

from __future__ import annotations

from functools import cache
from typing import Annotated, get_args

from pydantic import Field, model_validator

from riskcli.loader import FHIR_OUT, packaged_directory
from riskcli.rule_files import read_model
from riskcli.tables import Level, Line, Part

Uri = Annotated[str, Field(pattern=r"^(urn|https?):\S+$")]
Code = Annotated[str, Field(pattern=r"^\S+( \S+)*$")]


class Coding(Part):
    """A code of some system."""

    system: Uri
    code: Code
    display: Line


class Unit(Part):
    """A unit of measure."""

    system: Uri
    code: Code


class FhirOut(Part):
    """Everything that `fhir_out.yaml` holds."""

    tables: Uri
    """The code system of the rule tables."""
    digests: Uri
    """The code system of the digests of rules."""
    own_levels: Uri
    assessment: Coding
    outcome: tuple[Coding, ...]
    levels: dict[Level, tuple[Coding, ...]]
    """What other systems call a level."""
    wider: dict[Level, Line]
    """What is said of a level for which another system's code is wider than the level."""
    percent: Unit
    year: Unit
    notes: tuple[Line, ...]
    """The parts of the report that become notes, by their labels."""

    @model_validator(mode="after")
    def _whole(self) -> FhirOut:
        """Refuse codes that leave out a level."""
        missing = [f"levels.{name} is missing" for name in get_args(Level) if name not in self.levels]
        if missing:
            raise ValueError("; ".join(missing))
        return self


@cache
def fhir_out_codes() -> FhirOut:
    """Return the codes.

    Raises:
        RuleFileError: the file cannot be read or is faulty.
    Example:
        >>> [code.code for code in fhir_out_codes().levels["low"]]
        ['low', '723505004']
    """
    return read_model(packaged_directory() / FHIR_OUT, FhirOut)[1]
