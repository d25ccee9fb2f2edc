"""What an answer says of a table whatever the case, put into the form of answers once per table.

Many answers share these parts, so they are not to be changed. No walks over a case and no I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from riskcli.cells import Box, bits
from riskcli.compiled import FIRST, LEVELS, Compiled, Data
from riskcli.conditions import Span
from riskcli.nodes import EXAMINED, POSITIVE
from riskcli.reach import Reach

LIKELIHOOD = "likelihood"
SECTIONS = {"option": "options", "not": "not_supported"}
"""The sections of treatments, by the prefix of their diagrams."""


_MOST_RECALLED = 100_000
"""How many parts of answers a table remembers before it forgets all: a bound on memory."""
_NOTHING = object()


class Shared(dict[str, Any]):
    """A part that many answers share, with its model once that was made."""

    __slots__ = ("model",)

    def __init__(self, part: Data) -> None:
        """Hold a part; nobody may change it from here on."""
        super().__init__(part)
        self.model: Any = None


class Statics:
    """The parts of answers that one table fixes, and where its diagrams begin."""

    def __init__(self, table: Compiled) -> None:
        """Put into words what does not depend on a case at all."""
        data = table.table
        self.table = table
        self.names = [cells.field for cells in table.space.cells]
        self.roots = {
            prefix: [table.roots[f"{prefix}:{n}"] for n in range(len(data.get(section, ())))]
            for prefix, section in SECTIONS.items()
        }
        self.option_ids = [option["id"] for option in data.get("options", ())]
        anything = Reach(table.store, table.space.full)
        self.option_fields = [anything.tested(root) for root in self.roots["option"]]
        self.level_fields = anything.tested(table.roots["level"])
        self.tied = sorted(anything.tested(table.roots["feasible"]))
        self.counted = frozenset(table.index[name] for name in (POSITIVE, EXAMINED) if name in table.index)
        self.none_examined = _none_examined(table)
        self.made = [cells.count - bool(cells.not_done) for cells in table.space.cells]
        self.ordered = [
            cells.domain.numeric or "worse" in data["fields"][cells.field] for cells in table.space.cells
        ]
        self.not_done = [cells.not_done for cells in table.space.cells]
        rows = zip(data[LIKELIHOOD], table.boxes["row_fields"], strict=True)
        self.reasons = [(_reason(row, fields, False), _reason(row, fields, True)) for row, fields in rows]
        self.sources = {name: _source(source) for name, source in data["sources"].items()}
        self.sites = [
            Shared({"site": site["site"], "why": site["why"], "sources": site.get("source", [])})
            for site in data.get("sites", ())
        ]
        self.limits = data.get("limits", [])
        self.provenance = _provenance(table)
        self.systems = [
            (system, table.roots[f"derived:{system['from']}"], derived_values(table, system["from"]))
            for system in data.get("systems", ())
        ]
        self._met: dict[tuple[str, int, int], Shared] = {}
        level = anything.tested(table.roots["level"]) | anything.tested(table.roots["rows"])
        self.reads = {
            "level": [_reader(level)],
            "option": [_reader(fields) for fields in self.option_fields],
        }
        """What a part of the answer can tell of a box: the cells of the fields that it turns on."""
        self._recalled: dict[Hashable, Any] = {}

    def recall(self, key: Hashable, find: Callable[[], Any]) -> Any:
        """Return what was found before under a key, or find it."""
        found = self._recalled.get(key, _NOTHING)
        if found is _NOTHING:
            if len(self._recalled) > _MOST_RECALLED:
                self._recalled.clear()
            found = self._recalled[key] = find()
        return found

    def _once(self, part: str, number: int, ends: int, word: Callable[[int, int], Data]) -> Shared:
        """Return what a set of ends says, put into words when they are first met."""
        found = self._met.get((part, number, ends))
        if found is None:
            found = self._met[part, number, ends] = Shared(word(number, ends))
        return found

    def likelihood(self, ends: int) -> Data:
        """Return the levels behind a set of ends."""
        return self._once("level", 0, ends, lambda _, ends: likelihood_of(self.table, ends))

    def option(self, number: int, ends: int) -> Data:
        """Return an option that matches."""
        return self._once("option", number, ends, self.word_option)

    def word_option(self, number: int, ends: int, depends_on: Sequence[str] = ()) -> Data:
        """Say how an option stands, whose criteria have these ends."""
        option: Data = self.table.table["options"][number]
        criteria = _criteria(option, ends)
        return {
            "id": option["id"],
            "rules": [criterion["id"] for criterion in criteria],
            "kind": option["kind"],
            "name": option["name"],
            "short": option.get("short", option["name"]),
            "agents": option.get("agents", []),
            "status": option_status(ends),
            "depends_on": list(depends_on),
            "availability": option.get("availability", {}),
            "why": criteria[0]["why"],
            "limits": criteria[0].get("limits"),
            "sources": _sources_of(criteria),
        }

    def ruled_out(self, number: int, ends: int) -> Data:
        """Return a treatment that is not supported."""
        return self._once("not", number, ends, self._word_ruled_out)

    def _word_ruled_out(self, number: int, ends: int) -> Data:
        """Say why a treatment is not supported."""
        option: Data = self.table.table["not_supported"][number]
        criteria = _criteria(option, ends)
        return {
            "id": option["id"],
            "kind": option["kind"],
            "name": option["name"],
            "agents": option.get("agents", []),
            "why": criteria[0]["why"],
            "sources": _sources_of(criteria),
        }

    def system(self, number: int, ends: int) -> Data:
        """Return the values of a published grouping."""
        return self._once("system", number, ends, self._word_system)

    def _word_system(self, number: int, ends: int) -> Data:
        """Say which values of a published grouping are possible."""
        system, _, names = self.systems[number]
        values = [names[value] for value in bits(ends >> FIRST)]
        outside = sum(value in system.get("outside", ()) for value in values)
        return {
            "id": system["id"],
            "name": system["name"],
            "applies": "yes" if not outside else "no" if outside == len(values) else "depends",
            "value": values[0] if len(values) == 1 else None,
            "values": values,
            "says": system.get("says", {}).get(values[0]) if len(values) == 1 else None,
            "sources": system["source"],
        }


def _reader(fields: Iterable[int]) -> Callable[[Box], Hashable]:
    """Return what takes the cells of some fields out of a box."""
    places = sorted(fields)
    if not places:
        return lambda _: None
    taken: Callable[[Box], Hashable] = itemgetter(*places)
    return taken


@lru_cache(maxsize=128)
def statics_of(table: Compiled) -> Statics:
    """Return the statics of a table."""
    return Statics(table)


def option_status(ends: int) -> str | None:
    """Return what an option's ends say of it, or None when it does not apply."""
    if not ends >> FIRST:
        return None
    return "depends" if ends & 0b10 else "matches"


