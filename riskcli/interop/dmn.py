"""Decision tables as DMN 1.3: XML that other engines run and other editors draw. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from riskcli._version import __version__
from riskcli.compiled import Compiled
from riskcli.interop.decisions import COLLECT, SUM, Column, Decision, Input, Rule, Test
from riskcli.interop.known import Model
from riskcli.interop.layout import arrow, places
from riskcli.report.sources import source_entry
from riskcli.report.terminal import clean
from riskcli.report.wording import table_heading
from riskcli.tables import Source
from riskcli.words import say

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
_DRAWN = {
    "xmlns:dmndi": "https://www.omg.org/spec/DMN/20191111/DMNDI/",
    "xmlns:dc": "http://www.omg.org/spec/DMN/20180521/DC/",
    "xmlns:di": "http://www.omg.org/spec/DMN/20180521/DI/",
}
_HIT = {SUM: {"hitPolicy": "COLLECT", "aggregation": "SUM"}, COLLECT: {"hitPolicy": "COLLECT"}}


def dmn_xml(table: Compiled, model: Model) -> str:
    """Return the decisions of a table as a DMN 1.3 file.

    Example:
        >>> from riskcli.interop.model import decision_model
        >>> from riskcli.loader import load_rules
        >>> table = load_rules().get("other_solid")
        >>> dmn_xml(table, decision_model(table)).splitlines()[0]
        '<?xml version="1.0" encoding="UTF-8"?>'
    """
    return _Writer(table, model).text()


def feel(value: object) -> str:
    r"""Return a word, a number or an interval as FEEL has it.

    Example:
        >>> from riskcli.interop.decisions import Interval
        >>> print(feel('a "b"'), feel(3), feel(Interval(20, 50, above=True)))
        "a \"b\"" 3 (20..50]
    """
    if not isinstance(value, str):
        return str(value)
    text = one_line(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def one_line(text: str) -> str:
    """Return text on one line, without what cannot stand in XML."""
    return " ".join(clean(text).split())


class _Writer:
    """One table being written."""

    def __init__(self, table: Compiled, model: Model) -> None:
        self.table = table
        self.model = model
        self.types = {name: model.names.new(f"{name}_values") for name in model.inputs}
        self.root = ET.Element(
            "definitions",
            {
                "xmlns": NAMESPACE,
                **_DRAWN,
                "id": f"_table.{table.name}",
                "name": one_line(table_heading(table)),
                "namespace": f"urn:riskcli:rules:{table.name}:{one_line(table.table['edition'])}",
                "exporter": "riskcli",
                "exporterVersion": __version__,
            },
        )

    def text(self) -> str:
        """Write everything."""
        self._text(self.root, "description", "\n".join(map(one_line, about(self.table))))
        for item in self.model.inputs.values():
            self._type(item)
        for item in self.model.inputs.values():
            self._input(item)
        for decision in self.model.decisions:
            self._decision(decision)
        for number, name in enumerate(self._cited(), 1):
            self._source(number, name)
        self._diagram()
        ET.indent(self.root)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(self.root, encoding="unicode")}\n'

    @staticmethod
    def _text(parent: ET.Element, tag: str, text: str) -> None:
        """Add an element that holds text, unless there is none."""
        if text:
            ET.SubElement(parent, tag).text = text

    # ---- inputs

    def _type(self, item: Input) -> None:
        """Write the values of an input."""
        element = ET.SubElement(self.root, "itemDefinition", {"name": self.types[item.name]})
        self._text(element, "typeRef", item.kind)
        self._text(ET.SubElement(element, "allowedValues"), "text", _cell(item.allowed))

    def _input(self, item: Input) -> None:
        """Write an input."""
        element = ET.SubElement(self.root, "inputData", {"id": item.name, "name": item.name})
        self._text(element, "description", one_line(item.text))
        ET.SubElement(element, "variable", {"name": item.name, "typeRef": self.types[item.name]})

    # ---- decisions

    def _decision(self, decision: Decision) -> None:
        """Write a decision."""
        element = ET.SubElement(self.root, "decision", {"id": decision.name, "name": decision.name})
        label = one_line(decision.label)
        self._text(element, "description", ". ".join(filter(None, (label, one_line(decision.text)))))
        variable = {"name": decision.name}
        if len(decision.outputs) == 1:
            variable["typeRef"] = decision.outputs[0].kind
        ET.SubElement(element, "variable", variable)
        for name in decision.reads:
            kind = "requiredInput" if name in self.model.inputs else "requiredDecision"
            needs = ET.SubElement(element, "informationRequirement", {"id": _needs_id(decision.name, name)})
            ET.SubElement(needs, kind, {"href": f"#{name}"})
        for name in decision.cites:
            requirement = ET.SubElement(element, "authorityRequirement")
            ET.SubElement(requirement, "requiredAuthority", {"href": f"#{_source_id(name)}"})
        self._table(element, decision)

    def _table(self, parent: ET.Element, decision: Decision) -> None:
        """Write the table of a decision."""
        hit = _HIT.get(decision.hit, {"hitPolicy": decision.hit})
        element = ET.SubElement(parent, "decisionTable", {**hit, "outputLabel": one_line(decision.label)})
        columns = decision.columns
        for column in columns:
            self._column(element, column)
        for output in decision.outputs:
            clause = ET.SubElement(element, "output", {"name": output.name, "typeRef": output.kind})
            if output.allowed:
                self._text(ET.SubElement(clause, "outputValues"), "text", _cell(output.allowed))
        for note in decision.notes:
            ET.SubElement(element, "annotation", {"name": one_line(note)})
        for rule in decision.rules:
            self._rule(element, rule, columns, len(decision.notes))

    def _column(self, parent: ET.Element, column: Column) -> None:
        """Write what a column reads; its values only where it always has one of them."""
        clause = ET.SubElement(parent, "input", {"label": one_line(column.label or column.expression)})
        expression = ET.SubElement(clause, "inputExpression", {"typeRef": column.kind})
        self._text(expression, "text", column.expression)
        if column.allowed:
            self._text(ET.SubElement(clause, "inputValues"), "text", _cell(column.allowed))

    def _rule(self, parent: ET.Element, rule: Rule, columns: Sequence[Column], notes: int) -> None:
        """Write a row; an empty cell allows anything."""
        element = ET.SubElement(parent, "rule", {"id": rule.id})
        self._text(element, "description", one_line(rule.says))
        for column in columns:
            entry = ET.SubElement(ET.SubElement(element, "inputEntry"), "text")
            entry.text = _cell(rule.tests.get(column, ()))
        for output in rule.outputs:
            ET.SubElement(ET.SubElement(element, "outputEntry"), "text").text = feel(output)
        for note in (*rule.notes, *("",) * notes)[:notes]:
            ET.SubElement(ET.SubElement(element, "annotationEntry"), "text").text = one_line(note)

    # ---- sources

    def _cited(self) -> Iterator[str]:
        """Give the sources that decisions rest on, in the table's order."""
        cited = {name for decision in self.model.decisions for name in decision.cites}
        yield from (name for name in self.table.table["sources"] if name in cited)

    def _source(self, number: int, name: str) -> None:
        """Write a source: what it is, the place in it, how much of it was seen."""
        source: Mapping[str, Any] = self.table.table["sources"][name]
        entry = source_entry(Source(**source), number, name, self.table.common["labels"])
        element = ET.SubElement(self.root, "knowledgeSource", {"id": _source_id(name), "name": name})
        said = [entry.text, *(f"{about}: {text}" if about else text for about, text in entry.notes)]
        self._text(element, "description", one_line("; ".join(said)))
        if "url" in source:
            element.set("locationURI", one_line(source["url"]))

    # ---- the drawing

    def _diagram(self) -> None:
        """Write where everything is drawn: an editor shows nothing without it."""
        drawn = places(self.model)
        diagram = ET.SubElement(ET.SubElement(self.root, "dmndi:DMNDI"), "dmndi:DMNDiagram")
        for name, place in drawn.items():
            shape = ET.SubElement(diagram, "dmndi:DMNShape", {"dmnElementRef": name})
            bounds = zip(("x", "y", "width", "height"), map(str, place), strict=True)
            ET.SubElement(shape, "dc:Bounds", dict(bounds))
        for decision in self.model.decisions:
            for name in decision.reads:
                line = {"dmnElementRef": _needs_id(decision.name, name)}
                edge = ET.SubElement(diagram, "dmndi:DMNEdge", line)
                for x, y in arrow(drawn[name], drawn[decision.name]):
                    ET.SubElement(edge, "di:waypoint", {"x": str(x), "y": str(y)})


def _source_id(name: str) -> str:
    """Return the id under which a source stands."""
    return f"_source.{name}"


def _needs_id(decision: str, name: str) -> str:
    """Return the id of what joins a decision to what it reads."""
    return f"_needs.{decision}.{name}"


def _cell(test: Test) -> str:
    """Return what a cell allows, any of several."""
    return ",".join(map(feel, test))


def about(table: Compiled) -> list[str]:
    """Return what everybody must know of the file, a line each.

    Example:
        >>> from riskcli.loader import load_rules
        >>> about(load_rules().get("other_solid"))[1].startswith("Draft: ")
        True
    """
    common = table.common
    made = say("dmn.about", heading=table_heading(table), version=__version__, digest=table.digest)
    lines = [made, common["draft"]] if table.table["status"] == "draft" else [made]
    return [
        *lines,
        say("dmn.about_unknown"),
        say("dmn.about_premises"),
        say("dmn.about_options"),
        common["not_considered"],
        common["uncertainty"],
        common["treatment_lowers"],
    ]
