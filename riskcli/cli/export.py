"""`riskcli rules export`: whole tables to be read on paper, marked in a spreadsheet, or run elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from riskcli.cli.apart import keep_apart
from riskcli.cli.output import ANSWERED, json_text, say, write_together
from riskcli.cli.page import deliver, shorter
from riskcli.cli.routing import Job, Route, refuse_faulty
from riskcli.errors import CaseError, Problem, quoted
from riskcli.values import phrase
from riskcli.words import any_of
from riskcli.words import say as worded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskcli.compiled import Compiled
    from riskcli.report.rows import Shown

MARKDOWN, CSV, DMN = "markdown", "csv", "dmn"
FORMATS = (MARKDOWN, CSV, DMN)


def add_export(app: typer.Typer, route: Route) -> None:
    """Add the command that writes whole tables in other forms."""
    argument = typer.Argument(
        None, metavar="[CANCER]...", help="Default: every table.", autocompletion=route.cancers
    )

    @app.command()
    def export(
        names: list[str] = argument,
        format_: Annotated[str, typer.Option("--format", "-f", metavar="|".join(FORMATS))] = MARKDOWN,
        output: Annotated[
            str | None,
            typer.Option("--output", "-o", metavar="FILE|DIR", help="To a file; dmn: into a directory."),
        ] = None,
        rules: Annotated[str | None, typer.Option("--rules", metavar="DIR")] = None,
        unchecked: Annotated[
            bool, typer.Option("--unchecked", help="dmn: take a local table in which the check finds faults.")
        ] = False,
    ) -> Job:
        """Write whole tables: to read or to print (markdown), to mark row by row (csv), or to run (dmn).

        DMN 1.3 runs in other engines. It is written with a file of cases by which the import is checked;
        where an input that may matter is missing, it gives "unknown".
        """
        return lambda: export_tables(route, names or [], format_, output)


def export_tables(route: Route, given: Sequence[str], form: str, output: str | None) -> int:
    """Write tables in one form.

    Raises:
        CaseError: there is no such table or form, or the file cannot be written.
        RuleFileError: a table is faulty.
    """
    keep_apart(route, {"--output": output})
    form = phrase(form)
    problems = [] if form in FORMATS else [_no_form(form)]
    names = _names(route, given, problems)
    if form == DMN:
        return export_decisions(route, names, output)
    text = {MARKDOWN: _markdown, CSV: _csv}[form]([_shown(route, name) for name in names])
    deliver(text, output)
    return ANSWERED


def _no_form(form: str) -> Problem:
    """Say which forms there are."""
    return Problem(None, form, worded("export.no_form", given=quoted(form), forms=any_of(FORMATS)))


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


def export_decisions(route: Route, names: Sequence[str], output: str | None) -> int:
    """Write tables as DMN, each with its cases, into a directory; or one table to standard output.

    Raises:
        CaseError: several tables and no directory are given, or a file cannot be written.
        RuleFileError: a table is faulty.
    """
    from riskcli.interop.cases import case_file
    from riskcli.interop.dmn import dmn_xml
    from riskcli.interop.model import decision_model

    refuse_faulty(route.rules, names)
    if output is None and len(names) > 1:
        raise CaseError([Problem(None, None, worded("export.one_only"))])
    files = {}
    for name in names:
        table = _told_from_here(route.rules.get(name))
        model = decision_model(table)
        files[f"{name}.dmn"] = dmn_xml(table, model)
        files[f"{name}.cases.json"] = json_text(case_file(table, model, f"{name}.dmn"))
    if output is None:
        deliver(files[f"{names[0]}.dmn"], None)
        say(worded("export.no_cases"))
    else:
        write_together(output, files)
        say(worded("export.written", count=len(files), path=output))
    return ANSWERED


def _told_from_here(table: Compiled) -> Compiled:
    """Return a table whose file is named as it is found from here."""
    return table if table.origin == "packaged" else replace(table, origin=shorter(table.origin))
