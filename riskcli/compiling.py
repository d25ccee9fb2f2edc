"""From a table's rows to cells and diagrams: where every name and condition of a rule file is resolved.

Finds what the models cannot see (a name that does not exist, a value a field cannot take) and reports it
with its path in the file. No I/O.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from riskcli.cells import Cells, Space
from riskcli.compiled import FIRST, IMPOSSIBLE, LEVELS, NONE, Compiled, Data, MaskPairs
from riskcli.conditions import NOT_DONE, ConditionError, Domain, Entry, number, parse_entry, plain
from riskcli.diagram import NO, YES, Diagram, leaf
from riskcli.errors import hint
from riskcli.names import Path, conditions_of, undefined_names
from riskcli.tables import Common, DerivedRow, FieldSpec, Option, Points, Table, Vocabulary, When, Word

GATE = ("metastasis", "disease", "local_treatment", "neoadjuvant_therapy", "sex")
"""The common fields that the scope gate may ask about."""


@dataclass
class _Faults:
    """Collects what is wrong, with its path."""

    found: list[tuple[Path, str]] = field(default_factory=list)

    def add(self, path: Path, message: str) -> None:
        self.found.append((path, message))


class TableFaults(ValueError):
    """The table cannot be compiled; `found` holds each fault with its path in the file."""

    def __init__(self, found: Sequence[tuple[Path, str]]) -> None:
        """Keep every fault."""
        self.found = tuple(found)
        super().__init__("; ".join(message for _, message in found))


def compile_table(
    table: Table,
    common: Common,
    vocabulary: Vocabulary,
    digest: str = "",
    origin: str = "packaged",
    without: frozenset[int] | None = None,
) -> Compiled:
    """Make a table ready to answer.

    `without` leaves out the impossible rows with these numbers (every one of them, and the scope rows,
    when it holds -1), as an answer needs whose stated facts contradict each other.

    Raises:
        TableFaults: a name or a condition in the table cannot be resolved.
    """
    return _Compiler(table, common, vocabulary).compile(digest, origin, without or frozenset())


class _Compiler:
    """One run over one table."""

    def __init__(self, table: Table, common: Common, vocabulary: Vocabulary) -> None:
        self.table = table
        self.common = common
        self.vocabulary = vocabulary
        self.words = {**vocabulary["common"], **vocabulary.get(table.cancer, {})}
        self.faults = _Faults()
        self.domains: dict[str, Domain] = {}
        self.entries: dict[str, list[Entry]] = {}
        self.derived: dict[str, tuple[Domain, int]] = {}

    def compile(self, digest: str, origin: str, without: frozenset[int]) -> Compiled:
        self._read_domains()
        self._collect_entries()
        self._stop_if_faulty()
        self.space = Space(
            tuple(
                Cells.cut(name, domain, self.entries[name])
                for name, domain in self.domains.items()
                if name in self.table.fields
            )
        )
        self.index = self.space.index
        self.store = Diagram([cells.count for cells in self.space.cells])
        feasible = self._feasible(without)
        roots: dict[str, int] = {"feasible": feasible}
        for name, rows in self.table.derived.items():
            self.derived[name] = self._derive(name, rows)
            self._stop_if_faulty()
            roots[f"derived:{name}"] = self.store.choose(feasible, self.derived[name][1], IMPOSSIBLE)
        free_rows = self._first_hit(("likelihood",), [row.when for row in self.table.likelihood])
        self._stop_if_faulty()
        levels = [FIRST + LEVELS.index(row.level) for row in self.table.likelihood]
        self.level_root = self.store.relabel(
            free_rows, lambda value: value if value < FIRST else levels[value - FIRST]
        )
        roots["rows"] = self.store.choose(feasible, free_rows, IMPOSSIBLE)
        roots["level"] = self.store.choose(feasible, self.level_root, IMPOSSIBLE)
        for prefix, section in (("option", "options"), ("not", "not_supported")):
            for n, option in enumerate(getattr(self.table, section)):
                free = self._option(section, n, option)
                roots[f"{prefix}:{n}"] = self.store.choose(feasible, free, IMPOSSIBLE)
        boxes = self._boxes()
        self.faults.found += undefined_names(self.table, self.common)
        self._stop_if_faulty()
        store, roots = self.store.compact(roots)
        return Compiled(
            table=_plain(self.table.model_dump(mode="json", by_alias=True, exclude_defaults=False)),
            common=self.common.model_dump(mode="json", by_alias=True, exclude_none=True),
            vocabulary=self._vocabulary_data(),
            space=self.space,
            store=store,
            roots=roots,
            boxes=boxes,
            digest=digest,
            origin=origin,
            left_out=frozenset(range(len(self.table.impossible))) if -1 in without else without,
        )

    def _stop_if_faulty(self) -> None:
        """Give up with everything found so far."""
        if self.faults.found:
            raise TableFaults(self.faults.found)

    # ---- values and conditions

    def _read_domains(self) -> None:
        """Read the values of every field the table uses, and of the gate."""
        for name, spec in self.table.fields.items():
            path: Path = ("fields", name)
            word = self.words.get(name)
            if word is None:
                self.faults.add(path, f"{name} is not in the vocabulary{hint(name, self.words)}")
                continue
            if spec.type != word.type:
                self.faults.add((*path, "type"), f"{name} is {word.type} in the vocabulary")
                continue
            try:
                self.domains[name] = field_domain(spec)
            except ValueError as error:
                self.faults.add((*path, "allowed"), str(error))
                continue
            for message in _beyond(name, self.domains[name], spec, word):
                self.faults.add((*path, "allowed"), message)
        for name in GATE:
            if name not in self.domains:
                self.domains[name] = Domain(words=self.vocabulary["common"][name].values)

    def _entry(self, name: str, raw: object, path: Path) -> Entry:
        """Read one condition on a field, noting what is wrong with it."""
        try:
            return parse_entry(raw, self.domains[name])
        except ConditionError as error:
            self.faults.add(path, f"{name}: {error}")
            return Entry()

    def _collect_entries(self) -> None:
        """Read every condition once, so that each field can be cut at all its thresholds."""
        self.entries = {name: [] for name in self.domains}
        for path, when in conditions_of(self.table):
            for name, raw in when.items():
                self._collect(name, raw, (*path, name))
        for name, spec in self.table.fields.items():
            for i, assume in enumerate(spec.assume):
                self._collect(name, assume.value, ("fields", name, "assume", i, "value"))
            for raw in spec.says:
                self._collect(name, raw, ("fields", name, "says", raw))
        for name, rows in self.table.derived.items():
            for factor, points in rows.points.items() if isinstance(rows, Points) else ():
                where = ("derived", name, "points", factor)
                if factor not in self.table.fields:
                    self.faults.add(where, f"{factor} is not a field of this table")
                    continue
                for raw in points:
                    self._collect(factor, raw, where)

    def _collect(self, name: str, raw: object, path: Path) -> None:
        """Keep one condition on a field whose values are known."""
        if name in self.domains:
            self.entries[name].append(self._entry(name, raw, path))

    def _when(self, when: When, path: Path, names: Sequence[str] = ()) -> int:
        """Return the diagram of a `when`: fields as a box, derived names (and `level`) on their own.

        `names` lists the derived names that may be used here.
        """
        masks: dict[int, int] = {}
        extra: list[int] = []
        for name, raw in when.items():
            if name in self.index:
                masks[self.index[name]] = self._mask(name, raw)
            elif name == "level" and "level" in names:
                extra.append(self._level(raw, (*path, name)))
            elif name in self.derived and name in names:
                extra.append(self._derived_condition(name, raw, (*path, name)))
            else:
                known = [*self.index, *names]
                self.faults.add(
                    (*path, name), f"{name} cannot be used here; it is not a field{hint(name, known)}"
                )
        root = self.store.box(masks)
        for condition in extra:
            root = self.store.both(condition, root)
        return root

    def _mask(self, name: str, raw: object) -> int:
        """Return the mask of a condition that has been read before."""
        return self.space.cells[self.index[name]].mask(parse_entry(raw, self.domains[name]))

    def _level(self, raw: object, path: Path) -> int:
        """Return the diagram of a condition on the likelihood level."""
        wanted = raw if isinstance(raw, list) else [raw]
        for level in wanted:
            if level not in LEVELS:
                self.faults.add(path, f"{level} is not a level; use {', '.join(LEVELS)}")
        leaves = {FIRST + LEVELS.index(level) for level in wanted if level in LEVELS}
        return self.store.relabel(self.level_root, lambda value: int(value in leaves))

    def _derived_condition(self, name: str, raw: object, path: Path) -> int:
        """Return the diagram of a condition on a derived value."""
        domain, root = self.derived[name]
        try:
            entry = parse_entry(raw if domain.numeric else _texts(raw), domain)
        except ConditionError as error:
            self.faults.add(path, f"{name}: {error}")
            return NO
        if domain.numeric:
            values: Sequence[object] = range(int(domain.low), int(domain.high) + 1)
            met = {n for n, value in enumerate(values) if _meet(parse_entry(value, domain), entry)}
        else:
            met = {n for n, word in enumerate(domain.words) if word in entry.words}
        return self.store.relabel(root, lambda value: int(value - FIRST in met))

    # ---- sections

    def _derive(self, name: str, rows: Sequence[DerivedRow] | Points) -> tuple[Domain, int]:
        """Return the values of a derived name and its diagram (leaf FIRST + number of the value)."""
        path: Path = ("derived", name)
        if name in self.words:
            self.faults.add(path, f"{name} is a field of the vocabulary; give the derived value another name")
        if isinstance(rows, Points):
            parts = {
                self.index[factor]: self._points(factor, points, (*path, "points", factor))
                for factor, points in rows.points.items()
            }
            low = sum(min(points) for points in parts.values())
            high = sum(max(points) for points in parts.values())
            above_low = {place: [value - min(points) for value in points] for place, points in parts.items()}
            root = self.store.relabel(self.store.sum(above_low), lambda value: value + FIRST)
            return Domain(low=low, high=high, integer=True), root
        values = list(dict.fromkeys(str(row.is_) for row in rows))
        earlier = [known for known in self.table.derived if known in self.derived]
        conditions = [self._when(row.when, (*path, i, "when"), earlier) for i, row in enumerate(rows)]
        answers = [leaf(FIRST + values.index(str(row.is_))) for row in rows]
        return Domain(words=tuple(values)), self.store.first_hit(
            list(zip(conditions, answers, strict=True)), NONE
        )

    def _points(self, factor: str, points: Mapping[str, int], path: Path) -> list[int]:
        """Return the points of each cell of a factor; every cell must have exactly one."""
        cells = self.space.cells[self.index[factor]]
        found: list[int | None] = [None] * cells.count
        for raw, value in points.items():
            mask = self._mask(factor, raw)
            for i in range(cells.count):
                if mask >> i & 1:
                    if found[i] is not None:
                        self.faults.add(path, f"{factor} {cells.names[i]} is given points twice")
                    found[i] = value
        for i, given in enumerate(found):
            if given is None:
                self.faults.add(path, f"{factor} {cells.names[i]} has no points; write every value out")
        return [given or 0 for given in found]

    def _feasible(self, without: frozenset[int]) -> int:
        """Return the diagram that is NO for what cannot be or is not answered."""
        root = YES
        if -1 in without:
            return root
        for i, row in enumerate(self.table.impossible):
            if i not in without:
                root = self.store.choose(self._when(row.when, ("impossible", i, "when")), NO, root)
        for i, scope in enumerate(self.table.out_of_scope):
            if all(name in self.index for name in scope.when):
                root = self.store.choose(self._when(scope.when, ("out_of_scope", i, "when")), NO, root)
        return root

    def _first_hit(self, path: Path, whens: Sequence[When], names: Sequence[str] = ()) -> int:
        """Return the diagram whose leaf is the first row that holds (FIRST + its number), or NONE."""
        names = [*self.derived, *names]
        conditions = [self._when(when, (*path, i, "when"), names) for i, when in enumerate(whens)]
        return self.store.first_hit([(root, leaf(FIRST + i)) for i, root in enumerate(conditions)], NONE)

    def _option(self, section: str, number: int, option: Option) -> int:
        """Return the diagram whose leaf is the first criterion that holds, or NONE."""
        whens = [criterion.when for criterion in option.any_of]
        return self._first_hit((section, number, "any_of"), whens, ["level"])

    # ---- what is not a diagram

    def _pairs(self, when: When, path: Path) -> MaskPairs:
        """Return a `when` over plain fields as pairs [field number, mask]."""
        pairs: MaskPairs = []
        for name, raw in when.items():
            if name not in self.index:
                self.faults.add((*path, name), f"{name} is not a field of this table{hint(name, self.index)}")
                continue
            pairs.append([self.index[name], self._mask(name, raw)])
        return pairs

    def _boxes(self) -> Data:
        """Return the conditions that an answer tests on the stated facts alone."""
        table = self.table
        scope = []
        for i, row in enumerate(table.out_of_scope):
            inner = {name: raw for name, raw in row.when.items() if name in self.index}
            gate = {name: raw for name, raw in row.when.items() if name not in self.index}
            for name in gate.keys() - set(GATE):
                self.faults.add(("out_of_scope", i, "when", name), f"{name} is not a field{hint(name, GATE)}")
            words = {
                name: sorted(self._entry(name, raw, ("out_of_scope", i, "when", name)).words)
                for name, raw in gate.items()
                if name in GATE
            }
            scope.append({"gate": words, "box": self._pairs(inner, ("out_of_scope", i, "when"))})
        return {
            "scope": scope,
            "impossible": [
                self._pairs(row.when, ("impossible", i, "when")) for i, row in enumerate(table.impossible)
            ],
            "warnings": [
                self._pairs(row.when, ("warnings", i, "when")) for i, row in enumerate(table.warnings)
            ],
            "only_if": {
                name: self._pairs(spec.only_if, ("fields", name, "only_if"))
                for name, spec in table.fields.items()
                if spec.only_if
            },
            "assume": {
                name: [
                    {
                        "when": self._pairs(assume.when, ("fields", name, "assume", i, "when")),
                        "mask": self._mask(name, assume.value),
                    }
                    for i, assume in enumerate(spec.assume)
                ]
                for name, spec in table.fields.items()
                if spec.assume
            },
            "says": {name: self._says(name, spec) for name, spec in table.fields.items()},
            "row_fields": [self._fields_of(row.when) for row in table.likelihood],
        }

    def _fields_of(self, when: When) -> list[str]:
        """Return the fields a `when` turns on, those behind derived names included, in order."""
        found: set[str] = set()
        for name in when:
            rows = self.table.derived.get(name)
            if rows is None:
                found.add(name)
            elif isinstance(rows, Points):
                found.update(rows.points)
            else:
                for row in rows:
                    found.update(self._fields_of(row.when))
        return sorted(found, key=self.index.__getitem__)

    def _says(self, name: str, spec: FieldSpec) -> list[list[Any]]:
        """Return the words of a factor as pairs [mask, text]: the table's own, or the common ones."""
        cells = self.space.cells[self.index[name]]
        found: list[list[Any]] = []
        for raw, text in (spec.says or self.common.factors.get(name, {})).items():
            try:
                entry = parse_entry(raw, self.domains[name])
            except ConditionError:
                continue  # a common word for a value that this table does not have
            found.append([_covered(cells, entry), text])
        return found

    def _vocabulary_data(self) -> Data:
        """Return the vocabulary an answer needs: this cancer's and common fields, and every other name."""
        here = {name: word.model_dump(exclude_defaults=True) for name, word in self.words.items()}
        others = {name for fields in self.vocabulary.values() for name in fields} - here.keys()
        return {"here": _plain(here), "others": sorted(others)}


