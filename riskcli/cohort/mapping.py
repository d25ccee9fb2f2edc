"""A registry's own names for columns and values, kept in a YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from riskcli.errors import RuleFileError as Unreadable
from riskcli.errors import refused
from riskcli.records import decode
from riskcli.words import say
from riskcli.yaml_source import read_document

_COLUMNS, _VALUES = "columns", "values"


def read_mapping(path: str) -> tuple[dict[str, str], dict[str, Mapping[str, Any]]]:
    """Return the field that each column stands for, and what each text stands for in the columns of fields.

    The file has two parts, either of which may be left out:

        columns: {Tumorgroesse: tumour_size_mm}
        values: {er: {"1": positive, "0": negative, "5": [positive, negative], "9": unknown}}

    Raises:
        CaseError: it cannot be read, or holds something else.
    """
    try:
        data = read_document(decode(_bytes(path), path), path).data
    except Unreadable as error:
        raise refused(*map(str, error.faults)) from None
    if not isinstance(data, dict) or not data or set(data) - {_COLUMNS, _VALUES}:
        raise refused(say("cohort_file.mapping", name=path, columns=_COLUMNS, values=_VALUES))
    columns, values = data.get(_COLUMNS) or {}, data.get(_VALUES) or {}
    if not isinstance(columns, dict) or not all(isinstance(name, str) for name in columns.values()):
        raise refused(say("cohort_file.mapping_columns", name=path, columns=_COLUMNS))
    if not isinstance(values, dict) or not all(isinstance(mapped, dict) for mapped in values.values()):
        raise refused(say("cohort_file.mapping_values", name=path, values=_VALUES))
    problems = [
        say("cohort_file.mapping_value", name=path, values=_VALUES, field=field, text=text)
        for field, mapped in values.items()
        for text, value in mapped.items()
        if not _can_stand(value)
    ]
    if problems:
        raise refused(*problems)
    return (
        {str(column): name for column, name in columns.items()},
        {name: {str(text): value for text, value in mapped.items()} for name, mapped in values.items()},
    )


def _can_stand(value: object) -> bool:
    """Say whether a text can stand for a value: a text, a number, nothing, or a list of texts and numbers."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, str | int | float) for item in value)
    return value is None or isinstance(value, str | int | float)


def _bytes(path: str) -> bytes:
    """Return the content of the file."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or say("file.no_reason")
        raise refused(say("cohort_file.mapping_unreadable", name=path, reason=reason)) from None
