"""Sources as people read them: their marks in a text, and each in full. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from riskcli.report.sections import Entry, Note, Section
from riskcli.tables import Source
from riskcli.words import say


def source_entry(source: Source, number: int, name: str, labels: Mapping[str, Any]) -> Entry:
    """Return one source: what it is, the place in it, and how much of it was seen on which day.

    Example:
        >>> page = Source(title="A page", kind="background", at="the end", seen="not_seen")
        >>> entry = source_entry(page, 2, "a-page", {"seen": {"not_seen": "not seen"}})
        >>> entry.code, entry.text, entry.notes
        ('[2] a-page', 'A page', (('', 'background; not seen'), ('at', 'the end')))
    """
    ids = [
        f"doi {source.doi}" if source.doi else "",
        f"PMID {source.pmid}" if source.pmid else "",
        say("sources.identifier", identifier=source.identifier) if source.identifier else "",
    ]
    seen, kind = labels["seen"][source.seen], say(f"codes.source_kinds.{source.kind}")
    if source.on:
        seen = say("sources.seen", seen=seen, day=source.on)
    if source.year:
        kind = say("sources.kind", kind=kind, year=source.year)
    notes: list[Note] = [("", "; ".join((kind, *filter(None, ids), seen))), (say("sources.at"), source.at)]
    if source.url:
        notes.append(("", source.url))
    return Entry(source.title, tuple(notes), f"[{number}] {name}")


class Citations:
    """Numbers the sources of a page in the order in which they are first cited.

    Example:
        >>> page = Source(title="A page", kind="background", at="the end", seen="not_seen")
        >>> labels = {"sources": "Sources", "seen": {"not_seen": "not seen"}}
        >>> cited = Citations({"a": page, "b": page}, labels)
        >>> cited.marks(["b"]), cited.marks(["a", "b"])
        ('[1]', '[2][1]')
        >>> [entry.code for entry in cited.section().entries]
        ['[1] b', '[2] a']
    """

    def __init__(self, sources: Mapping[str, Source], labels: Mapping[str, Any]) -> None:
        """Cite from `sources`, with the `labels` of `common.yaml`."""
        self._sources = sources
        self._labels = labels
        self._numbers: dict[str, int] = {}

    def marks(self, names: Iterable[str]) -> str:
        """Return the marks that cite sources."""
        return "".join(f"[{self._numbers.setdefault(name, len(self._numbers) + 1)}]" for name in names)

    def section(self) -> Section:
        """Return what was cited so far, in full."""
        entries = (
            source_entry(self._sources[name], number, name, self._labels)
            for name, number in self._numbers.items()
        )
        data = {
            name: self._sources[name].model_dump(mode="json", exclude_none=True) for name in self._numbers
        }
        return Section(self._labels["sources"], tuple(entries), sources=data)
