"""Which cancer a site and a morphology are, by the crosswalk that registries are read with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from riskcli.interop.crosswalk import Kind, Value, read_crosswalk
from riskcli.interop.fhir_codes import Cancer, FhirCodes
from riskcli.interop.registry import RegistryReader
from riskcli.loader import Rules

_MORPHOLOGY = re.compile(r"icdo3 ([89][0-9]{3})(?:/([0-9]))?")
_PLACE = re.compile(r"(?:icd10|icdo3) (C[0-9][0-9A-Z])\.?([0-9A-Z])?.*")
_INVASIVE = ("3", "")
_OF_A_CANCER = ("2", "3", "")


@dataclass(frozen=True, slots=True)
class Told:
    """What a morphology at a site is: one cancer, several that it may be, or none that has a table."""

    code: str
    cancers: tuple[str, ...] = ()
    sets: tuple[tuple[str, Value], ...] = ()
    """Values of fields that follow."""
    refuse: str = ""
    """Why no table covers it."""
    loose: bool = False
    """Whether it is not said which tumour it is of."""


def told_by(
    names: Sequence[str],
    entry: Cancer,
    morphologies: Iterable[str],
    codes: FhirCodes,
    rules: Rules,
    loose: bool = False,
) -> Told | None:
    """Return what morphologies at the site of a condition are; None where they do not say.

    Beside an invasive morphology one that is not invasive, such as cancer in situ, does not count. Of `loose`
    ones, which may be of another tumour, those of benign tumours and of metastases do not count either.
    """
    site = _site(names, entry, codes)
    found = [match for name in morphologies if (match := _MORPHOLOGY.fullmatch(name))]
    found = [match for match in found if match[1] not in codes.morphology.unnamed]
    if loose:
        found = [match for match in found if (match[2] or "") in _OF_A_CANCER]
    invasive = [match for match in found if (match[2] or "") in _INVASIVE]
    kept = list(dict.fromkeys((match[1], match[2] or "") for match in invasive or found))
    if site is None or not kept:
        return None
    reader = RegistryReader(read_crosswalk("naaccr", rules), rules)
    codes_of = codes.morphology
    kinds = [
        reader.kind_of({codes_of.site: site, codes_of.histology: histology, codes_of.behaviour: behaviour})
        for histology, behaviour in kept
    ]
    code = ", ".join(f"{histology}/{behaviour}".rstrip("/") for histology, behaviour in kept)
    known = [kind for kind in kinds if isinstance(kind, Kind) and kind.cancer]
    if not known:
        return Told(code, refuse=next(str(kind) for kind in kinds if isinstance(kind, str)), loose=loose)
    cancers = tuple(dict.fromkeys(str(kind.cancer) for kind in known))
    sets = tuple(known[0].sets.items()) if len(known) == 1 else ()
    return Told(code, cancers, sets, loose=loose)


def _site(names: Sequence[str], entry: Cancer, codes: FhirCodes) -> str | None:
    """Return the topography of a condition, by its own codes or those that stand for the same cancer.

    Example:
        >>> from riskcli.interop.fhir_codes import fhir_codes
        >>> _site(["icd10 C50.911"], Cancer(cancer="breast"), fhir_codes())
        'C509'
        >>> _site(["snomed 1"], Cancer(cancer="melanoma", codes=("icd10 C43",)), fhir_codes())
        'C449'
    """
    for name in (*names, *entry.sites, *entry.codes):
        if match := _PLACE.fullmatch(name):
            places, part = codes.morphology.places, match[2] or "9"
            if (place := places.get(f"{match[1]}.{part}")) is not None:
                return place or None
            organ = places.get(match[1], match[1])
            return f"{organ}{'9' if organ in codes.morphology.whole or not part.isdigit() else part}"
    return None
