"""What else could have ranked the same patients: nodes alone, grade alone, the published systems of a table.

A table earns its place only where it ranks patients better than these. Reads answers, decides nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskcli.cells import bits
from riskcli.cohort.held import part
from riskcli.cohort.rows import Rowwise
from riskcli.cohort.survival import Concordance, Followup, concordance
from riskcli.compiled import Compiled
from riskcli.evaluate import answer_data
from riskcli.facts import Facts
from riskcli.nodes import POSITIVE
from riskcli.reach import union_of

N_CATEGORY, GRADE = "n_category", "grade"
NODES_ALONE, GRADE_ALONE = "nodes only", "grade only"
"""What data call them; words.yaml has what people read."""

Mark = tuple[str, ...] | tuple[int, ...]
"""The groups of one system that a patient may be in: by name for systems, by place for cells of a field."""
Marks = Mapping[str, Mark]
"""The mark of each system, by its name; those that say nothing of the patient are left out."""


class Marker:
    """Finds the marks of records, each different record once.

    Example:
        >>> from riskcli.loader import load_rules
        >>> rules = load_rules()
        >>> marker = Marker(Rowwise(rules, cancer="other_solid"))
        >>> dict(marker.marks({"grade": 3, "nodes_positive": "1..2"}, rules.get("other_solid")))
        {'nodes only': (1,), 'grade only': (2,)}
    """

    def __init__(self, rowwise: Rowwise) -> None:
        """Begin with no record met."""
        self._rowwise = rowwise
        self._met: dict[Hashable, Marks] = {}

    def marks(self, record: Mapping[str, Any], table: Compiled) -> Marks:
        """Return the marks of a record that has an answer."""
        key = (table.name, *map(str, record.values()))
        found = self._met.get(key)
        if found is None:
            found = self._met[key] = _marks(self._rowwise.facts(record, table))
        return found


def _marks(facts: Facts) -> Marks:
    """Return the marks of a case."""
    found: dict[str, Mark] = {}
    for name, fields in ((NODES_ALONE, (POSITIVE, N_CATEGORY)), (GRADE_ALONE, (GRADE,))):
        places = next((mark for field in fields if (mark := _cells(facts, field))), None)
        if places:
            found[name] = places
    if facts.table.table.get("systems"):
        for system in answer_data(facts)["systems"]:
            if len(system["values"]) < len(_groups(facts.table, system["id"])):
                found[system["name"]] = tuple(system["values"])
    return found


def _groups(table: Compiled, system: str) -> list[str]:
    """Return every group of a published system."""
    from riskcli.statics import derived_values

    source = next(one["from"] for one in table.table["systems"] if one["id"] == system)
    return derived_values(table, source)


def _cells(facts: Facts, field: str) -> tuple[int, ...]:
    """Return the cells of a field that a record states; none when it does not, or was not examined."""
    place = facts.table.index.get(field)
    if place is None or place not in facts.known:
        return ()
    mask = union_of(facts.boxes)[place]
    return () if mask & facts.table.space.cells[place].not_done else tuple(bits(mask))


@dataclass(frozen=True)
class Comparator:
    """How well something else ranks the patients of whom it says something, and the levels the same ones."""

    name: str
    found: Concordance
    levels: Concordance
    """That of the levels on the same patients."""
    sure: Concordance
    """Its own on the patients of whom it names one group alone."""
    levels_sure: Concordance
    """That of the levels on these."""
    own_order: bool
    """Whether its groups were ranked by their own observed recurrence here, which favours it."""

    def shown(self, whole: int, least: int) -> tuple[int | str, int | str]:
        """Return its patients, of so many in all, and those of whom it names one group, as they are printed.

        Neither gives away a small number of the others.
        """
        known, sure = self.found.patients, self.sure.patients
        found = part(known, whole, least)
        if sure == known or isinstance(found, int):
            return found, found if sure == known else part(sure, known, least)
        few = 0 < known - sure < least
        return found, f">{max(whole - 2 * least + 1, least - 1)}" if few else sure


def compare(patients: Followup, levels: Sequence[float], marks: Sequence[Marks]) -> tuple[Comparator, ...]:
    """Return Harrell's C of everything else that ranks these patients, beside that of the levels.

    All sequences hold one entry a patient. A patient who may be in several groups counts as their mean. The
    cells of a field rank as they stand. The groups of a published system have no order that a table states,
    so they rank by the events of each group per year of follow-up in this cohort: that favours the system.

    Example:
        >>> follow = Followup((1, 2, 3), (True, True, False))
        >>> found = compare(follow, [0, 0, 0], [{"stage": ("II",)}, {"stage": ("I",)}, {"stage": ("I",)}])
        >>> found[0].found.value, found[0].levels.value, found[0].own_order
        (0.8333333333333334, 0.5, True)
    """
    names = dict.fromkeys(name for mark in marks for name in mark)
    first = [name for name in (NODES_ALONE, GRADE_ALONE) if name in names]
    return tuple(_compared(name, patients, levels, marks) for name in dict.fromkeys([*first, *sorted(names)]))


def _compared(name: str, patients: Followup, levels: Sequence[float], marks: Sequence[Marks]) -> Comparator:
    """Compare one system."""
    chosen = [number for number, mark in enumerate(marks) if name in mark]
    some = chosen_of(patients, chosen)
    given = [marks[number][name] for number in chosen]
    own_order = any(isinstance(group, str) for mark in given for group in mark)
    ranks: Mapping[Any, float] = _own_ranks(given, some) if own_order else _Places()
    scores = [sum(ranks[group] for group in mark) / len(mark) for mark in given]
    others = [levels[number] for number in chosen]
    sure = [number for number, mark in enumerate(given) if len(mark) == 1]
    few = chosen_of(some, sure)
    return Comparator(
        name,
        concordance(some, scores),
        concordance(some, others),
        concordance(few, [scores[number] for number in sure]),
        concordance(few, [others[number] for number in sure]),
        own_order,
    )


class _Places(dict[Any, float]):
    """Every place ranks as itself."""

    def __missing__(self, place: Any) -> float:
        """Return the place."""
        return float(place)


def _own_ranks(marks: Sequence[Mark], patients: Followup) -> dict[Any, float]:
    """Return the rank of each group by its events per year of follow-up, of those surely in it."""
    events: dict[Any, float] = {}
    years: dict[Any, float] = {}
    for mark, time, event in zip(marks, patients.years, patients.events, strict=True):
        for group in mark:
            sure = len(mark) == 1
            events[group] = events.get(group, 0) + (event and sure)
            years[group] = years.get(group, 0) + (time if sure else 0)
    rates = {group: events[group] / years[group] if years[group] else 0.0 for group in sorted(events)}
    order = sorted(set(rates.values()))
    return {group: float(order.index(rate)) for group, rate in rates.items()}


def chosen_of(patients: Followup, chosen: Sequence[int]) -> Followup:
    """Return some patients of a group, by their numbers.

    Example:
        >>> chosen_of(Followup((1, 2), (True, False)), [1])
        Followup(years=(2,), events=(False,), competing=None)
    """
    other = patients.competing
    return Followup(
        tuple(patients.years[number] for number in chosen),
        tuple(patients.events[number] for number in chosen),
        None if other is None else tuple(other[number] for number in chosen),
    )
