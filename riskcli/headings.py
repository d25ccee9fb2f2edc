"""What the tables are called, and what to say of a cancer that has none. Reads no file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskcli.compiled import Compiled
from riskcli.errors import CaseError, OutOfScope, Problem, quoted
from riskcli.values import phrase
from riskcli.words import all_of, any_of, hint, say

_MOST_HINTS = 3
_MOST_NAMES = 2


@dataclass(frozen=True, slots=True)
class Heading:
    """What a table is called and where it stands, without its content."""

    cancer: str
    title: str
    also_called: tuple[str, ...]
    edition: str
    status: str
    digest: str
    origin: str

    @property
    def listed(self) -> str:
        """The title with the names that people use besides it.

        Example:
            >>> from riskcli.loader import load_rules
            >>> load_rules().index["lung_nsclc"].listed
            'Non-small cell lung cancer; lung carcinoma, bronchial carcinoma'
        """
        title = phrase(self.title)
        names = [name for name in self.also_called if phrase(name) not in title][:_MOST_NAMES]
        return f"{self.title}; {', '.join(names)}" if names else self.title

    def is_called(self, said: str) -> bool:
        """Say whether the table's name, title or other names contain a phrase."""
        return any(said in phrase(name) for name in (self.cancer, self.title, *self.also_called))


def heading_data(table: Compiled) -> dict[str, Any]:
    """Return what the index keeps of a table."""
    return {
        "title": table.table["title"],
        "also_called": table.table.get("also_called", []),
        "edition": table.table["edition"],
        "status": table.table["status"],
        "digest": table.digest,
    }


def no_table(
    name: str,
    names: Sequence[str],
    excluded: Iterable[Mapping[str, Any]],
    planned: Iterable[str],
    headings: Iterable[Heading],
) -> CaseError:
    """Say what there is instead of a cancer without a table, and what is known of it.

    A cancer that no table covers gets its own sentence; one that exists but has no table yet, the tables
    there are; any other name, the nearest table.
    """
    said = phrase(name)
    for item in excluded:
        if said in map(phrase, item["names"]):
            return OutOfScope([Problem("cancer", name, item["say"])])
    plain = said.replace(" ", "_")
    if plain in planned:
        message = say("cancer.no_table_yet", said=said, names=all_of(names))
        return CaseError([Problem("cancer", name, message, tuple(names))])
    called = [heading.cancer for heading in headings if said and heading.is_called(said)]
    some = 0 < len(called) <= _MOST_HINTS
    near = say("hints.did_you_mean", names=any_of(called)) if some else hint(plain, names)
    message = say("cancer.not_known", name=quoted(name), names=any_of(names), hint=near)
    return CaseError([Problem("cancer", name, message, tuple(names))])
