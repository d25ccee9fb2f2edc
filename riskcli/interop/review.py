"""A table as CSV for a reader to mark: one line a row that has an id. No I/O, decides nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from riskcli.forms import CANCER, DIGEST, EDITION, ID
from riskcli.report.rows import Shown
from riskcli.report.tables import figure
from riskcli.report.terminal import clean
from riskcli.report.wording import Wording
from riskcli.tables import Criterion, LikelihoodRow, Option, Source

VERDICT, REMARK = "verdict", "remark"
"""The columns that are left empty for the reader."""
COLUMNS = (
    *(ID, CANCER, EDITION, DIGEST),
    *("section", "number", "option", "name", "condition", "level", "band", "figure", "why", "limits"),
    *("disputed", "source", "seen", VERDICT, REMARK),
)
_FORMULA = re.compile(r"[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
"""What a spreadsheet runs as a formula when a text begins with it, and what it may not harm."""

Row = dict[str, object]


def review_csv(tables: Iterable[Shown]) -> str:
    """Return the rows of tables, with their grounds and room for a verdict, as CSV.

    Likelihood rows stand in their order; every criterion of an option, and of what is not supported, has
    a line of its own.

    Example:
        >>> from riskcli.loader import load_rules
        >>> text = review_csv([Shown.of(load_rules(), "other_solid")])
        >>> first = next(csv.DictReader(io.StringIO(text)))
        >>> first["id"], first["band"], first["verdict"]
        ('marker-elevated-with-positive-nodes', '50 or more in 100', '')
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for shown in tables:
        head = {CANCER: shown.table.cancer, EDITION: shown.table.edition, DIGEST: shown.digest}
        for row in _Rows(shown).all():
            writer.writerow({key: harmless(value) for key, value in (head | row).items()})
    return text.getvalue()


def harmless(value: object) -> str:
    """Return text on one line that no spreadsheet takes for a formula.

    Example:
        >>> harmless("=1+1"), harmless("-5"), harmless("grade 3")
        ("'=1+1", '-5', 'grade 3')
    """
    text = " ".join(clean(str(value)).split())
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


class _Rows:
    """The rows of one table."""

    def __init__(self, shown: Shown) -> None:
        self.table = shown.table
        self.labels: Mapping[str, Any] = shown.common.labels
        self.wording = Wording(self.labels)
        self.bands = {level.id: level.band for level in shown.common.levels}

    def all(self) -> Iterator[Row]:
        """Give every row that has an id."""
        for number, row in enumerate(self.table.likelihood, 1):
            yield {"section": "likelihood", "number": number} | self._grounds(row) | self._level(row)
        for section in ("options", "not_supported"):
            for option in getattr(self.table, section):
                for number, criterion in enumerate(option.any_of, 1):
                    yield {"section": section, "number": number} | self._grounds(criterion) | _of(option)

    def _grounds(self, row: LikelihoodRow | Criterion) -> Row:
        """Return what likelihood rows and criteria have in common."""
        sources = [self.table.sources[name] for name in row.source if name in self.table.sources]
        return {
            ID: row.id,
            "condition": self.wording.conditions(row.when),
            "why": row.why,
            "limits": row.limits or "",
            "source": " | ".join(map(_source, sources)),
            "seen": " | ".join(str(self.labels["seen"][source.seen]) for source in sources),
        }

    def _level(self, row: LikelihoodRow) -> Row:
        """Return what a likelihood row says, and who says otherwise."""
        found: Row = {
            "level": self.wording.level(row.level),
            "band": self.bands[row.level],
            "figure": figure(self.labels, row.basis, row.published),
        }
        if row.disputed:
            found["disputed"] = f"{self.wording.level(row.disputed.level)}: {row.disputed.why}"
        return found


def _of(option: Option) -> Row:
    """Return the option that a criterion belongs to."""
    return {"option": option.id, "name": option.name}


def _source(source: Source) -> str:
    """Return a source with the place in it."""
    ids = {"doi ": source.doi, "PMID ": source.pmid, "": source.url}
    where = [f"{kind}{value}" for kind, value in ids.items() if value]
    return "; ".join([source.title, f"at {source.at}", *where[:1]])
