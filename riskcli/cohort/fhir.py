"""Many patients of FHIR as a cohort: one row each, in the order in which they are read."""

from __future__ import annotations

from riskcli.cohort.fhir_files import FhirFiles
from riskcli.cohort.formats import Source
from riskcli.cohort.readings import readings_source
from riskcli.interop.fhir import read_bundle
from riskcli.interop.fhir_codes import FhirCodes, fhir_codes
from riskcli.loader import Rules
from riskcli.records import called

REMEMBERED = 20_000
"""How many different answers are remembered: reading a patient costs more than answering them again."""
_ALWAYS = ("metastasis", "disease", "sex")
"""What conditions and patients state of themselves, whatever the codes."""


def open_fhir(path: str, rules: Rules, cancer: str | None = None, show_sources: bool = False) -> Source:
    """Return the patients in a directory of bundles, a bulk export, or a file of bundles.

    `cancer` says which is meant where a patient has several. Without it such a patient is refused, because an
    observation seldom says to which of them it belongs.

    Raises:
        CaseError: there is nothing to read.
    """
    files = FhirFiles(path, lambda data: read_bundle(data, cancer, rules))
    readings = files.readings()
    name = called(path)
    source = readings_source(name, readings, fields_read(fhir_codes()), files.size, files.done, show_sources)
    source.notes = files.notes
    source.remembered = REMEMBERED
    return source


def fields_read(codes: FhirCodes) -> list[str]:
    """Return every field that a patient's resources may state.

    Example:
        >>> {"grade", "nodes_positive", "t_category", "sex"} <= {*fields_read(fhir_codes())}
        True
    """
    found = [finding.field for finding in codes.findings]
    found += [*codes.categories, *(nodes.field for nodes in codes.nodes), *codes.morphology.sets]
    found += [name for nodes in codes.nodes for name in nodes.besides]
    return list(dict.fromkeys([*found, codes.before_surgery.field, codes.age, *_ALWAYS]))
