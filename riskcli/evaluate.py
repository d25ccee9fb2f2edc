"""Facts to answer: walks a table's diagrams and says what they give. Pure, no I/O.

The answer is plain data, as JSON has it; `riskcli.assessment` is its model. What a table says whatever the
case is put into that form once per table, so answers share those parts: they are not to be changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from riskcli._version import __version__
from riskcli.cells import Box, bits
from riskcli.compiled import FIRST, LEVELS, Compiled, Data
from riskcli.errors import Fault, RuleFileError
from riskcli.facts import Facts
from riskcli.walk import View, ends_within, path_fields, union_of

if TYPE_CHECKING:
    from riskcli.assessment import Assessment

SCHEMA_VERSION = 1
LIKELIHOOD = "likelihood"


def assess_facts(facts: Facts, today: date | None = None) -> Assessment:
    """Return everything the table says about a case, as its model (see `answer_data`)."""
    from riskcli.assessment import Assessment

    return Assessment.model_validate(answer_data(facts, today))


def answer_data(facts: Facts, today: date | None = None) -> Data:
    """Return everything the table says about a case, as plain data.

    `today` is the day against which the table's `review_by` is held; by default it is not held.

    Raises:
        RuleFileError: the table has no row for some of the cases (a checked table always has).
    """
    return _Evaluation(facts).answer(today)


@dataclass(frozen=True, slots=True)
class _OptionState:
    """What the facts leave of one option."""

    number: int
    status: str
    criteria: tuple[int, ...]
    """The criteria (by number) that may be the first to hold."""
    deciding: tuple[int, ...]
    """The fields that decide whether it applies."""


class _Statics:
    """What an answer says of a table whatever the case, made once per table."""

    def __init__(self, table: Compiled) -> None:
        data = table.table
        self.roots = {
            key: [table.roots[f"{key}:{n}"] for n in range(len(data.get(section, [])))]
            for key, section in (("option", "options"), ("not", "not_supported"))
        }
        self.names = [cells.field for cells in table.space.cells]
        self.level = table.roots["level"]
        self.feasible = table.roots["feasible"]
        everything = table.space.full
        self.option_fields = [
            frozenset(path_fields(table.store, root, everything)) for root in self.roots["option"]
        ]
        self.level_fields = frozenset(path_fields(table.store, self.level, everything))
        self.linked = _linked(table)
        self.tied = frozenset(path_fields(table.store, self.feasible, everything))
        self.ordered = [
            cells.domain.numeric or "worse" in data["fields"][cells.field] for cells in table.space.cells
        ]
        rows = zip(data[LIKELIHOOD], table.boxes["row_fields"], strict=True)
        self.reasons = [(_reason(row, fields, False), _reason(row, fields, True)) for row, fields in rows]
        self.options = [_option(option) for option in data.get("options", [])]
        self.not_supported = [_not_supported(option) for option in data.get("not_supported", [])]
        self.sources = {name: _source(source) for name, source in data["sources"].items()}
        self.sites = [
            {"site": site["site"], "why": site["why"], "sources": site.get("source", [])}
            for site in data.get("sites", [])
        ]
        self.limits = data.get("limits", [])
        self.provenance = {
            "table": table.name,
            "status": data["status"],
            "edition": data["edition"],
            "evidence_checked": data["evidence_checked"],
            "reviewed_by": data.get("reviewed_by", []),
            "review_by": data["review_by"],
            "sha256": table.digest,
            "origin": table.origin,
        }
        self.systems = [
            (system, table.roots[f"derived:{system['from']}"], derived_values(table, system["from"]))
            for system in data.get("systems", [])
        ]
        self.likelihoods: dict[int, Data] = {}


@lru_cache(maxsize=128)
def _statics(table: Compiled) -> _Statics:
    """Return the statics of a table."""
    return _Statics(table)


def _linked(table: Compiled) -> dict[int, frozenset[int]]:
    """Return, for each field, the fields that an impossible row ties to it."""
    found: dict[int, set[int]] = {}
    for pairs in table.boxes["impossible"]:
        places = {place for place, _ in pairs}
        for place in places:
            found.setdefault(place, set()).update(places - {place})
    return {place: frozenset(others) for place, others in found.items()}


def _reason(row: Data, fields: Sequence[str], certain: bool) -> Data:
    """Return a likelihood row as a reason."""
    published, disputed = row.get("published"), row.get("disputed")
    return {
        "rule": row["id"],
        "certain": certain,
        "level": row["level"],
        "basis": row["basis"],
        "published": {key: published.get(key) for key in ("percent", "endpoint", "treated", "years", "group")}
        if published
        else None,
        "why": row["why"],
        "limits": row.get("limits"),
        "fields": list(fields),
        "route": row.get("route"),
        "disputed": {"why": disputed["why"], "level": disputed["level"], "sources": disputed["source"]}
        if disputed
        else None,
        "sources": row["source"],
    }


def _option(option: Data) -> Data:
    """Return what an answer says of an option whatever the case."""
    return {
        "id": option["id"],
        "rules": [],
        "kind": option["kind"],
        "name": option["name"],
        "short": option.get("short", option["name"]),
        "agents": option.get("agents", []),
        "status": "matches",
        "depends_on": [],
        "availability": option.get("availability", {}),
        "why": "",
        "limits": None,
        "sources": [],
    }


def _not_supported(option: Data) -> Data:
    """Return what an answer says of a treatment that is not supported, whatever the case."""
    found = {key: option[key] for key in ("id", "kind", "name")}
    return {**found, "agents": option.get("agents", []), "why": "", "sources": []}


def _source(source: Data) -> Data:
    """Return a source as answers cite it."""
    keys = ("title", "year", "kind", "doi", "pmid", "url", "at", "seen", "on")
    return {key: source.get(key) for key in keys}


def _sources_of(criteria: Sequence[Data]) -> list[str]:
    """Return the sources of criteria, each once."""
    if len(criteria) == 1:
        sources: list[str] = criteria[0]["source"]
        return sources
    return list(dict.fromkeys(source for criterion in criteria for source in criterion["source"]))


class _Evaluation:
    """One run over one case."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.table = facts.table
        self.statics = _statics(facts.table)
        self.names = self.statics.names
        self.boxes = narrowed(self.table, self.statics.feasible, facts.boxes, self.statics.tied)
        self.bounds = union_of(self.boxes)
        self.level_ends = self._ends(self.statics.level)

    @cached_property
    def view(self) -> View:
        """What the cases leave of the table's diagrams."""
        return View(self.table.store, self.boxes)

    @cached_property
    def level_ref(self) -> int:
        """What the cases leave of the level's diagram."""
        return self.view.take(self.statics.level)

    def _ends(self, root: int, boxes: Sequence[Box] | None = None) -> int:
        """Return the ends of a diagram that the cases, or other boxes, reach."""
        found = 0
        for box in boxes or self.boxes:
            found |= ends_within(self.table.store, root, box)
        return found

    def answer(self, today: date | None) -> Data:
        """Put the answer together.

        Raises:
            RuleFileError: some of the cases reach no row.
        """
        facts, table, statics = self.facts, self.table, self.statics
        if self.level_ends & 0b10 or not self.level_ends:
            message = f"the {table.name} table has no row for some of these cases"
            raise RuleFileError([Fault(table.origin, 1, message)])
        reasons = self._reasons()
        states = self._options()
        options = [self._option_answer(state) for state in states]
        ruled_out = self._not_supported()
        systems = self._systems()
        cited: dict[str, None] = {}
        for item in (*reasons, *options, *ruled_out, *systems, *statics.sites):
            cited.update(dict.fromkeys(item["sources"]))
            if item.get("disputed"):
                cited.update(dict.fromkeys(item["disputed"]["sources"]))
        return {
            "schema_version": SCHEMA_VERSION,
            "riskcli": __version__,
            "cancer": table.name,
            "title": table.table["title"],
            "ref": facts.ref,
            "case": facts.stated,
            "read": list(facts.translated),
            "assumed": list(facts.assumed),
            "likelihood": self._likelihood(),
            "reasons": reasons,
            "factors": list(self._factors()),
            "unknown": self._unknown(states),
            "to_settle": self._to_settle(),
            "tests_that_could_change_it": list(self._tests(states)),
            "what_would_change_it": list(self._changes()),
            "options": options,
            "not_supported": ruled_out,
            "likely_sites": statics.sites,
            "systems": systems,
            "blood_test": table.table["blood_test"],
            "warnings": [*facts.warnings, *self._aged(today)],
            "limits": statics.limits,
            "uncertainty": table.common["uncertainty"],
            "provenance": statics.provenance,
            "sources": {name: statics.sources[name] for name in cited},
        }

    # ---- the level

    def _likelihood(self) -> Data:
        """Return the level, or the levels still possible, in words and bands."""
        known = self.statics.likelihoods
        if self.level_ends not in known:
            known[self.level_ends] = likelihood_of(self.table, self.level_ends)
        return known[self.level_ends]

    def _reasons(self) -> list[Data]:
        """Return the rows that apply or may, worst first."""
        ends = self._ends(self.table.roots["rows"])
        certain = ends.bit_count() == 1
        return [self.statics.reasons[end - FIRST][certain] for end in bits(ends)]

    def _factors(self) -> Iterable[Data]:
        """Say what each stated finding means."""
        says = self.table.boxes["says"]
        for place in self.facts.known:
            name = self.names[place]
            shown = self.facts.stated[name]
            mask = self.bounds[place]
            for covered, text in says.get(name, ()):
                if not mask & ~covered:
                    yield {"field": name, "value": shown, "says": text}
                    break

    # ---- options

    def _options(self) -> list[_OptionState]:
        """Return the options that match or may match."""
        found = []
        for number, root in enumerate(self.statics.roots["option"]):
            ends = self._ends(root)
            if ends >> FIRST:
                criteria = tuple(end - FIRST for end in bits(ends) if end >= FIRST)
                deciding = self._option_deciding(root) if ends & 0b10 else ()
                found.append(_OptionState(number, _status(ends) or "", criteria, tuple(deciding)))
        return found

    def _option_deciding(self, root: int) -> list[int]:
        """Return the fields that decide whether an option applies."""
        taken = self.view.take(root)
        return self.view.deciding(self.view.merge(taken, lambda value: min(value, FIRST)))

    def _option_answer(self, state: _OptionState) -> Data:
        """Say how one option stands."""
        criteria = [self.table.table["options"][state.number]["any_of"][n] for n in state.criteria]
        return {
            **self.statics.options[state.number],
            "rules": [criterion["id"] for criterion in criteria],
            "status": state.status,
            "depends_on": [self.names[n] for n in state.deciding],
            "why": criteria[0]["why"],
            "limits": criteria[0].get("limits"),
            "sources": _sources_of(criteria),
        }

    def _not_supported(self) -> list[Data]:
        """Return what is ruled out in every case the facts allow."""
        found = []
        for number, root in enumerate(self.statics.roots["not"]):
            ends = self._ends(root)
            if ends and not ends & 0b10:
                any_of = self.table.table["not_supported"][number]["any_of"]
                criteria = [any_of[end - FIRST] for end in bits(ends)]
                why, sources = criteria[0]["why"], _sources_of(criteria)
                found.append({**self.statics.not_supported[number], "why": why, "sources": sources})
        return found

    # ---- what is unknown, and what would change the answer

    def _unknown(self, options: Sequence[_OptionState]) -> list[Data]:
        """Return the open fields that matter, to what, and whether one alone settles the level."""
        decides: dict[int, list[str]] = {}
        if self.level_ends.bit_count() > 1:
            decides = {place: [LIKELIHOOD] for place in self.view.deciding(self.level_ref)}
        for state in options:
            for place in state.deciding:
                decides.setdefault(place, []).append(self.statics.options[state.number]["id"])
        return [
            {"field": self.names[place], "decides": decides[place], "settles": self._settles(place)}
            for place in sorted(decides)
        ]

    def _to_settle(self) -> list[str]:
        """Return the smallest set of fields that always settles the level."""
        if self.level_ends.bit_count() == 1:
            return []
        return [self.names[place] for place in self.view.settling_set(self.level_ref)]

    def _settles(self, place: int) -> str:
        """Say whether knowing one field leaves one level: always, sometimes or never."""
        if self.level_ends.bit_count() == 1:
            return "always"
        given = self.view.ends_given(self.level_ref, place)
        single = [ends.bit_count() == 1 for ends in given if ends]
        return "always" if all(single) else "sometimes" if any(single) else "never"

    def _tests(self, options: Sequence[_OptionState]) -> Iterable[str]:
        """Give the optional tests that were not done and could change the level or an option."""
        statuses = {state.number: state.status for state in options}
        roots = self.statics.roots["option"]
        for place in self.facts.absent:
            touched = [n for n, fields in enumerate(self.statics.option_fields) if place in fields]
            for_level = place in self.statics.level_fields
            if not (for_level or touched):
                continue
            full = self.table.space.cells[place].full
            boxes = [_replaced(box, place, full) for box in self.facts.boxes]
            if (for_level and self._ends(self.statics.level, boxes) != self.level_ends) or any(
                _status(self._ends(roots[number], boxes)) != statuses.get(number) for number in touched
            ):
                yield self.names[place]

    def _changes(self) -> Iterable[Data]:
        """Give the nearest other values of known fields under which the level would differ."""
        bounds = union_of(self.facts.boxes)
        tested = {*path_fields(self.table.store, self.statics.level, bounds), *self.statics.linked}
        for place in self.facts.known:
            cells = self.table.space.cells[place]
            mask = bounds[place]
            if place not in tested or mask == cells.not_done:
                continue
            count = cells.count - bool(cells.not_done)
            for cell in neighbours(count, mask, self.statics.ordered[place]):
                ends = self._level_ends_with(place, 1 << cell)
                if ends and ends != self.level_ends:
                    levels = [end - FIRST for end in bits(ends)]
                    yield {
                        "field": self.names[place],
                        "from": cells.describe(mask),
                        "to": self.table.names[place][cell],
                        "lowest": LEVELS[levels[0]],
                        "highest": LEVELS[levels[-1]],
                    }

    def _level_ends_with(self, place: int, mask: int) -> int:
        """Return the levels reachable with one field moved.

        Where the moved value contradicts a field that an impossible row ties to it (a size and its T
        category), that field is left open: the two would move together.
        """
        boxes = [_replaced(box, place, mask) for box in self.facts.boxes]
        ends = self._ends(self.statics.level, boxes)
        if ends:
            return ends
        for other in self.statics.linked.get(place, ()):
            cells = self.table.space.cells[other]
            boxes = [_replaced(box, other, cells.full & ~cells.not_done) for box in boxes]
        return self._ends(self.statics.level, boxes)

    # ---- the rest

    def _systems(self) -> list[Data]:
        """Return the published groupings of the case."""
        found = []
        for system, root, names in self.statics.systems:
            ends = self._ends(root)
            values = [names[end - FIRST] for end in bits(ends) if end >= FIRST]
            found.append(
                {
                    "id": system["id"],
                    "name": system["name"],
                    "value": values[0] if len(values) == 1 else None,
                    "values": values,
                    "sources": system["source"],
                }
            )
        return found

    def _aged(self, today: date | None) -> Iterable[str]:
        """Warn when the table's review date has passed."""
        due = self.table.table["review_by"]
        if today and today.isoformat() > due:
            yield f"The {self.table.name} table was due for review by {due}; newer evidence may exist."


