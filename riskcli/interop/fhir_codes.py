"""What the codes of FHIR resources stand for, from `rules/fhir.yaml`. Knows no resource and no medicine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from riskcli.packaged import packaged_directory
from riskcli.tables import Line, Part

FILE = "fhir.yaml"

Code = Annotated[str, Field(pattern=r"^[a-z0-9]+( [A-Za-z0-9./-]+)?$")]
"""A code with the short name of its system, as in `loinc 21893-3`."""
Codes = tuple[Code, ...]
Word = str | int
"""A value of a field."""
Bands = Mapping[str, Word]
"""What a number stands for: `3..5` with both ends, `0..<1` without the upper one."""


class System(Part):
    """A system of codes, under all the addresses it is known by."""

    uris: tuple[str, ...]
    begins: bool = False
    """Whether what a code begins with stands for all that it covers."""


class Version(Part):
    """Another release of FHIR, and the elements that give it away."""

    is_: Annotated[str, Field(alias="is")]
    elements: Mapping[str, tuple[str, ...]]


class Kind(Part):
    """One of several cancers that share a place, and the morphologies it has."""

    cancer: Line
    morphologies: Codes = ()


class Cancer(Part):
    """What the code of a condition stands for: one cancer, or one of several kinds."""

    cancer: Line | None = None
    says: Line | None = None
    """What it is called while its kind is open."""
    codes: Codes = ()
    sites: Codes = ()
    """Where a cancer that names no place itself would be this one."""
    kinds: tuple[Kind, ...] = ()


class Morphology(Part):
    """How the site and the morphology of a cancer are asked of the crosswalk of registries."""

    site: str
    histology: str
    behaviour: str
    """The items of the crosswalk."""
    sets: tuple[str, ...]
    """The fields that may follow."""
    places: Mapping[str, str]
    """Codes of diseases whose topography is called otherwise."""
    whole: tuple[str, ...]
    """Topographies that have no parts."""
    unnamed: tuple[str, ...]
    """Histologies that say only that a tumour is malignant: the condition says more."""


class Surgery(Part):
    """What is an operation that removes a cancer."""

    profiles: tuple[str, ...]
    codes: Mapping[str, Codes]
    """By cancer: an operation on another organ does not remove it."""
    words: Mapping[str, str]
    """What is looked for where no code tells, by cancer; in small letters."""
    not_words: str
    """What an operation that removes no cancer says."""


class Before(Part):
    """What is said when a treatment came before the operation."""

    field: str
    value: str
    codes: Codes
    profiles: tuple[str, ...]
    kinds: tuple[str, ...]
    """The kinds of option whose drugs are such a treatment."""
    more_drugs: tuple[str, ...]
    """Drugs that the tables call otherwise or do not name."""
    not_drugs: tuple[str, ...]
    longest: int
    """How many years before the operation it can have been given."""


class Category(Part):
    """A category of the TNM system: its observations, and how it is printed."""

    pathological: Codes
    clinical: Codes
    either: Codes
    pattern: str
    values: Mapping[str, str]


class StageGroups(Part):
    """The observations of stage groups: not used themselves, yet they say how their members were found."""

    pathological: Codes
    clinical: Codes
    either: Codes

    @property
    def all(self) -> Codes:
        """Every one of them."""
        return (*self.pathological, *self.clinical, *self.either)


class SpecimenKind(Part):
    """What a specimen is known by: its type, how it was taken, and from where."""

    kind: Literal["operation", "biopsy", "nodes", "spread"]
    codes: Codes = ()
    pattern: str | None = None
    """What is looked for where no code tells, in what the codes say to a person; in small letters."""


class Nodes(Part):
    """The observations that count lymph nodes."""

    field: str
    total: Codes
    sentinel: Codes
    regional: Codes
    parts: Codes = ()
    tumour_cells: Codes = ()
    counted_in: tuple[str, ...] = ()
    """The cancers in which isolated tumour cells make a node positive."""
    category: str | None = None
    """The category that stands in for a count, and that has to fit it."""
    besides: tuple[str, ...] = ()
    """Fields of which the category may say something as well."""
    answers: str | None = None
    """The answers that say whether there are any, where no number is given."""


class Way(Part):
    """Observations that give a field; the first way that has a value is taken."""

    codes: Codes
    says: Line | None = None
    bands: Mapping[str, Word] = {}
    values: Mapping[Word, Codes] = {}
    """What codes stand for in this way, before what they stand for in any."""
    states: tuple[Word, ...] = ()
    """The only values it can give; none for all."""
    beside: bool = False
    """Whether another way that is so as well holds no less, where both decide and differ."""
    cancers: tuple[str, ...] = ()
    """The cancers for which it holds; none for all."""


class Joined(Part):
    """One of several observations that give a field together, as a report prints them."""

    codes: Codes
    present: str
    absent: str


class Score(Part):
    """A score that shares its code with the grade it leads to."""

    codes: Codes
    unit: str
    bands: Bands
    grades: str
    """The numbers that are grades; one that may be both is not read."""


class Finding(Part):
    """A field and the ways to its value."""

    field: str
    read: Literal["words", "number"]
    ways: tuple[Way, ...]
    answers: str | None = None
    values: Mapping[Word, Codes] = {}
    yes: str | None = None
    no: str | None = None
    asserted: Codes = ()
    """Observations that state `yes` by being there, without a value."""
    quiet: bool = False
    """Whether it goes unsaid when a statement gives no value."""
    specimen: bool = False
    """Whether the specimen tells it, as the operation found it; imaging and a biopsy do not."""
    tumour: bool = False
    """Whether the tumour itself tells it; lymph nodes and distant spread do not."""
    last: bool = False
    """Whether the last of several operations tells it."""
    largest: bool = False
    """Whether the largest of several numbers tells it: those of several operations, or of one day."""
    once: str | None = None
    """The value that holds as soon as the specimen of one operation shows it."""
    wins: str | None = None
    """The value that is taken whatever else is stated."""
    pattern: str | None = None
    """What of a printed value counts."""
    when: Literal["before_surgery", "after_surgery"] | None = None
    cancers: tuple[str, ...] = ()
    joined: tuple[Joined, ...] = ()
    score: Score | None = None


class FhirCodes(Part):
    """The whole file."""

    title: Line
    checked: Any
    sources: tuple[Line, ...]
    systems: Mapping[str, System]
    printed: tuple[str, ...]
    """Systems whose codes are what a report prints."""
    no_value: tuple[str, ...]
    """Systems whose codes say that there is no value."""
    versions: tuple[Version, ...]
    primary_profiles: tuple[str, ...]
    secondary_profiles: tuple[str, ...]
    secondary: Codes
    secondary_pattern: str
    """What is looked for in the words of a condition, in small letters."""
    secondary_nodes: Codes
    secondary_node_texts: tuple[str, ...]
    anywhere: Codes
    four_is_spread: tuple[str, ...]
    """The cancers in which stage IV always means distant spread."""
    recurrent: tuple[str, ...]
    recurrent_codes: Codes
    recurrent_pattern: str
    recurrent_of: str
    """What a recurrence that is of a cancer says besides."""
    denied_pattern: str
    """What says of spread or recurrence that it is not so, not known, or of somebody else."""
    in_situ: Mapping[str, Codes]
    """Conditions that are cancer which has not grown through the layer it began in, by cancer."""
    morphology_codes: Codes
    morphology: Morphology
    cancers: tuple[Cancer, ...]
    elsewhere: tuple[Kind, ...]
    sides: Mapping[str, Codes]
    side_words: Mapping[str, str]
    side_patterns: Mapping[str, str]
    """What a code of a cancer looks like that names a side."""
    age: str
    """The field that holds the age at the operation."""
    surgery: Surgery
    before_surgery: Before
    units: Mapping[str, Mapping[str, float]]
    categories: Mapping[str, Category]
    prefix_extension: str
    modifiers: Mapping[str, str]
    stage_groups: StageGroups
    specimens: tuple[SpecimenKind, ...]
    nodes: tuple[Nodes, ...]
    regional_is_total: tuple[str, ...]
    regional_is_rest: tuple[str, ...]
    answers: Mapping[str, Mapping[str, Codes]]
    findings: tuple[Finding, ...]

    @cached_property
    def by_uri(self) -> Mapping[str, str]:
        """The short name of each address of a system."""
        return {uri: name for name, system in self.systems.items() for uri in system.uris}

    @cached_property
    def beginning(self) -> frozenset[str]:
        """The systems that are looked up by what a code begins with."""
        return frozenset(name for name, system in self.systems.items() if system.begins)

    @cached_property
    def observed(self) -> frozenset[str]:
        """Every code of an observation that is read."""
        found = {code for finding in self.findings for way in finding.ways for code in way.codes}
        found |= {code for finding in self.findings for part in finding.joined for code in part.codes}
        for node in self.nodes:
            found |= {*node.total, *node.sentinel, *node.regional, *node.parts, *node.tumour_cells}
        for category in self.categories.values():
            found |= {*category.pathological, *category.clinical, *category.either}
        return frozenset(found | {*self.stage_groups.all, *self.morphology_codes})

    def unit(self, wanted: str, given: str) -> float | None:
        """Return by what a number in a given unit has to be multiplied; None when that is not known.

        Example:
            >>> fhir_codes().unit("mm", "cm"), fhir_codes().unit("count", "{lesion}")
            (10.0, 1.0)
        """
        unit = given.lower()
        if wanted == "count" and (not unit or (unit[0], unit[-1]) == ("{", "}")):
            return 1.0
        return self.units.get(wanted, {}).get(unit)

    def matching(self, names: Iterable[str], codes: Sequence[str]) -> str | None:
        """Return the longest of `codes` that one of the codes of a resource is, or begins with.

        Example:
            >>> fhir_codes().matching(["icd10 C50.412"], ["icd10 C34", "icd10 C50"])
            'icd10 C50'
        """
        best = None
        for name in names:
            begins = name.partition(" ")[0] in self.beginning
            for code in codes:
                if name == code or (begins and name.startswith(code)):
                    best = code if best is None or len(code) > len(best) else best
        return best


def fhir_codes(path: Path | None = None) -> FhirCodes:
    """Return the codes; by default the packaged ones.

    Raises:
        RuleFileError: the file cannot be read or is faulty.
    Example:
        >>> fhir_codes().by_uri["http://loinc.org"]
        'loinc'
    """
    return _read(path or packaged_directory() / FILE)


@lru_cache(maxsize=4)
def _read(path: Path) -> FhirCodes:
    """Read a file once."""
    from riskcli.rule_files import read_model

    return read_model(path, FhirCodes)[1]
