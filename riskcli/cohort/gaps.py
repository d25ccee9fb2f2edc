"""Which missing findings leave how many patients undecided, and whom each option concerns. Shows nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from riskcli.cohort.reading import ERROR, OUT_OF_SCOPE, RANGE, Cohort, kind_of
from riskcli.cohort.rows import Answered
from riskcli.statics import LIKELIHOOD

ALWAYS, SOMETIMES = "always", "sometimes"


@dataclass
class FieldGap:
    """A field that is open where the level is undecided."""

    undecided: int = 0
    """Patients whose level turns on it."""
    settled: int = 0
    """Of these, patients whose level it settles alone, whatever it turns out to be."""
    perhaps: int = 0
    """Of these, patients whose level it may settle alone, depending on what it turns out to be."""


@dataclass
class OptionUse:
    """How many patients an option concerns."""

    matches: int = 0
    depends: int = 0
    depends_on: Counter[str] = field(default_factory=Counter)
    """Patients by the field that the option depends on."""


@dataclass
class Gaps:
    """What is missing in the rows of one table."""

    patients: int = 0
    """Rows with a likelihood."""
    undecided: int = 0
    """Those with several levels possible."""
    fields: dict[str, FieldGap] = field(default_factory=dict)
    together: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """Undecided patients by the smallest set of fields that always settles the level."""
    options: dict[str, OptionUse] = field(default_factory=dict)


@dataclass
class CohortGaps:
    """What is missing in a cohort, by table, and the rows that have no likelihood."""

    tables: dict[str, Gaps] = field(default_factory=dict)
    wrong: int = 0
    out_of_scope: int = 0

    def data(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "wrong": self.wrong,
            "out_of_scope": self.out_of_scope,
            "tables": {name: _data(gaps) for name, gaps in self.tables.items()},
        }


def _data(gaps: Gaps) -> dict[str, Any]:
    """Return the gaps of one table as plain data."""
    return {
        "patients": gaps.patients,
        "undecided": gaps.undecided,
        "fields": [
            {"field": name, "undecided": gap.undecided, "settled": gap.settled, "perhaps": gap.perhaps}
            for name, gap in ordered(gaps)
        ],
        "together": [
            {"fields": list(fields), "patients": count} for fields, count in gaps.together.most_common()
        ],
        "options": [
            {
                "option": name,
                "matches": use.matches,
                "depends": use.depends,
                "depends_on": dict(use.depends_on.most_common()),
            }
            for name, use in gaps.options.items()
        ],
    }


def ordered(gaps: Gaps) -> list[tuple[str, FieldGap]]:
    """Return the fields, first those that would settle the most patients, then those that most turn on."""
    return sorted(
        gaps.fields.items(), key=lambda item: (-item[1].settled, -item[1].undecided, -item[1].perhaps)
    )


Details = tuple[tuple[tuple[str, str], ...], tuple[str, ...], tuple[tuple[str, str, tuple[str, ...]], ...]]
"""What decides the level and how it settles it, what settles it together, and options with what they need."""


def details_of(found: Answered) -> Hashable:
    """Return what is counted of an answer."""
    if found.core is None:
        return None
    deciding = tuple(
        (item["field"], item["settles"]) for item in found.core["unknown"] if LIKELIHOOD in item["decides"]
    )
    options = tuple(
        (option["id"], option["status"], tuple(option["depends_on"])) for option in found.core["options"]
    )
    return deciding, tuple(found.core["to_settle"]), options


def count_gaps(cohort: Cohort) -> CohortGaps:
    """Count what is missing in a cohort, which must have been opened with `details_of`.

    Raises:
        CaseError: the cohort cannot be read on.
    """
    found = CohortGaps()
    for _, numbers in cohort.batches():
        answers = cohort.assessor.answers
        for number, count in numbers.value_counts().sort(numbers.name).iter_rows():
            answer = answers.rows[number]
            kind = kind_of(answer)
            if kind == ERROR:
                found.wrong += count
            elif kind == OUT_OF_SCOPE:
                found.out_of_scope += count
            else:
                gaps = found.tables.setdefault(str(answer.table), Gaps())
                details: Any = answers.besides[number]
                _count(gaps, kind == RANGE, details, count)
    found.tables = dict(sorted(found.tables.items()))
    for name, gaps in found.tables.items():
        options = cohort.rowwise.rules.get(name).table.get("options", ())
        order = [option["id"] for option in options if option["id"] in gaps.options]
        gaps.options = {option: gaps.options[option] for option in order}
    return found


def _count(gaps: Gaps, undecided: bool, details: Details, count: int) -> None:
    """Count the rows that have one answer."""
    deciding, together, options = details
    gaps.patients += count
    if undecided:
        gaps.undecided += count
        gaps.together[together] += count
    for name, settles in deciding:
        gap = gaps.fields.setdefault(name, FieldGap())
        gap.undecided += count
        gap.settled += count if settles == ALWAYS else 0
        gap.perhaps += count if settles == SOMETIMES else 0
    for name, status, needed in options:
        use = gaps.options.setdefault(name, OptionUse())
        if status == "matches":
            use.matches += count
        else:
            use.depends += count
            use.depends_on.update(dict.fromkeys(needed, count))