def _criteria(option: Data, ends: int) -> list[Data]:
    """Return the criteria that may be the first to hold."""
    return [option["any_of"][number] for number in bits(ends >> FIRST)]


def _sources_of(criteria: Sequence[Data]) -> list[str]:
    """Return the sources of criteria, each once."""
    return list(dict.fromkeys(source for criterion in criteria for source in criterion["source"]))


def _none_examined(table: Compiled) -> tuple[int, int] | None:
    """Return the field and the cell of no node examined, where there is such a cell."""
    place = table.index.get(EXAMINED)
    if place is None or table.space.cells[place].spans[0] != Span((0, 0), (1, 0)):
        return None
    return place, 0


def _reason(row: Data, fields: Sequence[str], certain: bool) -> Shared:
    """Return a likelihood row as a reason."""
    published, disputed = row.get("published"), row.get("disputed")
    return Shared(
        {
            "rule": row["id"],
            "certain": certain,
            "level": row["level"],
            "basis": row["basis"],
            "published": _picked(published, ("percent", "endpoint", "treated", "years", "group")),
            "why": row["why"],
            "limits": row.get("limits"),
            "fields": list(fields),
            "route": row.get("route"),
            "disputed": {"why": disputed["why"], "level": disputed["level"], "sources": disputed["source"]}
            if disputed
            else None,
            "sources": row["source"],
        }
    )


def _source(source: Data) -> Shared:
    """Return a source as answers cite it."""
    keys = ("title", "year", "kind", "doi", "pmid", "url", "at", "seen", "on")
    return Shared({key: source.get(key) for key in keys})


def _picked(data: Data | None, keys: Sequence[str]) -> Data | None:
    """Return some keys of a part, None where one is missing."""
    return {key: data.get(key) for key in keys} if data else None


def _provenance(table: Compiled) -> Shared:
    """Return which rules give the answer, and where they stand."""
    data = table.table
    return Shared(
        {
            "table": table.name,
            "status": data["status"],
            "edition": data["edition"],
            "evidence_checked": data["evidence_checked"],
            "reviewed_by": data.get("reviewed_by", []),
            "review_by": data["review_by"],
            "sha256": table.digest,
            "origin": table.origin,
        }
    )


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
    numbers = list(bits(ends >> FIRST))
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
