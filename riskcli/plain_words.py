"""The sentences for the person whose answer it is. Reads one rule file; judges nothing."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, get_args

from pydantic import Field, model_validator

from riskcli.loader import PATIENT, Rules, packaged_directory
from riskcli.rule_files import read_model
from riskcli.tables import Id, Ids, Kind, Level, Line, Part, Source

FILE = PATIENT
_PLACES = {
    "two_levels.say": {"levels"},
    "group.say": {"time"},
    "will.say": {"count"},
    "will_not.say": {"count"},
    "counts.below": {"high"},
    "counts.between": {"low", "high"},
    "counts.at_least": {"low"},
    "counts.over": {"low"},
    "counts.up_to": {"high"},
    "counts.joined": {"first", "second"},
    "squares.sure": {"count"},
    "squares.open": {"count"},
    "squares.rest": {"count"},
}
"""The sentences into which something is put, and what."""
From = Annotated[Ids, Field(alias="from")]
"""The sources of a statement, by their ids."""


class Statement(Part):
    """What is said, and where it comes from."""

    say: Line
    from_: From


class LevelStatement(Statement):
    """A level in a sentence, and in a few words."""

    word: Line


class Premises(Statement):
    """What is taken as so, and what people call each of these points."""

    names: dict[str, Line]
    others: Statement


class Results(Part):
    """What people call the results that may be missing."""

    from_: From
    names: dict[str, Line]


class Counts(Part):
    """How many of a hundred, as the edges of a band say it."""

    below: Line
    between: Line
    at_least: Line
    over: Line
    up_to: Line
    joined: Line
    from_: From


class Squares(Part):
    """The words of the picture of a hundred people on a page."""

    title: Line
    sure: Line
    open: Line
    rest: Line
    about: Line
    none: Line
    from_: From


class Treatments(Part):
    """What is said around the kinds of treatment; that the team decides comes before any of them."""

    decides: Statement
    matches: Statement
    depends: Statement
    none: Statement
    not_considered: Statement


class Questions(Statement):
    """Questions to take along."""

    ask: tuple[Line, ...]


class Place(Statement):
    """Somebody who helps, and the day on which their page was looked at."""

    country: Line
    name: Line
    looked_at: datetime.date


class Support(Statement):
    """Where to find help, and what to do where nobody is listed."""

    where: tuple[Place, ...]
    elsewhere: Statement


class Labels(Part):
    """What stands beside the parts of the page."""

    about: Line
    premises: Line
    hidden: Line
    first: Line
    level: Line
    unknown: Line
    guess: Line
    treatment: Line
    options: Line
    questions: Line
    support: Line


class Headings(Part):
    """What stands above the parts of the page as a file, where that is more than their label."""

    premises: Line
    first: Line
    unknown: Line
    options: Line
    questions: Line
    support: Line
    uncertainty: Line


class Notes(Part):
    """What stands around the room to write by hand."""

    discussion: Line
    by_hand: Line
    discussed_by: Line
    from_: From


class PatientPage(Part):
    """Every sentence of the page, in one language."""

    language: Line
    sources: dict[Id, Source]
    labels: Labels
    headings: Headings
    about: tuple[Statement, ...]
    draft: Statement
    warned: Statement
    premises: Premises
    hidden: tuple[Statement, ...]
    first: dict[Level, Statement]
    """What comes before any number, where the lowest level is one of these; the highest level's is said."""
    next: Statement
    levels: dict[Level, LevelStatement]
    two_levels: Statement
    group: Statement
    will: Statement
    will_not: Statement
    counts: Counts
    picture: Statement
    squares: Squares
    treatment_lowers: Statement
    one_person: Statement
    not_enough: Statement
    awaited: Statement
    then: Statement
    results: Results
    guess: tuple[Statement, ...]
    treatment: tuple[Statement, ...]
    options: Treatments
    kinds: dict[str, Statement]
    questions: Questions
    support: Support
    longer: Statement
    notes: Notes

    @model_validator(mode="after")
    def _whole(self) -> PatientPage:
        """Refuse a page that would break in somebody's hands: with a gap, or with a source nobody knows."""
        wrong = [
            *(f"{name} is cited but is not in `sources`" for name in cited(self) if name not in self.sources),
            *(f"levels.{name} is missing" for name in get_args(Level) if name not in self.levels),
            *(f"kinds.{name} is missing" for name in get_args(Kind) if name not in self.kinds),
            *(f"kinds.{name} is no kind of treatment" for name in self.kinds if name not in get_args(Kind)),
            *self._unfilled(),
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _unfilled(self) -> Iterator[str]:
        """Say which sentences lack what is put into them, or have a place for something else."""
        for path, places in _PLACES.items():
            text = reduce(getattr, path.split("."), self)
            found = {name for _, name, _, _ in Formatter().parse(str(text)) if name is not None}
            if found != places:
                shown = " and ".join(f"{{{name}}}" for name in sorted(places))
                yield f"{path} must hold {shown} and nothing else in braces"


def cited(part: Any) -> Iterator[str]:
    """Give the sources that a part of the page cites.

    Example:
        >>> list(cited(Statement.model_validate({"say": "So it is.", "from": ["a", "b"]})))
        ['a', 'b']
    """
    if isinstance(part, Part):
        yield from getattr(part, "from_", ())
        part = {name: getattr(part, name) for name in type(part).model_fields}
    if isinstance(part, dict):
        part = tuple(part.values())
    if isinstance(part, tuple):
        for item in part:
            yield from cited(item)


def read_patient(path: Path | None = None) -> PatientPage:
    """Return the sentences of a file; by default the packaged one, in English.

    Raises:
        RuleFileError: it cannot be read or is faulty.
    Example:
        >>> read_patient().language
        'English'
    """
    return read_model(path or packaged_directory() / FILE, PatientPage)[1]


def patient_page(rules: Rules, cancer: str) -> PatientPage:
    """Return the sentences for a cancer: those of the file beside its table, or else the packaged ones.

    Raises:
        RuleFileError: the file cannot be read or is faulty.
    Example:
        >>> from riskcli.loader import load_rules
        >>> patient_page(load_rules(), "breast") is read_patient()
        True
    """
    beside = rules.file(cancer).parent / FILE
    return read_patient(beside if beside.is_file() else None)
