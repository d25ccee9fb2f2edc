"""The JSON Schema of a case: every way in which a value may be given. Pure, no I/O.

The schema says what one value may look like by itself. What holds between values (no more positive nodes
than examined ones, both ends of a range inside the field's values) only the reader of cases can judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from riskcli.case import CANCER, REF, case_reader
from riskcli.compiled import Compiled
from riskcli.conditions import NOT_DONE
from riskcli.values import UNKNOWN, ValueProblem, ValueReader, phrase

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_NUMBER = r"(\d+(\.\d+)?|\.\d+)"
_SIGN = r"(>=|<=|>|<|≥|≤)"
_LETTERS_OF_SYNTAX = re.compile(r"[\\^$.|?*+()\[\]{}/]")
_END = r"[.;,\s]*"


def case_schema(table: Compiled) -> Schema:
    """Return the JSON Schema (2020-12) of a case of one cancer.

    Example:
        >>> from riskcli.loader import load_rules
        >>> schema = case_schema(load_rules().get("other_solid"))
        >>> schema["properties"]["cancer"], schema["required"]
        ({'const': 'other_solid', 'description': 'the rule table that is asked'}, ['cancer'])
    """
    reader = case_reader(table)
    properties: Schema = {CANCER: {"const": table.name, "description": "the rule table that is asked"}}
    properties |= {name: _ref(name) for name in reader.readers}
    properties[REF] = {"description": "the caller's own identifier, carried through untouched"}
    return {
        "$schema": DIALECT,
        "$id": f"urn:riskcli:case:{table.name}",
        "$comment": f"edition {table.table['edition']}, digest {table.digest}",
        "title": f"A case: {table.table['title']}",
        "description": (
            "One flat record. A field that is absent, null or empty is not stated: it is open, not negative. "
            "A list means any of its values."
        ),
        "type": "object",
        "properties": properties,
        "patternProperties": dict(_other_names(table)),
        "additionalProperties": False,
        "required": [CANCER],
        "$defs": _shared(table) | _definitions(table),
    }


def _shared(table: Compiled) -> Schema:
    """Return what every field may hold: nothing, or a word for unknown or for not done."""
    words = {UNKNOWN: "unknown_words", NOT_DONE: "not_done_words"}
    texts = {
        name: {"type": "string", "pattern": _any_of(map(_loosely, map(phrase, table.common[key])))}
        for name, key in words.items()
    }
    return {"empty": {"anyOf": [{"type": "null"}, {"type": "string", "pattern": r"^\s*$"}]}, **texts}


def _definitions(table: Compiled) -> Schema:
    """Return, for each field, one value of it and everything that it may hold."""
    found: Schema = {}
    for name, reader in case_reader(table).readers.items():
        value = _ref(f"{name}.value")
        found[f"{name}.value"] = {"anyOf": _one(reader)}
        found[name] = {
            "description": _described(reader, table.table["fields"].get(name, {})),
            "anyOf": [value, {"type": "array", "items": value, "minItems": 1}, _ref("empty")],
        }
    return found


def _ref(name: str) -> Schema:
    """Return the reference to a field's values."""
    return {"$ref": f"#/$defs/{name}"}


def _other_names(table: Compiled) -> Iterable[tuple[str, Schema]]:
    """Give the other names of fields, and the fields of the vocabulary that this table does not know."""
    readers = case_reader(table)
    names: dict[str, list[str]] = {}
    for alias, name in readers.aliases.items():
        if name not in (CANCER, REF):
            names.setdefault(name if name in readers.readers else "", []).append(alias)
    for name, aliases in names.items():
        schema = _ref(name) if name else {"description": "of other cancers; accepted, and not used here"}
        yield f"^\\s*({'|'.join(map(_loosely, sorted(aliases)))}){_END}$", schema


def _described(reader: ValueReader, spec: Schema) -> str:
    """Return what a field is, with its unit and what leaving it out means."""
    unit = f" ({reader.unit})" if reader.unit else ""
    absent = " Left out: not done." if reader.domain.optional else ""
    text = str(spec.get("text", "not used by this table"))
    return f"{' '.join(text.split()).rstrip('.')}{unit}.{absent}"


def _one(reader: ValueReader) -> list[Schema]:
    """Return the schemas of one value: the plain ones first, then text as reports write it."""
    domain = reader.domain
    words = [*domain.words, *domain.groups, UNKNOWN, *([NOT_DONE] if domain.optional else [])]
    found: list[Schema] = [{"enum": words}]
    if domain.numeric:
        kind = "integer" if domain.integer else "number"
        found.insert(0, {"type": kind, "minimum": domain.low, "maximum": domain.high})
    elif numbers := [int(word) for word in reader.synonyms if word.isdecimal() and _reads(reader, word)]:
        found.append({"enum": sorted(numbers)})
    found += [{"type": "string", "pattern": _pattern(reader)}, _ref(UNKNOWN)]
    return [*found, _ref(NOT_DONE)] if domain.optional else found


def _pattern(reader: ValueReader) -> str:
    """Return the pattern of a text: a report's own words, or plain values and what joins them."""
    words = list(map(phrase, (*reader.domain.words, *reader.domain.groups)))
    plain = _numbers(reader) if reader.domain.numeric else list(map(_loosely, words))
    if reader.prefixes and words:
        letters = "|".join(map(_loosely, reader.prefixes))
        plain = [rf"({letters})?\s*({'|'.join(plain)})"]
    joint = r"\|" if reader.domain.numeric and not reader.numbers.few else "[/|]"
    joined = rf"({'|'.join(plain)})(\s*{joint}\s*({'|'.join(plain)}))*"
    own = [word for word in dict.fromkeys(map(phrase, reader.synonyms)) if _reads(reader, word)]
    return _any_of([*map(_loosely, own), joined])


def _any_of(patterns: Iterable[str]) -> str:
    """Return the pattern of a whole text that is one of these, a full stop after it or none."""
    return rf"^\s*({'|'.join(patterns)}){_END}$"


def _numbers(reader: ValueReader) -> list[str]:
    """Return the patterns of numbers, bounds and ranges, with the field's own unit or without."""
    unit = rf"(\s*{_loosely(reader.unit)})?" if reader.unit else ""
    return [
        rf"{_SIGN}?\s*{_NUMBER}{unit}",
        rf"{_NUMBER}\+{unit}",
        rf">?\s*{_NUMBER}\s*\.\.\s*<?\s*{_NUMBER}{unit}",
        rf"{_NUMBER}\s*(-|to)\s*{_NUMBER}{unit}",
    ]


def _reads(reader: ValueReader, word: str) -> bool:
    """Say whether a field's reader takes a word."""
    try:
        reader.read(word)
    except ValueProblem:
        return False
    return True


def _loosely(words: str) -> str:
    r"""Return the pattern of a phrase as it is compared: whatever the case, and what joins its words.

    Example:
        >>> print(_loosely("pN1 mi+"))
        [pP][nN]1[\s_-]+[mM][iI]\+
    """
    parts = []
    for char in words:
        if char.isspace():
            parts.append(r"[\s_-]+")
        elif char.lower() != char.upper() and len(char.lower()) == len(char.upper()) == 1:
            parts.append(f"[{char.lower()}{char.upper()}]")
        else:
            parts.append(_LETTERS_OF_SYNTAX.sub(r"\\\g<0>", char))
    return "".join(parts)
