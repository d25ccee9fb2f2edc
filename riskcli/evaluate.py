"""Facts to answer: walks a table's diagrams and says what they give. Pure, no I/O.

The answer is plain data, as JSON has it; `riskcli.assessment` is its model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from riskcli._version import __version__
from riskcli.cells import Box, bits
from riskcli.compiled import FIRST, NO_ROW, Data
from riskcli.errors import Fault, RuleFileError
from riskcli.facts import Facts
from riskcli.moves import Moves
from riskcli.reach import Reach, union_of
from riskcli.statics import LIKELIHOOD, Shared, derived_values, likelihood_of, option_status, statics_of
from riskcli.walk import View
from riskcli.words import say

if TYPE_CHECKING:
    from riskcli.assessment import Assessment

__all__ = [
    "LIKELIHOOD",
    "answer_data",
    "assess_facts",
    "core_data",
    "derived_values",
    "likelihood_of",
]

SCHEMA_VERSION = 1
_FEW_OPEN = 3
"""Up to how many open fields it is faster to walk the diagrams than to look for what was found before."""


def assess_facts(facts: Facts, today: date | None = None) -> Assessment:
    """Return everything the table says about a case, as its model (see `answer_data`)."""
    from riskcli import assessment

    def made(kind: type[Any], part: Any) -> Any:
        if not isinstance(part, Shared):
            return part
        if part.model is None:
            part.model = kind.model_validate(part)
        return part.model

    data = answer_data(facts, today)
    data["likelihood"] = made(assessment.Likelihood, data["likelihood"])
    data["provenance"] = made(assessment.Provenance, data["provenance"])
    lists: dict[str, type[Any]] = {
        "reasons": assessment.Reason,
        "options": assessment.OptionAnswer,
        "not_supported": assessment.NotSupported,
        "likely_sites": assessment.LikelySite,
        "systems": assessment.SystemAnswer,
    }
    for key, kind in lists.items():
        data[key] = [made(kind, part) for part in data[key]]
    data["sources"] = {name: made(assessment.SourceAnswer, part) for name, part in data["sources"].items()}
    return assessment.Assessment.model_validate(data)


def answer_data(facts: Facts, today: date | None = None) -> Data:
    """Return everything the table says about a case, as plain data; it is not to be changed.

    `today` is the day against which the table's `review_by` is held; by default it is not held.

    Raises:
        RuleFileError: the table has no row for some of the cases (a checked table always has).
    """
    return _Evaluation(facts).answer(today)


def core_data(facts: Facts, today: date | None = None) -> Data:
    """Return the parts of `answer_data` that a row of a cohort shows; it is not to be changed.

    Raises:
        RuleFileError: the table has no row for some of the cases (a checked table always has).
    """
    return _Evaluation(facts).core(today)


@dataclass(frozen=True, slots=True)
class _LevelState:
    """What the facts leave of the level."""

    ends: int
    rows: int
    """The rows that apply or may, as a bit mask by row."""
    deciding: Sequence[int] = ()
    """The fields that it turns on, when it is not settled."""
    settles: Mapping[int, str] = field(default_factory=dict)
    """Whether each of these settles it alone."""
    together: Sequence[int] = ()
    """The smallest set of fields that always settles it."""


@dataclass(frozen=True, slots=True)
class _OptionState:
    """What the facts leave of one option that matches or may match."""

    answer: Data
    deciding: Sequence[int] = ()
    """The fields that decide whether it applies."""


class _Evaluation:
    """One run over one case."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.table = facts.table
        self.statics = statics_of(facts.table)
        self.names = self.statics.names
        self.reaches = [Reach(self.table.store, box) for box in facts.boxes]
        self.narrow = len(self.reaches) == 1 and self.reaches[0].open_fields <= _FEW_OPEN
        self.level = self._level_of_few() if self.narrow else self._recalled("level", 0, self._level)
        self.level_ends = self.level.ends

    def _recalled(self, part: str, number: int, find: Callable[[], Any]) -> Any:
        """Return what a part of the answer is, found before for cases that are the same to it."""
        read = self.statics.reads[part][number]
        key = (part, number, *map(read, self.facts.boxes))
        return self.statics.recall(key, find)

    def _ends(self, root: int) -> int:
        """Return the ends of a diagram that possible cases reach, as a bit mask; never leaf 0."""
        found = 0
        for reach in self.reaches:
            found |= reach.ends(root)
        return found & ~1

    def _ends_each(self, roots: Sequence[int]) -> list[int]:
        """Return the same for each of several diagrams."""
        if len(self.reaches) > 1:
            return [self._ends(root) for root in roots]
        return self.reaches[0].ends_each(roots)

    @cached_property
    def view(self) -> View:
        """What the cases leave of the table's diagrams."""
        return View(self.table.store, self.facts.boxes)

    def answer(self, today: date | None) -> Data:
        """Put the answer together.

        Raises:
            RuleFileError: some of the cases reach no row.
        """
        core = self.core(today)
        facts, table, statics = self.facts, self.table, self.statics
        reasons, options = core["reasons"], core["options"]
        ruled_out = list(self._not_supported())
        systems = self._systems()
        moves = Moves(facts, statics, self.reaches, self.level_ends)
        parts = (*reasons, *options, *ruled_out, *systems, *statics.sites)
        cited = dict.fromkeys(chain.from_iterable(map(_cites, parts)))
        return {
            "schema_version": SCHEMA_VERSION,
            "riskcli": __version__,
            "cancer": table.name,
            "title": table.table["title"],
            "ref": facts.ref,
            "case": facts.stated,
            "read": list(facts.translated),
            "assumed": core["assumed"],
            "likelihood": core["likelihood"],
            "reasons": reasons,
            "factors": list(self._factors()),
            "unknown": core["unknown"],
            "to_settle": core["to_settle"],
            "tests_that_could_change_it": list(moves.tests(options)),
            "what_would_change_it": list(moves.changes()),
            "options": options,
            "not_supported": ruled_out,
            "likely_sites": statics.sites,
            "systems": systems,
            "blood_test": table.table["blood_test"],
            "warnings": core["warnings"],
            "limits": statics.limits,
            "uncertainty": table.common["uncertainty"],
            "provenance": core["provenance"],
            "sources": {name: statics.sources[name] for name in cited},
        }

    def core(self, today: date | None) -> Data:
        """Return the parts of the answer that a row of a cohort shows.

        Raises:
            RuleFileError: some of the cases reach no row.
        """
        if self.level_ends & NO_ROW or not self.level_ends:
            message = f"the {self.table.name} table has no row for some of these cases"
            raise RuleFileError([Fault(self.table.origin, 1, message)])
        states = list(self._options())
        return {
            "assumed": list(self.facts.assumed),
            "likelihood": self.statics.likelihood(self.level_ends),
            "reasons": self._reasons(),
            "unknown": self._unknown(states),
            "to_settle": [self.names[place] for place in self.level.together],
            "options": [state.answer for state in states],
            "warnings": [*self.table.notices, *self.facts.warnings, *self._aged(today)],
            "provenance": self.statics.provenance,
        }

    # ---- what holds

    def _reasons(self) -> list[Data]:
        """Return the rows that apply or may, worst first."""
        rows = self.level.rows
        certain = not rows & (rows - 1)
        return [self.statics.reasons[row][certain] for row in bits(rows)]

    def _factors(self) -> Iterator[Data]:
        """Say what each stated finding means."""
        says = self.table.boxes["says"]
        bounds = self._possible_bounds()
        for place in self.facts.known:
            name = self.names[place]
            for covered, text in says.get(name, ()):
                if not bounds[place] & ~covered:
                    yield {"field": name, "value": self.facts.stated[name], "says": text}
                    break

    def _possible_bounds(self) -> Box:
        """Return the cells of each field that some possible case of the facts has."""
        bounds = union_of(self.facts.boxes)
        tied = [place for place in self.statics.tied if bounds[place] & (bounds[place] - 1)]
        if not tied:
            return bounds
        root = self.table.roots["feasible"]
        masks = list(bounds)
        for place in tied:
            masks[place] = 0
            for box, reach in zip(self.facts.boxes, self.reaches, strict=True):
                for cell in bits(box[place]):
                    if reach.ends_moved(root, {place: 1 << cell}) & ~1:
                        masks[place] |= 1 << cell
        return tuple(masks)

    def _options(self) -> Iterator[_OptionState]:
        """Give the options that match or may match."""
        roots = self.statics.roots["option"]
        if self.narrow:
            for number, ends in enumerate(self.reaches[0].ends_each(roots)):
                if ends >> FIRST and not ends & NO_ROW:
                    yield _OptionState(self.statics.option(number, ends))
                elif ends >> FIRST:
                    yield self._recalled("option", number, partial(self._option, number))
            return
        for number in range(len(roots)):
            state = self._recalled("option", number, partial(self._option, number))
            if state is not None:
                yield state

    def _option(self, number: int) -> _OptionState | None:
        """Return how one option stands."""
        root = self.statics.roots["option"][number]
        ends = self._ends(root)
        if not ends >> FIRST:
            return None
        if not ends & NO_ROW:
            return _OptionState(self.statics.option(number, ends))
        deciding = self._option_deciding(root)
        names = [self.names[place] for place in deciding]
        return _OptionState(self.statics.word_option(number, ends, names), deciding)

    def _option_deciding(self, root: int) -> list[int]:
        """Return the fields that decide whether an option applies."""
        taken = self.view.take(root)
        return self.view.deciding(self.view.merge(taken, lambda value: min(value, FIRST)))

    def _not_supported(self) -> Iterator[Data]:
        """Give what is ruled out in every case the facts allow."""
        for number, ends in enumerate(self._ends_each(self.statics.roots["not"])):
            if option_status(ends) == "matches":
                yield self.statics.ruled_out(number, ends)

    def _systems(self) -> list[Data]:
        """Return the published groupings of the case."""
        return [
            self.statics.system(number, self._ends(root))
            for number, (_, root, _) in enumerate(self.statics.systems)
        ]

    # ---- what is unknown

    def _level_of_few(self) -> _LevelState:
        """Return what the facts leave of the level when few fields are open: most often one level."""
        ends = self._ends(self.table.roots["level"])
        if ends.bit_count() > 1:
            found: _LevelState = self._recalled("level", 0, self._level)
            return found
        return _LevelState(ends, self._ends(self.table.roots["rows"]) >> FIRST)

    def _level(self) -> _LevelState:
        """Return what the facts leave of the level."""
        ends = self._ends(self.table.roots["level"])
        rows = self._ends(self.table.roots["rows"]) >> FIRST
        if ends.bit_count() < 2:
            return _LevelState(ends, rows)
        level = self.view.take(self.table.roots["level"])
        deciding = self.view.deciding(level)
        settles = {place: self._settles(level, place) for place in deciding}
        return _LevelState(ends, rows, deciding, settles, self.view.settling_set(level))

    def _settles(self, level: int, place: int) -> str:
        """Say whether knowing one field leaves one level: always, sometimes or never."""
        single = [ends.bit_count() == 1 for ends in self.view.ends_given(level, place) if ends]
        return "always" if all(single) else "sometimes" if any(single) else "never"

    def _unknown(self, options: Sequence[_OptionState]) -> list[Data]:
        """Return the open fields that matter, to what, and whether one alone settles the level."""
        decides = {place: [LIKELIHOOD] for place in self.level.deciding}
        for state in options:
            for place in state.deciding:
                decides.setdefault(place, []).append(state.answer["id"])
        others = "always" if self.level_ends.bit_count() == 1 else "never"
        return [
            {
                "field": self.names[place],
                "decides": decides[place],
                "settles": self.level.settles.get(place, others),
            }
            for place in sorted(decides)
        ]

    def _aged(self, today: date | None) -> Iterable[str]:
        """Warn when the table's review date has passed."""
        due = self.table.table["review_by"]
        if today and today.isoformat() > due:
            yield say("case.review_due", cancer=self.table.name, day=due)


def _cites(part: Data) -> Sequence[str]:
    """Return the sources that a part of an answer cites."""
    sources: list[str] = part["sources"]
    disputed = part.get("disputed")
    return [*sources, *disputed["sources"]] if disputed else sources
