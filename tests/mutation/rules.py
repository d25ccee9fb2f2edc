"""Mutate the rule tables and count what the check, the examples and the vignettes let through.

A script, not a test: `python tests/mutation/rules.py [--table NAME ...] [--jobs N]`. For every table each
likelihood row is deleted, loses each of its conditions in turn and moves one level up and down; each
criterion of an option, offered or not supported, is deleted and loses each of its conditions.

A mutant is set aside as equivalent when no patient's answer changes (level, options and what is not
supported), which is what `riskcli rules diff` would say of it. Of the others it is said whether the proofs
and the lints of figures, the table's own examples and the vignettes (those of tests/rules, and those of
tests/data/unlisted.yaml, which say what must not be called unsupported) catch it; what nothing catches has
survived and is listed. Exit code 1 when 5 in 100 or more survive in some table.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from collections.abc import Iterator, Sequence
from functools import cache
from multiprocessing import Pool
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent.parent))  # this clone, whichever is installed

from unlisted import is_listed, read_unlisted

from riskcli import crosschecks, lints, proofs
from riskcli.check import Part, vignette_file
from riskcli.compiled import FIRST, LEVELS, Compiled
from riskcli.compiling import TableFaults, compile_table
from riskcli.diff import Joint
from riskcli.findings import Subject
from riskcli.loader import Rules
from riskcli.rule_files import read_vignettes
from riskcli.tables import Criterion, Example, LikelihoodRow, Option, Table
from riskcli.trials import differences

MOST_SURVIVE = 5.0
"""Fewer mutants than this must survive, in 100 that change an answer."""
OPTION_PARTS: tuple[Part, ...] = (
    *(proofs.unreachable, proofs.ruled_out, proofs.dependent),
    crosschecks.repeated_options,
)
"""What a check can see of a changed criterion of an option."""
PARTS: tuple[Part, ...] = (
    *OPTION_PARTS,
    *(proofs.gaps, proofs.monotone, lints.figures, crosschecks.figures_in_order),
)
"""What it can see of a changed row; lints of the file as a whole (unused sources, dates) are left out."""
Row = TypeVar("Row", LikelihoodRow, Criterion)
GUARDS = ("proofs", "examples", "vignettes")


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One changed table."""

    row: str
    change: str
    table: Table
    option: str | None = None
    """The option that was changed; the level and the other options are then what they were."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What became of a mutant: equivalent, or caught by some guards, or by none."""

    row: str
    change: str
    equivalent: bool
    caught: frozenset[str]


class Original:
    """A packaged table as it is, and what its guards say of it before anything is changed."""

    def __init__(self, name: str) -> None:
        self.rules = Rules()
        self.name = name
        self.document, self.table = self.rules.read(name)
        self.compiled = self.compile(self.table)
        path = vignette_file(self.rules.file(name))
        self.vignettes = read_vignettes(path)[1].vignettes if path.is_file() else ()
        self.unlisted = read_unlisted().get(name, [])
        self.findings = self.found(self.table, self.compiled)
        self.failing = {
            "examples": failures(self.compiled, self.table.examples),
            "vignettes": failures(self.compiled, self.vignettes),
        }

    def compile(self, table: Table, without: frozenset[int] = frozenset()) -> Compiled:
        """Compile a table in memory, with the means to leave impossible rows out."""
        common, vocabulary = self.rules.common(self.name), self.rules.vocabulary(self.name)
        compiled = compile_table(table, common, vocabulary, without=without)
        return dataclasses.replace(compiled, without=lambda rows: self.compile(table, rows))

    def found(self, table: Table, compiled: Compiled, parts: Sequence[Part] = PARTS) -> set[tuple[str, str]]:
        """Return what the proofs and the lints of figures find, by code and row."""
        subject = Subject(self.rules, self.name, self.document, table, compiled)
        return {(finding.code, finding.row) for part in parts for finding in part(subject)}

    def judge(self, mutant: Mutant) -> Verdict:
        """Say what became of a mutant."""
        try:
            compiled = self.compile(mutant.table)
        except TableFaults:
            return Verdict(mutant.row, mutant.change, False, frozenset(("proofs",)))
        if same_answers(self.compiled, compiled):
            return Verdict(mutant.row, mutant.change, True, frozenset())
        caught = set()
        if self.found(mutant.table, compiled, OPTION_PARTS if mutant.option else PARTS) - self.findings:
            caught.add("proofs")
        for guard, cases in (("examples", self.table.examples), ("vignettes", self.vignettes)):
            if failures(compiled, about(cases, mutant.option), self.failing[guard]):
                caught.add(guard)
        if mutant.option and any(
            is_listed(compiled, case) for case in self.unlisted if mutant.option in case.unlisted
        ):
            caught.add("vignettes")
        return Verdict(mutant.row, mutant.change, False, frozenset(caught))


def failures(
    compiled: Compiled, cases: Sequence[Example], known: frozenset[str] | None = None
) -> frozenset[str]:
    """Return the cases answered otherwise than they state; with `known`, only the first not among them."""
    found: set[str] = set()
    for case in cases:
        if case.id in (known or ()):
            continue
        if any(differences(compiled, case)):
            found.add(case.id)
            if known is not None:
                break
    return frozenset(found)


def about(cases: Sequence[Example], option: str | None) -> Sequence[Example]:
    """Return the cases that can tell whether an option was changed: those that name it; all without one."""
    if option is None:
        return cases
    return [
        case
        for case in cases
        if option in (*case.options, *case.depends, *case.not_options, *case.not_supported)
    ]


