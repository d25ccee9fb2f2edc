"""What a command line asks for, before it is parsed: which cancer, which record, which rules.

The flags of `riskcli assess CANCER` come from the table of that cancer, so the cancer has to be known
first, and only the table asked for is loaded. The flags that state findings are taken out here, so that a
missing value, a flag given twice and a wrong value are all said at once; the parser keeps the rest.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from riskcli.case import CANCER, cancer_id, cancer_of
from riskcli.errors import CaseError, Fault, OutOfScope, Problem, RuleFileError, quoted
from riskcli.loader import Rules, load_rules
from riskcli.records import read_record, writable
from riskcli.values import phrase
from riskcli.words import all_of, say

if TYPE_CHECKING:
    from riskcli.interop.readings import Reading

ASSESS, WHAT_IF, RULES = "assess", "what-if", "rules"
CASE_COMMANDS = (ASSESS, WHAT_IF)
"""The commands whose flags state the findings of a case."""
RULES_VARIABLE = "RISKCLI_RULES"
_SHORT = {"-i": "--input", "-o": "--output", "-m": "--marker", "-h": "--help"}
_WITH_VALUE = {"--input", "--output", "--marker", "--rules", "--cancer"}
_WITH_VALUE |= {"--vary", "--save", "--for", "--report", "--fhir", "--fhir-out"}
_UNCHECKED = "--unchecked"
HELP_FLAG = "--help"
_WITHOUT_VALUE = {
    "--json",
    "--full",
    "--panel",
    "--why",
    "--no-color",
    "--show-sources",
    _UNCHECKED,
    "--help",
}

Flag = tuple[str, str | None]
"""A field's name as written, and its value; None when the value is missing."""
Job = Callable[[], int]
"""What a command line leads to: done when it is parsed, it gives the exit code."""


@dataclass
class Route:
    """Where a command line leads."""

    args: list[str]
    """The arguments for the parser: the flags that state findings are taken out."""
    rules: Rules
    cancer: str | None = None
    record: dict[str, Any] = field(default_factory=dict)
    """The record of `--input`, or what was read of another system."""
    reading: Reading | None = None
    """How the record was read, where it was read of another system."""
    read: tuple[str, ...] = ()
    """The file that states the case."""
    flags: list[Flag] = field(default_factory=list)
    """What is stated by flags and markers."""
    problems: list[Problem] = field(default_factory=list)
    """What is wrong with how the flags are written."""
    describes: bool = False
    """Whether the parser is to describe the flags: for help, or to complete a command line."""
    completes: bool = False
    """Whether a shell wants the command line completed."""
    own_rules: str | None = None
    """What `--rules` gives."""
    job: Job | None = None
    """What is to be done instead of a command."""

    def cancers(self) -> list[str]:
        """Return the cancers that have a table: how a shell completes one."""
        return list(self.rules.names)

    def declares(self, flag: str) -> bool:
        """Say whether the parser has to know a flag that takes a value: only when given or to be described.

        Typer loads all of pydantic to read the value of a flag, even of one that is not given.
        """
        if self.describes or not {HELP_FLAG, "-h"}.isdisjoint(self.args):
            return True
        return any(arg.partition("=")[0] == flag for arg in self.args)


@dataclass
class _Scan:
    """The arguments after `assess`, sorted out."""

    names: list[str] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    flags: list[Flag] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def route(args: Sequence[str]) -> Route:
    """Find the cancer, the record, the flags and the rules of a command line.

    Raises:
        CaseError: the cancer has no table or is not named, or the record cannot be read.
        RuleFileError: the place that `--rules` names holds no table.
    """
    own = _own_rules(args)
    found = Route(list(args), _rules(own, _UNCHECKED in args), own_rules=own)
    command = command_of(args)
    if command not in CASE_COMMANDS:
        return found
    at = args.index(command)
    scan = _scan(args[at + 1 :])
    found.flags, found.problems = scan.flags, scan.problems
    found.describes = "--help" in scan.kept
    if not found.describes:
        _read_inputs(found, scan)
    found.cancer = _cancer(found, scan)
    if not found.describes:
        refuse_faulty(found.rules, [found.cancer] if found.cancer else found.rules.names)
    found.args = [*args[: at + 1], *([found.cancer] if found.cancer else []), *scan.kept]
    return found


def _read_inputs(found: Route, scan: _Scan) -> None:
    """Read the record that a file states.

    Raises:
        CaseError: it cannot be read, is no case, or two files are given.
    """
    if {"--input", "--fhir"} <= scan.given.keys():
        from riskcli.words import say

        raise CaseError([*found.problems, Problem(None, None, say("fhir.both_inputs"))])
    found.read = tuple(scan.given[flag] for flag in ("--input", "--fhir") if flag in scan.given)
    if "--input" in scan.given:
        found.record = read_record(scan.given["--input"])
    if "--fhir" in scan.given:
        from riskcli.interop.fhir_file import read_file

        named = [*scan.names[:1], *filter(None, [scan.given.get("--cancer")])]
        found.reading = read_file(scan.given["--fhir"], cancer_id(named[0]) if named else None, found.rules)
        found.record = found.reading.record


def command_of(args: Sequence[str]) -> str | None:
    """Return the command of a command line: its first word that is no flag and no flag's value.

    Example:
        >>> command_of(["--rules", "here", "assess", "breast"]), command_of(["--version"])
        ('assess', None)
    """
    place = 0
    while place < len(args) and args[place].startswith("-"):
        place += 2 if args[place] == "--rules" else 1
    return args[place] if place < len(args) else None


