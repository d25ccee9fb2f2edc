"""The answer: frozen models that every output shows. No logic and no I/O."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NoReturn

from pydantic import AfterValidator, BaseModel, ConfigDict

Level = Literal["low", "intermediate", "high", "very_high"]


class Fixed(dict[str, Any]):
    """A map that nobody may change: answers share their parts, so a change would show in the next one.

    Example:
        >>> Fixed(a=1)["a"]
        1
    """

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("an answer is not to be changed; copy what is to be another")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type[Fixed], tuple[dict[str, Any]]]:
        """Return what copies and pickles are made of."""
        return type(self), (dict(self),)


def _own(value: Any) -> Any:
    """Return a value with lists and maps of its own: what a table or a record holds is not lent out."""
    if isinstance(value, list):
        return [_own(item) for item in value]
    return {key: _own(item) for key, item in value.items()} if isinstance(value, dict) else value


Own = Annotated[Any, AfterValidator(_own)]
Texts = Annotated[dict[str, str], AfterValidator(Fixed)]


class Piece(BaseModel):
    """A part of an answer. Readers must accept keys that later versions add."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Assumed(Piece):
    """A value that was taken without being stated."""

    field: str
    value: Own
    why: str


class Translated(Piece):
    """A report's word and what it was read as."""

    field: str
    given: Own
    read_as: Own


class Likelihood(Piece):
    """The level, or every level still possible."""

    level: Level | None
    """Set exactly when one level is left."""
    levels: tuple[Level, ...]
    """Every level still possible, from lowest to highest; it may skip one."""
    lowest: Level
    highest: Level
    words: str
    """The level or levels in words."""
    band: str
    """The band or bands in 100, from the lowest to the highest."""
    meaning: str
    """The whole statement: what, how many in 100, within how many years, in whom."""
    horizon_years: int


class Published(Piece):
    """A figure as it was published."""

    percent: float
    endpoint: str
    treated: str
    years: float | None
    """None where the publication gives no time."""
    group: str | None = None


class Disputed(Piece):
    """What other experts say about a row."""

    why: str
    level: Level
    sources: tuple[str, ...]


class Reason(Piece):
    """A row of the likelihood table that applies, or still may."""

    rule: str
    certain: bool
    """Whether it applies to every case the facts allow."""
    level: Level
    basis: Literal["direct", "converted", "judgement"]
    published: Published | None
    why: str
    limits: str | None
    fields: tuple[str, ...]
    """The fields the row turns on."""
    route: str | None
    disputed: Disputed | None
    sources: tuple[str, ...]


class Factor(Piece):
    """What a documented finding means, in words."""

    field: str
    value: Own
    says: str


class Unknown(Piece):
    """A field that is open and still matters."""

    field: str
    decides: tuple[str, ...]
    """`likelihood` and the ids of the options it matters to."""
    settles: Literal["always", "sometimes", "never"]
    """Whether knowing it leaves one level."""


class Change(Piece):
    """What the nearest other value of a known field would give."""

    field: str
    from_: str | tuple[str, ...]
    to: str
    lowest: Level
    highest: Level

    model_config = ConfigDict(
        frozen=True,
        defer_build=True,
        serialize_by_alias=True,
        validate_by_name=True,
        alias_generator=lambda name: name.rstrip("_"),
    )


class OptionAnswer(Piece):
    """A treatment to discuss, with the criteria that match or may match."""

    id: str
    rules: tuple[str, ...]
    kind: str
    name: str
    short: str
    """The name in a few words."""
    agents: tuple[str, ...]
    status: Literal["matches", "depends"]
    depends_on: tuple[str, ...]
    availability: Texts
    why: str
    limits: str | None
    sources: tuple[str, ...]


class NotSupported(Piece):
    """What was shown not to help in such a case, or whose criteria rule it out."""

    id: str
    kind: str
    name: str
    agents: tuple[str, ...]
    why: str
    sources: tuple[str, ...]


class LikelySite(Piece):
    """A usual first site of distant spread."""

    site: str
    why: str
    sources: tuple[str, ...]


class SystemAnswer(Piece):
    """What a published grouping gives for the case."""

    id: str
    name: str
    applies: Literal["yes", "no", "depends"]
    """Whether the system covers the case."""
    value: str | None
    values: tuple[str, ...]
    says: str | None
    """What the publication found of the group, where there is one and the table holds it."""
    sources: tuple[str, ...]


class Provenance(Piece):
    """Which rules gave the answer, and where they stand."""

    table: str
    status: str
    edition: str
    evidence_checked: str
    reviewed_by: tuple[Texts, ...]
    review_by: str
    sha256: str
    origin: str


class SourceAnswer(Piece):
    """A source the answer cites, with the place in it and how much of it was seen."""

    title: str
    year: int | None = None
    kind: str
    doi: str | None = None
    pmid: int | None = None
    url: str | None = None
    at: str
    seen: str
    on: str | None = None


class Assessment(Piece):
    """The whole answer to one case.

    Example:
        >>> import riskcli
        >>> riskcli.assess({"cancer": "other_solid", "metastasis": "absent"}).likelihood.level is None
        True
    """

    schema_version: int
    riskcli: str
    cancer: str
    title: str
    ref: Any
    case: Annotated[dict[str, Own], AfterValidator(Fixed)]
    read: tuple[Translated, ...]
    assumed: tuple[Assumed, ...]
    likelihood: Likelihood
    reasons: tuple[Reason, ...]
    factors: tuple[Factor, ...]
    unknown: tuple[Unknown, ...]
    to_settle: tuple[str, ...]
    tests_that_could_change_it: tuple[str, ...]
    what_would_change_it: tuple[Change, ...]
    options: tuple[OptionAnswer, ...]
    not_supported: tuple[NotSupported, ...]
    likely_sites: tuple[LikelySite, ...]
    systems: tuple[SystemAnswer, ...]
    blood_test: str
    warnings: tuple[str, ...]
    limits: tuple[str, ...]
    uncertainty: str
    provenance: Provenance
    sources: Annotated[dict[str, SourceAnswer], AfterValidator(Fixed)]