def same_answers(before: Compiled, after: Compiled) -> bool:
    """Say whether every possible case has the same level, options and entries that are not supported."""
    joint = Joint(before, after)

    def outputs(side: int, table: Compiled) -> dict[str, int]:
        def offered(root: str) -> int:
            lifted = joint.lift(side, table.roots[root])
            return joint.store.relabel(lifted, lambda value: int(value >= FIRST))

        found = {"level": joint.lift(side, table.roots["level"])}
        for kind, section in (("option", "options"), ("not", "not_supported")):
            for n, option in enumerate(table.table.get(section, [])):
                found[f"{kind} {option['id']}"] = offered(f"{kind}:{n}")
        return {name: root for name, root in found.items() if name == "level" or root != -1}

    return outputs(0, before) == outputs(1, after)


# ---- mutants


def mutants(table: Table) -> Iterator[Mutant]:
    """Give every mutant of a table."""
    rows = table.likelihood
    for i, row in enumerate(rows):
        for change, changed in _changes(row):
            kept = (*rows[:i], *changed, *rows[i + 1 :])
            if kept:
                yield Mutant(row.id, change, table.model_copy(update={"likelihood": kept}))
    for section in ("options", "not_supported"):
        options: tuple[Option, ...] = getattr(table, section)
        for i, option in enumerate(options):
            for label, change, changed in _option_changes(option):
                kept_options = (*options[:i], *changed, *options[i + 1 :])
                changed_table = table.model_copy(update={section: kept_options})
                yield Mutant(f"{section} {label}", change, changed_table, option.id)


def _changes(row: LikelihoodRow) -> Iterator[tuple[str, tuple[LikelihoodRow, ...]]]:
    """Give the changes of a likelihood row: what was done and what is left."""
    yield "deleted", ()
    for name, narrowed in _without_each(row):
        yield f"without {name}", (narrowed,)
    at = LEVELS.index(row.level)
    for level in LEVELS[max(at - 1, 0) : at + 2]:
        if level != row.level:
            yield f"{row.level} made {level}", (row.model_copy(update={"level": level}),)


def _option_changes(option: Option) -> Iterator[tuple[str, str, tuple[Option, ...]]]:
    """Give the changes of an option: the criterion, what was done and what is left of the option."""
    for j, criterion in enumerate(option.any_of):
        label = f"{option.id}/{criterion.id}"
        rest = (*option.any_of[:j], *option.any_of[j + 1 :])
        yield label, "deleted", (option.model_copy(update={"any_of": rest}),) if rest else ()
        for name, narrowed in _without_each(criterion):
            any_of = (*option.any_of[:j], narrowed, *option.any_of[j + 1 :])
            yield label, f"without {name}", (option.model_copy(update={"any_of": any_of}),)


def _without_each(row: Row) -> Iterator[tuple[str, Row]]:
    """Give a row without each of its conditions in turn."""
    for name in row.when:
        when = {key: raw for key, raw in row.when.items() if key != name}
        yield name, row.model_copy(update={"when": when})


# ---- the run


@cache
def original(name: str) -> Original:
    """Return a table, read once in each process."""
    return Original(name)


@cache
def mutants_of(name: str) -> list[Mutant]:
    """Return every mutant of a table."""
    return list(mutants(original(name).table))


def judge(task: tuple[str, int]) -> tuple[str, Verdict]:
    """Judge one mutant, given by table and number."""
    name, number = task
    return name, original(name).judge(mutants_of(name)[number])


def judged(tasks: Sequence[tuple[str, int]], jobs: int) -> Iterator[tuple[str, Verdict]]:
    """Give the verdicts in order, from several processes when more than one is asked for."""
    if jobs == 1:
        yield from map(judge, tasks)
        return
    with Pool(jobs) as pool:
        yield from pool.imap(judge, tasks, chunksize=8)


def summary(name: str, verdicts: Sequence[Verdict]) -> str:
    """Word what became of the mutants of one table."""
    live = [verdict for verdict in verdicts if not verdict.equivalent]
    counts = ", ".join(f"{sum(guard in v.caught for v in live)} by {guard}" for guard in GUARDS)
    lost = [verdict for verdict in live if not verdict.caught]
    lines = [
        f"{name}: {len(verdicts)} mutants, {len(verdicts) - len(live)} equivalent; "
        f"of {len(live)}, caught {counts}; survived {len(lost)} ({share(verdicts):.1f} %)"
    ]
    return "\n".join([*lines, *(f"  survived: {verdict.row}: {verdict.change}" for verdict in lost)])


def share(verdicts: Sequence[Verdict]) -> float:
    """Return the mutants that survived, in 100 that change an answer."""
    live = [verdict for verdict in verdicts if not verdict.equivalent]
    return 100 * sum(not verdict.caught for verdict in live) / max(len(live), 1)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the mutants of the tables that are asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--table", action="append", help="a cancer; may be repeated (default: every table)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    options = parser.parse_args(argv)
    names = options.table or list(Rules().names)
    tasks = [(name, number) for name in names for number in range(len(mutants_of(name)))]
    began = time.perf_counter()
    verdicts: dict[str, list[Verdict]] = {name: [] for name in names}
    for name, verdict in judged(tasks, options.jobs):
        verdicts[name].append(verdict)
    for name in names:
        print(summary(name, verdicts[name]))
    print(f"{len(tasks)} mutants in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return int(any(share(verdicts[name]) >= MOST_SURVIVE for name in names))


if __name__ == "__main__":
    sys.exit(main())
