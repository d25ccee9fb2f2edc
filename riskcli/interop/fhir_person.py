"""The person behind FHIR resources: sex and age, as far as they are stated. Knows no table."""

from __future__ import annotations

from riskcli.interop.fhir_resources import Resource, objects, text

_BIRTH_SEX = "us-core-birthsex"
_YEAR = len("2026")


def sex_of(patient: Resource) -> tuple[str, str] | None:
    """Return the sex recorded at birth, or the administrative one, and which it is."""
    for extension in objects(patient, "extension"):
        if text(extension, "url").rpartition("/")[2] == _BIRTH_SEX and (code := text(extension, "valueCode")):
            return code, "birth sex"
    gender = text(patient, "gender")
    return (gender, "gender") if gender else None


def years_between(born: str, on: str) -> int | str | None:
    """Return the age on a day; a range where a day is known to the year or month.

    Example:
        >>> years_between("1970-05-02", "2020-05-01"), years_between("1970", "2020-05-01")
        (49, '49..50')
    """
    ends = [_dated(born), _dated(on)]
    if None in ends:
        return None
    (y1, rest1), (y2, rest2) = ((int(end[0]), end[1]) for end in ends if end)
    full = y2 - y1
    if len(rest1) == len(rest2) == len("05-01"):
        age = full - (rest2 < rest1)
        return age if age >= 0 else None
    if full < 1:
        return None
    return f"{full - 1}..{full}"


def _dated(day: str) -> tuple[str, str] | None:
    """Return the year of a day, and the rest of it."""
    year = day[:_YEAR]
    return (year, day[_YEAR + 1 : 10]) if len(year) == _YEAR and year.isascii() and year.isdigit() else None
