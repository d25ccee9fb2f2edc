"""The fields, values and conditions of rule tables in words. Decides nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from riskcli.compiled import Compiled
from riskcli.errors import listed

_BOUND = re.compile(r"(>=|<=|>|<)?(\d+(?:\.\d+)?)(?:\.\.(<?)(\d+(?:\.\d+)?))?")


def table_heading(table: Compiled) -> str:
    """Return what a table is called, its edition and where it stands, its file first where it is a local one.

    Example:
        >>> from riskcli.loader import load_rules
        >>> table_heading(load_rules().get("other_solid")).endswith(" - DRAFT, not reviewed by a clinician")
        True
    """
    data, labels = table.table, table.common["labels"]
    local = "" if table.origin == "packaged" else f"{labels['local']} {table.origin}: "
    draft = f" - {labels['draft']}" if data["status"] == "draft" else ""
    return f"{local}{data['title']}, {labels['edition']} {data['edition']}{draft}"


class Wording:
    """Words fields and values with the labels of the rule files.

    Example:
        >>> from riskcli.loader import load_rules
        >>> wording = Wording(load_rules().common("breast").labels)
        >>> wording.conditions({"nodes_positive": ">=4", "tumour_size_mm": ">20..50"})
        'positive nodes 4 or more; tumour size over 20 to 50 mm'
        >>> wording.value("tumour_size_mm", [">=50", "not_done"])
        '50 mm or more or not done'
    """

    def __init__(self, labels: Mapping[str, Any]) -> None:
        """Use the `labels` of `common.yaml`."""
        self.labels = labels

    def called(self, name: str) -> str:
        """Return what a field is called to people: without underscores and units."""
        if name in self.labels["called"]:
            return str(self.labels["called"][name])
        return name.removesuffix(self._unit(name)[0]).replace("_", " ")

    def _unit(self, name: str) -> tuple[str, str]:
        """Return the end of a field's name that is its unit, and the unit as people write it."""
        for end, unit in self.labels["units"].items():
            if name.endswith(f"_{end}"):
                return f"_{end}", f" {unit}"
        return "", ""

    def value(self, name: str, value: object) -> str:
        """Return a value or a condition on one field in words, several with `or`."""
        if isinstance(value, list | tuple):
            return listed([self.value(name, item) for item in value], self.labels["or"])
        text = str(value)
        if not (found := _BOUND.fullmatch(text)):
            return text.replace("_", " ")
        sign, low, below, high = found.groups(default="")
        bounds, unit = self.labels["bounds"], self._unit(name)[1]
        low = low if high else f"{low}{unit}"
        low = bounds[sign].format(low) if sign else low
        return f"{low} {bounds['below' if below else 'to'].format(high)}{unit}" if high else low

    def shown(self, name: str, value: object) -> str:
        """Return a field with its value and unit."""
        return f"{self.called(name)} {self.value(name, value)}"

    def conditions(self, when: Mapping[str, Any]) -> str:
        """Return conditions in words, all of which hold."""
        return "; ".join(self.shown(name, value) for name, value in when.items())

    def level(self, level: str) -> str:
        """Return a level in words."""
        return str(self.labels["level_words"].get(level, level))

    def levels(self, levels: Sequence[str]) -> str:
        """Return levels in words, several with `or`."""
        return listed([self.level(level) for level in levels], self.labels["or"])
