"""`riskcli cohort gaps`: which missing findings leave how many patients undecided."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from riskcli.cli import cohort_input as cli
from riskcli.cli.apart import keep_apart
from riskcli.cli.output import ANSWERED, say
from riskcli.cli.routing import Job, Route


def add_gaps(app: typer.Typer, route: Route) -> None:
    """Add the command."""

    @app.command()
    @cli.reading_flags
    def gaps(
        path: cli.InputArgument,
        output: Annotated[
            str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file, in UTF-8.")
        ] = None,
        json_: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
        **reading: Any,
    ) -> Job:
        """Count what is missing: which findings would settle how many patients, and whom options concern."""
        given = cli.Given.of(path, reading)
        return lambda: show_gaps(route, given, output, json_)


def show_gaps(route: Route, given: cli.Given, output: str | None, as_json: bool) -> int:
    """Count what is missing in a cohort, show it, and return the exit code."""
    cli.need_cohort()
    keep_apart(route, {"--output": output}, given.path, given.mapping)
    from riskcli.cli.page import show_data, show_page
    from riskcli.cohort.gaps import count_gaps, details_of
    from riskcli.report.gaps import gaps_page

    cohort = cli.open_cohort(route, given, details_of)
    with cli.progress(cohort):
        found = count_gaps(cohort)
    say(*cohort.summary.notes)
    if as_json:
        show_data(found.data(), output)
        return ANSWERED
    show_page(gaps_page(found, cohort.summary.tables, cohort.source.name), output=output)
    return ANSWERED
