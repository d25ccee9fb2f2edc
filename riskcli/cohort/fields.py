"""The fields that any table knows, under the names that reports and spreadsheets use. No I/O."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Mapping
from typing import Any

from riskcli.case import CANCER, REF
from riskcli.errors import CaseError, Problem, RuleFileError, quoted
from riskcli.loader import Rules
from riskcli.readers import Readers
from riskcli.values import phrase
from riskcli.words import say

_NEAR = 0.87
"""How alike a column's name and a field's must be for the name to be a slip."""


class FieldNames:
    """The fields that any table knows, and the names that reports and spreadsheets use for them.

    Example:
        >>> from riskcli.loader import load_rules
        >>> names = FieldNames(load_rules())
        >>> names.field("Nodes Positive"), names.field("hospital"), names.near("node_positive")
        ('nodes_positive', None, 'nodes_positive')
    """

    def __init__(self, rules: Rules) -> None:
        """Look at the vocabulary, which every table shares, and at what local tables add to it."""
        self._aliases: dict[str, str] = {}
        for name in rules.names:
            with contextlib.suppress(RuleFileError):  # said to the rows of that cancer
                readers = Readers(rules.get(name))
                fields = (*readers.others, *readers.words)
                self._aliases |= readers.aliases | {phrase(field): field for field in fields}
            if self._aliases and not rules.places:
                break  # the packaged tables share one vocabulary

    @property
    def known(self) -> set[str]:
        """Every field."""
        return set(self._aliases.values())

    def field(self, header: str) -> str | None:
        """Return the field of a column, ignoring case, spaces and hyphens; None when it names none."""
        return self._aliases.get(phrase(header))

    def near(self, header: str) -> str | None:
        """Return the field that a column's name is a slip of, or None."""
        close = difflib.get_close_matches(phrase(header), self._aliases, n=1, cutoff=_NEAR)
        return self._aliases[close[0]] if close else None

    def hint(self, header: str) -> str:
        """Return a question after the field that a name is a slip of, or nothing."""
        near = self.near(header)
        return say("hints.did_you_mean", names=near) if near else ""


def assumable(assume: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    """Return what is assumed for a cohort under the names of its fields.

    Raises:
        CaseError: something that is assumed is no finding.
    Example:
        >>> from riskcli.loader import load_rules
        >>> assumable({"Nodes Positive": 0}, load_rules())
        {'nodes_positive': 0}
    """
    names = FieldNames(rules)
    problems = []
    found: dict[str, Any] = {}
    for said, value in assume.items():
        name = names.field(said)
        if name is None:
            message = say("columns.assumed_no_field", said=quoted(said), hint=names.hint(said))
            problems.append(Problem(None, said, message))
        elif name in (CANCER, REF):
            key = "columns.cancer_not_assumed" if name == CANCER else "columns.not_assumed"
            problems.append(Problem(None, said, say(key, field=name)))
        elif name in found:
            problems.append(Problem(None, said, say("columns.assumed_twice", field=name)))
        else:
            found[name] = value
    if problems:
        raise CaseError(problems)
    return found
