"""What the tables hold and what of it has aged. Reads tables through the loader; shows nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, get_args

from riskcli.compiled import LEVELS
from riskcli.diagram import Diagram
from riskcli.loader import Rules
from riskcli.tables import Basis, Seen, Table
from riskcli.words import all_of, say
from riskcli.yaml_source import Document, Path

BASES: tuple[str, ...] = get_args(Basis)
SEEN: tuple[str, ...] = get_args(Seen)
_FEW = 3
"""The most rows that a sentence names one by one."""


@dataclass(frozen=True)
class Summary:
    """One table at a glance."""

    cancer: str
    title: str
    status: str
    edition: str
    evidence_checked: date
    review_by: date
    review_passed: bool
    """Whether `review_by` lies before the day that was asked about."""
    rows: int
    by_basis: dict[str, int]
    by_level: dict[str, int]
    options: int
    not_supported: int
    examples: int
    sources: int
    by_seen: dict[str, int]
    nodes: int
    """How many nodes the diagrams of all outputs need."""
    level_states: int
    """How many of them the level's own diagram needs."""
    origin: str
    digest: str

    def data(self) -> dict[str, Any]:
        """Return the summary as plain data."""
        return plain_data(asdict(self))


def summary(rules: Rules, name: str, today: date) -> Summary:
    """Return one table at a glance; `today` is the day against which its review is held.

    Raises:
        CaseError: there is no table of that name.
        RuleFileError: the rule file is faulty.
    Example:
        >>> found = summary(Rules(), "other_solid", date(2026, 11, 25))
        >>> found.by_basis, found.review_passed
        ({'direct': 0, 'converted': 0, 'judgement': 11}, False)
    """
    compiled = rules.get(name)
    _, table = rules.read(name)
    return Summary(
        cancer=name,
        title=table.title,
        status=table.status,
        edition=table.edition,
        evidence_checked=table.evidence_checked,
        review_by=table.review_by,
        review_passed=table.review_by < today,
        rows=len(table.likelihood),
        by_basis=_counted(BASES, [row.basis for row in table.likelihood]),
        by_level=_counted(LEVELS, [row.level for row in table.likelihood]),
        options=len(table.options),
        not_supported=len(table.not_supported),
        examples=len(table.examples),
        sources=len(table.sources),
        by_seen=_counted(SEEN, [source.seen for source in table.sources.values()]),
        nodes=nodes_below(compiled.store, *compiled.roots.values()),
        level_states=nodes_below(compiled.store, compiled.roots["level"]),
        origin=rules.origin(name),
        digest=compiled.digest,
    )


def _counted(words: Sequence[str], found: Sequence[str]) -> dict[str, int]:
    """Return how often each word was found, none left out."""
    counts = Counter(found)
    return {word: counts[word] for word in words}


def nodes_below(store: Diagram, *roots: int) -> int:
    """Return how many nodes diagrams need together.

    Example:
        >>> store = Diagram([2, 2])
        >>> nodes_below(store, store.box({0: 0b01, 1: 0b10}))
        2
    """
    seen: set[int] = set()
    stack = list(roots)
    while stack:
        here = stack.pop()
        if here >= 0 and here not in seen:
            seen.add(here)
            stack.extend(store.children[here])
    return len(seen)


# ---- what has aged


@dataclass(frozen=True)
class Item:
    """One thing that an audit says of a table."""

    code: str
    """A stable word for this kind of item; see `CODES`."""
    cancer: str
    file: str
    line: int
    row: str
    """The row, source or key it is about."""
    message: str
    """What there is to say, in one sentence."""
    rests: tuple[str, ...]
    """The ids of the rows that rest on it."""
    aged: bool
    """Whether something is past its date."""

    def __str__(self) -> str:
        """Return the item as one line."""
        return f"{self.file}:{self.line}: {self.code}: {self.message}"


CODES: dict[str, str] = {
    "review-due": "the day of the next review has passed (aged)",
    "evidence-old": "the evidence was last checked over a year ago (aged)",
    "source-old": "a source was last looked at over a year ago (aged)",
    "not-seen": "a source that nobody has looked at",
    "oldest": "the oldest source behind a level",
}
"""Every kind of item and what it means."""


@dataclass(frozen=True)
class Audit:
    """What rests on what, as of a day."""

    as_of: date
    items: tuple[Item, ...]

    @property
    def overdue(self) -> bool:
        """Whether anything is past its date."""
        return any(item.aged for item in self.items)

    def data(self) -> dict[str, Any]:
        """Return the audit as plain data."""
        items = [asdict(item) for item in self.items]
        return plain_data({"as_of": self.as_of, "overdue": self.overdue, "items": items})


def audit(rules: Rules, as_of: date, names: Sequence[str] = ()) -> Audit:
    """Return what rests on evidence or reviews past their date, what was not seen, and what is oldest.

    Evidence and sources age after a year, a review on the day the table names. Every table of `rules` is
    read unless `names` says which.

    Raises:
        RuleFileError: a rule file is faulty.
    Example:
        >>> found = audit(Rules(), date(2028, 1, 1), ["other_solid"])
        >>> found.overdue, [item.code for item in found.items][:2]
        (True, ['review-due', 'evidence-old'])
    """
    items: list[Item] = []
    for name in names or rules.names:
        document, table = rules.read(name)
        items += _Auditor(document, table, as_of).items()
    return Audit(as_of, tuple(items))


