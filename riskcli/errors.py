"""What can go wrong, as data: which field, which value, what would be right. Prints nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_MOST_HINTS = 3
_LEAST_LETTERS = 3


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
    goes_on: bool = False
    """Whether the message goes on from the field's name, as one that begins with `is ` always does."""

    def __str__(self) -> str:
        """Return the sentence with its field in front.

        A message about the field itself (`is missing`) goes on from its name.
        """
        if not self.field:
            return self.message
        goes_on = self.goes_on or self.message.startswith("is ")
        return f"{self.field}{' ' if goes_on else ': '}{self.message}"


class RiskcliError(Exception):
    """Anything this package refuses, for a reason it can word."""


class CaseError(RiskcliError):
    """The record cannot be assessed; `problems` holds every reason, in field order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep all `problems` of the record."""
        self.problems = tuple(problems)
        super().__init__(self.problems)  # what pickling hands back

    def __str__(self) -> str:
        """Return one line a problem."""
        return "\n".join(map(str, self.problems))


def refused(*messages: str) -> CaseError:
    """Return what is wrong with a whole input: a file, a form, a command line.

    Example:
        >>> print(refused("the file is empty", "the file has no name"))
        the file is empty
        the file has no name
    """
    return CaseError([Problem(None, None, message) for message in messages])


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
    """The line, from 1; 0 when the file as a whole is wrong or is not there."""
    message: str

    def __str__(self) -> str:
        """Return `file:line: message`."""
        return f"{self.file}{f':{self.line}' if self.line else ''}: {self.message}"


class RuleFileError(RiskcliError):
    """A rule file cannot be used; `faults` holds every reason found in it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep all `faults` of the file; `file` and `line` are those of the first."""
        self.faults = tuple(faults)
        self.file = self.faults[0].file
        self.line = self.faults[0].line
        super().__init__(self.faults)

    def __str__(self) -> str:
        """Return one line a fault."""
        return "\n".join(map(str, self.faults))


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """Return the name closest to `name`, or the few that it begins; nothing when none is close.

    For names of fields, cancers and keys only: a clinical value is never guessed.

    Example:
        >>> nearest("node_positive", ["nodes_positive", "grade"])
        ['nodes_positive']
        >>> nearest("nodes", ["nodes_positive", "nodes_examined", "grade"])
        ['nodes_positive', 'nodes_examined']
        >>> nearest("xyz", ["grade"])
        []
    """
    known = list(names)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    if close:
        return close
    begun = [known_name for known_name in known if known_name.startswith(name)]
    if begun and len(begun) <= _MOST_HINTS and len(name) >= _LEAST_LETTERS:
        return begun
    parts = [known_name for known_name in known if name.startswith(known_name + "_")]
    return [max(parts, key=len)] if parts else []


def hint(name: str, names: Iterable[str]) -> str:
    """Return `; did you mean X?` for the nearest of `names`, or nothing."""
    found = nearest(name, names)
    return f"; did you mean {listed(found)}?" if found else ""


def listed(words: Sequence[str], last: str = "or") -> str:
    """Return words as a person lists them.

    Example:
        >>> listed(["1", "2", "3"])
        '1, 2 or 3'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def counted(number: int, word: str) -> str:
    """Return a number of things.

    Example:
        >>> counted(1, "row"), counted(1200, "row")
        ('1 row', '1,200 rows')
    """
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def quoted(text: str) -> str:
    """Quote what was given, on one line, without control characters and not too long.

    Example:
        >>> print(quoted("G 2" + chr(10) + "or 3"))
        "G 2 or 3"
    """
    clean = "".join(char if char.isprintable() else " " for char in text[:80])
    return f'"{clean if len(text) <= 40 else clean[:37] + "..."}"'
