"""What the command line asks for, before it is parsed: which cancer, which record, which rules.

The flags of `riskcli assess CANCER` are made from the table of that cancer, so the cancer has to be known
first. Only the table asked for is loaded.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from riskcli.case import cancer_of
from riskcli.loader import Rules, load_rules
from riskcli.records import read_record

ASSESS = "assess"
_WITH_VALUE = {"--input", "-i", "--output", "-o", "--marker", "-m", "--rules", "--cancer"}
_WITHOUT_VALUE = {"--json", "--full", "--no-color", "--help", "-h"}
RULES_VARIABLE = "RISKCLI_RULES"


@dataclass
class Route:
    """Where a command line leads."""

    args: list[str]
    """The arguments, with the cancer as a subcommand where it was named otherwise."""
    rules: Rules
    cancer: str | None = None
    record: dict[str, Any] = field(default_factory=dict)
    """The record of `--input`."""
    asks: bool = False
    """Whether `assess` was called without a cancer, a record or help."""


def route(args: Sequence[str]) -> Route:
    """Find the cancer, the record and the rules of a command line.

    Raises:
        CaseError: the cancer has no table, or the record cannot be read.
        RuleFileError: the directory of `--rules` holds no table.
    """
    found = Route(list(args), _rules(args))
    if ASSESS not in args[:3]:
        return found
    at = args.index(ASSESS)
    before, rest = list(args[: at + 1]), list(args[at + 1 :])
    name, given, plain_rest = _scan(rest)
    if "--input" in given:
        found.record = read_record(given["--input"])
    if name is None:
        name = given.get("--cancer") or (cancer_of(found.record) if "--input" in given else None)
    if name is None:
        found.asks = not {"--help", "-h"} & set(rest)
        return found
    found.cancer = _known(name, found.rules)
    found.args = [*before, found.cancer, *plain_rest]
    return found


def _known(name: str, rules: Rules) -> str:
    """Return the id of a cancer as a person wrote it."""
    plain = name.strip().lower().replace(" ", "_").replace("-", "_")
    if plain not in rules.names:
        raise rules.no_table(name)
    return plain


def _rules(args: Sequence[str]) -> Rules:
    """Return the rules that `--rules` or the environment add to the packaged ones."""
    place = os.environ.get(RULES_VARIABLE)
    for i, arg in enumerate(args):
        if arg == "--rules" and i + 1 < len(args):
            place = args[i + 1]
        elif arg.startswith("--rules="):
            place = arg.removeprefix("--rules=")
    return load_rules(place) if place else load_rules()


def _scan(rest: Sequence[str]) -> tuple[str | None, dict[str, str], list[str]]:
    """Find the cancer's name and the options that matter here.

    Returns the name, the options with their values, and the arguments without the name and `--cancer`.
    """
    name: str | None = None
    given: dict[str, str] = {}
    kept: list[str] = []
    i = 0
    while i < len(rest):
        arg = rest[i]
        option, equals, value = arg.partition("=")
        if not arg.startswith("-"):
            if name is None:
                name = arg
            else:
                kept.append(arg)
            i += 1
            continue
        takes_next = not equals and option not in _WITHOUT_VALUE and i + 1 < len(rest)
        if takes_next:
            value = rest[i + 1]
        if option in _WITH_VALUE:
            given[{"-i": "--input", "-o": "--output", "-m": "--marker"}.get(option, option)] = value
        if option != "--cancer":
            kept += rest[i : i + 1 + takes_next]
        i += 1 + takes_next
    return name, given, kept
