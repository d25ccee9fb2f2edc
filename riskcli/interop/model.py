"""A rule table as decision tables: the scope, the level, the options. Decides nothing that it does not say.

Nothing is assumed: what the program takes for granted when it is not stated must be stated here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from riskcli.case import case_reader
from riskcli.compiled import FIRST as FIRST_LEAF
from riskcli.compiled import LEVELS, Compiled, Data
from riskcli.interop.decisions import (
    COLLECT,
    STRING,
    Column,
    Decision,
    Input,
    Interval,
    Names,
    Output,
    Rule,
    Test,
)
from riskcli.interop.derived import Deriving
from riskcli.interop.firsthit import Condition, Row, first_hit
from riskcli.interop.known import UNKNOWN, Model, States
from riskcli.report.tables import figure
from riskcli.report.wording import Wording
from riskcli.statics import likelihood_of
from riskcli.tables import Published
from riskcli.words import say

IN_SCOPE, OUT_OF_SCOPE, REFUSED = "in_scope", "out_of_scope", "refused"
MATCHES, DEPENDS = "matches", "depends"
SCOPE, LIKELIHOOD, OPTIONS, NOT_SUPPORTED = "scope", "likelihood", "options", "not_supported"
LEVEL = "level"
_STANDINGS = {IN_SCOPE: 0b001, OUT_OF_SCOPE: 0b010, REFUSED: 0b100, UNKNOWN: 0b111}


def decision_model(table: Compiled) -> Model:
    """Return a table as inputs and decisions.

    The decision `likelihood` gives the engine's level, or `unknown` where something that may matter is not
    stated; never another level.

    Example:
        >>> from riskcli.interop.decisions import decide
        >>> from riskcli.loader import load_rules
        >>> model = decision_model(load_rules().get("other_solid"))
        >>> [decision.name for decision in model.decisions][-3:]
        ['scope', 'likelihood', 'options']
        >>> decide(model.decisions, {"grade": 3})["likelihood"]["level"]
        'unknown'
    """
    return _Builder(table).build()


class _Builder:
    """One table put into decisions."""

    def __init__(self, table: Compiled) -> None:
        self.table = table
        self.data: Data = table.table
        names = Names([*table.vocabulary["here"], *self.data.get("derived", {})])
        self.names = {part: names.new(part) for part in (SCOPE, LIKELIHOOD, OPTIONS, NOT_SUPPORTED)}
        self.model = Model(names, self.names)
        self.levels = (*reversed(LEVELS), UNKNOWN, OUT_OF_SCOPE)
        self.level = Column(self.names[LIKELIHOOD], STRING, LEVEL, allowed=self.levels)
        self.standing = Column(self.names[SCOPE], STRING, "status", allowed=tuple(_STANDINGS))
        masks = {level: 1 << i for i, level in enumerate(LEVELS)}
        self.deriving = Deriving(
            table, self.model, States(self.level, masks | {UNKNOWN: (1 << len(LEVELS)) - 1})
        )
        self.wording = Wording(table.common["labels"])

    def build(self) -> Model:
        """Make everything, each decision after those that it reads."""
        rows = [self._row(number, row) for number, row in enumerate(self.data["likelihood"])]
        offered = {part: list(self._offered(part)) for part in (OPTIONS, NOT_SUPPORTED)}
        self._add_scope()
        self._add_likelihood(rows)
        for part, rules in offered.items():
            if rules:
                self._add_offered(part, rules)
        return self.model

    # ---- the scope

    def _add_scope(self) -> None:
        """Make the decision that turns cases away, and wants the premises stated."""
        scopes = list(zip(self.data.get("out_of_scope", []), self.table.boxes["scope"], strict=True))
        gates = {name: self._gate(name) for _, scope in scopes for name in scope["gate"]}
        turned_away = [self._scope_row(number, *scope, gates) for number, scope in enumerate(scopes, 1)]
        answered = self._answered(gates, [scope for _, scope in scopes])
        taken = self.table.common["premises"]
        for column, words in answered.items():
            said = taken[column.name]["value"] if column.name in taken else ""
            self.model.premises[column.name] = str(said if said in words else next(iter(words), UNKNOWN))
        wanted = say("dmn.state_premises", fields=", ".join(gates))
        rules = [*self._more_positive()]
        rules += [row.certain() for row, _ in turned_away]
        rules += [row.possible((UNKNOWN, say("dmn.perhaps_out"))) for row, open_ in turned_away if open_]
        rules.append(Rule(f"{self.names[SCOPE]}.answered", answered, (IN_SCOPE, "")))
        rules.append(Rule(f"{self.names[SCOPE]}.open", {}, (UNKNOWN, wanted)))
        self.model.decisions.append(
            Decision(
                self.names[SCOPE],
                say("dmn.scope"),
                (Output("status", STRING, tuple(_STANDINGS)), Output("say")),
                tuple(rules),
                text=self.data["scope"],
            )
        )

    def _gate(self, name: str) -> Column:
        """Return the column of a field that only the scope asks about."""
        words = case_reader(self.table).readers[name].domain.words
        text = self.table.vocabulary["here"][name]["text"]
        self.model.inputs.setdefault(name, Input(name, STRING, (*words, UNKNOWN), text))
        return Column(name, label=self.wording.called(name))

    def _scope_row(
        self, number: int, row: Data, scope: Data, gates: Mapping[str, Column]
    ) -> tuple[Row, bool]:
        """Return one row of the scope, and whether it may hold where it is not certain to."""
        conditions = [
            Condition(gates[name], tuple(words), tuple(words), False) for name, words in scope["gate"].items()
        ]
        inner = {name: raw for name, raw in row["when"].items() if name not in gates}
        conditions += self.deriving.conditions(inner)
        assumed = any(
            choice["mask"] & mask
            for place, mask in scope["box"]
            for choice in self.table.boxes["assume"].get(self.table.space.cells[place].field, ())
        )
        said = self.wording.conditions(row["when"])
        found = Row(f"{self.names[SCOPE]}.{number}", conditions, number, (OUT_OF_SCOPE, row["say"]), said)
        return found, not found.settled and (assumed or len(scope["box"]) > 1)

    def _answered(self, gates: Mapping[str, Column], scopes: Sequence[Data]) -> dict[Column, Test]:
        """Return what must be stated of the gate: what no row turns away by itself."""
        away: dict[str, set[str]] = {name: set() for name in gates}
        for scope in scopes:
            if len(scope["gate"]) == 1 and not scope["box"]:
                ((name, words),) = scope["gate"].items()
                away[name].update(words)
        readers = case_reader(self.table).readers
        return {
            column: tuple(word for word in readers[name].domain.words if word not in away[name])
            for name, column in gates.items()
        }

    def _more_positive(self) -> Iterator[Rule]:
        """Give the row that refuses more positive nodes than were examined."""
        counts = self.deriving.findings.counts()
        if counts is not None:
            tests = {counts: (Interval(None, 0, below=True),)}
            yield Rule(f"{self.names[SCOPE]}.counts", tests, (REFUSED, say("dmn.more_positive")))

    # ---- the level

    def _row(self, number: int, row: Data) -> Row:
        """Return one likelihood row."""
        labels = self.table.common["labels"]
        published = Published(**row["published"]) if "published" in row else None
        level = row["level"]
        meaning = likelihood_of(self.table, 1 << FIRST_LEAF + LEVELS.index(level))["meaning"]
        return Row(
            f"{self.names[LIKELIHOOD]}.{row['id']}",
            self.deriving.conditions(row.get("when", {})),
            level,
            (level, meaning, row["id"], ", ".join(row["source"])),
            self.wording.conditions(row.get("when", {})),
            (row["why"], figure(labels, row["basis"], published), row.get("limits", "")),
        )

    def _add_likelihood(self, rows: Sequence[Row]) -> None:
        """Make the decision on the level."""
        name = self.names[LIKELIHOOD]
        unsettled = say("dmn.unsettled")

        def opened(row: Row, _: int) -> Rule:
            return row.possible((UNKNOWN, unsettled, row.outputs[2], ""), ("", "", ""))

        away = (OUT_OF_SCOPE, say("dmn.out_of_scope"), "", "")
        rules = [
            Rule(f"{name}.{OUT_OF_SCOPE}", {self.standing: (OUT_OF_SCOPE,)}, away, notes=("", "", "")),
            Rule(
                f"{name}.not-in-scope",
                {self.standing: (REFUSED, UNKNOWN)},
                (UNKNOWN, say("dmn.see_scope"), "", ""),
                notes=("", "", ""),
            ),
            *first_hit(rows, opened),
            Rule(f"{name}.{UNKNOWN}", {}, (UNKNOWN, say("dmn.no_row"), "", ""), notes=("", "", "")),
        ]
        outputs = (Output(LEVEL, STRING, self.levels), Output("meaning"), Output("rule"), Output("sources"))
        self.model.decisions.append(
            Decision(
                name,
                say("dmn.likelihood", years=self.data["horizon_years"]),
                outputs,
                tuple(rules),
                text=say("dmn.likelihood_text", unknown=UNKNOWN),
                notes=(say("dmn.why"), say("dmn.figure"), say("dmn.limits")),
                cites=_cited(self.data["likelihood"]),
            )
        )

    # ---- options

    def _offered(self, part: str) -> Iterator[Rule]:
        """Give the rows of options, or of what is not supported: certain ones, then those that may hold."""
        certain, possible = [], []
        for option in self.data.get(part, []):
            for criterion in option["any_of"]:
                row = self._criterion(part, option, criterion)
                certain.append(row.certain())
                if part == OPTIONS and not row.settled:
                    outputs = (*row.outputs[:3], DEPENDS, *row.outputs[4:])
                    possible.append(row.possible(outputs, row.notes))
        yield from (*certain, *possible)

    def _criterion(self, part: str, option: Data, criterion: Data) -> Row:
        """Return one criterion of an option."""
        conditions = [Condition.of(States(self.standing, _STANDINGS), _STANDINGS[IN_SCOPE])]
        conditions += self.deriving.conditions(criterion["when"])
        kind = self.table.common["labels"]["kinds"][option["kind"]]
        agents = f": {', '.join(option['agents'])}" if option.get("agents") else ""
        sources = ", ".join(criterion["source"])
        return Row(
            f"{self.names[part]}.{option['id']}.{criterion['id']}",
            conditions,
            option["id"],
            (option["id"], option["name"], f"{kind}{agents}", MATCHES, criterion["id"], sources),
            self.wording.conditions(criterion["when"]),
            (criterion["why"], criterion.get("limits", "")),
        )

    def _add_offered(self, part: str, rules: Sequence[Rule]) -> None:
        """Make the decision that collects options, or what is not supported."""
        names = ("option", "name", "kind", "status", "criterion", "sources")
        self.model.decisions.append(
            Decision(
                self.names[part],
                say(f"dmn.{part}"),
                tuple(Output(name, STRING, (MATCHES, DEPENDS) if name == "status" else ()) for name in names),
                tuple(rules),
                COLLECT,
                say(f"dmn.{part}_text", matches=MATCHES, depends=DEPENDS),
                (say("dmn.why"), say("dmn.limits")),
                _cited(criterion for option in self.data[part] for criterion in option["any_of"]),
            )
        )


def _cited(rows: Any) -> tuple[str, ...]:
    """Return the sources of rows, once each."""
    return tuple(dict.fromkeys(source for row in rows for source in row["source"]))
