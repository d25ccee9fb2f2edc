"""What can go wrong, as data: which field, which value, what would be right. Prints nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a case, as one sentence and the facts behind it.

    Example:
        >>> print(Problem("grade", 4, "4 is not allowed for breast; use 1, 2 or 3"))
        grade: 4 is not allowed for breast; use 1, 2 or 3
    """

    field: str | None
    """The field of the record, or None when the record as a whole is wrong."""
    value: object
    """What was given."""
    message: str
    """What is wrong and what would be right, without the field's name."""
    allowed: tuple[str, ...] = ()
    """What would have been allowed, when that is a short list."""

    def __str__(self) -> str:
        """Return the sentence with its field in front."""
        return f"{self.field}: {self.message}" if self.field else self.message


class RiskcliError(Exception):
    """Anything this package refuses, for a reason it can word."""


class CaseError(RiskcliError):
    """The record cannot be assessed; `problems` holds every reason, in field order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep all `problems` of the record."""
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class OutOfScope(CaseError):
    """The record is sound, but no table may answer it; the sentence says where to look."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a rule file.

    Example:
        >>> print(Fault("breast.yaml", 41, "unknown key `levle`; did you mean level?"))
        breast.yaml:41: unknown key `levle`; did you mean level?
    """

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """Return `file:line: message`."""
        return f"{self.file}:{self.line}: {self.message}"


class RuleFileError(RiskcliError):
    """A rule file cannot be used; `faults` holds every reason found in it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep all `faults` of the file; `file` and `line` are those of the first."""
        self.faults = tuple(faults)
        self.file = self.faults[0].file
        self.line = self.faults[0].line
        super().__init__("\n".join(str(fault) for fault in self.faults))


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name closest to `name`, or None when nothing is close.

    For names of fields, cancers and keys only: a clinical value is never guessed.

    Example:
        >>> nearest("node_positive", ["nodes_positive", "grade"])
        'nodes_positive'
        >>> nearest("xyz", ["grade"]) is None
        True
    """
    known = list(names)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    if close:
        return close[0]
    begins = [known_name for known_name in known if known_name.startswith(name)]
    if len(begins) == 1 and len(name) >= 3:
        return begins[0]
    parts = [known_name for known_name in known if name.startswith(known_name + "_")]
    return max(parts, key=len) if parts else None


def hint(name: str, names: Iterable[str]) -> str:
    """Return `; did you mean X?` for the nearest of `names`, or nothing."""
    found = nearest(name, names)
    return f"; did you mean {found}?" if found else ""


def listed(words: Sequence[str], last: str = "or") -> str:
    """Return words as a person lists them.

    Example:
        >>> listed(["1", "2", "3"])
        '1, 2 or 3'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
