"""What a rule file holds: frozen models of tables, shared words and the vocabulary. No I/O, no logic."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from riskcli.slots import with_only

Level = Literal["low", "intermediate", "high", "very_high"]
Basis = Literal["direct", "converted", "judgement"]
Seen = Literal["full_text", "abstract", "secondary", "not_seen"]
Kind = Literal[
    "chemotherapy",
    "radiotherapy",
    "hormone_therapy",
    "biological_therapy",
    "bone_agent",
    "surgery",
    "surveillance",
]
SourceKind = Literal[
    "trial",
    "meta_analysis",
    "cohort",
    "guideline",
    "review",
    "label",
    "registry",
    "background",
]


def _text_keys(value: object) -> object:
    """Let a key such as 0 or 1 of a YAML map stand for its text."""
    if not isinstance(value, dict):
        return value
    found: dict[str, object] = {}
    for key, item in value.items():
        if str(key) in found:
            raise ValueError(f"the key {key} is given twice, once in quotes; keep one")
        found[str(key)] = item
    return found


def _as_list(value: object) -> object:
    """Let one id stand for a list of one."""
    return [value] if isinstance(value, str) else value


When = dict[str, Any]
"""Conditions by name; all of them hold. Their entries are read by `riskcli.conditions`."""
SomeWhen = Annotated[When, Field(min_length=1)]
"""Conditions that must say something: a row without any would shut everybody out."""
Ids = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]
Texts = Annotated[dict[str, str], BeforeValidator(_text_keys)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Line = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    """A piece of a rule file: frozen, and a key it does not know is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Part):
    """Where a statement comes from, the place in it, and how much of it was seen."""

    title: Line
    year: int | None = None
    kind: SourceKind
    at: Line
    seen: Seen
    doi: str | None = None
    pmid: int | None = None
    url: str | None = None
    identifier: Literal["none seen"] | None = None
    on: datetime.date | None = None


class Assume(Part):
    """The value taken when a report conventionally leaves a finding out."""

    value: Any
    why: Line
    when: When = {}


class FieldSpec(Part):
    """One field of a case: its values and how people meet it."""

    type: Literal["integer", "number", "word"]
    allowed: str | tuple[str, ...]
    text: Line
    panel: Literal["factor", "marker", "context"]
    where: str | None = None
    groups: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = {}
    unit: str | None = None
    worse: str | None = None
    core: bool = False
    optional: bool = False
    only_if: When = {}
    assume: tuple[Assume, ...] = ()
    synonyms: Annotated[dict[str, Any], BeforeValidator(_text_keys)] = {}
    says: Texts = {}

    @model_validator(mode="before")
    @classmethod
    def _one_assumption(cls, data: Any) -> Any:
        """Let one assumption stand for a list of one."""
        if isinstance(data, dict) and isinstance(data.get("assume"), dict):
            return {**data, "assume": [data["assume"]]}
        return data


class DerivedRow(Part):
    """One row of a derived table."""

    when: When
    is_: Annotated[str | int, Field(alias="is")]


class Points(Part):
    """A score: points by field and cell, summed."""

    points: dict[str, Annotated[dict[str, int], BeforeValidator(_text_keys)]]


def _rows_or_points(value: object) -> str:
    """Tell the two kinds of derived values apart by their shape."""
    return "<points>" if isinstance(value, dict | Points) else "<rows>"


Derived = Annotated[
    Annotated[tuple[DerivedRow, ...], Tag("<rows>")] | Annotated[Points, Tag("<points>")],
    Discriminator(_rows_or_points),
]


class Scope(Part):
    """A group of patients that the table does not answer, and where to look."""

    when: SomeWhen
    say: Line


class Impossible(Part):
    """A combination that cannot be."""

    when: SomeWhen
    why: Line


class Published(Part):
    """A figure exactly as it was published; without `years` where the publication gives no time."""

    percent: float = Field(ge=0, le=100)
    endpoint: Line
    treated: Line
    years: float | None = Field(None, gt=0)
    group: str | None = None


class Disputed(Part):
    """What other experts say about a row."""

    why: Line
    level: Level
    source: Ids


class LikelihoodRow(Part):
    """One row of the likelihood table; the first that holds decides."""

    id: Id
    when: When
    level: Level
    why: Line
    basis: Basis
    source: Ids
    published: Published | None = None
    limits: str | None = None
    route: str | None = None
    disputed: Disputed | None = None


class Criterion(Part):
    """One set of conditions under which an option applies."""

    id: Id
    when: When
    why: Line
    source: Ids
    limits: str | None = None


class Option(Part):
    """A treatment to discuss, or one that is not supported; any criterion is enough."""

    id: Id
    kind: Kind
    name: Line
    short: Annotated[str, Field(max_length=45)] | None = None
    any_of: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    agents: tuple[str, ...] = ()
    availability: dict[str, str] = {}


