"""`riskcli rules export`: whole tables to be read on paper, marked in a spreadsheet, or run elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from riskcli.cli.output import ANSWERED
from riskcli.cli.page import deliver, shorter
from riskcli.cli.routing import Job, Route
from riskcli.errors import CaseError, Problem, listed, quoted
from riskcli.values import phrase
from riskcli.words import say as worded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcli.report.rows import Shown

MARKDOWN, CSV = "markdown", "csv"
FORMATS = (MARKDOWN, CSV)


def add_export(app: typer.Typer, route: Route) -> None:
    """Add the command that writes whole tables in other forms."""

    def cancers() -> list[str]:
        return list(route.rules.names)

    argument = typer.Argument(
        None, metavar="[CANCER]...", help="Default: every table.", autocompletion=cancers
    )

    @app.command()
    def export(
        names: list[str] = argument,
        format_: Annotated[str, typer.Option("--format", "-f", metavar="|".join(FORMATS))] = MARKDOWN,
        output: Annotated[
            str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file, in UTF-8.")
        ] = None,
        rules: Annotated[str | None, typer.Option("--rules", metavar="DIR")] = None,
    ) -> Job:
        """Write whole tables: to read or to print (markdown), or to mark row by row (csv)."""
        return lambda: export_tables(route, names or [], format_, output)


def export_tables(route: Route, given: Sequence[str], form: str, output: str | None) -> int:
    """Write tables in one form.

    Raises:
        CaseError: there is no such table or form, or the file cannot be written.
        RuleFileError: a table is faulty.
    """
    form = phrase(form)
    problems = [] if form in FORMATS else [_no_form(form)]
    names = _names(route, given, problems)
    text = {MARKDOWN: _markdown, CSV: _csv}[form]([_shown(route, name) for name in names])
    deliver(text, output)
    return ANSWERED


def _no_form(form: str) -> Problem:
    """Say which forms there are."""
    return Problem(None, form, worded("export.no_form", given=quoted(form), forms=listed(FORMATS)))


def _names(route: Route, given: Sequence[str], problems: Sequence[Problem]) -> list[str]:
    """Return the tables that are meant, once each; every table when none is named.

    Raises:
        CaseError: with what is wrong already, and every name that has no table.
    """
    rules, wrong = route.rules, list(problems)
    names = {phrase(name).replace(" ", "_"): name for name in given}
    for name, said in names.items():
        if name not in rules.names:
            wrong += rules.no_table(said).problems
    if wrong:
        raise CaseError(wrong)
    return list(names) or list(rules.names)


def _shown(route: Route, name: str) -> Shown:
    """Return a table ready to be shown, its file as it is found from here."""
    from riskcli.report.rows import Shown

    found = Shown.of(route.rules, name)
    return replace(found, document=replace(found.document, file=shorter(found.document.file)))


def _markdown(tables: Sequence[Shown]) -> str:
    """Return tables to be read, one after another."""
    from riskcli.report.sections import page_markdown
    from riskcli.report.tables import table_page

    return "\n".join(page_markdown(table_page(table, bands=True)) for table in tables)


def _csv(tables: Sequence[Shown]) -> str:
    """Return the rows of tables to be marked."""
    from riskcli.interop.review import review_csv

    return review_csv(tables)
