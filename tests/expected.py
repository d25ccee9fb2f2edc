"""What an answer must say of some facts, found by brute force (see `oracle`), in the answer's own terms."""

from __future__ import annotations

from collections.abc import Sequence

from oracle import Choices, Oracle, deciding, grouped, settles

from riskcli.cells import Box
from riskcli.compiled import Data
from riskcli.facts import Facts

LEVELS = ["low", "intermediate", "high", "very_high"]


def choices_of(oracle: Oracle, boxes: Sequence[Box]) -> list[Choices]:
    """Return boxes as values, one per cell."""
    return [
        {
            name: [value for i, value in enumerate(oracle.values[name]) if box[place] >> i & 1]
            for place, name in enumerate(oracle.fields)
        }
        for box in boxes
    ]


class Expected:
    """What the answer to some facts must say."""

    def __init__(self, oracle: Oracle, facts: Facts) -> None:
        self.oracle = oracle
        self.facts = facts
        self.choices = choices_of(oracle, facts.boxes)
        self.level_of = oracle.outcomes(self.choices, oracle.level)

    def levels(self) -> list[str]:
        """Return the levels still possible, lowest first."""
        found = set(self.level_of.values())
        return [level for level in LEVELS if level in found]

    def reasons(self) -> list[tuple[str, bool]]:
        """Return the rows still possible, in the table's order, and whether there is one alone."""
        rows = self.oracle.ends(self.choices, self.oracle.row)
        return [(row.id, len(rows) == 1) for row in self.oracle.table.likelihood if row.id in rows]

    def options(self) -> list[tuple[str, str, list[str], list[str]]]:
        """Return the options that apply in some case: id, status, criteria, and what they depend on."""
        found = []
        for option in self.oracle.table.options:
            status = self.oracle.status(self.choices, option)
            if status:
                rules = self.oracle.ends(self.choices, self.oracle.criterion, option)
                outcomes = self.oracle.outcomes(self.choices, self.oracle.applies, option)
                names = [self.oracle.fields[place] for place in deciding(outcomes)]
                found.append((option.id, status, [c.id for c in option.any_of if c.id in rules], names))
        return found

    def not_supported(self) -> list[str]:
        """Return what is ruled out in every case."""
        items = self.oracle.table.not_supported
        return [item.id for item in items if self.oracle.status(self.choices, item) == "matches"]

    def systems(self) -> list[tuple[str, set[str]]]:
        """Return the published groupings with the values still possible."""
        found = []
        for system in self.oracle.table.systems:
            values = self.oracle.ends(self.choices, self.oracle.derived, system.from_) - {None}
            found.append((system.id, set(map(str, values))))
        return found

    def unknown(self) -> list[tuple[str, list[str], str]]:
        """Return the fields that decide something: what, and how often one alone settles the level."""
        decides = {self.oracle.fields[place]: ["likelihood"] for place in deciding(self.level_of)}
        for name, _, _, fields in self.options():
            for field in fields:
                decides.setdefault(field, []).append(name)
        return [
            (field, decides[field], self.settles_alone(field))
            for field in self.oracle.fields
            if field in decides
        ]

    def settles_alone(self, field: str) -> str:
        """Say how often knowing one field leaves one level."""
        place = self.oracle.fields.index(field)
        single = [len(ends) == 1 for ends in grouped(self.level_of, lambda case: case[place])]
        return "always" if all(single) else "sometimes" if any(single) else "never"

    def everything(self) -> Data:
        """Return all of the above, in the form of `said`; what moves a finding is `asked`'s to say."""
        parts = ["levels", "reasons", "options", "not_supported", "systems", "unknown"]
        return {part: getattr(self, part)() for part in parts}

    def settling(self, names: Sequence[str]) -> bool:
        """Say whether knowing these fields leaves one level, and knowing fewer of them does not."""
        places = [self.oracle.fields.index(name) for name in names]
        fewer = [[other for other in places if other != place] for place in places]
        return settles(self.level_of, places) and not any(settles(self.level_of, some) for some in fewer)


def said(answer: Data) -> Data:
    """Return what an answer says of a case as it is, in the form in which it is expected."""
    return {
        "levels": list(answer["likelihood"]["levels"]),
        "reasons": [(item["rule"], item["certain"]) for item in answer["reasons"]],
        "options": [
            (item["id"], item["status"], list(item["rules"]), list(item["depends_on"]))
            for item in answer["options"]
        ],
        "not_supported": [item["id"] for item in answer["not_supported"]],
        "systems": [(item["id"], set(item["values"])) for item in answer["systems"]],
        "unknown": [(item["field"], list(item["decides"]), item["settles"]) for item in answer["unknown"]],
    }


def said_of_others(answer: Data) -> Data:
    """Return what an answer says of other findings, in the form of `asked.Asked.everything`."""
    return {
        "tests": list(answer["tests_that_could_change_it"]),
        "changes": [
            (item["field"], item["to"], item["lowest"], item["highest"])
            for item in answer["what_would_change_it"]
        ],
    }
