"""A FHIR file or stream to a case. Says what is wrong with the file in one sentence."""

from __future__ import annotations

from riskcli.errors import CaseError, Problem
from riskcli.interop.fhir import read_bundle
from riskcli.interop.readings import Reading
from riskcli.loader import Rules
from riskcli.records import Limits, called, read_json

LIMITS = Limits(bytes=40_000_000, levels=60, parts=1_000_000)
"""What one person's whole record keeps within: a few megabytes, some fifty bytes to an object, and extensions
and contained resources nested some twenty levels deep. The parts bound the memory."""


def read_file(source: str, cancer: str | None, rules: Rules) -> Reading:
    """Read the file of one person, or standard input when `source` is `-`.

    Raises:
        CaseError: the file cannot be read or is no JSON, or what it holds is no case.
    """
    reading = read_bundle(read_json(source, LIMITS), cancer, rules)
    if reading.refused is None:
        return reading
    name = called(source)
    problems = [Problem(None, None, f"{name}: {problem.message}") for problem in reading.refused.problems]
    raise CaseError(problems)