def field_domain(spec: FieldSpec) -> Domain:
    """Return the values a field of a table may take.

    Raises:
        ValueError: `allowed` cannot be read; the message says what it must be.
    """
    if spec.type == "word":
        return _words(spec)
    if spec.groups:
        raise ValueError("groups are for words; write a range where it is needed")
    low, dots, high = spec.allowed.partition("..") if isinstance(spec.allowed, str) else ("", "", "")
    try:
        ends = number(low), number(high)
    except ValueError:
        dots = ""
    integer = spec.type == "integer"
    if not dots or ends[0] >= ends[1] or (integer and not all(isinstance(end, int) for end in ends)):
        raise ValueError(f"allowed must be a range of {'whole ' if integer else ''}numbers such as 0..90")
    return Domain(low=ends[0], high=ends[1], integer=integer, optional=spec.optional)


def _words(spec: FieldSpec) -> Domain:
    """Return the values of a word field."""
    if isinstance(spec.allowed, str) or not spec.allowed:
        raise ValueError("allowed must be a list of words")
    if NOT_DONE in spec.allowed:
        raise ValueError("write optional: true instead of not_done")
    for word in spec.allowed:
        if spec.allowed.count(word) > 1:
            raise ValueError(f"{word} is given twice")
    for parent, words in spec.groups.items():
        if parent in spec.allowed or parent == NOT_DONE:
            raise ValueError(f"group {parent} has the name of a value")
        missing = [word for word in words if word not in spec.allowed]
        if missing:
            raise ValueError(f"group {parent} holds {missing[0]}, which is not allowed")
    return Domain(words=tuple(spec.allowed), groups=spec.groups, optional=spec.optional)


