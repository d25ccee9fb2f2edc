"""How an answer is to be shown: what the flags of `riskcli assess` ask for together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskcli.errors import CaseError, Problem, quoted
from riskcli.words import all_of, say

CLINICIAN, PATIENT = "clinician", "patient"
_NOT_FOR_PATIENTS = {
    "json_": "--json",
    "full": "--full",
    "panel": "--panel",
    "why": "--why",
    "show_sources": "--show-sources",
}
"""The flags that ask for what the page for a patient leaves out."""


@dataclass
class Shown:
    """How an answer is to be shown."""

    as_json: bool = False
    full: bool = False
    output: str | None = None
    no_color: bool = False
    panel: bool = False
    why: bool = False
    save: str | None = None
    report: str | None = None
    whom: str = CLINICIAN
    sources: bool = False
    reading: Mapping[str, Any] | None = None
    """How the case was read, as an answer holds it."""
    fhir_out: str | None = None

    @property
    def outputs(self) -> dict[str, str | None]:
        """Where everything that is written to a file goes, by its flag."""
        return {
            "--output": self.output,
            "--save": self.save,
            "--report": self.report,
            "--fhir-out": self.fhir_out,
        }

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Shown:
        """Return what the flags of a command ask for.

        Raises:
            CaseError: they do not go together.
        """
        return cls(
            values["json_"],
            values["full"],
            values.get("output"),
            values["no_color"],
            values["panel"],
            values["why"],
            values.get("save"),
            values.get("report"),
            _whom(values),
            values["show_sources"],
            fhir_out=_fhir_out(values.get("fhir_out")),
        )


def _whom(values: Mapping[str, Any]) -> str:
    """Return whom the report is for.

    Raises:
        CaseError: it is nobody known, or the page for a patient is to hold what it leaves out.
    """
    whom = (values.get("for_") or CLINICIAN).strip().lower()
    if whom not in (CLINICIAN, PATIENT):
        message = say("command.for_not", given=quoted(whom), clinician=CLINICIAN, patient=PATIENT)
        raise CaseError([Problem(None, whom, message)])
    others = [flag for key, flag in _NOT_FOR_PATIENTS.items() if values[key]]
    report = values.get("report") or ""
    if whom == PATIENT and report.lower().endswith(".json"):
        others.append("--report FILE.json")
    if whom == PATIENT and others:
        message = say("command.for_alone", patient=PATIENT, flags=all_of(others))
        raise CaseError([Problem(None, whom, message)])
    return whom


def _fhir_out(path: str | None) -> str | None:
    """Return where a FHIR resource of the answer goes.

    Raises:
        CaseError: to where the answer goes already.
    """
    if path is None:
        return None
    from riskcli.cli.fhir_out import check_fhir_out

    return check_fhir_out(path)