def completion_route(words: Sequence[str]) -> Route:
    """Find what the words before the cursor lead to, reading no record and refusing nothing.

    Raises:
        RuleFileError: the place that `--rules` names holds no table.
    """
    own = _own_rules(words)
    found = Route([], _rules(own), describes=True, completes=True, own_rules=own)
    command = command_of(words)
    if command in CASE_COMMANDS:
        names = (cancer_id(word) for word in words[words.index(command) + 1 :])
        found.cancer = next((name for name in names if name in found.rules.names), None)
    return found


def _cancer(found: Route, scan: _Scan) -> str | None:
    """Return the cancer that is named, or None when it is to be asked for."""
    said = _said(found, scan)
    names = list(dict.fromkeys(map(cancer_id, said)))
    if len(names) > 1:
        message = say("command.cancers", names=all_of(names))
        found.problems.append(Problem(CANCER, names[1], message, goes_on=True))
        raise CaseError(found.problems)
    if names:
        if names[0] not in found.rules.names:
            raise _no_table(found, said[0])
        return names[0]
    if found.flags and not found.describes:
        found.problems.insert(0, Problem(None, None, say("command.no_cancer")))
    if found.problems and not found.describes:
        raise CaseError(found.problems)
    return None


def _said(found: Route, scan: _Scan) -> list[str]:
    """Return every cancer that a word, `--cancer` and the record name."""
    said = list(scan.names[:1])
    for word in scan.names[1:]:
        if cancer_id(word) in found.rules.names:
            said.append(word)
        else:
            found.problems.append(_stray(word))
    if "--cancer" in scan.given:
        said.append(scan.given["--cancer"])
    in_record = any(phrase(str(key)) == CANCER for key in found.record)
    if in_record or ("--input" in scan.given and not said and not found.describes):
        said.append(cancer_of(found.record))
    return said


def _no_table(found: Route, name: str) -> CaseError:
    """Say what there is instead of a cancer without a table, after what is wrong with the flags."""
    error = found.rules.no_table(name)
    return error if isinstance(error, OutOfScope) else CaseError([*found.problems, *error.problems])


def _own_rules(args: Sequence[str]) -> str | None:
    """Return what the last `--rules` gives."""
    place = None
    for i, arg in enumerate(args):
        if arg == "--rules" and i + 1 < len(args):
            place = args[i + 1]
        elif arg.startswith("--rules="):
            place = arg.removeprefix("--rules=")
    return place


def _rules(own: str | None, unchecked: bool = False) -> Rules:
    """Return the rules that `--rules` or the environment add to the packaged ones."""
    place = own or os.environ.get(RULES_VARIABLE)
    return load_rules(place, unchecked=unchecked) if place else load_rules()


def refuse_faulty(rules: Rules, names: Sequence[str]) -> None:
    """Refuse local tables that the check finds faults in, unless they are to go unchecked.

    Raises:
        RuleFileError: with every fault, and how to use the table all the same.
    """
    local = [name for name in names if not rules.unchecked and rules.origin(name) != "packaged"]
    for name in local:
        from riskcli.check import check_table

        faults = [finding for finding in check_table(rules, name) if finding.severity == "fault"]
        if faults:
            advice = say("command.table_refused", flag=_UNCHECKED)
            said = [Fault(fault.file, fault.line, f"{fault.code}: {fault.message}") for fault in faults]
            raise RuleFileError([*said, Fault(faults[0].file, 1, advice)])


def _scan(rest: Sequence[str]) -> _Scan:
    """Sort out the arguments after `assess`."""
    scan = _Scan()
    queue = list(rest)
    while queue:
        arg = queue.pop(0)
        if arg[:2] in _SHORT and not arg.startswith("--"):
            queue[:0] = [arg[2:].removeprefix("=")] if arg[2:] else []
            _option(scan, _SHORT[arg[:2]], "", "", queue)
        elif arg.startswith("--") and arg != "--":
            _option(scan, *arg.partition("="), queue)
        elif arg.startswith("-"):
            scan.problems.append(_stray(arg))
        else:
            scan.names.append(arg)
    return scan


def _stray(arg: str) -> Problem:
    """Say what is wrong with a word that is neither the cancer nor a flag."""
    return Problem(None, arg, say("command.no_flag", given=quoted(arg)))


def _option(scan: _Scan, name: str, equals: str, value: str, queue: list[str]) -> None:
    """Take one flag, and its value from the queue where it has one."""
    if name in _WITHOUT_VALUE:
        if equals:
            scan.problems.append(Problem(None, f"{name}={value}", say("command.no_value", flag=name)))
        scan.kept.append(name)
        return
    has_value = bool(equals)
    if not equals and queue and not queue[0].startswith("--") and queue[0] not in _SHORT:
        value, has_value = queue.pop(0), True
    if name == "--marker":
        _marker(scan, value if has_value else None)
    elif name not in _WITH_VALUE:
        scan.flags.append((name, writable(value) if has_value else None))
    elif not value:
        scan.problems.append(Problem(None, None, say("command.needs_value", flag=name)))
    elif scan.given.get(name, value) != value:
        scan.problems.append(Problem(None, value, say("command.twice", flag=name)))
    else:
        scan.given[name] = value
        if name != "--cancer":
            scan.kept += [name, value]


def _marker(scan: _Scan, marker: str | None) -> None:
    """Take what `--marker` gives: NAME=VALUE."""
    name, equals, value = (marker or "").partition("=")
    if marker is None:
        scan.problems.append(Problem(None, None, say("command.marker_needs_value")))
    elif not equals or not name.strip():
        scan.problems.append(Problem(None, marker, say("command.marker_not", given=quoted(marker))))
    else:
        scan.flags.append((name.strip(), writable(value)))