def _beyond(name: str, domain: Domain, spec: FieldSpec, word: Word) -> Iterator[str]:
    """Give the values that a field of a table allows and the vocabulary does not."""
    if word.values:
        for value in sorted({*domain.words, *spec.groups} - {*word.values}):
            yield f"{value} is not in the vocabulary of {name}"
    low, high = word.min, word.max
    if low is not None and high is not None and not low <= domain.low <= domain.high <= high:
        yield f"the vocabulary has {plain(low)}..{plain(high)} for {name}"


def _texts(raw: object) -> object:
    """Return the values of a word as text: `is: 1` and `is: "1"` are the same value."""
    return [str(item) for item in raw] if isinstance(raw, list) else str(raw)


def _meet(one: Entry, other: Entry) -> bool:
    """Say whether two entries about numbers share a value."""
    return any(a.meets(b) for a in one.spans for b in other.spans)


def _covered(cells: Cells, entry: Entry) -> int:
    """Return the cells that lie wholly inside an entry."""
    mask = cells.mask(entry)
    if entry.spans:
        for i, cell in enumerate(cells.spans):
            whole = any(span.low <= cell.low and cell.high <= span.high for span in entry.spans)
            if not whole:
                mask &= ~(1 << i)
    return mask


def _plain(data: Any) -> Any:
    """Return data as JSON would give it back, without keys that hold nothing but for an empty case."""
    if isinstance(data, dict):
        kept = {str(key): _plain(value) for key, value in data.items()}
        return {key: value for key, value in kept.items() if key == "case" or value not in (None, (), [], {})}
    if isinstance(data, (list, tuple)):
        return [_plain(item) for item in data]
    return data
