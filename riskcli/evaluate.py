"""Facts to answer: walks a table's diagrams and says what they give. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from riskcli._version import __version__
from riskcli.assessment import (
    SCHEMA_VERSION,
    Assessment,
    Assumed,
    Change,
    Disputed,
    Factor,
    Likelihood,
    LikelySite,
    NotSupported,
    OptionAnswer,
    Provenance,
    Published,
    Reason,
    SourceAnswer,
    SystemAnswer,
    Translated,
    Unknown,
)
from riskcli.case import Facts
from riskcli.cells import Box, bits
from riskcli.compiled import FIRST, LEVELS, Compiled, Data
from riskcli.diagram import leaf
from riskcli.errors import Fault, RuleFileError
from riskcli.walk import View, path_fields

LIKELIHOOD = "likelihood"


def assess_facts(facts: Facts, today: date | None = None) -> Assessment:
    """Return everything the table says about a case.

    `today` is the day against which the table's `review_by` is held; by default it is not held.

    Raises:
        RuleFileError: the table has no row for some of the cases (a checked table always has).
    """
    return _Evaluation(facts).answer(today)


@dataclass(frozen=True)
class _OptionState:
    """What the facts leave of one option."""

    number: int
    status: str
    criteria: tuple[int, ...]
    """The criteria (by number) that may be the first to hold."""
    ref: int
    """The taken diagram: leaf 1 where it does not apply, 2 where it does."""


class _Statics:
    """What an answer says of a table whatever the case, made once per table."""

    def __init__(self, table: Compiled) -> None:
        data = table.table
        self.rows = data[LIKELIHOOD]
        self.reasons = [
            {certain: _reason(row, certain, fields) for certain in (True, False)}
            for row, fields in zip(self.rows, table.boxes["row_fields"], strict=True)
        ]
        self.roots = {
            key: [table.roots[f"{key}:{n}"] for n in range(len(data.get(section, [])))]
            for key, section in (("option", "options"), ("not", "not_supported"))
        }
        open_box = table.space.full
        self.support = {
            key: [frozenset(path_fields(table.store, root, open_box)) for root in roots]
            for key, roots in self.roots.items()
        }
        self.level_support = frozenset(path_fields(table.store, table.roots["level"], open_box))
        self.sources = {
            name: SourceAnswer.model_construct(
                **{"doi": None, "pmid": None, "url": None, "on": None, **source}
            )
            for name, source in data["sources"].items()
        }
        self.sites = tuple(
            LikelySite.model_construct(
                site=site["site"], why=site["why"], sources=tuple(site.get("source", ()))
            )
            for site in data.get("sites", [])
        )
        self.limits = tuple(data.get("limits", ()))
        self.provenance = Provenance.model_construct(
            table=table.name,
            status=data["status"],
            edition=data["edition"],
            evidence_checked=data["evidence_checked"],
            reviewed_by=tuple(data.get("reviewed_by", ())),
            review_by=data["review_by"],
            sha256=table.digest,
            origin=table.origin,
        )
        self.linked = _linked(table)


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


class _Evaluation:
    """One run over one case."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.table = facts.table
        self.statics = _statics(facts.table)
        self.names = [cells.field for cells in self.table.space.cells]
        self.view = View(self.table.store, facts.boxes)
        self.level_ref = self.view.take(self.table.roots["level"])
        self.level_ends = self.view.ends(self.level_ref)
        self.open = [n for n, cells in enumerate(self.view.choices) if len(cells) > 1]

    def answer(self, today: date | None) -> Assessment:
        """Put the answer together."""
        if self.level_ends & 0b10 or not self.level_ends:
            raise RuleFileError(
                [
                    Fault(
                        self.table.origin,
                        1,
                        f"the {self.table.name} table has no row for some of these cases",
                    )
                ]
            )
        facts, table = self.facts, self.table
        reasons = self._reasons()
        options = self._options()
        unknown = self._unknown(options)
        answers = [self._option_answer(state) for state in options]
        ruled_out = self._not_supported()
        systems = self._systems()
        cited = [
            *(source for reason in reasons for source in reason.sources),
            *(source for reason in reasons if reason.disputed for source in reason.disputed.sources),
            *(
                source
                for item in (*answers, *ruled_out, *systems, *self.statics.sites)
                for source in item.sources
            ),
        ]
        return Assessment.model_construct(
            schema_version=SCHEMA_VERSION,
            riskcli=__version__,
            cancer=table.name,
            title=table.table["title"],
            ref=facts.ref,
            case=facts.stated,
            read=tuple(Translated.model_construct(**item) for item in facts.translated),
            assumed=tuple(Assumed.model_construct(**item) for item in facts.assumed),
            likelihood=self._likelihood(),
            reasons=tuple(reasons),
            factors=tuple(self._factors()),
            unknown=tuple(unknown),
            to_settle=tuple(self.names[n] for n in self.view.settling_set(self.level_ref)),
            tests_that_could_change_it=tuple(self._tests(options)),
            what_would_change_it=tuple(self._changes()),
            options=tuple(answers),
            not_supported=tuple(ruled_out),
            likely_sites=self.statics.sites,
            systems=tuple(systems),
            blood_test=table.table["blood_test"],
            warnings=(*facts.warnings, *self._aged(today)),
            limits=self.statics.limits,
            uncertainty=table.common["uncertainty"],
            provenance=self.statics.provenance,
            sources={name: self.statics.sources[name] for name in dict.fromkeys(cited)},
        )

    # ---- the level

    def _likelihood(self) -> Likelihood:
        """Return the level, or the levels still possible, in words and bands."""
        return likelihood_of(self.table, self.level_ends)

    def _reasons(self) -> list[Reason]:
        """Return the rows that apply or may, worst first."""
        ends = self.view.ends(self.view.take(self.table.roots["rows"]))
        certain = ends.bit_count() == 1
        return [self.statics.reasons[end - FIRST][certain] for end in bits(ends)]

    def _factors(self) -> Iterable[Factor]:
        """Say what each stated or assumed finding means."""
        says = self.table.boxes["says"]
        for name, shown in self.facts.stated.items():
            place = self.table.index.get(name)
            if place is None:
                continue
            mask = self.view.bounds[place]
            for covered, text in says.get(name, ()):
                if not mask & ~covered:
                    yield Factor.model_construct(field=name, value=shown, says=text)
                    break

    # ---- options

    def _options(self) -> list[_OptionState]:
        """Return the options that match or may match."""
        found = []
        for number, root in enumerate(self.statics.roots["option"]):
            taken = self.view.take(root)
            if taken == leaf(1) or taken == leaf(0):
                continue
            ends = self.view.ends(taken)
            criteria = tuple(end - FIRST for end in bits(ends) if end >= FIRST)
            if not criteria:
                continue
            status = "depends" if ends & 0b10 else "matches"
            ref = taken if status == "matches" else self.view.merge(taken, lambda value: min(value, FIRST))
            found.append(_OptionState(number, status, criteria, ref))
        return found

    def _option_answer(self, state: _OptionState) -> OptionAnswer:
        """Word one option."""
        option = self.table.table["options"][state.number]
        criteria = [option["any_of"][number] for number in state.criteria]
        depends_on = self.view.deciding(state.ref) if state.status == "depends" else []
        return OptionAnswer.model_construct(
            id=option["id"],
            rules=tuple(criterion["id"] for criterion in criteria),
            kind=option["kind"],
            name=option["name"],
            agents=tuple(option.get("agents", ())),
            status=state.status,
            depends_on=tuple(self.names[n] for n in depends_on),
            availability=option.get("availability", {}),
            why=criteria[0]["why"],
            limits=criteria[0].get("limits"),
            sources=tuple(dict.fromkeys(source for criterion in criteria for source in criterion["source"])),
        )

    def _not_supported(self) -> list[NotSupported]:
        """Return what is ruled out in every case the facts allow."""
        found = []
        for number, root in enumerate(self.statics.roots["not"]):
            taken = self.view.take(root)
            if taken == leaf(1):
                continue
            ends = self.view.ends(taken)
            if ends & 0b10 or not ends:
                continue
            item = self.table.table["not_supported"][number]
            criteria = [item["any_of"][end - FIRST] for end in bits(ends)]
            found.append(
                NotSupported.model_construct(
                    id=item["id"],
                    kind=item["kind"],
                    name=item["name"],
                    agents=tuple(item.get("agents", ())),
                    why=criteria[0]["why"],
                    sources=tuple(
                        dict.fromkeys(source for criterion in criteria for source in criterion["source"])
                    ),
                )
            )
        return found

    # ---- what is unknown, and what would change the answer

    def _unknown(self, options: Sequence[_OptionState]) -> list[Unknown]:
        """Return the open fields that matter, to what, and whether one alone settles the level."""
        if not self.open:
            return []
        decides: dict[int, list[str]] = {}
        for place in self.view.deciding(self.level_ref):
            decides.setdefault(place, []).append(LIKELIHOOD)
        for state in options:
            if state.status == "depends":
                option_id = self.table.table["options"][state.number]["id"]
                for place in self.view.deciding(state.ref):
                    decides.setdefault(place, []).append(option_id)
        return [
            Unknown.model_construct(
                field=self.names[place], decides=tuple(decides[place]), settles=self._settles(place)
            )
            for place in sorted(decides)
        ]

    def _settles(self, place: int) -> str:
        """Say whether knowing one field leaves one level: always, sometimes or never."""
        if self.level_ends.bit_count() == 1:
            return "always"
        single = [ends.bit_count() == 1 for ends in self.view.ends_given(self.level_ref, place) if ends]
        return "always" if all(single) else "sometimes" if any(single) else "never"

    def _tests(self, options: Sequence[_OptionState]) -> Iterable[str]:
        """Give the optional tests that were not done and could change the level or an option."""
        statuses = {state.number: state.status for state in options}
        for place in self.facts.absent:
            touched = [
                number for number, fields in enumerate(self.statics.support["option"]) if place in fields
            ]
            if place not in self.statics.level_support and not touched:
                continue
            boxes = [
                self._replaced(box, place, self.table.space.cells[place].full) for box in self.facts.boxes
            ]
            view = View(self.table.store, boxes)
            if view.ends(view.take(self.table.roots["level"])) != self.level_ends or any(
                _status(view, self.statics.roots["option"][number]) != statuses.get(number)
                for number in touched
            ):
                yield self.names[place]

    @staticmethod
    def _replaced(box: Box, place: int, mask: int) -> Box:
        """Return a box with one mask replaced."""
        return (*box[:place], mask, *box[place + 1 :])

    def _changes(self) -> Iterable[Change]:
        """Give the nearest other values of known fields under which the level would differ."""
        tested = set(self._tested_known())
        for place in self.facts.known:
            if place not in tested:
                continue
            cells = self.table.space.cells[place]
            mask = self.view.bounds[place]
            if mask == cells.not_done:
                continue
            for cell in neighbours(cells.count - bool(cells.not_done), mask, self._ordered(place)):
                ends = self._level_ends_with(place, 1 << cell)
                if ends and ends != self.level_ends:
                    levels = [end - FIRST for end in bits(ends)]
                    shown = cells.describe(mask)
                    yield Change.model_construct(
                        field=self.names[place],
                        from_=tuple(shown) if isinstance(shown, list) else shown,
                        to=cells.names[cell],
                        lowest=LEVELS[levels[0]],
                        highest=LEVELS[levels[-1]],
                    )

    def _tested_known(self) -> Iterable[int]:
        """Give the fields whose value the level turns on for some case the facts allow."""
        bounds = self.view.bounds
        yield from path_fields(self.table.store, self.table.roots["level"], bounds)
        for place in self.statics.linked:
            yield place

    def _ordered(self, place: int) -> bool:
        """Say whether the cells of a field stand in an order."""
        cells = self.table.space.cells[place]
        return cells.domain.numeric or "worse" in self.table.table["fields"][cells.field]

    def _level_ends_with(self, place: int, mask: int) -> int:
        """Return the levels reachable with one field moved.

        Where the moved value contradicts a field that an impossible row ties to it (a size and its T
        category), that field is left open: the two would move together.
        """
        boxes = [self._replaced(box, place, mask) for box in self.facts.boxes]
        view = View(self.table.store, boxes)
        ends = view.ends(view.take(self.table.roots["level"]))
        if ends:
            return ends
        for other in self.statics.linked.get(place, ()):
            full = self.table.space.cells[other].full & ~self.table.space.cells[other].not_done
            boxes = [self._replaced(box, other, full) for box in boxes]
        view = View(self.table.store, boxes)
        return view.ends(view.take(self.table.roots["level"]))

    # ---- the rest

    def _systems(self) -> list[SystemAnswer]:
        """Return the published groupings of the case."""
        found = []
        for system in self.table.table.get("systems", []):
            name = system["from"]
            ends = self.view.ends(self.view.take(self.table.roots[f"derived:{name}"]))
            values = tuple(
                derived_values(self.table, name)[end - FIRST] for end in bits(ends) if end >= FIRST
            )
            found.append(
                SystemAnswer.model_construct(
                    id=system["id"],
                    name=system["name"],
                    value=values[0] if len(values) == 1 else None,
                    values=values,
                    sources=tuple(system["source"]),
                )
            )
        return found

    def _aged(self, today: date | None) -> Iterable[str]:
        """Warn when the table's review date has passed."""
        due = self.table.table["review_by"]
        if today and today.isoformat() > due:
            yield f"The {self.table.name} table was due for review by {due}; newer evidence may exist."


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


