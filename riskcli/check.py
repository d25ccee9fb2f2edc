"""Everything that can be shown about a table: proofs over its space, lints of its file, its worked cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from riskcli import crosschecks, lints, proofs
from riskcli.errors import CaseError, Problem, RuleFileError
from riskcli.findings import Finding, Subject
from riskcli.loader import COMMON, VOCABULARY, Rules, load_rules
from riskcli.rule_files import read_vignettes
from riskcli.trials import differences
from riskcli.words import say

Part = Callable[[Subject], Iterator[Finding]]

PARTS: tuple[Part, ...] = (
    proofs.gaps,
    proofs.unreachable,
    proofs.monotone,
    proofs.ruled_out,
    proofs.dependent,
    lints.impossible_nodes,
    lints.figures,
    lints.unused,
    lints.sources,
    lints.gate,
    lints.size,
    crosschecks.figures_in_order,
    crosschecks.repeated_options,
    crosschecks.same_meaning,
    lints.examples,
    lints.thresholds,
)


def check_table(rules: Rules, name: str) -> list[Finding]:
    """Return everything wrong with one table, in the order of the file; nothing when it is sound."""
    try:
        document, table = rules.read(name)
        compiled = rules.compile(name)
    except RuleFileError as error:
        return list(_faults(error, name))
    subject = Subject(rules, name, document, table, compiled)
    findings = [finding for part in PARTS for finding in part(subject)]
    findings.sort(key=lambda finding: (finding.line, finding.code))
    return findings + list(_vignettes(subject))


def _faults(error: RuleFileError, name: str) -> Iterator[Finding]:
    """Give what the loader refuses as findings."""
    for fault in error.faults:
        yield Finding("load", fault.file, fault.line, name, f"{fault.message}.", "Correct the file.")


def _vignettes(subject: Subject) -> Iterator[Finding]:
    """Run the worked cases that a clone keeps beside its tests."""
    path = vignette_file(Path(subject.document.file))
    if not path.is_file():
        return
    try:
        document, vignettes = read_vignettes(path)
    except RuleFileError as error:
        yield from _faults(error, subject.name)
        return
    for i, vignette in enumerate(vignettes.vignettes):
        for message in differences(subject.compiled, vignette):
            yield Finding(
                "example",
                document.file,
                document.line(("vignettes", i)),
                vignette.id,
                f"vignette {vignette.id}: {message}.",
                "Correct the rows or, with a reason, the vignette.",
                vignette.case,
            )


def check_targets(rules: Rules, targets: Sequence[str]) -> tuple[list[Finding], list[str]]:
    """Check cancers, rule files and directories; every table of `rules` when nothing is named.

    Returns the findings and the cancers that were checked.

    Raises:
        CaseError: a target is neither a cancer with a table nor a table's file nor a directory.
        RuleFileError: a directory holds no table.
    """
    chosen: list[tuple[Rules, str]] = []
    for target in targets:
        path = Path(target)
        if path.name in (COMMON, VOCABULARY):
            raise CaseError([Problem(None, target, say("check.shared", target=target))])
        if path.is_dir():
            local = load_rules(path)
            inside = [name for name in local.names if local.file(name).parent.resolve() == path.resolve()]
            chosen += [(local, name) for name in inside]
        elif path.suffix in (".yaml", ".yml") or path.is_file():
            chosen.append((load_rules(path), path.stem))
        elif target in rules.names:
            chosen.append((rules, target))
        else:
            raise CaseError(rules.no_table(target).problems)
    chosen = chosen or [(rules, name) for name in rules.names]
    findings = [finding for rules_of, name in chosen for finding in check_table(rules_of, name)]
    return findings, [name for _, name in chosen]


def vignette_file(path: Path) -> Path:
    """Return where the worked cases of a rule file are kept in a clone."""
    return path.parent.parent / "tests" / "rules" / path.name
