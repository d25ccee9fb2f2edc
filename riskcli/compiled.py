"""A table made ready to answer: its cells, its diagrams and its words as plain data.

Made by `riskcli.compiling`, saved as JSON when the package is built, read back without YAML or models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from riskcli.cells import Cells, Space
from riskcli.conditions import Domain, Span
from riskcli.diagram import Diagram, leaf

Data = dict[str, Any]
MaskPairs = list[list[int]]
"""A box as pairs [field number, mask]; fields left out are open."""

IMPOSSIBLE = leaf(0)
"""The end of every case that cannot be, or that the table does not answer."""
NONE = leaf(1)
"""The end of every case that no row answers."""
NO_ROW = 0b10
"""The end of cases that no row answers, among the ends of a diagram as a bit mask."""
FIRST = 2
"""The leaf of row 0; row n has the leaf FIRST + n."""

LEVELS = ("low", "intermediate", "high", "very_high")


@dataclass(frozen=True, eq=False)
class Compiled:
    """One table, ready to answer cases.

    `table`, `common` and `vocabulary` are the rule files as plain data, `boxes` the conditions that are
    not diagrams, `roots` the diagrams by output: `level`, `rows`, `option:ID`, `not:ID`, `derived:NAME`.
    """

    table: Data
    common: Data
    vocabulary: Data
    space: Space
    store: Diagram
    roots: dict[str, int]
    boxes: Data
    digest: str
    origin: str = "packaged"
    left_out: frozenset[int] = frozenset()
    """The impossible rows (by number) that do not hold here, because stated facts contradict them."""
    notices: tuple[str, ...] = ()
    """What every answer of this table warns of: that the packaged one has moved."""
    without: Callable[[frozenset[int]], Compiled] | None = None
    """Makes the same table with some of its impossible rows left out; given by the loader."""

    @property
    def name(self) -> str:
        """The cancer the table is for."""
        return str(self.table["cancer"])

    @cached_property
    def index(self) -> dict[str, int]:
        """The place of each field."""
        return self.space.index

    @cached_property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """The cells of each field in words."""
        return tuple(cells.names for cells in self.space.cells)

    def to_json(self) -> Data:
        """Return everything as plain data that `from_json` reads back."""
        return {
            "table": self.table,
            "common": self.common,
            "vocabulary": self.vocabulary,
            "cells": [
                {
                    "field": cells.field,
                    "domain": domain_data(cells.domain),
                    "spans": [[*span.low, *span.high] for span in cells.spans],
                }
                for cells in self.space.cells
            ],
            "fields": self.store.fields,
            "children": self.store.children,
            "roots": self.roots,
            "boxes": self.boxes,
            "digest": self.digest,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], origin: str) -> Compiled:
        """Read back what `to_json` wrote."""
        space = Space(
            tuple(
                Cells(
                    item["field"],
                    read_domain(item["domain"]),
                    tuple(Span((a, b), (c, d)) for a, b, c, d in item["spans"]),
                )
                for item in data["cells"]
            )
        )
        counts = [cells.count for cells in space.cells]
        return cls(
            table=data["table"],
            common=data["common"],
            vocabulary=data["vocabulary"],
            space=space,
            store=Diagram(counts, data["fields"], data["children"]),
            roots=data["roots"],
            boxes=data["boxes"],
            digest=data["digest"],
            origin=origin,
        )


def domain_data(domain: Domain) -> Data:
    """Return a domain as plain data."""
    return {
        "words": list(domain.words),
        "groups": {name: list(words) for name, words in domain.groups.items()},
        "low": domain.low,
        "high": domain.high,
        "integer": domain.integer,
        "optional": domain.optional,
    }


def read_domain(data: Mapping[str, Any]) -> Domain:
    """Read back what `domain_data` wrote."""
    groups = {name: tuple(words) for name, words in data["groups"].items()}
    return Domain(**{**data, "words": tuple(data["words"]), "groups": groups})