def likelihood_of(table: Compiled, ends: int) -> Likelihood:
    """Return the levels behind a set of ends, in words and bands."""
    numbers = [end - FIRST for end in bits(ends)]
    levels = tuple(LEVELS[number] for number in numbers)
    words: list[Data] = table.common["levels"]
    lowest, highest = words[numbers[0]], words[numbers[-1]]
    band = _band(table.common, lowest, highest)
    years = table.table["horizon_years"]
    return Likelihood.model_construct(
        level=levels[0] if len(levels) == 1 else None,
        levels=levels,
        lowest=levels[0],
        highest=levels[-1],
        words=" or ".join(words[number]["word"] for number in numbers),
        band=band,
        meaning=table.common["meaning"].format(band=band, years=years),
        horizon_years=years,
    )


def _band(common: Data, lowest: Data, highest: Data) -> str:
    """Word the band from the lowest level to the highest."""
    if lowest is highest:
        return str(lowest["band"])
    bands: Data = common["bands"]
    ends = {"from": lowest["from"], "below": highest["below"]}
    if lowest["from"] == 0:
        return str(bands["any"] if highest["below"] == 100 else bands["below"].format(**ends))
    return str(bands["from"] if highest["below"] == 100 else bands["between"]).format(**ends)


def _status(view: View, root: int) -> str | None:
    """Return an option's status seen through a view, or None when it does not apply."""
    ends = view.ends(view.take(root))
    if not ends & ~0b11:
        return None
    return "depends" if ends & 0b10 else "matches"


def _reason(row: Data, certain: bool, fields: Sequence[str]) -> Reason:
    """Return a likelihood row as a reason."""
    published, disputed = row.get("published"), row.get("disputed")
    return Reason.model_construct(
        rule=row["id"],
        certain=certain,
        level=row["level"],
        basis=row["basis"],
        published=Published.model_construct(**{"group": None, **published}) if published else None,
        why=row["why"],
        limits=row.get("limits"),
        fields=tuple(fields),
        route=row.get("route"),
        disputed=Disputed.model_construct(
            why=disputed["why"], level=disputed["level"], sources=tuple(disputed["source"])
        )
        if disputed
        else None,
        sources=tuple(row["source"]),
    )
