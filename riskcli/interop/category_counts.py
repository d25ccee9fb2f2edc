"""A category of lymph nodes as what it says of their number."""

from __future__ import annotations

import re

from riskcli.values import ValueProblem, ValueReader

_SENTINEL = re.compile(r"\(sn\)")
_AFTER_TREATMENT = re.compile(r"^[ry]+(?=[pcN])")
_BARE = re.compile(r"[0-3](?:[a-cA-C]|mi)?")
"""A category whose letters are left out."""
_SOME = re.compile(r"N[1-3]")
SOME = ">=1"


def as_count(reader: ValueReader, category: str) -> str | None:
    """Return a category as the reader of a count takes it; None when it says nothing of a number.

    What a number does not turn on is left out; a category that the reader does not know is some nodes.

    Example:
        >>> from riskcli.case import case_reader
        >>> from riskcli.loader import load_rules
        >>> reader = case_reader(load_rules().get("breast")).readers["nodes_positive"]
        >>> as_count(reader, "pN1a(sn)"), as_count(reader, "ypN2a"), as_count(reader, "pN2b")
        ('pN1a', 'pN2a', '>=1')
        >>> as_count(reader, "1a"), as_count(reader, "N0")
        ('pN1a', 'N0')
    """
    category = f"pN{category}" if _BARE.fullmatch(category) else category
    plain = _SENTINEL.sub("", category)
    for candidate in (category, plain, _AFTER_TREATMENT.sub("", plain)):
        if _takes(reader, candidate):
            return candidate
    return SOME if _SOME.search(category) and _takes(reader, SOME) else None


def _takes(reader: ValueReader, value: str) -> bool:
    """Say whether a reader takes a value."""
    try:
        return reader.read(value).stated
    except ValueProblem:
        return False
