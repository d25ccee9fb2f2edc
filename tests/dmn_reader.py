"""A small reader of exported decisions, written from the standard alone: the oracle of the export.

It knows nothing of the program. What is outside the few forms of FEEL that every engine reads alike (a word
in double quotes, a number, a bound, an interval, a list of these, an empty cell; a name, a part of a
decision, one name less another) is refused, so that nothing else can creep in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

NAMESPACE = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_WORD = r'"(?:[^"\\]|\\["\\])*"'
_ITEM = re.compile(
    rf"(?P<word>{_WORD})|(?P<sign>>=|<=|>|<) ?(?P<bound>{_NUMBER})"
    rf"|(?P<open>[\[(])(?P<low>{_NUMBER})\.\.(?P<high>{_NUMBER})(?P<close>[\])])|(?P<number>{_NUMBER})"
)

Test = Callable[[Any], bool]


class NotPortable(ValueError):
    """A cell holds what not every engine reads alike."""


@dataclass
class TableRule:
    """One row as it was read."""

    id: str
    tests: list[Test]
    cells: list[str]
    outputs: list[Any]
    description: str = ""
    annotations: list[str] = field(default_factory=list)


@dataclass
class Decided:
    """One decision as it was read."""

    id: str
    hit: str
    expressions: list[str]
    outputs: list[str]
    rules: list[TableRule]
    needs: list[str]


class Reading:
    """A file as it was read."""

    def __init__(self, text: str) -> None:
        """Read the text of a DMN file."""
        self.root = ET.fromstring(text)
        assert self.root.tag == f"{NAMESPACE}definitions"
        self.inputs = [element.attrib["id"] for element in self._all("inputData")]
        self.decisions = {item.id: item for item in map(self._decision, self._all("decision"))}

    def _all(self, tag: str) -> list[ET.Element]:
        """Return the elements of the file of one kind."""
        return self.root.findall(f"{NAMESPACE}{tag}")

    def _decision(self, element: ET.Element) -> Decided:
        """Read a decision."""
        table = element.find(f"{NAMESPACE}decisionTable")
        assert table is not None
        return Decided(
            element.attrib["id"],
            table.attrib["hitPolicy"] + table.attrib.get("aggregation", ""),
            [text_of(item, "inputExpression/text") for item in table.findall(f"{NAMESPACE}input")],
            [item.attrib["name"] for item in table.findall(f"{NAMESPACE}output")],
            [self._rule(item) for item in table.findall(f"{NAMESPACE}rule")],
            [
                needed.attrib["href"].removeprefix("#")
                for requirement in element.findall(f"{NAMESPACE}informationRequirement")
                for needed in requirement
            ],
        )

    @staticmethod
    def _rule(element: ET.Element) -> TableRule:
        """Read a row."""
        cells = [text_of(item, "text") for item in element.findall(f"{NAMESPACE}inputEntry")]
        return TableRule(
            element.attrib["id"],
            [cell_test(cell) for cell in cells],
            cells,
            [literal(text_of(item, "text")) for item in element.findall(f"{NAMESPACE}outputEntry")],
            text_of(element, "description"),
            [text_of(item, "text") for item in element.findall(f"{NAMESPACE}annotationEntry")],
        )

    def decide(self, name: str, inputs: Mapping[str, Any], found: dict[str, Any] | None = None) -> Any:
        """Return what a decision gives; an input that is not stated is nothing."""
        found = {} if found is None else found
        if name not in found:
            decision = self.decisions[name]
            context = {
                need: self.decide(need, inputs, found) if need in self.decisions else inputs.get(need)
                for need in decision.needs
            }
            found[name] = outcome(decision, context)
        return found[name]


def text_of(element: ET.Element, path: str) -> str:
    """Return the text at a path, or nothing."""
    return element.findtext("/".join(NAMESPACE + part for part in path.split("/"))) or ""


def outcome(decision: Decided, context: Mapping[str, Any]) -> Any:
    """Return what a table gives."""
    values = [evaluate(expression, context) for expression in decision.expressions]
    met = [
        rule
        for rule in decision.rules
        if all(test(value) for test, value in zip(rule.tests, values, strict=True))
    ]
    given = [
        rule.outputs[0]
        if len(decision.outputs) == 1
        else dict(zip(decision.outputs, rule.outputs, strict=True))
        for rule in met
    ]
    if decision.hit == "FIRST":
        return given[0] if given else None
    if decision.hit == "COLLECTSUM":
        return sum(given)
    assert decision.hit == "COLLECT", decision.hit
    return given


def evaluate(expression: str, context: Mapping[str, Any]) -> Any:
    """Return the value of a column's heading."""
    if " - " in expression:
        more, less = (context[name] for name in expression.split(" - "))
        return more - less if is_number(more) and is_number(less) else None
    name, _, part = expression.partition(".")
    if not (_NAME.fullmatch(name) and (not part or _NAME.fullmatch(part))):
        raise NotPortable(expression)
    value = context[name]
    return (value or {}).get(part) if part else value


def is_number(value: Any) -> bool:
    """Say whether a value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def literal(text: str) -> Any:
    """Read a word or a number."""
    if re.fullmatch(_WORD, text):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    if re.fullmatch(_NUMBER, text):
        return float(text)
    raise NotPortable(text)


def cell_test(cell: str) -> Test:
    """Read a cell: any of its items; nothing at all allows anything, and nothing meets no test."""
    if not cell:
        return lambda value: True
    items, place = [], 0
    while True:
        match = _ITEM.match(cell, place)
        if match is None:
            raise NotPortable(cell)
        items.append(_item(match))
        place = match.end()
        if place == len(cell):
            return lambda value: any(item(value) for item in items)
        if cell[place] != ",":
            raise NotPortable(cell)
        place += 1


def _item(match: re.Match[str]) -> Test:
    """Read one item of a cell."""
    if match["word"]:
        word = literal(match["word"])
        return lambda value: isinstance(value, str) and value == word
    if match["number"]:
        number = float(match["number"])
        return lambda value: is_number(value) and value == number
    if match["sign"]:
        bound, sign = float(match["bound"]), match["sign"]
        compare: dict[str, Test] = {
            ">=": lambda value: value >= bound,
            "<=": lambda value: value <= bound,
            ">": lambda value: value > bound,
            "<": lambda value: value < bound,
        }
        return lambda value: is_number(value) and compare[sign](value)
    low, high = float(match["low"]), float(match["high"])
    above, below = match["open"] == "(", match["close"] == ")"

    def within(value: Any) -> bool:
        if not is_number(value):
            return False
        return (value > low if above else value >= low) and (value < high if below else value <= high)

    return within


def is_id(text: str) -> bool:
    """Say whether a text may be an XML id."""
    return bool(_ID.fullmatch(text))