def year_before(day: date) -> date:
    """Return the same day a year earlier; of 29 February, the 28th.

    Example:
        >>> str(year_before(date(2028, 2, 29)))
        '2027-02-28'
    """
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


class _Auditor:
    """One table under audit."""

    def __init__(self, document: Document, table: Table, as_of: date) -> None:
        self.document = document
        self.table = table
        self.as_of = as_of
        self.limit = year_before(as_of)
        self.citing = citations(table)

    def items(self) -> Iterator[Item]:
        """Give every item: what has aged first, then what was not seen, then what is oldest."""
        yield from self._dates()
        yield from self._old_sources()
        yield from self._unseen()
        yield from self._oldest()

    def _item(
        self, code: str, path: Path, row: str, message: str, rests: Sequence[str] = (), aged: bool = False
    ) -> Item:
        """Return an item at a place in the file."""
        line = self.document.line(path)
        return Item(code, self.table.cancer, self.document.file, line, row, message, tuple(rests), aged)

    def _dates(self) -> Iterator[Item]:
        """Hold the table's own dates against the day."""
        if self.table.review_by < self.as_of:
            message = say("audit.review_due", day=self.table.review_by)
            yield self._item("review-due", ("review_by",), "review_by", message, aged=True)
        if self.table.evidence_checked < self.limit:
            message = say("audit.evidence_old", day=self.table.evidence_checked)
            yield self._item("evidence-old", ("evidence_checked",), "evidence_checked", message, aged=True)

    def _old_sources(self) -> Iterator[Item]:
        """Find the sources that were looked at over a year before the day."""
        for name, source in self.table.sources.items():
            if source.on and source.on < self.limit:
                message = say("audit.source_old", source=name, day=source.on, rest=self._rest(name))
                yield self._item(
                    "source-old", ("sources", name), name, message, self.citing.get(name, ()), aged=True
                )

    def _unseen(self) -> Iterator[Item]:
        """Find the sources that nobody looked at."""
        for name, source in self.table.sources.items():
            if source.seen == "not_seen":
                message = say("audit.not_seen", source=name, rest=self._rest(name))
                yield self._item("not-seen", ("sources", name), name, message, self.citing.get(name, ()))

    def _oldest(self) -> Iterator[Item]:
        """Find the oldest source behind each level."""
        for level in LEVELS:
            cited = [
                (year, i, source, row.id)
                for i, row in enumerate(self.table.likelihood)
                if row.level == level
                for source in row.source
                if source in self.table.sources
                if (year := self.table.sources[source].year)
            ]
            if not cited:
                continue
            year, place, source, row_id = min(cited)
            rests = tuple(row for _, _, name, row in cited if name == source)
            words = say(f"codes.levels.{level}")
            message = say("audit.oldest", level=words, source=source, year=year, row=row_id)
            yield self._item("oldest", ("likelihood", place), row_id, message, rests)

    def _rest(self, source: str) -> str:
        """Say which rows rest on a source."""
        rows = self.citing.get(source, ())
        if not rows:
            return say("audit.rest.nothing")
        named = list(rows[:_FEW])
        if len(rows) > _FEW + 1:
            named.append(say("audit.rest.others", count=len(rows) - _FEW))
        elif len(rows) > _FEW:
            named.append(rows[_FEW])
        return say("audit.rest.one" if len(rows) == 1 else "audit.rest.several", rows=all_of(named))


def citations(table: Table) -> dict[str, tuple[str, ...]]:
    """Return the rows that cite each source, in the order of the file.

    Example:
        >>> citations(Rules().read("other_solid")[1])["seed-spread"]
        ('the site "nearby lymph nodes"', 'the site "lung"', 'the site "liver"')
    """
    found: dict[str, dict[str, None]] = {}

    def note(row: str, sources: Sequence[str]) -> None:
        for source in sources:
            found.setdefault(source, {})[row] = None

    for row in table.likelihood:
        note(row.id, (*row.source, *(row.disputed.source if row.disputed else ())))
    for option in (*table.options, *table.not_supported):
        for criterion in option.any_of:
            note(criterion.id, criterion.source)
    for exemption in table.exceptions:
        note(say("audit.exception", field=exemption.field), exemption.source)
    for system in table.systems:
        note(system.id, system.source)
    for site in table.sites:
        note(say("audit.site", site=site.site), site.source)
    return {source: tuple(rows) for source, rows in found.items()}


def plain_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return data with its dates as text and its tuples as lists.

    Example:
        >>> plain_data({"on": date(2026, 11, 24), "rows": ("a", "b")})
        {'on': '2026-11-24', 'rows': ['a', 'b']}
    """
    return {key: _plain(value) for key, value in data.items()}


def _plain(value: Any) -> Any:
    """Return one value as JSON has it."""
    if isinstance(value, dict):
        return plain_data(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
