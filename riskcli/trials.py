"""Worked cases held against the answers: what an example states and what the table gives."""

from __future__ import annotations

from collections.abc import Iterator

from riskcli.assessment import Assessment
from riskcli.case import read_case
from riskcli.compiled import Compiled
from riskcli.errors import CaseError, OutOfScope, RuleFileError
from riskcli.evaluate import assess_facts
from riskcli.tables import Example
from riskcli.values import ValueProblem, ValueReader


def differences(table: Compiled, example: Example) -> Iterator[str]:
    """Give what the table answers differently from what an example states; nothing when they agree."""
    try:
        answer = assess_facts(read_case(example.case, table))
    except OutOfScope as error:
        if not example.out_of_scope:
            yield f"is out of scope ({error})"
        return
    except RuleFileError:
        yield "reaches no row"
        return
    except CaseError as error:
        yield f"is refused ({'; '.join(map(str, error.problems))})"
        return
    if example.out_of_scope:
        yield "is answered, though it states out_of_scope"
        return
    yield from _level_differs(answer, example)
    yield from _options_differ(answer, example)


def _level_differs(answer: Assessment, example: Example) -> Iterator[str]:
    """Give what differs in the level and the row that decides it."""
    levels = (example.level,) if example.level else example.levels
    if levels and answer.likelihood.levels != levels:
        yield f"the level is {' or '.join(answer.likelihood.levels)}, not {' or '.join(levels)}"
    rules = [reason.rule for reason in answer.reasons]
    if example.rule and rules != [example.rule]:
        yield f"the deciding row is {' or '.join(rules)}, not {example.rule}"


def _options_differ(answer: Assessment, example: Example) -> Iterator[str]:
    """Give what differs in the options and in what is not supported."""
    statuses = {option.id: option.status for option in answer.options}
    for wanted, names in (("matches", example.options), ("depends", example.depends)):
        for name in names:
            if statuses.get(name) != wanted:
                yield f"option {name} is {statuses.get(name, 'absent')}, not {wanted}"
    for name in example.not_options:
        if name in statuses:
            yield f"option {name} is {statuses[name]}, not absent"
    ruled_out = {item.id for item in answer.not_supported}
    for name in example.not_supported:
        if name not in ruled_out:
            yield f"{name} is not listed as not supported"


def stated_masks(table: Compiled, example: Example) -> Iterator[tuple[int, int]]:
    """Give the fields an example states, with the cells each value lies in."""
    for name, raw in example.case.items():
        place = table.index.get(name)
        if place is None:
            continue
        cells = table.space.cells[place]
        try:
            entry = ValueReader(name, table.name, cells.domain).read(raw).entry
        except ValueProblem:
            continue
        if entry is not None:
            yield place, cells.mask(entry)
