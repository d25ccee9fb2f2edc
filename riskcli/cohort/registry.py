"""Files of a registry as a cohort: XML with a record a tumour, or columns whose names are the registry's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskcli.case import CANCER, REF
from riskcli.cohort.columns import Naming
from riskcli.cohort.fields import FieldNames
from riskcli.cohort.formats import Source, format_of, other_delimiter
from riskcli.cohort.readings import FEW, NOTES, SOURCES, readings_columns, readings_source
from riskcli.cohort.sources import open_source
from riskcli.cohort.streams import Stream
from riskcli.errors import refused
from riskcli.interop.crosswalk import Check, Crosswalk, Kind, Step, read_crosswalk
from riskcli.interop.naaccr_xml import tumours
from riskcli.interop.readings import Reading
from riskcli.interop.registry import RegistryReader
from riskcli.loader import Rules
from riskcli.records import STDIN
from riskcli.values import phrase
from riskcli.words import say

if TYPE_CHECKING:
    import polars as pl

XML = "xml"
_MOST_NAMES = 4096
"""How many names of items are remembered; the standard has fewer."""
_SOME = 3
"""How many items are named as examples."""
_READ_FROM_XML = "naaccr"
"""The crosswalk whose standard has an XML form."""


@dataclass(frozen=True)
class RegistryFile:
    """A registry's file, and how it is to be read."""

    path: str
    crosswalk: str
    """`naaccr` or `cosd`."""
    format: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    show_sources: bool = False


def open_registry(file: RegistryFile, rules: Rules, naming: Naming, cancer: str | None = None) -> Source:
    """Return the records of a registry's file as a cohort; `cancer` is that of records which do not say.

    Raises:
        CaseError: the file cannot be read, or has no column of the registry.
        RuleFileError: the crosswalk is faulty.
    """
    crosswalk = read_crosswalk(file.crosswalk, rules)
    reader = RegistryReader(crosswalk, rules, cancer)
    if _is_xml(file):
        if file.crosswalk != _READ_FROM_XML:
            raise refused(say("registry.not_xml", standard=crosswalk.standard, name=file.path))
        return _open_xml(file, reader, naming)
    inner = open_source(file.path, format_of(file.path, file.format), file.delimiter, file.sheet)
    return _Columns(inner, reader, rules, naming).source(file.show_sources)


def _is_xml(file: RegistryFile) -> bool:
    """Say whether a file is XML, by what is said or by its name."""
    if file.format is not None:
        return file.format == XML
    return Path(file.path.removesuffix(".gz")).suffix.lower() == f".{XML}"


class ItemNames:
    """The items of a crosswalk by the names that files have for them.

    Example:
        >>> from riskcli.loader import load_rules
        >>> names = ItemNames(read_crosswalk("naaccr", load_rules()))
        >>> names.item("820"), names.item("Regional Nodes Positive"), names.item("hospital")
        ('regionalNodesPositive', 'regionalNodesPositive', None)
    """

    def __init__(self, crosswalk: Crosswalk) -> None:
        """Gather every name."""
        self._items: dict[str, str] = {}
        for item, spec in crosswalk.items.items():
            numbers = [] if spec.number is None else [str(spec.number), f"item {spec.number}"]
            for name in (item, spec.name, *spec.also, *numbers):
                self._items[_plain(name)] = item

    def item(self, name: str) -> str | None:
        """Return the item of a name, an id or a number."""
        return self._items.get(_plain(name))


def _plain(name: str) -> str:
    """Return a name as names are compared."""
    return " ".join(phrase(name).replace("-", " ").replace("_", " ").split()).casefold()


# ---- XML


def _open_xml(file: RegistryFile, reader: RegistryReader, naming: Naming) -> Source:
    """Return the tumours of an XML file."""
    names = ItemNames(reader.crosswalk)
    stream = Stream(file.path, "standard input" if file.path == STDIN else file.path)
    asked = {name: names.item(name) or name for name in sorted(naming.untouched)}
    carried = {name: name for name in reader.crosswalk.carried} | asked
    kept = {*carried.values()}
    read = {step.item for _, step in reader.crosswalk.every_step()} | _conditions(reader.crosswalk)

    @lru_cache(maxsize=_MOST_NAMES)
    def item_of(said: str) -> str | None:
        item = names.item(said) or said
        return item if item in kept or item in read else None

    def readings() -> Iterator[Reading]:
        for tumour in tumours(iter(stream.read, b""), item_of, stream.name, stream.decoded):
            context = {name: tumour.items[item] for name, item in carried.items() if item in tumour.items}
            items = {item: code for item, code in tumour.items.items() if item in read}
            yield reader.read(items, wrong=tumour.wrong, context=context)

    return readings_source(
        stream.name,
        readings(),
        reader.crosswalk.fields,
        stream.size,
        stream.done,
        file.show_sources,
        list(carried),
    )


def _conditions(crosswalk: Crosswalk) -> set[str]:
    """Return the items that decide whose record it is, which cancer, and whether it is a case."""
    steps = [step for _, step in crosswalk.every_step()]
    parts: list[Check | Kind | Step] = [*crosswalk.checks, *crosswalk.kinds, *steps]
    conditions = [part.when for part in parts]
    return {*crosswalk.ref, *(item for when in conditions for item in when)}


