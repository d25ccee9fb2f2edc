"""What is written is kept apart from what is read, and one output from another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path

from riskcli.cli.routing import Route
from riskcli.errors import CaseError, Problem
from riskcli.loader import Rules
from riskcli.records import STDIN
from riskcli.words import all_of, say


def keep_apart(route: Route, written: Mapping[str, str | None], *read: str | None) -> None:
    """Refuse to write over what is read, or twice over one file, before anything is written.

    `written` is where each output goes, by its flag. `read` is what is read beside the rules and the file
    that states the case.

    Raises:
        CaseError: with each output that would be lost, or that would spoil what is read.
    Example:
        >>> from riskcli.loader import load_rules
        >>> keep_apart(Route([], load_rules()), {"--output": "a.txt", "--save": "./a.txt"})
        Traceback (most recent call last):
        riskcli.errors.CaseError: --output and --save are one file, a.txt; give each a name of its own
    """
    outputs = {flag: path for flag, path in written.items() if path and path != STDIN}
    if not outputs:
        return
    sources = [source for source in (*route.read, *read) if source]
    wrong = [*_over_sources(outputs, sources, route.rules), *_over_each_other(outputs)]
    if wrong:
        raise CaseError([Problem(None, None, message) for message in wrong])


def _over_sources(outputs: Mapping[str, str], sources: Iterable[str], rules: Rules) -> Iterator[str]:
    """Say which outputs are what is read, or lie in a directory that is read."""
    from riskcli.cohort.places import is_device, is_standard_input, same_file

    files = [*sources, *map(str, _rule_files(rules))]
    for flag, path in outputs.items():
        if is_device(path):
            continue
        inside = (source for source in sources if Path(source).is_dir())
        if any(same_file(place, source) for source in inside for place in (path, str(Path(path).parent))):
            yield say("apart.inside", path=path)
        elif any(is_standard_input(path) if each == STDIN else same_file(path, each) for each in files):
            yield say("apart.is_read", flag=flag, path=path)


def _rule_files(rules: Rules) -> Iterator[Path]:
    """Give the files of the rules."""
    for place in (rules.packaged, *rules.places):
        yield from place.glob("*.yaml") if place.is_dir() else (place,)


def _over_each_other(outputs: Mapping[str, str]) -> Iterator[str]:
    """Say which outputs are one file."""
    from riskcli.cohort.places import is_device, same_file

    for (one, path), (other, second) in combinations(outputs.items(), 2):
        if same_file(path, second) and not is_device(path):
            yield say("apart.one_file", flags=all_of([one, other]), path=path)
