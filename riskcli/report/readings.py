"""How a case was read from another system, as a block of a report. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from riskcli.report.blocks import LIKELIHOOD, Block, Line, Words
from riskcli.words import say


def reading_blocks(reading: Mapping[str, Any] | None, values: bool = False) -> list[Block]:
    """Return what a person has to know of a reading, as the key `reading` of an answer holds it.

    `values` adds each value with where it stood.

    Example:
        >>> value = {"field": "grade", "value": 2, "from": "LOINC 44648-4: 2"}
        >>> reading = {"standard": "FHIR R4", "values": [value], "notes": ["A note."]}
        >>> [line.text for block in reading_blocks(reading, values=True) for line in block.lines]
        ['Read as FHIR R4:', '- A note.', 'Where it stood', '- grade 2: LOINC 44648-4: 2']
    """
    if not reading:
        return []
    lines = [Line(say("reading.read", standard=reading["standard"])), *_items(reading["notes"])]
    if values:
        lines += [Line(say("reading.values")), *_items(map(_value, reading["values"]))]
    return [Block(say("reading.label"), tuple(lines))] if values or reading["notes"] else []


def with_reading(
    blocks: Sequence[Block], words: Words, reading: Mapping[str, Any] | None, values: bool = False
) -> list[Block]:
    """Return the report of an answer with how its case was read, which stands before the level.

    Example:
        >>> from riskcli.loader import load_rules
        >>> from riskcli.report.blocks import report_words
        >>> words = report_words(load_rules().get("breast"))
        >>> blocks = [Block(words["case"], (Line("18 mm"),)), Block(words["likelihood"], (Line("LOW"),))]
        >>> reading = {"standard": "FHIR R4", "values": [], "notes": ["A note."]}
        >>> [block.lines[-1].text for block in with_reading(blocks, words, reading)]
        ['18 mm', '- A note.', 'LOW']
    """
    level = next(place for place, block in enumerate(blocks) if block.label == words[LIKELIHOOD])
    return [*blocks[:level], *reading_blocks(reading, values), *blocks[level:]]


def _items(texts: Iterable[str]) -> list[Line]:
    """Return the entries of a list."""
    return [Line(f"- {text}", hang=2) for text in texts]


def _value(item: Mapping[str, Any]) -> str:
    """Say where a value stood."""
    source = item["from"]
    if item.get("reference") and item["reference"] not in source:
        source = say("reading.at", source=source, reference=item["reference"])
    value = item["value"]
    shown = " / ".join(map(str, value)) if isinstance(value, list) else value
    return say("reading.value", field=item["field"], value=shown, source=source)