# ---- columns


class _Columns:
    """A table whose columns are items of a registry, with others beside them that may be fields."""

    def __init__(self, inner: Source, reader: RegistryReader, rules: Rules, naming: Naming) -> None:
        """Sort the columns out.

        Raises:
            CaseError: none is an item, or two are the same one.
        """
        self._inner, self._reader = inner, reader
        self._items = self._found_items(naming)
        names = FieldNames(rules)
        others = [header for header in inner.headers if header not in self._items]
        self._stated: dict[str, str] = {}
        for header in others:
            field = names.field(naming.renamed.get(header, header))
            if field is not None and header not in naming.untouched:
                self._stated[header] = field
        self._fields = self._announced()
        self._renamed = self._out_of_the_way(names)

    def _found_items(self, naming: Naming) -> dict[str, str]:
        """Return the item of each column that is one."""
        names = ItemNames(self._reader.crosswalk)
        found: dict[str, str] = {}
        for header in self._inner.headers:
            item = None if header in naming.untouched or header in naming.renamed else names.item(header)
            if item is None:
                continue
            other = next((one for one, its in found.items() if its == item), None)
            if other is not None:
                raise refused(say("registry.same_item", one=other, other=header, item=item))
            found[header] = item
        if not found:
            raise refused(self._no_item())
        return found

    def _no_item(self) -> str:
        """Say that no column is an item, with some that are read and what may be wrong with the columns."""
        crosswalk = self._reader.crosswalk
        deciding = (item for kind in crosswalk.kinds for item in kind.when)
        read = dict.fromkeys([*deciding, *(step.item for step in crosswalk.steps)])
        return say(
            "registry.no_item",
            name=self._inner.name,
            standard=crosswalk.standard,
            some=", ".join([*read][:_SOME]),
            hint=other_delimiter(self._inner.headers),
        )

    def _announced(self) -> list[str]:
        """Return the fields that the readings may hold: what the file's items state, and no other column."""
        crosswalk, present = self._reader.crosswalk, {*self._items.values()}
        fields: dict[str, None] = {}
        if present & {*crosswalk.ref}:
            fields[REF] = None
        if any(present & {*kind.when} for kind in crosswalk.kinds):
            fields |= dict.fromkeys([CANCER, *(name for kind in crosswalk.kinds for name in kind.sets)])
        for step in crosswalk.steps:
            if step.item in present:
                tables = [step.codes or {}, *(crosswalk.tables[name] for name in step.tables)]
                also = (name for table in tables for meaning in table.values() for name in meaning.also)
                fields |= dict.fromkeys([step.field, *also])
        return [name for name in fields if name not in self._stated.values()]

    def _out_of_the_way(self, names: FieldNames) -> dict[str, str]:
        """Return new names for the items whose names are those of fields."""
        prefix = self._reader.crosswalk.prefix
        taken = {phrase(name) for name in (*self._fields, NOTES, SOURCES)}
        return {
            header: f"{prefix}_{header}"
            for header in self._inner.headers
            if header not in self._stated and (phrase(header) in taken or names.field(header) is not None)
        }

    def source(self, show_sources: bool) -> Source:
        """Return the table with the columns of the readings after its own."""
        inner = self._inner
        told = [NOTES, *([SOURCES] if show_sources else [])]
        headers = [self._renamed.get(header, header) for header in inner.headers]
        left = {self._renamed.get(header, header) for header in self._items} | {*self._renamed.values()}

        def batches() -> Iterator[pl.DataFrame]:
            for batch in inner.batches():
                for start in range(0, max(batch.height, 1), FEW):
                    part = batch.slice(start, FEW)
                    columns = readings_columns(self._readings(part), self._fields, told)
                    yield part.rename(self._renamed).hstack(columns)

        untouched = frozenset(left | {*told})
        left_out = self._reader.crosswalk.left
        return replace(
            inner,
            headers=[*headers, *self._fields, *told],
            batches=batches,
            untouched=untouched,
            notes=lambda: [left_out] if left_out else [],
        )

    def _readings(self, part: pl.DataFrame) -> list[Reading]:
        """Return the readings of some rows."""
        rows = part.select(*self._items, *self._stated).iter_rows()
        width = len(self._items)
        items, fields = list(self._items.values()), list(self._stated.values())
        return [self._reader.read(_codes(items, row[:width]), _stated(fields, row[width:])) for row in rows]


def _codes(items: Sequence[str], row: Sequence[Any]) -> dict[str, str]:
    """Return the codes of a row; a whole number that a table holds as a fraction is whole."""
    found = {}
    for item, value in zip(items, row, strict=True):
        if value is None or value != value:  # not a number
            continue
        found[item] = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return found


def _stated(fields: Sequence[str], row: Sequence[Any]) -> Mapping[str, Any]:
    """Return what a row states under the names of fields."""
    return {
        field: value for field, value in zip(fields, row, strict=True) if value is not None and value != ""
    }
