"""What the tests of registry data share: records, files, and the reader of the packaged crosswalk."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from riskcli.interop.crosswalk import read_crosswalk
from riskcli.interop.readings import Reading
from riskcli.interop.registry import RegistryReader
from riskcli.loader import load_rules

DATA = Path(__file__).parent / "data" / "registry"
SAMPLE = DATA / "naaccr-v250-incidence-100.xml.gz"
"""Synthetic tumours (see the README beside them); random, so that many contradict themselves."""
RULES = load_rules()
NAACCR = read_crosswalk("naaccr", RULES)
COSD = read_crosswalk("cosd", RULES)
READER = RegistryReader(NAACCR, RULES)

PLACES: dict[str, dict[str, str]] = {
    "biliary": {"primarySite": "C239", "histologicTypeIcdO3": "8140"},
    "bladder": {"primarySite": "C679", "histologicTypeIcdO3": "8120"},
    "breast": {"primarySite": "C504", "histologicTypeIcdO3": "8500"},
    "cervix": {"primarySite": "C539", "histologicTypeIcdO3": "8070"},
    "colon": {"primarySite": "C187", "histologicTypeIcdO3": "8140"},
    "cutaneous_squamous": {"primarySite": "C443", "histologicTypeIcdO3": "8070"},
    "endometrium": {"primarySite": "C541", "histologicTypeIcdO3": "8380"},
    "gist": {"primarySite": "C162", "histologicTypeIcdO3": "8936"},
    "head_and_neck": {"primarySite": "C021", "histologicTypeIcdO3": "8070"},
    "kidney": {"primarySite": "C649", "histologicTypeIcdO3": "8310"},
    "liver_hcc": {"primarySite": "C220", "histologicTypeIcdO3": "8170"},
    "lung_nsclc": {"primarySite": "C341", "histologicTypeIcdO3": "8140"},
    "melanoma": {"primarySite": "C445", "histologicTypeIcdO3": "8720"},
    "merkel_cell": {"primarySite": "C443", "histologicTypeIcdO3": "8247"},
    "oesophagus": {"primarySite": "C155", "histologicTypeIcdO3": "8140"},
    "ovary": {"primarySite": "C569", "histologicTypeIcdO3": "8461"},
    "pancreas": {"primarySite": "C250", "histologicTypeIcdO3": "8500"},
    "penile": {"primarySite": "C601", "histologicTypeIcdO3": "8070"},
    "prostate": {"primarySite": "C619", "histologicTypeIcdO3": "8140"},
    "rectum": {"primarySite": "C209", "histologicTypeIcdO3": "8140"},
    "soft_tissue_sarcoma": {"primarySite": "C492", "histologicTypeIcdO3": "8811"},
    "stomach": {"primarySite": "C163", "histologicTypeIcdO3": "8144"},
    "testis_nonseminoma": {"primarySite": "C621", "histologicTypeIcdO3": "9070"},
    "testis_seminoma": {"primarySite": "C621", "histologicTypeIcdO3": "9061"},
    "thyroid_differentiated": {"primarySite": "C739", "histologicTypeIcdO3": "8260"},
    "upper_tract_urothelial": {"primarySite": "C659", "histologicTypeIcdO3": "8120"},
    "vulva": {"primarySite": "C519", "histologicTypeIcdO3": "8070"},
}
"""A site and histology of each cancer."""


def reading(cancer: str, **items: str) -> Reading:
    """Read a tumour of a cancer with these items."""
    return READER.read({**PLACES[cancer], "behaviorCodeIcdO3": "3", **items})


def read(cancer: str, field: str, **items: str) -> Any:
    """Return the value of a field that these items state; None when they state none."""
    found = reading(cancer, **items)
    assert found.refused is None, found.refused
    assert found.record["cancer"] == cancer
    return found.record.get(field)


def registry_xml(patients: Iterable[tuple[Mapping[str, str], Iterable[Mapping[str, str]]]]) -> str:
    """Return NAACCR XML of patients: their items, and those of each of their tumours."""
    parts = ['<?xml version="1.0"?>\n<NaaccrData xmlns="http://naaccr.org/naaccrxml" recordType="I">\n']
    for items, tumours in patients:
        parts += ["<Patient>", *_items(items)]
        parts += [f"<Tumor>{''.join(_items(tumour))}</Tumor>" for tumour in tumours]
        parts.append("</Patient>\n")
    return "".join([*parts, "</NaaccrData>\n"])


def _items(items: Mapping[str, str]) -> list[str]:
    return [f'<Item naaccrId="{name}">{escape(code)}</Item>' for name, code in items.items()]


def packed(path: Path, text: str) -> Path:
    """Write a text packed, and return its path."""
    path.write_bytes(gzip.compress(text.encode()))
    return path
