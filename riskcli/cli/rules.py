"""`riskcli rules`: see and prove the rule tables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from riskcli.cli.output import WRONG_RULES, json_text, say, write
from riskcli.cli.routing import Route
from riskcli.errors import listed


def rules_app(route: Route) -> typer.Typer:
    """Return the commands over rule tables."""
    app = typer.Typer(name="rules", help="See and prove the rule tables.", no_args_is_help=True)

    @app.command()
    def check(
        targets: Annotated[
            list[str] | None, typer.Argument(metavar="[CANCER|FILE|DIR]...", help="Default: every table.")
        ] = None,
        json_: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
        rules: Annotated[str | None, typer.Option("--rules", metavar="DIR")] = None,
    ) -> None:
        """Prove tables over their whole space and run their examples.

        A proof is about a table's logic, never about its medicine. Exit code 3 on faults.
        """
        from riskcli.check import check_targets

        findings, checked = check_targets(route.rules, targets or [])
        faults = [finding for finding in findings if finding.severity == "fault"]
        if json_:
            write(sys.stdout, json_text([finding.data() for finding in findings], sys.stdout))
        else:
            for finding in findings:
                write(sys.stdout, f"{_shorter(str(finding))}\n")
        notes = len(findings) - len(faults)
        say(f"Checked {listed(checked, 'and')}: {len(faults)} faults, {notes} notes.")
        if faults:
            raise typer.Exit(WRONG_RULES)

    return app


def _shorter(text: str) -> str:
    """Write a path relative to the working directory where that is shorter."""
    here = str(Path.cwd()) + "/"
    return text.removeprefix(here)