def narrowed(table: Compiled, feasible: int, boxes: Sequence[Box], tied: Iterable[int]) -> Sequence[Box]:
    """Return boxes without the cells that no possible case in them has.

    Only the fields in `tied` can lose cells: those that some impossible or out-of-scope row tests.
    """
    if all(not box[place] & (box[place] - 1) for box in boxes for place in tied):
        return boxes
    found = []
    for box in boxes:
        view = View(table.store, [box])
        ref = view.take(feasible)
        masks = list(box)
        for place in view.tested(ref):
            given = view.ends_given(ref, place)
            cells = zip(view.choices[place], given, strict=True)
            masks[place] = sum(1 << cell for cell, ends in cells if ends) or masks[place]
        found.append(tuple(masks))
    return found


def _replaced(box: Box, place: int, mask: int) -> Box:
    """Return a box with one mask replaced."""
    return (*box[:place], mask, *box[place + 1 :])


def neighbours(count: int, mask: int, ordered: bool) -> list[int]:
    """Return the cells next to a mask: just below and above it, or every other one without an order.

    Example:
        >>> neighbours(4, 0b0010, True), neighbours(4, 0b0010, False)
        ([0, 2], [0, 2, 3])
    """
    if not ordered:
        return [cell for cell in range(count) if not mask >> cell & 1]
    inside = [cell for cell in range(count) if mask >> cell & 1]
    if not inside:
        return []
    return [cell for cell in (inside[0] - 1, inside[-1] + 1) if 0 <= cell < count]


