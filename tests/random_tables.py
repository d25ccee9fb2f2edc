"""Small rule tables made at random, and facts about cases of them, for the properties."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from expected import LEVELS, choices_of
from hypothesis import strategies as st
from oracle import NOT_DONE, Choices, Oracle

from riskcli.compiled import Compiled
from riskcli.compiling import compile_table
from riskcli.facts import Facts
from riskcli.rule_files import read_common
from riskcli.tables import Common, Table, Vocabulary, Word
from riskcli.varied import cells_read

RULES = Path(__file__).parent.parent / "rules"
HEAD = {
    "cancer": "random",
    "title": "A table made at random",
    "status": "draft",
    "edition": "2026.1",
    "evidence_checked": "2026-11-24",
    "reviewed_by": [],
    "review_by": "2027-11-24",
    "horizon_years": 10,
    "scope": "nobody",
    "blood_test": "none",
    "limits": [],
    "out_of_scope": [],
    "sources": {"s": {"title": "S", "year": 2001, "kind": "cohort", "at": "t", "seen": "not_seen"}},
    "options": [],
}
ENTRIES: dict[str, list[Any]] = {
    "size": ["<2.5", "<=2.5", 2.5, ">2.5", "1..<2.5", ">2.5..7", [0, ">7"]],
    "count": [0, "0..1", ">=2", 2, "1..3", "3+", "<2", [0, 4]],
    "shape": ["round", "flat", "long", ["round", "long"], "angular"],
    "mark": ["absent", "present"],
    "test": ["negative", "positive", NOT_DONE, ["negative", NOT_DONE]],
    "assay": ["<5", ">=5", NOT_DONE, ["5..10", NOT_DONE]],
    "nodes_positive": [0, ">=1", "1..3", ">=4"],
    "nodes_examined": [0, ">=1", "<6", ">=6", "1..3"],
}
"""The conditions that may be put on each field."""
FIELDS: dict[str, dict[str, Any]] = {
    "size": {"type": "number", "allowed": "0..10", "worse": "higher"},
    "count": {"type": "integer", "allowed": "0..4", "worse": "higher"},
    "shape": {"type": "word", "allowed": ["round", "flat", "long"], "groups": {"angular": ["flat", "long"]}},
    "mark": {"type": "word", "allowed": ["absent", "present"], "worse": "present"},
    "test": {"type": "word", "allowed": ["negative", "positive"], "optional": True},
    "assay": {"type": "number", "allowed": "0..20", "optional": True},
}
COUNTS: dict[str, dict[str, Any]] = {
    "nodes_positive": {"type": "integer", "allowed": "0..8", "worse": "higher"},
    "nodes_examined": {"type": "integer", "allowed": "0..8"},
}
"""The counts of nodes, which are read together."""
GATE = "sex"
"""The field of the scope gate on which the scope of some of these tables turns."""
SHOWN: Any = {
    "derived": True,
    "impossible": {"__all__": {"when"}},
    "out_of_scope": {"__all__": {"when"}},
    "likelihood": {"__all__": {"id", "when", "level"}},
    "options": {"__all__": {"id": True, "any_of": {"__all__": {"when"}}}},
    "not_supported": {"__all__": {"any_of": {"__all__": {"when"}}}},
}


@lru_cache(maxsize=1)
def common() -> Common:
    """Return the packaged shared words."""
    return read_common(RULES / "common.yaml")


def vocabulary() -> Vocabulary:
    """Return a vocabulary with the fields of the random tables."""
    words = {
        name: Word(type="integer", text=name, min=0, max=60) for name in ("nodes_positive", "nodes_examined")
    }
    for name, spec in FIELDS.items():
        if spec["type"] == "word":
            values = (*spec["allowed"], *spec.get("groups", {}))
            words[name] = Word(type="word", text=name, values=values)
        else:
            low, high = map(int, spec["allowed"].split(".."))
            words[name] = Word(type=spec["type"], text=name, min=low, max=high)
    gate = {
        name: Word(type="word", text=name, values=("a", "b"))
        for name in ("metastasis", "disease", "local_treatment", "neoadjuvant_therapy", "sex")
    }
    return {"common": gate, "random": words}


def make(**sections: Any) -> Sample:
    """Return a compiled table with these sections."""
    names = sections.pop("names", None) or ()
    fields = sections.pop("fields", None) or {name: FIELDS[name] for name in names}
    fields = {name: {"text": name, "panel": "factor", **spec} for name, spec in fields.items()}
    table = Table.model_validate({**HEAD, "fields": fields, **sections})
    return Sample(table, _compiled(table))


def _compiled(table: Table, left_out: frozenset[int] = frozenset()) -> Compiled:
    """Compile a table, with the means to leave impossible rows out."""
    compiled = compile_table(table, common(), vocabulary(), without=left_out)
    return dataclasses.replace(compiled, without=lambda rows: _compiled(table, rows))


@dataclass(frozen=True)
class Sample:
    """A table as its author wrote it and as the engine has it."""

    table: Table
    compiled: Compiled

    @property
    def oracle(self) -> Oracle:
        """The slow reading of the table."""
        return self.oracle_without(())

    def oracle_without(self, rows: Iterable[int]) -> Oracle:
        """Return the slow reading of the table without some of its impossible rows."""
        return Oracle(self.table, self.compiled.space, rows)

    def facts(self, known: Sequence[Choices], absent: Sequence[str] = ()) -> Facts:
        """Return facts over values, one per cell, as the engine takes them."""
        oracle, full = self.oracle, self.compiled.space.full
        whole = [
            {name: tuple(one.get(name, values)) for name, values in oracle.values.items()} for one in known
        ]
        boxes = tuple(
            tuple(
                sum(1 << i for i, value in enumerate(values) if value in one[name])
                for name, values in oracle.values.items()
            )
            for one in whole
        )
        closed = [place for place, mask in enumerate(full) if any(box[place] != mask for box in boxes)]
        gone = tuple(self.compiled.index[name] for name in absent)
        known = tuple(place for place in closed if place not in gone)
        cells = self.compiled.space.cells
        whole = len(boxes) == 1  # no record says what several boxes do: nothing of them can be moved
        return Facts(
            table=self.compiled,
            boxes=boxes,
            stated={one.field: "stated" for one in cells},
            known=known if whole else (),
            absent=gone if whole else (),
            assumed=(),
            readings={cells[place].field: cells_read(cells[place], boxes[0][place]) for place in known},
            masks=tuple(full[place] if place in gone else mask for place, mask in enumerate(boxes[0])),
            before=boxes[0],
        )


class Trial:
    """A random table with random facts."""

    def __init__(self, sample: Sample, facts: Facts) -> None:
        self.sample = sample
        self.facts = facts
        self.oracle = sample.oracle

    def __repr__(self) -> str:
        """Show what a failing example needs: the rows, and the values still possible."""
        table = self.sample.table.model_dump(include=SHOWN, exclude_defaults=True)
        choices = choices_of(self.oracle, self.facts.boxes)
        return f"facts {choices}, absent {self.facts.absent}, table {table}"


# ---- strategies


@st.composite
def _whens(
    draw: st.DrawFn, names: Sequence[str], more: dict[str, list[Any]], least: int = 0
) -> dict[str, Any]:
    """Draw a `when` over some of the names."""
    entries = {**{name: ENTRIES[name] for name in names}, **more}
    chosen = draw(st.lists(st.sampled_from(list(entries)), min_size=least, max_size=3, unique=True))
    return {name: draw(st.sampled_from(entries[name])) for name in chosen}


@st.composite
def _derived(draw: st.DrawFn, names: Sequence[str]) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """Draw derived names and the conditions that may be put on them."""
    found: dict[str, Any] = {}
    entries: dict[str, list[Any]] = {}
    if "count" in names and draw(st.booleans()):
        few, many = draw(st.tuples(st.integers(-2, 2), st.integers(-2, 3)))
        parts = {"count": {"0..1": few, "2..4": many}}
        if "mark" in names:
            parts["mark"] = {"absent": 0, "present": draw(st.integers(-1, 2))}
        found["points"] = {"points": parts}
        low = sum(min(part.values()) for part in parts.values())
        high = sum(max(part.values()) for part in parts.values())
        entries["points"] = [low, high, [low, high], *([f"{low}..{high}"] if low >= 0 else [])]
    if draw(st.booleans()):
        rows = draw(st.lists(_whens(names, dict(entries), 1), min_size=1, max_size=2))
        last = [{"when": {}, "is": "c"}] if draw(st.booleans()) else []
        found["group"] = [{"when": when, "is": "ab"[i]} for i, when in enumerate(rows)] + last
        values = [row["is"] for row in found["group"]]
        entries["group"] = [*values, values]
    return found, entries


@st.composite
def samples(draw: st.DrawFn, impossible: bool = True, gaps: bool = False, reading: bool = False) -> Sample:
    """Draw a table; `gaps` lets it leave cases without a row.

    `reading` gives its fields assumptions and parents, counts of nodes, and rows of the scope gate.
    """
    pool = {**FIELDS, **COUNTS} if reading else FIELDS
    chosen = draw(st.sets(st.sampled_from(list(pool)), min_size=2, max_size=4))
    if reading and chosen & COUNTS.keys() and draw(st.booleans()):
        chosen |= COUNTS.keys()
    names = [name for name in pool if name in chosen]
    fields = {name: pool[name] | (draw(_rules_of_reading(name, names)) if reading else {}) for name in names}
    derived, more = draw(_derived(names))
    rows = draw(st.lists(st.tuples(_whens(names, more, 1), st.sampled_from(LEVELS)), min_size=1, max_size=4))
    if not gaps:
        rows.append(({}, draw(st.sampled_from(LEVELS))))
    levels = {"level": [*LEVELS, ["low", "high"]]}

    def option(name: str) -> dict[str, Any]:
        whens = draw(st.lists(_whens(names, {**more, **levels}, 1), min_size=1, max_size=2))
        shared = {"why": "w", "source": "s"}
        any_of = [{"id": f"{name}-{i}", "when": when, **shared} for i, when in enumerate(whens)]
        return {"id": name, "kind": "surgery", "name": name, "any_of": any_of}

    never = draw(st.lists(_whens(names, {}, 1), max_size=2)) if impossible else []
    outside = draw(st.lists(_whens(names, {}, 2), max_size=1)) if impossible else []
    if reading and draw(st.booleans()):
        outside.append({GATE: draw(st.sampled_from("ab")), **draw(_whens(names, {}, 1))})
    return make(
        fields=fields,
        derived=derived,
        impossible=[{"when": when, "why": "w"} for when in never],
        out_of_scope=[{"when": when, "say": "s"} for when in outside],
        likelihood=[
            {"id": f"row-{i}", "when": when, "level": level, "why": "w", "basis": "judgement", "source": "s"}
            for i, (when, level) in enumerate(rows)
        ],
        options=[option(name) for name in "ab"[: draw(st.integers(1, 2))]],
        not_supported=[option("c")],
        systems=[{"id": name, "name": name, "from": name, "source": "s"} for name in derived],
    )


@st.composite
def _rules_of_reading(draw: st.DrawFn, name: str, names: Sequence[str]) -> dict[str, Any]:
    """Draw what is assumed of a field and what it depends on."""
    others = [other for other in names if other != name]
    made = [entry for entry in ENTRIES[name] if NOT_DONE not in str(entry)]
    found: dict[str, Any] = {}
    whens = draw(st.lists(_whens(others, {}), max_size=2))
    if whens:
        found["assume"] = [{"when": w, "value": draw(st.sampled_from(made)), "why": "w"} for w in whens]
    if draw(st.integers(0, 3)) == 0:
        parent = draw(st.sampled_from(others))
        found["only_if"] = {parent: draw(st.sampled_from(ENTRIES[parent]))}
    return found


@st.composite
def read_trials(draw: st.DrawFn) -> tuple[Sample, dict[str, Any]]:
    """Draw a table with rules of reading, and a record for it that may be wrong."""
    sample = draw(samples(reading=True))
    record: dict[str, Any] = {}
    for cells in sample.compiled.space.cells:
        words = st.sampled_from(cells.names)
        kind = draw(st.sampled_from(["absent", "one", "one", "some", "unknown"]))
        if kind == "one":
            record[cells.field] = draw(st.integers(0, 8)) if cells.field in COUNTS else draw(words)
        elif kind == "some":
            record[cells.field] = draw(st.lists(words, min_size=1, max_size=3, unique=True))
        elif kind == "unknown":
            record[cells.field] = "unknown"
    gate = draw(st.sampled_from([None, "a", "b", ["a", "b"]]))
    return sample, record if gate is None else {**record, GATE: gate}


@st.composite
def trials(draw: st.DrawFn, impossible: bool = True, gaps: bool = False, several: bool = True) -> Trial:
    """Draw a table and facts that allow some possible case; `several` lets them be several boxes."""
    sample = draw(samples(impossible, gaps))
    oracle = sample.oracle
    known: Choices = {}
    absent = []
    for name, values in oracle.values.items():
        kind = draw(st.sampled_from(["open", "open", "one", "some", "absent"]))
        if kind == "absent" and NOT_DONE in values:
            known[name] = [NOT_DONE]
            absent.append(name)
        elif kind in ("one", "some"):
            size = 1 if kind == "one" else len(values)
            known[name] = draw(st.lists(st.sampled_from(values), min_size=1, max_size=size, unique=True))
    boxes = [{name: list(known.get(name, values)) for name, values in oracle.values.items()}]
    if several and draw(st.booleans()):
        boxes = _split(boxes[0], draw)
    return Trial(sample, sample.facts(boxes, absent))


def _split(box: Choices, draw: st.DrawFn) -> list[Choices]:
    """Cut a box into two along one field, and narrow another field in one of them."""
    wide = [name for name, values in box.items() if len(values) > 1]
    if len(wide) < 2:
        return [box]
    cut, narrowed = draw(st.permutations(wide))[:2]
    at = draw(st.integers(1, len(box[cut]) - 1))
    fewer = draw(st.lists(st.sampled_from(box[narrowed]), min_size=1, unique=True))
    return [{**box, cut: box[cut][:at]}, {**box, cut: box[cut][at:], narrowed: fewer}]
