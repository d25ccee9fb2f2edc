"""`riskcli rules`: see and prove the rule tables."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from riskcli import words
from riskcli.cli.authoring import add_authoring
from riskcli.cli.catalogue import add_catalogue
from riskcli.cli.output import ANSWERED, WRONG_RULES, json_text, say, write
from riskcli.cli.routing import RULES, Job, Route
from riskcli.report.terminal import clean


def rules_app(route: Route) -> typer.Typer:
    """Return the commands over rule tables."""
    app = typer.Typer(name=RULES, help="See and prove the rule tables.")

    @app.command()
    def check(
        targets: Annotated[
            list[str] | None, typer.Argument(metavar="[CANCER|FILE|DIR]...", help="Default: every table.")
        ] = None,
        json_: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
        rules: Annotated[str | None, typer.Option("--rules", metavar="DIR")] = None,
    ) -> Job:
        """Prove tables over their whole space and run their examples.

        A proof is about a table's logic, never about its medicine. Exit code 3 on faults.
        """
        return lambda: show_findings(route, targets or [], json_)

    add_catalogue(app, route)
    add_authoring(app, route)
    return app


def show_findings(route: Route, targets: Sequence[str], as_json: bool) -> int:
    """Check tables, print what is found, and return the exit code."""
    from riskcli.check import check_targets

    findings, checked = check_targets(route.rules, targets)
    faults = [finding for finding in findings if finding.severity == "fault"]
    if as_json:
        write(sys.stdout, json_text([finding.data() for finding in findings], sys.stdout))
    else:
        write(sys.stdout, "".join(f"{clean(_shorter(str(finding)))}\n" for finding in findings))
    notes = len(findings) - len(faults)
    counts = {"faults": words.counted(len(faults), "fault"), "notes": words.counted(notes, "note")}
    say(words.say("rule_tables.checked", tables=words.all_of(checked), **counts))
    return WRONG_RULES if faults else ANSWERED


def _shorter(text: str) -> str:
    """Write a path relative to the working directory where that is shorter."""
    return text.removeprefix(f"{Path.cwd()}{os.sep}")