def derived_values(table: Compiled, name: str) -> list[str]:
    """Return the values of a derived name in the order of its leaves."""
    rows: Any = table.table["derived"][name]
    if isinstance(rows, dict):
        parts = rows["points"].values()
        low = sum(min(points.values()) for points in parts)
        high = sum(max(points.values()) for points in parts)
        return [str(total) for total in range(low, high + 1)]
    return list(dict.fromkeys(str(row["is"]) for row in rows))


def likelihood_of(table: Compiled, ends: int) -> Data:
    """Return the levels behind a set of ends, in words and bands."""
    numbers = [end - FIRST for end in bits(ends)]
    levels = [LEVELS[number] for number in numbers]
    words: list[Data] = table.common["levels"]
    band = _band(table.common, words[numbers[0]], words[numbers[-1]])
    years = table.table["horizon_years"]
    return {
        "level": levels[0] if len(levels) == 1 else None,
        "levels": levels,
        "lowest": levels[0],
        "highest": levels[-1],
        "words": " or ".join(words[number]["word"] for number in numbers),
        "band": band,
        "meaning": table.common["meaning"].format(band=band, years=years),
        "horizon_years": years,
    }


def _band(common: Data, lowest: Data, highest: Data) -> str:
    """Word the band from the lowest level to the highest."""
    if lowest is highest:
        return str(lowest["band"])
    bands: Data = common["bands"]
    ends = {"from": lowest["from"], "below": highest["below"]}
    if lowest["from"] == 0:
        return str(bands["any"] if highest["below"] == 100 else bands["below"].format(**ends))
    return str(bands["from"] if highest["below"] == 100 else bands["between"]).format(**ends)


def _status(ends: int) -> str | None:
    """Return what an option's ends say of it, or None when it does not apply."""
    if not ends >> FIRST:
        return None
    return "depends" if ends & 0b10 else "matches"
