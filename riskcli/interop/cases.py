"""Cases by which an import of exported decisions is checked: what the program says, what they must give.

The covering cases of the table with everything stated, then cases in which something is missing, cases that
are turned away, and one that cannot be. Pure, no I/O.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from riskcli._version import __version__
from riskcli.case import read_case
from riskcli.cells import bits
from riskcli.compiled import Compiled, Data
from riskcli.conditions import NOT_DONE, parse_entry
from riskcli.errors import CaseError, OutOfScope, RuleFileError
from riskcli.evaluate import answer_data
from riskcli.interop.decisions import NUMBER, decide
from riskcli.interop.known import UNKNOWN, Model
from riskcli.interop.model import MATCHES, OUT_OF_SCOPE, REFUSED
from riskcli.nodes import EXAMINED, POSITIVE
from riskcli.vignettes import covering
from riskcli.witness import value_in
from riskcli.words import say

SCHEMA_VERSION = 1

Inputs = dict[str, Any]


def case_file(table: Compiled, model: Model, file: str) -> Data:
    """Return the cases that go with the decisions of a table.

    Raises:
        RuntimeError: the decisions give what the program does not; they must not be used.
    Example:
        >>> from riskcli.interop.model import decision_model
        >>> from riskcli.loader import load_rules
        >>> table = load_rules().get("other_solid")
        >>> found = case_file(table, decision_model(table), "other_solid.dmn")
        >>> found["cases"][0]["expected"]["level"] == found["cases"][0]["program"]["levels"][0]
        True
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "riskcli": __version__,
        "about": say("dmn.cases", file=file),
        "cancer": table.name,
        "edition": table.table["edition"],
        "status": table.table["status"],
        "sha256": table.digest,
        "decisions": file,
        "cases": [_case(table, model, name, inputs) for name, inputs in _Cases(table, model).all()],
    }


def _case(table: Compiled, model: Model, name: str, inputs: Inputs) -> Data:
    """Return one case with both answers."""
    program, expected = program_says(table, model, inputs), decisions_say(model, inputs)
    if not agree(program, expected):
        raise RuntimeError(f"the decisions of {table.name} and the program differ in the case {name}")
    return {"id": name, "inputs": inputs, "program": program, "expected": expected}


def agree(program: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    """Say whether decisions give nothing that the program does not.

    Example:
        >>> agree({"levels": ["low"], "options": {}}, {"level": "unknown", "options": {}})
        True
        >>> agree({"levels": ["low", "high"], "options": {}}, {"level": "low", "options": {}})
        False
    """
    levels, options = program["levels"], program["options"]
    same = bool(expected["level"] == UNKNOWN or levels == [expected["level"]])
    if levels in ([OUT_OF_SCOPE], [REFUSED]):
        return same
    given = expected["options"]
    certain = all(options.get(name) == MATCHES for name, status in given.items() if status == MATCHES)
    return same and certain and options.keys() <= given.keys()


def record_of(model: Model, inputs: Mapping[str, Any]) -> Inputs:
    """Return the record of a case whose inputs are stated as decisions read them."""
    made = {status: name for name, status in model.made.items()}
    record = {name: value for name, value in inputs.items() if name not in made}
    not_made = (made[name] for name, value in inputs.items() if name in made and value == NOT_DONE)
    return record | dict.fromkeys(not_made, NOT_DONE)


def program_says(table: Compiled, model: Model, inputs: Mapping[str, Any]) -> Data:
    """Return the program's own answer: levels, options with how they stand, the row where there is one."""
    nothing: Data = {"rule": "", "options": {}}
    try:
        answer = answer_data(read_case(record_of(model, inputs), table))
    except OutOfScope:
        return {"levels": [OUT_OF_SCOPE], **nothing}
    except (CaseError, RuleFileError):
        return {"levels": [REFUSED], **nothing}
    reasons = answer["reasons"]
    return {
        "levels": answer["likelihood"]["levels"],
        "rule": reasons[0]["rule"] if len(reasons) == 1 else "",
        "options": {option["id"]: option["status"] for option in answer["options"]},
    }


def decisions_say(model: Model, inputs: Mapping[str, Any]) -> Data:
    """Return what the decisions give: a level, the row that gives it, options with how they stand."""
    found = decide(model.decisions, inputs)
    options: dict[str, str] = {}
    for option in found.get(model.parts["options"], []):
        if options.get(option["option"]) != MATCHES:
            options[option["option"]] = option["status"]
    likelihood = found[model.parts["likelihood"]]
    return {"level": likelihood["level"], "rule": likelihood["rule"], "options": options}


class _Cases:
    """Puts the cases of one table together."""

    def __init__(self, table: Compiled, model: Model) -> None:
        self.table = table
        self.model = model
        self.whole = [self._inputs(case.record) for case in covering(table).cases]

    def all(self) -> Iterator[tuple[str, Inputs]]:
        """Give every case with its name."""
        for number, inputs in enumerate(self.whole, 1):
            yield f"stated-{number}", inputs
        for name in self.model.inputs:
            without = self._without(name)
            if without is not None:
                yield f"without-{name}", without
        yield "nothing-stated", {}
        yield "premises-only", dict(self.model.premises)
        yield from self._turned_away()
        if POSITIVE in self.model.inputs and EXAMINED in self.model.inputs:
            yield "more-nodes-positive-than-examined", self.whole[0] | {POSITIVE: 2, EXAMINED: 1}
            yield "no-nodes-examined", self.whole[0] | {POSITIVE: 0, EXAMINED: 0}

    def _inputs(self, record: Mapping[str, Any]) -> Inputs:
        """Return a record as decisions read it: premises stated, and tests that were not made."""
        found: Inputs = dict(self.model.premises)
        for name, item in self.model.inputs.items():
            value = record.get(name)
            if value is None and name in self.table.index:
                optional = self.table.space.cells[self.table.index[name]].domain.optional
                value = NOT_DONE if optional else None
            if value == NOT_DONE and item.kind == NUMBER:
                found[self.model.made[name]] = NOT_DONE
            elif value is not None:
                found[name] = value
        return found

    def _without(self, name: str) -> Inputs | None:
        """Return a case in which one input is missing: one that it leaves unsettled, where there is one."""
        stated = [inputs for inputs in self.whole if name in inputs]
        shorter = [{key: value for key, value in inputs.items() if key != name} for inputs in stated]
        open_ = (inputs for inputs in shorter if decisions_say(self.model, inputs)["level"] == UNKNOWN)
        return next(open_, shorter[0] if shorter else None)

    def _turned_away(self) -> Iterator[tuple[str, Inputs]]:
        """Give a case for each row of the scope."""
        for number, row in enumerate(self.table.table.get("out_of_scope", []), 1):
            yield (
                f"out-of-scope-{number}",
                self.whole[0] | {name: self._value(name, raw) for name, raw in row["when"].items()},
            )

    def _value(self, name: str, raw: Any) -> Any:
        """Return a value that a condition allows."""
        if name not in self.table.index:
            return raw[0] if isinstance(raw, list) else raw
        cells = self.table.space.cells[self.table.index[name]]
        return value_in(cells, next(bits(cells.mask(parse_entry(raw, cells.domain)))))
