"""The background in plain words: pages of statements, each with its sources. Reads one rule file."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from riskcli.errors import RuleFileError
from riskcli.loader import EXPLAIN, packaged_directory
from riskcli.report.terminal import LABEL
from riskcli.rule_files import read_model
from riskcli.tables import Id, Ids, Line, Part, Source
from riskcli.yaml_source import Document
from riskcli.yaml_source import Path as Place

_MARGIN = LABEL - 1
"""The most characters of a heading in the margin of a terminal."""


class DatedSource(Source):
    """A source with the day on which it was looked at."""

    on: datetime.date


class Statement(Part):
    """Something that is said, and where it is from."""

    id: Id
    text: Line
    from_: Annotated[Ids, Field(alias="from")]


class Passage(Part):
    """A section of a page."""

    id: Id
    heading: Line
    label: Annotated[str, Field(min_length=1, max_length=_MARGIN)] | None = None
    """A shorter heading for the margin of a terminal."""
    says: Annotated[tuple[Statement, ...], Field(min_length=1)]
    shows: Literal["levels", "uncertainty"] | None = None
    """Words of the tables that stand under it."""

    @model_validator(mode="after")
    def _has_a_short_heading(self) -> Passage:
        """A heading that is too long for the margin needs a shorter one beside it."""
        if self.label is None and len(self.heading) > _MARGIN:
            raise ValueError(f"needs a `label` of at most {_MARGIN} characters, as its heading is longer")
        return self


class Subject(Part):
    """One page."""

    id: Id
    title: Line
    about: Line
    """What it is about, for the list of topics."""
    for_cancer: tuple[Literal["sites", "blood_test"], ...] = ()
    """What of a cancer's table is shown where one is named after the topic."""
    sections: Annotated[tuple[Passage, ...], Field(min_length=1)]


class Words(Part):
    """Sentences that stand on several pages; `{topic}` is a page's id, `{topics}` are several."""

    cancers: Line
    one_cancer: Line
    background: Line
    usual: Line
    no_sites: Line


class Background(Part):
    """All pages, and the sources of their statements."""

    words: Words
    sources: dict[Id, DatedSource]
    pages: Annotated[tuple[Subject, ...], Field(min_length=1)]


def read_background(path: Path | None = None) -> Background:
    """Return the pages of the background; by default the packaged ones.

    Raises:
        RuleFileError: the file cannot be read or is faulty.
    Example:
        >>> [page.id for page in read_background().pages][:3]
        ['micrometastases', 'primary-and-secondary', 'spread']
    """
    document, found = read_model(path or packaged_directory() / EXPLAIN, Background)
    faults = [document.fault(place, text) for place, text in (*_repeated(document), *_uncited(found))]
    if faults:
        raise RuleFileError(sorted(faults, key=lambda fault: fault.line))
    return found


def _repeated(document: Document) -> Iterator[tuple[Place, str]]:
    """Give every id that stands twice among its like."""
    queue: list[Place] = [("pages",)]
    while queue:
        place = queue.pop(0)
        items = document.data
        for key in place:
            items = items[key]
        ids = [item["id"] for item in items]
        for number, item in enumerate(items):
            if item["id"] in ids[:number]:
                yield (*place, number), f"the id {item['id']} is given twice; keep one"
            queue += [(*place, number, inner) for inner in ("sections", "says") if inner in item]


def _uncited(found: Background) -> Iterator[tuple[Place, str]]:
    """Give every statement whose source does not exist, and every source that no statement has."""
    cited: set[str] = set()
    for i, page in enumerate(found.pages):
        for j, section in enumerate(page.sections):
            for k, statement in enumerate(section.says):
                cited |= set(statement.from_)
                for name in statement.from_:
                    if name not in found.sources:
                        place = ("pages", i, "sections", j, "says", k, "from")
                        yield place, f"{statement.id}: {name} is not in sources; add it or correct the name"
    for name in found.sources:
        if name not in cited:
            yield ("sources", name), f"{name}: no statement is from it; cite it or delete it"