class Exemption(Part):
    """A declared break of monotonicity, with its reason."""

    field: str
    why: Line
    source: Ids
    when: When = {}


class System(Part):
    """A published grouping shown under its own name, with what it found of its groups.

    `outside` are the values that say that the system does not cover the case.
    """

    id: Id
    name: Line
    from_: Annotated[str, Field(alias="from")]
    source: Ids
    outside: tuple[str, ...] = ()
    says: Texts = {}


class Site(Part):
    """A usual first site of distant spread."""

    site: Line
    why: Line
    source: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()


class Example(Part):
    """A case with the answer that the evidence gives it."""

    id: Id
    case: dict[str, Any]
    text: str | None = None
    level: Level | None = None
    levels: tuple[Level, ...] = ()
    rule: str | None = None
    options: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    not_options: tuple[str, ...] = ()
    not_supported: tuple[str, ...] = ()
    out_of_scope: bool = False


class Reviewer(Part):
    """A clinician who signed the table."""

    name: Line
    role: Line
    date: datetime.date


class BasedOn(Part):
    """The packaged table that a local one was made from."""

    edition: str
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Table(Part):
    """One cancer's rule file."""

    cancer: Name
    title: Line
    also_called: tuple[str, ...] = ()
    status: Literal["draft", "reviewed"]
    edition: str
    evidence_checked: datetime.date
    reviewed_by: tuple[Reviewer, ...]
    review_by: datetime.date
    horizon_years: int = Field(ge=1, le=30)
    scope: Line
    blood_test: Line
    limits: tuple[str, ...]
    out_of_scope: tuple[Scope, ...]
    sources: dict[Id, Source]
    fields: dict[Name, FieldSpec]
    derived: dict[Name, Derived] = {}
    impossible: tuple[Impossible, ...] = ()
    warnings: tuple[Scope, ...] = ()
    likelihood: Annotated[tuple[LikelihoodRow, ...], Field(min_length=1)]
    options: tuple[Option, ...]
    not_supported: tuple[Option, ...] = ()
    exceptions: tuple[Exemption, ...] = ()
    systems: tuple[System, ...] = ()
    sites: tuple[Site, ...] = ()
    examples: tuple[Example, ...] = ()
    based_on: BasedOn | None = None

    @field_validator("reviewed_by")
    @classmethod
    def _signed(cls, value: tuple[Reviewer, ...], info: ValidationInfo) -> tuple[Reviewer, ...]:
        """Only a named clinician makes a table reviewed."""
        if info.data.get("status") == "reviewed" and not value:
            raise ValueError("names nobody, but status is reviewed; leave it a draft")
        return value


class Vignettes(Part):
    """The larger set of worked cases of one table, kept under tests/rules."""

    cancer: Name
    vignettes: tuple[Example, ...]


class LevelWords(Part):
    """A likelihood level: its band in 100 and how people read it."""

    id: Level
    from_: Annotated[int, Field(alias="from")]
    below: int
    word: Line
    says: Line
    band: Line


class Premise(Part):
    """What is taken of the scope gate when it is not stated."""

    value: str
    why: Line


Edges = Annotated[Line, AfterValidator(with_only("from", "below"))]


class Bands(Part):
    """How a range of levels is worded in 100; `{from}` and `{below}` are its edges."""

    below: Edges
    between: Edges
    from_: Annotated[Edges, Field(alias="from")]
    any: Line


class Excluded(Part):
    """Cancers that no table covers, and what to say about them."""

    names: Annotated[tuple[str, ...], Field(min_length=1)]
    say: Line


class Common(Part):
    """The words that every table shares."""

    levels: Annotated[tuple[LevelWords, ...], Field(min_length=4, max_length=4)]
    bands: Bands
    meaning: Annotated[Line, AfterValidator(with_only("band", "years"))]
    treatment_lowers: Line
    uncertainty: Line
    not_considered: Line
    draft: Line
    premises: dict[str, Premise]
    routes: dict[str, Line]
    factors: dict[str, Texts]
    warnings: tuple[Scope, ...] = ()
    field_names: Texts = {}
    synonyms: dict[str, Annotated[dict[str, Any], BeforeValidator(_text_keys)]]
    unknown_words: tuple[str, ...]
    not_done_words: tuple[str, ...]
    prefixes: dict[str, dict[str, str]]
    excluded: tuple[Excluded, ...]
    labels: dict[str, Any]


class Word(Part):
    """One field of the vocabulary."""

    type: Literal["integer", "number", "word", "text"]
    text: Line
    values: tuple[str, ...] = ()
    unit: str | None = None
    min: float | int | None = None
    max: float | int | None = None
    core: bool = False
    worse: str | None = None
    note: str | None = None


Vocabulary = Mapping[str, Mapping[str, Word]]
"""The fields of every cancer, and under `common` those of all of them."""
